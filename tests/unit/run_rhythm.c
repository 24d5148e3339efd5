/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accounts over years of days as they are in Belgium: as long as an account
 * lives nobody may call it silent; when it stops, somebody must, in time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rhythm.h"

static guint32
julian(const char *iso)
{
	int y, m, d;
	GDate date;

	assert_int_equal(sscanf(iso, "%d-%d-%d", &y, &m, &d), 3);
	g_date_clear(&date, 1);
	g_date_set_dmy(&date, (GDateDay)d, (GDateMonth)m, (GDateYear)y);
	return g_date_get_julian(&date);
}

static char *
iso(guint32 day)
{
	GDate date;

	g_date_clear(&date, 1);
	g_date_set_julian(&date, day);
	return g_strdup_printf("%04d-%02d-%02d", g_date_get_year(&date),
	    (int)g_date_get_month(&date), g_date_get_day(&date));
}

static unsigned
weekday(guint32 day)
{
	GDate date;

	g_date_clear(&date, 1);
	g_date_set_julian(&date, day);
	return g_date_get_weekday(&date);
}

static unsigned
day_of_month(guint32 day)
{
	GDate date;

	g_date_clear(&date, 1);
	g_date_set_julian(&date, day);
	return g_date_get_day(&date);
}

/* On these days, weekends apart, Belgian banks were or are closed; bridges
 * (the Friday behind Ascension) are among them. */
static const char *const closed[] = { "2024-01-01", "2024-03-29", "2024-04-01",
	"2024-05-01", "2024-05-09", "2024-05-10", "2024-05-20", "2024-08-15",
	"2024-08-16", "2024-11-01", "2024-11-11", "2024-12-25", "2024-12-26",
	"2025-01-01", "2025-04-18", "2025-04-21", "2025-05-01", "2025-05-02",
	"2025-05-29", "2025-05-30", "2025-06-09", "2025-07-21", "2025-08-15",
	"2025-11-10", "2025-11-11", "2025-12-25", "2025-12-26", "2026-01-01",
	"2026-01-02", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14",
	"2026-05-15", "2026-05-25", "2026-07-20", "2026-07-21", "2026-11-11",
	"2026-12-24", "2026-12-25", "2026-12-31", "2027-01-01" };

static gboolean
is_banking_day(guint32 day)
{
	static guint32 days[G_N_ELEMENTS(closed)];

	if (weekday(day) > G_DATE_FRIDAY)
		return FALSE;
	if (days[0] == 0)
		for (unsigned i = 0; i < G_N_ELEMENTS(closed); i++)
			days[i] = julian(closed[i]);
	for (unsigned i = 0; i < G_N_ELEMENTS(closed); i++)
		if (days[i] == day)
			return FALSE;
	return TRUE;
}

/* ---- how accounts speak: is there a statement of DAY? ------------------ */

typedef gboolean (*speaks)(guint32 day, GRand *rand);

static gboolean
each_banking_day(guint32 day, GRand *rand)
{
	(void)rand;
	return is_banking_day(day);
}

static gboolean
each_day(guint32 day, GRand *rand)
{
	(void)day;
	(void)rand;
	return TRUE;
}

/* Most days something moves, but not between Christmas and New Year, and
 * hardly in the holidays. */
static gboolean
small_company(guint32 day, GRand *rand)
{
	g_autofree char *date = iso(day);
	double busy = strncmp(date + 5, "07-2", 4) == 0 ? 0.6 : 0.85;

	if (strcmp(date + 5, "12-23") > 0 || strcmp(date + 5, "01-02") < 0)
		return FALSE;
	return is_banking_day(day) && g_rand_double(rand) < busy;
}

/* Fridays, or the last banking day before. */
static gboolean
weekly(guint32 day, GRand *rand)
{
	guint32 friday = day + (G_DATE_FRIDAY + 7 - weekday(day)) % 7;

	(void)rand;
	if (!is_banking_day(day))
		return FALSE;
	for (guint32 d = day + 1; d <= friday; d++)
		if (is_banking_day(d))
			return FALSE;
	return TRUE;
}

static gboolean
last_banking_day_of_the_month(guint32 day, GRand *rand)
{
	(void)rand;
	if (!is_banking_day(day))
		return FALSE;
	for (guint32 d = day + 1; day_of_month(d) != 1; d++)
		if (is_banking_day(d))
			return FALSE;
	return TRUE;
}

static gboolean
last_day_of_the_month(guint32 day, GRand *rand)
{
	(void)rand;
	return day_of_month(day + 1) == 1;
}

static gboolean
quarterly(guint32 day, GRand *rand)
{
	g_autofree char *date = iso(day);

	return last_day_of_the_month(day, rand) && atoi(date + 5) % 3 == 0;
}

