/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sqlite - the engine behind db.h, and the only file that knows it
 *
 * Write-ahead log, full synchronisation: a commit is on disk when it returns.
 * The write lock is taken when a transaction begins, so nothing fails halfway
 * for want of it; whoever finds it taken asks again every few milliseconds for
 * ten seconds.
 *
 * A ledger that is open must never be opened and closed past SQLite by the
 * same process: POSIX drops all locks of the process on the file at the first
 * close. Hence stat() and access() only, but for making a new file.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "db.h"

#define BUSY_WAIT (10 * G_TIME_SPAN_SECOND)
#define LOG_LIMIT "67108864" /* bytes of log that stay on disk */
#define PARAMETERS 32

struct connection {
	struct pl_db base;
	sqlite3 *handle;
	const char *what;
	gint64 asked; /* when the lock was first found taken */
};

struct statement {
	sqlite3_stmt *handle;
	guint8 at[PARAMETERS]; /* place of $N, 0: not in the text */
};

static struct connection *
of(pl_db *db)
{
	return (struct connection *)db;
}

/* ---- errors ------------------------------------------------------------ */

static enum pl_ledger_error
class_of_errno(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return PL_LEDGER_FULL;
	case ENOENT:
	case ENOTDIR:
		return PL_LEDGER_ABSENT;
	case EACCES:
	case EPERM:
	case EROFS:
		return PL_LEDGER_READONLY;
	case EMFILE:
	case ENFILE:
	case EINTR:
	case EAGAIN:
		return PL_LEDGER_RETRY;
	default:
		return PL_LEDGER_FAILED;
	}
}

static enum pl_ledger_error
class_of(int code, int number)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return PL_LEDGER_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
	case SQLITE_INTERRUPT:
		return PL_LEDGER_RETRY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
		return PL_LEDGER_DAMAGED;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return PL_LEDGER_READONLY;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		return class_of_errno(number);
	default:
		return PL_LEDGER_FAILED;
	}
}

static const char *
advice(enum pl_ledger_error class)
{
	switch (class) {
	case PL_LEDGER_RETRY:
		return "busy; try again";
	case PL_LEDGER_FULL:
		return "no space left; make room on its disk";
	case PL_LEDGER_READONLY:
		return "cannot be written; check its owner and permissions, "
		       "those of its folder, and whether its disk is mounted "
		       "read-only";
	case PL_LEDGER_ABSENT:
		return "no such file; check the path";
	case PL_LEDGER_DAMAGED:
		return "damaged or no ledger; stop postledgerd and put a "
		       "backup in its place";
	default:
		return "failed; see the log of the system for this disk";
	}
}

static gboolean
fail_class(const char *path, enum pl_ledger_error class, const char *detail,
    GError **error)
{
	g_set_error(error, PL_LEDGER_ERROR, class, "%s: %s (%s)", path,
	    advice(class), detail);
	return FALSE;
}

static gboolean
fail(struct connection *c, const char *path, int code, GError **error)
{
	int number = c->handle != NULL ? sqlite3_system_errno(c->handle) : 0;
	const char *text = c->handle != NULL ? sqlite3_errmsg(c->handle)
					     : sqlite3_errstr(code);
	enum pl_ledger_error class = class_of(code, number);
	g_autofree char *detail = NULL;

	if (number != 0
	    && ((code & 0xff) == SQLITE_IOERR
		|| (code & 0xff) == SQLITE_CANTOPEN))
		detail = g_strdup_printf("%s, error %d, %s", text, code,
		    g_strerror(number));
	else
		detail = g_strdup_printf("%s, error %d", text, code);
	return fail_class(path, class, detail, error);
}

static gboolean
failed(pl_db *db, int code, GError **error)
{
	db->failed = TRUE;
	return fail(of(db), db->path, code, error);
}

/* ---- open -------------------------------------------------------------- */

