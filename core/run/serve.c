/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serve - a due journal: plan, commit the batches, send them
 *
 * What a document that cannot be sent took with it is planned again, without
 * it, until all has left that can. Each round holds at least one document or
 * turns to single ones, so the rounds end.
 */
#include "ahead.h"
#include "crash.h"
#include "pass.h"

static pl_batch *
new_batch(const struct pl_pass *pass, const struct pl_turn *turn)
{
	pl_batch *b = pl_batch_new();

	b->run = pass->run;
	b->journal = g_strdup(turn->journal->name);
	b->deliver_to = g_strdup(turn->journal->deliver_to);
	b->sender = g_strdup(turn->journal->sender);
	b->zip = turn->journal->zip;
	return b;
}

/* The e-mail that begins at FROM of the plan; *NEXT: behind it. */
static pl_batch *
plan_mail(const struct pl_pass *pass, const struct pl_turn *turn,
    const GArray *plan, guint from, guint *next, GError **error)
{
	g_autoptr(pl_batch) b = new_batch(pass, turn);
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	unsigned mail = g_array_index(plan, struct pl_decision, from).mail;

	for (*next = from; *next < plan->len; ++*next) {
		const struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, *next);

		if (d->mail == mail)
			g_array_append_val(ids, d->entry->id);
		else if (d->mail > mail)
			break;
	}
	if (!pl_batch_plan(pass->ledger, b, (const gint64 *)(void *)ids->data,
		ids->len, error))
		return NULL;
	return g_steal_pointer(&b);
}

/* All that leaves, as batches; in the caller's transaction. */
static gboolean
plan_mails(const struct pl_pass *pass, const struct pl_turn *turn,
    const GArray *plan, GPtrArray *batches, GError **error)
{
	guint next;

	for (guint i = 0; i < plan->len; i = next) {
		pl_batch *b;

		next = i + 1;
		if (g_array_index(plan, struct pl_decision, i).mail == 0)
			continue;
		b = plan_mail(pass, turn, plan, i, &next, error);
		if (b == NULL)
			return FALSE;
		g_ptr_array_add(batches, b);
	}
	return TRUE;
}

static gboolean
commit_mails(struct pl_pass *pass, const struct pl_turn *turn,
    const GArray *plan, GPtrArray *batches, GError **error)
{
	if (!pl_ledger_begin(pass->ledger, error))
		return FALSE;
	if (!plan_mails(pass, turn, plan, batches, error)) {
		pl_ledger_rollback(pass->ledger);
		return FALSE;
	}
	if (!pl_ledger_commit(pass->ledger, error))
		return FALSE;
	if (batches->len > 0)
		pl_crash_point("batch-planned");
	return TRUE;
}

