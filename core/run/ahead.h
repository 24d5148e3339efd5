/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ahead - the next e-mail is made, and handed over but for its end, while the
 * MTA is busy with the present one
 *
 * The spool of the next batch is made while a thread submits this one. A large
 * one is handed over at once, on a second connection, up to its last bytes;
 * those follow when the answer to this one is committed. So the order stays,
 * and of all that is under way at most one is known to nobody but the MTA. Its
 * attempt is committed before its first byte, as always: whoever dies here
 * leaves one that was not offered. It cannot be offered before its end.
 *
 * Failures: whatever goes wrong is forgotten here, and found and dealt with
 * again when the turn of the batch comes. An MTA that does not care for a
 * second connection is left with one.
 */
#ifndef PL_RUN_AHEAD_H
#define PL_RUN_AHEAD_H

#include "pass.h"

/* BATCH comes after the one that is sent now; NULL: none does. It must stay
 * until the next call. */
void pl_ahead_expect(struct pl_pass *pass, const pl_batch *batch);
/* What was composed of BATCH, the caller's; NULL: nothing. */
pl_spool *pl_ahead_take(struct pl_pass *pass, const pl_batch *batch);
/* Its ATTEMPT is committed, and under way. */
gboolean pl_ahead_begun(
    const struct pl_pass *pass, const pl_batch *batch, unsigned *attempt);
/* Submits BATCH, or what is left of it, and goes ahead with the next one. */
void pl_ahead_submit(struct pl_pass *pass, const pl_batch *batch,
    const struct pl_envelope *envelope, struct pl_answer *answer);
/* What was begun does not leave now. */
void pl_ahead_stop(struct pl_pass *pass);
/* Forgets all. */
void pl_ahead_end(struct pl_pass *pass);

#endif
