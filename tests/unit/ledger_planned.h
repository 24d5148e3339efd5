/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger_planned - a batch that is planned, and an attempt of one that comes by
 * the daemon
 */
#ifndef LEDGER_PLANNED_H
#define LEDGER_PLANNED_H

#include "ledger_fixture.h"

static inline pl_batch *
plan(pl_ledger *l, const gint64 *entries, unsigned n)
{
	pl_batch *b = pl_batch_new();

	b->journal = g_strdup("sales");
	b->deliver_to = g_strdup("in@books.example");
	b->sender = g_strdup("postledger@gw.example");
	assert_ok(pl_batch_plan(l, b, entries, n, E));
	return b;
}

static inline void
come_by(pl_ledger *l, gint64 batch, unsigned attempt, enum pl_offer expected)
{
	enum pl_offer offer;

	assert_ok(pl_batch_offer(l, batch, attempt, "4Xq", &offer, E));
	assert_int_equal(offer, expected);
}

#endif
