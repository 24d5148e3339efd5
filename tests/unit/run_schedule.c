/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When a journal of bank statements is served, told as those who get them
 * know it: the start date in the past, today, in the future; daily between
 * seven and nine; off and on again; every twelve hours or now; a machine that
 * was off; the nights on which Brussels turns its clocks.
 */
#include <stdio.h>

#include "run_bank.h"

#define DAILY "schedule = 07:00\nwindow = 07:00-09:00\n"

static char *
off(const char *name)
{
	return bank(name, "enabled = no\n");
}

/* Statements of the days FROM to TO of January 2026, which came on the next
 * morning at six, while the journal was off. */
static void
collect(struct gateway *g, unsigned from, unsigned to)
{
	g_autofree char *rules = off("bank");

	gateway_rules(g, TEAM, rules);
	for (unsigned day = from; day <= to; day++)
		statement_of_january(g, day);
	tick(g, "2026-01-01T00:00:00Z");
}

static void
a_start_date_in_the_past_sends_up_to_yesterday_at_once(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *rules =
	    bank("bank", DAILY "start_date = 2026-01-04\n");

	(void)state;
	collect(g, 1, 9);
	statement(g, ACCOUNT, 10, "260110", at("2026-01-10T13:00:00Z"));
	gateway_rules(g, TEAM, rules);
	/* Saturday, ten at night: any hour will do */
	tick(g, "2026-01-10T21:00:00Z");
	assert_sent(g, "bank", "4 5 6 7 8 9");
	tick(g, "2026-01-10T22:59:00Z"); /* the day is not over */
	tick(g, "2026-01-11T05:59:00Z"); /* its time has not come */
	assert_sent(g, "bank", "4 5 6 7 8 9");
	tick(g, "2026-01-11T06:00:00Z"); /* Sunday, seven o'clock */
	assert_sent(g, "bank", "4 5 6 7 8 9 10");
	gateway_free(g);
}

