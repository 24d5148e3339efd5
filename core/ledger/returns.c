/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * returns - what comes back to the return path of a batch
 *
 * A returned message is stored by the daemon like any other and read by the
 * run. What it says becomes notices, one a recipient, and changes the state of
 * its batch at most in two ways: a batch without answer is proven to be sent,
 * and a sent one has bounced. Entries that have gone on since are left alone:
 * a bounce that comes late must not hold what was sent again.
 */
#include <string.h>

#include "batch.h"

void
pl_notice_free(struct pl_notice *n)
{
	if (n == NULL)
		return;
	g_free(n->recipient);
	g_free(n->remote);
	g_free(n->words);
	g_free(n->journal);
	g_free(n);
}

const char *
pl_notice_name(enum pl_notice_kind kind)
{
	static const char *const names[] = {
		[PL_NOTICE_FAILED] = "failed",
		[PL_NOTICE_DELAYED] = "delayed",
		[PL_NOTICE_DELIVERED] = "delivered",
		[PL_NOTICE_ANSWER] = "answered",
		[PL_NOTICE_AUTOMATIC] = "automatic-answer",
		[PL_NOTICE_UNCLEAR] = "unclear-notice",
	};

	g_assert((unsigned)kind < G_N_ELEMENTS(names));
	return names[kind];
}

/* ---- messages ---------------------------------------------------------- */

GArray *
pl_return_unread(pl_ledger *l, unsigned limit, GError **error)
{
	return pl_db_numbers(
	    l->db, PL_SQL_RETURN_UNREAD, V(v_int(limit)), error);
}

GArray *
pl_return_suspects(pl_ledger *l, gint64 after, unsigned limit, GError **error)
{
	return pl_db_numbers(l->db, PL_SQL_RETURN_SUSPECTS,
	    V(v_int(after), v_int(limit)), error);
}

static gboolean
mark(pl_ledger *l, gint64 message, gint64 batch, unsigned attempt,
    GError **error)
{
	return pl_db_do(l->db, PL_SQL_RETURN_MARK,
		   V(v_int(message), v_int(batch), v_int(attempt)), error) &&
	       pl_event_note(l,
		   &(struct pl_event){ .what = (char *)"returned",
		       .message = message,
		       .batch = batch },
		   error);
}

gboolean
pl_return_mark(pl_ledger *l, gint64 message, gint64 batch, unsigned attempt,
    GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(
		   &work, mark(l, message, batch, attempt, error), error);
}

/* ---- notices ----------------------------------------------------------- */

static gboolean
add_notice(pl_ledger *l, struct pl_notice *n, GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_get(l, n->batch, error);
	g_autofree char *detail = g_strdup_printf(
	    "attempt=%u message=%" G_GINT64_FORMAT " to=%s by=%s words=%s",
	    n->attempt, n->message, n->recipient != NULL ? n->recipient : "",
	    n->remote != NULL ? n->remote : "",
	    n->words != NULL ? n->words : "");

	return b != NULL &&
	       pl_db_insert(l->db, PL_SQL_NOTICE_ADD,
		   V(v_int(n->message), v_int(n->batch), v_int(n->attempt),
		       v_int(n->kind), v_int(n->at), v_text(n->recipient),
		       v_text(n->remote), v_text(n->words)),
		   &n->id, error) &&
	       pl_batch_note(l, b, pl_notice_name(n->kind), detail, error);
}

gboolean
pl_notice_add(pl_ledger *l, struct pl_notice *notice, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, add_notice(l, notice, error), error);
}

static struct pl_notice *
notice_of(pl_rows *rows)
{
	struct pl_notice *n = g_new0(struct pl_notice, 1);
	unsigned c = 0;

	n->id = pl_rows_int(rows, c++);
	n->message = pl_rows_int(rows, c++);
	n->batch = pl_rows_int(rows, c++);
	n->attempt = (unsigned)pl_rows_int(rows, c++);
	n->kind = (enum pl_notice_kind)pl_rows_int(rows, c++);
	n->at = pl_rows_int(rows, c++);
	n->recipient = pl_rows_text(rows, c++);
	n->remote = pl_rows_text(rows, c++);
	n->words = pl_rows_text(rows, c++);
	n->journal = pl_rows_text(rows, c++);
	return n;
}

static GPtrArray *
notices(pl_rows *opened, GError **error)
{
	g_autoptr(pl_rows) rows = opened;
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_notice_free);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0)
		g_ptr_array_add(list, notice_of(rows));
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

GPtrArray *
pl_notice_of(pl_ledger *l, gint64 batch, GError **error)
{
	return notices(
	    pl_db_query(l->db, PL_SQL_NOTICE_OF, V(v_int(batch)), error),
	    error);
}

GPtrArray *
pl_notice_untold(pl_ledger *l, GError **error)
{
	return notices(
	    pl_db_query(l->db, PL_SQL_NOTICE_UNTOLD, V_NONE, error), error);
}

/* ---- proof --------------------------------------------------------------- */

