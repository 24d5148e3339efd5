/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * links - the chains of a journal, from the ledger to the plan
 *
 * Reads what waits and its settled neighbours, and asks chain.c about each
 * account. What comes out is a part of what the plan is made of.
 */
#ifndef PL_RUN_LINKS_H
#define PL_RUN_LINKS_H

#include "postledger/ledger.h"

#include "chain.h"

/* entry id ▸ struct pl_linked, for every statement of JOURNAL that waits, is
 * held or is in an unfinished e-mail. GOING (gint64, NULL: none): unfinished
 * batches that count as handed over. g_hash_table_unref(). */
GHashTable *pl_links_read(pl_ledger *l, const struct pl_journal *journal,
    const GArray *going, GError **error);
/* Puts the statements of each chain into its order, on the places in ENTRIES
 * (pl_entry) that they have together. */
void pl_links_sort(GHashTable *links, GPtrArray *entries);

#endif
