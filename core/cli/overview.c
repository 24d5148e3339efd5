/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * overview - what a run would decide now, journal by journal
 *
 * Everything shown as a reason comes from pl_run_decide(): what status, list
 * and show say is what the run does.
 */
#include "overview.h"

#include <string.h>

#include "postledger/report.h"

#define DAY (24 * G_TIME_SPAN_HOUR)

void
pl_overview_free(struct pl_overview *overview)
{
	if (overview == NULL)
		return;
	g_clear_pointer(&overview->by_entry, g_hash_table_unref);
	g_clear_pointer(&overview->plan, g_array_unref);
	g_clear_pointer(&overview->entries, g_ptr_array_unref);
	g_free(overview->reply);
	g_free(overview);
}

/* Would nothing but time, the schedule or the cap keep it back? */
static gboolean
could_leave(enum pl_reason reason)
{
	return reason == PL_REASON_NONE || reason == PL_REASON_SCHEDULE ||
	       reason == PL_REASON_WINDOW || reason == PL_REASON_CAP ||
	       reason == PL_REASON_TOO_LARGE || reason == PL_REASON_SHARED;
}

static void
count(struct pl_overview *o, const struct pl_decision *decision)
{
	const pl_entry *entry = decision->entry;
	gint64 since = MAX(entry->changed, o->input.activated);
	gint64 delay = o->journal->delay_days > 0
			   ? ((gint64)o->journal->delay_days + 1) * DAY
			   : 0;
	gint64 *until = &o->until[decision->reason];

	o->by_reason[decision->reason]++;
	if (decision->until != 0 && (*until == 0 || decision->until < *until))
		*until = decision->until;
	if (!could_leave(decision->reason))
		return;
	since = MAX(since, entry->arrived + delay);
	o->oldest = MAX(o->oldest, o->input.now - since);
}

/* How long ago the slot was that no run has served. Without slots every run
 * serves, and a day without one is late. */
static gint64
lateness(const struct pl_overview *o)
{
	struct pl_plan_input then = o->input;
	gint64 now = o->input.now;
	if (!o->journal->enabled || !pl_plan_due(&o->input))
		return 0;
	then.now = MAX(then.served, then.activated);
	if (then.now == 0)
		return 0;
	if (o->journal->n_slots == 0)
		return MAX(0, now - then.now - DAY);
	if (then.served == 0)
		return now - then.now;
	gint64 slot = pl_plan_next(&then);
	return slot != 0 && slot < now ? now - slot : 0;
}

/* What is in e-mails, by what became of them. */
static gboolean
count_sending(struct pl_overview *o, pl_ledger *ledger, GError **error)
{
	g_autoptr(GPtrArray) batches = NULL;
	if (o->counts.by_state[PL_SENDING] == 0)
		return TRUE;
	batches = pl_batch_unfinished(ledger, error);
	for (unsigned i = 0; batches != NULL && i < batches->len; i++) {
		const pl_batch *b = g_ptr_array_index(batches, i);
		enum pl_sending how = pl_sending_of(b);
		if (b->report != 0 || strcmp(b->journal, o->journal->name) != 0)
			continue;
		o->by_sending[how] += b->documents;
		if (how != PL_SENDING_PUT_OFF)
			continue;
		g_free(o->reply);
		o->reply = g_strdup(b->reply);
	}
	return batches != NULL;
}

static gboolean
find_last(struct pl_overview *o, pl_ledger *ledger, GError **error)
{
	GError *failed = NULL;
	g_autoptr(pl_standing) was =
	    pl_standing_get(ledger, o->journal->name, &failed);
	if (failed != NULL) {
		g_propagate_error(error, failed);
		return FALSE;
	}
	o->last = was != NULL ? was->served : 0;
	return TRUE;
}

pl_overview *
pl_overview_new(struct pl_cli *cli, const struct pl_journal *journal,
    gint64 now, GError **error)
{
	g_autoptr(pl_overview) o = g_new0(struct pl_overview, 1);
	o->journal = journal;
	if (!pl_entry_counts(cli->ledger, journal->name, &o->counts, error))
		return NULL;
	o->plan = pl_run_decide(cli->ledger, cli->config, journal, now, FALSE,
	    &o->entries, &o->input, error);
	if (o->plan == NULL || !count_sending(o, cli->ledger, error) ||
	    !find_last(o, cli->ledger, error) ||
	    (cli->json && !pl_entry_last_sent(cli->ledger, journal->name,
			      &o->last_sent, error)))
		return NULL;
	o->by_entry = g_hash_table_new(g_int64_hash, g_int64_equal);
	for (unsigned i = 0; i < o->plan->len; i++) {
		struct pl_decision *d =
		    &g_array_index(o->plan, struct pl_decision, i);
		count(o, d);
		g_hash_table_insert(o->by_entry, (gpointer)&d->entry->id, d);
	}
	/* what is dated before an activation does not wait for a slot */
	if (journal->enabled)
		o->next = o->input.activating ? now : pl_plan_next(&o->input);
	o->late = lateness(o);
	return g_steal_pointer(&o);
}

GPtrArray *
pl_overview_all(struct pl_cli *cli, gint64 now, GError **error)
{
	g_autoptr(GPtrArray) all =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_overview_free);
	for (unsigned i = 0; i < pl_config_journals(cli->config); i++) {
		pl_overview *o = pl_overview_new(
		    cli, pl_config_journal(cli->config, i), now, error);
		if (o == NULL)
			return NULL;
		g_ptr_array_add(all, o);
	}
	return g_steal_pointer(&all);
}

const struct pl_decision *
pl_overview_find(const GPtrArray *overviews, const pl_entry *entry)
{
	if (entry->state != PL_WAITING && entry->state != PL_HELD)
		return NULL;
	for (unsigned i = 0; overviews != NULL && i < overviews->len; i++) {
		const struct pl_overview *o = g_ptr_array_index(overviews, i);
		if (strcmp(o->journal->name, entry->journal) == 0)
			return g_hash_table_lookup(o->by_entry, &entry->id);
	}
	return NULL;
}

char *
pl_overview_why(
    const pl_entry *entry, const struct pl_decision *decision, GTimeZone *zone)
{
	if (entry->code != NULL)
		return pl_code_marked(entry->code, entry->note);
	if (decision != NULL && decision->code != NULL)
		return pl_code_marked(decision->code, decision->note);
	if (entry->original != 0)
		return g_strdup_printf("of %" G_GINT64_FORMAT, entry->original);
	if (decision == NULL)
		return g_strdup("");
	if (decision->reason == PL_REASON_NONE)
		return g_strdup("due");
	if (decision->until == 0 && decision->behind != 0)
		return g_strdup_printf("%s behind %" G_GINT64_FORMAT,
		    pl_reason_name(decision->reason), decision->behind);
	if (decision->until == 0)
		return g_strdup(pl_reason_name(decision->reason));
	g_autofree char *until = pl_out_time(decision->until, zone);
	return g_strdup_printf(
	    "%s until %s", pl_reason_name(decision->reason), until);
}
