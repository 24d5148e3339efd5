/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * values - numbers, journals, dates, states and sizes on the command line
 *
 * Every mistake is a usage error that says what would be right.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

gboolean
pl_options_id(const char *text, const char *what, gint64 *id, GError **error)
{
	if (g_ascii_isdigit(*text)) {
		guint64 number;
		if (g_ascii_string_to_unsigned(
			text, 10, 1, G_MAXINT64, &number, NULL)) {
			*id = (gint64)number;
			return TRUE;
		}
	}
	g_set_error(error, PL_CLI_ERROR, EX_USAGE,
	    "\"%s\" is no %s: a number is needed, as `postledger list` "
	    "shows them",
	    text, what);
	return FALSE;
}

const struct pl_journal *
pl_options_journal(const pl_config *config, const char *name, GError **error)
{
	const struct pl_journal *journal = pl_config_find(config, name);
	if (journal != NULL)
		return journal;
	g_autoptr(GString) names = g_string_new(NULL);
	for (unsigned i = 0; i < pl_config_journals(config); i++)
		g_string_append_printf(
		    names, " %s", pl_config_journal(config, i)->name);
	g_set_error(error, PL_CLI_ERROR, EX_USAGE,
	    "there is no journal \"%s\" in %s; there are:%s", name,
	    pl_config_file(config), names->str);
	return NULL;
}

/* "7d", "12h", "30m" before NOW; 0 if it is not of that kind. */
static gint64
ago(const char *text, gint64 now)
{
	char *end;
	guint64 n = g_ascii_strtoull(text, &end, 10);
	gint64 unit = 0;
	if (end == text || *end == '\0' || end[1] != '\0' || n > 100000)
		return 0;
	switch (*end) {
	case 'd':
		unit = 24 * 3600;
		break;
	case 'h':
		unit = 3600;
		break;
	case 'm':
		unit = 60;
		break;
	}
	return unit == 0 ? 0 : now - (gint64)n * unit * G_USEC_PER_SEC;
}

static gint64
midnight(int year, int month, int day, GTimeZone *zone)
{
	g_autoptr(GDateTime) at =
	    g_date_time_new(zone, year, month, day, 0, 0, 0);
	return at == NULL ? 0 : g_date_time_to_unix(at) * G_USEC_PER_SEC;
}

static gint64
day_before(gint64 now, unsigned days, GTimeZone *zone)
{
	g_autoptr(GDateTime) utc =
	    g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
	g_autoptr(GDateTime) day = g_date_time_add_days(local, -(int)days);
	return midnight(g_date_time_get_year(day), g_date_time_get_month(day),
	    g_date_time_get_day_of_month(day), zone);
}

/* All digits but for dashes in their places. */
static gboolean
dated(const char *text, const char *pattern)
{
	if (strlen(text) != strlen(pattern))
		return FALSE;
	for (; *text != '\0'; text++, pattern++)
		if (*pattern == '-' ? *text != '-' : !g_ascii_isdigit(*text))
			return FALSE;
	return TRUE;
}

gboolean
pl_options_since(
    const char *text, GTimeZone *zone, gint64 now, gint64 *at, GError **error)
{
	if (strcmp(text, "today") == 0)
		*at = day_before(now, 0, zone);
	else if (strcmp(text, "yesterday") == 0)
		*at = day_before(now, 1, zone);
	else if (dated(text, "0000-00-00"))
		*at =
		    midnight(atoi(text), atoi(text + 5), atoi(text + 8), zone);
	else if (dated(text, "0000-00"))
		*at = midnight(atoi(text), atoi(text + 5), 1, zone);
	else
		*at = ago(text, now);
	if (*at != 0)
		return TRUE;
	g_set_error(error, PL_CLI_ERROR, EX_USAGE,
	    "\"%s\" is no date: write 2026-11-20, 2026-11, today, yesterday, "
	    "or for instance 7d or 12h ago",
	    text);
	return FALSE;
}

char *
pl_options_states(const char *text, GError **error)
{
	g_auto(GStrv) names = g_strsplit_set(text, ", ", -1);
	g_autoptr(GString) letters = g_string_new(NULL);
	for (char **name = names; *name != NULL; name++) {
		enum pl_state state;
		if (**name == '\0')
			continue;
		if (!pl_state_parse(*name, &state)) {
			g_autoptr(GString) all = g_string_new(NULL);
			for (int i = 0; i < PL_STATES; i++)
				g_string_append_printf(
				    all, " %s", pl_state_name(i));
			g_set_error(error, PL_CLI_ERROR, EX_USAGE,
			    "\"%s\" is no state; there are:%s", *name,
			    all->str);
			return NULL;
		}
		g_string_append_c(letters, PL_STATE_LETTERS[state]);
	}
	return g_string_free(g_steal_pointer(&letters), FALSE);
}

gboolean
pl_options_bytes(const char *text, guint64 *bytes, GError **error)
{
	static const char units[] = "KMGT";
	char *end;
	guint64 n = g_ascii_strtoull(text, &end, 10);
	unsigned shift = 0;
	if (end != text && *end != '\0') {
		const char *unit = strchr(units, g_ascii_toupper(*end));
		if (unit != NULL && end[1] == '\0') {
			shift = 10 * (unsigned)(unit - units + 1);
			end++;
		}
	}
	if (end == text || *end != '\0' || !g_ascii_isdigit(*text) ||
	    n > G_MAXUINT64 >> shift) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "\"%s\" is no size: write a number of bytes, with K, M, "
		    "G or T if you like",
		    text);
		return FALSE;
	}
	*bytes = n << shift;
	return TRUE;
}
