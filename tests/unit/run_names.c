/* SPDX-License-Identifier: BSD-2-Clause */
/* Foreign names become names in folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "postledger/run.h"

static void
foreign_text_is_one_folder(void **state)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{ "BE68539007547034", "BE68539007547034" },
		{ "539-0075470-34", "539-0075470-34" },
		{ "12/34\\56", "12_34_56" },
		{ "../../etc", "_.._etc" },
		{ "..", "" },
		{ " ", "" },
		{ "", "" },
		{ NULL, "" },
		{ ".ssh", "ssh" },
		{ "NUL", "NUL_" },
		{ "a\nb\x1b", "a_b_" },
		{ "\xe2\x80\xae"
		  "12",
		    "_12" },
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = pl_run_folder_name(cases[i].text);
		assert_string_equal(name, cases[i].name);
	}
	g_autofree char *long_text = g_strnfill(5000, 'x');
	g_autofree char *name = pl_run_folder_name(long_text);
	assert_in_range(strlen(name), 50, 255);
}

static struct pl_file *
add_file(pl_document *d, const char *filename, const char *format)
{
	struct pl_file *file = pl_file_new();

	file->filename = g_strdup(filename);
	file->format = g_strdup(format);
	g_ptr_array_add(d->files, file);
	return file;
}

static void
only_a_part_of_a_shared_file_gets_another_name(void **state)
{
	g_autoptr(pl_document) d = pl_document_new();
	const struct pl_file *coda = add_file(d, "day.cod", "coda");
	const struct pl_file *pdf = add_file(d, "day.pdf", "pdf");

	(void)state;
	d->account = g_strdup("BE68539007547034");
	d->sequence = g_strdup("17");
	g_autofree char *whole = pl_run_file_name(d, coda);
	assert_string_equal(whole, "day.cod");
	d->length = 1000;
	g_autofree char *part = pl_run_file_name(d, coda);
	assert_string_equal(part, "day-BE68539007547034-17.cod");
	g_autofree char *beside = pl_run_file_name(d, pdf);
	assert_string_equal(beside, "day.pdf");
	g_free(d->account);
	d->account = g_strnfill(300, 'x');
	memcpy(d->account + 57, "€€", 6);
	g_autofree char *cut = pl_run_file_name(d, coda);
	assert_true(g_utf8_validate(cut, -1, NULL));
	assert_in_range(strlen(cut), 60, 255);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_text_is_one_folder),
		cmocka_unit_test(
		    only_a_part_of_a_shared_file_gets_another_name),
	};
	return cmocka_run_group_tests_name("run_names", tests, NULL, NULL);
}