static int
wait_for_lock(void *user, int count)
{
	struct connection *c = user;
	gint64 now = g_get_monotonic_time();

	if (count == 0)
		c->asked = now;
	if (now - c->asked > BUSY_WAIT)
		return 0;
	g_usleep(g_random_int_range(500, 4000));
	return 1;
}

static gboolean
exec(struct connection *c, const char *path, const char *sql, GError **error)
{
	int code = sqlite3_exec(c->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK || fail(c, path, code, error);
}

/* The number that SQL yields, -1 for an error. */
static gint64
number_of(struct connection *c, const char *path, const char *sql,
    GError **error)
{
	sqlite3_stmt *statement = NULL;
	gint64 number = -1;
	int code = sqlite3_prepare_v2(c->handle, sql, -1, &statement, NULL);

	if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	else
		fail(c, path, code, error);
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
		enum pl_ledger_error class = class_of_errno(errno);

		return fail_class(path, class, text, error);
	}
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return fail_class(
		    path, PL_LEDGER_DAMAGED, "not a regular file", error);
	return TRUE;
}

static gboolean
is_writable(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);

	return access(path, W_OK) == 0 && access(folder, W_OK) == 0;
}

/* Flags and name to read PATH with, without leaving anything behind. Where we
 * may write, SQLite's own housekeeping files come and go with the connection,
 * and a log that was there stays as it was. On a read-only disk without a log
 * nobody can write, and the file may be taken for constant. */
static char *
how_to_read(const char *path, int *flags, gboolean *keep_log)
{
	g_autofree char *log = g_strconcat(path, "-wal", NULL);
	struct stat st;
	gboolean logged = stat(log, &st) == 0;

	*keep_log = logged;
	if (is_writable(path)) {
		*flags = SQLITE_OPEN_READWRITE;
		return g_strdup(path);
	}
	*flags = SQLITE_OPEN_READONLY;
	if (!logged || (errno == EROFS && st.st_size == 0)) {
		g_autofree char *escaped
		    = g_uri_escape_string(path, "/", FALSE);

		*flags |= SQLITE_OPEN_URI;
		return g_strdup_printf("file:%s?immutable=1", escaped);
	}
	return g_strdup(path);
}

