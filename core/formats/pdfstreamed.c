/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdfstreamed - PDF files with one table in a stream, known without qpdf
 *
 * Word processors keep the table of objects in a compressed stream, and most
 * objects in others. Where there is one such table for the whole file, and it
 * leads to a catalog and its pages, qpdf would open it; it needs half a
 * millisecond to say so. Whether files are in it is not asked here. What is
 * built in any other way is left to qpdf: updates, encryption, other filters,
 * and whatever is not quite right.
 */
#include "pdf.h"
#include "pdfscan.h"

#include <string.h>

#define TABLE_MAX (1u << 20)    /* bytes of it */
#define OBJECTS_MAX (16u << 20) /* bytes of one stream of objects */
#define WIDTHS 3

/* The dictionary of a stream, as far as it matters. */
struct stream {
	gsize length, size, n, first;
	gsize columns, predictor;
	gsize widths[WIDTHS];
	gboolean table, objects, deflated;
	struct pl_reference root;
	const char *data;
};

struct file {
	const char *text, *end;
	GBytes *table;
	const guint8 *rows;
	gsize count, row;
	gsize widths[WIDTHS];
	/* the stream of objects that was unpacked last */
	gsize unpacked_number;
	GBytes *unpacked;
};

/* ---- dictionaries */

static gboolean
read_widths(struct pl_scan *s, struct stream *to)
{
	if (!pl_scan_word(s, "["))
		return FALSE;
	for (guint i = 0; i < WIDTHS; i++) {
		pl_scan_blanks(s);
		if (!pl_scan_number(s, &to->widths[i]) || to->widths[i] > 8)
			return FALSE;
	}
	pl_scan_blanks(s);
	return pl_scan_word(s, "]");
}

static gboolean
read_parameters(struct pl_scan *s, struct stream *to)
{
	gboolean good = TRUE;
	const char *key;
	gsize length;

	if (!pl_scan_word(s, "<<"))
		return FALSE;
	while (good && (key = pl_scan_key(s, &length, &good)) != NULL) {
		if (pl_scan_is(key, length, "/Columns"))
			good = pl_scan_number(s, &to->columns);
		else if (pl_scan_is(key, length, "/Predictor"))
			good = pl_scan_number(s, &to->predictor);
		else
			good = FALSE;
	}
	return good;
}

/* All objects from the first on. */
static gboolean
read_index(struct pl_scan *s, gsize *size)
{
	gsize first;

	if (!pl_scan_word(s, "["))
		return FALSE;
	pl_scan_blanks(s);
	if (!pl_scan_number(s, &first) || first != 0 || !pl_scan_gap(s) ||
	    !pl_scan_number(s, size))
		return FALSE;
	pl_scan_blanks(s);
	return pl_scan_word(s, "]");
}

/* More than one table, or what is encrypted or elsewhere. */
static gboolean
is_refused(const char *key, gsize length)
{
	static const char *const keys[] = { "/Prev", "/XRefStm", "/Encrypt",
		"/Extends", "/F", "/FFilter", "/FDecodeParms", "/DL" };

	for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
		if (pl_scan_is(key, length, keys[i]))
			return TRUE;
	return FALSE;
}

static gboolean
read_type(struct pl_scan *s, struct stream *to)
{
	to->table = pl_scan_word(s, "/XRef");
	to->objects = !to->table && pl_scan_word(s, "/ObjStm");
	return to->table || to->objects;
}

static gboolean
read_entry(struct pl_scan *s, const char *key, gsize length, struct stream *to,
    gsize *indexed)
{
	if (pl_scan_is(key, length, "/Type"))
		return read_type(s, to);
	if (pl_scan_is(key, length, "/Filter"))
		return to->deflated = pl_scan_word(s, "/FlateDecode");
	if (pl_scan_is(key, length, "/Length"))
		return pl_scan_number(s, &to->length);
	if (pl_scan_is(key, length, "/Size"))
		return pl_scan_number(s, &to->size);
	if (pl_scan_is(key, length, "/N"))
		return pl_scan_number(s, &to->n);
	if (pl_scan_is(key, length, "/First"))
		return pl_scan_number(s, &to->first);
	if (pl_scan_is(key, length, "/W"))
		return read_widths(s, to);
	if (pl_scan_is(key, length, "/Index"))
		return read_index(s, indexed);
	if (pl_scan_is(key, length, "/DecodeParms"))
		return read_parameters(s, to);
	if (pl_scan_is(key, length, "/Root"))
		return pl_scan_reference(s, &to->root);
	return !is_refused(key, length) && pl_scan_value(s, 0);
}

