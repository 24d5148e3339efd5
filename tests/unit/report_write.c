/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_write - what a report says, in which order, and that it adds up
 *
 *	report_write --show FOLDER	leaves a sample there, to look at
 *
 * write_report() compares the words of text and HTML every time.
 */
#include <stdlib.h>

#include "report_reading.h"

static void
an_ordinary_day_begins_with_the_problems(void **state)
{
	struct sample *s = sample_day();
	struct pl_report_texts texts;
	struct written t;

	(void)state;
	write_report(s, &t);
	assert_string_equal(t.subject,
	    "postledger: 12 documents sent, 3 waiting, 2 held, 3 problems "
	    "(2026-11-21 07:00)");
	says(t.text, "postledger run report",
	    "2026-11-21 07:00 Europe/Brussels · gw.example.com · run 212",
	    "12 documents sent 3 waiting 2 held 3 problems",
	    "12 documents were sent in 3 e-mails.", "Problems", "PL-101",
	    "PL-102", "PL-110", "Summary", "sales", "purchases", "bank",
	    "Total", "In the ledger since the beginning", "Sent", "sales",
	    "F-2026-100", "Waiting", "F-2026-131", "Held until a person",
	    "Set aside, not sent", "Questions", "About this run", "Run: 212",
	    "Config: 8b1a9953", "Host: gw.example.com", "Version: 0.1.0",
	    "Chain head: 5f2c1d7e90ab34c8", NULL);
	written_clear(&t);
	assert_true(pl_report_write(&s->facts, &texts, NULL));
	pl_report_clear(&texts);
	assert_null(texts.text);
	sample_end(s);
}

