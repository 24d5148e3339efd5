/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Other people's messages: what is attached to them is what independent
 * parsers found. Runs where the samples are (POSTLEDGER_SAMPLES, or the folder
 * shared/samples beside the checkout), and skips visibly elsewhere.
 */
#include <stdio.h>

#include "intake_mail.h"

struct sample {
	char *file, *attachments;
	gboolean sure;
};

static char *
samples_folder(void)
{
	const char *set = g_getenv("POSTLEDGER_SAMPLES");
	const char *folder = set != NULL ? set : "../shared/samples";

	return g_file_test(folder, G_FILE_TEST_IS_DIR) ? g_strdup(folder)
						       : NULL;
}

static void
sample_clear(void *data)
{
	struct sample *s = data;

	g_free(s->file);
	g_free(s->attachments);
}

/* Columns by name, so that the table may grow. */
static GArray *
read_table(const char *folder)
{
	g_autofree char *path =
	    g_build_filename(folder, "truth-eml.tsv", NULL);
	g_autofree char *text = NULL;
	GArray *samples = g_array_new(FALSE, TRUE, sizeof(struct sample));
	int attachments = -1, confidence = -1;

	g_array_set_clear_func(samples, sample_clear);
	if (!g_file_get_contents(path, &text, NULL, NULL))
		return samples;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (unsigned i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
		g_auto(GStrv) cells = g_strsplit(lines[i], "\t", -1);
		const int n = (int)g_strv_length(cells);
		for (int k = 0; i == 0 && k < n; k++) {
			if (strcmp(cells[k], "attachments") == 0)
				attachments = k;
			if (strcmp(cells[k], "confidence") == 0)
				confidence = k;
		}
		if (i == 0 || n <= attachments || n <= confidence)
			continue;
		struct sample s = { g_strdup(cells[0]),
			g_strdup(cells[attachments]),
			strcmp(cells[confidence], "low") != 0 };
		g_array_append_val(samples, s);
	}
	return samples;
}

static const struct pl_file *
with_hash(const pl_findings *f, const char *sha256, guint *from)
{
	guint at = 0;

	for (guint i = 0; i < f->documents->len; i++) {
		const pl_document *d = f->documents->pdata[i];
		for (guint k = 0; k < d->files->len; k++, at++) {
			const struct pl_file *file = d->files->pdata[k];
			if (at >= *from && strcmp(file->sha256, sha256) == 0) {
				*from = at + 1;
				return file;
			}
		}
	}
	for (guint i = 0; i < f->ignored->len; i++, at++) {
		const struct pl_file *file = f->ignored->pdata[i];
		if (at >= *from && strcmp(file->sha256, sha256) == 0) {
			*from = at + 1;
			return file;
		}
	}
	return NULL;
}

/* "name|type|size|hash". Where the table has a name with U+FFFD, its parser
 * could not decode what we can. */
static gboolean
is_found(const pl_findings *f, const char *attachment)
{
	g_auto(GStrv) cells = g_strsplit(attachment, "|", -1);
	const guint n = g_strv_length(cells);
	const struct pl_file *file;
	guint from = 0;

	if (n < 4)
		return TRUE;
	while ((file = with_hash(f, cells[n - 1], &from)) != NULL) {
		g_autofree char *size =
		    g_strdup_printf("%" G_GUINT64_FORMAT, file->size);
		const char *name =
		    file->filename != NULL ? file->filename : "";
		if (strcmp(size, cells[n - 2]) == 0 &&
		    (strcmp(name, cells[0]) == 0 ||
			strstr(cells[0], "\xef\xbf\xbd") != NULL))
			return TRUE;
	}
	return FALSE;
}

static gboolean
agrees(const char *folder, const struct sample *s)
{
	g_autofree char *path = g_build_filename(folder, s->file, NULL);
	g_auto(GStrv) all = g_strsplit(s->attachments, " ; ", -1);
	char *text;
	gsize n;

	if (!g_file_get_contents(path, &text, &n, NULL))
		return TRUE;
	g_autoptr(pl_findings) f = inspect_with(
	    &pl_limits_default, g_bytes_new_take(text, n), s->file);
	if (!f->message) {
		print_message("%s: not read as a message\n", s->file);
		return FALSE;
	}
	for (unsigned i = 0; all[i] != NULL; i++)
		if (!is_found(f, all[i])) {
			print_message("%s: not found: %s\n", s->file, all[i]);
			return FALSE;
		}
	return TRUE;
}

static void
attachments_are_those_that_others_find(void **state)
{
	g_autofree char *folder = samples_folder();
	unsigned sure = 0, good = 0;

	(void)state;
	if (folder == NULL) {
		print_message("no samples here: skipped\n");
		skip();
	}
	g_autoptr(GArray) samples = read_table(folder);
	assert_true(samples->len > 0);
	for (guint i = 0; i < samples->len; i++) {
		const struct sample *s =
		    &g_array_index(samples, struct sample, i);
		gboolean ok = agrees(folder, s);
		sure += s->sure;
		good += s->sure && ok;
	}
	print_message("%u of %u messages agree\n", good, sure);
	assert_true(good * 100 >= sure * 99);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attachments_are_those_that_others_find),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
