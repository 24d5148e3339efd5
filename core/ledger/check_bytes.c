/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_bytes - are the stored messages those that came in?
 *
 * Each is read from its first to its last byte and compared with the SHA-256
 * that was taken while it came in: of the header with the empty line behind
 * it, and of the body. The facts have both, and so has the event of the
 * capture, which the chain guards. Where the header ends is found by its hash:
 * after an empty line, else at the very end.
 */
#include <string.h>

#include "store.h"

struct sums {
	pl_digest *digest; /* of the header, then of the body */
	const char *header;
	gboolean in_body;
	guint length; /* of the line so far, without CR */
};

static gboolean
is_header(const struct sums *s)
{
	char hex[PL_SHA256_HEX + 1];

	pl_digest_so_far(s->digest, hex);
	return g_strcmp0(hex, s->header) == 0;
}

static void
begin_body(struct sums *s)
{
	char hex[PL_SHA256_HEX + 1];

	s->in_body = TRUE;
	pl_digest_end(s->digest, hex);
}

/* Line by line while in the header. */
static void
add(struct sums *s, const guchar *bytes, gsize n)
{
	gsize from = 0;

	for (gsize i = 0; i < n && !s->in_body; i++) {
		if (bytes[i] != '\n') {
			s->length += bytes[i] != '\r';
			continue;
		}
		if (s->length == 0) {
			pl_digest_add(s->digest, bytes + from, i + 1 - from);
			from = i + 1;
			if (is_header(s))
				begin_body(s);
		}
		s->length = 0;
	}
	pl_digest_add(s->digest, bytes + from, n - from);
}

int
pl_bytes_fit(pl_bytes *bytes, const char *header, const char *body,
    guint64 *count, GError **error)
{
	g_autoptr(pl_digest) digest = pl_digest_new();
	g_autofree guchar *buffer = g_malloc(PL_CHUNK);
	struct sums s = { .digest = digest, .header = header };
	char hex[PL_SHA256_HEX + 1];
	gssize n = 1;

	for (guint64 at = 0; n > 0; at += (guint64)n) {
		n = pl_bytes_pread(bytes, at, buffer, PL_CHUNK, error);
		add(&s, buffer, n > 0 ? (gsize)n : 0);
		if (count != NULL && n > 0)
			*count += (guint64)n;
	}
	if (n < 0)
		return -1;
	if (!s.in_body && is_header(&s))
		begin_body(&s);
	pl_digest_end(digest, hex);
	return s.in_body && g_strcmp0(hex, body) == 0;
}

static gboolean
told(const char *detail, const char *header, const char *body)
{
	g_autofree char *words =
	    g_strdup_printf(" header_sha256=%s body_sha256=%s", header, body);

	return detail != NULL && g_str_has_suffix(detail, words);
}

/* They may have been dropped since the row was read. */
static gboolean
is_dropped(pl_ledger *l, gint64 message, const GError *failed)
{
	g_autoptr(pl_message) m = NULL;

	if (!g_error_matches(failed, PL_LEDGER_ERROR, PL_LEDGER_ABSENT))
		return FALSE;
	m = pl_message_get(l, message, NULL);
	return m != NULL && m->pruned != 0;
}

static gboolean
check_message(pl_ledger *l, pl_rows *rows, guint64 *count, GError **error)
{
	gint64 id = pl_rows_int(rows, 0);
	g_autofree char *header = pl_rows_text(rows, 2);
	g_autofree char *body = pl_rows_text(rows, 3);
	g_autofree char *detail = pl_rows_text(rows, 4);
	g_autoptr(pl_bytes) bytes = NULL;
	g_autoptr(GError) failed = NULL;
	int good = -1;

	if (header == NULL || body == NULL)
		return TRUE; /* nobody took them */
	if (!told(detail, header, body))
		return pl_refuse(error, PL_LEDGER_DAMAGED,
		    "%s: damaged, the hashes of message %" G_GINT64_FORMAT
		    " are not those of its capture; put a backup in its place",
		    l->path, id);
	bytes = pl_bytes_open(l, id, &failed);
	if (bytes != NULL)
		good = pl_bytes_fit(bytes, header, body, count, &failed);
	if (good > 0 || (good < 0 && is_dropped(l, id, failed)))
		return TRUE;
	if (good < 0) {
		g_propagate_error(error, g_steal_pointer(&failed));
		return FALSE;
	}
	return pl_refuse(error, PL_LEDGER_DAMAGED,
	    "%s: damaged, the bytes of message %" G_GINT64_FORMAT
	    " are not those that came in; put a backup in its place",
	    l->messages, id);
}

static gboolean
check_store(pl_ledger *l, const char *name, guint64 *count, GError **error)
{
	g_autoptr(pl_rows) rows = pl_db_query(
	    l->db, PL_SQL_MESSAGE_HASHES, V(v_text(name)), error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0)
		if (!check_message(l, rows, count, error))
			return FALSE;
	return more == 0;
}

gboolean
pl_ledger_check_bytes(pl_ledger *l, guint64 *bytes, GError **error)
{
	g_autoptr(GPtrArray) names = pl_store_named(l, error);

	*bytes = 0;
	for (guint i = 0; names != NULL && i < names->len; i++)
		if (!check_store(l, names->pdata[i], bytes, error))
			return FALSE;
	return names != NULL;
}
