/* SPDX-License-Identifier: BSD-2-Clause */
/* The same again: message, file, invoice, or only a name. */
#include "intake_mail.h"

/* tables in which most members are left out */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define ERP "erp@shop.example"

/* What the journal has: entry 7 of message 1, from ERP at 10.0.0.1. */
struct had {
	enum pl_state state;
	const char *code, *number, *date, *total, *sender, *client, *auth;
	const char *filename;
	int kind;
	gint64 message; /* 0: 1 */
	gint64 arrived; /* 0: before */
	guint64 offset;
	gboolean anonymous; /* no identifier of the issuer */
	const char *seller; /* NULL: BE1 */
	unsigned formats;
	gboolean released;
};
/* What is new: message 2. */
struct comes {
	const char *number, *date, *total, *sender, *client, *auth, *filename;
	gboolean same_file;
	int kind;
	guint64 offset;
	gboolean send_amended, anonymous;
	const char *seller, *xml; /* an XML beside the first file */
	gboolean stranger;
};
struct row {
	const char *what;
	struct had had;
	struct comes comes;
	enum pl_state state;
	const char *code;
	gboolean original, supersede, hold;
};

#define INVOICE PL_KIND_INVOICE
#define OTHER PL_KIND_OTHER
#define V1 .number = "117", .date = "2026-01-31", .total = "121.00"
#define V2 .number = "117", .date = "2026-01-31", .total = "100.00"
#define BARE .filename = "a.pdf", .kind = OTHER, .formats = PL_FILES_PDF
#define WITH_XML .filename = "a.pdf", .xml = "A.xml"
#define FROM_ERP .sender = ERP, .client = "10.0.0.1"

