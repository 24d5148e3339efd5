/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_gateway - a ledger, a configuration and an MTA that knows the daemon's
 * part: a batch that comes by is offered to the ledger, and dropped when stale
 */
#ifndef RUN_GATEWAY_H
#define RUN_GATEWAY_H

#include "ledger_fixture.h"

#include "config_sample.h"
#include "postledger/run.h"
#include "smtpd.h"

#define TEAM "report_to = team@office.example\n"

struct gateway {
	struct fixture *f;
	struct smtpd mta;
	pl_config *config;
	pl_secret *secret;
	char *secret_file;
	const char *submission; /* NULL: the MTA's */
	GPtrArray *taken;       /* struct smtpd_mail: whole and not stale */
	GMutex lock;
};

/* The value of a header field, g_free(). */
static inline char *
field(const struct smtpd_mail *m, const char *name)
{
	g_autofree char *begin = g_strdup_printf("\n%s: ", name);
	g_autofree char *text = g_strconcat("\n", m->data->str, NULL);
	const char *at = strstr(text, begin);

	if (at == NULL)
		return NULL;
	at += strlen(begin);
	return g_strndup(at, strcspn(at, "\n"));
}

/* What postledgerd does at end of message. */
static inline void
pass_by(struct smtpd_mail *m, void *user)
{
	struct gateway *g = user;
	g_autofree char *stamp = field(m, PL_STAMP_HEADER);
	g_autofree char *id = field(m, "Message-Id");
	g_autofree char *to = g_strdup(strchr(m->to, '<'));
	enum pl_offer offer = PL_OFFER_UNKNOWN;
	struct pl_stamp s;
	pl_ledger *l =
	    pl_ledger_open(g->f->url, g->f->messages, PL_LEDGER_WRITE, NULL);

	if (id == NULL)
		id = field(m, "Message-ID");
	to[strcspn(to, ">") + 1] = '\0';
	if (stamp != NULL && id != NULL &&
	    pl_stamp_parse(g->secret, stamp, id, to, &s))
		pl_batch_offer(l, s.batch, s.attempt, "Q1", &offer, NULL);
	pl_ledger_close(l);
	g_mutex_lock(&g->lock);
	if (offer == PL_OFFER_PASS)
		g_ptr_array_add(g->taken, m);
	g_mutex_unlock(&g->lock);
}

static inline void
gateway_rules(struct gateway *g, const char *gateway, const char *journals)
{
	g_autofree char *text =
	    g_strdup_printf("[gateway]\nsender = postledger@gw.example\n"
			    "timezone = Europe/Brussels\n"
			    "submission = %s\nsecret_file = %s\n%s%s",
		g->submission != NULL ? g->submission : g->mta.url,
		g->secret_file, gateway, journals);
	g_autofree char *message = NULL;

	pl_config_unref(g->config);
	g->config = sample(text, &message);
	if (g->config == NULL)
		fail_msg("%s", message);
}

static inline struct gateway *
gateway_new(const struct smtpd_rule *rules, unsigned n)
{
	struct gateway *g = g_new0(struct gateway, 1);
	void *state;
	GError *error = NULL;

	setup(&state);
	g->f = state;
	g_mutex_init(&g->lock);
	g->taken = g_ptr_array_new();
	smtpd_start(&g->mta, rules, n);
	g->mta.user = g;
	g->mta.at_dot = pass_by;
	g->secret_file = g_build_filename(g->f->folder, "secret", NULL);
	g->secret = pl_secret_read(g->secret_file, &error);
	if (g->secret == NULL)
		fail_msg("%s", error->message);
	return g;
}

static inline void
gateway_free(struct gateway *g)
{
	void *state = g->f;

	smtpd_clear(&g->mta);
	g_ptr_array_unref(g->taken);
	pl_config_unref(g->config);
	pl_secret_free(g->secret);
	g_free(g->secret_file);
	g_mutex_clear(&g->lock);
	teardown(&state);
	g_free(g);
}

/* ---- mail that arrives ------------------------------------------------- */

/* A PDF of about SIZE bytes, another for each NUMBER; noise, but in a large one
 * nothing that looks like an object without end. */
