/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cargo - a batch as files in the workplace, ready to be put into folders
 */
#ifndef PL_RUN_CARGO_H
#define PL_RUN_CARGO_H

#include "outgoing.h"
#include "pass.h"
#include "shelf.h"

/* A file to be: one of a document, or the ZIP of all that go to one folder. */
struct pl_crate {
	char *below, *name;
	GPtrArray *files; /* struct pl_outgoing, lent */
	gint64 entry;     /* 0: of all of the batch */
	gint64 first;     /* the first in it, or 0 for a ZIP */
	guint64 size;
};

struct pl_cargo {
	struct pl_composer composer;
	const pl_batch *batch;
	const GPtrArray *entries;
	char *fixed, *ticket;
	pl_shelf *shelf;
	GPtrArray *documents, *files, *crates;
	GHashTable *names; /* folder ▸ pl_names */
	int fd;            /* of the file that is being written, or -1 */
};

struct pl_cargo *pl_cargo_new(const struct pl_pass *pass, const pl_batch *batch,
    const GPtrArray *entries);
void pl_cargo_free(struct pl_cargo *cargo); /* the files stay */
/* All of it into the workplace of the open shelf, durable, with the names it
 * will have. Errors as pl_compose_batch(), and PL_RUN_FOLDER. */
gboolean pl_cargo_write(struct pl_cargo *cargo, guint *bad, GError **error);
/* Under which it will be seen; g_free(). */
char *pl_cargo_path(const struct pl_cargo *cargo, const struct pl_crate *crate);
/* Its name in the workplace: never the same again. g_free(). */
char *pl_cargo_ticket(const pl_batch *batch);

#endif