static const struct row rows[] = {
	/* file */
	{ "the same file", { PL_WAITING, V1, FROM_ERP },
	    { V1, .same_file = TRUE, .sender = "x@y", .client = "1.1.1.1" },
	    PL_DUPLICATE, NULL, TRUE },
	{ "the same file, sent", { PL_SENT, V1, FROM_ERP },
	    { V1, .same_file = TRUE, FROM_ERP }, PL_DUPLICATE, NULL, TRUE },
	{ "the same file, archived", { PL_ARCHIVED, V1, FROM_ERP },
	    { V1, .same_file = TRUE, FROM_ERP }, PL_DUPLICATE, NULL, TRUE },
	{ "the same file, superseded before", { PL_SUPERSEDED, V1, FROM_ERP },
	    { V1, .same_file = TRUE, FROM_ERP }, PL_WAITING },
	{ "the same file as a duplicate of another file",
	    { PL_DUPLICATE, V1, FROM_ERP },
	    { V1, .same_file = TRUE, FROM_ERP }, PL_WAITING },
	{ "the same file, held", { PL_HELD, "PL-110", V1, FROM_ERP },
	    { V1, .same_file = TRUE, FROM_ERP }, PL_DUPLICATE, NULL, TRUE },
	{ "the same XML, now with a PDF",
	    { PL_WAITING, V1, FROM_ERP, .formats = PL_FILES_XML },
	    { V1, .same_file = TRUE, FROM_ERP, WITH_XML }, PL_WAITING, NULL,
	    FALSE, TRUE },
	{ "the same XML with a PDF, as the one that waits",
	    { PL_WAITING, V1, FROM_ERP,
		.formats = PL_FILES_XML | PL_FILES_PDF },
	    { V1, .same_file = TRUE, FROM_ERP, WITH_XML }, PL_DUPLICATE, NULL,
	    TRUE },
	{ "the same XML, now with a PDF, when it was sent",
	    { PL_SENT, V1, FROM_ERP, .formats = PL_FILES_XML },
	    { V1, .same_file = TRUE, FROM_ERP, WITH_XML }, PL_DUPLICATE, NULL,
	    TRUE },
	{ "the same XML, with a PDF from elsewhere",
	    { PL_WAITING, V1, FROM_ERP, .formats = PL_FILES_XML },
	    { V1, .same_file = TRUE, .sender = "x@y", WITH_XML }, PL_DUPLICATE,
	    NULL, TRUE },
	{ "a PDF that goes with every invoice",
	    { PL_WAITING, V1, FROM_ERP },
	    { .number = "118", .same_file = TRUE, FROM_ERP }, PL_WAITING },
	{ "another statement in the same file",
	    { PL_WAITING, FROM_ERP, .kind = PL_KIND_STATEMENT },
	    { .same_file = TRUE, FROM_ERP, .offset = 100,
		.kind = PL_KIND_STATEMENT },
	    PL_WAITING },
	{ "the same statement of a file",
	    { PL_WAITING, FROM_ERP, .offset = 100, .kind = PL_KIND_STATEMENT },
	    { .same_file = TRUE, FROM_ERP, .offset = 100,
		.kind = PL_KIND_STATEMENT },
	    PL_DUPLICATE, NULL, TRUE },

	/* still waiting */
	{ "a newer one, same sender and client",
	    { PL_WAITING, V1, FROM_ERP }, { V2, FROM_ERP }, PL_WAITING, NULL,
	    FALSE, TRUE },
	{ "the same facts printed again", { PL_WAITING, V1, FROM_ERP },
	    { V1, FROM_ERP }, PL_WAITING, NULL, FALSE, TRUE },
	{ "the sender in capitals", { PL_WAITING, V1, FROM_ERP },
	    { V2, .sender = "ERP@shop.example", .client = "10.0.0.1" },
	    PL_WAITING, NULL, FALSE, TRUE },
	{ "another client", { PL_WAITING, V1, FROM_ERP },
	    { V2, .sender = ERP, .client = "10.0.0.2" }, PL_HELD, "PL-111",
	    TRUE, FALSE, TRUE },
	{ "another sender", { PL_WAITING, V1, FROM_ERP },
	    { V2, .sender = "evil@x.example", .client = "10.0.0.1" }, PL_HELD,
	    "PL-111", TRUE, FALSE, TRUE },
	{ "the same user from another client",
	    { PL_WAITING, V1, FROM_ERP, .auth = "erp" },
	    { V2, .sender = ERP, .client = "10.9.9.9", .auth = "erp" },
	    PL_WAITING, NULL, FALSE, TRUE },
	{ "not authenticated this time",
	    { PL_WAITING, V1, FROM_ERP, .auth = "erp" }, { V2, FROM_ERP },
	    PL_HELD, "PL-111", TRUE, FALSE, TRUE },
	{ "authenticated only this time", { PL_WAITING, V1, FROM_ERP },
	    { V2, FROM_ERP, .auth = "erp" }, PL_HELD, "PL-111", TRUE, FALSE,
	    TRUE },
	{ "from nobody", { PL_WAITING, V1, .sender = "<>" },
	    { V2, .sender = "<>" }, PL_HELD, "PL-111", TRUE, FALSE, TRUE },
	{ "the first one is held", { PL_HELD, "PL-111", V1, FROM_ERP },
	    { V2, FROM_ERP }, PL_HELD, "PL-111", TRUE },
	{ "the first one is held by a person", { PL_HELD, NULL, V1, FROM_ERP },
	    { V2, FROM_ERP }, PL_HELD, "PL-111", TRUE },
	{ "an amended one is amended again",
	    { PL_HELD, "PL-110", V1, FROM_ERP }, { V2, FROM_ERP }, PL_WAITING,
	    NULL, FALSE, TRUE },
	{ "it was superseded: nothing is beside it",
	    { PL_SUPERSEDED, V1, FROM_ERP }, { V2, FROM_ERP }, PL_WAITING },
	{ "the other came later", { PL_WAITING, V1, FROM_ERP, .arrived = 900 },
	    { V2, FROM_ERP }, PL_SUPERSEDED, NULL, TRUE },
	{ "twice in one message", { PL_WAITING, V1, FROM_ERP, .message = 2 },
	    { V1, FROM_ERP }, PL_DUPLICATE, NULL, TRUE },
	{ "two versions in one message",
	    { PL_WAITING, V1, FROM_ERP, .message = 2 }, { V2, FROM_ERP },
	    PL_HELD, "PL-111", TRUE, FALSE, TRUE },
	{ "the issuer began to count again",
	    { PL_WAITING, .number = "1", .date = "2025-01-10", FROM_ERP },
	    { .number = "1", .date = "2026-01-08", FROM_ERP }, PL_WAITING },
	{ "dated around New Year is the same invoice",
	    { PL_WAITING, .number = "1", .date = "2025-12-31", FROM_ERP },
	    { .number = "1", .date = "2026-01-02", FROM_ERP }, PL_WAITING,
	    NULL, FALSE, TRUE },
	{ "around New Year, with another amount and a number of no year",
	    { PL_WAITING, .number = "12", .date = "2025-12-15",
		.total = "121.00", FROM_ERP },
	    { .number = "12", .date = "2026-01-20", .total = "242.00",
		FROM_ERP },
	    PL_WAITING },
	{ "around New Year, but the number names the year",
	    { PL_WAITING, .number = "F2025/12", .date = "2025-12-15",
		.total = "121.00", FROM_ERP },
	    { .number = "F2025/12", .date = "2026-01-20", .total = "242.00",
		FROM_ERP },
	    PL_WAITING, NULL, FALSE, TRUE },
	{ "around New Year, but the number names the year in two digits",
	    { PL_SENT, .number = "25-0012", .date = "2025-12-15",
		.total = "121.00", FROM_ERP },
	    { .number = "25-0012", .date = "2026-01-20", .total = "242.00",
		FROM_ERP },
	    PL_HELD, "PL-110", TRUE },
	{ "a year later with the same amount",
	    { PL_SENT, .number = "12", .date = "2025-01-15",
		.total = "121.00", FROM_ERP },
	    { .number = "12", .date = "2026-01-15", .total = "121.00",
		FROM_ERP },
	    PL_WAITING },
	{ "the first one was let go, and comes from another sender",
	    { PL_WAITING, V1, FROM_ERP, .released = TRUE },
	    { V2, .sender = "evil@x.example", .client = "10.0.0.1" }, PL_HELD,
	    "PL-111", TRUE },
	{ "the first one was let go, and comes from the same sender",
	    { PL_WAITING, V1, FROM_ERP, .released = TRUE }, { V2, FROM_ERP },
	    PL_WAITING, NULL, FALSE, TRUE },
	{ "a credit note with the number of an invoice",
	    { PL_WAITING, V1, FROM_ERP },
	    { V1, FROM_ERP, .kind = PL_KIND_CREDIT_NOTE }, PL_WAITING },
	{ "of two other companies", { PL_SUPERSEDED, V1, FROM_ERP },
	    { V1, FROM_ERP, .stranger = TRUE }, PL_HELD, "PL-107" },
	{ "of two other companies, and a duplicate", { PL_SENT, V1, FROM_ERP },
	    { V1, FROM_ERP, .stranger = TRUE }, PL_DUPLICATE, NULL, TRUE },
	{ "of two other companies, and a newer one of such",
	    { PL_HELD, "PL-107", V1, FROM_ERP },
	    { V2, FROM_ERP, .stranger = TRUE }, PL_HELD, "PL-107", FALSE,
	    TRUE },
	{ "two issuers without identifier",
	    { PL_WAITING, V1, FROM_ERP, .anonymous = TRUE },
	    { V2, FROM_ERP, .anonymous = TRUE }, PL_WAITING },

	/* sent */
	{ "printed again after it was sent", { PL_SENT, V1, FROM_ERP },
	    { V1, .sender = "x@y", .client = "1.1.1.1" }, PL_DUPLICATE, NULL,
	    TRUE },
	{ "121.0 is 121.00", { PL_SENT, V1, FROM_ERP },
	    { .number = "117", .date = "2026-01-31", .total = "121.0",
		FROM_ERP },
	    PL_DUPLICATE, NULL, TRUE },
	{ "121 is 121.00", { PL_SENT, V1, FROM_ERP },
	    { .number = "117", .date = "2026-01-31", .total = "121",
		FROM_ERP },
	    PL_DUPLICATE, NULL, TRUE },
	{ "1210 is not 121.0", { PL_SENT, V1, FROM_ERP },
	    { .number = "117", .date = "2026-01-31", .total = "1210",
		FROM_ERP },
	    PL_HELD, "PL-110", TRUE },
	{ "amended after it was sent", { PL_SENT, V1, FROM_ERP },
	    { V2, FROM_ERP }, PL_HELD, "PL-110", TRUE },
	{ "another date after it was sent", { PL_SENT, V1, FROM_ERP },
	    { .number = "117", .date = "2026-02-01", .total = "121.00",
		FROM_ERP },
	    PL_HELD, "PL-110", TRUE },
	{ "amended while it is being sent", { PL_SENDING, V1, FROM_ERP },
	    { V2, FROM_ERP }, PL_HELD, "PL-110", TRUE },
	{ "amended after it was booked by hand", { PL_ARCHIVED, V1, FROM_ERP },
	    { V2, FROM_ERP }, PL_HELD, "PL-110", TRUE },
	{ "a refused forgery, and another version",
	    { PL_ARCHIVED, "PL-111", V1, FROM_ERP }, { V2, FROM_ERP },
	    PL_WAITING },
	{ "a refused forgery says nothing of the real one",
	    { PL_ARCHIVED, "PL-111", V1, FROM_ERP }, { V1, FROM_ERP },
	    PL_WAITING },
	{ "a refused amendment again", { PL_ARCHIVED, "PL-110", V1, FROM_ERP },
	    { V1, FROM_ERP }, PL_DUPLICATE, NULL, TRUE },
	{ "a refused amendment, and another version",
	    { PL_ARCHIVED, "PL-110", V1, FROM_ERP }, { V2, FROM_ERP },
	    PL_WAITING },
	{ "amended, and the journal wants it", { PL_SENT, V1, FROM_ERP },
	    { V2, FROM_ERP, .send_amended = TRUE }, PL_WAITING },
	{ "the number of last year, sent",
	    { PL_SENT, .number = "1", .date = "2025-01-10", .total = "1",
		FROM_ERP },
	    { .number = "1", .date = "2026-01-08", .total = "2", FROM_ERP },
	    PL_WAITING },

	/* issuers */
	{ "another country", { PL_SENT, V1, FROM_ERP, .seller = "BE123456" },
	    { V2, FROM_ERP, .seller = "NL123456" }, PL_WAITING },
	{ "no country", { PL_SENT, V1, FROM_ERP, .seller = "BE 123.456" },
	    { V1, FROM_ERP, .seller = "123456" }, PL_DUPLICATE, NULL, TRUE },

	/* a PDF that came before by itself */
	{ "it waits, and comes with its XML", { PL_WAITING, FROM_ERP, BARE },
	    { V1, FROM_ERP, WITH_XML }, PL_WAITING, NULL, FALSE, TRUE },
	{ "it was sent", { PL_SENT, FROM_ERP, BARE },
	    { V1, FROM_ERP, WITH_XML }, PL_HELD, "PL-112", TRUE },
	{ "it was archived", { PL_ARCHIVED, FROM_ERP, BARE },
	    { V1, FROM_ERP, WITH_XML }, PL_HELD, "PL-112", TRUE },
	{ "it is held", { PL_HELD, "PL-112", FROM_ERP, BARE },
	    { V1, FROM_ERP, WITH_XML }, PL_HELD, "PL-112", TRUE },
	{ "it waits, from another sender", { PL_WAITING, FROM_ERP, BARE },
	    { V1, .sender = "x@y", .client = "10.0.0.1", WITH_XML }, PL_HELD,
	    "PL-112", TRUE, FALSE, TRUE },
	{ "it was superseded itself", { PL_SUPERSEDED, FROM_ERP, BARE },
	    { V1, FROM_ERP, WITH_XML }, PL_WAITING },
	{ "by the number in its name",
	    { PL_SENT, FROM_ERP, .filename = "F-117.pdf", .kind = OTHER,
		.formats = PL_FILES_PDF },
	    { V1, FROM_ERP, .filename = "F-117.pdf", .xml = "e.xml" },
	    PL_HELD, "PL-112", TRUE },
	{ "terms of sale that were sent alone",
	    { PL_SENT, FROM_ERP, .filename = "terms.pdf", .kind = OTHER,
		.formats = PL_FILES_PDF },
	    { V1, FROM_ERP, .filename = "terms.pdf", .xml = "INV-7.xml" },
	    PL_WAITING },
	{ "it went with another XML",
	    { PL_SENT, FROM_ERP, .number = "116", .filename = "a.pdf",
		.formats = PL_FILES_PDF | PL_FILES_XML },
	    { V1, FROM_ERP, WITH_XML }, PL_WAITING },

	/* plain PDFs */
	{ "the number in the file name",
	    { PL_WAITING, FROM_ERP, .filename = "F2026-117.pdf", .kind = OTHER },
	    { FROM_ERP, .filename = "f2026-117 (1).pdf", .kind = OTHER },
	    PL_HELD, "PL-112", TRUE, FALSE, TRUE },
	{ "it is held already",
	    { PL_HELD, "PL-112", FROM_ERP, .filename = "F2026-117.pdf",
		.kind = OTHER },
	    { FROM_ERP, .filename = "F2026-117-v2.pdf", .kind = OTHER },
	    PL_HELD, "PL-112", TRUE },
	{ "another number",
	    { PL_WAITING, FROM_ERP, .filename = "F2026-117.pdf", .kind = OTHER },
	    { FROM_ERP, .filename = "F2026-118.pdf", .kind = OTHER },
	    PL_WAITING },
	{ "only a date is no number",
	    { PL_WAITING, FROM_ERP, .filename = "scan_20260131.pdf",
		.kind = OTHER },
	    { FROM_ERP, .filename = "other_2026-01-31.pdf", .kind = OTHER },
	    PL_WAITING },
	{ "a year is no number",
	    { PL_WAITING, FROM_ERP, .filename = "invoice 2026.pdf",
		.kind = OTHER },
	    { FROM_ERP, .filename = "terms 2026.pdf", .kind = OTHER },
	    PL_WAITING },
	{ "no number at all",
	    { PL_WAITING, FROM_ERP, .filename = "invoice.pdf", .kind = OTHER },
	    { FROM_ERP, .filename = "invoice.pdf", .kind = OTHER },
	    PL_WAITING },
	{ "in the same message",
	    { PL_WAITING, FROM_ERP, .filename = "F117.pdf", .kind = OTHER,
		.message = 2 },
	    { FROM_ERP, .filename = "F117-annex.pdf", .kind = OTHER },
	    PL_WAITING },
};

