/* SPDX-License-Identifier: BSD-2-Clause */
/* What is packed in a message: ZIP files and forwarded messages, broken, too. */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include "intake_mail.h"

/* ---- ZIP --------------------------------------------------------------- */

struct member {
	const char *name;
	GBytes *bytes;
};

/* Takes the members' bytes. PASSWORD may be NULL. */
static GBytes *
make_zip(const struct member *members, unsigned n, const char *password)
{
	const gsize most = 32 << 20;
	guint8 *buffer = g_malloc(most);
	size_t used = 0;
	struct archive *a = archive_write_new();
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = uselocale(utf8);

	archive_write_set_format_zip(a);
	archive_write_set_options(a, "hdrcharset=UTF-8");
	if (password != NULL) {
		archive_write_set_options(a, "zip:encryption=traditional");
		archive_write_set_passphrase(a, password);
	}
	assert_int_equal(
	    archive_write_open_memory(a, buffer, most, &used), ARCHIVE_OK);
	for (unsigned i = 0; i < n; i++) {
		struct archive_entry *e = archive_entry_new();
		archive_entry_set_pathname(e, members[i].name);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0600);
		archive_entry_set_size(
		    e, (la_int64_t)g_bytes_get_size(members[i].bytes));
		assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
		archive_write_data(a, g_bytes_get_data(members[i].bytes, NULL),
		    g_bytes_get_size(members[i].bytes));
		archive_entry_free(e);
		g_bytes_unref(members[i].bytes);
	}
	archive_write_close(a);
	archive_write_free(a);
	uselocale(before);
	freelocale(utf8);
	return g_bytes_new_take(g_realloc(buffer, used), used);
}

static GBytes *
zip_of(const char *name, GBytes *bytes)
{
	return make_zip(&(struct member){ name, bytes }, 1, NULL);
}

static void
files_in_a_zip_are_found(void **state)
{
	const struct member members[] = {
		{ "folder/a.pdf", make_pdf("a") },
		{ "b.xml",
		    make_ubl(FALSE, "B-1", "2026-01-31", "12.10", NULL, NULL) },
		{ "notes.txt", make_text("text") },
		{ "__MACOSX/._a.pdf", make_text("\0\5\26\7xxxx") },
	};

	(void)state;
	assert_told(mail_of("application/zip", "all.zip",
			make_zip(members, G_N_ELEMENTS(members), NULL)),
	    "invoice B-1: a.pdf b.xml\n"
	    "-all.zip (opened: the files in it stand by themselves)\n"
	    "-notes.txt (not a document: text)\n"
	    "-._a.pdf (not a document: data of the macOS Finder)\n");
}

/* One piece of an archive that could have had several. */
static void
a_zip_may_begin_with_the_mark_of_a_piece(void **state)
{
	static const char *const marks[] = { "PK00", "PK\7\10" };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(marks); i++) {
		g_autoptr(GBytes) zip = zip_of("a.pdf", make_pdf("a"));
		GString *piece = g_string_new(marks[i]);

		g_string_append_len(piece, g_bytes_get_data(zip, NULL),
		    (gssize)g_bytes_get_size(zip));
		assert_told(mail_of("application/zip", "x.zip",
				g_string_free_to_bytes(piece)),
		    "other: a.pdf\n-x.zip (opened: the files in it stand by "
		    "themselves)\n");
	}
}

static void
a_zip_in_a_zip_is_opened(void **state)
{
	(void)state;
	assert_told(mail_of("application/octet-stream", "outer.zip",
			zip_of("inner.zip", zip_of("a.pdf", make_pdf("a")))),
	    "other: a.pdf\n"
	    "-outer.zip (opened: the files in it stand by themselves)\n"
	    "-inner.zip (opened: the files in it stand by themselves)\n");
}

static void
a_zip_with_nothing_in_it_is_told(void **state)
{
	g_autoptr(pl_findings) f = inspect(
	    mail_of("application/zip", "x.zip", make_zip(NULL, 0, NULL)));
	const struct pl_found_problem *p = f->problems->pdata[0];

	(void)state;
	assert_string_equal(p->code, "PL-101");
	assert_string_equal(p->text, "what is attached has no files in it");
}

static void
an_encrypted_zip_is_told_and_listed(void **state)
{
	const struct member members[] = { { "a.pdf", make_pdf("a") },
		{ "b.pdf", make_pdf("b") } };

	(void)state;
	assert_told(
	    mail_of("application/zip", "x.zip", make_zip(members, 2, "secret")),
	    "-x.zip (encrypted: it cannot be opened without a password)\n"
	    "!PL-103 x.zip\n");
}

static void
a_truncated_zip_gives_what_is_whole(void **state)
{
	const struct member members[] = { { "a.pdf", make_pdf("a") },
		{ "b.pdf", make_pdf("b") } };
	g_autoptr(GBytes) zip = make_zip(members, 2, NULL);
	GBytes *cut = g_bytes_new(
	    g_bytes_get_data(zip, NULL), g_bytes_get_size(zip) * 6 / 10);
	g_autoptr(pl_findings) f =
	    inspect(mail_of("application/zip", "x.zip", cut));
	g_autofree char *text = told(f);

	(void)state;
	assert_true(g_str_has_prefix(text, "other: a.pdf\n-x.zip"));
	assert_non_null(strstr(text, "!PL-102 "));
}

