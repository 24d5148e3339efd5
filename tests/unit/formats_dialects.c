/* SPDX-License-Identifier: BSD-2-Clause */
/* The same formats as single banks and countries write them. */
#include "formats_bytes.h"

/* "account|number|page|opening..closing|currency|lines" of each statement. */
static char *
told(const struct pl_facts *facts)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < facts->statements->len; i++) {
		const struct pl_statement *s = facts->statements->pdata[i];

		g_string_append_printf(text, "%s|%s|%s|%s..%s|%s|%u%s%s\n",
		    s->account, s->sequence, s->page, s->opening_balance,
		    s->closing_balance, s->currency, s->lines->len,
		    s->problem != NULL ? "|" : "",
		    s->problem != NULL ? s->problem : "");
	}
	return g_string_free(text, FALSE);
}

static void
reads(const char *text, enum pl_format format, const char *expected)
{
	g_autoptr(pl_facts) facts = facts_of_text(text);
	g_autofree char *ours = told(facts);

	if (facts->damaged)
		fail_msg("damaged: %s", facts->problem);
	assert_int_equal(facts->format, format);
	assert_string_equal(ours, expected);
}

static const struct pl_line *
line_of(const struct pl_facts *facts, guint statement, guint line)
{
	const struct pl_statement *s = facts->statements->pdata[statement];

	return s->lines->pdata[line];
}

/* ---- MT940 */

static void
lines_of_mt940_may_end_with_two_at_signs(void **state)
{
	(void)state;
	reads("@@:20:STARTUMS@@:25:70000000/123@@:28C:7/1@@:60F:C260101EUR10,@@"
	      ":61:260102D0,50NMSCNONREF@@:86:166?20ONE@@?21TWO@@"
	      ":62F:C260102EUR9,50@@-@@:20:STARTUMS@@:25:70000000/123@@:28C:8/1"
	      "@@:60F:C260102EUR9,50@@:62F:C260103EUR9,50@@-",
	    PL_FORMAT_MT940,
	    "70000000/123|7|(null)|10..9.50|EUR|1\n"
	    "70000000/123|8|(null)|9.50..9.50|EUR|0\n");
}

static void
a_value_date_of_mt940_may_be_the_thirtieth_of_february(void **state)
{
	g_autoptr(pl_facts) facts = facts_of_text(
	    ":20:X\n:25:12345678/1\n:28C:1/1\n:60F:C160229EUR7,\n"
	    ":61:1602300301DR6,N024NONREF\n:61:1512310101D1,N024NONREF\n"
	    ":62F:C160301EUR0,\n-\n");

	(void)state;
	assert_string_equal(line_of(facts, 0, 0)->date, "2016-03-01");
	assert_string_equal(line_of(facts, 0, 1)->date, "2016-01-01");
}

/* Of an account that had none before. */
static void
a_balance_of_mt940_may_have_no_date(void **state)
{
	g_autofree char *period = NULL;
	g_autoptr(pl_facts) facts =
	    facts_of_text(":20:X\n:25:1\n:28C:2/1\n:60F:C000000EUR0,00\n"
			  ":61:260107C396,00N025X\n:62F:C260417EUR396\n-\n");
	const struct pl_statement *s = facts->statements->pdata[0];

	(void)state;
	assert_false(facts->damaged);
	period = g_strdup_printf("%s..%s", s->from, s->to);
	assert_string_equal(period, "(null)..2026-04-17");
}

static void
pages_of_mt940_are_statements_of_one_number(void **state)
{
	(void)state;
	reads(":20:A\n:25:1\n:28C:26001/00001\n:60F:C260101EUR1,\n"
	      ":61:260101C1,NTRFX\n:62M:C260101EUR2,\n-\n"
	      ":20:A\n:25:1\n:28C:26001/00002\n:60M:C260101EUR2,\n"
	      ":61:260101EC9,NTRFX\n:61:260101RC0,5NTRFX\n"
	      ":62F:C260101EUR1,5\n-\n",
	    PL_FORMAT_MT940,
	    "1|26001|(null)|1..2|EUR|1\n1|26001|2|2..1.5|EUR|2\n");
}

