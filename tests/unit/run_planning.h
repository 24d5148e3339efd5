/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_planning - a journal, an entry that waits in it, and the moment at which
 * that is planned, for tests to change
 */
#ifndef RUN_PLANNING_H
#define RUN_PLANNING_H

#include <string.h>

#include "run_clock.h"

#include "postledger/run.h"

#define MIB (1024 * 1024)

static inline guint32
julian(int y, int m, int d)
{
	GDate date;

	g_date_clear(&date, 1);
	g_date_set_dmy(&date, (GDateDay)d, (GDateMonth)m, (GDateYear)y);
	return g_date_get_julian(&date);
}

static inline struct pl_journal
a_journal(void)
{
	struct pl_journal j = {
		.name = "sales",
		.enabled = TRUE,
		.accept = 0xf,
		.formats = PL_FILES_PDF | PL_FILES_XML,
		.documents_per_mail = 1,
		.max_mails_per_run = 50,
		.max_mail_size = 7 * MIB,
	};

	return j;
}

static inline pl_entry
an_entry(void)
{
	pl_entry e = {
		.id = 1,
		.state = PL_WAITING,
		.kind = PL_KIND_INVOICE,
		.formats = PL_FILES_PDF,
		.size = 1000,
		.doc_date = (char *)(uintptr_t) "2026-01-05",
		.arrived = utc("2026-01-10T09:00:00Z"),
		.filename = (char *)(uintptr_t) "F-1.pdf",
	};

	return e;
}

static inline struct pl_plan_input
an_input(const struct pl_journal *journal, GPtrArray *entries)
{
	struct pl_plan_input in = {
		.journal = journal,
		.timezone = brussels,
		.now = utc("2026-01-10T11:00:00Z"),
		.max_size = 7 * MIB,
		.entries = entries,
	};

	return in;
}

/* At seven; from seven to nine. */
static const struct pl_slot at_seven = { FALSE, 420 };
static const struct pl_window early = { 420, 540 };

static inline struct pl_decision
decide(const struct pl_plan_input *input, pl_entry *e)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new();
	struct pl_plan_input in = *input;
	g_autoptr(GArray) plan = NULL;

	g_ptr_array_add(entries, e);
	in.entries = entries;
	plan = pl_plan(&in);
	return g_array_index(plan, struct pl_decision, 0);
}

#endif
