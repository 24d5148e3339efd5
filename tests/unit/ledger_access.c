/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ledger that others use, too: reading without a trace, disks and rights that
 * forbid writing, transactions that fail, locks.
 */
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger_fixture.h"

/* ---- reading ----------------------------------------------------------- */

static void
reading_leaves_no_trace(void **state)
{
	struct fixture *f = *state;
	g_autofree char *before = NULL, *after = NULL;
	gsize n_before, n_after;
	gint64 message;
	unsigned files;

	f->l = open_as(f, PL_LEDGER_WRITE);
	message = add_message(f->l, "a@c.example", "<1@x>", "bytes");
	g_clear_pointer(&f->l, pl_ledger_close);
	files = files_in(f->folder) + files_in(f->messages);
	assert_true(g_file_get_contents(f->path, &before, &n_before, NULL));

	f->l = open_as(f, PL_LEDGER_READ);
	{
		g_autoptr(pl_bytes) b = pl_bytes_open(f->l, message, NULL);
		char buffer[5];

		assert_int_equal(pl_bytes_pread(b, 0, buffer, 5, NULL), 5);
	}
	assert_fails(
	    pl_ledger_begin(f->l, E), PL_LEDGER_READONLY, "reading only");
	assert_fails(pl_standing_put(f->l,
			 &(pl_standing){ .journal = (char *)"x" }, NULL, E),
	    PL_LEDGER_READONLY, "reading only");
	assert_whole(f->l);
	g_clear_pointer(&f->l, pl_ledger_close);
	assert_int_equal(files_in(f->folder) + files_in(f->messages), files);
	assert_true(g_file_get_contents(f->path, &after, &n_after, NULL));
	assert_int_equal(n_before, n_after);
	assert_memory_equal(before, after, n_before);
}

