/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reading - the bytes of a message at any offset
 *
 * Others may drop a message while it is read. Its marks go first, so what was
 * read of a piece is good if its mark still stands behind the reading.
 */
#include "disk.h"
#include "store.h"

struct pl_bytes {
	pl_ledger *ledger;
	struct pl_store *store;
	gint64 message;
	struct pl_seal seal;
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

static gboolean
missing(const pl_bytes *b, guint64 from, GError **error)
{
	pl_refuse(error, PL_LEDGER_DAMAGED,
	    "%s: damaged, the bytes of message %" G_GINT64_FORMAT
	    " from %" G_GUINT64_FORMAT " on are missing; put a backup in its "
	    "place",
	    b->store->path, b->message, from);
	return b->message != 0 && is_kept(b->ledger, b->message, error) &&
	       FALSE;
}

pl_bytes *
pl_bytes_at(pl_ledger *l, gint64 message, const struct pl_bytes_id *id,
    GError **error)
{
	struct pl_store *store = pl_store_reader(l, id->store, error);
	pl_bytes *b;

	if (store == NULL)
		return NULL;
	b = g_new0(pl_bytes, 1);
	b->ledger = l;
	b->store = store;
	b->message = message;
	if (pl_seal_read(store, (guint64)id->row, FALSE, &b->seal) &&
	    b->seal.size == id->size && b->seal.n == id->chunks)
		return b;
	missing(b, 0, error);
	pl_bytes_close(b);
	return NULL;
}

pl_bytes *
pl_bytes_open(pl_ledger *l, gint64 message, GError **error)
{
	struct pl_bytes_id id;
	pl_bytes *bytes;

	if (!find(l, message, &id, error))
		return NULL;
	bytes = pl_bytes_at(l, message, &id, error);
	if (bytes == NULL && is_kept(l, message, error))
		g_prefix_error(
		    error, "message %" G_GINT64_FORMAT ": ", message);
	return bytes;
}

gint64
pl_bytes_message(const pl_bytes *bytes)
{
	return bytes->message;
}

guint64
pl_bytes_size(const pl_bytes *bytes)
{
	return bytes->seal.size;
}

void
pl_bytes_close(pl_bytes *bytes)
{
	if (bytes == NULL)
		return;
	pl_store_release(bytes->ledger, bytes->store);
	pl_seal_clear(&bytes->seal);
	g_free(bytes);
}

/* N bytes of one piece. */
static gboolean
read_piece(const pl_bytes *b, guint64 offset, void *buffer, gsize n,
    GError **error)
{
	guint64 piece = offset / PL_CHUNK, within = offset % PL_CHUNK;
	guint64 at = b->seal.pieces[piece];
	gssize got = pl_disk_read(
	    b->store->fd, buffer, n, at + PL_MARK + within);
	enum pl_record kind;
	guint32 length;

	if (got < 0)
		return pl_disk_refuse(b->store->path, error);
	return (got == (gssize)n &&
		   pl_record_at(b->store, at, &kind, &length) &&
		   kind == PL_RECORD_PIECE && within + n <= length) ||
	       missing(b, piece * PL_CHUNK, error);
}

gssize
pl_bytes_pread(
    pl_bytes *b, guint64 offset, void *buffer, gsize length, GError **error)
{
	guint64 size = b->seal.size;
	gsize done = 0;

	length = (gsize)MIN(length, offset < size ? size - offset : (guint64)0);
	while (done < length) {
		gsize n = MIN(length - done,
		    PL_CHUNK - (gsize)((offset + done) % PL_CHUNK));

		if (!read_piece(
			b, offset + done, (char *)buffer + done, n, error))
			return -1;
		done += n;
	}
	return (gssize)done;
}
