/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Submission against a server that refuses, defers, hangs up, babbles or
 * falls silent at each moment of the dialog.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "reply.h"
#include "smtpd.h"
#include "submit.h"

#define STAMP "X-Postledger-Batch: 7.1; mac=abc\r\n"
#define TEXT "Subject: x\r\n\r\none\r\n.two\r\n..\r\n.\r\nlast\r\n"

static pl_spool *
spool_of(const char *text, unsigned times)
{
	pl_spool *spool = pl_spool_new(0);

	for (unsigned i = 0; i < times; i++)
		assert_true(pl_spool_text(spool, text, NULL));
	assert_true(pl_spool_finish(spool, NULL));
	return spool;
}

static struct pl_answer
send_one(pl_submit *s, pl_spool *spool)
{
	const struct pl_envelope envelope = { "gw+b.7.1.mac@gw.example",
		"acme@accounting.example", STAMP, spool, NULL };
	struct pl_answer answer = { 0 };

	pl_submit_send(s, &envelope, &answer);
	return answer;
}

/* An e-mail of TIMES this TEXT to a new server, and what comes of it. */
static struct pl_answer
send_to_new(struct smtpd *server, const struct smtpd_rule *rules, unsigned n,
    const char *text, unsigned times)
{
	g_autoptr(pl_spool) spool = spool_of(text, times);
	g_autoptr(pl_submit) s = NULL;

	smtpd_start(server, rules, n);
	s = pl_submit_new(server->url);
	return send_one(s, spool);
}

static void
an_email_arrives_as_composed(void **state)
{
	struct smtpd server;
	struct pl_answer a = send_to_new(&server, NULL, 0, TEXT, 1);
	struct smtpd_mail *m;

	(void)state;
	assert_int_equal(a.state, PL_ATTEMPT_SENT);
	assert_string_equal(a.reply, "250 2.0.0 Ok: queued as 4XyzQ9");
	assert_string_equal(a.mta_id, "4XyzQ9");
	assert_int_equal(a.size, strlen(STAMP TEXT));
	assert_false(a.down);
	pl_answer_clear(&a);
	smtpd_stop(&server);
	assert_int_equal(server.mails->len, 1);
	m = server.mails->pdata[0];
	assert_true(g_str_has_prefix(
	    m->from, "MAIL FROM:<gw+b.7.1.mac@gw.example> SIZE="));
	assert_int_equal(
	    atoi(strrchr(m->from, '=') + 1), (int)strlen(STAMP TEXT));
	assert_string_equal(m->to, "RCPT TO:<acme@accounting.example>");
	assert_string_equal(m->data->str,
	    "X-Postledger-Batch: 7.1; mac=abc\nSubject: x\n\n"
	    "one\n.two\n..\n.\nlast\n");
	smtpd_clear(&server);
}

static void
many_emails_share_a_connection(void **state)
{
	struct smtpd server;
	g_autoptr(pl_spool) spool = spool_of(TEXT, 1);
	g_autoptr(pl_submit) s = NULL;
	g_autofree char *reply = NULL;
	unsigned code;

	(void)state;
	smtpd_start(&server, NULL, 0);
	s = pl_submit_new(server.url);
	assert_true(pl_submit_command(s, "NOOP", &code, &reply, NULL));
	assert_int_equal(code, 250);
	for (unsigned i = 0; i < 20; i++) {
		struct pl_answer a = send_one(s, spool);

		assert_int_equal(a.state, PL_ATTEMPT_SENT);
		pl_answer_clear(&a);
	}
	smtpd_stop(&server);
	assert_int_equal(server.connections, 1);
	assert_int_equal(server.mails->len, 20);
	smtpd_clear(&server);
}

