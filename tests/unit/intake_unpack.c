/* SPDX-License-Identifier: BSD-2-Clause */
/* What is packed in a message: every kind of container, and broken ones. */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <openssl/pem.h>
#include <openssl/cms.h>
#include <openssl/x509.h>

#include "base64.h"
#include "intake_mail.h"

/* ---- ZIP ---------------------------------------------------------------------- */

struct member {
	const char *name;
	GBytes *bytes;
};

/* Takes the members' bytes. PASSWORD may be NULL. */
static GBytes *
make_zip(const struct member *members, unsigned n, const char *password)
{
	const gsize most = 32 << 20;
	guint8 *buffer = g_malloc(most);
	size_t used = 0;
	struct archive *a = archive_write_new();
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = uselocale(utf8);

	archive_write_set_format_zip(a);
	archive_write_set_options(a, "hdrcharset=UTF-8");
	if (password != NULL) {
		archive_write_set_options(a, "zip:encryption=traditional");
		archive_write_set_passphrase(a, password);
	}
	assert_int_equal(
	    archive_write_open_memory(a, buffer, most, &used), ARCHIVE_OK);
	for (unsigned i = 0; i < n; i++) {
		struct archive_entry *e = archive_entry_new();
		archive_entry_set_pathname(e, members[i].name);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0600);
		archive_entry_set_size(
		    e, (la_int64_t)g_bytes_get_size(members[i].bytes));
		assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
		archive_write_data(a, g_bytes_get_data(members[i].bytes, NULL),
		    g_bytes_get_size(members[i].bytes));
		archive_entry_free(e);
		g_bytes_unref(members[i].bytes);
	}
	archive_write_close(a);
	archive_write_free(a);
	uselocale(before);
	freelocale(utf8);
	return g_bytes_new_take(g_realloc(buffer, used), used);
}

static GBytes *
zip_of(const char *name, GBytes *bytes)
{
	return make_zip(&(struct member) { name, bytes }, 1, NULL);
}

static GBytes *
mail_of(const char *type, const char *name, GBytes *bytes)
{
	GString *m = mail_begin("mixed");

	mail_text(m, "hello");
	mail_file(m, type, name, bytes);
	return mail_end(m);
}

static void
files_in_a_zip_are_found(void **state)
{
	const struct member members[] = {
		{ "folder/a.pdf", make_pdf("a") },
		{ "b.xml",
		    make_ubl(FALSE, "B-1", "2026-01-31", "12.10", NULL, NULL) },
		{ "notes.txt", make_text("text") },
		{ "__MACOSX/._a.pdf", make_text("\0\5\26\7xxxx") },
	};

	(void)state;
	assert_told(mail_of("application/zip", "all.zip",
			make_zip(members, G_N_ELEMENTS(members), NULL)),
	    "invoice B-1: a.pdf b.xml\n"
	    "-all.zip (opened: the files in it stand by themselves)\n"
	    "-notes.txt (not a document: text)\n"
	    "-._a.pdf (not a document: data of the macOS Finder)\n");
}

static void
a_zip_in_a_zip_is_opened(void **state)
{
	(void)state;
	assert_told(mail_of("application/octet-stream", "outer.zip",
			zip_of("inner.zip", zip_of("a.pdf", make_pdf("a")))),
	    "other: a.pdf\n"
	    "-outer.zip (opened: the files in it stand by themselves)\n"
	    "-inner.zip (opened: the files in it stand by themselves)\n");
}

static void
a_zip_with_nothing_in_it_is_told(void **state)
{
	g_autoptr(pl_findings) f = inspect(
	    mail_of("application/zip", "x.zip", make_zip(NULL, 0, NULL)));
	const struct pl_found_problem *p = f->problems->pdata[0];

	(void)state;
	assert_string_equal(p->code, "PL-101");
	assert_string_equal(p->text, "what is attached has no files in it");
}

