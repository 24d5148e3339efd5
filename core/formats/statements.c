/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * statements - what all readers of statements leave to do
 */
#include "readers.h"
#include "sum.h"
#include "values.h"

#define TOLD_MAX 3 /* statements of a damaged file */

static void
tell(GString *text, const char *what, const char *value)
{
	if (value != NULL)
		g_string_append_printf(text, ", %s %s", what, value);
}

/* What a damaged file says all the same, for who has to find another one. */
static void
tell_rest(struct pl_facts *facts)
{
	const GPtrArray *statements = facts->statements;
	g_autoptr(GString) text = g_string_new(facts->problem);

	if (statements->len == 0)
		return;
	for (guint i = 0; i < MIN(statements->len, TOLD_MAX); i++) {
		const struct pl_statement *s = statements->pdata[i];

		g_string_append(text, "; read so far: a statement");
		tell(text, "account", s->account);
		tell(text, "number", s->sequence);
		tell(text, "opening balance", s->opening_balance);
		tell(text, "closing balance", s->closing_balance);
		g_string_append_printf(text, ", %u lines", s->lines->len);
	}
	if (statements->len > TOLD_MAX)
		g_string_append_printf(
		    text, "; and %u more", statements->len - TOLD_MAX);
	g_free(facts->problem);
	facts->problem = g_string_free(g_steal_pointer(&text), FALSE);
}

static void
references_find(struct pl_statement *statement)
{
	for (guint i = 0; i < statement->lines->len; i++) {
		struct pl_line *line = statement->lines->pdata[i];

		if (line->communication != NULL)
			line->payment_reference =
			    pl_reference_take(&line->communication);
	}
}

/* What all readers of statements leave to do: a format that cannot be split
 * has statements as long as the file, and the facts of a file with one
 * statement are that statement's. */
void
pl_statements_finish(struct pl_facts *facts, gsize length)
{
	for (guint i = 0; i < facts->statements->len; i++) {
		struct pl_statement *statement =
		    g_ptr_array_index(facts->statements, i);

		if (statement->length == 0)
			statement->length = length;
		if (!facts->damaged)
			pl_sum_prove(statement);
		references_find(statement);
	}
	if (facts->damaged && !facts->limited)
		tell_rest(facts);
	if (facts->statements->len == 1) {
		const struct pl_statement *only =
		    g_ptr_array_index(facts->statements, 0);

		facts->date = g_strdup(only->to);
		facts->currency = g_strdup(only->currency);
	}
}
