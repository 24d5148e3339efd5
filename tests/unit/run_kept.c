/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rhythm of an account, kept in words: on any later day it says what would
 * be learnt anew on that day.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "rhythm.h"

#define STATEMENTS 45
#define BEGIN 739000 /* a Julian day of 2024 */

/* Days from one statement to the next, over and over; lag of each. */
static const struct {
	const char *name;
	guint32 gaps[5];
	unsigned n, lag;
	const char *words;
} lives[] = {
	{ "each day", { 1 }, 1, 0, "daily" },
	{ "each day, late", { 1 }, 1, 6, "daily" },
	{ "working days", { 1, 1, 1, 1, 3 }, 5, 1, "daily" },
	{ "weekly", { 7 }, 1, 2, "weekly" },
	{ "monthly", { 31, 30, 31, 30, 30 }, 5, 4, "monthly" },
	{ "quarterly", { 90, 91, 92, 92 }, 4, 4, "quarterly" },
	{ "now and then", { 3, 20, 1, 40 }, 4, 1, "irregular" },
};

static unsigned
live(unsigned i, guint32 days[STATEMENTS])
{
	guint32 day = BEGIN;

	for (unsigned n = 0; n < STATEMENTS; n++) {
		days[n] = day;
		day += lives[i].gaps[n % lives[i].n];
	}
	return lives[i].lag;
}

static void
assert_same(const struct pl_rhythm *a, const struct pl_rhythm *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->days, b->days);
	assert_int_equal(a->last, b->last);
	assert_int_equal(a->expected, b->expected);
	assert_int_equal(a->silent, b->silent);
}

/* Learnt on the day of the Nth statement; asked for a year and more. */
static unsigned
follow(const guint32 *days, unsigned n, unsigned lag)
{
	guint32 from = days[n - 1];
	struct pl_rhythm r = pl_rhythm_of(days, n, lag, from);
	g_autofree char *words = pl_rhythm_keep(&r, "Some/Zone");
	unsigned silent = 0;

	for (guint32 at = from; at < from + 420; at += 2) {
		struct pl_rhythm learnt = pl_rhythm_of(days, n, lag, at);

		assert_true(pl_rhythm_kept(words, "Some/Zone", at, &r));
		assert_same(&r, &learnt);
		silent += r.silent;
	}
	return silent;
}

static void
what_is_kept_says_on_each_day_what_is_learnt_on_that_day(void **state)
{
	guint32 days[STATEMENTS];

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(lives); i++) {
		unsigned lag = live(i, days);
		struct pl_rhythm r =
		    pl_rhythm_of(days, STATEMENTS, lag, days[STATEMENTS - 1]);
		g_autofree char *words = pl_rhythm_words(&r);

		assert_string_equal(words, lives[i].words);
		for (unsigned n = 1; n <= STATEMENTS; n += 4)
			follow(days, n, lag);
		assert_int_equal(follow(days, STATEMENTS, lag) > 0,
		    r.kind != PL_RHYTHM_IRREGULAR);
	}
}

static void
what_was_kept_of_something_else_is_learnt_anew(void **state)
{
	static const struct {
		const char *words, *zone;
		gboolean kept;
	} rows[] = {
		{ "1 2 1 739000 739001 4 Europe/Brussels", "Europe/Brussels",
		    TRUE },
		{ "1 2 1 739000 739001 4 Europe/Brussels", "Europe/Paris",
		    FALSE },
		{ "1 2 1 739000 739001 4 Europe/Brussels", "Europe/Brussel",
		    FALSE },
		{ "0 2 1 739000 739001 4 Europe/Brussels", "Europe/Brussels",
		    FALSE },
		{ "1 4 1 739000 739001 4 UTC", "UTC", FALSE },
		{ "1 -1 1 739000 739001 4 UTC", "UTC", FALSE },
		{ "1 2 1 739000 739001 UTC", "UTC", FALSE },
		/* the clock went back behind its newest statement */
		{ "1 2 1 739101 739102 4 UTC", "UTC", FALSE },
		{ "", "UTC", FALSE },
		{ "daily", "UTC", FALSE },
		{ NULL, "UTC", FALSE },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct pl_rhythm r;

		assert_int_equal(
		    pl_rhythm_kept(rows[i].words, rows[i].zone, 739100, &r),
		    rows[i].kept);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_kept_says_on_each_day_what_is_learnt_on_that_day),
		cmocka_unit_test(
		    what_was_kept_of_something_else_is_learnt_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
