/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * place - a stored file gets its name in a folder
 */
#ifndef POSTLEDGER_CLI_PLACE_H
#define POSTLEDGER_CLI_PLACE_H

#include "postledger/intake.h"
#include "postledger/ledger.h"

/* A folder for whoever books what is in it to put it away. */
#define PL_PLACE_PROCESSED "processed"

typedef struct pl_place {
	pl_ledger *ledger;
	pl_reader *reader;
	const char *path;
	int dir;
	unsigned written, there; /* files; there: the same bytes, before */
} pl_place;
/* The folder PATH (lent) must be there. */
pl_place *pl_place_open(pl_ledger *ledger, const char *path, GError **error);
void pl_place_free(pl_place *place);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_place, pl_place_free)

/* What goes where. */
struct pl_placing {
	gint64 message;
	const char *sha256;
	guint64 offset, length; /* a part of the file; length 0: all */
	const char *folders;    /* "BE68.../2026" below the place, or "" */
	const char *name;       /* safe */
	gboolean processed;     /* with a folder for processed files */
};
/* Prints the path when the file was not there yet. */
gboolean pl_place_file(
    pl_place *place, const struct pl_placing *placing, GError **error);
/* All of it is durable. */
gboolean pl_place_sync(pl_place *place, GError **error);

#endif
