/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload - SIGUSR1 makes the daemon read its configuration again
 *
 * A thread of its own waits for the signal, so that reading a file never
 * happens in a signal handler and never holds up a session.
 */
#include "setup.h"

#include <signal.h>
#include <string.h>
#include <syslog.h>

#include "postledger/ledger.h"

/* What a running daemon cannot change: it has them open, or has given up the
 * rights that opening them again would need. */
static void
say_if_changed(const char *key, const char *now, const char *wanted)
{
	if (strcmp(now, wanted) != 0)
		pl_log(LOG_WARNING, NULL, "needs-a-restart", "key", key,
		    "stays", now, "configured", wanted, NULL);
}

static void
say_what_stays(const struct pl_gateway *now, const struct pl_gateway *wanted)
{
	g_autofree char *mode = g_strdup_printf("%04o", now->socket_mode);
	g_autofree char *new_mode =
	    g_strdup_printf("%04o", wanted->socket_mode);

	say_if_changed("socket", now->socket, wanted->socket);
	say_if_changed("socket_mode", mode, new_mode);
	say_if_changed("user", now->user, wanted->user);
	say_if_changed("ledger", now->ledger, wanted->ledger);
	say_if_changed("messages", now->messages, wanted->messages);
}

static void
say_refused(const char *message)
{
	g_auto(GStrv) lines = g_strsplit(message, "\n", -1);

	for (char **line = lines; *line != NULL; line++)
		if (**line != '\0')
			pl_log(LOG_ERR, NULL, "reload-refused", "error", *line,
			    NULL);
}

/* The ledger that is open, whatever a new configuration says. */
static char *ledger;

/* For `postledger check`, which compares it with the file. */
static void
leave_digest(const pl_config *config)
{
	g_autofree char *words =
	    g_strconcat("config=", pl_config_digest(config), NULL);

	if (ledger != NULL)
		pl_ledger_note(ledger, "daemon", words);
}

gboolean
pl_reload(const char *file)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pl_setup) before = pl_live_take();
	pl_config *config = pl_config_read(file, &error);
	g_autoptr(pl_setup) setup =
	    config ? pl_setup_new(config, &error) : NULL;

	if (setup == NULL) {
		say_refused(error->message);
		return FALSE;
	}
	pl_live_put(pl_setup_ref(setup));
	g_autofree char *journals =
	    g_strdup_printf("%u", pl_config_journals(config));
	pl_log(LOG_NOTICE, NULL, "reloaded", "file", file, "journals", journals,
	    NULL);
	say_what_stays(before->gateway, setup->gateway);
	leave_digest(config);
	return TRUE;
}

static gpointer
listen_for_signal(gpointer file)
{
	sigset_t set;
	int signal;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	for (;;)
		if (sigwait(&set, &signal) == 0)
			pl_reload(file);
	return NULL;
}

void
pl_reload_listen(const char *file)
{
	g_autoptr(pl_setup) setup = pl_live_take();

	ledger = g_strdup(setup->gateway->ledger);
	leave_digest(setup->config);
	g_thread_unref(
	    g_thread_new("reload", listen_for_signal, g_strdup(file)));
}
