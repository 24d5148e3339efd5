/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * backup - a consistent copy while everything runs, and what follows from it
 *
 * The copy of the facts is made in one go by the engine, from one snapshot. It
 * takes its place last, when every message it names has its bytes beside it: a
 * backup that was cut off leaves the one before usable. Bytes are only ever
 * added to a month, so a month copied later than the facts holds all of them.
 *
 * The copy knows that it is one. Whoever opens it to write has put it in the
 * ledger's place: what happened after it was made is not in it. All numbers
 * then go on far above those that were given in between, so that no batch,
 * entry or return path ever means two things. What is known of e-mails that
 * were made in between, when they come by, is taken in by adopt.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "room.h"

/* More than is given between a backup and its return. By the clock, too: one
 * that is put back a second time must not give the numbers of the first. */
#define NUMBERS_SKIPPED 100000
#define NUMBERS_A_SECOND 20
#define BYTES_WAIT 60 /* seconds: longer than bytes are dropped at a time */

/* ---- files ------------------------------------------------------------- */

static gboolean
refuse_path(const char *path, GError **error)
{
	gboolean full = errno == ENOSPC || errno == EDQUOT;

	return pl_refuse(error, full ? PL_LEDGER_FULL : PL_LEDGER_FAILED,
	    "%s: %s", path, g_strerror(errno));
}

static gboolean
sync_path(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	gboolean ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		refuse_path(path, error);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* PART, whole and synced, becomes PATH. */
static gboolean
put_in_place(const char *part, const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);

	if (!sync_path(part, error))
		return FALSE;
	if (rename(part, path) != 0)
		return refuse_path(path, error);
	return sync_path(folder, error);
}

/* What a backup that died left, with the logs that would be taken for those of
 * the new file. */
static gboolean
remove_part(const char *part, GError **error)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

	for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++) {
		g_autofree char *path = g_strconcat(part, ends[i], NULL);

		if (unlink(path) != 0 && errno != ENOENT)
			return refuse_path(path, error);
	}
	return TRUE;
}

/* An empty file of our own mode for the engine to write into. */
static gboolean
make_part(const char *part, GError **error)
{
	int fd;

	if (!remove_part(part, error))
		return FALSE;
	fd = open(part, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return refuse_path(part, error);
	close(fd);
	return TRUE;
}

static gboolean
copy_to(pl_db *db, const char *part, struct pl_backup *done, GError **error)
{
	struct stat st;

	if (!make_part(part, error) || !db->driver->copy(db, part, error))
		return FALSE;
	if (stat(part, &st) == 0)
		done->bytes += (guint64)st.st_size;
	return TRUE;
}

/* ---- months ------------------------------------------------------------ */

/* The copy bears the time of what it was made of. A log beside the original
 * may hold what its time does not tell. */
static gboolean
is_unchanged(const struct stat *original, const char *log, const char *copy)
{
	struct stat beside, st;

	return stat(copy, &st) == 0 &&
	       st.st_mtim.tv_sec == original->st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == original->st_mtim.tv_nsec &&
	       (stat(log, &beside) != 0 || beside.st_size == 0);
}

static gboolean
copy_month(pl_ledger *l, const char *name, const struct stat *original,
    const char *copy, struct pl_backup *done, GError **error)
{
	const struct timespec times[] = { original->st_mtim,
		original->st_mtim };
	g_autofree char *part = g_strconcat(copy, ".part", NULL);
	struct pl_store *store = pl_store_reader(l, name, error);
	gboolean ok;

	if (store == NULL)
		return FALSE;
	ok = copy_to(store->db, part, done, error);
	pl_store_release(l, store);
	if (!ok)
		return FALSE;
	if (utimensat(AT_FDCWD, part, times, 0) != 0)
		return refuse_path(part, error);
	done->months++;
	return put_in_place(part, copy, error);
}

static gboolean
copy_months(
    pl_ledger *l, const char *folder, struct pl_backup *done, GError **error)
{
	g_autoptr(GPtrArray) names = pl_store_list(l, NULL, error);

	for (guint i = 0; names != NULL && i < names->len; i++) {
		const char *name = names->pdata[i];
		g_autofree char *path = pl_store_path(l, name);
		g_autofree char *log = g_strconcat(path, "-wal", NULL);
		g_autofree char *copy =
		    g_strdup_printf("%s/%s.db", folder, name);
		struct stat st;

		if (stat(path, &st) != 0)
			return refuse_path(path, error);
		if (is_unchanged(&st, log, copy))
			done->kept++;
		else if (!copy_month(l, name, &st, copy, done, error))
			return FALSE;
	}
	return names != NULL;
}

/* ---- facts ------------------------------------------------------------- */

static pl_db *
open_copy(const char *path, gboolean write, GError **error)
{
	struct pl_db_how how = pl_how_ledger;

	how.write = write;
	return pl_db_open(&pl_driver_sqlite, path, &how, error);
}

/* The value of NAME, NULL for none or an error. g_free(). */
static char *
meta_of(pl_db *db, const char *name, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(db, PL_SQL_META_GET, V(v_text(name)), error);

	if (rows == NULL || pl_rows_next(rows, error) <= 0)
		return NULL;
	return pl_rows_text(rows, 0);
}

/* A folder holds backups of one ledger. */
static gboolean
is_ours(pl_ledger *l, const char *path, GError **error)
{
	g_autofree char *id = NULL;
	pl_db *db;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return TRUE;
	db = open_copy(path, FALSE, error);
	if (db == NULL)
		return FALSE;
	id = meta_of(db, "ledger", NULL);
	pl_db_close(db);
	return g_strcmp0(id, l->id) == 0 ||
	       pl_refuse(error, PL_LEDGER_CONFLICT,
		   "%s: this is not a backup of %s; choose another folder",
		   path, l->path);
}

/* Writes into the copy that it is one. NOW is later than all that is in it:
 * what waits in it may have been sent since. */
static gboolean
mark(const char *part, gint64 now, GError **error)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, now);
	pl_db *db = open_copy(part, TRUE, error);
	gboolean ok =
	    db != NULL && pl_db_do(db, PL_SQL_META_PUT,
			      V(v_text("backup"), v_text(text)), error);

	pl_db_close(db);
	return ok;
}

