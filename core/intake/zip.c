/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zip - the files in a ZIP archive, one at a time in memory
 *
 * Office documents (OOXML, ODF, JAR, EPUB) are ZIP files too, and stay closed;
 * signed containers (ASiC) are opened. An encrypted file inside is PL-103, one
 * that cannot be unpacked PL-102; the others are read all the same.
 */
#include "room.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <string.h>

#define PIECE 65536

/* Name of the first file of a ZIP, and where its content begins. */
static const char *
first_name(const guint8 *bytes, gsize length, gsize *n)
{
	if (length < 30 || bytes[2] != 3)
		return NULL;
	*n = (gsize)bytes[26] | (gsize)bytes[27] << 8;
	return 30 + *n <= length ? (const char *)bytes + 30 : NULL;
}

gboolean
pl_zip_is_document(const guint8 *bytes, gsize length)
{
	static const char *const marks[] = { "[Content_Types].xml",
		"META-INF/MANIFEST.MF", "_rels/.rels", "word/document.xml",
		"xl/workbook.xml" };
	gsize n = 0;
	const char *name = first_name(bytes, length, &n);

	if (name == NULL)
		return FALSE;
	if (n == 8 && memcmp(name, "mimetype", 8) == 0)
		return memmem(bytes, MIN(length, 120), "asic", 4) == NULL;
	/* file names stand once more at the end, in the directory */
	const gsize tail = MIN(length, PIECE);
	for (unsigned i = 0; i < G_N_ELEMENTS(marks); i++) {
		const gsize m = strlen(marks[i]);
		if ((n == m && memcmp(name, marks[i], m) == 0) ||
		    (i == 0 && memmem(bytes + length - tail, tail, marks[i],
				   m) != NULL))
			return TRUE;
	}
	return FALSE;
}

/* libarchive converts names by the locale; without one it gives up. */
static locale_t
utf8_locale(void)
{
	static locale_t locale;
	static gsize once;

	if (g_once_init_enter(&once)) {
		locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
		g_once_init_leave(&once, 1);
	}
	return locale;
}

static char *
entry_name(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname_utf8(entry);

	if (name == NULL)
		name = archive_entry_pathname(entry);
	if (name == NULL)
		return NULL;
	if (g_utf8_validate(name, -1, NULL))
		return g_strdup(name);
	/* what Windows in Western Europe writes without saying so */
	char *s = g_convert(name, -1, "UTF-8", "CP850", NULL, NULL, NULL);
	return s != NULL ? s : pl_name_utf8(name, -1);
}

/* The content of one file. NULL: it cannot be unpacked, WHY says why (NULL:
 * a limit ended the walk). */
static GByteArray *
read_entry(struct pl_walk *walk, struct archive *a, gsize packed,
    guint64 *total, const char **why)
{
	g_autofree guint8 *piece = g_malloc(PIECE);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	gssize n;

	*why = NULL;
	while ((n = archive_read_data(a, piece, PIECE)) > 0) {
		if (!pl_walk_unpacked(walk, (gsize)n, *total, packed))
			return NULL;
		*total += (guint64)n;
		g_byte_array_append(bytes, piece, (guint)n);
	}
	if (n == 0)
		return g_steal_pointer(&bytes);
	*why = archive_error_string(a);
	if (*why == NULL)
		*why = "it is damaged";
	return NULL;
}

/* Only names the file SEEN. */
static void
pass_over(struct pl_walk *walk, struct pl_seen *seen)
{
	seen->reason = "not looked at: limit of unpacking";
	pl_walk_file(walk, seen, (const guint8 *)"", 0);
}

static void
open_entry(struct pl_walk *walk, const struct pl_seen *zip, struct archive *a,
    struct archive_entry *entry, gsize packed, guint64 *total,
    unsigned *encrypted)
{
	g_autofree char *path = entry_name(entry);
	g_autofree char *name = pl_name_clean(path);
	struct pl_seen seen = {
		.name = name,
		.media_type = "",
		.attached = TRUE,
		.scope = walk->scope,
	};
	const char *why;

	if (archive_entry_filetype(entry) == AE_IFDIR ||
	    (path != NULL && g_str_has_suffix(path, "/")) ||
	    !pl_walk_part(walk))
		return;
	if (walk->full) {
		pass_over(walk, &seen);
		return;
	}
	if (archive_entry_is_data_encrypted(entry)) {
		(*encrypted)++;
		return;
	}
	g_autoptr(GByteArray) bytes = read_entry(walk, a, packed, total, &why);
	if (path != NULL && g_str_has_prefix(path, "__MACOSX/"))
		seen.reason = "not a document: data of the macOS Finder";
	if (bytes != NULL)
		pl_walk_file(walk, &seen, bytes->data, bytes->len);
	else if (why == NULL)
		pass_over(walk, &seen);
	else
		pl_walk_problem(walk, "PL-102", name,
		    "the file in %s cannot be unpacked: %s",
		    zip->name != NULL ? zip->name : "a ZIP file", why);
}

static void
walk_archive(struct pl_walk *walk, const struct pl_seen *zip, struct archive *a,
    gsize packed)
{
	struct archive_entry *entry;
	unsigned encrypted = 0;
	guint64 total = 0;
	int rc;

	while (!walk->stop) {
		rc = archive_read_next_header(a, &entry);
		if (rc == ARCHIVE_EOF)
			break;
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) {
			walk->refused = "damaged";
			pl_walk_problem(walk, "PL-102", zip->name,
			    "the ZIP file is damaged: %s",
			    archive_error_string(a));
			break;
		}
		open_entry(walk, zip, a, entry, packed, &total, &encrypted);
	}
	if (encrypted > 0)
		walk->refused =
		    "encrypted: it cannot be opened without a password";
	if (encrypted > 0)
		pl_walk_problem(walk, "PL-103", zip->name,
		    encrypted == 1
			? "a file in it cannot be opened without a password"
			: "%u files in it cannot be opened without a password",
		    encrypted);
}

void
pl_zip_open(struct pl_walk *walk, const struct pl_seen *zip,
    const guint8 *bytes, gsize length)
{
	locale_t utf8 = utf8_locale(), before = (locale_t)0;
	struct archive *a = archive_read_new();

	if (utf8 != (locale_t)0)
		before = uselocale(utf8);
	archive_read_support_format_zip(a);
	if (archive_read_open_memory(a, bytes, length) == ARCHIVE_OK)
		walk_archive(walk, zip, a, length);
	else
		pl_walk_problem(walk, "PL-102", zip->name,
		    "the ZIP file is damaged: %s", archive_error_string(a));
	archive_read_free(a);
	if (before != (locale_t)0)
		uselocale(before);
}
