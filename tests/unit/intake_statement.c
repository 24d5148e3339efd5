/* SPDX-License-Identifier: BSD-2-Clause */
/* The same bank statement again: in another format, in other bytes, amended. */
#include "intake_mail.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* A statement; of what the journal has also its state. */
struct statement {
	const char *format, *sequence, *to, *opening, *closing, *currency;
	enum pl_state state;
	const char *code;
	gboolean released;
};
struct row {
	const char *what;
	struct statement had, comes;
	enum pl_state state;
	const char *code;
	gboolean hold, send_amended;
};

#define CODA "coda", "12", "2026-02-02", "100.00", "150.00"
#define CAMT "camt.053", "2026012", "2026-02-02", "100.00", "150.00"
#define MORE "coda", "12", "2026-02-02", "100.00", "160.00"

static const struct row rows[] = {
	{ "another format, numbered otherwise", { CODA }, { CAMT },
	    PL_DUPLICATE },
	{ "another format, sent", { CODA, .state = PL_SENT }, { CAMT },
	    PL_DUPLICATE },
	{ "another format, held for a gap",
	    { CODA, .state = PL_HELD, .code = "PL-201" }, { CAMT },
	    PL_DUPLICATE },
	{ "another format, decimals left out", { CODA },
	    { "mt940", "1/1", "2026-02-02", "100", "150.0" }, PL_DUPLICATE },
	{ "another format, one without currency", { CODA, "EUR" }, { CAMT },
	    PL_DUPLICATE },
	{ "another currency", { CODA, "EUR" }, { CAMT, "USD" }, PL_WAITING },
	{ "another day", { CODA },
	    { "camt.053", "2026013", "2026-02-03", "100.00", "150.00" },
	    PL_WAITING },
	{ "a day without movement after the other",
	    { "coda", "12", "2026-02-02", "150.00", "150.00" },
	    { "coda", "13", "2026-02-03", "150.00", "150.00" }, PL_WAITING },
	{ "another movement in another format", { CODA },
	    { "camt.053", "2026012", "2026-02-02", "100.00", "160.00" },
	    PL_WAITING },
	{ "it was a duplicate itself", { CODA, .state = PL_DUPLICATE },
	    { CAMT }, PL_WAITING },

	{ "the same format in other bytes", { CODA }, { CODA }, PL_DUPLICATE },
	{ "the number with zeros", { CODA },
	    { "coda", "012", "2026-02-02", "100.00", "150.00" }, PL_DUPLICATE },
	{ "the number left out", { CODA },
	    { "coda", NULL, "2026-02-02", "100.00", "150.00" }, PL_DUPLICATE },
	{ "the number 000", { CODA },
	    { "coda", "000", "2026-02-02", "100.00", "150.00" }, PL_DUPLICATE },
	{ "two of one day without movement",
	    { "coda", "12", "2026-02-02", "150.00", "150.00" },
	    { "coda", "13", "2026-02-02", "150.00", "150.00" }, PL_WAITING },
	{ "two of one day", { CODA },
	    { "coda", "13", "2026-02-02", "150.00", "170.00" }, PL_WAITING },

	{ "amended while it waits", { CODA }, { MORE }, PL_HELD, "PL-111",
	    TRUE },
	{ "amended while it is held",
	    { CODA, .state = PL_HELD, .code = "PL-201" }, { MORE }, PL_HELD,
	    "PL-111" },
	{ "amended after it was let go", { CODA, .released = TRUE }, { MORE },
	    PL_HELD, "PL-111" },
	{ "amended after it was sent", { CODA, .state = PL_SENT }, { MORE },
	    PL_HELD, "PL-110" },
	{ "amended after it was booked by hand", { CODA, .state = PL_ARCHIVED },
	    { MORE }, PL_HELD, "PL-110" },
	{ "amended, and the journal wants it", { CODA, .state = PL_SENT },
	    { MORE }, PL_WAITING, .send_amended = TRUE },
	{ "amended while it waits, though the journal wants such", { CODA },
	    { MORE }, PL_HELD, "PL-111", TRUE, TRUE },
	{ "an amendment was refused",
	    { MORE, .state = PL_ARCHIVED, .code = "PL-110" },
	    { "coda", "12", "2026-02-02", "100.00", "170.00" }, PL_WAITING },
	{ "one number for two of a day, the second goes on", { CODA },
	    { "coda", "12", "2026-02-02", "150.00", "170.00" }, PL_WAITING },
	{ "one number for two of a day, the first comes later", { CODA },
	    { "coda", "12", "2026-02-02", "70.00", "100.00" }, PL_WAITING },
};

