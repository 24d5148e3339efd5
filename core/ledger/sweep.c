/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sweep - what a crash left in the monthly files
 *
 * Behind the place that the facts note of a file, what the seals tell and the
 * facts do not know is taken first (missing.c). All that is then still without
 * a name is given back to the disk.
 */
#include <unistd.h>

#include "disk.h"
#include "store.h"

/* Bytes between two notes: what a start has to look at. */
#define NOTE_EVERY (4 << 20)

struct span {
	guint64 from, to;
};

/* ---- notes ------------------------------------------------------------- */

/* Before the first piece of what comes in, and before what is not in the facts
 * yet. */
static guint64
settled_of(const struct pl_store *store)
{
	GHashTableIter iter;
	gpointer value;
	guint64 at = store->settled;

	g_hash_table_iter_init(&iter, store->coming);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct pl_coming *c = value;

		if (c->pieces->len > 0)
			at = MIN(at, g_array_index(c->pieces, guint64, 0));
	}
	return at;
}

static gboolean
note(pl_ledger *l, struct pl_store *store, guint64 at, GError **error)
{
	if (!pl_db_do(l->db, PL_SQL_STORE_NOTE,
		V(v_text(store->name), v_int((gint64)at)), error))
		return FALSE;
	store->noted = at;
	return TRUE;
}

gboolean
pl_bytes_note(pl_ledger *l, GError **error)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, l->writers);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct pl_store *store = value;

		if (store->stuck || store->settled < store->noted + NOTE_EVERY)
			continue;
		guint64 at = settled_of(store);

		if (at >= store->noted + NOTE_EVERY &&
		    !note(l, store, at, error))
			return FALSE;
	}
	return TRUE;
}

/* ---- what nobody names ------------------------------------------------- */

static gboolean
add_span(GArray *spans, const struct pl_store *store, guint64 at)
{
	enum pl_record kind;
	struct span span = { .from = at };
	guint32 length;

	if (!pl_record_at(store, at, &kind, &length))
		return FALSE;
	span.to = at + PL_MARK + length;
	g_array_append_val(spans, span);
	return TRUE;
}

static gboolean
add_message(GArray *spans, const struct pl_store *store, guint64 at)
{
	g_auto(pl_seal) seal = { 0 };
	gboolean whole =
	    pl_seal_read(store, at, FALSE, &seal) && add_span(spans, store, at);

	for (guint32 i = 0; whole && i < seal.n; i++)
		whole = add_span(spans, store, seal.pieces[i]);
	return whole;
}

