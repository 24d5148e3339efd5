/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reading - the bytes of a message at any offset
 *
 * The piece that was read last is kept, so reading on in small steps costs one
 * look-up a piece. Nothing is held in the monthly file between two calls.
 */
#include <string.h>

#include "room.h"

struct pl_bytes {
	pl_ledger *ledger;
	struct pl_store *store;
	gint64 message, row;
	guint64 size;
	gint64 chunk; /* number of the piece kept, -1: none */
	gsize length; /* of it */
	char *kept;
};

static gboolean
dropped(gint64 message, gint64 at, GError **error)
{
	g_autofree char *day = pl_clock_text(at, "%Y-%m-%d");

	return pl_refuse(error, PL_LEDGER_ABSENT,
	    "message %" G_GINT64_FORMAT ": its bytes were dropped on %s, after "
	    "the time set as \"retention\"; the facts stay",
	    message, day != NULL ? day : "?");
}

static gboolean
find(pl_ledger *l, gint64 message, struct pl_bytes_id *id, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_MESSAGE_PLACE, V(v_int(message)), error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);
	g_autofree char *store = found > 0 ? pl_rows_text(rows, 0) : NULL;

	if (found == 0)
		return pl_refuse(error, PL_LEDGER_ABSENT,
		    "no message %" G_GINT64_FORMAT, message);
	if (found < 0)
		return FALSE;
	g_strlcpy(id->store, store != NULL ? store : "", sizeof(id->store));
	id->row = pl_rows_int(rows, 1);
	id->size = (guint64)pl_rows_int(rows, 2);
	id->chunks = (unsigned)pl_rows_int(rows, 3);
	return pl_rows_int(rows, 4) == 0 ||
	       dropped(message, pl_rows_int(rows, 4), error);
}

/* Its file was removed since the look at the facts: they know better now. */
static gboolean
is_kept(pl_ledger *l, gint64 message, GError **error)
{
	struct pl_bytes_id id;
	GError *now = NULL;

	if (find(l, message, &id, &now))
		return TRUE;
	g_clear_error(error);
	g_propagate_error(error, now);
	return FALSE;
}

pl_bytes *
pl_bytes_open(pl_ledger *l, gint64 message, GError **error)
{
	struct pl_bytes_id id;
	struct pl_store *store;
	pl_bytes *bytes;

	if (!find(l, message, &id, error))
		return NULL;
	store = pl_store_reader(l, id.store, error);
	if (store == NULL && !is_kept(l, message, error))
		return NULL;
	if (store == NULL) {
		g_prefix_error(
		    error, "message %" G_GINT64_FORMAT ": ", message);
		return NULL;
	}
	bytes = g_new0(pl_bytes, 1);
	bytes->ledger = l;
	bytes->store = store;
	bytes->message = message;
	bytes->row = id.row;
	bytes->size = id.size;
	bytes->chunk = -1;
	return bytes;
}

guint64
pl_bytes_size(const pl_bytes *bytes)
{
	return bytes->size;
}

void
pl_bytes_close(pl_bytes *bytes)
{
	if (bytes == NULL)
		return;
	pl_store_release(bytes->ledger, bytes->store);
	g_free(bytes->kept);
	g_free(bytes);
}

static gboolean
missing(const pl_bytes *b, gint64 chunk, GError **error)
{
	return pl_refuse(error, PL_LEDGER_DAMAGED,
	    "%s: damaged, the bytes of message %" G_GINT64_FORMAT
	    " from %" G_GINT64_FORMAT " on are missing; put a backup in its "
	    "place",
	    b->store->db->path, b->message, chunk * PL_CHUNK);
}

static gboolean
fetch(pl_bytes *b, gint64 chunk, GError **error)
{
	gsize want = (gsize)MIN(b->size - (guint64)chunk * PL_CHUNK, PL_CHUNK);
	g_autoptr(pl_rows) rows = pl_db_query(b->store->db, PL_SQL_STORE_CHUNK,
	    V(v_int(PL_CHUNK_ID(b->row, chunk))), error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);
	struct pl_value value;

	if (found < 0)
		return FALSE;
	if (found > 0)
		pl_rows_value(rows, 0, &value);
	if (found == 0 || value.length != want)
		return missing(b, chunk, error);
	if (b->kept == NULL)
		b->kept = g_malloc(PL_CHUNK);
	memcpy(b->kept, value.bytes, want);
	b->chunk = chunk;
	b->length = want;
	return TRUE;
}

gssize
pl_bytes_pread(
    pl_bytes *b, guint64 offset, void *buffer, gsize length, GError **error)
{
	gsize done = 0;

	length = (gsize)MIN(
	    length, offset < b->size ? b->size - offset : (guint64)0);
	while (done < length) {
		gint64 chunk = (gint64)((offset + done) / PL_CHUNK);
		gsize from = (gsize)((offset + done) % PL_CHUNK), n;

		if (chunk != b->chunk && !fetch(b, chunk, error))
			return -1;
		n = MIN(b->length - from, length - done);
		memcpy((char *)buffer + done, b->kept + from, n);
		done += n;
	}
	return (gssize)done;
}
