/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * detect - which reader a file belongs to
 *
 * The readers are asked in turn, those with the surest signature first. OFX
 * comes before XML, of which its second version is a kind. CSV comes last:
 * it has no signature at all.
 */
#include "postledger/formats.h"

#include "borders.h"
#include "readers.h"
#include "xml.h"

typedef gboolean (*reader)(const guint8 *, gsize, struct pl_facts *);

static const reader sure[] = { pl_image_read, pl_pdf_read, pl_ofx_read,
	pl_xml_read, pl_coda_read, pl_mt940_read };

static gboolean
read_sure(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	for (guint i = 0; i < G_N_ELEMENTS(sure); i++)
		if (sure[i](bytes, length, facts))
			return TRUE;
	return FALSE;
}

struct pl_facts *
pl_facts_read(const guint8 *bytes, gsize length, const char *csv_columns)
{
	struct pl_facts *facts = pl_facts_new();

	if (bytes == NULL || length == 0)
		return facts;
	if (!read_sure(bytes, length, facts) &&
	    !pl_qif_read(bytes, length, facts))
		pl_csv_read(bytes, length, csv_columns, facts);
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
