/* SPDX-License-Identifier: BSD-2-Clause */
/* From messages in the ledger to entries and problems. */
#include "intake_ledger.h"

/* ---- entries ----------------------------------------------------------- */

static void
a_document_is_entered_where_its_kind_is_accepted(void **state)
{
	struct fixture *f = *state;
	gint64 id = arrives(f->l, "<Sales@in.example>",
	    mail_with("application/xml", "c.xml",
		make_ubl(TRUE, "C1", "2026-01-31", "5.00", NULL, NULL)));
	arrives(f->l, "<sales@in.example>", invoice("I1", "7.00"));

	struct pl_indexed done = run_index(f->l, SALES CREDITS);
	assert_int_equal(done.messages, 2);
	assert_int_equal(done.documents, 2);
	assert_int_equal(done.entries, 2);
	assert_int_equal(done.problems, 0);
	assert_ledger(f->l, "credits waiting c.xml\nsales waiting i.xml\n");

	g_autoptr(pl_message) m = pl_message_get(f->l, id, NULL);
	assert_true(m->indexed);
	assert_string_equal(m->subject, "café");
	assert_string_equal(m->date, "2026-02-02");
	done = run_index(f->l, SALES CREDITS);
	assert_int_equal(done.messages, 0);
	assert_int_equal(done.entries, 0);
}

static void
journals_that_share_an_address_both_get_it(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>", invoice("I1", "7.00"));
	run_index(f->l, SALES
	    "[journal copy]\naddress = sales@in.example\n"
	    "deliver_to = copy@out.example\n");
	assert_ledger(f->l, "sales waiting i.xml\ncopy waiting i.xml\n");
}

static void
a_plain_pdf_goes_to_the_first_that_takes_invoices(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>",
	    mail_with("application/pdf", "a.pdf", make_pdf("a")));
	run_index(f->l, CREDITS SALES);
	assert_ledger(f->l, "sales waiting a.pdf\n");
}

static void
a_plain_pdf_goes_to_the_one_that_takes_others(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>",
	    mail_with("application/pdf", "a.pdf", make_pdf("a")));
	run_index(f->l, SALES
	    "[journal rest]\naddress = sales@in.example\n"
	    "deliver_to = rest@out.example\naccept = other\n");
	assert_ledger(f->l, "rest waiting a.pdf\n");
}

static void
what_no_journal_takes_is_told(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>",
	    mail_with("application/xml", "c.xml",
		make_ubl(TRUE, "C1", "2026-01-31", "5.00", NULL, NULL)));
	arrives(f->l, "<nobody@elsewhere.example>", invoice("I1", "1.00"));
	arrives(f->l, "<sales@in.example>",
	    mail_with("text/plain", "note.txt", make_text("hello")));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "!PL-106 sales c.xml\n!PL-106 - i.xml\n!PL-101 sales -\n");
	g_autoptr(GPtrArray) problems = pl_problem_open(f->l, 0, NULL);
	const struct pl_problem *p = problems->pdata[0];
	assert_string_equal(p->text,
	    "no journal at sales@in.example takes a credit note C1 as ubl "
	    "from Seller");
	p = problems->pdata[2];
	assert_string_equal(p->text, "note.txt (not a document: text)");
}

static void
own_company_numbers_choose_the_journal(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<a@in.example>", invoice("I1", "1.00"));
	run_index(f->l,
	    "[journal ours]\naddress = a@in.example\n"
	    "deliver_to = a@out.example\ncompany_ids = BE0987654394\n"
	    "[journal theirs]\naddress = a@in.example\n"
	    "deliver_to = b@out.example\ncompany_ids = BE0111111111\n");
	assert_ledger(f->l, "ours waiting i.xml\n");
}

static const char two_accounts[] =
    ":20:A\r\n:25:NL91ABNA0417164300\r\n:28C:1/1\r\n"
    ":60F:C260130EUR100,00\r\n"
    ":61:2601310131C10,00NTRFNONREF\r\n:86:one\r\n"
    ":62F:C260131EUR110,00\r\n-\r\n"
    ":20:B\r\n:25:NL20INGB0001234567\r\n:28C:7/1\r\n"
    ":60F:C260130EUR5,00\r\n"
    ":61:2601310131D1,00NTRFNONREF\r\n:86:two\r\n"
    ":62F:C260131EUR4,00\r\n-\r\n";

