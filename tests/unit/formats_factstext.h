/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * formats_factstext - facts as a text, to compare those of two readers
 */
#ifndef FORMATS_FACTSTEXT_H
#define FORMATS_FACTSTEXT_H

#include "postledger/formats.h"

static inline void
facts_word(GString *out, const char *name, const char *value)
{
	g_string_append_printf(
	    out, "%s=%s\n", name, value != NULL ? value : "-");
}

static inline void
facts_statement(GString *out, const struct pl_statement *s)
{
	facts_word(out, "account", s->account);
	facts_word(out, "currency", s->currency);
	facts_word(out, "sequence", s->sequence);
	facts_word(out, "page", s->page);
	facts_word(out, "opening", s->opening_balance);
	facts_word(out, "closing", s->closing_balance);
	facts_word(out, "from", s->from);
	facts_word(out, "to", s->to);
	facts_word(out, "problem", s->problem);
	for (guint i = 0; i < s->lines->len; i++) {
		const struct pl_line *line = s->lines->pdata[i];

		facts_word(out, "date", line->date);
		facts_word(out, "amount", line->amount);
		facts_word(out, "account", line->counterparty_account);
		facts_word(out, "name", line->counterparty_name);
		facts_word(out, "communication", line->communication);
		facts_word(out, "reference", line->payment_reference);
		facts_word(out, "unbooked", line->unbooked ? "yes" : NULL);
	}
}

static inline void
facts_embedded(GString *out, const struct pl_embedded *file)
{
	gsize length;
	const void *bytes = g_bytes_get_data(file->bytes, &length);
	g_autofree char *content = g_base64_encode(bytes, length);

	facts_word(out, "filename", file->filename);
	facts_word(out, "media_type", file->media_type);
	facts_word(out, "content", content);
}

/* g_free() */
static inline char *
facts_text(const struct pl_facts *facts)
{
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "%d %d %d %d %d\n", (int)facts->format,
	    (int)facts->kind, facts->encrypted, facts->damaged, facts->limited);
	facts_word(out, "number", facts->number);
	facts_word(out, "date", facts->date);
	facts_word(out, "currency", facts->currency);
	facts_word(out, "total", facts->total);
	facts_word(out, "reference", facts->payment_reference);
	facts_word(out, "seller", facts->seller.id);
	facts_word(out, "seller", facts->seller.name);
	facts_word(out, "buyer", facts->buyer.id);
	facts_word(out, "buyer", facts->buyer.name);
	facts_word(out, "problem", facts->problem);
	for (guint i = 0; i < facts->attached_names->len; i++)
		facts_word(out, "attached", facts->attached_names->pdata[i]);
	for (guint i = 0; i < facts->embedded->len; i++)
		facts_embedded(out, facts->embedded->pdata[i]);
	for (guint i = 0; i < facts->statements->len; i++)
		facts_statement(out, facts->statements->pdata[i]);
	return g_string_free(out, FALSE);
}

#endif
