/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run - runs and the journals' own state
 */
#include "room.h"

void
pl_run_free(struct pl_run *run)
{
	if (run == NULL)
		return;
	g_free(run->config);
	g_free(run->who);
	g_free(run);
}

static gboolean
config_changed(
    pl_ledger *l, const char *digest, gboolean *changed, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_RUN_CONFIG, V_NONE, error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);
	g_autofree char *last = found > 0 ? pl_rows_text(rows, 0) : NULL;

	*changed = g_strcmp0(last, digest) != 0;
	return found >= 0;
}

static gboolean
begin(pl_ledger *l, const char *digest, const char *text, gboolean now,
    gint64 *id, GError **error)
{
	gboolean changed;
	g_autofree char *detail =
	    g_strdup_printf("config=%s now=%s", digest, now ? "yes" : "no");

	if (!config_changed(l, digest, &changed, error) ||
	    !pl_db_insert(l->db, PL_SQL_RUN_ADD,
		V(v_int(g_get_real_time()), v_text(digest), v_int(now),
		    v_text(l->who)),
		id, error) ||
	    !pl_event_note(l,
		&(struct pl_event){
		    .what = (char *)"run", .run = *id, .detail = detail },
		error))
		return FALSE;
	return !changed ||
	       pl_event_note(l,
		   &(struct pl_event){ .what = (char *)"configuration",
		       .run = *id,
		       .detail = (char *)text },
		   error);
}

gboolean
pl_run_begin(pl_ledger *l, const char *config_digest, const char *config_text,
    gboolean now, gint64 *id, GError **error)
{
	struct pl_work work;

	if (!pl_work_begin(&work, l, error) ||
	    !pl_work_end(&work,
		begin(l, config_digest, config_text, now, id, error), error))
		return FALSE;
	l->run = *id;
	return TRUE;
}

static gboolean
end(pl_ledger *l, const pl_run *run, GError **error)
{
	g_autofree char *detail =
	    g_strdup_printf("messages=%u documents=%u "
			    "sent=%u mails=%u problems=%u",
		run->messages, run->documents, run->sent, run->mails,
		run->problems);

	if (!pl_db_do(l->db, PL_SQL_RUN_END,
		V(v_int(run->id),
		    v_int(run->ended != 0 ? run->ended : g_get_real_time()),
		    v_int(run->messages), v_int(run->documents),
		    v_int(run->sent), v_int(run->mails), v_int(run->problems)),
		error))
		return FALSE;
	if (pl_db_changes(l->db) == 0)
		return pl_refuse(error, PL_LEDGER_ABSENT,
		    "no run %" G_GINT64_FORMAT, run->id);
	return pl_event_note(l,
	    &(struct pl_event){
		.what = (char *)"run-ended", .run = run->id, .detail = detail },
	    error);
}

gboolean
pl_run_end(pl_ledger *l, const pl_run *run, GError **error)
{
	struct pl_work work;

	if (!pl_work_begin(&work, l, error) ||
	    !pl_work_end(&work, end(l, run, error), error))
		return FALSE;
	l->run = 0;
	return TRUE;
}

pl_run *
pl_run_get(pl_ledger *l, gint64 id, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_RUN_GET, V(v_int(id)), error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);
	unsigned c = 0;
	pl_run *run;

	if (found == 0)
		pl_refuse(
		    error, PL_LEDGER_ABSENT, "no run %" G_GINT64_FORMAT, id);
	if (found <= 0)
		return NULL;
	run = g_new0(pl_run, 1);
	run->id = pl_rows_int(rows, c++);
	run->started = pl_rows_int(rows, c++);
	run->ended = pl_rows_int(rows, c++);
	run->config = pl_rows_text(rows, c++);
	run->now = pl_rows_int(rows, c++) != 0;
	run->who = pl_rows_text(rows, c++);
	run->messages = (unsigned)pl_rows_int(rows, c++);
	run->documents = (unsigned)pl_rows_int(rows, c++);
	run->sent = (unsigned)pl_rows_int(rows, c++);
	run->mails = (unsigned)pl_rows_int(rows, c++);
	run->problems = (unsigned)pl_rows_int(rows, c++);
	return run;
}

pl_run *
pl_run_last(pl_ledger *l, GError **error)
{
	gint64 id;
	int found = pl_db_number(l->db, PL_SQL_RUN_LAST, V_NONE, &id, error);

	return found > 0 ? pl_run_get(l, id, error) : NULL;
}
