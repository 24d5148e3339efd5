/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Message bytes: what goes in comes out at any offset; what is lost is never
 * sealed; what nobody names is swept.
 */
#include <fcntl.h>
#include <unistd.h>

#include "ledger_fixture.h"
#include "store.h"

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
		assert_ok(pl_bytes_seal(f->l, &ids[m], NULL, NULL, E));
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
	assert_ok(pl_bytes_seal(f->l, &before, NULL, NULL, E));
	assert_ok(pl_bytes_sync(f->l, E));
	/* The old month is closed, the other one stays while bytes come. */
	assert_ok(pl_bytes_append(f->l, &import, "i", 1, E));
	assert_ok(pl_bytes_seal(f->l, &after, NULL, NULL, E));
	assert_ok(pl_bytes_seal(f->l, &import, NULL, NULL, E));
	assert_ok(pl_bytes_sync(f->l, E));
	assert_null(g_hash_table_lookup(f->l->writers, "2025-11"));
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
	assert_int_not_equal(fresh.row, begun.row);
	assert_fails(pl_bytes_append(f->l, &older, bytes, 10, E),
	    PL_LEDGER_FAILED, "lost");
	assert_fails(pl_bytes_seal(f->l, &older, NULL, NULL, E),
	    PL_LEDGER_FAILED, "lost");
	assert_fails(pl_bytes_append(f->l, &begun, bytes, 10, E),
	    PL_LEDGER_FAILED, "lost");
	assert_fails(pl_bytes_seal(f->l, &begun, NULL, NULL, E),
	    PL_LEDGER_FAILED, "lost");
	assert_ok(pl_bytes_append(f->l, &fresh, bytes, 10, E));
	assert_ok(pl_bytes_seal(f->l, &fresh, NULL, NULL, E));
	assert_ok(pl_bytes_sync(f->l, E));
}

static struct stat
file_of(struct fixture *f, const char *store)
{
	g_autofree char *path = pl_store_path(f->l, store);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st;
}

static void
undone_bytes_give_their_space_back(void **state)
{
	struct fixture *f = *state;
	g_autofree char *bytes = pattern(PL_CHUNK);
	gint64 kept = add_bytes(f, "kept", 4);
	struct pl_bytes_id id;
	off_t before;

	assert_ok(pl_bytes_create(f->l, "milter", g_get_real_time(), &id, E));
	before = file_of(f, id.store).st_size;
	for (int i = 0; i < 20; i++)
		assert_ok(pl_bytes_append(f->l, &id, bytes, PL_CHUNK, E));
	assert_true(file_of(f, id.store).st_size > 19 * PL_CHUNK);
	pl_bytes_rollback(f->l);
	assert_int_equal(file_of(f, id.store).st_size, before);
	{
		g_autoptr(pl_bytes) b = pl_bytes_open(f->l, kept, NULL);

		assert_reads(b, "kept", 4, 0, 4);
	}
	assert_whole(f->l);
}

/* Also what was durable before, of a message that cannot come any more. */
static void
undone_messages_give_all_their_space_back(void **state)
{
	struct fixture *f = *state;
	g_autofree char *bytes = pattern(PL_CHUNK);
	struct pl_bytes_id coming, sealed;

	assert_ok(
	    pl_bytes_create(f->l, "milter", g_get_real_time(), &coming, E));
	assert_ok(
	    pl_bytes_create(f->l, "milter", g_get_real_time(), &sealed, E));
	for (int i = 0; i < 4; i++) {
		assert_ok(pl_bytes_append(f->l, &coming, bytes, PL_CHUNK, E));
		assert_ok(pl_bytes_append(f->l, &sealed, bytes, PL_CHUNK, E));
	}
	assert_ok(pl_bytes_sync(f->l, E));
	assert_ok(pl_bytes_append(f->l, &coming, bytes, 1, E));
	assert_ok(pl_bytes_seal(f->l, &sealed, NULL, NULL, E));
	pl_bytes_rollback(f->l);
	pl_bytes_drop(f->l, &coming);
	pl_bytes_drop(f->l, &sealed);
	assert_true(file_of(f, coming.store).st_blocks * 512 < PL_CHUNK);
}

