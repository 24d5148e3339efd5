/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash - places at which a test may kill the run
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "postledger/run.h"

#include "crash.h"

static const char *const names[] = {
	"run-locked",
	"run-returns",
	"run-indexed",
	"run-standing",
	"run-begun",
	"run-resumed",
	"batch-planned", /* committed, nothing composed */
	"folder-spooled", /* a file for a folder is written, without name */
	"batch-composed",
	"batch-attempted", /* the attempt is committed, nothing sent */
	"submit-envelope", /* RCPT was taken */
	"submit-data",     /* in the middle of the message */
	"submit-end",      /* all but the final dot */
	"submit-dot",      /* after the dot, before its answer */
	"submit-answered", /* the answer is read and nowhere written */
	"folder-put",      /* a file has its name */
	"folder-synced",   /* all have, and nobody wrote it down */
	"batch-answered",  /* committed */
	"journal-served",
	"run-reminded",
	"report-written", /* not committed */
	"report-committed",
	"report-submitted",
	"run-ended",
	NULL,
};

const char *const *
pl_crash_names(void)
{
	return names;
}

/* What the variable asks for; the name ends at a colon. */
struct wish {
	char *name;
	unsigned long times;
};

static struct wish *
wish(void)
{
	static struct wish *wanted;
	static gsize once;

	if (g_once_init_enter(&once)) {
		const char *value = getenv("POSTLEDGER_CRASH");
		char *colon;

		wanted = g_new0(struct wish, 1);
		wanted->name = g_strdup(value != NULL ? value : "");
		colon = strchr(wanted->name, ':');
		wanted->times =
		    colon != NULL ? strtoul(colon + 1, NULL, 10) : 1;
		if (colon != NULL)
			*colon = '\0';
		g_once_init_leave(&once, 1);
	}
	return wanted;
}

void
pl_crash_point(const char *name)
{
	struct wish *w = wish();

	g_assert(g_strv_contains(names, name));
	if (w->times == 0 || strcmp(w->name, name) != 0)
		return;
	if (--w->times == 0)
		kill(getpid(), SIGKILL);
}
