/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages made to do harm: each costs little time and memory. */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpu.h"
#include "intake_mail.h"

#define SECONDS (SANITIZED ? 60.0 : 2.0)
#define MEGABYTES 200

/* ---- what it costs ----------------------------------------------------- */

static long
peak_kb(void)
{
	g_autofree char *text = NULL;
	const char *at;

	assert_true(g_file_get_contents(
	    "/proc/self/status", &text, NULL, NULL));
	at = strstr(text, "VmHWM:");
	assert_non_null(at);
	return strtol(at + 6, NULL, 10);
}

static void
forget_peak(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (f != NULL) {
		fputs("5", f);
		fclose(f);
	}
}

/* Takes BYTES. Inspects, and fails if it took too much. */
static pl_findings *
cheap(GBytes *bytes, const char *what)
{
	const gsize size = g_bytes_get_size(bytes);

	forget_peak();
	const long before = peak_kb();
	const double start = cpu_seconds();
	pl_findings *f = inspect(bytes);
	const double took = cpu_seconds() - start;
	const long more = (peak_kb() - before) / 1024;
	if (took > SECONDS)
		fail_msg("%s: %.1f s", what, took);
	if (!SANITIZED && more > MEGABYTES + (long)(size >> 20))
		fail_msg("%s: %ld MB", what, more);
	return f;
}

static gboolean
has_problem(const pl_findings *f, const char *code)
{
	for (guint i = 0; i < f->problems->len; i++) {
		const struct pl_found_problem *p = f->problems->pdata[i];
		if (strcmp(p->code, code) == 0)
			return TRUE;
	}
	return FALSE;
}

/* ---- many parts -------------------------------------------------------- */

static void
ten_thousand_parts_are_cut_and_the_first_count(void **state)
{
	GString *m = mail_begin("mixed");

	(void)state;
	mail_file(m, "application/pdf", "first.pdf", make_pdf("a"));
	for (int i = 0; i < 10000; i++)
		mail_text(m, "x");
	mail_file(m, "application/pdf", "last.pdf", make_pdf("b"));
	g_autoptr(pl_findings) f = cheap(mail_end(m), "parts");
	assert_true(has_problem(f, "PL-105"));
	assert_int_equal(f->documents->len, 1);
	assert_true(f->ignored->len < pl_limits_default.parts + 1);
}

/* Seven bytes a part: GMime alone would need gigabytes. */
static void
millions_of_tiny_parts_never_reach_gmime(void **state)
{
	GString *m = g_string_new(
	    "Content-Type: multipart/mixed; boundary=b\r\n\r\n");

	(void)state;
	for (int i = 0; i < 3000000; i++)
		g_string_append(m, "--b\r\n\r\n");
	g_autoptr(pl_findings) f =
	    cheap(g_string_free_to_bytes(m), "tiny parts");
	assert_true(has_problem(f, "PL-105"));
}

/* Each of a hundred levels declares its own boundary, all are used. */
static void
boundaries_of_forwarded_messages_are_counted(void **state)
{
	GString *m = g_string_new(NULL);

	(void)state;
	for (int i = 0; i < 20; i++)
		g_string_append_printf(m,
		    "Content-Type: multipart/mixed;\r\n boundary=\"b%d\"\r\n"
		    "\r\n--b%d\r\nContent-Type: message/rfc822\r\n\r\n",
		    i, i);
	for (int i = 0; i < 500000; i++)
		g_string_append(m, "--b19\r\n\r\nx\r\n");
	g_autoptr(pl_findings) f =
	    cheap(g_string_free_to_bytes(m), "inner parts");
	assert_true(has_problem(f, "PL-105"));
}

/* A report with a million dashed lines is no attack. */
static void
lines_that_only_look_like_boundaries_do_not_count(void **state)
{
	GString *m = mail_begin("mixed");
	GString *text = g_string_new(NULL);

	(void)state;
	for (int i = 0; i < 100000; i++)
		g_string_append(text, "--------\r\n-- \r\n--=_2\r\n");
	mail_text(m, text->str);
	mail_file(m, "application/pdf", "a.pdf", make_pdf("a"));
	g_string_free(text, TRUE);
	assert_told(mail_end(m), "other: a.pdf\n");
}