static void
statements_for_banks_are_statements_and_reports_are_none(void **state)
{
	static const char *const none[] = {
		"{1:F01X}{2:O9411200}{4:\n:20:X\n:25:1\n:28:1\n"
		":60F:C260101EUR1,\n:62F:C260101EUR1,\n-}",
		":20:X\n:25:1\n:28:1\n:60F:C260101EUR1,\n:90D:0EUR0,\n"
		":62F:C260101EUR1,\n",
		":20:X\n:25:1\n:28C:1\n:34F:EUR0,\n:13D:2601011200+0100\n"
		":61:260101C1,NTRFX\n",
		"@@:20:X@@:25:1@@:28C:0@@:34F:EUR9,@@:13:2601011200@@"
		":61:260101D1,NMSCX",
	};

	(void)state;
	reads("{1:F01X}{2:O9501200}{4:\n:20:X\n:25:1\n:28C:4/1\n"
	      ":60F:C260101EUR1,\n:61:260101C1,NTRFX\n:62F:C260101EUR2,\n-}",
	    PL_FORMAT_MT940, "1|4|(null)|1..2|EUR|1\n");
	for (guint i = 0; i < G_N_ELEMENTS(none); i++) {
		g_autoptr(pl_facts) facts = facts_of_text(none[i]);

		assert_int_equal(facts->format, PL_FORMAT_UNKNOWN);
	}
}

static void
a_banks_own_field_belongs_to_no_other(void **state)
{
	g_autoptr(pl_facts) facts =
	    facts_of_text(":20:A\n:25:1\n:28C:1\n:60F:C260101EUR1,\n"
			  ":61:260101C1,NTRFX\n:86:paid\n:NS:01Street\n02City\n"
			  ":62F:C260101EUR2,\n:86:D000C001\n");

	(void)state;
	is_string(line_of(facts, 0, 0)->communication, "paid");
}

/* Texts are cut at 65 characters, wherever that is. */
static void
a_time_cut_in_two_is_no_field_of_mt940(void **state)
{
	static const char *const times[] = { ":13:11", ":34:12 SHOP", ":20:44",
		":25:59,", ":28:01", ":44:45 Uhr" };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(times); i++) {
		g_autofree char *text = g_strdup_printf(
		    ":20:S\n:25:1\n:28C:5/1\n:60F:C260101EUR10,\n"
		    ":61:260102D1,NTRFX\n:86:PAID AT 08\n%s\nBAKER\n"
		    ":61:260102D2,NTRFX\n:86:TWO\n:62F:C260102EUR7,\n"
		    ":86:see\n-\n:20:13\n:25:1\n:28C:6/1\n"
		    ":60F:C260102EUR7,\n:62F:C260103EUR7,\n",
		    times[i]);
		g_autofree char *words =
		    g_strdup_printf("PAID AT 08 %s BAKER", times[i]);
		g_autoptr(pl_facts) facts = facts_of_text(text);

		reads(text, PL_FORMAT_MT940,
		    "1|5|(null)|10..7|EUR|2\n1|6|(null)|7..7|EUR|0\n");
		is_string(line_of(facts, 0, 0)->communication, words);
	}
}

static void
an_odd_envelope_of_mt940_says_nothing(void **state)
{
	(void)state;
	reads("{1:D02X}\n{2:E623X}\n{4:\n:20:X\n:25:1\n:28C:4/1\n"
	      ":60F:C260101EUR1,\n:62F:C260101EUR1,\n-}",
	    PL_FORMAT_MT940, "1|4|(null)|1..1|EUR|0\n");
}

