/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes two documents the same, and that it is found among any number. */
#include "ledger_fixture.h"
#include "room.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* A document in a line. */
struct doc {
	int kind;
	const char *number, *id, *name; /* of the seller */
	const char *files;              /* "format:hash format:hash" */
	const char *account, *sequence, *to, *opening, *closing;
	guint64 offset, length;
};

static pl_document *
document_of(const struct doc *r)
{
	pl_document *d = pl_document_new();
	g_auto(GStrv) files = g_strsplit(r->files ? r->files : "", " ", -1);

	d->kind = r->kind;
	d->number = g_strdup(r->number);
	d->seller_id = g_strdup(r->id);
	d->seller_name = g_strdup(r->name);
	d->account = g_strdup(r->account);
	d->sequence = g_strdup(r->sequence);
	d->to = g_strdup(r->to);
	d->opening_balance = g_strdup(r->opening);
	d->closing_balance = g_strdup(r->closing);
	d->offset = r->offset;
	d->length = r->length;
	for (unsigned i = 0; files[i] != NULL; i++) {
		g_auto(GStrv) parts = g_strsplit(files[i], ":", 2);
		struct pl_file *f = pl_file_new();

		f->format = g_strdup(parts[0]);
		f->sha256 = g_strdup(parts[1]);
		g_ptr_array_add(d->files, f);
	}
	return d;
}

/* ---- keys -------------------------------------------------------------- */

#define INVOICE PL_KIND_INVOICE
#define CREDIT PL_KIND_CREDIT_NOTE
#define OTHER PL_KIND_OTHER
#define BANK PL_KIND_STATEMENT
#define F117 INVOICE, "F-117", "BE0123456789"
#define DAY BANK, .to = "2026-02-02", .opening = "100.00", .closing = "-5.50"
#define IBAN .account = "BE68539007547034"

