/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * import - files into the ledger by hand, as if they had been mailed
 */
#include "cli.h"

#include <string.h>

#include "postledger/intake.h"
#include "postledger/report.h"

static char *journal_name;

const GOptionEntry pl_import_options[] = {
	{ "journal", 'j', 0, G_OPTION_ARG_STRING, &journal_name,
	    "Into this journal (required)", "J" },
	{ 0 },
};

static int
import(struct pl_cli *cli, const struct pl_journal *journal, const char *file)
{
	g_autoptr(GError) error = NULL;
	gint64 message = 0;
	if (pl_intake_import(
		cli->ledger, cli->config, journal, file, &message, &error)) {
		g_autofree char *clean = pl_text_clean(file, 0);
		pl_out("%s: message %" G_GINT64_FORMAT " for journal %s\n",
		    clean, message, journal->name);
		return EX_OK;
	}
	if (strstr(error->message, file) == NULL)
		g_prefix_error(&error, "%s: ", file);
	int code = pl_complain_error(error);
	if (code == EX_NOPERM)
		pl_complain("postledger works as the user \"%s\", who must be "
			    "able to read the file",
		    pl_config_gateway(cli->config)->user);
	return code;
}

int
pl_cli_import(struct pl_cli *cli, GError **error)
{
	int code = EX_OK;
	unsigned taken = 0;
	if (journal_name == NULL || cli->n_args == 0) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "import takes --journal J and files: `postledger import "
		    "--journal J FILE...`");
		return EX_USAGE;
	}
	const struct pl_journal *journal =
	    pl_options_journal(cli->config, journal_name, error);
	if (journal == NULL)
		return EX_USAGE;
	for (unsigned i = 0; i < cli->n_args; i++) {
		int one = import(cli, journal, cli->args[i]);
		if (one == EX_OK)
			taken++;
		else
			code = one;
	}
	if (taken > 0)
		pl_out("The next run reads %s and sends what is due.\n",
		    taken == 1 ? "it" : "them");
	return code;
}
