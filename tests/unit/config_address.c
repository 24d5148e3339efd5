/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses: how they are folded, matched, and found among journals. */
#include "config_sample.h"
#include "cpu.h"
#include "private.h"

static const struct {
	const char *written, *folded;
} folds[] = {
	{ "", "" },
	{ "<>", "" },
	{ "<", "" },
	{ ">", ">" },
	{ "sales@c.example", "sales@c.example" },
	{ "<Sales@C.Example>", "sales@c.example" },
	{ " <a@b> ", "a@b" },
	{ "<@relay,@other:a@b>", "a@b" },
	{ "<@relay:a@b", "a@b" },
	{ "<@relay>", "@relay" },
	{ "a@b.", "a@b" },
	{ "a@.", "a@." },
	{ "a@b..", "a@b." },
	{ "Sales", "sales" },
	{ "\"Sales\"@c", "sales@c" },
	{ "\"sales.eu+x\"@c", "sales.eu+x@c" },
	{ "\"A b\"@C", "\"a b\"@c" },
	{ "\"a\\b\"@c", "ab@c" },
	{ "\"a\\\"b\"@c", "\"a\\\"b\"@c" },
	{ "\"a\\\\ b\"@c", "\"a\\\\ b\"@c" },
	{ "\"a@b\"@c", "\"a@b\"@c" },
	{ "\"\"@c", "\"\"@c" },
	{ "\".a\"@c", "\".a\"@c" },
	{ "\"a..b\"@c", "\"a..b\"@c" },
	{ "\"open@c", "\"open@c" },
	{ "\"open\\", "\"open\\" },
	{ "\"a\"b@c", "\"a\"b@c" },
	{ "\"Solo\"", "solo" },
	{ "a@b@C", "a@b@c" },
	{ "a@[IPv6:2001:DB8::1]", "a@[ipv6:2001:db8::1]" },
	{ "\xc3\x89@X", "\xc3\x89@x" },
};

static void
addresses_are_folded_for_comparison(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(folds); i++) {
		g_autofree char *got = pl_address_normalise(folds[i].written);
		g_autofree char *again = pl_address_normalise(got);

		assert_string_equal(got, folds[i].folded);
		if (*got != '\0' && *got != '>' && !g_str_has_suffix(got, "."))
			assert_string_equal(again, got);
	}
}

static void
folding_works_in_place(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(folds); i++) {
		g_autofree char *buffer = g_strdup(folds[i].written);
		size_t domain = pl_address_fold(buffer, buffer);
		const char *at = strrchr(folds[i].folded, '@');

		assert_string_equal(buffer, folds[i].folded);
		assert_int_equal(
		    domain, at == NULL ? 0 : at - folds[i].folded + 1);
	}
}

static const struct {
	const char *pattern, *address;
	char delimiter;
	gboolean matches;
} matches[] = {
	{ "a@b", "a@b", '+', TRUE },
	{ "A@B.", "a@b", '+', TRUE },
	{ "a@b", "a+x@b", '+', TRUE },
	{ "a@b", "a+x+y@b", '+', TRUE },
	{ "a@b", "a+x@b", '-', FALSE },
	{ "a@b", "a+x@b", '\0', FALSE },
	{ "a+x@b", "a+x@b", '+', TRUE },
	{ "a+x@b", "a@b", '+', FALSE },
	{ "a+x@b", "a+y@b", '+', FALSE },
	{ "a@b", "+x@b", '+', FALSE },
	{ "a@b", "a+@b", '+', TRUE },
	{ "+x@b", "+x+y@b", '+', TRUE },
	{ "*@b", "a@b", '+', TRUE },
	{ "*@b", "a+x@b", '+', TRUE },
	{ "*@b", "a@c.b", '+', FALSE },
	{ "*@b", "a@cb", '+', FALSE },
	{ "*@b", "b", '+', FALSE },
	{ "*@b", "", '+', FALSE },
	{ "a@b", "", '+', FALSE },
	{ "a@b", "\"a+x y\"@b", '+', TRUE },
	{ "\"a b\"@c", "\"a b+x\"@c", '+', TRUE },
	{ "\"a\"b@c", "\"a\"b+x@c", '+', TRUE },
	{ "\"a@c", "\"a+x\"y@c", '+', TRUE },
	{ "\"a b\"@c", "\"a b+\\\"\"@c", '+', TRUE },
	{ "\"a b\"@c", "\"A b\"@C", '+', TRUE },
};

static void
patterns_match_as_postfix_would(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(matches); i++) {
		gboolean got = pl_address_matches(matches[i].pattern,
		    matches[i].address, matches[i].delimiter);

		if (got != matches[i].matches)
			fail_msg(
			    "%s %s", matches[i].pattern, matches[i].address);
	}
}

#define J(name, addresses) \
	"[journal " name "]\naddress = " addresses "\ndeliver_to = o@out\n"
static const char several[] =
    SMALLEST_GATEWAY J("sales", "Sales@in.example, shared@in.example")
	J("bank", "shared@in.example *@bank.example")
	    J("special", "sales+eu@in.example \"two;words\"@in.example")
		J("rest", "*@in.example rest@in.example") "enabled = no\n";

