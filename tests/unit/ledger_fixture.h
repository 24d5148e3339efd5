/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger_fixture - a ledger in a folder of its own, and things to put in it
 */
#ifndef LEDGER_FIXTURE_H
#define LEDGER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "postledger/config.h"
#include "postledger/ledger.h"

struct fixture {
	char *folder, *path, *url, *messages;
	pl_ledger *l;
};

#define assert_ok(call) \
	do { \
		GError *local_error = NULL; \
		gboolean local_ok = (call); \
		if (!local_ok || local_error != NULL) \
			fail_msg("%s: %s", #call, \
			    local_error ? local_error->message : "FALSE"); \
	} while (0)
#define E (&local_error)
/* The call fails with this error; its message holds WORDS. */
#define assert_fails(call, class, words) \
	do { \
		GError *local_error = NULL; \
		if (call) \
			fail_msg("%s did not fail", #call); \
		if (local_error == NULL) \
			fail_msg("%s set no error", #call); \
		if (local_error->domain != PL_LEDGER_ERROR || \
		    local_error->code != (int)(class)) \
			fail_msg("%s: wrong error %d: %s", #call, \
			    local_error->code, local_error->message); \
		if (strstr(local_error->message, words) == NULL) \
			fail_msg("%s: no '%s' in: %s", #call, words, \
			    local_error->message); \
		g_clear_error(&local_error); \
	} while (0)

static inline pl_ledger *
open_as(const struct fixture *f, enum pl_ledger_use use)
{
	GError *error = NULL;
	pl_ledger *l = pl_ledger_open(f->url, f->messages, use, &error);

	if (l == NULL)
		fail_msg("open: %s", error->message);
	return l;
}

static inline gboolean
opens(struct fixture *f, enum pl_ledger_use use, GError **error)
{
	pl_ledger *l = pl_ledger_open(f->url, f->messages, use, error);

	pl_ledger_close(l);
	return l != NULL;
}

static inline void
fixture_paths(struct fixture *f)
{
	f->folder = g_dir_make_tmp("pl-ledger-XXXXXX", NULL);
	f->path = g_build_filename(f->folder, "ledger.db", NULL);
	f->url = g_strconcat("sqlite:", f->path, NULL);
	f->messages = g_build_filename(f->folder, "messages", NULL);
}

static inline int
setup(void **state)
{
	struct fixture *f = g_new0(struct fixture, 1);

	fixture_paths(f);
	f->l = open_as(f, PL_LEDGER_WRITE);
	*state = f;
	return 0;
}

static inline int
setup_empty(void **state)
{
	struct fixture *f = g_new0(struct fixture, 1);

	fixture_paths(f);
	*state = f;
	return 0;
}

static inline void
remove_all(const char *folder)
{
	char *argv[] = { (char *)"rm", (char *)"-rf", (char *)folder, NULL };

	g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
	    NULL, NULL, NULL);
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	pl_ledger_close(f->l);
	remove_all(f->folder);
	g_free(f->folder);
	g_free(f->path);
	g_free(f->url);
	g_free(f->messages);
	g_free(f);
	return 0;
}

static inline void
reopen(struct fixture *f)
{
	pl_ledger_close(f->l);
	f->l = NULL;
	f->l = open_as(f, PL_LEDGER_WRITE);
}

/* How many FOLDER has in it. */
static inline unsigned
files_in(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	unsigned n = 0;

	while (g_dir_read_name(dir) != NULL)
		n++;
	g_dir_close(dir);
	return n;
}

/* ---- things to put in -------------------------------------------------- */

static inline struct pl_bytes_id
store_bytes(pl_ledger *l, const char *source, const void *bytes, gsize length)
{
	struct pl_bytes_id id;

	assert_ok(pl_bytes_create(l, source, g_get_real_time(), &id, E));
	for (gsize at = 0; at < length; at += PL_CHUNK)
		assert_ok(pl_bytes_append(l, &id, (const char *)bytes + at,
		    MIN(length - at, PL_CHUNK), E));
	assert_ok(pl_bytes_seal(l, &id, NULL, NULL, E));
	return id;
}

static inline pl_message *
new_message(const char *recipient, const char *message_id, const char *body)
{
	pl_message *m = pl_message_new();

	m->arrived = g_get_real_time();
	m->origin = g_strdup("milter");
	m->sender = g_strdup("erp@shop.example");
	m->message_id = g_strdup(message_id);
	m->header_sha256 =
	    g_compute_checksum_for_string(G_CHECKSUM_SHA256, "header", -1);
	m->body_sha256 =
	    g_compute_checksum_for_string(G_CHECKSUM_SHA256, body, -1);
	g_ptr_array_add(m->recipients, g_strdup(recipient));
	return m;
}

/* A message with BODY, all the way into the ledger. */
static inline gint64
add_message(pl_ledger *l, const char *recipient, const char *message_id,
    const char *body)
{
	g_autoptr(pl_message) m = new_message(recipient, message_id, body);

	m->bytes = store_bytes(l, "milter", body, strlen(body));
	assert_ok(pl_bytes_sync(l, E));
	assert_ok(pl_message_add(l, m, "sales", E));
	return m->id;
}

static inline gint64
add_document(
    pl_ledger *l, gint64 message, const char *number, const char *sha256)
{
	g_autoptr(pl_document) d = pl_document_new();
	struct pl_file *f = pl_file_new();

	d->message = message;
	d->kind = PL_KIND_INVOICE;
	d->number = g_strdup(number);
	d->seller_id = g_strdup("BE0123456789");
	d->total = g_strdup("121.00");
	d->currency = g_strdup("EUR");
	f->filename = g_strdup_printf("%s.pdf", number ? number : "scan");
	f->media_type = g_strdup("application/pdf");
	f->format = g_strdup("pdf");
	f->size = 1000;
	f->sha256 = g_strdup(sha256);
	g_ptr_array_add(d->files, f);
	assert_ok(pl_document_add(l, d, E));
	return d->id;
}

static inline gint64
add_entry(pl_ledger *l, gint64 document, const char *journal,
    enum pl_state state, const char *code)
{
	gint64 id;

	assert_ok(
	    pl_entry_add(l, document, journal, state, code, NULL, 0, &id, E));
	return id;
}

/* Message, document and waiting entry in one go. */
static inline gint64
add_waiting(pl_ledger *l, const char *journal, const char *number)
{
	g_autofree char *id = g_strdup_printf("<%s@shop.example>", number);
	gint64 message = add_message(l, "<sales@c.example>", id, number);
	g_autofree char *sha =
	    g_compute_checksum_for_string(G_CHECKSUM_SHA256, number, -1);

	return add_entry(l, add_document(l, message, number, sha), journal,
	    PL_WAITING, NULL);
}

static inline enum pl_state
state_of(pl_ledger *l, gint64 entry)
{
	g_autoptr(pl_entry) e = pl_entry_get(l, entry, NULL);

	assert_non_null(e);
	return e->state;
}

static inline void
assert_whole(pl_ledger *l)
{
	struct pl_audit audit;

	assert_ok(pl_ledger_check(l, E));
	assert_ok(pl_event_verify(l, NULL, &audit, E));
	if (audit.bad != 0)
		fail_msg("event %d: %s", (int)audit.bad, audit.what);
	g_free(audit.what);
}

#endif
