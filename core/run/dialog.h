/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dialog - a connection to the MTA: bytes out, replies in, all in time
 *
 * Nothing here waits longer than it was told to, or than a few seconds once
 * the run is asked to end; and not at all once its gate is cut.
 */
#ifndef PL_RUN_DIALOG_H
#define PL_RUN_DIALOG_H

#include "reply.h"

/* Between the thread that hands an e-mail over and the one that waits. */
struct pl_gate {
	GMutex mutex;
	GCond moved;
	gboolean greeted; /* the connection is there, and answers */
	gboolean cut;     /* give up, wherever it is */
};

struct pl_dialog {
	int fd;               /* -1: not connected */
	gint64 patience;      /* microseconds */
	struct pl_gate *gate; /* of the e-mail under way, or NULL */
	char trouble[256];    /* why it does not go on; "": it does */
	gsize at, have;
	char in[4096]; /* of it, [at, have) was not looked at yet */
};

/* HOST may be an address. */
gboolean pl_dialog_open(
    struct pl_dialog *dialog, const char *host, const char *port);
void pl_dialog_close(struct pl_dialog *dialog);
/* The server has said something that nobody asked for, or hung up. */
gboolean pl_dialog_is_spoken_to(const struct pl_dialog *dialog);
/* All of it. FALSE: the connection is broken, or the server did not care to
 * listen, and may have said why. */
gboolean pl_dialog_put(
    struct pl_dialog *dialog, const void *bytes, gsize length);
/* Adds the next line to REPLY. FALSE: none came until then (a monotonic time),
 * or only a piece of one, which is added too. */
gboolean pl_dialog_line(
    struct pl_dialog *dialog, struct pl_reply *reply, gint64 until);
gboolean pl_dialog_was_cut(const struct pl_dialog *dialog);

#endif
