/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums of the amounts of a statement are right, or unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "amounts.h"

static void
sums_are_right_or_unknown(void **state)
{
	static const struct {
		const char *amounts[4];
		const char *sum;
	} cases[] = {
		{ { "1.00", "2.50" }, "3.50" },
		{ { "-1.00", "0.99" }, "-0.01" },
		{ { "-0.01" }, "-0.01" },
		{ { "0.10", "-0.10" }, "0.00" },
		{ { "5" }, "5.00" },
		{ { "5", "0.5", "0.005" }, "5.505" },
		{ { "0.00001", "0.00001" }, "0.00002" },
		{ { "0.000001" }, NULL },
		{ { "92233720368547.75807" }, "92233720368547.75807" },
		{ { "92233720368547.75807", "0.00001" }, NULL },
		{ { "99999999999999999999" }, NULL },
		{ { "-92233720368547.75807", "-0.00002" }, NULL },
		{ { "1,5" }, NULL },
		{ { "" }, NULL },
		{ { "-" }, NULL },
		{ { "." }, NULL },
		{ { "1.2.3" }, NULL },
		{ { "1e5" }, NULL },
		{ { "--1" }, NULL },
		{ { " 1" }, NULL },
		{ { "1", "x", "2" }, NULL },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct pl_total sum = { 0 };
		for (unsigned k = 0; cases[i].amounts[k] != NULL; k++)
			pl_total_add(&sum, cases[i].amounts[k]);
		g_autofree char *text = pl_total_text(&sum);
		if (g_strcmp0(text, cases[i].sum) != 0)
			fail_msg("case %u: %s", i, text);
	}
}

static void
nothing_added_is_nothing_and_what_is_missing_unknown(void **state)
{
	struct pl_total none = { 0 }, missing = { 0 };

	(void)state;
	g_autofree char *zero = pl_total_text(&none);
	assert_string_equal(zero, "0.00");
	pl_total_add(&missing, NULL);
	assert_null(pl_total_text(&missing));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_right_or_unknown),
		cmocka_unit_test(
		    nothing_added_is_nothing_and_what_is_missing_unknown),
	};
	return cmocka_run_group_tests_name("cli_amounts", tests, NULL, NULL);
}
