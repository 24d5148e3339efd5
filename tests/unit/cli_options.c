/* SPDX-License-Identifier: BSD-2-Clause */
/* The kinds of values on the command line, and lists of Postfix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attach.h"
#include "cli.h"
#include "daemon.h"

/* Sunday, 29 March 2026, 12:00 in Brussels: the clocks went forward at 2. */
#define NOW ((gint64)1774778400 * G_USEC_PER_SEC)

static void
dates_are_midnight_in_the_zone(void **state)
{
	static const struct {
		const char *text, *local;
	} table[] = {
		{ "2026-11-20", "2026-11-20 00:00" },
		{ "2026-11", "2026-11-01 00:00" },
		{ "2026-03-29", "2026-03-29 00:00" },
		{ "today", "2026-03-29 00:00" },
		{ "yesterday", "2026-03-28 00:00" },
		{ "12h", "2026-03-28 23:00" },
		{ "1d", "2026-03-28 11:00" },
		{ "30m", "2026-03-29 11:30" },
	};
	g_autoptr(GTimeZone) zone =
	    g_time_zone_new_identifier("Europe/Brussels");
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
		gint64 at = 0;
		assert_true(
		    pl_options_since(table[i].text, zone, NOW, &at, NULL));
		g_autofree char *local = pl_out_time(at, zone);
		assert_string_equal(local, table[i].local);
	}
}

static void
what_is_no_date_is_a_usage_error(void **state)
{
	static const char *const table[] = { "", "2026", "2026-13",
		"2026-02-30", "2026-1-1", "20261120", "d", "7", "7w", "-7d",
		"7dd", "tomorrow", "99999999999999999999d", "2026-11-20 " };
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GError) error = NULL;
		gint64 at;
		assert_false(
		    pl_options_since(table[i], zone, NOW, &at, &error));
		assert_int_equal(pl_exit_code(error), EX_USAGE);
	}
}

static void
sizes_take_units(void **state)
{
	static const struct {
		const char *text;
		guint64 bytes;
	} table[] = { { "0", 0 }, { "1000", 1000 }, { "4K", 4096 },
		{ "4k", 4096 }, { "7M", 7340032 }, { "1G", 1073741824 },
		{ "2T", 2199023255552 } };
	static const char *const bad[] = { "", "M", "-1", "1MB", "1.5G", " 1",
		"99999999999T", "0x10" };
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
		guint64 bytes = 1;
		assert_true(pl_options_bytes(table[i].text, &bytes, NULL));
		assert_int_equal(bytes, table[i].bytes);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
		guint64 bytes;
		assert_false(pl_options_bytes(bad[i], &bytes, NULL));
	}
}

static void
states_become_letters(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *two = pl_options_states("waiting, held", NULL);
	g_autofree char *one = pl_options_states("superseded", NULL);
	(void)state;
	assert_string_equal(two, "wh");
	assert_string_equal(one, "u");
	assert_null(pl_options_states("waiting,lost", &error));
	assert_non_null(strstr(error->message, "superseded"));
}

static void
identifiers_are_positive_numbers(void **state)
{
	static const char *const bad[] = { "", "0", "-1", "+1", "x", "1x", " 1",
		"9223372036854775808" };
	gint64 id = 0;
	(void)state;
	assert_true(pl_options_id("9223372036854775807", "entry", &id, NULL));
	assert_true(id == G_MAXINT64);
	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_false(pl_options_id(bad[i], "entry", &id, NULL));
}

static void
texts_are_cut_by_what_they_take_on_a_screen(void **state)
{
	static const struct {
		const char *text;
		unsigned cells;
		const char *cut;
	} table[] = {
		{ "short", 10, "short" },
		{ "exactly", 7, "exactly" },
		{ "too long", 5, "too …" },
		{ "größer", 4, "grö…" },
		{ "請求書です", 6, "請求…" },
		{ "請求書です", 5, "請求…" },
		{ "e\xcc\x81tude", 3, "e\xcc\x81t…" },
		{ "", 0, "" },
	};
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *cut =
		    pl_out_cut(table[i].text, table[i].cells);
		assert_string_equal(cut, table[i].cut);
		assert_true(pl_out_cells(cut) <= MAX(table[i].cells, 1));
	}
}

static void
sizes_are_short(void **state)
{
	static const struct {
		guint64 bytes;
		const char *text;
	} table[] = { { 0, "0 B" }, { 999, "999 B" }, { 1000, "1.0 kB" },
		{ 148213, "148 kB" }, { 999499, "999 kB" },
		{ 999600, "1.0 MB" }, { 7340032, "7.3 MB" },
		{ G_MAXUINT64, "18446744 TB" } };
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *text = pl_out_size(table[i].bytes);
		assert_string_equal(text, table[i].text);
	}
}

static void
lists_of_postfix_keep_braces_together(void **state)
{
	g_auto(GStrv) words = pl_postfix_words(
	    " inet:a:1,{ unix:b, default_action = accept }\n\tinline:{ {c = "
	    "d, e} },,f");
	(void)state;
	assert_int_equal(g_strv_length(words), 4);
	assert_string_equal(words[0], "inet:a:1");
	assert_string_equal(words[1], "{ unix:b, default_action = accept }");
	assert_string_equal(words[2], "inline:{ {c = d, e} }");
	assert_string_equal(words[3], "f");
}

static void
odd_lists_of_postfix_end(void **state)
{
	static const char *const table[] = { "", ",", "}", "{", "{ a", "a }",
		"}{", "{{{{" };
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
		g_auto(GStrv) words = pl_postfix_words(table[i]);
		assert_true(g_strv_length(words) <= 2);
	}
}

static void
sockets_are_read_as_libmilter_does(void **state)
{
	struct pl_milter_socket s;
	static const char *const bad[] = { "unix:a", "inet:a@b", "inet:0@a",
		"inet:70000@a", "tcp:1@a", "" };
	(void)state;
	assert_true(pl_milter_socket_parse("unix:/a/b", &s, NULL));
	assert_string_equal(s.path, "/a/b");
	pl_milter_socket_clear(&s);
	assert_true(pl_milter_socket_parse("inet6:8891@::1", &s, NULL));
	assert_null(s.path);
	assert_string_equal(s.host, "::1");
	assert_int_equal(s.port, 8891);
	pl_milter_socket_clear(&s);
	assert_true(pl_milter_socket_parse("inet:8891", &s, NULL));
	assert_string_equal(s.host, "");
	pl_milter_socket_clear(&s);
	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_false(pl_milter_socket_parse(bad[i], &s, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_midnight_in_the_zone),
		cmocka_unit_test(what_is_no_date_is_a_usage_error),
		cmocka_unit_test(sizes_take_units),
		cmocka_unit_test(states_become_letters),
		cmocka_unit_test(identifiers_are_positive_numbers),
		cmocka_unit_test(texts_are_cut_by_what_they_take_on_a_screen),
		cmocka_unit_test(sizes_are_short),
		cmocka_unit_test(lists_of_postfix_keep_braces_together),
		cmocka_unit_test(odd_lists_of_postfix_end),
		cmocka_unit_test(sockets_are_read_as_libmilter_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
