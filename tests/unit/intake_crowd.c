/* SPDX-License-Identifier: BSD-2-Clause */
/* Many journals at one address, as an accountant has for his clients: a
 * document costs one look at each, and a new one comes without a long wait. */
#include "cpu.h"
#include "intake_ledger.h"

#define JOURNALS 400
#define MESSAGES 4
#define EACH 60 /* statements in a message */

/* All at one address, each with an account of its own. */
static char *
journals(unsigned n)
{
	GString *s = g_string_new(NULL);

	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(s,
		    "[journal j%u]\naddress = bank@in.example\n"
		    "deliver_to = j%u@out.example\naccept = statement\n"
		    "account = 77%06u\n",
		    i, i, i);
	return g_string_free(s, FALSE);
}

/* Statements of the last accounts, and of one that has no journal yet. */
static GBytes *
statements(unsigned day)
{
	GString *s = g_string_new(NULL);

	for (unsigned i = 0; i < EACH; i++)
		g_string_append_printf(s,
		    ":20:A\r\n:25:77%06u\r\n:28C:%u/1\r\n"
		    ":60F:C2601%02uEUR5,00\r\n"
		    ":61:2601%02u01%02uC1,00NTRFNONREF\r\n:86:two\r\n"
		    ":62F:C2601%02uEUR6,00\r\n-\r\n",
		    JOURNALS - i, day, day, day, day, day);
	return g_string_free_to_bytes(s);
}

/* The processor's seconds that it takes. */
static double
time_of(pl_ledger *l, unsigned n, struct pl_indexed *done)
{
	g_autofree char *rules = journals(n);
	const double began = cpu_seconds();

	*done = run_index(l, rules);
	return cpu_seconds() - began;
}

static void
a_journal_more_costs_no_look_at_all_the_others(void **state)
{
	const double most = SANITIZED ? 15 : 1.5;
	struct fixture *f = *state;
	struct pl_indexed done;

	for (unsigned i = 1; i <= MESSAGES; i++)
		arrives(f->l, "<bank@in.example>",
		    mail_with("text/plain", "s.sta", statements(i)));
	assert_true(time_of(f->l, JOURNALS, &done) < most);
	assert_int_equal(done.documents, MESSAGES * EACH);
	assert_int_equal(done.entries, MESSAGES * (EACH - 1));
	/* it takes what came before, and the others nothing twice */
	assert_true(time_of(f->l, JOURNALS + 1, &done) < most);
	assert_int_equal(done.entries, MESSAGES);
	assert_true(time_of(f->l, JOURNALS + 1, &done) < most);
	assert_int_equal(done.entries, 0);
	assert_whole(f->l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_journal_more_costs_no_look_at_all_the_others, setup,
		    teardown),
	};

	return cmocka_run_group_tests_name("intake_crowd", tests, NULL, NULL);
}
