/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * batch - outgoing e-mails: planned, read, given up
 *
 * The intention is committed before the first byte leaves: which documents in
 * which order under which Message-ID. Whatever happens later, a retry is the
 * same mail.
 */
#include <string.h>

#include "batch.h"

struct pl_batch *
pl_batch_new(void)
{
	return g_new0(struct pl_batch, 1);
}

void
pl_batch_clear(struct pl_batch *b)
{
	g_free(b->journal);
	g_free(b->message_id);
	g_free(b->deliver_to);
	g_free(b->sender);
	g_free(b->zip_name);
	g_free(b->queue_id);
	g_free(b->reply);
	g_free(b->mta_id);
}

void
pl_batch_free(struct pl_batch *b)
{
	if (b == NULL)
		return;
	pl_batch_clear(b);
	g_free(b);
}

/* ---- reading ----------------------------------------------------------- */

static void
fill(pl_rows *rows, struct pl_batch *b)
{
	unsigned c = 0;

	b->id = pl_rows_int(rows, c++);
	b->run = pl_rows_int(rows, c++);
	b->report = pl_rows_int(rows, c++);
	b->journal = pl_rows_text(rows, c++);
	b->message_id = pl_rows_text(rows, c++);
	b->deliver_to = pl_rows_text(rows, c++);
	b->sender = pl_rows_text(rows, c++);
	b->state = (enum pl_batch_state)pl_rows_int(rows, c++);
	b->zip = pl_rows_int(rows, c++) != 0;
	b->zip_name = pl_rows_text(rows, c++);
	b->documents = (unsigned)pl_rows_int(rows, c++);
	b->created = pl_rows_int(rows, c++);
	b->finished = pl_rows_int(rows, c++);
	b->attempt = (unsigned)pl_rows_int(rows, c++);
	b->maybe_twice = pl_rows_int(rows, c++) != 0;
	b->attempt_state = (enum pl_attempt_state)pl_rows_int(rows, c++);
	b->offered = pl_rows_int(rows, c++);
	b->queue_id = pl_rows_text(rows, c++);
	b->reply = pl_rows_text(rows, c++);
	b->mta_id = pl_rows_text(rows, c++);
	b->size = (guint64)pl_rows_int(rows, c++);
	b->forward = pl_rows_int(rows, c++);
	b->adopted = pl_rows_int(rows, c++);
}

int
pl_batch_look(pl_ledger *l, gint64 id, struct pl_batch *b, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_BATCH_GET, V(v_int(id)), error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);

	if (found > 0)
		fill(rows, b);
	return found;
}

pl_batch *
pl_batch_get(pl_ledger *l, gint64 id, GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_new();
	int found = pl_batch_look(l, id, b, error);

	if (found == 0)
		pl_refuse(
		    error, PL_LEDGER_ABSENT, "no batch %" G_GINT64_FORMAT, id);
	return found > 0 ? g_steal_pointer(&b) : NULL;
}

static GPtrArray *
read_all(pl_ledger *l, enum pl_sql sql, GError **error)
{
	g_autoptr(GPtrArray) batches =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_batch_free);
	g_autoptr(pl_rows) rows = pl_db_query(l->db, sql, V_NONE, error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		struct pl_batch *b = pl_batch_new();

		fill(rows, b);
		g_ptr_array_add(batches, b);
	}
	return more == 0 ? g_steal_pointer(&batches) : NULL;
}

GPtrArray *
pl_batch_unfinished(pl_ledger *l, GError **error)
{
	return read_all(l, PL_SQL_BATCH_UNFINISHED, error);
}

GPtrArray *
pl_batch_unreported(pl_ledger *l, GError **error)
{
	return read_all(l, PL_SQL_BATCH_UNTOLD, error);
}

gboolean
pl_batch_note(pl_ledger *l, const struct pl_batch *b, const char *what,
    const char *detail, GError **error)
{
	return pl_event_note(l,
	    &(struct pl_event){ .what = (char *)what,
		.batch = b->id,
		.journal = b->journal != NULL && *b->journal != '\0'
			       ? b->journal
			       : NULL,
		.detail = (char *)detail },
	    error);
}

/* ---- planning ---------------------------------------------------------- */

/* All must wait, in the batch's journal, each once: looked at before anything
 * is written. Adds to N_CODED. */
