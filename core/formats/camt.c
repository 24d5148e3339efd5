/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * camt - ISO 20022 camt.053 (bank to customer statement), versions 1 to 14
 *
 * Reports of the day (camt.052) and single notifications (camt.054) are other
 * messages, and one without a Stmt is no statement. Booked balances only:
 * opening OPBD or the former closing PRCD, closing CLBD; pages of a long
 * statement carry interim ones (ITBD), of which the first and last serve.
 */
#include "xml.h"

#include <string.h>

#include "readers.h"
#include "values.h"

/* How well a balance serves: a better one replaces a worse. */
enum rank { RANK_NONE, RANK_INTERIM, RANK_FORMER, RANK_BOOKED };

struct balance {
	char *type, *amount, *date;
	gboolean debit;
};

struct camt {
	struct pl_statement *statement; /* being read; owned by the facts */
	struct pl_line *line;           /* being read; owned by the statement */
	struct balance balance;
	char *legal_number, *from, *to;
	char *opening_date, *closing_date;
	enum rank opening_rank, closing_rank;
	gboolean debit;        /* of the line */
	gboolean details_seen; /* the line's first TxDtls is over */
	char *debtor, *debtor_account, *creditor, *creditor_account;
	char *structured, *information;
	GString *unstructured;
	guint lines;
};

static char *
signed_amount(const char *amount, gboolean debit)
{
	if (amount == NULL)
		return NULL;
	if (!debit || strpbrk(amount, "123456789") == NULL)
		return g_strdup(amount);
	return *amount == '-' ? g_strdup(amount + 1)
			      : g_strconcat("-", amount, NULL);
}

/* ---- balances */

static void
balance_put(const struct balance *balance, enum rank rank, enum rank *held,
    char **amount, char **date)
{
	if (rank < *held || balance->amount == NULL)
		return;
	*held = rank;
	g_free(*amount);
	*amount = signed_amount(balance->amount, balance->debit);
	g_free(*date);
	*date = g_strdup(balance->date);
}

static void
balance_end(struct camt *camt)
{
	struct balance *balance = &camt->balance;
	struct pl_statement *statement = camt->statement;
	const char *type = balance->type != NULL ? balance->type : "";
	gboolean interim = strcmp(type, "ITBD") == 0;

	if (strcmp(type, "OPBD") == 0 && camt->opening_rank < RANK_BOOKED)
		balance_put(balance, RANK_BOOKED, &camt->opening_rank,
		    &statement->opening_balance, &camt->opening_date);
	else if (strcmp(type, "PRCD") == 0 && camt->opening_rank < RANK_FORMER)
		balance_put(balance, RANK_FORMER, &camt->opening_rank,
		    &statement->opening_balance, &camt->opening_date);
	else if (interim && camt->opening_rank < RANK_INTERIM)
		balance_put(balance, RANK_INTERIM, &camt->opening_rank,
		    &statement->opening_balance, &camt->opening_date);
	if (strcmp(type, "CLBD") == 0 && camt->closing_rank < RANK_BOOKED)
		balance_put(balance, RANK_BOOKED, &camt->closing_rank,
		    &statement->closing_balance, &camt->closing_date);
	else if (interim)
		balance_put(balance, RANK_INTERIM, &camt->closing_rank,
		    &statement->closing_balance, &camt->closing_date);
	g_clear_pointer(&balance->type, g_free);
	g_clear_pointer(&balance->amount, g_free);
	g_clear_pointer(&balance->date, g_free);
	balance->debit = FALSE;
}

static void
balance_close(struct pl_xml *xml, const char *path, const char *text)
{
	struct camt *camt = pl_xml_state(xml);
	struct balance *balance = &camt->balance;

	if (strcmp(path, "Tp/CdOrPrtry/Cd") == 0 ||
	    strcmp(path, "Tp/Cd") == 0) {
		pl_value_first(&balance->type, pl_value_trim(text));
	} else if (strcmp(path, "Amt") == 0) {
		pl_value_first(&balance->amount, pl_value_decimal(text));
		pl_value_first(&camt->statement->currency,
		    pl_value_trim(pl_xml_attribute(xml, "Ccy")));
	} else if (strcmp(path, "CdtDbtInd") == 0) {
		balance->debit = strstr(text, "DBIT") != NULL;
	} else if (strcmp(path, "Dt/Dt") == 0 || strcmp(path, "Dt/DtTm") == 0) {
		pl_value_first(&balance->date, pl_value_iso_date(text));
	}
}

/* ---- lines */

/* The first transaction of a line names its other side. */
static void
transaction_close(struct camt *camt, const char *path, const char *text)
{
	const struct {
		const char *path;
		char **place;
	} fields[] = {
		{ "RltdPties/Dbtr/Nm", &camt->debtor },
		{ "RltdPties/Dbtr/Pty/Nm", &camt->debtor },
		{ "RltdPties/DbtrAcct/Id/IBAN", &camt->debtor_account },
		{ "RltdPties/DbtrAcct/Id/Othr/Id", &camt->debtor_account },
		{ "RltdPties/Cdtr/Nm", &camt->creditor },
		{ "RltdPties/Cdtr/Pty/Nm", &camt->creditor },
		{ "RltdPties/CdtrAcct/Id/IBAN", &camt->creditor_account },
		{ "RltdPties/CdtrAcct/Id/Othr/Id", &camt->creditor_account },
		{ "RmtInf/Strd/CdtrRefInf/Ref", &camt->structured },
		{ "RmtInf/Strd/CdtrRefInf/CdtrRef", &camt->structured },
		{ "AddtlTxInf", &camt->information },
	};

	for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
		if (strcmp(path, fields[i].path) == 0)
			pl_value_first(fields[i].place, pl_value_words(text));
	if (strcmp(path, "RmtInf/Ustrd") == 0) {
		if (camt->unstructured->len > 0)
			g_string_append_c(camt->unstructured, ' ');
		g_string_append(camt->unstructured, text);
	}
}