static gboolean
once_in_a_while(guint32 day, GRand *rand)
{
	return is_banking_day(day) && g_rand_double(rand) < 0.15;
}

static gboolean
every_other_day_or_so(guint32 day, GRand *rand)
{
	return is_banking_day(day) && g_rand_double(rand) < 0.4;
}

static gboolean
hardly_ever(guint32 day, GRand *rand)
{
	return is_banking_day(day) && g_rand_double(rand) < 0.03;
}

/* ---- years of days ----------------------------------------------------- */

/* A statement of a day comes with the next banking day's mail, or LATER. */
static guint32
arrival(guint32 day, unsigned later)
{
	guint32 at = day + 1 + later;

	while (!is_banking_day(at))
		at++;
	return at;
}

/* Statement dates of an account, and when each arrived. */
struct life {
	GArray *days, *arrived;
};

static struct life
live(speaks how, unsigned later, unsigned seed)
{
	struct life l = { g_array_new(FALSE, FALSE, sizeof(guint32)),
		g_array_new(FALSE, FALSE, sizeof(guint32)) };
	g_autoptr(GRand) rand = g_rand_new_with_seed(seed);

	for (guint32 day = julian("2024-01-02"); day < julian("2026-12-31");
	     day++) {
		guint32 at = arrival(day, later);

		if (!how(day, rand))
			continue;
		g_array_append_val(l.days, day);
		g_array_append_val(l.arrived, at);
	}
	return l;
}

static void
life_clear(struct life *l)
{
	g_array_unref(l->days);
	g_array_unref(l->arrived);
}

/* What is thought of it on TODAY, in the morning before the mail, from its
 * first N statements at most. */
static struct pl_rhythm
judge(const struct life *l, unsigned n, guint32 today)
{
	guint32 lags[10];
	unsigned known = 0, lag;

	while (known < MIN(n, l->days->len) &&
	       g_array_index(l->arrived, guint32, known) < today)
		known++;
	n = MIN(known, 10);
	for (unsigned i = 0; i < n; i++)
		lags[i] = g_array_index(l->arrived, guint32, known - 1 - i) -
			  g_array_index(l->days, guint32, known - 1 - i);
	lag = pl_rhythm_lag(lags, n);
	n = MIN(known, PL_RHYTHM_STATEMENTS);
	return pl_rhythm_of(
	    (guint32 *)(void *)l->days->data + known - n, n, lag, today);
}

/* How often a living account was called silent; WHEN: the last time. */
static unsigned
false_alarms(const struct life *l, guint32 *when)
{
	unsigned alarms = 0;
	gboolean before = FALSE;

	for (guint32 day = julian("2024-01-02"); day < julian("2026-12-20");
	     day++) {
		gboolean silent = judge(l, G_MAXUINT, day).silent;

		if (silent && !before) {
			alarms++;
			*when = day;
		}
		before = silent;
	}
	return alarms;
}

/* The most days from its last statement until somebody notices that it
 * stopped; it stops behind many a statement, from the FROMth on, but not just
 * before Christmas: a_long_weekend_is_no_silence_and_a_week_is() knows that. */
static unsigned
longest_silence(const struct life *l, unsigned from)
{
	unsigned longest = 0;

	for (unsigned n = from; n < l->days->len; n += 1 + n % 3) {
		guint32 last = g_array_index(l->days, guint32, n - 1);
		guint32 day = g_array_index(l->arrived, guint32, n - 1) + 1;
		g_autofree char *date = iso(last);

		if (strcmp(date + 5, "12-05") > 0)
			continue;
		while (day < last + 400 && !judge(l, n, day).silent)
			day++;
		longest = MAX(longest, day - last);
	}
	return longest;
}

static const struct {
	const char *name;
	speaks how;
	unsigned later;        /* days that each statement takes more */
	const char *words;     /* of its rhythm in the end */
	unsigned from, within; /* noticed within days, 0: never */
} accounts[] = {
	{ "each banking day", each_banking_day, 0, "daily", 20, 14 },
	{ "each banking day, late", each_banking_day, 3, "daily", 20, 19 },
	{ "each day", each_day, 0, "daily", 20, 12 },
	{ "weekly", weekly, 0, "weekly", 20, 20 },
	{ "end of month", last_day_of_the_month, 4, "monthly", 6, 49 },
	{ "last banking day", last_banking_day_of_the_month, 0, "monthly", 6,
	    46 },
	{ "quarterly", quarterly, 0, "quarterly", 6, 102 },
};