static void
facts_are_not_committed_while_bytes_are_not_synced(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_message) m = new_message("a@c.example", NULL, "x");

	m->bytes = store_bytes(f->l, "milter", "x", 1);
	assert_fails(pl_message_add(f->l, m, "sales", E), PL_LEDGER_CONFLICT,
	    "not synced");
	assert_ok(pl_ledger_begin_told(f->l, E));
	assert_ok(pl_message_add(f->l, m, "sales", E));
	assert_fails(
	    pl_ledger_commit(f->l, E), PL_LEDGER_CONFLICT, "not synced");
	assert_ok(pl_ledger_begin_told(f->l, E));
	assert_ok(pl_message_add(f->l, m, "sales", E));
	assert_ok(pl_bytes_sync(f->l, E));
	assert_ok(pl_ledger_commit(f->l, E));
	g_autoptr(pl_message) got = pl_message_get(f->l, m->id, NULL);
	assert_non_null(got);
}

/* Whatever is synced after them. */
static void
facts_of_bytes_that_were_lost_are_never_committed(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_message) m = new_message("a@c.example", NULL, "x");

	m->bytes = store_bytes(f->l, "milter", "x", 1);
	assert_ok(pl_ledger_begin_told(f->l, E));
	assert_ok(pl_message_add(f->l, m, "sales", E));
	pl_bytes_rollback(f->l);
	store_bytes(f->l, "milter", "y", 1);
	assert_ok(pl_bytes_sync(f->l, E));
	assert_fails(pl_ledger_commit(f->l, E), PL_LEDGER_FAILED, "lost");
	assert_null(pl_message_get(f->l, 1, NULL));
	assert_whole(f->l);
}

static void
a_dropped_message_cannot_be_sealed_and_frees_its_space(void **state)
{
	struct fixture *f = *state;
	g_autofree char *bytes = pattern(PL_CHUNK);
	struct pl_bytes_id coming, sealed;

	assert_ok(
	    pl_bytes_create(f->l, "milter", g_get_real_time(), &coming, E));
	assert_ok(pl_bytes_append(f->l, &coming, bytes, PL_CHUNK, E));
	sealed = store_bytes(f->l, "milter", bytes, PL_CHUNK);
	assert_ok(pl_bytes_sync(f->l, E));
	assert_true(file_of(f, coming.store).st_blocks * 512 > 2 * PL_CHUNK);
	pl_bytes_drop(f->l, &coming);
	assert_fails(pl_bytes_seal(f->l, &coming, NULL, NULL, E),
	    PL_LEDGER_FAILED, "lost");
	pl_bytes_drop(f->l, &sealed);
	assert_true(file_of(f, coming.store).st_blocks * 512 < PL_CHUNK / 4);
	pl_bytes_drop(f->l, &sealed); /* nothing */
	add_bytes(f, bytes, PL_CHUNK);
	assert_whole(f->l);
}

static gboolean
holds(struct fixture *f, const char *store, const char *text)
{
	g_autofree char *path = pl_store_path(f->l, store), *bytes = NULL;
	gsize n;

	assert_true(g_file_get_contents(path, &bytes, &n, NULL));
	return memmem(bytes, n, text, strlen(text)) != NULL;
}

static void
the_sweep_removes_what_no_message_names(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id sealed, open, import;
	gint64 kept = add_bytes(f, "kept", 4);
	g_autoptr(pl_bytes) b = NULL;
	g_autoptr(pl_message) m = new_message("a@c.example", NULL, "x");
	char buffer[8];

	sealed = store_bytes(f->l, "milter", "orphan", 6);
	assert_ok(pl_bytes_create(f->l, "milter", g_get_real_time(), &open, E));
	assert_ok(pl_bytes_append(f->l, &open, "half", 4, E));
	import = store_bytes(f->l, "import", "import", 6);
	assert_ok(pl_bytes_sync(f->l, E));
	assert_true(holds(f, sealed.store, "orphan"));
	reopen(f);
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	assert_false(holds(f, sealed.store, "orphan"));
	assert_false(holds(f, sealed.store, "half"));
	assert_whole(f->l);
	b = pl_bytes_open(f->l, kept, NULL);
	assert_int_equal(pl_bytes_pread(b, 0, buffer, 8, NULL), 4);
	/* Places are not given again; the import's bytes are not ours. */
	assert_true(store_bytes(f->l, "milter", "next", 4).row > sealed.row);
	assert_ok(pl_bytes_sync(f->l, E));
	m->bytes = import;
	m->origin[0] = 'i';
	assert_ok(pl_message_add(f->l, m, "sales", E));
	assert_whole(f->l);
}

