/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * statement - bank statements of a journal by account and day
 *
 * A chain is what one account and currency has in one journal. Every entry of
 * a statement that names its account gets a line in it when it comes into
 * being. The look-ups are bounded: what waits, and of what is settled (sent or
 * archived) a few around each day on which something waits, so that they cost
 * the same after ten years.
 */
#include <string.h>

#include "room.h"

/* Behind each day on which something waits; before the first. */
#define AFTER 8
#define BEFORE 48
#define SAME_DAY 1000
#define FIRST_DAY ""
#define LAST_DAY "~"

void
pl_statement_row_free(struct pl_statement_row *r)
{
	if (r == NULL)
		return;
	g_free(r->code);
	g_free(r->chain);
	g_free(r->day);
	g_free(r->account);
	g_free(r->currency);
	g_free(r->sequence);
	g_free(r->opening);
	g_free(r->closing);
	g_free(r->from);
	g_free(r->format);
	g_free(r->learnt);
	g_free(r);
}

static void
row_free(gpointer row)
{
	pl_statement_row_free(row);
}

/* ---- the name of a chain ------------------------------------------------ */

/* DIGITS of any length, modulo 97. */
static unsigned
mod97(const char *digits, gsize n)
{
	unsigned rest = 0;

	for (gsize i = 0; i < n; i++)
		rest = (rest * 10 + (unsigned)(digits[i] - '0')) % 97;
	return rest;
}

/* The old Belgian number, two check digits at its end. */
static gboolean
is_belgian(const char *account)
{
	unsigned rest;

	if (strlen(account) != 12 || strspn(account, "0123456789") != 12)
		return FALSE;
	rest = mod97(account, 10);
	return (rest == 0 ? 97 : rest) == mod97(account + 10, 2) ||
	       (rest == 0 && strcmp(account + 10, "97") == 0);
}

/* Letters count from A = 10; the first four characters stand at the end. */
static gboolean
is_iban(const char *account)
{
	gsize n = strlen(account);
	unsigned rest = 0;

	if (n < 15 || n > 34 || !g_ascii_isalpha(account[0]) ||
	    !g_ascii_isalpha(account[1]) || !g_ascii_isdigit(account[2]) ||
	    !g_ascii_isdigit(account[3]))
		return FALSE;
	for (gsize i = 0; i < n; i++) {
		const char c = g_ascii_toupper(account[(i + 4) % n]);

		if (g_ascii_isdigit(c))
			rest = (rest * 10 + (unsigned)(c - '0')) % 97;
		else if (g_ascii_isupper(c))
			rest = (rest * 100 + (unsigned)(c - 'A') + 10) % 97;
		else
			return FALSE;
	}
	return rest == 1;
}

/* "GEBABEBB/BE68539007547034": what follows the bank, if it is an IBAN. */
static char *
behind_bank(const char *account)
{
	const char *slash = strrchr(account, '/');
	g_autofree char *plain =
	    slash != NULL ? pl_id_normalise(slash + 1) : NULL;

	return plain != NULL && is_iban(plain) ? g_steal_pointer(&plain) : NULL;
}

char *
pl_statement_account(const char *account)
{
	char *alone = behind_bank(account);

	if (alone != NULL)
		return alone;

	g_autofree char *plain = pl_id_normalise(account);
	g_autofree char *checked = NULL;

	if (!is_belgian(plain))
		return g_steal_pointer(&plain);
	checked = g_strconcat(plain, "111400", NULL); /* BE00 */
	return g_strdup_printf("BE%02u%s", 98 - mod97(checked, 18), plain);
}

char *
pl_statement_chain(const char *account, const char *currency)
{
	g_autofree char *number = pl_statement_account(account);
	g_autofree char *unit =
	    g_ascii_strup(currency != NULL ? currency : "", -1);

	return g_strconcat(number, " ", unit, NULL);
}

/* ---- entering ------------------------------------------------------------ */

gboolean
pl_statement_enter(pl_ledger *l, gint64 entry, gint64 document,
    const char *journal, GError **error)
{
	g_autoptr(pl_rows) rows = pl_db_query(
	    l->db, PL_SQL_STATEMENT_FACTS, V(v_int(document)), error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);
	g_autofree char *account = NULL, *currency = NULL, *day = NULL;
	g_autofree char *chain = NULL;

	if (found <= 0)
		return found == 0;
	account = pl_rows_text(rows, 0);
	currency = pl_rows_text(rows, 1);
	day = pl_rows_text(rows, 2);
	if (day == NULL)
		return TRUE;
	chain = pl_statement_chain(account, currency);
	return pl_db_do(l->db, PL_SQL_STATEMENT_ADD,
	    V(v_text(journal), v_text(chain), v_text(day), v_int(entry)),
	    error);
}

