/* SPDX-License-Identifier: BSD-2-Clause */
/* From messages in the ledger to entries, problems, and files taken by hand. */
#include "config_sample.h"
#include "ledger_fixture.h"

#include "intake_mail.h"

#define SALES \
	"[journal sales]\naddress = sales@in.example\n" \
	"deliver_to = sales@out.example\naccept = invoice\n"
#define CREDITS \
	"[journal credits]\naddress = sales@in.example\n" \
	"deliver_to = credits@out.example\naccept = credit-note\n"
#define ALL \
	"[journal all]\naddress = *@in.example\n" \
	"deliver_to = all@out.example\n"

/* ---- messages ------------------------------------------------------------------- */

struct mail {
	const char *to, *id, *sender, *client, *auth;
	GBytes *bytes; /* taken */
};

static gint64
store(pl_ledger *l, const struct mail *mail)
{
	gsize n;
	const char *data = g_bytes_get_data(mail->bytes, &n);
	g_autoptr(pl_message) m = new_message(mail->to, mail->id, "");
	static gint64 clock;

	/* a body hash of its own, and never two at one time */
	g_free(m->body_sha256);
	m->body_sha256 = g_compute_checksum_for_bytes(
	    G_CHECKSUM_SHA256, mail->bytes);
	m->arrived = G_GINT64_CONSTANT(1770000000000000) + ++clock;
	if (mail->sender != NULL) {
		g_free(m->sender);
		m->sender = g_strdup(mail->sender);
	}
	m->client_addr =
	    g_strdup(mail->client != NULL ? mail->client : "10.0.0.1");
	m->auth_user = g_strdup(mail->auth);
	m->bytes = store_bytes(l, "milter", data, n);
	assert_ok(pl_bytes_sync(l, E));
	assert_ok(pl_message_add(l, m, "sales", E));
	g_bytes_unref(mail->bytes);
	return m->id;
}

static gint64
arrives(pl_ledger *l, const char *to, GBytes *bytes)
{
	g_autofree char *id = g_uuid_string_random();
	const struct mail mail = { .to = to, .id = id, .bytes = bytes };

	return store(l, &mail);
}

static GBytes *
mail_with(const char *type, const char *name, GBytes *bytes)
{
	GString *m = mail_begin("mixed");

	mail_text(m, "hello");
	mail_file(m, type, name, bytes);
	return mail_end(m);
}

static GBytes *
invoice(const char *number, const char *total)
{
	return mail_with("application/xml", "i.xml",
	    make_ubl(FALSE, number, "2026-01-31", total, NULL, NULL));
}

static struct pl_indexed
run_index(pl_ledger *l, const char *journals)
{
	g_autofree char *text =
	    g_strconcat("[gateway]\nsender = postledger@gw.example\n"
			"timezone = Europe/Brussels\n",
		journals, NULL);
	g_autoptr(pl_config) config = accepted(text);
	g_autoptr(pl_reader) reader = pl_reader_new(NULL);
	struct pl_indexed done = { 0 };

	assert_ok(
	    pl_intake_index(l, config, reader, &done, NULL, NULL, E));
	return done;
}

static gboolean
describe(const pl_entry *e, void *user)
{
	GString *s = user;

	g_string_append_printf(s, "%s %s %s%s%s", e->journal,
	    pl_state_name(e->state), e->filename != NULL ? e->filename : "?",
	    e->code != NULL ? " " : "", e->code != NULL ? e->code : "");
	if (e->original != 0)
		g_string_append_printf(s, " of %d", (int)e->original);
	g_string_append_c(s, '\n');
	return TRUE;
}

/* All entries and problems in one text. */
static char *
ledger_text(pl_ledger *l)
{
	GString *s = g_string_new(NULL);
	const struct pl_entry_filter all = { 0 };

	assert_ok(pl_entry_each(l, &all, describe, s, E));
	g_autoptr(GPtrArray) problems = pl_problem_open(l, 0, NULL);
	for (guint i = 0; i < problems->len; i++) {
		const struct pl_problem *p = problems->pdata[i];
		g_string_append_printf(s, "!%s %s %s\n", p->code,
		    p->journal != NULL ? p->journal : "-",
		    p->filename != NULL ? p->filename : "-");
	}
	return g_string_free(s, FALSE);
}