/* In the Swedish version of ASCII. */
static void
braces_of_mt940_may_be_letters(void **state)
{
	static const char first[] = "\xc3\xa4"
				    "4:\n:20:A\n:25:1\n:28C:4/1\n"
				    ":60F:C260101SEK1,\n:62F:C260101SEK1,\n"
				    "-\xc3\xa5\n",
			  second[] = "\xc3\xa4"
				     "4:\n:20:B\n:25:1\n:28C:5/1\n"
				     ":60F:C260101SEK1,\n:62F:C260102SEK1,\n"
				     "-\xc3\xa5";
	g_autofree char *both = g_strconcat(first, second, NULL);
	g_autoptr(pl_facts) facts = facts_of_text(both);
	const struct pl_statement *s = facts->statements->pdata[1];

	(void)state;
	assert_false(facts->damaged);
	assert_int_equal(s->offset, strlen(first));
	assert_int_equal(s->length, strlen(second));
}

/* ---- camt.053 */

#define ISO "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
#define BALANCE(type, amount) \
	"<Bal><Tp><CdOrPrtry><Cd>" type "</Cd></CdOrPrtry></Tp>" \
	"<Amt Ccy='EUR'>" amount "</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"
#define STATEMENT(number) \
	"<Stmt><ElctrncSeqNb>" number "</ElctrncSeqNb><Acct><Id><IBAN>" \
	"BE68539007547034</IBAN></Id></Acct>" BALANCE("OPBD", "1") \
	    BALANCE("CLBD", "1") "</Stmt>"
#define DOCUMENT(space, number) \
	"<d:Document xmlns:d='" space "' xmlns='" space \
	"'><BkToCstmrStmt>" STATEMENT(number) "</BkToCstmrStmt></d:Document>"

static void
camt_is_read_in_every_namespace_and_envelope(void **state)
{
	const char *const one = "BE68539007547034|7|(null)|1..1|EUR|0\n";

	(void)state;
	reads(DOCUMENT(ISO "02", "7"), PL_FORMAT_CAMT053, one);
	reads(DOCUMENT(ISO "13", "7"), PL_FORMAT_CAMT053, one);
	reads(DOCUMENT("ISO:camt.053.001.02:APC:STUZZA:payments:003", "7"),
	    PL_FORMAT_CAMT053, one);
	reads(DOCUMENT("urn:swift:xsd:camt.053.001.02", "7"), PL_FORMAT_CAMT053,
	    one);
	reads("<Document xmlns='" ISO "01'><BkToCstmrStmtV01>" STATEMENT(
		  "7") "</BkToCstmrStmtV01></Document>",
	    PL_FORMAT_CAMT053, one);
	reads("<Envelope><Header><AppHdr/></Header><Body>" DOCUMENT(
		  ISO "08", "7") DOCUMENT(ISO "08", "8") "</Body></Envelope>",
	    PL_FORMAT_CAMT053,
	    "BE68539007547034|7|(null)|1..1|EUR|0\n"
	    "BE68539007547034|8|(null)|1..1|EUR|0\n");
}

static void
camt_may_lack_its_namespace(void **state)
{
	g_autoptr(pl_facts) order = facts_of_text(
	    "<Document><CstmrCdtTrfInitn><Stmt/></CstmrCdtTrfInitn>"
	    "</Document>");
	g_autoptr(pl_facts) foreign =
	    facts_of_text("<x><Document><BkToCstmrStmt>" STATEMENT(
		"7") "</BkToCstmrStmt></Document></x>");

	(void)state;
	reads("<?xml version='1.0'?><Document><BkToCstmrStmt>" STATEMENT("7")
		  STATEMENT("8") "</BkToCstmrStmt></Document>",
	    PL_FORMAT_CAMT053,
	    "BE68539007547034|7|(null)|1..1|EUR|0\n"
	    "BE68539007547034|8|(null)|1..1|EUR|0\n");
	assert_int_equal(order->format, PL_FORMAT_XML);
	assert_int_equal(foreign->format, PL_FORMAT_XML);
}

