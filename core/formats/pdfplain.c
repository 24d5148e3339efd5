/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdfplain - PDF files of the simplest build, known without qpdf
 *
 * Many a PDF has one plain table of its objects, from the first to the last,
 * and a catalog that names no files. That is seen in a microsecond, where qpdf
 * needs thirty, and qpdf would find nothing in such a file. What is built in
 * any other way is left to it: updates, tables in streams, encryption, escaped
 * names or comments where it matters, and whatever is not quite right.
 */
#include "pdf.h"

#include <string.h>

#define ENTRY 20         /* bytes in the table */
#define TAIL 1000        /* qpdf looks for "startxref" in a little more */
#define DICTIONARY 65536 /* bytes of one, more is not plain */
#define DEPTH_MAX 16

struct scan {
	const char *at, *end;
};

static void
blanks(struct scan *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at) != NULL &&
	       *s->at != '\0')
		s->at++;
}

/* At least one. */
static gboolean
gap(struct scan *s)
{
	const char *start = s->at;

	blanks(s);
	return s->at > start;
}

static gboolean
word(struct scan *s, const char *expected)
{
	const gsize n = strlen(expected);

	if ((gsize)(s->end - s->at) < n || memcmp(s->at, expected, n) != 0)
		return FALSE;
	s->at += n;
	return TRUE;
}

static gboolean
number(struct scan *s, gsize *n)
{
	const char *start = s->at;

	*n = 0;
	while (s->at < s->end && g_ascii_isdigit(*s->at) && s->at - start < 10)
		*n = *n * 10 + (gsize)(*s->at++ - '0');
	return s->at > start && (s->at == s->end || !g_ascii_isdigit(*s->at));
}

/* ---- values */

static gboolean skip_value(struct scan *s, guint depth);

static gboolean
skip_name(struct scan *s)
{
	const char *start = ++s->at;

	while (s->at < s->end &&
	       (g_ascii_isalnum(*s->at) || strchr("._-+:*", *s->at) != NULL) &&
	       *s->at != '\0')
		s->at++;
	return s->at > start;
}

static gboolean
skip_string(struct scan *s)
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
skip_hex(struct scan *s)
{
	s->at++;
	while (s->at < s->end && g_ascii_isxdigit(*s->at))
		s->at++;
	return word(s, ">");
}

static gboolean
skip_list(struct scan *s, guint depth)
{
	s->at++;
	for (;;) {
		blanks(s);
		if (word(s, "]"))
			return TRUE;
		if (!skip_value(s, depth + 1))
			return FALSE;
	}
}

/* "4 0 R" is one value, "4" another. */
static gboolean
skip_number(struct scan *s)
{
	struct scan reference = *s;
	gsize n;

	if (number(&reference, &n) && word(&reference, " ") &&
	    number(&reference, &n) && word(&reference, " R")) {
		*s = reference;
		return TRUE;
	}
	if (s->at < s->end && *s->at == '-')
		s->at++;
	if (!number(s, &n))
		return FALSE;
	return !word(s, ".") || number(s, &n);
}

/* The key of the entry that comes next; NULL at the end. */
static const char *
next_key(struct scan *s, gsize *length, gboolean *good)
{
	const char *key;

	blanks(s);
	if (word(s, ">>"))
		return NULL;
	key = s->at;
	*good = s->at < s->end && *s->at == '/' && skip_name(s);
	*length = (gsize)(s->at - key);
	blanks(s);
	return *good ? key : NULL;
}

static gboolean
skip_dictionary(struct scan *s, guint depth)
{
	gboolean good = TRUE;
	gsize length;

	s->at += 2;
	while (next_key(s, &length, &good) != NULL)
		if (!skip_value(s, depth + 1))
			return FALSE;
	return good;
}

static gboolean
skip_value(struct scan *s, guint depth)
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
			return skip_dictionary(s, depth);
		return skip_hex(s);
	case 't':
		return word(s, "true");
	case 'f':
		return word(s, "false");
	case 'n':
		return word(s, "null");
	}
	return skip_number(s);
}

static gboolean
is_key(const char *key, gsize length, const char *name)
{
	return length == strlen(name) && memcmp(key, name, length) == 0;
}

/* ---- the file */

struct reference {
	gsize number, generation;
	gboolean found;
};

struct file {
	const char *text, *end;
	const char *table; /* its entries, */
	gsize count;       /* so many */
};

/* Twice is not plain. */
static gboolean
read_reference(struct scan *s, struct reference *to)
{
	if (to->found)
		return FALSE;
	to->found = TRUE;
	return number(s, &to->number) && word(s, " ") &&
	       number(s, &to->generation) && word(s, " R");
}

static gboolean
is_entry(const char *at)
{
	for (guint i = 0; i < 16; i++)
		if (i == 10 ? at[i] != ' ' : !g_ascii_isdigit(at[i]))
			return FALSE;
	return at[16] == ' ' && (at[17] == 'n' || at[17] == 'f') &&
	       (memcmp(at + 18, " \n", 2) == 0 ||
		   memcmp(at + 18, " \r", 2) == 0 ||
		   memcmp(at + 18, "\r\n", 2) == 0);
}