static pl_entry *
entry_of(const struct had *h)
{
	pl_entry *e = g_new0(pl_entry, 1);

	e->id = 7;
	e->message = h->message != 0 ? h->message : 1;
	e->arrived = h->arrived != 0 ? h->arrived : 100;
	e->state = h->state;
	e->released = h->released;
	e->code = g_strdup(h->code);
	e->kind = h->kind;
	e->number = g_strdup(h->number);
	e->doc_date = g_strdup(h->date);
	e->total = g_strdup(h->total);
	e->currency = g_strdup(h->total != NULL ? "EUR" : NULL);
	e->seller_id = g_strdup(h->anonymous ? NULL : h->seller ? h->seller : "BE1");
	e->formats = h->formats;
	e->seller_name = g_strdup(h->anonymous ? NULL : "Seller");
	e->sender = g_strdup(h->sender);
	e->client_addr = g_strdup(h->client);
	e->auth_user = g_strdup(h->auth);
	e->filename = g_strdup(h->filename);
	e->offset = h->offset;
	e->length = h->offset != 0 ? 100 : 0;
	return e;
}

static void
fill(pl_document *d, pl_message *m, const struct comes *c)
{
	struct pl_file *file = pl_file_new();

	file->filename = g_strdup(c->filename);
	file->format = g_strdup(c->xml != NULL ? "pdf" : NULL);
	g_ptr_array_add(d->files, file);
	d->kind = c->kind;
	d->number = g_strdup(c->number);
	d->date = g_strdup(c->date);
	d->total = g_strdup(c->total);
	d->currency = g_strdup(c->total != NULL ? "EUR" : NULL);
	d->seller_id = g_strdup(c->anonymous ? NULL : c->seller ? c->seller : "BE1");
	if (c->xml != NULL) {
		file = pl_file_new();
		file->filename = g_strdup(c->xml);
		file->format = g_strdup("ubl");
		g_ptr_array_add(d->files, file);
	}
	d->seller_name = g_strdup(c->anonymous ? "Another" : "Seller");
	d->buyer_id = g_strdup(c->stranger ? "BE2" : NULL);
	d->offset = c->offset;
	d->length = c->offset != 0 ? 100 : 0;
	m->id = 2;
	m->arrived = 200;
	m->sender = g_strdup(c->sender);
	m->client_addr = g_strdup(c->client);
	m->auth_user = g_strdup(c->auth);
}

