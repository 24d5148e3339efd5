/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mt940 - SWIFT MT940 customer statements, with or without SWIFT envelope
 *
 * A statement begins at :20: (with what stands before it since the last one)
 * and ends before the next. A file whose fields are those of MT942 (floor
 * limit :34F:, no balances) is none. Fields go on over lines that do not
 * begin with a field tag.
 */
#include "readers.h"

#include <string.h>

#include "mt940.h"
#include "textlines.h"
#include "values.h"

#define FIELD_MAX 16384
#define LINES_BEFORE_MAX 8 /* the first field */

struct mt940 {
	struct pl_facts *facts;
	struct pl_textlines lines;

	struct pl_statement *statement; /* being read, owned by the facts */
	struct pl_line *line;           /* the last :61:, owned by it */
	guint first_line;               /* of the statement, :20: */
	gboolean closed;                /* :62a: was there */
	gsize border;                   /* where the next statement starts */

	char tag[4]; /* the field being read, or "" */
	guint tag_line;
	GString *field, *information;
	guint n_lines;
};

static void G_GNUC_PRINTF(3, 4)
    fail(struct mt940 *mt940, guint line, const char *format, ...)
{
	va_list arguments;
	g_autofree char *what = NULL;

	va_start(arguments, format);
	what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	pl_value_damage(mt940->facts, "MT940: line %u: %s", line, what);
}

/* ---- fields */

/* YYMMDD at TEXT. */
static char *
short_date(const char *text)
{
	guint number[3];

	for (guint i = 0; i < 3; i++) {
		if (!g_ascii_isdigit(text[2 * i]) ||
		    !g_ascii_isdigit(text[2 * i + 1]))
			return NULL;
		number[i] = (guint)(text[2 * i] - '0') * 10 +
			    (guint)(text[2 * i + 1] - '0');
	}
	return pl_value_date(
	    number[0] + (number[0] < 80 ? 2000 : 1900), number[1], number[2]);
}

/* The decimal sign is a comma; some banks write a point. */
static char *
signed_amount(const char *text, gboolean negative)
{
	char *amount =
	    pl_value_amount(text, strchr(text, ',') != NULL ? ',' : '.');

	if (amount == NULL || !negative || strpbrk(amount, "123456789") == NULL)
		return amount;

	char *with_sign = g_strconcat("-", amount, NULL);

	g_free(amount);
	return with_sign;
}

/* One account has one currency. */
static void
currency_read(struct mt940 *mt940, const char *text)
{
	char *currency = g_strndup(text, 3);

	if (mt940->statement->currency != NULL &&
	    g_ascii_strcasecmp(mt940->statement->currency, currency) != 0)
		fail(mt940, mt940->tag_line,
		    ":%s: is in %s, but the account in %s", mt940->tag,
		    currency, mt940->statement->currency);
	pl_value_first(&mt940->statement->currency, currency);
}

/* "C140729EUR3058,98"; what follows on other lines is no part of it, but the
 * head of the next message, where nothing ends this one. */
static void
balance_read(struct mt940 *mt940, char **balance, char **date)
{
	const char *field = mt940->field->str;
	g_autofree char *text =
	    g_strchug(g_strndup(field, strcspn(field, "\n")));

	if (strlen(text) < 11 || (*text != 'C' && *text != 'D') ||
	    !g_ascii_isalpha(text[7]) || !g_ascii_isalpha(text[8]) ||
	    !g_ascii_isalpha(text[9])) {
		fail(mt940, mt940->tag_line, ":%s: is no balance", mt940->tag);
		return;
	}

	g_autofree char *day = short_date(text + 1);
	char *amount = signed_amount(text + 10, *text == 'D');

	if (amount == NULL)
		fail(mt940, mt940->tag_line, ":%s: has no amount", mt940->tag);
	if (day == NULL && strncmp(text + 1, "000000", 6) != 0)
		fail(mt940, mt940->tag_line, ":%s: has no date", mt940->tag);
	pl_value_first(balance, amount);
	pl_value_first(date, g_steal_pointer(&day));
	currency_read(mt940, text + 7);
}

