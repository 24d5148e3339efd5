/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mime - one MIME part: what it says of itself, and its content
 *
 * The transfer encoding is read as mail programs read it: "base64;",
 * "quoted printable" and the like are understood, and what is unknown is taken
 * as it stands. A file that is base64 without saying so, or says so and is
 * not, is seen by its first bytes.
 */
#include "mime.h"
#include "base64.h"

#include <string.h>

static const char *
raw_header(GMimeObject *object, const char *name)
{
	GMimeHeader *header = g_mime_header_list_get_header(
	    g_mime_object_get_header_list(object), name);

	return header != NULL ? g_mime_header_get_raw_value(header) : NULL;
}

static char *
declared_name(const char *disposition, const char *type)
{
	g_autofree char *name = NULL;
	char *clean = NULL;

	if (disposition != NULL)
		name = pl_name_parameter(disposition, "filename");
	if (name == NULL && disposition != NULL)
		name = pl_name_parameter(disposition, "name");
	clean = pl_name_clean(name);
	if (clean != NULL || type == NULL)
		return clean;
	g_free(name);
	name = pl_name_parameter(type, "name");
	if (name == NULL)
		name = pl_name_parameter(type, "filename");
	return pl_name_clean(name);
}

/* "type/subtype" of the field, without parameters. */
static char *
media_type(GMimeObject *object, const char *field)
{
	static const char *const unset[] = { "text/plain",
		"application/octet-stream", NULL };
	GMimeContentType *type = g_mime_object_get_content_type(object);
	g_autofree char *mime = g_mime_content_type_get_mime_type(type);
	g_autofree char *lower = g_ascii_strdown(mime, -1);

	if (field != NULL && g_strv_contains(unset, lower)) {
		/* GMime's fallback for what it cannot parse: look again */
		const char *p = field + strspn(field, " \t\r\n");
		gsize n = strcspn(p, "; \t\r\n");
		g_autofree char *word = g_ascii_strdown(p, (gssize)n);
		const char *slash = strchr(word, '/');
		if (slash != NULL && slash > word && slash[1] != '\0' &&
		    g_str_is_ascii(word))
			return g_steal_pointer(&word);
	}
	return pl_name_utf8(lower, -1);
}

static char *
content_id(GMimeObject *object)
{
	const char *raw = raw_header(object, "Content-Id");

	if (raw == NULL)
		return NULL;
	g_autofree char *text = g_strstrip(pl_name_utf8(raw, -1));
	gsize n = strlen(text);
	if (n > 2 && text[0] == '<' && text[n - 1] == '>')
		return g_strndup(text + 1, n - 2);
	return n > 0 ? g_steal_pointer(&text) : NULL;
}

void
pl_mime_describe(
    GMimeObject *object, struct pl_mime_names *names, struct pl_seen *seen)
{
	const char *disposition = raw_header(object, "Content-Disposition");
	const char *type = raw_header(object, "Content-Type");

	names->name = declared_name(disposition, type);
	names->media_type = media_type(object, type);
	names->cid = content_id(object);
	seen->name = names->name;
	seen->media_type = names->media_type;
	seen->cid = names->cid;
	if (disposition == NULL)
		return;
	disposition += strspn(disposition, " \t\r\n\"");
	seen->attached =
	    g_ascii_strncasecmp(disposition, "attachment", 10) == 0;
}

void
pl_mime_names_clear(struct pl_mime_names *names)
{
	g_free(names->name);
	g_free(names->media_type);
	g_free(names->cid);
}

/* ---- content ----------------------------------------------------------- */

static GMimeContentEncoding
read_encoding(GMimePart *part)
{
	const char *raw =
	    raw_header((GMimeObject *)part, "Content-Transfer-Encoding");

	if (raw == NULL)
		return GMIME_CONTENT_ENCODING_DEFAULT;
	g_autofree char *word = g_ascii_strdown(raw, -1);
	g_strdelimit(word, "\r\n\t;\"'-_,", ' ');
	g_strstrip(word);
	if (g_str_has_prefix(word, "base64") ||
	    g_str_has_prefix(word, "base 64"))
		return GMIME_CONTENT_ENCODING_BASE64;
	if (g_str_has_prefix(word, "quoted"))
		return GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
	if (g_str_has_prefix(word, "x uu") || g_str_has_prefix(word, "uu"))
		return GMIME_CONTENT_ENCODING_UUENCODE;
	return GMIME_CONTENT_ENCODING_DEFAULT;
}

