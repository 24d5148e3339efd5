/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * E-mails as composed, read back: names, bytes, sizes, words; plain and ZIP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <archive.h>
#include <archive_entry.h>
#include <gmime/gmime.h>

#include "attach.h"
#include "compose.h"
#include "run_gateway.h"

#define SALES \
	"[journal sales]\naddress = sales@in.example\n" \
	"deliver_to = acme@out.example\ndocuments_per_mail = 2000\n"

/* ---- composing what waits ------------------------------------------------- */

static gboolean
collect(const pl_entry *e, void *user)
{
	g_array_append_val((GArray *)user, e->id);
	return TRUE;
}

/* All that waits, as one batch. */
static pl_batch *
plan_all(struct gateway *g)
{
	const struct pl_journal *j = pl_config_find(g->config, "sales");
	const struct pl_entry_filter filter = { .states = "w" };
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	pl_batch *b = pl_batch_new();

	assert_ok(pl_entry_each(g->f->l, &filter, collect, ids, E));
	b->journal = g_strdup(j->name);
	b->deliver_to = g_strdup(j->deliver_to);
	b->sender = g_strdup(j->sender);
	b->zip = j->zip;
	assert_ok(pl_batch_plan(
	    g->f->l, b, (const gint64 *)(void *)ids->data, ids->len, E));
	return b;
}

static pl_spool *
compose_with(
    struct gateway *g, pl_batch *b, guint64 limit, guint *bad, GError **error)
{
	g_autoptr(pl_reader) reader = pl_reader_new(&pl_limits_default);
	const struct pl_composer c = { g->f->l, reader, g->config, limit, NULL };
	g_autoptr(GPtrArray) entries = pl_batch_entries(g->f->l, b->id, NULL);

	return pl_compose_batch(&c, b, entries, bad, error);
}

static void
index_all(struct gateway *g)
{
	g_autoptr(pl_reader) reader = pl_reader_new(&pl_limits_default);

	assert_ok(
	    pl_intake_index(g->f->l, g->config, reader, NULL, NULL, NULL, E));
}

static GString *
text_of(pl_spool *spool)
{
	GString *s = g_string_sized_new(pl_spool_size(spool));
	char buffer[65536];
	gssize n;

	while ((n = pl_spool_pread(spool, s->len, buffer, sizeof buffer)) > 0)
		g_string_append_len(s, buffer, n);
	assert_int_equal(n, 0);
	assert_int_equal(s->len, pl_spool_size(spool));
	return s;
}

static GString *
compose_all(struct gateway *g)
{
	pl_batch *b;
	pl_spool *spool;
	guint bad;
	GError *error = NULL;
	GString *text;

	index_all(g);
	b = plan_all(g);
	spool = compose_with(g, b, 0, &bad, &error);
	if (spool == NULL)
		fail_msg("%s", error->message);
	text = text_of(spool);
	pl_spool_free(spool);
	pl_batch_free(b);
	return text;
}

/* ---- reading back ---------------------------------------------------------- */

static GMimeMessage *
parse(const GString *text)
{
	GMimeStream *stream =
	    g_mime_stream_mem_new_with_buffer(text->str, text->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);

	assert_non_null(m);
	g_object_unref(parser);
	g_object_unref(stream);
	return m;
}

static GMimeObject *
part_at(GMimeMessage *m, int index)
{
	GMimeObject *top = g_mime_message_get_mime_part(m);

	assert_true(GMIME_IS_MULTIPART(top));
	return g_mime_multipart_get_part(GMIME_MULTIPART(top), index);
}

static int
parts_of(GMimeMessage *m)
{
	return g_mime_multipart_get_count(
	    GMIME_MULTIPART(g_mime_message_get_mime_part(m)));
}

static GBytes *
content_of(GMimeObject *part)
{
	GMimeStream *mem = g_mime_stream_mem_new();
	GByteArray *bytes;

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(mem), FALSE);
	g_mime_data_wrapper_write_to_stream(
	    g_mime_part_get_content(GMIME_PART(part)), mem);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mem));
	g_object_unref(mem);
	return g_byte_array_free_to_bytes(bytes);
}

