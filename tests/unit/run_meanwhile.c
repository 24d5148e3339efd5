/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happens while a run is under way: time passes, a person is faster,
 * somebody wants it to end.
 */
#include <signal.h>

#include "run_bank.h"
#include "run_sales.h"

#include "pass.h"

#define LATE "2026-01-21T07:59:59Z" /* in Brussels it is nearly nine */
#define NEXT_DAY "2026-01-22T06:00:00Z"
#define MORNING SALES "window = 07:00-09:00\n"

static void
documents(struct gateway *g, unsigned n, gsize size)
{
	for (unsigned i = 0; i < n; i++) {
		char number[16];

		g_snprintf(number, sizeof number, "F-%u", i);
		capture_pdf(g, number, size);
	}
}

/* ---- time passes -------------------------------------------------------- */

/* The first e-mail of each gateway. */
static void
when_it_has_closed(struct smtpd_mail *m, void *user)
{
	struct gateway *g = user;

	g_usleep(1100000);
	g->mta.at_dot = pass_by;
	pass_by(m, user);
}

static void
nothing_leaves_when_the_window_has_closed(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);

	(void)state;
	g->mta.at_dot = when_it_has_closed;
	gateway_rules(g, "", MORNING);
	documents(g, 3, 2000);
	assert_int_equal(tick(g, LATE).sent, 1);
	assert_int_equal(tick(g, "2026-01-21T08:30:00Z").sent, 0);
	assert_int_equal(tick(g, NEXT_DAY).sent, 2);
	gateway_free(g);
}

static void
nor_of_what_an_earlier_run_left(void **state)
{
	static const struct smtpd_rule rules[] = { { "dot", 1,
	    "421 4.3.0 closing down\r\n", 0, TRUE } };
	struct gateway *g = gateway_new(rules, 1);

	(void)state;
	gateway_rules(g, "", MORNING);
	documents(g, 3, 2000);
	assert_int_equal(tick(g, "2026-01-21T06:30:00Z").sent, 0);
	g->mta.at_dot = when_it_has_closed;
	assert_int_equal(tick(g, LATE).sent, 1);
	assert_int_equal(tick(g, NEXT_DAY).sent, 2);
	gateway_free(g);
}

/* Proof is looked for at any time. */
static void
what_has_no_answer_is_sent_again_in_the_window(void **state)
{
	static const struct smtpd_rule rules[] = { { "dot", 1, NULL, 0,
	    TRUE } };
	struct gateway *g = gateway_new(rules, 1);

	(void)state;
	gateway_rules(g, "", MORNING);
	documents(g, 1, 2000);
	assert_int_equal(tick(g, "2026-01-21T06:30:00Z").sent, 0);
	assert_int_equal(tick(g, "2026-01-21T08:30:00Z").sent, 0);
	assert_int_equal(tick(g, NEXT_DAY).sent, 1);
	assert_int_equal(problems_of(g, "PL-303", NULL), 1);
	gateway_free(g);
}

/* Whatever the window says, those before the day of the activation leave. */
static void
what_was_activated_leaves_all_the_same(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *off = bank("bank", "enabled = no\n");
	g_autofree char *rules =
	    bank("bank", "window = 07:00-09:00\nstart_date = 2026-01-02\n");

	(void)state;
	gateway_rules(g, "", off);
	for (unsigned day = 1; day <= 5; day++)
		statement_of_january(g, day);
	tick(g, "2026-01-20T00:00:00Z");
	gateway_rules(g, "", rules);
	g->mta.at_dot = when_it_has_closed;
	tick(g, LATE);
	assert_sent(g, "bank", "2 3 4 5");
	gateway_free(g);
}

static void
who_asks_for_it_now_gets_all_of_it(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);

	(void)state;
	g->mta.at_dot = when_it_has_closed;
	gateway_rules(g, "", MORNING);
	documents(g, 2, 2000);
	assert_int_equal(now(g, LATE).sent, 2);
	gateway_free(g);
}

static gpointer
run_meanwhile(gpointer data)
{
	pl_ledger *l = data;

	g_usleep(1100000);
	pl_ledger_close(l);
	return NULL;
}

static void
a_run_that_waited_for_another_goes_by_the_time_of_then(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	const struct pl_run_options options = { .clock = at(LATE), .wait = 30 };
	pl_ledger *other;
	GThread *thread;

	(void)state;
	gateway_rules(g, "", MORNING);
	documents(g, 1, 2000);
	other = open_as(g->f, PL_LEDGER_WRITE);
	assert_ok(pl_ledger_lock(other, "run", 0, NULL, E));
	thread = g_thread_new("other", run_meanwhile, other);
	assert_int_equal(run_with(g, &options).sent, 0);
	g_thread_join(thread);
	gateway_free(g);
}

/* ---- a person is faster ------------------------------------------------ */

/* Between the plan and what follows from it. */
static void
what_is_archived_in_that_moment_is_not_held(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	struct pl_run_result result = { 0 };
	struct pl_pass pass = { .ledger = g->f->l, .result = &result };
	const gint64 id = add_waiting(g->f->l, "sales", "F-1");
	g_autoptr(pl_entry) planned = pl_entry_get(g->f->l, id, NULL);

	(void)state;
	assert_ok(pl_entry_change(g->f->l, id, PL_WAITING, PL_ARCHIVED, NULL,
	    NULL, 0, E));
	assert_ok(pl_pass_hold(&pass, planned, "PL-104", "too large", E));
	assert_states(g, "archived=1");
	assert_int_equal(problems_of(g, "PL-104", NULL), 0);
	gateway_free(g);
}

/* ---- somebody wants it to end ------------------------------------------ */

static void
stop_at_once(const char *step, unsigned done, unsigned of, void *user)
{
	(void)done, (void)of, (void)user;
	if (strcmp(step, "reading messages") == 0)
		raise(SIGTERM);
}

static void
a_run_that_reads_much_ends_soon(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	const struct pl_run_options options = { .now = TRUE,
		.progress = stop_at_once };
	struct pl_run_result r;

	(void)state;
	gateway_rules(g, "", SALES "max_mails_per_run = 1000\n");
	documents(g, 200, 1000);
	r = run_with(g, &options);
	assert_true(r.interrupted);
	assert_in_range(r.messages, 1, 100);
	assert_int_equal(r.sent, 0);
	r = run_now(g);
	assert_int_equal(r.sent, 200);
	assert_states(g, "sent=200");
	gateway_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_leaves_when_the_window_has_closed),
		cmocka_unit_test(nor_of_what_an_earlier_run_left),
		cmocka_unit_test(
		    what_has_no_answer_is_sent_again_in_the_window),
		cmocka_unit_test(what_was_activated_leaves_all_the_same),
		cmocka_unit_test(who_asks_for_it_now_gets_all_of_it),
		cmocka_unit_test(
		    a_run_that_waited_for_another_goes_by_the_time_of_then),
		cmocka_unit_test(what_is_archived_in_that_moment_is_not_held),
		cmocka_unit_test(a_run_that_reads_much_ends_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
