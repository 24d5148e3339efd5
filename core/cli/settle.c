/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settle - archive, unarchive, hold, release, resend: what a person decides
 *
 * Each entry is a change of its own and is reported on its own; one that its
 * state does not allow is explained, and the others go on. The ledger decides
 * whether the state allows it, again, in its transaction: a run may have been
 * faster.
 */
#include "cli.h"

#include "postledger/intake.h"

#include <string.h>

/* What to do with one entry. FALSE with an error: not this one. */
typedef gboolean (*settle_func)(
    struct pl_cli *cli, const pl_entry *entry, GError **error);

static gboolean G_GNUC_PRINTF(2, 3)
    refuse(GError **error, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	g_set_error_literal(error, PL_CLI_ERROR, EX_DATAERR, text);
	return FALSE;
}

/* Why an entry in this state is not for this command, and what is. */
static gboolean
refuse_state(struct pl_cli *cli, const pl_entry *entry, GError **error)
{
	g_autofree char *sent =
	    pl_out_time(entry->sent, pl_config_gateway(cli->config)->timezone);
	switch (entry->state) {
	case PL_WAITING:
		return refuse(error, "is waiting already");
	case PL_HELD:
		return refuse(error,
		    "is held (%s): `release` lets it go, "
		    "`archive` puts it aside",
		    entry->code != NULL ? entry->code : "by a person");
	case PL_ARCHIVED:
		return refuse(error, "is archived: `unarchive` takes that "
				     "back");
	case PL_SENDING:
		return refuse(error,
		    "is being sent in batch %s", entry->batch_name);
	case PL_SENT:
		return refuse(error,
		    "was sent%s%s in batch %s: `resend` "
		    "sends it again",
		    *sent != '\0' ? " on " : "", sent, entry->batch_name);
	case PL_DUPLICATE:
		return refuse(error,
		    "is a duplicate of %" G_GINT64_FORMAT
		    " and is not sent: `release` sends it all the same",
		    entry->original);
	case PL_SUPERSEDED:
		return refuse(error,
		    "was superseded by %" G_GINT64_FORMAT
		    " and is not sent: `release` sends it all the same",
		    entry->original);
	}
	return FALSE;
}

/* No run is under way, and none begins until this program ends. */
static gboolean
is_mine(struct pl_cli *cli, const pl_entry *entry, GError **error)
{
	g_autofree char *holder = NULL;
	GError *failed = NULL;
	if (pl_ledger_lock(cli->ledger, "run", 0, &holder, &failed))
		return TRUE;
	if (!pl_ledger_conflict(failed, error))
		return FALSE;
	return refuse(error,
	    "is in batch %s of a run that is under way (%s): wait for its end",
	    entry->batch_name, holder != NULL ? holder : "unknown");
}

/* Of a batch that was put off, all documents wait again; of one that the mail
 * server may have, none. In the caller's transaction. */
static gboolean
take_out(struct pl_cli *cli, const pl_entry *entry, GError **error)
{
	unsigned attempt;
	if (!pl_batch_at_large(cli->ledger, entry->batch, &attempt, error))
		return FALSE;
	if (attempt > 0)
		return refuse(error,
		    "is in batch %s, which the mail server may have and has not "
		    "answered: the next run finds out",
		    entry->batch_name);
	return pl_batch_cancel(cli->ledger, entry->batch, error);
}

/* WAITING to TO, out of a batch that no run is at. */
static gboolean
settle_sending(struct pl_cli *cli, const pl_entry *entry, enum pl_state to,
    const char *note, GError **error)
{
	return is_mine(cli, entry, error) &&
	       pl_ledger_begin(cli->ledger, error) &&
	       pl_ledger_end(cli->ledger,
		   take_out(cli, entry, error) &&
		       pl_entry_change(cli->ledger, entry->id, PL_WAITING, to,
			   NULL, note, entry->original, error),
		   error);
}

static gboolean
archive(struct pl_cli *cli, const pl_entry *entry, GError **error)
{
	if (entry->state == PL_SENDING)
		return settle_sending(cli, entry, PL_ARCHIVED, NULL, error);
	if (entry->state != PL_WAITING && entry->state != PL_HELD)
		return refuse_state(cli, entry, error);
	/* Code and note stay: unarchive puts it back to where it was. */
	return pl_entry_change(cli->ledger, entry->id, entry->state,
	    PL_ARCHIVED, entry->code, entry->note, entry->original, error);
}

static gboolean
unarchive(struct pl_cli *cli, const pl_entry *entry, GError **error)
{
	gboolean held = entry->code != NULL || entry->note != NULL;
	if (entry->state != PL_ARCHIVED)
		return refuse(error, "is not archived but %s",
		    pl_state_name(entry->state));
	return pl_entry_change(cli->ledger, entry->id, PL_ARCHIVED,
	    held ? PL_HELD : PL_WAITING, entry->code, entry->note,
	    entry->original, error);
}

