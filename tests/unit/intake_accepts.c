/* SPDX-License-Identifier: BSD-2-Clause */
/* Which journals of an address take a document. */
#include "config_sample.h"

#include "intake_mail.h"

#include "index.h"

/* tables in which most members are left out */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct row {
	const char *what,
	    *journals; /* "name: settings; settings | name: ..." */
	int kind;
	const char *formats; /* of the files */
	const char *seller, *buyer, *account;
	const char *taken; /* names; with a "!": to be held */
};

#define I PL_KIND_INVOICE
#define C PL_KIND_CREDIT_NOTE
#define S PL_KIND_STATEMENT
#define O PL_KIND_OTHER

/* journals that share the address */
#define TWO "a: company_ids = BE0111111 | b: company_ids = BE0222222"
#define SP "s: accept = sale | p: accept = purchase"
#define KINDS \
	"si: accept = sale invoice | sc: accept = sale credit-note | " \
	"p: accept = purchase invoice credit-note"
#define FOUR \
	"as: accept = sale; company_ids = BE0111111 | " \
	"ap: accept = purchase; company_ids = BE0111111 | " \
	"bs: accept = sale; company_ids = BE0222222 | " \
	"bp: accept = purchase; company_ids = BE0222222"

static const struct row rows[] = {
	{ "everything by default", "a:", I, "ubl", .taken = "a" },
	{ "everything by default", "a:", C, "factur-x", .taken = "a" },
	{ "everything by default", "a:", S, "coda", .taken = "a" },
	{ "everything by default", "a:", O, "pdf", .taken = "a" },
	{ "pictures only if asked for", "a:", O, "png", .taken = "" },
	{ "pictures only if asked for", "a: formats = pdf image", O, "jpeg",
	    .taken = "a" },
	{ "by kind", "a: accept = invoice | b: accept = credit-note", I, "ubl",
	    .taken = "a" },
	{ "by kind", "a: accept = invoice | b: accept = credit-note", C, "ubl",
	    .taken = "b" },
	{ "both", "a: accept = invoice | b:", I, "cii", .taken = "a b" },
	{ "by kind of file", "a: formats = xml | b: formats = pdf", I, "ubl",
	    .taken = "a" },
	{ "by kind of file", "a: formats = xml | b: formats = pdf", I,
	    "pdf ubl", .taken = "a b" },
	{ "a hybrid is a PDF", "a: formats = xml | b: formats = pdf", I,
	    "factur-x", .taken = "b" },

	{ "a plain PDF goes where others go",
	    "a: accept = invoice | b: accept = other", O, "pdf", .taken = "b" },
	{ "else to the first for invoices",
	    "a: accept = credit-note | b: accept = invoice | "
	    "c: accept = invoice",
	    O, "pdf", .taken = "b" },
	{ "else to the first for credit notes",
	    "a: accept = statement | b: accept = credit-note", O, "pdf",
	    .taken = "b" },
	{ "else nowhere", "a: accept = statement", O, "pdf", .taken = "" },
	{ "if it takes PDFs", "a: accept = invoice; formats = xml", O, "pdf",
	    .taken = "" },
	{ "if it takes PDFs",
	    "a: accept = invoice; formats = xml | b: accept = invoice", O,
	    "pdf", .taken = "b" },
	{ "an unknown XML is no plain PDF", "a: accept = invoice", O, "xml",
	    .taken = "" },
	{ "a PDF with an unknown XML is one", "a: accept = invoice", O,
	    "pdf xml", .taken = "a" },

	{ "own numbers: seller", "a: company_ids = BE01234567", I, "ubl",
	    "BE01234567", "NL9", .taken = "a" },
	{ "own numbers: buyer, written otherwise",
	    "a: company_ids = BE01234567", I, "ubl", "NL9", "BE 0123.4567",
	    .taken = "a" },
	{ "own numbers without country", "a: company_ids = 01234567", I, "ubl",
	    "NL9", "BE01234567", .taken = "a" },
	{ "neither", "a: company_ids = BE01234567", I, "ubl", "NL9", "BE9",
	    .taken = "" },
	{ "not known", "a: company_ids = BE01234567", I, "ubl", "NL9",
	    .taken = "a" },
	{ "the gateway's numbers choose nothing", "a:", I, "ubl", "NL9", "BE9",
	    .taken = "a" },

	{ "accounts",
	    "a: account = NL91ABNA0417164300 | b: account = NL20INGB0001234567",
	    S, "coda", .account = "NL20INGB0001234567", .taken = "b" },
	{ "accounts with blanks", "a: account = NL91ABNA0417164300", S, "coda",
	    .account = "nl91 abna 0417 1643 00", .taken = "a" },
	{ "a Belgian number by its IBAN", "a: account = BE68539007547034", S,
	    "coda", .account = "539-0075470-34", .taken = "a" },
	{ "an IBAN by its Belgian number", "a: account = 539-0075470-34", S,
	    "camt.053", .account = "BE68 5390 0754 7034", .taken = "a" },
	{ "another IBAN of the same digits", "a: account = 539007547034", S,
	    "camt.053", .account = "BE69539007547034", .taken = "" },
	{ "an account of nobody", "a: account = NL91ABNA0417164300", S, "coda",
	    .account = "NL20INGB0001234567", .taken = "" },
	{ "a statement without account goes to the only one",
	    "a: account = NL91ABNA0417164300 | b: accept = invoice", S, "qif",
	    .taken = "a" },
	{ "and nowhere when there are several",
	    "a: account = NL91ABNA0417164300 | b: account = NL20INGB0001234567",
	    S, "qif", .taken = "" },
	{ "but to one for all accounts",
	    "a: account = NL91ABNA0417164300 | b:", S, "csv", .taken = "b" },
	{ "accounts are for statements", "a: account = NL91ABNA0417164300", I,
	    "ubl", .taken = "a" },

	/* two companies at one address */
	{ "each takes its own", TWO, I, "ubl", "BE0111111", "NL9", .taken = "a" },
	{ "each takes its own", TWO, I, "ubl", "NL9", "BE0222222",
	    .taken = "b" },
	{ "from one to the other", TWO, I, "ubl", "BE0111111", "BE0222222",
	    .taken = "a b" },
	{ "of neither", TWO, I, "ubl", "NL9", "NL8", .taken = "" },
	{ "the other party is not known", TWO, I, "ubl", .buyer = "BE0222222",
	    .taken = "b" },
	{ "no party is known", TWO, I, "ubl", .taken = "a b" },
	{ "one party is known, and is neither", TWO, I, "ubl", "NL9",
	    .taken = "a b" },

	/* sales and purchases: BE0777 is ours */
	{ "a sale", SP, I, "ubl", "BE0777", "NL9", .taken = "s" },
	{ "a purchase", SP, I, "ubl", "NL9", "BE0777", .taken = "p" },
	{ "a credit note we wrote", SP, C, "cii", "BE0777", "NL9",
	    .taken = "s" },
	{ "between our own companies", SP "; company_ids = BE0777 BE0888", I,
	    "ubl", "BE0777", "BE0888", .taken = "s p" },
	{ "to ourselves", SP, I, "ubl", "BE0777", "BE0777", .taken = "s p" },
	{ "a sale to somebody without number", SP, I, "ubl", "BE0777",
	    .taken = "s" },
	{ "a purchase that does not say our number", SP, I, "ubl", "NL9",
	    .taken = "p" },
	{ "a purchase from somebody without number", SP, I, "ubl",
	    .buyer = "BE0777", .taken = "p" },
	{ "it says no number: to the first", SP, I, "ubl", .taken = "s" },
	{ "it says no number: to the first", "p: accept = purchase | "
	    "s: accept = sale", I, "ubl", .taken = "p" },
	{ "a plain PDF: to the first", SP, O, "pdf", .taken = "s" },
	{ "a statement: to the first", SP, S, "coda", .taken = "s" },
	{ "two others: held by the first", SP, I, "ubl", "NL9", "NL8",
	    .taken = "s!" },
	{ "a journal for both", "a: accept = sale purchase", I, "ubl", "NL9",
	    "BE0777", .taken = "a" },
	{ "a journal for both", "a: accept = sale purchase", I, "ubl", "NL9",
	    "NL8", .taken = "a!" },

	{ "by kind and direction", KINDS, I, "ubl", "BE0777", "NL9",
	    .taken = "si" },
	{ "by kind and direction", KINDS, C, "ubl", "BE0777", "NL9",
	    .taken = "sc" },
	{ "by kind and direction", KINDS, I, "ubl", "NL9", "BE0777",
	    .taken = "p" },
	{ "by kind and direction: to the first of its kind", KINDS, C, "ubl",
	    .taken = "sc" },
	{ "by kind and direction: a plain PDF", KINDS, O, "pdf",
	    .taken = "si" },
	{ "by kind and direction: no statements", KINDS, S, "coda",
	    .taken = "" },
	{ "a direction that nobody takes", "s: accept = invoice sale", I, "ubl",
	    "NL9", "BE0777", .taken = "" },

	{ "one without directions takes all of its kinds",
	    "s: accept = sale | all:", I, "ubl", "BE0777", "NL9",
	    .taken = "s all" },
	{ "and alone what says no number", SP " | all:", I, "ubl",
	    .taken = "all" },
	{ "and plain PDFs", SP " | all:", O, "pdf", .taken = "all" },
	{ "and plain PDFs by their likely kind",
	    "s: accept = invoice sale | all: accept = invoice", O, "pdf",
	    .taken = "all" },
	{ "and those of two others", SP " | all:", I, "ubl", "NL9", "NL8",
	    .taken = "all" },
	{ "but not of another kind", SP " | all: accept = credit-note", I,
	    "ubl", .taken = "s" },

	{ "two companies, sales and purchases", FOUR, I, "ubl", "BE0111111",
	    "NL9", .taken = "as" },
	{ "two companies, sales and purchases", FOUR, I, "ubl", "NL9",
	    "BE0222222", .taken = "bp" },
	{ "two companies, from one to the other", FOUR, I, "ubl", "BE0111111",
	    "BE0222222", .taken = "as bp" },
	{ "two companies, to somebody without number", FOUR, I, "ubl",
	    "BE0222222", .taken = "bs" },
	{ "two companies, of neither", FOUR, I, "ubl", "NL9", "NL8",
	    .taken = "as!" },
	{ "two companies, a plain PDF", FOUR, O, "pdf", .taken = "as" },
};