static void
the_subject_carries_the_numbers(void **state)
{
	static const struct {
		unsigned sent, waiting, held, problems;
		const char *subject;
	} cases[] = {
		{ 0, 0, 0, 0, "0 documents sent, 0 waiting, 0 problems" },
		{ 1, 0, 0, 0, "1 document sent, 0 waiting, 0 problems" },
		{ 2, 1, 0, 1, "2 documents sent, 1 waiting, 1 problem" },
		{ 0, 0, 1, 2,
		    "0 documents sent, 0 waiting, 1 held, "
		    "2 problems" },
		{ 1, 2310, 0, 0,
		    "1 document sent, 2,310 waiting, "
		    "0 problems" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sample *s = sample_begin();
		struct pl_report_journal *j = sample_journal(s, "sales");
		struct pl_report_sent *b = sample_batch(s, j, PL_BATCH_SENT);
		g_autofree char *subject = g_strdup_printf(
		    "postledger: %s (2026-11-21 07:00)", cases[i].subject);
		struct written t;

		for (unsigned k = 0; k < cases[i].sent; k++)
			g_ptr_array_add(
			    b->entries, sample_entry(s, j, PL_SENT, "S"));
		for (unsigned k = 0; k < cases[i].waiting; k++)
			sample_wait(s, j, sample_entry(s, j, PL_WAITING, "W"),
			    "delay", 0);
		for (unsigned k = 0; k < cases[i].held; k++)
			sample_wait(
			    s, j, sample_entry(s, j, PL_HELD, "H"), "held", 0);
		for (unsigned k = 0; k < cases[i].problems; k++)
			sample_problem(s, "PL-101", NULL);
		write_report(s, &t);
		assert_string_equal(t.subject, subject);
		written_clear(&t);
		sample_end(s);
	}
}

static void
an_empty_run_says_so(void **state)
{
	struct sample *s = sample_begin();
	struct written t;

	(void)state;
	sample_journal(s, "sales");
	write_report(s, &t);
	says(t.text, "0 documents sent 0 waiting 0 held 0 problems",
	    "Nothing was sent. No problem was found.", "Summary",
	    "next run 2026-11-22 07:00", "= 0 documents in this report.",
	    "About this run", NULL);
	says_not(t.text, "Problems\n");
	says_not(t.text, "\nSent\n");
	says_not(t.text, "\nWaiting\n");
	assert_false(pl_report_activity(&s->facts));
	assert_false(pl_report_problems(&s->facts));
	written_clear(&t);
	sample_end(s);
}

static void
facts_without_anything_make_a_report(void **state)
{
	struct pl_report_facts facts = { 0 };
	struct written t;

	(void)state;
	write_facts(&facts, &t);
	same_words(&t);
	says(t.text, "Nothing was sent.", NULL);
	assert_false(pl_report_activity(&facts));
	written_clear(&t);
}

static void
an_entry_counts_once_however_often_it_is_named(void **state)
{
	struct sample *s = sample_begin();
	struct pl_report_journal *j = sample_journal(s, "sales");
	struct pl_report_sent *b = sample_batch(s, j, PL_BATCH_SENT);
	pl_entry *sent = sample_entry(s, j, PL_SENT, "S");
	pl_entry *waits = sample_entry(s, j, PL_WAITING, "W");
	struct written t;
	g_autoptr(GPtrArray) rows = NULL;

	(void)state;
	g_ptr_array_add(b->entries, sent);
	g_ptr_array_add(j->others, sent);
	g_ptr_array_add(j->others, waits);
	sample_wait(s, j, waits, "window", NOW + 3600 * SECOND);
	write_report(s, &t);
	says(t.text, "1 sent + 1 waiting + 0 held", "= 2 documents",
	    "Outside the hours in which the journal sends", "1 document",
	    "Until 2026-11-21 08:00.", NULL);
	rows = csv_rows(t.csv);
	assert_int_equal(rows->len, 3);
	assert_int_equal(csv_count(rows, "reason", "window"), 1);
	written_clear(&t);
	sample_end(s);
}

static void
the_numbers_of_text_and_csv_agree(void **state)
{
	static const char *const states[] = { "sent", "waiting", "held",
		"duplicate", "superseded", "archived" };
	struct sample *s = sample_day();
	struct pl_report_journal *sales = s->facts.journals->pdata[0];
	struct written t;
	g_autoptr(GPtrArray) rows = NULL;
	g_autoptr(GRegex) regex = NULL;
	g_autoptr(GMatchInfo) match = NULL;
	g_autofree char *flat = NULL, *total = NULL;
	unsigned all = 0;

	(void)state;
	g_ptr_array_add(
	    sales->others, sample_entry(s, sales, PL_ARCHIVED, "A-1"));
	write_report(s, &t);
	rows = csv_rows(t.csv);
	regex =
	    g_regex_new("(\\d+) sent \\+ (\\d+) waiting \\+ (\\d+) held \\+ "
			"(\\d+) duplicates? \\+ (\\d+) superseded \\+ "
			"(\\d+) archived = (\\d+) documents",
		0, 0, NULL);
	flat = g_strdelimit(g_strdup(t.text), "\n", ' ');
	assert_true(g_regex_match(regex, flat, 0, &match));
	for (unsigned i = 0; i < G_N_ELEMENTS(states); i++) {
		g_autofree char *n = g_match_info_fetch(match, i + 1);

		assert_int_equal(atoi(n), csv_count(rows, "state", states[i]));
		assert_true(atoi(n) > 0);
		all += atoi(n);
	}
	total = g_match_info_fetch(match, 7);
	assert_int_equal(atoi(total), all);
	assert_int_equal(csv_count(rows, "record", "document"), all);
	assert_int_equal(csv_count(rows, "record", "problem"), 3);
	written_clear(&t);
	sample_end(s);
}

static void
what_was_sent_is_told_by_e_mail_and_document(void **state)
{
	struct sample *s = sample_day();
	struct written t;

	(void)state;
	write_report(s, &t);
	says(strstr(t.text, "\nSent\n"), "sales", "11 documents",
	    "to acme-sales@in.accounting.example",
	    "e-mail 900.1 · 1.8 MB · queue id 4Xyz00 · 7 documents",
	    "F-2026-100", "1210.00 EUR",
	    "invoice · 2026-11-13 · Brasserie du Parc SA · F-2026-100.pdf · "
	    "entry 1",
	    "credit note", "F-2026-103.pdf",
	    "e-mail 901.1 · 1.8 MB · queue id 4Xyz01 · 4 documents",
	    "F-2026-110", "purchases", "1 document", "F-2026-120",
	    "e-mail 900.1 · 1.8 MB · queue id 4Xyz00", NULL);
	written_clear(&t);
	sample_end(s);
}

static void
one_s_own_name_is_not_told_but_the_buyer(void **state)
{
	struct sample *s = sample_begin();
	struct pl_report_journal *j = sample_journal(s, "sales");
	struct pl_report_sent *b = sample_batch(s, j, PL_BATCH_SENT);
	pl_entry *e = sample_entry(s, j, PL_SENT, "F-1");
	g_autoptr(GPtrArray) ids = g_ptr_array_new();
	struct written t;

	(void)state;
	g_ptr_array_add(ids, (char[]){ "BE0477472701" });
	((struct pl_journal *)j->journal)->company_ids = ids;
	e->seller_id = sample_string(s, "BE 0477.472.701");
	e->buyer_id = sample_string(s, "NL853746333B01");
	g_ptr_array_add(b->entries, e);
	write_report(s, &t);
	says(
	    t.text, "invoice · 2026-11-13 · to NL853746333B01 · F-1.pdf", NULL);
	says_not(t.text, "Brasserie");
	written_clear(&t);
	sample_end(s);
}

static void
duplicates_and_superseded_name_their_original(void **state)
{
	struct sample *s = sample_begin();
	struct pl_report_journal *j = sample_journal(s, "sales");
	pl_entry *original = sample_entry(s, j, PL_SENT, "O-1");
	pl_entry *e;
	struct written t;
	g_autoptr(GPtrArray) rows = NULL;

	(void)state;
	g_ptr_array_add(s->facts.originals, original);
	e = sample_entry(s, j, PL_DUPLICATE, "D-1");
	e->original = original->id;
	g_ptr_array_add(j->others, e);
	e = sample_entry(s, j, PL_SUPERSEDED, "D-2");
	e->original = 4700;
	g_ptr_array_add(j->others, e);
	write_report(s, &t);
	says(t.text, "Set aside, not sent", "D-1",
	    "Duplicate of entry 1: O-1 of 2026-11-13, received 2026-11-18 "
	    "07:00",
	    "D-2", "Superseded by entry 4700", NULL);
	rows = csv_rows(t.csv);
	assert_string_equal(csv_cell(rows, 1, "original"), "1");
	assert_string_equal(csv_cell(rows, 1, "original_received"),
	    "2026-11-18 07:00:00+01:00");
	assert_string_equal(csv_cell(rows, 2, "original"), "4700");
	written_clear(&t);
	sample_end(s);
}

static void
notes_and_totals_are_told(void **state)
{
	struct sample *s = sample_begin();
	struct pl_report_journal *j = sample_journal(s, "sales");
	struct pl_counts totals = { 0 };
	struct written t;
	g_autoptr(GPtrArray) rows = NULL;

	(void)state;
	g_ptr_array_add(
	    s->facts.notes, sample_string(s, "The last run was interrupted."));
	for (unsigned i = 0; i < PL_STATES; i++)
		totals.by_state[i] = 1000 * (i + 1);
	j->totals = &totals;
	write_report(s, &t);
	says(t.text, "Notes on this run", "The last run was interrupted.",
	    "In the ledger since the beginning",
	    /* sent, waiting and sending, held, set aside, all */
	    "sales 5,000 5,000 2,000 16,000 28,000", NULL);
	assert_true(pl_report_activity(&s->facts));
	rows = csv_rows(t.csv);
	assert_int_equal(csv_count(rows, "record", "note"), 1);
	assert_string_equal(
	    csv_cell(rows, 1, "text"), "The last run was interrupted.");
	written_clear(&t);
	sample_end(s);
}

static void
the_csv_gives_programs_what_they_need(void **state)
{
	struct sample *s = sample_day();
	struct written t;
	g_autoptr(GPtrArray) rows = NULL;
	static const char *const expected[][2] = { { "run", "212" },
		{ "record", "document" }, { "state", "sent" },
		{ "journal", "sales" }, { "file", "F-2026-103.pdf" },
		{ "kind", "credit-note" }, { "number", "F-2026-103" },
		{ "document_date", "2026-11-13" },
		{ "seller_id", "BE0477472701" },
		{ "seller", "De Vries Transport B.V." },
		/* a number stays one, also with a minus */
		{ "total", "-302.50" }, { "currency", "EUR" },
		{ "received", "2026-11-18 07:00:00+01:00" },
		{ "sender", "erp@shop.example" }, { "entry", "4" },
		{ "batch", "900" }, { "sent", "2026-11-21 07:00:20+01:00" },
		{ "queue_id", "4Xyz00" },
		{ "reply", "250 2.0.0 Ok: queued as 4Xyz00" } };
	unsigned at = 0;

	(void)state;
	write_report(s, &t);
	rows = csv_rows(t.csv);
	for (unsigned i = 1; i < rows->len; i++)
		if (g_str_equal(csv_cell(rows, i, "entry"), "4"))
			at = i;
	assert_true(at > 0);
	for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++)
		assert_string_equal(
		    csv_cell(rows, at, expected[i][0]), expected[i][1]);
	written_clear(&t);
	sample_end(s);
}

