/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The planner on statements: what keeps one back keeps those behind it, in
 * which e-mail they leave, and the day that has to end first. Chains are given
 * here, see run_chain.c for how they come about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chain.h"
#include "postledger/run.h"

static GTimeZone *brussels;

static gint64
utc(const char *iso)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	g_autoptr(GDateTime) at = g_date_time_new_from_iso8601(iso, zone);

	assert_non_null(at);
	return g_date_time_to_unix(at) * G_USEC_PER_SEC;
}

/* Five statements 1 to 5 of the first days of the year, each behind the one
 * before it. */
#define N 5
struct bank {
	struct pl_journal journal;
	pl_entry entries[N];
	struct pl_linked linked[N];
	char dates[N][12];
	struct pl_plan_input in;
};

static struct bank *
a_bank(void)
{
	struct bank *b = g_new0(struct bank, 1);

	b->journal = (struct pl_journal){ .name = "bank",
		.enabled = TRUE,
		.accept = 1u << PL_KIND_STATEMENT,
		.formats = PL_FILES_STATEMENT,
		.documents_per_mail = 2,
		.max_mails_per_run = 50 };
	b->in = (struct pl_plan_input){ .journal = &b->journal,
		.timezone = brussels,
		.now = utc("2026-01-10T11:00:00Z"),
		.entries = g_ptr_array_new(),
		.links = g_hash_table_new(g_int64_hash, g_int64_equal) };
	for (int i = 0; i < N; i++) {
		pl_entry *e = &b->entries[i];

		g_snprintf(b->dates[i], 12, "2026-01-0%d", i + 1);
		e->id = i + 1;
		e->state = PL_WAITING;
		e->kind = PL_KIND_STATEMENT;
		e->formats = PL_FILES_STATEMENT;
		e->size = 1000;
		e->doc_date = b->dates[i];
		e->arrived = utc("2026-01-10T09:00:00Z");
		g_ptr_array_add(b->in.entries, e);
		b->linked[i].entry = i + 1;
		b->linked[i].before = i;
		g_hash_table_insert(
		    b->in.links, &b->linked[i].entry, &b->linked[i]);
	}
	return b;
}

static void
gap_before(struct bank *b, int n)
{
	b->linked[n - 1].code = "PL-202";
	b->linked[n - 1].note = (char *)(uintptr_t) "words";
}

/* Reasons, with the e-mail of those that leave and what keeps back the others:
 * "1 1 2 gap! gap<4". Frees B. */
static void
assert_plan(struct bank *b, const char *expected)
{
	g_autoptr(GArray) plan = pl_plan(&b->in);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < plan->len; i++) {
		const struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, i);

		if (i > 0)
			g_string_append_c(text, ' ');
		if (d->mail > 0)
			g_string_append_printf(text, "%u", d->mail);
		else
			g_string_append(text, pl_reason_name(d->reason));
		if (d->code != NULL)
			g_string_append_c(text, '!');
		if (d->closed)
			g_string_append_c(text, '*');
		if (d->behind != 0)
			g_string_append_printf(text, "<%d", (int)d->behind);
	}
	g_ptr_array_unref(b->in.entries);
	g_hash_table_unref(b->in.links);
	g_free(b);
	assert_string_equal(text->str, expected);
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
