/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * walk - every file of a message, in its order, once
 *
 * Leaf parts are decoded one at a time into memory and told to the visitor;
 * what is packed is opened right after and walked the same way. Forwarded
 * messages and packed files each are a scope of their own: files belong
 * together within one first.
 *
 * Limits: too many parts end the walk, what was found before stays found; a
 * container that unpacks to too much or lies too deep is left, and the walk
 * goes on behind it. In all cases `limit` says so.
 */
#include "room.h"
#include "mime.h"

#include <string.h>

#define BOUNDARY_MOST 200 /* characters, of a boundary that is guessed */

void
pl_walk_limit(struct pl_walk *walk, const char *format, ...)
{
	va_list args;

	if (walk->limit != NULL)
		return;
	va_start(args, format);
	walk->limit = g_strdup_vprintf(format, args);
	va_end(args);
}

gboolean
pl_walk_part(struct pl_walk *walk)
{
	if (walk->stop)
		return FALSE;
	if (walk->parts++ < walk->limits->parts)
		return TRUE;
	pl_walk_limit(walk,
	    "it has more than %u parts; what comes after them was not read",
	    walk->limits->parts);
	walk->stop = TRUE;
	return FALSE;
}

gboolean
pl_walk_unpacked(
    struct pl_walk *walk, gsize length, guint64 total, guint64 packed)
{
	const guint64 harmless = 1024 * 1024;

	walk->unpacked += length;
	total += length;
	if (walk->unpacked > walk->limits->unpacked)
		pl_walk_limit(walk,
		    "what is packed in it has more than %" G_GUINT64_FORMAT
		    " MB; the rest was not unpacked",
		    walk->limits->unpacked >> 20);
	else if (total > harmless && total / walk->limits->ratio > packed)
		pl_walk_limit(walk,
		    "what is packed in it is more than %u times as large "
		    "unpacked; the rest was not unpacked",
		    walk->limits->ratio);
	else
		return TRUE;
	walk->full = TRUE;
	return FALSE;
}

void
pl_walk_problem(struct pl_walk *walk, const char *code, const char *filename,
    const char *format, ...)
{
	va_list args;

	if (walk->problem == NULL)
		return;
	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	walk->problem(walk, code, filename, text);
}

static void
open_message(struct pl_walk *walk, const guint8 *bytes, gsize length)
{
	g_autoptr(GBytes) memory = g_bytes_new_static(bytes, length);
	const struct pl_source source = pl_source_memory(memory);

	if (pl_walk_unpacked(walk, length, 0, length))
		pl_walk_message(walk, &source, NULL);
}

static void
open_packed(struct pl_walk *walk, enum pl_packing packing,
    const struct pl_seen *seen, const guint8 *bytes, gsize length)
{
	const unsigned scope = walk->scope, file = walk->files;

	if (!pl_walk_enter(walk, seen->name)) {
		if (walk->closed != NULL)
			walk->closed(
			    walk, file, "not opened: it lies too deep");
		return;
	}
	walk->scope = ++walk->scopes;
	walk->packed++;
	walk->refused = NULL;
	switch (packing) {
	case PL_PACKED_ZIP:
		pl_zip_open(walk, seen, bytes, length);
		break;
	case PL_PACKED_TNEF:
		pl_tnef_open(walk, seen, bytes, length);
		break;
	case PL_PACKED_CMS:
		pl_cms_open(walk, seen, bytes, length);
		break;
	case PL_PACKED_MESSAGE:
		open_message(walk, bytes, length);
		break;
	case PL_PACKED_NOT:
		break;
	}
	if (walk->full)
		walk->refused = "not opened wholly: it unpacks to too much";
	walk->full = FALSE;
	if (walk->refused != NULL && walk->closed != NULL)
		walk->closed(walk, file, walk->refused);
	walk->refused = NULL;
	walk->scope = scope;
	walk->packed--;
	pl_walk_leave(walk);
}

