/* SPDX-License-Identifier: BSD-2-Clause */
/* Invoices as XML, and XML that is none or wants to do harm. */
#include "formats_bytes.h"

#define CBC " xmlns:cbc=\"" UBL "CommonBasicComponents-2\""
#define CAC " xmlns:cac=\"" UBL "CommonAggregateComponents-2\""
#define INVOICE "<Invoice xmlns=\"" UBL "Invoice-2\"" CBC CAC ">"

static void
a_ubl_invoice_gives_its_facts_and_the_files_inside(void **state)
{
	g_autoptr(pl_facts) facts = facts_of("invoice-ubl.xml");
	const struct pl_embedded *file;

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_UBL);
	assert_int_equal(facts->kind, PL_FACTS_INVOICE);
	assert_false(facts->damaged);
	is_string(facts->number, "2026-0117");
	is_string(facts->date, "2026-02-28");
	is_string(facts->currency, "EUR");
	is_string(facts->total, "1210.00");
	is_string(facts->payment_reference, "+++090/9337/55493+++");
	is_string(facts->seller.id, "BE0123456749");
	is_string(facts->seller.name, "Kernel & Company bv");
	is_string(facts->buyer.id, "0987654394");
	is_string(facts->buyer.name, "Käufer nv");
	assert_int_equal(facts->embedded->len, 1);
	file = g_ptr_array_index(facts->embedded, 0);
	is_string(file->filename, "2026-0117.pdf");
	is_string(file->media_type, "application/pdf");
	assert_int_equal(g_bytes_get_size(file->bytes), 15);
	assert_memory_equal(
	    g_bytes_get_data(file->bytes, NULL), "%PDF-1.4\n%%EOF\n", 15);
	assert_int_equal(facts->attached_names->len, 2);
	is_string(g_ptr_array_index(facts->attached_names, 1),
	    "timesheet february.pdf");
}

static void
a_credit_note_in_a_business_envelope_is_one(void **state)
{
	g_autoptr(pl_facts) facts = facts_of("creditnote-sbdh.xml");

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_UBL);
	assert_int_equal(facts->kind, PL_FACTS_CREDIT_NOTE);
	is_string(facts->number, "CN-7");
	is_string(facts->date, "2026-03-01");
	is_string(facts->currency, "SEK");
	is_string(facts->total, "250.5");
	is_string(facts->seller.id, "billing@seller.example");
	is_string(facts->seller.name, "Seller AB");
	is_string(facts->buyer.id, NULL);
}

static void
a_cii_invoice_counts_in_its_own_currency(void **state)
{
	g_autoptr(pl_facts) facts = facts_of("invoice-cii.xml");

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_CII);
	assert_int_equal(facts->kind, PL_FACTS_CREDIT_NOTE);
	is_string(facts->number, "RE-26/044");
	is_string(facts->date, "2026-01-15");
	is_string(facts->currency, "CHF");
	is_string(facts->total, "1077.00");
	is_string(facts->seller.id, "DE136695976");
	is_string(facts->buyer.id, "123456782");
	is_string(facts->payment_reference, "RF18539007547034");
	assert_int_equal(facts->embedded->len, 1);
}

static void
a_zugferd_1_document_gives_the_same_facts(void **state)
{
	g_autoptr(pl_facts) facts = facts_of("invoice-zugferd1.xml");

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_CII);
	assert_int_equal(facts->kind, PL_FACTS_INVOICE);
	is_string(facts->number, "471102");
	is_string(facts->date, "2014-03-05");
	is_string(facts->currency, "EUR");
	is_string(facts->total, "235.62");
	is_string(facts->seller.id, "DE123456788");
	is_string(facts->buyer.name, "Kunden AG");
	is_string(facts->payment_reference, "2014-471102");
}

static void
an_invoice_of_a_credit_notes_type_is_a_credit_note(void **state)
{
	g_autoptr(pl_facts) credit = facts_of_text(
	    INVOICE "<cbc:InvoiceTypeCode>381</cbc:InvoiceTypeCode></Invoice>");
	g_autoptr(pl_facts) corrected = facts_of_text(
	    INVOICE "<cbc:InvoiceTypeCode>384</cbc:InvoiceTypeCode></Invoice>");
	g_autoptr(pl_facts) root =
	    facts_of_text("<CreditNote xmlns=\"" UBL "CreditNote-2\"" CBC
			  "><cbc:CreditNoteTypeCode>380"
			  "</cbc:CreditNoteTypeCode></CreditNote>");

	(void)state;
	assert_int_equal(credit->kind, PL_FACTS_CREDIT_NOTE);
	assert_int_equal(corrected->kind, PL_FACTS_INVOICE);
	assert_int_equal(root->kind, PL_FACTS_CREDIT_NOTE);
}

