/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check - is the ledger whole?
 *
 * The structure of the facts, their references, what is kept beside them (the
 * counts, the chains), and that every message's bytes are there. The event
 * chain has a check of its own (audit.c).
 */
#include "room.h"

static gboolean
check_beside(pl_ledger *l, enum pl_sql wrong, const char *what, GError **error)
{
	g_autoptr(pl_rows) rows = pl_db_query(l->db, wrong, V_NONE, error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);
	g_autofree char *journal = found > 0 ? pl_rows_text(rows, 0) : NULL;

	if (found > 0)
		pl_refuse(error, PL_LEDGER_DAMAGED,
		    "%s: damaged, the %s of journal %s are not those of "
		    "its entries; put a backup in its place",
		    l->path, what, journal);
	return found == 0;
}

static gboolean
missing(pl_ledger *l, const char *store, gint64 row, GError **error)
{
	g_autofree char *path = pl_store_path(l, store);

	return pl_refuse(error, PL_LEDGER_DAMAGED,
	    "%s: damaged, the bytes %" G_GINT64_FORMAT " of a message are "
	    "missing; put a backup in its place",
	    path, row);
}

/* Both in order of rows: all that the facts name must be there, sealed, and of
 * that size. */
static gboolean
compare(pl_ledger *l, struct pl_store *store, pl_rows *named, GError **error)
{
	g_autoptr(pl_rows) have =
	    pl_db_query(store->db, PL_SQL_STORE_ROWS, V_NONE, error);
	int more;

	if (have == NULL)
		return FALSE;
	while ((more = pl_rows_next(named, error)) > 0) {
		gint64 row = pl_rows_int(named, 0), is = -1;
		int got = 1;

		while (is < row && (got = pl_rows_next(have, error)) > 0)
			is = pl_rows_int(have, 0);
		if (got < 0)
			return FALSE;
		if (got == 0 || is != row || pl_rows_int(have, 1) != 1 ||
		    pl_rows_int(have, 2) != pl_rows_int(named, 1) ||
		    pl_rows_int(have, 3) != pl_rows_int(named, 2))
			return missing(l, store->name, row, error);
	}
	return more == 0;
}

static gboolean
check_store(pl_ledger *l, const char *name, GError **error)
{
	struct pl_store *store = pl_store_reader(l, name, error);
	g_autoptr(pl_rows) named = NULL;
	gboolean ok;

	if (store == NULL)
		return FALSE;
	named = pl_db_query(l->db, PL_SQL_MESSAGE_ROWS, V(v_text(name)), error);
	ok = named != NULL && compare(l, store, named, error);
	pl_store_release(l, store);
	return ok;
}

GPtrArray *
pl_store_named(pl_ledger *l, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_MESSAGE_STORES, V_NONE, error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0)
		g_ptr_array_add(names, pl_rows_text(rows, 0));
	return more == 0 ? g_steal_pointer(&names) : NULL;
}

static gboolean
check_stores(pl_ledger *l, GError **error)
{
	g_autoptr(GPtrArray) names = pl_store_named(l, error);

	for (guint i = 0; names != NULL && i < names->len; i++)
		if (!check_store(l, names->pdata[i], error))
			return FALSE;
	return names != NULL;
}

gboolean
pl_ledger_check(pl_ledger *l, GError **error)
{
	return l->db->driver->check(l->db, NULL, error) &&
	       check_beside(l, PL_SQL_TALLY_WRONG, "counts", error) &&
	       check_beside(l, PL_SQL_STATEMENT_WRONG, "chains", error) &&
	       check_stores(l, error);
}
