/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * entry - reading entries
 *
 * One question, put together from the fragments of entry.sql: the selection,
 * the conditions that are set, an order, a limit. The texts that come out are
 * few and are kept prepared. Which index serves is decided by the first
 * condition: one thing (document, message, batch), else journal and states,
 * else time.
 */
#include <string.h>

#include "room.h"

/* All that an entry owns. */
static const gsize strings[] = {
	offsetof(pl_entry, journal),
	offsetof(pl_entry, code),
	offsetof(pl_entry, note),
	offsetof(pl_entry, number),
	offsetof(pl_entry, doc_date),
	offsetof(pl_entry, seller_id),
	offsetof(pl_entry, seller_name),
	offsetof(pl_entry, buyer_id),
	offsetof(pl_entry, currency),
	offsetof(pl_entry, total),
	offsetof(pl_entry, account),
	offsetof(pl_entry, sequence),
	offsetof(pl_entry, filename),
	offsetof(pl_entry, msg_date),
	offsetof(pl_entry, sender),
	offsetof(pl_entry, from),
	offsetof(pl_entry, subject),
	offsetof(pl_entry, auth_user),
	offsetof(pl_entry, client_addr),
	offsetof(pl_entry, message_id),
	offsetof(pl_entry, batch_name),
	offsetof(pl_entry, format),
	offsetof(pl_entry, opening),
	offsetof(pl_entry, closing),
};

static char **
string_of(pl_entry *e, gsize i)
{
	return (char **)(void *)((char *)e + strings[i]);
}

void
pl_entry_free(struct pl_entry *e)
{
	if (e == NULL)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
		g_free(*string_of(e, i));
	g_free(e);
}

pl_entry *
pl_entry_copy(const pl_entry *from)
{
	pl_entry *e = g_memdup2(from, sizeof(*from));

	for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
		*string_of(e, i) = g_strdup(*string_of(e, i));
	return e;
}

/* ---- the question ------------------------------------------------------ */

struct question {
	GString *text;
	struct pl_value values[24];
	unsigned n;
	gboolean where; /* a condition stands already */
};

static void
question_clear(struct question *q)
{
	g_string_free(q->text, TRUE);
}
typedef struct question question;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(question, question_clear)

/* Appends a fragment; each $# in it becomes the next parameter. */
static void
append(struct question *q, enum pl_sql fragment, const struct pl_value *values,
    unsigned n)
{
	const char *text = pl_sql_text(fragment), *mark;

	for (unsigned i = 0; i < n; i++) {
		mark = strstr(text, "$#");
		g_assert(mark != NULL && q->n < G_N_ELEMENTS(q->values));
		q->values[q->n++] = values[i];
		g_string_append_len(q->text, text, mark - text);
		g_string_append_printf(q->text, "$%u", q->n);
		text = mark + 2;
	}
	g_string_append(q->text, text);
}

static void
condition(struct question *q, enum pl_sql fragment,
    const struct pl_value *values, unsigned n)
{
	g_string_append(q->text, q->where ? "AND " : "WHERE ");
	q->where = TRUE;
	append(q, fragment, values, n);
}

static struct question
question_about(enum pl_sql selection)
{
	struct question q = { .text = g_string_sized_new(1024) };

	append(&q, selection, V_NONE);
	return q;
}

static struct question
question_new(void)
{
	return question_about(PL_SQL_ENTRY_SELECT);
}

/* ---- the answer -------------------------------------------------------- */

static void
fill_document(pl_rows *rows, struct pl_entry *e, unsigned c)
{
	e->kind = (int)pl_rows_int(rows, c++);
	e->number = pl_rows_text(rows, c++);
	e->doc_date = pl_rows_text(rows, c++);
	e->seller_id = pl_rows_text(rows, c++);
	e->seller_name = pl_rows_text(rows, c++);
	e->buyer_id = pl_rows_text(rows, c++);
	e->currency = pl_rows_text(rows, c++);
	e->total = pl_rows_text(rows, c++);
	e->account = pl_rows_text(rows, c++);
	e->sequence = pl_rows_text(rows, c++);
	e->filename = pl_rows_text(rows, c++);
	e->formats = (unsigned)pl_rows_int(rows, c++);
	e->size = (guint64)pl_rows_int(rows, c++);
	e->offset = (guint64)pl_rows_int(rows, c++);
	e->length = (guint64)pl_rows_int(rows, c++);
}

static void
fill_message(pl_rows *rows, struct pl_entry *e, unsigned c)
{
	e->arrived = pl_rows_int(rows, c++);
	e->msg_date = pl_rows_text(rows, c++);
	e->sender = pl_rows_text(rows, c++);
	e->from = pl_rows_text(rows, c++);
	e->subject = pl_rows_text(rows, c++);
	e->auth_user = pl_rows_text(rows, c++);
	e->client_addr = pl_rows_text(rows, c++);
	e->message_id = pl_rows_text(rows, c++);
}

