/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Statements by account and day: what is found, and that finding it costs the
 * same after years.
 */
#include "ledger_fixture.h"
#include "room.h"

#define ACCOUNT "BE68539007547034"

static gint64
entered(struct fixture *f, const char *account, const char *number,
    const char *day, enum pl_state state)
{
	g_autofree char *id = g_strdup_printf("<%s.%s@x>", number, day);
	g_autoptr(pl_message) m = new_message("<bank@in.example>", id, number);
	g_autoptr(pl_document) d = pl_document_new();
	gint64 entry;

	m->bytes = store_bytes(f->l, "milter", "x", 1);
	m->date = g_strdup("2026-12-31");
	assert_ok(pl_bytes_sync(f->l, E));
	assert_ok(pl_message_add(f->l, m, "bank", E));
	assert_ok(pl_message_indexed(f->l, m, E));
	d->message = m->id;
	d->kind = PL_KIND_STATEMENT;
	d->account = g_strdup(account);
	d->currency = g_strdup("EUR");
	d->sequence = g_strdup(number);
	d->opening_balance = g_strdup("1.00");
	d->closing_balance = g_strdup("2.00");
	d->to = g_strdup(day);
	assert_ok(pl_document_add(f->l, d, E));
	assert_ok(pl_entry_add(f->l, d->id, "bank",
	    state == PL_SENDING ? PL_WAITING : state, NULL, NULL, 0, &entry,
	    E));
	return entry;
}

/* "40 41>43": numbers, ">" before one with a hole. */
static char *
numbers(const GPtrArray *rows)
{
	GString *text = g_string_new(NULL);

	assert_non_null(rows);
	for (guint i = 0; i < rows->len; i++) {
		const struct pl_statement_row *r = rows->pdata[i];

		g_string_append_printf(text, "%s%s",
		    r->hole ? ">"
		    : i > 0 ? " "
			    : "",
		    r->sequence);
	}
	return g_string_free(text, FALSE);
}

static void
accounts_are_the_same_however_they_are_written(void **state)
{
	static const struct {
		const char *account, *is;
	} rows[] = {
		{ "be68 5390 0754 7034", "BE68539007547034" },
		{ "539-0075470-34", "BE68539007547034" },
		{ "539007547034", "BE68539007547034" },
		{ "539007547035", "539007547035" },
		{ "GEBABEBB/BE68539007547034", "BE68539007547034" },
		{ "GEBABEBBXXX/BE68 5390 0754 7034", "BE68539007547034" },
		{ "GEBABEBB/BE69539007547034", "GEBABEBBBE69539007547034" },
		{ "12345678/1234567890", "123456781234567890" },
		{ "NL91ABNA0417164300", "NL91ABNA0417164300" },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *is = pl_statement_account(rows[i].account);

		assert_string_equal(is, rows[i].is);
	}
}

static void
what_waits_comes_by_chain_and_day(void **state)
{
	struct fixture *f = *state;
	g_autoptr(GPtrArray) rows = NULL;
	g_autofree char *text = NULL;
	const struct pl_statement_row *r;

	entered(f, "NL91ABNA0417164300", "7", "2026-01-01", PL_WAITING);
	entered(f, ACCOUNT, "42", "2026-02-10", PL_HELD);
	entered(f, ACCOUNT, "40", "2026-02-08", PL_ARCHIVED);
	entered(f, "539-0075470-34", "41", "2026-02-09", PL_WAITING);
	entered(f, ACCOUNT, "41", "2026-02-09", PL_DUPLICATE);
	entered(f, NULL, "1", "2026-02-09", PL_WAITING);
	rows = pl_statement_open(f->l, "bank", NULL);
	text = numbers(rows);
	assert_string_equal(text, "41 42 7");
	r = rows->pdata[0];
	assert_string_equal(r->chain, ACCOUNT " EUR");
	assert_string_equal(r->day, "2026-02-09");
	assert_string_equal(r->opening, "1.00");
	assert_string_equal(r->closing, "2.00");
	g_ptr_array_unref(rows);
	rows = pl_statement_open(f->l, "other", NULL);
	assert_int_equal(rows->len, 0);
}

