/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * source - bytes at an offset, as a stream that GMime can seek in
 *
 * A message need not be in memory as a whole: stream and substreams share one
 * window over the source, which moves. GMime reads a message from its start to
 * its end once, and then the content of each part, so the window mostly moves
 * forward; a message smaller than the window is fetched once. One that is in
 * memory is its own window.
 *
 * Failures: GMime takes a failed read for the end. The error stays in the
 * window, and the walk must ask pl_stream_error() when it is done.
 */
#include "room.h"

#include <string.h>

#define WINDOW (256 * 1024)

/* ---- sources ----------------------------------------------------------- */

static gssize
memory_pread(
    void *ctx, guint64 offset, void *buffer, gsize length, GError **error)
{
	gsize size;
	const guint8 *bytes = g_bytes_get_data(ctx, &size);

	(void)error;
	if (offset >= size)
		return 0;
	length = MIN(length, size - offset);
	memcpy(buffer, bytes + offset, length);
	return (gssize)length;
}

struct pl_source
pl_source_memory(const GBytes *bytes)
{
	return (struct pl_source){
		.ctx = (void *)(guintptr)bytes,
		.size = g_bytes_get_size((GBytes *)(guintptr)bytes),
		.pread = memory_pread,
	};
}

static gssize
ledger_pread(
    void *ctx, guint64 offset, void *buffer, gsize length, GError **error)
{
	return pl_bytes_pread(ctx, offset, buffer, length, error);
}

struct pl_source
pl_source_of(pl_bytes *bytes)
{
	return (struct pl_source){
		.ctx = bytes,
		.size = pl_bytes_size(bytes),
		.pread = ledger_pread,
		.message = pl_bytes_message(bytes),
	};
}

/* ---- the window -------------------------------------------------------- */

/* Shared by a stream and its substreams. */
struct window {
	struct pl_source source;
	const guint8 *bytes;
	guint8 *own; /* the same, NULL if they are the source's */
	guint64 start;
	gsize have;
	struct pl_guard guard;
	gboolean guarded;
	guint64 seen; /* the guard has looked at everything before it */
	guint64 end;  /* where the message ends for GMime */
	GError *error;
};

static void
window_free(gpointer data)
{
	struct window *w = data;

	if (w->guarded)
		pl_guard_clear(&w->guard);
	g_clear_error(&w->error);
	g_free(w->own);
}

static gboolean
window_read(struct window *w)
{
	while (w->have < WINDOW && w->start + w->have < w->source.size) {
		gsize most =
		    MIN(WINDOW, w->source.size - w->start) - w->have;
		gssize n = w->source.pread(w->source.ctx, w->start + w->have,
		    w->own + w->have, most, &w->error);
		if (n < 0)
			return FALSE;
		if (n == 0)
			break;
		w->have += (gsize)n;
	}
	return TRUE;
}

/* The guard looks at what it has not seen of the window. */
static void
window_show(struct window *w)
{
	if (!w->guarded || w->start > w->seen || w->start + w->have <= w->seen)
		return;
	gsize skip = w->seen - w->start, rest = w->have - skip;
	gsize shown =
	    pl_guard_feed(&w->guard, (const char *)w->bytes + skip, rest);
	w->seen += shown;
	if (shown < rest)
		w->end = w->seen;
}

static gboolean
window_fill(struct window *w, guint64 offset)
{
	w->start = offset;
	w->have = 0;
	if (!window_read(w))
		return FALSE;
	window_show(w);
	return TRUE;
}

/* Bytes at OFFSET that are in the window now, at most LENGTH; 0 at the end. */
static gsize
window_at(struct window *w, guint64 offset, gsize length, const guint8 **at)
{
	if (w->error != NULL || offset >= w->end)
		return 0;
	if (offset < w->start || offset >= w->start + w->have)
		if (w->own == NULL || !window_fill(w, offset))
			return 0;
	if (offset >= w->end || offset >= w->start + w->have)
		return 0;
	gsize n = MIN(w->start + w->have, w->end) - offset;
	*at = w->bytes + (offset - w->start);
	return MIN(n, length);
}

/* ---- the stream ---------------------------------------------------------- */

typedef struct {
	GMimeStream parent;
	struct window *window; /* g_rc_box */
} PlStream;
typedef struct {
	GMimeStreamClass parent;
} PlStreamClass;

