/* SPDX-License-Identifier: BSD-2-Clause */
/* The chain of events: every change writes one, with who and why. */
#include "ledger_chain.h"

static void
an_untouched_chain_is_whole_and_its_heads_lie_on_it(void **state)
{
	struct fixture *f = *state;
	g_autofree char *first = pl_event_head(f->l, NULL);
	g_autofree char *last = write_history(f);
	g_autofree char *shouted = g_ascii_strup(last, -1);
	struct pl_audit audit;

	f->l = open_as(f, PL_LEDGER_READ);
	audit = verify(f, last);
	assert_int_equal(audit.bad, 0);
	assert_null(audit.what);
	assert_int_equal(audit.events, 7);
	assert_string_equal(audit.head, last);
	assert_true(audit.head_found);
	assert_true(verify(f, first).head_found);
	assert_true(verify(f, shouted).head_found);
	assert_bad(f,
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    8, "not on the chain");
	assert_false(verify(f, NULL).head_found);
	assert_bad(f, "00ff", 8, "not on the chain");
}

static void
the_hash_is_that_of_the_documented_procedure(void **state)
{
	struct fixture *f = *state;
	g_autoptr(GPtrArray) events = NULL;
	g_autoptr(GString) previous = g_string_new(NULL);

	add_waiting(f->l, "sales", "1");
	events = pl_event_of(f->l, 0, 0, 1, 0, NULL);
	assert_int_equal(events->len, 1);
	for (guint i = 0; i < events->len; i++) {
		struct pl_event *e = events->pdata[i];
		g_autofree char *line = pl_event_line(e);
		g_autofree char *text =
		    g_strdup_printf("%s\n%s\n", e->previous, line);
		g_autofree char *hash =
		    g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

		assert_string_equal(e->hash, hash);
	}
}

/* ---- who, why, what ---------------------------------------------------- */

static void
events_say_who_and_why(void **state)
{
	struct fixture *f = *state;
	struct pl_event event = { .what = (char *)"note",
		.journal = (char *)"sales",
		.batch = 7,
		.detail = (char *)"bad \xff utf-8" };
	g_autoptr(GPtrArray) events = NULL;
	struct pl_event *e;

	pl_ledger_set_actor(f->l, "uid=0 root sudo=anna", "booked by hand");
	assert_ok(pl_event_add(f->l, &event, E));
	assert_int_equal(event.id, 2);
	assert_true(event.at > 0);
	events = pl_event_of(f->l, 0, 0, 0, 7, NULL);
	assert_int_equal(events->len, 1);
	e = events->pdata[0];
	assert_int_equal(e->id, 2);
	assert_int_equal(e->at, event.at);
	assert_string_equal(e->who, "uid=0 root sudo=anna");
	assert_string_equal(e->reason, "booked by hand");
	assert_string_equal(e->what, "note");
	assert_string_equal(e->journal, "sales");
	assert_string_equal(e->detail, "bad \xef\xbf\xbd utf-8");
	assert_int_equal(e->batch, 7);
	assert_whole(f->l);
}

static void
assert_history(GPtrArray *events, const char *expected)
{
	g_autoptr(GString) words = g_string_new(NULL);

	assert_non_null(events);
	for (guint i = 0; i < events->len; i++)
		g_string_append_printf(
		    words, "%s ", ((struct pl_event *)events->pdata[i])->what);
	assert_string_equal(words->str, expected);
	g_ptr_array_unref(events);
}

static void
every_change_of_state_is_in_the_history_of_its_thing(void **state)
{
	struct fixture *f = *state;
	gint64 entry = add_waiting(f->l, "sales", "1");
	g_autoptr(pl_message) m = pl_message_get(f->l, 1, NULL);
	g_autoptr(pl_batch) b = pl_batch_new();
	enum pl_offer offer;
	unsigned n;

	assert_ok(pl_message_indexed(f->l, m, E));
	assert_ok(pl_entry_change(
	    f->l, entry, PL_WAITING, PL_HELD, NULL, NULL, 0, E));
	assert_ok(pl_entry_release(f->l, entry, E));
	b->journal = g_strdup("sales");
	assert_ok(pl_batch_plan(f->l, b, &entry, 1, E));
	assert_ok(pl_batch_attempt(f->l, b->id, FALSE, &n, E));
	assert_ok(pl_batch_offer(f->l, b->id, n, "q", &offer, E));
	assert_ok(pl_batch_answer(
	    f->l, b->id, n, PL_ATTEMPT_SENT, "250", NULL, 0, E));
	assert_ok(pl_batch_offer(f->l, b->id, n, "q", &offer, E));
	assert_ok(pl_entry_resend(f->l, entry, E));
#define MAIL "planned submitting offered sent stale problem "
	assert_history(pl_event_of(f->l, 0, 0, 0, b->id, NULL), MAIL);
	assert_history(pl_event_of(f->l, 0, 0, entry, 0, NULL),
	    "entered held released " MAIL "resend ");
	assert_history(pl_event_of(f->l, 0, 1, 0, 0, NULL),
	    "entered held released " MAIL "resend ");
	assert_history(pl_event_of(f->l, 1, 0, 0, 0, NULL),
	    "captured entered indexed held released " MAIL "resend ");
	assert_history(pl_event_of(f->l, 0, 0, 0, 0, NULL), "");
	assert_whole(f->l);
}

static void
a_transaction_that_is_undone_leaves_no_event(void **state)
{
	struct fixture *f = *state;
	g_autofree char *before = pl_event_head(f->l, NULL);
	g_autofree char *inside = NULL, *after = NULL;
	struct pl_event event = { .what = (char *)"note" };

	assert_ok(pl_ledger_begin(f->l, E));
	assert_ok(pl_event_add(f->l, &event, E));
	assert_ok(pl_event_add(f->l, &event, E));
	inside = pl_event_head(f->l, NULL);
	assert_string_not_equal(inside, before);
	pl_ledger_rollback(f->l);
	after = pl_event_head(f->l, NULL);
	assert_string_equal(after, before);
	assert_ok(pl_event_add(f->l, &event, E));
	assert_int_equal(event.id, 2);
	assert_whole(f->l);
}

static void
two_handles_write_one_chain(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_ledger) other = open_as(f, PL_LEDGER_WRITE);
	struct pl_event event = { .what = (char *)"note" };

	for (int i = 0; i < 10; i++)
		assert_ok(pl_event_add(i % 3 ? f->l : other, &event, E));
	assert_int_equal(event.id, 11);
	assert_whole(f->l);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_untouched_chain_is_whole_and_its_heads_lie_on_it),
		T(the_hash_is_that_of_the_documented_procedure),
		T(events_say_who_and_why),
		T(every_change_of_state_is_in_the_history_of_its_thing),
		T(a_transaction_that_is_undone_leaves_no_event),
		T(two_handles_write_one_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
