/* SPDX-License-Identifier: BSD-2-Clause */
/* What is taken for a PDF with one table in a stream is one to qpdf, too. */
#include "formats_bytes.h"
#include "pdf.h"

static const char simple[] =
    "%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/Lang(en)>>\nendobj\n"
    "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
    "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
    "trailer\n<</Root 1 0 R/Size 4>>\n%%EOF\n";

enum kind { TABLE, STREAMS, ENCRYPTED, QDF };

/* As qpdf writes it. */
static GString *
written(enum kind kind)
{
	qpdf_data pdf = pl_pdf_new();
	GString *out;

	/* qpdf has to find the objects by itself */
	assert_int_equal(
	    qpdf_read_memory(pdf, "a", simple, sizeof simple - 1, NULL) &
		(QPDF_ERRORS),
	    0);
	qpdf_init_write_memory(pdf);
	qpdf_set_object_stream_mode(
	    pdf, kind == TABLE ? qpdf_o_disable : qpdf_o_generate);
	qpdf_set_qdf_mode(pdf, kind == QDF);
	if (kind == ENCRYPTED)
		qpdf_set_r6_encryption_parameters2(pdf, "", "owner", 1, 1, 1, 1,
		    1, 1, qpdf_r3p_full, QPDF_TRUE);
	assert_int_equal(qpdf_write(pdf) & (QPDF_ERRORS), 0);
	out = g_string_new_len((const char *)qpdf_get_buffer(pdf),
	    (gssize)qpdf_get_buffer_length(pdf));
	qpdf_cleanup(&pdf);
	return out;
}

/* Of LENGTH bytes, and nothing behind them. */
static gboolean
is_streamed(const char *text, gsize length)
{
	g_autofree guint8 *bytes = g_memdup2(text, length);

	return pl_pdf_is_streamed(bytes, length);
}

/* Whatever is taken for streamed, qpdf finds nothing wrong with. */
static gboolean
qpdf_agrees(const char *text, gsize length)
{
	g_autoptr(pl_facts) facts = pl_facts_new();
	g_autofree guint8 *bytes = g_memdup2(text, length);

	if (!pl_pdf_is_streamed(bytes, length))
		return TRUE;
	pl_pdf_ask(bytes, length, facts);
	return !facts->damaged && !facts->encrypted;
}

static void
only_a_table_in_a_stream_is_streamed(void **state)
{
	static const struct {
		enum kind kind;
		gboolean streamed;
	} cases[] = { { TABLE, FALSE }, { STREAMS, TRUE }, { ENCRYPTED, FALSE },
		{ QDF, FALSE } };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) s = written(cases[i].kind);

		assert_int_equal(
		    is_streamed(s->str, s->len), cases[i].streamed);
	}
}

static void
the_facts_of_both_are_the_same(void **state)
{
	g_autoptr(GString) s = written(STREAMS);
	g_autoptr(pl_facts) facts =
	    pl_facts_read((const guint8 *)s->str, s->len, NULL);

	(void)state;
	assert_int_equal(facts->format, PL_FORMAT_PDF);
	assert_false(facts->damaged || facts->encrypted);
	assert_true(qpdf_agrees(s->str, s->len));
}

static void
cut_off_or_added_to_it_is_not(void **state)
{
	g_autoptr(GString) s = written(STREAMS);

	(void)state;
	for (gsize n = 0; n + 1 < s->len; n++)
		assert_false(is_streamed(s->str, n));
	g_string_append(s, "4 0 obj\n<<>>\nendobj\n");
	assert_false(is_streamed(s->str, s->len));
}

static void
what_may_mean_something_else_is_not(void **state)
{
	static const char *const changes[][2] = {
		{ "/Root 2 0 R /Size", "/Prev 2 /Root 2 0" },
		{ "/Root 2 0 R", "/Root 9 0 R" },
		{ "/Root 2 0 R", "/Root 2 1 R" },
		{ "/Root 2 0 R", "/Root 3 0 R" },
		{ "/N 3", "/N 2" },
		{ "/Type /XRef", "/Type /XXXX" },
		{ "/FlateDecode", "/LZWDecode  " },
		{ "/W [ 1 ", "/W [ 2 " },
		{ "startxref\n", "startxref\n1" },
		{ "%PDF-1.5", "%PDF-2.0" },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
		g_autoptr(GString) s = written(STREAMS);
		char *at = memmem(
		    s->str, s->len, changes[i][0], strlen(changes[i][0]));

		if (at == NULL)
			fail_msg("no %s", changes[i][0]);
		g_string_overwrite(s, (gsize)(at - s->str), changes[i][1]);
		if (is_streamed(s->str, s->len))
			fail_msg("%s", changes[i][1]);
	}
}

/* Any byte, to anything that may mean something. */
static void
whatever_is_changed_qpdf_agrees(void **state)
{
	static const char letters[] = "<>[]()/ \n09R#%x\xff";
	g_autoptr(GString) s = written(STREAMS);

	(void)state;
	for (gsize i = 0; i < s->len; i++) {
		const char was = s->str[i];

		for (guint k = 0; k < 3; k++) {
			s->str[i] = letters[(i * 3 + k) % (sizeof letters - 1)];
			if (!qpdf_agrees(s->str, s->len))
				fail_msg("byte %u of %u as 0x%02x", (guint)i,
				    (guint)s->len, (guint8)s->str[i]);
		}
		s->str[i] = was;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_table_in_a_stream_is_streamed),
		cmocka_unit_test(the_facts_of_both_are_the_same),
		cmocka_unit_test(cut_off_or_added_to_it_is_not),
		cmocka_unit_test(what_may_mean_something_else_is_not),
		cmocka_unit_test(whatever_is_changed_qpdf_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
