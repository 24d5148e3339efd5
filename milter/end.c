/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * end - what becomes of a message that concerns us
 *
 * A batch of ours passes untouched or is dropped, as the ledger says. A
 * captured message is stored first; only then its intake recipients are
 * deleted, and it is accepted also when none is left: the MTA drops a message
 * without recipients by itself. Whatever goes wrong is "try again later" for
 * the whole message, since the MTA knows no other answer here.
 */
#include <string.h>
#include <syslog.h>

#include "crash.h"
#include "reply.h"
#include "session.h"

struct ending {
	pl_mail *mail;
	SMFICTX *ctx;
	pl_writer *writer;
	const char *client, *queue_id;
};

static gboolean
delete_recipients(const struct ending *e, const GPtrArray *recipients)
{
	for (guint i = 0; recipients != NULL && i < recipients->len; i++)
		if (smfi_delrcpt(e->ctx, recipients->pdata[i]) != MI_SUCCESS)
			return FALSE;
	return TRUE;
}

/* `a@b` as `<a@b>`, for the log. g_free(). */
static char *
bracketed(const char *address)
{
	return *address == '<' ? g_strdup(address)
			       : g_strdup_printf("<%s>", address);
}

/* `<a@b>` as `a@b`, for the ledger. g_free(). */
static char *
bare(const char *address)
{
	size_t n = strlen(address);

	return n >= 2 && *address == '<' && address[n - 1] == '>'
		   ? g_strndup(address + 1, n - 2)
		   : g_strdup(address);
}

static void
say(const struct ending *e, int priority, const char *event, const char *reason)
{
	const pl_mail *m = e->mail;
	g_autofree char *from = bracketed(m->sender);
	g_autofree char *size =
	    g_strdup_printf("%" G_GUINT64_FORMAT, pl_capture_size(m->capture));
	g_autofree char *journals = pl_mail_journals(m);
	g_autofree char *rcpts =
	    g_strdup_printf("%u", m->intake != NULL ? m->intake->len : 0);

	pl_log(priority, e->queue_id, event, "journal",
	    *journals != '\0' ? journals : NULL, "from", from, "rcpts", rcpts,
	    "size", size, "id", pl_capture_message_id(m->capture), "client",
	    e->client, "reason", reason, NULL);
}

/* ---- our own batches --------------------------------------------------- */

static void
say_batch(const struct ending *e, int priority, const char *event)
{
	const struct pl_stamp *s = &e->mail->stamp;
	g_autofree char *batch =
	    g_strdup_printf("%" G_GINT64_FORMAT ".%u", s->batch, s->attempt);

	pl_log(priority, e->queue_id, event, "batch", batch, "to",
	    e->mail->all->pdata[0], "id",
	    pl_capture_message_id(e->mail->capture), NULL);
}

static sfsistat
pass_batch(void)
{
	pl_crash_point(PL_CRASH_BEFORE_PASS);
	return SMFIS_ACCEPT;
}

/* What the ledger asks of an e-mail that it does not know. */
static struct pl_passing
passing_of(const struct ending *e, const pl_contents *contents)
{
	const pl_mail *m = e->mail;
	const struct pl_journal *j =
	    contents != NULL ? pl_config_find(m->setup->config,
				   contents->journal)
			     : NULL;

	return (struct pl_passing){ .batch = m->stamp.batch,
		.attempt = m->stamp.attempt,
		.queue_id = e->queue_id,
		.message_id = pl_capture_message_id(m->capture),
		.deliver_to = j != NULL ? j->deliver_to : NULL,
		.sender = j != NULL ? j->sender : m->setup->gateway->sender,
		.contents = contents };
}

static pl_contents *
contents_of(const struct ending *e)
{
	const pl_capture *c = e->mail->capture;
	const char *value = pl_capture_contents(c);

	return value == NULL ? NULL
			     : pl_contents_parse(e->mail->setup->secret, value,
				   pl_capture_message_id(c));
}

