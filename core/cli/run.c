/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run - one pass over the due journals, its progress and its outcome in words
 *
 * The run itself is the room core/run. Nothing due is no run: it is said on a
 * terminal only, so that a timer that finds nothing stays silent.
 */
#include "cli.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "overview.h"
#include "postledger/report.h"

static char **journals;
static gboolean now, dry_run, no_report;
static int wait_seconds;

const GOptionEntry pl_run_options[] = {
	{ "journal", 'j', 0, G_OPTION_ARG_STRING_ARRAY, &journals,
	    "Only this journal (may be repeated)", "J" },
	{ "now", 0, 0, G_OPTION_ARG_NONE, &now,
	    "Ignore schedule and window, nothing else", NULL },
	{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run,
	    "Show the plan, change nothing", NULL },
	{ "no-report", 0, 0, G_OPTION_ARG_NONE, &no_report,
	    "Send no report; the next one tells", NULL },
	{ "wait", 0, 0, G_OPTION_ARG_INT, &wait_seconds,
	    "Wait so long for another run to end (0)", "SECONDS" },
	{ 0 },
};

static void
show_progress(const char *step, unsigned done, unsigned of, void *user)
{
	(void)user;
	if (of > 0)
		g_printerr("\r\033[K%s: %u of %u", step, done, of);
	else
		g_printerr("\r\033[K%s: %u", step, done);
}

static void
end_progress(void)
{
	if (isatty(STDERR_FILENO))
		g_printerr("\r\033[K");
}

/* ---- --dry-run: the plan ---------------------------------------------- */

static const struct pl_column columns[] = {
	{ "ID", TRUE, 0 },
	{ "E-MAIL", TRUE, 0 },
	{ "WHY", FALSE, 0 },
	{ "NUMBER", FALSE, 6 },
	{ "FROM", FALSE, 8 },
	{ "FILE", FALSE, 8 },
};

static void
add_decision(pl_table *table, const struct pl_decision *d, GTimeZone *zone)
{
	const pl_entry *e = d->entry;
	const char *from = e->account != NULL       ? e->account
			   : e->seller_name != NULL ? e->seller_name
						    : e->sender;
	char *cells[G_N_ELEMENTS(columns)] = {
		g_strdup_printf("%" G_GINT64_FORMAT, e->id),
		d->mail > 0 ? g_strdup_printf("%u", d->mail) : g_strdup("-"),
		d->reason == PL_REASON_NONE ? g_strdup("leaves")
					    : pl_overview_why(e, d, zone),
		g_strdup(e->number != NULL ? e->number : e->sequence),
		g_strdup(from),
		g_strdup(e->filename),
	};
	pl_table_add(table, cells);
}

static void
show_plan(const struct pl_journal *journal, const GArray *plan, void *user)
{
	struct pl_cli *cli = user;
	unsigned mails = 0, documents = 0;
	for (unsigned i = 0; i < plan->len; i++) {
		const struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, i);
		mails = MAX(mails, d->mail);
		documents += d->reason == PL_REASON_NONE;
	}
	g_autofree char *leave = pl_out_count(documents, "document");
	g_autofree char *in =
	    pl_folder_is(journal->deliver_to)
		? g_strdup_printf("%u batch%s", mails, mails == 1 ? "" : "es")
		: pl_out_count(mails, "e-mail");
	pl_out("%s: %s would leave in %s to %s, %u would stay\n", journal->name,
	    leave, in, journal->deliver_to, plan->len - documents);
	pl_table *table = pl_table_new(columns, G_N_ELEMENTS(columns));
	for (unsigned i = 0; i < plan->len; i++)
		add_decision(table, &g_array_index(plan, struct pl_decision, i),
		    pl_config_gateway(cli->config)->timezone);
	pl_table_end(table);
	pl_out("\n");
}

/* ---- the outcome ------------------------------------------------------ */

/* --now, and still nothing: that is not what was hoped for. */
static void
tell_none_enabled(const struct pl_run_result *r)
{
	g_autofree char *read = pl_out_count(r->messages, "new message");
	g_autofree char *found = pl_out_count(r->documents, "document");
	pl_out("%s read, %s found. No journal is due: %s.\n", read, found,
	    journals != NULL ? "those asked for are not enabled"
			     : "none is enabled");
}

static void
tell_nothing_due(struct pl_cli *cli)
{
	if (!isatty(STDOUT_FILENO))
		return;
	g_autoptr(GPtrArray) all =
	    pl_overview_all(cli, g_get_real_time(), NULL);
	pl_out("Nothing is due.");
	for (unsigned i = 0; all != NULL && i < all->len; i++) {
		const struct pl_overview *o = g_ptr_array_index(all, i);
		g_autofree char *at = pl_out_time(o->next, o->input.timezone);
		if (o->next != 0)
			pl_out(" %s: %s.", o->journal->name, at);
	}
	pl_out(" `run --now` does not wait.\n");
}

