/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as PDF, and the words in it; a header is put before those without
 * one. What is known without qpdf is what qpdf says. */
#include "formats_facts.h"
#include "pdf.h"
#include "readers.h"

static void
compare(const guint8 *bytes, gsize length)
{
	g_autoptr(pl_facts) facts = pl_facts_new();
	struct pl_pdf_look look;

	pl_pdf_look(bytes, length, &look);
	if (look.refused != NULL || look.files > 0 ||
	    !pl_pdf_is_streamed(bytes, length))
		return;
	pl_pdf_ask(bytes, length, facts);
	must(!facts->damaged && !facts->encrypted && facts->embedded->len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(pl_facts) facts = pl_facts_new();
	g_autoptr(GByteArray) whole = g_byte_array_new();

	if (memmem(data, size, "%PDF-", 5) == NULL)
		g_byte_array_append(whole, (const guint8 *)"%PDF-1.7\n", 9);
	g_byte_array_append(whole, data, (guint)size);
	pl_pdf_read(whole->data, whole->len, facts);
	facts_check(facts, whole->len);
	compare(whole->data, whole->len);
	g_autofree char *words = pl_pdf_words(whole->data, whole->len);
	g_assert(words == NULL || g_utf8_validate(words, -1, NULL));
	return 0;
}
