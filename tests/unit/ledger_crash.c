/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 250 means stored: a process that captures mail dies, loses power, or its
 * disk fails, at every single operation on the disk. What it had answered with
 * 250 is in the ledger, byte for byte; what it had not is nowhere, or whole.
 */
#include <sys/mount.h>
#include <sys/wait.h>

#include "ledger_faults.h"
#include "ledger_fixture.h"

/* Groups of messages, as the daemon stores them. */
enum { GROUPS = 3, PER_GROUP = 3 };
#define HEADER "A: b\r\n\r\n"

/* Forks and fresh ledgers cost five times as much under AddressSanitizer: there
 * every fifth operation is enough, the plain build takes each. */
#ifdef __SANITIZE_ADDRESS__
enum { STEP = 5 };
#else
enum { STEP = 1 };
#endif

static char *
body_of(unsigned number, gsize *length)
{
	char *body;

	*length = number == PER_GROUP + 1   ? PL_CHUNK + 100
		  : number % PER_GROUP == 2 ? 20
					    : 30000;
	body = g_malloc(*length);
	for (gsize i = 0; i < *length; i++)
		body[i] = (char)(i * 31 + i / 255 + number);
	memcpy(body, HEADER, strlen(HEADER));
	return body;
}

/* With the hashes of what it is. */
static pl_message *
message_of(unsigned number)
{
	gsize length;
	g_autofree char *body = body_of(number, &length);
	g_autofree char *name = g_strdup_printf("<%u@x>", number);
	pl_message *m = new_message("a@c.example", name, name);

	g_free(m->header_sha256);
	g_free(m->body_sha256);
	m->header_sha256 =
	    g_compute_checksum_for_string(G_CHECKSUM_SHA256, HEADER, -1);
	m->body_sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256,
	    (guchar *)body + strlen(HEADER), length - strlen(HEADER));
	return m;
}

static gboolean
write_bytes(pl_ledger *l, unsigned number, pl_message *m)
{
	gsize length;
	g_autofree char *body = body_of(number, &length);

	if (!pl_bytes_create(l, "milter", m->arrived, &m->bytes, NULL))
		return FALSE;
	for (gsize at = 0; at < length; at += PL_CHUNK)
		if (!pl_bytes_append(l, &m->bytes, body + at,
			MIN(length - at, PL_CHUNK), NULL))
			return FALSE;
	return pl_bytes_seal(l, &m->bytes, m, "sales", NULL);
}

/* Every other one as on a slow disk: the bytes are synced before the facts are
 * made, and there is nothing left to sync behind them. */
static gboolean
store_group(pl_ledger *l, unsigned first)
{
	gboolean slow = first / PER_GROUP % 2 == 1;
	g_autoptr(GPtrArray) all =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_message_free);
	gboolean ok = TRUE;

	for (unsigned i = 0; ok && i < PER_GROUP; i++) {
		g_ptr_array_add(all, message_of(first + i));
		ok = write_bytes(l, first + i, all->pdata[i]);
	}
	ok = ok && (!slow || pl_bytes_sync(l, NULL));
	if (!ok || !pl_ledger_begin_told(l, NULL)) {
		pl_bytes_rollback(l);
		return FALSE;
	}
	pl_bytes_start(l);
	for (unsigned i = 0; ok && i < PER_GROUP; i++)
		ok = pl_message_add(l, all->pdata[i], "sales", NULL);
	if (!pl_bytes_sync(l, NULL))
		pl_bytes_rollback(l);
	else if (ok && pl_bytes_note(l, NULL))
		return pl_ledger_commit(l, NULL);
	pl_ledger_rollback(l);
	return FALSE;
}

/* The child: opens, stores its groups, and says 250 for each on FD. */
static void
capture(struct fixture *f, int fd)
{
	g_autoptr(pl_ledger) l =
	    pl_ledger_open(f->url, f->messages, PL_LEDGER_WRITE, NULL);

	if (l == NULL)
		return;
	for (unsigned g = 0; g < GROUPS; g++)
		if (store_group(l, g * PER_GROUP)) {
			char c = (char)g;

			(void)!write(fd, &c, 1);
		}
}

/* Groups answered with 250, as bits; *OPERATIONS gets how many there were. */
static unsigned
run_child(struct fixture *f, enum fault fault, int at, int *operations)
{
	int fds[2], status;
	unsigned answered = 0;
	char c;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		disk_set(fault, at, 0);
		capture(f, fds[1]);
		c = (char)0x80;
		(void)!write(fds[1], &c, 1);
		(void)!write(fds[1], &disk.count, sizeof(disk.count));
		_exit(0);
	}
	close(fds[1]);
	while (read(fds[0], &c, 1) == 1)
		if (c == (char)0x80)
			assert_int_equal(
			    read(fds[0], operations, sizeof(*operations)),
			    sizeof(*operations));
		else
			answered |= 1U << c;
	close(fds[0]);
	waitpid(child, &status, 0);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 42);
	return answered;
}

