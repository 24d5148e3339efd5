/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * formats_facts - what must be true of the facts of any bytes
 */
#ifndef FORMATS_FACTS_H
#define FORMATS_FACTS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "postledger/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
must(gboolean holds)
{
	if (!holds)
		abort();
}

static inline void
text_check(const char *text)
{
	must(
	    text == NULL || (*text != '\0' && g_utf8_validate(text, -1, NULL)));
}

static inline void
date_check(const char *date)
{
	must(date == NULL ||
	     (strlen(date) == 10 && date[4] == '-' && date[7] == '-'));
}

static inline void
amount_check(const char *amount)
{
	if (amount == NULL)
		return;
	amount += *amount == '-';
	must(g_ascii_isdigit(*amount) &&
	     strspn(amount, "0123456789.") == strlen(amount) &&
	     g_ascii_isdigit(amount[strlen(amount) - 1]));
}

static inline void
statement_check(const struct pl_statement *statement, size_t size)
{
	text_check(statement->account);
	text_check(statement->currency);
	text_check(statement->sequence);
	text_check(statement->page);
	text_check(statement->problem);
	amount_check(statement->opening_balance);
	amount_check(statement->closing_balance);
	date_check(statement->from);
	date_check(statement->to);
	must(statement->length > 0 && statement->offset <= size &&
	     statement->length <= size - statement->offset);
	for (guint i = 0; i < statement->lines->len; i++) {
		const struct pl_line *line =
		    g_ptr_array_index(statement->lines, i);

		date_check(line->date);
		amount_check(line->amount);
		text_check(line->counterparty_account);
		text_check(line->counterparty_name);
		text_check(line->communication);
		text_check(line->payment_reference);
	}
}

static inline void
invoice_check(const struct pl_facts *facts)
{
	text_check(facts->number);
	date_check(facts->date);
	text_check(facts->currency);
	amount_check(facts->total);
	text_check(facts->payment_reference);
	text_check(facts->seller.id);
	text_check(facts->seller.name);
	text_check(facts->buyer.id);
	text_check(facts->buyer.name);
}

static inline void
facts_check(const struct pl_facts *facts, size_t size)
{
	invoice_check(facts);
	must(facts->problem == NULL ||
	     g_utf8_validate(facts->problem, -1, NULL));
	must((facts->damaged || facts->encrypted) == (facts->problem != NULL));
	must(facts->embedded->len <= 64);
	for (guint i = 0; i < facts->embedded->len; i++) {
		const struct pl_embedded *file =
		    g_ptr_array_index(facts->embedded, i);

		must(file->bytes != NULL);
		must(file->filename == NULL ||
		     g_utf8_validate(file->filename, -1, NULL));
		must(file->media_type == NULL ||
		     g_utf8_validate(file->media_type, -1, NULL));
	}
	for (guint i = 0; i < facts->attached_names->len; i++)
		text_check(g_ptr_array_index(facts->attached_names, i));
	must(
	    (facts->kind == PL_FACTS_STATEMENT) || facts->statements->len == 0);
	for (guint i = 0; i < facts->statements->len; i++)
		statement_check(g_ptr_array_index(facts->statements, i), size);
	if (facts->format == PL_FORMAT_UNKNOWN)
		must(facts->kind == PL_FACTS_OTHER && !facts->damaged &&
		     facts->embedded->len == 0);
}

#endif
