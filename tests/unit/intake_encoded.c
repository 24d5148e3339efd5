/* SPDX-License-Identifier: BSD-2-Clause */
/* How files are written into a message: base64 and the others, right or wrong. */
#include "base64.h"
#include "intake_mail.h"

/* ---- encodings --------------------------------------------------------- */

static void
uuencoded_files_in_a_text_are_found(void **state)
{
	GString *m =
	    g_string_new(FIELDS "\r\nHello,\r\n\r\n"
				"begin 644 a b.txt\r\n"
				"+:&5L;&\\@=V]R;&0 \r\n"
				"`\r\nend\r\n\r\nbye\r\nbegin the day\r\n");
	g_autoptr(pl_findings) f = inspect(g_string_free_to_bytes(m));
	const struct pl_file *file = ignored(f, "a b.txt");

	(void)state;
	assert_non_null(file);
	assert_int_equal(file->size, 11);
	assert_string_equal(file->sha256,
	    "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9");
	assert_int_equal(f->ignored->len, 2);
}

static void
a_yenc_file_in_a_text_is_found(void **state)
{
	GString *m =
	    g_string_new(FIELDS "\r\n=ybegin line=128 size=6 name=y.txt\r\n");
	static const char content[] = "a\n=b\0\326";

	(void)state;
	for (gsize i = 0; i < 6; i++) {
		guint8 c = (guint8)(content[i] + 42);
		if (c == 0 || c == '\n' || c == '\r' || c == '=') {
			g_string_append_c(m, '=');
			c = (guint8)(c + 64);
		}
		g_string_append_c(m, (char)c);
	}
	g_string_append(m, "\r\n=yend size=6\r\n");
	g_autoptr(pl_findings) f = inspect(g_string_free_to_bytes(m));
	const struct pl_file *file = ignored(f, "y.txt");
	char hex[PL_SHA256_HEX + 1];
	pl_sha256_hex(content, 6, hex);
	assert_non_null(file);
	assert_string_equal(file->sha256, hex);
}

static const struct {
	const char *in, *out;
} base64[] = {
	{ "aGVsbG8=", "hello" },
	{ "aGVs\r\nbG8=\r\n", "hello" },
	{ "aGVsbG8", "hello" },      /* padding forgotten */
	{ "a*G%V s!bG8=", "hello" }, /* foreign characters */
	{ "aGVsbG8=\r\n-- \r\nList footer.\r\n", "hello" },
	{ "aGVsbG8=\r\nJoin us\r\n", "hello" },
	{ "aGVsbG8=aGVsbG8=", "hellohello" }, /* encoded in pieces */
	{ "aGVsbG8=\r\nIHRoZXJl\r\n", "hello there" },
	{ "aGVsbG8=\r\naGVsbA==\r\n", "hellohell" },
	{ "aGVsbG8=\r\n=zH6Q\r\n", "hello" }, /* checksum of OpenPGP */
	{ "aGVsbA==\r\n=zH6Q\r\n", "hell" },
	{ "aA==", "h" },
	{ "aA", "h" },
	{ "a", "" },
	{ "====", "" },
	{ "", "" },
};

static void
base64_is_decoded_as_mail_programs_do(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(base64); i++)
		for (gsize step = 1; step < 40; step += 3) {
			g_autoptr(GByteArray) out = g_byte_array_new();
			struct pl_base64 s;
			const gsize n = strlen(base64[i].in);
			pl_base64_init(&s);
			for (gsize k = 0; k < n; k += step)
				pl_base64_step(&s,
				    (const guint8 *)base64[i].in + k,
				    MIN(step, n - k), out);
			pl_base64_end(&s, out);
			assert_int_equal(out->len, strlen(base64[i].out));
			assert_memory_equal(out->data, base64[i].out, out->len);
		}
}