/* ---- tax registrations */

#define REGISTRATION(scheme, id) \
	"<cac:PartyTaxScheme><cbc:CompanyID>" id \
	"</cbc:CompanyID><cac:TaxScheme><cbc:ID>" scheme \
	"</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
#define SELLER(content) \
	INVOICE "<cac:AccountingSupplierParty><cac:Party>" content \
		"</cac:Party></cac:AccountingSupplierParty></Invoice>"
#define LEGAL(id) \
	"<cac:PartyLegalEntity><cbc:CompanyID>" id \
	"</cbc:CompanyID></cac:PartyLegalEntity>"
#define ENDPOINT(id) "<cbc:EndpointID schemeID=\"0208\">" id "</cbc:EndpointID>"

static void
a_seller_is_known_by_vat_number_else_registration_else_address(void **state)
{
	static const struct {
		const char *invoice, *id;
	} cases[] = {
		{ SELLER(ENDPOINT("E1") REGISTRATION("TAX", "T1")
			  REGISTRATION("VAT", "V1") LEGAL("L1")),
		    "V1" },
		{ SELLER(REGISTRATION("VAT", "V1") REGISTRATION("VAT", "V2")),
		    "V1" },
		{ SELLER(REGISTRATION(" vat ", "V1") LEGAL("L1")), "V1" },
		{ SELLER(REGISTRATION("GST", "G1") LEGAL("L1")), "G1" },
		{ SELLER(REGISTRATION("GST", "G1") REGISTRATION("VAT", "V1")),
		    "V1" },
		{ SELLER(REGISTRATION("", "B1") LEGAL("L1")), "B1" },
		{ SELLER(REGISTRATION("FC", "T1") LEGAL("L1")), "L1" },
		{ SELLER(REGISTRATION("VAT", "") LEGAL("L1")), "L1" },
		{ SELLER(ENDPOINT("E1") REGISTRATION("FC", "T1")), "E1" },
		{ SELLER(REGISTRATION("FC", "T1")), NULL },
		{ SELLER("<cac:AgentParty>" LEGAL("L9") "</cac:AgentParty>"),
		    NULL },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(pl_facts) facts = facts_of_text(cases[i].invoice);

		is_string(facts->seller.id, cases[i].id);
	}
}

/* ---- character sets and surroundings */

#define NUMBERED(number) INVOICE "<cbc:ID>" number "</cbc:ID></Invoice>"

static void
number_is(const char *bytes, gsize length, const char *number)
{
	g_autoptr(pl_facts) facts =
	    pl_facts_read((const guint8 *)bytes, length, NULL);

	assert_int_equal(facts->format, PL_FORMAT_UBL);
	is_string(facts->problem, NULL);
	is_string(facts->number, number);
}

static void
number_in(const char *declared, const char *encoding, const char *before)
{
	g_autofree char *text = g_strconcat(before, "<?xml version=\"1.0\"",
	    declared, "?>", NUMBERED("Nº 7"), "\n", NULL);
	gsize length;
	g_autofree char *bytes =
	    g_convert(text, -1, encoding, "UTF-8", NULL, &length, NULL);

	assert_non_null(bytes);
	number_is(bytes, length, "Nº 7");
}

static void
an_invoice_is_read_in_any_usual_character_set(void **state)
{
	(void)state;
	number_in("", "UTF-8", "");
	number_in(" encoding=\"utf-8\"", "UTF-8", "\xef\xbb\xbf");
	number_in(" encoding=\"UTF-8\"", "UTF-8", " \r\n\t");
	number_in(" encoding='ISO-8859-1'", "ISO-8859-1", "");
	number_in(" encoding=\"windows-1252\"", "WINDOWS-1252", "\n");
	number_in(" encoding=\"ISO-8859-15\"", "ISO-8859-15", "");
	number_in(" encoding=\"UTF-16\"", "UTF-16", "");
	number_in(" encoding=\"UTF-16\"", "UTF-16LE", "");
	number_in(" encoding=\"UTF-16\"", "UTF-16BE", "");
	number_in(" encoding=\"UTF-32\"", "UTF-32", "");
	number_in(" encoding=\"UTF-32\"", "UTF-32LE", "");
	number_in(" encoding=\"UTF-32\"", "UTF-32BE", "");
	number_in("", "UTF-32BE", "\xef\xbb\xbf");
	/* Written as UTF-8 by a program whose strings are UTF-16. */
	number_in(" encoding=\"utf-16\"", "UTF-8", "");
	number_is(NUMBERED("7") "\0\0\x1a", sizeof NUMBERED("7") - 1 + 3, "7");
}

