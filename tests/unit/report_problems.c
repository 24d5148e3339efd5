/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a report says of problems: how to find the document, what to do, who
 * sent it; e-mails that were refused, came back or may have left twice.
 */
#include "report_reading.h"

static void
a_problem_says_how_to_find_the_document_and_what_to_do(void **state)
{
	struct sample *s = sample_begin();
	struct written t;
	g_autoptr(GPtrArray) rows = NULL;

	(void)state;
	sample_journal(s, "sales");
	sample_problem(s, "PL-103", "invoice.pdf");
	write_report(s, &t);
	says(t.text, "One problem needs attention", "Problem",
	    "PL-103 The document is locked by a password", "Meaning:",
	    "What to do:", "Ask the sender for a copy without a password.",
	    "PL-103 · invoice.pdf", "a picture of a signature",
	    "From: Jan Peeters <jan@customer.example>",
	    "Subject: Invoice November", "Date: 2026-11-20 16:42",
	    "Reference: message 1031, problem 31",
	    "Message-ID: <4711@customer.example>", "Summary", NULL);
	says(t.html, "Jan Peeters &lt;jan@customer.example&gt;", NULL);
	rows = csv_rows(t.csv);
	assert_int_equal(rows->len, 2);
	assert_string_equal(csv_cell(rows, 1, "record"), "problem");
	assert_string_equal(csv_cell(rows, 1, "code"), "PL-103");
	assert_string_equal(csv_cell(rows, 1, "file"), "invoice.pdf");
	assert_string_equal(csv_cell(rows, 1, "message"), "1031");
	assert_true(pl_report_problems(&s->facts));
	written_clear(&t);
	sample_end(s);
}

static void
problems_of_one_code_are_explained_once_and_each_named(void **state)
{
	struct sample *s = sample_begin();
	struct written t;

	(void)state;
	sample_problem(s, "PL-102", "b.pdf");
	sample_problem(s, "PL-101", NULL);
	sample_problem(s, "PL-102", "c.pdf");
	sample_problem(s, "PL-777", "odd.pdf");
	write_report(s, &t);
	says(t.text, "PL-101 No usable attachment", "What to do:", "PL-101 ·",
	    "PL-102 The document cannot be read", "2 times",
	    "What to do:", "PL-102 · b.pdf", "PL-102 · c.pdf", "PL-777",
	    "PL-777 · odd.pdf", NULL);
	says_not(strstr(t.text, "PL-102 · b.pdf"), "What to do:");
	written_clear(&t);
	sample_end(s);
}

static void
the_sender_of_the_envelope_is_named_where_it_is_another(void **state)
{
	static const struct {
		const char *from, *sender, *said;
	} cases[] = {
		{ "Jan <jan@a.example>", "jan@a.example",
		    "From: Jan <jan@a.example> " },
		{ "Jan <jan@a.example>", "<jan@a.example>",
		    "From: Jan <jan@a.example> " },
		{ "Boss <boss@a.example>", "<x@b.example>",
		    "From: Boss <boss@a.example>, sent by x@b.example" },
		{ "", "<x@b.example>", "From: x@b.example" },
		{ NULL, "<>", "From: <> (a mail server)" },
		{ "Daemon <d@a.example>", "<>", "From: Daemon <d@a.example> " },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sample *s = sample_begin();
		struct pl_problem *p = sample_problem(s, "PL-101", NULL);
		struct written t;

		p->from = sample_string(s, cases[i].from);
		p->sender = sample_string(s, cases[i].sender);
		write_report(s, &t);
		says(t.text, cases[i].said, NULL);
		written_clear(&t);
		sample_end(s);
	}
}

/* A journal with a refused e-mail of two documents, now held. */
static struct sample *
refused(enum pl_batch_state how, const char *code)
{
	struct sample *s = sample_begin();
	struct pl_report_journal *j = sample_journal(s, "sales");
	struct pl_report_sent *b = sample_batch(s, j, how);

	for (unsigned i = 0; i < 2; i++) {
		pl_entry *e = sample_entry(s, j, PL_HELD, i ? "R-2" : "R-1");

		e->code = sample_string(s, code);
		g_ptr_array_add(b->entries, e);
		g_ptr_array_add(j->others, e);
		sample_wait(s, j, e, "held", 0);
	}
	((pl_batch *)b->batch)->reply = sample_string(s, "552 5.3.4 too big");
	return s;
}