static void
check_row(const struct row *r)
{
	g_autoptr(GPtrArray) same =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_entry_free);
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(pl_document) d = pl_document_new();
	g_autoptr(pl_message) m = pl_message_new();
	const struct pl_journal journal = {
		.send_amended = r->comes.send_amended
	};
	/* as the ledger finds them: of one kind and number */
	const gboolean numbered = r->had.number != NULL &&
	    r->had.kind == r->comes.kind &&
	    g_strcmp0(r->had.number, r->comes.number) == 0;
	struct pl_verdict v;

	g_ptr_array_add(same, entry_of(&r->had));
	fill(d, m, &r->comes);
	const struct pl_versions_input input = {
		.journal = &journal,
		.message = m,
		.document = d,
		.stranger = r->comes.stranger,
		.same_file = r->comes.same_file ? same : none,
		.same_part = r->comes.xml != NULL ? same : none,
		.same_number = numbered ? same : none,
		.same_sender = r->had.filename != NULL ? same : none,
	};
	pl_versions(&input, &v);
	if (v.state != r->state || g_strcmp0(v.code, r->code) != 0 ||
	    v.original != (r->original ? 7 : 0) ||
	    v.supersede != (r->supersede ? 7 : 0) ||
	    v.hold != (r->hold ? 7 : 0))
		fail_msg("%s: %s %s original=%d supersede=%d hold=%d (%s)",
		    r->what, pl_state_name(v.state), v.code ? v.code : "",
		    (int)v.original, (int)v.supersede, (int)v.hold,
		    v.note ? v.note : "");
	/* who is held or a duplicate is told why */
	assert_true((v.state == PL_WAITING) == (v.note == NULL));
	assert_true((v.hold != 0) == (v.hold_note != NULL));
	pl_verdict_clear(&v);
}