static void
pages_of_camt_have_interim_balances(void **state)
{
	(void)state;
	reads(
	    "<Document xmlns='" ISO "08'><BkToCstmrStmt><Stmt>"
	    "<StmtPgntn><PgNb>2</PgNb></StmtPgntn>"
	    "<ElctrncSeqNb>7</ElctrncSeqNb>"
	    "<Acct><Id><Othr><Id>12</Id></Othr></Id></Acct>" BALANCE(
		"ITBD", "4") BALANCE("ITBD", "5") BALANCE("ITAV",
		"9") "<Ntry><Amt Ccy='EUR'>1</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
		     "<Sts>BOOK</Sts></Ntry></Stmt></BkToCstmrStmt></Document>",
	    PL_FORMAT_CAMT053, "12|7|2|4..5|EUR|1\n");
}

static void
an_account_of_camt_has_the_currency_of_its_entries(void **state)
{
	(void)state;
	reads("<Document xmlns='" ISO "08'><BkToCstmrStmt>"
	      "<Stmt><Acct><Id><Othr><Id>12</Id></Othr></Id></Acct>"
	      "<Ntry><Amt Ccy='SEK'>3</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry>"
	      "</Stmt><Stmt><Acct><Id><Othr><Id>13</Id></Othr></Id>"
	      "<Ccy>NOK</Ccy></Acct><Ntry><Amt Ccy='SEK'>3</Amt>"
	      "<CdtDbtInd>CRDT</CdtDbtInd></Ntry></Stmt>"
	      "</BkToCstmrStmt></Document>",
	    PL_FORMAT_CAMT053,
	    "12|(null)|(null)|(null)..(null)|SEK|1\n"
	    "13|(null)|(null)|(null)..(null)|NOK|1\n");
}

/* From version 9 on, a proxy may stand for the account. */
static void
an_account_of_camt_may_be_its_proxy(void **state)
{
	(void)state;
	reads("<Document xmlns='" ISO "10'><BkToCstmrStmt>"
	      "<Stmt><Acct><Prxy><Id>jan@example.org</Id></Prxy></Acct></Stmt>"
	      "<Stmt><Acct><Id><Othr><Id>13</Id></Othr></Id>"
	      "<Prxy><Id>jan@example.org</Id></Prxy></Acct></Stmt>"
	      "</BkToCstmrStmt></Document>",
	    PL_FORMAT_CAMT053,
	    "jan@example.org|(null)|(null)|(null)..(null)|(null)|0\n"
	    "13|(null)|(null)|(null)..(null)|(null)|0\n");
}

/* ---- OFX and QIF */

static void
an_ofx_file_may_be_one_line_and_have_attributes(void **state)
{
	(void)state;
	reads(
	    "OFXHEADER:100DATA:OFXSGML<OFX xmlns='x'><BANKMSGSRSV1><STMTTRNRS>"
	    "<STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>12</BANKACCTFROM>"
	    "<BANKTRANLIST><STMTTRN><DTPOSTED>00000000<TRNAMT>+ 1,50"
	    "</STMTTRN></BANKTRANLIST><LEDGERBAL><BALAMT>3.5<DTASOF>20260101"
	    "</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>",
	    PL_FORMAT_OFX, "12|(null)|(null)|(null)..3.5|EUR|1\n");
}

