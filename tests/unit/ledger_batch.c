/* SPDX-License-Identifier: BSD-2-Clause */
/* Batches: planned once, sent, refused, unknown. */
#include "ledger_planned.h"

static void
a_plan_is_committed_before_anything_leaves(void **state)
{
	struct fixture *f = *state;
	gint64 entries[3];
	g_autoptr(pl_batch) b = NULL, back = NULL;
	g_autoptr(GPtrArray) list = NULL, unfinished = NULL;
	g_autoptr(pl_entry) e = NULL;

	for (unsigned i = 0; i < 3; i++) {
		g_autofree char *number = g_strdup_printf("%u", i);

		/* not in the order of their ids */
		entries[2 - i] = add_waiting(f->l, "sales", number);
	}
	b = pl_batch_new();
	b->journal = g_strdup("sales");
	b->deliver_to = g_strdup("in@books.example");
	b->sender = g_strdup("postledger@gw.example");
	b->zip = TRUE;
	b->zip_name = g_strdup("sales-2026-03-01-1.zip");
	assert_ok(pl_batch_plan(f->l, b, entries, 3, E));
	assert_int_equal(b->id, 1);
	assert_true(g_str_has_prefix(b->message_id, "<b.1."));
	assert_true(g_str_has_suffix(b->message_id, "@gw.example>"));

	reopen(f);
	back = pl_batch_get(f->l, b->id, NULL);
	assert_string_equal(back->message_id, b->message_id);
	assert_string_equal(back->journal, "sales");
	assert_string_equal(back->deliver_to, "in@books.example");
	assert_string_equal(back->sender, "postledger@gw.example");
	assert_true(back->zip);
	assert_string_equal(back->zip_name, "sales-2026-03-01-1.zip");
	assert_int_equal(back->state, PL_BATCH_PLANNED);
	assert_int_equal(back->documents, 3);
	assert_int_equal(back->attempt, 0);
	assert_int_equal(back->created, b->created);
	assert_int_equal(back->finished, 0);
	list = pl_batch_entries(f->l, b->id, NULL);
	assert_int_equal(list->len, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(((pl_entry *)list->pdata[i])->id, entries[i]);
	e = pl_entry_get(f->l, entries[0], NULL);
	assert_int_equal(e->state, PL_SENDING);
	assert_int_equal(e->batch, 1);
	assert_string_equal(e->batch_name, "1.0");
	unfinished = pl_batch_unfinished(f->l, NULL);
	assert_int_equal(unfinished->len, 1);
	assert_whole(f->l);
}

static void
only_what_waits_in_the_journal_is_planned(void **state)
{
	struct fixture *f = *state;
	gint64 ok = add_waiting(f->l, "sales", "1");
	gint64 held = add_waiting(f->l, "sales", "2");
	gint64 other = add_waiting(f->l, "buy", "3");
	const struct {
		gint64 entries[2];
		enum pl_ledger_error error;
	} cases[] = {
		{ { ok, held }, PL_LEDGER_CONFLICT },
		{ { ok, other }, PL_LEDGER_CONFLICT },
		{ { ok, ok }, PL_LEDGER_CONFLICT },
		{ { ok, 99 }, PL_LEDGER_ABSENT },
	};

	assert_ok(
	    pl_entry_change(f->l, held, PL_WAITING, PL_HELD, NULL, NULL, 0, E));
	assert_ok(pl_ledger_begin(f->l, E));
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(pl_batch) b = pl_batch_new();

		b->journal = g_strdup("sales");
		b->sender = g_strdup("p@gw.example");
		assert_fails(pl_batch_plan(f->l, b, cases[i].entries, 2, E),
		    cases[i].error, "entry");
	}
	assert_ok(pl_ledger_commit(f->l, E));
	assert_int_equal(state_of(f->l, ok), PL_WAITING);
	assert_whole(f->l);
}

static void
message_ids_differ_also_after_a_restored_backup(void **state)
{
	struct fixture *f = *state;
	g_autofree char *copy = g_strconcat(f->path, ".copy", NULL);
	char *argv[] = { (char *)"cp", f->path, copy, NULL };
	char *back[] = { (char *)"cp", copy, f->path, NULL };
	g_autoptr(pl_batch) one = NULL, two = NULL;

	pl_ledger_close(f->l);
	assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
	    NULL, NULL, NULL, NULL, NULL));
	f->l = open_as(f, PL_LEDGER_WRITE);
	one = plan(f->l, NULL, 0);
	pl_ledger_close(f->l);
	assert_true(g_spawn_sync(NULL, back, NULL, G_SPAWN_SEARCH_PATH, NULL,
	    NULL, NULL, NULL, NULL, NULL));
	f->l = open_as(f, PL_LEDGER_WRITE);
	two = plan(f->l, NULL, 0);
	assert_int_equal(one->id, two->id);
	assert_string_not_equal(one->message_id, two->message_id);
}

static void
a_given_message_id_stays(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_batch) b = pl_batch_new(), back = NULL;

	b->message_id = g_strdup("<own@gw.example>");
	assert_ok(pl_batch_plan(f->l, b, NULL, 0, E));
	back = pl_batch_get(f->l, b->id, NULL);
	assert_string_equal(back->message_id, "<own@gw.example>");
	assert_string_equal(back->journal, "");
}

