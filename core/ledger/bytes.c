/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bytes - writing the messages' bytes
 *
 * Order of what becomes durable: first the bytes, complete and sealed
 * (pl_bytes_sync()), then the facts that name them (pl_message_add() and its
 * commit), then the answer to the MTA. A crash between the first two leaves
 * sealed bytes that nothing names; the sender's queue still has the message,
 * and the sweep at the next start removes them. The other order could leave a
 * fact without bytes: a message lost after 250.
 *
 * Everything written since the last sync is one transaction. When a statement
 * fails, all of it is gone, also messages that others have sealed and that wait
 * for the sync: the sync must fail then, whatever was written after the
 * failure. And a message of which a part is gone must never be sealed by
 * somebody who did not notice: adding to it looks for its row, sealing counts
 * its pieces.
 */
#include <string.h>

#include "room.h"

static gboolean
too_late(const struct pl_bytes_id *id, GError **error)
{
	return pl_refuse(error, PL_LEDGER_FAILED,
	    "message bytes %s:%" G_GINT64_FORMAT " were lost before they "
	    "became durable",
	    id->store, id->row);
}

/* Rolls all monthly files back; returns how many sealed messages that cost. */
static unsigned
undo(pl_ledger *l)
{
	GHashTableIter iter;
	struct pl_store *store;
	unsigned sealed = 0;

	g_hash_table_iter_init(&iter, l->writers);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&store)) {
		if (!store->writing)
			continue;
		pl_db_rollback(store->db);
		store->writing = FALSE;
		sealed += store->sealed;
		store->sealed = 0;
	}
	return sealed;
}

/* The outcome of a change in STORE. */
static gboolean
held(pl_ledger *l, struct pl_store *store, gboolean ok)
{
	if (ok || !store->writing || store->db->failure == NULL)
		return ok;
	if (undo(l) > 0 && l->lost == NULL)
		l->lost = g_error_copy(store->db->failure);
	return FALSE;
}

static struct pl_store *
start(pl_ledger *l, struct pl_store *store, GError **error)
{
	if (l->lost != NULL) {
		g_propagate_error(error, g_error_copy(l->lost));
		return NULL;
	}
	return pl_store_begin(store, error) ? store : NULL;
}

static struct pl_store *
store_of(pl_ledger *l, const struct pl_bytes_id *id, GError **error)
{
	struct pl_store *store = g_hash_table_lookup(l->writers, id->store);

	if (store == NULL) {
		too_late(id, error);
		return NULL;
	}
	return start(l, store, error);
}

gboolean
pl_bytes_create(pl_ledger *l, const char *source, gint64 arrived,
    struct pl_bytes_id *id, GError **error)
{
	struct pl_store *store;
	char name[16];

	pl_store_name(source, arrived, name);
	store = pl_store_writer(l, name, error);
	if (store == NULL || start(l, store, error) == NULL)
		return FALSE;
	if (!held(l, store,
		pl_db_do(store->db, PL_SQL_STORE_CREATE,
		    V(v_int(store->last + 1), v_int(arrived)), error)))
		return FALSE;
	store->last++;
	store->coming++;
	memset(id, 0, sizeof(*id));
	memcpy(id->store, name, sizeof(id->store));
	id->row = store->last;
	return TRUE;
}

/* The row is looked for by itself: a condition in the insertion would make
 * SQLite keep a copy of every page it touches. */
static gboolean
append(struct pl_store *store, const struct pl_bytes_id *id, const void *bytes,
    gsize length, GError **error)
{
	gint64 row;
	int found = pl_db_number(
	    store->db, PL_SQL_STORE_COMING, V(v_int(id->row)), &row, error);

	if (found <= 0)
		return found == 0 ? too_late(id, error) : FALSE;
	return pl_db_do(store->db, PL_SQL_STORE_APPEND,
	    V(v_int(PL_CHUNK_ID(id->row, id->chunks)), v_blob(bytes, length)),
	    error);
}

gboolean
pl_bytes_append(pl_ledger *l, struct pl_bytes_id *id, const void *bytes,
    gsize length, GError **error)
{
	struct pl_store *store = store_of(l, id, error);

	g_assert(length <= PL_CHUNK);
	if (store == NULL)
		return FALSE;
	if (length == 0)
		return TRUE;
	g_assert(id->size % PL_CHUNK == 0);
	if (id->chunks == PL_CHUNKS_MAX - 1)
		return pl_refuse(error, PL_LEDGER_FAILED, "message too large");
	if (!held(l, store, append(store, id, bytes, length, error)))
		return FALSE;
	id->chunks++;
	id->size += length;
	return TRUE;
}

