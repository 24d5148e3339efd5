/* SPDX-License-Identifier: BSD-2-Clause */
/* Where in a PDF the invoice may hang. */
#include "formats_pdfmaker.h"
#include "pdf.h"

static void
is_hybrid(GBytes *bytes)
{
	g_autoptr(pl_facts) facts = facts_of_bytes(bytes);

	assert_int_equal(facts->format, PL_FORMAT_FACTUR_X);
	is_string(facts->number, "7");
	assert_int_equal(facts->embedded->len, 1);
}

/* The file is objects 4 and 5. */
static GBytes *
hanging(const char *catalog, const char *page)
{
	struct pdf pdf = pdf_begin();
	g_autofree char *root =
	    g_strdup_printf("<</Type/Catalog/Pages 2 0 R%s>>", catalog);
	g_autofree char *leaf = g_strdup_printf(
	    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]%s>>", page);

	pdf_object(&pdf, root, -1);
	pdf_object(&pdf, "<</Type/Pages/Kids[3 0 R]/Count 1>>", -1);
	pdf_object(&pdf, leaf, -1);
	pdf_file(&pdf, "factur-x.xml", INVOICE("7"), strlen(INVOICE("7")));
	return pdf_end(&pdf);
}

static void
the_invoice_is_found_wherever_it_hangs(void **state)
{
	static const char *const places[][2] = {
		{ "/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>", "" },
		{ "/AF[4 0 R]", "" },
		{ "/AF 4 0 R", "" },
		{ "", "/AF[4 0 R]" },
		{ "", "/Annots[<</Type/Annot/Subtype/FileAttachment/Rect"
		      "[0 0 9 9]/FS 4 0 R>>]" },
		{ "/AF[4 0 R]",
		    "/Annots[<</Subtype/FileAttachment/FS 4 0 R>>]" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autoptr(GBytes) bytes = hanging(places[i][0], places[i][1]);

		is_hybrid(bytes);
	}
}

/* With its objects in streams; encrypted for anybody to open. */
static GBytes *
packed(GBytes *bytes, gboolean encrypt)
{
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	qpdf_data pdf = pl_pdf_new();
	GBytes *out;

	assert_int_equal(
	    qpdf_read_memory(pdf, "a", text, length, NULL) & (QPDF_ERRORS), 0);
	qpdf_init_write_memory(pdf);
	qpdf_set_object_stream_mode(pdf, qpdf_o_generate);
	if (encrypt)
		qpdf_set_r6_encryption_parameters2(pdf, "", "owner", 1, 1, 1, 1,
		    1, 1, qpdf_r3p_full, QPDF_TRUE);
	assert_int_equal(qpdf_write(pdf) & (QPDF_ERRORS), 0);
	out = g_bytes_new(qpdf_get_buffer(pdf), qpdf_get_buffer_length(pdf));
	qpdf_cleanup(&pdf);
	return out;
}

static void
the_invoice_is_found_in_object_streams(void **state)
{
	static const char *const places[][2] = {
		{ "/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>", "" },
		{ "/AF[4 0 R]", "" },
		{ "", "/AF[4 0 R]" },
		{ "/AF[4 0 R]",
		    "/Annots[<</Subtype/FileAttachment/FS 4 0 R>>]" },
	};

	(void)state;
	for (unsigned i = 0; i < 2 * G_N_ELEMENTS(places); i++) {
		g_autoptr(GBytes) bytes =
		    hanging(places[i / 2][0], places[i / 2][1]);
		g_autoptr(GBytes) streams = packed(bytes, i % 2);
		gsize length;
		const char *text = g_bytes_get_data(streams, &length);

		assert_null(memmem(text, length, "/EF", 3));
		is_hybrid(streams);
	}
}

static void
dictionaries_of_files_are_seen_however_they_are_written(void **state)
{
	static const struct {
		const char *text;
		guint files;
	} cases[] = {
		{ "", 0 },
		{ "/", 0 },
		{ "/E", 0 },
		{ "/EF", 1 },
		{ "//EF/EFG", 2 },
		{ "/F/E F", 0 },
		{ "/#45F/E#46/#45#46", 3 },
		{ "/#4/#45/#45#4/#zzF", 0 },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		const gsize length = strlen(cases[i].text);
		g_autofree guint8 *text =
		    g_memdup2(cases[i].text, MAX(length, 1));

		assert_int_equal(pl_pdf_files(text, length), cases[i].files);
	}
}

static void
other_annotations_hold_no_files(void **state)
{
	g_autoptr(GBytes) bytes =
	    hanging("", "/Annots[<</Subtype/Link/FS 4 0 R>> 7 (x) null]");
	g_autoptr(pl_facts) facts = facts_of_bytes(bytes);

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_PDF);
	assert_false(facts->damaged);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_invoice_is_found_wherever_it_hangs),
		cmocka_unit_test(the_invoice_is_found_in_object_streams),
		cmocka_unit_test(
		    dictionaries_of_files_are_seen_however_they_are_written),
		cmocka_unit_test(other_annotations_hold_no_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
