/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * formats_samplesbank - statements of banks against what is true of them
 */
#include "formats_truth.h"

/* ---- statements */

/* The table's row number STMT (from 1) of a file's statements. */
static const struct pl_statement *
statement_of(GHashTable *row, const struct pl_facts *facts)
{
	guint64 number = g_ascii_strtoull(cell(row, "stmt"), NULL, 10);

	if (number < 1 || number > facts->statements->len)
		return NULL;
	return g_ptr_array_index(facts->statements, number - 1);
}

static char *
plain_number(const char *text)
{
	g_autofree char *number = g_strndup(text, strcspn(text, "/"));
	const char *rest = number;

	while (rest[0] == '0' && rest[1] != '\0')
		rest++;
	return g_strdup(rest);
}

static void
every_coda_statement_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-coda.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);
		const struct pl_statement *statement = statement_of(row, facts);
		g_autofree char *number = plain_number(cell(row, "coda_seq"));

		assert_int_equal(facts->format, PL_FORMAT_CODA);
		if (strcmp(cell(row, "expect"), "broken") == 0) {
			assert_true(facts->damaged);
			continue;
		}
		assert_false(facts->damaged);
		assert_non_null(statement);
		same(&tally, row, "account", cell(row, "account"),
		    statement->account);
		same(&tally, row, "currency", cell(row, "currency"),
		    statement->currency);
		same(&tally, row, "sequence", number, statement->sequence);
		same_amount(&tally, row, "old", cell(row, "old_balance"),
		    statement->opening_balance);
		same_amount(&tally, row, "new", cell(row, "new_balance"),
		    statement->closing_balance);
		same(&tally, row, "from", cell(row, "old_date"),
		    statement->from);
		same(&tally, row, "to", cell(row, "new_date"), statement->to);
		same_count(&tally, row, "movements", statement->lines->len);
	}
	conclude("truth-coda", &tally);
}

static void
every_camt_statement_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-camt.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);
		const struct pl_statement *statement = statement_of(row, facts);

		if (*cell(row, "stmt") == '\0') {
			assert_int_equal(facts->format, PL_FORMAT_XML);
			continue;
		}
		assert_int_equal(facts->format, PL_FORMAT_CAMT053);
		assert_non_null(statement);
		same(&tally, row, "account", cell(row, "account"),
		    statement->account);
		if (*cell(row, "account_ccy") != '\0')
			same(&tally, row, "currency", cell(row, "account_ccy"),
			    statement->currency);
		same(&tally, row, "sequence", cell(row, "seq_no"),
		    statement->sequence);
		same_amount(&tally, row, "opening", cell(row, "opening"),
		    statement->opening_balance);
		same_amount(&tally, row, "closing", cell(row, "closing"),
		    statement->closing_balance);
		same_count(&tally, row, "entries", statement->lines->len);
	}
	conclude("truth-camt", &tally);
}

static void
every_mt940_statement_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-mt940.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);
		const struct pl_statement *statement = statement_of(row, facts);
		g_autofree char *number = plain_number(cell(row, "no28"));

		if (strcmp(cell(row, "complete"), "1") != 0)
			continue;
		assert_int_equal(facts->format, PL_FORMAT_MT940);
		assert_non_null(statement);
		same(&tally, row, "account", cell(row, "account25"),
		    statement->account);
		same(&tally, row, "currency", cell(row, "opening_ccy"),
		    statement->currency);
		same(&tally, row, "sequence", number, statement->sequence);
		same_amount(&tally, row, "opening", cell(row, "opening"),
		    statement->opening_balance);
		same_amount(&tally, row, "closing", cell(row, "closing"),
		    statement->closing_balance);
		same(&tally, row, "to", cell(row, "closing_date"),
		    statement->to);
		same_count(&tally, row, "lines61", statement->lines->len);
	}
	conclude("truth-mt940", &tally);
}

static double
lines_sum(const struct pl_statement *statement)
{
	double sum = 0;

	for (guint i = 0; i < statement->lines->len; i++) {
		const struct pl_line *line =
		    g_ptr_array_index(statement->lines, i);

		if (line->amount != NULL)
			sum += g_ascii_strtod(line->amount, NULL);
	}
	return sum;
}

/* The table has all accounts of a file in one row, separated by commas. */
static void
ofx_same(struct tally *tally, GHashTable *row, const struct pl_facts *facts)
{
	g_autoptr(GString) accounts = g_string_new(NULL);
	g_autoptr(GString) balances = g_string_new(NULL);
	guint lines = 0;
	double sum = 0;

	for (guint i = 0; i < facts->statements->len; i++) {
		const struct pl_statement *statement =
		    g_ptr_array_index(facts->statements, i);

		g_string_append_printf(
		    accounts, "%s%s", i > 0 ? "," : "", statement->account);
		if (statement->closing_balance != NULL)
			g_string_append_printf(balances, "%s%s",
			    i > 0 ? "," : "", statement->closing_balance);
		lines += statement->lines->len;
		sum += lines_sum(statement);
		same(tally, row, "currency", cell(row, "currency"),
		    statement->currency);
	}
	same(tally, row, "account", cell(row, "acct_ids"), accounts->str);
	same(tally, row, "balance", cell(row, "ledger_balance"), balances->str);
	same_count(tally, row, "transactions", lines);
	if (lines > 0 && !facts->damaged)
		assert_true(ABS(sum - g_ascii_strtod(cell(row, "trn_sum"),
					  NULL)) < 0.00001);
}

static void
every_ofx_statement_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-ofx.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);

		same_count(&tally, row, "stmt", facts->statements->len);
		if (strcmp(cell(row, "stmt"), "0") != 0)
			ofx_same(&tally, row, facts);
	}
	conclude("truth-ofx", &tally);
}

static void
every_qif_file_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-qif.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);
		const struct pl_statement *statement;

		if (strcmp(cell(row, "valid_first_line"), "1") != 0) {
			assert_int_equal(facts->format, PL_FORMAT_UNKNOWN);
			continue;
		}
		assert_int_equal(facts->format, PL_FORMAT_QIF);
		assert_int_equal(facts->statements->len, 1);
		statement = g_ptr_array_index(facts->statements, 0);
		same_count(&tally, row, "money_records", statement->lines->len);
		assert_true(
		    ABS(lines_sum(statement) -
			g_ascii_strtod(cell(row, "sum_T"), NULL)) < 0.00001);
	}
	conclude("truth-qif", &tally);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_coda_statement_says_what_is_true),
		cmocka_unit_test(every_camt_statement_says_what_is_true),
		cmocka_unit_test(every_mt940_statement_says_what_is_true),
		cmocka_unit_test(every_ofx_statement_says_what_is_true),
		cmocka_unit_test(every_qif_file_says_what_is_true),
	};

	return cmocka_run_group_tests_name(
	    "formats_samplesbank", tests, NULL, NULL);
}
