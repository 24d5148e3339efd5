/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * writer - the queue between the sessions and the ledger
 *
 * Sessions append requests. Who is alone stores its own in its own thread, which
 * wakes nobody; else the writer's thread takes all there are as one group, and
 * wakes those who wait. While one group is stored the next one gathers, so the
 * groups grow with the load and a single message waits for nobody. Where an MTA
 * hands over one message after the other, a group would still be one or two, and
 * each have a sync of its own: while others come in, the first few of a group
 * wait for them, some milliseconds at most.
 *
 * A session that waited in vain takes its request back, but only as long as
 * nobody has taken it to store it: from then on the outcome is awaited, however
 * long it takes. "Try again" must not be said of a message that may be stored
 * a moment later. (If the MTA itself gives up first, it does come twice; the
 * intake recognises it by Message-ID and content.)
 */
#include "writer.h"

#include "chunk.h"
#include "sink.h"

struct pl_writer {
	GMutex lock;
	GCond work;         /* for the thread: there is something to do */
	GCond room;         /* for sessions: chunks were written */
	GPtrArray *waiting; /* struct pl_request, oldest first */
	unsigned chunks;    /* handed over and not yet written */
	gint coming;        /* atomic: messages between their begin and end */
	gboolean storing;   /* somebody uses the sink, without the lock */
	gboolean gathering; /* the thread waits for more */
	gboolean stopping, gone;
	gint able;   /* atomic; set with the lock held */
	gint64 look; /* when an unable sink is to be looked at */
	struct pl_writer_limits limits;
	pl_sink *sink;
	GThread *thread;
};

/* ---- a group ----------------------------------------------------------- */

static gboolean
is_end(const struct pl_request *r)
{
	return r->kind == PL_REQUEST_SEAL || r->kind == PL_REQUEST_DROP;
}

/* With the lock held, as all below. */
static void
finish(pl_writer *w, GPtrArray *group)
{
	for (guint i = 0; i < group->len; i++) {
		struct pl_request *r = group->pdata[i];

		if (is_end(r))
			g_atomic_int_add(&w->coming, -1);
		if (r->kind == PL_REQUEST_SEAL || r->kind == PL_REQUEST_OFFER) {
			r->finished = TRUE;
			g_cond_signal(&r->done);
			continue;
		}
		if (r->kind == PL_REQUEST_CHUNK) {
			pl_chunk_give((guint8 *)(guintptr)r->bytes);
			w->chunks--;
		}
		g_free(r);
	}
	g_cond_broadcast(&w->room);
}

static void
look_later(pl_writer *w)
{
	w->look = g_get_monotonic_time() + w->limits.probe * G_TIME_SPAN_SECOND;
}

/* The sink is the caller's, and the lock is not, until leave(). */
static void
enter(pl_writer *w)
{
	g_assert(!w->storing);
	w->storing = TRUE;
	g_mutex_unlock(&w->lock);
}

/* The thread has to know what was left, and that it has to look again. */
static void
leave(pl_writer *w)
{
	gboolean able = pl_sink_able(w->sink);

	g_mutex_lock(&w->lock);
	w->storing = FALSE;
	if (w->able && !able)
		look_later(w);
	g_atomic_int_set(&w->able, able);
	if (w->waiting->len > 0 || w->stopping || !able)
		g_cond_signal(&w->work);
}

/* Beside the one that is stored, or is to be. */
static gboolean
others_come(const pl_writer *w)
{
	return g_atomic_int_get(&w->coming) > 1;
}

/* Stores all that wait. */
static void
store(pl_writer *w)
{
	g_autoptr(GPtrArray) group = w->waiting;
	gboolean alone = !others_come(w);

	w->waiting = g_ptr_array_new();
	enter(w);
	pl_sink_store(w->sink, group, alone);
	leave(w);
	finish(w, group);
}

/* ---- the thread -------------------------------------------------------- */

