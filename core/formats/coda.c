/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * coda - coded statements of account of the Belgian banks, version 2, and
 *        version 1, which has the same fields at the same places
 *
 * Lines of 128 characters; the first says which record it is. A logical file
 * runs from record 0 to record 9, and several may follow each other. Each
 * pair of records 1 and 8 (either may be missing) is a statement with the
 * movements between them. A movement is a record 2.1 with its parts 2.2 and
 * 2.3 and its information 3; those with a detail number other than 0 explain
 * another movement and carry no money of their own.
 *
 * Record 9 has totals of its logical file. Where they are not those of the
 * movements, its statements are problematic, but not damaged. The number of
 * records in it says nothing where the balances speak: some banks count other
 * records than the standard does.
 */
#include "readers.h"

#include <string.h>

#include "codarecord.h"
#include "sum.h"
#include "textlines.h"
#include "values.h"

#define HEADER_MIN 24 /* of one that was cut off */
#define MOVEMENT 4    /* digits of its number */
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct coda {
	struct pl_facts *facts;
	struct pl_textlines lines;
	struct pl_coda_record record;

	struct pl_statement *statement; /* being read, owned by the facts */
	struct pl_line *line;           /* being read, owned by it */
	char movement[MOVEMENT + 1];    /* its continuous number, or "" */
	GString *communication;
	gboolean structured;      /* the communication is */
	gboolean in_file, closed; /* between 0 and 9; after an 8 */
	gboolean old;             /* version 1: Belgian accounts only */
	gsize file_start;         /* of the record 0 */
	guint first_statement;    /* of the logical file */
	guint records;            /* of it, but for 0, 4 and 9 */
	struct pl_sum debit, credit;
	gboolean failed;
};

static void G_GNUC_PRINTF(2, 3) fail(struct coda *coda, const char *format, ...)
{
	if (coda->failed)
		return;

	va_list arguments;
	g_autofree char *what = NULL;

	va_start(arguments, format);
	what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	coda->failed = TRUE;
	pl_value_damage(
	    coda->facts, "CODA: line %u: %s", coda->lines.number, what);
}

/* ---- fields */

static void
fail_letter(struct coda *coda, const char *what, guint position)
{
	g_autofree char *text = pl_coda_field(&coda->record, position, 1);

	fail(coda, "%s '%s' is unknown", what, text);
}

static char *
date_field(struct coda *coda, guint position, const char *what)
{
	gboolean bad;
	char *date = pl_coda_date(&coda->record, position, &bad);

	if (bad) {
		g_autofree char *text =
		    pl_coda_field(&coda->record, position, 6);

		fail(coda, "%s \"%s\" is no date", what, text);
	}
	return date;
}

/* The sign stands before the digits: 0 is credit, 1 is debit. */
static char *
amount_field(struct coda *coda, guint position, const char *what)
{
	const char sign = pl_coda_letter(&coda->record, position);
	char *amount = pl_coda_amount(&coda->record, position + 1, sign == '1');

	if (amount == NULL) {
		g_autofree char *text =
		    pl_coda_field(&coda->record, position + 1, 15);

		fail(coda, "%s \"%s\" is no amount", what, text);
	} else if (sign != '0' && sign != '1') {
		g_autofree char *name = g_strconcat(what, " sign", NULL);

		fail_letter(coda, name, position);
	}
	return amount;
}

/* ---- movements */

/* 100 is ISO 11649; 101 and 102 keep the twelve digits of an OGM at the same
 * place. */
static char *
structured_text(const char *text)
{
	const char *content = text;

	for (guint i = 0; i < 3 && *content != '\0'; i++)
		content = g_utf8_next_char(content);

	g_autofree char *kind = g_strndup(text, (gsize)(content - text));

	if (strcmp(kind, "100") == 0 || strcmp(kind, "101") == 0 ||
	    strcmp(kind, "102") == 0) {
		const gsize most = kind[2] == '0' ? 25 : 12;
		g_autofree char *digits = g_strndup(content, most);
		char *reference = pl_reference_field(digits);

		if (reference != NULL)
			return reference;
	}
	return pl_value_words(content);
}

static void
movement_end(struct coda *coda)
{
	if (coda->line != NULL)
		coda->line->communication =
		    coda->structured ? structured_text(coda->communication->str)
				     : pl_value_words(coda->communication->str);
	coda->line = NULL;
	coda->movement[0] = '\0';
	g_string_truncate(coda->communication, 0);
	coda->structured = FALSE;
}

