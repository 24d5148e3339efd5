/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * retention - between retention.c, which has the facts say what is dropped, and
 * retention_month.c, which drops it
 */
#ifndef PL_LEDGER_RETENTION_H
#define PL_LEDGER_RETENTION_H

#include "room.h"

struct pl_doomed {
	gint64 row;
	gint64 size;
};

struct pl_pruning {
	pl_ledger *l;
	gint64 before;
	pl_prune_func goes_on;
	void *user;
	struct pl_pruned *done;
	/* the month */
	const char *name;
	gint64 row;     /* looked at up to here */
	GArray *doomed; /* struct pl_doomed, still to be deleted */
	gboolean noted; /* where it is now */
};

/* FALSE: no more now, which done->more says. */
gboolean pl_pruning_goes_on(struct pl_pruning *p);
/* Drops the bytes of p->doomed, or the file of the month when nothing in it is
 * kept. RESUMED: a call that died may have left bytes without facts. */
gboolean pl_pruning_finish(
    struct pl_pruning *p, gboolean resumed, GError **error);
/* Files that somebody had open, to be removed by a later call: their names. */
char **pl_pruning_later(pl_ledger *l);

#endif
