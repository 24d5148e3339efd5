/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chain_order - statements in the order in which the bank made them
 *
 * By the day on which their period ends. Within a day by number, as long as
 * balances continue then; otherwise so that as many as possible do. That is a
 * search, bounded: a day with more statements than it can try out keeps the
 * best order found.
 */
#include <string.h>

#include "chain.h"

#define STEPS_MAX 20000

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
	return order != 0 ? order : (x->entry > y->entry) - (x->entry < y->entry);
}

/* ---- one day --------------------------------------------------------------- */

struct search {
	gconstpointer *links; /* of the day, by number */
	guint n;
	guint *order, *best; /* indexes of LINKS */
	gboolean *used;
	unsigned breaks_best, steps;
};

static gboolean
breaks(const struct pl_link *first, const struct pl_link *next)
{
	return first != NULL &&
	       pl_chain_balance(first, next) == PL_BALANCE_BREAKS;
}

static void extend(struct search *s, guint at, const struct pl_link *last,
    unsigned so_far);

static void
try(struct search *s, guint at, const struct pl_link *last, unsigned so_far,
    gboolean broken)
{
	for (guint i = 0; i < s->n && s->steps < STEPS_MAX; i++) {
		if (s->used[i] || breaks(last, s->links[i]) != broken)
			continue;
		s->used[i] = TRUE;
		s->order[at] = i;
		extend(s, at + 1, s->links[i], so_far + broken);
		s->used[i] = FALSE;
	}
}

static void
extend(struct search *s, guint at, const struct pl_link *last, unsigned so_far)
{
	s->steps++;
	if (so_far >= s->breaks_best)
		return;
	if (at == s->n) {
		memcpy(s->best, s->order, s->n * sizeof(*s->best));
		s->breaks_best = so_far;
		return;
	}
	try(s, at, last, so_far, FALSE);
	try(s, at, last, so_far, TRUE);
}

static unsigned
count_breaks(gconstpointer *links, guint n, const struct pl_link *last)
{
	unsigned count = 0;

	for (guint i = 0; i < n; i++) {
		count += breaks(last, links[i]);
		last = links[i];
	}
	return count;
}

static void
arrange(gconstpointer *links, guint n, const struct pl_link *last)
{
	g_autofree gpointer *copy = g_memdup2(links, n * sizeof(*links));
	g_autofree guint *order = g_new0(guint, n), *best = g_new0(guint, n);
	g_autofree gboolean *used = g_new0(gboolean, n);
	struct search s = { .links = (gconstpointer *)copy,
		.n = n,
		.order = order,
		.best = best,
		.used = used,
		.breaks_best = count_breaks(links, n, last) };

	if (n < 2 || s.breaks_best == 0)
		return;
	for (guint i = 0; i < n; i++)
		best[i] = i;
	extend(&s, 0, last, 0);
	for (guint i = 0; i < n; i++)
		links[i] = copy[best[i]];
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
		const struct pl_link *first = list->pdata[i];

		for (end = i + 1; end < list->len; end++) {
			const struct pl_link *link = list->pdata[end];

			if (g_strcmp0(link->day, first->day) != 0)
				break;
		}
		arrange((gconstpointer *)list->pdata + i, end - i,
		    i > 0 ? list->pdata[i - 1] : NULL);
	}
	return list;
}
