/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bundle - the ledger as lines of text, for those who check it elsewhere
 *
 * All lines are of one moment: the readers share one snapshot, and the daemon
 * and a run go on beside it. Values are separated by tabs and written as in
 * the line of an event; times are UTC, states and kinds are their names.
 */
#include <string.h>

#include "room.h"

/* One letter a column: n number, t text, w when, s state of an entry, k kind,
 * b state of a batch, a state of an attempt. */
struct table {
	const char *name, *columns, *types;
	enum pl_sql sql;
};

static const struct table tables[] = {
	{ "messages",
	    "message\tarrived\torigin\tqueue_id\tsender\tmessage_id\tsize\t"
	    "header_sha256\tbody_sha256",
	    "nwttttntt", PL_SQL_BUNDLE_MESSAGES },
	{ "documents",
	    "entry\tjournal\tstate\tcode\tbatch\tmessage\tkind\tnumber\tdate\t"
	    "seller\tcurrency\ttotal\taccount\tsequence\toffset\tlength\t"
	    "filename\tsize\tsha256",
	    "ntstnnktttttttnntnt", PL_SQL_BUNDLE_DOCUMENTS },
	{ "batches",
	    "batch\tjournal\tmessage_id\tdeliver_to\tstate\tattempt\t"
	    "attempt_state\tstarted\tended\tqueue_id\tmta_id\treply",
	    "ntttbnawwttt", PL_SQL_BUNDLE_BATCHES },
	{ "batch_entries", "batch\tplace\tentry", "nnn",
	    PL_SQL_BUNDLE_BATCH_ENTRIES },
};

struct bundle {
	pl_ledger *ledger;
	pl_bundle_func each;
	void *user;
	GString *line;
};

static void
add_time(GString *line, gint64 at)
{
	g_autofree char *text =
	    at != 0 ? pl_clock_text(at, PL_CLOCK_ISO) : NULL;

	pl_event_add_text(line, text);
}

/* NULL for a number that no version ever wrote. */
static const char *
name_of(char type, gint64 n)
{
	switch (type) {
	case 's':
		return n < 0 || n >= PL_STATES
			   ? NULL
			   : pl_state_name((enum pl_state)n);
	case 'k':
		return n < PL_KIND_INVOICE || n > PL_KIND_OTHER
			   ? NULL
			   : pl_kind_name((enum pl_kind)n);
	case 'b':
		return n < 0 || n > PL_BATCH_CANCELLED
			   ? NULL
			   : pl_batch_state_name((enum pl_batch_state)n);
	case 'a':
		return n < 0 || n > PL_ATTEMPT_UNKNOWN
			   ? NULL
			   : pl_attempt_state_name((enum pl_attempt_state)n);
	default:
		return NULL;
	}
}

static void
add_value(GString *line, char type, const struct pl_value *v)
{
	g_autofree char *text = NULL;

	if (v->type == PL_VALUE_INT && type == 'w')
		add_time(line, v->number);
	else if (v->type == PL_VALUE_INT && name_of(type, v->number) != NULL)
		g_string_append(line, name_of(type, v->number));
	else if (v->type == PL_VALUE_INT)
		g_string_append_printf(line, "%" G_GINT64_FORMAT, v->number);
	else {
		if (v->type != PL_VALUE_NULL)
			text = g_utf8_make_valid(v->bytes, (gssize)v->length);
		pl_event_add_text(line, text);
	}
}

static gboolean
tell_row(struct bundle *b, const struct table *t, pl_rows *rows, GError **error)
{
	g_string_truncate(b->line, 0);
	for (unsigned c = 0; t->types[c] != '\0'; c++) {
		struct pl_value v;

		if (c > 0)
			g_string_append_c(b->line, '\t');
		pl_rows_value(rows, c, &v);
		add_value(b->line, t->types[c], &v);
	}
	return b->each(t->name, b->line->str, b->user, error);
}

static gboolean
tell_table(struct bundle *b, const struct table *t, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(b->ledger->db, t->sql, V_NONE, error);
	int more = 0;

	if (rows == NULL || !b->each(t->name, t->columns, b->user, error))
		return FALSE;
	while ((more = pl_rows_next(rows, error)) > 0)
		if (!tell_row(b, t, rows, error))
			return FALSE;
	return more == 0;
}

static gboolean
tell_event(struct bundle *b, pl_rows *rows, GError **error)
{
	struct pl_event *e = g_new0(struct pl_event, 1);
	g_autofree char *line = NULL;

	pl_event_row(rows, e);
	line = pl_event_line(e);
	g_string_printf(b->line, "%s\t%s", e->hash != NULL ? e->hash : "\\N",
	    line);
	pl_event_free(e);
	return b->each("events", b->line->str, b->user, error);
}

static gboolean
tell_events(struct bundle *b, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(b->ledger->db, PL_SQL_EVENT_ALL, V_NONE, error);
	int more = 0;

	while (rows != NULL && (more = pl_rows_next(rows, error)) > 0) {
		struct pl_value id;

		pl_rows_value(rows, 0, &id);
		if (id.type != PL_VALUE_NULL && !tell_event(b, rows, error))
			return FALSE;
	}
	return rows != NULL && more == 0;
}

gboolean
pl_ledger_bundle(
    pl_ledger *l, pl_bundle_func each, void *user, GError **error)
{
	struct bundle b = { l, each, user, g_string_new(NULL) };
	gboolean ok = l->db->driver->freeze(l->db, error);

	if (ok) {
		ok = tell_events(&b, error);
		for (unsigned i = 0; ok && i < G_N_ELEMENTS(tables); i++)
			ok = tell_table(&b, &tables[i], error);
		l->db->driver->rollback(l->db);
	}
	g_string_free(b.line, TRUE);
	return ok;
}
