/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * years - writing rows past the ledger's own calls, for ledger_years
 */
#ifndef BENCH_YEARS_H
#define BENCH_YEARS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "sqlite.h"
#include "store.h"

#define JOURNALS 20
#define STATEMENT_JOURNALS 4 /* the last ones */
#define ACCOUNTS 200
#define DAY (24 * 3600 * G_TIME_SPAN_SECOND)

struct years {
	pl_ledger *l;
	gint64 entries, messages, start, end;
	gint64 entry, event, batch, run;
	gint64 tally[JOURNALS][PL_STATES][2];
	char head[PL_HASH_LENGTH + 1];
	EVP_MD_CTX *sum;
	sqlite3_stmt *message, *recipient, *document, *file, *row, *statement,
	    *batches, *batch_entry, *attempt, *history, *runs, *report;
	struct pl_store *store;
	gint64 store_row;   /* of the last message */
	guint64 store_end;  /* of its file */
	char month[16];
	gsize large; /* bytes more in the messages of the first months */
	guint64 seed;
};

/* ---- SQL ----------------------------------------------------------------- */

static inline void
check(gboolean ok, const char *what, const char *why)
{
	if (ok)
		return;
	fprintf(stderr, "ledger_years: %s: %s\n", what, why);
	exit(1);
}

static inline void
script(pl_db *db, const char *sql)
{
	GError *e = NULL;

	check(db->driver->script(db, sql, &e), sql, e ? e->message : "");
}

static inline sqlite3_stmt *
prepare(pl_db *db, const char *sql)
{
	sqlite3 *handle = pl_sqlite_of(db)->handle;
	sqlite3_stmt *s = NULL;

	check(sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &s,
		  NULL) == SQLITE_OK,
	    sql, sqlite3_errmsg(handle));
	return s;
}

/* TYPES: a letter a parameter: i gint64 (0 is NULL: n), s const char *. */
static inline void
put(sqlite3_stmt *s, const char *types, ...)
{
	va_list args;

	if (s == NULL) /* of another pass */
		return;
	va_start(args, types);
	for (int i = 1; types[i - 1] != '\0'; i++) {
		gint64 number = 0;
		const char *text = NULL;

		if (types[i - 1] == 's')
			text = va_arg(args, const char *);
		else
			number = va_arg(args, gint64);
		if (text != NULL)
			sqlite3_bind_text(s, i, text, -1, SQLITE_STATIC);
		else if (types[i - 1] == 'i' || number != 0)
			sqlite3_bind_int64(s, i, number);
		else
			sqlite3_bind_null(s, i);
	}
	va_end(args);
	check(sqlite3_step(s) == SQLITE_DONE, sqlite3_sql(s),
	    sqlite3_errmsg(sqlite3_db_handle(s)));
	sqlite3_reset(s);
}

/* ---- what is in it ------------------------------------------------------- */

/* A number that is random, and the same in every ledger. */
static inline guint64
dice(struct years *y)
{
	guint64 z = (y->seed += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static const char years_digits[] = "0123456789abcdef";

/* DIGITS hexadecimal ones: what a hash looks like. */
static inline const char *
hex(struct years *y, char *text, unsigned digits)
{
	guint64 z = 0;

	for (unsigned i = 0; i < digits; i++, z >>= 4) {
		if (i % 16 == 0)
			z = dice(y);
		text[i] = years_digits[z & 15];
	}
	text[digits] = '\0';
	return text;
}

static inline void
sum_of(struct years *y, const char *bytes, size_t n, char text[65])
{
	unsigned char sum[32];

	EVP_DigestInit_ex2(y->sum, NULL, NULL);
	EVP_DigestUpdate(y->sum, bytes, n);
	EVP_DigestFinal_ex(y->sum, sum, NULL);
	for (unsigned i = 0; i < sizeof(sum); i++) {
		text[2 * i] = years_digits[sum[i] >> 4];
		text[2 * i + 1] = years_digits[sum[i] & 15];
	}
	text[64] = '\0';
}

static inline void
note(struct years *y, gint64 at, const char *what, const char *journal,
    gint64 message, gint64 document, gint64 entry, gint64 batch, gint64 run,
    const char *detail)
{
	const char *who = message != 0 && document == 0 && what[0] == 'c'
			      ? "postledgerd"
			      : "uid=998 postledger";
	char line[2048], hash[PL_HASH_LENGTH + 1];
	int n;

	y->event++;
	if (y->history == NULL)
		return;
	n = g_snprintf(line, sizeof(line),
	    "%s\n%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\t%s\t%s\t\\N\t%s"
	    "\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT
	    "\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\t%s\n",
	    y->head, y->event, at, who, what, journal ? journal : "\\N",
	    message, document, entry, batch, run, detail ? detail : "\\N");

	g_assert(n < (int)sizeof(line));
	sum_of(y, line, (size_t)n, hash);
	put(y->history, "iissnsnnnnnsss", y->event, at, who, what, (gint64)0,
	    journal, message, document, entry, batch, run, detail, y->head,
	    hash);
	memcpy(y->head, hash, sizeof(hash));
}

#endif