static GType pl_stream_get_type(void);
G_DEFINE_TYPE(PlStream, pl_stream, GMIME_TYPE_STREAM)

static gint64
bound_end(const GMimeStream *stream)
{
	const struct window *w = ((const PlStream *)stream)->window;

	return stream->bound_end == -1 ? (gint64)w->end : stream->bound_end;
}

static ssize_t
stream_read(GMimeStream *stream, char *buffer, size_t length)
{
	struct window *w = ((PlStream *)stream)->window;
	gint64 end = bound_end(stream);
	const guint8 *at;

	if (stream->position >= end)
		return 0;
	length = MIN(length, (size_t)(end - stream->position));
	gsize n = window_at(w, (guint64)stream->position, length, &at);
	if (n == 0)
		return w->error != NULL ? -1 : 0;
	memcpy(buffer, at, n);
	stream->position += (gint64)n;
	return (ssize_t)n;
}

static ssize_t
stream_write(GMimeStream *stream, const char *buffer, size_t length)
{
	(void)stream, (void)buffer, (void)length;
	return -1;
}

static int
stream_flush(GMimeStream *stream)
{
	(void)stream;
	return 0;
}

static gboolean
stream_eos(GMimeStream *stream)
{
	return stream->position >= bound_end(stream);
}

static int
stream_reset(GMimeStream *stream)
{
	stream->position = stream->bound_start;
	return 0;
}

static gint64
stream_seek(GMimeStream *stream, gint64 offset, GMimeSeekWhence whence)
{
	gint64 to = offset;

	if (whence == GMIME_STREAM_SEEK_CUR)
		to += stream->position;
	else if (whence == GMIME_STREAM_SEEK_END)
		to += bound_end(stream);
	if (to < stream->bound_start || to > bound_end(stream))
		return -1;
	return stream->position = to;
}

static gint64
stream_tell(GMimeStream *stream)
{
	return stream->position;
}

static gint64
stream_length(GMimeStream *stream)
{
	return bound_end(stream) - stream->bound_start;
}

static GMimeStream *
stream_substream(GMimeStream *stream, gint64 start, gint64 end)
{
	PlStream *sub = g_object_new(pl_stream_get_type(), NULL);

	sub->window = g_rc_box_acquire(((PlStream *)stream)->window);
	g_mime_stream_construct((GMimeStream *)sub, start, end);
	return (GMimeStream *)sub;
}

static void
stream_finalize(GObject *object)
{
	PlStream *stream = (PlStream *)object;

	if (stream->window != NULL)
		g_rc_box_release_full(stream->window, window_free);
	G_OBJECT_CLASS(pl_stream_parent_class)->finalize(object);
}

static void
pl_stream_class_init(PlStreamClass *class)
{
	GMimeStreamClass *c = (GMimeStreamClass *)class;

	G_OBJECT_CLASS(class)->finalize = stream_finalize;
	c->read = stream_read;
	c->write = stream_write;
	c->flush = stream_flush;
	c->close = stream_flush;
	c->eos = stream_eos;
	c->reset = stream_reset;
	c->seek = stream_seek;
	c->tell = stream_tell;
	c->length = stream_length;
	c->substream = stream_substream;
}

static void
pl_stream_init(PlStream *stream)
{
	stream->window = NULL;
}

GMimeStream *
pl_stream_new(const struct pl_source *source, unsigned parts)
{
	PlStream *stream = g_object_new(pl_stream_get_type(), NULL);
	struct window *w = g_rc_box_new0(struct window);

	w->source = *source;
	w->end = source->size;
	w->guarded = parts > 0;
	if (w->guarded)
		pl_guard_init(&w->guard, parts);
	if (source->pread == memory_pread) {
		w->bytes = g_bytes_get_data(source->ctx, &w->have);
		window_show(w);
	} else {
		w->own = g_malloc(MIN(WINDOW, source->size + 1));
		w->bytes = w->own;
	}
	stream->window = w;
	g_mime_stream_construct((GMimeStream *)stream, 0, -1);
	return (GMimeStream *)stream;
}

const char *
pl_stream_cut(GMimeStream *stream)
{
	const struct window *w = ((PlStream *)stream)->window;

	return w->end < w->source.size ? pl_guard_reason(&w->guard) : NULL;
}

const GError *
pl_stream_error(GMimeStream *stream)
{
	return ((PlStream *)stream)->window->error;
}
