/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * retention_month - the bytes of one month go
 *
 * A month in which nothing is kept goes as a file, at once. That is safe only
 * when nobody has it open: a daemon whose clock went back might write a message
 * into a file without a name. So the file is taken for ourselves, gets a row
 * that ends it for whoever opens it in this very moment, and then loses its
 * name. In a month that keeps something, rows are deleted, a few a transaction;
 * once little is left of it, that is written anew into a small file. Nobody
 * writes there any more, and readers are not kept waiting. Files of these days
 * are not shortened: what comes in fills them.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "retention.h"

#define STEP_BYTES (4u << 20) /* deleted a transaction on a month */
#define STEP_ROWS 256
#define TRIM_MOST (256 << 20) /* kept bytes written anew at once */
#define LATER "retention-files"

/* ---- rows of a month --------------------------------------------------- */

static gboolean
delete_row(pl_db *db, gint64 row, GError **error)
{
	return pl_db_do(db, PL_SQL_STORE_DROP_CHUNKS,
		   V(v_int(PL_CHUNK_ID(row, 0)),
		       v_int(PL_CHUNK_ID(row + 1, 0))),
		   error) &&
	       pl_db_do(db, PL_SQL_STORE_DROP, V(v_int(row)), error);
}

/* One transaction, from the end of the list. */
static gboolean
step_rows(struct pl_pruning *p, struct pl_store *store, GError **error)
{
	guint n = 0;
	gint64 bytes = 0;
	gboolean ok = pl_store_begin(store, error);

	for (; ok && n < p->doomed->len && n < STEP_ROWS && bytes < STEP_BYTES;
	     n++) {
		const struct pl_doomed *d = &g_array_index(
		    p->doomed, struct pl_doomed, p->doomed->len - 1 - n);

		bytes += d->size;
		ok = delete_row(store->db, d->row, error);
	}
	if (ok)
		ok = pl_db_commit(store->db, error);
	else
		pl_db_rollback(store->db);
	store->writing = FALSE;
	if (ok)
		g_array_set_size(p->doomed, p->doomed->len - n);
	return ok;
}

/* The bytes that a call which died left: what nobody names. Only of a month
 * into which nothing comes. */
static gboolean
find_unnamed(struct pl_pruning *p, struct pl_store *store, GError **error)
{
	g_autoptr(GArray) named = pl_db_numbers(
	    p->l->db, PL_SQL_MESSAGE_ROWS, V(v_text(p->name)), error);
	g_autoptr(pl_rows) rows =
	    named == NULL
		? NULL
		: pl_db_query(store->db, PL_SQL_STORE_ROWS, V_NONE, error);
	int more = rows == NULL ? -1 : 1;
	guint n = 0;

	g_array_set_size(p->doomed, 0);
	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		const struct pl_doomed d = { pl_rows_int(rows, 0),
			pl_rows_int(rows, 2) };

		while (
		    n < named->len && g_array_index(named, gint64, n) < d.row)
			n++;
		if (n == named->len || g_array_index(named, gint64, n) != d.row)
			g_array_append_val(p->doomed, d);
	}
	return more == 0;
}

static gboolean
empty_rows(struct pl_pruning *p, struct pl_store *store, gboolean resumed,
    GError **error)
{
	gboolean old = pl_store_is_old(p->name);

	if (old && resumed && !find_unnamed(p, store, error))
		return FALSE;
	/* Nobody comes back for those of these days. */
	while (p->doomed->len > 0 && (!old || pl_pruning_goes_on(p)))
		if (!step_rows(p, store, error))
			return FALSE;
	if (!old || p->doomed->len > 0)
		return TRUE;
	if (!store->db->driver->trim(store->db, TRIM_MOST, error))
		return FALSE;
	store->db->driver->shrink(store->db);
	return TRUE;
}

/* ---- a whole month ----------------------------------------------------- */

