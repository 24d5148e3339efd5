/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Message bytes are dropped when everything in them was settled long enough
 * ago; facts and history stay, space comes back, and nobody is disturbed.
 */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_fixture.h"
#include "store.h"

#define YEAR (365 * G_TIME_SPAN_DAY)

/* As if it had come in then. */
static gint64
add_then(pl_ledger *l, gint64 arrived, const char *number, gsize size)
{
	g_autofree char *id = g_strdup_printf("<%s@shop.example>", number);
	g_autoptr(pl_message) m = new_message("<sales@c.example>", id, number);
	g_autofree char *body = g_strnfill(size, 'x');

	m->arrived = arrived;
	assert_ok(pl_bytes_create(l, "milter", arrived, &m->bytes, E));
	for (gsize at = 0; at < size; at += PL_CHUNK)
		assert_ok(pl_bytes_append(
		    l, &m->bytes, body + at, MIN(size - at, PL_CHUNK), E));
	assert_ok(pl_bytes_seal(l, &m->bytes, NULL, NULL, E));
	assert_ok(pl_bytes_sync(l, E));
	assert_ok(pl_message_add(l, m, "sales", E));
	assert_ok(pl_message_indexed(l, m, E));
	return m->id;
}

/* N of them, in one go. */
static void
add_many(pl_ledger *l, gint64 arrived, unsigned n, gsize size)
{
	g_autofree char *body = g_strnfill(size, 'x');
	g_autoptr(GPtrArray) all =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_message_free);

	for (unsigned i = 0; i < n; i++) {
		pl_message *m = new_message("<sales@c.example>", NULL, "x");

		m->arrived = arrived;
		assert_ok(
		    pl_bytes_create(l, "milter", m->arrived, &m->bytes, E));
		for (gsize at = 0; at < size; at += PL_CHUNK)
			assert_ok(pl_bytes_append(l, &m->bytes, body + at,
			    MIN(size - at, PL_CHUNK), E));
		assert_ok(pl_bytes_seal(l, &m->bytes, NULL, NULL, E));
		g_ptr_array_add(all, m);
	}
	assert_ok(pl_bytes_sync(l, E));
	assert_ok(pl_ledger_begin(l, E));
	for (unsigned i = 0; i < n; i++) {
		assert_ok(pl_message_add(l, all->pdata[i], "sales", E));
		assert_ok(pl_message_indexed(l, all->pdata[i], E));
	}
	assert_ok(pl_ledger_commit(l, E));
	pl_store_retire(l, g_get_real_time());
}

static gint64
enter(pl_ledger *l, gint64 message, const char *number, enum pl_state state)
{
	g_autofree char *sha =
	    g_compute_checksum_for_string(G_CHECKSUM_SHA256, number, -1);

	return add_entry(l, add_document(l, message, number, sha), "sales",
	    state, state == PL_HELD ? "PL-110" : NULL);
}

static struct pl_pruned
prune(pl_ledger *l)
{
	struct pl_pruned done;

	/* entries of tests are settled now: all of it is long ago then */
	assert_ok(pl_ledger_prune(
	    l, g_get_real_time() + G_TIME_SPAN_SECOND, NULL, NULL, &done, E));
	return done;
}

static gboolean
has_bytes(pl_ledger *l, gint64 message)
{
	g_autoptr(pl_bytes) b = pl_bytes_open(l, message, NULL);
	char c;

	return b != NULL && pl_bytes_pread(b, 0, &c, 1, NULL) == 1;
}

static unsigned
count_events(pl_ledger *l, const char *what)
{
	g_autofree char *sql = g_strdup_printf(
	    "SELECT count(*) FROM event WHERE what = '%s'", what);
	g_autoptr(pl_rows) rows = pl_db_compose(l->db, sql, NULL, 0, NULL);

	assert_int_equal(pl_rows_next(rows, NULL), 1);
	return (unsigned)pl_rows_int(rows, 0);
}

static gboolean
has_month(struct fixture *f, gint64 arrived)
{
	char name[16];
	g_autofree char *path = NULL;

	pl_store_name("milter", arrived, name);
	path = pl_store_path(f->l, name);
	return access(path, F_OK) == 0;
}

