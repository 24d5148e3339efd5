/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * share - files with several statements: what of them leaves, and together
 * with what
 *
 * A file whose statements are of one account goes out whole where all of them
 * go at once; otherwise each statement goes with its own bytes. A file that
 * cannot be parted only ever goes out whole.
 */
#ifndef PL_RUN_SHARE_H
#define PL_RUN_SHARE_H

#include "postledger/run.h"

/* A document's part in the file that it shares. */
struct pl_share {
	gint64 file;      /* the same for all of one file */
	guint statements; /* in the file */
	gboolean one_account;
	gboolean bound;         /* it cannot be parted */
	guint64 size;           /* of the file */
	guint64 offset, length; /* the part; for a bound one all of it */
	guint64 head, tail; /* bytes of the begin that go before the part, and
			     * place from which on the end goes behind it */
};
/* Bytes of the part with what goes along. */
guint64 pl_share_own(const struct pl_share *share);
/* Both are of one file. */
gboolean pl_share_same(const pl_document *a, const pl_document *b);
/* The share of DOCUMENT; NULL: it shares its file with no other. */
const struct pl_share *pl_shares_find(
    const pl_shares *shares, gint64 document);

/* Entry id ▸ struct pl_share, of the statements among ENTRIES that have one. */
GHashTable *pl_shares_read(
    pl_ledger *l, const GPtrArray *entries, GError **error);
/* Puts the ENTRIES of a file beside each other where all of it are there and
 * the order of chains (LINKS, may be NULL) allows it. */
void pl_shares_sort(GHashTable *shares, GHashTable *links, GPtrArray *entries);

#endif
