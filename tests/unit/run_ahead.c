/* SPDX-License-Identifier: BSD-2-Clause */
/* The next e-mail is composed while the MTA is busy with the present one. */
#include <stdio.h>

#include "run_sales.h"
#include "spool.h"

#define PAIRS SALES "documents_per_mail = 2\n"

static gint most, mails;

/* The MTA answers the first e-mails only when the next is there. */
static void
wait_for_next(struct smtpd_mail *m, void *user)
{
	unsigned want = g_atomic_int_add(&mails, 1) < 2 ? 2 : 1;
	unsigned n = 0;

	for (unsigned i = 0; i < 1000 && (n = pl_spool_count()) < want; i++)
		g_usleep(10000);
	g_atomic_int_set(&most, MAX(g_atomic_int_get(&most), (gint)n));
	pass_by(m, user);
}

static struct gateway *
documents(const struct smtpd_rule *rules, unsigned n, const char *journal,
    unsigned count)
{
	struct gateway *g = gateway_new(rules, n);

	gateway_rules(g, "", journal);
	for (unsigned i = 0; i < count; i++) {
		char number[16];

		snprintf(number, sizeof number, "F-%u", i);
		capture_pdf(g, number, 3000);
	}
	return g;
}

static void
assert_carries(const struct smtpd_mail *m, unsigned first)
{
	for (unsigned i = 0; i < 6; i++) {
		char name[24];

		snprintf(name, sizeof name, "F-%u.pdf", i);
		assert_int_equal(strstr(m->data->str, name) != NULL,
		    i == first || i == first + 1);
	}
}

static void
the_next_one_is_ready_before_this_one_is_answered(void **state)
{
	struct gateway *g = documents(NULL, 0, PAIRS, 6);
	struct pl_run_result r;

	(void)state;
	most = mails = 0;
	g->mta.at_dot = wait_for_next;
	r = run_now(g);
	assert_in_range(most, 2, 4);
	assert_int_equal(r.mails, 3);
	assert_int_equal(r.sent, 6);
	for (unsigned i = 0; i < 3; i++)
		assert_carries(g->taken->pdata[i], 2 * i);
	assert_int_equal(pl_spool_count(), 0);
	gateway_free(g);
}

static void
what_is_ready_does_not_leave_when_the_mta_goes_away(void **state)
{
	static const struct smtpd_rule rules[] = { { "dot", 1,
	    "421 4.3.0 closing down\r\n", 0, TRUE } };
	struct gateway *g = documents(rules, 1, PAIRS, 6);
	g_autoptr(GPtrArray) waiting = NULL;
	struct pl_run_result r = run_now(g);

	(void)state;
	assert_int_equal(r.sent, 0);
	assert_int_equal(pl_spool_count(), 0);
	waiting = pl_batch_unfinished(g->f->l, NULL);
	assert_non_null(waiting);
	assert_int_equal(waiting->len, 3);
	for (guint i = 0; i < 3; i++)
		assert_int_equal(
		    ((pl_batch *)waiting->pdata[i])->attempt, i == 0);
	r = run_now(g);
	assert_int_equal(r.sent, 6);
	assert_int_equal(taken_for(g, "acme@out.example"), 4);
	gateway_free(g);
}

/* ---- an MTA that takes one connection ---------------------------------- */

#define LARGE 100000 /* bytes: such e-mails are begun before their turn */

/* Past the daemon. The third and fourth are ready before the second is
 * answered: both are begun, as far as there are connections. */
static void
take_past_the_daemon(struct smtpd_mail *m, void *user)
{
	struct gateway *g = user;
	const unsigned want = g->taken->len == 1 ? 4 : 1;

	for (unsigned i = 0; i < 1000 && pl_spool_count() < want; i++)
		g_usleep(10000);
	g_usleep(50000);
	g_ptr_array_add(g->taken, m);
}

/* It never even greets on another one. */
static void
what_was_begun_is_not_lost_when_there_is_one_connection(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GPtrArray) waiting = NULL;
	struct pl_run_result r;

	(void)state;
	gateway_rules(g, "", SALES);
	g->mta.at_dot = take_past_the_daemon;
	for (unsigned i = 0; i < 6; i++) {
		char number[8];

		snprintf(number, sizeof number, "F-%u", i);
		capture_pdf(g, number, LARGE);
	}
	r = run_now(g);
	assert_int_equal(r.sent, 6);
	assert_int_equal(g->taken->len, 6);
	waiting = pl_batch_unfinished(g->f->l, NULL);
	assert_int_equal(waiting->len, 0);
	gateway_free(g);
}

/* ---- what is committed ------------------------------------------------- */

#define MANY 40 /* e-mails, more than are committed ahead of their turn */

/* A person holds the last document while the first is sent. */
static void
hold_the_last(struct smtpd_mail *m, void *user)
{
	struct gateway *g = user;
	pl_ledger *l;

	if (g_atomic_int_add(&mails, 1) == 0) {
		l = pl_ledger_open(
		    g->f->url, g->f->messages, PL_LEDGER_WRITE, NULL);
		if (!pl_entry_change(
			l, MANY, PL_WAITING, PL_HELD, NULL, NULL, 0, NULL))
			g_atomic_int_set(&mails, 1000);
		pl_ledger_close(l);
	}
	pass_by(m, user);
}

static void
what_a_person_holds_while_the_run_sends_stays(void **state)
{
	struct gateway *g = documents(NULL, 0, SALES, MANY);
	g_autoptr(pl_entry) last = NULL;
	struct pl_run_result r;

	(void)state;
	mails = 0;
	g->mta.at_dot = hold_the_last;
	r = run_now(g);
	assert_int_equal(mails, MANY - 1);
	assert_int_equal(r.sent, MANY - 1);
	assert_int_equal(r.problems, 0);
	last = pl_entry_get(g->f->l, MANY, NULL);
	assert_int_equal(last->state, PL_HELD);
	for (unsigned i = 0; i < MANY - 1; i++) {
		char name[24];

		snprintf(name, sizeof name, "F-%u.pdf", i);
		assert_non_null(
		    strstr(((struct smtpd_mail *)g->taken->pdata[i])->data->str,
			name));
	}
	gateway_free(g);
}

/* It leaves as soon as the MTA is back, not at the next slot. */
static void
what_the_mta_did_not_take_is_committed_to_the_last(void **state)
{
	static const struct smtpd_rule rules[] = { { "dot", 1,
	    "421 4.3.0 closing down\r\n", 0, TRUE } };
	struct gateway *g = documents(rules, 1, SALES, MANY);
	g_autoptr(GPtrArray) waiting = NULL;

	(void)state;
	run_now(g);
	waiting = pl_batch_unfinished(g->f->l, NULL);
	assert_int_equal(waiting->len, MANY);
	assert_int_equal(run_now(g).sent, MANY);
	gateway_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_next_one_is_ready_before_this_one_is_answered),
		cmocka_unit_test(
		    what_is_ready_does_not_leave_when_the_mta_goes_away),
		cmocka_unit_test(
		    what_was_begun_is_not_lost_when_there_is_one_connection),
		cmocka_unit_test(what_a_person_holds_while_the_run_sends_stays),
		cmocka_unit_test(
		    what_the_mta_did_not_take_is_committed_to_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
