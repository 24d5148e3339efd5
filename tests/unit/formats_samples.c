/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * formats_samples - the readers against tables of what is true of real files
 *
 * The files belong to others and are not part of this project. Where the
 * folder is present (POSTLEDGER_SAMPLES, or ../shared/samples beside the
 * checkout) every field of every row is compared; elsewhere all is skipped.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include <string.h>

#include "postledger/formats.h"

static char *folder;

/* ---- tables */

/* One table: rows are (column ▸ text), in the order of the file. */
static GPtrArray *
table_read(const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *text = NULL;
	GPtrArray *rows = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)g_hash_table_unref);

	if (!g_file_get_contents(path, &text, NULL, NULL))
		fail_msg("cannot read %s", path);

	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_auto(GStrv) names = g_strsplit(lines[0], "\t", -1);

	for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++) {
		g_auto(GStrv) cells = g_strsplit(lines[i], "\t", -1);
		GHashTable *row = g_hash_table_new_full(g_str_hash,
		    g_str_equal, g_free, g_free);

		for (guint c = 0; names[c] != NULL && cells[c] != NULL; c++)
			g_hash_table_insert(row, g_strdup(names[c]),
			    g_strcompress(cells[c]));
		g_ptr_array_add(rows, row);
	}
	assert_int_not_equal(rows->len, 0);
	return rows;
}

static const char *
cell(GHashTable *row, const char *name)
{
	const char *text = g_hash_table_lookup(row, name);

	return text != NULL ? text : "";
}

static struct pl_facts *
file_facts(GHashTable *row)
{
	g_autofree char *path =
	    g_build_filename(folder, cell(row, "file"), NULL);
	g_autofree char *bytes = NULL;
	gsize length;

	if (!g_file_get_contents(path, &bytes, &length, NULL))
		fail_msg("cannot read %s", path);

	gint64 start = g_get_monotonic_time();
	struct pl_facts *facts =
	    pl_facts_read((const guint8 *)bytes, length, path);

	assert_true(g_get_monotonic_time() - start < 2 * G_USEC_PER_SEC);
	return facts;
}

/* ---- comparing */

struct tally {
	guint fields, differences;
};

/* Where a table is wrong, or calls a broken file complete. */
static const struct {
	const char *file, *field, *reason;
} explained[] = {
	{ "zugferd_example_invoice_en.pdf", "format",
	    "it holds a ZUGFeRD 1 invoice, whose file name ends with a NUL" },
	{ "zugferd_example_invoice_en.pdf", "kind", "the same" },
	{ "sepa_snippet_broken.sta", "account",
	    "a line of text begins with :25:, the account is the first" },
};

static gboolean
is_explained(GHashTable *row, const char *field)
{
	const char *file = g_hash_table_lookup(row, "file");

	for (guint i = 0; i < G_N_ELEMENTS(explained); i++)
		if (g_str_has_suffix(file, explained[i].file) &&
		    strcmp(field, explained[i].field) == 0) {
			print_message("%s: %s: explained: %s\n", file, field,
			    explained[i].reason);
			return TRUE;
		}
	return FALSE;
}

static void
same(struct tally *tally, GHashTable *row, const char *field,
    const char *truth, const char *ours)
{
	tally->fields++;
	if (strcmp(truth, ours != NULL ? ours : "") == 0 ||
	    is_explained(row, field))
		return;
	tally->differences++;
	print_message("%s: %s: truth \"%s\", ours \"%s\"\n",
	    cell(row, "file"), field, truth, ours != NULL ? ours : "");
}

/* Amounts are equal as numbers: tables may have shortened them. */
static void
same_amount(struct tally *tally, GHashTable *row, const char *field,
    const char *truth, const char *ours)
{
	if (*truth != '\0' && ours != NULL && ABS(g_ascii_strtod(truth, NULL) -
	    g_ascii_strtod(ours, NULL)) < 0.000001)
		ours = truth;
	same(tally, row, field, truth, ours);
}