/* Programs comment out what they do not want to say. */
static void
comments_in_ofx_say_nothing(void **state)
{
	g_autoptr(pl_facts) none = facts_of_text(
	    "<?xml version='1.0'?><?OFX VERSION='211'?><OFX><STMTTRNRS><STMTRS>"
	    "<!-- <CURDEF>EUR</CURDEF><BANKACCTFROM><ACCTID>12</ACCTID>"
	    "</BANKACCTFROM> -->"
	    "</STMTRS></STMTTRNRS></OFX>");
	g_autoptr(pl_facts) open = facts_of_text(
	    "<OFX><STMTTRNRS><STMTRS><BANKACCTFROM><ACCTID>12</BANKACCTFROM>"
	    "</STMTRS></STMTTRNRS><!-- </OFX>");

	(void)state;
	reads("<OFX><!-- </OFX><STMTRS> --><STMTTRNRS><STMTRS>"
	      "<!--<TRNAMT>7<CURDEF>USD--><CURDEF>EUR<BANKACCTFROM>"
	      "<!-- <A><ACCTID>9 --><ACCTID>12</BANKACCTFROM>"
	      "<STMTTRN><TRNAMT>1<!-- > --></STMTTRN>"
	      "<!-- <STMTTRN></STMTTRN><STMTTRN> -->"
	      "</STMTRS></STMTTRNRS></OFX>",
	    PL_FORMAT_OFX, "12|(null)|(null)|(null)..(null)|EUR|1\n");
	assert_true(none->damaged && open->damaged);
	assert_true(g_str_has_prefix(
	    none->problem, "OFX: line 1: a statement without an ACCTID"));
	assert_true(g_str_has_prefix(open->problem,
	    "OFX: line 1: cut off: its end (</OFX>) is missing"));
}

static void
a_field_of_ofx_may_be_character_data(void **state)
{
	g_autoptr(pl_facts) facts = facts_of_text(
	    "<OFX><STMTTRNRS><STMTRS><BANKACCTFROM><ACCTID>12</ACCTID>"
	    "</BANKACCTFROM><STMTTRN><NAME>\n<![CDATA[A <b> & C]]></NAME>"
	    "<TRNAMT><![CDATA[-1.50]]></TRNAMT><MEMO><![CDATA[cut</MEMO>"
	    "</STMTTRN></STMTRS></STMTTRNRS></OFX>");

	(void)state;
	is_string(line_of(facts, 0, 0)->counterparty_name, "A <b> & C");
	is_string(line_of(facts, 0, 0)->amount, "-1.50");
}

static void
a_qif_file_may_begin_with_remarks(void **state)
{
	(void)state;
	reads("### Exported by a program\n# on a day\n\n!Type:Bank\n"
	      "D01/31/26\nT10.00\n^\n",
	    PL_FORMAT_QIF, "(null)|(null)|(null)|(null)..(null)|(null)|1\n");
}

/* The period of the only statement. */
static char *
period_of(const char *text)
{
	g_autoptr(pl_facts) facts = facts_of_text(text);
	const struct pl_statement *s = facts->statements->pdata[0];

	return g_strdup_printf("%s..%s", s->from, s->to);
}

static void
a_qif_file_says_the_order_of_its_dates_in_an_option(void **state)
{
	g_autofree char *months =
	    period_of("!Option:MDY\n!Type:Bank\nD2.1.26\nT1\n^\n");
	g_autofree char *days =
	    period_of("!option:dmy\n!Type:Bank\nD2.1.26\nT1\n^\n");
	g_autofree char *wrong = period_of(
	    "!Option:MDY\n!Type:Bank\nD13.1.26\nT1\n^\nD2.1.26\nT1\n^\n");

	(void)state;
	assert_string_equal(months, "2026-02-01..2026-02-01");
	assert_string_equal(days, "2026-01-02..2026-01-02");
	assert_string_equal(wrong, "(null)..(null)");
}

/* No statement goes over many years, all on the same days of the month. */
static void
a_qif_file_may_have_short_years_first(void **state)
{
	g_autofree char *one_year =
	    period_of("!Type:Bank\nD26/08/12\nT1\n^\nD26/3/3\nT1\n^\n");
	g_autofree char *new_year =
	    period_of("!Type:Bank\nD25/12/30\nT1\n^\nD26/01/02\nT1\n^\n");
	g_autofree char *days_first =
	    period_of("!Type:Bank\nD26/08/25\nT1\n^\nD26/3/26\nT1\n^\n");

	(void)state;
	assert_string_equal(one_year, "2026-03-03..2026-08-12");
	assert_string_equal(new_year, "2025-12-30..2026-01-02");
	assert_string_equal(days_first, "2025-08-26..2026-03-26");
}

