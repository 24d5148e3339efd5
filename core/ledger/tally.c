/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tally - how many entries a journal has in each state
 *
 * Kept in the transaction of every change, so that a status of ten million
 * entries is a look at a few lines.
 */
#include "room.h"

gboolean
pl_tally_add(pl_ledger *l, const char *journal, enum pl_state state,
    const char *code, int n, GError **error)
{
	return pl_db_do(l->db, PL_SQL_TALLY_ADD,
	    V(v_text(journal), v_int(state), v_int(code != NULL), v_int(n)),
	    error);
}

gboolean
pl_tally_move(pl_ledger *l, const char *journal, enum pl_state from,
    const char *from_code, enum pl_state to, const char *to_code,
    GError **error)
{
	return pl_tally_add(l, journal, from, from_code, -1, error) &&
	       pl_tally_add(l, journal, to, to_code, 1, error);
}

gboolean
pl_tally_move_all(pl_ledger *l, const char *journal, enum pl_state from,
    const int before[2], enum pl_state to, const int after[2], GError **error)
{
	for (int coded = 0; coded < 2; coded++) {
		const char *code = coded != 0 ? "" : NULL;

		if ((before[coded] > 0 && !pl_tally_add(l, journal, from, code,
					      -before[coded], error)) ||
		    (after[coded] > 0 && !pl_tally_add(l, journal, to, code,
					     after[coded], error)))
			return FALSE;
	}
	return TRUE;
}

static gboolean
count(
    pl_ledger *l, const char *journal, struct pl_counts *counts, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_TALLY_OF, V(v_text(journal)), error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		gint64 state = pl_rows_int(rows, 0), n = pl_rows_int(rows, 2);

		if (state < 0 || state >= PL_STATES)
			continue;
		counts->by_state[state] += (guint64)n;
		if (state == PL_HELD && pl_rows_int(rows, 1) != 0)
			counts->problems += (guint64)n;
	}
	return more == 0;
}

GPtrArray *
pl_entry_journals(pl_ledger *l, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_TALLY_JOURNALS, V_NONE, error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0)
		g_ptr_array_add(names, pl_rows_text(rows, 0));
	return more == 0 ? g_steal_pointer(&names) : NULL;
}

gboolean
pl_entry_counts(
    pl_ledger *l, const char *journal, struct pl_counts *counts, GError **error)
{
	*counts = (struct pl_counts){ 0 };
	return count(l, journal, counts, error) &&
	       pl_db_number(l->db, PL_SQL_ENTRY_OLDEST,
		   V(v_text(journal), v_int(PL_WAITING)),
		   &counts->oldest_waiting, error) >= 0;
}

gboolean
pl_entry_last_sent(
    pl_ledger *l, const char *journal, gint64 *at, GError **error)
{
	return pl_db_number(l->db, PL_SQL_ENTRY_LAST_SENT, V(v_text(journal)),
		   at, error) >= 0;
}
