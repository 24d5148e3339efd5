/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "textlines.h"
#include "values.h"

/* EXPECTED may be NULL; frees OURS. */
static void
is_text(const char *expected, char *ours)
{
	if (expected == NULL)
		assert_null(ours);
	else if (ours == NULL)
		fail_msg("\"%s\" expected, nothing found", expected);
	else
		assert_string_equal(expected, ours);
	g_free(ours);
}

static void
an_amount_loses_plus_signs_blanks_and_needless_zeros(void **state)
{
	static const struct {
		const char *text;
		char point;
		const char *amount;
	} cases[] = {
		{ "1210.00", '.', "1210.00" },
		{ " +1 210.5\n", '.', "1210.5" },
		{ "-0012.30", '.', "-12.30" },
		{ "1,210.00", '.', "1210.00" },
		{ ".5", '.', "0.5" },
		{ "5.", '.', "5" },
		{ "0", '.', "0" },
		{ "1.210,00", ',', "1210.00" },
		{ "450,", ',', "450" },
		{ "1.2.3", '.', NULL },
		{ "12,5", ',', "12.5" },
		{ "1e3", '.', NULL },
		{ "", '.', NULL },
		{ "-", '.', NULL },
		{ "12 EUR", '.', NULL },
		{ "12345678901234567890123456789012345678901", '.', NULL },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		is_text(cases[i].amount,
		    pl_value_amount(cases[i].text, cases[i].point));
}

static void
the_decimal_sign_of_an_amount_is_guessed_from_its_shape(void **state)
{
	static const struct {
		const char *text, *amount;
	} cases[] = {
		{ "-1.234,50", "-1234.50" },
		{ "1,234.50", "1234.50" },
		{ "1,000", "1000" },
		{ "1.000", "1.000" },
		{ "1.000.000", "1000000" },
		{ "12,50-", "-12.50" },
		{ "(12.50)", "-12.50" },
		{ "12,50 EUR", "12.50" },
		{ "EUR 12,50", "12.50" },
		{ "-0,00", "0.00" },
		{ "n/a", NULL },
		{ "1O0,00", NULL },
		{ "5.x0", NULL },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		is_text(cases[i].amount, pl_value_guess_amount(cases[i].text));
}

static void
a_fixed_amount_keeps_a_third_decimal_only_where_it_says_something(void **state)
{
	(void)state;
	is_text("80.00", pl_value_fixed("000000000080000", 15, 3, FALSE));
	is_text("-80.005", pl_value_fixed("000000000080005", 15, 3, TRUE));
	is_text("0.00", pl_value_fixed("000000000000000", 15, 3, TRUE));
	is_text(NULL, pl_value_fixed("00000000008000X", 15, 3, FALSE));
	is_text(NULL, pl_value_fixed("000", 3, 3, FALSE));
}

static void
amounts_are_subtracted_without_rounding(void **state)
{
	(void)state;
	is_text("0.30", pl_value_subtract("0.40", "0.1"));
	is_text("-0.05", pl_value_subtract("99.95", "100"));
	is_text("-150.00", pl_value_subtract("-100", "50.00"));
	is_text("0", pl_value_subtract("7", "7"));
	is_text(NULL, pl_value_subtract("1", NULL));
	is_text(NULL, pl_value_subtract("12345678901234567", "1"));
	is_text(NULL, pl_value_subtract("0.12345", "1"));
}

static void
only_dates_that_exist_are_dates(void **state)
{
	(void)state;
	is_text("2024-02-29", pl_value_date(2024, 2, 29));
	is_text(NULL, pl_value_date(2026, 2, 29));
	is_text(NULL, pl_value_date(2026, 13, 1));
	is_text(NULL, pl_value_date(2026, 0, 1));
	is_text(NULL, pl_value_date(70000, 1, 1));
	is_text("2026-02-28", pl_value_iso_date(" 2026-02-28"));
	is_text("2026-02-28", pl_value_iso_date("2026-02-28+01:00"));
	is_text("2026-02-28", pl_value_iso_date("2026-02-28T23:59:59Z"));
	is_text(NULL, pl_value_iso_date("2026-02-281"));
	is_text(NULL, pl_value_iso_date("2026-2-28"));
	is_text(NULL, pl_value_iso_date("28.02.2026"));
	is_text("2026-02-28", pl_value_edifact_date("20260228", "102"));
	is_text("2026-02-28", pl_value_edifact_date("20260228", NULL));
	is_text("2026-02-28", pl_value_edifact_date("202602281530", "203"));
	is_text("2026-02-28", pl_value_edifact_date("260228", "101"));
	is_text("2026-02-28", pl_value_edifact_date("2026-02-28", "102"));
	is_text(NULL, pl_value_edifact_date("202602", "610"));
	is_text(NULL, pl_value_edifact_date("", "102"));
}

static void
a_number_loses_its_leading_zeros_but_not_its_last(void **state)
{
	(void)state;
	is_text("12", pl_value_number("0012"));
	is_text("0", pl_value_number("000"));
	is_text("0A", pl_value_number("00A"));
	is_text("1810118101", pl_value_number("1810118101"));
	is_text(NULL, pl_value_number("  "));
}

static void
an_iban_is_written_in_one_piece_and_other_accounts_as_they_stand(void **state)
{
	(void)state;
	is_text("BE68539007547034", pl_value_account(" be68 5390 0754 7034 "));
	is_text("12-34 5", pl_value_account("12-34 5"));
	is_text("1291.99.348EUR", pl_value_account("1291.99.348EUR"));
	is_text(NULL, pl_value_account(" "));
	is_text(NULL, pl_value_account(NULL));
}

static void
text_of_any_bytes_becomes_utf8(void **state)
{
	(void)state;
	is_text("Käufer", pl_value_utf8("K\xc3\xa4ufer", 7));
	is_text("Käufer", pl_value_utf8("K\xe4ufer", 6));
	is_text("5 €", pl_value_utf8("5 \x80", 3));
	is_text("a b", pl_value_utf8("a\tb", 3));
	is_text("\xc2\x81", pl_value_utf8("\x81", 1));
}

static void
every_byte_that_is_not_plain_is_seen_wherever_it_stands(void **state)
{
	char text[19];

	(void)state;
	for (int byte = 0; byte < 256; byte++)
		for (gsize at = 0; at < sizeof text; at++) {
			memset(text, at % 2 == 0 ? ' ' : '~', sizeof text);
			text[at] = (char)byte;
			assert_int_equal(pl_value_plain(text, sizeof text),
			    byte >= 0x20 && byte < 0x7f);
		}
	assert_true(pl_value_plain("", 0));
}

/* Lines of 0 to 600 characters, each with another end. */
static void
lines_end_with_any_of_their_ends(void **state)
{
	static const char *const ends[] = { "\n", "\r\n", "\r", "@@", "@@\r\n" };
	g_autoptr(GString) file = g_string_new(NULL);
	struct pl_textlines lines;

	(void)state;
	for (guint i = 0; i <= 600; i++) {
		for (guint k = 0; k < i; k++)
			g_string_append_c(file, k % 50 == 49 ? '@' : 'x');
		g_string_append(file, ends[i % G_N_ELEMENTS(ends)]);
	}
	assert_true(pl_textlines_begin(
	    &lines, (const guint8 *)file->str, file->len));
	lines.at_signs = TRUE;
	for (guint i = 0; i <= 600; i++) {
		assert_true(pl_textlines_next(&lines));
		/* of three signs the first two are the end */
		const guint less = i % 50 == 0 && i > 0 && i % 5 >= 3;
		assert_int_equal(lines.line_length, i - less);
		assert_int_equal(lines.number, i + 1);
	}
	assert_false(pl_textlines_next(&lines));
}

static void
file_names_are_the_last_part_of_paths_and_addresses(void **state)
{
	static const char *const references[] = { "C:\\tmp\\a.pdf",
		"https://x.example/d/b%20c.pdf?v=1#p", "a.pdf", "", NULL,
		"https://x.example/", "..\\..\\%2e%2e%2fd.pdf" };
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(references); i++)
		pl_value_file_names(names, references[i]);
	assert_int_equal(names->len, 3);
	assert_string_equal(g_ptr_array_index(names, 0), "a.pdf");
	assert_string_equal(g_ptr_array_index(names, 1), "b c.pdf");
	assert_string_equal(g_ptr_array_index(names, 2), "d.pdf");
}

static void
type_codes_say_invoice_unless_they_are_a_credit_notes(void **state)
{
	static const char *const invoices[] = { NULL, "380", "384", "386",
		"389", "393", "388", "326", "3810" };
	static const char *const credit_notes[] = { "381", "396", "261", "262",
		"81", "83", "296", "308", "420", "458", "502", "503", "532" };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(invoices); i++)
		assert_int_equal(pl_value_kind(invoices[i]), PL_FACTS_INVOICE);
	for (guint i = 0; i < G_N_ELEMENTS(credit_notes); i++)
		assert_int_equal(
		    pl_value_kind(credit_notes[i]), PL_FACTS_CREDIT_NOTE);
}

