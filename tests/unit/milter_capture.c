/* SPDX-License-Identifier: BSD-2-Clause */
/* The stored form of a message, and what is kept of it in memory. */
#include "milter_fake_ledger.h"

#include "capture.h"

static const struct pl_writer_limits limits = {
	.chunks = 4, .patience = 30, .probe = 1
};
static pl_writer *writer;

static int
make(void **state)
{
	(void)state;
	fake_reset();
	writer = pl_writer_start(NULL, &limits);
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	pl_writer_stop(writer);
	g_free(writer);
	return 0;
}

static void
assert_bytes(const struct row *r, const char *bytes, gsize length)
{
	assert_non_null(r);
	assert_int_equal(r->bytes->len, length);
	assert_memory_equal(r->bytes->data, bytes, length);
}

static char *
sha256(const char *bytes, gssize length)
{
	return g_compute_checksum_for_data(
	    G_CHECKSUM_SHA256, (const guchar *)bytes, (gsize)length);
}

static void
header_and_body_are_one_stream_with_crlf(void **state)
{
	static const char header[] = "Subject: a\r\n\tb\r\nX-No-Blank:c\r\n"
				     "X-Empty:\r\nMessage-ID:  <1@a> \r\n"
				     "X-CR: d\r\n e\rf\r\n\r\n";
	static const char body[] = "one\r\ntwo\nthree\rfour\0five";
	g_autoptr(pl_capture) c = pl_capture_new(writer, 0);
	g_autoptr(pl_message) m = pl_message_new();

	(void)state;
	pl_capture_header(c, "Subject", " a\n\tb", TRUE);
	pl_capture_header(c, "X-No-Blank", "c", TRUE);
	pl_capture_header(c, "X-Empty", "", TRUE);
	pl_capture_header(c, "Message-ID", "  <1@a> ", TRUE);
	pl_capture_header(c, "X-CR", " d\r\n e\rf", TRUE);
	pl_capture_eoh(c);
	pl_capture_body(c, body, sizeof(body) - 1);
	assert_int_equal(pl_capture_store(c, m, "sales"), PL_OUTCOME_DONE);

	g_autofree char *all = g_malloc(sizeof(header) + sizeof(body));
	memcpy(all, header, sizeof(header) - 1);
	memcpy(all + sizeof(header) - 1, body, sizeof(body) - 1);
	assert_bytes(row_of(1), all, sizeof(header) + sizeof(body) - 2);
	g_autofree char *header_sum = sha256(header, sizeof(header) - 1);
	g_autofree char *body_sum = sha256(body, sizeof(body) - 1);
	assert_string_equal(m->header_sha256, header_sum);
	assert_string_equal(m->body_sha256, body_sum);
	assert_string_equal(m->message_id, "<1@a>");
	assert_string_equal(m->origin, "milter");
	assert_int_equal(m->bytes.size, pl_capture_size(c));
}

static void
an_mta_that_hides_the_blank_gets_it_back(void **state)
{
	static const char all[] = "Subject: a\r\n\r\n";
	g_autoptr(pl_capture) c = pl_capture_new(writer, 0);
	g_autoptr(pl_message) m = pl_message_new();

	(void)state;
	pl_capture_header(c, "Subject", "a", FALSE);
	pl_capture_eoh(c);
	assert_int_equal(pl_capture_store(c, m, "sales"), PL_OUTCOME_DONE);
	assert_bytes(row_of(1), all, sizeof(all) - 1);
}

static void
a_message_of_nothing_is_an_empty_line(void **state)
{
	g_autoptr(pl_capture) c = pl_capture_new(writer, 0);
	g_autoptr(pl_message) m = pl_message_new();

	(void)state;
	assert_int_equal(pl_capture_store(c, m, "sales"), PL_OUTCOME_DONE);
	assert_bytes(row_of(1), "\r\n", 2);
	assert_null(m->message_id);
}