static char *
communication(struct camt *camt)
{
	char *reference = pl_reference_find(camt->structured);

	if (reference != NULL)
		return reference;
	if (camt->structured != NULL)
		return g_strdup(camt->structured);
	if (camt->unstructured->len > 0)
		return pl_value_words(camt->unstructured->str);
	return g_strdup(camt->information);
}

static void
line_end(struct camt *camt)
{
	struct pl_line *line = camt->line;
	char *amount = signed_amount(line->amount, camt->debit);
	gboolean debit = camt->debit;

	g_free(line->amount);
	line->amount = amount;
	line->counterparty_name =
	    g_strdup(debit ? camt->creditor : camt->debtor);
	line->counterparty_account = pl_value_account(
	    debit ? camt->creditor_account : camt->debtor_account);
	line->communication = communication(camt);
	g_clear_pointer(&camt->debtor, g_free);
	g_clear_pointer(&camt->debtor_account, g_free);
	g_clear_pointer(&camt->creditor, g_free);
	g_clear_pointer(&camt->creditor_account, g_free);
	g_clear_pointer(&camt->structured, g_free);
	g_clear_pointer(&camt->information, g_free);
	g_string_truncate(camt->unstructured, 0);
	camt->debit = camt->details_seen = FALSE;
	camt->line = NULL;
}

static void
line_close(struct camt *camt, const char *path, const char *text)
{
	static const char details[] = "NtryDtls/TxDtls/";

	if (strcmp(path, "Amt") == 0)
		pl_value_first(&camt->line->amount, pl_value_decimal(text));
	else if (strcmp(path, "CdtDbtInd") == 0)
		camt->debit = strstr(text, "DBIT") != NULL;
	else if (strcmp(path, "BookgDt/Dt") == 0 ||
		 strcmp(path, "BookgDt/DtTm") == 0)
		pl_value_first(&camt->line->date, pl_value_iso_date(text));
	else if (strcmp(path, "NtryDtls/TxDtls") == 0)
		camt->details_seen = TRUE;
	else if (g_str_has_prefix(path, details) && !camt->details_seen)
		transaction_close(camt, path + strlen(details), text);
	else if (strcmp(path, "AddtlNtryInf") == 0)
		pl_value_first(&camt->information, pl_value_words(text));
}

/* ---- statements */

static void
statement_end(struct camt *camt)
{
	struct pl_statement *statement = camt->statement;

	pl_value_first(
	    &statement->sequence, g_steal_pointer(&camt->legal_number));
	statement->from = g_steal_pointer(&camt->from);
	pl_value_first(&statement->from, g_steal_pointer(&camt->opening_date));
	statement->to = g_steal_pointer(&camt->closing_date);
	pl_value_first(&statement->to, g_steal_pointer(&camt->to));
	camt->opening_rank = camt->closing_rank = RANK_NONE;
	camt->statement = NULL;
}

static void
statement_close(struct camt *camt, const char *path, const char *text)
{
	struct pl_statement *statement = camt->statement;

	if (strcmp(path, "ElctrncSeqNb") == 0)
		pl_value_first(&statement->sequence, pl_value_number(text));
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
		 strcmp(path, "Acct/Id/PrtryAcct/Id") == 0)
		pl_value_first(&statement->account, pl_value_account(text));
}

/* ---- what the XML reader calls */

static const char statement_path[] = "BkToCstmrStmt/Stmt";

static void
camt_open(struct pl_xml *xml, const char *path)
{
	struct camt *camt = pl_xml_state(xml);
	GPtrArray *statements = pl_xml_facts(xml)->statements;
	const char *rest;

	if (!g_str_has_prefix(path, statement_path))
		return;
	rest = path + strlen(statement_path);
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
	struct camt *camt = pl_xml_state(xml);
	const char *rest = path + strlen(statement_path);

	if (!g_str_has_prefix(path, statement_path) || camt->statement == NULL)
		return;
	if (*rest == '\0')
		statement_end(camt);
	else if (strcmp(rest, "/Bal") == 0)
		balance_end(camt);
	else if (strcmp(rest, "/Ntry") == 0 && camt->line != NULL)
		line_end(camt);
	else if (g_str_has_prefix(rest, "/Bal/"))
		balance_close(xml, rest + strlen("/Bal/"), text);
	else if (g_str_has_prefix(rest, "/Ntry/") && camt->line != NULL)
		line_close(camt, rest + strlen("/Ntry/"), text);
	else if (*rest == '/')
		statement_close(camt, rest + 1, text);
}

static void
camt_finish(struct pl_xml *xml)
{
	struct camt *camt = pl_xml_state(xml);
	struct pl_facts *facts = pl_xml_facts(xml);

	/* A damaged file ends anywhere. */
	if (camt->line != NULL)
		line_end(camt);
	if (camt->statement != NULL) {
		balance_end(camt);
		statement_end(camt);
	}
	if (camt->unstructured != NULL)
		g_string_free(camt->unstructured, TRUE);
	if (facts->statements->len > 0)
		facts->kind = PL_FACTS_STATEMENT;
	else
		facts->format = PL_FORMAT_XML;
}

const struct pl_xml_dialect pl_camt_statement = {
	.format = PL_FORMAT_CAMT053,
	.root = "Document",
	.space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.",
	.inside = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.",
	.state_size = sizeof(struct camt),
	.open = camt_open,
	.close = camt_close,
	.finish = camt_finish,
};
