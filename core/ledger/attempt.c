/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attempt - exactly once through the MTA: fence, offer, answer
 *
 * Three parties write to an attempt, each in one transaction, in any order:
 *
 *   the run      pl_batch_attempt(): "from now on only number N counts"
 *   the daemon   pl_batch_offer(): N comes by; may it pass?
 *   the run      pl_batch_answer(): what the MTA said to N
 *
 * The write lock puts them in line. An attempt that was fenced before it came
 * by is dropped by the daemon, so the run that commits N+1 while N is not
 * offered knows for sure that N never goes out, even if the MTA is still busy
 * with it. That holds only where outgoing e-mail goes by the daemon: as long as
 * the last one that was sent did not, each without answer may have left.
 * Once N is offered nobody but the MTA knows whether it queued it:
 * then the next attempt needs proof, or force, and force is remembered as
 * "perhaps twice". An attempt that has an answer is over: a copy that comes by
 * later is dropped. One without an answer may come by twice (a filter that
 * feeds mail back): nothing proves that the first was queued, so both pass.
 * Losing a document is worse than sending it again under the same Message-ID.
 */
#include "batch.h"

/* ---- fence ------------------------------------------------------------- */

gboolean
pl_batch_is_open(const struct pl_batch *b)
{
	return b->attempt > 0 && (b->attempt_state == PL_ATTEMPT_SUBMITTING ||
				     b->attempt_state == PL_ATTEMPT_OFFERED ||
				     b->attempt_state == PL_ATTEMPT_UNKNOWN);
}

/* What becomes of the attempt before the new one. */
static gboolean
end_present(
    pl_ledger *l, const struct pl_batch *b, gboolean at_large, GError **error)
{
	enum pl_attempt_state state =
	    at_large ? PL_ATTEMPT_UNKNOWN : PL_ATTEMPT_FENCED;

	if (!pl_batch_is_open(b))
		return TRUE;
	return pl_db_do(l->db, PL_SQL_ATTEMPT_STATE,
	    V(v_int(b->id), v_int(b->attempt), v_int(state),
		v_int(g_get_real_time())),
	    error);
}

static gboolean
next_attempt(pl_ledger *l, const struct pl_batch *b, gboolean at_large,
    gboolean force, GError **error)
{
	unsigned number = b->attempt + 1;
	gboolean twice = force && pl_batch_is_open(b);
	g_autofree char *detail = g_strdup_printf(
	    "attempt=%u%s", number, twice ? " perhaps_twice=yes" : "");

	return end_present(l, b, at_large, error) &&
	       pl_db_do(l->db, PL_SQL_BATCH_ATTEMPT,
		   V(v_int(b->id), v_int(number), v_int(twice)), error) &&
	       pl_db_do(l->db, PL_SQL_ATTEMPT_ADD,
		   V(v_int(b->id), v_int(number), v_int(g_get_real_time())),
		   error) &&
	       pl_batch_note(l, b, "submitting", detail, error);
}

static gboolean
attempt(
    pl_ledger *l, gint64 id, gboolean force, unsigned *number, GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_get(l, id, error);
	unsigned loose = 0;
	gboolean at_large;

	if (b == NULL || !pl_batch_at_large(l, id, &loose, error))
		return FALSE;
	at_large = loose > 0 && loose == b->attempt;
	if (b->finished != 0)
		return pl_batch_refuse(b, error);
	if (at_large && !force)
		return pl_refuse(error, PL_LEDGER_CONFLICT,
		    "batch %" G_GINT64_FORMAT ".%u may be with the MTA%s%s, "
		    "which has not answered",
		    id, b->attempt, b->queue_id != NULL ? " as " : "",
		    b->queue_id != NULL ? b->queue_id : "");
	if (!next_attempt(l, b, at_large, force, error))
		return FALSE;
	*number = b->attempt + 1;
	return TRUE;
}