/* YYMMDD and MMDD: the year may turn between value and entry date; some banks
 * have a value date of February 30th. */
static char *
entry_date(const char *text)
{
	guint number[5];

	for (guint i = 0; i < G_N_ELEMENTS(number); i++)
		number[i] = (guint)(text[2 * i] - '0') * 10 +
			    (guint)(text[2 * i + 1] - '0');

	guint year = number[0] + (number[0] < 80 ? 2000 : 1900);

	if (number[1] == 12 && number[3] == 1)
		year++;
	else if (number[1] == 1 && number[3] == 12)
		year--;
	return pl_value_date(year, number[3], number[4]);
}

/* Behind the dates: "RC" reverses a credit, "EC" expects one, a letter for the
 * funds follows, then the amount up to the transaction type. FALSE: it cannot
 * be read. */
static gboolean
line_amount(struct pl_line *line, const char *text)
{
	gboolean reversal = *text == 'R';
	gboolean debit;
	gsize length;

	line->unbooked = *text == 'E';
	if (*text == 'R' || *text == 'E')
		text++;
	if (*text != 'C' && *text != 'D')
		return FALSE;
	debit = (*text == 'D') != reversal;
	text++;
	if (g_ascii_isalpha(*text))
		text++;
	length = strspn(text, "0123456789,. ");

	g_autofree char *amount = g_strndup(text, length);

	line->amount = signed_amount(amount, debit);
	return line->amount != NULL;
}

/* "0905210521D107,N426NONREF": value date, entry date, mark, amount. */
static void
line_begin(struct mt940 *mt940)
{
	const char *text = mt940->field->str + strspn(mt940->field->str, " ");
	struct pl_line *line;

	if (++mt940->n_lines > PL_LINES_MAX) {
		fail(mt940, mt940->tag_line, "too many lines");
		return;
	}
	line = pl_line_new();
	g_ptr_array_add(mt940->statement->lines, line);
	mt940->line = line;
	if (strlen(text) < 8) {
		fail(mt940, mt940->tag_line, ":61: is too short");
		return;
	}
	if (strspn(text, "0123456789") < 6) {
		fail(mt940, mt940->tag_line, ":61: has no date");
		return;
	}
	line->date = short_date(text);
	text += 6;
	if (strspn(text, "0123456789") >= 4) {
		char *booked = entry_date(text - 6);

		if (booked != NULL) {
			g_free(line->date);
			line->date = booked;
		}
		text += 4;
	}
	text += strspn(text, " ");
	if (!line_amount(line, text))
		fail(mt940, mt940->tag_line, ":61: has no amount");
}

static void
line_end(struct mt940 *mt940)
{
	if (mt940->line != NULL && mt940->information->len > 0)
		pl_mt940_information(mt940->line, mt940->information->str);
	g_string_truncate(mt940->information, 0);
	mt940->line = NULL;
}

/* "NL08DEUT0319809633EUR" is an IBAN and a currency. */
static char *
account_read(const char *text)
{
	char *account = pl_value_account(text);
	gsize length = account != NULL ? strlen(account) : 0;

	if (length > 18 && g_ascii_isalpha(account[0]) &&
	    g_ascii_isalpha(account[1]) && g_ascii_isdigit(account[2]) &&
	    g_ascii_isdigit(account[3]) &&
	    g_ascii_isdigit(account[length - 4]) &&
	    g_ascii_isalpha(account[length - 3]) &&
	    g_ascii_isalpha(account[length - 2]) &&
	    g_ascii_isalpha(account[length - 1]))
		account[length - 3] = '\0';
	return account;
}

/* "00004/00002": the number, without the page. */
static char *
sequence_read(const char *text)
{
	g_autofree char *number = g_strndup(text, strcspn(text, "/\n"));

	return pl_value_number(number);
}

