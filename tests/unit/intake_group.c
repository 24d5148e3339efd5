/* SPDX-License-Identifier: BSD-2-Clause */
/* Which files of a message are one document, and what is none. */
#include "intake_mail.h"

/* tables in which most members are left out */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* ---- grouping: pieces as they were found ------------------------------- */

struct want {
	const char *name;
	enum pl_format format;
	const char *number;
	unsigned scope;
	const char *sha, *inside, *reference;
};

static struct pl_piece *
make_piece(const struct want *w, unsigned i)
{
	g_autofree char *content = g_strdup_printf("%u", i);
	const struct pl_seen seen = {
		.name = w->name, .media_type = "", .scope = w->scope
	};
	struct pl_piece *p = pl_piece_new(
	    &seen, (const guint8 *)content, strlen(content));

	p->facts = pl_facts_new();
	p->facts->format = w->format;
	p->facts->kind = w->number != NULL ? PL_FACTS_INVOICE : PL_FACTS_OTHER;
	p->facts->number = g_strdup(w->number);
	p->file->format = g_strdup(pl_format_name(w->format));
	if (w->sha != NULL) {
		g_free(p->file->sha256);
		p->file->sha256 = g_strdup(w->sha);
	}
	if (w->inside != NULL)
		g_ptr_array_add(p->inside, g_strdup(w->inside));
	if (w->reference != NULL) {
		if (p->facts->attached_names == NULL)
			p->facts->attached_names =
			    g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(
		    p->facts->attached_names, g_strdup(w->reference));
	}
	return p;
}

#define PDF PL_FORMAT_PDF
#define HYBRID PL_FORMAT_FACTUR_X
#define UBL PL_FORMAT_UBL
#define XML PL_FORMAT_XML
#define CODA PL_FORMAT_CODA
#define PNG PL_FORMAT_PNG

static const struct {
	const char *what;
	struct want files[6];
	const char *documents; /* names, documents separated by "|" */
} groups[] = {
	{ "same base name", { { "a.pdf", PDF }, { "A.xml", UBL, "7" } },
	    "a.pdf A.xml" },
	{ "the only two", { { "scan.pdf", PDF }, { "e.xml", UBL, "7" } },
	    "scan.pdf e.xml" },
	{ "two pairs by name",
	    { { "a.pdf", PDF }, { "b.pdf", PDF }, { "b.xml", UBL, "2" },
		{ "a.xml", UBL, "1" } },
	    "a.pdf a.xml|b.pdf b.xml" },
	{ "an invoice and its terms: not the only two",
	    { { "x.pdf", PDF }, { "terms.pdf", PDF }, { "y.xml", UBL, "1" } },
	    "x.pdf|terms.pdf|y.xml" },
	{ "the name holds the number",
	    { { "terms.pdf", PDF }, { "Invoice 2026-117.pdf", PDF },
		{ "peppol.xml", UBL, "2026/117" } },
	    "terms.pdf|Invoice 2026-117.pdf peppol.xml" },
	{ "but not as a part of a longer number",
	    { { "terms.pdf", PDF }, { "i-12117.pdf", PDF },
		{ "p.xml", UBL, "2117" } },
	    "terms.pdf|i-12117.pdf|p.xml" },
	{ "two PDFs with the number: nobody knows",
	    { { "117.pdf", PDF }, { "copy of 117.pdf", PDF },
		{ "p.xml", UBL, "117" } },
	    "117.pdf|copy of 117.pdf|p.xml" },
	{ "embedded in the XML, whatever the names",
	    { { "b.pdf", PDF, NULL, 0, "h1" }, { "a.pdf", PDF },
		{ "a.xml", UBL, "1", 0, NULL, "h1" } },
	    "b.pdf a.xml|a.pdf" },
	{ "the XML is the one in the hybrid",
	    { { "a.pdf", HYBRID, "1", 0, NULL, "hx" },
		{ "b.xml", UBL, "1", 0, "hx" }, { "b.pdf", PDF } },
	    "a.pdf b.xml|b.pdf" },
	{ "named by the XML",
	    { { "x.pdf", PDF }, { "real.pdf", PDF },
		{ "x.xml", UBL, "1", 0, NULL, NULL, "real.pdf" } },
	    "x.pdf|real.pdf x.xml" },
	{ "a hybrid and an XML of the same number",
	    { { "p.pdf", PDF }, { "h.pdf", HYBRID, "9" },
		{ "p.xml", UBL, "9" } },
	    "p.pdf|h.pdf p.xml" },
	{ "a hybrid of another number, by the same name",
	    { { "a.pdf", HYBRID, "1" }, { "a.xml", UBL, "2" } },
	    "a.pdf|a.xml" },
	{ "same names in two forwarded messages",
	    { { "a.pdf", PDF, NULL, 1 }, { "a.xml", UBL, "1", 1 },
		{ "a.pdf", PDF, NULL, 2 }, { "a.xml", UBL, "2", 2 } },
	    "a.pdf a.xml|a.pdf a.xml" },
	{ "the only two of each forwarded message",
	    { { "a.pdf", PDF, NULL, 1 }, { "x.xml", UBL, "1", 1 },
		{ "b.pdf", PDF, NULL, 2 }, { "y.xml", UBL, "2", 2 } },
	    "a.pdf x.xml|b.pdf y.xml" },
	{ "a PDF beside the ZIP with its XML",
	    { { "a.pdf", PDF, NULL, 0 }, { "b.pdf", PDF, NULL, 0 },
		{ "a.xml", UBL, "1", 1 } },
	    "a.pdf a.xml|b.pdf" },
	{ "a statement and its PDF",
	    { { "s1.cod", CODA }, { "s1.pdf", PDF }, { "x.pdf", PDF } },
	    "s1.cod s1.pdf|x.pdf" },
	{ "the only PDF beside the only statement",
	    { { "s1.cod", CODA }, { "x.pdf", PDF } }, "s1.cod x.pdf" },
	{ "a hybrid is an invoice, not the PDF of a statement",
	    { { "s1.cod", CODA }, { "s1.pdf", HYBRID, "7" } },
	    "s1.cod|s1.pdf" },
	{ "two statements and a PDF",
	    { { "s1.cod", CODA }, { "s2.cod", CODA }, { "x.pdf", PDF } },
	    "s1.cod|s2.cod|x.pdf" },
	{ "pictures stand alone", { { "a.png", PNG }, { "a.xml", UBL, "1" } },
	    "a.png|a.xml" },
	{ "many XML files", { { "a.xml", UBL, "1" }, { "b.xml", UBL, "2" } },
	    "a.xml|b.xml" },
	{ "names may be missing", { { NULL, PDF }, { NULL, UBL, "1" } },
	    "? ?" },
	{ "nothing", { { NULL, PL_FORMAT_UNKNOWN } }, "" },
};

