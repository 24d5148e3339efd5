/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compose - a batch or a report as an e-mail in a spool
 */
#ifndef PL_RUN_COMPOSE_H
#define PL_RUN_COMPOSE_H

#include "letter.h"
#include "outgoing.h"
#include "spool.h"

/* The stamp is no part of it: it changes with each attempt and is put before
 * the first byte. Room for it is left below the limit. */
#define PL_STAMP_ROOM 512

/*
 * All of BATCH, with ENTRIES (pl_entry) in their order. Errors:
 * PL_RUN_COMPOSE: the entry at *BAD cannot be sent, with its file in the
 * message; PL_RUN_TOO_LARGE: more than the limit; PL_RUN_SPOOL and errors of
 * other rooms: not now.
 */
pl_spool *pl_compose_batch(const struct pl_composer *composer,
    const pl_batch *batch, const GPtrArray *entries, guint *bad,
    GError **error);
/* With its CSV, which is packed if the e-mail would be over the limit, or left
 * out; also left out where the MTA has found it too large before. */
pl_spool *pl_compose_report(const struct pl_composer *composer,
    const pl_batch *batch, const struct pl_report_row *report, GError **error);
/* A report that passes on a message. */
pl_spool *pl_compose_forward(const struct pl_composer *composer,
    const pl_batch *batch, const struct pl_report_row *report, GError **error);

/* Its frame but for the subject, and where it is written. */
struct pl_letter pl_compose_letter(
    const struct pl_composer *composer, const pl_batch *batch);
pl_spool *pl_compose_spool(const struct pl_composer *composer);

/* BATCH, whatever it is. */
pl_spool *pl_compose(const struct pl_composer *composer, const pl_batch *batch,
    const GPtrArray *entries, guint *bad, GError **error);

#endif
