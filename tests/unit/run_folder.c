/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole runs that deliver into folders: once each, also when the run dies at
 * any point and a program takes the files away at once.
 */
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "run_gateway.h"

#define TEAM "report_to = team@office.example\n"

struct folders {
	struct gateway *g;
	char *in, *taken; /* where files go, and what was taken away from it */
	unsigned n;       /* taken so far */
};

static void
rules(struct folders *f, const char *below, const char *more)
{
	g_autofree char *journal =
	    g_strdup_printf("[journal sales]\naddress = sales@in.example\n"
			    "deliver_to = dir:%s%s\n%s",
		f->in, below, more);

	gateway_rules(f->g, TEAM, journal);
}

static struct folders *
folders_new(const struct smtpd_rule *answers, unsigned n)
{
	struct folders *f = g_new0(struct folders, 1);

	f->g = gateway_new(answers, n);
	f->in = g_build_filename(f->g->f->folder, "in", NULL);
	f->taken = g_build_filename(f->g->f->folder, "taken", NULL);
	g_mkdir(f->in, 0750);
	g_mkdir(f->taken, 0750);
	rules(f, "", "");
	return f;
}

static void
folders_free(struct folders *f)
{
	gateway_free(f->g);
	g_free(f->in);
	g_free(f->taken);
	g_free(f);
}

/* The paths of all files in FOLDER, sorted, below "what begins with a dot". */
static void
list(const char *folder, const char *below, GPtrArray *names)
{
	g_autofree char *path = g_build_filename(folder, below, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *each =
		    *below != '\0' ? g_build_filename(below, name, NULL)
				   : g_strdup(name);
		g_autofree char *full = g_build_filename(folder, each, NULL);

		if (*name == '.')
			continue;
		if (g_file_test(full, G_FILE_TEST_IS_DIR))
			list(folder, each, names);
		else
			g_ptr_array_add(names, g_steal_pointer(&each));
	}
}

static int
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *
listed(const char *folder)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	list(folder, "", names);
	g_ptr_array_sort(names, by_name);
	g_ptr_array_add(names, NULL);
	return g_strjoinv(" ", (char **)names->pdata);
}

static void
assert_in(const struct folders *f, const char *names)
{
	g_autofree char *is = listed(f->in);

	assert_string_equal(is, names);
}

/* Nothing is left where files waited. */
static void
assert_tidy(const struct folders *f)
{
	g_autofree char *work =
	    g_build_filename(f->in, PL_FOLDER_WORKPLACE, NULL);
	g_autofree char *rest = listed(work);

	assert_string_equal(rest, "");
}

/* The reading program: takes all away, and remembers it. */
static void
take_away(struct folders *f)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	list(f->in, "", names);
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *from =
		    g_build_filename(f->in, names->pdata[i], NULL);
		g_autofree char *base = g_path_get_basename(from);
		g_autofree char *name = g_strdup_printf("%u-%s", f->n++, base);
		g_autofree char *to = g_build_filename(f->taken, name, NULL);
		g_autofree char *bytes = NULL;
		gsize n;

		/* as between two file systems: nothing of the inode is kept */
		assert_true(g_file_get_contents(from, &bytes, &n, NULL));
		assert_true(g_file_set_contents(to, bytes, (gssize)n, NULL));
		assert_int_equal(g_unlink(from), 0);
	}
}

static guint64
count_of(struct folders *f, enum pl_state state)
{
	struct pl_counts counts;

	assert_ok(pl_entry_counts(f->g->f->l, "sales", &counts, E));
	return counts.by_state[state];
}

static gboolean
told(struct folders *f, const char *code, const char *word)
{
	for (gint64 run = 0; run < 50; run++) {
		g_autoptr(GPtrArray) all =
		    pl_problem_open(f->g->f->l, run, NULL);

		for (guint i = 0; all != NULL && i < all->len; i++) {
			const struct pl_problem *p = all->pdata[i];

			if (strcmp(p->code, code) == 0 &&
			    strstr(p->text, word) != NULL)
				return TRUE;
		}
	}
	return FALSE;
}

/* ---- what is written -------------------------------------------------------- */

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
	assert_int_equal(count_of(f, PL_SENT), 5);
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

/* ---- trouble ----------------------------------------------------------------- */

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
	assert_true(told(f, "PL-307", "No such file"));
	assert_int_equal(count_of(f, PL_SENDING), 2);
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
	assert_true(told(f, "PL-307", "Not a directory"));
	assert_tidy(f);
	g_unlink(other);
	assert_int_equal(run_now(f->g).sent, 1);
	folders_free(f);
}

/* ---- death ------------------------------------------------------------------- */

/* 0: it ended well, 1: it died at POINT. */
static gboolean
run_in_child(struct folders *f, const char *point)
{
	struct gateway *g = f->g;
	int status;
	pid_t child;

	pl_ledger_close(g->f->l);
	g->f->l = NULL;
	child = fork();
	if (child == 0) {
		const struct pl_run_options options = { .now = TRUE };
		struct pl_run_result r;

		if (point != NULL)
			g_setenv("POSTLEDGER_CRASH", point, TRUE);
		g->f->l = open_as(g->f, PL_LEDGER_WRITE);
		_exit(!pl_run_once(
		    g->f->l, g->config, g->secret, &options, &r, NULL));
	}
	assert_true(child > 0);
	waitpid(child, &status, 0);
	g->f->l = open_as(g->f, PL_LEDGER_WRITE);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return TRUE;
	assert_int_equal(status, 0);
	return FALSE;
}

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
	*reached += run_in_child(f, nth);
	if (reads)
		take_away(f);
	run_in_child(f, NULL);
	take_away(f);
	run_in_child(f, NULL);
	take_away(f);
	assert_each_taken_once(f, nth);
	assert_int_equal(count_of(f, PL_SENT), 3);
	assert_false(told(f, "PL-303", "written again"));
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
	assert_true(run_in_child(f, "folder-put:2"));
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
	run_in_child(f, NULL);
	assert_int_equal(count_of(f, PL_SENT), 3);
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
		run_in_child(f, NULL);
		assert_int_equal(count_of(f, PL_SENDING), 3);
	}
	assert_true(told(f, "PL-307", "No such file"));
	assert_int_equal(g_rename(away, f->in), 0);
	run_in_child(f, NULL);
	assert_int_equal(count_of(f, PL_SENT), 3);
	assert_in(f, "other/F-0.pdf other/F-1.pdf other/F-2.pdf");
	assert_false(told(f, "PL-303", "written again"));
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
	run_in_child(f, NULL);
	assert_int_equal(count_of(f, PL_SENT), 3);
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
	run_in_child(f, NULL);
	assert_int_equal(count_of(f, PL_SENT), 3);
	assert_in(f,
	    "other/F-0-2.pdf other/F-0.pdf other/F-1-2.pdf other/F-1.pdf "
	    "other/F-2-2.pdf");
	assert_true(told(f, "PL-303", "written again"));
	folders_free(f);
}

int
main(void)
{
	/* those that die come first: where to die is read once in a process */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_run_that_dies_anywhere_writes_each_file_once),
		cmocka_unit_test(
		    what_was_begun_is_completed_where_it_was_begun),
		cmocka_unit_test(while_its_folder_is_away_nothing_is_decided),
		cmocka_unit_test(a_name_that_was_taken_meanwhile_gets_a_number),
		cmocka_unit_test(
		    without_its_workplace_it_is_written_again_and_told),
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
	};

	return cmocka_run_group_tests_name("run_folder", tests, NULL, NULL);
}
