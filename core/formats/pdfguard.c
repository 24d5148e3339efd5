/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdfguard - what qpdf would need too much memory or time for
 *
 * qpdf unpacks object and cross-reference streams by itself, into memory and
 * without a limit, and its objects take up to two hundred times the room of their
 * text: a file of 60 kB can make it take gigabytes, a plain one of 40 MB some
 * hundred megabytes and seconds. So its input is measured here beforehand,
 * by its keywords, without understanding PDF: streams that may be of these
 * kinds are unpacked to nowhere, objects and table entries are counted. Who
 * wants to can still slip something through, so this is the fence that keeps
 * accidents and common bombs out; the limits of the process are the wall.
 */
#include "pdf.h"

#include <string.h>

#include <zlib.h>

#define TABLE_STREAM_MAX (1u << 20)    /* cross-reference streams, unpacked */
#define OBJECT_STREAM_MAX (16u << 20)  /* one object stream, unpacked */
#define OBJECT_STREAMS_MAX (64u << 20) /* all of them */
#define OBJECT_LONG (1u << 18)         /* the text of an object to look at */
#define TOKENS_MAX 400000              /* in an object or object stream */
#define TABLES_MAX (10u << 20)         /* plain tables, twenty bytes a line */
#define RECOVER_MAX 400000             /* objects found by searching */
#define DICTIONARY_MAX 2048            /* looked at before a stream */

struct guard {
	const guint8 *bytes;
	gsize length;
	const char *reason;
	z_stream zlib;
	gsize tables, object_streams; /* unpacked lengths so far */
	guint files;                  /* in object streams */
	gboolean hidden;              /* some cannot be looked into */
};

/* Where KEYWORD is first, or NULL. (memmem does the same, but it is called
 * here for each object, and with the address sanitizer it looks at all that
 * follows each time.) */
static const guint8 *
find(const guint8 *from, const guint8 *end, const char *keyword)
{
	gsize size = strlen(keyword);

	while (end - from >= (gssize)size) {
		from = memchr(from, keyword[0], (gsize)(end - from) - size + 1);
		if (from == NULL || memcmp(from, keyword, size) == 0)
			return from;
		from++;
	}
	return NULL;
}

/* ---- streams */

/* LENGTH bytes of FROM with "#4f" turned into "O", as names may have it, and
 * NUL, which is white space to PDF, into a blank. TO has room for them and a
 * NUL. */
static void
plain_names(const char *from, gsize length, char *to)
{
	for (gsize i = 0; i < length; i++) {
		if (from[i] == '#' && i + 2 < length &&
		    g_ascii_isxdigit(from[i + 1]) &&
		    g_ascii_isxdigit(from[i + 2])) {
			*to++ = (char)(g_ascii_xdigit_value(from[i + 1]) << 4 |
				       g_ascii_xdigit_value(from[i + 2]));
			i += 2;
		} else {
			*to++ = from[i] != '\0' ? from[i] : ' ';
		}
	}
	*to = '\0';
}

/* Where the dictionary of the stream whose keyword is at END begins: behind
 * the last "obj", at most back to FROM. */
static const guint8 *
dictionary_start(const guint8 *from, const guint8 *end)
{
	const guint8 *at = end;

	if (end - from > DICTIONARY_MAX)
		from = end - DICTIONARY_MAX;
	while ((at = memrchr(from, 'j', (gsize)(at - from))) != NULL)
		if (at - from >= 2 && memcmp(at - 2, "ob", 2) == 0)
			return at + 1;
	return from;
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

static void
structure_check(struct guard *guard, const char *dictionary, const guint8 *data)
{
	const guint8 *end = guard->bytes + guard->length;
	gboolean table = strstr(dictionary, "XRef") != NULL;
	guint tokens, files;
	gsize length;

	if (!table && strstr(dictionary, "ObjStm") == NULL)
		return;
	while (data < end && (*data == '\r' || *data == '\n'))
		data++;
	length = pl_pdf_inflated_length(&guard->zlib, data, (gsize)(end - data),
	    OBJECT_STREAM_MAX, &tokens, &files);
	if (!table && (length == 0 || strstr(dictionary, "/DecodeParms") ||
			  is_layered(dictionary)))
		guard->hidden = TRUE;
	guard->files += table ? 0 : files;
	guard->tables += table ? length : 0;
	guard->object_streams += length;
	if (is_layered(dictionary) || length > OBJECT_STREAM_MAX ||
	    (!table && tokens > TOKENS_MAX) ||
	    guard->tables > TABLE_STREAM_MAX ||
	    guard->object_streams > OBJECT_STREAMS_MAX)
		guard->reason = "its object streams unpack to too much";
}

/* The stream whose keyword is between KEYWORD and DATA. */
static void
stream_check(struct guard *guard, const guint8 *from, const guint8 *keyword,
    const guint8 *data)
{
	const guint8 *start = dictionary_start(from, keyword);
	gsize length = (gsize)(keyword - start);
	g_autofree char *dictionary = NULL;

	if (find(start, keyword, "XRef") == NULL &&
	    find(start, keyword, "ObjStm") == NULL &&
	    memchr(start, '#', length) == NULL)
		return;
	dictionary = g_malloc(length + 1);
	plain_names((const char *)start, length, dictionary);
	structure_check(guard, dictionary, data);
}

static void
streams_check(struct guard *guard)
{
	static const char keyword[] = "stream";
	const guint8 *end = guard->bytes + guard->length;
	const guint8 *from = guard->bytes, *found;

	while (guard->reason == NULL &&
	       (found = find(from, end, keyword)) != NULL) {
		const guint8 *data = found + strlen(keyword);

		if (found - guard->bytes < 3 ||
		    memcmp(found - 3, "end", 3) != 0)
			stream_check(guard, from, found, data);
		from = data;
	}
}

/* ---- objects */

/* Whether the object that begins at AT, at most up to END, is too much: its
 * text ends where a stream or table begins. */
static gboolean
is_too_much(const guint8 *at, const guint8 *end)
{
	static const char *const ends[] = { "stream", "xref" };

	if (end - at <= (gssize)OBJECT_LONG)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
		const guint8 *found = find(at, end, ends[i]);

		if (found != NULL)
			end = found;
	}
	return pl_pdf_tokens(at, (gsize)(end - at)) > TOKENS_MAX;
}