static struct pl_entry *
entry_of(pl_rows *rows)
{
	struct pl_entry *e = g_new0(struct pl_entry, 1);
	unsigned c = 0;

	e->id = pl_rows_int(rows, c++);
	e->document = pl_rows_int(rows, c++);
	e->message = pl_rows_int(rows, c++);
	e->batch = pl_rows_int(rows, c++);
	e->journal = pl_rows_text(rows, c++);
	e->state = (enum pl_state)pl_rows_int(rows, c++);
	e->code = pl_rows_text(rows, c++);
	e->note = pl_rows_text(rows, c++);
	e->original = pl_rows_int(rows, c++);
	e->released = pl_rows_int(rows, c++) != 0;
	e->changed = pl_rows_int(rows, c++);
	fill_document(rows, e, c);
	fill_message(rows, e, c + 15);
	c += 23;
	if (e->batch != 0)
		e->batch_name =
		    g_strdup_printf("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT,
			e->batch, pl_rows_int(rows, c));
	if (e->state == PL_SENT)
		e->sent = pl_rows_int(rows, c + 2);
	e->format = pl_rows_text(rows, c + 3);
	e->opening = pl_rows_text(rows, c + 4);
	e->closing = pl_rows_text(rows, c + 5);
	return e;
}

static gboolean
answer(pl_ledger *l, struct question *q, pl_entry_func each, void *user,
    GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_compose(l->db, q->text->str, q->values, q->n, error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		g_autoptr(pl_entry) e = entry_of(rows);

		if (!each(e, user))
			return TRUE;
	}
	return more == 0;
}

static GPtrArray *
collect(pl_ledger *l, struct question *q, GError **error)
{
	g_autoptr(GPtrArray) entries =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_entry_free);
	g_autoptr(pl_rows) rows =
	    pl_db_compose(l->db, q->text->str, q->values, q->n, error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0)
		g_ptr_array_add(entries, entry_of(rows));
	return more == 0 ? g_steal_pointer(&entries) : NULL;
}

/* ---- by filter --------------------------------------------------------- */

/* Letters ▸ states; all of them for NULL. Returns how many. */
static unsigned
states_of(const char *letters, struct pl_value values[PL_STATES])
{
	unsigned n = 0;

	for (unsigned s = 0; s < PL_STATES; s++)
		if (letters == NULL ||
		    strchr(letters, PL_STATE_LETTERS[s]) != NULL)
			values[n++] = v_int(s);
	for (unsigned i = n; i < PL_STATES; i++)
		values[i] = n > 0 ? values[0] : v_int(-1);
	return n;
}

static void
add_states(struct question *q, const char *letters)
{
	struct pl_value states[PL_STATES];

	if (states_of(letters, states) == 1)
		condition(q, PL_SQL_ENTRY_ONE_STATE, states, 1);
	else
		condition(q, PL_SQL_ENTRY_STATES, states, PL_STATES);
}

static gboolean
add_things(struct question *q, const struct pl_entry_filter *f)
{
	if (f->document != 0)
		condition(q, PL_SQL_ENTRY_DOCUMENT, V(v_int(f->document)));
	if (f->message != 0)
		condition(q, PL_SQL_ENTRY_MESSAGE, V(v_int(f->message)));
	if (f->batch != 0)
		condition(q, PL_SQL_ENTRY_BATCH, V(v_int(f->batch)));
	if (f->run != 0)
		condition(q, PL_SQL_ENTRY_TOLD, V(v_int(f->run)));
	return q->where;
}

static void
add_filter(struct question *q, const struct pl_entry_filter *f)
{
	gboolean narrow = add_things(q, f);

	if (f->journal != NULL)
		condition(q, PL_SQL_ENTRY_JOURNAL, V(v_text(f->journal)));
	else if (!narrow && f->states != NULL)
		condition(q, PL_SQL_ENTRY_ANY_JOURNAL, V_NONE);
	if (f->states != NULL || (!narrow && f->journal != NULL))
		add_states(q, f->states);
	if (f->since != 0)
		condition(q, PL_SQL_ENTRY_SINCE, V(v_int(f->since)));
	if (f->until != 0)
		condition(q, PL_SQL_ENTRY_UNTIL, V(v_int(f->until)));
	append(q, PL_SQL_ENTRY_BY_ARRIVAL, V_NONE);
	if (f->limit != 0)
		append(q, PL_SQL_ENTRY_LIMIT, V(v_int(f->limit)));
}

/* Nothing but what is open, and not of one thing, which has indexes. */
static gboolean
is_of_open_ones(const struct pl_entry_filter *f)
{
	return f->states != NULL && *f->states != '\0' &&
	       strspn(f->states, "wh") == strlen(f->states) &&
	       f->document == 0 && f->message == 0 && f->batch == 0 &&
	       f->run == 0;
}

