/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening: how a ledger comes about, what is one and what is not, versions,
 * damage.
 */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "ledger_fixture.h"
#include "room.h"

static void
sql(const char *path, const char *text)
{
	sqlite3 *db;
	char *message = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", text, message);
	sqlite3_close(db);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void
a_new_ledger_is_for_its_owner_alone(void **state)
{
	struct fixture *f = *state;
	g_autofree char *log = NULL, *store = NULL;
	struct pl_bytes_id id;
	mode_t old = umask(0);

	g_free(f->path);
	f->path = g_build_filename(f->folder, "a/b", "ledger.db", NULL);
	g_free(f->url);
	f->url = g_strconcat("sqlite:", f->path, NULL);
	f->l = open_as(f, PL_LEDGER_WRITE);
	id = store_bytes(f->l, "milter", "x", 1);
	store = g_strdup_printf("%s/%s.mail", f->messages, id.store);
	log = g_strconcat(f->path, "-wal", NULL);
	assert_int_equal(mode_of(f->path), 0600);
	assert_int_equal(mode_of(log), 0600);
	assert_int_equal(mode_of(store), 0600);
	assert_int_equal(mode_of(f->messages), 0700);
	umask(old);
	assert_whole(f->l);
}

static void
several_processes_make_one_ledger(void **state)
{
	struct fixture *f = *state;
	struct pl_audit audit;
	pid_t children[8];

	for (unsigned round = 0; round < 10; round++) {
		for (unsigned i = 0; i < G_N_ELEMENTS(children); i++) {
			children[i] = fork();
			if (children[i] == 0) {
				struct pl_event e = { .what = (char *)"note" };
				pl_ledger *l = pl_ledger_open(
				    f->url, f->messages, PL_LEDGER_WRITE, NULL);

				_exit(l == NULL || !pl_event_add(l, &e, NULL));
			}
		}
		for (unsigned i = 0; i < G_N_ELEMENTS(children); i++) {
			int status;

			waitpid(children[i], &status, 0);
			assert_int_equal(status, 0);
		}
		f->l = open_as(f, PL_LEDGER_WRITE);
		assert_ok(pl_event_verify(f->l, NULL, &audit, E));
		assert_int_equal(audit.events, 1 + G_N_ELEMENTS(children));
		assert_int_equal(audit.bad, 0);
		g_clear_pointer(&f->l, pl_ledger_close);
		g_unlink(f->path);
	}
}

static void
two_ledgers_have_different_names(void **state)
{
	struct fixture *f = *state;
	g_autofree char *one = NULL;

	f->l = open_as(f, PL_LEDGER_WRITE);
	one = g_strdup(f->l->id);
	assert_int_equal(strlen(one), 10);
	reopen(f);
	assert_string_equal(f->l->id, one);
	pl_ledger_close(f->l);
	f->l = NULL;
	g_unlink(f->path);
	f->l = open_as(f, PL_LEDGER_WRITE);
	assert_string_not_equal(f->l->id, one);
}

static void
a_url_of_another_kind_is_refused(void **state)
{
	static const char *const urls[] = { "postgresql://x", "/var/lib/x",
		"sqlite:relative", "" };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(urls); i++)
		assert_fails(
		    pl_ledger_open(urls[i], NULL, PL_LEDGER_WRITE, E) != NULL,
		    PL_LEDGER_FAILED, "sqlite:/path");
}

static void
what_is_no_ledger_is_named_and_left_alone(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "Dear accountant,\n";
	g_autofree char *after = NULL;
	const enum pl_ledger_use uses[] = { PL_LEDGER_READ, PL_LEDGER_WRITE };

	for (unsigned i = 0; i < 2; i++) {
		g_autofree char *big = g_strnfill(100000, 'x');

		assert_true(g_file_set_contents(f->path, text, -1, NULL));
		assert_fails(opens(f, uses[i], E), PL_LEDGER_DAMAGED, f->path);
		assert_true(g_file_get_contents(f->path, &after, NULL, NULL));
		assert_string_equal(after, text);
		g_clear_pointer(&after, g_free);
		assert_true(g_file_set_contents(f->path, big, -1, NULL));
		assert_fails(opens(f, uses[i], E), PL_LEDGER_DAMAGED, f->path);
		g_unlink(f->path);
		sql(f->path, "CREATE TABLE customers (x)");
		assert_fails(
		    opens(f, uses[i], E), PL_LEDGER_DAMAGED, "another program");
		g_unlink(f->path);
		g_mkdir(f->path, 0700);
		assert_fails(
		    opens(f, uses[i], E), PL_LEDGER_DAMAGED, "regular file");
		g_rmdir(f->path);
	}
}

