/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ahead - work on the next e-mails while the MTA is busy with the present one
 *
 * The spools of the next batches are made by a thread (maker.h). Large ones are
 * handed over at once by others (flight.h), each on a connection of its own, up
 * to the dot; that follows when all before it are answered and that is
 * committed. So the order stays, and of all that is under way at most one is
 * known to nobody but the MTA. An attempt is committed before its first byte,
 * as always: whoever dies here leaves some that were not offered. They cannot
 * be offered before their end.
 *
 * Failures: whatever goes wrong is forgotten here, and found and dealt with
 * again when the turn of the batch comes. An MTA that does not care for more
 * connections is left with one.
 */
#ifndef PL_RUN_AHEAD_H
#define PL_RUN_AHEAD_H

#include "pass.h"

#define PL_AHEAD 5 /* e-mails that are ready before their turn */

/* The batches of LEAVING from FROM on come after the one that is sent now, and
 * more of them may be committed meanwhile; NULL: none does. It must stay until
 * pl_ahead_stop(). */
void pl_ahead_expect(struct pl_pass *pass, pl_leaving *leaving, guint from);
/* What was composed of BATCH, the caller's; NULL: nothing. */
pl_spool *pl_ahead_take(struct pl_pass *pass, const pl_batch *batch);
/* Its ATTEMPT is committed, and mostly under way. */
gboolean pl_ahead_begun(
    const struct pl_pass *pass, const pl_batch *batch, unsigned *attempt);
/* Submits BATCH, or what is left of it, and goes ahead with the next ones. */
void pl_ahead_submit(struct pl_pass *pass, const pl_batch *batch,
    const struct pl_envelope *envelope, struct pl_answer *answer);
/* Part of the transaction that notes an answer: the attempt of the next one
 * that has a connection now. */
void pl_ahead_fence(struct pl_pass *pass);
/* What was begun does not leave now. */
void pl_ahead_stop(struct pl_pass *pass);
/* Forgets all. */
void pl_ahead_end(struct pl_pass *pass);

#endif
