/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a seal tells of its message comes back as it was, or not at all.
 */
#include "ledger_fixture.h"
#include "store.h"

/* All texts are there (FULL), or only those that always are. */
static pl_message *
message(gboolean full)
{
	pl_message *m = new_message("<caf\xe9@c.example>", "<1@x>", "body");

	m->arrived = G_GINT64_CONSTANT(1795355276123456);
	m->return_batch = full ? G_GINT64_CONSTANT(-9000000000) : 0;
	m->return_attempt = full ? G_MAXUINT32 : 0;
	g_ptr_array_add(m->recipients, g_strdup(""));
	if (full) {
		m->helo = g_strdup("");
		m->tls = g_strnfill(70000, 't');
	}
	return m;
}

static GBytes *
packed(gboolean full)
{
	g_autoptr(pl_message) m = message(full);

	return pl_told_pack(m, full ? "sales,purchases" : NULL);
}

/* The first N bytes of TOLD, with their right hash. */
static GBytes *
with_sum(const guint8 *told, gsize n)
{
	guint8 *bytes = g_malloc(n + PL_SHA256);

	memcpy(bytes, told, n);
	pl_sha256(bytes, n, bytes + n);
	return g_bytes_new_take(bytes, n + PL_SHA256);
}

static gboolean
is_refused(GBytes *told)
{
	char *journals = (char *)"not set";
	g_autoptr(pl_message) m = pl_told_unpack(told, &journals);

	return m == NULL && journals == NULL;
}

static void
assert_same(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	assert_int_equal(g_strcmp0(a, b), 0);
}

static void
what_is_told_comes_back(void **state)
{
	(void)state;
	for (int full = 0; full <= 1; full++) {
		g_autoptr(pl_message) m = message(full);
		g_autoptr(GBytes) told = packed(full);
		g_autofree char *journals = NULL;
		g_autoptr(pl_message) got = pl_told_unpack(told, &journals);

		assert_non_null(got);
		assert_int_equal(got->arrived, m->arrived);
		assert_int_equal(got->return_batch, m->return_batch);
		assert_int_equal(got->return_attempt, m->return_attempt);
		assert_same(got->origin, m->origin);
		assert_same(got->queue_id, m->queue_id);
		assert_same(got->sender, m->sender);
		assert_same(got->helo, m->helo);
		assert_same(got->auth_user, m->auth_user);
		assert_same(got->tls, m->tls);
		assert_same(got->message_id, m->message_id);
		assert_same(got->header_sha256, m->header_sha256);
		assert_same(got->body_sha256, m->body_sha256);
		assert_same(journals, full ? "sales,purchases" : NULL);
		assert_int_equal(got->recipients->len, 2);
		assert_string_equal(
		    got->recipients->pdata[0], "<caf\xe9@c.example>");
		assert_string_equal(got->recipients->pdata[1], "");
	}
}

static void
a_bit_that_changed_is_seen(void **state)
{
	g_autoptr(GBytes) told = packed(FALSE);
	gsize n;
	const guint8 *bytes = g_bytes_get_data(told, &n);

	(void)state;
	for (gsize i = 0; i < n; i++) {
		g_autofree guint8 *other = g_memdup2(bytes, n);

		other[i] ^= (guint8)(1 << i % 8);
		g_autoptr(GBytes) changed = g_bytes_new(other, n);
		assert_true(is_refused(changed));
	}
}

/* Also when the hash is right, which somebody may have seen to. */
static void
what_ends_too_early_or_too_late_is_refused(void **state)
{
	g_autoptr(GBytes) told = packed(FALSE);
	gsize n;
	const guint8 *bytes = g_bytes_get_data(told, &n);
	g_autofree guint8 *longer = g_malloc0(n);

	(void)state;
	n -= PL_SHA256;
	for (gsize i = 0; i < n; i++) {
		g_autoptr(GBytes) cut = g_bytes_new(bytes, i);
		g_autoptr(GBytes) right = with_sum(bytes, i);

		assert_true(is_refused(cut));
		assert_true(is_refused(right));
	}
	memcpy(longer, bytes, n);
	g_autoptr(GBytes) more = with_sum(longer, n + 1);
	assert_true(is_refused(more));
}

static void
lengths_and_counts_that_lie_are_refused(void **state)
{
	const guint32 lies[] = { 0xfffffffe, 0x7fffffff, 0x80000000, 1000 };
	g_autoptr(GBytes) told = packed(FALSE);
	gsize n;
	const guint8 *bytes = g_bytes_get_data(told, &n);

	(void)state;
	n -= PL_SHA256;
	for (gsize at = 20; at + 4 <= n; at++)
		for (unsigned i = 0; i < G_N_ELEMENTS(lies); i++) {
			g_autofree guint8 *other = g_memdup2(bytes, n);
			char *journals;

			memcpy(other + at, &lies[i], 4);
			g_autoptr(GBytes) lying = with_sum(other, n);
			/* within a text it is another text */
			g_autoptr(pl_message) m =
			    pl_told_unpack(lying, &journals);
			assert_true(m == NULL || m->recipients->len == 2);
			g_free(journals);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_comes_back),
		cmocka_unit_test(a_bit_that_changed_is_seen),
		cmocka_unit_test(what_ends_too_early_or_too_late_is_refused),
		cmocka_unit_test(lengths_and_counts_that_lie_are_refused),
	};

	return cmocka_run_group_tests_name("told", tests, NULL, NULL);
}