static void
an_absent_or_empty_ledger_is_not_made_by_reading(void **state)
{
	struct fixture *f = *state;

	assert_fails(opens(f, PL_LEDGER_READ, E), PL_LEDGER_ABSENT, f->path);
	assert_int_equal(files_in(f->folder), 0);
	assert_true(g_file_set_contents(f->path, "", 0, NULL));
	assert_fails(opens(f, PL_LEDGER_READ, E), PL_LEDGER_ABSENT, f->path);
	assert_int_equal(files_in(f->folder), 1);
	/* A crash may leave it empty: writing makes it a ledger. */
	f->l = open_as(f, PL_LEDGER_WRITE);
	assert_whole(f->l);
}

static void
a_ledger_whose_maker_died_is_empty_and_then_finished(void **state)
{
	struct fixture *f = *state;
	struct pl_db_how how = pl_how_ledger;
	unsigned from;
	pl_db *db;

	how.write = TRUE;
	db = pl_db_open(&pl_driver_sqlite, f->path, &how, NULL);
	assert_ok(pl_schema_migrate(
	    db, pl_ledger_schema, pl_ledger_schema_version, &from, E));
	pl_db_close(db);
	assert_fails(opens(f, PL_LEDGER_READ, E), PL_LEDGER_ABSENT, "empty");
	f->l = open_as(f, PL_LEDGER_WRITE);
	assert_non_null(f->l->id);
	assert_whole(f->l);
}

static void
a_folder_that_is_missing_is_named(void **state)
{
	struct fixture *f = *state;
	g_autofree char *url =
	    g_strconcat("sqlite:", f->folder, "/no/ledger.db", NULL);

	assert_fails(
	    pl_ledger_open(url, f->messages, PL_LEDGER_READ, E) != NULL,
	    PL_LEDGER_ABSENT, "/no/ledger.db");
}

static void
the_file_of_a_newer_version_is_refused(void **state)
{
	struct fixture *f = *state;

	f->l = open_as(f, PL_LEDGER_WRITE);
	g_clear_pointer(&f->l, pl_ledger_close);
	sql(f->path, "UPDATE meta SET value = '999' WHERE name = 'version'");
	assert_fails(opens(f, PL_LEDGER_WRITE, E), PL_LEDGER_NEWER, "999");
	assert_fails(opens(f, PL_LEDGER_READ, E), PL_LEDGER_NEWER, f->path);
	sql(f->path, "UPDATE meta SET value = 'one' WHERE name = 'version'");
	assert_fails(opens(f, PL_LEDGER_WRITE, E), PL_LEDGER_DAMAGED, f->path);
	sql(f->path, "DELETE FROM meta");
	assert_fails(opens(f, PL_LEDGER_WRITE, E), PL_LEDGER_DAMAGED, f->path);
}

/* ---- migrations -------------------------------------------------------- */

static const struct pl_migration steps[] = {
	{ "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT);" },
	{ "CREATE TABLE two (x TEXT); INSERT INTO two VALUES ('kept');" },
	{ "ALTER TABLE two ADD COLUMN y TEXT;" },
	{ "CREATE TABLE four (x TEXT); CREATE TABLE two (x TEXT);" },
};

static pl_db *
open_db(struct fixture *f)
{
	struct pl_db_how how = pl_how_ledger;
	GError *error = NULL;
	pl_db *db;

	how.write = TRUE;
	db = pl_db_open(&pl_driver_sqlite, f->path, &how, &error);
	if (db == NULL)
		fail_msg("%s", error->message);
	return db;
}

