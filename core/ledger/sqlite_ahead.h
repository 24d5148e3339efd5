/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sqlite_ahead - pages of an index are asked for before they are read
 *
 * The keys of documents are random, so in a ledger of ten years each of them
 * is a page that no cache holds. Asked one by one, a disk lets its reader sleep
 * for each; asked for beforehand, it reads many at a time while others work.
 * SQLite has no call for that. But its file format is documented and will not
 * change (sqlite.org/fileformat2.html), and what is read wrong here, of a page
 * that is just written or lies in the log, costs nothing but a page that nobody
 * wanted: nothing is ever decided by it.
 */
#ifndef PL_LEDGER_SQLITE_AHEAD_H
#define PL_LEDGER_SQLITE_AHEAD_H

#include "sqlite.h"

/* Of struct pl_driver. */
void pl_sqlite_ahead(pl_db *db, const char *index, const char *text);
void pl_sqlite_ends(pl_db *db);
void pl_sqlite_arrived(pl_db *db, gboolean all);
void pl_ahead_free(struct pl_ahead *ahead); /* NULL is fine */

/* The page that stands below PAGE where TEXT has its place; 0: PAGE is no inner
 * page of an index of texts. */
guint32 pl_ahead_below(const guint8 *page, gsize size, const char *text);

/* A leaf of an index of texts has no room for one more of LENGTH. */
gboolean pl_ahead_full(const guint8 *page, gsize size, gsize length);

#endif
