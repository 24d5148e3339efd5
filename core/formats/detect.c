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

/* What all readers of statements leave to do: a format that cannot be split
 * has statements as long as the file, and the facts of a file with one
 * statement are that statement's. */
static void
statements_finish(struct pl_facts *facts, gsize length)
{
	for (guint i = 0; i < facts->statements->len; i++) {
		struct pl_statement *statement =
		    g_ptr_array_index(facts->statements, i);

		if (statement->length == 0)
			statement->length = length;
	}
	if (facts->statements->len == 1) {
		const struct pl_statement *only =
		    g_ptr_array_index(facts->statements, 0);

		facts->date = g_strdup(only->to);
		facts->currency = g_strdup(only->currency);
	}
}

struct pl_facts *
pl_facts_read(const guint8 *bytes, gsize length, const char *name)
{
	static gboolean (*const readers[])(
	    const guint8 *, gsize, struct pl_facts *) = { pl_image_read,
		pl_pdf_read, pl_ofx_read, pl_xml_read, pl_coda_read,
		pl_mt940_read, pl_qif_read, pl_csv_read };
	struct pl_facts *facts = pl_facts_new();

	(void)name;
	if (bytes == NULL || length == 0)
		return facts;
	for (guint i = 0; i < G_N_ELEMENTS(readers); i++)
		if (readers[i](bytes, length, facts))
			break;
	statements_finish(facts, length);
	return facts;
}
