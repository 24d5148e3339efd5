/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The planner as tables: each reason, which one wins, delays and activations
 * over changes of the clock, slots and windows.
 */
#include "run_planning.h"

static gboolean
no_one(const pl_entry *entry, void *user)
{
	(void)entry;
	(void)user;
	return FALSE;
}

/* Everything that can keep an entry back; a case switches on what is in it
 * and all that comes after it in the order of the design. */
static enum pl_reason
with_everything_from(enum pl_reason first)
{
	struct pl_journal j = a_journal();
	pl_entry e = an_entry();
	g_autoptr(GPtrArray) entries = g_ptr_array_new();
	struct pl_plan_input in = an_input(&j, entries);
	g_autoptr(GArray) plan = NULL;

	g_ptr_array_add(entries, &e);
	in.max_size = 100; /* too large */
	j.max_mails_per_run = first <= PL_REASON_CAP ? 0 : 50;
	j.slots = &at_seven;
	j.n_slots = first <= PL_REASON_SCHEDULE ? 1 : 0;
	in.served = in.now - 1;
	j.windows = &early;
	j.n_windows = first <= PL_REASON_WINDOW ? 1 : 0;
	if (first == PL_REASON_UNFINISHED || first == PL_REASON_GAP) {
		e.kind = PL_KIND_STATEMENT;
		e.doc_date = (char *)(uintptr_t) "2026-01-10";
	}
	if (first <= PL_REASON_GAP) {
		e.state = PL_HELD;
		e.code = (char *)(uintptr_t) "PL-202";
	}
	j.delay_days = first <= PL_REASON_DELAY ? 9 : 0;
	j.start_date = first <= PL_REASON_START_DATE ? julian(2026, 2, 1) : 0;
	j.accept = first <= PL_REASON_NOT_ACCEPTED ? 0 : 0xf;
	if (first <= PL_REASON_HELD)
		e.code = NULL;
	if (first <= PL_REASON_ARCHIVED)
		e.state = PL_ARCHIVED;
	j.enabled = first > PL_REASON_DISABLED;
	plan = pl_plan(&in);
	assert_int_equal(plan->len, 1);
	return g_array_index(plan, struct pl_decision, 0).reason;
}

static void
the_first_reason_that_applies_is_shown(void **state)
{
	(void)state;
	for (int r = PL_REASON_DISABLED; r <= PL_REASON_TOO_LARGE; r++)
		assert_int_equal(with_everything_from((enum pl_reason)r), r);
}

static void
every_reason_has_a_name_of_its_own(void **state)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	(void)state;
	for (int r = 0; r < PL_REASONS; r++)
		assert_true(g_hash_table_add(seen,
		    (gpointer)(uintptr_t)pl_reason_name((enum pl_reason)r)));
}

static void
the_documents_own_date_counts_else_the_messages(void **state)
{
	static const struct {
		const char *doc, *msg, *arrived;
		enum pl_reason reason;
	} cases[] = {
		{ "2026-01-15", "2025-01-01", "2025-01-01T00:00:00Z", 0 },
		{ "2026-01-14", "2026-02-01", "2026-02-01T00:00:00Z",
		    PL_REASON_START_DATE },
		{ NULL, "2026-01-15", "2025-01-01T00:00:00Z", 0 },
		{ NULL, "2026-01-14T23:59:59", "2026-02-01T00:00:00Z",
		    PL_REASON_START_DATE },
		{ "unreadable", "2026-01-15", "2025-01-01T00:00:00Z", 0 },
		{ NULL, NULL, "2026-01-14T22:59:59Z", PL_REASON_START_DATE },
		{ NULL, NULL, "2026-01-14T23:00:00Z", 0 }, /* Brussels */
	};
	struct pl_journal j = a_journal();
	struct pl_plan_input in = an_input(&j, NULL);

	(void)state;
	j.start_date = julian(2026, 1, 15);
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		pl_entry e = an_entry();

		e.doc_date = (char *)(uintptr_t)cases[i].doc;
		e.msg_date = (char *)(uintptr_t)cases[i].msg;
		e.arrived = utc(cases[i].arrived);
		assert_int_equal(decide(&in, &e).reason, cases[i].reason);
	}
}

