/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * textlines - the lines of a text file, with where they stand
 */
#include "textlines.h"

#include <string.h>

#define STEP 256 /* most lines are shorter */

gsize
pl_textlines_filled(const guint8 *bytes, gsize length)
{
	gsize end = length;

	for (gsize i = length; i > 0; i--)
		if (bytes[i - 1] == '\0' || bytes[i - 1] == 0x1a)
			end = i - 1;
		else if (!g_ascii_isspace(bytes[i - 1]))
			break;
	return end;
}

gboolean
pl_textlines_begin(
    struct pl_textlines *lines, const guint8 *bytes, gsize length)
{
	memset(lines, 0, sizeof *lines);
	length = pl_textlines_filled(bytes, length);
	lines->bytes = (const char *)bytes;
	lines->length = length;
	/* who adds one does not always look whether it is there */
	while (length - lines->next >= 3 &&
	       memcmp(bytes + lines->next, "\xef\xbb\xbf", 3) == 0)
		lines->next += 3;
	return length > 0 && memchr(bytes, '\0', length) == NULL;
}

/* The first of the two that end lines, or END. Looked for in steps: where only
 * one of them is used, the other is not looked for in all of the file. */
static const char *
line_end(const char *from, const char *end)
{
	while (from < end) {
		const gsize step = MIN((gsize)(end - from), STEP);
		const char *nl = memchr(from, '\n', step);
		const char *cr =
		    memchr(from, '\r', nl != NULL ? (gsize)(nl - from) : step);

		if (cr != NULL || nl != NULL)
			return cr != NULL ? cr : nl;
		from += step;
	}
	return end;
}

/* The first "@@" before END, or END. */
static const char *
sign_end(const char *from, const char *end)
{
	const char *at = from;

	while ((at = memchr(at, '@', (gsize)(end - at))) != NULL) {
		if (end - at > 1 && at[1] == '@')
			return at;
		at++;
	}
	return end;
}

gboolean
pl_textlines_next(struct pl_textlines *lines)
{
	if (lines->next >= lines->length)
		return FALSE;

	const char *start = lines->bytes + lines->next;
	const char *end = line_end(start, lines->bytes + lines->length);

	if (lines->at_signs)
		end = sign_end(start, end);
	if (lines->width > 0 && (gsize)(end - start) > lines->width)
		end = start + lines->width;
	lines->start = lines->next;
	lines->line = start;
	lines->line_length = (gsize)(end - start);
	lines->next += lines->line_length;
	if (lines->next < lines->length && *end == '@')
		lines->next += 2;
	if (lines->next < lines->length && lines->bytes[lines->next] == '\r')
		lines->next++;
	if (lines->next < lines->length && lines->bytes[lines->next] == '\n')
		lines->next++;
	lines->number++;
	return TRUE;
}

gboolean
pl_textlines_blank(const struct pl_textlines *lines)
{
	for (gsize i = 0; i < lines->line_length; i++)
		if (!g_ascii_isspace(lines->line[i]))
			return FALSE;
	return TRUE;
}

gboolean
pl_textlines_mail_header(const struct pl_textlines *lines)
{
	gsize i = 0;

	while (i < lines->line_length &&
	       (g_ascii_isalnum(lines->line[i]) || lines->line[i] == '-'))
		i++;
	return i > 0 && i + 1 < lines->line_length &&
	       g_ascii_isalpha(lines->line[0]) && lines->line[i] == ':' &&
	       (lines->line[i + 1] == ' ' || lines->line[i + 1] == '\t');
}
