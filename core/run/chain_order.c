/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chain_order - statements in the order in which the bank made them
 *
 * By the day on which their period ends. Within a day by number, as long as
 * balances continue then; otherwise so that as many as possible do, into the
 * next day, too. That is a search, bounded: a day with more statements than it
 * can try out keeps the best order found.
 */
#include <string.h>

#include "chain.h"

#define STEPS_MAX 20000
/* What a break costs; more before a settled one, which had its place, and
 * where the numbers go back. */
#define COST 1
#define COST_SETTLED 3
#define COST_BACK 3

static int
by_number(const struct pl_link *a, const struct pl_link *b)
{
	guint64 x = pl_chain_number(a), y = pl_chain_number(b);

	/* one without a number has no place by it: behind the others */
	x = x == 0 ? G_MAXUINT64 : x;
	y = y == 0 ? G_MAXUINT64 : y;
	return (x > y) - (x < y);
}

static int
by_day(gconstpointer a, gconstpointer b)
{
	const struct pl_link *x = *(const struct pl_link *const *)a;
	const struct pl_link *y = *(const struct pl_link *const *)b;
	int order = g_strcmp0(x->day, y->day);

	if (order == 0)
		order = by_number(x, y);
	return order != 0 ? order
			  : (x->entry > y->entry) - (x->entry < y->entry);
}

/* ---- one day ----------------------------------------------------------- */

struct search {
	gconstpointer *links; /* of the day, by number */
	guint n;
	gconstpointer *next; /* of the next one */
	guint n_next;
	guint *order, *best; /* indexes of LINKS */
	gboolean *used;
	unsigned cost_best, steps;
};

static gboolean
breaks(const struct pl_link *first, const struct pl_link *next)
{
	return first != NULL &&
	       pl_chain_balance(first, next) == PL_BALANCE_BREAKS;
}

static unsigned
cost_of(const struct pl_link *first, const struct pl_link *next)
{
	unsigned cost = next->settled ? COST_SETTLED : COST;

	if (!breaks(first, next))
		return 0;
	if (pl_chain_number(next) != 0 &&
	    pl_chain_number(next) < pl_chain_number(first) &&
	    g_strcmp0(first->day, next->day) == 0)
		cost += COST_BACK;
	return cost;
}

/* Where none of the next day continues it. */
static unsigned
cost_of_end(const struct search *s, const struct pl_link *last)
{
	for (guint i = 0; i < s->n_next; i++)
		if (!breaks(last, s->next[i]))
			return 0;
	return s->n_next > 0 ? COST : 0;
}

static void extend(
    struct search *s, guint at, const struct pl_link *last, unsigned so_far);

static void
try(struct search *s, guint at, const struct pl_link *last, unsigned so_far,
    gboolean broken)
{
	for (guint i = 0; i < s->n && s->steps < STEPS_MAX; i++) {
		if (s->used[i] || breaks(last, s->links[i]) != broken)
			continue;
		s->used[i] = TRUE;
		s->order[at] = i;
		extend(s, at + 1, s->links[i],
		    so_far + cost_of(last, s->links[i]));
		s->used[i] = FALSE;
	}
}

static void
extend(struct search *s, guint at, const struct pl_link *last, unsigned so_far)
{
	s->steps++;
	if (at == s->n)
		so_far += cost_of_end(s, last);
	if (so_far >= s->cost_best)
		return;
	if (at == s->n) {
		memcpy(s->best, s->order, s->n * sizeof(*s->best));
		s->cost_best = so_far;
		return;
	}
	try(s, at, last, so_far, FALSE);
	try(s, at, last, so_far, TRUE);
}

static unsigned
cost_by_number(const struct search *s, const struct pl_link *last)
{
	unsigned cost = 0;

	for (guint i = 0; i < s->n; i++) {
		cost += cost_of(last, s->links[i]);
		last = s->links[i];
	}
	return cost + cost_of_end(s, last);
}

/* N statements of a day; behind them lie N_NEXT of the next. */
static void
arrange(gconstpointer *links, guint n, guint n_next, const struct pl_link *last)
{
	g_autofree gpointer *copy = g_memdup2(links, n * sizeof(*links));
	g_autofree guint *order = g_new0(guint, n), *best = g_new0(guint, n);
	g_autofree gboolean *used = g_new0(gboolean, n);
	struct search s = { .links = (gconstpointer *)copy,
		.n = n,
		.next = links + n,
		.n_next = n_next,
		.order = order,
		.best = best,
		.used = used };

	s.cost_best = cost_by_number(&s, last);
	if (n < 2 || s.cost_best == 0)
		return;
	for (guint i = 0; i < n; i++)
		best[i] = i;
	extend(&s, 0, last, 0);
	for (guint i = 0; i < n; i++)
		links[i] = copy[best[i]];
}

/* Where the day that begins at FROM ends. */
static guint
day_end(const GPtrArray *list, guint from)
{
	guint end = from;

	while (end < list->len) {
		const struct pl_link *first = list->pdata[from];
		const struct pl_link *link = list->pdata[end];

		if (g_strcmp0(link->day, first->day) != 0)
			break;
		end++;
	}
	return end;
}

GPtrArray *
pl_chain_order(const GPtrArray *links)
{
	GPtrArray *list = g_ptr_array_sized_new(links->len);
	guint end;

	for (guint i = 0; i < links->len; i++)
		g_ptr_array_add(list, links->pdata[i]);
	g_ptr_array_sort(list, by_day);
	for (guint i = 0; i < list->len; i = end) {
		end = day_end(list, i);
		arrange((gconstpointer *)list->pdata + i, end - i,
		    day_end(list, end) - end,
		    i > 0 ? list->pdata[i - 1] : NULL);
	}
	return list;
}
