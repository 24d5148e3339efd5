/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * retention - message bytes are dropped, what they said stays
 *
 * First the facts say that the bytes of some messages are dropped, with an
 * event, then the bytes go: a crash in between leaves bytes that nobody names,
 * never a fact that names bytes which are gone. Months are looked at one after
 * the other, a few hundred messages a transaction; where it stopped is noted
 * with each, and the next call begins there.
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
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "room.h"

#define LOOK 256              /* messages a transaction on the facts */
#define STEP_BYTES (4u << 20) /* deleted a transaction on a month */
#define STEP_ROWS 256
#define TRIM_MOST (256 << 20) /* kept bytes written anew at once */
#define CURSOR "retention"
#define LATER "retention-files"

struct doomed {
	gint64 row;
	gint64 size;
};

struct pruning {
	pl_ledger *l;
	gint64 before;
	pl_prune_func goes_on;
	void *user;
	struct pl_pruned *done;
	/* the month */
	const char *name;
	gint64 row;     /* looked at up to here */
	GArray *doomed; /* struct doomed, still to be deleted */
	gboolean noted; /* where it is now */
};

static gboolean
may_go_on(struct pruning *p)
{
	if (!p->done->more && p->goes_on != NULL &&
	    !p->goes_on(p->done, p->user))
		p->done->more = TRUE;
	return !p->done->more;
}

/* Others come first: what cannot be had now is left for the next time. */
static gboolean
or_later(struct pruning *p, gboolean ok, GError *failed, GError **error)
{
	if (ok)
		return TRUE;
	if (g_error_matches(failed, PL_LEDGER_ERROR, PL_LEDGER_RETRY)) {
		p->done->more = TRUE;
		g_error_free(failed);
		return TRUE;
	}
	g_propagate_error(error, failed);
	return FALSE;
}

/* ---- the facts --------------------------------------------------------- */

struct look {
	GArray *ids; /* gint64, to be marked */
	gint64 bytes, row;
	guint seen;
};

static gboolean
look(struct pruning *p, struct look *k, GError **error)
{
	g_autoptr(pl_rows) rows = pl_db_query(p->l->db, PL_SQL_PRUNE_LOOK,
	    V(v_text(p->name), v_int(p->row), v_int(p->before), v_int(LOOK)),
	    error);
	int more = rows == NULL ? -1 : 1;

	k->row = p->row;
	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		const struct doomed d = { pl_rows_int(rows, 1),
			pl_rows_int(rows, 2) };
		gint64 id = pl_rows_int(rows, 0);

		k->seen++;
		k->row = d.row;
		if (pl_rows_int(rows, 3) == 0)
			continue;
		g_array_append_val(k->ids, id);
		g_array_append_val(p->doomed, d);
		k->bytes += d.size;
	}
	return more == 0;
}

/* "1-40,42" */
static void
add_ranges(GString *text, const GArray *ids)
{
	for (guint i = 0, last; i < ids->len; i = last + 1) {
		gint64 first = g_array_index(ids, gint64, i);

		for (last = i; last + 1 < ids->len &&
			       g_array_index(ids, gint64, last + 1) ==
				   first + (gint64)(last + 1 - i);)
			last++;
		g_string_append_printf(
		    text, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "", first);
		if (last > i)
			g_string_append_printf(text, "-%" G_GINT64_FORMAT,
			    g_array_index(ids, gint64, last));
	}
}

static gboolean
mark(struct pruning *p, const struct look *k, GError **error)
{
	g_autoptr(GString) detail = g_string_new(NULL);
	gint64 now = g_get_real_time();

	for (guint i = 0; i < k->ids->len; i++)
		if (!pl_db_do(p->l->db, PL_SQL_PRUNE_MARK,
			V(v_int(g_array_index(k->ids, gint64, i)), v_int(now)),
			error))
			return FALSE;
	g_string_printf(detail,
	    "bytes=%s size=%" G_GINT64_FORMAT " messages=", p->name, k->bytes);
	add_ranges(detail, k->ids);
	return pl_event_note(p->l,
	    &(struct pl_event){
		.what = (char *)"pruned", .detail = detail->str },
	    error);
}

static gboolean
put_cursor(struct pruning *p, gint64 row, GError **error)
{
	g_autofree char *text =
	    p->name == NULL
		? g_strdup("")
		: g_strdup_printf("%s %" G_GINT64_FORMAT, p->name, row);

	p->noted = p->name != NULL;
	return pl_db_do(
	    p->l->db, PL_SQL_META_PUT, V(v_text(CURSOR), v_text(text)), error);
}

/* One transaction. *SEEN: messages looked at, fewer than LOOK at the end. */
static gboolean
step_facts(struct pruning *p, guint *seen, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct look k = { .ids = ids };
	guint before = p->doomed->len;
	struct pl_work work;

	*seen = 0;
	if (!pl_work_begin(&work, p->l, error))
		return FALSE;
	if (!pl_work_end(&work,
		look(p, &k, error) &&
		    (ids->len == 0 ||
			(mark(p, &k, error) && put_cursor(p, k.row, error))),
		error)) {
		g_array_set_size(p->doomed, before);
		return FALSE;
	}
	*seen = k.seen;
	p->row = k.row;
	p->done->messages += ids->len;
	p->done->bytes += (guint64)k.bytes;
	return TRUE;
}