static void
bytes_go_when_all_is_settled_and_facts_stay(void **state)
{
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR;
	gint64 message = add_then(f->l, then, "1", 300000);
	gint64 entry = enter(f->l, message, "1", PL_ARCHIVED);
	struct pl_pruned done = prune(f->l);
	g_autoptr(pl_message) m = pl_message_get(f->l, message, NULL);
	g_autoptr(pl_entry) e = pl_entry_get(f->l, entry, NULL);

	assert_int_equal(done.messages, 1);
	assert_int_equal(done.bytes, 300000);
	assert_false(done.more);
	assert_true(m->pruned > 0);
	assert_string_equal(e->number, "1");
	assert_fails(pl_bytes_open(f->l, message, E), PL_LEDGER_ABSENT,
	    "its bytes were dropped on");
	assert_int_equal(count_events(f->l, "pruned"), 1);
	assert_whole(f->l);
}

static void
what_is_open_in_any_journal_keeps_its_bytes(void **state)
{
	static const enum pl_state open[] = { PL_WAITING, PL_HELD };
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR;
	gint64 kept[3];

	for (unsigned i = 0; i < 2; i++) {
		char number[2] = { (char)('1' + i), '\0' };

		kept[i] = add_then(f->l, then, number, 100);
		enter(f->l, kept[i], number, PL_ARCHIVED);
		enter(f->l, kept[i], i == 0 ? "1b" : "2b", open[i]);
	}
	/* and what is on its way */
	kept[2] = add_then(f->l, then, "3", 100);
	{
		gint64 entry = enter(f->l, kept[2], "3", PL_WAITING);
		g_autoptr(pl_batch) b = pl_batch_new();

		b->journal = g_strdup("sales");
		assert_ok(pl_batch_plan(f->l, b, &entry, 1, E));
	}
	assert_int_equal(prune(f->l).messages, 0);
	for (unsigned i = 0; i < 3; i++)
		assert_true(has_bytes(f->l, kept[i]));
	assert_whole(f->l);
}

static void
what_was_settled_later_than_that_keeps_its_bytes(void **state)
{
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR;
	gint64 message = add_then(f->l, then, "1", 100);
	struct pl_pruned done;

	enter(f->l, message, "1", PL_ARCHIVED); /* settled now */
	assert_ok(pl_ledger_prune(
	    f->l, g_get_real_time() - YEAR, NULL, NULL, &done, E));
	assert_int_equal(done.messages, 0);
	assert_true(has_bytes(f->l, message));
}

static void
what_was_not_read_yet_keeps_its_bytes(void **state)
{
	struct fixture *f = *state;
	gint64 id = add_message(f->l, "<s@c.example>", "<1@x>", "body");

	assert_int_equal(prune(f->l).messages, 0);
	assert_true(has_bytes(f->l, id));
}

static void
a_month_without_anything_kept_is_removed_as_a_file(void **state)
{
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR;
	struct pl_pruned done;

	add_many(f->l, then, 600, 10);
	assert_true(has_month(f, then));
	done = prune(f->l);
	assert_int_equal(done.messages, 600);
	assert_int_equal(done.months, 1);
	assert_false(has_month(f, then));
	assert_int_equal(count_events(f->l, "pruned"), 3);
	assert_int_equal(count_events(f->l, "removed"), 1);
	assert_int_equal(prune(f->l).messages, 0);
	assert_whole(f->l);
}

