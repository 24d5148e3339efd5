/* SPDX-License-Identifier: BSD-2-Clause */
/* Damaged statements: in which line and field, and what they say still. */
#include "formats_bytes.h"

/* The fixture with something changed. */
static void
changed(const char *name, const char *from, const char *to, const char *problem)
{
	g_autoptr(GBytes) bytes = fixture(name);
	gsize length = g_bytes_get_size(bytes) - strlen(from) + strlen(to);
	g_autoptr(pl_facts) facts = facts_of_changed(name, from, to);
	g_autofree char *whole = g_strconcat(problem, "; read so far", NULL);

	assert_true(facts->damaged);
	if (!g_str_has_prefix(facts->problem, whole))
		fail_msg(
		    "\"%s\" expected, not \"%s\"", problem, facts->problem);
	for (guint i = 0; i < facts->statements->len; i++) {
		const struct pl_statement *statement =
		    g_ptr_array_index(facts->statements, i);

		assert_true(statement->offset + statement->length <= length);
		assert_null(statement->problem);
	}
}

static void
a_broken_record_of_coda_is_named(void **state)
{
	(void)state;
	changed("statement.cod", "000000000100000120126",
	    "00000000010000X120126",
	    "CODA: line 2: old balance \"00000000010000X\" is no amount");
	changed("statement.cod", "EUR0000000000100000120126",
	    "EUR2000000000100000120126",
	    "CODA: line 2: old balance sign '2' is unknown");
	changed("statement.cod", "000000000100000120126",
	    "000000000100000320126",
	    "CODA: line 2: old balance date \"320126\" is no date");
	changed("statement.cod", "REF                  1",
	    "REF                  -",
	    "CODA: line 7: movement sign '-' is unknown");
	changed("statement.cod", "\r\n12", "\r\n17",
	    "CODA: line 2: account structure '7' is unknown");
	changed("statement.cod", "REF", "RE",
	    "CODA: line 3: 127 characters instead of 128");
	changed("statement.cod", "\r\n4 ", "\r\n\xe9 ",
	    "CODA: line 14: record 'é' is unknown");
	changed("statement.cod", "\r\n9 ", "\r\n4 ",
	    "CODA: line 16: a header record before the trailer record");
	changed("statement.cod", "\r\n4 ", "\r\n8 ",
	    "CODA: line 14: a second new balance");
	changed("statement.cod", "000012000000000171750",
	    "000012000000000 71750",
	    "CODA: line 15: total of debits \"000000000 71750\" is no amount");
	changed("statement.cod", "000012000000000171750",
	    "0000XX000000000171750",
	    "CODA: line 15: number of records \"0000XX\" is none");
}

static void
a_coda_file_says_that_its_header_is_wrong(void **state)
{
	g_autoptr(pl_facts) version =
	    facts_of_changed("statement.cod", "     2\r\n12", "     3\r\n12");
	g_autoptr(pl_facts) short_one =
	    facts_of_changed("statement.cod", "EXAMPLE NV ", "EXAMPLE NV");

	(void)state;
	assert_int_equal(version->format, PL_FORMAT_CODA);
	is_string(version->problem, "CODA: line 1: version '3' is unknown");
	assert_int_equal(short_one->format, PL_FORMAT_CODA);
	is_string(
	    short_one->problem, "CODA: line 1: 127 characters instead of 128");

	g_autoptr(pl_facts) padded = facts_of_changed(
	    "statement.cod", "     2\r\n12", "     2   \r\n12");

	assert_false(padded->damaged);

	static const char half[] = "0000013012672505                  EXA\n";
	g_autoptr(pl_facts) cut =
	    pl_facts_read((const guint8 *)half, strlen(half), NULL);

	assert_int_equal(cut->format, PL_FORMAT_CODA);
	is_string(cut->problem, "CODA: line 1: 37 characters instead of 128");
}

static void
a_coda_file_says_that_its_header_is_missing(void **state)
{
	g_autoptr(GBytes) bytes = fixture("statement.cod");
	gsize length;
	const guint8 *data = g_bytes_get_data(bytes, &length);
	g_autoptr(pl_facts) facts =
	    pl_facts_read(data + 130, length - 130, NULL);

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_CODA);
	assert_true(facts->damaged);
	is_string(facts->problem,
	    "CODA: line 1: record 1 outside of header and trailer");
}

