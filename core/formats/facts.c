/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * facts - the structs of formats.h: born empty, freed as a whole
 */
#include "postledger/formats.h"

static const char *const names[PL_FORMATS] = {
	[PL_FORMAT_UNKNOWN] = NULL,
	[PL_FORMAT_PDF] = "pdf",
	[PL_FORMAT_FACTUR_X] = "factur-x",
	[PL_FORMAT_UBL] = "ubl",
	[PL_FORMAT_CII] = "cii",
	[PL_FORMAT_CODA] = "coda",
	[PL_FORMAT_CAMT053] = "camt.053",
	[PL_FORMAT_MT940] = "mt940",
	[PL_FORMAT_OFX] = "ofx",
	[PL_FORMAT_QIF] = "qif",
	[PL_FORMAT_CSV] = "csv",
	[PL_FORMAT_PNG] = "png",
	[PL_FORMAT_JPEG] = "jpeg",
	[PL_FORMAT_TIFF] = "tiff",
	[PL_FORMAT_XML] = "xml",
};

const char *
pl_format_name(enum pl_format format)
{
	return (guint)format < PL_FORMATS ? names[format] : NULL;
}

enum pl_format
pl_format_parse(const char *name)
{
	for (guint i = 1; i < PL_FORMATS; i++)
		if (g_strcmp0(name, names[i]) == 0)
			return (enum pl_format)i;
	return PL_FORMAT_UNKNOWN;
}

struct pl_facts *
pl_facts_new(void)
{
	struct pl_facts *facts = g_new0(struct pl_facts, 1);

	facts->kind = PL_FACTS_OTHER;
	facts->attached_names = g_ptr_array_new_with_free_func(g_free);
	facts->embedded =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_embedded_free);
	facts->statements =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_statement_free);
	return facts;
}

void
pl_facts_free(struct pl_facts *facts)
{
	if (facts == NULL)
		return;
	g_free(facts->number);
	g_free(facts->date);
	g_free(facts->currency);
	g_free(facts->total);
	g_free(facts->payment_reference);
	g_free(facts->seller.id);
	g_free(facts->seller.name);
	g_free(facts->buyer.id);
	g_free(facts->buyer.name);
	g_free(facts->problem);
	g_ptr_array_unref(facts->attached_names);
	g_ptr_array_unref(facts->embedded);
	g_ptr_array_unref(facts->statements);
	g_free(facts);
}

struct pl_statement *
pl_statement_new(void)
{
	struct pl_statement *statement = g_new0(struct pl_statement, 1);

	statement->lines =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_line_free);
	return statement;
}

void
pl_statement_free(struct pl_statement *statement)
{
	if (statement == NULL)
		return;
	g_free(statement->account);
	g_free(statement->currency);
	g_free(statement->sequence);
	g_free(statement->page);
	g_free(statement->opening_balance);
	g_free(statement->closing_balance);
	g_free(statement->from);
	g_free(statement->to);
	g_free(statement->problem);
	g_ptr_array_unref(statement->lines);
	g_free(statement);
}

struct pl_line *
pl_line_new(void)
{
	return g_new0(struct pl_line, 1);
}

void
pl_line_free(struct pl_line *line)
{
	if (line == NULL)
		return;
	g_free(line->date);
	g_free(line->amount);
	g_free(line->counterparty_account);
	g_free(line->counterparty_name);
	g_free(line->communication);
	g_free(line->payment_reference);
	g_free(line);
}

struct pl_embedded *
pl_embedded_new(void)
{
	return g_new0(struct pl_embedded, 1);
}

void
pl_embedded_free(struct pl_embedded *embedded)
{
	if (embedded == NULL)
		return;
	g_free(embedded->filename);
	g_free(embedded->media_type);
	g_clear_pointer(&embedded->bytes, g_bytes_unref);
	g_free(embedded);
}
