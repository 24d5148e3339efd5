/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdfinflate - deflated streams of PDF files, unpacked within bounds
 */
#include "pdf.h"

#include <string.h>

#include <zlib.h>

#define STEP 65536
#define OVERLAP 6 /* of the texts that names are looked for in: "/#45#46" */

guint
pl_pdf_tokens(const guint8 *text, gsize length)
{
	static const guint8 class[256] = { [0] = 1,
		[' '] = 1,
		['\t'] = 1,
		['\r'] = 1,
		['\n'] = 1,
		['\f'] = 1,
		['>'] = 1,
		[']'] = 1,
		[')'] = 1,
		['['] = 2,
		['<'] = 2,
		['('] = 2,
		['/'] = 2 };
	guint tokens = 0;
	guint8 before = 1;

	for (gsize i = 0; i < length; i++) {
		guint8 now = class[text[i]];

		tokens += now == 2 || (now == 0 && before == 1);
		before = now;
	}
	return tokens;
}

/* The letter of a name at *AT, which moves behind it; '\0': there is none. */
static char
letter(const guint8 **at, const guint8 *end)
{
	const guint8 *c = *at;

	if (c == end)
		return '\0';
	if (*c != '#' || end - c < 3 || !g_ascii_isxdigit((char)c[1])) {
		*at = c + 1;
		return (char)*c;
	}
	*at = c + 3;
	return (char)(g_ascii_xdigit_value((char)c[1]) << 4 |
		      (g_ascii_xdigit_value((char)c[2]) & 15));
}

guint
pl_pdf_files(const guint8 *text, gsize length)
{
	const guint8 *at = text, *end = text + length;
	guint files = 0;

	while ((at = memchr(at, '/', (gsize)(end - at))) != NULL) {
		const guint8 *name = ++at;

		files += letter(&name, end) == 'E' && letter(&name, end) == 'F';
	}
	return files;
}

/* Keeps what comes out in OUT unless that is NULL, up to a step over LIMIT;
 * counts its tokens and files unless TOKENS is NULL. */
static gsize
inflate_into(z_stream *zlib, const guint8 *input, gsize length, gsize limit,
    GByteArray *out, guint *tokens, guint *files)
{
	guint8 buffer[OVERLAP + STEP], *step = buffer + OVERLAP;
	gsize total = 0, got;
	int result;

	if (inflateReset(zlib) != Z_OK)
		return 0;
	memset(buffer, ' ', OVERLAP);
	zlib->next_in = (Bytef *)(gsize)input;
	zlib->avail_in = (uInt)MIN(length, G_MAXUINT32);
	do {
		zlib->next_out = step;
		zlib->avail_out = STEP;
		result = inflate(zlib, Z_NO_FLUSH);
		got = STEP - zlib->avail_out;
		total += got;
		if (out != NULL)
			g_byte_array_append(out, step, (guint)got);
		if (tokens == NULL)
			continue;
		*tokens += pl_pdf_tokens(step, got);
		*files += pl_pdf_files(buffer, OVERLAP + got);
		memmove(buffer, buffer + got, OVERLAP);
	} while (result == Z_OK && got > 0 && total <= limit);
	return total;
}

gsize
pl_pdf_inflated_length(gpointer zlib, const guint8 *input, gsize length,
    gsize limit, guint *tokens, guint *files)
{
	*tokens = *files = 0;
	return inflate_into(zlib, input, length, limit, NULL, tokens, files);
}

GBytes *
pl_pdf_inflate(const guint8 *input, gsize length, gsize limit)
{
	z_stream zlib = { 0 };
	GByteArray *out;
	gsize total;

	if (inflateInit(&zlib) != Z_OK)
		return NULL;
	out = g_byte_array_new();
	total = inflate_into(&zlib, input, length, limit, out, NULL, NULL);
	inflateEnd(&zlib);
	if (total > 0 && total <= limit)
		return g_byte_array_free_to_bytes(out);
	g_byte_array_unref(out);
	return NULL;
}
