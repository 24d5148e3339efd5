/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ledger in memory for the daemon's unit tests: it keeps what it is given,
 * notes the order of calls, and fails when told to. The linker takes these
 * functions instead of the room's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "postledger/ledger.h"

struct row {
	GByteArray *bytes;
	gboolean synced, sealed;
	unsigned born; /* of which sync */
};

static struct fake {
	GMutex lock;
	GCond changed;
	GHashTable *rows; /* number ▸ struct row */
	gint64 last;
	unsigned syncs, commits, drops, shrinks;
	GThread *syncer; /* of the last one */
	GString *order;    /* a letter a call: c a s d S(tart) Y(sync) B M O C R */
	GPtrArray *stored; /* Message-IDs, committed */
	GPtrArray *pending;
	gboolean ahead;    /* some of them are of bytes that are not synced */
	guint64 space;
	/* what fails next, with which error */
	gboolean fail_append, fail_commit;
	unsigned fail_begins; /* so many */
	unsigned fail_sync;   /* 1: the next one, 2: the one behind it, ... */
	enum pl_ledger_error code;
	const char *bad; /* Message-ID whose facts are refused */
	/* syncs wait while it is closed */
	gboolean gate_closed, at_gate;
	struct pl_message last_facts;
} fake;

static void
row_free(gpointer data)
{
	struct row *r = data;

	g_byte_array_unref(r->bytes);
	g_free(r);
}

static void
fake_reset(void)
{
	g_clear_pointer(&fake.rows, g_hash_table_destroy);
	g_clear_pointer(&fake.stored, g_ptr_array_unref);
	g_clear_pointer(&fake.pending, g_ptr_array_unref);
	if (fake.order != NULL)
		g_string_free(fake.order, TRUE);
	memset(&fake, 0, sizeof(fake));
	g_mutex_init(&fake.lock);
	g_cond_init(&fake.changed);
	fake.rows = g_hash_table_new_full(
	    g_int64_hash, g_int64_equal, g_free, row_free);
	fake.stored = g_ptr_array_new_with_free_func(g_free);
	fake.pending = g_ptr_array_new_with_free_func(g_free);
	fake.order = g_string_new(NULL);
	fake.space = 1 << 30;
	fake.code = PL_LEDGER_FULL;
}

static struct row *
row_of(gint64 number)
{
	return g_hash_table_lookup(fake.rows, &number);
}

static gboolean
fails(gboolean *next, GError **error)
{
	if (!*next)
		return FALSE;
	*next = FALSE;
	g_set_error(error, PL_LEDGER_ERROR, (int)fake.code, "as told");
	return TRUE;
}

static void
note(char call)
{
	g_string_append_c(fake.order, call);
}

/* ---- what the daemon calls -------------------------------------------- */

GQuark
pl_ledger_error_quark(void)
{
	return g_quark_from_static_string("fake ledger");
}

guint64
pl_ledger_space(pl_ledger *l)
{
	(void)l;
	g_mutex_lock(&fake.lock);
	guint64 space = fake.space;
	g_mutex_unlock(&fake.lock);
	return space;
}

gboolean
pl_ledger_note(const char *url, const char *name, const char *words)
{
	(void)url, (void)name, (void)words;
	return TRUE;
}

void
pl_ledger_shrink(pl_ledger *l)
{
	(void)l;
	fake.shrinks++;
}

gboolean
pl_bytes_create(pl_ledger *l, const char *source, gint64 arrived,
    struct pl_bytes_id *id, GError **error)
{
	gint64 *key = g_new0(gint64, 1);
	struct row *r = g_new0(struct row, 1);

	(void)l, (void)error;
	assert_string_equal(source, "milter");
	assert_true(arrived > 0);
	memset(id, 0, sizeof(*id));
	*key = id->row = ++fake.last;
	r->bytes = g_byte_array_new();
	g_hash_table_insert(fake.rows, key, r);
	note('c');
	return TRUE;
}

gboolean
pl_bytes_append(pl_ledger *l, struct pl_bytes_id *id, const void *bytes,
    gsize length, GError **error)
{
	struct row *r = row_of(id->row);

	(void)l;
	note('a');
	if (fails(&fake.fail_append, error))
		return FALSE;
	assert_non_null(r);
	assert_false(r->sealed);
	assert_true(length <= PL_CHUNK);
	assert_int_equal(r->bytes->len % PL_CHUNK, 0);
	g_byte_array_append(r->bytes, bytes, (guint)length);
	id->size += length;
	id->chunks++;
	return TRUE;
}

gboolean
pl_bytes_seal(pl_ledger *l, struct pl_bytes_id *id,
    const struct pl_message *told, const char *journals, GError **error)
{
	struct row *r = row_of(id->row);

	(void)l, (void)error;
	note('s');
	assert_non_null(r);
	assert_non_null(told);
	assert_non_null(journals);
	r->sealed = TRUE;
	return TRUE;
}

void
pl_bytes_drop(pl_ledger *l, const struct pl_bytes_id *id)
{
	(void)l;
	note('d');
	fake.drops++;
	assert_true(g_hash_table_remove(fake.rows, &id->row));
}

void
pl_bytes_leave(pl_ledger *l, const struct pl_bytes_id *id)
{
	(void)l;
	note('l');
	assert_non_null(row_of(id->row));
}

gboolean
pl_bytes_note(pl_ledger *l, GError **error)
{
	(void)l, (void)error;
	return TRUE;
}

static gboolean
not_synced(gpointer key, gpointer value, gpointer user)
{
	(void)key, (void)user;
	return !((struct row *)value)->synced;
}