/* ---- what the seals tell ----------------------------------------------- */

#define HEADER "Subject: x\r\n\r\n"

/* Sealed with all that is told of it; without facts. */
static struct pl_bytes_id
seal_told(struct fixture *f, const char *id, const char *body, gboolean right)
{
	g_autoptr(pl_message) m = new_message("<a@c.example>", id, body);
	g_autofree char *bytes = g_strconcat(HEADER, body, NULL);

	g_free(m->header_sha256);
	m->header_sha256 = g_compute_checksum_for_string(
	    G_CHECKSUM_SHA256, right ? HEADER : "another", -1);
	m->queue_id = g_strdup("4XQ");
	g_free(m->sender);
	m->sender = g_strdup("<caf\xe9@shop.example>");
	m->return_attempt = 3;
	g_ptr_array_add(m->recipients, g_strdup("<b@c.example>"));
	assert_ok(pl_bytes_create(f->l, "milter", m->arrived, &m->bytes, E));
	assert_ok(pl_bytes_append(f->l, &m->bytes, bytes, strlen(bytes), E));
	assert_ok(pl_bytes_seal(f->l, &m->bytes, m, "sales", E));
	return m->bytes;
}

static gint64
found(struct fixture *f, const char *id, const char *body)
{
	g_autoptr(pl_message) like = new_message("<a@c.example>", id, body);

	return pl_message_same(f->l, like, "a@c.example");
}

static void
a_message_whose_facts_were_lost_is_taken_from_its_seal(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_message) m = NULL;
	struct pl_bytes_id id;
	g_autoptr(pl_bytes) b = NULL;
	gint64 message;

	add_bytes(f, "kept", 4);
	id = seal_told(f, "<1@x>", "one", TRUE);
	seal_told(f, "<2@x>", "two", FALSE); /* not the bytes it tells of */
	assert_ok(pl_bytes_sync(f->l, E));
	reopen(f);
	assert_int_equal(found(f, "<1@x>", "one"), 0);
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	message = found(f, "<1@x>", "one");
	assert_int_equal(found(f, "<2@x>", "two"), 0);
	assert_false(holds(f, id.store, "two"));
	m = pl_message_get(f->l, message, NULL);
	assert_non_null(m);
	assert_int_equal(m->bytes.row, id.row);
	assert_int_equal(m->bytes.size, id.size);
	assert_string_equal(m->queue_id, "4XQ");
	assert_string_equal(m->sender, "<caf\xe9@shop.example>");
	assert_null(m->helo);
	assert_int_equal(m->recipients->len, 2);
	assert_string_equal(m->recipients->pdata[1], "<b@c.example>");
	b = pl_bytes_open(f->l, message, NULL);
	assert_reads(b, HEADER "one", strlen(HEADER "one"), 0, 100);
	g_clear_pointer(&b, pl_bytes_close);
	assert_whole(f->l);
	/* once */
	reopen(f);
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	assert_int_equal(found(f, "<1@x>", "one"), message);
	assert_whole(f->l);
}

static void
what_was_dropped_after_its_seal_does_not_come_back(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id id = seal_told(f, "<1@x>", "one", TRUE);

	assert_ok(pl_bytes_sync(f->l, E));
	pl_bytes_drop(f->l, &id);
	seal_told(f, "<2@x>", "two", TRUE);
	assert_ok(pl_bytes_sync(f->l, E));
	reopen(f);
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	assert_int_equal(found(f, "<1@x>", "one"), 0);
	assert_true(found(f, "<2@x>", "two") > 0);
}

static gint64
noted(struct fixture *f, const char *store)
{
	gint64 at;

	pl_db_number(f->l->db, PL_SQL_STORE_NOTED, V(v_text(store)), &at, NULL);
	return at;
}