static gboolean
all_wait(pl_ledger *l, const struct pl_batch *b, const gint64 *entries,
    unsigned n, int n_coded[2], GError **error)
{
	for (unsigned i = 0; i < n; i++) {
		g_auto(pl_entry_brief) is = { 0 };

		if (!pl_entry_brief_get(l, entries[i], &is, error))
			return FALSE;
		if (is.state != PL_WAITING ||
		    g_strcmp0(is.journal, b->journal) != 0)
			return pl_refuse(error, PL_LEDGER_CONFLICT,
			    "entry %" G_GINT64_FORMAT " of %s is %s",
			    entries[i], is.journal, pl_state_name(is.state));
		for (unsigned k = 0; k < i; k++)
			if (entries[k] == entries[i])
				return pl_refuse(error, PL_LEDGER_CONFLICT,
				    "entry %" G_GINT64_FORMAT " twice",
				    entries[i]);
		n_coded[is.code != NULL]++;
	}
	return TRUE;
}

/* The random end makes it unique also where numbers come again: in a ledger
 * that was put back from a backup. */
static gboolean
name(pl_ledger *l, struct pl_batch *b, GError **error)
{
	const char *at = b->sender != NULL ? strrchr(b->sender, '@') : NULL;
	g_autofree char *domain = g_strndup(at != NULL ? at + 1 : "localhost",
	    at != NULL ? strcspn(at + 1, "> \t") : 9);

	if (b->message_id == NULL)
		b->message_id =
		    g_strdup_printf("<b.%" G_GINT64_FORMAT ".%s-%08x@%s>",
			b->id, l->id, g_random_int(), domain);
	return pl_db_do(l->db, PL_SQL_BATCH_NAME,
	    V(v_int(b->id), v_raw(b->message_id)), error);
}

static gboolean
take_entries(pl_ledger *l, const struct pl_batch *b, const gint64 *entries,
    unsigned n, GError **error)
{
	for (unsigned i = 0; i < n; i++)
		if (!pl_db_do(l->db, PL_SQL_ENTRY_SENDING,
			V(v_int(entries[i]), v_int(b->id), v_int(b->created)),
			error) ||
		    !pl_db_do(l->db, PL_SQL_BATCH_ENTRY_ADD,
			V(v_int(b->id), v_int(i), v_int(entries[i])), error))
			return FALSE;
	return TRUE;
}

static gboolean
note_planned(pl_ledger *l, const struct pl_batch *b, const gint64 *entries,
    unsigned n, GError **error)
{
	g_autoptr(GString) detail = g_string_new(NULL);

	g_string_append_printf(detail, "id=%s", b->message_id);
	if (b->report != 0)
		g_string_append_printf(
		    detail, " report=%" G_GINT64_FORMAT, b->report);
	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(detail, "%s%" G_GINT64_FORMAT,
		    i == 0 ? " entries=" : ",", entries[i]);
	return pl_batch_note(l, b, "planned", detail->str, error);
}

static gboolean
plan(pl_ledger *l, struct pl_batch *b, const gint64 *entries, unsigned n,
    GError **error)
{
	int coded[2] = { 0 };

	if (!all_wait(l, b, entries, n, coded, error))
		return FALSE;
	b->created = g_get_real_time();
	b->documents = n;
	return pl_db_insert(l->db, PL_SQL_BATCH_ADD,
		   V(v_id(b->run), v_id(b->report),
		       v_text(b->journal != NULL ? b->journal : ""),
		       v_raw(b->message_id), v_text(b->deliver_to),
		       v_text(b->sender), v_int(b->zip), v_text(b->zip_name),
		       v_int(n), v_int(b->created)),
		   &b->id, error) &&
	       name(l, b, error) && take_entries(l, b, entries, n, error) &&
	       pl_tally_move_all(l, b->journal, PL_WAITING, coded, PL_SENDING,
		   coded, error) &&
	       (b->report == 0 ||
		   pl_db_do(l->db, PL_SQL_REPORT_BATCH,
		       V(v_int(b->report), v_int(b->id)), error)) &&
	       note_planned(l, b, entries, n, error);
}

gboolean
pl_batch_plan(pl_ledger *l, pl_batch *b, const gint64 *entries, unsigned n,
    GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, plan(l, b, entries, n, error), error);
}

/* ---- its end ----------------------------------------------------------- */

