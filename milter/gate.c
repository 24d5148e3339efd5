/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gate - one thread that passes packets on
 *
 * A session is a pair of ends. Of what the client sends there is one packet at
 * a time, in just the memory that it needs: there may be hundreds. It is read,
 * looked at, and handed on before the next is begun. The thread owns all
 * sessions; accept(), in libmilter's thread, only adds new ones.
 */
#include "gate.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "packet.h"
#include "postledger/config.h"

#define PIECE 4096 /* of answers */
#define HEAD 4
#define IN_A_TURN 16 /* packets of a session, before others have theirs */
#define PATIENCE (300 * G_TIME_SPAN_SECOND)
#define LOOK 10 /* seconds between looks at those who stopped */
#define EVENTS 64

struct end {
	struct session *session;
	int fd;
	guint32 wants; /* EPOLL bits in force */
};

struct session {
	struct end client, inner;
	guint8 head[HEAD];
	guint8 *packet; /* with its head; NULL: its length is not known */
	gsize got, length, sent;
	GByteArray *out; /* for the client, NULL: nothing */
	gboolean ended;  /* the client says no more */
	gboolean closed;
	gint64 since; /* when the last byte came */
};

static struct {
	int epoll, stop;
	GThread *thread;
	GMutex lock;
	GHashTable *sessions; /* under the lock */
} gate = { .epoll = -1, .stop = -1 };

static void
session_free(void *data)
{
	struct session *s = data;

	close(s->client.fd);
	close(s->inner.fd);
	g_free(s->packet);
	if (s->out != NULL)
		g_byte_array_unref(s->out);
	g_free(s);
}

/* ---- packets ----------------------------------------------------------- */

static gboolean
broken(const char *why)
{
	pl_log(LOG_WARNING, NULL, "session-broken", "reason", why, NULL);
	return FALSE;
}

static gboolean
is_whole(const struct session *s)
{
	return s->packet != NULL && s->got == s->length;
}

/* A large packet is only read when libmilter has taken the one before: what
 * waits for it is best left with the client. */
static gboolean
must_wait(const struct session *s)
{
	struct pollfd inner = { .fd = s->inner.fd, .events = POLLOUT };

	return s->packet == NULL && s->got == HEAD &&
	       (s->head[2] >= PIECE >> 8 || s->head[1] != 0) &&
	       poll(&inner, 1, 0) == 0;
}

static gboolean
begin_packet(struct session *s)
{
	const guint8 *p = s->head;
	gsize length =
	    (gsize)p[0] << 24 | (gsize)p[1] << 16 | (gsize)p[2] << 8 | p[3];

	if (length == 0 || length > PL_PACKET_MOST)
		return broken("length");
	s->length = HEAD + length;
	s->packet = g_malloc(s->length);
	memcpy(s->packet, s->head, HEAD);
	return TRUE;
}

static gboolean
is_sane(const struct session *s)
{
	const guint8 *p = s->packet + HEAD;

	return pl_packet_is_sane((char)*p, p + 1, s->length - HEAD - 1) ||
	       broken("packet");
}

static void
end_packet(struct session *s)
{
	g_clear_pointer(&s->packet, g_free);
	s->got = s->sent = s->length = 0;
}

/* ---- bytes ------------------------------------------------------------- */

