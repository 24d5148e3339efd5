/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chain - does each statement of an account follow the one before it?
 *
 * The statements are walked in the order of the bank. One that does not
 * continue what stands before it has a gap before it; every gap is said, not
 * only the first. Those that do continue wait for what has to leave before
 * them.
 *
 * One odd statement (of another account, or corrected) must not put the one
 * behind it in the wrong too: what continues the statements before the odd one
 * has no gap of its own. Settled statements are walked with the others: one
 * that comes late is compared with its neighbours, not with the newest.
 */
#include <string.h>

#include "chain.h"

#define ODD_MAX 4 /* in a row, that are looked past */

struct walk {
	GPtrArray *links; /* in order */
	gboolean *odd;    /* does not continue what stands before it */
	enum pl_numbering numbering;
	struct pl_habits habits;
};

static unsigned
gap_between(const struct walk *w, guint first, guint next)
{
	return pl_chain_gap(w->links->pdata[first], w->links->pdata[next],
	    w->numbering, &w->habits);
}

/* It continues one before those that are odd; a balance has to prove it. */
static gboolean
passes_odd_ones(const struct walk *w, guint at)
{
	for (guint back = 1; back <= ODD_MAX && back < at; back++) {
		const struct pl_link *odd = w->links->pdata[at - back];

		if (!w->odd[at - back] || odd->hole)
			return FALSE;
		if (pl_chain_balance(w->links->pdata[at - back - 1],
			w->links->pdata[at]) == PL_BALANCE_CONTINUES &&
		    gap_between(w, at - back - 1, at) == 0)
			return TRUE;
	}
	return FALSE;
}

static unsigned
look_at(struct walk *w, guint at)
{
	const struct pl_link *link = w->links->pdata[at];
	unsigned gap;

	if (at == 0 || link->hole)
		return 0;
	gap = gap_between(w, at - 1, at);
	if (gap == 0 || passes_odd_ones(w, at))
		return 0;
	w->odd[at] = TRUE;
	return gap;
}

/* The nearest one before it that has not left. Before one that did leave,
 * nothing can be in time any more. */
static gint64
find_before(const struct walk *w, guint at)
{
	const struct pl_link *link = w->links->pdata[at];

	if (link->released)
		return 0;
	while (at-- > 0) {
		link = w->links->pdata[at];
		if (link->sent)
			return 0;
		if (!link->settled)
			return link->entry;
	}
	return 0;
}

gboolean
pl_chain_is_gap(const char *code)
{
	return code != NULL &&
	       (strcmp(code, "PL-201") == 0 || strcmp(code, "PL-202") == 0);
}

static void
add_linked(GArray *out, const struct walk *w, guint at, unsigned gap)
{
	const struct pl_link *link = w->links->pdata[at];
	struct pl_linked linked = { .entry = link->entry,
		.before = find_before(w, at) };

	if (gap != 0 && !link->released) {
		linked.gap = gap;
		linked.code = gap & PL_GAP_BALANCE ? "PL-201" : "PL-202";
		linked.note = pl_chain_words(
		    w->links->pdata[at - 1], link, gap, w->numbering);
	}
	g_array_append_val(out, linked);
}

static void
linked_clear(void *data)
{
	struct pl_linked *linked = data;

	g_free(linked->note);
}

GArray *
pl_chain(const GPtrArray *links, enum pl_numbering numbering)
{
	g_autoptr(GPtrArray) ordered = pl_chain_order(links);
	g_autofree gboolean *odd = g_new0(gboolean, ordered->len);
	GArray *out = g_array_new(FALSE, TRUE, sizeof(struct pl_linked));
	struct walk w = { ordered, odd, numbering, pl_chain_habits(ordered) };

	g_array_set_clear_func(out, linked_clear);
	for (guint i = 0; i < ordered->len; i++) {
		unsigned gap = look_at(&w, i);
		const struct pl_link *link = ordered->pdata[i];

		if (!link->settled)
			add_linked(out, &w, i, gap);
	}
	return out;
}
