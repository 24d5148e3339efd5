/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_daemon - does postledgerd answer, and by the same configuration?
 */
#include "check.h"

#include <string.h>

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
}