/* A megabyte of JSON in one line, and a paragraph of times. */
static void
colons_outside_of_address_fields_do_not_count(void **state)
{
	GString *m = mail_begin("mixed");
	GString *text = g_string_new("{");

	(void)state;
	while (text->len < 1 << 20)
		g_string_append(text, "\"a\":1,");
	g_string_append(text, "}\r\nSo:\r\n");
	while (text->len < 2 << 20)
		g_string_append(text, "  10:20:30 it happened\r\n");
	mail_text(m, text->str);
	mail_file(m, "application/pdf", "a.pdf", make_pdf("a"));
	g_string_free(text, TRUE);
	assert_told(mail_end(m), "other: a.pdf\n");
}

static void
a_message_with_many_files_within_the_limit_is_read(void **state)
{
	GString *m = mail_begin("mixed");

	(void)state;
	for (int i = 0; i < 900; i++) {
		g_autofree char *name = g_strdup_printf("%d.pdf", i);
		mail_file(m, "application/pdf", name, make_pdf(name));
	}
	g_autoptr(pl_findings) f = inspect(mail_end(m));
	assert_int_equal(f->documents->len, 900);
	assert_int_equal(f->problems->len, 0);
}

/* ---- depth ------------------------------------------------------------- */

static void
multiparts_without_end_are_cut(void **state)
{
	static const int levels[] = { 100, 1000, 5000, 50000 };

	(void)state;
	for (unsigned k = 0; k < G_N_ELEMENTS(levels); k++) {
		GString *m = g_string_new(NULL);
		for (int i = 0; i < levels[k]; i++)
			g_string_append_printf(m,
			    "Content-Type: multipart/mixed; boundary=%x\r\n"
			    "\r\n--%x\r\n",
			    i, i);
		g_string_append(m, "\r\nbottom\r\n");
		g_autoptr(pl_findings) f =
		    cheap(g_string_free_to_bytes(m), "multiparts");
		assert_true(has_problem(f, "PL-105"));
	}
}

static void
forwarded_messages_without_end_are_cut(void **state)
{
	GString *m = g_string_new(NULL);

	(void)state;
	for (int i = 0; i < 20000; i++)
		g_string_append(m, "Content-Type: message/rfc822\r\n\r\n");
	g_autoptr(pl_findings) f =
	    cheap(g_string_free_to_bytes(m), "messages");
	assert_true(f->problems->len > 0);
}

static GBytes *
zip_of(const char *name, GBytes *bytes, unsigned copies)
{
	const gsize most = (64 << 20);
	guint8 *buffer = g_malloc(most);
	size_t used = 0;
	struct archive *a = archive_write_new();

	archive_write_set_format_zip(a);
	archive_write_open_memory(a, buffer, most, &used);
	for (unsigned i = 0; i < copies; i++) {
		struct archive_entry *e = archive_entry_new();
		g_autofree char *n = g_strdup_printf("%u%s", i, name);
		archive_entry_set_pathname(e, n);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_size(e, (la_int64_t)g_bytes_get_size(bytes));
		archive_write_header(a, e);
		archive_write_data(a, g_bytes_get_data(bytes, NULL),
		    g_bytes_get_size(bytes));
		archive_entry_free(e);
	}
	archive_write_close(a);
	archive_write_free(a);
	g_bytes_unref(bytes);
	return g_bytes_new_take(g_realloc(buffer, used), used);
}

static void
zips_in_zips_without_end_are_cut(void **state)
{
	GBytes *zip = make_pdf("bottom");
	GString *m = mail_begin("mixed");

	(void)state;
	for (int i = 0; i < 60; i++)
		zip = zip_of(".zip", zip, 1);
	mail_file(m, "application/zip", "deep.zip", zip);
	mail_file(m, "application/pdf", "beside.pdf", make_pdf("a"));
	g_autoptr(pl_findings) f = cheap(mail_end(m), "zips");
	assert_true(has_problem(f, "PL-105"));
	assert_int_equal(f->documents->len, 1);
}

/* ---- bombs ------------------------------------------------------------- */

static void
a_zip_bomb_does_not_go_off(void **state)
{
	const gsize n = 300 << 20;
	GString *m = mail_begin("mixed");

	(void)state;
	mail_file(m, "application/pdf", "before.pdf", make_pdf("a"));
	mail_file(m, "application/zip", "bomb.zip",
	    zip_of("zeros", g_bytes_new_take(g_malloc0(n), n), 1));
	g_autoptr(pl_findings) f = cheap(mail_end(m), "bomb");
	assert_true(has_problem(f, "PL-105"));
	assert_int_equal(f->documents->len, 1);
}

/* Each file is within the ratio; together they are too much. */
static void
a_bomb_in_small_pieces_does_not_go_off(void **state)
{
	const gsize n = 1 << 20;
	guint8 *bytes = g_malloc(n);
	GString *m = mail_begin("mixed");

	(void)state;
	for (gsize i = 0; i < n; i++)
		bytes[i] = i % 100 < 98 ? 'a' : (guint8)(i * 2654435761u >> 9);
	mail_file(m, "application/zip", "bomb.zip",
	    zip_of("x", g_bytes_new_take(bytes, n), 400));
	g_autoptr(pl_findings) f = cheap(mail_end(m), "pieces");
	assert_true(has_problem(f, "PL-105"));
}

static void
a_zip_of_many_empty_files_is_cut(void **state)
{
	GString *m = mail_begin("mixed");

	(void)state;
	mail_file(m, "application/zip", "many.zip",
	    zip_of("x", make_text(""), 60000));
	g_autoptr(pl_findings) f = cheap(mail_end(m), "empty files");
	assert_true(has_problem(f, "PL-105"));
}

/* ---- headers ----------------------------------------------------------- */

static GBytes *
repeated(const char *begin, const char *piece, gsize size, const char *end)
{
	GString *m = g_string_new(begin);

	while (m->len < size)
		g_string_append(m, piece);
	g_string_append(m, end);
	return g_string_free_to_bytes(m);
}

static void
two_megabytes_of_header_are_read(void **state)
{
	static const struct {
		const char *begin, *piece;
	} headers[] = {
		{ "Subject: ", "x" },
		{ "Subject: ", "x\r\n " },
		{ "Subject: ", "=?utf-8?q?a?= " },
		{ "Subject: ", "=?utf-8?b?" },
		{ "Subject: ", "=?" },
		{ "", "X-A: b\r\n" },
		{ "", "To: a@b.example\r\n" },
		{ "", "From: a@b.example\r\n" },
		{ "To: ", "a@b.example, " },
		{ "To: ", "a:" },
		{ "to : ", "a:\r\n " },
		{ "Resent-Cc: ", "a:" },
		{ "Content-Type: message/rfc822\r\n\r\nTo: ", "a:" },
		{ "To: ", "(" },
		{ "To: ", "<" },
		{ "To: ", "\"" },
		{ "To: ", "a " },
		{ "From: ", "," },
		{ "References: ", "<a@b> " },
		{ "Content-Type: text/plain", "; a=b" },
		{ "Content-Type: text/plain", "; a*0=b" },
		{ "Content-Type: text/plain", "; name*1=b" },
		{ "Content-Disposition: attachment", "; filename*1*=b" },
		{ "Content-Type: multipart/mixed; boundary=", "b" },
		{ "Content-Type: ", "(" },
		{ "Content-Type: ", "multipart/" },
		{ "Date: ", "1 " },
		{ "", "x\r\n" },
		{ "", "\r" },
		{ "", "boundary=b\r\n" },
	};

	/* the sanitizers make each field many times as dear */
	const gsize size = SANITIZED ? 200000 : 2000000;

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(headers); i++) {
		g_autofree char *what = g_strdup_printf(
		    "%s%s", headers[i].begin, headers[i].piece);
		g_autoptr(pl_findings) f = cheap(
		    repeated(headers[i].begin, headers[i].piece, size,
			"\r\nSubject: end\r\n\r\nbody\r\n"),
		    what);
		assert_int_equal(f->documents->len, 0);
	}
}

/* ---- bytes ------------------------------------------------------------- */

static void
nothing_is_a_message_without_documents(void **state)
{
	static const char *const texts[] = { "", "\n", "\r\n", "\r\n\r\n", "x",
		"Subject: only", "\r\r\r", "From ", "From x\r\n",
		"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n",
		"Content-Type: multipart/mixed\r\n\r\nno boundary",
		"Content-Type: message/rfc822\r\n\r\n" };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(pl_findings) f = inspect(make_text(texts[i]));
		assert_int_equal(f->documents->len, 0);
		assert_true(has_problem(f, "PL-101"));
	}
}