static void
communication_add(struct coda *coda, guint position, guint length)
{
	gsize bytes;
	const char *text = pl_coda_at(&coda->record, position, length, &bytes);

	/* of blanks behind words one is enough */
	while (!coda->structured && bytes > 1 && text[bytes - 1] == ' ' &&
	       text[bytes - 2] == ' ')
		bytes--;
	g_string_append_len(coda->communication, text, (gssize)bytes);
}

static void
movement_total(struct coda *coda)
{
	const char *amount = coda->line->amount;

	if (amount != NULL && *amount == '-')
		pl_sum_take(&coda->debit, amount);
	else if (amount != NULL)
		pl_sum_add(&coda->credit, amount);
}

static void
movement_begin(struct coda *coda)
{
	gsize bytes;
	const char *number = pl_coda_at(&coda->record, 3, MOVEMENT, &bytes);

	movement_end(coda);
	/* what is no number is nobody's */
	if (bytes == MOVEMENT)
		memcpy(coda->movement, number, MOVEMENT);
	if (!pl_coda_is(&coda->record, 7, "0000"))
		return;
	coda->line = pl_line_new();
	g_ptr_array_add(coda->statement->lines, coda->line);
	coda->line->amount = amount_field(coda, 32, "movement");
	coda->line->date = date_field(coda, 116, "entry date");
	movement_total(coda);
	coda->structured = pl_coda_letter(&coda->record, 62) == '1';
	communication_add(coda, 63, 53);
}

static void
movement_other_side(struct coda *coda)
{
	g_autofree char *account = pl_coda_trimmed(&coda->record, 11, 34);
	g_autofree char *name = pl_coda_field(&coda->record, 48, 35);

	pl_value_first(
	    &coda->line->counterparty_account, pl_value_account(account));
	pl_value_first(&coda->line->counterparty_name, pl_value_words(name));
	communication_add(coda, 83, 43);
}

/* Records 2.2, 2.3 and 3 belong to the movement before them; what explains
 * a detail is passed over. */
static void
movement_part(struct coda *coda)
{
	char part = pl_coda_letter(&coda->record, 2);

	if (coda->line == NULL || coda->movement[0] == '\0' ||
	    !pl_coda_is(&coda->record, 3, coda->movement))
		return;
	if (pl_coda_letter(&coda->record, 1) == '2' &&
	    pl_coda_is(&coda->record, 7, "0000")) {
		if (part == '2')
			communication_add(coda, 11, 53);
		else if (part == '3')
			movement_other_side(coda);
	}
}

/* ---- statements */

/* Account and currency as records 1 and 8 have them, from START on; KIND is
 * the account structure. */
static void
account_read(struct coda *coda, guint start, char kind)
{
	struct pl_statement *statement = coda->statement;
	g_autofree char *account = NULL;
	char *currency;

	if (kind == '0') {
		account = pl_coda_trimmed(&coda->record, start, 12);
		currency = pl_coda_trimmed(&coda->record, start + 13, 3);
	} else {
		account = pl_coda_trimmed(
		    &coda->record, start, kind == '2' ? 31 : 34);
		currency = pl_coda_trimmed(&coda->record, start + 34, 3);
	}
	pl_value_first(&statement->account, pl_value_account(account));
	pl_value_first(&statement->currency, currency);
}

static void
statement_begin(struct coda *coda)
{
	movement_end(coda);
	coda->statement = pl_statement_new();
	coda->statement->offset = coda->lines.start;
	g_ptr_array_add(coda->facts->statements, coda->statement);
	coda->closed = FALSE;
}

/* A movement or new balance may come without an old balance. */
static void
statement_need(struct coda *coda)
{
	if (coda->statement == NULL)
		statement_begin(coda);
}

static void
old_balance(struct coda *coda)
{
	char kind = coda->old ? '0' : pl_coda_letter(&coda->record, 2);
	g_autofree char *coded = pl_coda_trimmed(&coda->record, 126, 3);
	g_autofree char *paper = pl_coda_trimmed(&coda->record, 3, 3);

	statement_begin(coda);
	if (kind < '0' || kind > '3')
		fail_letter(coda, "account structure", 2);
	account_read(coda, 6, kind);
	coda->statement->sequence = pl_value_number(
	    g_strcmp0(coded, "000") == 0 || coded == NULL ? paper : coded);
	coda->statement->opening_balance =
	    amount_field(coda, 43, "old balance");
	coda->statement->from = date_field(coda, 59, "old balance date");
}

