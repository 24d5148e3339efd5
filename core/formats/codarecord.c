/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codarecord - a line of a CODA file: 128 characters with fields
 */
#include "codarecord.h"

#include <string.h>

#include "values.h"

#define AMOUNT_LENGTH 15
#define AMOUNT_DECIMALS 3

/* The reading that gives 128 characters is the right one. */
static void
convert(struct pl_coda_record *record, const char *line, gsize length)
{
	record->owned = pl_value_utf8(line, length);
	if (length == PL_CODA_LENGTH &&
	    g_utf8_strlen(record->owned, -1) != PL_CODA_LENGTH) {
		g_free(record->owned);
		record->owned = g_convert(line, (gssize)length, "UTF-8",
		    "ISO-8859-1", NULL, NULL, NULL);
	}
	record->characters =
	    record->owned != NULL ? g_utf8_strlen(record->owned, -1) : 0;
	record->text = record->owned;
}

/* Blanks behind a record are no part of it. */
static gboolean
is_padded(const struct pl_coda_record *record)
{
	const guint rest = (guint)(record->characters - PL_CODA_LENGTH);
	gsize bytes;
	const char *text = pl_coda_at(record, PL_CODA_LENGTH + 1, rest, &bytes);

	for (gsize i = 0; i < bytes; i++)
		if (text[i] != ' ')
			return FALSE;
	return TRUE;
}

gboolean
pl_coda_take(struct pl_coda_record *record, const char *line, gsize length)
{
	g_clear_pointer(&record->owned, g_free);
	record->ascii = pl_value_plain(line, length);
	record->text = line;
	record->characters = (glong)length;
	if (!record->ascii)
		convert(record, line, length);
	if (record->characters > PL_CODA_LENGTH && is_padded(record))
		record->characters = PL_CODA_LENGTH;
	return record->characters == PL_CODA_LENGTH;
}

const char *
pl_coda_at(const struct pl_coda_record *record, guint position, guint length,
    gsize *bytes)
{
	const char *start = record->text + position - 1;

	*bytes = length;
	if (record->ascii)
		return start;
	start = g_utf8_offset_to_pointer(record->text, position - 1);
	*bytes = (gsize)(g_utf8_offset_to_pointer(start, length) - start);
	return start;
}

char
pl_coda_letter(const struct pl_coda_record *record, guint position)
{
	gsize bytes;

	return *pl_coda_at(record, position, 1, &bytes);
}

char *
pl_coda_field(const struct pl_coda_record *record, guint position, guint length)
{
	gsize bytes;
	const char *text = pl_coda_at(record, position, length, &bytes);

	return g_strndup(text, bytes);
}

gboolean
pl_coda_is(
    const struct pl_coda_record *record, guint position, const char *expected)
{
	const gsize n = strlen(expected);
	gsize bytes;
	const char *text = pl_coda_at(record, position, (guint)n, &bytes);

	return bytes == n && memcmp(text, expected, n) == 0;
}

char *
pl_coda_trimmed(
    const struct pl_coda_record *record, guint position, guint length)
{
	g_autofree char *text = pl_coda_field(record, position, length);

	return pl_value_trim(text);
}

static guint
two_digits(const char *text)
{
	return (guint)(text[0] - '0') * 10 + (guint)(text[1] - '0');
}

char *
pl_coda_date(const struct pl_coda_record *record, guint position, gboolean *bad)
{
	gsize bytes, digits = 0;
	const char *text = pl_coda_at(record, position, 6, &bytes);
	char *date = NULL;

	while (digits < bytes && g_ascii_isdigit(text[digits]))
		digits++;
	if (digits == 6) {
		guint year = two_digits(text + 4);

		date = pl_value_date(year + (year < 80 ? 2000 : 1900),
		    two_digits(text + 2), two_digits(text));
	}
	*bad = date == NULL && !pl_coda_is(record, position, "000000") &&
	       !pl_coda_is(record, position, "      ");
	return date;
}

char *
pl_coda_amount(
    const struct pl_coda_record *record, guint position, gboolean negative)
{
	gsize bytes;
	const char *text = pl_coda_at(record, position, AMOUNT_LENGTH, &bytes);

	return pl_value_fixed(text, bytes, AMOUNT_DECIMALS, negative);
}
