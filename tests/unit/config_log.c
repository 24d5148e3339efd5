/* SPDX-License-Identifier: BSD-2-Clause */
/* Log lines: one event, one line, whatever the values hold. */
#include "config_sample.h"

#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>

static FILE *caught;
static int real_stderr;

static int
catch_stderr(void **state)
{
	(void)state;
	caught = tmpfile();
	fflush(stderr);
	real_stderr = dup(STDERR_FILENO);
	dup2(fileno(caught), STDERR_FILENO);
	pl_log_open("postledgerd", TRUE);
	return 0;
}

static int
let_stderr_go(void **state)
{
	(void)state;
	pl_log_open("postledgerd", FALSE);
	fflush(stderr);
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	fclose(caught);
	return 0;
}

/* What was logged since the last time, without "postledgerd[PID]: ". */
static void
logged(const char *expected)
{
	g_autofree char *start =
	    g_strdup_printf("postledgerd[%ld]: ", (long)getpid());
	static char line[8192];
	size_t n;

	fflush(stderr);
	rewind(caught);
	n = fread(line, 1, sizeof(line) - 1, caught);
	line[n] = '\0';
	rewind(caught);
	assert_int_equal(ftruncate(fileno(caught), 0), 0);
	assert_true(g_str_has_prefix(line, start));
	assert_ptr_equal(strchr(line, '\n'), line + n - 1);
	line[n - 1] = '\0';
	assert_string_equal(line + strlen(start), expected);
}

static void
queue_id_event_and_pairs_stand_in_order(void **state)
{
	(void)state;
	pl_log(LOG_INFO, "4XyzAB", "captured", "journal", "sales", "from",
	    "<erp@shop.example>", "none", NULL, "size", "148213", NULL);
	logged("4XyzAB: captured journal=sales from=<erp@shop.example>"
	       " size=148213");
	pl_log(LOG_INFO, NULL, "started", NULL);
	logged("started");
	pl_log(LOG_INFO, "", "", "run", "212", "status", "sent", NULL);
	logged("run=212 status=sent");
	pl_log(LOG_INFO, "4XyzAB", "", "status", "sent", NULL);
	logged("4XyzAB: status=sent");
}

static const struct {
	const char *value, *logged;
} values[] = {
	{ "", "\"\"" },
	{ "two words", "\"two words\"" },
	{ "a\"b", "a\\\"b" },
	{ "a\" b=\"c", "\"a\\\" b=\\\"c\"" },
	{ "a\\", "a\\\\" },
	{ "a\nb\r\tc", "a\\x0Ab\\x0D\\x09c" },
	{ "\x1b[2J\x7f", "\\x1B[2J\\x7F" },
	{ "caf\xc3\xa9", "caf\xc3\xa9" },
	{ "caf\xe9", "caf\\xE9" },
	{ "\xc3", "\\xC3" },
	{ "\xc2\x9b"
	  "1m",
	    "\\xC2\\x9B1m" },
	{ "a\xe2\x80\xae"
	  "b",
	    "a\\xE2\\x80\\xAE"
	    "b" },
	{ "a\xe2\x80\xa8"
	  "b",
	    "a\\xE2\\x80\\xA8"
	    "b" },
	{ "a\xc2\xa0"
	  "b",
	    "a\\xC2\\xA0"
	    "b" },
	{ "%s%n", "%s%n" },
};

static void
foreign_text_cannot_leave_its_value(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
		g_autofree char *line =
		    g_strdup_printf("e key=%s next=1", values[i].logged);

		pl_log(LOG_INFO, NULL, "e", "key", values[i].value, "next", "1",
		    NULL);
		logged(line);
	}
	pl_log(LOG_INFO, "a b\n", "e", NULL);
	logged("a b\\x0A: e");
}

static void
a_value_is_cut_at_200_characters(void **state)
{
	g_autoptr(GString) value = g_string_new(NULL);
	g_autofree char *exact = NULL, *over = NULL;

	(void)state;
	for (unsigned i = 0; i < 200; i++)
		g_string_append(value, "\xc3\xa9");
	exact = g_strdup_printf("e k=%s", value->str);
	over = g_strdup_printf("e k=%s...", value->str);
	pl_log(LOG_INFO, NULL, "e", "k", value->str, NULL);
	logged(exact);
	g_string_append(value, "xyz");
	pl_log(LOG_INFO, NULL, "e", "k", value->str, NULL);
	logged(over);
}

static void
a_line_is_cut_between_characters(void **state)
{
	g_autoptr(GString) value = g_string_new(NULL);
	g_autoptr(GString) line = g_string_new("e");
	const char *v;

	(void)state;
	for (unsigned i = 0; i < 200; i++)
		g_string_append(value, "\xe2\x82\xac");
	v = value->str;
	pl_log(LOG_INFO, NULL, "e", "k", v, "k", v, "k", v, "k", v, NULL);
	for (unsigned i = 0; i < 4; i++)
		g_string_append_printf(line, " k=%s", v);
	/* 1 + 3 times 603 bytes, and the last begins with " k=" */
	g_string_truncate(line, 1 + 3 * 603 + 3 + (2000 - 1813) / 3 * 3);
	g_string_append(line, "...");
	logged(line->str);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    queue_id_event_and_pairs_stand_in_order, catch_stderr,
		    let_stderr_go),
		cmocka_unit_test_setup_teardown(
		    foreign_text_cannot_leave_its_value, catch_stderr,
		    let_stderr_go),
		cmocka_unit_test_setup_teardown(
		    a_value_is_cut_at_200_characters, catch_stderr,
		    let_stderr_go),
		cmocka_unit_test_setup_teardown(
		    a_line_is_cut_between_characters, catch_stderr,
		    let_stderr_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
