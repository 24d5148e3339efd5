/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages, documents and their files: what goes in comes out. */
#include "ledger_fixture.h"
#include "room.h"

static void
a_message_comes_back_as_it_was_added(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_message) m =
	    new_message("<Sales+X@C.Example>", "<1@\xff.example>", "hello");
	g_autoptr(pl_message) back = NULL;

	m->queue_id = g_strdup("4XyzAB");
	g_free(m->sender);
	m->sender = g_strdup("\"we ird\xe9\"@shop.example");
	m->client_addr = g_strdup("192.0.2.7");
	m->client_name = g_strdup("mail\xff.shop.example");
	m->helo = g_strdup("mail.shop.example");
	m->auth_user = g_strdup("erp");
	m->tls = g_strdup("TLSv1.3");
	g_ptr_array_add(m->recipients, g_strdup("other@c.example"));
	m->bytes = store_bytes(f->l, "milter", "hello", 5);
	assert_ok(pl_bytes_sync(f->l, E));
	assert_ok(pl_message_add(f->l, m, "sales,purchases", E));
	assert_int_equal(m->id, 1);

	back = pl_message_get(f->l, m->id, NULL);
	assert_non_null(back);
	assert_int_equal(back->arrived, m->arrived);
	assert_string_equal(back->bytes.store, m->bytes.store);
	assert_int_equal(back->bytes.row, m->bytes.row);
	assert_int_equal(back->bytes.size, 5);
	assert_int_equal(back->bytes.chunks, 1);
	assert_string_equal(back->origin, "milter");
	assert_string_equal(back->queue_id, "4XyzAB");
	assert_string_equal(back->sender, "\"we ird\xe9\"@shop.example");
	assert_string_equal(back->client_addr, "192.0.2.7");
	assert_string_equal(back->client_name,
	    "mail\xef\xbf\xbd.shop.example"); /* display text is UTF-8 */
	assert_string_equal(back->helo, "mail.shop.example");
	assert_string_equal(back->auth_user, "erp");
	assert_string_equal(back->tls, "TLSv1.3");
	assert_string_equal(back->message_id, "<1@\xff.example>");
	assert_string_equal(back->header_sha256, m->header_sha256);
	assert_string_equal(back->body_sha256, m->body_sha256);
	assert_int_equal(back->recipients->len, 2);
	assert_string_equal(back->recipients->pdata[0], "<Sales+X@C.Example>");
	assert_string_equal(back->recipients->pdata[1], "other@c.example");
	assert_false(back->indexed);
	assert_null(back->subject);
}

static void
a_message_that_does_not_exist_is_absent(void **state)
{
	struct fixture *f = *state;

	assert_fails(pl_message_get(f->l, 7, E) != NULL, PL_LEDGER_ABSENT, "7");
	assert_fails(
	    pl_document_get(f->l, 7, E) != NULL, PL_LEDGER_ABSENT, "7");
	assert_fails(pl_entry_get(f->l, 7, E) != NULL, PL_LEDGER_ABSENT, "7");
	assert_fails(pl_batch_get(f->l, 7, E) != NULL, PL_LEDGER_ABSENT, "7");
	assert_fails(pl_run_get(f->l, 7, E) != NULL, PL_LEDGER_ABSENT, "7");
	assert_fails(pl_report_get(f->l, 7, E) != NULL, PL_LEDGER_ABSENT, "7");
	assert_fails(pl_bytes_open(f->l, 7, E) != NULL, PL_LEDGER_ABSENT, "7");
}