static void
prefixes_comments_and_cdata_change_nothing(void **state)
{
	g_autoptr(pl_facts) facts = facts_of_text(
	    "<?xml version='1.0'?>"
	    "<!-- a --><?b c?><x:Invoice xmlns:x='" UBL "Invoice-2'>"
	    "<y:ID xmlns:y='" UBL "CommonBasicComponents-2'>A<!-- b -->"
	    "<![CDATA[&1]]>&#50;&lt;</y:ID>"
	    "<ID xmlns='urn:other'>wrong</ID></x:Invoice>");

	(void)state;
	is_string(facts->number, "A&12<");
}

/* ---- other XML */

static void
other_xml_is_no_document(void **state)
{
	static const char *const files[] = { "order-ubl.xml",
		"notification-camt054.xml" };
	static const char *const texts[] = {
		"<Invoice><ID>1</ID></Invoice>",
		"<Invoice xmlns='urn:other'/>",
		"<x><Invoice xmlns='" UBL "Invoice-2'/></x>",
		"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:"
		"camt.053.001.02'><BkToCstmrStmt/></Document>",
		"<SCRDMCCBDACIOMessageStructure xmlns='urn:un:unece:uncefact:"
		"data:SCRDMCCBDACIOMessageStructure:100'/>",
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autoptr(pl_facts) facts = facts_of(files[i]);

		assert_int_equal(facts->format, PL_FORMAT_XML);
		assert_int_equal(facts->kind, PL_FACTS_OTHER);
	}
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(pl_facts) facts = facts_of_text(texts[i]);

		assert_int_equal(facts->format, PL_FORMAT_XML);
		assert_int_equal(facts->kind, PL_FACTS_OTHER);
		assert_false(facts->damaged);
	}
}

static void
web_pages_and_broken_tags_are_not_even_xml(void **state)
{
	static const char *const texts[] = { "<html><body/></html>",
		"<!DOCTYPE html><p>unclosed", "<p>unclosed", "<", "<?",
		"<3 love", "a < b", "<<<<<<<<" };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(pl_facts) facts = facts_of_text(texts[i]);

		assert_int_equal(facts->format, PL_FORMAT_UNKNOWN);
	}
}

/* ---- damage */

static void
damaged_with(struct pl_facts *facts, enum pl_format format, const char *why)
{
	assert_int_equal(facts->format, format);
	assert_true(facts->damaged);
	assert_non_null(facts->problem);
	if (strstr(facts->problem, why) == NULL)
		fail_msg("\"%s\" expected in \"%s\"", why, facts->problem);
	pl_facts_free(facts);
}

static void
a_cut_off_invoice_is_damaged_and_keeps_what_came_before(void **state)
{
	struct pl_facts *facts =
	    facts_of_text(INVOICE "<cbc:ID>7</cbc:ID><cbc:IssueDate>2026-01");

	(void)state;
	is_string(facts->number, "7");
	is_string(facts->date, NULL);
	damaged_with(facts, PL_FORMAT_UBL, "XML: line 1: ");
}

static GString *
repeated(const char *start, const char *piece, guint count, const char *end)
{
	GString *text = g_string_new(start);

	for (guint i = 0; i < count; i++)
		g_string_append(text, piece);
	return g_string_append(text, end);
}