/* CONTINUE: it is stale. Its recipients can be deleted at the end only. */
static sfsistat
decide(const struct ending *e)
{
	g_autoptr(pl_contents) contents = contents_of(e);
	const struct pl_passing passing = passing_of(e, contents);
	enum pl_offer offer;

	if (pl_writer_offer(e->writer, &passing, &offer) != PL_OUTCOME_DONE) {
		say_batch(e, LOG_WARNING, "batch-deferred");
		return pl_reply_refuse(e->ctx, PL_REFUSAL_NOT_STORED);
	}
	switch (offer) {
	case PL_OFFER_PASS:
		say_batch(e, LOG_INFO, "batch-passed");
		return pass_batch();
	case PL_OFFER_STALE:
		e->mail->stale = TRUE;
		return SMFIS_CONTINUE;
	case PL_OFFER_ADOPTED:
		say_batch(e, LOG_WARNING, "batch-adopted");
		return pass_batch();
	default:
		/* Made with our secret, but not by this ledger: two gateways
		 * share it, or the ledger was restored and this is a report. */
		say_batch(e, LOG_ALERT, "batch-unknown");
		return pass_batch();
	}
}

static sfsistat
end_stale(const struct ending *e)
{
	say_batch(e, LOG_WARNING, "batch-stale");
	return delete_recipients(e, e->mail->all) ? SMFIS_ACCEPT
						  : SMFIS_TEMPFAIL;
}

/* The MTA has the whole e-mail by now: both Postfix and Sendmail hand the
 * header over when they have taken the final dot. So "offered" says as much
 * here as at the end. */
sfsistat
pl_mail_decide(pl_mail *m, SMFICTX *ctx, pl_writer *writer)
{
	const struct ending e = { m, ctx, writer, "",
		smfi_getsymval(ctx, (char *)"i") };

	return decide(&e);
}

/* Said for those who read the report; if it cannot be, the log has it. */
static void
tell_forged(const struct ending *e)
{
	const struct pl_passing passing = { .batch = e->mail->keyed.id,
		.attempt = e->mail->keyed.number,
		.queue_id = e->queue_id,
		.forged = TRUE };
	enum pl_offer offer;

	say(e, LOG_WARNING, "batch-forged", NULL);
	pl_writer_offer(e->writer, &passing, &offer);
}

/* ---- what comes from others -------------------------------------------- */

/* Nothing to capture: only clients who may not, or a forged batch. */
static sfsistat
end_uncaptured(const struct ending *e)
{
	const pl_mail *m = e->mail;

	if (m->barred == NULL)
		return SMFIS_ACCEPT;
	say(e, LOG_NOTICE, "refused", "unauthorised");
	if (m->others == 0)
		return pl_reply_refuse(e->ctx, PL_REFUSAL_UNAUTHORISED);
	return delete_recipients(e, m->barred) ? SMFIS_ACCEPT : SMFIS_TEMPFAIL;
}

/* Refusing it would hit the other recipients, too; so where there are any, the
 * MTA delivers the intake recipients' copy as if we were not there. */
static sfsistat
end_too_large(const struct ending *e)
{
	if (e->mail->others > 0) {
		say(e, LOG_WARNING, "not-captured", "too-large");
		return delete_recipients(e, e->mail->barred) ? SMFIS_ACCEPT
							     : SMFIS_TEMPFAIL;
	}
	say(e, LOG_NOTICE, "refused", "too-large");
	return pl_reply_refuse(e->ctx, PL_REFUSAL_TOO_LARGE);
}

static char *
macro(const struct ending *e, const char *name)
{
	const char *value = smfi_getsymval(e->ctx, (char *)name);

	return value != NULL && *value != '\0' ? g_strdup(value) : NULL;
}

static char *
tls_of(const struct ending *e)
{
	g_autofree char *version = macro(e, "{tls_version}");
	g_autofree char *cipher = macro(e, "{cipher}");

	return version == NULL ? NULL : g_strjoin(" ", version, cipher, NULL);
}

static pl_message *
facts_of(const struct ending *e, const GPtrArray *recipients)
{
	pl_message *facts = pl_message_new();
	const pl_mail *m = e->mail;

	facts->queue_id = g_strdup(e->queue_id);
	facts->sender = bare(m->sender);
	facts->client_addr = *e->client != '\0' ? g_strdup(e->client) : NULL;
	facts->client_name = macro(e, "{client_name}");
	facts->helo = macro(e, "s");
	facts->auth_user = macro(e, "{auth_authen}");
	facts->tls = tls_of(e);
	for (guint i = 0; i < recipients->len; i++)
		g_ptr_array_add(
		    facts->recipients, g_strdup(recipients->pdata[i]));
	return facts;
}

