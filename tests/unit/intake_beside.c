/* SPDX-License-Identifier: BSD-2-Clause */
/* Which PDF is that of which statement. */
#include "cpu.h"
#include "intake_mail.h"

/* tables in which most members are left out */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define KBC "BE68539007547034"
#define ING "BE71096123456769"

struct statement {
	const char *account, *sequence, *day, *closing;
};
static const struct statement kbc41 = { KBC, "41", "2026-02-28", "1199.35" };
static const struct statement kbc42 = { KBC, "42", "2026-03-01", "41.00" };
static const struct statement ing7 = { ING, "7", "2026-02-28", "-5.10" };

struct want {
	const char *name;
	const struct statement *of[4]; /* none: a PDF */
	const char *page;
	unsigned scope;
};

static struct pl_piece *
make_piece(const struct want *w, unsigned i)
{
	g_autofree char *content = g_strdup_printf("%u", i);
	const struct pl_seen seen = {
		.name = w->name, .media_type = "", .scope = w->scope
	};
	struct pl_piece *p =
	    pl_piece_new(&seen, (const guint8 *)content, strlen(content));

	p->facts = pl_facts_new();
	p->facts->format = w->of[0] != NULL ? PL_FORMAT_CODA : PL_FORMAT_PDF;
	p->file->format = g_strdup(pl_format_name(p->facts->format));
	if (w->page != NULL)
		p->page_said = pl_said_new(w->page);
	for (unsigned k = 0; w->of[k] != NULL; k++) {
		struct pl_statement *s = pl_statement_new();
		s->account = g_strdup(w->of[k]->account);
		s->sequence = g_strdup(w->of[k]->sequence);
		s->to = g_strdup(w->of[k]->day);
		s->closing_balance = g_strdup(w->of[k]->closing);
		s->length = 1;
		g_ptr_array_add(p->facts->statements, s);
	}
	return p;
}

