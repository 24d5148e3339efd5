/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * values - text as it stands in a file ▸ text as facts have it
 *
 * Amounts are handled as strings of digits throughout: no number of a file
 * ever passes through floating point.
 */
#include "values.h"

#include <string.h>

/* More digits than any currency needs, fewer than a hostile file offers. */
#define AMOUNT_MAX 40
#define FILE_NAMES_MAX 64

char *
pl_value_trim(const char *text)
{
	gsize length;

	if (text == NULL)
		return NULL;
	while (g_ascii_isspace(*text))
		text++;
	length = strlen(text);
	while (length > 0 && g_ascii_isspace(text[length - 1]))
		length--;
	return length > 0 ? g_strndup(text, length) : NULL;
}

char *
pl_value_words(const char *text)
{
	if (text == NULL)
		return NULL;

	char *words = g_malloc(strlen(text) + 1), *end = words;

	for (const char *c = text; *c != '\0'; c++) {
		if (!g_ascii_isspace(*c))
			*end++ = *c;
		else if (end > words && end[-1] != ' ')
			*end++ = ' ';
	}
	if (end > words && end[-1] == ' ')
		end--;
	*end = '\0';
	if (end > words)
		return words;
	g_free(words);
	return NULL;
}

/* DIGITS, so many of them before the point and behind it, without needless
 * zeros in front. At most AMOUNT_MAX. */
static char *
amount_text(gboolean negative, const char *digits, gsize whole, gsize decimals)
{
	char text[AMOUNT_MAX + sizeof "-0."], *end = text;

	for (; whole > 1 && *digits == '0'; whole--)
		digits++;
	if (negative)
		*end++ = '-';
	if (whole == 0)
		*end++ = '0';
	memcpy(end, digits, whole);
	end += whole;
	if (decimals > 0)
		*end++ = '.';
	memcpy(end, digits + whole, decimals);
	end += decimals;
	return g_strndup(text, (gsize)(end - text));
}

char *
pl_value_amount(const char *text, char point)
{
	const char *end, group = point == ',' ? '.' : ',';
	char digits[AMOUNT_MAX];
	gsize n = 0, whole = G_MAXSIZE;
	gboolean negative;

	if (text == NULL)
		return NULL;
	while (g_ascii_isspace(*text))
		text++;
	end = text + strlen(text);
	while (end > text && g_ascii_isspace(end[-1]))
		end--;
	negative = *text == '-';
	if (*text == '-' || *text == '+')
		text++;
	for (; text < end; text++) {
		if (g_ascii_isdigit(*text)) {
			if (n == AMOUNT_MAX)
				return NULL;
			digits[n++] = *text;
		} else if (*text == point && whole == G_MAXSIZE) {
			whole = n;
		} else if (whole != G_MAXSIZE ||
			   (*text != group && *text != ' ' && *text != '\'')) {
			return NULL;
		}
	}
	if (n == 0)
		return NULL;
	whole = MIN(whole, n);
	return amount_text(negative, digits, whole, n - whole);
}

char *
pl_value_decimal(const char *text)
{
	return text == NULL || strpbrk(text, ",'") != NULL
		   ? NULL
		   : pl_value_amount(text, '.');
}

/* The decimal sign of NUMBER, which has only digits, points and commas. */
static char
guess_point(const char *number)
{
	const char *comma = strrchr(number, ',');
	const char *point = strrchr(number, '.');

	if (comma != NULL && point != NULL)
		return comma > point ? ',' : '.';
	if (comma == NULL)
		return point != NULL && strchr(number, '.') != point ? ','
								     : '.';
	return strchr(number, ',') == comma && strlen(comma) != 4 ? ',' : '.';
}

char *
pl_value_guess_amount(const char *text)
{
	g_autoptr(GString) number = g_string_new(NULL);
	gboolean negative = FALSE;

	for (; text != NULL && *text != '\0'; text++) {
		if (g_ascii_isdigit(*text) || *text == '.' || *text == ',')
			g_string_append_c(number, *text);
		else if (*text == '-' || *text == '(')
			negative = TRUE;
		else if (g_ascii_isalpha(*text) && number->len > 0)
			break; /* a currency behind it */
	}
	if (text != NULL && strpbrk(text, "0123456789") != NULL)
		return NULL; /* a letter inside it */

	g_autofree char *amount =
	    pl_value_amount(number->str, guess_point(number->str));

	if (amount == NULL)
		return NULL;
	return negative && strpbrk(amount, "123456789") != NULL
		   ? g_strconcat("-", amount, NULL)
		   : g_steal_pointer(&amount);
}

