/* SPDX-License-Identifier: BSD-2-Clause */
/* PDF files built here: plain, hybrid, encrypted, damaged and hostile. */
#include "formats_pdfmaker.h"

#include <stdlib.h>

#include <qpdf/qpdf-c.h>

/* ---- building */

static GBytes *
plain(void)
{
	struct pdf pdf = pdf_with("");

	return pdf_end(&pdf);
}

/* ---- what they are */

static void
the_invoice_is_found_whatever_its_name(void **state)
{
	g_autoptr(GBytes) bytes =
	    hybrid("notes.txt", "no invoice", "whatever\\000", INVOICE("7"));
	g_autoptr(pl_facts) facts = facts_of_bytes(bytes);
	const struct pl_embedded *notes, *invoice;

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_FACTUR_X);
	assert_int_equal(facts->kind, PL_FACTS_INVOICE);
	is_string(facts->number, "7");
	assert_int_equal(facts->embedded->len, 2);
	notes = g_ptr_array_index(facts->embedded, 0);
	invoice = g_ptr_array_index(facts->embedded, 1);
	is_string(notes->filename, "notes.txt");
	assert_false(notes->invoice);
	is_string(invoice->filename, "whatever");
	is_string(invoice->media_type, "text/xml");
	assert_true(invoice->invoice);
}

static void
the_standards_names_win_over_others(void **state)
{
	g_autoptr(GBytes) second =
	    hybrid("old.xml", INVOICE("1"), "Factur-X.xml", INVOICE("2"));
	g_autoptr(GBytes) first =
	    hybrid("a.xml", INVOICE("1"), "b.xml", INVOICE("2"));
	g_autoptr(GBytes) whole = hybrid("factur-x.xml",
	    "<Invoice xmlns='" UBL "Invoice-2'>", "b.xml", INVOICE("2"));
	g_autoptr(pl_facts) second_facts = facts_of_bytes(second);
	g_autoptr(pl_facts) first_facts = facts_of_bytes(first);
	g_autoptr(pl_facts) whole_facts = facts_of_bytes(whole);

	(void)state;
	is_string(second_facts->number, "2");
	is_string(first_facts->number, "1");
	is_string(whole_facts->number, "2");
	assert_false(whole_facts->damaged);
}

static void
a_broken_invoice_inside_leaves_a_plain_pdf(void **state)
{
	g_autoptr(GBytes) bytes = hybrid(
	    "x.txt", "x", "factur-x.xml", "<Invoice xmlns='" UBL "Invoice-2'>");
	g_autoptr(pl_facts) facts = facts_of_bytes(bytes);

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_PDF);
	assert_false(facts->damaged);
	assert_int_equal(facts->embedded->len, 2);
}

static void
an_empty_file_inside_does_no_harm(void **state)
{
	g_autoptr(GBytes) bytes =
	    hybrid("empty.txt", "", "factur-x.xml", INVOICE("7"));
	g_autoptr(pl_facts) facts = facts_of_bytes(bytes);

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_FACTUR_X);
	assert_false(facts->damaged);
	is_string(facts->number, "7");
	assert_int_equal(facts->embedded->len, 1);
}

static void
other_xml_inside_makes_no_hybrid(void **state)
{
	g_autoptr(GBytes) bytes = hybrid("order-x.xml", "<Order/>", "x", "y");
	g_autoptr(pl_facts) facts = facts_of_bytes(bytes);

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_PDF);
	assert_int_equal(facts->kind, PL_FACTS_OTHER);
	assert_int_equal(facts->embedded->len, 2);
}

static void
junk_around_a_pdf_is_passed_over(void **state)
{
	g_autoptr(GBytes) bytes = plain();
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(pl_facts) facts = NULL;
	g_autoptr(pl_facts) far = NULL;

	(void)state;
	for (guint i = 0; i < 100; i++)
		g_string_append(text, "X-Junk: 1\n");
	g_string_append_len(text, data, (gssize)length);
	g_string_append(text, "\r\n--boundary--\r\n");
	facts = pl_facts_read((const guint8 *)text->str, text->len, NULL);
	assert_int_equal(facts->format, PL_FORMAT_PDF);
	assert_false(facts->damaged);
	g_string_prepend(text, "a line more that takes the header too far");
	far = pl_facts_read((const guint8 *)text->str, text->len, NULL);
	assert_int_equal(far->format, PL_FORMAT_UNKNOWN);
}

static void
a_pdf_cut_off_anywhere_is_damaged(void **state)
{
	g_autoptr(GBytes) bytes =
	    hybrid("factur-x.xml", INVOICE("1"), "b", "b");
	gsize length;
	const guint8 *data = g_bytes_get_data(bytes, &length);

	(void)state;
	/* From the header on to what "startxref" cannot be spared of. */
	for (gsize cut = 9; cut < length - 20; cut += 7) {
		g_autoptr(pl_facts) facts = pl_facts_read(data, cut, NULL);

		assert_int_equal(facts->encrypted, FALSE);
		if (!facts->damaged)
			fail_msg("whole after %u of %u bytes", (guint)cut,
			    (guint)length);
	}
}

