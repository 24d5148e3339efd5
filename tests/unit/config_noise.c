/* SPDX-License-Identifier: BSD-2-Clause */
/* Random and broken files: answered, never a crash (run under a sanitizer). */
#include "config_sample.h"

static const char whole[] =
    "# noise\n[gateway]\nsender = p@gw.example\n"
    "socket = inet:1@::1\nsubmission = smtp://[::1]:26\n"
    "allow_networks = 10.0.0.0/8 [::1]/128\nretention = 3m\n"
    "timezone = Europe/Brussels\nreport_to = a@b, \"c\"@d\n\n"
    "[journal one]\naddress = a@b\n  \"c;d\"@e <f@g>\n"
    "deliver_to = x@y\nschedule = 07:00 19:30\n"
    "window = 22:00-06:00\nstart_date = 2026-02-28\n"
    "max_mail_size = 3M\naccount = BE68539007547034\n";

static void
try_bytes(const char *bytes, gsize length)
{
	g_autofree char *message = NULL;
	g_autoptr(pl_config) c = sample_bytes(bytes, (gssize)length, &message);

	assert_true((c == NULL) == (message != NULL));
	if (c != NULL)
		pl_config_match(c, "a+b@c");
	else
		assert_true(g_utf8_validate(message, -1, NULL));
}

static void
random_bytes_are_answered(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(4711);
	static const char likely[] =
	    "[]journal=\n\n\t  #;a@b.*\"\\,:0123-\xc3\xa9";

	(void)state;
	for (unsigned i = 0; i < 1500; i++) {
		char bytes[400];
		gsize n = (gsize)g_rand_int_range(rand, 0, sizeof(bytes));

		for (gsize k = 0; k < n; k++)
			bytes[k] = i % 2 == 0 ? (char)g_rand_int(rand)
					      : likely[g_rand_int_range(rand, 0,
						    sizeof(likely) - 1)];
		try_bytes(bytes, n);
	}
}

static void
a_good_file_with_wounds_is_answered(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(4712);

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		char bytes[sizeof(whole)];
		gsize n = sizeof(whole) - 1;

		memcpy(bytes, whole, sizeof(whole));
		for (unsigned k = 0; k < 1 + i % 3; k++)
			bytes[g_rand_int_range(rand, 0, (gint32)n)] =
			    (char)g_rand_int(rand);
		if (i % 5 == 0)
			n = (gsize)g_rand_int_range(rand, 0, (gint32)n);
		try_bytes(bytes, n);
	}
}

static void
random_addresses_and_stamps_are_answered(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(4713);
	g_autoptr(pl_config) c = accepted(SMALLEST);
	g_autoptr(pl_secret) secret = sample_secret("0123456789abcdef");
	static const char likely[] = "<>@@+\"\\.:[]ab1 ;=mac";

	(void)state;
	for (unsigned i = 0; i < 50000; i++) {
		char text[48];
		gsize n = (gsize)g_rand_int_range(rand, 0, sizeof(text));
		struct pl_keyed keyed;
		struct pl_stamp stamp;
		g_autofree char *exact = NULL;

		for (gsize k = 0; k < n; k++)
			text[k] = likely[g_rand_int_range(
			    rand, 0, sizeof(likely) - 1)];
		exact = g_strndup(text, n);
		assert_null(pl_config_match(c, exact));
		pl_address_matches(exact, exact, '+');
		assert_false(pl_keyed_parse(secret, "a@b", '+', exact, &keyed));
		assert_false(
		    pl_stamp_parse(secret, exact, "<a@b>", exact, &stamp));
		assert_false(pl_access_allows(
		    &pl_config_gateway(c)->access, "10.0.0.1", "", exact));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_are_answered),
		cmocka_unit_test(a_good_file_with_wounds_is_answered),
		cmocka_unit_test(random_addresses_and_stamps_are_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
