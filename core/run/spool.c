/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spool - an e-mail on its way out, in a file without a name
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spool.h"

#define BUFFER 65536
#define LINE_IN 57 /* bytes in a line of 76 characters */
#define LINE_OUT 78

struct pl_spool {
	int fd;
	guint64 limit, size;
	gsize filled, rest;
	guint8 line[LINE_IN]; /* `rest` bytes that make no line yet */
	char buffer[BUFFER];
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

pl_spool *
pl_spool_new(guint64 limit, GError **error)
{
	g_autoptr(pl_spool) spool = g_new0(pl_spool, 1);

	spool->limit = limit;
	spool->fd = open_nameless();
	if (spool->fd < 0) {
		fail("Cannot keep", error);
		return NULL;
	}
	return g_steal_pointer(&spool);
}

void
pl_spool_free(pl_spool *spool)
{
	if (spool == NULL)
		return;
	if (spool->fd >= 0)
		close(spool->fd);
	g_free(spool);
}

static gboolean
flush(pl_spool *spool, GError **error)
{
	for (gsize done = 0; done < spool->filled;) {
		ssize_t n = write(
		    spool->fd, spool->buffer + done, spool->filled - done);

		if (n < 0 && errno != EINTR)
			return fail("Cannot write", error);
		if (n > 0)
			done += (gsize)n;
	}
	spool->filled = 0;
	return TRUE;
}

gboolean
pl_spool_write(pl_spool *spool, const void *bytes, gsize length, GError **error)
{
	const char *from = bytes;

	spool->size += length;
	if (spool->limit != 0 && spool->size > spool->limit) {
		g_set_error(error, PL_RUN_ERROR, PL_RUN_TOO_LARGE,
		    "The e-mail would be larger than %" G_GUINT64_FORMAT
		    " bytes",
		    spool->limit);
		return FALSE;
	}
	while (length > 0) {
		gsize n = MIN(length, BUFFER - spool->filled);

		memcpy(spool->buffer + spool->filled, from, n);
		spool->filled += n;
		from += n;
		length -= n;
		if (spool->filled == BUFFER && !flush(spool, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
pl_spool_text(pl_spool *spool, const char *text, GError **error)
{
	return pl_spool_write(spool, text, strlen(text), error);
}

static gboolean
put_line(pl_spool *spool, const guint8 *bytes, gsize length, GError **error)
{
	char out[LINE_OUT + 8];
	int state = 0, save = 0;
	gsize n;

	n = g_base64_encode_step(bytes, length, FALSE, out, &state, &save);
	n += g_base64_encode_close(FALSE, out + n, &state, &save);
	memcpy(out + n, "\r\n", 2);
	return pl_spool_write(spool, out, n + 2, error);
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
		if (!put_line(spool, line, LINE_IN, error))
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
pl_spool_base64_end(pl_spool *spool, GError **error)
{
	gsize rest = spool->rest;

	spool->rest = 0;
	return rest == 0 || put_line(spool, spool->line, rest, error);
}

gboolean
pl_spool_finish(pl_spool *spool, GError **error)
{
	g_assert(spool->rest == 0);
	return flush(spool, error);
}

guint64
pl_spool_size(const pl_spool *spool)
{
	return spool->size;
}

gssize
pl_spool_pread(pl_spool *spool, guint64 offset, void *buffer, gsize length)
{
	ssize_t n;

	do
		n = pread(spool->fd, buffer, length, (off_t)offset);
	while (n < 0 && errno == EINTR);
	return n;
}
