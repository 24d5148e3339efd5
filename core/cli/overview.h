/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * overview - what a run would decide now, journal by journal
 */
#ifndef POSTLEDGER_CLI_OVERVIEW_H
#define POSTLEDGER_CLI_OVERVIEW_H

#include "cli.h"
#include "postledger/run.h"
#include "sending.h"

/* The decisions on all that waits in one journal; the entries live as long. */
struct pl_overview {
	const struct pl_journal *journal;
	struct pl_counts counts;
	struct pl_plan_input input;
	GPtrArray *entries;
	GArray *plan;         /* struct pl_decision */
	GHashTable *by_entry; /* gint64 id ▸ struct pl_decision */
	unsigned by_reason[PL_REASONS];
	gint64 until[PL_REASONS]; /* the earliest; 0: not known */
	unsigned by_sending[PL_SENDINGS]; /* documents in e-mails */
	char *reply;              /* the last one that put some of them off */
	gint64 last_sent;         /* with --json only; 0: never */
	gint64 last;              /* when a run served it last, 0: never */
	gint64 next;              /* when it is served next, 0: never */
	gint64 late;   /* a slot passed without a run so long ago, 0: none */
	gint64 oldest; /* how long the oldest waits that could have left */
};
void pl_overview_free(struct pl_overview *overview);
typedef struct pl_overview pl_overview;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_overview, pl_overview_free)

pl_overview *pl_overview_new(struct pl_cli *cli,
    const struct pl_journal *journal, gint64 now, GError **error);
/* One a configured journal, in the order of the file. */
GPtrArray *pl_overview_all(struct pl_cli *cli, gint64 now, GError **error);

/* The decision on an entry of any of the OVERVIEWS, or NULL. */
const struct pl_decision *pl_overview_find(
    const GPtrArray *overviews, const pl_entry *entry);

/* "delay until 2026-11-25 00:00", "PL-111", "" for nothing. g_free(). */
char *pl_overview_why(
    const pl_entry *entry, const struct pl_decision *decision, GTimeZone *zone);

#endif
