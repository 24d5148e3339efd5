/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs, journals' own state, problems, reports: everything is told once, and
 * what a run that died did not tell, the next one tells.
 */
#include "ledger_fixture.h"

static gint64
begin_run(pl_ledger *l)
{
	gint64 id;

	assert_ok(pl_run_begin(l, "digest", "[gateway]\n", FALSE, &id, E));
	return id;
}

static void
a_run_comes_back_as_it_was_written(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_run) none = pl_run_last(f->l, NULL), run = NULL;
	pl_run end = { .messages = 1,
		.documents = 2,
		.sent = 3,
		.mails = 4,
		.problems = 5 };

	assert_null(none);
	pl_ledger_set_actor(f->l, "uid=0 root", NULL);
	assert_ok(
	    pl_run_begin(f->l, "digest", "[gateway]\n", TRUE, &end.id, E));
	{
		g_autoptr(pl_run) open = pl_run_last(f->l, NULL);

		assert_int_equal(open->id, end.id);
		assert_int_equal(open->ended, 0);
	}
	assert_ok(pl_run_end(f->l, &end, E));
	run = pl_run_get(f->l, end.id, NULL);
	assert_true(run->started > 0 && run->ended >= run->started);
	assert_string_equal(run->config, "digest");
	assert_string_equal(run->who, "uid=0 root");
	assert_true(run->now);
	assert_int_equal(run->messages, 1);
	assert_int_equal(run->documents, 2);
	assert_int_equal(run->sent, 3);
	assert_int_equal(run->mails, 4);
	assert_int_equal(run->problems, 5);
	end.id = 99;
	assert_fails(pl_run_end(f->l, &end, E), PL_LEDGER_ABSENT, "99");
}

static void
a_configuration_is_kept_when_it_changed(void **state)
{
	struct fixture *f = *state;
	const char *const digests[] = { "a", "a", "b", "b", "a" };
	const char *const expected[] = { "A", NULL, "B", NULL, "A" };
	struct pl_event note = { .what = (char *)"note" };

	for (unsigned i = 0; i < G_N_ELEMENTS(digests); i++) {
		g_autofree char *text = g_ascii_strup(digests[i], -1);
		g_autofree char *head = NULL;
		gint64 id, before;
		g_autoptr(GPtrArray) events = NULL;

		assert_ok(pl_event_add(f->l, &note, E));
		before = note.id;
		assert_ok(pl_run_begin(f->l, digests[i], text, FALSE, &id, E));
		note.batch = 100 + i;
		assert_ok(pl_event_add(f->l, &note, E));
		assert_int_equal(
		    note.id, before + 2 + (expected[i] != NULL ? 1 : 0));
		/* events carry the run while it lasts */
		events = pl_event_of(f->l, 0, 0, 0, 100 + i, NULL);
		assert_int_equal(
		    ((struct pl_event *)events->pdata[0])->run, id);
	}
	assert_whole(f->l);
}

static void
a_standing_is_replaced_and_noted(void **state)
{
	struct fixture *f = *state;
	GError *error = NULL;
	g_autoptr(pl_standing) none = pl_standing_get(f->l, "sales", &error),
			       back = NULL;
	pl_standing s = { .journal = (char *)"sales",
		.enabled = TRUE,
		.start_date = (char *)"2026-01-01",
		.rules = (char *)"abc",
		.activated = 5,
		.activating = TRUE,
		.served = 7,
		.expires = (char *)"2026-12-01",
		.reminded = 30 };
	g_autofree char *head = NULL, *same = NULL, *moved = NULL;

	assert_null(none);
	assert_null(error);
	assert_ok(pl_standing_put(f->l, &s, "activated", E));
	back = pl_standing_get(f->l, "sales", NULL);
	assert_string_equal(back->journal, "sales");
	assert_true(back->enabled);
	assert_string_equal(back->start_date, "2026-01-01");
	assert_string_equal(back->rules, "abc");
	assert_int_equal(back->activated, 5);
	assert_true(back->activating);
	assert_int_equal(back->served, 7);
	assert_string_equal(back->expires, "2026-12-01");
	assert_int_equal(back->reminded, 30);
	g_clear_pointer(&back, pl_standing_free);
	head = pl_event_head(f->l, NULL);
	s.enabled = s.activating = FALSE;
	s.start_date = NULL;
	s.served = 8;
	s.expires = NULL;
	s.reminded = -1;
	assert_ok(pl_standing_put(f->l, &s, NULL, E));
	same = pl_event_head(f->l, NULL);
	assert_string_equal(head, same);
	back = pl_standing_get(f->l, "sales", NULL);
	assert_false(back->enabled);
	assert_false(back->activating);
	assert_null(back->start_date);
	assert_int_equal(back->served, 8);
	assert_null(back->expires);
	assert_int_equal(back->reminded, -1);
	assert_ok(pl_standing_put(f->l, &s, "disabled", E));
	moved = pl_event_head(f->l, NULL);
	assert_string_not_equal(head, moved);
}

