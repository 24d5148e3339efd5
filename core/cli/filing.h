/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filing - a stored file gets its name in a folder
 */
#ifndef POSTLEDGER_CLI_FILING_H
#define POSTLEDGER_CLI_FILING_H

#include "postledger/intake.h"
#include "postledger/ledger.h"
#include "postledger/run.h"

/* A folder for whoever books what is in it to put it away. */
#define PL_FILING_PROCESSED "processed"

typedef struct pl_filing {
	pl_ledger *ledger;
	pl_reader *reader;
	const char *path;
	int dir;
	unsigned written, there; /* files; there: the same bytes, before */
	GHashTable *next;  /* name ▸ the first number behind those seen */
	GHashTable *sizes; /* name and size ▸ the numbers that have it */
} pl_filing;
/* The folder PATH (lent) must be there. */
pl_filing *pl_filing_open(pl_ledger *ledger, const char *path, GError **error);
void pl_filing_free(pl_filing *filing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_filing, pl_filing_free)

/* What goes where. */
struct pl_filed {
	gint64 message;
	const char *sha256;
	struct pl_part part;
	const char *folders; /* "BE68.../2026" below it, or "" */
	const char *name;    /* safe */
	gboolean processed;  /* with a folder for processed files */
};
/* Prints the path when the file was not there yet. */
gboolean pl_filing_put(
    pl_filing *filing, const struct pl_filed *filed, GError **error);
/* All of it is durable. */
gboolean pl_filing_sync(pl_filing *filing, GError **error);

#endif
