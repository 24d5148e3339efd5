/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdfinflate - deflated streams of PDF files, unpacked within bounds
 */
#include "pdf.h"

#include <zlib.h>

#define STEP 65536

/* Keeps what comes out in OUT unless that is NULL, up to a step over LIMIT. */
static gsize
inflate_into(z_stream *zlib, const guint8 *input, gsize length, gsize limit,
    GByteArray *out)
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
	} while (result == Z_OK && got > 0 && total <= limit);
	return total;
}

gsize
pl_pdf_inflated_length(gpointer zlib, const guint8 *input, gsize length,
    gsize limit)
{
	return inflate_into(zlib, input, length, limit, NULL);
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
	total = inflate_into(&zlib, input, length, limit, out);
	inflateEnd(&zlib);
	if (total > 0 && total <= limit)
		return g_byte_array_free_to_bytes(out);
	g_byte_array_unref(out);
	return NULL;
}
