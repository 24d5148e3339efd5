/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send - one batch: compose, fence, submit, note the answer
 *
 * The order is what keeps a document from being lost or doubled. The batch is
 * in the ledger before it is composed; the attempt is committed before the
 * first byte leaves, so the daemon lets exactly this one pass; the answer is
 * committed when it is there. Wherever the process dies, the next run finds
 * either an attempt that was not offered (it is fenced and made again) or one
 * that was (then only proof, or PL-303, goes on).
 */
#include <string.h>
#include <syslog.h>

#include "compose.h"
#include "crash.h"
#include "pass.h"

#define SILENT_MAX 2 /* e-mails without a reply before the MTA is left alone */

static gboolean
is_fixed(const struct pl_pass *pass, const pl_batch *batch)
{
	const struct pl_gateway *g = pl_config_gateway(pass->config);
	const struct pl_journal *j =
	    pl_config_find(pass->config, batch->journal);

	if (g->delimiter == '\0')
		return TRUE;
	return j != NULL ? j->return_path_fixed : g->return_path_fixed;
}

char *
pl_pass_return_path(
    const struct pl_pass *pass, const pl_batch *batch, unsigned attempt)
{
	const struct pl_keyed keyed = { 'b', batch->id, attempt };

	if (is_fixed(pass, batch))
		return g_strdup(batch->sender);
	return pl_keyed_format(pass->secret, batch->sender,
	    pl_config_gateway(pass->config)->delimiter, &keyed);
}

static char *
stamp_line(const struct pl_pass *pass, const pl_batch *batch, unsigned attempt)
{
	const struct pl_stamp stamp = { batch->id, attempt, batch->journal,
		batch->documents };
	g_autofree char *value = pl_stamp_format(
	    pass->secret, &stamp, batch->message_id, batch->deliver_to);

	return g_strdup_printf(PL_STAMP_HEADER ": %s\r\n", value);
}

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