static void
assert_ledger(pl_ledger *l, const char *expected)
{
	g_autofree char *text = ledger_text(l);

	assert_string_equal(text, expected);
	assert_whole(l);
}

/* ---- entries ----------------------------------------------------------------------- */

static void
a_document_is_entered_where_its_kind_is_accepted(void **state)
{
	struct fixture *f = *state;
	gint64 id = arrives(f->l, "<Sales@in.example>",
	    mail_with("application/xml", "c.xml",
		make_ubl(TRUE, "C1", "2026-01-31", "5.00", NULL, NULL)));
	arrives(f->l, "<sales@in.example>", invoice("I1", "7.00"));

	struct pl_indexed done = run_index(f->l, SALES CREDITS);
	assert_int_equal(done.messages, 2);
	assert_int_equal(done.documents, 2);
	assert_int_equal(done.entries, 2);
	assert_int_equal(done.problems, 0);
	assert_ledger(f->l, "credits waiting c.xml\nsales waiting i.xml\n");

	g_autoptr(pl_message) m = pl_message_get(f->l, id, NULL);
	assert_true(m->indexed);
	assert_string_equal(m->subject, "café");
	assert_string_equal(m->date, "2026-02-02");
	done = run_index(f->l, SALES CREDITS);
	assert_int_equal(done.messages, 0);
	assert_int_equal(done.entries, 0);
}

static void
journals_that_share_an_address_both_get_it(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>", invoice("I1", "7.00"));
	run_index(f->l, SALES
	    "[journal copy]\naddress = sales@in.example\n"
	    "deliver_to = copy@out.example\n");
	assert_ledger(f->l, "sales waiting i.xml\ncopy waiting i.xml\n");
}

static void
a_plain_pdf_goes_to_the_first_that_takes_invoices(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>",
	    mail_with("application/pdf", "a.pdf", make_pdf("a")));
	run_index(f->l, CREDITS SALES);
	assert_ledger(f->l, "sales waiting a.pdf\n");
}

static void
a_plain_pdf_goes_to_the_one_that_takes_others(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>",
	    mail_with("application/pdf", "a.pdf", make_pdf("a")));
	run_index(f->l, SALES
	    "[journal rest]\naddress = sales@in.example\n"
	    "deliver_to = rest@out.example\naccept = other\n");
	assert_ledger(f->l, "rest waiting a.pdf\n");
}

static void
what_no_journal_takes_is_told(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>",
	    mail_with("application/xml", "c.xml",
		make_ubl(TRUE, "C1", "2026-01-31", "5.00", NULL, NULL)));
	arrives(f->l, "<nobody@elsewhere.example>", invoice("I1", "1.00"));
	arrives(f->l, "<sales@in.example>",
	    mail_with("text/plain", "note.txt", make_text("hello")));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "!PL-106 sales c.xml\n!PL-106 - i.xml\n!PL-101 sales -\n");
	g_autoptr(GPtrArray) problems = pl_problem_open(f->l, 0, NULL);
	const struct pl_problem *p = problems->pdata[0];
	assert_string_equal(p->text,
	    "no journal at sales@in.example takes a credit note C1 as ubl "
	    "from Seller");
	p = problems->pdata[2];
	assert_string_equal(p->text, "note.txt (not a document: text)");
}

static void
own_company_numbers_choose_the_journal(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<a@in.example>", invoice("I1", "1.00"));
	run_index(f->l,
	    "[journal ours]\naddress = a@in.example\n"
	    "deliver_to = a@out.example\ncompany_ids = BE0987654394\n"
	    "[journal theirs]\naddress = a@in.example\n"
	    "deliver_to = b@out.example\ncompany_ids = BE0111111111\n");
	assert_ledger(f->l, "ours waiting i.xml\n");
}

static const char two_accounts[] =
    ":20:A\r\n:25:NL91ABNA0417164300\r\n:28C:1/1\r\n"
    ":60F:C260130EUR100,00\r\n"
    ":61:2601310131C10,00NTRFNONREF\r\n:86:one\r\n"
    ":62F:C260131EUR110,00\r\n-\r\n"
    ":20:B\r\n:25:NL20INGB0001234567\r\n:28C:7/1\r\n"
    ":60F:C260130EUR5,00\r\n"
    ":61:2601310131D1,00NTRFNONREF\r\n:86:two\r\n"
    ":62F:C260131EUR4,00\r\n-\r\n";

