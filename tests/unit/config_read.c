/* SPDX-License-Identifier: BSD-2-Clause */
/* Files: lines, sections, keys, defaults, what journals take over. */
#include "config_sample.h"

static void
the_smallest_file_has_all_defaults(void **state)
{
	g_autoptr(pl_config) c = accepted(SMALLEST);
	const struct pl_gateway *g = pl_config_gateway(c);
	const struct pl_journal *j = pl_config_journal(c, 0);

	(void)state;
	assert_string_equal(
	    g->socket, "unix:/var/spool/postfix/postledger/milter.sock");
	assert_int_equal(g->socket_mode, 0660);
	assert_string_equal(g->user, "postledger");
	assert_string_equal(g->ledger, "sqlite:/var/lib/postledger/ledger.db");
	assert_string_equal(g->messages, "/var/lib/postledger/messages");
	assert_string_equal(g->submission, "smtp://127.0.0.1:25");
	assert_string_equal(g->secret_file, "/etc/postledger/secret");
	assert_false(g->return_path_fixed);
	assert_int_equal(g->delimiter, '+');
	assert_string_equal(g->report_to, "");
	assert_int_equal(g->report_when, PL_REPORT_ALWAYS);
	assert_non_null(g->timezone);
	assert_int_equal(g->company_ids->len, 0);
	assert_int_equal(g->access.networks->len, 2);
	assert_true(g->access.authenticated);
	assert_int_equal(g->access.senders->len, 0);
	assert_true(g->access.reject);
	assert_int_equal(g->max_message_size, 0);
	assert_int_equal(g->retention_days, 3660);

	assert_int_equal(pl_config_journals(c), 1);
	assert_string_equal(j->name, "sales");
	assert_true(j->enabled);
	assert_int_equal(j->accept, 15);
	assert_int_equal(
	    j->formats, PL_FILES_PDF | PL_FILES_XML | PL_FILES_STATEMENT);
	assert_int_equal(j->accounts->len, 0);
	assert_int_equal(j->documents_per_mail, 1);
	assert_false(j->zip);
	assert_int_equal(j->delay_days, 0);
	assert_int_equal(j->start_date, 0);
	assert_int_equal(j->expires, 0);
	assert_int_equal(j->max_mails_per_run, 50);
	assert_int_equal(j->max_mail_size, 7 << 20);
	assert_int_equal(j->n_slots, 0);
	assert_int_equal(j->n_windows, 0);
	assert_false(j->send_amended);
	assert_false(j->send_gap);
	assert_string_equal(j->subject, "");
}

static void
a_journal_takes_over_what_it_does_not_set(void **state)
{
	g_autoptr(pl_config) c =
	    accepted("[journal a]\n"
		     "address = a@in.example\ndeliver_to = a@out.example\n"
		     "[journal b]\n"
		     "address = b@in.example\ndeliver_to = b@out.example\n"
		     "sender = own@b.example\nreport_to = r@b.example\n"
		     "company_ids = NL999999999\nreturn_path = fixed\n"
		     "allow_networks = none\nallow_authenticated = yes\n"
		     "allow_senders = erp@b.example\nunauthorised = reject\n"
		     "[gateway]\n"
		     "sender = gw@gw.example\nreport_to = r@gw.example\n"
		     "company_ids = BE0123456789\nallow_networks = 10.0.0.0/8\n"
		     "allow_authenticated = no\nallow_senders = *@gw.example\n"
		     "unauthorised = pass\n");
	const struct pl_gateway *g = pl_config_gateway(c);
	const struct pl_journal *a = pl_config_find(c, "a");
	const struct pl_journal *b = pl_config_find(c, "b");

	(void)state;
	assert_ptr_equal(a, pl_config_journal(c, 0));
	assert_ptr_equal(b, pl_config_journal(c, 1));
	assert_null(pl_config_find(c, "A"));
	assert_string_equal(a->sender, "gw@gw.example");
	assert_string_equal(a->report_to, "r@gw.example");
	assert_ptr_equal(a->company_ids, g->company_ids);
	assert_false(a->return_path_fixed);
	assert_memory_equal(&a->access, &g->access, sizeof(a->access));
	assert_false(a->access.authenticated);
	assert_false(a->access.reject);

	assert_string_equal(b->sender, "own@b.example");
	assert_string_equal(b->report_to, "r@b.example");
	assert_string_equal(
	    g_ptr_array_index(b->company_ids, 0), "NL999999999");
	assert_true(b->return_path_fixed);
	assert_int_equal(b->access.networks->len, 0);
	assert_true(b->access.authenticated);
	assert_string_equal(
	    g_ptr_array_index(b->access.senders, 0), "erp@b.example");
	assert_true(b->access.reject);
}