/* Names may be broken over lines in the file. */
static void
same_words(struct tally *tally, GHashTable *row, const char *field,
    const char *truth, const char *ours)
{
	g_autofree char *words = g_strdup(truth);
	g_auto(GStrv) parts = g_strsplit_set(words, " \n\t\r", -1);
	g_autoptr(GString) joined = g_string_new(NULL);

	for (guint i = 0; parts[i] != NULL; i++)
		if (*parts[i] != '\0')
			g_string_append_printf(joined, "%s%s",
			    joined->len > 0 ? " " : "", parts[i]);
	same(tally, row, field, joined->str, ours);
}

static void
same_count(struct tally *tally, GHashTable *row, const char *field,
    guint ours)
{
	g_autofree char *text = g_strdup_printf("%u", ours);

	same(tally, row, field, cell(row, field), text);
}

static void
conclude(const char *table, const struct tally *tally)
{
	print_message("%s: %u fields, %u differences\n", table, tally->fields,
	    tally->differences);
	assert_int_equal(tally->differences, 0);
}

static const char *
kind_name(const struct pl_facts *facts)
{
	static const char *const names[] = { "invoice", "creditnote",
		"statement", "other" };

	return names[facts->kind];
}

/* ---- invoices */

static const char *
truth_kind(GHashTable *row, gboolean credit_note)
{
	return credit_note || strcmp(cell(row, "type_code"), "381") == 0
	    ? "creditnote"
	    : "invoice";
}

/* What tables of all invoice formats have. */
static void
invoice_same(struct tally *tally, GHashTable *row,
    const struct pl_facts *facts, const char *total)
{
	const char *const ids[] = { "seller_vat", "seller_legal_id" };
	const char *id = "";

	same(tally, row, "id", cell(row, "id"), facts->number);
	same(tally, row, "issue_date", cell(row, "issue_date"), facts->date);
	same(tally, row, "currency", cell(row, "currency"), facts->currency);
	same_amount(tally, row, total, cell(row, total), facts->total);
	for (guint i = 0; i < G_N_ELEMENTS(ids) && *id == '\0'; i++)
		id = cell(row, ids[i]);
	if (*id != '\0')
		same(tally, row, "seller id", id, facts->seller.id);
	if (*cell(row, "buyer_vat") != '\0')
		same(tally, row, "buyer id", cell(row, "buyer_vat"),
		    facts->buyer.id);
}

/* "name|type|size|sha256 ; ..." */
static char *
embedded_text(const struct pl_facts *facts, gboolean with_type)
{
	GString *all = g_string_new(NULL);

	for (guint i = 0; i < facts->embedded->len; i++) {
		const struct pl_embedded *file =
		    g_ptr_array_index(facts->embedded, i);
		g_autofree char *sum = g_compute_checksum_for_bytes(
		    G_CHECKSUM_SHA256, file->bytes);

		g_string_append_printf(all, "%s%s|", i > 0 ? " ; " : "",
		    file->filename != NULL ? file->filename : "");
		if (with_type)
			g_string_append_printf(all, "%s|",
			    file->media_type != NULL ? file->media_type : "");
		g_string_append_printf(all, "%" G_GSIZE_FORMAT "|%s",
		    g_bytes_get_size(file->bytes), sum);
	}
	return g_string_free(all, FALSE);
}

static void
every_ubl_file_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-ubl.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);
		g_autofree char *embedded = embedded_text(facts, TRUE);

		assert_int_equal(facts->format, PL_FORMAT_UBL);
		assert_false(facts->damaged);
		same(&tally, row, "kind", truth_kind(row,
		    strcmp(cell(row, "root"), "CreditNote") == 0),
		    kind_name(facts));
		invoice_same(&tally, row, facts, "tax_inclusive");
		same(&tally, row, "embedded", cell(row, "embedded"), embedded);
	}
	conclude("truth-ubl", &tally);
}

