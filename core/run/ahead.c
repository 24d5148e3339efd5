/* SPDX-License-Identifier: BSD-2-Clause */
/* ahead - see ahead.h */
#include "ahead.h"

#include "destination.h"

#define WORTH 65536  /* bytes: a smaller e-mail is no work for the MTA */
#define GREETING 200 /* milliseconds for the second connection */

/* ---- what is held ---------------------------------------------------------- */

/* A process of two threads must not fork. */
static void
cut(struct pl_pass *pass)
{
	pl_flight_cut(g_steal_pointer(&pass->ahead.flight));
	pl_reader_hold(pass->reader, FALSE);
}

static void
forget(struct pl_pass *pass)
{
	cut(pass);
	g_clear_pointer(&pass->ahead.spool, pl_spool_free);
	pass->ahead.of = 0;
}

/* Its attempt waits for nobody any more. If that cannot be written, the next
 * run finds one that was not offered. */
void
pl_ahead_stop(struct pl_pass *pass)
{
	gboolean begun = pass->ahead.flight != NULL;
	gint64 of = pass->ahead.of;

	forget(pass);
	if (begun)
		pl_batch_answer(pass->ledger, of, pass->ahead.attempt,
		    PL_ATTEMPT_DEFERRED,
		    "not tried: the one before it was not taken", NULL, 0,
		    NULL);
}

void
pl_ahead_end(struct pl_pass *pass)
{
	pl_ahead_stop(pass);
	pass->ahead.next = NULL;
	g_clear_pointer(&pass->ahead.second, pl_submit_free);
}

void
pl_ahead_expect(struct pl_pass *pass, const pl_batch *batch)
{
	pass->ahead.next = NULL;
	if (batch != NULL &&
	    pl_destination_of(batch->deliver_to) == &pl_destination_smtp)
		pass->ahead.next = batch;
}

pl_spool *
pl_ahead_take(struct pl_pass *pass, const pl_batch *batch)
{
	if (pass->ahead.of != batch->id)
		forget(pass);
	return g_steal_pointer(&pass->ahead.spool);
}

gboolean
pl_ahead_begun(
    const struct pl_pass *pass, const pl_batch *batch, unsigned *attempt)
{
	if (pass->ahead.flight == NULL || pass->ahead.of != batch->id)
		return FALSE;
	*attempt = pass->ahead.attempt;
	return TRUE;
}

/* ---- the next one ------------------------------------------------------------ */

static gboolean
compose(struct pl_pass *pass, const pl_batch *batch)
{
	g_autoptr(GPtrArray) entries =
	    pl_batch_entries(pass->ledger, batch->id, NULL);
	g_autoptr(GError) why = NULL;
	guint bad = 0;

	if (entries != NULL)
		pass->ahead.spool = pl_destination_smtp.prepare(
		    pass, batch, entries, &bad, &why);
	if (pass->ahead.spool != NULL)
		pass->ahead.of = batch->id;
	return pass->ahead.spool != NULL;
}

/* The connection that is not LINE. */
static pl_submit *
other_line(struct pl_pass *pass, const pl_submit *line)
{
	if (pass->ahead.second == NULL)
		pass->ahead.second = pl_submit_new(
		    pl_config_gateway(pass->config)->submission);
	return line == pass->submit ? pass->ahead.second : pass->submit;
}

static void
begin(struct pl_pass *pass, const pl_batch *batch, const pl_submit *busy)
{
	g_autofree char *from = NULL, *stamp = NULL;
	struct pl_envelope envelope = { .to = batch->deliver_to,
		.spool = pass->ahead.spool };

	if (pass->ahead.single || pl_spool_size(envelope.spool) < WORTH ||
	    pl_order_waits(pass, batch) ||
	    !pl_pass_fence(pass, batch, &pass->ahead.attempt))
		return;
	envelope.from = from =
	    pl_pass_return_path(pass, batch, pass->ahead.attempt);
	envelope.stamp = stamp =
	    pl_pass_stamp(pass, batch, pass->ahead.attempt);
	pass->ahead.flight =
	    pl_flight_begin(other_line(pass, busy), &envelope, TRUE);
}

static void
go_ahead(struct pl_pass *pass, const pl_submit *busy)
{
	const pl_batch *batch = pass->ahead.next;

	pl_reader_hold(pass->reader, TRUE);
	if (batch != NULL && compose(pass, batch))
		begin(pass, batch, busy);
}

/* ---- the present one ----------------------------------------------------------- */

/* It was held, and it was the connection that failed. */
static gboolean
is_of_line(const struct pl_answer *a)
{
	return a->state == PL_ATTEMPT_DEFERRED &&
	       (a->down || a->reply[0] == '[');
}

/* BAD does not work: the other one is used for all. What is under way there is
 * given up, since the MTA may take one connection only. */
static void
leave_line(struct pl_pass *pass, pl_submit *bad)
{
	pl_submit *good = other_line(pass, bad);

	forget(pass);
	pass->ahead.single = TRUE;
	pass->ahead.second = NULL;
	pass->submit = good;
	pl_submit_free(bad);
}

/* NULL: it is not held, or the MTA does not take that connection: better seen
 * before anything else is begun on the other one. */
static pl_flight *
take_held(struct pl_pass *pass, const pl_batch *batch)
{
	pl_flight *f = NULL;

	if (pass->ahead.of == batch->id)
		f = g_steal_pointer(&pass->ahead.flight);
	pass->ahead.of = 0;
	if (f == NULL || pl_flight_open(f, GREETING))
		return f;
	pl_submit *bad = pl_flight_line(f);
	pl_flight_cut(f);
	leave_line(pass, bad);
	return NULL;
}

void
pl_ahead_submit(struct pl_pass *pass, const pl_batch *batch,
    const struct pl_envelope *envelope, struct pl_answer *answer)
{
	pl_flight *f = take_held(pass, batch);
	gboolean held = f != NULL;
	pl_submit *line;

	if (f == NULL && pass->ahead.next != NULL)
		f = pl_flight_begin(pass->submit, envelope, FALSE);
	if (f == NULL) {
		pl_submit_send(pass->submit, envelope, answer);
		return;
	}
	line = pl_flight_line(f);
	go_ahead(pass, line);
	pl_flight_end(f, answer);
	pl_reader_hold(pass->reader, pass->ahead.flight != NULL);
	if (!held || !is_of_line(answer))
		return;
	pl_answer_clear(answer);
	leave_line(pass, line);
	pl_submit_send(pass->submit, envelope, answer);
}
