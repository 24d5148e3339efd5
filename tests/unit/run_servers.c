/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Submission to odd and hostile servers: replies in pieces, too many of them,
 * too long ones, with NULs, too early. What has no dot was not taken, what has
 * one and no whole reply is unknown, and nothing is taken for the answer to
 * something else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "smtpd.h"
#include "submit.h"

#define TEXT "Subject: x\r\n\r\none\r\n"

static struct pl_answer
send_one(pl_submit *s, unsigned times)
{
	g_autoptr(pl_spool) spool = pl_spool_new(0);
	const struct pl_envelope envelope = { "gw+b.7.1.mac@gw.example",
		"acme@accounting.example", "X-Stamp: 1\r\n", spool, NULL };
	struct pl_answer answer = { 0 };

	for (unsigned i = 0; i < times; i++)
		assert_true(pl_spool_text(spool, TEXT, NULL));
	assert_true(pl_spool_finish(spool, NULL));
	pl_submit_send(s, &envelope, &answer);
	return answer;
}

static unsigned
taken(const struct smtpd *server)
{
	unsigned n = 0;

	for (guint i = 0; i < server->mails->len; i++)
		n += ((struct smtpd_mail *)server->mails->pdata[i])->whole;
	return n;
}

struct odd {
	struct smtpd_rule rule;
	enum pl_attempt_state state;
	const char *reply; /* in it */
	gboolean whole;    /* the server had all of it */
};

static void
assert_means(const struct odd *odd, unsigned number)
{
	struct smtpd server;
	g_autoptr(pl_submit) s = NULL;
	struct pl_answer a;

	smtpd_start(&server, &odd->rule, 1);
	s = pl_submit_new(server.url);
	a = send_one(s, 1);
	smtpd_stop(&server);
	if (a.state != odd->state || strstr(a.reply, odd->reply) == NULL ||
	    taken(&server) != (unsigned)odd->whole)
		fail_msg("case %u: %d %u %s", number, a.state, taken(&server),
		    a.reply);
	if (a.state != PL_ATTEMPT_SENT)
		assert_null(a.mta_id);
	pl_answer_clear(&a);
	smtpd_clear(&server);
}

#define SENT PL_ATTEMPT_SENT
#define DEFERRED PL_ATTEMPT_DEFERRED
#define REFUSED PL_ATTEMPT_REFUSED
#define UNKNOWN PL_ATTEMPT_UNKNOWN

