/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run makes of what came back: bounces, delays, successes, answers, and
 * what is none of these.
 */
#include "run_sales.h"

#define FIXED TEAM "return_path = fixed\n"

#define DSN(action, status, words) \
	"From: MAILER-DAEMON@gw.example\r\nSubject: Delivery status\r\n" \
	"Content-Type: multipart/report; report-type=delivery-status; " \
	"boundary=x\r\n\r\n--x\r\n\r\nHello.\r\n--x\r\n" \
	"Content-Type: message/delivery-status\r\n\r\n" \
	"Reporting-MTA: dns; gw.example\r\n\r\n" \
	"Final-Recipient: rfc822; acme@out.example\r\n" \
	"Action: " action "\r\nStatus: " status "\r\n" \
	"Remote-MTA: dns; mx.out.example\r\n" \
	"Diagnostic-Code: smtp; " words "\r\n\r\n--x"
#define BOUNCE DSN("failed", "5.1.1", "550 5.1.1 no such user") "--\r\n"
#define SUCCESS DSN("relayed", "2.0.0", "250 2.0.0 Ok: 4711") "--\r\n"
#define DELAY DSN("delayed", "4.4.1", "connection timed out") "--\r\n"

/* TEXT came from SENDER to an attempt; as the daemon stores it. */
static void
came_back(struct gateway *g, gint64 batch, unsigned attempt, const char *sender,
    const char *text)
{
	static unsigned n;
	g_autofree char *id = g_strdup_printf("<r%u@mx.example>", ++n);
	g_autoptr(pl_message) m =
	    new_message("<postledger+b.1.1.x@gw.example>", id, text);

	g_free(m->sender);
	m->sender = g_strdup(sender);
	m->return_batch = batch;
	m->return_attempt = attempt;
	m->bytes = store_bytes(g->f->l, "milter", text, strlen(text));
	assert_ok(pl_bytes_sync(g->f->l, E));
	assert_ok(pl_message_add(g->f->l, m, NULL, E));
}

static enum pl_batch_state
batch_is(struct gateway *g, gint64 batch)
{
	g_autoptr(pl_batch) b = pl_batch_get(g->f->l, batch, NULL);

	assert_non_null(b);
	return b->state;
}

/* One document went out in batch 1, its report in batch 2. */
static struct gateway *
sent(const char *rules)
{
	struct gateway *g = gateway_new(NULL, 0);

	gateway_rules(g, rules, SALES);
	capture_pdf(g, "F-1", 2000);
	assert_int_equal(run_now(g).sent, 1);
	assert_int_equal(batch_is(g, 1), PL_BATCH_SENT);
	return g;
}

static void
end(struct gateway *g)
{
	assert_whole(g->f->l);
	gateway_free(g);
}

/* ---- notices ------------------------------------------------------------- */

static void
a_bounce_holds_its_documents_with_the_words(void **state)
{
	struct gateway *g = sent(TEAM);
	g_autoptr(pl_entry) e = NULL;

	(void)state;
	came_back(g, 1, 1, "", BOUNCE);
	run_now(g);
	assert_int_equal(batch_is(g, 1), PL_BATCH_BOUNCED);
	e = pl_entry_get(g->f->l, 1, NULL);
	assert_int_equal(e->state, PL_HELD);
	assert_string_equal(e->code, "PL-302");
	assert_string_equal(e->note,
	    "acme@out.example: mx.out.example said: 550 5.1.1 no such user");
	assert_true(newest_says(g, "PL-302"));
	assert_true(newest_says(g, "550 5.1.1 no such user"));
	assert_true(newest_says(g, "F-1.pdf"));
	came_back(g, 1, 1, "", BOUNCE); /* the same once more */
	assert_int_equal(run_now(g).problems, 0);
	assert_ok(pl_entry_release(g->f->l, 1, E));
	assert_int_equal(run_now(g).sent, 1);
	assert_int_equal(taken_for(g, "acme@out.example"), 2);
	assert_int_equal(count_of(g, PL_SENT), 1);
	end(g);
}

static void
a_delay_and_a_success_are_told_and_change_nothing(void **state)
{
	struct gateway *g = sent(TEAM);
	g_autoptr(GPtrArray) notices = NULL;

	(void)state;
	came_back(g, 1, 1, "", DELAY);
	came_back(g, 1, 1, "", SUCCESS);
	run_now(g);
	assert_int_equal(batch_is(g, 1), PL_BATCH_SENT);
	assert_int_equal(count_of(g, PL_SENT), 1);
	assert_true(newest_says(g, "E-mail 1 of journal sales is delayed"));
	assert_true(newest_says(g, "connection timed out"));
	assert_true(newest_says(
	    g, "E-mail 1 of journal sales was accepted by mx.out.example at "));
	assert_true(newest_says(g, "250 2.0.0 Ok: 4711"));
	run_now(g);
	assert_false(newest_says(g, "mx.out.example"));
	notices = pl_notice_of(g->f->l, 1, NULL);
	assert_int_equal(notices->len, 2);
	end(g);
}

