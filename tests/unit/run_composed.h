/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_composed - e-mails composed of all that waits in a gateway's journal, and
 * read back
 */
#ifndef RUN_COMPOSED_H
#define RUN_COMPOSED_H

#include <gmime/gmime.h>

#include "attach.h"
#include "compose.h"
#include "run_sales.h"

#define MANY SALES "documents_per_mail = 2000\n"

/* ---- composing what waits ---------------------------------------------- */

static inline gboolean
collect(const pl_entry *e, void *user)
{
	g_array_append_val((GArray *)user, e->id);
	return TRUE;
}

/* All that waits, as one batch. */
static inline pl_batch *
plan_all(struct gateway *g)
{
	const struct pl_journal *j = pl_config_find(g->config, "sales");
	const struct pl_entry_filter filter = { .states = "w" };
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	pl_batch *b = pl_batch_new();

	assert_ok(pl_entry_each(g->f->l, &filter, collect, ids, E));
	b->journal = g_strdup(j->name);
	b->deliver_to = g_strdup(j->deliver_to);
	b->sender = g_strdup(j->sender);
	b->zip = j->zip;
	assert_ok(pl_batch_plan(
	    g->f->l, b, (const gint64 *)(void *)ids->data, ids->len, E));
	return b;
}

static inline pl_spool *
compose_with(
    struct gateway *g, pl_batch *b, guint64 limit, guint *bad, GError **error)
{
	g_autoptr(pl_reader) reader = pl_reader_new(&pl_limits_default);
	const struct pl_composer c = { g->f->l, reader, g->config, limit,
		NULL };
	g_autoptr(GPtrArray) entries = pl_batch_entries(g->f->l, b->id, NULL);

	return pl_compose_batch(&c, b, entries, bad, error);
}

static inline void
index_all(struct gateway *g)
{
	g_autoptr(pl_reader) reader = pl_reader_new(&pl_limits_default);

	assert_ok(
	    pl_intake_index(g->f->l, g->config, reader, NULL, NULL, NULL, E));
}

static inline GString *
text_of(pl_spool *spool)
{
	GString *s = g_string_sized_new(pl_spool_size(spool));
	char buffer[65536];
	gssize n;

	while ((n = pl_spool_pread(spool, s->len, buffer, sizeof buffer)) > 0)
		g_string_append_len(s, buffer, n);
	assert_int_equal(n, 0);
	assert_int_equal(s->len, pl_spool_size(spool));
	return s;
}

static inline GString *
compose_all(struct gateway *g)
{
	pl_batch *b;
	pl_spool *spool;
	guint bad;
	GError *error = NULL;
	GString *text;

	index_all(g);
	b = plan_all(g);
	spool = compose_with(g, b, 0, &bad, &error);
	if (spool == NULL)
		fail_msg("%s", error->message);
	text = text_of(spool);
	pl_spool_free(spool);
	pl_batch_free(b);
	return text;
}

/* ---- reading back ------------------------------------------------------ */

static inline GMimeMessage *
parse(const GString *text)
{
	GMimeStream *stream =
	    g_mime_stream_mem_new_with_buffer(text->str, text->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);

	assert_non_null(m);
	g_object_unref(parser);
	g_object_unref(stream);
	return m;
}

static inline GMimeObject *
part_at(GMimeMessage *m, int index)
{
	GMimeObject *top = g_mime_message_get_mime_part(m);

	assert_true(GMIME_IS_MULTIPART(top));
	return g_mime_multipart_get_part(GMIME_MULTIPART(top), index);
}

static inline int
parts_of(GMimeMessage *m)
{
	return g_mime_multipart_get_count(
	    GMIME_MULTIPART(g_mime_message_get_mime_part(m)));
}

static inline GBytes *
content_of(GMimeObject *part)
{
	GMimeStream *mem = g_mime_stream_mem_new();
	GByteArray *bytes;

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(mem), FALSE);
	g_mime_data_wrapper_write_to_stream(
	    g_mime_part_get_content(GMIME_PART(part)), mem);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mem));
	g_object_unref(mem);
	return g_byte_array_free_to_bytes(bytes);
}

static inline void
assert_lines_are_mail(const GString *text)
{
	gsize line = 0;

	for (gsize i = 0; i < text->len; i++) {
		if (text->str[i] == '\n') {
			assert_true(i > 0 && text->str[i - 1] == '\r');
			line = 0;
			continue;
		}
		assert_true((guchar)text->str[i] < 0x80);
		assert_true(text->str[i] != '\r' || text->str[i + 1] == '\n');
		assert_true(++line < 998);
	}
	assert_true(g_str_has_suffix(text->str, "\r\n"));
}

#endif
