/* SPDX-License-Identifier: BSD-2-Clause */
/* capture - see capture.h */
#include "capture.h"

#include <string.h>

#include "chunk.h"
#include "postledger/config.h"

#define MAX_FIELD 1000 /* bytes of a field that is looked at */
#define MAX_CONTENTS 20000
#define SMALL 16384 /* bytes: a message of less needs no chunk */

struct pl_capture {
	pl_writer *writer;
	pl_incoming *in; /* NULL once nothing more is collected */
	guint8 *buffer;  /* NULL likewise; of SMALL bytes, then a chunk */
	gsize have, room;
	gint64 arrived;
	guint64 size, limit;
	guint64 most; /* bytes that are kept, 0: all */
	gboolean too_large;
	pl_digest *digest; /* of the header, then of the body */
	char *header_sha256;
	char *message_id, *stamp, *contents;
	unsigned stamps, n_contents;
};

pl_capture *
pl_capture_new(pl_writer *writer, guint64 limit)
{
	pl_capture *c = g_new0(pl_capture, 1);

	c->writer = writer;
	c->limit = limit;
	c->arrived = g_get_real_time();
	c->in = pl_incoming_new(writer, c->arrived);
	c->buffer = g_malloc(SMALL);
	c->room = SMALL;
	c->digest = pl_digest_new();
	return c;
}

static void
give_buffer(pl_capture *c)
{
	if (c->room == PL_CHUNK)
		pl_chunk_give(c->buffer);
	else
		g_free(c->buffer);
	c->buffer = NULL;
	c->have = c->room = 0;
}

void
pl_capture_stop(pl_capture *c)
{
	pl_writer_drop(c->writer, g_steal_pointer(&c->in));
	give_buffer(c);
}

void
pl_capture_free(pl_capture *c)
{
	if (c == NULL)
		return;
	pl_capture_stop(c);
	pl_digest_free(c->digest);
	g_free(c->header_sha256);
	g_free(c->message_id);
	g_free(c->stamp);
	g_free(c->contents);
	g_free(c);
}

/* ---- bytes ------------------------------------------------------------- */

static void
take_chunk(pl_capture *c)
{
	guint8 *chunk = pl_chunk_take();
	gsize have = c->have;

	if (have > 0)
		memcpy(chunk, c->buffer, have);
	give_buffer(c);
	c->buffer = chunk;
	c->have = have;
	c->room = PL_CHUNK;
}

/* Waits while the writer is behind, and has no second buffer meanwhile. */
static void
hand_over(pl_capture *c)
{
	guint8 *chunk = g_steal_pointer(&c->buffer);

	c->have = c->room = 0;
	if (pl_writer_chunk(c->writer, c->in, chunk))
		take_chunk(c);
}

static void
keep(pl_capture *c, const guint8 *bytes, gsize length)
{
	while (length > 0 && c->buffer != NULL) {
		if (c->have + length > c->room && c->room == SMALL)
			take_chunk(c);
		gsize n = MIN(length, c->room - c->have);

		memcpy(c->buffer + c->have, bytes, n);
		c->have += n;
		bytes += n;
		length -= n;
		if (c->have == PL_CHUNK)
			hand_over(c);
	}
}

static void
add(pl_capture *c, const void *data, gsize length)
{
	if (c->most > 0)
		length = MIN(length, c->most - MIN(c->most, c->size));
	c->size += length;
	if (c->limit > 0 && c->size > c->limit && !c->too_large) {
		c->too_large = TRUE;
		pl_capture_stop(c);
	}
	if (c->buffer == NULL)
		return;
	pl_digest_add(c->digest, data, length);
	keep(c, data, length);
}

/* VALUE with every line end as CRLF. */
static void
add_lines(pl_capture *c, const char *value)
{
	for (;;) {
		const char *end = strchr(value, '\n');

		if (end == NULL)
			break;
		gboolean cr = end > value && end[-1] == '\r';

		add(c, value, (gsize)(end - value) - (cr ? 1 : 0));
		add(c, "\r\n", 2);
		value = end + 1;
	}
	add(c, value, strlen(value));
	add(c, "\r\n", 2);
}

static char *
end_digest(pl_capture *c)
{
	char hex[PL_SHA256_HEX + 1];

	pl_digest_end(c->digest, hex);
	return g_strdup(hex);
}

/* ---- fields ------------------------------------------------------------ */

static void
remember(pl_capture *c, const char *name, const char *value)
{
	if (g_ascii_strcasecmp(name, "Message-ID") == 0) {
		if (c->message_id == NULL)
			c->message_id = g_strstrip(g_strndup(value, MAX_FIELD));
	} else if (g_ascii_strcasecmp(name, PL_STAMP_HEADER) == 0) {
		if (c->stamps++ == 0)
			c->stamp = g_strstrip(g_strndup(value, MAX_FIELD));
	} else if (g_ascii_strcasecmp(name, PL_CONTENTS_HEADER) == 0) {
		if (c->n_contents++ == 0)
			c->contents = g_strndup(value, MAX_CONTENTS);
	}
}

void
pl_capture_header(
    pl_capture *c, const char *name, const char *value, gboolean with_blank)
{
	remember(c, name, value);
	add(c, name, strlen(name));
	add(c, ": ", with_blank ? 1 : 2);
	add_lines(c, value);
}

void
pl_capture_eoh(pl_capture *c)
{
	add(c, "\r\n", 2);
	c->header_sha256 = end_digest(c);
}

void
pl_capture_body(pl_capture *c, const void *bytes, gsize length)
{
	add(c, bytes, length);
}

void
pl_capture_keep(pl_capture *c, guint64 most)
{
	c->most = most;
	c->limit = 0;
}

gboolean
pl_capture_too_large(const pl_capture *c)
{
	return c->too_large;
}

guint64
pl_capture_size(const pl_capture *c)
{
	return c->size;
}

const char *
pl_capture_message_id(const pl_capture *c)
{
	return c->message_id != NULL && *c->message_id != '\0' ? c->message_id
							       : NULL;
}

const char *
pl_capture_stamp(const pl_capture *c)
{
	return c->stamps == 1 ? c->stamp : NULL;
}

const char *
pl_capture_contents(const pl_capture *c)
{
	return c->n_contents == 1 ? c->contents : NULL;
}

/* ---- the end ----------------------------------------------------------- */

enum pl_outcome
pl_capture_store(pl_capture *c, pl_message *m, const char *journals)
{
	if (c->header_sha256 == NULL)
		pl_capture_eoh(c);
	if (c->buffer == NULL)
		return PL_OUTCOME_RETRY;
	m->arrived = c->arrived;
	m->origin = g_strdup("milter");
	m->message_id = g_strdup(pl_capture_message_id(c));
	m->header_sha256 = g_steal_pointer(&c->header_sha256);
	m->body_sha256 = end_digest(c);
	return pl_writer_seal(c->writer, g_steal_pointer(&c->in),
	    c->buffer, c->have, m, journals);
}