static void
an_encrypted_zip_is_told_and_listed(void **state)
{
	const struct member members[] = { { "a.pdf", make_pdf("a") },
		{ "b.pdf", make_pdf("b") } };

	(void)state;
	assert_told(mail_of("application/zip", "x.zip",
			make_zip(members, 2, "secret")),
	    "-x.zip (encrypted: it cannot be opened without a password)\n"
	    "!PL-103 x.zip\n");
}

static void
a_truncated_zip_gives_what_is_whole(void **state)
{
	const struct member members[] = { { "a.pdf", make_pdf("a") },
		{ "b.pdf", make_pdf("b") } };
	g_autoptr(GBytes) zip = make_zip(members, 2, NULL);
	GBytes *cut = g_bytes_new(
	    g_bytes_get_data(zip, NULL), g_bytes_get_size(zip) * 6 / 10);
	g_autoptr(pl_findings) f =
	    inspect(mail_of("application/zip", "x.zip", cut));
	g_autofree char *text = told(f);

	(void)state;
	assert_true(g_str_has_prefix(text, "other: a.pdf\n-x.zip"));
	assert_non_null(strstr(text, "!PL-102 "));
}

static void
an_office_file_stays_closed(void **state)
{
	const struct member members[] = {
		{ "[Content_Types].xml", make_text("<?xml version='1.0'?><a/>") },
		{ "word/document.xml", make_text("<?xml version='1.0'?><a/>") },
	};

	(void)state;
	assert_told(mail_of("application/octet-stream", "letter.docx",
			make_zip(members, 2, NULL)),
	    "-letter.docx (not a document: office file)\n"
	    "!PL-101 \n");
}

/* Names as Windows writes them, in CP850 and without a flag. */
static void
names_in_a_zip_are_of_several_charsets(void **state)
{
	g_autoptr(GBytes) zip = zip_of("caf_.pdf", make_pdf("a"));
	gsize n;
	g_autofree guint8 *bytes = g_memdup2(
	    g_bytes_get_data(zip, &n), g_bytes_get_size(zip));

	(void)state;
	for (gsize i = 0; i + 8 <= n; i++)
		if (memcmp(bytes + i, "caf_.pdf", 8) == 0)
			bytes[i + 3] = 0x82;
	g_autoptr(pl_findings) f = inspect(
	    mail_of("application/zip", "x.zip", g_bytes_new(bytes, n)));
	const pl_document *d = f->documents->pdata[0];
	const struct pl_file *file = d->files->pdata[0];
	assert_string_equal(file->filename, "café.pdf");

	g_autoptr(pl_findings) g = inspect(mail_of("application/zip", "x.zip",
	    zip_of("\xd1\x81\xd1\x87\xd1\x91\xd1\x82.pdf", make_pdf("a"))));
	d = g->documents->pdata[0];
	file = d->files->pdata[0];
	assert_string_equal(file->filename, "счёт.pdf");
}

/* ---- forwarded messages -------------------------------------------------------------- */

static GBytes *
plain_mail(const char *name)
{
	return mail_of("application/pdf", name, make_pdf(name));
}

static void
a_forwarded_message_is_opened_however_it_is_attached(void **state)
{
	GBytes *inner = plain_mail("deep.pdf");
	GString *m = mail_begin("mixed");

	(void)state;
	mail_raw(m, "Content-Type: message/rfc822\r\n",
	    g_bytes_get_data(inner, NULL), g_bytes_get_size(inner));
	assert_told(mail_end(m), "other: deep.pdf\n");
	assert_told(mail_of("message/rfc822", NULL, g_bytes_ref(inner)),
	    "other: deep.pdf\n"
	    "-? (opened: the files in it stand by themselves)\n");
	assert_told(mail_of("application/octet-stream", "fwd.eml",
			g_bytes_ref(inner)),
	    "other: deep.pdf\n"
	    "-fwd.eml (opened: the files in it stand by themselves)\n");
	assert_told(mail_of("text/plain", "mail.txt", g_bytes_ref(inner)),
	    "other: deep.pdf\n"
	    "-mail.txt (opened: the files in it stand by themselves)\n");
	g_bytes_unref(inner);
}

