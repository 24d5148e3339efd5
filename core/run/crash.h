/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash - places at which a test may kill the run
 *
 * POSTLEDGER_CRASH=NAME (or NAME:N for the Nth time it is passed) makes
 * pl_crash_point(NAME) kill the process as kill -9 does: no buffers, no
 * handlers, no cleaning up. Without the variable a point costs a comparison.
 * The names stand in one table, in the order in which a run passes them;
 * pl_crash_names() in postledger/run.h lists them for the test harness.
 */
#ifndef PL_RUN_CRASH_H
#define PL_RUN_CRASH_H

void pl_crash_point(const char *name);

#endif