/* The stream whose dictionary S is in; END is that of the file. */
static gboolean
read_stream(struct pl_scan *s, const char *end, struct stream *to)
{
	gboolean good = TRUE;
	gsize length, indexed = G_MAXSIZE;
	const char *key;

	*to = (struct stream){ .predictor = 1 };
	while (good && (key = pl_scan_key(s, &length, &good)) != NULL)
		good = read_entry(s, key, length, to, &indexed);
	pl_scan_blanks(s);
	if (!good || !to->deflated || to->length == 0 ||
	    (indexed != G_MAXSIZE && indexed != to->size) ||
	    !pl_scan_word(s, "stream") ||
	    (!pl_scan_word(s, "\n") && !pl_scan_word(s, "\r\n")) ||
	    to->length > (gsize)(end - s->at))
		return FALSE;
	to->data = s->at;
	*s = (struct pl_scan){ s->at + to->length, end };
	pl_scan_blanks(s);
	return pl_scan_word(s, "endstream");
}

static GBytes *
unpack(const struct stream *stream, gsize limit)
{
	return pl_pdf_inflate_whole(
	    (const guint8 *)stream->data, stream->length, limit);
}

/* ---- the table */

/* What a predictor of PNG made of rows: none, or the difference to the row
 * above. */
static GBytes *
without_predictor(GBytes *bytes, gsize row)
{
	gsize length;
	const guint8 *from = g_bytes_get_data(bytes, &length);
	const gsize count = length / (row + 1);
	g_autofree guint8 *rows = g_malloc0((count + 1) * row);

	if (length % (row + 1) != 0)
		return NULL;
	/* the first of them is the one above: zeros */
	for (gsize i = 0; i < count; i++, from += row + 1) {
		guint8 *to = rows + (i + 1) * row;

		if (from[0] != 0 && from[0] != 2)
			return NULL;
		for (gsize k = 0; k < row; k++)
			to[k] = (guint8)(from[k + 1] +
					 (from[0] == 2 ? to[k - row] : 0));
	}
	return g_bytes_new(rows + row, count * row);
}

static gboolean
read_table(struct file *file, const struct stream *stream)
{
	const gsize *w = stream->widths;
	gsize length;

	file->row = w[0] + w[1] + w[2];
	file->table = unpack(stream, TABLE_MAX);
	if (file->table == NULL || w[0] > 1 || w[1] == 0)
		return FALSE;
	if (stream->predictor >= 10 && stream->columns == file->row) {
		g_autoptr(GBytes) packed = file->table;

		file->table = without_predictor(packed, file->row);
	} else if (stream->predictor != 1) {
		return FALSE;
	}
	if (file->table == NULL)
		return FALSE;
	file->rows = g_bytes_get_data(file->table, &length);
	file->count = stream->size;
	memcpy(file->widths, w, sizeof file->widths);
	return length / file->row == file->count && length % file->row == 0;
}

/* The fields of the row of object NUMBER. */
static gboolean
look_up(const struct file *file, gsize number, guint64 fields[WIDTHS])
{
	const guint8 *at;

	if (number >= file->count)
		return FALSE;
	at = file->rows + number * file->row;
	for (guint i = 0; i < WIDTHS; i++) {
		fields[i] = i == 0 && file->widths[0] == 0 ? 1 : 0;
		for (gsize k = 0; k < file->widths[i]; k++)
			fields[i] = fields[i] << 8 | *at++;
	}
	return TRUE;
}

/* ---- objects */

