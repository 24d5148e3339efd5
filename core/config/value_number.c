/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * value_number - reads settings that are a number, a size or a date
 *
 * The same contract as value.c. Numbers are digits and nothing else: no sign,
 * no fraction, no blank before the unit.
 */
#include <string.h>

#include "private.h"

/* Digits alone, in base 10, at most MAX; what follows them is in END. */
static gboolean
read_number(const char *text, guint64 max, guint64 *number, const char **end)
{
	char *stop;

	if (text == NULL || !g_ascii_isdigit(*text) || strlen(text) > 20)
		return FALSE;
	*number = g_ascii_strtoull(text, &stop, 10);
	*end = stop;
	return *number <= max;
}

static gboolean
read_size(struct pl_value *v, guint64 least, void *at)
{
	const char *end, *units = "KMG", *unit;
	guint64 n;

	if (!read_number(pl_value_whole(v), G_MAXINT32, &n, &end))
		return FALSE;
	if (*end != '\0') {
		unit = strchr(units, g_ascii_toupper(*end));
		if (unit == NULL || end[1] != '\0')
			return FALSE;
		n <<= 10 * (unit - units + 1);
	}
	if (n < least)
		return FALSE;
	*(guint64 *)at = n;
	return TRUE;
}

gboolean
pl_value_size(struct pl_value *v, void *at)
{
	if (*v->rest == '\0') {
		*(guint64 *)at = 0;
		return TRUE;
	}
	return read_size(v, 0, at);
}

gboolean
pl_value_mail_size(struct pl_value *v, void *at)
{
	return read_size(v, 16 << 10, at);
}

/* A month counts 31 days and a year 366: nothing goes too early. */
gboolean
pl_value_days(struct pl_value *v, void *at)
{
	const char *end;
	guint64 n, unit;

	if (!read_number(pl_value_whole(v), 100000, &n, &end) || n == 0)
		return FALSE;
	if (g_str_equal(end, "d"))
		unit = 1;
	else if (g_str_equal(end, "m"))
		unit = 31;
	else if (g_str_equal(end, "y"))
		unit = 366;
	else
		return FALSE;
	*(unsigned *)at = (unsigned)(n * unit);
	return TRUE;
}

static gboolean
is_date_shape(const char *text)
{
	if (strlen(text) != strlen("YYYY-MM-DD"))
		return FALSE;
	for (unsigned i = 0; text[i] != '\0'; i++) {
		if (i == 4 || i == 7 ? text[i] != '-'
				     : !g_ascii_isdigit(text[i]))
			return FALSE;
	}
	return TRUE;
}

/* Empty: 0. */
gboolean
pl_value_start_date(struct pl_value *v, void *at)
{
	const char *text = pl_value_whole(v);
	GDateYear year;
	GDateMonth month;
	GDateDay day;
	GDate date;

	if (text == NULL)
		return FALSE;
	if (*text == '\0') {
		*(guint32 *)at = 0;
		return TRUE;
	}
	if (!is_date_shape(text))
		return FALSE;
	year = (GDateYear)g_ascii_strtoull(text, NULL, 10);
	month = (GDateMonth)g_ascii_strtoull(text + 5, NULL, 10);
	day = (GDateDay)g_ascii_strtoull(text + 8, NULL, 10);
	if (!g_date_valid_dmy(day, month, year))
		return FALSE;
	g_date_set_dmy(&date, day, month, year);
	*(guint32 *)at = g_date_get_julian(&date);
	return TRUE;
}

static gboolean
read_count(struct pl_value *v, guint64 least, guint64 most, void *at)
{
	const char *end;
	guint64 n;

	if (!read_number(pl_value_whole(v), most, &n, &end) || *end != '\0' ||
	    n < least)
		return FALSE;
	*(unsigned *)at = (unsigned)n;
	return TRUE;
}

gboolean
pl_value_count(struct pl_value *v, void *at)
{
	return read_count(v, 1, 10000, at);
}

gboolean
pl_value_delay(struct pl_value *v, void *at)
{
	return read_count(v, 0, 3650, at);
}
