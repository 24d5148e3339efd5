/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The planner as tables: how many documents go into an e-mail, by number, size
 * and cap, and how large they are guessed to be.
 */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    documents_fill_emails_up_to_number_size_and_cap),
		cmocka_unit_test(beyond_the_cap_they_wait_for_the_next_slot),
		cmocka_unit_test(compressed_ones_are_measured_and_not_guessed),
		cmocka_unit_test(encoded_sizes_are_base64_with_line_ends),
	};

	return cmocka_run_group_tests_name(
	    "run_plan_mails", tests, set_up, tear_down);
}