static void
a_qif_file_names_its_account_in_its_first_record(void **state)
{
	(void)state;
	reads("!Type:Bank\nD01/31/26\nT10.00\nPOpening Balance\n"
	      "L[Savings]\n^\nD02/28/26\nT-1.00\nL[Rent]\n^\n",
	    PL_FORMAT_QIF, "Savings|(null)|(null)|(null)..(null)|(null)|2\n");
	reads("!Account\nNFunds\n^\n!Type:Invst\n^\n!Account\nNCash\n^\n"
	      "!Type:Cash\nD2026-01-31\nT1\n^",
	    PL_FORMAT_QIF, "Cash|(null)|(null)|(null)..(null)|(null)|1\n");
}

/* ---- all of them */

static void
reads_in(const char *encoding, const char *text, enum pl_format format,
    const char *expected)
{
	gsize length;
	g_autofree char *bytes =
	    g_convert(text, -1, encoding, "UTF-8", NULL, &length, NULL);
	g_autoptr(pl_facts) facts =
	    pl_facts_read((const guint8 *)bytes, length, NULL);
	g_autofree char *ours = told(facts);

	if (facts->damaged)
		fail_msg("%s: damaged: %s", encoding, facts->problem);
	assert_int_equal(facts->format, format);
	assert_string_equal(ours, expected);
	for (guint i = 0; i < facts->statements->len; i++) {
		const struct pl_statement *s = facts->statements->pdata[i];

		assert_int_equal(s->offset, 0);
		assert_int_equal(s->length, length);
	}
}

/* Spreadsheets and scripts write them so; such files are not parted. */
static void
texts_may_be_wide(void **state)
{
	static const char mt940[] =
	    ":20:A\n:25:1\n:28C:4/1\n:60F:C260101EUR1,\n"
	    ":62F:C260101EUR1,\n-\n:20:B\n:25:1\n:28C:5/1\n"
	    ":60F:C260101EUR1,\n:62F:C260102EUR1,\n-\n";
	g_autoptr(pl_facts) half =
	    pl_facts_read((const guint8 *)"\xff\xfe:\0002", 5, NULL);

	(void)state;
	assert_int_equal(half->format, PL_FORMAT_UNKNOWN);
	reads_in("UTF-16", mt940, PL_FORMAT_MT940,
	    "1|4|(null)|1..1|EUR|0\n1|5|(null)|1..1|EUR|0\n");
	reads_in("UTF-32", mt940, PL_FORMAT_MT940,
	    "1|4|(null)|1..1|EUR|0\n1|5|(null)|1..1|EUR|0\n");
	reads_in("UTF-16",
	    "Rekening\tDatum\tBedrag\tSaldo\tOmschrijving\n"
	    "BE68539007547034\t1/2/2026\t1,00\t3,00\t\xe2\x82\xac\n",
	    PL_FORMAT_CSV,
	    "BE68539007547034|(null)|(null)|2.00..3.00|(null)|1\n");
	reads_in("UTF-16", "!Type:Bank\nD1/31/26\nT1\n^\n", PL_FORMAT_QIF,
	    "(null)|(null)|(null)|(null)..(null)|(null)|1\n");
}

/* ---- payment references */

