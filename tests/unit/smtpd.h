/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * smtpd - an SMTP server that does what a test tells it
 *
 * It takes one connection after the other in a thread of its own. Rules say
 * what happens at which moment; without one it behaves. All that it took is
 * kept for the test to look at after smtpd_stop(). Plain sockets: tests fork
 * beside it, and a lock of GObject's that it held would never be free there.
 */
#ifndef PL_TEST_SMTPD_H
#define PL_TEST_SMTPD_H

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

enum { SMTPD_ALWAYS = 0 };

/* At the NTH (from 1) MOMENT: say SAY (NULL: nothing) after DELAY ms, then
 * hang up if CLOSE. Moments: greeting EHLO HELO MAIL RCPT DATA body dot QUIT NOOP
 * RSET; "body" is after the first line of the message. In SAY \1 stands for NUL,
 * and \2 in front of all lets it come byte by byte. */
struct smtpd_rule {
	const char *moment;
	unsigned nth;
	const char *say;
	unsigned delay;
	gboolean close;
};

struct smtpd_mail {
	char *from, *to; /* whole commands */
	GString *data;   /* as sent but for dot-stuffing */
	gboolean whole;  /* the final dot came */
};

struct smtpd {
	const struct smtpd_rule *rules;
	unsigned n_rules, connections;
	guint16 port;
	char *url;
	GPtrArray *mails;
	GHashTable *counts;
	int listener;
	gint client; /* atomic: the connection that it talks with, or -1 */
	gint runs;   /* atomic: the thread is there */
	gint ends;   /* atomic */
	GThread *thread;
	const char *said; /* last */
	/* called for each whole mail before its answer; may be NULL */
	void (*at_dot)(struct smtpd_mail *mail, void *user);
	void *user;
};

static inline void
smtpd_mail_free(gpointer data)
{
	struct smtpd_mail *m = data;

	g_free(m->from);
	g_free(m->to);
	g_string_free(m->data, TRUE);
	g_free(m);
}

static inline void
smtpd_put(int client, const char *say)
{
	const gboolean singly = say[0] == '\2';
	g_autofree char *bytes = g_strdup(say + singly);
	const size_t n = strlen(bytes);

	for (size_t i = 0; i < n; i++)
		if (bytes[i] == '\1')
			bytes[i] = '\0';
	for (size_t at = 0; at < n; at += singly ? 1 : n) {
		send(client, bytes + at, singly ? 1 : n, MSG_NOSIGNAL);
		if (singly)
			g_usleep(1000);
	}
}

/* FALSE: hang up. */
static inline gboolean
smtpd_say(struct smtpd *s, const char *moment, const char *usual)
{
	unsigned n =
	    GPOINTER_TO_UINT(g_hash_table_lookup(s->counts, moment)) + 1;
	const struct smtpd_rule *rule = NULL;

	g_hash_table_insert(
	    s->counts, (gpointer)(uintptr_t)moment, GUINT_TO_POINTER(n));
	for (unsigned i = 0; i < s->n_rules && rule == NULL; i++)
		if (strcmp(s->rules[i].moment, moment) == 0 &&
		    (s->rules[i].nth == 0 || s->rules[i].nth == n))
			rule = &s->rules[i];
	if (rule != NULL && rule->delay > 0)
		g_usleep(rule->delay * 1000UL);
	if (rule != NULL)
		usual = rule->say;
	s->said = usual != NULL && usual[0] == '\2' ? usual + 1 : usual;
	if (usual != NULL)
		smtpd_put(g_atomic_int_get(&s->client), usual);
	return rule == NULL || !rule->close;
}

/* Without CR LF; NULL: the client is gone. g_free(). */
static inline char *
smtpd_line(FILE *in)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n = getline(&line, &room, in);

	/* a piece at the end of the connection is no line: it may be a dot that
	 * was to be doubled */
	if (n > 0 && line[n - 1] == '\n')
		line[strcspn(line, "\r\n")] = '\0';
	else
		g_clear_pointer(&line, free);
	return line;
}

static inline gboolean
smtpd_data(struct smtpd *s, FILE *in, struct smtpd_mail *m)
{
	gboolean first = TRUE;

	for (;;) {
		g_autofree char *line = smtpd_line(in);

		if (line == NULL)
			return FALSE;
		if (strcmp(line, ".") == 0)
			break;
		g_string_append(m->data, line + (line[0] == '.'));
		g_string_append_c(m->data, '\n');
		if (first && !smtpd_say(s, "body", NULL))
			return FALSE;
		first = FALSE;
	}
	m->whole = TRUE;
	if (s->at_dot != NULL)
		s->at_dot(m, s->user);
	return smtpd_say(s, "dot", "250 2.0.0 Ok: queued as 4XyzQ9\r\n");
}

