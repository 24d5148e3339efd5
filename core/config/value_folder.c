/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * value_folder - deliver_to: an e-mail address, or a folder as a template
 *
 * "dir:/srv/coda/%{account}/%{year}": everything before the first component
 * with a placeholder is fixed and must exist where it is written to; what
 * follows is made from each document. A template is kept in one form, without
 * empty components, because batches are compared by it.
 */
#include <string.h>

#include "private.h"

static const char *const words[PL_FOLDER_WORDS] = {
	[PL_FOLDER_ACCOUNT] = "account",
	[PL_FOLDER_YEAR] = "year",
	[PL_FOLDER_MONTH] = "month",
	[PL_FOLDER_DATE] = "date",
	[PL_FOLDER_JOURNAL] = "journal",
	[PL_FOLDER_KIND] = "kind",
	[PL_FOLDER_NUMBER] = "number",
	[PL_FOLDER_SELLER] = "seller",
};

gboolean
pl_folder_is(const char *deliver_to)
{
	return g_str_has_prefix(deliver_to, PL_FOLDER);
}

/* TEXT begins with "%{". */
static int
word_at(const char *text)
{
	for (int i = 0; i < PL_FOLDER_WORDS; i++) {
		size_t n = strlen(words[i]);

		if (strncmp(text + 2, words[i], n) == 0 && text[n + 2] == '}')
			return i;
	}
	return -1;
}

gboolean
pl_folder_next(const char **rest, struct pl_folder_piece *piece)
{
	const char *text = *rest;

	if (*text == '\0')
		return FALSE;
	piece->text = text;
	piece->word = g_str_has_prefix(text, "%{") ? word_at(text) : -1;
	if (piece->word >= 0)
		piece->length = strlen(words[piece->word]) + 3;
	else
		piece->length = 1 + strcspn(text + 1, "%");
	*rest = text + piece->length;
	return TRUE;
}

char *
pl_folder_fixed(const char *deliver_to)
{
	const char *path = deliver_to + strlen(PL_FOLDER);
	const char *percent = strchr(path, '%');
	const char *end = percent;

	g_assert(pl_folder_is(deliver_to));
	if (percent == NULL)
		return g_strdup(path);
	while (*end != '/')
		end--;
	return g_strndup(path, (gsize)(end - path));
}

/* ---- reading ------------------------------------------------------------ */

static const char *
why_bad(struct pl_value *v, const char *component)
{
	struct pl_folder_piece piece;
	g_autoptr(GString) known = g_string_new(NULL);

	if (strcmp(component, ".") == 0 || strcmp(component, "..") == 0)
		return "without . and ..";
	if (strcmp(component, PL_FOLDER_WORKPLACE) == 0)
		return "; " PL_FOLDER_WORKPLACE " is the program's own folder";
	for (const char *c = component; *c != '\0'; c++)
		if (g_ascii_iscntrl(*c))
			return "without control characters";
	while (pl_folder_next(&component, &piece)) {
		g_autofree char *text = NULL;

		if (piece.word >= 0 || *piece.text != '%')
			continue;
		for (int i = 0; i < PL_FOLDER_WORDS; i++)
			g_string_append_printf(known, " %%{%s}", words[i]);
		text = g_strdup_printf("; a %% begins one of%s", known->str);
		return pl_config_keep(v->config, text);
	}
	return NULL;
}

static gboolean
read_folder(struct pl_value *v, const char *text, void *at)
{
	g_auto(GStrv) components =
	    g_strsplit(text + strlen(PL_FOLDER), "/", -1);
	g_autoptr(GString) path = g_string_new(PL_FOLDER);
	g_autofree char *fixed = NULL;

	for (char **c = components; *c != NULL; c++) {
		if (**c == '\0')
			continue;
		v->why = why_bad(v, *c);
		if (v->why != NULL)
			return FALSE;
		g_string_append_printf(path, "/%s", *c);
	}
	if (components[0] == NULL || *components[0] != '\0')
		v->why = "; the path begins with /";
	else if (fixed = pl_folder_fixed(path->str), *fixed == '\0')
		v->why = "; its first folder has a name without placeholders";
	if (v->why != NULL)
		return FALSE;
	*(const char **)at = pl_config_keep(v->config, path->str);
	return TRUE;
}

gboolean
pl_value_deliver_to(struct pl_value *v, void *at)
{
	const char *text;

	if (!pl_folder_is(v->rest))
		return pl_value_address(v, at);
	text = pl_value_whole(v);
	return text != NULL && read_folder(v, text, at);
}
