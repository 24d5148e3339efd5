/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Days, slots and windows by the wall clock. Brussels puts its clock forward
 * on 2026-03-29 at 02:00 and back on 2026-10-25 at 03:00; Cairo puts it
 * forward at midnight, so that 2026-04-24 begins at 01:00.
 */
#include "run_clock.h"

#include "calendar.h"

#define BRUSSELS "Europe/Brussels"

static void
assert_time(gint64 at, const char *iso)
{
	g_autoptr(GDateTime) t =
	    g_date_time_new_from_unix_utc(at / G_USEC_PER_SEC);
	g_autofree char *text = g_date_time_format(t, "%Y-%m-%dT%H:%M:%SZ");

	assert_string_equal(text, iso);
}

static void
dates_are_read_and_others_are_none(void **state)
{
	(void)state;
	assert_int_equal(pl_calendar_parse("1970-01-01"), 719163);
	assert_int_equal(pl_calendar_parse("2026-02-28T10:00:00+01:00"),
	    pl_calendar_parse("2026-02-28"));
	static const char *const bad[] = { NULL, "", "2026", "2026-02-30",
		"2026-13-01", "0000-01-01", "28.02.2026", "2026-02-281",
		"2026-2-28", "abcd-ef-gh", "2026-02-" };

	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_int_equal(pl_calendar_parse(bad[i]), 0);
}

static void
a_day_begins_when_its_wall_clock_does(void **state)
{
	static const struct {
		const char *zone, *day;
		unsigned minute;
		const char *at;
	} cases[] = {
		{ BRUSSELS, "2026-01-15", 0, "2026-01-14T23:00:00Z" },
		{ BRUSSELS, "2026-07-15", 420, "2026-07-15T05:00:00Z" },
		/* 02:30 does not exist: when the clock is put forward */
		{ BRUSSELS, "2026-03-29", 150, "2026-03-29T01:00:00Z" },
		{ BRUSSELS, "2026-03-29", 180, "2026-03-29T01:00:00Z" },
		{ BRUSSELS, "2026-03-29", 240, "2026-03-29T02:00:00Z" },
		/* 02:30 comes twice: the first */
		{ BRUSSELS, "2026-10-25", 150, "2026-10-25T00:30:00Z" },
		{ BRUSSELS, "2026-10-25", 180, "2026-10-25T02:00:00Z" },
		{ "Africa/Cairo", "2026-04-24", 0, "2026-04-23T22:00:00Z" },
		{ "America/New_York", "2026-12-31", 1439,
		    "2027-01-01T04:59:00Z" },
		{ "UTC", "2026-12-31", 1, "2026-12-31T00:01:00Z" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GTimeZone) tz =
		    g_time_zone_new_identifier(cases[i].zone);
		gint64 at;

		assert_non_null(tz);
		at = pl_calendar_at(
		    tz, pl_calendar_parse(cases[i].day), cases[i].minute);
		assert_time(at, cases[i].at);
		assert_int_equal(
		    pl_calendar_day(tz, at), pl_calendar_parse(cases[i].day));
	}
}

static void
the_day_of_a_moment_is_the_wall_clocks(void **state)
{
	g_autoptr(GTimeZone) tz = g_time_zone_new_identifier(BRUSSELS);

	(void)state;
	assert_int_equal(pl_calendar_day(tz, utc("2026-06-30T21:59:59Z")),
	    pl_calendar_parse("2026-06-30"));
	assert_int_equal(pl_calendar_day(tz, utc("2026-06-30T22:00:00Z")),
	    pl_calendar_parse("2026-07-01"));
	assert_int_equal(
	    pl_calendar_minute(tz, utc("2026-06-30T22:07:59Z")), 7);
	assert_int_equal(pl_calendar_day(tz, utc("1969-12-31T20:00:00Z")),
	    pl_calendar_parse("1969-12-31"));
}

