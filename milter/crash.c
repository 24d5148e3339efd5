/* SPDX-License-Identifier: BSD-2-Clause */
/* crash - see crash.h */
#include "crash.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PL_CRASH_TEXT(name, text) text,
static const char *const names[] = { PL_CRASH_POINTS(PL_CRASH_TEXT) NULL };

static enum pl_crash armed = PL_CRASH_NONE;
static gint countdown; /* times it is still to be passed */

const char *
pl_crash_name(enum pl_crash point)
{
	return names[point];
}

gboolean
pl_crash_arm(const char *value)
{
	if (value == NULL || *value == '\0')
		return TRUE;
	g_auto(GStrv) words = g_strsplit(value, ":", 2);
	for (int i = 0; names[i] != NULL; i++)
		if (strcmp(words[0], names[i]) == 0)
			armed = (enum pl_crash)i;
	countdown = words[1] != NULL ? atoi(words[1]) : 1;
	return armed != PL_CRASH_NONE && countdown > 0;
}

void
pl_crash_point(enum pl_crash point)
{
	if (point == armed && g_atomic_int_dec_and_test(&countdown)) {
		kill(getpid(), SIGKILL);
		pause();
	}
}
