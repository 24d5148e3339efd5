/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that appear in folders whole, under a free name, once; and the folders
 * made of what documents say.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "config_sample.h"
#include "place.h"
#include "shelf.h"

struct room {
	char *path;
	pl_shelf *shelf;
	GError *error;
};

static int
setup(void **state)
{
	struct room *r = g_new0(struct room, 1);

	r->path = g_dir_make_tmp("pl-shelf-XXXXXX", NULL);
	chmod(r->path, 02770);
	r->shelf = pl_shelf_open(r->path, &r->error);
	assert_non_null(r->shelf);
	*state = r;
	return 0;
}

static void
remove_tree(const char *path)
{
	const char *command[] = { "/bin/rm", "-rf", path, NULL };

	g_spawn_sync(NULL, (char **)(guintptr)command, NULL, 0, NULL, NULL,
	    NULL, NULL, NULL, NULL);
}

static int
teardown(void **state)
{
	struct room *r = *state;

	pl_shelf_free(r->shelf);
	remove_tree(r->path);
	g_clear_error(&r->error);
	g_free(r->path);
	g_free(r);
	return 0;
}

static char *
in(const struct room *r, const char *name)
{
	return g_build_filename(r->path, name, NULL);
}

static void
write_file(
    struct room *r, const char *ticket, unsigned number, const char *text)
{
	guint64 size;
	int fd = pl_shelf_begin(r->shelf, ticket, number, &r->error);

	assert_true(fd >= 0);
	assert_true(
	    pl_shelf_write(r->shelf, fd, text, strlen(text), &r->error));
	assert_true(pl_shelf_end(r->shelf, fd, &size, &r->error));
	assert_int_equal(size, strlen(text));
}

static void
assert_content(const struct room *r, const char *name, const char *text)
{
	g_autofree char *path = in(r, name), *content = NULL;

	assert_true(g_file_get_contents(path, &content, NULL, NULL));
	assert_string_equal(content, text);
}

typedef enum pl_shelved (*put_func)(
    pl_shelf *, const char *, unsigned, int, const char *, GError **);
static const put_func ways[] = { pl_shelf_put, pl_shelf_link };

static void
a_file_gets_a_name_nobody_has(void **state)
{
	struct room *r = *state;

	for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
		int folder = pl_shelf_folder(r->shelf, "a/b", &r->error);

		write_file(r, "t", 0, "new");
		assert_true(pl_shelf_waits(r->shelf, "t", 0));
		assert_int_equal(ways[i](r->shelf, "t", 0, folder,
				     i == 0 ? "x" : "y", &r->error),
		    PL_SHELVED_OUT);
		assert_false(pl_shelf_waits(r->shelf, "t", 0));
		assert_true(pl_shelf_sync(r->shelf, folder, &r->error));
		close(folder);
	}
	assert_content(r, "a/b/x", "new");
	assert_content(r, "a/b/y", "new");
}

static void
what_is_there_is_never_replaced(void **state)
{
	struct room *r = *state;
	g_autofree char *path = in(r, "x");

	for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
		int folder = pl_shelf_folder(r->shelf, "", &r->error);

		g_file_set_contents(path, "old", -1, NULL);
		write_file(r, "t", 0, "new");
		assert_int_equal(
		    ways[i](r->shelf, "t", 0, folder, "x", &r->error),
		    PL_SHELVED_TAKEN);
		assert_content(r, "x", "old");
		assert_true(pl_shelf_waits(r->shelf, "t", 0));
		close(folder);
	}
}

static void
a_link_that_was_made_before_is_completed(void **state)
{
	struct room *r = *state;
	int folder = pl_shelf_folder(r->shelf, "", &r->error);
	g_autofree char *from = in(r, PL_FOLDER_WORKPLACE "/t.0");
	g_autofree char *to = in(r, "x"), *away = in(r, "away");

	write_file(r, "t", 0, "new");
	assert_int_equal(link(from, to), 0);
	/* the reading program moved it in between */
	assert_int_equal(rename(to, away), 0);
	assert_int_equal(
	    pl_shelf_link(r->shelf, "t", 0, folder, "x", &r->error),
	    PL_SHELVED_OUT);
	assert_false(g_file_test(to, G_FILE_TEST_EXISTS));
	close(folder);
}

