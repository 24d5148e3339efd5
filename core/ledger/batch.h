/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * batch - between batch.c and attempt.c: the parts of a transaction
 */
#ifndef PL_LEDGER_BATCH_H
#define PL_LEDGER_BATCH_H

#include "room.h"

/* 1: found, 0: none, -1: error. B must be zeroed. */
int pl_batch_look(pl_ledger *l, gint64 id, struct pl_batch *b, GError **error);
/* Frees the members. */
void pl_batch_clear(struct pl_batch *b);
gboolean pl_batch_note(pl_ledger *l, const struct pl_batch *b, const char *what,
    const char *detail, GError **error);
/* Those of its entries that are in it go from sending to TO. */
gboolean pl_batch_settle(pl_ledger *l, const struct pl_batch *b,
    enum pl_state to, const char *code, const char *note, GError **error);
/* Was attempt NUMBER made in a history that this ledger does not know? */
gboolean pl_batch_is_beyond(const struct pl_batch *b, unsigned number);
/* No answer to its last attempt is known. */
gboolean pl_batch_is_open(const struct pl_batch *b);
/* Those of its documents that wait or are held ▸ sending. */
gboolean pl_batch_take(pl_ledger *l, const struct pl_batch *b, GError **error);
/* CONFLICT, with the state that it is in; FALSE. */
gboolean pl_batch_refuse(const struct pl_batch *b, GError **error);
gboolean pl_batch_put(pl_ledger *l, const struct pl_batch *b,
    enum pl_batch_state state, GError **error);

#endif