static void
comments_are_whole_lines_and_nothing_else(void **state)
{
	g_autoptr(pl_config) c =
	    accepted("# [foo]\n; bar\n  # = baz\n\n" SMALLEST
		     "subject = a;b #c ; d=e ]\n");

	(void)state;
	assert_string_equal(pl_config_journal(c, 0)->subject, "a;b #c ; d=e ]");
}

static void
blanks_byte_order_mark_and_crlf_do_not_matter(void **state)
{
	g_autoptr(pl_config) c = accepted("\xef\xbb\xbf[gateway]\r\n"
					  "sender=p@gw.example\t\r\n\r\n"
					  "[ journal   sales\t]  \r\n"
					  "\taddress\t= a@in.example\r\n"
					  "deliver_to =   a@out.example");

	(void)state;
	assert_string_equal(pl_config_gateway(c)->sender, "p@gw.example");
	assert_string_equal(pl_config_journal(c, 0)->name, "sales");
	assert_string_equal(
	    pl_config_journal(c, 0)->deliver_to, "a@out.example");
}

static void
a_list_goes_on_over_indented_lines(void **state)
{
	g_autoptr(pl_config) c = accepted(
	    SMALLEST_GATEWAY "[journal s]\n"
			     "address =\n    a@b, c@d\n# why: x@y\n\n\te@f\n"
			     "deliver_to = a@b\n");
	const GPtrArray *a = pl_config_journal(c, 0)->addresses;

	(void)state;
	assert_int_equal(a->len, 3);
	assert_string_equal(g_ptr_array_index(a, 0), "a@b");
	assert_string_equal(g_ptr_array_index(a, 2), "e@f");
}

static void
lines_may_be_long(void **state)
{
	g_autoptr(GString) text = g_string_new(
	    SMALLEST_GATEWAY "[journal s]\ndeliver_to = a@b\naddress =");
	g_autoptr(pl_config) c = NULL;

	(void)state;
	for (unsigned i = 0; i < 2000; i++)
		g_string_append_printf(text, " user%u@long.example", i);
	c = accepted(text->str);
	assert_int_equal(pl_config_journal(c, 0)->addresses->len, 2000);
	assert_non_null(pl_config_match(c, "user1999@long.example"));
}

