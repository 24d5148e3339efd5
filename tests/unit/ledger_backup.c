/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A backup is whole while others write, never spoils the one before it, and
 * a ledger that was put back from one knows it.
 */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger_fixture.h"

#include "room.h"

static char *
backup_folder(const struct fixture *f)
{
	return g_build_filename(f->folder, "backup", NULL);
}

static pl_ledger *
open_backup(const struct fixture *f, enum pl_ledger_use use)
{
	g_autofree char *folder = backup_folder(f);
	g_autofree char *url = g_strdup_printf("sqlite:%s/ledger.db", folder);
	GError *error = NULL;
	pl_ledger *l = pl_ledger_open(url, NULL, use, &error);

	if (l == NULL)
		fail_msg("open: %s", error->message);
	return l;
}

static struct pl_backup
make_backup(struct fixture *f)
{
	g_autofree char *folder = backup_folder(f);
	struct pl_backup done;

	assert_ok(pl_ledger_backup(f->l, folder, &done, E));
	return done;
}

static gint64
capture_named(struct fixture *f, const char *name)
{
	return add_message(f->l, "a@c.example", name, "Dear Sir");
}

static void
assert_readable(pl_ledger *l, gint64 message)
{
	g_autoptr(pl_bytes) b = NULL;
	char text[64];

	assert_ok((b = pl_bytes_open(l, message, E)) != NULL);
	assert_true(pl_bytes_pread(b, 0, text, sizeof(text), NULL) > 0);
}

static void
a_backup_holds_facts_bytes_and_history(void **state)
{
	struct fixture *f = *state;
	gint64 id = capture_named(f, "<1@x>");
	g_autofree char *head = pl_event_head(f->l, NULL);
	g_autofree char *folder = backup_folder(f);
	g_autofree char *path = g_build_filename(folder, "ledger.db", NULL);
	struct pl_audit audit;
	struct stat st;

	assert_int_equal(make_backup(f).months, 1);
	g_autoptr(pl_ledger) copy = open_backup(f, PL_LEDGER_READ);
	assert_readable(copy, id);
	assert_ok(pl_ledger_check(copy, E));
	assert_ok(pl_event_verify(copy, head, &audit, E));
	assert_int_equal(audit.bad, 0);
	assert_true(audit.head_found);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void
a_handle_for_reading_is_enough(void **state)
{
	struct fixture *f = *state;
	gint64 id = capture_named(f, "<1@x>");
	g_autoptr(pl_ledger) copy = NULL;

	pl_ledger_close(f->l);
	f->l = open_as(f, PL_LEDGER_READ);
	make_backup(f);
	copy = open_backup(f, PL_LEDGER_READ);
	assert_readable(copy, id);
}

static void
months_that_did_not_change_are_not_copied_again(void **state)
{
	struct fixture *f = *state;
	struct pl_backup done;

	capture_named(f, "<1@x>");
	reopen(f);
	make_backup(f);
	done = make_backup(f);
	assert_int_equal(done.months, 0);
	assert_int_equal(done.kept, 1);
	gint64 id = capture_named(f, "<2@x>");
	assert_int_equal(make_backup(f).months, 1);
	g_autoptr(pl_ledger) copy = open_backup(f, PL_LEDGER_READ);
	assert_readable(copy, id);
}

static void
a_folder_with_another_ledger_is_refused(void **state)
{
	struct fixture *f = *state;
	g_autofree char *folder = backup_folder(f);
	g_autofree char *url = g_strdup_printf("sqlite:%s/ledger.db", folder);
	struct pl_backup done;

	pl_ledger_close(pl_ledger_open(url, NULL, PL_LEDGER_WRITE, NULL));
	assert_fails(pl_ledger_backup(f->l, folder, &done, E),
	    PL_LEDGER_CONFLICT, "not a backup");
}

static void
a_backup_that_fails_leaves_the_one_before(void **state)
{
	struct fixture *f = *state;
	g_autofree char *folder = backup_folder(f);
	g_autofree char *months = g_build_filename(folder, "messages", NULL);
	gint64 id = capture_named(f, "<1@x>");
	struct pl_backup done;

	make_backup(f);
	capture_named(f, "<2@x>");
	/* a month whose name is taken by a folder cannot be replaced */
	g_autoptr(GDir) dir = g_dir_open(months, 0, NULL);
	g_autofree char *month =
	    g_build_filename(months, g_dir_read_name(dir), NULL);
	g_autofree char *aside = g_strconcat(month, ".aside", NULL);
	assert_int_equal(rename(month, aside), 0);
	assert_int_equal(g_mkdir(month, 0700), 0);
	assert_fails(pl_ledger_backup(f->l, folder, &done, E),
	    PL_LEDGER_FAILED, ".mail");
	assert_int_equal(rmdir(month), 0);
	assert_int_equal(rename(aside, month), 0);
	g_autoptr(pl_ledger) copy = open_backup(f, PL_LEDGER_READ);
	assert_readable(copy, id);
	assert_null(pl_message_get(copy, id + 1, NULL));
}

/* Another process captures as fast as it can. */
static pid_t
start_writer(struct fixture *f)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	f->l = open_as(f, PL_LEDGER_WRITE);
	for (unsigned i = 0; i < 100000; i++) {
		g_autofree char *name = g_strdup_printf("<w%u@x>", i);

		capture_named(f, name);
	}
	_exit(0);
}