static void
every_cii_file_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-cii.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);
		g_autofree char *embedded = embedded_text(facts, TRUE);

		assert_int_equal(facts->format, PL_FORMAT_CII);
		assert_false(facts->damaged);
		same(&tally, row, "kind", truth_kind(row, FALSE),
		    kind_name(facts));
		invoice_same(&tally, row, facts, "grand_total");
		same_words(&tally, row, "seller name",
		    cell(row, "seller_name"), facts->seller.name);
		same_words(&tally, row, "buyer name",
		    cell(row, "buyer_name"), facts->buyer.name);
		same(&tally, row, "embedded", cell(row, "embedded"), embedded);
	}
	conclude("truth-cii", &tally);
}

/* ---- PDF */

static char *
invoice_digest(const struct pl_facts *facts)
{
	for (guint i = 0; i < facts->embedded->len; i++) {
		const struct pl_embedded *file =
		    g_ptr_array_index(facts->embedded, i);

		if (file->invoice)
			return g_compute_checksum_for_bytes(G_CHECKSUM_SHA256,
			    file->bytes);
	}
	return g_strdup("");
}

static void
pdf_same(struct tally *tally, GHashTable *row)
{
	g_autoptr(pl_facts) facts = file_facts(row);
	g_autofree char *digest = invoice_digest(facts);
	gboolean hybrid = *cell(row, "invoice_xml") != '\0';
	gboolean encrypted = strcmp(cell(row, "encrypted"), "password") == 0;
	gboolean broken = strcmp(cell(row, "qpdf_check"), "error") == 0;

	same(tally, row, "format", hybrid ? "factur-x" : "pdf",
	    pl_format_name(facts->format));
	same(tally, row, "encrypted", encrypted ? "yes" : "no",
	    facts->encrypted ? "yes" : "no");
	same(tally, row, "damaged", broken && !encrypted ? "yes" : "no",
	    facts->damaged ? "yes" : "no");
	same_count(tally, row, "n_attachments", facts->embedded->len);
	if (!hybrid)
		return;
	same(tally, row, "xml", cell(row, "xml_sha256"), digest);
	same(tally, row, "kind", truth_kind(row, FALSE), kind_name(facts));
	invoice_same(tally, row, facts, "grand_total");
	same_words(tally, row, "seller name", cell(row, "seller_name"),
	    facts->seller.name);
	same_words(tally, row, "buyer name", cell(row, "buyer_name"),
	    facts->buyer.name);
}

static void
every_hybrid_pdf_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-facturx.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++)
		pdf_same(&tally, g_ptr_array_index(rows, i));
	conclude("truth-facturx", &tally);
}

static void
every_pdf_is_whole_encrypted_or_damaged_as_it_is(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-pdf.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++)
		pdf_same(&tally, g_ptr_array_index(rows, i));
	conclude("truth-pdf", &tally);
}

/* ---- kinds */

/* As the table writes it: "invoice-ubl", "pdf-encrypted", "none". */
static char *
expected_word(const struct pl_facts *facts)
{
	const char *format = pl_format_name(facts->format);
	g_autofree char *plain = format != NULL ? g_strdup(format) : NULL;

	if (facts->format == PL_FORMAT_UNKNOWN ||
	    facts->format == PL_FORMAT_XML)
		return g_strdup("none");
	if (facts->format == PL_FORMAT_PDF)
		return g_strdup(facts->encrypted ? "pdf-encrypted"
		        : facts->damaged         ? "pdf-broken"
						 : "pdf");
	if (facts->format == PL_FORMAT_FACTUR_X)
		return g_strdup("invoice-facturx");
	if (facts->format == PL_FORMAT_CAMT053)
		return g_strdup("statement-camt053");
	return g_strdup_printf("%s-%s", kind_name(facts), plain);
}

static void
every_file_is_what_it_is(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-kind.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);
		g_autofree char *word = expected_word(facts);

		if (strcmp(cell(row, "sure"), "1") == 0)
			same(&tally, row, "kind", cell(row, "expect"), word);
	}
	conclude("truth-kind", &tally);
}

static void
no_other_xml_is_taken_for_a_document(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-xml.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);

		same(&tally, row, "format", "xml",
		    pl_format_name(facts->format));
		same(&tally, row, "kind", "other", kind_name(facts));
		same(&tally, row, "well_formed", cell(row, "well_formed"),
		    facts->damaged ? "0" : "1");
	}
	conclude("truth-xml", &tally);
}

