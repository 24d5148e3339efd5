/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * csv - account statements exported as CSV by Belgian and Dutch banks
 *
 * CSV has no signature: a file is taken for a statement only where one of
 * its first lines has a bank's headings and the line after them a date and
 * an amount. Each account in the file is a statement of its own, whose
 * balances come from the column of running balances where there is one.
 */
#include "csv.h"

#include <string.h>

#include "readers.h"
#include "textlines.h"
#include "values.h"

#define HEADINGS_WITHIN 20 /* records */
#define ACCOUNTS_MAX 1000
#define CELL_MAX 4096

/* The first and last running balance of a statement, with their amounts. */
struct balances {
	char *first, *first_amount, *last, *last_amount;
	char *first_date, *last_date;
	gboolean rising, falling; /* a step fits this order of the lines */
};

struct csv {
	struct pl_facts *facts;
	const char *at, *end;
	char delimiter;
	struct pl_csv_columns columns;
	GHashTable *accounts; /* char * ▸ struct pl_statement *, not owned */
	GHashTable *balances; /* struct pl_statement * ▸ struct balances * */
	guint records;
};

static void
balances_free(gpointer data)
{
	struct balances *balances = data;

	g_free(balances->first);
	g_free(balances->first_amount);
	g_free(balances->last);
	g_free(balances->last_amount);
	g_free(balances->first_date);
	g_free(balances->last_date);
	g_free(balances);
}

/* ---- records and cells */

GPtrArray *
pl_csv_record(const char **at, const char *end, char delimiter)
{
	GPtrArray *cells = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) cell = g_string_new(NULL);
	gboolean quoted = FALSE;
	const char *c = *at;

	if (c >= end) {
		g_ptr_array_unref(cells);
		return NULL;
	}
	for (; c < end && (quoted || (*c != '\n' && *c != '\r')); c++) {
		if (*c == '"' && quoted && c + 1 < end && c[1] == '"')
			g_string_append_c(cell, *c++);
		else if (*c == '"' && (quoted || cell->len == 0))
			quoted = !quoted;
		else if (*c == delimiter && !quoted) {
			if (cells->len < PL_CSV_COLUMNS_MAX)
				g_ptr_array_add(
				    cells, pl_value_utf8(cell->str, cell->len));
			g_string_truncate(cell, 0);
		} else if (cell->len < CELL_MAX)
			g_string_append_c(cell, *c);
	}
	if (cells->len < PL_CSV_COLUMNS_MAX)
		g_ptr_array_add(cells, pl_value_utf8(cell->str, cell->len));
	if (c < end && *c == '\r')
		c++;
	if (c < end && *c == '\n')
		c++;
	*at = c;
	return cells;
}

/* ---- values */

/* Day first, unless the year is, as these banks write it. */
static char *
date_cell(const char *text)
{
	guint number[3] = { 0 }, n = 0;

	if (text == NULL)
		return NULL;
	if (strspn(text, "0123456789") == 8)
		return pl_value_edifact_date(text, "102");
	while (n < 3 && g_ascii_isdigit(*text)) {
		gsize digits = strspn(text, "0123456789");

		if (digits > 4)
			return NULL;
		number[n++] = (guint)g_ascii_strtoull(text, NULL, 10);
		text += digits;
		if (*text != '\0')
			text++;
	}
	if (n < 3)
		return NULL;
	if (number[0] > 31)
		return pl_value_date(number[0], number[1], number[2]);
	return pl_value_date(number[2] < 100 ? number[2] + 2000 : number[2],
	    number[1], number[0]);
}

static char *
negated(char *amount)
{
	char *negative = pl_value_subtract("0", amount);

	g_free(amount);
	return negative;
}

static gboolean
is_debit_word(const char *sign)
{
	return sign != NULL && (g_ascii_strncasecmp(sign, "af", 2) == 0 ||
				   g_ascii_strncasecmp(sign, "d", 1) == 0);
}

