/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unseparated - a part whose header is not ended by an empty line
 *
 * Its first line that is no field is content, as other mail programs have it.
 * GMime takes all lines up to the next empty one for the header and drops those
 * that are no fields: with them goes the file, or the first part of a
 * multipart. Offsets are those of the stream that was parsed.
 *
 * Cost: a line is looked at for one part only, since the boundaries that end a
 * header for GMime end the search here, too.
 */
#include "mime.h"

#include <string.h>

#define LINE_MOST 1024 /* of a line, what is looked at */

/* A line of a stream, or the next piece of a long one. */
struct line {
	GMimeStream *buffer;
	gint64 at;
	gssize length;
	gboolean inner; /* not the beginning of a line */
	char text[LINE_MOST];
};

static void
line_open(struct line *line, GMimeStream *stream, gint64 from)
{
	g_autoptr(GMimeStream) rest = g_mime_stream_substream(stream, from, -1);

	*line = (struct line){
		.buffer = g_mime_stream_buffer_new(
		    rest, GMIME_STREAM_BUFFER_BLOCK_READ),
		.at = from,
	};
}

static gboolean
line_next(struct line *line)
{
	line->inner = line->length > 0 && line->text[line->length - 1] != '\n';
	line->at += line->length;
	line->length = g_mime_stream_buffer_gets(
	    line->buffer, line->text, sizeof line->text);
	return line->length > 0;
}

static gboolean
is_empty(const struct line *line)
{
	return line->text[0] == '\n' ||
	       (line->text[0] == '\r' && line->text[1] == '\n');
}

gboolean
pl_mime_is_field(const char *text, gsize length)
{
	gsize n = 0;

	while (n < length && g_ascii_isgraph(text[n]) && text[n] != ':')
		n++;
	const gboolean named = n > 0;
	while (n < length && (text[n] == ' ' || text[n] == '\t'))
		n++;
	return named && n < length && text[n] == ':';
}

/* A field, or what continues one. */
static gboolean
is_field(const struct line *line)
{
	return line->inner || line->text[0] == ' ' || line->text[0] == '\t' ||
	       pl_mime_is_field(line->text, (gsize)line->length);
}

static gboolean
is_boundary(const struct line *line, const struct pl_open *open)
{
	if (line->inner || strncmp(line->text, "--", 2) != 0)
		return FALSE;
	for (; open != NULL; open = open->outer)
		if (g_str_has_prefix(line->text + 2, open->boundary))
			return TRUE;
	return FALSE;
}

gint64
pl_unseparated_begin(GMimeObject *object, GMimeStream *stream)
{
	GMimeHeaderList *fields = g_mime_object_get_header_list(object);
	GMimeHeader *first = g_mime_header_list_get_count(fields) > 0
				 ? g_mime_header_list_get_header_at(fields, 0)
				 : NULL;
	const gint64 from =
	    first != NULL ? g_mime_header_get_offset(first) : -1;
	struct line line;
	gint64 at = -1;

	if (from < 0)
		return -1;
	line_open(&line, stream, from);
	while (line_next(&line) && (line.inner || !is_empty(&line)))
		if (!is_field(&line)) {
			at = line.at;
			break;
		}
	g_object_unref(line.buffer);
	return at;
}

void
pl_unseparated_content(
    GMimePart *part, GMimeStream *stream, const struct pl_open *open)
{
	GMimeDataWrapper *had = g_mime_part_get_content(part);
	struct line line;

	if (had != NULL &&
	    g_mime_stream_length(g_mime_data_wrapper_get_stream(had)) > 0)
		return;
	const gint64 from = pl_unseparated_begin((GMimeObject *)part, stream);
	if (from < 0)
		return;
	line_open(&line, stream, from);
	while (line_next(&line) && !is_boundary(&line, open))
		continue;
	g_object_unref(line.buffer);
	if (line.at == from)
		return;
	g_autoptr(GMimeStream) content =
	    g_mime_stream_substream(stream, from, line.at);
	GMimeDataWrapper *wrapper = g_mime_data_wrapper_new_with_stream(
	    content, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(part, wrapper);
	g_object_unref(wrapper);
}
