/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger - the handle: opening, transactions, who acts
 *
 * A transaction of the caller's ends in one of two ways, also when a statement
 * in it failed: the failure undoes everything at once and is remembered, so
 * that what the caller still does in it is refused, and the commit too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "disk.h"
#include "store.h"

#define CACHE_BESIDE 1024 /* KB: for who reads a little */

GQuark
pl_ledger_error_quark(void)
{
	return g_quark_from_static_string("pl-ledger-error-quark");
}

gboolean
pl_refuse(GError **error, enum pl_ledger_error code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (error != NULL)
		*error = g_error_new_valist(
		    PL_LEDGER_ERROR, (gint)code, format, args);
	va_end(args);
	return FALSE;
}

gboolean
pl_ledger_conflict(GError *failed, GError **error)
{
	if (!g_error_matches(failed, PL_LEDGER_ERROR, PL_LEDGER_CONFLICT)) {
		g_propagate_error(error, failed);
		return FALSE;
	}
	g_error_free(failed);
	return TRUE;
}

/* ---- open and close ---------------------------------------------------- */

static const char *
path_of(const char *url, GError **error)
{
	const char *path = g_str_has_prefix(url, "sqlite:") ? url + 7 : NULL;

	if (path != NULL && path[0] == '/')
		return path;
	pl_refuse(error, PL_LEDGER_FAILED,
	    "%s: a ledger is written as sqlite:/path/to/ledger.db", url);
	return NULL;
}

static gboolean
refuse_folder(const char *folder, GError **error)
{
	enum pl_ledger_error code = PL_LEDGER_FAILED;
	int number = errno;

	if (number == ENOSPC || number == EDQUOT)
		code = PL_LEDGER_FULL;
	if (number == EACCES || number == EPERM || number == EROFS)
		code = PL_LEDGER_READONLY;
	return pl_refuse(error, code,
	    "%s: this folder cannot be made (%s); make it for the user of "
	    "postledgerd",
	    folder, g_strerror(number));
}

/* A folder whose name is not on disk yet loses its files with a power cut,
 * however well they were synced. */
static gboolean
make_folder(const char *folder, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(folder);

	if (g_file_test(folder, G_FILE_TEST_IS_DIR))
		return TRUE;
	if (!g_file_test(parent, G_FILE_TEST_IS_DIR) &&
	    !make_folder(parent, error))
		return FALSE;
	if ((mkdir(folder, 0700) != 0 && errno != EEXIST) ||
	    !pl_disk_sync(parent, NULL))
		return refuse_folder(folder, error);
	return TRUE;
}

/* The names SQLite and the locks derive from the path must be the same for
 * everybody, also where a link leads to the ledger. */
static char *
resolve(const char *path)
{
	char *real = realpath(path, NULL);
	char *copy = g_strdup(real != NULL ? real : path);

	free(real);
	return copy;
}

/* Between its making and its name a ledger is empty, which is no damage. */
static gboolean
refuse_nameless(pl_ledger *l, GError **error)
{
	gint64 events;

	if (pl_db_number(l->db, PL_SQL_CHAIN_GET, V_NONE, &events, error) < 0)
		return FALSE;
	if (events == 0)
		return pl_refuse(error, PL_LEDGER_ABSENT,
		    "%s: empty, nothing was stored in it yet", l->path);
	return pl_refuse(error, PL_LEDGER_DAMAGED,
	    "%s: damaged, it has no name of its own; put a backup in its place",
	    l->path);
}

static gboolean
read_id(pl_ledger *l, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_META_GET, V(v_text("ledger")), error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);

	if (found > 0)
		l->id = pl_rows_text(rows, 0);
	return found == 0 ? refuse_nameless(l, error) : found > 0;
}

static gboolean
write_id(pl_ledger *l, GError **error)
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	char id[11] = "";
	g_autofree char *detail = NULL;

	for (unsigned i = 0; i < sizeof(id) - 1; i++)
		id[i] = letters[g_random_int_range(0, sizeof(letters) - 1)];
	detail = g_strdup_printf(
	    "ledger=%s version=%u", id, pl_ledger_schema_version);
	return pl_db_do(l->db, PL_SQL_META_PUT, V(v_text("ledger"), v_text(id)),
		   error) &&
	       pl_event_note(l,
		   &(struct pl_event){
		       .what = (char *)"created", .detail = detail },
		   error);
}

/* A name for a new ledger, a line of history for an old one that was brought
 * up to date. Two processes may come here at once, or one may have died before
 * it gave a name: looked at again inside the transaction. */
static gboolean
christen(pl_ledger *l, unsigned from, GError **error)
{
	struct pl_work work;
	gint64 named;
	gboolean ok, was_old = from > 0 && from < pl_ledger_schema_version;
	g_autofree char *detail =
	    g_strdup_printf("from=%u to=%u", from, pl_ledger_schema_version);

	if (pl_db_number(l->db, PL_SQL_META_NAMED, V_NONE, &named, error) < 0)
		return FALSE;
	if (named > 0 && !was_old)
		return TRUE;
	if (!pl_work_begin(&work, l, error))
		return FALSE;
	ok = pl_db_number(l->db, PL_SQL_META_NAMED, V_NONE, &named, error) > 0;
	if (ok && named == 0)
		ok = write_id(l, error);
	else if (ok && was_old)
		ok = pl_event_note(l,
		    &(struct pl_event){
			.what = (char *)"migrated", .detail = detail },
		    error);
	return pl_work_end(&work, ok, error);
}