static void
every_version_is_brought_up_to_date(void **state)
{
	struct fixture *f = *state;

	for (unsigned start = 0; start <= 3; start++) {
		pl_db *db = open_db(f);
		unsigned from, version;

		if (start > 0)
			assert_ok(
			    pl_schema_migrate(db, steps, start, &from, E));
		assert_ok(pl_schema_migrate(db, steps, 3, &from, E));
		assert_int_equal(from, start);
		assert_ok(pl_schema_version(db, &version, E));
		assert_int_equal(version, 3);
		assert_ok(pl_db_script(db, "SELECT x, y FROM two", E));
		assert_ok(pl_schema_migrate(db, steps, 3, &from, E));
		assert_int_equal(from, 3);
		assert_fails(pl_schema_migrate(db, steps, 2, &from, E),
		    PL_LEDGER_NEWER, f->path);
		pl_db_close(db);
		g_unlink(f->path);
	}
}

static void
a_migration_that_fails_changes_nothing(void **state)
{
	struct fixture *f = *state;
	pl_db *db = open_db(f);
	unsigned from, version;

	assert_ok(pl_schema_migrate(db, steps, 3, &from, E));
	assert_fails(
	    pl_schema_migrate(db, steps, 4, &from, E), PL_LEDGER_FAILED, "two");
	assert_ok(pl_schema_version(db, &version, E));
	assert_int_equal(version, 3);
	assert_int_equal(db->driver->has_table(db, "four", NULL), 0);
	pl_db_close(db);
}

static void
an_older_version_is_not_migrated_by_reading(void **state)
{
	struct fixture *f = *state;
	pl_db *db = open_db(f);
	unsigned from;

	assert_ok(pl_schema_migrate(db, steps, 2, &from, E));
	assert_fails(
	    pl_schema_expect(db, 3, E), PL_LEDGER_FAILED, "older version");
	assert_ok(pl_schema_expect(db, 2, E));
	assert_fails(pl_schema_expect(db, 1, E), PL_LEDGER_NEWER, "newer");
	pl_db_close(db);
}

static void
no_new_ledger_begins_beside_months_of_another(void **state)
{
	struct fixture *f = *state;
	g_autofree char *away = g_strconcat(f->messages, ".old", NULL);

	f->l = open_as(f, PL_LEDGER_WRITE);
	add_message(f->l, "a@c.example", "<1@x>", "bytes");
	g_clear_pointer(&f->l, pl_ledger_close);
	assert_int_equal(g_unlink(f->path), 0);
	assert_fails(opens(f, PL_LEDGER_WRITE, E), PL_LEDGER_ABSENT,
	    "months of another ledger");
	assert_false(g_file_test(f->path, G_FILE_TEST_EXISTS));
	assert_true(g_file_set_contents(f->path, "", 0, NULL));
	assert_fails(
	    opens(f, PL_LEDGER_WRITE, E), PL_LEDGER_DAMAGED, "from a backup");
	assert_int_equal(g_rename(f->messages, away), 0);
	assert_true(opens(f, PL_LEDGER_WRITE, NULL));
}

/* ---- damage ------------------------------------------------------------ */

static void
a_truncated_ledger_is_damaged(void **state)
{
	struct fixture *f = *state;

	f->l = open_as(f, PL_LEDGER_WRITE);
	g_clear_pointer(&f->l, pl_ledger_close);
	assert_int_equal(truncate(f->path, 20000), 0);
	assert_fails(opens(f, PL_LEDGER_WRITE, E), PL_LEDGER_DAMAGED, f->path);
	assert_fails(opens(f, PL_LEDGER_READ, E), PL_LEDGER_DAMAGED, f->path);
}