static inline struct smtpd_mail *
smtpd_mail(struct smtpd *s, const char *from)
{
	struct smtpd_mail *m = g_new0(struct smtpd_mail, 1);

	m->from = g_strdup(from);
	m->data = g_string_new(NULL);
	g_ptr_array_add(s->mails, m);
	return m;
}

static inline void
smtpd_talk(struct smtpd *s, FILE *in)
{
	static const char *const others[] = { "NOOP", "RSET" };
	struct smtpd_mail *m = NULL;
	gboolean go = smtpd_say(s, "greeting", "220 test ESMTP\r\n");

	while (go) {
		g_autofree char *line = smtpd_line(in);

		if (line == NULL)
			return;
		if (g_str_has_prefix(line, "EHLO"))
			go = smtpd_say(s, "EHLO",
			    "250-test\r\n250-SIZE 20000000\r\n"
			    "250-8BITMIME\r\n250 DSN\r\n");
		else if (g_str_has_prefix(line, "MAIL")) {
			m = smtpd_mail(s, line);
			go = smtpd_say(s, "MAIL", "250 2.1.0 Ok\r\n");
		} else if (g_str_has_prefix(line, "RCPT") && m != NULL) {
			m->to = g_strdup(line);
			go = smtpd_say(s, "RCPT", "250 2.1.5 Ok\r\n");
		} else if (g_str_has_prefix(line, "DATA") && m != NULL) {
			go = smtpd_say(s, "DATA", "354 go on\r\n");
			if (go && s->said != NULL && s->said[0] == '3')
				go = smtpd_data(s, in, m);
		} else if (g_str_has_prefix(line, "HELO")) {
			go = smtpd_say(s, "HELO", "250 test\r\n");
		} else if (g_str_has_prefix(line, "QUIT")) {
			smtpd_say(s, "QUIT", "221 bye\r\n");
			return;
		} else if (g_str_has_prefix(line, others[0]))
			go = smtpd_say(s, others[0], "250 2.0.0 Ok\r\n");
		else if (g_str_has_prefix(line, others[1]))
			go = smtpd_say(s, others[1], "250 2.0.0 Ok\r\n");
		else
			go = smtpd_say(s, "?", "500 what\r\n");
	}
}

static inline gpointer
smtpd_run(gpointer data)
{
	struct smtpd *s = data;
	int client;

	g_atomic_int_set(&s->runs, TRUE);
	while ((client = accept(s->listener, NULL, NULL)) >= 0) {
		FILE *in = fdopen(client, "r");

		g_atomic_int_set(&s->client, client);
		s->connections++;
		if (!g_atomic_int_get(&s->ends))
			smtpd_talk(s, in);
		g_atomic_int_set(&s->client, -1);
		fclose(in);
	}
	return NULL;
}

static inline void
smtpd_start(struct smtpd *s, const struct smtpd_rule *rules, unsigned n)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof at;

	memset(s, 0, sizeof(*s));
	s->rules = rules;
	s->n_rules = n;
	s->mails = g_ptr_array_new_with_free_func(smtpd_mail_free);
	s->counts = g_hash_table_new(g_str_hash, g_str_equal);
	s->client = -1;
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->listener, (struct sockaddr *)&at, length) < 0 ||
	    listen(s->listener, 5) < 0 ||
	    getsockname(s->listener, (struct sockaddr *)&at, &length) < 0)
		g_error("cannot listen");
	s->port = ntohs(at.sin_port);
	s->url = g_strdup_printf("smtp://127.0.0.1:%u", s->port);
	s->thread = g_thread_new("smtpd", smtpd_run, s);
	/* The parser forks. A thread that starts holds locks of the allocator,
	 * which a sanitizer's child would wait for. */
	while (!g_atomic_int_get(&s->runs))
		g_usleep(1000);
}

/* No more connections; what it took stays until smtpd_clear(). */
static inline void
smtpd_stop(struct smtpd *s)
{
	if (s->thread == NULL)
		return;
	g_atomic_int_set(&s->ends, TRUE);
	shutdown(s->listener, SHUT_RDWR);
	shutdown(g_atomic_int_get(&s->client), SHUT_RDWR);
	g_thread_join(g_steal_pointer(&s->thread));
	close(s->listener);
}

static inline void
smtpd_clear(struct smtpd *s)
{
	smtpd_stop(s);
	g_ptr_array_unref(s->mails);
	g_hash_table_unref(s->counts);
	g_free(s->url);
}

#endif
