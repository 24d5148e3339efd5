/* SPDX-License-Identifier: BSD-2-Clause */
/* Nothing disappears: what is no document, or more than one, is told. */
#include "intake_mail.h"

/* As a file NAME that somebody looks at. */
static void
assert_file_told(const char *name, GBytes *bytes, const char *expected)
{
	g_autoptr(pl_findings) f =
	    inspect_with(&pl_limits_default, bytes, name);
	g_autofree char *text = told(f);

	assert_string_equal(text, expected);
}

static const char *
first_problem(const pl_findings *f)
{
	return ((const struct pl_found_problem *)f->problems->pdata[0])->text;
}

static GBytes *
noise(gsize n)
{
	guint8 *bytes = g_malloc(n);

	for (gsize i = 0; i < n; i++)
		bytes[i] = (guint8)((i + 1) * 2654435761u >> 13);
	return g_bytes_new_take(bytes, n);
}

static void
what_only_calls_itself_an_e_mail_is_listed(void **state)
{
	(void)state;
	assert_file_told("rnd.eml", noise(3000),
	    "-rnd.eml (not a document: unknown format)\n!PL-101 \n");
	/* with one field that e-mails have it is one, with an empty body */
	assert_file_told("short.eml", make_text("Subject: none\r\n\r\n"),
	    "-? (empty file)\n!PL-101 \n");
}

static void
what_is_attached_without_a_name_is_called_by_its_type(void **state)
{
	GString *m = mail_begin("mixed");

	(void)state;
	mail_text(m, "hello");
	mail_file(m, "application/octet-stream", NULL, noise(300));
	g_autoptr(pl_findings) f = inspect(mail_end(m));
	assert_string_equal(first_problem(f),
	    "application/octet-stream (not a document: unknown format)");
}

static void
a_message_of_words_has_nothing_attached(void **state)
{
	GString *m = mail_begin("mixed");

	(void)state;
	mail_text(m, "hello");
	g_autoptr(pl_findings) f = inspect(mail_end(m));
	assert_string_equal(first_problem(f), "nothing is attached");
}

/* ---- envelopes --------------------------------------------------------- */

static GBytes *
envelope(GBytes *first, GBytes *second)
{
	static const char name[] = "StandardBusinessDocument";
	GString *s = g_string_new("<?xml version=\"1.0\"?>\n");
	GBytes *const all[] = { first, second };

	g_string_append_printf(s,
	    "<%s xmlns=\"http://www.unece.org/cefact/namespaces/%sHeader\">"
	    "<%sHeader/>",
	    name, name, name);
	for (unsigned i = 0; i < 2 && all[i] != NULL; i++) {
		gsize n;
		const char *xml = g_bytes_get_data(all[i], &n);
		const char *end = g_strstr_len(xml, (gssize)n, "?>") + 2;
		g_string_append_len(s, end, (gssize)n - (end - xml));
		g_bytes_unref(all[i]);
	}
	g_string_append_printf(s, "</%s>", name);
	return g_string_free_to_bytes(s);
}

static GBytes *
invoice(const char *number)
{
	return make_ubl(FALSE, number, "2026-01-31", "1.00", NULL, NULL);
}

static void
a_second_invoice_in_an_envelope_is_told(void **state)
{
	g_autoptr(pl_findings) f = inspect_with(&pl_limits_default,
	    envelope(invoice("S-1"), invoice("S-2")), "two.xml");
	g_autofree char *text = told(f);

	(void)state;
	assert_string_equal(text, "invoice S-1: two.xml\n!PL-102 two.xml\n");
	assert_non_null(strstr(first_problem(f), "has 2 documents"));
	assert_file_told("one.xml", envelope(invoice("S-1"), NULL),
	    "invoice S-1: one.xml\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_only_calls_itself_an_e_mail_is_listed),
		cmocka_unit_test(
		    what_is_attached_without_a_name_is_called_by_its_type),
		cmocka_unit_test(a_message_of_words_has_nothing_attached),
		cmocka_unit_test(a_second_invoice_in_an_envelope_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