static void
statements_of_one_file_go_to_the_journals_of_their_accounts(void **state)
{
	struct fixture *f = *state;
	const char *journals =
	    "[journal abn]\naddress = bank@in.example\n"
	    "deliver_to = a@out.example\naccount = NL91ABNA0417164300\n"
	    "[journal ing]\naddress = bank@in.example\n"
	    "deliver_to = b@out.example\naccount = NL20INGB0001234567\n";

	arrives(f->l, "<bank@in.example>",
	    mail_with("text/plain", "s.sta", make_text(two_accounts)));
	struct pl_indexed done = run_index(f->l, journals);
	assert_int_equal(done.documents, 2);
	assert_ledger(f->l, "abn waiting s.sta\ning waiting s.sta\n");
	/* the file again: each statement is a duplicate of its own */
	arrives(f->l, "<bank@in.example>",
	    mail_with("text/plain", "again.sta", make_text(two_accounts)));
	run_index(f->l, journals);
	assert_ledger(f->l,
	    "abn waiting s.sta\ning waiting s.sta\n"
	    "abn duplicate again.sta of 1\ning duplicate again.sta of 2\n");
}

static void
an_account_without_journal_is_told(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<bank@in.example>",
	    mail_with("text/plain", "s.sta", make_text(two_accounts)));
	run_index(f->l,
	    "[journal abn]\naddress = bank@in.example\n"
	    "deliver_to = a@out.example\naccount = NL91ABNA0417164300\n");
	assert_ledger(f->l, "abn waiting s.sta\n!PL-203 abn s.sta\n");
}

/* ---- the same again ------------------------------------------------------------------- */

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

/* Two files in one mail. */
static GBytes *
mail_with_two(const char *a, GBytes *bytes_a, const char *b, GBytes *bytes_b)
{
	GString *m = mail_begin("mixed");

	mail_file(m, "application/octet-stream", a, bytes_a);
	mail_file(m, "application/octet-stream", b, bytes_b);
	return mail_end(m);
}

static GBytes *
ubl(const char *number)
{
	return make_ubl(FALSE, number, "2026-01-31", "1.00", NULL, NULL);
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

/* ---- trouble ------------------------------------------------------------------------------ */

static void
a_message_that_kills_the_parser_spoils_only_itself(void **state)
{
	struct fixture *f = *state;

	g_setenv("POSTLEDGER_TEST_CHILD", "1", TRUE);
	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	arrives(f->l, "<sales@in.example>",
	    make_text("X-Misbehave: crash\r\n\r\n"));
	arrives(f->l, "<sales@in.example>", invoice("I2", "1.00"));
	struct pl_indexed done = run_index(f->l, SALES);
	g_unsetenv("POSTLEDGER_TEST_CHILD");
	assert_int_equal(done.messages, 3);
	assert_ledger(f->l,
	    "sales waiting i.xml\nsales waiting i.xml\n!PL-102 sales -\n");
	done = run_index(f->l, SALES);
	assert_int_equal(done.messages, 0);
}

/* Told once, and read when its file is back. */
static void
missing_bytes_do_not_stop_the_others(void **state)
{
	struct fixture *f = *state;
	g_autofree char *away = g_strconcat(f->messages, ".away", NULL);

	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	reopen(f);
	assert_int_equal(g_rename(f->messages, away), 0);
	assert_int_equal(g_mkdir(f->messages, 0700), 0);
	for (int i = 0; i < 2; i++) {
		struct pl_indexed done = run_index(f->l, SALES);
		assert_int_equal(done.messages, 0);
		reopen(f);
	}
	g_autofree char *text = ledger_text(f->l);
	assert_string_equal(text, "!PL-506 sales -\n");
	remove_all(f->messages);
	assert_int_equal(g_rename(away, f->messages), 0);
	reopen(f);
	run_index(f->l, SALES);
	assert_ledger(f->l, "sales waiting i.xml\n!PL-506 sales -\n");
}

static void
many_messages_are_indexed_in_pages(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 60; i++) {
		g_autofree char *number = g_strdup_printf("I%d", i);
		arrives(f->l, "<sales@in.example>", invoice(number, "1.00"));
	}
	struct pl_indexed done = run_index(f->l, SALES);
	assert_int_equal(done.messages, 60);
	assert_int_equal(done.entries, 60);
	assert_whole(f->l);
}