static void
a_start_date_of_today_or_later_sends_nothing_at_once(void **state)
{
	static const struct {
		const char *start, *on_the_11th, *on_the_13th;
	} cases[] = {
		{ "2026-01-10", "10", "10 11 12" },
		{ "2026-01-11", "", "11 12" },
		{ "2026-01-12", "", "12" },
		{ "2027-01-01", "", "" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct gateway *g = gateway_new(NULL, 0);
		g_autofree char *more =
		    g_strdup_printf(DAILY "start_date = %s\n", cases[i].start);
		g_autofree char *rules = bank("bank", more);

		collect(g, 6, 10);
		gateway_rules(g, TEAM, rules);
		tick(g, "2026-01-10T06:30:00Z");
		tick(g, "2026-01-10T11:00:00Z");
		assert_sent(g, "bank", "");
		tick(g, "2026-01-11T06:30:00Z");
		assert_sent(g, "bank", cases[i].on_the_11th);
		statement_of_january(g, 11);
		statement_of_january(g, 12);
		tick(g, "2026-01-13T06:30:00Z");
		assert_sent(g, "bank", cases[i].on_the_13th);
		gateway_free(g);
	}
}

static void
what_is_over_the_cap_at_once_follows_daily_oldest_first(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *rules = bank(
	    "bank", DAILY "start_date = 2026-01-02\nmax_mails_per_run = 3\n");

	(void)state;
	collect(g, 1, 9);
	gateway_rules(g, TEAM, rules);
	tick(g, "2026-01-10T16:00:00Z");
	assert_sent(g, "bank", "2 3 4");
	tick(g, "2026-01-10T17:00:00Z");
	assert_sent(g, "bank", "2 3 4");
	tick(g, "2026-01-11T06:10:00Z");
	assert_sent(g, "bank", "2 3 4 5 6 7");
	tick(g, "2026-01-12T06:10:00Z");
	assert_sent(g, "bank", "2 3 4 5 6 7 8 9");
	gateway_free(g);
}

static void
each_day_is_sent_once_on_the_next_morning_weekends_too(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *rules =
	    bank("bank", DAILY "start_date = 2026-01-05\n");
	static const unsigned hours[] = { 5, 6, 7, 21 };
	unsigned before = 0;

	(void)state;
	gateway_rules(g, TEAM, rules);
	tick(g, "2026-01-05T11:00:00Z");
	for (unsigned day = 6; day <= 13; day++) {
		statement_of_january(g, day - 1);
		for (unsigned i = 0; i < G_N_ELEMENTS(hours); i++) {
			g_autofree char *time = g_strdup_printf(
			    "2026-01-%02uT%02u:30:00Z", day, hours[i]);
			unsigned n;

			tick(g, time);
			n = taken_for(g, "bank@out.example");
			if (n - before != (hours[i] == 6))
				fail_msg("%s: %u e-mails", time, n - before);
			before = n;
		}
	}
	assert_sent(g, "bank", "5 6 7 8 9 10 11 12");
	assert_int_equal(before, 8);
	gateway_free(g);
}

static void
off_and_on_again_repeats_nothing(void **state)
{
	static const struct {
		const char *start, *sent;
	} cases[] = {
		/* the same; none; an earlier; a later one; today */
		{ "start_date = 2026-01-05\n", "5 6 7 8 9 10" },
		{ "", "1 2 3 4 5 6 7 8 9 10" },
		{ "start_date = 2026-01-03\n", "3 4 5 6 7 8 9 10" },
		{ "start_date = 2026-01-10\n", "5 6 7 8 10" },
		{ "start_date = 2026-01-12\n", "5 6 7 8" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct gateway *g = gateway_new(NULL, 0);
		g_autofree char *more =
		    g_strconcat(DAILY, cases[i].start, NULL);
		g_autofree char *on =
		    bank("bank", DAILY "start_date = 2026-01-05\n");
		g_autofree char *again = bank("bank", more);
		g_autofree char *none = off("bank");

		collect(g, 1, 8);
		gateway_rules(g, TEAM, on);
		tick(g, "2026-01-09T15:00:00Z");
		assert_sent(g, "bank", "5 6 7 8");
		gateway_rules(g, TEAM, none);
		statement_of_january(g, 9);
		statement_of_january(g, 10);
		tick(g, "2026-01-11T06:30:00Z");
		assert_sent(g, "bank", "5 6 7 8");
		gateway_rules(g, TEAM, again);
		tick(g, "2026-01-12T20:00:00Z"); /* switched on: at once */
		assert_sent(g, "bank", cases[i].sent);
		tick(g, "2026-01-13T06:30:00Z");
		assert_sent(g, "bank", cases[i].sent);
		assert_int_equal(
		    taken_for(g, "bank@out.example"), sent_of(g, "bank"));
		gateway_free(g);
	}
}

static void
another_start_date_without_switching_off_repeats_nothing(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *first =
	    bank("bank", DAILY "start_date = 2026-01-05\n");
	g_autofree char *later =
	    bank("bank", DAILY "start_date = 2026-01-07\n");
	g_autofree char *earlier =
	    bank("bank", DAILY "start_date = 2026-01-02\n");

	(void)state;
	collect(g, 1, 8);
	gateway_rules(g, TEAM, first);
	tick(g, "2026-01-09T15:00:00Z");
	assert_sent(g, "bank", "5 6 7 8");
	gateway_rules(g, TEAM, later);
	tick(g, "2026-01-09T16:00:00Z");
	assert_sent(g, "bank", "5 6 7 8");
	gateway_rules(g, TEAM, earlier);
	tick(g, "2026-01-09T17:00:00Z");
	assert_sent(g, "bank", "2 3 4 5 6 7 8");
	assert_int_equal(taken_for(g, "bank@out.example"), 7);
	gateway_free(g);
}

static void
a_new_journal_on_the_address_gets_them_again(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *first =
	    bank("bank", DAILY "start_date = 2026-01-05\n");
	g_autofree char *second =
	    bank("again", DAILY "start_date = 2026-01-03\n");
	g_autofree char *both = g_strconcat(first, second, NULL);

	(void)state;
	collect(g, 1, 8);
	gateway_rules(g, TEAM, first);
	tick(g, "2026-01-09T15:00:00Z");
	gateway_rules(g, TEAM, both);
	tick(g, "2026-01-09T16:00:00Z");
	assert_sent(g, "bank", "5 6 7 8");
	assert_sent(g, "again", "3 4 5 6 7 8");
	assert_int_equal(taken_for(g, "bank@out.example"), 4);
	assert_int_equal(taken_for(g, "again@out.example"), 6);
	gateway_free(g);
}

static void
accounts_that_are_journals_have_each_their_own_start(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *one = bank(
	    "one", DAILY "account = " ACCOUNT "\nstart_date = 2026-01-07\n");
	g_autofree char *two =
	    bank("two", DAILY "account = " OTHER "\nstart_date = 2026-01-09\n");
	g_autofree char *both = g_strconcat(one, two, NULL);

	(void)state;
	gateway_rules(g, TEAM, both);
	for (unsigned day = 5; day <= 9; day++) {
		statement_of_january(g, day);
		statement_of_other(g, day);
	}
	tick(g, "2026-01-10T12:00:00Z");
	assert_sent(g, "one", "7 8 9");
	assert_sent(g, "two", "9");
	gateway_free(g);
}

/* ---- every twelve hours, or now ---------------------------------------- */

static void
every_twelve_hours_or_now(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *rules =
	    bank("bank", "schedule = every 12h\nstart_date = 2026-01-05\n");

	(void)state;
	gateway_rules(g, TEAM, rules);
	tick(g, "2026-01-06T08:00:00Z");
	statement_of_january(g, 5);
	tick(g, "2026-01-06T10:59:00Z");
	assert_sent(g, "bank", "");
	tick(g, "2026-01-06T11:00:00Z"); /* noon in Brussels */
	assert_sent(g, "bank", "5");
	statement_of_january(g, 6);
	tick(g, "2026-01-06T22:59:00Z");
	assert_sent(g, "bank", "5");
	tick(g, "2026-01-06T23:00:00Z"); /* midnight: the 6th is over */
	assert_sent(g, "bank", "5 6");
	statement_of_january(g, 7);
	tick(g, "2026-01-08T01:00:00Z");
	assert_sent(g, "bank", "5 6 7");
	statement_of_january(g, 8);
	now(g, "2026-01-09T05:00:00Z");
	assert_sent(g, "bank", "5 6 7 8");
	/* asked for by a person: the slot to come is not used up */
	statement_of_january(g, 9);
	now(g, "2026-01-10T10:00:00Z");
	statement(g, OTHER, 1, "260109", at("2026-01-10T10:30:00Z"));
	tick(g, "2026-01-10T11:00:00Z");
	assert_sent(g, "bank", "1 5 6 7 8 9");
	gateway_free(g);
}

static void
a_machine_that_was_off_makes_up_for_it_once(void **state)
{
	static const char *const schedules[] = { DAILY,
		"schedule = every 12h\n", "schedule = 07:00 19:00\n" };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(schedules); i++) {
		struct gateway *g = gateway_new(NULL, 0);
		g_autofree char *more = g_strconcat(
		    schedules[i], "start_date = 2026-01-05\n", NULL);
		g_autofree char *rules = bank("bank", more);

		gateway_rules(g, TEAM, rules);
		tick(g, "2026-01-05T06:30:00Z");
		tick(g, "2026-01-06T06:30:00Z");
		for (unsigned day = 5; day <= 8; day++)
			statement_of_january(g, day);
		/* off from the 6th to the 9th, 07:10 */
		assert_true(tick(g, "2026-01-09T06:10:00Z").run > 0);
		assert_sent(g, "bank", "5 6 7 8");
		for (unsigned minute = 11; minute < 60; minute += 6) {
			g_autofree char *t =
			    g_strdup_printf("2026-01-09T06:%02u:00Z", minute);

			assert_int_equal(tick(g, t).run, 0);
		}
		gateway_free(g);
	}
}

/* ---- nights ------------------------------------------------------------ */

/* The times, in Brussels, at which a journal is served by a timer that ticks
 * every ten minutes from BEGIN to END, and was served before. */
static char *
served(const struct pl_slot *slot, const struct pl_window *window,
    const char *begin, const char *end)
{
	const struct pl_journal j = { .enabled = TRUE,
		.slots = slot,
		.n_slots = slot != NULL,
		.windows = window,
		.n_windows = window != NULL };
	g_autoptr(GTimeZone) zone =
	    g_time_zone_new_identifier("Europe/Brussels");
	struct pl_plan_input in = {
		.journal = &j, .timezone = zone, .served = at(begin) - 1
	};
	GString *times = g_string_new(NULL);

	for (in.now = at(begin); in.now < at(end);
	     in.now += 10 * 60 * (gint64)G_USEC_PER_SEC) {
		g_autoptr(GDateTime) utc = NULL;
		g_autoptr(GDateTime) local = NULL;
		g_autofree char *time = NULL;

		if (!pl_plan_due(&in))
			continue;
		in.served = in.now;
		utc = g_date_time_new_from_unix_utc(in.now / G_USEC_PER_SEC);
		local = g_date_time_to_timezone(utc, zone);
		time = g_date_time_format(local, "%d %H:%M%:::z");
		g_string_append_printf(
		    times, "%s%s", times->len > 0 ? ", " : "", time);
	}
	return g_string_free(times, FALSE);
}

static void
slots_and_windows_hold_in_the_nights_that_turn_the_clock(void **state)
{
	static const struct pl_slot half_past_two = { FALSE, 150 };
	static const struct pl_slot three = { FALSE, 180 };
	static const struct pl_slot every_6h = { TRUE, 360 };
	static const struct pl_window around = { 90, 210 };   /* 01:30-03:30 */
	static const struct pl_window skipped = { 130, 170 }; /* 02:10-02:50 */
	static const struct pl_window night = { 1380, 150 };  /* 23:00-02:30 */
	static const struct {
		const struct pl_slot *slot;
		const struct pl_window *window;
		const char *begin, *end, *times;
	} cases[] = {
		/* 02:30 does not exist: when the clock is put forward */
		{ &half_past_two, NULL, "2026-03-27T12:00:00Z",
		    "2026-03-30T12:00:00Z",
		    "28 02:30+01, 29 03:00+02, 30 02:30+02" },
		{ &half_past_two, &around, "2026-03-27T12:00:00Z",
		    "2026-03-30T12:00:00Z",
		    "28 02:30+01, 29 03:00+02, 30 02:30+02" },
		{ &three, &around, "2026-03-27T12:00:00Z",
		    "2026-03-30T12:00:00Z",
		    "28 03:00+01, 29 03:00+02, 30 03:00+02" },
		/* that night the window does not open: made up for in the
		 * next one */
		{ &half_past_two, &skipped, "2026-03-27T12:00:00Z",
		    "2026-03-30T12:00:00Z",
		    "28 02:30+01, 30 02:10+02, 30 02:30+02" },
		/* over midnight; a slot behind it is for the next evening */
		{ &half_past_two, &night, "2026-03-27T21:00:00Z",
		    "2026-03-30T12:00:00Z", "28 23:00+01, 29 23:00+02" },
		{ &every_6h, NULL, "2026-03-28T22:00:00Z",
		    "2026-03-29T22:00:00Z",
		    "29 00:00+01, 29 06:00+02, 29 12:00+02, 29 18:00+02" },
		/* 02:30 comes twice: the first time */
		{ &half_past_two, NULL, "2026-10-23T12:00:00Z",
		    "2026-10-26T12:00:00Z",
		    "24 02:30+02, 25 02:30+02, 26 02:30+01" },
		{ &half_past_two, &around, "2026-10-23T12:00:00Z",
		    "2026-10-26T12:00:00Z",
		    "24 02:30+02, 25 02:30+02, 26 02:30+01" },
		{ &three, &around, "2026-10-23T12:00:00Z",
		    "2026-10-26T12:00:00Z",
		    "24 03:00+02, 25 03:00+01, 26 03:00+01" },
		{ &half_past_two, &skipped, "2026-10-23T12:00:00Z",
		    "2026-10-26T12:00:00Z",
		    "24 02:30+02, 25 02:30+02, 26 02:30+01" },
		/* it comes, the clock is put back, the window is open again */
		{ &half_past_two, &night, "2026-10-23T12:00:00Z",
		    "2026-10-26T12:00:00Z", "24 23:00+02, 25 02:00+01" },
		{ &every_6h, NULL, "2026-10-24T21:00:00Z",
		    "2026-10-25T22:00:00Z",
		    "25 00:00+02, 25 06:00+01, 25 12:00+01, 25 18:00+01" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *times = served(cases[i].slot, cases[i].window,
		    cases[i].begin, cases[i].end);

		assert_string_equal(times, cases[i].times);
	}
}

static void
a_clock_that_was_put_back_serves_nothing_twice(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *rules =
	    bank("bank", "schedule = 07:00\nstart_date = 2026-01-05\n");

	(void)state;
	gateway_rules(g, TEAM, rules);
	tick(g, "2026-01-06T12:00:00Z");
	statement_of_january(g, 6);
	assert_true(tick(g, "2026-01-07T06:00:00Z").run > 0);
	assert_sent(g, "bank", "6");
	/* by a second, by two hours, by a day but a bit */
	assert_int_equal(tick(g, "2026-01-07T05:59:59Z").run, 0);
	assert_int_equal(tick(g, "2026-01-07T04:00:00Z").run, 0);
	assert_int_equal(tick(g, "2026-01-07T06:00:00Z").run, 0);
	assert_int_equal(tick(g, "2026-01-06T06:30:00Z").run, 0);
	/* on the next day it goes on */
	statement_of_january(g, 7);
	assert_true(tick(g, "2026-01-08T06:00:00Z").run > 0);
	assert_sent(g, "bank", "6 7");
	/* by a year: not silent for a year */
	statement(g, OTHER, 1, "250102", at("2025-01-03T06:00:00Z"));
	assert_true(tick(g, "2025-01-04T12:00:00Z").run > 0);
	assert_int_equal(tick(g, "2025-01-04T12:10:00Z").run, 0);
	assert_true(tick(g, "2025-01-05T06:00:00Z").run > 0);
	gateway_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_start_date_in_the_past_sends_up_to_yesterday_at_once),
		cmocka_unit_test(
		    a_start_date_of_today_or_later_sends_nothing_at_once),
		cmocka_unit_test(
		    what_is_over_the_cap_at_once_follows_daily_oldest_first),
		cmocka_unit_test(
		    each_day_is_sent_once_on_the_next_morning_weekends_too),
		cmocka_unit_test(off_and_on_again_repeats_nothing),
		cmocka_unit_test(
		    another_start_date_without_switching_off_repeats_nothing),
		cmocka_unit_test(a_new_journal_on_the_address_gets_them_again),
		cmocka_unit_test(
		    accounts_that_are_journals_have_each_their_own_start),
		cmocka_unit_test(every_twelve_hours_or_now),
		cmocka_unit_test(a_machine_that_was_off_makes_up_for_it_once),
		cmocka_unit_test(
		    slots_and_windows_hold_in_the_nights_that_turn_the_clock),
		cmocka_unit_test(
		    a_clock_that_was_put_back_serves_nothing_twice),
	};

	return cmocka_run_group_tests_name("run_schedule", tests, NULL, NULL);
}