gboolean
pl_ledger_backup(
    pl_ledger *l, const char *folder, struct pl_backup *done, GError **error)
{
	g_autofree char *path = g_build_filename(folder, "ledger.db", NULL);
	g_autofree char *part = g_strconcat(path, ".part", NULL);
	g_autofree char *months = g_build_filename(folder, "messages", NULL);
	g_autoptr(GError) unlocked = NULL;
	gboolean busy, ok;
	int lock;

	memset(done, 0, sizeof(*done));
	if (g_mkdir_with_parents(months, 0700) != 0)
		return refuse_path(months, error);
	/* What the copy of the facts names must not be dropped meanwhile. Where
	 * the lock cannot be had, as on a disk that is only read, nobody drops
	 * anything either. */
	lock = pl_ledger_lock_bytes(l, BYTES_WAIT, &busy, &unlocked);
	if (busy) {
		g_propagate_error(error, g_steal_pointer(&unlocked));
		return FALSE;
	}
	ok = is_ours(l, path, error) && copy_to(l->db, part, done, error) &&
	     mark(part, g_get_real_time(), error) && copy_months(l, months, done, error) &&
	     put_in_place(part, path, error);
	if (lock >= 0)
		pl_ledger_unlock(l, lock);
	return ok;
}

/* ---- after it was put back --------------------------------------------- */

static gint64
number_of(const char *text)
{
	return text == NULL ? 0 : g_ascii_strtoll(text, NULL, 10);
}

static gint64
numbers_to_skip(const char *backup)
{
	gint64 since = g_get_real_time() - number_of(backup);

	return NUMBERS_SKIPPED +
	       MAX(since, 0) / (G_USEC_PER_SEC / NUMBERS_A_SECOND);
}

static gboolean
note_last(pl_ledger *l, GError **error)
{
	g_autofree char *text = NULL;
	gint64 last;

	if (pl_db_number(l->db, PL_SQL_MESSAGE_LAST, V_NONE, &last, error) < 0)
		return FALSE;
	text = g_strdup_printf("%" G_GINT64_FORMAT, last);
	return pl_db_do(l->db, PL_SQL_META_PUT,
	    V(v_text("restored-message"), v_text(text)), error);
}

static gboolean
wake(pl_ledger *l, const char *backup, const char *how, GError **error)
{
	g_autofree char *detail = g_strdup_printf("backup=%s%s", backup, how);

	return note_last(l, error) &&
	       l->db->driver->skip(l->db, numbers_to_skip(backup), error) &&
	       pl_db_do(l->db, PL_SQL_META_PUT, V(v_text("backup"), v_text("")),
		   error) &&
	       pl_db_do(l->db, PL_SQL_BATCH_RESTORED,
		   V(v_int(g_get_real_time())), error) &&
	       pl_db_do(l->db, PL_SQL_META_PUT,
		   V(v_text("restored"), v_text(backup)), error) &&
	       pl_event_note(l,
		   &(struct pl_event){
		       .what = (char *)"restored", .detail = detail },
		   error);
}

gboolean
pl_ledger_wake(pl_ledger *l, GError **error)
{
	g_autofree char *seen = meta_of(l->db, "backup", NULL);
	g_autofree char *backup = NULL;
	struct pl_work work;

	if (number_of(seen) == 0)
		return TRUE;
	if (!pl_work_begin(&work, l, error))
		return FALSE;
	/* another process may have been first */
	backup = meta_of(l->db, "backup", NULL);
	return pl_work_end(
	    &work, number_of(backup) == 0 || wake(l, backup, "", error), error);
}

gboolean
pl_ledger_wake_late(pl_ledger *l, GError **error)
{
	g_autofree char *known = meta_of(l->db, "restored-message", NULL);
	g_autofree char *last = NULL;
	gint64 at = 0;

	if (known != NULL)
		return TRUE;
	if (pl_db_number(l->db, PL_SQL_EVENT_LAST_AT, V_NONE, &at, error) < 0)
		return FALSE;
	last = g_strdup_printf("%" G_GINT64_FORMAT, at);
	return wake(l, last, " found=late", error);
}

gint64
pl_ledger_restored(pl_ledger *l)
{
	g_autofree char *text = meta_of(l->db, "restored", NULL);

	return number_of(text);
}

gint64
pl_ledger_restored_message(pl_ledger *l)
{
	g_autofree char *text = meta_of(l->db, "restored-message", NULL);

	return number_of(text);
}

gboolean
pl_ledger_restored_told(pl_ledger *l, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work,
		   pl_db_do(l->db, PL_SQL_META_PUT,
		       V(v_text("restored"), v_text("")), error),
		   error);
}