/* ---- rules that change -------------------------------------------------------------------- */

static void
a_journal_added_later_takes_up_what_came_before(void **state)
{
	struct fixture *f = *state;

	arrives(f->l, "<sales@in.example>", invoice("I1", "1.00"));
	arrives(f->l, "<sales@in.example>", invoice("I1", "2.00"));
	arrives(f->l, "<else@in.example>", invoice("I3", "1.00"));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales superseded i.xml of 2\nsales waiting i.xml\n"
	    "!PL-106 - i.xml\n");
	struct pl_indexed done = run_index(f->l, SALES
	    "[journal new]\naddress = sales@in.example else@in.example\n"
	    "deliver_to = new@out.example\n");
	assert_int_equal(done.entries, 3);
	assert_ledger(f->l,
	    "sales superseded i.xml of 2\nnew superseded i.xml of 4\n"
	    "sales waiting i.xml\nnew waiting i.xml\nnew waiting i.xml\n"
	    "!PL-106 - i.xml\n");
}

static void
accepting_more_takes_up_what_was_not_accepted(void **state)
{
	struct fixture *f = *state;
	struct pl_standing *standing;

	arrives(f->l, "<sales+x@in.example>",
	    mail_with("application/xml", "c.xml",
		make_ubl(TRUE, "C1", "2026-01-31", "5.00", NULL, NULL)));
	run_index(f->l, SALES);
	assert_ledger(f->l, "!PL-106 sales c.xml\n");
	standing = pl_standing_get(f->l, "sales", NULL);
	standing->enabled = TRUE;
	standing->activated = 5;
	assert_ok(pl_standing_put(f->l, standing, NULL, E));
	pl_standing_free(standing);

	run_index(f->l,
	    "[journal sales]\naddress = sales@in.example\n"
	    "deliver_to = sales@out.example\n"
	    "accept = invoice credit-note\n");
	assert_ledger(f->l, "sales waiting c.xml\n!PL-106 sales c.xml\n");
	/* what the run keeps there is untouched */
	standing = pl_standing_get(f->l, "sales", NULL);
	assert_true(standing->enabled);
	assert_int_equal(standing->activated, 5);
	pl_standing_free(standing);
}

/* ---- import --------------------------------------------------------------------------------- */

static gint64
import(struct fixture *f, const char *name, GBytes *bytes)
{
	g_autoptr(pl_config) config =
	    accepted("[gateway]\nsender = postledger@gw.example\n" SALES);
	g_autofree char *path = g_build_filename(f->folder, name, NULL);
	gsize n;
	const char *data = g_bytes_get_data(bytes, &n);
	gint64 id = 0;

	assert_true(g_file_set_contents(path, data, (gssize)n, NULL));
	assert_ok(pl_intake_import(f->l, config, pl_config_journal(config, 0),
	    path, &id, E));
	g_bytes_unref(bytes);
	return id;
}

static void
a_file_taken_by_hand_is_entered_as_if_mailed(void **state)
{
	struct fixture *f = *state;
	gint64 id = import(f, "a é.pdf", make_pdf("a"));

	import(f, "mail.eml", invoice("I1", "1.00"));
	import(f, "again.pdf", make_pdf("a"));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales waiting a é.pdf\nsales waiting i.xml\n"
	    "sales duplicate again.pdf of 1\n");
	g_autoptr(pl_message) m = pl_message_get(f->l, id, NULL);
	assert_string_equal(m->origin, "import");
	assert_string_equal(m->subject, "Imported by hand: a é.pdf");
	g_autoptr(pl_bytes) bytes = pl_bytes_open(f->l, id, NULL);
	assert_non_null(bytes);
}

