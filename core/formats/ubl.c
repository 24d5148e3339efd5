/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ubl - UBL 2.x Invoice and CreditNote (Peppol BIS Billing 3, XRechnung)
 *
 * Fields are those of EN 16931: a CreditNote is always a credit note, an
 * Invoice one where its type code says so. A party's identifier is its VAT
 * number; of several tax registrations the one whose scheme is VAT counts. What
 * EN 16931 asks for and plain UBL does not, the total above all, is taken from
 * where plain UBL has it.
 */
#include "xml.h"

#include <string.h>

#include "values.h"

/* How well a tax registration serves as the VAT identifier. */
enum rank { RANK_NONE, RANK_OTHER_VAT, RANK_VAT };

struct party {
	char *tax_id;
	enum rank rank;
	char *new_tax_id, *new_scheme; /* of the registration being read */
	char *legal_id, *endpoint;
	char *legal_name, *name;
};

struct ubl {
	char *type;
	char *total_currency;
	char *payable; /* the total where there is none, */
	char *payable_currency;
	gboolean differs; /* unless it differs from that */
	char *noted;      /* payment reference in its free text */
	struct party seller, buyer;
};

static gboolean
is_one_of(const char *text, const char *const *list)
{
	for (; *list != NULL; list++)
		if (g_ascii_strcasecmp(text, *list) == 0)
			return TRUE;
	return FALSE;
}

/* "UK VAT", "SE:VAT" */
static gboolean
is_national(const char *scheme)
{
	const gsize n = strlen(scheme);

	return n > 4 && strchr(" :-", scheme[n - 4]) != NULL &&
	       g_ascii_strcasecmp(scheme + n - 3, "VAT") == 0;
}

/* Value added taxes under their national names; 63 is the Danish one. */
static enum rank
scheme_rank(const char *scheme)
{
	static const char *const others[] = { "GST", "TVA", "BTW", "MWST",
		"UST", "IVA", "MOMS", "MVA", "63", NULL };

	if (scheme == NULL || is_one_of(scheme, others) || is_national(scheme))
		return RANK_OTHER_VAT;
	return g_ascii_strcasecmp(scheme, "VAT") == 0 ? RANK_VAT : RANK_NONE;
}

static void
tax_scheme_end(struct party *party)
{
	enum rank rank = scheme_rank(party->new_scheme);

	if (party->new_tax_id != NULL && rank > party->rank) {
		g_free(party->tax_id);
		party->tax_id = g_steal_pointer(&party->new_tax_id);
		party->rank = rank;
	}
	g_clear_pointer(&party->new_tax_id, g_free);
	g_clear_pointer(&party->new_scheme, g_free);
}

static void
party_close(struct party *party, const char *path, const char *text)
{
	const struct {
		const char *path;
		char **place;
	} fields[] = {
		{ "PartyTaxScheme/CompanyID", &party->new_tax_id },
		{ "PartyTaxScheme/TaxScheme/ID", &party->new_scheme },
		{ "PartyLegalEntity/CompanyID", &party->legal_id },
		{ "PartyLegalEntity/RegistrationName", &party->legal_name },
		{ "PartyName/Name", &party->name },
		{ "EndpointID", &party->endpoint },
	};

	for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
		if (strcmp(path, fields[i].path) == 0)
			pl_value_first(fields[i].place, pl_value_trim(text));
	if (strcmp(path, "PartyTaxScheme") == 0)
		tax_scheme_end(party);
}

static void
reference_close(struct pl_xml *xml, const char *path, const char *text)
{
	if (g_str_has_suffix(path, "/Attachment/ExternalReference/FileName") ||
	    g_str_has_suffix(path, "/Attachment/ExternalReference/URI"))
		pl_value_file_names(pl_xml_facts(xml)->attached_names, text);
}

static void
ubl_open(struct pl_xml *xml, const char *path)
{
	const char *filename;

	if (*pl_xml_name(xml) != 'E' ||
	    !g_str_has_suffix(
		path, "Reference/Attachment/EmbeddedDocumentBinaryObject"))
		return;
	filename = pl_xml_attribute(xml, "filename");
	pl_value_file_names(pl_xml_facts(xml)->attached_names, filename);
	pl_xml_embed(xml, filename, pl_xml_attribute(xml, "mimeCode"));
}

static void
reference_put(struct pl_facts *facts, const char *text)
{
	pl_value_first(&facts->payment_reference, pl_reference_field(text));
	pl_value_first(&facts->payment_reference, pl_value_trim(text));
}

/* UBL asks for the amount to be paid only. It is the total as well if nothing
 * was paid before and nothing is rounded. */
