/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sink - one group of requests, durable together
 *
 * Bytes first: chunks and seals of the whole group, one sync. Then facts: one
 * transaction for all sealed messages and all batches that pass, committed after
 * the sync. Then the outcomes. See the essay at pl_sink_store() for the order.
 *
 * A failure of the ledger (full, damaged, ...) is "retry" for everybody in the
 * group. A failure over one message's own facts is that message's alone: the
 * others are then stored one by one.
 */
#include "sink.h"

#include "crash.h"

/* Bytes after which even chunks without a seal are synced: what was not is lost
 * when a group fails, and all of it has to reach the disk before a seal has. */
#define SYNC_AFTER (32 << 20)

pl_sink *
pl_sink_new(pl_ledger *ledger, const struct pl_writer_limits *limits)
{
	pl_sink *s = g_new0(pl_sink, 1);

	s->ledger = ledger;
	s->limits = *limits;
	s->open = g_hash_table_new(NULL, NULL);
	pl_sink_watch(s, 0);
	return s;
}

/* Rows that are left are swept away at the next start. */
void
pl_sink_free(pl_sink *s)
{
	g_hash_table_destroy(s->open);
	g_free(s);
}

/* ---- bytes ------------------------------------------------------------- */

/* One chunk or seal. Where space is scarce no message goes on growing. */
static gboolean
write_one(pl_sink *s, const struct pl_request *r, GError **error)
{
	if (g_atomic_int_get(&r->in->lost))
		return TRUE;
	if (s->scarce && r->kind == PL_REQUEST_CHUNK) {
		pl_sink_set_unable(
		    s, "space", "no room for a message that comes in");
		pl_sink_forget(s, r->in);
		return TRUE;
	}
	return pl_sink_write(s, r, error);
}

/* Chunks and seals in their order. After a failure of the ledger the rest of
 * the group is lost, too: its bytes are gone or would come out of order. */
static gboolean
write_group(pl_sink *s, GPtrArray *requests, GError **error)
{
	gboolean good = TRUE;

	for (guint i = 0; i < requests->len; i++) {
		const struct pl_request *r = requests->pdata[i];

		if (r->kind != PL_REQUEST_CHUNK && r->kind != PL_REQUEST_SEAL)
			continue;
		if (r->kind == PL_REQUEST_SEAL)
			pl_crash_point(PL_CRASH_BEFORE_SEAL);
		good = good && write_one(s, r, error);
		if (!good)
			g_atomic_int_set(&r->in->lost, TRUE);
		if (r->kind == PL_REQUEST_CHUNK)
			pl_crash_point(PL_CRASH_CHUNK_WRITTEN);
	}
	return good;
}

static guint64
chunk_bytes(GPtrArray *requests)
{
	guint64 bytes = 0;

	for (guint i = 0; i < requests->len; i++) {
		const struct pl_request *r = requests->pdata[i];

		if (r->kind == PL_REQUEST_CHUNK)
			bytes += r->length;
	}
	return bytes;
}

/* With a seal the disk begins at once, since somebody waits. */
static void
write_bytes(pl_sink *s, GPtrArray *requests)
{
	g_autoptr(GError) error = NULL;

	if (!write_group(s, requests, &error)) {
		pl_sink_lose(s);
		pl_sink_failed(s, "bytes", error, FALSE);
	} else if (s->sealed)
		pl_bytes_start(s->ledger);
}

/* If somebody waits for it, or much was written. FALSE: nothing since the last
 * sync exists any more. */
static gboolean
sync_bytes(pl_sink *s)
{
	g_autoptr(GError) error = NULL;

	if (!s->sealed && s->written <= SYNC_AFTER)
		return TRUE;
	pl_crash_point(PL_CRASH_BEFORE_SYNC);
	if (!pl_sink_sync(s, &error)) {
		pl_sink_lose(s);
		pl_sink_failed(s, "bytes", error, FALSE);
		return FALSE;
	}
	pl_crash_point(PL_CRASH_AFTER_SYNC);
	return TRUE;
}

