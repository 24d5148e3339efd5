/* SPDX-License-Identifier: BSD-2-Clause */
/* A file is taken from where it was found, and only if it is the file. */
#include "intake_mail.h"

/* Bytes of a message, and which of them were asked for. */
struct watched {
	GBytes *mail;
	guint64 from, to;
};

static gssize
watched_pread(
    void *ctx, guint64 offset, void *buffer, gsize length, GError **error)
{
	struct watched *w = ctx;
	const struct pl_source whole = pl_source_memory(w->mail);
	gssize n = whole.pread(whole.ctx, offset, buffer, length, error);

	w->from = MIN(w->from, offset);
	if (n > 0)
		w->to = MAX(w->to, offset + (guint64)n);
	return n;
}

static gboolean
take(const void *bytes, gsize length, void *user, GError **error)
{
	(void)error;
	g_byte_array_append(user, bytes, (guint)length);
	return TRUE;
}

/* FILE comes out as WANT; whether all of the message was read for it. */
static gboolean
fetched_whole(GBytes *mail, const struct pl_file *file, GBytes *want)
{
	struct watched w = { mail, G_MAXUINT64, 0 };
	const struct pl_source source = { &w, g_bytes_get_size(mail),
		watched_pread, 0 };
	g_autoptr(GByteArray) out = g_byte_array_new();
	pl_reader *reader = pl_reader_new(NULL);

	assert_true(pl_reader_fetch(reader, &source, file, take, out, NULL));
	assert_int_equal(out->len, g_bytes_get_size(want));
	assert_memory_equal(out->data, g_bytes_get_data(want, NULL), out->len);
	pl_reader_free(reader);
	return w.from == 0 && w.to == g_bytes_get_size(mail);
}

static pl_findings *
read_mail(GBytes *mail)
{
	const struct pl_source source = pl_source_memory(mail);
	pl_findings *f = pl_inspect(&pl_limits_default, &source, NULL, NULL);

	assert_non_null(f);
	assert_int_equal(f->documents->len, 1);
	return f;
}

static struct pl_file *
file_of(const pl_findings *f)
{
	const pl_document *d = f->documents->pdata[0];

	return d->files->pdata[0];
}

/* A message with noise in a PDF, so that it is longer than what is read at
 * once. BEFORE stands in front of its header. */
static GBytes *
make_mail(const char *before, GBytes *pdf)
{
	GString *m = mail_begin("mixed");

	g_string_prepend(m, before);
	mail_file(m, "application/pdf", "a.pdf", g_bytes_ref(pdf));
	g_string_append(m, "--=_1\r\n\r\nand words behind it\r\n");
	return mail_end(m);
}

static GBytes *
make_large_pdf(void)
{
	g_autofree char *text = g_strnfill(300000, 'x');

	for (guint i = 0; i < 300000; i++)
		text[i] = (char)('a' + (i * 2654435761u >> 7) % 26);
	return make_pdf(text);
}

static void
the_spot_is_enough(void **state)
{
	static const char *const before[] = { "", "\r\n \r\n" };
	g_autoptr(GBytes) pdf = make_large_pdf();

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(before); i++) {
		g_autoptr(GBytes) mail = make_mail(before[i], pdf);
		g_autoptr(pl_findings) f = read_mail(mail);
		const struct pl_file *file = file_of(f);
		const char *data = g_bytes_get_data(mail, NULL);

		assert_memory_equal(data + file->spot, "JVBERi0", 7);
		assert_true(file->spot_length >= file->size / 3 * 4);
		assert_false(fetched_whole(mail, file, pdf));
	}
}

static void
a_wrong_spot_is_seen_by_the_hash(void **state)
{
	g_autoptr(GBytes) pdf = make_large_pdf();
	g_autoptr(GBytes) mail = make_mail("", pdf);
	g_autoptr(pl_findings) f = read_mail(mail);
	struct pl_file *file = file_of(f);
	const guint64 spot = file->spot, length = file->spot_length;
	const struct {
		guint64 spot, length;
	} cases[] = { { spot + 4, length }, { spot, length - 100 }, { spot, 0 },
		{ 0, length }, { spot, length + 1000000 },
		{ G_MAXINT64, length }, { spot, G_MAXINT64 } };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		file->spot = cases[i].spot;
		file->spot_length = cases[i].length;
		assert_true(fetched_whole(mail, file, pdf));
	}
}