/* A ledger that is new, beside months of messages, is one that was lost. The
 * folder is looked at first: whoever stored something in it made the ledger
 * before. */
static gboolean
refuse_orphans(pl_ledger *l, GError **error)
{
	g_autoptr(GError) unread = NULL;
	g_autoptr(GPtrArray) months = pl_store_list(l, NULL, &unread);
	struct stat st = { 0 };
	gboolean there = stat(l->path, &st) == 0;

	if ((there && st.st_size > 0) || (!there && errno != ENOENT))
		return TRUE; /* opening it tells */
	if (months == NULL) {
		g_propagate_error(error, g_steal_pointer(&unread));
		return FALSE;
	}
	if (months->len == 0)
		return TRUE;
	return pl_refuse(error, there ? PL_LEDGER_DAMAGED : PL_LEDGER_ABSENT,
	    "%s: %s, but %s has months of another ledger (%s.mail and so on); "
	    "put the ledger back from a backup, or move them away to begin "
	    "anew",
	    l->path, there ? "empty" : "no such file", l->messages,
	    (const char *)g_ptr_array_index(months, 0));
}

static gboolean
open_facts(pl_ledger *l, GError **error)
{
	struct pl_db_how how = pl_how_ledger;
	g_autofree char *folder = g_path_get_dirname(l->path);
	unsigned from = 0;

	how.write = l->use == PL_LEDGER_WRITE;
	if (l->beside)
		how.cache = CACHE_BESIDE;
	if (how.write &&
	    (!make_folder(folder, error) || !make_folder(l->messages, error) ||
		!refuse_orphans(l, error)))
		return FALSE;
	l->db = pl_db_open(&pl_driver_sqlite, l->path, &how, error);
	if (l->db == NULL)
		return FALSE;
	if (how.write
		? !pl_schema_migrate(l->db, pl_ledger_schema,
		      pl_ledger_schema_version, &from, error) ||
		      !christen(l, from, error)
		: !pl_schema_expect(l->db, pl_ledger_schema_version, error))
		return FALSE;
	return read_id(l, error) &&
	       (l->use == PL_LEDGER_AUDIT || pl_event_check_end(l, error)) &&
	       (!how.write || pl_ledger_wake(l, error));
}

/* Its PATH is resolved, and taken. */
static pl_ledger *
ledger_new(char *path, const char *messages, enum pl_ledger_use use)
{
	pl_ledger *l = g_new0(pl_ledger, 1);

	l->path = path;
	if (messages != NULL && *messages != '\0')
		l->messages = g_strdup(messages);
	else {
		g_autofree char *folder = g_path_get_dirname(l->path);

		l->messages = g_build_filename(folder, "messages", NULL);
	}
	l->use = use;
	l->who = g_strdup_printf("uid=%u", (unsigned)geteuid());
	l->writers = g_hash_table_new_full(
	    g_str_hash, g_str_equal, NULL, (GDestroyNotify)pl_store_free);
	l->readers = g_hash_table_new_full(
	    g_str_hash, g_str_equal, NULL, (GDestroyNotify)pl_store_free);
	l->locks = g_array_new(FALSE, FALSE, sizeof(int));
	return l;
}

pl_ledger *
pl_ledger_open(const char *url, const char *messages, enum pl_ledger_use use,
    GError **error)
{
	const char *path = path_of(url, error);
	g_autoptr(pl_ledger) l = NULL;

	if (path == NULL)
		return NULL;
	l = ledger_new(resolve(path), messages, use);
	return open_facts(l, error) ? g_steal_pointer(&l) : NULL;
}

pl_ledger *
pl_ledger_beside(const pl_ledger *ledger, GError **error)
{
	g_autoptr(pl_ledger) l = ledger_new(
	    g_strdup(ledger->path), ledger->messages, PL_LEDGER_READ);

	l->beside = TRUE;
	return open_facts(l, error) ? g_steal_pointer(&l) : NULL;
}

void
pl_ledger_close(pl_ledger *l)
{
	if (l == NULL)
		return;
	pl_bytes_rollback(l);
	g_hash_table_destroy(l->writers);
	g_hash_table_destroy(l->readers);
	pl_db_close(l->db);
	for (guint i = 0; i < l->locks->len; i++)
		close(g_array_index(l->locks, int, i));
	g_array_unref(l->locks);
	g_clear_error(&l->broken);
	g_free(l->path);
	g_free(l->messages);
	g_free(l->id);
	g_free(l->who);
	g_free(l->reason);
	g_free(l);
}

