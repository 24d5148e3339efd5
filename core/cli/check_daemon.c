/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_daemon - does postledgerd answer, and by the same configuration?
 */
#include "check.h"

#include <string.h>

/* The daemon leaves the digest of what it has read beside its lock. */
static void
check_same(pl_check *check)
{
	const char *ours = pl_config_digest(check->cli->config);
	g_autofree char *words =
	    pl_ledger_noted(check->gateway->ledger, "daemon");
	if (words == NULL || !g_str_has_prefix(words, "config="))
		pl_check_note(check,
		    "which configuration postledgerd has read is not known: "
		    "it has another ledger, or is of another version");
	else if (strcmp(strchr(words, '=') + 1, ours) != 0)
		pl_check_fail(check, "PL-402", NULL,
		    "postledgerd has read another configuration than %s, or "
		    "an earlier state of it",
		    check->cli->file);
}

void
pl_check_daemon(pl_check *check)
{
	g_autoptr(GError) error = NULL;
	const char *socket = check->gateway->socket;
	if (!pl_daemon_answers(socket, &error)) {
		pl_check_fail(check, "PL-408", NULL,
		    "postledgerd does not answer on %s: %s", socket,
		    error->message);
		return;
	}
	pl_check_good(check, "postledgerd answers on %s", socket);
	check_same(check);
}