/* Is message NUMBER there? If so, byte for byte. */
static gboolean
is_stored(pl_ledger *l, unsigned number)
{
	g_autoptr(pl_message) like = message_of(number);
	gint64 id = pl_message_same(l, like, "a@c.example");
	g_autoptr(pl_bytes) b = NULL;
	gsize length;
	g_autofree char *body = body_of(number, &length), *buffer = NULL;

	if (id == 0)
		return FALSE;
	b = pl_bytes_open(l, id, NULL);
	assert_non_null(b);
	assert_int_equal(pl_bytes_size(b), length);
	buffer = g_malloc(length);
	assert_int_equal(pl_bytes_pread(b, 0, buffer, length, NULL), length);
	assert_memory_equal(buffer, body, length);
	return TRUE;
}

static void
assert_kept(pl_ledger *l, unsigned answered)
{
	for (unsigned n = 0; n < GROUPS * PER_GROUP; n++)
		if (!is_stored(l, n) && (answered & 1U << n / PER_GROUP) != 0)
			fail_msg(
			    "message %u was answered with 250 and lost", n);
}

/* After a crash: open, sweep, look, go on. */
static void
assert_recovers(struct fixture *f, unsigned answered)
{
	f->l = open_as(f, PL_LEDGER_WRITE);
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	assert_whole(f->l);
	assert_kept(f->l, answered);
	assert_true(store_group(f->l, 100));
	assert_true(is_stored(f->l, 100));
	assert_whole(f->l);
	g_clear_pointer(&f->l, pl_ledger_close);
	remove_all(f->folder);
	g_mkdir(f->folder, 0700);
}

static void
die_everywhere(struct fixture *f, enum fault fault, int step)
{
	int operations = 0;
	unsigned all = run_child(f, HEALTHY, 0, &operations);

	assert_int_equal(all, (1U << GROUPS) - 1);
	assert_true(operations > 40);
	assert_recovers(f, all);
	for (int at = 1; at <= operations; at += step) {
		int ignored;
		unsigned answered = run_child(f, fault, at, &ignored);

		assert_recovers(f, answered);
	}
}

static void
what_was_answered_survives_a_kill_at_every_operation(void **state)
{
	die_everywhere(*state, DIES, STEP);
}

static void
what_was_answered_survives_a_power_cut_at_every_operation(void **state)
{
	die_everywhere(*state, LOSES, STEP);
}

static void
what_was_answered_survives_a_power_cut_that_tears(void **state)
{
	die_everywhere(*state, TEARS, 3 * STEP);
}

/* ---- a disk that fails while the process lives on ---------------------- */

static const int failures[] = { SQLITE_FULL, SQLITE_IOERR_WRITE,
	SQLITE_IOERR_FSYNC };

/* 1: the disk fails from operation AT on, for one group, and is healed: the
 * same handle goes on. Returns whether the fault was reached. */
static gboolean
fail_once(struct fixture *f, int at, int code)
{
	unsigned answered = 0;
	gboolean reached;

	disk_set(HEALTHY, 0, 0);
	f->l = open_as(f, PL_LEDGER_WRITE);
	if (store_group(f->l, 0))
		answered |= 1;
	assert_int_equal(answered, 1);
	disk_set(FAILS, at, code);
	if (store_group(f->l, PER_GROUP))
		answered |= 2;
	reached = disk.count >= at;
	disk_set(HEALTHY, 0, 0);
	if (!store_group(f->l, 2 * PER_GROUP))
		fail_msg("the handle is dead after failure %d at %d", code, at);
	answered |= 4;
	assert_kept(f->l, answered);
	assert_whole(f->l);
	pl_ledger_close(f->l);
	f->l = open_as(f, PL_LEDGER_WRITE);
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	assert_kept(f->l, answered);
	assert_whole(f->l);
	g_clear_pointer(&f->l, pl_ledger_close);
	remove_all(f->folder);
	g_mkdir(f->folder, 0700);
	return reached;
}

static void
a_disk_that_fails_anywhere_loses_nothing_answered(void **state)
{
	struct fixture *f = *state;

	for (unsigned c = 0; c < G_N_ELEMENTS(failures); c++)
		for (int at = 1; fail_once(f, at, failures[c]); at += STEP)
			;
}

