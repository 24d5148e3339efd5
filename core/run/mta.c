/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mta - asks the MTA what it would take, and sends it a test
 */
#include <string.h>

#include "letter.h"
#include "submit.h"

G_DEFINE_QUARK(pl - run - error - quark, pl_run_error)

/* One step of the dialog; FALSE when the MTA does not take it. */
static gboolean
asks(pl_submit *s, struct pl_mta *mta, const char *command, GError **error)
{
	unsigned code;
	char *reply = NULL;

	if (!pl_submit_command(s, command, &code, &reply, error))
		return FALSE;
	mta->accepts = code / 100 == 2;
	if (mta->accepts) {
		g_free(reply);
		return TRUE;
	}
	g_free(mta->reply);
	mta->reply = reply;
	return FALSE;
}

static gboolean
asks_envelope(pl_submit *s, struct pl_mta *mta, const char *sender,
    const char *recipient, GError **error)
{
	g_autofree char *mail = g_strdup_printf("MAIL FROM:<%s>", sender);
	g_autofree char *rcpt =
	    recipient == NULL ? NULL
			      : g_strdup_printf("RCPT TO:<%s>", recipient);

	return asks(s, mta, mail, error) &&
	       (rcpt == NULL || asks(s, mta, rcpt, error)) &&
	       asks(s, mta, "RSET", error);
}

gboolean
pl_mta_probe(const char *submission, const char *sender, const char *recipient,
    struct pl_mta *mta, GError **error)
{
	g_autoptr(pl_submit) s = pl_submit_new(submission);
	GError *failed = NULL;

	memset(mta, 0, sizeof(*mta));
	asks(s, mta, "NOOP", &failed);
	if (failed == NULL) {
		mta->size = pl_submit_size(s);
		mta->dsn = pl_submit_dsn(s);
		if (mta->reply == NULL)
			mta->reply = g_strdup(pl_submit_greeting(s));
		if (mta->accepts && sender != NULL)
			asks_envelope(s, mta, sender, recipient, &failed);
	}
	if (failed == NULL)
		return TRUE;
	g_clear_pointer(&mta->reply, g_free);
	mta->accepts = FALSE;
	g_propagate_error(error, failed);
	return FALSE;
}

static char *
test_id(const char *from)
{
	const char *at = strrchr(from, '@');
	g_autofree char *random = g_uuid_string_random();

	return g_strdup_printf(
	    "<test.%s%s>", random, at != NULL ? at : "@localhost");
}

static pl_spool *
compose_test(const char *from, const char *recipient, GError **error)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autofree char *id = test_id(from);
	struct pl_letter letter = {
		.from = from,
		.to = recipient,
		.subject = "postledger test",
		.message_id = id,
		.date = g_get_real_time(),
		.timezone = utc,
		.number = 1,
	};
	g_autoptr(pl_spool) spool = pl_spool_new(0);

	if (!pl_letter_head(spool, &letter, error) ||
	    !pl_letter_text(spool, &letter, "plain",
		"This is a test of postledger. It carries no document and\n"
		"can be deleted.\n",
		error) ||
	    !pl_letter_end(spool, &letter, error) ||
	    !pl_spool_finish(spool, error))
		return NULL;
	return g_steal_pointer(&spool);
}

gboolean
pl_mta_test(const char *submission, const char *sender, const char *from,
    const char *recipient, char **reply, GError **error)
{
	g_autoptr(pl_spool) spool = compose_test(from, recipient, error);
	g_autoptr(pl_submit) s = pl_submit_new(submission);
	struct pl_envelope envelope = { sender, recipient, "", spool, NULL };
	struct pl_answer answer = { 0 };

	if (spool == NULL)
		return FALSE;
	pl_submit_send(s, &envelope, &answer);
	*reply = g_steal_pointer(&answer.reply);
	pl_answer_clear(&answer);
	if (answer.state == PL_ATTEMPT_SENT)
		return TRUE;
	g_set_error(error, PL_RUN_ERROR,
	    answer.down ? PL_RUN_UNAVAILABLE : PL_RUN_SMTP,
	    "The MTA did not take the test: %s", *reply);
	return FALSE;
}
