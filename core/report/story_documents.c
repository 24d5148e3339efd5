/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * story_documents - what was sent, and what is held or set aside, line by line
 */
#include "story.h"

#include <string.h>

#include "clean.h"
#include "words.h"

#define ID(x) ((long long)(x))

/* ---- sent ------------------------------------------------------------- */

/* "e-mail 212.1 · 1.9 MB · queue id 4XyzQ9" */
static char *
batch_words(const pl_batch *b)
{
	const char *id = b->mta_id && *b->mta_id ? b->mta_id : b->queue_id;
	g_autofree char *queue = pl_text_clean(id, 40);
	g_autofree char *known =
	    *queue ? g_strconcat("queue id ", queue, NULL) : g_strdup("");
	g_autofree char *size = b->size ? pl_words_size(b->size) : g_strdup("");
	g_autofree char *number = g_strdup_printf("%s %lld.%u",
	    pl_words_is_folder(b) ? "batch" : "e-mail", ID(b->id), b->attempt);

	return pl_story_join(number, size, known, NULL);
}

/* "invoice · 2026-11-03 · Acme · F-117.pdf · entry 4711" */
static char *
entry_words(const pl_entry *e, const struct pl_journal *journal)
{
	g_autofree char *party = pl_words_party(e, journal);
	g_autofree char *date =
	    pl_text_clean(e->doc_date ? e->doc_date : e->msg_date, 20);
	g_autofree char *name = pl_words_name(e);
	g_autofree char *file =
	    e->filename ? pl_text_clean_name(e->filename, 60) : g_strdup("");
	g_autofree char *reference = g_strdup_printf("entry %lld", ID(e->id));

	if (!g_strcmp0(name, file))
		file[0] = '\0';
	return pl_story_join(
	    e->kind == PL_KIND_OTHER ? "" : pl_words_kind(e->kind), date,
	    party ? party : "", file, reference, NULL);
}

static struct pl_row *
entry_row(
    struct pl_block *items, const pl_entry *e, const struct pl_journal *journal)
{
	g_autofree char *name = pl_words_name(e);
	g_autofree char *amount = pl_words_amount(e);
	g_autofree char *line = entry_words(e, journal);

	return pl_block_add(items, name, amount ? amount : "", line, NULL);
}

/* The names under which its files were put into folders. */
static void
add_written(struct pl_row *row, const GPtrArray *written, const pl_entry *e)
{
	g_autofree char *paths = pl_words_written(written, e);
	g_autofree char *clean = pl_text_clean(paths, 300);

	if (*clean)
		pl_row_add(row, clean);
}

/* E-mails with one document share LIST and name theirs in its lines; others
 * have a list of their own under their line. Returns how many were shown. */
static guint64
add_batch(pl_page *page, const pl_view *view, const struct pl_view_journal *j,
    const struct pl_report_sent *sent, guint64 room, struct pl_block **list)
{
	g_auto(pl_view_content) in = { 0 };
	guint64 n = pl_view_documents(sent), shown;
	g_autofree char *words = batch_words(sent->batch);
	g_autofree char *count = pl_words_count(n, "document", "documents");
	g_autofree char *head = g_strconcat(words, " · ", count, NULL);
	gboolean single = n == 1;

	if (!single || !*list)
		*list = pl_page_add(page, PL_SHAPE_ITEMS, PL_TONE_PLAIN,
		    single ? NULL : head, NULL);
	pl_view_open(view, sent, &in);
	shown = MIN(pl_view_length(in.entries), room);
	for (unsigned i = 0; i < shown; i++) {
		const pl_entry *e = in.entries->pdata[i];
		struct pl_row *row = entry_row(*list, e, j->rules);

		if (single)
			pl_row_add(row, words);
		add_written(row, in.written, e);
	}
	pl_block_more(*list, n - shown);
	if (!single)
		*list = NULL;
	return shown;
}

static void
sent_by(pl_page *page, const pl_view *view, const struct pl_view_journal *j,
    guint64 room)
{
	guint64 n = j->sums.piles[PL_PILE_SENT], shown = 0, told = 0;
	g_autofree char *name = pl_text_clean(j->rules->name, 40);
	gboolean folder = pl_folder_is(j->rules->deliver_to);
	g_autofree char *to = pl_text_clean(
	    j->rules->deliver_to + (folder ? strlen(PL_FOLDER) : 0), 80);
	g_autofree char *documents = pl_words_count(n, "document", "documents");
	struct pl_block *list = NULL;

	pl_page_add(page, PL_SHAPE_HEADING, PL_TONE_PLAIN, name, documents);
	pl_page_say(page, PL_TONE_QUIET, "%s %s",
	    folder ? "into the folder" : "to", to);
	for (unsigned i = 0; i < j->batches->len && shown < room; i++) {
		const struct pl_report_sent *sent = j->batches->pdata[i];

		shown += add_batch(page, view, j, sent, room - shown, &list);
		told += pl_view_documents(sent);
	}
	pl_story_more(page, n - told, " of this journal");
}

/* The shares of all journals in QUOTA lines of PILE; g_free(). */
static guint64 *
shares_of(const pl_view *view, enum pl_pile pile, guint64 quota)
{
	unsigned n = view->journals->len;
	g_autofree guint64 *needs = g_new0(guint64, n + 1);
	guint64 *shares = g_new0(guint64, n + 1);

	for (unsigned i = 0; i < n; i++) {
		const struct pl_view_journal *j = view->journals->pdata[i];

		needs[i] = j->sums.piles[pile];
	}
	pl_view_share(needs, shares, n, quota);
	return shares;
}