static gboolean
hold_too_large(struct pl_pass *pass, const GArray *plan, GError **error)
{
	for (guint i = 0; i < plan->len; i++) {
		const struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, i);
		g_autofree char *text = NULL;

		if (d->reason != PL_REASON_TOO_LARGE)
			continue;
		text = g_strdup_printf("Its files have %" G_GUINT64_FORMAT
				       " bytes and more in an e-mail, which is "
				       "over max_mail_size or what the mail "
				       "server takes",
		    d->entry->size);
		if (!pl_pass_hold(pass, d->entry, "PL-104", text, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
hold_shared(struct pl_pass *pass, const GArray *plan, GError **error)
{
	for (guint i = 0; i < plan->len; i++) {
		const struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, i);
		g_autofree char *text = NULL;

		if (d->reason != PL_REASON_SHARED ||
		    d->entry->state != PL_WAITING)
			continue;
		text = g_strdup_printf("%s also has statements that may not "
				       "be sent here, and cannot be parted",
		    d->entry->filename != NULL ? d->entry->filename
					       : "Its file");
		if (!pl_pass_hold(pass, d->entry, "PL-206", text, error))
			return FALSE;
	}
	return TRUE;
}

/* The others in it are planned anew, without what cannot leave now. */
static enum pl_outcome
put_back(struct pl_pass *pass, const pl_batch *batch, GError **error)
{
	pl_order_left(pass, batch);
	pl_ahead_stop(pass);
	return pl_batch_cancel(pass->ledger, batch->id, error)
		   ? PL_OUTCOME_UNDONE
		   : PL_OUTCOME_ERROR;
}

static enum pl_outcome
send_one(struct pl_pass *pass, const pl_batch *batch, GError **error)
{
	enum pl_outcome outcome;

	if (pl_order_waits(pass, batch))
		return put_back(pass, batch, error);
	outcome = pl_pass_send(pass, batch, FALSE, error);
	pl_order_tried(pass, batch);
	return outcome;
}

/* *AGAIN: some were given up and have to be planned anew. */
static gboolean
send_mails(struct pl_pass *pass, struct pl_turn *turn, const GPtrArray *batches,
    gboolean *again, GError **error)
{
	for (guint i = 0; i < batches->len; i++) {
		enum pl_outcome outcome;

		if (pl_turn_closed(pass, turn))
			return TRUE;
		pl_pass_progress(
		    pass, turn->journal->name, i + 1, batches->len);
		pl_ahead_expect(pass, batches, i + 1);
		outcome = send_one(pass, batches->pdata[i], error);
		pl_ahead_expect(pass, NULL, 0);
		if (outcome == PL_OUTCOME_ERROR)
			return FALSE;
		if (outcome == PL_OUTCOME_UNDONE)
			*again = TRUE;
		else
			turn->used++;
	}
	return TRUE;
}

/* The plan is large, and gone before anything is sent. */
static gboolean
plan_round(struct pl_pass *pass, const struct pl_turn *turn,
    GPtrArray *batches, GError **error)
{
	g_autoptr(GPtrArray) entries = NULL;
	g_autoptr(GArray) plan = pl_turn_decide(pass, turn, &entries, error);

	return plan != NULL && hold_too_large(pass, plan, error) &&
	       hold_shared(pass, plan, error) &&
	       pl_turn_settle_gaps(pass, plan, error) &&
	       commit_mails(pass, turn, plan, batches, error);
}

static gboolean
round_of(
    struct pl_pass *pass, struct pl_turn *turn, gboolean *again, GError **error)
{
	g_autoptr(GPtrArray) batches =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_batch_free);
	gboolean done;

	*again = FALSE;
	pl_order_begin(pass);
	done = plan_round(pass, turn, batches, error) &&
	       send_mails(pass, turn, batches, again, error);
	pl_ahead_stop(pass);
	pl_order_begin(pass);
	return done;
}

/* Headers and words of an e-mail, and what compressing may add, many times
 * over: what came out too large when it was composed must not come back as long
 * as nothing was raised. */
#define SAFELY_MORE 16384

static gboolean
fits_now(const struct pl_plan_input *in, const pl_entry *e)
{
	guint64 size = pl_plan_encoded(e->size);

	return in->max_size == 0 ||
	       size + size / 50 + SAFELY_MORE <= in->max_size;
}

static gboolean
free_one(struct pl_pass *pass, const pl_entry *e, GError **error)
{
	GError *failed = NULL;

	return pl_entry_change(pass->ledger, e->id, PL_HELD, PL_WAITING, NULL,
		   NULL, 0, &failed) ||
	       pl_ledger_conflict(failed, error); /* a person was faster */
}

/* What was too large waits again where max_mail_size, or what the mail server
 * takes, was raised. */
static gboolean
free_what_fits(struct pl_pass *pass, struct pl_turn *turn, GError **error)
{
	const struct pl_plan_input in = pl_turn_input(pass, turn);
	g_autoptr(GPtrArray) entries = NULL;
	g_autoptr(GArray) plan = pl_turn_decide(pass, turn, &entries, error);

	for (guint i = 0; plan != NULL && i < entries->len; i++) {
		const pl_entry *e = entries->pdata[i];

		if (e->state == PL_HELD && g_strcmp0(e->code, "PL-104") == 0 &&
		    fits_now(&in, e) && !free_one(pass, e, error))
			return FALSE;
	}
	return plan != NULL;
}

gboolean
pl_pass_serve(struct pl_pass *pass, struct pl_turn *turn, GError **error)
{
	gboolean again = TRUE;

	turn->touched = TRUE;
	if (!free_what_fits(pass, turn, error))
		return FALSE;
	while (again && !pl_turn_closed(pass, turn))
		if (!round_of(pass, turn, &again, error))
			return FALSE;
	return pl_standing_served(pass, turn, error);
}
