/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chain_numbers - balances and numbers of two statements, and what the past
 * of an account teaches about its numbers
 *
 * A number proves little by itself: banks restart each year or when they
 * change their software, count days instead of statements, or print 000. A
 * balance proves much. So a number that does not continue under a balance that
 * does is an alarm only as long as this account has not shown that its numbers
 * do such things.
 */
#include <string.h>

#include "chain.h"

#define NUMBER_DIGITS 18

/* ---- balances ---------------------------------------------------------- */

/* The digits of an amount without what says nothing: sign, leading zeros of
 * the units, trailing zeros of the fraction. */
struct amount {
	gboolean negative;
	const char *units, *fraction;
	gsize n_units, n_fraction;
};

static struct amount
amount_of(const char *text)
{
	struct amount a = { .negative = *text == '-' };

	text += *text == '-' || *text == '+';
	text += strspn(text, "0");
	a.units = text;
	a.n_units = strcspn(text, ".");
	a.fraction = text + a.n_units;
	a.fraction += *a.fraction == '.';
	a.n_fraction = strlen(a.fraction);
	while (a.n_fraction > 0 && a.fraction[a.n_fraction - 1] == '0')
		a.n_fraction--;
	if (a.n_units == 0 && a.n_fraction == 0)
		a.negative = FALSE;
	return a;
}

gboolean
pl_chain_same(const char *one, const char *other)
{
	const struct amount a = amount_of(one), b = amount_of(other);

	return a.negative == b.negative && a.n_units == b.n_units &&
	       a.n_fraction == b.n_fraction &&
	       memcmp(a.units, b.units, a.n_units) == 0 &&
	       memcmp(a.fraction, b.fraction, a.n_fraction) == 0;
}

static gboolean
is_set(const char *text)
{
	return text != NULL && *text != '\0';
}

enum pl_balance
pl_chain_balance(const struct pl_link *first, const struct pl_link *next)
{
	if (!is_set(first->closing) || !is_set(next->opening))
		return PL_BALANCE_UNKNOWN;
	return pl_chain_same(first->closing, next->opening)
		   ? PL_BALANCE_CONTINUES
		   : PL_BALANCE_BREAKS;
}

/* ---- numbers ----------------------------------------------------------- */

guint64
pl_chain_number(const struct pl_link *link)
{
	const char *text = link->sequence != NULL ? link->sequence : "";

	text += strspn(text, "0");
	if (strspn(text, "0123456789") != strlen(text) ||
	    strlen(text) > NUMBER_DIGITS)
		return 0;
	return g_ascii_strtoull(text, NULL, 10);
}

unsigned
pl_chain_year(const char *day)
{
	if (day == NULL || strlen(day) < 4)
		return 0;
	return (unsigned)g_ascii_strtoull(day, NULL, 10);
}

static gboolean
is_same_day(const struct pl_link *a, const struct pl_link *b)
{
	return g_strcmp0(a->day, b->day) == 0;
}

/* Also when the last statement of the old year reaches into the new one, and
 * when the first of the new year bears the last days of the old one. */
static gboolean
turns_year(const struct pl_link *first, const struct pl_link *next)
{
	const char *day = next->day != NULL ? next->day : "";

	if (pl_chain_year(next->day) > pl_chain_year(first->day))
		return TRUE;
	if (pl_chain_balance(first, next) != PL_BALANCE_CONTINUES ||
	    strlen(day) < 10)
		return FALSE;
	return strncmp(day + 5, "01-", 3) == 0 || strcmp(day + 5, "12-29") >= 0;
}

/* 2026365 ▸ 2027001: the year stands before the number. */
static gboolean
is_next_year(guint64 first, guint64 next)
{
	for (guint64 unit = 100; unit <= 1000000; unit *= 10)
		if (next % unit <= 1 && next / unit == first / unit + 1 &&
		    first / unit > 0)
			return TRUE;
	return FALSE;
}

gboolean
pl_chain_begins_year(const struct pl_link *first, const struct pl_link *next)
{
	guint64 p = pl_chain_number(first), s = pl_chain_number(next);

	return turns_year(first, next) && (s == 1 || is_next_year(p, s));
}

