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
 * ledger's place: what happened after it was made is not in it, but for the
 * messages that came in, if their bytes are still there (missing.c). All
 * numbers then go on far above those that were given in between, so that no
 * batch, entry or return path ever means two things. What is known of e-mails
 * that were made in between, when they come by, is taken in by adopt.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "disk.h"
#include "store.h"

/* More than is given between a backup and its return. By the clock, too: one
 * that is put back a second time must not give the numbers of the first. */
#define NUMBERS_SKIPPED 100000
#define NUMBERS_A_SECOND 20
#define COPY_STEP (1 << 20) /* bytes */
#define BYTES_WAIT 60 /* seconds: longer than bytes are dropped at a time */

/* ---- files ------------------------------------------------------------- */

/* PART, whole and synced, becomes PATH. */
static gboolean
put_in_place(const char *part, const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);

	if (!pl_disk_sync(part, error))
		return FALSE;
	if (rename(part, path) != 0)
		return pl_disk_refuse(path, error);
	return pl_disk_sync(folder, error);
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
			return pl_disk_refuse(path, error);
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
		return pl_disk_refuse(part, error);
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

/* The copy bears the time of what it was made of. */
static gboolean
is_unchanged(const struct stat *original, const char *copy)
{
	struct stat st;

	return stat(copy, &st) == 0 && st.st_size == original->st_size &&
	       st.st_mtim.tv_sec == original->st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == original->st_mtim.tv_nsec;
}

static gboolean
copy_range(int from, int to, off_t at, off_t end, char *buffer)
{
	while (at < end) {
		gssize n = pl_disk_read(
		    from, buffer, (gsize)MIN(end - at, COPY_STEP), (guint64)at);

		if (n <= 0)
			return n == 0; /* cut off: it was not durable */
		if (!pl_disk_write(to, buffer, (gsize)n, (guint64)at))
			return FALSE;
		at += n;
	}
	return TRUE;
}

/* What was dropped takes no space in the copy either. */
static gboolean
copy_data(int from, int to, off_t size)
{
	g_autofree char *buffer = g_malloc(COPY_STEP);
	off_t at = 0;

	while (at < size) {
		off_t data = lseek(from, at, SEEK_DATA), hole;

		if (data < 0 && errno == ENXIO)
			break;
		if (data < 0)
			data = at;
		hole = lseek(from, data, SEEK_HOLE);
		if (hole <= data)
			hole = size;
		if (!copy_range(from, to, data, MIN(hole, size), buffer))
			return FALSE;
		at = hole;
	}
	return ftruncate(to, size) == 0;
}

static gboolean
copy_file(const char *path, const char *part, const struct stat *original,
    GError **error)
{
	int from = open(path, O_RDONLY | O_CLOEXEC);
	int to = from < 0 ? -1 : open(part, O_WRONLY | O_CLOEXEC);
	gboolean ok = to >= 0 && copy_data(from, to, original->st_size);

	if (!ok)
		pl_disk_refuse(from < 0 ? path : part, error);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return ok;
}

static gboolean
copy_month(const char *path, const struct stat *original, const char *copy,
    struct pl_backup *done, GError **error)
{
	const struct timespec times[] = { original->st_mtim,
		original->st_mtim };
	g_autofree char *part = g_strconcat(copy, ".part", NULL);

	if (!make_part(part, error) || !copy_file(path, part, original, error))
		return FALSE;
	if (utimensat(AT_FDCWD, part, times, 0) != 0)
		return pl_disk_refuse(part, error);
	done->bytes += (guint64)original->st_size;
	done->months++;
	return put_in_place(part, copy, error);
}

static gboolean
copy_months(
    pl_ledger *l, const char *folder, struct pl_backup *done, GError **error)
{
	g_autoptr(GPtrArray) names = pl_store_list(l, NULL, error);

	for (guint i = 0; names != NULL && i < names->len; i++) {
		g_autofree char *path = pl_store_path(l, names->pdata[i]);
		g_autofree char *base = g_path_get_basename(path);
		g_autofree char *copy = g_build_filename(folder, base, NULL);
		struct stat st;

		if (stat(path, &st) != 0)
			return pl_disk_refuse(path, error);
		if (is_unchanged(&st, copy))
			done->kept++;
		else if (!copy_month(path, &st, copy, done, error))
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
		return pl_disk_refuse(months, error);
	/* What the copy of the facts names must not be dropped meanwhile. Where
	 * the lock cannot be had, as on a disk that is only read, nobody drops
	 * anything either. */
	lock = pl_ledger_lock_bytes(l, BYTES_WAIT, &busy, &unlocked);
	if (busy) {
		g_propagate_error(error, g_steal_pointer(&unlocked));
		return FALSE;
	}
	ok = is_ours(l, path, error) && copy_to(l->db, part, done, error) &&
	     mark(part, g_get_real_time(), error) &&
	     copy_months(l, months, done, error) &&
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

	return l->db->driver->skip(l->db, numbers_to_skip(backup), error) &&
	       pl_db_do(l->db, PL_SQL_META_PUT, V(v_text("backup"), v_text("")),
		   error) &&
	       pl_db_do(l->db, PL_SQL_BATCH_RESTORED,
		   V(v_int(g_get_real_time())), error) &&
	       pl_db_do(l->db, PL_SQL_META_PUT,
		   V(v_text("restored"), v_text(backup)), error) &&
	       pl_event_note(l,
		   &(struct pl_event){
		       .what = (char *)"restored", .detail = detail },
		   error) &&
	       note_last(l, error);
}

/* What lies in the files beside it came in before it was put back, too. */
static gboolean
wake_and_take(pl_ledger *l, GError **error)
{
	g_autofree char *backup = meta_of(l->db, "backup", NULL);

	return number_of(backup) == 0 || /* another process was first */
	       (wake(l, backup, "", error) && pl_store_take(l, NULL, error) &&
		   note_last(l, error));
}

gboolean
pl_ledger_wake(pl_ledger *l, GError **error)
{
	g_autofree char *seen = meta_of(l->db, "backup", NULL);

	if (number_of(seen) == 0)
		return TRUE;
	return pl_ledger_begin(l, error) &&
	       pl_ledger_end(l, wake_and_take(l, error), error);
}

/* A copy that does not say when it was made ends then. */
static gboolean
wake_copy(pl_ledger *l, const char *how, GError **error)
{
	g_autofree char *last = NULL;
	gint64 at = 0;

	if (pl_db_number(l->db, PL_SQL_EVENT_LAST_AT, V_NONE, &at, error) < 0)
		return FALSE;
	last = g_strdup_printf("%" G_GINT64_FORMAT, at);
	return wake(l, last, how, error);
}

gboolean
pl_ledger_wake_late(pl_ledger *l, GError **error)
{
	g_autofree char *known = meta_of(l->db, "restored-message", NULL);

	return known != NULL || wake_copy(l, " found=late", error);
}

gboolean
pl_ledger_wake_behind(pl_ledger *l, const char *source, GError **error)
{
	return wake_copy(l, " found=messages", error) &&
	       pl_store_take(l, source, error) && note_last(l, error);
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
