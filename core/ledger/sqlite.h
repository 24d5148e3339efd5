/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sqlite - between the files of this engine; nobody else includes sqlite3.h
 */
#ifndef PL_LEDGER_SQLITE_H
#define PL_LEDGER_SQLITE_H

#include <sqlite3.h>

#include "db.h"

struct pl_sqlite {
	struct pl_db base;
	sqlite3 *handle;
	const char *what;
	gint64 asked; /* when the lock was first found taken */
	gboolean lazy; /* commits do not wait for the disk */
	struct pl_ahead *ahead; /* NULL: nothing was asked for */
};

static inline struct pl_sqlite *
pl_sqlite_of(pl_db *db)
{
	return (struct pl_sqlite *)db;
}

/* Both return FALSE. The first is for codes of SQLite at PATH, the second for
 * one that failed a statement or a transaction. */
gboolean pl_sqlite_fail(
    struct pl_sqlite *c, const char *path, int code, GError **error);
gboolean pl_sqlite_failed(pl_db *db, int code, GError **error);

pl_db *pl_sqlite_open(
    const char *path, const struct pl_db_how *how, GError **error);
void pl_sqlite_close(pl_db *db);

#endif
