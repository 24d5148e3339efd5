/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The death of a run at each of its crash points, and its end when it is told
 * to end.
 */
#include <stdio.h>

#include "run_sales.h"

/* How often each of N documents arrived, without second copies of one
 * e-mail. */
static void
assert_each_once(struct gateway *g, unsigned n, const char *point)
{
	g_autoptr(GHashTable) ids =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	unsigned emails = 0, again = 0;

	for (guint i = 0; i < g->taken->len; i++) {
		const struct smtpd_mail *m = g->taken->pdata[i];

		if (strstr(m->to, "acme@out.example") == NULL)
			continue;
		emails++;
		again += !g_hash_table_add(ids, field(m, "Message-Id"));
	}
	if (emails - again != n || again > 1)
		fail_msg("%s: %u e-mails, %u again", point, emails, again);
	if (again > 0 && problems_of(g, "PL-303", NULL) == 0)
		fail_msg("%s: nobody told that it came twice", point);
}

static void
a_run_that_dies_anywhere_is_made_good(void **state)
{
	const char *const *names = pl_crash_names();

	(void)state;
	for (unsigned i = 0; names[i] != NULL; i++) {
		struct gateway *g;

		if (g_str_has_prefix(names[i], "folder-"))
			continue; /* only batches that go into folders */
		g = gateway_new(NULL, 0);
		gateway_rules(g, TEAM, SALES);
		/* something for it to resume */
		if (strcmp(names[i], "run-resumed") == 0) {
			capture_pdf(g, "F-0", 2000);
			run_in_child(g, "batch-planned");
		} else {
			capture_pdf(g, "F-0", 2000);
		}
		capture_pdf(g, "F-1", 20000);
		if (!run_in_child(g, names[i]))
			fail_msg("%s was not reached", names[i]);
		run_in_child(g, NULL);
		run_in_child(g, NULL);
		smtpd_stop(&g->mta);
		assert_states(g, "sent=2");
		assert_each_once(g, 2, names[i]);
		assert_whole(g->f->l);
		gateway_free(g);
	}
}

/* What leaves is committed in several transactions where it is a lot. */
static void
what_was_planned_before_a_death_leaves_with_the_rest(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);

	(void)state;
	gateway_rules(g, TEAM, SALES "documents_per_mail = 60\n");
	for (unsigned i = 0; i < 630; i++) {
		char number[8];

		snprintf(number, sizeof number, "F-%u", i);
		capture_pdf(g, number, 500);
	}
	assert_true(run_in_child(g, "batch-planned"));
	assert_states(g, "waiting=90 sending=540");
	run_in_child(g, NULL);
	smtpd_stop(&g->mta);
	assert_states(g, "sent=630");
	assert_each_once(g, 11, "batch-planned");
	assert_whole(g->f->l);
	gateway_free(g);
}

/* A run that is told to end AFTER ms; how long it took then, in ms. */
static gint64
run_and_end(struct gateway *g, unsigned after)
{
	gint64 asked;
	int status;
	pid_t child;

	pl_ledger_close(g->f->l);
	g->f->l = NULL;
	child = fork();
	if (child == 0) {
		const struct pl_run_options options = { .now = TRUE };
		struct pl_run_result r;

		g->f->l = open_as(g->f, PL_LEDGER_WRITE);
		_exit(!pl_run_once(
			  g->f->l, g->config, g->secret, &options, &r, NULL) ||
		      !r.interrupted);
	}
	assert_true(child > 0);
	g_usleep(after * 1000UL);
	asked = g_get_monotonic_time();
	kill(child, SIGTERM);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	g->f->l = open_as(g->f, PL_LEDGER_WRITE);
	return (g_get_monotonic_time() - asked) / 1000;
}

static void
sigterm_ends_a_run_between_two_emails(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "dot", 0, "250 2.0.0 Ok\r\n", 400, FALSE },
	};
	struct gateway *g = gateway_new(rules, 1);
	unsigned before;

	(void)state;
	gateway_rules(g, TEAM, SALES);
	for (unsigned i = 0; i < 6; i++) {
		char number[8];

		snprintf(number, sizeof number, "F-%u", i);
		capture_pdf(g, number, 2000);
	}
	assert_true(run_and_end(g, 1200) < 3000);
	before = taken_for(g, "acme@out.example");
	assert_true(before > 0 && before < 6);
	run_now(g);
	assert_int_equal(taken_for(g, "acme@out.example"), 6);
	assert_states(g, "sent=6");
	assert_int_equal(problems_of(g, "PL-303", NULL), 0);
	gateway_free(g);
}

static void
sigterm_does_not_wait_for_an_mta_that_hangs(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "dot", 1, NULL, 9000, TRUE },
	};
	struct gateway *g = gateway_new(rules, 1);

	(void)state;
	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	assert_true(run_and_end(g, 1500) < 9000);
	assert_states(g, "sending=1");
	run_now(g);
	assert_states(g, "sent=1");
	gateway_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: the variable is read once */
		cmocka_unit_test(a_run_that_dies_anywhere_is_made_good),
		cmocka_unit_test(
		    what_was_planned_before_a_death_leaves_with_the_rest),
		cmocka_unit_test(sigterm_ends_a_run_between_two_emails),
		cmocka_unit_test(sigterm_does_not_wait_for_an_mta_that_hangs),
	};

	return cmocka_run_group_tests_name("run_death", tests, NULL, NULL);
}
