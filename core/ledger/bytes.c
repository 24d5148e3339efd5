/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bytes - writing the messages' bytes
 *
 * Order of what becomes durable: first the bytes, complete and sealed, with
 * what the seal tells of the message (pl_bytes_sync()), then the facts that
 * name them (the commit; they may be added before, while the disk writes), then
 * the answer to the MTA. The other order could leave a fact without bytes: a
 * message lost after 250. A seal that tells enough is as good as the facts: what
 * a crash took of them is taken from the seals at the next start (missing.c), so
 * that their commit need not wait for the disk a second time.
 *
 * Everything written since the last sync is one transaction. When a write or
 * the sync fails, all of it is gone, also messages that others have sealed and
 * that wait for the sync: the sync must fail then, whatever was written after
 * the failure. And a message of which a part is gone must never be sealed by
 * somebody who did not notice: it is not among those that come in any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"
#include "store.h"

static gboolean
too_late(const struct pl_bytes_id *id, GError **error)
{
	return pl_refuse(error, PL_LEDGER_FAILED,
	    "message bytes %s:%" G_GINT64_FORMAT " were lost before they "
	    "became durable",
	    id->store, id->row);
}

/* ---- undoing ----------------------------------------------------------- */

/* Those before END. */
static void
drop_pieces(
    const struct pl_store *store, const guint64 *pieces, guint n, guint64 end)
{
	for (guint i = 0; i < n && pieces[i] < end; i++)
		pl_record_drop(store, pieces[i]);
}

/* Was it begun, or a piece of it written, since the last sync? Then what is
 * durable of it goes, too, since that is not cut off. */
static gboolean
lose_coming(gpointer key, gpointer value, gpointer user)
{
	const struct pl_coming *c = value;
	const struct pl_store *store = user;
	const guint64 *pieces = (guint64 *)(gpointer)c->pieces->data;
	gboolean lost =
	    c->begun >= store->synced ||
	    (c->pieces->len > 0 && pieces[c->pieces->len - 1] >= store->synced);

	(void)key;
	if (lost)
		drop_pieces(store, pieces, c->pieces->len, store->synced);
	return lost;
}

static void
lose_sealed(const struct pl_store *store)
{
	enum pl_record kind;
	guint32 length;

	for (guint64 at = pl_record_next(store, store->synced);
	     at > 0 && at < store->end &&
	     pl_record_at(store, at, &kind, &length);
	     at = pl_record_behind(store, at, length)) {
		g_auto(pl_seal) seal = { 0 };

		if (kind == PL_RECORD_SEAL &&
		    pl_seal_read(store, at, FALSE, &seal))
			drop_pieces(store, seal.pieces, seal.n, store->synced);
	}
}

/* What cannot be cut off is written over, or swept at the next start. */
static unsigned
undo_store(struct pl_store *store)
{
	unsigned sealed = store->sealed;

	g_hash_table_foreach_remove(store->coming, lose_coming, store);
	if (sealed > 0)
		lose_sealed(store);
	if (store->end > store->synced || store->torn)
		(void)!ftruncate(store->fd, (off_t)store->synced);
	store->end = store->synced;
	store->sealed = 0;
	store->torn = FALSE;
	return sealed;
}

/* Undoes all monthly files; returns how many sealed messages that cost. */
static unsigned
undo(pl_ledger *l)
{
	GHashTableIter iter;
	gpointer store;
	unsigned sealed = 0;

	g_hash_table_iter_init(&iter, l->writers);
	while (g_hash_table_iter_next(&iter, NULL, &store))
		sealed += undo_store(store);
	pl_ledger_bytes_lost(l);
	return sealed;
}

/* A write failed. */
static gboolean
fail(pl_ledger *l, GError *failed, GError **error)
{
	if (undo(l) > 0 && l->lost == NULL)
		l->lost = g_error_copy(failed);
	g_propagate_error(error, failed);
	return FALSE;
}

/* ---- one message ------------------------------------------------------- */

static gboolean
refuse_lost(pl_ledger *l, GError **error)
{
	if (l->lost == NULL)
		return FALSE;
	g_propagate_error(error, g_error_copy(l->lost));
	return TRUE;
}

/* STORE: where it is. */
static struct pl_coming *
coming_of(pl_ledger *l, const struct pl_bytes_id *id, struct pl_store **store,
    GError **error)
{
	struct pl_coming *c = NULL;

	if (refuse_lost(l, error))
		return NULL;
	*store = g_hash_table_lookup(l->writers, id->store);
	if (*store != NULL)
		c = g_hash_table_lookup((*store)->coming, &id->row);
	if (c == NULL)
		too_late(id, error);
	return c;
}

gboolean
pl_bytes_create(pl_ledger *l, const char *source, gint64 arrived,
    struct pl_bytes_id *id, GError **error)
{
	struct pl_coming *c;
	struct pl_store *store;
	char name[16];

	pl_store_name(source, arrived, name);
	if (refuse_lost(l, error))
		return FALSE;
	store = pl_store_appender(l, name, error);
	if (store == NULL)
		return FALSE;
	c = g_new0(struct pl_coming, 1);
	c->number = --store->last;
	c->begun = store->end;
	c->pieces = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_hash_table_insert(store->coming, &c->number, c);
	memset(id, 0, sizeof(*id));
	memcpy(id->store, name, sizeof(id->store));
	id->row = c->number;
	return TRUE;
}

