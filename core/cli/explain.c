/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain - problem codes in full
 */
#include "cli.h"

#include "postledger/report.h"

#define TEXT_WIDTH 78

/* Words of TEXT in lines behind two blanks. */
static void
print_wrapped(const char *text)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);
	unsigned column = 0, room = pl_out_width();
	if (room == 0 || room > TEXT_WIDTH)
		room = TEXT_WIDTH;
	for (char **word = words; *word != NULL; word++) {
		unsigned cells = pl_out_cells(*word);
		if (cells == 0)
			continue;
		if (column > 0 && column + 1 + cells > room) {
			pl_out("\n");
			column = 0;
		}
		pl_out(column == 0 ? "  %s" : " %s", *word);
		column += cells + (column == 0 ? 2 : 1);
	}
	pl_out("\n");
}

static void
print_code(const struct pl_code *code)
{
	pl_out("%s: %s\n\nCause:\n", code->code, code->title);
	print_wrapped(code->cause);
	pl_out("\nWhat to do:\n");
	print_wrapped(code->todo);
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
