/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A clock that was set is an event, so that whoever reads the times of the
 * others knows how far to trust them.
 */
#include "ledger_fixture.h"
#include "room.h"

#define SECOND G_TIME_SPAN_SECOND
#define DAY G_TIME_SPAN_DAY
#define NOW (20000 * DAY)

static void
a_clock_that_was_set_has_a_name(void **state)
{
	static const struct {
		gint64 last, step;
		const char *what;
	} cases[] = {
		{ 0, 0, NULL }, /* the first event of all */
		{ NOW - SECOND, 0, NULL },
		{ NOW + SECOND / 2, 0, NULL }, /* corrected by the network */
		{ NOW + 2 * SECOND, 0, "clock-back" },
		{ NOW + 365 * DAY, 0, "clock-back" },
		{ NOW - 30 * DAY, 0, NULL },
		{ NOW - 32 * DAY, 0, "clock-gap" },
		{ NOW - 400 * DAY, 365 * DAY, "clock-forward" },
		{ NOW - SECOND, 59 * SECOND, NULL },
		{ NOW - SECOND, 60 * SECOND, "clock-forward" },
		{ NOW - SECOND, -60 * SECOND, "clock-back" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *what =
		    pl_clock_jump(cases[i].last, NOW, cases[i].step);

		if (g_strcmp0(what, cases[i].what) != 0)
			fail_msg("case %u: %s", i, what ? what : "nothing");
	}
}

static void
assert_events(pl_ledger *l, const char *expected)
{
	g_autoptr(GString) names = g_string_new(NULL);
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_EVENT_ALL, V_NONE, NULL);
	struct pl_audit audit;

	assert_non_null(rows);
	while (pl_rows_next(rows, NULL) > 0) {
		g_autofree char *what = pl_rows_text(rows, 3);

		g_string_append_printf(names, "%s ", what);
	}
	assert_string_equal(names->str, expected);
	assert_ok(pl_event_verify(l, NULL, &audit, E));
	assert_int_equal(audit.bad, 0);
}

static void
add(pl_ledger *l)
{
	struct pl_event e = { .what = (char *)"noted" };

	assert_ok(pl_event_add(l, &e, E));
}

static void
it_is_told_before_the_event_that_noticed_it_and_once(void **state)
{
	struct fixture *f = *state;

	add(f->l);
	add(f->l);
	f->l->clock -= 3600 * SECOND; /* as if it was an hour behind then */
	add(f->l);
	add(f->l);
	f->l->clock += 3600 * SECOND;
	add(f->l);
	assert_events(f->l,
	    "created noted noted clock-forward noted noted clock-back noted ");
}

static void
it_is_told_again_when_the_transaction_that_told_it_is_undone(void **state)
{
	struct fixture *f = *state;

	add(f->l);
	f->l->clock -= 3600 * SECOND;
	assert_ok(pl_ledger_begin(f->l, E));
	add(f->l);
	pl_ledger_rollback(f->l);
	assert_ok(pl_ledger_begin(f->l, E));
	add(f->l);
	add(f->l);
	assert_ok(pl_ledger_commit(f->l, E));
	assert_events(f->l, "created noted clock-forward noted noted ");
}

static void
it_is_told_again_when_the_commit_of_what_told_it_fails(void **state)
{
	struct fixture *f = *state;

	add(f->l);
	f->l->clock -= 3600 * SECOND;
	assert_ok(pl_ledger_begin(f->l, E));
	add(f->l);
	assert_ok(pl_db_script(f->l->db,
	    "PRAGMA defer_foreign_keys = ON;"
	    "INSERT INTO recipient VALUES (99, 0, 'a', 'a', '')",
	    E));
	assert_fails(pl_ledger_commit(f->l, E), PL_LEDGER_FAILED, "FOREIGN");
	add(f->l);
	assert_events(f->l, "created noted clock-forward noted ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_was_set_has_a_name),
		cmocka_unit_test_setup_teardown(
		    it_is_told_before_the_event_that_noticed_it_and_once, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    it_is_told_again_when_the_transaction_that_told_it_is_undone,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    it_is_told_again_when_the_commit_of_what_told_it_fails,
		    setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