static void
amount_close(struct pl_xml *xml, const char *name, const char *text)
{
	struct ubl *ubl = pl_xml_state(xml);
	const char *currency = pl_xml_attribute(xml, "currencyID");

	if (strcmp(name, "TaxInclusiveAmount") == 0) {
		pl_value_first(
		    &pl_xml_facts(xml)->total, pl_value_decimal(text));
		pl_value_first(&ubl->total_currency, pl_value_trim(currency));
		ubl->differs = TRUE;
	} else if (strcmp(name, "PayableAmount") == 0) {
		pl_value_first(&ubl->payable, pl_value_decimal(text));
		pl_value_first(&ubl->payable_currency, pl_value_trim(currency));
	} else if (strcmp(name, "PrepaidAmount") == 0 ||
		   strcmp(name, "PayableRoundingAmount") == 0) {
		ubl->differs |= strpbrk(text, "123456789") != NULL;
	}
}

static void
header_close(struct pl_xml *xml, const char *path, const char *text)
{
	struct pl_facts *facts = pl_xml_facts(xml);
	struct ubl *ubl = pl_xml_state(xml);

	/* most of an invoice is its lines */
	if (g_str_has_prefix(path, "InvoiceLine/") ||
	    g_str_has_prefix(path, "CreditNoteLine/"))
		return;
	if (strcmp(path, "ID") == 0)
		pl_value_first(&facts->number, pl_value_trim(text));
	else if (strcmp(path, "IssueDate") == 0)
		pl_value_first(&facts->date, pl_value_iso_date(text));
	else if (strcmp(path, "InvoiceTypeCode") == 0)
		pl_value_first(&ubl->type, pl_value_trim(text));
	else if (strcmp(path, "DocumentCurrencyCode") == 0)
		pl_value_first(&facts->currency, pl_value_trim(text));
	else if (strcmp(path, "PaymentMeans/PaymentID") == 0)
		reference_put(facts, text);
	else if (strcmp(path, "Note") == 0 ||
		 strcmp(path, "PaymentTerms/Note") == 0 ||
		 strcmp(path, "PaymentMeans/InstructionNote") == 0)
		pl_value_first(&ubl->noted, pl_reference_find(text));
	else if (g_str_has_prefix(path, "LegalMonetaryTotal/"))
		amount_close(xml, pl_xml_name(xml), text);
}

static void
ubl_close(struct pl_xml *xml, const char *path, const char *text)
{
	static const char supplier[] = "AccountingSupplierParty/Party/";
	static const char customer[] = "AccountingCustomerParty/Party/";
	const char *name = pl_xml_name(xml);
	struct ubl *ubl = pl_xml_state(xml);

	if (*path == 'A' && g_str_has_prefix(path, supplier))
		party_close(&ubl->seller, path + strlen(supplier), text);
	else if (*path == 'A' && g_str_has_prefix(path, customer))
		party_close(&ubl->buyer, path + strlen(customer), text);
	else if ((*name == 'F' || *name == 'U') &&
		 strstr(path, "Reference/Attachment/") != NULL)
		reference_close(xml, path, text);
	else
		header_close(xml, path, text);
}

static void
party_finish(struct party *from, struct pl_party *to)
{
	tax_scheme_end(from);
	to->id = g_strdup(from->tax_id != NULL     ? from->tax_id
			  : from->legal_id != NULL ? from->legal_id
						   : from->endpoint);
	to->name = pl_value_words(
	    from->legal_name != NULL ? from->legal_name : from->name);
	g_free(from->tax_id);
	g_free(from->legal_id);
	g_free(from->endpoint);
	g_free(from->legal_name);
	g_free(from->name);
}

static void
ubl_finish(struct pl_xml *xml)
{
	struct pl_facts *facts = pl_xml_facts(xml);
	struct ubl *ubl = pl_xml_state(xml);

	facts->kind = strcmp(pl_xml_root(xml), "CreditNote") == 0
			  ? PL_FACTS_CREDIT_NOTE
			  : pl_value_kind(ubl->type);
	party_finish(&ubl->seller, &facts->seller);
	party_finish(&ubl->buyer, &facts->buyer);
	pl_value_first(&facts->currency, g_steal_pointer(&ubl->total_currency));
	pl_value_first(
	    &facts->currency, g_steal_pointer(&ubl->payable_currency));
	if (!ubl->differs)
		pl_value_first(&facts->total, g_steal_pointer(&ubl->payable));
	pl_value_first(&facts->payment_reference, g_steal_pointer(&ubl->noted));
	g_free(ubl->type);
	g_free(ubl->payable);
}

#define UBL_SPACE "urn:oasis:names:specification:ubl:schema:xsd:"

const struct pl_xml_dialect pl_ubl_invoice = {
	.format = PL_FORMAT_UBL,
	.root = "Invoice",
	.space = UBL_SPACE "Invoice-2",
	.inside = UBL_SPACE,
	.state_size = sizeof(struct ubl),
	.open = ubl_open,
	.close = ubl_close,
	.finish = ubl_finish,
};

const struct pl_xml_dialect pl_ubl_credit_note = {
	.format = PL_FORMAT_UBL,
	.root = "CreditNote",
	.space = UBL_SPACE "CreditNote-2",
	.inside = UBL_SPACE,
	.state_size = sizeof(struct ubl),
	.open = ubl_open,
	.close = ubl_close,
	.finish = ubl_finish,
};
