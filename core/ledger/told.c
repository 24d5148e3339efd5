/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * told - what a seal tells of its message: the facts of the capture, in the
 * serialised form of GVariant, little-endian, of the type below; behind it the
 * SHA-256 of that, since half a seal, or a damaged one, may look like a whole
 */
#include <string.h>

#include "store.h"

#define SUM 32

/* arrived, return_batch, return_attempt; texts, in the order of texts_of(); the
 * recipients, as received. Texts as bytes, since not all are UTF-8. */
#define TYPE "(xxuamayaay)"
#define TEXTS 12

static void
texts_of(struct pl_message *m, char **journals, char **texts[TEXTS])
{
	char **const all[TEXTS] = { &m->origin, &m->queue_id, &m->sender,
		&m->client_addr, &m->client_name, &m->helo, &m->auth_user,
		&m->tls, &m->message_id, &m->header_sha256, &m->body_sha256,
		journals };

	for (unsigned i = 0; i < TEXTS; i++)
		texts[i] = all[i];
}

static GVariant *
little_endian(GVariant *value)
{
	if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
		return g_variant_ref_sink(value);
	g_autoptr(GVariant) own = g_variant_ref_sink(value);

	return g_variant_byteswap(own);
}

static void
sum_of(const void *bytes, gsize n, guint8 sum[SUM])
{
	g_autoptr(GChecksum) c = g_checksum_new(G_CHECKSUM_SHA256);
	gsize length = SUM;

	g_checksum_update(c, bytes, (gssize)n);
	g_checksum_get_digest(c, sum, &length);
}

static GBytes *
add_sum(GVariant *value)
{
	gsize n = g_variant_get_size(value);
	guint8 *bytes = g_malloc(n + SUM);

	g_variant_store(value, bytes);
	sum_of(bytes, n, bytes + n);
	return g_bytes_new_take(bytes, n + SUM);
}

/* NULL if it is another. */
static GBytes *
take_sum(GBytes *told)
{
	gsize n;
	const guint8 *bytes = g_bytes_get_data(told, &n);
	guint8 sum[SUM];

	if (n <= SUM)
		return NULL;
	sum_of(bytes, n - SUM, sum);
	return memcmp(sum, bytes + n - SUM, SUM) == 0
		   ? g_bytes_new_from_bytes(told, 0, n - SUM)
		   : NULL;
}

GBytes *
pl_told_pack(const struct pl_message *m, const char *journals)
{
	g_autoptr(GVariant) value = NULL;
	char **texts[TEXTS];
	GVariantBuilder b;

	texts_of((struct pl_message *)(guintptr)m, (char **)(guintptr)&journals,
	    texts);
	g_variant_builder_init(&b, G_VARIANT_TYPE(TYPE));
	g_variant_builder_add(&b, "x", m->arrived);
	g_variant_builder_add(&b, "x", m->return_batch);
	g_variant_builder_add(&b, "u", m->return_attempt);
	g_variant_builder_open(&b, G_VARIANT_TYPE("amay"));
	for (unsigned i = 0; i < TEXTS; i++)
		g_variant_builder_add(&b, "m^ay", *texts[i]);
	g_variant_builder_close(&b);
	g_variant_builder_open(&b, G_VARIANT_TYPE("aay"));
	for (guint i = 0; i < m->recipients->len; i++)
		g_variant_builder_add(&b, "^ay", m->recipients->pdata[i]);
	g_variant_builder_close(&b);
	value = little_endian(g_variant_builder_end(&b));
	return add_sum(value);
}

static void
take_texts(GVariant *from, struct pl_message *m, char **journals)
{
	char **texts[TEXTS];

	texts_of(m, journals, texts);
	for (gsize i = 0; i < TEXTS && i < g_variant_n_children(from); i++)
		g_variant_get_child(from, i, "m^ay", texts[i]);
}

static void
take_recipients(GVariant *from, struct pl_message *m)
{
	for (gsize i = 0; i < g_variant_n_children(from); i++) {
		char *address = NULL;

		g_variant_get_child(from, i, "^ay", &address);
		g_ptr_array_add(m->recipients, address);
	}
}

struct pl_message *
pl_told_unpack(GBytes *told, char **journals)
{
	g_autoptr(GBytes) bytes = take_sum(told);
	g_autoptr(GVariant) value = NULL, native = NULL, texts = NULL,
			    recipients = NULL;
	g_autoptr(pl_message) m = NULL;

	*journals = NULL;
	if (bytes == NULL)
		return NULL;
	value = g_variant_ref_sink(
	    g_variant_new_from_bytes(G_VARIANT_TYPE(TYPE), bytes, FALSE));
	native = G_BYTE_ORDER == G_LITTLE_ENDIAN ? g_variant_ref(value)
						 : g_variant_byteswap(value);
	if (!g_variant_is_normal_form(native))
		return NULL;
	m = pl_message_new();
	g_variant_get(native, "(xxu@amay@aay)", &m->arrived, &m->return_batch,
	    &m->return_attempt, &texts, &recipients);
	take_texts(texts, m, journals);
	take_recipients(recipients, m);
	return g_steal_pointer(&m);
}