static void
what_the_mta_said_is_kept(void **state)
{
	struct fixture *f = *state;
	gint64 entry = add_waiting(f->l, "sales", "1");
	g_autoptr(pl_batch) b = plan(f->l, &entry, 1), end = NULL;
	g_autoptr(pl_entry) e = NULL;
	unsigned n;

	assert_ok(pl_batch_attempt(f->l, b->id, FALSE, &n, E));
	come_by(f->l, b->id, n, PL_OFFER_PASS);
	assert_ok(pl_batch_answer(f->l, b->id, n, PL_ATTEMPT_SENT,
	    "250 2.0.0 Ok: queued as 4XyzQ9", "4XyzQ9", 1903321, E));
	end = pl_batch_get(f->l, b->id, NULL);
	assert_string_equal(end->queue_id, "4Xq");
	assert_string_equal(end->reply, "250 2.0.0 Ok: queued as 4XyzQ9");
	assert_string_equal(end->mta_id, "4XyzQ9");
	assert_int_equal(end->size, 1903321);
	assert_true(end->offered > 0);
	e = pl_entry_get(f->l, entry, NULL);
	assert_string_equal(e->batch_name, "1.1");
	assert_int_equal(e->sent, end->finished);
}

static void
a_refused_batch_holds_its_documents_with_the_reply(void **state)
{
	struct fixture *f = *state;
	gint64 entry = add_waiting(f->l, "sales", "1");
	g_autoptr(pl_batch) b = plan(f->l, &entry, 1);
	g_autoptr(pl_entry) e = NULL;
	struct pl_counts counts;
	unsigned n;

	assert_ok(pl_batch_attempt(f->l, b->id, FALSE, &n, E));
	assert_ok(pl_batch_answer(f->l, b->id, n, PL_ATTEMPT_REFUSED,
	    "552-5.3.4 too\r\n552 5.3.4 large\r\n", NULL, 0, E));
	e = pl_entry_get(f->l, entry, NULL);
	assert_int_equal(e->state, PL_HELD);
	assert_string_equal(e->code, "PL-301");
	assert_string_equal(e->note, "552-5.3.4 too  552 5.3.4 large");
	assert_int_equal(e->sent, 0);
	assert_ok(pl_entry_counts(f->l, "sales", &counts, E));
	assert_int_equal(counts.problems, 1);
	/* Let go by a person, it can be planned again, in another batch. */
	assert_ok(pl_entry_release(f->l, entry, E));
	{
		g_autoptr(pl_batch) again = plan(f->l, &entry, 1);
		g_autoptr(GPtrArray) old = pl_batch_entries(f->l, b->id, NULL);

		assert_string_not_equal(again->message_id, b->message_id);
		assert_int_equal(old->len, 1);
	}
	assert_whole(f->l);
}

static void
sent_documents_are_sent_again_only_on_purpose(void **state)
{
	struct fixture *f = *state;
	gint64 entry = add_waiting(f->l, "sales", "1");
	g_autoptr(pl_batch) b = plan(f->l, &entry, 1);
	g_autoptr(pl_entry) e = NULL;
	struct pl_counts counts;
	gint64 at;
	unsigned n;

	assert_ok(pl_entry_last_sent(f->l, "sales", &at, E));
	assert_int_equal(at, 0);
	assert_ok(pl_batch_attempt(f->l, b->id, FALSE, &n, E));
	assert_ok(pl_batch_answer(
	    f->l, b->id, n, PL_ATTEMPT_SENT, "250", NULL, 0, E));
	assert_ok(pl_entry_counts(f->l, "sales", &counts, E));
	assert_int_equal(counts.by_state[PL_SENT], 1);
	assert_ok(pl_entry_last_sent(f->l, "sales", &at, E));
	assert_true(at > 0);
	assert_fails(
	    pl_entry_release(f->l, entry, E), PL_LEDGER_CONFLICT, "sent");
	assert_ok(pl_entry_resend(f->l, entry, E));
	e = pl_entry_get(f->l, entry, NULL);
	assert_int_equal(e->state, PL_WAITING);
	assert_true(e->released);
	assert_int_equal(e->batch, 0);
	assert_whole(f->l);
}

static void
an_unknown_batch_is_none_of_ours(void **state)
{
	struct fixture *f = *state;
	unsigned n;

	come_by(f->l, 99, 1, PL_OFFER_UNKNOWN);
	assert_fails(
	    pl_batch_attempt(f->l, 99, FALSE, &n, E), PL_LEDGER_ABSENT, "99");
	assert_fails(pl_batch_cancel(f->l, 99, E), PL_LEDGER_ABSENT, "99");
	assert_fails(
	    pl_batch_answer(f->l, 99, 1, PL_ATTEMPT_SENT, NULL, NULL, 0, E),
	    PL_LEDGER_ABSENT, "99");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_plan_is_committed_before_anything_leaves),
		T(only_what_waits_in_the_journal_is_planned),
		T(message_ids_differ_also_after_a_restored_backup),
		T(a_given_message_id_stays),
		T(what_the_mta_said_is_kept),
		T(a_refused_batch_holds_its_documents_with_the_reply),
		T(sent_documents_are_sent_again_only_on_purpose),
		T(an_unknown_batch_is_none_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