/* The rest of it, unless it is the first one. */
static char *
page_read(const char *text)
{
	g_autofree char *line = g_strndup(text, strcspn(text, "\n"));
	const char *slash = strchr(line, '/');
	g_autofree char *page =
	    slash != NULL ? pl_value_number(slash + 1) : NULL;

	return page == NULL || strcmp(page, "0") == 0 || strcmp(page, "1") == 0
		   ? NULL
		   : g_steal_pointer(&page);
}

/* ---- statements */

static void
statement_end(struct mt940 *mt940, gsize end)
{
	if (mt940->statement == NULL)
		return;
	line_end(mt940);
	if (mt940->statement->account == NULL)
		fail(mt940, mt940->first_line,
		    "this statement has no account (:25:)");
	if (mt940->statement->opening_balance == NULL)
		fail(mt940, mt940->first_line,
		    "this statement has no opening balance (:60F:)");
	if (!mt940->closed)
		fail(mt940, mt940->first_line,
		    "this statement has no closing balance (:62F:)");
	mt940->statement->length = end - mt940->statement->offset;
	mt940->statement = NULL;
}

static void
statement_begin(struct mt940 *mt940)
{
	statement_end(mt940, mt940->border);
	mt940->statement = pl_statement_new();
	mt940->statement->offset = mt940->border;
	mt940->first_line = mt940->lines.number;
	g_ptr_array_add(mt940->facts->statements, mt940->statement);
	mt940->closed = FALSE;
}

static void
field_end(struct mt940 *mt940)
{
	struct pl_statement *statement = mt940->statement;
	const char *tag = mt940->tag;

	if (statement == NULL || *tag == '\0')
		return;
	if (strcmp(tag, "25") == 0 || strcmp(tag, "25P") == 0) {
		g_autofree char *first = g_strndup(
		    mt940->field->str, strcspn(mt940->field->str, "\n"));

		pl_value_first(&statement->account, account_read(first));
	} else if (strcmp(tag, "28C") == 0 || strcmp(tag, "28") == 0) {
		pl_value_first(
		    &statement->sequence, sequence_read(mt940->field->str));
		pl_value_first(&statement->page, page_read(mt940->field->str));
	} else if (strcmp(tag, "60F") == 0 || strcmp(tag, "60M") == 0) {
		balance_read(
		    mt940, &statement->opening_balance, &statement->from);
	} else if (strcmp(tag, "62F") == 0 || strcmp(tag, "62M") == 0) {
		line_end(mt940);
		balance_read(
		    mt940, &statement->closing_balance, &statement->to);
		mt940->closed = TRUE;
	} else if (strcmp(tag, "61") == 0) {
		line_end(mt940);
		line_begin(mt940);
	} else if (strcmp(tag, "86") == 0 && mt940->line != NULL &&
		   mt940->information->len < FIELD_MAX) {
		if (mt940->information->len > 0)
			g_string_append_c(mt940->information, '\n');
		g_string_append(mt940->information, mt940->field->str);
	}
	mt940->tag[0] = '\0';
}

/* ":62F:" at the start of a line: its length, and the tag without colons. A
 * bank's own fields stand in ":NS:". */
static gsize
tag_read(const char *line, gsize length, char tag[4])
{
	gsize end = 1;

	if (length < 4 || line[0] != ':' ||
	    (!g_ascii_isdigit(line[1]) && strncmp(line, ":NS:", 4) != 0))
		return 0;
	while (end < length && end < 5 && g_ascii_isalnum(line[end]))
		end++;
	if (end >= length || line[end] != ':' || end < 3 || end > 4)
		return 0;
	memcpy(tag, line + 1, end - 1);
	tag[end - 1] = '\0';
	return end + 1;
}

/* "08" at the end of a line and ":13:11" on the next are one time, where a text
 * is still being read. Only 20, 25, 28 and 13 could be fields, and they do not
 * stand between the lines of a statement. */