static void
a_large_email_arrives_bit_for_bit(void **state)
{
	struct smtpd server;
	const char *line = "0123456789abcdefghijklmnopqrstuvwxyz.\r\n.dot\r\n";
	struct pl_answer a = send_to_new(&server, NULL, 0, line, 400000);
	struct smtpd_mail *m;
	const char *at;

	(void)state;
	assert_int_equal(a.state, PL_ATTEMPT_SENT);
	pl_answer_clear(&a);
	smtpd_stop(&server);
	m = server.mails->pdata[0];
	at = strchr(m->data->str, '\n') + 1;
	for (unsigned i = 0; i < 400000; i++) {
		assert_memory_equal(
		    at, "0123456789abcdefghijklmnopqrstuvwxyz.\n.dot\n", 43);
		at += 43;
	}
	assert_int_equal(*at, '\0');
	smtpd_clear(&server);
}

#define GARBAGE "I am no mail server\r\n"

static void
every_answer_means_what_it_says(void **state)
{
	static const struct {
		struct smtpd_rule rule;
		enum pl_attempt_state state;
		gboolean down;
		const char *reply; /* in it */
	} cases[] = {
		/* before MAIL it is about us and not about the e-mail */
		{ { "greeting", 0, "554 no\r\n", 0, TRUE }, PL_ATTEMPT_DEFERRED,
		    TRUE, "554 no" },
		{ { "greeting", 0, "421 4.3.2 busy\r\n", 0, TRUE },
		    PL_ATTEMPT_DEFERRED, TRUE, "421 4.3.2 busy" },
		{ { "greeting", 0, GARBAGE, 0, TRUE }, PL_ATTEMPT_DEFERRED,
		    TRUE, "" },
		{ { "greeting", 0, NULL, 0, TRUE }, PL_ATTEMPT_DEFERRED, TRUE,
		    "" },
		{ { "greeting", 0, NULL, 3000, TRUE }, PL_ATTEMPT_DEFERRED,
		    TRUE, "" },
		{ { "EHLO", 0, NULL, 0, TRUE }, PL_ATTEMPT_DEFERRED, TRUE, "" },
		{ { "MAIL", 0, "450 4.7.1 later\r\n", 0, FALSE },
		    PL_ATTEMPT_DEFERRED, FALSE, "450 4.7.1 later" },
		{ { "MAIL", 0, "552 5.3.4 too big\r\n", 0, FALSE },
		    PL_ATTEMPT_REFUSED, FALSE, "552 5.3.4 too big" },
		{ { "MAIL", 0, "421 4.3.0 closing\r\n", 0, TRUE },
		    PL_ATTEMPT_DEFERRED, TRUE, "421 4.3.0 closing" },
		{ { "MAIL", 0, NULL, 0, TRUE }, PL_ATTEMPT_DEFERRED, FALSE,
		    "" },
		{ { "RCPT", 0, "451 4.3.5 x\r\n", 0, FALSE },
		    PL_ATTEMPT_DEFERRED, FALSE, "451 4.3.5 x" },
		{ { "RCPT", 0, "550-5.1.1 no such\r\n550 5.1.1 user\r\n", 0,
		      FALSE },
		    PL_ATTEMPT_REFUSED, FALSE,
		    "550-5.1.1 no such\n550 5.1.1 user" },
		{ { "RCPT", 0, NULL, 0, TRUE }, PL_ATTEMPT_DEFERRED, FALSE,
		    "" },
		{ { "DATA", 0, "451 4.3.0 x\r\n", 0, FALSE },
		    PL_ATTEMPT_DEFERRED, FALSE, "451 4.3.0 x" },
		{ { "DATA", 0, "554 5.5.1 x\r\n", 0, FALSE },
		    PL_ATTEMPT_REFUSED, FALSE, "554 5.5.1 x" },
		{ { "DATA", 0, NULL, 0, TRUE }, PL_ATTEMPT_DEFERRED, FALSE,
		    "" },
		{ { "dot", 0, "451 4.7.1 try again\r\n", 0, FALSE },
		    PL_ATTEMPT_DEFERRED, FALSE, "451 4.7.1 try again" },
		{ { "dot", 0, "452 4.3.1 full\r\n", 0, TRUE },
		    PL_ATTEMPT_DEFERRED, FALSE, "452 4.3.1 full" },
		{ { "dot", 0, "421 4.3.0 shutting down\r\n", 0, TRUE },
		    PL_ATTEMPT_DEFERRED, TRUE, "421 4.3.0 shutting down" },
		{ { "dot", 0, "550 5.7.1 rejected\r\n", 0, FALSE },
		    PL_ATTEMPT_REFUSED, FALSE, "550 5.7.1 rejected" },
		{ { "dot", 0, NULL, 0, TRUE }, PL_ATTEMPT_UNKNOWN, FALSE, "" },
		{ { "dot", 0, GARBAGE, 0, TRUE }, PL_ATTEMPT_UNKNOWN, FALSE,
		    "I am no mail server" },
		{ { "dot", 0, "354 what\r\n", 0, TRUE }, PL_ATTEMPT_UNKNOWN,
		    FALSE, "354 what" },
		{ { "dot", 0, "250-2.0.0 half an ans", 0, TRUE },
		    PL_ATTEMPT_UNKNOWN, FALSE, "" },
		{ { "dot", 0, "250 2.0.0 Ok\r\n", 4000, FALSE },
		    PL_ATTEMPT_UNKNOWN, FALSE, "" },
		{ { "dot", 0, "250 2.0.0 Ok\r\n", 1200, FALSE },
		    PL_ATTEMPT_SENT, FALSE, "250 2.0.0 Ok" },
		{ { "dot", 0, "250-2.0.0 Ok\r\n250 2.0.0 queued as A1\r\n", 0,
		      TRUE },
		    PL_ATTEMPT_SENT, FALSE,
		    "250-2.0.0 Ok\n250 2.0.0 queued as A1" },
	};

	(void)state;
	g_setenv("POSTLEDGER_SMTP_TIMEOUT", "2", TRUE);
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct smtpd server;
		struct pl_answer a =
		    send_to_new(&server, &cases[i].rule, 1, TEXT, 1);

		if (a.state != cases[i].state || a.down != cases[i].down ||
		    strstr(a.reply, cases[i].reply) == NULL)
			fail_msg(
			    "case %u: %d %d %s", i, a.state, a.down, a.reply);
		if (cases[i].reply[0] == '\0' || a.state == PL_ATTEMPT_UNKNOWN)
			assert_int_equal(a.reply[0], '[');
		else if (strcmp(cases[i].rule.moment, "greeting") != 0)
			assert_string_equal(a.reply, cases[i].reply);
		pl_answer_clear(&a);
		smtpd_clear(&server);
	}
	g_unsetenv("POSTLEDGER_SMTP_TIMEOUT");
}

