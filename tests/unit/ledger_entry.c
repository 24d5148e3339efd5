/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries: their states, and what comes out by every question. */
#include "ledger_fixture.h"

static void
an_entry_knows_its_document_and_message(void **state)
{
	struct fixture *f = *state;
	gint64 message = add_message(f->l, "a@c.example", "<1@x>", "1");
	gint64 document = add_document(f->l, message, "F-1", "aa");
	g_autoptr(pl_message) m = pl_message_get(f->l, message, NULL);
	g_autoptr(pl_entry) e = NULL;
	gint64 id;

	m->subject = g_strdup("Invoice");
	m->from = g_strdup("erp@shop.example");
	m->date = g_strdup("2026-03-01");
	assert_ok(pl_message_indexed(f->l, m, E));
	assert_ok(pl_entry_add(f->l, document, "sales", PL_HELD, "PL-110",
	    "other amount", 0, &id, E));
	e = pl_entry_get(f->l, id, NULL);
	assert_int_equal(e->id, id);
	assert_int_equal(e->document, document);
	assert_int_equal(e->message, message);
	assert_int_equal(e->batch, 0);
	assert_null(e->batch_name);
	assert_string_equal(e->journal, "sales");
	assert_int_equal(e->state, PL_HELD);
	assert_string_equal(e->code, "PL-110");
	assert_string_equal(e->note, "other amount");
	assert_int_equal(e->kind, PL_KIND_INVOICE);
	assert_string_equal(e->number, "F-1");
	assert_null(e->doc_date);
	assert_string_equal(e->seller_id, "BE0123456789");
	assert_string_equal(e->currency, "EUR");
	assert_string_equal(e->total, "121.00");
	assert_string_equal(e->filename, "F-1.pdf");
	assert_int_equal(e->formats, PL_FILES_PDF);
	assert_int_equal(e->size, 1000);
	assert_int_equal(e->arrived, m->arrived);
	assert_string_equal(e->msg_date, "2026-03-01");
	assert_string_equal(e->sender, "erp@shop.example");
	assert_string_equal(e->from, "erp@shop.example");
	assert_string_equal(e->subject, "Invoice");
	assert_string_equal(e->message_id, "<1@x>");
	assert_int_equal(e->sent, 0);
}

static void
a_journal_has_one_entry_for_a_document(void **state)
{
	struct fixture *f = *state;
	gint64 message = add_message(f->l, "a@c.example", "<1@x>", "1");
	gint64 document = add_document(f->l, message, "F-1", "aa"), id;

	assert_false(pl_entry_exists(f->l, document, "sales"));
	add_entry(f->l, document, "sales", PL_WAITING, NULL);
	assert_true(pl_entry_exists(f->l, document, "sales"));
	assert_false(pl_entry_exists(f->l, document, "other"));
	/* A refusal leaves the caller's transaction whole. */
	assert_ok(pl_ledger_begin(f->l, E));
	assert_fails(pl_entry_add(f->l, document, "sales", PL_WAITING, NULL,
			 NULL, 0, &id, E),
	    PL_LEDGER_CONFLICT, "already");
	add_entry(f->l, document, "other", PL_WAITING, NULL);
	assert_ok(pl_ledger_commit(f->l, E));
	assert_true(pl_entry_exists(f->l, document, "other"));
	assert_fails(pl_entry_add(f->l, document, "third", PL_SENT, NULL, NULL,
			 0, &id, E),
	    PL_LEDGER_CONFLICT, "sent");
	assert_whole(f->l);
}

static void
states_change_only_from_where_they_are(void **state)
{
	struct fixture *f = *state;
	gint64 one = add_waiting(f->l, "sales", "1");
	gint64 two = add_waiting(f->l, "sales", "2");
	g_autoptr(pl_entry) e = NULL;

	assert_ok(pl_entry_change(
	    f->l, one, PL_WAITING, PL_SUPERSEDED, "PL-111", "newer", two, E));
	assert_fails(
	    pl_entry_change(f->l, one, PL_WAITING, PL_HELD, NULL, NULL, 0, E),
	    PL_LEDGER_CONFLICT, "superseded");
	e = pl_entry_get(f->l, one, NULL);
	assert_int_equal(e->state, PL_SUPERSEDED);
	assert_int_equal(e->original, two);
	assert_string_equal(e->code, "PL-111");
	assert_string_equal(e->note, "newer");
	assert_false(e->released);
	assert_true(e->changed > 0);
	for (unsigned from = 0; from < PL_STATES; from++)
		assert_fails(pl_entry_change(
				 f->l, two, from, PL_SENDING, NULL, NULL, 0, E),
		    PL_LEDGER_CONFLICT, "sending");
	assert_fails(
	    pl_entry_change(f->l, two, PL_WAITING, PL_SENT, NULL, NULL, 0, E),
	    PL_LEDGER_CONFLICT, "sent");
	assert_fails(
	    pl_entry_change(f->l, 99, PL_WAITING, PL_HELD, NULL, NULL, 0, E),
	    PL_LEDGER_ABSENT, "99");
	assert_whole(f->l);
}