static gboolean
is_rest_of_time(const char *line, gsize length)
{
	return length >= 6 && line[0] == ':' && line[3] == ':' &&
	       line[1] >= '0' && line[1] <= '5' && g_ascii_isdigit(line[2]) &&
	       line[4] >= '0' && line[4] <= '5' && g_ascii_isdigit(line[5]) &&
	       (length == 6 || !g_ascii_isalnum(line[6]));
}

static void
field_add(struct mt940 *mt940, const char *text, gsize length)
{
	if (mt940->field->len >= FIELD_MAX)
		return;
	length = MIN(length, FIELD_MAX);
	if (mt940->field->len > 0)
		g_string_append_c(mt940->field, '\n');
	if (pl_value_plain(text, length)) {
		g_string_append_len(mt940->field, text, (gssize)length);
		return;
	}

	g_autofree char *utf8 = pl_value_utf8(text, length);

	g_string_append(mt940->field, utf8);
}

/* "-", "-}" (also in the Swedish version of ASCII) or the "-XXX" of ING; a text
 * may well go on with a hyphen. */
static gboolean
is_message_end(const struct pl_textlines *lines)
{
	static const char *const ends[] = { "-", "-XXX", "-\xe5", "-\xc3\xa5" };
	gsize length = lines->line_length;

	while (length > 0 && g_ascii_isspace(lines->line[length - 1]))
		length--;
	if (length >= 2 && memcmp(lines->line, "-}", 2) == 0)
		return TRUE;
	for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
		if (length == strlen(ends[i]) &&
		    memcmp(lines->line, ends[i], length) == 0)
			return TRUE;
	return FALSE;
}

static gboolean
has_tag(const char *tag, const char *number)
{
	return strncmp(tag, number, 2) == 0;
}

/* Such a field belongs to a statement. */
static gboolean
is_content(const char *tag)
{
	return has_tag(tag, "25") || has_tag(tag, "60") || has_tag(tag, "61") ||
	       has_tag(tag, "62");
}

static void
line_read(struct mt940 *mt940)
{
	const struct pl_textlines *lines = &mt940->lines;
	char tag[4];
	gsize length = tag_read(lines->line, lines->line_length, tag);

	if (!mt940->closed && strcmp(mt940->tag, "86") == 0 &&
	    is_rest_of_time(lines->line, lines->line_length))
		length = 0;
	if (length == 0) {
		if (is_message_end(lines)) {
			field_end(mt940);
			if (mt940->closed)
				mt940->border = lines->next;
		} else if (*mt940->tag != '\0') {
			field_add(mt940, lines->line, lines->line_length);
		}
		return;
	}
	field_end(mt940);
	if (strcmp(tag, "20") == 0)
		statement_begin(mt940);
	else if (mt940->facts->statements->len == 0 && is_content(tag))
		fail(mt940, lines->number,
		    "a field before the reference (:20:)");
	if (mt940->statement != NULL)
		mt940->border = lines->next;
	strcpy(mt940->tag, tag);
	mt940->tag_line = lines->number;
	g_string_truncate(mt940->field, 0);
	field_add(mt940, lines->line + length, lines->line_length - length);
}

/* ---- recognition */

/* What the first message has. */
struct shape {
	gboolean reference, account, number, balance, line;
	gboolean interim; /* fields that only MT941 and MT942 have */
	gboolean named;   /* an envelope says that it is MT940 or MT950 */
	gboolean text;    /* the last field is one */
	guint before;     /* lines before the first field */
};

/* "{2:O9400910..." says which message it is; 950 is one for banks. FALSE: it
 * is another. */
