/* SPDX-License-Identifier: BSD-2-Clause */
/* What programs and carriers do to a message costs no file of it. */
#include "intake_mail.h"

#define PART(boundary, name) \
	"--" boundary "\r\nContent-Type: application/xml\r\n" \
	"Content-Disposition: attachment; filename=" name "\r\n\r\n" \
	"<?xml version=\"1.0\"?><" name "/>\r\n"

static GBytes *
with_boundary(const char *parameter, const char *body)
{
	char *mail = g_strconcat(
	    FIELDS "Content-Type: multipart/mixed; boundary=", parameter,
	    "\r\n\r\n", body, NULL);

	return g_bytes_new_take(mail, strlen(mail));
}

static void
a_boundary_that_is_not_the_one_that_is_named_is_guessed(void **state)
{
	static const char *const named[] = { "'x'", "\"x", "other",
		"y (of this mail)", "\"\"" };
	static const char *const texts[] = {
		/* words under a line that comes again */
		"---Original message---\r\nhello\r\n---Original message---\r\n",
		/* a line that does not */
		PART("x", "a"),
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(named); i++)
		assert_told(
		    with_boundary(named[i],
			"Hello\r\n" PART("x", "a") PART("x", "b") "--x--\r\n"),
		    "other: a\nother: b\n");
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
		assert_told(with_boundary("other", texts[i]), "!PL-101 \n");
}

/* The file that a message has, as it was sent. */
static void
assert_file(GBytes *mail, GBytes *file)
{
	g_autoptr(pl_findings) f = inspect(mail);
	const pl_document *d =
	    f->documents->len > 0 ? f->documents->pdata[0] : NULL;
	const struct pl_file *found = d != NULL ? d->files->pdata[0] : NULL;
	char hex[PL_SHA256_HEX + 1];

	pl_sha256_hex(
	    g_bytes_get_data(file, NULL), g_bytes_get_size(file), hex);
	assert_non_null(found);
	assert_string_equal(found->sha256, hex);
	assert_string_equal(found->filename, "a.pdf");
}

static void
lines_may_end_with_cr_alone(void **state)
{
	g_autoptr(GBytes) pdf = make_pdf("a");
	GBytes *mail = mail_of("application/pdf", "a.pdf", g_bytes_ref(pdf));
	GString *cr = g_string_new_len(
	    g_bytes_get_data(mail, NULL), (gssize)g_bytes_get_size(mail));

	(void)state;
	g_bytes_unref(mail);
	g_string_replace(cr, "\n", "", 0);
	assert_file(g_string_free_to_bytes(cr), pdf);
}

/* ---- transfer encodings */

static GString *
quoted_header(void)
{
	return g_string_new(
	    FIELDS "Content-Type: application/pdf; name=a.pdf\r\n"
		   "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
}

static void
a_carrier_may_add_blanks_to_quoted_lines(void **state)
{
	g_autoptr(GBytes) pdf = make_pdf("a");
	gsize length;
	const guint8 *data = g_bytes_get_data(pdf, &length);
	GString *m = quoted_header();

	(void)state;
	for (gsize i = 0; i < length; i++)
		g_string_append_printf(
		    m, "=%02X%s", data[i], i % 20 == 19 ? "= \t \r\n" : "");
	assert_file(g_string_free_to_bytes(m), pdf);
}

static void
base64_may_be_quoted(void **state)
{
	g_autoptr(GBytes) pdf = make_pdf("a");
	gsize length;
	const guint8 *data = g_bytes_get_data(pdf, &length);
	g_autofree char *b64 = g_base64_encode(data, length);
	GString *m = quoted_header(), *soft = quoted_header();

	(void)state;
	g_string_append(m, b64);
	assert_file(g_string_free_to_bytes(m), pdf);
	for (const char *p = b64; *p != '\0'; p++) {
		g_string_append(soft, *p == '=' ? "=3D" : "");
		g_string_append_len(soft, p, *p != '=');
		g_string_append(soft, (p - b64) % 70 == 69 ? "=\r\n" : "");
	}
	assert_file(g_string_free_to_bytes(soft), pdf);
}

static void
uuencoded_lines_may_have_lost_their_blanks(void **state)
{
	GString *m = g_string_new(
	    FIELDS "\r\nHello,\r\nbegin 644 a.bin\r\nM\r\n\"04\r\n`\r\nend\r\n"
		   "bye\r\n");
	/* without an end it could be any text */
	GString *text = g_string_new(
	    FIELDS "\r\nHello,\r\nbegin 644 b.bin\r\n#86)C\r\nMany thanks\r\n");
	g_autoptr(pl_findings) f = inspect(g_string_free_to_bytes(m));
	g_autoptr(pl_findings) g = inspect(g_string_free_to_bytes(text));

	(void)state;
	assert_int_equal(ignored(f, "a.bin")->size, 47);
	assert_int_equal(ignored(g, "b.bin")->size, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_boundary_that_is_not_the_one_that_is_named_is_guessed),
		cmocka_unit_test(lines_may_end_with_cr_alone),
		cmocka_unit_test(a_carrier_may_add_blanks_to_quoted_lines),
		cmocka_unit_test(base64_may_be_quoted),
		cmocka_unit_test(uuencoded_lines_may_have_lost_their_blanks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
