/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * submit - e-mails over SMTP to the local MTA
 *
 * How far an e-mail has come is read from what libcurl shows of the dialog:
 * each command sent moves the step on and empties the reply, each line
 * received goes into it. The step decides what a broken connection means, and
 * it errs to one side only: DOT is entered when the last bytes of the message
 * are handed to libcurl, a moment before the dot itself is written.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "crash.h"
#include "reply.h"
#include "stop.h"
#include "submit.h"

enum step {
	STEP_HELLO, /* connection, greeting, EHLO */
	STEP_COMMAND,
	STEP_MAIL,
	STEP_RCPT,
	STEP_DATA, /* until 354, and while the message is sent */
	STEP_DOT,  /* the dot is on its way: only the reply tells */
};

struct pl_submit {
	CURL *curl;
	curl_socket_t fd;
	enum step step;
	struct pl_reply reply;
	char *greeting;
	char curl_error[CURL_ERROR_SIZE];
	_Atomic guint64 size; /* EHLO SIZE; also read while it submits */
	gboolean dsn;
	gboolean leaving; /* QUIT was said */
	/* the e-mail under way */
	const struct pl_envelope *envelope;
	guint64 offset, total;
	gint64 moved;    /* when the last byte of it was asked for */
	gint64 patience; /* microseconds without progress */
};

/* RFC 5321 4.5.3.2 asks for three minutes a block and ten for the dot. */
static long
patience_seconds(void)
{
	const char *override = getenv("POSTLEDGER_SMTP_TIMEOUT");
	long seconds = override != NULL ? strtol(override, NULL, 10) : 0;

	return seconds > 0 ? seconds : 600;
}

#define GRACE (5 * G_USEC_PER_SEC) /* after SIGTERM */

/* ---- the gate ----------------------------------------------------------- */

static void
tell_greeted(pl_submit *s)
{
	struct pl_gate *gate = s->envelope->gate;

	if (gate == NULL)
		return;
	g_mutex_lock(&gate->mutex);
	gate->greeted = TRUE;
	g_cond_broadcast(&gate->moved);
	g_mutex_unlock(&gate->mutex);
}

static gboolean
was_cut(const pl_submit *s)
{
	struct pl_gate *gate = s->envelope != NULL ? s->envelope->gate : NULL;
	gboolean cut = FALSE;

	if (gate != NULL) {
		g_mutex_lock(&gate->mutex);
		cut = gate->cut;
		g_mutex_unlock(&gate->mutex);
	}
	return cut;
}

/* The server has said something, or hung up. */
static gboolean
is_readable(curl_socket_t fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* FALSE: it goes no further. A server that lost its patience has spoken, and
 * would have the last bytes written into nothing. */
static gboolean
pass_gate(pl_submit *s)
{
	struct pl_gate *gate = s->envelope->gate;
	gboolean open;

	if (gate == NULL)
		return TRUE;
	g_mutex_lock(&gate->mutex);
	while (!gate->open && !gate->cut)
		g_cond_wait(&gate->moved, &gate->mutex);
	open = gate->open && !gate->cut;
	g_mutex_unlock(&gate->mutex);
	s->moved = g_get_monotonic_time();
	return open && !is_readable(s->fd);
}

/* ---- what libcurl shows and asks --------------------------------------- */

static gboolean
begins(const char *data, gsize length, const char *word)
{
	gsize n = strlen(word);

	return length >= n && g_ascii_strncasecmp(data, word, n) == 0;
}

static void
command_goes_out(pl_submit *s, const char *line, gsize length)
{
	/* libcurl takes its leave after a refusal, which is the answer */
	s->leaving = begins(line, length, "QUIT");
	if (s->leaving)
		return;
	pl_reply_reset(&s->reply);
	if (begins(line, length, "EHLO") || begins(line, length, "HELO"))
		s->step = STEP_HELLO;
	else if (s->envelope == NULL)
		s->step = STEP_COMMAND;
	else if (begins(line, length, "MAIL")) {
		s->step = STEP_MAIL;
		tell_greeted(s);
	} else if (begins(line, length, "RCPT"))
		s->step = STEP_RCPT;
	else if (begins(line, length, "DATA")) {
		s->step = STEP_DATA;
		pl_crash_point("submit-envelope");
	}
}

static void
announced(pl_submit *s, const char *line, gsize length)
{
	g_autofree char *word = NULL;

	if (s->greeting == NULL && begins(line, length, "220 ")) {
		g_autofree char *text = g_strndup(line + 4, length - 4);

		s->greeting = g_strdup(g_strstrip(text));
	}
	if (length < 4 || !begins(line, length, "250"))
		return;
	word = g_strndup(line + 4, length - 4);
	g_strstrip(word);
	if (g_ascii_strncasecmp(word, "SIZE ", 5) == 0)
		s->size = g_ascii_strtoull(word + 5, NULL, 10);
	else if (g_ascii_strcasecmp(word, "DSN") == 0)
		s->dsn = TRUE;
}

static int
show(CURL *curl, curl_infotype type, char *data, size_t length, void *user)
{
	pl_submit *s = user;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT)
		command_goes_out(s, data, length);
	if (type != CURLINFO_HEADER_IN || s->leaving)
		return 0;
	pl_reply_add(&s->reply, data, length);
	if (s->step == STEP_HELLO)
		announced(s, data, length);
	if (s->step == STEP_DOT)
		pl_crash_point("submit-answered");
	return 0;
}

