/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * camt - ISO 20022 camt.053 (bank to customer statement), versions 1 to 14
 *
 * Reports of the day (camt.052) and single notifications (camt.054) are other
 * messages, and one without a Stmt is no statement.
 */
#include "camt.h"

#include <string.h>

#include "readers.h"
#include "values.h"

static void
statement_end(struct pl_xml *xml)
{
	struct pl_camt *camt = pl_xml_state(xml);
	struct pl_statement *statement = camt->statement;

	if (statement->account == NULL)
		pl_camt_fail(xml, "Stmt", "has no Acct/Id");
	pl_value_first(
	    &statement->sequence, g_steal_pointer(&camt->legal_number));
	pl_value_first(
	    &statement->currency, g_steal_pointer(&camt->entry_currency));
	statement->from = g_steal_pointer(&camt->from);
	pl_value_first(&statement->from, g_steal_pointer(&camt->opening_date));
	statement->to = g_steal_pointer(&camt->closing_date);
	pl_value_first(&statement->to, g_steal_pointer(&camt->to));
	camt->opening_rank = camt->closing_rank = RANK_NONE;
	camt->statement = NULL;
}

static void
page_put(struct pl_statement *statement, const char *text)
{
	g_autofree char *page = pl_value_number(text);

	if (g_strcmp0(page, "1") != 0)
		pl_value_first(&statement->page, g_steal_pointer(&page));
}

static void
statement_close(struct pl_camt *camt, const char *path, const char *text)
{
	struct pl_statement *statement = camt->statement;

	if (strcmp(path, "ElctrncSeqNb") == 0)
		pl_value_first(&statement->sequence, pl_value_number(text));
	else if (strcmp(path, "StmtPgntn/PgNb") == 0)
		page_put(statement, text);
	else if (strcmp(path, "LglSeqNb") == 0)
		pl_value_first(&camt->legal_number, pl_value_number(text));
	else if (strcmp(path, "FrToDt/FrDtTm") == 0)
		pl_value_first(&camt->from, pl_value_iso_date(text));
	else if (strcmp(path, "FrToDt/ToDtTm") == 0)
		pl_value_first(&camt->to, pl_value_iso_date(text));
	else if (strcmp(path, "Acct/Ccy") == 0)
		pl_value_first(&statement->currency, pl_value_trim(text));
	else if (strcmp(path, "Acct/Id/IBAN") == 0 ||
		 strcmp(path, "Acct/Id/BBAN") == 0 ||
		 strcmp(path, "Acct/Id/Othr/Id") == 0 ||
		 strcmp(path, "Acct/Id/PrtryAcct/Id") == 0 ||
		 strcmp(path, "Acct/Prxy/Id") == 0)
		pl_value_first(&statement->account, pl_value_account(text));
}

/* ---- what the XML reader calls */

/* What follows the path of a statement; NULL: it is none. Version 1 has it in
 * its name. */
static const char *
in_statement(const char *path)
{
	static const char *const paths[] = { "BkToCstmrStmt/Stmt",
		"BkToCstmrStmtV01/Stmt" };

	for (guint i = 0; i < G_N_ELEMENTS(paths); i++)
		if (g_str_has_prefix(path, paths[i]))
			return path + strlen(paths[i]);
	return NULL;
}

static void
camt_open(struct pl_xml *xml, const char *path)
{
	struct pl_camt *camt = pl_xml_state(xml);
	GPtrArray *statements = pl_xml_facts(xml)->statements;
	const char *rest = in_statement(path);

	if (rest == NULL)
		return;
	if (*rest == '\0') {
		if (statements->len >= PL_STATEMENTS_MAX) {
			pl_xml_fail(xml, "too many statements");
			return;
		}
		if (camt->unstructured == NULL)
			camt->unstructured = g_string_new(NULL);
		camt->statement = pl_statement_new();
		g_ptr_array_add(statements, camt->statement);
	} else if (strcmp(rest, "/Ntry") == 0 && camt->statement != NULL) {
		if (++camt->lines > PL_LINES_MAX) {
			pl_xml_fail(xml, "too many lines");
			return;
		}
		camt->line = pl_line_new();
		g_ptr_array_add(camt->statement->lines, camt->line);
	}
}

static void
camt_close(struct pl_xml *xml, const char *path, const char *text)
{
	struct pl_camt *camt = pl_xml_state(xml);
	const char *rest = in_statement(path);

	if (rest == NULL || camt->statement == NULL)
		return;
	if (*rest == '\0')
		statement_end(xml);
	else if (strcmp(rest, "/Bal") == 0)
		pl_camt_balance_end(xml);
	else if (strcmp(rest, "/Ntry") == 0 && camt->line != NULL)
		pl_camt_line_end(xml);
	else if (g_str_has_prefix(rest, "/Bal/"))
		pl_camt_balance_close(xml, rest + strlen("/Bal/"), text);
	else if (g_str_has_prefix(rest, "/Ntry/") && camt->line != NULL)
		pl_camt_line_close(xml, rest + strlen("/Ntry/"), text);
	else if (*rest == '/')
		statement_close(camt, rest + 1, text);
}

static void
camt_finish(struct pl_xml *xml)
{
	struct pl_camt *camt = pl_xml_state(xml);
	struct pl_facts *facts = pl_xml_facts(xml);

	/* A damaged file ends anywhere; it is known to be one. */
	if (camt->line != NULL)
		pl_camt_line_end(xml);
	if (camt->statement != NULL) {
		if (camt->balance.amount != NULL)
			pl_camt_balance_end(xml);
		statement_end(xml);
	}
	g_free(camt->balance.type);
	g_free(camt->balance.date);
	if (camt->unstructured != NULL)
		g_string_free(camt->unstructured, TRUE);
	if (facts->statements->len > 0)
		facts->kind = PL_FACTS_STATEMENT;
	else
		facts->format = PL_FORMAT_XML;
}

#define DIALECT(namespace, in_envelope) \
	{ \
		.format = PL_FORMAT_CAMT053, .root = "Document", \
		.space = namespace, .inside = namespace, \
		.enveloped = in_envelope, \
		.state_size = sizeof(struct pl_camt), .open = camt_open, \
		.close = camt_close, .finish = camt_finish, \
	}

/* That of the standard, of Austrian banks, of SWIFT, and of programs that leave
 * it out. */
const struct pl_xml_dialect pl_camt_statement = DIALECT(
				"urn:iso:std:iso:20022:tech:xsd:camt.053.001.",
				TRUE),
			    pl_camt_austrian =
				DIALECT("ISO:camt.053.001.", TRUE),
			    pl_camt_swift =
				DIALECT("urn:swift:xsd:camt.053.001.", TRUE),
			    pl_camt_bare = DIALECT(NULL, FALSE);
