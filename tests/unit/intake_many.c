/* SPDX-License-Identifier: BSD-2-Clause */
/* Many messages under way: each gets its own answer, whatever others do. */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "intake_mail.h"
#include "reader.h"

static int
set_up(void **state)
{
	g_setenv("POSTLEDGER_TEST_CHILD", "1", TRUE);
	*state = pl_reader_new(NULL);
	return 0;
}

static int
tear_down(void **state)
{
	pl_reader_free(*state);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return 0;
}

/* What message I is: a good one, or how the child misbehaves on it. */
typedef const char *(*kind_of)(unsigned i);

/* Larger than what the child gets unasked, for some. */
static GBytes *
make_message(unsigned i, const char *how)
{
	g_autofree char *name = g_strdup_printf("%u.pdf", i);

	if (how != NULL) {
		g_autofree char *text =
		    g_strdup_printf("X-Misbehave: %s\r\n\r\nbody\r\n", how);
		return make_text(text);
	}
	GString *m = mail_begin("mixed");
	if (i % 50 == 7) {
		g_string_append(m, "--=_1\r\n\r\n");
		while (m->len < PL_SLOT + 100000)
			g_string_append(m, "text, and more text\r\n");
	}
	mail_file(m, "application/pdf", name, make_pdf(name));
	return mail_end(m);
}

static void
check_answer(pl_reader *reader, unsigned i, const char *how)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pl_findings) f = pl_reader_finish(reader, &error);

	if (how != NULL) {
		assert_null(f);
		assert_int_equal(error->domain, PL_INTAKE_ERROR);
		assert_true(error->code == PL_INTAKE_CHILD ||
			    error->code == PL_INTAKE_LIMIT);
		return;
	}
	if (f == NULL)
		fail_msg("message %u: %s", i, error->message);
	g_autofree char *expected = g_strdup_printf("other: %u.pdf\n", i);
	g_autofree char *text = told(f);
	assert_string_equal(text, expected);
}

/* N messages, as many under way as there may be. */
static void
read_many(pl_reader *reader, unsigned n, kind_of kind)
{
	g_autoptr(GPtrArray) all =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

	for (unsigned i = 0; i < n + PL_SLOTS; i++) {
		if (i >= PL_SLOTS)
			check_answer(reader, i - PL_SLOTS, kind(i - PL_SLOTS));
		if (i >= n)
			continue;
		g_ptr_array_add(all, make_message(i, kind(i)));
		const struct pl_source source = pl_source_memory(all->pdata[i]);
		pl_reader_begin(reader, &source, NULL);
	}
}

static const char *
all_good(unsigned i)
{
	(void)i;
	return NULL;
}

static void
answers_come_in_the_order_of_the_questions(void **state)
{
	read_many(*state, SANITIZED ? 300 : 5000, all_good);
}

static int
child_of_ours(void)
{
	g_autofree char *path =
	    g_strdup_printf("/proc/self/task/%d/children", (int)getpid());
	g_autofree char *text = NULL;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return atoi(text);
}

static void
leak(pl_reader *reader)
{
	g_autoptr(GBytes) bytes = make_message(0, "leak");
	const struct pl_source source = pl_source_memory(bytes);
	g_autoptr(pl_findings) f =
	    pl_reader_inspect(reader, &source, NULL, NULL);

	assert_non_null(f);
}

/* A new one would inherit what its parent has by then. */
static void
a_child_lives_on_unless_it_leaks(void **state)
{
	if (SANITIZED)
		skip();
	read_many(*state, 1, all_good);
	const int first = child_of_ours();
	read_many(*state, 4100, all_good);
	assert_int_equal(child_of_ours(), first);
	for (unsigned i = 0; i < 6; i++)
		leak(*state);
	read_many(*state, 2000, all_good);
	assert_int_not_equal(child_of_ours(), first);
}

static const char *
some_bad(unsigned i)
{
	return i % 9 == 4 ? "crash" : i % 31 == 11 ? "end" : NULL;
}

