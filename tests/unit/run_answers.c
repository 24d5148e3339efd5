/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run makes of answers that are no consent, of message bytes that are
 * away, of journals that are gone and of limits that were raised
 */
#include <glib/gstdio.h>

#include "run_sales.h"

#define OTHER \
	"[journal other]\naddress = other@in.example\n" \
	"deliver_to = other@out.example\n"
#define NEW_TEAM "report_to = new@office.example second@office.example\n"

/* ---- reports ----------------------------------------------------------- */

static const struct smtpd_rule second_refused[] = {
	{ "dot", 2, "554 5.7.1 no reports here\r\n", 0, FALSE },
};

static void
a_refused_report_is_handed_over_again(void **state)
{
	struct gateway *g = gateway_new(second_refused, 1);
	struct pl_run_result r;

	(void)state;
	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	r = run_now(g); /* its report is the second e-mail */
	assert_int_equal(r.mails, 1);
	assert_int_equal(r.reports, 0);
	assert_int_equal(r.reports_left, 1);
	assert_int_equal(r.deferred, 1);
	assert_int_equal(r.refused, 0);
	assert_non_null(strstr(r.reply, "no reports here"));
	assert_int_equal(problems_of(g, "PL-301", NULL), 0);
	r = run_now(g);
	assert_int_equal(r.reports, 2); /* that one, and the present one */
	assert_non_null(
	    strstr(((struct smtpd_mail *)g->mta.mails->pdata[2])->data->str,
		"F-1.pdf"));
	gateway_free(g);
}

/* As servers answer that announce no SIZE, or whose next hop takes less. */
static void
a_report_that_was_too_large_comes_without_its_csv(void **state)
{
	static const char *const answers[] = {
		"552 5.3.4 Message size exceeds fixed limit\r\n",
		"554 5.2.3 too much for this mailbox\r\n",
		"552 too big\r\n",
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(answers); i++) {
		const struct smtpd_rule rule = { "dot", 2, answers[i], 0,
			FALSE };
		struct gateway *g = gateway_new(&rule, 1);
		const char *third;

		gateway_rules(g, TEAM, SALES);
		capture_pdf(g, "F-1", 2000);
		assert_int_equal(run_now(g).reports, 0);
		assert_int_equal(run_now(g).reports, 2);
		third =
		    ((struct smtpd_mail *)g->mta.mails->pdata[2])->data->str;
		assert_non_null(strstr(third, "F-1.pdf"));
		assert_null(strstr(third, "text/csv"));
		assert_non_null(strstr(third, "report 1 --csv"));
		gateway_free(g);
	}
}

static void
a_waiting_report_follows_report_to(void **state)
{
	struct gateway *g = gateway_new(second_refused, 1);
	g_autoptr(GPtrArray) waiting = NULL;
	struct pl_run_result r;

	(void)state;
	gateway_rules(g, TEAM, SALES);
	capture_pdf(g, "F-1", 2000);
	run_now(g);
	gateway_rules(g, NEW_TEAM "report_when = activity\n", SALES);
	r = run_now(g);
	assert_int_equal(r.reports, 2);
	assert_int_equal(taken_for(g, "team@office.example"), 1);
	assert_int_equal(taken_for(g, "new@office.example"), 1);
	assert_int_equal(taken_for(g, "second@office.example"), 1);
	waiting = pl_batch_unfinished(g->f->l, NULL);
	assert_int_equal(waiting->len, 0);
	assert_whole(g->f->l);
	gateway_free(g);
}

/* ---- documents --------------------------------------------------------- */