static void
a_line_says_the_payment_reference_in_its_text(void **state)
{
	g_autoptr(pl_facts) facts =
	    facts_of_text(":20:A\n:25:1\n:28C:1\n:60F:C260101EUR1,\n"
			  ":61:260101C1,NTRFX\n:86:of May +++090/9337/\n"
			  "55493+++ thanks\n"
			  ":61:260101C1,NTRFX\n:86:/REMI/STRD/CUR/0909337554"
			  "93/EREF/\n"
			  ":61:260101C1,NTRFX\n:86:/REMI/090933755493/EREF/\n"
			  ":62F:C260101EUR4,\n");

	(void)state;
	is_string(line_of(facts, 0, 0)->communication,
	    "of May +++090/9337/ 55493+++ thanks");
	is_string(
	    line_of(facts, 0, 0)->payment_reference, "+++090/9337/55493+++");
	is_string(
	    line_of(facts, 0, 1)->payment_reference, "+++090/9337/55493+++");
	is_string(line_of(facts, 0, 2)->payment_reference, NULL);
}

static void
an_invoice_may_say_it_in_its_notes(void **state)
{
	g_autoptr(pl_facts) bare = facts_of_text(
	    "<Invoice xmlns='" UBL "Invoice-2'><PaymentMeans><PaymentID>"
	    "090933755493</PaymentID></PaymentMeans></Invoice>");
	g_autoptr(pl_facts) noted = facts_of_text(
	    "<Invoice xmlns='" UBL "Invoice-2'><Note>order 1</Note>"
	    "<PaymentTerms><Note>pay with ***090/9337/55493***</Note>"
	    "</PaymentTerms></Invoice>");
	g_autoptr(pl_facts) both = facts_of_text(
	    "<Invoice xmlns='" UBL "Invoice-2'><Note>RF18539007547034</Note>"
	    "<PaymentMeans><PaymentID>F 7</PaymentID></PaymentMeans>"
	    "</Invoice>");

	(void)state;
	is_string(bare->payment_reference, "+++090/9337/55493+++");
	is_string(noted->payment_reference, "+++090/9337/55493+++");
	is_string(both->payment_reference, "F 7");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_mt940_may_end_with_two_at_signs),
		cmocka_unit_test(
		    a_value_date_of_mt940_may_be_the_thirtieth_of_february),
		cmocka_unit_test(a_balance_of_mt940_may_have_no_date),
		cmocka_unit_test(pages_of_mt940_are_statements_of_one_number),
		cmocka_unit_test(
		    statements_for_banks_are_statements_and_reports_are_none),
		cmocka_unit_test(a_banks_own_field_belongs_to_no_other),
		cmocka_unit_test(a_time_cut_in_two_is_no_field_of_mt940),
		cmocka_unit_test(an_odd_envelope_of_mt940_says_nothing),
		cmocka_unit_test(braces_of_mt940_may_be_letters),
		cmocka_unit_test(camt_is_read_in_every_namespace_and_envelope),
		cmocka_unit_test(camt_may_lack_its_namespace),
		cmocka_unit_test(pages_of_camt_have_interim_balances),
		cmocka_unit_test(texts_may_be_wide),
		cmocka_unit_test(
		    an_ofx_file_may_be_one_line_and_have_attributes),
		cmocka_unit_test(
		    an_account_of_camt_has_the_currency_of_its_entries),
		cmocka_unit_test(an_account_of_camt_may_be_its_proxy),
		cmocka_unit_test(comments_in_ofx_say_nothing),
		cmocka_unit_test(a_field_of_ofx_may_be_character_data),
		cmocka_unit_test(a_qif_file_may_begin_with_remarks),
		cmocka_unit_test(
		    a_qif_file_says_the_order_of_its_dates_in_an_option),
		cmocka_unit_test(a_qif_file_may_have_short_years_first),
		cmocka_unit_test(
		    a_qif_file_names_its_account_in_its_first_record),
		cmocka_unit_test(a_line_says_the_payment_reference_in_its_text),
		cmocka_unit_test(an_invoice_may_say_it_in_its_notes),
	};

	return cmocka_run_group_tests_name(
	    "formats_dialects", tests, NULL, NULL);
}
