/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The chain of an account as a table: which statements there are, which of
 * them have a gap before them, and what waits for what.
 *
 * A statement is "NUMBER DAY OPENING CLOSING [FLAGS]", the day within 2026
 * unless it begins with a year; "-" is not known. Flags: s sent, a archived,
 * r released, h others were left out before it, c in CAMT and not in CODA.
 * They are entries 1, 2, 3 as they stand here. What comes out is each open one
 * in its order: its entry, B or N where balance or number do not continue, and
 * <ENTRY for what has to leave before it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chain.h"

static const char *
known(const char *word)
{
	return strcmp(word, "-") == 0 ? NULL : word;
}

/* WORDS of one statement; what it lends from lives in KEPT. */
static struct pl_link *
link_of(char **words, gint64 entry, GPtrArray *kept)
{
	struct pl_link *l = g_new0(struct pl_link, 1);
	const char *flags = g_strv_length(words) > 4 ? words[4] : "";
	char *day = strlen(words[1]) > 5 ? g_strdup(words[1])
					 : g_strconcat("2026-", words[1], NULL);

	g_ptr_array_add(kept, day);
	l->entry = entry;
	l->sequence = known(words[0]);
	l->day = day;
	l->opening = known(words[2]);
	l->closing = known(words[3]);
	l->currency = "EUR";
	l->sent = strchr(flags, 's') != NULL;
	l->settled = l->sent || strchr(flags, 'a') != NULL;
	l->released = strchr(flags, 'r') != NULL;
	l->hole = strchr(flags, 'h') != NULL;
	l->format = strchr(flags, 'c') != NULL ? "camt.053" : "coda";
	return l;
}

static GPtrArray *
links_of(const char *text, GPtrArray *kept)
{
	GPtrArray *links = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) lines = g_strsplit(text, ";", -1);

	for (char **line = lines; *line != NULL; line++) {
		char **words = g_strsplit(g_strstrip(*line), " ", -1);

		assert_true(g_strv_length(words) >= 4);
		for (char **w = words; *w != NULL; w++)
			g_ptr_array_add(kept, *w);
		g_ptr_array_add(
		    links, link_of(words, (gint64)links->len + 1, kept));
		g_free(words);
	}
	return links;
}

static char *
what_comes_of(const char *text, enum pl_numbering numbering)
{
	g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) links = links_of(text, kept);
	g_autoptr(GArray) places = pl_chain(links, numbering);
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < places->len; i++) {
		const struct pl_linked *p =
		    &g_array_index(places, struct pl_linked, i);

		assert_int_equal(p->gap != 0, p->code != NULL);
		assert_int_equal(p->gap != 0, p->note != NULL);
		if (p->code != NULL)
			assert_string_equal(p->code,
			    p->gap & PL_GAP_BALANCE ? "PL-201" : "PL-202");
		g_string_append_printf(out, "%s%d%s%s", i > 0 ? " " : "",
		    (int)p->entry, p->gap & PL_GAP_BALANCE ? "B" : "",
		    p->gap & PL_GAP_NUMBER ? "N" : "");
		if (p->before != 0)
			g_string_append_printf(out, "<%d", (int)p->before);
	}
	return g_string_free(out, FALSE);
}

struct row {
	const char *name, *statements, *comes;
	enum pl_numbering numbering;
};

static void
check(const struct row *rows, gsize n)
{
	for (gsize i = 0; i < n; i++) {
		g_autofree char *is =
		    what_comes_of(rows[i].statements, rows[i].numbering);

		if (strcmp(is, rows[i].comes) != 0)
			fail_msg("%s: is \"%s\", should be \"%s\"",
			    rows[i].name, is, rows[i].comes);
	}
}
#define CHECK(rows) check(rows, G_N_ELEMENTS(rows))