static void
assert_lines_are_mail(const GString *text)
{
	gsize line = 0;

	for (gsize i = 0; i < text->len; i++) {
		if (text->str[i] == '\n') {
			assert_true(i > 0 && text->str[i - 1] == '\r');
			line = 0;
			continue;
		}
		assert_true((guchar)text->str[i] < 0x80);
		assert_true(text->str[i] != '\r' || text->str[i + 1] == '\n');
		assert_true(++line < 998);
	}
	assert_true(g_str_has_suffix(text->str, "\r\n"));
}

/* ---- tests ------------------------------------------------------------------ */

static void
files_come_back_bit_for_bit_under_their_names(void **state)
{
	static const struct {
		const char *encoded, *name;
		gsize size;
	} files[] = {
		{ "F-1.pdf", "F-1.pdf", 3000 },
		{ "R%C3%A9sum%C3%A9%20%E2%82%AC.pdf", "Résumé €.pdf", 57 * 99 },
		{ "F-1.pdf", "F-1-2.pdf", 100000 },
		{ "f-1.PDF", "f-1-3.PDF", 1999 },
	};
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	GMimeMessage *m;

	(void)state;
	gateway_rules(g, "", SALES);
	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		GString *mail = begin_mail("x");

		add_part(mail, files[i].encoded,
		    a_pdf(files[i].name, files[i].size));
		capture(g, mail, 0);
	}
	text = compose_all(g);
	assert_lines_are_mail(text);
	m = parse(text);
	assert_int_equal(parts_of(m), 5);
	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		GMimeObject *part = part_at(m, (int)i + 1);
		g_autoptr(GBytes) got = content_of(part);
		g_autoptr(GBytes) sent = a_pdf(files[i].name, files[i].size);

		assert_string_equal(
		    g_mime_part_get_filename(GMIME_PART(part)), files[i].name);
		/* for those who never learnt RFC 2231 */
		assert_string_equal(
		    g_mime_content_type_get_parameter(
			g_mime_object_get_content_type(part), "name"),
		    files[i].name);
		assert_true(g_bytes_equal(got, sent));
	}
	assert_non_null(strstr(text->str, "name=\"=?"));
	assert_non_null(strstr(text->str, "filename*="));
	g_object_unref(m);
	gateway_free(g);
}

static void
the_header_is_a_machines(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	GMimeMessage *m;
	GMimeObject *o;

	(void)state;
	gateway_rules(g, "", SALES);
	capture_pdf(g, "F-2026-117", 2000);
	text = compose_all(g);
	m = parse(text);
	o = GMIME_OBJECT(m);
	assert_string_equal(
	    g_mime_object_get_header(o, "From"), "postledger@gw.example");
	assert_string_equal(
	    g_mime_object_get_header(o, "To"), "acme@out.example");
	assert_string_equal(g_mime_message_get_subject(m),
	    "Document for sales: F-2026-117.pdf");
	assert_string_equal(
	    g_mime_object_get_header(o, "Auto-Submitted"), "auto-generated");
	assert_string_equal(g_mime_object_get_header(o, "MIME-Version"), "1.0");
	assert_true(g_str_has_prefix(g_mime_message_get_message_id(m), "b.1."));
	assert_non_null(g_mime_message_get_date(m));
	g_object_unref(m);
	gateway_free(g);
}

