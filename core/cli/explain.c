/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain - problem codes in full
 */
#include "cli.h"

#include "postledger/report.h"

static void
print_code(const struct pl_code *code)
{
	pl_out("%s: %s\n\nCause:\n", code->code, code->title);
	pl_out_wrapped(2, code->cause);
	pl_out("\nWhat to do:\n");
	pl_out_wrapped(2, code->todo);
}

static void
print_list(void)
{
	unsigned n;
	const struct pl_code *codes = pl_codes(&n);
	for (unsigned i = 0; i < n; i++)
		pl_out("%s  %s\n", codes[i].code, codes[i].title);
}

/* "PL-101", "pl-101" and "101". */
static const struct pl_code *
find(const char *text)
{
	g_autofree char *full = g_ascii_isdigit(*text)
				    ? g_strconcat("PL-", text, NULL)
				    : g_ascii_strup(text, -1);
	return pl_code_find(full);
}

int
pl_cli_explain(struct pl_cli *cli, GError **error)
{
	if (cli->n_args == 0)
		print_list();
	for (unsigned i = 0; i < cli->n_args; i++) {
		const struct pl_code *code = find(cli->args[i]);
		if (code == NULL) {
			g_set_error(error, PL_CLI_ERROR, EX_USAGE,
			    "there is no code \"%s\"; `postledger explain` "
			    "lists all",
			    cli->args[i]);
			return EX_USAGE;
		}
		if (i > 0)
			pl_out("\n");
		print_code(code);
	}
	return EX_OK;
}