static void
each_follows_the_one_before(void **state)
{
	const struct row rows[] = {
		{ "the first one ever", "41 02-10 5 6", "1", 0 },
		{ "the next one", "40 02-09 1 2 s; 41 02-10 2 3", "2", 0 },
		{ "as exact as money",
		    "40 02-09 1 100.0 s;"
		    "41 02-10 100.00 -0.00;"
		    "42 02-11 0 9999999999999999999.01;"
		    "43 02-12 9999999999999999999.010 1",
		    "2 3<2 4<3", 0 },
		{ "a cent is a gap",
		    "40 02-09 1 9999999999999999999.01 s;"
		    "41 02-10 9999999999999999999.02 1",
		    "2B", 0 },
		{ "a sign is a gap", "40 02-09 1 5 s; 41 02-10 -5 1", "2B", 0 },
		{ "one is missing", "40 02-09 1 2 s; 42 02-11 3 4", "2BN", 0 },
		{ "one without movement is missing",
		    "40 02-09 1 2 s; 42 02-11 2 4", "2N", 0 },
		{ "behind a gap", "40 02-09 1 2 s; 42 02-11 3 4; 43 02-12 4 5",
		    "2BN 3<2", 0 },
		{ "every gap is said",
		    "40 02-09 1 2 s; 42 02-11 3 4; 43 02-12 4 5; 45 02-13 6 7",
		    "2BN 3<2 4BN<3", 0 },
		{ "in any order",
		    "43 02-12 4 5; 40 02-09 1 2 s; 42 02-11 3 4; 41 02-10 2 3",
		    "4 3<4 1<3", 0 },
		{ "the missing one came",
		    "40 02-09 1 2 s; 42 02-11 3 4; 43 02-12 4 5; 41 02-10 2 3",
		    "4 2<4 3<2", 0 },
		{ "archived ones count",
		    "40 02-09 1 2 s; 41 02-10 2 3 a; 42 02-11 3 4", "3", 0 },
		{ "an archived one lets nothing overtake",
		    "40 02-09 1 2 s; 42 02-11 3 4; 43 02-12 4 5 a;"
		    "44 02-13 5 6",
		    "2BN 4<2", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void
numbers_restart_with_the_year(void **state)
{
	const struct row rows[] = {
		{ "1", "365 12-31 1 2 s; 1 2027-01-04 2 3", "2", 0 },
		{ "001, late", "250 12-20 1 2 s; 001 2027-01-29 2 3", "2", 0 },
		{ "0", "365 12-31 1 2 s; 0 2027-01-04 2 3", "2", 0 },
		{ "1 after 0",
		    "365 12-31 1 2 s; 0 2027-01-04 2 3; 1 2027-01-05 3 4",
		    "2 3<2", 0 },
		{ "or they do not", "365 12-31 1 2 s; 366 2027-01-04 2 3", "2",
		    0 },
		{ "the new year's first is missing",
		    "365 12-31 1 2 s; 2 2027-01-05 3 4", "2BN", 0 },
		{ "the old year's last is missing",
		    "364 12-30 1 2 s; 1 2027-01-04 3 4", "2B", 0 },
		{ "the first one bears the last day of the old year",
		    "365 12-31 1 2 s; 1 12-31 2 3", "2", 0 },
		{ "one more number of the old year comes first",
		    "365 12-31 1 2 s; 366 2027-01-02 2 3; 1 2027-01-04 3 4",
		    "2 3<2", 0 },
		{ "the year stands before the number",
		    "2026365 12-31 1 2 s; 2027001 2027-01-04 2 3", "2", 0 },
		{ "without balances",
		    "365 12-31 - - s; 1 2027-01-04 - -; 3 2027-01-06 - -",
		    "2 3N<2", 0 },
		{ "never where it is strict",
		    "365 12-31 1 2 s; 1 2027-01-04 2 3", "2N",
		    PL_NUMBERING_STRICT },
		{ "strict goes on", "365 12-31 1 2 s; 366 2027-01-04 2 3", "2",
		    PL_NUMBERING_STRICT },
		{ "yearly", "365 12-31 1 2 s; 1 2027-01-04 2 3", "2",
		    PL_NUMBERING_YEARLY },
	};

	(void)state;
	CHECK(rows);
}

static void
numbers_that_say_nothing_leave_it_to_the_balance(void **state)
{
	const struct row rows[] = {
		{ "none", "- 02-09 1 2 s; - 02-10 2 3; - 02-11 4 5", "2 3B<2",
		    0 },
		{ "000", "000 02-09 1 2 s; 000 02-10 2 3; 000 02-11 4 5",
		    "2 3B<2", 0 },
		{ "not a number", "A/1 02-09 1 2 s; A/7 02-10 2 3", "2", 0 },
		{ "one of them has none",
		    "40 02-09 1 2 s; - 02-10 2 3; 49 02-11 3 4", "2 3<2", 0 },
		{ "by configuration",
		    "40 02-09 1 2 s; 57 02-10 2 3; 12 02-11 4 5", "2 3B<2",
		    PL_NUMBERING_NONE },
		{ "no room for more", "999 02-09 1 2 s; 001 02-10 2 3", "2",
		    0 },
		{ "in another format",
		    "40 02-09 1 2 s; 2026012 02-10 2 3 c; 2026013 02-11 3 4 c;"
		    "43 02-12 4 5; 45 02-13 5 6",
		    "2 3<2 4<3 5N<4", 0 },
		{ "in another format with a gap",
		    "40 02-09 1 2 s; 2026012 02-10 3 4 c", "2BN", 0 },
		{ "several under one number",
		    "40 02-09 1 2 s; 40 02-10 2 3; 40 02-11 3 4; 41 02-12 4 5",
		    "2 3<2 4<3", 0 },
		{ "which does not continue", "40 02-09 1 2 s; 40 02-10 3 4",
		    "2BN", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void
balances_that_are_missing_leave_it_to_the_number(void **state)
{
	const struct row rows[] = {
		{ "the number decides",
		    "40 02-09 - - s; 41 02-10 - -; 43 02-11 - -", "2 3N<2", 0 },
		{ "one balance is missing", "40 02-09 1 - s; 41 02-10 2 3", "2",
		    0 },
		{ "neither", "- 02-09 - - s; - 02-12 - -; - 02-13 - -", "2 3<2",
		    0 },
		{ "pages of one day", "40 02-09 - - s; 40 02-09 - -", "2", 0 },
		{ "one number on two days", "40 02-09 - - s; 40 02-10 - -",
		    "2N", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void
within_a_day_the_balance_gives_the_order(void **state)
{
	const struct row rows[] = {
		{ "without numbers",
		    "- 02-10 7 9; - 02-10 2 7; - 02-09 1 2 s; - 02-10 9 4",
		    "2 1<2 4<1", 0 },
		{ "there and back",
		    "- 02-09 1 2 s; - 02-10 2 5; - 02-10 5 2; - 02-10 2 9;"
		    "- 02-10 9 1",
		    "2 3<2 4<3 5<4", 0 },
		{ "the same in another order",
		    "- 02-10 9 1; - 02-10 2 9; - 02-10 5 2; - 02-10 2 5;"
		    "- 02-09 1 2 s",
		    "4 3<4 2<3 1<2", 0 },
		{ "one without movement stands in its place",
		    "- 02-10 5 6; - 02-10 2 5; - 02-10 2 2; - 02-09 1 2 s",
		    "3 2<3 1<2", 0 },
		{ "pages of one number",
		    "40 02-10 7 9; 40 02-10 2 7; 39 02-09 1 2 s", "2 1<2", 0 },
		{ "numbers first", "41 02-10 3 4; 40 02-10 2 3; 39 02-09 1 2 s",
		    "2 1<2", 0 },
		{ "the numbers of one day begin again",
		    "87 06-30 1 2 s; 1 06-30 2 3; 88 06-30 2 2", "3 2N<3", 0 },
		{ "one of the day was sent",
		    "- 02-10 2 7 s; - 02-09 1 2 s; - 02-10 7 9", "3", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void
late_ones_are_compared_with_their_neighbours(void **state)
{
	const struct row rows[] = {
		{ "fills what a person let go",
		    "40 02-09 1 2 s; 42 02-11 3 4 s; 43 02-12 4 5 s;"
		    "41 02-10 2 3",
		    "4", 0 },
		{ "before the beginning",
		    "40 02-09 1 2 s; 41 02-10 2 3 s; 7 01-12 8 9", "3", 0 },
		{ "before the beginning, on its day",
		    "7 02-09 5 6 s; 3 02-09 1 2; 8 02-10 6 7", "2 3", 0 },
		{ "one of two that are missing",
		    "40 02-09 1 2 s; 43 02-12 4 5 s; 42 02-11 3 4", "3BN", 0 },
		{ "where none is missing",
		    "40 02-09 1 2 s; 41 02-11 2 3 s; 12 02-10 8 9", "3BN", 0 },
		{ "the newest one goes on beside it",
		    "40 02-09 1 2 s; 41 02-11 2 3 s; 12 02-10 8 9;"
		    "42 02-12 3 4",
		    "3BN 4", 0 },
		{ "others were left out before its neighbour",
		    "40 02-09 1 2 s; 90 05-09 7 8 sh; 91 05-10 8 9", "3", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void
one_that_a_person_let_go_passes_and_counts(void **state)
{
	const struct row rows[] = {
		{ "past a gap", "40 02-09 1 2 s; 42 02-11 3 4 r; 43 02-12 4 5",
		    "2 3<2", 0 },
		{ "past others that are held",
		    "40 02-09 1 2 s; 42 02-11 3 4; 44 02-13 5 6 r;"
		    "45 02-14 6 7",
		    "2BN 3 4<3", 0 },
		{ "and when it was sent",
		    "40 02-09 1 2 s; 42 02-11 3 4 sr; 43 02-12 4 5", "3", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void
an_odd_one_does_not_put_the_next_in_the_wrong(void **state)
{
	const struct row rows[] = {
		{ "of another account",
		    "40 02-09 1 2 s; 7 02-10 80 90; 41 02-11 2 3", "2BN 3<2",
		    0 },
		{ "archived", "40 02-09 1 2 s; 7 02-10 80 90 a; 41 02-11 2 3",
		    "3", 0 },
		{ "sent by mistake",
		    "40 02-09 1 2 s; 7 02-10 80 90 s; 41 02-11 2 3;"
		    "42 02-12 3 4",
		    "3 4<3", 0 },
		{ "two of them",
		    "40 02-09 1 2 s; 7 02-10 80 90; 9 02-10 60 70;"
		    "41 02-11 2 3",
		    "2BN 3BN<2 4<3", 0 },
		{ "the same number with another balance",
		    "40 02-09 1 2 s; 41 02-10 2 3 s; 41 02-10 2 4;"
		    "42 02-11 3 5",
		    "3BN 4<3", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void
what_an_account_does_is_learnt(void **state)
{
	const struct row rows[] = {
		{ "it begins again within the year: said once",
		    "87 05-09 1 2 s; 1 05-10 2 3; 2 05-11 3 4", "2N 3<2", 0 },
		{ "a person let it go: the chain goes on",
		    "87 05-09 1 2 s; 1 05-10 2 3 sr; 2 05-11 3 4", "3", 0 },
		{ "and the next time it is known",
		    "87 05-09 1 2 s; 1 05-10 2 3 sr; 2 05-11 3 4 s;"
		    "1 06-10 4 5; 2 06-11 5 6",
		    "4 5<4", 0 },
		{ "but not where the balance does not continue",
		    "87 05-09 1 2 s; 1 05-10 2 3 sr; 2 05-11 3 4 s;"
		    "1 06-10 5 6",
		    "4BN", 0 },
		{ "two steps are a gap",
		    "5 05-05 1 2 s; 8 05-08 2 3; 9 05-09 3 4", "2N 3<2", 0 },
		{ "days are counted instead of statements",
		    "65 03-06 1 2; 68 03-09 2 3; 69 03-10 3 4; 75 03-16 4 5;"
		    "77 03-18 5 6; 79 03-20 8 9",
		    "1 2<1 3<2 4<3 5<4 6BN<5", 0 },
		{ "into another year",
		    "355 12-21 1 2 s; 358 12-24 2 3 s; 362 12-28 3 4 s;"
		    "365 12-31 4 5 s; 4 2027-01-04 5 6; 7 2027-01-07 6 7",
		    "5 6<5", 0 },
		{ "a person let one step go",
		    "5 05-05 1 2 s; 8 05-08 2 3 sr; 9 05-09 3 4 s;"
		    "13 05-13 4 5",
		    "4", 0 },
		{ "not from statements without movement",
		    "5 05-05 1 1 s; 8 05-08 1 1; 11 05-09 1 1; 14 05-10 1 1;"
		    "17 05-11 1 1",
		    "2N 3N<2 4N<3 5N<4", 0 },
		{ "nothing where it is strict",
		    "5 05-05 1 2 s; 8 05-08 2 3 sr; 9 05-09 3 4 s;"
		    "13 05-13 4 5",
		    "4N", PL_NUMBERING_STRICT },
	};

	(void)state;
	CHECK(rows);
}

/* The note on the last one of TEXT. */
static char *
note_on(const char *text, enum pl_numbering numbering)
{
	g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) links = links_of(text, kept);
	g_autoptr(GArray) places = pl_chain(links, numbering);

	return g_strdup(
	    g_array_index(places, struct pl_linked, places->len - 1).note);
}

static void
a_note_says_what_was_expected_what_came_and_what_is_missing(void **state)
{
	const struct {
		const char *statements, *says;
	} rows[] = {
		{ "40 02-09 1 2.50 s; 43 02-12 7 8",
		    "! BALANCE ! NUMBER: After no. 40 of 2026-02-09, closing "
		    "at 2.50 EUR, no. 41, opening at 2.50 EUR was expected; "
		    "no. 43 of 2026-02-12, opening at 7 EUR came. Missing: "
		    "no. 41 and 42, between 2026-02-09 and 2026-02-12. "
		    "Likely: statements are missing, or went to another "
		    "journal; or this one is in the wrong journal for its "
		    "account." },
		{ "40 02-09 1 2 s; 57 02-28 7 8",
		    "no. 41 to 56 (16), between" },
		{ "40 02-09 1 2 s; 41 02-10 7 8",
		    "Missing: none by their numbers. Likely: the bank "
		    "corrected" },
		{ "- 02-09 1 2 s; - 02-10 7 8",
		    "After the one of 2026-02-09, closing at 2 EUR, the next, "
		    "opening at 2 EUR was expected; the one of 2026-02-10" },
		{ "- 02-09 1 2 s; - 02-10 7 8",
		    "Missing: one or more, between 2026-02-09 and" },
		{ "40 02-09 1 2 s; 42 02-12 2 8",
		    "! NUMBER: After no. 40 of 2026-02-09, closing at 2 EUR, "
		    "no. 41" },
		{ "40 02-09 1 2 s; 42 02-12 2 8",
		    "Missing: perhaps no. 41, between 2026-02-09 and "
		    "2026-02-12. The balance continues: perhaps the bank "
		    "counts in another way." },
		{ "87 02-09 1 2 s; 1 02-12 2 8",
		    "the bank has probably begun to count again" },
		{ "365 12-31 1 2 s; 3 2027-01-05 7 8",
		    "no. 366 or 1 of 2027, opening at 2 EUR was expected" },
		{ "365 12-31 1 2 s; 3 2027-01-05 7 8",
		    "Missing: no. 1 and 2 of 2027, perhaps also the last of "
		    "2026, between 2026-12-31 and 2027-01-05." },
		{ "360 12-28 1 2 s; 1 2027-01-05 7 8",
		    "Missing: the last of 2026, between" },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *note = note_on(rows[i].statements, 0);

		if (note == NULL || strstr(note, rows[i].says) == NULL)
			fail_msg("no \"%s\" in \"%s\"", rows[i].says, note);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_follows_the_one_before),
		cmocka_unit_test(numbers_restart_with_the_year),
		cmocka_unit_test(
		    numbers_that_say_nothing_leave_it_to_the_balance),
		cmocka_unit_test(
		    balances_that_are_missing_leave_it_to_the_number),
		cmocka_unit_test(within_a_day_the_balance_gives_the_order),
		cmocka_unit_test(late_ones_are_compared_with_their_neighbours),
		cmocka_unit_test(one_that_a_person_let_go_passes_and_counts),
		cmocka_unit_test(an_odd_one_does_not_put_the_next_in_the_wrong),
		cmocka_unit_test(what_an_account_does_is_learnt),
		cmocka_unit_test(
		    a_note_says_what_was_expected_what_came_and_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
