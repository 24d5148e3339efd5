/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proof - did the MTA queue an attempt whose answer nobody saw?
 *
 * What proves it: the queue manager's own line on this queue id in Postfix's
 * log, or the queue's listing. What does not: that the message was offered,
 * that cleanup named it, or that a file of it lies in incoming/. No proof says
 * nothing; it may be that nobody here may read the log.
 *
 * Postfix's own commands are asked, which heed MAIL_CONFIG for an instance
 * that is not the default one.
 */
#ifndef PL_RUN_PROOF_H
#define PL_RUN_PROOF_H

#include "postledger/ledger.h"

enum pl_proof {
	PL_PROOF_NONE,
	PL_PROOF_QUEUED,
};
/* WORDS (g_free()) says by what it is proven. */
enum pl_proof pl_proof_find(
    const pl_batch *batch, const char *return_path, char **words);

/* A log being read, line by line. */
struct pl_trail {
	const char *queue_id;   /* NULL: the log is to tell */
	const char *message_id; /* <...> */
	char *found; /* the queue id it told, g_free() */
	gboolean named; /* the queue id was given to this message */
	char *proof;    /* the line that proves it */
};
void pl_trail_line(struct pl_trail *trail, const char *line);
/* Does a line of `postqueue -j` show it, past incoming/? */
gboolean pl_proof_listed(
    const char *line, const char *queue_id, const char *sender);

#endif
