/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * import - a file into the ledger by hand, as if it had been mailed
 *
 * An e-mail is stored as it is (with the line ends of mail); a document file is
 * wrapped in one whose Message-ID and boundary come from its hash, so that the
 * same file twice is the same message twice. Everything behind is the same as
 * for mail. The envelope sender stays empty: nobody sent it.
 *
 * The file is mapped, not read: nothing of it is parsed here but the names of
 * its first header fields.
 */
#include "room.h"

#include <string.h>
#include <unistd.h>

/* Bytes on their way to the store, hashed: header with the empty line, body. */
struct store {
	pl_ledger *ledger;
	struct pl_bytes_id id;
	GByteArray *chunk;
	pl_digest *hash;
	char *header_sha256;
	gboolean in_body, to_crlf;
	GError **error;
};

static char *
end_hash(pl_digest *hash)
{
	char hex[PL_SHA256_HEX + 1];

	pl_digest_end(hash, hex);
	return g_strdup(hex);
}

static gboolean
flush(struct store *s)
{
	gboolean good =
	    s->chunk->len == 0 || pl_bytes_append(s->ledger, &s->id,
				      s->chunk->data, s->chunk->len, s->error);

	g_byte_array_set_size(s->chunk, 0);
	return good;
}

static gboolean
put(struct store *s, const void *bytes, gsize length)
{
	const guint8 *p = bytes;

	pl_digest_add(s->hash, bytes, length);
	while (length > 0) {
		gsize n = MIN(length, PL_CHUNK - s->chunk->len);
		g_byte_array_append(s->chunk, p, (guint)n);
		p += n;
		length -= n;
		if (s->chunk->len == PL_CHUNK && !flush(s))
			return FALSE;
	}
	return TRUE;
}

/* One line with its end, or the rest without. */
static gboolean
put_line(struct store *s, const char *line, gsize n)
{
	const gboolean ended = n > 0 && line[n - 1] == '\n';
	const gboolean crlf = ended && n > 1 && line[n - 2] == '\r';
	const gboolean empty = n == (crlf ? 2u : 1u) && ended;

	if (ended && !crlf && s->to_crlf) {
		if (!put(s, line, n - 1) || !put(s, "\r\n", 2))
			return FALSE;
	} else if (!put(s, line, n)) {
		return FALSE;
	}
	if (empty && !s->in_body) {
		s->in_body = TRUE;
		s->header_sha256 = end_hash(s->hash);
	}
	return TRUE;
}

static gboolean
put_message(struct store *s, const char *bytes, gsize length)
{
	const char *end = bytes + length;

	if (length > 5 && memcmp(bytes, "From ", 5) == 0) {
		const char *nl = memchr(bytes, '\n', length);
		bytes = nl != NULL ? nl + 1 : end;
	}
	while (bytes < end) {
		const char *nl = memchr(bytes, '\n', (gsize)(end - bytes));
		const gsize n = (gsize)((nl != NULL ? nl + 1 : end) - bytes);
		if (!put_line(s, bytes, n))
			return FALSE;
		bytes += n;
	}
	return flush(s);
}

/* ---- the lock ---------------------------------------------------------- */

/* One import at a time; several files of one process share the lock. */
static gboolean
lock(pl_ledger *l, GError **error)
{
	GError *local = NULL;
	g_autofree char *holder = NULL;
	g_autofree char *own = g_strdup_printf("pid %d ", (int)getpid());

	if (pl_ledger_lock(l, "import", 0, &holder, &local))
		return pl_bytes_sweep(l, "import", error);
	if (!pl_ledger_conflict(local, error))
		return FALSE;
	if (holder != NULL && g_str_has_prefix(holder, own))
		return TRUE;
	return pl_ledger_lock(l, "import", 30, NULL, error) &&
	       pl_bytes_sweep(l, "import", error);
}

/* ---- messages ---------------------------------------------------------- */

/* The value of Message-ID in the header, or NULL. g_free(). */
static char *
find_message_id(const char *bytes, gsize length)
{
	static const char name[] = "Message-ID:";
	const char *p = bytes, *end = bytes + length;

	while (p < end && *p != '\r' && *p != '\n') {
		const char *nl = memchr(p, '\n', (gsize)(end - p));
		if (nl == NULL)
			break;
		if ((gsize)(nl - p) >= sizeof name - 1 &&
		    g_ascii_strncasecmp(p, name, sizeof name - 1) == 0) {
			p += sizeof name - 1;
			/* folded in front of its value */
			while (nl + 1 < end &&
			       (nl[1] == ' ' || nl[1] == '\t') &&
			       memchr(p, '<', (gsize)(nl - p)) == NULL &&
			       (nl = memchr(nl + 1, '\n',
				    (gsize)(end - nl - 1))) != NULL)
				continue;
			if (nl == NULL)
				nl = end;
			char *value = g_strndup(p, (gsize)(nl - p));
			return g_strstrip(value);
		}
		p = nl + 1;
	}
	return NULL;
}

