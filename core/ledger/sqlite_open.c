/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sqlite_open - files: made, recognised, opened for writing or reading
 *
 * A file that is open must never be opened and closed past SQLite by the same
 * process: POSIX drops all locks of the process on it at the first close.
 * Hence stat() and access() only, but for making a new file.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"
#include "sqlite_ahead.h"

#define BUSY_WAIT (10 * G_TIME_SPAN_SECOND)
#define SPILL 131071         /* bytes of a statement's own journal in memory */
#define LOG_LIMIT "67108864" /* bytes of log that stay on disk */

static int
wait_for_lock(void *user, int count)
{
	struct pl_sqlite *c = user;
	gint64 now = g_get_monotonic_time();

	if (count == 0)
		c->asked = now;
	if (now - c->asked > BUSY_WAIT)
		return 0;
	g_usleep(g_random_int_range(500, 4000));
	return 1;
}

static gboolean
exec(struct pl_sqlite *c, const char *path, const char *sql, GError **error)
{
	int code = sqlite3_exec(c->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK || pl_sqlite_fail(c, path, code, error);
}

/* The number that SQL yields, -1 for an error. */
static gint64
number_of(
    struct pl_sqlite *c, const char *path, const char *sql, GError **error)
{
	sqlite3_stmt *statement = NULL;
	gint64 number = -1;
	int code = sqlite3_prepare_v2(c->handle, sql, -1, &statement, NULL);

	if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	else
		pl_sqlite_fail(c, path, code, error);
	sqlite3_finalize(statement);
	return number;
}

/* Makes an empty file of our own mode; one that is there already is fine. */
static gboolean
make_file(const char *path, const char *what, GError **error)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	struct stat st;

	if (fd >= 0) {
		close(fd);
		return TRUE;
	}
	if (errno != EEXIST) {
		g_autofree char *text = g_strdup_printf(
		    "making the %s: %s", what, g_strerror(errno));
		enum pl_ledger_error class = pl_disk_class(errno);

		return pl_disk_refuse_as(path, class, text, error);
	}
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return pl_disk_refuse_as(
		    path, PL_LEDGER_DAMAGED, "not a regular file", error);
	return TRUE;
}

/* Else errno says why not. */
static gboolean
is_writable(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);

	return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 &&
	       faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) == 0;
}

/* Flags and name to read PATH with, without leaving anything behind. Where we
 * may write, SQLite's own housekeeping files come and go with the connection,
 * and a log that was there stays as it was. On a read-only disk nobody can
 * write: without a log the file may be taken for constant. */
static char *
how_to_read(const char *path, int *flags, gboolean *keep_log)
{
	g_autofree char *log = g_strconcat(path, "-wal", NULL);
	g_autofree char *escaped = NULL;
	struct stat st;

	*keep_log = stat(log, &st) == 0;
	if (is_writable(path)) {
		*flags = SQLITE_OPEN_READWRITE;
		return g_strdup(path);
	}
	*flags = SQLITE_OPEN_READONLY;
	if (errno != EROFS || (*keep_log && st.st_size > 0))
		return g_strdup(path);
	*flags |= SQLITE_OPEN_URI;
	escaped = g_uri_escape_string(path, "/", FALSE);
	return g_strdup_printf("file:%s?immutable=1", escaped);
}