static gint64
add_problem(pl_ledger *l, gint64 message, const char *journal)
{
	struct pl_problem p = { .message = message,
		.journal = (char *)journal,
		.code = (char *)"PL-101",
		.filename = (char *)"a.doc",
		.text = (char *)"no usable attachment" };

	assert_ok(pl_problem_add(l, &p, E));
	assert_true(p.at > 0);
	return p.id;
}

static void
a_problem_knows_its_message(void **state)
{
	struct fixture *f = *state;
	gint64 message = add_message(f->l, "a@c.example", "<1@x>", "1");
	g_autoptr(pl_message) m = pl_message_get(f->l, message, NULL);
	g_autoptr(GPtrArray) open = NULL, of = NULL, other = NULL;
	struct pl_problem *p;

	m->subject = g_strdup("Holiday");
	m->from = g_strdup("Bob");
	m->date = g_strdup("2026-03-01");
	assert_ok(pl_message_indexed(f->l, m, E));
	add_problem(f->l, message, "sales");
	add_problem(f->l, 0, NULL);
	open = pl_problem_open(f->l, 0, NULL);
	assert_int_equal(open->len, 2);
	p = open->pdata[0];
	assert_int_equal(p->message, message);
	assert_string_equal(p->journal, "sales");
	assert_string_equal(p->code, "PL-101");
	assert_string_equal(p->filename, "a.doc");
	assert_string_equal(p->text, "no usable attachment");
	assert_string_equal(p->sender, "erp@shop.example");
	assert_string_equal(p->from, "Bob");
	assert_string_equal(p->subject, "Holiday");
	assert_string_equal(p->msg_date, "2026-03-01");
	assert_string_equal(p->message_id, "<1@x>");
	assert_null(((struct pl_problem *)open->pdata[1])->sender);
	of = pl_problem_of(f->l, message, NULL);
	assert_int_equal(of->len, 1);
	other = pl_problem_of(f->l, 99, NULL);
	assert_int_equal(other->len, 0);
}

/* ---- told -------------------------------------------------------------- */

static gboolean
count_entry(const pl_entry *e, void *user)
{
	(void)e;
	++*(unsigned *)user;
	return TRUE;
}

static unsigned
untold_entries(
    pl_ledger *l, gint64 run, const char *journal, const char *states)
{
	const struct pl_entry_filter filter = {
		.run = run, .journal = journal, .states = states
	};
	unsigned n = 0;

	assert_ok(pl_entry_each(l, &filter, count_entry, &n, E));
	return n;
}

static unsigned
untold_problems(pl_ledger *l, gint64 run)
{
	g_autoptr(GPtrArray) list = pl_problem_open(l, run, NULL);

	return list->len;
}

static unsigned
untold_batches(pl_ledger *l)
{
	g_autoptr(GPtrArray) list = pl_batch_unreported(l, NULL);

	return list->len;
}

static gint64
send(pl_ledger *l, gint64 entry, gint64 run, enum pl_attempt_state end)
{
	g_autoptr(pl_batch) b = pl_batch_new();
	unsigned n;

	b->journal = g_strdup("sales");
	b->run = run;
	assert_ok(pl_batch_plan(l, b, &entry, 1, E));
	assert_ok(pl_batch_attempt(l, b->id, FALSE, &n, E));
	assert_ok(pl_batch_answer(l, b->id, n, end, "x", NULL, 0, E));
	return b->id;
}

