/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compose - a batch or a report as an e-mail in a spool
 *
 * First the names under which the files leave are settled, because the text
 * part lists them; then the content of each is read from the stored message
 * and passes into the spool as it comes, plainly or through the ZIP.
 */
#include <string.h>

#include "postledger/report.h"

#include "attach.h"
#include "compose.h"
#include "content.h"
#include "letter.h"

#define WORDS_MAX 200 /* characters of foreign text in a line */

/* One file of the e-mail. */
struct attachment {
	guint entry;
	const struct pl_file *file;
	char *name;
};

static void
attachment_free(gpointer data)
{
	struct attachment *a = data;

	g_free(a->name);
	g_free(a);
}

/* A batch under work. */
struct work {
	const struct pl_composer *composer;
	const pl_batch *batch;
	const struct pl_journal *journal; /* NULL: no longer configured */
	const GPtrArray *entries;
	GPtrArray *documents;   /* pl_document, one an entry */
	GPtrArray *attachments; /* struct attachment, by entry */
	pl_names *names;
	char *zip_name; /* NULL: plain */
	pl_spool *spool;
	guint bad;
};

unsigned
pl_compose_file_kind(const char *format)
{
	static const struct {
		const char *format;
		unsigned kind;
	} kinds[] = {
		{ "pdf", PL_FILES_PDF },
		{ "factur-x", PL_FILES_PDF },
		{ "ubl", PL_FILES_XML },
		{ "cii", PL_FILES_XML },
		{ "xml", PL_FILES_XML },
		{ "camt.053", PL_FILES_STATEMENT },
		{ "coda", PL_FILES_STATEMENT },
		{ "mt940", PL_FILES_STATEMENT },
		{ "ofx", PL_FILES_STATEMENT },
		{ "qif", PL_FILES_STATEMENT },
		{ "csv", PL_FILES_STATEMENT },
		{ "png", PL_FILES_IMAGE },
		{ "jpeg", PL_FILES_IMAGE },
		{ "tiff", PL_FILES_IMAGE },
	};

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (g_strcmp0(kinds[i].format, format) == 0)
			return kinds[i].kind;
	return 0;
}

static gboolean
goes_out(const struct work *w, const struct pl_file *file)
{
	if (w->journal == NULL)
		return TRUE;
	return (w->journal->formats & pl_compose_file_kind(file->format)) != 0;
}

static gboolean
add_files(struct work *w, guint entry, const pl_document *d, GError **error)
{
	g_autofree char *suffix = pl_names_part(d);
	guint before = w->attachments->len;

	for (guint i = 0; i < d->files->len; i++) {
		const struct pl_file *file = d->files->pdata[i];
		struct attachment *a;

		if (!goes_out(w, file))
			continue;
		a = g_new0(struct attachment, 1);
		a->entry = entry;
		a->file = file;
		a->name = pl_names_take(w->names, file->filename, file->format,
		    i == 0 ? suffix : NULL);
		g_ptr_array_add(w->attachments, a);
	}
	if (w->attachments->len > before)
		return TRUE;
	g_set_error_literal(error, PL_RUN_ERROR, PL_RUN_COMPOSE,
	    "The document has no file of a kind that the journal takes "
	    "(formats)");
	return FALSE;
}

static gboolean
gather(struct work *w, GError **error)
{
	for (guint i = 0; i < w->entries->len; i++) {
		const pl_entry *e = w->entries->pdata[i];
		pl_document *d =
		    pl_document_get(w->composer->ledger, e->document, error);

		w->bad = i;
		if (d == NULL)
			return FALSE;
		g_ptr_array_add(w->documents, d);
		if (!add_files(w, i, d, error))
			return FALSE;
	}
	return TRUE;
}

/* ---- words ------------------------------------------------------------- */

static const char *
kind_word(int kind)
{
	static const char *const words[PL_KINDS] = {
		[PL_KIND_INVOICE] = "Invoice",
		[PL_KIND_CREDIT_NOTE] = "Credit note",
		[PL_KIND_STATEMENT] = "Statement",
		[PL_KIND_OTHER] = "Document",
	};

	return kind >= 0 && kind < PL_KINDS ? words[kind] : "Document";
}

static void
add_clean(GString *s, const char *before, const char *text)
{
	g_autofree char *clean =
	    text != NULL ? pl_text_clean(text, WORDS_MAX) : NULL;

	if (clean != NULL && *clean != '\0')
		g_string_append_printf(s, "%s%s", before, clean);
}