static void
an_early_hang_up_in_the_message_takes_nothing(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "body", 0, NULL, 0, TRUE },
		{ "body", 0, "451 4.3.0 enough\r\n", 0, TRUE },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++) {
		struct smtpd server;
		struct pl_answer a =
		    send_to_new(&server, &rules[i], 1, TEXT, 400000);

		assert_int_equal(a.state, PL_ATTEMPT_DEFERRED);
		pl_answer_clear(&a);
		smtpd_stop(&server);
		assert_false(
		    ((struct smtpd_mail *)server.mails->pdata[0])->whole);
		smtpd_clear(&server);
	}
}

/* A server that stops reading and goes on later must get all or nothing. */
static void
a_stall_in_the_message_never_makes_a_hole(void **state)
{
	static const struct smtpd_rule rule = { "body", 0, NULL, 9000, FALSE };
	struct smtpd server;
	struct pl_answer a;

	(void)state;
	g_setenv("POSTLEDGER_SMTP_TIMEOUT", "4", TRUE);
	a = send_to_new(&server, &rule, 1, TEXT, 400000);
	assert_int_equal(a.state, PL_ATTEMPT_DEFERRED);
	pl_answer_clear(&a);
	smtpd_stop(&server);
	assert_int_equal(server.mails->len, 1);
	assert_false(((struct smtpd_mail *)server.mails->pdata[0])->whole);
	smtpd_clear(&server);
	g_unsetenv("POSTLEDGER_SMTP_TIMEOUT");
}

