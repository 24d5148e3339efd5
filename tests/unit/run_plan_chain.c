/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The planner on statements: what keeps one back keeps those behind it, in
 * which e-mail they leave, and the day that has to end first. Chains are given
 * here, see run_chain.c for how they come about.
 */
#include "run_statements.h"

static void
gap_before(struct bank *b, int n)
{
	b->linked[n - 1].code = "PL-202";
	b->linked[n - 1].note = (char *)(uintptr_t) "words";
}

static void
they_leave_in_order(void **state)
{
	(void)state;
	assert_plan(a_bank(), "1 1 2 2 3");
}

static void
behind_a_gap_they_wait_for_the_first(void **state)
{
	struct bank *b = a_bank();

	(void)state;
	gap_before(b, 3);
	assert_plan(b, "1 1 gap! gap<3 gap<3");
}

static void
each_gap_is_said(void **state)
{
	struct bank *b = a_bank();

	(void)state;
	gap_before(b, 2);
	gap_before(b, 4);
	assert_plan(b, "1 gap! gap<2 gap! gap<4");
}

static void
gaps_are_sent_where_that_is_wanted(void **state)
{
	struct bank *b = a_bank();

	(void)state;
	b->journal.send_gap = TRUE;
	b->entries[1].state = PL_HELD;
	b->entries[1].code = (char *)(uintptr_t) "PL-202";
	gap_before(b, 2);
	gap_before(b, 4);
	assert_plan(b, "1 1!* 2 2! 3");
}

static void
a_gap_that_was_closed_holds_nothing(void **state)
{
	struct bank *b = a_bank();

	(void)state;
	b->entries[1].state = PL_HELD;
	b->entries[1].code = (char *)(uintptr_t) "PL-201";
	assert_plan(b, "1 1* 2 2 3");
}

static void
what_is_held_for_something_else_keeps_them_back(void **state)
{
	struct bank *b = a_bank();

	(void)state;
	b->entries[2].state = PL_HELD;
	b->entries[2].code = (char *)(uintptr_t) "PL-104";
	assert_plan(b, "1 1 held gap<3 gap<3");
}

static void
in_an_unfinished_email_it_keeps_them_back(void **state)
{
	struct bank *b = a_bank();

	(void)state;
	b->linked[0].before = 77; /* not among the entries */
	assert_plan(b, "gap<77 gap<77 gap<77 gap<77 gap<77");
}

static void
one_behind_that_comes_first_in_the_list_waits(void **state)
{
	struct bank *b = a_bank();
	gpointer last = g_ptr_array_steal_index(b->in.entries, 4);

	(void)state;
	g_ptr_array_insert(b->in.entries, 0, last);
	assert_plan(b, "gap<4 1 1 2 2");
}

static void
what_time_keeps_back_it_keeps_all_behind(void **state)
{
	struct bank *b = a_bank();

	(void)state;
	b->journal.delay_days = 2;
	for (int i = 0; i < N; i++)
		b->entries[i].arrived = utc("2026-01-01T09:00:00Z");
	b->entries[1].arrived = utc("2026-01-09T09:00:00Z");
	assert_plan(b, "1 delay delay<2 delay<2 delay<2");
}

static void
the_cap_keeps_back_the_rest(void **state)
{
	struct bank *b = a_bank();

	(void)state;
	b->journal.max_mails_per_run = 1;
	assert_plan(b, "1 1 cap cap<3 cap<3");
}

static void
what_never_leaves_is_passed(void **state)
{
	struct bank *b = a_bank();
	GDate day;

	(void)state;
	g_date_clear(&day, 1);
	g_date_set_dmy(&day, 3, G_DATE_JANUARY, 2026);
	b->journal.start_date = g_date_get_julian(&day);
	gap_before(b, 2); /* before the start date: nobody's business */
	b->entries[3].formats = PL_FILES_PDF;
	assert_plan(b, "start-date start-date 1 not-accepted 1");
}

static void
a_day_has_to_end_before_anything_is_said_of_it(void **state)
{
	struct bank *b = a_bank();

	(void)state;
	b->in.now = utc("2026-01-04T22:59:00Z"); /* 23:59 there */
	gap_before(b, 4);
	gap_before(b, 5);
	assert_plan(b, "1 1 2 unfinished unfinished");
	b = a_bank();
	b->in.now = utc("2026-01-04T23:00:00Z");
	gap_before(b, 4);
	gap_before(b, 5);
	assert_plan(b, "1 1 2 gap! unfinished");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_leave_in_order),
		cmocka_unit_test(behind_a_gap_they_wait_for_the_first),
		cmocka_unit_test(each_gap_is_said),
		cmocka_unit_test(gaps_are_sent_where_that_is_wanted),
		cmocka_unit_test(a_gap_that_was_closed_holds_nothing),
		cmocka_unit_test(
		    what_is_held_for_something_else_keeps_them_back),
		cmocka_unit_test(in_an_unfinished_email_it_keeps_them_back),
		cmocka_unit_test(one_behind_that_comes_first_in_the_list_waits),
		cmocka_unit_test(what_time_keeps_back_it_keeps_all_behind),
		cmocka_unit_test(the_cap_keeps_back_the_rest),
		cmocka_unit_test(what_never_leaves_is_passed),
		cmocka_unit_test(
		    a_day_has_to_end_before_anything_is_said_of_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
