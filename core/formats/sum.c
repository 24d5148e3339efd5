/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sum - amounts added up exactly, and what that proves of a statement
 *
 * A sum is kept in two numbers, before and behind the point. Thirteen digits
 * before it and twelve behind leave room for all lines that a file may have.
 */
#include "sum.h"

#include <string.h>

#include "readers.h"

#define WHOLE_MAX 13
#define PARTS_MAX 12
#define PARTS G_GINT64_CONSTANT(1000000000000)

G_STATIC_ASSERT(PL_LINES_MAX < G_MAXINT64 / PARTS / 10);

static const gint64 powers[PARTS_MAX + 1] = { 1, 10, 100, 1000, 10000, 100000,
	1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000,
	1000000000000 };

static gint64
digits(const char *text, gsize length)
{
	gint64 number = 0;

	for (gsize i = 0; i < length; i++)
		number = number * 10 + (text[i] - '0');
	return number;
}

static gboolean
add(struct pl_sum *sum, const char *amount, gboolean take)
{
	const gboolean negative = *amount == '-';
	const char *text = amount + negative;
	const gsize before = (gsize)(strchrnul(text, '.') - text);
	const char *behind = text + before + (text[before] == '.');
	const gsize decimals = strlen(behind);
	const gint64 sign = negative != take ? -1 : 1;

	if (before > WHOLE_MAX || decimals > PARTS_MAX)
		return FALSE;
	sum->whole += sign * digits(text, before);
	sum->parts +=
	    sign * digits(behind, decimals) * powers[PARTS_MAX - decimals];
	sum->decimals = MAX(sum->decimals, (guint)decimals);
	return TRUE;
}

gboolean
pl_sum_add(struct pl_sum *sum, const char *amount)
{
	return add(sum, amount, FALSE);
}

gboolean
pl_sum_take(struct pl_sum *sum, const char *amount)
{
	return add(sum, amount, TRUE);
}

/* Both numbers of one sign, and the parts less than one. */
static struct pl_sum
settled(const struct pl_sum *sum)
{
	struct pl_sum s = *sum;

	s.whole += s.parts / PARTS;
	s.parts %= PARTS;
	if (s.whole > 0 && s.parts < 0) {
		s.whole--;
		s.parts += PARTS;
	} else if (s.whole < 0 && s.parts > 0) {
		s.whole++;
		s.parts -= PARTS;
	}
	return s;
}

gboolean
pl_sum_zero(const struct pl_sum *sum)
{
	const struct pl_sum s = settled(sum);

	return s.whole == 0 && s.parts == 0;
}

char *
pl_sum_text(const struct pl_sum *sum)
{
	const struct pl_sum s = settled(sum);
	g_autofree char *parts =
	    g_strdup_printf("%0*" G_GINT64_FORMAT, PARTS_MAX, ABS(s.parts));

	parts[s.decimals] = '\0';
	return g_strdup_printf("%s%" G_GINT64_FORMAT "%s%s",
	    s.whole < 0 || s.parts < 0 ? "-" : "", ABS(s.whole),
	    s.decimals > 0 ? "." : "", parts);
}

/* ---- statements */

static char *
too_long(const char *amount)
{
	return g_strdup_printf(
	    "%s has more digits than can be added up", amount);
}

void
pl_sum_prove(struct pl_statement *statement)
{
	struct pl_sum lines = { 0 }, change = { 0 };

	if (statement->problem != NULL || statement->opening_balance == NULL ||
	    statement->closing_balance == NULL)
		return;
	for (guint i = 0; i < statement->lines->len; i++) {
		const struct pl_line *line = statement->lines->pdata[i];

		if (line->amount == NULL || line->unbooked)
			continue;
		if (!pl_sum_add(&lines, line->amount)) {
			statement->problem = too_long(line->amount);
			return;
		}
	}
	if (!pl_sum_add(&change, statement->closing_balance) ||
	    !pl_sum_take(&change, statement->opening_balance)) {
		statement->problem = too_long("a balance");
		return;
	}

	const struct pl_sum rest = { .whole = change.whole - lines.whole,
		.parts = change.parts - lines.parts };

	if (pl_sum_zero(&rest))
		return;

	g_autofree char *sum = pl_sum_text(&lines);
	g_autofree char *difference = pl_sum_text(&change);

	statement->problem = g_strdup_printf(
	    "the lines add up to %s, but the balance goes from %s to %s, "
	    "which is %s",
	    sum, statement->opening_balance, statement->closing_balance,
	    difference);
}
