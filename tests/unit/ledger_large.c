/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A single statement may change more than memory is given to undo it: what is
 * told of tens of thousands of entries, what a change of rules does to all.
 */
#include "ledger_fixture.h"
#include "room.h"

#define PAGES "3000" /* rows of more than half a page, the most that is tried */

static void
make_rows(pl_db *db)
{
	assert_ok(pl_db_script(db,
	    "CREATE TABLE probe (id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
	    " SELECT i + 1 FROM n WHERE i < " PAGES ")"
	    "INSERT INTO probe SELECT i, printf('%3000d', i) FROM n",
	    E));
}

static gint64
changed(pl_db *db)
{
	g_autoptr(pl_rows) rows = pl_db_compose(db,
	    "SELECT count(*) FROM probe WHERE text LIKE '%x'", NULL, 0, NULL);

	assert_int_equal(pl_rows_next(rows, NULL), 1);
	return pl_rows_int(rows, 0);
}

static void
one_statement_changes_any_number_of_pages(void **state)
{
	struct fixture *f = *state;
	pl_db *db = f->l->db;

	make_rows(db);
	for (unsigned n = 16; n <= 3000; n = n * 5 / 4) {
		g_autofree char *text = g_strdup_printf(
		    "UPDATE probe SET text = text || 'x' WHERE id <= %u", n);

		assert_ok(pl_db_begin(db, E));
		assert_ok(pl_db_script(db, text, E));
		assert_int_equal(changed(db), n);
		pl_db_rollback(db);
		assert_int_equal(changed(db), 0);
	}
}

static void
what_fails_late_in_a_statement_undoes_all_of_it(void **state)
{
	struct fixture *f = *state;
	pl_db *db = f->l->db;

	make_rows(db);
	assert_ok(pl_db_begin(db, E));
	assert_false(pl_db_script(db,
	    "UPDATE probe SET text = CASE WHEN id < " PAGES
	    " THEN text || 'x' END",
	    NULL));
	assert_int_equal(changed(db), 0);
	pl_db_rollback(db);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_statement_changes_any_number_of_pages),
		T(what_fails_late_in_a_statement_undoes_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
