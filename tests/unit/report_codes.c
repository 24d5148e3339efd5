/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_codes - the table of problem codes, and all that must agree with it
 *
 *	report_codes --markdown >docs/codes.md	after a change of the table
 *
 * Runs in the top folder of the source.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "postledger/report.h"

static const char intro[] =
    "# Problem codes\n"
    "\n"
    "Every problem that postledger reports has a code. A code never gets "
    "another\nmeaning. `postledger explain CODE` prints the same words.\n"
    "\n"
    "This page is made from the table in `core/report/codes.c` by\n"
    "`report_codes --markdown`; a test holds the two together.\n";

static const struct {
	char digit;
	const char *heading;
} areas[] = {
	{ '1', "Documents (1xx): for the finance team" },
	{ '2', "Bank statements (2xx): for the finance team" },
	{ '3', "Sending (3xx): for the finance team and the administrator" },
	{ '4', "Configuration and access (4xx): for the administrator" },
	{ '5', "Storage (5xx): for the administrator" },
};

static void
add_area(GString *page, char digit)
{
	unsigned n;
	const struct pl_code *codes = pl_codes(&n);

	for (unsigned i = 0; i < n; i++)
		if (codes[i].code[3] == digit)
			g_string_append_printf(page,
			    "\n### %s %s\n\n%s\n\n**What to do:** %s\n",
			    codes[i].code, codes[i].title, codes[i].cause,
			    codes[i].todo);
}

static char *
markdown(void)
{
	GString *page = g_string_new(intro);

	for (unsigned i = 0; i < G_N_ELEMENTS(areas); i++) {
		g_string_append_printf(page, "\n## %s\n", areas[i].heading);
		add_area(page, areas[i].digit);
	}
	return g_string_free(page, FALSE);
}

static void
every_code_is_explained_in_sentences(void **state)
{
	unsigned n;
	const struct pl_code *codes = pl_codes(&n);

	(void)state;
	assert_true(n > 30);
	for (unsigned i = 0; i < n; i++) {
		const struct pl_code *c = &codes[i];

		assert_true(g_regex_match_simple(
		    "^PL-[1-5][0-9][0-9]$", c->code, 0, 0));
		assert_true(i == 0 || strcmp(codes[i - 1].code, c->code) < 0);
		assert_true(g_ascii_isupper(c->title[0]));
		assert_true(strlen(c->title) < 70);
		assert_false(g_str_has_suffix(c->title, "."));
		assert_true(strlen(c->cause) > 40);
		assert_true(g_str_has_suffix(c->cause, "."));
		assert_true(strlen(c->todo) > 30);
		assert_true(g_str_has_suffix(c->todo, "."));
		assert_null(strstr(c->cause, "  "));
		assert_null(strstr(c->todo, "  "));
	}
}

static void
a_code_is_found_in_any_case_and_only_whole(void **state)
{
	(void)state;
	assert_string_equal(pl_code_find("PL-101")->code, "PL-101");
	assert_string_equal(pl_code_find("pl-303")->code, "PL-303");
	assert_null(pl_code_find("PL-10"));
	assert_null(pl_code_find("PL-1011"));
	assert_null(pl_code_find("PL-999"));
	assert_null(pl_code_find(""));
	assert_null(pl_code_find(NULL));
}

static void
the_codes_of_the_contract_are_all_there(void **state)
{
	static const char *const codes[] = { "PL-101", "PL-102", "PL-103",
		"PL-104", "PL-105", "PL-110", "PL-201", "PL-202", "PL-203",
		"PL-204", "PL-301", "PL-302", "PL-303" };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(codes); i++)
		assert_non_null(pl_code_find(codes[i]));
}

static void
docs_codes_md_says_what_the_table_says(void **state)
{
	g_autofree char *page = markdown(), *file = NULL;

	(void)state;
	if (!g_file_get_contents("docs/codes.md", &file, NULL, NULL))
		fail_msg("run it in the top folder: docs/codes.md not found");
	assert_string_equal(file, page);
}

/* Every code named in the file at PATH. */
static unsigned
check_source(const char *path)
{
	g_autoptr(GRegex) regex = g_regex_new("PL-[0-9]{3}", 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	g_autofree char *text = NULL;
	unsigned n = 0;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_regex_match(regex, text, 0, &match);
	for (; g_match_info_matches(match); n++) {
		g_autofree char *code = g_match_info_fetch(match, 0);

		if (!pl_code_find(code))
			fail_msg("%s names %s", path, code);
		g_match_info_next(match, NULL);
	}
	return n;
}

static unsigned
check_folder(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;
	unsigned n = 0;

	assert_non_null(dir);
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			n += check_folder(path);
		else if (g_str_has_suffix(name, ".c") ||
			 g_str_has_suffix(name, ".h"))
			n += check_source(path);
	}
	return n;
}

static void
no_source_names_a_code_without_words(void **state)
{
	(void)state;
	assert_true(check_folder("core") > 40);
	check_folder("milter");
	check_folder("include");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_is_explained_in_sentences),
		cmocka_unit_test(a_code_is_found_in_any_case_and_only_whole),
		cmocka_unit_test(the_codes_of_the_contract_are_all_there),
		cmocka_unit_test(docs_codes_md_says_what_the_table_says),
		cmocka_unit_test(no_source_names_a_code_without_words),
	};

	if (argc == 2 && g_str_equal(argv[1], "--markdown")) {
		g_autofree char *page = markdown();

		fputs(page, stdout);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
