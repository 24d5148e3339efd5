/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session - the callbacks of libmilter
 *
 * Other mail has to be gone as early and as cheaply as can be: we ask to see
 * only MAIL, RCPT and what follows, answer nothing but RCPT, DATA and the ends
 * of header and message, and accept at DATA when nothing concerns us. A batch
 * of ours is accepted at the end of its header, so that the MTA need not read
 * all of it back for us. An MTA that cannot leave out a step or an answer is
 * served all the same.
 *
 * libmilter calls the steps of one session one after the other, but in any
 * thread.
 */
#include "session.h"

#include <arpa/inet.h>
#include <string.h>
#include <syslog.h>
#include <libmilter/mfdef.h>

#include "reply.h"

#define STEPS_WE_SKIP (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOUNKNOWN)
#define ANSWERS_WE_SKIP \
	(SMFIP_NR_CONN | SMFIP_NR_MAIL | SMFIP_NR_HDR | SMFIP_NR_BODY)

struct session {
	unsigned long protocol;        /* SMFIP_ bits in force */
	char client[INET6_ADDRSTRLEN]; /* where only connect tells it */
	pl_mail *mail;                 /* NULL outside of a message */
};

static pl_writer *writer;

static struct session *
session_of(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s == NULL) {
		s = g_new0(struct session, 1);
		smfi_setpriv(ctx, s);
	}
	return s;
}

static sfsistat
no_answer(const struct session *s, unsigned long bit)
{
	return s->protocol & bit ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

/* The macros we need. Without this the client's address would not come at all,
 * and others at every step. */
static void
ask_for_macros(SMFICTX *ctx)
{
	smfi_setsymlist(ctx, SMFIM_ENVFROM,
	    (char *)"{client_addr} {client_name} {auth_authen} {tls_version} "
		    "{cipher} s");
	smfi_setsymlist(ctx, SMFIM_ENVRCPT, (char *)"i");
	smfi_setsymlist(ctx, SMFIM_DATA, (char *)"i");
	smfi_setsymlist(ctx, SMFIM_EOM, (char *)"i");
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long protocol,
    unsigned long f2, unsigned long f3, unsigned long *our_actions,
    unsigned long *our_protocol, unsigned long *p2, unsigned long *p3)
{
	struct session *s = session_of(ctx);
	unsigned long skip = STEPS_WE_SKIP;

	(void)f2, (void)f3;
	if (actions & SMFIF_SETSYMLIST)
		ask_for_macros(ctx);
	else
		skip &= ~(unsigned long)SMFIP_NOCONNECT;
	s->protocol = protocol & (skip | ANSWERS_WE_SKIP | SMFIP_HDR_LEADSPC);
	*our_actions = actions & (SMFIF_DELRCPT | SMFIF_SETSYMLIST);
	*our_protocol = s->protocol;
	*p2 = *p3 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	struct session *s = session_of(ctx);
	const struct sockaddr *sa = (const void *)address;

	(void)host;
	if (sa != NULL && sa->sa_family == AF_INET)
		inet_ntop(AF_INET,
		    &((const struct sockaddr_in *)(const void *)sa)->sin_addr,
		    s->client, sizeof(s->client));
	else if (sa != NULL && sa->sa_family == AF_INET6)
		inet_ntop(AF_INET6,
		    &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr,
		    s->client, sizeof(s->client));
	return no_answer(s, SMFIP_NR_CONN);
}

static void
end_message(struct session *s)
{
	g_clear_pointer(&s->mail, pl_mail_free);
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	struct session *s = session_of(ctx);

	end_message(s);
	s->mail = pl_mail_new(pl_live_take(), argv[0]);
	return no_answer(s, SMFIP_NR_MAIL);
}

static const char *
client_of(SMFICTX *ctx, const struct session *s)
{
	const char *address = smfi_getsymval(ctx, (char *)"{client_addr}");

	return address != NULL ? address : s->client;
}

static sfsistat
refuse_recipient(SMFICTX *ctx, const pl_mail *m, const char *recipient,
    const char *client, enum pl_refusal refusal)
{
	static const char *const reasons[] = {
		[PL_REFUSAL_UNAUTHORISED] = "unauthorised",
		[PL_REFUSAL_UNABLE] = "ledger-unable",
		[PL_REFUSAL_APART] = "return-path-among-others",
	};

	pl_log(LOG_NOTICE, smfi_getsymval(ctx, (char *)"i"),
	    refusal == PL_REFUSAL_UNAUTHORISED ? "refused" : "deferred", "from",
	    m->sender, "to", recipient, "client", client, "reason",
	    reasons[refusal], NULL);
	return pl_reply_refuse(ctx, refusal);
}

static sfsistat
take_recipient(SMFICTX *ctx, struct session *s, const char *recipient,
    const GPtrArray *journals)
{
	const struct pl_client client = { client_of(ctx, s),
		smfi_getsymval(ctx, (char *)"{auth_authen}") };

	switch (pl_mail_take(
	    s->mail, recipient, journals, &client, pl_writer_able(writer))) {
	case PL_TAKEN_BARRED:
		return refuse_recipient(ctx, s->mail, recipient, client.address,
		    PL_REFUSAL_UNAUTHORISED);
	case PL_TAKEN_UNABLE:
		return refuse_recipient(
		    ctx, s->mail, recipient, client.address, PL_REFUSAL_UNABLE);
	case PL_TAKEN_APART:
		return refuse_recipient(
		    ctx, s->mail, recipient, client.address, PL_REFUSAL_APART);
	default:
		return SMFIS_CONTINUE;
	}
}

/* One for an intake address, or none of our business. */
static sfsistat
other_recipient(SMFICTX *ctx, struct session *s, const char *recipient)
{
	const GPtrArray *journals = pl_mail_match(s->mail, recipient);

	return journals != NULL ? take_recipient(ctx, s, recipient, journals)
				: SMFIS_CONTINUE;
}

static sfsistat
on_recipient(SMFICTX *ctx, char **argv)
{
	struct session *s = session_of(ctx);
	const char *client;

	if (s->mail == NULL)
		return SMFIS_CONTINUE;
	switch (pl_mail_return(s->mail, argv[0], pl_writer_able(writer))) {
	case PL_RETURNING:
		return SMFIS_CONTINUE;
	case PL_RETURNING_FORGED:
		client = client_of(ctx, s);
		pl_log(LOG_NOTICE, smfi_getsymval(ctx, (char *)"i"),
		    "return-forged", "from", s->mail->sender, "to", argv[0],
		    "client", client, NULL);
		break;
	case PL_RETURNING_APART:
		return refuse_recipient(
		    ctx, s->mail, argv[0], client_of(ctx, s), PL_REFUSAL_APART);
	case PL_RETURNING_UNABLE:
		return refuse_recipient(ctx, s->mail, argv[0],
		    client_of(ctx, s), PL_REFUSAL_UNABLE);
	case PL_RETURNING_NO:
		break;
	}
	return other_recipient(ctx, s, argv[0]);
}

static sfsistat
on_data(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);

	if (s->mail != NULL && pl_mail_concerns_us(s->mail))
		return SMFIS_CONTINUE;
	end_message(s);
	return SMFIS_ACCEPT;
}