/* One number for several statements: of one day, or with balances that
 * continue. */
static gboolean
shares_number(const struct pl_link *first, const struct pl_link *next)
{
	enum pl_balance balance = pl_chain_balance(first, next);

	return balance == PL_BALANCE_CONTINUES ||
	       (balance == PL_BALANCE_UNKNOWN && is_same_day(first, next));
}

/* What the account was seen to do with its numbers before. */
static gboolean
is_habit(const struct pl_link *first, const struct pl_link *next,
    const struct pl_habits *habits)
{
	guint64 p = pl_chain_number(first), s = pl_chain_number(next);

	if (pl_chain_balance(first, next) != PL_BALANCE_CONTINUES)
		return FALSE;
	if (s == 1 && habits->restarts)
		return TRUE;
	return habits->skips && (s > p || turns_year(first, next));
}

/* A bank may count the statements of another format in another way. */
static gboolean
changes_format(const struct pl_link *first, const struct pl_link *next)
{
	return first->format != NULL && next->format != NULL &&
	       strcmp(first->format, next->format) != 0 &&
	       pl_chain_balance(first, next) == PL_BALANCE_CONTINUES;
}

/* 999 ▸ 001: there is no room for more. */
static gboolean
wraps(guint64 first, guint64 next)
{
	return next == 1 && (first == 999 || first == 9999 || first == 99999);
}

static gboolean
number_follows(const struct pl_link *first, const struct pl_link *next,
    enum pl_numbering numbering, const struct pl_habits *habits)
{
	guint64 p = pl_chain_number(first), s = pl_chain_number(next);

	if (numbering == PL_NUMBERING_NONE || p == 0 || s == 0 || s == p + 1 ||
	    wraps(p, s) || changes_format(first, next))
		return TRUE;
	if (s == p)
		return shares_number(first, next);
	if (numbering == PL_NUMBERING_STRICT)
		return FALSE;
	if (pl_chain_begins_year(first, next))
		return TRUE;
	return numbering == PL_NUMBERING_AUTO && is_habit(first, next, habits);
}

unsigned
pl_chain_gap(const struct pl_link *first, const struct pl_link *next,
    enum pl_numbering numbering, const struct pl_habits *habits)
{
	unsigned gap = 0;

	if (pl_chain_balance(first, next) == PL_BALANCE_BREAKS)
		gap |= PL_GAP_BALANCE;
	if (!number_follows(first, next, numbering, habits))
		gap |= PL_GAP_NUMBER;
	return gap;
}

/* ---- habits ------------------------------------------------------------ */

/* Without movement a balance continues whatever is missing. */
static gboolean
moves(const struct pl_link *link)
{
	return is_set(link->opening) && is_set(link->closing) &&
	       !pl_chain_same(link->opening, link->closing);
}

struct evidence {
	unsigned regular, skips, restarts;
	gboolean skip_told, restart_told; /* a person let one go */
};

static void
weigh(
    struct evidence *e, const struct pl_link *first, const struct pl_link *next)
{
	guint64 p = pl_chain_number(first), s = pl_chain_number(next);

	if (p == 0 || s == 0 || s == p || !moves(first) || !moves(next) ||
	    wraps(p, s) || changes_format(first, next) ||
	    pl_chain_balance(first, next) != PL_BALANCE_CONTINUES)
		return;
	if (s == p + 1 || pl_chain_begins_year(first, next)) {
		e->regular++;
	} else if (s == 1) {
		e->restarts++;
		e->restart_told |= next->released || next->settled;
	} else {
		e->skips++;
		e->skip_told |= next->released;
	}
}

/* One that a person let go is enough; without that, a part of them that is no
 * accident. */
struct pl_habits
pl_chain_habits(const GPtrArray *ordered)
{
	struct evidence e = { 0 };

	for (guint i = 1; i < ordered->len; i++) {
		const struct pl_link *next = ordered->pdata[i];

		if (!next->hole)
			weigh(&e, ordered->pdata[i - 1], next);
	}
	return (struct pl_habits){
		.skips =
		    e.skip_told || (e.skips >= 3 && e.skips * 10 >= e.regular),
		.restarts = e.restart_told || e.restarts >= 3,
	};
}
