/* SPDX-License-Identifier: BSD-2-Clause */
/* The same again, from message to entry: message, file, invoice, statement. */
#include "intake_ledger.h"

static void
the_same_message_again_is_a_duplicate(void **state)
{
	struct fixture *f = *state;
	GBytes *bytes = invoice("I1", "1.00");
	const struct mail mail = { .to = "<sales@in.example>",
		.id = "<x@y>", .bytes = bytes };
	const struct mail elsewhere = { .to = "<other@in.example>",
		.id = "<x@y>", .bytes = bytes };

	g_bytes_ref(bytes);
	g_bytes_ref(bytes);
	gint64 first = store(f->l, &mail);
	gint64 second = store(f->l, &mail);
	store(f->l, &elsewhere);
	run_index(f->l, SALES
	    "[journal other]\naddress = other@in.example\n"
	    "deliver_to = other@out.example\n");
	assert_ledger(f->l,
	    "sales waiting i.xml\nsales duplicate i.xml of 1\n"
	    "other waiting i.xml\n");
	g_autoptr(pl_message) m = pl_message_get(f->l, second, NULL);
	assert_int_equal(m->same_as, first);
}

static void
the_same_file_again_is_a_duplicate(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	struct pl_indexed done = run_index(f->l, SALES);
	assert_int_equal(done.duplicates, 1);
	assert_ledger(f->l,
	    "sales waiting i.xml\nsales duplicate i.xml of 1\n");
}

static void
terms_of_sale_that_came_before_do_not_hide_an_invoice(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>",
	    mail_with_two("facture-A.pdf", make_pdf("a"), "terms.pdf",
		make_pdf("terms")));
	for (int i = 0; i < 2; i++) {
		g_autofree char *number = g_strdup_printf("INV-%d", 7 + i);
		g_autofree char *name = g_strconcat(number, ".xml", NULL);
		arrives(f->l, "<sales@in.example>",
		    mail_with_two(name, ubl(number), "terms.pdf",
			make_pdf("terms")));
	}
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales waiting facture-A.pdf\nsales waiting terms.pdf\n"
	    "sales waiting terms.pdf\nsales waiting terms.pdf\n");
}

static void
an_invoice_takes_the_place_of_its_pdf_that_came_alone(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>",
	    mail_with("application/pdf", "INV-8.pdf", make_pdf("8")));
	arrives(f->l, "<sales@in.example>",
	    mail_with_two("INV-8.pdf", make_pdf("8"), "INV-8.xml",
		ubl("INV-8")));
	arrives(f->l, "<sales@in.example>",
	    mail_with("application/pdf", "INV-8.pdf", make_pdf("8")));
	arrives(f->l, "<sales@in.example>",
	    mail_with("application/xml", "other.xml", ubl("INV-8")));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales superseded INV-8.pdf of 2\nsales waiting INV-8.pdf\n"
	    "sales duplicate INV-8.pdf of 2\n"
	    "sales duplicate other.xml of 2\n");
}

static void
going_back_to_the_first_version_supersedes_the_second(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	arrives(f->l, "<sales@in.example>", invoice("I1", "2.00"));
	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales superseded i.xml of 2\nsales superseded i.xml of 3\n"
	    "sales waiting i.xml\n");
}

static void
a_number_in_other_letters_is_the_same_invoice(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>", invoice("N-1", "1.00"));
	arrives(f->l, "<sales@in.example>", invoice("n-1", "2.00"));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales superseded i.xml of 2\nsales waiting i.xml\n");
}

static void
a_newer_version_supersedes_the_waiting_one(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	arrives(f->l, "<sales@in.example>", invoice("I1", "2.00"));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales superseded i.xml of 2\nsales waiting i.xml\n");
}

static void
a_newer_version_from_elsewhere_holds_both(void **state)
{
	struct fixture *f = *state;
	const struct mail forged = { .to = "<sales@in.example>",
		.id = "<f@x>", .client = "192.0.2.9",
		.bytes = invoice("I1", "2.00") };

	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	store(f->l, &forged);
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales held i.xml PL-111 of 2\nsales held i.xml PL-111 of 1\n");
}

static void
a_pdf_of_the_same_name_number_holds_both(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>",
	    mail_with("application/pdf", "F-2117.pdf", make_pdf("a")));
	run_index(f->l, SALES);
	arrives(f->l, "<sales@in.example>",
	    mail_with("application/pdf", "F-2117 v2.pdf", make_pdf("b")));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales held F-2117.pdf PL-112 of 2\n"
	    "sales held F-2117 v2.pdf PL-112 of 1\n");
}

