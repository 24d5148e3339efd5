/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * camtline - the entries of a camt.053 statement
 *
 * An entry (Ntry) is a line, however many transactions (TxDtls) it has: its
 * amount is what moves the balance. CdtDbtInd says the direction of the money,
 * of a reversal (RvslInd), too.
 */
#include "camt.h"

#include <string.h>

#include "values.h"

/* The first transaction of a line names its other side. */
static void
transaction_close(struct pl_camt *camt, const char *path, const char *text)
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
communication(struct pl_camt *camt)
{
	char *reference = pl_reference_field(camt->structured);

	if (reference != NULL)
		return reference;
	if (camt->structured != NULL)
		return g_strdup(camt->structured);
	if (camt->unstructured->len > 0)
		return pl_value_words(camt->unstructured->str);
	return g_strdup(camt->information);
}

void
pl_camt_line_end(struct pl_xml *xml)
{
	struct pl_camt *camt = pl_xml_state(xml);
	struct pl_line *line = camt->line;
	char *amount = pl_camt_signed(line->amount, camt->side);
	gboolean debit = camt->side == SIDE_DEBIT;

	if (line->amount == NULL)
		pl_camt_fail(xml, "Stmt/Ntry", "has no Amt");
	else if (pl_camt_sideless(amount, camt->side))
		pl_camt_fail(xml, "Stmt/Ntry", "has no CdtDbtInd");
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
	camt->side = SIDE_UNKNOWN;
	camt->details_seen = FALSE;
	camt->line = NULL;
}

/* What is pending or for information is not in the balances. */
static gboolean
is_booked(const char *text)
{
	g_autofree char *status = pl_value_trim(text);

	return status == NULL || strcmp(status, "BOOK") == 0;
}

/* It is in the currency of the account. */
static void
amount_take(struct pl_xml *xml, const char *text)
{
	struct pl_camt *camt = pl_xml_state(xml);

	pl_camt_amount(xml, "Stmt/Ntry/Amt", text, &camt->line->amount);
	if (camt->entry_currency == NULL)
		camt->entry_currency =
		    pl_value_trim(pl_xml_attribute(xml, "Ccy"));
}

void
pl_camt_line_close(struct pl_xml *xml, const char *path, const char *text)
{
	static const char details[] = "NtryDtls/TxDtls/";
	struct pl_camt *camt = pl_xml_state(xml);

	if (strcmp(path, "Amt") == 0)
		amount_take(xml, text);
	else if (strcmp(path, "CdtDbtInd") == 0)
		pl_camt_side(xml, "Stmt/Ntry/CdtDbtInd", text, &camt->side);
	else if (strcmp(path, "Sts") == 0 || strcmp(path, "Sts/Cd") == 0)
		camt->line->unbooked |= !is_booked(text);
	else if (strcmp(path, "BookgDt/Dt") == 0 ||
		 strcmp(path, "BookgDt/DtTm") == 0)
		pl_camt_date(xml, "Stmt/Ntry/BookgDt", text, &camt->line->date);
	else if (strcmp(path, "NtryDtls/TxDtls") == 0)
		camt->details_seen = TRUE;
	else if (g_str_has_prefix(path, details) && !camt->details_seen)
		transaction_close(camt, path + strlen(details), text);
	else if (strcmp(path, "AddtlNtryInf") == 0)
		pl_value_first(&camt->information, pl_value_words(text));
}