static void
overwritten_pages_are_found(void **state)
{
	struct fixture *f = *state;
	g_autofree char *good = NULL;
	gsize length;
	unsigned found = 0;

	f->l = open_as(f, PL_LEDGER_WRITE);
	add_waiting(f->l, "sales", "1");
	g_clear_pointer(&f->l, pl_ledger_close);
	assert_true(g_file_get_contents(f->path, &good, &length, NULL));
	for (gsize page = 0; page < length; page += 4096) {
		g_autofree char *bad = g_memdup2(good, length);
		g_autoptr(GError) error = NULL;

		/* Every page's header is overwritten in turn. */
		memset(bad + page + (page == 0 ? 100 : 0), 0xa5, 64);
		assert_true(
		    g_file_set_contents(f->path, bad, (gssize)length, NULL));
		f->l =
		    pl_ledger_open(f->url, f->messages, PL_LEDGER_READ, &error);
		if (f->l != NULL)
			pl_ledger_check(f->l, &error);
		found += error != NULL && error->code == PL_LEDGER_DAMAGED;
		g_clear_pointer(&f->l, pl_ledger_close);
	}
	assert_int_equal(found, length / 4096);
	assert_true(g_file_set_contents(f->path, good, (gssize)length, NULL));
}

static void
references_and_counts_are_checked(void **state)
{
	struct fixture *f = *state;
	g_autofree char *good = NULL;
	gsize length;
	static const char *const changes[] = {
		"UPDATE entry SET batch = 77",
		"UPDATE tally SET n = n + 1",
		"UPDATE tally SET journal = 'x'",
		"DELETE FROM tally",
		"UPDATE message SET size = size + 1",
		"UPDATE message SET store = '2020-01'",
	};

	f->l = open_as(f, PL_LEDGER_WRITE);
	add_waiting(f->l, "sales", "1");
	g_clear_pointer(&f->l, pl_ledger_close);
	assert_true(g_file_get_contents(f->path, &good, &length, NULL));
	for (unsigned i = 0; i < G_N_ELEMENTS(changes); i++) {
		g_autoptr(GError) error = NULL;

		sql(f->path, changes[i]);
		f->l = open_as(f, PL_LEDGER_READ);
		if (pl_ledger_check(f->l, &error))
			fail_msg("%s: not found", changes[i]);
		assert_non_null(error);
		g_clear_pointer(&f->l, pl_ledger_close);
		assert_true(
		    g_file_set_contents(f->path, good, (gssize)length, NULL));
	}
}

/* For another thread, which has its own. */
static void
a_handle_beside_reads_what_is_committed_and_writes_nothing(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_ledger) beside = NULL;
	struct pl_counts counts;

	f->l = open_as(f, PL_LEDGER_WRITE);
	beside = pl_ledger_beside(f->l, NULL);
	assert_non_null(beside);
	add_waiting(f->l, "sales", "1");
	assert_ok(pl_entry_counts(beside, "sales", &counts, E));
	assert_int_equal(counts.by_state[PL_WAITING], 1);
	assert_ok(pl_ledger_begin(f->l, E));
	add_waiting(f->l, "sales", "2");
	assert_ok(pl_entry_counts(beside, "sales", &counts, E));
	assert_int_equal(counts.by_state[PL_WAITING], 1);
	assert_ok(pl_ledger_commit(f->l, E));
	assert_ok(pl_entry_counts(beside, "sales", &counts, E));
	assert_int_equal(counts.by_state[PL_WAITING], 2);
	assert_false(pl_ledger_begin(beside, NULL) &&
		     pl_entry_change(beside, 1, PL_WAITING, PL_HELD, "PL-305",
			 "x", 0, NULL));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup_empty, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_new_ledger_is_for_its_owner_alone),
		T(several_processes_make_one_ledger),
		T(two_ledgers_have_different_names),
		T(a_url_of_another_kind_is_refused),
		T(what_is_no_ledger_is_named_and_left_alone),
		T(an_absent_or_empty_ledger_is_not_made_by_reading),
		T(a_ledger_whose_maker_died_is_empty_and_then_finished),
		T(a_folder_that_is_missing_is_named),
		T(the_file_of_a_newer_version_is_refused),
		T(every_version_is_brought_up_to_date),
		T(a_migration_that_fails_changes_nothing),
		T(an_older_version_is_not_migrated_by_reading),
		T(no_new_ledger_begins_beside_months_of_another),
		T(a_truncated_ledger_is_damaged),
		T(overwritten_pages_are_found),
		T(references_and_counts_are_checked),
		T(a_handle_beside_reads_what_is_committed_and_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
