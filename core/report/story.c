/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * story - opening, notes, summary and closing of the report
 */
#include "story.h"

#include "words.h"

void
pl_story_more(pl_page *page, guint64 n, const char *what)
{
	g_autofree char *number = pl_words_number(n);

	if (n)
		pl_page_say(page, PL_TONE_QUIET, "and %s more%s in the CSV",
		    number, what);
}

char *
pl_story_join(const char *first, ...)
{
	GString *line = g_string_new(NULL);
	va_list words;

	va_start(words, first);
	for (const char *w = first; w; w = va_arg(words, const char *)) {
		if (!*w)
			continue;
		if (line->len)
			g_string_append(line, " · ");
		g_string_append(line, w);
	}
	va_end(words);
	return g_string_free(line, FALSE);
}

char *
pl_story_original(const pl_view *view, const pl_entry *entry)
{
	const pl_entry *original = pl_view_entry(view, entry->original);
	g_autofree char *id =
	    g_strdup_printf("entry %lld", (long long)entry->original);
	g_autofree char *name = NULL, *date = NULL, *came = NULL;

	if (!original)
		return entry->original ? g_steal_pointer(&id) : NULL;
	name = pl_words_name(original);
	date = pl_text_clean(original->doc_date, 20);
	came = pl_words_time(original->arrived, view->zone);
	return g_strdup_printf("%s: %s%s%s%s%s", id, name, *date ? " of " : "",
	    date, *came ? ", received " : "", came);
}

static void
tile(struct pl_block *tiles, guint64 n, const char *one, const char *many,
    enum pl_tone tone)
{
	g_autofree char *number = pl_words_number(n);

	pl_block_add(tiles, number, n == 1 ? one : many, NULL)->tone =
	    n ? tone : PL_TONE_PLAIN;
}

/* Documents that are due but over the limits of this run. */
static guint64
left_over(const pl_view *view)
{
	guint64 left = 0;

	for (unsigned i = 0; i < view->journals->len; i++) {
		const struct pl_view_journal *j = view->journals->pdata[i];

		left += j->facts->cap_left;
	}
	return left;
}

static void
first_words(pl_page *page, const pl_view *view)
{
	guint64 sent = view->sums.piles[PL_PILE_SENT];
	guint64 left = left_over(view), bad = view->problems->len;
	g_autofree char *documents =
	    pl_words_count(sent, "document was", "documents were");
	g_autofree char *mails =
	    pl_words_ways(view->sums.mails, view->sums.folders);
	g_autofree char *rest =
	    pl_words_count(left, "more document is", "more documents are");
	g_autoptr(GString) words = g_string_new(NULL);

	if (sent)
		g_string_printf(words, "%s sent in %s.", documents, mails);
	else
		g_string_assign(words, "Nothing was sent.");
	if (left)
		g_string_append_printf(words,
		    " %s due, but over the limit of e-mails a run: sent by "
		    "the next runs, oldest first.",
		    rest);
	if (!bad)
		g_string_append(words, " No problem was found.");
	else
		g_string_append(
		    words, bad == 1 ? " One problem needs attention: see below."
				    : " The problems below need attention.");
	pl_page_say(page, PL_TONE_PLAIN, "%s", words->str);
}

void
pl_story_opening(pl_page *page, const pl_view *view)
{
	const struct pl_report_facts *facts = view->facts;
	const guint64 *piles = view->sums.piles;
	g_autofree char *time = pl_words_time(facts->now, view->zone);
	g_autofree char *zone = pl_text_clean(facts->timezone_name, 40);
	g_autofree char *host = pl_text_clean(facts->host, 60);
	g_autofree char *when = g_strjoin(" ", time, zone, NULL);
	g_autofree char *run =
	    facts->run ? g_strdup_printf("run %lld", (long long)facts->run->id)
		       : g_strdup("");
	g_autofree char *under = pl_story_join(when, host, run, NULL);
	struct pl_block *tiles;

	pl_page_add(page, PL_SHAPE_TITLE, PL_TONE_PLAIN,
	    "postledger run report", under);
	tiles = pl_page_add(page, PL_SHAPE_TILES, PL_TONE_PLAIN, NULL, NULL);
	tile(tiles, piles[PL_PILE_SENT], "document sent", "documents sent",
	    PL_TONE_PLAIN);
	tile(
	    tiles, piles[PL_PILE_WAITING], "waiting", "waiting", PL_TONE_PLAIN);
	tile(tiles, piles[PL_PILE_HELD], "held", "held", PL_TONE_WARN);
	tile(tiles, view->problems->len, "problem", "problems", PL_TONE_BAD);
	first_words(page, view);
}