/* The table at S, which has all objects from the first on. */
static gboolean
read_table(struct scan *s, struct file *file)
{
	gsize first;

	if (!word(s, "xref") || (!word(s, "\n") && !word(s, "\r\n")) ||
	    !number(s, &first) || first != 0 || !word(s, " ") ||
	    !number(s, &file->count) || (!word(s, "\n") && !word(s, "\r\n")))
		return FALSE;
	file->table = s->at;
	if (file->count > (gsize)(s->end - s->at) / ENTRY)
		return FALSE;
	for (gsize i = 0; i < file->count; i++, s->at += ENTRY)
		if (!is_entry(s->at))
			return FALSE;
	blanks(s);
	return word(s, "trailer");
}

/* The only one: nothing came before it. */
static gboolean
read_trailer(struct scan *s, struct reference *root)
{
	gboolean good = TRUE, sized = FALSE;
	const char *key;
	gsize length, size;

	blanks(s);
	if (!word(s, "<<"))
		return FALSE;
	while ((key = next_key(s, &length, &good)) != NULL) {
		if (is_key(key, length, "/Root"))
			good = read_reference(s, root);
		else if (is_key(key, length, "/Size"))
			good = sized = number(s, &size);
		else
			good = !is_key(key, length, "/Prev") &&
			       !is_key(key, length, "/XRefStm") &&
			       !is_key(key, length, "/Encrypt") &&
			       skip_value(s, 0);
		if (!good)
			return FALSE;
	}
	return good && root->found && sized;
}

/* S moves into the dictionary that is the object; FALSE if it is none. */
static gboolean
open_object(
    const struct file *file, const struct reference *object, struct scan *s)
{
	gsize at, n, generation;

	if (!object->found || object->number >= file->count)
		return FALSE;
	*s = (struct scan){ file->table + object->number * ENTRY, file->end };
	if (s->at[17] != 'n' || !number(s, &at) || !word(s, " ") ||
	    !number(s, &generation) || generation != object->generation ||
	    at >= (gsize)(file->end - file->text))
		return FALSE;
	s->at = file->text + at;
	s->end = s->at + MIN(file->end - s->at, DICTIONARY);
	if (!number(s, &n) || n != object->number || !word(s, " ") ||
	    !number(s, &n) || n != generation || !word(s, " obj"))
		return FALSE;
	blanks(s);
	return word(s, "<<");
}

/* A catalog with pages that names no files. */
static gboolean
is_bare_catalog(struct scan *s, struct reference *pages)
{
	gboolean good = TRUE;
	const char *key;
	gsize length;

	while ((key = next_key(s, &length, &good)) != NULL) {
		if (is_key(key, length, "/Pages"))
			good = read_reference(s, pages);
		else
			good = !is_key(key, length, "/Names") &&
			       !is_key(key, length, "/AF") && skip_value(s, 0);
		if (!good)
			return FALSE;
	}
	blanks(s);
	return good && word(s, "endobj");
}

static gboolean
is_dictionary(struct scan *s)
{
	s->at -= 2;
	if (!skip_dictionary(s, 0))
		return FALSE;
	blanks(s);
	return word(s, "endobj");
}

/* Where the table is, as the end of the file says. */
static gboolean
find_table(const struct file *file, struct scan *table)
{
	const gsize length = (gsize)(file->end - file->text);
	struct scan s = { file->end - MIN(length, TAIL), file->end };
	const char *found = NULL, *next = s.at;
	gsize at;

	while ((next = memmem(next, (gsize)(s.end - next), "startxref", 9)) !=
	       NULL)
		found = next++;
	if (found == NULL)
		return FALSE;
	s.at = found + 9;
	if (!gap(&s) || !number(&s, &at) || !gap(&s) || !word(&s, "%%EOF"))
		return FALSE;
	blanks(&s);
	*table = (struct scan){ file->text + MIN(at, length), found };
	return s.at == s.end && table->at < table->end;
}

gboolean
pl_pdf_is_plain(const guint8 *bytes, gsize length)
{
	const char *text = (const char *)bytes;
	struct file file = { .text = text, .end = text + length };
	struct reference root = { 0 }, pages = { 0 };
	struct scan s;

	if (length < 8 || memcmp(text, "%PDF-1.", 7) != 0 ||
	    !g_ascii_isdigit(text[7]))
		return FALSE;
	return find_table(&file, &s) && read_table(&s, &file) &&
	       read_trailer(&s, &root) && open_object(&file, &root, &s) &&
	       is_bare_catalog(&s, &pages) && open_object(&file, &pages, &s) &&
	       is_dictionary(&s) &&
	       /* a file may hang on any page */
	       pl_pdf_files(bytes, length) == 0;
}
