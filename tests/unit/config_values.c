/* SPDX-License-Identifier: BSD-2-Clause */
/* Every setting: what it takes, what it refuses, and where it says so. */
#include "config_sample.h"
#include "private.h"

struct sample_value {
	const char *section, *key;
	const char *good[8]; /* taken as they are */
	const char *bad[16]; /* refused; shown whole in the message */
};

#define YES_NO \
	{ "yes", "no", "No" }, \
	{ \
		"1", "true", "maybe", "yes no" \
	}
#define ONE_ADDRESS \
	{ "a@b", "A.B@c-d.example", "a+b@c", "\xc3\xa9@\xc3\xa9.example" }, \
	{ \
		"a", "a@", "@b", "a@b c@d", "a@b, c@d", "<a@b>", "*@b", \
		    "a@b@c", "a..b@c", "a@b..c", "a@-b", "A <a@b>", "a@b,", \
		    "dir:/srv" \
	}
#define MANY_ADDRESSES \
	{ "a@b", "a@b c@d", "a@b,c@d", "a@b , c@d," }, \
	{ \
		"a", "a@", "@b", "<a@b>", "*@b", "mailto:a@b;", "*" \
	}
#define PATTERNS \
	{ "a@b", "*@b", "a@b *@d", "A@B\n  *@D", "a@[127.0.0.1]" }, \
	{ \
		"a", "*", "@b", "*@", "s*@b", "*@*.b", "**@b" \
	}
#define NETWORKS \
	{ "10.0.0.0/8", "10.1.2.3 ::1", "[2001:db8::]/32", "none", "::/0" }, \
	{ \
		"10.0.0.1/8", "10.0.0.0/33", "::1/129", "10.0.0", "localhost", \
		    "[::1", "10.0.0.0/255.0.0.0", "10.0.0.0/", "1.2.3.4/x" \
	}
#define IDS \
	{ "BE0123456789", "be0123.456.789 FR12345", "CHE-123.456.788" }, \
	{ \
		"BE", "BE_0123456789", ".-/.-/", "\xc3\xa9\xc3\xa9\xc3\xa9" \
	}

