/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keeper - the child's life, its time, and bytes to and from it
 *
 * What is watched is the child's processor time, which a busy machine does not
 * spend faster: a slow minute makes no message unreadable. The clock stands far
 * behind it, for a child that sleeps. Whatever goes wrong on the way to or from
 * the child buries it; the next request starts another one.
 *
 * The child is forked from the caller's process, which should have one thread.
 */
#include "keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MEMORY (512ull << 20) /* of addresses, with those of libraries */
#define DATA (160ull << 20)   /* above what it is born with and a message */
#define CPU_BASE 1500000      /* microseconds a request */
#define CPU_PER_MB 25000
#define CPU_MOST 1750000 /* two seconds with what is around it */
#define CLOCK_FACTOR 40  /* of the processor time allowed */
#define LOOK 50          /* milliseconds until the time is looked at */
#define READ_MOST 65536
#define REQUESTS 2000    /* between two looks at the child's memory */
#define LEAK (32ull << 20) /* bytes it may have grown by then */
#define NOBODY G_MAXUINT

/* ---- life -------------------------------------------------------------- */

static gboolean
fail(const char *what, GError **error)
{
	g_set_error(error, PL_INTAKE_ERROR, PL_INTAKE_READ, "%s: %s", what,
	    g_strerror(errno));
	return FALSE;
}

static gboolean
share_memory(struct pl_keeper *k, GError **error)
{
	if (k->shared != NULL)
		return TRUE;
	void *shared = mmap(NULL, PL_SHARED, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return fail("no memory to share with the parser", error);
	k->shared = shared;
	return TRUE;
}

static gint *
counter(const struct pl_keeper *k)
{
	return (gint *)(void *)(k->shared + PL_SLOTS * PL_SLOT);
}

unsigned
pl_keeper_through(const struct pl_keeper *k)
{
	return (unsigned)g_atomic_int_get(counter(k));
}

/* The bytes of private memory that PROCESS has, and that a child inherits; 0:
 * nobody says. */
static guint64
data_of(pid_t process)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/statm", process);
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	g_auto(GStrv) fields = g_strsplit(text, " ", 7);
	if (g_strv_length(fields) < 6)
		return 0;
	return g_ascii_strtoull(fields[5], NULL, 10) *
	       (guint64)sysconf(_SC_PAGESIZE);
}

static void
empty(struct pl_keeper *k)
{
	if (k->out == NULL) {
		k->out = g_byte_array_new();
		k->in = g_byte_array_new();
	}
	g_byte_array_set_size(k->out, 0);
	g_byte_array_set_size(k->in, 0);
	k->taken = 0;
}

gboolean
pl_keeper_start(struct pl_keeper *k, GError **error)
{
	int pair[2];

	if (k->pid != 0)
		return TRUE;
	pl_child_warm();
	if (!share_memory(k, error))
		return FALSE;
	g_atomic_int_set(counter(k), 0);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return fail("no socket for the parser", error);
	k->inherited = data_of(getpid());
	pid_t pid = fork();
	if (pid == 0)
		pl_child_main(pair[1], k->shared, k->limits);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return fail("the parser cannot be started", error);
	}
	k->pid = pid;
	k->fd = pair[0];
	k->requests = 0;
	k->term = REQUESTS;
	k->memory = 0;
	k->watched = NOBODY;
	empty(k);
	return TRUE;
}

gboolean
pl_keeper_due(const struct pl_keeper *k)
{
	return k->requests >= k->term;
}

/* A new one would inherit what we have by then, so the old one is kept. */
gboolean
pl_keeper_leaks(struct pl_keeper *k)
{
	const guint64 data = data_of(k->pid);

	if (data == 0 || k->inherited == 0 || data > k->inherited + LEAK)
		return TRUE;
	k->term = k->requests + REQUESTS;
	return FALSE;
}

/* Ends it; whoever has closed its side ends by itself, and how is worth
 * knowing. The status as of waitpid(); FORCED: the last word was ours. */
static int
end_child(struct pl_keeper *k, gboolean at_once, gboolean *forced)
{
	int status = 0;
	pid_t ended = 0;

	if (k->pid == 0)
		return 0;
	close(k->fd);
	for (int i = 0; i < 100 && !at_once && ended == 0; i++) {
		ended = waitpid(k->pid, &status, WNOHANG);
		if (ended == 0)
			g_usleep(1000);
	}
	*forced = ended != k->pid;
	if (*forced)
		kill(k->pid, SIGKILL);
	while (*forced && waitpid(k->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	k->pid = 0;
	return status;
}

void
pl_keeper_end(struct pl_keeper *k)
{
	gboolean forced;

	end_child(k, TRUE, &forced);
}

void
pl_keeper_clear(struct pl_keeper *k)
{
	pl_keeper_end(k);
	if (k->shared != NULL)
		munmap(k->shared, PL_SHARED);
	k->shared = NULL;
	g_clear_pointer(&k->out, g_byte_array_unref);
	g_clear_pointer(&k->in, g_byte_array_unref);
}

static gboolean
exited_with(int status, int code)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

void
pl_keeper_bury(struct pl_keeper *k, const char *what, GError **error)
{
	gboolean forced;
	const int status = end_child(k, what != NULL, &forced);
	enum pl_intake_error code = PL_INTAKE_LIMIT;

	k->killed = FALSE;
	if (what != NULL) {
		/* the caller knows */
	} else if (exited_with(status, PL_CHILD_MEMORY) ||
		   (WIFSIGNALED(status) && WTERMSIG(status) == SIGTRAP)) {
		/* the trap is GLib's, when there is no memory for words */
		what = "it needs more memory to be read than is allowed";
	} else if (!forced && WIFSIGNALED(status) &&
		   WTERMSIG(status) == SIGKILL) {
		what = "the parser was killed while it read it";
		k->killed = TRUE;
	} else if (exited_with(status, PL_CHILD_FILTER)) {
		what = "the parser cannot give up its rights (seccomp); "
		       "nothing is read without that";
		code = PL_INTAKE_READ;
	} else {
		what = exited_with(status, PL_CHILD_REFUSED)
			   ? "what the parser tried on it was refused"
			   : "the parser crashed on it";
		code = PL_INTAKE_CHILD;
	}
	g_set_error_literal(error, PL_INTAKE_ERROR, code, what);
}

/* ---- what it may use --------------------------------------------------- */

static gint64
child_cpu(const struct pl_keeper *k)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(k->pid, &clock) != 0 ||
	    clock_gettime(clock, &t) != 0)
		return 0;
	return (gint64)t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

static gboolean
set_limit(pid_t pid, int which, guint64 bytes, GError **error)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)which, &limit) != 0)
		limit.rlim_max = RLIM_INFINITY;
	limit.rlim_cur = MIN(bytes, limit.rlim_max);
	return prlimit(pid, (__rlimit_resource_t)which, &limit, NULL) == 0 ||
	       fail("the parser's memory cannot be limited", error);
}