static const struct {
	const char *what;
	enum pl_same by;
	struct doc a, b;
	gboolean same;
} pairs[] = {
	/* facts of invoices */
	{ "written alike", PL_SAME_FACTS, { F117 }, { F117 }, TRUE },
	{ "case and blanks", PL_SAME_FACTS, { F117 },
	    { INVOICE, " f -\t117\302\240", "be 0123.456.789" }, TRUE },
	{ "no country", PL_SAME_FACTS, { F117 },
	    { INVOICE, "F-117", "0123456789" }, TRUE },
	{ "another kind", PL_SAME_FACTS, { F117 },
	    { CREDIT, "F-117", "BE0123456789" }, FALSE },
	{ "another number", PL_SAME_FACTS, { F117 },
	    { INVOICE, "F-1170", "BE0123456789" }, FALSE },
	{ "another issuer", PL_SAME_FACTS, { F117 },
	    { INVOICE, "F-117", "BE0999999999" }, FALSE },
	{ "only a name", PL_SAME_FACTS,
	    { INVOICE, "1", .name = "Timekeeper S.A." },
	    { INVOICE, "1", .name = "TIMEKEEPER  SA" }, TRUE },
	{ "another name", PL_SAME_FACTS,
	    { INVOICE, "1", .name = "Timekeeper SA" },
	    { INVOICE, "1", .name = "Brasserie SA" }, FALSE },
	{ "a name that looks like a number", PL_SAME_FACTS,
	    { INVOICE, "1", .name = "0123456789" },
	    { INVOICE, "1", "0123456789" }, FALSE },
	{ "letters beyond ASCII", PL_SAME_FACTS,
	    { INVOICE, "\303\211-1", .name = "Caf\303\251" },
	    { INVOICE, "\303\251-1", .name = "CAF\303\211" }, TRUE },
	{ "composed or not", PL_SAME_FACTS,
	    { INVOICE, "1", .name = "Cafe\314\201" },
	    { INVOICE, "1", .name = "Caf\303\251" }, TRUE },
	{ "no issuer", PL_SAME_FACTS, { INVOICE, "1" }, { INVOICE, "1" },
	    FALSE },
	{ "no number", PL_SAME_FACTS, { INVOICE, .id = "BE1" },
	    { INVOICE, .id = "BE1" }, FALSE },
	{ "no invoice", PL_SAME_FACTS, { OTHER, "1", "BE1" },
	    { OTHER, "1", "BE1" }, FALSE },

	/* files */
	{ "the XML speaks", PL_SAME_FILE, { F117, .files = "pdf:a ubl:x" },
	    { F117, .files = "pdf:b ubl:x" }, TRUE },
	{ "the XML speaks", PL_SAME_FILE, { F117, .files = "pdf:a ubl:x" },
	    { F117, .files = "ubl:x" }, TRUE },
	{ "another XML", PL_SAME_FILE, { F117, .files = "pdf:a ubl:x" },
	    { F117, .files = "pdf:a ubl:y" }, FALSE },
	{ "a hybrid speaks", PL_SAME_FILE,
	    { F117, .files = "factur-x:a xml:x" },
	    { F117, .files = "factur-x:a" }, TRUE },
	{ "without facts all count", PL_SAME_FILE,
	    { OTHER, .files = "pdf:a xml:x" },
	    { OTHER, .files = "pdf:a xml:y" }, FALSE },
	{ "without facts all count", PL_SAME_FILE,
	    { OTHER, .files = "pdf:a xml:x" },
	    { OTHER, .files = "pdf:a xml:x" }, TRUE },
	{ "without facts all count", PL_SAME_FILE,
	    { OTHER, .files = "pdf:a xml:x" }, { OTHER, .files = "pdf:a" },
	    FALSE },
	{ "two statements of a file", PL_SAME_FILE,
	    { BANK, .files = "coda:a", .length = 5 },
	    { BANK, .files = "coda:a", .offset = 5, .length = 5 }, FALSE },
	{ "one statement of a file", PL_SAME_FILE,
	    { BANK, .files = "coda:a", .offset = 5, .length = 5 },
	    { BANK, .files = "coda:a", .offset = 5, .length = 5 }, TRUE },
	{ "the PDF comes along", PL_SAME_PART, { F117, .files = "pdf:a ubl:x" },
	    { F117, .files = "pdf:a ubl:y" }, TRUE },
	{ "nothing comes along", PL_SAME_PART, { F117, .files = "ubl:x" },
	    { F117, .files = "ubl:x" }, FALSE },

	/* statements */
	{ "one day in two formats", PL_SAME_FACTS,
	    { DAY, IBAN, .files = "coda:a", .sequence = "12" },
	    { DAY, IBAN, .files = "camt.053:b", .sequence = "2026012" }, TRUE },
	{ "decimals", PL_SAME_FACTS, { DAY, IBAN },
	    { BANK, .to = "2026-02-02", .opening = "+0100", .closing = "-5.5",
		IBAN },
	    TRUE },
	{ "nothing there is nothing", PL_SAME_FACTS,
	    { BANK, .to = "2026-02-02", .opening = "0", .closing = "0.00",
		IBAN },
	    { BANK, .to = "2026-02-02", .opening = "-0.0", .closing = "+0",
		IBAN },
	    TRUE },
	{ "tens are no decimals", PL_SAME_FACTS,
	    { BANK, .to = "2026-02-02", .opening = "100", .closing = "0",
		IBAN },
	    { BANK, .to = "2026-02-02", .opening = "10", .closing = "0", IBAN },
	    FALSE },
	{ "the account with blanks", PL_SAME_FACTS, { DAY, IBAN },
	    { DAY, .account = "be68 5390 0754 7034" }, TRUE },
	{ "the old account number", PL_SAME_FACTS, { DAY, IBAN },
	    { DAY, .account = "539-0075470-34" }, TRUE },
	{ "another account", PL_SAME_FACTS, { DAY, IBAN },
	    { DAY, .account = "NL91ABNA0417164300" }, FALSE },
	{ "the next day", PL_SAME_FACTS, { DAY, IBAN },
	    { BANK, .to = "2026-02-03", .opening = "100.00", .closing = "-5.50",
		IBAN },
	    FALSE },
	{ "another sign", PL_SAME_FACTS, { DAY, IBAN },
	    { BANK, .to = "2026-02-02", .opening = "100.00", .closing = "5.50",
		IBAN },
	    FALSE },
	{ "a balance is missing", PL_SAME_FACTS,
	    { BANK, .to = "2026-02-02", .opening = "1", IBAN },
	    { BANK, .to = "2026-02-02", .opening = "1", IBAN }, FALSE },
	{ "number and day", PL_SAME_SEQUENCE,
	    { DAY, IBAN, .files = "coda:a", .sequence = "012" },
	    { BANK, .to = "2026-02-02", IBAN, .files = "coda:b",
		.sequence = "12" },
	    TRUE },
	{ "another format counts by itself", PL_SAME_SEQUENCE,
	    { DAY, IBAN, .files = "coda:a", .sequence = "12" },
	    { DAY, IBAN, .files = "mt940:a", .sequence = "12" }, FALSE },
	{ "000 is no number", PL_SAME_SEQUENCE,
	    { DAY, IBAN, .files = "coda:a", .sequence = "000" },
	    { DAY, IBAN, .files = "coda:a", .sequence = "000" }, FALSE },
	{ "several under one number", PL_SAME_SEQUENCE,
	    { DAY, IBAN, .files = "coda:a", .sequence = "12" },
	    { BANK, .to = "2026-02-03", IBAN, .files = "coda:a",
		.sequence = "12" },
	    FALSE },
};