static goffset
size_of(struct fixture *f, gint64 arrived)
{
	char name[16];
	g_autofree char *path = NULL;
	struct stat st;

	pl_store_name("milter", arrived, name);
	path = pl_store_path(f->l, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_blocks * 512;
}

static void
a_month_that_keeps_something_becomes_small(void **state)
{
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR, kept;
	goffset before;

	add_many(f->l, then, 40, 300000);
	kept = add_then(f->l, then, "kept", 300000);
	enter(f->l, kept, "kept", PL_WAITING);
	pl_ledger_shrink(f->l);
	before = size_of(f, then);
	assert_int_equal(prune(f->l).messages, 40);
	assert_true(has_month(f, then));
	assert_true(size_of(f, then) * 10 < before);
	assert_true(has_bytes(f->l, kept));
	assert_whole(f->l);
}

static void
a_file_that_somebody_reads_goes_and_is_read_to_its_end(void **state)
{
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR;
	gint64 message = add_then(f->l, then, "1", 300000);
	g_autoptr(pl_ledger) other = open_as(f, PL_LEDGER_READ);
	g_autoptr(pl_bytes) reading = NULL;
	char c;

	pl_store_retire(f->l, g_get_real_time());
	reading = pl_bytes_open(other, message, NULL);
	assert_int_equal(pl_bytes_pread(reading, 0, &c, 1, NULL), 1);
	assert_int_equal(prune(f->l).months, 1);
	assert_false(has_month(f, then));
	assert_int_equal(pl_bytes_pread(reading, 299999, &c, 1, NULL), 1);
	assert_whole(f->l);
}

/* What was dropped reads as zeros, which nobody must take for the message. */
static void
a_message_that_is_dropped_while_it_is_read_is_told(void **state)
{
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR;
	gint64 message = add_then(f->l, then, "1", 600000);
	gint64 kept = add_then(f->l, then, "kept", 10);
	g_autoptr(pl_bytes) reading = pl_bytes_open(f->l, message, NULL);
	char c;

	enter(f->l, kept, "kept", PL_WAITING);
	assert_int_equal(pl_bytes_pread(reading, 0, &c, 1, NULL), 1);
	assert_int_equal(prune(f->l).messages, 1);
	assert_fails(pl_bytes_pread(reading, 400000, &c, 1, E) >= 0,
	    PL_LEDGER_ABSENT, "were dropped on");
	assert_true(has_bytes(f->l, kept));
}

/* A daemon whose clock went back by years. */
static void
a_file_that_is_written_stays_until_later(void **state)
{
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR, message;
	g_autoptr(pl_ledger) late = NULL;
	struct pl_bytes_id id;
	char name[16];

	message = add_then(f->l, then, "1", 100);
	pl_store_retire(f->l, g_get_real_time());
	late = open_as(f, PL_LEDGER_WRITE);
	pl_store_name("milter", then, name);
	assert_non_null(pl_store_writer(late, name, NULL));
	assert_int_equal(prune(f->l).months, 0);
	g_hash_table_remove(late->writers, name);
	assert_int_equal(prune(f->l).months, 1);
	assert_ok(pl_bytes_create(late, "milter", then, &id, E));
	assert_ok(pl_bytes_seal(late, &id, NULL, NULL, E));
	assert_ok(pl_bytes_sync(late, E));
	assert_true(has_month(f, then));
	assert_false(has_bytes(f->l, message));
}

/* By a clock that went back. */
static void
a_month_that_was_removed_may_begin_anew(void **state)
{
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR, message;

	add_then(f->l, then, "1", 300000);
	reopen(f);
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	pl_store_retire(f->l, g_get_real_time());
	assert_int_equal(prune(f->l).months, 1);
	message = add_then(f->l, then, "2", 100);
	reopen(f);
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	assert_true(has_bytes(f->l, message));
	assert_whole(f->l);
}

static gpointer
open_writer(gpointer data)
{
	struct fixture *f = data;
	g_autoptr(pl_ledger) late = open_as(f, PL_LEDGER_WRITE);
	struct pl_bytes_id id;

	assert_fails(pl_bytes_create(late, "milter",
			 g_get_real_time() - 2 * YEAR, &id, E),
	    PL_LEDGER_RETRY, "was removed");
	assert_ok(pl_bytes_create(
	    late, "milter", g_get_real_time() - 2 * YEAR, &id, E));
	return NULL;
}

static void
a_writer_never_writes_into_a_file_that_was_removed(void **state)
{
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR;
	g_autofree char *path = NULL;
	GThread *thread;
	char name[16];
	int fd;

	add_then(f->l, then, "1", 100);
	pl_store_retire(f->l, g_get_real_time());
	pl_store_name("milter", then, name);
	path = pl_store_path(f->l, name);
	fd = open(path, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	thread = g_thread_new("writer", open_writer, f);
	g_usleep(200000); /* it has the file open, and waits */
	assert_int_equal(unlink(path), 0);
	close(fd);
	g_thread_join(thread);
}

static gboolean
never(const struct pl_pruned *done, void *user)
{
	unsigned *left = user;

	(void)done;
	return (*left)-- > 0;
}

static void
a_call_that_was_ended_is_continued_by_the_next(void **state)
{
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR;
	gint64 now = g_get_real_time() + G_TIME_SPAN_SECOND;
	unsigned calls = 0, messages = 0, months = 0;
	struct pl_pruned done;

	for (unsigned i = 0; i < 600; i++) {
		g_autofree char *number = g_strdup_printf("%u", i);

		add_then(
		    f->l, then + (i / 300) * 60 * G_TIME_SPAN_DAY, number, 10);
	}
	pl_store_retire(f->l, g_get_real_time());
	do {
		unsigned steps = 2;

		assert_ok(pl_ledger_prune(f->l, now, never, &steps, &done, E));
		messages += done.messages;
		months += done.months;
		assert_whole(f->l);
	} while (done.more && ++calls < 20);
	assert_in_range(calls, 1, 10);
	assert_int_equal(messages, 600);
	assert_int_equal(months, 2);
}

static void
bytes_that_a_dying_call_left_go_with_the_next(void **state)
{
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR, kept;
	unsigned steps = 2;
	struct pl_pruned done;

	add_many(f->l, then, 200, 20000);
	kept = add_then(f->l, then, "kept", 100);
	enter(f->l, kept, "kept", PL_HELD);
	pl_ledger_shrink(f->l);
	/* marked, and not one deleted */
	assert_ok(pl_ledger_prune(f->l, g_get_real_time() + G_TIME_SPAN_SECOND,
	    never, &steps, &done, E));
	assert_int_equal(done.messages, 200);
	assert_true(done.more);
	assert_true(size_of(f, then) > 200 * 20000);
	assert_int_equal(prune(f->l).messages, 0);
	assert_true(size_of(f, then) < 200 * 2000);
	assert_true(has_bytes(f->l, kept));
}

static void
what_comes_in_by_a_wrong_clock_is_nobodys_remains(void **state)
{
	struct fixture *f = *state;
	gint64 then = g_get_real_time() - 2 * YEAR, kept;
	g_autoptr(pl_ledger) late = NULL;
	g_autoptr(pl_message) m = new_message("a@c.example", "<l@x>", "late");
	g_autofree char *bytes = g_strnfill(PL_CHUNK, 'x');
	unsigned steps = 2;
	struct pl_pruned done;

	add_many(f->l, then, 200, 100);
	kept = add_then(f->l, then, "kept", 100);
	enter(f->l, kept, "kept", PL_HELD);
	pl_store_retire(f->l, g_get_real_time());
	late = open_as(f, PL_LEDGER_WRITE);
	assert_ok(pl_bytes_create(late, "milter", then, &m->bytes, E));
	assert_ok(pl_bytes_append(late, &m->bytes, bytes, PL_CHUNK, E));
	assert_ok(pl_ledger_prune(f->l, g_get_real_time() + G_TIME_SPAN_SECOND,
	    never, &steps, &done, E));
	assert_int_equal(prune(f->l).messages, 0);
	assert_ok(pl_bytes_seal(late, &m->bytes, NULL, NULL, E));
	assert_ok(pl_bytes_sync(late, E));
	assert_ok(pl_message_add(late, m, "sales", E));
	assert_true(has_bytes(f->l, m->id));
	assert_whole(f->l);
}

static void
what_has_no_bytes_is_not_sent_again(void **state)
{
	struct fixture *f = *state;
	gint64 message = add_then(f->l, g_get_real_time() - YEAR, "1", 100);
	gint64 entry = enter(f->l, message, "1", PL_WAITING), twin;
	g_autoptr(pl_batch) b = pl_batch_new();
	unsigned attempt;

	twin = enter(f->l, message, "2", PL_DUPLICATE);
	b->journal = g_strdup("sales");
	assert_ok(pl_batch_plan(f->l, b, &entry, 1, E));
	assert_ok(pl_batch_attempt(f->l, b->id, FALSE, &attempt, E));
	assert_ok(pl_batch_answer(
	    f->l, b->id, attempt, PL_ATTEMPT_SENT, "250", NULL, 1, E));
	assert_int_equal(prune(f->l).messages, 1);
	assert_fails(pl_entry_resend(f->l, entry, E), PL_LEDGER_CONFLICT,
	    "cannot be sent any more");
	assert_fails(pl_entry_release(f->l, twin, E), PL_LEDGER_CONFLICT,
	    "cannot be sent any more");
	assert_int_equal(state_of(f->l, entry), PL_SENT);
}

/* A statement behind a gap, for instance: it would leave by itself. */
static void
what_has_no_bytes_is_not_held_again(void **state)
{
	struct fixture *f = *state;
	gint64 message = add_then(f->l, g_get_real_time() - YEAR, "1", 100);
	gint64 entry = enter(f->l, message, "1", PL_HELD);

	assert_ok(pl_entry_change(
	    f->l, entry, PL_HELD, PL_ARCHIVED, "PL-201", NULL, 0, E));
	assert_int_equal(prune(f->l).messages, 1);
	assert_fails(pl_entry_change(f->l, entry, PL_ARCHIVED, PL_HELD,
			 "PL-201", NULL, 0, E),
	    PL_LEDGER_CONFLICT, "cannot be sent any more");
	assert_int_equal(state_of(f->l, entry), PL_ARCHIVED);
	assert_whole(f->l);
}

static void
what_has_no_bytes_is_sent_to_no_other_journal(void **state)
{
	struct fixture *f = *state;
	gint64 message = add_then(f->l, g_get_real_time() - YEAR, "1", 100);
	gint64 document = add_document(f->l, message, "1", "aa"), id;

	add_entry(f->l, document, "sales", PL_ARCHIVED, NULL);
	assert_int_equal(prune(f->l).messages, 1);
	assert_fails(pl_entry_add(f->l, document, "other", PL_WAITING, NULL,
			 NULL, 0, &id, E),
	    PL_LEDGER_CONFLICT, "cannot be sent any more");
	assert_whole(f->l);
}

static void
what_has_no_bytes_is_not_taken_up_by_a_new_journal(void **state)
{
	struct fixture *f = *state;
	gint64 message = add_then(f->l, g_get_real_time() - YEAR, "1", 100);
	GArray *before, *after;

	enter(f->l, message, "1", PL_ARCHIVED);
	before =
	    pl_message_untaken(f->l, "sales@c.example", "new", 0, 10, NULL);
	assert_int_equal(before->len, 1);
	assert_int_equal(prune(f->l).messages, 1);
	after = pl_message_untaken(f->l, "sales@c.example", "new", 0, 10, NULL);
	assert_int_equal(after->len, 0);
	g_array_unref(before);
	g_array_unref(after);
}

static void
nothing_is_dropped_while_a_backup_is_made(void **state)
{
	struct fixture *f = *state;
	gint64 message = add_then(f->l, g_get_real_time() - YEAR, "1", 100);
	g_autoptr(pl_ledger) other = open_as(f, PL_LEDGER_READ);
	struct pl_pruned done;
	gboolean busy;
	int fd = pl_ledger_lock_bytes(other, 0, &busy, NULL);

	assert_true(fd >= 0);
	done = prune(f->l);
	assert_int_equal(done.messages, 0);
	assert_true(done.more);
	assert_true(has_bytes(f->l, message));
	pl_ledger_unlock(other, fd);
	assert_int_equal(prune(f->l).messages, 1);
}

static void
messages_of_these_days_go_from_the_file_that_is_written(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_ledger) run = NULL;
	gint64 now = g_get_real_time(), gone, next;
	struct pl_bytes_id coming;

	gone = add_then(f->l, now, "1", 300000);
	/* the daemon is in the middle of the next one */
	assert_ok(pl_bytes_create(f->l, "milter", now, &coming, E));
	assert_ok(pl_bytes_sync(f->l, E));
	run = open_as(f, PL_LEDGER_WRITE);
	assert_int_equal(prune(run).messages, 1);
	assert_true(has_month(f, now));
	assert_ok(pl_bytes_append(f->l, &coming, "x", 1, E));
	assert_ok(pl_bytes_seal(f->l, &coming, NULL, NULL, E));
	assert_ok(pl_bytes_sync(f->l, E));
	next = add_then(f->l, now, "2", 100);
	assert_false(has_bytes(f->l, gone));
	assert_true(has_bytes(f->l, next));
	assert_whole(f->l);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(bytes_go_when_all_is_settled_and_facts_stay),
		T(what_is_open_in_any_journal_keeps_its_bytes),
		T(what_was_settled_later_than_that_keeps_its_bytes),
		T(what_was_not_read_yet_keeps_its_bytes),
		T(a_month_without_anything_kept_is_removed_as_a_file),
		T(a_month_that_keeps_something_becomes_small),
		T(a_file_that_somebody_reads_goes_and_is_read_to_its_end),
		T(a_message_that_is_dropped_while_it_is_read_is_told),
		T(a_file_that_is_written_stays_until_later),
		T(a_month_that_was_removed_may_begin_anew),
		T(what_comes_in_by_a_wrong_clock_is_nobodys_remains),
		T(a_writer_never_writes_into_a_file_that_was_removed),
		T(a_call_that_was_ended_is_continued_by_the_next),
		T(bytes_that_a_dying_call_left_go_with_the_next),
		T(what_has_no_bytes_is_not_sent_again),
		T(what_has_no_bytes_is_not_held_again),
		T(what_has_no_bytes_is_sent_to_no_other_journal),
		T(what_has_no_bytes_is_not_taken_up_by_a_new_journal),
		T(nothing_is_dropped_while_a_backup_is_made),
		T(messages_of_these_days_go_from_the_file_that_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
