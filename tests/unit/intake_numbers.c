/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of files that have the same number, or only a date or a version. */
#include "intake_mail.h"

static void
two_names_have_the_same_number_or_not(void **state)
{
	static const struct {
		const char *a, *b;
		gboolean same;
	} pairs[] = {
		{ "Facture_2026-0117.pdf", "Facture_2026-0117_v2.pdf", TRUE },
		{ "Facture_2026-0117.pdf", "2026-0117 (2).PDF", TRUE },
		{ "F2026-117.pdf", "Copy of F2026-117.pdf", TRUE },
		{ "F 117.pdf", "f117-rev2.pdf", TRUE },
		{ "F 117.pdf", "f117_final.pdf", TRUE },
		{ "117.pdf", "117 - kopie (2).pdf", TRUE },
		{ "F-2117.pdf", "G-2118.pdf", FALSE },
		{ "Facture_2026-0117.pdf", "Facture_2026-0118.pdf", FALSE },
		{ "scan001.pdf", "scan 001.pdf", TRUE },
		/* days, months, years */
		{ "Factuur 01-03-2026.pdf", "Werkstaat 01-03-2026.pdf", FALSE },
		{ "Factuur 01-03-2026.pdf", "Factuur 01-03-2026 v2.pdf", TRUE },
		{ "invoice 2026-03.pdf", "timesheet 2026-03.pdf", FALSE },
		{ "invoice 2026-03.pdf", "Invoice_2026-03-v3.pdf", TRUE },
		{ "invoice 2026-03.pdf", "invoice 2026-04.pdf", FALSE },
		{ "scan_20260131.pdf", "other_20260131.pdf", FALSE },
		{ "invoice 2026.pdf", "terms 2026.pdf", FALSE },
		{ "2026-01-31.pdf", "2026-01-31.pdf", FALSE },
		{ "a 7 2026-01-31.pdf", "a 8 2026-01-31.pdf", FALSE },
		{ "F117 2026-01-31.pdf", "F118 2026-01-31.pdf", FALSE },
		{ "F117 2026-01-31.pdf", "F117 2026-02-01.pdf", TRUE },
		/* nothing */
		{ "invoice.pdf", "invoice.pdf", FALSE },
		{ "v2.pdf", "v2.pdf", FALSE },
		{ ".pdf", "", FALSE },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(pairs); i++) {
		g_autofree char *a = pl_versions_number(pairs[i].a);
		g_autofree char *b = pl_versions_number(pairs[i].b);
		if ((a != NULL && g_strcmp0(a, b) == 0) != pairs[i].same)
			fail_msg("%s: %s, %s: %s", pairs[i].a,
			    a != NULL ? a : "-", pairs[i].b,
			    b != NULL ? b : "-");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_names_have_the_same_number_or_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
