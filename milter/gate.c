/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gate - between the socket and libmilter
 *
 * libmilter gives a session that has begun to send a packet one of its few
 * threads until the packet is complete: some that never go on keep others
 * out. And it believes what a packet pretends to be. It has no place for a
 * look at what comes in, so four functions of the C library are ours as
 * libmilter (and all else in this program) calls them: accept() and close()
 * note which descriptors are sessions; poll() on a session reads all that has
 * come and says "ready" when the next packet is whole and sane (packet.h);
 * read() hands it out. Other descriptors go straight to the kernel.
 *
 * That costs nothing: several packets come by one call of the kernel, where
 * libmilter alone makes five for each of them. And a thread waits some time for
 * the next packet of its session: to hand that over to another thread costs more
 * than most packets do.
 *
 * A session is in the hands of one thread at a time, and libmilter lets go of
 * it only when poll() has said "not ready"; so nothing whole is ever left.
 */
#include "gate.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include "packet.h"
#include "postledger/config.h"

#define HEAD 4
#define PIECE 4096        /* is read at once, if no packet needs more */
#define IN_A_TURN 64      /* pieces of a packet, before others have theirs */
#define STAY 50           /* milliseconds that a thread waits, if it may */
#define STAYING_MOST 64   /* threads that do so at a time */
#define UNREAD_MOST 30000 /* milliseconds that an answer may lie unread */
#define PATIENCE 300      /* seconds with a part of a packet */
#define LOOK 10           /* seconds between looks at those who stopped */

struct session {
	guint8 *bytes;        /* from the client, NULL: none */
	gsize at, whole, got; /* read on, end of the packet, end of all */
	gsize room;
	gboolean over; /* libmilter shall see the end */
	gint stopped;  /* atomic: second in which a part was left, 0: none */
};

/* By descriptor. Entries are taken out under the lock. */
static struct session *sessions[PL_GATE_DESCRIPTORS];
static GMutex lock;

static struct session *
session_of(int fd)
{
	return fd >= 0 && fd < PL_GATE_DESCRIPTORS
		   ? g_atomic_pointer_get(&sessions[fd])
		   : NULL;
}

static gint
now(void)
{
	return (gint)(g_get_monotonic_time() / G_TIME_SPAN_SECOND) + 1;
}

/* ---- packets ----------------------------------------------------------- */

static void
drop_bytes(struct session *s)
{
	g_clear_pointer(&s->bytes, g_free);
	s->at = s->whole = s->got = s->room = 0;
}

static void
end(struct session *s, const char *why)
{
	if (why != NULL)
		pl_log(
		    LOG_WARNING, NULL, "session-broken", "reason", why, NULL);
	drop_bytes(s);
	s->over = TRUE;
}

/* Bytes of the packet that comes next, as far as they are known. */
static gsize
wanted(struct session *s)
{
	const guint8 *p = s->bytes + s->at;
	gsize length;

	if (s->got - s->at < HEAD)
		return HEAD;
	length =
	    (gsize)p[0] << 24 | (gsize)p[1] << 16 | (gsize)p[2] << 8 | p[3];
	if (length == 0 || length > PL_PACKET_MOST)
		end(s, "length");
	return HEAD + length;
}

/* TRUE: there is something for libmilter to read, if only the end. */
static gboolean
is_ready(struct session *s)
{
	const guint8 *p;
	gsize n;

	if (s->over || s->at < s->whole)
		return TRUE;
	n = wanted(s);
	if (s->over || s->got - s->at < MAX(n, HEAD + 1))
		return s->over;
	p = s->bytes + s->at + HEAD;
	if (pl_packet_is_sane((char)*p, p + 1, n - HEAD - 1))
		s->whole = s->at + n;
	else
		end(s, "packet");
	return TRUE;
}

/* ---- bytes ------------------------------------------------------------- */

/* For the whole of the next packet. */
static void
make_room(struct session *s)
{
	gsize n = MAX(wanted(s), PIECE);

	if (s->at > 0)
		memmove(s->bytes, s->bytes + s->at, s->got - s->at);
	s->got -= s->at;
	s->at = s->whole = 0;
	if (s->room < n) {
		s->bytes = g_realloc(s->bytes, n);
		s->room = n;
	}
}