static void
delays_are_whole_days_of_the_calendar(void **state)
{
	static const struct {
		unsigned days;
		const char *arrived, *now;
		enum pl_reason reason;
		const char *until;
	} cases[] = {
		{ 0, "2026-01-10T22:59:00Z", "2026-01-10T22:59:00Z", 0, NULL },
		/* at once also while the clock runs behind */
		{ 0, "2026-01-11T22:59:00Z", "2026-01-09T22:59:00Z", 0, NULL },
		{ 1, "2026-01-10T22:59:00Z", "2026-01-10T22:59:59Z",
		    PL_REASON_DELAY, "2026-01-10T23:00:00Z" },
		{ 1, "2026-01-10T22:59:00Z", "2026-01-10T23:00:00Z", 0, NULL },
		/* clock put forward on the 29th: that day has 23 hours */
		{ 2, "2026-03-28T12:00:00Z", "2026-03-29T21:59:59Z",
		    PL_REASON_DELAY, "2026-03-29T22:00:00Z" },
		{ 2, "2026-03-28T12:00:00Z", "2026-03-29T22:00:00Z", 0, NULL },
		{ 1, "2026-03-28T22:59:00Z", "2026-03-28T23:00:00Z", 0, NULL },
		/* put back on 25 October: 25 hours */
		{ 1, "2026-10-24T21:59:00Z", "2026-10-24T22:00:00Z", 0, NULL },
		{ 1, "2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z",
		    PL_REASON_DELAY, "2026-10-25T23:00:00Z" },
		{ 1, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 0, NULL },
		{ 30, "2026-02-15T10:00:00Z", "2026-03-16T10:00:00Z",
		    PL_REASON_DELAY, "2026-03-16T23:00:00Z" },
	};
	struct pl_journal j = a_journal();
	struct pl_plan_input in = an_input(&j, NULL);

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		pl_entry e = an_entry();
		struct pl_decision d;

		j.delay_days = cases[i].days;
		e.arrived = utc(cases[i].arrived);
		in.now = utc(cases[i].now);
		d = decide(&in, &e);
		assert_int_equal(d.reason, cases[i].reason);
		assert_int_equal(d.until, utc(cases[i].until));
	}
}

static void
a_journal_is_served_by_slot_and_window(void **state)
{
	static const struct pl_slot half = { TRUE, 720 };
	static const struct pl_slot noon = { FALSE, 720 };
	static const struct pl_window night = { 1320, 120 };
	static const struct {
		const struct pl_slot *slot;
		const struct pl_window *window;
		const char *served, *now;
		gboolean due;
		enum pl_reason reason;
		const char *next;
	} cases[] = {
		/* neither: at every run */
		{ NULL, NULL, "2026-01-10T10:59:00Z", "2026-01-10T11:00:00Z",
		    TRUE, 0, "2026-01-10T11:00:00Z" },
		{ NULL, &early, "2026-01-10T06:30:00Z", "2026-01-10T07:00:00Z",
		    TRUE, 0, "2026-01-10T07:00:00Z" },
		{ NULL, &early, "2026-01-10T06:30:00Z", "2026-01-10T08:00:00Z",
		    FALSE, PL_REASON_WINDOW, "2026-01-11T06:00:00Z" },
		/* daily at seven */
		{ &at_seven, NULL, "2026-01-09T06:00:01Z",
		    "2026-01-10T05:59:59Z", FALSE, PL_REASON_SCHEDULE,
		    "2026-01-10T06:00:00Z" },
		{ &at_seven, NULL, "2026-01-09T06:00:01Z",
		    "2026-01-10T06:00:00Z", TRUE, 0, "2026-01-10T06:00:00Z" },
		/* missed for days: made up once */
		{ &at_seven, NULL, "2026-01-02T06:00:01Z",
		    "2026-01-10T15:00:00Z", TRUE, 0, "2026-01-10T15:00:00Z" },
		{ &at_seven, NULL, "2026-01-10T15:00:00Z",
		    "2026-01-10T15:00:01Z", FALSE, PL_REASON_SCHEDULE,
		    "2026-01-11T06:00:00Z" },
		/* missed, and the window is over: made up when it opens */
		{ &at_seven, &early, "2026-01-09T06:00:01Z",
		    "2026-01-10T15:00:00Z", FALSE, PL_REASON_WINDOW,
		    "2026-01-11T06:00:00Z" },
		{ &at_seven, &early, "2026-01-09T06:00:01Z",
		    "2026-01-10T07:59:59Z", TRUE, 0, "2026-01-10T07:59:59Z" },
		/* a slot outside the window is served when it opens */
		{ &noon, &early, "2026-01-10T06:30:00Z", "2026-01-10T07:00:00Z",
		    FALSE, PL_REASON_SCHEDULE, "2026-01-11T06:00:00Z" },
		{ &half, &night, "2026-01-10T21:30:00Z", "2026-01-10T22:00:00Z",
		    FALSE, PL_REASON_SCHEDULE, "2026-01-10T23:00:00Z" },
		{ &half, &night, "2026-01-10T21:30:00Z", "2026-01-10T23:00:00Z",
		    TRUE, 0, "2026-01-10T23:00:00Z" },
		/* the night without 02:30, and the one with two */
		{ &half, NULL, "2026-03-29T00:00:00Z", "2026-03-29T09:59:59Z",
		    FALSE, PL_REASON_SCHEDULE, "2026-03-29T10:00:00Z" },
		{ &at_seven, NULL, "2026-10-24T05:00:00Z",
		    "2026-10-25T05:30:00Z", FALSE, PL_REASON_SCHEDULE,
		    "2026-10-25T06:00:00Z" },
		/* the clock was set right by a second after the last run */
		{ &at_seven, NULL, "2026-01-10T06:00:01Z",
		    "2026-01-10T06:00:00Z", FALSE, PL_REASON_SCHEDULE,
		    "2026-01-11T06:00:00Z" },
		/* the clock was put back behind the last run */
		{ &at_seven, NULL, "2027-01-10T06:00:00Z",
		    "2026-01-10T03:00:00Z", TRUE, 0, "2026-01-10T03:00:00Z" },
	};
	struct pl_journal j = a_journal();
	struct pl_plan_input in = an_input(&j, NULL);

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		pl_entry e = an_entry();
		struct pl_decision d;

		j.slots = cases[i].slot;
		j.n_slots = cases[i].slot != NULL;
		j.windows = cases[i].window;
		j.n_windows = cases[i].window != NULL;
		in.served = utc(cases[i].served);
		in.now = utc(cases[i].now);
		d = decide(&in, &e);
		assert_int_equal(pl_plan_due(&in), cases[i].due);
		assert_int_equal(d.reason, cases[i].reason);
		assert_int_equal(d.mail, cases[i].due ? 1 : 0);
		assert_int_equal(pl_plan_next(&in), utc(cases[i].next));
		if (!cases[i].due)
			assert_int_equal(d.until, utc(cases[i].next));
	}
}

