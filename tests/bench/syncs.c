/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * syncs - counts what a program has the disk do (LD_PRELOAD)
 *
 * Three numbers in the file that POSTLEDGER_SYNCS names: syncs, the
 * nanoseconds they took, bytes written to files.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct counts {
	atomic_ullong syncs, nanoseconds, bytes;
} none, *counts = &none;

__attribute__((constructor)) static void
open_counts(void)
{
	const char *path = getenv("POSTLEDGER_SYNCS");
	int fd =
	    path != NULL ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd < 0 || ftruncate(fd, sizeof(none)) != 0)
		return;
	void *at =
	    mmap(NULL, sizeof(none), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at != MAP_FAILED)
		counts = at;
	close(fd);
}

static unsigned long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long long)t.tv_sec * 1000000000 +
	       (unsigned long long)t.tv_nsec;
}

static int
timed(long number, int fd)
{
	unsigned long long begun = now();
	int answer = (int)syscall(number, fd);

	counts->syncs++;
	counts->nanoseconds += now() - begun;
	return answer;
}

int
fdatasync(int fd)
{
	return timed(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	return timed(SYS_fsync, fd);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off_t at) /* pwrite, too */
{
	ssize_t written = syscall(SYS_pwrite64, fd, bytes, n, at);

	if (written > 0)
		counts->bytes += (unsigned long long)written;
	return written;
}
