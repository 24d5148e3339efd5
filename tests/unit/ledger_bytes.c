/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Message bytes: what goes in comes out at any offset; what is lost is never
 * sealed; what nobody names is swept.
 */
#include <sqlite3.h>

#include "ledger_fixture.h"

static char *
pattern(gsize length)
{
	char *bytes = g_malloc(length + 1);

	for (gsize i = 0; i < length; i++)
		bytes[i] = (char)(i * 7 + i / 251 + i / 65521);
	return bytes;
}

static gint64
add_bytes(struct fixture *f, const char *bytes, gsize length)
{
	g_autoptr(pl_message) m = new_message("a@c.example", NULL, "x");

	m->bytes = store_bytes(f->l, "milter", bytes, length);
	assert_int_equal(m->bytes.size, length);
	assert_int_equal(m->bytes.chunks, (length + PL_CHUNK - 1) / PL_CHUNK);
	assert_ok(pl_bytes_sync(f->l, E));
	assert_ok(pl_message_add(f->l, m, "sales", E));
	return m->id;
}

static void
assert_reads(
    pl_bytes *b, const char *bytes, gsize length, guint64 offset, gsize want)
{
	g_autofree char *buffer = g_malloc(want + 1);
	gsize expected = offset >= length ? 0 : MIN(want, length - offset);
	gssize got = pl_bytes_pread(b, offset, buffer, want, NULL);

	assert_int_equal(got, expected);
	assert_memory_equal(buffer, bytes + offset, expected);
}

static void
bytes_of_any_length_come_back_at_any_offset(void **state)
{
	struct fixture *f = *state;
	const gsize lengths[] = { 0, 1, PL_CHUNK - 1, PL_CHUNK, PL_CHUNK + 1,
		2 * PL_CHUNK, 3 * 1024 * 1024 };
	const gsize steps[] = { 1, 4096, 65536, PL_CHUNK, PL_CHUNK + 7,
		4 * 1024 * 1024 };

	for (unsigned i = 0; i < G_N_ELEMENTS(lengths); i++) {
		gsize n = lengths[i];
		g_autofree char *bytes = pattern(n);
		gint64 id = add_bytes(f, bytes, n);
		g_autoptr(pl_bytes) b = pl_bytes_open(f->l, id, NULL);

		assert_non_null(b);
		assert_int_equal(pl_bytes_size(b), n);
		for (unsigned s = 0; s < G_N_ELEMENTS(steps); s++) {
			gsize step =
			    steps[s] == 1 && n > 10 ? n / 10 : steps[s];

			for (gsize at = 0; at <= n; at += step)
				assert_reads(b, bytes, n, at, steps[s]);
		}
		for (int k = -2; k <= 2; k++)
			for (gsize c = 1; c * PL_CHUNK < n; c++)
				assert_reads(
				    b, bytes, n, c * PL_CHUNK + (gsize)k, 5);
		assert_reads(b, bytes, n, n + 1000000, 5);
	}
	assert_whole(f->l);
}

static void
many_messages_come_in_at_once(void **state)
{
	struct fixture *f = *state;
	enum { MANY = 12, PIECES = 5 };
	struct pl_bytes_id ids[MANY];
	g_autofree char *bytes = pattern(PL_CHUNK * PIECES + MANY);

	for (unsigned m = 0; m < MANY; m++)
		assert_ok(pl_bytes_create(
		    f->l, "milter", g_get_real_time(), &ids[m], E));
	for (unsigned p = 0; p < PIECES; p++) {
		for (unsigned m = 0; m < MANY; m++)
			assert_ok(pl_bytes_append(f->l, &ids[m],
			    bytes + m + p * PL_CHUNK,
			    p == PIECES - 1 ? m + 1 : PL_CHUNK, E));
		/* Half of them in other transactions than they began in. */
		if (p % 2 == 0)
			assert_ok(pl_bytes_sync(f->l, E));
	}
	for (unsigned m = 0; m < MANY; m++)
		assert_ok(pl_bytes_seal(f->l, &ids[m], E));
	assert_ok(pl_bytes_sync(f->l, E));
	for (unsigned m = 0; m < MANY; m++) {
		g_autoptr(pl_message) message =
		    new_message("a@c.example", NULL, "x");
		g_autoptr(pl_bytes) b = NULL;

		message->bytes = ids[m];
		assert_ok(pl_message_add(f->l, message, "sales", E));
		b = pl_bytes_open(f->l, message->id, NULL);
		assert_int_equal(
		    pl_bytes_size(b), (PIECES - 1) * PL_CHUNK + m + 1);
		assert_reads(
		    b, bytes + m, pl_bytes_size(b), 0, PL_CHUNK * PIECES);
	}
	assert_whole(f->l);
}

