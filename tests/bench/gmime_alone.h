/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gmime_alone - the yardstick: a message parsed, and each of its parts decoded
 *
 * From memory to a stream that counts and keeps nothing: the least that any
 * program with GMime does.
 */
#ifndef POSTLEDGER_BENCH_GMIME_ALONE_H
#define POSTLEDGER_BENCH_GMIME_ALONE_H

#include <gmime/gmime.h>

static inline void
gmime_decode(GMimeObject *parent, GMimeObject *object, gpointer user)
{
	(void)parent;
	(void)user;
	if (!GMIME_IS_PART(object))
		return;
	GMimeDataWrapper *content =
	    g_mime_part_get_content((GMimePart *)object);
	if (content == NULL)
		return;
	GMimeStream *null = g_mime_stream_null_new();
	g_mime_data_wrapper_write_to_stream(content, null);
	g_object_unref(null);
}

static inline void
gmime_alone(GBytes *bytes)
{
	gsize n;
	const char *data = g_bytes_get_data(bytes, &n);
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, n);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	if (message != NULL) {
		g_mime_message_foreach(message, gmime_decode, NULL);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
}

#endif
