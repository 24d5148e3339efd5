/* SPDX-License-Identifier: BSD-2-Clause */
/* UBL invoices that leave out what EN 16931 asks for, as UBL 2.0 has them. */
#include "formats_bytes.h"

#define SPACE "urn:oasis:names:specification:ubl:schema:xsd:"

/* An invoice with the amounts TOTALS, from a seller with TAX. */
static struct pl_facts *
invoice(const char *totals, const char *tax)
{
	g_autofree char *text = g_strdup_printf(
	    "<n:Invoice xmlns:n='" SPACE "Invoice-2' xmlns='" SPACE
	    "CommonBasicComponents-2' xmlns:a='" SPACE
	    "CommonAggregateComponents-2'><ID>7</ID>"
	    "<a:AccountingSupplierParty><a:Party>%s"
	    "<a:PartyLegalEntity><CompanyID>company</CompanyID>"
	    "</a:PartyLegalEntity></a:Party></a:AccountingSupplierParty>"
	    "<a:LegalMonetaryTotal>%s</a:LegalMonetaryTotal></n:Invoice>",
	    tax, totals);

	return facts_of_text(text);
}

#define PAYABLE "<PayableAmount currencyID='GBP'>107.50</PayableAmount>"

static void
without_a_total_the_payable_amount_is_it(void **state)
{
	static const struct {
		const char *totals, *total, *currency;
	} cases[] = {
		{ PAYABLE, "107.50", "GBP" },
		{ "<TaxExclusiveAmount>90</TaxExclusiveAmount>" PAYABLE,
		    "107.50", "GBP" },
		{ "<TaxInclusiveAmount currencyID='EUR'>121"
		  "</TaxInclusiveAmount>" PAYABLE,
		    "121", "EUR" },
		{ "<PrepaidAmount>0.00</PrepaidAmount>"
		  "<PayableRoundingAmount>0</PayableRoundingAmount>" PAYABLE,
		    "107.50", "GBP" },
		/* something was paid, or the sum was rounded */
		{ "<PrepaidAmount>10</PrepaidAmount>" PAYABLE, NULL, "GBP" },
		{ "<PayableRoundingAmount>-0.02</"
		  "PayableRoundingAmount>" PAYABLE,
		    NULL, "GBP" },
		{ "<TaxInclusiveAmount>107,50</TaxInclusiveAmount>" PAYABLE,
		    NULL, "GBP" },
		{ "", NULL, NULL },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(pl_facts) facts = invoice(cases[i].totals, "");

		if (g_strcmp0(facts->total, cases[i].total) != 0 ||
		    g_strcmp0(facts->currency, cases[i].currency) != 0)
			fail_msg("%u: %s %s", i, facts->total, facts->currency);
	}
}

static void
a_vat_scheme_may_name_its_country(void **state)
{
	static const struct {
		const char *scheme, *id;
	} cases[] = {
		{ "VAT", "vat" },
		{ "UK VAT", "vat" },
		{ "SE:VAT", "vat" },
		{ "TAX", "company" },
		{ "PRIVAT", "company" },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *tax = g_strdup_printf(
		    "<a:PartyTaxScheme><CompanyID>vat</CompanyID><a:TaxScheme>"
		    "<ID>%s</ID></a:TaxScheme></a:PartyTaxScheme>",
		    cases[i].scheme);
		g_autoptr(pl_facts) facts = invoice(PAYABLE, tax);

		assert_string_equal(facts->seller.id, cases[i].id);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_total_the_payable_amount_is_it),
		cmocka_unit_test(a_vat_scheme_may_name_its_country),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
