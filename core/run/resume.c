/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resume - batches that earlier runs planned and did not finish
 *
 * A batch that cannot have reached the MTA is sent as it was planned, as long
 * as the present rules let each of its documents leave, in one e-mail; otherwise
 * it is given up and its documents wait again. One that may have reached it
 * needs proof: with it the batch is sent, without it is sent again under the
 * same Message-ID, and PL-303 says so. One whose history is not in the ledger,
 * which was put back from a backup, is not sent again: its documents are held
 * (PL-507).
 */
#include <string.h>

#include "calendar.h"
#include "crash.h"
#include "destination.h"

#define AGAIN_AFTER (10 * G_TIME_SPAN_MINUTE)
#define DOUBLED_MOST 12

gboolean
pl_resume_fits(const struct pl_pass *pass, const struct pl_turn *turn,
    const pl_batch *b, GPtrArray *entries)
{
	const struct pl_journal *j = turn == NULL ? NULL : turn->journal;

	return j != NULL && j->enabled &&
	       strcmp(j->deliver_to, b->deliver_to) == 0 &&
	       strcmp(j->sender, b->sender) == 0 && j->zip == b->zip &&
	       pl_turn_still_fits(pass, turn, entries);
}

/* Outside the window nothing leaves, unless a person asked for it, now or
 * when it was planned. */
static gboolean
window_allows(
    const struct pl_pass *pass, const struct pl_turn *turn, const pl_batch *b)
{
	const struct pl_journal *j = turn->journal;
	g_autoptr(pl_run) run = NULL;

	if (pass->options->now ||
	    pl_calendar_open(pl_config_gateway(pass->config)->timezone,
		j->windows, j->n_windows, pl_pass_clock(pass)))
		return TRUE;
	run = pl_run_get(pass->ledger, b->run, NULL);
	return run != NULL && run->now;
}

gboolean
pl_resume_takes(const struct pl_pass *pass, const struct pl_turn *turn,
    const pl_batch *b, unsigned loose)
{
	if (turn == NULL || !turn->journal->enabled)
		return FALSE;
	return turn->selected && (loose > 0 || window_allows(pass, turn, b));
}

/* TRUE: it is nothing for this run, or (error) nothing more can be done. */
static gboolean
left_out(struct pl_pass *pass, const struct pl_turn *turn, const pl_batch *b,
    GError **error)
{
	g_autoptr(GPtrArray) entries = NULL;
	unsigned loose;

	if (!pl_batch_at_large(pass->ledger, b->id, &loose, error))
		return TRUE;
	if (loose == 0) {
		entries = pl_batch_entries(pass->ledger, b->id, error);
		if (entries == NULL)
			return TRUE;
		if (!pl_resume_fits(pass, turn, b, entries)) {
			pl_batch_cancel(pass->ledger, b->id, error);
			return TRUE;
		}
	}
	return !pl_resume_takes(pass, turn, b, loose);
}

GPtrArray *
pl_pass_unfinished(struct pl_pass *pass, gboolean reports, GError **error)
{
	g_autoptr(GPtrArray) all = pl_batch_unfinished(pass->ledger, error);
	GPtrArray *mine = NULL;
	GError *failed = NULL;

	if (all == NULL)
		return NULL;
	mine = g_ptr_array_new_with_free_func((GDestroyNotify)pl_batch_free);
	pl_order_begin(pass);
	for (guint i = 0; i < all->len && failed == NULL; i++) {
		pl_batch *b = all->pdata[i];
		struct pl_turn *turn = pl_pass_turn(pass, b->journal);

		if ((b->report != 0) != reports)
			continue;
		if (!reports && (left_out(pass, turn, b, &failed) ||
				    pl_order_waits(pass, b))) {
			pl_order_left(pass, b);
			continue;
		}
		all->pdata[i] = NULL;
		g_ptr_array_add(mine, b);
	}
	pl_order_begin(pass);
	if (failed == NULL)
		return mine;
	g_ptr_array_unref(mine);
	g_propagate_error(error, failed);
	return NULL;
}

