/* SPDX-License-Identifier: BSD-2-Clause */
/* Do the lines of a statement lead from one balance to the other? */
#include "formats_bytes.h"

#include "sum.h"

/* ---- sums */

static char *
sum_of(const char *const *amounts)
{
	struct pl_sum sum = { 0 };

	for (; *amounts != NULL; amounts++)
		assert_true(pl_sum_add(&sum, *amounts));
	return pl_sum_text(&sum);
}

static void
sums_are_exact_to_the_last_decimal(void **state)
{
	static const struct {
		const char *amounts[4], *sum;
	} rows[] = {
		{ { "0.1", "0.2" }, "0.3" },
		{ { "1.00", "-0.01" }, "0.99" },
		{ { "-1.00", "0.01" }, "-0.99" },
		{ { "-0.5", "0.25" }, "-0.25" },
		{ { "0.99999", "0.00001", "-1" }, "0.00000" },
		{ { "9999999999999.99", "0.01" }, "10000000000000.00" },
		{ { "12", "-30" }, "-18" },
		{ { NULL }, "0" },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *sum = sum_of(rows[i].amounts);

		assert_string_equal(sum, rows[i].sum);
	}
}

static void
what_is_too_long_leaves_the_sum_as_it_was(void **state)
{
	struct pl_sum sum = { 0 };

	(void)state;
	assert_true(pl_sum_add(&sum, "1"));
	assert_false(pl_sum_add(&sum, "10000000000000"));
	assert_false(pl_sum_take(&sum, "0.0000000000001"));
	assert_true(pl_sum_take(&sum, "1"));
	assert_true(pl_sum_zero(&sum));
}

static void
half_a_million_of_the_largest_amounts_fit(void **state)
{
	struct pl_sum sum = { 0 };

	(void)state;
	for (guint i = 0; i < 500000; i++)
		assert_true(pl_sum_add(&sum, "-9999999999999.999999999999"));

	g_autofree char *text = pl_sum_text(&sum);

	assert_string_equal(text, "-4999999999999999999.999999500000");
}

/* ---- statements */

static void
is_problem(const struct pl_facts *facts, guint number, const char *problem)
{
	assert_false(facts->damaged);
	assert_true(number < facts->statements->len);
	is_string(
	    ((const struct pl_statement *)facts->statements->pdata[number])
		->problem,
	    problem);
}

static void
good_statements_of_every_format_add_up(void **state)
{
	static const char *const files[] = { "statement.cod", "statement.sta",
		"statement-camt053.xml", "statement-sgml.ofx", "statement.qif",
		"statement-be.csv", "statement-nl.csv", "statement-abn.tab" };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autoptr(pl_facts) facts = facts_of(files[i]);

		for (guint k = 0; k < facts->statements->len; k++)
			is_problem(facts, k, NULL);
	}
}

static void
a_line_that_is_missing_or_changed_is_told(void **state)
{
	g_autoptr(pl_facts) coda = facts_of_changed("statement.cod",
	    "0000000000050000130126001500001101",
	    "0000000000060000130126001500001101");
	g_autoptr(pl_facts) mt940 =
	    facts_of_changed("statement.sta", "RC1,25", "RD1,25");
	g_autoptr(pl_facts) camt =
	    facts_of_changed("statement-camt053.xml", ">50.00<", ">50.01<");
	g_autoptr(pl_facts) csv = facts_of_changed(
	    "statement-be.csv", "150,00;50,00", "151,00;50,00");

	(void)state;
	is_problem(coda, 0,
	    "the lines add up to -111.75, but the balance goes from 100.00 to "
	    "-21.75, which is -121.75");
	is_problem(coda, 1, NULL);
	is_problem(mt940, 0,
	    "the lines add up to -119.25, but the balance goes from 100 to "
	    "-21.75, which is -121.75");
	is_problem(mt940, 1, NULL);
	is_problem(camt, 0,
	    "the lines add up to -120.49, but the balance goes from 100.00 to "
	    "-20.50, which is -120.50");
	is_problem(csv, 0,
	    "the lines add up to -120.50, but the balance goes from 101.00 to "
	    "-20.50, which is -121.50");
}

static void
totals_of_coda_that_are_not_those_of_the_movements_are_told(void **state)
{
	g_autoptr(pl_facts) debits = facts_of_changed(
	    "statement.cod", "000012000000000171750", "000012000000000171751");
	g_autoptr(pl_facts) credits = facts_of_changed(
	    "statement.cod", "171750000000000050000", "171750000000000050001");

	(void)state;
	is_problem(debits, 0,
	    "line 15: the total of debits is 171.751, but the movements add up "
	    "to 171.75");
	is_problem(credits, 0,
	    "line 15: the total of credits is 50.001, but the movements add up "
	    "to 50.00");
}

