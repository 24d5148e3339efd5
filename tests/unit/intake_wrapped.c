/* SPDX-License-Identifier: BSD-2-Clause */
/* What mail programs wrap files in: winmail.dat, S/MIME; and broken ones. */
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "intake_mail.h"

/* ---- TNEF -------------------------------------------------------------- */

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
	g_autofree gunichar2 *wide = g_utf8_to_utf16(name, -1, NULL, &n, NULL);

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
filling_behind_a_winmail_dat_is_no_damage(void **state)
{
	static const char *const behind[] = { "\r\n", "    ", "\x1a" };

	(void)state;
	for (unsigned i = 0; i <= G_N_ELEMENTS(behind); i++) {
		GByteArray *a = tnef_begin();

		tnef_file(a, "a.pdf", NULL, make_pdf("a"));
		if (i < G_N_ELEMENTS(behind))
			g_byte_array_append(a, (const guint8 *)behind[i],
			    (guint)strlen(behind[i]));
		else
			g_byte_array_append(a, (const guint8[40]){ 0 }, 40);
		assert_told(mail_of("application/ms-tnef", "winmail.dat",
				g_byte_array_free_to_bytes(a)),
		    "other: a.pdf\n-winmail.dat (opened: the files in it "
		    "stand by themselves)\n");
	}
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

/* ---- S/MIME ------------------------------------------------------------ */

static GBytes *
sign(GBytes *content, unsigned flags)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	BIO *in = BIO_new_mem_buf(
	    g_bytes_get_data(content, NULL), (int)g_bytes_get_size(content));
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
	GBytes *ubl = make_ubl(FALSE, "7", "2026-01-01", "1.00", NULL, NULL);
	g_autoptr(GBytes) der = sign(g_bytes_ref(ubl), 0);
	g_autofree char *b64 =
	    g_base64_encode(g_bytes_get_data(der, NULL), g_bytes_get_size(der));
	g_autofree char *pem = g_strdup_printf(
	    "-----BEGIN PKCS7-----\n%s\n-----END PKCS7-----\n", b64);
	static const char *const before[] = { "\r\n", "\xef\xbb\xbf\n\n" };
	const char *expected =
	    "invoice 7: invoice.xml\n"
	    "-invoice.xml.p7m (opened: the files in it stand by "
	    "themselves)\n";

	(void)state;
	assert_told(mail_of("application/octet-stream", "invoice.xml.p7m",
			g_bytes_ref(der)),
	    expected);
	for (unsigned i = 0; i < G_N_ELEMENTS(before); i++) {
		g_autofree char *bare = g_strconcat(before[i], b64, NULL);
		g_autofree char *begun = g_strconcat(before[i], pem, NULL);

		assert_told(mail_of("application/octet-stream",
				"invoice.xml.p7m", make_text(bare)),
		    expected);
		assert_told(mail_of("application/octet-stream",
				"invoice.xml.p7m", make_text(begun)),
		    expected);
	}
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_in_a_winmail_dat_are_found),
		cmocka_unit_test(filling_behind_a_winmail_dat_is_no_damage),
		cmocka_unit_test(a_damaged_winmail_dat_gives_what_is_whole),
		cmocka_unit_test(no_length_in_a_winmail_dat_is_believed),
		cmocka_unit_test(an_opaque_signature_is_taken_off),
		cmocka_unit_test(a_signed_file_is_named_without_its_p7m),
		cmocka_unit_test(a_detached_signature_is_only_a_signature),
		cmocka_unit_test(a_damaged_signed_part_is_a_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