/* 1: it arrived (or was completed) and that is noted, 0: no proof, -1: error.
 */
static int
settle_by_proof(struct pl_pass *pass, const pl_batch *b, GError **error)
{
	const struct pl_destination *to = pl_destination_of(b->deliver_to);
	struct pl_answer a = { 0 };
	int proven = 0;

	if (to->prove(pass, b, &a))
		proven =
		    pl_pass_answer(pass, b, b->attempt, &a, error) ? 1 : -1;
	pl_answer_clear(&a);
	return proven;
}

/* What came by after the backup was made was sent, by all we know; a person
 * has to look. */
static gboolean
doubt(struct pl_pass *pass, const pl_batch *b, GError **error)
{
	g_autofree char *words = g_strdup_printf(
	    "it was in e-mail %" G_GINT64_FORMAT
	    ".%u, made before the ledger was put back from a backup; whether "
	    "the mail server took that e-mail%s%s is not known",
	    b->id, b->attempt, b->queue_id != NULL ? ", queue id " : "",
	    b->queue_id != NULL ? b->queue_id : "");

	return pl_batch_doubt(pass->ledger, b->id, words, error);
}

/* Nobody knows how often it was sent by now. Whoever gets it must not get it
 * every few minutes: each time it has to be twice as old, unless a person asks
 * for it. */
static gboolean
is_too_soon(const struct pl_pass *pass, const pl_batch *b)
{
	const gint64 age = g_get_real_time() - b->created;

	return b->maybe_twice && !pass->options->now &&
	       age < AGAIN_AFTER << MIN(b->attempt, DOUBLED_MOST);
}

static gboolean
take_on(struct pl_pass *pass, const pl_batch *b, GError **error)
{
	struct pl_turn *turn = pl_pass_turn(pass, b->journal);
	enum pl_outcome outcome;
	unsigned loose;
	gboolean reached;

	if (turn != NULL && turn->used >= turn->journal->max_mails_per_run)
		return TRUE;
	if (!pl_batch_at_large(pass->ledger, b->id, &loose, error))
		return FALSE;
	reached = loose > 0 && loose == b->attempt;
	if (reached) {
		int proven = settle_by_proof(pass, b, error);

		if (turn != NULL)
			turn->touched = TRUE;
		if (proven != 0)
			return proven > 0;
		if (is_too_soon(pass, b))
			return TRUE;
		if (b->adopted != 0 && b->report == 0) {
			pass->news = TRUE;
			return doubt(pass, b, error);
		}
	}
	if (pl_pass_closed(pass, b) ||
	    (turn != NULL && !pl_resume_takes(pass, turn, b, 0)))
		return TRUE;
	pass->news |= reached;
	if (turn != NULL)
		turn->touched = TRUE;
	outcome = pl_pass_send(pass, b, reached, error);
	pass->news |= outcome == PL_OUTCOME_UNDONE;
	if (outcome == PL_OUTCOME_ANSWERED && turn != NULL)
		turn->used++;
	return outcome != PL_OUTCOME_ERROR;
}

static gboolean
resume_one(struct pl_pass *pass, const pl_batch *b, GError **error)
{
	gboolean done =
	    pl_order_waits(pass, b) || take_on(pass, b, error);

	pl_order_tried(pass, b);
	return done;
}

gboolean
pl_pass_resume(struct pl_pass *pass, const GPtrArray *batches, GError **error)
{
	pl_order_begin(pass);
	for (guint i = 0; i < batches->len; i++) {
		pl_pass_progress(pass, "resuming", i + 1, batches->len);
		if (!resume_one(pass, batches->pdata[i], error))
			return FALSE;
	}
	pl_order_begin(pass);
	if (batches->len > 0)
		pl_crash_point("run-resumed");
	return TRUE;
}
