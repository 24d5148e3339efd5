/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * writer - one ledger handle, one transaction for all that wait
 *
 * Sessions hand over chunks of messages as they come in and go on; at end of
 * message, or for a batch of our own, they come back when the group they are in
 * is durable. What is handed over and not yet written is bounded; whoever
 * comes too fast waits.
 */
#ifndef MILTER_WRITER_H
#define MILTER_WRITER_H

#include "postledger/ledger.h"

/* What the session may do next. */
enum pl_outcome {
	PL_OUTCOME_DONE,    /* durable */
	PL_OUTCOME_RETRY,   /* not stored: the MTA shall try again later */
	PL_OUTCOME_SURPLUS, /* not stored: of these there are enough */
};

struct pl_writer_limits {
	unsigned chunks;   /* at most so many are under way */
	unsigned patience; /* seconds that a request may lie untouched */
	unsigned probe;    /* seconds between looks at an unable ledger */
	guint64 reserve;   /* bytes of disk that new messages leave alone */
	unsigned slow;     /* milliseconds of a sync that are long */
	unsigned gather;   /* microseconds that the first of a group wait, */
	unsigned few;      /* until they are so many */
};

typedef struct pl_writer pl_writer;

/* LEDGER is the writer's until pl_writer_stop() has returned. */
pl_writer *pl_writer_start(
    pl_ledger *ledger, const struct pl_writer_limits *limits);
/* Finishes what was handed over; later requests are answered RETRY. The
 * writer itself stays, since sessions may still know it. */
void pl_writer_stop(pl_writer *writer);

/* FALSE: the ledger is known not to take anything now (full, damaged, ...).
 * It is looked at again by itself. */
gboolean pl_writer_able(pl_writer *writer);

/* A message on its way in. Ends with pl_writer_seal() or pl_writer_drop(),
 * which free it. */
typedef struct pl_incoming pl_incoming;
pl_incoming *pl_incoming_new(pl_writer *writer, gint64 arrived);

/* Hands over a chunk, which is given back. Does not wait for them to be
 * written. FALSE: this message cannot be stored any more. */
gboolean pl_writer_chunk(pl_writer *writer, pl_incoming *in, void *bytes);
/* The rest of the message and its facts; message->bytes is filled. JOURNALS
 * as in pl_message_add(). All arguments stay the caller's but IN. */
enum pl_outcome pl_writer_seal(pl_writer *writer, pl_incoming *in,
    const void *bytes, gsize length, pl_message *message, const char *journals);
/* The message will not come. IN may be NULL. */
void pl_writer_drop(pl_writer *writer, pl_incoming *in);
/* pl_batch_offer() in the next group; of an unknown one that says what it
 * carries, pl_batch_adopt(); of a forged one pl_batch_forged(). */
enum pl_outcome pl_writer_offer(
    pl_writer *writer, const struct pl_passing *passing, enum pl_offer *offer);

#endif
