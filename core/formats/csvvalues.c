/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * csvvalues - the cells of a bank's export ▸ what a line of a statement says
 */
#include "csv.h"

#include <string.h>

#include "values.h"

/* "Nov" ▸ 11; its length. */
static gsize
month_name(const char *text, guint *month)
{
	static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_ascii_strncasecmp(text, names[i], 3) == 0) {
			*month = i + 1;
			return strspn(text, "abcdefghijklmnopqrstuvwxyz"
					    "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		}
	return 0;
}

static char *
date_of(enum pl_csv_dates order, const guint number[3])
{
	const guint year = number[order == PL_CSV_YEAR_FIRST ? 0 : 2];
	const guint full = year < 100 ? year + 2000 : year;

	switch (order) {
	case PL_CSV_YEAR_FIRST:
		return pl_value_date(full, number[1], number[2]);
	case PL_CSV_MONTH_FIRST:
		return pl_value_date(full, number[0], number[1]);
	default:
		return pl_value_date(full, number[1], number[0]);
	}
}

char *
pl_csv_date(const struct pl_csv_columns *columns, const char *text)
{
	guint number[3] = { 0 }, n = 0;

	if (text == NULL)
		return NULL;
	if (strspn(text, "0123456789") == 8)
		return pl_value_edifact_date(text, "102");
	while (n < 3 && g_ascii_isalnum(*text)) {
		gsize digits = strspn(text, "0123456789");

		if (digits > 4)
			return NULL;
		if (digits == 0)
			digits = month_name(text, &number[n]);
		else
			number[n] = (guint)g_ascii_strtoull(text, NULL, 10);
		if (digits == 0)
			return NULL;
		n++;
		text += digits;
		if (*text != '\0')
			text++;
	}
	if (n < 3)
		return NULL;
	return date_of(
	    number[0] > 31 ? PL_CSV_YEAR_FIRST : columns->dates, number);
}

char *
pl_csv_money(const struct pl_csv_columns *columns, const char *text)
{
	g_autoptr(GString) plain = NULL;

	if (columns->point == '\0' || text == NULL)
		return pl_value_guess_amount(text);
	plain = g_string_new(NULL);
	for (; *text != '\0'; text++)
		if (*text == columns->point)
			g_string_append_c(plain, '.');
		else if (*text != ',' && *text != '.')
			g_string_append_c(plain, *text);
	return pl_value_guess_amount(plain->str);
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

/* What the line takes from the balance is amount and fee together. */
static char *
less_fee(const struct pl_csv_columns *columns, char *amount, const char *text)
{
	g_autofree char *fee = pl_csv_money(columns, text);
	char *rest = fee != NULL ? pl_value_subtract(amount, fee) : NULL;

	if (rest == NULL)
		return amount;
	g_free(amount);
	return rest;
}

char *
pl_csv_amount(const struct pl_csv_columns *columns, GPtrArray *cells)
{
	char *amount =
	    pl_csv_money(columns, pl_csv_cell(columns, cells, PL_CSV_AMOUNT));

	if (amount != NULL) {
		if (is_debit_word(pl_csv_cell(columns, cells, PL_CSV_SIGN)))
			amount = negated(amount);
		return less_fee(
		    columns, amount, pl_csv_cell(columns, cells, PL_CSV_FEE));
	}
	amount =
	    pl_csv_money(columns, pl_csv_cell(columns, cells, PL_CSV_CREDIT));
	if (amount != NULL)
		return amount;
	amount =
	    pl_csv_money(columns, pl_csv_cell(columns, cells, PL_CSV_DEBIT));
	return amount == NULL || *amount == '-' ? amount : negated(amount);
}

char *
pl_csv_communication(const struct pl_csv_columns *columns, GPtrArray *cells)
{
	g_autoptr(GString) all = g_string_new(NULL);
	const char *reference = pl_csv_cell(columns, cells, PL_CSV_REFERENCE);
	char *found = pl_reference_field(reference);

	if (found != NULL)
		return found;
	for (guint i = 0; i < columns->count && i < cells->len; i++) {
		if (columns->role[i] != PL_CSV_TEXT)
			continue;
		if (all->len > 0)
			g_string_append_c(all, ' ');
		g_string_append(all, g_ptr_array_index(cells, i));
	}
	return pl_value_words(all->str);
}

/* A column called after the other side holds its account or its name. */
static gboolean
is_account(const char *text)
{
	guint digits = 0;

	for (; *text != '\0'; text++)
		digits += g_ascii_isdigit(*text);
	return digits >= 6;
}

void
pl_csv_other_side(const struct pl_csv_columns *columns, GPtrArray *cells,
    struct pl_line *line)
{
	for (guint i = 0; i < columns->count && i < cells->len; i++) {
		const char *cell = g_ptr_array_index(cells, i);

		if (columns->role[i] != PL_CSV_OTHER_ACCOUNT)
			continue;
		if (is_account(cell))
			pl_value_first(&line->counterparty_account,
			    pl_value_account(cell));
		else
			pl_value_first(
			    &line->counterparty_name, pl_value_words(cell));
	}
	pl_value_first(&line->counterparty_name,
	    pl_value_words(pl_csv_cell(columns, cells, PL_CSV_OTHER_NAME)));
	pl_value_first(&line->counterparty_name,
	    pl_value_words(pl_csv_cell(columns, cells, PL_CSV_NAME)));
}

gboolean
pl_csv_booked(const struct pl_csv_columns *columns, GPtrArray *cells)
{
	static const char *const others[] = { "gewei", "refus", "reject",
		"revert", "pending", "declin", "fail", "in behandeling",
		"en attente", NULL };
	const char *status = pl_csv_cell(columns, cells, PL_CSV_STATUS);

	for (guint i = 0; status != NULL && others[i] != NULL; i++)
		if (g_ascii_strncasecmp(status, others[i], strlen(others[i])) ==
		    0)
			return FALSE;
	return TRUE;
}
