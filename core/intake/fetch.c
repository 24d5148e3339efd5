/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fetch - a file of a stored message, from where it was found
 *
 * Most files are the base64 of one part. Where that stands was noted when the
 * message was read, and to decode it again takes no parser: it is done in this
 * process, by the same rules. The hash says whether it is the file; if not, or
 * if it is large, the child reads the message once more.
 *
 * Memory is the decoded file, as long as the call lasts.
 */
#include "base64.h"
#include "room.h"

#include <string.h>

#define SPOT_MOST (8u << 20) /* bytes of base64 */
#define PIECE 65536

/* What stands at the spot, decoded; NULL if it cannot be read. */
static GByteArray *
decode(const struct pl_source *source, const struct pl_file *file)
{
	g_autoptr(GByteArray) bytes =
	    g_byte_array_sized_new((guint)file->size + PIECE);
	g_autofree guint8 *piece = g_malloc(PIECE);
	struct pl_base64 state;

	pl_base64_init(&state);
	for (guint64 done = 0; done < file->spot_length;) {
		gssize n = source->pread(source->ctx, file->spot + done, piece,
		    (gsize)MIN(PIECE, file->spot_length - done), NULL);
		if (n <= 0)
			return NULL;
		pl_base64_step(&state, piece, (gsize)n, bytes);
		done += (guint64)n;
	}
	pl_base64_end(&state, bytes);
	return g_steal_pointer(&bytes);
}

static gboolean
has_spot(const struct pl_file *file)
{
	return file->spot_length > 0 && file->spot_length <= SPOT_MOST &&
	       file->size <= file->spot_length && file->sha256 != NULL;
}

gboolean
pl_reader_fetch(pl_reader *r, const struct pl_source *source,
    const struct pl_file *file, pl_sink sink, void *user, GError **error)
{
	g_autoptr(GByteArray) bytes =
	    has_spot(file) ? decode(source, file) : NULL;
	char hex[PL_SHA256_HEX + 1];

	if (bytes != NULL && bytes->len > 0) {
		pl_sha256_hex(bytes->data, bytes->len, hex);
		if (strcmp(hex, file->sha256) == 0)
			return sink(bytes->data, bytes->len, user, error);
	}
	return pl_reader_extract(r, source, file->sha256, sink, user, error);
}