static void
force_ignores_schedule_and_window_and_nothing_else(void **state)
{
	struct pl_journal j = a_journal();
	struct pl_plan_input in = an_input(&j, NULL);
	pl_entry e = an_entry();

	(void)state;
	j.slots = &at_seven;
	j.windows = &early;
	j.n_slots = j.n_windows = 1;
	in.served = in.now;
	assert_false(pl_plan_due(&in));
	in.force = TRUE;
	assert_true(pl_plan_due(&in));
	assert_int_equal(decide(&in, &e).reason, PL_REASON_NONE);
	j.delay_days = 5;
	assert_int_equal(decide(&in, &e).reason, PL_REASON_DELAY);
	j.delay_days = 0;
	j.start_date = julian(2026, 1, 6);
	assert_int_equal(decide(&in, &e).reason, PL_REASON_START_DATE);
	j.start_date = 0;
	j.max_mails_per_run = 0;
	assert_int_equal(decide(&in, &e).reason, PL_REASON_CAP);
	j.enabled = FALSE;
	assert_false(pl_plan_due(&in));
	assert_int_equal(pl_plan_next(&in), 0);
	assert_int_equal(decide(&in, &e).reason, PL_REASON_DISABLED);
}

static void
activation_sends_the_past_at_once_and_no_more(void **state)
{
	static const struct {
		gboolean activating;
		guint32 start_in_days; /* from 2026-01-01, 0: none */
		const char *doc_date;
		gboolean due;
		enum pl_reason reason;
	} cases[] = {
		{ TRUE, 2, "2026-01-01", TRUE, PL_REASON_START_DATE },
		{ TRUE, 2, "2026-01-02", TRUE, 0 },
		{ TRUE, 2, "2026-01-09", TRUE, 0 },
		{ TRUE, 2, "2026-01-10", TRUE, PL_REASON_WINDOW },
		{ FALSE, 2, "2026-01-09", FALSE, PL_REASON_WINDOW },
		{ TRUE, 0, "2025-12-31", TRUE, 0 },
		{ TRUE, 0, "2026-01-10", TRUE, PL_REASON_WINDOW },
		/* today or later: nothing at once */
		{ TRUE, 10, "2026-01-10", TRUE, PL_REASON_WINDOW },
		{ TRUE, 10, "2026-01-09", TRUE, PL_REASON_START_DATE },
		{ TRUE, 12, "2026-01-12", TRUE, PL_REASON_WINDOW },
	};
	struct pl_journal j = a_journal();
	struct pl_plan_input in = an_input(&j, NULL);

	(void)state;
	j.slots = &at_seven;
	j.windows = &early;
	j.n_slots = j.n_windows = 1;
	in.served = in.activated = in.now;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		pl_entry e = an_entry();

		in.activating = cases[i].activating;
		j.start_date =
		    cases[i].start_in_days == 0
			? 0
			: julian(2026, 1, (int)cases[i].start_in_days);
		e.doc_date = (char *)(uintptr_t)cases[i].doc_date;
		assert_int_equal(pl_plan_due(&in), cases[i].due);
		assert_int_equal(decide(&in, &e).reason, cases[i].reason);
	}
}

