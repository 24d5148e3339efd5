/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every tampering with the chain of events is seen. Whoever tampers here has
 * full access to the file, past the triggers.
 */
#include <stdio.h>

#include <sqlite3.h>

#include "ledger_chain.h"

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

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(any_change_of_any_column_is_found),
		T(any_flipped_bit_of_a_text_is_found),
		T(any_flipped_bit_of_the_file_is_found),
		T(nothing_and_zero_and_empty_are_not_the_same),
		T(removed_inserted_and_moved_events_are_found),
		T(a_chain_written_anew_is_found_by_the_head_of_a_report),
		T(the_program_itself_cannot_change_events),
		T(a_ledger_whose_last_event_is_damaged_is_not_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