static void
a_backup_beside_a_busy_writer_ends_and_is_whole(void **state)
{
	struct fixture *f = *state;
	pid_t writer = start_writer(f);
	struct pl_audit audit;
	gint64 messages = 0;

	f->l = open_as(f, PL_LEDGER_WRITE);
	g_autoptr(pl_message) seen = NULL;
	while ((seen = pl_message_get(f->l, 20, NULL)) == NULL)
		g_usleep(10000);
	for (unsigned i = 0; i < 3; i++)
		make_backup(f);
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	g_autoptr(pl_ledger) copy = open_backup(f, PL_LEDGER_READ);
	assert_ok(pl_ledger_check(copy, E));
	assert_ok(pl_event_verify(copy, NULL, &audit, E));
	assert_int_equal(audit.bad, 0);
	g_autoptr(GArray) ids = pl_message_unindexed(copy, 0, 1000000, NULL);
	for (guint i = 0; i < ids->len; i++, messages++)
		assert_readable(copy, g_array_index(ids, gint64, i));
	assert_true(messages >= 20);
}

/* Another process drops bytes, so that a backup has to wait, and captures. */
static pid_t
start_pruner(struct fixture *f, int ready)
{
	pid_t child = fork();
	gboolean busy;
	int lock;

	if (child != 0)
		return child;
	f->l = open_as(f, PL_LEDGER_WRITE);
	lock = pl_ledger_lock_bytes(f->l, 0, &busy, NULL);
	assert_int_equal(write(ready, "x", 1), 1);
	g_usleep(300000);
	capture_named(f, "<late@x>");
	pl_ledger_unlock(f->l, lock);
	pl_ledger_close(f->l);
	_exit(0);
}

static void
a_backup_that_had_to_wait_is_later_than_all_that_is_in_it(void **state)
{
	struct fixture *f = *state;
	int pipes[2];
	char c;
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	child = start_pruner(f, pipes[1]);
	assert_int_equal(read(pipes[0], &c, 1), 1);
	f->l = open_as(f, PL_LEDGER_WRITE);
	make_backup(f);
	waitpid(child, NULL, 0);
	g_autoptr(pl_ledger) back = open_backup(f, PL_LEDGER_WRITE);
	g_autoptr(pl_message) last = pl_message_get(back, 1, NULL);
	assert_non_null(last);
	assert_true(pl_ledger_restored(back) > last->arrived);
}

static void
a_ledger_put_back_knows_it_and_uses_no_number_twice(void **state)
{
	struct fixture *f = *state;
	gint64 before = capture_named(f, "<1@x>"), after;

	make_backup(f);
	gint64 lost = capture_named(f, "<2@x>");
	assert_int_equal(pl_ledger_restored(f->l), 0);
	g_autoptr(pl_ledger) back = open_backup(f, PL_LEDGER_WRITE);
	assert_true(pl_ledger_restored(back) > 0);
	pl_ledger_close(f->l);
	f->l = g_steal_pointer(&back);
	after = capture_named(f, "<3@x>");
	assert_true(lost > before && after > lost + 1000);
	g_autoptr(GPtrArray) events =
	    pl_event_of(f->l, after, 0, 0, 0, NULL);
	assert_int_equal(events->len, 1);
	assert_ok(pl_ledger_restored_told(f->l, E));
	assert_int_equal(pl_ledger_restored(f->l), 0);
	pl_ledger_close(f->l);
	f->l = open_backup(f, PL_LEDGER_WRITE);
	assert_int_equal(pl_ledger_restored(f->l), 0);
	struct pl_audit audit;
	assert_ok(pl_event_verify(f->l, NULL, &audit, E));
	assert_int_equal(audit.bad, 0);
}

static void
a_backup_put_back_twice_gives_no_number_twice(void **state)
{
	struct fixture *f = *state;
	g_autofree char *folder = backup_folder(f);
	g_autofree char *path = g_strdup_printf("%s/ledger.db", folder);
	g_autofree char *bytes = NULL;
	gint64 first, second;
	gsize n;

	make_backup(f);
	assert_true(g_file_get_contents(path, &bytes, &n, NULL));
	pl_ledger_close(f->l);
	f->l = open_backup(f, PL_LEDGER_WRITE);
	first = capture_named(f, "<1@x>");
	pl_ledger_close(f->l);
	g_usleep(300000);
	assert_true(g_file_set_contents(path, bytes, (gssize)n, NULL));
	f->l = open_backup(f, PL_LEDGER_WRITE);
	second = capture_named(f, "<2@x>");
	assert_true(second > first);
}

static void
numbers_of_a_table_that_was_empty_do_not_begin_again(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_batch) lost = pl_batch_new(), next = pl_batch_new();

	make_backup(f); /* of a ledger without a batch */
	lost->journal = g_strdup("sales");
	assert_ok(pl_batch_plan(f->l, lost, NULL, 0, E));
	pl_ledger_close(f->l);
	f->l = open_backup(f, PL_LEDGER_WRITE);
	next->journal = g_strdup("sales");
	assert_ok(pl_batch_plan(f->l, next, NULL, 0, E));
	assert_true(next->id > lost->id + 1000);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_backup_holds_facts_bytes_and_history),
		T(a_handle_for_reading_is_enough),
		T(months_that_did_not_change_are_not_copied_again),
		T(a_folder_with_another_ledger_is_refused),
		T(a_backup_that_fails_leaves_the_one_before),
		cmocka_unit_test_setup_teardown(
		    a_backup_beside_a_busy_writer_ends_and_is_whole,
		    setup_empty, teardown),
		cmocka_unit_test_setup_teardown(
		    a_backup_that_had_to_wait_is_later_than_all_that_is_in_it,
		    setup_empty, teardown),
		T(a_ledger_put_back_knows_it_and_uses_no_number_twice),
		T(a_backup_put_back_twice_gives_no_number_twice),
		T(numbers_of_a_table_that_was_empty_do_not_begin_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
