/* SPDX-License-Identifier: BSD-2-Clause */
/* E-mails as composed, read back: names, bytes, words, parts of files. */
#include "run_composed.h"

static void
files_come_back_bit_for_bit_under_their_names(void **state)
{
	static const struct {
		const char *encoded, *name;
		gsize size;
	} files[] = {
		{ "F-1.pdf", "F-1.pdf", 3000 },
		{ "R%C3%A9sum%C3%A9%20%E2%82%AC.pdf", "Résumé €.pdf", 57 * 99 },
		{ "F-1.pdf", "F-1-2.pdf", 100000 },
		{ "f-1.PDF", "f-1-3.PDF", 1999 },
	};
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	GMimeMessage *m;

	(void)state;
	gateway_rules(g, "", MANY);
	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		GString *mail = begin_mail("x");

		add_part(mail, files[i].encoded,
		    a_pdf(files[i].name, files[i].size));
		capture(g, mail, 0);
	}
	text = compose_all(g);
	assert_lines_are_mail(text);
	m = parse(text);
	assert_int_equal(parts_of(m), 5);
	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		GMimeObject *part = part_at(m, (int)i + 1);
		g_autoptr(GBytes) got = content_of(part);
		g_autoptr(GBytes) sent = a_pdf(files[i].name, files[i].size);

		assert_string_equal(
		    g_mime_part_get_filename(GMIME_PART(part)), files[i].name);
		/* for those who never learnt RFC 2231 */
		assert_string_equal(
		    g_mime_content_type_get_parameter(
			g_mime_object_get_content_type(part), "name"),
		    files[i].name);
		assert_true(g_bytes_equal(got, sent));
	}
	assert_non_null(strstr(text->str, "name=\"=?"));
	assert_non_null(strstr(text->str, "filename*="));
	g_object_unref(m);
	gateway_free(g);
}

static void
the_header_is_a_machines(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	GMimeMessage *m;
	GMimeObject *o;

	(void)state;
	gateway_rules(g, "", MANY);
	capture_pdf(g, "F-2026-117", 2000);
	text = compose_all(g);
	m = parse(text);
	o = GMIME_OBJECT(m);
	assert_string_equal(
	    g_mime_object_get_header(o, "From"), "postledger@gw.example");
	assert_string_equal(
	    g_mime_object_get_header(o, "To"), "acme@out.example");
	assert_string_equal(g_mime_message_get_subject(m),
	    "Document for sales: F-2026-117.pdf");
	assert_string_equal(
	    g_mime_object_get_header(o, "Auto-Submitted"), "auto-generated");
	assert_string_equal(g_mime_object_get_header(o, "MIME-Version"), "1.0");
	assert_true(g_str_has_prefix(g_mime_message_get_message_id(m), "b.1."));
	assert_non_null(g_mime_message_get_date(m));
	g_object_unref(m);
	gateway_free(g);
}

static void
the_text_lists_the_documents(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	g_autofree char *words = NULL;
	GMimeMessage *m;

	(void)state;
	gateway_rules(g, "", MANY "subject = Zahlungen für März\n");
	capture_pdf(g, "F-1", 2000);
	capture_pdf(g, "F-2", 2000);
	text = compose_all(g);
	m = parse(text);
	words = g_mime_text_part_get_text(GMIME_TEXT_PART(part_at(m, 0)));
	assert_non_null(strstr(words, "2 documents for sales"));
	assert_non_null(strstr(words, "1. Document"));
	assert_non_null(strstr(words, "F-1.pdf"));
	assert_non_null(strstr(words, "F-2.pdf"));
	assert_string_equal(
	    g_mime_message_get_subject(m), "Zahlungen für März");
	g_object_unref(m);
	gateway_free(g);
}

static void
only_the_kinds_of_files_a_journal_takes_go_out(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	GMimeMessage *m;
	static const char xml[] =
	    "<?xml version=\"1.0\"?><Invoice xmlns=\"urn:oasis:names:"
	    "specification:ubl:schema:xsd:Invoice-2\" xmlns:cbc=\"urn:oasis:"
	    "names:specification:ubl:schema:xsd:CommonBasicComponents-2\">"
	    "<cbc:ID>F-9</cbc:ID><cbc:IssueDate>2026-01-02</cbc:IssueDate>"
	    "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode></Invoice>";
	GString *mail = begin_mail("x");

	(void)state;
	gateway_rules(g, "", MANY "formats = xml\n");
	add_part(mail, "F-9.pdf", a_pdf("F-9", 2000));
	add_part(mail, "F-9.xml", g_bytes_new_static(xml, sizeof xml - 1));
	capture(g, mail, 0);
	text = compose_all(g);
	m = parse(text);
	assert_int_equal(parts_of(m), 2);
	assert_string_equal(
	    g_mime_part_get_filename(GMIME_PART(part_at(m, 1))), "F-9.xml");
	assert_string_equal(
	    g_mime_message_get_subject(m), "Document for sales: F-9");
	g_object_unref(m);
	gateway_free(g);
}

/* The first of the files that wait, as two statements that share it, the second
 * of account OTHER. */