/* What comes in slowly is not swept, however much came past it. */
static void
notes_stay_before_what_comes_in(void **state)
{
	struct fixture *f = *state;
	g_autofree char *bytes = pattern(PL_CHUNK);
	struct pl_bytes_id slow, id = { .row = 0 };
	gint64 first = 0;

	assert_ok(pl_bytes_create(f->l, "milter", g_get_real_time(), &slow, E));
	assert_ok(pl_bytes_append(f->l, &slow, bytes, PL_CHUNK, E));
	for (int i = 0; i < 80; i++) {
		add_bytes(f, bytes, PL_CHUNK);
		assert_ok(pl_ledger_begin_told(f->l, E));
		assert_ok(pl_bytes_note(f->l, E));
		assert_ok(pl_ledger_commit(f->l, E));
		if (i == 70)
			first = noted(f, slow.store);
		if (i == 70)
			pl_bytes_drop(f->l, &slow);
	}
	assert_int_equal(first, 0);
	assert_true(noted(f, slow.store) > 60 * PL_CHUNK);
	id = seal_told(f, "<1@x>", "one", TRUE);
	assert_ok(pl_bytes_sync(f->l, E));
	assert_true(noted(f, slow.store) <= id.row);
	reopen(f);
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	assert_true(found(f, "<1@x>", "one") > 0);
	assert_int_equal(noted(f, slow.store), file_of(f, slow.store).st_size);
	assert_whole(f->l);
}

/* ---- damage ------------------------------------------------------------ */

static void
overwrite(const char *path, gint64 at)
{
	int fd = open(path, O_WRONLY);

	assert_int_equal(pwrite(fd, "damage", 6, at), 6);
	close(fd);
}

static void
missing_bytes_are_damage_and_named(void **state)
{
	struct fixture *f = *state;
	g_autofree char *bytes = pattern(2 * PL_CHUNK);
	gint64 id = add_bytes(f, bytes, 2 * PL_CHUNK);
	g_autoptr(pl_message) m = pl_message_get(f->l, id, NULL);
	g_autofree char *path = pl_store_path(f->l, m->bytes.store);
	char buffer[8];

	overwrite(path, PL_STORE_HEAD + PL_MARK + PL_CHUNK); /* a mark */
	{
		g_autoptr(pl_bytes) b = pl_bytes_open(f->l, id, NULL);

		assert_int_equal(pl_bytes_pread(b, 0, buffer, 8, NULL), 8);
		assert_fails(pl_bytes_pread(b, PL_CHUNK, buffer, 8, E) >= 0,
		    PL_LEDGER_DAMAGED, path);
	}
	assert_fails(pl_ledger_check(f->l, E), PL_LEDGER_DAMAGED, path);
	/* nothing of it is given away */
	assert_ok(pl_bytes_sweep(f->l, "milter", E));
	assert_true(holds(f, m->bytes.store, "damage"));
	overwrite(path, m->bytes.row);
	assert_fails(
	    pl_bytes_open(f->l, id, E) != NULL, PL_LEDGER_DAMAGED, path);
	reopen(f);
	overwrite(path, 0);
	assert_fails(
	    pl_bytes_open(f->l, id, E) != NULL, PL_LEDGER_DAMAGED, path);
	g_unlink(path);
	assert_fails(
	    pl_bytes_open(f->l, id, E) != NULL, PL_LEDGER_ABSENT, path);
	assert_fails(pl_ledger_check(f->l, E), PL_LEDGER_ABSENT, path);
}

static void
nothing_is_stored_in_a_file_that_was_removed(void **state)
{
	struct fixture *f = *state;
	struct pl_bytes_id id;
	g_autofree char *path = NULL;

	add_bytes(f, "one", 3);
	id = store_bytes(f->l, "milter", "two", 3);
	path = pl_store_path(f->l, id.store);
	assert_int_equal(g_unlink(path), 0);
	assert_fails(pl_bytes_sync(f->l, E), PL_LEDGER_DAMAGED, "removed");
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
		T(undone_messages_give_all_their_space_back),
		T(facts_are_not_committed_while_bytes_are_not_synced),
		T(facts_of_bytes_that_were_lost_are_never_committed),
		T(a_dropped_message_cannot_be_sealed_and_frees_its_space),
		T(the_sweep_removes_what_no_message_names),
		T(a_message_whose_facts_were_lost_is_taken_from_its_seal),
		T(what_was_dropped_after_its_seal_does_not_come_back),
		T(notes_stay_before_what_comes_in),
		T(missing_bytes_are_damage_and_named),
		T(nothing_is_stored_in_a_file_that_was_removed),
		T(a_reader_does_not_stop_the_writer),
		T(a_handle_for_reading_writes_no_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
