/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base64 in rows: by vectors, plainly and by GLib it is the same, for every
 * length and with every character at every place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base64.h"
#include "postledger/intake.h"
#include "sextets.h"

#define MOST 120 /* bytes: several vectors and what is left of one */
#define GUARD 0x5a

/* All values of six bits at all places, in no order. */
static void
fill(guint8 *bytes, gsize length, guint32 seed)
{
	for (gsize i = 0; i < length; i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = (guint8)(seed >> 24);
	}
}

static void
every_length_is_encoded_as_glib_does(void **state)
{
	guint8 bytes[MOST];
	char out[MOST / 3 * 4 + 1], plain[MOST / 3 * 4 + 1];

	(void)state;
	for (guint32 seed = 0; seed < 200; seed++)
		for (gsize n = 0; n <= MOST; n += 3) {
			g_autofree char *expected = NULL;

			fill(bytes, MOST, seed);
			expected = g_base64_encode(bytes, n);
			memset(out, GUARD, sizeof out);
			memset(plain, GUARD, sizeof plain);
			pl_base64_encode(bytes, n, out);
			pl_sextets_split_plain(bytes, n, plain);
			assert_memory_equal(out, expected, n / 3 * 4);
			assert_memory_equal(out, plain, sizeof out);
			assert_int_equal(out[n / 3 * 4], GUARD);
		}
}

/* Characters of a block that ends at the end of its memory, where a sanitizer
 * sees who reads on. */
static void
check_join(const char *text, gsize length, gsize expected)
{
	g_autofree guint8 *in = g_memdup2(text, length + (length == 0));
	guint8 out[MOST + 1], plain[MOST + 1];

	memset(out, GUARD, sizeof out);
	memset(plain, GUARD, sizeof plain);
	assert_int_equal(pl_sextets_join(in, length, out), expected);
	assert_int_equal(pl_sextets_join_plain(in, length, plain), expected);
	assert_memory_equal(out, plain, sizeof out);
	assert_int_equal(out[expected / 4 * 3], GUARD);
}

static void
every_length_is_decoded_to_what_it_was(void **state)
{
	guint8 bytes[MOST], out[MOST];

	(void)state;
	for (guint32 seed = 0; seed < 200; seed++) {
		char text[MOST / 3 * 4];

		fill(bytes, MOST, seed);
		pl_base64_encode(bytes, MOST, text);
		for (gsize n = 0; n <= sizeof text; n++) {
			check_join(text, n, n / 4 * 4);
			assert_int_equal(
			    pl_sextets_join((const guint8 *)text, n, out),
			    n / 4 * 4);
			assert_memory_equal(out, bytes, n / 4 * 3);
		}
	}
}

static void
any_foreign_character_ends_a_row_where_it_stands(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[80];

	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		const gboolean foreign =
		    c == 0 || strchr(alphabet, (int)c) == NULL;

		assert_int_equal(
		    pl_sextets_value((guint8)c) == PL_SEXTET_NONE, foreign);
		for (gsize at = 0; at < sizeof text; at++) {
			memset(text, 'Q', sizeof text);
			text[at] = (char)c;
			check_join(text, sizeof text,
			    foreign ? at / 4 * 4 : sizeof text);
		}
	}
}

static void
lines_are_decoded_in_pieces_of_any_size(void **state)
{
	guint8 bytes[1000];
	g_autoptr(GString) text = g_string_new(NULL);

	(void)state;
	fill(bytes, sizeof bytes, 1);
	for (gsize at = 0; at < sizeof bytes; at += 57) {
		g_autofree char *line =
		    g_base64_encode(bytes + at, MIN(57, sizeof bytes - at));

		g_string_append_printf(text, "%s\r\n", line);
	}
	for (gsize piece = 1; piece <= text->len; piece++) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		struct pl_base64 s;

		pl_base64_init(&s);
		for (gsize at = 0; at < text->len; at += piece)
			pl_base64_step(&s, (guint8 *)text->str + at,
			    MIN(piece, text->len - at), out);
		pl_base64_end(&s, out);
		assert_int_equal(out->len, sizeof bytes);
		assert_memory_equal(out->data, bytes, sizeof bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_is_encoded_as_glib_does),
		cmocka_unit_test(every_length_is_decoded_to_what_it_was),
		cmocka_unit_test(
		    any_foreign_character_ends_a_row_where_it_stands),
		cmocka_unit_test(lines_are_decoded_in_pieces_of_any_size),
	};

	return cmocka_run_group_tests_name("intake_base64", tests, NULL, NULL);
}
