/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * detect - which reader a file belongs to
 *
 * The readers are asked in turn, those with the surest signature first. OFX
 * comes before XML, of which its second version is a kind. CSV comes last:
 * it has no signature at all.
 */
#include "postledger/formats.h"

#include "readers.h"
#include "xml.h"
typedef gboolean (*reader)(const guint8 *, gsize, struct pl_facts *);

static struct pl_facts *
read_with(const reader *readers, guint n, const guint8 *bytes, gsize length)
{
	struct pl_facts *facts = pl_facts_new();

	if (bytes == NULL || length == 0)
		return facts;
	for (guint i = 0; i < n; i++)
		if (readers[i](bytes, length, facts))
			break;
	pl_statements_finish(facts, length);
	return facts;
}

/* The last two guess. */
static const reader all[] = { pl_image_read, pl_pdf_read, pl_ofx_read,
	pl_xml_read, pl_coda_read, pl_mt940_read, pl_qif_read, pl_csv_read };

struct pl_facts *
pl_facts_read(const guint8 *bytes, gsize length, const char *name)
{
	(void)name;
	return read_with(all, G_N_ELEMENTS(all), bytes, length);
}

struct pl_facts *
pl_facts_read_sure(const guint8 *bytes, gsize length)
{
	return read_with(all, G_N_ELEMENTS(all) - 2, bytes, length);
}