/* The same words of the same e-mail or document wait to be told already. */
static gboolean
is_known(const struct pl_pass *pass, const pl_entry *entry,
    const pl_batch *batch, const char *code, const char *text)
{
	g_autoptr(GPtrArray) open = pl_problem_open(pass->ledger, 0, NULL);

	for (guint i = 0; open != NULL && i < open->len; i++) {
		const struct pl_problem *p = open->pdata[i];

		if (strcmp(p->code, code) == 0 &&
		    p->entry == (entry != NULL ? entry->id : 0) &&
		    p->batch == (batch != NULL ? batch->id : 0) &&
		    g_strcmp0(p->text, text) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
add_once(struct pl_pass *pass, const pl_entry *entry, const pl_batch *batch,
    const char *code, const char *text, GError **error)
{
	return is_known(pass, entry, batch, code, text) ||
	       add_problem(pass, entry, batch, code, text, error);
}

static gboolean
hold(struct pl_pass *pass, const pl_entry *entry, const char *code,
    const char *text, GError **error)
{
	return pl_entry_change(pass->ledger, entry->id, PL_WAITING, PL_HELD,
		   code, text, 0, error) &&
	       add_problem(pass, entry, NULL, code, text, error);
}

/* All of WHAT was done, or nothing of it. */
static gboolean
end_work(struct pl_pass *pass, gboolean done, GError **error)
{
	if (done)
		return pl_ledger_commit(pass->ledger, error);
	pl_ledger_rollback(pass->ledger);
	return FALSE;
}

gboolean
pl_pass_hold(struct pl_pass *pass, const pl_entry *entry, const char *code,
    const char *text, GError **error)
{
	return pl_ledger_begin(pass->ledger, error) &&
	       end_work(pass, hold(pass, entry, code, text, error), error);
}

/* ---- composing ---------------------------------------------------------- */

static guint64
limit(const struct pl_pass *pass, const pl_batch *batch)
{
	const struct pl_turn *turn = pl_pass_turn(pass, batch->journal);

	if (turn == NULL)
		return pl_submit_size(pass->submit);
	return pl_turn_input(pass, turn).max_size;
}

static pl_spool *
compose_report(struct pl_pass *pass, const struct pl_composer *c,
    const pl_batch *batch, GError **error)
{
	struct pl_report_row *row =
	    pl_report_get(pass->ledger, batch->report, error);
	pl_spool *spool = NULL;

	if (row != NULL)
		spool = pl_compose_report(c, batch, row, error);
	pl_report_row_free(row);
	return spool;
}

static gboolean
give_up(struct pl_pass *pass, const pl_batch *batch, const pl_entry *bad,
    const char *code, const char *text, GError **error)
{
	return pl_ledger_begin(pass->ledger, error) &&
	       end_work(pass,
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
		pass->halted = TRUE;
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
	    end_work(pass,
		pl_batch_cancel(pass->ledger, batch->id, &failed) &&
		    (again || add_once(pass, entries->pdata[bad], NULL, code,
				  why->message, &failed)),
		&failed)) {
		if (again)
			turn->singly = TRUE;
		else
			later(pass, batch, why);
		return again ? PL_OUTCOME_UNDONE : PL_OUTCOME_LATER;
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
	if (broken || entries->len == 1)
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

/* ---- submitting --------------------------------------------------------- */

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

	pl_log(sent ? LOG_INFO : LOG_WARNING, a->mta_id,
	    batch->report != 0 ? "report" : "batch", "run", run, "journal",
	    batch->report != 0 ? NULL : batch->journal, "batch", name,
	    "documents", documents, "size", size, "status",
	    status_word(a->state), "reply", sent ? NULL : a->reply, NULL);
}

static void
count(struct pl_pass *pass, const pl_batch *batch, const struct pl_answer *a)
{
	struct pl_run_result *r = pass->result;

	if (a->state != PL_ATTEMPT_SENT)
		g_strlcpy(r->reply, a->reply, sizeof(r->reply));
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
	pass->silent = a->reply[0] == '[' ? pass->silent + 1 : 0;
	if (!a->down && pass->silent < SILENT_MAX)
		return;
	r->mta_failed = TRUE;
	if (!pass->halted)
		pl_pass_note(
		    pass, "The mail server did not go on: %s.", a->reply);
	pass->halted = TRUE;
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
	if (batch->report != 0) {
		pl_pass_note(pass, "An earlier report to %s waits: %s.",
		    batch->deliver_to, a->reply);
		return TRUE;
	}
	if (a->state == PL_ATTEMPT_REFUSED)
		return add_problem(
		    pass, NULL, batch, "PL-301", a->reply, error);
	return add_once(pass, NULL, batch, "PL-304", a->reply, error);
}

static enum pl_outcome
submit(struct pl_pass *pass, const pl_batch *batch, unsigned attempt,
    pl_spool *spool, GError **error)
{
	g_autofree char *from = pl_pass_return_path(pass, batch, attempt);
	g_autofree char *stamp = stamp_line(pass, batch, attempt);
	const struct pl_envelope envelope = { from, batch->deliver_to, stamp,
		spool };
	struct pl_answer a = { 0 };
	gboolean noted = FALSE;

	pl_submit_send(pass->submit, &envelope, &a);
	/* what it tells would be lost: for a report no answer is for good */
	if (batch->report != 0 && a.state == PL_ATTEMPT_REFUSED)
		a.state = PL_ATTEMPT_DEFERRED;
	log_answer(pass, batch, attempt, &a);
	if (pl_ledger_begin(pass->ledger, error))
		noted = end_work(
		    pass, note_answer(pass, batch, attempt, &a, error), error);
	if (noted)
		count(pass, batch, &a);
	pl_answer_clear(&a);
	if (!noted)
		return PL_OUTCOME_ERROR;
	pl_crash_point("batch-answered");
	return PL_OUTCOME_ANSWERED;
}

static gboolean
next_attempt(struct pl_pass *pass, const pl_batch *batch, gboolean force,
    unsigned *attempt, GError **error)
{
	g_autofree char *text = g_strdup_printf(
	    "The mail server was given this e-mail (%s) and its answer is not "
	    "known. It was sent again with the same Message-ID %s.",
	    batch->queue_id != NULL ? batch->queue_id : "no queue id",
	    batch->message_id);

	return pl_batch_attempt(
		   pass->ledger, batch->id, force, attempt, error) &&
	       (!force ||
		   add_problem(pass, NULL, batch, "PL-303", text, error));
}

/* FALSE: error, or (without one) the MTA may have it after all. */
static gboolean
fence(struct pl_pass *pass, const pl_batch *batch, gboolean force,
    unsigned *attempt, GError **error)
{
	GError *failed = NULL;
	gboolean done;

	if (!pl_ledger_begin(pass->ledger, error))
		return FALSE;
	done = next_attempt(pass, batch, force, attempt, &failed);
	if (end_work(pass, done, &failed)) {
		pl_crash_point("batch-attempted");
		return TRUE;
	}
	if (g_error_matches(failed, PL_LEDGER_ERROR, PL_LEDGER_CONFLICT))
		g_error_free(failed);
	else
		g_propagate_error(error, failed);
	return FALSE;
}

static enum pl_outcome
send_one(
    struct pl_pass *pass, const pl_batch *batch, gboolean force, GError **error)
{
	g_autoptr(GPtrArray) entries =
	    pl_batch_entries(pass->ledger, batch->id, error);
	const struct pl_composer composer = { pass->ledger, pass->reader,
		pass->config, limit(pass, batch) };
	g_autoptr(pl_spool) spool = NULL;
	g_autoptr(GError) why = NULL;
	guint bad = 0;
	GError *failed = NULL;
	unsigned attempt;

	if (entries == NULL)
		return PL_OUTCOME_ERROR;
	spool = batch->report != 0
		    ? compose_report(pass, &composer, batch, &why)
		    : pl_compose_batch(&composer, batch, entries, &bad, &why);
	if (spool == NULL)
		return not_composed(pass, batch, entries, bad, why, error);
	pl_crash_point("batch-composed");
	if (fence(pass, batch, force, &attempt, &failed))
		return submit(pass, batch, attempt, spool, error);
	if (failed == NULL)
		return PL_OUTCOME_LATER;
	g_propagate_error(error, failed);
	return PL_OUTCOME_ERROR;
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
	for (guint i = 0; i < instead->len && !pl_pass_halted(pass); i++)
		if (send_one(pass, instead->pdata[i], FALSE, error) ==
		    PL_OUTCOME_ERROR)
			return PL_OUTCOME_ERROR;
	return PL_OUTCOME_UNDONE;
}
