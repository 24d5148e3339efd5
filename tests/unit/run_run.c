/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole runs on a ledger of their own against an MTA that obeys: what is sent,
 * deferred, refused, resumed, reported.
 */
#include <stdio.h>

#include "run_sales.h"

static const struct smtpd_mail *
last_for(struct gateway *g, const char *address)
{
	for (guint i = g->mta.mails->len; i-- > 0;) {
		const struct smtpd_mail *m = g->mta.mails->pdata[i];

		if (m->to != NULL && strstr(m->to, address) != NULL)
			return m;
	}
	fail_msg("nothing for %s", address);
	return NULL;
}

static void
documents_are_sent_once_and_reported(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	struct pl_run_result r;
	const struct smtpd_mail *m;
	g_autofree char *stamp = NULL;

	(void)state;
	gateway_rules(g, TEAM, SALES "documents_per_mail = 2\n");
	for (unsigned i = 0; i < 5; i++) {
		char number[8];

		snprintf(number, sizeof number, "F-%u", i);
		capture_pdf(g, number, 3000);
	}
	r = run_now(g);
	assert_int_equal(r.messages, 5);
	assert_int_equal(r.mails, 3);
	assert_int_equal(r.sent, 5);
	assert_int_equal(r.reports, 1);
	assert_int_equal(r.problems + r.deferred + r.refused, 0);
	assert_states(g, "sent=5");
	assert_int_equal(taken_for(g, "acme@out.example"), 3);
	m = last_for(g, "team@office.example");
	assert_non_null(strstr(m->data->str, "multipart/alternative"));
	assert_non_null(strstr(m->data->str, "text/html"));
	assert_non_null(strstr(m->data->str, "text/csv"));
	assert_true(g_str_has_prefix(m->from, "MAIL FROM:<postledger+b.4.1."));
	m = last_for(g, "acme@out.example");
	stamp = field(m, PL_STAMP_HEADER);
	assert_true(
	    g_str_has_prefix(stamp, "3.1; journal=sales; documents=1; mac="));
	r = run_now(g);
	assert_int_equal(r.mails, 0);
	assert_int_equal(taken_for(g, "acme@out.example"), 3);
	gateway_free(g);
}

static void
a_tick_without_a_due_journal_is_no_run(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	struct pl_run_result r;

	(void)state;
	gateway_rules(
	    g, TEAM, SALES "schedule = 07:00\nstart_date = 2020-01-01\n");
	assert_true(run_tick(g).run > 0); /* serves the activation */
	capture_pdf(g, "F-1", 2000);
	r = run_tick(g);
	assert_int_equal(r.run, 0);
	assert_int_equal(r.messages, 1); /* indexed all the same */
	assert_states(g, "waiting=1");
	assert_int_equal(taken_for(g, "team@office.example"), 1);
	gateway_free(g);
}

static void
caps_hold_over_runs(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);

	(void)state;
	gateway_rules(g, TEAM, SALES "max_mails_per_run = 2\n");
	for (unsigned i = 0; i < 5; i++) {
		char number[8];

		snprintf(number, sizeof number, "F-%u", i);
		capture_pdf(g, number, 2000);
	}
	assert_int_equal(run_now(g).mails, 2);
	assert_int_equal(run_now(g).mails, 2);
	assert_int_equal(run_now(g).mails, 1);
	gateway_free(g);
}

static void
a_dry_run_changes_nothing(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	const struct pl_run_options options = { .dry_run = TRUE, .now = TRUE };
	g_autofree char *before = NULL, *after = NULL;
	struct pl_run_result r;

	(void)state;
	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	before = pl_event_head(g->f->l, NULL);
	r = run_with(g, &options);
	after = pl_event_head(g->f->l, NULL);
	assert_string_equal(before, after);
	assert_int_equal(r.unindexed, 1);
	assert_int_equal(r.run, 0);
	assert_int_equal(g->mta.connections, 0);
	gateway_free(g);
}

