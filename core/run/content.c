/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * content - the bytes of one file, from the stored message to where it goes
 */
#include "content.h"

struct flow {
	const struct pl_content *content;
	guint64 at;    /* bytes of the file that came by */
	GError *error; /* of the other side */
};

static gboolean
take(const void *bytes, gsize length, void *user, GError **error)
{
	struct flow *f = user;
	const struct pl_content *c = f->content;
	gboolean done = pl_part_put(
	    &c->part, f->at, bytes, length, c->put, c->to, &f->error);

	f->at += length;
	if (done)
		return TRUE;
	g_set_error_literal(
	    error, PL_RUN_ERROR, PL_RUN_SPOOL, "The file cannot be written");
	return FALSE;
}

/* The file is not at fault, but what it is read from: another try may do
 * better. */
static gboolean
is_passing(const GError *e)
{
	return e->domain == PL_LEDGER_ERROR ||
	       g_error_matches(e, PL_INTAKE_ERROR, PL_INTAKE_READ);
}

static gboolean
give_up(GError *reason, GError **error)
{
	if (is_passing(reason)) {
		g_propagate_error(error, reason);
		return FALSE;
	}
	g_set_error(error, PL_RUN_ERROR, PL_RUN_COMPOSE, "%s", reason->message);
	g_error_free(reason);
	return FALSE;
}

gboolean
pl_content_put(const struct pl_content *content, GError **error)
{
	struct flow f = { .content = content };
	GError *reason = NULL;
	g_autoptr(pl_bytes) bytes =
	    pl_bytes_open(content->ledger, content->message, &reason);
	struct pl_source source;

	if (bytes == NULL)
		return give_up(reason, error);
	source = pl_source_of(bytes);
	if (pl_reader_fetch(
		content->reader, &source, content->file, take, &f, &reason))
		return TRUE;
	if (f.error == NULL)
		return give_up(reason, error);
	g_clear_error(&reason);
	g_propagate_error(error, f.error);
	return FALSE;
}
