/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spool - an e-mail on its way out: in memory, or in a file without a name
 *
 * Written once from begin to end, then read any number of times. What grows
 * beyond 4 MB goes into a file, which has no name from the start, so whatever
 * happens nothing stays behind. Writing more than `limit` bytes fails with
 * PL_RUN_TOO_LARGE, at once: nobody compresses a gigabyte in vain.
 */
#ifndef PL_RUN_SPOOL_H
#define PL_RUN_SPOOL_H

#include "postledger/run.h"

typedef struct pl_spool pl_spool;

/* LIMIT 0: none. */
pl_spool *pl_spool_new(guint64 limit);
void pl_spool_free(pl_spool *spool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_spool, pl_spool_free)
/* How many there are now. */
unsigned pl_spool_count(void);

/* PL_RUN_SPOOL: no place for it. */
gboolean pl_spool_write(
    pl_spool *spool, const void *bytes, gsize length, GError **error);
gboolean pl_spool_text(pl_spool *spool, const char *text, GError **error);
/* Bytes as lines of base64; pl_spool_base64_end() writes what is left over
 * and the end of the last line. */
gboolean pl_spool_base64(
    pl_spool *spool, const void *bytes, gsize length, GError **error);
/* The same, as a pl_put. */
gboolean pl_spool_put_base64(
    void *spool, const void *bytes, gsize length, GError **error);
gboolean pl_spool_base64_end(pl_spool *spool, GError **error);
/* Then SIZE is final and reading may begin. */
gboolean pl_spool_finish(pl_spool *spool, GError **error);

guint64 pl_spool_size(const pl_spool *spool);
/* -1 on error, 0 at the end. */
gssize pl_spool_pread(
    const pl_spool *spool, guint64 offset, void *buffer, gsize length);

#endif
