/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpu - what a test may cost, however busy the machine is
 */
#ifndef TESTS_CPU_H
#define TESTS_CPU_H

#include <time.h>

/* Seconds of the processor that this process has had. */
static inline double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif
