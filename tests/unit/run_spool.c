/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An e-mail on its way out: what went in comes out again, from memory and from
 * a file, and base64 is that of GLib.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "spool.h"

#define KEPT (4 << 20) /* beyond that it is a file */

/* Bytes that do not repeat with any block. */
static void
fill(guint8 *bytes, gsize n)
{
	guint32 x = 1;

	for (gsize i = 0; i < n; i++) {
		x = x * 1664525u + 1013904223u;
		bytes[i] = (guint8)(x >> 24);
	}
}

static void
assert_holds(const pl_spool *spool, const void *want, gsize n)
{
	static const gsize steps[] = { 1000, 65536, 70001, 1 << 20 };
	g_autofree char *got = g_malloc(1 << 20);

	assert_int_equal(pl_spool_size(spool), n);
	for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++)
		for (gsize at = 0; at < n; at += steps[i]) {
			const gsize most = MIN(steps[i], n - at);
			assert_int_equal(
			    pl_spool_pread(spool, at, got, steps[i]), most);
			assert_memory_equal(got, (const char *)want + at, most);
		}
	assert_int_equal(pl_spool_pread(spool, n, got, 10), 0);
}

static void
what_went_in_comes_out(void **state)
{
	static const gsize sizes[] = { 0, 1, 65535, 65536, 65537, KEPT - 1,
		KEPT, KEPT + 1, KEPT + 65536, KEPT + 200000 };
	g_autofree guint8 *bytes = g_malloc(KEPT + 200000);

	(void)state;
	fill(bytes, KEPT + 200000);
	for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autoptr(pl_spool) spool = pl_spool_new(0);
		for (gsize at = 0; at < sizes[i]; at += 10007)
			assert_true(pl_spool_write(spool, bytes + at,
			    MIN(10007, sizes[i] - at), NULL));
		assert_true(pl_spool_finish(spool, NULL));
		assert_holds(spool, bytes, sizes[i]);
	}
}

/* As lines of 76 characters that end with CRLF. */
static char *
lines_of(const guint8 *bytes, gsize length)
{
	GString *lines = g_string_new(NULL);

	for (gsize at = 0; at < length; at += 57) {
		g_autofree char *line =
		    g_base64_encode(bytes + at, MIN(57, length - at));
		g_string_append_printf(lines, "%s\r\n", line);
	}
	return g_string_free(lines, FALSE);
}

static void
base64_comes_in_lines(void **state)
{
	static const gsize sizes[] = { 0, 1, 2, 3, 56, 57, 58, 113, 114, 115,
		100000, 3 << 20 };
	static const gsize steps[] = { 1, 56, 57, 100, 65536 };
	g_autofree guint8 *bytes = g_malloc(3 << 20);

	(void)state;
	fill(bytes, 3 << 20);
	for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++)
		for (unsigned k = 0; k < G_N_ELEMENTS(steps); k++) {
			g_autoptr(pl_spool) spool = pl_spool_new(0);
			g_autofree char *want = lines_of(bytes, sizes[i]);
			for (gsize at = 0; at < sizes[i]; at += steps[k])
				assert_true(pl_spool_base64(spool, bytes + at,
				    MIN(steps[k], sizes[i] - at), NULL));
			assert_true(pl_spool_base64_end(spool, NULL));
			assert_true(pl_spool_finish(spool, NULL));
			assert_holds(spool, want, strlen(want));
		}
}

static void
the_limit_counts_every_byte(void **state)
{
	g_autoptr(pl_spool) exact = pl_spool_new(156 + 4);
	g_autoptr(pl_spool) less = pl_spool_new(156 + 3);
	g_autoptr(GError) error = NULL;
	guint8 bytes[114] = { 0 };

	(void)state;
	assert_true(pl_spool_base64(exact, bytes, 114, NULL));
	assert_true(pl_spool_text(exact, "abcd", NULL));
	assert_true(pl_spool_base64(less, bytes, 114, NULL));
	assert_false(pl_spool_text(less, "abcd", &error));
	assert_true(g_error_matches(error, PL_RUN_ERROR, PL_RUN_TOO_LARGE));
}

static void
without_a_place_only_the_large_fail(void **state)
{
	g_autoptr(pl_spool) spool = pl_spool_new(0);
	g_autofree guint8 *bytes = g_malloc0(KEPT);
	g_autoptr(GError) error = NULL;

	(void)state;
	g_setenv("TMPDIR", "/nowhere/at/all", TRUE);
	assert_true(pl_spool_write(spool, bytes, KEPT, NULL));
	assert_false(pl_spool_write(spool, bytes, 1, &error));
	assert_true(g_error_matches(error, PL_RUN_ERROR, PL_RUN_SPOOL));
	g_unsetenv("TMPDIR");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_went_in_comes_out),
		cmocka_unit_test(base64_comes_in_lines),
		cmocka_unit_test(the_limit_counts_every_byte),
		cmocka_unit_test(without_a_place_only_the_large_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
