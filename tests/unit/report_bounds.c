/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_bounds - reports of very large runs, and of hostile mail
 */
#include "cpu.h"
#include "report_reading.h"

#define LIMIT 200000 /* bytes of an e-mail's text that people still get */

/* What everybody may see of T: no control but line ends, no invisible
 * steering, valid UTF-8. */
static void
is_harmless(const char *text, gboolean crlf)
{
	assert_true(g_utf8_validate(text, -1, NULL));
	for (const char *p = text; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c == '\n' || (crlf && c == '\r') ||
		    (p == text && c == 0xfeff))
			continue;
		assert_false(g_unichar_iscntrl(c));
		assert_true(g_unichar_type(c) != G_UNICODE_FORMAT ||
			    c == 0x200d || c == 0x200c);
	}
}

/* Lines of at most 78 columns; a letter of two columns may stand at the
 * edge. */
static void
is_narrow(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		unsigned width = 0;

		for (const char *p = *line; *p; p = g_utf8_next_char(p)) {
			gunichar c = g_utf8_get_char(p);

			if (!g_unichar_iszerowidth(c))
				width += g_unichar_iswide(c) ? 2 : 1;
		}
		if (width > 79)
			fail_msg("%u columns: %s", width, *line);
	}
}

static void
is_bounded(const struct written *t)
{
	assert_true(strlen(t->subject) < 200);
	assert_true(strlen(t->text) < LIMIT);
	assert_true(strlen(t->html) < LIMIT);
	is_narrow(t->text);
}

static void
a_hundred_thousand_waiting_are_counted_and_all_in_the_csv(void **state)
{
	static const char *const reasons[] = { "start-date", "delay", "cap",
		"window", "disabled" };
	struct sample *s = sample_begin();
	struct written t;
	g_autoptr(GPtrArray) rows = NULL;
	double began;

	(void)state;
	for (unsigned k = 0; k < 4; k++) {
		struct pl_report_journal *j = sample_journal(
		    s, (const char *[]){ "a", "b", "c", "d" }[k]);

		for (unsigned i = 0; i < 25000; i++)
			sample_wait(s, j, sample_entry(s, j, PL_WAITING, "W"),
			    reasons[i % 5], NOW + (i % 30) * DAY);
	}
	for (unsigned i = 0; i < 10000; i++)
		sample_problem(s, i % 3 ? "PL-101" : "PL-102", "f.pdf");
	began = cpu_seconds();
	write_report(s, &t);
	assert_true(cpu_seconds() - began < 30);
	is_bounded(&t);
	says(t.subject, "100,000 waiting, 10,000 problems", NULL);
	says(t.text, "PL-101", "6,666 times", "and 6,651 more in the CSV",
	    "PL-102", "3,334 times", "and 3,319 more in the CSV",
	    "0 sent + 100,000 waiting", "a: Dated before the start date",
	    "5,000 documents", NULL);
	rows = csv_rows(t.csv);
	assert_int_equal(csv_count(rows, "state", "waiting"), 100000);
	assert_int_equal(csv_count(rows, "state", "problem"), 10000);
	written_clear(&t);
	sample_end(s);
}

static void
many_journals_and_sent_documents_share_the_room(void **state)
{
	struct sample *s = sample_begin();
	struct written t;
	g_autoptr(GPtrArray) rows = NULL;

	(void)state;
	for (unsigned k = 0; k < 1000; k++) {
		g_autofree char *name = g_strdup_printf("journal-%04u", k);
		struct pl_report_journal *j = sample_journal(s, name);
		struct pl_report_sent *b = sample_batch(s, j, PL_BATCH_SENT);

		for (unsigned i = 0; i < 10; i++)
			g_ptr_array_add(
			    b->entries, sample_entry(s, j, PL_SENT, "S"));
		for (unsigned i = 0; i < 3; i++)
			g_ptr_array_add(
			    j->others, sample_entry(s, j,
					   i ? i == 1 ? PL_HELD : PL_DUPLICATE
					     : PL_WAITING,
					   "X"));
	}
	write_report(s, &t);
	is_bounded(&t);
	says(t.text, "journal-0000", "980 other journals",
	    "Total 10,000 1,000 1,000 1,000 13,000",
	    "and 9,800 more of other journals in the CSV",
	    "and 980 more for other reasons or journals in the CSV",
	    "and 984 more in the CSV", NULL);
	rows = csv_rows(t.csv);
	assert_int_equal(csv_count(rows, "state", "sent"), 10000);
	assert_int_equal(csv_count(rows, "record", "document"), 13000);
	written_clear(&t);
	sample_end(s);
}

