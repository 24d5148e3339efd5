/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gather_journal - what a report has to say of one journal: what left, what
 * became of the rest, and the totals
 */
#include <string.h>

#include "gather.h"

#define HELD_MOST 500

gboolean
pl_gather_holds(pl_gathered *g, guint64 n)
{
	const gboolean holds = g->documents + n <= HELD_MOST;

	g->documents += holds ? n : 0;
	return holds;
}

void *
pl_gather_keep(pl_gathered *g, GPtrArray *array)
{
	if (array != NULL)
		g_ptr_array_add(g->kept, array);
	return array;
}

static gboolean
read_batch(const pl_batch *batch, GPtrArray **entries, GPtrArray **written,
    void *user, GError **error)
{
	const pl_gathering *all = user;
	pl_ledger *l = all->pass->ledger;

	*entries = pl_batch_entries(l, batch->id, error);
	*written = NULL;
	if (*entries != NULL && pl_folder_is(batch->deliver_to)) {
		*written = pl_batch_written(l, batch->id, error);
		if (*written == NULL)
			g_clear_pointer(entries, g_ptr_array_unref);
	}
	return *entries != NULL;
}

/* Its documents are named beside a problem. */
static gboolean
is_troubled(const pl_gathering *all, const pl_batch *b)
{
	return b->state != PL_BATCH_SENT || b->maybe_twice ||
	       g_hash_table_contains(all->troubled, GSIZE_TO_POINTER(b->id));
}

/* Of the many that left as they should only the numbers are kept. */
static gboolean
add_batch(const pl_gathering *all, pl_gathered *g, struct pl_report_sent *sent,
    GError **error)
{
	gboolean done;

	if (!is_troubled(all, sent->batch) &&
	    !pl_gather_holds(g, sent->batch->documents)) {
		sent->ids = pl_batch_entry_ids(
		    all->pass->ledger, sent->batch->id, error);
		return sent->ids != NULL;
	}
	done = read_batch(sent->batch, &sent->entries, &sent->written,
	    (void *)(guintptr)all, error);
	pl_gather_keep(g, sent->entries);
	pl_gather_keep(g, sent->written);
	return done;
}

static gboolean
add_sent(const pl_gathering *all, pl_gathered *g, struct pl_report_journal *j,
    GError **error)
{
	for (guint i = 0; i < all->batches->len; i++) {
		const pl_batch *b = all->batches->pdata[i];
		struct pl_report_sent *sent;

		if (strcmp(b->journal, j->journal->name) != 0)
			continue;
		sent = g_new0(struct pl_report_sent, 1);
		g_ptr_array_add(j->sent, sent);
		sent->batch = b;
		if (!add_batch(all, g, sent, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
add_originals(const pl_gathering *all, pl_gathered *g, const GPtrArray *others,
    GError **error)
{
	for (guint i = 0; i < others->len; i++) {
		const pl_entry *e = others->pdata[i];

		if (e->original != 0 &&
		    !pl_gather_original(all, g, e->original, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
add_others(const pl_gathering *all, pl_gathered *g, struct pl_report_journal *j,
    GError **error)
{
	const struct pl_entry_filter filter = { .journal = j->journal->name,
		.states = "hadu",
		.run = PL_RUN_NONE };

	j->others =
	    pl_gather_keep(g, pl_entry_list(all->pass->ledger, &filter, error));
	return j->others != NULL && add_originals(all, g, j->others, error);
}

static gboolean
add_totals(const pl_gathering *all, struct pl_report_journal *j, GError **error)
{
	struct pl_counts *totals = g_new0(struct pl_counts, 1);

	j->totals = totals;
	return pl_entry_counts(
	    all->pass->ledger, j->journal->name, totals, error);
}

static void
sent_free(gpointer data)
{
	struct pl_report_sent *sent = data;

	g_clear_pointer(&sent->ids, g_array_unref);
	g_free(sent);
}

static void
journal_free(gpointer data)
{
	struct pl_report_journal *j = data;

	g_ptr_array_unref(j->sent);
	g_ptr_array_unref(j->waiting);
	g_clear_pointer(&j->more, g_array_unref);
	g_free((gpointer)(guintptr)j->totals);
	g_free(j);
}

GPtrArray *
pl_gather_journals(void)
{
	return g_ptr_array_new_with_free_func(journal_free);
}

gboolean
pl_gather_journal(const pl_gathering *all, pl_gathered *g,
    const struct pl_turn *turn, GError **error)
{
	struct pl_report_journal *j = g_new0(struct pl_report_journal, 1);
	struct pl_plan_input input = pl_turn_input(all->pass, turn);

	j->journal = turn->journal;
	j->sent = g_ptr_array_new_with_free_func(sent_free);
	j->waiting = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(g->facts.journals, j);
	g_ptr_array_add(g->told, (gpointer)(guintptr)turn->journal->name);
	/* served at every run: there is no next time to name */
	if (turn->journal->n_slots > 0 || turn->journal->n_windows > 0)
		j->next = pl_plan_next(&input);
	return add_totals(all, j, error) && add_sent(all, g, j, error) &&
	       pl_gather_waiting(all, g, turn, j, error) &&
	       add_others(all, g, j, error);
}

struct pl_report_source
pl_gather_source(const pl_gathering *all)
{
	return (struct pl_report_source){ .batch = read_batch,
		.waiting = pl_gather_read_waiting,
		.user = (void *)(guintptr)all };
}
