/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * intake_ledger - mail that arrives in a ledger, and what was made of it
 */
#ifndef INTAKE_LEDGER_H
#define INTAKE_LEDGER_H

#include "config_sample.h"
#include "ledger_fixture.h"

#include "intake_mail.h"

#define SALES \
	"[journal sales]\naddress = sales@in.example\n" \
	"deliver_to = sales@out.example\naccept = invoice\n"
#define CREDITS \
	"[journal credits]\naddress = sales@in.example\n" \
	"deliver_to = credits@out.example\naccept = credit-note\n"
#define ALL \
	"[journal all]\naddress = *@in.example\n" \
	"deliver_to = all@out.example\n"

/* ---- messages ---------------------------------------------------------- */

struct mail {
	const char *to, *id, *sender, *client, *auth;
	GBytes *bytes; /* taken */
};

static inline gint64
store(pl_ledger *l, const struct mail *mail)
{
	gsize n;
	const char *data = g_bytes_get_data(mail->bytes, &n);
	g_autoptr(pl_message) m = new_message(mail->to, mail->id, "");
	static gint64 clock;

	/* a body hash of its own, and never two at one time */
	g_free(m->body_sha256);
	m->body_sha256 = g_compute_checksum_for_bytes(
	    G_CHECKSUM_SHA256, mail->bytes);
	m->arrived = G_GINT64_CONSTANT(1770000000000000) + ++clock;
	if (mail->sender != NULL) {
		g_free(m->sender);
		m->sender = g_strdup(mail->sender);
	}
	m->client_addr =
	    g_strdup(mail->client != NULL ? mail->client : "10.0.0.1");
	m->auth_user = g_strdup(mail->auth);
	m->bytes = store_bytes(l, "milter", data, n);
	assert_ok(pl_bytes_sync(l, E));
	assert_ok(pl_message_add(l, m, "sales", E));
	g_bytes_unref(mail->bytes);
	return m->id;
}

static inline gint64
arrives(pl_ledger *l, const char *to, GBytes *bytes)
{
	g_autofree char *id = g_uuid_string_random();
	const struct mail mail = { .to = to, .id = id, .bytes = bytes };

	return store(l, &mail);
}

static inline GBytes *
mail_with(const char *type, const char *name, GBytes *bytes)
{
	GString *m = mail_begin("mixed");

	mail_text(m, "hello");
	mail_file(m, type, name, bytes);
	return mail_end(m);
}

static inline GBytes *
invoice(const char *number, const char *total)
{
	return mail_with("application/xml", "i.xml",
	    make_ubl(FALSE, number, "2026-01-31", total, NULL, NULL));
}

static inline struct pl_indexed
run_index(pl_ledger *l, const char *journals)
{
	g_autofree char *text =
	    g_strconcat("[gateway]\nsender = postledger@gw.example\n"
			"timezone = Europe/Brussels\n",
		journals, NULL);
	g_autoptr(pl_config) config = accepted(text);
	const struct pl_limits limits = pl_limits_of(config);
	g_autoptr(pl_reader) reader = pl_reader_new(&limits);
	struct pl_indexed done = { 0 };

	assert_ok(
	    pl_intake_index(l, config, reader, &done, NULL, NULL, E));
	return done;
}

static inline gboolean
describe(const pl_entry *e, void *user)
{
	GString *s = user;

	g_string_append_printf(s, "%s %s %s%s%s", e->journal,
	    pl_state_name(e->state), e->filename != NULL ? e->filename : "?",
	    e->code != NULL ? " " : "", e->code != NULL ? e->code : "");
	if (e->original != 0)
		g_string_append_printf(s, " of %d", (int)e->original);
	g_string_append_c(s, '\n');
	return TRUE;
}

static inline GBytes *
mail_with_two(const char *a, GBytes *bytes_a, const char *b, GBytes *bytes_b)
{
	GString *m = mail_begin("mixed");

	mail_file(m, "application/octet-stream", a, bytes_a);
	mail_file(m, "application/octet-stream", b, bytes_b);
	return mail_end(m);
}

static inline GBytes *
ubl(const char *number)
{
	return make_ubl(FALSE, number, "2026-01-31", "1.00", NULL, NULL);
}

/* All entries and problems in one text. */
static inline char *
ledger_text(pl_ledger *l)
{
	GString *s = g_string_new(NULL);
	const struct pl_entry_filter all = { 0 };

	assert_ok(pl_entry_each(l, &all, describe, s, E));
	g_autoptr(GPtrArray) problems = pl_problem_open(l, 0, NULL);
	for (guint i = 0; i < problems->len; i++) {
		const struct pl_problem *p = problems->pdata[i];
		g_string_append_printf(s, "!%s %s %s\n", p->code,
		    p->journal != NULL ? p->journal : "-",
		    p->filename != NULL ? p->filename : "-");
	}
	return g_string_free(s, FALSE);
}

static inline void
assert_ledger(pl_ledger *l, const char *expected)
{
	g_autofree char *text = ledger_text(l);

	assert_string_equal(text, expected);
	assert_whole(l);
}

#endif
