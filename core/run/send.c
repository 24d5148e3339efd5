/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send - one batch: prepare, fence, deliver, note the answer
 *
 * The order is what keeps a document from being lost or doubled. The batch is
 * in the ledger before it is prepared; the attempt is committed before
 * anything of it is seen outside (so the daemon lets exactly this e-mail
 * pass); the answer is committed when it is there. Wherever the process dies,
 * the next run finds either an attempt that was not offered (it is fenced and
 * made again) or one that was (then only proof, or PL-303, goes on). How it is
 * done for e-mails and folders: destination.h.
 */
#include <string.h>
#include <syslog.h>

#include "ahead.h"
#include "crash.h"
#include "destination.h"

/* ---- problems ----------------------------------------------------------- */

static gboolean
add_problem(struct pl_pass *pass, const pl_entry *entry, const pl_batch *batch,
    const char *code, const char *text, GError **error)
{
	struct pl_problem p = { .code = (char *)(guintptr)code,
		.text = (char *)(guintptr)text };

	if (entry != NULL) {
		p.message = entry->message;
		p.document = entry->document;
		p.entry = entry->id;
		p.journal = entry->journal;
		p.filename = entry->filename;
	}
	if (batch != NULL) {
		p.batch = batch->id;
		if (batch->report == 0)
			p.journal = batch->journal;
	}
	pass->result->problems++;
	return pl_problem_add(pass->ledger, &p, error);
}

/* Unless the same words of the same e-mail or document wait to be told. */
static gboolean
add_once(struct pl_pass *pass, const pl_entry *entry, const pl_batch *batch,
    const char *code, const char *text, GError **error)
{
	const struct pl_problem p = { .code = (char *)(guintptr)code,
		.text = (char *)(guintptr)text,
		.entry = entry != NULL ? entry->id : 0,
		.batch = batch != NULL ? batch->id : 0 };
	gboolean waits;

	return pl_problem_waits(pass->ledger, &p, &waits, error) &&
	       (waits || add_problem(pass, entry, batch, code, text, error));
}

static gboolean
hold(struct pl_pass *pass, const pl_entry *entry, const char *code,
    const char *text, GError **error)
{
	return pl_entry_change(pass->ledger, entry->id, PL_WAITING, PL_HELD,
		   code, text, 0, error) &&
	       add_problem(pass, entry, NULL, code, text, error);
}

gboolean
pl_pass_hold(struct pl_pass *pass, const pl_entry *entry, const char *code,
    const char *text, GError **error)
{
	GError *failed = NULL;

	return (pl_ledger_begin(pass->ledger, &failed) &&
		   pl_ledger_end(pass->ledger,
		       hold(pass, entry, code, text, &failed), &failed)) ||
	       pl_ledger_conflict(failed, error);
}

/* ---- what cannot be made ------------------------------------------------ */

static gboolean
give_up(struct pl_pass *pass, const pl_batch *batch, const pl_entry *bad,
    const char *code, const char *text, GError **error)
{
	return pl_ledger_begin(pass->ledger, error) &&
	       pl_ledger_end(pass->ledger,
		   pl_batch_cancel(pass->ledger, batch->id, error) &&
		       (bad == NULL || hold(pass, bad, code, text, error)),
		   error);
}

static enum pl_outcome
later(struct pl_pass *pass, const pl_batch *batch, const GError *why)
{
	pass->result->deferred++;
	pl_pass_note(pass, "E-mail %" G_GINT64_FORMAT " waits: %s.", batch->id,
	    why->message);
	pl_log(LOG_WARNING, NULL, "composing failed", "journal", batch->journal,
	    "message_id", batch->message_id, "error", why->message, NULL);
	if (g_error_matches(why, PL_RUN_ERROR, PL_RUN_SPOOL))
		pass->no_mail = TRUE;
	return PL_OUTCOME_LATER;
}

/* Where the stored bytes cannot be had, the document is not to blame: all wait
 * again, and in this run it is tried without the others. */