static void
new_balance(struct coda *coda)
{
	g_autofree char *paper = pl_coda_trimmed(&coda->record, 2, 3);
	g_autofree char *currency = pl_coda_field(&coda->record, 18, 3);

	if (coda->closed) {
		fail(coda, "a second new balance");
		return;
	}
	statement_need(coda);
	movement_end(coda);
	if (coda->statement->account == NULL)
		account_read(coda, 5,
		    coda->old || strspn(currency, CAPITALS) == 3 ? '0' : '3');
	pl_value_first(&coda->statement->sequence, pl_value_number(paper));
	coda->statement->closing_balance =
	    amount_field(coda, 42, "new balance");
	coda->statement->to = date_field(coda, 58, "new balance date");
	coda->closed = TRUE;
}

/* ---- the trailer */

/* The last statement speaks for the file. */
static struct pl_statement *
last_statement(struct coda *coda)
{
	const GPtrArray *statements = coda->facts->statements;

	return statements->len > coda->first_statement
		   ? statements->pdata[statements->len - 1]
		   : NULL;
}

static void
total_check(struct coda *coda, guint position, const char *what,
    const struct pl_sum *movements)
{
	g_autofree char *total = pl_coda_amount(&coda->record, position, FALSE);
	struct pl_statement *last = last_statement(coda);
	struct pl_sum rest = *movements;

	if (total == NULL) {
		g_autofree char *text =
		    pl_coda_field(&coda->record, position, 15);

		fail(coda, "total of %s \"%s\" is no amount", what, text);
		return;
	}
	if (last == NULL || last->problem != NULL ||
	    !pl_sum_take(&rest, total) || pl_sum_zero(&rest))
		return;

	g_autofree char *sum = pl_sum_text(movements);

	last->problem = g_strdup_printf(
	    "line %u: the total of %s is %s, but the movements add up to %s",
	    coda->lines.number, what, total, sum);
}

/* Balances prove more than a number of records does. */
static gboolean
all_have_balances(const struct coda *coda)
{
	const GPtrArray *statements = coda->facts->statements;

	for (guint i = coda->first_statement; i < statements->len; i++) {
		const struct pl_statement *s = statements->pdata[i];

		if (s->opening_balance == NULL || s->closing_balance == NULL)
			return FALSE;
	}
	return TRUE;
}

static void
trailer_check(struct coda *coda)
{
	g_autofree char *records = pl_coda_field(&coda->record, 17, 6);
	struct pl_statement *last = last_statement(coda);

	if (strspn(records, "0123456789") != 6) {
		fail(coda, "number of records \"%s\" is none", records);
		return;
	}
	if (last != NULL)
		pl_sum_prove(last); /* which says more than totals do */
	total_check(coda, 23, "debits", &coda->debit);
	total_check(coda, 38, "credits", &coda->credit);
	if (last == NULL || last->problem != NULL || all_have_balances(coda) ||
	    g_ascii_strtoull(records, NULL, 10) == coda->records)
		return;
	last->problem = g_strdup_printf("line %u: the number of records is %s, "
					"but there are %u",
	    coda->lines.number, records, coda->records);
}

/* ---- logical files */

static void
file_begin(struct coda *coda)
{
	if (coda->in_file) {
		fail(coda, "a header record before the trailer record");
		return;
	}
	coda->old = pl_coda_letter(&coda->record, PL_CODA_LENGTH) == '1';
	if (!coda->old && pl_coda_letter(&coda->record, PL_CODA_LENGTH) != '2')
		fail_letter(coda, "version", PL_CODA_LENGTH);
	coda->in_file = TRUE;
	coda->file_start = coda->lines.start;
	coda->first_statement = coda->facts->statements->len;
	coda->closed = FALSE;
	coda->statement = NULL;
	coda->line = NULL;
	coda->records = 0;
	coda->debit = coda->credit = (struct pl_sum){ 0 };
}

/* The only statement of its logical file owns all of it; of several each
 * owns its lines from one old balance to the next. */
static void
file_end(struct coda *coda)
{
	GPtrArray *statements = coda->facts->statements;
	guint first = coda->first_statement;
	gsize end = coda->lines.next;

	movement_end(coda);
	if (first < statements->len) {
		struct pl_statement *statement =
		    g_ptr_array_index(statements, first);

		statement->offset = coda->file_start;
	}
	for (guint i = first; i < statements->len; i++) {
		struct pl_statement *statement =
		    g_ptr_array_index(statements, i);
		struct pl_statement *after =
		    i + 1 < statements->len
			? g_ptr_array_index(statements, i + 1)
			: NULL;

		statement->length =
		    (after != NULL ? after->offset : end) - statement->offset;
	}
	coda->in_file = FALSE;
	coda->statement = NULL;
}