/* Around the border of a chunk, in pieces that do not fit it. */
static void
any_size_is_stored_whole(void **state)
{
	const gsize sizes[] = { PL_CHUNK - 3, PL_CHUNK - 2, PL_CHUNK - 1,
		2 * PL_CHUNK - 2, 3 * PL_CHUNK + 17, 20 * PL_CHUNK };

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree char *body = g_malloc(sizes[i]);
		g_autoptr(pl_capture) c = pl_capture_new(writer, 0);
		g_autoptr(pl_message) m = pl_message_new();

		for (gsize k = 0; k < sizes[i]; k++)
			body[k] = (char)(k * 7919 >> 3);
		pl_capture_eoh(c);
		for (gsize at = 0; at < sizes[i]; at += 65535)
			pl_capture_body(
			    c, body + at, MIN(65535, sizes[i] - at));
		assert_int_equal(
		    pl_capture_store(c, m, "sales"), PL_OUTCOME_DONE);
		struct row *r = row_of(m->bytes.row);
		assert_int_equal(r->bytes->len, sizes[i] + 2);
		assert_memory_equal(r->bytes->data + 2, body, sizes[i]);
		g_autofree char *sum = sha256(body, (gssize)sizes[i]);
		assert_string_equal(m->body_sha256, sum);
	}
}

static void
an_abandoned_message_leaves_nothing(void **state)
{
	g_autofree char *bytes = g_malloc0(3 * PL_CHUNK);
	pl_capture *c = pl_capture_new(writer, 0);

	(void)state;
	pl_capture_body(c, bytes, 3 * PL_CHUNK);
	pl_capture_free(c);
	pl_writer_stop(writer);
	assert_int_equal(g_hash_table_size(fake.rows), 0);
	assert_int_equal(fake.drops, 1);
	g_free(writer);
	writer = pl_writer_start(NULL, &limits);
}

static void
above_the_limit_nothing_is_kept(void **state)
{
	g_autofree char *bytes = g_malloc0(2 * PL_CHUNK);
	g_autoptr(pl_capture) c = pl_capture_new(writer, 2 * PL_CHUNK + 1);
	g_autoptr(pl_capture) fits = pl_capture_new(writer, 2 * PL_CHUNK + 2);
	g_autoptr(pl_message) m = pl_message_new();

	(void)state;
	pl_capture_eoh(c);
	pl_capture_body(c, bytes, 2 * PL_CHUNK);
	assert_true(pl_capture_too_large(c));
	pl_capture_body(c, bytes, 10);
	pl_capture_eoh(fits);
	pl_capture_body(fits, bytes, 2 * PL_CHUNK);
	assert_false(pl_capture_too_large(fits));
	assert_int_equal(pl_capture_store(fits, m, "sales"), PL_OUTCOME_DONE);
	assert_int_equal(g_hash_table_size(fake.rows), 1);
}

static void
a_lost_message_is_retry(void **state)
{
	g_autofree char *bytes = g_malloc0(PL_CHUNK);
	g_autoptr(pl_capture) c = pl_capture_new(writer, 0);
	g_autoptr(pl_message) m = pl_message_new();

	(void)state;
	fake.fail_append = TRUE;
	for (int i = 0; i < 20; i++)
		pl_capture_body(c, bytes, PL_CHUNK);
	assert_int_equal(pl_capture_store(c, m, "sales"), PL_OUTCOME_RETRY);
	assert_int_equal(fake.stored->len, 0);
}

static void
the_first_message_id_and_the_only_stamp_count(void **state)
{
	g_autoptr(pl_capture) c = pl_capture_new(writer, 0);

	(void)state;
	assert_null(pl_capture_message_id(c));
	pl_capture_header(c, "Message-id", "\n <1@a>", TRUE);
	pl_capture_header(c, "Message-ID", " <2@a>", TRUE);
	assert_string_equal(pl_capture_message_id(c), "<1@a>");
	pl_capture_header(c, "x-postledger-batch", " 1.1; mac=x ", TRUE);
	assert_string_equal(pl_capture_stamp(c), "1.1; mac=x");
	pl_capture_header(c, "X-Postledger-Batch", " 2.1; mac=x", TRUE);
	assert_null(pl_capture_stamp(c));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, unmake)
	const struct CMUnitTest tests[] = {
		T(header_and_body_are_one_stream_with_crlf),
		T(an_mta_that_hides_the_blank_gets_it_back),
		T(a_message_of_nothing_is_an_empty_line),
		T(any_size_is_stored_whole),
		T(an_abandoned_message_leaves_nothing),
		T(above_the_limit_nothing_is_kept),
		T(a_lost_message_is_retry),
		T(the_first_message_id_and_the_only_stamp_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
