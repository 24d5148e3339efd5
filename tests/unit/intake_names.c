/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of files, as mail programs write them. */
#include "cpu.h"
#include "intake_mail.h"

static const struct {
	const char *value, *name;
} fields[] = {
	{ "attachment; filename=a.pdf", "a.pdf" },
	{ "attachment; filename=\"a b.pdf\"", "a b.pdf" },
	{ "attachment;filename = a.pdf", "a.pdf" },
	{ "attachment; FILENAME=\"A.PDF\"; size=3", "A.PDF" },
	/* unquoted, with blanks */
	{ "attachment; filename=my invoice 7.pdf; size=3", "my invoice 7.pdf" },
	/* quotes and backslashes inside */
	{ "attachment; filename=\"a\\\"b.pdf\"", "a\"b.pdf" },
	{ "attachment; filename=\"a \"b\" c.pdf\"; x=y", "a \"b\" c.pdf" },
	{ "attachment; filename=\"C:\\docs\\a.pdf\"", "C:\\docs\\a.pdf" },
	{ "attachment; filename=\"a;b.pdf\"", "a;b.pdf" },
	{ "attachment; filename=\"not closed.pdf", "not closed.pdf" },
	/* RFC 2231 */
	{ "attachment; filename*=utf-8''caf%C3%A9.pdf", "café.pdf" },
	{ "attachment; filename*=iso-8859-1'fr'caf%E9.pdf", "café.pdf" },
	{ "attachment; filename*0=\"in\"; filename*1=\"voice\"; "
	  "filename*2=.pdf",
	    "invoice.pdf" },
	{ "attachment; filename*1=b.pdf; filename*0=a", "ab.pdf" },
	{ "attachment; filename*0*=utf-8''caf%C3; filename*1*=%A9; "
	  "filename*2=.pdf",
	    "café.pdf" },
	{ "attachment; filename*0=a; filename*2=c", "a" },
	{ "attachment; filename=x.pdf; filename*=utf-8''%C3%A9.pdf", "é.pdf" },
	{ "attachment; filename*=utf-8''100%.pdf", "100%.pdf" },
	{ "attachment; filename*=caf%C3%A9.pdf", "café.pdf" },
	{ "attachment; filename*0*=utf-8''a%00b", "ab" },
	{ "attachment; filename*99999999999=x", NULL },
	{ "attachment; filename*x=a; filename=b", "b" },
	/* RFC 2047, forbidden there and used */
	{ "attachment; filename=\"=?utf-8?q?caf=C3=A9.pdf?=\"", "café.pdf" },
	{ "attachment; filename==?utf-8?b?Y2Fmw6kucGRm?=", "café.pdf" },
	/* a character that begins in one word and ends in the next */
	{ "attachment; filename=\"=?utf-8?B?Y2Fmw6k?= a.pdf\"", "café a.pdf" },
	{ "attachment; filename=\"=?utf-8*fr?Q?caf=C3=A9?=.pdf\"", "café.pdf" },
	/* in another charset than they say */
	{ "attachment; filename=\"=?us-ascii?Q?caf=C3=A9.pdf?=\"", "café.pdf" },
	{ "attachment; filename=\"=?utf-8?Q?caf=E9.pdf?=\"", "café.pdf" },
	{ "attachment; filename=\"=?x-none?Q?caf=E9.pdf?=\"", "café.pdf" },
	{ "attachment; filename=\"=?utf-8?Q?a?= =?iso-8859-1?Q?=E9.pdf?=\"",
	    "aé.pdf" },
	{ "attachment; filename=\"=?UTF-8?B?YcM=?= =?utf-8?b?qS5wZGY=?=\"",
	    "aé.pdf" },
	{ "attachment; filename=\"=?UTF-8?Q?a_=C3?= =?UTF-8?B?qS5wZGY=?=\"",
	    "a é.pdf" },
	{ "attachment; filename=\"=?utf-8?b?Y2Fm?=\r\n =?utf-8?b?w6kucGRm?=\"",
	    "café.pdf" },
	/* raw */
	{ "attachment; filename=\"caf\xc3\xa9.pdf\"", "café.pdf" },
	{ "attachment; filename=\"caf\xe9.pdf\"", "café.pdf" },
	{ "attachment; filename=\"\x80 5.pdf\"", "€ 5.pdf" },
	/* folded */
	{ "attachment;\r\n\tfilename=\"a\r\n b.pdf\"", "a b.pdf" },
	/* something forgotten */
	{ "application/pdf filename=a.pdf", "a.pdf" },
	{ "filename=a.pdf", "a.pdf" },
	{ "attachment; xfilename=a.pdf", NULL },
	{ "attachment; filename", NULL },
	{ "attachment; filename=", "" },
	{ "attachment", NULL },
	{ "", NULL },
	{ ";;;;", NULL },
	{ "attachment; filename=a.pdf; filename=b.pdf", "a.pdf" },
};