static void
what_is_put_off_is_told_with_the_words(void **state)
{
	static const struct {
		struct smtpd_rule rule;
		const char *words;
	} cases[] = {
		{ { "RCPT", 1, "450 4.2.1 greylisted\r\n", 0, FALSE },
		    "450 4.2.1 greylisted" },
		{ { "dot", 1, "451 4.7.1 later\r\n", 0, FALSE },
		    "451 4.7.1 later" },
		{ { "dot", 1, NULL, 0, TRUE }, "[" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct gateway *g = gateway_new(&cases[i].rule, 1);
		struct pl_run_result r;

		gateway_rules(g, TEAM, SALES);
		capture_pdf(g, "F-1", 2000);
		r = run_now(g);
		assert_int_equal(r.deferred, 1);
		assert_int_equal(r.problems, 1);
		assert_int_equal(problems_of(g, "PL-304", cases[i].words), 1);
		assert_true(newest_says(g, "PL-304"));
		assert_true(newest_says(g, "Put off by the mail server: "));
		assert_true(newest_says(g, cases[i].words));
		run_now(g);
		assert_int_equal(count_of(g, PL_SENT), 1);
		assert_int_equal(problems_of(g, "PL-304", NULL), 1);
		gateway_free(g);
	}
}

/* The timer ticks every few minutes. */
static void
the_same_trouble_is_not_told_at_each_tick(void **state)
{
	static const struct smtpd_rule rules[] = {
		/* between them come the reports, and a run --now */
		{ "RCPT", 1, "450 4.2.1 again in 300 s\r\n", 0, FALSE },
		{ "RCPT", 3, "450 4.2.1 again in 200 s\r\n", 0, FALSE },
		{ "RCPT", 4, "450 4.2.1 again in 100 s\r\n", 0, FALSE },
		{ "RCPT", 5, "451 4.7.1 or not\r\n", 0, FALSE },
		{ "RCPT", 7, "451 4.7.1 or not\r\n", 0, FALSE },
	};
	struct gateway *g = gateway_new(rules, G_N_ELEMENTS(rules));

	(void)state;
	gateway_rules(g, TEAM, SALES "schedule = 07:00\n");
	capture_pdf(g, "F-1", 2000);
	assert_int_equal(run_now(g).reports, 1);
	for (unsigned i = 0; i < 2; i++) {
		struct pl_run_result r = run_tick(g);

		assert_true(r.run > 0);
		assert_int_equal(r.deferred, 1);
		assert_int_equal(r.problems, 0);
		assert_int_equal(r.reports, 0);
	}
	assert_int_equal(run_tick(g).reports, 1); /* that is another trouble */
	assert_true(newest_says(g, "4.7.1 or not"));
	assert_int_equal(run_now(g).reports, 1); /* the journal had its turn */
	assert_int_equal(problems_of(g, "PL-304", "4.7.1 or not"), 2);
	assert_int_equal(run_tick(g).reports, 1); /* sent */
	assert_states(g, "sent=1");
	gateway_free(g);
}

static void
bytes_that_are_away_hold_nothing(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *away = g_strconcat(g->f->messages, ".away", NULL);
	const struct pl_run_options index = { .now = FALSE };

	(void)state;
	gateway_rules(g, TEAM, SALES "enabled = no\ndocuments_per_mail = 5\n");
	capture_pdf(g, "F-1", 2000);
	capture_pdf(g, "F-2", 2000);
	run_with(g, &index);
	gateway_rules(g, TEAM, SALES "documents_per_mail = 5\n");
	pl_ledger_close(g->f->l);
	g->f->l = NULL;
	assert_int_equal(g_rename(g->f->messages, away), 0);
	assert_int_equal(g_mkdir(g->f->messages, 0700), 0);
	g->f->l = open_as(g->f, PL_LEDGER_WRITE);
	for (unsigned i = 1; i <= 2; i++) {
		struct pl_run_result r = run_now(g);

		assert_int_equal(r.mails, 0);
		assert_int_equal(count_of(g, PL_WAITING), 2);
		assert_int_equal(problems_of(g, "PL-506", NULL), 2 * i);
		assert_true(newest_says(g, "PL-506"));
	}
	assert_int_equal(problems_of(g, "PL-102", NULL), 0);
	pl_ledger_close(g->f->l);
	g->f->l = NULL;
	assert_int_equal(g_rmdir(g->f->messages), 0);
	assert_int_equal(g_rename(away, g->f->messages), 0);
	g->f->l = open_as(g->f, PL_LEDGER_WRITE);
	assert_int_equal(run_now(g).sent, 2);
	assert_whole(g->f->l);
	gateway_free(g);
}

static void
raising_max_mail_size_lets_the_large_ones_leave(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);

	(void)state;
	gateway_rules(g, TEAM, SALES "max_mail_size = 100K\n");
	capture_pdf(g, "F-1", 200000); /* certainly too large */
	capture_pdf(g, "F-2", 74000);  /* only when it is composed */
	capture_pdf(g, "F-3", 200000);
	assert_int_equal(run_now(g).problems, 3);
	assert_ok(pl_entry_change(
	    g->f->l, 3, PL_HELD, PL_HELD, NULL, "by hand", 0, E));
	assert_int_equal(run_now(g).problems, 0);
	assert_int_equal(count_of(g, PL_HELD), 3);
	gateway_rules(g, TEAM, SALES "max_mail_size = 1M\n");
	assert_int_equal(run_now(g).sent, 2);
	assert_int_equal(count_of(g, PL_HELD), 1);
	gateway_free(g);
}

/* ---- journals that are gone --------------------------------------------- */

static void
documents_of_a_removed_journal_are_told(void **state)
{
	static const struct {
		const char *when;
		unsigned first, second;
	} cases[] = {
		{ "always", 1, 2 },
		{ "activity", 1, 1 },
		{ "problems", 1, 1 },
		{ "never", 0, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct gateway *g = gateway_new(NULL, 0);
		const struct pl_run_options index = { .now = FALSE };
		g_autofree char *rules =
		    g_strdup_printf(TEAM "report_when = %s\n", cases[i].when);

		gateway_rules(g, rules, SALES "enabled = no\n");
		capture_pdf(g, "F-1", 2000);
		capture_pdf(g, "F-2", 2000);
		run_with(g, &index);
		gateway_rules(
		    g, rules, OTHER "report_to = other@office.example\n");
		run_now(g);
		assert_int_equal(
		    taken_for(g, "team@office.example"), cases[i].first);
		run_now(g);
		assert_int_equal(
		    taken_for(g, "team@office.example"), cases[i].second);
		gateway_free(g);
	}
}

static void
the_report_names_the_removed_journal(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	const struct pl_run_options index = { .now = FALSE };

	(void)state;
	gateway_rules(g, TEAM, SALES "enabled = no\n");
	capture_pdf(g, "F-1", 2000);
	capture_pdf(g, "F-2", 2000);
	run_with(g, &index);
	gateway_rules(g, TEAM, OTHER);
	run_now(g);
	assert_true(newest_says(g, "Journal sales is not in the configuration "
				   "any more; 2 documents wait in it."));
	gateway_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_report_is_handed_over_again),
		cmocka_unit_test(
		    a_report_that_was_too_large_comes_without_its_csv),
		cmocka_unit_test(a_waiting_report_follows_report_to),
		cmocka_unit_test(what_is_put_off_is_told_with_the_words),
		cmocka_unit_test(the_same_trouble_is_not_told_at_each_tick),
		cmocka_unit_test(bytes_that_are_away_hold_nothing),
		cmocka_unit_test(
		    raising_max_mail_size_lets_the_large_ones_leave),
		cmocka_unit_test(documents_of_a_removed_journal_are_told),
		cmocka_unit_test(the_report_names_the_removed_journal),
	};

	return cmocka_run_group_tests_name("run_answers", tests, NULL, NULL);
}
