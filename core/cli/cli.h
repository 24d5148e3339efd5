/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cli - what the files of this room share
 *
 * A command is a row of the table in commands.c: its name, what it needs opened,
 * its options and its function. The function gets one struct pl_cli and
 * returns an exit code; with an error set, exitcode.c translates it instead.
 * Human output goes through pl_out(), messages through pl_complain().
 */
#ifndef POSTLEDGER_CLI_H
#define POSTLEDGER_CLI_H

#include <sysexits.h>

#include <gio/gio.h>

#include "postledger/config.h"
#include "postledger/ledger.h"

/* Errors of this room: the code is the exit code. */
#define PL_CLI_ERROR (pl_cli_error_quark())
GQuark pl_cli_error_quark(void);

/* What must be open before a command's function is called. */
enum pl_needs {
	PL_NEEDS_NOTHING,
	PL_NEEDS_CONFIG, /* read, and `user` become */
	PL_NEEDS_READ,   /* the ledger, nothing is changed */
	PL_NEEDS_WRITE,
	PL_NEEDS_AUDIT, /* as READ, also when its history does not fit */
};

enum {
	PL_TAKES_JSON = 1,   /* --json */
	PL_TAKES_REASON = 2, /* --reason TEXT */
};

struct pl_cli;
struct pl_command {
	const char *name, *operands;
	const char *summary; /* NULL: of no use but to tests */
	enum pl_needs needs;
	unsigned takes;
	const GOptionEntry *options;
	int (*run)(struct pl_cli *cli, GError **error);
};

struct pl_cli {
	const struct pl_command *command;
	char *file; /* -c */
	gboolean json;
	char *reason; /* UTF-8, NULL for none */
	char **args;  /* operands as typed, NULL-terminated */
	unsigned n_args;
	char *actor; /* "uid=0 root sudo=anna" */
	pl_config *config;
	pl_ledger *ledger;
};

extern const struct pl_command pl_commands[]; /* ends with a NULL name */

int pl_cli_run(struct pl_cli *cli, GError **error);
int pl_cli_status(struct pl_cli *cli, GError **error);
int pl_cli_list(struct pl_cli *cli, GError **error);
int pl_cli_show(struct pl_cli *cli, GError **error);
int pl_cli_inspect(struct pl_cli *cli, GError **error);
int pl_cli_import(struct pl_cli *cli, GError **error);
int pl_cli_export(struct pl_cli *cli, GError **error);
int pl_cli_archive(struct pl_cli *cli, GError **error);
int pl_cli_unarchive(struct pl_cli *cli, GError **error);
int pl_cli_hold(struct pl_cli *cli, GError **error);
int pl_cli_release(struct pl_cli *cli, GError **error);
int pl_cli_resend(struct pl_cli *cli, GError **error);
int pl_cli_report(struct pl_cli *cli, GError **error);
int pl_cli_audit(struct pl_cli *cli, GError **error);
int pl_cli_backup(struct pl_cli *cli, GError **error);
int pl_cli_explain(struct pl_cli *cli, GError **error);
int pl_cli_check(struct pl_cli *cli, GError **error);
int pl_cli_crash_points(struct pl_cli *cli, GError **error);

extern const GOptionEntry pl_run_options[], pl_status_options[],
    pl_list_options[], pl_import_options[], pl_export_options[],
    pl_resend_options[], pl_report_options[], pl_audit_options[],
    pl_backup_options[], pl_check_options[];

/* ---- options.c -------------------------------------------------------- */

/* Reads the command line; PL_CLI_ERROR when it makes no sense. --help and
 * --version print and end the program. */
gboolean pl_options_read(
    struct pl_cli *cli, int argc, char **argv, GError **error);
/* ---- values.c --------------------------------------------------------- */

/* An operand or option value that is a positive number: an entry, a run. */
gboolean pl_options_id(
    const char *text, const char *what, gint64 *id, GError **error);
/* NAME's journal, or PL_CLI_ERROR 64 with the names that there are. */
const struct pl_journal *pl_options_journal(
    const pl_config *config, const char *name, GError **error);
/* "2026-11-20", "2026-11", "today", "yesterday", "7d", "12h": its beginning
 * in the time zone. */
gboolean pl_options_since(
    const char *text, GTimeZone *zone, gint64 now, gint64 *at, GError **error);
/* States by name, by comma, as letters of PL_STATE_LETTERS. g_free(). */
char *pl_options_states(const char *text, GError **error);
/* A number of bytes with K, M, G or T. */
gboolean pl_options_bytes(const char *text, guint64 *bytes, GError **error);

/* ---- open.c ----------------------------------------------------------- */

/* Who calls: taken before the user is switched. g_free(). */
char *pl_cli_actor(void);
/* Opens what NEEDS says, in the order configuration, user, ledger. What is
 * open already stays. */
gboolean pl_cli_open(struct pl_cli *cli, enum pl_needs needs, GError **error);
void pl_cli_close(struct pl_cli *cli);

/* ---- exitcode.c ------------------------------------------------------- */

/* The only place where errors become exit codes. */
int pl_exit_code(const GError *error);
/* What to do about it, or NULL. */
const char *pl_exit_hint(const GError *error);
/* "postledger: ..." on stderr, each line of it, cleaned. */
void pl_complain(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* The error and its hint; returns its exit code. */
int pl_complain_error(const GError *error);

/* ---- out.c ------------------------------------------------------------ */

/* To stdout, in the terminal's character set. Never foreign text that did not
 * go through pl_text_clean(). */
void pl_out(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* "label  text", the text cleaned; nothing for NULL or "". */
void pl_out_field(const char *label, const char *text);
/* Words of TEXT in lines behind INDENT blanks. */
void pl_out_wrapped(unsigned indent, const char *text);
/* Columns of the terminal, 0 when it is none. */
unsigned pl_out_width(void);
/* Cells on a terminal that TEXT takes. */
unsigned pl_out_cells(const char *text);
/* TEXT cut at CELLS with an ellipsis. g_free(). */
char *pl_out_cut(const char *text, unsigned cells);
/* "2026-11-20 07:00" in the zone, "" for 0. g_free(). */
char *pl_out_time(gint64 at, GTimeZone *zone);
/* Without the year: for tables. */
char *pl_out_time_short(gint64 at, GTimeZone *zone);
/* With seconds. */
char *pl_out_time_exact(gint64 at, GTimeZone *zone);
/* "148 kB". g_free(). */
char *pl_out_size(guint64 bytes);
/* "1 document", "2 documents". g_free(). */
char *pl_out_count(guint64 n, const char *thing);
/* FALSE when something of stdout could not be written. */
gboolean pl_out_end(void);

/* ---- table.c ---------------------------------------------------------- */

struct pl_column {
	const char *title;
	gboolean right; /* numbers */
	unsigned least; /* may be cut down to so many cells; 0: never */
};
typedef struct pl_table pl_table;
pl_table *pl_table_new(const struct pl_column *columns, unsigned n);
/* Takes the strings of CELLS (n of them, g_malloc()ed, NULL: empty). */
void pl_table_add(pl_table *table, char **cells);
/* Prints what is left and frees. */
void pl_table_end(pl_table *table);

#endif