void
pl_bytes_rollback(pl_ledger *l)
{
	(void)l;
	g_hash_table_foreach_remove(fake.rows, not_synced, NULL);
	fake.last = 0; /* numbers come again, as they may in reality */
	GHashTableIter iter;
	gpointer key;
	g_hash_table_iter_init(&iter, fake.rows);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		fake.last = MAX(fake.last, *(gint64 *)key);
	note('R');
}

void
pl_bytes_start(pl_ledger *l)
{
	(void)l;
	note('S');
}

gboolean
pl_bytes_sync(pl_ledger *l, GError **error)
{
	GHashTableIter iter;
	gpointer value;

	(void)l;
	g_mutex_lock(&fake.lock);
	note('Y');
	while (fake.gate_closed) {
		fake.at_gate = TRUE;
		g_cond_broadcast(&fake.changed);
		g_cond_wait(&fake.changed, &fake.lock);
	}
	fake.at_gate = FALSE;
	gboolean failing = fake.fail_sync == 1;
	fake.fail_sync -= fake.fail_sync > 0;
	gboolean failed = fails(&failing, error);
	g_mutex_unlock(&fake.lock);
	if (failed)
		return FALSE;
	fake.syncs++;
	fake.syncer = g_thread_self();
	fake.ahead = FALSE;
	g_hash_table_iter_init(&iter, fake.rows);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		((struct row *)value)->synced = TRUE;
	return TRUE;
}

gboolean
pl_ledger_begin(pl_ledger *l, GError **error)
{
	gboolean failing = fake.fail_begins > 0;

	(void)l;
	note('B');
	fake.fail_begins -= failing;
	if (fails(&failing, error))
		return FALSE;
	g_ptr_array_set_size(fake.pending, 0);
	return TRUE;
}

gboolean
pl_ledger_begin_told(pl_ledger *l, GError **error)
{
	(void)l, (void)error;
	note('T');
	g_ptr_array_set_size(fake.pending, 0);
	return TRUE;
}

void
pl_ledger_rollback(pl_ledger *l)
{
	(void)l;
	fake.ahead = FALSE;
	g_ptr_array_set_size(fake.pending, 0);
}

gboolean
pl_ledger_commit(pl_ledger *l, GError **error)
{
	(void)l;
	note('C');
	assert_false(fake.ahead);
	if (fails(&fake.fail_commit, error))
		return FALSE;
	fake.commits++;
	for (guint i = 0; i < fake.pending->len; i++)
		g_ptr_array_add(fake.stored, g_strdup(fake.pending->pdata[i]));
	return TRUE;
}

gboolean
pl_message_add(
    pl_ledger *l, struct pl_message *m, const char *journals, GError **error)
{
	struct row *r = row_of(m->bytes.row);

	(void)l;
	note('M');
	assert_non_null(r);
	assert_true(r->sealed);
	assert_int_equal(r->bytes->len, m->bytes.size);
	assert_non_null(journals);
	if (fake.bad != NULL && g_strcmp0(m->message_id, fake.bad) == 0) {
		g_set_error(error, PL_LEDGER_ERROR, PL_LEDGER_FAILED, "bad");
		return FALSE;
	}
	fake.ahead |= !r->synced;
	g_ptr_array_add(fake.pending, g_strdup(m->message_id));
	return TRUE;
}

/* Batch 1 passes, 2 is stale, others are unknown. */
gboolean
pl_batch_offer(pl_ledger *l, gint64 batch, unsigned attempt,
    const char *queue_id, enum pl_offer *offer, GError **error)
{
	(void)l, (void)attempt, (void)queue_id, (void)error;
	note('O');
	*offer = batch == 1   ? PL_OFFER_PASS
		 : batch == 2 ? PL_OFFER_STALE
			      : PL_OFFER_UNKNOWN;
	return TRUE;
}

/* Only batch 3 was of this ledger. */
gboolean
pl_batch_adopt(pl_ledger *l, const struct pl_passing *passing,
    enum pl_offer *offer, GError **error)
{
	(void)l, (void)error;
	note('A');
	*offer = passing->batch == 3 ? PL_OFFER_ADOPTED : PL_OFFER_UNKNOWN;
	return TRUE;
}

gboolean
pl_batch_forged(
    pl_ledger *l, gint64 batch, const char *queue_id, GError **error)
{
	(void)l, (void)batch, (void)queue_id, (void)error;
	note('F');
	return TRUE;
}

pl_message *
pl_message_new(void)
{
	pl_message *m = g_new0(pl_message, 1);

	m->recipients = g_ptr_array_new_with_free_func(g_free);
	return m;
}

void
pl_message_free(pl_message *m)
{
	if (m == NULL)
		return;
	g_ptr_array_unref(m->recipients);
	g_free(m->origin);
	g_free(m->message_id);
	g_free(m->header_sha256);
	g_free(m->body_sha256);
	g_free(m);
}

/* ---- for the tests ------------------------------------------------------ */

static G_GNUC_UNUSED gboolean
is_stored(const char *message_id)
{
	return g_ptr_array_find_with_equal_func(
	    fake.stored, message_id, g_str_equal, NULL);
}

static G_GNUC_UNUSED void
close_gate(void)
{
	g_mutex_lock(&fake.lock);
	fake.gate_closed = TRUE;
	g_mutex_unlock(&fake.lock);
}

static G_GNUC_UNUSED void
wait_at_gate(void)
{
	g_mutex_lock(&fake.lock);
	while (!fake.at_gate)
		g_cond_wait(&fake.changed, &fake.lock);
	g_mutex_unlock(&fake.lock);
}

static G_GNUC_UNUSED void
open_gate(void)
{
	g_mutex_lock(&fake.lock);
	fake.gate_closed = FALSE;
	g_cond_broadcast(&fake.changed);
	g_mutex_unlock(&fake.lock);
}