/* ---- statements */

/* The table's row number STMT (from 1) of a file's statements. */
static const struct pl_statement *
statement_of(GHashTable *row, const struct pl_facts *facts)
{
	guint64 number = g_ascii_strtoull(cell(row, "stmt"), NULL, 10);

	if (number < 1 || number > facts->statements->len)
		return NULL;
	return g_ptr_array_index(facts->statements, number - 1);
}

static char *
plain_number(const char *text)
{
	g_autofree char *number = g_strndup(text, strcspn(text, "/"));
	const char *rest = number;

	while (rest[0] == '0' && rest[1] != '\0')
		rest++;
	return g_strdup(rest);
}

static void
every_coda_statement_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-coda.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);
		const struct pl_statement *statement =
		    statement_of(row, facts);
		g_autofree char *number = plain_number(cell(row, "coda_seq"));

		assert_int_equal(facts->format, PL_FORMAT_CODA);
		if (strcmp(cell(row, "expect"), "broken") == 0) {
			assert_true(facts->damaged);
			continue;
		}
		assert_false(facts->damaged);
		assert_non_null(statement);
		same(&tally, row, "account", cell(row, "account"),
		    statement->account);
		same(&tally, row, "currency", cell(row, "currency"),
		    statement->currency);
		same(&tally, row, "sequence", number, statement->sequence);
		same_amount(&tally, row, "old", cell(row, "old_balance"),
		    statement->opening_balance);
		same_amount(&tally, row, "new", cell(row, "new_balance"),
		    statement->closing_balance);
		same(&tally, row, "from", cell(row, "old_date"),
		    statement->from);
		same(&tally, row, "to", cell(row, "new_date"), statement->to);
		same_count(&tally, row, "movements", statement->lines->len);
	}
	conclude("truth-coda", &tally);
}

static void
every_camt_statement_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-camt.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);
		const struct pl_statement *statement =
		    statement_of(row, facts);

		if (*cell(row, "stmt") == '\0') {
			assert_int_equal(facts->format, PL_FORMAT_XML);
			continue;
		}
		assert_int_equal(facts->format, PL_FORMAT_CAMT053);
		assert_non_null(statement);
		same(&tally, row, "account", cell(row, "account"),
		    statement->account);
		if (*cell(row, "account_ccy") != '\0')
			same(&tally, row, "currency",
			    cell(row, "account_ccy"), statement->currency);
		same(&tally, row, "sequence", cell(row, "seq_no"),
		    statement->sequence);
		same_amount(&tally, row, "opening", cell(row, "opening"),
		    statement->opening_balance);
		same_amount(&tally, row, "closing", cell(row, "closing"),
		    statement->closing_balance);
		same_count(&tally, row, "entries", statement->lines->len);
	}
	conclude("truth-camt", &tally);
}

static void
every_mt940_statement_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-mt940.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);
		const struct pl_statement *statement =
		    statement_of(row, facts);
		g_autofree char *number = plain_number(cell(row, "no28"));

		if (strcmp(cell(row, "complete"), "1") != 0)
			continue;
		assert_int_equal(facts->format, PL_FORMAT_MT940);
		assert_non_null(statement);
		same(&tally, row, "account", cell(row, "account25"),
		    statement->account);
		same(&tally, row, "currency", cell(row, "opening_ccy"),
		    statement->currency);
		same(&tally, row, "sequence", number, statement->sequence);
		same_amount(&tally, row, "opening", cell(row, "opening"),
		    statement->opening_balance);
		same_amount(&tally, row, "closing", cell(row, "closing"),
		    statement->closing_balance);
		same(&tally, row, "to", cell(row, "closing_date"),
		    statement->to);
		same_count(&tally, row, "lines61", statement->lines->len);
	}
	conclude("truth-mt940", &tally);
}

static double
lines_sum(const struct pl_statement *statement)
{
	double sum = 0;

	for (guint i = 0; i < statement->lines->len; i++) {
		const struct pl_line *line =
		    g_ptr_array_index(statement->lines, i);

		if (line->amount != NULL)
			sum += g_ascii_strtod(line->amount, NULL);
	}
	return sum;
}

