/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ignore - why a file is no document
 *
 * The reasons are words for people: they stand in reports and in `inspect`.
 * What is ignored by its declared type must not look like a document by its
 * content: a PDF stays a PDF, whatever it is called.
 */
#include "room.h"

#include <string.h>

#define SMALL_IMAGE 4096        /* nobody can read an invoice in that */
#define LOGO_IMAGE (100 * 1024) /* beside documents, or shown in the text */
#define HEAD 1024

/* TAG, with its '<', in the first bytes, in any case. */
static gboolean
head_has(const guint8 *bytes, gsize length, const char *tag)
{
	const char *p = (const char *)bytes, *end = p + MIN(length, HEAD);
	const gsize n = strlen(tag);

	while ((p = memchr(p, '<', (gsize)(end - p))) != NULL) {
		if ((gsize)(end - p) >= n && g_ascii_strncasecmp(p, tag, n) == 0)
			return TRUE;
		p++;
	}
	return FALSE;
}

static gboolean
is_pdf(const guint8 *bytes, gsize length)
{
	return memmem(bytes, MIN(length, HEAD), "%PDF-", 5) != NULL;
}

struct declared {
	const char *type, *ext, *reason;
};
static const struct declared declared[] = {
	{ "text/calendar", ".ics", "not a document: calendar" },
	{ "application/ics", NULL, "not a document: calendar" },
	{ "text/vcard", ".vcf", "not a document: contact card" },
	{ "text/x-vcard", NULL, "not a document: contact card" },
	{ "text/directory", NULL, "not a document: contact card" },
	{ "application/pgp-signature", ".asc", "signature" },
	{ "application/pkcs7-signature", ".p7s", "signature" },
	{ "application/x-pkcs7-signature", ".sig", "signature" },
	{ "application/pgp-keys", NULL, "signature" },
	{ "application/pgp-encrypted", NULL, "part of an encrypted message" },
	{ "message/delivery-status", NULL, "delivery report" },
	{ "message/global-delivery-status", NULL, "delivery report" },
	{ "message/disposition-notification", NULL, "delivery report" },
	{ "message/feedback-report", NULL, "delivery report" },
	{ "text/rfc822-headers", NULL, "delivery report" },
	{ "message/partial", NULL, "piece of a message sent in pieces" },
	{ "message/external-body", NULL, "only a reference to a file" },
};

const char *
pl_ignore_declared(
    const struct pl_seen *seen, const guint8 *bytes, gsize length)
{
	if (length == 0)
		return "empty file";
	for (unsigned i = 0; i < G_N_ELEMENTS(declared); i++)
		if (strcmp(seen->media_type, declared[i].type) == 0 ||
		    (declared[i].ext != NULL &&
			pl_name_ends(seen->name, declared[i].ext)))
			return is_pdf(bytes, length) ||
				       head_has(bytes, length, "<?xml")
				   ? NULL
				   : declared[i].reason;
	return NULL;
}

const char *
pl_ignore_page(const guint8 *bytes, gsize length)
{
	if (is_pdf(bytes, length))
		return NULL;
	if (head_has(bytes, length, "<!doctype html") ||
	    head_has(bytes, length, "<!doctype netscape-bookmark") ||
	    head_has(bytes, length, "<html"))
		return "not a document: web page";
	if (head_has(bytes, length, "<svg"))
		return "not a document: drawing";
	return NULL;
}

struct magic {
	gsize at;
	const char *bytes;
	gsize n;
	const char *reason;
};
#define MAGIC(at, text, reason) \
	{ \
		at, text, sizeof text - 1, reason \
	}
static const struct magic magics[] = {
	MAGIC(0, "PK\003\004", "not a document: office file"),
	MAGIC(0, "\xd0\xcf\x11\xe0", "not a document: office file"),
	MAGIC(0, "{\\rtf", "not a document: text with formatting (RTF)"),
	MAGIC(0, "GIF8", "not a document: picture (GIF)"),
	MAGIC(0, "BM", "not a document: picture (BMP)"),
	MAGIC(8, "WEBP", "not a document: picture (WebP)"),
	MAGIC(4, "ftypheic", "not a document: picture (HEIC)"),
	MAGIC(4, "ftyp", "not a document: film or sound"),
	MAGIC(0, "\x1f\x8b", "not a document: archive (gzip)"),
	MAGIC(0, "7z\xbc\xaf", "not a document: archive (7z)"),
	MAGIC(0, "Rar!", "not a document: archive (RAR)"),
	MAGIC(0, "BZh", "not a document: archive (bzip2)"),
	MAGIC(0,
	    "\xfd"
	    "7zXZ",
	    "not a document: archive (xz)"),
	MAGIC(257, "ustar", "not a document: archive (tar)"),
	MAGIC(0, "MZ", "not a document: program"),
	MAGIC(0,
	    "\x7f"
	    "ELF",
	    "not a document: program"),
	MAGIC(0, "ID3", "not a document: film or sound"),
	MAGIC(0, "RIFF", "not a document: film or sound"),
	MAGIC(0, "OggS", "not a document: film or sound"),
	MAGIC(0, "%!PS", "not a document: PostScript"),
};

const char *
pl_ignore_unknown(const guint8 *bytes, gsize length)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(magics); i++)
		if (length >= magics[i].at + magics[i].n &&
		    memcmp(bytes + magics[i].at, magics[i].bytes,
			magics[i].n) == 0)
			return magics[i].reason;
	for (gsize i = 0; i < MIN(length, HEAD); i++)
		if (bytes[i] < ' ' &&
		    (bytes[i] == '\0' ||
			strchr("\t\n\r\f\033", bytes[i]) == NULL))
			return "not a document: unknown format";
	return "not a document: text";
}

const char *
pl_ignore_image(
    const struct pl_piece *piece, GHashTable *cids, gboolean documents)
{
	if (piece->related ||
	    (piece->cid != NULL && g_hash_table_contains(cids, piece->cid)))
		return "inline image";
	if (piece->file->size < SMALL_IMAGE)
		return "small image";
	if (!piece->attached && piece->file->size < LOGO_IMAGE)
		return "inline image";
	if (documents && piece->file->size < LOGO_IMAGE)
		return "small image beside documents";
	return NULL;
}

void
pl_ignore_links(GHashTable *cids, const guint8 *bytes, gsize length)
{
	const char *p = (const char *)bytes, *end = p + length;

	while ((p = memchr(p, ':', (gsize)(end - p))) != NULL) {
		const char *id = ++p;
		if (id - (const char *)bytes < 4 ||
		    g_ascii_strncasecmp(id - 4, "cid:", 4) != 0)
			continue;
		while (p < end && strchr("\"'> )\r\n\t;", *p) == NULL)
			p++;
		char *link = g_uri_unescape_segment(id, p, NULL);
		if (link != NULL)
			g_hash_table_add(cids, link);
	}
}