/* One session's failure takes with it what another one has sealed: that one
 * must not hear that it was synced, whatever came later. */
static void
a_sync_fails_when_sealed_bytes_were_lost_before_it(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id failing, later;
	g_autoptr(pl_message) sealed = message_of(3);
	g_autofree char *bytes = g_malloc0(PL_CHUNK);
	gboolean failed = FALSE;

	f->l = open_as(f, PL_LEDGER_WRITE);
	assert_true(store_group(f->l, 0));
	assert_true(write_bytes(f->l, 3, sealed));
	assert_ok(pl_bytes_create(f->l, "milter", 0, &failing, E));
	assert_string_not_equal(sealed->bytes.store, failing.store);
	disk_set(FAILS, 1, SQLITE_FULL);
	/* More than the cache holds, so that the disk is asked. */
	for (int i = 0; !failed && i < 1000; i++)
		failed =
		    !pl_bytes_append(f->l, &failing, bytes, PL_CHUNK, NULL);
	assert_true(failed);
	disk_set(HEALTHY, 0, 0);
	assert_false(
	    pl_bytes_create(f->l, "milter", g_get_real_time(), &later, NULL));
	assert_fails(pl_bytes_sync(f->l, E), PL_LEDGER_FULL, "no space");
	assert_fails(pl_bytes_seal(f->l, &sealed->bytes, NULL, NULL, E),
	    PL_LEDGER_FAILED, "lost");
	assert_true(store_group(f->l, PER_GROUP));
	assert_whole(f->l);
	g_clear_pointer(&f->l, pl_ledger_close);
}

/* At midnight two months are written: where one of them cannot be synced, both
 * are refused, and neither comes back. */
static void
what_failed_in_one_month_is_undone_in_the_other(void **state)
{
	struct fixture *f = *state;

	for (int at = 1; at <= 2; at++) {
		g_autoptr(pl_message) old = message_of(0);
		g_autoptr(pl_message) new = message_of(1);

		disk_set(HEALTHY, 0, 0);
		f->l = open_as(f, PL_LEDGER_WRITE);
		old->arrived -= 70 * G_TIME_SPAN_DAY;
		assert_true(write_bytes(f->l, 0, old));
		assert_true(write_bytes(f->l, 1, new));
		disk_set(TRIPS, at, SQLITE_IOERR_FSYNC);
		assert_false(pl_bytes_sync(f->l, NULL));
		disk_set(HEALTHY, 0, 0);
		g_clear_pointer(&f->l, pl_ledger_close);
		f->l = open_as(f, PL_LEDGER_WRITE);
		assert_ok(pl_bytes_sweep(f->l, "milter", E));
		assert_false(is_stored(f->l, 0));
		assert_false(is_stored(f->l, 1));
		g_clear_pointer(&f->l, pl_ledger_close);
		remove_all(f->folder);
		g_mkdir(f->folder, 0700);
	}
}

