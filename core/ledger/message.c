/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message - the facts of intercepted mail
 */
#include <string.h>

#include "store.h"

struct pl_message *
pl_message_new(void)
{
	struct pl_message *m = g_new0(struct pl_message, 1);

	m->recipients = g_ptr_array_new_with_free_func(g_free);
	return m;
}

void
pl_message_free(struct pl_message *m)
{
	if (m == NULL)
		return;
	g_free(m->origin);
	g_free(m->queue_id);
	g_free(m->sender);
	g_free(m->client_addr);
	g_free(m->client_name);
	g_free(m->helo);
	g_free(m->auth_user);
	g_free(m->tls);
	g_free(m->message_id);
	g_free(m->header_sha256);
	g_free(m->body_sha256);
	g_ptr_array_unref(m->recipients);
	g_free(m->subject);
	g_free(m->from);
	g_free(m->date);
	g_free(m);
}

/* ---- adding ------------------------------------------------------------ */

/* Its place in the index is read to be written anyway: who reads the message
 * need not look there again, at a page of years for each. */
static gboolean
came_before(pl_ledger *l, struct pl_message *m, GError **error)
{
	gint64 id;
	int found = m->message_id == NULL
			? 0
			: pl_db_number(l->db, PL_SQL_MESSAGE_BEFORE,
			      V(v_raw(m->message_id), v_text(m->body_sha256)),
			      &id, error);

	m->again = found > 0;
	return found >= 0;
}

static gboolean
add_row(pl_ledger *l, struct pl_message *m, GError **error)
{
	return pl_db_insert(l->db, PL_SQL_MESSAGE_ADD,
	    V(v_int(m->arrived), v_text(m->bytes.store), v_int(m->bytes.row),
		v_int((gint64)m->bytes.size), v_int(m->bytes.chunks),
		v_text(m->origin != NULL ? m->origin : "milter"),
		v_text(m->queue_id), v_raw(m->sender), v_text(m->client_addr),
		v_text(m->client_name), v_text(m->helo), v_text(m->auth_user),
		v_text(m->tls), v_raw(m->message_id), v_text(m->header_sha256),
		v_text(m->body_sha256), v_id(m->return_batch),
		v_id(m->return_attempt), v_int(m->again)),
	    &m->id, error);
}

static gboolean
add_recipients(pl_ledger *l, const struct pl_message *m, GError **error)
{
	for (guint i = 0; i < m->recipients->len; i++) {
		const char *address = m->recipients->pdata[i];
		g_autofree char *normal = pl_address_normalise(address);
		const char *at = strrchr(normal, '@');

		if (!pl_db_do(l->db, PL_SQL_RECIPIENT_ADD,
			V(v_int(m->id), v_int(i), v_raw(address), v_raw(normal),
			    v_raw(at != NULL ? at + 1 : "")),
			error))
			return FALSE;
	}
	return TRUE;
}

/* The hashes tie the bytes to the chain: who changes a stored message is
 * found out by them. */
static gboolean
note_captured(pl_ledger *l, const struct pl_message *m, const char *journals,
    GError **error)
{
	g_autofree char *detail = g_strdup_printf(
	    "origin=%s queue_id=%s journals=%s "
	    "size=%" G_GUINT64_FORMAT " bytes=%s:%" G_GINT64_FORMAT
	    " header_sha256=%s body_sha256=%s",
	    m->origin != NULL ? m->origin : "milter",
	    m->queue_id != NULL ? m->queue_id : "",
	    journals != NULL ? journals : "", m->bytes.size, m->bytes.store,
	    m->bytes.row, m->header_sha256 != NULL ? m->header_sha256 : "",
	    m->body_sha256 != NULL ? m->body_sha256 : "");

	return pl_event_note(l,
	    &(struct pl_event){
		.what =
		    (char *)(m->return_batch != 0 ? "returned" : "captured"),
		.message = m->id,
		.batch = m->return_batch,
		.detail = detail },
	    error);
}

/* Those that are not durable have to be before the commit. */
static gboolean
look_at_bytes(pl_ledger *l, const struct pl_message *m, GError **error)
{
	const struct pl_store *store =
	    g_hash_table_lookup(l->writers, m->bytes.store);

	if (l->lost != NULL)
		return pl_refuse(error, PL_LEDGER_CONFLICT,
		    "message bytes %s:%" G_GINT64_FORMAT
		    " may be lost: nothing was synced since a write failed",
		    m->bytes.store, m->bytes.row);
	if (store != NULL && store->sealed > 0)
		l->ahead = TRUE;
	return TRUE;
}

static gboolean
add(pl_ledger *l, struct pl_message *m, const char *journals, GError **error)
{
	gint64 before = 0;

	if (m->return_batch != 0 &&
	    pl_db_number(l->db, PL_SQL_RETURN_COUNT, V(v_int(m->return_batch)),
		&before, error) < 0)
		return FALSE;
	m->id = 0;
	return before >= PL_RETURNS_MOST ||
	       (came_before(l, m, error) && add_row(l, m, error) &&
		   add_recipients(l, m, error) &&
		   note_captured(l, m, journals, error));
}

gboolean
pl_message_add(
    pl_ledger *l, struct pl_message *m, const char *journals, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work,
		   look_at_bytes(l, m, error) && add(l, m, journals, error),
		   error);
}

/* ---- reading ----------------------------------------------------------- */