static void
add_count(GString *text, unsigned n, const char *thing, const char *done)
{
	g_autofree char *count = pl_out_count(n, thing);
	g_string_append_printf(text, ", %s %s", count, done);
}

static void
tell_run(const struct pl_run_result *r)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *mails = pl_out_count(r->mails - r->written, "e-mail");
	add_count(text, r->messages, "new message", "read");
	add_count(text, r->documents, "document", "found");
	add_count(text, r->sent, "document", "sent");
	if (r->mails > r->written || r->written == 0)
		g_string_append_printf(text, " in %s", mails);
	if (r->written > 0)
		g_string_append_printf(text, " %s %u batch%s of files",
		    r->mails > r->written ? "and" : "in", r->written,
		    r->written == 1 ? "" : "es");
	if (r->deferred > 0 && *r->folder != '\0')
		g_string_append_printf(text, ", %u put off", r->deferred);
	else if (r->deferred > 0)
		add_count(text, r->deferred, "e-mail", "put off");
	if (r->refused > 0)
		add_count(text, r->refused, "e-mail", "refused");
	if (r->problems > 0)
		add_count(text, r->problems, "problem", "found");
	pl_out("Run %" G_GINT64_FORMAT ": %s.\n", r->run, text->str + 2);
	if (r->refused > 0 || r->problems > 0)
		pl_out("`postledger report` tells more.\n");
}

/* Documents that were put off are in the report; a report is told only here. */
static void
tell_put_off(const struct pl_run_result *r)
{
	g_autofree char *reports = pl_out_count(r->reports_left, "report");
	g_autofree char *reply = pl_text_clean(r->reply, 150);
	g_autofree char *folder = pl_text_clean(r->folder, 230);
	if (r->reports_left > 0)
		pl_complain("%s not taken by the mail server: the next run "
			    "hands over what is left",
		    reports);
	if (*reply != '\0')
		pl_complain("the mail server's last words: %s", reply);
	if (*folder != '\0')
		pl_complain("%s: the next run goes on", folder);
}

static int
tell(struct pl_cli *cli, const struct pl_run_result *r)
{
	g_autofree char *unread = pl_out_count(r->unindexed, "new message");
	if (dry_run && r->unindexed > 0)
		pl_out("%s not read yet: a run does that first.\n", unread);
	if (r->run != 0)
		tell_run(r);
	else if (now && !dry_run && !r->interrupted && !r->mta_failed)
		tell_none_enabled(r);
	else if (!dry_run)
		tell_nothing_due(cli);
	if (r->interrupted)
		pl_complain("interrupted: the next run goes on with the rest");
	if (r->mta_failed)
		pl_complain("the mail server at %s did not take everything: "
			    "the next run goes on with the rest",
		    pl_config_gateway(cli->config)->submission);
	if (r->deferred > 0)
		tell_put_off(r);
	return r->mta_failed || r->interrupted || r->deferred > 0 ? EX_TEMPFAIL
								  : EX_OK;
}

static gboolean
check_options(struct pl_cli *cli, GError **error)
{
	for (char **name = journals; name != NULL && *name != NULL; name++)
		if (pl_options_journal(cli->config, *name, error) == NULL)
			return FALSE;
	if (wait_seconds >= 0)
		return TRUE;
	g_set_error(
	    error, PL_CLI_ERROR, EX_USAGE, "--wait takes a number of seconds");
	return FALSE;
}

int
pl_cli_run(struct pl_cli *cli, GError **error)
{
	struct pl_run_result result = { 0 };
	/* An MTA that goes away is an answer, not our end. */
	signal(SIGPIPE, SIG_IGN);
	if (!check_options(cli, error))
		return EX_USAGE;
	if (!pl_cli_open(cli, dry_run ? PL_NEEDS_READ : PL_NEEDS_WRITE, error))
		return EX_SOFTWARE;
	/* Reading the secret makes it where there is none: no dry run does. */
	g_autoptr(pl_secret) secret =
	    dry_run ? NULL
		    : pl_secret_read(
			  pl_config_gateway(cli->config)->secret_file, error);
	if (secret == NULL && !dry_run)
		return EX_CONFIG;
	struct pl_run_options options = {
		.journals = (const char *const *)journals,
		.now = now,
		.dry_run = dry_run,
		.no_report = no_report,
		.wait = (unsigned)wait_seconds,
		.progress = isatty(STDERR_FILENO) ? show_progress : NULL,
		.decided = dry_run ? show_plan : NULL,
		.user = cli,
	};
	gboolean good = pl_run_once(
	    cli->ledger, cli->config, secret, &options, &result, error);
	end_progress();
	return good ? tell(cli, &result) : EX_SOFTWARE;
}

/* For the tests: where POSTLEDGER_CRASH can kill a run. */
int
pl_cli_crash_points(struct pl_cli *cli, GError **error)
{
	(void)cli, (void)error;
	for (const char *const *n = pl_crash_names(); *n != NULL; n++)
		pl_out("%s\n", *n);
	return EX_OK;
}
