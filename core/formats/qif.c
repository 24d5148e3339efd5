/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qif - Quicken Interchange Format
 *
 * The file begins with "!Type:", "!Account" or another header; records are
 * lines with a letter each, ended by '^'. There is no account number, no
 * currency and no balance in it, and dates do not say whether the month, the
 * day or the year comes first: the whole file decides, and where it does not,
 * its dates stay unknown rather than wrong.
 */
#include "readers.h"

#include <string.h>

#include "textlines.h"
#include "values.h"

enum order {
	ORDER_UNKNOWN,
	ORDER_DAY_FIRST,
	ORDER_MONTH_FIRST,
	ORDER_YEAR_FIRST /* and short */
};

struct qif {
	struct pl_facts *facts;
	struct pl_statement *statement; /* owned by the facts */
	gboolean money;                 /* in a list of transactions */
	gboolean shares;                /* they may have no amount */
	gboolean split;                 /* in the parts of a record */
	gboolean account;               /* in an account's description */
	char *account_name;
	char *date, *amount, *payee, *memo;
	char *category;        /* or, in brackets, another account */
	guint line, date_line; /* the present one; that of `date` */
	gboolean total;        /* the record's T was there */
	GPtrArray *dates;      /* char *: as they stand, per line */
	enum order order;
	gboolean contradiction;
};

/* ---- dates */

/* Three numbers with anything between them: "6/ 1'04". */
static gboolean
date_numbers(const char *text, guint number[3])
{
	guint n = 0;

	while (*text != '\0') {
		gsize digits = strspn(text, "0123456789");

		if (digits == 0) {
			text++;
			continue;
		}
		if (n == 3 || digits > 4)
			return FALSE;
		number[n++] = (guint)g_ascii_strtoull(text, NULL, 10);
		text += digits;
	}
	return n == 3;
}

static void
order_take(struct qif *qif, enum order order)
{
	qif->contradiction |=
	    qif->order != ORDER_UNKNOWN && qif->order != order;
	qif->order = order;
}

static void
order_learn(struct qif *qif, const char *date)
{
	guint number[3];

	if (date == NULL || !date_numbers(date, number) || number[0] > 31)
		return;
	if (number[0] > 12 && number[1] <= 12)
		order_take(qif, ORDER_DAY_FIRST);
	else if (number[1] > 12 && number[0] <= 12)
		order_take(qif, ORDER_MONTH_FIRST);
}

/* No statement goes over many years. Where the last numbers of all dates would
 * be such years and the first ones would not, the first ones are the years. */
static gboolean
years_are_first(const GPtrArray *dates)
{
	guint least[3] = { G_MAXUINT, G_MAXUINT, G_MAXUINT };
	guint most[3] = { 0 }, number[3];

	for (guint i = 0; i < dates->len; i++) {
		if (dates->pdata[i] == NULL ||
		    !date_numbers(dates->pdata[i], number))
			continue;
		for (guint k = 0; k < 3; k++) {
			least[k] = MIN(least[k], number[k]);
			most[k] = MAX(most[k], number[k]);
		}
	}
	return most[0] <= 99 && least[1] >= 1 && most[1] <= 12 &&
	       least[2] >= 1 && most[2] <= 31 && least[0] + 1 >= most[0] &&
	       least[2] + 1 < most[2];
}

static guint
full_year(guint year)
{
	return year >= 100 ? year : year + (year < 70 ? 2000 : 1900);
}

static char *
date_read(const char *text, enum order order)
{
	guint n[3];

	if (text == NULL || !date_numbers(text, n))
		return NULL;
	if (n[0] > 99)
		return pl_value_date(n[0], n[1], n[2]);
	if (n[0] > 31 || order == ORDER_YEAR_FIRST)
		return pl_value_date(full_year(n[0]), n[1], n[2]);

	guint year = full_year(n[2]);

	if (n[0] == n[1])
		return pl_value_date(year, n[0], n[1]);
	if (order == ORDER_DAY_FIRST)
		return pl_value_date(year, n[1], n[0]);
	if (order == ORDER_MONTH_FIRST)
		return pl_value_date(year, n[0], n[1]);
	return NULL;
}

/* ---- records */