static gboolean
open_read(struct pl_sqlite *c, const char *path, GError **error)
{
	gboolean keep_log;
	int flags, code;
	g_autofree char *name = NULL;
	struct stat st;

	if (stat(path, &st) != 0) {
		g_autofree char *text = g_strdup_printf(
		    "reading the %s: %s", c->what, g_strerror(errno));

		return pl_disk_refuse_as(
		    path, pl_disk_class(errno), text, error);
	}
	if (!S_ISREG(st.st_mode))
		return pl_disk_refuse_as(
		    path, PL_LEDGER_DAMAGED, "not a regular file", error);
	name = how_to_read(path, &flags, &keep_log);
	code = sqlite3_open_v2(
	    name, &c->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return pl_sqlite_fail(c, path, code, error);
	if (keep_log)
		sqlite3_db_config(c->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
		    1, (int *)NULL);
	return TRUE;
}

static gboolean
open_write(
    struct pl_sqlite *c, const char *path, const char *what, GError **error)
{
	int code;

	if (!make_file(path, what, error))
		return FALSE;
	code = sqlite3_open_v2(path, &c->handle,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return pl_sqlite_fail(c, path, code, error);
	/* SQLite falls back to reading what it may not write. */
	if (sqlite3_db_readonly(c->handle, "main") == 1)
		return pl_sqlite_fail(c, path, SQLITE_READONLY, error);
	return TRUE;
}

/* SQLite takes the missing rest of a page for zeros. While there is a log, a
 * page may be half written and whole in there. */
static gboolean
has_its_end(struct pl_sqlite *c, const char *path, GError **error)
{
	g_autofree char *log = g_strconcat(path, "-wal", NULL);
	gint64 page = number_of(c, path, "PRAGMA page_size", error);
	struct stat file, logged;

	if (page <= 0)
		return FALSE;
	if (stat(path, &file) != 0 || file.st_size % page == 0 ||
	    (stat(log, &logged) == 0 && logged.st_size > 0))
		return TRUE;
	return pl_disk_refuse_as(
	    path, PL_LEDGER_DAMAGED, "cut off in the middle of a page", error);
}

/* Is it ours? An empty file becomes ours when we may write. */
static gboolean
claim(struct pl_sqlite *c, const char *path, const struct pl_db_how *how,
    GError **error)
{
	g_autofree char *sql = g_strdup_printf(
	    "PRAGMA page_size = %u; PRAGMA application_id = %d;", how->page,
	    how->application);
	gint64 tables, id;

	tables =
	    number_of(c, path, "SELECT count(*) FROM sqlite_schema", error);
	if (tables < 0)
		return FALSE;
	id = number_of(c, path, "PRAGMA application_id", error);
	if (id == how->application)
		return has_its_end(c, path, error);
	if (tables == 0 && id == 0 && !how->write) {
		g_set_error(error, PL_LEDGER_ERROR, PL_LEDGER_ABSENT,
		    "%s: empty, no %s yet", path, how->what);
		return FALSE;
	}
	if (tables == 0 && id == 0)
		return exec(c, path, sql, error);
	g_set_error(error, PL_LEDGER_ERROR, PL_LEDGER_DAMAGED,
	    "%s: a database of another program, no %s; check the path", path,
	    how->what);
	return FALSE;
}

static gboolean
settle(struct pl_sqlite *c, const char *path, const struct pl_db_how *how,
    GError **error)
{
	g_autofree char *common = g_strdup_printf(
	    "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
	    "PRAGMA cell_size_check = ON; PRAGMA cache_size = -%u;",
	    how->cache);
	g_autofree char *writing = g_strdup_printf(
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	    "PRAGMA secure_delete = OFF;"
	    "PRAGMA journal_size_limit = " LOG_LIMIT ";"
	    "PRAGMA wal_autocheckpoint = %u;",
	    how->checkpoint);

	return exec(c, path, common, error) &&
	       exec(c, path, how->write ? writing : "PRAGMA query_only = ON",
		   error);
}

void
pl_sqlite_close(pl_db *db)
{
	pl_ahead_free(pl_sqlite_of(db)->ahead);
	sqlite3_close(pl_sqlite_of(db)->handle);
	g_free(db);
}

/* Whoever makes a file, or is the first to find it after a crash, keeps others
 * out for a moment in ways that SQLite does not wait for. */
static gboolean
claim_and_settle(struct pl_sqlite *c, const char *path,
    const struct pl_db_how *how, GError **error)
{
	gint64 end = g_get_monotonic_time() + BUSY_WAIT;
	GError *now = NULL;

	while (!claim(c, path, how, &now) || !settle(c, path, how, &now)) {
		if (!g_error_matches(now, PL_LEDGER_ERROR, PL_LEDGER_RETRY) ||
		    g_get_monotonic_time() > end) {
			g_propagate_error(error, now);
			return FALSE;
		}
		g_clear_error(&now);
		g_usleep((gulong)g_random_int_range(500, 4000));
	}
	return TRUE;
}

/* To undo a single statement SQLite notes the pages that it changes. A new
 * entry changes a dozen; with more than SPILL, they and those of all that follow
 * in the transaction are written into a temporary file. It is the most that can
 * be: they are moved there in one piece, and SQLite 3.40 cuts a write at 17 bits
 * of its length and takes what comes of it for a full disk. */
static void
configure(void)
{
	static gsize once;

	if (g_once_init_enter(&once)) {
		sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, SPILL);
		g_once_init_leave(&once, 1);
	}
}

pl_db *
pl_sqlite_open(const char *path, const struct pl_db_how *how, GError **error)
{
	struct pl_sqlite *c = g_new0(struct pl_sqlite, 1);

	configure();
	c->what = how->what;
	if ((how->write ? open_write(c, path, how->what, error)
			: open_read(c, path, error))) {
		sqlite3_extended_result_codes(c->handle, 1);
		sqlite3_busy_handler(c->handle, wait_for_lock, c);
		if (claim_and_settle(c, path, how, error))
			return &c->base;
	}
	pl_sqlite_close(&c->base);
	return NULL;
}
