/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_clean - foreign text on a terminal, in the CSV and in HTML
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "postledger/report.h"

#include "clean.h"
#include "cpu.h"

static void
clean_text_cannot_steer_hide_or_forge(void **state)
{
	static const struct {
		const char *foreign, *clean;
	} cases[] = {
		{ "Invoice 4711", "Invoice 4711" },
		{ "", "" },
		{ "Lefèvre & Fils – Büro", "Lefèvre & Fils – Büro" },
		{ "請求書.pdf", "請求書.pdf" },
		{ "فاتورة", "فاتورة" },
		{ "👩‍💻.pdf", "👩‍💻.pdf" },
		/* lines */
		{ "a\r\nBcc: b", "a Bcc: b" },
		{ "a\r\n\tfolded", "a folded" },
		{ "a\v\fb\xc2\x85"
		  "c\u2028d\u2029e",
		    "a b c d e" },
		/* controls */
		{ "a\x01\x02\x7f"
		  "b\bc",
		    "abc" },
		{ "\xc2\x80\xc2\x9f", "" },
		/* terminals */
		{ "\033[31mred\033[0m", "red" },
		{ "\033[2J\033[1;1Hgone", "gone" },
		{ "\033]0;title\aafter", "after" },
		{ "\033]8;;http://x\033\\link\033]8;;\033\\", "link" },
		{ "\033]0;no end", "0;no end" },
		{ "\033]0;one end\xc2\x9c.", "." },
		{ "\033P1$q\033\\x", "x" },
		{ "\033(Bx", "x" },
		{ "\033cx", "x" },
		{ "\xc2\x9b"
		  "31mx",
		    "x" },
		{ "\033", "" },
		{ "\033[", "" },
		{ "\033[31", "" },
		{ "a\033\033[31mb", "ab" },
		/* what is not seen */
		{ "gpj.\u202efdp.exe", "gpj.fdp.exe" },
		{ "\u2066a\u2069\u200e\u200f\u061c", "a" },
		{ "a\u200b\ufeff\u2060\u00adb", "ab" },
		{ "a\U000e0041b", "ab" },
		{ "a\ufffe\uffffb", "ab" },
		/* accents by the dozen */
		{ "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301x",
		    "e\u0301\u0301\u0301\u0301x" },
		/* not UTF-8 */
		{ "caf\xe9", "caf\ufffd" },
		{ "\xff\xfe", "\ufffd\ufffd" },
		{ "a\xe2\x82", "a\ufffd\ufffd" },
		{ "\xc0\xaf", "\ufffd\ufffd" },
		{ "\xed\xa0\x80", "\ufffd\ufffd\ufffd" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *clean = pl_text_clean(cases[i].foreign, 0);

		assert_string_equal(clean, cases[i].clean);
		assert_true(g_utf8_validate(clean, -1, NULL));
	}
}

static void
no_text_is_an_empty_one(void **state)
{
	g_autofree char *clean = pl_text_clean(NULL, 10);

	(void)state;
	assert_string_equal(clean, "");
}

static void
long_text_is_cut_at_characters(void **state)
{
	static const struct {
		const char *foreign;
		unsigned max;
		const char *clean;
	} cases[] = {
		{ "abcdef", 6, "abcdef" },
		{ "abcdefg", 6, "abcde…" },
		{ "ÄÖÜäöüß", 6, "ÄÖÜäö…" },
		{ "abc", 1, "…" },
		{ "a", 1, "a" },
		{ "ab\033[31m", 2, "ab" },
		{ "ab\r\n", 2, "a…" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *clean =
		    pl_text_clean(cases[i].foreign, cases[i].max);

		assert_string_equal(clean, cases[i].clean);
	}
}

static void
a_long_name_keeps_its_ending(void **state)
{
	static const struct {
		const char *foreign;
		unsigned max;
		const char *clean;
	} cases[] = {
		{ "invoice.pdf", 20, "invoice.pdf" },
		{ "a-very-long-invoice-name-2026.pdf", 20,
		    "a-very-long-i…26.pdf" },
		{ "ääääääääääääääää.pdf", 12, "äääääää….pdf" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *clean =
		    pl_text_clean_name(cases[i].foreign, cases[i].max);

		assert_true(g_utf8_strlen(clean, -1) <= cases[i].max);
		assert_string_equal(clean, cases[i].clean);
	}
}

static void
hostile_megabytes_cost_little(void **state)
{
	static const char *const pieces[] = { "a", "\033]", "\033[", "\u202e",
		"\xff", "\r\n", "e\u0301\u0301\u0301", "\033]x\a" };
	double began = cpu_seconds();

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_autofree char *all = NULL, *some = NULL;

		while (text->len < 1 << 20)
			g_string_append(text, pieces[i]);
		all = pl_text_clean(text->str, 0);
		some = pl_text_clean(text->str, 80);
		assert_true(strlen(all) <= 3 * text->len);
		assert_true(g_utf8_strlen(some, -1) <= 80);
	}
	assert_true(cpu_seconds() - began < 20);
}

static void
no_cell_becomes_a_formula(void **state)
{
	static const struct {
		const char *foreign, *cell;
	} cases[] = {
		{ "plain", "plain" },
		{ "", "" },
		{ "a,b", "\"a,b\"" },
		{ "say \"no\"", "\"say \"\"no\"\"\"" },
		{ "a\r\nb", "a b" },
		{ "=1+1", "'=1+1" },
		{ "=HYPERLINK(\"http://x\",\"y\")",
		    "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"" },
		{ "+32 2 123", "'+32 2 123" },
		{ "-12", "'-12" },
		{ "@SUM(A1)", "'@SUM(A1)" },
		{ "\t=1", " '=1" },
		{ "\r=1", " '=1" },
		{ "\033[0m=1", "'=1" },
		{ "\u200b=1", "'=1" },
		{ " =1", " '=1" },
		{ "\"=1", "\"\"\"'=1\"" },
		{ "＝1", "'＝1" },
		{ "1-2=3", "1-2=3" },
		{ "Acme;=cmd|' /C calc'!A0", "\"Acme;'=cmd|' /C calc'!A0\"" },
		{ "Acme; \"=1", "\"Acme; \"\"'=1\"" },
		{ "Acme; Sons", "\"Acme; Sons\"" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) out = g_string_new(NULL);

		pl_text_cell(out, cases[i].foreign);
		assert_string_equal(out->str, cases[i].cell);
	}
}

static void
html_is_escaped(void **state)
{
	g_autoptr(GString) out = g_string_new(NULL);

	(void)state;
	pl_text_escape(out, "<b title=\"x\" class='y'>R&D</b>");
	assert_string_equal(out->str,
	    "&lt;b title=&quot;x&quot; class=&#39;y&#39;&gt;R&amp;D&lt;/b&gt;");
}

static void
wide_letters_take_two_columns(void **state)
{
	(void)state;
	assert_int_equal(pl_text_width("abc"), 3);
	assert_int_equal(pl_text_width("äöü…"), 4);
	assert_int_equal(pl_text_width("請求書"), 6);
	assert_int_equal(pl_text_width("e\u0301"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_text_cannot_steer_hide_or_forge),
		cmocka_unit_test(no_text_is_an_empty_one),
		cmocka_unit_test(long_text_is_cut_at_characters),
		cmocka_unit_test(a_long_name_keeps_its_ending),
		cmocka_unit_test(hostile_megabytes_cost_little),
		cmocka_unit_test(no_cell_becomes_a_formula),
		cmocka_unit_test(html_is_escaped),
		cmocka_unit_test(wide_letters_take_two_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