static void
forwarded_messages_may_lie_in_each_other(void **state)
{
	GBytes *mail = plain_mail("deep.pdf");

	(void)state;
	for (int i = 0; i < 4; i++)
		mail = mail_of("message/rfc822", NULL, mail);
	g_autoptr(pl_findings) f = inspect(mail);
	assert_int_equal(f->documents->len, 1);
	assert_int_equal(f->problems->len, 0);
}

/* ---- TNEF ------------------------------------------------------------------------------- */

static void
put32(GByteArray *a, guint32 n)
{
	const guint8 b[4] = { (guint8)n, (guint8)(n >> 8), (guint8)(n >> 16),
		(guint8)(n >> 24) };

	g_byte_array_append(a, b, 4);
}

static void
attribute(GByteArray *a, guint8 level, guint32 id, const void *bytes, gsize n)
{
	const guint8 sum[2] = { 0, 0 };

	g_byte_array_append(a, &level, 1);
	put32(a, id);
	put32(a, (guint32)n);
	g_byte_array_append(a, bytes, (guint)n);
	g_byte_array_append(a, sum, 2);
}

/* The MAPI property PR_ATTACH_LONG_FILENAME in UTF-16. */
static void
long_name(GByteArray *a, const char *name)
{
	g_autoptr(GByteArray) p = g_byte_array_new();
	glong n;
	g_autofree gunichar2 *wide =
	    g_utf8_to_utf16(name, -1, NULL, &n, NULL);

	put32(p, 2);
	put32(p, 0x80010003); /* a named property before it */
	for (int i = 0; i < 4; i++)
		put32(p, 0x11111111);
	put32(p, 0);
	put32(p, 7);
	put32(p, 1);
	put32(p, 0x3707001f);
	put32(p, 1);
	put32(p, (guint32)(2 * n + 2));
	g_byte_array_append(p, (guint8 *)wide, (guint)(2 * n + 2));
	g_byte_array_append(p, (guint8 *)"\0\0", (2 * n + 2) % 4 ? 2 : 0);
	attribute(a, 2, 0x00069005, p->data, p->len);
}

static GByteArray *
tnef_begin(void)
{
	GByteArray *a = g_byte_array_new();

	put32(a, 0x223e9f78);
	g_byte_array_append(a, (guint8 *)"\1\0", 2);
	attribute(a, 1, 0x00069007, "\344\4\0\0\0\0\0\0", 8); /* 1252 */
	attribute(a, 1, 0x0002800c, "body", 5);
	return a;
}