static gboolean
hold(struct pl_cli *cli, const pl_entry *entry, GError **error)
{
	g_autofree char *note =
	    cli->reason != NULL
		? g_strdup_printf("held by %s: %s", cli->actor, cli->reason)
		: g_strdup_printf("held by %s", cli->actor);
	if (entry->state == PL_SENDING)
		return settle_sending(cli, entry, PL_HELD, note, error);
	if (entry->state != PL_WAITING)
		return refuse_state(cli, entry, error);
	return pl_entry_change(cli->ledger, entry->id, PL_WAITING, PL_HELD,
	    NULL, note, entry->original, error);
}

static gboolean
release(struct pl_cli *cli, const pl_entry *entry, GError **error)
{
	if (entry->state != PL_HELD && entry->state != PL_DUPLICATE &&
	    entry->state != PL_SUPERSEDED)
		return refuse_state(cli, entry, error);
	return pl_entry_release(cli->ledger, entry->id, error);
}

static gboolean
resend(struct pl_cli *cli, const pl_entry *entry, GError **error)
{
	if (entry->state == PL_WAITING)
		return refuse(error, "was not sent yet: it waits for a run");
	if (entry->state != PL_SENT)
		return refuse_state(cli, entry, error);
	return pl_entry_resend(cli->ledger, entry->id, error);
}

/* What became of it; after `resend` and `hold` there is nothing to say. */
static gboolean
tell_others(struct pl_cli *cli, const pl_entry *before, settle_func settle,
    GError **error)
{
	if (settle == release)
		return pl_intake_settled(
		    cli->ledger, before, PL_WAITING, error);
	if (settle == archive)
		return pl_intake_settled(
		    cli->ledger, before, PL_ARCHIVED, error);
	if (settle == unarchive)
		return pl_intake_settled(cli->ledger, before, PL_HELD, error);
	return TRUE;
}

static int
settle_one(
    struct pl_cli *cli, const char *text, settle_func settle, const char *done)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pl_entry) entry = NULL;
	gint64 id = 0;
	if (pl_options_id(text, "entry", &id, &error))
		entry = pl_entry_get(cli->ledger, id, &error);
	if (entry != NULL && settle(cli, entry, &error) &&
	    tell_others(cli, entry, settle, &error)) {
		pl_out("%s: %s\n", text, done);
		return EX_OK;
	}
	pl_complain("%s: %s", text, error->message);
	return pl_exit_code(error);
}

static int
settle_all(
    struct pl_cli *cli, settle_func settle, const char *done, GError **error)
{
	int code = EX_OK;
	if (cli->n_args == 0) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "%s what? Numbers are in the first column of `postledger "
		    "list`",
		    cli->command->name);
		return EX_USAGE;
	}
	/* The first that fails decides; the others are still tried. */
	for (unsigned i = 0; i < cli->n_args; i++) {
		int one = settle_one(cli, cli->args[i], settle, done);
		code = code == EX_OK ? one : code;
	}
	return code;
}

int
pl_cli_archive(struct pl_cli *cli, GError **error)
{
	return settle_all(cli, archive, "archived, will not be sent", error);
}

int
pl_cli_unarchive(struct pl_cli *cli, GError **error)
{
	return settle_all(cli, unarchive, "back from the archive", error);
}

int
pl_cli_hold(struct pl_cli *cli, GError **error)
{
	return settle_all(cli, hold, "held until it is released", error);
}

int
pl_cli_release(struct pl_cli *cli, GError **error)
{
	return settle_all(cli, release, "released, leaves with a run", error);
}

/* ---- resend: also into another journal -------------------------------- */

static char *resend_journal;

const GOptionEntry pl_resend_options[] = {
	{ "journal", 'j', 0, G_OPTION_ARG_STRING, &resend_journal,
	    "Send the documents to this journal instead", "J" },
	{ 0 },
};

struct same_document {
	gint64 id;
	const char *journal;
};

static gboolean
note_same(const pl_entry *entry, void *user)
{
	struct same_document *same = user;
	if (strcmp(entry->journal, same->journal) != 0)
		return TRUE;
	same->id = entry->id;
	return FALSE;
}

/* The document of ENTRY in the journal asked for: again where it was sent,
 * as a new entry where it never was. */
static gboolean
resend_into(struct pl_cli *cli, const pl_entry *entry, GError **error)
{
	struct same_document same = { 0, resend_journal };
	struct pl_entry_filter filter = { .document = entry->document };
	if (!pl_entry_each(cli->ledger, &filter, note_same, &same, error))
		return FALSE;
	if (same.id == 0)
		return pl_entry_add(cli->ledger, entry->document,
		    resend_journal, PL_WAITING, NULL, NULL, 0, &same.id, error);
	g_autoptr(pl_entry) there = pl_entry_get(cli->ledger, same.id, error);
	return there != NULL && resend(cli, there, error);
}

int
pl_cli_resend(struct pl_cli *cli, GError **error)
{
	if (resend_journal != NULL &&
	    !pl_options_journal(cli->config, resend_journal, error))
		return EX_USAGE;
	return settle_all(cli, resend_journal != NULL ? resend_into : resend,
	    "waits to be sent again", error);
}
