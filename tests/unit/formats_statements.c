/* SPDX-License-Identifier: BSD-2-Clause */
/* Bank statements in every format, and what only looks like one; what is
 * damaged stands in formats_damage.c. */
#include "formats_bytes.h"

/* What a fixture's statement says, one line for it and one per movement. */
static char *
told(const struct pl_facts *facts, guint number)
{
	const struct pl_statement *statement;
	GString *text = g_string_new(NULL);

	assert_int_equal(facts->kind, PL_FACTS_STATEMENT);
	assert_true(number < facts->statements->len);
	statement = g_ptr_array_index(facts->statements, number);
	g_string_append_printf(text, "%s %s %s %s..%s %s..%s\n",
	    statement->account, statement->currency, statement->sequence,
	    statement->opening_balance, statement->closing_balance,
	    statement->from, statement->to);
	for (guint i = 0; i < statement->lines->len; i++) {
		const struct pl_line *line =
		    g_ptr_array_index(statement->lines, i);

		g_string_append_printf(text, "%s %s|%s|%s|%s\n", line->date,
		    line->amount, line->counterparty_account,
		    line->counterparty_name, line->communication);
	}
	return g_string_free(text, FALSE);
}

static void
tells(const struct pl_facts *facts, guint number, const char *expected)
{
	g_autofree char *text = told(facts, number);

	assert_string_equal(text, expected);
}

/* The statement's own bytes begin and end like this. */
static void
spans(const char *name, const struct pl_facts *facts, guint number,
    const char *begin, const char *end)
{
	g_autoptr(GBytes) bytes = fixture(name);
	const char *data = g_bytes_get_data(bytes, NULL);
	const struct pl_statement *statement =
	    g_ptr_array_index(facts->statements, number);

	assert_true(
	    statement->offset + statement->length <= g_bytes_get_size(bytes));
	assert_memory_equal(data + statement->offset, begin, strlen(begin));
	assert_memory_equal(
	    data + statement->offset + statement->length - strlen(end), end,
	    strlen(end));
}

#define FIRST \
	"2026-01-13 50.00|BE71096123456769|DEBTOR ONE|" \
	"+++090/9337/55493+++\n"

static void
a_coda_file_with_two_accounts_is_two_statements(void **state)
{
	g_autoptr(pl_facts) facts = facts_of("statement.cod");

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_CODA);
	assert_false(facts->damaged);
	assert_int_equal(facts->statements->len, 2);
	tells(facts, 0,
	    "BE68539007547034 EUR 7 100.00..-21.75 "
	    "2026-01-12..2026-01-13\n" FIRST
	    "2026-01-13 -170.50|(null)|CREDITOR TWO|RENT OF JANUARY, PAID AS "
	    "AGREED ON THE THIRD OF THE MONTH THANK YOU\n"
	    "2026-01-13 -1.25|(null)|(null)|BATCH\n");
	tells(facts, 1,
	    "001548226815 USD 13 -5.50..-5.50 2026-01-12..2026-01-13\n");
	spans("statement.cod", facts, 0, "0000013012672505", "1\r\n");
	spans("statement.cod", facts, 1, "0000013012672505", "2\r\n");
}

/* Without the trailer of the first and the header of the second. */
static void
accounts_under_one_coda_header_share_it(void **state)
{
	const gsize record = 130, at = 14 * record;
	g_autoptr(GBytes) bytes = fixture("statement.cod");
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	g_autoptr(GString) text = g_string_new_len(data, (gssize)length);
	g_autoptr(pl_facts) facts = NULL;
	const struct pl_statement *first, *second;

	(void)state;
	g_string_erase(text, (gssize)at, (gssize)(2 * record));
	facts = pl_facts_read((const guint8 *)text->str, text->len, NULL);
	assert_false(facts->damaged);
	assert_int_equal(facts->statements->len, 2);
	first = g_ptr_array_index(facts->statements, 0);
	second = g_ptr_array_index(facts->statements, 1);
	assert_int_equal(first->offset, 0);
	assert_int_equal(first->length, at);
	assert_int_equal(second->offset, at);
	assert_int_equal(second->length, text->len - at);
	is_string(second->account, "001548226815");
}