/* The same mail, saved by a program with other line ends. */
static void
a_mail_taken_by_hand_is_the_same_as_the_captured_one(void **state)
{
	struct fixture *f = *state;
	static const char crlf[] = FIELDS "\r\nbody\r\n";
	g_autoptr(GString) lf = g_string_new(crlf);

	g_string_replace(lf, "\r\n", "\n", 0);
	gint64 a = import(f, "a.eml", make_text(crlf));
	gint64 b = import(f, "b.eml", make_text(lf->str));
	g_string_prepend(lf, "From anna Mon Feb  2 10:00:00 2026\n");
	gint64 c = import(f, "c.eml", make_text(lf->str));
	g_autoptr(pl_message) m = pl_message_get(f->l, a, NULL);
	g_autoptr(pl_message) n = pl_message_get(f->l, b, NULL);
	g_autoptr(pl_message) o = pl_message_get(f->l, c, NULL);
	g_autofree char *header = g_compute_checksum_for_string(
	    G_CHECKSUM_SHA256, FIELDS "\r\n", -1);
	g_autofree char *body =
	    g_compute_checksum_for_string(G_CHECKSUM_SHA256, "body\r\n", -1);
	assert_string_equal(m->message_id, "<1@shop.example>");
	assert_string_equal(m->header_sha256, header);
	assert_string_equal(m->body_sha256, body);
	assert_string_equal(n->header_sha256, header);
	assert_string_equal(n->body_sha256, body);
	assert_string_equal(o->header_sha256, header);
	assert_int_equal(n->bytes.size, sizeof crlf - 1);
}

static void
a_large_file_taken_by_hand_comes_out_again(void **state)
{
	struct fixture *f = *state;
	const gsize n = 3 * PL_CHUNK + 17;
	guint8 *bytes = g_malloc(n);
	char hex[PL_SHA256_HEX + 1];
	g_autoptr(pl_reader) reader = pl_reader_new(NULL);

	for (gsize i = 0; i < n; i++)
		bytes[i] = (guint8)(i * 2654435761u >> 11);
	memcpy(bytes, "%PDF-1.4\n", 9);
	pl_sha256_hex(bytes, n, hex);
	gint64 id = import(f, "large.pdf", g_bytes_new_take(bytes, n));
	g_autoptr(pl_bytes) stored = pl_bytes_open(f->l, id, NULL);
	const struct pl_source source = pl_source_of(stored);
	g_autoptr(pl_findings) found =
	    pl_reader_inspect(reader, &source, NULL, NULL);
	const struct pl_file *file = ignored(found, "large.pdf");
	assert_non_null(file);
	assert_string_equal(file->sha256, hex);
}

static void
what_cannot_be_imported_is_said(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_config) config =
	    accepted("[gateway]\nsender = postledger@gw.example\n" SALES);
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(f->folder, "no", NULL);
	gint64 id = 0;

	assert_false(pl_intake_import(f->l, config,
	    pl_config_journal(config, 0), path, &id, &error));
	assert_true(
	    g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
	g_clear_error(&error);
	assert_true(g_file_set_contents(path, "", 0, NULL));
	assert_false(pl_intake_import(f->l, config,
	    pl_config_journal(config, 0), path, &id, &error));
	assert_non_null(strstr(error->message, "empty"));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_document_is_entered_where_its_kind_is_accepted),
		T(journals_that_share_an_address_both_get_it),
		T(a_plain_pdf_goes_to_the_first_that_takes_invoices),
		T(a_plain_pdf_goes_to_the_one_that_takes_others),
		T(what_no_journal_takes_is_told),
		T(own_company_numbers_choose_the_journal),
		T(statements_of_one_file_go_to_the_journals_of_their_accounts),
		T(an_account_without_journal_is_told),
		T(the_same_message_again_is_a_duplicate),
		T(the_same_file_again_is_a_duplicate),
		T(terms_of_sale_that_came_before_do_not_hide_an_invoice),
		T(an_invoice_takes_the_place_of_its_pdf_that_came_alone),
		T(going_back_to_the_first_version_supersedes_the_second),
		T(a_number_in_other_letters_is_the_same_invoice),
		T(a_newer_version_supersedes_the_waiting_one),
		T(a_newer_version_from_elsewhere_holds_both),
		T(a_pdf_of_the_same_name_number_holds_both),
		T(a_message_that_kills_the_parser_spoils_only_itself),
		T(missing_bytes_do_not_stop_the_others),
		T(many_messages_are_indexed_in_pages),
		T(a_journal_added_later_takes_up_what_came_before),
		T(accepting_more_takes_up_what_was_not_accepted),
		T(a_file_taken_by_hand_is_entered_as_if_mailed),
		T(a_mail_taken_by_hand_is_the_same_as_the_captured_one),
		T(a_large_file_taken_by_hand_comes_out_again),
		T(what_cannot_be_imported_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