static void
every_cut_of_a_coda_file_is_seen(void **state)
{
	g_autoptr(GBytes) bytes = fixture("statement.cod");
	const guint8 *data = g_bytes_get_data(bytes, NULL);
	const gsize record = 130;

	(void)state;
	for (guint lines = 1; lines < 15; lines++) {
		g_autoptr(pl_facts) whole =
		    pl_facts_read(data, lines * record, NULL);
		g_autoptr(pl_facts) within =
		    pl_facts_read(data, lines * record + 64, NULL);

		assert_true(whole->damaged);
		assert_true(within->damaged);
	}
}

static void
a_broken_field_of_mt940_is_named(void **state)
{
	(void)state;
	changed("statement.sta", ":60F:C260112EUR", ":60F:C26011\xc3\xa9R",
	    "MT940: line 5: :60F: is no balance");
	changed("statement.sta", "C50,NTRF", "X50,NTRF",
	    "MT940: line 6: :61: has no amount");
	changed("statement.sta", "C50,NTRF", "CNTRF",
	    "MT940: line 6: :61: has no amount");
	changed("statement.sta", ":61:2601130113C50", ":61:26O1130113C50",
	    "MT940: line 6: :61: has no date");
	changed("statement.sta", ":62F:D260113EUR21", ":64:D260113EUR21",
	    "MT940: line 2: this statement has no closing balance (:62F:)");
	changed("statement.sta", ":60F:", ":6OF:",
	    "MT940: line 2: this statement has no opening balance (:60F:)");
	changed("statement.sta", ":25:", ":26:",
	    "MT940: line 2: this statement has no account (:25:)");
	changed("statement.sta", ":62F:D260113EUR", ":62F:D260113USD",
	    "MT940: line 15: :62F: is in USD, but the account in EUR");
	changed("statement.sta", ":62F:D260113EUR", ":62F:D261313EUR",
	    "MT940: line 15: :62F: has no date");
}

/* Damaged ones are known for what they are all the same. */
static void
a_beginning_of_mt940_is_enough(void **state)
{
	static const struct {
		const char *text, *problem;
	} rows[] = {
		{ ":25:123456789\n:28C:1/1\n:60F:C260112EUR1,\n"
		  ":62F:C260113EUR1,\n-\n",
		    "MT940: line 1: a field before the reference (:20:)" },
		{ ":20:X\n:20:REF\n:25:123456789\n:28C:1/1\n"
		  ":60F:C260112EUR1,\n:62F:C260113EUR1,\n-\n",
		    "MT940: line 1: this statement has no account (:25:)" },
		{ ":20:X\n:25:123456789\n:28C:1/1\n:61:260113C1,NTRF\n",
		    "MT940: line 1: this statement has no opening balance "
		    "(:60F:)" },
		{ "{1:F01GEBABEBBAXXX0000000000}{2:I940GEBABEBBXXXXN}{4:\n"
		  ":20:X\n",
		    "MT940: line 2: this statement has no account (:25:)" },
		{ "{1:F01GEBABEBBAXXX0000000000}{2:I940GEBABEBBXXXXN}{4:\n",
		    "MT940: line 1: no statement" },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(pl_facts) facts = facts_of_text(rows[i].text);

		assert_int_equal(facts->format, PL_FORMAT_MT940);
		if (!g_str_has_prefix(facts->problem, rows[i].problem))
			fail_msg("\"%s\" expected, not \"%s\"", rows[i].problem,
			    facts->problem);
	}
}

static void
a_broken_element_of_camt_is_named_by_its_path(void **state)
{
	const char *const name = "statement-camt053.xml";

	(void)state;
	changed(name, ">100.00<", ">100,00<",
	    "CAMT.053: line 10: Stmt/Bal/Amt \"100,00\" is no amount");
	changed(name, "<CdtDbtInd>DBIT", "<CdtDbtInd>D",
	    "CAMT.053: line 11: Stmt/Bal/CdtDbtInd \"D\" is neither CRDT nor "
	    "DBIT");
	changed(name, "<Amt Ccy=\"EUR\">50.00</Amt>", "",
	    "CAMT.053: line 17: Stmt/Ntry has no Amt");
	changed(name, "<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<Sts>",
	    "CAMT.053: line 17: Stmt/Ntry has no CdtDbtInd");
	changed(name, "<Dt>2026-01-11</Dt>", "<Dt>2026-01-32</Dt>",
	    "CAMT.053: line 9: Stmt/Bal/Dt \"2026-01-32\" is no date");
	changed(name, "<IBAN>BE68 5390 0754 7034</IBAN>", "",
	    "CAMT.053: line 22: Stmt has no Acct/Id");
	changed(name, "</Ntry>", "",
	    "XML: line 22: Opening and ending tag mismatch: Ntry line 12 and "
	    "Stmt");
}

