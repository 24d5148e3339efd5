/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shelf - files that appear in folders whole, under a free name, once
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "shelf.h"

#define LIST "list"
#define FILE_MODE 0640

struct pl_shelf {
	char *path;
	int fixed, work;
};

static gboolean
fail(const char *what, const char *path, const char *name, GError **error)
{
	int number = errno;

	g_set_error(error, PL_RUN_ERROR, PL_RUN_FOLDER, "cannot %s %s%s%s: %s",
	    what, path, *name != '\0' ? "/" : "", name, g_strerror(number));
	return FALSE;
}

static int
open_folder(int at, const char *name, gboolean follow)
{
	return openat(at, name,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
}

/* ---- open -------------------------------------------------------------- */

/* Whoever else could write there could take files back, or put false ones in
 * their place. */
static gboolean
is_ours(const pl_shelf *shelf, GError **error)
{
	struct stat st;

	if (fstat(shelf->work, &st) < 0)
		return fail("use", shelf->path, PL_FOLDER_WORKPLACE, error);
	if (st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return TRUE;
	g_set_error(error, PL_RUN_ERROR, PL_RUN_FOLDER,
	    "cannot use %s/" PL_FOLDER_WORKPLACE
	    ": it is not this user's alone (mode 0700)",
	    shelf->path);
	return FALSE;
}

static gboolean
open_work(pl_shelf *shelf, GError **error)
{
	shelf->work = open_folder(shelf->fixed, PL_FOLDER_WORKPLACE, FALSE);
	if (shelf->work < 0 && errno == ENOENT) {
		if (mkdirat(shelf->fixed, PL_FOLDER_WORKPLACE, 0700) == 0)
			fsync(shelf->fixed);
		shelf->work =
		    open_folder(shelf->fixed, PL_FOLDER_WORKPLACE, FALSE);
	}
	if (shelf->work < 0)
		return fail("write", shelf->path, PL_FOLDER_WORKPLACE, error);
	return is_ours(shelf, error);
}

pl_shelf *
pl_shelf_open(const char *fixed, GError **error)
{
	g_autoptr(pl_shelf) shelf = g_new0(pl_shelf, 1);

	shelf->path = g_strdup(fixed);
	shelf->work = -1;
	shelf->fixed = open_folder(AT_FDCWD, fixed, TRUE);
	if (shelf->fixed < 0) {
		fail("open the folder", fixed, "", error);
		return NULL;
	}
	return open_work(shelf, error) ? g_steal_pointer(&shelf) : NULL;
}

void
pl_shelf_free(pl_shelf *shelf)
{
	if (shelf == NULL)
		return;
	if (shelf->fixed >= 0)
		close(shelf->fixed);
	if (shelf->work >= 0)
		close(shelf->work);
	g_free(shelf->path);
	g_free(shelf);
}

gboolean
pl_shelf_has_room(pl_shelf *shelf)
{
	struct statvfs vfs;

	return fstatvfs(shelf->work, &vfs) < 0 ||
	       (vfs.f_bavail > 0 && (vfs.f_flag & ST_RDONLY) == 0);
}

/* ---- the workplace ----------------------------------------------------- */

static char *
numbered(const char *ticket, unsigned number)
{
	return g_strdup_printf("%s.%u", ticket, number);
}

static int
create(pl_shelf *shelf, const char *name, GError **error)
{
	int fd;

	unlinkat(shelf->work, name, 0);
	fd = openat(shelf->work, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd >= 0 && fchmod(fd, FILE_MODE) == 0)
		return fd;
	fail("write a file in", shelf->path, PL_FOLDER_WORKPLACE, error);
	if (fd >= 0)
		close(fd);
	return -1;
}

int
pl_shelf_begin(
    pl_shelf *shelf, const char *ticket, unsigned number, GError **error)
{
	g_autofree char *name = numbered(ticket, number);

	return create(shelf, name, error);
}

gboolean
pl_shelf_write(
    pl_shelf *shelf, int fd, const void *bytes, gsize length, GError **error)
{
	const char *from = bytes;

	while (length > 0) {
		ssize_t n = write(fd, from, length);

		if (n < 0 && errno != EINTR)
			return fail("write a file in", shelf->path,
			    PL_FOLDER_WORKPLACE, error);
		if (n > 0) {
			from += n;
			length -= (gsize)n;
		}
	}
	return TRUE;
}

gboolean
pl_shelf_end(pl_shelf *shelf, int fd, guint64 *size, GError **error)
{
	struct stat st;
	gboolean good = fsync(fd) == 0 && fstat(fd, &st) == 0;

	if (!good)
		fail("keep a file in", shelf->path, PL_FOLDER_WORKPLACE, error);
	else if (size != NULL)
		*size = (guint64)st.st_size;
	close(fd);
	return good;
}

gboolean
pl_shelf_list(
    pl_shelf *shelf, const char *ticket, const char *text, GError **error)
{
	g_autofree char *name = g_strconcat(ticket, "." LIST, NULL);
	int fd = create(shelf, name, error);

	if (fd < 0)
		return FALSE;
	if (!pl_shelf_write(shelf, fd, text, strlen(text), error)) {
		close(fd);
		return FALSE;
	}
	return pl_shelf_end(shelf, fd, NULL, error) &&
	       pl_shelf_sync(shelf, shelf->work, error);
}

int
pl_shelf_has_list(pl_shelf *shelf, const char *ticket, GError **error)
{
	g_autofree char *name = g_strconcat(ticket, "." LIST, NULL);
	struct stat st;

	if (fstatat(shelf->work, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	if (errno == ENOENT)
		return 0;
	fail("read", shelf->path, PL_FOLDER_WORKPLACE, error);
	return -1;
}

gboolean
pl_shelf_waits(pl_shelf *shelf, const char *ticket, unsigned number)
{
	g_autofree char *name = numbered(ticket, number);
	struct stat st;

	return fstatat(shelf->work, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	       errno != ENOENT;
}

/* Lists are removed last: as long as there is one, what is missing was put
 * out. */
static void
remove_all(pl_shelf *shelf, gboolean lists, pl_shelf_over over, void *user)
{
	int fd = open_folder(shelf->work, ".", FALSE);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *d;

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		const char *dot = strrchr(d->d_name, '.');
		g_autofree char *ticket = NULL;

		if (dot == NULL || dot == d->d_name ||
		    (strcmp(dot + 1, LIST) == 0) != lists)
			continue;
		ticket = g_strndup(d->d_name, (gsize)(dot - d->d_name));
		if (over(ticket, user))
			unlinkat(shelf->work, d->d_name, 0);
	}
	if (dir != NULL)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

void
pl_shelf_sweep(pl_shelf *shelf, pl_shelf_over over, void *user)
{
	remove_all(shelf, FALSE, over, user);
	remove_all(shelf, TRUE, over, user);
}

static gboolean
is_it(const char *ticket, void *user)
{
	return strcmp(ticket, user) == 0;
}

void
pl_shelf_drop(pl_shelf *shelf, const char *ticket)
{
	pl_shelf_sweep(shelf, is_it, (void *)(guintptr)ticket);
}

/* ---- folders ----------------------------------------------------------- */

/* Like the one above: who may come in there comes in here, with its group and
 * access lists. */
static gboolean
make(int above, const char *name)
{
	struct stat st;
	mode_t mask;
	int made;

	if (fstat(above, &st) < 0)
		return FALSE;
	mask = umask(0);
	made = mkdirat(above, name, (st.st_mode & 0777) | 0700);
	umask(mask);
	if (made == 0)
		fsync(above);
	return made == 0 || errno == EEXIST;
}

/* ABOVE is closed. */
static int
step(int above, const char *name)
{
	int fd = open_folder(above, name, FALSE);
	int number;

	if (fd < 0 && errno == ENOENT && make(above, name))
		fd = open_folder(above, name, FALSE);
	number = errno;
	close(above);
	errno = number;
	return fd;
}

int
pl_shelf_folder(pl_shelf *shelf, const char *below, GError **error)
{
	g_auto(GStrv) names = g_strsplit(below, "/", -1);
	int fd = open_folder(shelf->fixed, ".", FALSE);

	for (unsigned i = 0; fd >= 0 && names[i] != NULL; i++)
		if (*names[i] != '\0')
			fd = step(fd, names[i]);
	if (fd < 0)
		fail("open the folder", shelf->path, below, error);
	return fd;
}

gboolean
pl_shelf_exists(int folder, const char *name)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

gboolean
pl_shelf_sync(pl_shelf *shelf, int folder, GError **error)
{
	if (fsync(folder) == 0 || errno == EINVAL)
		return TRUE;
	return fail("keep what is in", shelf->path, "", error);
}

/* ---- out --------------------------------------------------------------- */

/* A folder whose files belong to its group gets files of its group. */
static void
join_group(pl_shelf *shelf, const char *from, int folder)
{
	struct stat st;

	if (fstat(folder, &st) == 0 && (st.st_mode & S_ISGID) != 0 &&
	    fchownat(shelf->work, from, (uid_t)-1, st.st_gid,
		AT_SYMLINK_NOFOLLOW) < 0)
		return; /* not ours to give: it keeps the group it has */
}

static enum pl_shelved
not_put(const pl_shelf *shelf, const char *name, GError **error)
{
	if (errno == EEXIST)
		return PL_SHELVED_TAKEN;
	if (errno == EXDEV)
		g_set_error(error, PL_RUN_ERROR, PL_RUN_FOLDER,
		    "cannot write %s below %s: it lies on another file system",
		    name, shelf->path);
	else
		fail("write", shelf->path, name, error);
	return PL_SHELVED_NOT;
}

/* Over NFS an answer may get lost and the question be asked again: then our
 * own link is in the way. */
static gboolean
is_linked(int work, const char *from, int folder, const char *name)
{
	struct stat a, b;

	return fstatat(work, from, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstatat(folder, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Two steps: whoever dies between them leaves a second name in the workplace,
 * by which the next one knows that the first step was taken. Only if the file
 * was taken away in between, too, it is put out again. */
enum pl_shelved
pl_shelf_link(pl_shelf *shelf, const char *ticket, unsigned number, int folder,
    const char *name, GError **error)
{
	g_autofree char *from = numbered(ticket, number);
	struct stat st;

	if (fstatat(shelf->work, from, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return not_put(shelf, name, error);
	if (st.st_nlink < 2 && linkat(shelf->work, from, folder, name, 0) < 0 &&
	    !is_linked(shelf->work, from, folder, name))
		return not_put(shelf, name, error);
	if (unlinkat(shelf->work, from, 0) < 0)
		return not_put(shelf, name, error);
	return PL_SHELVED_OUT;
}

enum pl_shelved
pl_shelf_put(pl_shelf *shelf, const char *ticket, unsigned number, int folder,
    const char *name, GError **error)
{
	g_autofree char *from = numbered(ticket, number);

	join_group(shelf, from, folder);
	if (renameat2(shelf->work, from, folder, name, RENAME_NOREPLACE) == 0)
		return PL_SHELVED_OUT;
	if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
		return pl_shelf_link(
		    shelf, ticket, number, folder, name, error);
	return not_put(shelf, name, error);
}
