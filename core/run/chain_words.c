/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chain_words - what is said of a gap: what was expected, what came, what is
 * missing, and the likely reasons
 *
 * Read by a finance team that knows its bank, not its formats. Short: it stands
 * in a report and in lists.
 */
#include "chain.h"

#define LISTED_MAX 6 /* numbers said one by one */

static gboolean
is_set(const char *text)
{
	return text != NULL && *text != '\0';
}

/* "no. 41 of 2026-02-10", "the one of 2026-02-10". */
static void
add_name(GString *words, const struct pl_link *link)
{
	if (pl_chain_number(link) != 0)
		g_string_append_printf(words, "no. %s", link->sequence);
	else
		g_string_append(words, "the one");
	if (is_set(link->day))
		g_string_append_printf(words, " of %s", link->day);
}

static void
add_balance(GString *words, const char *how, const char *balance,
    const struct pl_link *link)
{
	if (!is_set(balance))
		return;
	g_string_append_printf(words, ", %s %s", how, balance);
	if (is_set(link->currency))
		g_string_append_printf(words, " %s", link->currency);
}

static gboolean
says_number(const struct pl_link *first, const struct pl_link *next,
    enum pl_numbering numbering)
{
	return numbering != PL_NUMBERING_NONE && pl_chain_number(first) != 0 &&
	       pl_chain_number(next) != 0;
}

static gboolean
is_next_year(const struct pl_link *first, const struct pl_link *next)
{
	return pl_chain_year(next->day) > pl_chain_year(first->day);
}

/* What came, and what should have. */
static void
add_facts(GString *words, const struct pl_link *first,
    const struct pl_link *next, enum pl_numbering numbering)
{
	guint64 p = pl_chain_number(first);

	g_string_append(words, "After ");
	add_name(words, first);
	add_balance(words, "closing at", first->closing, first);
	g_string_append(words, ", ");
	if (says_number(first, next, numbering)) {
		g_string_append_printf(words, "no. %" G_GUINT64_FORMAT, p + 1);
		if (numbering != PL_NUMBERING_STRICT &&
		    is_next_year(first, next))
			g_string_append_printf(
			    words, " or 1 of %u", pl_chain_year(next->day));
	} else {
		g_string_append(words, "the next");
	}
	add_balance(words, "opening at", first->closing, first);
	g_string_append(words, " was expected; ");
	add_name(words, next);
	add_balance(words, "opening at", next->opening, next);
	g_string_append(words, " came.");
}

/* ---- what is missing --------------------------------------------------- */

/* FROM to TO, each of them or the two ends. */
static void
add_numbers(GString *words, guint64 from, guint64 to)
{
	guint64 n = to - from + 1;

	g_string_append_printf(words, "no. %" G_GUINT64_FORMAT, from);
	if (n > LISTED_MAX) {
		g_string_append_printf(words,
		    " to %" G_GUINT64_FORMAT " (%" G_GUINT64_FORMAT ")", to, n);
		return;
	}
	for (guint64 i = from + 1; i <= to; i++)
		g_string_append_printf(
		    words, "%s%" G_GUINT64_FORMAT, i == to ? " and " : ", ", i);
}

static void
add_days(
    GString *words, const struct pl_link *first, const struct pl_link *next)
{
	if (is_set(first->day) && is_set(next->day) &&
	    g_strcmp0(first->day, next->day) != 0)
		g_string_append_printf(
		    words, ", between %s and %s", first->day, next->day);
	else if (is_set(first->day))
		g_string_append_printf(words, ", of about %s", first->day);
}

/* FALSE: the numbers do not say that any is missing. */
static gboolean
add_by_number(GString *words, const struct pl_link *first,
    const struct pl_link *next, enum pl_numbering numbering)
{
	guint64 p = pl_chain_number(first), s = pl_chain_number(next);

	if (!says_number(first, next, numbering))
		return FALSE;
	if (numbering != PL_NUMBERING_STRICT && s <= p &&
	    is_next_year(first, next)) {
		if (s > 1) {
			add_numbers(words, 1, s - 1);
			g_string_append_printf(words, " of %u, perhaps also ",
			    pl_chain_year(next->day));
		}
		g_string_append_printf(
		    words, "the last of %u", pl_chain_year(first->day));
		return TRUE;
	}
	if (s <= p + 1)
		return FALSE;
	add_numbers(words, p + 1, s - 1);
	return TRUE;
}

static void
add_missing(GString *words, const struct pl_link *first,
    const struct pl_link *next, unsigned gap, enum pl_numbering numbering)
{
	gsize before;

	g_string_append(words, " Missing: ");
	before = words->len;
	if (!add_by_number(words, first, next, numbering)) {
		if (says_number(first, next, numbering)) {
			g_string_append(words, "none by their numbers.");
			return;
		}
		g_string_append(words, "one or more");
	} else if ((gap & PL_GAP_BALANCE) == 0 &&
		   pl_chain_balance(first, next) == PL_BALANCE_CONTINUES) {
		g_string_insert(words, (gssize)before, "perhaps ");
	}
	add_days(words, first, next);
	g_string_append_c(words, '.');
}

/* ---- why --------------------------------------------------------------- */

static const char *
reasons(const struct pl_link *first, const struct pl_link *next, unsigned gap,
    enum pl_numbering numbering)
{
	guint64 p = pl_chain_number(first), s = pl_chain_number(next);
	gboolean by_number = says_number(first, next, numbering);

	if (pl_chain_balance(first, next) == PL_BALANCE_CONTINUES)
		return by_number && s <= p
			   ? " The balance continues: the bank has probably "
			     "begun to count again. Releasing it says so for "
			     "the future."
			   : " The balance continues: perhaps the bank counts "
			     "in another way. Releasing it says so for the "
			     "future.";
	if (by_number && (s == p || s == p + 1))
		return " Likely: the bank corrected one of the two, or one is "
		       "of another account, in the wrong journal.";
	if (by_number && s < p && gap == (PL_GAP_BALANCE | PL_GAP_NUMBER) &&
	    !is_next_year(first, next))
		return " Likely: it is of another account, in the wrong "
		       "journal, or the bank began to count again and "
		       "statements are missing.";
	return " Likely: statements are missing, or went to another journal; "
	       "or this one is in the wrong journal for its account.";
}

char *
pl_chain_words(const struct pl_link *first, const struct pl_link *next,
    unsigned gap, enum pl_numbering numbering)
{
	GString *words = g_string_new(NULL);

	g_string_append_printf(words,
	    "%s%s%s: ", gap & PL_GAP_BALANCE ? "! BALANCE" : "",
	    gap == (PL_GAP_BALANCE | PL_GAP_NUMBER) ? " " : "",
	    gap & PL_GAP_NUMBER ? "! NUMBER" : "");
	add_facts(words, first, next, numbering);
	add_missing(words, first, next, gap, numbering);
	g_string_append(words, reasons(first, next, gap, numbering));
	return g_string_free(words, FALSE);
}