static void
an_mt940_file_is_split_at_its_messages(void **state)
{
	g_autoptr(pl_facts) facts = facts_of("statement.sta");

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_MT940);
	assert_false(facts->damaged);
	assert_int_equal(facts->statements->len, 2);
	tells(facts, 0,
	    "BE68539007547034 EUR 13 100..-21.75 2026-01-12..2026-01-13\n"
	    "2026-01-13 50|BE71096123456769|Debtor One|"
	    "+++090/9337/55493+++\n"
	    "2026-01-02 -170.50|BE71096123456769|CREDITOR TWO|"
	    "RENT OF JANUARY\n"
	    "2026-01-13 -1.25|(null)|(null)|plain text over two lines\n");
	tells(facts, 1,
	    "001548226815 USD 13 -5.5..-5.5 "
	    "2026-01-12..2026-01-13\n");
	spans("statement.sta", facts, 0, "{1:F01", "-}\r\n");
	spans("statement.sta", facts, 1, "{1:F01", "-}\r\n");
}

static void
a_camt_053_file_has_booked_balances_and_its_lines(void **state)
{
	g_autoptr(pl_facts) facts = facts_of("statement-camt053.xml");

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_CAMT053);
	assert_int_equal(facts->statements->len, 2);
	tells(facts, 0,
	    "BE68539007547034 EUR 12 100.00..-20.50 2026-01-12..2026-01-12\n"
	    "2026-01-12 50.00|BE71096123456769|Debtor One|"
	    "+++090/9337/55493+++\n"
	    "2026-01-12 -170.50|(null)|Creditor Two|rent January\n");
	tells(facts, 1, "12-34 5 USD 3 0..0.00 2026-01-11..2026-01-12\n");
}

static void
both_versions_of_ofx_are_read(void **state)
{
	g_autoptr(pl_facts) sgml = facts_of("statement-sgml.ofx");
	g_autoptr(pl_facts) xml = facts_of("statement-xml.ofx");

	(void)state;
	assert_int_equal(sgml->format, PL_FORMAT_OFX);
	tells(sgml, 0,
	    "BE68539007547034 EUR (null) (null)..-20.50 "
	    "2026-01-01..2026-01-13\n"
	    "2026-01-13 50.00|(null)|Debtor & One|+++090/9337/55493+++\n"
	    "2026-01-13 -170.50|BE71096123456769|Creditor Two|rent\n");
	assert_int_equal(xml->format, PL_FORMAT_OFX);
	tells(xml, 0,
	    "4111111111111111 AUD (null) (null)..-123.45 "
	    "2026-01-01..2026-01-31\n"
	    "2026-01-05 -5.50|(null)|(null)|(null)\n");
	is_string(xml->date, "2026-01-31");
	is_string(xml->currency, "AUD");
}

static void
a_qif_file_says_itself_whether_the_day_comes_first(void **state)
{
	g_autoptr(pl_facts) days = facts_of("statement.qif");
	g_autoptr(pl_facts) months =
	    facts_of_text("!Type:Bank\n"
			  "D1/31'26\nT1.00\n^\nD2/1'26\nT2.00\n^\n");
	g_autoptr(pl_facts) unknown =
	    facts_of_text("!Type:CCard\n"
			  "D1/2/26\nT1.00\n^\nD3/3/26\nT1\n^\n");

	(void)state;
	tells(days, 0,
	    "Current account (null) (null) (null)..(null) "
	    "2026-01-06..2026-01-31\n"
	    "2026-01-06 -1000.00|(null)|Landlord|rent\n"
	    "2026-01-31 50.00|(null)|Debtor One|+++090/9337/55493+++\n");
	tells(months, 0,
	    "(null) (null) (null) (null)..(null) "
	    "2026-01-31..2026-02-01\n"
	    "2026-01-31 1.00|(null)|(null)|(null)\n"
	    "2026-02-01 2.00|(null)|(null)|(null)\n");
	tells(unknown, 0,
	    "(null) (null) (null) (null)..(null) "
	    "2026-03-03..2026-03-03\n"
	    "(null) 1.00|(null)|(null)|(null)\n"
	    "2026-03-03 1|(null)|(null)|(null)\n");
}

static void
exports_of_banks_in_csv_are_read_by_their_headings(void **state)
{
	g_autoptr(pl_facts) belgian = facts_of("statement-be.csv");
	g_autoptr(pl_facts) dutch = facts_of("statement-nl.csv");
	g_autoptr(pl_facts) bare = facts_of("statement-abn.tab");

	(void)state;
	assert_int_equal(belgian->format, PL_FORMAT_CSV);
	tells(belgian, 0,
	    "BE68539007547034 EUR 2026001 100.00..-20.50 "
	    "2026-01-12..2026-01-13\n"
	    "2026-01-13 -170.50|BE71096123456769|Creditor Two|"
	    "OVERSCHRIJVING rent\n"
	    "2026-01-12 50.00|BE71096123456769|Debtor One|"
	    "+++090/9337/55493+++\n");
	tells(dutch, 0,
	    "NL69INGB0123456789 EUR (null) (null)..(null) "
	    "2026-01-12..2026-01-13\n"
	    "2026-01-13 -12.50|(null)|Bakker \"De Bron\"|"
	    "Pasvolgnr: 001 tweede regel\n"
	    "2026-01-12 1000.00|NL44RABO0123456789|Klant|factuur 7\n");
	tells(bare, 0,
	    "123456789 EUR (null) 100.00..95.50 "
	    "2026-01-12..2026-01-13\n"
	    "2026-01-12 -10.00|(null)|(null)|BEA NR:1 12.01.26\n"
	    "2026-01-13 5.50|(null)|(null)|SEPA\n");
}