static void
successes_of_one_server_are_one_sentence(void **state)
{
	struct gateway *g = sent(TEAM);

	(void)state;
	capture_pdf(g, "F-2", 2000);
	assert_int_equal(run_now(g).sent, 1);
	came_back(g, 1, 1, "", SUCCESS);
	came_back(g, 3, 1, "", SUCCESS);
	run_now(g);
	assert_true(newest_says(g,
	    "2 e-mails of journal sales were accepted by mx.out.example (1, "
	    "3), the last at "));
	end(g);
}

static void
a_late_bounce_leaves_alone_what_has_gone_on(void **state)
{
	struct gateway *g = sent(TEAM);

	(void)state;
	assert_ok(pl_entry_resend(g->f->l, 1, E));
	came_back(g, 1, 1, "", BOUNCE); /* it waits */
	assert_int_equal(run_now(g).sent, 1);
	came_back(g, 1, 1, "", BOUNCE); /* it went out again */
	assert_int_equal(run_now(g).problems, 0);
	assert_int_equal(count_of(g, PL_SENT), 1);
	assert_int_equal(batch_is(g, 1), PL_BATCH_SENT);
	assert_true(newest_says(g, "Nothing was changed"));
	end(g);
}

static void
a_notice_that_says_nothing_is_told(void **state)
{
	struct gateway *g = sent(TEAM);

	(void)state;
	came_back(g, 1, 1, "", "Subject: hm\r\n\r\nIt is raining.\r\n");
	came_back(g, 1, 1, "", "");
	came_back(g, 77, 1, "", BOUNCE);
	assert_int_equal(run_now(g).problems, 1);
	assert_int_equal(count_of(g, PL_SENT), 1);
	assert_true(newest_says(g, "does not say what happened"));
	assert_true(newest_says(g, "It is raining."));
	assert_true(newest_says(g, "e-mail 77, which this ledger does not"));
	end(g);
}

/* ---- proof ------------------------------------------------------------- */

static const struct smtpd_rule no_answer[] = {
	{ "dot", 1, NULL, 0, TRUE },
};

static void
prove_with(const char *notice, enum pl_batch_state then, guint64 held)
{
	struct gateway *g = gateway_new(no_answer, 1);

	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	assert_int_equal(run_now(g).deferred, 1);
	assert_int_equal(batch_is(g, 1), PL_BATCH_SUBMITTING);
	came_back(g, 1, 1, "", notice);
	run_now(g);
	assert_int_equal(batch_is(g, 1), then);
	assert_int_equal(count_of(g, PL_HELD), held);
	assert_int_equal(count_of(g, PL_SENT), 1 - held);
	assert_int_equal(taken_for(g, "acme@out.example"), 1);
	assert_false(newest_says(g, "PL-303"));
	end(g);
}

static void
a_notice_proves_that_the_mta_had_it(void **state)
{
	(void)state;
	prove_with(SUCCESS, PL_BATCH_SENT, 0);
	prove_with(DELAY, PL_BATCH_SENT, 0);
	prove_with(BOUNCE, PL_BATCH_BOUNCED, 1);
}

static void
a_notice_of_an_attempt_that_was_refused_proves_nothing(void **state)
{
	static const struct smtpd_rule later[] = {
		{ "dot", 1, "451 4.7.1 later\r\n", 0, FALSE },
	};
	struct gateway *g = gateway_new(later, 1);

	(void)state;
	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	assert_int_equal(run_now(g).deferred, 1);
	came_back(g, 1, 1, "", SUCCESS);
	came_back(g, 1, 9, "", SUCCESS);
	assert_int_equal(run_now(g).sent, 1);
	assert_int_equal(batch_is(g, 1), PL_BATCH_SENT);
	end(g);
}

/* ---- answers ----------------------------------------------------------- */

#define ANSWER \
	"From: Robot <robot@out.example>\r\nSubject: Not booked\r\n\r\n" \
	"Invoice F-1 has no VAT number.\r\n"

static void
an_answer_is_passed_on_once(void **state)
{
	struct gateway *g = sent(TEAM);
	const struct smtpd_mail *m;

	(void)state;
	came_back(g, 1, 1, "robot@out.example", ANSWER);
	assert_int_equal(run_tick(g).reports, 2);
	m = g->mta.mails->pdata[2];
	assert_non_null(strstr(m->to, "team@office.example"));
	assert_non_null(
	    strstr(m->data->str, "Subject: Answer to e-mail 1 of journal"));
	assert_non_null(strstr(m->data->str, "Auto-Submitted: auto-generated"));
	assert_non_null(strstr(m->data->str, "message/rfc822"));
	assert_non_null(strstr(m->data->str, "Invoice F-1 has no VAT"));
	run_now(g);
	assert_int_equal(taken_for(g, "team@office.example"), 4);
	assert_int_equal(count_of(g, PL_SENT), 1);
	end(g);
}

