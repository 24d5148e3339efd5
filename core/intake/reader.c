/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reader - keeps the child, asks it, and does not believe it
 *
 * One child serves many messages. The reader hands it the bytes it asks for,
 * watches its processor time (which a busy machine does not spend faster, so a
 * slow minute makes no message unreadable) and, far behind, the clock. A child
 * that dies, hangs or answers nonsense costs its message; the next request
 * starts another one.
 *
 * Ownership: the source is the caller's and is read only during the call.
 * The child is forked from the caller's process, which should have one thread.
 */
#include "room.h"

#include <errno.h>
#include <openssl/evp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REQUESTS 2000           /* then a fresh child, whatever it leaked */
#define ANSWER_MOST (64u << 20) /* bytes of findings */
#define MEMORY (512ull << 20)
#define CPU_BASE 1500000 /* microseconds a request */
#define CPU_PER_MB 25000
#define CLOCK_FACTOR 40 /* of the processor time allowed */

struct pl_reader {
	struct pl_limits limits;
	gboolean in_process;
	pid_t pid; /* 0: none */
	int fd;
	unsigned requests;
	guint64 memory;
	/* of the present request */
	gint64 cpu_end, clock_end; /* of the child / of everybody */
};

pl_reader *
pl_reader_new(const struct pl_limits *limits)
{
	pl_reader *r = g_new0(pl_reader, 1);

	r->limits = limits != NULL ? *limits : pl_limits_default;
	r->in_process = g_getenv("POSTLEDGER_NO_CHILD") != NULL;
	r->fd = -1;
	return r;
}

/* ---- the child's life -------------------------------------------------------------- */

/* Kills what still lives. The status as of waitpid(). */
static int
end_child(pl_reader *r)
{
	int status = 0;

	if (r->pid == 0)
		return 0;
	close(r->fd);
	r->fd = -1;
	kill(r->pid, SIGKILL);
	while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	r->pid = 0;
	return status;
}

void
pl_reader_free(pl_reader *r)
{
	if (r == NULL)
		return;
	end_child(r);
	g_free(r);
}

static gboolean
start_child(pl_reader *r, GError **error)
{
	int pair[2];

	if (r->pid != 0 && r->requests < REQUESTS)
		return TRUE;
	end_child(r);
	pl_child_warm();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		g_set_error(error, PL_INTAKE_ERROR, PL_INTAKE_READ,
		    "no socket for the parsing child: %s", g_strerror(errno));
		return FALSE;
	}
	pid_t pid = fork();
	if (pid == 0)
		pl_child_main(pair[1], &r->limits);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		g_set_error(error, PL_INTAKE_ERROR, PL_INTAKE_READ,
		    "the parsing child cannot be started: %s",
		    g_strerror(errno));
		return FALSE;
	}
	r->pid = pid;
	r->fd = pair[0];
	r->requests = 0;
	r->memory = 0;
	return TRUE;
}

/* Why it is gone, for a person; what the caller may do, in the code. */
static void
bury(pl_reader *r, const char *what, GError **error)
{
	int status = end_child(r);
	enum pl_intake_error code = PL_INTAKE_CHILD;

	if (what != NULL) {
		code = PL_INTAKE_LIMIT;
	} else if ((WIFEXITED(status) &&
		       WEXITSTATUS(status) == PL_CHILD_MEMORY) ||
		   (WIFSIGNALED(status) && WTERMSIG(status) == SIGTRAP)) {
		/* the trap is GLib's, when there is no memory for words */
		what = "it needs more memory to be read than is allowed";
		code = PL_INTAKE_LIMIT;
	} else if (WIFEXITED(status) &&
		   WEXITSTATUS(status) == PL_CHILD_FILTER) {
		what = "the parsing child cannot give up its rights "
		       "(seccomp); nothing is read without that";
		code = PL_INTAKE_READ;
	} else if (WIFEXITED(status) &&
		   WEXITSTATUS(status) == PL_CHILD_REFUSED) {
		what = "what it tried was refused";
	} else {
		what = "the parser crashed on it";
	}
	g_set_error_literal(error, PL_INTAKE_ERROR, code, what);
}

/* ---- time ------------------------------------------------------------------------------ */

static gint64
child_cpu(const pl_reader *r)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(r->pid, &clock) != 0 ||
	    clock_gettime(clock, &t) != 0)
		return 0;
	return (gint64)t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

static void
start_clock(pl_reader *r, guint64 size)
{
	gint64 allowed = CPU_BASE + (gint64)(size >> 20) * CPU_PER_MB;

	if (SANITIZED)
		allowed *= 20;
	r->cpu_end = child_cpu(r) + allowed;
	r->clock_end = g_get_monotonic_time() + allowed * CLOCK_FACTOR;
}

