/* SPDX-License-Identifier: BSD-2-Clause */
/* Files taken into the ledger by hand. */
#include "intake_ledger.h"

static gint64
import(struct fixture *f, const char *name, GBytes *bytes)
{
	g_autoptr(pl_config) config =
	    accepted("[gateway]\nsender = postledger@gw.example\n" SALES);
	g_autofree char *path = g_build_filename(f->folder, name, NULL);
	gsize n;
	const char *data = g_bytes_get_data(bytes, &n);
	gint64 id = 0;

	assert_true(g_file_set_contents(path, data, (gssize)n, NULL));
	assert_ok(pl_intake_import(f->l, config, pl_config_journal(config, 0),
	    path, &id, E));
	g_bytes_unref(bytes);
	return id;
}

static void
a_file_taken_by_hand_is_entered_as_if_mailed(void **state)
{
	struct fixture *f = *state;
	gint64 id = import(f, "a é.pdf", make_pdf("a"));

	import(f, "mail.eml", invoice("I1", "1.00"));
	import(f, "again.pdf", make_pdf("a"));
	run_index(f->l, SALES);
	assert_ledger(f->l,
	    "sales waiting a é.pdf\nsales waiting i.xml\n"
	    "sales duplicate again.pdf of 1\n");
	g_autoptr(pl_message) m = pl_message_get(f->l, id, NULL);
	assert_string_equal(m->origin, "import");
	assert_string_equal(m->subject, "Imported by hand: a é.pdf");
	g_autoptr(pl_bytes) bytes = pl_bytes_open(f->l, id, NULL);
	assert_non_null(bytes);
}

/* The same mail, saved by a program with other line ends. */
static void
a_mail_taken_by_hand_is_the_same_as_the_captured_one(void **state)
{
	struct fixture *f = *state;
	static const char crlf[] = FIELDS "\r\nbody\r\n";
	g_autoptr(GString) lf = g_string_new(crlf);

	g_string_replace(lf, "\r\n", "\n", 0);
	gint64 a = import(f, "a.eml", make_text(crlf));
	gint64 b = import(f, "b.eml", make_text(lf->str));
	g_string_prepend(lf, "From anna Mon Feb  2 10:00:00 2026\n");
	gint64 c = import(f, "c.eml", make_text(lf->str));
	g_autoptr(pl_message) m = pl_message_get(f->l, a, NULL);
	g_autoptr(pl_message) n = pl_message_get(f->l, b, NULL);
	g_autoptr(pl_message) o = pl_message_get(f->l, c, NULL);
	g_autofree char *header = g_compute_checksum_for_string(
	    G_CHECKSUM_SHA256, FIELDS "\r\n", -1);
	g_autofree char *body =
	    g_compute_checksum_for_string(G_CHECKSUM_SHA256, "body\r\n", -1);
	assert_string_equal(m->message_id, "<1@shop.example>");
	assert_string_equal(m->header_sha256, header);
	assert_string_equal(m->body_sha256, body);
	assert_string_equal(n->header_sha256, header);
	assert_string_equal(n->body_sha256, body);
	assert_string_equal(o->header_sha256, header);
	assert_int_equal(n->bytes.size, sizeof crlf - 1);
}

static void
a_large_file_taken_by_hand_comes_out_again(void **state)
{
	struct fixture *f = *state;
	const gsize n = 3 * PL_CHUNK + 17;
	guint8 *bytes = g_malloc(n);
	char hex[PL_SHA256_HEX + 1];
	g_autoptr(pl_reader) reader = pl_reader_new(NULL);

	for (gsize i = 0; i < n; i++)
		bytes[i] = (guint8)(i * 2654435761u >> 11);
	memcpy(bytes, "%PDF-1.4\n", 9);
	pl_sha256_hex(bytes, n, hex);
	gint64 id = import(f, "large.pdf", g_bytes_new_take(bytes, n));
	g_autoptr(pl_bytes) stored = pl_bytes_open(f->l, id, NULL);
	const struct pl_source source = pl_source_of(stored);
	g_autoptr(pl_findings) found =
	    pl_reader_inspect(reader, &source, NULL, NULL);
	const struct pl_file *file = ignored(found, "large.pdf");
	assert_non_null(file);
	assert_string_equal(file->sha256, hex);
}

/* The facts are those of before it: the ledger was put back alone. */
static void
an_import_whose_facts_were_lost_is_taken_from_its_bytes(void **state)
{
	struct fixture *f = *state;
	g_autofree char *facts = NULL;
	gsize n;

	g_clear_pointer(&f->l, pl_ledger_close);
	assert_true(g_file_get_contents(f->path, &facts, &n, NULL));
	f->l = open_as(f, PL_LEDGER_WRITE);
	import(f, "a.pdf", make_pdf("a"));
	g_clear_pointer(&f->l, pl_ledger_close);
	assert_true(g_file_set_contents(f->path, facts, (gssize)n, NULL));
	f->l = open_as(f, PL_LEDGER_WRITE);
	import(f, "b.pdf", make_pdf("b"));
	run_index(f->l, SALES);
	assert_ledger(
	    f->l, "sales waiting a.pdf\nsales waiting b.pdf\n");
	assert_whole(f->l);
}

static void
what_cannot_be_imported_is_said(void **state)
{
	struct fixture *f = *state;
	g_autoptr(pl_config) config =
	    accepted("[gateway]\nsender = postledger@gw.example\n" SALES);
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(f->folder, "no", NULL);
	gint64 id = 0;

	assert_false(pl_intake_import(f->l, config,
	    pl_config_journal(config, 0), path, &id, &error));
	assert_true(
	    g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
	g_clear_error(&error);
	assert_true(g_file_set_contents(path, "", 0, NULL));
	assert_false(pl_intake_import(f->l, config,
	    pl_config_journal(config, 0), path, &id, &error));
	assert_non_null(strstr(error->message, "empty"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_file_taken_by_hand_is_entered_as_if_mailed),
		T(a_mail_taken_by_hand_is_the_same_as_the_captured_one),
		T(a_large_file_taken_by_hand_comes_out_again),
		T(an_import_whose_facts_were_lost_is_taken_from_its_bytes),
		T(what_cannot_be_imported_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
