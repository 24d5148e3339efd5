/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that came back: notices, answers, and what only looks like them. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "room.h"

#define STATUS(type) \
	"--x\r\nContent-Type: " type "\r\n\r\nReporting-MTA: dns; gw\r\n\r\n" \
	"Final-Recipient: rfc822; a@x.example\r\nAction: failed\r\n" \
	"Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 no\r\n\r\n"
#define TOP(fields) \
	"From: MAILER-DAEMON@gw\r\nSubject: Undelivered\r\n" fields \
	"MIME-Version: 1.0\r\n"
#define REPORT \
	"Content-Type: multipart/report; report-type=delivery-status;\r\n" \
	" boundary=x\r\n\r\n"
#define WORDS "--x\r\nContent-Type: text/plain\r\n\r\nSorry.\r\nBad.\r\n"
#define ORIGINAL \
	"X-Postledger-Batch: 7.2; journal=sales;\r\n documents=1; " \
	"mac=abcd\r\nMessage-ID: <b.7@gw>\r\nSubject: s\r\n\r\n"

static pl_returned *
returned(const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	const struct pl_source source = pl_source_memory(bytes);
	g_autoptr(pl_reader) reader = pl_reader_new(NULL);
	g_autoptr(GError) error = NULL;
	pl_returned *r = pl_reader_returned(reader, &source, &error);

	if (r == NULL)
		fail_msg("%s", error->message);
	return r;
}

static void
is_text(const char *should, const char *is)
{
	if (g_strcmp0(should, is) != 0)
		fail_msg("\n  is:        %s\n  should be: %s",
		    is != NULL ? is : "(null)", should);
}

static void
the_part_for_machines_is_found(void **state)
{
	static const char *const mails[] = {
		TOP("") REPORT WORDS STATUS(
		    "message/delivery-status") "--x\r\nContent-Type: "
					       "message/rfc822\r\n\r\n" ORIGINAL
					       "body\r\n--x--\r\n",
		TOP("") REPORT WORDS STATUS(
		    "message/global-delivery-status") "--x\r\nContent-Type: "
						      "text/"
						      "rfc822-"
						      "headers\r\n\r\n" ORIGINAL
						      "--x--\r\n",
		/* a gateway wrapped it; the end is missing */
		TOP("") "Content-Type: multipart/mixed; boundary=y\r\n\r\n"
			"--y\r\n" REPORT WORDS STATUS(
			    "message/delivery-status") "--x\r\nContent-Type: "
						       "message/"
						       "rfc822-"
						       "headers\r\n\r"
						       "\n" ORIGINAL,
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(mails); i++) {
		g_autoptr(pl_returned) r = returned(mails[i]);
		const struct pl_dsn_recipient *one;

		assert_true(r->machine);
		assert_false(r->automatic);
		assert_int_equal(r->dsn->recipients->len, 1);
		one = r->dsn->recipients->pdata[0];
		is_text("a@x.example", one->recipient);
		is_text("550 no", one->diagnostic);
		is_text("gw", r->dsn->reporting);
		is_text("Undelivered", r->subject);
		is_text("Sorry.  Bad.", r->text);
		is_text("<b.7@gw>", r->message_id);
		assert_true(g_str_has_prefix(r->stamp, "7.2; journal=sales;"));
	}
}

static void
words_alone_are_a_notice_too(void **state)
{
	g_autoptr(pl_returned) plain = returned(
	    "Subject: failure notice\r\n\r\nHi. This is the qmail-send "
	    "program.\r\nThis is a permanent error; I've given up.\r\n\r\n"
	    "<a@x.example>:\r\nno such mailbox\r\n\r\n--- Below\r\n");
	g_autoptr(pl_returned) html =
	    returned("Subject: Undeliverable\r\nContent-Type: text/html\r\n\r\n"
		     "<html><b>Delivery has failed</b><p>#550 5.1.1 Not "
		     "found</p></html>\r\n");
	const struct pl_dsn_recipient *one = plain->dsn->recipients->pdata[0];

	(void)state;
	assert_false(plain->machine);
	is_text("a@x.example", one->recipient);
	is_text("no such mailbox", one->diagnostic);
	one = html->dsn->recipients->pdata[0];
	is_text("failed", one->action);
	assert_true(g_str_has_prefix(one->diagnostic, "550 5.1.1 Not found"));
}

static void
answers_are_no_notices(void **state)
{
	static const struct {
		const char *mail;
		gboolean automatic;
	} answers[] = {
		{ TOP("Auto-Submitted: auto-replied (vacation)\r\n") "\r\nI am "
								     "away.",
		    TRUE },
		{ TOP("Precedence: bulk\r\n") "\r\nx", TRUE },
		{ "Subject: Automatic reply: sales\r\n\r\nx", TRUE },
		{ TOP("") "Content-Type: multipart/report; boundary=x;\r\n "
			  "report-type=disposition-notification\r\n\r\n" WORDS
			  "--x\r\nContent-Type: message/"
			  "disposition-notification\r\n\r\nDisposition: "
			  "displayed\r\n--x--\r\n",
		    TRUE },
		{ TOP("Auto-Submitted: auto-generated\r\n") "\r\nDone.",
		    FALSE },
		{ TOP("Auto-Submitted: no\r\n") "\r\nThank you.", FALSE },
		{ "", FALSE },
		{ "\r\n\r\n", FALSE },
		{ TOP("") REPORT "--x\r\nContent-Type: message/delivery-status"
				 "\r\n\r\n--x--",
		    FALSE },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
		g_autoptr(pl_returned) r = returned(answers[i].mail);

		if (r->automatic != answers[i].automatic ||
		    r->dsn->recipients->len > (i == 8 || i == 4))
			fail_msg("number %u: %u recipients", i,
			    r->dsn->recipients->len);
		assert_false(r->machine);
	}
}

static void
what_the_child_says_is_not_believed(void **state)
{
	g_autoptr(pl_returned) r = returned(
	    TOP("") REPORT WORDS STATUS("message/delivery-status") "--x--\r\n");
	g_autoptr(GBytes) good = pl_returned_pack(r);
	gsize n;
	const guint8 *bytes = g_bytes_get_data(good, &n);

	(void)state;
	for (gsize i = 0; i < n; i++) {
		g_autofree guint8 *copy = g_memdup2(bytes, n);
		g_autoptr(GBytes) cut = g_bytes_new(bytes, i);
		g_autoptr(GBytes) changed = NULL;
		g_autoptr(pl_returned) a = pl_returned_unpack(cut);
		g_autoptr(pl_returned) b = NULL;

		copy[i] ^= 0xff;
		changed = g_bytes_new(copy, n);
		b = pl_returned_unpack(changed);
		assert_null(a);
		if (b != NULL && b->text != NULL)
			assert_true(g_utf8_validate(b->text, -1, NULL));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_part_for_machines_is_found),
		cmocka_unit_test(words_alone_are_a_notice_too),
		cmocka_unit_test(answers_are_no_notices),
		cmocka_unit_test(what_the_child_says_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
