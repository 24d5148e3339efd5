/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is open (waiting, held) is kept in one piece, with the keys by which it
 * is found apart from those of the years: both follow everything that becomes
 * of an entry.
 */
#include "ledger_planned.h"
#include "room.h"

/* ---- as the entries are ------------------------------------------------ */

/* All that a list shows of it, one member a line. */
static char *
words_of(const pl_entry *e)
{
	return g_strdup_printf(
	    "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
	    " %" G_GINT64_FORMAT "\n%s %d %s %s %" G_GINT64_FORMAT
	    " %d %" G_GINT64_FORMAT "\n%d %s %s %s %s %s %s "
	    "%s %s %s\n%s %u %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
	    " %" G_GUINT64_FORMAT "\n%" G_GINT64_FORMAT
	    " %s %s %s %s %s %s %s\n%s %" G_GINT64_FORMAT " %s %s %s",
	    e->id, e->document, e->message, e->batch, e->journal, e->state,
	    e->code, e->note, e->original, e->released, e->changed, e->kind,
	    e->number, e->doc_date, e->seller_id, e->seller_name, e->buyer_id,
	    e->currency, e->total, e->account, e->sequence, e->filename,
	    e->formats, e->size, e->offset, e->length, e->arrived, e->msg_date,
	    e->sender, e->from, e->subject, e->auth_user, e->client_addr,
	    e->message_id, e->batch_name, e->sent, e->format, e->opening,
	    e->closing);
}

/* What is open, by its own lines, is what the entries say; IDS are those. */
static void
assert_open(pl_ledger *l, const char *ids)
{
	const struct pl_entry_filter filter = { .journal = "sales",
		.states = "wh" };
	g_autoptr(GPtrArray) list = pl_entry_list(l, &filter, NULL);
	g_autoptr(GString) text = g_string_new(NULL);

	assert_non_null(list);
	for (guint i = 0; i < list->len; i++) {
		const pl_entry *e = list->pdata[i];
		g_autoptr(pl_entry) is = pl_entry_get(l, e->id, NULL);
		g_autofree char *one = words_of(e), *other = words_of(is);

		assert_string_equal(one, other);
		g_string_append_printf(text, "%s%" G_GINT64_FORMAT " %s",
		    i > 0 ? ", " : "", e->id, pl_state_name(e->state));
	}
	assert_string_equal(text->str, ids);
	assert_whole(l);
}

/* With everything that a document and its message can say. */
static gint64
add_full(pl_ledger *l)
{
	g_autoptr(pl_message) m =
	    new_message("<sales@c.example>", "<full@shop.example>", "x");
	g_autoptr(pl_document) d = pl_document_new();
	struct pl_file *f = pl_file_new();
	gint64 id;

	m->auth_user = g_strdup("erp");
	m->client_addr = g_strdup("192.0.2.1");
	m->bytes = store_bytes(l, "milter", "x", 1);
	m->subject = g_strdup("Subject");
	m->from = g_strdup("from@shop.example");
	m->date = g_strdup("2026-01-31");
	assert_ok(pl_bytes_sync(l, E));
	assert_ok(pl_message_add(l, m, "sales", E));
	assert_ok(pl_message_indexed(l, m, E));
	d->message = m->id;
	d->kind = PL_KIND_STATEMENT;
	d->number = g_strdup("117");
	d->date = g_strdup("2026-01-30");
	d->seller_id = g_strdup("BE1");
	d->seller_name = g_strdup("Seller");
	d->buyer_id = g_strdup("BE2");
	d->currency = g_strdup("EUR");
	d->total = g_strdup("1.21");
	d->account = g_strdup("BE68539007547034");
	d->sequence = g_strdup("17");
	d->opening_balance = g_strdup("1.00");
	d->closing_balance = g_strdup("2.00");
	d->offset = 3;
	d->length = 4;
	f->filename = g_strdup("a.cod");
	f->format = g_strdup("coda");
	f->size = 9;
	f->sha256 = g_strnfill(64, 'a');
	g_ptr_array_add(d->files, f);
	assert_ok(pl_document_add(l, d, E));
	assert_ok(pl_entry_add(
	    l, d->id, "sales", PL_HELD, "PL-110", "words", 0, &id, E));
	return id;
}

static void
what_is_open_is_in_one_piece_whatever_becomes_of_it(void **state)
{
	struct fixture *f = *state;
	pl_ledger *l = f->l;
	gint64 one = add_waiting(l, "sales", "1");
	gint64 two = add_full(l);

	add_waiting(l, "other", "3");
	assert_open(l, "1 waiting, 2 held");
	assert_ok(pl_entry_change(
	    l, one, PL_WAITING, PL_HELD, "PL-112", "of two", two, E));
	assert_open(l, "1 held, 2 held");
	assert_ok(pl_statement_note(l, one, "PL-112", "other words", E));
	assert_open(l, "1 held, 2 held");
	assert_ok(pl_entry_release(l, two, E));
	assert_open(l, "1 held, 2 waiting");
	assert_ok(
	    pl_entry_change(l, one, PL_HELD, PL_ARCHIVED, NULL, NULL, 0, E));
	assert_open(l, "2 waiting");
	assert_ok(
	    pl_entry_change(l, one, PL_ARCHIVED, PL_WAITING, NULL, NULL, 0, E));
	assert_ok(pl_entry_change(
	    l, one, PL_WAITING, PL_SUPERSEDED, NULL, NULL, two, E));
	assert_open(l, "2 waiting");
}

