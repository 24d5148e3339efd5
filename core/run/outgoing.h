/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgoing - the files of a batch: which leave, their names and their bytes
 *
 * The same for every destination: an e-mail carries them, a folder takes them.
 */
#ifndef PL_RUN_OUTGOING_H
#define PL_RUN_OUTGOING_H

#include "attach.h"
#include "content.h"
#include "share.h"

/* What a batch is made from. */
struct pl_composer {
	pl_ledger *ledger;
	pl_reader *reader;
	const pl_config *config;
	guint64 limit; /* bytes of the e-mail, 0: none */
	const pl_secret *secret; /* NULL: it does not say what it carries */
};

struct pl_outgoing {
	guint entry; /* its place in the batch */
	const pl_document *document;
	const struct pl_file *file;
	guint covers;  /* documents of the batch that are in it */
	gboolean part; /* only the document's part of it: SHARE says which */
	struct pl_share share;
	char *name; /* set by whoever sends it; freed with it */
};
GPtrArray *pl_outgoing_documents(void);
GPtrArray *pl_outgoing_files(void);

/* The files of ENTRIES that JOURNAL (NULL: all) lets out, in their order, one
 * that several of them share whole under the first of them (see share.h);
 * their DOCUMENTS, one an entry, must outlive them. Errors as
 * pl_compose_batch(), with the entry at *BAD. */
gboolean pl_outgoing_of(const struct pl_composer *c,
    const struct pl_journal *journal, const GPtrArray *entries,
    GPtrArray *documents, GPtrArray *files, guint *bad, GError **error);
/* Among FILES the one in which the statement DOCUMENT goes out together with
 * others; or NULL. */
const struct pl_outgoing *pl_outgoing_with(
    const GPtrArray *files, const pl_document *document);
/* A name that NAMES did not give yet; g_free(). */
char *pl_outgoing_name(const struct pl_outgoing *file, pl_names *names);
/* Its bytes, or (after its name was set) those of several in one ZIP. */
gboolean pl_outgoing_put(const struct pl_composer *c,
    const struct pl_outgoing *file, pl_put put, void *to, GError **error);
gboolean pl_outgoing_zip(const struct pl_composer *c, const GPtrArray *files,
    const GPtrArray *entries, pl_put put, void *to, guint *bad, GError **error);
/* JOURNAL-DATE-BATCH.zip, the same at every attempt. g_free(). */
char *pl_outgoing_zip_name(const struct pl_composer *c, const pl_batch *batch);

#endif