static void
a_name_is_read_however_it_is_written(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(fields); i++) {
		g_autofree char *name =
		    pl_name_parameter(fields[i].value, "filename");
		if (g_strcmp0(name, fields[i].name) != 0)
			fail_msg("%s: '%s', not '%s'", fields[i].value,
			    name != NULL ? name : "(none)",
			    fields[i].name != NULL ? fields[i].name : "(none)");
	}
}

static const struct {
	const char *raw, *clean;
} names[] = {
	{ "a.pdf", "a.pdf" },
	{ "../../etc/passwd", "passwd" },
	{ "/tmp/a.pdf", "a.pdf" },
	{ "C:\\docs\\a.pdf", "a.pdf" },
	{ "folder/", "folder" },
	{ "..", NULL },
	{ ".", NULL },
	{ "", NULL },
	{ "   ", NULL },
	{ "///", NULL },
	{ "a\001\x1b[31mb\177.pdf", "a[31mb.pdf" },
	{ "a\r\nb.pdf", "a  b.pdf" },
	{ "  a.pdf  ", "a.pdf" },
	/* a right-to-left override that hides ".exe" */
	{ "invoice\xe2\x80\xae"
	  "fdp.exe",
	    "invoicefdp.exe" },
	{ "a\xe2\x80\x8b.pdf", "a.pdf" },
	{ "CON", "_CON" },
	{ "nul.pdf", "_nul.pdf" },
	{ "com1.pdf", "_com1.pdf" },
	{ "com0.pdf", "com0.pdf" },
	{ "console.pdf", "console.pdf" },
	{ "aux .pdf", "_aux .pdf" },
	{ "caf\xe9.pdf", "café.pdf" },
	{ "=cmd|' /C calc'!A0.pdf", "C calc'!A0.pdf" },
};

static void
a_clean_name_has_no_folder_controls_or_reserved_word(void **state)
{
	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *clean = pl_name_clean(names[i].raw);
		if (g_strcmp0(clean, names[i].clean) != 0)
			fail_msg("%s: '%s'", names[i].raw,
			    clean != NULL ? clean : "(none)");
	}
}

static void
a_long_name_keeps_its_end_and_is_valid(void **state)
{
	g_autoptr(GString) s = g_string_new(NULL);

	(void)state;
	for (int i = 0; i < 1000; i++)
		g_string_append(s, "é");
	g_string_append(s, ".pdf");
	g_autofree char *clean = pl_name_clean(s->str);
	assert_in_range(strlen(clean), 250, 255);
	assert_true(g_str_has_suffix(clean, "é.pdf"));
	assert_true(g_utf8_validate(clean, -1, NULL));
}

/* Two megabytes of what is worst for each loop. */
static void
the_cost_of_a_name_is_linear(void **state)
{
	static const char *const worst[] = { "; filename*0=a", "\"    ",
		"=?utf-8?q?=", "\\", ";", "=", "; filename*1*=%41", "'", "/",
		"; filename*0*=a'b'c", "=?utf-8?b?YQ==?= " };

	(void)state;
	for (unsigned i = 0; i < 2 * G_N_ELEMENTS(worst); i++) {
		const char *part = worst[i / 2];
		g_autoptr(GString) s = g_string_new(
		    i % 2 ? "attachment; filename=\"" : "attachment");
		while (s->len < 2000000)
			g_string_append(s, part);
		double start = cpu_seconds();
		g_autofree char *name = pl_name_parameter(s->str, "filename");
		g_autofree char *clean = pl_name_clean(name);
		double took = cpu_seconds() - start;
		if (took > (SANITIZED ? 20 : 1))
			fail_msg("%s: %.1f s", part, took);
	}
}

static void
names_are_compared_without_case_and_extension(void **state)
{
	g_autofree char *a = pl_name_stem("Factuur É-117.PDF");
	g_autofree char *b = pl_name_stem("factuur é-117.xml");
	g_autofree char *c = pl_name_stem(".pdf");

	(void)state;
	assert_string_equal(a, b);
	assert_string_equal(c, ".pdf");
	assert_null(pl_name_stem(NULL));
	assert_true(pl_name_ends("A.PDF", ".pdf"));
	assert_false(pl_name_ends(".pdf", ".pdf"));
	assert_false(pl_name_ends(NULL, ".pdf"));
}

int
main(void)
{
	g_mime_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_read_however_it_is_written),
		cmocka_unit_test(
		    a_clean_name_has_no_folder_controls_or_reserved_word),
		cmocka_unit_test(a_long_name_keeps_its_end_and_is_valid),
		cmocka_unit_test(the_cost_of_a_name_is_linear),
		cmocka_unit_test(names_are_compared_without_case_and_extension),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
