/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gather - what a report has to say, from the ledger
 */
#include <string.h>

#include "gather.h"
#include "returns.h"

/* ---- once for all addresses -------------------------------------------- */

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

static void
name_batches(pl_gathering *all)
{
	all->troubled = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < all->problems->len; i++) {
		const struct pl_problem *p = all->problems->pdata[i];

		g_hash_table_add(all->troubled, GSIZE_TO_POINTER(p->batch));
	}
}

pl_gathering *
pl_gather(struct pl_pass *pass, GError **error)
{
	g_autoptr(pl_gathering) all = g_new0(pl_gathering, 1);

	all->pass = pass;
	all->problems = pl_problem_open(pass->ledger, 0, error);
	if (all->problems == NULL)
		return NULL;
	name_batches(all);
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
	g_clear_pointer(&all->troubled, g_hash_table_unref);
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

/* ---- one address ------------------------------------------------------- */

static void
entry_free(gpointer entry)
{
	pl_entry_free(entry);
}

gboolean
pl_gather_original(
    const pl_gathering *all, pl_gathered *g, gint64 id, GError **error)
{
	pl_entry *original = pl_entry_get(all->pass->ledger, id, error);

	if (original != NULL)
		g_ptr_array_add(g->facts.originals, original);
	return original != NULL;
}

/* What left since is not in memory, but told beside its problem. */
static void
add_document(
    const pl_gathering *all, pl_gathered *g, const struct pl_problem *p)
{
	g_autoptr(pl_entry) e =
	    p->entry != 0 ? pl_entry_get(all->pass->ledger, p->entry, NULL)
			  : NULL;

	if (e != NULL && e->state == PL_SENT)
		g_ptr_array_add(g->facts.originals, g_steal_pointer(&e));
}

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
		add_document(all, g, p);
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
		.source = pl_gather_source(all),
		.run = all->run,
		.now = all->pass->now,
		.timezone = gateway->timezone,
		.timezone_name = gateway->timezone_name,
		.host = g_get_host_name(),
		.version = PL_VERSION,
		.head = all->head,
		.journals = pl_gather_journals(),
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
pl_gathered_add_notices(pl_gathered *g, const pl_gathering *all, GError **error)
{
	GPtrArray *sentences = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(g->kept, sentences);
	for (guint i = 0; i < g->told->len; i++)
		if (!pl_returns_tell(all->pass, all->notices, g->told->pdata[i],
			sentences, error))
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
		    !pl_gather_journal(all, g, turn, error))
			return NULL;
	}
	add_problems(all, g, address);
	return g_steal_pointer(&g);
}
