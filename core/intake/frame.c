/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frame - frames over a socket, as the child writes and reads them
 *
 * What is written waits until nothing is left to be read: several questions
 * that came together are answered together, and whoever waits for the answers
 * is woken once. The child has nothing else to do and blocks; the reader has
 * its own calls, which watch the time.
 */
#include "room.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define OUT_MOST 65536

void
pl_channel_init(struct pl_channel *c, int fd)
{
	*c = (struct pl_channel){ .fd = fd, .out = g_byte_array_new() };
}

gboolean
pl_channel_flush(struct pl_channel *c)
{
	const guint8 *p = c->out->data;
	gsize length = c->out->len;

	while (length > 0) {
		gssize n = write(c->fd, p, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return FALSE;
		p += n;
		length -= (gsize)n;
	}
	g_byte_array_set_size(c->out, 0);
	return TRUE;
}

gboolean
pl_channel_put(
    struct pl_channel *c, const struct pl_frame_head *head, const void *bytes)
{
	g_byte_array_append(c->out, (const guint8 *)head, sizeof *head);
	if (head->length > 0)
		g_byte_array_append(c->out, bytes, head->length);
	return c->out->len < OUT_MOST || pl_channel_flush(c);
}

gboolean
pl_channel_get(struct pl_channel *c, void *bytes, gsize length)
{
	char *p = bytes;

	while (length > 0) {
		const gsize n = MIN(length, c->have - c->at);
		if (n > 0) {
			memcpy(p, c->in + c->at, n);
			c->at += n;
			p += n;
			length -= n;
			continue;
		}
		if (!pl_channel_flush(c))
			return FALSE;
		gssize got = read(c->fd, c->in, sizeof c->in);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return FALSE;
		c->at = 0;
		c->have = (gsize)got;
	}
	return TRUE;
}