static void
two_documents_have_the_same_key_or_not(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(pairs); i++) {
		g_autoptr(pl_document) a = document_of(&pairs[i].a);
		g_autoptr(pl_document) b = document_of(&pairs[i].b);
		g_autofree char *one = pl_document_key(a, pairs[i].by);
		g_autofree char *two = pl_document_key(b, pairs[i].by);

		if ((one != NULL && g_strcmp0(one, two) == 0) != pairs[i].same)
			fail_msg("%u %s: %s %s", i, pairs[i].what,
			    one ? one : "-", two ? two : "-");
	}
}

static void
a_file_alone_has_the_key_of_what_came_along(void **state)
{
	const struct doc both = { F117, .files = "pdf:a ubl:x" };
	const struct doc alone = { OTHER, .files = "pdf:a" };
	g_autoptr(pl_document) a = document_of(&both);
	g_autoptr(pl_document) b = document_of(&alone);
	g_autofree char *part = pl_document_key(a, PL_SAME_PART);
	g_autofree char *file = pl_document_key(b, PL_SAME_FILE);
	g_autofree char *again = pl_file_key(b->files->pdata[0]);

	(void)state;
	assert_string_equal(part, file);
	assert_string_equal(part, again);
}

/* ---- look-ups ---------------------------------------------------------- */

static gint64
enter(
    pl_ledger *l, const struct doc *r, const char *journal, enum pl_state state)
{
	static unsigned n;
	g_autofree char *id = g_strdup_printf("<%u@x>", ++n);
	g_autoptr(pl_document) d = document_of(r);

	d->message = add_message(l, "a@c.example", id, id);
	assert_ok(pl_document_add(l, d, E));
	return add_entry(
	    l, d->id, journal, state, state == PL_HELD ? "PL-111" : NULL);
}

static gboolean
first(const pl_entry *e, void *user)
{
	*(gint64 *)user = e->id;
	return FALSE;
}

static gint64
found(pl_ledger *l, enum pl_same by, const struct doc *r, gboolean gone)
{
	g_autoptr(pl_document) d = document_of(r);
	g_autofree char *key = pl_document_key(d, by);
	gint64 id = 0;

	assert_ok(pl_entry_same(l, "sales", by, key, gone, first, &id, E));
	return id;
}

/* Newest facts, oldest file; whatever lies between. */
static void
what_stands_is_found_among_any_number(void **state)
{
	struct fixture *f = *state;
	const struct doc r = { F117, .files = "pdf:a" };
	gint64 oldest, newest = 0, sent;

	assert_ok(pl_ledger_begin(f->l, E));
	enter(f->l, &r, "sales", PL_DUPLICATE);
	enter(f->l, &r, "other", PL_WAITING);
	sent = enter(f->l, &r, "sales", PL_ARCHIVED);
	oldest = enter(f->l, &r, "sales", PL_HELD);
	for (unsigned i = 0; i < 300; i++)
		newest = enter(f->l, &r, "sales", PL_HELD);
	for (unsigned i = 0; i < 300; i++)
		enter(f->l, &r, "sales", i % 2 ? PL_DUPLICATE : PL_SUPERSEDED);
	assert_ok(pl_ledger_commit(f->l, E));

	assert_int_equal(found(f->l, PL_SAME_FACTS, &r, FALSE), newest);
	assert_int_equal(found(f->l, PL_SAME_FILE, &r, FALSE), oldest);
	assert_int_equal(found(f->l, PL_SAME_FACTS, &r, TRUE), sent);
	assert_int_equal(found(f->l, PL_SAME_FILE, &r, TRUE), sent);
	assert_int_equal(
	    found(f->l, PL_SAME_PART,
		&(struct doc){ F117, .files = "pdf:a ubl:x" }, TRUE),
	    0);
}

