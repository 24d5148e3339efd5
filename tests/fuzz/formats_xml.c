/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as XML: invoices, camt.053 and others. */
#include "formats_facts.h"
#include "xml.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(pl_facts) facts = pl_facts_new();

	if (pl_xml_read(data, size, facts)) {
		for (guint i = 0; i < facts->statements->len; i++) {
			struct pl_statement *statement =
			    g_ptr_array_index(facts->statements, i);

			statement->length = size;
		}
		must(facts->format != PL_FORMAT_UNKNOWN);
	}
	facts_check(facts, size);
	return 0;
}
