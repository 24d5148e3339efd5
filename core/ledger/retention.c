/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * retention - message bytes are dropped, what they said stays
 *
 * First the facts say that the bytes of some messages are dropped, with an
 * event, then the bytes go: a crash in between leaves bytes that nobody names,
 * never a fact that names bytes which are gone. Months are looked at one after
 * the other, a few hundred messages a transaction; where it stopped is noted
 * with each, and the next call begins there.
 */
#include <string.h>

#include "retention.h"
#include "store.h"

#define LOOK 256 /* messages a transaction on the facts */
#define CURSOR "retention"

gboolean
pl_pruning_goes_on(struct pl_pruning *p)
{
	if (!p->done->more && p->goes_on != NULL &&
	    !p->goes_on(p->done, p->user))
		p->done->more = TRUE;
	return !p->done->more;
}

/* Others come first: what cannot be had now is left for the next time. */
static gboolean
or_later(struct pl_pruning *p, gboolean ok, GError *failed, GError **error)
{
	if (ok)
		return TRUE;
	if (g_error_matches(failed, PL_LEDGER_ERROR, PL_LEDGER_RETRY)) {
		p->done->more = TRUE;
		g_error_free(failed);
		return TRUE;
	}
	g_propagate_error(error, failed);
	return FALSE;
}

/* ---- the facts --------------------------------------------------------- */

struct look {
	GArray *ids; /* gint64, to be marked */
	gint64 bytes, row;
	guint seen;
};

static gboolean
look(struct pl_pruning *p, struct look *k, GError **error)
{
	g_autoptr(pl_rows) rows = pl_db_query(p->l->db, PL_SQL_PRUNE_LOOK,
	    V(v_text(p->name), v_int(p->row), v_int(p->before), v_int(LOOK)),
	    error);
	int more = rows == NULL ? -1 : 1;

	k->row = p->row;
	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		const struct pl_doomed d = { pl_rows_int(rows, 1),
			pl_rows_int(rows, 2) };
		gint64 id = pl_rows_int(rows, 0);

		k->seen++;
		k->row = d.row;
		if (pl_rows_int(rows, 3) == 0)
			continue;
		g_array_append_val(k->ids, id);
		g_array_append_val(p->doomed, d);
		k->bytes += d.size;
	}
	return more == 0;
}

/* "1-40,42" */
static void
add_ranges(GString *text, const GArray *ids)
{
	for (guint i = 0, last; i < ids->len; i = last + 1) {
		gint64 first = g_array_index(ids, gint64, i);

		for (last = i; last + 1 < ids->len &&
			       g_array_index(ids, gint64, last + 1) ==
				   first + (gint64)(last + 1 - i);)
			last++;
		g_string_append_printf(
		    text, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "", first);
		if (last > i)
			g_string_append_printf(text, "-%" G_GINT64_FORMAT,
			    g_array_index(ids, gint64, last));
	}
}

static gboolean
mark(struct pl_pruning *p, const struct look *k, GError **error)
{
	g_autoptr(GString) detail = g_string_new(NULL);
	gint64 now = g_get_real_time();

	for (guint i = 0; i < k->ids->len; i++)
		if (!pl_db_do(p->l->db, PL_SQL_PRUNE_MARK,
			V(v_int(g_array_index(k->ids, gint64, i)), v_int(now)),
			error))
			return FALSE;
	g_string_printf(detail,
	    "bytes=%s size=%" G_GINT64_FORMAT " messages=", p->name, k->bytes);
	add_ranges(detail, k->ids);
	return pl_event_note(p->l,
	    &(struct pl_event){
		.what = (char *)"pruned", .detail = detail->str },
	    error);
}

static gboolean
put_cursor(struct pl_pruning *p, gint64 row, GError **error)
{
	g_autofree char *text =
	    p->name == NULL
		? g_strdup("")
		: g_strdup_printf("%s %" G_GINT64_FORMAT, p->name, row);

	p->noted = p->name != NULL;
	return pl_db_do(
	    p->l->db, PL_SQL_META_PUT, V(v_text(CURSOR), v_text(text)), error);
}

/* One transaction. *SEEN: messages looked at, fewer than LOOK at the end. */
static gboolean
step_facts(struct pl_pruning *p, guint *seen, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct look k = { .ids = ids };
	guint before = p->doomed->len;
	struct pl_work work;

	*seen = 0;
	if (!pl_work_begin(&work, p->l, error))
		return FALSE;
	if (!pl_work_end(&work,
		look(p, &k, error) &&
		    (ids->len == 0 ||
			(mark(p, &k, error) && put_cursor(p, k.row, error))),
		error)) {
		g_array_set_size(p->doomed, before);
		return FALSE;
	}
	*seen = k.seen;
	p->row = k.row;
	p->done->messages += ids->len;
	p->done->bytes += (guint64)k.bytes;
	return TRUE;
}