static void
describe(GString *s, const struct work *w, guint i, guint *attachment)
{
	const pl_document *d = w->documents->pdata[i];
	gsize start;

	g_string_append_printf(s, "%u. %s", i + 1, kind_word(d->kind));
	add_clean(s, " ", d->number);
	add_clean(s, " of account ", d->account);
	add_clean(s, " number ", d->sequence);
	add_clean(s, " of ", d->date != NULL ? d->date : d->to);
	g_string_append_c(s, '\n');
	start = s->len;
	add_clean(s, "   ", d->seller_name);
	add_clean(s, s->len > start ? ", " : "   ", d->seller_id);
	if (d->total != NULL) {
		add_clean(s, s->len > start ? ", " : "   ", d->currency);
		add_clean(s, s->len > start ? " " : "   ", d->total);
	}
	if (s->len > start)
		g_string_append_c(s, '\n');
	for (; *attachment < w->attachments->len; ++*attachment) {
		const struct attachment *a = w->attachments->pdata[*attachment];

		if (a->entry != i)
			break;
		add_clean(s, "   ", a->name);
		g_string_append_c(s, '\n');
	}
	g_string_append_c(s, '\n');
}

static char *
words(const struct work *w)
{
	GString *s = g_string_new(NULL);
	guint attachment = 0, n = w->entries->len;

	g_string_append_printf(
	    s, "%u document%s for %s", n, n == 1 ? "" : "s", w->batch->journal);
	if (w->zip_name != NULL)
		g_string_append_printf(s, ", in %s", w->zip_name);
	g_string_append(s, "\n\n");
	for (guint i = 0; i < n; i++)
		describe(s, w, i, &attachment);
	g_string_append_printf(s,
	    "Sent by postledger, batch %" G_GINT64_FORMAT ".\n", w->batch->id);
	return g_string_free(s, FALSE);
}

static char *
subject(const struct work *w)
{
	const pl_document *first = w->documents->pdata[0];
	const struct attachment *a = w->attachments->pdata[0];

	if (w->journal != NULL && w->journal->subject[0] != '\0')
		return g_strdup(w->journal->subject);
	if (w->entries->len > 1)
		return g_strdup_printf(
		    "Documents for %s: %u", w->batch->journal, w->entries->len);
	return g_strdup_printf("Document for %s: %s", w->batch->journal,
	    first->number != NULL ? first->number : a->name);
}

/* ---- contents ---------------------------------------------------------- */

static struct pl_content
content_of(const struct work *w, const struct attachment *a)
{
	const pl_document *d = w->documents->pdata[a->entry];
	gboolean shared = a->file == d->files->pdata[0];
	struct pl_content c = {
		.ledger = w->composer->ledger,
		.reader = w->composer->reader,
		.message = d->message,
		.sha256 = a->file->sha256,
		.offset = shared ? d->offset : 0,
		.length = shared ? d->length : 0,
		.spool = w->spool,
	};

	return c;
}

