/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * change - entries come into being and change their state
 *
 * Every change is one transaction with its event and the tally. Into and out
 * of "sending" only batches lead: see batch.c.
 */
#include "room.h"

void
pl_entry_brief_clear(struct pl_entry_brief *brief)
{
	g_free(brief->journal);
	g_free(brief->code);
}

gboolean
pl_entry_brief_get(
    pl_ledger *l, gint64 id, struct pl_entry_brief *brief, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_ENTRY_BRIEF, V(v_int(id)), error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);

	if (found == 0)
		return pl_refuse(
		    error, PL_LEDGER_ABSENT, "no entry %" G_GINT64_FORMAT, id);
	if (found < 0)
		return FALSE;
	brief->state = (enum pl_state)pl_rows_int(rows, 0);
	brief->journal = pl_rows_text(rows, 1);
	brief->code = pl_rows_text(rows, 2);
	brief->batch = pl_rows_int(rows, 3);
	return TRUE;
}

/* ---- adding ------------------------------------------------------------ */

/* The hashes of its files tie the document to the chain. */
static char *
hashes_of(pl_ledger *l, gint64 document, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_FILE_HASHES, V(v_int(document)), error);
	g_autoptr(GString) list = g_string_new(NULL);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		g_autofree char *hash = pl_rows_text(rows, 0);

		if (list->len > 0)
			g_string_append_c(list, ',');
		g_string_append(list, hash);
	}
	return more < 0 ? NULL : g_strdup(list->str);
}

static char *
words_for(enum pl_state state, const char *code, gint64 original)
{
	GString *words = g_string_new(NULL);

	g_string_append_printf(words, "state=%s", pl_state_name(state));
	if (code != NULL)
		g_string_append_printf(words, " code=%s", code);
	if (original != 0)
		g_string_append_printf(
		    words, " original=%" G_GINT64_FORMAT, original);
	return g_string_free(words, FALSE);
}

static gboolean
note_entered(pl_ledger *l, const struct pl_event *e, enum pl_state state,
    const char *code, gint64 original, GError **error)
{
	g_autofree char *words = words_for(state, code, original);
	g_autofree char *hashes = hashes_of(l, e->document, error);
	g_autofree char *detail = NULL;
	struct pl_event event = *e;

	if (hashes == NULL)
		return FALSE;
	detail = g_strdup_printf("%s files=%s", words, hashes);
	event.detail = detail;
	return pl_event_note(l, &event, error);
}

/* What waits or is held is to be sent: there must be something left to send.
 * SQL asks for WHAT with that ID. */
static gboolean
has_bytes(pl_ledger *l, enum pl_sql sql, const char *what, gint64 id,
    GError **error)
{
	gint64 pruned;
	int found = pl_db_number(l->db, sql, V(v_int(id)), &pruned, error);

	if (found > 0)
		pl_refuse(error, PL_LEDGER_CONFLICT,
		    "%s %" G_GINT64_FORMAT
		    " cannot be sent any more: the bytes of its message were "
		    "dropped after the time set as \"retention\"",
		    what, id);
	return found == 0;
}

static gboolean
insert(pl_ledger *l, gint64 document, const struct pl_value *values, unsigned n,
    gint64 *id, gint64 *message, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_ENTRY_ADD, values, n, error);
	int more = rows == NULL ? -1 : pl_rows_next(rows, error);

	if (more == 0)
		return has_bytes(l, PL_SQL_PRUNED_OF_DOCUMENT, "document",
			   document, error) &&
		       pl_refuse(error, PL_LEDGER_CONFLICT,
			   "the document has an entry there already, or does "
			   "not exist");
	if (more < 0)
		return FALSE;
	*id = pl_rows_int(rows, 0);
	*message = pl_rows_int(rows, 1);
	return pl_rows_next(rows, error) == 0;
}

static gboolean
add(pl_ledger *l, struct pl_event *e, enum pl_state state, const char *code,
    const char *note, gint64 original, gint64 *id, GError **error)
{
	if (!insert(l, e->document,
		V(v_int(e->document), v_text(e->journal), v_int(state),
		    v_text(code), v_text(note), v_id(original),
		    v_int(g_get_real_time())),
		id, &e->message, error))
		return FALSE;
	e->entry = *id;
	return pl_tally_add(l, e->journal, state, code, 1, error) &&
	       pl_statement_enter(l, *id, e->document, e->journal, error) &&
	       note_entered(l, e, state, code, original, error);
}

