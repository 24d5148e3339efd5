/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a crash, a power cut or a ledger that was put back leaves to the start
 * of the daemon: all that was answered comes back, and nothing else does.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ledger_fixture.h"
#include "store.h"

#define HEADER "Subject: x\r\n\r\n"
#define YEAR (365 * G_TIME_SPAN_DAY)

static pl_message *
told_message(const char *id, const char *body)
{
	pl_message *m = new_message("<a@c.example>", id, body);

	g_free(m->header_sha256);
	m->header_sha256 =
	    g_compute_checksum_for_string(G_CHECKSUM_SHA256, HEADER, -1);
	return m;
}

/* Sealed with all that is told of it. */
static pl_message *
sealed_at(pl_ledger *l, gint64 arrived, const char *id, const char *body)
{
	pl_message *m = told_message(id, body);
	g_autofree char *bytes = g_strconcat(HEADER, body, NULL);
	gsize length = strlen(bytes);

	m->arrived = arrived;
	assert_ok(pl_bytes_create(l, "milter", arrived, &m->bytes, E));
	for (gsize at = 0; at < length; at += PL_CHUNK)
		assert_ok(pl_bytes_append(
		    l, &m->bytes, bytes + at, MIN(length - at, PL_CHUNK), E));
	assert_ok(pl_bytes_seal(l, &m->bytes, m, "sales", E));
	return m;
}

/* The same, durable; without facts. */
static struct pl_bytes_id
seal_at(pl_ledger *l, gint64 arrived, const char *id, const char *body)
{
	g_autoptr(pl_message) m = sealed_at(l, arrived, id, body);

	assert_ok(pl_bytes_sync(l, E));
	return m->bytes;
}

static struct pl_bytes_id
seal(struct fixture *f, const char *id)
{
	return seal_at(f->l, g_get_real_time(), id, "body");
}

static gint64
found(struct fixture *f, const char *id)
{
	g_autoptr(pl_message) like = told_message(id, "body");

	return pl_message_same(f->l, like, "a@c.example");
}

static gint64
count(struct fixture *f, const char *sql)
{
	g_autoptr(pl_rows) rows = pl_db_compose(f->l->db, sql, NULL, 0, NULL);

	assert_int_equal(pl_rows_next(rows, NULL), 1);
	return pl_rows_int(rows, 0);
}

static void
start_again(struct fixture *f)
{
	reopen(f);
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	assert_whole(f->l);
}

static void
copy_facts(struct fixture *f, gboolean back)
{
	g_autofree char *copy = g_strconcat(f->path, ".copy", NULL);
	g_autofree char *log = g_strconcat(f->path, "-wal", NULL);
	g_autofree char *bytes = NULL;
	gsize n;

	g_clear_pointer(&f->l, pl_ledger_close);
	g_unlink(log);
	assert_true(
	    g_file_get_contents(back ? copy : f->path, &bytes, &n, NULL));
	assert_true(
	    g_file_set_contents(back ? f->path : copy, bytes, (gssize)n, NULL));
	f->l = open_as(f, PL_LEDGER_WRITE);
}

static void
overwrite(
    struct fixture *f, const char *store, guint64 at, const void *by, gsize n)
{
	g_autofree char *path = pl_store_path(f->l, store);
	int fd = open(path, O_WRONLY);

	assert_int_equal(pwrite(fd, by, n, (off_t)at), n);
	close(fd);
}

/* A file system that knows no holes. */
static gboolean no_holes;

int
fallocate(int fd, int mode, off_t at, off_t length)
{
	if (!no_holes)
		return (int)syscall(SYS_fallocate, fd, mode, at, length);
	errno = EOPNOTSUPP;
	return -1;
}

static void
what_is_dropped_can_be_read_nowhere(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id id =
	    seal_at(f->l, g_get_real_time(), "<1@x>", "a secret of the sender");
	g_autofree char *path = pl_store_path(f->l, id.store), *bytes = NULL;
	gsize n;

	no_holes = TRUE;
	pl_bytes_drop(f->l, &id);
	no_holes = FALSE;
	assert_true(g_file_get_contents(path, &bytes, &n, NULL));
	assert_null(memmem(bytes, n, "secret", 6));
	assert_null(memmem(bytes, n, "erp@shop", 8));
}

