/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit - the walk along the chain of events
 *
 * Numbers must follow each other, each event must name the hash of the one
 * before it, and its own hash must be that of its line. What the walk cannot
 * see is a chain that somebody rewrote from some event to its end with fresh
 * hashes: for that there is the head in every report that left the house.
 */
#include <string.h>

#include "room.h"

/* What is wrong with E, which came after event number LAST with hash HEAD;
 * NULL: nothing. */
static char *
wrong(const struct pl_event *e, gboolean typed, gint64 last, const char *head,
    const char *hash)
{
	gint64 next = last + 1;

	if (e->id == next + 1)
		return g_strdup_printf("event %" G_GINT64_FORMAT
				       " is missing: it was removed",
		    next);
	if (e->id != next)
		return g_strdup_printf("events %" G_GINT64_FORMAT
				       " to %" G_GINT64_FORMAT
				       " are missing: they were removed",
		    next, e->id - 1);
	if (!typed)
		return g_strdup_printf("event %" G_GINT64_FORMAT
				       " was changed after it was written",
		    e->id);
	if (strcmp(e->previous, head) != 0 && strcmp(e->hash, hash) != 0)
		return g_strdup_printf("event %" G_GINT64_FORMAT
				       " was changed or put in the place of "
				       "another one after it was written",
		    e->id);
	if (strcmp(e->previous, head) != 0)
		return g_strdup_printf(
		    "event %" G_GINT64_FORMAT
		    " does not follow event %" G_GINT64_FORMAT
		    ": one of them was replaced, inserted "
		    "or moved",
		    e->id, last);
	if (strcmp(e->hash, hash) != 0)
		return g_strdup_printf("event %" G_GINT64_FORMAT
				       " was changed after it was written",
		    e->id);
	return NULL;
}

static gboolean
found_bad(struct pl_audit *audit, gint64 id, char *what)
{
	audit->bad = id;
	audit->what = what;
	return FALSE;
}

/* One event; FALSE: it does not fit. */
static gboolean
look(pl_rows *rows, const char *head, struct pl_audit *audit)
{
	struct pl_event *e = g_new0(struct pl_event, 1);
	gint64 last = (gint64)audit->events;
	g_autofree char *line = NULL, *hash = NULL;
	char *what;

	pl_event_row(rows, e);
	line = pl_event_line(e);
	hash = pl_event_hash(e->previous != NULL ? e->previous : "", line);
	what = wrong(e, pl_event_row_typed(rows), last, audit->head, hash);
	pl_event_free(e);
	if (what != NULL)
		return found_bad(audit, last + 1, what);
	audit->events++;
	memcpy(audit->head, hash, sizeof(audit->head));
	if (head != NULL && g_ascii_strcasecmp(head, hash) == 0)
		audit->head_found = TRUE;
	return TRUE;
}

/* The noted end against the end that was found. */
static void
compare_end(struct pl_audit *audit, gint64 events, const char *noted)
{
	gint64 found = (gint64)audit->events;

	if (noted == NULL)
		found_bad(audit, 1,
		    g_strdup("the note of where the chain ends was removed"));
	else if (events > found)
		found_bad(audit, found + 1,
		    g_strdup_printf("the events after %" G_GINT64_FORMAT
				    " are missing: %" G_GINT64_FORMAT
				    " were written",
			found, events));
	else if (events < found)
		found_bad(audit, events + 1,
		    g_strdup_printf("event %" G_GINT64_FORMAT
				    " was inserted: only %" G_GINT64_FORMAT
				    " were written",
			events + 1, events));
	else if (strcmp(noted, audit->head) != 0)
		found_bad(audit, MAX(found, 1),
		    g_strdup_printf("event %" G_GINT64_FORMAT
				    " is not the one that was written",
			found));
}

static gboolean
walk(pl_rows *rows, const char *head, struct pl_audit *audit, GError **error)
{
	g_autofree char *noted = NULL;
	gint64 events = 0;
	int more = pl_rows_next(rows, error);

	if (more > 0) {
		events = pl_rows_int(rows, 14);
		noted = pl_rows_text(rows, 15);
	}
	for (; more > 0; more = pl_rows_next(rows, error)) {
		struct pl_value id;

		pl_rows_value(rows, 0, &id);
		if (id.type == PL_VALUE_NULL) /* no event at all */
			continue;
		if (!look(rows, head, audit))
			return TRUE;
	}
	if (more == 0)
		compare_end(audit, events, noted);
	return more == 0;
}

/* Is the head that was asked for on the chain? */
static void
require_head(const char *head, struct pl_audit *audit)
{
	if (audit->bad != 0 || head == NULL || audit->head_found)
		return;
	/* The value before the first event is the head of no events only. */
	if (audit->events == 0 && strcmp(head, PL_HASH_NONE) == 0) {
		audit->head_found = TRUE;
		return;
	}
	found_bad(audit, (gint64)audit->events + 1,
	    g_strdup_printf("%s is not on the chain: events after "
			    "%" G_GUINT64_FORMAT " were removed, the chain was "
			    "written anew, or the head is of another ledger",
		head, audit->events));
}

gboolean
pl_event_verify(
    pl_ledger *l, const char *head, struct pl_audit *audit, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_EVENT_ALL, V_NONE, error);

	memset(audit, 0, sizeof(*audit));
	memcpy(audit->head, PL_HASH_NONE, sizeof(audit->head));
	if (rows == NULL || !walk(rows, head, audit, error))
		return FALSE;
	require_head(head, audit);
	/* What lies around the rows, and bytes that SQLite does not read. */
	return audit->bad != 0 || l->db->driver->check(l->db, "event", error);
}
