/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * packing - is a file something with files inside?
 *
 * By content. Names and declared types only make it sure where content alone
 * would be a guess: a text that begins with header fields is an e-mail when it
 * is called so, and otherwise only when it has several fields that mail has.
 */
#include "room.h"

#include <string.h>

#define HEADER_LOOK 65536

/* One header line of LENGTH bytes: is it "Name: ..."? */
static gsize
field_name(const char *line, gsize length)
{
	gsize n = 0;

	while (n < length && line[n] > ' ' && line[n] < 127 && line[n] != ':')
		n++;
	return n > 0 && n < length && line[n] == ':' ? n : 0;
}

static gboolean
is_mail_field(const char *line, gsize n)
{
	static const char *const fields[] = { "received", "return-path", "from",
		"to", "subject", "date", "message-id", "mime-version",
		"delivered-to", "content-type", "reply-to", "sender",
		"content-transfer-encoding", "content-disposition" };

	for (unsigned i = 0; i < G_N_ELEMENTS(fields); i++)
		if (strlen(fields[i]) == n &&
		    g_ascii_strncasecmp(line, fields[i], n) == 0)
			return TRUE;
	return FALSE;
}

gboolean
pl_packing_is_message(const guint8 *bytes, gsize length, gboolean sure)
{
	const char *p = (const char *)bytes;
	const char *end = p + MIN(length, HEADER_LOOK);
	unsigned known = 0;

	while (sure && p < end && g_ascii_isspace(*p))
		p++;
	if (end - p > 5 && memcmp(p, "From ", 5) == 0) {
		const char *nl = memchr(p, '\n', (gsize)(end - p));
		if (nl == NULL)
			return FALSE;
		p = nl + 1;
	}
	while (p < end) {
		const char *nl = memchr(p, '\n', (gsize)(end - p));
		gsize n = (gsize)((nl != NULL ? nl : end) - p);
		if (n == 0 || (n == 1 && *p == '\r'))
			break;
		if (*p != ' ' && *p != '\t') {
			gsize name = field_name(p, n);
			if (name == 0 && !sure)
				return FALSE;
			known += name > 0 && is_mail_field(p, name);
		}
		if (nl == NULL)
			break;
		p = nl + 1;
	}
	return known >= (sure ? 1 : 3);
}

static gboolean
is_separator(const char *line, gsize n)
{
	if (n < 16 || memcmp(line, "From ", 5) != 0)
		return FALSE;
	/* "From anna@shop.example Mon Feb  2 10:00:00 2026" */
	for (gsize i = 6; i + 2 < n; i++)
		if (line[i] == ':' && g_ascii_isdigit(line[i - 1]) &&
		    g_ascii_isdigit(line[i + 1]))
			return TRUE;
	return FALSE;
}

unsigned
pl_intake_mbox(const char *bytes, gsize length)
{
	const char *p = bytes, *end = p + length;
	gboolean empty = TRUE;
	unsigned messages = 0;

	if (length < 5 || memcmp(p, "From ", 5) != 0)
		return 0;
	while (p < end) {
		const char *nl = memchr(p, '\n', (gsize)(end - p));
		const gsize n = (gsize)((nl != NULL ? nl : end) - p);

		messages += empty && is_separator(p, n);
		empty = n == 0 || (n == 1 && *p == '\r');
		p += n + 1;
	}
	return messages;
}

const guint8 *
pl_packing_text(const guint8 *bytes, gsize *length)
{
	const guint8 *end = bytes + *length;

	if (*length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		bytes += 3;
	while (bytes < end && g_ascii_isspace((char)*bytes))
		bytes++;
	*length = (gsize)(end - bytes);
	return bytes;
}

static gboolean
is_cms(
    const guint8 *bytes, gsize length, const char *name, const char *media_type)
{
	/* pkcs7 1.2.840.113549.1.7.x */
	static const guint8 oid[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
		0x0d, 0x01, 0x07 };

	if (length > 32 && bytes[0] == 0x30 &&
	    memmem(bytes, 24, oid, sizeof oid) != NULL)
		return TRUE;
	bytes = pl_packing_text(bytes, &length);
	if (length > 64 && (memcmp(bytes, "-----BEGIN PKCS7-----", 21) == 0 ||
			       memcmp(bytes, "-----BEGIN CMS-----", 19) == 0))
		return TRUE;
	return length > 64 && memcmp(bytes, "MI", 2) == 0 &&
	       (pl_name_ends(name, ".p7m") ||
		   strstr(media_type, "pkcs7-mime") != NULL);
}

static gboolean
is_zip(const guint8 *bytes, gsize length)
{
	return length > 21 && bytes[0] == 'P' && bytes[1] == 'K' &&
	       ((bytes[2] == 3 && bytes[3] == 4) ||
		   (bytes[2] == 5 && bytes[3] == 6) ||
		   memcmp(bytes, "PK00PK\003\004", 8) == 0 ||
		   memcmp(bytes, "PK\007\010PK\003\004", 8) == 0);
}

enum pl_packing
pl_packing_of(
    const guint8 *bytes, gsize length, const char *name, const char *media_type)
{
	static const guint8 tnef[] = { 0x78, 0x9f, 0x3e, 0x22 };

	if (length < 8)
		return PL_PACKED_NOT;
	if (is_zip(bytes, length))
		return pl_zip_is_document(bytes, length) ? PL_PACKED_NOT
							 : PL_PACKED_ZIP;
	if (memcmp(bytes, tnef, sizeof tnef) == 0)
		return PL_PACKED_TNEF;
	if (is_cms(bytes, length, name, media_type))
		return PL_PACKED_CMS;
	gboolean sure = pl_name_ends(name, ".eml") ||
			strcmp(media_type, "message/rfc822") == 0 ||
			strcmp(media_type, "message/global") == 0;
	if (pl_packing_is_message(bytes, length, sure))
		return PL_PACKED_MESSAGE;
	return PL_PACKED_NOT;
}