gboolean
pl_batch_attempt(pl_ledger *l, gint64 batch, gboolean force, unsigned *number,
    GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(
		   &work, attempt(l, batch, force, number, error), error);
}

/* ---- offer ------------------------------------------------------------- */

static gboolean
note_offered(pl_ledger *l, const struct pl_batch *b, const char *queue_id,
    const char *what, unsigned number, GError **error)
{
	g_autofree char *detail = g_strdup_printf(
	    "attempt=%u queue_id=%s", number, queue_id != NULL ? queue_id : "");

	return pl_batch_note(l, b, what, detail, error);
}

#define STALE_MOST 20 /* lines of a batch: who copies it may do so for ever */

/* One that comes by after it was answered: a filter gives it back to the MTA
 * in front of us, or somebody sends a copy. Said once. */
static gboolean
tell_replay(pl_ledger *l, const struct pl_batch *b, const char *queue_id,
    GError **error)
{
	g_autofree char *text = g_strdup_printf(
	    "E-mail %" G_GINT64_FORMAT ".%u came by again as %s after it was "
	    "%s, and was dropped.",
	    b->id, b->attempt, queue_id != NULL ? queue_id : "(no queue id)",
	    pl_batch_state_name(b->state));
	struct pl_problem p = { .batch = b->id,
		.code = (char *)"PL-308",
		.text = text,
		.journal = b->report == 0 ? b->journal : NULL };

	return pl_problem_put(l, &p, error);
}

static gboolean
note_stale(pl_ledger *l, const struct pl_batch *b, const char *queue_id,
    unsigned number, GError **error)
{
	gint64 before = 0;

	if (pl_db_number(
		l->db, PL_SQL_STALE_COUNT, V(v_int(b->id)), &before, error) < 0)
		return FALSE;
	if (before >= STALE_MOST)
		return TRUE;
	return note_offered(l, b, queue_id, "stale", number, error) &&
	       (before > 0 || b->finished == 0 || number != b->attempt ||
		   tell_replay(l, b, queue_id, error));
}

static gboolean
forged(pl_ledger *l, gint64 id, const char *queue_id, GError **error)
{
	const char *named = queue_id != NULL ? queue_id : "(no queue id)";
	g_autofree char *text = g_strdup_printf(
	    "A message, %s, pretends to be e-mail %" G_GINT64_FORMAT
	    " by its return path and is not: it was treated as other mail.",
	    named, id);
	g_autofree char *detail = g_strdup_printf("queue_id=%s", named);
	g_autoptr(pl_batch) b = pl_batch_new();
	gint64 before = 0;
	int found = pl_batch_look(l, id, b, error);
	struct pl_problem p = { .batch = id,
		.code = (char *)"PL-308",
		.text = text,
		.journal = b->report == 0 ? b->journal : NULL };

	if (found <= 0)
		return found == 0;
	if (pl_db_number(l->db, PL_SQL_FORGED_COUNT, V(v_int(id)), &before,
		error) < 0)
		return FALSE;
	return before > 0 || (pl_batch_note(l, b, "forged", detail, error) &&
				 pl_problem_put(l, &p, error));
}

gboolean
pl_batch_forged(
    pl_ledger *l, gint64 batch, const char *queue_id, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, forged(l, batch, queue_id, error), error);
}

static gboolean
offer(pl_ledger *l, gint64 id, unsigned number, const char *queue_id,
    enum pl_offer *offer, GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_new();
	int found = pl_batch_look(l, id, b, error);

	*offer = PL_OFFER_UNKNOWN;
	if (found <= 0 || pl_batch_is_beyond(b, number))
		return found >= 0;
	*offer = PL_OFFER_STALE;
	if (b->state != PL_BATCH_SUBMITTING || b->attempt != number ||
	    !pl_batch_is_open(b))
		return note_stale(l, b, queue_id, number, error);
	*offer = PL_OFFER_PASS;
	return pl_db_do(l->db, PL_SQL_ATTEMPT_OFFER,
		   V(v_int(id), v_int(number), v_int(g_get_real_time()),
		       v_text(queue_id)),
		   error) &&
	       note_offered(l, b, queue_id, "offered", number, error);
}

