/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cii - UN/CEFACT Cross Industry Invoice (Factur-X, XRechnung, ZUGFeRD 2) and
 *       the CrossIndustryDocument of ZUGFeRD 1
 *
 * Both say the same with other names for the groups, so each has a table of
 * where its groups are, and the fields inside are read alike. A party's VAT
 * number is the registration with the scheme VA; FC is a tax number, which
 * identifies nobody abroad.
 */
#include "xml.h"

#include <string.h>

#include "values.h"

/* Where a dialect keeps its groups; each ends with '/'. Agreement and
 * settlement stand in the transaction, the totals in the settlement. */
struct groups {
	const char *document, *transaction, *agreement, *settlement, *totals;
};

struct party {
	char *vat_id, *unmarked_id; /* a registration without a scheme */
	char *legal_id, *endpoint, *name;
};

struct cii {
	char *type;
	char *total; /* in the invoice's currency, else the first */
	char *total_currency;
	gboolean total_fits; /* its currency is the invoice's */
	char *noted;         /* payment reference in its free text */
	struct party seller, buyer;
};

static const struct groups cii_groups = {
	.document = "ExchangedDocument/",
	.transaction = "SupplyChainTradeTransaction/",
	.agreement = "ApplicableHeaderTradeAgreement/",
	.settlement = "ApplicableHeaderTradeSettlement/",
	.totals = "SpecifiedTradeSettlementHeaderMonetarySummation/",
};

static const struct groups zugferd1_groups = {
	.document = "HeaderExchangedDocument/",
	.transaction = "SpecifiedSupplyChainTradeTransaction/",
	.agreement = "ApplicableSupplyChainTradeAgreement/",
	.settlement = "ApplicableSupplyChainTradeSettlement/",
	.totals = "SpecifiedTradeSettlementMonetarySummation/",
};

static const struct groups *
groups_of(struct pl_xml *xml)
{
	return strcmp(pl_xml_root(xml), "CrossIndustryDocument") == 0
		   ? &zugferd1_groups
		   : &cii_groups;
}

/* What of PATH follows PREFIX, or NULL. */
static const char *
below(const char *path, const char *prefix)
{
	for (; *prefix != '\0'; prefix++)
		if (*path++ != *prefix)
			return NULL;
	return path;
}

static void
document_close(struct pl_xml *xml, const char *path, const char *text)
{
	struct pl_facts *facts = pl_xml_facts(xml);
	struct cii *cii = pl_xml_state(xml);

	if (strcmp(path, "IncludedNote/Content") == 0) {
		pl_value_first(&cii->noted, pl_reference_find(text));
	} else if (strcmp(path, "ID") == 0) {
		pl_value_first(&facts->number, pl_value_trim(text));
	} else if (strcmp(path, "TypeCode") == 0) {
		pl_value_first(&cii->type, pl_value_trim(text));
	} else if (strcmp(path, "IssueDateTime/DateTimeString") == 0 ||
		   strcmp(path, "IssueDateTime/DateTime") == 0) {
		pl_value_first(
		    &facts->date, pl_value_edifact_date(
				      text, pl_xml_attribute(xml, "format")));
	}
}

static void
registration_close(struct party *party, const char *scheme, const char *text)
{
	if (scheme == NULL || *scheme == '\0')
		pl_value_first(&party->unmarked_id, pl_value_trim(text));
	else if (g_ascii_strcasecmp(scheme, "VA") == 0 ||
		 g_ascii_strcasecmp(scheme, "VAT") == 0)
		pl_value_first(&party->vat_id, pl_value_trim(text));
}

static void
party_close(
    struct pl_xml *xml, struct party *party, const char *path, const char *text)
{
	if (strcmp(path, "Name") == 0)
		pl_value_first(&party->name, pl_value_words(text));
	else if (strcmp(path, "SpecifiedLegalOrganization/ID") == 0)
		pl_value_first(&party->legal_id, pl_value_trim(text));
	else if (strcmp(path, "URIUniversalCommunication/URIID") == 0)
		pl_value_first(&party->endpoint, pl_value_trim(text));
	else if (strcmp(path, "SpecifiedTaxRegistration/ID") == 0)
		registration_close(
		    party, pl_xml_attribute(xml, "schemeID"), text);
}

/* A second grand total in the accounting currency is allowed. */
static void
total_close(struct pl_xml *xml, const char *text)
{
	struct cii *cii = pl_xml_state(xml);
	const char *own = pl_xml_attribute(xml, "currencyID");
	gboolean fits =
	    own != NULL && g_strcmp0(own, pl_xml_facts(xml)->currency) == 0;
	char *amount = pl_value_decimal(text);

	if (amount == NULL ||
	    (cii->total != NULL && (cii->total_fits || !fits))) {
		g_free(amount);
		return;
	}
	g_free(cii->total);
	g_free(cii->total_currency);
	cii->total = amount;
	cii->total_currency = pl_value_trim(own);
	cii->total_fits = fits;
}

