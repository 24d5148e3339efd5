/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * story_problems - the problems first: a card a code, what to do once, then
 * every case with what is needed to find the document
 */
#include "story.h"

#include "clean.h"
#include "words.h"

/* Problems that share a code: [FIRST, FIRST + N) of the view's. */
struct cases {
	unsigned first;
	guint64 n;
};

static const struct pl_view_problem *
problem_at(const pl_view *view, unsigned i)
{
	return &g_array_index(view->problems, struct pl_view_problem, i);
}

static GArray *
group(const pl_view *view)
{
	GArray *groups = g_array_new(FALSE, FALSE, sizeof(struct cases));

	for (unsigned i = 0; i < view->problems->len; i++) {
		struct cases one = { .first = i, .n = 1 };
		gboolean same = i && g_str_equal(problem_at(view, i)->code,
					 problem_at(view, i - 1)->code);

		if (same)
			g_array_index(groups, struct cases, groups->len - 1)
			    .n++;
		else
			g_array_append_val(groups, one);
	}
	return groups;
}

/* Number, date, party and amount of what is known of the document. */
static void
pair_document(struct pl_block *card, const pl_entry *e)
{
	g_autofree char *name = NULL, *amount = NULL, *party = NULL;
	g_autofree char *date = NULL, *line = NULL;

	if (!e || !e->number || !*e->number)
		return;
	name = pl_words_name(e);
	amount = pl_words_amount(e);
	party = pl_words_party(e, NULL);
	date = pl_text_clean(e->doc_date, 20);
	line = pl_story_join(pl_words_kind(e->kind), name, date,
	    party ? party : "", amount ? amount : "", NULL);
	pl_block_pair(card, "Document", line);
}

/* The documents of an e-mail, a few of them by name. */
static void
pair_entries(struct pl_block *card, const GPtrArray *entries)
{
	unsigned n = pl_view_length(entries), shown = MIN(n, 5);
	g_autoptr(GString) line = g_string_new(NULL);

	for (unsigned i = 0; i < shown; i++) {
		const pl_entry *e = entries->pdata[i];
		g_autofree char *name = pl_words_name(e);

		g_string_append_printf(line, "%s%s (entry %lld)", i ? ", " : "",
		    name, (long long)e->id);
	}
	if (n > shown)
		g_string_append_printf(line, " and %u more", n - shown);
	pl_block_pair(card, n == 1 ? "Document" : "Documents", line->str);
}

static void
pair_reference(struct pl_block *card, const struct pl_view_problem *p)
{
	const struct {
		const char *what;
		gint64 id;
	} ids[] = {
		{ "entry", p->entry },
		{ "message", p->message },
		{ "e-mail", p->batch },
		{ "problem", p->id },
	};
	g_autoptr(GString) line = g_string_new(NULL);

	for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++)
		if (ids[i].id)
			g_string_append_printf(line, "%s%s %lld",
			    line->len ? ", " : "", ids[i].what,
			    (long long)ids[i].id);
	pl_block_pair(card, "Reference", line->str);
}

/* What a person looks for first: the file, else the subject. */
static char *
case_title(const struct pl_view_problem *p)
{
	g_autofree char *marked = pl_code_marked(p->code, p->text);
	g_autofree char *code = pl_text_clean(marked, 40), *name = NULL;

	if (p->filename && *p->filename)
		name = pl_text_clean_name(p->filename, 60);
	else if (p->subject && *p->subject)
		name = pl_text_clean(p->subject, 60);
	return pl_story_join(code, name ? name : "", NULL);
}

static void
add_case(
    struct pl_block *card, const pl_view *view, const struct pl_view_problem *p)
{
	g_autofree char *title = case_title(p);
	g_autofree char *text = pl_text_clean(p->text, 500);
	g_autofree char *original =
	    p->document ? pl_story_original(view, p->document) : NULL;
	g_autofree char *sender = pl_words_sender(p->from, p->sender);
	g_autofree char *subject = pl_text_clean(p->subject, 160);
	g_autofree char *date = pl_text_clean(p->msg_date, 40);
	g_autofree char *journal = pl_text_clean(p->journal, 40);
	g_autofree char *id = pl_text_clean(p->message_id, 120);

	pl_block_add(card, title, NULL);
	pl_block_pair(card, "Details", text);
	pair_document(card, p->document);
	pair_entries(card, p->entries);
	pl_block_pair(card, "Other one", original);
	pl_block_pair(card, "From", sender);
	pl_block_pair(card, "Subject", subject);
	pl_block_pair(card, "Date", date);
	pl_block_pair(card, "Journal", journal);
	pair_reference(card, p);
	pl_block_pair(card, "Message-ID", id);
}

static void
add_card(pl_page *page, const pl_view *view, const struct cases *cases,
    guint64 shown)
{
	const char *word = problem_at(view, cases->first)->code;
	const struct pl_code *code = pl_code_find(word);
	g_autofree char *clean = pl_text_clean(word, 20);
	g_autofree char *head =
	    code ? g_strdup_printf("%s %s", code->code, code->title)
		 : g_strdup(clean);
	g_autofree char *times = pl_words_count(cases->n, "time", "times");
	struct pl_block *card = pl_page_add(page, PL_SHAPE_CARD, PL_TONE_BAD,
	    head, cases->n > 1 ? times : NULL);

	pl_block_pair(card, "Meaning", code ? code->cause : NULL);
	pl_block_pair(card, "What to do", code ? code->todo : NULL);
	for (unsigned i = 0; i < shown; i++)
		add_case(card, view, problem_at(view, cases->first + i));
	if (shown < cases->n) {
		g_autofree char *more = pl_words_number(cases->n - shown);
		g_autofree char *line =
		    g_strdup_printf("and %s more in the CSV", more);

		pl_block_add(card, line, NULL);
	}
}

void
pl_story_problems(pl_page *page, const pl_view *view)
{
	g_autoptr(GArray) groups = group(view);
	g_autofree guint64 *needs = g_new0(guint64, groups->len + 1);
	g_autofree guint64 *shares = g_new0(guint64, groups->len + 1);
	guint64 left = 0;

	if (!view->problems->len)
		return;
	for (unsigned i = 0; i < groups->len; i++)
		needs[i] = g_array_index(groups, struct cases, i).n;
	pl_view_share(needs, shares, groups->len, PL_SHOW_PROBLEMS);
	pl_page_add(page, PL_SHAPE_SECTION, PL_TONE_BAD,
	    view->problems->len == 1 ? "Problem" : "Problems", NULL);
	for (unsigned i = 0; i < groups->len; i++)
		if (i < PL_SHOW_CODES)
			add_card(page, view,
			    &g_array_index(groups, struct cases, i), shares[i]);
		else
			left += needs[i];
	pl_story_more(page, left, " with other codes");
}
