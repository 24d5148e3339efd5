/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lock - one daemon, one run, one import at a time
 *
 * flock() on a file beside the ledger, with the holder's process and start
 * time written in it for people. The kernel gives the lock back when the last
 * descriptor is closed, so nothing has to be cleaned up after a crash; the
 * file itself stays, since removing it would let two holders in.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "disk.h"
#include "room.h"

static char *
read_holder(int fd)
{
	char text[64] = "";
	gint64 pid, since;
	g_autoptr(GDateTime) then = NULL;
	g_autofree char *at = NULL;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0 || sscanf(text, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
			  &pid, &since) != 2)
		return g_strdup("another process");
	then = g_date_time_new_from_unix_local(since);
	at = then != NULL ? g_date_time_format(then, "%H:%M:%S") : NULL;
	return g_strdup_printf(
	    "pid %" G_GINT64_FORMAT " since %s", pid, at != NULL ? at : "?");
}

/* Only words for people: that they cannot be written does not matter. */
static void
write_holder(int fd)
{
	g_autofree char *text = g_strdup_printf("%d %" G_GINT64_FORMAT "\n",
	    (int)getpid(), g_get_real_time() / G_TIME_SPAN_SECOND);

	if (ftruncate(fd, 0) == 0)
		(void)!pwrite(fd, text, strlen(text), 0);
}

static gboolean
take(int fd, unsigned seconds)
{
	gint64 end = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if ((errno != EWOULDBLOCK && errno != EINTR) ||
		    g_get_monotonic_time() >= end)
			return FALSE;
		g_usleep(50000);
	}
	return TRUE;
}

gboolean
pl_ledger_lock(pl_ledger *l, const char *name, unsigned seconds, char **holder,
    GError **error)
{
	g_autofree char *path = g_strdup_printf("%s.%s.lock", l->path, name);
	g_autofree char *who = NULL;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return pl_refuse(error, pl_disk_class(errno),
		    "%s: the lock cannot be opened (%s); check the owner of "
		    "this file and of its folder",
		    path, g_strerror(errno));
	if (take(fd, seconds)) {
		write_holder(fd);
		g_array_append_val(l->locks, fd);
		return TRUE;
	}
	who = read_holder(fd);
	close(fd);
	pl_refuse(error, PL_LEDGER_CONFLICT, "%s: taken by %s", path, who);
	if (holder != NULL)
		*holder = g_steal_pointer(&who);
	return FALSE;
}

/* ---- bytes stay while they are copied ---------------------------------- */

int
pl_ledger_lock_bytes(
    pl_ledger *l, unsigned seconds, gboolean *busy, GError **error)
{
	GError *failed = NULL;

	*busy = FALSE;
	if (pl_ledger_lock(l, "bytes", seconds, NULL, &failed))
		return g_array_index(l->locks, int, l->locks->len - 1);
	*busy = g_error_matches(failed, PL_LEDGER_ERROR, PL_LEDGER_CONFLICT);
	g_propagate_error(error, failed);
	return -1;
}

void
pl_ledger_unlock(pl_ledger *l, int fd)
{
	for (guint i = 0; i < l->locks->len; i++)
		if (g_array_index(l->locks, int, i) == fd) {
			g_array_remove_index(l->locks, i);
			close(fd);
			return;
		}
}

/* ---- words beside the lock --------------------------------------------- */

/* The file of a lock by URL, as pl_ledger_lock() finds it by handle. */
static int
open_by_url(const char *url, const char *name, int flags)
{
	const char *path =
	    g_str_has_prefix(url, "sqlite:") ? strchr(url, ':') + 1 : url;
	char *real = realpath(path, NULL);
	g_autofree char *file =
	    g_strdup_printf("%s.%s.lock", real != NULL ? real : path, name);

	free(real);
	return open(file, flags | O_CLOEXEC | O_NOFOLLOW);
}

/* The first line is the holder's, the second has the words. */
gboolean
pl_ledger_note(const char *url, const char *name, const char *words)
{
	int fd = open_by_url(url, name, O_RDWR);
	char text[64] = "";
	ssize_t n = fd < 0 ? 0 : pread(fd, text, sizeof(text) - 1, 0);
	const char *end = n > 0 ? strchr(text, '\n') : NULL;
	g_autofree char *line = g_strconcat(words, "\n", NULL);
	size_t length = strlen(line);
	gboolean good = end != NULL;

	if (good) {
		off_t at = end + 1 - text;
		good = pwrite(fd, line, length, at) == (ssize_t)length &&
		       ftruncate(fd, at + (off_t)length) == 0;
	}
	if (fd >= 0)
		close(fd);
	return good;
}

char *
pl_ledger_noted(const char *url, const char *name)
{
	int fd = open_by_url(url, name, O_RDONLY);
	char text[512] = "";
	ssize_t n = fd < 0 ? 0 : pread(fd, text, sizeof(text) - 1, 0);
	char *words = n > 0 ? strchr(text, '\n') : NULL;
	char *end = words != NULL ? strchr(words + 1, '\n') : NULL;

	if (fd >= 0)
		close(fd);
	if (end == NULL)
		return NULL;
	*end = '\0';
	return g_strdup(words + 1);
}
