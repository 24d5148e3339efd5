/* SPDX-License-Identifier: BSD-2-Clause */
/* What programs and carriers do to a file leaves its facts as they are. */
#include "formats_bytes.h"

#include <qpdf/qpdf-c.h>

/* All that is told of an invoice and of statements, on one line. */
static char *
told(const struct pl_facts *facts)
{
	GString *text = g_string_new(pl_format_name(facts->format));

	if (facts->damaged)
		g_string_append_printf(text, " damaged: %s", facts->problem);
	if (facts->number != NULL)
		g_string_append_printf(text, " %s %s %s %s", facts->number,
		    facts->date, facts->total, facts->payment_reference);
	for (guint i = 0; i < facts->statements->len; i++) {
		const struct pl_statement *s = facts->statements->pdata[i];

		g_string_append_printf(text, " | %s %s %s..%s %s %u",
		    s->account, s->sequence, s->opening_balance,
		    s->closing_balance, s->currency, s->lines->len);
	}
	return g_string_free(text, FALSE);
}

static char *
told_of(const GString *text)
{
	g_autoptr(pl_facts) facts =
	    pl_facts_read((const guint8 *)text->str, text->len, NULL);

	return told(facts);
}

static GString *
text_of(const char *name)
{
	g_autoptr(GBytes) bytes = fixture(name);
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);

	return g_string_new_len(data, (gssize)length);
}

static const char *const names[] = { "statement.cod", "statement.sta",
	"statement.qif", "statement-sgml.ofx", "statement-xml.ofx",
	"statement-be.csv", "statement-camt053.xml", "invoice-ubl.xml",
	"invoice-cii.xml" };

static void
same_as(const char *name, const GString *changed, const char *how)
{
	g_autoptr(GString) before = text_of(name);
	g_autofree char *expected = told_of(before);
	g_autofree char *ours = told_of(changed);

	if (strcmp(ours, expected) != 0)
		fail_msg("%s, %s: \"%s\" instead of \"%s\"", name, how, ours,
		    expected);
}

/* ---- around it */

static void
marks_and_filling_around_a_file_are_nothing(void **state)
{
	static const struct {
		const char *before, *behind;
		gsize length;
	} around[] = { { "\xef\xbb\xbf", "", 0 },
		{ "\xef\xbb\xbf\xef\xbb\xbf", "", 0 }, { "", "\0\0\0", 3 },
		{ "", "\x1a\r\n", 3 }, { "", "\0\0\r\n\0\n ", 7 },
		{ "\r\n\r\n", "\r\n\x1a\0", 4 } };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		for (guint k = 0; k < G_N_ELEMENTS(around); k++) {
			g_autoptr(GString) text = text_of(names[i]);
			g_autofree char *how =
			    g_strdup_printf("around it %u", k);

			g_string_prepend(text, around[k].before);
			g_string_append_len(
			    text, around[k].behind, (gssize)around[k].length);
			same_as(names[i], text, how);
		}
}

static void
every_text_may_be_wide(void **state)
{
	/* the last two have no mark */
	static const char *const encodings[] = { "UTF-16", "UTF-32", "UTF-16LE",
		"UTF-16BE" };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		for (guint k = 0; k < G_N_ELEMENTS(encodings); k++) {
			g_autoptr(GString) text = text_of(names[i]);
			gsize length;
			char *wide;

			g_string_replace(
			    text, "\"UTF-8\"", "\"UTF-32\"", k == 1 ? 1 : 0);
			wide = g_convert(text->str, (gssize)text->len,
			    encodings[k], "UTF-8", NULL, &length, NULL);
			g_string_truncate(text, 0);
			g_string_append_len(text, wide, (gssize)length);
			g_free(wide);
			same_as(names[i], text, encodings[k]);
		}
}

/* A whole PDF, in streams as qpdf writes them if WITH_STREAMS. */
static GString *
pdf_text(gboolean with_streams)
{
	static const char source[] =
	    "%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
	    "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
	    "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
	    "xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n"
	    "0000000054 00000 n \n0000000105 00000 n \n"
	    "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n166\n%%EOF\n";
	qpdf_data pdf = qpdf_init();
	GString *text;

	qpdf_silence_errors(pdf);
	qpdf_read_memory(pdf, "test", source, strlen(source), NULL);
	qpdf_init_write_memory(pdf);
	qpdf_set_object_stream_mode(
	    pdf, with_streams ? qpdf_o_generate : qpdf_o_disable);
	assert_int_equal(qpdf_write(pdf) & QPDF_ERRORS, 0);
	text = g_string_new_len((const char *)qpdf_get_buffer(pdf),
	    (gssize)qpdf_get_buffer_length(pdf));
	qpdf_cleanup(&pdf);
	return text;
}

