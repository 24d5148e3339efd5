/* SPDX-License-Identifier: BSD-2-Clause */
/* Which mail is one of our own batches. */
#include "milter_fake_ledger.h"

#include "milter_setup_made.h"
#include "own.h"

#define ID "<b.7@gw.example>"
#define TO "<acme@accounting.example>"

static pl_setup *setup, *fixed;

static int
make(void **state)
{
	(void)state;
	fake_reset();
	setup =
	    made_setup("", "[journal sales]\naddress = sales@compta.example\n"
			   "deliver_to = acme@accounting.example\n"
			   "[journal bank]\naddress = bank@compta.example\n"
			   "deliver_to = acme@accounting.example\n"
			   "sender = Bank+Feed@gw.example\n");
	fixed = made_setup("return_path = fixed",
	    "[journal sales]\naddress = sales@compta.example\n"
	    "deliver_to = acme@accounting.example\n");
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	pl_setup_unref(setup);
	pl_setup_unref(fixed);
	return 0;
}

static char *
keyed(const pl_setup *s, const char *sender, char verb)
{
	const struct pl_keyed k = { verb, 7, 2 };

	return pl_keyed_format(s->secret, sender, '+', &k);
}

static char *
stamp(const pl_setup *s, gint64 batch, unsigned attempt, const char *id,
    const char *to)
{
	const struct pl_stamp st = { batch, attempt, "sales", 3 };

	return pl_stamp_format(s->secret, &st, id, to);
}

/* ---- the sender ---------------------------------------------------------- */

static void
a_keyed_return_path_makes_a_candidate(void **state)
{
	const char *senders[] = { "pl@gw.example", "bank+feed@gw.example" };
	struct pl_keyed k;

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(senders); i++) {
		g_autofree char *path = keyed(setup, senders[i], 'b');
		g_autofree char *received = g_strdup_printf("<%s>", path);
		g_autofree char *upper = g_ascii_strup(received, -1);

		assert_int_equal(
		    pl_own_sender(setup, received, &k), PL_OWN_KEYED);
		assert_int_equal(pl_own_sender(setup, path, &k), PL_OWN_KEYED);
		assert_int_equal(pl_own_sender(setup, upper, &k), PL_OWN_KEYED);
		assert_int_equal(k.id, 7);
		assert_int_equal(k.number, 2);
	}
}

static void
other_senders_make_none(void **state)
{
	const char *senders[] = { "", "<>", "<pl@gw.example>",
		"<pl+b@gw.example>", "<pl+b.@gw.example>",
		"<pl+b.7.2.aaaaaaaaaaaaaaaa@gw.example>", "<+b.@>",
		"<pl+b.7.2.aaaaaaaaaaaaaaaa>", "<joe+b.x@gw.example>",
		"<++++++b.b.b.+b.@gw.example>", "<@>" };
	struct pl_keyed k;

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(senders); i++)
		assert_int_equal(
		    pl_own_sender(setup, senders[i], &k), PL_OWN_NO);
}

static void
a_good_mac_under_another_address_or_verb_makes_none(void **state)
{
	g_autofree char *other = keyed(setup, "pl@other.example", 'b');
	g_autofree char *verb = keyed(setup, "pl@gw.example", 'r');
	g_autofree char *secret = keyed(fixed, "pl@gw.example", 'b');
	struct pl_keyed k;

	(void)state;
	assert_int_equal(pl_own_sender(setup, other, &k), PL_OWN_NO);
	assert_int_equal(pl_own_sender(setup, verb, &k), PL_OWN_NO);
	assert_int_equal(pl_own_sender(setup, secret, &k), PL_OWN_NO);
}

static void
a_fixed_return_path_is_the_plain_sender(void **state)
{
	struct pl_keyed k;

	(void)state;
	assert_int_equal(
	    pl_own_sender(fixed, "<PL@gw.example>", &k), PL_OWN_FIXED);
	assert_int_equal(
	    pl_own_sender(fixed, "<joe@gw.example>", &k), PL_OWN_NO);
}

/* ---- what comes back --------------------------------------------------- */

static enum pl_path
path(const pl_setup *s, const char *address)
{
	struct pl_keyed k;

	return pl_own_path(s, address, &k);
}