static const struct sample_value samples[] = {
	{ "gateway", "socket",
	    { "unix:/a", "local:/a/b", "inet:8890@127.0.0.1", "inet6:1@::1" },
	    { "/a", "unix:a", "unix:", "inet:127.0.0.1:8890", "inet:0@a",
		"inet:65536@a", "inet:1@", "inet:@a", "inet:1@a b", "tcp:1@a",
		"inet:-1@a" } },
	{ "gateway", "socket_mode", { "0660", "660", "0000" },
	    { "0888", "rw", "66", "1660", "00660", "0x1ff" } },
	{ "gateway", "user", { "postledger", "_mail-9.x" },
	    { "a b", "-x", "a/b", "a:b" } },
	{ "gateway", "ledger", { "sqlite:/a/b.db" },
	    { "/a/b.db", "sqlite:b.db", "sqlite:", "sqlite:/a/",
		"postgresql://h/d" } },
	{ "gateway", "messages", { "/a/b" }, { "a/b", "./a" } },
	{ "gateway", "submission",
	    { "smtp://127.0.0.1:25", "smtp://mx.example", "smtp://[::1]:26",
		"smtp://a/" },
	    { "127.0.0.1:25", "smtps://a", "smtp://", "smtp://a:0",
		"smtp://a:65536", "smtp://u@a", "smtp://a/b", "smtp://a?b",
		"smtp://a:b", "lmtp:a", "smtp://::1" } },
	{ "gateway", "secret_file", { "/a" }, { "a" } },
	{ "gateway", "sender", ONE_ADDRESS },
	{ "gateway", "return_path", { "per-batch", "fixed" },
	    { "none", "batch" } },
	{ "gateway", "recipient_delimiter", { "+", "-", "#" },
	    { "++", "+-", "a", "@", "yes" } },
	{ "gateway", "report_to", MANY_ADDRESSES },
	{ "gateway", "report_when",
	    { "always", "activity", "problems", "never" },
	    { "sometimes", "yes" } },
	{ "gateway", "timezone", { "Europe/Brussels", "UTC", "+02:00" },
	    { "Europe/Bruxelles", "Mars", "../../../etc/passwd", "CEST",
		"/etc/passwd", ":/etc/passwd", "zone.tab" } },
	{ "gateway", "company_ids", IDS },
	{ "gateway", "csv_columns",
	    { "date:1 amount:2 columns:5", "date:Boekdag amount:Waarde",
		"date:1 debit:2 credit:Ontvangen delimiter:tab dates:mdy "
		"decimal:point text:Info text:Info2",
		"date:D amount:A | date:1 amount:4 columns:9" },
	    { "date:1 amount:2", "date:1", "amount:B", "date:D amount:",
		"day:1 amount:B", "date:0 amount:B", "date:D amount:B |",
		"date:D amount:B dates:dym", "date:D amount:B delimiter:;",
		"date:D amount:B columns:100" } },
	{ "gateway", "allow_networks", NETWORKS },
	{ "gateway", "allow_authenticated", YES_NO },
	{ "gateway", "allow_senders", PATTERNS },
	{ "gateway", "unauthorised", { "reject", "pass" }, { "no", "drop" } },
	{ "gateway", "max_message_size", { "1", "50M", "1g", "0", "10K" },
	    { "50MB", "-1", "1.5M", "M", "0x10", "99999999999999999999",
		"99999999999", "1T", "1 M" } },
	{ "gateway", "retention", { "1d", "18m", "10y" },
	    { "10", "0y", "y", "-1d", "10Y", "100001d", "1y6m" } },

	{ "journal", "enabled", YES_NO },
	{ "journal", "address", PATTERNS },
	{ "journal", "deliver_to",
	    { "a@b", "a+b@c", "dir:/srv", "dir:/srv/a b//c/",
		"dir:/srv/%{account}/%{year}-%{month}", "dir:/srv/x%{seller}",
		"dir:/s/%{date}/%{journal}%{kind}%{number}" },
	    { "a", "a@b c@d", "<a@b>", "*@b", "dir:", "dir:srv", "dir:/",
		"dir:/%{year}", "dir:/srv/../x", "dir:/srv/./x",
		"dir:/srv/%{acount}", "dir:/srv/%", "dir:/srv/%{year",
		"dir:/srv/.postledger", "file:/srv" } },
	{ "journal", "accept",
	    { "invoice", "credit-note,other", "statement", "Invoice" },
	    { "invoices", "all", "credit", "sales" } },
	{ "journal", "account", { "BE68539007547034", "539-0075470-34 a12345" },
	    { "BE68", "BE68:1234", "*" } },
	{ "journal", "numbering",
	    { "auto", "strict", "yearly BE68539007547034:none",
		"539-0075470-34:strict, BE1:auto" },
	    { "yes", "auto none", "auto:BE1", "BE1:weekly", ":none",
		"BE1:none be-1:auto" } },
	{ "journal", "formats", { "pdf", "xml pdf image statement" },
	    { "doc", "png", "all" } },
	{ "journal", "documents_per_mail", { "1", "10", "10000" },
	    { "0", "-1", "10001", "ten", "1.5", "1K" } },
	{ "journal", "compress", { "none", "zip" }, { "yes", "gzip" } },
	{ "journal", "delay_days", { "0", "14", "3650" },
	    { "-1", "3651", "2d" } },
	{ "journal", "start_date", { "2026-01-01", "2024-02-29", "1999-12-31" },
	    { "2026-02-30", "2025-02-29", "2026-13-01", "2026-00-10",
		"2026-01-00", "2026-1-1", "01-01-2026", "01/01/2026",
		"2026-01-01T00:00", "today", "0000-01-01", "2026-01--1" } },
	{ "journal", "expires", { "2026-01-01", "2024-02-29" },
	    { "soon", "2026-02-29", "30d", "2026-1-1" } },
	{ "journal", "max_mails_per_run", { "1", "50" },
	    { "0", "-5", "10001", "no" } },
	{ "journal", "max_mail_size", { "7M", "16K", "7340032", "1G" },
	    { "0", "15K", "7MB", "7,5M", "-7M" } },
	{ "journal", "schedule",
	    { "07:00", "07:00 19:30", "every 12h", "every 30m", "00:00,23:59",
		"every\n  1m" },
	    { "25:00", "24:00", "07:60", "7:00", "07.00", "0700", "hourly",
		"12h", "07:00am", "-7:00", "07:00 every 24h",
		"every 12h 07:00", "every 12h every 6h" } },
	{ "journal", "window",
	    { "07:00-09:00", "22:00-06:00", "00:00-24:00",
		"07:00-09:00, 17:00-18:00" },
	    { "07:00", "07:00-07:00", "07:00-25:00", "24:00-01:00",
		"07:00-24:01", "07-09", "07:00-09:00-10:00" } },
	{ "journal", "on_amended", { "hold", "send" }, { "yes", "keep" } },
	{ "journal", "on_gap", { "hold", "send" }, { "yes", "no" } },
	{ "journal", "subject", { "Invoices ; of # us = you" }, { NULL } },
	{ "journal", "sender", ONE_ADDRESS },
	{ "journal", "report_to", MANY_ADDRESSES },
	{ "journal", "company_ids", IDS },
	{ "journal", "return_path", { "per-batch", "fixed" },
	    { "none", "batch" } },
	{ "journal", "allow_networks", NETWORKS },
	{ "journal", "allow_authenticated", YES_NO },
	{ "journal", "allow_senders", PATTERNS },
	{ "journal", "unauthorised", { "reject", "pass" }, { "no", "drop" } },
};

