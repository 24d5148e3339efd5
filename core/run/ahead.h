/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ahead - the next e-mail is composed while the present one is submitted
 *
 * Only what is read moves forward: the spool of the next batch is made from
 * the ledger while a thread waits for the MTA. Its attempt is committed, and
 * its first byte sent, after the answer to the present one is committed, as
 * without this. The thread has nothing but the connection and the spool that
 * it submits; ledger and parser stay with the one that composes.
 *
 * Failures: whatever goes wrong is forgotten here, and found and dealt with
 * again when the turn of the batch comes.
 */
#ifndef PL_RUN_AHEAD_H
#define PL_RUN_AHEAD_H

#include "pass.h"

/* BATCH comes after the one that is sent now; NULL: none does. It must stay
 * until the next call. */
void pl_ahead_expect(struct pl_pass *pass, const pl_batch *batch);
/* Submits as pl_submit_send() does, and composes what is expected. */
void pl_ahead_submit(struct pl_pass *pass, const struct pl_envelope *envelope,
    struct pl_answer *answer);
/* What was composed of BATCH, the caller's; NULL: nothing. */
pl_spool *pl_ahead_take(struct pl_pass *pass, const pl_batch *batch);
/* Forgets all. */
void pl_ahead_end(struct pl_pass *pass);

#endif
