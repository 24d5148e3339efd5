/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgoing - the files of a batch: which leave, their names and their bytes
 */
#include "outgoing.h"

#include "pack.h"
#include "postledger/report.h"

static void
document_free(gpointer document)
{
	pl_document_free(document);
}

static void
file_free(gpointer data)
{
	struct pl_outgoing *f = data;

	g_free(f->name);
	g_free(f);
}

GPtrArray *
pl_outgoing_documents(void)
{
	return g_ptr_array_new_with_free_func(document_free);
}

GPtrArray *
pl_outgoing_files(void)
{
	return g_ptr_array_new_with_free_func(file_free);
}

/* ---- which ------------------------------------------------------------- */

static gboolean
goes_out(const struct pl_journal *journal, const struct pl_file *file)
{
	return journal == NULL ||
	       (journal->formats & pl_file_kind(file->format)) != 0;
}

/* What is settled of the files of a batch. */
struct settling {
	const struct pl_composer *composer;
	const struct pl_journal *journal;
	const GPtrArray *documents; /* of the batch */
	pl_shares *shares;          /* of the documents of MESSAGE */
	gint64 message;
	GPtrArray *files;
};

static struct pl_outgoing *
add_file(struct settling *s, guint entry, const struct pl_file *file)
{
	struct pl_outgoing *f = g_new0(struct pl_outgoing, 1);

	f->entry = entry;
	f->document = s->documents->pdata[entry];
	f->file = file;
	f->covers = 1;
	g_ptr_array_add(s->files, f);
	return f;
}

static gboolean
read_shares(struct settling *s, gint64 message, GError **error)
{
	g_autoptr(GPtrArray) all = NULL;

	if (s->shares != NULL && s->message == message)
		return TRUE;
	g_clear_pointer(&s->shares, pl_shares_free);
	all = pl_document_of(s->composer->ledger, message, error);
	if (all == NULL)
		return FALSE;
	s->shares = pl_shares_new(all);
	s->message = message;
	return TRUE;
}

/* How many of the batch share the file of D; *FIRST: the first of them. */
static guint
count_sharing(const struct settling *s, const pl_document *d, guint *first)
{
	guint n = 0;

	for (guint i = 0; i < s->documents->len; i++) {
		if (!pl_share_same(d, s->documents->pdata[i]))
			continue;
		if (n++ == 0)
			*first = i;
	}
	return n;
}

/* The main file of a document that is in it together with others. */
static gboolean
add_shared(
    struct settling *s, guint entry, const struct pl_file *file, GError **error)
{
	const pl_document *d = s->documents->pdata[entry];
	const struct pl_share *share;
	struct pl_outgoing *f;
	guint n, first = entry;

	if (!read_shares(s, d->message, error))
		return FALSE;
	share = pl_shares_find(s->shares, d->id);
	n = count_sharing(s, d, &first);
	if (share == NULL) {
		add_file(s, entry, file);
	} else if (!share->bound &&
		   !(share->one_account && n == share->statements)) {
		f = add_file(s, entry, file);
		f->part = TRUE;
		f->share = *share;
	} else if (first == entry) {
		add_file(s, entry, file)->covers = n;
	}
	return TRUE;
}

static gboolean
add_files(struct settling *s, guint entry, GError **error)
{
	const pl_document *d = s->documents->pdata[entry];
	guint let_out = 0;

	for (guint i = 0; i < d->files->len; i++) {
		const struct pl_file *file = d->files->pdata[i];

		if (!goes_out(s->journal, file))
			continue;
		let_out++;
		if (i > 0 || d->length == 0)
			add_file(s, entry, file);
		else if (!add_shared(s, entry, file, error))
			return FALSE;
	}
	if (let_out > 0)
		return TRUE;
	g_set_error_literal(error, PL_RUN_ERROR, PL_RUN_COMPOSE,
	    "The document has no file of a kind that the journal takes "
	    "(formats)");
	return FALSE;
}

static gboolean
settle(struct settling *s, guint *bad, GError **error)
{
	for (guint i = 0; i < s->documents->len; i++) {
		*bad = i;
		if (!add_files(s, i, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
pl_outgoing_of(const struct pl_composer *c, const struct pl_journal *journal,
    const GPtrArray *entries, GPtrArray *documents, GPtrArray *files,
    guint *bad, GError **error)
{
	struct settling s = { .composer = c,
		.journal = journal,
		.documents = documents,
		.files = files };
	gboolean good;

	for (guint i = 0; i < entries->len; i++) {
		const pl_entry *e = entries->pdata[i];
		pl_document *d = pl_document_get(c->ledger, e->document, error);

		*bad = i;
		if (d == NULL)
			return FALSE;
		g_ptr_array_add(documents, d);
	}
	good = settle(&s, bad, error);
	pl_shares_free(s.shares);
	return good;
}

const struct pl_outgoing *
pl_outgoing_with(const GPtrArray *files, const pl_document *document)
{
	for (guint i = 0; i < files->len; i++) {
		const struct pl_outgoing *f = files->pdata[i];

		if (f->covers > 1 && pl_share_same(f->document, document))
			return f;
	}
	return NULL;
}

/* ---- names ------------------------------------------------------------- */

char *
pl_outgoing_name(const struct pl_outgoing *f, pl_names *names)
{
	g_autofree char *suffix = f->part ? pl_names_part(f->document) : NULL;

	return pl_names_take(names, f->file->filename, f->file->format, suffix);
}

char *
pl_outgoing_zip_name(const struct pl_composer *c, const pl_batch *batch)
{
	g_autofree char *date = pl_text_time(
	    batch->created, pl_config_gateway(c->config)->timezone, "%Y-%m-%d");

	return g_strdup_printf(
	    "%s-%s-%" G_GINT64_FORMAT ".zip", batch->journal, date, batch->id);
}

/* ---- bytes ------------------------------------------------------------- */

gboolean
pl_outgoing_put(const struct pl_composer *c, const struct pl_outgoing *f,
    pl_put put, void *to, GError **error)
{
	const struct pl_content content = {
		.ledger = c->ledger,
		.reader = c->reader,
		.message = f->document->message,
		.file = f->file,
		.part = { f->share.offset, f->share.length, f->share.head,
		    f->share.tail },
		.put = put,
		.to = to,
	};

	return pl_content_put(&content, error);
}

static gboolean
put_packed(void *to, const void *bytes, gsize length, GError **error)
{
	return pl_pack_data(to, bytes, length, error);
}

static gboolean
pack_one(const struct pl_composer *c, const struct pl_outgoing *f,
    const pl_entry *e, pl_pack *pack, GError **error)
{
	guint64 size = f->part ? pl_share_own(&f->share) : f->file->size;

	return pl_pack_file(pack, f->name, size, e->arrived, error) &&
	       pl_outgoing_put(c, f, put_packed, pack, error) &&
	       pl_pack_file_end(pack, error);
}

gboolean
pl_outgoing_zip(const struct pl_composer *c, const GPtrArray *files,
    const GPtrArray *entries, pl_put put, void *to, guint *bad, GError **error)
{
	g_autoptr(pl_pack) pack = pl_pack_new(put, to, error);

	for (guint i = 0; pack != NULL && i < files->len; i++) {
		const struct pl_outgoing *f = files->pdata[i];

		*bad = f->entry;
		if (!pack_one(c, f, entries->pdata[f->entry], pack, error))
			return FALSE;
	}
	return pack != NULL && pl_pack_finish(pack, error);
}
