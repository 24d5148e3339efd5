/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * detect - which reader a file belongs to
 *
 * The readers are asked in turn, those with the surest signature first. OFX
 * comes before XML, of which its second version is a kind. CSV comes last:
 * it has no signature at all. A text in UTF-16 or UTF-32 is read as if it were
 * in UTF-8; its statements are not parted then.
 */
#include "postledger/formats.h"

#include <string.h>

#include "borders.h"
#include "readers.h"
#include "xml.h"

typedef gboolean (*reader)(const guint8 *, gsize, struct pl_facts *);

static const reader sure[] = { pl_image_read, pl_pdf_read, pl_ofx_read,
	pl_xml_read, pl_coda_read, pl_mt940_read };

/* More than any bank writes so, and no burden to convert. */
#define WIDE_MAX (16 * 1024 * 1024)

static const struct {
	const char *mark, *encoding;
	gsize size;
} wide[] = { { "\xff\xfe\0\0", "UTF-32LE", 4 },
	{ "\0\0\xfe\xff", "UTF-32BE", 4 }, { "\xff\xfe", "UTF-16LE", 2 },
	{ "\xfe\xff", "UTF-16BE", 2 } };

/* Without a mark: every second byte of its first letters is NUL. */
static const char *
unmarked(const guint8 *bytes, gsize length)
{
	if (length < 8 || length % 2 != 0)
		return NULL;
	for (gsize i = 0; i < 8; i += 2)
		if ((bytes[i] == '\0') == (bytes[i + 1] == '\0') ||
		    (bytes[i] == '\0') != (bytes[0] == '\0'))
			return NULL;
	return bytes[0] == '\0' ? "UTF-16BE" : "UTF-16LE";
}

/* What such a text says, or NULL. */
static char *
narrow(const guint8 *bytes, gsize length, gsize *narrow_length)
{
	const char *encoding;
	gsize mark = 0;

	if (length > WIDE_MAX)
		return NULL;
	encoding = unmarked(bytes, length);
	for (guint i = 0; i < G_N_ELEMENTS(wide) && encoding == NULL; i++)
		if (length > wide[i].size &&
		    memcmp(bytes, wide[i].mark, wide[i].size) == 0) {
			encoding = wide[i].encoding;
			mark = wide[i].size;
		}
	if (encoding == NULL)
		return NULL;
	return g_convert((const char *)bytes + mark, (gssize)(length - mark),
	    "UTF-8", encoding, NULL, narrow_length, NULL);
}

/* In it the statements stand elsewhere than in the file. */
static void
unplace(struct pl_facts *facts)
{
	for (guint i = 0; i < facts->statements->len; i++) {
		struct pl_statement *statement = facts->statements->pdata[i];

		statement->offset = statement->length = 0;
	}
}

static gboolean
read_sure(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	for (guint i = 0; i < G_N_ELEMENTS(sure); i++)
		if (sure[i](bytes, length, facts))
			return TRUE;
	return FALSE;
}

static void
read_any(const guint8 *bytes, gsize length, const char *csv_columns,
    struct pl_facts *facts)
{
	gsize size;
	g_autofree char *text = narrow(bytes, length, &size);

	if (text != NULL) {
		bytes = (const guint8 *)text;
		length = size;
	}
	if (!read_sure(bytes, length, facts) &&
	    !pl_qif_read(bytes, length, facts))
		pl_csv_read(bytes, length, csv_columns, facts);
	if (text != NULL)
		unplace(facts);
}

struct pl_facts *
pl_facts_read(const guint8 *bytes, gsize length, const char *csv_columns)
{
	struct pl_facts *facts = pl_facts_new();

	if (bytes == NULL || length == 0)
		return facts;
	read_any(bytes, length, csv_columns, facts);
	pl_borders_find(bytes, length, facts);
	pl_statements_finish(facts, length);
	return facts;
}

struct pl_facts *
pl_facts_read_sure(const guint8 *bytes, gsize length)
{
	struct pl_facts *facts = pl_facts_new();

	if (bytes == NULL || length == 0)
		return facts;
	read_sure(bytes, length, facts);
	pl_borders_find(bytes, length, facts);
	pl_statements_finish(facts, length);
	return facts;
}