static void
the_text_lists_the_documents(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	g_autofree char *words = NULL;
	GMimeMessage *m;

	(void)state;
	gateway_rules(g, "", SALES "subject = Zahlungen für März\n");
	capture_pdf(g, "F-1", 2000);
	capture_pdf(g, "F-2", 2000);
	text = compose_all(g);
	m = parse(text);
	words = g_mime_text_part_get_text(GMIME_TEXT_PART(part_at(m, 0)));
	assert_non_null(strstr(words, "2 documents for sales"));
	assert_non_null(strstr(words, "1. Document"));
	assert_non_null(strstr(words, "F-1.pdf"));
	assert_non_null(strstr(words, "F-2.pdf"));
	assert_string_equal(
	    g_mime_message_get_subject(m), "Zahlungen für März");
	g_object_unref(m);
	gateway_free(g);
}

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

		gateway_rules(g, "", zip ? SALES "compress = zip\n" : SALES);
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
	gateway_rules(g, "", SALES "compress = zip\n");
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
only_the_kinds_of_files_a_journal_takes_go_out(void **state)
{
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	GMimeMessage *m;
	static const char xml[] =
	    "<?xml version=\"1.0\"?><Invoice xmlns=\"urn:oasis:names:"
	    "specification:ubl:schema:xsd:Invoice-2\" xmlns:cbc=\"urn:oasis:"
	    "names:specification:ubl:schema:xsd:CommonBasicComponents-2\">"
	    "<cbc:ID>F-9</cbc:ID><cbc:IssueDate>2026-01-02</cbc:IssueDate>"
	    "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode></Invoice>";
	GString *mail = begin_mail("x");

	(void)state;
	gateway_rules(g, "", SALES "formats = xml\n");
	add_part(mail, "F-9.pdf", a_pdf("F-9", 2000));
	add_part(mail, "F-9.xml", g_bytes_new_static(xml, sizeof xml - 1));
	capture(g, mail, 0);
	text = compose_all(g);
	m = parse(text);
	assert_int_equal(parts_of(m), 2);
	assert_string_equal(
	    g_mime_part_get_filename(GMIME_PART(part_at(m, 1))), "F-9.xml");
	assert_string_equal(
	    g_mime_message_get_subject(m), "Document for sales: F-9");
	g_object_unref(m);
	gateway_free(g);
}

/* The first of the files that wait, as two statements that share it, the second
 * of account OTHER. */
static void
split_in_two(struct gateway *g, const guint64 *at, const char *other)
{
	g_autoptr(pl_document) whole = NULL;

	index_all(g);
	whole = pl_document_get(g->f->l, 1, NULL);
	assert_non_null(whole);
	assert_ok(pl_entry_change(
	    g->f->l, 1, PL_WAITING, PL_ARCHIVED, NULL, NULL, 0, E));
	for (unsigned i = 0; i < 2; i++) {
		gint64 id;

		whole->account =
		    g_strdup(i == 0 ? "BE68539007547034" : other);
		whole->sequence = g_strdup_printf("%u", 17 + i);
		whole->offset = at[i];
		whole->length = at[i + 1] - at[i];
		assert_ok(pl_document_add(g->f->l, whole, E));
		assert_ok(pl_entry_add(g->f->l, whole->id, "sales", PL_WAITING,
		    NULL, NULL, 0, &id, E));
		g_clear_pointer(&whole->account, g_free);
		g_clear_pointer(&whole->sequence, g_free);
	}
}

static void
statements_of_one_file_leave_as_their_own_bytes(void **state)
{
	static const guint64 at[] = { 10, 70000, 90000 };
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	g_autoptr(GBytes) all = a_pdf("F-1", 100000);
	GMimeMessage *m;

	(void)state;
	gateway_rules(g, "", SALES);
	capture_pdf(g, "F-1", 100000);
	split_in_two(g, at, "BE71096123456769");
	text = compose_all(g);
	m = parse(text);
	assert_int_equal(parts_of(m), 3);
	for (unsigned i = 0; i < 2; i++) {
		GMimeObject *part = part_at(m, (int)i + 1);
		g_autoptr(GBytes) got = content_of(part);
		g_autoptr(GBytes) sent =
		    g_bytes_new_from_bytes(all, at[i], at[i + 1] - at[i]);

		assert_true(g_bytes_equal(got, sent));
		assert_string_equal(g_mime_part_get_filename(GMIME_PART(part)),
		    i == 0 ? "F-1-BE68539007547034-17.pdf"
			   : "F-1-BE71096123456769-18.pdf");
	}
	g_object_unref(m);
	gateway_free(g);
}