static void
a_cut_off_update_of_a_whole_pdf_is_damaged(void **state)
{
	g_autoptr(GBytes) bytes = plain();
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	g_autoptr(GString) text = g_string_new_len(data, (gssize)length);
	g_autoptr(pl_facts) facts = NULL;

	(void)state;
	g_string_append(text, "3 0 obj\n<</Type/Page/Par");
	facts = pl_facts_read((const guint8 *)text->str, text->len, NULL);
	assert_true(facts->damaged);
}

/* ---- encryption, by qpdf's own writer */

static GBytes *
encrypted(const char *user, const char *owner)
{
	g_autoptr(GBytes) bytes =
	    hybrid("factur-x.xml", INVOICE("7"), "b", "b");
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	qpdf_data pdf = qpdf_init();
	GBytes *result;

	qpdf_read_memory(pdf, "test", data, length, NULL);
	qpdf_init_write_memory(pdf);
	qpdf_set_r6_encryption_parameters2(
	    pdf, user, owner, 1, 1, 1, 1, 1, 1, qpdf_r3p_full, 1);
	assert_int_equal(qpdf_write(pdf), 0);
	result = g_bytes_new(qpdf_get_buffer(pdf), qpdf_get_buffer_length(pdf));
	qpdf_cleanup(&pdf);
	return result;
}

static void
a_user_password_locks_and_an_owner_password_does_not(void **state)
{
	g_autoptr(GBytes) locked = encrypted("user", "owner");
	g_autoptr(GBytes) open = encrypted("", "owner");
	g_autoptr(pl_facts) locked_facts = facts_of_bytes(locked);
	g_autoptr(pl_facts) open_facts = facts_of_bytes(open);

	(void)state;
	assert_int_equal(locked_facts->format, PL_FORMAT_PDF);
	assert_true(locked_facts->encrypted);
	assert_false(locked_facts->damaged);
	assert_non_null(locked_facts->problem);
	assert_int_equal(open_facts->format, PL_FORMAT_FACTUR_X);
	assert_false(open_facts->encrypted);
	is_string(open_facts->number, "7");
}

/* ---- bombs */

static void
is_limited_by_what_is_inside(GBytes *bytes)
{
	gsize length;
	const guint8 *data = g_bytes_get_data(bytes, &length);
	g_autoptr(pl_facts) facts = facts_of_hostile(data, length);

	assert_int_equal(facts->format, PL_FORMAT_PDF);
	assert_true(facts->limited);
	assert_int_equal(facts->embedded->len, 0);
	g_bytes_unref(bytes);
}

static void
hostile_is_damaged(GBytes *bytes)
{
	gsize length;
	const guint8 *data = g_bytes_get_data(bytes, &length);
	g_autoptr(pl_facts) facts = facts_of_hostile(data, length);

	assert_int_equal(facts->format, PL_FORMAT_PDF);
	assert_true(facts->damaged);
	g_bytes_unref(bytes);
}

static GBytes *
zeros_deflated(gsize length)
{
	g_autofree char *zeros = g_malloc0(length);

	return deflated(zeros, length);
}

/* An embedded file of PACKED, with FILTER. */
static GBytes *
embedded_bomb(GBytes *packed, const char *filter)
{
	struct pdf pdf = pdf_with(TREE);
	gsize length;
	const void *data = g_bytes_get_data(packed, &length);

	pdf_object(&pdf, "<</Names[(a)5 0 R]>>", -1);
	pdf_object(&pdf, "<</F(a)/EF<</F 6 0 R>>>>", -1);
	pdf_stream(&pdf, filter, data, length);
	g_bytes_unref(packed);
	return pdf_end(&pdf);
}

static void
embedded_files_are_unpacked_up_to_their_limit(void **state)
{
	GBytes *once = zeros_deflated(100000000);
	gsize length;
	const void *data = g_bytes_get_data(once, &length);
	GBytes *twice = deflated(data, length);

	(void)state;
	is_limited_by_what_is_inside(
	    embedded_bomb(once, "/Filter/FlateDecode"));
	is_limited_by_what_is_inside(
	    embedded_bomb(twice, "/Filter[/FlateDecode/FlateDecode]"));
}

