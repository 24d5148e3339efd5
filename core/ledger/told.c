/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * told - what a seal tells of its message: the facts of the capture
 *
 *   arrived (8), return_batch (8), return_attempt (4), the texts of texts_of(),
 *   how many recipients (4), each as it was received, the SHA-256 of all that
 *
 * Numbers are little-endian. A text is its length (4), of one that there is not
 * NONE, and its bytes. The hash is there because half a seal, or a damaged one,
 * may look like a whole.
 */
#include <string.h>

#include "store.h"

#define NONE G_MAXUINT32
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

/* ---- to bytes ---------------------------------------------------------- */

static void
put_text(GByteArray *to, const char *text)
{
	gsize n = text != NULL ? strlen(text) : 0;

	g_assert(n < NONE);
	pl_put_32(to, text != NULL ? (guint32)n : NONE);
	g_byte_array_append(to, (const guint8 *)text, (guint)n);
}

GBytes *
pl_told_pack(const struct pl_message *m, const char *journals)
{
	GByteArray *to = g_byte_array_sized_new(1024);
	char **texts[TEXTS];
	guint8 sum[PL_SHA256];

	texts_of((struct pl_message *)(guintptr)m, (char **)(guintptr)&journals,
	    texts);
	pl_put_64(to, (guint64)m->arrived);
	pl_put_64(to, (guint64)m->return_batch);
	pl_put_32(to, m->return_attempt);
	for (unsigned i = 0; i < TEXTS; i++)
		put_text(to, *texts[i]);
	pl_put_32(to, m->recipients->len);
	for (guint i = 0; i < m->recipients->len; i++)
		put_text(to, m->recipients->pdata[i]);
	pl_sha256(to->data, to->len, sum);
	g_byte_array_append(to, sum, sizeof(sum));
	return g_byte_array_free_to_bytes(to);
}

/* ---- from bytes -------------------------------------------------------- */

struct rest {
	const guint8 *at;
	gsize left;
	gboolean bad; /* it ended too early */
};

static const guint8 *
take(struct rest *r, gsize n)
{
	const guint8 *at = r->at;

	if (n > r->left) {
		r->bad = TRUE;
		return NULL;
	}
	r->at += n;
	r->left -= n;
	return at;
}

static guint64
take_number(struct rest *r, unsigned size)
{
	const guint8 *bytes = take(r, size);
	guint64 number = 0;

	for (unsigned i = size; bytes != NULL && i > 0; i--)
		number = number << 8 | bytes[i - 1];
	return number;
}

static char *
take_text(struct rest *r)
{
	guint64 n = take_number(r, 4);
	const guint8 *bytes = n != NONE ? take(r, n) : NULL;

	return bytes != NULL ? g_strndup((const char *)bytes, n) : NULL;
}

static void
take_recipients(struct rest *r, struct pl_message *m)
{
	for (guint64 n = take_number(r, 4); n > 0 && !r->bad; n--) {
		char *address = take_text(r);

		if (address != NULL)
			g_ptr_array_add(m->recipients, address);
		else
			r->bad = TRUE;
	}
}

/* What stands before the hash, if that is right. */
static struct rest
before_sum(GBytes *told)
{
	struct rest r = { 0 };
	guint8 sum[PL_SHA256];

	r.at = g_bytes_get_data(told, &r.left);
	r.bad = r.left < sizeof(sum);
	if (r.bad)
		return r;
	r.left -= sizeof(sum);
	pl_sha256(r.at, r.left, sum);
	r.bad = memcmp(sum, r.at + r.left, sizeof(sum)) != 0;
	return r;
}

struct pl_message *
pl_told_unpack(GBytes *told, char **journals)
{
	g_autoptr(pl_message) m = pl_message_new();
	struct rest r = before_sum(told);
	char **texts[TEXTS];

	*journals = NULL;
	if (r.bad)
		return NULL;
	texts_of(m, journals, texts);
	m->arrived = (gint64)take_number(&r, 8);
	m->return_batch = (gint64)take_number(&r, 8);
	m->return_attempt = (unsigned)take_number(&r, 4);
	for (unsigned i = 0; i < TEXTS; i++)
		*texts[i] = take_text(&r);
	take_recipients(&r, m);
	if (!r.bad && r.left == 0)
		return g_steal_pointer(&m);
	g_clear_pointer(journals, g_free);
	return NULL;
}