static void
a_connection_that_went_stale_is_made_again(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "dot", 1, "250 2.0.0 Ok\r\n", 0, TRUE },
		{ "MAIL", 3, "421 4.4.2 timeout\r\n", 0, TRUE },
	};
	struct smtpd server;
	g_autoptr(pl_spool) spool = spool_of(TEXT, 1);
	g_autoptr(pl_submit) s = NULL;

	(void)state;
	smtpd_start(&server, rules, 2);
	s = pl_submit_new(server.url);
	for (unsigned i = 0; i < 3; i++) {
		struct pl_answer a = send_one(s, spool);

		if (a.state != PL_ATTEMPT_SENT)
			fail_msg("%u: %s", i, a.reply);
		pl_answer_clear(&a);
	}
	smtpd_stop(&server);
	assert_int_equal(server.connections, 3);
	smtpd_clear(&server);
}

static void
a_refused_email_does_not_spoil_the_next(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "MAIL", 1, "550 5.1.8 x\r\n", 0, FALSE },
		{ "RCPT", 1, "550 5.1.1 x\r\n", 0, FALSE },
		{ "DATA", 1, "550 5.1.1 x\r\n", 0, FALSE },
		{ "dot", 1, "550 5.7.1 x\r\n", 0, FALSE },
	};
	static const char *const replies[] = { "550 5.1.8 x", "550 5.1.1 x",
		"550 5.1.1 x", "550 5.7.1 x",
		"250 2.0.0 Ok: queued as 4XyzQ9" };
	struct smtpd server;
	g_autoptr(pl_spool) spool = spool_of(TEXT, 1);
	g_autoptr(pl_submit) s = NULL;

	(void)state;
	smtpd_start(&server, rules, 4);
	s = pl_submit_new(server.url);
	for (unsigned i = 0; i < 5; i++) {
		struct pl_answer a = send_one(s, spool);

		assert_string_equal(a.reply, replies[i]);
		assert_int_equal(
		    a.state, i < 4 ? PL_ATTEMPT_REFUSED : PL_ATTEMPT_SENT);
		pl_answer_clear(&a);
	}
	smtpd_clear(&server);
}

static void
the_last_line_gets_its_end(void **state)
{
	static const char *const texts[] = { "Subject: x\r\n\r\nlast",
		"Subject: x\r\n\r\nlast\r", "Subject: x\r\n\r\nlast\r\n" };
	struct smtpd server;
	g_autoptr(pl_submit) s = NULL;

	(void)state;
	smtpd_start(&server, NULL, 0);
	s = pl_submit_new(server.url);
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(pl_spool) spool = spool_of(texts[i], 1);
		struct pl_answer a = send_one(s, spool);

		assert_int_equal(a.state, PL_ATTEMPT_SENT);
		pl_answer_clear(&a);
	}
	smtpd_stop(&server);
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct smtpd_mail *m = server.mails->pdata[i];

		assert_true(m->whole);
		assert_true(g_str_has_suffix(m->data->str, "\n\nlast\n"));
	}
	smtpd_clear(&server);
}

static void
an_old_server_is_greeted_in_the_old_way(void **state)
{
	static const struct smtpd_rule rules[] = { { "EHLO", 0,
	    "502 5.5.2 what?\r\n", 0, FALSE } };
	struct smtpd server;
	struct pl_answer a = send_to_new(&server, rules, 1, TEXT, 1);

	(void)state;
	assert_int_equal(a.state, PL_ATTEMPT_SENT);
	pl_answer_clear(&a);
	smtpd_stop(&server);
	assert_string_equal(((struct smtpd_mail *)server.mails->pdata[0])->from,
	    "MAIL FROM:<gw+b.7.1.mac@gw.example>");
	smtpd_clear(&server);
}

