/* SPDX-License-Identifier: BSD-2-Clause */
/* Where in a PDF the invoice may hang. */
#include "formats_pdfmaker.h"

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
		{ "/AF[4 0 R]", "/Annots[<</Subtype/FileAttachment/FS 4 0 R>>]" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autoptr(GBytes) bytes = hanging(places[i][0], places[i][1]);

		is_hybrid(bytes);
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
		cmocka_unit_test(other_annotations_hold_no_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