static pl_entry *
entry_of(const struct statement *s)
{
	pl_entry *e = g_new0(pl_entry, 1);

	e->id = 7;
	e->message = 1;
	e->kind = PL_KIND_STATEMENT;
	e->state = s->state;
	e->code = g_strdup(s->code);
	e->released = s->released;
	e->account = g_strdup("BE68539007547034");
	e->format = g_strdup(s->format);
	e->sequence = g_strdup(s->sequence);
	e->doc_date = g_strdup(s->to);
	e->opening = g_strdup(s->opening);
	e->closing = g_strdup(s->closing);
	e->currency = g_strdup(s->currency);
	return e;
}

static pl_document *
document_of(const struct statement *s)
{
	pl_document *d = pl_document_new();
	struct pl_file *f = pl_file_new();

	f->format = g_strdup(s->format);
	g_ptr_array_add(d->files, f);
	d->kind = PL_KIND_STATEMENT;
	d->account = g_strdup("BE68539007547034");
	d->sequence = g_strdup(s->sequence);
	d->to = g_strdup(s->to);
	d->date = g_strdup(s->to);
	d->opening_balance = g_strdup(s->opening);
	d->closing_balance = g_strdup(s->closing);
	d->currency = g_strdup(s->currency);
	return d;
}

/* What the ledger finds by the keys is simulated: facts or number. */
static gboolean
has_key_in_common(const struct statement *a, const struct statement *b)
{
	g_autoptr(pl_document) one = document_of(a), two = document_of(b);

	for (unsigned by = PL_SAME_FACTS; by <= PL_SAME_SEQUENCE; by++) {
		g_autofree char *x = pl_document_key(one, (enum pl_same)by);
		g_autofree char *y = pl_document_key(two, (enum pl_same)by);
		if (x != NULL && g_strcmp0(x, y) == 0)
			return TRUE;
	}
	return FALSE;
}

static void
check_row(const struct row *r)
{
	g_autoptr(GPtrArray) same =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_entry_free);
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(pl_document) d = document_of(&r->comes);
	g_autoptr(pl_message) m = pl_message_new();
	const struct pl_journal journal = { .send_amended = r->send_amended };
	struct pl_verdict v;

	if (has_key_in_common(&r->had, &r->comes))
		g_ptr_array_add(same, entry_of(&r->had));
	m->id = 2;
	const struct pl_versions_input input = { .journal = &journal,
		.message = m,
		.document = d,
		.same_file = none,
		.same_part = none,
		.same_number = same,
		.same_sender = none };
	pl_versions(&input, &v);
	if (v.state != r->state || g_strcmp0(v.code, r->code) != 0 ||
	    v.hold != (r->hold ? 7 : 0) ||
	    v.original != (r->state == PL_WAITING ? 0 : 7))
		fail_msg("%s: %s %s of %d hold=%d (%s)", r->what,
		    pl_state_name(v.state), v.code ? v.code : "",
		    (int)v.original, (int)v.hold, v.note ? v.note : "");
	assert_true((v.state == PL_WAITING) == (v.note == NULL));
	pl_verdict_clear(&v);
}

static void
a_statement_that_came_before_is_decided(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
		check_row(&rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_statement_that_came_before_is_decided),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