/* The line end in front of a boundary belongs to the boundary. GMime takes it
 * to be as long as the one behind the boundary, which may be another or none. */
static GMimeStream *
up_to_boundary(GMimeStream *stream)
{
	const gint64 end = stream->bound_end;
	const gint64 from = MAX(stream->bound_start, end - 2);
	char near[6] = "";

	if (end < 0)
		return g_object_ref(stream);
	g_autoptr(GMimeStream) around =
	    g_mime_stream_substream(stream, from, -1);
	const gssize have = g_mime_stream_read(around, near, sizeof near);
	for (gssize i = MIN(end - from + 2, have - 2); i > 0; i--) {
		if (near[i - 1] != '\n' || near[i] != '-' || near[i + 1] != '-')
			continue;
		i -= i > 1 && near[i - 2] == '\r' ? 2 : 1;
		return g_mime_stream_substream(
		    stream, stream->bound_start, from + i);
	}
	return g_object_ref(stream);
}

/* The bytes of STREAM as they stand. */
static GByteArray *
copy(GMimeStream *stream)
{
	GByteArray *out = g_byte_array_new();
	gssize n = 1;

	g_mime_stream_reset(stream);
	for (guint have = 0; n > 0 && have < G_MAXINT32; have += (guint)n) {
		const gint64 left = g_mime_stream_length(stream) - have;
		const guint most = (guint)CLAMP(left, 64, 1 << 20);

		g_byte_array_set_size(out, have + most);
		n = g_mime_stream_read(stream, (char *)out->data + have, most);
		n = MAX(n, 0);
		g_byte_array_set_size(out, have + (guint)n);
	}
	return out;
}

/* Blanks between the '=' that goes on and the end of its line were put there by
 * a carrier (RFC 2045, 6.7). */
static void
drop_carriers_blanks(GByteArray *text)
{
	guint to = 0;

	for (guint i = 0; i < text->len; i++) {
		guint end = i + 1;

		text->data[to++] = text->data[i];
		if (text->data[i] != '=')
			continue;
		while (end < text->len &&
		       (text->data[end] == ' ' || text->data[end] == '\t'))
			end++;
		if (end < text->len &&
		    (text->data[end] == '\r' || text->data[end] == '\n'))
			i = end - 1;
	}
	g_byte_array_set_size(text, to);
}