static void
entities_are_never_expanded(void **state)
{
	(void)state;
	damaged_with(facts_of_text("<!DOCTYPE x [<!ENTITY e SYSTEM "
				   "\"file:///etc/passwd\">]>" NUMBERED("&e;")),
	    PL_FORMAT_UBL, "Entity 'e' not defined");
	damaged_with(
	    facts_of_text(
		"<!DOCTYPE x SYSTEM \"http://127.0.0.1/\">" NUMBERED("&e;")),
	    PL_FORMAT_UBL, "\"e\", which is not expanded");
	damaged_with(
	    facts_of_text(
		"<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">"
		"<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>" NUMBERED(
		    "&b;")),
	    PL_FORMAT_UBL, "Entity 'b' not defined");
	damaged_with(facts_of_text("<!DOCTYPE x [<!ENTITY % p SYSTEM "
				   "\"file:///etc/passwd\">%p;]><x/>"),
	    PL_FORMAT_XML, "%p");
	damaged_with(facts_of_text("<!DOCTYPE x [<!ATTLIST x a CDATA \"b\">"
				   "]><x/>"),
	    PL_FORMAT_XML, "default attributes");
	/* Stopped with an entity declared: a sanitizer sees what is left. */
	damaged_with(facts_of_text("<!DOCTYPE x [<!ENTITY a \"b\">"
				   "<!ATTLIST x a CDATA \"b\">]><x/>"),
	    PL_FORMAT_XML, "default attributes");
	damaged_with(facts_of_text("<?xml version=\"1.0\" encoding=\"UTF-7\""
				   "?><x/>"),
	    PL_FORMAT_XML, "UTF-7");
	/* Blanks must not hide the character set. */
	g_autoptr(GString) blanks = repeated(
	    "<?xml version=\"1.0\"", " ", 2000, "encoding=\"UTF-7\"?><x/>");

	damaged_with(facts_of_text(blanks->str), PL_FORMAT_XML,
	    "its declaration does not end");
	/* The name of the character set comes from the file. */
	damaged_with(facts_of_text("<?xml version=\"1.0\" "
				   "encoding=\"X-\xc1\"?><x/>"),
	    PL_FORMAT_XML, "X-Á");
}

static void
a_document_type_without_effect_does_no_harm(void **state)
{
	static const char text[] = "<?xml version='1.0'?><!DOCTYPE Invoice "
				   "SYSTEM 'http://127.0.0.1:9/ubl.dtd' "
				   "[<!ENTITY unused 'x'>]>" NUMBERED("7");

	(void)state;
	number_is(text, strlen(text), "7");
}

static void
hostile_repeated(const char *start, const char *piece, guint count,
    const char *end, const char *why)
{
	GString *text = repeated(start, piece, count, end);

	damaged_with(facts_of_hostile(text->str, text->len),
	    strstr(start, "camt") != NULL ? PL_FORMAT_CAMT053
	    : strstr(start, UBL) != NULL  ? PL_FORMAT_UBL
					  : PL_FORMAT_XML,
	    why);
	g_string_free(text, TRUE);
}

static void
what_grows_without_end_is_stopped(void **state)
{
	static const char camt[] = "<Document xmlns='urn:iso:std:iso:20022:"
				   "tech:xsd:camt.053.001.02'><BkToCstmrStmt>";

	(void)state;
	hostile_repeated(
	    "<?xml version='1.0'?>", "<a>", 65, "", "nested deeper than 64");
	hostile_repeated(
	    INVOICE, "<cbc:a/>", 2500001, "", "more than 2500000 elements");
	hostile_repeated("<?xml version='1.0'?><a ", "b='' ", 300000, "/>",
	    "more than 4096 attributes");
	hostile_repeated(camt,
	    "<Stmt><Acct><Id><IBAN>1</IBAN></Id></Acct></Stmt>", 10001, "",
	    "too many statements");
}

static void
many_different_names_and_attributes_are_stopped(void **state)
{
	g_autoptr(GString) names = g_string_new("<?xml version='1.0'?><a>");
	g_autoptr(GString) spaces = g_string_new("<?xml version='1.0'?><a");
	g_autoptr(GString) attributes = g_string_new("<?xml version='1.0'?><a");

	(void)state;
	for (guint i = 0; i < 300000; i++)
		g_string_append_printf(names, "<n%u/>", i);
	for (guint i = 0; i < 300; i++) {
		g_string_append_printf(spaces, " xmlns:n%u='u'", i);
		g_string_append_printf(attributes, " n%u='u'", i);
	}
	g_string_append(spaces, "/>");
	g_string_append(attributes, "/>");
	damaged_with(facts_of_hostile(names->str, names->len), PL_FORMAT_XML,
	    "more than 10000 different names");
	damaged_with(facts_of_hostile(spaces->str, spaces->len), PL_FORMAT_XML,
	    "more than 256 namespaces");
	damaged_with(facts_of_hostile(attributes->str, attributes->len),
	    PL_FORMAT_XML, "more than 256 attributes");
}

