/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * formats_truth - tables of what is true of real files, and comparing
 *
 * The files belong to others and are not part of this project. Where the
 * folder is present (POSTLEDGER_SAMPLES, or ../shared/samples beside the
 * checkout) every field of every row is compared; elsewhere all is skipped.
 */
#ifndef FORMATS_TRUTH_H
#define FORMATS_TRUTH_H

#include "formats_bytes.h"

static const char *folder;

/* ---- tables */

/* Skips the test where there is no such folder. */
static inline void
samples_need(void)
{
	const char *given = g_getenv("POSTLEDGER_SAMPLES");

	folder = given != NULL ? given : "../shared/samples";
	if (g_file_test(folder, G_FILE_TEST_IS_DIR))
		return;
	print_message("no samples in %s: skipped\n", folder);
	skip();
}

/* One table: rows are (column ▸ text), in the order of the file. */
static inline GPtrArray *
table_read(const char *name)
{
	samples_need();

	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *text = NULL;
	GPtrArray *rows =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);

	if (!g_file_get_contents(path, &text, NULL, NULL))
		fail_msg("cannot read %s", path);

	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_auto(GStrv) names = g_strsplit(lines[0], "\t", -1);

	for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++) {
		g_auto(GStrv) cells = g_strsplit(lines[i], "\t", -1);
		GHashTable *row = g_hash_table_new_full(
		    g_str_hash, g_str_equal, g_free, g_free);

		for (guint c = 0; names[c] != NULL && cells[c] != NULL; c++)
			g_hash_table_insert(
			    row, g_strdup(names[c]), g_strcompress(cells[c]));
		g_ptr_array_add(rows, row);
	}
	assert_int_not_equal(rows->len, 0);
	return rows;
}

static inline const char *
cell(GHashTable *row, const char *name)
{
	const char *text = g_hash_table_lookup(row, name);

	return text != NULL ? text : "";
}

static inline struct pl_facts *
file_facts(GHashTable *row)
{
	g_autofree char *path =
	    g_build_filename(folder, cell(row, "file"), NULL);
	g_autofree char *bytes = NULL;
	gsize length;

	if (!g_file_get_contents(path, &bytes, &length, NULL))
		fail_msg("cannot read %s", path);

	return facts_of_hostile(bytes, length);
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

static inline gboolean
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

static inline void
same(struct tally *tally, GHashTable *row, const char *field, const char *truth,
    const char *ours)
{
	tally->fields++;
	if (strcmp(truth, ours != NULL ? ours : "") == 0 ||
	    is_explained(row, field))
		return;
	tally->differences++;
	print_message("%s: %s: truth \"%s\", ours \"%s\"\n", cell(row, "file"),
	    field, truth, ours != NULL ? ours : "");
}

/* Amounts are equal as numbers: tables may have shortened them. */
static inline void
same_amount(struct tally *tally, GHashTable *row, const char *field,
    const char *truth, const char *ours)
{
	if (*truth != '\0' && ours != NULL &&
	    ABS(g_ascii_strtod(truth, NULL) - g_ascii_strtod(ours, NULL)) <
		0.000001)
		ours = truth;
	same(tally, row, field, truth, ours);
}

/* Names may be broken over lines in the file. */
static inline void
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

static inline void
same_count(struct tally *tally, GHashTable *row, const char *field, guint ours)
{
	g_autofree char *text = g_strdup_printf("%u", ours);

	same(tally, row, field, cell(row, field), text);
}

static inline void
conclude(const char *table, const struct tally *tally)
{
	print_message("%s: %u fields, %u differences\n", table, tally->fields,
	    tally->differences);
	assert_int_equal(tally->differences, 0);
}

static inline const char *
kind_name(const struct pl_facts *facts)
{
	static const char *const names[] = { "invoice", "creditnote",
		"statement", "other" };

	return names[facts->kind];
}

#endif
