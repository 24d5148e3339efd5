/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * db - one connection to one database, whichever engine it is
 *
 * The room is written against the calls below; an engine is a table of
 * functions. Statements are those of the .sql files, with parameters $1, $2...;
 * they are prepared once per connection and kept.
 *
 * Errors are of PL_LEDGER_ERROR, name the file and say what to do. After an
 * error of a statement `failure` is set; whoever opened the transaction rolls
 * it back. A commit that fails has rolled back.
 */
#ifndef PL_LEDGER_DB_H
#define PL_LEDGER_DB_H

#include "postledger/ledger.h"

enum pl_sql {
#define PL_STATEMENT(name, text) PL_SQL_##name,
#include "statements.h"
#undef PL_STATEMENT
	PL_SQL_COUNT
};
const char *pl_sql_text(enum pl_sql sql);

enum pl_value_type {
	PL_VALUE_NULL,
	PL_VALUE_INT,
	PL_VALUE_TEXT, /* stored as UTF-8: what is not valid is replaced */
	PL_VALUE_RAW,  /* text kept byte for byte */
	PL_VALUE_BLOB, /* read only: nothing of ours is one */
};
struct pl_value {
	enum pl_value_type type;
	gint64 number;
	const void *bytes;
	gsize length;
};

static inline struct pl_value
v_int(gint64 n)
{
	return (struct pl_value){ .type = PL_VALUE_INT, .number = n };
}
/* An identifier or an optional number: 0 is NULL. */
static inline struct pl_value
v_id(gint64 n)
{
	return (
	    struct pl_value){ n ? PL_VALUE_INT : PL_VALUE_NULL, n, NULL, 0 };
}
struct pl_value v_text(const char *text); /* NULL is NULL */
struct pl_value v_raw(const char *text);
#define V(...) \
	(const struct pl_value[]){ __VA_ARGS__ }, \
	    sizeof((const struct pl_value[]){ __VA_ARGS__ }) / \
		sizeof(struct pl_value)
#define V_NONE NULL, 0

typedef struct pl_db pl_db;
typedef struct pl_rows pl_rows;

struct pl_db_how {
	gboolean write;      /* created when absent; else nothing is changed */
	gint32 application;  /* what is written in the file's header */
	unsigned page;       /* bytes a page, for a new file */
	unsigned cache;      /* KB */
	unsigned checkpoint; /* pages in the log before they are moved */
	const char *what;    /* "ledger": for messages */
};

struct pl_driver {
	pl_db *(*open)(
	    const char *path, const struct pl_db_how *how, GError **error);
	void (*close)(pl_db *db); /* no statement is left; rolls back */
	/* Several statements without parameters and rows. */
	gboolean (*script)(pl_db *db, const char *sql, GError **error);
	int (*has_table)(pl_db *db, const char *name, GError **error);
	gboolean (*begin)(pl_db *db, GError **error); /* to write, at once */
	/* Whether the commits that follow wait for the disk, as at first. */
	gboolean (*durable)(pl_db *db, gboolean durable, GError **error);
	/* To read from one snapshot until rollback(). */
	gboolean (*freeze)(pl_db *db, GError **error);
	gboolean (*commit)(pl_db *db, GError **error);
	void (*rollback)(pl_db *db); /* outside of a transaction: nothing */
	void *(*prepare)(pl_db *db, const char *sql, GError **error);
	void (*finalize)(void *statement);
	/* Value N, from 1; its bytes stay until the statement is reset. */
	gboolean (*bind)(pl_db *db, void *statement, unsigned n,
	    const struct pl_value *value, GError **error);
	/* 1: a row, 0: no more, -1: error. */
	int (*step)(pl_db *db, void *statement, GError **error);
	void (*reset)(void *statement);
	/* Column N, from 0, as it is stored (raw text is TEXT); its bytes stay
	 * until the next step. */
	void (*column)(void *statement, unsigned n, struct pl_value *value);
	gint64 (*changes)(pl_db *db); /* rows of the last statement */
	/* Gives back the space of a log that is not needed any more. */
	void (*shrink)(pl_db *db);
	/* A consistent copy into the empty file PATH, while others write; it is
	 * not synced. */
	gboolean (*copy)(pl_db *db, const char *path, GError **error);
	/* Lets the numbers of all tables go on N higher. */
	gboolean (*skip)(pl_db *db, gint64 n, GError **error);
	/* Structure and references, of one table its structure (NULL: of
	 * all). DAMAGED says what is wrong. */
	gboolean (*check)(pl_db *db, const char *table, GError **error);
	/* A hint: TEXT will be looked for in INDEX, whose first column is a
	 * text, and perhaps be put there. */
	void (*ahead)(pl_db *db, const char *index, const char *text);
	/* To be called now and then while they are looked for, and at last
	 * (ALL). */
	void (*arrived)(pl_db *db, gboolean all);
	/* A hint: tables and indexes will be read and added to at their ends. */
	void (*ends)(pl_db *db);
};
extern const struct pl_driver pl_driver_sqlite;

struct pl_db {
	const struct pl_driver *driver;
	char *path;
	pl_rows *statements[PL_SQL_COUNT];
	GHashTable *composed; /* text ▸ pl_rows */
	GError *failure; /* of the first statement that failed since begin */
};

pl_db *pl_db_open(const struct pl_driver *driver, const char *path,
    const struct pl_db_how *how, GError **error);
void pl_db_close(pl_db *db); /* NULL is fine */
gboolean pl_db_begin(pl_db *db, GError **error);
gboolean pl_db_commit(pl_db *db, GError **error);
void pl_db_rollback(pl_db *db);
gboolean pl_db_script(pl_db *db, const char *sql, GError **error);

/* Runs a statement to its end. */
gboolean pl_db_do(pl_db *db, enum pl_sql sql, const struct pl_value *values,
    unsigned n, GError **error);
gint64 pl_db_changes(pl_db *db);
/* Runs it to its end for the first column of its first row: 1, 0 if there is
 * no row or NULL in it (then *NUMBER is 0), -1 on error. */
int pl_db_number(pl_db *db, enum pl_sql sql, const struct pl_value *values,
    unsigned n, gint64 *number, GError **error);
/* For insertions RETURNING id. */
gboolean pl_db_insert(pl_db *db, enum pl_sql sql, const struct pl_value *values,
    unsigned n, gint64 *id, GError **error);

/* Rows, to be ended (g_autoptr). The values must stay until then. */
pl_rows *pl_db_query(pl_db *db, enum pl_sql sql, const struct pl_value *values,
    unsigned n, GError **error);
pl_rows *pl_db_compose(pl_db *db, const char *text,
    const struct pl_value *values, unsigned n, GError **error);
int pl_rows_next(pl_rows *rows, GError **error); /* as step */
void pl_rows_end(pl_rows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_rows, pl_rows_end)
void pl_rows_value(pl_rows *rows, unsigned column, struct pl_value *value);
gint64 pl_rows_int(pl_rows *rows, unsigned column); /* NULL: 0 */
char *pl_rows_text(pl_rows *rows, unsigned column); /* g_free(), or NULL */
/* The first column of all rows as gint64. */
GArray *pl_db_numbers(pl_db *db, enum pl_sql sql, const struct pl_value *values,
    unsigned n, GError **error);

#endif
