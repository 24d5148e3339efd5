/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gather - what a report has to say, from the ledger
 */
#include <string.h>

#include "gather.h"
#include "returns.h"

/* ---- once for all addresses ------------------------------------------------ */

/* As it will be stored when it ends, in this same transaction. */
static void
count(pl_run *run, const struct pl_run_result *r)
{
	run->ended = g_get_real_time();
	run->messages = r->messages;
	run->documents = r->documents;
	run->sent = r->sent;
	run->mails = r->mails;
	run->problems = r->problems;
}

static gboolean
add_stray(pl_gathering *all, const char *journal, GError **error)
{
	struct pl_counts c;
	guint64 n;

	if (pl_config_find(all->pass->config, journal) != NULL)
		return TRUE;
	if (!pl_entry_counts(all->pass->ledger, journal, &c, error))
		return FALSE;
	n = c.by_state[PL_WAITING] + c.by_state[PL_HELD] +
	    c.by_state[PL_SENDING];
	if (n > 0)
		g_ptr_array_add(all->strays,
		    g_strdup_printf("Journal %s is not in the configuration "
				    "any more; %" G_GUINT64_FORMAT
				    " document%s in it.",
			journal, n, n == 1 ? " waits" : "s wait"));
	return TRUE;
}

/* They have no report of their own, and nobody sends or misses them. */
static gboolean
find_strays(pl_gathering *all, GError **error)
{
	pl_ledger *l = all->pass->ledger;
	g_autoptr(GPtrArray) names = pl_entry_journals(l, error);
	g_autoptr(pl_run) before = NULL;

	if (names == NULL)
		return FALSE;
	all->strays = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < names->len; i++)
		if (!add_stray(all, names->pdata[i], error))
			return FALSE;
	if (all->strays->len == 0)
		return TRUE;
	before = pl_run_get(l, all->run->id - 1, NULL);
	all->strays_are_news =
	    before == NULL || g_strcmp0(before->config, all->run->config) != 0;
	return TRUE;
}

pl_gathering *
pl_gather(struct pl_pass *pass, GError **error)
{
	g_autoptr(pl_gathering) all = g_new0(pl_gathering, 1);

	all->pass = pass;
	all->problems = pl_problem_open(pass->ledger, 0, error);
	if (all->problems == NULL)
		return NULL;
	all->batches = pl_batch_unreported(pass->ledger, error);
	if (all->batches == NULL)
		return NULL;
	all->notices = pl_notice_untold(pass->ledger, error);
	if (all->notices == NULL)
		return NULL;
	all->run = pl_run_get(pass->ledger, pass->run, error);
	if (all->run == NULL)
		return NULL;
	count(all->run, pass->result);
	if (!find_strays(all, error))
		return NULL;
	all->head = pl_event_head(pass->ledger, error);
	return all->head == NULL ? NULL : g_steal_pointer(&all);
}

void
pl_gathering_free(pl_gathering *all)
{
	if (all == NULL)
		return;
	g_clear_pointer(&all->problems, g_ptr_array_unref);
	g_clear_pointer(&all->batches, g_ptr_array_unref);
	g_clear_pointer(&all->notices, g_ptr_array_unref);
	g_clear_pointer(&all->strays, g_ptr_array_unref);
	pl_run_free(all->run);
	g_free(all->head);
	g_free(all);
}

gboolean
pl_gather_is_gateways(
    const struct pl_pass *pass, const struct pl_problem *problem)
{
	return problem->journal == NULL ||
	       pl_pass_turn(pass, problem->journal) == NULL;
}

gboolean
pl_gather_lists(const char *list, const char *address)
{
	g_auto(GStrv) all = g_strsplit_set(list, ", ", -1);

	return g_strv_contains((const char *const *)all, address);
}

/* ---- one journal ------------------------------------------------------------- */

static void
entry_free(gpointer entry)
{
	pl_entry_free(entry);
}

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
	numbered = e != NULL && e->sequence != NULL &&
		   strcmp(e->sequence, "0") != 0;
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
		add_waiting(j->waiting, d->entry, pl_reason_name(d->reason),
		    d->until)
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
	GPtrArray *entries =
	    keep(g, pl_entry_list(all->pass->ledger, &filter, error));
	GHashTable *words = keep_words(g);

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

