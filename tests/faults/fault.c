/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault - makes writing fail as a broken disk would (LD_PRELOAD)
 *
 * While the file named by FAULT exists, the calls it lists fail with its
 * errno: "30 pwrite64 fdatasync". More words: "chance=20" fails one call in
 * five, "path=messages" only those on files with this in their path, "short"
 * lets writing write a part instead. Calls: write pwrite64 fsync fdatasync
 * sync_file_range ftruncate64 rename link unlink open.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* The words, or NULL. */
static char *
wish(char text[300])
{
	const char *path = getenv("FAULT");
	int fd = path != NULL ? REAL(open)(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = read(fd, text, 298);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	strcat(text, " ");
	return text;
}

static int
lists(const char *text, const char *call)
{
	char word[40];

	snprintf(word, sizeof(word), " %s ", call);
	return strstr(text, word) != NULL;
}

static int
by_chance(const char *text)
{
	const char *chance = strstr(text, " chance=");
	unsigned char dice = 0;

	if (chance == NULL)
		return 1;
	(void)!getrandom(&dice, 1, 0);
	return dice % 100 < atoi(chance + 8);
}

static int
is_there(const char *text, const char *path)
{
	const char *word = strstr(text, " path=");
	char part[100] = "";

	if (word == NULL)
		return 1;
	sscanf(word + 6, "%99s", part);
	return path != NULL && strstr(path, part) != NULL;
}

/* 1: fail, 2: be short. */
static int
fails(const char *call, int fd, const char *path)
{
	char text[300], link[64], name[300] = "";
	int before = errno, what;

	if (wish(text) == NULL || !lists(text, call)) {
		errno = before;
		return 0;
	}
	if (path == NULL) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		if (readlink(link, name, sizeof(name) - 1) < 0)
			name[0] = '\0';
	}
	what = is_there(text, path != NULL ? path : name) && by_chance(text);
	errno = what ? atoi(text) : before;
	return what && lists(text, "short") ? 2 : what;
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
	struct stat st;
	int disk = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	int f = fd > 2 && disk ? fails("write", fd, NULL) : 0;

	return f == 1 ? -1 : REAL(write)(fd, bytes, f ? (n + 1) / 2 : n);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	int f = fails("pwrite64", fd, NULL);

	return f == 1 ? -1 : REAL(pwrite64)(fd, bytes, f ? (n + 1) / 2 : n, at);
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	return pwrite64(fd, bytes, n, at);
}

int
fsync(int fd)
{
	return fails("fsync", fd, NULL) ? -1 : REAL(fsync)(fd);
}

int
fdatasync(int fd)
{
	return fails("fdatasync", fd, NULL) ? -1 : REAL(fdatasync)(fd);
}

int
sync_file_range(int fd, off64_t from, off64_t n, unsigned flags)
{
	return fails("sync_file_range", fd, NULL)
		   ? -1
		   : REAL(sync_file_range)(fd, from, n, flags);
}

int
ftruncate64(int fd, off64_t length)
{
	return fails("ftruncate64", fd, NULL) ? -1
					      : REAL(ftruncate64)(fd, length);
}

int
ftruncate(int fd, off_t length)
{
	return ftruncate64(fd, length);
}

int
rename(const char *from, const char *to)
{
	return fails("rename", -1, to) ? -1 : REAL(rename)(from, to);
}

int
link(const char *from, const char *to)
{
	return fails("link", -1, to) ? -1 : REAL(link)(from, to);
}

int
linkat(int in, const char *from, int out, const char *to, int flags)
{
	return fails("link", -1, to) ? -1
				     : REAL(linkat)(in, from, out, to, flags);
}

int
renameat2(int in, const char *from, int out, const char *to, unsigned flags)
{
	return fails("rename", -1, to)
		   ? -1
		   : REAL(renameat2)(in, from, out, to, flags);
}

int
unlink(const char *path)
{
	return fails("unlink", -1, path) ? -1 : REAL(unlink)(path);
}

int
open64(const char *path, int flags, ...)
{
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
	va_end(list);
	return (flags & O_ACCMODE) != O_RDONLY && fails("open", -1, path)
		   ? -1
		   : REAL(open64)(path, flags, mode);
}
