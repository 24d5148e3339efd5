/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options - the command line
 *
 * The common options may stand before or after the command's name, a
 * command's own after it. Texts are taken as bytes and made valid UTF-8, so
 * that a job without locale may still give a reason in any language.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static char *file, *reason;
static gboolean json, version;
static char **operands;

static const GOptionEntry common[] = {
	{ "config", 'c', 0, G_OPTION_ARG_FILENAME, &file,
	    "Configuration (" PL_CONFIG_DEFAULT_FILE ")", "FILE" },
	{ "version", 0, 0, G_OPTION_ARG_NONE, &version,
	    "Print the version and exit", NULL },
	{ 0 },
};
static const GOptionEntry with_json[] = {
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, "One JSON object a line",
	    NULL },
	{ 0 },
};
static const GOptionEntry with_reason[] = {
	{ "reason", 0, 0, G_OPTION_ARG_FILENAME, &reason,
	    "Why: kept with the event", "TEXT" },
	{ 0 },
};
static const GOptionEntry rest[] = {
	{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &operands,
	    NULL, NULL },
	{ 0 },
};

static void
print_version(void)
{
	pl_out("postledger %s\n", PL_VERSION);
	exit(pl_out_end() ? EX_OK : EX_IOERR);
}

static char *
command_names(const char *separator, gboolean described)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (const struct pl_command *c = pl_commands; c->name != NULL; c++) {
		if (c->summary == NULL)
			continue;
		if (text->len > 0)
			g_string_append(text, separator);
		if (described)
			g_string_append_printf(
			    text, "  %-10s %s", c->name, c->summary);
		else
			g_string_append(text, c->name);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static gboolean
parse(GOptionContext *context, char ***argv, GError **error)
{
	const char *program = g_get_prgname();
	if (g_option_context_parse_strv(context, argv, error))
		return TRUE;
	if (g_str_has_prefix(program, "postledger "))
		g_prefix_error(error, "%s: ", strchr(program, ' ') + 1);
	return FALSE;
}

/* Options up to the name of the command; what follows stays in ARGV. */
static gboolean
parse_before(char ***argv, GError **error)
{
	g_autofree char *names = command_names("\n", TRUE);
	g_autofree char *commands = g_strdup_printf(
	    "Commands:\n%s\n\n`postledger COMMAND --help` tells a command's "
	    "options; postledger(1) all.",
	    names);
	g_autoptr(GOptionContext) context = g_option_context_new("COMMAND ...");
	g_option_context_set_strict_posix(context, TRUE);
	g_option_context_set_description(context, commands);
	g_option_context_add_main_entries(context, common, NULL);
	g_option_context_add_main_entries(context, with_json, NULL);
	g_option_context_add_main_entries(context, with_reason, NULL);
	return parse(context, argv, error);
}

static gboolean
parse_after(const struct pl_command *command, char ***argv, GError **error)
{
	g_autoptr(GOptionContext) context =
	    g_option_context_new(command->operands);
	g_autofree char *program =
	    g_strconcat("postledger ", command->name, NULL);
	g_set_prgname(program);
	g_option_context_set_summary(context, command->summary);
	if (command->options != NULL)
		g_option_context_add_main_entries(
		    context, command->options, NULL);
	if (command->takes & PL_TAKES_JSON)
		g_option_context_add_main_entries(context, with_json, NULL);
	if (command->takes & PL_TAKES_REASON)
		g_option_context_add_main_entries(context, with_reason, NULL);
	g_option_context_add_main_entries(context, common, NULL);
	g_option_context_add_main_entries(context, rest, NULL);
	gboolean good = parse(context, argv, error);
	g_set_prgname("postledger");
	return good;
}

static const struct pl_command *
find_command(const char *name, GError **error)
{
	for (const struct pl_command *c = pl_commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	g_autofree char *names = command_names(" ", FALSE);
	g_set_error(error, PL_CLI_ERROR, EX_USAGE,
	    "there is no command \"%s\"; there are: %s", name, names);
	return NULL;
}

/* What stood before the name must suit the command, too. */
static gboolean
suits(const struct pl_command *command, GError **error)
{
	const char *option = NULL;
	if (json && !(command->takes & PL_TAKES_JSON))
		option = "--json";
	if (reason != NULL && !(command->takes & PL_TAKES_REASON))
		option = "--reason";
	if (command->operands == NULL && operands != NULL)
		option = operands[0];
	if (option == NULL)
		return TRUE;
	g_set_error(error, PL_CLI_ERROR, EX_USAGE,
	    "%s takes no %s; see `postledger %s --help`", command->name, option,
	    command->name);
	return FALSE;
}

gboolean
pl_options_read(struct pl_cli *cli, int argc, char **argv, GError **error)
{
	g_auto(GStrv) words = g_new0(char *, argc + 1);
	for (int i = 0; i < argc; i++)
		words[i] = g_strdup(argv[i]);
	g_set_prgname("postledger");
	if (!parse_before(&words, error))
		return FALSE;
	if (version)
		print_version();
	if (words[0] == NULL || words[1] == NULL) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "a command is missing; see `postledger --help`");
		return FALSE;
	}
	cli->command = find_command(words[1], error);
	if (cli->command == NULL)
		return FALSE;
	g_auto(GStrv) after = g_strdupv(words + 1);
	if (!parse_after(cli->command, &after, error))
		return FALSE;
	if (version)
		print_version();
	cli->file = file != NULL ? file : g_strdup(PL_CONFIG_DEFAULT_FILE);
	cli->json = json;
	cli->reason = reason != NULL ? g_utf8_make_valid(reason, -1) : NULL;
	cli->args = operands != NULL ? operands : g_new0(char *, 1);
	cli->n_args = g_strv_length(cli->args);
	return suits(cli->command, error);
}
