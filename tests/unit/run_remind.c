/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reminders of what ends and alarms of accounts that are silent: once each,
 * whatever runs there were, and in the report of those who are concerned.
 */
#include "run_bank.h"

#include "remind.h"

#define DAILY "schedule = 07:00\n"

static const char *
subject(const char *code)
{
	return pl_code_find(code)->title;
}

/* The text of the last report to TEAM, and how many there were. */
static char *
last_report(struct gateway *g, unsigned *n)
{
	g_autoptr(GPtrArray) rows = pl_report_of(g->f->l, 0, NULL);

	*n = taken_for(g, "team@office.example");
	assert_int_equal(rows->len, 1);
	return g_strdup(((struct pl_report_row *)rows->pdata[0])->text);
}

static unsigned
count(const char *text, const char *words)
{
	unsigned n = 0;

	for (const char *p = text; (p = strstr(p, words)) != NULL; p++)
		n++;
	return n;
}

/* ---- reminders --------------------------------------------------------- */

static void
reminders_are_due_thirty_seven_and_one_day_before(void **state)
{
	static const struct {
		int days, stage;
	} cases[] = {
		{ 400, 0 },
		{ 31, 0 },
		{ 30, 30 },
		{ 8, 30 },
		{ 7, 7 },
		{ 2, 7 },
		{ 1, 1 },
		{ 0, 1 },
		{ -1, -1 },
		{ -500, -1 },
	};
	static const int told[] = { 0, 30, 7, 1, -1 };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(
		    pl_remind_stage(cases[i].days), cases[i].stage);
	/* each after those before it, and never again */
	for (unsigned i = 0; i < G_N_ELEMENTS(told); i++)
		for (unsigned k = 1; k < G_N_ELEMENTS(told); k++)
			assert_int_equal(
			    pl_remind_is_due(told[k], told[i]), k > i);
	assert_false(pl_remind_is_due(0, 0));
}

static void
each_reminder_is_told_once_however_often_it_runs(void **state)
{
	static const struct {
		const char *time, *code, *words;
	} ticks[] = {
		{ "2026-10-20T06:00:00Z", NULL, NULL },
		{ "2026-11-01T06:00:00Z", "PL-421", "in 30 days" },
		{ "2026-11-01T18:00:00Z", NULL, NULL },
		{ "2026-11-02T06:00:00Z", NULL, NULL },
		/* that of the 24th was missed: the machine was off */
		{ "2026-11-26T06:00:00Z", "PL-421", "in 5 days" },
		{ "2026-11-27T06:00:00Z", NULL, NULL },
		{ "2026-11-30T06:00:00Z", "PL-421", "tomorrow" },
		{ "2026-12-01T06:00:00Z", NULL, NULL },
		{ "2026-12-02T06:00:00Z", "PL-422", "yesterday" },
		{ "2026-12-03T06:00:00Z", NULL, NULL },
	};
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *rules =
	    bank("bank", "expires = 2026-12-01\nschedule = 07:00 19:00\n");

	(void)state;
	gateway_rules(g, TEAM, rules);
	for (unsigned i = 0; i < G_N_ELEMENTS(ticks); i++) {
		struct pl_run_result r = tick(g, ticks[i].time);
		g_autofree char *text = NULL;
		unsigned n;

		assert_true(r.run > 0);
		assert_int_equal(r.problems, ticks[i].code != NULL);
		text = last_report(g, &n);
		assert_int_equal(n, i + 1);
		assert_int_equal(count(text, subject("PL-421")),
		    g_strcmp0(ticks[i].code, "PL-421") == 0);
		assert_int_equal(count(text, subject("PL-422")),
		    g_strcmp0(ticks[i].code, "PL-422") == 0);
		if (ticks[i].words != NULL)
			assert_non_null(strstr(text, ticks[i].words));
		/* as long as it is over, each report says so */
		assert_int_equal(count(text, "ended on 2026-12-01"),
		    i == G_N_ELEMENTS(ticks) - 1);
	}
	gateway_free(g);
}

static void
what_is_renewed_is_reminded_of_anew(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *first = bank("bank", DAILY "expires = 2026-12-01\n");
	g_autofree char *renewed = bank("bank", DAILY "expires = 2027-03-01\n");
	g_autofree char *never = bank("bank", DAILY);

	(void)state;
	gateway_rules(g, TEAM, first);
	assert_int_equal(tick(g, "2026-11-30T07:00:00Z").problems, 1);
	gateway_rules(g, TEAM, renewed);
	assert_int_equal(tick(g, "2026-12-05T07:00:00Z").problems, 0);
	assert_int_equal(tick(g, "2027-01-31T07:00:00Z").problems, 1);
	gateway_rules(g, TEAM, never);
	assert_int_equal(tick(g, "2027-06-01T07:00:00Z").problems, 0);
	gateway_free(g);
}