static void
a_deferred_email_leaves_with_the_next_run_as_it_was(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "dot", 1, "451 4.7.1 later\r\n", 0, FALSE },
	};
	struct gateway *g = gateway_new(rules, 1);
	g_autofree char *first = NULL, *second = NULL;
	struct pl_run_result r;

	(void)state;
	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	r = run_now(g);
	assert_int_equal(r.deferred, 1);
	assert_false(r.mta_failed);
	assert_states(g, "sending=1");
	first = field(g->mta.mails->pdata[0], "Message-Id");
	r = run_now(g);
	assert_int_equal(r.mails, 1);
	assert_states(g, "sent=1");
	second = field(last_for(g, "acme@out.example"), "Message-Id");
	assert_string_equal(first, second);
	assert_int_equal(problems_of(g, "PL-303", NULL), 0);
	gateway_free(g);
}

static void
a_refused_email_holds_its_documents(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "RCPT", 1, "550 5.1.1 unknown user\r\n", 0, FALSE },
	};
	struct gateway *g = gateway_new(rules, 1);
	struct pl_run_result r;

	(void)state;
	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	r = run_now(g);
	assert_int_equal(r.refused, 1);
	assert_states(g, "held=1");
	assert_true(problems_of(g, "PL-301", NULL) > 0);
	assert_int_equal(run_now(g).mails, 0);
	assert_non_null(
	    strstr(last_for(g, "team@office.example")->data->str, "Subject: "));
	gateway_free(g);
}

static void
an_mta_that_is_away_loses_nothing_and_floods_nobody(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	struct pl_run_result r;

	(void)state;
	g->submission = "smtp://127.0.0.1:1";
	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	for (unsigned i = 0; i < 3; i++) {
		r = run_now(g);
		assert_true(r.mta_failed);
		assert_int_equal(r.mails, 0);
		assert_states(g, "waiting=1");
	}
	g->submission = NULL;
	gateway_rules(g, TEAM, SALES);
	r = run_now(g);
	assert_int_equal(r.mails, 1);
	assert_int_equal(taken_for(g, "acme@out.example"), 1);
	/* that of the first failing run, and the present one */
	assert_int_equal(taken_for(g, "team@office.example"), 2);
	gateway_free(g);
}

static void
without_proof_it_is_sent_again_under_the_same_id(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "dot", 1, NULL, 0, TRUE },
	};
	struct gateway *g = gateway_new(rules, 1);
	g_autofree char *first = NULL, *second = NULL;

	(void)state;
	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	assert_int_equal(run_now(g).deferred, 1);
	assert_states(g, "sending=1");
	assert_int_equal(run_now(g).mails, 1);
	assert_states(g, "sent=1");
	assert_int_equal(taken_for(g, "acme@out.example"), 2);
	first = field(g->mta.mails->pdata[0], "Message-Id");
	second = field(last_for(g, "acme@out.example"), "Message-Id");
	assert_string_equal(first, second);
	assert_true(problems_of(g, "PL-303", NULL) > 0);
	gateway_free(g);
}

static void
what_is_too_large_is_held_and_the_rest_leaves(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	struct pl_run_result r;

	(void)state;
	gateway_rules(
	    g, TEAM, SALES "max_mail_size = 100K\ndocuments_per_mail = 5\n");
	capture_pdf(g, "F-1", 2000);
	capture_pdf(g, "F-2", 200000); /* certainly */
	capture_pdf(g, "F-3", 74000);  /* only when it is composed */
	capture_pdf(g, "F-4", 2000);
	r = run_now(g);
	assert_int_equal(r.sent, 2);
	assert_int_equal(r.problems, 2);
	assert_states(g, "held=2 sent=2");
	assert_true(problems_of(g, "PL-104", NULL) > 0);
	gateway_free(g);
}

