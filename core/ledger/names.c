/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * names - the words for states
 */
#include <string.h>

#include "room.h"

static const char *const states[PL_STATES] = {
	[PL_WAITING] = "waiting",
	[PL_HELD] = "held",
	[PL_ARCHIVED] = "archived",
	[PL_SENDING] = "sending",
	[PL_SENT] = "sent",
	[PL_DUPLICATE] = "duplicate",
	[PL_SUPERSEDED] = "superseded",
};

static const char *const batch_states[] = {
	[PL_BATCH_PLANNED] = "planned",
	[PL_BATCH_SUBMITTING] = "submitting",
	[PL_BATCH_SENT] = "sent",
	[PL_BATCH_REFUSED] = "refused",
	[PL_BATCH_BOUNCED] = "bounced",
	[PL_BATCH_CANCELLED] = "cancelled",
};

static const char *const attempt_states[] = {
	[PL_ATTEMPT_SUBMITTING] = "submitting",
	[PL_ATTEMPT_OFFERED] = "offered",
	[PL_ATTEMPT_SENT] = "sent",
	[PL_ATTEMPT_DEFERRED] = "deferred",
	[PL_ATTEMPT_REFUSED] = "refused",
	[PL_ATTEMPT_FENCED] = "fenced",
	[PL_ATTEMPT_UNKNOWN] = "unknown",
};

const char *
pl_state_name(enum pl_state state)
{
	g_assert((unsigned)state < PL_STATES);
	return states[state];
}

gboolean
pl_state_parse(const char *name, enum pl_state *state)
{
	for (unsigned i = 0; i < PL_STATES; i++)
		if (g_ascii_strcasecmp(name, states[i]) == 0) {
			*state = (enum pl_state)i;
			return TRUE;
		}
	return FALSE;
}

const char *
pl_batch_state_name(enum pl_batch_state state)
{
	g_assert((unsigned)state < G_N_ELEMENTS(batch_states));
	return batch_states[state];
}

const char *
pl_attempt_state_name(enum pl_attempt_state state)
{
	g_assert((unsigned)state < G_N_ELEMENTS(attempt_states));
	return attempt_states[state];
}
