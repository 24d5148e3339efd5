/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Batches that go into folders: their files, and what is known of an attempt
 * that has no answer.
 */
#include "ledger_fixture.h"

static gint64
plan(pl_ledger *l, const char *deliver_to, gint64 entry)
{
	g_autoptr(pl_batch) b = pl_batch_new();

	b->journal = g_strdup("sales");
	b->deliver_to = g_strdup(deliver_to);
	b->sender = g_strdup("postledger@gw.example");
	assert_ok(pl_batch_plan(l, b, &entry, 1, E));
	return b->id;
}

static unsigned
attempt(pl_ledger *l, gint64 batch)
{
	unsigned number;

	assert_ok(pl_batch_attempt(l, batch, FALSE, &number, E));
	return number;
}

static void
offer(pl_ledger *l, gint64 batch, unsigned number)
{
	enum pl_offer result;

	assert_ok(pl_batch_offer(l, batch, number, NULL, &result, E));
	assert_int_equal(result, PL_OFFER_PASS);
}

static void
send(pl_ledger *l, gint64 batch, gboolean offered)
{
	unsigned number = attempt(l, batch);

	if (offered)
		offer(l, batch, number);
	assert_ok(pl_batch_answer(
	    l, batch, number, PL_ATTEMPT_SENT, "250 ok", NULL, 1, E));
}

static unsigned
at_large(pl_ledger *l, gint64 batch)
{
	unsigned number;

	assert_ok(pl_batch_at_large(l, batch, &number, E));
	return number;
}

static void
the_files_of_a_batch_are_kept_in_their_order(void **state)
{
	struct fixture *f = *state;
	gint64 entry = add_waiting(f->l, "sales", "1");
	gint64 id = plan(f->l, "dir:/srv/x", entry);
	g_autoptr(GPtrArray) files =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_written_free);
	g_autoptr(GPtrArray) back = NULL, paths = NULL, none = NULL;
	g_autoptr(GError) error = NULL;

	g_ptr_array_add(files, pl_written_new(entry, "/srv/x/b\xff.pdf", 7));
	assert_ok(pl_batch_write(f->l, id, files, E));
	g_ptr_array_add(files, pl_written_new(0, "/srv/x/a.zip", 9));
	assert_ok(pl_batch_write(f->l, id, files, E));
	none = pl_entry_written(f->l, entry, NULL);
	assert_int_equal(none->len, 0); /* planned is not written */
	send(f->l, id, TRUE);
	reopen(f);
	back = pl_batch_written(f->l, id, NULL);
	assert_int_equal(back->len, 2);
	for (unsigned i = 0; i < 2; i++) {
		const struct pl_written *w = back->pdata[i];
		const struct pl_written *x = files->pdata[i];

		assert_string_equal(w->path, x->path);
		assert_int_equal(w->entry, x->entry);
		assert_int_equal(w->size, x->size);
	}
	paths = pl_entry_written(f->l, entry, NULL);
	assert_int_equal(paths->len, 2); /* one is of all in the batch */
	assert_false(pl_batch_write(f->l, id, files, &error));
	assert_true(
	    g_error_matches(error, PL_LEDGER_ERROR, PL_LEDGER_CONFLICT));
	assert_whole(f->l);
}

static void
only_what_was_begun_may_lie_in_a_folder(void **state)
{
	struct fixture *f = *state;
	gint64 id =
	    plan(f->l, "dir:/x/%{year}", add_waiting(f->l, "sales", "1"));
	unsigned number = attempt(f->l, id);

	assert_int_equal(at_large(f->l, id), 0);
	offer(f->l, id, number);
	assert_int_equal(at_large(f->l, id), number);
	assert_ok(pl_batch_answer(
	    f->l, id, number, PL_ATTEMPT_UNKNOWN, "full", NULL, 1, E));
	assert_int_equal(at_large(f->l, id), number);
	assert_ok(pl_batch_answer(
	    f->l, id, number, PL_ATTEMPT_SENT, "done", NULL, 1, E));
	assert_int_equal(at_large(f->l, id), 0);
}

static void
folders_say_nothing_on_the_way_of_emails(void **state)
{
	struct fixture *f = *state;
	gint64 ids[3];

	for (unsigned i = 0; i < 3; i++) {
		g_autofree char *number = g_strdup_printf("%u", i);

		ids[i] = plan(f->l, i == 1 ? "dir:/srv/x" : "in@books.example",
		    add_waiting(f->l, "sales", number));
	}
	/* e-mails do not go by the daemon, whatever folders do */
	send(f->l, ids[0], FALSE);
	send(f->l, ids[1], TRUE);
	attempt(f->l, ids[2]);
	assert_int_equal(at_large(f->l, ids[2]), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    the_files_of_a_batch_are_kept_in_their_order, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    only_what_was_begun_may_lie_in_a_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    folders_say_nothing_on_the_way_of_emails, setup, teardown),
	};

	return cmocka_run_group_tests_name("ledger_written", tests, NULL, NULL);
}