static void
a_line_without_end_is_no_answer(void **state)
{
	g_autofree char *line = g_strnfill(10000, '2');
	const struct smtpd_rule rules[] = { { "dot", 0, line, 0, FALSE } };
	struct smtpd server;
	struct pl_answer a;

	(void)state;
	g_setenv("POSTLEDGER_SMTP_TIMEOUT", "1", TRUE);
	a = send_to_new(&server, rules, 1, TEXT, 1);
	g_unsetenv("POSTLEDGER_SMTP_TIMEOUT");
	assert_int_equal(a.state, PL_ATTEMPT_UNKNOWN);
	assert_int_equal(a.reply[0], '[');
	pl_answer_clear(&a);
	smtpd_clear(&server);
}

static void
nobody_listens(void **state)
{
	struct smtpd server;
	g_autoptr(pl_spool) spool = spool_of(TEXT, 1);
	g_autoptr(pl_submit) s = NULL;
	g_autofree char *reply = NULL;
	g_autoptr(GError) error = NULL;
	struct pl_answer a;
	unsigned code;

	(void)state;
	smtpd_start(&server, NULL, 0);
	smtpd_stop(&server);
	s = pl_submit_new(server.url);
	a = send_one(s, spool);
	assert_int_equal(a.state, PL_ATTEMPT_DEFERRED);
	assert_true(a.down);
	pl_answer_clear(&a);
	assert_false(pl_submit_command(s, "NOOP", &code, &reply, &error));
	assert_true(g_error_matches(error, PL_RUN_ERROR, PL_RUN_UNAVAILABLE));
	smtpd_clear(&server);
}

static void
a_probe_asks_and_sends_nothing(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "RCPT", 2, "550 5.1.1 <x>: unknown\r\n", 0, FALSE },
		{ "MAIL", 3, "553 5.7.1 not yours\r\n", 0, FALSE },
	};
	struct smtpd server;
	struct pl_mta mta;

	(void)state;
	smtpd_start(&server, rules, 2);
	assert_true(pl_mta_probe(server.url, NULL, NULL, &mta, NULL));
	assert_int_equal(mta.size, 20000000);
	assert_true(mta.dsn);
	assert_true(mta.accepts);
	assert_string_equal(mta.reply, "test ESMTP");
	g_free(mta.reply);
	assert_true(pl_mta_probe(
	    server.url, "50%25+b.1@x.example", "a@b.example", &mta, NULL));
	assert_true(mta.accepts);
	g_free(mta.reply);
	assert_true(
	    pl_mta_probe(server.url, "x@x.example", "a@b.example", &mta, NULL));
	assert_false(mta.accepts);
	assert_string_equal(mta.reply, "550 5.1.1 <x>: unknown");
	g_free(mta.reply);
	assert_true(pl_mta_probe(server.url, "x@x.example", NULL, &mta, NULL));
	assert_false(mta.accepts);
	assert_string_equal(mta.reply, "553 5.7.1 not yours");
	g_free(mta.reply);
	smtpd_stop(&server);
	assert_string_equal(((struct smtpd_mail *)server.mails->pdata[0])->from,
	    "MAIL FROM:<50%25+b.1@x.example>");
	for (unsigned i = 0; i < server.mails->len; i++)
		assert_int_equal(
		    ((struct smtpd_mail *)server.mails->pdata[i])->data->len,
		    0);
	smtpd_clear(&server);
}

static void
a_test_email_is_a_whole_email(void **state)
{
	struct smtpd server;
	g_autofree char *reply = NULL;
	struct smtpd_mail *m;

	(void)state;
	smtpd_start(&server, NULL, 0);
	assert_true(pl_mta_test(server.url, "gw@x.example", "gw@x.example",
	    "a@b.example", &reply, NULL));
	assert_string_equal(reply, "250 2.0.0 Ok: queued as 4XyzQ9");
	smtpd_stop(&server);
	m = server.mails->pdata[0];
	assert_non_null(strstr(m->data->str, "\nSubject: postledger test\n"));
	assert_non_null(strstr(m->data->str, "From: gw@x.example\n"));
	smtpd_clear(&server);
}

