/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that break a rule, and what people see in them all the same. */
#include "intake_mail.h"

static GBytes *
with_start(const char *start)
{
	GString *m = mail_begin("mixed");

	mail_file(m, "application/pdf", "a.pdf", make_pdf("a"));
	g_string_prepend(m, start);
	return mail_end(m);
}

static void
what_stands_before_the_header_is_passed_over(void **state)
{
	(void)state;
	assert_told(with_start(" "), "other: a.pdf\n");
	assert_told(with_start("\r\n"), "other: a.pdf\n");
	assert_told(with_start("\n \n"), "other: a.pdf\n");
	assert_told(with_start("\tby y; Mon, 2 Feb\r\n"), "other: a.pdf\n");
	assert_told(with_start("Dear all,\r\n\r\n"), "other: a.pdf\n");
	assert_told(with_start(">From a@b\r\n"), "other: a.pdf\n");
	assert_told(with_start("\xef\xbb\xbf"), "other: a.pdf\n");
}

static void
the_first_content_type_counts(void **state)
{
	GString *m = g_string_new(
	    FIELDS "Content-Type: multipart/mixed; boundary=\"=_1\"\r\n"
		   "Content-Type: text/plain\r\n\r\n");

	(void)state;
	mail_file(m, "application/pdf", "a.pdf", make_pdf("a"));
	assert_told(mail_end(m), "other: a.pdf\n");
}

/* BODY below a multipart that does not name its boundary. */
static GBytes *
unnamed(const char *parameters, const char *body)
{
	g_autoptr(GString) m = g_string_new(FIELDS "Content-Type: multipart/");

	g_string_append(m, parameters);
	g_string_append(m, "\r\n\r\n");
	g_string_append(m, body);
	return g_bytes_new(m->str, m->len);
}

#define PART(boundary, name) \
	"--" boundary "\r\nContent-Type: application/xml\r\n" \
	"Content-Disposition: attachment; filename=" name "\r\n\r\n" \
	"<?xml version=\"1.0\"?><" name "/>\r\n"

static void
a_boundary_that_is_not_named_is_guessed(void **state)
{
	(void)state;
	assert_told(unnamed("mixed", "Hello\r\n" PART("x", "a") "--x--\r\n"),
	    "other: a\n");
	assert_told(
	    unnamed("mixed; charset=x", PART("=_ 1", "a") PART("=_ 1", "b")),
	    "other: a\nother: b\n");
	/* inside another */
	assert_told(unnamed("mixed; boundary=o",
			"--o\r\nContent-Type: multipart/mixed\r\n\r\n" PART(
			    "x", "a") "--x--\r\n--o--\r\n"),
	    "other: a\n");
	/* not a line like it again */
	assert_told(unnamed("mixed", PART("x", "a")), "!PL-101 \n");
	assert_told(unnamed("mixed", "-- \r\nMe\r\n-- \r\n"), "!PL-101 \n");
	assert_told(unnamed("mixed", "--\r\n--\r\n"), "!PL-101 \n");
}

static void
blanks_at_the_end_of_a_boundary_are_not_part_of_it(void **state)
{
	(void)state;
	assert_told(unnamed("mixed; boundary=\"x \"",
			PART("x", "a") PART("x", "b") "--x--\r\n"),
	    "other: a\nother: b\n");
	assert_told(unnamed("mixed; boundary=\"x \"",
			PART("x ", "a") PART("x ", "b") "--x --\r\n"),
	    "other: a\nother: b\n");
}

static void
a_multipart_needs_no_subtype(void **state)
{
	static const char *const types[] = { "multipart; boundary=x",
		" MULTIPART ;\r\n boundary=x" };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
		char *mail = g_strconcat(FIELDS "Content-Type:", types[i],
		    "\r\n\r\n" PART("x", "a") "--x--\r\n", NULL);

		assert_told(g_bytes_new_take(mail, strlen(mail)), "other: a\n");
	}
}

#define XML(name) "<?xml version=\"1.0\"?><" name "/>"
#define BARE(boundary, name) \
	"--" boundary "\r\nContent-Type: application/xml; name=" name "\r\n"

