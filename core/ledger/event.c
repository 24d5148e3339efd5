/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * event - the append-only history, each line hashed with the one before
 *
 * The end of the chain is read inside the write transaction that adds to it,
 * kept in the handle while that lasts, and written back once before the
 * commit: nobody else can add in between, and a transaction that is undone
 * leaves no trace. The chain's row says how many events there are and where
 * they end, so that an end that was cut off is seen.
 */
#include <string.h>
#include <unistd.h>

#include "room.h"

void
pl_event_free(struct pl_event *e)
{
	if (e == NULL)
		return;
	g_free(e->who);
	g_free(e->what);
	g_free(e->reason);
	g_free(e->journal);
	g_free(e->detail);
	g_free(e->previous);
	g_free(e->hash);
	g_free(e);
}

/* ---- the line and its hash --------------------------------------------- */

/* What steers a terminal, turns text around or ends a line for some. */
static gboolean
is_hidden(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return TRUE;
	default:
		return FALSE;
	}
}

/* One character that is not plain ASCII; returns what is behind it. */
static const char *
add_other(GString *line, const char *text)
{
	gunichar c = g_utf8_get_char_validated(text, -1);
	gsize n = 1;

	if (c == '\t')
		g_string_append(line, "\\t");
	else if (c == '\n')
		g_string_append(line, "\\n");
	else if (c == (gunichar)-1 || c == (gunichar)-2)
		g_string_append_c(line, *text);
	else {
		n = (gsize)(g_utf8_next_char(text) - text);
		if (is_hidden(c))
			g_string_append_printf(
			    line, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
		else
			g_string_append_len(line, text, (gssize)n);
	}
	return text + n;
}

void
pl_event_add_text(GString *line, const char *text)
{
	if (text == NULL) {
		g_string_append(line, "\\N");
		return;
	}
	while (*text != '\0')
		if (*text == '\\') {
			g_string_append(line, "\\\\");
			text++;
		} else if (*text >= ' ' && *text < 0x7f) {
			g_string_append_c(line, *text++);
		} else {
			text = add_other(line, text);
		}
}

char *
pl_event_line(const struct pl_event *e)
{
	GString *line = g_string_sized_new(256);
	const char *const texts[] = { e->who, e->what, e->reason, e->journal };
	const gint64 ids[] = { e->message, e->document, e->entry, e->batch,
		e->run };

	g_string_append_printf(
	    line, "%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT, e->id, e->at);
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_string_append_c(line, '\t');
		pl_event_add_text(line, texts[i]);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++)
		g_string_append_printf(line, "\t%" G_GINT64_FORMAT, ids[i]);
	g_string_append_c(line, '\t');
	pl_event_add_text(line, e->detail);
	return g_string_free(line, FALSE);
}

char *
pl_event_hash(const char *previous, const char *line)
{
	g_autofree char *both = g_strconcat(previous, "\n", line, "\n", NULL);
	char hex[PL_SHA256_HEX + 1];

	pl_sha256_hex(both, strlen(both), hex);
	return g_strdup(hex);
}

/* ---- adding ------------------------------------------------------------ */

static gboolean
read_end(pl_ledger *l, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_CHAIN_GET, V_NONE, error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);
	g_autofree char *head = found > 0 ? pl_rows_text(rows, 1) : NULL;

	if (found < 0)
		return FALSE;
	if (head == NULL || strlen(head) != PL_HASH_LENGTH)
		return pl_refuse(error, PL_LEDGER_DAMAGED,
		    "%s: damaged, the end of its event chain is not noted; put "
		    "a backup in its place",
		    l->path);
	l->events = pl_rows_int(rows, 0);
	l->last_at = pl_rows_int(rows, 2);
	memcpy(l->head, head, sizeof(l->head));
	return TRUE;
}

void
pl_event_forget(pl_ledger *l)
{
	l->head_known = l->head_moved = FALSE;
}