static enum pl_outcome
not_readable(struct pl_pass *pass, const pl_batch *batch,
    const GPtrArray *entries, guint bad, const GError *why, GError **error)
{
	const char *code = why->domain == PL_LEDGER_ERROR ? "PL-506" : "PL-305";
	struct pl_turn *turn = pl_pass_turn(pass, batch->journal);
	gboolean again = turn != NULL && !turn->singly && entries->len > 1;
	GError *failed = NULL;

	if (pl_ledger_begin(pass->ledger, &failed) &&
	    pl_ledger_end(pass->ledger,
		pl_batch_cancel(pass->ledger, batch->id, &failed) &&
		    (again || add_once(pass, entries->pdata[bad], NULL, code,
				  why->message, &failed)),
		&failed)) {
		if (again) {
			turn->singly = TRUE;
			return PL_OUTCOME_UNDONE;
		}
		pl_order_leave_out(pass, entries->pdata[bad]);
		return later(pass, batch, why);
	}
	if (!g_error_matches(failed, PL_LEDGER_ERROR, PL_LEDGER_CONFLICT)) {
		g_propagate_error(error, failed);
		return PL_OUTCOME_ERROR;
	}
	g_error_free(failed);
	return later(pass, batch, why);
}

/* Of the ledger itself: nothing can be noted in it now. */
static gboolean
is_ledger_stuck(const GError *why)
{
	return g_error_matches(why, PL_LEDGER_ERROR, PL_LEDGER_RETRY) ||
	       g_error_matches(why, PL_LEDGER_ERROR, PL_LEDGER_FULL) ||
	       g_error_matches(why, PL_LEDGER_ERROR, PL_LEDGER_READONLY);
}

static gboolean
is_of_storage(const GError *why)
{
	return (why->domain == PL_LEDGER_ERROR && !is_ledger_stuck(why)) ||
	       g_error_matches(why, PL_INTAKE_ERROR, PL_INTAKE_READ);
}

/* What cannot be composed: its one bad document is held, or it is made anew
 * of single documents; the others are free again either way. A batch that the
 * MTA may have already stays as it is. */
static enum pl_outcome
not_composed(struct pl_pass *pass, const pl_batch *batch,
    const GPtrArray *entries, guint bad, const GError *why, GError **error)
{
	gboolean large = g_error_matches(why, PL_RUN_ERROR, PL_RUN_TOO_LARGE);
	gboolean broken = g_error_matches(why, PL_RUN_ERROR, PL_RUN_COMPOSE);
	struct pl_turn *turn = pl_pass_turn(pass, batch->journal);
	const pl_entry *entry = NULL;
	GError *failed = NULL;

	if (is_of_storage(why) && batch->report == 0 && bad < entries->len)
		return not_readable(pass, batch, entries, bad, why, error);
	if ((!large && !broken) || batch->report != 0 || entries->len == 0)
		return later(pass, batch, why);
	if (broken || entries->len == 1 || (turn != NULL && turn->singly))
		entry = entries->pdata[bad];
	else if (turn != NULL)
		turn->singly = TRUE;
	if (give_up(pass, batch, entry, large ? "PL-104" : "PL-102",
		why->message, &failed))
		return PL_OUTCOME_UNDONE;
	if (!g_error_matches(failed, PL_LEDGER_ERROR, PL_LEDGER_CONFLICT)) {
		g_propagate_error(error, failed);
		return PL_OUTCOME_ERROR;
	}
	g_error_free(failed);
	return later(pass, batch, why);
}

/* ---- the answer --------------------------------------------------------- */

static const char *
status_word(enum pl_attempt_state state)
{
	switch (state) {
	case PL_ATTEMPT_SENT:
		return "sent";
	case PL_ATTEMPT_REFUSED:
		return "refused";
	case PL_ATTEMPT_UNKNOWN:
		return "unknown";
	default:
		return "deferred";
	}
}

static void
log_answer(const struct pl_pass *pass, const pl_batch *batch, unsigned attempt,
    const struct pl_answer *a)
{
	g_autofree char *run = g_strdup_printf("%" G_GINT64_FORMAT, pass->run);
	g_autofree char *name =
	    g_strdup_printf("%" G_GINT64_FORMAT ".%u", batch->id, attempt);
	g_autofree char *documents = g_strdup_printf("%u", batch->documents);
	g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, a->size);
	gboolean sent = a->state == PL_ATTEMPT_SENT;
	gboolean told = sent && !pl_folder_is(batch->deliver_to);

	pl_log(sent ? LOG_INFO : LOG_WARNING, a->mta_id,
	    batch->report != 0 ? "report" : "batch", "run", run, "journal",
	    batch->report != 0 ? NULL : batch->journal, "batch", name,
	    "documents", documents, "size", size, "status",
	    status_word(a->state), "reply", told ? NULL : a->reply, NULL);
}

