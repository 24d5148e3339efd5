/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every look-up goes by an index: the engine's own plans of all statements are
 * read, and none may walk a table that grows with the years. And no change
 * writes an index of which nothing changes.
 */
#include "ledger_fixture.h"
#include "room.h"
#include "sqlite.h"

/* Walks that are meant: the whole chain, all for an auditor, the whole check,
 * the newest row, a month that is removed. */
static const enum pl_sql walks[] = { PL_SQL_EVENT_ALL, PL_SQL_BUNDLE_MESSAGES,
	PL_SQL_BUNDLE_DOCUMENTS, PL_SQL_BUNDLE_BATCHES,
	PL_SQL_BUNDLE_BATCH_ENTRIES, PL_SQL_TALLY_WRONG, PL_SQL_STATEMENT_WRONG,
	PL_SQL_ACCOUNT_WRONG, PL_SQL_ENTRY_OPEN_WRONG,
	PL_SQL_MESSAGE_AGAIN_WRONG, PL_SQL_MESSAGE_STORES, PL_SQL_RUN_CONFIG };
static const char *const small[] = { "SCAN tally", "SCAN CONSTANT ROW",
	"SCAN c" /* chain: one row */ };

static gboolean
is_allowed(const char *step)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(small); i++)
		if (g_str_has_prefix(step, small[i]))
			return TRUE;
	/* of an index that holds little else than what is asked for */
	return strstr(step, "batch_unfinished") != NULL ||
	       strstr(step, "problem_account") != NULL ||
	       strstr(step, "message_unindexed") != NULL;
}

static unsigned
assert_no_walk(pl_db *db, const char *name, const char *text)
{
	g_autofree char *sql = g_strconcat("EXPLAIN QUERY PLAN ", text, NULL);
	g_autoptr(pl_rows) rows = pl_db_compose(db, sql, NULL, 0, NULL);
	unsigned steps = 0;

	if (rows == NULL)
		fail_msg("%s: cannot be prepared", name);
	for (; pl_rows_next(rows, NULL) > 0; steps++) {
		g_autofree char *step = pl_rows_text(rows, 3);

		if (g_str_has_prefix(step, "SCAN ") && !is_allowed(step))
			fail_msg("%s: %s\n%s", name, step, text);
		/* what is the same again: the first one is all that is read */
		if (strstr(text, "_key = ") != NULL &&
		    strstr(step, "TEMP B-TREE") != NULL)
			fail_msg("%s sorts: %s\n%s", name, step, text);
	}
	return steps;
}

/* Not insertions: their plans show the search for children of a missing
 * parent, which is made only after a reference was broken. */
static gboolean
is_whole(const char *text)
{
	return g_str_has_prefix(text, "SELECT") ||
	       g_str_has_prefix(text, "UPDATE") ||
	       g_str_has_prefix(text, "DELETE");
}

static const char *const names[] = {
#define PL_STATEMENT(name, text) #name,
#include "statements.h"
#undef PL_STATEMENT
};

static void
no_statement_walks_a_table_that_grows(void **state)
{
	struct fixture *f = *state;
	unsigned seen = 0;
	GError *error = NULL;

	add_waiting(f->l, "sales", "1");
	for (unsigned i = 0; i < PL_SQL_COUNT; i++) {
		gboolean walk = FALSE;

		for (unsigned w = 0; w < G_N_ELEMENTS(walks); w++)
			walk |= walks[w] == i;
		/* "select" is the head of others, which are seen whole */
		if (walk || !is_whole(pl_sql_text(i)) ||
		    g_str_has_suffix(names[i], "_SELECT"))
			continue;
		assert_no_walk(f->l->db, names[i], pl_sql_text(i));
		seen++;
	}
	assert_null(error);
	assert_true(seen > 50);
}

static gboolean
nothing(const pl_entry *e, void *user)
{
	(void)e;
	(void)user;
	return TRUE;
}

/* Every way to ask for entries, as far as somebody asks so. */
static void
ask_for_everything(pl_ledger *l)
{
	const char *const journals[] = { NULL, "sales" };
	const char *const states[] = { NULL, "w", "wh" };
	const gint64 times[] = { 0, 1700000000000000 };

	for (unsigned j = 0; j < 2; j++)
		for (unsigned s = 0; s < 3; s++)
			for (unsigned thing = 0; thing < 6; thing++)
				for (unsigned t = 0; t < 2; t++) {
					struct pl_entry_filter f = {
						.journal = journals[j],
						.states = states[s],
						.since = times[t],
						.until = times[t],
						.limit = t,
					};
					gint64 *const things[] = { &f.document,
						&f.message, &f.batch, &f.run };

					if (thing < 4)
						*things[thing] = 1;
					assert_ok(pl_entry_each(
					    l, &f, nothing, NULL, E));
				}
	for (unsigned same = PL_SAME_FILE; same <= PL_SAME_SEQUENCE; same++)
		assert_ok(pl_entry_same(l, "sales", (enum pl_same)same, "key",
		    FALSE, nothing, NULL, E));
	g_ptr_array_unref(pl_entry_of_message(l, "sales", 1, "key", NULL));
	g_ptr_array_unref(pl_entry_naming(l, 1, 10, NULL));
	g_ptr_array_unref(pl_entry_from_sender(l, "sales", "x@y", NULL));
	g_ptr_array_unref(pl_batch_entries(l, 1, NULL));
	pl_entry_free(pl_entry_get(l, 1, NULL));
}

