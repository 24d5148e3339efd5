/* SPDX-License-Identifier: BSD-2-Clause */
/* Words on the pages of a PDF, as far as they can be looked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <zlib.h>

#include "postledger/formats.h"

static GBytes *
deflated(const char *text)
{
	uLongf n = compressBound(strlen(text));
	guint8 *out = g_malloc(n);

	assert_int_equal(
	    compress(out, &n, (const Bytef *)text, strlen(text)), Z_OK);
	return g_bytes_new_take(out, n);
}

static void
add_object(GString *s, gsize *at, const char *body)
{
	*at = s->len;
	g_string_append(s, body);
}

/* A PDF of one page with this content; FLATE: compressed. */
static GBytes *
make(const char *content, gboolean flate)
{
	GString *s = g_string_new("%PDF-1.4\n");
	g_autoptr(GBytes) packed =
	    flate ? deflated(content) : g_bytes_new(content, strlen(content));
	gsize at[5];

	add_object(
	    s, &at[1], "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
	add_object(s, &at[2],
	    "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n");
	add_object(s, &at[3],
	    "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]"
	    "/Contents 4 0 R>>\nendobj\n");
	at[4] = s->len;
	g_string_append_printf(s, "4 0 obj\n<</Length %zu%s>>\nstream\n",
	    g_bytes_get_size(packed), flate ? "/Filter/FlateDecode" : "");
	g_string_append_len(s, g_bytes_get_data(packed, NULL),
	    (gssize)g_bytes_get_size(packed));
	g_string_append(s, "\nendstream\nendobj\n");
	gsize xref = s->len;
	g_string_append(s, "xref\n0 5\n0000000000 65535 f \n");
	for (int i = 1; i < 5; i++)
		g_string_append_printf(s, "%010zu 00000 n \n", at[i]);
	g_string_append_printf(s,
	    "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
	return g_string_free_to_bytes(s);
}

static char *
words_of(const char *content, gboolean flate)
{
	g_autoptr(GBytes) pdf = make(content, flate);
	gsize n;
	const guint8 *data = g_bytes_get_data(pdf, &n);
	char *words = pl_pdf_words(data, n);

	return words != NULL ? g_strstrip(words) : NULL;
}

static void
text_is_what_is_shown(void **state)
{
	static const struct {
		const char *content, *words;
	} cases[] = {
		{ "BT (Statement 41) Tj ET", "Statement 41" },
		{ "BT (BE68)Tj 9 0 Td (5390) Tj ET", "BE68 5390" },
		{ "BT [(BE68) -20 (5390) -300 (0754)] TJ ET", "BE685390 0754" },
		{ "BT (a\\(b\\)c (d) \\101\\n\\\nx) Tj ET", "a(b)c (d) A x" },
		{ "BT <42453638> Tj <4> Tj ET", "BE68" },
		{ "BT <00420045> Tj ET", "BE" },
		{ "BT (one) ' (two) ' ET", "one two" },
		{ "/Span <</ActualText (hidden) /X <</Y (z)>> >> BDC (seen) Tj",
		    "seen" },
		{ "% (a comment)\n(text) Tj", "text" },
		{ "BI /W 1 ID (noise( EI (text) Tj", "text" },
		{ "(caf\xe9) Tj", "café" },
		{ "/F1 12 Tf 1 0 0 1 72 720 Tm", "" },
		{ "(never closed", "never closed" },
		{ "<4142", "AB" },
		{ ")]>>}{ (x) Tj", "x" },
		{ "BI ID", "" },
		{ "(\\", "" },
		{ "", "" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
		for (int flate = 0; flate < 2; flate++) {
			g_autofree char *words =
			    words_of(cases[i].content, flate);
			if (g_strcmp0(words, cases[i].words) != 0)
				fail_msg("%s: \"%s\"", cases[i].content, words);
		}
}

static void
it_is_bounded(void **state)
{
	g_autoptr(GString) content = g_string_new(NULL);

	(void)state;
	while (content->len < 1u << 20)
		g_string_append(content, "(a word of many) Tj\n");
	g_autofree char *words = words_of(content->str, TRUE);
	assert_in_range(strlen(words), PL_PDF_WORDS / 2, PL_PDF_WORDS);
	/* beyond what is unpacked for it */
	g_string_set_size(content, 0);
	while (content->len < 8u << 20)
		g_string_append_len(content, "                ", 16);
	g_string_append(content, "(text) Tj");
	g_autofree char *none = words_of(content->str, TRUE);
	assert_string_equal(none, "");
}

static void
other_files_have_none(void **state)
{
	(void)state;
	assert_null(pl_pdf_words((const guint8 *)"hello", 5));
	assert_null(pl_pdf_words((const guint8 *)"", 0));
	g_autofree char *broken =
	    pl_pdf_words((const guint8 *)"%PDF-1.4\nnothing", 16);
	assert_true(broken == NULL || *broken == '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_what_is_shown),
		cmocka_unit_test(it_is_bounded),
		cmocka_unit_test(other_files_have_none),
	};
	return cmocka_run_group_tests_name(
	    "formats_pdftext", tests, NULL, NULL);
}
