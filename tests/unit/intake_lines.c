/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of statements: read for whoever shows them, not by the index. */
#include "intake_mail.h"
#include "reader.h"

static const char statement[] = ":20:REF\r\n"
				":25:BE68539007547034\r\n"
				":28C:41/1\r\n"
				":60F:C260227EUR1000,00\r\n"
				":61:2602280228D50,00NTRFNONREF\r\n"
				":86:+++123/4567/89002+++\r\n"
				":61:2602280228C25,50NTRFNONREF\r\n"
				":86:thanks for the lunch\r\n"
				":62F:C260228EUR975,50\r\n"
				"-\r\n";

static GBytes *
statement_mail(void)
{
	GString *m = mail_begin("mixed");

	mail_file(m, "application/octet-stream", "s.sta", make_text(statement));
	return mail_end(m);
}

static void
expect_lines(const pl_findings *f)
{
	assert_int_equal(f->documents->len, 1);
	const pl_document *d = f->documents->pdata[0];
	assert_int_equal(d->lines, 2);
	assert_non_null(d->transactions);
	assert_int_equal(d->transactions->len, 2);
	const struct pl_line *first = d->transactions->pdata[0];
	const struct pl_line *second = d->transactions->pdata[1];
	assert_string_equal(first->date, "2026-02-28");
	assert_string_equal(first->amount, "-50.00");
	assert_string_equal(second->amount, "25.50");
	assert_non_null(strstr(second->communication, "thanks for the lunch"));
}

static void
who_inspects_a_message_gets_the_lines(void **state)
{
	g_autoptr(pl_reader) reader = pl_reader_new(NULL);
	g_autoptr(GBytes) bytes = statement_mail();
	const struct pl_source source = pl_source_memory(bytes);

	(void)state;
	g_autoptr(pl_findings) f =
	    pl_reader_inspect(reader, &source, NULL, NULL);
	assert_non_null(f);
	expect_lines(f);
}

static void
who_reads_many_gets_their_number(void **state)
{
	g_autoptr(pl_reader) reader = pl_reader_new(NULL);
	g_autoptr(GBytes) bytes = statement_mail();
	const struct pl_source source = pl_source_memory(bytes);

	(void)state;
	pl_reader_begin(reader, &source, NULL);
	g_autoptr(pl_findings) f = pl_reader_finish(reader, NULL);
	assert_non_null(f);
	const pl_document *d = f->documents->pdata[0];
	assert_int_equal(d->lines, 2);
	assert_null(d->transactions);
}

/* N statements of M lines with communications of LENGTH. */
static pl_findings *
large(unsigned n, unsigned m, unsigned length)
{
	pl_findings *f = pl_findings_new();

	for (unsigned i = 0; i < n; i++) {
		struct pl_document *d = pl_document_new();
		struct pl_file *file = pl_file_new();
		file->media_type = g_strdup("text/plain");
		file->format = g_strdup("coda");
		file->sha256 = g_strnfill(PL_SHA256_HEX, 'a');
		g_ptr_array_add(d->files, file);
		d->kind = PL_KIND_STATEMENT;
		d->lines = m;
		d->transactions = g_ptr_array_new_with_free_func(
		    (GDestroyNotify)pl_line_free);
		for (unsigned k = 0; k < m; k++) {
			struct pl_line *line = pl_line_new();
			line->communication = g_strnfill(length, 'x');
			g_ptr_array_add(d->transactions, line);
		}
		g_ptr_array_add(f->documents, d);
	}
	return f;
}

static void
lines_beyond_the_limit_stay_behind_their_number_does_not(void **state)
{
	g_autoptr(pl_findings) f = large(3, 200, PL_WIRE_LINES / 400);

	(void)state;
	g_autoptr(GBytes) bytes = pl_wire_pack(f);
	assert_in_range(g_bytes_get_size(bytes), PL_WIRE_LINES,
	    PL_WIRE_LINES + PL_WIRE_LINES / 300);
	g_autoptr(pl_findings) same = pl_wire_unpack(bytes);
	assert_non_null(same);
	unsigned got = 0;
	for (unsigned i = 0; i < 3; i++) {
		const pl_document *d = same->documents->pdata[i];
		assert_int_equal(d->lines, 200);
		got += d->transactions != NULL ? d->transactions->len : 0;
	}
	assert_in_range(got, 390, 401);
}

static void
changed_lines_are_refused_or_harmless(void **state)
{
	g_autoptr(GBytes) mail = statement_mail();
	const struct pl_source source = pl_source_memory(mail);
	g_autoptr(pl_findings) f =
	    pl_inspect(&pl_limits_default, &source, NULL, NULL);

	(void)state;
	g_autoptr(pl_findings) same = come_back(f);
	expect_lines(same);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_inspects_a_message_gets_the_lines),
		cmocka_unit_test(who_reads_many_gets_their_number),
		cmocka_unit_test(
		    lines_beyond_the_limit_stay_behind_their_number_does_not),
		cmocka_unit_test(changed_lines_are_refused_or_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
