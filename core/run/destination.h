/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * destination - where a batch goes: by e-mail, or into a folder
 *
 * send.c and resume.c know the order of the steps and the ledger; how a batch
 * is made, handed over and found again is one table of functions for each.
 */
#ifndef PL_RUN_DESTINATION_H
#define PL_RUN_DESTINATION_H

#include "pass.h"

struct pl_destination {
	const char *deferred; /* code of the problem when it is put off */
	/* Once in a pass that has something to send. */
	void (*begin)(struct pl_pass *pass);
	/* TURN's batches (NULL: reports) are not taken in this pass any more.
	 */
	gboolean (*closed)(
	    const struct pl_pass *pass, const struct pl_turn *turn);
	/* Makes BATCH ready; nothing of it is seen outside yet. NULL: error.
	 * PL_RUN_FOLDER: it takes nothing now, as an answer to an attempt;
	 * others as pl_compose_batch() has them. */
	void *(*prepare)(struct pl_pass *pass, const pl_batch *batch,
	    const GPtrArray *entries, guint *bad, GError **error);
	/* What else the transaction has to hold that commits ATTEMPT. */
	gboolean (*intend)(struct pl_pass *pass, const pl_batch *batch,
	    unsigned attempt, void *ready, GError **error);
	/* Hands it over. What may have arrived in part is "unknown". */
	void (*deliver)(struct pl_pass *pass, const pl_batch *batch,
	    unsigned attempt, void *ready, struct pl_answer *answer);
	/* The answer is committed. */
	void (*answered)(struct pl_pass *pass, const pl_batch *batch,
	    const struct pl_answer *answer);
	/* Without an answer, the attempt may have arrived: finds (or completes)
	 * what it did. FALSE: it cannot be told, and is made again. */
	gboolean (*prove)(struct pl_pass *pass, const pl_batch *batch,
	    struct pl_answer *answer);
	/* That it is made again, in words for a report. g_free(). */
	char *(*again)(const pl_batch *batch);
	void (*drop)(void *ready);
};
extern const struct pl_destination pl_destination_smtp, pl_destination_folder;

const struct pl_destination *pl_destination_of(const char *deliver_to);

/* Commits what ATTEMPT was answered, logs and counts it. */
gboolean pl_pass_answer(struct pl_pass *pass, const pl_batch *batch,
    unsigned attempt, const struct pl_answer *answer, GError **error);

#endif