static void
switching_off_gives_planned_documents_back(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "dot", 1, "451 4.7.1 later\r\n", 0, FALSE },
	};
	struct gateway *g = gateway_new(rules, 1);

	(void)state;
	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	run_now(g);
	assert_states(g, "sending=1");
	gateway_rules(g, TEAM, SALES "enabled = no\n");
	assert_int_equal(run_now(g).run, 0);
	assert_states(g, "waiting=1");
	gateway_rules(g, TEAM, SALES);
	assert_int_equal(run_now(g).mails, 1);
	assert_int_equal(taken_for(g, "acme@out.example"), 2);
	assert_states(g, "sent=1");
	gateway_free(g);
}

static void
reports_go_to_each_address_with_its_journals(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);

	(void)state;
	gateway_rules(g, TEAM,
	    SALES "report_to = a@office.example b@office.example\n"
		  "[journal other]\naddress = other@in.example\n"
		  "deliver_to = other@out.example\n"
		  "report_to = b@office.example\n");
	capture_pdf(g, "F-1", 2000);
	assert_int_equal(run_now(g).reports, 2);
	assert_int_equal(taken_for(g, "a@office.example"), 1);
	assert_int_equal(taken_for(g, "b@office.example"), 1);
	assert_int_equal(taken_for(g, "team@office.example"), 0);
	gateway_free(g);
}

static void
a_report_is_mailed_when_it_is_wanted(void **state)
{
	static const struct {
		const char *when;
		unsigned quiet, busy;
	} cases[] = {
		{ "always", 1, 2 },
		{ "activity", 0, 1 },
		{ "problems", 0, 0 },
		{ "never", 0, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct gateway *g = gateway_new(NULL, 0);
		g_autofree char *gateway =
		    g_strdup_printf(TEAM "report_when = %s\n", cases[i].when);

		gateway_rules(g, gateway, SALES);
		run_now(g);
		assert_int_equal(
		    taken_for(g, "team@office.example"), cases[i].quiet);
		capture_pdf(g, "F-1", 2000);
		run_now(g);
		assert_int_equal(
		    taken_for(g, "team@office.example"), cases[i].busy);
		gateway_free(g);
	}
}

static gboolean
append_lines(const char *lines, void *csv, GError **error)
{
	(void)error;
	g_string_append(csv, lines);
	return TRUE;
}

static void
what_was_not_reported_is_told_by_the_next_report(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	const struct pl_run_options silent = { .now = TRUE, .no_report = TRUE };
	g_autoptr(GPtrArray) reports = NULL;
	g_autoptr(GString) csv = g_string_new(NULL);

	(void)state;
	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	run_with(g, &silent);
	assert_int_equal(taken_for(g, "team@office.example"), 0);
	run_now(g);
	reports = pl_report_of(g->f->l, 0, NULL);
	assert_int_equal(reports->len, 1);
	assert_ok(pl_report_csv(g->f->l,
	    ((struct pl_report_row *)reports->pdata[0])->id, append_lines, csv,
	    E));
	assert_non_null(strstr(csv->str, "F-1.pdf"));
	gateway_free(g);
}

/* An entry whose file is not in its message. */
static void
enter_a_ghost(struct gateway *g)
{
	gint64 message = add_message(
	    g->f->l, "<sales@in.example>", "<ghost@shop.example>", "x\r\n");
	gint64 document = add_document(g->f->l, message, "G-1",
	    "0123456789abcdef0123456789abcdef"
	    "0123456789abcdef0123456789abcdef");

	add_entry(g->f->l, document, "sales", PL_WAITING, NULL);
}

static void
one_document_that_cannot_be_read_is_held_and_the_rest_leaves(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	struct pl_run_result r;

	(void)state;
	gateway_rules(g, TEAM, SALES "documents_per_mail = 9\n");
	capture_pdf(g, "F-1", 2000);
	enter_a_ghost(g);
	capture_pdf(g, "F-2", 2000);
	r = run_now(g);
	assert_int_equal(r.mails, 1);
	assert_int_equal(r.sent, 2);
	assert_states(g, "held=1 sent=2");
	assert_true(problems_of(g, "PL-102", NULL) > 0);
	gateway_free(g);
}

static void
outside_the_window_a_deferred_email_waits(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "dot", 2, "451 4.7.1 later\r\n", 0, FALSE },
	};
	struct gateway *g = gateway_new(rules, 1);
	g_autoptr(GDateTime) eight =
	    g_date_time_new_from_iso8601("2027-06-01T06:00:00Z", NULL);
	gint64 morning = g_date_time_to_unix(eight) * G_USEC_PER_SEC;
	gint64 hour = 3600 * (gint64)G_USEC_PER_SEC;
	struct pl_run_options options = { .clock = morning };

	(void)state;
	gateway_rules(g, TEAM, SALES "window = 07:00-09:00\n");
	run_with(g, &options); /* serves the activation */
	capture_pdf(g, "F-1", 2000);
	assert_int_equal(run_with(g, &options).deferred, 1);
	options.clock = morning + 2 * hour;
	assert_int_equal(run_with(g, &options).run, 0);
	options.clock = morning + 23 * hour;
	assert_int_equal(run_with(g, &options).mails, 1);
	gateway_free(g);
}