static void
a_run_that_died_is_told_by_the_next(void **state)
{
	struct fixture *f = *state;
	const char *const sales[] = { "sales", NULL };
	const char *const rest[] = { "", NULL };
	gint64 first = begin_run(f->l), second, entry;

	entry = add_waiting(f->l, "sales", "1");
	send(f->l, entry, first, PL_ATTEMPT_SENT);
	entry = add_waiting(f->l, "sales", "2");
	assert_ok(pl_entry_change(
	    f->l, entry, PL_WAITING, PL_DUPLICATE, NULL, NULL, 1, E));
	add_waiting(f->l, "buy", "3");
	add_problem(f->l, 1, "sales");
	add_problem(f->l, 2, NULL);
	/* the first run ends here, without a report */
	reopen(f);
	second = begin_run(f->l);
	assert_int_equal(untold_batches(f->l), 1);
	assert_int_equal(untold_problems(f->l, second), 2);
	assert_int_equal(untold_entries(f->l, second, "sales", "d"), 1);
	assert_int_equal(untold_entries(f->l, second, NULL, "wd"), 2);
	assert_ok(pl_report_told(f->l, second, sales, E));
	assert_int_equal(untold_batches(f->l), 0);
	assert_int_equal(untold_problems(f->l, 0), 1);
	assert_int_equal(untold_entries(f->l, PL_RUN_NONE, "sales", NULL), 0);
	/* what belongs to another journal, or to none, is not told yet */
	assert_int_equal(untold_entries(f->l, PL_RUN_NONE, NULL, NULL), 1);
	assert_ok(pl_report_told(f->l, second, rest, E));
	assert_int_equal(untold_problems(f->l, 0), 0);
	/* The report of that run can still be gathered again. */
	assert_int_equal(untold_problems(f->l, second), 2);
	assert_int_equal(untold_entries(f->l, second, "sales", "d"), 1);
	assert_int_equal(untold_entries(f->l, first, "sales", "d"), 0);
}

static void
what_changes_after_it_was_told_is_told_again(void **state)
{
	struct fixture *f = *state;
	const char *const sales[] = { "sales", NULL };
	gint64 run = begin_run(f->l);
	gint64 entry = add_waiting(f->l, "sales", "1");

	assert_int_equal(untold_entries(f->l, PL_RUN_NONE, "sales", "w"), 1);
	assert_ok(pl_report_told(f->l, run, sales, E));
	assert_int_equal(untold_entries(f->l, PL_RUN_NONE, "sales", "w"), 0);
	assert_ok(pl_entry_change(
	    f->l, entry, PL_WAITING, PL_HELD, "PL-110", NULL, 0, E));
	assert_int_equal(untold_entries(f->l, PL_RUN_NONE, "sales", "h"), 1);
	assert_ok(pl_report_told(f->l, run, sales, E));
	assert_ok(pl_entry_release(f->l, entry, E));
	send(f->l, entry, run, PL_ATTEMPT_REFUSED);
	assert_int_equal(untold_batches(f->l), 1);
	assert_int_equal(untold_entries(f->l, PL_RUN_NONE, "sales", "h"), 1);
}

static void
deferred_cancelled_and_report_batches_are_not_told(void **state)
{
	struct fixture *f = *state;
	gint64 run = begin_run(f->l);
	gint64 entry = add_waiting(f->l, "sales", "1");
	gint64 batch = send(f->l, entry, run, PL_ATTEMPT_DEFERRED);
	struct pl_report_row row = { .run = run,
		.address = (char *)"a@x.example" };
	g_autoptr(pl_batch) mail = pl_batch_new();
	unsigned n;

	assert_int_equal(untold_batches(f->l), 0);
	assert_ok(pl_batch_cancel(f->l, batch, E));
	assert_int_equal(untold_batches(f->l), 0);
	assert_ok(pl_report_add(f->l, &row, E));
	mail->report = row.id;
	assert_ok(pl_batch_plan(f->l, mail, NULL, 0, E));
	assert_ok(pl_batch_attempt(f->l, mail->id, FALSE, &n, E));
	assert_ok(pl_batch_answer(
	    f->l, mail->id, n, PL_ATTEMPT_SENT, "250", NULL, 0, E));
	assert_int_equal(untold_batches(f->l), 0);
}

