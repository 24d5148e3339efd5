/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * submit - e-mails over SMTP to the local MTA
 *
 * One command after the other, each with its reply. How far an e-mail came, the
 * step, decides what a broken connection means: up to DATA, with all of the
 * message, the MTA took nothing, since the dot was not written. With the first
 * byte of that the step is DOT, and only a reply tells.
 */
#include <stdlib.h>
#include <string.h>

#include "crash.h"
#include "stop.h"
#include "submit.h"

#define BLOCK 65536
#define LEAVE (2 * G_USEC_PER_SEC) /* for the answer to QUIT */

enum step {
	STEP_HELLO, /* connection, greeting, EHLO */
	STEP_COMMAND,
	STEP_MAIL,
	STEP_RCPT,
	STEP_DATA, /* until 354, and while the message is sent */
	STEP_DOT,  /* the dot is on its way: only the reply tells */
};

struct pl_submit {
	char *host, *port;
	struct pl_dialog dialog;
	enum step step;
	struct pl_reply reply;
	char *greeting;
	_Atomic guint64 size; /* EHLO SIZE; also read while it submits */
	gboolean dsn, utf8;
	/* the e-mail under way */
	const struct pl_envelope *envelope;
	char last[2];  /* characters of it that were sent */
	gboolean torn; /* its dot could not be written, or not all of it */
};

/* RFC 5321 4.5.3.2 asks for three minutes a block and ten for the dot. */
static gint64
patience(void)
{
	const char *override = getenv("POSTLEDGER_SMTP_TIMEOUT");
	long seconds = override != NULL ? strtol(override, NULL, 10) : 0;

	return (seconds > 0 ? seconds : 600) * G_USEC_PER_SEC;
}

/* SUBMISSION was checked when the configuration was read. */
pl_submit *
pl_submit_new(const char *submission)
{
	pl_submit *s = g_new0(pl_submit, 1);
	g_autoptr(GUri) uri = g_uri_parse(submission, G_URI_FLAGS_NONE, NULL);
	const int port = uri != NULL ? g_uri_get_port(uri) : -1;

	s->host = g_strdup(uri != NULL ? g_uri_get_host(uri) : "");
	s->port = g_strdup_printf("%d", port > 0 ? port : 25);
	s->dialog.fd = -1;
	s->dialog.patience = patience();
	pl_reply_reset(&s->reply);
	return s;
}

/* ---- commands and replies ---------------------------------------------- */

/* The whole reply. */
static gboolean
hear(pl_submit *s, gint64 time)
{
	const gint64 until = g_get_monotonic_time() + time;

	while (s->reply.code == 0)
		if (!pl_dialog_line(&s->dialog, &s->reply, until))
			return FALSE;
	return TRUE;
}

/* What a server says before it was asked is no answer to what comes then: it
 * is about to close the connection, or counts in another way than we do. */
static gboolean
is_my_turn(pl_submit *s)
{
	if (!pl_dialog_is_spoken_to(&s->dialog))
		return TRUE;
	if (hear(s, s->dialog.patience) && s->reply.code != 421) {
		s->reply.code = 0;
		g_strlcpy(s->dialog.trouble,
		    "the mail server spoke before it was asked",
		    sizeof s->dialog.trouble);
	}
	return FALSE;
}

/* FALSE: there is no reply. */
static gboolean
say(pl_submit *s, enum step step, const char *line)
{
	g_autofree char *whole = g_strconcat(line, "\r\n", NULL);

	pl_reply_reset(&s->reply);
	s->step = step;
	return is_my_turn(s) &&
	       pl_dialog_put(&s->dialog, whole, strlen(whole)) &&
	       hear(s, s->dialog.patience);
}

static gboolean
is_of(pl_submit *s, unsigned class)
{
	if (s->reply.code / 100 == class)
		return TRUE;
	g_strlcpy(s->dialog.trouble, "the mail server does not go on",
	    sizeof s->dialog.trouble);
	return FALSE;
}

/* To a server that has nothing else to say. */
static void
leave(pl_submit *s)
{
	static const char quit[] = "QUIT\r\n";
	struct pl_reply last = { 0 };

	if (s->dialog.fd >= 0 && pl_dialog_put(&s->dialog, quit, strlen(quit)))
		pl_dialog_line(
		    &s->dialog, &last, g_get_monotonic_time() + LEAVE);
	pl_dialog_close(&s->dialog);
	if (last.text != NULL)
		g_string_free(last.text, TRUE);
}

