/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * borders - where the statements of a file stand, if it can be parted there
 *
 * A camt.053 is parted into documents that have all that stands before the
 * first Stmt, one Stmt, and all that stands behind the last. That is only
 * sound where all of them are neighbours in one message; otherwise nothing is
 * said, and the file stays whole.
 *
 * The bytes are looked at as they are, after the XML reader has found nothing
 * wrong with them: tags are counted, and their number must be the reader's.
 * Encodings in which '<' is not one byte are left alone, as are files with a
 * document type.
 */
#include "borders.h"

#include <string.h>

struct scan {
	const char *bytes, *at, *end;
	guint depth, parent; /* depth inside a BkToCstmrStmt, 0: outside */
	gboolean neighbours; /* no other tag since the last Stmt ended */
	GArray *found;       /* struct border */
};

struct border {
	gsize from, to;
};

/* Behind WORD, or NULL. */
static const char *
behind(const struct scan *s, const char *word)
{
	const char *at = g_strstr_len(s->at, s->end - s->at, word);

	return at != NULL ? at + strlen(word) : NULL;
}

/* Behind the '>' of a tag; one in a quoted value is none. */
static const char *
behind_tag(const struct scan *s)
{
	char quote = '\0';

	for (const char *at = s->at; at < s->end; at++)
		if (quote != '\0')
			quote = *at == quote ? '\0' : quote;
		else if (*at == '"' || *at == '\'')
			quote = *at;
		else if (*at == '>')
			return at + 1;
	return NULL;
}

/* The tag at AT, '<' or "</" before it, is called NAME, in any namespace. */
static gboolean
is_called(const struct scan *s, const char *at, const char *name)
{
	const char *tag = at;
	gsize n = strlen(name);

	for (; at < s->end && strchr(" \t\r\n/>", *at) == NULL; at++)
		if (*at == ':')
			tag = at + 1;
	return (gsize)(at - tag) == n && memcmp(tag, name, n) == 0;
}

static gboolean
is_statement(const struct scan *s, const char *at, guint depth)
{
	return s->parent != 0 && depth == s->parent + 1 &&
	       is_called(s, at, "Stmt");
}

static gboolean
open_tag(struct scan *s, const char *next)
{
	const char *name = s->at + 1;
	gboolean empty = next[-2] == '/';

	if (is_statement(s, name, s->depth + 1)) {
		const struct border b = { (gsize)(s->at - s->bytes), 0 };

		if (empty || (s->found->len > 0 && !s->neighbours))
			return FALSE;
		g_array_append_val(s->found, b);
	}
	s->neighbours = FALSE;
	if (empty)
		return TRUE;
	s->depth++;
	if (s->parent == 0 && (is_called(s, name, "BkToCstmrStmt") ||
				  is_called(s, name, "BkToCstmrStmtV01")))
		s->parent = s->depth;
	return TRUE;
}

static gboolean
close_tag(struct scan *s, const char *next)
{
	s->neighbours = is_statement(s, s->at + 2, s->depth);
	if (s->neighbours && s->found->len > 0)
		g_array_index(s->found, struct border, s->found->len - 1).to =
		    (gsize)(next - s->bytes);
	if (s->depth == s->parent)
		s->parent = 0;
	return s->depth-- > 0;
}

/* FALSE: at the end, or where nothing more can be said. */
static gboolean
next_tag(struct scan *s)
{
	gsize left = (gsize)(s->end - s->at);
	const char *next;
	gboolean good = TRUE;

	if (left > 4 && memcmp(s->at, "<!--", 4) == 0)
		next = behind(s, "-->");
	else if (left > 9 && memcmp(s->at, "<![CDATA[", 9) == 0)
		next = behind(s, "]]>");
	else if (left > 2 && s->at[1] == '?')
		next = behind(s, "?>");
	else if (left < 3 || s->at[1] == '!')
		return FALSE;
	else {
		next = behind_tag(s);
		if (next != NULL)
			good = s->at[1] == '/' ? close_tag(s, next)
					       : open_tag(s, next);
	}
	s->at = next;
	return good && next != NULL;
}

static gboolean
scan_all(struct scan *s)
{
	for (;;) {
		s->at = memchr(s->at, '<', (gsize)(s->end - s->at));
		if (s->at == NULL)
			return s->depth == 0;
		if (!next_tag(s))
			return FALSE;
	}
}

void
pl_borders_find(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	g_autoptr(GArray) found =
	    g_array_new(FALSE, FALSE, sizeof(struct border));
	struct scan s = { .bytes = (const char *)bytes,
		.at = (const char *)bytes,
		.end = (const char *)bytes + length,
		.found = found };

	if (facts->format != PL_FORMAT_CAMT053 || facts->damaged ||
	    facts->statements->len < 2 || memchr(bytes, '\0', length) != NULL)
		return;
	if (!scan_all(&s) || found->len != facts->statements->len)
		return;
	for (guint i = 0; i < found->len; i++) {
		const struct border *b =
		    &g_array_index(found, struct border, i);
		struct pl_statement *statement = facts->statements->pdata[i];

		statement->offset = b->from;
		statement->length = b->to - b->from;
	}
}
