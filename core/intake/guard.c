/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guard - boundary lines are counted before GMime sees them
 *
 * GMime makes an object of one or two kilobytes of every part, before anybody
 * can ask how many there are: seven bytes of message for each. The guard reads
 * the same bytes first, learns the boundaries that the headers declare, counts
 * the lines that are boundaries, and cuts the message where there are too
 * many. A boundary it does not learn (split as RFC 2231 allows) is not
 * counted; the child's limit of memory stands behind it.
 */
#include "room.h"

#include <string.h>

#define LINE_KEPT 300 /* of an unfinished line: longer than any boundary */
#define BOUNDARIES 65536

void
pl_guard_init(struct pl_guard *guard, unsigned limit)
{
	guard->limit = limit;
	guard->count = 0;
	guard->boundaries =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	guard->line = g_string_new(NULL);
}

void
pl_guard_clear(struct pl_guard *guard)
{
	g_hash_table_unref(guard->boundaries);
	g_string_free(guard->line, TRUE);
}

/* The value behind "boundary=" at TEXT, which ends at END. */
static void
learn(struct pl_guard *guard, const char *text, const char *end)
{
	const char *stop = " \t;\r\n";

	while (text < end && (*text == ' ' || *text == '\t'))
		text++;
	if (text < end && *text == '"') {
		text++;
		stop = "\"\r\n";
	}
	const char *to = text;
	while (to < end && strchr(stop, *to) == NULL)
		to++;
	while (to > text && g_ascii_isspace(to[-1]))
		to--;
	if (to > text && g_hash_table_size(guard->boundaries) < BOUNDARIES)
		g_hash_table_add(
		    guard->boundaries, g_strndup(text, (gsize)(to - text)));
}

static void
learn_line(struct pl_guard *guard, const char *line, const char *end)
{
	static const char word[] = "boundary";
	const gsize n = sizeof word - 1;

	for (const char *p = line;
	     (p = memchr(p, '=', (gsize)(end - p))) != NULL; p++) {
		const char *before = p;
		while (before > line && before[-1] == ' ')
			before--;
		if ((gsize)(before - line) >= n &&
		    g_ascii_strncasecmp(before - n, word, n) == 0)
			learn(guard, p + 1, end);
	}
}

static gboolean
is_boundary(const struct pl_guard *guard, const char *line, const char *end)
{
	if (end - line < 3 || line[0] != '-' || line[1] != '-')
		return FALSE;
	while (end > line && g_ascii_isspace(end[-1]))
		end--;
	g_autofree char *name = g_strndup(line + 2, (gsize)(end - line) - 2);
	if (g_hash_table_contains(guard->boundaries, name))
		return TRUE;
	gsize n = strlen(name);
	if (n < 3 || strcmp(name + n - 2, "--") != 0)
		return FALSE;
	name[n - 2] = '\0';
	return g_hash_table_contains(guard->boundaries, name);
}

/* A whole line, without its end. Any line may belong to the header of a
 * forwarded message, so all are looked at. */
static void
take_line(struct pl_guard *guard, const char *line, const char *end)
{
	if (is_boundary(guard, line, end))
		guard->count++;
	else
		learn_line(guard, line, end);
}

gsize
pl_guard_feed(struct pl_guard *guard, const char *bytes, gsize length)
{
	const char *p = bytes, *end = bytes + length, *nl;

	while (p < end && (nl = memchr(p, '\n', (gsize)(end - p))) != NULL) {
		if (guard->line->len > 0) {
			g_string_append_len(
			    guard->line, p, MIN(nl - p, LINE_KEPT));
			take_line(guard, guard->line->str,
			    guard->line->str + guard->line->len);
			g_string_truncate(guard->line, 0);
		} else {
			take_line(guard, p, nl);
		}
		if (guard->count > guard->limit)
			return (gsize)(p - bytes);
		p = nl + 1;
	}
	if (guard->line->len < LINE_KEPT)
		g_string_append_len(guard->line, p,
		    MIN(end - p, (gssize)(LINE_KEPT - guard->line->len)));
	return length;
}