/* The stream of objects NUMBER, and where in it they begin. */
static gboolean
open_stream(struct file *file, gsize number, struct stream *stream)
{
	guint64 fields[WIDTHS];
	struct pl_scan s;

	if (!look_up(file, number, fields) || fields[0] != 1 ||
	    fields[2] != 0 ||
	    !pl_scan_object(&s, file->text, file->end, fields[1], number, 0) ||
	    !read_stream(&s, file->end, stream) || !stream->objects ||
	    stream->predictor != 1)
		return FALSE;
	if (file->unpacked != NULL && file->unpacked_number == number)
		return TRUE;
	g_clear_pointer(&file->unpacked, g_bytes_unref);
	file->unpacked = unpack(stream, OBJECTS_MAX);
	file->unpacked_number = number;
	return file->unpacked != NULL;
}

/* The INDEX-th of the COUNT pairs that the text of LENGTH is made of: number
 * and place of an object. */
static gboolean
read_pair(
    const char *text, gsize length, gsize count, gsize index, gsize pair[2])
{
	struct pl_scan s = { text, text + length };
	gsize number, offset;

	for (gsize i = 0; i < count; i++) {
		pl_scan_blanks(&s);
		if (!pl_scan_number(&s, &number) || !pl_scan_gap(&s) ||
		    !pl_scan_number(&s, &offset))
			return FALSE;
		if (i == index) {
			pair[0] = number;
			pair[1] = offset;
		}
	}
	pl_scan_blanks(&s);
	return index < count && s.at == s.end;
}

/* S moves into the dictionary that is the INDEX-th object of the stream. */
static gboolean
open_packed(struct file *file, gsize stream_number, gsize index, gsize number,
    struct pl_scan *s)
{
	struct stream stream;
	gsize length, pair[2] = { 0 };
	const char *text;

	if (!open_stream(file, stream_number, &stream))
		return FALSE;
	text = g_bytes_get_data(file->unpacked, &length);
	if (stream.first > length ||
	    !read_pair(text, stream.first, stream.n, index, pair) ||
	    pair[0] != number || pair[1] > length - stream.first)
		return FALSE;
	*s = (struct pl_scan){ text + stream.first + pair[1], text + length };
	pl_scan_blanks(s);
	return pl_scan_word(s, "<<");
}

static gboolean
open_object(
    struct file *file, const struct pl_reference *object, struct pl_scan *s)
{
	guint64 fields[WIDTHS];

	if (!object->found || !look_up(file, object->number, fields))
		return FALSE;
	if (fields[0] == 2)
		return object->generation == 0 &&
		       open_packed(
			   file, fields[1], fields[2], object->number, s);
	return fields[0] == 1 && fields[2] == object->generation &&
	       pl_scan_object(s, file->text, file->end, fields[1],
		   object->number, object->generation);
}

static gboolean
read_catalog(struct pl_scan *s, struct pl_reference *pages)
{
	gboolean good = TRUE;
	const char *key;
	gsize length;

	while (good && (key = pl_scan_key(s, &length, &good)) != NULL)
		good = pl_scan_is(key, length, "/Pages")
			   ? pl_scan_reference(s, pages)
			   : pl_scan_value(s, 0);
	return good;
}

static gboolean
leads_to_pages(struct file *file, const struct pl_reference *root)
{
	struct pl_reference pages = { 0 };
	struct pl_scan s;

	if (!open_object(file, root, &s) || !read_catalog(&s, &pages) ||
	    !open_object(file, &pages, &s))
		return FALSE;
	s.at -= 2;
	return pl_scan_dictionary(&s, 0);
}

gboolean
pl_pdf_is_streamed(const guint8 *bytes, gsize length)
{
	const char *text = (const char *)bytes;
	struct file file = { .text = text, .end = text + length };
	struct stream stream;
	struct pl_scan s;
	gsize number, generation;
	gboolean good;

	if (length < 8 || memcmp(text, "%PDF-1.", 7) != 0 ||
	    !pl_scan_table(&s, text, length) || !pl_scan_number(&s, &number) ||
	    !pl_scan_word(&s, " ") || !pl_scan_number(&s, &generation) ||
	    !pl_scan_word(&s, " obj"))
		return FALSE;
	pl_scan_blanks(&s);
	good = pl_scan_word(&s, "<<") && read_stream(&s, file.end, &stream) &&
	       stream.table && read_table(&file, &stream) &&
	       leads_to_pages(&file, &stream.root);
	g_clear_pointer(&file.table, g_bytes_unref);
	g_clear_pointer(&file.unpacked, g_bytes_unref);
	return good;
}