static void
a_reminder_is_not_lost_without_a_report(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *rules = bank("bank", DAILY "expires = 2026-12-01\n");
	const struct pl_run_options quiet = {
		.clock = at("2026-11-25T07:00:00Z"), .no_report = TRUE
	};
	g_autofree char *text = NULL;
	unsigned n;

	(void)state;
	gateway_rules(g, TEAM "report_when = problems\n", rules);
	assert_int_equal(run_with(g, &quiet).problems, 1);
	assert_int_equal(tick(g, "2026-11-26T07:00:00Z").problems, 0);
	text = last_report(g, &n);
	assert_int_equal(n, 1);
	assert_int_equal(count(text, subject("PL-421")), 1);
	gateway_free(g);
}

static void
a_journal_that_is_off_reminds_nobody(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *rules =
	    bank("bank", DAILY "expires = 2026-12-01\nenabled = no\n");

	(void)state;
	gateway_rules(g, TEAM, rules);
	assert_int_equal(tick(g, "2026-11-26T07:00:00Z").run, 0);
	assert_int_equal(tick(g, "2026-12-26T07:00:00Z").run, 0);
	gateway_free(g);
}

/* ---- silence ----------------------------------------------------------- */

/* Working days of January 2026 from FROM to TO, numbered from NUMBER on. */
static void
workdays(struct gateway *g, const char *account, unsigned number, unsigned from,
    unsigned to)
{
	for (unsigned day = from; day <= to; day++) {
		g_autofree char *date = g_strdup_printf("2601%02u", day);
		g_autofree char *came =
		    g_strdup_printf("2026-01-%02uT05:00:00Z", day + 1);

		if ((day + 2) % 7 < 5) /* the 1st was a Thursday */
			statement(g, account, number++, date, at(came));
	}
}

static void
a_silent_account_is_told_once_until_it_spoke(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *rules = bank("bank", DAILY);
	g_autofree char *text = NULL, *later = NULL;
	unsigned n;

	(void)state;
	gateway_rules(g, TEAM, rules);
	workdays(g, ACCOUNT, 1, 1, 14);
	workdays(g, OTHER, 1, 1, 23);
	/* Wednesday the 14th was the last */
	assert_int_equal(tick(g, "2026-01-20T06:10:00Z").problems, 0);
	assert_int_equal(tick(g, "2026-01-27T06:10:00Z").problems, 1);
	text = last_report(g, &n);
	assert_int_equal(count(text, subject("PL-204")), 1);
	assert_non_null(strstr(text, "Account " ACCOUNT " EUR"));
	assert_non_null(strstr(text, "2026-01-14"));
	assert_non_null(strstr(text, "no. 10"));
	assert_non_null(strstr(text, "they come daily"));
	assert_null(strstr(text, "Account " OTHER));
	assert_int_equal(tick(g, "2026-01-28T06:10:00Z").problems, 0);
	/* it speaks, and falls silent again, and so does the other one */
	workdays(g, ACCOUNT, 11, 26, 29);
	assert_int_equal(tick(g, "2026-01-30T06:10:00Z").problems, 0);
	assert_int_equal(tick(g, "2026-02-20T06:10:00Z").problems, 2);
	later = last_report(g, &n);
	assert_non_null(strstr(later, "2026-01-29"));
	assert_non_null(strstr(later, "Account " OTHER " EUR"));
	gateway_free(g);
}

static void
doubles_and_late_ones_are_no_sign_of_life(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *rules = bank("bank", DAILY);

	(void)state;
	gateway_rules(g, TEAM, rules);
	workdays(g, ACCOUNT, 3, 5, 16);
	assert_int_equal(tick(g, "2026-01-30T06:10:00Z").problems, 1);
	workdays(g, ACCOUNT, 12, 16, 16);
	workdays(g, ACCOUNT, 2, 2, 2);
	assert_int_equal(tick(g, "2026-01-31T06:10:00Z").problems, 0);
	gateway_free(g);
}

static void
an_account_that_catches_up_late_is_not_told_each_day(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *rules = bank("bank", DAILY);

	(void)state;
	gateway_rules(g, TEAM, rules);
	workdays(g, ACCOUNT, 1, 1, 14);
	assert_int_equal(tick(g, "2026-01-27T06:10:00Z").problems, 1);
	/* what is three weeks old, one a day */
	for (unsigned day = 15; day < 17; day++) {
		g_autofree char *date = g_strdup_printf("2601%02u", day);
		g_autofree char *came =
		    g_strdup_printf("2026-02-%02uT05:00:00Z", day - 10);
		g_autofree char *time =
		    g_strdup_printf("2026-02-%02uT06:10:00Z", day - 10);

		statement(g, ACCOUNT, day - 4, date, at(came));
		assert_int_equal(tick(g, time).problems, 0);
	}
	/* on the day again, then silent anew */
	statement(g, ACCOUNT, 13, "260209", at("2026-02-10T05:00:00Z"));
	assert_int_equal(tick(g, "2026-02-10T06:10:00Z").problems, 0);
	assert_int_equal(tick(g, "2026-03-10T06:10:00Z").problems, 1);
	gateway_free(g);
}

