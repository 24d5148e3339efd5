/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main - the postledger command
 *
 * The frame around each command: read the command line, open what the command
 * needs, call it, translate its error, and find out whether its output was
 * written at all.
 */
#include "cli.h"

#include <locale.h>

static int
run_command(struct pl_cli *cli, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	int code = EX_SOFTWARE;
	if (pl_options_read(cli, argc, argv, &error) &&
	    pl_cli_open(cli, cli->command->needs, &error))
		code = cli->command->run(cli, &error);
	return error == NULL ? code : pl_complain_error(error);
}

int
main(int argc, char **argv)
{
	struct pl_cli cli = { .actor = pl_cli_actor() };
	setlocale(LC_CTYPE, "");
	int code = run_command(&cli, argc, argv);
	pl_cli_close(&cli);
	if (!pl_out_end()) {
		pl_complain("cannot write the output");
		return code == EX_OK ? EX_IOERR : code;
	}
	return code;
}