/* ---- what comes back ---------------------------------------------------- */

static void
say_return(
    const struct ending *e, int priority, const char *event, const char *reason)
{
	const pl_mail *m = e->mail;
	g_autofree char *from = bracketed(m->sender);
	g_autofree char *batch = g_strdup_printf(
	    "%" G_GINT64_FORMAT ".%u", m->returns.id, m->returns.number);
	g_autofree char *size =
	    g_strdup_printf("%" G_GUINT64_FORMAT, pl_capture_size(m->capture));

	pl_log(priority, e->queue_id, event, "batch", batch, "from", from,
	    "size", size, "id", pl_capture_message_id(m->capture), "client",
	    e->client, "reason", reason, NULL);
}

/* Stored as a captured one is. What is too much of it is dropped: to bounce a
 * notice helps nobody, and one more says nothing new. */
static sfsistat
end_returned(const struct ending *e)
{
	pl_mail *m = e->mail;
	g_autoptr(GPtrArray) to = g_ptr_array_new();
	g_autoptr(pl_message) facts = NULL;
	enum pl_outcome outcome;

	g_ptr_array_add(to, m->return_to);
	facts = facts_of(e, to);
	facts->return_batch = m->returns.id;
	facts->return_attempt = m->returns.number;
	outcome = pl_capture_store(m->capture, facts, NULL);
	if (outcome == PL_OUTCOME_RETRY) {
		say_return(e, LOG_WARNING, "deferred", "not-stored");
		return pl_reply_refuse(e->ctx, PL_REFUSAL_NOT_STORED);
	}
	pl_crash_point(PL_CRASH_BEFORE_DELRCPT);
	if (!delete_recipients(e, to)) {
		say_return(
		    e, LOG_WARNING, "deferred", "recipients-not-deleted");
		return pl_reply_refuse(e->ctx, PL_REFUSAL_NOT_STORED);
	}
	pl_crash_point(PL_CRASH_AFTER_DELRCPT);
	if (outcome == PL_OUTCOME_SURPLUS)
		say_return(e, LOG_WARNING, "return-dropped", "too-many");
	else
		say_return(e, LOG_INFO, "returned", NULL);
	return SMFIS_ACCEPT;
}

/* ---- what is for a journal ---------------------------------------------- */

static sfsistat
end_captured(const struct ending *e)
{
	pl_mail *m = e->mail;
	g_autoptr(pl_message) facts = facts_of(e, m->intake);
	g_autofree char *journals = pl_mail_journals(m);

	if (pl_capture_store(m->capture, facts, journals) != PL_OUTCOME_DONE) {
		say(e, LOG_WARNING, "deferred", "not-stored");
		return pl_reply_refuse(e->ctx, PL_REFUSAL_NOT_STORED);
	}
	pl_crash_point(PL_CRASH_BEFORE_DELRCPT);
	if (!delete_recipients(e, m->intake) ||
	    !delete_recipients(e, m->barred)) {
		say(e, LOG_WARNING, "deferred", "recipients-not-deleted");
		return pl_reply_refuse(e->ctx, PL_REFUSAL_NOT_STORED);
	}
	pl_crash_point(PL_CRASH_AFTER_DELRCPT);
	say(e, LOG_INFO, "captured", NULL);
	return SMFIS_ACCEPT;
}

sfsistat
pl_mail_end(pl_mail *m, SMFICTX *ctx, pl_writer *writer, const char *client)
{
	const struct ending e = { m, ctx, writer, client,
		smfi_getsymval(ctx, (char *)"i") };

	if (m->own)
		return end_stale(&e);
	if (m->candidate == PL_OWN_KEYED)
		tell_forged(&e);
	if (m->return_to != NULL)
		return end_returned(&e);
	if (m->intake == NULL)
		return end_uncaptured(&e);
	if (pl_capture_too_large(m->capture))
		return end_too_large(&e);
	return end_captured(&e);
}