/* One that was answered, or refused, had its word. */
static gboolean
says_something(enum pl_attempt_state state)
{
	return state == PL_ATTEMPT_SUBMITTING || state == PL_ATTEMPT_OFFERED ||
	       state == PL_ATTEMPT_UNKNOWN || state == PL_ATTEMPT_FENCED;
}

/* Its documents were held because nobody could know. */
static gboolean
is_doubted(const struct pl_batch *b)
{
	return b->adopted != 0 && b->state == PL_BATCH_CANCELLED;
}

static gboolean
end_attempt(pl_ledger *l, const struct pl_batch *b, unsigned number,
    const char *words, GError **error)
{
	gint64 now = g_get_real_time();

	if (number != b->attempt && b->state == PL_BATCH_SUBMITTING &&
	    b->offered == 0 &&
	    !pl_db_do(l->db, PL_SQL_ATTEMPT_STATE,
		V(v_int(b->id), v_int(b->attempt), v_int(PL_ATTEMPT_FENCED),
		    v_int(now)),
		error))
		return FALSE;
	return pl_db_do(l->db, PL_SQL_ATTEMPT_ANSWER,
	    V(v_int(b->id), v_int(number), v_int(PL_ATTEMPT_SENT), v_int(now),
		v_text(words),
		v_text(number == b->attempt ? b->queue_id : NULL),
		v_int((gint64)(number == b->attempt ? b->size : 0))),
	    error);
}

static gboolean
prove(
    pl_ledger *l, gint64 id, unsigned number, const char *words, GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_get(l, id, error);
	g_autofree char *detail =
	    g_strdup_printf("attempt=%u reply=%s", number, words);
	gint64 state = -1;
	int found;

	if (b == NULL)
		return FALSE;
	found = pl_db_number(l->db, PL_SQL_RETURN_ATTEMPTS,
	    V(v_int(id), v_int(number)), &state, error);
	if (found <= 0 || (b->finished != 0 && !is_doubted(b)) ||
	    !says_something((enum pl_attempt_state)state))
		return found >= 0;
	return (!is_doubted(b) || pl_batch_take(l, b, error)) &&
	       end_attempt(l, b, number, words, error) &&
	       pl_batch_put(l, b, PL_BATCH_SENT, error) &&
	       pl_batch_settle(l, b, PL_SENT, NULL, NULL, error) &&
	       pl_batch_note(l, b, "sent", detail, error);
}

gboolean
pl_batch_prove(pl_ledger *l, gint64 batch, unsigned attempt, const char *words,
    GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(
		   &work, prove(l, batch, attempt, words, error), error);
}

/* ---- bounce -------------------------------------------------------------- */

static gboolean
hold(pl_ledger *l, const struct pl_batch *b, gint64 id, const char *words,
    gboolean *bounced, GError **error)
{
	g_auto(pl_entry_brief) is = { 0 };

	if (!pl_entry_brief_get(l, id, &is, error))
		return FALSE;
	if (is.state != PL_SENT || is.batch != b->id)
		return TRUE;
	*bounced = TRUE;
	return pl_db_do(l->db, PL_SQL_ENTRY_SETTLE,
		   V(v_int(id), v_int(PL_HELD), v_text("PL-302"), v_text(words),
		       v_id(b->id), v_int(g_get_real_time())),
		   error) &&
	       pl_tally_move(
		   l, is.journal, is.state, is.code, PL_HELD, "PL-302", error);
}

static gboolean
bounce(pl_ledger *l, gint64 id, unsigned attempt, const char *words,
    gboolean *bounced, GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_get(l, id, error);
	g_autoptr(GArray) entries = NULL;
	g_autofree char *detail =
	    g_strdup_printf("attempt=%u words=%s", attempt, words);
	gint64 other = 0, later = 0; /* documents without an entry yet */

	*bounced = FALSE;
	if (b == NULL || pl_db_number(l->db, PL_SQL_NOTICE_DELIVERED,
			     V(v_int(id), v_int(attempt)), &other, error) < 0)
		return FALSE;
	if (b->state != PL_BATCH_SENT || other != 0)
		return TRUE;
	entries = pl_batch_entry_ids(l, id, error);
	if (entries == NULL)
		return FALSE;
	for (guint i = 0; i < entries->len; i++)
		if (!hold(l, b, g_array_index(entries, gint64, i), words,
			bounced, error))
			return FALSE;
	if (b->adopted != 0 && pl_db_number(l->db, PL_SQL_CARRIED_OF,
				   V(v_int(id)), &later, error) < 0)
		return FALSE;
	*bounced |= b->report != 0 || later > 0;
	if (!*bounced)
		return TRUE;
	return pl_batch_put(l, b, PL_BATCH_BOUNCED, error) &&
	       pl_batch_note(l, b, "bounced", detail, error);
}

gboolean
pl_batch_bounce(pl_ledger *l, gint64 batch, unsigned attempt, const char *words,
    gboolean *bounced, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work,
		   bounce(l, batch, attempt, words, bounced, error), error);
}
