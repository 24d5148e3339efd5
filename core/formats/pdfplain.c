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
#include "pdfscan.h"

#include <string.h>

#define ENTRY 20 /* bytes in the table */

/* ---- the file */

struct file {
	const char *text, *end;
	const char *table; /* its entries, */
	gsize count;       /* so many */
};

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
read_table(struct pl_scan *s, struct file *file)
{
	gsize first;

	if (!pl_scan_word(s, "xref") ||
	    (!pl_scan_word(s, "\n") && !pl_scan_word(s, "\r\n")) ||
	    !pl_scan_number(s, &first) || first != 0 || !pl_scan_word(s, " ") ||
	    !pl_scan_number(s, &file->count) ||
	    (!pl_scan_word(s, "\n") && !pl_scan_word(s, "\r\n")))
		return FALSE;
	file->table = s->at;
	if (file->count > (gsize)(s->end - s->at) / ENTRY)
		return FALSE;
	for (gsize i = 0; i < file->count; i++, s->at += ENTRY)
		if (!is_entry(s->at))
			return FALSE;
	pl_scan_blanks(s);
	return pl_scan_word(s, "trailer");
}

/* The only one: nothing came before it. */
static gboolean
read_trailer(struct pl_scan *s, struct pl_reference *root)
{
	gboolean good = TRUE, sized = FALSE;
	const char *key;
	gsize length, size;

	pl_scan_blanks(s);
	if (!pl_scan_word(s, "<<"))
		return FALSE;
	while ((key = pl_scan_key(s, &length, &good)) != NULL) {
		if (pl_scan_is(key, length, "/Root"))
			good = pl_scan_reference(s, root);
		else if (pl_scan_is(key, length, "/Size"))
			good = sized = pl_scan_number(s, &size);
		else
			good = !pl_scan_is(key, length, "/Prev") &&
			       !pl_scan_is(key, length, "/XRefStm") &&
			       !pl_scan_is(key, length, "/Encrypt") &&
			       pl_scan_value(s, 0);
		if (!good)
			return FALSE;
	}
	return good && root->found && sized;
}

/* S moves into the dictionary that is the object; FALSE if it is none. */
static gboolean
open_object(const struct file *file, const struct pl_reference *object,
    struct pl_scan *s)
{
	gsize at, generation;

	if (!object->found || object->number >= file->count)
		return FALSE;
	*s =
	    (struct pl_scan){ file->table + object->number * ENTRY, file->end };
	if (s->at[17] != 'n' || !pl_scan_number(s, &at) ||
	    !pl_scan_word(s, " ") || !pl_scan_number(s, &generation) ||
	    generation != object->generation)
		return FALSE;
	return pl_scan_object(
	    s, file->text, file->end, at, object->number, generation);
}

/* A catalog with pages that names no files. */
static gboolean
is_bare_catalog(struct pl_scan *s, struct pl_reference *pages)
{
	gboolean good = TRUE;
	const char *key;
	gsize length;

	while ((key = pl_scan_key(s, &length, &good)) != NULL) {
		if (pl_scan_is(key, length, "/Pages"))
			good = pl_scan_reference(s, pages);
		else
			good = !pl_scan_is(key, length, "/Names") &&
			       !pl_scan_is(key, length, "/AF") &&
			       pl_scan_value(s, 0);
		if (!good)
			return FALSE;
	}
	pl_scan_blanks(s);
	return good && pl_scan_word(s, "endobj");
}

static gboolean
is_dictionary(struct pl_scan *s)
{
	s->at -= 2;
	if (!pl_scan_dictionary(s, 0))
		return FALSE;
	pl_scan_blanks(s);
	return pl_scan_word(s, "endobj");
}

gboolean
pl_pdf_is_plain(const guint8 *bytes, gsize length)
{
	const char *text = (const char *)bytes;
	struct file file = { .text = text, .end = text + length };
	struct pl_reference root = { 0 }, pages = { 0 };
	struct pl_scan s;

	if (length < 8 || memcmp(text, "%PDF-1.", 7) != 0 ||
	    !g_ascii_isdigit(text[7]))
		return FALSE;
	return pl_scan_table(&s, text, length) && read_table(&s, &file) &&
	       read_trailer(&s, &root) && open_object(&file, &root, &s) &&
	       is_bare_catalog(&s, &pages) && open_object(&file, &pages, &s) &&
	       is_dictionary(&s) &&
	       /* a file may hang on any page */
	       pl_pdf_files(bytes, length) == 0;
}
