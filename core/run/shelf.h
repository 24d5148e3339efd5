/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shelf - files that appear in folders whole, under a free name, once
 *
 * A file is written into the workplace, a folder that only we may enter, and
 * moved from there to its name. Moving is one step that shows in the
 * workplace, too: what is not there any more was put out, whatever became of
 * it afterwards. The workplace holds a list for each batch, written after its
 * files, so that its absence is not mistaken for that of the files.
 *
 * A TICKET names a batch here and is never the same again. All errors are
 * PL_RUN_FOLDER: not now, the message names path and reason.
 */
#ifndef PL_RUN_SHELF_H
#define PL_RUN_SHELF_H

#include "postledger/run.h"

typedef struct pl_shelf pl_shelf;

/* FIXED must exist; the workplace in it is made. */
pl_shelf *pl_shelf_open(const char *fixed, GError **error);
void pl_shelf_free(pl_shelf *shelf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_shelf, pl_shelf_free)

/* It can be written, as far as can be seen without writing. */
gboolean pl_shelf_has_room(pl_shelf *shelf);

/* ---- the workplace ----------------------------------------------------- */

/* File NUMBER of TICKET, empty; whatever was there is gone. */
int pl_shelf_begin(
    pl_shelf *shelf, const char *ticket, unsigned number, GError **error);
gboolean pl_shelf_write(
    pl_shelf *shelf, int fd, const void *bytes, gsize length, GError **error);
/* Makes it durable and closes it; SIZE of it. */
gboolean pl_shelf_end(pl_shelf *shelf, int fd, guint64 *size, GError **error);
/* The list, after the last file. All of it is durable then. */
gboolean pl_shelf_list(
    pl_shelf *shelf, const char *ticket, const char *text, GError **error);
/* 1: there is one, 0: none, -1: error. */
int pl_shelf_has_list(pl_shelf *shelf, const char *ticket, GError **error);
/* Is it still there: not put out? When in doubt it is. */
gboolean pl_shelf_waits(pl_shelf *shelf, const char *ticket, unsigned number);
/* Removes what is left of TICKET. */
void pl_shelf_drop(pl_shelf *shelf, const char *ticket);
/* Removes all tickets that are over. */
typedef gboolean (*pl_shelf_over)(const char *ticket, void *user);
void pl_shelf_sweep(pl_shelf *shelf, pl_shelf_over over, void *user);

/* ---- folders ----------------------------------------------------------- */

/* BELOW ("" or "a/b") in the fixed folder, made where absent with the mode of
 * the one above; no symbolic link is followed. Close it. */
int pl_shelf_folder(pl_shelf *shelf, const char *below, GError **error);
gboolean pl_shelf_exists(int folder, const char *name);

enum pl_shelved {
	PL_SHELVED_OUT,   /* it has this name now */
	PL_SHELVED_TAKEN, /* another one has it */
	PL_SHELVED_NOT,   /* error */
};
enum pl_shelved pl_shelf_put(pl_shelf *shelf, const char *ticket,
    unsigned number, int folder, const char *name, GError **error);
/* The same where the file system cannot move without replacing. */
enum pl_shelved pl_shelf_link(pl_shelf *shelf, const char *ticket,
    unsigned number, int folder, const char *name, GError **error);
/* What was put into FOLDER becomes durable. */
gboolean pl_shelf_sync(pl_shelf *shelf, int folder, GError **error);

#endif
