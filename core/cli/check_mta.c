/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_mta - what the MTA says to our senders and recipients
 *
 * Asks over SMTP with MAIL and RCPT as a batch would, and resets: no message
 * is sent but with --send-test.
 */
#include "check.h"

#include <string.h>

#include "postledger/run.h"

/* As long as a real one, of a batch that will not exist for long. */
static char *
return_path(const pl_check *check, const char *sender, gboolean fixed)
{
	struct pl_keyed keyed = { .verb = 'b', .id = 999999999, .number = 1 };
	if (fixed || check->secret == NULL)
		return g_strdup(sender);
	return pl_keyed_format(
	    check->secret, sender, check->gateway->delimiter, &keyed);
}

static gboolean
answers(pl_check *check)
{
	g_autoptr(GError) error = NULL;
	struct pl_mta mta = { 0 };
	const char *submission = check->gateway->submission;
	if (!pl_mta_probe(submission, NULL, NULL, &mta, &error)) {
		pl_check_fail(check, "PL-304",
		    "Start the mail server, or correct submission.",
		    "the mail server does not answer on %s: %s", submission,
		    error->message);
		return FALSE;
	}
	check->mta_size = mta.size;
	pl_check_good(check, "the mail server answers on %s%s", submission,
	    mta.dsn ? ", with delivery notices" : "");
	g_free(mta.reply);
	return TRUE;
}

static void
check_size(pl_check *check, const struct pl_journal *journal)
{
	if (check->mta_size == 0 || journal->max_mail_size <= check->mta_size)
		return;
	pl_check_warn(check, "PL-403", NULL,
	    "journal %s: max_mail_size is %" G_GUINT64_FORMAT " bytes, the "
	    "mail server takes at most %" G_GUINT64_FORMAT,
	    journal->name, journal->max_mail_size, check->mta_size);
}

/* "451 4.7.1 ...": later perhaps, which says nothing about the address. */
static gboolean
only_later(const struct pl_mta *mta)
{
	return !mta->accepts && mta->reply != NULL && *mta->reply == '4';
}

/* Both are accepted, or CODE says which is not. An empty recipient is not
 * asked for. */
static gboolean
accepted(pl_check *check, const char *sender, const char *recipient,
    const char *code, const char *what)
{
	g_autoptr(GError) error = NULL;
	struct pl_mta mta = { 0 };
	if (!pl_mta_probe(
		check->gateway->submission, sender, recipient, &mta, &error)) {
		pl_check_fail(check, "PL-304", NULL, "%s <%s>: %s", what,
		    recipient != NULL ? recipient : sender, error->message);
		return FALSE;
	}
	gboolean good = mta.accepts;
	if (only_later(&mta))
		pl_check_warn(check, "PL-304",
		    "Mail would wait, nothing is refused: look at the mail "
		    "server's log, and whether postledgerd is running; then "
		    "check again.",
		    "%s <%s> cannot be tried, the mail server takes no mail "
		    "now: %s",
		    what, recipient != NULL ? recipient : sender, mta.reply);
	else if (!good)
		pl_check_fail(check, code, NULL, "%s <%s> is refused: %s", what,
		    recipient != NULL ? recipient : sender,
		    mta.reply != NULL ? mta.reply : "");
	g_free(mta.reply);
	return good;
}

static gboolean
accepted_each(pl_check *check, const char *sender, const char *list,
    const char *code, const char *what)
{
	g_auto(GStrv) addresses = g_strsplit_set(list, ", ", -1);
	gboolean good = TRUE;
	for (char **address = addresses; *address != NULL; address++)
		if (**address != '\0')
			good &= accepted(check, sender, *address, code, what);
	return good;
}

/* A return path that is refused would make every recipient look refused. */
static void
check_journal(pl_check *check, const struct pl_journal *journal)
{
	g_autofree char *sender =
	    return_path(check, journal->sender, journal->return_path_fixed);
	g_autofree char *what = g_strdup_printf("journal %s:", journal->name);
	g_autofree char *path = g_strconcat(what, " the return path", NULL);
	g_autofree char *target = g_strconcat(what, " deliver_to", NULL);
	g_autofree char *report = g_strconcat(what, " report_to", NULL);
	g_autofree char *intake =
	    g_strconcat(what, " the intake address", NULL);
	check_size(check, journal);
	if (!accepted(check, sender, NULL, "PL-406", path))
		return;
	gboolean folder = pl_folder_is(journal->deliver_to);
	gboolean good = folder ||
			accepted_each(check, sender, journal->deliver_to,
			    "PL-418", target);
	good &=
	    accepted_each(check, sender, journal->report_to, "PL-418", report);
	for (unsigned i = 0; i < journal->addresses->len; i++) {
		const char *address = g_ptr_array_index(journal->addresses, i);
		if (*address != '*')
			good &=
			    accepted(check, sender, address, "PL-416", intake);
	}
	if (good)
		pl_check_good(check,
		    "journal %s: the mail server takes its "
		    "return path, %sreport_to and addresses",
		    journal->name, folder ? "" : "deliver_to, ");
}

void
pl_check_mta(pl_check *check)
{
	pl_config *config = check->cli->config;
	if (!answers(check))
		return;
	for (unsigned i = 0; i < pl_config_journals(config); i++)
		check_journal(check, pl_config_journal(config, i));
}

void
pl_check_send(pl_check *check, const struct pl_journal *journal)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *reply = NULL;
	if (pl_folder_is(journal->deliver_to)) {
		pl_check_send_folder(check, journal);
		return;
	}
	if (pl_config_match(check->cli->config, journal->deliver_to) != NULL) {
		pl_check_note(check,
		    "deliver_to <%s> is an intake address: a "
		    "test would be captured like any message. Mail a document "
		    "to it and `postledger run --now` instead",
		    journal->deliver_to);
		return;
	}
	if (!pl_mta_test(check->gateway->submission, journal->sender,
		journal->sender, journal->deliver_to, &reply, &error))
		pl_check_fail(check, "PL-301", NULL,
		    "the test to <%s> was not taken: %s", journal->deliver_to,
		    error->message);
	else
		pl_check_good(check,
		    "the test to <%s> was taken: %s; look "
		    "whether it arrives",
		    journal->deliver_to, reply);
}