void
pl_story_sent(pl_page *page, const pl_view *view)
{
	g_autofree guint64 *shares =
	    shares_of(view, PL_PILE_SENT, PL_SHOW_SENT);
	unsigned told = 0;
	guint64 left = 0;

	if (!view->sums.piles[PL_PILE_SENT])
		return;
	pl_page_add(page, PL_SHAPE_SECTION, PL_TONE_PLAIN, "Sent", NULL);
	for (unsigned i = 0; i < view->journals->len; i++) {
		const struct pl_view_journal *j = view->journals->pdata[i];

		if (shares[i] && told < PL_SHOW_JOURNALS) {
			sent_by(page, view, j, shares[i]);
			told++;
		} else {
			left += j->sums.piles[PL_PILE_SENT];
		}
	}
	pl_story_more(page, left, " of other journals");
}

/* ---- held ------------------------------------------------------------- */

static void
held_row(struct pl_block *items, const pl_view *view,
    const struct pl_view_journal *j, const struct pl_view_line *line)
{
	const pl_entry *e = line->entry;
	const struct pl_code *code = e->code ? pl_code_find(e->code) : NULL;
	g_autofree char *journal = pl_text_clean(j->rules->name, 40);
	g_autofree char *marked = pl_code_marked(e->code, e->note);
	g_autofree char *why =
	    code      ? g_strdup_printf("%s %s", marked, code->title)
	    : e->code ? pl_text_clean(e->code, 20)
		      : g_strdup("held by a person");
	g_autofree char *note = pl_text_clean(e->note, 500);
	g_autofree char *original = pl_story_original(view, e);
	g_autofree char *other =
	    original ? g_strconcat("see ", original, NULL) : NULL;
	g_autofree char *first =
	    pl_story_join(journal, why, line->news ? "new" : "", NULL);
	g_autofree char *amount = pl_words_amount(e);
	g_autofree char *name = pl_words_name(e);
	g_autofree char *last = entry_words(e, j->rules);
	struct pl_row *row =
	    pl_block_add(items, name, amount ? amount : "", first, NULL);

	pl_row_add(row, note);
	pl_row_add(row, other);
	pl_row_add(row, last);
}

void
pl_story_held(pl_page *page, const pl_view *view)
{
	g_autofree guint64 *shares =
	    shares_of(view, PL_PILE_HELD, PL_SHOW_HELD);
	guint64 n = view->sums.piles[PL_PILE_HELD], shown = 0;
	struct pl_block *items;

	if (!n)
		return;
	pl_page_add(page, PL_SHAPE_SECTION, PL_TONE_PLAIN,
	    "Held until a person decides", NULL);
	items = pl_page_add(page, PL_SHAPE_ITEMS, PL_TONE_PLAIN, NULL, NULL);
	for (unsigned i = 0; i < view->journals->len; i++) {
		const struct pl_view_journal *j = view->journals->pdata[i];
		const GArray *held = j->piles[PL_PILE_HELD];

		for (unsigned k = 0; k < shares[i]; k++, shown++)
			held_row(items, view, j,
			    &g_array_index(held, struct pl_view_line, k));
	}
	pl_block_more(items, n - shown);
}

/* ---- set aside -------------------------------------------------------- */

static char *
aside_words(const pl_view *view, const pl_entry *e, enum pl_pile pile)
{
	const char *what =
	    pile == PL_PILE_DUPLICATE ? "Duplicate of" : "Superseded by";
	g_autofree char *original = NULL;

	if (pile == PL_PILE_ARCHIVED)
		return g_strdup("Archived by a person");
	original = pl_story_original(view, e);
	return g_strdup_printf(
	    "%s %s", what, original ? original : "an earlier copy");
}

static void
aside_rows(struct pl_block *items, const pl_view *view,
    const struct pl_view_journal *j, enum pl_pile pile, guint64 room)
{
	for (unsigned i = 0; i < room; i++) {
		const pl_entry *e =
		    g_array_index(j->piles[pile], struct pl_view_line, i).entry;
		g_autofree char *words = aside_words(view, e, pile);
		g_autofree char *note = pl_text_clean(e->note, 200);
		g_autofree char *journal = pl_text_clean(j->rules->name, 40);
		g_autofree char *first = pl_story_join(journal, words, NULL);
		g_autofree char *name = pl_words_name(e);
		g_autofree char *amount = pl_words_amount(e);
		g_autofree char *last = entry_words(e, j->rules);
		struct pl_row *row = pl_block_add(
		    items, name, amount ? amount : "", first, NULL);

		pl_row_add(row, note);
		pl_row_add(row, last);
	}
}

void
pl_story_aside(pl_page *page, const pl_view *view)
{
	guint64 n = pl_sums_aside(&view->sums), shown = 0;
	struct pl_block *items;

	if (!n)
		return;
	pl_page_add(
	    page, PL_SHAPE_SECTION, PL_TONE_PLAIN, "Set aside, not sent", NULL);
	items = pl_page_add(page, PL_SHAPE_ITEMS, PL_TONE_PLAIN, NULL, NULL);
	for (unsigned p = PL_PILE_DUPLICATE; p <= PL_PILE_ARCHIVED; p++) {
		g_autofree guint64 *shares =
		    shares_of(view, p, PL_SHOW_ASIDE / 2);

		for (unsigned i = 0; i < view->journals->len; i++) {
			aside_rows(items, view, view->journals->pdata[i], p,
			    shares[i]);
			shown += shares[i];
		}
	}
	pl_block_more(items, n - shown);
}
