/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The planner as tables: how many documents go into an e-mail, by number, size
 * and cap, and how large they are guessed to be.
 */
#include "plan.h"
#include "run_planning.h"

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

/* Whatever N stands for: sizes, states, days. */
static pl_entry *
any_entry(unsigned n)
{
	static const char *const days[] = { "2026-01-05", "2025-12-31", NULL };
	pl_entry *e = g_new(pl_entry, 1);

	*e = an_entry();
	e->id = n + 1;
	e->size = 1000 + (guint64)(n * 7919 % 17) * 100000;
	e->state = n % 11 == 7 ? PL_HELD : PL_WAITING;
	e->kind = (int)(n * 31 % 3 == 2 ? PL_KIND_OTHER : n * 31 % 3);
	e->formats = n % 13 == 5 ? PL_FILES_IMAGE : PL_FILES_PDF;
	e->doc_date = (char *)(uintptr_t)days[n * 5 % 3];
	e->arrived += (gint64)n * G_TIME_SPAN_HOUR / 10;
	return e;
}

static void
one_after_the_other_is_planned_as_all_together(void **state)
{
	struct pl_journal j = a_journal();
	g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(g_free);
	struct pl_plan_input in = an_input(&j, entries);
	unsigned reasons = 0;

	(void)state;
	for (unsigned n = 0; n < 500; n++)
		g_ptr_array_add(entries, any_entry(n));
	j.start_date = julian(2026, 1, 1);
	j.delay_days = 1;
	in.now += 2 * G_TIME_SPAN_DAY;
	in.max_size = MIB;
	for (unsigned cap = 10; cap <= 1000; cap *= 10) {
		g_autoptr(GArray) plan = NULL;
		g_autoptr(pl_planner) planner = NULL;

		j.max_mails_per_run = cap;
		j.documents_per_mail = 1 + cap % 7;
		plan = pl_plan(&in);
		planner = pl_planner_new(&in);
		for (guint i = 0; i < entries->len; i++) {
			const struct pl_decision *d =
			    &g_array_index(plan, struct pl_decision, i);
			struct pl_decision one =
			    pl_planner_next(planner, entries->pdata[i]);

			assert_int_equal(one.reason, d->reason);
			assert_int_equal(one.mail, d->mail);
			assert_int_equal(one.until, d->until);
			assert_ptr_equal(one.entry, d->entry);
			reasons |= 1u << d->reason;
		}
	}
	/* all that can be are there */
	assert_int_equal(
	    reasons, 1u << PL_REASON_NONE | 1u << PL_REASON_HELD |
			 1u << PL_REASON_NOT_ACCEPTED |
			 1u << PL_REASON_START_DATE | 1u << PL_REASON_DELAY |
			 1u << PL_REASON_CAP | 1u << PL_REASON_TOO_LARGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    documents_fill_emails_up_to_number_size_and_cap),
		cmocka_unit_test(beyond_the_cap_they_wait_for_the_next_slot),
		cmocka_unit_test(compressed_ones_are_measured_and_not_guessed),
		cmocka_unit_test(encoded_sizes_are_base64_with_line_ends),
		cmocka_unit_test(
		    one_after_the_other_is_planned_as_all_together),
	};

	return cmocka_run_group_tests_name(
	    "run_plan_mails", tests, set_up, tear_down);
}
