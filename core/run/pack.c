/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pack - files into a ZIP, streamed to where it goes
 */
#include <errno.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <gio/gio.h>

#include "pack.h"

#define BLOCK 65536
#define SAMPLE 4096 /* bytes that are deflated to see what it is worth */
/* Deflate has to win this much, in percent, to be worth the time of both
 * sides. */
#define WORTH 10

struct pl_pack {
	struct archive *archive;
	struct archive_entry *entry; /* of the file under way, or NULL */
	pl_put put;
	void *to;
	GError *error;    /* what `put` said, below libarchive */
	GByteArray *head; /* its first block, until the method is chosen */
	gboolean begun;   /* its header is written */
	guint64 size, seen;
};

static la_ssize_t
put(struct archive *a, void *user, const void *bytes, size_t length)
{
	pl_pack *pack = user;

	(void)a;
	if (pack->error == NULL &&
	    pack->put(pack->to, bytes, length, &pack->error))
		return (la_ssize_t)length;
	archive_set_error(pack->archive, EIO, "no room");
	return -1;
}

static gboolean
check(pl_pack *pack, int result, GError **error)
{
	if (result >= ARCHIVE_WARN && pack->error == NULL)
		return TRUE;
	if (pack->error != NULL)
		g_propagate_error(error, g_steal_pointer(&pack->error));
	else
		g_set_error(error, PL_RUN_ERROR, PL_RUN_COMPOSE,
		    "Cannot write the ZIP: %s",
		    archive_error_string(pack->archive));
	return FALSE;
}

pl_pack *
pl_pack_new(pl_put to_put, void *to, GError **error)
{
	g_autoptr(pl_pack) pack = g_new0(pl_pack, 1);
	struct archive *a = archive_write_new();

	g_assert(a != NULL);
	pack->archive = a;
	pack->put = to_put;
	pack->to = to;
	pack->head = g_byte_array_new();
	if (!check(pack, archive_write_set_format_zip(a), error) ||
	    !check(pack,
		archive_write_set_format_option(
		    a, "zip", "hdrcharset", "UTF-8"),
		error) ||
	    !check(pack, archive_write_set_bytes_per_block(a, BLOCK), error) ||
	    !check(pack, archive_write_set_bytes_in_last_block(a, 1), error) ||
	    !check(pack, archive_write_open(a, pack, NULL, put, NULL), error))
		return NULL;
	return g_steal_pointer(&pack);
}

void
pl_pack_free(pl_pack *pack)
{
	if (pack == NULL)
		return;
	/* an archive that is given up must not be written out */
	archive_write_fail(pack->archive);
	archive_write_free(pack->archive);
	archive_entry_free(pack->entry);
	g_byte_array_unref(pack->head);
	g_clear_error(&pack->error);
	g_free(pack);
}

/* Are all 256 values nearly as frequent as each other, as in what is packed
 * already? The probability that two bytes are the same is 1.25/256 then, so no
 * code of single bytes wins more than 4 %, and nothing else has to be tried,
 * which takes thirty times as long. */
static gboolean
is_even(const guint8 *bytes, gsize length)
{
	guint32 count[256] = { 0 };
	guint64 same = 0;

	for (gsize i = 0; i < length; i++)
		count[bytes[i]]++;
	for (unsigned i = 0; i < 256; i++)
		same += (guint64)count[i] * count[i];
	return same * 256 * 4 <= (guint64)length * length * 5;
}

/* How many of the bytes are left when they are deflated. */
static gsize
deflated(const guint8 *bytes, gsize length)
{
	g_autoptr(GZlibCompressor) z = NULL;
	guint8 out[SAMPLE + 1024];
	gsize in, n = 0;

	if (is_even(bytes, length))
		return length;
	z = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_RAW, 1);
	if (g_converter_convert(G_CONVERTER(z), bytes, length, out, sizeof out,
		G_CONVERTER_INPUT_AT_END, &in, &n,
		NULL) != G_CONVERTER_FINISHED)
		return length;
	return n;
}

static gboolean
wins(gsize left, gsize of)
{
	return left * 100 <= of * (100 - WORTH);
}

/* Files that are packed already begin with words as others do; what stands
 * further on is what most of them is. */
static gboolean
is_worth_it(const GByteArray *block)
{
	const gsize n = MIN(block->len, SAMPLE);

	if (block->len <= 2 * SAMPLE)
		return block->len > 0 && wins(deflated(block->data, n), n);
	return wins(deflated(block->data + block->len / 2, n) +
			deflated(block->data + block->len - n, n),
	    2 * n);
}

/* Chooses the method, writes the header and what was kept back. */
static gboolean
begin(pl_pack *pack, GError **error)
{
	int method =
	    is_worth_it(pack->head)
		? archive_write_zip_set_compression_deflate(pack->archive)
		: archive_write_zip_set_compression_store(pack->archive);
	la_ssize_t n;

	pack->begun = TRUE;
	if (!check(pack, method, error) ||
	    !check(
		pack, archive_write_header(pack->archive, pack->entry), error))
		return FALSE;
	n = archive_write_data(
	    pack->archive, pack->head->data, pack->head->len);
	g_byte_array_set_size(pack->head, 0);
	return check(pack, n < 0 ? ARCHIVE_FATAL : ARCHIVE_OK, error);
}

gboolean
pl_pack_file(pl_pack *pack, const char *name, guint64 size, gint64 modified,
    GError **error)
{
	g_assert(pack->entry == NULL);
	(void)error;
	pack->entry = archive_entry_new();
	archive_entry_update_pathname_utf8(pack->entry, name);
	archive_entry_set_filetype(pack->entry, AE_IFREG);
	archive_entry_set_perm(pack->entry, 0644);
	archive_entry_set_size(pack->entry, (la_int64_t)size);
	archive_entry_set_mtime(pack->entry, modified / G_USEC_PER_SEC, 0);
	pack->begun = FALSE;
	pack->size = size;
	pack->seen = 0;
	return TRUE;
}

gboolean
pl_pack_data(pl_pack *pack, const void *bytes, gsize length, GError **error)
{
	const guint8 *from = bytes;
	gsize n;
	la_ssize_t written;

	pack->seen += length;
	if (!pack->begun) {
		n = MIN(length, BLOCK - pack->head->len);
		g_byte_array_append(pack->head, from, (guint)n);
		from += n;
		length -= n;
		if (pack->head->len < BLOCK)
			return TRUE;
		if (!begin(pack, error))
			return FALSE;
	}
	if (length == 0)
		return TRUE;
	written = archive_write_data(pack->archive, from, length);
	return check(pack, written < 0 ? ARCHIVE_FATAL : ARCHIVE_OK, error);
}

gboolean
pl_pack_file_end(pl_pack *pack, GError **error)
{
	if (pack->seen != pack->size) {
		g_set_error(error, PL_RUN_ERROR, PL_RUN_COMPOSE,
		    "The file has %" G_GUINT64_FORMAT
		    " bytes and not %" G_GUINT64_FORMAT,
		    pack->seen, pack->size);
		return FALSE;
	}
	if (!pack->begun && !begin(pack, error))
		return FALSE;
	archive_entry_free(pack->entry);
	pack->entry = NULL;
	return check(pack, archive_write_finish_entry(pack->archive), error);
}

gboolean
pl_pack_finish(pl_pack *pack, GError **error)
{
	return check(pack, archive_write_close(pack->archive), error);
}
