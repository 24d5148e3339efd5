/* SPDX-License-Identifier: BSD-2-Clause */
/* In a ZIP is deflated what becomes smaller by it, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pack.h"

#define STORED 0
#define DEFLATED 8

static gboolean
take(void *to, const void *bytes, gsize length, GError **error)
{
	(void)error;
	g_byte_array_append(to, bytes, (guint)length);
	return TRUE;
}

/* The method in the local header of the only file. */
static int
method_of(const GByteArray *file)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(pl_pack) pack = pl_pack_new(take, out, NULL);

	assert_true(pl_pack_file(pack, "a.pdf", file->len, 0, NULL));
	assert_true(pl_pack_data(pack, file->data, file->len, NULL));
	assert_true(pl_pack_file_end(pack, NULL));
	assert_true(pl_pack_finish(pack, NULL));
	assert_memory_equal(out->data, "PK\003\004", 4);
	return out->data[8];
}

/* What nobody can pack, then words, then both again. */
static GByteArray *
make_file(gsize noise, gsize words, gsize again)
{
	GByteArray *file = g_byte_array_new();
	const gsize parts[] = { noise, words, again };
	guint32 x = 1;

	for (unsigned part = 0; part < 3; part++)
		for (gsize i = 0; i < parts[part]; i++) {
			x = x * 1664525u + 1013904223u;
			guint8 c = part == 1 ? (guint8) "an invoice "[i % 11]
					     : (guint8)(x >> 24);
			g_byte_array_append(file, &c, 1);
		}
	return file;
}

static void
the_method_follows_the_content(void **state)
{
	static const struct {
		gsize noise, words, again;
		int method;
	} cases[] = {
		{ 0, 0, 0, STORED },
		{ 100000, 0, 0, STORED },
		{ 3000, 0, 0, STORED },
		{ 0, 100000, 0, DEFLATED },
		{ 0, 3000, 0, DEFLATED },
		{ 0, 300, 0, DEFLATED },
		/* words at the begin, as PDF and JPEG have them */
		{ 0, 2000, 98000, STORED },
		{ 0, 2000, 7000, STORED },
		/* a picture in front of words */
		{ 2000, 98000, 0, DEFLATED },
		{ 2000, 7000, 0, DEFLATED },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) file = make_file(
		    cases[i].noise, cases[i].words, cases[i].again);
		if (method_of(file) != cases[i].method)
			fail_msg("case %u", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_method_follows_the_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
