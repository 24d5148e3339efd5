/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accounts that no journal takes: by account, as long as that is so. And
 * whether an entry has a problem of a code already.
 */
#include "ledger_fixture.h"

/* A statement of ACCOUNT up to DAY that no journal took; its document. */
static gint64
add_unwanted(
    pl_ledger *l, const char *account, const char *currency, const char *day)
{
	g_autofree char *id =
	    g_strdup_printf("<%s-%s@bank.example>", account, day);
	g_autoptr(pl_document) d = pl_document_new();
	struct pl_problem p = { .journal = NULL,
		.code = (char *)(uintptr_t) "PL-203",
		.text = (char *)(uintptr_t) "no journal" };

	d->message = p.message = add_message(l, "<bank@c.example>", id, id);
	d->kind = PL_KIND_STATEMENT;
	d->account = g_strdup(account);
	d->currency = g_strdup(currency);
	d->to = g_strdup(day);
	assert_ok(pl_document_add(l, d, E));
	p.document = d->id;
	assert_ok(pl_problem_add(l, &p, E));
	return d->id;
}

static void
assert_stray(const GPtrArray *list, guint i, const char *account,
    const char *currency, const char *day, unsigned n)
{
	const struct pl_statement_stray *s = list->pdata[i];

	assert_string_equal(s->account, account);
	assert_string_equal(s->currency, currency);
	assert_string_equal(s->day, day);
	assert_int_equal(s->statements, n);
}

static void
accounts_without_a_journal_are_told_until_one_takes_them(void **state)
{
	struct fixture *f = *state;
	g_autoptr(GPtrArray) none = NULL, both = NULL, one = NULL;
	gint64 taken[2];

	none = pl_statement_strays(f->l, NULL);
	assert_int_equal(none->len, 0);
	taken[0] =
	    add_unwanted(f->l, "NL91ABNA0417164300", "EUR", "2026-01-05");
	/* the same account however it is written, out of order */
	add_unwanted(f->l, "BE68539007547034", "EUR", "2026-01-07");
	add_unwanted(f->l, "539007547034", "EUR", "2026-01-06");
	add_unwanted(f->l, "BE68 5390 0754 7034", "USD", "2026-01-06");
	taken[1] =
	    add_unwanted(f->l, "NL91ABNA0417164300", "EUR", "2026-01-06");
	both = pl_statement_strays(f->l, NULL);
	assert_int_equal(both->len, 3);
	assert_stray(both, 0, "BE68 5390 0754 7034", "USD", "2026-01-06", 1);
	assert_stray(both, 1, "BE68539007547034", "EUR", "2026-01-07", 2);
	assert_stray(both, 2, "NL91ABNA0417164300", "EUR", "2026-01-06", 2);
	for (unsigned i = 0; i < 2; i++)
		add_entry(f->l, taken[i], "bank", PL_WAITING, NULL);
	one = pl_statement_strays(f->l, NULL);
	assert_int_equal(one->len, 2);
	assert_stray(one, 1, "BE68539007547034", "EUR", "2026-01-07", 2);
}

static void
a_problem_of_an_entry_is_found_told_or_not(void **state)
{
	struct fixture *f = *state;
	gint64 entry = add_waiting(f->l, "bank", "1"), run;
	struct pl_problem p = { .entry = entry,
		.journal = (char *)(uintptr_t) "bank",
		.code = (char *)(uintptr_t) "PL-204" };
	static const char *const bank[] = { "bank", NULL };
	gboolean is;

	assert_ok(pl_problem_exists(f->l, "PL-204", entry, &is, E));
	assert_false(is);
	assert_ok(pl_problem_add(f->l, &p, E));
	assert_ok(pl_problem_exists(f->l, "PL-204", entry, &is, E));
	assert_true(is);
	assert_ok(pl_problem_exists(f->l, "PL-203", entry, &is, E));
	assert_false(is);
	assert_ok(pl_problem_exists(f->l, "PL-204", entry + 1, &is, E));
	assert_false(is);
	assert_ok(pl_run_begin(f->l, "d", "", FALSE, &run, E));
	assert_ok(pl_report_told(f->l, run, bank, E));
	assert_ok(pl_problem_exists(f->l, "PL-204", entry, &is, E));
	assert_true(is);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    accounts_without_a_journal_are_told_until_one_takes_them,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_problem_of_an_entry_is_found_told_or_not, setup,
		    teardown),
	};

	return cmocka_run_group_tests_name("ledger_account", tests, NULL, NULL);
}
