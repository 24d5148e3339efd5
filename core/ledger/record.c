/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * record - the records of a monthly file, byte by byte: see store.h
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "disk.h"
#include "store.h"

#define NAME "postledger messages "
#define VERSION "1\n"
#define KEY_AT 32
#define SEAL_HEAD 16

struct mark {
	guint8 key[8];
	guint32 kind, length;
	guint64 at;
	guint8 again[8];
};
G_STATIC_ASSERT(sizeof(struct mark) == PL_MARK);

void
pl_seal_clear(struct pl_seal *seal)
{
	g_clear_pointer(&seal->pieces, g_free);
	g_clear_pointer(&seal->facts, g_bytes_unref);
}

/* ---- head -------------------------------------------------------------- */

gboolean
pl_record_head(struct pl_store *store, GError **error)
{
	char head[PL_STORE_HEAD] = NAME VERSION;

	if (getrandom(store->key, sizeof(store->key), 0) !=
	    (ssize_t)sizeof(store->key))
		return pl_disk_refuse(store->path, error);
	memcpy(head + KEY_AT, store->key, sizeof(store->key));
	return pl_disk_write(store->fd, head, sizeof(head), 0) ||
	       pl_disk_refuse(store->path, error);
}

gboolean
pl_record_key(struct pl_store *store, GError **error)
{
	char head[PL_STORE_HEAD];
	gssize n = pl_disk_read(store->fd, head, sizeof(head), 0);

	if (n < 0)
		return pl_disk_refuse(store->path, error);
	if (n < (gssize)sizeof(head))
		return pl_refuse(error, PL_LEDGER_DAMAGED,
		    "%s: damaged, cut off; put a backup in its place",
		    store->path);
	if (memcmp(head, NAME, strlen(NAME)) != 0)
		return pl_refuse(error, PL_LEDGER_DAMAGED,
		    "%s: damaged, or a file of another program; put a backup "
		    "in its place",
		    store->path);
	if (memcmp(head + strlen(NAME), VERSION, strlen(VERSION)) != 0)
		return pl_refuse(error, PL_LEDGER_NEWER,
		    "%s: written by a newer postledger; install that one",
		    store->path);
	memcpy(store->key, head + KEY_AT, sizeof(store->key));
	return TRUE;
}

/* ---- records ----------------------------------------------------------- */

static struct mark
make_mark(
    const struct pl_store *store, enum pl_record kind, gsize length, guint64 at)
{
	struct mark mark = { .kind = GUINT32_TO_LE((guint32)kind),
		.length = GUINT32_TO_LE((guint32)length),
		.at = GUINT64_TO_LE(at) };

	memcpy(mark.key, store->key, sizeof(mark.key));
	memcpy(mark.again, store->key, sizeof(mark.again));
	return mark;
}

gboolean
pl_record_add(struct pl_store *store, enum pl_record kind, const void *bytes,
    gsize length, GError **error)
{
	struct mark mark = make_mark(store, kind, length, store->end);

	if (!pl_disk_write(store->fd, &mark, sizeof(mark), store->end) ||
	    !pl_disk_write(
		store->fd, bytes, length, store->end + sizeof(mark))) {
		store->torn = TRUE;
		return pl_disk_refuse(store->path, error);
	}
	store->end += sizeof(mark) + length;
	return TRUE;
}

gboolean
pl_record_at(const struct pl_store *store, guint64 at, enum pl_record *kind,
    guint32 *length)
{
	struct mark mark;

	if (pl_disk_read(store->fd, &mark, sizeof(mark), at) !=
		(gssize)sizeof(mark) ||
	    memcmp(mark.key, store->key, sizeof(mark.key)) != 0 ||
	    memcmp(mark.again, store->key, sizeof(mark.again)) != 0 ||
	    GUINT64_FROM_LE(mark.at) != at)
		return FALSE;
	*kind = (enum pl_record)GUINT32_FROM_LE(mark.kind);
	*length = GUINT32_FROM_LE(mark.length);
	return TRUE;
}

/* Where there are bytes, from AT on: it need not look into holes. */
static guint64
skip_hole(const struct pl_store *store, guint64 at)
{
	off_t data = lseek(store->fd, (off_t)at, SEEK_DATA);

	return data < 0 ? at : (guint64)data;
}

