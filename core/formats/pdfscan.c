/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdfscan - the values of PDF files, passed over
 *
 * Only as programs write them: no comments, no escapes in names.
 */
#include "pdfscan.h"

#include <string.h>

#define DEPTH_MAX 16
#define TAIL 1000        /* qpdf looks for "startxref" in a little more */
#define DICTIONARY 65536 /* bytes of one, more is not plain */

void
pl_scan_blanks(struct pl_scan *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at) != NULL &&
	       *s->at != '\0')
		s->at++;
}

/* At least one. */
gboolean
pl_scan_gap(struct pl_scan *s)
{
	const char *start = s->at;

	pl_scan_blanks(s);
	return s->at > start;
}

gboolean
pl_scan_word(struct pl_scan *s, const char *expected)
{
	const gsize n = strlen(expected);

	if ((gsize)(s->end - s->at) < n || memcmp(s->at, expected, n) != 0)
		return FALSE;
	s->at += n;
	return TRUE;
}

gboolean
pl_scan_number(struct pl_scan *s, gsize *n)
{
	const char *start = s->at;

	*n = 0;
	while (s->at < s->end && g_ascii_isdigit(*s->at) && s->at - start < 10)
		*n = *n * 10 + (gsize)(*s->at++ - '0');
	return s->at > start && (s->at == s->end || !g_ascii_isdigit(*s->at));
}

/* ---- values */

static gboolean
skip_name(struct pl_scan *s)
{
	const char *start = ++s->at;

	while (s->at < s->end &&
	       (g_ascii_isalnum(*s->at) || strchr("._-+:*", *s->at) != NULL) &&
	       *s->at != '\0')
		s->at++;
	return s->at > start;
}

static gboolean
skip_string(struct pl_scan *s)
{
	guint open = 0;

	for (; s->at < s->end; s->at++) {
		if (*s->at == '\\' && s->at + 1 < s->end)
			s->at++;
		else if (*s->at == '(')
			open++;
		else if (*s->at == ')' && --open == 0) {
			s->at++;
			return TRUE;
		}
	}
	return FALSE;
}

static gboolean
skip_hex(struct pl_scan *s)
{
	s->at++;
	while (s->at < s->end && g_ascii_isxdigit(*s->at))
		s->at++;
	return pl_scan_word(s, ">");
}

static gboolean
skip_list(struct pl_scan *s, guint depth)
{
	s->at++;
	for (;;) {
		pl_scan_blanks(s);
		if (pl_scan_word(s, "]"))
			return TRUE;
		if (!pl_scan_value(s, depth + 1))
			return FALSE;
	}
}

/* "4 0 R" is one value, "4" another. */
static gboolean
skip_number(struct pl_scan *s)
{
	struct pl_scan reference = *s;
	gsize n;

	if (pl_scan_number(&reference, &n) && pl_scan_word(&reference, " ") &&
	    pl_scan_number(&reference, &n) && pl_scan_word(&reference, " R")) {
		*s = reference;
		return TRUE;
	}
	if (s->at < s->end && *s->at == '-')
		s->at++;
	if (!pl_scan_number(s, &n))
		return FALSE;
	return !pl_scan_word(s, ".") || pl_scan_number(s, &n);
}

/* The key of the entry that comes next; NULL at the end. */
const char *
pl_scan_key(struct pl_scan *s, gsize *length, gboolean *good)
{
	const char *key;

	pl_scan_blanks(s);
	if (pl_scan_word(s, ">>"))
		return NULL;
	key = s->at;
	*good = s->at < s->end && *s->at == '/' && skip_name(s);
	*length = (gsize)(s->at - key);
	pl_scan_blanks(s);
	return *good ? key : NULL;
}

gboolean
pl_scan_dictionary(struct pl_scan *s, guint depth)
{
	gboolean good = TRUE;
	gsize length;

	s->at += 2;
	while (pl_scan_key(s, &length, &good) != NULL)
		if (!pl_scan_value(s, depth + 1))
			return FALSE;
	return good;
}

gboolean
pl_scan_value(struct pl_scan *s, guint depth)
{
	if (depth > DEPTH_MAX || s->at == s->end)
		return FALSE;
	switch (*s->at) {
	case '/':
		return skip_name(s);
	case '(':
		return skip_string(s);
	case '[':
		return skip_list(s, depth);
	case '<':
		if (s->end - s->at > 1 && s->at[1] == '<')
			return pl_scan_dictionary(s, depth);
		return skip_hex(s);
	case 't':
		return pl_scan_word(s, "true");
	case 'f':
		return pl_scan_word(s, "false");
	case 'n':
		return pl_scan_word(s, "null");
	}
	return skip_number(s);
}

gboolean
pl_scan_is(const char *key, gsize length, const char *name)
{
	return length == strlen(name) && memcmp(key, name, length) == 0;
}

/* Twice is not plain. */
gboolean
pl_scan_reference(struct pl_scan *s, struct pl_reference *to)
{
	if (to->found)
		return FALSE;
	to->found = TRUE;
	return pl_scan_number(s, &to->number) && pl_scan_word(s, " ") &&
	       pl_scan_number(s, &to->generation) && pl_scan_word(s, " R");
}

/* ---- places in the file */

gboolean
pl_scan_table(struct pl_scan *table, const char *text, gsize length)
{
	struct pl_scan s = { text + length - MIN(length, TAIL), text + length };
	const char *found = NULL, *next = s.at;
	gsize at;

	while ((next = memmem(next, (gsize)(s.end - next), "startxref", 9)) !=
	       NULL)
		found = next++;
	if (found == NULL)
		return FALSE;
	s.at = found + 9;
	if (!pl_scan_gap(&s) || !pl_scan_number(&s, &at) || !pl_scan_gap(&s) ||
	    !pl_scan_word(&s, "%%EOF"))
		return FALSE;
	pl_scan_blanks(&s);
	*table = (struct pl_scan){ text + MIN(at, length), found };
	return s.at == s.end && table->at < table->end;
}

gboolean
pl_scan_object(struct pl_scan *s, const char *text, const char *end, gsize at,
    gsize number, gsize generation)
{
	gsize n;

	if (at >= (gsize)(end - text))
		return FALSE;
	s->at = text + at;
	s->end = s->at + MIN(end - s->at, DICTIONARY);
	if (!pl_scan_number(s, &n) || n != number || !pl_scan_word(s, " ") ||
	    !pl_scan_number(s, &n) || n != generation ||
	    !pl_scan_word(s, " obj"))
		return FALSE;
	pl_scan_blanks(s);
	return pl_scan_word(s, "<<");
}
