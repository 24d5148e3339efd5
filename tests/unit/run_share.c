/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files with several statements: which of them leave in one piece, which are
 * parted, and what becomes of those that cannot be parted.
 */
#include "cpu.h"
#include "run_statements.h"

/* ---- a plan ------------------------------------------------------------- */

/* "AABBB": which file each is of; a small letter: it cannot be parted, a dot: of
 * none. MISSING: so many more are in the file. */
static struct bank *
of_files(const char *files, guint missing)
{
	struct bank *b = a_bank();

	b->journal.documents_per_mail = 1;
	for (int i = 0; i < N; i++) {
		struct pl_share *s = &b->shares[i];

		if (files[i] == '.')
			continue;
		*s = (struct pl_share){ .file = files[i],
			.statements = missing,
			.one_account = g_ascii_isupper(files[i]),
			.bound = g_ascii_islower(files[i]),
			.length = 1000 };
		for (int k = 0; k < N; k++)
			s->statements += files[k] == files[i];
		s->size = s->tail = s->statements * (guint64)1000;
		g_hash_table_insert(b->in.shares, &b->entries[i].id, s);
	}
	return b;
}

static void
a_file_is_one_document(void **state)
{
	struct bank *b = of_files("AA.BB", 0);

	(void)state;
	assert_plan(of_files("AAAAA", 0), "1 1 1 1 1");
	assert_plan(of_files("AA.BB", 0), "1 1 2 3 3");
	b->journal.documents_per_mail = 2;
	assert_plan(b, "1 1 1 2 2");
	b = of_files("AAABB", 0);
	b->journal.max_mails_per_run = 1;
	assert_plan(b, "1 1 1 cap cap<4");
}

static void
a_file_of_which_not_all_may_go_is_parted(void **state)
{
	struct bank *b = of_files("AAAAA", 0);

	(void)state;
	assert_plan(of_files("AAA..", 1), "1 2 3 4 5");
	b->linked[2].code = "PL-201";
	b->linked[2].note = (char *)(uintptr_t) "words";
	assert_plan(b, "1 2 gap! gap<3 gap<3");
	b = of_files("AAAAA", 0);
	memcpy(b->dates[4], "2026-01-10", 11);
	assert_plan(b, "1 2 3 4 unfinished");
	b = of_files("AAAAA", 0);
	b->in.singly = TRUE;
	assert_plan(b, "1 2 3 4 5");
}

static void
what_cannot_be_parted_goes_as_a_whole_or_waits(void **state)
{
	struct bank *b;

	(void)state;
	assert_plan(of_files("aaabb", 0), "1 1 1 2 2");
	assert_plan(
	    of_files("aa...", 1), "shared-file shared-file gap<2 gap<2 gap<2");
	b = of_files("aaaaa", 0);
	memcpy(b->dates[4], "2026-01-10", 11);
	assert_plan(b,
	    "unfinished<5 unfinished<5 unfinished<5 unfinished<5 unfinished");
	b = of_files("aaa..", 0);
	b->linked[1].code = "PL-201";
	b->linked[1].note = (char *)(uintptr_t) "words";
	assert_plan(b, "gap<2 gap! gap<2 gap<2 gap<2");
	b = of_files("aaa..", 0);
	b->entries[0].state = PL_ARCHIVED;
	assert_plan(b, "archived shared-file shared-file gap<3 gap<3");
	b = of_files("aaa..", 1);
	for (int i = 0; i < 3; i++)
		b->entries[i].released = TRUE;
	assert_plan(b, "1 1 1 2 3");
}

/* ---- order --------------------------------------------------------------- */

static void
assert_order(const char *files, const char *chains, const char *expected)
{
	struct bank *b = of_files(files, 0);
	g_autoptr(GString) order = g_string_new(NULL);

	for (int i = 0; i < N; i++)
		b->linked[i].chain = (unsigned char)chains[i];
	pl_shares_sort(b->in.shares, b->in.links, b->in.entries);
	for (int i = 0; i < N; i++)
		g_string_append_printf(order, "%d",
		    (int)((pl_entry *)b->in.entries->pdata[i])->id);
	bank_free(b);
	assert_string_equal(order->str, expected);
}

static void
statements_of_a_file_come_together_as_their_chains_allow(void **state)
{
	(void)state;
	assert_order("AABB.", "11111", "12345");
	assert_order("A.A..", "12111", "13245"); /* no chain between them */
	assert_order("A.A..", "11111", "12345"); /* crosswise */
	assert_order("A.A..", "12222", "21345"); /* behind what is before */
	assert_order("ABAB.", "11111", "12345");
	assert_order("ABAB.", "12121", "13245");
}

