/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keeper - the child's life, its time, and bytes to and from it
 */
#ifndef POSTLEDGER_INTAKE_KEEPER_H
#define POSTLEDGER_INTAKE_KEEPER_H

#include "room.h"

#include <sys/types.h>

struct pl_keeper {
	const struct pl_limits *limits;
	pid_t pid; /* 0: no child */
	int fd;
	guint8 *shared;    /* PL_SHARED bytes; the child only reads the slots */
	unsigned requests; /* that this child was asked */
	unsigned term;     /* how many, until its memory is looked at */
	guint64 inherited; /* bytes of our memory, which it began with */
	guint64 memory;    /* that it is allowed now */
	gboolean killed;   /* the last one was, and not by us */
	GByteArray *out;   /* not sent yet */
	GByteArray *in;    /* what came, */
	gsize taken;       /* and what of it was taken */
	/* of the request that the child works on */
	gint64 time;      /* it is allowed, of the processor */
	unsigned watched; /* which one it is; NOBODY: none was seen yet */
	gint64 cpu_end, clock_end;
};

/* FALSE: there can be no child now (PL_INTAKE_READ). */
gboolean pl_keeper_start(struct pl_keeper *keeper, GError **error);
/* It was asked so much that somebody should look whether it leaks. */
gboolean pl_keeper_due(const struct pl_keeper *keeper);
/* FALSE: it takes no more than it should, and is good for another term. */
gboolean pl_keeper_leaks(struct pl_keeper *keeper);
/* Kills what still lives; NULL-safe, and may be called again. */
void pl_keeper_end(struct pl_keeper *keeper);
void pl_keeper_clear(struct pl_keeper *keeper);
/* It is gone, or has to go: WHAT it did too much of, or NULL for a crash. */
void pl_keeper_bury(struct pl_keeper *keeper, const char *what, GError **error);

/* Time and memory for a message of SIZE bytes, from now on. */
gboolean pl_keeper_allow(
    struct pl_keeper *keeper, guint64 size, GError **error);
/* Time that was ours is not the child's. */
void pl_keeper_excuse(struct pl_keeper *keeper);
/* How many requests the child is through with; it may lie. */
unsigned pl_keeper_through(const struct pl_keeper *keeper);

/* What is put is sent at the next flush, or get that has to wait. FALSE: the
 * child was buried. */
gboolean pl_keeper_get(
    struct pl_keeper *keeper, void *bytes, gsize length, GError **error);
void pl_keeper_put(struct pl_keeper *keeper, const struct pl_frame_head *head,
    const void *bytes);
gboolean pl_keeper_flush(struct pl_keeper *keeper, GError **error);

#endif
