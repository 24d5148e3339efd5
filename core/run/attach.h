/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attach - the names under which files leave
 *
 * The name a file came with, kept as far as every mail program and file system
 * can take it, and never twice in one e-mail, whatever the case of letters.
 */
#ifndef PL_RUN_ATTACH_H
#define PL_RUN_ATTACH_H

#include <glib.h>

#include "postledger/ledger.h"

/* Names given in one e-mail. */
typedef struct pl_names pl_names;
pl_names *pl_names_new(void);
void pl_names_free(pl_names *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_names, pl_names_free)

/* NAME (may be NULL) made safe and unique; FORMAT (pl_format_name(), may be
 * NULL) gives the extension where there is no name. SUFFIX, if not NULL, is
 * set before the extension: the part of a shared file. g_free(). */
char *pl_names_take(
    pl_names *names, const char *name, const char *format, const char *suffix);

/* The suffix of a document that is a part of a shared file, or NULL; g_free().
 */
char *pl_names_part(const pl_document *document);

/* The Content-Type for a file of FORMAT; DECLARED where that says nothing. */
const char *pl_media_type(const char *format, const char *declared);

#endif