static void
record_clear(struct qif *qif)
{
	g_clear_pointer(&qif->date, g_free);
	g_clear_pointer(&qif->amount, g_free);
	g_clear_pointer(&qif->payee, g_free);
	g_clear_pointer(&qif->memo, g_free);
	g_clear_pointer(&qif->category, g_free);
	qif->total = qif->split = FALSE;
}

/* "Opening Balance" of "[Current account]": the record names its account. */
static void
account_learn(struct qif *qif)
{
	gsize length = qif->category != NULL ? strlen(qif->category) : 0;

	if (qif->statement->lines->len > 0 || length < 3 ||
	    qif->statement->account != NULL ||
	    g_strcmp0(qif->payee, "Opening Balance") != 0 ||
	    qif->category[0] != '[' || qif->category[length - 1] != ']')
		return;
	qif->statement->account = g_strndup(qif->category + 1, length - 2);
}

/* Banks write things behind a date, but no words instead. */
static void
date_check(struct qif *qif)
{
	if (qif->date != NULL && strpbrk(qif->date, "0123456789") == NULL)
		pl_value_damage(qif->facts,
		    "QIF: line %u: D: \"%.40s\" is no date", qif->date_line,
		    qif->date);
}

static void
statement_need(struct qif *qif)
{
	if (qif->statement != NULL)
		return;
	qif->statement = pl_statement_new();
	qif->statement->account = g_steal_pointer(&qif->account_name);
	g_ptr_array_add(qif->facts->statements, qif->statement);
}

static void
record_end(struct qif *qif)
{
	if (qif->money && !qif->shares && qif->amount == NULL &&
	    qif->date != NULL)
		pl_value_damage(qif->facts,
		    "QIF: line %u: a record without an amount (T)", qif->line);
	if (qif->money && qif->amount != NULL &&
	    qif->dates->len < PL_LINES_MAX) {
		struct pl_line *line = pl_line_new();

		statement_need(qif);
		date_check(qif);
		account_learn(qif);
		g_ptr_array_add(qif->statement->lines, line);
		line->amount = g_steal_pointer(&qif->amount);
		line->counterparty_name = g_steal_pointer(&qif->payee);
		line->communication = g_steal_pointer(&qif->memo);
		order_learn(qif, qif->date);
		g_ptr_array_add(qif->dates, g_steal_pointer(&qif->date));
	}
	record_clear(qif);
}

static void
header_read(struct qif *qif, const char *text)
{
	static const char *const money[] = { "Bank", "Cash", "CCard", "Invst",
		"Oth A", "Oth L", NULL };

	record_end(qif);
	if (g_ascii_strncasecmp(text, "!Option:MDY", 11) == 0)
		order_take(qif, ORDER_MONTH_FIRST);
	else if (g_ascii_strncasecmp(text, "!Option:DMY", 11) == 0)
		order_take(qif, ORDER_DAY_FIRST);
	qif->account = g_ascii_strncasecmp(text, "!Account", 8) == 0;
	qif->money = FALSE;
	if (g_ascii_strncasecmp(text, "!Type:", 6) != 0)
		return;
	text += 6;
	text += strspn(text, " ");
	for (guint i = 0; money[i] != NULL; i++)
		if (g_ascii_strncasecmp(text, money[i], strlen(money[i])) == 0)
			qif->money = TRUE;
	qif->shares = g_ascii_strncasecmp(text, "Invst", 5) == 0;
	if (qif->money) {
		qif->statement = NULL;
		statement_need(qif);
	}
}

/* A second date or amount is of the next record; but parts may be dated. */
static void
repetition_check(struct qif *qif, char letter)
{
	const gboolean again = letter == 'D' ? qif->date != NULL && !qif->split
					     : letter == 'T' && qif->total;

	if (again)
		pl_value_damage(qif->facts,
		    "QIF: line %u: %c: the record before has no end (^)",
		    qif->line, letter);
	qif->total |= letter == 'T';
	qif->split |= letter == 'S';
}

