/* SPDX-License-Identifier: BSD-2-Clause */
/* What in Postfix's log and queue proves that an e-mail was taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proof.h"

#define AT "Nov 21 23:30:13 gw postfix/"
#define NAMED(id, message) AT "cleanup[4569]: " id ": message-id=" message "\n"
#define ACTIVE(id) \
	AT "qmgr[4562]: " id ": from=<gw+b.38.1.mac@gw>, size=1, nrcpt=1 " \
	   "(queue active)\n"
#define OURS "<b.38.x@gw>"

static void
only_the_queue_manager_proves_it(void **state)
{
	static const struct {
		const char *lines[4];
		gboolean proven;
	} cases[] = {
		{ { NAMED("Q1", OURS), ACTIVE("Q1") }, TRUE },
		{ { NAMED("Q1", OURS), ACTIVE("Q2") }, FALSE },
		{ { NAMED("Q1", OURS) }, FALSE },
		/* the id was another message's before, or is afterwards */
		{ { NAMED("Q1", "<other@x>"), ACTIVE("Q1") }, FALSE },
		{ { NAMED("Q1", "<other@x>"), ACTIVE("Q1"), NAMED("Q1", OURS),
		      ACTIVE("Q1") },
		    TRUE },
		{ { NAMED("Q1", OURS),
		      AT "cleanup[4569]: Q1: milter-reject: END-OF-MESSAGE "
			 "from x[127.0.0.1]: 4.7.1; from=<gw+b.38@gw>\n",
		      NAMED("Q1", "<other@x>"), ACTIVE("Q1") },
		    FALSE },
		/* another id that ends or begins with ours */
		{ { NAMED("Q1", OURS), ACTIVE("XQ1"), ACTIVE("Q12") }, FALSE },
		{ { NAMED("Q1", OURS),
		      AT "smtpd[1]: Q1: client=unknown[127.0.0.1]\n" },
		    FALSE },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct pl_trail trail = { .queue_id = "Q1",
			.message_id = OURS };

		for (guint k = 0; k < 4 && cases[i].lines[k] != NULL; k++)
			pl_trail_line(&trail, cases[i].lines[k]);
		if ((trail.proof != NULL) != cases[i].proven)
			fail_msg("case %u", i);
		g_free(trail.proof);
	}
}

static void
without_a_queue_id_the_message_id_leads_to_it(void **state)
{
	static const struct {
		const char *lines[4];
		gboolean proven;
	} cases[] = {
		{ { NAMED("4bX9", OURS), ACTIVE("4bX9") }, TRUE },
		{ { NAMED("4bX9", OURS) }, FALSE },
		{ { NAMED("4bX9", OURS), ACTIVE("4bX8") }, FALSE },
		{ { NAMED("4bX9", "<other@x>"), ACTIVE("4bX9") }, FALSE },
		{ { NAMED("4bX9", OURS), NAMED("4bX9", "<other@x>"),
		      ACTIVE("4bX9") },
		    FALSE },
		/* a first try that came to nothing */
		{ { NAMED("4bX8", OURS), NAMED("4bX9", OURS), ACTIVE("4bX9") },
		    TRUE },
		{ { AT "smtpd[1]: 4bX9: message-id=" OURS "\n",
		      ACTIVE("4bX9") },
		    FALSE },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct pl_trail trail = { .message_id = OURS };

		for (guint k = 0; k < 4 && cases[i].lines[k] != NULL; k++)
			pl_trail_line(&trail, cases[i].lines[k]);
		if ((trail.proof != NULL) != cases[i].proven)
			fail_msg("case %u", i);
		g_free(trail.proof);
		g_free(trail.found);
	}
}

static void
a_queue_file_proves_it_but_not_one_in_incoming(void **state)
{
	static const struct {
		const char *line;
		gboolean proven;
	} cases[] = {
		{ "{\"queue_name\": \"deferred\", \"queue_id\": \"Q1\", "
		  "\"sender\": \"gw+b@gw\"}",
		    TRUE },
		{ "{\"queue_name\": \"active\", \"queue_id\": \"Q1\", "
		  "\"sender\": \"gw+b@gw\"}",
		    TRUE },
		{ "{\"queue_name\": \"incoming\", \"queue_id\": \"Q1\", "
		  "\"sender\": \"gw+b@gw\"}",
		    FALSE },
		{ "{\"queue_name\": \"active\", \"queue_id\": \"Q1\", "
		  "\"sender\": \"other@gw\"}",
		    FALSE },
		{ "{\"queue_name\": \"active\", \"queue_id\": \"Q2\", "
		  "\"sender\": \"gw+b@gw\"}",
		    FALSE },
		{ "", FALSE },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(
		    pl_proof_listed(cases[i].line, "Q1", "gw+b@gw"),
		    cases[i].proven);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_queue_manager_proves_it),
		cmocka_unit_test(without_a_queue_id_the_message_id_leads_to_it),
		cmocka_unit_test(
		    a_queue_file_proves_it_but_not_one_in_incoming),
	};

	return cmocka_run_group_tests_name("run_proof", tests, NULL, NULL);
}