static int
by_place(gconstpointer a, gconstpointer b)
{
	const struct span *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/* Of all that is named and whose seal stands behind FROM; in order. *WHOLE: no
 * damage, of which others tell, keeps some of it from being found. */
static GArray *
named_spans(pl_ledger *l, const struct pl_store *store, guint64 from,
    gboolean *whole, GError **error)
{
	g_autoptr(GArray) spans =
	    g_array_new(FALSE, FALSE, sizeof(struct span));
	g_autoptr(GArray) named = pl_db_numbers(l->db, PL_SQL_MESSAGE_ROWS,
	    V(v_text(store->name), v_int((gint64)from)), error);

	if (named == NULL)
		return NULL;
	*whole = TRUE;
	for (guint i = 0; i < named->len && *whole; i++)
		*whole = add_message(
		    spans, store, (guint64)g_array_index(named, gint64, i));
	g_array_sort(spans, by_place);
	return g_steal_pointer(&spans);
}

gboolean
pl_store_sweep(
    pl_ledger *l, struct pl_store *store, guint64 from, GError **error)
{
	gboolean whole = FALSE;
	g_autoptr(GArray) spans = named_spans(l, store, from, &whole, error);
	guint64 at = from;

	if (spans == NULL || !whole)
		return spans != NULL;
	for (guint i = 0; i < spans->len; i++) {
		const struct span *s = &g_array_index(spans, struct span, i);

		if (s->from > at)
			pl_disk_punch(store->fd, at, s->from - at);
		at = MAX(at, s->to);
	}
	if (store->end > at)
		pl_disk_punch(store->fd, at, store->end - at);
	return TRUE;
}

/* ---- at the start ------------------------------------------------------ */

/* A file that lost its end must not grow where other messages stood. */
static gboolean
is_long_enough(
    pl_ledger *l, const struct pl_store *store, guint64 from, GError **error)
{
	guint64 least = from;
	enum pl_record kind;
	guint32 length;
	gint64 last;
	int found = pl_db_number(l->db, PL_SQL_MESSAGE_LAST_ROW,
	    V(v_text(store->name)), &last, error);

	if (found < 0)
		return FALSE;
	if (found > 0)
		least = MAX(least, (guint64)last + PL_MARK);
	if (found > 0 && pl_record_at(store, (guint64)last, &kind, &length))
		least = MAX(least, (guint64)last + PL_MARK + length);
	return store->end >= least ||
	       pl_refuse(error, PL_LEDGER_DAMAGED,
		   "%s: damaged, its end is missing; put a backup in its place",
		   store->path);
}

gboolean
pl_store_noted(pl_ledger *l, const char *name, guint64 *from, GError **error)
{
	gint64 noted;

	if (pl_db_number(
		l->db, PL_SQL_STORE_NOTED, V(v_text(name)), &noted, error) < 0)
		return FALSE;
	*from = MAX((guint64)noted, PL_STORE_HEAD);
	return TRUE;
}

static gboolean
take_in(
    pl_ledger *l, const struct pl_store *store, guint64 from, GError **error)
{
	return pl_ledger_begin(l, error) &&
	       pl_ledger_end(l, pl_missing_take(l, store, from, error), error);
}

/* Nobody else reads in the daemon. */
static gboolean
note_end(pl_ledger *l, struct pl_store *store, GError **error)
{
	struct pl_work work;

	g_hash_table_remove(l->readers, store->name);
	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, note(l, store, store->end, error), error);
}

/* What a dead writer left may not be on disk yet, and facts are made of it. */
static gboolean
sync_all(pl_ledger *l, const GPtrArray *names, GError **error)
{
	for (guint i = 0; i < names->len; i++) {
		const struct pl_store *store =
		    pl_store_appender(l, names->pdata[i], error);

		if (store == NULL)
			return FALSE;
		if (fdatasync(store->fd) != 0)
			return pl_disk_refuse(store->path, error);
	}
	return TRUE;
}

static gboolean
sweep_store(pl_ledger *l, const char *name, GError **error)
{
	struct pl_store *store = pl_store_appender(l, name, error);
	guint64 from;

	return store != NULL && pl_store_noted(l, name, &from, error) &&
	       is_long_enough(l, store, from, error) &&
	       take_in(l, store, from, error) &&
	       pl_store_sweep(l, store, from, error) &&
	       note_end(l, store, error);
}

/* What came in the months before last was swept when it was recent; the newest
 * file always, since the clock may be wrong. */
static GPtrArray *
recent(pl_ledger *l, const char *source, GError **error)
{
	GPtrArray *names = pl_store_list(l, source, error);

	for (guint i = 0; names != NULL && i + 1 < names->len;)
		if (pl_store_is_old(names->pdata[i]))
			g_ptr_array_remove_index(names, i);
		else
			i++;
	return names;
}

gboolean
pl_bytes_sweep(pl_ledger *l, const char *source, GError **error)
{
	g_autoptr(GPtrArray) names = recent(l, source, error);

	if (names == NULL || !sync_all(l, names, error) ||
	    !pl_missing_look(l, source, names, error))
		return FALSE;
	for (guint i = 0; i < names->len; i++)
		if (!sweep_store(l, names->pdata[i], error))
			return FALSE;
	return TRUE;
}
