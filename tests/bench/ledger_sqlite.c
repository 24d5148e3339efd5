/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger_sqlite - what SQLite alone makes of message bytes
 *
 * One blob a message, COUNT a transaction, full synchronisation, pages of
 * 16 KB: the limit that capture is measured by. Prints one line of JSON.
 *
 *   ledger_sqlite FILE SIZE COUNT SECONDS [JOURNAL [PAGE]]
 */
#include <glib.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "counted.h"

static sqlite3 *db;
static guint64 bytes;

/* Instead of the library's, like fsync() of counted.h. */
ssize_t
pwrite64(int fd, const void *data, size_t n, off_t at)
{
	bytes += n;
	return syscall(SYS_pwrite64, fd, data, n, at);
}

static void
script(const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return;
	fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
	exit(1);
}

static void
open_file(const char *path, const char *journal, const char *page)
{
	g_autofree char *how = g_strdup_printf(
	    "PRAGMA page_size = %s; PRAGMA journal_mode = %s;"
	    "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = %d;"
	    "PRAGMA cache_size = -8192;"
	    "CREATE TABLE t (id INTEGER PRIMARY KEY, bytes BLOB)",
	    page, journal, (64 << 20) / atoi(page));

	if (sqlite3_open(path, &db) != SQLITE_OK)
		exit(1);
	script(how);
}

static guint64
measure(const char *blob, int size, int count, double seconds, double *took)
{
	gint64 begun = g_get_monotonic_time();
	sqlite3_stmt *insert;
	guint64 done = 0;

	sqlite3_prepare_v2(
	    db, "INSERT INTO t (bytes) VALUES (?)", -1, &insert, NULL);
	syncs = 0;
	bytes = 0;
	do {
		script("BEGIN IMMEDIATE");
		for (int i = 0; i < count; i++) {
			sqlite3_bind_blob(insert, 1, blob, size, SQLITE_STATIC);
			sqlite3_step(insert);
			sqlite3_reset(insert);
		}
		script("COMMIT");
		done += (guint64)count;
		*took = (double)(g_get_monotonic_time() - begun) / 1e6;
	} while (*took < seconds);
	sqlite3_finalize(insert);
	return done;
}

int
main(int argc, char **argv)
{
	double took;

	if (argc < 5) {
		fprintf(stderr,
		    "usage: %s FILE SIZE COUNT SECONDS [JOURNAL [PAGE]]\n",
		    argv[0]);
		return 64;
	}
	int size = atoi(argv[2]);
	g_autofree char *blob = g_malloc((gsize)size);

	for (int i = 0; i < size; i++)
		blob[i] = (char)g_random_int();
	open_file(
	    argv[1], argc > 5 ? argv[5] : "WAL", argc > 6 ? argv[6] : "16384");
	guint64 done =
	    measure(blob, size, atoi(argv[3]), strtod(argv[4], NULL), &took);
	printf("{\"rate\": %.1f, \"syncs\": %.3f, \"bytes\": %.3f}\n",
	    (double)done / took, (double)syncs / (double)done,
	    (double)bytes / ((double)done * (double)size));
	sqlite3_close(db);
	return 0;
}
