/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_config - the file, its user, the secret, and rules that are allowed
 * but seldom meant
 */
#include "check.h"
#include "postledger/run.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All errors of the file are in one message, a line each. */
static void
fail_lines(pl_check *check, const char *code, const char *message)
{
	g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
	for (char **line = lines; *line != NULL; line++)
		if (**line != '\0')
			pl_check_fail(check, code, NULL, "%s", *line);
}

static void
check_file_rights(pl_check *check)
{
	struct stat st;
	const char *file = check->cli->file;
	if (stat(file, &st) == 0 && (st.st_mode & 022) != 0)
		pl_check_warn(check, "PL-411",
		    "Take the right to write from group and others: chmod "
		    "go-w FILE",
		    "%s can be changed by others than its owner (mode %04o)",
		    file, (unsigned)st.st_mode & 07777);
}

static void
check_secret(pl_check *check)
{
	g_autoptr(GError) error = NULL;
	const char *file = check->gateway->secret_file;
	check->secret = pl_secret_read(file, &error);
	if (check->secret == NULL)
		pl_check_fail(check, "PL-410", NULL, "%s", error->message);
	else
		pl_check_good(check, "secret %s", file);
}

gboolean
pl_check_config(pl_check *check)
{
	g_autoptr(GError) error = NULL;
	struct pl_cli *cli = check->cli;
	unsigned addresses = 0;
	check_file_rights(check);
	gboolean root = geteuid() == 0;
	if (!pl_cli_open(cli, PL_NEEDS_CONFIG, &error)) {
		fail_lines(check, "PL-411", error->message);
		return FALSE;
	}
	check->gateway = pl_config_gateway(cli->config);
	for (unsigned i = 0; i < pl_config_journals(cli->config); i++)
		addresses += pl_config_journal(cli->config, i)->addresses->len;
	pl_check_good(check,
	    "configuration %s: %u journals, %u intake "
	    "addresses",
	    cli->file, pl_config_journals(cli->config), addresses);
	if (!root)
		pl_check_note(check,
		    "not started as root: what only root or "
		    "the user \"%s\" may read is not checked",
		    check->gateway->user);
	check_secret(check);
	return TRUE;
}

/* ---- rules ------------------------------------------------------------- */

/* Larger than any network of one's own: 10.0.0.0/8, fc00::/7. */
static gboolean
is_vast(GInetAddressMask *network)
{
	gboolean v4 = g_inet_address_mask_get_family(network) ==
		      G_SOCKET_FAMILY_IPV4;

	return g_inet_address_mask_get_length(network) < (v4 ? 8 : 7);
}

static gboolean
lets_everyone_in(const struct pl_access *access)
{
	if (access->senders != NULL && access->senders->len > 0)
		return FALSE;
	for (unsigned i = 0; i < access->networks->len; i++)
		if (is_vast(g_ptr_array_index(access->networks, i)))
			return TRUE;
	return FALSE;
}

static void
check_report(pl_check *check, const struct pl_journal *journal)
{
	if (*journal->report_to == '\0')
		pl_check_warn(check, "PL-419", NULL,
		    "journal %s: report_to is empty, nobody is told of its "
		    "problems",
		    journal->name);
}

static void
check_expiry(pl_check *check, const struct pl_journal *journal)
{
	g_autofree char *day = pl_run_day(journal->expires);
	int days;
	if (!pl_run_expiry(
		journal, check->gateway->timezone, g_get_real_time(), &days) ||
	    days > PL_REMIND_FIRST)
		return;
	if (days < 0)
		pl_check_warn(check, "PL-422", NULL,
		    "journal %s: its permission ended on %s", journal->name,
		    day);
	else
		pl_check_warn(check, "PL-421", NULL,
		    "journal %s: its permission ends on %s", journal->name,
		    day);
}

static void
check_socket(pl_check *check)
{
	g_autoptr(GError) error = NULL;
	if (!pl_milter_socket_parse(
		check->gateway->socket, &check->socket, &error))
		pl_check_fail(check, "PL-411", NULL, "%s", error->message);
	else if (check->socket.path == NULL)
		pl_check_warn(check, "PL-414", NULL,
		    "socket %s: whoever reaches this port can forge messages",
		    check->gateway->socket);
	else if (check->gateway->socket_mode & 2)
		pl_check_warn(check, "PL-414", NULL,
		    "socket_mode %04o lets every user of this host forge "
		    "messages",
		    check->gateway->socket_mode);
}

void
pl_check_rules(pl_check *check)
{
	pl_config *config = check->cli->config;
	check_socket(check);
	if (check->gateway->report_when == PL_REPORT_NEVER)
		pl_check_warn(check, "PL-419", NULL,
		    "report_when is never: nobody is told of problems");
	for (unsigned i = 0; i < pl_config_journals(config); i++) {
		const struct pl_journal *j = pl_config_journal(config, i);
		check_report(check, j);
		check_expiry(check, j);
		if (lets_everyone_in(&j->access))
			pl_check_warn(check, "PL-413", NULL,
			    "journal %s: allow_networks lets every client in, "
			    "and allow_senders any sender",
			    j->name);
	}
}
