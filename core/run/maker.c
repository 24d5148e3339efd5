/* SPDX-License-Identifier: BSD-2-Clause */
/* maker - see maker.h */
#include "maker.h"

struct job {
	const pl_batch *batch;
	guint64 limit;
	gboolean done;
	pl_spool *spool;
};

struct pl_maker {
	struct pl_composer composer; /* but for the limit */
	GQueue jobs; /* struct job, the oldest first; the caller's end */
	GThread *thread;
	GMutex mutex;
	GCond moved;
	gboolean ends;
};

static void
job_free(gpointer data)
{
	struct job *job = data;

	pl_spool_free(job->spool);
	g_free(job);
}

static pl_spool *
make(const struct pl_maker *m, const struct job *job)
{
	struct pl_composer composer = m->composer;
	g_autoptr(GPtrArray) entries =
	    pl_batch_entries(composer.ledger, job->batch->id, NULL);
	guint bad;

	composer.limit = job->limit;
	return entries == NULL
		   ? NULL
		   : pl_compose(&composer, job->batch, entries, &bad, NULL);
}

/* Below the mutex. */
static struct job *
first_undone(const struct pl_maker *m)
{
	for (const GList *at = m->jobs.head; at != NULL; at = at->next)
		if (!((struct job *)at->data)->done)
			return at->data;
	return NULL;
}

static gpointer
work(gpointer data)
{
	struct pl_maker *m = data;

	g_mutex_lock(&m->mutex);
	while (!m->ends) {
		struct job *job = first_undone(m);
		pl_spool *spool;

		if (job == NULL) {
			g_cond_wait(&m->moved, &m->mutex);
			continue;
		}
		g_mutex_unlock(&m->mutex);
		spool = make(m, job);
		g_mutex_lock(&m->mutex);
		job->spool = spool;
		job->done = TRUE;
		g_cond_broadcast(&m->moved);
	}
	g_mutex_unlock(&m->mutex);
	return NULL;
}

pl_maker *
pl_maker_new(const struct pl_composer *composer)
{
	pl_ledger *beside = pl_ledger_beside(composer->ledger, NULL);
	pl_maker *m;

	if (beside == NULL)
		return NULL;
	m = g_new0(pl_maker, 1);
	m->composer = *composer;
	m->composer.ledger = beside;
	g_queue_init(&m->jobs);
	g_mutex_init(&m->mutex);
	g_cond_init(&m->moved);
	pl_reader_hold(composer->reader, TRUE);
	m->thread = g_thread_try_new("compose", work, m, NULL);
	if (m->thread != NULL)
		return m;
	pl_maker_free(m);
	return NULL;
}

void
pl_maker_free(pl_maker *m)
{
	if (m == NULL)
		return;
	g_mutex_lock(&m->mutex);
	m->ends = TRUE;
	g_cond_broadcast(&m->moved);
	g_mutex_unlock(&m->mutex);
	if (m->thread != NULL)
		g_thread_join(m->thread);
	g_queue_clear_full(&m->jobs, job_free);
	pl_ledger_close(m->composer.ledger);
	g_mutex_clear(&m->mutex);
	g_cond_clear(&m->moved);
	g_free(m);
}

void
pl_maker_ask(pl_maker *m, const pl_batch *batch, guint64 limit)
{
	struct job *job = g_new0(struct job, 1);

	job->batch = batch;
	job->limit = limit;
	g_mutex_lock(&m->mutex);
	g_queue_push_tail(&m->jobs, job);
	g_cond_broadcast(&m->moved);
	g_mutex_unlock(&m->mutex);
}

guint
pl_maker_asked(const pl_maker *m)
{
	return m->jobs.length;
}

gboolean
pl_maker_take(pl_maker *m, gboolean wait, gint64 *batch, pl_spool **spool)
{
	struct job *job;
	gboolean done = FALSE;

	g_mutex_lock(&m->mutex);
	job = g_queue_peek_head(&m->jobs);
	while (wait && job != NULL && !job->done)
		g_cond_wait(&m->moved, &m->mutex);
	if (job != NULL && job->done) {
		done = TRUE;
		g_queue_pop_head(&m->jobs);
		*batch = job->batch->id;
		*spool = g_steal_pointer(&job->spool);
		job_free(job);
	}
	g_mutex_unlock(&m->mutex);
	return done;
}
