/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stop - SIGINT and SIGTERM end a run soon, but never in the middle
 */
#include <signal.h>
#include <time.h>

#include "stop.h"

static struct sigaction before_int, before_term;
static volatile sig_atomic_t asked;
static _Atomic gint64 asked_at; /* threads that submit look, too */

static void
note(int signal_number)
{
	(void)signal_number;
	asked = 1;
}

void
pl_stop_listen(void)
{
	struct sigaction action = { .sa_handler = note };

	asked = 0;
	asked_at = 0;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, &before_int);
	sigaction(SIGTERM, &action, &before_term);
}

void
pl_stop_ignore(void)
{
	sigaction(SIGINT, &before_int, NULL);
	sigaction(SIGTERM, &before_term, NULL);
}

gint64
pl_stop_asked(void)
{
	if (asked && asked_at == 0)
		asked_at = g_get_monotonic_time();
	return asked_at;
}