static void
tnef_file(GByteArray *a, const char *title, const char *name, GBytes *bytes)
{
	attribute(a, 2, 0x00069002, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
	attribute(a, 2, 0x00018010, title, strlen(title) + 1);
	attribute(a, 2, 0x0006800f, g_bytes_get_data(bytes, NULL),
	    g_bytes_get_size(bytes));
	if (name != NULL)
		long_name(a, name);
	g_bytes_unref(bytes);
}

static void
files_in_a_winmail_dat_are_found(void **state)
{
	GByteArray *a = tnef_begin();

	(void)state;
	tnef_file(a, "LONGNA~1.PDF", "a longer name é.pdf", make_pdf("a"));
	tnef_file(a, "caf\xe9.pdf", NULL, make_pdf("b"));
	assert_told(mail_of("application/ms-tnef", "winmail.dat",
			g_byte_array_free_to_bytes(a)),
	    "other: a longer name é.pdf\n"
	    "other: café.pdf\n"
	    "-winmail.dat (opened: the files in it stand by themselves)\n");
}

static void
a_damaged_winmail_dat_gives_what_is_whole(void **state)
{
	GByteArray *a = tnef_begin();
	gsize whole;

	(void)state;
	tnef_file(a, "a.pdf", NULL, make_pdf("a"));
	whole = a->len;
	tnef_file(a, "b.pdf", NULL, make_pdf("b"));
	g_byte_array_set_size(a, (guint)whole + 60);
	assert_told(mail_of("application/ms-tnef", "winmail.dat",
			g_byte_array_free_to_bytes(a)),
	    "other: a.pdf\n"
	    "-winmail.dat (opened: the files in it stand by themselves)\n"
	    "-b.pdf (empty file)\n"
	    "!PL-102 winmail.dat\n");
}

/* Every length may lie. */
static void
no_length_in_a_winmail_dat_is_believed(void **state)
{
	GByteArray *a = tnef_begin();

	(void)state;
	tnef_file(a, "a.pdf", "b.pdf", make_pdf("a"));
	for (guint i = 6; i < a->len; i++) {
		g_autofree guint8 *copy = g_memdup2(a->data, a->len);
		GBytes *bytes;

		copy[i] = 0xff;
		bytes = g_bytes_new(copy, a->len);
		g_autoptr(pl_findings) f = inspect(
		    mail_of("application/ms-tnef", "winmail.dat", bytes));
		assert_non_null(ignored(f, "winmail.dat"));
	}
	g_byte_array_unref(a);
}

/* ---- S/MIME -------------------------------------------------------------------------------- */

static GBytes *
sign(GBytes *content, unsigned flags)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	BIO *in = BIO_new_mem_buf(g_bytes_get_data(content, NULL),
	    (int)g_bytes_get_size(content));
	BIO *out = BIO_new(BIO_s_mem());
	char *data;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
	    MBSTRING_ASC, (const guint8 *)"test", -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	X509_sign(cert, key, EVP_sha256());
	CMS_ContentInfo *cms =
	    CMS_sign(cert, key, NULL, in, CMS_BINARY | flags);
	assert_non_null(cms);
	if (flags & CMS_STREAM)
		i2d_CMS_bio_stream(out, cms, in, CMS_BINARY | (int)flags);
	else
		i2d_CMS_bio(out, cms);
	long n = BIO_get_mem_data(out, &data);
	GBytes *bytes = g_bytes_new(data, (gsize)n);
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	BIO_free(out);
	X509_free(cert);
	EVP_PKEY_free(key);
	g_bytes_unref(content);
	return bytes;
}

/* The whole message is one signed part, whole or in pieces (Outlook). */
static void
an_opaque_signature_is_taken_off(void **state)
{
	static const unsigned flags[] = { 0, CMS_STREAM };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(flags); i++) {
		GString *part = g_string_new(
		    "Content-Type: multipart/mixed; boundary=\"=_1\"\r\n\r\n");
		mail_text(part, "signed");
		mail_file(part, "application/pdf", "a.pdf", make_pdf("a"));
		assert_told(
		    mail_of("application/pkcs7-mime; smime-type=signed-data",
			"smime.p7m", sign(mail_end(part), flags[i])),
		    "other: a.pdf\n"
		    "-smime.p7m (opened: the files in it stand by "
		    "themselves)\n");
	}
}

static void
a_signed_file_is_named_without_its_p7m(void **state)
{
	GBytes *ubl =
	    make_ubl(FALSE, "7", "2026-01-01", "1.00", NULL, NULL);
	g_autoptr(GBytes) der = sign(g_bytes_ref(ubl), 0);
	g_autofree char *b64 = g_base64_encode(
	    g_bytes_get_data(der, NULL), g_bytes_get_size(der));
	g_autofree char *pem = g_strdup_printf(
	    "-----BEGIN PKCS7-----\n%s\n-----END PKCS7-----\n", b64);
	const char *expected =
	    "invoice 7: invoice.xml\n"
	    "-invoice.xml.p7m (opened: the files in it stand by "
	    "themselves)\n";

	(void)state;
	assert_told(mail_of("application/octet-stream", "invoice.xml.p7m",
			g_bytes_ref(der)),
	    expected);
	assert_told(mail_of("application/octet-stream", "invoice.xml.p7m",
			make_text(b64)),
	    expected);
	assert_told(mail_of("application/octet-stream", "invoice.xml.p7m",
			make_text(pem)),
	    expected);
	g_bytes_unref(ubl);
}

