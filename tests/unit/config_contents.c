/* SPDX-License-Identifier: BSD-2-Clause */
/* What a batch says it carries: read back when genuine, however it was folded
 * on its way; refused when anything of it was changed. */
#include "config_sample.h"

#define MESSAGE_ID "<b.17.abcd-00000001@gw.example>"

static pl_contents *
contents(unsigned documents)
{
	pl_contents *c = g_new0(pl_contents, 1);

	c->batch = 17;
	c->journal = g_strdup("sales");
	c->documents = documents;
	c->carried = g_array_new(FALSE, TRUE, sizeof(struct pl_carried));
	for (unsigned i = 0; i < documents; i++) {
		struct pl_carried one = { .entry = 1000 + i };

		g_snprintf(one.key, sizeof(one.key), "%016x", i);
		g_array_append_val(c->carried, one);
	}
	return c;
}

static char *
value_of(const pl_secret *secret, unsigned documents)
{
	g_autoptr(pl_contents) c = contents(documents);

	return pl_contents_format(secret, c, MESSAGE_ID);
}

static void
contents_are_read_back_however_folded(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	g_autofree char *value = value_of(secret, 3);
	g_auto(GStrv) lines = g_strsplit(value, "\r\n", -1);
	g_autofree char *flat = g_strjoinv("", lines);
	g_autofree char *tabs = g_strjoinv("\n\t", lines);
	const char *const ways[] = { value, flat, tabs };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autoptr(pl_contents) c =
		    pl_contents_parse(secret, ways[i], MESSAGE_ID);

		assert_non_null(c);
		assert_int_equal(c->batch, 17);
		assert_string_equal(c->journal, "sales");
		assert_int_equal(c->documents, 3);
		assert_int_equal(c->carried->len, 3);
		assert_int_equal(
		    g_array_index(c->carried, struct pl_carried, 2).entry,
		    1002);
		assert_string_equal(
		    g_array_index(c->carried, struct pl_carried, 2).key,
		    "0000000000000002");
	}
}

static void
contents_with_one_byte_changed_are_refused(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	g_autofree char *good = value_of(secret, 2);

	(void)state;
	for (unsigned i = 0; good[i] != '\0'; i++) {
		g_autofree char *bad = g_strdup(good);
		g_autoptr(pl_contents) c = NULL;

		bad[i] = bad[i] == '1' ? '2' : '1';
		if (g_ascii_isspace(good[i]))
			continue;
		c = pl_contents_parse(secret, bad, MESSAGE_ID);
		if (c != NULL)
			fail_msg("taken: %s", bad);
	}
}

static void
contents_of_another_mail_or_secret_are_refused(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	g_autoptr(pl_secret) other = sample_secret("0123456789abcdeg");
	g_autofree char *good = value_of(secret, 2);
	static const char *const bad[] = { "", ";", "17", "; mac=",
		"; entries=", "; mac=; entries=",
		"17; journal=sales; documents=2; mac=abc; entries=1:x" };

	(void)state;
	assert_null(pl_contents_parse(other, good, MESSAGE_ID));
	assert_null(pl_contents_parse(secret, good, "<other@gw.example>"));
	for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_null(pl_contents_parse(secret, bad[i], MESSAGE_ID));
}

static void
a_field_of_ten_thousand_stays_short_and_counts_all(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	g_autofree char *value = value_of(secret, 10000);
	g_autoptr(pl_contents) c =
	    pl_contents_parse(secret, value, MESSAGE_ID);
	g_auto(GStrv) lines = g_strsplit(value, "\r\n", -1);

	(void)state;
	assert_true(strlen(value) < 16384);
	assert_int_equal(c->documents, 10000);
	assert_in_range(c->carried->len, 500, 9999);
	for (unsigned i = 0; lines[i] != NULL; i++)
		assert_true(strlen(lines[i]) < 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contents_are_read_back_however_folded),
		cmocka_unit_test(contents_with_one_byte_changed_are_refused),
		cmocka_unit_test(
		    contents_of_another_mail_or_secret_are_refused),
		cmocka_unit_test(
		    a_field_of_ten_thousand_stays_short_and_counts_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
