/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan - what the two halves of the planner share: plan.c asks when an entry
 * may leave, plan_mails.c puts those that may into e-mails
 */
#ifndef PL_RUN_PLAN_H
#define PL_RUN_PLAN_H

#include "postledger/run.h"

#include "chain.h"

/* What holds for the whole journal at this moment. */
struct pl_moment {
	const struct pl_plan_input *in;
	guint32 today;
	guint32 activation; /* 0: none; see plan.c */
	gboolean open;      /* the window */
	gboolean slot;      /* there is one to be served */
	GArray *plan;       /* what was decided so far */
	GHashTable *index;  /* entry id ▸ its place in PLAN, from 1 */
	gint64 next;        /* for what waits now */
	gint64 after;       /* for what waits after this time is served */
};

void pl_moment_fill(struct pl_moment *m, const struct pl_plan_input *in);
const struct pl_linked *pl_moment_linked(
    const struct pl_moment *m, gint64 entry);
/* Why the entry of D does not leave now, but for the room in e-mails; fills
 * in what else D says. */
enum pl_reason pl_moment_ask(const struct pl_moment *m, struct pl_decision *d);
/* It is never sent by itself: what stands behind it need not wait. */
gboolean pl_plan_never_leaves(const struct pl_decision *d);
/* The reason and the time of what waits behind KEEPER (NULL: unknown). */
enum pl_reason pl_plan_behind(const struct pl_decision *keeper, gint64 *until);

/* pl_plan() for entries that come one after the other, in its order, none of
 * them a statement: those keep each other back, and are planned together.
 * INPUT must outlive it; its entries are not looked at. */
typedef struct pl_planner pl_planner;
pl_planner *pl_planner_new(const struct pl_plan_input *input);
void pl_planner_free(pl_planner *planner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_planner, pl_planner_free)
/* It has no note, and is of the caller as long as ENTRY is. */
struct pl_decision pl_planner_next(pl_planner *planner, const pl_entry *entry);

#endif