/* *WHOLE: it was looked at to its end. */
static gboolean
mark_month(struct pruning *p, gboolean *whole, GError **error)
{
	guint seen = LOOK;

	while (seen == LOOK && may_go_on(p)) {
		GError *failed = NULL;
		gboolean ok = step_facts(p, &seen, &failed);

		if (!or_later(p, ok, failed, error))
			return FALSE;
	}
	*whole = seen < LOOK && !p->done->more;
	return TRUE;
}

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
step_rows(struct pruning *p, struct pl_store *store, GError **error)
{
	guint n = 0;
	gint64 bytes = 0;
	gboolean ok = pl_store_begin(store, error);

	for (; ok && n < p->doomed->len && n < STEP_ROWS && bytes < STEP_BYTES;
	     n++) {
		const struct doomed *d = &g_array_index(
		    p->doomed, struct doomed, p->doomed->len - 1 - n);

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
find_unnamed(struct pruning *p, struct pl_store *store, GError **error)
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
		const struct doomed d = { pl_rows_int(rows, 0),
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
empty_rows(
    struct pruning *p, struct pl_store *store, gboolean resumed, GError **error)
{
	gboolean old = pl_store_is_old(p->name);

	if (old && resumed && !find_unnamed(p, store, error))
		return FALSE;
	/* Nobody comes back for those of these days. */
	while (p->doomed->len > 0 && (!old || may_go_on(p)))
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
note_removed(struct pruning *p, guint64 size, GError **error)
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
static char **
get_later(pl_ledger *l)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_META_GET, V(v_text(LATER)), NULL);
	g_autofree char *text = rows != NULL && pl_rows_next(rows, NULL) > 0
				    ? pl_rows_text(rows, 0)
				    : NULL;

	return g_strsplit(text != NULL ? text : "", " ", -1);
}

static gboolean
put_later(struct pruning *p, gboolean later, GError **error)
{
	g_auto(GStrv) names = get_later(p->l);
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
remove_file(struct pruning *p, struct pl_store *store, GError **error)
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

/* ---- a month ----------------------------------------------------------- */

/* A connection of its own, so that no other user of the handle keeps it. */
static gboolean
finish_month(struct pruning *p, gboolean resumed, GError **error)
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

/* FROM: where an earlier call stopped, -1: it did not stop here. LATER: its
 * file was left for now. */
static gboolean
prune_month(struct pruning *p, const char *name, gint64 from, gboolean later,
    GError **error)
{
	GError *failed = NULL;
	gboolean whole, ok;

	p->name = name;
	p->row = MAX(from, 0);
	g_array_set_size(p->doomed, 0);
	if (!mark_month(p, &whole, error))
		return FALSE;
	if (!whole && pl_store_is_old(name))
		return TRUE;
	if (p->doomed->len == 0 && from < 0 && !later)
		return TRUE;
	ok = finish_month(p, from >= 0, &failed);
	return or_later(p, ok, failed, error);
}

/* ---- all of them ------------------------------------------------------- */

/* Where the last call stopped: the month, g_free(), or NULL; and the row. */
static char *
get_cursor(pl_ledger *l, gint64 *row)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_META_GET, V(v_text(CURSOR)), NULL);
	g_autofree char *text = rows != NULL && pl_rows_next(rows, NULL) > 0
				    ? pl_rows_text(rows, 0)
				    : NULL;
	char *blank = text != NULL ? strchr(text, ' ') : NULL;

	*row = -1;
	if (blank == NULL)
		return NULL;
	*row = g_ascii_strtoll(blank + 1, NULL, 10);
	return g_strndup(text, (gsize)(blank - text));
}

static gboolean
leave_cursor(struct pruning *p, gboolean there, GError **error)
{
	struct pl_work work;

	if (!p->done->more)
		p->name = NULL;
	return (p->name == NULL && !there && !p->noted) ||
	       (pl_work_begin(&work, p->l, error) &&
		   pl_work_end(&work, put_cursor(p, p->row, error), error));
}

/* From the month of the last call round to it. */
static gboolean
prune_all(struct pruning *p, GError **error)
{
	g_autoptr(GPtrArray) names = pl_store_list(p->l, NULL, error);
	gint64 row;
	g_autofree char *cursor = get_cursor(p->l, &row);
	g_auto(GStrv) later = get_later(p->l);
	char newest[16];
	guint first = 0;

	if (names == NULL)
		return FALSE;
	pl_store_name("milter", p->before, newest);
	while (cursor != NULL && first < names->len &&
	       strcmp(names->pdata[first], cursor) < 0)
		first++;
	for (guint i = 0; i < names->len && may_go_on(p); i++) {
		const char *name = names->pdata[(first + i) % names->len];
		gboolean here = g_strcmp0(name, cursor) == 0;
		gboolean left =
		    g_strv_contains((const char *const *)later, name);

		if (strncmp(name, newest, 7) <= 0 &&
		    !prune_month(p, name, here ? row : -1, left, error))
			return FALSE;
	}
	return leave_cursor(p, cursor != NULL, error);
}

gboolean
pl_ledger_prune(pl_ledger *l, gint64 before, pl_prune_func goes_on, void *user,
    struct pl_pruned *done, GError **error)
{
	g_autoptr(GArray) doomed =
	    g_array_new(FALSE, FALSE, sizeof(struct doomed));
	struct pruning p = { l, before, goes_on, user, done, NULL, 0, doomed,
		FALSE };
	GError *failed = NULL;
	gboolean busy, ok;
	int lock;

	g_assert(!l->open);
	memset(done, 0, sizeof(*done));
	lock = pl_ledger_lock_bytes(l, 0, &busy, &failed);
	if (busy) {
		done->more = TRUE;
		g_error_free(failed);
		return TRUE;
	}
	if (lock < 0) {
		g_propagate_error(error, failed);
		return FALSE;
	}
	ok = prune_all(&p, error);
	pl_ledger_unlock(l, lock);
	return ok;
}