static void
a_detached_signature_is_only_a_signature(void **state)
{
	GString *m = mail_begin("signed");

	(void)state;
	mail_text(m, "hello");
	mail_file(m, "application/pkcs7-signature", "smime.p7s",
	    sign(make_text("hello"), CMS_DETACHED));
	assert_told(mail_end(m), "-smime.p7s (signature)\n!PL-101 \n");
	assert_told(mail_of("application/pkcs7-mime", "smime.p7m",
			sign(make_text("hello"), CMS_DETACHED)),
	    "-smime.p7m (signature)\n!PL-101 \n");
}

static void
a_damaged_signed_part_is_a_problem(void **state)
{
	g_autoptr(GBytes) der = sign(make_pdf("a"), 0);

	(void)state;
	assert_told(mail_of("application/pkcs7-mime", "smime.p7m",
			g_bytes_new(g_bytes_get_data(der, NULL), 200)),
	    "-smime.p7m (damaged)\n!PL-102 smime.p7m\n");
}

/* ---- encodings -------------------------------------------------------------------------------- */

static void
uuencoded_files_in_a_text_are_found(void **state)
{
	GString *m = g_string_new(FIELDS "\r\nHello,\r\n\r\n"
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
	GString *m = g_string_new(FIELDS
	    "\r\n=ybegin line=128 size=6 name=y.txt\r\n");
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
	{ "aGVsbG8", "hello" },       /* padding forgotten */
	{ "a*G%V s!bG8=", "hello" },  /* foreign characters */
	{ "aGVsbG8=\r\n-- \r\nList footer.\r\n", "hello" },
	{ "aGVsbG8=\r\nJoin us\r\n", "hello" },
	{ "aGVsbG8=aGVsbG8=", "hellohello" }, /* encoded in pieces */
	{ "aGVsbG8=\r\nIHRoZXJl\r\n", "hello there" },
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
			assert_memory_equal(
			    out->data, base64[i].out, out->len);
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
	g_autofree char *b64 = g_base64_encode(
	    g_bytes_get_data(pdf, NULL), g_bytes_get_size(pdf));

	(void)state;
	pl_sha256_hex(
	    g_bytes_get_data(pdf, NULL), g_bytes_get_size(pdf), hex);
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
	g_autoptr(pl_findings) f =
	    inspect(g_bytes_new(mail, sizeof mail - 1));
	assert_int_equal(ignored(f, "a.txt")->size, 4);
	g_autoptr(pl_findings) g =
	    inspect(g_bytes_new(mail, sizeof mail - 3));
	assert_int_equal(ignored(g, "a.txt")->size, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_in_a_zip_are_found),
		cmocka_unit_test(a_zip_in_a_zip_is_opened),
		cmocka_unit_test(a_zip_with_nothing_in_it_is_told),
		cmocka_unit_test(an_encrypted_zip_is_told_and_listed),
		cmocka_unit_test(a_truncated_zip_gives_what_is_whole),
		cmocka_unit_test(an_office_file_stays_closed),
		cmocka_unit_test(names_in_a_zip_are_of_several_charsets),
		cmocka_unit_test(
		    a_forwarded_message_is_opened_however_it_is_attached),
		cmocka_unit_test(forwarded_messages_may_lie_in_each_other),
		cmocka_unit_test(files_in_a_winmail_dat_are_found),
		cmocka_unit_test(a_damaged_winmail_dat_gives_what_is_whole),
		cmocka_unit_test(no_length_in_a_winmail_dat_is_believed),
		cmocka_unit_test(an_opaque_signature_is_taken_off),
		cmocka_unit_test(a_signed_file_is_named_without_its_p7m),
		cmocka_unit_test(a_detached_signature_is_only_a_signature),
		cmocka_unit_test(a_damaged_signed_part_is_a_problem),
		cmocka_unit_test(uuencoded_files_in_a_text_are_found),
		cmocka_unit_test(a_yenc_file_in_a_text_is_found),
		cmocka_unit_test(base64_is_decoded_as_mail_programs_do),
		cmocka_unit_test(
		    transfer_encodings_are_read_as_they_are_meant),
		cmocka_unit_test(
		    a_pdf_that_says_base64_and_is_not_is_taken_as_it_is),
		cmocka_unit_test(the_line_end_before_a_boundary_is_no_content),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
