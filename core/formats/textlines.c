/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * textlines - the lines of a text file, with where they stand
 */
#include "textlines.h"

#include <string.h>

gboolean
pl_textlines_begin(
    struct pl_textlines *lines, const guint8 *bytes, gsize length)
{
	memset(lines, 0, sizeof *lines);
	while (length > 0 &&
	       (bytes[length - 1] == '\0' || bytes[length - 1] == 0x1a))
		length--;
	lines->bytes = (const char *)bytes;
	lines->length = length;
	if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		lines->next = 3;
	return length > 0 && memchr(bytes, '\0', length) == NULL;
}

static inline gboolean
ends_here(const struct pl_textlines *lines, const char *at)
{
	return *at == '\n' || *at == '\r' ||
	       (*at == '@' && lines->at_signs &&
		   at + 1 < lines->bytes + lines->length && at[1] == '@');
}

gboolean
pl_textlines_next(struct pl_textlines *lines)
{
	if (lines->next >= lines->length)
		return FALSE;

	const char *start = lines->bytes + lines->next;
	gsize left = lines->length - lines->next;
	const char *end = start;

	while (end < start + left && !ends_here(lines, end))
		end++;
	lines->start = lines->next;
	lines->line = start;
	lines->line_length = (gsize)(end - start);
	lines->next += lines->line_length;
	if (end < start + left && *end == '@')
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