/* A file with VALUE for one setting and the smallest rest; LINE is where the
 * value stands. */
static char *
with_value(const struct sample_value *s, const char *value, unsigned *line)
{
	gboolean gateway = g_str_equal(s->section, "gateway");
	GString *text = g_string_new("# sample\n[gateway]\n");

	if (!gateway || !g_str_equal(s->key, "sender"))
		g_string_append(text, "sender = p@gw.example\n");
	if (gateway) {
		*line = g_str_equal(s->key, "sender") ? 3 : 4;
		g_string_append_printf(text, "%s = %s\n", s->key, value);
	}
	g_string_append(text, "[journal j]\n");
	if (gateway || !g_str_equal(s->key, "address"))
		g_string_append(text, "address = a@in.example\n");
	if (gateway || !g_str_equal(s->key, "deliver_to"))
		g_string_append(text, "deliver_to = a@out.example\n");
	if (!gateway) {
		*line = 1;
		for (const char *p = text->str; *p != '\0'; p++)
			*line += *p == '\n';
		g_string_append_printf(text, "%s = %s\n", s->key, value);
	}
	return g_string_free(text, FALSE);
}

static void
every_setting_takes_what_is_allowed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(samples); i++) {
		for (unsigned k = 0; samples[i].good[k] != NULL; k++) {
			unsigned line;
			g_autofree char *text =
			    with_value(&samples[i], samples[i].good[k], &line);
			g_autoptr(pl_config) config = accepted(text);

			assert_non_null(config);
		}
	}
}

static void
every_setting_refuses_the_rest_by_line_section_key_and_value(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(samples); i++) {
		const struct sample_value *s = &samples[i];
		const struct pl_setting *setting =
		    pl_setting_find(s->section, s->key);

		assert_non_null(setting);
		for (unsigned k = 0; s->bad[k] != NULL; k++) {
			unsigned line;
			g_autofree char *text = with_value(s, s->bad[k], &line);
			g_autofree char *got = NULL, *head = NULL;
			g_autoptr(pl_config) config = sample(text, &got);

			if (config != NULL)
				fail_msg("taken: %s = %s", s->key, s->bad[k]);
			head = g_strdup_printf("FILE:%u: [%s%s] %s = \"", line,
			    s->section, *s->section == 'j' ? " j" : "", s->key);
			if (!g_str_has_prefix(got, head) ||
			    strstr(got, setting->info.allowed) == NULL ||
			    strchr(got, '\n') != NULL)
				fail_msg("expected %s: %s", head, got);
		}
	}
}

static void
no_setting_is_without_samples(void **state)
{
	unsigned n;
	const struct pl_setting_info *infos = pl_config_settings(&n);

	(void)state;
	assert_int_equal(n, G_N_ELEMENTS(samples));
	for (unsigned i = 0; i < n; i++) {
		assert_string_equal(infos[i].section, samples[i].section);
		assert_string_equal(infos[i].key, samples[i].key);
		assert_non_null(samples[i].good[0]);
	}
}