guint64
pl_record_next(const struct pl_store *store, guint64 at)
{
	const gsize size = sizeof(store->key);
	g_autofree guint8 *buffer = g_malloc(PL_CHUNK);
	enum pl_record kind;
	guint32 length;

	for (;;) {
		gssize n = 0;
		const guint8 *key;

		at = skip_hole(store, at);
		n = pl_disk_read(store->fd, buffer, PL_CHUNK, at);
		if (n < PL_MARK)
			return 0;
		key = memmem(buffer, (gsize)n, store->key, size);
		if (key == NULL) {
			at += (gsize)n - size + 1;
			continue;
		}
		at += (guint64)(key - buffer);
		if (pl_record_at(store, at, &kind, &length))
			return at;
		at++;
	}
}

guint64
pl_record_behind(const struct pl_store *store, guint64 at, guint32 length)
{
	const guint64 behind = at + PL_MARK;
	enum pl_record kind;
	guint32 next;

	/* The length may be damaged: the search begins behind the mark. */
	return pl_record_at(store, behind + length, &kind, &next)
		   ? behind + length
		   : pl_record_next(store, behind);
}

/* The mark first: readers look whether it still stands. */
void
pl_record_drop(const struct pl_store *store, guint64 at)
{
	static const struct mark none;
	enum pl_record kind;
	guint32 length;

	if (pl_record_at(store, at, &kind, &length) &&
	    pl_disk_write(store->fd, &none, sizeof(none), at))
		pl_disk_punch(store->fd, at, sizeof(none) + length);
}

/* ---- seals ------------------------------------------------------------- */

void
pl_put_32(GByteArray *to, guint32 n)
{
	n = GUINT32_TO_LE(n);
	g_byte_array_append(to, (const guint8 *)&n, sizeof(n));
}

void
pl_put_64(GByteArray *to, guint64 n)
{
	n = GUINT64_TO_LE(n);
	g_byte_array_append(to, (const guint8 *)&n, sizeof(n));
}

gboolean
pl_seal_add(struct pl_store *store, const struct pl_seal *seal, GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	gsize facts = 0;
	const void *told =
	    seal->facts != NULL ? g_bytes_get_data(seal->facts, &facts) : NULL;

	pl_put_64(bytes, seal->size);
	pl_put_32(bytes, seal->n);
	pl_put_32(bytes, (guint32)facts);
	for (guint32 i = 0; i < seal->n; i++)
		pl_put_64(bytes, seal->pieces[i]);
	g_byte_array_append(bytes, told, (guint)facts);
	return pl_record_add(
	    store, PL_RECORD_SEAL, bytes->data, bytes->len, error);
}

static guint64
get_64(const guint8 *from)
{
	guint64 n;

	memcpy(&n, from, sizeof(n));
	return GUINT64_FROM_LE(n);
}

static guint32
get_32(const guint8 *from)
{
	guint32 n;

	memcpy(&n, from, sizeof(n));
	return GUINT32_FROM_LE(n);
}

/* Of a seal LENGTH bytes long. FALSE: they cannot be true, and no memory is to
 * be asked for on the strength of them. */
static gboolean
read_sizes(const struct pl_store *store, guint64 at, guint32 length,
    struct pl_seal *seal, guint32 *told)
{
	guint8 head[SEAL_HEAD];

	if (pl_disk_read(store->fd, head, sizeof(head), at + PL_MARK) !=
	    (gssize)sizeof(head))
		return FALSE;
	seal->size = get_64(head);
	seal->n = get_32(head + 8);
	*told = get_32(head + 12);
	return seal->n <= PL_PIECES_MAX &&
	       length == SEAL_HEAD + (guint64)seal->n * 8 + *told &&
	       seal->n == seal->size / PL_CHUNK + (seal->size % PL_CHUNK > 0);
}

gboolean
pl_seal_read(const struct pl_store *store, guint64 at, gboolean facts,
    struct pl_seal *seal)
{
	g_autofree guint8 *bytes = NULL;
	enum pl_record kind;
	guint32 length, told;

	memset(seal, 0, sizeof(*seal));
	if (!pl_record_at(store, at, &kind, &length) ||
	    kind != PL_RECORD_SEAL ||
	    !read_sizes(store, at, length, seal, &told))
		return FALSE;
	length -= facts ? 0 : told;
	bytes = g_malloc(length);
	if (pl_disk_read(store->fd, bytes, length, at + PL_MARK) !=
	    (gssize)length)
		return FALSE;
	seal->pieces = g_new(guint64, seal->n);
	for (guint32 i = 0; i < seal->n; i++) {
		seal->pieces[i] = get_64(bytes + SEAL_HEAD + i * 8);
		if (seal->pieces[i] >= at)
			return FALSE;
	}
	if (facts)
		seal->facts = g_bytes_new(bytes + length - told, told);
	return TRUE;
}
