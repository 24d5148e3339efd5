/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_ledger - can it be read and written, is it whole, is there room?
 *
 * Never creates a ledger: an absent one is the daemon's to make. Called as
 * the configured user, so what works here works there.
 */
#include "check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LITTLE ((guint64)256 << 20)

static const char *
code_of(const GError *error)
{
	if (error->domain != PL_LEDGER_ERROR)
		return "PL-503";
	switch ((enum pl_ledger_error)error->code) {
	case PL_LEDGER_FULL:
		return "PL-501";
	case PL_LEDGER_DAMAGED:
		return "PL-502";
	case PL_LEDGER_NEWER:
		return "PL-505";
	case PL_LEDGER_ABSENT:
		return "PL-506";
	default:
		return "PL-503";
	}
}

/* The folder in which PATH is or will be, and whether others can get in. */
static void
check_folder(pl_check *check, const char *what, const char *path)
{
	struct stat st;
	g_autofree char *folder = g_strdup(path);
	while (stat(folder, &st) < 0 && strlen(folder) > 1) {
		g_autofree char *above = g_path_get_dirname(folder);
		g_free(g_steal_pointer(&folder));
		folder = g_steal_pointer(&above);
	}
	if (access(folder, W_OK | X_OK) < 0)
		pl_check_fail(check, "PL-503", NULL,
		    "%s: the user \"%s\" cannot write in %s: %s", what,
		    check->gateway->user, folder, g_strerror(errno));
	else if (st.st_mode & 002)
		pl_check_warn(check, "PL-503",
		    "Take the right to write from others: chmod o-w FOLDER",
		    "%s: every user can write in %s", what, folder);
}

static const char *
ledger_path(const pl_check *check)
{
	const char *ledger = check->gateway->ledger;
	return g_str_has_prefix(ledger, "sqlite:") ? ledger + strlen("sqlite:")
						   : ledger;
}

/* With the right to write, really: the beginning of a transaction. */
static gboolean
open_writable(pl_check *check)
{
	g_autoptr(GError) error = NULL;
	struct pl_cli *cli = check->cli;
	if (pl_cli_open(cli, PL_NEEDS_WRITE, &error) &&
	    pl_ledger_begin(cli->ledger, &error)) {
		pl_ledger_rollback(cli->ledger);
		return TRUE;
	}
	pl_check_fail(check, code_of(error), NULL, "%s", error->message);
	return FALSE;
}

static void
check_space(pl_check *check)
{
	guint64 space = pl_ledger_space(check->cli->ledger);
	g_autofree char *size = pl_out_size(space);
	if (space < LITTLE)
		pl_check_warn(check, "PL-501", NULL, "only %s free", size);
	else
		pl_check_good(check, "free space: %s", size);
}

static void
check_whole(pl_check *check)
{
	g_autoptr(GError) error = NULL;
	pl_ledger *ledger = check->cli->ledger;
	if (!pl_ledger_check(ledger, &error)) {
		pl_check_fail(
		    check, code_of(error), NULL, "%s", error->message);
		return;
	}
	g_autofree char *head = pl_event_head(ledger, &error);
	if (head == NULL)
		pl_check_fail(check, "PL-504", NULL, "%s", error->message);
	else
		pl_check_good(check,
		    "ledger %s is whole, head of its chain "
		    "%s",
		    ledger_path(check), head);
}

/* A bit that the disk turned, or a hand. */
static void
check_bytes(pl_check *check)
{
	g_autoptr(GError) error = NULL;
	guint64 bytes;
	if (!pl_ledger_check_bytes(check->cli->ledger, &bytes, &error)) {
		pl_check_fail(
		    check, code_of(error), NULL, "%s", error->message);
		return;
	}
	g_autofree char *size = pl_out_size(bytes);
	pl_check_good(check, "the messages are those that came in (%s)", size);
}

static void
check_run(pl_check *check)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pl_run) last = pl_run_last(check->cli->ledger, &error);
	GTimeZone *zone = check->gateway->timezone;
	if (error != NULL) {
		pl_check_fail(
		    check, code_of(error), NULL, "%s", error->message);
		return;
	}
	if (last == NULL) {
		pl_check_note(check, "no run yet; the timer or `postledger "
				     "run` makes them");
		return;
	}
	g_autofree char *at = pl_out_time(last->started, zone);
	pl_check_good(
	    check, "last run: %" G_GINT64_FORMAT " on %s", last->id, at);
}

/* Did the last reports arrive, as far as it came back to us? */
static void
check_reports(pl_check *check)
{
	pl_ledger *l = check->cli->ledger;
	g_autoptr(GPtrArray) rows = pl_report_of(l, 0, NULL);
	for (unsigned i = 0; rows != NULL && i < rows->len; i++) {
		const struct pl_report_row *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_batch) b =
		    row->batch != 0 ? pl_batch_get(l, row->batch, NULL) : NULL;
		if (b != NULL && b->state == PL_BATCH_BOUNCED)
			pl_check_warn(check, "PL-306", NULL,
			    "the report of run %" G_GINT64_FORMAT
			    " to <%s> came back: nobody has read it",
			    row->run, b->deliver_to);
	}
}

void
pl_check_ledger(pl_check *check)
{
	const char *path = ledger_path(check);
	check_folder(check, "messages", check->gateway->messages);
	if (access(path, F_OK) < 0 && errno == ENOENT) {
		check_folder(check, "ledger", path);
		pl_check_note(check,
		    "no ledger at %s yet: postledgerd makes "
		    "it when it starts",
		    path);
		return;
	}
	if (!open_writable(check))
		return;
	check_space(check);
	check_whole(check);
	if (!check->quick)
		check_bytes(check);
	check_run(check);
	check_reports(check);
}