static gboolean
envelope_add(struct shape *shape, const struct pl_textlines *lines)
{
	const char *type =
	    g_strstr_len(lines->line, (gssize)lines->line_length, "{2:");
	gsize left =
	    type == NULL ? 0 : lines->line_length - (gsize)(type - lines->line);

	if (left <= 7 || (type[3] != 'I' && type[3] != 'O') ||
	    !g_ascii_isdigit(type[4]))
		return TRUE;
	shape->named = strncmp(type + 4, "940", 3) == 0 ||
		       strncmp(type + 4, "950", 3) == 0;
	return shape->named;
}

/* FALSE: the first message is over. */
static gboolean
shape_add(struct shape *shape, const char *tag)
{
	if (strcmp(tag, "20") == 0 && shape->reference &&
	    (shape->account || shape->number))
		return FALSE;
	shape->reference |= strcmp(tag, "20") == 0;
	shape->account |= has_tag(tag, "25");
	shape->number |= has_tag(tag, "28");
	shape->line |= strcmp(tag, "61") == 0;
	shape->balance |= has_tag(tag, "60") || has_tag(tag, "62");
	shape->interim |= has_tag(tag, "13") || has_tag(tag, "34") ||
			  (has_tag(tag, "90") && !shape->line);
	shape->text = strcmp(tag, "86") == 0;
	return !shape->interim;
}

/* A bank puts a few lines before the first field, but no mail header. */
static gboolean
may_precede(struct shape *shape, const struct pl_textlines *lines)
{
	shape->before += !pl_textlines_blank(lines);
	return shape->before <= LINES_BEFORE_MAX &&
	       envelope_add(shape, lines) &&
	       (shape->before != 1 || !pl_textlines_mail_header(lines));
}

/* MT940 needs a reference, an account or number, and a balance. What says in
 * its envelope that it is one, or lacks only one of the three, is a damaged
 * one. */
static gboolean
is_enough(const struct shape *shape)
{
	if (shape->named)
		return TRUE;
	if (shape->reference && (shape->account || shape->number) &&
	    shape->balance)
		return TRUE;
	return shape->account && shape->number &&
	       (shape->balance || (shape->reference && shape->line));
}

static gboolean
is_mt940(struct pl_textlines lines)
{
	struct shape shape = { 0 };
	char tag[4];

	while (pl_textlines_next(&lines))
		if (tag_read(lines.line, lines.line_length, tag) == 0 ||
		    (shape.text &&
			is_rest_of_time(lines.line, lines.line_length))) {
			if (!shape.reference && !may_precede(&shape, &lines))
				return FALSE;
		} else if (!shape_add(&shape, tag)) {
			break;
		}
	return !shape.interim && is_enough(&shape);
}

/* Some German banks write "@@" for the end of a line. */
static gboolean
lines_begin(struct pl_textlines *lines, const guint8 *bytes, gsize length)
{
	if (!pl_textlines_begin(lines, bytes, length))
		return FALSE;
	lines->at_signs = memmem(bytes, MIN(length, 4096), "@@:20:", 6) != NULL;
	return TRUE;
}

gboolean
pl_mt940_read(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	struct mt940 mt940 = { .facts = facts };

	if (!lines_begin(&mt940.lines, bytes, length) || !is_mt940(mt940.lines))
		return FALSE;
	facts->format = PL_FORMAT_MT940;
	facts->kind = PL_FACTS_STATEMENT;
	mt940.field = g_string_new(NULL);
	mt940.information = g_string_new(NULL);
	while (pl_textlines_next(&mt940.lines) &&
	       facts->statements->len <= PL_STATEMENTS_MAX &&
	       mt940.lines.number <= PL_TEXT_LINES_MAX)
		line_read(&mt940);
	if (mt940.lines.next < mt940.lines.length)
		fail(&mt940, mt940.lines.number,
		    "more than a statement can have");
	field_end(&mt940);
	statement_end(&mt940, length);
	if (facts->statements->len == 0)
		fail(&mt940, 1, "no statement");
	g_string_free(mt940.field, TRUE);
	g_string_free(mt940.information, TRUE);
	return TRUE;
}
