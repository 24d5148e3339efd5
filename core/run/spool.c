/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spool - an e-mail on its way out: in memory, or in a file without a name
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spool.h"

#define BLOCK 65536
#define BLOCKS 64  /* that are kept: 4 MB */
#define LINE_IN 57 /* bytes in a line of 76 characters */
#define LINE_OUT 78

struct pl_spool {
	int fd; /* -1: no file yet */
	guint64 limit, size;
	guint n;     /* blocks that were begun */
	gsize room;  /* in the last of them */
	char *block[BLOCKS]; /* with a file, the first is its buffer */
	gsize rest;
	guint8 line[LINE_IN]; /* `rest` bytes that make no line yet */
};

/* Not /tmp, which often is memory. */
static int
open_nameless(void)
{
	const char *folder = getenv("TMPDIR");
	g_autofree char *name = NULL;
	int fd;

	if (folder == NULL || *folder == '\0')
		folder = "/var/tmp";
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || errno == ENOENT)
		return fd;
	/* a file system without files that have no name */
	name = g_build_filename(folder, "postledger-XXXXXX", NULL);
	fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		unlink(name);
	return fd;
}

static gboolean
fail(const char *what, GError **error)
{
	g_set_error(error, PL_RUN_ERROR, PL_RUN_SPOOL,
	    "%s the e-mail in a temporary file: %s", what, g_strerror(errno));
	return FALSE;
}

static gint alive;

unsigned
pl_spool_count(void)
{
	return (unsigned)g_atomic_int_get(&alive);
}

pl_spool *
pl_spool_new(guint64 limit)
{
	pl_spool *spool = g_new0(pl_spool, 1);

	spool->limit = limit;
	spool->fd = -1;
	g_atomic_int_inc(&alive);
	return spool;
}

static void
forget_blocks(pl_spool *spool, guint from)
{
	for (guint i = from; i < BLOCKS; i++)
		g_clear_pointer(&spool->block[i], g_free);
}

void
pl_spool_free(pl_spool *spool)
{
	if (spool == NULL)
		return;
	if (spool->fd >= 0)
		close(spool->fd);
	forget_blocks(spool, 0);
	g_free(spool);
	g_atomic_int_add(&alive, -1);
}

static gboolean
write_block(pl_spool *spool, guint number, gsize length, GError **error)
{
	for (gsize done = 0; done < length;) {
		ssize_t n = write(
		    spool->fd, spool->block[number] + done, length - done);

		if (n < 0 && errno != EINTR)
			return fail("Cannot write", error);
		if (n > 0)
			done += (gsize)n;
	}
	return TRUE;
}

/* What is kept goes into a file, and all that comes from now on. */
static gboolean
turn_to_file(pl_spool *spool, GError **error)
{
	spool->fd = open_nameless();
	if (spool->fd < 0)
		return fail("Cannot keep", error);
	for (guint i = 0; i < spool->n; i++)
		if (!write_block(spool, i, BLOCK, error))
			return FALSE;
	forget_blocks(spool, 1);
	spool->n = 1;
	return TRUE;
}

/* Room for at least a byte in the last block. */
static gboolean
make_room(pl_spool *spool, GError **error)
{
	if (spool->fd >= 0) {
		if (!write_block(spool, 0, BLOCK, error))
			return FALSE;
	} else if (spool->n == BLOCKS) {
		if (!turn_to_file(spool, error))
			return FALSE;
	} else {
		spool->block[spool->n++] = g_malloc(BLOCK);
	}
	spool->room = BLOCK;
	return TRUE;
}

static char *
end_of(const pl_spool *spool)
{
	return spool->block[spool->n - 1] + (BLOCK - spool->room);
}

static gboolean
grow(pl_spool *spool, gsize length, GError **error)
{
	spool->size += length;
	if (spool->limit == 0 || spool->size <= spool->limit)
		return TRUE;
	g_set_error(error, PL_RUN_ERROR, PL_RUN_TOO_LARGE,
	    "The e-mail would be larger than %" G_GUINT64_FORMAT " bytes",
	    spool->limit);
	return FALSE;
}