/* ---- facts ------------------------------------------------------------- */

/* The ones that may have facts: seals whose bytes are not lost, and offers. */
static GPtrArray *
with_facts(GPtrArray *requests)
{
	GPtrArray *chosen = g_ptr_array_new();

	for (guint i = 0; i < requests->len; i++) {
		struct pl_request *r = requests->pdata[i];

		r->outcome = PL_OUTCOME_RETRY;
		if (r->kind == PL_REQUEST_OFFER ||
		    (r->kind == PL_REQUEST_SEAL &&
			!g_atomic_int_get(&r->in->lost)))
			g_ptr_array_add(chosen, r);
	}
	return chosen;
}

static gboolean
offer(pl_sink *s, struct pl_request *r, GError **error)
{
	const struct pl_passing *p = r->passing;

	if (p->forged)
		return pl_batch_forged(s->ledger, p->batch, p->queue_id, error);
	pl_crash_point(PL_CRASH_BEFORE_OFFER);
	if (!pl_batch_offer(
		s->ledger, p->batch, p->attempt, p->queue_id, &r->offer, error))
		return FALSE;
	return r->offer != PL_OFFER_UNKNOWN || p->contents == NULL ||
	       pl_batch_adopt(s->ledger, p, &r->offer, error);
}

static gboolean
add_fact(pl_sink *s, struct pl_request *r, GError **error)
{
	if (r->kind == PL_REQUEST_OFFER)
		return offer(s, r, error);
	r->message->bytes = r->in->id;
	return pl_message_add(s->ledger, r->message, r->journals, error);
}

/* Where it was the commit that failed, nobody knows what a recovery after a
 * crash will find: the bytes stay until the next start looks. */
static void
keep_bytes(pl_sink *s, const GPtrArray *facts)
{
	for (guint i = 0; i < facts->len; i++) {
		const struct pl_request *r = facts->pdata[i];

		if (r->kind != PL_REQUEST_SEAL)
			continue;
		pl_bytes_leave(s->ledger, &r->in->id);
		r->in->begun = FALSE;
	}
}

static gboolean
is_surplus(const struct pl_request *r)
{
	return r->kind == PL_REQUEST_SEAL && r->message->return_batch != 0 &&
	       r->message->id == 0;
}

static gboolean
have_offer(const GPtrArray *facts)
{
	for (guint i = 0; i < facts->len; i++) {
		const struct pl_request *r = facts->pdata[i];

		if (r->kind == PL_REQUEST_OFFER)
			return TRUE;
	}
	return FALSE;
}

/* What the seals tell need not be made durable twice; an offer must be. */
static gboolean
begin_facts(pl_sink *s, const GPtrArray *facts, GError **error)
{
	s->logged = TRUE;
	return have_offer(facts) ? pl_ledger_begin(s->ledger, error)
				 : pl_ledger_begin_told(s->ledger, error);
}

/* All in one transaction, which stays open; FALSE: none. BLAME: it failed over
 * one request's own facts. */
static gboolean
add_facts(pl_sink *s, GPtrArray *facts, gboolean *blame, GError **error)
{
	*blame = FALSE;
	if (!begin_facts(s, facts, error))
		return FALSE;
	for (guint i = 0; i < facts->len && !*blame; i++)
		*blame = !add_fact(s, facts->pdata[i], error);
	if (*blame)
		pl_ledger_rollback(s->ledger);
	return !*blame;
}

static gboolean
commit_facts(pl_sink *s, GPtrArray *facts, GError **error)
{
	GError *failure = NULL;

	if (!pl_bytes_note(s->ledger, error)) {
		pl_ledger_rollback(s->ledger);
		return FALSE;
	}
	pl_crash_point(PL_CRASH_BEFORE_COMMIT);
	if (!pl_ledger_commit(s->ledger, &failure)) {
		if (g_error_matches(failure, PL_LEDGER_ERROR, PL_LEDGER_FAILED))
			keep_bytes(s, facts);
		g_propagate_error(error, failure);
		return FALSE;
	}
	pl_crash_point(PL_CRASH_AFTER_COMMIT);
	for (guint i = 0; i < facts->len; i++) {
		struct pl_request *r = facts->pdata[i];

		if (r->kind == PL_REQUEST_OFFER)
			pl_crash_point(PL_CRASH_AFTER_OFFER);
		r->outcome =
		    is_surplus(r) ? PL_OUTCOME_SURPLUS : PL_OUTCOME_DONE;
	}
	return TRUE;
}