/* Waits until the child can be read from or written to. */
static gboolean
wait_child(pl_reader *r, short events, GError **error)
{
	struct pollfd p = { r->fd, events, 0 };

	for (;;) {
		int rc = poll(&p, 1, 100);
		if (rc > 0)
			return TRUE;
		if (rc < 0 && errno != EINTR) {
			bury(r, NULL, error);
			return FALSE;
		}
		if (child_cpu(r) > r->cpu_end ||
		    g_get_monotonic_time() > r->clock_end) {
			bury(r,
			    "it takes more time to be read than is "
			    "allowed",
			    error);
			return FALSE;
		}
	}
}

static gboolean
get(pl_reader *r, void *bytes, gsize length, GError **error)
{
	char *p = bytes;

	while (length > 0) {
		gssize n = recv(r->fd, p, length, MSG_DONTWAIT);
		if (n > 0) {
			p += n;
			length -= (gsize)n;
		} else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (!wait_child(r, POLLIN, error))
				return FALSE;
		} else {
			bury(r, NULL, error);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
put(pl_reader *r, const void *bytes, gsize length, GError **error)
{
	const char *p = bytes;

	while (length > 0) {
		gssize n = send(r->fd, p, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			p += n;
			length -= (gsize)n;
		} else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (!wait_child(r, POLLOUT, error))
				return FALSE;
		} else {
			bury(r, NULL, error);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
put_frame(pl_reader *r, enum pl_frame type, guint64 number, guint64 size,
    const void *bytes, gsize length, GError **error)
{
	const struct pl_frame_head head = {
		.type = type,
		.length = (guint32)length,
		.number = number,
		.size = size,
	};

	return put(r, &head, sizeof head, error) &&
	       put(r, bytes, length, error);
}

/* ---- one request ---------------------------------------------------------------------------- */

struct request {
	const struct pl_source *source;
	pl_sink sink;
	void *user;
	EVP_MD_CTX *hash;
	GError *source_error, *sink_error;
	GBytes *found;
};

static gboolean
give_bytes(pl_reader *r, struct request *q, const struct pl_frame_head *ask,
    GError **error)
{
	const gsize most = MIN(ask->size, PL_FRAME_MOST);
	g_autofree void *bytes = g_malloc(most + 1);
	gssize n = -1;

	if (q->source_error == NULL)
		n = q->source->pread(
		    q->source->ctx, ask->number, bytes, most, &q->source_error);
	/* the child's time, not ours */
	r->clock_end =
	    MAX(r->clock_end, g_get_monotonic_time() + CPU_BASE * CLOCK_FACTOR);
	return put_frame(
	    r, PL_FRAME_BYTES, n < 0, 0, bytes, n < 0 ? 0 : (gsize)n, error);
}

static gboolean
take_content(pl_reader *r, struct request *q, guint32 length, GError **error)
{
	g_autofree void *bytes = g_malloc((gsize)length + 1);

	if (!get(r, bytes, length, error))
		return FALSE;
	if (q->hash == NULL || q->sink_error != NULL)
		return TRUE;
	EVP_DigestUpdate(q->hash, bytes, length);
	if (!q->sink(bytes, length, q->user, &q->sink_error) &&
	    q->sink_error == NULL)
		g_set_error_literal(&q->sink_error, PL_INTAKE_ERROR,
		    PL_INTAKE_READ, "the content could not be taken");
	return TRUE;
}

static gboolean
take_failure(pl_reader *r, const struct pl_frame_head *head, GError **error)
{
	char text[1001] = "";

	if (head->length > 1000 || !get(r, text, head->length, error)) {
		if (r->pid != 0)
			bury(r, NULL, error);
		return FALSE;
	}
	int code = head->number == PL_INTAKE_ABSENT ? PL_INTAKE_ABSENT
						    : PL_INTAKE_READ;
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_set_error_literal(error, PL_INTAKE_ERROR, code, valid);
	return FALSE;
}

static gboolean
take_found(pl_reader *r, struct request *q, guint32 length, GError **error)
{
	if (length > ANSWER_MOST) {
		bury(r, NULL, error);
		return FALSE;
	}
	g_autofree void *bytes = g_malloc((gsize)length + 1);
	if (!get(r, bytes, length, error))
		return FALSE;
	q->found = g_bytes_new_take(g_steal_pointer(&bytes), length);
	return TRUE;
}

/* Serves the child until it has answered. */
static gboolean
converse(pl_reader *r, struct request *q, GError **error)
{
	struct pl_frame_head head;

	while (q->found == NULL) {
		gboolean good = FALSE;
		if (!get(r, &head, sizeof head, error))
			return FALSE;
		switch (head.type) {
		case PL_FRAME_ASK:
			good = give_bytes(r, q, &head, error);
			break;
		case PL_FRAME_CONTENT:
			if (head.length <= PL_FRAME_MOST)
				good = take_content(r, q, head.length, error);
			break;
		case PL_FRAME_FOUND:
			good = take_found(r, q, head.length, error);
			break;
		case PL_FRAME_FAILED:
			return take_failure(r, &head, error);
		}
		if (!good) {
			if (r->pid != 0)
				bury(r, NULL, error);
			return FALSE;
		}
	}
	return TRUE;
}

/* A large message may take more memory; the next one not. */
static gboolean
allow_memory(pl_reader *r, guint64 size, GError **error)
{
	const guint64 memory = MEMORY + 3 * size;
	struct rlimit limit;

	/* a sanitizer needs a large address space */
	if (SANITIZED || memory == r->memory)
		return TRUE;
	if (getrlimit(RLIMIT_AS, &limit) != 0)
		limit.rlim_max = RLIM_INFINITY;
	limit.rlim_cur = MIN(memory, limit.rlim_max);
	if (prlimit(r->pid, RLIMIT_AS, &limit, NULL) != 0) {
		g_set_error(error, PL_INTAKE_ERROR, PL_INTAKE_READ,
		    "the memory of the parsing child cannot be limited: %s",
		    g_strerror(errno));
		return FALSE;
	}
	r->memory = memory;
	return TRUE;
}

static gboolean
request(pl_reader *r, enum pl_frame type, const char *text, struct request *q,
    GError **error)
{
	g_autoptr(GError) local = NULL;

	if (!start_child(r, error))
		return FALSE;
	r->requests++;
	start_clock(r, q->source->size);
	if (!allow_memory(r, q->source->size, error))
		return FALSE;
	gboolean good = put_frame(r, type, text != NULL, q->source->size, text,
	    text != NULL ? strlen(text) : 0, &local);
	good = good && converse(r, q, &local);
	if (q->source_error != NULL || q->sink_error != NULL) {
		g_propagate_error(error, q->source_error != NULL
					     ? g_steal_pointer(&q->source_error)
					     : g_steal_pointer(&q->sink_error));
		g_clear_error(&q->sink_error);
		return FALSE;
	}
	if (!good)
		g_propagate_error(error, g_steal_pointer(&local));
	return good;
}

/* ---- calls --------------------------------------------------------------------------------- */

pl_findings *
pl_reader_inspect(pl_reader *r, const struct pl_source *source,
    const char *name, GError **error)
{
	struct request q = { .source = source };

	if (r->in_process) {
		pl_child_warm();
		return pl_inspect(&r->limits, source, name, error);
	}
	if (!request(r, PL_FRAME_INSPECT, name, &q, error))
		return NULL;
	pl_findings *findings = pl_wire_unpack(q.found);
	g_bytes_unref(q.found);
	if (findings == NULL)
		bury(r, NULL, error);
	return findings;
}

static gboolean
check_hash(EVP_MD_CTX *hash, const char *sha256, GError **error)
{
	guint8 sum[EVP_MAX_MD_SIZE];
	char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
	unsigned n = 0;

	EVP_DigestFinal_ex(hash, sum, &n);
	for (unsigned i = 0; i < n; i++)
		g_snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	if (strcmp(hex, sha256) == 0)
		return TRUE;
	g_set_error(error, PL_INTAKE_ERROR, PL_INTAKE_CHILD,
	    "the parser gave another file than the one with SHA-256 %s",
	    sha256);
	return FALSE;
}

static gboolean
extract_here(
    pl_reader *r, struct request *q, const char *sha256, GError **error)
{
	pl_child_warm();
	g_autoptr(GBytes) bytes =
	    pl_extract(&r->limits, q->source, sha256, error);
	gsize n;

	if (bytes == NULL)
		return FALSE;
	const guint8 *data = g_bytes_get_data(bytes, &n);
	EVP_DigestUpdate(q->hash, data, n);
	return n == 0 || q->sink(data, n, q->user, error);
}

gboolean
pl_reader_extract(pl_reader *r, const struct pl_source *source,
    const char *sha256, pl_sink sink, void *user, GError **error)
{
	struct request q = {
		.source = source,
		.sink = sink,
		.user = user,
		.hash = EVP_MD_CTX_new(),
	};

	EVP_DigestInit_ex(q.hash, EVP_sha256(), NULL);
	gboolean good = r->in_process
			    ? extract_here(r, &q, sha256, error)
			    : request(r, PL_FRAME_EXTRACT, sha256, &q, error);
	good = good && check_hash(q.hash, sha256, error);
	g_clear_pointer(&q.found, g_bytes_unref);
	EVP_MD_CTX_free(q.hash);
	return good;
}
