/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exitcode - errors of all rooms ▸ exit codes of sysexits.h, and messages
 *
 * The rooms say what the caller may do next; here it becomes the number that
 * scripts and timers see. An error that no row knows is our bug: 70.
 */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>

#include "postledger/intake.h"
#include "postledger/report.h"
#include "postledger/run.h"

G_DEFINE_QUARK(pl - cli - error - quark, pl_cli_error)

static int
of_config(int code)
{
	return code == PL_CONFIG_UNREADABLE ? EX_NOINPUT : EX_CONFIG;
}

static int
of_ledger(int code)
{
	switch ((enum pl_ledger_error)code) {
	case PL_LEDGER_RETRY:
		return EX_TEMPFAIL;
	case PL_LEDGER_ABSENT:
		return EX_NOINPUT;
	case PL_LEDGER_DAMAGED:
	case PL_LEDGER_NEWER:
	case PL_LEDGER_CONFLICT:
		return EX_DATAERR;
	case PL_LEDGER_READONLY:
	case PL_LEDGER_FULL:
	case PL_LEDGER_FAILED:
		return EX_IOERR;
	}
	return EX_SOFTWARE;
}

static int
of_run(int code)
{
	switch ((enum pl_run_error)code) {
	case PL_RUN_BUSY:
		return EX_TEMPFAIL;
	case PL_RUN_UNAVAILABLE:
	case PL_RUN_SMTP:
		return EX_UNAVAILABLE;
	case PL_RUN_COMPOSE:
	case PL_RUN_TOO_LARGE:
		return EX_DATAERR;
	case PL_RUN_SPOOL:
	case PL_RUN_FOLDER:
		return EX_IOERR;
	}
	return EX_SOFTWARE;
}

static int
of_intake(int code)
{
	switch ((enum pl_intake_error)code) {
	case PL_INTAKE_READ:
		return EX_IOERR;
	case PL_INTAKE_ABSENT:
		return EX_NOINPUT;
	case PL_INTAKE_CHILD:
	case PL_INTAKE_LIMIT:
	case PL_INTAKE_MBOX:
		return EX_DATAERR;
	}
	return EX_SOFTWARE;
}

static int
of_file(int code)
{
	switch (code) {
	case G_FILE_ERROR_NOENT:
	case G_FILE_ERROR_ISDIR:
	case G_FILE_ERROR_NOTDIR:
		return EX_NOINPUT;
	case G_FILE_ERROR_ACCES:
	case G_FILE_ERROR_PERM:
	case G_FILE_ERROR_ROFS:
		return EX_NOPERM;
	default:
		return EX_IOERR;
	}
}

static int
of_io(int code)
{
	switch (code) {
	case G_IO_ERROR_NOT_FOUND:
	case G_IO_ERROR_IS_DIRECTORY:
	case G_IO_ERROR_NOT_DIRECTORY:
		return EX_NOINPUT;
	case G_IO_ERROR_PERMISSION_DENIED:
	case G_IO_ERROR_READ_ONLY:
		return EX_NOPERM;
	case G_IO_ERROR_CONNECTION_REFUSED:
	case G_IO_ERROR_HOST_UNREACHABLE:
	case G_IO_ERROR_NETWORK_UNREACHABLE:
	case G_IO_ERROR_HOST_NOT_FOUND:
	case G_IO_ERROR_TIMED_OUT:
		return EX_UNAVAILABLE;
	default:
		return EX_IOERR;
	}
}

int
pl_exit_code(const GError *error)
{
	if (error->domain == PL_CLI_ERROR)
		return error->code;
	if (error->domain == PL_CONFIG_ERROR)
		return of_config(error->code);
	if (error->domain == PL_LEDGER_ERROR)
		return of_ledger(error->code);
	if (error->domain == PL_RUN_ERROR)
		return of_run(error->code);
	if (error->domain == PL_INTAKE_ERROR)
		return of_intake(error->code);
	if (error->domain == G_FILE_ERROR)
		return of_file(error->code);
	if (error->domain == G_IO_ERROR)
		return of_io(error->code);
	if (error->domain == G_OPTION_ERROR)
		return EX_USAGE;
	return EX_SOFTWARE;
}

const char *
pl_exit_hint(const GError *error)
{
	if (g_error_matches(error, PL_CONFIG_ERROR, PL_CONFIG_UNREADABLE))
		return "name the configuration with -c FILE, or start the "
		       "command as root (sudo) when it may not be read";
	if (g_error_matches(error, PL_RUN_ERROR, PL_RUN_UNAVAILABLE))
		return "nothing is lost: the next run goes on; `postledger "
		       "check` tells about the MTA";
	return NULL;
}

static void
complain_lines(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	fflush(stdout);
	for (char **line = lines; *line != NULL; line++) {
		g_autofree char *clean = pl_text_clean(*line, 0);
		if (*clean != '\0')
			g_printerr("postledger: %s\n", clean);
	}
}

void
pl_complain(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	complain_lines(text);
}

int
pl_complain_error(const GError *error)
{
	const char *hint = pl_exit_hint(error);
	complain_lines(error->message);
	if (hint != NULL)
		complain_lines(hint);
	return pl_exit_code(error);
}