/* *WHOLE: it was looked at to its end. */
static gboolean
mark_month(struct pl_pruning *p, gboolean *whole, GError **error)
{
	guint seen = LOOK;

	while (seen == LOOK && pl_pruning_goes_on(p)) {
		GError *failed = NULL;
		gboolean ok = step_facts(p, &seen, &failed);

		if (!or_later(p, ok, failed, error))
			return FALSE;
	}
	*whole = seen < LOOK && !p->done->more;
	return TRUE;
}

/* ---- a month ----------------------------------------------------------- */

/* FROM: where an earlier call stopped, -1: it did not stop here. LATER: its
 * file was left for now. */
static gboolean
prune_month(struct pl_pruning *p, const char *name, gint64 from, gboolean later,
    GError **error)
{
	GError *failed = NULL;
	gboolean whole, ok;

	p->name = name;
	p->row = MAX(from, 0);
	g_array_set_size(p->doomed, 0);
	if (!mark_month(p, &whole, error))
		return FALSE;
	if (!whole && pl_store_is_old(name))
		return TRUE;
	if (p->doomed->len == 0 && from < 0 && !later)
		return TRUE;
	ok = pl_pruning_finish(p, from >= 0, &failed);
	return or_later(p, ok, failed, error);
}

/* ---- all of them ------------------------------------------------------- */

/* Where the last call stopped: the month, g_free(), or NULL; and the row. */
static char *
get_cursor(pl_ledger *l, gint64 *row)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_META_GET, V(v_text(CURSOR)), NULL);
	g_autofree char *text = rows != NULL && pl_rows_next(rows, NULL) > 0
				    ? pl_rows_text(rows, 0)
				    : NULL;
	char *blank = text != NULL ? strchr(text, ' ') : NULL;

	*row = -1;
	if (blank == NULL)
		return NULL;
	*row = g_ascii_strtoll(blank + 1, NULL, 10);
	return g_strndup(text, (gsize)(blank - text));
}

static gboolean
leave_cursor(struct pl_pruning *p, gboolean there, GError **error)
{
	struct pl_work work;

	if (!p->done->more)
		p->name = NULL;
	return (p->name == NULL && !there && !p->noted) ||
	       (pl_work_begin(&work, p->l, error) &&
		   pl_work_end(&work, put_cursor(p, p->row, error), error));
}

/* From the month of the last call round to it. */
static gboolean
prune_all(struct pl_pruning *p, GError **error)
{
	g_autoptr(GPtrArray) names = pl_store_list(p->l, NULL, error);
	gint64 row;
	g_autofree char *cursor = get_cursor(p->l, &row);
	g_auto(GStrv) later = pl_pruning_later(p->l);
	char newest[16];
	guint first = 0;

	if (names == NULL)
		return FALSE;
	pl_store_name("milter", p->before, newest);
	while (cursor != NULL && first < names->len &&
	       strcmp(names->pdata[first], cursor) < 0)
		first++;
	for (guint i = 0; i < names->len && pl_pruning_goes_on(p); i++) {
		const char *name = names->pdata[(first + i) % names->len];
		gboolean here = g_strcmp0(name, cursor) == 0;
		gboolean left =
		    g_strv_contains((const char *const *)later, name);

		if (strncmp(name, newest, 7) <= 0 &&
		    !prune_month(p, name, here ? row : -1, left, error))
			return FALSE;
	}
	return leave_cursor(p, cursor != NULL, error);
}

gboolean
pl_ledger_prune(pl_ledger *l, gint64 before, pl_prune_func goes_on, void *user,
    struct pl_pruned *done, GError **error)
{
	g_autoptr(GArray) doomed =
	    g_array_new(FALSE, FALSE, sizeof(struct pl_doomed));
	struct pl_pruning p = { l, before, goes_on, user, done, NULL, 0, doomed,
		FALSE };
	GError *failed = NULL;
	gboolean busy, ok;
	int lock;

	g_assert(!l->open);
	memset(done, 0, sizeof(*done));
	lock = pl_ledger_lock_bytes(l, 0, &busy, &failed);
	if (busy) {
		done->more = TRUE;
		g_error_free(failed);
		return TRUE;
	}
	if (lock < 0) {
		g_propagate_error(error, failed);
		return FALSE;
	}
	ok = prune_all(&p, error);
	pl_ledger_unlock(l, lock);
	return ok;
}