static void
field_read(struct qif *qif, char letter, const char *text)
{
	if (qif->account && letter == 'N') {
		g_free(qif->account_name);
		qif->account_name = pl_value_trim(text);
	}
	if (!qif->money)
		return;
	repetition_check(qif, letter);
	if (letter == 'D') {
		qif->date_line = qif->line;
		pl_value_first(&qif->date, pl_value_trim(text));
	} else if (letter == 'T' || letter == 'U') {
		char *amount = pl_value_guess_amount(text);

		if (amount == NULL)
			pl_value_damage(qif->facts,
			    "QIF: line %u: %c: \"%.40s\" is no amount",
			    qif->line, letter, text);
		pl_value_first(&qif->amount, amount);
	} else if (letter == 'L') {
		pl_value_first(&qif->category, pl_value_trim(text));
	} else if (letter == 'P') {
		pl_value_first(&qif->payee, pl_value_words(text));
	} else if (letter == 'M') {
		pl_value_first(&qif->memo, pl_value_words(text));
	}
}

static void
line_read(struct qif *qif, const struct pl_textlines *lines)
{
	g_autofree char *text =
	    pl_value_utf8(lines->line, MIN(lines->line_length, 4096));

	qif->line = lines->number;
	g_strchug(text);
	if (*text == '!')
		header_read(qif, text);
	else if (*text == '^')
		record_end(qif);
	else if (*text != '\0')
		field_read(qif, *text, text + 1);
}

/* ---- the file */

static gboolean
is_qif(const guint8 *bytes, gsize length)
{
	static const char *const headers[] = { "!Type:", "!Account",
		"!Option:", "!Clear:", NULL };
	struct pl_textlines lines;
	gsize blanks = 0;

	if (!pl_textlines_begin(&lines, bytes, length))
		return FALSE;
	do {
		if (!pl_textlines_next(&lines))
			return FALSE;
	} while (pl_textlines_blank(&lines) || *lines.line == '#');
	while (g_ascii_isspace(lines.line[blanks]))
		blanks++;
	for (guint i = 0; headers[i] != NULL; i++) {
		gsize size = strlen(headers[i]);

		if (lines.line_length - blanks >= size &&
		    g_ascii_strncasecmp(
			lines.line + blanks, headers[i], size) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Now that the whole file was seen. Lines and dates are in one order. */
static void
dates_finish(struct qif *qif)
{
	GPtrArray *statements = qif->facts->statements;
	enum order order = qif->contradiction ? ORDER_UNKNOWN : qif->order;
	guint n = 0;

	if (years_are_first(qif->dates))
		order = ORDER_YEAR_FIRST;
	for (guint s = 0; s < statements->len; s++) {
		struct pl_statement *statement =
		    g_ptr_array_index(statements, s);

		for (guint i = 0; i < statement->lines->len; i++) {
			struct pl_line *line =
			    g_ptr_array_index(statement->lines, i);

			line->date = date_read(
			    g_ptr_array_index(qif->dates, n++), order);
			pl_value_period(statement, line->date);
		}
	}
}

/* Accounts without a transaction beside others that have some. */
static void
empty_remove(GPtrArray *statements)
{
	for (guint i = statements->len; i-- > 0;) {
		const struct pl_statement *s = statements->pdata[i];

		if (s->lines->len == 0 && statements->len > 1)
			g_ptr_array_remove_index(statements, i);
	}
}

gboolean
pl_qif_read(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	struct qif qif = { .facts = facts };
	struct pl_textlines lines;

	if (!is_qif(bytes, length))
		return FALSE;
	qif.dates = g_ptr_array_new_with_free_func(g_free);
	pl_textlines_begin(&lines, bytes, length);
	while (pl_textlines_next(&lines) &&
	       facts->statements->len <= PL_STATEMENTS_MAX &&
	       qif.dates->len < PL_LINES_MAX &&
	       lines.number <= PL_TEXT_LINES_MAX)
		line_read(&qif, &lines);
	if (lines.next < lines.length)
		pl_value_damage(facts,
		    "QIF: line %u: more than a file can have", lines.number);
	if (qif.money && (qif.amount != NULL || qif.date != NULL))
		pl_value_damage(facts,
		    "QIF: line %u: the last record has no end (^)", qif.line);
	record_end(&qif);
	dates_finish(&qif);
	empty_remove(facts->statements);
	g_free(qif.account_name);
	g_ptr_array_unref(qif.dates);
	if (facts->statements->len == 0) {
		facts->damaged = FALSE;
		g_clear_pointer(&facts->problem, g_free);
		return FALSE;
	}
	facts->format = PL_FORMAT_QIF;
	facts->kind = PL_FACTS_STATEMENT;
	return TRUE;
}
