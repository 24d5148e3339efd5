/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * value_csv - checks how the CSV exports of other banks are laid out: words
 * such as date:1 or amount:Waarde, mappings separated by '|'
 *
 * It is kept as one text of words with one blank between them. What it means is
 * the business of those who read such files.
 */
#include <string.h>

#include "private.h"

#define COLUMNS "[1-9][0-9]?"

/* Each word: what stands before the colon, and behind it. */
static const struct {
	const char *name, *value;
} words[] = {
	{ "date", NULL },
	{ "amount", NULL },
	{ "debit", NULL },
	{ "credit", NULL },
	{ "fee", NULL },
	{ "sign", NULL },
	{ "status", NULL },
	{ "account", NULL },
	{ "currency", NULL },
	{ "counterparty-account", NULL },
	{ "counterparty", NULL },
	{ "reference", NULL },
	{ "text", NULL },
	{ "balance", NULL },
	{ "sequence", NULL },
	{ "delimiter", "^(semicolon|comma|tab)$" },
	{ "dates", "^(dmy|mdy|ymd)$" },
	{ "decimal", "^(comma|point)$" },
	{ "columns", "^" COLUMNS "$" },
};

struct mapping {
	gboolean date, money, heading, columns;
};

static gboolean
is_column(const char *text)
{
	return *text != '\0' &&
	       (strspn(text, "0123456789") != strlen(text) ||
		   g_regex_match_simple("^" COLUMNS "$", text, 0, 0));
}

static gboolean
add(struct mapping *mapping, const char *word)
{
	const char *colon = strchr(word, ':');
	guint i = 0;

	while (colon != NULL && i < G_N_ELEMENTS(words) &&
	       (strlen(words[i].name) != (gsize)(colon - word) ||
		   strncmp(words[i].name, word, (gsize)(colon - word)) != 0))
		i++;
	if (colon == NULL || i == G_N_ELEMENTS(words))
		return FALSE;
	if (words[i].value != NULL) {
		mapping->columns |= strcmp(words[i].name, "columns") == 0;
		return g_regex_match_simple(words[i].value, colon + 1, 0, 0);
	}
	mapping->date |= strcmp(words[i].name, "date") == 0;
	mapping->money |= strcmp(words[i].name, "amount") == 0 ||
			  strcmp(words[i].name, "credit") == 0;
	mapping->heading |=
	    strspn(colon + 1, "0123456789") != strlen(colon + 1);
	return is_column(colon + 1);
}

/* Numbers alone would fit any list. */
static gboolean
finish(struct pl_value *v, struct mapping *mapping)
{
	if (!mapping->date || !mapping->money)
		v->why = "each with date: and amount: (or debit: and credit:)";
	else if (!mapping->heading && !mapping->columns)
		v->why = "with columns: (how many there are) where all "
			 "columns are numbers";
	else {
		*mapping = (struct mapping){ 0 };
		return TRUE;
	}
	return FALSE;
}

gboolean
pl_value_csv(struct pl_value *v, void *at)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct mapping mapping = { 0 };
	const char *word;

	while ((word = pl_value_next(v)) != NULL) {
		if (strcmp(word, "|") == 0 ? !finish(v, &mapping)
					   : !add(&mapping, word))
			return FALSE;
		if (text->len > 0)
			g_string_append_c(text, ' ');
		g_string_append(text, word);
	}
	if (text->len > 0 && !finish(v, &mapping))
		return FALSE;
	*(const char **)at =
	    text->len > 0 ? pl_config_keep(v->config, text->str) : NULL;
	return TRUE;
}
