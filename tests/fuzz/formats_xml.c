/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as XML: invoices, camt.053 and others. What is read as plain XML
 * says the same as libxml2. */
#include "../unit/formats_factstext.h"
#include "formats_facts.h"
#include "xml.h"

static void
compare(const uint8_t *data, size_t size, gboolean read,
    const struct pl_facts *facts)
{
	g_autoptr(pl_facts) asked = pl_facts_new();
	g_autofree char *text = facts_text(facts), *other = NULL;

	must(pl_xml_ask(data, size, asked) == read);
	other = facts_text(asked);
	must(strcmp(text, other) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(pl_facts) facts = pl_facts_new();
	gboolean read;

	if (pl_xml_read_plain(data, size, facts, &read))
		compare(data, size, read, facts);
	else
		read = pl_xml_ask(data, size, facts);
	for (guint i = 0; i < facts->statements->len; i++) {
		struct pl_statement *statement =
		    g_ptr_array_index(facts->statements, i);

		statement->length = size;
	}
	must(!read || facts->format != PL_FORMAT_UNKNOWN);
	facts_check(facts, size);
	return 0;
}