static void
files_form_documents(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(groups); i++) {
		g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func(
		    (GDestroyNotify)pl_piece_free);
		g_autoptr(GPtrArray) documents = g_ptr_array_new_with_free_func(
		    (GDestroyNotify)pl_document_free);
		for (unsigned k = 0;
		     groups[i].files[k].format != PL_FORMAT_UNKNOWN; k++)
			g_ptr_array_add(
			    pieces, make_piece(&groups[i].files[k], k));
		pl_group(pieces, documents);
		g_autofree char *names = names_of(documents);
		if (strcmp(names, groups[i].documents) != 0)
			fail_msg("%s: %s", groups[i].what, names);
	}
}

static void
a_file_with_three_statements_is_three_documents(void **state)
{
	const struct want w = { "s.cod", CODA };
	g_autoptr(GPtrArray) pieces =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_piece_free);
	g_autoptr(GPtrArray) documents =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_document_free);
	struct pl_piece *p = make_piece(&w, 0);

	(void)state;
	p->facts->kind = PL_FACTS_STATEMENT;
	if (p->facts->statements == NULL)
		p->facts->statements = g_ptr_array_new_with_free_func(
		    (GDestroyNotify)pl_statement_free);
	for (gsize i = 0; i < 3; i++) {
		struct pl_statement *s = pl_statement_new();
		s->account = g_strdup_printf("BE%zu", i);
		s->to = g_strdup("2026-01-31");
		s->offset = 100 * i;
		s->length = 100;
		g_ptr_array_add(p->facts->statements, s);
	}
	g_ptr_array_add(pieces, p);
	pl_group(pieces, documents);
	assert_int_equal(documents->len, 3);
	for (guint i = 0; i < 3; i++) {
		const pl_document *d = documents->pdata[i];
		assert_int_equal(d->kind, PL_KIND_STATEMENT);
		assert_int_equal(d->offset, 100 * i);
		assert_int_equal(d->length, 100);
		assert_string_equal(d->date, "2026-01-31");
		assert_int_equal(d->files->len, 1);
	}
}

