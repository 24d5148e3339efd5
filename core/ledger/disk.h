/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk - files that are not SQLite's
 */
#ifndef PL_LEDGER_DISK_H
#define PL_LEDGER_DISK_H

#include "postledger/ledger.h"

/* What the caller may do next, after an error of the system. */
enum pl_ledger_error pl_disk_class(int number);
/* Both return FALSE. "PATH: what to do (DETAIL)"; the second after errno. */
gboolean pl_disk_refuse_as(const char *path, enum pl_ledger_error class,
    const char *detail, GError **error);
gboolean pl_disk_refuse(const char *path, GError **error);
/* All of it; FALSE with errno. */
gboolean pl_disk_write(int fd, const void *bytes, gsize n, guint64 at);
/* As much as there is; -1 with errno. */
gssize pl_disk_read(int fd, void *buffer, gsize n, guint64 at);
/* Makes a file or folder durable. */
gboolean pl_disk_sync(const char *path, GError **error);
/* Makes these bytes zeros, and gives them back to the disk, where that can. */
void pl_disk_punch(int fd, guint64 at, guint64 length);

#endif