static void
dialects_of_mt940_name_the_other_side_in_their_own_way(void **state)
{
	g_autoptr(pl_facts) facts =
	    facts_of_text("0000 01INGBNL2AXXXX00001\n940 00\n:20:ING\n"
			  ":25:1234567EUR\n:28C:000\n:60F:C260101EUR0,00\n"
			  ":61:260101D5,NTRFPREF//1\n/TRCD/00200/\n"
			  ":86:/CNTP/NL02ABNA0123456789/ABNANL2A/GREEN/// "
			  "REMI/x/REMI/USTD//110130/\n"
			  ":61:2601010101DR4,NTRFNONREF\n:86:166?00X?20SVWZ+A\n"
			  "-B?21C?30DEUTDEDB237?31DE93230707000621787100\n"
			  "?32MAX?33 M\n:62F:D260101EUR9,00\n-XXX\n"
			  ":20:2\n:25://AT39364/12/EUR\n:28C:25001/002\n"
			  ":60M:C260101EUR1.5\n:62M:C260101EUR1.5\n");

	(void)state;
	assert_false(facts->damaged);
	tells(facts, 0,
	    "1234567EUR EUR 0 0.00..-9.00 2026-01-01..2026-01-01\n"
	    "2026-01-01 -5|NL02ABNA0123456789|GREEN|110130\n"
	    "2026-01-01 -4|DE93230707000621787100|MAX M|SVWZ+A-BC\n");
	tells(facts, 1,
	    "//AT39364/12/EUR EUR 25001 1.5..1.5 2026-01-01..2026-01-01\n");
}

static void
what_only_looks_like_a_statement_is_none(void **state)
{
	static const char *const files[] = { "interim.sta", "sales.csv" };
	static const char *const texts[] = {
		"D1/1/26\nT1.00\n^\n",
		"!Type:Cat\nNFood\n^\n",
		"OFXHEADER:100\n\n<OFX></OFX>",
		"OFXHEADER:100\n\n<OFX><SIGNONMSGSRSV1><SONRS>"
		"</SONRS></SIGNONMSGSRSV1></OFX>",
		":20:REF\n:25:123\n:28C:1\n",
		"Dear customer,\n:20: is a field of MT940.\n",
		"Subject: statement\n\n:20:1\n:25:1\n:28:1\n"
		":60F:C260101EUR1,\n:62F:C260101EUR1,\n",
		"Subject: statement\n\nDatum;Bedrag;Saldo;Naam\n"
		"01/01/2026;1,00;1,00;N\n",
		"0000013012672505 short",
		"date;amount;balance\nno;lines;here\n",
		"Datum;Bedrag;Saldo;Omschrijving\n",
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autoptr(pl_facts) facts = facts_of(files[i]);

		assert_int_equal(facts->format, PL_FORMAT_UNKNOWN);
		assert_false(facts->damaged);
	}
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(pl_facts) facts = facts_of_text(texts[i]);

		if (facts->format != PL_FORMAT_UNKNOWN)
			fail_msg("taken for %s: %s",
			    pl_format_name(facts->format), texts[i]);
		assert_false(facts->damaged);
		assert_int_equal(facts->statements->len, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_coda_file_with_two_accounts_is_two_statements),
		cmocka_unit_test(accounts_under_one_coda_header_share_it),
		cmocka_unit_test(an_mt940_file_is_split_at_its_messages),
		cmocka_unit_test(
		    a_camt_053_file_has_booked_balances_and_its_lines),
		cmocka_unit_test(both_versions_of_ofx_are_read),
		cmocka_unit_test(
		    a_qif_file_says_itself_whether_the_day_comes_first),
		cmocka_unit_test(
		    exports_of_banks_in_csv_are_read_by_their_headings),
		cmocka_unit_test(
		    dialects_of_mt940_name_the_other_side_in_their_own_way),
		cmocka_unit_test(what_only_looks_like_a_statement_is_none),
	};

	return cmocka_run_group_tests_name(
	    "formats_statements", tests, NULL, NULL);
}