static void
an_office_file_stays_closed(void **state)
{
	const struct member members[] = {
		{ "[Content_Types].xml",
		    make_text("<?xml version='1.0'?><a/>") },
		{ "word/document.xml", make_text("<?xml version='1.0'?><a/>") },
	};

	(void)state;
	assert_told(mail_of("application/octet-stream", "letter.docx",
			make_zip(members, 2, NULL)),
	    "-letter.docx (not a document: office file)\n"
	    "!PL-101 \n");
}

/* Names as Windows writes them, in CP850 and without a flag. */
static void
names_in_a_zip_are_of_several_charsets(void **state)
{
	g_autoptr(GBytes) zip = zip_of("caf_.pdf", make_pdf("a"));
	gsize n;
	g_autofree guint8 *bytes =
	    g_memdup2(g_bytes_get_data(zip, &n), g_bytes_get_size(zip));

	(void)state;
	for (gsize i = 0; i + 8 <= n; i++)
		if (memcmp(bytes + i, "caf_.pdf", 8) == 0)
			bytes[i + 3] = 0x82;
	g_autoptr(pl_findings) f =
	    inspect(mail_of("application/zip", "x.zip", g_bytes_new(bytes, n)));
	const pl_document *d = f->documents->pdata[0];
	const struct pl_file *file = d->files->pdata[0];
	assert_string_equal(file->filename, "café.pdf");

	g_autoptr(pl_findings) g = inspect(mail_of("application/zip", "x.zip",
	    zip_of("\xd1\x81\xd1\x87\xd1\x91\xd1\x82.pdf", make_pdf("a"))));
	d = g->documents->pdata[0];
	file = d->files->pdata[0];
	assert_string_equal(file->filename, "счёт.pdf");
}

/* ---- forwarded messages ------------------------------------------------ */

static GBytes *
plain_mail(const char *name)
{
	return mail_of("application/pdf", name, make_pdf(name));
}

static void
a_forwarded_message_is_opened_however_it_is_attached(void **state)
{
	GBytes *inner = plain_mail("deep.pdf");
	GString *m = mail_begin("mixed");

	(void)state;
	mail_raw(m, "Content-Type: message/rfc822\r\n",
	    g_bytes_get_data(inner, NULL), g_bytes_get_size(inner));
	assert_told(mail_end(m), "other: deep.pdf\n");
	assert_told(mail_of("message/rfc822", NULL, g_bytes_ref(inner)),
	    "other: deep.pdf\n"
	    "-? (opened: the files in it stand by themselves)\n");
	assert_told(
	    mail_of("application/octet-stream", "fwd.eml", g_bytes_ref(inner)),
	    "other: deep.pdf\n"
	    "-fwd.eml (opened: the files in it stand by themselves)\n");
	assert_told(mail_of("text/plain", "mail.txt", g_bytes_ref(inner)),
	    "other: deep.pdf\n"
	    "-mail.txt (opened: the files in it stand by themselves)\n");
	g_bytes_unref(inner);
}

static void
forwarded_messages_may_lie_in_each_other(void **state)
{
	GBytes *mail = plain_mail("deep.pdf");

	(void)state;
	for (int i = 0; i < 4; i++)
		mail = mail_of("message/rfc822", NULL, mail);
	g_autoptr(pl_findings) f = inspect(mail);
	assert_int_equal(f->documents->len, 1);
	assert_int_equal(f->problems->len, 0);
}

/* What the first bytes of a container hold says nothing about it. */
static void
a_web_page_at_the_start_of_a_container_does_not_close_it(void **state)
{
	static const char page[] = "<html><body>See below</body></html>";
	GString *text = g_string_new(FIELDS);

	(void)state;
	g_string_append(
	    text, "Content-Type: multipart/mixed; boundary=\"=_1\"\r\n\r\n");
	mail_raw(text, "Content-Type: text/html\r\n", page, strlen(page));
	mail_file(text, "application/pdf", "a.pdf", make_pdf("a"));
	assert_told(mail_of("application/octet-stream", "forwarded.eml",
			mail_end(text)),
	    "other: a.pdf\n"
	    "-forwarded.eml (opened: the files in it stand by themselves)\n");

	const struct member members[] = {
		{ "read me.html", g_bytes_new_static(page, strlen(page)) },
		{ "a.pdf", make_pdf("a") },
	};
	GBytes *zip = make_zip(members, G_N_ELEMENTS(members), NULL);
	assert_told(mail_of("application/zip", "a.zip", zip),
	    "other: a.pdf\n"
	    "-a.zip (opened: the files in it stand by themselves)\n"
	    "-read me.html (not a document: web page)\n");
	assert_told(mail_of("text/html", "bookmarks.htm",
			make_text("<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL>")),
	    "-bookmarks.htm (not a document: web page)\n!PL-101 \n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_in_a_zip_are_found),
		cmocka_unit_test(a_zip_may_begin_with_the_mark_of_a_piece),
		cmocka_unit_test(a_zip_in_a_zip_is_opened),
		cmocka_unit_test(a_zip_with_nothing_in_it_is_told),
		cmocka_unit_test(an_encrypted_zip_is_told_and_listed),
		cmocka_unit_test(a_truncated_zip_gives_what_is_whole),
		cmocka_unit_test(an_office_file_stays_closed),
		cmocka_unit_test(names_in_a_zip_are_of_several_charsets),
		cmocka_unit_test(
		    a_forwarded_message_is_opened_however_it_is_attached),
		cmocka_unit_test(forwarded_messages_may_lie_in_each_other),
		cmocka_unit_test(
		    a_web_page_at_the_start_of_a_container_does_not_close_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
