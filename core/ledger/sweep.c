/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sweep - what a crash left in the monthly files
 *
 * Behind the place that the facts note of a file, records are looked at one by
 * one: a seal that tells of its message and that no fact names is one whose
 * facts a power cut took, or whose writer died before they were written. They
 * are written now, if the bytes are those that the seal tells of. All that is
 * then still without a name is given back to the disk.
 */
#include <unistd.h>

#include "disk.h"
#include "store.h"

/* Bytes between two notes: what a start has to look at. */
#define NOTE_EVERY (16 << 20)

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

		if (store->stuck ||
		    store->settled < store->noted + NOTE_EVERY)
			continue;
		guint64 at = settled_of(store);

		if (at >= store->noted + NOTE_EVERY &&
		    !note(l, store, at, error))
			return FALSE;
	}
	return TRUE;
}

/* ---- facts that are missing -------------------------------------------- */

/* Are the bytes those it tells of? */
static gboolean
is_whole(pl_ledger *l, const pl_message *m)
{
	g_autoptr(pl_bytes) bytes = pl_bytes_at(l, 0, &m->bytes, NULL);

	return bytes != NULL && pl_bytes_fit(bytes, m->header_sha256,
				    m->body_sha256, NULL, NULL) > 0;
}

static gboolean
take_seal(pl_ledger *l, const struct pl_store *store, guint64 at,
    GError **error)
{
	g_auto(pl_seal) seal = { 0 };
	g_autofree char *journals = NULL;
	g_autoptr(pl_message) m = NULL;

	if (!pl_seal_read(store, at, TRUE, &seal))
		return TRUE;
	m = pl_told_unpack(seal.facts, &journals);
	if (m == NULL)
		return TRUE;
	g_strlcpy(m->bytes.store, store->name, sizeof(m->bytes.store));
	m->bytes.row = (gint64)at;
	m->bytes.size = seal.size;
	m->bytes.chunks = seal.n;
	return !is_whole(l, m) || pl_message_add(l, m, journals, error);
}

/* Numbers in order, and how many of them were passed. */
struct passed {
	const GArray *numbers;
	guint n;
};

/* AT grows from call to call. */
static gboolean
is_among(struct passed *p, guint64 at)
{
	while (p->n < p->numbers->len &&
	       (guint64)g_array_index(p->numbers, gint64, p->n) < at)
		p->n++;
	return p->n < p->numbers->len &&
	       (guint64)g_array_index(p->numbers, gint64, p->n) == at;
}

/* Places of seals that no facts name. */
static GArray *
missing_of(pl_ledger *l, const struct pl_store *store, guint64 from,
    GError **error)
{
	g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_autoptr(GArray) named = pl_db_numbers(l->db, PL_SQL_MESSAGE_ROWS,
	    V(v_text(store->name), v_int((gint64)from)), error);
	struct passed p = { named, 0 };
	enum pl_record kind;
	guint32 length;

	if (named == NULL)
		return NULL;
	for (guint64 at = pl_record_next(store, from);
	     at > 0 && pl_record_at(store, at, &kind, &length);
	     at = pl_record_behind(store, at, length))
		if (kind == PL_RECORD_SEAL && !is_among(&p, at))
			g_array_append_val(missing, at);
	return g_steal_pointer(&missing);
}

/* Not those that were dropped, of which a crash kept the bytes. */
static gboolean
take_missing(pl_ledger *l, const struct pl_store *store, const GArray *missing,
    GError **error)
{
	const guint64 first = g_array_index(missing, guint64, 0);
	g_autoptr(GArray) dropped = pl_db_numbers(l->db, PL_SQL_MESSAGE_DROPPED,
	    V(v_text(store->name), v_int((gint64)first)), error);
	struct passed p = { dropped, 0 };

	for (guint i = 0; dropped != NULL && i < missing->len; i++) {
		guint64 at = g_array_index(missing, guint64, i);

		if (!is_among(&p, at) && !take_seal(l, store, at, error))
			return FALSE;
	}
	return dropped != NULL;
}

/* In the caller's transaction: there may be thousands. */
static gboolean
take_seals(pl_ledger *l, const struct pl_store *store, guint64 from,
    GError **error)
{
	g_autoptr(GArray) missing = missing_of(l, store, from, error);

	return missing != NULL &&
	       (missing->len == 0 || take_missing(l, store, missing, error));
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
	gboolean whole = pl_seal_read(store, at, FALSE, &seal) &&
			 add_span(spans, store, at);

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
pl_store_sweep(pl_ledger *l, struct pl_store *store, guint64 from,
    GError **error)
{
	gboolean whole;
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
is_long_enough(pl_ledger *l, const struct pl_store *store, guint64 from,
    GError **error)
{
	guint64 least = from;
	enum pl_record kind;
	guint32 length;
	gint64 last;
	int found = pl_db_number(
	    l->db, PL_SQL_MESSAGE_LAST_ROW, V(v_text(store->name)), &last, error);

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

static gboolean
noted_of(pl_ledger *l, const char *name, guint64 *from, GError **error)
{
	gint64 noted;

	if (pl_db_number(l->db, PL_SQL_STORE_NOTED, V(v_text(name)), &noted,
		error) < 0)
		return FALSE;
	*from = MAX((guint64)noted, PL_STORE_HEAD);
	return TRUE;
}

static gboolean
take_in(pl_ledger *l, const struct pl_store *store, guint64 from,
    GError **error)
{
	if (!pl_ledger_begin(l, error))
		return FALSE;
	if (take_seals(l, store, from, error))
		return pl_ledger_commit(l, error);
	pl_ledger_rollback(l);
	return FALSE;
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

static gboolean
sweep_store(pl_ledger *l, const char *name, GError **error)
{
	struct pl_store *store = pl_store_writer(l, name, error);
	guint64 from;

	if (store == NULL || !noted_of(l, name, &from, error))
		return FALSE;
	/* What a dead writer left may not be on disk yet. */
	if (fdatasync(store->fd) != 0)
		return pl_disk_refuse(store->path, error);
	return is_long_enough(l, store, from, error) &&
	       take_in(l, store, from, error) &&
	       pl_store_sweep(l, store, from, error) &&
	       note_end(l, store, error);
}

gboolean
pl_bytes_sweep(pl_ledger *l, const char *source, GError **error)
{
	g_autoptr(GPtrArray) names = pl_store_list(l, source, error);

	if (names == NULL)
		return FALSE;
	/* What came in the months before last was swept when it was recent;
	 * the newest file always, since the clock may be wrong. */
	for (guint i = 0; i < names->len; i++)
		if ((i + 1 == names->len ||
			!pl_store_is_old(names->pdata[i])) &&
		    !sweep_store(l, names->pdata[i], error))
			return FALSE;
	return TRUE;
}

/* ---- beside a ledger that was put back ---------------------------------- */

static gboolean
take_store(pl_ledger *l, const char *name, GError **error)
{
	g_autoptr(GError) unread = NULL;
	struct pl_store *store = pl_store_reader(l, name, &unread);
	guint64 from;
	gboolean ok;

	if (store == NULL)
		return TRUE; /* whoever needs it tells */
	ok = noted_of(l, name, &from, error) &&
	     take_seals(l, store, from, error);
	pl_store_release(l, store);
	return ok;
}

gboolean
pl_store_take(pl_ledger *l, GError **error)
{
	g_autoptr(GPtrArray) names = pl_store_list(l, "milter", error);

	for (guint i = 0; names != NULL && i < names->len; i++)
		if (!take_store(l, names->pdata[i], error))
			return FALSE;
	return names != NULL;
}