static void
much_behind_a_pdf_is_nothing(void **state)
{
	static const char *const behind[] = { "<p>error of the server</p>\n",
		"                  \r\n", "%%EOF\n" };

	(void)state;
	for (guint i = 0; i < 2 * G_N_ELEMENTS(behind); i++) {
		g_autoptr(GString) text = pdf_text(i % 2);
		g_autofree char *ours = NULL;
		g_autofree char *words = NULL;

		for (guint k = 0; k < 400; k++)
			g_string_append(text, behind[i / 2]);
		ours = told_of(text);
		assert_string_equal(ours, "pdf");
		words = pl_pdf_words((const guint8 *)text->str, text->len);
		assert_non_null(words);
	}
}

/* What is behind an end mark may be an update that was cut off. */
static void
a_long_cut_off_update_of_a_pdf_is_damage(void **state)
{
	g_autoptr(GString) text = pdf_text(TRUE);
	g_autofree char *ours = NULL;

	(void)state;
	g_string_append(text, "9 0 obj\n<<>>\nendobj\n8 0 obj\n(");
	for (guint i = 0; i < 4000; i++)
		g_string_append_c(text, 'x');
	ours = told_of(text);
	assert_true(g_str_has_prefix(ours, "pdf damaged"));
}

/* ---- inside of it */

static GString *
changed(const char *name, const char *from, const char *to)
{
	GString *text = text_of(name);

	if (g_string_replace(text, from, to, 0) == 0)
		fail_msg("%s has no \"%s\"", name, from);
	return text;
}

static void
a_coda_file_of_the_first_version_has_the_same_fields(void **state)
{
	g_autoptr(GString) text =
	    changed("statement.cod", "     2\r\n12", "     1\r\n12");
	g_autofree char *ours = told_of(text);

	(void)state;
	assert_true(g_str_has_prefix(ours, "coda | "));
	/* its accounts are Belgian ones, whatever stands before them */
	g_string_replace(text, "\r\n13", "\r\n1 ", 0);
	g_string_replace(text, "\r\n12", "\r\n1 ", 0);
	g_autofree char *blank = told_of(text);
	assert_true(g_str_has_prefix(blank, "coda | "));
}

/* Where its kind should stand are letters of more than one byte. */
static void
a_communication_of_coda_is_cut_between_its_letters(void **state)
{
	g_autoptr(pl_facts) facts = facts_of_changed(
	    "statement.cod", "1101090933755493", "110\xe9\xe8\xe0 PAID     ");
	const struct pl_statement *s = facts->statements->pdata[0];
	const struct pl_line *line = s->lines->pdata[0];

	(void)state;
	assert_false(facts->damaged);
	is_string(line->communication, "\xc3\xa8\xc3\xa0 PAID");
}

static void
records_of_coda_may_follow_each_other_without_line_ends(void **state)
{
	static const char *const ends[] = { "", "\r\n" };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
		g_autoptr(GString) text = changed("statement.cod", "\r\n", "");

		g_string_append(text, ends[i]);
		same_as("statement.cod", text, "without line ends");
	}
}

#define MT940_HEAD ":20:A\n:25:BE68539007547034\n:28C:4/1\n"

static void
a_message_of_mt940_needs_no_end_before_the_next_head(void **state)
{
	g_autoptr(pl_facts) facts = facts_of_text(
	    "BANKBEBB\n940\nBANKBEBB\n" MT940_HEAD ":60F:C260101EUR1,00\n"
	    ":62F:C260101EUR1,00\nBANKBEBB\n940\nBANKBEBB\n" MT940_HEAD
	    ":60F:C260101EUR1,00\n:62F:C260101EUR1,00\n");
	g_autofree char *ours = told(facts);

	(void)state;
	assert_string_equal(ours,
	    "mt940 | BE68539007547034 4 1.00..1.00 EUR 0 | "
	    "BE68539007547034 4 1.00..1.00 EUR 0");
}