/* ---- reading ------------------------------------------------------------- */

static struct pl_statement_row *
row_of(pl_rows *rows)
{
	struct pl_statement_row *r = g_new0(struct pl_statement_row, 1);
	unsigned c = 0;

	r->entry = pl_rows_int(rows, c++);
	r->state = (enum pl_state)pl_rows_int(rows, c++);
	r->arrived = pl_rows_int(rows, c++);
	r->released = pl_rows_int(rows, c++) != 0;
	r->sent = pl_rows_int(rows, c++);
	r->code = pl_rows_text(rows, c++);
	r->chain = pl_rows_text(rows, c++);
	r->day = pl_rows_text(rows, c++);
	r->account = pl_rows_text(rows, c++);
	r->currency = pl_rows_text(rows, c++);
	r->sequence = pl_rows_text(rows, c++);
	r->opening = pl_rows_text(rows, c++);
	r->closing = pl_rows_text(rows, c++);
	r->from = pl_rows_text(rows, c++);
	r->format = pl_rows_text(rows, c++);
	if (r->state != PL_SENT)
		r->sent = 0;
	return r;
}

static struct pl_statement_row *
open_of(pl_rows *rows)
{
	struct pl_statement_row *r = row_of(rows);

	r->original = pl_rows_int(rows, 15);
	r->batch = pl_rows_int(rows, 16);
	return r;
}

typedef struct pl_statement_row *row_func(pl_rows *rows);

/* Appends the rows; returns how many there were, -1 on error. */
static int
append(pl_ledger *l, GPtrArray *list, row_func *read_row, enum pl_sql sql,
    const struct pl_value *values, unsigned n, GError **error)
{
	g_autoptr(pl_rows) rows = pl_db_query(l->db, sql, values, n, error);
	int more = rows == NULL ? -1 : 1, count = 0;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		g_ptr_array_add(list, read_row(rows));
		count++;
	}
	return more < 0 ? -1 : count;
}

GPtrArray *
pl_statement_open(pl_ledger *l, const char *journal, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(row_free);

	return append(l, list, open_of, PL_SQL_STATEMENT_OPEN,
		   V(v_text(journal)), error) < 0
		   ? NULL
		   : g_steal_pointer(&list);
}

gboolean
pl_statement_open_of(pl_ledger *l, const char *journal, const char *chain,
    GPtrArray *rows, GError **error)
{
	return append(l, rows, open_of, PL_SQL_STATEMENT_OPEN_OF,
		   V(v_text(journal), v_text(chain)), error) >= 0;
}

/* ---- neighbours ---------------------------------------------------------- */

struct around {
	pl_ledger *ledger;
	const char *journal, *chain;
	GPtrArray *list;
	gboolean whole; /* nothing was left out since the last day */
};

/* The newest ones after the day AFTER_DAY and before the day BEFORE_DAY. */
static gboolean
add_before(struct around *a, const char *after, const char *before, GError **e)
{
	guint first = a->list->len;
	int n = append(a->ledger, a->list, row_of, PL_SQL_STATEMENT_BEFORE,
	    V(v_text(a->journal), v_text(a->chain), v_text(after),
		v_text(before), v_int(BEFORE)),
	    e);

	/* they came newest first; the oldest may have others before it */
	if (n > 0)
		((struct pl_statement_row *)a->list->pdata[a->list->len - 1])
		    ->hole = n == BEFORE || *after != '\0';
	for (guint i = first, k = a->list->len; i + 1 < k; i++, k--) {
		gpointer row = a->list->pdata[i];

		a->list->pdata[i] = a->list->pdata[k - 1];
		a->list->pdata[k - 1] = row;
	}
	return n >= 0;
}

static gboolean
add_day(struct around *a, const char *day, const char *next, GError **error)
{
	int n = append(a->ledger, a->list, row_of, PL_SQL_STATEMENT_ON,
	    V(v_text(a->journal), v_text(a->chain), v_text(day),
		v_int(SAME_DAY)),
	    error);

	if (n >= 0)
		n = append(a->ledger, a->list, row_of, PL_SQL_STATEMENT_AFTER,
		    V(v_text(a->journal), v_text(a->chain), v_text(day),
			v_text(next), v_int(AFTER)),
		    error);
	a->whole = n < AFTER;
	return n >= 0;
}