/* The last bytes are handed over by themselves, after all before them were
 * written: so a break before them is one before the dot for certain. The
 * first half too, so that there is a middle. */
#define LAST 2

static size_t
give_stamp(pl_submit *s, char *buffer, size_t room)
{
	gsize length = strlen(s->envelope->stamp) - s->offset;
	gsize n = MIN(length, room);

	memcpy(buffer, s->envelope->stamp + s->offset, n);
	return n;
}

static size_t
give_spool(pl_submit *s, char *buffer, size_t room)
{
	guint64 at = s->offset - strlen(s->envelope->stamp);
	guint64 half = MAX(s->total / 2, strlen(s->envelope->stamp) + 1);
	gssize n;

	if (s->offset == half)
		pl_crash_point("submit-data");
	if (s->offset < half)
		room = MIN(room, half - s->offset);
	else if (s->total - s->offset > LAST)
		room = MIN(room, s->total - s->offset - LAST);
	else if (!pass_gate(s))
		return CURL_READFUNC_ABORT;
	n = pl_spool_pread(s->envelope->spool, at, buffer, room);
	if (n < 0 || (n == 0 && s->offset < s->total))
		return CURL_READFUNC_ABORT;
	return (size_t)n;
}

static size_t
give(char *buffer, size_t size, size_t items, void *user)
{
	pl_submit *s = user;
	size_t n;

	s->moved = g_get_monotonic_time();
	if (s->offset == s->total)
		return 0; /* mostly it does not even ask */
	n = s->offset < strlen(s->envelope->stamp)
		? give_stamp(s, buffer, size * items)
		: give_spool(s, buffer, size * items);
	if (n != CURL_READFUNC_ABORT)
		s->offset += n;
	if (s->offset == s->total) {
		pl_crash_point("submit-end");
		pl_reply_reset(&s->reply);
		s->step = STEP_DOT;
	}
	return n;
}

static size_t
swallow(char *data, size_t size, size_t items, void *user)
{
	(void)data;
	(void)user;
	return size * items;
}

static int
note_socket(void *user, curl_socket_t fd, curlsocktype purpose)
{
	pl_submit *s = user;

	(void)purpose;
	s->fd = fd;
	return CURL_SOCKOPT_OK;
}

/* Called every second or more often; not 0 breaks the connection. */
static int
watch(void *user, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
    curl_off_t ulnow)
{
	pl_submit *s = user;
	gint64 now = g_get_monotonic_time(), asked = pl_stop_asked();

	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	if (s->step == STEP_DOT && is_readable(s->fd))
		pl_crash_point("submit-dot");
	if ((asked != 0 && now - asked > GRACE) || was_cut(s))
		return 1;
	return s->step == STEP_DATA && now - s->moved > s->patience;
}

