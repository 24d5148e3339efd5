/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sqlite - the engine behind db.h
 *
 * Write-ahead log, full synchronisation: a commit is on disk when it returns,
 * unless durable() said that it need not be. Then it is with the next that is;
 * what a power cut takes is the end of what was committed, as a whole.
 * The write lock is taken when a transaction begins, so nothing fails halfway
 * for want of it; whoever finds it taken asks again every few milliseconds for
 * ten seconds.
 */
#include <string.h>

#include "disk.h"
#include "sqlite_ahead.h"

#define PARAMETERS 32

struct statement {
	sqlite3_stmt *handle;
	guint8 at[PARAMETERS]; /* place of $N, 0: not in the text */
};

/* ---- transactions and statements --------------------------------------- */

static gboolean
connection_script(pl_db *db, const char *sql, GError **error)
{
	int code =
	    sqlite3_exec(pl_sqlite_of(db)->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK || pl_sqlite_failed(db, code, error);
}

/* Asks the file: what the connection remembers of the schema may be from
 * before another process made it. */
static int
connection_has_table(pl_db *db, const char *name, GError **error)
{
	sqlite3 *handle = pl_sqlite_of(db)->handle;
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(handle,
	    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1",
	    -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		pl_sqlite_failed(db, code, error);
	sqlite3_finalize(statement);
	return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : -1;
}

static gboolean
connection_begin(pl_db *db, GError **error)
{
	return connection_script(db, "BEGIN IMMEDIATE", error);
}

static gboolean
connection_durable(pl_db *db, gboolean durable, GError **error)
{
	struct pl_sqlite *c = pl_sqlite_of(db);

	if (c->lazy != durable)
		return TRUE;
	if (!connection_script(db,
		durable ? "PRAGMA synchronous = FULL"
			: "PRAGMA synchronous = NORMAL",
		error))
		return FALSE;
	c->lazy = !durable;
	return TRUE;
}

static gboolean
connection_freeze(pl_db *db, GError **error)
{
	return connection_script(db, "BEGIN DEFERRED", error);
}

static void
connection_rollback(pl_db *db)
{
	if (!sqlite3_get_autocommit(pl_sqlite_of(db)->handle))
		sqlite3_exec(
		    pl_sqlite_of(db)->handle, "ROLLBACK", NULL, NULL, NULL);
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
	int code = sqlite3_prepare_v3(pl_sqlite_of(db)->handle, sql, -1,
	    SQLITE_PREPARE_PERSISTENT, &s->handle, NULL);

	if (code != SQLITE_OK) {
		pl_sqlite_failed(db, code, error);
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
		char *valid =
		    g_utf8_make_valid(value->bytes, (gssize)value->length);

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
		g_assert_not_reached();
	}
	return code == SQLITE_OK || pl_sqlite_failed(db, code, error);
}

static int
statement_step(pl_db *db, void *statement, GError **error)
{
	int code = sqlite3_step(((struct statement *)statement)->handle);

	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	pl_sqlite_failed(db, code, error);
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
	return sqlite3_changes64(pl_sqlite_of(db)->handle);
}

static void
connection_shrink(pl_db *db)
{
	connection_script(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL);
}

/* Step by step (sqlite3_backup) a copy begins anew whenever another process
 * commits, and never ends beside a busy daemon: VACUUM INTO reads from one
 * snapshot. A handle for reading must not change anything, which SQLite takes
 * for the copy, too. */
static gboolean
connection_copy(pl_db *db, const char *path, GError **error)
{
	sqlite3 *handle = pl_sqlite_of(db)->handle;
	sqlite3_stmt *statement = NULL;
	int code;

	sqlite3_exec(handle, "PRAGMA query_only = OFF", NULL, NULL, NULL);
	code =
	    sqlite3_prepare_v2(handle, "VACUUM INTO ?1", -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	sqlite3_finalize(statement);
	return code == SQLITE_DONE || pl_sqlite_failed(db, code, error);
}

static gboolean
connection_skip(pl_db *db, gint64 n, GError **error)
{
	/* a table without rows yet has no line there */
	g_autofree char *sql = g_strdup_printf(
	    "INSERT INTO sqlite_sequence (name, seq) SELECT name, 0 "
	    "FROM sqlite_master WHERE type = 'table' "
	    "AND sql LIKE '%%AUTOINCREMENT%%' "
	    "AND name NOT IN (SELECT name FROM sqlite_sequence); "
	    "UPDATE sqlite_sequence SET seq = seq + %" G_GINT64_FORMAT, n);

	return connection_script(db, sql, error);
}

/* ---- check ------------------------------------------------------------- */

/* The first row of SQL, as words: NULL when there is none. */
static gboolean
first_row(pl_db *db, const char *sql, char **words, GError **error)
{
	sqlite3_stmt *statement = NULL;
	sqlite3 *handle = pl_sqlite_of(db)->handle;
	int code = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);

	*words = NULL;
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*words =
		    g_strdup((const char *)sqlite3_column_text(statement, 0));
	else if (code != SQLITE_DONE)
		pl_sqlite_failed(db, code, error);
	sqlite3_finalize(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE;
}

static gboolean
check_structure(pl_db *db, const char *table, GError **error)
{
	g_autofree char *sql = g_strdup_printf(
	    "PRAGMA quick_check(%s)", table != NULL ? table : "1");
	g_autofree char *words = NULL;

	if (!first_row(db, sql, &words, error))
		return FALSE;
	return g_strcmp0(words, "ok") == 0 ||
	       pl_disk_refuse_as(db->path, PL_LEDGER_DAMAGED,
		   words != NULL ? words : "no answer", error);
}

static gboolean
connection_check(pl_db *db, const char *table, GError **error)
{
	g_autofree char *words = NULL;

	if (!check_structure(db, table, error))
		return FALSE;
	if (table != NULL)
		return TRUE;
	if (!first_row(db,
		"SELECT 'a line of ' || \"table\" || ' refers to a missing one"
		" of ' || parent FROM pragma_foreign_key_check LIMIT 1",
		&words, error))
		return FALSE;
	return words == NULL ||
	       pl_disk_refuse_as(db->path, PL_LEDGER_DAMAGED, words, error);
}

const struct pl_driver pl_driver_sqlite = {
	.open = pl_sqlite_open,
	.close = pl_sqlite_close,
	.script = connection_script,
	.has_table = connection_has_table,
	.begin = connection_begin,
	.durable = connection_durable,
	.freeze = connection_freeze,
	.commit = connection_commit,
	.rollback = connection_rollback,
	.prepare = statement_prepare,
	.finalize = statement_finalize,
	.bind = statement_bind,
	.step = statement_step,
	.reset = statement_reset,
	.column = statement_column,
	.changes = connection_changes,
	.shrink = connection_shrink,
	.copy = connection_copy,
	.skip = connection_skip,
	.check = connection_check,
	.ahead = pl_sqlite_ahead,
	.arrived = pl_sqlite_arrived,
	.ends = pl_sqlite_ends,
};