/* A path of long names would be compared again for each element in it. */
static void
long_names_cost_nothing(void **state)
{
	g_autofree char *name = g_strnfill(40000, 'n');
	g_autoptr(GString) text = g_string_new(INVOICE);
	g_autoptr(pl_facts) facts = NULL;

	(void)state;
	for (guint i = 0; i < 60; i++)
		g_string_append_printf(text, "<cbc:%s>", name);
	for (guint i = 0; i < 400000; i++)
		g_string_append(text, "<cbc:b/>");
	facts = facts_of_hostile(text->str, text->len);
	assert_true(facts->damaged);
}

static void
embedded_content_beyond_the_limits_is_left_out(void **state)
{
	g_autoptr(GString) text = repeated(INVOICE "<cbc:ID>7</cbc:ID>"
	    "<cac:AdditionalDocumentReference>"
	    "<cac:Attachment><cbc:EmbeddedDocumentBinaryObject>",
	    "AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJKKKKLLLLMMMMNNNNOOOOPPPP",
	    1500000,
	    "</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>"
	    "</cac:AdditionalDocumentReference></Invoice>");
	g_autoptr(GString) many = repeated(INVOICE "<cbc:ID>8</cbc:ID>",
	    "<cac:AdditionalDocumentReference><cac:Attachment>"
	    "<cbc:EmbeddedDocumentBinaryObject>AAAA</cbc:"
	    "EmbeddedDocumentBinaryObject></cac:Attachment>"
	    "</cac:AdditionalDocumentReference>", 100, "</Invoice>");
	g_autoptr(pl_facts) long_one =
	    facts_of_hostile(text->str, text->len);
	g_autoptr(pl_facts) many_of_them =
	    facts_of_hostile(many->str, many->len);

	(void)state;
	is_string(long_one->number, "7");
	assert_false(long_one->damaged);
	assert_int_equal(long_one->embedded->len, 0);
	is_string(many_of_them->number, "8");
	assert_false(many_of_them->damaged);
	assert_int_equal(many_of_them->embedded->len, 64);
}

static void
an_amount_with_a_comma_is_not_known(void **state)
{
	g_autoptr(pl_facts) facts = facts_of_text(INVOICE
	    "<cbc:ID>7</cbc:ID><cac:LegalMonetaryTotal>"
	    "<cbc:TaxInclusiveAmount>121,00</cbc:TaxInclusiveAmount>"
	    "</cac:LegalMonetaryTotal></Invoice>");

	(void)state;
	is_string(facts->number, "7");
	is_string(facts->total, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_ubl_invoice_gives_its_facts_and_the_files_inside),
		cmocka_unit_test(a_credit_note_in_a_business_envelope_is_one),
		cmocka_unit_test(a_cii_invoice_counts_in_its_own_currency),
		cmocka_unit_test(a_zugferd_1_document_gives_the_same_facts),
		cmocka_unit_test(
		    an_invoice_of_a_credit_notes_type_is_a_credit_note),
		cmocka_unit_test(
		    a_seller_is_known_by_vat_number_else_registration_else_address),
		cmocka_unit_test(an_invoice_is_read_in_any_usual_character_set),
		cmocka_unit_test(prefixes_comments_and_cdata_change_nothing),
		cmocka_unit_test(other_xml_is_no_document),
		cmocka_unit_test(web_pages_and_broken_tags_are_not_even_xml),
		cmocka_unit_test(
		    a_cut_off_invoice_is_damaged_and_keeps_what_came_before),
		cmocka_unit_test(entities_are_never_expanded),
		cmocka_unit_test(a_document_type_without_effect_does_no_harm),
		cmocka_unit_test(what_grows_without_end_is_stopped),
		cmocka_unit_test(
		    many_different_names_and_attributes_are_stopped),
		cmocka_unit_test(long_names_cost_nothing),
		cmocka_unit_test(
		    embedded_content_beyond_the_limits_is_left_out),
		cmocka_unit_test(an_amount_with_a_comma_is_not_known),
	};

	return cmocka_run_group_tests_name("formats_xml", tests, NULL, NULL);
}