/* FALSE: nothing has come. */
static gboolean
fill(struct session *s, int fd)
{
	ssize_t n;

	make_room(s);
	n = recv(fd, s->bytes + s->got, s->room - s->got, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return FALSE;
	if (n <= 0)
		end(s, NULL);
	else
		s->got += (gsize)n;
	return TRUE;
}

static int
really_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct timespec t = { timeout / 1000, timeout % 1000 * 1000000L };

	return ppoll(fds, n, timeout >= 0 ? &t : NULL, NULL);
}

/* What has come, and what comes in TIMEOUT; whoever sends in small pieces has
 * to come again. */
static gboolean
await_packet(struct session *s, int fd, int timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (int n = 0; n < IN_A_TURN && !is_ready(s); n++)
		if (!fill(s, fd) && really_poll(&p, 1, timeout) <= 0)
			break;
	if (is_ready(s))
		return TRUE;
	g_atomic_int_set(&s->stopped, s->got > 0 ? now() : 0);
	return FALSE;
}

/* The same, for longer than libmilter would wait. The next packet of a busy
 * MTA comes within some milliseconds. */
static gboolean
stay_for_packet(struct session *s, int fd, int timeout)
{
	static gint staying; /* atomic */
	const gboolean may =
	    g_atomic_int_add(&staying, 1) < STAYING_MOST && timeout >= 0;
	const gboolean came =
	    await_packet(s, fd, may ? MAX(timeout, STAY) : timeout);

	g_atomic_int_add(&staying, -1);
	return came;
}

/* An answer that nobody reads must not keep the thread for ever. */
static int
poll_out(struct session *s, struct pollfd *p, int timeout)
{
	int n = really_poll(p, 1, MIN((unsigned)timeout, UNREAD_MOST));

	if (n == 0)
		end(s, "unread");
	return n;
}

/* ---- sessions ---------------------------------------------------------- */

static void
enter(int fd)
{
	g_mutex_lock(&lock);
	g_assert(sessions[fd] == NULL);
	g_atomic_pointer_set(&sessions[fd], g_new0(struct session, 1));
	g_mutex_unlock(&lock);
}

static void
leave(int fd, struct session *s)
{
	g_mutex_lock(&lock);
	g_atomic_pointer_set(&sessions[fd], NULL);
	g_mutex_unlock(&lock);
	drop_bytes(s);
	g_free(s);
}

/* They see the end of what they say, and so does libmilter. */
static void
end_those_who_stopped(void)
{
	static gint looked;
	gint t = now();

	if (t - looked < LOOK)
		return;
	looked = t;
	g_mutex_lock(&lock);
	for (int fd = 0; fd < PL_GATE_DESCRIPTORS; fd++) {
		gint since = sessions[fd] != NULL
				 ? g_atomic_int_get(&sessions[fd]->stopped)
				 : 0;

		if (since > 0 && t - since > PATIENCE)
			shutdown(fd, SHUT_RDWR);
	}
	g_mutex_unlock(&lock);
}

/* ---- what libmilter calls ---------------------------------------------- */

int
accept(int fd, struct sockaddr *address, socklen_t *length)
{
	int client = accept4(fd, address, length, SOCK_CLOEXEC);

	end_those_who_stopped();
	if (client >= 0 && client < PL_GATE_DESCRIPTORS)
		enter(client);
	return client;
}

/* By another name, because the C library's has attributes that say poll()
 * would not look at what it gets. */
int gate_poll(struct pollfd *fds, nfds_t n, int timeout) __asm__("poll");

int
gate_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct session *s = n == 1 ? session_of(fds->fd) : NULL;

	if (s == NULL)
		return really_poll(fds, n, timeout);
	if (!(fds->events & POLLIN))
		return poll_out(s, fds, timeout);
	fds->revents = stay_for_packet(s, fds->fd, timeout) ? POLLIN : 0;
	return fds->revents != 0;
}

ssize_t
read(int fd, void *to, size_t n)
{
	struct session *s = session_of(fd);

	if (s == NULL)
		return readv(fd, &(struct iovec){ to, n }, 1);
	n = MIN(n, s->whole - s->at);
	if (n > 0)
		memcpy(to, s->bytes + s->at, n);
	s->at += n;
	if (s->at == s->got && s->room > PIECE)
		drop_bytes(s);
	return (ssize_t)n;
}

int
close(int fd)
{
	struct session *s = session_of(fd);

	if (s != NULL)
		leave(fd, s);
	return (int)syscall(SYS_close, fd);
}
