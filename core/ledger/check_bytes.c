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

#include "room.h"

struct sums {
	GChecksum *sum; /* of the header, then of the body */
	const char *header;
	gboolean in_body;
	guint length; /* of the line so far, without CR */
};

static gboolean
is_header(const struct sums *s)
{
	g_autoptr(GChecksum) sum = g_checksum_copy(s->sum);

	return g_strcmp0(g_checksum_get_string(sum), s->header) == 0;
}

static void
begin_body(struct sums *s)
{
	s->in_body = TRUE;
	g_checksum_reset(s->sum);
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
			g_checksum_update(
			    s->sum, bytes + from, (gssize)(i + 1 - from));
			from = i + 1;
			if (is_header(s))
				begin_body(s);
		}
		s->length = 0;
	}
	g_checksum_update(s->sum, bytes + from, (gssize)(n - from));
}

/* -1: error. */
static int
fits(pl_ledger *l, gint64 message, const char *header, const char *body,
    guint64 *count, GError **error)
{
	g_autoptr(pl_bytes) bytes = pl_bytes_open(l, message, error);
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree guchar *buffer = g_malloc(PL_CHUNK);
	struct sums s = { .sum = sum, .header = header };
	gssize n = bytes == NULL ? -1 : 1;

	for (guint64 at = 0; n > 0; at += (guint64)n) {
		n = pl_bytes_pread(bytes, at, buffer, PL_CHUNK, error);
		add(&s, buffer, n > 0 ? (gsize)n : 0);
		*count += n > 0 ? (guint64)n : 0;
	}
	if (n < 0)
		return -1;
	if (!s.in_body && is_header(&s))
		begin_body(&s);
	return s.in_body && g_strcmp0(g_checksum_get_string(sum), body) == 0;
}

static gboolean
told(const char *detail, const char *header, const char *body)
{
	g_autofree char *words =
	    g_strdup_printf(" header_sha256=%s body_sha256=%s", header, body);

	return detail != NULL && g_str_has_suffix(detail, words);
}

static gboolean
check_message(pl_ledger *l, pl_rows *rows, guint64 *count, GError **error)
{
	gint64 id = pl_rows_int(rows, 0);
	g_autofree char *header = pl_rows_text(rows, 2);
	g_autofree char *body = pl_rows_text(rows, 3);
	g_autofree char *detail = pl_rows_text(rows, 4);
	int good;

	if (header == NULL || body == NULL)
		return TRUE; /* nobody took them */
	if (!told(detail, header, body))
		return pl_refuse(error, PL_LEDGER_DAMAGED,
		    "%s: damaged, the hashes of message %" G_GINT64_FORMAT
		    " are not those of its capture; put a backup in its place",
		    l->path, id);
	good = fits(l, id, header, body, count, error);
	return good > 0 ||
	       (good == 0 &&
		   pl_refuse(error, PL_LEDGER_DAMAGED,
		       "%s: damaged, the bytes of message %" G_GINT64_FORMAT
		       " are not those that came in; put a backup in its place",
		       l->messages, id));
}

/* Of the messages that the facts name, in order, those whose bytes are there:
 * whether all are that should be, pl_ledger_check() says. */
static gboolean
check_store(pl_ledger *l, const char *name, guint64 *count, GError **error)
{
	struct pl_store *store = pl_store_reader(l, name, error);
	g_autoptr(GArray) have = NULL;
	g_autoptr(pl_rows) rows = NULL;
	int more = 1;
	guint n = 0;

	if (store == NULL)
		return FALSE;
	have = pl_db_numbers(store->db, PL_SQL_STORE_ROWS, V_NONE, error);
	pl_store_release(l, store);
	rows = have == NULL ? NULL
			    : pl_db_query(l->db, PL_SQL_MESSAGE_HASHES,
				  V(v_text(name)), error);
	if (rows == NULL)
		return FALSE;
	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		gint64 row = pl_rows_int(rows, 1);

		while (n < have->len && g_array_index(have, gint64, n) < row)
			n++;
		if (n < have->len && g_array_index(have, gint64, n) == row &&
		    !check_message(l, rows, count, error))
			return FALSE;
	}
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