static void
reference_put(struct pl_facts *facts, const char *text)
{
	pl_value_first(&facts->payment_reference, pl_reference_field(text));
	pl_value_first(&facts->payment_reference, pl_value_trim(text));
}

static void
settlement_close(struct pl_xml *xml, const char *path, const char *text)
{
	struct pl_facts *facts = pl_xml_facts(xml);
	struct cii *cii = pl_xml_state(xml);
	const char *total = below(path, groups_of(xml)->totals);

	if (strcmp(path, "PaymentReference") == 0)
		reference_put(facts, text);
	else if (strcmp(path, "SpecifiedTradePaymentTerms/Description") == 0)
		pl_value_first(&cii->noted, pl_reference_find(text));
	else if (strcmp(path, "InvoiceCurrencyCode") == 0)
		pl_value_first(&facts->currency, pl_value_trim(text));
	else if (total != NULL && strcmp(total, "GrandTotalAmount") == 0)
		total_close(xml, text);
}

static void
agreement_close(struct pl_xml *xml, const char *path, const char *text)
{
	struct cii *cii = pl_xml_state(xml);
	const char *rest;

	if ((rest = below(path, "SellerTradeParty/")) != NULL)
		party_close(xml, &cii->seller, rest, text);
	else if ((rest = below(path, "BuyerTradeParty/")) != NULL)
		party_close(xml, &cii->buyer, rest, text);
	else if (strcmp(path, "AdditionalReferencedDocument/URIID") == 0)
		pl_value_file_names(pl_xml_facts(xml)->attached_names, text);
}

static void
cii_open(struct pl_xml *xml, const char *path)
{
	const char *filename;

	if (*pl_xml_name(xml) != 'A' ||
	    !g_str_has_suffix(
		path, "/AdditionalReferencedDocument/AttachmentBinaryObject"))
		return;
	filename = pl_xml_attribute(xml, "filename");
	pl_value_file_names(pl_xml_facts(xml)->attached_names, filename);
	pl_xml_embed(xml, filename, pl_xml_attribute(xml, "mimeCode"));
}

static void
cii_close(struct pl_xml *xml, const char *path, const char *text)
{
	const struct groups *groups = groups_of(xml);
	const char *rest;

	if ((rest = below(path, groups->document)) != NULL)
		document_close(xml, rest, text);
	if ((path = below(path, groups->transaction)) == NULL)
		return;
	if ((rest = below(path, groups->agreement)) != NULL)
		agreement_close(xml, rest, text);
	else if ((rest = below(path, groups->settlement)) != NULL)
		settlement_close(xml, rest, text);
}

static void
party_finish(struct party *from, struct pl_party *to)
{
	char **ids[] = { &from->vat_id, &from->unmarked_id, &from->legal_id,
		&from->endpoint };

	for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
		pl_value_first(&to->id, g_steal_pointer(ids[i]));
	to->name = g_steal_pointer(&from->name);
}

static void
cii_finish(struct pl_xml *xml)
{
	struct pl_facts *facts = pl_xml_facts(xml);
	struct cii *cii = pl_xml_state(xml);

	facts->kind = pl_value_kind(cii->type);
	facts->total = g_steal_pointer(&cii->total);
	pl_value_first(&facts->currency, g_steal_pointer(&cii->total_currency));
	party_finish(&cii->seller, &facts->seller);
	party_finish(&cii->buyer, &facts->buyer);
	pl_value_first(&facts->payment_reference, g_steal_pointer(&cii->noted));
	g_free(cii->type);
}

const struct pl_xml_dialect pl_cii_invoice = {
	.format = PL_FORMAT_CII,
	.root = "CrossIndustryInvoice",
	.space = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:",
	.inside = "urn:un:unece:uncefact:data:",
	.state_size = sizeof(struct cii),
	.open = cii_open,
	.close = cii_close,
	.finish = cii_finish,
};

const struct pl_xml_dialect pl_cii_zugferd1 = {
	.format = PL_FORMAT_CII,
	.root = "CrossIndustryDocument",
	.space = "urn:ferd:CrossIndustryDocument:invoice:1p0",
	.inside = "urn:",
	.state_size = sizeof(struct cii),
	.open = cii_open,
	.close = cii_close,
	.finish = cii_finish,
};