static gboolean
open_read(struct connection *c, const char *path, GError **error)
{
	gboolean keep_log;
	int flags, code;
	g_autofree char *name = NULL;
	struct stat st;

	if (stat(path, &st) != 0) {
		g_autofree char *text = g_strdup_printf("reading the %s: %s",
		    c->what, g_strerror(errno));

		return fail_class(path, class_of_errno(errno), text, error);
	}
	if (!S_ISREG(st.st_mode))
		return fail_class(
		    path, PL_LEDGER_DAMAGED, "not a regular file", error);
	name = how_to_read(path, &flags, &keep_log);
	code = sqlite3_open_v2(
	    name, &c->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return fail(c, path, code, error);
	if (keep_log)
		sqlite3_db_config(c->handle,
		    SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	return TRUE;
}

static gboolean
open_write(struct connection *c, const char *path, const char *what,
    GError **error)
{
	int code;

	if (!make_file(path, what, error))
		return FALSE;
	code = sqlite3_open_v2(path, &c->handle,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return fail(c, path, code, error);
	/* SQLite falls back to reading what it may not write. */
	if (sqlite3_db_readonly(c->handle, "main") == 1)
		return fail(c, path, SQLITE_READONLY, error);
	return TRUE;
}

/* Is it ours? An empty file becomes ours when we may write. */
static gboolean
claim(struct connection *c, const char *path, const struct pl_db_how *how,
    GError **error)
{
	g_autofree char *sql = g_strdup_printf(
	    "PRAGMA page_size = %u; PRAGMA application_id = %d;", how->page,
	    how->application);
	gint64 tables, id;

	tables = number_of(
	    c, path, "SELECT count(*) FROM sqlite_schema", error);
	if (tables < 0)
		return FALSE;
	id = number_of(c, path, "PRAGMA application_id", error);
	if (id == how->application)
		return TRUE;
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
settle(struct connection *c, const char *path, const struct pl_db_how *how,
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

	return exec(c, path, common, error)
	    && exec(c, path,
		how->write ? writing : "PRAGMA query_only = ON", error);
}

static void
connection_close(pl_db *db)
{
	sqlite3_close(of(db)->handle);
	g_free(db);
}

static pl_db *
connection_open(const char *path, const struct pl_db_how *how, GError **error)
{
	struct connection *c = g_new0(struct connection, 1);

	c->what = how->what;
	if ((how->write ? open_write(c, path, how->what, error)
			: open_read(c, path, error))) {
		sqlite3_extended_result_codes(c->handle, 1);
		sqlite3_busy_handler(c->handle, wait_for_lock, c);
		if (claim(c, path, how, error) && settle(c, path, how, error))
			return &c->base;
	}
	connection_close(&c->base);
	return NULL;
}

/* ---- transactions and statements --------------------------------------- */

static gboolean
connection_script(pl_db *db, const char *sql, GError **error)
{
	int code = sqlite3_exec(of(db)->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK || failed(db, code, error);
}

static int
connection_has_table(pl_db *db, const char *name, GError **error)
{
	int code = sqlite3_table_column_metadata(of(db)->handle, "main", name,
	    NULL, NULL, NULL, NULL, NULL, NULL);

	if (code == SQLITE_OK)
		return 1;
	if (code == SQLITE_ERROR)
		return 0;
	failed(db, code, error);
	return -1;
}

static gboolean
connection_begin(pl_db *db, GError **error)
{
	return connection_script(db, "BEGIN IMMEDIATE", error);
}

static void
connection_rollback(pl_db *db)
{
	if (!sqlite3_get_autocommit(of(db)->handle))
		sqlite3_exec(of(db)->handle, "ROLLBACK", NULL, NULL, NULL);
}

/* Some errors (full, I/O) end a transaction, others (busy) leave it open:
 * after this it is over either way. */
static gboolean
connection_commit(pl_db *db, GError **error)
{
	if (connection_script(db, "COMMIT", error))
		return TRUE;
	connection_rollback(db);
	return FALSE;
}

static void
statement_finalize(void *statement)
{
	struct statement *s = statement;

	sqlite3_finalize(s->handle);
	g_free(s);
}

static void *
statement_prepare(pl_db *db, const char *sql, GError **error)
{
	struct statement *s = g_new0(struct statement, 1);
	int code = sqlite3_prepare_v3(of(db)->handle, sql, -1,
	    SQLITE_PREPARE_PERSISTENT, &s->handle, NULL);

	if (code != SQLITE_OK) {
		failed(db, code, error);
		statement_finalize(s);
		return NULL;
	}
	/* SQLite numbers $N by the order in which they stand in the text. */
	for (int i = 1; i <= sqlite3_bind_parameter_count(s->handle); i++) {
		const char *name = sqlite3_bind_parameter_name(s->handle, i);
		guint64 n = g_ascii_strtoull(name + 1, NULL, 10);

		g_assert(n > 0 && n < PARAMETERS);
		s->at[n] = (guint8)i;
	}
	return s;
}

static int
bind_text(sqlite3_stmt *handle, int at, const struct pl_value *value)
{
	if (g_utf8_validate_len(value->bytes, value->length, NULL))
		return sqlite3_bind_text64(handle, at, value->bytes,
		    value->length, SQLITE_STATIC, SQLITE_UTF8);
	else {
		char *valid = g_utf8_make_valid(
		    value->bytes, (gssize)value->length);

		return sqlite3_bind_text64(
		    handle, at, valid, strlen(valid), g_free, SQLITE_UTF8);
	}
}

static gboolean
statement_bind(pl_db *db, void *statement, unsigned n,
    const struct pl_value *value, GError **error)
{
	struct statement *s = statement;
	int at = s->at[n], code = SQLITE_OK;

	g_assert(n < PARAMETERS && at > 0);
	switch (value->type) {
	case PL_VALUE_NULL:
		code = sqlite3_bind_null(s->handle, at);
		break;
	case PL_VALUE_INT:
		code = sqlite3_bind_int64(s->handle, at, value->number);
		break;
	case PL_VALUE_TEXT:
		code = bind_text(s->handle, at, value);
		break;
	case PL_VALUE_RAW:
		code = sqlite3_bind_text64(s->handle, at, value->bytes,
		    value->length, SQLITE_STATIC, SQLITE_UTF8);
		break;
	case PL_VALUE_BLOB:
		code = sqlite3_bind_blob64(s->handle, at, value->bytes,
		    value->length, SQLITE_STATIC);
		break;
	}
	return code == SQLITE_OK || failed(db, code, error);
}

static int
statement_step(pl_db *db, void *statement, GError **error)
{
	int code = sqlite3_step(((struct statement *)statement)->handle);

	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	failed(db, code, error);
	return -1;
}

static void
statement_reset(void *statement)
{
	struct statement *s = statement;

	sqlite3_reset(s->handle);
	/* Values are only borrowed. */
	sqlite3_clear_bindings(s->handle);
}

static void
statement_column(void *statement, unsigned n, struct pl_value *value)
{
	sqlite3_stmt *handle = ((struct statement *)statement)->handle;
	int c = (int)n;

	memset(value, 0, sizeof(*value));
	switch (sqlite3_column_type(handle, c)) {
	case SQLITE_INTEGER:
		value->type = PL_VALUE_INT;
		value->number = sqlite3_column_int64(handle, c);
		break;
	case SQLITE_TEXT:
		value->type = PL_VALUE_TEXT;
		value->bytes = sqlite3_column_text(handle, c);
		value->length = (gsize)sqlite3_column_bytes(handle, c);
		break;
	case SQLITE_BLOB:
	case SQLITE_FLOAT: /* of nobody's making: shown as it is */
		value->type = PL_VALUE_BLOB;
		value->bytes = sqlite3_column_blob(handle, c);
		value->length = (gsize)sqlite3_column_bytes(handle, c);
		break;
	default:
		value->type = PL_VALUE_NULL;
		break;
	}
}

static gint64
connection_changes(pl_db *db)
{
	return sqlite3_changes64(of(db)->handle);
}

/* ---- check ------------------------------------------------------------- */

/* The first row of SQL, as words: NULL when there is none. */
static gboolean
first_row(pl_db *db, const char *sql, char **words, GError **error)
{
	sqlite3_stmt *statement = NULL;
	sqlite3 *handle = of(db)->handle;
	int code = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);

	*words = NULL;
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*words = g_strdup((const char *)sqlite3_column_text(
		    statement, 0));
	else if (code != SQLITE_DONE)
		failed(db, code, error);
	sqlite3_finalize(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE;
}

static gboolean
connection_check(pl_db *db, GError **error)
{
	g_autofree char *structure = NULL, *references = NULL;

	if (!first_row(db, "PRAGMA quick_check(1)", &structure, error)
	    || !first_row(db,
		"SELECT 'a line of ' || \"table\" || ' refers to a missing one"
		" of ' || parent FROM pragma_foreign_key_check LIMIT 1",
		&references, error))
		return FALSE;
	if (g_strcmp0(structure, "ok") != 0)
		return fail_class(db->path, PL_LEDGER_DAMAGED,
		    structure != NULL ? structure : "no answer", error);
	return references == NULL
	    || fail_class(db->path, PL_LEDGER_DAMAGED, references, error);
}

const struct pl_driver pl_driver_sqlite = {
	.open = connection_open,
	.close = connection_close,
	.script = connection_script,
	.has_table = connection_has_table,
	.begin = connection_begin,
	.commit = connection_commit,
	.rollback = connection_rollback,
	.prepare = statement_prepare,
	.finalize = statement_finalize,
	.bind = statement_bind,
	.step = statement_step,
	.reset = statement_reset,
	.column = statement_column,
	.changes = connection_changes,
	.check = connection_check,
};