static void
a_document_that_came_before_is_decided(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
		check_row(&rows[i]);
}

static void
a_copy_of_a_message_is_a_duplicate_whatever_is_in_it(void **state)
{
	g_autoptr(pl_document) d = pl_document_new();
	g_autoptr(pl_message) m = pl_message_new();
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	const struct comes c = { FROM_ERP };
	const struct pl_journal journal = { 0 };
	struct pl_verdict v;

	(void)state;
	fill(d, m, &c);
	const struct pl_versions_input input = { .journal = &journal,
		.message = m,
		.document = d,
		.same_message = 9,
		.same_file = none,
		.same_part = none,
		.same_number = none,
		.same_sender = none };
	pl_versions(&input, &v);
	assert_int_equal(v.state, PL_DUPLICATE);
	assert_int_equal(v.original, 9);
	pl_verdict_clear(&v);
}

/* What becomes of C, of which the journal has entry 7 and entry 8. */
static struct pl_verdict
after_two(const struct had *first, const struct had *second,
    const struct comes *c)
{
	g_autoptr(GPtrArray) same =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_entry_free);
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(pl_document) d = pl_document_new();
	g_autoptr(pl_message) m = pl_message_new();
	const struct pl_journal journal = { 0 };
	struct pl_verdict v;
	pl_entry *e = entry_of(second);

	e->id = 8;
	g_ptr_array_add(same, entry_of(first));
	g_ptr_array_add(same, e);
	fill(d, m, c);
	const struct pl_versions_input input = { .journal = &journal,
		.message = m,
		.document = d,
		.same_file = none,
		.same_part = none,
		.same_number = same,
		.same_sender = none };
	pl_versions(&input, &v);
	return v;
}

