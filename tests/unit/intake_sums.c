/* SPDX-License-Identifier: BSD-2-Clause */
/* Statements that do not add up, pages of one, and those of other banks. */
#include "intake_ledger.h"

#define BANK \
	"[journal bank]\naddress = bank@in.example\n" \
	"deliver_to = bank@out.example\naccept = statement\n"

/* One page of statement 15: a line of 1.00 and one of EXTRA. */
static char *
page(int number, const char *extra)
{
	return g_strdup_printf(":20:A\n:25:123\n:28C:15/%d\n"
			       ":60M:C260101EUR%d,\n:61:260101C1,NTRFX\n%s"
			       ":62M:C260101EUR%d,\n-\n",
	    number, number, extra, number + 1);
}

static GBytes *
statement_mail(char *text)
{
	GBytes *file = g_bytes_new_take(text, strlen(text));

	return mail_of("application/octet-stream", "s.sta", file);
}

static void
the_pages_of_one_number_are_all_entered(void **state)
{
	struct fixture *f = *state;
	g_autofree char *all = g_strdup("");

	for (int i = 1; i <= 4; i++) {
		g_autofree char *one = page(i, "");
		g_autofree char *before = all;

		all = g_strconcat(before, one, NULL);
	}
	arrives(
	    f->l, "<bank@in.example>", statement_mail(g_steal_pointer(&all)));
	arrives(f->l, "<bank@in.example>", statement_mail(page(5, "")));
	run_index(f->l, BANK);
	assert_ledger(f->l,
	    "bank waiting s.sta\nbank waiting s.sta\nbank waiting s.sta\n"
	    "bank waiting s.sta\nbank waiting s.sta\n");
}

static void
another_version_of_a_page_is_held(void **state)
{
	struct fixture *f = *state;
	char *other = page(2, "");

	memcpy(strstr(other, "EUR3,"), "EUR9,", 5);
	memcpy(strstr(other, "C1,"), "C7,", 3);
	arrives(f->l, "<bank@in.example>", statement_mail(page(2, "")));
	arrives(f->l, "<bank@in.example>", statement_mail(other));
	run_index(f->l, BANK);
	assert_ledger(
	    f->l, "bank held s.sta PL-111 of 2\nbank held s.sta PL-111 of 1\n");
}

static void
a_statement_that_does_not_add_up_is_held(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<bank@in.example>",
	    statement_mail(page(1, ":61:260101D5,NTRFX\n")));
	run_index(f->l, BANK);
	assert_ledger(f->l, "bank held s.sta PL-205\n");

	g_autoptr(pl_entry) e = pl_entry_get(f->l, 1, NULL);

	assert_string_equal(e->note,
	    "the lines add up to -4, but the balance goes from 1 to 2, which "
	    "is 1");
}

/* The journal comes later: what was found out is in the ledger. */
static void
it_is_held_in_a_journal_that_takes_it_up_later(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<bank@in.example>",
	    statement_mail(page(1, ":61:260101D5,NTRFX\n")));
	run_index(f->l, SALES BANK);
	run_index(f->l,
	    SALES BANK "[journal other]\naddress = bank@in.example\n"
		       "deliver_to = other@out.example\naccept = statement\n");
	assert_ledger(
	    f->l, "bank held s.sta PL-205\nother held s.sta PL-205\n");
}

/* The child that reads it was told. */
static void
the_csv_of_another_bank_is_read_as_configured(void **state)
{
	static const char csv[] = "Boekdag;Waarde\n02-01-26;1,00\n";
	struct fixture *f = *state;
	GBytes *bytes = g_bytes_new_static(csv, sizeof csv - 1);

	arrives(f->l, "<bank@in.example>",
	    mail_of("text/csv", "s.csv", g_bytes_ref(bytes)));
	run_index(f->l, BANK);
	assert_ledger(f->l, "!PL-101 bank -\n");
	arrives(f->l, "<bank@in.example>", mail_of("text/csv", "s.csv", bytes));
	run_index(f->l, "csv_columns = date:Boekdag amount:Waarde\n" BANK);
	assert_ledger(f->l, "bank waiting s.csv\n!PL-101 bank -\n");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_pages_of_one_number_are_all_entered),
		T(another_version_of_a_page_is_held),
		T(a_statement_that_does_not_add_up_is_held),
		T(it_is_held_in_a_journal_that_takes_it_up_later),
		T(the_csv_of_another_bank_is_read_as_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