static void
statements_of_one_file_go_to_the_journals_of_their_accounts(void **state)
{
	struct fixture *f = *state;
	const char *journals =
	    "[journal abn]\naddress = bank@in.example\n"
	    "deliver_to = a@out.example\naccount = NL91ABNA0417164300\n"
	    "[journal ing]\naddress = bank@in.example\n"
	    "deliver_to = b@out.example\naccount = NL20INGB0001234567\n";

	arrives(f->l, "<bank@in.example>",
	    mail_with("text/plain", "s.sta", make_text(two_accounts)));
	struct pl_indexed done = run_index(f->l, journals);
	assert_int_equal(done.documents, 2);
	assert_ledger(f->l, "abn waiting s.sta\ning waiting s.sta\n");
	/* the file again: each statement is a duplicate of its own */
	arrives(f->l, "<bank@in.example>",
	    mail_with("text/plain", "again.sta", make_text(two_accounts)));
	run_index(f->l, journals);
	assert_ledger(f->l,
	    "abn waiting s.sta\ning waiting s.sta\n"
	    "abn duplicate again.sta of 1\ning duplicate again.sta of 2\n");
}

static void
an_account_without_journal_is_told(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<bank@in.example>",
	    mail_with("text/plain", "s.sta", make_text(two_accounts)));
	run_index(f->l,
	    "[journal abn]\naddress = bank@in.example\n"
	    "deliver_to = a@out.example\naccount = NL91ABNA0417164300\n");
	assert_ledger(f->l, "abn waiting s.sta\n!PL-203 abn s.sta\n");
}

/* ---- the same again ---------------------------------------------------- */

/* Two files in one mail. */
/* ---- trouble ----------------------------------------------------------- */

static void
a_message_that_kills_the_parser_spoils_only_itself(void **state)
{
	struct fixture *f = *state;

	g_setenv("POSTLEDGER_TEST_CHILD", "1", TRUE);
	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	arrives(f->l, "<sales@in.example>",
	    make_text("X-Misbehave: crash\r\n\r\n"));
	arrives(f->l, "<sales@in.example>", invoice("I2", "1.00"));
	struct pl_indexed done = run_index(f->l, SALES);
	g_unsetenv("POSTLEDGER_TEST_CHILD");
	assert_int_equal(done.messages, 3);
	assert_ledger(f->l,
	    "sales waiting i.xml\nsales waiting i.xml\n!PL-102 sales -\n");
	done = run_index(f->l, SALES);
	assert_int_equal(done.messages, 0);
}

/* Told once, and read when its file is back. */
static void
missing_bytes_do_not_stop_the_others(void **state)
{
	struct fixture *f = *state;
	g_autofree char *away = g_strconcat(f->messages, ".away", NULL);

	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	reopen(f);
	assert_int_equal(g_rename(f->messages, away), 0);
	assert_int_equal(g_mkdir(f->messages, 0700), 0);
	for (int i = 0; i < 2; i++) {
		struct pl_indexed done = run_index(f->l, SALES);
		assert_int_equal(done.messages, 0);
		reopen(f);
	}
	g_autofree char *text = ledger_text(f->l);
	assert_string_equal(text, "!PL-506 sales -\n");
	remove_all(f->messages);
	assert_int_equal(g_rename(away, f->messages), 0);
	reopen(f);
	run_index(f->l, SALES);
	assert_ledger(f->l, "sales waiting i.xml\n!PL-506 sales -\n");
}

static void
however_many_are_missing_what_comes_behind_them_is_read(void **state)
{
	struct fixture *f = *state;
	g_autofree char *away = g_strconcat(f->messages, ".away", NULL);

	for (int i = 0; i < 1100; i++)
		arrives(f->l, "<sales@in.example>", make_text("gone\r\n"));
	reopen(f);
	assert_int_equal(g_rename(f->messages, away), 0);
	assert_int_equal(g_mkdir(f->messages, 0700), 0);
	reopen(f);
	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	struct pl_indexed done = run_index(f->l, SALES);
	assert_int_equal(done.messages, 1);
	assert_int_equal(done.problems, 1100);
	remove_all(away);
}

static void
many_messages_are_indexed_in_pages(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 60; i++) {
		g_autofree char *number = g_strdup_printf("I%d", i);
		arrives(f->l, "<sales@in.example>", invoice(number, "1.00"));
	}
	struct pl_indexed done = run_index(f->l, SALES);
	assert_int_equal(done.messages, 60);
	assert_int_equal(done.entries, 60);
	assert_whole(f->l);
}

/* So many that two parsers read them by turns: each message gets what was found
 * in it, and they are entered in their order. */
