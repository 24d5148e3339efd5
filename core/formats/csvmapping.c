/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * csvmapping - exports of banks that are not known, as the configuration
 * describes them
 *
 * A mapping is a list of words ROLE:COLUMN. Columns are numbers from 1 or
 * headings, which are compared like those of the known banks. With headings a
 * file is of the mapping when a record near its start has all of them; with
 * numbers alone, when its first record has so many columns as the mapping says
 * and a date and an amount in theirs. Mappings are separated by '|'. What is
 * no word of a mapping is passed over: the configuration was checked before.
 */
#include "csv.h"

#include <string.h>

static const struct {
	const char *word;
	enum pl_csv_role role;
} roles[] = {
	{ "date", PL_CSV_DATE },
	{ "amount", PL_CSV_AMOUNT },
	{ "debit", PL_CSV_DEBIT },
	{ "credit", PL_CSV_CREDIT },
	{ "fee", PL_CSV_FEE },
	{ "sign", PL_CSV_SIGN },
	{ "status", PL_CSV_STATUS },
	{ "account", PL_CSV_ACCOUNT },
	{ "currency", PL_CSV_CURRENCY },
	{ "counterparty-account", PL_CSV_OTHER_ACCOUNT },
	{ "counterparty", PL_CSV_OTHER_NAME },
	{ "reference", PL_CSV_REFERENCE },
	{ "text", PL_CSV_TEXT },
	{ "balance", PL_CSV_BALANCE },
	{ "sequence", PL_CSV_SEQUENCE },
};

struct mapping {
	char delimiter;    /* '\0': any */
	guint count;       /* of columns; 0: any */
	gboolean headings; /* it names some */
	struct pl_csv_columns columns;
	GPtrArray *words; /* char *: ROLE:COLUMN */
};

static void
mapping_clear(struct mapping *mapping)
{
	g_clear_pointer(&mapping->words, g_ptr_array_unref);
}

/* ---- reading the words */

static void
option(struct mapping *mapping, const char *name, const char *value)
{
	struct pl_csv_columns *columns = &mapping->columns;

	if (strcmp(name, "delimiter") == 0)
		mapping->delimiter = strcmp(value, "comma") == 0 ? ','
				     : strcmp(value, "tab") == 0 ? '\t'
								 : ';';
	else if (strcmp(name, "columns") == 0)
		mapping->count = (guint)g_ascii_strtoull(value, NULL, 10);
	else if (strcmp(name, "dates") == 0)
		columns->dates = *value == 'm'   ? PL_CSV_MONTH_FIRST
				 : *value == 'y' ? PL_CSV_YEAR_FIRST
						 : PL_CSV_DAY_FIRST;
	else if (strcmp(name, "decimal") == 0)
		columns->point = strcmp(value, "comma") == 0 ? ',' : '.';
}

static gboolean
is_number(const char *text)
{
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static enum pl_csv_role
role_of(const char *word)
{
	for (guint i = 0; i < G_N_ELEMENTS(roles); i++)
		if (strcmp(word, roles[i].word) == 0)
			return roles[i].role;
	return PL_CSV_NONE;
}

static void
mapping_read(struct mapping *mapping, const char *text)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \t\n", -1);

	*mapping = (struct mapping){ 0 };
	mapping->words = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; words[i] != NULL; i++) {
		char *colon = strchr(words[i], ':');

		if (colon == NULL)
			continue;
		*colon = '\0';
		if (role_of(words[i]) == PL_CSV_NONE) {
			option(mapping, words[i], colon + 1);
			continue;
		}
		mapping->headings |= !is_number(colon + 1);
		*colon = ':';
		g_ptr_array_add(mapping->words, g_strdup(words[i]));
	}
}

/* ---- finding it in a file */

/* The index of COLUMN among CELLS; -1: it is not there. */
static int
column_find(const char *column, GPtrArray *cells)
{
	g_autofree char *fold = pl_csv_fold(column);

	if (is_number(column)) {
		const guint64 n = g_ascii_strtoull(column, NULL, 10);

		return n >= 1 && n <= cells->len ? (int)n - 1 : -1;
	}
	for (guint i = 0; i < cells->len; i++) {
		g_autofree char *heading =
		    pl_csv_fold(g_ptr_array_index(cells, i));

		if (strcmp(heading, fold) == 0)
			return (int)i;
	}
	return -1;
}

/* Gives the columns their roles; FALSE: one of them is missing. */
static gboolean
columns_find(struct mapping *mapping, GPtrArray *cells)
{
	struct pl_csv_columns *columns = &mapping->columns;

	if (mapping->count > 0 && cells->len != mapping->count)
		return FALSE;
	memset(columns->role, 0, sizeof columns->role);
	columns->count = MIN(cells->len, PL_CSV_COLUMNS_MAX);
	for (guint i = 0; i < mapping->words->len; i++) {
		const char *word = mapping->words->pdata[i];
		const char *colon = strchr(word, ':');
		g_autofree char *role = g_strndup(word, (gsize)(colon - word));
		const int at = column_find(colon + 1, cells);

		if (at < 0 || at >= PL_CSV_COLUMNS_MAX)
			return FALSE;
		columns->role[at] = role_of(role);
	}
	return mapping->words->len > 0;
}

/* Without headings only the cells say that these are lines. */
static gboolean
is_line(const struct mapping *mapping, GPtrArray *cells)
{
	g_autofree char *date = pl_csv_date(&mapping->columns,
	    pl_csv_cell(&mapping->columns, cells, PL_CSV_DATE));
	g_autofree char *amount = pl_csv_amount(&mapping->columns, cells);

	return date != NULL && amount != NULL;
}

static gboolean
try_records(
    struct mapping *mapping, char delimiter, const char **at, const char *end)
{
	for (guint i = 0; i < PL_CSV_HEADINGS_WITHIN; i++) {
		const char *record = *at;
		g_autoptr(GPtrArray) cells = pl_csv_record(at, end, delimiter);

		if (cells == NULL)
			return FALSE;
		if (!columns_find(mapping, cells))
			continue;
		if (mapping->headings)
			return TRUE;
		if (mapping->count > 0 && is_line(mapping, cells)) {
			*at = record;
			return TRUE;
		}
	}
	return FALSE;
}

static gboolean
try_mapping(
    struct mapping *mapping, const char **at, const char *end, char *delimiter)
{
	static const char delimiters[] = ";,\t";
	const char *start = *at;

	for (guint i = 0; i < strlen(delimiters); i++) {
		*at = start;
		*delimiter = delimiters[i];
		if ((mapping->delimiter == '\0' ||
			mapping->delimiter == delimiters[i]) &&
		    try_records(mapping, delimiters[i], at, end))
			return TRUE;
	}
	*at = start;
	return FALSE;
}

gboolean
pl_csv_mapped(const char *mappings, const char **at, const char *end,
    char *delimiter, struct pl_csv_columns *columns)
{
	g_auto(GStrv) each = g_strsplit(mappings, "|", -1);
	gboolean found = FALSE;

	for (guint i = 0; each[i] != NULL && !found; i++) {
		struct mapping mapping;

		mapping_read(&mapping, each[i]);
		found = try_mapping(&mapping, at, end, delimiter);
		if (found)
			*columns = mapping.columns;
		mapping_clear(&mapping);
	}
	return found;
}
