/* SPDX-License-Identifier: BSD-2-Clause */
/* What the writer promises, against a ledger that fails when told to. */
#include "postledger/config.h"

#include "milter_writer_made.h"

static gboolean
chunk(pl_incoming *in)
{
	return pl_writer_chunk(writer, in, g_malloc0(PL_CHUNK));
}

static void
wait_until_able(void)
{
	for (int i = 0; i < 200 && !pl_writer_able(writer); i++)
		g_usleep(50000);
	assert_true(pl_writer_able(writer));
}

/* Keeps the writer busy with one message, so that others gather. */
static GThread *
hold_writer(void)
{
	close_gate();
	GThread *first =
	    g_thread_new("first", store_in_thread, (gpointer) "<first>");
	wait_at_gate();
	return first;
}

static void
release(GThread *first)
{
	open_gate();
	assert_int_equal(
	    GPOINTER_TO_INT(g_thread_join(first)), PL_OUTCOME_DONE);
}

static void
bytes_are_synced_before_the_facts_are_committed(void **state)
{
	(void)state;
	assert_int_equal(store("<1@a>"), PL_OUTCOME_DONE);
	assert_string_equal(fake.order->str, "casSTMYC");
	assert_true(is_stored("<1@a>"));
}

/* Whoever wants to change something in the ledger would wait for it, too. */
static void
facts_are_not_made_while_a_slow_disk_writes(void **state)
{
	const struct pl_writer_limits never_quick = {
		.chunks = 4, .patience = 30, .probe = 1
	};

	(void)state;
	start_again(&never_quick);
	assert_int_equal(store("<1>"), PL_OUTCOME_DONE);
	assert_int_equal(store("<2>"), PL_OUTCOME_DONE);
	assert_string_equal(fake.order->str, "casSTMYCcasSYTMC");
	fake.fail_sync = 1;
	assert_int_equal(store("<3>"), PL_OUTCOME_RETRY);
	assert_string_equal(fake.order->str, "casSTMYCcasSYTMCcasSYR");
}

static void
who_is_alone_stores_and_else_the_thread_does(void **state)
{
	pl_incoming *half;

	(void)state;
	assert_int_equal(store("<1>"), PL_OUTCOME_DONE);
	assert_ptr_equal(fake.syncer, g_thread_self());
	half = pl_incoming_new(writer, 1);
	assert_int_equal(store("<2>"), PL_OUTCOME_DONE);
	assert_ptr_not_equal(fake.syncer, g_thread_self());
	pl_writer_drop(writer, half);
	assert_int_equal(store("<3>"), PL_OUTCOME_DONE);
	half = pl_incoming_new(writer, 1);
	assert_int_equal(seal(half, "rest", "<4>"), PL_OUTCOME_DONE);
	assert_ptr_equal(fake.syncer, g_thread_self());
}

static void
all_that_wait_share_one_sync_and_one_commit(void **state)
{
	const char *ids[] = { "<1>", "<2>", "<3>", "<4>", "<5>", "<6>" };
	GThread *threads[G_N_ELEMENTS(ids)];
	GThread *first = hold_writer();

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
		threads[i] =
		    g_thread_new("seal", store_in_thread, (gpointer)ids[i]);
	g_usleep(200000);
	release(first);
	for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
		assert_int_equal(GPOINTER_TO_INT(g_thread_join(threads[i])),
		    PL_OUTCOME_DONE);
	assert_true(fake.syncs < G_N_ELEMENTS(ids));
	assert_int_equal(fake.commits, fake.syncs);
	assert_int_equal(fake.stored->len, 1 + G_N_ELEMENTS(ids));
}

static void
nobody_is_told_done_when_the_sync_fails(void **state)
{
	(void)state;
	fake.fail_sync = TRUE;
	assert_int_equal(store("<1>"), PL_OUTCOME_RETRY);
	assert_null(strchr(fake.order->str, 'C'));
	assert_int_equal(g_hash_table_size(fake.rows), 0);
}

static void
nobody_is_told_done_when_the_commit_fails(void **state)
{
	(void)state;
	fake.fail_commit = TRUE;
	assert_int_equal(store("<1>"), PL_OUTCOME_RETRY);
	assert_false(is_stored("<1>"));
}

static void
bytes_go_when_the_commit_surely_failed_and_stay_when_not(void **state)
{
	(void)state;
	fake.fail_commit = TRUE;
	fake.code = PL_LEDGER_FULL;
	assert_int_equal(store("<1>"), PL_OUTCOME_RETRY);
	assert_int_equal(fake.drops, 1);
	fake.fail_commit = TRUE;
	fake.code = PL_LEDGER_FAILED;
	assert_int_equal(store("<2>"), PL_OUTCOME_RETRY);
	assert_int_equal(fake.drops, 1);
}

