/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * E-mails as composed, by size: ZIP files, limits, memory; and each time the
 * same bytes.
 */
#include <stdio.h>
#include <sys/resource.h>

#include <archive.h>
#include <archive_entry.h>

#include "run_composed.h"

static void
an_email_is_the_same_each_time(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	pl_batch *b;
	guint bad;

	(void)state;
	for (unsigned zip = 0; zip < 2; zip++) {
		pl_spool *one, *two;
		GString *first, *second;

		gateway_rules(g, "", zip ? MANY "compress = zip\n" : MANY);
		capture_pdf(g, zip ? "F-3" : "F-1", 70000);
		capture_pdf(g, zip ? "F-4" : "F-2", 2000);
		index_all(g);
		b = plan_all(g);
		one = compose_with(g, b, 0, &bad, NULL);
		g_usleep(1100000); /* another second on the clock */
		two = compose_with(g, b, 0, &bad, NULL);
		first = text_of(one);
		second = text_of(two);
		assert_true(g_string_equal(first, second));
		g_string_free(first, TRUE);
		g_string_free(second, TRUE);
		pl_spool_free(one);
		pl_spool_free(two);
		pl_batch_free(b);
	}
	gateway_free(g);
}

static void
a_zip_holds_all_and_stores_what_does_not_shrink(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	g_autoptr(GBytes) zip = NULL;
	GMimeMessage *m;
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	unsigned n = 0;

	(void)state;
	gateway_rules(g, "", MANY "compress = zip\n");
	capture_pdf(g, "F-1", 90000);
	capture_pdf(g, "F-2", 500);
	text = compose_all(g);
	assert_lines_are_mail(text);
	m = parse(text);
	assert_int_equal(parts_of(m), 2);
	assert_true(g_str_has_prefix(
	    g_mime_part_get_filename(GMIME_PART(part_at(m, 1))), "sales-20"));
	assert_true(g_str_has_suffix(
	    g_mime_part_get_filename(GMIME_PART(part_at(m, 1))), "-1.zip"));
	zip = content_of(part_at(m, 1));
	archive_read_support_format_zip(a);
	assert_int_equal(
	    archive_read_open_memory(
		a, g_bytes_get_data(zip, NULL), g_bytes_get_size(zip)),
	    ARCHIVE_OK);
	while (archive_read_next_header(a, &entry) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);
		g_autoptr(GBytes) sent =
		    a_pdf(n == 0 ? "F-1" : "F-2", n == 0 ? 90000 : 500);
		g_autofree char *got = g_malloc(g_bytes_get_size(sent) + 1);

		assert_string_equal(name, n == 0 ? "F-1.pdf" : "F-2.pdf");
		assert_int_equal(
		    archive_read_data(a, got, g_bytes_get_size(sent) + 1),
		    g_bytes_get_size(sent));
		assert_memory_equal(
		    got, g_bytes_get_data(sent, NULL), g_bytes_get_size(sent));
		n++;
	}
	assert_int_equal(n, 2);
	/* the noise of the first is stored, the text of the second deflated */
	assert_int_equal(((const char *)g_bytes_get_data(zip, NULL))[8], 0);
	assert_true(g_bytes_get_size(zip) < 90000 + 1500);
	archive_read_free(a);
	g_object_unref(m);
	gateway_free(g);
}

static void
more_than_the_limit_is_noticed_at_once(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	pl_batch *b;
	g_autoptr(GError) error = NULL;
	guint bad;

	(void)state;
	gateway_rules(g, "", MANY);
	capture_pdf(g, "F-1", 50000);
	index_all(g);
	b = plan_all(g);
	assert_null(compose_with(g, b, 40000, &bad, &error));
	assert_true(g_error_matches(error, PL_RUN_ERROR, PL_RUN_TOO_LARGE));
	pl_batch_free(b);
	gateway_free(g);
}

/* AddressSanitizer keeps freed memory for a while. */
#ifdef __SANITIZE_ADDRESS__
#define FLAT (400 * 1024)
#else
#define FLAT 8192
#endif

static long
peak_kilobytes(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static void
memory_is_flat_whatever_the_number_and_the_size(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	pl_batch *b;
	pl_spool *spool;
	guint bad;
	long before;

	(void)state;
	gateway_rules(g, "", MANY "compress = zip\n");
	capture_pdf(g, "F-large", 24 * 1024 * 1024);
	for (unsigned i = 0; i < 1000; i++) {
		char number[12];

		snprintf(number, sizeof number, "F-%u", i);
		capture_pdf(g, number, 3000);
	}
	index_all(g);
	b = plan_all(g);
	assert_int_equal(b->documents, 1001);
	before = peak_kilobytes();
	spool = compose_with(g, b, 0, &bad, NULL);
	assert_non_null(spool);
	assert_true(pl_spool_size(spool) > 28 * 1024 * 1024);
	assert_true(peak_kilobytes() - before < FLAT);
	pl_spool_free(spool);
	pl_batch_free(b);
	gateway_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_email_is_the_same_each_time),
		cmocka_unit_test(
		    a_zip_holds_all_and_stores_what_does_not_shrink),
		cmocka_unit_test(more_than_the_limit_is_noticed_at_once),
		cmocka_unit_test(
		    memory_is_flat_whatever_the_number_and_the_size),
	};

	g_mime_init();
	return cmocka_run_group_tests_name(
	    "run_compose_size", tests, NULL, NULL);
}