static void
fields_of_mt940_may_begin_with_a_blank(void **state)
{
	g_autoptr(pl_facts) facts =
	    facts_of_text(":20: A\n:25: BE68539007547034\n:28C: 4/1\n"
			  ":60F: C260101EUR1,00\n:61: 2601010101C2,00NTRFX\n"
			  ":62F: C260101EUR3,00\n-\n");
	g_autofree char *ours = told(facts);

	(void)state;
	assert_string_equal(
	    ours, "mt940 | BE68539007547034 4 1.00..3.00 EUR 1");
}

static void
a_qif_header_may_have_blanks(void **state)
{
	static const char *const texts[] = { "  !Type:Bank\nD31/01/26\nT1\n^\n",
		"!Type: Bank \nD31/01/26\nT1\n^\n",
		"\n\t!type:  bank\nD31/01/26\nT1\n^\n" };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(pl_facts) facts = facts_of_text(texts[i]);
		g_autofree char *ours = told(facts);

		assert_string_equal(
		    ours, "qif | (null) (null) (null)..(null) (null) 1");
	}
}

static void
characters_of_ofx_may_be_numbers(void **state)
{
	g_autoptr(pl_facts) facts = facts_of_text(
	    "<OFX><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>1"
	    "</BANKACCTFROM><BANKTRANLIST><STMTTRN><DTPOSTED>20260101"
	    "<TRNAMT>1<NAME>Caf&#233; &#x26; &#XE9;&#; &#x; &#0; &#1114112; &#"
	    "</STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS></OFX>");
	const struct pl_statement *s = facts->statements->pdata[0];
	const struct pl_line *line = s->lines->pdata[0];

	(void)state;
	assert_string_equal(line->counterparty_name,
	    "Caf\xc3\xa9 & \xc3\xa9&#; &#x; &#0; &#1114112; &#");
}

static void
an_ampersand_in_a_file_name_of_an_invoice_is_one(void **state)
{
	g_autoptr(pl_facts) facts = facts_of_text(
	    "<i:Invoice xmlns:i='" UBL "Invoice-2' xmlns:a='" UBL
	    "CommonAggregateComponents-2' xmlns:b='" UBL
	    "CommonBasicComponents-2'><a:AdditionalDocumentReference>"
	    "<a:Attachment><b:EmbeddedDocumentBinaryObject filename='"
	    "A &amp; B &#38; &amp;#38; &lt;1&gt;.pdf'>JVBERi0="
	    "</b:EmbeddedDocumentBinaryObject></a:Attachment>"
	    "</a:AdditionalDocumentReference></i:Invoice>");
	const struct pl_embedded *file = facts->embedded->pdata[0];

	(void)state;
	assert_string_equal(file->filename, "A & B & &#38; <1>.pdf");
	assert_string_equal(facts->attached_names->pdata[0], file->filename);
}

static void
blanks_around_a_payment_reference_are_no_part_of_it(void **state)
{
	static const char *const texts[] = { "010806817183", " 010806817183 ",
		"\n\t010806817183\r\n\t", "\n +++010/8068/17183+++\n" };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *found = pl_reference_field(texts[i]);

		is_string(found, "+++010/8068/17183+++");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_and_filling_around_a_file_are_nothing),
		cmocka_unit_test(every_text_may_be_wide),
		cmocka_unit_test(much_behind_a_pdf_is_nothing),
		cmocka_unit_test(a_long_cut_off_update_of_a_pdf_is_damage),
		cmocka_unit_test(
		    a_coda_file_of_the_first_version_has_the_same_fields),
		cmocka_unit_test(
		    a_communication_of_coda_is_cut_between_its_letters),
		cmocka_unit_test(
		    records_of_coda_may_follow_each_other_without_line_ends),
		cmocka_unit_test(
		    a_message_of_mt940_needs_no_end_before_the_next_head),
		cmocka_unit_test(fields_of_mt940_may_begin_with_a_blank),
		cmocka_unit_test(a_qif_header_may_have_blanks),
		cmocka_unit_test(characters_of_ofx_may_be_numbers),
		cmocka_unit_test(
		    an_ampersand_in_a_file_name_of_an_invoice_is_one),
		cmocka_unit_test(
		    blanks_around_a_payment_reference_are_no_part_of_it),
	};

	return cmocka_run_group_tests_name(
	    "formats_variants", tests, NULL, NULL);
}
