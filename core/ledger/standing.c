/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * standing - what the ledger remembers of a journal between two runs
 */
#include "room.h"

void
pl_standing_free(struct pl_standing *s)
{
	if (s == NULL)
		return;
	g_free(s->journal);
	g_free(s->start_date);
	g_free(s->rules);
	g_free(s->expires);
	g_free(s);
}

pl_standing *
pl_standing_get(pl_ledger *l, const char *journal, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_STANDING_GET, V(v_text(journal)), error);
	pl_standing *s;

	if (rows == NULL || pl_rows_next(rows, error) <= 0)
		return NULL;
	s = g_new0(pl_standing, 1);
	s->journal = pl_rows_text(rows, 0);
	s->enabled = pl_rows_int(rows, 1) != 0;
	s->start_date = pl_rows_text(rows, 2);
	s->rules = pl_rows_text(rows, 3);
	s->activated = pl_rows_int(rows, 4);
	s->activating = pl_rows_int(rows, 5) != 0;
	s->served = pl_rows_int(rows, 6);
	s->expires = pl_rows_text(rows, 7);
	s->reminded = (int)pl_rows_int(rows, 8);
	return s;
}

static gboolean
put(pl_ledger *l, const pl_standing *s, const char *what, GError **error)
{
	g_autofree char *detail = g_strdup_printf(
	    "enabled=%s start_date=%s rules=%s", s->enabled ? "yes" : "no",
	    s->start_date != NULL ? s->start_date : "",
	    s->rules != NULL ? s->rules : "");

	if (!pl_db_do(l->db, PL_SQL_STANDING_PUT,
		V(v_text(s->journal), v_int(s->enabled), v_text(s->start_date),
		    v_text(s->rules), v_int(s->activated), v_int(s->activating),
		    v_int(s->served), v_text(s->expires), v_int(s->reminded)),
		error))
		return FALSE;
	return what == NULL || pl_event_note(l,
				   &(struct pl_event){ .what = (char *)what,
				       .journal = s->journal,
				       .detail = detail },
				   error);
}

gboolean
pl_standing_put(
    pl_ledger *l, const pl_standing *standing, const char *what, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, put(l, standing, what, error), error);
}