static GBytes *
wrap(const struct pl_journal *journal, const char *file, const char *bytes,
    gsize length)
{
	char hash[PL_SHA256_HEX + 1];
	g_autofree char *base = g_path_get_basename(file);
	g_autofree char *name = pl_name_clean(base);

	g_mime_init();
	pl_sha256_hex(bytes, length, hash);
	g_autofree char *id = g_strdup_printf("%s@import.postledger", hash);
	g_autofree char *subject = g_strdup_printf(
	    "Imported by hand: %s", name != NULL ? name : "document");
	GMimeMessage *m = g_mime_message_new(TRUE);
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_mime_message_add_mailbox(
	    m, GMIME_ADDRESS_TYPE_FROM, "postledger", journal->sender);
	g_mime_message_set_subject(m, subject, "utf-8");
	g_mime_message_set_date(m, now);
	g_mime_message_set_message_id(m, id);
	GMimeMultipart *mixed = g_mime_multipart_new_with_subtype("mixed");
	g_mime_multipart_set_boundary(mixed, hash);
	GMimePart *part =
	    g_mime_part_new_with_type("application", "octet-stream");
	if (name != NULL)
		g_mime_part_set_filename(part, name);
	GMimeStream *content = g_mime_stream_mem_new_with_buffer(bytes, length);
	GMimeDataWrapper *wrapper = g_mime_data_wrapper_new_with_stream(
	    content, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(part, wrapper);
	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
	g_mime_multipart_add(mixed, (GMimeObject *)part);
	g_mime_message_set_mime_part(m, (GMimeObject *)mixed);
	g_autofree char *text = g_mime_object_to_string((GMimeObject *)m, NULL);
	g_object_unref(part);
	g_object_unref(wrapper);
	g_object_unref(content);
	g_object_unref(mixed);
	g_object_unref(m);
	const gsize n = strlen(text);
	return g_bytes_new_take(g_steal_pointer(&text), n);
}

/* Ours, or the e-mail that the file is. */
static GBytes *
message_of(const struct pl_journal *journal, const char *file, GMappedFile *map)
{
	const char *bytes = g_mapped_file_get_contents(map);
	const gsize length = g_mapped_file_get_length(map);

	if (bytes == NULL)
		return g_bytes_new_static("", 0);
	if (pl_packing_is_message(
		(const guint8 *)bytes, length, pl_name_ends(file, ".eml")))
		return g_mapped_file_get_bytes(map);
	return wrap(journal, file, bytes, length);
}

static gboolean
is_mailbox(const char *file, GMappedFile *map, GError **error)
{
	const unsigned n = pl_intake_mbox(
	    g_mapped_file_get_contents(map), g_mapped_file_get_length(map));

	if (n > 1)
		g_set_error(error, PL_INTAKE_ERROR, PL_INTAKE_MBOX,
		    "%s: is an mbox with %u messages; split it first", file, n);
	return n > 1;
}

static pl_message *
facts_of(struct store *s, const struct pl_journal *journal, const char *bytes,
    gsize length)
{
	pl_message *m = pl_message_new();
	const char *address = journal->addresses->pdata[0];

	m->arrived = g_get_real_time();
	m->origin = g_strdup("import");
	m->message_id = find_message_id(bytes, length);
	if (!s->in_body)
		s->header_sha256 = end_hash(s->hash);
	m->header_sha256 = g_steal_pointer(&s->header_sha256);
	m->body_sha256 = end_hash(s->hash);
	if (m->recipients == NULL)
		m->recipients = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(m->recipients,
	    address[0] == '*' ? g_strconcat("import", address + 1, NULL)
			      : g_strdup(address));
	return m;
}

static gboolean
seal(struct store *s, pl_message *m, const char *journal)
{
	gboolean good =
	    pl_bytes_seal(s->ledger, &s->id, m, journal, s->error) &&
	    pl_bytes_sync(s->ledger, s->error);

	m->bytes = s->id;
	return good;
}

/* What is refused must not come back by what its seal tells, unless nobody
 * knows whether it was. */
static gboolean
add(struct store *s, pl_message *m, const char *journal)
{
	GError *failed = NULL;

	if (pl_message_add(s->ledger, m, journal, &failed))
		return TRUE;
	if (g_error_matches(failed, PL_LEDGER_ERROR, PL_LEDGER_FAILED))
		pl_bytes_leave(s->ledger, &s->id);
	else
		pl_bytes_drop(s->ledger, &s->id);
	g_propagate_error(s->error, failed);
	return FALSE;
}

static gboolean
store_message(pl_ledger *l, const struct pl_journal *journal, const char *bytes,
    gsize length, gint64 *id, GError **error)
{
	g_autoptr(GByteArray) chunk = g_byte_array_new();
	g_autoptr(pl_digest) hash = pl_digest_new();
	struct store s = {
		.ledger = l,
		.chunk = chunk,
		.hash = hash,
		.error = error,
	};
	const char *nl = memchr(bytes, '\n', length);

	s.to_crlf = nl != NULL && (nl == bytes || nl[-1] != '\r');
	gboolean good =
	    pl_bytes_create(l, "import", g_get_real_time(), &s.id, error) &&
	    put_message(&s, bytes, length);
	if (good) {
		g_autoptr(pl_message) m = facts_of(&s, journal, bytes, length);
		good = seal(&s, m, journal->name) && add(&s, m, journal->name);
		*id = m->id;
	}
	if (!good)
		pl_bytes_rollback(l);
	g_free(s.header_sha256);
	return good;
}

gboolean
pl_intake_import(pl_ledger *l, const pl_config *config,
    const struct pl_journal *journal, const char *file, gint64 *message,
    GError **error)
{
	(void)config;
	if (g_file_test(file, G_FILE_TEST_IS_DIR)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_ISDIR,
		    "%s: is no file", file);
		return FALSE;
	}
	g_autoptr(GMappedFile) map = g_mapped_file_new(file, FALSE, error);
	if (map != NULL && is_mailbox(file, map, error))
		return FALSE;
	if (map == NULL || !lock(l, error))
		return FALSE;
	g_autoptr(GBytes) bytes = message_of(journal, file, map);
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	if (length == 0) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
		    "%s: the file is empty", file);
		return FALSE;
	}
	return store_message(l, journal, data, length, message, error);
}
