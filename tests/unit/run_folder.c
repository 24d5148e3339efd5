/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole runs that deliver into folders: what is written, and what happens when
 * it cannot be.
 */
#include "run_folders.h"

/* ---- what is written --------------------------------------------------- */

static void
documents_are_written_once_as_they_came(void **state)
{
	struct folders *f = folders_new(NULL, 0);
	g_autoptr(GBytes) pdf = a_pdf("F-1", 3000);
	g_autofree char *path = g_build_filename(f->in, "F-1.pdf", NULL);
	g_autofree char *bytes = NULL;
	g_autoptr(pl_batch) b = NULL;
	g_autoptr(GPtrArray) files = NULL;
	struct pl_run_result r;
	gsize n;

	(void)state;
	capture_pdf(f->g, "F-1", 3000);
	capture_pdf(f->g, "F-2", 3000);
	r = run_now(f->g);
	assert_int_equal(r.mails, 2);
	assert_int_equal(r.written, 2);
	assert_int_equal(r.sent, 2);
	assert_int_equal(r.reports, 1);
	assert_int_equal(r.problems + r.deferred + r.refused, 0);
	assert_in(f, "F-1.pdf F-2.pdf");
	assert_true(g_file_get_contents(path, &bytes, &n, NULL));
	assert_true(g_bytes_get_size(pdf) == n &&
		    memcmp(bytes, g_bytes_get_data(pdf, NULL), n) == 0);
	b = pl_batch_get(f->g->f->l, 1, NULL);
	assert_int_equal(b->state, PL_BATCH_SENT);
	assert_non_null(strstr(b->reply, "(1 file)"));
	assert_int_equal(b->size, n);
	files = pl_batch_written(f->g->f->l, 1, NULL);
	assert_string_equal(((struct pl_written *)files->pdata[0])->path, path);
	assert_int_equal(run_now(f->g).mails, 0);
	assert_in(f, "F-1.pdf F-2.pdf");
	assert_tidy(f);
	folders_free(f);
}

static void
caps_and_documents_per_mail_count_batches(void **state)
{
	struct folders *f = folders_new(NULL, 0);

	(void)state;
	rules(f, "", "documents_per_mail = 2\nmax_mails_per_run = 2\n");
	for (unsigned i = 0; i < 5; i++) {
		char number[8];

		snprintf(number, sizeof(number), "F-%u", i);
		capture_pdf(f->g, number, 2000);
	}
	assert_int_equal(run_now(f->g).sent, 4);
	assert_in(f, "F-0.pdf F-1.pdf F-2.pdf F-3.pdf");
	assert_int_equal(run_now(f->g).sent, 1);
	assert_int_equal(count_of(f->g, PL_SENT), 5);
	folders_free(f);
}

static void
a_name_that_is_taken_gets_a_number(void **state)
{
	struct folders *f = folders_new(NULL, 0);
	g_autofree char *path = g_build_filename(f->in, "F-1.pdf", NULL);
	g_autofree char *text = NULL;

	(void)state;
	assert_true(g_file_set_contents(path, "theirs", -1, NULL));
	capture_pdf(f->g, "F-1", 2000);
	assert_int_equal(run_now(f->g).sent, 1);
	assert_in(f, "F-1-2.pdf F-1.pdf");
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	assert_string_equal(text, "theirs");
	folders_free(f);
}

static void
what_is_sent_again_gets_another_name_also_when_the_first_is_gone(void **state)
{
	struct folders *f = folders_new(NULL, 0);

	(void)state;
	capture_pdf(f->g, "F-1", 2000);
	run_now(f->g);
	take_away(f);
	assert_ok(pl_entry_resend(f->g->f->l, 1, E));
	assert_int_equal(run_now(f->g).sent, 1);
	assert_in(f, "F-1-2.pdf");
	folders_free(f);
}

static void
each_document_goes_into_its_own_folder(void **state)
{
	struct folders *f = folders_new(NULL, 0);

	(void)state;
	rules(f, "/%{kind}/%{number}", "documents_per_mail = 9\n");
	capture_pdf(f->g, "F-1", 2000);
	capture_pdf(f->g, "F-2", 2000);
	assert_int_equal(run_now(f->g).written, 1);
	assert_in(f, "other/unknown/F-1.pdf other/unknown/F-2.pdf");
	folders_free(f);
}

static void
a_zip_holds_all_that_goes_to_one_folder(void **state)
{
	struct folders *f = folders_new(NULL, 0);
	g_autofree char *is = NULL;

	(void)state;
	rules(f, "", "documents_per_mail = 9\ncompress = zip\n");
	capture_pdf(f->g, "F-1", 2000);
	capture_pdf(f->g, "F-2", 2000);
	assert_int_equal(run_now(f->g).sent, 2);
	is = listed(f->in);
	assert_true(g_pattern_match_simple("sales-20*-*-*-1.zip", is));
	folders_free(f);
}

