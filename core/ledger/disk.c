/* SPDX-License-Identifier: BSD-2-Clause */
/* disk - see disk.h */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum pl_ledger_error
pl_disk_class(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return PL_LEDGER_FULL;
	case ENOENT:
	case ENOTDIR:
		return PL_LEDGER_ABSENT;
	case EACCES:
	case EPERM:
	case EROFS:
		return PL_LEDGER_READONLY;
	case EMFILE:
	case ENFILE:
	case EINTR:
	case EAGAIN:
		return PL_LEDGER_RETRY;
	default:
		return PL_LEDGER_FAILED;
	}
}

static const char *advice(enum pl_ledger_error class)
{
	switch (class) {
	case PL_LEDGER_RETRY:
		return "busy; try again";
	case PL_LEDGER_FULL:
		return "no space left; make room on its disk";
	case PL_LEDGER_READONLY:
		return "cannot be written; check its owner and permissions, "
		       "those of its folder, and whether its disk is mounted "
		       "read-only";
	case PL_LEDGER_ABSENT:
		return "no such file; check the path";
	case PL_LEDGER_DAMAGED:
		return "damaged or no ledger; stop postledgerd and put a "
		       "backup in its place";
	default:
		return "failed; see the log of the system for this disk";
	}
}

gboolean
pl_disk_refuse_as(const char *path, enum pl_ledger_error class,
    const char *detail, GError **error)
{
	g_set_error(error, PL_LEDGER_ERROR, class, "%s: %s (%s)", path,
	    advice(class), detail);
	return FALSE;
}

gboolean
pl_disk_refuse(const char *path, GError **error)
{
	int number = errno;

	return pl_disk_refuse_as(
	    path, pl_disk_class(number), g_strerror(number), error);
}

gboolean
pl_disk_write(int fd, const void *bytes, gsize n, guint64 at)
{
	for (gsize done = 0; done < n;) {
		ssize_t w = pwrite(fd, (const char *)bytes + done, n - done,
		    (off_t)(at + done));

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0) {
			errno = w == 0 ? ENOSPC : errno;
			return FALSE;
		}
		done += (gsize)w;
	}
	return TRUE;
}

gssize
pl_disk_read(int fd, void *buffer, gsize n, guint64 at)
{
	gsize done = 0;

	while (done < n) {
		ssize_t r = pread(
		    fd, (char *)buffer + done, n - done, (off_t)(at + done));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		done += (gsize)r;
	}
	return (gssize)done;
}

gboolean
pl_disk_sync(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	gboolean ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		pl_disk_refuse(path, error);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Not every file system knows holes. */
static void
write_zeros(int fd, guint64 at, guint64 length)
{
	static const char zeros[65536];

	while (length > 0) {
		gsize n = (gsize)MIN(length, sizeof(zeros));

		if (!pl_disk_write(fd, zeros, n, at))
			return;
		at += n;
		length -= n;
	}
}

void
pl_disk_punch(int fd, guint64 at, guint64 length)
{
	int before = errno;

	if (length > 0 &&
	    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at,
		(off_t)length) != 0 &&
	    (errno == EOPNOTSUPP || errno == ENOSYS))
		write_zeros(fd, at, length);
	errno = before;
}