/* Also while others store: what comes must not put it off. */
static gboolean
is_look_due(const pl_writer *w)
{
	return !w->able && !w->stopping && g_get_monotonic_time() >= w->look;
}

static void
look(pl_writer *w)
{
	enter(w);
	pl_sink_probe(w->sink);
	leave(w);
	look_later(w);
}

/* Nobody has to be waited for: no message waits, or all that come, or enough. */
static gboolean
is_gathered(const pl_writer *w)
{
	unsigned ends = 0;

	for (guint i = 0; i < w->waiting->len; i++)
		ends += is_end(w->waiting->pdata[i]);
	return ends == 0 || ends >= w->limits.few ||
	       ends >= (unsigned)g_atomic_int_get(&w->coming);
}

/* Others are on their way, and one sync for a few costs everybody less than
 * the moment does. */
static void
gather(pl_writer *w)
{
	gint64 until = g_get_monotonic_time() + w->limits.gather;

	w->gathering = TRUE;
	while (!is_gathered(w) && !w->stopping)
		if (!g_cond_wait_until(&w->work, &w->lock, until))
			break;
	w->gathering = FALSE;
}

static gboolean
have_work(const pl_writer *w)
{
	return !w->storing && w->waiting->len > 0;
}

/* Who gathers lets go of the lock: those who wait may take theirs back. */
static void
store_group(pl_writer *w)
{
	gather(w);
	if (have_work(w))
		store(w);
}

/* Until there may be something to do. */
static void
rest(pl_writer *w)
{
	if (w->storing || w->able)
		g_cond_wait(&w->work, &w->lock);
	else
		g_cond_wait_until(&w->work, &w->lock, w->look);
}

static gpointer
write_groups(gpointer data)
{
	pl_writer *w = data;

	g_mutex_lock(&w->lock);
	while (w->storing || w->waiting->len > 0 || !w->stopping)
		if (!w->storing && is_look_due(w))
			look(w);
		else if (have_work(w))
			store_group(w);
		else
			rest(w);
	w->gone = TRUE;
	g_mutex_unlock(&w->lock);
	return NULL;
}

pl_writer *
pl_writer_start(pl_ledger *ledger, const struct pl_writer_limits *limits)
{
	pl_writer *w = g_new0(pl_writer, 1);

	g_mutex_init(&w->lock);
	g_cond_init(&w->work);
	g_cond_init(&w->room);
	w->waiting = g_ptr_array_new();
	w->limits = *limits;
	w->sink = pl_sink_new(ledger, limits);
	w->able = pl_sink_able(w->sink);
	w->thread = g_thread_new("writer", write_groups, w);
	return w;
}

void
pl_writer_stop(pl_writer *w)
{
	g_mutex_lock(&w->lock);
	w->stopping = TRUE;
	g_cond_broadcast(&w->work);
	g_cond_broadcast(&w->room);
	g_mutex_unlock(&w->lock);
	g_thread_join(w->thread);
	pl_sink_free(w->sink);
}

gboolean
pl_writer_able(pl_writer *w)
{
	return g_atomic_int_get(&w->able);
}

/* ---- the sessions ------------------------------------------------------ */

static gint64
patience(const pl_writer *w)
{
	return g_get_monotonic_time() + w->limits.patience * G_TIME_SPAN_SECOND;
}

/* With the lock held. FALSE: the writer stops and takes nothing new. What is
 * dropped it takes to the end, since it still knows it. */
static gboolean
add(pl_writer *w, struct pl_request *r)
{
	if (w->gone || (w->stopping && r->kind != PL_REQUEST_DROP))
		return FALSE;
	g_ptr_array_add(w->waiting, r);
	return TRUE;
}

/* With the lock held. Nobody stores, and what was added last is the only one. */
static gboolean
is_next(const pl_writer *w)
{
	return !w->storing && w->waiting->len == 1;
}

/* With the lock held. As add(), for the thread. */
static gboolean
hand_over(pl_writer *w, struct pl_request *r)
{
	if (!add(w, r))
		return FALSE;
	if (is_next(w) || (w->gathering && is_gathered(w)))
		g_cond_signal(&w->work);
	return TRUE;
}

