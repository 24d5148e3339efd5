/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filenumber - the number that only a file's name says
 *
 * Words that tell versions apart ("_v2", "(2)", "copy") are left out. What
 * looks like a day, a month or a year is no number: many files of one day have
 * it. It counts only where it is all the digits there are, and then together
 * with the words around it.
 */
#include "room.h"

#include <string.h>

#define VERSION_WORDS \
	"(?:copy of|copie de|kopie van|copy|copie|kopie|version|versie|ver|v|" \
	"revision|revisie|rev|final|finaal|finale|definitief|def|corrected|" \
	"corrigé|correctie)"
#define DIGITS "0123456789"
#define BETWEEN "-_./" /* one of these between digits: still one number */

static char *
without_version(const char *name)
{
	static GRegex *version;
	g_autofree char *stem = pl_name_stem(name);

	if (g_once_init_enter(&version)) {
		GRegex *made = g_regex_new(
		    "\\(\\d{1,2}\\)|(?<![a-z])" VERSION_WORDS
		    "(?:[ ._-]?\\(?\\d{1,2}\\)?)?"
		    "(?![a-z0-9]|[-_./]\\d)",
		    G_REGEX_RAW | G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
		g_assert(made != NULL);
		g_once_init_leave(&version, made);
	}
	return stem != NULL
		   ? g_regex_replace_literal(version, stem, -1, 0, " ", 0, NULL)
		   : g_strdup("");
}

static gboolean
is_year(const char *s)
{
	return strlen(s) == 4 &&
	       (g_str_has_prefix(s, "19") || g_str_has_prefix(s, "20"));
}

static gboolean
is_upto(const char *s, int most)
{
	const gsize n = strlen(s);

	return n >= 1 && n <= 2 && atoi(s) >= 1 && atoi(s) <= most;
}

static gboolean
is_day(const char *year, const char *month, const char *day)
{
	return is_year(year) && is_upto(month, 12) && is_upto(day, 31);
}

/* "20260131" */
static gboolean
is_day_closed(const char *s)
{
	if (strlen(s) != 8)
		return FALSE;
	g_autofree char *year = g_strndup(s, 4);
	g_autofree char *month = g_strndup(s + 4, 2);
	return is_day(year, month, s + 6);
}

/* A day, a month or a year. */
static gboolean
is_date(const char *group)
{
	g_auto(GStrv) part = g_strsplit_set(group, BETWEEN, -1);

	switch (g_strv_length(part)) {
	case 1:
		return is_year(part[0]) || is_day_closed(part[0]);
	case 2:
		return (is_year(part[0]) && strlen(part[1]) == 2 &&
			   is_upto(part[1], 12)) ||
		       (is_upto(part[0], 12) && is_year(part[1]));
	case 3:
		return group[strlen(part[0])] ==
			   group[strlen(part[0]) + 1 + strlen(part[1])] &&
		       (is_day(part[0], part[1], part[2]) ||
			   is_day(part[2], part[1], part[0]) ||
			   is_day(part[2], part[0], part[1]));
	default:
		return FALSE;
	}
}

/* Length of the digits at S, with single separators between them. */
static gsize
group_length(const char *s)
{
	gsize n = strspn(s, DIGITS);

	while (n > 0 && s[n] != '\0' && strchr(BETWEEN, s[n]) != NULL &&
	       g_ascii_isdigit(s[n + 1]))
		n += 1 + strspn(s + n + 1, DIGITS);
	return n;
}

static void
append_digits(GString *to, const char *group)
{
	for (; *group != '\0'; group++)
		if (g_ascii_isdigit(*group))
			g_string_append_c(to, *group);
}

/* Letters are all that is neither ASCII punctuation nor a digit. */
static gboolean
is_letter(char c)
{
	return g_ascii_isalpha(c) || (guchar)c >= 0x80;
}

char *
pl_versions_number(const char *filename)
{
	g_autofree char *name = without_version(filename);
	g_autoptr(GString) best = g_string_new(NULL);
	g_autoptr(GString) words = g_string_new(NULL);
	g_autoptr(GString) date = g_string_new(NULL);
	unsigned groups = 0;

	for (const char *p = name; *p != '\0';) {
		const gsize n = group_length(p);
		if (n == 0) {
			if (is_letter(*p))
				g_string_append_c(words, *p);
			p++;
			continue;
		}
		g_autofree char *group = g_strndup(p, n);
		g_autoptr(GString) digits = g_string_new(NULL);
		append_digits(digits, group);
		if (is_date(group))
			g_string_assign(date, group);
		else if (digits->len > best->len)
			g_string_assign(best, digits->str);
		groups++;
		p += n;
	}
	if (best->len >= 3)
		return g_strdup(best->str);
	if (groups != 1 || date->len == 0 || words->len == 0)
		return NULL;
	return g_strconcat(words->str, " ", date->str, NULL);
}