/* Quoted-printable, by GMime. */
static GByteArray *
decode_quoted(GMimeStream *stream)
{
	g_autoptr(GByteArray) text = copy(stream);
	GByteArray *out = g_byte_array_new();
	GMimeEncoding state;

	drop_carriers_blanks(text);
	g_mime_encoding_init_decode(
	    &state, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_byte_array_set_size(
	    out, (guint)g_mime_encoding_outlen(&state, text->len) + 64);
	const gsize got = g_mime_encoding_flush(
	    &state, (char *)text->data, text->len, (char *)out->data);
	g_byte_array_set_size(out, (guint)got);
	return out;
}

/* The bytes of STREAM, decoded. */
static GByteArray *
decode(GMimeStream *stream, GMimeContentEncoding encoding)
{
	char in[16384];
	struct pl_base64 state;
	gssize n;

	if (encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE)
		return decode_quoted(stream);
	if (encoding != GMIME_CONTENT_ENCODING_BASE64)
		return copy(stream);
	const gint64 length = g_mime_stream_length(stream);
	GByteArray *out =
	    g_byte_array_sized_new((guint)CLAMP(length, 0, G_MAXINT32) + 64);
	pl_base64_init(&state);
	g_mime_stream_reset(stream);
	while (out->len < G_MAXINT32 &&
	       (n = g_mime_stream_read(stream, in, sizeof in)) > 0)
		pl_base64_step(&state, (guint8 *)in, (gsize)n, out);
	pl_base64_end(&state, out);
	return out;
}

/* It says base64, but is a file as it stands: '%' and '-' are not base64. */
static gboolean
is_plain(GMimeStream *stream)
{
	char first[8] = "";

	g_mime_stream_reset(stream);
	return g_mime_stream_read(stream, first, sizeof first) > 5 &&
	       memcmp(first, "%PDF-", 5) == 0;
}

/* It does not say so, but is a file in base64. */
static gboolean
is_base64(const GByteArray *bytes)
{
	static const char *const begin[] = { "JVBERi0", "UEsDB", "iVBORw0K",
		"PD94bWwg" };
	gboolean begins = FALSE;

	for (unsigned i = 0; i < G_N_ELEMENTS(begin); i++) {
		const gsize n = strlen(begin[i]);
		begins = begins || (bytes->len > n &&
				       memcmp(bytes->data, begin[i], n) == 0);
	}
	for (guint i = 0; begins && i < bytes->len; i++)
		begins = g_ascii_isalnum(bytes->data[i]) ||
			 (bytes->data[i] != '\0' &&
			     strchr("+/=\r\n \t", bytes->data[i]) != NULL);
	return begins;
}

/* Base64 in quoted-printable: one that knows of neither put the other around
 * it. */
static GByteArray *
decode_again(const GByteArray *text)
{
	GByteArray *out = g_byte_array_new();
	struct pl_base64 state;

	pl_base64_init(&state);
	pl_base64_step(&state, text->data, text->len, out);
	pl_base64_end(&state, out);
	return out;
}

static GByteArray *
decode_base64(GMimeStream *stream, struct pl_seen *seen)
{
	seen->spot = (guint64)stream->bound_start;
	seen->spot_length = (guint64)g_mime_stream_length(stream);
	return decode(stream, GMIME_CONTENT_ENCODING_BASE64);
}

GByteArray *
pl_mime_decode(GMimePart *part, struct pl_seen *seen)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeContentEncoding encoding = read_encoding(part);

	if (content == NULL)
		return g_byte_array_new();
	g_autoptr(GMimeStream) stream =
	    up_to_boundary(g_mime_data_wrapper_get_stream(content));
	if (encoding == GMIME_CONTENT_ENCODING_BASE64 && is_plain(stream))
		encoding = GMIME_CONTENT_ENCODING_DEFAULT;
	if (encoding == GMIME_CONTENT_ENCODING_BASE64)
		return decode_base64(stream, seen);
	g_autoptr(GByteArray) bytes =
	    decode(stream, encoding == GMIME_CONTENT_ENCODING_UUENCODE
			       ? GMIME_CONTENT_ENCODING_DEFAULT
			       : encoding);
	if (encoding == GMIME_CONTENT_ENCODING_UUENCODE) {
		g_autoptr(GByteArray) file =
		    pl_encoded_uu(bytes->data, bytes->len);
		if (file->len > 0)
			return g_steal_pointer(&file);
	}
	if ((seen->name == NULL && !seen->attached) || !is_base64(bytes))
		return g_steal_pointer(&bytes);
	if (encoding == GMIME_CONTENT_ENCODING_DEFAULT)
		return decode_base64(stream, seen);
	return decode_again(bytes);
}

/* ---- the header -------------------------------------------------------- */

char *
pl_mime_field(GMimeObject *object, const char *name, gsize most)
{
	GMimeHeader *header = g_mime_header_list_get_header(
	    g_mime_object_get_header_list(object), name);
	const char *raw =
	    header != NULL ? g_mime_header_get_raw_value(header) : NULL;

	if (raw == NULL)
		return NULL;
	g_autofree char *utf8 = pl_name_utf8(raw, (gssize)strnlen(raw, most));
	g_autofree char *text = g_mime_utils_header_decode_text(NULL, utf8);
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_strdelimit(valid, "\r\n\t", ' ');
	return g_strdup(g_strstrip(valid));
}
