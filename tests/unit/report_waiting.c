/* SPDX-License-Identifier: BSD-2-Clause */
/* What a report says of what waits: why, until when, and how much is left. */
#include "report_reading.h"

static void
what_is_new_and_not_planned_waits_all_the_same(void **state)
{
	struct sample *s = sample_begin();
	struct pl_report_journal *j = sample_journal(s, "sales");
	struct written t;

	(void)state;
	g_ptr_array_add(j->others, sample_entry(s, j, PL_WAITING, "N"));
	g_ptr_array_add(j->others, sample_entry(s, j, PL_SENDING, "O"));
	write_report(s, &t);
	says(t.text, "0 sent + 2 waiting", "Being handed over", "N", "O", NULL);
	written_clear(&t);
	sample_end(s);
}

static void
every_reason_to_wait_has_its_words(void **state)
{
	static const struct {
		const char *reason, *said;
	} cases[] = {
		{ "disabled", "The journal is switched off" },
		{ "start-date", "Dated before the start date 2026-01-01" },
		{ "delay", "In the delay of 7 days before sending" },
		{ "gap", "Behind a gap in the statements" },
		{ "unfinished", "The period of the statement has not ended" },
		{ "window", "Outside the hours in which the journal sends" },
		{ "schedule", "For the next scheduled run" },
		{ "cap", "Over the limit of 50 e-mails a run" },
		{ "too-large",
		    "Larger than an e-mail of this journal may be (7 MB)" },
		{ "not-accepted", "no longer takes such documents" },
		{ "none", "Being handed over to the mail server" },
		{ NULL, "Being handed over to the mail server" },
		{ "a-new-one", "a-new-one" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sample *s = sample_begin();
		struct pl_report_journal *j = sample_journal(s, "sales");
		struct written t;
		GDate date;

		g_date_clear(&date, 1);
		g_date_set_dmy(&date, 1, 1, 2026);
		((struct pl_journal *)j->journal)->start_date =
		    g_date_get_julian(&date);
		sample_wait(s, j, sample_entry(s, j, PL_WAITING, "W-1"),
		    cases[i].reason, 0);
		write_report(s, &t);
		says(strstr(t.text, "\nWaiting\n"), "sales: ", cases[i].said,
		    "1 document", "W-1", NULL);
		written_clear(&t);
		sample_end(s);
	}
}

static void
waiting_times_are_told_in_the_time_zone(void **state)
{
	/* the night in which winter time begins: 2026-10-25 */
	static const struct {
		gint64 until;
		const char *said;
	} cases[] = {
		{ 1795474800, "until 2026-11-24 " },
		{ 1795478400, "until 2026-11-24 01:00" },
		{ 1792879200, "until 2026-10-25 " },
		{ 1792965600, "until 2026-10-25 23:00" },
		{ 1792969200, "until 2026-10-26 " },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sample *s = sample_begin();
		struct pl_report_journal *j = sample_journal(s, "sales");
		struct written t;

		sample_wait(s, j, sample_entry(s, j, PL_WAITING, "W-1"),
		    "delay", cases[i].until * SECOND);
		write_report(s, &t);
		says(t.text, "W-1", cases[i].said, NULL);
		/* a midnight is told as the day alone */
		says_not(t.text, " 00:00");
		written_clear(&t);
		sample_end(s);
	}
}

static void
what_the_cap_left_over_is_told_first_and_in_the_summary(void **state)
{
	struct sample *s = sample_begin();
	struct pl_report_journal *j = sample_journal(s, "sales");
	struct written t;

	(void)state;
	for (unsigned i = 0; i < 310; i++)
		sample_wait(s, j, sample_entry(s, j, PL_WAITING, "C"), "cap",
		    NOW + DAY);
	j->cap_left = 310;
	write_report(s, &t);
	says(t.text, "310 more documents are due, but over the limit",
	    "Summary",
	    "310 left for the next run (limit 50) · next run "
	    "2026-11-22 07:00",
	    "Over the limit of 50 e-mails a run", "310 documents",
	    "Sent by the next runs, oldest first.", "and 302 more in the CSV",
	    NULL);
	written_clear(&t);
	sample_end(s);
}

static void
waiting_alone_is_no_activity(void **state)
{
	struct sample *s = sample_begin();
	struct pl_report_journal *j = sample_journal(s, "sales");

	(void)state;
	sample_wait(
	    s, j, sample_entry(s, j, PL_WAITING, "W"), "delay", NOW + DAY);
	assert_false(pl_report_activity(&s->facts));
	s->facts.messages = 1;
	assert_true(pl_report_activity(&s->facts));
	assert_false(pl_report_problems(&s->facts));
	sample_end(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_new_and_not_planned_waits_all_the_same),
		cmocka_unit_test(every_reason_to_wait_has_its_words),
		cmocka_unit_test(waiting_times_are_told_in_the_time_zone),
		cmocka_unit_test(
		    what_the_cap_left_over_is_told_first_and_in_the_summary),
		cmocka_unit_test(waiting_alone_is_no_activity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