static void
slots_come_once_a_day_also_when_the_clock_changes(void **state)
{
	static const struct pl_slot night = { FALSE, 150 }; /* 02:30 */
	static const struct pl_slot two[] = { { FALSE, 420 }, { FALSE, 60 } };
	static const struct pl_slot half = { TRUE, 720 };
	static const struct pl_slot hourly = { TRUE, 60 };
	static const struct {
		const struct pl_slot *slots;
		unsigned n;
		const char *now, *last, *next;
	} cases[] = {
		{ &night, 1, "2026-03-29T00:59:59Z", "2026-03-28T01:30:00Z",
		    "2026-03-29T01:00:00Z" },
		{ &night, 1, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z",
		    "2026-03-30T00:30:00Z" },
		{ &night, 1, "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z",
		    "2026-10-26T01:30:00Z" },
		/* the second 02:30 of that night is no slot */
		{ &night, 1, "2026-10-25T01:30:00Z", "2026-10-25T00:30:00Z",
		    "2026-10-26T01:30:00Z" },
		{ two, 2, "2026-01-10T03:00:00Z", "2026-01-10T00:00:00Z",
		    "2026-01-10T06:00:00Z" },
		{ two, 2, "2026-01-10T23:30:00Z", "2026-01-10T06:00:00Z",
		    "2026-01-11T00:00:00Z" },
		{ &half, 1, "2026-01-10T10:59:00Z", "2026-01-09T23:00:00Z",
		    "2026-01-10T11:00:00Z" },
		{ &half, 1, "2026-01-10T11:00:00Z", "2026-01-10T11:00:00Z",
		    "2026-01-10T23:00:00Z" },
		/* 02:00 is skipped and is the same moment as 03:00 */
		{ &hourly, 1, "2026-03-29T00:30:00Z", "2026-03-29T00:00:00Z",
		    "2026-03-29T01:00:00Z" },
		{ &hourly, 1, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z",
		    "2026-03-29T02:00:00Z" },
	};
	g_autoptr(GTimeZone) tz = g_time_zone_new_identifier(BRUSSELS);

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		gint64 now = utc(cases[i].now);

		assert_time(
		    pl_calendar_last_slot(tz, cases[i].slots, cases[i].n, now),
		    cases[i].last);
		assert_time(
		    pl_calendar_next_slot(tz, cases[i].slots, cases[i].n, now),
		    cases[i].next);
	}
}

static void
an_interval_that_does_not_divide_the_day_starts_again(void **state)
{
	static const struct pl_slot seven = { TRUE, 420 };
	g_autoptr(GTimeZone) tz = g_time_zone_new_utc();

	(void)state;
	assert_time(
	    pl_calendar_next_slot(tz, &seven, 1, utc("2026-01-10T14:00:00Z")),
	    "2026-01-10T21:00:00Z");
	assert_time(
	    pl_calendar_next_slot(tz, &seven, 1, utc("2026-01-10T21:00:00Z")),
	    "2026-01-11T00:00:00Z");
}

static void
windows_open_and_close(void **state)
{
	static const struct pl_window day = { 420, 540 };    /* 07:00-09:00 */
	static const struct pl_window night = { 1320, 120 }; /* 22:00-02:00 */
	static const struct pl_window both[] = { { 420, 540 }, { 1320, 120 } };
	static const struct pl_window skipped = { 120, 180 }; /* 02-03 */
	static const struct pl_window rest = { 1080, 1440 };  /* to 24:00 */
	static const struct {
		const struct pl_window *w;
		unsigned n;
		const char *now, *open; /* next opening; = now: open */
	} cases[] = {
		{ NULL, 0, "2026-01-10T10:00:00Z", "2026-01-10T10:00:00Z" },
		{ &day, 1, "2026-01-10T05:59:59Z", "2026-01-10T06:00:00Z" },
		{ &day, 1, "2026-01-10T07:59:59Z", "2026-01-10T07:59:59Z" },
		{ &day, 1, "2026-01-10T08:00:00Z", "2026-01-11T06:00:00Z" },
		{ &night, 1, "2026-01-10T21:00:00Z", "2026-01-10T21:00:00Z" },
		{ &night, 1, "2026-01-10T23:30:00Z", "2026-01-10T23:30:00Z" },
		{ &night, 1, "2026-01-11T01:00:00Z", "2026-01-11T21:00:00Z" },
		{ both, 2, "2026-01-11T01:00:00Z", "2026-01-11T06:00:00Z" },
		{ both, 2, "2026-01-11T08:00:00Z", "2026-01-11T21:00:00Z" },
		{ &rest, 1, "2026-01-10T22:59:59Z", "2026-01-10T22:59:59Z" },
		{ &rest, 1, "2026-01-10T23:00:00Z", "2026-01-11T17:00:00Z" },
		/* the night in which it does not exist is left out */
		{ &skipped, 1, "2026-03-29T00:30:00Z", "2026-03-30T00:00:00Z" },
		{ &skipped, 1, "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z" },
		/* summer time: 07:00 is 05:00 UTC */
		{ &day, 1, "2026-03-29T00:30:00Z", "2026-03-29T05:00:00Z" },
	};
	g_autoptr(GTimeZone) tz = g_time_zone_new_identifier(BRUSSELS);

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		gint64 now = utc(cases[i].now), open = utc(cases[i].open);

		assert_int_equal(
		    pl_calendar_open(tz, cases[i].w, cases[i].n, now),
		    open == now);
		assert_time(
		    pl_calendar_next_open(tz, cases[i].w, cases[i].n, now),
		    cases[i].open);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_read_and_others_are_none),
		cmocka_unit_test(a_day_begins_when_its_wall_clock_does),
		cmocka_unit_test(the_day_of_a_moment_is_the_wall_clocks),
		cmocka_unit_test(
		    slots_come_once_a_day_also_when_the_clock_changes),
		cmocka_unit_test(
		    an_interval_that_does_not_divide_the_day_starts_again),
		cmocka_unit_test(windows_open_and_close),
	};

	return cmocka_run_group_tests_name("run_calendar", tests, NULL, NULL);
}