gboolean
pl_bytes_append(pl_ledger *l, struct pl_bytes_id *id, const void *bytes,
    gsize length, GError **error)
{
	struct pl_store *store;
	struct pl_coming *c = coming_of(l, id, &store, error);
	GError *failed = NULL;
	guint64 at;

	g_assert(length <= PL_CHUNK);
	if (c == NULL)
		return FALSE;
	if (length == 0)
		return TRUE;
	g_assert(id->size % PL_CHUNK == 0);
	if (id->chunks == PL_PIECES_MAX - 1)
		return pl_refuse(error, PL_LEDGER_FAILED, "message too large");
	at = store->end;
	if (!pl_record_add(store, PL_RECORD_PIECE, bytes, length, &failed))
		return fail(l, failed, error);
	g_array_append_val(c->pieces, at);
	id->chunks++;
	id->size += length;
	return TRUE;
}

gboolean
pl_bytes_seal(pl_ledger *l, struct pl_bytes_id *id,
    const struct pl_message *told, const char *journals, GError **error)
{
	struct pl_store *store;
	struct pl_coming *c = coming_of(l, id, &store, error);
	g_autoptr(GBytes) facts = NULL;
	GError *failed = NULL;
	guint64 at;

	if (c == NULL)
		return FALSE;
	if (c->pieces->len != id->chunks)
		return too_late(id, error);
	if (told != NULL)
		facts = pl_told_pack(told, journals);
	at = store->end;
	if (!pl_seal_add(store,
		&(struct pl_seal){ id->size, c->pieces->len,
		    (guint64 *)(gpointer)c->pieces->data, facts },
		&failed))
		return fail(l, failed, error);
	g_hash_table_remove(store->coming, &id->row);
	id->row = (gint64)at;
	store->sealed++;
	return TRUE;
}

/* The seal first: a message is whole, or none. */
static void
drop_sealed(const struct pl_store *store, guint64 at)
{
	g_auto(pl_seal) seal = { 0 };

	if (!pl_seal_read(store, at, FALSE, &seal))
		return;
	pl_record_drop(store, at);
	drop_pieces(store, seal.pieces, seal.n, G_MAXUINT64);
}

void
pl_bytes_drop(pl_ledger *l, const struct pl_bytes_id *id)
{
	struct pl_store *store = g_hash_table_lookup(l->writers, id->store);
	struct pl_coming *c = NULL;

	if (store == NULL)
		return;
	if (id->row > 0)
		drop_sealed(store, (guint64)id->row);
	else
		c = g_hash_table_lookup(store->coming, &id->row);
	if (c == NULL)
		return;
	drop_pieces(store, (guint64 *)(gpointer)c->pieces->data, c->pieces->len,
	    G_MAXUINT64);
	g_hash_table_remove(store->coming, &id->row);
}

void
pl_bytes_leave(pl_ledger *l, const struct pl_bytes_id *id)
{
	struct pl_store *store = g_hash_table_lookup(l->writers, id->store);

	if (store != NULL)
		store->stuck = TRUE;
}

/* ---- durable ----------------------------------------------------------- */

/* What the last sync made durable may still wait for its facts when there is
 * nothing new: it is not settled by that. */
static void
is_synced(gpointer name, gpointer value, gpointer user)
{
	struct pl_store *store = value;

	(void)name, (void)user;
	if (store->end == store->synced)
		return;
	store->settled = store->synced;
	store->synced = store->end;
	store->sealed = 0;
}

/* What goes on in a file that somebody removed is lost with its descriptor. */
static gboolean
sync_store(const struct pl_store *store, GError **error)
{
	struct stat st;

	if (fdatasync(store->fd) != 0 || fstat(store->fd, &st) != 0)
		return pl_disk_refuse(store->path, error);
	return st.st_nlink > 0 ||
	       pl_refuse(error, PL_LEDGER_DAMAGED,
		   "%s: damaged, it was removed; put it back and start "
		   "postledgerd again",
		   store->path);
}

/* All files, before any of them counts as synced: what is durable in one goes,
 * too, where another one failed. */
static gboolean
sync_all(pl_ledger *l, GError **error)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, l->writers);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct pl_store *store = value;

		if (store->end > store->synced && !sync_store(store, error))
			return FALSE;
	}
	g_hash_table_foreach(l->writers, is_synced, NULL);
	return TRUE;
}

/* That it cannot be asked to begin does not matter: it does when it is waited
 * for. */
static gboolean
begin_writing(const struct pl_store *store)
{
	return sync_file_range(store->fd, (off64_t)store->synced,
		   (off64_t)(store->end - store->synced),
		   SYNC_FILE_RANGE_WRITE) == 0 ||
	       errno == ENOSYS || errno == EPERM || errno == EINVAL;
}

/* The disk may say only once that it failed: who syncs then is told. */
void
pl_bytes_start(pl_ledger *l)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, l->writers);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct pl_store *store = value;

		if (store->end > store->synced && !begin_writing(store) &&
		    l->lost == NULL)
			pl_disk_refuse(store->path, &l->lost);
	}
}

gboolean
pl_bytes_sync(pl_ledger *l, GError **error)
{
	if (l->lost != NULL) {
		undo(l);
		g_propagate_error(error, g_steal_pointer(&l->lost));
		return FALSE;
	}
	/* What came in before has its facts by now, or was dropped. */
	pl_store_retire(l, g_get_real_time());
	if (!sync_all(l, error)) {
		undo(l);
		return FALSE;
	}
	l->ahead = FALSE;
	return TRUE;
}

void
pl_bytes_rollback(pl_ledger *l)
{
	undo(l);
	g_clear_error(&l->lost);
}
