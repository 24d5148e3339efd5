/* SPDX-License-Identifier: BSD-2-Clause */
/* ahead - see ahead.h */
#include "ahead.h"

#include "destination.h"

static void
forget(struct pl_pass *pass)
{
	g_clear_pointer(&pass->ahead.spool, pl_spool_free);
	pass->ahead.of = 0;
}

void
pl_ahead_end(struct pl_pass *pass)
{
	forget(pass);
	pass->ahead.next = NULL;
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
	pass->ahead.of = 0;
	return g_steal_pointer(&pass->ahead.spool);
}

static void
compose(struct pl_pass *pass, const pl_batch *batch)
{
	g_autoptr(GPtrArray) entries =
	    pl_batch_entries(pass->ledger, batch->id, NULL);
	g_autoptr(GError) why = NULL;
	guint bad = 0;

	forget(pass);
	if (entries != NULL)
		pass->ahead.spool = pl_destination_smtp.prepare(
		    pass, batch, entries, &bad, &why);
	if (pass->ahead.spool != NULL)
		pass->ahead.of = batch->id;
}

struct submission {
	pl_submit *submit;
	const struct pl_envelope *envelope;
	struct pl_answer *answer;
};

static gpointer
submit(gpointer data)
{
	const struct submission *s = data;

	pl_submit_send(s->submit, s->envelope, s->answer);
	return NULL;
}

void
pl_ahead_submit(struct pl_pass *pass, const struct pl_envelope *envelope,
    struct pl_answer *answer)
{
	struct submission s = { pass->submit, envelope, answer };
	GThread *thread = NULL;

	if (pass->ahead.next != NULL)
		thread = g_thread_try_new("submit", submit, &s, NULL);
	if (thread == NULL) {
		submit(&s);
		return;
	}
	/* a process of two threads must not fork */
	pl_reader_hold(pass->reader, TRUE);
	compose(pass, pass->ahead.next);
	g_thread_join(thread);
	pl_reader_hold(pass->reader, FALSE);
}
