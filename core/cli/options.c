/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options - the command line, and the kinds of values on it
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

gboolean
pl_options_id(const char *text, const char *what, gint64 *id, GError **error)
{
	if (g_ascii_isdigit(*text)) {
		guint64 number;
		if (g_ascii_string_to_unsigned(
			text, 10, 1, G_MAXINT64, &number, NULL)) {
			*id = (gint64)number;
			return TRUE;
		}
	}
	g_set_error(error, PL_CLI_ERROR, EX_USAGE,
	    "\"%s\" is no %s: a number is needed, as `postledger list` "
	    "shows them",
	    text, what);
	return FALSE;
}

const struct pl_journal *
pl_options_journal(const pl_config *config, const char *name, GError **error)
{
	const struct pl_journal *journal = pl_config_find(config, name);
	if (journal != NULL)
		return journal;
	g_autoptr(GString) names = g_string_new(NULL);
	for (unsigned i = 0; i < pl_config_journals(config); i++)
		g_string_append_printf(
		    names, " %s", pl_config_journal(config, i)->name);
	g_set_error(error, PL_CLI_ERROR, EX_USAGE,
	    "there is no journal \"%s\" in %s; there are:%s", name,
	    pl_config_file(config), names->str);
	return NULL;
}

/* "7d", "12h", "30m" before NOW; 0 if it is not of that kind. */
static gint64
ago(const char *text, gint64 now)
{
	char *end;
	guint64 n = g_ascii_strtoull(text, &end, 10);
	gint64 unit = 0;
	if (end == text || *end == '\0' || end[1] != '\0' || n > 100000)
		return 0;
	switch (*end) {
	case 'd':
		unit = 24 * 3600;
		break;
	case 'h':
		unit = 3600;
		break;
	case 'm':
		unit = 60;
		break;
	}
	return unit == 0 ? 0 : now - (gint64)n * unit * G_USEC_PER_SEC;
}

static gint64
midnight(int year, int month, int day, GTimeZone *zone)
{
	g_autoptr(GDateTime) at =
	    g_date_time_new(zone, year, month, day, 0, 0, 0);
	return at == NULL ? 0 : g_date_time_to_unix(at) * G_USEC_PER_SEC;
}

static gint64
day_before(gint64 now, unsigned days, GTimeZone *zone)
{
	g_autoptr(GDateTime) utc =
	    g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
	g_autoptr(GDateTime) day = g_date_time_add_days(local, -(int)days);
	return midnight(g_date_time_get_year(day), g_date_time_get_month(day),
	    g_date_time_get_day_of_month(day), zone);
}

/* All digits but for dashes in their places. */
static gboolean
dated(const char *text, const char *pattern)
{
	if (strlen(text) != strlen(pattern))
		return FALSE;
	for (; *text != '\0'; text++, pattern++)
		if (*pattern == '-' ? *text != '-' : !g_ascii_isdigit(*text))
			return FALSE;
	return TRUE;
}

gboolean
pl_options_since(
    const char *text, GTimeZone *zone, gint64 now, gint64 *at, GError **error)
{
	if (strcmp(text, "today") == 0)
		*at = day_before(now, 0, zone);
	else if (strcmp(text, "yesterday") == 0)
		*at = day_before(now, 1, zone);
	else if (dated(text, "0000-00-00"))
		*at =
		    midnight(atoi(text), atoi(text + 5), atoi(text + 8), zone);
	else if (dated(text, "0000-00"))
		*at = midnight(atoi(text), atoi(text + 5), 1, zone);
	else
		*at = ago(text, now);
	if (*at != 0)
		return TRUE;
	g_set_error(error, PL_CLI_ERROR, EX_USAGE,
	    "\"%s\" is no date: write 2026-11-20, 2026-11, today, yesterday, "
	    "or for instance 7d or 12h ago",
	    text);
	return FALSE;
}

char *
pl_options_states(const char *text, GError **error)
{
	g_auto(GStrv) names = g_strsplit_set(text, ", ", -1);
	g_autoptr(GString) letters = g_string_new(NULL);
	for (char **name = names; *name != NULL; name++) {
		enum pl_state state;
		if (**name == '\0')
			continue;
		if (!pl_state_parse(*name, &state)) {
			g_autoptr(GString) all = g_string_new(NULL);
			for (int i = 0; i < PL_STATES; i++)
				g_string_append_printf(
				    all, " %s", pl_state_name(i));
			g_set_error(error, PL_CLI_ERROR, EX_USAGE,
			    "\"%s\" is no state; there are:%s", *name,
			    all->str);
			return NULL;
		}
		g_string_append_c(letters, PL_STATE_LETTERS[state]);
	}
	return g_string_free(g_steal_pointer(&letters), FALSE);
}

gboolean
pl_options_bytes(const char *text, guint64 *bytes, GError **error)
{
	static const char units[] = "KMGT";
	char *end;
	guint64 n = g_ascii_strtoull(text, &end, 10);
	unsigned shift = 0;
	if (end != text && *end != '\0') {
		const char *unit = strchr(units, g_ascii_toupper(*end));
		if (unit != NULL && end[1] == '\0') {
			shift = 10 * (unsigned)(unit - units + 1);
			end++;
		}
	}
	if (end == text || *end != '\0' || !g_ascii_isdigit(*text) ||
	    n > G_MAXUINT64 >> shift) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "\"%s\" is no size: write a number of bytes, with K, M, "
		    "G or T if you like",
		    text);
		return FALSE;
	}
	*bytes = n << shift;
	return TRUE;
}
