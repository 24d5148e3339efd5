/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdfinflate - compressed streams of PDF files, within bounds
 *
 * qpdf unpacks object and cross-reference streams by itself, into memory and
 * without a limit; a file of 100 kB can make it take gigabytes. So these
 * streams are unpacked here beforehand, to nowhere, and their sum is held
 * against a limit. Whether a stream is one of them is read from the text
 * before it, without understanding PDF, and in doubt it is taken for one.
 */
#include "pdf.h"

#include <string.h>

#include <zlib.h>

#define STRUCTURE_MAX (64u << 20) /* unpacked object and xref streams */
#define DICTIONARY_MAX 2048       /* looked at before a stream */
#define STEP 65536

/* Counts what a zlib stream gives, up to LIMIT, and keeps it in OUT unless
 * that is NULL. -1: not zlib data at all. */
static gssize
inflate_into(z_stream *zlib, const guint8 *input, gsize length, gsize limit,
    GByteArray *out)
{
	guint8 step[STEP];
	gsize total = 0;
	int result = Z_OK;

	if (inflateReset(zlib) != Z_OK)
		return -1;
	zlib->next_in = (Bytef *)(gsize)input;
	zlib->avail_in = (uInt)MIN(length, G_MAXUINT32);
	while (result == Z_OK && total <= limit) {
		zlib->next_out = step;
		zlib->avail_out = STEP;
		result = inflate(zlib, Z_NO_FLUSH);

		gsize got = STEP - zlib->avail_out;

		total += got;
		if (out != NULL)
			g_byte_array_append(out, step, (guint)got);
		if (got == 0)
			break;
	}
	return total == 0 && result < 0 ? -1 : (gssize)total;
}

GBytes *
pl_pdf_inflate(const guint8 *input, gsize length, gsize limit)
{
	z_stream zlib = { 0 };

	if (inflateInit(&zlib) != Z_OK)
		return NULL;

	GByteArray *out = g_byte_array_new();
	gssize total = inflate_into(&zlib, input, length, limit, out);

	inflateEnd(&zlib);
	if (total >= 0 && (gsize)total <= limit)
		return g_byte_array_free_to_bytes(out);
	g_byte_array_unref(out);
	return NULL;
}

/* The text between the last "obj" and the keyword at BYTES[AT], at most back
 * to FROM. */
static char *
dictionary_before(const guint8 *bytes, gsize from, gsize at)
{
	gsize start = at - from > DICTIONARY_MAX ? at - DICTIONARY_MAX : from;

	for (gsize i = at; i >= start + 3; i--)
		if (memcmp(bytes + i - 3, "obj", 3) == 0) {
			start = i;
			break;
		}

	char *text = g_malloc(at - start + 1);

	/* A NUL is white space to PDF. */
	for (gsize i = 0; i < at - start; i++)
		text[i] = bytes[start + i] != '\0' ? (char)bytes[start + i]
						   : ' ';
	text[at - start] = '\0';
	return text;
}

static gboolean
is_structure(const char *dictionary)
{
	return strstr(dictionary, "ObjStm") != NULL ||
	    strstr(dictionary, "XRef") != NULL ||
	    strchr(dictionary, '#') != NULL;
}

/* More than one filter multiplies, and a reference hides how many. */
static gboolean
is_layered(const char *dictionary)
{
	const char *filter = strstr(dictionary, "/Filter");
	guint filters = 0;

	if (filter == NULL)
		return FALSE;
	filter += strlen("/Filter");
	filter += strspn(filter, " \t\r\n\f[");
	if (g_ascii_isdigit(*filter))
		return TRUE;
	for (const char *c = filter; (c = strstr(c, "Decode")) != NULL; c++)
		if (!g_str_has_prefix(c, "DecodeParms"))
			filters++;
	return filters > 1;
}

const char *
pl_pdf_refuse(const guint8 *bytes, gsize length)
{
	static const char keyword[] = "stream";
	const gsize keyword_length = sizeof keyword - 1;
	const char *reason = NULL;
	gsize total = 0, from = 0;
	z_stream zlib = { 0 };
	const guint8 *found;

	if (inflateInit(&zlib) != Z_OK)
		return NULL;
	while (reason == NULL && (found = memmem(bytes + from, length - from,
	    keyword, keyword_length)) != NULL) {
		gsize at = (gsize)(found - bytes);
		g_autofree char *dictionary =
		    dictionary_before(bytes, from, at);

		from = at + keyword_length;
		if (!is_structure(dictionary))
			continue;
		if (is_layered(dictionary))
			reason = "object streams packed more than once";

		gsize data = from;

		while (data < length && data < from + 2 &&
		    (bytes[data] == '\r' || bytes[data] == '\n'))
			data++;

		gssize size = inflate_into(&zlib, bytes + data, length - data,
		    STRUCTURE_MAX, NULL);

		total += size > 0 ? (gsize)size : 0;
		if (total > STRUCTURE_MAX)
			reason = "object streams that unpack to too much";
	}
	inflateEnd(&zlib);
	return reason;
}
