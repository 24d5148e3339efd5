/* SPDX-License-Identifier: BSD-2-Clause */
/* What is taken for a plain PDF is one to qpdf, too. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pdf.h"

/* One page; CATALOG and TRAILER are entries of these dictionaries. */
static GString *
make(const char *catalog, const char *trailer)
{
	GString *s = g_string_new("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n");
	gsize at[6], table;

	at[1] = s->len;
	g_string_append_printf(
	    s, "1 0 obj\n<</Type/Catalog/Pages 2 0 R%s>>\nendobj\n", catalog);
	at[2] = s->len;
	g_string_append(s,
	    "2 0 obj\n<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>\nendobj\n");
	at[3] = s->len;
	g_string_append(s, "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 "
			   "595.28 841.89]/Contents 4 0 R>>\nendobj\n");
	at[4] = s->len;
	g_string_append(s, "4 0 obj\n<</Length 9>>stream\n(a) Tj ET\n"
			   "endstream\nendobj\n");
	at[5] = s->len;
	g_string_append(s, "5 0 obj\n<</Title(a \\) b (c))/Producer<41>>>"
			   "\nendobj\n");
	table = s->len;
	g_string_append(s, "xref\n0 6\n0000000000 65535 f \n");
	for (guint i = 1; i < G_N_ELEMENTS(at); i++)
		g_string_append_printf(
		    s, "%010" G_GSIZE_FORMAT " 00000 n \n", at[i]);
	g_string_append_printf(s,
	    "trailer\n<</Size 6/Root 1 0 R/Info 5 0 R%s>>\nstartxref\n"
	    "%" G_GSIZE_FORMAT "\n%%%%EOF\n",
	    trailer, table);
	return s;
}

/* Of LENGTH bytes, and nothing behind them. */
static gboolean
start_is_plain(const GString *s, gsize length)
{
	g_autofree guint8 *bytes = g_memdup2(s->str, length);

	return pl_pdf_is_plain(bytes, length);
}

static gboolean
is_plain(const GString *s)
{
	return start_is_plain(s, s->len);
}

static void
check(const char *catalog, const char *trailer, gboolean plain)
{
	GString *s = make(catalog, trailer);

	if (is_plain(s) != plain)
		fail_msg("\"%s\" \"%s\"", catalog, trailer);
	g_string_free(s, TRUE);
}

static void
a_file_without_anything_special_is_plain(void **state)
{
	(void)state;
	check("", "", TRUE);
	check("/Lang(en)/MarkInfo<</Marked true>>/X[1 -2 .5 null]", "", FALSE);
	check("/Lang(en)/MarkInfo<</Marked true>>/X[1 -2 0.5 null]", "", TRUE);
	check("/OpenAction[3 0 R/XYZ null null 0]", "/ID[<00ff><00ff>]", TRUE);
}

static void
what_may_hide_something_is_not(void **state)
{
	static const char *const catalogs[] = { "/Names<<>>", "/Names 5 0 R",
		"/AF[5 0 R]", "/N#61mes 5 0 R", "/A/Names/Names 5 0 R",
		"%\n/Names 5 0 R\n", "/Pages 3 0 R", "/X", "/X>>", "/X(", "/X[",
		"/X<<", "/X 5 0 S" };
	static const char *const trailers[] = { "/Prev 9", "/Encrypt 5 0 R",
		"/XRefStm 9", "/Encr#79pt 5 0 R", "/Root 2 0 R", "/X", "(" };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(catalogs); i++)
		check(catalogs[i], "", FALSE);
	for (guint i = 0; i < G_N_ELEMENTS(trailers); i++)
		check("", trailers[i], FALSE);
}

static void
cut_off_or_added_to_it_is_not(void **state)
{
	GString *s = make("", "");
	const gsize length = s->len;

	(void)state;
	g_string_append(s, "\r\n \n");
	assert_true(is_plain(s));
	g_string_append(s, "6 0 obj<<>>endobj\n");
	assert_false(is_plain(s));
	for (gsize n = 0; n + 1 < length; n++)
		assert_false(start_is_plain(s, n));
	g_string_free(s, TRUE);
}

/* Without a blank between them two words are another one. */
static void
what_runs_together_is_not(void **state)
{
	static const char *const pairs[][2] = { { "xref\n0", "xref0" },
		{ "startxref\n", "startxref" }, { "\n%%EOF", "%%EOF" },
		{ "1 0 obj", "10 obj" }, { "0 6\n", "0 6" },
		{ "/Size 6", "/Size6" }, { "/Root 1 0 R", "/Root1 0 R" },
		{ "/Root 1 0 R", "/Root 1 0R" } };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
		GString *s = make("", "");
		g_string_replace(s, pairs[i][0], pairs[i][1], 1);
		assert_false(is_plain(s));
		g_string_free(s, TRUE);
	}
}

/* ---- beside qpdf */

static void
change(GRand *rand, GString *s)
{
	static const char bytes[] = "0123456789 /<>[]()%#RnfxNAPp\n\r\\-.+o";
	const gint32 at = g_rand_int_range(rand, 0, (gint32)s->len);
	const char c = bytes[g_rand_int_range(rand, 0, sizeof bytes)];

	switch (g_rand_int_range(rand, 0, 4)) {
	case 0:
		g_string_erase(s, at, 1);
		break;
	case 1:
		g_string_insert_c(s, at, c);
		break;
	default:
		s->str[at] = c;
	}
}

static void
whatever_is_changed_qpdf_agrees(void **state)
{
	GRand *rand = g_rand_new_with_seed(1);
	guint plain = 0;

	(void)state;
	for (guint i = 0; i < 40000; i++) {
		GString *s = make(i % 2 ? "" : "/Lang(en)/X[1 0 R 2]", "");
		for (gint32 n = g_rand_int_range(rand, 1, 4); n > 0; n--)
			change(rand, s);
		if (is_plain(s)) {
			g_autoptr(pl_facts) facts = pl_facts_new();
			pl_pdf_ask((const guint8 *)s->str, s->len, facts);
			if (facts->damaged || facts->encrypted ||
			    facts->embedded->len > 0)
				fail_msg("%s\n%s", facts->problem, s->str);
			plain++;
		}
		g_string_free(s, TRUE);
	}
	assert_in_range(plain, 3000, 20000);
	g_rand_free(rand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_without_anything_special_is_plain),
		cmocka_unit_test(what_may_hide_something_is_not),
		cmocka_unit_test(cut_off_or_added_to_it_is_not),
		cmocka_unit_test(what_runs_together_is_not),
		cmocka_unit_test(whatever_is_changed_qpdf_agrees),
	};

	return cmocka_run_group_tests_name(
	    "formats_pdfplain", tests, NULL, NULL);
}