static void
neighbours_are_those_around_a_day(void **state)
{
	struct fixture *f = *state;
	g_autoptr(GPtrArray) days = g_ptr_array_new();

	for (unsigned i = 1; i <= 120; i++) {
		g_autofree char *n = g_strdup_printf("%u", i);
		g_autofree char *day = g_strdup_printf(
		    "2026-%02u-%02u", 1 + (i - 1) / 28, 1 + (i - 1) % 28);

		entered(f, ACCOUNT, n, day, PL_ARCHIVED);
	}
	static const struct {
		const char *days, *numbers;
	} rows[] = {
		/* few before it: all of them, without a hole */
		{ "2026-01-04", "1 2 3 4 5 6 7 8 9 10 11 12" },
		{ "2026-01-03 2026-01-05", "1 2 3 4 5 6 7 8 9 10 11 12 13" },
		/* far apart: the first few of the one, a hole, the others */
		{ "2025-12-31 2026-05-08",
		    "1 2 3 4 5 6 7 8>72 73 74 75 76 77 78 79 80 81 82 83 84 85 "
		    "86 87 88 89 90 91 92 93 94 95 96 97 98 99 100 101 102 103 "
		    "104 105 106 107 108 109 110 111 112 113 114 115 116 117 "
		    "118 119 120" },
		{ "2027-01-01",
		    ">73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 "
		    "92 93 94 95 96 97 98 99 100 101 102 103 104 105 106 107 "
		    "108 109 110 111 112 113 114 115 116 117 118 119 120" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(GStrv) list = g_strsplit(rows[i].days, " ", -1);
		g_autoptr(GPtrArray) found = NULL;
		g_autofree char *text = NULL;

		g_ptr_array_set_size(days, 0);
		for (char **d = list; *d != NULL; d++)
			g_ptr_array_add(days, *d);
		found = pl_statement_around(
		    f->l, "bank", ACCOUNT " EUR", days, NULL);
		text = numbers(found);
		assert_string_equal(text, rows[i].numbers);
	}
}

static void
the_newest_of_each_account(void **state)
{
	struct fixture *f = *state;
	g_autoptr(GPtrArray) rows = NULL;
	g_autoptr(GArray) last = NULL;
	g_autofree char *text = NULL;

	entered(f, ACCOUNT, "9", "2026-02-09", PL_ARCHIVED);
	entered(f, ACCOUNT, "10", "2026-02-09", PL_WAITING);
	entered(f, ACCOUNT, "8", "2026-02-08", PL_HELD);
	entered(f, ACCOUNT, "11", "2026-02-11", PL_SUPERSEDED);
	entered(f, "NL91ABNA0417164300", "3", "2026-01-01", PL_WAITING);
	rows = pl_statement_newest(f->l, "bank", NULL);
	text = numbers(rows);
	assert_string_equal(text, "10 3");
	last = pl_statement_days(f->l, "bank", ACCOUNT " EUR", 3, NULL);
	assert_int_equal(last->len, 3);
	for (unsigned i = 0; i < 3; i++) {
		const struct pl_statement_day *r =
		    &g_array_index(last, struct pl_statement_day, i);

		assert_string_equal(
		    r->day, i < 2 ? "2026-02-09" : "2026-02-08");
		assert_true(r->entry > 0 && r->arrived > 0);
	}
}

static void
a_chain_follows_what_becomes_of_its_entries(void **state)
{
	struct fixture *f = *state;
	gint64 id = entered(f, ACCOUNT, "9", "2026-02-09", PL_HELD);
	gint64 other = entered(f, ACCOUNT, "10", "2026-02-10", PL_WAITING);
	g_autoptr(GPtrArray) days = g_ptr_array_new(), found = NULL;
	const struct pl_statement_row *r;

	g_ptr_array_add(days, (gpointer)(guintptr) "2026-02-10");
	assert_ok(pl_entry_release(f->l, id, E));
	assert_ok(pl_entry_change(
	    f->l, id, PL_WAITING, PL_ARCHIVED, NULL, NULL, 0, E));
	found = pl_statement_around(f->l, "bank", ACCOUNT " EUR", days, NULL);
	assert_int_equal(found->len, 1);
	r = found->pdata[0];
	assert_int_equal(r->state, PL_ARCHIVED);
	assert_true(r->released);
	assert_ok(pl_entry_change(
	    f->l, other, PL_WAITING, PL_SUPERSEDED, NULL, NULL, id, E));
	g_ptr_array_unref(found);
	found = pl_statement_newest(f->l, "bank", NULL);
	assert_int_equal(found->len, 1);
	r = found->pdata[0];
	assert_int_equal(r->entry, id);
	assert_ok(pl_ledger_check(f->l, E));
	assert_ok(pl_db_script(f->l->db, "UPDATE statement SET state = 0", E));
	assert_fails(pl_ledger_check(f->l, E), PL_LEDGER_DAMAGED,
	    "the chains of journal bank");
}

/* Of the only account of the bank; NULL: it has none. */
static char *
newest(struct fixture *f)
{
	g_autoptr(GPtrArray) rows = pl_statement_newest(f->l, "bank", NULL);
	const struct pl_statement_row *r;

	assert_ok(pl_ledger_check(f->l, E));
	if (rows->len == 0)
		return NULL;
	r = rows->pdata[0];
	assert_int_equal(rows->len, 1);
	return g_strdup_printf("%s %s%s%s%s", r->sequence,
	    pl_state_name(r->state), r->released ? " released" : "",
	    r->learnt != NULL ? " " : "", r->learnt != NULL ? r->learnt : "");
}

static void
learn(struct fixture *f, const char *words)
{
	g_autoptr(GPtrArray) rows = pl_statement_newest(f->l, "bank", NULL);

	assert_ok(pl_statement_learn(f->l, "bank", rows->pdata[0], words, E));
}

static void
assert_newest(struct fixture *f, const char *expected)
{
	g_autofree char *is = newest(f);

	if (is == NULL || expected == NULL)
		assert_ptr_equal(is, expected);
	else
		assert_string_equal(is, expected);
}

/* Through all that becomes of statements: the newest of those that count, and
 * what was learnt as long as the same ones do. */
static void
an_account_knows_its_newest_statement(void **state)
{
	struct fixture *f = *state;
	gint64 ten, eleven, nine;

	assert_newest(f, NULL);
	ten = entered(f, ACCOUNT, "10", "2026-02-10", PL_DUPLICATE);
	assert_newest(f, NULL);
	assert_ok(pl_entry_release(f->l, ten, E));
	assert_newest(f, "10 waiting released");
	learn(f, "of ten");
	assert_newest(f, "10 waiting released of ten");
	assert_ok(pl_entry_change(
	    f->l, ten, PL_WAITING, PL_ARCHIVED, NULL, NULL, 0, E));
	assert_newest(f, "10 archived released of ten");
	nine = entered(f, ACCOUNT, "9", "2026-02-09", PL_WAITING);
	assert_newest(f, "10 archived released");
	learn(f, "of two");
	assert_ok(pl_entry_change(
	    f->l, nine, PL_WAITING, PL_HELD, "PL-201", NULL, 0, E));
	eleven = entered(f, ACCOUNT, "11", "2026-02-11", PL_SUPERSEDED);
	assert_newest(f, "10 archived released of two");
	assert_ok(pl_entry_release(f->l, eleven, E));
	assert_newest(f, "11 waiting released");
	learn(f, "of three");
	assert_ok(pl_entry_change(
	    f->l, nine, PL_HELD, PL_DUPLICATE, NULL, NULL, ten, E));
	assert_newest(f, "11 waiting released");
	assert_ok(pl_entry_change(
	    f->l, eleven, PL_WAITING, PL_SUPERSEDED, NULL, NULL, ten, E));
	assert_newest(f, "10 archived released");
}

/* Somebody else was faster: the words would be on another past. */
static void
words_on_a_past_that_is_over_are_not_kept(void **state)
{
	struct fixture *f = *state;
	g_autoptr(GPtrArray) rows = NULL;

	entered(f, ACCOUNT, "10", "2026-02-10", PL_WAITING);
	rows = pl_statement_newest(f->l, "bank", NULL);
	entered(f, ACCOUNT, "11", "2026-02-11", PL_WAITING);
	assert_ok(pl_statement_learn(f->l, "bank", rows->pdata[0], "old", E));
	assert_newest(f, "11 waiting");
}

static void
an_account_that_is_not_that_of_its_statements_is_damage(void **state)
{
	static const char *const damages[] = {
		"UPDATE account SET closing_balance = '3.00'",
		"UPDATE account SET state = 4",
		"UPDATE account SET entry = 1, day = '2026-02-10'",
		"UPDATE account SET sequence = NULL",
		"DELETE FROM account",
	};
	struct fixture *f = *state;

	entered(f, ACCOUNT, "10", "2026-02-10", PL_WAITING);
	entered(f, ACCOUNT, "11", "2026-02-11", PL_WAITING);
	for (unsigned i = 0; i < G_N_ELEMENTS(damages); i++) {
		assert_ok(pl_ledger_check(f->l, E));
		assert_ok(pl_db_begin(f->l->db, E));
		assert_ok(pl_db_script(f->l->db, damages[i], E));
		assert_fails(pl_ledger_check(f->l, E), PL_LEDGER_DAMAGED,
		    "the accounts of journal bank");
		pl_db_rollback(f->l->db);
	}
}

static void
what_others_write_is_not_seen_before_the_thaw(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_ledger) reader = open_as(f, PL_LEDGER_READ);
	g_autoptr(GPtrArray) rows = NULL;

	assert_ok(pl_ledger_freeze(reader, E));
	rows = pl_statement_open(reader, "bank", NULL);
	entered(f, ACCOUNT, "9", "2026-02-09", PL_WAITING);
	g_ptr_array_unref(rows);
	rows = pl_statement_open(reader, "bank", NULL);
	assert_int_equal(rows->len, 0);
	pl_ledger_thaw(reader);
	g_ptr_array_unref(rows);
	rows = pl_statement_open(reader, "bank", NULL);
	assert_int_equal(rows->len, 1);
}

