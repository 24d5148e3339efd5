/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report - the report of a run, as it was written then
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static gboolean text, html, csv;
static char *address;

const GOptionEntry pl_report_options[] = {
	{ "text", 0, 0, G_OPTION_ARG_NONE, &text, "As text (default)", NULL },
	{ "html", 0, 0, G_OPTION_ARG_NONE, &html, "As HTML", NULL },
	{ "csv", 0, 0, G_OPTION_ARG_NONE, &csv, "All lines as CSV", NULL },
	{ "address", 0, 0, G_OPTION_ARG_STRING, &address,
	    "The one to this address, where a run wrote several", "ADDRESS" },
	{ 0 },
};

/* Is ADDRESS one of the comma-separated LIST? */
static gboolean
lists(const char *list, const char *one)
{
	g_auto(GStrv) all = g_strsplit_set(list, ", ", -1);
	for (char **a = all; one != NULL && *a != NULL; a++)
		if (**a != '\0' && g_ascii_strcasecmp(*a, one) == 0)
			return TRUE;
	return FALSE;
}

/* HTML and CSV of several make no document together: the first is kept, before
 * all one to the gateway's own report_to, and the others are named. */
static void
keep_first(const struct pl_cli *cli, GPtrArray *rows)
{
	const char *own = pl_config_gateway(cli->config)->report_to;
	g_autoptr(GString) others = g_string_new(NULL);
	unsigned kept = 0;
	for (unsigned i = rows->len; i > 0; i--) {
		const struct pl_report_row *row =
		    g_ptr_array_index(rows, i - 1);
		if (own != NULL && lists(own, row->address))
			kept = i - 1;
	}
	for (unsigned i = 0; i < rows->len; i++) {
		const struct pl_report_row *row = g_ptr_array_index(rows, i);
		if (i != kept)
			g_string_append_printf(others, " <%s>",
			    row->address != NULL ? row->address : "");
	}
	const struct pl_report_row *row = g_ptr_array_index(rows, kept);
	pl_complain("this is the report to <%s>; --address ADDRESS prints "
		    "that to one of the others:%s",
	    row->address != NULL ? row->address : "", others->str);
	g_ptr_array_remove_range(rows, kept + 1, rows->len - kept - 1);
	g_ptr_array_remove_range(rows, 0, kept);
}

/* The reports that are asked for. */
static gboolean
choose(const struct pl_cli *cli, GPtrArray *rows, GError **error)
{
	g_autoptr(GString) all = g_string_new(NULL);
	for (unsigned i = rows->len; i > 0; i--) {
		const struct pl_report_row *row =
		    g_ptr_array_index(rows, i - 1);
		g_string_append_printf(
		    all, " <%s>", row->address != NULL ? row->address : "");
		if (address != NULL &&
		    g_ascii_strcasecmp(
			address, row->address != NULL ? row->address : "") != 0)
			g_ptr_array_remove_index(rows, i - 1);
	}
	if (rows->len > 1 && (html || csv))
		keep_first(cli, rows);
	if (rows->len > 0)
		return TRUE;
	g_set_error(error, PL_CLI_ERROR, EX_USAGE,
	    "this run's reports are to%s: choose one with --address", all->str);
	return FALSE;
}

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

static gboolean
print_lines(const char *lines, void *user, GError **error)
{
	(void)user, (void)error;
	fputs(lines, stdout);
	return TRUE;
}

static gboolean
print(const struct pl_cli *cli, const struct pl_report_row *row,
    gboolean headed, GError **error)
{
	if (headed)
		pl_out("To: %s\nSubject: %s\n\n", or_empty(row->address),
		    or_empty(row->subject));
	if (csv)
		return pl_report_csv(
		    cli->ledger, row->id, print_lines, NULL, error);
	if (html)
		fputs(or_empty(row->html), stdout);
	else
		pl_out("%s", or_empty(row->text));
	return TRUE;
}

/* Why there is no report. */
static void
tell_none(const struct pl_cli *cli, gint64 id, GError **error)
{
	g_autoptr(pl_run) run = NULL;

	if (id == 0) {
		g_set_error(error, PL_CLI_ERROR, EX_NOINPUT,
		    "no run has written a report yet");
		return;
	}
	run = pl_run_get(cli->ledger, id, error);
	if (run != NULL)
		g_set_error(error, PL_CLI_ERROR, EX_NOINPUT,
		    "run %" G_GINT64_FORMAT " has written no report: what it "
		    "had to tell is in the next report that is due",
		    id);
}

int
pl_cli_report(struct pl_cli *cli, GError **error)
{
	gint64 run = 0;
	if (text + html + csv > 1 || cli->n_args > 1) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "report takes one run and one of --text, --html, --csv");
		return EX_USAGE;
	}
	if (cli->n_args == 1 &&
	    !pl_options_id(cli->args[0], "run", &run, error))
		return EX_USAGE;
	g_autoptr(GPtrArray) rows = pl_report_of(cli->ledger, run, error);
	if (rows == NULL)
		return EX_IOERR;
	if (rows->len == 0) {
		tell_none(cli, run, error);
		return EX_NOINPUT;
	}
	if (!choose(cli, rows, error))
		return EX_USAGE;
	for (unsigned i = 0; i < rows->len; i++)
		if (!print(
			cli, g_ptr_array_index(rows, i), rows->len > 1, error))
			return EX_IOERR;
	return EX_OK;
}