static void
new_messages_are_listed_until_they_are_indexed(void **state)
{
	struct fixture *f = *state;
	gint64 one = add_message(f->l, "a@c.example", "<1@x>", "1");
	gint64 two = add_message(f->l, "a@c.example", "<2@x>", "2");
	g_autoptr(GArray) fresh = pl_message_unindexed(f->l, 0, 10, NULL);
	g_autoptr(GArray) first = pl_message_unindexed(f->l, 0, 1, NULL);
	g_autoptr(GArray) rest = NULL;
	g_autoptr(pl_message) m = pl_message_get(f->l, one, NULL);
	g_autoptr(pl_message) back = NULL;

	assert_int_equal(fresh->len, 2);
	assert_int_equal(first->len, 1);
	assert_int_equal(g_array_index(first, gint64, 0), one);
	m->subject = g_strdup("Facture n\xc2\xb0 1 \xff");
	m->from = g_strdup("Shop <erp@shop.example>");
	m->date = g_strdup("2026-02-28");
	assert_ok(pl_message_indexed(f->l, m, E));
	rest = pl_message_unindexed(f->l, 0, 10, NULL);
	assert_int_equal(rest->len, 1);
	assert_int_equal(g_array_index(rest, gint64, 0), two);
	back = pl_message_get(f->l, one, NULL);
	assert_true(back->indexed);
	assert_string_equal(back->subject, "Facture n\xc2\xb0 1 \xef\xbf\xbd");
	assert_string_equal(back->from, "Shop <erp@shop.example>");
	assert_string_equal(back->date, "2026-02-28");
	m->id = 99;
	assert_fails(
	    pl_message_indexed(f->l, m, E), PL_LEDGER_ABSENT, "message 99");
}

static void
the_same_message_is_found_per_intake_address(void **state)
{
	struct fixture *f = *state;
	gint64 first = add_message(f->l, "<Sales@C.example>", "<1@x>", "body");
	gint64 again = add_message(f->l, "sales@c.example", "<1@x>", "body");
	gint64 other = add_message(f->l, "buy@c.example", "<1@x>", "body");
	gint64 changed = add_message(f->l, "sales@c.example", "<1@x>", "b2");
	const struct {
		gint64 id;
		const char *address;
		gint64 same;
	} cases[] = {
		{ first, "sales@c.example", 0 },
		{ again, "sales@c.example", first },
		{ other, "buy@c.example", 0 },
		{ other, "sales@c.example", first },
		{ changed, "sales@c.example", 0 },
	};

	assert_ok(pl_ledger_check(f->l, E));
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(pl_message) m =
		    pl_message_get(f->l, cases[i].id, NULL);

		assert_int_equal(
		    pl_message_same(f->l, m, cases[i].address), cases[i].same);
		assert_int_equal(m->again, m->id != first && m->id != changed);
	}
	assert_ok(pl_db_script(
	    f->l->db, "UPDATE message SET again = 0 WHERE id = 2", E));
	assert_fails(
	    pl_ledger_check(f->l, E), PL_LEDGER_DAMAGED, "message 2 came");
}

static void
a_message_without_an_id_is_the_same_as_no_other(void **state)
{
	struct fixture *f = *state;
	gint64 id;
	g_autoptr(pl_message) m = NULL;

	add_message(f->l, "sales@c.example", NULL, "body");
	id = add_message(f->l, "sales@c.example", NULL, "body");
	m = pl_message_get(f->l, id, NULL);
	assert_int_equal(pl_message_same(f->l, m, "sales@c.example"), 0);
}

