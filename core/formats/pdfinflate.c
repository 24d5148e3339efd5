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

/* What comes out of a stream: so many bytes, tokens and names of files. */
struct outcome {
	gsize total;
	guint tokens, files;
	gboolean whole; /* its end and its checksum were there */
};

/* Keeps what comes out in OUT unless that is NULL, up to a step over LIMIT;
 * else counts what is in it. */
static void
inflate_into(z_stream *zlib, const guint8 *input, gsize length, gsize limit,
    GByteArray *out, struct outcome *outcome)
{
	guint8 buffer[OVERLAP + STEP], *step = buffer + OVERLAP;
	gsize got;
	int result;

	*outcome = (struct outcome){ 0 };
	if (inflateReset(zlib) != Z_OK)
		return;
	memset(buffer, ' ', OVERLAP);
	zlib->next_in = (Bytef *)(gsize)input;
	zlib->avail_in = (uInt)MIN(length, G_MAXUINT32);
	do {
		zlib->next_out = step;
		zlib->avail_out = STEP;
		result = inflate(zlib, Z_NO_FLUSH);
		got = STEP - zlib->avail_out;
		outcome->total += got;
		if (out != NULL) {
			g_byte_array_append(out, step, (guint)got);
			continue;
		}
		outcome->tokens += pl_pdf_tokens(step, got);
		outcome->files += pl_pdf_files(buffer, OVERLAP + got);
		memmove(buffer, buffer + got, OVERLAP);
	} while (result == Z_OK && got > 0 && outcome->total <= limit);
	outcome->whole = result == Z_STREAM_END;
}

gsize
pl_pdf_inflated_length(gpointer zlib, const guint8 *input, gsize length,
    gsize limit, guint *tokens, guint *files)
{
	struct outcome outcome;

	inflate_into(zlib, input, length, limit, NULL, &outcome);
	*tokens = outcome.tokens;
	*files = outcome.files;
	return outcome.total;
}

static GBytes *
inflate_all(const guint8 *input, gsize length, gsize limit,
    gboolean only_whole, gboolean *beyond)
{
	z_stream zlib = { 0 };
	struct outcome outcome;
	GByteArray *out;

	*beyond = FALSE;
	if (inflateInit(&zlib) != Z_OK)
		return NULL;
	out = g_byte_array_new();
	inflate_into(&zlib, input, length, limit, out, &outcome);
	inflateEnd(&zlib);
	*beyond = outcome.total > limit;
	if (outcome.total > 0 && !*beyond &&
	    (outcome.whole || !only_whole))
		return g_byte_array_free_to_bytes(out);
	g_byte_array_unref(out);
	return NULL;
}

GBytes *
pl_pdf_inflate(
    const guint8 *input, gsize length, gsize limit, gboolean *beyond)
{
	return inflate_all(input, length, limit, FALSE, beyond);
}

GBytes *
pl_pdf_inflate_whole(const guint8 *input, gsize length, gsize limit)
{
	gboolean beyond;

	return inflate_all(input, length, limit, TRUE, &beyond);
}
