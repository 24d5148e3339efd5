/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a statement, by each reader and by all of them in turn. */
#include "formats_facts.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(pl_facts) facts = pl_facts_read(data, size, NULL);
	g_autoptr(pl_facts) mapped = pl_facts_read(data, size,
	    "date:1 amount:2 columns:3 | date:Date debit:Out credit:In "
	    "dates:mdy decimal:point delimiter:comma");
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autofree char *reference = pl_reference_find(text);

	facts_check(facts, size);
	facts_check(mapped, size);
	must(reference == NULL || strlen(reference) <= 25);
	return 0;
}
