/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gather_journal - what a report has to say of one journal: what left, what
 * waits and why, what became of the rest, and the totals
 */
#include <string.h>

#include "gather.h"

static void *
keep(pl_gathered *g, GPtrArray *array)
{
	if (array != NULL)
		g_ptr_array_add(g->kept, array);
	return array;
}

static struct pl_report_waiting *
add_waiting(
    GPtrArray *list, const pl_entry *entry, const char *reason, gint64 until)
{
	struct pl_report_waiting *w = g_new0(struct pl_report_waiting, 1);

	w->entry = entry;
	w->reason = reason;
	w->until = until;
	g_ptr_array_add(list, w);
	return w;
}

/* "behind no. 41 of 2026-02-10 (entry 12)", kept in WORDS by its id. */
static const char *
behind(const pl_gathering *all, GHashTable *words, gint64 id)
{
	g_autoptr(pl_entry) e = NULL;
	char *text = g_hash_table_lookup(words, &id);
	gboolean numbered;

	if (id == 0 || text != NULL)
		return text;
	e = pl_entry_get(all->pass->ledger, id, NULL);
	numbered =
	    e != NULL && e->sequence != NULL && strcmp(e->sequence, "0") != 0;
	text = g_strdup_printf("behind %s%s%s%s (entry %" G_GINT64_FORMAT ")",
	    numbered ? "no. " : "the statement", numbered ? e->sequence : "",
	    e != NULL && e->doc_date != NULL ? " of " : "",
	    e != NULL && e->doc_date != NULL ? e->doc_date : "", id);
	g_hash_table_insert(words, g_memdup2(&id, sizeof(id)), text);
	return text;
}

static void
words_free(gpointer words)
{
	g_hash_table_unref(words);
}

/* Words by an id, which live as long as the facts. */
static GHashTable *
keep_words(pl_gathered *g)
{
	GPtrArray *keeper = g_ptr_array_new_with_free_func(words_free);
	GHashTable *words =
	    g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);

	g_ptr_array_add(keeper, words);
	g_ptr_array_add(g->kept, keeper);
	return words;
}

static gboolean
add_planned(const pl_gathering *all, pl_gathered *g, const struct pl_turn *turn,
    struct pl_report_journal *j, GError **error)
{
	GPtrArray *entries = NULL;
	g_autoptr(GArray) plan =
	    pl_turn_decide(all->pass, turn, &entries, error);
	GHashTable *words = keep_words(g);

	keep(g, entries);
	for (guint i = 0; plan != NULL && i < plan->len; i++) {
		const struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, i);

		j->cap_left += d->reason == PL_REASON_CAP;
		add_waiting(
		    j->waiting, d->entry, pl_reason_name(d->reason), d->until)
		    ->behind = behind(all, words, d->behind);
	}
	return plan != NULL;
}

/* Why the e-mail with ENTRY did not leave yet, kept in WORDS by its batch; NULL:
 * it was not answered. */
static const char *
put_off(const pl_gathering *all, GHashTable *words, const pl_entry *entry)
{
	g_autoptr(pl_batch) b = NULL;
	gint64 id = entry->batch;
	gpointer known = NULL;
	char *text = NULL;

	if (g_hash_table_lookup_extended(words, &id, NULL, &known))
		return known;
	b = pl_batch_get(all->pass->ledger, id, NULL);
	if (b != NULL && b->attempt > 0 && b->reply != NULL)
		text = g_strconcat(PL_REPORT_PUT_OFF, b->reply, NULL);
	g_hash_table_insert(words, g_memdup2(&id, sizeof(id)), text);
	return text;
}

/* In e-mails that are not finished. */
static gboolean
add_sending(const pl_gathering *all, pl_gathered *g,
    struct pl_report_journal *j, GError **error)
{
	const struct pl_entry_filter filter = { .journal = j->journal->name,
		.states = "g" };
	GPtrArray *entries;
	GHashTable *words;

	if (j->totals->by_state[PL_SENDING] == 0)
		return TRUE;
	entries = keep(g, pl_entry_list(all->pass->ledger, &filter, error));
	words = keep_words(g);
	for (guint i = 0; entries != NULL && i < entries->len; i++)
		add_waiting(j->waiting, entries->pdata[i],
		    put_off(all, words, entries->pdata[i]), 0);
	return entries != NULL;
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
		sent->entries =
		    keep(g, pl_batch_entries(all->pass->ledger, b->id, error));
		if (sent->entries == NULL)
			return FALSE;
		if (!pl_folder_is(b->deliver_to))
			continue;
		sent->written =
		    keep(g, pl_batch_written(all->pass->ledger, b->id, error));
		if (sent->written == NULL)
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
		pl_entry *original;

		if (e->original == 0)
			continue;
		original = pl_entry_get(all->pass->ledger, e->original, error);
		if (original == NULL)
			return FALSE;
		g_ptr_array_add(g->facts.originals, original);
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

	j->others = keep(g, pl_entry_list(all->pass->ledger, &filter, error));
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
journal_free(gpointer data)
{
	struct pl_report_journal *j = data;

	g_ptr_array_unref(j->sent);
	g_ptr_array_unref(j->waiting);
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
	j->sent = g_ptr_array_new_with_free_func(g_free);
	j->waiting = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(g->facts.journals, j);
	g_ptr_array_add(g->told, (gpointer)(guintptr)turn->journal->name);
	/* served at every run: there is no next time to name */
	if (turn->journal->n_slots > 0 || turn->journal->n_windows > 0)
		j->next = pl_plan_next(&input);
	return add_totals(all, j, error) && add_sent(all, g, j, error) &&
	       add_planned(all, g, turn, j, error) &&
	       add_sending(all, g, j, error) && add_others(all, g, j, error);
}
