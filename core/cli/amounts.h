/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * amounts - sums of decimal strings
 */
#ifndef POSTLEDGER_CLI_AMOUNTS_H
#define POSTLEDGER_CLI_AMOUNTS_H

#include <glib.h>

/* Begins as { 0 }. */
struct pl_total {
	gint64 units;
	unsigned decimals, terms; /* most of an amount; amounts added */
	gboolean unknown;         /* there was something that is none */
};
/* Adds an amount as the formats have it; NULL is none. */
void pl_total_add(struct pl_total *sum, const char *amount);
/* "-1234.50", at least two decimals; NULL: unknown. g_free(). */
char *pl_total_text(const struct pl_total *sum);

#endif
