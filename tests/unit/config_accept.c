/* SPDX-License-Identifier: BSD-2-Clause */
/* Kinds and directions of `accept`, and company numbers however written. */
#include "config_sample.h"

#define OWN "company_ids = BE0123456789\n"
#define I (1u << PL_KIND_INVOICE)
#define C (1u << PL_KIND_CREDIT_NOTE)
#define S (1u << PL_KIND_STATEMENT)
#define ALL ((1u << PL_KINDS) - 1)

static void
directions_stand_alone_or_with_the_kinds_they_narrow(void **state)
{
	static const struct {
		const char *words;
		unsigned accept;
	} rows[] = {
		{ "invoice", I },
		{ "sale", ALL | PL_ACCEPT_SALE },
		{ "PURCHASE", ALL | PL_ACCEPT_PURCHASE },
		{ "sale purchase", ALL | PL_ACCEPT_DIRECTIONS },
		{ "sale, invoice", I | PL_ACCEPT_SALE },
		{ "credit-note purchase statement",
		    C | S | PL_ACCEPT_PURCHASE },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = g_strdup_printf(
		    SMALLEST OWN "accept = %s\n", rows[i].words);
		g_autoptr(pl_config) c = accepted(text);
		const struct pl_journal *j = pl_config_journal(c, 0);

		if (j->accept != rows[i].accept)
			fail_msg("%s: %#x", rows[i].words, j->accept);
	}
}

#define NARROW \
	"must be any of invoice credit-note statement other sale purchase; " \
	"sale and purchase stand alone or with invoice or credit-note, " \
	"which they narrow"

static void
a_direction_needs_a_kind_that_has_one(void **state)
{
	(void)state;
	refused(SMALLEST OWN "accept = purchase statement\n",
	    "FILE:7: [journal sales] accept = \"statement\": " NARROW);
	refused(SMALLEST OWN "accept = other sale\n",
	    "FILE:7: [journal sales] accept = \"sale\": " NARROW);
	refused(SMALLEST OWN "accept = sales\n",
	    "FILE:7: [journal sales] accept = \"sales\": must be any of invoice"
	    " credit-note statement other sale purchase");
}

static void
a_direction_needs_own_numbers(void **state)
{
	g_autoptr(pl_config) inherited =
	    accepted("[gateway]\nsender = a@b\n" OWN
		     "[journal j]\naddress = c@d\ndeliver_to = e@f\n"
		     "accept = sale\n");

	(void)state;
	assert_int_equal(pl_config_journal(inherited, 0)->company_ids->len, 1);
	refused(SMALLEST "accept = invoice\n  sale\n",
	    "FILE:6: [journal sales] accept = \"sale\": needs company_ids, here"
	    " or in [gateway]: own numbers tell sales from purchases");
	refused(SMALLEST "accept = purchase\ncompany_ids =\n",
	    "FILE:6: [journal sales] accept = \"purchase\": needs company_ids,"
	    " here or in [gateway]: own numbers tell sales from purchases");
	/* one complaint about the numbers is enough */
	refused(SMALLEST "accept = sale\ncompany_ids = BE\n",
	    "FILE:7: [journal sales] company_ids = \"BE\": must be VAT or"
	    " company numbers without blanks");
}

/* ---- company numbers ---------------------------------------------------- */

static void
a_company_is_the_same_however_its_number_is_written(void **state)
{
	static const struct {
		const char *a, *b;
		gboolean same;
	} pairs[] = {
		{ "BE0123456789", "BE0123456789", TRUE },
		{ "BE0123456789", "BE 0123.456.789", TRUE },
		{ "BE0123456789", "be0123456789", TRUE },
		{ "BE0123456789", "0123456789", TRUE },
		{ "BE0123456789", "0123 456 789", TRUE },
		{ "BE0123456789", "BTW BE 0123.456.789", TRUE },
		{ "BE0123456789", "0208:0123456789", TRUE },
		{ "BE0123456789", "9925:BE0123456789", TRUE },
		{ "BE0123456789", "9925:be0123456789", TRUE },
		{ "BE0123456789", "iso6523-actorid-upis::0208:0123456789",
		    TRUE },
		{ "0123456789", "0208:0123456789", TRUE },
		{ "BE0403019261", "BE 403.019.261", TRUE },
		{ "BE0403019261", "403019261", TRUE },
		{ "ESB12345678", "B12345678", TRUE },
		{ "NL123456789B01", "9944:NL123456789B01", TRUE },
		{ "CHE-123.456.789 MWST", "CHE123456789", TRUE },
		{ "NO 987654321 MVA", "0192:987654321", TRUE },
		{ "DE123456789", "991-1234512345-06", FALSE },

		{ "BE0123456789", "NL0123456789", FALSE },
		{ "BE0123456789", "BE0123456788", FALSE },
		{ "BE0123456789", "123456788", FALSE },
		{ "BE0123456789", "BE00123456789", FALSE },
		{ "BE0123456789", "BE", FALSE },
		{ "BE0123456789", "", FALSE },
		{ "BE0123456789", "0208:", FALSE },
		{ "BE", "", FALSE },
		{ "BE", "NL", FALSE },
		{ "", "", FALSE },
		{ ":", "-", FALSE },
		{ "VAT", "VAT", TRUE },
		{ "MVA", "TVA", FALSE },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(pairs); i++) {
		const char *a = pairs[i].a, *b = pairs[i].b;

		if (pl_id_same_company(a, b) != pairs[i].same ||
		    pl_id_same_company(b, a) != pairs[i].same)
			fail_msg("%s, %s", a, b);
	}
}

static void
own_numbers_may_have_a_scheme(void **state)
{
	g_autoptr(pl_config) c = accepted(
	    SMALLEST "company_ids = 0208:0123.456.789, 9925:be0123456789\n");
	const GPtrArray *ids = pl_config_journal(c, 0)->company_ids;

	(void)state;
	assert_int_equal(ids->len, 2);
	assert_string_equal(ids->pdata[0], "0123456789");
	assert_string_equal(ids->pdata[1], "BE0123456789");
	refused(SMALLEST "company_ids = 0208:\n",
	    "FILE:6: [journal sales] company_ids = \"0208:\": must be VAT or"
	    " company numbers without blanks");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    directions_stand_alone_or_with_the_kinds_they_narrow),
		cmocka_unit_test(a_direction_needs_a_kind_that_has_one),
		cmocka_unit_test(a_direction_needs_own_numbers),
		cmocka_unit_test(
		    a_company_is_the_same_however_its_number_is_written),
		cmocka_unit_test(own_numbers_may_have_a_scheme),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