static void
a_message_by_two_addresses_of_a_journal_is_entered_once(void **state)
{
	struct fixture *f = *state;
	GBytes *bytes = invoice("I1", "1.00");
	const struct mail a = { .to = "<a@in.example>", .id = "<x@y>",
		.bytes = g_bytes_ref(bytes) };
	const struct mail b = { .to = "<b@in.example>", .id = "<x@y>",
		.bytes = bytes };

	store(f->l, &a);
	store(f->l, &b);
	run_index(f->l,
	    "[journal two]\naddress = a@in.example b@in.example\n"
	    "deliver_to = two@out.example\n");
	assert_ledger(
	    f->l, "two waiting i.xml\ntwo duplicate i.xml of 1\n");
}

static GBytes *
credit_note(const char *number, const char *total)
{
	return mail_with("application/xml", "c.xml",
	    make_ubl(TRUE, number, "2026-01-31", total, NULL, NULL));
}

static void
a_credit_note_with_the_number_of_an_invoice_is_another_document(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<x@in.example>", invoice("1", "1.00"));
	arrives(f->l, "<x@in.example>", credit_note("1", "1.00"));
	arrives(f->l, "<x@in.example>", credit_note("1 ", "1.00"));
	run_index(f->l, ALL);
	assert_ledger(f->l,
	    "all waiting i.xml\nall superseded c.xml of 3\n"
	    "all waiting c.xml\n");
}

static void
archive(pl_ledger *l, gint64 id, const char *code)
{
	g_autoptr(pl_entry) e = pl_entry_get(l, id, NULL);

	assert_ok(pl_entry_change(
	    l, id, e->state, PL_ARCHIVED, code, NULL, e->original, E));
}

static void
what_was_booked_by_hand_is_a_duplicate_when_it_comes_again(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	run_index(f->l, SALES);
	archive(f->l, 1, NULL);
	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	arrives(f->l, "<sales@in.example>", invoice(" i1", "1.0"));
	arrives(f->l, "<sales@in.example>", invoice("I1", "2.00"));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales archived i.xml\nsales duplicate i.xml of 1\n"
	    "sales duplicate i.xml of 1\nsales held i.xml PL-110 of 1\n");
}

/* Each names the one that took its place, so the last is found. */
static void
a_copy_of_what_was_superseded_twice_is_a_duplicate(void **state)
{
	struct fixture *f = *state;
	const struct mail mail = { .to = "<sales@in.example>", .id = "<x@y>",
		.bytes = invoice("I1", "1.00") };

	g_bytes_ref(mail.bytes);
	g_bytes_ref(mail.bytes);
	store(f->l, &mail);
	arrives(f->l, "<sales@in.example>", invoice("I1", "2.00"));
	arrives(f->l, "<sales@in.example>", invoice("I1", "3.00"));
	store(f->l, &mail);
	store(f->l, &mail);
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales superseded i.xml of 2\nsales superseded i.xml of 3\n"
	    "sales waiting i.xml\nsales duplicate i.xml of 1\n"
	    "sales duplicate i.xml of 1\n");
}

/* ---- whatever the count ------------------------------------------------ */

/* Look-ups that see only some would take the first for the newest. */
static void
the_newest_version_is_found_behind_many_duplicates(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_entry) last = NULL, old = NULL;

	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	for (int i = 0; i < 120; i++)
		arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	arrives(f->l, "<sales@in.example>", invoice("I1", "2.00"));
	arrives(f->l, "<sales@in.example>", invoice("I1", "3.00"));
	assert_int_equal(run_index(f->l, SALES).duplicates, 120);
	old = pl_entry_get(f->l, 122, NULL);
	last = pl_entry_get(f->l, 123, NULL);
	assert_int_equal(old->state, PL_SUPERSEDED);
	assert_int_equal(old->original, 123);
	assert_int_equal(last->state, PL_WAITING);
}

/* COUNT statements in one file, each day one. */
static GBytes *
statements(int count, const char *tail)
{
	g_autoptr(GString) s = g_string_new(NULL);
	g_autoptr(GDate) day = g_date_new_dmy(1, G_DATE_JANUARY, 2025);

	for (int i = 0; i < count; i++, g_date_add_days(day, 1)) {
		char date[8];
		g_date_strftime(date, sizeof date, "%y%m%d", day);
		g_string_append_printf(s,
		    ":20:S%d\r\n:25:NL91ABNA0417164300\r\n:28C:%d/1\r\n"
		    ":60F:C%sEUR%d,00\r\n:61:%sC1,00NTRFNONREF\r\n"
		    ":62F:C%sEUR%d,00\r\n-\r\n",
		    i, i + 1, date, 100 + i, date, date, 101 + i);
	}
	g_string_append(s, tail);
	return mail_with("application/octet-stream", "all.sta",
	    g_bytes_new(s->str, s->len));
}

