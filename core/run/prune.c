/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prune - at the end of a run, bytes whose retention is over are dropped
 *
 * Everything was sent and told by then. It takes a few seconds at most; what
 * is left is for the next run. That it fails is no reason to call the run
 * failed: it is logged, and the next one tries again.
 */
#include <syslog.h>

#include "pass.h"

#define SECONDS 5

static gboolean
has_time(const struct pl_pruned *done, void *user)
{
	struct pl_pass *pass = user;

	pl_pass_progress(pass, "dropping old message bytes", done->messages, 0);
	return !pl_pass_halted(pass) &&
	       g_get_monotonic_time() < pass->prune_until;
}

static void
log_done(const struct pl_pruned *done)
{
	g_autofree char *messages = g_strdup_printf("%u", done->messages);
	g_autofree char *months = g_strdup_printf("%u", done->months);
	g_autofree char *size =
	    g_strdup_printf("%" G_GUINT64_FORMAT, done->bytes);

	if (done->messages > 0 || done->months > 0)
		pl_log(LOG_INFO, NULL, "message bytes dropped", "messages",
		    messages, "size", size, "months", months, "more",
		    done->more ? "yes" : "no", NULL);
}

void
pl_pass_prune(struct pl_pass *pass)
{
	const struct pl_gateway *gateway = pl_config_gateway(pass->config);
	gint64 before =
	    pass->now - (gint64)gateway->retention_days * G_TIME_SPAN_DAY;
	struct pl_pruned done;
	GError *failed = NULL;

	pass->prune_until =
	    g_get_monotonic_time() + SECONDS * G_TIME_SPAN_SECOND;
	if (pl_ledger_prune(
		pass->ledger, before, has_time, pass, &done, &failed)) {
		log_done(&done);
		return;
	}
	pl_log(LOG_WARNING, NULL, "message bytes not dropped", "error",
	    failed->message, NULL);
	g_error_free(failed);
}