static void
a_person_releases_what_is_held_doubled_or_superseded(void **state)
{
	struct fixture *f = *state;
	const struct {
		enum pl_state state;
		gboolean may;
	} cases[PL_STATES] = {
		{ PL_WAITING, FALSE },
		{ PL_HELD, TRUE },
		{ PL_ARCHIVED, FALSE },
		{ PL_SENDING, FALSE },
		{ PL_SENT, FALSE },
		{ PL_DUPLICATE, TRUE },
		{ PL_SUPERSEDED, TRUE },
	};

	for (unsigned i = 0; i < PL_STATES; i++) {
		g_autofree char *number = g_strdup_printf("%u", i);
		gint64 id;

		if (i == PL_SENDING || i == PL_SENT)
			continue;
		id = add_waiting(f->l, "sales", number);
		if (i != PL_WAITING)
			assert_ok(pl_entry_change(f->l, id, PL_WAITING,
			    cases[i].state, "PL-110", NULL, 0, E));
		if (cases[i].may) {
			g_autoptr(pl_entry) e = NULL;

			assert_ok(pl_entry_release(f->l, id, E));
			e = pl_entry_get(f->l, id, NULL);
			assert_int_equal(e->state, PL_WAITING);
			assert_true(e->released);
			assert_null(e->code);
		} else
			assert_fails(pl_entry_release(f->l, id, E),
			    PL_LEDGER_CONFLICT, "is");
		assert_fails(
		    pl_entry_resend(f->l, id, E), PL_LEDGER_CONFLICT, "is");
	}
	assert_whole(f->l);
}

static gboolean
add_id(const pl_entry *e, void *user)
{
	g_string_append_printf(user, "%d ", (int)e->id);
	return TRUE;
}

static gboolean
add_first(const pl_entry *e, void *user)
{
	add_id(e, user);
	return FALSE;
}

static void
assert_found(
    struct fixture *f, struct pl_entry_filter filter, const char *expected)
{
	g_autoptr(GString) ids = g_string_new(NULL);

	assert_ok(pl_entry_each(f->l, &filter, add_id, ids, E));
	assert_string_equal(ids->str, expected);
}

static void
entries_are_found_by_every_filter(void **state)
{
	struct fixture *f = *state;
	gint64 times[5], messages[5];
	g_autoptr(GString) ids = g_string_new(NULL);
	const struct pl_entry_filter all = { 0 };

	for (unsigned i = 1; i <= 4; i++) {
		g_autofree char *number = g_strdup_printf("%u", i);
		gint64 id = add_waiting(f->l, i == 3 ? "buy" : "sales", number);
		g_autoptr(pl_entry) e = pl_entry_get(f->l, id, NULL);

		times[i] = e->arrived;
		messages[i] = e->message;
		assert_int_equal(id, i);
	}
	assert_ok(pl_entry_change(
	    f->l, 2, PL_WAITING, PL_HELD, "PL-110", NULL, 0, E));
	assert_ok(pl_entry_change(
	    f->l, 4, PL_WAITING, PL_ARCHIVED, NULL, NULL, 0, E));
	assert_found(f, all, "1 2 3 4 ");
	assert_found(
	    f, (struct pl_entry_filter){ .journal = "sales" }, "1 2 4 ");
	assert_found(f, (struct pl_entry_filter){ .journal = "none" }, "");
	assert_found(f, (struct pl_entry_filter){ .states = "w" }, "1 3 ");
	assert_found(f, (struct pl_entry_filter){ .states = "wh" }, "1 2 3 ");
	assert_found(f, (struct pl_entry_filter){ .states = "gsdu" }, "");
	assert_found(f, (struct pl_entry_filter){ .states = "" }, "");
	assert_found(f,
	    (struct pl_entry_filter){ .journal = "sales", .states = "wa" },
	    "1 4 ");
	assert_found(f, (struct pl_entry_filter){ .since = times[3] }, "3 4 ");
	assert_found(f, (struct pl_entry_filter){ .until = times[3] }, "1 2 ");
	assert_found(f,
	    (struct pl_entry_filter){
		.journal = "sales", .since = times[2], .until = times[4] + 1 },
	    "2 4 ");
	assert_found(
	    f, (struct pl_entry_filter){ .message = messages[2] }, "2 ");
	assert_found(f, (struct pl_entry_filter){ .document = 3 }, "3 ");
	assert_found(f,
	    (struct pl_entry_filter){ .document = 3, .journal = "sales" }, "");
	assert_found(f,
	    (struct pl_entry_filter){ .message = messages[2], .states = "w" },
	    "");
	assert_found(f, (struct pl_entry_filter){ .limit = 2 }, "1 2 ");
	assert_found(f,
	    (struct pl_entry_filter){ .journal = "sales", .limit = 1 }, "1 ");
	assert_ok(pl_entry_each(f->l, &all, add_first, ids, E));
	assert_string_equal(ids->str, "1 ");
}

