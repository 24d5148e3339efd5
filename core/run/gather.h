/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gather - what a report has to say, from the ledger
 *
 * pl_gather() reads what no report has told yet, once for all addresses;
 * pl_gather_for() takes from it what concerns one address. The gathering must
 * outlive what is made of it.
 */
#ifndef PL_RUN_GATHER_H
#define PL_RUN_GATHER_H

#include "pass.h"

typedef struct pl_gathering {
	struct pl_pass *pass;
	GPtrArray *problems; /* pl_problem */
	GHashTable *troubled; /* gint64: batches that these name */
	GPtrArray *batches;  /* pl_batch, finished */
	GPtrArray *notices;  /* struct pl_notice: what came back */
	pl_run *run;
	char *head;
	GPtrArray *strays;  /* char *: a sentence for each journal that is no
			     * longer configured and still has documents */
	gboolean strays_are_news; /* first run with this configuration */
} pl_gathering;
pl_gathering *pl_gather(struct pl_pass *pass, GError **error);
void pl_gathering_free(pl_gathering *gathering);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_gathering, pl_gathering_free)

/* Is it of no journal, or of one that is no longer configured? */
gboolean pl_gather_is_gateways(
    const struct pl_pass *pass, const struct pl_problem *problem);
/* Is ADDRESS in LIST, as report_to is written? */
gboolean pl_gather_lists(const char *list, const char *address);

typedef struct pl_gathered {
	struct pl_report_facts facts;
	GPtrArray *told; /* const char *: journals, "" for none */
	GPtrArray *kept; /* what the facts point into */
	guint64 documents;        /* among these */
	gboolean strays_are_news; /* there are some, and this address is told */
} pl_gathered;
pl_gathered *pl_gather_for(
    const pl_gathering *all, const char *address, GError **error);
/* Puts the sentences on them into the notes, if this address is told. */
void pl_gathered_add_strays(pl_gathered *gathered, const pl_gathering *all);
/* And those on what came back; after the strays. */
gboolean pl_gathered_add_notices(
    pl_gathered *gathered, const pl_gathering *all, GError **error);
void pl_gathered_free(pl_gathered *gathered);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_gathered, pl_gathered_free)

/* ---- one journal, for pl_gather_for() ------------------------------------ */

/* struct pl_report_journal; frees them. */
GPtrArray *pl_gather_journals(void);
gboolean pl_gather_journal(const pl_gathering *all, pl_gathered *gathered,
    const struct pl_turn *turn, GError **error);
/* Shall N more documents be held in memory? Some hundreds take less time there
 * than to be read again; of more than that the report reads them itself. */
gboolean pl_gather_holds(pl_gathered *gathered, guint64 n);
/* ARRAY (NULL: nothing) shall live as long as GATHERED; returns it. */
void *pl_gather_keep(pl_gathered *gathered, GPtrArray *array);
/* The original of another entry, to be told with it. */
gboolean pl_gather_original(
    const pl_gathering *all, pl_gathered *gathered, gint64 id, GError **error);
/* What waits, and why: into J's `waiting`, or `more`. */
gboolean pl_gather_waiting(const pl_gathering *all, pl_gathered *gathered,
    const struct pl_turn *turn, struct pl_report_journal *j, GError **error);
gboolean pl_gather_read_waiting(const struct pl_report_journal *j,
    pl_report_each each, void *each_user, void *user, GError **error);
/* Where a report reads what is not gathered. */
struct pl_report_source pl_gather_source(const pl_gathering *all);

#endif