/* Also for an MTA that has no DATA step. NULL: nothing to collect. */
static pl_capture *
capture_of(struct session *s)
{
	pl_mail *m = s->mail;

	if (m == NULL || !pl_mail_concerns_us(m))
		return NULL;
	if (m->capture == NULL) {
		m->capture =
		    pl_capture_new(writer, m->setup->gateway->max_message_size);
		if (m->return_to != NULL)
			pl_capture_keep(m->capture, PL_RETURN_BYTES);
	}
	return m->capture;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	struct session *s = session_of(ctx);
	pl_capture *c = capture_of(s);

	if (c != NULL)
		pl_capture_header(
		    c, name, value, s->protocol & SMFIP_HDR_LEADSPC);
	return no_answer(s, SMFIP_NR_HDR);
}

static void
prove(pl_mail *m, pl_capture *c)
{
	const struct pl_own_header header = { pl_capture_stamp(c),
		pl_capture_message_id(c), m->all };

	m->own = pl_own_proven(
	    m->setup, m->candidate, &m->keyed, &header, &m->stamp);
	pl_capture_eoh(c);
	if (m->own || (m->intake == NULL && m->return_to == NULL))
		pl_capture_stop(c);
}

/* From here on it is known whether it is one of our batches; then, or when
 * nothing is to be captured, the body does not matter. */
static sfsistat
on_end_of_header(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);
	pl_capture *c = capture_of(s);
	sfsistat answer = SMFIS_CONTINUE;

	if (c == NULL)
		return answer;
	prove(s->mail, c);
	if (s->mail->own)
		answer = pl_mail_decide(s->mail, ctx, writer);
	if (answer != SMFIS_CONTINUE)
		end_message(s);
	return answer;
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *bytes, size_t length)
{
	struct session *s = session_of(ctx);
	pl_capture *c = capture_of(s);

	if (c != NULL)
		pl_capture_body(c, bytes, length);
	return no_answer(s, SMFIP_NR_BODY);
}

static sfsistat
on_end_of_message(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);
	sfsistat answer = SMFIS_ACCEPT;

	if (capture_of(s) != NULL)
		answer = pl_mail_end(s->mail, ctx, writer, client_of(ctx, s));
	end_message(s);
	return answer;
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s != NULL)
		end_message(s);
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s != NULL) {
		end_message(s);
		smfi_setpriv(ctx, NULL);
		g_free(s);
	}
	return SMFIS_CONTINUE;
}

gboolean
pl_session_register(pl_writer *w)
{
	struct smfiDesc callbacks = {
		.xxfi_name = (char *)"postledger",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_DELRCPT,
		.xxfi_negotiate = on_negotiate,
		.xxfi_connect = on_connect,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_recipient,
		.xxfi_data = on_data,
		.xxfi_header = on_header,
		.xxfi_eoh = on_end_of_header,
		.xxfi_body = on_body,
		.xxfi_eom = on_end_of_message,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
	};

	writer = w;
	return smfi_register(callbacks) == MI_SUCCESS;
}