/* AMOUNT times ten to the power of DECIMALS. */
static gboolean
scaled(const char *amount, guint decimals, gint64 *value)
{
	gboolean negative = amount != NULL && *amount == '-';
	const char *point = amount != NULL ? strchr(amount, '.') : NULL;
	gsize behind = point != NULL ? strlen(point + 1) : 0;

	/* Twelve digits and four decimals fit with room for a sum. */
	if (amount == NULL || strlen(amount) > 16 || behind > decimals)
		return FALSE;
	*value = 0;
	for (const char *c = amount; *c != '\0'; c++)
		if (g_ascii_isdigit(*c))
			*value = *value * 10 + (*c - '0');
	for (; behind < decimals; behind++)
		*value *= 10;
	if (negative)
		*value = -*value;
	return TRUE;
}

static gsize
decimals_of(const char *amount)
{
	const char *point = amount != NULL ? strchr(amount, '.') : NULL;

	return point != NULL ? strlen(point + 1) : 0;
}

char *
pl_value_subtract(const char *a, const char *b)
{
	guint decimals = (guint)MAX(decimals_of(a), decimals_of(b));
	gint64 minuend, subtrahend;

	if (decimals > 4 || !scaled(a, decimals, &minuend) ||
	    !scaled(b, decimals, &subtrahend))
		return NULL;

	gint64 difference = minuend - subtrahend;
	g_autofree char *digits = g_strdup_printf(
	    "%0*" G_GINT64_FORMAT, (int)decimals + 1, ABS(difference));

	return amount_text(
	    difference < 0, digits, strlen(digits) - decimals, decimals);
}

char *
pl_value_fixed(
    const char *digits, gsize length, guint decimals, gboolean negative)
{
	gboolean zero = TRUE;

	if (length <= decimals || length > AMOUNT_MAX)
		return NULL;
	for (gsize i = 0; i < length; i++) {
		if (!g_ascii_isdigit(digits[i]))
			return NULL;
		zero = zero && digits[i] == '0';
	}

	const gsize whole = length - decimals;
	gsize end = length;

	while (end > whole + 2 && digits[end - 1] == '0')
		end--;
	return amount_text(negative && !zero, digits, whole, end - whole);
}

char *
pl_value_date(guint year, guint month, guint day)
{
	if (year < 1900 || year > 9999 || month > 12 || day > 31 ||
	    !g_date_valid_dmy(
		(GDateDay)day, (GDateMonth)month, (GDateYear)year))
		return NULL;

	const char date[] = { (char)('0' + year / 1000),
		(char)('0' + year / 100 % 10), (char)('0' + year / 10 % 10),
		(char)('0' + year % 10), '-', (char)('0' + month / 10),
		(char)('0' + month % 10), '-', (char)('0' + day / 10),
		(char)('0' + day % 10) };

	return g_strndup(date, sizeof date);
}

/* COUNT digits as a number; FALSE when one of them is none. */
static gboolean
digits_read(const char *text, guint count, guint *number)
{
	*number = 0;
	for (guint i = 0; i < count; i++) {
		if (!g_ascii_isdigit(text[i]))
			return FALSE;
		*number = *number * 10 + (guint)(text[i] - '0');
	}
	return TRUE;
}

char *
pl_value_iso_date(const char *text)
{
	guint year, month, day;

	if (text == NULL)
		return NULL;
	while (g_ascii_isspace(*text))
		text++;
	if (strlen(text) < 10 || text[4] != '-' || text[7] != '-' ||
	    g_ascii_isdigit(text[10]) || !digits_read(text, 4, &year) ||
	    !digits_read(text + 5, 2, &month) ||
	    !digits_read(text + 8, 2, &day))
		return NULL;
	return pl_value_date(year, month, day);
}

char *
pl_value_edifact_date(const char *text, const char *format)
{
	g_autofree char *trimmed = pl_value_trim(text);
	guint year, month, day;
	const char *rest;

	if (trimmed == NULL)
		return NULL;
	if (g_strcmp0(format, "101") == 0 && strlen(trimmed) == 6) {
		if (!digits_read(trimmed, 2, &year))
			return NULL;
		year += 2000;
		rest = trimmed + 2;
	} else {
		if (strlen(trimmed) < 8 || !digits_read(trimmed, 4, &year))
			return NULL;
		rest = trimmed + 4;
	}
	if (digits_read(rest, 2, &month) && digits_read(rest + 2, 2, &day))
		return pl_value_date(year, month, day);
	return pl_value_iso_date(trimmed);
}

char *
pl_value_number(const char *text)
{
	char *number = pl_value_trim(text);

	if (number == NULL)
		return NULL;

	gsize zeros = strspn(number, "0");

	if (zeros > 0 && !g_ascii_isdigit(number[zeros]))
		zeros--;
	memmove(number, number + zeros, strlen(number + zeros) + 1);
	return number;
}