static void
a_regular_account_that_lives_is_never_silent(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(accounts); i++) {
		struct life l = live(accounts[i].how, accounts[i].later, 1);
		guint32 when = 0;
		struct pl_rhythm r = judge(&l, G_MAXUINT, julian("2026-12-23"));
		g_autofree char *words = pl_rhythm_words(&r);

		if (false_alarms(&l, &when) > 0)
			fail_msg(
			    "%s: silent on %s", accounts[i].name, iso(when));
		assert_string_equal(words, accounts[i].words);
		life_clear(&l);
	}
}

static void
a_regular_account_that_stops_is_noticed_in_time(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(accounts); i++) {
		struct life l = live(accounts[i].how, accounts[i].later, 1);
		unsigned days = longest_silence(&l, accounts[i].from);

		if (days > accounts[i].within)
			fail_msg("%s: noticed after %u days", accounts[i].name,
			    days);
		life_clear(&l);
	}
}

/* Chance has no rhythm: over years of many such accounts hardly one alarm. */
static void
an_account_that_speaks_when_something_moves_is_left_alone(void **state)
{
	static const struct {
		const char *name;
		speaks how;
		unsigned most; /* false alarms in 10 lives of three years */
	} cases[] = {
		{ "small company", small_company, 1 },
		{ "every other day", every_other_day_or_so, 1 },
		{ "once in a while", once_in_a_while, 0 },
		{ "hardly ever", hardly_ever, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		unsigned alarms = 0;
		guint32 when = 0;

		for (unsigned seed = 1; seed <= 10; seed++) {
			struct life l = live(cases[i].how, 0, seed);

			alarms += false_alarms(&l, &when);
			life_clear(&l);
		}
		if (alarms > cases[i].most)
			fail_msg("%s: %u false alarms, the last on %s",
			    cases[i].name, alarms, iso(when));
	}
}

/* ---- single days ------------------------------------------------------- */

/* Statements on each banking day from BEGIN to END but those of LEFT_OUT. */
static struct pl_rhythm
daily_until(const char *begin, const char *end, const char *today)
{
	g_autoptr(GArray) days = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (guint32 d = julian(begin); d <= julian(end); d++)
		if (is_banking_day(d))
			g_array_append_val(days, d);
	return pl_rhythm_of(
	    (const guint32 *)(void *)days->data, days->len, 1, julian(today));
}

static void
a_long_weekend_is_no_silence_and_a_week_is(void **state)
{
	static const struct {
		const char *last, *today;
		gboolean silent;
		const char *expected;
	} cases[] = {
		{ "2026-03-12", "2026-03-13", FALSE, "2026-03-13" },
		{ "2026-03-12", "2026-03-16", FALSE, "2026-03-13" },
		/* Thursday; closed Friday to Monday; Tuesday's comes on
		 * Wednesday */
		{ "2026-03-12", "2026-03-18", FALSE, "2026-03-13" },
		{ "2026-03-12", "2026-03-19", TRUE, "2026-03-13" },
		{ "2026-03-13", "2026-03-19", FALSE, "2026-03-16" },
		{ "2026-03-13", "2026-03-20", TRUE, "2026-03-16" },
		/* Easter: from Thursday to Tuesday */
		{ "2026-04-02", "2026-04-08", FALSE, "2026-04-07" },
		{ "2026-04-02", "2026-04-13", TRUE, "2026-04-07" },
		/* Ascension with its bridge */
		{ "2026-05-13", "2026-05-21", FALSE, "2026-05-18" },
		{ "2026-05-13", "2026-05-22", TRUE, "2026-05-18" },
		/* nothing moves from Christmas to New Year */
		{ "2026-12-23", "2027-01-05", FALSE, "2027-01-04" },
		{ "2026-12-23", "2027-01-08", TRUE, "2027-01-04" },
		/* nobody expects it after a year */
		{ "2026-03-12", "2027-03-01", TRUE, "2026-03-13" },
		{ "2026-03-12", "2027-03-20", FALSE, "2026-03-13" },
		/* the clock was put back */
		{ "2026-03-12", "2026-01-01", FALSE, "2026-03-13" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct pl_rhythm r =
		    daily_until("2026-01-05", cases[i].last, cases[i].today);
		g_autofree char *expected = iso(r.expected);

		if (r.silent != cases[i].silent)
			fail_msg("%s, last %s", cases[i].today, cases[i].last);
		assert_string_equal(expected, cases[i].expected);
		assert_int_equal(r.last, julian(cases[i].last));
	}
}

static void
few_statements_are_no_rhythm(void **state)
{
	guint32 days[PL_RHYTHM_STATEMENTS], first = julian("2026-01-05");
	static const struct {
		unsigned n, every;
		enum pl_rhythm_kind kind;
	} cases[] = {
		{ 0, 1, PL_RHYTHM_UNKNOWN },
		{ 1, 1, PL_RHYTHM_UNKNOWN },
		{ 4, 30, PL_RHYTHM_UNKNOWN },
		{ 5, 30, PL_RHYTHM_PERIODIC },
		{ 7, 7, PL_RHYTHM_IRREGULAR },
		{ 8, 7, PL_RHYTHM_PERIODIC },
		{ 7, 1, PL_RHYTHM_IRREGULAR },
		{ 8, 1, PL_RHYTHM_DAILY },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct pl_rhythm r;

		for (unsigned k = 0; k < cases[i].n; k++)
			days[k] = first + k * cases[i].every;
		r = pl_rhythm_of(days, cases[i].n, 1, first + 200);
		assert_int_equal(r.kind, cases[i].kind);
		assert_int_equal(
		    r.silent, cases[i].kind == PL_RHYTHM_DAILY ||
				  cases[i].kind == PL_RHYTHM_PERIODIC);
	}
}

static void
order_doubles_and_one_outage_do_not_matter(void **state)
{
	guint32 days[40], first = julian("2026-01-05");
	unsigned n = 0;
	struct pl_rhythm r;

	(void)state;
	/* weekly, four weeks missing, each twice, the newest first */
	for (unsigned week = 20; week-- > 0;)
		for (unsigned k = 0; k < 2 && (week < 8 || week > 11); k++)
			days[n++] = first + week * 7;
	r = pl_rhythm_of(days, n, 1, first + 20 * 7);
	assert_int_equal(r.kind, PL_RHYTHM_PERIODIC);
	assert_int_equal(r.days, 7);
	assert_int_equal(r.last, first + 19 * 7);
	assert_false(r.silent);
	assert_true(pl_rhythm_of(days, n, 1, first + 23 * 7).silent);
}

static void
a_history_that_was_imported_is_not_always_late(void **state)
{
	static const guint32 lags[] = { 1, 1, 300, 250, 200 };

	(void)state;
	assert_int_equal(pl_rhythm_lag(NULL, 0), 0);
	assert_int_equal(pl_rhythm_lag(lags, 2), 1);
	assert_int_equal(pl_rhythm_lag(lags, 5), 10);
	assert_int_equal(pl_rhythm_lag(lags, 3), 1);
}

static void
days_at_work_leave_out_what_all_banks_close_on(void **state)
{
	static const struct {
		const char *from, *to;
		unsigned days;
	} cases[] = {
		{ "2026-03-12", "2026-03-12", 0 },
		{ "2026-03-13", "2026-03-16", 1 }, /* a weekend */
		{ "2026-04-02", "2026-04-07", 1 }, /* Easter */
		{ "2025-04-17", "2025-04-22", 1 },
		{ "2024-03-28", "2024-04-02", 1 },
		{ "2026-04-30", "2026-05-04", 1 }, /* 1 May */
		{ "2026-12-23", "2027-01-04", 1 },
		{ "2027-01-04", "2026-01-04", 0 },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(pl_rhythm_work_days(julian(cases[i].from),
				     julian(cases[i].to)),
		    cases[i].days);
}

/* Of any rhythm, on any day: what is fresh need not be looked at. */
static void
an_account_that_spoke_a_moment_ago_is_never_silent(void **state)
{
	static const unsigned steps[] = { 1, 2, 5, 7, 30, 91 };
	guint32 first = julian("2025-01-02");

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++)
		for (guint32 today = first; today < first + 400; today++) {
			guint32 days[40], n = 0;
			guint32 last = today - today % 4;

			for (; n < 40; n++)
				days[n] = last - n * steps[i];
			assert_true(pl_rhythm_is_fresh(last, today));
			assert_false(pl_rhythm_of(days, n, 1, today).silent);
		}
	assert_false(pl_rhythm_is_fresh(first, first + 4));
	assert_false(pl_rhythm_is_fresh(first + 1, first));
	assert_false(pl_rhythm_is_fresh(0, first));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_regular_account_that_lives_is_never_silent),
		cmocka_unit_test(
		    a_regular_account_that_stops_is_noticed_in_time),
		cmocka_unit_test(
		    an_account_that_speaks_when_something_moves_is_left_alone),
		cmocka_unit_test(a_long_weekend_is_no_silence_and_a_week_is),
		cmocka_unit_test(few_statements_are_no_rhythm),
		cmocka_unit_test(order_doubles_and_one_outage_do_not_matter),
		cmocka_unit_test(
		    a_history_that_was_imported_is_not_always_late),
		cmocka_unit_test(
		    days_at_work_leave_out_what_all_banks_close_on),
		cmocka_unit_test(
		    an_account_that_spoke_a_moment_ago_is_never_silent),
	};

	return cmocka_run_group_tests_name("run_rhythm", tests, NULL, NULL);
}