static void
split_in_two(struct gateway *g, const guint64 *at, const char *other)
{
	g_autoptr(pl_document) whole = NULL;

	index_all(g);
	whole = pl_document_get(g->f->l, 1, NULL);
	assert_non_null(whole);
	assert_ok(pl_entry_change(
	    g->f->l, 1, PL_WAITING, PL_ARCHIVED, NULL, NULL, 0, E));
	for (unsigned i = 0; i < 2; i++) {
		gint64 id;

		whole->account = g_strdup(i == 0 ? "BE68539007547034" : other);
		whole->sequence = g_strdup_printf("%u", 17 + i);
		whole->offset = at[i];
		whole->length = at[i + 1] - at[i];
		assert_ok(pl_document_add(g->f->l, whole, E));
		assert_ok(pl_entry_add(g->f->l, whole->id, "sales", PL_WAITING,
		    NULL, NULL, 0, &id, E));
		g_clear_pointer(&whole->account, g_free);
		g_clear_pointer(&whole->sequence, g_free);
	}
}

static void
statements_of_one_file_leave_as_their_own_bytes(void **state)
{
	static const guint64 at[] = { 10, 70000, 90000 };
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	g_autoptr(GBytes) all = a_pdf("F-1", 100000);
	GMimeMessage *m;

	(void)state;
	gateway_rules(g, "", MANY);
	capture_pdf(g, "F-1", 100000);
	split_in_two(g, at, "BE71096123456769");
	text = compose_all(g);
	m = parse(text);
	assert_int_equal(parts_of(m), 3);
	for (unsigned i = 0; i < 2; i++) {
		GMimeObject *part = part_at(m, (int)i + 1);
		g_autoptr(GBytes) got = content_of(part);
		g_autoptr(GBytes) sent =
		    g_bytes_new_from_bytes(all, at[i], at[i + 1] - at[i]);

		assert_true(g_bytes_equal(got, sent));
		assert_string_equal(g_mime_part_get_filename(GMIME_PART(part)),
		    i == 0 ? "F-1-BE68539007547034-17.pdf"
			   : "F-1-BE71096123456769-18.pdf");
	}
	g_object_unref(m);
	gateway_free(g);
}

static void
statements_of_one_account_leave_in_their_file(void **state)
{
	static const guint64 at[] = { 10, 70000, 90000 };
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	g_autoptr(GBytes) all = a_pdf("F-1", 100000), got = NULL;
	GMimeMessage *m;

	(void)state;
	gateway_rules(g, "", MANY);
	capture_pdf(g, "F-1", 100000);
	split_in_two(g, at, "539-0075470-34");
	text = compose_all(g);
	m = parse(text);
	assert_int_equal(parts_of(m), 2);
	got = content_of(part_at(m, 1));
	assert_true(g_bytes_equal(got, all));
	assert_string_equal(
	    g_mime_part_get_filename(GMIME_PART(part_at(m, 1))), "F-1.pdf");
	g_object_unref(m);
	gateway_free(g);
}

static void
names_are_safe_and_unique(void **state)
{
	static const struct {
		const char *name, *format, *suffix, *out;
	} cases[] = {
		{ "a.pdf", "pdf", NULL, "a.pdf" },
		{ "a.pdf", "pdf", NULL, "a-2.pdf" },
		{ "A.PDF", "pdf", NULL, "A-3.PDF" },
		{ "a-2.pdf", "pdf", NULL, "a-2-2.pdf" },
		{ "../../etc/passwd", NULL, NULL, "_.._etc_passwd" },
		{ "c:\\x?.pdf", "pdf", NULL, "c__x_.pdf" },
		{ "con.pdf", "pdf", NULL, "con_.pdf" },
		{ "LPT1.xml", "ubl", NULL, "LPT1_.xml" },
		{ NULL, "ubl", NULL, "document.xml" },
		{ "", "coda", NULL, "document.cod" },
		{ " . ", "pdf", NULL, "document.pdf" },
		{ "x\r\nBcc: a.pdf", "pdf", NULL, "x__Bcc_ a.pdf" },
		{ "x\xff.pdf", "pdf", NULL, "x\xef\xbf\xbd.pdf" },
		{ "fdp\xe2\x80\xae"
		  "exe.pdf",
		    "pdf", NULL, "fdp_exe.pdf" },
		{ "day.cod", "coda", "BE68-17", "day-BE68-17.cod" },
		{ "day.cod", "coda", "BE68-18", "day-BE68-18.cod" },
	};
	g_autoptr(pl_names) names = pl_names_new();

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *out = pl_names_take(
		    names, cases[i].name, cases[i].format, cases[i].suffix);

		assert_string_equal(out, cases[i].out);
	}
}

static void
a_name_of_any_length_keeps_its_extension(void **state)
{
	g_autoptr(pl_names) names = pl_names_new();
	g_autoptr(GString) name = g_string_new(NULL);

	(void)state;
	for (unsigned i = 0; i < 4000; i++)
		g_string_append(name, "€");
	g_string_append(name, ".pdf");
	for (unsigned i = 0; i < 3; i++) {
		g_autofree char *out =
		    pl_names_take(names, name->str, "pdf", NULL);

		assert_true(strlen(out) < 200);
		assert_true(g_utf8_validate(out, -1, NULL));
		assert_true(g_str_has_suffix(out, ".pdf"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_come_back_bit_for_bit_under_their_names),
		cmocka_unit_test(the_header_is_a_machines),
		cmocka_unit_test(the_text_lists_the_documents),
		cmocka_unit_test(
		    only_the_kinds_of_files_a_journal_takes_go_out),
		cmocka_unit_test(
		    statements_of_one_file_leave_as_their_own_bytes),
		cmocka_unit_test(statements_of_one_account_leave_in_their_file),
		cmocka_unit_test(names_are_safe_and_unique),
		cmocka_unit_test(a_name_of_any_length_keeps_its_extension),
	};

	g_mime_init();
	return cmocka_run_group_tests_name("run_compose", tests, NULL, NULL);
}
