/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check - is the ledger whole?
 *
 * The structure of the facts, their references, what is kept beside them (the
 * counts, the chains, what is open, what came again), and that every message's
 * bytes are there. The event chain has a check of its own (audit.c).
 */
#include "store.h"

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
check_again(pl_ledger *l, GError **error)
{
	gint64 id;
	int found =
	    pl_db_number(l->db, PL_SQL_MESSAGE_AGAIN_WRONG, V_NONE, &id, error);

	return found == 0 ||
	       (found > 0 &&
		   pl_refuse(error, PL_LEDGER_DAMAGED,
		       "%s: damaged, whether message %" G_GINT64_FORMAT
		       " came before is not as it says; put a backup in its "
		       "place",
		       l->path, id));
}

static gboolean
missing(const struct pl_store *store, gint64 row, GError **error)
{
	return pl_refuse(error, PL_LEDGER_DAMAGED,
	    "%s: damaged, the bytes %" G_GINT64_FORMAT " of a message are "
	    "missing; put a backup in its place",
	    store->path, row);
}

/* Sealed, and of that size, and all pieces are there. */
static gboolean
is_there(const struct pl_store *store, pl_rows *named)
{
	g_auto(pl_seal) seal = { 0 };
	guint64 left = (guint64)pl_rows_int(named, 1);

	if (!pl_seal_read(
		store, (guint64)pl_rows_int(named, 0), FALSE, &seal) ||
	    seal.size != left || seal.n != pl_rows_int(named, 2))
		return FALSE;
	for (guint32 i = 0; i < seal.n; i++) {
		enum pl_record kind;
		guint32 length;

		if (!pl_record_at(store, seal.pieces[i], &kind, &length) ||
		    kind != PL_RECORD_PIECE || length != MIN(left, PL_CHUNK))
			return FALSE;
		left -= length;
	}
	return TRUE;
}

static gboolean
check_store(pl_ledger *l, const char *name, GError **error)
{
	struct pl_store *store = pl_store_reader(l, name, error);
	g_autoptr(pl_rows) named = NULL;
	int more = -1;

	if (store == NULL)
		return FALSE;
	named = pl_db_query(
	    l->db, PL_SQL_MESSAGE_ROWS, V(v_text(name), v_int(0)), error);
	if (named != NULL)
		while ((more = pl_rows_next(named, error)) > 0)
			if (!is_there(store, named)) {
				missing(store, pl_rows_int(named, 0), error);
				break;
			}
	pl_store_release(l, store);
	return more == 0;
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
	       check_beside(l, PL_SQL_ACCOUNT_WRONG, "accounts", error) &&
	       check_beside(l, PL_SQL_ENTRY_OPEN_WRONG, "open lines", error) &&
	       check_again(l, error) && check_stores(l, error);
}