static void
a_crash_is_told_of_the_message_that_crashed(void **state)
{
	read_many(*state, 200, some_bad);
}

static const char *
all_bad(unsigned i)
{
	return i % 2 == 0 ? "crash" : "flood";
}

static void
all_of_them_may_crash(void **state)
{
	read_many(*state, 40, all_bad);
}

static const char *
one_hangs(unsigned i)
{
	return i == 13 ? "hang" : NULL;
}

static void
an_endless_loop_is_told_of_the_message_that_loops(void **state)
{
	if (SANITIZED)
		skip();
	read_many(*state, 40, one_hangs);
}

static gssize
broken_pread(
    void *ctx, guint64 offset, void *buffer, gsize length, GError **error)
{
	(void)ctx, (void)offset, (void)buffer, (void)length;
	g_set_error_literal(
	    error, G_FILE_ERROR, G_FILE_ERROR_IO, "the disk is gone");
	return -1;
}

/* Nor does its answer go to the next one. */
static void
a_source_that_fails_is_told_of_its_message(void **state)
{
	const struct pl_source broken = { NULL, 1000, broken_pread, 0 };
	g_autoptr(GPtrArray) all =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

	read_many(*state, 1, all_good);
	for (unsigned i = 0; i < 12; i++) {
		g_ptr_array_add(all, make_message(i, NULL));
		const struct pl_source good = pl_source_memory(all->pdata[i]);
		pl_reader_begin(*state, i % 5 == 2 ? &broken : &good, NULL);
	}
	for (unsigned i = 0; i < 12; i++) {
		g_autoptr(GError) error = NULL;
		if (i % 5 != 2) {
			check_answer(*state, i, NULL);
			continue;
		}
		assert_null(pl_reader_finish(*state, &error));
		assert_string_equal(error->message, "the disk is gone");
	}
}

static void
who_gives_up_leaves_nothing_behind(void **state)
{
	g_autoptr(GBytes) bytes = make_message(99, NULL);
	const struct pl_source source = pl_source_memory(bytes);

	read_many(*state, 3, all_good);
	for (unsigned i = 0; i < PL_SLOTS; i++)
		pl_reader_begin(*state, &source, NULL);
	check_answer(*state, 99, NULL);
	pl_reader_abandon(*state);
	read_many(*state, 20, all_good);
}

static gboolean
swallow(const void *bytes, gsize length, void *user, GError **error)
{
	(void)bytes, (void)error;
	*(gsize *)user += length;
	return TRUE;
}

/* Its caller has other threads then. */
static void
a_reader_that_is_held_starts_no_child(void **state)
{
	g_autoptr(GBytes) pdf = make_pdf("1.pdf");
	g_autoptr(GBytes) bytes = make_message(1, NULL);
	const struct pl_source source = pl_source_memory(bytes);
	g_autofree char *hash =
	    g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, pdf);
	g_autoptr(GError) error = NULL;
	gsize got = 0;

	pl_reader_hold(*state, TRUE);
	assert_false(
	    pl_reader_extract(*state, &source, hash, swallow, &got, &error));
	assert_true(g_error_matches(error, PL_INTAKE_ERROR, PL_INTAKE_READ));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	pl_reader_hold(*state, FALSE);
	assert_true(
	    pl_reader_extract(*state, &source, hash, swallow, &got, NULL));
	pl_reader_hold(*state, TRUE);
	assert_true(
	    pl_reader_extract(*state, &source, hash, swallow, &got, NULL));
	assert_int_equal(got, 2 * g_bytes_get_size(pdf));
	pl_reader_hold(*state, FALSE);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(answers_come_in_the_order_of_the_questions),
		T(a_child_lives_on_unless_it_leaks),
		T(a_crash_is_told_of_the_message_that_crashed),
		T(all_of_them_may_crash),
		T(an_endless_loop_is_told_of_the_message_that_loops),
		T(a_source_that_fails_is_told_of_its_message),
		T(who_gives_up_leaves_nothing_behind),
		T(a_reader_that_is_held_starts_no_child),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
