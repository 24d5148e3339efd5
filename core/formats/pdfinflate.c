/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdfinflate - deflated streams of PDF files, unpacked within bounds
 */
#include "pdf.h"

#include <zlib.h>

#define STEP 65536

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

/* Keeps what comes out in OUT unless that is NULL, up to a step over LIMIT;
 * counts its tokens unless TOKENS is NULL. */
static gsize
inflate_into(z_stream *zlib, const guint8 *input, gsize length, gsize limit,
    GByteArray *out, guint *tokens)
{
	guint8 step[STEP];
	gsize total = 0, got;
	int result;

	if (inflateReset(zlib) != Z_OK)
		return 0;
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
		if (tokens != NULL)
			*tokens += pl_pdf_tokens(step, got);
	} while (result == Z_OK && got > 0 && total <= limit);
	return total;
}

gsize
pl_pdf_inflated_length(gpointer zlib, const guint8 *input, gsize length,
    gsize limit, guint *tokens)
{
	*tokens = 0;
	return inflate_into(zlib, input, length, limit, NULL, tokens);
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
	total = inflate_into(&zlib, input, length, limit, out, NULL);
	inflateEnd(&zlib);
	if (total > 0 && total <= limit)
		return g_byte_array_free_to_bytes(out);
	g_byte_array_unref(out);
	return NULL;
}
