/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * amounts - sums of decimal strings
 *
 * In whole units of the fifth decimal, the finest that any statement has. What
 * is no amount, or too much, makes the sum unknown, never wrong.
 */
#include "amounts.h"

#include <string.h>

#define DECIMALS 5
#define UNITS 100000 /* 10 to the power of DECIMALS */

/* AMOUNT ("-1234.56") in units; FALSE: it is none. */
static gboolean
read_units(const char *amount, gint64 *units, unsigned *decimals)
{
	const char *digits = amount + (*amount == '-');
	const gsize before = strspn(digits, "0123456789");
	const char *point = digits + before;
	const gsize behind =
	    *point == '.' ? strspn(point + 1, "0123456789") : 0;

	if (before == 0 || behind > DECIMALS ||
	    point[*point == '.' ? behind + 1 : 0] != '\0')
		return FALSE;
	g_autofree char *whole = g_strdup_printf("%s%.*s%.*s%.*s",
	    digits > amount ? "-" : "", (int)before, digits, (int)behind,
	    behind > 0 ? point + 1 : "", (int)(DECIMALS - behind), "00000");
	*decimals = (unsigned)behind;
	return g_ascii_string_to_signed(
	    whole, 10, G_MININT64 + 1, G_MAXINT64, units, NULL);
}

void
pl_total_add(struct pl_total *sum, const char *amount)
{
	gint64 units;
	unsigned decimals;

	if (amount == NULL || !read_units(amount, &units, &decimals) ||
	    __builtin_add_overflow(sum->units, units, &sum->units)) {
		sum->unknown = TRUE;
		return;
	}
	sum->decimals = MAX(sum->decimals, decimals);
	sum->terms++;
}

char *
pl_total_text(const struct pl_total *sum)
{
	const guint64 size =
	    sum->units < 0 ? 0 - (guint64)sum->units : (guint64)sum->units;
	const unsigned decimals = MAX(sum->decimals, 2);

	if (sum->unknown)
		return NULL;
	g_autofree char *behind =
	    g_strdup_printf("%05u", (unsigned)(size % UNITS));
	return g_strdup_printf("%s%" G_GUINT64_FORMAT ".%.*s",
	    sum->units < 0 ? "-" : "", size / UNITS, (int)decimals, behind);
}
