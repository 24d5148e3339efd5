/* SPDX-License-Identifier: BSD-2-Clause */
/* For whom a group waits before it is stored, and for whom not. */
#include "postledger/config.h"

#include "milter_writer_made.h"

static const struct pl_writer_limits gathering = {
	.chunks = 4,
	.patience = 30,
	.probe = 1,
	.gather = 20000000,
	.few = 3,
};

static gpointer
seal_in_thread(gpointer in)
{
	return GINT_TO_POINTER(seal(in, "bytes", "<later>"));
}

/* Seals COUNT of those in IN, each as soon as the one before waits. */
static void
seal_together(pl_incoming **in, guint count)
{
	GThread *threads[8];

	for (guint i = 0; i < count; i++) {
		threads[i] = g_thread_new("seal", seal_in_thread, in[i]);
		g_usleep(50000);
	}
	for (guint i = 0; i < count; i++)
		assert_int_equal(GPOINTER_TO_INT(g_thread_join(threads[i])),
		    PL_OUTCOME_DONE);
}

static void
messages_that_end_together_share_a_sync(void **state)
{
	pl_incoming *in[5];
	gint64 begun = g_get_monotonic_time();

	(void)state;
	start_again(&gathering);
	for (guint i = 0; i < G_N_ELEMENTS(in); i++)
		in[i] = pl_incoming_new(writer, 1);
	seal_together(in, 3); /* enough, though two more come */
	assert_int_equal(fake.syncs, 1);
	seal_together(in + 3, 2); /* all that come */
	assert_int_equal(fake.syncs, 2);
	assert_int_equal(store("<alone>"), PL_OUTCOME_DONE);
	assert_int_equal(fake.syncs, 3);
	assert_true(g_get_monotonic_time() - begun < gathering.gather);
}

static void
a_message_that_does_not_end_keeps_others_for_a_moment_only(void **state)
{
	struct pl_writer_limits brief = gathering;
	pl_incoming *stuck;

	(void)state;
	brief.gather = 1000;
	start_again(&brief);
	stuck = pl_incoming_new(writer, 1);
	assert_int_equal(store("<1>"), PL_OUTCOME_DONE);
	pl_writer_drop(writer, stuck);
	assert_int_equal(store("<2>"), PL_OUTCOME_DONE);
}

static void
a_message_that_is_dropped_is_not_waited_for(void **state)
{
	pl_incoming *dropped;
	gint64 begun = g_get_monotonic_time();

	(void)state;
	start_again(&gathering);
	dropped = pl_incoming_new(writer, 1);
	GThread *first =
	    g_thread_new("first", store_in_thread, (gpointer) "<first>");
	g_usleep(50000);
	pl_writer_drop(writer, dropped);
	assert_int_equal(
	    GPOINTER_TO_INT(g_thread_join(first)), PL_OUTCOME_DONE);
	assert_true(g_get_monotonic_time() - begun < gathering.gather);
}

static void
a_stop_does_not_wait_for_those_who_come(void **state)
{
	pl_incoming *stuck;
	gint64 begun = g_get_monotonic_time();

	(void)state;
	start_again(&gathering);
	stuck = pl_incoming_new(writer, 1);
	GThread *first =
	    g_thread_new("first", store_in_thread, (gpointer) "<first>");
	g_usleep(50000);
	pl_writer_stop(writer);
	assert_int_equal(
	    GPOINTER_TO_INT(g_thread_join(first)), PL_OUTCOME_DONE);
	assert_true(g_get_monotonic_time() - begun < gathering.gather);
	pl_writer_drop(writer, stuck);
	g_free(writer);
	writer = pl_writer_start(NULL, &limits);
}

static void
who_waits_too_long_while_a_group_gathers_takes_it_back(void **state)
{
	struct pl_writer_limits impatient = gathering;
	pl_incoming *stuck;

	(void)state;
	impatient.patience = 1;
	impatient.gather = 2000000;
	start_again(&impatient);
	stuck = pl_incoming_new(writer, 1);
	assert_int_equal(store("<1>"), PL_OUTCOME_RETRY);
	pl_writer_drop(writer, stuck);
	assert_int_equal(store("<2>"), PL_OUTCOME_DONE);
	assert_false(is_stored("<1>"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(messages_that_end_together_share_a_sync),
		T(a_message_that_does_not_end_keeps_others_for_a_moment_only),
		T(a_message_that_is_dropped_is_not_waited_for),
		T(a_stop_does_not_wait_for_those_who_come),
		T(who_waits_too_long_while_a_group_gathers_takes_it_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