/* ---- the connection ---------------------------------------------------- */

static void
set_callbacks(pl_submit *s)
{
	CURL *c = s->curl;

	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->curl_error);
	curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, show);
	curl_easy_setopt(c, CURLOPT_DEBUGDATA, s);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(c, CURLOPT_READDATA, s);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, swallow);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, swallow);
	curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, note_socket);
	curl_easy_setopt(c, CURLOPT_SOCKOPTDATA, s);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, watch);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, s);
}

pl_submit *
pl_submit_new(const char *submission)
{
	static gsize once;
	pl_submit *s = g_new0(pl_submit, 1);
	long seconds = patience_seconds();

	if (g_once_init_enter(&once)) {
		curl_global_init(CURL_GLOBAL_DEFAULT);
		g_once_init_leave(&once, 1);
	}
	s->curl = curl_easy_init();
	g_assert(s->curl != NULL);
	s->patience = seconds * G_USEC_PER_SEC;
	set_callbacks(s);
	curl_easy_setopt(s->curl, CURLOPT_URL, submission);
	curl_easy_setopt(s->curl, CURLOPT_PROTOCOLS_STR, "smtp");
	/* what the environment says of proxies is meant for others */
	curl_easy_setopt(s->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(s->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(s->curl, CURLOPT_CONNECTTIMEOUT, MIN(seconds, 300L));
	curl_easy_setopt(s->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds);
	return s;
}

void
pl_submit_free(pl_submit *s)
{
	if (s == NULL)
		return;
	s->envelope = NULL;
	curl_easy_cleanup(s->curl); /* says QUIT */
	if (s->reply.text != NULL)
		g_string_free(s->reply.text, TRUE);
	g_free(s->greeting);
	g_free(s);
}

/* To a server that does not answer libcurl would say QUIT at the end, and wait
 * for the answer to that, too. */
static void
cut(pl_submit *s)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	curl_easy_getinfo(s->curl, CURLINFO_ACTIVESOCKET, &fd);
	if (fd != CURL_SOCKET_BAD)
		shutdown(fd, SHUT_RDWR);
}

static CURLcode
perform(pl_submit *s)
{
	CURLcode done;

	s->step = STEP_HELLO;
	s->leaving = FALSE;
	s->moved = g_get_monotonic_time();
	s->curl_error[0] = '\0';
	pl_reply_reset(&s->reply);
	done = curl_easy_perform(s->curl);
	if (done == CURLE_ABORTED_BY_CALLBACK ||
	    done == CURLE_OPERATION_TIMEDOUT)
		cut(s);
	return done;
}

static gboolean
was_reused(pl_submit *s)
{
	long connects = 1;

	curl_easy_getinfo(s->curl, CURLINFO_NUM_CONNECTS, &connects);
	return connects == 0;
}

/* A connection that the MTA closed while we were busy with other things: it
 * answered nothing, or 421, to the first command. */
static gboolean
went_stale(pl_submit *s)
{
	return was_reused(s) && s->step <= STEP_MAIL &&
	       (s->reply.code == 0 || s->reply.code == 421);
}

static CURLcode
perform_again(pl_submit *s, CURLcode done)
{
	if (done == CURLE_OK || !went_stale(s) || pl_stop_asked() != 0)
		return done;
	curl_easy_setopt(s->curl, CURLOPT_FRESH_CONNECT, 1L);
	done = perform(s);
	curl_easy_setopt(s->curl, CURLOPT_FRESH_CONNECT, 0L);
	return done;
}

static const char *
trouble(const pl_submit *s, CURLcode done)
{
	if (s->curl_error[0] != '\0')
		return s->curl_error;
	return curl_easy_strerror(done);
}

/* ---- e-mails ------------------------------------------------------------ */

static CURLcode
deliver(pl_submit *s, const struct pl_envelope *envelope)
{
	struct curl_slist *to = curl_slist_append(NULL, envelope->to);
	CURLcode done;

	s->envelope = envelope;
	s->offset = 0;
	s->total = strlen(envelope->stamp) + pl_spool_size(envelope->spool);
	curl_easy_setopt(s->curl, CURLOPT_CUSTOMREQUEST, NULL);
	curl_easy_setopt(s->curl, CURLOPT_NOBODY, 0L);
	curl_easy_setopt(s->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_FROM, envelope->from);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(
	    s->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)s->total);
	done = perform(s);
	done = perform_again(s, done);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(to);
	s->envelope = NULL;
	return done;
}

