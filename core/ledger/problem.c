/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * problem - is it to be told already?
 *
 * Asked for each e-mail that is put off, of which there may be thousands, while
 * nobody may have told anything for years.
 */
#include "room.h"

gboolean
pl_problem_waits(
    pl_ledger *l, const struct pl_problem *p, gboolean *waits, GError **error)
{
	const gboolean of_entry = p->entry != 0;
	g_autoptr(pl_rows) rows = pl_db_query(l->db,
	    of_entry ? PL_SQL_PROBLEM_WAITS_OF_ENTRY
		     : PL_SQL_PROBLEM_WAITS_OF_BATCH,
	    V(v_int(of_entry ? p->entry : p->batch), v_text(p->code),
		v_text(p->text != NULL ? p->text : "")),
	    error);

	if (rows == NULL || pl_rows_next(rows, error) <= 0)
		return FALSE;
	*waits = pl_rows_int(rows, 0) > 0;
	return TRUE;
}
