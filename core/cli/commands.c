/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * commands - the table of commands
 */
#include "cli.h"

const struct pl_command pl_commands[] = {
	{ "check", NULL, "Check configuration, ledger, secret and MTA",
	    PL_NEEDS_NOTHING, PL_TAKES_JSON, pl_check_options, pl_cli_check },
	{ "run", NULL, "Read new messages, plan, send, report", PL_NEEDS_CONFIG,
	    PL_TAKES_REASON, pl_run_options, pl_cli_run },
	{ "status", NULL, "A row a journal: what waits and why, what is next",
	    PL_NEEDS_NOTHING, PL_TAKES_JSON, pl_status_options, pl_cli_status },
	{ "list", NULL, "Entries of the ledger", PL_NEEDS_READ, PL_TAKES_JSON,
	    pl_list_options, pl_cli_list },
	{ "show", "ID...", "All about an entry, message:ID or batch:ID",
	    PL_NEEDS_READ, PL_TAKES_JSON, NULL, pl_cli_show },
	{ "inspect", "FILE...", "What postledger makes of a message or file",
	    PL_NEEDS_NOTHING, PL_TAKES_JSON, NULL, pl_cli_inspect },
	{ "import", "FILE...", "Take message or document files by hand",
	    PL_NEEDS_WRITE, PL_TAKES_REASON, pl_import_options, pl_cli_import },
	{ "export", "[ID...]", "Write the original files to a folder",
	    PL_NEEDS_READ, 0, pl_export_options, pl_cli_export },
	{ "archive", "ID...", "Never send these entries", PL_NEEDS_WRITE,
	    PL_TAKES_REASON, NULL, pl_cli_archive },
	{ "unarchive", "ID...", "Take `archive` back", PL_NEEDS_WRITE,
	    PL_TAKES_REASON, NULL, pl_cli_unarchive },
	{ "hold", "ID...", "Keep these entries back", PL_NEEDS_WRITE,
	    PL_TAKES_REASON, NULL, pl_cli_hold },
	{ "release", "ID...", "Let go what is held, a duplicate, superseded",
	    PL_NEEDS_WRITE, PL_TAKES_REASON, NULL, pl_cli_release },
	{ "resend", "ID...", "Send again on purpose", PL_NEEDS_WRITE,
	    PL_TAKES_REASON, pl_resend_options, pl_cli_resend },
	{ "report", "[RUN]", "The report of a run again", PL_NEEDS_READ, 0,
	    pl_report_options, pl_cli_report },
	{ "audit", "verify|export", "Check the chain of events, or write it out",
	    PL_NEEDS_AUDIT, 0, pl_audit_options, pl_cli_audit },
	{ "backup", NULL, "Copy the whole ledger while everything runs",
	    PL_NEEDS_READ, 0, pl_backup_options, pl_cli_backup },
	{ "explain", "[CODE...]", "Problem codes in full", PL_NEEDS_NOTHING, 0,
	    NULL, pl_cli_explain },
	{ .name = "crash-points", .run = pl_cli_crash_points },
	{ 0 },
};