static void
nul_bytes_anywhere_do_no_harm(void **state)
{
	GString *m = mail_begin("mixed");

	(void)state;
	mail_text(m, "hello");
	mail_file(m, "application/pdf", "a.pdf", make_pdf("a"));
	g_autoptr(GBytes) mail = mail_end(m);
	gsize n;
	const guint8 *data = g_bytes_get_data(mail, &n);
	for (gsize i = 0; i < n; i++) {
		guint8 *copy = g_memdup2(data, n);
		copy[i] = 0;
		g_autoptr(pl_findings) f =
		    inspect(g_bytes_new_take(copy, n));
		assert_true(f->documents->len + f->problems->len > 0);
	}
}

static void
a_message_cut_anywhere_is_answered(void **state)
{
	GString *m = mail_begin("mixed");

	(void)state;
	mail_text(m, "hello");
	mail_file(m, "application/xml", "a.xml",
	    make_ubl(FALSE, "1", "2026-01-01", "1.00", NULL, NULL));
	mail_file(m, "application/zip", "a.zip",
	    zip_of("a.pdf", make_pdf("a"), 2));
	g_autoptr(GBytes) mail = mail_end(m);
	for (gsize i = 0; i < g_bytes_get_size(mail); i += 3) {
		g_autoptr(pl_findings) f =
		    inspect(g_bytes_new(g_bytes_get_data(mail, NULL), i));
		assert_true(f->documents->len + f->problems->len > 0);
	}
}

/* A part begins at every megabyte, each of noise. */
#define BLOCK (1 << 20)
static const char part_head[] =
    "\r\n--=_1\r\nContent-Type: application/x; name=x\r\n\r\n";

static gssize
endless_pread(
    void *ctx, guint64 offset, void *buffer, gsize length, GError **error)
{
	const char *head = ctx;
	guint8 *out = buffer;

	(void)error;
	for (gsize i = 0; i < length; i++) {
		const guint64 at = offset + i, in = at % BLOCK;
		if (at < strlen(head))
			out[i] = (guint8)head[at];
		else if (at >= BLOCK && in < sizeof part_head - 1)
			out[i] = (guint8)part_head[in];
		else
			out[i] = in % 64 == 0 ? '\n'
					      : (guint8)(at * 2654435761u >> 17);
	}
	return (gssize)length;
}

static void
a_message_is_never_in_memory_as_a_whole(void **state)
{
	GString *m = mail_begin("mixed");
	const guint blocks = SANITIZED ? 30 : 300;
	const struct pl_source source = { m->str, (guint64)blocks * BLOCK,
		endless_pread, 0 };

	(void)state;
	forget_peak();
	const long before = peak_kb();
	g_autoptr(pl_findings) f =
	    pl_inspect(&pl_limits_default, &source, NULL, NULL);
	assert_int_equal(f->ignored->len, blocks - 1);
	if (!SANITIZED)
		assert_in_range(peak_kb() - before, 0, 20 * 1024);
	g_string_free(m, TRUE);
}

int
main(void)
{
	pl_child_warm();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    ten_thousand_parts_are_cut_and_the_first_count),
		cmocka_unit_test(millions_of_tiny_parts_never_reach_gmime),
		cmocka_unit_test(boundaries_of_forwarded_messages_are_counted),
		cmocka_unit_test(
		    lines_that_only_look_like_boundaries_do_not_count),
		cmocka_unit_test(colons_outside_of_address_fields_do_not_count),
		cmocka_unit_test(
		    a_message_with_many_files_within_the_limit_is_read),
		cmocka_unit_test(multiparts_without_end_are_cut),
		cmocka_unit_test(forwarded_messages_without_end_are_cut),
		cmocka_unit_test(zips_in_zips_without_end_are_cut),
		cmocka_unit_test(a_zip_bomb_does_not_go_off),
		cmocka_unit_test(a_bomb_in_small_pieces_does_not_go_off),
		cmocka_unit_test(a_zip_of_many_empty_files_is_cut),
		cmocka_unit_test(two_megabytes_of_header_are_read),
		cmocka_unit_test(nothing_is_a_message_without_documents),
		cmocka_unit_test(nul_bytes_anywhere_do_no_harm),
		cmocka_unit_test(a_message_cut_anywhere_is_answered),
		cmocka_unit_test(a_message_is_never_in_memory_as_a_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
