/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes back: how much is kept, what it proves, what it holds. */
#include "ledger_fixture.h"

/* A batch with one document; its first attempt is in STATE. */
static gint64
batch_with(pl_ledger *l, const char *number, gboolean offered, int answer)
{
	g_autoptr(pl_batch) b = pl_batch_new();
	gint64 entry = add_waiting(l, "sales", number);
	enum pl_offer offer;
	unsigned attempt;

	b->journal = g_strdup("sales");
	b->deliver_to = g_strdup("in@books.example");
	b->sender = g_strdup("postledger@gw.example");
	assert_ok(pl_batch_plan(l, b, &entry, 1, E));
	assert_ok(pl_batch_attempt(l, b->id, FALSE, &attempt, E));
	if (offered)
		assert_ok(pl_batch_offer(l, b->id, 1, "4Xq", &offer, E));
	if (answer >= 0)
		assert_ok(pl_batch_answer(l, b->id, 1,
		    (enum pl_attempt_state)answer, "250 ok", "4Xq", 9, E));
	return b->id;
}

static gint64
add_returned(pl_ledger *l, gint64 batch)
{
	g_autoptr(pl_message) m = new_message("<x@gw.example>", NULL, "x");

	m->return_batch = batch;
	m->return_attempt = 1;
	m->bytes = store_bytes(l, "milter", "x", 1);
	assert_ok(pl_bytes_sync(l, E));
	assert_ok(pl_message_add(l, m, NULL, E));
	return m->id;
}

static unsigned
events(pl_ledger *l, gint64 batch, const char *what)
{
	g_autoptr(GPtrArray) all = pl_event_of(l, 0, 0, 0, batch, NULL);
	unsigned n = 0;

	for (guint i = 0; i < all->len; i++)
		n +=
		    strcmp(((struct pl_event *)all->pdata[i])->what, what) == 0;
	return n;
}

static enum pl_batch_state
state_is(pl_ledger *l, gint64 batch)
{
	g_autoptr(pl_batch) b = pl_batch_get(l, batch, NULL);

	return b->state;
}

static void
only_twenty_of_a_batch_are_kept(void **state)
{
	struct fixture *f = *state;
	g_autoptr(GArray) unread = NULL, others = NULL;

	for (unsigned i = 0; i < PL_RETURNS_MOST; i++)
		assert_true(add_returned(f->l, 7) > 0);
	assert_int_equal(add_returned(f->l, 7), 0);
	assert_true(add_returned(f->l, 8) > 0);
	unread = pl_return_unread(f->l, 100, NULL);
	assert_int_equal(unread->len, PL_RETURNS_MOST + 1);
	others = pl_message_unindexed(f->l, 0, 100, NULL); /* no documents */
	assert_int_equal(others->len, 0);
}

static void
copies_after_the_answer_are_told_once(void **state)
{
	struct fixture *f = *state;
	gint64 batch = batch_with(f->l, "1", TRUE, PL_ATTEMPT_SENT);
	g_autoptr(GPtrArray) problems = NULL;
	enum pl_offer offer;

	for (unsigned i = 0; i < 50; i++) {
		assert_ok(pl_batch_offer(f->l, batch, 1, "4Xr", &offer, E));
		assert_int_equal(offer, PL_OFFER_STALE);
	}
	assert_int_equal(events(f->l, batch, "stale"), 20);
	problems = pl_problem_open(f->l, 0, NULL);
	assert_int_equal(problems->len, 1);
	assert_string_equal(
	    ((struct pl_problem *)problems->pdata[0])->code, "PL-308");
	assert_int_equal(state_is(f->l, batch), PL_BATCH_SENT);
	assert_whole(f->l);
}

static void
what_comes_back_proves_an_attempt_without_answer(void **state)
{
	static const struct {
		gboolean offered;
		int answer;
		unsigned attempt;
		enum pl_batch_state then;
	} cases[] = {
		{ TRUE, -1, 1, PL_BATCH_SENT },
		{ TRUE, PL_ATTEMPT_UNKNOWN, 1, PL_BATCH_SENT },
		{ FALSE, -1, 1, PL_BATCH_SENT }, /* it went past the daemon */
		{ TRUE, -1, 2, PL_BATCH_SUBMITTING }, /* no such attempt */
		{ TRUE, PL_ATTEMPT_DEFERRED, 1, PL_BATCH_PLANNED },
		{ TRUE, PL_ATTEMPT_REFUSED, 1, PL_BATCH_REFUSED },
	};
	struct fixture *f = *state;

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *number = g_strdup_printf("%u", i);
		gint64 batch =
		    batch_with(f->l, number, cases[i].offered, cases[i].answer);

		assert_ok(pl_batch_prove(
		    f->l, batch, cases[i].attempt, "[proven]", E));
		if (state_is(f->l, batch) != cases[i].then)
			fail_msg("case %u: %s", i,
			    pl_batch_state_name(state_is(f->l, batch)));
	}
	assert_whole(f->l);
}

/* The first was not answered, the second is on its way and was not offered. */
static void
an_earlier_attempt_proves_the_batch_too(void **state)
{
	struct fixture *f = *state;
	gint64 batch = batch_with(f->l, "1", TRUE, -1);
	enum pl_offer offer;
	unsigned attempt;

	assert_ok(pl_batch_attempt(f->l, batch, TRUE, &attempt, E));
	assert_int_equal(attempt, 2);
	assert_ok(pl_batch_prove(f->l, batch, 1, "[proven]", E));
	assert_int_equal(state_is(f->l, batch), PL_BATCH_SENT);
	assert_ok(pl_batch_offer(f->l, batch, 2, "4Xs", &offer, E));
	assert_int_equal(offer, PL_OFFER_STALE);
	assert_whole(f->l);
}

static void
what_another_attempt_delivered_does_not_bounce(void **state)
{
	struct fixture *f = *state;
	gint64 batch = batch_with(f->l, "1", TRUE, PL_ATTEMPT_SENT);
	struct pl_notice n = { .message = add_returned(f->l, batch),
		.batch = batch,
		.attempt = 1,
		.kind = PL_NOTICE_DELIVERED,
		.at = 1 };
	gboolean bounced = TRUE;

	assert_ok(pl_notice_add(f->l, &n, E));
	assert_ok(pl_batch_bounce(f->l, batch, 2, "no", &bounced, E));
	assert_false(bounced);
	assert_ok(pl_batch_bounce(f->l, batch, 1, "no", &bounced, E));
	assert_true(bounced); /* relayed, then refused further on */
	assert_int_equal(state_is(f->l, batch), PL_BATCH_BOUNCED);
	assert_ok(pl_batch_bounce(f->l, batch, 1, "no", &bounced, E));
	assert_false(bounced);
	assert_whole(f->l);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_twenty_of_a_batch_are_kept),
		T(copies_after_the_answer_are_told_once),
		T(what_comes_back_proves_an_attempt_without_answer),
		T(an_earlier_attempt_proves_the_batch_too),
		T(what_another_attempt_delivered_does_not_bounce),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
