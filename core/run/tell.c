/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tell - the reports of a run, and its end
 *
 * Gathering the facts, storing the reports, marking as told what is in them,
 * planning the e-mails that carry them and ending the run are one transaction:
 * what happens in between is told by the next report, and nothing is marked
 * that was not told. Then each report is submitted like a batch; the next run
 * hands over those that could not be.
 */
#include <string.h>

#include "crash.h"
#include "remind.h"

/* ---- to whom ----------------------------------------------------------- */

static void
add_addresses(GPtrArray *addresses, const char *list)
{
	g_auto(GStrv) all = g_strsplit_set(list, ", ", -1);

	for (guint i = 0; all[i] != NULL; i++)
		if (*all[i] != '\0' &&
		    !g_ptr_array_find_with_equal_func(
			addresses, all[i], g_str_equal, NULL))
			g_ptr_array_add(addresses, g_strdup(all[i]));
}

/* The addresses of the journals that had their turn, in the order of the
 * file; those of the gateway too when it has problems of its own. */
static GPtrArray *
addresses(const struct pl_pass *pass, const pl_gathering *all)
{
	const GPtrArray *problems = all->problems;
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	const char *gateway = pl_config_gateway(pass->config)->report_to;

	for (guint i = 0; i < pass->turns->len; i++) {
		const struct pl_turn *turn = pass->turns->pdata[i];

		if (turn->touched)
			add_addresses(list, turn->journal->report_to);
	}
	for (guint i = 0; i < problems->len; i++)
		if (pl_gather_is_gateways(pass, problems->pdata[i]))
			add_addresses(list, gateway);
	if (all->strays->len > 0)
		add_addresses(list, gateway);
	return list;
}

/* All who get reports by the configuration. */
static GPtrArray *
recipients(const struct pl_pass *pass)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

	add_addresses(list, pl_config_gateway(pass->config)->report_to);
	for (guint i = 0; i < pass->turns->len; i++) {
		const struct pl_turn *turn = pass->turns->pdata[i];

		add_addresses(list, turn->journal->report_to);
	}
	return list;
}

/* ---- what -------------------------------------------------------------- */

static gboolean
is_wanted(const struct pl_pass *pass, const pl_gathered *g)
{
	switch (pl_config_gateway(pass->config)->report_when) {
	case PL_REPORT_ALWAYS:
		return TRUE;
	case PL_REPORT_ACTIVITY:
		return g->strays_are_news || pl_report_activity(&g->facts);
	case PL_REPORT_PROBLEMS:
		return g->strays_are_news || pl_report_problems(&g->facts);
	default:
		return FALSE;
	}
}

/* An earlier report to ADDRESS still waits for the MTA: no second one is put
 * behind it, its journals are told by the first that is handed over again. */
