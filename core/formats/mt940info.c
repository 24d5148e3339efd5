/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mt940info - field 86 of MT940, as the banks of several countries fill it
 *
 * German and Austrian banks number subfields ("?20text?31account?32name",
 * also with '>' or '<' as mark), Dutch ones name them ("/NAME/.../REMI/..."),
 * others write plain text. Lines are cut after 65 characters anywhere, so
 * the subfields are found in the joined text.
 */
#include "mt940.h"

#include <string.h>

#include "values.h"

static char *
joined(const char *text, gboolean with_blanks)
{
	char *all = g_malloc(strlen(text) + 1), *end = all;

	for (; *text != '\0'; text++) {
		if (*text != '\n')
			*end++ = *text;
		else if (with_blanks)
			*end++ = ' ';
	}
	*end = '\0';
	return all;
}

/* ---- "?20...?21..." */

static gboolean
is_subfield(const char *at, char mark)
{
	return at[0] == mark && g_ascii_isdigit(at[1]) &&
	       g_ascii_isdigit(at[2]);
}

/* The mark behind the three-digit transaction code, or NUL. */
static char
numbered_mark(const char *text)
{
	if (strspn(text, "0123456789") < 3 ||
	    strchr("?>~@<^", text[3]) == NULL || text[3] == '\0' ||
	    !is_subfield(text + 3, text[3]))
		return '\0';
	return text[3];
}

static void
numbered_add(struct pl_line *line, guint number, const char *content,
    GString *purpose, GString *name)
{
	if ((number >= 20 && number <= 29) || (number >= 60 && number <= 63))
		g_string_append(purpose, content);
	else if (number == 31 || number == 38)
		pl_value_first(
		    &line->counterparty_account, pl_value_account(content));
	else if (number == 32 || number == 33)
		g_string_append(name, content);
}

static void
numbered_read(struct pl_line *line, const char *text, char mark)
{
	g_autoptr(GString) purpose = g_string_new(NULL);
	g_autoptr(GString) name = g_string_new(NULL);
	const char *at = text + 3;

	while (is_subfield(at, mark)) {
		guint number = (guint)(at[1] - '0') * 10 + (guint)(at[2] - '0');
		const char *end = at + 3;

		while (*end != '\0' && !is_subfield(end, mark))
			end++;

		g_autofree char *content =
		    g_strndup(at + 3, (gsize)(end - at - 3));

		numbered_add(line, number, content, purpose, name);
		at = end;
	}
	pl_value_first(&line->counterparty_name, pl_value_words(name->str));
	pl_value_first(&line->communication, pl_value_words(purpose->str));
}

/* ---- "/NAME/.../REMI/..." */

static const char *const keys[] = { "ABWA", "ADDR", "BENM", "BIC", "CNTP",
	"CSID", "EREF", "IBAN", "ISDT", "KREF", "MARF", "NAME", "OCMT", "ORDP",
	"PREF", "PURP", "REMI", "RTRN", "SVCL", "TRCD", "TRTP", "ULTB", "ULTC",
	"ULTD", "USTD", NULL };

/* The length of "/KEY/" at AT, or 0. */
static gsize
key_length(const char *at)
{
	if (*at != '/')
		return 0;
	for (guint i = 0; keys[i] != NULL; i++) {
		gsize length = strlen(keys[i]);

		if (strncmp(at + 1, keys[i], length) == 0 &&
		    at[1 + length] == '/')
			return length + 2;
	}
	return 0;
}

/* "account/bic/name/..." of the ING. */
static void
counterparty_read(struct pl_line *line, const char *content)
{
	g_auto(GStrv) parts = g_strsplit(content, "/", 4);

	pl_value_first(&line->counterparty_account, pl_value_account(parts[0]));
	if (parts[0] != NULL && parts[1] != NULL)
		pl_value_first(
		    &line->counterparty_name, pl_value_words(parts[2]));
}

/* "USTD//text/" or "STRD/CUR/reference/" */
static char *
remittance(const char *content)
{
	static const char *const kinds[] = { "USTD//", "STRD/CUR/",
		"STRD/ISO/" };
	g_autofree char *text = g_strdup(content);
	gsize length = strlen(text), skip = 0;

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (g_str_has_prefix(text, kinds[i]))
			skip = strlen(kinds[i]);
	while (length > skip && text[length - 1] == '/')
		text[--length] = '\0';

	char *reference = g_str_has_prefix(text, "STRD/")
			      ? pl_reference_field(text + skip)
			      : NULL;

	return reference != NULL ? reference : pl_value_words(text + skip);
}

static void
named_add(struct pl_line *line, const char *key, const char *content)
{
	if (g_str_has_prefix(key, "/NAME/"))
		pl_value_first(
		    &line->counterparty_name, pl_value_words(content));
	else if (g_str_has_prefix(key, "/IBAN/"))
		pl_value_first(
		    &line->counterparty_account, pl_value_account(content));
	else if (g_str_has_prefix(key, "/CNTP/"))
		counterparty_read(line, content);
	else if (g_str_has_prefix(key, "/REMI/"))
		pl_value_first(&line->communication, remittance(content));
}

static gboolean
named_read(struct pl_line *line, const char *text)
{
	const char *at = text;
	gboolean found = FALSE;

	while (*at != '\0') {
		gsize length = key_length(at);

		if (length == 0) {
			at++;
			continue;
		}

		const char *content = at + length, *end = content;

		while (*end != '\0' && key_length(end) == 0)
			end++;

		g_autofree char *copy =
		    g_strndup(content, (gsize)(end - content));

		named_add(line, at, copy);
		/* Keys may share their slash: "/BENM//NAME/x" does not,
		 * but an empty "/REMI/" ends where the next begins. */
		at = end;
		found = TRUE;
	}
	return found;
}

void
pl_mt940_information(struct pl_line *line, const char *text)
{
	g_autofree char *tight = joined(text, FALSE);
	char mark = numbered_mark(tight);

	if (mark != '\0')
		numbered_read(line, tight, mark);
	else
		named_read(line, tight);
	if (line->communication != NULL)
		return;

	g_autofree char *spaced = joined(text, TRUE);

	line->communication = pl_value_words(spaced);
}