static void
a_total_that_is_no_number_cannot_be_a_formula(void **state)
{
	static const char *const totals[][2] = { { "-1.5", "-1.5" },
		{ "1210.00", "1210.00" }, { "-1+2", "'-1+2" }, { "-", "'-" },
		{ "=1", "'=1" }, { "--1", "'--1" } };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(totals); i++) {
		struct sample *s = sample_begin();
		struct pl_report_journal *j = sample_journal(s, "sales");
		pl_entry *e = sample_entry(s, j, PL_WAITING, "W");
		struct written t;
		g_autoptr(GPtrArray) rows = NULL;

		e->total = sample_string(s, totals[i][0]);
		sample_wait(s, j, e, "delay", 0);
		write_report(s, &t);
		rows = csv_rows(t.csv);
		assert_string_equal(csv_cell(rows, 1, "total"), totals[i][1]);
		written_clear(&t);
		sample_end(s);
	}
}

static int
show(const char *folder)
{
	struct sample *s = sample_day();
	struct written t;
	const char *files[3][2];

	write_facts(&s->facts, &t);
	memcpy(files,
	    (const char *[3][2]){ { "report.txt", t.text },
		{ "report.html", t.html }, { "report.csv", t.csv } },
	    sizeof(files));
	for (unsigned i = 0; i < 3; i++) {
		g_autofree char *path =
		    g_build_filename(folder, files[i][0], NULL);

		if (!g_file_set_contents(path, files[i][1], -1, NULL))
			return EXIT_FAILURE;
	}
	written_clear(&t);
	sample_end(s);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_day_begins_with_the_problems),
		cmocka_unit_test(the_subject_carries_the_numbers),
		cmocka_unit_test(an_empty_run_says_so),
		cmocka_unit_test(facts_without_anything_make_a_report),
		cmocka_unit_test(
		    an_entry_counts_once_however_often_it_is_named),
		cmocka_unit_test(the_numbers_of_text_and_csv_agree),
		cmocka_unit_test(what_was_sent_is_told_by_e_mail_and_document),
		cmocka_unit_test(one_s_own_name_is_not_told_but_the_buyer),
		cmocka_unit_test(duplicates_and_superseded_name_their_original),
		cmocka_unit_test(notes_and_totals_are_told),
		cmocka_unit_test(the_csv_gives_programs_what_they_need),
		cmocka_unit_test(a_total_that_is_no_number_cannot_be_a_formula),
	};

	if (argc == 3 && g_str_equal(argv[1], "--show"))
		return show(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