static gboolean
is_blocked(struct pl_pass *pass, const char *address)
{
	g_autoptr(GPtrArray) waiting = pl_batch_unfinished(pass->ledger, NULL);

	for (guint i = 0; waiting != NULL && i < waiting->len; i++) {
		const pl_batch *b = waiting->pdata[i];

		if (b->report != 0 && b->forward == 0 &&
		    strcmp(b->deliver_to, address) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
fill_row(struct pl_report_row *row, const struct pl_pass *pass,
    const char *address, const struct pl_report_facts *facts, GError **error)
{
	struct pl_report_texts texts;

	if (!pl_report_write(facts, &texts, error))
		return FALSE;
	row->run = pass->run;
	row->address = g_strdup(address);
	row->subject = g_steal_pointer(&texts.subject);
	row->text = g_steal_pointer(&texts.text);
	row->html = g_steal_pointer(&texts.html);
	return TRUE;
}

/* The report whose CSV is written. */
struct storing {
	pl_ledger *ledger;
	gint64 report;
};

static gboolean
store_lines(const char *lines, void *user, GError **error)
{
	const struct storing *to = user;

	return pl_report_csv_add(to->ledger, to->report, lines, error);
}

static gboolean
store_csv(struct pl_pass *pass, gint64 report,
    const struct pl_report_facts *facts, GError **error)
{
	struct storing to = { pass->ledger, report };

	return pl_report_write_csv(facts, store_lines, &to, error);
}

static gboolean
plan(struct pl_pass *pass, gint64 run, gint64 report, const char *address,
    GPtrArray *batches, GError **error)
{
	pl_batch *b = pl_batch_new();

	b->run = run;
	b->report = report;
	b->journal = g_strdup("");
	b->deliver_to = g_strdup(address);
	b->sender = g_strdup(pl_config_gateway(pass->config)->sender);
	g_ptr_array_add(batches, b);
	return pl_batch_plan(pass->ledger, b, NULL, 0, error);
}

static gboolean
store(struct pl_pass *pass, const char *address,
    const struct pl_report_facts *facts, GPtrArray *batches, GError **error)
{
	struct pl_report_row *row = pl_report_row_new();
	gboolean done;

	done = fill_row(row, pass, address, facts, error) &&
	       pl_report_add(pass->ledger, row, error) &&
	       store_csv(pass, row->id, facts, error) &&
	       plan(pass, pass->run, row->id, address, batches, error);
	pl_report_row_free(row);
	return done;
}

/* ---- to others --------------------------------------------------------- */

static gboolean
plan_instead(struct pl_pass *pass, const pl_batch *batch,
    const GPtrArray *addresses_now, GPtrArray *instead, GError **error)
{
	if (!pl_batch_cancel(pass->ledger, batch->id, error))
		return FALSE;
	for (guint i = 0; i < addresses_now->len; i++)
		if (!plan(pass, batch->run, batch->report,
			addresses_now->pdata[i], instead, error))
			return FALSE;
	return TRUE;
}

/* The gateway's; without any, those of the journals. */
static GPtrArray *
new_addresses(const struct pl_pass *pass)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

	add_addresses(list, pl_config_gateway(pass->config)->report_to);
	if (list->len > 0)
		return list;
	g_ptr_array_unref(list);
	return recipients(pass);
}

GPtrArray *
pl_pass_redirect(struct pl_pass *pass, const pl_batch *batch, GError **error)
{
	g_autoptr(GPtrArray) all = recipients(pass);
	g_autoptr(GPtrArray) list = new_addresses(pass);
	g_autoptr(GPtrArray) instead =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_batch_free);
	GError *failed = NULL;

	if (list->len == 0 || g_ptr_array_find_with_equal_func(
				  all, batch->deliver_to, g_str_equal, NULL))
		return NULL;
	if (!pl_ledger_begin(pass->ledger, error))
		return NULL;
	if (plan_instead(pass, batch, list, instead, &failed))
		return pl_ledger_commit(pass->ledger, error)
			   ? g_steal_pointer(&instead)
			   : NULL;
	pl_ledger_rollback(pass->ledger);
	/* the MTA may have it: that is settled first */
	pl_ledger_conflict(failed, error);
	return NULL;
}

/* ---- one transaction --------------------------------------------------- */

static gboolean
tell_one(struct pl_pass *pass, const pl_gathering *all, const char *address,
    GHashTable *told, GPtrArray *batches, GError **error)
{
	g_autoptr(pl_gathered) g = pl_gather_for(all, address, error);

	if (g == NULL)
		return FALSE;
	if (!is_wanted(pass, g))
		return TRUE;
	pl_gathered_add_strays(g, all);
	if (!pl_gathered_add_notices(g, all, error))
		return FALSE;
	pl_gathered_add_over(g, pass);
	for (guint i = 0; i < g->told->len; i++)
		g_hash_table_add(told, g->told->pdata[i]);
	return store(pass, address, &g->facts, batches, error);
}

static gboolean
tell_all(struct pl_pass *pass, GPtrArray *batches, GError **error)
{
	g_autoptr(pl_gathering) all = pl_gather(pass, error);
	g_autoptr(GPtrArray) list = NULL;
	g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree const char **names = NULL;

	if (all == NULL)
		return FALSE;
	list = addresses(pass, all);
	for (guint i = 0; i < list->len; i++)
		if (!is_blocked(pass, list->pdata[i]) &&
		    !tell_one(pass, all, list->pdata[i], told, batches, error))
			return FALSE;
	names = (const char **)g_hash_table_get_keys_as_array(told, NULL);
	return pl_report_told(pass->ledger, pass->run, names, error);
}

static gboolean
end(struct pl_pass *pass, GError **error)
{
	const struct pl_run_result *r = pass->result;
	const pl_run run = {
		.id = pass->run,
		.messages = r->messages,
		.documents = r->documents,
		.sent = r->sent,
		.mails = r->mails,
		.problems = r->problems,
	};

	return pl_run_end(pass->ledger, &run, error);
}

static gboolean
commit(struct pl_pass *pass, GPtrArray *batches, GError **error)
{
	gboolean silent =
	    pass->options->no_report || pass->untold ||
	    pl_config_gateway(pass->config)->report_when == PL_REPORT_NEVER;
	gboolean done;

	if (!pl_ledger_begin(pass->ledger, error))
		return FALSE;
	done = (silent || tell_all(pass, batches, error)) && end(pass, error);
	if (done)
		pl_crash_point("report-written");
	return pl_ledger_end(pass->ledger, done, error);
}

gboolean
pl_pass_tell(struct pl_pass *pass, GError **error)
{
	g_autoptr(GPtrArray) batches =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_batch_free);

	if (!commit(pass, batches, error))
		return FALSE;
	pl_crash_point("report-committed");
	for (guint i = 0;
	     i < batches->len && !pl_pass_closed(pass, batches->pdata[i]); i++)
		if (pl_pass_send(pass, batches->pdata[i], FALSE, error) ==
		    PL_OUTCOME_ERROR)
			return FALSE;
	if (batches->len > 0)
		pl_crash_point("report-submitted");
	pl_crash_point("run-ended");
	return TRUE;
}
