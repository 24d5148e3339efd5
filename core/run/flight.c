/* SPDX-License-Identifier: BSD-2-Clause */
/* flight - see flight.h */
#include "flight.h"

struct pl_flight {
	pl_submit *line;
	char *from, *to, *stamp;
	struct pl_envelope envelope;
	struct pl_gate gate;
	struct pl_answer answer;
	GThread *thread;
};

static gpointer
fly(gpointer data)
{
	pl_flight *f = data;

	pl_submit_send(f->line, &f->envelope, &f->answer);
	g_mutex_lock(&f->gate.mutex);
	f->gate.finished = TRUE;
	g_cond_broadcast(&f->gate.moved);
	g_mutex_unlock(&f->gate.mutex);
	return NULL;
}

static void
flight_free(pl_flight *f)
{
	g_mutex_clear(&f->gate.mutex);
	g_cond_clear(&f->gate.moved);
	pl_answer_clear(&f->answer);
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
	f->gate.open = !held;
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
	const gint64 end = g_get_monotonic_time() +
			   patience * G_TIME_SPAN_MILLISECOND;
	struct pl_gate *gate = &f->gate;

	g_mutex_lock(&gate->mutex);
	while (!gate->greeted && !gate->finished &&
	       g_cond_wait_until(&gate->moved, &gate->mutex, end))
		continue;
	gate->open = gate->greeted;
	g_cond_broadcast(&gate->moved);
	g_mutex_unlock(&gate->mutex);
	return gate->open;
}

gboolean
pl_flight_over(pl_flight *f)
{
	gboolean over;

	g_mutex_lock(&f->gate.mutex);
	over = f->gate.finished;
	g_mutex_unlock(&f->gate.mutex);
	return over;
}

void
pl_flight_end(pl_flight *f, struct pl_answer *answer)
{
	g_thread_join(f->thread);
	*answer = f->answer;
	f->answer = (struct pl_answer){ 0 };
	flight_free(f);
}

void
pl_flight_cut(pl_flight *f)
{
	if (f == NULL)
		return;
	g_mutex_lock(&f->gate.mutex);
	f->gate.cut = TRUE;
	g_cond_broadcast(&f->gate.moved);
	g_mutex_unlock(&f->gate.mutex);
	g_thread_join(f->thread);
	flight_free(f);
}
