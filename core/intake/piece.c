/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * piece - a file as it was found: name, hash, facts
 *
 * The content is looked at once and not kept. What is embedded in it is
 * remembered by its hash, to know which files belong together.
 */
#include "room.h"

#include <string.h>

struct pl_piece *
pl_piece_new(const struct pl_seen *seen, const guint8 *bytes, gsize length)
{
	struct pl_piece *piece = g_new0(struct pl_piece, 1);
	char hex[PL_SHA256_HEX + 1];

	pl_sha256_hex(bytes, length, hex);
	piece->file = pl_file_new();
	piece->file->filename = g_strdup(seen->name);
	piece->file->media_type = g_strdup(seen->media_type);
	piece->file->size = length;
	piece->file->sha256 = g_strdup(hex);
	piece->file->reason = g_strdup(seen->reason);
	piece->file->spot = seen->spot;
	piece->file->spot_length = seen->spot_length;
	piece->inside = g_ptr_array_new_with_free_func(g_free);
	piece->stem = pl_name_stem(seen->name);
	piece->cid = g_strdup(seen->cid);
	piece->attached = seen->attached;
	piece->related = seen->related;
	piece->scope = seen->scope;
	return piece;
}

void
pl_piece_free(struct pl_piece *piece)
{
	if (piece == NULL)
		return;
	pl_file_free(piece->file);
	pl_facts_free(piece->facts);
	g_ptr_array_unref(piece->inside);
	g_free(piece->stem);
	g_free(piece->cid);
	pl_said_free(piece->name_said);
	pl_said_free(piece->page_said);
	g_free(piece);
}

/* For files that came without a type, out of an archive. */
static const char *
usual_type(enum pl_format format)
{
	switch (format) {
	case PL_FORMAT_PDF:
	case PL_FORMAT_FACTUR_X:
		return "application/pdf";
	case PL_FORMAT_UBL:
	case PL_FORMAT_CII:
	case PL_FORMAT_CAMT053:
	case PL_FORMAT_XML:
		return "application/xml";
	case PL_FORMAT_PNG:
		return "image/png";
	case PL_FORMAT_JPEG:
		return "image/jpeg";
	case PL_FORMAT_TIFF:
		return "image/tiff";
	case PL_FORMAT_CSV:
		return "text/csv";
	default:
		return "application/octet-stream";
	}
}

void
pl_piece_read(struct pl_piece *piece, const guint8 *bytes, gsize length,
    const char *csv_columns)
{
	struct pl_facts *facts = pl_facts_read(bytes, length, csv_columns);

	for (guint i = 0; facts->embedded != NULL && i < facts->embedded->len;
	     i++) {
		const struct pl_embedded *e = facts->embedded->pdata[i];
		char hex[PL_SHA256_HEX + 1];
		gsize n = 0;
		const void *data =
		    e->bytes != NULL ? g_bytes_get_data(e->bytes, &n) : NULL;
		if (n == 0)
			continue;
		pl_sha256_hex(data, n, hex);
		g_ptr_array_add(piece->inside, g_strdup(hex));
	}
	if (facts->embedded != NULL)
		g_ptr_array_set_size(facts->embedded, 0);
	if (piece->file->media_type[0] == '\0') {
		g_free(piece->file->media_type);
		piece->file->media_type = g_strdup(usual_type(facts->format));
	}
	piece->facts = facts;
	if (facts->format == PL_FORMAT_UNKNOWN)
		piece->file->reason =
		    g_strdup(pl_ignore_unknown(bytes, length));
	else
		piece->file->format = g_strdup(pl_format_name(facts->format));
}
