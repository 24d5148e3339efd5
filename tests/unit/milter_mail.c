/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of each recipient. */
#include "milter_fake_ledger.h"

#include "milter_setup_made.h"
#include "mail.h"

#define SALES "<sales@compta.example>"
#define INSIDE "127.0.0.1"
#define OUTSIDE "192.0.2.1"

static pl_setup *setup;

static int
make(void **state)
{
	(void)state;
	fake_reset();
	setup = made_setup("allow_networks = 127.0.0.0/8",
	    "[journal sales]\naddress = sales@compta.example\n"
	    "deliver_to = a@accounting.example\n"
	    "[journal archive]\naddress = sales@compta.example\n"
	    "deliver_to = b@accounting.example\n"
	    "allow_networks = 127.0.0.0/8 198.51.100.0/24\n"
	    "[journal open]\naddress = *@open.example\n"
	    "deliver_to = c@accounting.example\n"
	    "unauthorised = pass\n");
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	pl_setup_unref(setup);
	return 0;
}

static enum pl_taken
rcpt(pl_mail *m, const char *recipient, const char *client, gboolean able)
{
	const struct pl_client c = { client, NULL };

	const GPtrArray *journals = pl_mail_match(m, recipient);

	return journals == NULL
		   ? PL_TAKEN
		   : pl_mail_take(m, recipient, journals, &c, able);
}

static pl_mail *
mail(const char *sender)
{
	return pl_mail_new(pl_setup_ref(setup), sender);
}

static void
each_recipient_is_decided_by_address_client_and_ledger(void **state)
{
	const struct {
		const char *recipient, *client;
		gboolean able;
		enum pl_taken taken;
		unsigned others, intake, barred;
	} rows[] = {
		/* other mail is never refused, whatever the ledger */
		{ "<joe@customers.example>", OUTSIDE, TRUE, PL_TAKEN, 1, 0, 0 },
		{ "joe", OUTSIDE, FALSE, PL_TAKEN, 1, 0, 0 },
		{ "<>", INSIDE, FALSE, PL_TAKEN, 1, 0, 0 },
		/* intake, by SMTP */
		{ SALES, INSIDE, TRUE, PL_TAKEN, 0, 1, 0 },
		{ SALES, "198.51.100.7", TRUE, PL_TAKEN, 0, 1, 0 },
		{ SALES, OUTSIDE, TRUE, PL_TAKEN_BARRED, 0, 0, 0 },
		{ SALES, OUTSIDE, FALSE, PL_TAKEN_BARRED, 0, 0, 0 },
		{ SALES, INSIDE, FALSE, PL_TAKEN_UNABLE, 0, 0, 0 },
		{ "<Sales+x@COMPTA.example>", INSIDE, TRUE, PL_TAKEN, 0, 1, 0 },
		/* unauthorised = pass */
		{ "<x@open.example>", OUTSIDE, TRUE, PL_TAKEN, 1, 0, 0 },
		{ "<x@open.example>", INSIDE, TRUE, PL_TAKEN, 0, 1, 0 },
		/* local mail: never refused at RCPT */
		{ "sales@compta.example", INSIDE, TRUE, PL_TAKEN, 0, 1, 0 },
		{ "sales@compta.example", INSIDE, FALSE, PL_TAKEN, 0, 1, 0 },
		{ "sales@compta.example", OUTSIDE, TRUE, PL_TAKEN, 0, 0, 1 },
		{ "sales@compta.example", "", TRUE, PL_TAKEN, 0, 1, 0 },
		{ "sales@compta.example", NULL, TRUE, PL_TAKEN, 0, 1, 0 },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(pl_mail) m = mail("<erp@shop.example>");

		assert_int_equal(
		    rcpt(m, rows[i].recipient, rows[i].client, rows[i].able),
		    rows[i].taken);
		assert_int_equal(m->others, rows[i].others);
		assert_int_equal(
		    m->intake ? m->intake->len : 0, rows[i].intake);
		assert_int_equal(
		    m->barred ? m->barred->len : 0, rows[i].barred);
		assert_int_equal(pl_mail_concerns_us(m),
		    rows[i].intake + rows[i].barred > 0);
	}
}

static void
only_journals_that_take_it_are_named(void **state)
{
	const struct {
		const char *client, *journals;
	} rows[] = { { INSIDE, "sales,archive" },
		{ "198.51.100.7", "archive" } };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(pl_mail) m = mail("<erp@shop.example>");

		rcpt(m, SALES, rows[i].client, TRUE);
		rcpt(m, SALES, rows[i].client, TRUE);
		g_autofree char *names = pl_mail_journals(m);
		assert_string_equal(names, rows[i].journals);
		assert_int_equal(m->intake->len, 1);
	}
}

static void
recipients_are_kept_as_received(void **state)
{
	g_autoptr(pl_mail) m = mail("<erp@shop.example>");

	(void)state;
	rcpt(m, "<Sales+2026@Compta.Example>", INSIDE, TRUE);
	assert_string_equal(m->intake->pdata[0], "<Sales+2026@Compta.Example>");
}

static void
a_candidate_for_a_batch_is_never_refused_before_its_header(void **state)
{
	const struct pl_keyed k = { 'b', 7, 2 };
	g_autofree char *sender =
	    pl_keyed_format(setup->secret, "pl@gw.example", '+', &k);
	g_autoptr(pl_mail) m = mail(sender);

	(void)state;
	assert_int_equal(rcpt(m, SALES, OUTSIDE, TRUE), PL_TAKEN);
	assert_int_equal(rcpt(m, "<a@compta.example>", INSIDE, TRUE), PL_TAKEN);
	assert_int_equal(rcpt(m, "<s@open.example>", INSIDE, FALSE), PL_TAKEN);
	assert_int_equal(m->all->len, 3);
	assert_int_equal(m->barred->len, 1);
	assert_int_equal(m->intake->len, 1);
	assert_int_equal(m->others, 1);
	assert_true(pl_mail_concerns_us(m));
}

static void
a_message_keeps_the_setup_it_began_under(void **state)
{
	pl_setup *first =
	    made_setup("", "[journal old]\naddress = old@compta.example\n"
			   "deliver_to = a@accounting.example\n");

	(void)state;
	pl_live_put(first);
	g_autoptr(pl_mail) m = pl_mail_new(pl_live_take(), "<a@b>");
	pl_live_put(pl_setup_ref(setup));
	assert_int_equal(
	    rcpt(m, "<old@compta.example>", INSIDE, TRUE), PL_TAKEN);
	assert_int_equal(m->intake->len, 1);
	g_autoptr(pl_mail) next = pl_mail_new(pl_live_take(), "<a@b>");
	rcpt(next, "<old@compta.example>", INSIDE, TRUE);
	assert_null(next->intake);
	pl_live_put(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_recipient_is_decided_by_address_client_and_ledger),
		cmocka_unit_test(only_journals_that_take_it_are_named),
		cmocka_unit_test(recipients_are_kept_as_received),
		cmocka_unit_test(
		    a_candidate_for_a_batch_is_never_refused_before_its_header),
		cmocka_unit_test(a_message_keeps_the_setup_it_began_under),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
