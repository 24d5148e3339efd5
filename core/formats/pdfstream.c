/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdfstream - the unpacked content of a stream, within limits
 *
 * qpdf unpacks without a limit, so the usual filters are undone here; for the
 * others the length is known, or bounded by the highest ratio, beforehand.
 */
#include "pdf.h"

#include <stdlib.h>
#include <string.h>

#define FILTERS_MAX 8
#define RATIO_MAX 2800 /* of the filters that qpdf undoes: LZW */

struct unpacking {
	qpdf_data pdf;
	struct pl_pdf_room *room;
};

static GBytes *
stream_bytes(
    struct unpacking *u, qpdf_oh stream, enum qpdf_stream_decode_level_e level)
{
	unsigned char *data = NULL;
	size_t length = 0;
	QPDF_BOOL filtered = QPDF_FALSE;
	QPDF_ERROR_CODE code = qpdf_oh_get_stream_data(
	    u->pdf, stream, level, &filtered, &data, &length);

	if ((code & (QPDF_ERRORS)) != 0 || data == NULL) {
		free(data);
		return NULL;
	}
	return g_bytes_new_with_free_func(data, length, free, data);
}

static guint
filter_count(struct unpacking *u, qpdf_oh filter)
{
	if (qpdf_oh_is_array(u->pdf, filter))
		return (guint)MAX(qpdf_oh_get_array_n_items(u->pdf, filter), 0);
	return qpdf_oh_is_name(u->pdf, filter) ? 1 : 0;
}

/* The name of the filter at INDEX. */
static const char *
filter_name(struct unpacking *u, qpdf_oh filter, guint index)
{
	if (qpdf_oh_is_array(u->pdf, filter))
		filter = qpdf_oh_get_array_item(u->pdf, filter, (int)index);
	return qpdf_oh_is_name(u->pdf, filter)
		   ? qpdf_oh_get_name(u->pdf, filter)
		   : "";
}

static gsize
room_left(const struct unpacking *u)
{
	return MIN(u->room->bytes, u->room->work);
}

/* What the filter NAME makes of BYTES, which it takes; NULL where that is too
 * long, not readable or not known here. */
static GBytes *
unpack(struct unpacking *u, const char *name, GBytes *bytes)
{
	gsize length, room = room_left(u);
	const guint8 *data = g_bytes_get_data(bytes, &length);
	GBytes *unpacked = NULL;
	gboolean beyond = FALSE;

	if (g_str_equal(name, "/FlateDecode") || g_str_equal(name, "/Fl")) {
		unpacked = pl_pdf_inflate(data, length, room, &beyond);
		u->room->work -=
		    unpacked != NULL ? g_bytes_get_size(unpacked) : room;
	} else if (g_str_equal(name, "/ASCIIHexDecode") ||
		   g_str_equal(name, "/AHx")) {
		unpacked = pl_pdf_from_hex(data, length);
	} else if (g_str_equal(name, "/ASCII85Decode") ||
		   g_str_equal(name, "/A85")) {
		unpacked = pl_pdf_from_base85(data, length, room);
		beyond = unpacked == NULL;
	} else if (g_str_equal(name, "/DCTDecode") ||
		   g_str_equal(name, "/DCT")) {
		return bytes; /* the image file itself */
	}
	u->room->beyond = u->room->beyond || beyond;
	g_bytes_unref(bytes);
	return unpacked;
}

/* What qpdf unpacks: of deflate with a predictor, which adds nothing, it is
 * known how long that will be; the rest must be short at the highest ratio. */
static GBytes *
unpack_by_qpdf(struct unpacking *u, qpdf_oh stream, qpdf_oh filter, GBytes *raw)
{
	guint filters = filter_count(u, filter);
	gsize most = room_left(u);

	if (filters == 1 &&
	    g_str_equal(filter_name(u, filter, 0), "/FlateDecode")) {
		g_autoptr(GBytes) measured =
		    unpack(u, "/FlateDecode", g_bytes_ref(raw));

		if (measured == NULL)
			return NULL;
	} else {
		for (guint i = 0; i < filters; i++)
			most /= RATIO_MAX;
		if (g_bytes_get_size(raw) > most)
			return NULL;
	}
	return stream_bytes(u, stream, qpdf_dl_generalized);
}

static gboolean
is_ours(struct unpacking *u, qpdf_oh filter)
{
	static const char *const other[] = { "/LZWDecode", "/LZW",
		"/RunLengthDecode", "/RL", "/Crypt", NULL };

	for (guint i = 0; i < filter_count(u, filter); i++)
		if (g_strv_contains(other, filter_name(u, filter, i)))
			return FALSE;
	return TRUE;
}

GBytes *
pl_pdf_content(qpdf_data pdf, qpdf_oh stream, struct pl_pdf_room *room)
{
	struct unpacking unpacking = { pdf, room }, *u = &unpacking;
	qpdf_oh dictionary = qpdf_oh_get_dict(u->pdf, stream);
	qpdf_oh filter = qpdf_oh_get_key(u->pdf, dictionary, "/Filter");
	guint filters = filter_count(u, filter);
	GBytes *bytes = stream_bytes(u, stream, qpdf_dl_none);

	if (bytes == NULL || filters > FILTERS_MAX) {
		g_bytes_unref(bytes);
		return NULL;
	}
	if (qpdf_oh_has_key(u->pdf, dictionary, "/DecodeParms") ||
	    !is_ours(u, filter)) {
		g_autoptr(GBytes) raw = bytes;

		return unpack_by_qpdf(u, stream, filter, raw);
	}
	for (guint i = 0; i < filters && bytes != NULL; i++)
		bytes = unpack(u, filter_name(u, filter, i), bytes);
	return bytes;
}