/* With the lock held. */
static gboolean
wait_for_room(pl_writer *w)
{
	gint64 until = patience(w);

	while (w->chunks >= w->limits.chunks && !w->stopping)
		if (!g_cond_wait_until(&w->room, &w->lock, until))
			return FALSE;
	return TRUE;
}

pl_incoming *
pl_incoming_new(pl_writer *w, gint64 arrived)
{
	pl_incoming *in = g_new0(pl_incoming, 1);

	g_atomic_int_inc(&w->coming);
	in->arrived = arrived;
	return in;
}

gboolean
pl_writer_chunk(pl_writer *w, pl_incoming *in, void *bytes)
{
	struct pl_request *r = NULL;

	g_mutex_lock(&w->lock);
	if (!g_atomic_int_get(&in->lost) && wait_for_room(w)) {
		r = g_new0(struct pl_request, 1);
		r->kind = PL_REQUEST_CHUNK;
		r->in = in;
		r->bytes = bytes;
		r->length = PL_CHUNK;
	}
	if (r != NULL && hand_over(w, r)) {
		w->chunks++;
		g_mutex_unlock(&w->lock);
		return TRUE;
	}
	g_mutex_unlock(&w->lock);
	g_atomic_int_set(&in->lost, TRUE);
	g_free(r);
	pl_chunk_give(bytes);
	return FALSE;
}

void
pl_writer_drop(pl_writer *w, pl_incoming *in)
{
	if (in == NULL)
		return;
	struct pl_request *r = g_new0(struct pl_request, 1);

	r->kind = PL_REQUEST_DROP;
	r->in = in;
	g_mutex_lock(&w->lock);
	gboolean taken = hand_over(w, r);
	g_mutex_unlock(&w->lock);
	if (!taken) {
		g_atomic_int_add(&w->coming, -1);
		g_free(in);
		g_free(r);
	}
}

/* With the lock held. TRUE: it was stored or failed; FALSE: it was taken back
 * before anybody took it. */
static gboolean
await(pl_writer *w, struct pl_request *r)
{
	gint64 until = patience(w);

	while (!r->finished)
		if (!g_cond_wait_until(&r->done, &w->lock, until)) {
			if (g_ptr_array_remove(w->waiting, r))
				return FALSE;
			until = G_MAXINT64;
		}
	return TRUE;
}

/* With the lock held. As await(). Where others are on their way the thread
 * stores: until it wakes, some of them have come. */
static gboolean
have_stored(pl_writer *w, struct pl_request *r)
{
	if (others_come(w))
		return hand_over(w, r) && await(w, r);
	if (!add(w, r))
		return FALSE;
	if (!is_next(w))
		return await(w, r);
	store(w);
	return TRUE;
}

/* FALSE: nobody took it. */
static gboolean
ask(pl_writer *w, struct pl_request *r)
{
	r->outcome = PL_OUTCOME_RETRY;
	g_cond_init(&r->done);
	g_mutex_lock(&w->lock);
	gboolean taken = have_stored(w, r);
	g_mutex_unlock(&w->lock);
	g_cond_clear(&r->done);
	return taken;
}

enum pl_outcome
pl_writer_seal(pl_writer *w, pl_incoming *in, const void *bytes, gsize length,
    pl_message *message, const char *journals)
{
	struct pl_request r = { .kind = PL_REQUEST_SEAL,
		.in = in,
		.bytes = bytes,
		.length = length,
		.message = message,
		.journals = journals };

	if (!ask(w, &r))
		pl_writer_drop(w, in);
	return r.outcome;
}

enum pl_outcome
pl_writer_offer(
    pl_writer *w, const struct pl_passing *passing, enum pl_offer *offer)
{
	struct pl_request r = { .kind = PL_REQUEST_OFFER, .passing = passing };

	ask(w, &r);
	*offer = r.offer;
	return r.outcome;
}