gboolean
pl_batch_offer(pl_ledger *l, gint64 batch, unsigned number,
    const char *queue_id, enum pl_offer *result, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work,
		   offer(l, batch, number, queue_id, result, error), error);
}

/* ---- answer ------------------------------------------------------------ */

struct answer {
	const char *what;
	enum pl_attempt_state attempt;
	enum pl_batch_state batch;
};

static const struct answer *
answer_for(enum pl_attempt_state state)
{
	static const struct answer answers[] = {
		{ "sent", PL_ATTEMPT_SENT, PL_BATCH_SENT },
		{ "refused", PL_ATTEMPT_REFUSED, PL_BATCH_REFUSED },
		{ "deferred", PL_ATTEMPT_DEFERRED, PL_BATCH_PLANNED },
		{ "unknown", PL_ATTEMPT_UNKNOWN, PL_BATCH_SUBMITTING },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(answers); i++)
		if (answers[i].attempt == state)
			return &answers[i];
	g_assert_not_reached();
}

/* The MTA's words are one line in the history, and in the note of an entry. */
static char *
one_line(const char *reply)
{
	char *line = g_strdup(reply);

	return line == NULL ? NULL
			    : g_strchomp(g_strdelimit(line, "\r\n", ' '));
}

static gboolean
note_answer(pl_ledger *l, const struct pl_batch *b, const struct answer *a,
    const char *reply, const char *mta_id, guint64 size, GError **error)
{
	g_autofree char *detail = g_strdup_printf(
	    "attempt=%u size=%" G_GUINT64_FORMAT " mta_id=%s reply=%s",
	    b->attempt, size, mta_id != NULL ? mta_id : "",
	    reply != NULL ? reply : "");

	return pl_batch_note(l, b, a->what, detail, error);
}

static gboolean
settle(pl_ledger *l, const struct pl_batch *b, const struct answer *a,
    const char *words, GError **error)
{
	switch (a->attempt) {
	case PL_ATTEMPT_SENT:
		return pl_batch_settle(l, b, PL_SENT, NULL, NULL, error);
	case PL_ATTEMPT_REFUSED:
		return pl_batch_settle(l, b, PL_HELD, "PL-301", words, error);
	default:
		return TRUE;
	}
}

static gboolean
answer(pl_ledger *l, gint64 id, unsigned number, const struct answer *a,
    const char *reply, const char *mta_id, guint64 size, GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_get(l, id, error);
	g_autofree char *words = one_line(reply);

	if (b == NULL)
		return FALSE;
	if (b->state != PL_BATCH_SUBMITTING || b->attempt != number ||
	    !pl_batch_is_open(b))
		return pl_refuse(error, PL_LEDGER_CONFLICT,
		    "batch %" G_GINT64_FORMAT " is %s with attempt %u", id,
		    pl_batch_state_name(b->state), b->attempt);
	return pl_db_do(l->db, PL_SQL_ATTEMPT_ANSWER,
		   V(v_int(id), v_int(number), v_int(a->attempt),
		       v_int(g_get_real_time()), v_text(reply), v_text(mta_id),
		       v_int((gint64)size)),
		   error) &&
	       pl_batch_put(l, b, a->batch, error) &&
	       settle(l, b, a, words, error) &&
	       note_answer(l, b, a, words, mta_id, size, error);
}

gboolean
pl_batch_answer(pl_ledger *l, gint64 batch, unsigned number,
    enum pl_attempt_state state, const char *reply, const char *mta_id,
    guint64 size, GError **error)
{
	const struct answer *a = answer_for(state);
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work,
		   answer(l, batch, number, a, reply, mta_id, size, error),
		   error);
}