static void
a_document_comes_back_as_it_was_added(void **state)
{
	struct fixture *f = *state;
	gint64 message = add_message(f->l, "a@c.example", "<1@x>", "1");
	g_autoptr(pl_document) d = pl_document_new();
	g_autoptr(pl_document) back = NULL;
	struct pl_file *pdf = pl_file_new(), *xml = pl_file_new(), *got;
	char **const texts[] = { &d->number, &d->date, &d->seller_id,
		&d->seller_name, &d->buyer_id, &d->buyer_name, &d->currency,
		&d->total, &d->payment_reference, &d->account, &d->sequence,
		&d->opening_balance, &d->closing_balance, &d->from, &d->to };

	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
		*texts[i] = g_strdup_printf("text %u", i);
	d->message = message;
	d->kind = PL_KIND_STATEMENT;
	d->lines = 12;
	d->offset = 100;
	d->length = 200;
	pdf->filename = g_strdup("a/\xff.pdf");
	pdf->media_type = g_strdup("application/pdf");
	pdf->format = g_strdup("pdf");
	pdf->size = 5000000000;
	pdf->sha256 = g_strdup("abc");
	xml->filename = g_strdup("b.xml");
	g_ptr_array_add(d->files, pdf);
	g_ptr_array_add(d->files, xml);
	assert_ok(pl_document_add(f->l, d, E));
	assert_int_equal(d->id, 1);

	back = pl_document_get(f->l, 1, NULL);
	assert_non_null(back);
	assert_int_equal(back->message, message);
	assert_int_equal(back->kind, PL_KIND_STATEMENT);
	assert_string_equal(back->number, "text 0");
	assert_string_equal(back->date, "text 1");
	assert_string_equal(back->seller_id, "text 2");
	assert_string_equal(back->seller_name, "text 3");
	assert_string_equal(back->buyer_id, "text 4");
	assert_string_equal(back->buyer_name, "text 5");
	assert_string_equal(back->currency, "text 6");
	assert_string_equal(back->total, "text 7");
	assert_string_equal(back->payment_reference, "text 8");
	assert_string_equal(back->account, "text 9");
	assert_string_equal(back->sequence, "text 10");
	assert_string_equal(back->opening_balance, "text 11");
	assert_string_equal(back->closing_balance, "text 12");
	assert_string_equal(back->from, "text 13");
	assert_string_equal(back->to, "text 14");
	assert_int_equal(back->lines, 12);
	assert_int_equal(back->offset, 100);
	assert_int_equal(back->length, 200);
	assert_int_equal(back->files->len, 2);
	got = back->files->pdata[0];
	assert_int_equal(got->id, pdf->id);
	assert_string_equal(got->filename, "a/\xef\xbf\xbd.pdf");
	assert_string_equal(got->media_type, "application/pdf");
	assert_string_equal(got->format, "pdf");
	assert_int_equal(got->size, 5000000000);
	assert_string_equal(got->sha256, "abc");
	assert_null(got->reason);
	got = back->files->pdata[1];
	assert_string_equal(got->filename, "b.xml");
	assert_null(got->format);
}

static void
every_file_of_a_message_is_used_or_ignored_with_a_reason(void **state)
{
	struct fixture *f = *state;
	gint64 message = add_message(f->l, "a@c.example", "<1@x>", "1");
	struct pl_file *logo = pl_file_new(), *got;
	g_autoptr(GPtrArray) documents = NULL, ignored = NULL;

	add_document(f->l, message, "1", "aa");
	add_document(f->l, message, "2", "bb");
	logo->filename = g_strdup("logo.png");
	logo->reason = g_strdup("inline image");
	assert_ok(pl_document_ignore(f->l, message, logo, E));
	documents = pl_document_of(f->l, message, NULL);
	ignored = pl_document_ignored(f->l, message, NULL);
	assert_int_equal(documents->len, 2);
	assert_string_equal(((pl_document *)documents->pdata[1])->number, "2");
	assert_int_equal(ignored->len, 1);
	got = ignored->pdata[0];
	assert_string_equal(got->filename, "logo.png");
	assert_string_equal(got->reason, "inline image");
	assert_int_equal(got->id, logo->id);
	pl_file_free(logo);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_message_comes_back_as_it_was_added),
		T(a_message_that_does_not_exist_is_absent),
		T(new_messages_are_listed_until_they_are_indexed),
		T(the_same_message_is_found_per_intake_address),
		T(a_message_without_an_id_is_the_same_as_no_other),
		T(a_document_comes_back_as_it_was_added),
		T(every_file_of_a_message_is_used_or_ignored_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