static struct question
question_by(const struct pl_entry_filter *filter)
{
	struct question q =
	    question_about(is_of_open_ones(filter) ? PL_SQL_ENTRY_OPEN_SELECT
						   : PL_SQL_ENTRY_SELECT);

	add_filter(&q, filter);
	return q;
}

gboolean
pl_entry_each(pl_ledger *l, const struct pl_entry_filter *filter,
    pl_entry_func each, void *user, GError **error)
{
	g_auto(question) q = question_by(filter);

	return answer(l, &q, each, user, error);
}

GPtrArray *
pl_entry_list(
    pl_ledger *l, const struct pl_entry_filter *filter, GError **error)
{
	g_auto(question) q = question_by(filter);

	return collect(l, &q, error);
}

/* ---- the other questions ----------------------------------------------- */

pl_entry *
pl_entry_get(pl_ledger *l, gint64 id, GError **error)
{
	g_autoptr(GPtrArray) found = NULL;
	g_auto(question) q = question_new();

	condition(&q, PL_SQL_ENTRY_IS, V(v_int(id)));
	found = collect(l, &q, error);
	if (found == NULL)
		return NULL;
	if (found->len > 0)
		return g_ptr_array_steal_index(found, 0);
	pl_refuse(error, PL_LEDGER_ABSENT, "no entry %" G_GINT64_FORMAT, id);
	return NULL;
}

/* ---- the same again ------------------------------------------------------ */

/* Files are the same as the first one that stands; facts are compared with
 * what was said last. */
gboolean
pl_entry_same(pl_ledger *l, const char *journal, enum pl_same same,
    const char *key, gboolean gone, pl_entry_func each, void *user,
    GError **error)
{
	static const enum pl_sql fragments[] = {
		[PL_SAME_FILE] = PL_SQL_ENTRY_FILE,
		[PL_SAME_PART] = PL_SQL_ENTRY_PART,
		[PL_SAME_FACTS] = PL_SQL_ENTRY_FACTS,
		[PL_SAME_SEQUENCE] = PL_SQL_ENTRY_SEQUENCE,
	};
	const gboolean files = same == PL_SAME_FILE || same == PL_SAME_PART;
	g_auto(question) q = question_new();

	condition(
	    &q, fragments[same], V(v_text(key), v_text(key), v_text(journal)));
	condition(&q,
	    gone ? PL_SQL_ENTRY_STANDS_GONE : PL_SQL_ENTRY_STANDS_OPEN, V_NONE);
	append(&q, files ? PL_SQL_ENTRY_OLDEST_FIRST : PL_SQL_ENTRY_NEWEST,
	    V_NONE);
	return answer(l, &q, each, user, error);
}

GPtrArray *
pl_entry_of_message(pl_ledger *l, const char *journal, gint64 message,
    const char *file_key, GError **error)
{
	g_auto(question) q = question_new();

	condition(&q, PL_SQL_ENTRY_COPY,
	    V(v_int(message), v_text(file_key), v_text(journal)));
	append(&q, PL_SQL_ENTRY_OLDEST_FIRST, V_NONE);
	append(&q, PL_SQL_ENTRY_LIMIT, V(v_int(1)));
	return collect(l, &q, error);
}

GPtrArray *
pl_entry_naming(pl_ledger *l, gint64 original, unsigned limit, GError **error)
{
	g_auto(question) q = question_new();

	condition(&q, PL_SQL_ENTRY_NAMING, V(v_int(original)));
	append(&q, PL_SQL_ENTRY_NEWEST, V_NONE);
	append(&q, PL_SQL_ENTRY_LIMIT, V(v_int(limit)));
	return collect(l, &q, error);
}

GPtrArray *
pl_entry_from_sender(
    pl_ledger *l, const char *journal, const char *sender, GError **error)
{
	g_auto(question) q = question_new();

	condition(&q, PL_SQL_ENTRY_SENDER, V(v_raw(sender)));
	condition(&q, PL_SQL_ENTRY_JOURNAL, V(v_text(journal)));
	append(&q, PL_SQL_ENTRY_BY_ARRIVAL, V_NONE);
	return collect(l, &q, error);
}

GPtrArray *
pl_batch_entries(pl_ledger *l, gint64 batch, GError **error)
{
	g_auto(question) q = question_new();

	append(&q, PL_SQL_ENTRY_OF_BATCH, V(v_int(batch)));
	return collect(l, &q, error);
}

gboolean
pl_entry_exists(pl_ledger *l, gint64 document, const char *journal)
{
	gint64 id;

	return pl_db_number(l->db, PL_SQL_ENTRY_EXISTS,
		   V(v_int(document), v_text(journal)), &id, NULL) > 0;
}