/* The table has all accounts of a file in one row, separated by commas. */
static void
ofx_same(struct tally *tally, GHashTable *row, const struct pl_facts *facts)
{
	g_autoptr(GString) accounts = g_string_new(NULL);
	g_autoptr(GString) balances = g_string_new(NULL);
	guint lines = 0;
	double sum = 0;

	for (guint i = 0; i < facts->statements->len; i++) {
		const struct pl_statement *statement =
		    g_ptr_array_index(facts->statements, i);

		g_string_append_printf(accounts, "%s%s", i > 0 ? "," : "",
		    statement->account);
		if (statement->closing_balance != NULL)
			g_string_append_printf(balances, "%s%s",
			    i > 0 ? "," : "", statement->closing_balance);
		lines += statement->lines->len;
		sum += lines_sum(statement);
		same(tally, row, "currency", cell(row, "currency"),
		    statement->currency);
	}
	same(tally, row, "account", cell(row, "acct_ids"), accounts->str);
	same(tally, row, "balance", cell(row, "ledger_balance"),
	    balances->str);
	same_count(tally, row, "transactions", lines);
	if (lines > 0 && !facts->damaged)
		assert_true(ABS(sum - g_ascii_strtod(cell(row, "trn_sum"),
		    NULL)) < 0.00001);
}

static void
every_ofx_statement_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-ofx.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);

		same_count(&tally, row, "stmt", facts->statements->len);
		if (strcmp(cell(row, "stmt"), "0") != 0)
			ofx_same(&tally, row, facts);
	}
	conclude("truth-ofx", &tally);
}

static void
every_qif_file_says_what_is_true(void **state)
{
	g_autoptr(GPtrArray) rows = table_read("truth-qif.tsv");
	struct tally tally = { 0 };

	(void)state;
	for (guint i = 0; i < rows->len; i++) {
		GHashTable *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_facts) facts = file_facts(row);
		const struct pl_statement *statement;

		if (strcmp(cell(row, "valid_first_line"), "1") != 0) {
			assert_int_equal(facts->format, PL_FORMAT_UNKNOWN);
			continue;
		}
		assert_int_equal(facts->format, PL_FORMAT_QIF);
		assert_int_equal(facts->statements->len, 1);
		statement = g_ptr_array_index(facts->statements, 0);
		same_count(&tally, row, "money_records",
		    statement->lines->len);
		assert_true(ABS(lines_sum(statement) -
		    g_ascii_strtod(cell(row, "sum_T"), NULL)) < 0.00001);
	}
	conclude("truth-qif", &tally);
}

static void
samples_find(void)
{
	const char *given = g_getenv("POSTLEDGER_SAMPLES");

	folder = g_strdup(given != NULL ? given : "../shared/samples");
	if (g_file_test(folder, G_FILE_TEST_IS_DIR))
		return;
	g_clear_pointer(&folder, g_free);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_ubl_file_says_what_is_true),
		cmocka_unit_test(every_cii_file_says_what_is_true),
		cmocka_unit_test(every_hybrid_pdf_says_what_is_true),
		cmocka_unit_test(
		    every_pdf_is_whole_encrypted_or_damaged_as_it_is),
		cmocka_unit_test(every_file_is_what_it_is),
		cmocka_unit_test(no_other_xml_is_taken_for_a_document),
		cmocka_unit_test(every_coda_statement_says_what_is_true),
		cmocka_unit_test(every_camt_statement_says_what_is_true),
		cmocka_unit_test(every_mt940_statement_says_what_is_true),
		cmocka_unit_test(every_ofx_statement_says_what_is_true),
		cmocka_unit_test(every_qif_file_says_what_is_true),
	};
	int failed;

	samples_find();
	if (folder == NULL) {
		print_message("skipped: no folder with samples "
		    "(POSTLEDGER_SAMPLES)\n");
		return 0;
	}
	failed = cmocka_run_group_tests_name("formats_samples", tests, NULL,
	    NULL);
	g_free(folder);
	return failed;
}
