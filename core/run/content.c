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

/* Of LENGTH bytes that come by, those in [FROM, TO). */
static gboolean
put_range(
    struct flow *f, const guint8 *bytes, gsize length, guint64 from, guint64 to)
{
	from = CLAMP(from, f->at, f->at + length);
	to = CLAMP(to, from, f->at + length);
	return from == to || f->content->put(f->content->to,
				 bytes + (from - f->at), to - from, &f->error);
}

/* All of the file, or the part with the begin and the end that go along. */
static gboolean
put_wanted(struct flow *f, const guint8 *bytes, gsize length)
{
	const struct pl_content *c = f->content;

	if (c->length == 0)
		return put_range(f, bytes, length, 0, G_MAXUINT64);
	return put_range(f, bytes, length, 0, c->head) &&
	       put_range(f, bytes, length, c->offset, c->offset + c->length) &&
	       (c->tail == 0 ||
		   put_range(f, bytes, length, c->tail, G_MAXUINT64));
}

static gboolean
take(const void *bytes, gsize length, void *user, GError **error)
{
	struct flow *f = user;
	gboolean done = put_wanted(f, bytes, length);

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