static void
a_refused_e_mail_is_one_problem_and_its_documents_are_held(void **state)
{
	struct sample *s = refused(PL_BATCH_REFUSED, "PL-301");
	struct written t;
	g_autoptr(GPtrArray) rows = NULL;

	(void)state;
	write_report(s, &t);
	says(t.subject, "0 documents sent, 0 waiting, 2 held, 1 problem", NULL);
	says(t.text, "Nothing was sent", "PL-301 Refused by the mail server",
	    "552 5.3.4 too big", "Documents: R-1 (entry 1), R-2 (entry 2)",
	    "0 sent + 0 waiting + 2 held", "= 2 documents", "Held", "R-1",
	    "PL-301", "R-2", NULL);
	says_not(t.text, "\nSent\n");
	rows = csv_rows(t.csv);
	assert_int_equal(csv_count(rows, "state", "held"), 2);
	assert_int_equal(csv_count(rows, "state", "problem"), 1);
	written_clear(&t);
	sample_end(s);
}

static void
a_bounce_carries_the_words_of_the_other_side(void **state)
{
	struct sample *s = refused(PL_BATCH_BOUNCED, "PL-302");
	struct written t;

	(void)state;
	write_report(s, &t);
	says(t.text, "1 problem", "PL-302 Returned as undeliverable",
	    "552 5.3.4 too big", NULL);
	written_clear(&t);
	sample_end(s);
}

static void
a_refusal_that_the_ledger_has_as_a_problem_is_told_once(void **state)
{
	struct sample *s = refused(PL_BATCH_REFUSED, "PL-301");
	struct pl_problem *p = sample_problem(s, "PL-301", NULL);
	struct written t;

	(void)state;
	p->batch = 900;
	p->text = sample_string(s, "552 from the ledger");
	write_report(s, &t);
	says(t.subject, "2 held, 1 problem ", NULL);
	says(t.text, "552 from the ledger", "Documents: R-1", NULL);
	written_clear(&t);
	sample_end(s);
}

static void
what_was_possibly_sent_twice_is_sent_and_a_problem(void **state)
{
	struct sample *s = sample_begin();
	struct pl_report_journal *j = sample_journal(s, "sales");
	struct pl_report_sent *b = sample_batch(s, j, PL_BATCH_SENT);
	struct written t;

	(void)state;
	((pl_batch *)b->batch)->maybe_twice = TRUE;
	g_ptr_array_add(b->entries, sample_entry(s, j, PL_SENT, "T-1"));
	write_report(s, &t);
	says(t.subject, "1 document sent, 0 waiting, 1 problem", NULL);
	says(t.text, "PL-303 Possibly sent twice", "Document: T-1 (entry 1)",
	    "Message-ID: <900.ledger@gw.example.com>", "Sent", "T-1", NULL);
	written_clear(&t);
	sample_end(s);
}

static void
a_newly_held_document_is_a_problem_once(void **state)
{
	struct sample *s = sample_begin();
	struct pl_report_journal *j = sample_journal(s, "sales");
	struct written t;
	struct pl_problem *p;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		pl_entry *e = sample_entry(s, j, PL_HELD, "H");

		e->code = sample_string(s, "PL-111");
		e->note = sample_string(s, "other bank account");
		if (i < 2)
			g_ptr_array_add(j->others, e);
		sample_wait(s, j, e, "held", 0);
	}
	/* the second is in the ledger's problems, by its document */
	p = sample_problem(s, "PL-111", "H.pdf");
	p->document = 2;
	write_report(s, &t);
	says(t.subject, "3 held, 2 problems", NULL);
	says(t.text, "Reference: entry 1, message 1", "Held until", "new",
	    "other bank account", NULL);
	written_clear(&t);
	sample_end(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_problem_says_how_to_find_the_document_and_what_to_do),
		cmocka_unit_test(
		    problems_of_one_code_are_explained_once_and_each_named),
		cmocka_unit_test(
		    the_sender_of_the_envelope_is_named_where_it_is_another),
		cmocka_unit_test(
		    a_refused_e_mail_is_one_problem_and_its_documents_are_held),
		cmocka_unit_test(a_bounce_carries_the_words_of_the_other_side),
		cmocka_unit_test(
		    a_refusal_that_the_ledger_has_as_a_problem_is_told_once),
		cmocka_unit_test(
		    what_was_possibly_sent_twice_is_sent_and_a_problem),
		cmocka_unit_test(a_newly_held_document_is_a_problem_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
