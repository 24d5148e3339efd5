/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash - the places where the daemon can be made to die, for the crash tests
 *
 * POSTLEDGER_CRASH=NAME (or NAME:N, the N-th time) in the environment makes
 * the daemon kill itself with SIGKILL when it reaches that point: nothing is
 * flushed, closed or told to anybody, as with a power cut of the process.
 * `postledgerd --crash-points` prints all names, so that a test can die at
 * each and none is forgotten. It is always compiled in, and without the
 * variable a point costs one comparison.
 */
#ifndef MILTER_CRASH_H
#define MILTER_CRASH_H

#include <glib.h>

/* In the order in which a message, and then a batch, reaches them. */
#define PL_CRASH_POINTS(X) \
	X(CHUNK_WRITTEN, "chunk-written") \
	X(BEFORE_SEAL, "before-seal") \
	X(BEFORE_SYNC, "before-sync") \
	X(AFTER_SYNC, "after-sync") \
	X(BEFORE_COMMIT, "before-commit") \
	X(AFTER_COMMIT, "after-commit") \
	X(BEFORE_DELRCPT, "before-delrcpt") \
	X(AFTER_DELRCPT, "after-delrcpt") \
	X(BEFORE_OFFER, "before-offer") \
	X(AFTER_OFFER, "after-offer") \
	X(BEFORE_PASS, "before-pass")

#define PL_CRASH_ENUM(name, text) PL_CRASH_##name,
enum pl_crash { PL_CRASH_POINTS(PL_CRASH_ENUM) PL_CRASH_NONE };
#undef PL_CRASH_ENUM

/* Reads the variable. FALSE: it names no point. */
gboolean pl_crash_arm(const char *value);
void pl_crash_point(enum pl_crash point);
const char *pl_crash_name(enum pl_crash point); /* NULL for PL_CRASH_NONE */

#endif