void
pl_story_notes(pl_page *page, const pl_view *view)
{
	const GPtrArray *notes = view->facts->notes;
	unsigned n = pl_view_length(notes), shown = MIN(n, PL_SHOW_NOTES);

	if (!n)
		return;
	pl_page_add(
	    page, PL_SHAPE_SECTION, PL_TONE_PLAIN, "Notes on this run", NULL);
	for (unsigned i = 0; i < shown; i++) {
		g_autofree char *note = pl_text_clean(notes->pdata[i], 500);

		pl_page_say(page, PL_TONE_WARN, "%s", note);
	}
	pl_story_more(page, n - shown, "");
}

/* One row of a summary: NAME and the five sums. */
static struct pl_row *
sum_row(struct pl_block *grid, const char *name, const struct pl_sums *sums)
{
	const guint64 numbers[] = {
		sums->piles[PL_PILE_SENT],
		sums->piles[PL_PILE_WAITING],
		sums->piles[PL_PILE_HELD],
		pl_sums_aside(sums),
		pl_sums_all(sums),
	};
	struct pl_row *row = pl_block_add(grid, name, NULL);

	for (unsigned i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autofree char *number = pl_words_number(numbers[i]);

		pl_row_add(row, number);
	}
	return row;
}

/* E-mails, what is left for the next run, and when that is. */
static char *
standing(const pl_view *view, const struct pl_view_journal *j)
{
	g_autofree char *mails = pl_words_ways(j->sums.mails, j->sums.folders);
	g_autofree char *left =
	    j->facts->cap_left
		? g_strdup_printf("%u left for the next run (limit %u)",
		      j->facts->cap_left, j->rules->max_mails_per_run)
		: g_strdup("");
	g_autofree char *time = pl_words_time(j->facts->next, view->zone);
	g_autofree char *next = !j->rules->enabled ? g_strdup("switched off")
				: *time ? g_strconcat("next run ", time, NULL)
				: j->rules->n_slots == 0
				    ? g_strdup("served by every run")
				    : g_strdup("no next run");

	return pl_story_join(mails, left, next, NULL);
}

static gboolean
is_idle(const struct pl_view_journal *j)
{
	return pl_sums_all(&j->sums) == 0;
}

/* SUMS of a whole ledger's journal. */
static void
sums_of_counts(const struct pl_counts *counts, struct pl_sums *sums)
{
	const guint64 *n = counts->by_state;

	*sums = (struct pl_sums){ .piles = {
				      [PL_PILE_SENT] = n[PL_SENT],
				      [PL_PILE_WAITING] =
					  n[PL_WAITING] + n[PL_SENDING],
				      [PL_PILE_HELD] = n[PL_HELD],
				      [PL_PILE_DUPLICATE] = n[PL_DUPLICATE],
				      [PL_PILE_SUPERSEDED] = n[PL_SUPERSEDED],
				      [PL_PILE_ARCHIVED] = n[PL_ARCHIVED],
				  } };
}

/* The rows of all journals: those with something to tell first, those beyond
 * the limit as one row, and the total. TOTALS: of the whole ledger. */
static void
grid(pl_page *page, const pl_view *view, gboolean totals)
{
	struct pl_block *grid =
	    pl_page_add(page, PL_SHAPE_GRID, PL_TONE_PLAIN, NULL, NULL);
	struct pl_sums all = { 0 }, others = { 0 }, sums;
	unsigned n = view->journals->len, shown = 0;

	pl_block_add(grid, "Journal", "Sent", "Waiting", "Held", "Set aside",
	    "All", NULL);
	for (unsigned i = 0; i < 2 * n; i++) {
		const struct pl_view_journal *j = view->journals->pdata[i % n];
		g_autofree char *name = pl_text_clean(j->rules->name, 30);

		if (is_idle(j) != (i >= n))
			continue;
		sums = j->sums;
		if (totals && j->facts->totals)
			sums_of_counts(j->facts->totals, &sums);
		pl_sums_add(&all, &sums);
		if (shown >= PL_SHOW_JOURNALS)
			pl_sums_add(&others, &sums);
		else if (totals)
			sum_row(grid, name, &sums);
		else
			sum_row(grid, name, &sums)->under = standing(view, j);
		shown++;
	}
	if (shown > PL_SHOW_JOURNALS) {
		g_autofree char *rest = pl_words_count(shown - PL_SHOW_JOURNALS,
		    "other journal", "other journals");

		sum_row(grid, rest, &others);
	}
	if (n != 1)
		sum_row(grid, "Total", &all)->sum = TRUE;
}

