/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * maker - composes the next e-mails, in a thread of its own
 *
 * It is the only long work there is while e-mails are sent. A system that
 * deals out its processors fairly lets whoever has just worked wait, for ten
 * milliseconds and more where all are busy; the run, for which the next e-mail
 * waits whenever one was answered, must not be among these.
 *
 * The thread reads the ledger by a handle of its own. It has the reader for
 * itself, and no child is started for it.
 */
#ifndef PL_RUN_MAKER_H
#define PL_RUN_MAKER_H

#include "compose.h"

typedef struct pl_maker pl_maker;

/* Takes the ledger of COMPOSER to open it once more; its reader is held. NULL:
 * there is no thread, or no second handle. */
pl_maker *pl_maker_new(const struct pl_composer *composer);
/* Ends the thread, and forgets what it made. NULL is fine. */
void pl_maker_free(pl_maker *maker);
/* BATCH must stay until it was taken; LIMIT as in struct pl_composer. */
void pl_maker_ask(pl_maker *maker, const pl_batch *batch, guint64 limit);
/* How many were asked for and not taken. */
guint pl_maker_asked(const pl_maker *maker);
/* The oldest of these. FALSE: it is not there yet, or (WAIT) there is none.
 * *SPOOL: the caller's, NULL if BATCH cannot be made. */
gboolean pl_maker_take(
    pl_maker *maker, gboolean wait, gint64 *batch, pl_spool **spool);

#endif