void
pl_walk_file(struct pl_walk *walk, const struct pl_seen *seen,
    const guint8 *bytes, gsize length)
{
	enum pl_packing packing = PL_PACKED_NOT;
	struct pl_seen file = *seen;

	if (walk->stop)
		return;
	if (length == 0)
		bytes = (const guint8 *)"";
	if (file.reason == NULL)
		file.reason = pl_ignore_declared(seen, bytes, length);
	if (file.reason == NULL)
		packing =
		    pl_packing_of(bytes, length, file.name, file.media_type);
	if (file.reason == NULL && packing == PL_PACKED_NOT)
		file.reason = pl_ignore_page(bytes, length);
	walk->files++;
	if (!walk->visit(walk, &file, bytes, length, packing != PL_PACKED_NOT))
		walk->stop = TRUE;
	else if (packing != PL_PACKED_NOT)
		open_packed(walk, packing, &file, bytes, length);
}

gboolean
pl_walk_enter(struct pl_walk *walk, const char *name)
{
	if (walk->stop)
		return FALSE;
	if (walk->depth >= walk->limits->depth) {
		pl_walk_limit(walk,
		    "parts lie more than %u levels deep%s%s; "
		    "what lies deeper was not read",
		    walk->limits->depth, name != NULL ? " in " : "",
		    name != NULL ? name : "");
		return FALSE;
	}
	walk->depth++;
	return TRUE;
}

void
pl_walk_leave(struct pl_walk *walk)
{
	walk->depth--;
}

/* ---- the parts of a message -------------------------------------------- */

static void walk_object(
    struct pl_walk *walk, GMimeObject *object, gboolean related);

/* Text that people read, not a file. */
static gboolean
is_body(const struct pl_seen *seen)
{
	static const char *const types[] = { "text/plain", "text/html",
		"text/enriched", "text/richtext", "text/watch-html",
		"text/x-amp-html", NULL };

	return seen->name == NULL && !seen->attached &&
	       g_strv_contains(types, seen->media_type);
}

static void
walk_body(struct pl_walk *walk, struct pl_seen *seen, const guint8 *bytes,
    gsize length)
{
	seen->reason = "body text";
	if (walk->html != NULL && strcmp(seen->media_type, "text/html") == 0)
		walk->html(walk, bytes, length);
	pl_walk_file(walk, seen, bytes, length);
	if (!walk->stop && strcmp(seen->media_type, "text/plain") == 0)
		pl_encoded_open(walk, bytes, length);
}

/* A document that is sent as if it were the text; no guesses (CSV, QIF). */
static gboolean
is_document(const GByteArray *bytes)
{
	const guint8 *start = bytes->data;
	const gsize length = bytes->len;

	if (length < 8)
		return FALSE;
	if (memcmp(start, "%PDF-", 5) == 0)
		return TRUE;
	g_autoptr(pl_facts) facts = pl_facts_read_sure(start, length);
	switch (facts->format) {
	case PL_FORMAT_UBL:
	case PL_FORMAT_CII:
	case PL_FORMAT_CAMT053:
		return TRUE;
	case PL_FORMAT_CODA:
	case PL_FORMAT_MT940:
	case PL_FORMAT_OFX:
		return !facts->damaged;
	default:
		return FALSE;
	}
}

/* The header with VALUE as its Content-Type if that is a multipart, else NULL.
 * Without a subtype it is as one that nobody knows: mixed. */
static char *
multipart_header(const char *value)
{
	static const char word[] = "multipart";
	const char *rest = value + strspn(value, " \t\r\n");

	if (g_ascii_strncasecmp(rest, word, strlen(word)) != 0)
		return NULL;
	rest += strlen(word);
	const gboolean bare = rest[strspn(rest, " \t\r\n")] == ';';
	if (*rest != '/' && !bare)
		return NULL;
	g_autofree char *trimmed = g_strchomp(g_strdup(rest));
	return g_strdup_printf("Content-Type: multipart%s%s\r\n\r\n",
	    bare ? "/mixed" : "", trimmed);
}