static unsigned
attempt(pl_ledger *l, gint64 batch)
{
	unsigned n;

	assert_ok(pl_batch_attempt(l, batch, FALSE, &n, E));
	return n;
}

static void
it_leaves_with_its_e_mail_and_comes_back_with_it(void **state)
{
	struct fixture *f = *state;
	pl_ledger *l = f->l;
	const gint64 ids[] = { add_waiting(l, "sales", "1"),
		add_waiting(l, "sales", "2") };
	g_autoptr(pl_batch) given_up = plan(l, ids, 2);
	g_autoptr(pl_batch) refused = NULL, sent = NULL;
	gboolean bounced;
	unsigned n;

	assert_open(l, "");
	assert_ok(pl_batch_cancel(l, given_up->id, E));
	assert_open(l, "1 waiting, 2 waiting");
	refused = plan(l, ids, 1);
	n = attempt(l, refused->id);
	come_by(l, refused->id, n, PL_OFFER_PASS);
	assert_ok(pl_batch_answer(
	    l, refused->id, n, PL_ATTEMPT_REFUSED, "554 no", NULL, 1, E));
	assert_open(l, "1 held, 2 waiting");
	sent = plan(l, ids + 1, 1);
	n = attempt(l, sent->id);
	come_by(l, sent->id, n, PL_OFFER_PASS);
	assert_ok(pl_batch_answer(
	    l, sent->id, n, PL_ATTEMPT_SENT, "250 ok", "4X", 1, E));
	assert_open(l, "1 held");
	assert_ok(pl_batch_bounce(l, sent->id, n, "no such user", &bounced, E));
	assert_true(bounced);
	assert_open(l, "1 held, 2 held");
	assert_ok(pl_entry_release(l, ids[1], E));
	assert_open(l, "1 held, 2 waiting");
}

/* ---- keys -------------------------------------------------------------- */

static gboolean
first(const pl_entry *e, void *user)
{
	*(gint64 *)user = e->id;
	return FALSE;
}

static gint64
found(pl_ledger *l, const char *number, gboolean gone)
{
	g_autofree char *sha =
	    g_compute_checksum_for_string(G_CHECKSUM_SHA256, number, -1);
	const struct pl_file file = { .sha256 = sha };
	g_autofree char *key = pl_file_key(&file);
	gint64 id = 0;

	assert_ok(
	    pl_entry_same(l, "sales", PL_SAME_FILE, key, gone, first, &id, E));
	return id;
}

static void
the_same_again_is_found_from_its_coming_to_its_going_and_back(void **state)
{
	struct fixture *f = *state;
	pl_ledger *l = f->l;
	gint64 id = add_waiting(l, "sales", "1");
	g_autoptr(pl_batch) b = NULL;
	gboolean bounced;
	unsigned n;

	assert_int_equal(found(l, "1", FALSE), id);
	assert_int_equal(found(l, "1", TRUE), 0);
	b = plan(l, &id, 1);
	assert_int_equal(found(l, "1", FALSE), 0);
	assert_int_equal(found(l, "1", TRUE), id);
	n = attempt(l, b->id);
	come_by(l, b->id, n, PL_OFFER_PASS);
	assert_ok(pl_batch_answer(
	    l, b->id, n, PL_ATTEMPT_SENT, "250 ok", "4X", 1, E));
	assert_int_equal(found(l, "1", TRUE), id);
	assert_ok(pl_batch_bounce(l, b->id, n, "no such user", &bounced, E));
	assert_int_equal(found(l, "1", FALSE), id);
	assert_int_equal(found(l, "1", TRUE), 0);
	assert_whole(l);
}

/* ---- damage ------------------------------------------------------------ */

static void
lines_that_are_not_those_of_the_entries_are_damage(void **state)
{
	static const char *const damages[] = {
		"UPDATE open_entry SET note = 'x'",
		"UPDATE open_entry SET subject = NULL",
		"UPDATE open_entry SET size = size + 1",
		"DELETE FROM open_entry",
		"UPDATE open_entry SET id = 2",
		"UPDATE message SET subject = 'another'",
	};
	struct fixture *f = *state;
	pl_db *db = f->l->db;

	add_full(f->l);
	for (unsigned i = 0; i < G_N_ELEMENTS(damages); i++) {
		assert_ok(pl_ledger_check(f->l, E));
		assert_ok(pl_db_begin(db, E));
		assert_ok(
		    pl_db_script(db, "PRAGMA defer_foreign_keys = ON", E));
		assert_ok(pl_db_script(db, damages[i], E));
		if (pl_ledger_check(f->l, NULL))
			fail_msg("not seen: %s", damages[i]);
		pl_db_rollback(db);
	}
}

/* A state without what stands for it would hide a document from those that
 * come later. */
static void
no_state_without_what_counts(void **state)
{
	struct fixture *f = *state;

	add_waiting(f->l, "sales", "1");
	assert_fails(pl_db_script(f->l->db, "UPDATE entry SET state = 4", E),
	    PL_LEDGER_FAILED, "CHECK");
	assert_fails(
	    pl_db_script(f->l->db, "UPDATE entry SET stands = NULL", E),
	    PL_LEDGER_FAILED, "CHECK");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_open_is_in_one_piece_whatever_becomes_of_it),
		T(it_leaves_with_its_e_mail_and_comes_back_with_it),
		T(the_same_again_is_found_from_its_coming_to_its_going_and_back),
		T(lines_that_are_not_those_of_the_entries_are_damage),
		T(no_state_without_what_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