/* ---- whole messages ---------------------------------------------------- */

static GBytes *
picture(gsize size)
{
	/* a PNG of 200 x 200, as far as its header goes */
	static const guint8 head[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a,
		'\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 0, 200, 0, 0, 0,
		200, 8, 2, 0, 0, 0, 0x22, 0x3a, 0x39, 0xc9 };
	static const guint8 end[] = { 0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae,
		0x42, 0x60, 0x82 };
	guint8 *bytes = g_malloc0(size);

	memcpy(bytes, head, sizeof head);
	/* one chunk of data fills the rest */
	guint32 n = (guint32)(size - sizeof head - sizeof end - 12);
	guint8 *at = bytes + sizeof head;
	for (int i = 0; i < 4; i++)
		at[i] = (guint8)(n >> (24 - 8 * i));
	memcpy(at + 4, "IDAT", 4);
	memcpy(bytes + size - sizeof end, end, sizeof end);
	return g_bytes_new_take(bytes, size);
}

static void
a_logo_is_no_document(void **state)
{
	GString *m = mail_begin("related");
	static const char html[] =
	    "<html><img src=\"cid:logo%40x\"><img src='CID:two'></html>";

	(void)state;
	mail_raw(m, "Content-Type: text/html\r\n", html, sizeof html - 1);
	g_autoptr(GBytes) logo = picture(200000);
	g_autofree char *b64 = g_base64_encode(
	    g_bytes_get_data(logo, NULL), g_bytes_get_size(logo));
	mail_raw(m,
	    "Content-Type: image/png; name=logo.png\r\n"
	    "Content-ID: <logo@x>\r\nContent-Disposition: attachment\r\n"
	    "Content-Transfer-Encoding: base64\r\n",
	    b64, strlen(b64));
	assert_told(
	    mail_end(m), "-logo.png (inline image)\n!PL-101 \n");
}

static void
an_image_that_the_html_shows_is_no_document_anywhere(void **state)
{
	GString *m = mail_begin("mixed");
	static const char html[] = "<html><img src=\"cid:logo@x\"></html>";

	(void)state;
	g_autoptr(GBytes) logo = picture(200000);
	g_autofree char *b64 = g_base64_encode(
	    g_bytes_get_data(logo, NULL), g_bytes_get_size(logo));
	mail_raw(m,
	    "Content-Type: image/png; name=logo.png\r\n"
	    "Content-ID: <logo@x>\r\n"
	    "Content-Transfer-Encoding: base64\r\n",
	    b64, strlen(b64));
	mail_raw(m, "Content-Type: text/html\r\n", html, sizeof html - 1);
	mail_file(m, "application/pdf", "a.pdf", make_pdf("a"));
	assert_told(mail_end(m), "other: a.pdf\n-logo.png (inline image)\n");
}

static void
attached_pictures_are_documents_unless_small_beside_others(void **state)
{
	GString *m = mail_begin("mixed");

	(void)state;
	mail_file(m, "image/png", "receipt.png", picture(50000));
	assert_told(mail_end(m), "other: receipt.png\n");

	m = mail_begin("mixed");
	mail_file(m, "image/png", "dot.png", picture(600));
	assert_told(mail_end(m), "-dot.png (small image)\n!PL-101 \n");

	m = mail_begin("mixed");
	mail_file(m, "image/png", "logo.png", picture(50000));
	mail_file(m, "image/png", "photo.png", picture(400000));
	mail_file(m, "application/pdf", "a.pdf", make_pdf("a"));
	assert_told(mail_end(m),
	    "other: photo.png\nother: a.pdf\n"
	    "-logo.png (small image beside documents)\n");
}

static void
an_inline_pdf_is_a_document(void **state)
{
	g_autoptr(GBytes) pdf = make_pdf("a");
	GString *m = mail_begin("mixed");

	(void)state;
	mail_text(m, "see below");
	mail_raw(m,
	    "Content-Type: application/octet-stream; name=\"a.pdf\"\r\n"
	    "Content-Disposition: inline; filename=a.pdf\r\n",
	    g_bytes_get_data(pdf, NULL), g_bytes_get_size(pdf));
	mail_text(m, "see above");
	assert_told(mail_end(m), "other: a.pdf\n");
}

