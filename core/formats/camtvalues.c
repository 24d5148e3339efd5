/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * camtvalues - amounts, dates and sides of camt.053, and what is wrong in them
 */
#include "camt.h"

#include <string.h>

#include "values.h"

void
pl_camt_fail(struct pl_xml *xml, const char *where, const char *what)
{
	pl_value_damage(pl_xml_facts(xml), "CAMT.053: line %u: %s %s",
	    pl_xml_line(xml), where, what);
}

static void
fail_value(
    struct pl_xml *xml, const char *where, const char *text, const char *what)
{
	g_autofree char *words = g_strdup_printf("\"%.40s\" %s", text, what);

	pl_camt_fail(xml, where, words);
}

void
pl_camt_amount(
    struct pl_xml *xml, const char *where, const char *text, char **place)
{
	char *amount = pl_value_decimal(text);

	if (amount == NULL)
		fail_value(xml, where, text, "is no amount");
	pl_value_first(place, amount);
}

void
pl_camt_date(
    struct pl_xml *xml, const char *where, const char *text, char **place)
{
	char *date = pl_value_iso_date(text);

	if (date == NULL)
		fail_value(xml, where, text, "is no date");
	pl_value_first(place, date);
}

void
pl_camt_side(struct pl_xml *xml, const char *where, const char *text,
    enum pl_camt_side *place)
{
	g_autofree char *word = pl_value_trim(text);

	if (g_strcmp0(word, "CRDT") == 0)
		*place = SIDE_CREDIT;
	else if (g_strcmp0(word, "DBIT") == 0)
		*place = SIDE_DEBIT;
	else
		fail_value(xml, where, text, "is neither CRDT nor DBIT");
}

static gboolean
is_zero(const char *amount)
{
	return strpbrk(amount, "123456789") == NULL;
}

char *
pl_camt_signed(const char *amount, enum pl_camt_side side)
{
	if (amount == NULL)
		return NULL;
	if (side != SIDE_DEBIT || is_zero(amount))
		return g_strdup(amount);
	return *amount == '-' ? g_strdup(amount + 1)
			      : g_strconcat("-", amount, NULL);
}

gboolean
pl_camt_sideless(const char *amount, enum pl_camt_side side)
{
	return side == SIDE_UNKNOWN && amount != NULL && !is_zero(amount);
}