static void
moving_the_start_date_back_sends_the_older_ones(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	struct pl_run_result r;

	(void)state;
	gateway_rules(
	    g, TEAM, SALES "schedule = 07:00\nstart_date = 2100-01-01\n");
	capture_pdf(g, "F-1", 2000);
	r = run_tick(g);
	assert_int_equal(r.mails, 0);
	assert_int_equal(run_tick(g).run, 0);
	gateway_rules(
	    g, TEAM, SALES "schedule = 07:00\nstart_date = 2020-01-01\n");
	r = run_tick(g); /* dated today: by the schedule */
	assert_true(r.run > 0);
	assert_int_equal(r.mails, 0);
	assert_int_equal(run_tick(g).run, 0);
	gateway_free(g);
}

static void
two_runs_at_once_are_one(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	const struct pl_run_options options = { .now = TRUE };
	pl_ledger *other = open_as(g->f, PL_LEDGER_WRITE);
	g_autoptr(GError) error = NULL;
	struct pl_run_result r;

	(void)state;
	gateway_rules(g, TEAM, SALES);
	assert_ok(pl_ledger_lock(other, "run", 0, NULL, E));
	assert_false(
	    pl_run_once(g->f->l, g->config, g->secret, &options, &r, &error));
	assert_true(g_error_matches(error, PL_RUN_ERROR, PL_RUN_BUSY));
	assert_non_null(strstr(error->message, "pid "));
	pl_ledger_close(other);
	gateway_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_sent_once_and_reported),
		cmocka_unit_test(a_tick_without_a_due_journal_is_no_run),
		cmocka_unit_test(caps_hold_over_runs),
		cmocka_unit_test(a_dry_run_changes_nothing),
		cmocka_unit_test(
		    a_deferred_email_leaves_with_the_next_run_as_it_was),
		cmocka_unit_test(a_refused_email_holds_its_documents),
		cmocka_unit_test(
		    an_mta_that_is_away_loses_nothing_and_floods_nobody),
		cmocka_unit_test(
		    without_proof_it_is_sent_again_under_the_same_id),
		cmocka_unit_test(what_is_too_large_is_held_and_the_rest_leaves),
		cmocka_unit_test(switching_off_gives_planned_documents_back),
		cmocka_unit_test(reports_go_to_each_address_with_its_journals),
		cmocka_unit_test(a_report_is_mailed_when_it_is_wanted),
		cmocka_unit_test(
		    what_was_not_reported_is_told_by_the_next_report),
		cmocka_unit_test(
		    one_document_that_cannot_be_read_is_held_and_the_rest_leaves),
		cmocka_unit_test(outside_the_window_a_deferred_email_waits),
		cmocka_unit_test(
		    moving_the_start_date_back_sends_the_older_ones),
		cmocka_unit_test(two_runs_at_once_are_one),
	};

	return cmocka_run_group_tests_name("run_run", tests, NULL, NULL);
}