static gboolean
put_plain(struct work *w, const struct pl_letter *letter, GError **error)
{
	for (guint i = 0; i < w->attachments->len; i++) {
		const struct attachment *a = w->attachments->pdata[i];
		struct pl_content c = content_of(w, a);

		w->bad = a->entry;
		if (!pl_letter_file(w->spool, letter, a->name,
			pl_media_type(a->file->format, a->file->media_type),
			error) ||
		    !pl_content_put(&c, error) ||
		    !pl_spool_base64_end(w->spool, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
pack_one(
    struct work *w, pl_pack *pack, const struct attachment *a, GError **error)
{
	const pl_entry *e = w->entries->pdata[a->entry];
	struct pl_content c = content_of(w, a);
	guint64 size = c.length != 0 ? c.length : a->file->size;

	c.pack = pack;
	w->bad = a->entry;
	return pl_pack_file(pack, a->name, size, e->arrived, error) &&
	       pl_content_put(&c, error) && pl_pack_file_end(pack, error);
}

static gboolean
put_zip(struct work *w, const struct pl_letter *letter, GError **error)
{
	g_autoptr(pl_pack) pack = NULL;

	if (!pl_letter_file(
		w->spool, letter, w->zip_name, "application/zip", error))
		return FALSE;
	pack = pl_pack_new(w->spool, error);
	if (pack == NULL)
		return FALSE;
	for (guint i = 0; i < w->attachments->len; i++)
		if (!pack_one(w, pack, w->attachments->pdata[i], error))
			return FALSE;
	return pl_pack_finish(pack, error);
}

/* ---- e-mails ----------------------------------------------------------- */

static struct pl_letter
letter_of(const struct pl_composer *composer, const pl_batch *batch)
{
	struct pl_letter letter = {
		.from = batch->sender,
		.to = batch->deliver_to,
		.message_id = batch->message_id,
		.date = batch->created,
		.timezone = pl_config_gateway(composer->config)->timezone,
		.number = batch->id,
	};

	return letter;
}

static gboolean
open_spool(const struct pl_composer *composer, pl_spool **spool, GError **error)
{
	guint64 limit = composer->limit;

	if (limit != 0)
		limit = limit > PL_STAMP_ROOM ? limit - PL_STAMP_ROOM : 1;
	*spool = pl_spool_new(limit, error);
	return *spool != NULL;
}

static gboolean
compose(struct work *w, GError **error)
{
	struct pl_letter letter = letter_of(w->composer, w->batch);
	g_autofree char *text = NULL, *title = NULL;

	if (!gather(w, error) || !open_spool(w->composer, &w->spool, error))
		return FALSE;
	text = words(w);
	letter.subject = title = subject(w);
	return pl_letter_head(w->spool, &letter, error) &&
	       pl_letter_text(w->spool, &letter, "plain", text, error) &&
	       (w->zip_name != NULL ? put_zip(w, &letter, error)
				    : put_plain(w, &letter, error)) &&
	       pl_letter_end(w->spool, &letter, error) &&
	       pl_spool_finish(w->spool, error);
}

/* <journal>-<date>-<batch>.zip, the same at every attempt. */
static char *
zip_name(const struct pl_composer *composer, const pl_batch *batch)
{
	g_autoptr(GDateTime) utc =
	    g_date_time_new_from_unix_utc(batch->created / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(
	    utc, pl_config_gateway(composer->config)->timezone);
	g_autofree char *date = g_date_time_format(local, "%Y-%m-%d");

	return g_strdup_printf(
	    "%s-%s-%" G_GINT64_FORMAT ".zip", batch->journal, date, batch->id);
}

static void
document_free(gpointer document)
{
	pl_document_free(document);
}

pl_spool *
pl_compose_batch(const struct pl_composer *composer, const pl_batch *batch,
    const GPtrArray *entries, guint *bad, GError **error)
{
	g_autoptr(GPtrArray) documents =
	    g_ptr_array_new_with_free_func(document_free);
	g_autoptr(GPtrArray) attachments =
	    g_ptr_array_new_with_free_func(attachment_free);
	g_autoptr(pl_names) names = pl_names_new();
	struct work w = {
		.composer = composer,
		.batch = batch,
		.journal = pl_config_find(composer->config, batch->journal),
		.entries = entries,
		.documents = documents,
		.attachments = attachments,
		.names = names,
	};
	g_autofree char *name = w.zip_name =
	    batch->zip ? zip_name(composer, batch) : NULL;
	gboolean done = entries->len > 0 && compose(&w, error);

	*bad = w.bad;
	if (!done)
		g_clear_pointer(&w.spool, pl_spool_free);
	return w.spool;
}

static gboolean
put_report(pl_spool *spool, const struct pl_letter *letter,
    const struct pl_report_row *r, GError **error)
{
	g_autofree char *name =
	    g_strdup_printf("postledger-run-%" G_GINT64_FORMAT ".csv", r->run);

	return pl_letter_head(spool, letter, error) &&
	       pl_letter_both(spool, letter, r->text, r->html, error) &&
	       pl_letter_file(spool, letter, name, "text/csv", error) &&
	       pl_spool_base64(spool, r->csv, strlen(r->csv), error) &&
	       pl_spool_base64_end(spool, error) &&
	       pl_letter_end(spool, letter, error) &&
	       pl_spool_finish(spool, error);
}

pl_spool *
pl_compose_report(const struct pl_composer *composer, const pl_batch *batch,
    const struct pl_report_row *report, GError **error)
{
	struct pl_letter letter = letter_of(composer, batch);
	g_autoptr(pl_spool) spool = NULL;

	letter.subject = report->subject;
	if (!open_spool(composer, &spool, error) ||
	    !put_report(spool, &letter, report, error))
		return NULL;
	return g_steal_pointer(&spool);
}