static void
what_lies_in_a_container_has_no_spot(void **state)
{
	g_autoptr(GBytes) pdf = make_large_pdf();
	g_autoptr(GBytes) inner = make_mail("", pdf);
	GString *m = mail_begin("mixed");

	(void)state;
	mail_file(m, "application/octet-stream", "a.eml", g_bytes_ref(inner));
	g_autoptr(GBytes) mail = mail_end(m);
	g_autoptr(pl_findings) f = read_mail(mail);
	assert_int_equal(file_of(f)->spot_length, 0);
	assert_true(fetched_whole(mail, file_of(f), pdf));
}

/* ---- many files of one container ----------------------------------------- */

#define FILES 4

/* The I-th file out of MAIL, which is said to be MESSAGE; was all of it read
 * for that? */
static gboolean
extracted_whole(pl_reader *reader, GBytes *mail, gint64 message, GBytes *want)
{
	struct watched w = { mail, G_MAXUINT64, 0 };
	const struct pl_source source = { &w, g_bytes_get_size(mail),
		watched_pread, message };
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autofree char *hash =
	    g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, want);

	assert_true(pl_reader_extract(reader, &source, hash, take, out, NULL));
	assert_int_equal(out->len, g_bytes_get_size(want));
	assert_memory_equal(out->data, g_bytes_get_data(want, NULL), out->len);
	assert_true(w.from == 0);
	return w.to > PL_SLOT;
}

static GBytes *
numbered_pdf(unsigned number)
{
	g_autofree char *text = g_strnfill(300000, 'x');

	for (guint i = 0; i < 300000; i++)
		text[i] = (char)('a' + ((i + number) * 2654435761u >> 7) % 26);
	return make_pdf(text);
}

static GBytes *
mail_in_mail(GBytes *const *pdfs)
{
	GString *inner = mail_begin("mixed"), *m = mail_begin("mixed");

	for (unsigned i = 0; i < FILES; i++)
		mail_file(
		    inner, "application/pdf", "a.pdf", g_bytes_ref(pdfs[i]));
	mail_file(m, "application/octet-stream", "a.eml", mail_end(inner));
	return mail_end(m);
}

/* A thousand files of an archive must not be a thousand times unpacked. */
static void
what_lies_behind_a_file_of_a_container_is_kept(void **state)
{
	pl_reader *reader = pl_reader_new(NULL);
	GBytes *pdfs[FILES];

	(void)state;
	for (unsigned i = 0; i < FILES; i++)
		pdfs[i] = numbered_pdf(i);
	g_autoptr(GBytes) mail = mail_in_mail(pdfs);
	for (unsigned i = 0; i < FILES; i++)
		assert_int_equal(
		    extracted_whole(reader, mail, 7, pdfs[i]), i == 0);
	/* what came before it is not, nor what is another message's */
	assert_true(extracted_whole(reader, mail, 7, pdfs[0]));
	assert_false(extracted_whole(reader, mail, 7, pdfs[3]));
	assert_true(extracted_whole(reader, mail, 8, pdfs[3]));
	assert_true(extracted_whole(reader, mail, 7, pdfs[2]));
	for (unsigned i = 0; i < FILES; i++)
		assert_true(extracted_whole(reader, mail, 0, pdfs[i]));
	for (unsigned i = 0; i < FILES; i++)
		g_bytes_unref(pdfs[i]);
	pl_reader_free(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_spot_is_enough),
		cmocka_unit_test(a_wrong_spot_is_seen_by_the_hash),
		cmocka_unit_test(what_lies_in_a_container_has_no_spot),
		cmocka_unit_test(
		    what_lies_behind_a_file_of_a_container_is_kept),
	};

	pl_child_warm();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
