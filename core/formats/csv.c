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
	char *account;        /* named above the headings */
	guint records;
	const char *counted; /* lines up to here */
	guint line;          /* of it: where the present record begins */
};

static void
fail(struct csv *csv, const char *field, const char *text)
{
	pl_value_damage(csv->facts, "CSV: line %u: %s \"%.40s\" cannot be read",
	    csv->line, field, text);
}

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

/* A quote that closes CELL at C where nothing ends: the cell's own was lost, and
 * this one opened another cell some lines further on. */
static gboolean
is_anothers(const GString *cell, const char *c, const char *end, char delimiter)
{
	return c + 1 < end && c[1] != delimiter && !g_ascii_isspace(c[1]) &&
	       strpbrk(cell->str, "\r\n") != NULL;
}

/* *OPEN: a quoted cell has no end. */
static GPtrArray *
record_read(const char **at, const char *end, char delimiter, gboolean *open)
{
	GPtrArray *cells = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) cell = g_string_new(NULL);
	gboolean quoted = FALSE;
	const char *c = *at;

	*open = FALSE;
	if (c >= end) {
		g_ptr_array_unref(cells);
		return NULL;
	}
	for (; c < end && (quoted || (*c != '\n' && *c != '\r')); c++) {
		if (*c == '"' && quoted && c + 1 < end && c[1] == '"')
			g_string_append_c(cell, *c++);
		else if (*c == '"' && (quoted || cell->len == 0)) {
			*open |= quoted && is_anothers(cell, c, end, delimiter);
			quoted = !quoted;
		} else if (*c == delimiter && !quoted) {
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
	*open |= quoted;
	return cells;
}

GPtrArray *
pl_csv_record(const char **at, const char *end, char delimiter)
{
	gboolean open;

	return record_read(at, end, delimiter, &open);
}

/* ---- statements */

/* "Valuta" is the currency at one bank and a date at others. */
static char *
currency_of(struct csv *csv, GPtrArray *cells)
{
	g_autofree char *currency =
	    pl_value_trim(pl_csv_cell(&csv->columns, cells, PL_CSV_CURRENCY));

	return currency == NULL || strpbrk(currency, "0123456789") != NULL
		   ? NULL
		   : g_steal_pointer(&currency);
}

static struct pl_statement *
statement_of(struct csv *csv, GPtrArray *cells)
{
	g_autofree char *account =
	    pl_value_account(pl_csv_cell(&csv->columns, cells, PL_CSV_ACCOUNT));
	g_autofree char *currency = currency_of(csv, cells);

	if (account == NULL)
		account = g_strdup(csv->account);

	g_autofree char *key =
	    g_strconcat(account != NULL ? account : "", "\n", currency, NULL);
	struct pl_statement *statement =
	    g_hash_table_lookup(csv->accounts, key);

	if (statement != NULL ||
	    g_hash_table_size(csv->accounts) >= ACCOUNTS_MAX)
		return statement;
	statement = pl_statement_new();
	statement->account = g_strdup(account);
	statement->currency = g_steal_pointer(&currency);
	if (*csv->columns.currency != '\0')
		pl_value_first(
		    &statement->currency, g_strdup(csv->columns.currency));
	g_ptr_array_add(csv->facts->statements, statement);
	g_hash_table_insert(csv->accounts, g_strdup(key), statement);
	g_hash_table_insert(
	    csv->balances, statement, g_new0(struct balances, 1));
	return statement;
}

/* BALANCE is the one after AMOUNT. */
static void
balance_add(struct balances *balances, const char *balance, const char *amount,
    const char *date)
{
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
	balances->last = g_strdup(balance);
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

/* Lines of several statements of the bank have none of their numbers. */
static void
sequence_add(struct pl_statement *statement, const char *text)
{
	g_autofree char *sequence = pl_value_number(text);

	if (sequence == NULL)
		return;
	if (statement->lines->len == 0)
		statement->sequence = g_steal_pointer(&sequence);
	else if (g_strcmp0(statement->sequence, sequence) != 0)
		g_clear_pointer(&statement->sequence, g_free);
}

/* The balance after AMOUNT, which may stand before it. */
static char *
balance_of(struct csv *csv, GPtrArray *cells, const char *amount)
{
	const char *after = pl_csv_cell(&csv->columns, cells, PL_CSV_BALANCE);
	const char *before =
	    pl_csv_cell(&csv->columns, cells, PL_CSV_BALANCE_BEFORE);
	g_autofree char *old = pl_csv_money(&csv->columns, before);
	g_autofree char *taken = pl_value_subtract("0", amount);

	if (after == NULL && before != NULL)
		return pl_value_subtract(old, taken);

	char *balance = pl_csv_money(&csv->columns, after);

	if (after != NULL && balance == NULL)
		fail(csv, "balance", after);
	return balance;
}

static void
line_add(struct csv *csv, GPtrArray *cells, struct pl_statement *statement,
    const char *date, const char *amount)
{
	const struct pl_csv_columns *columns = &csv->columns;
	struct pl_line *line = pl_line_new();

	sequence_add(statement, pl_csv_cell(columns, cells, PL_CSV_SEQUENCE));
	g_ptr_array_add(statement->lines, line);
	line->unbooked = !pl_csv_booked(columns, cells);
	if (!line->unbooked) {
		g_autofree char *balance = balance_of(csv, cells, amount);

		balance_add(g_hash_table_lookup(csv->balances, statement),
		    balance, amount, date);
	}
	pl_value_period(statement, date);
	line->date = g_strdup(date);
	line->amount = g_strdup(amount);
	pl_csv_other_side(columns, cells, line);
	line->communication = pl_csv_communication(columns, cells);
}

static gboolean
is_amount(const struct pl_csv_columns *columns, const char *text)
{
	g_autofree char *amount = pl_csv_money(columns, text);

	return amount != NULL;
}

/* FALSE: this record is no line of a statement. One that has a date or an
 * amount and a wrong word for the other is damaged. */
static gboolean
line_read(struct csv *csv, GPtrArray *cells)
{
	const struct pl_csv_columns *columns = &csv->columns;
	const char *day = pl_csv_cell(columns, cells, PL_CSV_DATE);
	const char *money = pl_csv_cell(columns, cells, PL_CSV_AMOUNT);
	g_autofree char *date = pl_csv_date(columns, day);
	g_autofree char *amount = pl_csv_amount(columns, cells);

	if (date != NULL && money != NULL && !is_amount(columns, money))
		fail(csv, "amount", money);
	if (date == NULL && amount != NULL && day != NULL)
		fail(csv, "date", day);
	if (date != NULL && amount == NULL && cells->len < columns->count)
		pl_value_damage(csv->facts,
		    "CSV: line %u: cut off after %u of %u columns", csv->line,
		    cells->len, columns->count);
	if (date == NULL || amount == NULL)
		return FALSE;

	struct pl_statement *statement = statement_of(csv, cells);

	if (statement == NULL)
		return FALSE;
	line_add(csv, cells, statement, date, amount);
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
		for (guint i = 0; i < PL_CSV_HEADINGS_WITHIN; i++) {
			const char *record = csv->at;
			g_autoptr(GPtrArray) cells =
			    pl_csv_record(&csv->at, csv->end, csv->delimiter);

			if (cells == NULL)
				break;
			if (pl_csv_headings(cells, &csv->columns))
				return TRUE;
			pl_value_first(
			    &csv->account, pl_csv_account_above(cells));
			if (i == 0 &&
			    pl_csv_bare(cells, csv->delimiter, &csv->columns)) {
				csv->at = record;
				return TRUE;
			}
		}
		g_clear_pointer(&csv->account, g_free);
	}
	return FALSE;
}

static gboolean
is_blank(GPtrArray *cells)
{
	const char *only = cells->pdata[0];

	return cells->len == 1 && only[strspn(only, " \t")] == '\0';
}

static void
lines_count(struct csv *csv)
{
	for (; csv->counted < csv->at; csv->counted++)
		csv->line +=
		    *csv->counted == '\n' ||
		    (*csv->counted == '\r' && csv->counted + 1 < csv->end &&
			csv->counted[1] != '\n');
}

static void
records_read(struct csv *csv)
{
	GPtrArray *cells;
	gboolean open;

	lines_count(csv);
	while (csv->records < PL_LINES_MAX &&
	       (cells = record_read(
		    &csv->at, csv->end, csv->delimiter, &open)) != NULL) {
		const gboolean blank = is_blank(cells);
		const gboolean is_line = !blank && line_read(csv, cells);

		g_ptr_array_unref(cells);
		if (open && (is_line || csv->records > 0))
			pl_value_damage(csv->facts,
			    "CSV: line %u: a quoted cell does not end",
			    csv->line);
		lines_count(csv);
		if (blank)
			continue;
		if (!is_line && csv->records == 0 && !csv->facts->damaged)
			return; /* headings without a line: no statement */
		csv->records++;
	}
	if (csv->at < csv->end)
		pl_value_damage(
		    csv->facts, "CSV: more than %d records", PL_LINES_MAX);
}

/* What the configuration says goes before what is known. */
static gboolean
columns_find(struct csv *csv, const char *mappings)
{
	return (mappings != NULL && pl_csv_mapped(mappings, &csv->at, csv->end,
					&csv->delimiter, &csv->columns)) ||
	       headings_find(csv);
}

gboolean
pl_csv_read(const guint8 *bytes, gsize length, const char *mappings,
    struct pl_facts *facts)
{
	struct csv csv = { .facts = facts };
	struct pl_textlines text;

	if (!pl_textlines_begin(&text, bytes, length))
		return FALSE;
	csv.at = text.bytes + text.next;
	csv.end = text.bytes + text.length;
	csv.counted = text.bytes;
	csv.line = 1;
	if ((pl_textlines_next(&text) && pl_textlines_mail_header(&text)) ||
	    !columns_find(&csv, mappings))
		return FALSE;
	csv.accounts =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	csv.balances = g_hash_table_new_full(NULL, NULL, NULL, balances_free);
	records_read(&csv);
	g_hash_table_foreach(csv.balances, balance_finish, NULL);
	g_hash_table_unref(csv.accounts);
	g_hash_table_unref(csv.balances);
	g_free(csv.account);
	if (facts->statements->len == 0 && !facts->damaged)
		return FALSE;
	facts->format = PL_FORMAT_CSV;
	facts->kind = PL_FACTS_STATEMENT;
	return TRUE;
}