static gboolean
seal(struct pl_store *store, const struct pl_bytes_id *id, GError **error)
{
	gint64 chunks;

	if (pl_db_number(store->db, PL_SQL_STORE_CHUNKS,
		V(v_int(PL_CHUNK_ID(id->row, 0)),
		    v_int(PL_CHUNK_ID(id->row + 1, 0))),
		&chunks, error) < 0)
		return FALSE;
	if (chunks != id->chunks)
		return too_late(id, error);
	if (!pl_db_do(store->db, PL_SQL_STORE_SEAL,
		V(v_int(id->row), v_int((gint64)id->size), v_int(id->chunks)),
		error))
		return FALSE;
	return pl_db_changes(store->db) == 1 || too_late(id, error);
}

gboolean
pl_bytes_seal(pl_ledger *l, const struct pl_bytes_id *id, GError **error)
{
	struct pl_store *store = store_of(l, id, error);

	if (store == NULL || !held(l, store, seal(store, id, error)))
		return FALSE;
	store->coming -= store->coming > 0;
	store->sealed++;
	return TRUE;
}

static gboolean
drop_row(struct pl_store *store, gint64 row, GError **error)
{
	return pl_db_do(store->db, PL_SQL_STORE_DROP_CHUNKS,
		   V(v_int(PL_CHUNK_ID(row, 0)),
		       v_int(PL_CHUNK_ID(row + 1, 0))),
		   error) &&
	       pl_db_do(store->db, PL_SQL_STORE_DROP, V(v_int(row)), error);
}

gboolean
pl_bytes_drop(pl_ledger *l, const struct pl_bytes_id *id, GError **error)
{
	struct pl_store *store = store_of(l, id, error);

	if (store == NULL || !held(l, store, drop_row(store, id->row, error)))
		return FALSE;
	store->coming -= store->coming > 0;
	return TRUE;
}

static gboolean
commit(pl_ledger *l, GError **error)
{
	GHashTableIter iter;
	struct pl_store *store;

	g_hash_table_iter_init(&iter, l->writers);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&store)) {
		if (!store->writing)
			continue;
		store->writing = FALSE;
		store->sealed = 0;
		if (!pl_db_commit(store->db, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
pl_bytes_sync(pl_ledger *l, GError **error)
{
	if (l->lost != NULL) {
		undo(l);
		g_propagate_error(error, g_steal_pointer(&l->lost));
		return FALSE;
	}
	if (!commit(l, error)) {
		undo(l);
		return FALSE;
	}
	pl_store_retire(l, g_get_real_time());
	return TRUE;
}

void
pl_bytes_rollback(pl_ledger *l)
{
	undo(l);
	g_clear_error(&l->lost);
}

/* ---- sweep ------------------------------------------------------------- */

/* Both lists are in order of rows: what the store has and the facts do not
 * name is dropped. */
static gboolean
sweep_rows(struct pl_store *store, const GArray *named, GError **error)
{
	g_autoptr(GArray) doomed = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(pl_rows) rows =
	    pl_db_query(store->db, PL_SQL_STORE_ROWS, V_NONE, error);
	int more = rows == NULL ? -1 : 1;
	guint n = 0;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		gint64 row = pl_rows_int(rows, 0);

		while (n < named->len && g_array_index(named, gint64, n) < row)
			n++;
		if (n == named->len || g_array_index(named, gint64, n) != row)
			g_array_append_val(doomed, row);
	}
	for (guint i = 0; more == 0 && i < doomed->len; i++)
		if (!drop_row(store, g_array_index(doomed, gint64, i), error))
			return FALSE;
	return more == 0;
}

static gboolean
sweep_store(pl_ledger *l, const char *name, GError **error)
{
	struct pl_store *store = pl_store_writer(l, name, error);
	g_autoptr(GArray) named = NULL;

	if (store == NULL || !pl_store_begin(store, error))
		return FALSE;
	named =
	    pl_db_numbers(l->db, PL_SQL_MESSAGE_ROWS, V(v_text(name)), error);
	if (named == NULL || !held(l, store, sweep_rows(store, named, error))) {
		pl_bytes_rollback(l);
		return FALSE;
	}
	store->coming = 0;
	return pl_bytes_sync(l, error);
}

gboolean
pl_bytes_sweep(pl_ledger *l, const char *source, GError **error)
{
	g_autoptr(GPtrArray) names = pl_store_list(l, source, error);

	if (names == NULL)
		return FALSE;
	/* What came in the months before last was swept when it was recent;
	 * the newest file always, since the clock may be wrong. */
	for (guint i = 0; i < names->len; i++)
		if ((i + 1 == names->len ||
			!pl_store_is_old(names->pdata[i])) &&
		    !sweep_store(l, names->pdata[i], error))
			return FALSE;
	return TRUE;
}