static void
answers_cannot_go_round_in_circles(void **state)
{
	struct gateway *g = sent(TEAM);

	(void)state;
	came_back(g, 1, 1, "joe@out.example",
	    "Auto-Submitted: auto-replied\r\nSubject: Away\r\n\r\nI am away.");
	came_back(g, 1, 1, "",
	    "Auto-Submitted: auto-replied\r\nSubject: "
	    "Away\r\n\r\nMe too.");
	came_back(g, 2, 1, "team@office.example", ANSWER); /* the report */
	assert_int_equal(run_tick(g).reports, 1);
	assert_int_equal(taken_for(g, "team@office.example"), 2);
	assert_true(newest_says(g, "was answered by a machine"));
	assert_true(newest_says(g, "I am away."));
	assert_true(newest_says(g, "Me too."));
	assert_true(newest_says(g, "The report in e-mail 2 was answered by"));
	end(g);
}

static void
an_answer_nobody_takes_is_no_obstacle(void **state)
{
	static const struct smtpd_rule refused[] = {
		{ "dot", 3, "554 5.7.1 no robots\r\n", 0, FALSE },
	};
	struct gateway *g = gateway_new(refused, 1);

	(void)state;
	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	assert_int_equal(run_now(g).sent, 1);
	came_back(g, 1, 1, "robot@out.example", ANSWER);
	assert_int_equal(run_now(g).reports, 1);
	assert_true(newest_says(g, "PL-306"));
	assert_true(newest_says(g, "no robots"));
	assert_int_equal(run_now(g).reports, 1);
	assert_int_equal(taken_for(g, "team@office.example"), 4);
	end(g);
}

static void
a_bounce_of_a_report_is_told_by_the_next(void **state)
{
	struct gateway *g = sent(TEAM);

	(void)state;
	came_back(g, 2, 1, "", BOUNCE);
	assert_int_equal(run_now(g).problems, 1);
	assert_int_equal(batch_is(g, 2), PL_BATCH_BOUNCED);
	assert_true(newest_says(g, "PL-306"));
	assert_true(newest_says(g, "the report of run 1"));
	assert_true(newest_says(g, "550 5.1.1 no such user"));
	assert_int_equal(run_now(g).problems, 0);
	end(g);
}

/* ---- a fixed return path ----------------------------------------------- */

/* A notice at an intake address, with the first e-mail's stamp and Message-ID,
 * or with another one. */
static void
bounced_to_intake(struct gateway *g, const char *message_id)
{
	const struct smtpd_mail *mail = g->mta.mails->pdata[0];
	g_autofree char *stamp = field(mail, PL_STAMP_HEADER);
	g_autofree char *text = g_strdup_printf(
	    "%s\r\nContent-Type: text/rfc822-headers\r\n\r\n" PL_STAMP_HEADER
	    ": %s\r\nMessage-ID: %s\r\n\r\n--x--\r\n",
	    DSN("failed", "5.1.1", "550 no"), stamp, message_id);
	g_autoptr(pl_message) m =
	    new_message("<sales@in.example>", "<n@gw>", text);

	g_free(m->sender);
	m->sender = g_strdup("");
	m->bytes = store_bytes(g->f->l, "milter", text, strlen(text));
	assert_ok(pl_bytes_sync(g->f->l, E));
	assert_ok(pl_message_add(g->f->l, m, "sales", E));
}

static void
with_a_fixed_return_path_the_stamp_says_whose_it_is(void **state)
{
	struct gateway *g = sent(FIXED);
	g_autoptr(pl_batch) b = pl_batch_get(g->f->l, 1, NULL);

	(void)state;
	bounced_to_intake(g, "<x@evil.example>");
	run_now(g);
	assert_int_equal(batch_is(g, 1), PL_BATCH_SENT);
	assert_true(newest_says(g, "PL-101")); /* a message like any other */
	bounced_to_intake(g, b->message_id);
	run_now(g);
	assert_int_equal(batch_is(g, 1), PL_BATCH_BOUNCED);
	assert_int_equal(count_of(g, PL_HELD), 1);
	assert_false(newest_says(g, "PL-101"));
	end(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bounce_holds_its_documents_with_the_words),
		cmocka_unit_test(
		    a_delay_and_a_success_are_told_and_change_nothing),
		cmocka_unit_test(successes_of_one_server_are_one_sentence),
		cmocka_unit_test(a_late_bounce_leaves_alone_what_has_gone_on),
		cmocka_unit_test(a_notice_that_says_nothing_is_told),
		cmocka_unit_test(a_notice_proves_that_the_mta_had_it),
		cmocka_unit_test(
		    a_notice_of_an_attempt_that_was_refused_proves_nothing),
		cmocka_unit_test(an_answer_is_passed_on_once),
		cmocka_unit_test(answers_cannot_go_round_in_circles),
		cmocka_unit_test(an_answer_nobody_takes_is_no_obstacle),
		cmocka_unit_test(a_bounce_of_a_report_is_told_by_the_next),
		cmocka_unit_test(
		    with_a_fixed_return_path_the_stamp_says_whose_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
