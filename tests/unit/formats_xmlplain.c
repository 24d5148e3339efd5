/* SPDX-License-Identifier: BSD-2-Clause */
/* What is read as plain XML says the same as libxml2. */
#include "formats_bytes.h"
#include "formats_factstext.h"
#include "xml.h"

#define CBC "xmlns:c='" UBL "CommonBasicComponents-2'"
#define INVOICE(inside) \
	"<i:Invoice xmlns:i='" UBL "Invoice-2' " CBC ">" inside "</i:Invoice>"
#define ID(text) INVOICE("<c:ID>" text "</c:ID>")
#define NOTE(text) ID("1") "\n<!-- " text "-->\n"

static gboolean
is_plain(const char *text, gsize length, struct pl_facts *facts, gboolean *read)
{
	/* nothing behind the end */
	g_autofree guint8 *bytes = g_memdup2(text, length);

	return pl_xml_read_plain(bytes, length, facts, read);
}

/* Both ways; TRUE: it is plain. */
static gboolean
read_twice(const char *text, gsize length)
{
	g_autoptr(pl_facts) plain = pl_facts_new();
	g_autoptr(pl_facts) asked = pl_facts_new();
	g_autofree char *one = NULL, *other = NULL;
	gboolean read;

	if (!is_plain(text, length, plain, &read)) {
		g_autoptr(pl_facts) untouched = pl_facts_new();

		one = facts_text(plain);
		other = facts_text(untouched);
		assert_string_equal(one, other);
		return FALSE;
	}
	assert_int_equal(read, pl_xml_ask((const guint8 *)text, length, asked));
	one = facts_text(plain);
	other = facts_text(asked);
	assert_string_equal(one, other);
	return TRUE;
}

