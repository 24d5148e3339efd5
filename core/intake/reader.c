/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reader - asks the child what messages hold, and does not believe it
 *
 * What the child says is checked: findings by their form, content by its hash.
 *
 * Ownership: a source is the caller's, and is read between begin and finish.
 */
#include "converse.h"
#include "reader.h"

#include <string.h>

pl_reader *
pl_reader_new(const struct pl_limits *limits)
{
	pl_reader *r = g_new0(pl_reader, 1);

	r->limits = limits != NULL ? *limits : pl_limits_default;
	r->in_process = g_getenv("POSTLEDGER_NO_CHILD") != NULL;
	r->keeper.limits = &r->limits;
	g_queue_init(&r->requests);
	return r;
}

void
pl_reader_abandon(pl_reader *r)
{
	struct pl_request *q;

	if (!g_queue_is_empty(&r->requests))
		pl_keeper_end(&r->keeper);
	while ((q = g_queue_pop_head(&r->requests)) != NULL)
		pl_request_free(q);
}

void
pl_reader_free(pl_reader *r)
{
	if (r == NULL)
		return;
	pl_reader_abandon(r);
	pl_keeper_clear(&r->keeper);
	g_free(r);
}

void
pl_reader_hold(pl_reader *r, gboolean held)
{
	r->held = held;
}

static struct pl_request *
new_request(pl_reader *r, enum pl_frame type, const struct pl_source *source,
    const char *text)
{
	struct pl_request *q = g_new0(struct pl_request, 1);

	g_assert(g_queue_get_length(&r->requests) < PL_SLOTS);
	q->type = type;
	q->source = *source;
	q->text = g_strdup(text);
	q->slot = r->slots++ % PL_SLOTS;
	g_queue_push_tail(&r->requests, q);
	return q;
}

/* ---- calls ------------------------------------------------------------- */

static void
begin(pl_reader *r, enum pl_frame type, const struct pl_source *source,
    const char *name)
{
	struct pl_request *q = new_request(r, type, source, name);

	if (!r->in_process)
		pl_converse_begin(r, q);
}

void
pl_reader_begin(pl_reader *r, const struct pl_source *source, const char *name)
{
	begin(r, PL_FRAME_INSPECT, source, name);
}

static pl_findings *
inspect_here(pl_reader *r, GError **error)
{
	struct pl_request *q = g_queue_pop_head(&r->requests);

	pl_child_warm();
	pl_findings *f = pl_inspect(&r->limits, &q->source, q->text, error);
	pl_request_free(q);
	return f;
}

pl_findings *
pl_reader_finish(pl_reader *r, GError **error)
{
	g_autoptr(GBytes) found = NULL;

	if (r->in_process)
		return inspect_here(r, error);
	if (!pl_converse_end(r, &found, error))
		return NULL;
	pl_findings *findings = pl_wire_unpack(found);
	if (findings == NULL)
		pl_keeper_bury(&r->keeper, NULL, error);
	return findings;
}

void
pl_reader_ask(pl_reader *r, const struct pl_source *source, const char *name)
{
	begin(r, PL_FRAME_DETAIL, source, name);
}

pl_findings *
pl_reader_answer(pl_reader *r, GError **error)
{
	return pl_reader_finish(r, error);
}

pl_findings *
pl_reader_inspect(pl_reader *r, const struct pl_source *source,
    const char *name, GError **error)
{
	g_assert(g_queue_is_empty(&r->requests));
	begin(r, PL_FRAME_DETAIL, source, name);
	return pl_reader_finish(r, error);
}

pl_returned *
pl_reader_returned(pl_reader *r, const struct pl_source *source, GError **error)
{
	g_autoptr(GBytes) found = NULL;

	if (r->in_process) {
		pl_child_warm();
		return pl_returned_read(&r->limits, source, error);
	}
	g_assert(g_queue_is_empty(&r->requests));
	begin(r, PL_FRAME_RETURNED, source, NULL);
	if (!pl_converse_end(r, &found, error))
		return NULL;
	pl_returned *returned = pl_returned_unpack(found);
	if (returned == NULL)
		pl_keeper_bury(&r->keeper, NULL, error);
	return returned;
}

static gboolean
check_hash(pl_digest *hash, const char *sha256, GError **error)
{
	char hex[PL_SHA256_HEX + 1];

	pl_digest_end(hash, hex);
	if (strcmp(hex, sha256) == 0)
		return TRUE;
	g_set_error(error, PL_INTAKE_ERROR, PL_INTAKE_CHILD,
	    "the parser gave another file than the one with SHA-256 %s",
	    sha256);
	return FALSE;
}

static gboolean
extract_here(pl_reader *r, const struct pl_source *source, const char *sha256,
    pl_sink sink, void *user, GError **error)
{
	pl_child_warm();
	g_autoptr(GBytes) bytes = pl_extract(&r->limits, source, sha256, error);
	gsize n;

	if (bytes == NULL)
		return FALSE;
	const guint8 *data = g_bytes_get_data(bytes, &n);
	return n == 0 || sink(data, n, user, error);
}

gboolean
pl_reader_extract(pl_reader *r, const struct pl_source *source,
    const char *sha256, pl_sink sink, void *user, GError **error)
{
	g_autoptr(GBytes) found = NULL;

	if (r->in_process)
		return extract_here(r, source, sha256, sink, user, error);
	g_assert(g_queue_is_empty(&r->requests));
	struct pl_request *q = new_request(r, PL_FRAME_EXTRACT, source, sha256);
	g_autoptr(pl_digest) hash = pl_digest_new();
	q->hash = hash;
	q->sink = sink;
	q->user = user;
	return pl_converse_end(r, &found, error) &&
	       check_hash(hash, sha256, error);
}
