/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guard - boundary lines are counted before GMime sees them
 *
 * GMime makes an object of one or two kilobytes of every part, before anybody
 * can ask how many there are: seven bytes of message for each. The guard reads
 * the same bytes first, learns the boundaries that the headers declare, counts
 * the lines that are boundaries, and cuts the message where there are too
 * many. A boundary it does not learn (split as RFC 2231 allows) is not
 * counted; the child's limit of memory stands behind it. In the same way it
 * cuts an address field with thousands of groups in each other, which GMime
 * reads by calling itself.
 */
#include "room.h"

#include <string.h>

#define LINE_KEPT 300 /* of an unfinished line: longer than any boundary */
#define BOUNDARIES 65536
#define GROUPS 2000 /* colons in one address field: groups in groups */

void
pl_guard_init(struct pl_guard *guard, unsigned limit)
{
	guard->limit = limit;
	guard->count = guard->groups = guard->more = 0;
	guard->addresses = FALSE;
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

static guint
colons(const char *text, const char *end)
{
	guint n = 0;

	while ((text = memchr(text, ':', (gsize)(end - text))) != NULL)
		n++, text++;
	return n;
}

/* What the names of address fields begin with; of most lines of base64 that is
 * all that is looked at. A line may be one letter long. */
static gboolean
may_be_address(const char *line, const char *end)
{
	const char second = end - line > 1 ? line[1] | ' ' : '\0';

	switch (line[0] | ' ') {
	case 't':
		return second == 'o';
	case 'c':
		return second == 'c';
	case 'b':
		return second == 'c';
	case 'f':
		return second == 'r';
	case 's':
	case 'r':
		return second == 'e';
	case 'd':
		return second == 'i';
	}
	return FALSE;
}

static gboolean
is_address_field(const char *line, const char *end)
{
	static const char *const names[] = { "to", "cc", "bcc", "from",
		"sender", "reply-to", "disposition-notification-to" };
	const char *colon;

	if (line == end || !may_be_address(line, end) ||
	    (colon = memchr(line, ':', MIN(end - line, 40))) == NULL)
		return FALSE;
	while (colon > line && g_ascii_isspace(colon[-1]))
		colon--;
	if (end - line > 7 && g_ascii_strncasecmp(line, "resent-", 7) == 0)
		line += 7;
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
		if ((gsize)(colon - line) == strlen(names[i]) &&
		    g_ascii_strncasecmp(
			line, names[i], (gsize)(colon - line)) == 0)
			return TRUE;
	return FALSE;
}

/* A whole line, without its end; MORE colons were in what is not kept of it.
 * Any line may belong to the header of a forwarded message, so all are looked
 * at. FALSE: nothing from this line on may be shown. */
static gboolean
take_line(struct pl_guard *guard, const char *line, const char *end, guint more)
{
	if (line == end || (*line != ' ' && *line != '\t')) {
		guard->groups = 0;
		guard->addresses = is_address_field(line, end);
	}
	if (guard->addresses)
		guard->groups += colons(line, end) + more;
	if (is_boundary(guard, line, end))
		guard->count++;
	else
		learn_line(guard, line, end);
	return guard->count <= guard->limit && guard->groups <= GROUPS;
}

/* Keeps the beginning of a line of which [P, END) is a piece. */
static void
keep(struct pl_guard *guard, const char *p, const char *end)
{
	const gsize room = LINE_KEPT - guard->line->len;
	const gsize n = MIN((gsize)(end - p), room);

	g_string_append_len(guard->line, p, (gssize)n);
	guard->more += colons(p + n, end);
}

static gboolean
take_kept(struct pl_guard *guard, const char *p, const char *end)
{
	keep(guard, p, end);
	gboolean good = take_line(guard, guard->line->str,
	    guard->line->str + guard->line->len, guard->more);
	g_string_truncate(guard->line, 0);
	guard->more = 0;
	return good;
}

/* The line that is not finished is of an address field. */
static gboolean
is_deep(struct pl_guard *guard)
{
	const char *line = guard->line->str;

	if (*line != ' ' && *line != '\t')
		guard->addresses =
		    is_address_field(line, line + guard->line->len);
	if (guard->addresses)
		guard->groups = guard->more;
	return guard->addresses;
}

/* Most lines are text. */
static gboolean
is_plain(const char *line, const char *end)
{
	return line == end || (*line != '-' && *line != ' ' && *line != '\t' &&
				  !may_be_address(line, end));
}

gsize
pl_guard_feed(struct pl_guard *guard, const char *bytes, gsize length)
{
	const char *p = bytes, *end = bytes + length, *nl, *equals = bytes;

	while (p < end && (nl = memchr(p, '\n', (gsize)(end - p))) != NULL) {
		gboolean good = TRUE;
		/* the next one, wherever */
		if (equals <= p &&
		    (equals = memchr(p, '=', (gsize)(end - p))) == NULL)
			equals = end;
		if (guard->line->len > 0)
			good = take_kept(guard, p, nl);
		else if (equals > nl && is_plain(p, nl))
			guard->groups = 0, guard->addresses = FALSE;
		else
			good = take_line(guard, p, nl, 0);
		if (!good)
			return (gsize)(p - bytes);
		p = nl + 1;
	}
	keep(guard, p, end);
	return guard->more > GROUPS && is_deep(guard) ? (gsize)(p - bytes)
						      : length;
}

const char *
pl_guard_reason(const struct pl_guard *guard)
{
	return guard->groups > GROUPS
		   ? "a field of its header has too many groups of addresses"
		   : "it has too many parts";
}
