/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * accounts - the accounts of bank statements on the page of `status`
 *
 * A row is the newest statement of an account, whatever became of it: an
 * accountant compares number, date and balance with the bank's own page.
 */
#include "accounts.h"

#include <string.h>

#include "cli.h"
#include "postledger/report.h"

static const struct pl_column columns[] = {
	{ "ACCOUNT", FALSE, 16 },
	{ "JOURNAL", FALSE, 8 },
	{ "NUMBER", TRUE, 0 },
	{ "DATE", FALSE, 0 },
	{ "BALANCE", TRUE, 0 },
	{ "SENT", FALSE, 0 },
	{ "COMES", FALSE, 8 },
};

static gboolean
is_iban(const char *account)
{
	gsize n = strlen(account);
	if (n < 15 || n > 34 || !g_ascii_isupper(account[0]) ||
	    !g_ascii_isupper(account[1]))
		return FALSE;
	for (gsize i = 2; i < n; i++)
		if (!g_ascii_isdigit(account[i]) &&
		    (i < 4 || !g_ascii_isupper(account[i])))
			return FALSE;
	return TRUE;
}

char *
pl_accounts_name(const char *account, const char *currency)
{
	g_autoptr(GString) name = g_string_new(NULL);
	gboolean grouped = is_iban(account);
	for (gsize i = 0; account[i] != '\0'; i++) {
		if (grouped && i > 0 && i % 4 == 0)
			g_string_append_c(name, ' ');
		g_string_append_c(name, account[i]);
	}
	if (currency != NULL && *currency != '\0')
		g_string_append_printf(name, " %s", currency);
	return pl_text_clean(name->str, 60);
}

/* When it left, else why it did not. */
static char *
sent_of(const struct pl_statement_row *s, GTimeZone *zone)
{
	if (s->sent != 0)
		return pl_out_time(s->sent, zone);
	return s->code == NULL
		   ? g_strdup(pl_state_name(s->state))
		   : g_strjoin(" ", pl_state_name(s->state), s->code, NULL);
}

static char *
comes(const struct pl_rhythm *rhythm)
{
	g_autofree char *words = pl_rhythm_words(rhythm);
	g_autofree char *expected = pl_run_day(rhythm->expected);
	if (rhythm->silent)
		return g_strdup_printf(
		    "SILENT (%s, expected %s)", words, expected);
	return rhythm->kind == PL_RHYTHM_UNKNOWN ? g_strdup("-")
						 : g_steal_pointer(&words);
}

static void
add_row(pl_table *table, const struct pl_account *a, GTimeZone *zone)
{
	const struct pl_statement_row *s = a->newest;
	char *cells[G_N_ELEMENTS(columns)] = {
		pl_accounts_name(s->account, s->currency),
		g_strdup(a->journal->name),
		g_strdup(s->sequence),
		g_strdup(s->day),
		g_strdup(s->closing),
		sent_of(s, zone),
		comes(&a->rhythm),
	};
	pl_table_add(table, cells);
}

void
pl_accounts_print(const GPtrArray *accounts, GTimeZone *zone)
{
	if (accounts->len == 0)
		return;
	pl_table *table = pl_table_new(columns, G_N_ELEMENTS(columns));
	for (unsigned i = 0; i < accounts->len; i++)
		add_row(table, g_ptr_array_index(accounts, i), zone);
	pl_table_end(table);
	pl_out("\n");
}

void
pl_accounts_print_strays(const GPtrArray *strays)
{
	for (unsigned i = 0; i < strays->len; i++) {
		const struct pl_statement_stray *s =
		    g_ptr_array_index(strays, i);
		g_autofree char *name =
		    pl_accounts_name(s->account, s->currency);
		g_autofree char *n = pl_out_count(s->statements, "statement");
		g_autofree char *day = pl_text_clean(s->day, 20);
		pl_out("Account %s has no journal (PL-203): %s%s%s\n", name, n,
		    *day != '\0' ? ", the last of " : "", day);
	}
	if (strays->len > 0)
		pl_out("\n");
}

/* ---- JSON ---------------------------------------------------------------- */

static void
json_account(JsonBuilder *json, const struct pl_account *a, GTimeZone *zone)
{
	const struct pl_statement_row *s = a->newest;
	g_autofree char *rhythm = pl_rhythm_words(&a->rhythm);
	g_autofree char *expected = pl_run_day(a->rhythm.expected);
	pl_json_object(json, NULL);
	pl_json_string(json, "account", s->account);
	pl_json_string(json, "currency", s->currency);
	pl_json_string(json, "number", s->sequence);
	pl_json_string(json, "date", s->day);
	pl_json_string(json, "closing_balance", s->closing);
	pl_json_number(json, "entry", s->entry);
	pl_json_string(json, "state", pl_state_name(s->state));
	pl_json_string(json, "code", s->code);
	pl_json_time(json, "arrived", s->arrived, zone);
	pl_json_time(json, "sent", s->sent, zone);
	if (a->rhythm.kind != PL_RHYTHM_UNKNOWN)
		pl_json_string(json, "rhythm", rhythm);
	pl_json_string(json, "expected", expected);
	pl_json_true(json, "silent", a->rhythm.silent);
	json_builder_end_object(json);
}

void
pl_accounts_json(JsonBuilder *json, const GPtrArray *accounts,
    const struct pl_journal *journal, GTimeZone *zone)
{
	gboolean any = FALSE;
	for (unsigned i = 0; i < accounts->len; i++) {
		const struct pl_account *a = g_ptr_array_index(accounts, i);
		if (a->journal != journal)
			continue;
		if (!any)
			pl_json_array(json, "accounts");
		any = TRUE;
		json_account(json, a, zone);
	}
	if (any)
		json_builder_end_array(json);
}

void
pl_accounts_strays_json(JsonBuilder *json, const GPtrArray *strays)
{
	if (strays->len == 0)
		return;
	pl_json_array(json, "accounts_without_journal");
	for (unsigned i = 0; i < strays->len; i++) {
		const struct pl_statement_stray *s =
		    g_ptr_array_index(strays, i);
		pl_json_object(json, NULL);
		pl_json_string(json, "account", s->account);
		pl_json_string(json, "currency", s->currency);
		pl_json_string(json, "date", s->day);
		pl_json_count(json, "statements", s->statements);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
}