static const struct {
	const char *text, *message;
} bad_files[] = {
	{ "", "FILE:1: [gateway] sender: is required; must be one e-mail"
	      " address (name@domain)" },
	{ SMALLEST_GATEWAY, "FILE:1: must have at least one [journal NAME]" },
	{ SMALLEST_JOURNAL "\n[gateway]\nuser = x\n",
	    "FILE:5: [gateway] sender: is required; must be one e-mail address"
	    " (name@domain)" },
	{ SMALLEST_GATEWAY "[journal s]\n",
	    "FILE:3: [journal s] address: is required; must be e-mail"
	    " addresses (name@domain, *@domain)\n"
	    "FILE:3: [journal s] deliver_to: is required; must be an e-mail"
	    " address (name@domain) or a folder (dir:/path)" },
	{ SMALLEST_GATEWAY "[journal s]\naddress = a@b\ndeliver_to =\n",
	    "FILE:5: [journal s] deliver_to: is required; must be an e-mail"
	    " address (name@domain) or a folder (dir:/path)" },
	{ "x = 1\ny = 2\n" SMALLEST,
	    "FILE:1: the line must stand below [gateway] or [journal NAME]" },
	{ SMALLEST "[foo]\na = b\n",
	    "FILE:6: [foo]: no such section; must be [gateway] or [journal"
	    " NAME]" },
	{ SMALLEST "[Gateway]\n",
	    "FILE:6: [Gateway]: no such section; must be [gateway] or [journal"
	    " NAME]" },
	{ SMALLEST "[]\n", "FILE:6: []: no such section; must be [gateway] or"
			   " [journal NAME]" },
	{ SMALLEST "[journals x]\n",
	    "FILE:6: [journals x]: no such section; must be [gateway] or"
	    " [journal NAME]" },
	{ SMALLEST "[journal x\na = b\n",
	    "FILE:6: the line must be [gateway] or [journal NAME]" },
	{ SMALLEST "[journal x] # mine\n",
	    "FILE:6: the line must be [gateway] or [journal NAME]" },
	{ SMALLEST "[gateway]\nuser = x\n",
	    "FILE:6: [gateway]: must come once, but is in line 1" },
	{ SMALLEST "\n[ journal  sales ]\n",
	    "FILE:7: [journal sales]: must come once, but is in line 3" },
	{ SMALLEST "[journal]\n",
	    "FILE:6: [journal]: must be [journal NAME], NAME of at most 64"
	    " letters, digits, - _ and ." },
	{ SMALLEST "[journal a b]\n",
	    "FILE:6: [journal a b]: must be [journal NAME], NAME of at most 64"
	    " letters, digits, - _ and ." },
	{ SMALLEST "[journal \xc3\xa9]\n",
	    "FILE:6: [journal \xc3\xa9]: must be [journal NAME], NAME of at"
	    " most 64 letters, digits, - _ and ." },
	{ SMALLEST "[journal -x]\n[journal ../x]\n",
	    "FILE:6: [journal -x]: must be [journal NAME], NAME of at most 64"
	    " letters, digits, - _ and .\n"
	    "FILE:7: [journal ../x]: must be [journal NAME], NAME of at most 64"
	    " letters, digits, - _ and ." },
	{ SMALLEST "enabled = no\nformats = pdf\nenabled = yes\n",
	    "FILE:8: [journal sales] enabled: must be set once, but is set in"
	    " line 6" },
	{ SMALLEST "enabled\n", "FILE:6: the line must be key = value,"
				" [section] or a # comment" },
	{ SMALLEST "enabled: no\n= no\n",
	    "FILE:6: the line must be key = value, [section] or a # comment\n"
	    "FILE:7: the line must be key = value, [section] or a # comment" },
	{ SMALLEST "subject = \xff\n", "FILE:6: the line is not valid UTF-8" },
	{ SMALLEST "subject = a\x1b[0m\n",
	    "FILE:6: the line holds a control character" },
	{ SMALLEST "subject = a\rb\n",
	    "FILE:6: the line holds a control character" },
	{ "[gateway]\nsender = a@b\nrecipient_delimiter = "
	  "none\n" SMALLEST_JOURNAL,
	    "FILE:3: [gateway] return_path = \"per-batch\": must be fixed when"
	    " recipient_delimiter is none" },
	{ "[gateway]\nsender = a@b\nrecipient_delimiter = none\n"
	  "return_path = fixed\n" SMALLEST_JOURNAL "return_path = per-batch\n",
	    "FILE:8: [journal sales] return_path = \"per-batch\": must be fixed"
	    " when recipient_delimiter is none" },
	{ "[gateway]\nsender = "
	  "thirty.characters.are.too.many@b\n" SMALLEST_JOURNAL,
	    "FILE:2: [gateway] sender = \"thirty.characters.are.too.many@b\":"
	    " must have at most 29 characters before the @, without quotes,"
	    " when return_path is per-batch" },
	{ SMALLEST "sender = \"a;b\"@c\n",
	    "FILE:6: [journal sales] sender = \"\"a;b\"@c\": must have at most"
	    " 29 characters before the @, without quotes, when return_path is"
	    " per-batch" },
	{ "[gateway]\nsender = a\nuser = a b\n[journal j]\naddress = c\n"
	  "enabled = maybe\n\nstart_date = 2026-13-01\n",
	    "FILE:2: [gateway] sender = \"a\": must be one e-mail address"
	    " (name@domain)\n"
	    "FILE:3: [gateway] user = \"a b\": must be the name of a user\n"
	    "FILE:4: [journal j] deliver_to: is required; must be an e-mail"
	    " address (name@domain) or a folder (dir:/path)\n"
	    "FILE:5: [journal j] address = \"c\": must be e-mail addresses"
	    " (name@domain, *@domain)\n"
	    "FILE:6: [journal j] enabled = \"maybe\": must be yes or no\n"
	    "FILE:8: [journal j] start_date = \"2026-13-01\": must be a date"
	    " YYYY-MM-DD" },
};

static void
a_bad_file_is_told_all_that_is_wrong_by_line(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(bad_files); i++)
		refused(bad_files[i].text, bad_files[i].message);
}