/* Between two days that are far apart the last of the one and the first of the
 * other may be the same rows: each is wanted once. */
static void
drop_doubles(GPtrArray *list)
{
	g_autoptr(GHashTable) seen =
	    g_hash_table_new(g_int64_hash, g_int64_equal);
	guint kept = 0;

	for (guint i = 0; i < list->len; i++) {
		struct pl_statement_row *r = list->pdata[i];
		struct pl_statement_row *other =
		    g_hash_table_lookup(seen, &r->entry);

		if (other != NULL) {
			pl_statement_row_free(r);
		} else {
			g_hash_table_insert(seen, &r->entry, r);
			list->pdata[kept++] = r;
		}
		list->pdata[i] = i < kept ? list->pdata[i] : NULL;
	}
	g_ptr_array_set_size(list, (gint)kept);
}

GPtrArray *
pl_statement_around(pl_ledger *l, const char *journal, const char *chain,
    const GPtrArray *days, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(row_free);
	struct around a = { l, journal, chain, list, FALSE };

	for (guint i = 0; i < days->len; i++) {
		const char *day = days->pdata[i];
		const char *last = i > 0 ? days->pdata[i - 1] : FIRST_DAY;
		const char *next =
		    i + 1 < days->len ? days->pdata[i + 1] : LAST_DAY;

		if (!a.whole && !add_before(&a, last, day, error))
			return NULL;
		if (!add_day(&a, day, next, error))
			return NULL;
	}
	drop_doubles(list);
	return g_steal_pointer(&list);
}

/* ---- the newest of each account ------------------------------------------ */

static void
read_day(pl_rows *rows, struct pl_statement_day *d)
{
	struct pl_value day;

	d->entry = pl_rows_int(rows, 0);
	d->arrived = pl_rows_int(rows, 1);
	pl_rows_value(rows, 2, &day);
	memset(d->day, 0, sizeof(d->day));
	memcpy(d->day, day.bytes, MIN(day.length, sizeof(d->day) - 1));
}

GArray *
pl_statement_days(pl_ledger *l, const char *journal, const char *chain,
    unsigned limit, GError **error)
{
	g_autoptr(GArray) list = g_array_sized_new(
	    FALSE, FALSE, sizeof(struct pl_statement_day), limit);
	g_autoptr(pl_rows) rows = pl_db_query(l->db, PL_SQL_STATEMENT_DAYS,
	    V(v_text(journal), v_text(chain), v_int(limit)), error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		struct pl_statement_day day;

		read_day(rows, &day);
		g_array_append_val(list, day);
	}
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

static struct pl_statement_row *
newest_of(pl_rows *rows)
{
	struct pl_statement_row *r = row_of(rows);

	r->learnt = pl_rows_text(rows, 15);
	return r;
}

GPtrArray *
pl_statement_newest(pl_ledger *l, const char *journal, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(row_free);

	return append(l, list, newest_of, PL_SQL_STATEMENT_NEWEST,
		   V(v_text(journal)), error) < 0
		   ? NULL
		   : g_steal_pointer(&list);
}

gboolean
pl_statement_learn(pl_ledger *l, const char *journal,
    const struct pl_statement_row *newest, const char *words, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work,
		   pl_db_do(l->db, PL_SQL_STATEMENT_LEARNT,
		       V(v_text(journal), v_text(newest->chain),
			   v_int(newest->entry), v_text(words)),
		       error),
		   error);
}

/* ---- what is said of a held one ---------------------------------------- */

static gboolean
note(pl_ledger *l, gint64 id, const char *code, const char *words,
    GError **error)
{
	g_auto(pl_entry_brief) is = { 0 };
	g_autofree char *detail = g_strdup_printf("code=%s", code);

	if (!pl_entry_brief_get(l, id, &is, error))
		return FALSE;
	if (is.state != PL_HELD || is.code == NULL)
		return pl_refuse(error, PL_LEDGER_CONFLICT,
		    "entry %" G_GINT64_FORMAT " is %s", id,
		    pl_state_name(is.state));
	return pl_db_do(l->db, PL_SQL_STATEMENT_NOTE,
		   V(v_int(id), v_text(code), v_text(words)), error) &&
	       pl_event_note(l,
		   &(struct pl_event){ .what = (char *)(guintptr) "noted",
		       .entry = id,
		       .journal = is.journal,
		       .detail = detail },
		   error);
}

gboolean
pl_statement_note(pl_ledger *l, gint64 entry, const char *code,
    const char *words, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, note(l, entry, code, words, error), error);
}