static void
an_empty_value_is_the_default(void **state)
{
	g_autoptr(GString) text = g_string_new("[gateway]\nsender = a@b\n");
	g_autoptr(pl_config) empty = NULL, bare = NULL;
	const struct pl_gateway *g, *h;
	const struct pl_journal *j, *k;

	(void)state;
	for (unsigned i = 0; i < pl_settings_n; i++) {
		const struct pl_setting *s = &pl_settings[i];

		if (i > 0 &&
		    *s->info.section != *pl_settings[i - 1].info.section)
			g_string_append(text,
			    "[journal j]\naddress = c@d\ndeliver_to = e@f\n");
		if (s->how != PL_DEFAULT_REQUIRED)
			g_string_append_printf(text, "%s =\n", s->info.key);
	}
	empty = accepted(text->str);
	bare = accepted("[gateway]\nsender = a@b\n"
			"[journal j]\naddress = c@d\ndeliver_to = e@f\n");
	g = pl_config_gateway(empty);
	h = pl_config_gateway(bare);
	assert_string_equal(g->socket, h->socket);
	assert_string_equal(g->messages, h->messages);
	assert_string_equal(g->timezone_name, h->timezone_name);
	assert_int_equal(g->delimiter, '+');
	assert_int_equal(g->access.networks->len, 2);
	j = pl_config_journal(empty, 0);
	k = pl_config_journal(bare, 0);
	assert_int_equal(j->accept, k->accept);
	assert_int_equal(j->n_slots, k->n_slots);
	assert_ptr_equal(j->company_ids, g->company_ids);
}

static void
a_setting_that_is_one_thing_stands_on_one_line(void **state)
{
	(void)state;
	refused(SMALLEST "subject = a\n  b\n",
	    "FILE:6: [journal sales] subject = \"a b\": must be a line of text"
	    " and stand on one line (indented lines belong to the setting"
	    " above them)");
	refused(SMALLEST "delay_days = 3\n  schedule = 07:00\n",
	    "FILE:6: [journal sales] delay_days = \"3 schedule = 07:00\": must"
	    " be a whole number from 0 to 3650 and stand on one line (indented"
	    " lines belong to the setting above them)");
}

static void
a_bad_word_of_a_list_is_shown_with_its_own_line(void **state)
{
	(void)state;
	refused(SMALLEST_GATEWAY
	    "[journal s]\naddress = a@b\n  c@d,\n# no e@f\n\n\tg, h@i\n"
	    "deliver_to = a@b\n",
	    "FILE:8: [journal s] address = \"g\": must be e-mail addresses"
	    " (name@domain, *@domain)");
	refused(SMALLEST "schedule = every\n  07:00\n",
	    "FILE:7: [journal sales] schedule = \"07:00\": must be times"
	    " HH:MM, or every 1m to every 24h");
	refused(SMALLEST "schedule = every\n",
	    "FILE:6: [journal sales] schedule = \"every\": must be times"
	    " HH:MM, or every 1m to every 24h");
	refused(SMALLEST "schedule = every 0h\n",
	    "FILE:6: [journal sales] schedule = \"0h\": must be times"
	    " HH:MM, or every 1m to every 24h");
	refused(SMALLEST "schedule = every 25h\n",
	    "FILE:6: [journal sales] schedule = \"25h\": must be times"
	    " HH:MM, or every 1m to every 24h");
	refused(SMALLEST "schedule = every 12h\n  07:00\n",
	    "FILE:7: [journal sales] schedule = \"07:00\": must be times"
	    " HH:MM, or every 1m to every 24h; every stands alone");
}

static void
a_long_bad_value_is_cut_in_the_message(void **state)
{
	g_autofree char *xs = g_strnfill(5000, 'x'), *got = NULL;
	g_autofree char *text =
	    g_strdup_printf(SMALLEST "delay_days = %s\n", xs);
	g_autoptr(pl_config) config = sample(text, &got);

	(void)state;
	assert_null(config);
	assert_true(strlen(got) < 200);
	assert_non_null(strstr(got, "xxx...\": must be a whole number"));
}