static void
accounts_of_others_are_not_missed(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *all = bank("bank", DAILY);
	g_autofree char *one = bank("bank", DAILY "account = " OTHER "\n");
	g_autofree char *none = bank("bank", DAILY "enabled = no\n");
	g_autofree char *moved = bank("new", DAILY "account = " ACCOUNT "\n");
	g_autofree char *two = g_strconcat(all, moved, NULL);
	g_autoptr(GPtrArray) accounts = NULL;
	const struct pl_account *a;

	(void)state;
	gateway_rules(g, TEAM, none);
	workdays(g, ACCOUNT, 1, 1, 16);
	tick(g, "2026-01-17T06:10:00Z");
	accounts = pl_run_accounts(
	    g->f->l, g->config, at("2026-01-30T06:10:00Z"), NULL);
	assert_int_equal(accounts->len, 1);
	a = accounts->pdata[0];
	assert_false(a->rhythm.silent); /* the journal is off */
	assert_int_equal(a->rhythm.kind, PL_RHYTHM_DAILY);
	g_clear_pointer(&accounts, g_ptr_array_unref);
	gateway_rules(g, TEAM, one); /* the account is another's business */
	accounts = pl_run_accounts(
	    g->f->l, g->config, at("2026-01-30T06:10:00Z"), NULL);
	assert_int_equal(accounts->len, 0);
	g_clear_pointer(&accounts, g_ptr_array_unref);
	/* it goes on in another journal */
	gateway_rules(g, TEAM, two);
	tick(g, "2026-01-17T06:20:00Z");
	gateway_rules(g, TEAM, all);
	accounts = pl_run_accounts(
	    g->f->l, g->config, at("2026-01-30T06:10:00Z"), NULL);
	a = accounts->pdata[0];
	assert_true(a->rhythm.silent);
	assert_string_equal(a->newest->sequence, "12");
	gateway_free(g);
}

/* "10 daily 2026-01-15 SILENT" */
static char *
accounts_at(struct gateway *g, const char *time)
{
	g_autoptr(GPtrArray) all =
	    pl_run_accounts(g->f->l, g->config, at(time), NULL);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < all->len; i++) {
		const struct pl_account *a = all->pdata[i];
		g_autofree char *words = pl_rhythm_words(&a->rhythm);
		g_autofree char *day = pl_run_day(a->rhythm.expected);

		g_string_append_printf(text, "%s %s %s%s\n",
		    a->newest->sequence, words, day,
		    a->rhythm.silent ? " SILENT" : "");
	}
	return g_string_free(text, FALSE);
}

/* As kept, and as learnt anew. */
static void
assert_kept(struct gateway *g, const char *time, gboolean silent)
{
	g_autofree char *kept = accounts_at(g, time), *anew = NULL;
	g_autoptr(GPtrArray) rows = pl_statement_newest(g->f->l, "bank", NULL);
	const struct pl_statement_row *r = rows->pdata[0];

	assert_int_equal(rows->len, 1);
	assert_non_null(r->learnt);
	assert_ok(pl_statement_learn(g->f->l, "bank", r, NULL, E));
	anew = accounts_at(g, time);
	assert_string_equal(kept, anew);
	assert_int_equal(strstr(kept, "SILENT") != NULL, silent);
	assert_ok(pl_statement_learn(g->f->l, "bank", r, r->learnt, E));
}

static void
a_run_notes_what_it_learns_of_an_account(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autofree char *rules = bank("bank", DAILY);

	(void)state;
	gateway_rules(g, TEAM, rules);
	workdays(g, ACCOUNT, 1, 1, 14);
	tick(g, "2026-01-16T06:10:00Z");
	assert_kept(g, "2026-01-16T06:10:00Z", FALSE);
	assert_kept(g, "2026-01-30T06:10:00Z", TRUE);
	workdays(g, ACCOUNT, 11, 15, 21);
	tick(g, "2026-01-23T06:10:00Z");
	assert_kept(g, "2026-01-26T06:10:00Z", FALSE);
	assert_kept(g, "2026-02-20T06:10:00Z", TRUE);
	gateway_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    reminders_are_due_thirty_seven_and_one_day_before),
		cmocka_unit_test(
		    each_reminder_is_told_once_however_often_it_runs),
		cmocka_unit_test(what_is_renewed_is_reminded_of_anew),
		cmocka_unit_test(a_reminder_is_not_lost_without_a_report),
		cmocka_unit_test(a_journal_that_is_off_reminds_nobody),
		cmocka_unit_test(a_silent_account_is_told_once_until_it_spoke),
		cmocka_unit_test(doubles_and_late_ones_are_no_sign_of_life),
		cmocka_unit_test(
		    an_account_that_catches_up_late_is_not_told_each_day),
		cmocka_unit_test(accounts_of_others_are_not_missed),
		cmocka_unit_test(a_run_notes_what_it_learns_of_an_account),
	};

	return cmocka_run_group_tests_name("run_remind", tests, NULL, NULL);
}
