/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sum - amounts added up exactly
 */
#ifndef PL_FORMATS_SUM_H
#define PL_FORMATS_SUM_H

#include "postledger/formats.h"

struct pl_sum {
	gint64 whole, parts; /* before the point, and 10^-12 behind it */
	guint decimals;      /* most that one of the amounts has */
};

/* Adds AMOUNT (as pl_value_amount returns them), or takes it off. FALSE: it
 * has more digits than can be added up, and the sum is what it was. */
gboolean pl_sum_add(struct pl_sum *sum, const char *amount);
gboolean pl_sum_take(struct pl_sum *sum, const char *amount);
gboolean pl_sum_zero(const struct pl_sum *sum);
char *pl_sum_text(const struct pl_sum *sum); /* "-12.50" */

/* Do the booked lines of STATEMENT lead from one balance to the other? Fills
 * its `problem` if they do not. Without both balances nobody can tell. */
void pl_sum_prove(struct pl_statement *statement);

#endif