static void
bad_facts_of_one_message_do_not_fail_the_others(void **state)
{
	const char *ids[] = { "<1>", "<bad>", "<3>" };
	GThread *threads[G_N_ELEMENTS(ids)], *first = hold_writer();

	(void)state;
	fake.bad = "<bad>";
	for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
		threads[i] =
		    g_thread_new("seal", store_in_thread, (gpointer)ids[i]);
	g_usleep(200000);
	release(first);
	for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
		assert_int_equal(GPOINTER_TO_INT(g_thread_join(threads[i])),
		    i == 1 ? PL_OUTCOME_RETRY : PL_OUTCOME_DONE);
	assert_true(is_stored("<1>") && is_stored("<3>"));
	assert_false(is_stored("<bad>"));
	assert_in_range(fake.syncs, 2, 4); /* none for each of them */
	assert_true(pl_writer_able(writer));
	assert_int_equal(fake.drops, 1);
}

static void
a_failed_sync_loses_the_half_written_and_never_reuses_their_row(void **state)
{
	pl_incoming *half = pl_incoming_new(writer, 1);

	(void)state;
	assert_true(chunk(half));
	fake.fail_sync = TRUE;
	assert_int_equal(store("<1>"), PL_OUTCOME_RETRY);
	/* gets the number that the half-written one had */
	assert_int_equal(store("<2>"), PL_OUTCOME_DONE);
	assert_false(chunk(half));
	assert_int_equal(seal(half, "rest", "<half>"), PL_OUTCOME_RETRY);
	assert_false(is_stored("<half>"));
	assert_int_equal(fake.drops, 0);
	assert_int_equal(g_hash_table_size(fake.rows), 1);
}

static void
what_was_synced_before_survives_the_failure(void **state)
{
	pl_incoming *half = pl_incoming_new(writer, 1);

	(void)state;
	assert_true(chunk(half));
	assert_int_equal(store("<1>"), PL_OUTCOME_DONE);
	fake.fail_sync = TRUE;
	assert_int_equal(store("<2>"), PL_OUTCOME_RETRY);
	assert_int_equal(seal(half, "rest", "<half>"), PL_OUTCOME_DONE);
	assert_true(is_stored("<half>"));
}

static void
half_of_a_message_is_deleted_when_its_other_half_is_lost(void **state)
{
	pl_incoming *half = pl_incoming_new(writer, 1);

	(void)state;
	assert_true(chunk(half));
	assert_int_equal(store("<1>"), PL_OUTCOME_DONE);
	fake.fail_append = TRUE;
	assert_true(chunk(half));
	assert_int_equal(seal(half, "rest", "<half>"), PL_OUTCOME_RETRY);
	assert_int_equal(fake.drops, 1);
	assert_int_equal(g_hash_table_size(fake.rows), 1);
}

static void
a_dropped_message_leaves_no_row(void **state)
{
	pl_incoming *in = pl_incoming_new(writer, 1);

	(void)state;
	assert_true(chunk(in));
	pl_writer_drop(writer, in);
	pl_writer_drop(writer, pl_incoming_new(writer, 1)); /* never begun */
	pl_writer_drop(writer, NULL);
	assert_int_equal(store("<1>"), PL_OUTCOME_DONE);
	assert_int_equal(fake.drops, 1);
	assert_int_equal(g_hash_table_size(fake.rows), 1);
}

static gpointer
six_chunks(gpointer in)
{
	for (int i = 0; i < 6; i++)
		assert_true(chunk(in));
	return NULL;
}

static void
who_comes_too_fast_waits(void **state)
{
	GThread *first = hold_writer();
	pl_incoming *in = pl_incoming_new(writer, 1);
	GThread *fast = g_thread_new("fast", six_chunks, in);

	(void)state;
	g_usleep(200000);
	release(first);
	g_thread_join(fast);
	assert_int_equal(seal(in, "rest", "<fast>"), PL_OUTCOME_DONE);
	assert_int_equal(row_of(2)->bytes->len, 6 * PL_CHUNK + 4);
}

static void
a_full_disk_makes_it_unable_and_room_able_again(void **state)
{
	(void)state;
	fake.fail_append = TRUE;
	assert_int_equal(store("<1>"), PL_OUTCOME_RETRY);
	assert_false(pl_writer_able(writer));
	wait_until_able();
	assert_int_equal(store("<2>"), PL_OUTCOME_DONE);
}