/* Without the empty line, the header ends where no field is any more. */
static void
a_header_without_an_empty_line_loses_nothing(void **state)
{
	static const char *const bodies[] = {
		/* in a part, and in the last one that is not ended */
		BARE("x", "a") XML("a") "\r\n" BARE("x", "b") "\r\n" XML(
		    "b") "\r\n--x--\r\n",
		BARE("x", "a") "\r\n" XML("a") "\r\n" BARE("x", "b") XML("b"),
		/* ended by the boundary around it */
		"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n" BARE(
		    "y", "a") XML("a") "\r\n" BARE("x", "b")
		    XML("b") "\r\n--x--\r\n",
		/* of the multipart itself */
		"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n" BARE(
		    "y", "a") "\r\n" XML("a") "\r\n--y--\r\n" BARE("x",
		    "b") "\r\n" XML("b") "\r\n--x--\r\n",
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(bodies); i++)
		assert_told(unnamed("mixed; boundary=x", bodies[i]),
		    "other: a\nother: b\n");
	/* nothing between header and boundary is nothing */
	g_autoptr(pl_findings) f = inspect(unnamed(
	    "mixed; boundary=x", BARE("x", "a") BARE("x", "b") "--x--\r\n"));
	assert_int_equal(ignored(f, "a")->size, 0);
	assert_int_equal(ignored(f, "b")->size, 0);
}

static void
as_body(const char *type, GBytes *bytes, const char *expected)
{
	GString *m = mail_begin("mixed");
	g_autofree char *header = g_strdup_printf("Content-Type: %s\r\n", type);

	mail_raw(
	    m, header, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	g_bytes_unref(bytes);
	assert_told(mail_end(m), expected);
}

static void
a_document_as_the_text_is_a_file(void **state)
{
	(void)state;
	as_body("text/plain", make_pdf("a"), "other: ?\n");
	as_body("text/html", make_pdf("a"), "other: ?\n");
	as_body("text/plain",
	    make_ubl(FALSE, "7", "2026-02-01", "121.00", NULL, NULL),
	    "invoice 7: ?\n");
	as_body("text/plain", make_text("a;b;c\n1;2;3\n"), "!PL-101 \n");
}

static void
a_limit_ends_only_its_container(void **state)
{
	const struct pl_limits limits = {
		.depth = 32, .parts = 1000, .unpacked = 10, .ratio = 200
	};
	GString *m = mail_begin("mixed");
	GString *inner = g_string_new(FIELDS "\r\nlonger than ten bytes\r\n");

	(void)state;
	mail_file(m, "message/rfc822", "a.eml", g_string_free_to_bytes(inner));
	mail_file(m, "application/x", "b.eml", make_text(FIELDS "\r\nb\r\n"));
	mail_file(m, "application/pdf", "good.pdf", make_pdf("a"));
	g_autoptr(pl_findings) f = inspect_with(&limits, mail_end(m), NULL);
	g_autofree char *text = told(f);
	assert_non_null(strstr(text, "other: good.pdf\n"));
	assert_non_null(strstr(
	    text, "-b.eml (not opened wholly: it unpacks to too much)\n"));
	assert_non_null(strstr(text, "!PL-105"));
}

static void
a_mailbox_is_known_by_its_separators(void **state)
{
	static const char line[] = "From a@b Mon Feb  2 10:00:00 2026\n";
	g_autofree char *two =
	    g_strconcat(line, "A: b\n\nx\n\n", line, "A: b\n\ny\n", NULL);
	g_autofree char *one = g_strconcat(
	    line, "A: b\n\nx\n\nFrom here on at noon it is one\n", NULL);

	(void)state;
	assert_int_equal(pl_intake_mbox(two, strlen(two)), 2);
	assert_int_equal(pl_intake_mbox(one, strlen(one)), 1);
	assert_int_equal(pl_intake_mbox("A: b\n", 5), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stands_before_the_header_is_passed_over),
		cmocka_unit_test(the_first_content_type_counts),
		cmocka_unit_test(a_boundary_that_is_not_named_is_guessed),
		cmocka_unit_test(
		    blanks_at_the_end_of_a_boundary_are_not_part_of_it),
		cmocka_unit_test(a_multipart_needs_no_subtype),
		cmocka_unit_test(a_header_without_an_empty_line_loses_nothing),
		cmocka_unit_test(a_document_as_the_text_is_a_file),
		cmocka_unit_test(a_limit_ends_only_its_container),
		cmocka_unit_test(a_mailbox_is_known_by_its_separators),
	};

	return cmocka_run_group_tests_name("intake_lenient", tests, NULL, NULL);
}
