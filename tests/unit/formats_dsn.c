/* SPDX-License-Identifier: BSD-2-Clause */
/* Delivery notices as mail servers write them, for machines and for people. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "postledger/formats.h"

static void
is_text(const char *should, const char *is)
{
	if (g_strcmp0(should, is) != 0)
		fail_msg("\n  is:        %s\n  should be: %s",
		    is != NULL ? is : "(null)",
		    should != NULL ? should : "(null)");
}

static pl_dsn *
dsn(const char *text)
{
	return pl_dsn_read((const guint8 *)text, strlen(text));
}

static const struct pl_dsn_recipient *
one(const pl_dsn *d)
{
	assert_int_equal(d->recipients->len, 1);
	return d->recipients->pdata[0];
}

static void
a_notice_of_postfix_is_read(void **state)
{
	g_autoptr(pl_dsn) d = dsn(
	    "Reporting-MTA: dns; gw.example.com\r\n"
	    "X-Postfix-Queue-ID: 4XyzAB\r\n"
	    "X-Postfix-Sender: rfc822; pl+b.1.1.aaaa@gw.example.com\r\n"
	    "Arrival-Date: Sun, 22 Nov 2026 07:00:00 +0100 (CET)\r\n"
	    "\r\n"
	    "Final-Recipient: rfc822; acme@accounting.example\r\n"
	    "Original-Recipient: rfc822;orig@accounting.example\r\n"
	    "Action: failed\r\n"
	    "Status: 5.1.1\r\n"
	    "Remote-MTA: dns; mx.accounting.example\r\n"
	    "Diagnostic-Code: smtp; 550 5.1.1 <acme@accounting.example>:\r\n"
	    "    Recipient address rejected: User unknown\r\n");
	const struct pl_dsn_recipient *r = one(d);

	(void)state;
	is_text("gw.example.com", d->reporting);
	is_text("acme@accounting.example", r->recipient);
	is_text("failed", r->action);
	is_text("5.1.1", r->status);
	is_text("mx.accounting.example", r->remote);
	is_text("550 5.1.1 <acme@accounting.example>: Recipient address "
		"rejected: User unknown",
	    r->diagnostic);
}

static void
each_recipient_has_a_group_of_its_own(void **state)
{
	g_autoptr(pl_dsn) d = dsn("Reporting-MTA: dns; mx.example (the mx)\n"
				  "\n \n"
				  "Action: Delivered (to mailbox)\n"
				  "Final-Recipient: RFC822;<a@x.example>\n"
				  "Status: 2.0.0 (all is well)\n"
				  "Last-Attempt-Date: Sun, 22 Nov 2026 07:02:00"
				  " +0100\n"
				  "\n"
				  "Original-Recipient: rfc822;b@x.example\n"
				  "Action: delayed\nStatus: 4.4.1\n"
				  "Will-Retry-Until: tomorrow\n\n\n\n");
	const struct pl_dsn_recipient *a, *b;

	(void)state;
	assert_int_equal(d->recipients->len, 2);
	a = d->recipients->pdata[0];
	b = d->recipients->pdata[1];
	is_text("mx.example", d->reporting);
	is_text("a@x.example", a->recipient);
	is_text("delivered", a->action);
	is_text("2.0.0", a->status);
	is_text("Sun, 22 Nov 2026 07:02:00 +0100", a->date);
	is_text("b@x.example", b->recipient);
	is_text("delayed", b->action);
	is_text("4.4.1", b->status);
	is_text(NULL, b->remote);
	is_text(NULL, b->diagnostic);
}

static void
what_is_no_notice_has_no_recipients(void **state)
{
	static const char *const texts[] = { "", "\r\n\r\n", "hello",
		"Subject: x\n\nbody: text\n", ":\n:\n\n:", "Action\nStatus\n",
		"Reporting-MTA: dns; x\n\nX-Foo: bar\n", " Action: failed" };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(pl_dsn) d = dsn(texts[i]);

		assert_int_equal(d->recipients->len, 0);
	}
}

static void
foreign_fields_are_bounded_and_harmless(void **state)
{
	g_autoptr(GString) s = g_string_new("Action: failed\nDiagnostic-Code: "
					    "smtp; 5\0330\xff\001x\n y ");
	g_autoptr(pl_dsn) d = NULL;
	g_autoptr(pl_dsn) many = NULL;

	(void)state;
	for (guint i = 0; i < 5000; i++)
		g_string_append_c(s, 'z');
	d = dsn(s->str);
	assert_true(g_utf8_validate(one(d)->diagnostic, -1, NULL));
	assert_true(strlen(one(d)->diagnostic) < 1100);
	assert_true(g_str_has_prefix(one(d)->diagnostic, "5 0"));
	g_string_truncate(s, 0);
	for (guint i = 0; i < 5000; i++)
		g_string_append(s, "Action: failed\n\n");
	many = dsn(s->str);
	assert_int_equal(many->recipients->len, PL_DSN_RECIPIENTS);
}

/* ---- words ------------------------------------------------------------- */