gboolean
pl_spool_write(pl_spool *spool, const void *bytes, gsize length, GError **error)
{
	const char *from = bytes;

	if (!grow(spool, length, error))
		return FALSE;
	while (length > 0) {
		gsize n;

		if (spool->room == 0 && !make_room(spool, error))
			return FALSE;
		n = MIN(length, spool->room);
		memcpy(end_of(spool), from, n);
		spool->room -= n;
		from += n;
		length -= n;
	}
	return TRUE;
}

gboolean
pl_spool_text(pl_spool *spool, const char *text, GError **error)
{
	return pl_spool_write(spool, text, strlen(text), error);
}

/* ---- base64 ------------------------------------------------------------ */

/* A whole line with its end, LINE_OUT characters. */
static void
encode_line(const guint8 *in, char *out)
{
	pl_base64_encode(in, LINE_IN, out);
	memcpy(out + LINE_OUT - 2, "\r\n", 2);
}

static gboolean
put_line(pl_spool *spool, const guint8 *bytes, GError **error)
{
	char out[LINE_OUT];

	if (spool->room < LINE_OUT) {
		encode_line(bytes, out);
		return pl_spool_write(spool, out, LINE_OUT, error);
	}
	if (!grow(spool, LINE_OUT, error))
		return FALSE;
	encode_line(bytes, end_of(spool));
	spool->room -= LINE_OUT;
	return TRUE;
}

gboolean
pl_spool_base64(
    pl_spool *spool, const void *bytes, gsize length, GError **error)
{
	const guint8 *from = bytes;

	while (spool->rest + length >= LINE_IN) {
		const guint8 *line = from;
		gsize n = LINE_IN - spool->rest;

		if (spool->rest > 0) {
			memcpy(spool->line + spool->rest, from, n);
			line = spool->line;
			spool->rest = 0;
		}
		if (!put_line(spool, line, error))
			return FALSE;
		from += n;
		length -= n;
	}
	if (length > 0)
		memcpy(spool->line + spool->rest, from, length);
	spool->rest += length;
	return TRUE;
}

gboolean
pl_spool_put_base64(
    void *spool, const void *bytes, gsize length, GError **error)
{
	return pl_spool_base64(spool, bytes, length, error);
}

gboolean
pl_spool_base64_end(pl_spool *spool, GError **error)
{
	char out[LINE_OUT + 8];
	int state = 0, save = 0;
	gsize n;

	if (spool->rest == 0)
		return TRUE;
	n = g_base64_encode_step(
	    spool->line, spool->rest, FALSE, out, &state, &save);
	n += g_base64_encode_close(FALSE, out + n, &state, &save);
	memcpy(out + n, "\r\n", 2);
	spool->rest = 0;
	return pl_spool_write(spool, out, n + 2, error);
}

/* ---- reading ----------------------------------------------------------- */

gboolean
pl_spool_finish(pl_spool *spool, GError **error)
{
	g_assert(spool->rest == 0);
	if (spool->fd < 0)
		return TRUE;
	if (!write_block(spool, 0, BLOCK - spool->room, error))
		return FALSE;
	forget_blocks(spool, 0);
	return TRUE;
}

guint64
pl_spool_size(const pl_spool *spool)
{
	return spool->size;
}

static gssize
copy_kept(const pl_spool *spool, guint64 offset, void *buffer, gsize length)
{
	gsize done = 0;

	length = (gsize)MIN(
	    length, offset < spool->size ? spool->size - offset : (guint64)0);
	while (done < length) {
		gsize from = (gsize)((offset + done) % BLOCK);
		gsize n = MIN(BLOCK - from, length - done);

		memcpy((char *)buffer + done,
		    spool->block[(offset + done) / BLOCK] + from, n);
		done += n;
	}
	return (gssize)done;
}

gssize
pl_spool_pread(
    const pl_spool *spool, guint64 offset, void *buffer, gsize length)
{
	ssize_t n;

	if (spool->fd < 0)
		return copy_kept(spool, offset, buffer, length);
	do
		n = pread(spool->fd, buffer, length, (off_t)offset);
	while (n < 0 && errno == EINTR);
	return n;
}