static void
statements_of_one_account_leave_in_their_file(void **state)
{
	static const guint64 at[] = { 10, 70000, 90000 };
	struct gateway *g = gateway_new(NULL, 0);
	g_autoptr(GString) text = NULL;
	g_autoptr(GBytes) all = a_pdf("F-1", 100000), got = NULL;
	GMimeMessage *m;

	(void)state;
	gateway_rules(g, "", SALES);
	capture_pdf(g, "F-1", 100000);
	split_in_two(g, at, "539-0075470-34");
	text = compose_all(g);
	m = parse(text);
	assert_int_equal(parts_of(m), 2);
	got = content_of(part_at(m, 1));
	assert_true(g_bytes_equal(got, all));
	assert_string_equal(
	    g_mime_part_get_filename(GMIME_PART(part_at(m, 1))), "F-1.pdf");
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
	gateway_rules(g, "", SALES);
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
	gateway_rules(g, "", SALES "compress = zip\n");
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

static void
names_are_safe_and_unique(void **state)
{
	static const struct {
		const char *name, *format, *suffix, *out;
	} cases[] = {
		{ "a.pdf", "pdf", NULL, "a.pdf" },
		{ "a.pdf", "pdf", NULL, "a-2.pdf" },
		{ "A.PDF", "pdf", NULL, "A-3.PDF" },
		{ "a-2.pdf", "pdf", NULL, "a-2-2.pdf" },
		{ "../../etc/passwd", NULL, NULL, "_.._etc_passwd" },
		{ "c:\\x?.pdf", "pdf", NULL, "c__x_.pdf" },
		{ "con.pdf", "pdf", NULL, "con_.pdf" },
		{ "LPT1.xml", "ubl", NULL, "LPT1_.xml" },
		{ NULL, "ubl", NULL, "document.xml" },
		{ "", "coda", NULL, "document.cod" },
		{ " . ", "pdf", NULL, "document.pdf" },
		{ "x\r\nBcc: a.pdf", "pdf", NULL, "x__Bcc_ a.pdf" },
		{ "x\xff.pdf", "pdf", NULL, "x\xef\xbf\xbd.pdf" },
		{ "fdp\xe2\x80\xae"
		  "exe.pdf",
		    "pdf", NULL, "fdp_exe.pdf" },
		{ "day.cod", "coda", "BE68-17", "day-BE68-17.cod" },
		{ "day.cod", "coda", "BE68-18", "day-BE68-18.cod" },
	};
	g_autoptr(pl_names) names = pl_names_new();

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *out = pl_names_take(
		    names, cases[i].name, cases[i].format, cases[i].suffix);

		assert_string_equal(out, cases[i].out);
	}
}

static void
a_name_of_any_length_keeps_its_extension(void **state)
{
	g_autoptr(pl_names) names = pl_names_new();
	g_autoptr(GString) name = g_string_new(NULL);

	(void)state;
	for (unsigned i = 0; i < 4000; i++)
		g_string_append(name, "€");
	g_string_append(name, ".pdf");
	for (unsigned i = 0; i < 3; i++) {
		g_autofree char *out =
		    pl_names_take(names, name->str, "pdf", NULL);

		assert_true(strlen(out) < 200);
		assert_true(g_utf8_validate(out, -1, NULL));
		assert_true(g_str_has_suffix(out, ".pdf"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_come_back_bit_for_bit_under_their_names),
		cmocka_unit_test(the_header_is_a_machines),
		cmocka_unit_test(the_text_lists_the_documents),
		cmocka_unit_test(an_email_is_the_same_each_time),
		cmocka_unit_test(
		    a_zip_holds_all_and_stores_what_does_not_shrink),
		cmocka_unit_test(
		    only_the_kinds_of_files_a_journal_takes_go_out),
		cmocka_unit_test(
		    statements_of_one_file_leave_as_their_own_bytes),
		cmocka_unit_test(statements_of_one_account_leave_in_their_file),
		cmocka_unit_test(more_than_the_limit_is_noticed_at_once),
		cmocka_unit_test(names_are_safe_and_unique),
		cmocka_unit_test(a_name_of_any_length_keeps_its_extension),
		cmocka_unit_test(
		    memory_is_flat_whatever_the_number_and_the_size),
	};

	g_mime_init();
	return cmocka_run_group_tests_name("run_compose", tests, NULL, NULL);
}