static void
two_parsers_that_die_mix_nothing_up(void **state)
{
	struct fixture *f = *state;
	const struct pl_entry_filter all = { .journal = "sales" };
	gint64 last = 0;

	for (int i = 0; i < 150; i++) {
		g_autofree char *number = g_strdup_printf("I%d", i);

		arrives(f->l, "<sales@in.example>",
		    i % 7 == 3 ? make_text("X-Misbehave: crash\r\n\r\n")
			       : invoice(number, "1.00"));
	}
	g_setenv("POSTLEDGER_TEST_CHILD", "1", TRUE);
	struct pl_indexed done = run_index(f->l, SALES);
	g_unsetenv("POSTLEDGER_TEST_CHILD");
	assert_int_equal(done.messages, 150);
	assert_int_equal(done.entries, 150 - 21);
	assert_int_equal(done.problems, 21);
	g_autoptr(GPtrArray) list = pl_entry_list(f->l, &all, NULL);
	for (guint i = 0; i < list->len; i++) {
		const pl_entry *e = list->pdata[i];
		g_autofree char *number =
		    g_strdup_printf("I%d", (int)e->message - 1);

		assert_string_equal(e->number, number);
		assert_true(e->id > last);
		last = e->id;
	}
	for (gint64 i = 0; i < 150; i++) {
		g_autoptr(GPtrArray) told = pl_problem_of(f->l, i + 1, NULL);

		assert_int_equal(told->len, i % 7 == 3);
	}
}

/* ---- rules that change ------------------------------------------------- */

static void
a_journal_added_later_takes_up_what_came_before(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	arrives(f->l, "<sales@in.example>", invoice("I1", "2.00"));
	arrives(f->l, "<else@in.example>", invoice("I3", "1.00"));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales superseded i.xml of 2\nsales waiting i.xml\n"
	    "!PL-106 - i.xml\n");
	struct pl_indexed done = run_index(f->l, SALES
	    "[journal new]\naddress = sales@in.example else@in.example\n"
	    "deliver_to = new@out.example\n");
	assert_int_equal(done.entries, 3);
	assert_ledger(f->l,
	    "sales superseded i.xml of 2\nnew superseded i.xml of 4\n"
	    "sales waiting i.xml\nnew waiting i.xml\nnew waiting i.xml\n"
	    "!PL-106 - i.xml\n");
}

static void
accepting_more_takes_up_what_was_not_accepted(void **state)
{
	struct fixture *f = *state;
	struct pl_standing *standing;

	arrives(f->l, "<sales+x@in.example>",
	    mail_with("application/xml", "c.xml",
		make_ubl(TRUE, "C1", "2026-01-31", "5.00", NULL, NULL)));
	run_index(f->l, SALES);
	assert_ledger(f->l, "!PL-106 sales c.xml\n");
	standing = pl_standing_get(f->l, "sales", NULL);
	standing->enabled = TRUE;
	standing->activated = 5;
	assert_ok(pl_standing_put(f->l, standing, NULL, E));
	pl_standing_free(standing);

	run_index(f->l,
	    "[journal sales]\naddress = sales@in.example\n"
	    "deliver_to = sales@out.example\n"
	    "accept = invoice credit-note\n");
	assert_ledger(f->l, "sales waiting c.xml\n!PL-106 sales c.xml\n");
	/* what the run keeps there is untouched */
	standing = pl_standing_get(f->l, "sales", NULL);
	assert_true(standing->enabled);
	assert_int_equal(standing->activated, 5);
	pl_standing_free(standing);
}

/* Whatever stands behind the +, in quotes or not; another domain is another's. */
static void
a_journal_added_later_takes_up_what_came_with_extensions(void **state)
{
	static const char *const to[] = { "<sales+x@in.example>",
		"<\"sales+x y\"@in.example>", "<sales+x@else.example>",
		"<else@in.example>" };
	struct fixture *f = *state;

	for (unsigned i = 0; i < G_N_ELEMENTS(to); i++) {
		g_autofree char *number = g_strdup_printf("I%u", i);

		arrives(f->l, to[i], invoice(number, "1.00"));
	}
	run_index(f->l, "[journal else]\naddress = *@in.example\n"
			"deliver_to = else@out.example\n");
	struct pl_indexed done = run_index(f->l, SALES);

	assert_int_equal(done.entries, 2);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_document_is_entered_where_its_kind_is_accepted),
		T(journals_that_share_an_address_both_get_it),
		T(a_plain_pdf_goes_to_the_first_that_takes_invoices),
		T(a_plain_pdf_goes_to_the_one_that_takes_others),
		T(what_no_journal_takes_is_told),
		T(own_company_numbers_choose_the_journal),
		T(statements_of_one_file_go_to_the_journals_of_their_accounts),
		T(an_account_without_journal_is_told),
		T(a_message_that_kills_the_parser_spoils_only_itself),
		T(missing_bytes_do_not_stop_the_others),
		T(however_many_are_missing_what_comes_behind_them_is_read),
		T(many_messages_are_indexed_in_pages),
		T(two_parsers_that_die_mix_nothing_up),
		T(a_journal_added_later_takes_up_what_came_before),
		T(accepting_more_takes_up_what_was_not_accepted),
		T(a_journal_added_later_takes_up_what_came_with_extensions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