/* PART as the multipart that the first of its Content-Type fields declares;
 * GMime takes the last one, which is that of the first part if no empty line
 * parts the two. FALSE: it declares none. */
static gboolean
walk_declared(struct pl_walk *walk, GMimePart *part, gboolean related)
{
	GMimeHeaderList *fields =
	    g_mime_object_get_header_list((GMimeObject *)part);
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeHeader *first =
	    g_mime_header_list_get_header(fields, "Content-Type");
	const char *value =
	    first != NULL ? g_mime_header_get_raw_value(first) : NULL;
	g_autofree char *field =
	    content != NULL && value != NULL ? multipart_header(value) : NULL;

	if (field == NULL)
		return FALSE;
	GMimeStream *body = g_mime_data_wrapper_get_stream(content);
	const gint64 begin = pl_unseparated_begin((GMimeObject *)part, body);
	g_autoptr(GMimeStream) whole = g_mime_stream_substream(
	    body, begin >= 0 ? begin : body->bound_start, body->bound_end);
	g_autoptr(GMimeStream) head =
	    g_mime_stream_mem_new_with_buffer(field, strlen(field));
	g_autoptr(GMimeStream) both = g_mime_stream_cat_new();
	g_mime_stream_cat_add_source((GMimeStreamCat *)both, head);
	g_mime_stream_cat_add_source((GMimeStreamCat *)both, whole);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(both);
	GMimeObject *declared = g_mime_parser_construct_part(parser, NULL);
	if (declared == NULL)
		return FALSE;
	GMimeStream *outer = walk->stream;
	walk->stream = both;
	walk->packed++; /* its offsets are not those of the message */
	if (GMIME_IS_MULTIPART(declared))
		walk_object(walk, declared, related);
	walk->packed--;
	walk->stream = outer;
	g_object_unref(declared);
	return TRUE;
}

static void
walk_part(struct pl_walk *walk, GMimePart *part, gboolean related)
{
	struct pl_mime_names names = { 0 };
	struct pl_seen seen = { .related = related, .scope = walk->scope };

	if (!pl_walk_part(walk))
		return;
	if (walk_declared(walk, part, related))
		return;
	pl_unseparated_content(part, walk->stream, walk->open);
	pl_mime_describe((GMimeObject *)part, &names, &seen);
	g_autoptr(GByteArray) bytes = pl_mime_decode(part, &seen);
	if (walk->packed > 0)
		seen.spot = seen.spot_length = 0;
	else if (seen.spot_length > 0)
		seen.spot += walk->skip;
	if (bytes->len > 0 && is_body(&seen) && !is_document(bytes))
		walk_body(walk, &seen, bytes->data, bytes->len);
	else
		pl_walk_file(walk, &seen, bytes->data, bytes->len);
	pl_mime_names_clear(&names);
}

/* The boundary of a multipart that does not name it, as mail programs guess it:
 * the first line of TEXT that begins with "--", if it comes again. NAMED: there
 * is a name, of something else; then a part's header has to begin behind it. */
