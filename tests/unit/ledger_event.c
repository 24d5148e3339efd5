/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The chain of events: every change writes one, and every tampering is seen.
 * Whoever tampers here has full access to the file, past the triggers.
 */
#include <stdio.h>

#include <sqlite3.h>

#include "ledger_fixture.h"

static void
tamper(struct fixture *f, const char *sql)
{
	sqlite3 *db;
	char *message = NULL;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	if (sqlite3_exec(db,
		"DROP TRIGGER event_update; DROP TRIGGER event_delete;", NULL,
		NULL, &message) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	sqlite3_close(db);
}

/* A few events of all kinds, then the handle is closed. Returns the head. */
static char *
write_history(struct fixture *f)
{
	gint64 entry;
	char *head;

	pl_ledger_set_actor(f->l, "uid=0 root sudo=anna", "a\tb\\c\nd");
	entry = add_waiting(f->l, "sales", "1");
	assert_ok(pl_entry_change(
	    f->l, entry, PL_WAITING, PL_HELD, "PL-110", "n", 0, E));
	assert_ok(pl_entry_release(f->l, entry, E));
	add_waiting(f->l, "sales", "2");
	head = pl_event_head(f->l, NULL);
	pl_ledger_close(f->l);
	f->l = NULL;
	return head;
}

/* Verifies past the look that pl_ledger_open() takes at the chain's end:
 * through a handle that was open before. */
static struct pl_audit
verify(struct fixture *f, const char *head)
{
	struct pl_audit audit;

	assert_ok(pl_event_verify(f->l, head, &audit, E));
	return audit;
}

static void
assert_bad(struct fixture *f, const char *head, gint64 bad, const char *words)
{
	struct pl_audit audit = verify(f, head);

	if (audit.bad != bad || audit.what == NULL ||
	    strstr(audit.what, words) == NULL)
		fail_msg("event %d: %s", (int)audit.bad,
		    audit.what ? audit.what : "nothing found");
	g_free(audit.what);
}

static void
an_untouched_chain_is_whole_and_its_heads_lie_on_it(void **state)
{
	struct fixture *f = *state;
	g_autofree char *first = pl_event_head(f->l, NULL);
	g_autofree char *last = write_history(f);
	g_autofree char *shouted = g_ascii_strup(last, -1);
	struct pl_audit audit;

	f->l = open_as(f, PL_LEDGER_READ);
	audit = verify(f, last);
	assert_int_equal(audit.bad, 0);
	assert_null(audit.what);
	assert_int_equal(audit.events, 7);
	assert_string_equal(audit.head, last);
	assert_true(audit.head_found);
	assert_true(verify(f, first).head_found);
	assert_true(verify(f, shouted).head_found);
	assert_bad(f,
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    8, "not on the chain");
	assert_false(verify(f, NULL).head_found);
	assert_bad(f, "00ff", 8, "not on the chain");
}

static void
the_line_of_an_event_cannot_be_read_two_ways(void **state)
{
	struct pl_event e = { .id = 3,
		.at = 17,
		.who = (char *)"a\tb",
		.what = (char *)"c\nd",
		.reason = (char *)"e\\f",
		.journal = (char *)"",
		.entry = 5,
		.run = 6 };
	g_autofree char *line = pl_event_line(&e);

	(void)state;
	assert_string_equal(
	    line, "3\t17\ta\\tb\tc\\nd\te\\\\f\t\t0\t0\t5\t0\t6\t\\N");
}

static void
the_hash_is_that_of_the_documented_procedure(void **state)
{
	struct fixture *f = *state;
	g_autoptr(GPtrArray) events = NULL;
	g_autoptr(GString) previous = g_string_new(NULL);

	add_waiting(f->l, "sales", "1");
	events = pl_event_of(f->l, 0, 0, 1, 0, NULL);
	assert_int_equal(events->len, 1);
	for (guint i = 0; i < events->len; i++) {
		struct pl_event *e = events->pdata[i];
		g_autofree char *line = pl_event_line(e);
		g_autofree char *text =
		    g_strdup_printf("%s\n%s\n", e->previous, line);
		g_autofree char *hash =
		    g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

		assert_string_equal(e->hash, hash);
	}
}

/* ---- one change at a time ---------------------------------------------- */

static void
flip(struct fixture *f, const char *column, int row, const char *to)
{
	g_autofree char *sql = g_strdup_printf(
	    "UPDATE event SET %s = %s WHERE id = %d", column, to, row);

	tamper(f, sql);
}

static void
any_change_of_any_column_is_found(void **state)
{
	struct fixture *f = *state;
	static const char *const columns[] = { "at", "who", "what", "reason",
		"journal", "message", "document", "entry", "batch", "run",
		"detail", "previous", "hash" };
	static const char *const numbers =
	    "at message document entry batch run";
	g_autofree char *head = write_history(f);
	g_autofree char *copy = NULL;
	gsize length;

	assert_true(g_file_get_contents(f->path, &copy, &length, NULL));
	for (unsigned c = 0; c < G_N_ELEMENTS(columns); c++)
		for (int row = 1; row <= 7; row++) {
			gboolean number = strstr(numbers, columns[c]) != NULL;
			g_autofree char *text = g_strdup_printf(
			    "substr(coalesce(%s, ''), 2) || 'x'", columns[c]);
			g_autofree char *plus =
			    g_strdup_printf("coalesce(%s, 0) + 1", columns[c]);

			f->l = open_as(f, PL_LEDGER_READ);
			flip(f, columns[c], row, number ? plus : text);
			assert_bad(f, NULL, row, "was changed");
			pl_ledger_close(f->l);
			f->l = NULL;
			assert_true(g_file_set_contents(
			    f->path, copy, (gssize)length, NULL));
		}
}

/* Every bit of every byte of every event, as it lies in the file: first byte
 * of each text on, by changing it in place. */
static void
any_flipped_bit_of_a_text_is_found(void **state)
{
	struct fixture *f = *state;
	static const char *const columns[] = { "who", "what", "detail",
		"previous", "hash" };
	g_autofree char *head = write_history(f);

	f->l = open_as(f, PL_LEDGER_READ);
	tamper(f, "SELECT 1");
	for (unsigned c = 0; c < G_N_ELEMENTS(columns); c++)
		for (int bit = 0; bit < 8; bit++) {
			g_autofree char *sql = g_strdup_printf(
			    "UPDATE event SET %s = cast(x'%02x' || substr("
			    "cast(%s AS blob), 2) AS text) WHERE id = 3 "
			    "AND length(%s) > 0",
			    columns[c], 1 << bit, columns[c], columns[c]);
			sqlite3 *db;

			sqlite3_open(f->path, &db);
			sqlite3_exec(db,
			    "CREATE TABLE IF NOT EXISTS kept AS SELECT * FROM "
			    "event WHERE id = 3",
			    NULL, NULL, NULL);
			assert_int_equal(
			    sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
			assert_bad(f, NULL, 3, "was changed");
			assert_int_equal(
			    sqlite3_exec(db,
				"REPLACE INTO event SELECT * FROM kept", NULL,
				NULL, NULL),
			    SQLITE_OK);
			sqlite3_close(db);
			assert_int_equal(verify(f, NULL).bad, 0);
		}
}

/* The page of the file that holds the events: there is one, a leaf. */
static unsigned
page_of_events(struct fixture *f)
{
	sqlite3 *db;
	sqlite3_stmt *s;
	unsigned page;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_prepare_v2(
	    db, "SELECT pageno FROM dbstat WHERE name = 'event'", -1, &s, NULL);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	page = (unsigned)sqlite3_column_int(s, 0);
	assert_int_equal(sqlite3_step(s), SQLITE_DONE);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return page;
}

/* Is it the type that the row gives for the number of the event? That one
 * stands elsewhere, so SQLite does not look at it. Here a row begins with its
 * length (two bytes) and its number, then the length of the types. */
static gboolean
is_unread(const guint8 *page, unsigned at)
{
	unsigned rows = page[3] * 256U + page[4];

	for (unsigned i = 0; i < rows; i++)
		if (at == page[8 + 2 * i] * 256U + page[9 + 2 * i] + 4)
			return TRUE;
	return FALSE;
}

static gboolean
is_noticed(struct fixture *f)
{
	struct pl_audit audit = { 0 };
	g_autoptr(GError) error = NULL;
	gboolean noticed;

	f->l = pl_ledger_open(f->url, f->messages, PL_LEDGER_AUDIT, &error);
	noticed = f->l == NULL ||
		  !pl_event_verify(f->l, NULL, &audit, &error) ||
		  audit.bad != 0;
	if (error != NULL && error->code != PL_LEDGER_DAMAGED)
		fail_msg("not called damaged: %s", error->message);
	g_free(audit.what);
	g_clear_pointer(&f->l, pl_ledger_close);
	return noticed;
}

static void
put_byte(const char *path, long at, guint8 byte)
{
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	fseek(file, at, SEEK_SET);
	fputc(byte, file);
	fclose(file);
}

/* As it lies on the disk: a bit of every byte that says anything. */
static void
any_flipped_bit_of_the_file_is_found(void **state)
{
	struct fixture *f = *state;
	g_autofree char *head = write_history(f);
	g_autofree char *bytes = NULL;
	long begin = (page_of_events(f) - 1) * 4096L;
	const guint8 *page;
	gsize length;

	assert_true(g_file_get_contents(f->path, &bytes, &length, NULL));
	page = (const guint8 *)bytes + begin;
	assert_int_equal(page[0], 13);
	for (unsigned at = 0; at < 4096; at++) {
		unsigned used = page[5] * 256U + page[6];

		if ((at >= 8 + 2U * page[4] && at < used) ||
		    is_unread(page, at))
			continue;
		put_byte(f->path, begin + at, page[at] ^ (1 << at % 8));
		if (!is_noticed(f))
			fail_msg("byte %u, bit %u", at, at % 8);
		put_byte(f->path, begin + at, page[at]);
	}
	assert_false(is_noticed(f));
}

static void
nothing_and_zero_and_empty_are_not_the_same(void **state)
{
	struct fixture *f = *state;
	static const char *const changes[] = {
		"UPDATE event SET batch = 0 WHERE id = 3",
		"UPDATE event SET journal = '' WHERE id = 2",
		"UPDATE event SET journal = '\\N' WHERE id = 2",
		"UPDATE event SET detail = detail || char(0) || 'x' "
		"WHERE id = 3",
	};
	const gint64 bad[] = { 3, 2, 2, 3 };
	g_autofree char *head = write_history(f);
	g_autofree char *copy = NULL;
	gsize length;

	assert_true(g_file_get_contents(f->path, &copy, &length, NULL));
	for (unsigned i = 0; i < G_N_ELEMENTS(changes); i++) {
		f->l = open_as(f, PL_LEDGER_READ);
		tamper(f, changes[i]);
		assert_bad(f, NULL, bad[i], "was changed");
		pl_ledger_close(f->l);
		f->l = NULL;
		assert_true(
		    g_file_set_contents(f->path, copy, (gssize)length, NULL));
	}
}

static void
removed_inserted_and_moved_events_are_found(void **state)
{
	struct fixture *f = *state;
#define SWAP(a, b, t) \
	"UPDATE event SET id = " t " WHERE id = " a ";" \
	"UPDATE event SET id = " a " WHERE id = " b ";" \
	"UPDATE event SET id = " b " WHERE id = " t ";"
#define COPY(id) \
	"INSERT INTO event SELECT " id ", at, who, what, reason, journal, " \
	"message, document, entry, batch, run, detail, previous, hash FROM " \
	"event WHERE id = 7"
	const struct {
		const char *sql;
		gint64 bad;
		const char *words;
	} cases[] = {
		{ "DELETE FROM event WHERE id = 1", 1, "1 is missing" },
		{ "DELETE FROM event WHERE id = 4", 4, "4 is missing" },
		{ "DELETE FROM event WHERE id IN (4, 5)", 4,
		    "4 to 5 are missing" },
		{ "DELETE FROM event WHERE id > 5", 6, "after 5 are missing" },
		{ "DELETE FROM event", 1, "after 0 are missing" },
		{ SWAP("3", "4", "99"), 3, "was changed or put" },
		{ "DELETE FROM event WHERE id = 4;"
		  "UPDATE event SET id = -id WHERE id > 4;"
		  "UPDATE event SET id = -id - 1 WHERE id < 0;",
		    4, "was changed or put" },
		{ COPY("8"), 8, "was changed or put" },
		{ COPY("0"), 1, "" },
		{ "UPDATE event SET previous = (SELECT previous FROM event "
		  "WHERE id = 3) WHERE id = 5",
		    5, "was changed" },
		/* cut off, and the note of the end with it: needs a head */
		{ "DELETE FROM event WHERE id > 5; UPDATE chain SET events = 5,"
		  "head = (SELECT hash FROM event WHERE id = 5)",
		    6, "not on the chain" },
		{ "UPDATE chain SET events = 6", 7, "inserted" },
		{ "UPDATE chain SET head = 'x'", 7, "not the one" },
	};
	g_autofree char *head = write_history(f);
	g_autofree char *copy = NULL;
	gsize length;

	assert_true(g_file_get_contents(f->path, &copy, &length, NULL));
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		f->l = open_as(f, PL_LEDGER_READ);
		tamper(f, cases[i].sql);
		assert_bad(f, head, cases[i].bad, cases[i].words);
		pl_ledger_close(f->l);
		f->l = NULL;
		assert_true(
		    g_file_set_contents(f->path, copy, (gssize)length, NULL));
	}
}

static void
a_chain_written_anew_is_found_by_the_head_of_a_report(void **state)
{
	struct fixture *f = *state;
	g_autofree char *head = write_history(f);
	g_autoptr(pl_ledger) forged = NULL;
	struct pl_audit audit;

	/* The forger has the same program and a fresh, consistent ledger. */
	g_unlink(f->path);
	remove_all(f->messages);
	forged = open_as(f, PL_LEDGER_WRITE);
	assert_ok(pl_event_verify(forged, NULL, &audit, E));
	assert_int_equal(audit.bad, 0);
	assert_ok(pl_event_verify(forged, head, &audit, E));
	assert_false(audit.head_found);
	assert_int_equal(audit.bad, 2);
	g_free(audit.what);
}

static void
the_program_itself_cannot_change_events(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_not_equal(
	    sqlite3_exec(db, "UPDATE event SET who = 'x'", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_not_equal(
	    sqlite3_exec(db, "DELETE FROM event", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* Opened for an audit all the same, which names an event or cannot end. */
static gboolean
is_found_bad(const struct fixture *f)
{
	struct pl_audit audit = { 0 };
	g_autoptr(GError) error = NULL;
	pl_ledger *l = open_as(f, PL_LEDGER_AUDIT);
	gboolean bad = !pl_event_verify(l, NULL, &audit, &error) ||
		       (audit.bad != 0 && audit.what != NULL);

	g_free(audit.what);
	pl_ledger_close(l);
	return bad;
}

static void
a_ledger_whose_last_event_is_damaged_is_not_opened(void **state)
{
	struct fixture *f = *state;
	static const char *const changes[] = {
		"DELETE FROM event WHERE id > 5",
		"UPDATE event SET who = 'x' WHERE id = 7",
		"DELETE FROM event",
		"DELETE FROM chain",
	};
	g_autofree char *head = write_history(f);
	g_autofree char *copy = NULL;
	gsize length;

	assert_true(g_file_get_contents(f->path, &copy, &length, NULL));
	for (unsigned i = 0; i < G_N_ELEMENTS(changes); i++) {
		tamper(f, changes[i]);
		assert_fails(pl_ledger_open(f->url, f->messages,
				 PL_LEDGER_WRITE, E) != NULL,
		    PL_LEDGER_DAMAGED, f->path);
		assert_true(is_found_bad(f));
		assert_true(
		    g_file_set_contents(f->path, copy, (gssize)length, NULL));
	}
}

/* ---- who, why, what ---------------------------------------------------- */

static void
events_say_who_and_why(void **state)
{
	struct fixture *f = *state;
	struct pl_event event = { .what = (char *)"note",
		.journal = (char *)"sales",
		.batch = 7,
		.detail = (char *)"bad \xff utf-8" };
	g_autoptr(GPtrArray) events = NULL;
	struct pl_event *e;

	pl_ledger_set_actor(f->l, "uid=0 root sudo=anna", "booked by hand");
	assert_ok(pl_event_add(f->l, &event, E));
	assert_int_equal(event.id, 2);
	assert_true(event.at > 0);
	events = pl_event_of(f->l, 0, 0, 0, 7, NULL);
	assert_int_equal(events->len, 1);
	e = events->pdata[0];
	assert_int_equal(e->id, 2);
	assert_int_equal(e->at, event.at);
	assert_string_equal(e->who, "uid=0 root sudo=anna");
	assert_string_equal(e->reason, "booked by hand");
	assert_string_equal(e->what, "note");
	assert_string_equal(e->journal, "sales");
	assert_string_equal(e->detail, "bad \xef\xbf\xbd utf-8");
	assert_int_equal(e->batch, 7);
	assert_whole(f->l);
}

static void
assert_history(GPtrArray *events, const char *expected)
{
	g_autoptr(GString) words = g_string_new(NULL);

	assert_non_null(events);
	for (guint i = 0; i < events->len; i++)
		g_string_append_printf(
		    words, "%s ", ((struct pl_event *)events->pdata[i])->what);
	assert_string_equal(words->str, expected);
	g_ptr_array_unref(events);
}

static void
every_change_of_state_is_in_the_history_of_its_thing(void **state)
{
	struct fixture *f = *state;
	gint64 entry = add_waiting(f->l, "sales", "1");
	g_autoptr(pl_message) m = pl_message_get(f->l, 1, NULL);
	g_autoptr(pl_batch) b = pl_batch_new();
	enum pl_offer offer;
	unsigned n;

	assert_ok(pl_message_indexed(f->l, m, E));
	assert_ok(pl_entry_change(
	    f->l, entry, PL_WAITING, PL_HELD, NULL, NULL, 0, E));
	assert_ok(pl_entry_release(f->l, entry, E));
	b->journal = g_strdup("sales");
	assert_ok(pl_batch_plan(f->l, b, &entry, 1, E));
	assert_ok(pl_batch_attempt(f->l, b->id, FALSE, &n, E));
	assert_ok(pl_batch_offer(f->l, b->id, n, "q", &offer, E));
	assert_ok(pl_batch_answer(
	    f->l, b->id, n, PL_ATTEMPT_SENT, "250", NULL, 0, E));
	assert_ok(pl_batch_offer(f->l, b->id, n, "q", &offer, E));
	assert_ok(pl_entry_resend(f->l, entry, E));
#define MAIL "planned submitting offered sent stale problem "
	assert_history(pl_event_of(f->l, 0, 0, 0, b->id, NULL), MAIL);
	assert_history(pl_event_of(f->l, 0, 0, entry, 0, NULL),
	    "entered held released " MAIL "resend ");
	assert_history(pl_event_of(f->l, 0, 1, 0, 0, NULL),
	    "entered held released " MAIL "resend ");
	assert_history(pl_event_of(f->l, 1, 0, 0, 0, NULL),
	    "captured entered indexed held released " MAIL "resend ");
	assert_history(pl_event_of(f->l, 0, 0, 0, 0, NULL), "");
	assert_whole(f->l);
}

static void
a_transaction_that_is_undone_leaves_no_event(void **state)
{
	struct fixture *f = *state;
	g_autofree char *before = pl_event_head(f->l, NULL);
	g_autofree char *inside = NULL, *after = NULL;
	struct pl_event event = { .what = (char *)"note" };

	assert_ok(pl_ledger_begin(f->l, E));
	assert_ok(pl_event_add(f->l, &event, E));
	assert_ok(pl_event_add(f->l, &event, E));
	inside = pl_event_head(f->l, NULL);
	assert_string_not_equal(inside, before);
	pl_ledger_rollback(f->l);
	after = pl_event_head(f->l, NULL);
	assert_string_equal(after, before);
	assert_ok(pl_event_add(f->l, &event, E));
	assert_int_equal(event.id, 2);
	assert_whole(f->l);
}

static void
two_handles_write_one_chain(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_ledger) other = open_as(f, PL_LEDGER_WRITE);
	struct pl_event event = { .what = (char *)"note" };

	for (int i = 0; i < 10; i++)
		assert_ok(pl_event_add(i % 3 ? f->l : other, &event, E));
	assert_int_equal(event.id, 11);
	assert_whole(f->l);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_untouched_chain_is_whole_and_its_heads_lie_on_it),
		cmocka_unit_test(the_line_of_an_event_cannot_be_read_two_ways),
		T(the_hash_is_that_of_the_documented_procedure),
		T(any_change_of_any_column_is_found),
		T(any_flipped_bit_of_a_text_is_found),
		T(any_flipped_bit_of_the_file_is_found),
		T(nothing_and_zero_and_empty_are_not_the_same),
		T(removed_inserted_and_moved_events_are_found),
		T(a_chain_written_anew_is_found_by_the_head_of_a_report),
		T(the_program_itself_cannot_change_events),
		T(a_ledger_whose_last_event_is_damaged_is_not_opened),
		T(events_say_who_and_why),
		T(every_change_of_state_is_in_the_history_of_its_thing),
		T(a_transaction_that_is_undone_leaves_no_event),
		T(two_handles_write_one_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