static void
several_months_are_open_at_midnight(void **state)
{
	struct fixture *f = *state;
	const gint64 midnight = 1764547200 * G_TIME_SPAN_SECOND; /* 2025-12 */
	struct pl_bytes_id before, after, import;

	assert_ok(pl_bytes_create(f->l, "milter", midnight - 1, &before, E));
	assert_ok(pl_bytes_create(f->l, "milter", midnight, &after, E));
	assert_ok(pl_bytes_create(f->l, "import", midnight, &import, E));
	assert_string_equal(before.store, "2025-11");
	assert_string_equal(after.store, "2025-12");
	assert_string_equal(import.store, "2025-12-import");
	assert_ok(pl_bytes_append(f->l, &before, "b", 1, E));
	assert_ok(pl_bytes_append(f->l, &after, "a", 1, E));
	assert_ok(pl_bytes_seal(f->l, &before, E));
	assert_ok(pl_bytes_sync(f->l, E));
	/* The old month is closed, the other one stays while bytes come. */
	assert_ok(pl_bytes_append(f->l, &import, "i", 1, E));
	assert_ok(pl_bytes_seal(f->l, &after, E));
	assert_ok(pl_bytes_seal(f->l, &import, E));
	assert_ok(pl_bytes_sync(f->l, E));
	{
		g_autofree char *log =
		    g_build_filename(f->messages, "2025-11.db-wal", NULL);

		/* A closed month can be copied as one file. */
		assert_false(g_file_test(log, G_FILE_TEST_EXISTS));
	}
}

/* ---- lost bytes -------------------------------------------------------- */

static void
nothing_of_a_rolled_back_group_can_be_sealed(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id begun, older, fresh;
	g_autofree char *bytes = pattern(PL_CHUNK);

	assert_ok(
	    pl_bytes_create(f->l, "milter", g_get_real_time(), &older, E));
	assert_ok(pl_bytes_append(f->l, &older, bytes, PL_CHUNK, E));
	assert_ok(pl_bytes_sync(f->l, E));
	assert_ok(pl_bytes_append(f->l, &older, bytes, PL_CHUNK, E));
	assert_ok(
	    pl_bytes_create(f->l, "milter", g_get_real_time(), &begun, E));
	pl_bytes_rollback(f->l);
	/* Somebody else's message must not get the number that was lost. */
	assert_ok(
	    pl_bytes_create(f->l, "milter", g_get_real_time(), &fresh, E));
	assert_true(fresh.row > begun.row);
	assert_ok(pl_bytes_append(f->l, &older, bytes, 10, E));
	assert_fails(pl_bytes_seal(f->l, &older, E), PL_LEDGER_FAILED, "lost");
	assert_fails(pl_bytes_append(f->l, &begun, bytes, 10, E),
	    PL_LEDGER_FAILED, "lost");
	assert_fails(pl_bytes_seal(f->l, &begun, E), PL_LEDGER_FAILED, "lost");
	assert_ok(pl_bytes_append(f->l, &fresh, bytes, 10, E));
	assert_ok(pl_bytes_seal(f->l, &fresh, E));
	assert_ok(pl_bytes_sync(f->l, E));
}

static gint64
size_of_log(struct fixture *f, const char *store)
{
	g_autofree char *path =
	    g_strdup_printf("%s/%s.db-wal", f->messages, store);
	GStatBuf st;

	assert_int_equal(g_stat(path, &st), 0);
	return st.st_size;
}

static void
undone_bytes_give_their_space_back(void **state)
{
	struct fixture *f = *state;
	g_autofree char *bytes = pattern(PL_CHUNK);
	gint64 kept = add_bytes(f, "kept", 4);
	struct pl_bytes_id id;

	assert_ok(pl_bytes_create(f->l, "milter", g_get_real_time(), &id, E));
	for (int i = 0; i < 200; i++) /* more than is held in memory */
		assert_ok(pl_bytes_append(f->l, &id, bytes, PL_CHUNK, E));
	pl_ledger_shrink(f->l); /* not while it is open */
	assert_true(size_of_log(f, id.store) > 100 * PL_CHUNK);
	pl_bytes_rollback(f->l);
	pl_ledger_shrink(f->l);
	assert_int_equal(size_of_log(f, id.store), 0);
	{
		g_autoptr(pl_bytes) b = pl_bytes_open(f->l, kept, NULL);

		assert_reads(b, "kept", 4, 0, 4);
	}
	assert_whole(f->l);
}

static void
facts_are_refused_while_bytes_are_not_synced(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_message) m = new_message("a@c.example", NULL, "x");

	m->bytes = store_bytes(f->l, "milter", "x", 1);
	assert_fails(pl_message_add(f->l, m, "sales", E), PL_LEDGER_CONFLICT,
	    "not synced");
	assert_ok(pl_bytes_sync(f->l, E));
	assert_ok(pl_message_add(f->l, m, "sales", E));
}

static void
a_dropped_message_cannot_be_sealed_and_frees_its_space(void **state)
{
	struct fixture *f = *state;
	g_autofree char *bytes = pattern(PL_CHUNK);
	struct pl_bytes_id id;
	g_autofree char *path = NULL;
	sqlite3 *db;
	sqlite3_stmt *s;

	assert_ok(pl_bytes_create(f->l, "milter", g_get_real_time(), &id, E));
	assert_ok(pl_bytes_append(f->l, &id, bytes, PL_CHUNK, E));
	assert_ok(pl_bytes_drop(f->l, &id, E));
	assert_fails(pl_bytes_seal(f->l, &id, E), PL_LEDGER_FAILED, "lost");
	assert_ok(pl_bytes_sync(f->l, E));
	path = g_strdup_printf("%s/%s.db", f->messages, id.store);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "SELECT count(*) FROM chunk", -1, &s, NULL);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(s, 0), 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
}

