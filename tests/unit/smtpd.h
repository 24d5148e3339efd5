/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * smtpd - an SMTP server that does what a test tells it
 *
 * It takes one connection after the other in a thread of its own. Rules say
 * what happens at which moment; without one it behaves. All that it took is
 * kept for the test to look at after smtpd_stop().
 */
#ifndef PL_TEST_SMTPD_H
#define PL_TEST_SMTPD_H

#include <string.h>
#include <unistd.h>

#include <gio/gio.h>

enum { SMTPD_ALWAYS = 0 };

/* At the NTH (from 1) MOMENT: say SAY (NULL: nothing) after DELAY ms, then
 * hang up if CLOSE. Moments: greeting EHLO MAIL RCPT DATA body dot QUIT NOOP
 * RSET; "body" is after the first line of the message. */
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
	GSocketListener *listener;
	GCancellable *cancel;
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

/* FALSE: hang up. */
static inline gboolean
smtpd_say(
    struct smtpd *s, GOutputStream *out, const char *moment, const char *usual)
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
	s->said = usual;
	if (usual != NULL)
		g_output_stream_write_all(
		    out, usual, strlen(usual), NULL, NULL, NULL);
	return rule == NULL || !rule->close;
}

static inline char *
smtpd_line(struct smtpd *s, GDataInputStream *in)
{
	return g_data_input_stream_read_line(in, NULL, s->cancel, NULL);
}

static inline gboolean
smtpd_data(struct smtpd *s, GDataInputStream *in, GOutputStream *out,
    struct smtpd_mail *m)
{
	gboolean first = TRUE;

	for (;;) {
		g_autofree char *line = smtpd_line(s, in);

		if (line == NULL)
			return FALSE;
		if (strcmp(line, ".") == 0)
			break;
		g_string_append(m->data, line + (line[0] == '.'));
		g_string_append_c(m->data, '\n');
		if (first && !smtpd_say(s, out, "body", NULL))
			return FALSE;
		first = FALSE;
	}
	m->whole = TRUE;
	if (s->at_dot != NULL)
		s->at_dot(m, s->user);
	return smtpd_say(s, out, "dot", "250 2.0.0 Ok: queued as 4XyzQ9\r\n");
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
smtpd_talk(struct smtpd *s, GDataInputStream *in, GOutputStream *out)
{
	static const char *const others[] = { "NOOP", "RSET" };
	struct smtpd_mail *m = NULL;
	gboolean go = smtpd_say(s, out, "greeting", "220 test ESMTP\r\n");

	while (go) {
		g_autofree char *line = smtpd_line(s, in);

		if (line == NULL)
			return;
		if (g_str_has_prefix(line, "EHLO"))
			go = smtpd_say(s, out, "EHLO",
			    "250-test\r\n250-SIZE 20000000\r\n"
			    "250-8BITMIME\r\n250 DSN\r\n");
		else if (g_str_has_prefix(line, "MAIL")) {
			m = smtpd_mail(s, line);
			go = smtpd_say(s, out, "MAIL", "250 2.1.0 Ok\r\n");
		} else if (g_str_has_prefix(line, "RCPT") && m != NULL) {
			m->to = g_strdup(line);
			go = smtpd_say(s, out, "RCPT", "250 2.1.5 Ok\r\n");
		} else if (g_str_has_prefix(line, "DATA") && m != NULL) {
			go = smtpd_say(s, out, "DATA", "354 go on\r\n");
			if (go && s->said != NULL && s->said[0] == '3')
				go = smtpd_data(s, in, out, m);
		} else if (g_str_has_prefix(line, "QUIT")) {
			smtpd_say(s, out, "QUIT", "221 bye\r\n");
			return;
		} else if (g_str_has_prefix(line, others[0]))
			go = smtpd_say(s, out, others[0], "250 2.0.0 Ok\r\n");
		else if (g_str_has_prefix(line, others[1]))
			go = smtpd_say(s, out, others[1], "250 2.0.0 Ok\r\n");
		else
			go = smtpd_say(s, out, "?", "500 what\r\n");
	}
}

static inline gpointer
smtpd_run(gpointer data)
{
	struct smtpd *s = data;

	for (;;) {
		g_autoptr(GSocketConnection) c = g_socket_listener_accept(
		    s->listener, NULL, s->cancel, NULL);
		g_autoptr(GDataInputStream) in = NULL;

		if (c == NULL)
			return NULL;
		s->connections++;
		in = g_data_input_stream_new(
		    g_io_stream_get_input_stream(G_IO_STREAM(c)));
		g_data_input_stream_set_newline_type(
		    in, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
		smtpd_talk(
		    s, in, g_io_stream_get_output_stream(G_IO_STREAM(c)));
		g_io_stream_close(G_IO_STREAM(c), NULL, NULL);
	}
}

static inline void
smtpd_start(struct smtpd *s, const struct smtpd_rule *rules, unsigned n)
{
	g_autoptr(GInetAddress) host =
	    g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
	g_autoptr(GSocketAddress) any = g_inet_socket_address_new(host, 0);
	g_autoptr(GSocketAddress) bound = NULL;

	memset(s, 0, sizeof(*s));
	s->rules = rules;
	s->n_rules = n;
	s->mails = g_ptr_array_new_with_free_func(smtpd_mail_free);
	s->counts = g_hash_table_new(g_str_hash, g_str_equal);
	s->cancel = g_cancellable_new();
	s->listener = g_socket_listener_new();
	if (!g_socket_listener_add_address(s->listener, any,
		G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound,
		NULL))
		g_error("cannot listen");
	s->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
	s->url = g_strdup_printf("smtp://127.0.0.1:%u", s->port);
	s->thread = g_thread_new("smtpd", smtpd_run, s);
}

/* No more connections; what it took stays until smtpd_clear(). */
static inline void
smtpd_stop(struct smtpd *s)
{
	g_cancellable_cancel(s->cancel);
	if (s->thread != NULL)
		g_thread_join(s->thread);
	s->thread = NULL;
	g_clear_object(&s->listener);
}

static inline void
smtpd_clear(struct smtpd *s)
{
	smtpd_stop(s);
	g_object_unref(s->cancel);
	g_ptr_array_unref(s->mails);
	g_hash_table_unref(s->counts);
	g_free(s->url);
}

#endif
