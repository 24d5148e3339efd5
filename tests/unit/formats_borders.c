/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the statements of one file stand, so that it can be parted: a part with
 * the frame of its file reads as that statement alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "postledger/formats.h"

static pl_facts *
read_text(const char *text, gsize length)
{
	return pl_facts_read((const guint8 *)text, length, NULL);
}

static const struct pl_statement *
at(const pl_facts *facts, guint i)
{
	return facts->statements->pdata[i];
}

/* The file with nothing but its statement I. */
static GString *
part(const char *text, const pl_facts *facts, guint i)
{
	const struct pl_statement *first = at(facts, 0), *s = at(facts, i);
	const struct pl_statement *last = at(facts, facts->statements->len - 1);
	GString *out = g_string_new_len(text, (gssize)first->offset);

	g_string_append_len(out, text + s->offset, (gssize)s->length);
	g_string_append(out, text + last->offset + last->length);
	return out;
}

static void
assert_parted(const char *text, guint n)
{
	g_autoptr(pl_facts) facts = read_text(text, strlen(text));

	assert_false(facts->damaged);
	assert_int_equal(facts->statements->len, n);
	for (guint i = 0; i < n; i++) {
		g_autoptr(GString) alone = part(text, facts, i);
		g_autoptr(pl_facts) one = read_text(alone->str, alone->len);

		assert_true(at(facts, i)->length < strlen(text));
		assert_false(one->damaged);
		assert_int_equal(one->format, facts->format);
		assert_int_equal(one->statements->len, 1);
		assert_string_equal(at(one, 0)->account, at(facts, i)->account);
		assert_string_equal(
		    at(one, 0)->closing_balance, at(facts, i)->closing_balance);
		assert_int_equal(
		    at(one, 0)->lines->len, at(facts, i)->lines->len);
	}
}

static void
assert_whole(const char *text, guint n)
{
	g_autoptr(pl_facts) facts = read_text(text, strlen(text));

	assert_int_equal(facts->statements->len, n);
	for (guint i = 0; i < n; i++) {
		assert_int_equal(at(facts, i)->offset, 0);
		assert_int_equal(at(facts, i)->length, strlen(text));
	}
}

/* ---- camt.053 ---------------------------------------------------------- */

#define BEGIN \
	"<?xml version=\"1.0\"?>\n<!-- > a <Stmt> in words -->\n" \
	"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">" \
	"<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>"
#define END "</BkToCstmrStmt></Document>\n"
#define STMT_AT(account, closing, more) \
	"<Acct><Id><Othr><Id>" account "</Id></Othr></Id></Acct><Bal><Tp>" \
	"<CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">" closing \
	"</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-02-02</Dt></Dt></" \
	"Bal>" more
#define STMT(account, closing, more) \
	"<Stmt>" STMT_AT(account, closing, more) "</Stmt>"

static void
camt_is_parted_at_neighbours(void **state)
{
	(void)state;
	assert_parted(
	    BEGIN STMT("1", "10.00", "") STMT("2", "20.00", "") END, 2);
	assert_parted(BEGIN "\n <!-- <Stmt> -->" STMT("1", "10.00",
			  "") "\r\n<!-- </Stmt> -->" STMT("2", "20.00",
			  "<Ntry><AddtlNtryInf><![CDATA[</Stmt><Stmt>]]>"
			  "</AddtlNtryInf><Amt Ccy='EUR'>1</Amt>"
			  "<CdtDbtInd>CRDT</CdtDbtInd></Ntry>")
			  STMT("3", "30.00", "") END,
	    3);
	assert_parted("<n:Document xmlns:n=\"urn:iso:std:iso:20022:tech:xsd:"
		      "camt.053.001.08\" x='a>b'><n:BkToCstmrStmt><n:Stmt "
		      "a='>'><n:Acct><n:Id><n:IBAN>A1</n:IBAN></n:Id></n:Acct>"
		      "<n:Bal><n:Tp><n:CdOrPrtry><n:Cd>CLBD</n:Cd>"
		      "</n:CdOrPrtry></n:Tp><n:Amt Ccy='EUR'>1</n:Amt>"
		      "<n:CdtDbtInd>CRDT</n:CdtDbtInd></n:Bal></n:Stmt >"
		      "<n:Stmt><n:Acct><n:Id><n:IBAN>A2</n:IBAN></n:Id>"
		      "</n:Acct><n:Bal><n:Tp><n:CdOrPrtry><n:Cd>CLBD</n:Cd>"
		      "</n:CdOrPrtry></n:Tp><n:Amt Ccy='EUR'>2</n:Amt>"
		      "<n:CdtDbtInd>CRDT</n:CdtDbtInd></n:Bal></n:Stmt>"
		      "</n:BkToCstmrStmt></n:Document>",
	    2);
}

static void
camt_that_is_no_row_of_statements_stays_whole(void **state)
{
	static const char message[] =
	    "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001."
	    "02\"><BkToCstmrStmt>" STMT(
		"1", "10.00", "") "</BkToCstmrStmt></Document>";
	g_autofree char *envelope =
	    g_strconcat("<Env>", message, message, "</Env>", NULL);

	(void)state;
	assert_whole(envelope, 2);
	assert_whole(BEGIN STMT("1", "10.00", "") "<SplmtryData/>" STMT(
			 "2", "20.00", "") END,
	    2);
}

/* ---- OFX --------------------------------------------------------------- */

#define OFX_BEGIN "OFXHEADER:100\r\nDATA:OFXSGML\r\n\r\n<OFX>\r\n"
#define RESPONSE(kind, account, balance) \
	"<" kind "STMTTRNRS><TRNUID>0<" kind \
	"STMTRS><CURDEF>EUR<BANKACCTFROM>" \
	"<ACCTID>" account "</BANKACCTFROM><LEDGERBAL><BALAMT>" balance \
	"<DTASOF>20260202</LEDGERBAL></" kind "STMTRS></" kind \
	"STMTTRNRS>\r\n"

static void
ofx_is_parted_at_neighbours(void **state)
{
	(void)state;
	assert_parted(OFX_BEGIN "<BANKMSGSRSV1>\r\n" RESPONSE("", "11", "1.00")
			  RESPONSE("", "12", "2.00") RESPONSE(
			      "", "13", "3.00") "</BANKMSGSRSV1></OFX>",
	    3);
}

static void
ofx_that_is_no_row_of_statements_stays_whole(void **state)
{
	(void)state;
	assert_whole(OFX_BEGIN
	    "<BANKMSGSRSV1>" RESPONSE("", "11",
		"1.00") "</BANKMSGSRSV1><CREDITCARDMSGSRSV1>" RESPONSE("CC",
		"12", "2.00") "</CREDITCARDMSGSRSV1></OFX>",
	    2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(camt_is_parted_at_neighbours),
		cmocka_unit_test(camt_that_is_no_row_of_statements_stays_whole),
		cmocka_unit_test(ofx_is_parted_at_neighbours),
		cmocka_unit_test(ofx_that_is_no_row_of_statements_stays_whole),
	};

	return cmocka_run_group_tests_name(
	    "formats_borders", tests, NULL, NULL);
}