/* What told that the clock was set stands, and is not told again. */
void
pl_event_committed(pl_ledger *l)
{
	if (l->head_moved)
		l->clock = l->clock_seen;
	pl_event_forget(l);
}

gboolean
pl_event_flush(pl_ledger *l, GError **error)
{
	if (!l->head_moved)
		return TRUE;
	return pl_db_do(l->db, PL_SQL_CHAIN_PUT,
	    V(v_int(l->events), v_text(l->head)), error);
}

static char *
valid(const char *text)
{
	return text == NULL ? NULL : g_utf8_make_valid(text, -1);
}

/* What is hashed is what is stored: with the texts made valid, and all that
 * the handle adds. */
static struct pl_event *
complete(pl_ledger *l, const struct pl_event *from)
{
	struct pl_event *e = g_new0(struct pl_event, 1);

	*e = *from;
	e->id = l->events + 1;
	e->at = g_get_real_time();
	e->who = valid(l->who);
	e->what = valid(from->what);
	e->reason = valid(l->reason);
	e->journal = valid(from->journal);
	if (e->run == 0)
		e->run = l->run;
	e->detail = valid(from->detail);
	e->previous = g_strdup(l->head);
	e->hash = NULL;
	return e;
}

static gboolean
store(pl_ledger *l, const struct pl_event *e, GError **error)
{
	return pl_db_do(l->db, PL_SQL_EVENT_ADD,
	    V(v_int(e->id), v_int(e->at), v_text(e->who), v_text(e->what),
		v_text(e->reason), v_text(e->journal), v_id(e->message),
		v_id(e->document), v_id(e->entry), v_id(e->batch), v_id(e->run),
		v_text(e->detail), v_text(e->previous), v_text(e->hash)),
	    error);
}

static gboolean
append(pl_ledger *l, const struct pl_event *from, gint64 *id, gint64 *at,
    GError **error)
{
	struct pl_event *e = complete(l, from);
	g_autofree char *line = pl_event_line(e);
	gboolean ok;

	e->hash = pl_event_hash(e->previous, line);
	*id = e->id;
	*at = e->at;
	ok = store(l, e, error);
	if (ok) {
		l->events = e->id;
		l->last_at = e->at;
		memcpy(l->head, e->hash, sizeof(l->head));
		l->head_moved = TRUE;
	}
	pl_event_free(e);
	return ok;
}

/* Times in the history are the clock's: when that was set, it says so. */
static gboolean
note_clock(pl_ledger *l, GError **error)
{
	g_autofree char *detail = NULL;
	const char *what = pl_clock_look(l, g_get_real_time(), &detail);
	gint64 id, at;

	return what == NULL ||
	       append(l,
		   &(struct pl_event){
		       .what = (char *)what, .detail = detail },
		   &id, &at, error);
}

static gboolean
note(pl_ledger *l, const struct pl_event *from, gint64 *id, gint64 *at,
    GError **error)
{
	if (!l->head_known && !read_end(l, error))
		return FALSE;
	l->head_known = TRUE;
	return note_clock(l, error) && append(l, from, id, at, error);
}

gboolean
pl_event_note(pl_ledger *l, const struct pl_event *event, GError **error)
{
	gint64 id, at;

	return note(l, event, &id, &at, error);
}

gboolean
pl_event_add(pl_ledger *l, struct pl_event *event, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(
		   &work, note(l, event, &event->id, &event->at, error), error);
}

/* ---- reading ----------------------------------------------------------- */

void
pl_event_row(pl_rows *rows, struct pl_event *e)
{
	unsigned c = 0;

	e->id = pl_rows_int(rows, c++);
	e->at = pl_rows_int(rows, c++);
	e->who = pl_rows_text(rows, c++);
	e->what = pl_rows_text(rows, c++);
	e->reason = pl_rows_text(rows, c++);
	e->journal = pl_rows_text(rows, c++);
	e->message = pl_rows_int(rows, c++);
	e->document = pl_rows_int(rows, c++);
	e->entry = pl_rows_int(rows, c++);
	e->batch = pl_rows_int(rows, c++);
	e->run = pl_rows_int(rows, c++);
	e->detail = pl_rows_text(rows, c++);
	e->previous = pl_rows_text(rows, c++);
	e->hash = pl_rows_text(rows, c++);
}