static void
held_ones_wait_and_released_ones_leave(void **state)
{
	static const struct {
		enum pl_state state;
		const char *code;
		gboolean released;
		enum pl_reason reason;
	} cases[] = {
		{ PL_HELD, NULL, FALSE, PL_REASON_HELD },
		{ PL_HELD, "PL-110", FALSE, PL_REASON_HELD },
		{ PL_HELD, "PL-201", FALSE, PL_REASON_GAP },
		{ PL_HELD, "PL-202", FALSE, PL_REASON_GAP },
		{ PL_ARCHIVED, NULL, FALSE, PL_REASON_ARCHIVED },
		{ PL_WAITING, "PL-202", TRUE, PL_REASON_NONE },
		{ PL_WAITING, "PL-110", TRUE, PL_REASON_NONE },
	};
	struct pl_journal j = a_journal();
	struct pl_plan_input in = an_input(&j, NULL);

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		pl_entry e = an_entry();

		e.state = cases[i].state;
		e.code = (char *)(uintptr_t)cases[i].code;
		e.released = cases[i].released;
		assert_int_equal(decide(&in, &e).reason, cases[i].reason);
	}
}

static void
what_a_journal_does_not_take_waits(void **state)
{
	struct pl_journal j = a_journal();
	struct pl_plan_input in = an_input(&j, NULL);
	pl_entry e = an_entry();

	(void)state;
	e.formats = PL_FILES_IMAGE;
	assert_int_equal(decide(&in, &e).reason, PL_REASON_NOT_ACCEPTED);
	e.formats = PL_FILES_IMAGE | PL_FILES_XML;
	assert_int_equal(decide(&in, &e).reason, PL_REASON_NONE);
	j.accept = 1u << PL_KIND_CREDIT_NOTE;
	assert_int_equal(decide(&in, &e).reason, PL_REASON_NOT_ACCEPTED);
	j.accept |= 1u << PL_KIND_INVOICE;
	in.accepts = no_one;
	assert_int_equal(decide(&in, &e).reason, PL_REASON_NOT_ACCEPTED);
}

static void
a_statement_waits_until_its_day_is_over(void **state)
{
	struct pl_journal j = a_journal();
	struct pl_plan_input in = an_input(&j, NULL);
	pl_entry e = an_entry();
	struct pl_decision d;

	(void)state;
	e.kind = PL_KIND_STATEMENT;
	e.doc_date = (char *)(uintptr_t) "2026-01-09";
	assert_int_equal(decide(&in, &e).reason, PL_REASON_NONE);
	e.doc_date = NULL;
	assert_int_equal(decide(&in, &e).reason, PL_REASON_NONE);
	e.doc_date = (char *)(uintptr_t) "2026-01-10";
	d = decide(&in, &e);
	assert_int_equal(d.reason, PL_REASON_UNFINISHED);
	assert_int_equal(d.until, utc("2026-01-10T23:00:00Z"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_reason_that_applies_is_shown),
		cmocka_unit_test(every_reason_has_a_name_of_its_own),
		cmocka_unit_test(
		    the_documents_own_date_counts_else_the_messages),
		cmocka_unit_test(delays_are_whole_days_of_the_calendar),
		cmocka_unit_test(a_journal_is_served_by_slot_and_window),
		cmocka_unit_test(
		    force_ignores_schedule_and_window_and_nothing_else),
		cmocka_unit_test(activation_sends_the_past_at_once_and_no_more),
		cmocka_unit_test(held_ones_wait_and_released_ones_leave),
		cmocka_unit_test(what_a_journal_does_not_take_waits),
		cmocka_unit_test(a_statement_waits_until_its_day_is_over),
	};

	return cmocka_run_group_tests_name(
	    "run_plan", tests, set_up, tear_down);
}