void
pl_ledger_set_actor(pl_ledger *l, const char *who, const char *reason)
{
	g_free(l->who);
	g_free(l->reason);
	l->who = g_strdup(who);
	l->reason = g_strdup(reason);
}

/* ---- transactions ------------------------------------------------------ */

static gboolean
start(pl_ledger *l, gboolean durable, GError **error)
{
	if (l->use != PL_LEDGER_WRITE)
		return pl_refuse(error, PL_LEDGER_READONLY,
		    "%s: was opened for reading only", l->path);
	pl_event_forget(l);
	return l->db->driver->durable(l->db, durable, error) &&
	       pl_db_begin(l->db, error);
}

static void
undo(pl_ledger *l)
{
	pl_db_rollback(l->db);
	pl_event_forget(l);
	l->ahead = FALSE;
}

/* Bytes must be on the disk before the facts that name them are committed. */
static gboolean
has_bytes(pl_ledger *l, GError **error)
{
	return !l->ahead || pl_refuse(error, PL_LEDGER_CONFLICT,
				"the bytes of a message are not synced yet");
}

static gboolean
finish(pl_ledger *l, GError **error)
{
	gboolean ok = has_bytes(l, error) && pl_event_flush(l, error) &&
		      pl_db_commit(l->db, error);

	if (ok)
		pl_event_committed(l);
	else
		undo(l);
	return ok;
}

gboolean
pl_ledger_begin(pl_ledger *l, GError **error)
{
	g_assert(!l->open);
	l->open = start(l, TRUE, error);
	return l->open;
}

gboolean
pl_ledger_begin_told(pl_ledger *l, GError **error)
{
	g_assert(!l->open);
	l->open = start(l, FALSE, error);
	return l->open;
}

/* A statement failed in the caller's transaction: it is undone as a whole. The
 * engine may have done so by itself, and what came next would be on its own. */
static gboolean
is_broken(pl_ledger *l)
{
	if (l->broken == NULL && l->db->failure != NULL) {
		undo(l);
		l->broken = g_error_copy(l->db->failure);
	}
	return l->broken != NULL;
}

void
pl_ledger_bytes_lost(pl_ledger *l)
{
	if (!l->ahead)
		return;
	undo(l);
	if (l->open && l->broken == NULL)
		pl_refuse(&l->broken, PL_LEDGER_FAILED,
		    "the bytes of a message were lost before they became "
		    "durable");
}

gboolean
pl_ledger_commit(pl_ledger *l, GError **error)
{
	g_assert(l->open);
	l->open = FALSE;
	if (!is_broken(l))
		return finish(l, error);
	g_propagate_error(error, g_steal_pointer(&l->broken));
	return FALSE;
}

void
pl_ledger_rollback(pl_ledger *l)
{
	if (!l->open)
		return;
	l->open = FALSE;
	g_clear_error(&l->broken);
	undo(l);
}

gboolean
pl_ledger_end(pl_ledger *l, gboolean done, GError **error)
{
	if (done)
		return pl_ledger_commit(l, error);
	pl_ledger_rollback(l);
	return FALSE;
}

gboolean
pl_ledger_freeze(pl_ledger *l, GError **error)
{
	g_assert(!l->open);
	return l->db->driver->freeze(l->db, error);
}

void
pl_ledger_thaw(pl_ledger *l)
{
	g_assert(!l->open);
	pl_db_rollback(l->db);
}

gboolean
pl_work_begin(struct pl_work *work, pl_ledger *l, GError **error)
{
	work->ledger = l;
	work->own = !l->open;
	if (work->own)
		return start(l, TRUE, error);
	if (!is_broken(l))
		return TRUE;
	g_propagate_error(error, g_error_copy(l->broken));
	return FALSE;
}

gboolean
pl_work_end(struct pl_work *work, gboolean ok, GError **error)
{
	pl_ledger *l = work->ledger;

	if (!work->own && is_broken(l)) {
		if (ok)
			g_propagate_error(error, g_error_copy(l->broken));
		return FALSE;
	}
	if (!work->own)
		return ok;
	if (ok)
		return finish(l, error);
	undo(l);
	return FALSE;
}

/* ---- space ------------------------------------------------------------- */

static guint64
space_at(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);
	struct statvfs fs;

	if (statvfs(path, &fs) != 0 && statvfs(folder, &fs) != 0)
		return 0;
	return (guint64)fs.f_bavail * fs.f_frsize;
}

guint64
pl_ledger_space(pl_ledger *l)
{
	return MIN(space_at(l->path), space_at(l->messages));
}

guint64
pl_ledger_reserve(pl_ledger *l)
{
	const guint64 most = 64 << 20;
	struct statvfs fs;

	if (statvfs(l->messages, &fs) != 0)
		return most;
	return MIN(most, (guint64)fs.f_blocks * fs.f_frsize / 16);
}

/* A log keeps its size when a transaction is undone. Waits for readers at most
 * as long as for any lock; what cannot be done now is left for the next time. */
void
pl_ledger_shrink(pl_ledger *l)
{
	if (!l->open && l->use == PL_LEDGER_WRITE)
		l->db->driver->shrink(l->db);
}
