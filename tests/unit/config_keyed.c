/* SPDX-License-Identifier: BSD-2-Clause */
/* Keyed addresses and stamps: read back when genuine, refused when not. */
#include "config_sample.h"

#define SENDER "Postledger@GW.example"
#define MESSAGE_ID "<17.abc@gw.example>"

static void
a_keyed_address_is_read_back(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	const struct pl_keyed k = { 'b', 4711, 3 };
	g_autofree char *plain = pl_keyed_format(secret, SENDER, '+', &k);
	g_autofree char *upper = g_ascii_strup(plain, -1);
	g_autofree char *angle = g_strdup_printf("<%s>", plain);
	const char *const ways[] = { plain, upper, angle };

	(void)state;
	assert_true(g_str_has_prefix(plain, "Postledger+b.4711.3."));
	assert_true(g_str_has_suffix(plain, "@GW.example"));
	assert_int_equal(
	    strlen(plain), strlen(SENDER "+b.4711.3.") + PL_MAC_LENGTH);
	for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
		struct pl_keyed got = { 0 };

		assert_true(pl_keyed_parse(secret, SENDER, '+', ways[i], &got));
		assert_int_equal(got.verb, 'b');
		assert_int_equal(got.id, 4711);
		assert_int_equal(got.number, 3);
	}
}

static void
the_largest_numbers_fit_a_local_part(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	const struct pl_keyed k = { 'b', G_MAXINT64, G_MAXUINT };
	struct pl_keyed got;
	g_autofree char *text = pl_keyed_format(secret, "a@b", '.', &k);

	(void)state;
	assert_true(pl_keyed_parse(secret, "a@b", '.', text, &got));
	assert_true(got.id == G_MAXINT64 && got.number == G_MAXUINT);
}

static void
a_keyed_address_with_one_character_changed_is_refused(void **state)
{
	static const char others[] = "abz09.+-@A<\" \xc3";
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	const struct pl_keyed k = { 'b', 4711, 3 };
	g_autofree char *good = pl_keyed_format(secret, SENDER, '+', &k);

	(void)state;
	for (unsigned i = 0; good[i] != '\0'; i++) {
		for (const char *o = others; *o != '\0'; o++) {
			g_autofree char *bad = g_strdup(good);
			struct pl_keyed got;

			if (g_ascii_tolower(*o) == g_ascii_tolower(good[i]))
				continue;
			bad[i] = *o;
			if (pl_keyed_parse(secret, SENDER, '+', bad, &got))
				fail_msg("%s", bad);
		}
	}
}

static void
a_keyed_address_cut_or_grown_is_refused(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	const struct pl_keyed k = { 'b', 10, 1 };
	g_autofree char *good = pl_keyed_format(secret, SENDER, '+', &k);
	struct pl_keyed got;

	(void)state;
	for (size_t n = 0; n < strlen(good); n++) {
		g_autofree char *head = g_strndup(good, n);
		g_autofree char *grown =
		    g_strdup_printf("%.*s0%s", (int)n, good, good + n);

		assert_false(pl_keyed_parse(secret, SENDER, '+', head, &got));
		assert_false(pl_keyed_parse(secret, SENDER, '+', grown, &got));
	}
}

static void
a_keyed_address_of_another_sender_secret_or_form_is_refused(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	g_autoptr(pl_secret) other = sample_secret("0123456789abcdeg");
	const struct pl_keyed k = { 'b', 10, 1 };
	g_autofree char *good = pl_keyed_format(secret, "a@b", '+', &k);
	g_autofree char *mac = g_strndup(strrchr(good, '.') + 1, 16);
	static const char *const forms[] = { "a+b.010.1.%s@b", "a+b.10.01.%s@b",
		"a+b.10.0.%s@b", "a+b.-10.1.%s@b", "a+b.+10.1.%s@b",
		"a+b. 10.1.%s@b", "a+b.10.1.%s@b.c", "a+b.10.1.%s",
		"+b.10.1.%s@b", "a+B.10.1.%s.@b",
		"a+b.99999999999999999999.1.%s@b", "a+b.10.4294967297.%s@b",
		"a+b.18446744073709551626.1.%s@b", "a++b.10.1.%s@b",
		"a+b.10.1.%s@", "b.10.1.%s@b" };
	struct pl_keyed got;

	(void)state;
	assert_true(pl_keyed_parse(secret, "a@b", '+', good, &got));
	assert_false(pl_keyed_parse(other, "a@b", '+', good, &got));
	assert_false(pl_keyed_parse(secret, "a@c", '+', good, &got));
	assert_false(pl_keyed_parse(secret, "c@b", '+', good, &got));
	assert_false(pl_keyed_parse(secret, "aa@b", '+', good, &got));
	assert_false(pl_keyed_parse(secret, "a@b", '-', good, &got));
	assert_false(pl_keyed_parse(secret, "a@b", '\0', good, &got));
	assert_false(pl_keyed_parse(secret, "", '+', good, &got));
	assert_false(pl_keyed_parse(secret, "a@b", '+', "", &got));
	for (unsigned i = 0; i < G_N_ELEMENTS(forms); i++) {
		g_autoptr(GString) bad = g_string_new(forms[i]);

		g_string_replace(bad, "%s", mac, 0);
		if (pl_keyed_parse(secret, "a@b", '+', bad->str, &got))
			fail_msg("%s", bad->str);
	}
}