gboolean
pl_event_row_typed(pl_rows *rows)
{
	/* i: integer, t: text; upper case: or nothing. Bytes of another type
	 * would read the same, and a 0 for nothing would hash the same. */
	static const char types[] = "iittTTIIIIITtt";

	for (unsigned i = 0; types[i] != '\0'; i++) {
		struct pl_value v;

		pl_rows_value(rows, i, &v);
		if (v.type == PL_VALUE_NULL && g_ascii_isupper(types[i]))
			continue;
		if (v.type != (g_ascii_tolower(types[i]) == 'i'
				      ? PL_VALUE_INT
				      : PL_VALUE_TEXT) ||
		    (types[i] == 'I' && v.number == 0) ||
		    (v.type == PL_VALUE_TEXT &&
			memchr(v.bytes, '\0', v.length) != NULL))
			return FALSE;
	}
	return TRUE;
}

char *
pl_event_head(pl_ledger *l, GError **error)
{
	/* The transaction that is open has its own end. */
	if (l->head_known)
		return g_strdup(l->head);
	return read_end(l, error) ? g_strdup(l->head) : NULL;
}

static GPtrArray *
collect(pl_rows *rows, GError **error)
{
	g_autoptr(GPtrArray) events =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_event_free);
	int more;

	while ((more = pl_rows_next(rows, error)) > 0) {
		struct pl_event *e = g_new0(struct pl_event, 1);

		pl_event_row(rows, e);
		g_ptr_array_add(events, e);
	}
	return more < 0 ? NULL : g_steal_pointer(&events);
}

GPtrArray *
pl_event_of(pl_ledger *l, gint64 message, gint64 document, gint64 entry,
    gint64 batch, GError **error)
{
	const struct {
		gint64 id;
		enum pl_sql sql;
	} of[] = {
		{ message, PL_SQL_EVENT_OF_MESSAGE },
		{ document, PL_SQL_EVENT_OF_DOCUMENT },
		{ entry, PL_SQL_EVENT_OF_ENTRY },
		{ batch, PL_SQL_EVENT_OF_BATCH },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(of); i++) {
		g_autoptr(pl_rows) rows = NULL;

		if (of[i].id == 0)
			continue;
		rows = pl_db_query(l->db, of[i].sql, V(v_int(of[i].id)), error);
		return rows == NULL ? NULL : collect(rows, error);
	}
	return g_ptr_array_new_with_free_func((GDestroyNotify)pl_event_free);
}

/* A look at the newest event only, so that nothing is added behind damage.
 * Both questions are asked in one transaction's view: SQLite's rows hold it
 * until they end. */
gboolean
pl_event_check_end(pl_ledger *l, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_EVENT_END, V_NONE, error);
	g_autofree char *line = NULL, *hash = NULL;
	struct pl_event *e;
	gboolean ok;
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);

	if (found < 0)
		return FALSE;
	e = g_new0(struct pl_event, 1);
	if (found > 0) {
		pl_event_row(rows, e);
		line = pl_event_line(e);
		hash = pl_event_hash(e->previous ? e->previous : "", line);
	}
	ok = found > 0 && g_strcmp0(hash, e->hash) == 0 &&
	     pl_rows_int(rows, 14) == e->id;
	pl_event_free(e);
	return ok ||
	       pl_refuse(error, PL_LEDGER_DAMAGED,
		   "%s: damaged, its newest event is missing or was changed; "
		   "see "
		   "\"postledger audit verify\", or put a backup in its place",
		   l->path);
}