static gboolean
add_journal(const pl_gathering *all, pl_gathered *g, const struct pl_turn *turn,
    GError **error)
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
	return add_sent(all, g, j, error) &&
	       add_planned(all, g, turn, j, error) &&
	       add_sending(all, g, j, error) && add_others(all, g, j, error) &&
	       add_totals(all, j, error);
}

/* ---- one address --------------------------------------------------------------- */

static void
add_problems(const pl_gathering *all, pl_gathered *g, const char *address)
{
	const struct pl_pass *pass = all->pass;
	const char *gateway = pl_config_gateway(pass->config)->report_to;
	gboolean others = pl_gather_lists(gateway, address);

	if (others)
		g_ptr_array_add(g->told, (gpointer)(guintptr) "");
	g->strays_are_news = others && all->strays_are_news;
	for (guint i = 0; i < all->problems->len; i++) {
		struct pl_problem *p = all->problems->pdata[i];

		if (!pl_gather_is_gateways(pass, p)) {
			const struct pl_turn *turn =
			    pl_pass_turn(pass, p->journal);

			if (!pl_gather_lists(turn->journal->report_to, address))
				continue;
		} else if (!others)
			continue;
		else if (p->journal != NULL)
			g_ptr_array_add(g->told, p->journal);
		g_ptr_array_add(g->facts.problems, p);
	}
}

static void
free_array(gpointer array)
{
	g_ptr_array_unref(array);
}

static pl_gathered *
new_gathered(const pl_gathering *all)
{
	const struct pl_gateway *gateway = pl_config_gateway(all->pass->config);
	pl_gathered *g = g_new0(pl_gathered, 1);

	g->told = g_ptr_array_new();
	g->kept = g_ptr_array_new_with_free_func(free_array);
	g->facts = (struct pl_report_facts){
		.run = all->run,
		.now = all->pass->now,
		.timezone = gateway->timezone,
		.timezone_name = gateway->timezone_name,
		.host = g_get_host_name(),
		.version = PL_VERSION,
		.head = all->head,
		.journals = g_ptr_array_new_with_free_func(journal_free),
		.problems = g_ptr_array_new(),
		.notes = all->pass->notes,
		.messages = all->pass->result->messages,
		.originals = g_ptr_array_new_with_free_func(entry_free),
	};
	return g;
}

void
pl_gathered_add_strays(pl_gathered *g, const pl_gathering *all)
{
	GPtrArray *notes = g_ptr_array_new();

	g_ptr_array_add(g->kept, notes);
	g_ptr_array_extend(notes, all->pass->notes, NULL, NULL);
	if (g_ptr_array_find_with_equal_func(g->told, "", g_str_equal, NULL))
		g_ptr_array_extend(notes, all->strays, NULL, NULL);
	g->facts.notes = notes;
}

gboolean
pl_gathered_add_notices(
    pl_gathered *g, const pl_gathering *all, GError **error)
{
	GPtrArray *sentences = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(g->kept, sentences);
	for (guint i = 0; i < g->told->len; i++)
		if (!pl_returns_tell(all->pass, all->notices,
			g->told->pdata[i], sentences, error))
			return FALSE;
	g_ptr_array_extend(g->facts.notes, sentences, NULL, NULL);
	return TRUE;
}

void
pl_gathered_free(pl_gathered *g)
{
	if (g == NULL)
		return;
	g_ptr_array_unref(g->facts.journals);
	g_ptr_array_unref(g->facts.problems);
	g_ptr_array_unref(g->facts.originals);
	g_ptr_array_unref(g->told);
	g_ptr_array_unref(g->kept);
	g_free(g);
}

pl_gathered *
pl_gather_for(const pl_gathering *all, const char *address, GError **error)
{
	g_autoptr(pl_gathered) g = new_gathered(all);
	const GPtrArray *turns = all->pass->turns;

	for (guint i = 0; i < turns->len; i++) {
		const struct pl_turn *turn = turns->pdata[i];

		if (pl_gather_lists(turn->journal->report_to, address) &&
		    !add_journal(all, g, turn, error))
			return NULL;
	}
	add_problems(all, g, address);
	return g_steal_pointer(&g);
}
