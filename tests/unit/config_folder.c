/* SPDX-License-Identifier: BSD-2-Clause */
/* deliver_to as a folder: one form, its fixed part, and its pieces. */
#include "config_sample.h"
#include "private.h"

#define FOLDER(path) \
	SMALLEST_GATEWAY "[journal s]\naddress = s@in.example\n" \
			 "deliver_to = dir:" path "\n"

static void
a_template_is_kept_in_one_form(void **state)
{
	g_autoptr(pl_config) c = accepted(FOLDER("//srv/a b//%{year}/"));

	(void)state;
	assert_string_equal(
	    pl_config_journal(c, 0)->deliver_to, "dir:/srv/a b/%{year}");
	assert_true(pl_folder_is(pl_config_journal(c, 0)->deliver_to));
	assert_false(pl_folder_is("dir@out.example"));
}

static void
nothing_is_too_large_for_a_folder(void **state)
{
	g_autoptr(pl_config) c =
	    accepted(FOLDER("/srv/a") "max_mail_size = 1M\n");

	(void)state;
	assert_int_equal(pl_config_journal(c, 0)->max_mail_size, 0);
}

static void
what_comes_before_the_first_placeholder_is_fixed(void **state)
{
	static const char *const cases[][2] = {
		{ "dir:/srv/coda", "/srv/coda" },
		{ "dir:/srv/coda/%{account}/%{year}", "/srv/coda" },
		{ "dir:/srv/coda/from-%{year}/x", "/srv/coda" },
		{ "dir:/srv/x%{year}", "/srv" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *fixed = pl_folder_fixed(cases[i][0]);

		assert_string_equal(fixed, cases[i][1]);
	}
}

static void
pieces_are_words_and_what_stands_between(void **state)
{
	const char *rest = "a-%{year}%{month}b%{nothing}";
	struct pl_folder_piece p;
	GString *seen = g_string_new(NULL);

	(void)state;
	while (pl_folder_next(&rest, &p))
		g_string_append_printf(
		    seen, "%d:%.*s|", p.word, (int)p.length, p.text);
	assert_string_equal(
	    seen->str, "-1:a-|1:%{year}|2:%{month}|-1:b|-1:%{nothing}|");
	g_string_free(seen, TRUE);
}

static void
an_unknown_placeholder_is_told_the_known_ones(void **state)
{
	(void)state;
	refused(FOLDER("/srv/%{acount}"),
	    "FILE:5: [journal s] deliver_to = \"dir:/srv/%{acount}\": must be"
	    " an e-mail address (name@domain) or a folder (dir:/path); a %"
	    " begins one of %{account} %{year} %{month} %{date} %{journal}"
	    " %{kind} %{number} %{seller}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_template_is_kept_in_one_form),
		cmocka_unit_test(nothing_is_too_large_for_a_folder),
		cmocka_unit_test(
		    what_comes_before_the_first_placeholder_is_fixed),
		cmocka_unit_test(pieces_are_words_and_what_stands_between),
		cmocka_unit_test(an_unknown_placeholder_is_told_the_known_ones),
	};

	return cmocka_run_group_tests_name("config_folder", tests, NULL, NULL);
}
