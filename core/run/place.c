/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * place - the folder in which a document goes
 */
#include <string.h>

#include "calendar.h"
#include "place.h"
#include "postledger/run.h"

#define NAME_MAX_BYTES 180
#define UNKNOWN "unknown"

/* The document's own date, else that of its message. */
static void
date_of(const pl_entry *e, GTimeZone *timezone, GDate *date)
{
	guint32 day = pl_calendar_parse(e->doc_date);

	if (day == 0)
		day = pl_calendar_parse(e->msg_date);
	if (day == 0)
		day = pl_calendar_day(timezone, e->arrived);
	g_date_clear(date, 1);
	g_date_set_julian(date, day);
}

static char *
date_text(enum pl_folder_word word, const pl_entry *e, GTimeZone *timezone)
{
	GDate d;
	int year, month;

	date_of(e, timezone, &d);
	year = g_date_get_year(&d);
	month = (int)g_date_get_month(&d);
	if (word == PL_FOLDER_YEAR)
		return g_strdup_printf("%04d", year);
	if (word == PL_FOLDER_MONTH)
		return g_strdup_printf("%02d", month);
	return g_strdup_printf(
	    "%04d-%02d-%02d", year, month, g_date_get_day(&d));
}

static const char *
text_of(enum pl_folder_word word, const pl_entry *e)
{
	switch (word) {
	case PL_FOLDER_ACCOUNT:
		return e->account;
	case PL_FOLDER_JOURNAL:
		return e->journal;
	case PL_FOLDER_KIND:
		return pl_kind_name((enum pl_kind)e->kind);
	case PL_FOLDER_NUMBER:
		return e->kind == PL_KIND_STATEMENT ? e->sequence : e->number;
	default:
		return e->seller_name != NULL ? e->seller_name : e->seller_id;
	}
}

static void
add_word(GString *name, enum pl_folder_word word, const pl_entry *e,
    GTimeZone *timezone)
{
	g_autofree char *date = NULL, *safe = NULL;
	const char *text;

	if (word == PL_FOLDER_YEAR || word == PL_FOLDER_MONTH ||
	    word == PL_FOLDER_DATE) {
		date = date_text(word, e, timezone);
		g_string_append(name, date);
		return;
	}
	text = text_of(word, e);
	safe = pl_run_folder_name(text);
	g_string_append(name, *safe != '\0' ? safe : UNKNOWN);
}

static void
cut(GString *name)
{
	gsize length = MIN(name->len, NAME_MAX_BYTES);

	while (length < name->len && (name->str[length] & 0xc0) == 0x80)
		length--;
	while (length > 0 && strchr(" .", name->str[length - 1]) != NULL)
		length--;
	g_string_truncate(name, length);
}

static gboolean
is_reserved(const char *name)
{
	return *name == '\0' ||
	       g_ascii_strcasecmp(name, PL_FOLDER_WORKPLACE) == 0;
}

/* A component without placeholders is the administrator's, as it is. */
static char *
expand(const char *component, const pl_entry *e, GTimeZone *timezone)
{
	GString *name = g_string_new(NULL);
	struct pl_folder_piece piece;
	gboolean made = FALSE;

	while (pl_folder_next(&component, &piece)) {
		if (piece.word < 0) {
			g_string_append_len(
			    name, piece.text, (gssize)piece.length);
			continue;
		}
		made = TRUE;
		add_word(name, (enum pl_folder_word)piece.word, e, timezone);
	}
	if (made)
		cut(name);
	if (is_reserved(name->str))
		g_string_append(name, UNKNOWN);
	return g_string_free(name, FALSE);
}

char *
pl_place_below(const char *deliver_to, const pl_entry *e, GTimeZone *timezone)
{
	g_autofree char *fixed = pl_folder_fixed(deliver_to);
	const char *rest = deliver_to + strlen(PL_FOLDER) + strlen(fixed);
	g_auto(GStrv) components = g_strsplit(rest, "/", -1);
	GString *path = g_string_new(NULL);

	for (char **c = components; *c != NULL; c++) {
		g_autofree char *name = NULL;

		if (**c == '\0')
			continue;
		name = expand(*c, e, timezone);
		g_string_append_printf(
		    path, "%s%s", path->len > 0 ? "/" : "", name);
	}
	return g_string_free(path, FALSE);
}