void
pl_submit_free(pl_submit *s)
{
	if (s == NULL)
		return;
	s->dialog.gate = NULL;
	leave(s);
	g_string_free(s->reply.text, TRUE);
	g_free(s->greeting);
	g_free(s->host);
	g_free(s->port);
	g_free(s);
}

/* ---- connections ------------------------------------------------------- */

/* Of this connection; one before it may have been to another server. */
static void
announced(pl_submit *s)
{
	g_auto(GStrv) lines = g_strsplit(s->reply.text->str, "\n", -1);
	guint64 size = 0;

	s->dsn = s->utf8 = FALSE;
	for (char **line = lines; *line != NULL; line++) {
		const char *word = strlen(*line) > 4 ? *line + 4 : "";

		if (g_ascii_strncasecmp(word, "SIZE ", 5) == 0)
			size = g_ascii_strtoull(word + 5, NULL, 10);
		else if (g_ascii_strcasecmp(word, "DSN") == 0)
			s->dsn = TRUE;
		else if (g_ascii_strcasecmp(word, "SMTPUTF8") == 0)
			s->utf8 = TRUE;
	}
	s->size = size;
}

static gboolean
hello(pl_submit *s)
{
	g_autofree char *ehlo = g_strdup_printf("EHLO %s", g_get_host_name());
	g_autofree char *helo = g_strdup_printf("HELO %s", g_get_host_name());

	if (!say(s, STEP_HELLO, ehlo))
		return FALSE;
	if (s->reply.code / 100 != 5) {
		announced(s);
		return is_of(s, 2);
	}
	pl_reply_reset(&s->reply);
	announced(s);
	return say(s, STEP_HELLO, helo) && is_of(s, 2);
}

static gboolean
connect_to(pl_submit *s)
{
	s->step = STEP_HELLO;
	pl_reply_reset(&s->reply);
	if (!pl_dialog_open(&s->dialog, s->host, s->port) ||
	    !hear(s, s->dialog.patience) || !is_of(s, 2))
		return FALSE;
	g_free(s->greeting);
	s->greeting =
	    g_strdup(s->reply.text->len > 4 ? s->reply.text->str + 4 : "");
	return hello(s);
}

/* *USED: it is a connection of before, which may have gone stale: the MTA
 * closed it while we were busy with other things. */
static gboolean
make_ready(pl_submit *s, gboolean *used)
{
	s->dialog.trouble[0] = '\0';
	*used = s->dialog.fd >= 0 && !pl_dialog_is_spoken_to(&s->dialog);
	if (*used)
		return TRUE;
	pl_dialog_close(&s->dialog);
	return connect_to(s);
}

/* It answered nothing, or 421, to the first command. */
static gboolean
went_stale(const pl_submit *s)
{
	return s->step <= STEP_MAIL &&
	       (s->reply.code == 0 || s->reply.code == 421) &&
	       pl_stop_asked() == 0 && !pl_dialog_was_cut(&s->dialog);
}

/* TALK on a connection that works, if there is one. */
static gboolean
on_connection(pl_submit *s, gboolean (*talk)(pl_submit *s, const char *line),
    const char *line)
{
	gboolean used, done = make_ready(s, &used) && talk(s, line);

	if (done || !used || !went_stale(s))
		return done;
	pl_dialog_close(&s->dialog);
	return make_ready(s, &used) && talk(s, line);
}

/* ---- the message ------------------------------------------------------- */

static gboolean
begins_line(const pl_submit *s, const char *bytes, const char *at)
{
	const char before = at > bytes ? at[-1] : s->last[1];
	const char first = at > bytes + 1 ? at[-2]
			   : at > bytes   ? s->last[1]
					  : s->last[0];

	return first == '\r' && before == '\n';
}