static void
an_ipv6_literal_is_an_address(void **state)
{
	g_autoptr(pl_submit) s = pl_submit_new("smtp://[::1]:1");
	g_autofree char *reply = NULL;
	g_autoptr(GError) error = NULL;
	unsigned code;

	(void)state;
	assert_false(pl_submit_command(s, "NOOP", &code, &reply, &error));
	assert_non_null(strstr(error->message, "::1"));
}

static void
queue_ids_are_found_in_replies(void **state)
{
	static const struct {
		const char *reply, *id;
	} cases[] = {
		{ "250 2.0.0 Ok: queued as 4XyzQ9", "4XyzQ9" },
		{ "250-2.0.0 Ok\n250 2.0.0 Ok: queued as 4XyzQ9", "4XyzQ9" },
		{ "250 2.0.0 5AB1c2d3 Message accepted for delivery",
		    "5AB1c2d3" },
		{ "250 OK id=1pQrSt-0001Ab-2C", "1pQrSt-0001Ab-2C" },
		{ "250 2.0.0 6f2e1a Message accepted for delivery", "6f2e1a" },
		{ "250 2.6.0 thanks", "thanks" },
		{ "250", NULL },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *id = pl_reply_queue_id(cases[i].reply);

		if (cases[i].id == NULL)
			assert_null(id);
		else
			assert_string_equal(id, cases[i].id);
	}
}

/* Runs a submission in a child that dies at POINT; TRUE if it did. */
static gboolean
dies_at(const char *point, const char *url)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		g_autoptr(pl_spool) spool = spool_of(TEXT, 1);
		g_autoptr(pl_submit) s = NULL;
		struct pl_answer a;

		g_setenv("POSTLEDGER_CRASH", point, TRUE);
		s = pl_submit_new(url);
		a = send_one(s, spool);
		_exit(a.state == PL_ATTEMPT_SENT ? 0 : 1);
	}
	assert_true(child > 0);
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void
crash_points_lie_where_their_names_say(void **state)
{
	static const struct {
		const char *point;
		gboolean whole; /* the MTA has it */
		gboolean data;
	} cases[] = {
		{ "submit-envelope", FALSE, FALSE },
		{ "submit-data", FALSE, TRUE },
		{ "submit-end", FALSE, TRUE },
		{ "submit-dot", TRUE, TRUE },
		{ "submit-answered", TRUE, TRUE },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct smtpd server;
		struct smtpd_mail *m;

		smtpd_start(&server, NULL, 0);
		assert_true(dies_at(cases[i].point, server.url));
		g_usleep(100000);
		smtpd_stop(&server);
		assert_int_equal(server.mails->len, 1);
		m = server.mails->pdata[0];
		if (m->whole != cases[i].whole)
			fail_msg("%s", cases[i].point);
		if ((m->data->len > 0) != cases[i].data)
			fail_msg("%s", cases[i].point);
		smtpd_clear(&server);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: the variable is read once */
		cmocka_unit_test(crash_points_lie_where_their_names_say),
		cmocka_unit_test(an_email_arrives_as_composed),
		cmocka_unit_test(many_emails_share_a_connection),
		cmocka_unit_test(a_large_email_arrives_bit_for_bit),
		cmocka_unit_test(every_answer_means_what_it_says),
		cmocka_unit_test(an_early_hang_up_in_the_message_takes_nothing),
		cmocka_unit_test(a_stall_in_the_message_never_makes_a_hole),
		cmocka_unit_test(a_connection_that_went_stale_is_made_again),
		cmocka_unit_test(a_refused_email_does_not_spoil_the_next),
		cmocka_unit_test(the_last_line_gets_its_end),
		cmocka_unit_test(an_old_server_is_greeted_in_the_old_way),
		cmocka_unit_test(a_line_without_end_is_no_answer),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(a_probe_asks_and_sends_nothing),
		cmocka_unit_test(a_test_email_is_a_whole_email),
		cmocka_unit_test(an_ipv6_literal_is_an_address),
		cmocka_unit_test(queue_ids_are_found_in_replies),
	};

	return cmocka_run_group_tests_name("run_submit", tests, NULL, NULL);
}