static void
count(struct pl_pass *pass, const pl_batch *batch, const struct pl_answer *a)
{
	struct pl_run_result *r = pass->result;

	if (a->state != PL_ATTEMPT_SENT && batch->report != 0)
		r->reports_left++;
	if (a->state == PL_ATTEMPT_REFUSED)
		r->refused++;
	else if (a->state != PL_ATTEMPT_SENT)
		r->deferred++;
	else if (batch->report != 0)
		r->reports++;
	else {
		r->mails++;
		r->sent += batch->documents;
	}
}

/* "450 4.2.1": the words behind it may have the time in them. */
static gboolean
is_same_code(const char *a, const char *b)
{
	const gsize n = strspn(a, "0123456789. -");

	return n > 0 ? strspn(b, "0123456789. -") == n && strncmp(a, b, n) == 0
		     : strcmp(a, b) == 0;
}

/* Put off again as last time, at a tick in which its journal has no turn: that
 * was told, and would be every few minutes. */
static gboolean
is_no_news(const struct pl_pass *pass, const pl_batch *batch,
    const struct pl_answer *a)
{
	const struct pl_turn *turn = pl_pass_turn(pass, batch->journal);

	return turn != NULL && !turn->due && batch->reply != NULL &&
	       batch->attempt_state == PL_ATTEMPT_DEFERRED &&
	       a->state == PL_ATTEMPT_DEFERRED &&
	       is_same_code(batch->reply, a->reply);
}

/* A report that is not taken has no problem of its own: it tells of others,
 * and waits until it is. */
static gboolean
note_answer(struct pl_pass *pass, const pl_batch *batch, unsigned attempt,
    const struct pl_answer *a, GError **error)
{
	if (!pl_batch_answer(pass->ledger, batch->id, attempt, a->state,
		a->reply, a->mta_id, a->size, error))
		return FALSE;
	if (a->state == PL_ATTEMPT_SENT)
		return TRUE;
	if (batch->forward != 0 && a->state == PL_ATTEMPT_REFUSED)
		return add_problem(
		    pass, NULL, batch, "PL-306", a->reply, error);
	if (batch->report != 0) {
		pl_pass_note(pass, "An earlier report to %s waits: %s.",
		    batch->deliver_to, a->reply);
		return TRUE;
	}
	if (a->state == PL_ATTEMPT_REFUSED)
		return add_problem(
		    pass, NULL, batch, "PL-301", a->reply, error);
	if (is_no_news(pass, batch, a))
		return TRUE;
	return add_once(pass, NULL, batch,
	    pl_destination_of(batch->deliver_to)->deferred, a->reply, error);
}

gboolean
pl_pass_answer(struct pl_pass *pass, const pl_batch *batch, unsigned attempt,
    const struct pl_answer *a, GError **error)
{
	gboolean noted;

	log_answer(pass, batch, attempt, a);
	if (!pl_ledger_begin(pass->ledger, error))
		return FALSE;
	noted = note_answer(pass, batch, attempt, a, error);
	if (noted && a->state == PL_ATTEMPT_SENT)
		pl_ahead_fence(pass);
	if (!pl_ledger_end(pass->ledger, noted, error))
		return FALSE;
	count(pass, batch, a);
	pass->news |= !is_no_news(pass, batch, a);
	pl_destination_of(batch->deliver_to)->answered(pass, batch, a);
	pl_crash_point("batch-answered");
	return TRUE;
}

/* ---- one attempt --------------------------------------------------------- */

/* READY NULL: nothing is delivered, the attempt is only noted. */
static gboolean
next_attempt(struct pl_pass *pass, const pl_batch *batch, gboolean force,
    void *ready, unsigned *attempt, GError **error)
{
	const struct pl_destination *to = pl_destination_of(batch->deliver_to);
	g_autofree char *text = to->again(batch);

	return pl_batch_attempt(
		   pass->ledger, batch->id, force, attempt, error) &&
	       (ready == NULL ||
		   to->intend(pass, batch, *attempt, ready, error)) &&
	       (!force ||
		   add_problem(pass, NULL, batch, "PL-303", text, error));
}

