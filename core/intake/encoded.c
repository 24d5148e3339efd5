/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encoded - uuencoded and yEnc files in a text body
 *
 * As old mail programs, scripts and scanners still send them. A block without
 * its end line is taken as far as it goes. yEnc in several parts is left
 * alone: the other parts are in other messages.
 */
#include "room.h"

#include <stdlib.h>
#include <string.h>

/* The text, line by line. */
struct lines {
	const char *at, *end;
	const char *last; /* "end" of the text, or NULL */
};

static void
lines_open(struct lines *l, const guint8 *bytes, gsize length)
{
	static const char word[] = "\nend";
	const gsize n = strlen(word);
	const char *text = (const char *)bytes, *at;

	*l = (struct lines){ text, text + length, NULL };
	for (gsize left = length; left >= n; left = (gsize)(at - text)) {
		at = memrchr(text, '\n', left);
		if (at == NULL)
			return;
		if ((gsize)(l->end - at) >= n && memcmp(at, word, n) == 0 &&
		    (at + n == l->end || g_ascii_isspace(at[n]))) {
			l->last = at;
			return;
		}
	}
}

static gboolean
next_line(struct lines *l, const char **line, gsize *length)
{
	if (l->at >= l->end)
		return FALSE;
	const char *nl = memchr(l->at, '\n', (gsize)(l->end - l->at));
	*line = l->at;
	*length = (gsize)((nl != NULL ? nl : l->end) - l->at);
	l->at = nl != NULL ? nl + 1 : l->end;
	if (*length > 0 && (*line)[*length - 1] == '\r')
		(*length)--;
	return TRUE;
}

/* "begin 644 name": the name, or NULL. */
static char *
uu_begin(const char *line, gsize length)
{
	gsize i = 6, digits = 0;

	if (length < 11 || memcmp(line, "begin ", 6) != 0)
		return NULL;
	while (i < length && line[i] >= '0' && line[i] <= '7')
		i++, digits++;
	if (digits < 3 || digits > 5 || i + 1 >= length || line[i] != ' ')
		return NULL;
	return g_strndup(line + i + 1, length - i - 1);
}

/* One line of data; blanks at its end, which stand for zeros, may be lost. In a
 * block that has NO end it could be any text then. FALSE: it is none. */
static gboolean
uu_line(const char *line, gsize length, gboolean no_end, GByteArray *out)
{
	if (length == 0 || line[0] < ' ' || line[0] > '`')
		return FALSE;
	unsigned n = (unsigned)(line[0] - ' ') & 63;
	if (n == 0 || (no_end && (n + 2) / 3 * 4 > length + 3))
		return FALSE;
	for (gsize i = 1; n > 0; i += 4) {
		unsigned v = 0;
		for (gsize k = i; k < i + 4; k++)
			v = v << 6 |
			    (k < length ? ((unsigned)(line[k] - ' ') & 63) : 0);
		const guint8 b[3] = { (guint8)(v >> 16), (guint8)(v >> 8),
			(guint8)v };
		g_byte_array_append(out, b, MIN(n, 3));
		n -= MIN(n, 3);
	}
	return TRUE;
}

static void
uu_body(struct lines *l, GByteArray *out)
{
	struct lines before = *l;
	const char *line;
	gsize length;

	while (next_line(l, &line, &length)) {
		const gboolean no_end = l->last == NULL || line > l->last;

		if (length == 3 && memcmp(line, "end", 3) == 0)
			return;
		if (length == 1 && (*line == '`' || *line == ' '))
			continue;
		if (length > 0 && !uu_line(line, length, no_end, out)) {
			*l = before;
			return;
		}
		before = *l;
	}
}

/* "=ybegin line=128 size=9 name=a.pdf": the name, or NULL. */
static char *
y_begin(const char *line, gsize length)
{
	if (length < 8 || memcmp(line, "=ybegin ", 8) != 0)
		return NULL;
	g_autofree char *s = g_strndup(line, length);
	const char *name = strstr(s, " name=");
	if (name == NULL || strstr(s, " part=") != NULL)
		return NULL;
	return g_strstrip(g_strdup(name + 6));
}

static void
y_body(struct lines *l, GByteArray *out)
{
	const char *line;
	gsize length;

	while (next_line(l, &line, &length)) {
		if (length >= 5 && memcmp(line, "=yend", 5) == 0)
			return;
		for (gsize i = 0; i < length; i++) {
			guint8 c = (guint8)line[i];
			if (c == '=' && i + 1 < length)
				c = (guint8)(line[++i] - 64);
			c = (guint8)(c - 42);
			g_byte_array_append(out, &c, 1);
		}
	}
}

static void
found(struct pl_walk *walk, const char *name, const GByteArray *bytes)
{
	g_autofree char *clean = pl_name_clean(name);
	const struct pl_seen seen = {
		.name = clean,
		.media_type = "",
		.attached = TRUE,
		.scope = walk->scope,
	};

	if (bytes->len > 0 && pl_walk_part(walk))
		pl_walk_file(walk, &seen, bytes->data, bytes->len);
}

gboolean
pl_encoded_open(struct pl_walk *walk, const guint8 *bytes, gsize length)
{
	struct lines l;
	const char *line;
	gsize n;
	gboolean any = FALSE;

	lines_open(&l, bytes, length);

	while (!walk->stop && next_line(&l, &line, &n)) {
		if (n == 0 || (*line != 'b' && *line != '='))
			continue;
		g_autoptr(GByteArray) out = g_byte_array_new();
		g_autofree char *name = uu_begin(line, n);
		if (name != NULL) {
			uu_body(&l, out);
		} else {
			name = y_begin(line, n);
			if (name == NULL)
				continue;
			y_body(&l, out);
		}
		found(walk, name, out);
		any = TRUE;
	}
	return any;
}

GByteArray *
pl_encoded_uu(const guint8 *bytes, gsize length)
{
	struct lines l;
	GByteArray *out = g_byte_array_new();
	const char *line;
	gsize n;

	lines_open(&l, bytes, length);

	while (next_line(&l, &line, &n)) {
		g_autofree char *name = uu_begin(line, n);
		if (name == NULL)
			continue;
		uu_body(&l, out);
		break;
	}
	return out;
}