/* Ends without closing: the log stays beside the file. */
static void
leave_a_log(struct fixture *f)
{
	pid_t child = fork();

	if (child == 0) {
		add_message(open_as(f, PL_LEDGER_WRITE), "a@c.example", "<2@x>",
		    "more");
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void
reading_keeps_the_log_of_a_crash_as_it_is(void **state)
{
	struct fixture *f = *state;
	g_autofree char *log = g_strconcat(f->path, "-wal", NULL);
	g_autofree char *before = NULL, *after = NULL;
	gsize n_before, n_after;
	g_autoptr(pl_message) m = NULL;

	leave_a_log(f);
	assert_true(g_file_get_contents(log, &before, &n_before, NULL));
	assert_true(n_before > 0);
	f->l = open_as(f, PL_LEDGER_READ);
	m = pl_message_get(f->l, 1, NULL);
	assert_non_null(m);
	assert_whole(f->l);
	g_clear_pointer(&f->l, pl_ledger_close);
	assert_true(g_file_get_contents(log, &after, &n_after, NULL));
	assert_int_equal(n_before, n_after);
	assert_memory_equal(before, after, n_before);
}

static void
mount_read_only(const char *folder)
{
	assert_int_equal(mount(folder, folder, NULL, MS_BIND, NULL), 0);
	assert_int_equal(
	    mount(NULL, folder, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL),
	    0);
}

static void
a_read_only_disk_can_be_read_and_not_written(void **state)
{
	struct fixture *f = *state;

	if (geteuid() != 0)
		skip();
	f->l = open_as(f, PL_LEDGER_WRITE);
	add_message(f->l, "a@c.example", "<1@x>", "bytes");
	g_clear_pointer(&f->l, pl_ledger_close);
	mount_read_only(f->folder);
	assert_fails(opens(f, PL_LEDGER_WRITE, E), PL_LEDGER_READONLY, f->path);
	assert_fails(opens(f, PL_LEDGER_WRITE, E), PL_LEDGER_READONLY,
	    "(attempt to write a readonly database, error 8)");
	f->l = open_as(f, PL_LEDGER_READ);
	{
		g_autoptr(pl_bytes) b = pl_bytes_open(f->l, 1, NULL);
		char buffer[5];

		assert_int_equal(pl_bytes_pread(b, 0, buffer, 5, NULL), 5);
	}
	assert_whole(f->l);
	g_clear_pointer(&f->l, pl_ledger_close);
}

static void
a_disk_that_becomes_read_only_is_told_from_other_failures(void **state)
{
	struct fixture *f = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(mount("none", f->folder, "tmpfs", 0, "size=16m"), 0);
	f->l = open_as(f, PL_LEDGER_WRITE);
	g_clear_pointer(&f->l, pl_ledger_close);
	assert_int_equal(
	    mount(NULL, f->folder, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_fails(
	    opens(f, PL_LEDGER_WRITE, E), PL_LEDGER_READONLY, "read-only");
	assert_int_equal(mount(NULL, f->folder, NULL, MS_REMOUNT, NULL), 0);
	assert_true(opens(f, PL_LEDGER_WRITE, NULL));
}

static void
a_ledger_without_rights_says_so(void **state)
{
	struct fixture *f = *state;
	pid_t child;
	int status;

	if (geteuid() != 0)
		skip();
	f->l = open_as(f, PL_LEDGER_WRITE);
	g_clear_pointer(&f->l, pl_ledger_close);
	g_chmod(f->folder, 0755);
	child = fork();
	if (child == 0) {
		const enum pl_ledger_use uses[] = { PL_LEDGER_READ,
			PL_LEDGER_WRITE };
		unsigned good = 0;

		if (setuid(65534) != 0)
			_exit(9);
		for (unsigned i = 0; i < 2; i++) {
			GError *error = NULL;

			good += !opens(f, uses[i], &error) &&
				error->code == PL_LEDGER_READONLY &&
				strstr(error->message, f->path) != NULL;
			g_clear_error(&error);
		}
		_exit(good == 2 ? 0 : 1);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static void
space_is_that_of_the_fuller_disk(void **state)
{
	struct fixture *f = *state;
	guint64 space;

	f->l = open_as(f, PL_LEDGER_WRITE);
	space = pl_ledger_space(f->l);
	assert_true(space > 0);
	if (geteuid() != 0)
		skip();
	assert_int_equal(mount("none", f->messages, "tmpfs", 0, "size=1m"), 0);
	assert_in_range(pl_ledger_space(f->l), 1, 1024 * 1024);
}

/* ---- transactions ------------------------------------------------------ */

static void
a_failed_change_undoes_the_callers_transaction(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_document) d = pl_document_new();
	struct pl_event event = { .what = (char *)"note" };

	f->l = open_as(f, PL_LEDGER_WRITE);
	assert_ok(pl_ledger_begin(f->l, E));
	assert_ok(pl_event_add(f->l, &event, E));
	d->message = 99; /* no such message: the statement fails */
	assert_fails(pl_document_add(f->l, d, E), PL_LEDGER_FAILED, "FOREIGN");
	assert_fails(
	    pl_event_add(f->l, &event, E), PL_LEDGER_FAILED, "FOREIGN");
	assert_fails(pl_ledger_commit(f->l, E), PL_LEDGER_FAILED, "FOREIGN");
	/* and the handle is as new */
	assert_ok(pl_event_add(f->l, &event, E));
	assert_int_equal(event.id, 2);
	assert_ok(pl_ledger_begin(f->l, E));
	assert_false(pl_document_add(f->l, d, NULL));
	pl_ledger_rollback(f->l);
	assert_ok(pl_ledger_begin(f->l, E));
	assert_ok(pl_event_add(f->l, &event, E));
	assert_ok(pl_ledger_commit(f->l, E));
	assert_int_equal(event.id, 3);
	assert_whole(f->l);
}

static void
closing_undoes_what_is_not_committed(void **state)
{
	struct fixture *f = *state;
	struct pl_event event = { .what = (char *)"note" };

	f->l = open_as(f, PL_LEDGER_WRITE);
	assert_ok(pl_ledger_begin(f->l, E));
	assert_ok(pl_event_add(f->l, &event, E));
	reopen(f);
	assert_ok(pl_event_add(f->l, &event, E));
	assert_int_equal(event.id, 2);
}

static void
another_writer_is_waited_for_and_then_given_up(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_ledger) other = NULL;
	struct pl_event event = { .what = (char *)"note" };
	g_autofree char *head = NULL;
	gint64 begun;

	f->l = open_as(f, PL_LEDGER_WRITE);
	other = open_as(f, PL_LEDGER_WRITE);
	assert_ok(pl_ledger_begin(other, E));
	begun = g_get_monotonic_time();
	assert_fails(pl_event_add(f->l, &event, E), PL_LEDGER_RETRY, f->path);
	begun = g_get_monotonic_time() - begun;
	assert_in_range(begun, 9 * G_TIME_SPAN_SECOND, 60 * G_TIME_SPAN_SECOND);
	/* Reading does not wait. */
	head = pl_event_head(f->l, NULL);
	assert_non_null(head);
	pl_ledger_rollback(other);
	assert_ok(pl_event_add(f->l, &event, E));
}

/* ---- locks ------------------------------------------------------------- */

static void
a_lock_has_one_holder_who_is_named(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_ledger) other = NULL;
	g_autofree char *holder = NULL;
	g_autofree char *pid = g_strdup_printf("pid %d since ", getpid());

	f->l = open_as(f, PL_LEDGER_WRITE);
	other = open_as(f, PL_LEDGER_WRITE);
	assert_ok(pl_ledger_lock(f->l, "run", 0, NULL, E));
	assert_fails(pl_ledger_lock(other, "run", 0, &holder, E),
	    PL_LEDGER_CONFLICT, pid);
	assert_true(g_str_has_prefix(holder, pid));
	assert_ok(pl_ledger_lock(other, "daemon", 0, NULL, E));
	g_clear_pointer(&f->l, pl_ledger_close);
	assert_ok(pl_ledger_lock(other, "run", 0, NULL, E));
}

static void
a_lock_ends_with_its_process(void **state)
{
	struct fixture *f = *state;
	int fds[2];
	char c;
	pid_t child;

	f->l = open_as(f, PL_LEDGER_WRITE);
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		pl_ledger *l = open_as(f, PL_LEDGER_WRITE);

		if (!pl_ledger_lock(l, "run", 0, NULL, NULL))
			_exit(1);
		(void)!write(fds[1], "x", 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(fds[0], &c, 1), 1);
	assert_fails(pl_ledger_lock(f->l, "run", 0, NULL, E),
	    PL_LEDGER_CONFLICT, "taken by pid");
	kill(child, SIGKILL);
	/* A short wait is enough; nothing has to be cleaned up. */
	assert_ok(pl_ledger_lock(f->l, "run", 5, NULL, E));
	waitpid(child, NULL, 0);
	close(fds[0]);
	close(fds[1]);
}

static void
a_lock_is_no_door_to_other_files(void **state)
{
	struct fixture *f = *state;
	g_autofree char *lock = g_strconcat(f->path, ".run.lock", NULL);
	g_autofree char *victim = g_build_filename(f->folder, "v", NULL);
	g_autofree char *text = NULL;

	f->l = open_as(f, PL_LEDGER_WRITE);
	assert_true(g_file_set_contents(victim, "kept", -1, NULL));
	assert_int_equal(symlink(victim, lock), 0);
	assert_fails(
	    pl_ledger_lock(f->l, "run", 0, NULL, E), PL_LEDGER_FAILED, lock);
	assert_true(g_file_get_contents(victim, &text, NULL, NULL));
	assert_string_equal(text, "kept");
}

/* Also after a test that failed with something mounted. */
static int
unmount_and_teardown(void **state)
{
	struct fixture *f = *state;

	while (umount2(f->messages, MNT_DETACH) == 0 ||
	       umount2(f->folder, MNT_DETACH) == 0)
		;
	return teardown(state);
}

#define T(name) \
	cmocka_unit_test_setup_teardown(name, setup_empty, unmount_and_teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(reading_leaves_no_trace),
		T(reading_keeps_the_log_of_a_crash_as_it_is),
		T(a_read_only_disk_can_be_read_and_not_written),
		T(a_disk_that_becomes_read_only_is_told_from_other_failures),
		T(a_ledger_without_rights_says_so),
		T(space_is_that_of_the_fuller_disk),
		T(a_failed_change_undoes_the_callers_transaction),
		T(closing_undoes_what_is_not_committed),
		T(another_writer_is_waited_for_and_then_given_up),
		T(a_lock_has_one_holder_who_is_named),
		T(a_lock_ends_with_its_process),
		T(a_lock_is_no_door_to_other_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
