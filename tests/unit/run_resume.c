/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run does with the e-mails that earlier ones left: with an MTA that the
 * daemon is not in front of, after rules that changed, and in a dry run.
 */
#include "run_sales.h"

static const struct smtpd_rule put_off[] = {
	{ "dot", 1, "451 4.7.1 later\r\n", 0, FALSE },
};

static void
bypass(struct smtpd_mail *m, void *user)
{
	struct gateway *g = user;

	g_mutex_lock(&g->lock);
	g_ptr_array_add(g->taken, m);
	g_mutex_unlock(&g->lock);
}

/* BEFORE: an e-mail went out that way before. */
static void
lose_an_answer(gboolean before)
{
	const struct smtpd_rule rules[] = {
		{ "dot", before ? 3 : 1, NULL, 0, TRUE },
	};
	struct gateway *g = gateway_new(rules, 1);
	g_autofree char *first = NULL, *second = NULL;
	unsigned n;

	g->mta.at_dot = bypass;
	gateway_rules(g, TEAM, SALES);
	if (before) {
		capture_pdf(g, "F-0", 2000);
		assert_int_equal(run_now(g).mails, 1); /* and a report */
	}
	capture_pdf(g, "F-1", 2000);
	assert_int_equal(run_now(g).deferred, 1);
	assert_int_equal(run_now(g).mails, 1);
	assert_int_equal(count_of(g, PL_SENDING), 0);
	assert_int_equal(problems_of(g, "PL-303", NULL), 1);
	n = before ? 2 : 0;
	first = field(g->mta.mails->pdata[n], "Message-Id");
	while (second == NULL && ++n < g->mta.mails->len) {
		const struct smtpd_mail *m = g->mta.mails->pdata[n];

		if (strstr(m->to, "acme@") != NULL)
			second = field(m, "Message-Id");
	}
	assert_string_equal(first, second);
	gateway_free(g);
}

static void
an_email_past_the_daemon_is_not_sent_twice_in_silence(void **state)
{
	(void)state;
	lose_an_answer(TRUE);
	lose_an_answer(FALSE);
}

/* N documents were put off in one e-mail by SALES; then RULES hold. */
static struct gateway *
put_off_then(unsigned n, const char *was, const char *rules)
{
	struct gateway *g = gateway_new(put_off, 1);

	gateway_rules(g, TEAM, was);
	for (unsigned i = 0; i < n; i++) {
		g_autofree char *number = g_strdup_printf("F-%u", i);

		capture_pdf(g, number, 2000);
	}
	assert_int_equal(run_now(g).deferred, 1);
	assert_int_equal(count_of(g, PL_SENDING), n);
	gateway_rules(g, TEAM, rules);
	return g;
}

static void
what_was_put_off_obeys_rules_that_changed(void **state)
{
	static const struct {
		const char *rules;
		unsigned mails, waiting;
	} cases[] = {
		{ SALES "documents_per_mail = 9\n", 1, 0 },
		{ SALES "documents_per_mail = 2\n", 2, 0 },
		{ SALES "documents_per_mail = 9\nstart_date = 2100-01-01\n", 0,
		    3 },
		{ SALES "documents_per_mail = 9\ndelay_days = 3\n", 0, 3 },
		{ SALES "documents_per_mail = 9\naccept = statement\n", 0, 3 },
		{ SALES "documents_per_mail = 9\nformats = xml\n", 0, 3 },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct gateway *g = put_off_then(
		    3, SALES "documents_per_mail = 9\n", cases[i].rules);
		struct pl_run_result r = run_now(g);

		if (r.mails != cases[i].mails ||
		    count_of(g, PL_WAITING) != cases[i].waiting ||
		    count_of(g, PL_SENDING) != 0)
			fail_msg("case %u: %u e-mails, %u waiting", i, r.mails,
			    (unsigned)count_of(g, PL_WAITING));
		gateway_free(g);
	}
}

struct shown {
	unsigned leave, stay, mails;
	enum pl_reason reason;
};

static void
note_plan(const struct pl_journal *journal, const GArray *plan, void *user)
{
	struct shown *s = user;

	(void)journal;
	for (guint i = 0; i < plan->len; i++) {
		const struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, i);

		assert_true(d->entry->id > 0);
		s->mails = MAX(s->mails, d->mail);
		s->leave += d->mail > 0;
		s->stay += d->mail == 0;
		if (d->mail == 0)
			s->reason = d->reason;
	}
}

static void
a_dry_run_shows_what_becomes_of_what_was_put_off(void **state)
{
	static const struct {
		const char *rules;
		struct shown shown;
	} cases[] = {
		{ SALES "documents_per_mail = 9\n",
		    { 4, 0, 2, PL_REASON_NONE } },
		{ SALES "documents_per_mail = 2\n",
		    { 4, 0, 2, PL_REASON_NONE } },
		{ SALES "documents_per_mail = 1\n",
		    { 4, 0, 4, PL_REASON_NONE } },
		{ SALES "documents_per_mail = 9\nmax_mails_per_run = 1\n",
		    { 3, 1, 1, PL_REASON_CAP } },
		{ SALES "start_date = 2100-01-01\n",
		    { 0, 4, 0, PL_REASON_START_DATE } },
		{ SALES "enabled = no\n", { 0, 4, 0, PL_REASON_DISABLED } },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct gateway *g = put_off_then(
		    3, SALES "documents_per_mail = 9\n", cases[i].rules);
		gint64 m = add_message(
		    g->f->l, "<sales@in.example>", "<x@shop.example>", "x\r\n");
		gint64 d = add_document(g->f->l, m, "G-1",
		    "0123456789abcdef0123456789abcdef"
		    "0123456789abcdef0123456789abcdef");
		const struct shown *x = &cases[i].shown;
		struct shown s = { 0 };
		const struct pl_run_options options = { .dry_run = TRUE,
			.now = TRUE,
			.decided = note_plan,
			.user = &s };

		add_entry(g->f->l, d, "sales", PL_WAITING, NULL);
		run_with(g, &options);
		if (s.leave != x->leave || s.stay != x->stay ||
		    s.mails != x->mails || s.reason != x->reason)
			fail_msg("case %u: %u leave in %u, %u stay: %s", i,
			    s.leave, s.mails, s.stay, pl_reason_name(s.reason));
		assert_int_equal(count_of(g, PL_SENDING), 3);
		gateway_free(g);
	}
}

/* A filter in the MTA may need longer for it than anybody waits. */
static void
what_is_never_answered_is_not_sent_at_each_tick(void **state)
{
	static const struct smtpd_rule rules[] = { { "dot", SMTPD_ALWAYS, NULL,
	    0, TRUE } };
	struct gateway *g = gateway_new(rules, 1);

	(void)state;
	gateway_rules(g, "", SALES);
	capture_pdf(g, "F-1", 2000);
	for (unsigned i = 0; i < 6; i++)
		run_tick(g);
	assert_int_equal(taken_for(g, "acme@out.example"), 2);
	assert_int_equal(problems_of(g, "PL-303", NULL), 1);
	run_now(g);
	assert_int_equal(taken_for(g, "acme@out.example"), 3);
	assert_states(g, "sending=1");
	gateway_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_email_past_the_daemon_is_not_sent_twice_in_silence),
		cmocka_unit_test(what_was_put_off_obeys_rules_that_changed),
		cmocka_unit_test(
		    a_dry_run_shows_what_becomes_of_what_was_put_off),
		cmocka_unit_test(
		    what_is_never_answered_is_not_sent_at_each_tick),
	};

	return cmocka_run_group_tests_name("run_resume", tests, NULL, NULL);
}