/* ---- parts ------------------------------------------------------------- */

static pl_document *
statement_at(gint64 id, const char *format, const char *account, guint64 offset,
    guint64 length)
{
	pl_document *d = pl_document_new();
	struct pl_file *f = pl_file_new();

	d->id = id;
	d->message = 1;
	d->kind = PL_KIND_STATEMENT;
	d->account = g_strdup(account);
	d->sequence = g_strdup_printf("%d", (int)id);
	d->offset = offset;
	d->length = length;
	f->format = g_strdup(format);
	f->size = 100;
	f->sha256 = g_strdup("cafe");
	g_ptr_array_add(d->files, f);
	return d;
}

static struct pl_share
share_of_second(
    const char *format, const char *account, guint64 offset, guint64 length)
{
	g_autoptr(GPtrArray) all =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_document_free);
	g_autoptr(pl_shares) shares = NULL;
	struct pl_share s;
	gboolean whole = length == 100;

	g_ptr_array_add(all, statement_at(1, format, "BE68539007547034",
				 whole ? 0 : 10, whole ? 100 : 30));
	g_ptr_array_add(all, statement_at(2, format, account, offset, length));
	shares = pl_shares_new(all);
	assert_non_null(pl_shares_find(shares, 2));
	s = *pl_shares_find(shares, 2);
	assert_int_equal(s.statements, 2);
	assert_int_equal(s.file, 1);
	return s;
}

static void
a_part_has_the_frame_of_its_file(void **state)
{
	struct pl_share s =
	    share_of_second("camt.053", "539-0075470-34", 50, 40);

	(void)state;
	assert_true(s.one_account && !s.bound);
	assert_int_equal(s.head, 10);
	assert_int_equal(s.tail, 90);
	assert_int_equal(pl_share_own(&s), 10 + 40 + 10);
	s = share_of_second("coda", "BE71096123456769", 50, 40);
	assert_true(!s.one_account && !s.bound);
	assert_int_equal(pl_share_own(&s), 40);
	s = share_of_second("csv", "BE68539007547034", 0, 100);
	assert_true(s.one_account && s.bound);
	assert_int_equal(pl_share_own(&s), 100);
}

static void
a_file_that_a_message_has_twice_is_one(void **state)
{
	g_autoptr(GPtrArray) all =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_document_free);
	g_autoptr(pl_shares) shares = NULL;

	(void)state;
	for (int i = 0; i < 6; i++) {
		pl_document *d = statement_at(
		    i + 1, "coda", "BE68539007547034", i % 3 * 30U, 30);

		g_free(d->sequence);
		d->sequence = g_strdup_printf("%d", i % 3);
		g_ptr_array_add(all, d);
	}
	shares = pl_shares_new(all);
	for (int i = 0; i < 6; i++) {
		const struct pl_share *s = pl_shares_find(shares, i + 1);

		assert_non_null(s);
		assert_int_equal(s->statements, 3);
		assert_int_equal(s->file, 1);
		assert_int_equal(s->offset, i % 3 * 30);
	}
}

/* Each is looked at once, and not beside each other one. */
static void
a_file_may_have_a_great_many_statements(void **state)
{
	g_autoptr(GPtrArray) all =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_document_free);
	g_autoptr(pl_shares) shares = NULL;
	const double began = cpu_seconds();
	gboolean whole;

	(void)state;
	for (int i = 1; i <= 20000; i++)
		g_ptr_array_add(all, statement_at(i, "coda", "BE68539007547034",
					 (guint64)i * 30, 30));
	shares = pl_shares_new(all);
	for (guint i = 0; i < all->len; i++) {
		struct pl_part part =
		    pl_run_part(shares, all->pdata[i], &whole);

		assert_true(whole && part.length == 30);
	}
	assert_int_equal(pl_shares_find(shares, 7)->statements, 20000);
	assert_true(cpu_seconds() - began < 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_one_document),
		cmocka_unit_test(a_file_of_which_not_all_may_go_is_parted),
		cmocka_unit_test(
		    what_cannot_be_parted_goes_as_a_whole_or_waits),
		cmocka_unit_test(
		    statements_of_a_file_come_together_as_their_chains_allow),
		cmocka_unit_test(a_part_has_the_frame_of_its_file),
		cmocka_unit_test(a_file_that_a_message_has_twice_is_one),
		cmocka_unit_test(a_file_may_have_a_great_many_statements),
	};

	return cmocka_run_group_tests_name(
	    "run_share", tests, set_up, tear_down);
}
