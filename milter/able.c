/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * able - whether the ledger takes anything, and whether there is room
 *
 * Once a failure tells that the whole ledger is in trouble, or the free space
 * is down to the reserve, sessions defer intake recipients one by one, and the
 * writer looks again every few seconds until it can store.
 */
#include "sink.h"

#include <syslog.h>

#include "postledger/config.h"

gboolean
pl_sink_able(const pl_sink *s)
{
	return s->unable == NULL;
}

/* REASON NULL: able again. */
void
pl_sink_set_unable(pl_sink *s, const char *reason, const char *message)
{
	if (reason != NULL && s->unable == NULL)
		pl_log(LOG_ERR, NULL, "ledger-unable", "reason", reason,
		    "error", message, NULL);
	else if (reason == NULL && s->unable != NULL)
		pl_log(LOG_NOTICE, NULL, "ledger-able", "was", s->unable, NULL);
	s->unable = reason;
}

/* The state of the whole ledger that the error tells of; NULL: it passes by
 * itself, or was one message's own (BLAME). */
const char *
pl_sink_reason(const GError *error, gboolean blame)
{
	static const char *const reasons[] = {
		[PL_LEDGER_FULL] = "full",
		[PL_LEDGER_READONLY] = "read-only",
		[PL_LEDGER_DAMAGED] = "damaged",
		[PL_LEDGER_FAILED] = "failed",
	};
	gsize code = (gsize)error->code;

	if (error->domain != PL_LEDGER_ERROR || code >= G_N_ELEMENTS(reasons) ||
	    (blame && code == PL_LEDGER_FAILED))
		return NULL;
	return reasons[code];
}

void
pl_sink_failed(
    pl_sink *s, const char *what, const GError *error, gboolean blame)
{
	const char *reason = pl_sink_reason(error, blame);

	pl_log(LOG_ERR, NULL, "not-stored", "what", what, "error",
	    error->message, NULL);
	if (reason != NULL)
		pl_sink_set_unable(s, reason, error->message);
}

/* Emptied before it is too late, since a log that cannot be emptied holds its
 * space for ever. */
static guint64
free_space(pl_sink *s, guint64 coming)
{
	guint64 space = pl_ledger_space(s->ledger);

	if (!s->logged || space >= s->limits.reserve + coming)
		return space;
	pl_ledger_shrink(s->ledger);
	s->logged = FALSE;
	return pl_ledger_space(s->ledger);
}

/* Low space is no error yet: what is under way may use half of the reserve. */
gboolean
pl_sink_watch(pl_sink *s, guint64 coming)
{
	guint64 space = free_space(s, coming);

	s->scarce = space < s->limits.reserve / 2 + coming;
	if (space >= s->limits.reserve)
		return TRUE;
	pl_sink_set_unable(s, "space", "the free space is down to the reserve");
	return FALSE;
}

/* Writes as much as a small message would, and takes it away again: it leaves a
 * trace in the file. */
static gboolean
try_bytes(pl_sink *s, GError **error)
{
	g_autofree char *bytes = g_malloc0(PL_CHUNK);
	pl_incoming *in = g_new0(pl_incoming, 1);
	const struct pl_request r = { .kind = PL_REQUEST_CHUNK,
		.in = in,
		.bytes = bytes,
		.length = PL_CHUNK };

	in->arrived = g_get_real_time();
	gboolean good = pl_sink_write(s, &r, error) && pl_sink_sync(s, error);

	if (!good)
		pl_sink_lose(s);
	pl_sink_forget(s, in);
	g_free(in);
	return good;
}

static gboolean
try_facts(pl_sink *s, GError **error)
{
	if (!pl_ledger_begin(s->ledger, error))
		return FALSE;
	pl_ledger_rollback(s->ledger);
	return TRUE;
}

void
pl_sink_probe(pl_sink *s)
{
	g_autoptr(GError) error = NULL;

	pl_ledger_shrink(s->ledger);
	s->logged = FALSE;
	if (pl_sink_watch(s, 0) && try_facts(s, &error) && try_bytes(s, &error))
		pl_sink_set_unable(s, NULL, NULL);
}
