/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_reading - reads reports as their readers do: what a text says, what
 * is seen of an HTML page, what a program gets out of the CSV
 */
#ifndef REPORT_READING_H
#define REPORT_READING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report_sample.h"

/* All of the words (NULL at the end) stand in TEXT, in this order. Line breaks
 * count as blanks. */
static inline void
says(const char *text, ...)
{
	g_autofree char *flat = g_strdup(text);
	const char *at, *word;
	va_list words;

	for (char *p = flat; *p; p++)
		if (*p == '\n')
			*p = ' ';
	at = flat;
	va_start(words, text);
	while ((word = va_arg(words, const char *)) != NULL) {
		g_auto(GStrv) parts = g_strsplit(word, " ", -1);
		g_autofree char *pattern = NULL, *all = NULL;
		g_autoptr(GMatchInfo) match = NULL;
		g_autoptr(GRegex) regex = NULL;
		int end;

		for (char **part = parts; *part; part++) {
			char *quoted = g_regex_escape_string(*part, -1);

			g_free(*part);
			*part = quoted;
		}
		pattern = g_strjoinv(" +", parts);
		regex = g_regex_new(pattern, 0, 0, NULL);
		if (!g_regex_match(regex, at, 0, &match))
			fail_msg("“%s” not found (in this order) in:\n%s", word,
			    text);
		g_match_info_fetch_pos(match, 0, NULL, &end);
		at += end;
	}
	va_end(words);
}

static inline void
says_not(const char *text, const char *word)
{
	if (strstr(text, word))
		fail_msg("“%s” found in:\n%s", word, text);
}

/* The words of an HTML page that are seen. */
static inline char *
seen(const char *html)
{
	static const char *const entities[][2] = { { "&lt;", "<" },
		{ "&gt;", ">" }, { "&quot;", "\"" }, { "&#39;", "'" },
		{ "&amp;", "&" } };
	GString *out = g_string_new(NULL);
	const char *p = strstr(html, "<body");

	assert_non_null(p);
	while (*p) {
		if (g_str_has_prefix(p, "<!--"))
			p = strstr(p, "-->") + 3;
		else if (*p == '<')
			p = strchr(p, '>') + 1;
		else
			g_string_append_c(out, *p++);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(entities); i++)
		g_string_replace(out, entities[i][0], entities[i][1], 0);
	return g_string_free(out, FALSE);
}

/* Without blanks, rules and the colons behind keys: what is left are words. */
static inline char *
bare(const char *text)
{
	GString *out = g_string_new(NULL);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		if (**line && strspn(*line, "-=") == strlen(*line))
			continue;
		for (const char *p = *line; *p; p++)
			if (!strchr(" \t\r:", *p))
				g_string_append_c(out, *p);
	}
	return g_string_free(out, FALSE);
}

/* All that is written of some facts. */
struct written {
	char *subject, *text, *html, *csv;
};

static inline void
same_words(const struct written *texts)
{
	g_autofree char *visible = seen(texts->html);
	g_autofree char *html = bare(visible), *text = bare(texts->text);
	gsize n = 0;

	while (html[n] && html[n] == text[n])
		n++;
	if (html[n] != text[n])
		fail_msg("HTML: …%.80s\ntext: …%.80s", html + n, text + n);
}

/* A CSV file: rows of cells, read as RFC 4180 has it; fails where it is not
 * well-formed. */
static inline GPtrArray *
csv_rows(const char *csv)
{
	GPtrArray *rows =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	GPtrArray *row = NULL;
	const char *p = csv;

	assert_true(g_str_has_prefix(p, "\xef\xbb\xbf"));
	for (p += 3; *p;) {
		GString *cell = g_string_new(NULL);
		gboolean quoted = *p == '"';

		for (p += quoted; *p; p++) {
			if (quoted && *p == '"' && *++p != '"')
				break;
			if (!quoted && strchr(",\r", *p))
				break;
			assert_true(quoted || !strchr("\"\n", *p));
			g_string_append_c(cell, *p);
		}
		if (!row) {
			row = g_ptr_array_new_with_free_func(g_free);
			g_ptr_array_add(rows, row);
		}
		g_ptr_array_add(row, g_string_free(cell, FALSE));
		if (*p == ',') {
			p++;
			continue;
		}
		assert_memory_equal(p, "\r\n", 2);
		p += 2;
		row = NULL;
	}
	return rows;
}

/* The column NAME of row I, by the header. */
static inline const char *
csv_cell(const GPtrArray *rows, unsigned i, const char *name)
{
	const GPtrArray *header = rows->pdata[0], *row = rows->pdata[i];

	assert_int_equal(row->len, header->len);
	for (unsigned k = 0; k < header->len; k++)
		if (g_str_equal(header->pdata[k], name))
			return row->pdata[k];
	fail_msg("no column %s", name);
	return NULL;
}

/* How many rows have VALUE in the column NAME. */
static inline unsigned
csv_count(const GPtrArray *rows, const char *name, const char *value)
{
	unsigned n = 0;

	for (unsigned i = 1; i < rows->len; i++)
		n += g_str_equal(csv_cell(rows, i, name), value);
	return n;
}

static inline gboolean
take_lines(const char *lines, void *user, GError **error)
{
	(void)error;
	assert_true(g_str_has_suffix(lines, "\r\n"));
	g_string_append(user, lines);
	return TRUE;
}

static inline void
write_facts(const struct pl_report_facts *facts, struct written *w)
{
	GString *csv = g_string_new(NULL);
	struct pl_report_texts texts;

	assert_true(pl_report_write(facts, &texts, NULL));
	assert_true(pl_report_write_csv(facts, take_lines, csv, NULL));
	*w = (struct written){ texts.subject, texts.text, texts.html,
		g_string_free(csv, FALSE) };
}

static inline void
written_clear(struct written *w)
{
	g_free(w->subject);
	g_free(w->text);
	g_free(w->html);
	g_free(w->csv);
}

/* The report of S; text and HTML of every one are compared. */
static inline void
write_report(struct sample *s, struct written *w)
{
	write_facts(&s->facts, w);
	same_words(w);
}

#endif
