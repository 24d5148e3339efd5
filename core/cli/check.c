/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check - is everything set up as it should be?
 *
 * Goes through the parts from the inside out: configuration, rules, ledger,
 * daemon, the Postfix around it, and what the MTA takes. Exit 0 when there is
 * no error (warnings are allowed), else 78.
 */
#include "check.h"

#include <signal.h>

#include "json.h"
#include "postledger/report.h"

static char *postfix_dir, *send_journal;
static gboolean quick;

const GOptionEntry pl_check_options[] = {
	{ "send-test", 0, 0, G_OPTION_ARG_STRING, &send_journal,
	    "Send a test to this journal's deliver_to", "J" },
	{ "quick", 0, 0, G_OPTION_ARG_NONE, &quick,
	    "Do not read all stored messages", NULL },
	{ "postfix-config", 0, 0, G_OPTION_ARG_FILENAME, &postfix_dir,
	    "Folder of main.cf (that of the installed Postfix)", "DIR" },
	{ 0 },
};

static void
say_json(
    const char *level, const char *code, const char *text, const char *todo)
{
	JsonBuilder *json = pl_json_begin();
	pl_json_string(json, "level", level);
	pl_json_string(json, "code", code);
	pl_json_string(json, "text", text);
	pl_json_string(json, "todo", todo);
	pl_json_end(json);
}

static void
say(const pl_check *check, const char *level, const char *code,
    const char *todo, const char *text)
{
	if (check->cli->json) {
		say_json(level, code, text, todo);
		return;
	}
	g_autofree char *clean = pl_text_clean(text, 0);
	pl_out("%-8s%s%s%s\n", level, code != NULL ? code : "",
	    code != NULL ? " " : "", clean);
	if (todo == NULL)
		return;
	g_autofree char *clean_todo = pl_text_clean(todo, 0);
	pl_out("        ▸ %s\n", clean_todo);
}

static const char *
todo_of(const char *code, const char *todo)
{
	const struct pl_code *known = pl_code_find(code);
	return todo != NULL ? todo : known != NULL ? known->todo : NULL;
}

void
pl_check_good(pl_check *check, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	say(check, "ok", NULL, NULL, text);
}

void
pl_check_note(pl_check *check, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	say(check, "note", NULL, NULL, text);
}

void
pl_check_warn(pl_check *check, const char *code, const char *todo,
    const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	check->warnings++;
	say(check, "warning", code, todo_of(code, todo), text);
}

void
pl_check_fail(pl_check *check, const char *code, const char *todo,
    const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	check->errors++;
	say(check, "error", code, todo_of(code, todo), text);
}

static void
run_parts(pl_check *check)
{
	if (!pl_check_config(check))
		return;
	pl_check_rules(check);
	pl_check_ledger(check);
	pl_check_folders(check);
	pl_check_daemon(check);
	pl_check_mta(check);
	pl_check_postfix(check);
}

int
pl_cli_check(struct pl_cli *cli, GError **error)
{
	pl_check check = {
		.cli = cli, .postfix_dir = postfix_dir, .quick = quick
	};
	const struct pl_journal *journal = NULL;
	/* An MTA that goes away is an answer, not our end. */
	signal(SIGPIPE, SIG_IGN);
	run_parts(&check);
	if (send_journal != NULL && cli->config != NULL)
		journal = pl_options_journal(cli->config, send_journal, error);
	if (journal != NULL)
		pl_check_send(&check, journal);
	pl_secret_free(check.secret);
	pl_milter_socket_clear(&check.socket);
	if (!cli->json)
		pl_out("%u error%s, %u warning%s\n", check.errors,
		    check.errors == 1 ? "" : "s", check.warnings,
		    check.warnings == 1 ? "" : "s");
	return check.errors > 0 ? EX_CONFIG : EX_OK;
}