static const struct {
	const char *subject, *text;
	const char *action, *recipient, *words; /* WORDS: the beginning */
} told[] = {
	/* qmail */
	{ "failure notice",
	    "Hi. This is the qmail-send program at mx.example.\n"
	    "I'm afraid I wasn't able to deliver your message to the following "
	    "addresses.\nThis is a permanent error; I've given up. Sorry it "
	    "didn't work out.\n\n<acme@x.example>:\nuser is over quota\n\n"
	    "--- Below this line is a copy of the message.\n",
	    "failed", "acme@x.example", "user is over quota" },
	{ "failure notice",
	    "Hi. This is the qmail-send program.\r\nI'm afraid I wasn't able "
	    "to deliver your message\r\n\r\n<a@x.example>:\r\n192.0.2.1 does "
	    "not like recipient.\r\nRemote host said: 550 5.1.1 no such "
	    "user\r\nGiving up on 192.0.2.1.\r\n\r\n--- Below",
	    "failed", "a@x.example",
	    "550 5.1.1 no such user Giving up on 192.0.2.1." },
	/* Exim */
	{ "Mail delivery failed: returning message to sender",
	    "This message was created automatically by mail delivery "
	    "software.\n\nA message that you sent could not be delivered to "
	    "one or more of its\nrecipients. This is a permanent error. The "
	    "following address(es) failed:\n\n  acme@x.example\n    host "
	    "mx.x.example [192.0.2.7]\n    SMTP error from remote mail server "
	    "after RCPT TO:<acme@x.example>:\n    550 5.7.1 Access denied\n",
	    "failed", NULL, "550 5.7.1 Access denied" },
	{ "Warning: message 1abcDE-0001 delayed 24 hours",
	    "A message that you sent has not yet been delivered to one or "
	    "more of its recipients after more than 24 hours on the queue.",
	    "delayed", NULL, "A message that you sent has not yet" },
	/* Exchange */
	{ "Undeliverable: sales: 3 documents",
	    "Delivery has failed to these recipients or groups:\r\n\r\n"
	    "acme@x.example\r\nThe email address you entered couldn't be "
	    "found.\r\n\r\nDiagnostic information for administrators:\r\n"
	    "#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\r\n",
	    "failed", NULL, "550 5.1.1 RESOLVER.ADR.RecipNotFound" },
	{ "Unzustellbar: Rechnung",
	    "Ihre Nachricht konnte nicht zugestellt werden.", "failed", NULL,
	    "Ihre Nachricht" },
	{ "Non remis : facture", "", "failed", NULL, "Non remis" },
	{ "Delivery Status", "421 4.4.1 connection timed out", "delayed", NULL,
	    "421 4.4.1" },
	{ "", "permanently failed\n\n<a@x.exam\033ple>:\nno such user\n",
	    "failed", "a@x.exam ple", "no such user" },
	/* people, and other machines */
	{ "Out of office", "I am away until 5 January 2027.", NULL, NULL, "" },
	{ "Re: invoices", "Invoice 550 is wrong, please send 551.", NULL, NULL,
	    "" },
	{ "News", "Version 1.5.1.2 of 10.5.1.1 is out", NULL, NULL, "" },
	{ NULL, NULL, NULL, NULL, "" },
	{ "", "4.", NULL, NULL, "" },
	{ "", "5.1.", NULL, NULL, "" },
	{ "", "55", NULL, NULL, "" },
};

static void
words_are_understood_where_they_leave_no_doubt(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(told); i++) {
		g_autoptr(pl_dsn) d =
		    pl_dsn_guess(told[i].subject, told[i].text);
		const struct pl_dsn_recipient *r;

		if (told[i].action == NULL && d->recipients->len == 0)
			continue;
		if (d->recipients->len != 1)
			fail_msg("%s: nothing found", told[i].subject);
		r = d->recipients->pdata[0];
		is_text(told[i].action, r->action);
		is_text(told[i].recipient, r->recipient);
		if (!g_str_has_prefix(r->diagnostic, told[i].words))
			is_text(told[i].words, r->diagnostic);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_notice_of_postfix_is_read),
		cmocka_unit_test(each_recipient_has_a_group_of_its_own),
		cmocka_unit_test(what_is_no_notice_has_no_recipients),
		cmocka_unit_test(foreign_fields_are_bounded_and_harmless),
		cmocka_unit_test(
		    words_are_understood_where_they_leave_no_doubt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