/* A dot at the begin of a line is doubled. */
static gboolean
put_text(pl_submit *s, const char *bytes, gsize length)
{
	const char *from = bytes, *dot = bytes, *end = bytes + length;

	while ((dot = memchr(dot, '.', (gsize)(end - dot))) != NULL) {
		if (begins_line(s, bytes, dot)) {
			if (!pl_dialog_put(
				&s->dialog, from, (gsize)(dot + 1 - from)))
				return FALSE;
			from = dot;
		}
		dot++;
	}
	if (length > 0) {
		s->last[0] = length > 1 ? end[-2] : s->last[1];
		s->last[1] = end[-1];
	}
	return pl_dialog_put(&s->dialog, from, (gsize)(end - from));
}

static gboolean
put_spool(pl_submit *s, const pl_spool *spool)
{
	g_autofree char *block = g_malloc(BLOCK);
	const guint64 half = pl_spool_size(spool) / 2;
	guint64 at = 0;
	gssize n;

	while (at < pl_spool_size(spool)) {
		const guint64 to = at < half ? half : pl_spool_size(spool);

		if (at == half)
			pl_crash_point("submit-data");
		n = pl_spool_pread(
		    spool, at, block, (gsize)MIN(BLOCK, to - at));
		if (n <= 0) {
			g_strlcpy(s->dialog.trouble,
			    "the e-mail cannot be read again",
			    sizeof s->dialog.trouble);
			return FALSE;
		}
		if (!put_text(s, block, (gsize)n))
			return FALSE;
		at += (guint64)n;
	}
	return TRUE;
}

static void
tell_greeted(pl_submit *s)
{
	struct pl_gate *gate = s->dialog.gate;

	if (gate == NULL)
		return;
	g_mutex_lock(&gate->mutex);
	gate->greeted = TRUE;
	g_cond_broadcast(&gate->moved);
	g_mutex_unlock(&gate->mutex);
}

/* The server did not listen to the end, and may have said why. */
static void
hear_why(pl_submit *s)
{
	pl_reply_reset(&s->reply);
	if (!pl_dialog_was_cut(&s->dialog) &&
	    pl_dialog_is_spoken_to(&s->dialog))
		hear(s, s->dialog.patience);
}

static gboolean
put_message(pl_submit *s)
{
	const struct pl_envelope *e = s->envelope;

	memcpy(s->last, "\r\n", sizeof s->last);
	if (put_text(s, e->stamp, strlen(e->stamp)) && put_spool(s, e->spool))
		return TRUE;
	hear_why(s);
	return FALSE;
}

/* ---- e-mails ----------------------------------------------------------- */

/* With its domain as it is in the DNS. g_free(). */
static char *
mailbox(const char *address)
{
	const char *at = strrchr(address, '@');
	g_autofree char *domain = at == NULL || g_str_is_ascii(at)
				      ? NULL
				      : g_hostname_to_ascii(at + 1);

	return domain == NULL ? g_strdup_printf("<%s>", address)
			      : g_strdup_printf("<%.*s%s>",
				    (int)(at + 1 - address), address, domain);
}

static guint64
size_of(const struct pl_envelope *e)
{
	return strlen(e->stamp) + pl_spool_size(e->spool);
}

static char *
mail_command(const pl_submit *s, const char *from, const char *to)
{
	GString *line = g_string_new(NULL);

	g_string_printf(line, "MAIL FROM:%s", from);
	if (s->size > 0)
		g_string_append_printf(
		    line, " SIZE=%" G_GUINT64_FORMAT, size_of(s->envelope));
	if (s->utf8 && !(g_str_is_ascii(from) && g_str_is_ascii(to)))
		g_string_append(line, " SMTPUTF8");
	return g_string_free(line, FALSE);
}

static gboolean
transact(pl_submit *s, const char *unused)
{
	const struct pl_envelope *e = s->envelope;
	g_autofree char *from = mailbox(e->from), *to = mailbox(e->to);
	g_autofree char *mail = mail_command(s, from, to);
	g_autofree char *rcpt = g_strconcat("RCPT TO:", to, NULL);

	(void)unused;
	tell_greeted(s);
	if (!say(s, STEP_MAIL, mail) || !is_of(s, 2) ||
	    !say(s, STEP_RCPT, rcpt) || !is_of(s, 2))
		return FALSE;
	if (!say(s, STEP_DATA, "DATA") || !is_of(s, 3))
		return FALSE;
	pl_crash_point("submit-envelope");
	return put_message(s);
}

