/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs that die on the way into a folder, while a program takes the files away
 * at once: each comes once.
 */
#include "run_folders.h"

static void
assert_each_taken_once(struct folders *f, const char *point)
{
	g_autofree char *is = NULL;
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	unsigned seen[3] = { 0 };

	list(f->taken, "", names);
	for (guint i = 0; i < names->len; i++)
		for (unsigned k = 0; k < 3; k++) {
			g_autofree char *name = g_strdup_printf("F-%u.pdf", k);

			seen[k] += g_str_has_suffix(names->pdata[i], name);
		}
	is = listed(f->taken);
	if (names->len != 3 || seen[0] != 1 || seen[1] != 1 || seen[2] != 1)
		fail_msg("%s: %s", point, is);
}

/* POINT with N: the Nth time it is passed. */
static void
die_at(const char *point, unsigned n, gboolean reads, unsigned *reached)
{
	struct folders *f = folders_new(NULL, 0);
	g_autofree char *nth = g_strdup_printf("%s:%u", point, n);

	rules(f, "/%{kind}", "documents_per_mail = 3\n");
	for (unsigned i = 0; i < 3; i++) {
		g_autofree char *number = g_strdup_printf("F-%u", i);

		capture_pdf(f->g, number, 2000);
	}
	*reached += run_in_child(f->g, nth);
	if (reads)
		take_away(f);
	run_in_child(f->g, NULL);
	take_away(f);
	run_in_child(f->g, NULL);
	take_away(f);
	assert_each_taken_once(f, nth);
	assert_int_equal(count_of(f->g, PL_SENT), 3);
	assert_int_equal(problems_of(f->g, "PL-303", "written again"), 0);
	assert_whole(f->g->f->l);
	assert_tidy(f);
	folders_free(f);
}

static void
a_run_that_dies_anywhere_writes_each_file_once(void **state)
{
	const char *const *names = pl_crash_names();

	(void)state;
	for (unsigned i = 0; names[i] != NULL; i++) {
		unsigned times = g_str_has_prefix(names[i], "folder-") ? 3 : 1;
		unsigned reached = 0;

		for (unsigned n = 1; n <= times; n++) {
			die_at(names[i], n, TRUE, &reached);
			if (times > 1)
				die_at(names[i], n, FALSE, &reached);
		}
		if (reached == 0 && times > 1)
			fail_msg("%s was never reached", names[i]);
	}
}

/* It died after the second of three files. */
static struct folders *
half_written(void)
{
	struct folders *f = folders_new(NULL, 0);

	rules(f, "/%{kind}", "documents_per_mail = 3\n");
	for (unsigned i = 0; i < 3; i++) {
		g_autofree char *number = g_strdup_printf("F-%u", i);

		capture_pdf(f->g, number, 2000);
	}
	assert_true(run_in_child(f->g, "folder-put:2"));
	return f;
}

static void
what_was_begun_is_completed_where_it_was_begun(void **state)
{
	struct folders *f = half_written();

	(void)state;
	assert_in(f, "other/F-0.pdf other/F-1.pdf");
	/* neither another folder nor another rule moves what is half there */
	rules(f, "/y", "start_date = 2100-01-01\n");
	run_in_child(f->g, NULL);
	assert_int_equal(count_of(f->g, PL_SENT), 3);
	assert_in(f, "other/F-0.pdf other/F-1.pdf other/F-2.pdf");
	folders_free(f);
}

static void
while_its_folder_is_away_nothing_is_decided(void **state)
{
	struct folders *f = half_written();
	g_autofree char *away = g_strconcat(f->in, ".away", NULL);

	(void)state;
	assert_int_equal(g_rename(f->in, away), 0);
	for (unsigned i = 0; i < 2; i++) {
		run_in_child(f->g, NULL);
		assert_int_equal(count_of(f->g, PL_SENDING), 3);
	}
	assert_true(problems_of(f->g, "PL-307", "No such file") > 0);
	assert_int_equal(g_rename(away, f->in), 0);
	run_in_child(f->g, NULL);
	assert_int_equal(count_of(f->g, PL_SENT), 3);
	assert_in(f, "other/F-0.pdf other/F-1.pdf other/F-2.pdf");
	assert_int_equal(problems_of(f->g, "PL-303", "written again"), 0);
	assert_tidy(f);
	folders_free(f);
}

static void
a_name_that_was_taken_meanwhile_gets_a_number(void **state)
{
	struct folders *f = half_written();
	g_autofree char *path = g_build_filename(f->in, "other/F-2.pdf", NULL);
	g_autoptr(GPtrArray) files = NULL;
	const struct pl_written *w;

	(void)state;
	assert_true(g_file_set_contents(path, "theirs", -1, NULL));
	run_in_child(f->g, NULL);
	assert_int_equal(count_of(f->g, PL_SENT), 3);
	assert_in(
	    f, "other/F-0.pdf other/F-1.pdf other/F-2-2.pdf other/F-2.pdf");
	files = pl_batch_written(f->g->f->l, 1, NULL);
	w = files->pdata[2];
	assert_true(g_str_has_suffix(w->path, "/other/F-2-2.pdf"));
	folders_free(f);
}

static void
remove_work(struct folders *f)
{
	g_autofree char *work =
	    g_build_filename(f->in, PL_FOLDER_WORKPLACE, NULL);
	const char *command[] = { "/bin/rm", "-rf", work, NULL };

	g_spawn_sync(NULL, (char **)(guintptr)command, NULL, 0, NULL, NULL,
	    NULL, NULL, NULL, NULL);
}

static void
without_its_workplace_it_is_written_again_and_told(void **state)
{
	struct folders *f = half_written();

	(void)state;
	remove_work(f);
	run_in_child(f->g, NULL);
	assert_int_equal(count_of(f->g, PL_SENT), 3);
	assert_in(f,
	    "other/F-0-2.pdf other/F-0.pdf other/F-1-2.pdf other/F-1.pdf "
	    "other/F-2-2.pdf");
	assert_true(problems_of(f->g, "PL-303", "written again") > 0);
	folders_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_run_that_dies_anywhere_writes_each_file_once),
		cmocka_unit_test(
		    what_was_begun_is_completed_where_it_was_begun),
		cmocka_unit_test(while_its_folder_is_away_nothing_is_decided),
		cmocka_unit_test(a_name_that_was_taken_meanwhile_gets_a_number),
		cmocka_unit_test(
		    without_its_workplace_it_is_written_again_and_told),
	};

	return cmocka_run_group_tests_name(
	    "run_folderdeath", tests, NULL, NULL);
}