static enum pl_attempt_state
state_of(const pl_submit *s)
{
	unsigned class = s->reply.code / 100;

	if (s->step == STEP_DOT) {
		if (class == 2)
			return PL_ATTEMPT_SENT;
		if (class == 4)
			return PL_ATTEMPT_DEFERRED;
		return class == 5 ? PL_ATTEMPT_REFUSED : PL_ATTEMPT_UNKNOWN;
	}
	/* a 5xx before MAIL is about us and not about this e-mail */
	if (class == 5 && s->step >= STEP_MAIL)
		return PL_ATTEMPT_REFUSED;
	return PL_ATTEMPT_DEFERRED;
}

static gboolean
is_error(unsigned code)
{
	return code / 100 == 4 || code / 100 == 5;
}

void
pl_submit_send(
    pl_submit *s, const struct pl_envelope *envelope, struct pl_answer *answer)
{
	CURLcode done = deliver(s, envelope);
	gboolean answered = s->step == STEP_DOT ? s->reply.code / 100 == 2 ||
						      is_error(s->reply.code)
						: is_error(s->reply.code);

	answer->state = state_of(s);
	answer->size = s->total;
	answer->down = s->step == STEP_HELLO || s->reply.code == 421;
	answer->mta_id = NULL;
	if (answered)
		answer->reply = g_strdup(s->reply.text->str);
	else if (s->reply.text->len > 0)
		answer->reply = g_strdup_printf(
		    "[%s] %s", trouble(s, done), s->reply.text->str);
	else
		answer->reply = g_strdup_printf("[%s]", trouble(s, done));
	if (answer->state == PL_ATTEMPT_SENT)
		answer->mta_id = pl_reply_queue_id(answer->reply);
}

void
pl_answer_clear(struct pl_answer *answer)
{
	g_clear_pointer(&answer->reply, g_free);
	g_clear_pointer(&answer->mta_id, g_free);
}

/* ---- commands ----------------------------------------------------------- */

static CURLcode
command(pl_submit *s, const char *line)
{
	/* libcurl decodes it as if it were part of a URL */
	g_autofree char *escaped = g_uri_escape_string(
	    line, G_URI_RESERVED_CHARS_ALLOWED_IN_PATH " <>\"[]", TRUE);

	curl_easy_setopt(s->curl, CURLOPT_UPLOAD, 0L);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_easy_setopt(s->curl, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(s->curl, CURLOPT_CUSTOMREQUEST, escaped);
	return perform_again(s, perform(s));
}

gboolean
pl_submit_command(pl_submit *s, const char *line, unsigned *code, char **reply,
    GError **error)
{
	CURLcode done = command(s, line);

	*code = s->step == STEP_COMMAND ? s->reply.code : 0;
	*reply = s->reply.text->len > 0 ? g_strdup(s->reply.text->str) : NULL;
	if (*code != 0)
		return TRUE;
	g_set_error(error, PL_RUN_ERROR, PL_RUN_UNAVAILABLE, "%s%s%s",
	    trouble(s, done), *reply != NULL ? ": " : "",
	    *reply != NULL ? *reply : "");
	g_clear_pointer(reply, g_free);
	return FALSE;
}

guint64
pl_submit_size(const pl_submit *s)
{
	return s->size;
}

gboolean
pl_submit_dsn(const pl_submit *s)
{
	return s->dsn;
}

const char *
pl_submit_greeting(const pl_submit *s)
{
	return s->greeting != NULL ? s->greeting : "";
}
