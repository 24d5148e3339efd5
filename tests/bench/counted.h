/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * counted - how often a bench waits for the disk
 *
 * For one source file of a program: fsync() and fdatasync() are replaced in
 * all of it, the libraries too.
 */
#ifndef BENCH_COUNTED_H
#define BENCH_COUNTED_H

#include <sys/syscall.h>
#include <unistd.h>

static unsigned syncs;

/* Instead of the library's: counts, then does it. */
int
fdatasync(int fd)
{
	syncs++;
	return (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	syncs++;
	return (int)syscall(SYS_fsync, fd);
}

#endif
