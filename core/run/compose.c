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
#include "letter.h"
#include "outgoing.h"

#define WORDS_MAX 200 /* characters of foreign text in a line */

/* A batch under work. */
struct work {
	const struct pl_composer *composer;
	const pl_batch *batch;
	const struct pl_journal *journal; /* NULL: no longer configured */
	const GPtrArray *entries;
	GPtrArray *documents; /* pl_document, one an entry */
	GPtrArray *files;     /* struct pl_outgoing, by entry */
	char *zip_name;       /* NULL: plain */
	pl_spool *spool;
	guint bad;
};

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
describe(GString *s, const struct work *w, guint i, guint *file)
{
	const pl_document *d = w->documents->pdata[i];
	const struct pl_outgoing *with;
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
	for (; *file < w->files->len; ++*file) {
		const struct pl_outgoing *f = w->files->pdata[*file];

		if (f->entry != i)
			break;
		add_clean(s, "   ", f->name);
		g_string_append_c(s, '\n');
	}
	with = pl_outgoing_with(w->files, d);
	if (with != NULL && with->entry != i) {
		add_clean(s, "   in ", with->name);
		g_string_append_c(s, '\n');
	}
	g_string_append_c(s, '\n');
}

static char *
words(const struct work *w)
{
	GString *s = g_string_new(NULL);
	guint file = 0, n = w->entries->len;

	g_string_append_printf(
	    s, "%u document%s for %s", n, n == 1 ? "" : "s", w->batch->journal);
	if (w->zip_name != NULL)
		g_string_append_printf(s, ", in %s", w->zip_name);
	g_string_append(s, "\n\n");
	for (guint i = 0; i < n; i++)
		describe(s, w, i, &file);
	g_string_append_printf(s,
	    "Sent by postledger, batch %" G_GINT64_FORMAT ".\n", w->batch->id);
	return g_string_free(s, FALSE);
}

static char *
subject(const struct work *w)
{
	const pl_document *first = w->documents->pdata[0];
	const struct pl_outgoing *f = w->files->pdata[0];

	if (w->journal != NULL && w->journal->subject[0] != '\0')
		return g_strdup(w->journal->subject);
	if (w->entries->len > 1)
		return g_strdup_printf(
		    "Documents for %s: %u", w->batch->journal, w->entries->len);
	return g_strdup_printf("Document for %s: %s", w->batch->journal,
	    first->number != NULL ? first->number : f->name);
}

/* What it carries, for a ledger that was put back from a backup. NULL: nobody
 * can vouch for it. g_free(). */
static char *
carried(const struct work *w)
{
	g_autoptr(GArray) list =
	    g_array_new(FALSE, TRUE, sizeof(struct pl_carried));
	const struct pl_contents contents = { w->batch->id, w->batch->journal,
		w->entries->len, list };

	if (w->composer->secret == NULL)
		return NULL;
	g_array_set_size(list, w->entries->len);
	for (guint i = 0; i < w->entries->len; i++) {
		struct pl_carried *one =
		    &g_array_index(list, struct pl_carried, i);
		const pl_entry *e = w->entries->pdata[i];
		g_autofree char *key =
		    pl_document_key(w->documents->pdata[i], PL_SAME_FILE);

		one->entry = e->id;
		g_strlcpy(one->key, key != NULL ? key : "-", sizeof(one->key));
	}
	return pl_contents_format(
	    w->composer->secret, &contents, w->batch->message_id);
}

/* ---- contents ---------------------------------------------------------- */

static gboolean
put_plain(struct work *w, const struct pl_letter *letter, GError **error)
{
	for (guint i = 0; i < w->files->len; i++) {
		const struct pl_outgoing *f = w->files->pdata[i];

		w->bad = f->entry;
		if (!pl_letter_file(w->spool, letter, f->name,
			pl_media_type(f->file->format, f->file->media_type),
			error) ||
		    !pl_outgoing_put(
			w->composer, f, pl_spool_put_base64, w->spool, error) ||
		    !pl_spool_base64_end(w->spool, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
put_zip(struct work *w, const struct pl_letter *letter, GError **error)
{
	return pl_letter_file(
		   w->spool, letter, w->zip_name, "application/zip", error) &&
	       pl_outgoing_zip(w->composer, w->files, w->entries,
		   pl_spool_put_base64, w->spool, &w->bad, error) &&
	       pl_spool_base64_end(w->spool, error);
}

/* ---- e-mails ----------------------------------------------------------- */

static void
name_files(struct work *w)
{
	g_autoptr(pl_names) names = pl_names_new();

	for (guint i = 0; i < w->files->len; i++) {
		struct pl_outgoing *f = w->files->pdata[i];

		f->name = pl_outgoing_name(f, names);
	}
}

static gboolean
compose(struct work *w, GError **error)
{
	struct pl_letter letter = pl_compose_letter(w->composer, w->batch);
	g_autofree char *text = NULL, *title = NULL, *contents = NULL;

	if (!pl_outgoing_of(w->composer, w->journal, w->entries, w->documents,
		w->files, &w->bad, error))
		return FALSE;
	w->spool = pl_compose_spool(w->composer);
	name_files(w);
	text = words(w);
	letter.subject = title = subject(w);
	letter.contents = contents = carried(w);
	return pl_letter_head(w->spool, &letter, error) &&
	       pl_letter_text(w->spool, &letter, "plain", text, error) &&
	       (w->zip_name != NULL ? put_zip(w, &letter, error)
				    : put_plain(w, &letter, error)) &&
	       pl_letter_end(w->spool, &letter, error) &&
	       pl_spool_finish(w->spool, error);
}

pl_spool *
pl_compose_batch(const struct pl_composer *composer, const pl_batch *batch,
    const GPtrArray *entries, guint *bad, GError **error)
{
	g_autoptr(GPtrArray) documents = pl_outgoing_documents();
	g_autoptr(GPtrArray) files = pl_outgoing_files();
	struct work w = {
		.composer = composer,
		.batch = batch,
		.journal = pl_config_find(composer->config, batch->journal),
		.entries = entries,
		.documents = documents,
		.files = files,
	};
	g_autofree char *name = w.zip_name =
	    batch->zip ? pl_outgoing_zip_name(composer, batch) : NULL;
	gboolean done = entries->len > 0 && compose(&w, error);

	*bad = w.bad;
	if (!done)
		g_clear_pointer(&w.spool, pl_spool_free);
	return w.spool;
}

static pl_spool *
compose_report(
    const struct pl_composer *c, const pl_batch *batch, GError **error)
{
	struct pl_report_row *row =
	    pl_report_get(c->ledger, batch->report, error);
	pl_spool *spool = NULL;

	if (row != NULL && row->forward != 0)
		spool = pl_compose_forward(c, batch, row, error);
	else if (row != NULL)
		spool = pl_compose_report(c, batch, row, error);
	pl_report_row_free(row);
	return spool;
}

pl_spool *
pl_compose(const struct pl_composer *composer, const pl_batch *batch,
    const GPtrArray *entries, guint *bad, GError **error)
{
	return batch->report != 0
		   ? compose_report(composer, batch, error)
		   : pl_compose_batch(composer, batch, entries, bad, error);
}
