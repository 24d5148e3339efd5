/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * open - configuration, user, ledger, in this order
 *
 * The configuration may be readable by root alone, the ledger belongs to the
 * configured user: so root reads the first, becomes the user, and opens the
 * second. Who called is noted before that, for the events.
 */
#include "cli.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "postledger/report.h"

char *
pl_cli_actor(void)
{
	uid_t uid = getuid();
	const struct passwd *pw = getpwuid(uid);
	const char *sudo = g_getenv("SUDO_USER");
	g_autoptr(GString) who = g_string_new(NULL);
	g_string_printf(who, "uid=%u", (unsigned)uid);
	if (pw != NULL)
		g_string_append_printf(who, " %s", pw->pw_name);
	if (sudo != NULL && *sudo != '\0') {
		g_autofree char *name = pl_text_clean(sudo, 64);
		g_string_append_printf(
		    who, " sudo=%s", g_strdelimit(name, " \t", '_'));
	}
	return g_string_free(g_steal_pointer(&who), FALSE);
}

static gboolean
open_config(struct pl_cli *cli, GError **error)
{
	if (cli->config != NULL)
		return TRUE;
	g_autoptr(pl_config) config = pl_config_read(cli->file, error);
	if (config == NULL || !pl_config_become(config, error))
		return FALSE;
	cli->config = g_steal_pointer(&config);
	return TRUE;
}

/* SQLite would only say that it cannot. */
static gboolean
is_another_ones(const struct pl_gateway *gateway)
{
	const struct passwd *pw = getpwnam(gateway->user);
	const char *path = strchr(gateway->ledger, ':');

	return pw != NULL && pw->pw_uid != geteuid() && path != NULL &&
	       access(path + 1, R_OK | W_OK) < 0 && errno == EACCES;
}

static gboolean
open_ledger(struct pl_cli *cli, enum pl_ledger_use use, GError **error)
{
	const struct pl_gateway *gateway = pl_config_gateway(cli->config);
	if (cli->ledger != NULL)
		return TRUE;
	cli->ledger =
	    pl_ledger_open(gateway->ledger, gateway->messages, use, error);
	if (cli->ledger != NULL) {
		pl_ledger_set_actor(cli->ledger, cli->actor, cli->reason);
		return TRUE;
	}
	if (is_another_ones(gateway)) {
		g_clear_error(error);
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_ACCES,
		    "%s belongs to the user \"%s\": start this as root (sudo) "
		    "or as that user",
		    gateway->ledger, gateway->user);
	}
	return FALSE;
}

gboolean
pl_cli_open(struct pl_cli *cli, enum pl_needs needs, GError **error)
{
	if (needs == PL_NEEDS_NOTHING)
		return TRUE;
	if (!open_config(cli, error))
		return FALSE;
	if (needs == PL_NEEDS_CONFIG)
		return TRUE;
	return open_ledger(cli,
	    needs == PL_NEEDS_WRITE   ? PL_LEDGER_WRITE
	    : needs == PL_NEEDS_AUDIT ? PL_LEDGER_AUDIT
				      : PL_LEDGER_READ,
	    error);
}

void
pl_cli_close(struct pl_cli *cli)
{
	g_clear_pointer(&cli->ledger, pl_ledger_close);
	g_clear_pointer(&cli->config, pl_config_unref);
	g_clear_pointer(&cli->file, g_free);
	g_clear_pointer(&cli->reason, g_free);
	g_clear_pointer(&cli->actor, g_free);
	g_clear_pointer(&cli->args, g_strfreev);
}