static void
reads_inside(GBytes *packed, const char *filter, const char *expected)
{
	g_autoptr(GBytes) bytes = embedded_bomb(packed, filter);
	g_autoptr(pl_facts) facts = facts_of_bytes(bytes);
	const struct pl_embedded *file;

	assert_false(facts->damaged);
	assert_int_equal(facts->embedded->len, 1);
	file = g_ptr_array_index(facts->embedded, 0);
	assert_int_equal(g_bytes_get_size(file->bytes), strlen(expected));
	assert_memory_equal(g_bytes_get_data(file->bytes, NULL), expected,
	    strlen(expected));
}

static void
embedded_files_may_be_written_in_text(void **state)
{
	g_autoptr(GString) hex = g_string_new(NULL);
	g_autofree char *long_text = g_strnfill(300000, 'A');
	g_autoptr(GBytes) packed = deflated("abc", 3);
	gsize length;
	const guint8 *data = g_bytes_get_data(packed, &length);

	(void)state;
	for (guint i = 0; i < 300000; i++)
		g_string_append(hex, "41");
	reads_inside(g_bytes_new(hex->str, hex->len),
	    "/Filter/ASCIIHexDecode", long_text);
	reads_inside(g_bytes_new_static("87cURD]i,\"Ebo80~>", 17),
	    "/Filter[/ASCII85Decode]", "Hello World!");
	g_string_truncate(hex, 0);
	for (gsize i = 0; i < length; i++)
		g_string_append_printf(hex, "%02x ", data[i]);
	g_string_append_c(hex, '>');
	reads_inside(g_bytes_new(hex->str, hex->len),
	    "/Filter[/ASCIIHexDecode/FlateDecode]", "abc");
	reads_inside(deflated(long_text, 300000),
	    "/Filter/FlateDecode/DecodeParms<</Predictor 1>>", long_text);
	reads_inside(g_bytes_new_static("\xff\xd8jpeg", 6),
	    "/Filter/DCTDecode", "\xff\xd8jpeg");
}

/* qpdf alone takes gigabytes and ten seconds for these 60 kB. */
static GBytes *
table_bomb(const char *type)
{
	GString *text = g_string_new("%PDF-1.5\n");
	g_autoptr(GBytes) packed = zeros_deflated(60000000);
	gsize length;
	const char *data = g_bytes_get_data(packed, &length);

	g_string_append_printf(text,
	    "7 0 obj\n<</Type/%s/Size 20000000"
	    "/Root 1 0 R/W[1 1 1]/N 9/First 9/Filter/FlateDecode/Length "
	    "%" G_GSIZE_FORMAT ">>\nstream\n",
	    type, length);
	g_string_append_len(text, data, (gssize)length);
	g_string_append(text, "\nendstream\nendobj\nstartxref\n9\n%%EOF\n");
	return g_string_free_to_bytes(text);
}

static void
object_streams_are_measured_before_they_are_unpacked(void **state)
{
	g_autoptr(GBytes) bomb = table_bomb("ObjStm");
	g_autoptr(pl_facts) facts = facts_of_bytes(bomb);

	(void)state;
	assert_true(facts->limited);
	hostile_is_damaged(table_bomb("XRef"));
	hostile_is_damaged(table_bomb("#58#52ef"));
	hostile_is_damaged(table_bomb("ObjStm"));
}

static GBytes *
repeated(const char *start, const char *piece, guint count, const char *end)
{
	GString *text = g_string_new(start);

	for (guint i = 0; i < count; i++)
		g_string_append(text, piece);
	g_string_append(text, end);
	return g_string_free_to_bytes(text);
}

static void
long_objects_and_tables_are_not_given_to_qpdf(void **state)
{
	(void)state;
	hostile_is_damaged(repeated("%PDF-1.4\n1 0 obj<</Type/Catalog/Names[",
	    "[[[[]]]]", 400000, "]>>endobj trailer<</Root 1 0 R>>\n"));
	hostile_is_damaged(repeated("%PDF-1.4\ntrailer<</Root 1 0 R/A[", "0 ",
	    2000000, "]>>\nstartxref\n9\n%%EOF\n"));
	hostile_is_damaged(repeated("%PDF-1.4\nxref\n0 1000000\n",
	    "0000000009 00000 n \n", 1000000,
	    "trailer<</Size 9/Root 1 0 R>>\nstartxref\n9\n%%EOF\n"));
	hostile_is_damaged(repeated("%PDF-1.4\n", "1 0 obj\n", 2000000, ""));
	hostile_is_damaged(repeated("%PDF-1.4\n",
	    "1 0 obj<</Type/ObjStm>>stream\nx\x9c\n", 500000, ""));
}

