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

/* Does one of ENTRIES (pl_entry) ask for its place in a chain? A statement that
 * is held, and not for a gap, does not: then nobody has to read the chain. */
gboolean pl_links_wanted(const GPtrArray *entries);
/* entry id ▸ struct pl_linked, for every statement of JOURNAL that waits, is
 * held or is in an unfinished e-mail, and whose chain is asked for.
 * GOING (gint64, NULL: none): unfinished batches that count as handed over.
 * BESIDE (pl_entry, NULL: all): of the chains of these alone.
 * g_hash_table_unref(). */
GHashTable *pl_links_read(pl_ledger *l, const struct pl_journal *journal,
    const GArray *going, const GPtrArray *beside, GError **error);
/* Puts the statements of each chain into its order, on the places in ENTRIES
 * (pl_entry) that they have together. */
void pl_links_sort(GHashTable *links, GPtrArray *entries);

#endif