/* One was sent, a second is held; a third from the same sender takes the
 * second's place and is held as well. */
static void
an_amended_invoice_that_is_amended_again_stays_held(void **state)
{
	const struct had first = { PL_SENT, V1, FROM_ERP };
	const struct had second = { PL_HELD, "PL-110", V2, FROM_ERP };
	const struct comes third = { .number = "117",
		.date = "2026-01-31", .total = "90.00", FROM_ERP };
	struct pl_verdict v = after_two(&first, &second, &third);

	(void)state;
	assert_int_equal(v.state, PL_HELD);
	assert_string_equal(v.code, "PL-110");
	assert_int_equal(v.original, 7);
	assert_int_equal(v.supersede, 8);
	assert_int_equal(v.hold, 0);
	pl_verdict_clear(&v);
}

/* Sent, amended and sent as well: the first one printed again is that one. */
static void
of_several_that_were_sent_the_same_one_is_the_original(void **state)
{
	const struct had first = { PL_SENT, V1, FROM_ERP };
	const struct had second = { PL_SENT, V2, FROM_ERP };
	const struct comes again = { V1, FROM_ERP };
	struct pl_verdict v = after_two(&first, &second, &again);

	(void)state;
	assert_int_equal(v.state, PL_DUPLICATE);
	assert_int_equal(v.original, 7);
	pl_verdict_clear(&v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_that_came_before_is_decided),
		cmocka_unit_test(
		    a_copy_of_a_message_is_a_duplicate_whatever_is_in_it),
		cmocka_unit_test(
		    an_amended_invoice_that_is_amended_again_stays_held),
		cmocka_unit_test(
		    of_several_that_were_sent_the_same_one_is_the_original),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