static const struct {
	const char *what;
	struct want files[6];
	const char *documents; /* of statements their account and number */
} groups[] = {
	{ "the same base name",
	    { { "day.cod", { &kbc41 } }, { "day.pdf" }, { "terms.pdf" } },
	    "day.cod:41 day.pdf|terms.pdf" },
	{ "the only two", { { "scan.pdf" }, { "day.cod", { &kbc41 } } },
	    "day.cod:41 scan.pdf" },
	{ "account and number in the name",
	    { { "x.cod", { &kbc41 } }, { "y.cod", { &ing7 } },
		{ KBC "_2026_041.pdf" }, { "BE71 0961 2345 6769 nr 7.pdf" } },
	    "x.cod:41 " KBC "_2026_041.pdf|"
	    "y.cod:7 BE71 0961 2345 6769 nr 7.pdf" },
	{ "account and day in the name",
	    { { "x.cod", { &kbc41 } }, { "y.cod", { &kbc42 } },
		{ KBC "-01-03-2026.pdf" }, { KBC "-20260228.pdf" } },
	    "x.cod:41 " KBC "-20260228.pdf|y.cod:42 " KBC "-01-03-2026.pdf" },
	{ "year and number in one",
	    { { "x.cod", { &kbc41 } }, { "y.cod", { &kbc42 } },
		{ KBC "-2026042.pdf" } },
	    "x.cod:41|y.cod:42 " KBC "-2026042.pdf" },
	{ "the account alone, where it has one statement",
	    { { "x.cod", { &kbc41 } }, { "y.cod", { &ing7 } },
		{ "539-0075470-34.pdf" }, { "b.pdf" } },
	    "x.cod:41 539-0075470-34.pdf|y.cod:7 b.pdf" },
	{ "the account alone, where it has two: nobody knows",
	    { { "x.cod", { &kbc41 } }, { "y.cod", { &kbc42 } },
		{ KBC ".pdf" } },
	    "x.cod:41|y.cod:42|" KBC ".pdf" },
	{ "another number of the account: not that of this one",
	    { { "x.cod", { &kbc41 } }, { KBC "_2026_040.pdf" } },
	    "x.cod:41|" KBC "_2026_040.pdf" },
	{ "another account in the name",
	    { { "x.cod", { &kbc41 } }, { ING ".pdf" } },
	    "x.cod:41|" ING ".pdf" },
	{ "an invoice in the same message says other accounts",
	    { { "x.cod", { &kbc41 } },
		{ "i.pdf", { 0 }, "Invoice 41, please pay to " ING } },
	    "x.cod:41|i.pdf" },
	{ "account and number on its pages",
	    { { "x.cod", { &kbc41 } }, { "y.cod", { &ing7 } },
		{ "a.pdf", { 0 }, "Extrait 007 BE71 0961 2345 6769 EUR" },
		{ "b.pdf", { 0 }, "Nr 41 of BE68 5390 0754 7034" } },
	    "x.cod:41 b.pdf|y.cod:7 a.pdf" },
	{ "numbers stand on pages by chance: the balance decides",
	    { { "x.cod", { &kbc41 } }, { "y.cod", { &kbc42 } },
		{ "a.pdf", { 0 },
		    "41 42 " KBC " balance 1.199,35 EUR, rate 41.0" },
		{ "b.pdf", { 0 }, "41 42 " KBC " balance 41,00 EUR" } },
	    "x.cod:41 a.pdf|y.cod:42 b.pdf" },
	{ "of several statements in one file the right one",
	    { { "x.cod", { &kbc41, &ing7, &kbc42 } }, { KBC "_42.pdf" },
		{ "a.pdf", { 0 }, ING " 7" } },
	    "x.cod:41|x.cod:7 a.pdf|x.cod:42 " KBC "_42.pdf" },
	{ "one with the name of such a file goes with the first",
	    { { "x.pdf" }, { "x.cod", { &kbc41, &ing7 } } },
	    "x.cod:41 x.pdf|x.cod:7" },
	{ "but with the one that it names",
	    { { "x.pdf", { 0 }, ING " 7" }, { "x.cod", { &kbc41, &ing7 } } },
	    "x.cod:41|x.cod:7 x.pdf" },
	{ "some PDF beside several statements in a file",
	    { { "a.pdf" }, { "x.cod", { &kbc41, &ing7 } } },
	    "a.pdf|x.cod:41|x.cod:7" },
	{ "a number without an account says nothing",
	    { { "x.cod", { &kbc41 } }, { "y.cod", { &kbc42 } }, { "41.pdf" },
		{ "b.pdf", { 0 }, "statement 42" } },
	    "x.cod:41|y.cod:42|41.pdf|b.pdf" },
	{ "two PDFs of one statement: nobody knows",
	    { { "x.cod", { &kbc41 } }, { KBC "_41.pdf" }, { KBC "-41.pdf" } },
	    "x.cod:41|" KBC "_41.pdf|" KBC "-41.pdf" },
	{ "the same names in two forwarded messages",
	    { { "a.cod", { &kbc41 }, NULL, 1 }, { "a.pdf", { 0 }, NULL, 1 },
		{ "a.cod", { &kbc42 }, NULL, 2 }, { "a.pdf", { 0 }, NULL, 2 } },
	    "a.cod:41 a.pdf|a.cod:42 a.pdf" },
};

static void
each_statement_gets_its_own_pdf(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(groups); i++) {
		g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func(
		    (GDestroyNotify)pl_piece_free);
		g_autoptr(GPtrArray) documents = g_ptr_array_new_with_free_func(
		    (GDestroyNotify)pl_document_free);
		for (unsigned k = 0; k < 6 && groups[i].files[k].name != NULL;
		     k++)
			g_ptr_array_add(
			    pieces, make_piece(&groups[i].files[k], k));
		pl_group(pieces, documents);
		g_autofree char *names = names_of(documents);
		if (strcmp(names, groups[i].documents) != 0)
			fail_msg("%s:\n  %s\n  %s", groups[i].what, names,
			    groups[i].documents);
	}
}