static void
record_read(struct coda *coda)
{
	char kind = pl_coda_letter(&coda->record, 1);

	if (kind != '0' && !coda->in_file) {
		fail(coda, "record %c outside of header and trailer", kind);
		return;
	}
	coda->records++;
	switch (kind) {
	case '0':
		file_begin(coda);
		break;
	case '1':
		old_balance(coda);
		break;
	case '2':
		if (coda->closed)
			coda->statement = NULL;
		statement_need(coda);
		if (pl_coda_letter(&coda->record, 2) == '1')
			movement_begin(coda);
		else
			movement_part(coda);
		break;
	case '3':
		movement_part(coda);
		break;
	case '4': /* free communication of the bank */
		coda->records--;
		break;
	case '8':
		new_balance(coda);
		break;
	case '9':
		coda->records--;
		trailer_check(coda);
		file_end(coda);
		break;
	default:
		fail_letter(coda, "record", 1);
	}
}

static gboolean
record_take(struct coda *coda)
{
	if (pl_coda_take(
		&coda->record, coda->lines.line, coda->lines.line_length))
		return TRUE;
	fail(coda, "%ld characters instead of %d", coda->record.characters,
	    PL_CODA_LENGTH);
	return FALSE;
}

/* "00000DDMMYYBBB05", and no longer than it may be. */
static gboolean
is_header(const struct pl_textlines *lines)
{
	const char *line = lines->line;

	if (lines->line_length < HEADER_MIN ||
	    lines->line_length > PL_CODA_LENGTH * 2 ||
	    memcmp(line, "00000", 5) != 0 || memcmp(line + 14, "05", 2) != 0)
		return FALSE;
	for (guint i = 5; i < 14; i++)
		if (!g_ascii_isdigit(line[i]))
			return FALSE;
	return memcmp(line + 5, "31", 2) <= 0 && memcmp(line + 7, "12", 2) <= 0;
}

/* A file that lost its header begins with the old balance: a sign, an amount
 * and a date at their places. */
static gboolean
is_old_balance(const struct pl_textlines *lines)
{
	const char *line = lines->line;

	if (lines->line_length != PL_CODA_LENGTH || line[0] != '1' ||
	    line[1] < '0' || line[1] > '3' || line[42] < '0' || line[42] > '1')
		return FALSE;
	for (guint i = 43; i < 64; i++)
		if (!g_ascii_isdigit(line[i]))
			return FALSE;
	return TRUE;
}

static void
read_records(struct coda *coda)
{
	do {
		if (pl_textlines_blank(&coda->lines))
			continue;
		if (record_take(coda))
			record_read(coda);
	} while (!coda->failed && pl_textlines_next(&coda->lines));
	if (!coda->failed && coda->in_file)
		fail(coda, "the trailer record is missing");
	if (coda->in_file)
		file_end(coda);
}

/* Mainframes write records one behind the other. */
static gboolean
is_unbroken(const struct pl_textlines *lines)
{
	const char *start = lines->bytes + lines->next;
	const gsize length = lines->length - lines->next;

	return length >= 3 * PL_CODA_LENGTH && start[PL_CODA_LENGTH] >= '1' &&
	       start[PL_CODA_LENGTH] <= '2' &&
	       memchr(start, '\n', 2 * PL_CODA_LENGTH + 1) == NULL &&
	       memchr(start, '\r', 2 * PL_CODA_LENGTH + 1) == NULL;
}

gboolean
pl_coda_read(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	struct coda coda = { .facts = facts };

	if (!pl_textlines_begin(&coda.lines, bytes, length))
		return FALSE;
	if (is_unbroken(&coda.lines))
		coda.lines.width = PL_CODA_LENGTH;
	do {
		if (!pl_textlines_next(&coda.lines))
			return FALSE;
	} while (pl_textlines_blank(&coda.lines));
	if (!is_header(&coda.lines) && !is_old_balance(&coda.lines))
		return FALSE;
	facts->format = PL_FORMAT_CODA;
	facts->kind = PL_FACTS_STATEMENT;
	coda.communication = g_string_new(NULL);
	read_records(&coda);
	g_free(coda.record.owned);
	g_string_free(coda.communication, TRUE);
	return TRUE;
}
