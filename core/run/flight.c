/* SPDX-License-Identifier: BSD-2-Clause */
/* flight - see flight.h */
#include "flight.h"

struct pl_flight {
	pl_submit *line;
	char *from, *to, *stamp;
	struct pl_envelope envelope;
	struct pl_gate gate;
	/* below the gate's mutex */
	gboolean open;   /* it may have its dot */
	gboolean handed; /* nothing but the dot is missing, */
	gboolean lost;   /* or nothing comes of it */
	GThread *thread;
};

/* The dot is written by whoever comes last, without the lock: it may take
 * until the server has read what is before it. */
static gpointer
fly(gpointer data)
{
	pl_flight *f = data;
	const gboolean handed = pl_submit_hand(f->line, &f->envelope);
	gboolean open;

	g_mutex_lock(&f->gate.mutex);
	open = f->open;
	f->handed = handed;
	f->lost = !handed;
	g_cond_broadcast(&f->gate.moved);
	g_mutex_unlock(&f->gate.mutex);
	if (handed && open)
		pl_submit_dot(f->line);
	return NULL;
}

static void
flight_free(pl_flight *f)
{
	g_mutex_clear(&f->gate.mutex);
	g_cond_clear(&f->gate.moved);
	g_free(f->from);
	g_free(f->to);
	g_free(f->stamp);
	g_free(f);
}

pl_flight *
pl_flight_begin(
    pl_submit *line, const struct pl_envelope *envelope, gboolean held)
{
	pl_flight *f = g_new0(pl_flight, 1);

	f->line = line;
	f->from = g_strdup(envelope->from);
	f->to = g_strdup(envelope->to);
	f->stamp = g_strdup(envelope->stamp);
	f->envelope = (struct pl_envelope){ f->from, f->to, f->stamp,
		envelope->spool, &f->gate };
	g_mutex_init(&f->gate.mutex);
	g_cond_init(&f->gate.moved);
	f->open = !held;
	f->thread = g_thread_try_new("submit", fly, f, NULL);
	if (f->thread != NULL)
		return f;
	flight_free(f);
	return NULL;
}

pl_submit *
pl_flight_line(const pl_flight *f)
{
	return f->line;
}

gboolean
pl_flight_open(pl_flight *f, unsigned patience)
{
	const gint64 end =
	    g_get_monotonic_time() + patience * G_TIME_SPAN_MILLISECOND;
	gboolean open, handed;

	g_mutex_lock(&f->gate.mutex);
	while (!f->gate.greeted && !f->lost &&
	       g_cond_wait_until(&f->gate.moved, &f->gate.mutex, end))
		continue;
	f->open = open = f->gate.greeted;
	handed = f->handed;
	g_mutex_unlock(&f->gate.mutex);
	if (open && handed)
		pl_submit_dot(f->line);
	return open;
}

void
pl_flight_end(pl_flight *f, struct pl_answer *answer)
{
	g_thread_join(f->thread);
	pl_submit_answer(f->line, answer);
	flight_free(f);
}

void
pl_flight_cut(pl_flight *f)
{
	struct pl_answer none;

	if (f == NULL)
		return;
	g_mutex_lock(&f->gate.mutex);
	f->gate.cut = TRUE;
	g_mutex_unlock(&f->gate.mutex);
	pl_flight_end(f, &none);
	pl_answer_clear(&none);
}