static char *
amount_cell(const struct csv *csv, GPtrArray *cells)
{
	const struct pl_csv_columns *columns = &csv->columns;
	char *amount =
	    pl_value_guess_amount(pl_csv_cell(columns, cells, PL_CSV_AMOUNT));

	if (amount != NULL)
		return is_debit_word(pl_csv_cell(columns, cells, PL_CSV_SIGN))
			   ? negated(amount)
			   : amount;
	amount =
	    pl_value_guess_amount(pl_csv_cell(columns, cells, PL_CSV_CREDIT));
	if (amount != NULL)
		return amount;
	amount =
	    pl_value_guess_amount(pl_csv_cell(columns, cells, PL_CSV_DEBIT));
	return amount == NULL || *amount == '-' ? amount : negated(amount);
}

static char *
communication_cell(const struct csv *csv, GPtrArray *cells)
{
	g_autoptr(GString) all = g_string_new(NULL);
	const char *reference =
	    pl_csv_cell(&csv->columns, cells, PL_CSV_REFERENCE);
	char *found = pl_reference_find(reference);

	if (found != NULL)
		return found;
	for (guint i = 0; i < csv->columns.count && i < cells->len; i++) {
		if (csv->columns.role[i] != PL_CSV_TEXT)
			continue;
		if (all->len > 0)
			g_string_append_c(all, ' ');
		g_string_append(all, g_ptr_array_index(cells, i));
	}
	found = pl_reference_find(all->str);
	return found != NULL ? found : pl_value_words(all->str);
}

/* ---- statements */

static struct pl_statement *
statement_of(struct csv *csv, GPtrArray *cells)
{
	g_autofree char *account =
	    pl_value_account(pl_csv_cell(&csv->columns, cells, PL_CSV_ACCOUNT));
	const char *key = account != NULL ? account : "";
	struct pl_statement *statement =
	    g_hash_table_lookup(csv->accounts, key);

	if (statement != NULL ||
	    g_hash_table_size(csv->accounts) >= ACCOUNTS_MAX)
		return statement;
	statement = pl_statement_new();
	statement->account = g_strdup(account);
	g_ptr_array_add(csv->facts->statements, statement);
	g_hash_table_insert(csv->accounts, g_strdup(key), statement);
	g_hash_table_insert(
	    csv->balances, statement, g_new0(struct balances, 1));
	return statement;
}

/* BALANCE is the one after AMOUNT. */
static void
balance_add(struct balances *balances, const char *text, const char *amount,
    const char *date)
{
	g_autofree char *balance = pl_value_guess_amount(text);

	if (balance == NULL)
		return;
	if (balances->first == NULL) {
		balances->first = g_strdup(balance);
		balances->first_amount = g_strdup(amount);
		balances->first_date = g_strdup(date);
	} else {
		g_autofree char *before = pl_value_subtract(balance, amount);
		g_autofree char *older =
		    pl_value_subtract(balances->last, balances->last_amount);

		balances->rising |= g_strcmp0(before, balances->last) == 0;
		balances->falling |= g_strcmp0(older, balance) == 0;
	}
	g_free(balances->last);
	g_free(balances->last_amount);
	g_free(balances->last_date);
	balances->last = g_steal_pointer(&balance);
	balances->last_amount = g_strdup(amount);
	balances->last_date = g_strdup(date);
}

static void
balance_finish(gpointer key, gpointer value, gpointer data)
{
	struct pl_statement *statement = key;
	struct balances *balances = value;
	int order = g_strcmp0(balances->first_date, balances->last_date);
	gboolean newest_first =
	    order > 0 || (order == 0 && balances->falling && !balances->rising);

	(void)data;
	if (balances->first == NULL)
		return;
	statement->closing_balance =
	    g_strdup(newest_first ? balances->first : balances->last);
	statement->opening_balance =
	    newest_first
		? pl_value_subtract(balances->last, balances->last_amount)
		: pl_value_subtract(balances->first, balances->first_amount);
}