static void
formats_have_the_names_of_the_contract_both_ways(void **state)
{
	(void)state;
	assert_null(pl_format_name(PL_FORMAT_UNKNOWN));
	assert_string_equal(pl_format_name(PL_FORMAT_CAMT053), "camt.053");
	assert_int_equal(pl_format_parse("factur-x"), PL_FORMAT_FACTUR_X);
	assert_int_equal(pl_format_parse("docx"), PL_FORMAT_UNKNOWN);
	assert_int_equal(pl_format_parse(NULL), PL_FORMAT_UNKNOWN);
	for (guint i = 1; i < PL_FORMATS; i++)
		assert_int_equal(
		    pl_format_parse(pl_format_name((enum pl_format)i)), i);
}

/* ---- payment references */

static void
a_structured_communication_is_found_in_its_usual_writings(void **state)
{
	static const char *const texts[] = {
		"+++090/9337/55493+++",
		"***090/9337/55493***",
		"Please mention +++ 090/9337/55493 +++ when paying",
		"ref. 090/9337/55493.",
		"+++000/0000/00000+++ no, +++090/9337/55493+++",
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		is_text("+++090/9337/55493+++", pl_reference_find(texts[i]));
	/* A remainder of 0 is written 97. */
	is_text(
	    "+++000/0000/09797+++", pl_reference_find("+++000/0000/09797+++"));
}

static void
a_field_for_references_needs_no_marks(void **state)
{
	(void)state;
	is_text("+++090/9337/55493+++", pl_reference_field("090933755493"));
	is_text("+++090/9337/55493+++", pl_reference_field(" 0909 3375 5493 "));
	is_text("RF18539007547034", pl_reference_field("RF18539007547034"));
	is_text(NULL, pl_reference_field("090933755494"));
	is_text(NULL, pl_reference_field("090933755493 x"));
	is_text(NULL, pl_reference_field(NULL));
}

static void
is_taken(const char *before, const char *after, const char *reference)
{
	char *text = g_strdup(before);

	is_text(reference, pl_reference_take(&text));
	is_text(after, text);
}

static void
only_a_text_that_is_nothing_else_becomes_the_reference(void **state)
{
	(void)state;
	is_taken("*** 090/9337/55493 ***", "+++090/9337/55493+++",
	    "+++090/9337/55493+++");
	is_taken("thanks ***090/9337/55493***", "thanks ***090/9337/55493***",
	    "+++090/9337/55493+++");
	is_taken("090933755493", "090933755493", NULL);
	is_taken(NULL, NULL, NULL);
}

static void
an_iso_11649_reference_is_found_in_its_usual_writings(void **state)
{
	(void)state;
	is_text("RF18539007547034", pl_reference_find("RF18539007547034"));
	is_text("RF18539007547034",
	    pl_reference_find("pay with RF18 5390 0754 7034"));
	is_text("RF18539007547034",
	    pl_reference_find("rf18539007547034 thank you"));
}

static void
what_only_looks_like_a_reference_is_none(void **state)
{
	static const char *const texts[] = {
		"+++090/9337/55494+++", /* wrong check digits */
		"+++090/9337/5549+++",
		"invoice 090933755493 of May", /* digits within text */
		"090933755493",                /* nobody says that it is one */
		"1090/9337/554931",
		"RF19539007547034",
		"XRF18539007547034",
		"RF18",
		"",
		"////////////////",
		"++++++++++++",
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		is_text(NULL, pl_reference_find(texts[i]));
	is_text(NULL, pl_reference_find(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_amount_loses_plus_signs_blanks_and_needless_zeros),
		cmocka_unit_test(
		    the_decimal_sign_of_an_amount_is_guessed_from_its_shape),
		cmocka_unit_test(
		    a_fixed_amount_keeps_a_third_decimal_only_where_it_says_something),
		cmocka_unit_test(amounts_are_subtracted_without_rounding),
		cmocka_unit_test(only_dates_that_exist_are_dates),
		cmocka_unit_test(
		    a_number_loses_its_leading_zeros_but_not_its_last),
		cmocka_unit_test(
		    an_iban_is_written_in_one_piece_and_other_accounts_as_they_stand),
		cmocka_unit_test(text_of_any_bytes_becomes_utf8),
		cmocka_unit_test(
		    every_byte_that_is_not_plain_is_seen_wherever_it_stands),
		cmocka_unit_test(lines_end_with_any_of_their_ends),
		cmocka_unit_test(
		    file_names_are_the_last_part_of_paths_and_addresses),
		cmocka_unit_test(
		    type_codes_say_invoice_unless_they_are_a_credit_notes),
		cmocka_unit_test(
		    formats_have_the_names_of_the_contract_both_ways),
		cmocka_unit_test(
		    a_structured_communication_is_found_in_its_usual_writings),
		cmocka_unit_test(
		    an_iso_11649_reference_is_found_in_its_usual_writings),
		cmocka_unit_test(what_only_looks_like_a_reference_is_none),
		cmocka_unit_test(a_field_for_references_needs_no_marks),
		cmocka_unit_test(
		    only_a_text_that_is_nothing_else_becomes_the_reference),
	};

	return cmocka_run_group_tests_name("formats_values", tests, NULL, NULL);
}