static void
nobody_else_may_enter_the_workplace(void **state)
{
	struct room *r = *state;
	g_autofree char *work = in(r, PL_FOLDER_WORKPLACE);
	struct stat st;

	assert_int_equal(stat(work, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	chmod(work, 0770);
	assert_null(pl_shelf_open(r->path, &r->error));
	assert_non_null(strstr(r->error->message, "this user's alone"));
}

static void
folders_are_made_like_the_one_above(void **state)
{
	struct room *r = *state;
	g_autofree char *a = in(r, "a"), *b = in(r, "a/b");
	mode_t mask = umask(077);
	int folder = pl_shelf_folder(r->shelf, "a/b", &r->error);
	struct stat st;

	umask(mask);
	assert_true(folder >= 0);
	close(folder);
	assert_int_equal(stat(a, &st), 0);
	assert_int_equal(st.st_mode & 07777, 02770);
	assert_int_equal(stat(b, &st), 0);
	assert_int_equal(st.st_mode & 07777, 02770);
}

static void
a_file_can_be_read_by_its_group(void **state)
{
	struct room *r = *state;
	int folder = pl_shelf_folder(r->shelf, "", &r->error);
	g_autofree char *path = in(r, "x");
	struct stat st;

	assert_int_equal(chown(r->path, (uid_t)-1, 12345), 0);
	assert_int_equal(chmod(r->path, 02770), 0);
	write_file(r, "t", 0, "new");
	pl_shelf_put(r->shelf, "t", 0, folder, "x", &r->error);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_gid, 12345);
	close(folder);
}

static void
no_link_below_the_fixed_folder_is_followed(void **state)
{
	struct room *r = *state;
	g_autofree char *link_to = in(r, "out");

	assert_int_equal(symlink("/tmp", link_to), 0);
	assert_int_equal(pl_shelf_folder(r->shelf, "out/x", &r->error), -1);
	assert_true(g_error_matches(r->error, PL_RUN_ERROR, PL_RUN_FOLDER));
}

static void
a_folder_that_is_missing_or_a_file_is_told(void **state)
{
	struct room *r = *state;
	g_autofree char *file = in(r, "file"), *none = in(r, "none");
	g_autofree char *below = in(r, "file/x");

	g_file_set_contents(file, "x", -1, NULL);
	assert_null(pl_shelf_open(none, &r->error));
	assert_non_null(strstr(r->error->message, "No such file"));
	g_clear_error(&r->error);
	assert_null(pl_shelf_open(below, &r->error));
	g_clear_error(&r->error);
	assert_int_equal(pl_shelf_folder(r->shelf, "file", &r->error), -1);
	assert_non_null(strstr(r->error->message, file));
}

static void
a_full_disk_is_told(void **state)
{
	struct room *r = *state;
	struct rlimit was, less;
	g_autofree char *bytes = g_strnfill(100000, 'x');
	int fd;

	getrlimit(RLIMIT_FSIZE, &was);
	less = was;
	less.rlim_cur = 65536;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &less);
	fd = pl_shelf_begin(r->shelf, "t", 0, &r->error);
	assert_false(pl_shelf_write(r->shelf, fd, bytes, 100000, &r->error));
	setrlimit(RLIMIT_FSIZE, &was);
	close(fd);
	assert_true(g_error_matches(r->error, PL_RUN_ERROR, PL_RUN_FOLDER));
	pl_shelf_drop(r->shelf, "t");
	assert_false(pl_shelf_waits(r->shelf, "t", 0));
}

static gboolean
is_old(const char *ticket, void *user)
{
	(void)user;
	return g_str_equal(ticket, "b.1.old");
}

static void
only_what_is_over_is_swept(void **state)
{
	struct room *r = *state;
	g_autofree char *strange = in(r, PL_FOLDER_WORKPLACE "/strange");

	write_file(r, "b.1.old", 0, "x");
	write_file(r, "b.1.new", 0, "x");
	assert_int_equal(pl_shelf_has_list(r->shelf, "b.1.old", &r->error), 0);
	assert_true(pl_shelf_list(r->shelf, "b.1.old", "0 x\n", &r->error));
	assert_int_equal(pl_shelf_has_list(r->shelf, "b.1.old", &r->error), 1);
	g_file_set_contents(strange, "x", -1, NULL);
	pl_shelf_sweep(r->shelf, is_old, NULL);
	assert_false(pl_shelf_waits(r->shelf, "b.1.old", 0));
	assert_int_equal(pl_shelf_has_list(r->shelf, "b.1.old", &r->error), 0);
	assert_true(pl_shelf_waits(r->shelf, "b.1.new", 0));
	assert_true(g_file_test(strange, G_FILE_TEST_EXISTS));
}

/* ---- places ------------------------------------------------------------ */

