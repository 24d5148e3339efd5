/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * backup - a consistent copy of the ledger while everything runs
 */
#include "cli.h"

#include "postledger/report.h"

static char *to;

const GOptionEntry pl_backup_options[] = {
	{ "to", 0, 0, G_OPTION_ARG_FILENAME, &to,
	    "The folder of the backup (required)", "DIR" },
	{ 0 },
};

static void
tell(struct pl_cli *cli, const struct pl_backup *done)
{
	g_autofree char *clean = pl_text_clean(to, 0);
	g_autofree char *size = pl_out_size(done->bytes);
	g_autofree char *months =
	    pl_out_count(done->months, "monthly file");

	pl_out("%s: facts and %s, %s written", clean, months, size);
	if (done->kept > 0)
		pl_out("; %u unchanged since the last time", done->kept);
	pl_out("\nThe secret and the configuration are not in it: %s, %s\n",
	    pl_config_gateway(cli->config)->secret_file,
	    pl_config_file(cli->config));
}

int
pl_cli_backup(struct pl_cli *cli, GError **error)
{
	struct pl_backup done;

	if (to == NULL || cli->n_args != 0) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "backup takes a folder: `postledger backup --to DIR`");
		return EX_USAGE;
	}
	if (!pl_ledger_backup(cli->ledger, to, &done, error))
		return EX_IOERR;
	tell(cli, &done);
	return EX_OK;
}