/* What is declared may be wrong, misspelt or missing. */
static void
transfer_encodings_are_read_as_they_are_meant(void **state)
{
	static const char *const fields[] = { "base64", "BASE64;", "base-64",
		"\"base64\"", " base64 (comment)", "7bit", "x-unknown" };
	GBytes *pdf = make_pdf("a");
	char hex[PL_SHA256_HEX + 1];
	g_autofree char *b64 =
	    g_base64_encode(g_bytes_get_data(pdf, NULL), g_bytes_get_size(pdf));

	(void)state;
	pl_sha256_hex(g_bytes_get_data(pdf, NULL), g_bytes_get_size(pdf), hex);
	for (unsigned i = 0; i < G_N_ELEMENTS(fields); i++) {
		GString *m = mail_begin("mixed");
		g_autofree char *h = g_strdup_printf(
		    "Content-Type: application/pdf; name=a.pdf\r\n"
		    "Content-Transfer-Encoding: %s\r\n",
		    fields[i]);
		mail_raw(m, h, b64, strlen(b64));
		g_autoptr(pl_findings) f = inspect(mail_end(m));
		assert_int_equal(f->documents->len, 1);
		const pl_document *d = f->documents->pdata[0];
		const struct pl_file *file = d->files->pdata[0];
		assert_string_equal(file->sha256, hex);
	}
	g_bytes_unref(pdf);
}

static void
a_pdf_that_says_base64_and_is_not_is_taken_as_it_is(void **state)
{
	g_autoptr(GBytes) pdf = make_pdf("a");
	GString *m = mail_begin("mixed");

	(void)state;
	mail_raw(m,
	    "Content-Type: application/pdf; name=a.pdf\r\n"
	    "Content-Transfer-Encoding: base64\r\n",
	    g_bytes_get_data(pdf, NULL), g_bytes_get_size(pdf));
	assert_told(mail_end(m), "other: a.pdf\n");
}

/* The boundary is the end of the message, without a line end. */
static void
the_line_end_before_a_boundary_is_no_content(void **state)
{
	static const char mail[] =
	    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	    "--b\r\nContent-Type: text/plain; name=a.txt\r\n\r\n"
	    "text\r\n--b--";

	(void)state;
	g_autoptr(pl_findings) f = inspect(g_bytes_new(mail, sizeof mail - 1));
	assert_int_equal(ignored(f, "a.txt")->size, 4);
	g_autoptr(pl_findings) g = inspect(g_bytes_new(mail, sizeof mail - 3));
	assert_int_equal(ignored(g, "a.txt")->size, 4);
}

/* The lines of the content end otherwise than those of the boundaries. */
static void
mixed_line_ends_cost_no_content(void **state)
{
	static const struct {
		const char *encoding, *content;
		gsize size;
	} parts[] = {
		{ "8bit", "text\n--b--\r\n", 4 },
		{ "8bit", "text\r\n--b--\n", 4 },
		{ "8bit", "text\n\n--b--\r\n", 5 },
		{ "8bit", "text\r\n\n--b--\r\n", 6 },
		{ "8bit", "text\r\n\r\n--b--\n", 6 },
		{ "8bit", "\n--b--\r\n", 0 },
		{ "quoted-printable", "te=78t\n--b--\r\n", 4 },
		{ "base64", "dGV4\n--b--\r\n", 3 },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++) {
		char *mail = g_strdup_printf(
		    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
		    "--b\r\nContent-Type: text/plain; name=a.txt\r\n"
		    "Content-Transfer-Encoding: %s\r\n\r\n%s",
		    parts[i].encoding, parts[i].content);
		g_autoptr(pl_findings) f =
		    inspect(g_bytes_new_take(mail, strlen(mail)));
		assert_int_equal(ignored(f, "a.txt")->size, parts[i].size);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uuencoded_files_in_a_text_are_found),
		cmocka_unit_test(a_yenc_file_in_a_text_is_found),
		cmocka_unit_test(base64_is_decoded_as_mail_programs_do),
		cmocka_unit_test(transfer_encodings_are_read_as_they_are_meant),
		cmocka_unit_test(
		    a_pdf_that_says_base64_and_is_not_is_taken_as_it_is),
		cmocka_unit_test(the_line_end_before_a_boundary_is_no_content),
		cmocka_unit_test(mixed_line_ends_cost_no_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