gboolean
pl_entry_add(pl_ledger *l, gint64 document, const char *journal,
    enum pl_state state, const char *code, const char *note, gint64 original,
    gint64 *id, GError **error)
{
	struct pl_event event = { .what = (char *)"entered",
		.document = document,
		.journal = (char *)journal };
	struct pl_work work;

	if (state == PL_SENDING || state == PL_SENT)
		return pl_refuse(error, PL_LEDGER_CONFLICT,
		    "an entry cannot begin as %s", pl_state_name(state));
	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work,
		   add(l, &event, state, code, note, original, id, error),
		   error);
}

/* ---- changing ---------------------------------------------------------- */

struct change {
	const char *what;
	enum pl_state to;
	const char *code, *note;
	gint64 original;
	gboolean released;
};

static gboolean
put(pl_ledger *l, gint64 id, const struct pl_entry_brief *is,
    const struct change *c, GError **error)
{
	/* What waits again is in no batch any more. */
	gint64 batch = c->to == PL_WAITING ? 0 : is->batch;

	return pl_db_do(l->db, PL_SQL_ENTRY_SET,
		   V(v_int(id), v_int(c->to), v_text(c->code), v_text(c->note),
		       v_id(c->original), v_id(batch), v_int(c->released),
		       v_int(g_get_real_time())),
		   error) &&
	       pl_tally_move(
		   l, is->journal, is->state, is->code, c->to, c->code, error);
}

static gboolean
note_change(pl_ledger *l, gint64 id, const struct pl_entry_brief *is,
    const struct change *c, GError **error)
{
	g_autoptr(GString) detail = g_string_new(NULL);

	g_string_append_printf(detail, "from=%s", pl_state_name(is->state));
	if (is->batch != 0)
		g_string_append_printf(
		    detail, " batch=%" G_GINT64_FORMAT, is->batch);
	if (c->code != NULL)
		g_string_append_printf(detail, " code=%s", c->code);
	if (c->original != 0)
		g_string_append_printf(
		    detail, " original=%" G_GINT64_FORMAT, c->original);
	return pl_event_note(l,
	    &(struct pl_event){ .what = (char *)c->what,
		.entry = id,
		.journal = is->journal,
		.detail = detail->str },
	    error);
}

/* What is open keeps its bytes, unless it was settled and came back. */
static gboolean
may_open(pl_ledger *l, gint64 id, enum pl_state from, enum pl_state to,
    GError **error)
{
	return (to != PL_WAITING && (to != PL_HELD || from == PL_WAITING)) ||
	       has_bytes(l, PL_SQL_PRUNED_OF_ENTRY, "entry", id, error);
}

/* FROM: the states it may be in, as bits. */
static gboolean
change(pl_ledger *l, gint64 id, unsigned from, const struct change *c,
    GError **error)
{
	g_auto(pl_entry_brief) is = { 0 };

	if (!pl_entry_brief_get(l, id, &is, error))
		return FALSE;
	if ((from & 1U << is.state) == 0)
		return pl_refuse(error, PL_LEDGER_CONFLICT,
		    "entry %" G_GINT64_FORMAT " is %s", id,
		    pl_state_name(is.state));
	return may_open(l, id, is.state, c->to, error) &&
	       put(l, id, &is, c, error) && note_change(l, id, &is, c, error);
}

static gboolean
do_change(pl_ledger *l, gint64 id, unsigned from, const struct change *c,
    GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, change(l, id, from, c, error), error);
}

gboolean
pl_entry_change(pl_ledger *l, gint64 id, enum pl_state from, enum pl_state to,
    const char *code, const char *note, gint64 original, GError **error)
{
	const struct change c = { .what = pl_state_name(to),
		.to = to,
		.code = code,
		.note = note,
		.original = original };

	if (from == PL_SENDING || to == PL_SENDING || to == PL_SENT)
		return pl_refuse(error, PL_LEDGER_CONFLICT,
		    "only a batch makes entries %s",
		    pl_state_name(from == PL_SENDING ? from : to));
	return do_change(l, id, 1U << from, &c, error);
}

gboolean
pl_entry_release(pl_ledger *l, gint64 id, GError **error)
{
	const struct change c = {
		.what = "released", .to = PL_WAITING, .released = TRUE
	};

	return do_change(l, id,
	    1U << PL_HELD | 1U << PL_DUPLICATE | 1U << PL_SUPERSEDED, &c,
	    error);
}

gboolean
pl_entry_resend(pl_ledger *l, gint64 id, GError **error)
{
	const struct change c = {
		.what = "resend", .to = PL_WAITING, .released = TRUE
	};

	return do_change(l, id, 1U << PL_SENT, &c, error);
}