static gboolean
is_error(unsigned code)
{
	return code / 100 == 4 || code / 100 == 5;
}

static gboolean
is_answered(const pl_submit *s)
{
	return is_error(s->reply.code) ||
	       (s->step == STEP_DOT && s->reply.code / 100 == 2);
}

/* What is open cannot be used for another e-mail: not in the middle of one,
 * not after what nobody understood, and not behind a recipient that was
 * refused, whose sender it still knows. */
static void
tidy(pl_submit *s)
{
	if (s->step == STEP_DOT && is_answered(s) && s->reply.code != 421 &&
	    !s->torn)
		return;
	if (s->step < STEP_DATA && is_answered(s) && s->reply.code != 421)
		leave(s);
	pl_dialog_close(&s->dialog);
}

static enum pl_attempt_state
state_of(const pl_submit *s)
{
	unsigned class = s->reply.code / 100;

	if (s->step == STEP_DOT) {
		if (class == 2 && !s->torn)
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

gboolean
pl_submit_hand(pl_submit *s, const struct pl_envelope *envelope)
{
	s->envelope = envelope;
	s->torn = FALSE;
	s->dialog.gate = envelope->gate;
	return on_connection(s, transact, NULL);
}

/* A server that has lost its patience has spoken, and would have the dot
 * written into nothing. */
void
pl_submit_dot(pl_submit *s)
{
	const char *end = memcmp(s->last, "\r\n", sizeof s->last) == 0
			      ? ".\r\n"
			      : "\r\n.\r\n";

	if (pl_dialog_is_spoken_to(&s->dialog)) {
		hear_why(s);
		return;
	}
	pl_crash_point("submit-end");
	s->step = STEP_DOT;
	pl_reply_reset(&s->reply);
	s->torn = !pl_dialog_put(&s->dialog, end, strlen(end));
}

static void
fill_answer(const pl_submit *s, struct pl_answer *answer)
{
	answer->state = state_of(s);
	answer->size = size_of(s->envelope);
	answer->down = s->step == STEP_HELLO || s->reply.code == 421;
	answer->mta_id = NULL;
	if (is_answered(s))
		answer->reply = g_strdup(s->reply.text->str);
	else
		answer->reply = g_strdup_printf("[%s]%s%s", s->dialog.trouble,
		    s->reply.text->len > 0 ? " " : "", s->reply.text->str);
	if (answer->state == PL_ATTEMPT_SENT)
		answer->mta_id = pl_reply_queue_id(answer->reply);
}

void
pl_submit_answer(pl_submit *s, struct pl_answer *answer)
{
	if (s->step == STEP_DOT && hear(s, s->dialog.patience)) {
		is_of(s, 2);
		pl_crash_point("submit-dot");
	}
	fill_answer(s, answer);
	if (s->step == STEP_DOT)
		pl_crash_point("submit-answered");
	tidy(s);
	s->envelope = NULL;
	s->dialog.gate = NULL;
}

void
pl_submit_send(
    pl_submit *s, const struct pl_envelope *envelope, struct pl_answer *answer)
{
	if (pl_submit_hand(s, envelope))
		pl_submit_dot(s);
	pl_submit_answer(s, answer);
}

void
pl_answer_clear(struct pl_answer *answer)
{
	g_clear_pointer(&answer->reply, g_free);
	g_clear_pointer(&answer->mta_id, g_free);
}

/* ---- commands ---------------------------------------------------------- */

static gboolean
command(pl_submit *s, const char *line)
{
	return say(s, STEP_COMMAND, line);
}

gboolean
pl_submit_command(pl_submit *s, const char *line, unsigned *code, char **reply,
    GError **error)
{
	const gboolean done = on_connection(s, command, line);

	if (!done || s->reply.code == 421)
		pl_dialog_close(&s->dialog);
	*code = done ? s->reply.code : 0;
	*reply = done ? g_strdup(s->reply.text->str) : NULL;
	if (done)
		return TRUE;
	g_set_error(error, PL_RUN_ERROR, PL_RUN_UNAVAILABLE, "%s%s%s",
	    s->dialog.trouble, s->reply.text->len > 0 ? ": " : "",
	    s->reply.text->str);
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