static pl_config *
config_of(const char *journals)
{
	g_autoptr(GString) s =
	    g_string_new("[gateway]\nsender = postledger@gw.example\n"
			 "company_ids = BE0777\n");
	g_auto(GStrv) all = g_strsplit(journals, "|", -1);

	for (unsigned i = 0; all[i] != NULL; i++) {
		g_auto(GStrv) cells = g_strsplit(g_strstrip(all[i]), ":", 2);
		g_auto(GStrv) settings = g_strsplit(cells[1], ";", -1);
		g_string_append_printf(s,
		    "[journal %s]\naddress = x@in.example\n"
		    "deliver_to = %s@out.example\n",
		    cells[0], cells[0]);
		for (unsigned k = 0; settings[k] != NULL; k++)
			g_string_append_printf(
			    s, "%s\n", g_strstrip(settings[k]));
	}
	return accepted(s->str);
}

static pl_document *
document_of(const struct row *r)
{
	pl_document *d = pl_document_new();
	g_auto(GStrv) formats = g_strsplit(r->formats, " ", -1);

	d->kind = r->kind;
	d->seller_id = g_strdup(r->seller);
	d->buyer_id = g_strdup(r->buyer);
	d->account = g_strdup(r->account);
	for (unsigned i = 0; formats[i] != NULL; i++) {
		struct pl_file *f = pl_file_new();
		f->format = g_strdup(formats[i]);
		g_ptr_array_add(d->files, f);
	}
	return d;
}