/* ---- X-Postledger-Batch ----------------------------------------------- */

static void
a_stamp_is_read_back(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	const struct pl_stamp stamp = { 212, 2, "sales", 10 };
	struct pl_stamp got = { 0 };
	g_autofree char *value =
	    pl_stamp_format(secret, &stamp, MESSAGE_ID, "Acme@in.example");
	g_autofree char *spaced = g_strdup_printf(" %s\r\n", value);

	(void)state;
	assert_true(g_str_has_prefix(
	    value, "212.2; journal=sales; documents=10; mac="));
	assert_true(pl_stamp_parse(
	    secret, spaced, MESSAGE_ID, "<acme@IN.example>", &got));
	assert_int_equal(got.batch, 212);
	assert_int_equal(got.attempt, 2);
}

static void
a_stamp_vouches_for_batch_attempt_id_and_recipient(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	const struct pl_stamp stamp = { 212, 2, "sales", 10 };
	struct pl_stamp got;
	g_autofree char *value =
	    pl_stamp_format(secret, &stamp, MESSAGE_ID, "a@b");
	const size_t facts = strlen("212.2"), mac = strlen(value) - 16;

	(void)state;
	assert_true(pl_stamp_parse(secret, value, MESSAGE_ID, "a@b", &got));
	assert_false(pl_stamp_parse(secret, value, "<x@y>", "a@b", &got));
	assert_false(pl_stamp_parse(secret, value, MESSAGE_ID, "c@b", &got));
	assert_false(pl_stamp_parse(secret, "", MESSAGE_ID, "a@b", &got));
	assert_false(
	    pl_stamp_parse(secret, "212.2; mac=", MESSAGE_ID, "a@b", &got));
	for (size_t i = 0; value[i] != '\0'; i++) {
		g_autofree char *bad = g_strdup(value);

		if (i >= facts && i < mac)
			continue;
		bad[i] = bad[i] == '7' ? '5' : '7';
		assert_false(
		    pl_stamp_parse(secret, bad, MESSAGE_ID, "a@b", &got));
		bad[i] = '\0';
		assert_false(
		    pl_stamp_parse(secret, bad, MESSAGE_ID, "a@b", &got));
	}
}

static void
a_mac_without_its_purpose_is_none(void **state)
{
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	const char *const address[] = { "b", "10", "1", "a@b", NULL };
	const char *const stamp[] = { "10", "1", MESSAGE_ID, "a@b", NULL };
	char mac[PL_MAC_LENGTH + 1];
	g_autofree char *text = NULL, *value = NULL;
	struct pl_keyed keyed;
	struct pl_stamp got;

	(void)state;
	pl_secret_mac(secret, address, mac);
	text = g_strdup_printf("a+b.10.1.%s@b", mac);
	assert_false(pl_keyed_parse(secret, "a@b", '+', text, &keyed));
	pl_secret_mac(secret, stamp, mac);
	value = g_strdup_printf("10.1; mac=%s", mac);
	assert_false(pl_stamp_parse(secret, value, MESSAGE_ID, "a@b", &got));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_keyed_address_is_read_back),
		cmocka_unit_test(the_largest_numbers_fit_a_local_part),
		cmocka_unit_test(
		    a_keyed_address_with_one_character_changed_is_refused),
		cmocka_unit_test(a_keyed_address_cut_or_grown_is_refused),
		cmocka_unit_test(
		    a_keyed_address_of_another_sender_secret_or_form_is_refused),
		cmocka_unit_test(a_stamp_is_read_back),
		cmocka_unit_test(
		    a_stamp_vouches_for_batch_attempt_id_and_recipient),
		cmocka_unit_test(a_mac_without_its_purpose_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