static void
every_file_is_named_with_its_reason(void **state)
{
	GString *m = mail_begin("mixed");

	(void)state;
	mail_text(m, "hello");
	mail_file(m, "text/calendar", "invite.ics",
	    make_text("BEGIN:VCALENDAR"));
	mail_file(m, "text/x-vcard", NULL, make_text("BEGIN:VCARD"));
	mail_file(m, "application/pdf", "empty.pdf", make_text(""));
	mail_file(m, "application/pdf", "page.html",
	    make_text("<!DOCTYPE HTML><html></html>"));
	mail_file(m, "application/pgp-signature", "signature.asc",
	    make_text("-----BEGIN PGP"));
	mail_file(m, "application/x-foo", "x.foo", make_text("\1\2\3\4"));
	mail_file(m, "text/calendar", "really.ics", make_pdf("a"));
	mail_file(m, "application/pdf", "a.pdf", make_pdf("b"));
	mail_file(m, "application/pdf", "again.pdf", make_pdf("b"));
	assert_told(mail_end(m),
	    "other: really.ics\nother: a.pdf\n"
	    "-invite.ics (not a document: calendar)\n"
	    "-? (not a document: contact card)\n"
	    "-empty.pdf (empty file)\n"
	    "-page.html (not a document: web page)\n"
	    "-signature.asc (signature)\n"
	    "-x.foo (not a document: unknown format)\n"
	    "-again.pdf (the same file again: a.pdf)\n");
}

static void
the_header_is_read(void **state)
{
	g_autoptr(pl_findings) f = inspect(mail_end(mail_begin("mixed")));

	(void)state;
	assert_true(f->message);
	assert_string_equal(f->message_id, "<1@shop.example>");
	assert_string_equal(f->subject, "café");
	assert_string_equal(f->from, "Anna <anna@shop.example>");
	assert_string_equal(f->sender, "anna@shop.example");
	assert_true(f->date == G_GINT64_CONSTANT(1770022800) * 1000000);
}

static void
a_damaged_or_locked_file_is_a_problem_and_no_document(void **state)
{
	g_autoptr(GBytes) pdf = make_pdf("a");
	GString *m = mail_begin("mixed");

	(void)state;
	mail_file(m, "application/pdf", "half.pdf",
	    g_bytes_new(g_bytes_get_data(pdf, NULL), 60));
	mail_file(m, "application/pdf", "whole.pdf", make_pdf("b"));
	assert_told(mail_end(m),
	    "other: whole.pdf\n-half.pdf (damaged)\n!PL-102 half.pdf\n");
}

static void
a_credit_note_is_one(void **state)
{
	GString *m = mail_begin("mixed");

	(void)state;
	mail_file(m, "text/plain", "c.xml",
	    make_ubl(TRUE, "C-9", "2026-01-31", "10.00", NULL, NULL));
	assert_told(mail_end(m), "credit-note C-9: c.xml\n");
}

/* A PDF that lies in the UBL as well is one document with it. */
static void
a_pdf_embedded_in_the_ubl_is_no_second_document(void **state)
{
	GString *m = mail_begin("mixed");
	GBytes *pdf = make_pdf("a");

	(void)state;
	mail_file(m, "application/pdf", "other.pdf", make_pdf("b"));
	mail_file(m, "application/xml", "x.xml",
	    make_ubl(FALSE, "8", "2026-01-31", "1.00", "p.pdf", pdf));
	mail_file(m, "application/pdf", "scan.pdf", pdf);
	assert_told(
	    mail_end(m), "other: other.pdf\ninvoice 8: scan.pdf x.xml\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_form_documents),
		cmocka_unit_test(
		    a_file_with_three_statements_is_three_documents),
		cmocka_unit_test(a_logo_is_no_document),
		cmocka_unit_test(
		    an_image_that_the_html_shows_is_no_document_anywhere),
		cmocka_unit_test(
		    attached_pictures_are_documents_unless_small_beside_others),
		cmocka_unit_test(an_inline_pdf_is_a_document),
		cmocka_unit_test(every_file_is_named_with_its_reason),
		cmocka_unit_test(the_header_is_read),
		cmocka_unit_test(
		    a_damaged_or_locked_file_is_a_problem_and_no_document),
		cmocka_unit_test(a_credit_note_is_one),
		cmocka_unit_test(
		    a_pdf_embedded_in_the_ubl_is_no_second_document),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
