/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdfascii - streams of PDF files written as text
 */
#include "pdf.h"

GBytes *
pl_pdf_from_hex(const guint8 *text, gsize length)
{
	GByteArray *out = g_byte_array_sized_new((guint)(length / 2 + 1));
	gint high = -1;

	for (gsize i = 0; i < length && text[i] != '>'; i++) {
		gint digit = g_ascii_xdigit_value((gchar)text[i]);
		guint8 byte;

		if (digit < 0 && !g_ascii_isspace(text[i]) && text[i] != '\0')
			break;
		if (digit < 0)
			continue;
		if (high < 0) {
			high = digit;
			continue;
		}
		byte = (guint8)(high * 16 + digit);
		g_byte_array_append(out, &byte, 1);
		high = -1;
	}
	if (high >= 0) {
		guint8 last = (guint8)(high * 16);

		g_byte_array_append(out, &last, 1);
	}
	return g_byte_array_free_to_bytes(out);
}

/* COUNT digits of a group of five; those that are missing count as the
 * highest. */
static void
group_end(GByteArray *out, guint64 value, guint count)
{
	guint8 bytes[4];

	for (guint i = count; i < 5; i++)
		value = value * 85 + 84;
	for (guint i = 0; i < 4; i++)
		bytes[i] = (guint8)(value >> (24 - 8 * i));
	g_byte_array_append(out, bytes, count - 1);
}

GBytes *
pl_pdf_from_base85(const guint8 *text, gsize length, gsize limit)
{
	GByteArray *out = g_byte_array_new();
	guint64 value = 0;
	guint count = 0;
	gsize i = length >= 2 && text[0] == '<' && text[1] == '~' ? 2 : 0;

	for (; i < length && out->len <= limit; i++) {
		if (g_ascii_isspace(text[i]) || text[i] == '\0')
			continue;
		if (text[i] == 'z' && count == 0) {
			group_end(out, 0, 5);
			continue;
		}
		if (text[i] < '!' || text[i] > 'u')
			break;
		value = value * 85 + (text[i] - '!');
		if (++count == 5) {
			group_end(out, value, 5);
			value = count = 0;
		}
	}
	if (count > 1)
		group_end(out, value, count);
	if (out->len <= limit)
		return g_byte_array_free_to_bytes(out);
	g_byte_array_unref(out);
	return NULL;
}