static void
only_our_own_return_paths_come_back(void **state)
{
	g_autofree char *good = keyed(setup, "pl@gw.example", 'b');
	g_autofree char *journals = keyed(setup, "Bank+Feed@gw.example", 'b');
	g_autofree char *verb = keyed(setup, "pl@gw.example", 'q');
	g_autofree char *sender = keyed(setup, "eve@gw.example", 'b');
	g_autofree char *upper = g_ascii_strup(good, -1);
	g_autofree char *bad = g_strdup(good);
	struct pl_keyed k = { 0 };

	(void)state;
	bad[strcspn(bad, "@") - 1] ^= 1;
	assert_int_equal(pl_own_path(setup, good, &k), PL_PATH_OURS);
	assert_int_equal(k.id, 7);
	assert_int_equal(k.number, 2);
	assert_int_equal(path(setup, journals), PL_PATH_OURS);
	assert_int_equal(path(setup, upper), PL_PATH_OURS);
	assert_int_equal(path(setup, bad), PL_PATH_FORGED);
	assert_int_equal(path(setup, verb), PL_PATH_NO);
	assert_int_equal(path(setup, sender), PL_PATH_NO);
	assert_int_equal(path(setup, "<pl@gw.example>"), PL_PATH_NO);
	assert_int_equal(path(setup, "<a+b.c@gw.example>"), PL_PATH_NO);
	assert_int_equal(path(setup, "<a+b@other.example>"), PL_PATH_NO);
	assert_int_equal(path(setup, "<+b.1.2"), PL_PATH_NO);
	assert_int_equal(path(setup, "<>"), PL_PATH_NO);
}

/* ---- the header ---------------------------------------------------------- */

static gboolean
proven(const pl_setup *s, enum pl_own candidate, const char *value,
    const char *id, const char *to, const char *second)
{
	const struct pl_keyed k = { 'b', 7, 2 };
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	struct pl_stamp st;

	if (to != NULL)
		g_ptr_array_add(all, (gpointer)to);
	if (second != NULL)
		g_ptr_array_add(all, (gpointer)second);
	const struct pl_own_header header = { value, id, all };

	return pl_own_proven(s, candidate, &k, &header, &st);
}

static void
a_good_stamp_proves_it(void **state)
{
	g_autofree char *value = stamp(setup, 7, 2, ID, TO);

	(void)state;
	assert_true(proven(setup, PL_OWN_KEYED, value, ID, TO, NULL));
	assert_true(proven(
	    setup, PL_OWN_KEYED, value, ID, "ACME@accounting.example", NULL));
}

static void
anything_else_does_not(void **state)
{
	g_autofree char *good = stamp(setup, 7, 2, ID, TO);
	g_autofree char *older = stamp(setup, 7, 1, ID, TO);
	g_autofree char *other = stamp(setup, 8, 2, ID, TO);
	const struct {
		const char *value, *id, *to, *second;
	} bad[] = {
		{ NULL, ID, TO, NULL },
		{ "", ID, TO, NULL },
		{ "7.2; journal=sales; documents=3; mac=aaaaaaaaaaaaaaaa", ID,
		    TO, NULL },
		{ good, NULL, TO, NULL },
		{ good, "<b.8@gw.example>", TO, NULL },
		{ good, ID, "<eve@accounting.example>", NULL },
		{ good, ID, TO, "<eve@accounting.example>" },
		{ good, ID, NULL, NULL },
		{ older, ID, TO, NULL },
		{ other, ID, TO, NULL },
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_false(proven(setup, PL_OWN_KEYED, bad[i].value,
		    bad[i].id, bad[i].to, bad[i].second));
	assert_false(proven(setup, PL_OWN_NO, good, ID, TO, NULL));
}

static void
with_a_fixed_return_path_the_stamp_alone_proves_it(void **state)
{
	g_autofree char *good = stamp(fixed, 9, 4, ID, TO);
	g_autofree char *foreign = stamp(setup, 9, 4, ID, TO);

	(void)state;
	assert_true(proven(fixed, PL_OWN_FIXED, good, ID, TO, NULL));
	assert_false(proven(fixed, PL_OWN_FIXED, foreign, ID, TO, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_keyed_return_path_makes_a_candidate),
		cmocka_unit_test(only_our_own_return_paths_come_back),
		cmocka_unit_test(other_senders_make_none),
		cmocka_unit_test(
		    a_good_mac_under_another_address_or_verb_makes_none),
		cmocka_unit_test(a_fixed_return_path_is_the_plain_sender),
		cmocka_unit_test(a_good_stamp_proves_it),
		cmocka_unit_test(anything_else_does_not),
		cmocka_unit_test(
		    with_a_fixed_return_path_the_stamp_alone_proves_it),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