/* Mail that cannot be deferred at its recipient goes on coming. */
static void
what_comes_does_not_put_off_the_look_at_an_unable_ledger(void **state)
{
	(void)state;
	fake.fail_append = TRUE;
	assert_int_equal(store("<1>"), PL_OUTCOME_RETRY);
	for (int i = 0; i < 15 && !pl_writer_able(writer); i++) {
		g_usleep(200000);
		store("<more>");
	}
	assert_true(pl_writer_able(writer));
}

static void
low_space_makes_it_unable_but_stores_what_is_under_way(void **state)
{
	(void)state;
	g_mutex_lock(&fake.lock);
	fake.space = 999;
	g_mutex_unlock(&fake.lock);
	assert_int_equal(store("<1>"), PL_OUTCOME_DONE);
	g_usleep(1500000);
	assert_false(pl_writer_able(writer));
	g_mutex_lock(&fake.lock);
	fake.space = 1000;
	g_mutex_unlock(&fake.lock);
	wait_until_able();
}

static void
where_space_is_scarce_only_small_messages_are_stored(void **state)
{
	pl_incoming *in = pl_incoming_new(writer, 1);

	(void)state;
	g_mutex_lock(&fake.lock);
	fake.space = 600; /* of a reserve of 1000 */
	g_mutex_unlock(&fake.lock);
	assert_int_equal(store("<small>"), PL_OUTCOME_DONE);
	assert_true(chunk(in));
	assert_int_equal(seal(in, "rest", "<large>"), PL_OUTCOME_RETRY);
	assert_int_equal(g_hash_table_size(fake.rows), 1);
	assert_false(is_stored("<large>"));
}

static void
the_log_is_emptied_before_it_can_fill_the_disk(void **state)
{
	pl_incoming *in = pl_incoming_new(writer, 1);

	(void)state;
	g_mutex_lock(&fake.lock);
	fake.space = PL_CHUNK + 700; /* of a reserve of 1000 */
	g_mutex_unlock(&fake.lock);
	for (int i = 0; i < 4; i++) {
		assert_true(chunk(in));
		assert_int_equal(store("<other>"), PL_OUTCOME_DONE);
	}
	assert_true(fake.shrinks > 0);
	assert_int_equal(seal(in, "rest", "<in>"), PL_OUTCOME_DONE);
}

static void
every_state_of_the_whole_ledger_makes_it_unable(void **state)
{
	const enum pl_ledger_error codes[] = { PL_LEDGER_FULL,
		PL_LEDGER_READONLY, PL_LEDGER_DAMAGED, PL_LEDGER_FAILED };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
		fake.fail_commit = TRUE;
		fake.code = codes[i];
		assert_int_equal(store("<1>"), PL_OUTCOME_RETRY);
		assert_false(pl_writer_able(writer));
		wait_until_able();
	}
	fake.fail_commit = TRUE;
	fake.code = PL_LEDGER_RETRY;
	assert_int_equal(store("<1>"), PL_OUTCOME_RETRY);
	assert_true(pl_writer_able(writer));
}

/* It would leave traces of itself in the file, every two seconds. */
static void
a_look_at_a_ledger_without_facts_writes_no_bytes(void **state)
{
	(void)state;
	fake.fail_commit = TRUE;
	fake.fail_begins = 2;
	assert_int_equal(store("<1>"), PL_OUTCOME_RETRY);
	wait_until_able();
	assert_int_equal(fake.fail_begins, 0);
	assert_string_equal(strrchr(fake.order->str, 'C') + 1, "dBBBcaYd");
}

static void
a_request_that_lay_too_long_is_taken_back(void **state)
{
	const struct pl_writer_limits impatient = {
		.chunks = 4, .patience = 1, .probe = 1
	};

	(void)state;
	start_again(&impatient);
	GThread *first = hold_writer();
	assert_int_equal(store("<late>"), PL_OUTCOME_RETRY);
	/* the first one waits longer, since the writer has it */
	release(first);
	assert_int_equal(store("<3>"), PL_OUTCOME_DONE);
	assert_false(is_stored("<late>"));
	assert_true(is_stored("<first>"));
}

static enum pl_outcome
offer_one(gint64 batch, const pl_contents *contents, enum pl_offer *offer)
{
	const struct pl_passing passing = { .batch = batch,
		.attempt = 1,
		.queue_id = "Q",
		.contents = contents };

	return pl_writer_offer(writer, &passing, offer);
}