static const struct {
	const char *address, *journals;
} lookups[] = {
	{ "<sales@in.example>", "sales" },
	{ "SALES@IN.EXAMPLE", "sales" },
	{ "<sales+2026@in.example>", "sales" },
	{ "<sales+eu@in.example>", "special" },
	{ "<Sales+EU@in.example.>", "special" },
	{ "<sales+eu+x@in.example>", "sales" },
	{ "\"Two;words\"@in.example", "special" },
	{ "<shared@in.example>", "sales bank" },
	{ "<@hop:shared+x@in.example>", "sales bank" },
	{ "\"shared\"@in.example", "sales bank" },
	{ "<other@in.example>", "rest" },
	{ "<rest@in.example>", "rest" },
	{ "<other@bank.example>", "bank" },
	{ "<other@sub.bank.example>", "" },
	{ "<other@example>", "" },
	{ "<sales>", "" },
	{ "sales@", "" },
	{ "<>", "" },
	{ "", "" },
	{ "@in.example", "rest" },
	{ "*@in.example", "rest" },
	{ "in.example", "" },
};

static char *
names(const GPtrArray *journals)
{
	GString *text = g_string_new(NULL);

	for (unsigned i = 0; journals != NULL && i < journals->len; i++) {
		const struct pl_journal *j = g_ptr_array_index(journals, i);

		g_string_append_printf(text, "%s%s", i > 0 ? " " : "", j->name);
	}
	return g_string_free(text, FALSE);
}

static void
the_most_specific_address_decides_alone(void **state)
{
	g_autoptr(pl_config) c = accepted(several);

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(lookups); i++) {
		const GPtrArray *found = pl_config_match(c, lookups[i].address);
		g_autofree char *got = names(found);

		if (!g_str_equal(got, lookups[i].journals))
			fail_msg("%s: %s", lookups[i].address, got);
		assert_true((found == NULL) == (*got == '\0'));
	}
}

static void
a_very_long_address_is_looked_up_too(void **state)
{
	g_autofree char *xs = g_strnfill(100000, 'X');
	g_autofree char *in = g_strdup_printf("<%s@in.example>", xs);
	g_autofree char *out = g_strdup_printf("<%s@out.example>", xs);
	g_autofree char *extended =
	    g_strdup_printf("<sales+%s@in.example>", xs);
	g_autoptr(pl_config) c = accepted(several);
	g_autofree char *got = names(pl_config_match(c, extended));

	(void)state;
	assert_non_null(pl_config_match(c, in));
	assert_null(pl_config_match(c, out));
	assert_string_equal(got, "sales");
}

static void
another_delimiter_is_respected(void **state)
{
	g_autoptr(pl_config) minus =
	    accepted("[gateway]\nsender = a@b\n"
		     "recipient_delimiter = -\n" SMALLEST_JOURNAL);
	g_autoptr(pl_config) none =
	    accepted("[gateway]\nsender = a@b\n"
		     "recipient_delimiter = none\nreturn_path = "
		     "fixed\n" SMALLEST_JOURNAL);

	(void)state;
	assert_non_null(pl_config_match(minus, "sales-x@in.example"));
	assert_null(pl_config_match(minus, "sales+x@in.example"));
	assert_null(pl_config_match(none, "sales+x@in.example"));
}

/* Seconds of 100,000 look-ups that hit and as many that miss. */
static double
time_lookups(const pl_config *c)
{
	double start = cpu_seconds();

	for (unsigned i = 0; i < 100000; i++) {
		assert_non_null(pl_config_match(c, "<User7+x@in.example>"));
		assert_null(pl_config_match(c, "<someone@else.example>"));
	}
	return cpu_seconds() - start;
}

static void
ten_thousand_addresses_cost_what_ten_cost(void **state)
{
	g_autoptr(GString) few = g_string_new(NULL), many = g_string_new(NULL);
	g_autoptr(pl_config) small = NULL, big = NULL;
	double a, b;

	(void)state;
	g_string_append(few, SMALLEST_GATEWAY "[journal s]\ndeliver_to = a@b\n"
					      "address =\n");
	g_string_append(many, few->str);
	for (unsigned i = 0; i < 10000; i++) {
		g_string_append_printf(many, "  user%u@in.example\n", i);
		if (i < 10)
			g_string_append_printf(few, "  user%u@in.example\n", i);
	}
	small = accepted(few->str);
	big = accepted(many->str);
	assert_int_equal(pl_config_journal(big, 0)->addresses->len, 10000);
	a = time_lookups(small);
	b = time_lookups(big);
	if (b > 3 * a + 0.2)
		fail_msg("10 addresses: %.3f s, 10,000: %.3f s", a, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_folded_for_comparison),
		cmocka_unit_test(folding_works_in_place),
		cmocka_unit_test(patterns_match_as_postfix_would),
		cmocka_unit_test(the_most_specific_address_decides_alone),
		cmocka_unit_test(a_very_long_address_is_looked_up_too),
		cmocka_unit_test(another_delimiter_is_respected),
		cmocka_unit_test(ten_thousand_addresses_cost_what_ten_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
