/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * story_waiting - what waits, why and until when: by journal and reason
 *
 * A journal can have a hundred thousand documents dated before its start date:
 * they are counted, and the first few of each reason are named.
 */
#include "story.h"

#include <string.h>

#include "clean.h"
#include "words.h"

#define ID(x) ((long long)(x))

/* What waits in one journal for one reason. */
struct group {
	const struct pl_view_journal *journal;
	const struct pl_view_group *is;
};

static GArray *
all_groups(const pl_view *view)
{
	GArray *groups = g_array_new(FALSE, FALSE, sizeof(struct group));

	for (unsigned i = 0; i < view->journals->len; i++) {
		const struct pl_view_journal *j = view->journals->pdata[i];

		for (unsigned k = 0; k < j->groups->len; k++) {
			const struct group one = { j,
				&g_array_index(
				    j->groups, struct pl_view_group, k) };

			g_array_append_val(groups, one);
		}
	}
	return groups;
}

/* Until when all of a group waits, a sentence; "" if that is not known. */
static char *
span(const pl_view *view, const struct pl_view_group *g)
{
	g_autofree char *first = pl_words_day(g->from, view->zone);
	g_autofree char *last = pl_words_day(g->to, view->zone);

	if (!*first)
		return g_strdup("");
	if (g_str_equal(first, last))
		return g_strdup_printf("Until %s.", first);
	return g_strdup_printf(
	    "The first until %s, the last until %s.", first, last);
}

static void
add_line(struct pl_block *items, const pl_view *view, const struct group *g,
    const struct pl_view_line *line)
{
	const pl_entry *e = line->entry;
	const struct pl_journal *rules = g->journal->rules;
	g_autofree char *name = pl_words_name(e);
	g_autofree char *time = pl_words_day(line->until, view->zone);
	g_autofree char *until =
	    *time ? g_strconcat("until ", time, NULL) : g_strdup("");
	g_autofree char *date =
	    pl_text_clean(e->doc_date ? e->doc_date : e->msg_date, 20);
	g_autofree char *party = pl_words_party(e, rules);
	g_autofree char *amount = pl_words_amount(e);
	g_autofree char *reference = g_strdup_printf("entry %lld", ID(e->id));
	g_autofree char *behind = pl_text_clean(line->behind, 120);
	g_autofree char *words = pl_story_join(date, behind,
	    party ? party : "", amount ? amount : "", reference, NULL);

	pl_block_add(items, name, until, words, NULL);
}

static void
add_group(
    pl_page *page, const pl_view *view, const struct group *g, guint64 shown)
{
	g_autofree char *journal = pl_text_clean(g->journal->rules->name, 40);
	g_autofree char *why =
	    pl_words_reason(g->journal->rules, g->is->reason);
	g_autofree char *head = g_strdup_printf("%s: %s", journal, why);
	g_autofree char *n = pl_words_count(g->is->n, "document", "documents");
	g_autofree char *until = span(view, g->is);
	const char *then = pl_words_then(g->is->reason);
	g_autofree char *words = NULL;
	struct pl_block *items;

	if (*until && *then)
		words = g_strdup_printf("%s %s", until, then);
	else
		words = g_strdup(*until ? until : then);
	pl_page_add(page, PL_SHAPE_HEADING, PL_TONE_PLAIN, head, n);
	items = pl_page_add(page, PL_SHAPE_ITEMS, PL_TONE_PLAIN, words, NULL);
	for (unsigned i = 0; i < shown; i++)
		add_line(items, view, g, &g->is->first[i]);
	pl_block_more(items, g->is->n - shown);
}

void
pl_story_waiting(pl_page *page, const pl_view *view)
{
	g_autoptr(GArray) groups = all_groups(view);
	g_autofree guint64 *needs = g_new0(guint64, groups->len + 1);
	g_autofree guint64 *shares = g_new0(guint64, groups->len + 1);
	guint64 left = 0;

	if (!groups->len)
		return;
	for (unsigned i = 0; i < groups->len; i++)
		needs[i] = MIN(g_array_index(groups, struct group, i).is->n,
		    PL_VIEW_FIRST);
	pl_view_share(needs, shares, groups->len, PL_SHOW_WAITING);
	pl_page_add(page, PL_SHAPE_SECTION, PL_TONE_PLAIN, "Waiting", NULL);
	for (unsigned i = 0; i < groups->len; i++) {
		const struct group *g = &g_array_index(groups, struct group, i);

		if (i < PL_SHOW_GROUPS)
			add_group(page, view, g, shares[i]);
		else
			left += g->is->n;
	}
	pl_story_more(page, left, " for other reasons or journals");
}