static void
a_document_says_where_it_goes(void **state)
{
	static const struct {
		const char *template, *below;
	} cases[] = {
		{ "dir:/srv/x", "" },
		{ "dir:/srv/x/%{account}/%{year}", "BE68539007547034/2026" },
		{ "dir:/srv/x%{year}-%{month}/y", "x2026-02/y" },
		{ "dir:/s/%{date}/%{journal}.%{kind}",
		    "2026-02-28/bank.statement" },
		{ "dir:/s/n%{number}", "n17" },
		{ "dir:/s/%{seller}", "unknown" },
	};
	const pl_entry e = { .journal = (char *)"bank",
		.kind = PL_KIND_STATEMENT,
		.account = (char *)"BE68539007547034",
		.sequence = (char *)"17",
		.number = (char *)"F-1",
		.doc_date = (char *)"2026-02-28",
		.msg_date = (char *)"2026-03-01" };
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *below =
		    pl_place_below(cases[i].template, &e, utc);

		assert_string_equal(below, cases[i].below);
	}
}

static void
without_a_date_of_its_own_that_of_its_message_counts(void **state)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_offset(3600);
	pl_entry e = { .journal = (char *)"sales",
		.msg_date = (char *)"2026-03-01",
		.arrived = G_GINT64_CONSTANT(1767222000) * G_USEC_PER_SEC };
	g_autofree char *by_message =
	    pl_place_below("dir:/s/%{date}", &e, zone);
	g_autofree char *by_arrival = NULL;

	(void)state;
	assert_string_equal(by_message, "2026-03-01");
	e.msg_date = NULL;
	by_arrival = pl_place_below("dir:/s/%{date}", &e, zone);
	assert_string_equal(by_arrival, "2026-01-01");
}

static void
foreign_text_is_never_more_than_a_part_of_a_name(void **state)
{
	static const struct {
		const char *seller, *below;
	} cases[] = {
		{ "../../etc/cron.d", "a/_.._etc_cron.d/z" },
		{ "..", "a/unknown/z" },
		{ ".", "a/unknown/z" },
		{ "", "a/unknown/z" },
		{ " . ", "a/unknown/z" },
		{ "/", "a/_/z" },
		{ ".hidden", "a/hidden/z" },
		{ "x\ny\x1b[0m", "a/x_y_[0m/z" },
		{ "Caf\xc3\xa9 & Fils", "a/Caf\xc3\xa9 & Fils/z" },
		{ "bad\xff", "a/bad\xef\xbf\xbd/z" },
		{ "%{year}", "a/%{year}/z" },
		{ "con", "a/con_/z" },
		{ "AB. ", "a/AB/z" },
	};
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		const pl_entry e = { .seller_name =
					 (char *)(guintptr)cases[i].seller };
		g_autofree char *below =
		    pl_place_below("dir:/s/%{kind}/../a", &e, utc);
		g_autofree char *real =
		    pl_place_below("dir:/s/%{seller}/z", &e, utc);
		g_autofree char *full = g_strconcat("a/", real, NULL);

		assert_string_equal(full, cases[i].below);
	}
}

static void
a_name_of_any_length_fits_and_the_workplace_is_no_place(void **state)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autofree char *xs = g_strnfill(5000, 'x');
	pl_entry e = { .seller_name = xs };
	g_autofree char *below =
	    pl_place_below("dir:/s/%{seller}%{seller}", &e, utc);
	g_autofree char *work = NULL;

	(void)state;
	assert_int_equal(strlen(below), 180);
	e.seller_name = (char *)"PostLedger";
	work = pl_place_below("dir:/s/.%{seller}", &e, utc);
	assert_string_equal(work, ".PostLedgerunknown");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_file_gets_a_name_nobody_has),
		T(what_is_there_is_never_replaced),
		T(a_link_that_was_made_before_is_completed),
		T(nobody_else_may_enter_the_workplace),
		T(folders_are_made_like_the_one_above),
		T(a_file_can_be_read_by_its_group),
		T(no_link_below_the_fixed_folder_is_followed),
		T(a_folder_that_is_missing_or_a_file_is_told),
		T(a_full_disk_is_told),
		T(only_what_is_over_is_swept),
		cmocka_unit_test(a_document_says_where_it_goes),
		cmocka_unit_test(
		    without_a_date_of_its_own_that_of_its_message_counts),
		cmocka_unit_test(
		    foreign_text_is_never_more_than_a_part_of_a_name),
		cmocka_unit_test(
		    a_name_of_any_length_fits_and_the_workplace_is_no_place),
	};

	return cmocka_run_group_tests_name("run_shelf", tests, NULL, NULL);
}