/* Does the keyword at AT begin something? Not behind "end"; and "obj" only
 * behind a number, or it is three letters in the middle of a picture. */
static gboolean
begins_here(const struct guard *guard, const guint8 *at)
{
	const guint8 *before = at;

	if (at - guard->bytes >= 3 && memcmp(at - 3, "end", 3) == 0)
		return FALSE;
	if (*at != 'o')
		return TRUE;
	while (before > guard->bytes &&
	       (g_ascii_isspace(before[-1]) || before[-1] == '\0'))
		before--;
	return before > guard->bytes &&
	       (g_ascii_isdigit(before[-1]) || before[-1] == '%');
}

/* Whether what one of the KEYWORDs begins is too much; it ends at the next
 * one. *COUNT is how many there are. */
static gboolean
is_long_after(const struct guard *guard, const char *keyword, guint *count)
{
	const guint8 *end = guard->bytes + guard->length;
	const guint8 *at = guard->bytes, *next;
	gsize size = strlen(keyword);
	gboolean begins = FALSE;

	*count = 0;
	while ((next = find(at, end, keyword)) != NULL) {
		if (begins && is_too_much(at, next))
			return TRUE;
		begins = begins_here(guard, next);
		*count += begins;
		at = next + size;
	}
	return begins && is_too_much(at, end);
}

/* The bytes of plain tables, each from "xref" to its trailer. */
static gsize
tables_length(const struct guard *guard)
{
	const guint8 *end = guard->bytes + guard->length;
	const guint8 *at = guard->bytes, *trailer;
	gsize length = 0;

	while ((at = find(at, end, "xref")) != NULL) {
		gboolean starts =
		    at - guard->bytes >= 5 && memcmp(at - 5, "start", 5) == 0;

		at += 4;
		if (starts || at == end || !g_ascii_isspace(*at))
			continue;
		trailer = find(at, end, "trailer");
		if (trailer == NULL)
			trailer = end;
		length += (gsize)(trailer - at);
		at = trailer;
	}
	return length;
}

/* Whether qpdf may search the file for objects. In a short one none is long,
 * and they are not many. */
static gboolean
objects_check(struct guard *guard)
{
	guint objects = 0, trailers;

	if (guard->length <= OBJECT_LONG)
		return TRUE;
	if (is_long_after(guard, "obj", &objects) ||
	    is_long_after(guard, "trailer", &trailers))
		guard->reason = "one of its objects is too long";
	else if (guard->length > TABLES_MAX &&
		 tables_length(guard) > TABLES_MAX)
		guard->reason = "its table of objects is too long";
	return guard->reason == NULL && objects <= RECOVER_MAX;
}

/* What is encrypted is not what it looks like. */
static guint
count_files(const struct guard *guard)
{
	if (guard->hidden || find(guard->bytes, guard->bytes + guard->length,
				 "/Encrypt") != NULL)
		return PL_PDF_MANY;
	return guard->files + pl_pdf_files(guard->bytes, guard->length);
}

void
pl_pdf_look(const guint8 *bytes, gsize length, struct pl_pdf_look *look)
{
	struct guard guard = { .bytes = bytes, .length = length };

	*look = (struct pl_pdf_look){ .files = PL_PDF_MANY };
	if (inflateInit(&guard.zlib) != Z_OK) {
		look->refused = "no memory to look into it";
		return;
	}
	streams_check(&guard);
	if (guard.reason == NULL)
		look->recover = objects_check(&guard);
	look->refused = guard.reason;
	if (guard.reason == NULL)
		look->files = count_files(&guard);
	inflateEnd(&guard.zlib);
}
