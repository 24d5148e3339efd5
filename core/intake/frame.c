/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frame - head and bytes over a socket, as the child writes and reads them
 *
 * The child has nothing else to do and blocks; the reader has its own calls,
 * which watch the time.
 */
#include "room.h"

#include <errno.h>
#include <unistd.h>

static gboolean
write_all(int fd, const void *bytes, gsize length)
{
	const char *p = bytes;

	while (length > 0) {
		gssize n = write(fd, p, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return FALSE;
		p += n;
		length -= (gsize)n;
	}
	return TRUE;
}

gboolean
pl_frame_write(int fd, const struct pl_frame_head *head, const void *bytes)
{
	return write_all(fd, head, sizeof *head) &&
	       write_all(fd, bytes, head->length);
}

gboolean
pl_frame_read(int fd, void *bytes, gsize length)
{
	char *p = bytes;

	while (length > 0) {
		gssize n = read(fd, p, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return FALSE;
		p += n;
		length -= (gsize)n;
	}
	return TRUE;
}