static void
values_come_out_as_their_struct_says(void **state)
{
	g_autoptr(pl_config) c = accepted(
	    "[gateway]\nsender = Post@GW.example\nsubmission = smtp://[::1]\n"
	    "ledger = sqlite:/srv/l/x.db\nrecipient_delimiter = -\n"
	    "retention = 2m\nmax_message_size = 3K\nreport_when = problems\n"
	    "report_to = a@b, c@d\n  e@f\nsocket_mode = 0640\n"
	    "unauthorised = pass\ncompany_ids = be0123.456.789\n"
	    "allow_senders = *@Shop.example\n"
	    "[journal j]\naddress = *@In.example\ndeliver_to = e@f\n"
	    "accept = credit-note statement\nformats = image xml\n"
	    "start_date = 2026-03-01\nmax_mail_size = 1G\ncompress = zip\n"
	    "expires = 2026-03-02\n"
	    "schedule = 07:05 19:30\nwindow = 22:00-06:00 08:00-24:00\n"
	    "account = be68539007547034 \n  539-0075470-34\non_gap = send\n"
	    "numbering = yearly be68-5390:none\n"
	    "subject = a ; b # c\n");
	const struct pl_gateway *g = pl_config_gateway(c);
	const struct pl_journal *j = pl_config_find(c, "j");

	(void)state;
	assert_string_equal(g->sender, "Post@GW.example");
	assert_string_equal(g->submission, "smtp://[::1]:25");
	assert_string_equal(g->messages, "/srv/l/messages");
	assert_int_equal(g->delimiter, '-');
	assert_int_equal(g->retention_days, 62);
	assert_int_equal(g->max_message_size, 3072);
	assert_int_equal(g->report_when, PL_REPORT_PROBLEMS);
	assert_string_equal(g->report_to, "a@b,c@d,e@f");
	assert_int_equal(g->socket_mode, 0640);
	assert_false(g->access.reject);
	assert_string_equal(
	    g_ptr_array_index(g->company_ids, 0), "BE0123456789");
	assert_string_equal(
	    g_ptr_array_index(g->access.senders, 0), "*@shop.example");
	assert_string_equal(g_ptr_array_index(j->addresses, 0), "*@In.example");
	assert_int_equal(
	    j->accept, 1 << PL_KIND_CREDIT_NOTE | 1 << PL_KIND_STATEMENT);
	assert_int_equal(j->formats, PL_FILES_IMAGE | PL_FILES_XML);
	assert_int_equal(j->start_date, 739676);
	assert_int_equal(j->expires, 739677);
	assert_int_equal(j->max_mail_size, 1 << 30);
	assert_true(j->zip);
	assert_int_equal(j->n_slots, 2);
	assert_false(j->slots[0].every);
	assert_int_equal(j->slots[0].minutes, 425);
	assert_false(j->slots[1].every);
	assert_int_equal(j->slots[1].minutes, 1170);
	assert_int_equal(j->n_windows, 2);
	assert_int_equal(j->windows[0].from, 1320);
	assert_int_equal(j->windows[0].to, 360);
	assert_int_equal(j->windows[1].to, 1440);
	assert_string_equal(
	    g_ptr_array_index(j->accounts, 0), "BE68539007547034");
	assert_string_equal(
	    g_ptr_array_index(j->accounts, 1), "539-0075470-34");
	assert_int_equal(j->numbering->len, 2);
	const struct pl_account_numbering *n = j->numbering->pdata[0];
	assert_null(n->account);
	assert_int_equal(n->numbering, PL_NUMBERING_YEARLY);
	n = j->numbering->pdata[1];
	assert_string_equal(n->account, "BE685390");
	assert_int_equal(n->numbering, PL_NUMBERING_NONE);
	assert_true(j->send_gap);
	assert_false(j->send_amended);
	assert_string_equal(j->subject, "a ; b # c");
	assert_false(j->access.reject);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_setting_takes_what_is_allowed),
		cmocka_unit_test(
		    every_setting_refuses_the_rest_by_line_section_key_and_value),
		cmocka_unit_test(no_setting_is_without_samples),
		cmocka_unit_test(an_empty_value_is_the_default),
		cmocka_unit_test(
		    a_setting_that_is_one_thing_stands_on_one_line),
		cmocka_unit_test(
		    a_bad_word_of_a_list_is_shown_with_its_own_line),
		cmocka_unit_test(a_long_bad_value_is_cut_in_the_message),
		cmocka_unit_test(values_come_out_as_their_struct_says),
	};

	/* no value makes GLib complain */
	g_log_set_always_fatal(
	    G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
