/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xmltext - the bytes of a file as libxml2 may have them
 *
 * libxml2 compares the attributes of a tag pairwise before it tells anybody
 * of them, so tags are measured here. That needs a text in which '<' is the
 * byte '<': UTF-16 and UTF-32 are converted, and other character sets that
 * hide it are refused.
 */
#include "xmltext.h"

#include <string.h>

#include "textlines.h"

/* Quoted values between two '<': more than any tag has, and few enough for a
 * pairwise comparison. */
#define VALUES_MAX 4096
#define DECLARATION_MAX 1000

static const char *
wide_encoding(const guint8 *bytes, gsize length)
{
	static const struct {
		guint8 start[4];
		const char *name;
	} four[] = {
		{ { 0xff, 0xfe, 0, 0 }, "UTF-32LE" },
		{ { '<', 0, 0, 0 }, "UTF-32LE" },
		{ { 0, 0, 0xfe, 0xff }, "UTF-32BE" },
		{ { 0, 0, 0, '<' }, "UTF-32BE" },
	};

	if (length < 4)
		return NULL;
	for (guint i = 0; i < G_N_ELEMENTS(four); i++)
		if (memcmp(bytes, four[i].start, sizeof four[i].start) == 0)
			return four[i].name;
	if ((bytes[0] == 0xff && bytes[1] == 0xfe) ||
	    (bytes[0] == '<' && bytes[1] == 0))
		return "UTF-16LE";
	if ((bytes[0] == 0xfe && bytes[1] == 0xff) ||
	    (bytes[0] == 0 && bytes[1] == '<'))
		return "UTF-16BE";
	return NULL;
}

/* Blanks before the declaration and NULs or a control-Z behind the end are
 * no XML, but usual. */
static void
trim(struct pl_xmltext *text)
{
	const char *from = text->text, *end = from + text->length;

	while (end - from >= 3 && memcmp(from, "\xef\xbb\xbf", 3) == 0)
		from += 3;
	while (from < end && g_ascii_isspace(*from))
		from++;
	text->text = from;
	text->length =
	    pl_textlines_filled((const guint8 *)from, (gsize)(end - from));
}

gboolean
pl_xmltext_find(struct pl_xmltext *text, const guint8 *bytes, gsize length)
{
	const char *encoding = wide_encoding(bytes, length);
	char next;

	*text = (struct pl_xmltext){ .text = (const char *)bytes,
		.length = length };
	if (encoding != NULL) {
		const gsize unit = g_str_has_prefix(encoding, "UTF-32") ? 4 : 2;

		text->owned =
		    g_convert(text->text, (gssize)(length - length % unit),
			"UTF-8", encoding, NULL, &text->length, NULL);
		text->text = text->owned;
		text->ignore_declared = TRUE;
	}
	if (text->text == NULL)
		return FALSE;
	trim(text);
	if (text->length < 4 || text->text[0] != '<')
		return FALSE;
	next = text->text[1];
	return next == '?' || next == '!' || next == '_' ||
	       g_ascii_isalpha(next) || (next & 0x80) != 0;
}

/* '<' cannot stand inside a tag, so what lies between two of them holds at
 * most one tag and its text, whatever the lexical context. */
static gboolean
has_huge_tag(const struct pl_xmltext *text)
{
	const char *end = text->text + text->length;
	const char *c = text->text, *next;

	for (; c != NULL; c = next) {
		guint values = 0;

		next = memchr(c + 1, '<', (gsize)(end - c - 1));

		const char *stop = next != NULL ? next : end;

		if (stop - c <= 4 * VALUES_MAX)
			continue;
		for (; c + 1 < stop; c++)
			values += *c == '=' && (c[1] == '"' || c[1] == '\'' ||
						   g_ascii_isspace(c[1]));
		if (values > VALUES_MAX)
			return TRUE;
	}
	return FALSE;
}

static gboolean
shows_tags(const char *encoding)
{
	static const char *const plain[] = { "utf-8", "utf8", "us-ascii",
		"ascii", "iso-8859-", "iso8859-", "windows-125", "cp125",
		"latin" };

	for (guint i = 0; i < G_N_ELEMENTS(plain); i++)
		if (g_ascii_strncasecmp(encoding, plain[i], strlen(plain[i])) ==
		    0)
			return TRUE;
	return FALSE;
}

static gboolean
is_wide(const char *encoding)
{
	static const char *const wide[] = { "utf-16", "utf-32", "ucs-2",
		"ucs-4", "iso-10646-ucs-", "unicode" };

	for (guint i = 0; i < G_N_ELEMENTS(wide); i++)
		if (g_ascii_strncasecmp(encoding, wide[i], strlen(wide[i])) ==
		    0)
			return TRUE;
	return FALSE;
}

/* Files written as UTF-8 by programs whose strings are UTF-16 say that they
 * are the latter; so do those that were converted before. */
static char *
refuse_encoding(struct pl_xmltext *text)
{
	g_autofree char *head =
	    g_strndup(text->text, MIN(text->length, DECLARATION_MAX));
	char *end = strstr(head, "?>");
	char *name;

	if (!g_str_has_prefix(head, "<?xml") || text->ignore_declared)
		return NULL;
	if (end == NULL)
		return g_strdup("line 1: its declaration does not end");
	*end = '\0';
	name = strstr(head, "encoding");
	if (name == NULL)
		return NULL;
	name += strlen("encoding");
	name += strspn(name, " \t\r\n=\"'");
	name[strcspn(name, "\"'")] = '\0';
	if (is_wide(name))
		text->ignore_declared = TRUE;
	else if (!shows_tags(name))
		return g_strdup_printf(
		    "written in \"%.40s\", which is not supported", name);
	return NULL;
}

char *
pl_xmltext_refuse(struct pl_xmltext *text, gboolean *limited)
{
	*limited = has_huge_tag(text);
	if (*limited)
		return g_strdup_printf("more than %d attributes", VALUES_MAX);
	return refuse_encoding(text);
}
