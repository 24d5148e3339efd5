/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault - makes writing fail as a broken disk would (LD_PRELOAD)
 *
 * While the file named by FAULT exists, the calls it lists fail with its
 * errno: "30 pwrite64 fdatasync". Calls: pwrite64 fdatasync ftruncate64.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
fails(const char *call)
{
	const char *path = getenv("FAULT");
	FILE *f = path != NULL ? fopen(path, "r") : NULL;
	char text[200] = "";

	if (f == NULL)
		return 0;
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	fclose(f);
	if (strstr(text, call) == NULL)
		return 0;
	errno = atoi(text);
	return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	return fails("pwrite64") ? -1 : REAL(pwrite64)(fd, bytes, n, at);
}

int
fdatasync(int fd)
{
	return fails("fdatasync") ? -1 : REAL(fdatasync)(fd);
}

int
ftruncate64(int fd, off64_t length)
{
	return fails("ftruncate64") ? -1 : REAL(ftruncate64)(fd, length);
}
