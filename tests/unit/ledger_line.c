/* SPDX-License-Identifier: BSD-2-Clause */
/* The line of an event, which is hashed and which strangers read. */
#include "ledger_fixture.h"

static void
the_line_of_an_event_cannot_be_read_two_ways(void **state)
{
	struct pl_event e = { .id = 3,
		.at = 17,
		.who = (char *)"a\tb",
		.what = (char *)"c\nd",
		.reason = (char *)"e\\f",
		.journal = (char *)"",
		.entry = 5,
		.run = 6 };
	g_autofree char *line = pl_event_line(&e);

	(void)state;
	assert_string_equal(
	    line, "3\t17\ta\\tb\tc\\nd\te\\\\f\t\t0\t0\t5\t0\t6\t\\N");
}

static void
the_line_of_an_event_steers_no_terminal(void **state)
{
	struct pl_event e = { .id = 1,
		.who = (char *)"a\x1b[31m\r\x7f",
		.what = (char *)"\xc2\x9b\xc2\x85\\u001b",
		.reason = (char *)"\xe2\x80\xae\xe2\x80\xa8\xe2\x82\xac",
		.detail = (char *)"\xf3\xa0\x80\x81\xff" };
	g_autofree char *line = pl_event_line(&e);

	(void)state;
	assert_string_equal(line,
	    "1\t0\ta\\u001b[31m\\u000d\\u007f\t\\u009b\\u0085\\\\u001b\t"
	    "\\u202e\\u2028\xe2\x82\xac\t\\N\t0\t0\t0\t0\t0\t"
	    "\\U000e0001\xff");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_of_an_event_cannot_be_read_two_ways),
		cmocka_unit_test(the_line_of_an_event_steers_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