static void
the_sweep_removes_what_no_message_names(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id sealed, open, import;
	gint64 kept = add_bytes(f, "kept", 4);
	g_autoptr(pl_bytes) b = NULL;
	char buffer[8];

	sealed = store_bytes(f->l, "milter", "orphan", 6);
	assert_ok(pl_bytes_create(f->l, "milter", g_get_real_time(), &open, E));
	assert_ok(pl_bytes_append(f->l, &open, "half", 4, E));
	import = store_bytes(f->l, "import", "import", 6);
	assert_ok(pl_bytes_sync(f->l, E));
	reopen(f);
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	assert_whole(f->l);
	b = pl_bytes_open(f->l, kept, NULL);
	assert_int_equal(pl_bytes_pread(b, 0, buffer, 8, NULL), 4);
	/* Numbers are not given again; the import's bytes are not ours. */
	{
		struct pl_bytes_id next =
		    store_bytes(f->l, "milter", "next", 4);
		g_autoptr(pl_message) m = new_message("a@c.example", NULL, "x");

		assert_true(next.row > open.row && next.row > sealed.row);
		assert_ok(pl_bytes_sync(f->l, E));
		m->bytes = import;
		m->origin[0] = 'i';
		assert_ok(pl_message_add(f->l, m, "sales", E));
	}
	assert_whole(f->l);
}

static void
missing_bytes_are_damage_and_named(void **state)
{
	struct fixture *f = *state;
	g_autofree char *bytes = pattern(2 * PL_CHUNK);
	gint64 id = add_bytes(f, bytes, 2 * PL_CHUNK);
	g_autoptr(pl_message) m = pl_message_get(f->l, id, NULL);
	g_autofree char *path =
	    g_strdup_printf("%s/%s.db", f->messages, m->bytes.store);
	char buffer[8];
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db,
		"DELETE FROM chunk WHERE id = (SELECT max(id) FROM chunk)",
		NULL, NULL, NULL),
	    SQLITE_OK);
	{
		g_autoptr(pl_bytes) b = pl_bytes_open(f->l, id, NULL);

		assert_int_equal(pl_bytes_pread(b, 0, buffer, 8, NULL), 8);
		assert_fails(pl_bytes_pread(b, PL_CHUNK, buffer, 8, E) >= 0,
		    PL_LEDGER_DAMAGED, path);
	}
	sqlite3_exec(db, "DELETE FROM message", NULL, NULL, NULL);
	assert_fails(pl_ledger_check(f->l, E), PL_LEDGER_DAMAGED, path);
	sqlite3_close(db);
	reopen(f);
	g_unlink(path);
	assert_fails(
	    pl_bytes_open(f->l, id, E) != NULL, PL_LEDGER_ABSENT, path);
	assert_fails(pl_ledger_check(f->l, E), PL_LEDGER_ABSENT, path);
}

static void
a_reader_does_not_stop_the_writer(void **state)
{
	struct fixture *f = *state;
	g_autofree char *bytes = pattern(PL_CHUNK);
	gint64 id = add_bytes(f, bytes, PL_CHUNK);
	g_autoptr(pl_ledger) other = open_as(f, PL_LEDGER_READ);
	g_autoptr(pl_bytes) b = pl_bytes_open(other, id, NULL);
	gint64 begun = g_get_monotonic_time();

	for (int i = 0; i < 5; i++) {
		assert_reads(b, bytes, PL_CHUNK, (guint64)i * 100, 50);
		add_bytes(f, bytes, PL_CHUNK);
	}
	assert_reads(b, bytes, PL_CHUNK, 0, PL_CHUNK);
	assert_true(g_get_monotonic_time() - begun < 9 * G_TIME_SPAN_SECOND);
}

static void
a_handle_for_reading_writes_no_bytes(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_ledger) reader = open_as(f, PL_LEDGER_READ);
	struct pl_bytes_id id;

	assert_fails(
	    pl_bytes_create(reader, "milter", g_get_real_time(), &id, E),
	    PL_LEDGER_READONLY, "reading");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(bytes_of_any_length_come_back_at_any_offset),
		T(many_messages_come_in_at_once),
		T(several_months_are_open_at_midnight),
		T(nothing_of_a_rolled_back_group_can_be_sealed),
		T(undone_bytes_give_their_space_back),
		T(facts_are_refused_while_bytes_are_not_synced),
		T(a_dropped_message_cannot_be_sealed_and_frees_its_space),
		T(the_sweep_removes_what_no_message_names),
		T(missing_bytes_are_damage_and_named),
		T(a_reader_does_not_stop_the_writer),
		T(a_handle_for_reading_writes_no_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
