/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * missing - what seals tell, and the facts do not know
 *
 * Behind the place that the facts note of a file, records are looked at one by
 * one: a seal that tells of its message and that no fact names is one whose
 * facts a power cut took, or whose writer died before they were written. They
 * are written now, if the bytes are those that the seal tells of.
 *
 * A power cut takes the last minute of the facts. Where more is missing, the
 * facts are an old copy that was put back, and much of what is missing has
 * been sent.
 */
#include "store.h"

#define LAST_MINUTE G_TIME_SPAN_HOUR /* and patience */

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
unnamed_of(
    pl_ledger *l, const struct pl_store *store, guint64 from, GError **error)
{
	g_autoptr(GArray) unnamed = g_array_new(FALSE, FALSE, sizeof(guint64));
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
			g_array_append_val(unnamed, at);
	return g_steal_pointer(&unnamed);
}

/* Without those that were dropped, of which a crash kept the bytes. */
static GArray *
missing_of(
    pl_ledger *l, const struct pl_store *store, guint64 from, GError **error)
{
	g_autoptr(GArray) unnamed = unnamed_of(l, store, from, error);
	g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_autoptr(GArray) dropped = NULL;
	struct passed p = { NULL, 0 };

	if (unnamed == NULL || unnamed->len == 0)
		return g_steal_pointer(&unnamed);
	dropped = pl_db_numbers(l->db, PL_SQL_MESSAGE_DROPPED,
	    V(v_text(store->name),
		v_int((gint64)g_array_index(unnamed, guint64, 0))),
	    error);
	if (dropped == NULL)
		return NULL;
	p.numbers = dropped;
	for (guint i = 0; i < unnamed->len; i++) {
		guint64 at = g_array_index(unnamed, guint64, i);

		if (!is_among(&p, at))
			g_array_append_val(missing, at);
	}
	return g_steal_pointer(&missing);
}

/* NULL: nothing is told, or not as a whole. */
static pl_message *
told_at(const struct pl_store *store, guint64 at, char **journals)
{
	g_auto(pl_seal) seal = { 0 };
	pl_message *m = pl_seal_read(store, at, TRUE, &seal)
			    ? pl_told_unpack(seal.facts, journals)
			    : NULL;

	if (m == NULL)
		return NULL;
	g_strlcpy(m->bytes.store, store->name, sizeof(m->bytes.store));
	m->bytes.row = (gint64)at;
	m->bytes.size = seal.size;
	m->bytes.chunks = seal.n;
	return m;
}

/* ---- taking ------------------------------------------------------------ */

/* Are the bytes those it tells of? */
static gboolean
is_whole(pl_ledger *l, const pl_message *m)
{
	g_autoptr(pl_bytes) bytes = pl_bytes_at(l, 0, &m->bytes, NULL);

	return bytes != NULL && pl_bytes_fit(bytes, m->header_sha256,
				    m->body_sha256, NULL, NULL) > 0;
}

static gboolean
take(pl_ledger *l, const struct pl_store *store, guint64 at, GError **error)
{
	g_autofree char *journals = NULL;
	g_autoptr(pl_message) m = told_at(store, at, &journals);

	return m == NULL || !is_whole(l, m) ||
	       pl_message_add(l, m, journals, error);
}

gboolean
pl_missing_take(
    pl_ledger *l, const struct pl_store *store, guint64 from, GError **error)
{
	g_autoptr(GArray) missing = missing_of(l, store, from, error);

	for (guint i = 0; missing != NULL && i < missing->len; i++)
		if (!take(l, store, g_array_index(missing, guint64, i), error))
			return FALSE;
	return missing != NULL;
}

/* ---- a ledger that was put back ----------------------------------------- */

/* When the first and the last of those that are missing came in. */
struct lost {
	gint64 first, last;
};

static gboolean
look(pl_ledger *l, const struct pl_store *store, guint64 from,
    struct lost *lost, GError **error)
{
	g_autoptr(GArray) missing = missing_of(l, store, from, error);

	for (guint i = 0; missing != NULL && i < missing->len; i++) {
		g_autofree char *journals = NULL;
		g_autoptr(pl_message) m = told_at(
		    store, g_array_index(missing, guint64, i), &journals);

		if (m == NULL)
			continue;
		lost->first = MIN(lost->first, m->arrived);
		lost->last = MAX(lost->last, m->arrived);
	}
	return missing != NULL;
}

/* LOST NULL: they are taken. */
static gboolean
visit(pl_ledger *l, const char *name, struct lost *lost, GError **error)
{
	g_autoptr(GError) unread = NULL;
	struct pl_store *store = pl_store_reader(l, name, &unread);
	guint64 from;
	gboolean ok;

	if (store == NULL)
		return TRUE; /* whoever needs it tells */
	ok = pl_store_noted(l, name, &from, error) &&
	     (lost != NULL ? look(l, store, from, lost, error)
			   : pl_missing_take(l, store, from, error));
	pl_store_release(l, store);
	return ok;
}

gboolean
pl_store_take(pl_ledger *l, const char *source, GError **error)
{
	g_autoptr(GPtrArray) names = pl_store_list(l, source, error);

	for (guint i = 0; names != NULL && i < names->len; i++)
		if (!visit(l, names->pdata[i], NULL, error))
			return FALSE;
	return names != NULL;
}

gboolean
pl_missing_look(
    pl_ledger *l, const char *source, const GPtrArray *names, GError **error)
{
	struct lost lost = { G_MAXINT64, G_MININT64 };

	for (guint i = 0; i < names->len; i++)
		if (!visit(l, names->pdata[i], &lost, error))
			return FALSE;
	if (lost.last < lost.first || lost.last - lost.first < LAST_MINUTE)
		return TRUE;
	return pl_ledger_begin(l, error) &&
	       pl_ledger_end(l, pl_ledger_wake_behind(l, source, error), error);
}