/* Two letters, two digits, and 11 to 30 letters or digits. */
static gboolean
is_iban(const char *text)
{
	gsize length = strlen(text);

	for (gsize i = 0; i < length; i++)
		if (!(i < 2     ? g_ascii_isalpha(text[i])
			: i < 4 ? g_ascii_isdigit(text[i])
				: g_ascii_isalnum(text[i])))
			return FALSE;
	return length >= 15 && length <= 34;
}

char *
pl_value_account(const char *text)
{
	g_autoptr(GString) account = g_string_new(NULL);

	for (const char *c = text; c != NULL && *c != '\0'; c++)
		if (!g_ascii_isspace(*c))
			g_string_append_c(account, *c);
	if (!is_iban(account->str))
		return pl_value_trim(text);
	return g_ascii_strup(account->str, -1);
}

/* Eight characters at a time. */
gboolean
pl_value_plain(const char *text, gsize length)
{
	const guint64 ones = G_GUINT64_CONSTANT(0x0101010101010101);
	guint64 word, bad = 0;

	for (; length >= sizeof word && bad == 0; length -= sizeof word) {
		memcpy(&word, text, sizeof word);
		/* 8-bit; below a blank; delete */
		bad = (word | (word - ones * 0x20) |
			  ((word ^ (ones * 0x7f)) - ones)) &
		      (ones * 0x80);
		text += sizeof word;
	}
	for (; length > 0 && bad == 0; length--, text++)
		bad = *text < 0x20 || *text >= 0x7f;
	return bad == 0;
}

char *
pl_value_utf8(const char *text, gsize length)
{
	char *utf8 = NULL;

	if (pl_value_plain(text, length))
		return g_strndup(text, length);
	if (!g_utf8_validate(text, (gssize)length, NULL)) {
		utf8 = g_convert(text, (gssize)length, "UTF-8", "WINDOWS-1252",
		    NULL, NULL, NULL);
		if (utf8 == NULL)
			utf8 = g_convert(text, (gssize)length, "UTF-8",
			    "ISO-8859-1", NULL, NULL, NULL);
	}
	if (utf8 == NULL)
		utf8 = g_utf8_make_valid(text, (gssize)length);
	for (char *c = utf8; *c != '\0'; c++)
		if ((guchar)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	return utf8;
}

void
pl_value_file_names(GPtrArray *names, const char *reference)
{
	g_autofree char *whole = pl_value_trim(reference);

	if (whole == NULL || names->len >= FILE_NAMES_MAX)
		return;

	char *query = strstr(whole, "://") ? strpbrk(whole, "?#") : NULL;

	if (query != NULL)
		*query = '\0';

	g_autofree char *plain = g_uri_unescape_string(whole, NULL);

	if (plain == NULL || !g_utf8_validate(plain, -1, NULL)) {
		g_free(plain);
		plain = g_strdup(whole);
	}

	const char *last = plain;

	for (const char *c = plain; *c != '\0'; c++)
		if (*c == '/' || *c == '\\')
			last = c + 1;

	g_autofree char *name = g_strdup(last);

	if (*name != '\0' &&
	    !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
		g_ptr_array_add(names, g_steal_pointer(&name));
}

enum pl_facts_kind
pl_value_kind(const char *code)
{
	static const char *const credit[] = { "381", "396", "261", "262", "81",
		"83", "296", "308", "420", "458", "502", "503", "532", NULL };

	return code != NULL && g_strv_contains(credit, code)
		   ? PL_FACTS_CREDIT_NOTE
		   : PL_FACTS_INVOICE;
}

static void
damage(struct pl_facts *facts, const char *problem)
{
	facts->damaged = TRUE;
	g_free(facts->problem);
	facts->problem = pl_value_utf8(problem, strlen(problem));
}

void
pl_value_damage(struct pl_facts *facts, const char *format, ...)
{
	va_list arguments;
	g_autofree char *problem = NULL;

	if (facts->damaged)
		return;
	va_start(arguments, format);
	problem = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	damage(facts, problem);
}

void
pl_value_limited(struct pl_facts *facts, const char *format, ...)
{
	va_list arguments;
	g_autofree char *problem = NULL;

	if (facts->damaged)
		return;
	va_start(arguments, format);
	problem = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	facts->limited = TRUE;
	damage(facts, problem);
}

void
pl_value_first(char **place, char *value)
{
	if (*place == NULL)
		*place = value;
	else
		g_free(value);
}

void
pl_value_period(struct pl_statement *statement, const char *date)
{
	if (date == NULL)
		return;
	if (statement->from == NULL || strcmp(date, statement->from) < 0) {
		g_free(statement->from);
		statement->from = g_strdup(date);
	}
	if (statement->to == NULL || strcmp(date, statement->to) > 0) {
		g_free(statement->to);
		statement->to = g_strdup(date);
	}
}
