/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serve - a due journal: plan the batches, send them
 *
 * What a document that cannot be sent took with it is planned again, without
 * it, until all has left that can. Each round holds a document, leaves out an
 * account, or turns to single ones; or somebody else has changed one, or the
 * window has closed, so the rounds end.
 */
#include "ahead.h"
#include "calendar.h"
#include "pass.h"

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

/* ---- the window -------------------------------------------------------- */

static gboolean
is_open(const struct pl_pass *pass, const struct pl_turn *turn, gint64 at)
{
	const struct pl_journal *j = turn->journal;

	return pl_calendar_open(pl_config_gateway(pass->config)->timezone,
	    j->windows, j->n_windows, at);
}

/* Since it was decided what leaves. From now on it is decided by the present
 * time: what was activated leaves at any. */
static gboolean
has_closed(struct pl_pass *pass, const struct pl_turn *turn)
{
	const gint64 clock = pl_pass_clock(pass);

	if (pass->options->now || !is_open(pass, turn, pass->now) ||
	    is_open(pass, turn, clock))
		return FALSE;
	pass->now = clock;
	return TRUE;
}

/* The e-mails from FROM on are none any more. */
static gboolean
take_back(
    struct pl_pass *pass, const GPtrArray *batches, guint from, GError **error)
{
	pl_ahead_stop(pass);
	for (guint i = from; i < batches->len; i++) {
		const pl_batch *b = batches->pdata[i];
		GError *failed = NULL;

		if (!pl_batch_cancel(pass->ledger, b->id, &failed) &&
		    !pl_ledger_conflict(failed, error))
			return FALSE;
	}
	return TRUE;
}

/* ---- rounds ------------------------------------------------------------ */

/* What comes next, and what is worked on ahead of it, is committed. */
static gboolean
plan_on(pl_leaving *leaving, guint next, GError **error)
{
	return pl_leaving_batches(leaving)->len > next + PL_AHEAD ||
	       pl_leaving_plan(leaving, next + 1 + 2 * PL_AHEAD, error);
}

/* *AGAIN: some were given up, or the window has closed: there is more to be
 * decided on. What cannot be sent now is committed all the same: it leaves as
 * soon as it can. */
static gboolean
send_mails(struct pl_pass *pass, struct pl_turn *turn, pl_leaving *leaving,
    gboolean *again, GError **error)
{
	const GPtrArray *batches = pl_leaving_batches(leaving);

	for (guint i = 0; plan_on(leaving, i, error); i++) {
		enum pl_outcome outcome;

		if (i >= batches->len)
			return TRUE;
		if (pl_turn_closed(pass, turn))
			return pl_leaving_plan(leaving, G_MAXUINT, error);
		if (has_closed(pass, turn)) {
			*again = TRUE;
			return take_back(pass, batches, i, error);
		}
		pl_pass_progress(pass, turn->journal->name, i + 1,
		    pl_leaving_mails(leaving));
		pl_ahead_expect(pass, leaving, i + 1);
		outcome = send_one(pass, batches->pdata[i], error);
		pl_ahead_expect(pass, NULL, 0);
		if (outcome == PL_OUTCOME_ERROR)
			return FALSE;
		if (outcome == PL_OUTCOME_UNDONE)
			*again = TRUE;
		else
			turn->used++;
	}
	return FALSE;
}

static gboolean
round_of(
    struct pl_pass *pass, struct pl_turn *turn, gboolean *again, GError **error)
{
	g_autoptr(pl_leaving) leaving = NULL;
	gboolean done;

	*again = FALSE;
	pl_order_begin(pass);
	leaving = pl_turn_leaving(pass, turn, error);
	done = leaving != NULL && send_mails(pass, turn, leaving, again, error);
	pl_ahead_stop(pass);
	pl_order_begin(pass);
	if (done && pl_leaving_changed(leaving))
		*again = TRUE;
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
	const struct pl_entry_filter filter = { .journal = turn->journal->name,
		.states = "h" };
	g_autoptr(GPtrArray) held = pl_entry_list(pass->ledger, &filter, error);

	for (guint i = 0; held != NULL && i < held->len; i++) {
		const pl_entry *e = held->pdata[i];

		if (g_strcmp0(e->code, "PL-104") == 0 && fits_now(&in, e) &&
		    !free_one(pass, e, error))
			return FALSE;
	}
	return held != NULL;
}

gboolean
pl_pass_serve(struct pl_pass *pass, struct pl_turn *turn, GError **error)
{
	gboolean again, last;

	turn->touched = TRUE;
	has_closed(pass, turn);
	if (!free_what_fits(pass, turn, error))
		return FALSE;
	do {
		last = pl_turn_closed(pass, turn);
		if (!round_of(pass, turn, &again, error))
			return FALSE;
	} while (again && !last);
	return pl_standing_served(pass, turn, error);
}