static void
loops_and_crowds_of_embedded_files_end(void **state)
{
	struct pdf loop = pdf_with(TREE);
	struct pdf crowd = pdf_with(TREE);
	GString *names = g_string_new("<</Names[");
	g_autoptr(GBytes) loop_bytes = NULL;
	g_autoptr(GBytes) crowd_bytes = NULL;
	g_autoptr(pl_facts) facts = NULL;
	g_autoptr(pl_facts) crowd_facts = NULL;

	(void)state;
	pdf_object(&loop, "<</Kids[4 0 R 4 0 R 4 0 R]>>", -1);
	loop_bytes = pdf_end(&loop);
	facts = facts_of_hostile(
	    g_bytes_get_data(loop_bytes, NULL), g_bytes_get_size(loop_bytes));
	assert_int_equal(facts->format, PL_FORMAT_PDF);
	assert_int_equal(facts->embedded->len, 0);

	for (guint i = 0; i < 65; i++)
		g_string_append_printf(names, "(n)%u 0 R", 5 + 2 * i);
	g_string_append(names, "]>>");
	pdf_object(&crowd, names->str, -1);
	for (guint i = 0; i < 65; i++)
		pdf_file(&crowd, "n", "x", 1);
	g_string_free(names, TRUE);
	crowd_bytes = pdf_end(&crowd);
	crowd_facts = facts_of_bytes(crowd_bytes);
	assert_false(crowd_facts->damaged);
	assert_int_equal(crowd_facts->embedded->len, 65);
}

/* An inline picture of a megabyte is one object, long but not large; and in
 * one of some megabytes the letters "obj" may come up by chance. */
static void
long_pictures_are_no_bombs(void **state)
{
	g_autoptr(GBytes) text = repeated("(", "QkFTRTY0", 200000, ")");
	g_autoptr(GBytes) pixels = repeated("Yobj", "<9", 500000, "");

	(void)state;
	for (guint i = 0; i < 2; i++) {
		struct pdf pdf = pdf_with("/X 4 0 R");
		gsize length;
		const char *data =
		    g_bytes_get_data(i == 0 ? text : pixels, &length);

		if (i == 0)
			pdf_object(&pdf, data, (gssize)length);
		else
			pdf_stream(&pdf, "", data, length);
		g_autoptr(GBytes) bytes = pdf_end(&pdf);
		g_autoptr(pl_facts) facts = facts_of_bytes(bytes);
		assert_int_equal(facts->format, PL_FORMAT_PDF);
		assert_false(facts->damaged);
	}
}

/* ---- images */

static void
images_are_known_by_their_first_bytes(void **state)
{
	static const struct {
		const char *bytes;
		gsize length;
		enum pl_format format;
	} cases[] = {
		{ "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1", 24,
		    PL_FORMAT_PNG },
		{ "\x89PNG\r\n\x1a\n", 8, PL_FORMAT_UNKNOWN },
		{ "\xff\xd8\xff\xe0\0\x10JFIF", 10, PL_FORMAT_JPEG },
		{ "\xff\xd8\xff", 3, PL_FORMAT_UNKNOWN },
		{ "II*\0\x08\0\0\0\0\0", 10, PL_FORMAT_TIFF },
		{ "MM\0*\0\0\0\x08\0\0", 10, PL_FORMAT_TIFF },
		{ "MM\0*\xff\0\0\x08\0\0", 10, PL_FORMAT_UNKNOWN },
		{ "GIF89a....", 10, PL_FORMAT_UNKNOWN },
		{ "", 0, PL_FORMAT_UNKNOWN },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(pl_facts) facts = pl_facts_read(
		    (const guint8 *)cases[i].bytes, cases[i].length, NULL);

		assert_int_equal(facts->format, cases[i].format);
		assert_int_equal(facts->kind, PL_FACTS_OTHER);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_invoice_is_found_whatever_its_name),
		cmocka_unit_test(the_standards_names_win_over_others),
		cmocka_unit_test(a_broken_invoice_inside_leaves_a_plain_pdf),
		cmocka_unit_test(an_empty_file_inside_does_no_harm),
		cmocka_unit_test(embedded_files_may_be_written_in_text),
		cmocka_unit_test(other_xml_inside_makes_no_hybrid),
		cmocka_unit_test(junk_around_a_pdf_is_passed_over),
		cmocka_unit_test(a_pdf_cut_off_anywhere_is_damaged),
		cmocka_unit_test(a_cut_off_update_of_a_whole_pdf_is_damaged),
		cmocka_unit_test(
		    a_user_password_locks_and_an_owner_password_does_not),
		cmocka_unit_test(embedded_files_are_unpacked_up_to_their_limit),
		cmocka_unit_test(
		    object_streams_are_measured_before_they_are_unpacked),
		cmocka_unit_test(long_objects_and_tables_are_not_given_to_qpdf),
		cmocka_unit_test(loops_and_crowds_of_embedded_files_end),
		cmocka_unit_test(long_pictures_are_no_bombs),
		cmocka_unit_test(images_are_known_by_their_first_bytes),
	};

	return cmocka_run_group_tests_name("formats_pdf", tests, NULL, NULL);
}