/* As of a thousand million documents two do: the index has no more of a key. */
static void
who_agrees_in_the_first_digits_only_is_another(void **state)
{
	struct fixture *f = *state;
	const struct doc open = { F117, .files = "pdf:a" };
	const struct doc gone = { F117, .files = "pdf:b" };
	gint64 waiting = enter(f->l, &open, "sales", PL_WAITING);
	gint64 archived = enter(f->l, &gone, "sales", PL_ARCHIVED);

	assert_int_equal(found(f->l, PL_SAME_FILE, &open, FALSE), waiting);
	assert_int_equal(found(f->l, PL_SAME_FILE, &gone, TRUE), archived);
	assert_ok(f->l->db->driver->script(f->l->db,
	    "UPDATE entry SET file_key = substr(file_key, 1, 8)"
	    " || printf('%024d', id)",
	    E));
	assert_int_equal(found(f->l, PL_SAME_FILE, &open, FALSE), 0);
	assert_int_equal(found(f->l, PL_SAME_FILE, &gone, TRUE), 0);
}

static void
what_counts_follows_the_state(void **state)
{
	struct fixture *f = *state;
	const struct doc r = { F117, .files = "pdf:a" };
	gint64 id = enter(f->l, &r, "sales", PL_WAITING);

	assert_int_equal(found(f->l, PL_SAME_FACTS, &r, FALSE), id);
	assert_ok(pl_entry_change(
	    f->l, id, PL_WAITING, PL_ARCHIVED, NULL, NULL, 0, E));
	assert_int_equal(found(f->l, PL_SAME_FACTS, &r, FALSE), 0);
	assert_int_equal(found(f->l, PL_SAME_FACTS, &r, TRUE), id);
	assert_ok(pl_entry_change(
	    f->l, id, PL_ARCHIVED, PL_WAITING, NULL, NULL, 0, E));
	assert_ok(pl_entry_change(
	    f->l, id, PL_WAITING, PL_SUPERSEDED, NULL, NULL, 0, E));
	assert_int_equal(found(f->l, PL_SAME_FACTS, &r, FALSE), 0);
	assert_int_equal(found(f->l, PL_SAME_FACTS, &r, TRUE), 0);
	assert_ok(pl_entry_release(f->l, id, E));
	assert_int_equal(found(f->l, PL_SAME_FACTS, &r, FALSE), id);
}

static void
the_entry_of_a_message_is_found_by_its_file(void **state)
{
	struct fixture *f = *state;
	const struct doc r = { BANK, .files = "coda:a", .offset = 9,
		.length = 9 };
	gint64 id = enter(f->l, &r, "sales", PL_SUPERSEDED);
	g_autoptr(pl_document) d = document_of(&r);
	g_autofree char *key = pl_document_key(d, PL_SAME_FILE);
	g_autoptr(GPtrArray) one = NULL, none = NULL;

	one = pl_entry_of_message(f->l, "sales", 1, key, NULL);
	none = pl_entry_of_message(f->l, "other", 1, key, NULL);
	assert_int_equal(one->len, 1);
	assert_int_equal(((pl_entry *)one->pdata[0])->id, id);
	assert_string_equal(((pl_entry *)one->pdata[0])->format, "coda");
	assert_int_equal(none->len, 0);
}

static void
those_that_name_an_original_are_found(void **state)
{
	struct fixture *f = *state;
	const struct doc r = { F117, .files = "pdf:a" };
	gint64 original = enter(f->l, &r, "sales", PL_WAITING);
	gint64 second = enter(f->l, &r, "sales", PL_WAITING);
	g_autoptr(GPtrArray) naming = NULL;

	assert_ok(pl_entry_change(
	    f->l, second, PL_WAITING, PL_DUPLICATE, NULL, NULL, original, E));
	naming = pl_entry_naming(f->l, original, 10, NULL);
	assert_int_equal(naming->len, 1);
	assert_int_equal(((pl_entry *)naming->pdata[0])->id, second);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_documents_have_the_same_key_or_not),
		cmocka_unit_test(a_file_alone_has_the_key_of_what_came_along),
		T(what_stands_is_found_among_any_number),
		T(who_agrees_in_the_first_digits_only_is_another),
		T(what_counts_follows_the_state),
		T(the_entry_of_a_message_is_found_by_its_file),
		T(those_that_name_an_original_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