/* The sum in words, so that anybody can check it. */
static void
adding_up(pl_page *page, const pl_view *view)
{
	static const char *const words[PL_PILES][2] = {
		{ "sent", "sent" },
		{ "waiting", "waiting" },
		{ "held", "held" },
		{ "duplicate", "duplicates" },
		{ "superseded", "superseded" },
		{ "archived", "archived" },
	};
	guint64 all = pl_sums_all(&view->sums);
	g_autofree char *total = pl_words_count(all, "document", "documents");
	g_autoptr(GString) line = g_string_new(NULL);

	for (unsigned i = 0; i < PL_PILES; i++) {
		guint64 n = view->sums.piles[i];
		g_autofree char *number = pl_words_number(n);

		g_string_append_printf(
		    line, "%s%s %s", i ? " + " : "", number, words[i][n != 1]);
	}
	pl_page_say(
	    page, PL_TONE_PLAIN, "%s = %s in this report.", line->str, total);
	pl_page_say(page, PL_TONE_QUIET,
	    "Set aside means duplicate, superseded or archived: not sent. To "
	    "add up several reports, take sent and set aside from each, but "
	    "waiting and held from the last one only: they are told again "
	    "until they are settled. Problems are counted apart; a held "
	    "document can be one of them.");
}

static gboolean
has_totals(const pl_view *view)
{
	for (unsigned i = 0; i < view->journals->len; i++) {
		const struct pl_view_journal *j = view->journals->pdata[i];

		if (!j->facts->totals)
			return FALSE;
	}
	return view->journals->len > 0;
}

void
pl_story_summary(pl_page *page, const pl_view *view)
{
	pl_page_add(page, PL_SHAPE_SECTION, PL_TONE_PLAIN, "Summary", NULL);
	if (!view->journals->len) {
		pl_page_say(page, PL_TONE_PLAIN, "There is no journal here.");
		return;
	}
	grid(page, view, FALSE);
	adding_up(page, view);
	if (!has_totals(view))
		return;
	pl_page_add(page, PL_SHAPE_HEADING, PL_TONE_PLAIN,
	    "In the ledger since the beginning", NULL);
	grid(page, view, TRUE);
}

static void
about(struct pl_block *pairs, const pl_view *view, const pl_run *run)
{
	g_autofree char *began = pl_words_stamp(run->started, view->zone);
	g_autofree char *ended = pl_words_stamp(run->ended, view->zone);
	g_autofree char *number = g_strdup_printf("%lld", (long long)run->id);
	g_autofree char *who = pl_text_clean(run->who, 100);
	g_autofree char *documents =
	    pl_words_count(run->documents, "document", "documents");
	g_autofree char *messages = pl_words_count(
	    view->facts->messages, "new message", "new messages");
	g_autofree char *read =
	    run->documents ? g_strdup_printf("%s, with %s", messages, documents)
			   : g_strdup(messages);

	pl_block_pair(pairs, "Run", number);
	pl_block_pair(pairs, "Started", began);
	pl_block_pair(pairs, "Ended", ended);
	pl_block_pair(pairs, "By", who);
	pl_block_pair(pairs, "Read", read);
	pl_block_pair(pairs, "Config", run->config);
}

void
pl_story_closing(pl_page *page, const pl_view *view)
{
	const struct pl_report_facts *facts = view->facts;
	g_autofree char *host = pl_text_clean(facts->host, 60);
	g_autofree char *version = pl_text_clean(facts->version, 40);
	struct pl_block *pairs;

	pl_page_add(page, PL_SHAPE_SECTION, PL_TONE_PLAIN, "Questions", NULL);
	pl_page_say(page, PL_TONE_PLAIN,
	    "Quote the reference (such as “entry 4711”) to your mail "
	    "administrator. On the mail gateway, “postledger show 4711” tells "
	    "all about that entry, “postledger show message:92” about a "
	    "message and “postledger show batch:900” about an e-mail; "
	    "“postledger release” and “archive” decide on what is held, and "
	    "“postledger explain” explains a code. The original messages are "
	    "kept there unchanged.");
	pl_page_add(
	    page, PL_SHAPE_SECTION, PL_TONE_PLAIN, "About this run", NULL);
	pairs = pl_page_add(page, PL_SHAPE_PAIRS, PL_TONE_QUIET, NULL, NULL);
	if (facts->run)
		about(pairs, view, facts->run);
	pl_block_pair(pairs, "Host", host);
	pl_block_pair(pairs, "Version", version);
	pl_block_pair(pairs, "Chain head", facts->head);
	pl_page_say(page, PL_TONE_QUIET,
	    "The chain head proves the history: “postledger audit verify "
	    "--head” with it says whether anything before this report was "
	    "changed since.");
}