struct reading {
	GString *lines;
	unsigned most; /* times that it takes some */
};

static gboolean
read_lines(const char *lines, void *user, GError **error)
{
	struct reading *r = user;

	if (r->most-- == 0) {
		g_set_error_literal(
		    error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "no room");
		return FALSE;
	}
	g_string_append(r->lines, lines);
	return TRUE;
}

static void
the_csv_of_a_report_comes_back_in_its_order(void **state)
{
	struct fixture *f = *state;
	struct pl_report_row one = { .run = begin_run(f->l) }, other = one;
	g_autoptr(GString) lines = g_string_new(NULL);
	struct reading r = { lines, 100 };
	GError *error = NULL;

	assert_ok(pl_report_add(f->l, &one, E));
	assert_ok(pl_report_add(f->l, &other, E));
	assert_ok(pl_report_csv(f->l, one.id, read_lines, &r, E));
	assert_string_equal(lines->str, "");
	for (unsigned i = 0; i < 30; i++) {
		g_autofree char *line = g_strdup_printf("%u;\r\n", i);

		assert_ok(pl_report_csv_add(f->l, one.id, line, E));
		assert_ok(pl_report_csv_add(f->l, other.id, "x", E));
	}
	assert_ok(pl_report_csv(f->l, one.id, read_lines, &r, E));
	assert_true(g_str_has_prefix(lines->str, "0;\r\n1;\r\n2;"));
	assert_true(g_str_has_suffix(lines->str, "\r\n28;\r\n29;\r\n"));
	assert_int_equal(lines->len, 10 * 4 + 20 * 5);
	r.most = 3;
	assert_false(pl_report_csv(f->l, one.id, read_lines, &r, &error));
	assert_true(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC));
	g_error_free(error);
}

static void
a_report_comes_back_with_the_batch_that_carries_it(void **state)
{
	struct fixture *f = *state;
	gint64 first = begin_run(f->l), second = begin_run(f->l);
	struct pl_report_row row = { .run = second,
		.address = (char *)"accounting@example.com",
		.subject = (char *)"3 sent",
		.text = (char *)"text",
		.html = (char *)"<p>" };
	g_autoptr(GPtrArray) none = NULL, of = NULL, newest = NULL;
	g_autoptr(pl_batch) mail = pl_batch_new();
	struct pl_report_row *back;

	none = pl_report_of(f->l, 0, NULL);
	assert_int_equal(none->len, 0);
	assert_ok(pl_report_add(f->l, &row, E));
	mail->report = row.id;
	mail->run = second;
	assert_ok(pl_batch_plan(f->l, mail, NULL, 0, E));
	back = pl_report_get(f->l, row.id, NULL);
	assert_int_equal(back->run, second);
	assert_int_equal(back->batch, mail->id);
	assert_string_equal(back->address, "accounting@example.com");
	assert_string_equal(back->subject, "3 sent");
	assert_string_equal(back->text, "text");
	assert_string_equal(back->html, "<p>");
	pl_report_row_free(back);
	of = pl_report_of(f->l, first, NULL);
	assert_int_equal(of->len, 0);
	newest = pl_report_of(f->l, 0, NULL);
	assert_int_equal(newest->len, 1);
	assert_whole(f->l);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_run_comes_back_as_it_was_written),
		T(a_configuration_is_kept_when_it_changed),
		T(a_standing_is_replaced_and_noted),
		T(a_problem_knows_its_message),
		T(a_run_that_died_is_told_by_the_next),
		T(what_changes_after_it_was_told_is_told_again),
		T(deferred_cancelled_and_report_batches_are_not_told),
		T(the_csv_of_a_report_comes_back_in_its_order),
		T(a_report_comes_back_with_the_batch_that_carries_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