static void
fill(pl_rows *rows, struct pl_message *m)
{
	g_autofree char *store = NULL;
	unsigned c = 0;

	m->id = pl_rows_int(rows, c++);
	m->arrived = pl_rows_int(rows, c++);
	store = pl_rows_text(rows, c++);
	g_strlcpy(
	    m->bytes.store, store != NULL ? store : "", sizeof(m->bytes.store));
	m->bytes.row = pl_rows_int(rows, c++);
	m->bytes.size = (guint64)pl_rows_int(rows, c++);
	m->bytes.chunks = (unsigned)pl_rows_int(rows, c++);
	m->origin = pl_rows_text(rows, c++);
	m->queue_id = pl_rows_text(rows, c++);
	m->sender = pl_rows_text(rows, c++);
	m->client_addr = pl_rows_text(rows, c++);
	m->client_name = pl_rows_text(rows, c++);
	m->helo = pl_rows_text(rows, c++);
	m->auth_user = pl_rows_text(rows, c++);
	m->tls = pl_rows_text(rows, c++);
	m->message_id = pl_rows_text(rows, c++);
	m->header_sha256 = pl_rows_text(rows, c++);
	m->body_sha256 = pl_rows_text(rows, c++);
	m->indexed = pl_rows_int(rows, c++) != 0;
	m->subject = pl_rows_text(rows, c++);
	m->from = pl_rows_text(rows, c++);
	m->date = pl_rows_text(rows, c++);
	m->same_as = pl_rows_int(rows, c++);
	m->return_batch = pl_rows_int(rows, c++);
	m->return_attempt = (unsigned)pl_rows_int(rows, c++);
	m->pruned = pl_rows_int(rows, c++);
	m->again = pl_rows_int(rows, c++) != 0;
}

static gboolean
add_addresses(pl_ledger *l, struct pl_message *m, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_RECIPIENT_OF, V(v_int(m->id)), error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0)
		g_ptr_array_add(m->recipients, pl_rows_text(rows, 0));
	return more == 0;
}

pl_message *
pl_message_get(pl_ledger *l, gint64 id, GError **error)
{
	g_autoptr(pl_message) m = pl_message_new();
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_MESSAGE_GET, V(v_int(id)), error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);

	if (found > 0)
		fill(rows, m);
	if (found == 0)
		pl_refuse(error, PL_LEDGER_ABSENT,
		    "no message %" G_GINT64_FORMAT, id);
	return found > 0 && add_addresses(l, m, error) ? g_steal_pointer(&m)
						       : NULL;
}

GArray *
pl_message_unindexed(pl_ledger *l, gint64 after, unsigned limit, GError **error)
{
	return pl_db_numbers(l->db, PL_SQL_MESSAGE_UNINDEXED,
	    V(v_int(after), v_int(limit)), error);
}

gint64
pl_message_same(pl_ledger *l, const pl_message *m, const char *address)
{
	gint64 id = 0;

	if (m->message_id == NULL || m->body_sha256 == NULL ||
	    (m->id > 0 && !m->again))
		return 0;
	pl_db_number(l->db, PL_SQL_MESSAGE_SAME,
	    V(v_raw(m->message_id), v_text(m->body_sha256),
		v_int(m->id > 0 ? m->id : G_MAXINT64), v_raw(address)),
	    &id, NULL);
	return id;
}

/* Whatever stands behind LOCAL and its delimiter: a range of addresses, of
 * which the caller picks those of the right domain. */
static GArray *
untaken_extended(pl_ledger *l, const char *pattern, const char *star,
    const char *journal, gint64 after, unsigned limit, GError **error)
{
	g_autofree char *from = g_strndup(pattern, (gsize)(star - pattern));
	g_autofree char *to = g_strdup(from);

	to[star - pattern - 1]++;
	return pl_db_numbers(l->db, PL_SQL_MESSAGE_UNTAKEN_EXTENDED,
	    V(v_raw(from), v_int(after), v_int(limit), v_text(journal),
		v_raw(to)),
	    error);
}

GArray *
pl_message_untaken(pl_ledger *l, const char *pattern, const char *journal,
    gint64 after, unsigned limit, GError **error)
{
	const char *star = g_strrstr(pattern, "*@");
	gboolean domain = star == pattern;

	if (star != NULL && !domain)
		return untaken_extended(
		    l, pattern, star, journal, after, limit, error);
	return pl_db_numbers(l->db,
	    domain ? PL_SQL_MESSAGE_UNTAKEN_OF_DOMAIN : PL_SQL_MESSAGE_UNTAKEN,
	    V(v_raw(domain ? pattern + 2 : pattern), v_int(after), v_int(limit),
		v_text(journal)),
	    error);
}

/* ---- indexed ----------------------------------------------------------- */

static gboolean
mark_indexed(pl_ledger *l, const pl_message *m, GError **error)
{
	g_autofree char *detail =
	    m->same_as != 0
		? g_strdup_printf("same_as=%" G_GINT64_FORMAT, m->same_as)
		: NULL;

	if (!pl_db_do(l->db, PL_SQL_MESSAGE_INDEXED,
		V(v_int(m->id), v_text(m->subject), v_text(m->from),
		    v_text(m->date)),
		error))
		return FALSE;
	if (pl_db_changes(l->db) == 0)
		return pl_refuse(error, PL_LEDGER_ABSENT,
		    "no message %" G_GINT64_FORMAT, m->id);
	if (m->same_as != 0 && !pl_db_do(l->db, PL_SQL_MESSAGE_COPY,
				   V(v_int(m->id), v_int(m->same_as)), error))
		return FALSE;
	return pl_event_note(l,
	    &(struct pl_event){
		.what = (char *)"indexed", .message = m->id, .detail = detail },
	    error);
}

gboolean
pl_message_indexed(pl_ledger *l, const pl_message *m, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, mark_indexed(l, m, error), error);
}
