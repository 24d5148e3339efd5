/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The planner as tables: each reason, which one wins, delays and activations
 * over changes of the clock, slots, windows, caps and sizes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "postledger/run.h"

#define MIB (1024 * 1024)

static GTimeZone *brussels;

static gint64
utc(const char *iso)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	g_autoptr(GDateTime) at = NULL;

	if (iso == NULL)
		return 0;
	at = g_date_time_new_from_iso8601(iso, zone);
	assert_non_null(at);
	return g_date_time_to_unix(at) * G_USEC_PER_SEC;
}

static guint32
julian(int y, int m, int d)
{
	GDate date;

	g_date_clear(&date, 1);
	g_date_set_dmy(&date, (GDateDay)d, (GDateMonth)m, (GDateYear)y);
	return g_date_get_julian(&date);
}

static struct pl_journal
a_journal(void)
{
	struct pl_journal j = {
		.name = "sales",
		.enabled = TRUE,
		.accept = 0xf,
		.formats = PL_FILES_PDF | PL_FILES_XML,
		.documents_per_mail = 1,
		.max_mails_per_run = 50,
		.max_mail_size = 7 * MIB,
	};

	return j;
}

static pl_entry
an_entry(void)
{
	pl_entry e = {
		.id = 1,
		.state = PL_WAITING,
		.kind = PL_KIND_INVOICE,
		.formats = PL_FILES_PDF,
		.size = 1000,
		.doc_date = (char *)(uintptr_t) "2026-01-05",
		.arrived = utc("2026-01-10T09:00:00Z"),
		.filename = (char *)(uintptr_t) "F-1.pdf",
	};

	return e;
}

static struct pl_plan_input
an_input(const struct pl_journal *journal, GPtrArray *entries)
{
	struct pl_plan_input in = {
		.journal = journal,
		.timezone = brussels,
		.now = utc("2026-01-10T11:00:00Z"),
		.max_size = 7 * MIB,
		.entries = entries,
	};

	return in;
}

static gboolean
no_one(const pl_entry *entry, void *user)
{
	(void)entry;
	(void)user;
	return FALSE;
}

static const struct pl_slot at_seven = { FALSE, 420 };
static const struct pl_window early = { 420, 540 };

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

static struct pl_decision
decide(const struct pl_plan_input *input, pl_entry *e)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new();
	struct pl_plan_input in = *input;
	g_autoptr(GArray) plan = NULL;

	g_ptr_array_add(entries, e);
	in.entries = entries;
	plan = pl_plan(&in);
	return g_array_index(plan, struct pl_decision, 0);
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

/* N entries of SIZE bytes; the e-mail of each as a string of digits, 0 for
 * those that stay. */
static char *
mails(const struct pl_plan_input *input, const guint64 *sizes, unsigned n,
    gint64 *until)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(g_free);
	struct pl_plan_input in = *input;
	g_autoptr(GArray) plan = NULL;
	GString *text = g_string_new(NULL);

	for (unsigned i = 0; i < n; i++) {
		pl_entry *e = g_new(pl_entry, 1);

		*e = an_entry();
		e->id = i + 1;
		e->size = sizes[i];
		g_ptr_array_add(entries, e);
	}
	in.entries = entries;
	plan = pl_plan(&in);
	for (unsigned i = 0; i < n; i++) {
		struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, i);

		g_string_append_printf(text, "%u", d->mail);
		if (d->reason == PL_REASON_TOO_LARGE)
			g_string_append_c(text, '!');
		if (d->reason == PL_REASON_CAP)
			*until = d->until;
	}
	return g_string_free(text, FALSE);
}