static char *
guess_boundary(const char *text, gboolean named)
{
	static const char field[] = "Content-";
	const char *line = text;

	while (line != NULL &&
	       (!g_str_has_prefix(line, "--") || !g_ascii_isgraph(line[2]))) {
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	if (line == NULL)
		return NULL;
	const gsize n = strcspn(line + 2, "\r\n\"\\");
	g_autofree char *boundary = g_strchomp(g_strndup(line + 2, n));
	g_autofree char *again = g_strconcat("\n--", boundary, NULL);
	const char *next = strchr(line, '\n');
	if (named &&
	    (next == NULL || !g_str_is_ascii(boundary) ||
		g_ascii_strncasecmp(next + 1, field, strlen(field)) != 0))
		return NULL;
	return strlen(boundary) <= BOUNDARY_MOST && strstr(line, again) != NULL
		   ? g_steal_pointer(&boundary)
		   : NULL;
}

/* TEXT as what it would be with the boundary in its header. */
static void
walk_guessed(struct pl_walk *walk, const char *text, const char *boundary)
{
	g_autofree char *whole = g_strdup_printf(
	    "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n%s",
	    boundary, text);
	g_autoptr(GBytes) bytes = g_bytes_new_static(whole, strlen(whole));
	const struct pl_source source = pl_source_memory(bytes);

	if (!pl_walk_enter(walk, NULL))
		return;
	if (pl_walk_unpacked(walk, source.size, 0, source.size))
		pl_walk_message(walk, &source, NULL);
	walk->full = FALSE;
	pl_walk_leave(walk);
}

/* The boundary of MULTIPART if it is not what its header names, or NULL. A
 * blank at its end is none of it, but GMime looks for it. */
static char *
real_boundary(GMimeMultipart *multipart, const char *text)
{
	const char *named = g_mime_object_get_content_type_parameter(
	    (GMimeObject *)multipart, "boundary");

	if (named == NULL)
		return guess_boundary(text, FALSE);
	g_autofree char *boundary = g_strchomp(g_strdup(named));
	if (*boundary != '\0' && strlen(boundary) < strlen(named))
		return g_steal_pointer(&boundary);
	g_autofree char *guess = guess_boundary(text, TRUE);
	return g_strcmp0(guess, named) != 0 ? g_steal_pointer(&guess) : NULL;
}

/* A multipart in which no boundary was found: its text is a part. */
static void
walk_undivided(struct pl_walk *walk, GMimeMultipart *multipart)
{
	struct pl_mime_names names = { 0 };
	struct pl_seen seen = { .scope = walk->scope };
	const char *text = g_mime_multipart_get_prologue(multipart);

	if (text == NULL || !pl_walk_part(walk))
		return;
	g_autofree char *boundary = real_boundary(multipart, text);
	if (boundary != NULL) {
		walk_guessed(walk, text, boundary);
		return;
	}
	pl_mime_describe((GMimeObject *)multipart, &names, &seen);
	seen.reason = seen.name == NULL ? "body text" : NULL;
	pl_walk_file(walk, &seen, (const guint8 *)text, strlen(text));
	pl_mime_names_clear(&names);
}

static void
walk_multipart(struct pl_walk *walk, GMimeMultipart *multipart)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type((GMimeObject *)multipart);
	const int n = g_mime_multipart_get_count(multipart);
	const gboolean related =
	    g_mime_content_type_is_type(type, "multipart", "related");

	if (n == 0)
		walk_undivided(walk, multipart);
	if (g_mime_content_type_is_type(type, "multipart", "encrypted"))
		pl_walk_problem(walk, "PL-103", NULL,
		    "the message is encrypted; ask the sender for one that "
		    "is not");
	if (!pl_walk_enter(walk, NULL))
		return;
	const struct pl_open open = {
		.boundary = g_mime_object_get_content_type_parameter(
		    (GMimeObject *)multipart, "boundary"),
		.outer = walk->open,
	};
	walk->open = open.boundary != NULL ? &open : open.outer;
	for (int i = 0; i < n && !walk->stop; i++)
		walk_object(walk, g_mime_multipart_get_part(multipart, i),
		    related && i > 0);
	walk->open = open.outer;
	pl_walk_leave(walk);
}

static void
walk_forwarded(struct pl_walk *walk, GMimeMessagePart *part)
{
	GMimeMessage *message = g_mime_message_part_get_message(part);
	const unsigned scope = walk->scope;

	if (message == NULL || !pl_walk_part(walk) ||
	    !pl_walk_enter(walk, NULL))
		return;
	walk->scope = ++walk->scopes;
	walk_object(walk, g_mime_message_get_mime_part(message), FALSE);
	walk->scope = scope;
	pl_walk_leave(walk);
}