/* A large message may take more memory; the next one not. */
static gboolean
allow_memory(struct pl_keeper *k, guint64 size, GError **error)
{
	const guint64 large = size > PL_SLOT ? size : 0;
	const guint64 memory = MEMORY + 3 * large;

	/* a sanitizer needs a large address space */
	if (SANITIZED || memory == k->memory)
		return TRUE;
	if (!set_limit(k->pid, RLIMIT_AS, memory, error) ||
	    (k->inherited > 0 && !set_limit(k->pid, RLIMIT_DATA,
				     k->inherited + DATA + large, error)))
		return FALSE;
	k->memory = memory;
	return TRUE;
}

gboolean
pl_keeper_allow(struct pl_keeper *k, guint64 size, GError **error)
{
	k->time = MIN(CPU_BASE + (gint64)(size >> 20) * CPU_PER_MB, CPU_MOST);
	if (SANITIZED)
		k->time *= 20;
	return allow_memory(k, size, error);
}

void
pl_keeper_excuse(struct pl_keeper *k)
{
	k->clock_end =
	    MAX(k->clock_end, g_get_monotonic_time() + CPU_BASE * CLOCK_FACTOR);
}

/* Has the child still time for what it works on? Its time begins when we see
 * it at that for the first time: most are through before anybody looks. */
static gboolean
has_time(struct pl_keeper *k)
{
	const unsigned through = pl_keeper_through(k);

	if (through != k->watched) {
		k->watched = through;
		k->cpu_end = child_cpu(k) + k->time;
		k->clock_end = g_get_monotonic_time() + k->time * CLOCK_FACTOR;
		return TRUE;
	}
	return child_cpu(k) <= k->cpu_end &&
	       g_get_monotonic_time() <= k->clock_end;
}

/* Waits until the child can be read from or written to. */
static gboolean
wait_for(struct pl_keeper *k, short events, GError **error)
{
	struct pollfd p = { k->fd, events, 0 };

	for (;;) {
		int rc = poll(&p, 1, LOOK);
		if (rc > 0)
			return TRUE;
		if (rc < 0 && errno != EINTR) {
			pl_keeper_bury(k, NULL, error);
			return FALSE;
		}
		if (!has_time(k)) {
			pl_keeper_bury(k,
			    "it takes more time to be read than is allowed",
			    error);
			return FALSE;
		}
	}
}

/* ---- bytes ------------------------------------------------------------- */

/* More bytes of the child into `in`, which is used up. */
static gboolean
receive(struct pl_keeper *k, GError **error)
{
	k->taken = 0;
	g_byte_array_set_size(k->in, READ_MOST);
	for (;;) {
		gssize n = recv(k->fd, k->in->data, READ_MOST, MSG_DONTWAIT);
		if (n > 0) {
			g_byte_array_set_size(k->in, (guint)n);
			return TRUE;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			pl_keeper_bury(k, NULL, error);
			return FALSE;
		}
		if (!wait_for(k, POLLIN, error))
			return FALSE;
	}
}

gboolean
pl_keeper_get(struct pl_keeper *k, void *bytes, gsize length, GError **error)
{
	char *p = bytes;

	while (length > 0) {
		const gsize n = MIN(length, k->in->len - k->taken);
		if (n == 0) {
			if (!pl_keeper_flush(k, error) || !receive(k, error))
				return FALSE;
			continue;
		}
		memcpy(p, k->in->data + k->taken, n);
		k->taken += n;
		p += n;
		length -= n;
	}
	return TRUE;
}

gboolean
pl_keeper_flush(struct pl_keeper *k, GError **error)
{
	const guint8 *p = k->out->data;
	gsize length = k->out->len;

	while (length > 0) {
		gssize n = send(k->fd, p, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			p += n;
			length -= (gsize)n;
		} else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (!wait_for(k, POLLOUT, error))
				return FALSE;
		} else {
			pl_keeper_bury(k, NULL, error);
			return FALSE;
		}
	}
	g_byte_array_set_size(k->out, 0);
	return TRUE;
}

void
pl_keeper_put(
    struct pl_keeper *k, const struct pl_frame_head *head, const void *bytes)
{
	if (head->type != PL_FRAME_BYTES) {
		/* a child that has nothing to do has spent no time on it */
		if (k->requests == pl_keeper_through(k))
			k->watched = NOBODY;
		k->requests++;
	}
	g_byte_array_append(k->out, (const guint8 *)head, sizeof *head);
	if (head->length > 0)
		g_byte_array_append(k->out, bytes, head->length);
}