/* Asked by the journals of the address, and of each journal alone. */
static void
journals_take_what_they_accept(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(pl_config) config = config_of(rows[i].journals);
		g_autoptr(pl_document) d = document_of(&rows[i]);
		const GPtrArray *all = pl_config_match(config, "x@in.example");
		g_autoptr(GPtrArray) takers = pl_accepts_list(config, all, d);
		g_autoptr(GString) taken = g_string_new(NULL);
		guint n = 0;
		for (guint k = 0; k < all->len; k++) {
			const struct pl_journal *j = all->pdata[k];
			gboolean takes = pl_accepts_of(config, all, j, d);
			if (takes)
				assert_true(n < takers->len &&
					    takers->pdata[n++] == j);
			assert_int_equal(
			    takes, pl_intake_accepts(config, j, d));
			if (takes)
				g_string_append_printf(taken, "%s%s%s",
				    taken->len > 0 ? " " : "", j->name,
				    pl_accepts_stranger(j, d) ? "!" : "");
		}
		assert_int_equal(n, takers->len);
		if (strcmp(taken->str, rows[i].taken) != 0)
			fail_msg("%s: %s, kind %d: taken by '%s'", rows[i].what,
			    rows[i].journals, rows[i].kind, taken->str);
	}
}

/* The neighbours of a wildcard are those of the wildcard. */
static void
a_wildcard_address_has_neighbours_too(void **state)
{
	g_autoptr(pl_config) config =
	    accepted("[gateway]\nsender = postledger@gw.example\n"
		     "[journal a]\naddress = *@in.example\n"
		     "deliver_to = a@out.example\naccept = invoice\n"
		     "[journal b]\naddress = *@in.example\n"
		     "deliver_to = b@out.example\naccept = other\n");
	const struct row r = { .kind = O, .formats = "pdf" };
	g_autoptr(pl_document) d = document_of(&r);

	(void)state;
	assert_false(
	    pl_intake_accepts(config, pl_config_journal(config, 0), d));
	assert_true(pl_intake_accepts(config, pl_config_journal(config, 1), d));
}

static void
every_format_is_of_a_kind_that_a_journal_may_take(void **state)
{
	(void)state;
	for (int f = PL_FORMAT_UNKNOWN + 1; f <= PL_FORMAT_XML; f++)
		if (pl_file_kind(pl_format_name((enum pl_format)f)) == 0)
			fail_msg("%s", pl_format_name((enum pl_format)f));
	assert_int_equal(pl_file_kind(NULL), 0);
	assert_int_equal(pl_file_kind("docx"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(journals_take_what_they_accept),
		cmocka_unit_test(a_wildcard_address_has_neighbours_too),
		cmocka_unit_test(
		    every_format_is_of_a_kind_that_a_journal_may_take),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