/* Every foreign text of a day becomes EVIL. */
static void
poison(struct sample *s, const char *evil)
{
	struct pl_report_journal *j = s->facts.journals->pdata[0];
	struct pl_report_sent *sent = j->sent->pdata[0];
	struct pl_problem *p = s->facts.problems->pdata[0];
	char *text = sample_string(s, evil);
	pl_entry *entries[3] = { sent->entries->pdata[0], j->others->pdata[0],
		j->others->pdata[1] };

	for (unsigned i = 0; i < 3; i++) {
		pl_entry *e = entries[i];

		e->number = e->doc_date = e->seller_name = e->total = text;
		e->currency = e->filename = e->msg_date = e->sender = text;
		e->from = e->subject = e->message_id = e->note = text;
		e->account = e->sequence = e->seller_id = e->buyer_id = text;
		e->code = i == 1 ? text : e->code;
	}
	p->filename = p->text = p->sender = p->from = p->subject = text;
	p->msg_date = p->message_id = p->journal = text;
	((pl_batch *)sent->batch)->reply = text;
	((pl_batch *)sent->batch)->mta_id = text;
	((struct pl_journal *)j->journal)->name = text;
	s->run.who = text;
	s->facts.host = text;
	g_ptr_array_add(s->facts.notes, text);
}

static void
hostile_names_harm_no_reader(void **state)
{
	static const char *const evils[] = {
		"=HYPERLINK(\"http://evil.example\",\"click\")",
		"x;=cmd|' /C calc'!A0",
		"<script>alert(1)</script>",
		"</title><img src=http://evil.example/x.png>",
		"\"><b onmouseover='x'>",
		"a\r\nBcc: victim@example.com\r\n\r\nbody",
		"\033]0;owned\a\033[2J\033[31mred",
		"gpj.\u202efdp\u2066x",
		"\xff\xfe\xc0\xaf caf\xe9",
		"&lt;b&gt; &amp;amp;",
		"@SUBJECT@ %s %n %1$s",
		"",
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(evils); i++) {
		struct sample *s = sample_day();
		struct written t;
		g_autoptr(GPtrArray) rows = NULL;

		poison(s, evils[i]);
		write_report(s, &t);
		is_harmless(t.subject, FALSE);
		is_harmless(t.text, FALSE);
		is_harmless(t.html, FALSE);
		is_harmless(t.csv, TRUE);
		is_bounded(&t);
		assert_null(strstr(t.html, "<script"));
		assert_null(strstr(t.html, "<img"));
		assert_null(strstr(t.html, "<b onmouse"));
		assert_null(strchr(t.subject, '\n'));
		rows = csv_rows(t.csv);
		for (unsigned r = 1; r < rows->len; r++)
			for (unsigned k = 0;
			     k < ((GPtrArray *)rows->pdata[r])->len; k++) {
				const char *cell = g_ptr_array_index(
				    (GPtrArray *)rows->pdata[r], k);

				if (*cell && strchr("=+@\t", *cell))
					fail_msg("a formula: %s", cell);
				assert_null(strstr(cell, ";="));
			}
		written_clear(&t);
		sample_end(s);
	}
}

static void
endless_names_keep_the_report_short(void **state)
{
	static const char *const pieces[] = { "x", "&", "\"", "請", "e\u0301",
		"a b", "· ", "' " };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(pieces); i++) {
		struct sample *s = sample_day();
		struct written t;
		g_autoptr(GString) evil = g_string_new(NULL);
		g_autoptr(GPtrArray) rows = NULL;

		while (evil->len < 100000)
			g_string_append(evil, pieces[i]);
		poison(s, evil->str);
		write_report(s, &t);
		is_bounded(&t);
		rows = csv_rows(t.csv);
		assert_int_equal(csv_count(rows, "record", "document"), 19);
		written_clear(&t);
		sample_end(s);
	}
}

/* The worst that names and numbers can do together. */
static void
everything_long_and_full_still_is_bounded(void **state)
{
	struct sample *s = sample_begin();
	struct written t;
	g_autofree char *name = g_strnfill(300, '"');

	(void)state;
	for (unsigned k = 0; k < 40; k++) {
		struct pl_report_journal *j = sample_journal(s, "j");
		struct pl_report_sent *b = sample_batch(s, j, PL_BATCH_SENT);

		for (unsigned i = 0; i < 200; i++) {
			pl_entry *e = sample_entry(s, j, i % PL_STATES, "N");

			e->filename = e->seller_name = e->number = name;
			e->subject = e->from = e->sender = e->note = name;
			e->code = i % 3 ? NULL : sample_string(s, "PL-110");
			g_ptr_array_add(
			    e->state == PL_SENT ? b->entries : j->others, e);
		}
	}
	write_report(s, &t);
	assert_true(strlen(t.text) < LIMIT);
	/* each quote is six bytes there */
	assert_true(strlen(t.html) < 3 * LIMIT);
	written_clear(&t);
	sample_end(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_hundred_thousand_waiting_are_counted_and_all_in_the_csv),
		cmocka_unit_test(
		    many_journals_and_sent_documents_share_the_room),
		cmocka_unit_test(hostile_names_harm_no_reader),
		cmocka_unit_test(endless_names_keep_the_report_short),
		cmocka_unit_test(everything_long_and_full_still_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
