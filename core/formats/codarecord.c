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
gboolean
pl_coda_take(struct pl_coda_record *record, const char *line, gsize length)
{
	g_clear_pointer(&record->text, g_free);
	record->ascii = pl_value_plain(line, length);
	record->text = pl_value_utf8(line, length);
	if (!record->ascii && length == PL_CODA_LENGTH &&
	    g_utf8_strlen(record->text, -1) != PL_CODA_LENGTH) {
		g_free(record->text);
		record->text = g_convert(line, (gssize)length, "UTF-8",
		    "ISO-8859-1", NULL, NULL, NULL);
	}
	if (record->ascii)
		record->characters = (glong)length;
	else
		record->characters =
		    record->text != NULL ? g_utf8_strlen(record->text, -1) : 0;
	return record->characters == PL_CODA_LENGTH;
}

char
pl_coda_letter(const struct pl_coda_record *record, guint position)
{
	if (record->ascii)
		return record->text[position - 1];
	return *g_utf8_offset_to_pointer(record->text, position - 1);
}

char *
pl_coda_field(const struct pl_coda_record *record, guint position, guint length)
{
	if (record->ascii)
		return g_strndup(record->text + position - 1, length);
	return g_utf8_substring(
	    record->text, position - 1, position - 1 + length);
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
	g_autofree char *text = pl_coda_field(record, position, 6);
	char *date = NULL;

	if (strspn(text, "0123456789") == 6) {
		guint year = two_digits(text + 4);

		date = pl_value_date(year + (year < 80 ? 2000 : 1900),
		    two_digits(text + 2), two_digits(text));
	}
	*bad = date == NULL && strcmp(text, "000000") != 0 &&
	       strspn(text, " ") != 6;
	return date;
}

char *
pl_coda_amount(
    const struct pl_coda_record *record, guint position, gboolean negative)
{
	g_autofree char *text = pl_coda_field(record, position, AMOUNT_LENGTH);

	return pl_value_fixed(text, strlen(text), AMOUNT_DECIMALS, negative);
}
