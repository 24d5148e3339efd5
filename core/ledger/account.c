/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * account - accounts whose statements no journal takes
 *
 * Each such statement is a problem PL-203 when it comes in. It stops being one
 * when a journal takes it up: then it has an entry. Documents are few here, so
 * they are counted and not kept in a table of their own.
 */
#include <string.h>

#include "room.h"

void
pl_statement_stray_free(struct pl_statement_stray *s)
{
	if (s == NULL)
		return;
	g_free(s->account);
	g_free(s->currency);
	g_free(s->day);
	g_free(s);
}

static void
stray_free(gpointer stray)
{
	pl_statement_stray_free(stray);
}

/* The line of the account that the row is of, made when it is its first. */
static struct pl_statement_stray *
stray_of(GPtrArray *list, GHashTable *known, const char *account,
    const char *currency)
{
	g_autofree char *plain = pl_statement_account(account);
	char *key = g_strconcat(plain, " ", currency, NULL);
	struct pl_statement_stray *s = g_hash_table_lookup(known, key);

	if (s == NULL) {
		s = g_new0(struct pl_statement_stray, 1);
		g_ptr_array_add(list, s);
		g_hash_table_insert(known, g_steal_pointer(&key), s);
	}
	g_free(key);
	return s;
}

static void
count(GPtrArray *list, GHashTable *known, pl_rows *rows)
{
	g_autofree char *account = pl_rows_text(rows, 0);
	g_autofree char *currency = pl_rows_text(rows, 1);
	g_autofree char *day = pl_rows_text(rows, 2);
	struct pl_statement_stray *s = stray_of(list, known, account, currency);

	s->statements++;
	if (s->account != NULL && g_strcmp0(day, s->day) <= 0)
		return;
	g_free(s->account);
	s->account = g_steal_pointer(&account);
	g_free(s->currency);
	s->currency = g_steal_pointer(&currency);
	g_free(s->day);
	s->day = g_steal_pointer(&day);
}

static int
by_account(gconstpointer a, gconstpointer b)
{
	const struct pl_statement_stray *x = *(const gpointer *)a;
	const struct pl_statement_stray *y = *(const gpointer *)b;
	int order = strcmp(x->account, y->account);

	return order != 0 ? order : g_strcmp0(x->currency, y->currency);
}

GPtrArray *
pl_statement_strays(pl_ledger *l, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(stray_free);
	g_autoptr(GHashTable) known =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_STATEMENT_STRAYS, V_NONE, error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0)
		count(list, known, rows);
	if (more < 0)
		return NULL;
	g_ptr_array_sort(list, by_account);
	return g_steal_pointer(&list);
}