static void
an_unknown_key_is_told_the_known_ones(void **state)
{
	g_autofree char *got = NULL;
	g_autoptr(pl_config) c =
	    sample(SMALLEST "adress = a@b\nsocket = unix:/x\n", &got);

	(void)state;
	assert_null(c);
	assert_true(g_str_has_prefix(got,
	    "FILE:6: [journal sales] \"adress\": no such key; must be one of"
	    " enabled address deliver_to "));
	assert_non_null(strstr(
	    got, "\nFILE:7: [journal sales] \"socket\": no such key; must be"));
}

static void
a_nul_byte_is_told_with_its_line(void **state)
{
	static const char text[] = SMALLEST "subject = a\0b\n";
	g_autofree char *got = NULL;
	g_autoptr(pl_config) c = sample_bytes(text, sizeof(text) - 1, &got);

	(void)state;
	assert_null(c);
	assert_string_equal(got, "FILE:6: the line holds a NUL byte");
}

static void
a_file_of_nonsense_does_not_flood(void **state)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *got = NULL;
	g_autoptr(pl_config) c = NULL;

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		g_string_append(text, "nonsense\n");
	c = sample(text->str, &got);
	assert_null(c);
	assert_non_null(strstr(got, "\nFILE: and 4901 more"));
	assert_true(strlen(got) < 10000);
}

static void
a_journal_name_may_have_64_characters(void **state)
{
	g_autofree char *name = g_strnfill(64, 'n');
	g_autofree char *good = g_strdup_printf(SMALLEST_GATEWAY
	    "[journal %s]\naddress = a@b\ndeliver_to = c@d\n",
	    name);
	g_autofree char *bad = g_strdup_printf(SMALLEST_GATEWAY
	    "[journal %sn]\naddress = a@b\ndeliver_to = c@d\n",
	    name);
	g_autoptr(pl_config) c = accepted(good), none = NULL;

	(void)state;
	assert_non_null(pl_config_find(c, name));
	none = sample(bad, NULL);
	assert_null(none);
}

static void
a_missing_file_is_another_error_than_a_bad_one(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(pl_config_read("/nonexistent/postledger.conf", &error));
	assert_true(
	    g_error_matches(error, PL_CONFIG_ERROR, PL_CONFIG_UNREADABLE));
	assert_non_null(strstr(error->message, "/nonexistent/postledger.conf"));
	g_clear_error(&error);
	assert_null(pl_config_read("/", &error));
	assert_true(
	    g_error_matches(error, PL_CONFIG_ERROR, PL_CONFIG_UNREADABLE));
}

static void
text_and_digest_are_those_of_the_file(void **state)
{
	g_autoptr(pl_config) c = accepted(SMALLEST),
			     d = accepted(SMALLEST "\n");

	(void)state;
	assert_string_equal(pl_config_text(c), SMALLEST);
	assert_int_equal(strlen(pl_config_digest(c)), 64);
	assert_string_not_equal(pl_config_digest(c), pl_config_digest(d));
}

static void *
use(void *data)
{
	pl_config *c = data;

	for (unsigned i = 0; i < 2000; i++) {
		g_autoptr(pl_config) mine = pl_config_ref(c);

		if (pl_config_match(mine, "<SALES+x@in.example>") == NULL)
			return c;
	}
	pl_config_unref(c);
	return NULL;
}

static void
threads_share_it(void **state)
{
	pl_config *c = accepted(SMALLEST);
	GThread *threads[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		threads[i] = g_thread_new("user", use, pl_config_ref(c));
	pl_config_unref(c);
	for (unsigned i = 0; i < 4; i++)
		assert_null(g_thread_join(threads[i]));
	pl_config_unref(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_smallest_file_has_all_defaults),
		cmocka_unit_test(a_journal_takes_over_what_it_does_not_set),
		cmocka_unit_test(comments_are_whole_lines_and_nothing_else),
		cmocka_unit_test(blanks_byte_order_mark_and_crlf_do_not_matter),
		cmocka_unit_test(a_list_goes_on_over_indented_lines),
		cmocka_unit_test(lines_may_be_long),
		cmocka_unit_test(a_bad_file_is_told_all_that_is_wrong_by_line),
		cmocka_unit_test(an_unknown_key_is_told_the_known_ones),
		cmocka_unit_test(a_nul_byte_is_told_with_its_line),
		cmocka_unit_test(a_file_of_nonsense_does_not_flood),
		cmocka_unit_test(a_journal_name_may_have_64_characters),
		cmocka_unit_test(
		    a_missing_file_is_another_error_than_a_bad_one),
		cmocka_unit_test(text_and_digest_are_those_of_the_file),
		cmocka_unit_test(threads_share_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