static gboolean
ask_inside(const pl_entry *e, void *user)
{
	struct fixture *f = user;
	const struct pl_entry_filter all = { 0 };
	g_autoptr(GString) ids = g_string_new(NULL);

	assert_int_equal(state_of(f->l, e->id), PL_WAITING);
	assert_ok(pl_entry_each(f->l, &all, add_id, ids, E));
	assert_string_equal(ids->str, "1 2 ");
	return TRUE;
}

static void
the_same_question_may_be_asked_inside_an_answer(void **state)
{
	struct fixture *f = *state;
	const struct pl_entry_filter all = { 0 };

	add_waiting(f->l, "sales", "1");
	add_waiting(f->l, "sales", "2");
	assert_ok(pl_entry_each(f->l, &all, ask_inside, f, E));
}

static void
assert_entries(GPtrArray *found, unsigned n, gint64 first)
{
	assert_non_null(found);
	assert_int_equal(found->len, n);
	if (n > 0)
		assert_int_equal(((pl_entry *)found->pdata[0])->id, first);
	g_ptr_array_unref(found);
}

static void
what_waits_from_a_sender_is_found(void **state)
{
	struct fixture *f = *state;
	gint64 one = add_waiting(f->l, "sales", "1");

	add_waiting(f->l, "other", "2");
	assert_entries(
	    pl_entry_from_sender(f->l, "sales", "erp@shop.example", NULL), 1,
	    one);
	assert_entries(
	    pl_entry_from_sender(f->l, "sales", "x@shop.example", NULL), 0, 0);
	assert_ok(pl_entry_change(
	    f->l, one, PL_WAITING, PL_ARCHIVED, NULL, NULL, 0, E));
	assert_entries(
	    pl_entry_from_sender(f->l, "sales", "erp@shop.example", NULL), 0,
	    0);
}

static void
counts_follow_every_change(void **state)
{
	struct fixture *f = *state;
	struct pl_counts c;
	gint64 one = add_waiting(f->l, "sales", "1");
	gint64 two = add_waiting(f->l, "sales", "2");
	g_autoptr(pl_entry) second = pl_entry_get(f->l, two, NULL);

	add_waiting(f->l, "buy", "3");
	assert_ok(pl_entry_change(
	    f->l, one, PL_WAITING, PL_HELD, "PL-110", NULL, 0, E));
	assert_ok(pl_entry_counts(f->l, "sales", &c, E));
	assert_int_equal(c.by_state[PL_WAITING], 1);
	assert_int_equal(c.by_state[PL_HELD], 1);
	assert_int_equal(c.problems, 1);
	assert_int_equal(c.oldest_waiting, second->arrived);
	assert_ok(pl_entry_change(
	    f->l, two, PL_WAITING, PL_HELD, NULL, "by hand", 0, E));
	assert_ok(pl_entry_counts(f->l, "sales", &c, E));
	assert_int_equal(c.by_state[PL_WAITING], 0);
	assert_int_equal(c.by_state[PL_HELD], 2);
	assert_int_equal(c.problems, 1);
	assert_int_equal(c.oldest_waiting, 0);
	assert_ok(pl_entry_counts(f->l, "none", &c, E));
	assert_int_equal(c.by_state[PL_WAITING], 0);
	assert_whole(f->l);
}

static void
states_have_names(void **state)
{
	enum pl_state s;

	(void)state;
	for (unsigned i = 0; i < PL_STATES; i++) {
		assert_true(pl_state_parse(pl_state_name(i), &s));
		assert_int_equal(s, i);
	}
	assert_false(pl_state_parse("lost", &s));
	assert_int_equal(strlen(PL_STATE_LETTERS), PL_STATES);
	assert_string_equal(
	    pl_batch_state_name(PL_BATCH_CANCELLED), "cancelled");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_entry_knows_its_document_and_message),
		T(a_journal_has_one_entry_for_a_document),
		T(states_change_only_from_where_they_are),
		T(a_person_releases_what_is_held_doubled_or_superseded),
		T(entries_are_found_by_every_filter),
		T(the_same_question_may_be_asked_inside_an_answer),
		T(what_waits_from_a_sender_is_found),
		T(counts_follow_every_change),
		cmocka_unit_test(states_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