static void
documents_fill_emails_up_to_number_size_and_cap(void **state)
{
	static const guint64 s = 1000, b = 600 * 1024;
	static const struct {
		unsigned per_mail, cap, used;
		guint64 max;
		guint64 sizes[7];
		const char *mails;
	} cases[] = {
		{ 1, 50, 0, 7 * MIB, { s, s, s, s, s, s, s }, "1234567" },
		{ 3, 50, 0, 7 * MIB, { s, s, s, s, s, s, s }, "1112223" },
		{ 3, 2, 0, 7 * MIB, { s, s, s, s, s, s, s }, "1112220" },
		{ 3, 2, 1, 7 * MIB, { s, s, s, s, s, s, s }, "1110000" },
		{ 3, 2, 2, 7 * MIB, { s, s, s, s, s, s, s }, "0000000" },
		{ 3, 2, 9, 7 * MIB, { s, s, s, s, s, s, s }, "0000000" },
		/* two of b and some small ones fit into 2 MiB */
		{ 9, 50, 0, 2 * MIB, { b, b, b, s, b, b, s }, "1122233" },
		/* the third does not fit; a smaller one never overtakes */
		{ 9, 1, 0, 2 * MIB, { b, b, b, s, s, s, s }, "1100000" },
		/* too large by itself */
		{ 9, 50, 0, MIB, { s, 2 * b, s, s, s, s, s }, "10!11111" },
		/* no limit */
		{ 9, 50, 0, 0, { b, b, 9 * b, b, b, b, b }, "1111111" },
	};
	struct pl_journal j = a_journal();
	struct pl_plan_input in = an_input(&j, NULL);

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = NULL;
		gint64 until = 0;

		j.documents_per_mail = cases[i].per_mail;
		j.max_mails_per_run = cases[i].cap;
		in.mails_used = cases[i].used;
		in.max_size = cases[i].max;
		text = mails(&in, cases[i].sizes, 7, &until);
		assert_string_equal(text, cases[i].mails);
	}
}

static void
beyond_the_cap_they_wait_for_the_next_slot(void **state)
{
	static const guint64 sizes[] = { 10, 10 };
	struct pl_journal j = a_journal();
	struct pl_plan_input in = an_input(&j, NULL);
	gint64 until = 1;

	(void)state;
	j.max_mails_per_run = 1;
	g_free(mails(&in, sizes, 2, &until));
	assert_int_equal(until, 0); /* whenever somebody runs it */
	j.slots = &at_seven;
	j.n_slots = 1;
	g_free(mails(&in, sizes, 2, &until));
	assert_int_equal(until, utc("2026-01-11T06:00:00Z"));
	j.windows = &(const struct pl_window){ 1320, 1380 };
	j.n_windows = 1;
	in.force = TRUE;
	g_free(mails(&in, sizes, 2, &until));
	assert_int_equal(until, utc("2026-01-11T21:00:00Z"));
}

static void
compressed_ones_are_measured_and_not_guessed(void **state)
{
	struct pl_journal j = a_journal();
	struct pl_plan_input in = an_input(&j, NULL);
	pl_entry e = an_entry();

	(void)state;
	e.size = 20 * MIB;
	assert_int_equal(decide(&in, &e).reason, PL_REASON_TOO_LARGE);
	j.zip = TRUE;
	assert_int_equal(decide(&in, &e).mail, 1);
	j.zip = FALSE; /* only the small PDF of the two goes out */
	e.formats |= PL_FILES_IMAGE;
	assert_int_equal(decide(&in, &e).mail, 1);
}

static void
encoded_sizes_are_base64_with_line_ends(void **state)
{
	(void)state;
	assert_int_equal(pl_plan_encoded(0), 0);
	assert_int_equal(pl_plan_encoded(57), 78);
	assert_int_equal(pl_plan_encoded(58), 156);
	assert_int_equal(pl_plan_encoded(57 * 1000), 78000);
}

static int
set_up(void **state)
{
	(void)state;
	brussels = g_time_zone_new_identifier("Europe/Brussels");
	return brussels == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	g_time_zone_unref(brussels);
	return 0;
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
		cmocka_unit_test(
		    documents_fill_emails_up_to_number_size_and_cap),
		cmocka_unit_test(beyond_the_cap_they_wait_for_the_next_slot),
		cmocka_unit_test(compressed_ones_are_measured_and_not_guessed),
		cmocka_unit_test(encoded_sizes_are_base64_with_line_ends),
	};

	return cmocka_run_group_tests_name(
	    "run_plan", tests, set_up, tear_down);
}