static void
no_question_for_entries_walks_a_table(void **state)
{
	struct fixture *f = *state;
	GList *texts;
	unsigned seen = 0;

	add_waiting(f->l, "sales", "1");
	ask_for_everything(f->l);
	texts = g_hash_table_get_keys(f->l->db->composed);
	texts =
	    g_list_copy_deep(texts, (GCopyFunc)(void (*)(void))g_strdup, NULL);
	for (GList *t = texts; t != NULL; t = t->next, seen++) {
		/* All entries of a time: that index is the answer's order. */
		if (strstr(t->data, "WHERE") == NULL)
			continue;
		assert_no_walk(f->l->db, "entries", t->data);
	}
	assert_true(seen > 30);
	g_list_free_full(texts, g_free);
}

/* ---- what is written ---------------------------------------------------- */

static gint64
root_of(pl_db *db, const char *index)
{
	g_autoptr(pl_rows) rows = pl_db_compose(db,
	    "SELECT rootpage FROM sqlite_schema WHERE name = $1",
	    V(v_text(index)), NULL);

	assert_int_equal(pl_rows_next(rows, NULL), 1);
	return pl_rows_int(rows, 0);
}

/* Does the engine's program of the statement open INDEX to write? */
static gboolean
writes(pl_db *db, enum pl_sql sql, const char *index)
{
	g_autofree char *text = g_strconcat("EXPLAIN ", pl_sql_text(sql), NULL);
	g_autoptr(pl_rows) rows = pl_db_compose(db, text, NULL, 0, NULL);
	gint64 root = root_of(db, index);
	gboolean found = FALSE;

	assert_non_null(rows);
	while (pl_rows_next(rows, NULL) > 0) {
		g_autofree char *step = pl_rows_text(rows, 1);

		found |= g_str_equal(step, "OpenWrite") &&
			 pl_rows_int(rows, 3) == root;
	}
	return found;
}

/* In an index of random keys each line of it is a page to read and write. */
static void
keys_are_written_when_they_come_and_when_they_leave(void **state)
{
	static const char *const keys[] = { "entry_file_gone",
		"entry_part_gone", "entry_facts_gone", "entry_sequence_gone",
		"entry_file_open", "entry_facts_open" };
	struct fixture *f = *state;
	pl_db *db = f->l->db;

	for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
		assert_true(writes(db, PL_SQL_ENTRY_SENDING, keys[i]));
		assert_true(writes(db, PL_SQL_ENTRY_SETTLE, keys[i]));
		assert_false(writes(db, PL_SQL_ENTRY_SENT, keys[i]));
		assert_false(writes(db, PL_SQL_ENTRY_TELL, keys[i]));
		assert_false(writes(db, PL_SQL_STATEMENT_NOTE, keys[i]));
	}
	assert_true(writes(db, PL_SQL_MESSAGE_ADD, "message_same"));
	assert_false(writes(db, PL_SQL_MESSAGE_INDEXED, "message_same"));
	assert_true(writes(db, PL_SQL_MESSAGE_INDEXED, "message_unindexed"));
}

/* ---- what is walked over ----------------------------------------------- */

/* The steps of the engine's program for the statement, undone. */
static int
steps_of(pl_db *db, enum pl_sql sql)
{
	sqlite3 *handle = pl_sqlite_of(db)->handle;
	sqlite3_stmt *s = NULL;
	int steps;

	assert_ok(db->driver->script(db, "BEGIN", E));
	assert_int_equal(
	    sqlite3_prepare_v2(handle, pl_sql_text(sql), -1, &s, NULL),
	    SQLITE_OK);
	sqlite3_bind_int(s, 1, 7);
	sqlite3_bind_text(s, 2, "sales", -1, SQLITE_STATIC);
	while (sqlite3_step(s) == SQLITE_ROW)
		continue;
	steps = sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 1);
	sqlite3_finalize(s);
	db->driver->rollback(db);
	return steps;
}

/* Each run sends some, and no report tells of a report. */
static void
the_reports_of_years_cost_the_next_one_nothing(void **state)
{
	struct fixture *f = *state;
	pl_db *db = f->l->db;
	int tell = steps_of(db, PL_SQL_BATCH_TELL);
	int list = steps_of(db, PL_SQL_BATCH_UNTOLD);

	assert_ok(db->driver->script(db,
	    "PRAGMA foreign_keys = OFF;"
	    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
	    "  WHERE n < 3650)"
	    "INSERT INTO batch (run, report, journal, state, zip, documents,"
	    " created, finished) SELECT n, n, '', 2, 0, 0, 1, 1 FROM c",
	    E));
	assert_int_equal(steps_of(db, PL_SQL_BATCH_TELL), tell);
	assert_int_equal(steps_of(db, PL_SQL_BATCH_UNTOLD), list);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(no_statement_walks_a_table_that_grows),
		T(no_question_for_entries_walks_a_table),
		T(keys_are_written_when_they_come_and_when_they_leave),
		T(the_reports_of_years_cost_the_next_one_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