/* A PDF of a size that no e-mail of the journal may have. */
static void
nothing_is_too_large(void **state)
{
	static const struct smtpd_rule small[] = {
		{ "EHLO", 1, "250-test\r\n250 SIZE 20000\r\n", 0, FALSE },
	};
	struct folders *f = folders_new(small, 1);

	(void)state;
	rules(f, "", "max_mail_size = 16K\n");
	capture_pdf(f->g, "F-1", 100000);
	assert_int_equal(run_now(f->g).sent, 1);
	assert_in(f, "F-1.pdf");
	folders_free(f);
}

/* ---- trouble ----------------------------------------------------------- */

static void
folders_are_served_while_the_mail_server_is_away(void **state)
{
	struct folders *f = folders_new(NULL, 0);
	struct pl_run_result r;

	(void)state;
	f->g->submission = "smtp://127.0.0.1:1";
	rules(f, "", "");
	capture_pdf(f->g, "F-1", 2000);
	r = run_now(f->g);
	assert_int_equal(r.sent, 1);
	assert_true(r.mta_failed);
	assert_in(f, "F-1.pdf");
	folders_free(f);
}

static void
a_folder_that_is_missing_puts_all_off(void **state)
{
	struct folders *f = folders_new(NULL, 0);
	g_autoptr(pl_batch) b = NULL;
	struct pl_run_result r;

	(void)state;
	assert_int_equal(g_rmdir(f->in), 0);
	capture_pdf(f->g, "F-1", 2000);
	capture_pdf(f->g, "F-2", 2000);
	r = run_now(f->g);
	assert_int_equal(r.sent, 0);
	assert_int_equal(r.deferred, 1); /* the second is not even tried */
	assert_false(r.mta_failed);
	assert_non_null(strstr(r.folder, "No such file"));
	assert_true(problems_of(f->g, "PL-307", "No such file") > 0);
	assert_int_equal(count_of(f->g, PL_SENDING), 2);
	b = pl_batch_get(f->g->f->l, 1, NULL);
	assert_int_equal(b->state, PL_BATCH_PLANNED);
	assert_int_equal(b->attempt_state, PL_ATTEMPT_DEFERRED);
	assert_non_null(strstr(b->reply, f->in));
	g_mkdir(f->in, 0750);
	r = run_now(f->g);
	assert_int_equal(r.sent, 2);
	assert_in(f, "F-1.pdf F-2.pdf");
	folders_free(f);
}

static void
a_file_in_the_way_of_a_folder_puts_all_off(void **state)
{
	struct folders *f = folders_new(NULL, 0);
	g_autofree char *other = g_build_filename(f->in, "other", NULL);

	(void)state;
	rules(f, "/%{kind}", "");
	assert_true(g_file_set_contents(other, "x", -1, NULL));
	capture_pdf(f->g, "F-1", 2000);
	assert_int_equal(run_now(f->g).deferred, 1);
	assert_true(problems_of(f->g, "PL-307", "Not a directory") > 0);
	assert_tidy(f);
	g_unlink(other);
	assert_int_equal(run_now(f->g).sent, 1);
	folders_free(f);
}

/* A journal with a slot that was served; then nothing is due. */
static void
while_a_folder_is_away_a_tick_is_no_run(void **state)
{
	struct folders *f = folders_new(NULL, 0);

	(void)state;
	rules(f, "", "schedule = 07:00\n");
	capture_pdf(f->g, "F-1", 2000);
	assert_int_equal(g_rmdir(f->in), 0);
	assert_int_equal(run_now(f->g).deferred, 1);
	assert_int_equal(run_tick(f->g).run, 0);
	assert_int_equal(run_tick(f->g).run, 0);
	g_mkdir(f->in, 0750);
	assert_int_equal(run_tick(f->g).sent, 1);
	assert_in(f, "F-1.pdf");
	folders_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_written_once_as_they_came),
		cmocka_unit_test(caps_and_documents_per_mail_count_batches),
		cmocka_unit_test(a_name_that_is_taken_gets_a_number),
		cmocka_unit_test(
		    what_is_sent_again_gets_another_name_also_when_the_first_is_gone),
		cmocka_unit_test(each_document_goes_into_its_own_folder),
		cmocka_unit_test(a_zip_holds_all_that_goes_to_one_folder),
		cmocka_unit_test(nothing_is_too_large),
		cmocka_unit_test(
		    folders_are_served_while_the_mail_server_is_away),
		cmocka_unit_test(a_folder_that_is_missing_puts_all_off),
		cmocka_unit_test(a_file_in_the_way_of_a_folder_puts_all_off),
		cmocka_unit_test(while_a_folder_is_away_a_tick_is_no_run),
	};

	return cmocka_run_group_tests_name("run_folder", tests, NULL, NULL);
}