/* What recv() and send() say: 1: some, 0: none now, -1: no more. */
static int
outcome(ssize_t n)
{
	if (n > 0)
		return 1;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

/* The next bytes of the packet: its head, then the rest. */
static int
take(struct session *s)
{
	guint8 *to = s->packet != NULL ? s->packet : s->head;
	gsize most = s->packet != NULL ? s->length : HEAD;
	ssize_t n =
	    recv(s->client.fd, to + s->got, most - s->got, MSG_DONTWAIT);

	if (n > 0)
		s->got += (gsize)n;
	return outcome(n);
}

static int
hand_on(struct session *s)
{
	ssize_t n = send(s->inner.fd, s->packet + s->sent, s->length - s->sent,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		s->sent += (gsize)n;
	if (s->sent == s->length)
		end_packet(s);
	return outcome(n);
}

/* Reads and hands on, while it goes. FALSE: the session is over. */
static gboolean
from_client(struct session *s)
{
	int good = 1;

	s->since = g_get_monotonic_time();
	for (int n = 0; n < IN_A_TURN && good > 0;) {
		if (is_whole(s)) {
			good = hand_on(s);
			n += s->packet == NULL;
			if (good < 0)
				return FALSE;
			continue;
		}
		if (s->packet == NULL && s->got == HEAD) {
			if (must_wait(s))
				return TRUE;
			if (!begin_packet(s))
				return FALSE;
		}
		good = take(s);
		if (good > 0 && is_whole(s) && !is_sane(s))
			return FALSE;
	}
	if (good < 0) {
		s->ended = TRUE;
		shutdown(s->inner.fd, SHUT_WR);
	}
	return TRUE;
}

static gboolean
hand_back(struct session *s)
{
	ssize_t n;

	if (s->out == NULL)
		return TRUE;
	n = send(s->client.fd, s->out->data, s->out->len,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		g_byte_array_remove_range(s->out, 0, (guint)n);
	if (s->out->len == 0)
		g_clear_pointer(&s->out, g_byte_array_unref);
	return outcome(n) >= 0;
}

/* Answers, of which one piece at a time waits for its client. */
static int
from_inner(struct session *s)
{
	guint8 piece[PIECE];
	ssize_t n = recv(s->inner.fd, piece, sizeof(piece), MSG_DONTWAIT);

	if (n > 0) {
		s->out = s->out != NULL ? s->out : g_byte_array_new();
		g_byte_array_append(s->out, piece, (guint)n);
		if (!hand_back(s))
			return -1;
	}
	return outcome(n);
}

/* ---- events ------------------------------------------------------------ */

static void
want(struct end *e, guint32 wants)
{
	struct epoll_event event = { .events = wants, .data.ptr = e };

	if (e->wants != wants)
		epoll_ctl(gate.epoll, EPOLL_CTL_MOD, e->fd, &event);
	e->wants = wants;
}

static void
want_more(struct session *s)
{
	gboolean whole = is_whole(s) || must_wait(s);

	want(&s->client, (!whole && !s->ended ? EPOLLIN : 0) |
			     (s->out != NULL ? EPOLLOUT : 0));
	want(
	    &s->inner, (s->out == NULL ? EPOLLIN : 0) | (whole ? EPOLLOUT : 0));
}

/* A client that hung up may have said something before. */
static gboolean
serve(struct end *e, guint32 events)
{
	struct session *s = e->session;
	gboolean client = e == &s->client;

	if (events & EPOLLOUT && !(client ? hand_back(s) : from_client(s)))
		return FALSE;
	if (events & EPOLLIN && !(client ? from_client(s) : from_inner(s) >= 0))
		return FALSE;
	return (events & (EPOLLIN | EPOLLOUT)) != 0;
}

/* Freed after all events of this turn: one of its other end may follow. */
static void
end_session(struct session *s, GPtrArray *over)
{
	s->closed = TRUE;
	epoll_ctl(gate.epoll, EPOLL_CTL_DEL, s->client.fd, NULL);
	epoll_ctl(gate.epoll, EPOLL_CTL_DEL, s->inner.fd, NULL);
	g_ptr_array_add(over, s);
}

static void
drop(GPtrArray *over)
{
	g_mutex_lock(&gate.lock);
	for (guint i = 0; i < over->len; i++)
		g_hash_table_remove(gate.sessions, over->pdata[i]);
	g_mutex_unlock(&gate.lock);
	g_ptr_array_set_size(over, 0);
}

static void
look_at_those_who_stopped(GPtrArray *over)
{
	gint64 before = g_get_monotonic_time() - PATIENCE;
	GHashTableIter iter;
	struct session *s;

	g_mutex_lock(&gate.lock);
	g_hash_table_iter_init(&iter, gate.sessions);
	while (g_hash_table_iter_next(&iter, (gpointer *)&s, NULL))
		if (s->got > 0 && !is_whole(s) && s->since < before)
			end_session(s, over);
	g_mutex_unlock(&gate.lock);
}

static gboolean
turn(GPtrArray *over)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(gate.epoll, events, EVENTS, LOOK * 1000);

	for (int i = 0; i < n; i++) {
		struct end *e = events[i].data.ptr;

		if (e == NULL)
			return FALSE;
		if (e->session->closed)
			continue;
		if (serve(e, events[i].events))
			want_more(e->session);
		else
			end_session(e->session, over);
	}
	return TRUE;
}

static gpointer
pass_on(gpointer unused)
{
	g_autoptr(GPtrArray) over = g_ptr_array_new();
	gint64 looked = g_get_monotonic_time();

	(void)unused;
	while (turn(over)) {
		gint64 now = g_get_monotonic_time();

		if (now - looked > LOOK * G_TIME_SPAN_SECOND) {
			look_at_those_who_stopped(over);
			looked = now;
		}
		drop(over);
	}
	return NULL;
}

/* ---- life -------------------------------------------------------------- */

gboolean
pl_gate_start(void)
{
	struct epoll_event event = { .events = EPOLLIN };

	gate.epoll = epoll_create1(EPOLL_CLOEXEC);
	gate.stop = eventfd(0, EFD_CLOEXEC);
	if (gate.epoll < 0 || gate.stop < 0 ||
	    epoll_ctl(gate.epoll, EPOLL_CTL_ADD, gate.stop, &event) < 0)
		return FALSE;
	gate.sessions = g_hash_table_new_full(NULL, NULL, session_free, NULL);
	gate.thread = g_thread_new("gate", pass_on, NULL);
	return TRUE;
}

void
pl_gate_stop(void)
{
	guint64 one = 1;
	GHashTableIter iter;
	struct session *s;

	if (gate.thread == NULL)
		return;
	if (write(gate.stop, &one, sizeof(one)) == sizeof(one))
		g_thread_join(g_steal_pointer(&gate.thread));
	g_hash_table_iter_init(&iter, gate.sessions);
	while (g_hash_table_iter_next(&iter, (gpointer *)&s, NULL))
		while (from_inner(s) > 0)
			;
	g_clear_pointer(&gate.sessions, g_hash_table_destroy);
	close(gate.epoll);
	close(gate.stop);
}

static void
enter(int client, int inner)
{
	struct session *s = g_new0(struct session, 1);
	struct epoll_event event = { .events = EPOLLIN };

	s->client = (struct end){ s, client, EPOLLIN };
	s->inner = (struct end){ s, inner, EPOLLIN };
	g_mutex_lock(&gate.lock);
	g_hash_table_add(gate.sessions, s);
	/* the client last: it may say something at once */
	event.data.ptr = &s->inner;
	epoll_ctl(gate.epoll, EPOLL_CTL_ADD, inner, &event);
	event.data.ptr = &s->client;
	epoll_ctl(gate.epoll, EPOLL_CTL_ADD, client, &event);
	g_mutex_unlock(&gate.lock);
}

/* libmilter's. */
int
accept(int fd, struct sockaddr *address, socklen_t *length)
{
	int client = accept4(fd, address, length, SOCK_CLOEXEC), pair[2];

	if (client < 0 || gate.thread == NULL)
		return client;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		int number = errno;

		close(client);
		errno = number;
		return -1;
	}
	enter(client, pair[0]);
	return pair[1];
}
