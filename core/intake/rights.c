/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rights - what the child gives up before it sees a foreign byte
 *
 * Other descriptors, new privileges, files, network and programs: a seccomp
 * filter; what is not listed is refused with EACCES, so a library that looks
 * for a file of its own only misses it. What remains for a child that runs out
 * of memory is to say so by its exit code.
 */
#include "room.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define ROOM (4 << 20) /* whoever has less was short of memory */

static const int allowed[] = { SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv),
	SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(fstat),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise),
	SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(exit),
	SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(getrandom), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(restart_syscall) };

static gboolean
set_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EACCES));
	const struct scmp_arg_cmp no_code =
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp itself =
	    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
	int rc = 0;

	if (filter == NULL)
		return FALSE;
	for (unsigned i = 0; i < G_N_ELEMENTS(allowed); i++)
		rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	rc |= seccomp_rule_add_array(
	    filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &no_code);
	rc |= seccomp_rule_add_array(
	    filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &no_code);
	/* abort() */
	rc |= seccomp_rule_add_array(
	    filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &itself);
	rc |= seccomp_load(filter);
	seccomp_release(filter);
	return rc == 0;
}

static void
set_limit(int what, rlim_t value)
{
	const struct rlimit limit = { value, value };

	setrlimit((__rlimit_resource_t)what, &limit);
}

/* Where FD is now: not where standard input and output belong. */
static int
close_others(int fd)
{
	fd = fcntl(fd, F_DUPFD, 3);
	int null = open("/dev/null", O_RDWR);

	for (int i = 0; i <= 2 && null >= 0; i++)
		dup2(null, i);
	if (fd > 3)
		close_range(3, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0u, 0);
	return fd;
}

static void
reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	/* these are sent to a whole group, and are for the parent: it ends the
	 * child, or the child ends with it */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* GLib ends the process when memory runs out: say so by the exit code. */
static void
last_words(
    const char *domain, GLogLevelFlags level, const char *text, void *user)
{
	(void)domain, (void)user;
	if ((level & G_LOG_FLAG_FATAL) != 0)
		_exit(strstr(text, "failed to allocate") != NULL
			  ? PL_CHILD_MEMORY
			  : 1);
}

/* GLib's slices and C++ have no such words. */
static void
on_abort(int signal)
{
	(void)signal;
	if (mmap(NULL, ROOM, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		_exit(PL_CHILD_MEMORY);
	/* abort() goes on, and ends the process by this signal */
}

int
pl_child_give_up(int fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	reset_signals();
	if (!SANITIZED)
		signal(SIGABRT, on_abort);
	fd = close_others(fd);
	g_log_set_default_handler(last_words, NULL);
	set_limit(RLIMIT_CORE, 0);
	set_limit(RLIMIT_FSIZE, 0);
	set_limit(RLIMIT_NOFILE, (rlim_t)fd + 1);
	set_limit(RLIMIT_NPROC, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* a sanitizer has calls of its own */
	if (!SANITIZED && !set_filter())
		_exit(PL_CHILD_FILTER);
	return fd;
}