static void
a_note_is_replaced_without_being_told_anew(void **state)
{
	struct fixture *f = *state;
	gint64 id = entered(f, ACCOUNT, "9", "2026-02-09", PL_WAITING);
	g_autoptr(pl_entry) e = NULL;

	assert_fails(pl_statement_note(f->l, id, "PL-202", "x", E),
	    PL_LEDGER_CONFLICT, "waiting");
	assert_ok(pl_entry_change(
	    f->l, id, PL_WAITING, PL_HELD, "PL-201", "two", 0, E));
	assert_ok(pl_statement_note(f->l, id, "PL-202", "one", E));
	e = pl_entry_get(f->l, id, NULL);
	assert_string_equal(e->code, "PL-202");
	assert_string_equal(e->note, "one");
	assert_ok(pl_ledger_check(f->l, E));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    accounts_are_the_same_however_they_are_written),
		cmocka_unit_test_setup_teardown(
		    what_waits_comes_by_chain_and_day, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    neighbours_are_those_around_a_day, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    the_newest_of_each_account, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_chain_follows_what_becomes_of_its_entries, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    an_account_knows_its_newest_statement, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    words_on_a_past_that_is_over_are_not_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    an_account_that_is_not_that_of_its_statements_is_damage,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_others_write_is_not_seen_before_the_thaw, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_note_is_replaced_without_being_told_anew, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
