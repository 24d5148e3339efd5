/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * db - statements: found, bound, stepped, kept for the next time
 *
 * A kept statement that is still in use (a callback asks the same question
 * again) is prepared once more for the occasion.
 */
#include <string.h>

#include "db.h"

struct pl_rows {
	pl_db *db;
	void *statement;
	gboolean kept, busy;
};

static const char *const texts[] = {
#define PL_STATEMENT(name, text) [PL_SQL_##name] = text,
#include "statements.h"
#undef PL_STATEMENT
};

const char *
pl_sql_text(enum pl_sql sql)
{
	return texts[sql];
}

struct pl_value
v_text(const char *text)
{
	if (text == NULL)
		return (struct pl_value){ .type = PL_VALUE_NULL };
	return (struct pl_value){ PL_VALUE_TEXT, 0, text, strlen(text) };
}

struct pl_value
v_raw(const char *text)
{
	if (text == NULL)
		return (struct pl_value){ .type = PL_VALUE_NULL };
	return (struct pl_value){ PL_VALUE_RAW, 0, text, strlen(text) };
}

static void
rows_free(pl_rows *rows)
{
	if (rows == NULL)
		return;
	rows->db->driver->finalize(rows->statement);
	g_free(rows);
}

pl_db *
pl_db_open(const struct pl_driver *driver, const char *path,
    const struct pl_db_how *how, GError **error)
{
	pl_db *db = driver->open(path, how, error);

	if (db == NULL)
		return NULL;
	db->driver = driver;
	db->path = g_strdup(path);
	db->composed = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, (GDestroyNotify)rows_free);
	return db;
}

void
pl_db_close(pl_db *db)
{
	if (db == NULL)
		return;
	for (unsigned i = 0; i < PL_SQL_COUNT; i++)
		rows_free(db->statements[i]);
	g_hash_table_destroy(db->composed);
	g_free(db->path);
	g_clear_error(&db->failure);
	db->driver->close(db);
}

gboolean
pl_db_begin(pl_db *db, GError **error)
{
	g_clear_error(&db->failure);
	return db->driver->begin(db, error);
}

gboolean
pl_db_commit(pl_db *db, GError **error)
{
	return db->driver->commit(db, error);
}

void
pl_db_rollback(pl_db *db)
{
	db->driver->rollback(db);
}

gboolean
pl_db_script(pl_db *db, const char *sql, GError **error)
{
	return db->driver->script(db, sql, error);
}

gint64
pl_db_changes(pl_db *db)
{
	return db->driver->changes(db);
}

static pl_rows *
prepare(pl_db *db, const char *text, gboolean keep, GError **error)
{
	void *statement = db->driver->prepare(db, text, error);
	pl_rows *rows;

	if (statement == NULL)
		return NULL;
	rows = g_new0(pl_rows, 1);
	rows->db = db;
	rows->statement = statement;
	rows->kept = keep;
	return rows;
}

static pl_rows *
bind(pl_rows *rows, const struct pl_value *values, unsigned n, GError **error)
{
	pl_db *db = rows->db;

	rows->busy = TRUE;
	for (unsigned i = 0; i < n; i++)
		if (!db->driver->bind(
			db, rows->statement, i + 1, &values[i], error)) {
			pl_rows_end(rows);
			return NULL;
		}
	return rows;
}

pl_rows *
pl_db_query(pl_db *db, enum pl_sql sql, const struct pl_value *values,
    unsigned n, GError **error)
{
	pl_rows *rows = db->statements[sql];

	if (rows == NULL || rows->busy) {
		gboolean keep = rows == NULL;

		rows = prepare(db, texts[sql], keep, error);
		if (rows == NULL)
			return NULL;
		if (keep)
			db->statements[sql] = rows;
	}
	return bind(rows, values, n, error);
}

pl_rows *
pl_db_compose(pl_db *db, const char *text, const struct pl_value *values,
    unsigned n, GError **error)
{
	pl_rows *rows = g_hash_table_lookup(db->composed, text);

	if (rows == NULL || rows->busy) {
		gboolean keep = rows == NULL;

		rows = prepare(db, text, keep, error);
		if (rows == NULL)
			return NULL;
		if (keep)
			g_hash_table_insert(db->composed, g_strdup(text), rows);
	}
	return bind(rows, values, n, error);
}

int
pl_rows_next(pl_rows *rows, GError **error)
{
	return rows->db->driver->step(rows->db, rows->statement, error);
}

void
pl_rows_end(pl_rows *rows)
{
	if (rows == NULL)
		return;
	rows->db->driver->reset(rows->statement);
	rows->busy = FALSE;
	if (!rows->kept)
		rows_free(rows);
}

void
pl_rows_value(pl_rows *rows, unsigned column, struct pl_value *value)
{
	rows->db->driver->column(rows->statement, column, value);
}

gint64
pl_rows_int(pl_rows *rows, unsigned column)
{
	struct pl_value value;

	pl_rows_value(rows, column, &value);
	return value.type == PL_VALUE_INT ? value.number : 0;
}

char *
pl_rows_text(pl_rows *rows, unsigned column)
{
	struct pl_value value;

	pl_rows_value(rows, column, &value);
	if (value.type != PL_VALUE_TEXT && value.type != PL_VALUE_BLOB)
		return NULL;
	return g_strndup(value.bytes, value.length);
}

gboolean
pl_db_do(pl_db *db, enum pl_sql sql, const struct pl_value *values, unsigned n,
    GError **error)
{
	g_autoptr(pl_rows) rows = pl_db_query(db, sql, values, n, error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0)
		more = pl_rows_next(rows, error);
	return more == 0;
}

int
pl_db_number(pl_db *db, enum pl_sql sql, const struct pl_value *values,
    unsigned n, gint64 *number, GError **error)
{
	g_autoptr(pl_rows) rows = pl_db_query(db, sql, values, n, error);
	gboolean first = TRUE, found = FALSE;
	int more;

	*number = 0;
	if (rows == NULL)
		return -1;
	/* To the end: an insertion is complete only then. */
	for (; (more = pl_rows_next(rows, error)) > 0; first = FALSE) {
		struct pl_value value;

		pl_rows_value(rows, 0, &value);
		if (!first || value.type != PL_VALUE_INT)
			continue;
		*number = value.number;
		found = TRUE;
	}
	return more < 0 ? -1 : found;
}

gboolean
pl_db_insert(pl_db *db, enum pl_sql sql, const struct pl_value *values,
    unsigned n, gint64 *id, GError **error)
{
	int found = pl_db_number(db, sql, values, n, id, error);

	g_assert(found != 0);
	return found > 0;
}

GArray *
pl_db_numbers(pl_db *db, enum pl_sql sql, const struct pl_value *values,
    unsigned n, GError **error)
{
	g_autoptr(pl_rows) rows = pl_db_query(db, sql, values, n, error);
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(gint64));
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		gint64 number = pl_rows_int(rows, 0);

		g_array_append_val(numbers, number);
	}
	return more < 0 ? NULL : g_steal_pointer(&numbers);
}
