/* SPDX-License-Identifier: BSD-2-Clause */
/* dialog - see dialog.h */
#include "dialog.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stop.h"

#define LOOK 200                   /* milliseconds until the wishes are asked */
#define GRACE (5 * G_USEC_PER_SEC) /* after SIGTERM */
#define CONNECT_MOST (300 * G_USEC_PER_SEC)
#define LINE_KEPT 2048      /* bytes of a line that are looked at */
#define LINE_MOST (1 << 20) /* a longer one is none */

static gboolean
fail(struct pl_dialog *d, const char *what)
{
	g_strlcpy(d->trouble, what, sizeof d->trouble);
	return FALSE;
}

gboolean
pl_dialog_was_cut(const struct pl_dialog *d)
{
	gboolean cut = FALSE;

	if (d->gate != NULL) {
		g_mutex_lock(&d->gate->mutex);
		cut = d->gate->cut;
		g_mutex_unlock(&d->gate->mutex);
	}
	return cut;
}

static gboolean
may_wait(struct pl_dialog *d, gint64 until)
{
	const gint64 now = g_get_monotonic_time(), asked = pl_stop_asked();

	if ((asked != 0 && now - asked > GRACE) || pl_dialog_was_cut(d))
		return fail(d, "given up");
	return now < until || fail(d, "the mail server took too long");
}

/* Until one of EVENTS is there, which are returned; 0: it never is. */
static short
wait_for(struct pl_dialog *d, short events, gint64 until)
{
	struct pollfd p = { .fd = d->fd, .events = events };

	for (;;) {
		const int n = poll(&p, 1, LOOK);

		if (n > 0)
			return p.revents;
		if (n < 0 && errno != EINTR)
			return (short)fail(d, g_strerror(errno));
		if (!may_wait(d, until))
			return 0;
	}
}

/* ---- the connection ---------------------------------------------------- */

static gboolean
is_connected(struct pl_dialog *d, gint64 until)
{
	int error = 0;
	socklen_t length = sizeof error;

	if (wait_for(d, POLLOUT, until) == 0)
		return FALSE;
	getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	return error == 0 || fail(d, g_strerror(error));
}

static gboolean
try_address(struct pl_dialog *d, const struct addrinfo *to, gint64 until)
{
	const int yes = 1;

	d->fd = socket(to->ai_family,
	    to->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->ai_protocol);
	if (d->fd < 0)
		return fail(d, g_strerror(errno));
	setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	if (connect(d->fd, to->ai_addr, to->ai_addrlen) == 0 ||
	    (errno == EINPROGRESS && is_connected(d, until)))
		return TRUE;
	if (d->trouble[0] == '\0')
		fail(d, g_strerror(errno));
	pl_dialog_close(d);
	return FALSE;
}

gboolean
pl_dialog_open(struct pl_dialog *d, const char *host, const char *port)
{
	const struct addrinfo how = { .ai_socktype = SOCK_STREAM };
	const gint64 until =
	    g_get_monotonic_time() + MIN(d->patience, CONNECT_MOST);
	struct addrinfo *all = NULL;
	const int bad = getaddrinfo(host, port, &how, &all);

	d->at = d->have = 0;
	d->trouble[0] = '\0';
	if (bad != 0)
		g_snprintf(d->trouble, sizeof d->trouble, "%s: %s", host,
		    gai_strerror(bad));
	for (const struct addrinfo *a = all; a != NULL && d->fd < 0;
	     a = a->ai_next) {
		d->trouble[0] = '\0';
		try_address(d, a, until);
	}
	if (all != NULL)
		freeaddrinfo(all);
	if (d->fd >= 0)
		return TRUE;
	if (bad == 0) {
		g_autofree char *why = g_strdup(d->trouble);

		g_snprintf(d->trouble, sizeof d->trouble,
		    "no connection to %s port %s: %s", host, port, why);
	}
	return FALSE;
}

void
pl_dialog_close(struct pl_dialog *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

gboolean
pl_dialog_is_spoken_to(const struct pl_dialog *d)
{
	struct pollfd p = { .fd = d->fd, .events = POLLIN };

	return d->at < d->have || poll(&p, 1, 0) > 0;
}

/* ---- bytes ------------------------------------------------------------- */

/* The patience is with a server that takes nothing at all. One that speaks
 * while it should listen is listened to. */
gboolean
pl_dialog_put(struct pl_dialog *d, const void *bytes, gsize length)
{
	const char *from = bytes;

	while (length > 0) {
		const ssize_t n =
		    send(d->fd, from, length, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			from += n;
			length -= (gsize)n;
		} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
			return fail(d, g_strerror(errno));
		} else {
			const short came = wait_for(d, POLLIN | POLLOUT,
			    g_get_monotonic_time() + d->patience);

			if (came == 0)
				return FALSE;
			if ((came & ~POLLOUT) != 0)
				return fail(
				    d, "the mail server did not listen on");
		}
	}
	return TRUE;
}

static gboolean
read_more(struct pl_dialog *d, gint64 until)
{
	ssize_t n;

	memmove(d->in, d->in + d->at, d->have - d->at);
	d->have -= d->at;
	d->at = 0;
	do {
		if (wait_for(d, POLLIN, until) == 0)
			return FALSE;
		n = recv(d->fd, d->in + d->have, sizeof d->in - d->have,
		    MSG_DONTWAIT);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n < 0)
		return fail(d, g_strerror(errno));
	if (n == 0)
		return fail(d, "the mail server hung up");
	d->have += (gsize)n;
	return TRUE;
}

/* Of a line without end only the begin is kept. */
static gboolean
make_room(struct pl_dialog *d, gsize *dropped)
{
	if (d->have - d->at < sizeof d->in)
		return TRUE;
	*dropped += sizeof d->in - LINE_KEPT;
	d->have = d->at + LINE_KEPT;
	return *dropped <= LINE_MOST || fail(d, "the mail server babbles");
}

gboolean
pl_dialog_line(struct pl_dialog *d, struct pl_reply *reply, gint64 until)
{
	const char *end = NULL;
	gsize dropped = 0;

	while ((end = memchr(d->in + d->at, '\n', d->have - d->at)) == NULL)
		if (!make_room(d, &dropped) || !read_more(d, until)) {
			/* half a line is worth being told, and no answer */
			if (d->at < d->have)
				pl_reply_add(
				    reply, d->in + d->at, d->have - d->at);
			return FALSE;
		}
	end++;
	pl_reply_add(reply, d->in + d->at, (gsize)(end - (d->in + d->at)));
	d->at = (gsize)(end - d->in);
	return TRUE;
}