static inline GBytes *
a_pdf(const char *number, gsize size)
{
	static const char *const objects[] = {
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
	};
	GString *s = g_string_new("%PDF-1.4\n%");
	g_autoptr(GRand) rand = g_rand_new_with_seed(g_str_hash(number));
	gsize at[3], xref;

	g_string_append(s, number);
	g_string_append_c(s, '\n');
	for (unsigned i = 0; i < 3; i++) {
		at[i] = s->len;
		g_string_append_printf(
		    s, "%u 0 obj\n%s\nendobj\n", i + 1, objects[i]);
	}
	while (s->len < size) {
		g_string_append_c(s, '%');
		for (unsigned i = 0; i < 70; i++) {
			char c = (char)g_rand_int_range(
			    rand, size > 1 << 20 ? 128 : 0, 256);

			g_string_append_c(s, strchr("\r\n", c) ? 'x' : c);
		}
		g_string_append_c(s, '\n');
	}
	xref = s->len;
	g_string_append(s, "xref\n0 4\n0000000000 65535 f \n");
	for (unsigned i = 0; i < 3; i++)
		g_string_append_printf(s, "%010zu 00000 n \n", at[i]);
	g_string_append_printf(s,
	    "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
	return g_string_free_to_bytes(s);
}

static inline void
add_part(GString *mail, const char *name, GBytes *content)
{
	gsize n;
	const guint8 *bytes = g_bytes_get_data(content, &n);

	g_string_append_printf(mail,
	    "--x\r\nContent-Type: application/octet-stream\r\n"
	    "Content-Disposition: attachment; filename*=utf-8''%s\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n",
	    name);
	for (gsize at = 0; at < n; at += 57) {
		g_autofree char *line =
		    g_base64_encode(bytes + at, MIN(57, n - at));

		g_string_append_printf(mail, "%s\r\n", line);
	}
	g_bytes_unref(content);
}

static inline GString *
begin_mail(const char *subject)
{
	GString *mail = g_string_new(NULL);

	g_string_append_printf(mail,
	    "From: erp@shop.example\r\nSubject: %s\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: multipart/mixed; boundary=x\r\n\r\n",
	    subject);
	return mail;
}

/* Captures MAIL (taken) for <sales@in.example> at ARRIVED, 0: now. */
static inline void
capture(struct gateway *g, GString *mail, gint64 arrived)
{
	static unsigned n;
	g_autofree char *id = g_strdup_printf("<m%u@shop.example>", ++n);
	g_autoptr(pl_message) m =
	    new_message("<sales@in.example>", id, mail->str);

	g_string_append(mail, "--x--\r\n");
	if (arrived != 0)
		m->arrived = arrived;
	m->bytes = store_bytes(g->f->l, "milter", mail->str, mail->len);
	assert_ok(pl_bytes_sync(g->f->l, E));
	assert_ok(pl_message_add(g->f->l, m, "sales", E));
	g_string_free(mail, TRUE);
}

static inline void
capture_pdf(struct gateway *g, const char *number, gsize size)
{
	g_autofree char *name = g_strdup_printf("%s.pdf", number);
	GString *mail = begin_mail(number);

	add_part(mail, name, a_pdf(number, size));
	capture(g, mail, 0);
}

/* ---- runs -------------------------------------------------------------- */

static inline struct pl_run_result
run_with(struct gateway *g, const struct pl_run_options *options)
{
	struct pl_run_result result;

	reopen(g->f); /* a run's lock ends with the handle */
	assert_ok(
	    pl_run_once(g->f->l, g->config, g->secret, options, &result, E));
	return result;
}

static inline struct pl_run_result
run_now(struct gateway *g)
{
	const struct pl_run_options options = { .now = TRUE };

	return run_with(g, &options);
}

static inline struct pl_run_result
run_tick(struct gateway *g)
{
	const struct pl_run_options options = { .wait = 0 };

	return run_with(g, &options);
}

/* The e-mails taken for ADDRESS. */
static inline unsigned
taken_for(struct gateway *g, const char *address)
{
	unsigned n = 0;

	g_mutex_lock(&g->lock);
	for (guint i = 0; i < g->taken->len; i++) {
		const struct smtpd_mail *m = g->taken->pdata[i];

		n += strstr(m->to, address) != NULL;
	}
	g_mutex_unlock(&g->lock);
	return n;
}

#endif
