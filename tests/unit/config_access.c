/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may feed a journal. */
#include "config_sample.h"

static const struct {
	const char *rules; /* settings of the gateway */
	const char *client, *auth, *sender;
	gboolean allowed;
} cases[] = {
	{ "", "127.0.0.1", NULL, "<a@b>", TRUE },
	{ "", "127.9.9.9", NULL, "<a@b>", TRUE },
	{ "", "::1", NULL, "<a@b>", TRUE },
	{ "", "IPv6:::1", NULL, "<a@b>", TRUE },
	{ "", "::ffff:127.0.0.1", NULL, "<a@b>", TRUE },
	{ "", "::ffff:10.0.0.1", NULL, "<a@b>", FALSE },
	{ "", NULL, NULL, "<a@b>", TRUE },
	{ "", "", "", "<a@b>", TRUE },
	{ "", "10.0.0.1", NULL, "<a@b>", FALSE },
	{ "", "10.0.0.1", "", "<a@b>", FALSE },
	{ "", "10.0.0.1", "erp", "<a@b>", TRUE },
	{ "", "unknown", NULL, "<a@b>", FALSE },
	{ "", "local", NULL, "<a@b>", FALSE },
	{ "", "127.0.0.1 ", NULL, "<a@b>", FALSE },
	{ "", "127.0.0.1", NULL, "<>", TRUE },
	{ "", "127.0.0.1", NULL, NULL, TRUE },
	{ "allow_networks = 10.0.0.0/8 [2001:db8::]/32\n", "10.200.0.1", NULL,
	    "<>", TRUE },
	{ "allow_networks = 10.0.0.0/8 2001:db8::/32\n", "2001:db8:1::25%eth0",
	    NULL, "<>", TRUE },
	{ "allow_networks = 10.0.0.0/8\n", "127.0.0.1", NULL, "<>", FALSE },
	{ "allow_networks = 10.0.0.0/8\n", NULL, NULL, "<>", FALSE },
	{ "allow_networks = 10.0.0.7\n", "10.0.0.7", NULL, "<>", TRUE },
	{ "allow_networks = 10.0.0.7\n", "10.0.0.8", NULL, "<>", FALSE },
	{ "allow_networks = 0.0.0.0/0\n", "192.0.2.1", NULL, "<>", TRUE },
	{ "allow_networks = 0.0.0.0/0\n", "2001:db8::1", NULL, "<>", FALSE },
	{ "allow_networks = none\n", "127.0.0.1", NULL, "<>", FALSE },
	{ "allow_networks = none\n", "127.0.0.1", "erp", "<>", TRUE },
	{ "allow_authenticated = no\n", "10.0.0.1", "erp", "<>", FALSE },
	{ "allow_senders = erp@shop.example *@Trusted.example\n", "127.0.0.1",
	    NULL, "<ERP@Shop.example>", TRUE },
	{ "allow_senders = erp@shop.example *@Trusted.example\n", "127.0.0.1",
	    NULL, "<any@trusted.example>", TRUE },
	{ "allow_senders = erp@shop.example\n", "127.0.0.1", NULL,
	    "<erp+x@shop.example>", FALSE },
	{ "allow_senders = erp@shop.example\n", "127.0.0.1", NULL,
	    "<x@shop.example>", FALSE },
	{ "allow_senders = *@shop.example\n", "127.0.0.1", NULL, "<>", FALSE },
	{ "allow_senders = *@shop.example\n", "127.0.0.1", NULL, NULL, FALSE },
	{ "allow_senders = *@shop.example\n", "127.0.0.1", "erp",
	    "<x@shop.example.evil.example>", FALSE },
	{ "allow_senders = *@shop.example\n", "10.0.0.1", NULL,
	    "<x@shop.example>", FALSE },
};

static void
client_or_user_and_sender_must_be_allowed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strconcat(
		    SMALLEST_GATEWAY, cases[i].rules, SMALLEST_JOURNAL, NULL);
		g_autoptr(pl_config) c = accepted(text);
		const struct pl_journal *j = pl_config_journal(c, 0);

		if (pl_access_allows(&j->access, cases[i].client, cases[i].auth,
			cases[i].sender) != cases[i].allowed)
			fail_msg("case %u: %s%s %s", i, cases[i].rules,
			    cases[i].client, cases[i].sender);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_or_user_and_sender_must_be_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