/* Some banks do not count all records: balances say more. */
static void
the_number_of_records_of_coda_counts_only_without_balances(void **state)
{
	g_autoptr(pl_facts) proven = facts_of_changed(
	    "statement.cod", "000012000000000171750", "000011000000000171750");
	g_autoptr(GBytes) bytes = fixture("statement.cod");
	g_autoptr(GString) text = g_string_new_len(
	    g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes));
	g_autoptr(pl_facts) unproven = NULL, right = NULL;

	(void)state;
	is_problem(proven, 0, NULL);
	g_string_erase(text, 130, 130); /* the old balance */
	unproven = pl_facts_read((const guint8 *)text->str, text->len, NULL);
	is_problem(unproven, 0,
	    "line 14: the number of records is 000012, but there are 11");
}

static void
what_is_pending_is_no_part_of_the_balance(void **state)
{
	g_autoptr(pl_facts) camt = facts_of_changed("statement-camt053.xml",
	    "<Ntry><Amt Ccy=\"EUR\">50.00",
	    "<Ntry><Amt Ccy=\"EUR\">7</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
	    "<Sts><Cd>PDNG</Cd></Sts></Ntry><Ntry><Amt Ccy=\"EUR\">50.00");
	const struct pl_statement *statement = camt->statements->pdata[0];

	(void)state;
	is_problem(camt, 0, NULL);
	assert_int_equal(statement->lines->len, 3);
	assert_true(
	    ((const struct pl_line *)statement->lines->pdata[0])->unbooked);
}

/* A central bank writes them so. */
static void
a_balance_without_a_sign_is_a_credit(void **state)
{
	g_autoptr(pl_facts) camt = facts_of_changed("statement-camt053.xml",
	    "100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>", "100.00</Amt>");
	g_autoptr(pl_facts) wrong = facts_of_changed("statement-camt053.xml",
	    "20.50</Amt><CdtDbtInd>DBIT</CdtDbtInd>", "20.50</Amt>");

	(void)state;
	is_problem(camt, 0, NULL);
	is_problem(wrong, 0,
	    "the lines add up to -120.50, but the balance goes from 100.00 to "
	    "20.50, which is -79.50");
}

static void
a_reversal_goes_where_its_indicator_says(void **state)
{
	g_autoptr(pl_facts) camt = facts_of_changed("statement-camt053.xml",
	    "<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK",
	    "<CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd><Sts><Cd>BOOK");

	(void)state;
	is_problem(camt, 0, NULL);
}

/* Two pairs of balances: those of the first and of the last day. */
static void
a_statement_of_several_days_opens_on_the_first(void **state)
{
	g_autoptr(pl_facts) camt = facts_of_changed("statement-camt053.xml",
	    "   <Bal><Tp><CdOrPrtry><Cd>OPBD",
	    "   <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp>"
	    "<Amt Ccy=\"EUR\">150</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
	    "<Dt><Dt>2026-01-13</Dt></Dt></Bal>"
	    "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>"
	    "<Amt Ccy=\"EUR\">150</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
	    "<Dt><Dt>2026-01-11</Dt></Dt></Bal>"
	    "<Bal><Tp><CdOrPrtry><Cd>OPBD");

	(void)state;
	is_problem(camt, 0, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_exact_to_the_last_decimal),
		cmocka_unit_test(what_is_too_long_leaves_the_sum_as_it_was),
		cmocka_unit_test(half_a_million_of_the_largest_amounts_fit),
		cmocka_unit_test(good_statements_of_every_format_add_up),
		cmocka_unit_test(a_line_that_is_missing_or_changed_is_told),
		cmocka_unit_test(
		    totals_of_coda_that_are_not_those_of_the_movements_are_told),
		cmocka_unit_test(
		    the_number_of_records_of_coda_counts_only_without_balances),
		cmocka_unit_test(what_is_pending_is_no_part_of_the_balance),
		cmocka_unit_test(a_balance_without_a_sign_is_a_credit),
		cmocka_unit_test(a_reversal_goes_where_its_indicator_says),
		cmocka_unit_test(
		    a_statement_of_several_days_opens_on_the_first),
	};

	return cmocka_run_group_tests_name("formats_sums", tests, NULL, NULL);
}