static void
walk_object(struct pl_walk *walk, GMimeObject *object, gboolean related)
{
	if (object == NULL || walk->stop)
		return;
	if (GMIME_IS_MULTIPART(object))
		walk_multipart(walk, (GMimeMultipart *)object);
	else if (GMIME_IS_MESSAGE_PART(object))
		walk_forwarded(walk, (GMimeMessagePart *)object);
	else if (GMIME_IS_PART(object))
		walk_part(walk, (GMimePart *)object, related);
}

/* A source without its first bytes, or with other line ends. */
struct behind {
	const struct pl_source *source;
	guint64 skip;
	gboolean cr; /* its lines end with CR alone */
};

static gssize
behind_pread(
    void *ctx, guint64 offset, void *buffer, gsize length, GError **error)
{
	const struct behind *b = ctx;
	const gssize n = b->source->pread(
	    b->source->ctx, offset + b->skip, buffer, length, error);

	for (gssize i = 0; b->cr && i < n; i++)
		if (((char *)buffer)[i] == '\r')
			((char *)buffer)[i] = '\n';
	return n;
}

/* Do the lines of a header end with CR alone? */
static gboolean
ends_with_cr(const char *head, gsize length)
{
	const char *cr = memchr(head, '\r', length);

	return cr != NULL && memchr(head, '\n', length) == NULL &&
	       pl_mime_is_field(head, (gsize)(cr - head)) &&
	       pl_mime_is_field(cr + 1, length - (gsize)(cr + 1 - head));
}

/* The length of what stands in front of the first field: a byte order mark,
 * blanks, lines that are no fields. GMime would take it for no message. */
static gsize
junk_before(const char *head, gsize got)
{
	gsize n = 0;

	if (got > 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
		n = 3;
	while (n < got) {
		while (n < got && g_ascii_isspace(head[n]))
			n++;
		if (pl_mime_is_field(head + n, got - n) ||
		    (got - n > 5 && memcmp(head + n, "From ", 5) == 0))
			break;
		const char *end = memchr(head + n, '\n', got - n);
		n = end != NULL ? (gsize)(end + 1 - head) : got;
	}
	return n > 0 && n < got &&
		       pl_packing_is_message((guint8 *)head + n, got - n, TRUE)
		   ? n
		   : 0;
}

static struct behind
look_at_head(const struct pl_source *source)
{
	char head[4096];
	const gssize read = source->size == 0
				? 0
				: source->pread(source->ctx, 0, head,
				      MIN(sizeof head, source->size), NULL);
	const gsize got = (gsize)MAX(read, 0);

	return (struct behind){ source, junk_before(head, got),
		ends_with_cr(head, got) };
}

void
pl_walk_message(
    struct pl_walk *walk, const struct pl_source *source, pl_walk_top top)
{
	const unsigned lines = 2 * walk->limits->parts + 100;
	struct behind behind = look_at_head(source);
	const struct pl_source shown = {
		.ctx = &behind,
		.size = source->size - behind.skip,
		.pread = behind_pread,
	};
	if (walk->packed == 0)
		walk->skip = behind.skip;
	g_autoptr(GMimeStream) stream = pl_stream_new(
	    behind.skip > 0 || behind.cr ? &shown : source, lines);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
	g_autoptr(GMimeMessage) message = NULL;

	message = g_mime_parser_construct_message(parser, NULL);
	if (message != NULL && pl_stream_error(stream) == NULL) {
		if (top != NULL)
			top(walk, message);
		GMimeStream *outer = walk->stream;
		const struct pl_open *open = walk->open;
		walk->stream = stream;
		walk->open = NULL;
		walk_object(walk, g_mime_message_get_mime_part(message), FALSE);
		walk->stream = outer;
		walk->open = open;
	}
	if (pl_stream_error(stream) != NULL && walk->error == NULL)
		walk->error = g_error_copy(pl_stream_error(stream));
	if (pl_stream_cut(stream) != NULL)
		pl_walk_limit(walk, "%s; what comes after that was not read",
		    pl_stream_cut(stream));
}
