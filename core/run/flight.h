/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flight - the submission of one e-mail, handed over by a thread of its own
 *
 * The thread has nothing but a connection and the spool; ledger and parser
 * stay with the caller. A flight that is held is handed over up to its dot: the
 * MTA has not taken it, and takes nothing when it is cut. What is there when it
 * is opened gets its dot from the caller, at once: on a busy machine a thread
 * that would have to wake for that, and another one for the answer, wait for
 * milliseconds each.
 */
#ifndef PL_RUN_FLIGHT_H
#define PL_RUN_FLIGHT_H

#include "submit.h"

typedef struct pl_flight pl_flight;

/* LINE and the spool stay the caller's and must outlive it; texts are copied,
 * the gate is its own. NULL: there is no thread for it. */
pl_flight *pl_flight_begin(
    pl_submit *line, const struct pl_envelope *envelope, gboolean held);
pl_submit *pl_flight_line(const pl_flight *flight);
/* Lets it go on. FALSE: the server turned us away, or has not even greeted for
 * so many milliseconds; it stays held. */
gboolean pl_flight_open(pl_flight *flight, unsigned patience);
/* Waits for its end, and frees it. */
void pl_flight_end(pl_flight *flight, struct pl_answer *answer);
/* Ends one that is held, and frees it. NULL is fine. */
void pl_flight_cut(pl_flight *flight);

#endif