static void
replies_in_odd_forms_mean_what_they_say(void **state)
{
	static const struct odd cases[] = {
		/* byte by byte */
		{ { "dot", 0, "\002250-a\r\n250 2.0.0 queued as Q\r\n", 0,
		      FALSE },
		    SENT, "250-a\n250 2.0.0 queued as Q", TRUE },
		{ { "EHLO", 0, "\002250-a\r\n250-SIZE 9\r\n250 DSN\r\n", 0,
		      FALSE },
		    SENT, "250", TRUE },
		{ { "DATA", 0, "\002354 go\r\n", 0, FALSE }, SENT, "250",
		    TRUE },
		/* bare line feeds, no text, other codes of the same class */
		{ { "dot", 0, "250 ok\n", 0, FALSE }, SENT, "250 ok", TRUE },
		{ { "dot", 0, "250\r\n", 0, FALSE }, SENT, "250", TRUE },
		{ { "RCPT", 0, "251 elsewhere\r\n", 0, FALSE }, SENT, "250",
		    TRUE },
		/* the last line counts */
		{ { "dot", 0, "250-a\r\n550 b\r\n", 0, FALSE }, REFUSED,
		    "250-a\n550 b", TRUE },
		/* what only begins like a reply, or is cut, is none */
		{ { "dot", 0, "2500 ok\r\n", 0, TRUE }, UNKNOWN, "2500", TRUE },
		{ { "dot", 0, "25\r\n", 0, TRUE }, UNKNOWN, "25", TRUE },
		{ { "dot", 0, "250", 0, TRUE }, UNKNOWN, "250", TRUE },
		{ { "dot", 0, "250 ok\r", 0, TRUE }, UNKNOWN, "250 ok", TRUE },
		{ { "dot", 0, "250\1", 0, TRUE }, UNKNOWN, "250", TRUE },
		{ { "dot", 0, "550 no\1", 0, TRUE }, UNKNOWN, "550 no", TRUE },
		{ { "dot", 0, "999 what\r\n", 0, FALSE }, UNKNOWN, "999",
		    TRUE },
		/* a NUL hides nothing */
		{ { "dot", 0, "250 2.0.0 a\1b queued as Q7\r\n", 0, FALSE },
		    SENT, "a?b queued as Q7", TRUE },
		{ { "dot", 0, "\1\r\n250 ok\r\n", 0, FALSE }, SENT, "250 ok",
		    TRUE },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_means(&cases[i], i);
}

static void
nothing_answers_what_was_not_asked_yet(void **state)
{
	static const struct odd cases[] = {
		/* one reply too many: each that follows would be an earlier
		 * one's, and the last one that of the message */
		{ { "EHLO", 0, "250 a\r\n250 b\r\n", 0, FALSE }, DEFERRED,
		    "250", FALSE },
		{ { "MAIL", 0, "250 a\r\n250 b\r\n", 0, FALSE }, DEFERRED,
		    "250", FALSE },
		{ { "RCPT", 0, "250 a\r\n354 b\r\n", 0, FALSE }, DEFERRED,
		    "354", FALSE },
		{ { "DATA", 0, "354 go\r\n250 2.0.0 Ok: queued as Q\r\n", 0,
		      FALSE },
		    DEFERRED, "250 2.0.0 Ok", FALSE },
		{ { "DATA", 0, "354 go\r\n354 go\r\n", 0, FALSE }, DEFERRED,
		    "354", FALSE },
		/* a refusal before the end of the message */
		{ { "DATA", 0, "354 go\r\n554 5.7.1 no\r\n", 0, FALSE },
		    REFUSED, "554 5.7.1 no", FALSE },
		{ { "DATA", 0, "354 go\r\n421 4.3.2 busy\r\n", 0, TRUE },
		    DEFERRED, "421 4.3.2 busy", FALSE },
		{ { "DATA", 0, "250 what\r\n", 0, FALSE }, DEFERRED, "250 what",
		    FALSE },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_means(&cases[i], i);
}

/* Behind the answer comes another one, which is not that to the next e-mail. */
static void
an_answer_too_many_does_not_count_for_the_next(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "dot", 1, "250 a\r\n250 b\r\n250 c\r\n354 d\r\n250 e\r\n", 0,
		    FALSE },
		{ "dot", 2, "550 5.7.1 no\r\n", 0, FALSE },
	};
	struct smtpd server;
	g_autoptr(pl_submit) s = NULL;
	struct pl_answer a, b;

	(void)state;
	smtpd_start(&server, rules, G_N_ELEMENTS(rules));
	s = pl_submit_new(server.url);
	a = send_one(s, 1);
	assert_int_equal(a.state, SENT);
	b = send_one(s, 1);
	assert_int_equal(b.state, REFUSED);
	smtpd_stop(&server);
	assert_int_equal(taken(&server), 2);
	pl_answer_clear(&a);
	pl_answer_clear(&b);
	smtpd_clear(&server);
}

static struct odd
long_reply(const char *begin, gsize length, const char *end)
{
	g_autofree char *middle = g_strnfill(length, 'x');
	char *say = g_strconcat(begin, middle, end, NULL);

	return (struct odd){ { "dot", 0, say, 0, TRUE }, SENT, begin, TRUE };
}

static void
long_lines_are_read_to_their_end(void **state)
{
	static const gsize lengths[] = { 500, 4080, 4088, 4096, 10000, 100000 };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(lengths); i++) {
		struct odd one = long_reply("250 2.0.0 ", lengths[i], "\r\n");
		struct odd two =
		    long_reply("250-2.0.0 ", lengths[i], "\r\n451 no\r\n");
		struct odd none = long_reply("250 2.0.0 ", lengths[i], "");

		two.state = DEFERRED;
		none.state = UNKNOWN;
		assert_means(&one, i);
		assert_means(&two, i);
		assert_means(&none, i);
		g_free((gpointer)(uintptr_t)one.rule.say);
		g_free((gpointer)(uintptr_t)two.rule.say);
		g_free((gpointer)(uintptr_t)none.rule.say);
	}
}

static void
a_line_that_never_ends_is_given_up(void **state)
{
	struct odd odd = long_reply("250 2.0.0 ", 4 << 20, "");

	(void)state;
	odd.rule.close = FALSE;
	odd.state = UNKNOWN;
	assert_means(&odd, 0);
	g_free((gpointer)(uintptr_t)odd.rule.say);
}

