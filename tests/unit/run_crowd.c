/* SPDX-License-Identifier: BSD-2-Clause */
/* Many journals, many e-mails that wait, files of many statements: a run looks
 * at each of them, and not at all the others for each. */
#include "cpu.h"
#include "run_sales.h"

#ifdef __SANITIZE_ADDRESS__
#define SLOWER 10
#else
#define SLOWER 1
#endif

/* ---- journals ---------------------------------------------------------- */

static void
journals_with_nothing_to_send_are_noted_together(void **state)
{
	static const char *const names[] = { "sales", "one", "two", "three" };
	struct gateway *g = gateway_new(NULL, 0);

	(void)state;
	gateway_rules(g, TEAM,
	    SALES "[journal one]\naddress = one@in.example\n"
		  "deliver_to = one@out.example\n"
		  "[journal two]\naddress = two@in.example\n"
		  "deliver_to = two@out.example\n"
		  "[journal three]\naddress = three@in.example\n"
		  "deliver_to = three@out.example\n");
	capture_pdf(g, "F-1", 600);
	/* sales by itself, since it sent something, then all the others */
	assert_false(run_in_child(g, "journal-served:3"));
	assert_states(g, "sent=1");
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(pl_standing) s =
		    pl_standing_get(g->f->l, names[i], NULL);

		assert_true(s != NULL && s->served > 0 && !s->activating);
	}
	gateway_free(g);
}

/* ---- e-mails ----------------------------------------------------------- */

#define MESSAGES 3
#define EACH 900 /* documents in a message, each in an e-mail of its own */

static void
what_an_mta_left_lying_is_looked_at_once(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "MAIL", 1, "451 4.3.0 later\r\n", 0, TRUE },
		{ "MAIL", SMTPD_ALWAYS, "421 4.3.2 away\r\n", 0, TRUE },
	};
	struct gateway *g = gateway_new(rules, G_N_ELEMENTS(rules));
	double began;

	(void)state;
	gateway_rules(g, TEAM "report_when = never\n",
	    SALES "max_mails_per_run = 10000\n");
	for (unsigned m = 0; m < MESSAGES; m++) {
		GString *mail = begin_mail("many");

		for (unsigned i = 0; i < EACH; i++) {
			g_autofree char *name =
			    g_strdup_printf("%u-%04u", m, i);

			add_part(mail, name, a_pdf(name, 300));
		}
		capture(g, mail, 0);
	}
	run_now(g);
	assert_states(g, "sending=2700");
	began = cpu_seconds();
	run_now(g);
	assert_true(cpu_seconds() - began < 1.5 * SLOWER);
	assert_states(g, "sending=2700");
	gateway_free(g);
}

#define UNTOLD 30000

/* Nobody may have told anything for years. */
static void
add_untold(struct gateway *g)
{
	assert_ok(pl_ledger_begin(g->f->l, E));
	for (unsigned i = 0; i < UNTOLD; i++) {
		struct pl_problem p = { .code = (char *)(uintptr_t) "PL-101",
			.text = (char *)(uintptr_t) "nothing is attached" };

		assert_ok(pl_problem_add(g->f->l, &p, E));
	}
	assert_ok(pl_ledger_commit(g->f->l, E));
}

static void
what_is_put_off_is_a_problem_once_whatever_else_is_to_be_told(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "MAIL", SMTPD_ALWAYS, "451 4.3.0 later\r\n", 0, FALSE },
	};
	struct gateway *g = gateway_new(rules, G_N_ELEMENTS(rules));
	GString *mail = begin_mail("some");
	g_autoptr(GPtrArray) problems = NULL;
	double began;

	(void)state;
	gateway_rules(
	    g, TEAM "report_when = never\n", SALES "max_mails_per_run = 100\n");
	add_untold(g);
	for (unsigned i = 0; i < 100; i++) {
		g_autofree char *name = g_strdup_printf("%04u", i);

		add_part(mail, name, a_pdf(name, 300));
	}
	capture(g, mail, 0);
	began = cpu_seconds();
	run_now(g);
	run_now(g);
	assert_true(cpu_seconds() - began < 2 * SLOWER);
	assert_states(g, "sending=100");
	problems = pl_problem_open(g->f->l, 0, NULL);
	assert_int_equal(problems->len, UNTOLD + 100);
	gateway_free(g);
}

#define ACCOUNTS 60
#define DAYS 30

static GBytes *
a_statement(unsigned account, unsigned day)
{
	GString *s = g_string_new(NULL);

	g_string_append_printf(s,
	    ":20:A\r\n:25:77%06u\r\n:28C:%u/1\r\n"
	    ":60F:C2601%02uEUR%u,00\r\n"
	    ":61:2601%02u01%02uC1,00NTRFNONREF\r\n:86:two\r\n"
	    ":62F:C2601%02uEUR%u,00\r\n-\r\n",
	    account, day, day, day, day, day, day, day + 1);
	return g_string_free_to_bytes(s);
}

static void
an_email_with_a_statement_asks_for_its_own_account(void **state)
{
	static const struct smtpd_rule rules[] = {
		{ "MAIL", SMTPD_ALWAYS, "421 4.3.2 away\r\n", 0, TRUE },
	};
	struct gateway *g = gateway_new(rules, G_N_ELEMENTS(rules));
	double began;

	(void)state;
	gateway_rules(g, TEAM "report_when = never\n",
	    SALES "accept = statement\nmax_mails_per_run = 300\n");
	for (unsigned day = 1; day <= DAYS; day += 10) {
		GString *mail = begin_mail("many");

		for (unsigned i = 0; i < 10 * ACCOUNTS; i++) {
			g_autofree char *name =
			    g_strdup_printf("%u-%u.sta", day, i);

			add_part(mail, name,
			    a_statement(i % ACCOUNTS, day + i / ACCOUNTS));
		}
		capture(g, mail, 0);
	}
	run_now(g);
	assert_states(g, "waiting=1500 sending=300");
	began = cpu_seconds();
	run_now(g);
	assert_true(cpu_seconds() - began < 1.5 * SLOWER);
	assert_states(g, "waiting=1500 sending=300");
	gateway_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    journals_with_nothing_to_send_are_noted_together),
		cmocka_unit_test(what_an_mta_left_lying_is_looked_at_once),
		cmocka_unit_test(
		    what_is_put_off_is_a_problem_once_whatever_else_is_to_be_told),
		cmocka_unit_test(
		    an_email_with_a_statement_asks_for_its_own_account),
	};

	return cmocka_run_group_tests_name("run_crowd", tests, NULL, NULL);
}
