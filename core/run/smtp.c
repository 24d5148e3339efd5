/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * smtp - the destination of e-mails: compose, submit, look for proof
 *
 * An attempt passes by the daemon on its way out, which notes that it was
 * offered. Without an answer the MTA's queue and log are asked.
 */
#include <string.h>

#include "ahead.h"
#include "compose.h"
#include "destination.h"

#define SILENT_MAX 2 /* e-mails without a reply before the MTA is left alone */

static gboolean
closed(const struct pl_pass *pass, const struct pl_turn *turn)
{
	(void)turn;
	return pass->no_mail;
}

/* Asks the MTA once for all; without it no e-mail is planned or sent. */
static void
begin(struct pl_pass *pass)
{
	const char *where = pl_config_gateway(pass->config)->submission;
	g_autoptr(GError) why = NULL;
	g_autofree char *reply = NULL;
	unsigned code;

	pass->submit = pl_submit_new(where);
	if (pl_submit_command(pass->submit, "NOOP", &code, &reply, &why))
		return;
	pass->no_mail = TRUE;
	pass->result->mta_failed = TRUE;
	pl_pass_note(pass, "The mail server at %s did not answer: %s.", where,
	    why->message);
}

/* ---- addresses and stamp ----------------------------------------------- */

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

char *
pl_pass_stamp(
    const struct pl_pass *pass, const pl_batch *batch, unsigned attempt)
{
	const struct pl_stamp stamp = { batch->id, attempt, batch->journal,
		batch->documents };
	g_autofree char *value = pl_stamp_format(
	    pass->secret, &stamp, batch->message_id, batch->deliver_to);

	return g_strdup_printf(PL_STAMP_HEADER ": %s\r\n", value);
}

/* ---- composing --------------------------------------------------------- */

guint64
pl_pass_limit(const struct pl_pass *pass, const pl_batch *batch)
{
	const struct pl_turn *turn = pl_pass_turn(pass, batch->journal);

	if (turn == NULL)
		return pl_submit_size(pass->submit);
	return pl_turn_input(pass, turn).max_size;
}

static void *
prepare(struct pl_pass *pass, const pl_batch *batch, const GPtrArray *entries,
    guint *bad, GError **error)
{
	const struct pl_composer composer = { pass->ledger, pass->reader,
		pass->config, pl_pass_limit(pass, batch), pass->secret };

	return pl_compose(&composer, batch, entries, bad, error);
}

static void
drop(void *ready)
{
	pl_spool_free(ready);
}

/* ---- submitting -------------------------------------------------------- */

static gboolean
intend(struct pl_pass *pass, const pl_batch *batch, unsigned attempt,
    void *ready, GError **error)
{
	(void)pass, (void)batch, (void)attempt, (void)ready, (void)error;
	return TRUE;
}

static void
deliver(struct pl_pass *pass, const pl_batch *batch, unsigned attempt,
    void *ready, struct pl_answer *a)
{
	g_autofree char *from = pl_pass_return_path(pass, batch, attempt);
	g_autofree char *stamp = pl_pass_stamp(pass, batch, attempt);
	const struct pl_envelope envelope = { from, batch->deliver_to, stamp,
		ready, NULL };

	pl_ahead_submit(pass, batch, &envelope, a);
	/* what it tells would be lost: for a report no answer is for good;
	 * what is only passed on must not stand in their way for ever */
	if (batch->report != 0 && batch->forward == 0 &&
	    a->state == PL_ATTEMPT_REFUSED)
		a->state = PL_ATTEMPT_DEFERRED;
	pass->silent = a->reply[0] == '[' ? pass->silent + 1 : 0;
}

static void
answered(struct pl_pass *pass, const pl_batch *batch, const struct pl_answer *a)
{
	struct pl_run_result *r = pass->result;

	(void)batch;
	if (a->state != PL_ATTEMPT_SENT)
		g_strlcpy(r->reply, a->reply, sizeof(r->reply));
	if (!a->down && pass->silent < SILENT_MAX)
		return;
	r->mta_failed = TRUE;
	if (!pass->no_mail)
		pl_pass_note(
		    pass, "The mail server did not go on: %s.", a->reply);
	pass->no_mail = TRUE;
}

/* ---- proof ------------------------------------------------------------- */

static gboolean
prove(struct pl_pass *pass, const pl_batch *batch, struct pl_answer *a)
{
	g_autofree char *from =
	    pl_pass_return_path(pass, batch, batch->attempt);

	if (pl_proof_find(batch, from, &a->reply) != PL_PROOF_QUEUED)
		return FALSE;
	a->state = PL_ATTEMPT_SENT;
	a->mta_id = g_strdup(batch->queue_id);
	a->size = batch->size;
	return TRUE;
}

static char *
again(const pl_batch *batch)
{
	return g_strdup_printf(
	    "The mail server was given this e-mail (%s) and its answer is not "
	    "known. It was sent again with the same Message-ID %s.",
	    batch->queue_id != NULL ? batch->queue_id : "no queue id",
	    batch->message_id);
}

const struct pl_destination pl_destination_smtp = {
	.deferred = "PL-304",
	.begin = begin,
	.closed = closed,
	.prepare = prepare,
	.intend = intend,
	.deliver = deliver,
	.answered = answered,
	.prove = prove,
	.again = again,
	.drop = drop,
};

const struct pl_destination *
pl_destination_of(const char *deliver_to)
{
	return deliver_to != NULL && pl_folder_is(deliver_to)
		   ? &pl_destination_folder
		   : &pl_destination_smtp;
}
