/* SPDX-License-Identifier: BSD-2-Clause */
/* What the holder of a lock leaves beside it for others. */
#include "ledger_fixture.h"

static void
words_are_left_beside_a_lock_and_read_by_others(void **state)
{
	struct fixture *f = *state;

	assert_null(pl_ledger_noted(f->url, "daemon"));
	assert_false(pl_ledger_note(f->url, "daemon", "config=1"));
	assert_ok(pl_ledger_lock(f->l, "daemon", 0, NULL, E));
	assert_null(pl_ledger_noted(f->url, "daemon"));
	assert_true(pl_ledger_note(f->url, "daemon", "config=12345678"));
	assert_true(pl_ledger_note(f->url, "daemon", "config=2"));
	g_autofree char *words = pl_ledger_noted(f->url, "daemon");
	assert_string_equal(words, "config=2");
}

static void
the_next_holder_begins_without_words(void **state)
{
	struct fixture *f = *state;
	g_autofree char *holder = NULL;

	assert_ok(pl_ledger_lock(f->l, "daemon", 0, NULL, E));
	assert_true(pl_ledger_note(f->url, "daemon", "config=1"));
	pl_ledger *other = open_as(f, PL_LEDGER_WRITE);
	assert_fails(pl_ledger_lock(other, "daemon", 0, &holder, E),
	    PL_LEDGER_CONFLICT, "pid");
	assert_true(g_str_has_prefix(holder, "pid "));
	pl_ledger_close(other);
	reopen(f);
	assert_ok(pl_ledger_lock(f->l, "daemon", 0, NULL, E));
	assert_null(pl_ledger_noted(f->url, "daemon"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    words_are_left_beside_a_lock_and_read_by_others, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    the_next_holder_begins_without_words, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