/* FALSE: error, or (without one) the MTA may have it after all. */
static gboolean
fence(struct pl_pass *pass, const pl_batch *batch, gboolean force, void *ready,
    unsigned *attempt, GError **error)
{
	GError *failed = NULL;
	gboolean done;

	if (!pl_ledger_begin(pass->ledger, error))
		return FALSE;
	done = next_attempt(pass, batch, force, ready, attempt, &failed);
	if (pl_ledger_end(pass->ledger, done, &failed)) {
		pl_crash_point("batch-attempted");
		return TRUE;
	}
	if (g_error_matches(failed, PL_LEDGER_ERROR, PL_LEDGER_CONFLICT))
		g_error_free(failed);
	else
		g_propagate_error(error, failed);
	return FALSE;
}

gboolean
pl_pass_fence(struct pl_pass *pass, const pl_batch *batch, unsigned *attempt)
{
	return fence(pass, batch, FALSE, NULL, attempt, NULL);
}

/* READY NULL: WHY is the answer, without trying. */
static enum pl_outcome
attempt_one(struct pl_pass *pass, const pl_batch *batch, gboolean force,
    void *ready, const GError *why, GError **error)
{
	const struct pl_destination *to = pl_destination_of(batch->deliver_to);
	struct pl_answer a = { 0 };
	GError *failed = NULL;
	unsigned attempt;
	gboolean noted;

	if (!pl_ahead_begun(pass, batch, &attempt) &&
	    !fence(pass, batch, force, ready, &attempt, &failed)) {
		if (failed == NULL)
			return PL_OUTCOME_LATER;
		g_propagate_error(error, failed);
		return PL_OUTCOME_ERROR;
	}
	if (ready != NULL) {
		to->deliver(pass, batch, attempt, ready, &a);
	} else {
		a.state = PL_ATTEMPT_DEFERRED;
		a.reply = g_strdup(why->message);
	}
	noted = pl_pass_answer(pass, batch, attempt, &a, error);
	pl_answer_clear(&a);
	return noted ? PL_OUTCOME_ANSWERED : PL_OUTCOME_ERROR;
}

static enum pl_outcome
send_one(
    struct pl_pass *pass, const pl_batch *batch, gboolean force, GError **error)
{
	const struct pl_destination *to = pl_destination_of(batch->deliver_to);
	void *ready = pl_ahead_take(pass, batch);
	g_autoptr(GPtrArray) entries = NULL;
	g_autoptr(GError) why = NULL;
	enum pl_outcome outcome;
	guint bad = 0;

	if (ready == NULL) {
		entries = pl_batch_entries(pass->ledger, batch->id, error);
		if (entries == NULL)
			return PL_OUTCOME_ERROR;
		ready = to->prepare(pass, batch, entries, &bad, &why);
	}
	if (ready != NULL)
		pl_crash_point("batch-composed");
	else if (!g_error_matches(why, PL_RUN_ERROR, PL_RUN_FOLDER))
		return not_composed(pass, batch, entries, bad, why, error);
	else if (force)
		return later(pass, batch, why);
	outcome = attempt_one(pass, batch, force, ready, why, error);
	to->drop(ready);
	return outcome;
}

enum pl_outcome
pl_pass_send(
    struct pl_pass *pass, const pl_batch *batch, gboolean force, GError **error)
{
	g_autoptr(GPtrArray) instead = NULL;
	GError *failed = NULL;

	if (batch->report == 0)
		return send_one(pass, batch, force, error);
	instead = pl_pass_redirect(pass, batch, &failed);
	if (failed != NULL) {
		g_propagate_error(error, failed);
		return PL_OUTCOME_ERROR;
	}
	if (instead == NULL)
		return send_one(pass, batch, force, error);
	for (guint i = 0;
	     i < instead->len && !pl_pass_closed(pass, instead->pdata[i]); i++)
		if (send_one(pass, instead->pdata[i], FALSE, error) ==
		    PL_OUTCOME_ERROR)
			return PL_OUTCOME_ERROR;
	return PL_OUTCOME_UNDONE;
}