static void store_facts(pl_sink *s, GPtrArray *facts);

static void
store_each(pl_sink *s, const GPtrArray *facts)
{
	for (guint i = 0; i < facts->len; i++) {
		g_autoptr(GPtrArray) one = g_ptr_array_new();

		g_ptr_array_add(one, facts->pdata[i]);
		store_facts(s, one);
	}
}

/* The facts are made while the disk writes the bytes, if it still does. */
static void
store_facts(pl_sink *s, GPtrArray *facts)
{
	g_autoptr(GError) error = NULL;
	gboolean blame = FALSE;
	gboolean added = facts->len > 0 && add_facts(s, facts, &blame, &error);

	if (!sync_bytes(s)) {
		g_autoptr(GPtrArray) rest = with_facts(facts);

		pl_ledger_rollback(s->ledger);
		store_facts(s, rest);
	} else if (facts->len == 0 || (added && commit_facts(s, facts, &error)))
		return;
	else if (blame && facts->len > 1 &&
		 pl_sink_reason(error, blame) == NULL)
		store_each(s, facts);
	else
		pl_sink_failed(s, "facts", error, blame);
}

/* ---- the group --------------------------------------------------------- */

static void
end_incoming(pl_sink *s, GPtrArray *requests)
{
	for (guint i = 0; i < requests->len; i++) {
		struct pl_request *r = requests->pdata[i];

		if (r->kind == PL_REQUEST_SEAL && r->outcome == PL_OUTCOME_DONE)
			r->in->begun = FALSE;
		if (r->kind == PL_REQUEST_SEAL || r->kind == PL_REQUEST_DROP) {
			pl_sink_forget(s, r->in);
			g_free(r->in);
		}
	}
}

/*
 * When is a message stored?
 *
 * The MTA forgets a message once we accept it, so every step below must hold
 * against a power cut right behind it.
 *
 * 1. The bytes are synced before the facts are committed. A crash between the
 *    two leaves a seal that no fact points to; the next start takes the facts
 *    from it. The sender, who got no answer, sends again, and the intake sees
 *    that it is the same. The other order would leave a message in the ledger
 *    whose bytes are gone. The facts are made, and not committed, while the
 *    disk writes the bytes of a message that is alone: of others more gather
 *    for the next sync meanwhile. Nor while a slow disk does, since nobody else
 *    can change anything in the ledger as long as they are not committed.
 * 2. A sync that failed is final. The kernel may have thrown the dirty pages
 *    away and report success the next time, so trying again proves nothing.
 *    All that was written since the last good sync counts as lost, also the
 *    first halves of messages that still come in: each of them remembers in
 *    which round it was last written, is marked lost, and fails at its end.
 *    Its place may never be used again: after the rollback another message may
 *    stand there.
 * 3. Nobody is told anything before the commit of the facts has returned, and
 *    then all are told the same, but for a message whose own facts were the
 *    trouble.
 * 4. "Retry" may be said of a message that is stored after all: a commit can
 *    fail and yet be found in the log by a recovery, and an MTA may hang up
 *    before it hears our answer. Then it comes again, and the intake sees that
 *    it is the same. Twice can be mended; lost cannot. For the same reason the
 *    bytes are left alone when it was the commit that failed.
 */
void
pl_sink_store(pl_sink *s, GPtrArray *requests, gboolean alone)
{
	pl_sink_watch(s, chunk_bytes(requests));
	write_bytes(s, requests);
	if (s->slow || !alone)
		sync_bytes(s);
	g_autoptr(GPtrArray) facts = with_facts(requests);
	store_facts(s, facts);
	end_incoming(s, requests);
}
