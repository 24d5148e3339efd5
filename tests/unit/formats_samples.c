/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * formats_samples - invoices, PDF and look-alikes against what is true of them
 */
#include "formats_truth.h"

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
invoice_same(struct tally *tally, GHashTable *row, const struct pl_facts *facts,
    const char *total)
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
		same(&tally, row, "kind",
		    truth_kind(
			row, strcmp(cell(row, "root"), "CreditNote") == 0),
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
		same_words(&tally, row, "seller name", cell(row, "seller_name"),
		    facts->seller.name);
		same_words(&tally, row, "buyer name", cell(row, "buyer_name"),
		    facts->buyer.name);
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
			return g_compute_checksum_for_bytes(
			    G_CHECKSUM_SHA256, file->bytes);
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
				: facts->damaged ? "pdf-broken"
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
	};

	return cmocka_run_group_tests_name(
	    "formats_samples", tests, NULL, NULL);
}