/* Each would write over what the other one wrote. */
static void
two_ledgers_do_not_write_into_one_file(void **state)
{
	struct fixture *f = *state;
	g_autofree char *url = g_strdup_printf("sqlite:%s/b.db", f->folder);
	g_autoptr(pl_ledger) other = NULL;
	struct pl_bytes_id id;

	assert_ok((other = pl_ledger_open(
		       url, f->messages, PL_LEDGER_WRITE, E)) != NULL);
	seal(f, "<1@x>");
	assert_fails(
	    pl_bytes_create(other, "milter", g_get_real_time(), &id, E),
	    PL_LEDGER_RETRY, "another");
	assert_fails(
	    pl_bytes_sweep(other, "milter", E), PL_LEDGER_RETRY, "another");
	seal(f, "<2@x>");
	start_again(f);
	assert_true(found(f, "<1@x>") > 0 && found(f, "<2@x>") > 0);
}

/* ---- what was answered ------------------------------------------------- */

/* Of a ledger that is older than its files, which were swept since. */
static void
what_stands_behind_what_was_swept_is_taken(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id half;

	seal(f, "<1@x>");
	start_again(f);
	copy_facts(f, FALSE);
	assert_ok(pl_bytes_create(f->l, "milter", g_get_real_time(), &half, E));
	assert_ok(pl_bytes_append(f->l, &half, "half", 4, E));
	assert_ok(pl_bytes_sync(f->l, E));
	seal(f, "<2@x>");
	start_again(f);
	seal(f, "<3@x>");
	start_again(f);
	copy_facts(f, TRUE);
	assert_int_equal(found(f, "<2@x>"), 0);
	start_again(f);
	assert_true(found(f, "<1@x>") > 0);
	assert_true(found(f, "<2@x>") > 0);
	assert_true(found(f, "<3@x>") > 0);
}

static void
damage_of_one_costs_no_other_one(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id first = seal(f, "<1@x>");
	const guint32 lie = GUINT32_TO_LE(0x7fffff00);
	guint64 second;

	second = (guint64)seal(f, "<2@x>").row;
	seal(f, "<3@x>");
	seal(f, "<4@x>");
	/* the length in the mark of a seal; the mark of a piece */
	overwrite(f, first.store, second + 12, &lie, sizeof(lie));
	overwrite(f, first.store, (guint64)first.row - 40, "damage", 6);
	start_again(f);
	assert_int_equal(found(f, "<2@x>"), 0);
	assert_true(found(f, "<3@x>") > 0);
	assert_true(found(f, "<4@x>") > 0);
}

/* Of a group whose facts are stored one by one, a power cut takes the last. */
static void
who_waits_for_its_facts_is_not_passed_by_a_sync_of_nothing(void **state)
{
	struct fixture *f = *state;
	gint64 now = g_get_real_time();
	g_autofree char *large = g_strnfill(5 << 20, 'x');
	g_autoptr(pl_message) first = sealed_at(f->l, now, "<1@x>", large);
	g_autoptr(pl_message) second = sealed_at(f->l, now, "<2@x>", "body");

	assert_ok(pl_bytes_sync(f->l, E));
	assert_ok(pl_bytes_sync(f->l, E));
	assert_ok(pl_ledger_begin_told(f->l, E));
	assert_ok(pl_message_add(f->l, first, "sales", E));
	assert_ok(pl_bytes_note(f->l, E));
	assert_ok(pl_ledger_commit(f->l, E));
	start_again(f);
	assert_true(found(f, "<2@x>") > 0);
}

/* A copy by other means does not say that it is one; a power cut takes less. */
static void
a_ledger_that_lacks_more_than_a_minute_was_put_back(void **state)
{
	struct fixture *f = *state;
	gint64 now = g_get_real_time();

	seal_at(f->l, now - 30 * G_TIME_SPAN_MINUTE, "<1@x>", "body");
	seal_at(f->l, now, "<2@x>", "body");
	start_again(f);
	assert_int_equal(pl_ledger_restored(f->l), 0);
	seal_at(f->l, now, "<3@x>", "body");
	seal_at(f->l, now + 2 * G_TIME_SPAN_HOUR, "<4@x>", "body");
	start_again(f);
	assert_true(pl_ledger_restored(f->l) > 0);
	assert_true(found(f, "<3@x>") > 100000);
	assert_int_equal(pl_ledger_restored_message(f->l), found(f, "<4@x>"));
}