static void
a_broken_field_of_ofx_is_named(void **state)
{
	(void)state;
	changed("statement-sgml.ofx", "<TRNAMT>+50.00", "<TRNAMT>fifty",
	    "OFX: line 15: TRNAMT \"fifty\" is no amount");
	changed("statement-sgml.ofx", "<TRNAMT>+50.00", "",
	    "OFX: line 15: a transaction without a TRNAMT");
	changed("statement-sgml.ofx", "<BALAMT>-20.50", "<BALAMT>x",
	    "OFX: line 19: BALAMT \"x\" is no amount");
	changed("statement-sgml.ofx", "<DTPOSTED>2026", "<DTPOSTED>202699",
	    "OFX: line 15: DTPOSTED \"2026990113\" is no date");
	changed("statement-sgml.ofx", "</STMTRS>", "",
	    "OFX: line 21: cut off inside a statement");
	changed("statement-sgml.ofx", "</OFX>", "",
	    "OFX: line 21: cut off: its end (</OFX>) is missing");
	changed("statement-sgml.ofx", "<ACCTID>BE68", "<ACCTKEY>BE68",
	    "OFX: line 21: a statement without an ACCTID");
	changed("statement-sgml.ofx", "<OFX>", "",
	    "OFX: line 11: its beginning (<OFX>) is missing");
	changed("statement-sgml.ofx", "<TRNAMT>+50.00<FITID>", "<TRN",
	    "OFX: line 15: a transaction without a TRNAMT");

	g_autoptr(pl_facts) facts =
	    facts_of_changed("statement-sgml.ofx", "<STMTRS>", "");

	assert_int_equal(facts->format, PL_FORMAT_OFX);
	is_string(facts->problem,
	    "OFX: line 15: a transaction outside of a statement (STMTRS)");
}

static void
a_beginning_of_ofx_is_enough(void **state)
{
	static const char *const beginnings[] = {
		"OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><SIGNONMSGSRSV1><SONRS>",
		"<?xml version='1.0'?><?OFX OFXHEADER='200'?><OFX><SIGNON",
		"OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n",
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(beginnings); i++) {
		g_autoptr(pl_facts) facts = facts_of_text(beginnings[i]);

		assert_int_equal(facts->format, PL_FORMAT_OFX);
		assert_true(facts->damaged);
		assert_non_null(strstr(
		    facts->problem, "cut off: its end (</OFX>) is missing"));
	}
}

/* Nothing of a transaction that lost its end goes to what follows, and none is
 * lost. */
static void
a_lost_end_of_ofx_costs_nothing_else(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ "<MEMO>rent</STMTTRN>", "<MEMO>rent" },
		{ "<FITID>1<NAME>", "<FI\n<NAME>" },
		{ "</BANKTRANLIST>", "</BANKTR" },
		{ "Creditor Two", "Creditor < Two <3" },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(pl_facts) facts = facts_of_changed(
		    "statement-sgml.ofx", rows[i].from, rows[i].to);
		const struct pl_statement *s = facts->statements->pdata[0];
		const struct pl_line *second = s->lines->pdata[1];

		assert_false(facts->damaged);
		assert_int_equal(s->lines->len, 2);
		is_string(s->closing_balance, "-20.50");
		is_string(second->amount, "-170.50");
		is_string(second->communication, "rent");
	}
}