static void
what_programs_write_is_plain(void **state)
{
	static const char *const texts[] = {
		ID("1"),
		"<?xml version=\"1.0\"?>" ID("1"),
		"<?xml version='1.0' encoding='utf-8' standalone='no' ?>\r\n"
		"<?xml-stylesheet href='a.xsl'?>" NOTE("x - y"),
		"<?xml version='1.0' encoding='ISO-8859-1'?>" ID("1"),
		"\xef\xbb\xbf\n" ID("K\xc3\xa4ufer"),
		ID(" a &amp; b &lt;&#233;&#xE9;&#10;&quot;&apos;&gt; "),
		ID("a\r\nb\rc\r\r\n"),
		ID("a<![CDATA[<b> & \r\n]] >]]>c"),
		ID("<!-- 1 -->2<?pi 3?>4"),
		INVOICE("<c:ID x='1' y = \"2\"\n>1</c:ID\n><c:Note/>"),
		INVOICE("<c:ID xml:lang='en'>1</c:ID>"),
		INVOICE("<c:ID xmlns:c='urn:other'>1</c:ID><c:ID>2</c:ID>"),
		INVOICE("<ID xmlns='" UBL "CommonBasicComponents-2'>3</ID>"),
		INVOICE("<c:LineExtensionAmount currencyID='EUR'>1"
			"</c:LineExtensionAmount>"),
		"<html><body/></html>",
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		if (!read_twice(texts[i], strlen(texts[i])))
			fail_msg("not plain: %s", texts[i]);
}

static void
all_else_is_left_to_libxml2(void **state)
{
	static const char *const texts[] = {
		/* well-formed, but not plain */
		"<!DOCTYPE a>" ID("1"),
		"<?xml version='1.1'?>" ID("1"),
		"<?xml version='1.0' encoding='ISO-8859-1'?>" ID("\xe4"),
		"<?xml version='1.0' encoding='UTF-16'?>" ID("1"),
		"<a b='&amp;'/>",
		"<a filename='a\tb'/>",
		"<\xc3\xa4/>",
		"<a xmlns=''/>",
		/* not well-formed */
		ID("1") "x",
		ID("1") ID("2"),
		"<?xml version='1.0' version='1.0'?>" ID("1"),
		"<?xml version='1.0'encoding='UTF-8'?>" ID("1"),
		"<?xml encoding='UTF-8'?>" ID("1"),
		NOTE("x -- y"),
		NOTE("x -"),
		ID("]]>"),
		ID("&nbsp;"),
		ID("&#0;"),
		ID("&#x0x41;"),
		ID("&# 65;"),
		ID("&#xFFFE;"),
		ID("&#xD800;"),
		ID("&amp"),
		ID("\x01"),
		ID("\xef\xbf\xbf"),
		ID("\xed\xa0\x80"),
		ID("\xe4"),
		ID("<?xml version='1.0'?>"),
		ID("<?XML a?>"),
		ID("<? a?>"),
		ID("<![CDATA[a"),
		"<a b='1' b='2'/>",
		"<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>",
		"<a b='1'c='2'/>",
		"<a b=1/>",
		"<a b='<'/>",
		"<a b/>",
		"<a></b>",
		"<a></a >b",
		"<a></ a>",
		"<b>< a/></b>",
		"<a/ >",
		"<a><b></a></b>",
		"<a></a></a>",
		"<a",
		"<a b='",
		"<a>",
		"<a>b",
		"<a><",
		/* namespaces */
		"<x:a/>",
		"<a x:b='1'/>",
		"<a xmlns:x=''/>",
		"<a xmlns:xml='u'/>",
		"<a xmlns:xmlns='u'/>",
		"<a xmlns:x='http://www.w3.org/2000/xmlns/'/>",
		"<a:b:c xmlns:a='u'/>",
		"<a:/>",
		"<b><:a/></b>",
		/* more than it is made for */
		"<a a1='' a2='' a3='' a4='' a5='' a6='' a7='' a8='' a9='' "
		"b1='' b2='' b3='' b4='' b5='' b6='' b7='' b8='' b9='' "
		"c1='' c2='' c3='' c4='' c5='' c6='' c7='' c8='' c9='' "
		"d1='' d2='' d3='' d4='' d5='' d6=''/>",
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		if (read_twice(texts[i], strlen(texts[i])))
			fail_msg("plain: %s", texts[i]);
}

static void
a_file_cut_off_anywhere_is_not_plain(void **state)
{
	static const char text[] =
	    "<?xml version='1.0' encoding='UTF-8'?>\n" NOTE("x") "<?pi a?>";

	(void)state;
	for (gsize n = 0; n < strlen(text); n++) {
		g_autoptr(pl_facts) facts = pl_facts_new();
		gboolean read;

		if (is_plain(text, n, facts, &read) && read)
			assert_string_equal(facts->number, "1");
		read_twice(text, n);
	}
}

/* A bad amount is told with its line, which only libxml2 knows. */
static void
whoever_asks_for_a_line_gets_it(void **state)
{
	static const char text[] =
	    "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'>"
	    "\n<BkToCstmrStmt><Stmt><Id>1</Id><Bal><Tp><CdOrPrtry><Cd>OPBD"
	    "</Cd></CdOrPrtry></Tp>\n<Amt Ccy='EUR'>abc</Amt></Bal></Stmt>"
	    "</BkToCstmrStmt></Document>";
	g_autoptr(pl_facts) facts = pl_facts_new();

	(void)state;
	assert_false(read_twice(text, strlen(text)));
	assert_true(pl_xml_read((const guint8 *)text, strlen(text), facts));
	assert_non_null(strstr(facts->problem, "line 3"));
}

static void
real_files_are_plain(void **state)
{
	static const char *const names[] = { "creditnote-sbdh.xml",
		"invoice-cii.xml", "invoice-ubl.xml", "invoice-zugferd1.xml",
		"notification-camt054.xml", "order-ubl.xml",
		"statement-camt053.xml" };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GBytes) bytes = fixture(names[i]);
		gsize length;
		const char *text = g_bytes_get_data(bytes, &length);

		if (!read_twice(text, length))
			fail_msg("not plain: %s", names[i]);
	}
}

/* Each byte in turn becomes one that means something. */
static void
no_change_of_a_byte_is_read_otherwise(void **state)
{
	static const char letters[] = "<>&'\"/:;]-?! \r\xe9";
	g_autoptr(GBytes) bytes = fixture("invoice-cii.xml");
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	g_autofree char *changed = g_memdup2(text, length);

	(void)state;
	for (gsize i = 0; i < length; i++) {
		changed[i] = letters[i % (sizeof letters - 1)];
		read_twice(changed, length);
		changed[i] = text[i];
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_programs_write_is_plain),
		cmocka_unit_test(all_else_is_left_to_libxml2),
		cmocka_unit_test(a_file_cut_off_anywhere_is_not_plain),
		cmocka_unit_test(whoever_asks_for_a_line_gets_it),
		cmocka_unit_test(real_files_are_plain),
		cmocka_unit_test(no_change_of_a_byte_is_read_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