static void
an_offer_gets_the_answer_of_the_ledger(void **state)
{
	const pl_contents contents = { 0 };
	enum pl_offer offer;

	(void)state;
	assert_int_equal(offer_one(1, NULL, &offer), PL_OUTCOME_DONE);
	assert_int_equal(offer, PL_OFFER_PASS);
	assert_int_equal(offer_one(2, NULL, &offer), PL_OUTCOME_DONE);
	assert_int_equal(offer, PL_OFFER_STALE);
	assert_string_equal(fake.order->str, "BOCBOC");
	assert_int_equal(offer_one(3, NULL, &offer), PL_OUTCOME_DONE);
	assert_int_equal(offer, PL_OFFER_UNKNOWN);
	assert_int_equal(offer_one(3, &contents, &offer), PL_OUTCOME_DONE);
	assert_int_equal(offer, PL_OFFER_ADOPTED);
	assert_string_equal(fake.order->str, "BOCBOCBOCBOAC");
	fake.fail_commit = TRUE;
	assert_int_equal(offer_one(1, NULL, &offer), PL_OUTCOME_RETRY);
}

static gpointer
offer_in_thread(gpointer offer)
{
	return GINT_TO_POINTER(offer_one(1, NULL, offer));
}

static void
an_offer_is_answered_when_the_bytes_beside_it_fail(void **state)
{
	enum pl_offer offer = PL_OFFER_UNKNOWN;
	GThread *first = hold_writer();
	GThread *other =
	    g_thread_new("seal", store_in_thread, (gpointer) "<2>");
	GThread *passing = g_thread_new("offer", offer_in_thread, &offer);

	(void)state;
	g_usleep(200000);
	fake.fail_sync = 2;
	release(first);
	assert_int_equal(
	    GPOINTER_TO_INT(g_thread_join(other)), PL_OUTCOME_RETRY);
	assert_int_equal(
	    GPOINTER_TO_INT(g_thread_join(passing)), PL_OUTCOME_DONE);
	assert_int_equal(offer, PL_OFFER_PASS);
	assert_false(is_stored("<2>"));
	/* without the lost one: begun anew, and durable */
	assert_non_null(strstr(fake.order->str, "YRBOC"));
}

static void
after_the_stop_everything_is_retry(void **state)
{
	enum pl_offer offer;
	pl_incoming *in = pl_incoming_new(writer, 1), *other = pl_incoming_new(writer, 1);

	(void)state;
	assert_true(chunk(in));
	pl_writer_stop(writer);
	assert_false(chunk(other));
	assert_int_equal(seal(in, "rest", "<1>"), PL_OUTCOME_RETRY);
	pl_writer_drop(writer, other);
	assert_int_equal(offer_one(1, NULL, &offer), PL_OUTCOME_RETRY);
	g_free(writer);
	writer = pl_writer_start(NULL, &limits);
}

static gpointer
stop_in_thread(gpointer stopped)
{
	pl_writer_stop(writer);
	g_atomic_int_set((gint *)stopped, TRUE);
	return NULL;
}

static void
a_stop_waits_for_the_session_that_stores(void **state)
{
	gint stopped = FALSE;
	GThread *first = hold_writer();
	GThread *stop = g_thread_new("stop", stop_in_thread, &stopped);

	(void)state;
	g_usleep(100000);
	assert_false(g_atomic_int_get(&stopped));
	release(first);
	g_thread_join(stop);
	assert_true(is_stored("<first>"));
	g_free(writer);
	writer = pl_writer_start(NULL, &limits);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(bytes_are_synced_before_the_facts_are_committed),
		T(facts_are_not_made_while_a_slow_disk_writes),
		T(who_is_alone_stores_and_else_the_thread_does),
		T(all_that_wait_share_one_sync_and_one_commit),
		T(nobody_is_told_done_when_the_sync_fails),
		T(nobody_is_told_done_when_the_commit_fails),
		T(bytes_go_when_the_commit_surely_failed_and_stay_when_not),
		T(bad_facts_of_one_message_do_not_fail_the_others),
		T(a_failed_sync_loses_the_half_written_and_never_reuses_their_row),
		T(what_was_synced_before_survives_the_failure),
		T(half_of_a_message_is_deleted_when_its_other_half_is_lost),
		T(a_dropped_message_leaves_no_row),
		T(who_comes_too_fast_waits),
		T(a_full_disk_makes_it_unable_and_room_able_again),
		T(what_comes_does_not_put_off_the_look_at_an_unable_ledger),
		T(low_space_makes_it_unable_but_stores_what_is_under_way),
		T(where_space_is_scarce_only_small_messages_are_stored),
		T(the_log_is_emptied_before_it_can_fill_the_disk),
		T(a_look_at_a_ledger_without_facts_writes_no_bytes),
		T(every_state_of_the_whole_ledger_makes_it_unable),
		T(a_request_that_lay_too_long_is_taken_back),
		T(an_offer_gets_the_answer_of_the_ledger),
		T(an_offer_is_answered_when_the_bytes_beside_it_fail),
		T(after_the_stop_everything_is_retry),
		T(a_stop_waits_for_the_session_that_stores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