static void
a_broken_field_of_qif_is_named(void **state)
{
	g_autoptr(pl_facts) cut =
	    facts_of_text("!Type:Bank\n"
			  "D1/3/26\nT1.00\n^\nD1/3/26\nT1");

	(void)state;
	changed("statement.qif", "T-1,000.00", "T-x",
	    "QIF: line 7: T: \"-x\" is no amount");
	changed("statement.qif", "D31/1/26", "Dtoday",
	    "QIF: line 11: D: \"today\" is no date");
	assert_true(cut->damaged);
	assert_true(g_str_has_prefix(
	    cut->problem, "QIF: line 6: the last record has no end (^)"));
	changed("statement.qif", "T-1,000.00\n", "",
	    "QIF: line 9: a record without an amount (T)");
	changed("statement.qif", "^\nD31", "D31",
	    "QIF: line 10: D: the record before has no end (^)");
	changed("statement.qif", "T50.00", "T50.00\nT50.00",
	    "QIF: line 14: T: the record before has no end (^)");
	changed("statement.qif",
	    "\nU50.00\nT50.00\nPDebtor One\n"
	    "M+++090/9337/55493+++\n^",
	    "", "QIF: line 11: the last record has no end (^)");
}

/* An investment may be a number of shares. */
static void
a_record_of_qif_may_have_no_amount_where_none_is_due(void **state)
{
	g_autoptr(pl_facts) facts =
	    facts_of_text("!Type:Invst\nD1/31/26\nNBuy\nQ7\n^\n"
			  "!Type:Bank\n^\nD1/31/26\nT1\nSFood\nD1/1/26\n"
			  "$1\n^\n");

	(void)state;
	assert_false(facts->damaged);
}

static void
a_broken_cell_of_csv_is_named_by_its_line(void **state)
{
	(void)state;
	changed("statement-be.csv", "50,00;", "x;",
	    "CSV: line 3: amount \"x\" cannot be read");

	g_autoptr(pl_facts) facts = facts_of_text(
	    "Datum;Bedrag;Rekening;Details\r1/1/26;1,00;BE68539007547034;a\r"
	    "2/1/26;x;BE68539007547034;b\r");

	assert_true(facts->damaged);
	assert_true(g_str_has_prefix(
	    facts->problem, "CSV: line 3: amount \"x\" cannot be read"));
	changed("statement-be.csv",
	    ";-170,50;-20,50;;-170,50;BE71 0961 2345 6769;BBRUBEBB;"
	    "Creditor Two;;;rent",
	    "", "CSV: line 2: cut off after 8 of 18 columns");
	changed("statement-nl.csv", "tweede regel\"", "tweede regel",
	    "CSV: line 2: a quoted cell does not end");
}

/* Found by a fuzzer: the statement's length was that of the whole file. */
static void
a_statement_without_trailer_stays_inside_its_file(void **state)
{
	(void)state;
	changed("statement.cod", "\r\n9 ", "\r\n0 ",
	    "CODA: line 15: a header record before the trailer record");
}

static void
a_damaged_file_says_what_it_knows(void **state)
{
	g_autoptr(pl_facts) facts =
	    facts_of_changed("statement.sta", ":62F:D26", ":62X:D26");

	(void)state;
	is_string(facts->problem,
	    "MT940: line 2: this statement has no closing balance (:62F:); "
	    "read so far: a statement, account BE68539007547034, number 13, "
	    "opening balance 100, 3 lines; read so far: a statement, account "
	    "001548226815, number 13, opening balance -5.5, closing balance "
	    "-5.5, 0 lines");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broken_record_of_coda_is_named),
		cmocka_unit_test(a_coda_file_says_that_its_header_is_wrong),
		cmocka_unit_test(a_coda_file_says_that_its_header_is_missing),
		cmocka_unit_test(every_cut_of_a_coda_file_is_seen),
		cmocka_unit_test(a_broken_field_of_mt940_is_named),
		cmocka_unit_test(a_beginning_of_mt940_is_enough),
		cmocka_unit_test(a_broken_element_of_camt_is_named_by_its_path),
		cmocka_unit_test(a_broken_field_of_ofx_is_named),
		cmocka_unit_test(a_beginning_of_ofx_is_enough),
		cmocka_unit_test(a_lost_end_of_ofx_costs_nothing_else),
		cmocka_unit_test(a_broken_field_of_qif_is_named),
		cmocka_unit_test(
		    a_record_of_qif_may_have_no_amount_where_none_is_due),
		cmocka_unit_test(a_broken_cell_of_csv_is_named_by_its_line),
		cmocka_unit_test(
		    a_statement_without_trailer_stays_inside_its_file),
		cmocka_unit_test(a_damaged_file_says_what_it_knows),
	};

	return cmocka_run_group_tests_name("formats_damage", tests, NULL, NULL);
}