static goffset
size_of(struct fixture *f, const char *store)
{
	g_autofree char *file = g_strconcat(store, ".mail", NULL);
	g_autofree char *path = g_build_filename(f->messages, file, NULL);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* The first thing that is written after a sync, and only its mark is. */
static void
half_a_record_is_cut_off(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id id;
	goffset before;

	f->l = open_as(f, PL_LEDGER_WRITE);
	assert_true(store_group(f->l, 0));
	assert_ok(pl_bytes_create(f->l, "milter", g_get_real_time(), &id, E));
	before = size_of(f, id.store);
	disk_set(TRIPS, 2, SQLITE_FULL);
	assert_fails(
	    pl_bytes_append(f->l, &id, "x", 1, E), PL_LEDGER_FULL, "no space");
	assert_int_equal(size_of(f, id.store), before);
}

/* ---- a full disk ------------------------------------------------------- */

static unsigned
fill_up(pl_ledger *l, unsigned *first)
{
	unsigned stored = 0;

	while (store_group(l, *first)) {
		*first += PER_GROUP;
		stored++;
		if (stored > 1000)
			fail_msg("the disk never fills");
	}
	return stored;
}

static void
a_full_disk_refuses_and_goes_on_when_there_is_room(void **state)
{
	struct fixture *f = *state;
	unsigned first = 0, end;
	GError *error = NULL;
	struct pl_bytes_id id;
	g_autofree char *big = NULL;

	if (geteuid() != 0)
		skip();
	assert_int_equal(mount("none", f->folder, "tmpfs", 0, "size=8m"), 0);
	f->l = open_as(f, PL_LEDGER_WRITE);
	assert_true(fill_up(f->l, &first) > 2);
	/* It is called by its name. */
	big = g_malloc0(PL_CHUNK);
	if (pl_bytes_create(f->l, "milter", g_get_real_time(), &id, &error))
		for (int i = 0; error == NULL && i < 100; i++)
			pl_bytes_append(f->l, &id, big, PL_CHUNK, &error);
	if (error == NULL)
		pl_bytes_sync(f->l, &error);
	assert_non_null(error);
	if (error->code != PL_LEDGER_FULL)
		fail_msg("not called full: %s", error->message);
	g_error_free(error);
	pl_bytes_rollback(f->l);
	for (unsigned i = 0; i < first; i++)
		assert_true(is_stored(f->l, i));
	assert_false(is_stored(f->l, first));
	/* Room is made: the same handle goes on. */
	assert_int_equal(
	    mount("none", f->folder, "tmpfs", MS_REMOUNT, "size=64m"), 0);
	end = first + 4 * PER_GROUP;
	for (; first < end; first += PER_GROUP)
		assert_true(store_group(f->l, first));
	for (unsigned i = 0; i < end; i++)
		assert_true(is_stored(f->l, i));
	assert_whole(f->l);
	reopen(f);
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	for (unsigned i = 0; i < end; i++)
		assert_true(is_stored(f->l, i));
	assert_whole(f->l);
}

/* ---- two processes ----------------------------------------------------- */

static void
work(struct fixture *f, char kind)
{
	pl_ledger *l = open_as(f, PL_LEDGER_WRITE);

	for (unsigned i = 0; i < 40; i++) {
		if (kind == 'd' && !store_group(l, i * PER_GROUP))
			_exit(2);
		if (kind == 'r') {
			struct pl_event e = { .what = (char *)"note" };
			g_autoptr(GArray) ids =
			    pl_message_unindexed(l, 0, 5, NULL);

			if (!pl_ledger_begin(l, NULL))
				_exit(3);
			for (guint k = 0; k < ids->len; k++) {
				g_autoptr(pl_message) m = pl_message_get(
				    l, g_array_index(ids, gint64, k), NULL);
				g_autoptr(pl_bytes) b =
				    pl_bytes_open(l, m->id, NULL);
				char buffer[100];

				if (pl_bytes_pread(b, 0, buffer, 100, NULL) <
					10 ||
				    !pl_message_indexed(l, m, NULL))
					_exit(4);
			}
			if (!pl_event_add(l, &e, NULL) ||
			    !pl_ledger_commit(l, NULL))
				_exit(5);
		}
	}
	pl_ledger_close(l);
	_exit(0);
}

static void
a_daemon_and_a_run_work_on_one_ledger(void **state)
{
	struct fixture *f = *state;
	static const char kinds[] = "drr";
	pid_t children[3];
	struct pl_audit audit;

	f->l = open_as(f, PL_LEDGER_WRITE);
	for (unsigned i = 0; i < 3; i++) {
		children[i] = fork();
		if (children[i] == 0)
			work(f, kinds[i]);
	}
	for (unsigned i = 0; i < 3; i++) {
		int status;

		waitpid(children[i], &status, 0);
		assert_int_equal(status, 0);
	}
	for (unsigned i = 0; i < 40 * PER_GROUP; i++)
		assert_true(is_stored(f->l, i));
	assert_ok(pl_event_verify(f->l, NULL, &audit, E));
	assert_true(audit.events >= 1 + 40 * PER_GROUP + 80);
	assert_whole(f->l);
}

static int
unmount_and_teardown(void **state)
{
	struct fixture *f = *state;

	disk_set(HEALTHY, 0, 0);
	g_clear_pointer(&f->l, pl_ledger_close);
	umount2(f->folder, MNT_DETACH);
	return teardown(state);
}

#define T(name) \
	cmocka_unit_test_setup_teardown(name, setup_empty, unmount_and_teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_answered_survives_a_kill_at_every_operation),
		T(what_was_answered_survives_a_power_cut_at_every_operation),
		T(what_was_answered_survives_a_power_cut_that_tears),
		T(a_disk_that_fails_anywhere_loses_nothing_answered),
		T(a_sync_fails_when_sealed_bytes_were_lost_before_it),
		T(half_a_record_is_cut_off),
		T(what_failed_in_one_month_is_undone_in_the_other),
		T(a_full_disk_refuses_and_goes_on_when_there_is_room),
		T(a_daemon_and_a_run_work_on_one_ledger),
	};

	disk_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