/* A PDF whose page says TEXT. */
static GBytes *
make_page(const char *text)
{
	g_autofree char *shown = g_strdup_printf("BT (%s) Tj ET", text);
	GString *s = g_string_new("%PDF-1.4\n");
	gsize at[5];

	at[1] = s->len;
	g_string_append(s, "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
	at[2] = s->len;
	g_string_append(
	    s, "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n");
	at[3] = s->len;
	g_string_append(s, "3 0 obj\n<</Type/Page/Parent 2 0 R"
			   "/MediaBox[0 0 9 9]/Contents 4 0 R>>\nendobj\n");
	at[4] = s->len;
	g_string_append_printf(s,
	    "4 0 obj\n<</Length %zu>>\nstream\n%s\nendstream\nendobj\n",
	    strlen(shown), shown);
	gsize xref = s->len;
	g_string_append(s, "xref\n0 5\n0000000000 65535 f \n");
	for (int i = 1; i < 5; i++)
		g_string_append_printf(s, "%010zu 00000 n \n", at[i]);
	g_string_append_printf(s,
	    "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
	return g_string_free_to_bytes(s);
}

static GBytes *
make_statement(const char *account, unsigned number)
{
	g_autofree char *text = g_strdup_printf(
	    ":20:REF\r\n:25:%s\r\n:28C:%u/1\r\n:60F:C260227EUR0,00\r\n"
	    ":62F:C260228EUR0,00\r\n-\r\n",
	    account, number);

	return make_text(text);
}

static void
the_pages_of_a_message_are_read(void **state)
{
	GString *m = mail_begin("mixed");

	(void)state;
	mail_text(m, "hello");
	mail_file(m, "application/pdf", "a.pdf",
	    make_page("Statement 7, BE71 0961 2345 6769"));
	mail_file(m, "application/x", "x.sta", make_statement(KBC, 41));
	mail_file(m, "application/x", "y.sta", make_statement(ING, 7));
	mail_file(m, "application/pdf", "b.pdf", make_page("41 " KBC));
	g_autoptr(GBytes) bytes = mail_end(m);
	const struct pl_source source = pl_source_memory(bytes);
	g_autoptr(pl_findings) f =
	    pl_inspect(&pl_limits_default, &source, NULL, NULL);
	g_autofree char *names = names_of(f->documents);
	assert_string_equal(names, "y.sta:7 a.pdf|x.sta:41 b.pdf");
}

/* Every statement says the same, and every page says it, too. */
static void
many_of_them_take_little_time(void **state)
{
	g_autoptr(GPtrArray) pieces =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_piece_free);
	g_autoptr(GPtrArray) documents =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_document_free);
	g_autofree char *page = g_strnfill(60000, 'x');
	const struct want pdf = { "p.pdf", { 0 }, page };
	const struct want coda = { "x.cod", { &kbc41 } };
	double start = cpu_seconds();

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		g_ptr_array_add(pieces, make_piece(&pdf, i));
		g_ptr_array_add(pieces, make_piece(&coda, 1000 + i));
	}
	struct pl_piece *last = pieces->pdata[pieces->len - 1];
	for (unsigned i = 0; i < 20000; i++) {
		struct pl_statement *s = pl_statement_new();
		s->account = g_strdup(KBC);
		g_ptr_array_add(last->facts->statements, s);
		if (i != 5 && i != 19999)
			continue;
		g_ptr_array_set_size(documents, 0);
		pl_group(pieces, documents);
	}
	assert_int_equal(documents->len, 20001 + 59 + 60);
	/* whoever compares each with each needs minutes */
	if (!SANITIZED)
		assert_true(cpu_seconds() - start < 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_statement_gets_its_own_pdf),
		cmocka_unit_test(the_pages_of_a_message_are_read),
		cmocka_unit_test(many_of_them_take_little_time),
	};
	g_mime_init();
	return cmocka_run_group_tests_name("intake_beside", tests, NULL, NULL);
}