static void
every_statement_of_a_large_file_is_recognised_again(void **state)
{
	struct fixture *f = *state;
	struct pl_indexed done;

	arrives(f->l, "<x@in.example>", statements(150, ""));
	done = run_index(f->l, ALL);
	assert_int_equal(done.entries, 150);
	assert_int_equal(done.duplicates, 0);
	arrives(f->l, "<x@in.example>", statements(150, ""));
	arrives(f->l, "<x@in.example>", statements(150, "\r\n"));
	arrives(f->l, "<x@in.example>", statements(1, ""));
	assert_int_equal(run_index(f->l, ALL).duplicates, 301);
}

/* ---- what a person decides --------------------------------------------- */

static char *
note_of(pl_ledger *l, gint64 id)
{
	g_autoptr(pl_entry) e = pl_entry_get(l, id, NULL);

	return g_strdup(e->note);
}

static void
settle(pl_ledger *l, gint64 id, enum pl_state now)
{
	g_autoptr(pl_entry) before = pl_entry_get(l, id, NULL);

	if (now == PL_WAITING)
		assert_ok(pl_entry_release(l, id, E));
	else
		archive(l, id, before->code);
	assert_ok(pl_intake_settled(l, before, now, E));
}

#define FORGED(total, from) \
	&(struct mail) \
	{ \
		.to = "<sales@in.example>", .id = "<" total "@x>", \
		.client = from, .bytes = invoice("I1", total) \
	}

static void
what_is_held_beside_another_says_what_became_of_it(void **state)
{
	struct fixture *f = *state;
	g_autofree char *then = NULL, *now = NULL, *last = NULL;

	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	store(f->l, FORGED("2.00", "192.0.2.9"));
	run_index(f->l, SALES);
	then = note_of(f->l, 2);
	settle(f->l, 1, PL_WAITING);
	now = note_of(f->l, 2);
	assert_true(g_str_has_prefix(now, then));
	assert_non_null(strstr(now, "since then entry 1 was released"));
	settle(f->l, 2, PL_WAITING);

	store(f->l, FORGED("3.00", "192.0.2.8"));
	run_index(f->l, SALES);
	settle(f->l, 2, PL_ARCHIVED);
	last = note_of(f->l, 3);
	assert_non_null(strstr(last, "entry 2 was archived: release this"));
	assert_whole(f->l);
}

static void
what_was_let_go_is_not_held_again_by_a_forged_one(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	store(f->l, FORGED("2.00", "192.0.2.9"));
	run_index(f->l, SALES);
	settle(f->l, 2, PL_ARCHIVED);
	settle(f->l, 1, PL_WAITING);
	store(f->l, FORGED("3.00", "192.0.2.8"));
	arrives(f->l, "<sales@in.example>", invoice("I2", "1.00"));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales waiting i.xml\nsales archived i.xml PL-111 of 1\n"
	    "sales held i.xml PL-111 of 1\nsales waiting i.xml\n");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_same_message_again_is_a_duplicate),
		T(the_same_file_again_is_a_duplicate),
		T(terms_of_sale_that_came_before_do_not_hide_an_invoice),
		T(an_invoice_takes_the_place_of_its_pdf_that_came_alone),
		T(going_back_to_the_first_version_supersedes_the_second),
		T(a_number_in_other_letters_is_the_same_invoice),
		T(a_newer_version_supersedes_the_waiting_one),
		T(a_newer_version_from_elsewhere_holds_both),
		T(a_pdf_of_the_same_name_number_holds_both),
		T(a_message_by_two_addresses_of_a_journal_is_entered_once),
		T(a_credit_note_with_the_number_of_an_invoice_is_another_document),
		T(what_was_booked_by_hand_is_a_duplicate_when_it_comes_again),
		T(a_copy_of_what_was_superseded_twice_is_a_duplicate),
		T(the_newest_version_is_found_behind_many_duplicates),
		T(every_statement_of_a_large_file_is_recognised_again),
		T(what_is_held_beside_another_says_what_became_of_it),
		T(what_was_let_go_is_not_held_again_by_a_forged_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
