/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pack - files into a ZIP, streamed to where it goes
 *
 * What does not get smaller is stored, the rest is deflated: two samples of the
 * first block of each file are tried, its name and type are not asked. The same
 * files give the same bytes (times are the caller's). Names are UTF-8 and
 * marked so.
 */
#ifndef PL_RUN_PACK_H
#define PL_RUN_PACK_H

#include "content.h"

typedef struct pl_pack pl_pack;

/* Its bytes go to PUT (TO, ...). */
pl_pack *pl_pack_new(pl_put put, void *to, GError **error);
void pl_pack_free(pl_pack *pack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_pack, pl_pack_free)

/* One file: its size is known before; end() fails if it was another. MODIFIED:
 * microseconds since 1970. */
gboolean pl_pack_file(pl_pack *pack, const char *name, guint64 size,
    gint64 modified, GError **error);
gboolean pl_pack_data(
    pl_pack *pack, const void *bytes, gsize length, GError **error);
gboolean pl_pack_file_end(pl_pack *pack, GError **error);
/* The directory. */
gboolean pl_pack_finish(pl_pack *pack, GError **error);

#endif
