/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * coda - coded statements of account of the Belgian banks, version 2
 *
 * Lines of 128 characters; the first says which record it is. A logical file
 * runs from record 0 to record 9, and several may follow each other. Each
 * pair of records 1 and 8 (either may be missing) is a statement with the
 * movements between them. A movement is a record 2.1 with its parts 2.2 and
 * 2.3 and its information 3; those with a detail number other than 0 explain
 * another movement and carry no money of their own.
 *
 * Positions are counted from 1, as in the standard.
 */
#include "readers.h"

#include <string.h>

#include "textlines.h"
#include "values.h"

#define RECORD_LENGTH 128
#define AMOUNT_LENGTH 15
#define AMOUNT_DECIMALS 3

/* One line as UTF-8 text of 128 characters. */
struct record {
	char *text;
	gboolean ascii;
};

struct coda {
	struct pl_facts *facts;
	struct pl_textlines lines;
	struct record record;

	struct pl_statement *statement; /* being read, owned by the facts */
	struct pl_line *line;           /* being read, owned by it */
	char *movement;                 /* its continuous number */
	GString *communication;
	gboolean structured;      /* the communication is */
	gboolean in_file, closed; /* between 0 and 9; after an 8 */
	gsize file_start;         /* of the record 0 */
	guint first_statement;    /* of the logical file */
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

static char *
field(const struct record *record, guint position, guint length)
{
	if (record->ascii)
		return g_strndup(record->text + position - 1, length);
	return g_utf8_substring(
	    record->text, position - 1, position - 1 + length);
}

static char
letter(const struct record *record, guint position)
{
	if (record->ascii)
		return record->text[position - 1];
	return *g_utf8_offset_to_pointer(record->text, position - 1);
}

static char *
trimmed(const struct record *record, guint position, guint length)
{
	g_autofree char *text = field(record, position, length);

	return pl_value_trim(text);
}

static void
fail_letter(struct coda *coda, const char *what, guint position)
{
	g_autofree char *text = field(&coda->record, position, 1);

	fail(coda, "%s '%s' is unknown", what, text);
}

/* DDMMYY; zeros are no date. */
static char *
date_field(struct coda *coda, guint position, const char *what)
{
	g_autofree char *text = field(&coda->record, position, 6);
	guint day, month, year;

	if (strspn(text, "0123456789") == 6) {
		day = (guint)(text[0] - '0') * 10 + (guint)(text[1] - '0');
		month = (guint)(text[2] - '0') * 10 + (guint)(text[3] - '0');
		year = (guint)(text[4] - '0') * 10 + (guint)(text[5] - '0');

		char *date =
		    pl_value_date(year + (year < 80 ? 2000 : 1900), month, day);

		if (date != NULL || strcmp(text, "000000") == 0)
			return date;
	}
	if (strspn(text, " ") != 6)
		fail(coda, "%s \"%s\" is no date", what, text);
	return NULL;
}

static char *
amount_field(struct coda *coda, guint sign, guint position, const char *what)
{
	g_autofree char *text = field(&coda->record, position, AMOUNT_LENGTH);
	char *amount = pl_value_fixed(text, strlen(text), AMOUNT_DECIMALS,
	    letter(&coda->record, sign) == '1');

	if (amount == NULL)
		fail(coda, "%s \"%s\" is no amount", what, text);
	return amount;
}

/* ---- movements */

/* The SEPA and OGM kinds keep the twelve digits at the same place. */
static char *
structured_text(const char *text)
{
	g_autofree char *kind = g_strndup(text, 3);
	const char *content = strlen(text) > 3 ? text + 3 : "";

	if (strcmp(kind, "101") == 0 || strcmp(kind, "102") == 0) {
		g_autofree char *digits = g_strndup(content, 12);
		char *reference = pl_reference_find(digits);

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
	g_clear_pointer(&coda->movement, g_free);
	g_string_truncate(coda->communication, 0);
	coda->structured = FALSE;
}

static void
communication_add(struct coda *coda, guint position, guint length)
{
	g_autofree char *text = field(&coda->record, position, length);

	g_string_append(coda->communication, text);
}

static void
movement_begin(struct coda *coda)
{
	g_autofree char *detail = field(&coda->record, 7, 4);

	movement_end(coda);
	coda->movement = field(&coda->record, 3, 4);
	if (strcmp(detail, "0000") != 0)
		return;
	coda->line = pl_line_new();
	g_ptr_array_add(coda->statement->lines, coda->line);
	coda->line->amount = amount_field(coda, 32, 33, "movement");
	coda->line->date = date_field(coda, 116, "entry date");
	coda->structured = letter(&coda->record, 62) == '1';
	communication_add(coda, 63, 53);
}

static void
movement_other_side(struct coda *coda)
{
	g_autofree char *account = trimmed(&coda->record, 11, 34);
	g_autofree char *name = field(&coda->record, 48, 35);

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
	g_autofree char *number = field(&coda->record, 3, 4);
	g_autofree char *detail = field(&coda->record, 7, 4);
	char part = letter(&coda->record, 2);

	if (coda->line == NULL || g_strcmp0(number, coda->movement) != 0)
		return;
	if (letter(&coda->record, 1) == '2' && strcmp(detail, "0000") == 0) {
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
		account = trimmed(&coda->record, start, 12);
		currency = trimmed(&coda->record, start + 13, 3);
	} else {
		account = trimmed(&coda->record, start, kind == '2' ? 31 : 34);
		currency = trimmed(&coda->record, start + 34, 3);
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
	char kind = letter(&coda->record, 2);
	g_autofree char *coded = trimmed(&coda->record, 126, 3);
	g_autofree char *paper = trimmed(&coda->record, 3, 3);

	statement_begin(coda);
	if (kind < '0' || kind > '3')
		fail_letter(coda, "account structure", 2);
	account_read(coda, 6, kind);
	coda->statement->sequence = pl_value_number(
	    g_strcmp0(coded, "000") == 0 || coded == NULL ? paper : coded);
	coda->statement->opening_balance =
	    amount_field(coda, 43, 44, "old balance");
	coda->statement->from = date_field(coda, 59, "old balance date");
}

static void
new_balance(struct coda *coda)
{
	g_autofree char *paper = trimmed(&coda->record, 2, 3);
	g_autofree char *start = field(&coda->record, 5, 2);

	if (coda->closed) {
		fail(coda, "a second new balance");
		return;
	}
	statement_need(coda);
	movement_end(coda);
	if (coda->statement->account == NULL)
		account_read(coda, 5, g_ascii_isdigit(start[0]) ? '0' : '3');
	pl_value_first(&coda->statement->sequence, pl_value_number(paper));
	coda->statement->closing_balance =
	    amount_field(coda, 42, 43, "new balance");
	coda->statement->to = date_field(coda, 58, "new balance date");
	coda->closed = TRUE;
}

/* ---- logical files */

static void
file_begin(struct coda *coda)
{
	if (coda->in_file) {
		fail(coda, "a header record before the trailer record");
		return;
	}
	coda->in_file = TRUE;
	coda->file_start = coda->lines.start;
	coda->first_statement = coda->facts->statements->len;
	coda->closed = FALSE;
	coda->statement = NULL;
	coda->line = NULL;
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
	char kind = letter(&coda->record, 1);

	if (kind != '0' && !coda->in_file) {
		fail(coda, "record %c outside of header and trailer", kind);
		return;
	}
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
		if (letter(&coda->record, 2) == '1')
			movement_begin(coda);
		else
			movement_part(coda);
		break;
	case '3':
		movement_part(coda);
		break;
	case '4':
		break; /* free communication of the bank */
	case '8':
		new_balance(coda);
		break;
	case '9':
		file_end(coda);
		break;
	default:
		fail_letter(coda, "record", 1);
	}
}

/* The present line as a record. Whatever the character set: the reading that
 * gives 128 characters is the right one. */
static gboolean
record_take(struct coda *coda)
{
	const char *line = coda->lines.line;
	gsize length = coda->lines.line_length;

	g_clear_pointer(&coda->record.text, g_free);
	coda->record.ascii = TRUE;
	for (gsize i = 0; i < length; i++)
		if ((line[i] & 0x80) != 0)
			coda->record.ascii = FALSE;
	coda->record.text = pl_value_utf8(line, length);
	if (!coda->record.ascii && length == RECORD_LENGTH &&
	    g_utf8_strlen(coda->record.text, -1) != RECORD_LENGTH) {
		g_free(coda->record.text);
		coda->record.text = g_convert(line, (gssize)length, "UTF-8",
		    "ISO-8859-1", NULL, NULL, NULL);
	}

	glong characters = coda->record.text != NULL
			       ? g_utf8_strlen(coda->record.text, -1)
			       : 0;

	if (characters == RECORD_LENGTH)
		return TRUE;
	fail(coda, "%ld characters instead of %d", characters, RECORD_LENGTH);
	return FALSE;
}

/* "00000DDMMYYBBB05" and the version at the end. */
static gboolean
is_header(const struct pl_textlines *lines)
{
	const char *line = lines->line;

	if (lines->line_length < RECORD_LENGTH ||
	    lines->line_length > RECORD_LENGTH * 2 ||
	    memcmp(line, "00000", 5) != 0 || memcmp(line + 14, "05", 2) != 0)
		return FALSE;
	for (guint i = 5; i < 14; i++)
		if (!g_ascii_isdigit(line[i]))
			return FALSE;
	return line[lines->line_length - 1] == '2' ||
	       line[lines->line_length - 1] == '1';
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

gboolean
pl_coda_read(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	struct coda coda = { .facts = facts };

	if (!pl_textlines_begin(&coda.lines, bytes, length))
		return FALSE;
	do {
		if (!pl_textlines_next(&coda.lines))
			return FALSE;
	} while (pl_textlines_blank(&coda.lines));
	if (!is_header(&coda.lines))
		return FALSE;
	facts->format = PL_FORMAT_CODA;
	facts->kind = PL_FACTS_STATEMENT;
	if (coda.lines.line[coda.lines.line_length - 1] == '1') {
		fail(&coda, "version 1 of the standard is not supported");
		return TRUE;
	}
	coda.communication = g_string_new(NULL);
	read_records(&coda);
	g_free(coda.record.text);
	g_free(coda.movement);
	g_string_free(coda.communication, TRUE);
	return TRUE;
}