GArray *
pl_batch_entry_ids(pl_ledger *l, gint64 batch, GError **error)
{
	return pl_db_numbers(
	    l->db, PL_SQL_BATCH_ENTRY_OF, V(v_int(batch)), error);
}

static gboolean
settle_one(pl_ledger *l, const struct pl_batch *b, gint64 entry,
    enum pl_state to, const char *code, const char *note, GError **error)
{
	gint64 now = g_get_real_time();

	if (to == PL_SENT)
		return pl_db_do(l->db, PL_SQL_ENTRY_SENT,
		    V(v_int(entry), v_id(b->id), v_int(now)), error);
	return pl_db_do(l->db, PL_SQL_ENTRY_SETTLE,
	    V(v_int(entry), v_int(to), v_text(code), v_text(note),
		v_id(to == PL_WAITING ? 0 : b->id), v_int(now)),
	    error);
}

gboolean
pl_batch_settle(pl_ledger *l, const struct pl_batch *b, enum pl_state to,
    const char *code, const char *note, GError **error)
{
	g_autoptr(GArray) entries = pl_batch_entry_ids(l, b->id, error);
	int before[2] = { 0 }, after[2] = { 0 };

	for (guint i = 0; entries != NULL && i < entries->len; i++) {
		gint64 id = g_array_index(entries, gint64, i);
		g_auto(pl_entry_brief) is = { 0 };

		if (!pl_entry_brief_get(l, id, &is, error))
			return FALSE;
		if (is.state != PL_SENDING || is.batch != b->id)
			continue;
		if (!settle_one(l, b, id, to, code, note, error))
			return FALSE;
		before[is.code != NULL]++;
		after[code != NULL]++;
	}
	return entries != NULL && pl_tally_move_all(l, b->journal, PL_SENDING,
				      before, to, after, error);
}

gboolean
pl_batch_refuse(const struct pl_batch *b, GError **error)
{
	return pl_refuse(error, PL_LEDGER_CONFLICT,
	    "batch %" G_GINT64_FORMAT " is %s", b->id,
	    pl_batch_state_name(b->state));
}

gboolean
pl_batch_put(pl_ledger *l, const struct pl_batch *b, enum pl_batch_state state,
    GError **error)
{
	gboolean finished =
	    state != PL_BATCH_PLANNED && state != PL_BATCH_SUBMITTING;

	return pl_db_do(l->db, PL_SQL_BATCH_STATE,
	    V(v_int(b->id), v_int(state),
		v_int(finished ? g_get_real_time() : 0)),
	    error);
}

gboolean
pl_batch_at_large(
    pl_ledger *l, gint64 batch, unsigned *attempt, GError **error)
{
	gint64 number = 0;

	if (pl_db_number(l->db, PL_SQL_ATTEMPT_AT_LARGE, V(v_int(batch)),
		&number, error) < 0)
		return FALSE;
	*attempt = (unsigned)number;
	return TRUE;
}

/* May the MTA have one of its attempts? */
static gboolean
at_large(pl_ledger *l, const struct pl_batch *b, GError **error)
{
	unsigned attempt;

	if (!pl_batch_at_large(l, b->id, &attempt, error))
		return TRUE;
	if (attempt > 0)
		pl_refuse(error, PL_LEDGER_CONFLICT,
		    "batch %" G_GINT64_FORMAT " may be with the MTA", b->id);
	return attempt > 0;
}

static gboolean
cancel(pl_ledger *l, gint64 id, GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_get(l, id, error);

	if (b == NULL)
		return FALSE;
	if (b->finished != 0)
		return pl_batch_refuse(b, error);
	if (at_large(l, b, error))
		return FALSE;
	if (b->state == PL_BATCH_SUBMITTING &&
	    !pl_db_do(l->db, PL_SQL_ATTEMPT_STATE,
		V(v_int(id), v_int(b->attempt), v_int(PL_ATTEMPT_FENCED),
		    v_int(g_get_real_time())),
		error))
		return FALSE;
	return pl_batch_put(l, b, PL_BATCH_CANCELLED, error) &&
	       pl_batch_settle(l, b, PL_WAITING, NULL, NULL, error) &&
	       pl_batch_note(l, b, "cancelled", NULL, error);
}

gboolean
pl_batch_cancel(pl_ledger *l, gint64 batch, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, cancel(l, batch, error), error);
}
