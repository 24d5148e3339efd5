/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a journal that takes up earlier messages finds.
 */
#include "ledger_fixture.h"

static void
assert_ids(GArray *ids, unsigned n, gint64 first)
{
	assert_non_null(ids);
	assert_int_equal(ids->len, n);
	if (n > 0)
		assert_int_equal(g_array_index(ids, gint64, 0), first);
	g_array_unref(ids);
}

static GArray *
untaken(struct fixture *f, const char *pattern, gint64 after, unsigned limit)
{
	return pl_message_untaken(f->l, pattern, "sales", after, limit, NULL);
}

static void
untaken_messages_are_found_by_address_and_by_domain(void **state)
{
	struct fixture *f = *state;
	gint64 one = add_message(f->l, "<A@C.example>", "<1@x>", "1");
	gint64 two = add_message(f->l, "b@c.example", "<2@x>", "2");
	gint64 other = add_message(f->l, "a@d.example", "<3@x>", "3");
	gint64 document = add_document(f->l, one, "1", "one");

	add_document(f->l, two, "2", "two");
	add_document(f->l, other, "3", "three");
	/* without a document there is nothing to take */
	add_message(f->l, "a@c.example", "<4@x>", "4");
	assert_ids(untaken(f, "a@c.example", 0, 9), 1, one);
	assert_ids(untaken(f, "*@c.example", 0, 9), 2, one);
	assert_ids(untaken(f, "*@c.example", one, 9), 1, two);
	assert_ids(untaken(f, "*@c.example", 0, 1), 1, one);
	assert_ids(untaken(f, "*@example", 0, 9), 0, 0);
	add_entry(f->l, document, "other", PL_WAITING, NULL);
	assert_ids(untaken(f, "*@c.example", 0, 9), 2, one);
	add_entry(f->l, document, "sales", PL_ARCHIVED, NULL);
	assert_ids(untaken(f, "*@c.example", 0, 9), 1, two);
}

static void
untaken_messages_are_found_by_address_with_any_extension(void **state)
{
	struct fixture *f = *state;
	gint64 plain = add_message(f->l, "<a@c.example>", "<1@x>", "1");
	gint64 one = add_message(f->l, "<a+X@c.example>", "<2@x>", "2");
	gint64 two = add_message(f->l, "<a+y+z@c.example>", "<3@x>", "3");
	gint64 other = add_message(f->l, "<ab+x@c.example>", "<4@x>", "4");
	gint64 dash = add_message(f->l, "<a-x@c.example>", "<5@x>", "5");

	add_document(f->l, plain, "1", "one");
	add_document(f->l, one, "2", "two");
	add_document(f->l, two, "3", "three");
	add_document(f->l, other, "4", "four");
	add_document(f->l, dash, "5", "five");
	assert_ids(untaken(f, "a+*@c.example", 0, 9), 2, one);
	assert_ids(untaken(f, "a+*@c.example", one, 9), 1, two);
	assert_ids(untaken(f, "a-*@c.example", 0, 9), 1, dash);
	assert_ids(untaken(f, "b+*@c.example", 0, 9), 0, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(untaken_messages_are_found_by_address_and_by_domain),
		T(untaken_messages_are_found_by_address_with_any_extension),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