/* ---- what was not ------------------------------------------------------ */

/* It began in a month that is over. */
static void
what_was_refused_after_its_month_does_not_come_back(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id id =
	    seal_at(f->l, g_get_real_time() - YEAR, "<1@x>", "body");

	pl_bytes_drop(f->l, &id);
	start_again(f);
	assert_int_equal(found(f, "<1@x>"), 0);
}

/* The facts say so first; a crash kept the bytes. */
static void
what_retention_dropped_does_not_come_back(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id id = seal(f, "<1@x>");

	seal(f, "<2@x>");
	start_again(f);
	assert_ok(pl_ledger_begin(f->l, E));
	assert_ok(pl_db_do(f->l->db, PL_SQL_PRUNE_MARK,
	    V(v_int(found(f, "<2@x>")), v_int(1)), E));
	assert_ok(pl_db_do(
	    f->l->db, PL_SQL_STORE_NOTE, V(v_text(id.store), v_int(0)), E));
	assert_ok(pl_ledger_commit(f->l, E));
	seal(f, "<3@x>");
	start_again(f);
	assert_true(found(f, "<3@x>") > 0);
	assert_int_equal(count(f, "SELECT count(*) FROM message"), 3);
}

static void
facts_of_a_damaged_seal_are_not_believed(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id id = seal(f, "<1@x>");
	g_autofree char *path = pl_store_path(f->l, id.store), *bytes = NULL;
	char *sender;
	gsize n;

	assert_true(g_file_get_contents(path, &bytes, &n, NULL));
	sender = memmem(bytes, n, "erp@shop", 8);
	overwrite(f, id.store, (guint64)(sender - bytes), "owner", 5);
	start_again(f);
	assert_int_equal(found(f, "<1@x>"), 0);
}

static void
sizes_that_lie_are_damage(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_message) m = new_message("<a@c.example>", "<1@x>", "");
	const guint64 lie = G_MAXUINT64;

	m->bytes = store_bytes(f->l, "milter", "", 0);
	assert_ok(pl_bytes_sync(f->l, E));
	assert_ok(pl_message_add(f->l, m, "sales", E));
	overwrite(f, m->bytes.store, (guint64)m->bytes.row + PL_MARK, &lie,
	    sizeof(lie));
	{
		struct pl_bytes_id id = m->bytes;
		g_autoptr(pl_bytes) b = NULL;

		id.size = lie;
		b = pl_bytes_at(f->l, 0, &id, NULL);
		assert_null(b);
	}
}

/* Not a failure of the disk, after which a run ends. */
static void
places_that_lie_are_damage(void **state)
{
	struct fixture *f = *state;
	const guint64 lie = G_MAXUINT64 - 1000;
	g_autoptr(pl_message) m = NULL;
	gint64 id = add_message(f->l, "a@c.example", "<1@x>", "body");

	m = pl_message_get(f->l, id, NULL);
	overwrite(f, m->bytes.store, (guint64)m->bytes.row + PL_MARK + 16, &lie,
	    sizeof(lie));
	{
		g_autoptr(pl_bytes) b = NULL;
		GError *error = NULL;
		char c;

		b = pl_bytes_open(f->l, id, &error);
		if (b != NULL)
			pl_bytes_pread(b, 0, &c, 1, &error);
		assert_true(
		    g_error_matches(error, PL_LEDGER_ERROR, PL_LEDGER_DAMAGED));
		g_clear_error(&error);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_stands_behind_what_was_swept_is_taken),
		T(damage_of_one_costs_no_other_one),
		T(who_waits_for_its_facts_is_not_passed_by_a_sync_of_nothing),
		T(a_ledger_that_lacks_more_than_a_minute_was_put_back),
		T(two_ledgers_do_not_write_into_one_file),
		T(what_is_dropped_can_be_read_nowhere),
		T(what_was_refused_after_its_month_does_not_come_back),
		T(what_retention_dropped_does_not_come_back),
		T(facts_of_a_damaged_seal_are_not_believed),
		T(sizes_that_lie_are_damage),
		T(places_that_lie_are_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