/* FALSE: this record is no line of a statement. */
static gboolean
line_read(struct csv *csv, GPtrArray *cells)
{
	const struct pl_csv_columns *columns = &csv->columns;
	g_autofree char *date =
	    date_cell(pl_csv_cell(columns, cells, PL_CSV_DATE));
	g_autofree char *amount = amount_cell(csv, cells);

	if (date == NULL || amount == NULL)
		return FALSE;

	struct pl_statement *statement = statement_of(csv, cells);
	struct pl_line *line;

	if (statement == NULL)
		return FALSE;
	line = pl_line_new();
	g_ptr_array_add(statement->lines, line);
	balance_add(g_hash_table_lookup(csv->balances, statement),
	    pl_csv_cell(columns, cells, PL_CSV_BALANCE), amount, date);
	pl_value_period(statement, date);
	pl_value_first(&statement->currency,
	    pl_value_trim(pl_csv_cell(columns, cells, PL_CSV_CURRENCY)));
	pl_value_first(&statement->sequence,
	    pl_value_number(pl_csv_cell(columns, cells, PL_CSV_SEQUENCE)));
	line->date = g_steal_pointer(&date);
	line->amount = g_steal_pointer(&amount);
	line->counterparty_account =
	    pl_value_account(pl_csv_cell(columns, cells, PL_CSV_OTHER_ACCOUNT));
	line->counterparty_name =
	    pl_value_words(pl_csv_cell(columns, cells, PL_CSV_OTHER_NAME));
	pl_value_first(&line->counterparty_name,
	    pl_value_words(pl_csv_cell(columns, cells, PL_CSV_NAME)));
	line->communication = communication_cell(csv, cells);
	return TRUE;
}

/* ---- the file */

/* Finds the headings; leaves AT behind them. */
static gboolean
headings_find(struct csv *csv)
{
	static const char delimiters[] = ";,\t";
	const char *start = csv->at;

	for (guint d = 0; d < strlen(delimiters); d++) {
		csv->at = start;
		csv->delimiter = delimiters[d];
		for (guint i = 0; i < HEADINGS_WITHIN; i++) {
			const char *record = csv->at;
			g_autoptr(GPtrArray) cells =
			    pl_csv_record(&csv->at, csv->end, csv->delimiter);

			if (cells == NULL)
				break;
			if (pl_csv_headings(cells, &csv->columns))
				return TRUE;
			if (i == 0 && csv->delimiter == '\t' &&
			    pl_csv_abn_amro(cells, &csv->columns)) {
				csv->at = record;
				return TRUE;
			}
		}
	}
	return FALSE;
}

static void
records_read(struct csv *csv)
{
	GPtrArray *cells;

	while (csv->records < PL_LINES_MAX &&
	       (cells = pl_csv_record(&csv->at, csv->end, csv->delimiter)) !=
		   NULL) {
		gboolean is_line = line_read(csv, cells);

		g_ptr_array_unref(cells);
		if (!is_line && csv->records == 0)
			return; /* headings without a line: no statement */
		csv->records++;
	}
	if (csv->at < csv->end)
		pl_value_damage(
		    csv->facts, "CSV: more than %d records", PL_LINES_MAX);
}

gboolean
pl_csv_read(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	struct csv csv = { .facts = facts };
	struct pl_textlines text;

	if (!pl_textlines_begin(&text, bytes, length))
		return FALSE;
	csv.at = text.bytes + text.next;
	csv.end = text.bytes + text.length;
	if ((pl_textlines_next(&text) && pl_textlines_mail_header(&text)) ||
	    !headings_find(&csv))
		return FALSE;
	csv.accounts =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	csv.balances = g_hash_table_new_full(NULL, NULL, NULL, balances_free);
	records_read(&csv);
	g_hash_table_foreach(csv.balances, balance_finish, NULL);
	g_hash_table_unref(csv.accounts);
	g_hash_table_unref(csv.balances);
	if (facts->statements->len == 0)
		return FALSE;
	facts->format = PL_FORMAT_CSV;
	facts->kind = PL_FACTS_STATEMENT;
	return TRUE;
}