static gboolean
note_removed(struct pl_pruning *p, guint64 size, GError **error)
{
	g_autofree char *detail =
	    g_strdup_printf("bytes=%s size=%" G_GUINT64_FORMAT, p->name, size);
	struct pl_work work;

	return pl_work_begin(&work, p->l, error) &&
	       pl_work_end(&work,
		   pl_event_note(p->l,
		       &(struct pl_event){
			   .what = (char *)"removed", .detail = detail },
		       error),
		   error);
}

/* Files that somebody had open, to be removed by a later call: their names. */
char **
pl_pruning_later(pl_ledger *l)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_META_GET, V(v_text(LATER)), NULL);
	g_autofree char *text = rows != NULL && pl_rows_next(rows, NULL) > 0
				    ? pl_rows_text(rows, 0)
				    : NULL;

	return g_strsplit(text != NULL ? text : "", " ", -1);
}

static gboolean
put_later(struct pl_pruning *p, gboolean later, GError **error)
{
	g_auto(GStrv) names = pl_pruning_later(p->l);
	g_autoptr(GString) text = g_string_new(later ? p->name : NULL);
	struct pl_work work;

	if (g_strv_contains((const char *const *)names, p->name) == later)
		return TRUE;
	for (unsigned i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], p->name) != 0)
			g_string_append_printf(
			    text, "%s%s", text->len > 0 ? " " : "", names[i]);
	return pl_work_begin(&work, p->l, error) &&
	       pl_work_end(&work,
		   pl_db_do(p->l->db, PL_SQL_META_PUT,
		       V(v_text(LATER), v_text(text->str)), error),
		   error);
}

/* Nobody else has it open, nothing comes into it, and nothing will. */
static gboolean
is_ended(struct pl_store *store)
{
	gint64 coming = 0;

	return store->db->driver->alone(store->db) &&
	       pl_db_number(
		   store->db, PL_SQL_STORE_OPENED, V_NONE, &coming, NULL) > 0 &&
	       coming == 0 &&
	       pl_db_do(
		   store->db, PL_SQL_STORE_END, V(v_int(PL_STORE_END)), NULL) &&
	       pl_db_commit(store->db, NULL);
}

static gboolean
unlink_month(const char *path, GError **error)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++) {
		g_autofree char *file = g_strconcat(path, ends[i], NULL);

		if (unlink(file) != 0 && errno != ENOENT)
			return pl_refuse(error, PL_LEDGER_FAILED,
			    "%s: cannot be removed: %s", file,
			    g_strerror(errno));
	}
	return TRUE;
}

/* With the file for ourselves until its name is gone. */
static gboolean
remove_file(struct pl_pruning *p, struct pl_store *store, GError **error)
{
	g_autofree char *path = g_strdup(store->db->path);
	struct stat st = { 0 };

	if (!is_ended(store)) {
		pl_db_rollback(store->db);
		return put_later(p, TRUE, error);
	}
	(void)!stat(path, &st);
	if (!unlink_month(path, error))
		return FALSE;
	p->done->months++;
	return note_removed(p, (guint64)st.st_size, error) &&
	       put_later(p, FALSE, error);
}

/* ---- its end ----------------------------------------------------------- */

/* A connection of its own, so that no other user of the handle keeps it. */
gboolean
pl_pruning_finish(struct pl_pruning *p, gboolean resumed, GError **error)
{
	struct pl_store *reader = g_hash_table_lookup(p->l->readers, p->name);
	gboolean ok;
	struct pl_store *store;
	gint64 one;
	int kept = pl_db_number(
	    p->l->db, PL_SQL_PRUNE_KEPT, V(v_text(p->name)), &one, error);

	if (kept < 0)
		return FALSE;
	if (reader != NULL && reader->users == 0)
		g_hash_table_remove(p->l->readers, p->name);
	store = pl_store_writer(p->l, p->name, error);
	if (store == NULL)
		return FALSE;
	g_assert(!store->writing);
	ok = kept == 0 && pl_store_is_old(p->name)
		 ? remove_file(p, store, error)
		 : empty_rows(p, store, resumed, error);
	g_hash_table_remove(p->l->writers, p->name);
	return ok;
}