/* After a restart it may be another server, or be configured in another way. */
static void
what_a_server_announces_holds_for_its_connection(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "dot", 1, "250 ok\r\n", 0, TRUE },
		{ "EHLO", 2, "502 5.5.2 what?\r\n", 0, FALSE },
		{ "dot", 2, "250 ok\r\n", 0, TRUE },
		{ "EHLO", 3, "250 just this\r\n", 0, FALSE },
	};
	struct smtpd server;
	g_autoptr(pl_submit) s = NULL;

	(void)state;
	smtpd_start(&server, rules, G_N_ELEMENTS(rules));
	s = pl_submit_new(server.url);
	for (unsigned i = 0; i < 3; i++) {
		struct pl_answer a = send_one(s, 1);

		assert_int_equal(a.state, SENT);
		assert_int_equal(pl_submit_dsn(s), i == 0);
		pl_answer_clear(&a);
	}
	smtpd_stop(&server);
	assert_int_equal(server.mails->len, 3);
	for (unsigned i = 0; i < 3; i++) {
		const struct smtpd_mail *m = server.mails->pdata[i];

		assert_true((strstr(m->from, "SIZE=") != NULL) == (i == 0));
	}
	smtpd_clear(&server);
}

/* Closed at any moment of the second e-mail of a connection, with any last
 * words: nothing counts twice. */
static void
a_connection_may_end_at_any_moment(void **state)
{
	static const char *const moments[] = { "MAIL", "RCPT", "DATA", "body",
		"dot" };
	static const char *const words[] = { NULL, "421 4.3.2 bye\r\n", "2",
		"250 o" };

	(void)state;
	for (unsigned i = 0; i < 5 * 4; i++) {
		const struct smtpd_rule rule = { moments[i / 4], 2,
			words[i % 4], 0, TRUE };
		const gboolean at_dot = i / 4 == 4;
		struct smtpd server;
		g_autoptr(pl_submit) s = NULL;
		struct pl_answer a, b;

		smtpd_start(&server, &rule, 1);
		s = pl_submit_new(server.url);
		a = send_one(s, 1);
		b = send_one(s, i / 4 == 3 ? 600000 : 1);
		smtpd_stop(&server);
		assert_int_equal(a.state, SENT);
		/* a first command without answer is sent again */
		if (i / 4 == 0)
			assert_int_equal(b.state, SENT);
		else if (at_dot && i % 4 != 1)
			assert_int_equal(b.state, UNKNOWN);
		else if (b.state != DEFERRED)
			fail_msg("%s, %u: %d %s", rule.moment, i % 4, b.state,
			    b.reply);
		assert_int_equal(
		    taken(&server), 1 + (b.state == SENT || at_dot));
		pl_answer_clear(&a);
		pl_answer_clear(&b);
		smtpd_clear(&server);
	}
}

/* Whether that is seen before the dot is written is a matter of luck. */
static void
a_server_that_agrees_and_hangs_up_has_taken_nothing(void **state)
{
	static const struct smtpd_rule rule = { "DATA", 0, "354 go\r\n", 0,
		TRUE };

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		struct smtpd server;
		g_autoptr(pl_submit) s = NULL;
		struct pl_answer a;

		smtpd_start(&server, &rule, 1);
		s = pl_submit_new(server.url);
		a = send_one(s, 1);
		smtpd_stop(&server);
		assert_true(a.state == DEFERRED || a.state == UNKNOWN);
		assert_int_equal(a.reply[0], '[');
		assert_int_equal(taken(&server), 0);
		pl_answer_clear(&a);
		smtpd_clear(&server);
	}
}

static int
be_patient(void **state)
{
	(void)state;
	g_setenv("POSTLEDGER_SMTP_TIMEOUT", "20", TRUE);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_in_odd_forms_mean_what_they_say),
		cmocka_unit_test(nothing_answers_what_was_not_asked_yet),
		cmocka_unit_test(
		    an_answer_too_many_does_not_count_for_the_next),
		cmocka_unit_test(long_lines_are_read_to_their_end),
		cmocka_unit_test(a_line_that_never_ends_is_given_up),
		cmocka_unit_test(
		    what_a_server_announces_holds_for_its_connection),
		cmocka_unit_test(a_connection_may_end_at_any_moment),
		cmocka_unit_test(
		    a_server_that_agrees_and_hangs_up_has_taken_nothing),
	};

	return cmocka_run_group_tests_name(
	    "run_servers", tests, be_patient, NULL);
}
