/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * returned - a message that came back to a return path
 *
 * Looks for the part that tells machines what happened (RFC 3464), else for
 * words, and for the header of the message that came back. The tree is walked
 * to a small depth only: a notice is at the top, or one gateway deep. What is
 * attached besides is not opened.
 */
#include "mime.h"

#include <string.h>

#define DEPTH 4
#define PARTS 30
#define TEXT_MAX 600   /* bytes of the words that are told */
#define FIELD_MAX 1000 /* bytes of a field */
#define CONTENTS_MAX 20000

void
pl_returned_free(pl_returned *r)
{
	if (r == NULL)
		return;
	g_free(r->subject);
	g_free(r->from);
	g_free(r->text);
	g_free(r->stamp);
	g_free(r->contents);
	g_free(r->message_id);
	pl_dsn_free(r->dsn);
	g_free(r);
}

/* ---- header ------------------------------------------------------------ */

static char *
field(GMimeObject *object, const char *name)
{
	return pl_mime_field(object, name, FIELD_MAX);
}

static gboolean
begins(GMimeObject *object, const char *name, const char *word)
{
	g_autofree char *value = field(object, name);

	return value != NULL &&
	       g_ascii_strncasecmp(value, word, strlen(word)) == 0;
}

static gboolean
has(GMimeObject *object, const char *name)
{
	return g_mime_header_list_contains(
	    g_mime_object_get_header_list(object), name);
}

/* RFC 3834, and what was written before it. */
static gboolean
is_automatic(GMimeObject *top)
{
	static const char *const subjects[] = { "Automatic reply",
		"Out of office", "Out of the office", "Auto:", "Autoreply",
		"Auto-reply", "Automatische Antwort", "Abwesenheit",
		"Réponse automatique", "Automatisch antwoord", "Afwezig" };
	g_autofree char *subject = field(top, "Subject");

	if (begins(top, "Auto-Submitted", "auto-replied") ||
	    begins(top, "Precedence", "auto_reply") ||
	    begins(top, "Precedence", "bulk") ||
	    begins(top, "Precedence", "junk") || has(top, "X-Autoreply") ||
	    has(top, "X-Autorespond") || has(top, "X-Autoresponder"))
		return TRUE;
	for (unsigned i = 0; subject != NULL && i < G_N_ELEMENTS(subjects); i++)
		if (g_ascii_strncasecmp(
			subject, subjects[i], strlen(subjects[i])) == 0)
			return TRUE;
	return FALSE;
}

static void
read_top(struct pl_walk *walk, GMimeMessage *message)
{
	pl_returned *r = walk->user;
	GMimeObject *top = (GMimeObject *)message;
	GDateTime *date = g_mime_message_get_date(message);
	GMimeContentType *type;
	const char *report;

	r->subject = field(top, "Subject");
	r->from = field(top, "From");
	r->date = date != NULL ? g_date_time_to_unix(date) * G_USEC_PER_SEC : 0;
	r->automatic = is_automatic(top);
	if (g_mime_message_get_mime_part(message) == NULL)
		return;
	type = g_mime_object_get_content_type(
	    g_mime_message_get_mime_part(message));
	report = g_mime_content_type_get_parameter(type, "report-type");
	if (report != NULL &&
	    g_ascii_strcasecmp(report, "disposition-notification") == 0)
		r->automatic = TRUE;
}

static void
read_original(pl_returned *r, GMimeObject *original)
{
	if (r->stamp == NULL)
		r->stamp = field(original, PL_STAMP_HEADER);
	if (r->contents == NULL)
		r->contents =
		    pl_mime_field(original, PL_CONTENTS_HEADER, CONTENTS_MAX);
	if (r->message_id == NULL)
		r->message_id = field(original, "Message-ID");
}

/* ---- parts ------------------------------------------------------------- */

struct look {
	pl_returned *r;
	char *plain, *html; /* the first text of each kind */
	unsigned parts;
};

static void
read_header_part(pl_returned *r, const GByteArray *bytes)
{
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_buffer(
	    (const char *)bytes->data, bytes->len);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
	g_autoptr(GMimeMessage) message =
	    g_mime_parser_construct_message(parser, NULL);

	if (message != NULL)
		read_original(r, (GMimeObject *)message);
}

static void
read_dsn(pl_returned *r, const GByteArray *bytes)
{
	pl_dsn *dsn = pl_dsn_read(bytes->data, bytes->len);

	if (dsn->recipients->len == 0 || r->machine) {
		pl_dsn_free(dsn);
		return;
	}
	pl_dsn_free(r->dsn);
	r->dsn = dsn;
	r->machine = TRUE;
}

/* The text between the tags, entities as they stand. */
static char *
without_tags(const char *html)
{
	GString *text = g_string_new(NULL);

	while (*html != '\0') {
		if (*html == '<') {
			g_string_append_c(text, '\n');
			html += strcspn(html, ">");
			html += *html == '>';
			continue;
		}
		g_string_append_c(text, *html++);
	}
	g_string_replace(text, "&nbsp;", " ", 0);
	g_string_replace(text, "&lt;", "<", 0);
	g_string_replace(text, "&gt;", ">", 0);
	g_string_replace(text, "&amp;", "&", 0);
	return g_string_free(text, FALSE);
}

static void
read_part(struct look *look, GMimePart *part)
{
	struct pl_mime_names names = { 0 };
	struct pl_seen seen = { 0 };

	pl_mime_describe((GMimeObject *)part, &names, &seen);
	g_autofree char *type = g_strdup(seen.media_type);
	g_autoptr(GByteArray) bytes = pl_mime_decode(part, &seen);
	const gsize most = MIN(bytes->len, 65536);
	pl_mime_names_clear(&names);
	if (strcmp(type, "message/delivery-status") == 0 ||
	    strcmp(type, "message/global-delivery-status") == 0)
		read_dsn(look->r, bytes);
	else if (strcmp(type, "text/rfc822-headers") == 0 ||
		 strcmp(type, "message/rfc822-headers") == 0 ||
		 strcmp(type, "message/global-headers") == 0)
		read_header_part(look->r, bytes);
	else if (strcmp(type, "text/plain") == 0 && look->plain == NULL)
		look->plain = pl_name_utf8((char *)bytes->data, (gssize)most);
	else if (strcmp(type, "text/html") == 0 && look->html == NULL)
		look->html = pl_name_utf8((char *)bytes->data, (gssize)most);
}

static void
look_at(struct look *look, GMimeObject *object, unsigned depth)
{
	GMimeMessage *message;

	if (object == NULL || depth > DEPTH || look->parts++ > PARTS)
		return;
	if (GMIME_IS_MULTIPART(object)) {
		const int n =
		    g_mime_multipart_get_count((GMimeMultipart *)object);
		for (int i = 0; i < n && i < PARTS; i++)
			look_at(look,
			    g_mime_multipart_get_part(
				(GMimeMultipart *)object, i),
			    depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		message =
		    g_mime_message_part_get_message((GMimeMessagePart *)object);
		if (message != NULL)
			read_original(look->r, (GMimeObject *)message);
	} else if (GMIME_IS_PART(object)) {
		read_part(look, (GMimePart *)object);
	}
}

/* ---- the whole --------------------------------------------------------- */

/* As ISO 8601, in UTC; what cannot be read is left out. */
static void
read_date(struct pl_dsn_recipient *one)
{
	g_autofree char *written = g_steal_pointer(&one->date);
	g_autoptr(GDateTime) date =
	    written != NULL ? g_mime_utils_header_decode_date(written) : NULL;
	g_autoptr(GDateTime) utc =
	    date != NULL ? g_date_time_to_utc(date) : NULL;

	if (utc != NULL)
		one->date = g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ");
}

/* Words alone come from old servers; what says who it answers is no notice. */
static void
conclude(struct look *look)
{
	pl_returned *r = look->r;
	g_autofree char *plain = NULL;

	if (look->plain == NULL && look->html != NULL)
		look->plain = without_tags(look->html);
	plain = pl_name_utf8(look->plain != NULL ? look->plain : "", -1);
	if (r->dsn == NULL)
		r->dsn = pl_dsn_guess(r->subject, plain);
	for (guint i = 0; i < r->dsn->recipients->len; i++)
		read_date(r->dsn->recipients->pdata[i]);
	g_strdelimit(plain, "\r\n\t", ' ');
	r->text = g_strndup(plain, TEXT_MAX);
	g_strstrip(r->text);
	g_autofree char *valid = g_utf8_make_valid(r->text, -1);
	g_free(r->text);
	r->text = g_steal_pointer(&valid);
	g_free(look->plain);
	g_free(look->html);
}

static void
read_all(struct pl_walk *walk, GMimeMessage *message)
{
	struct look look = { .r = walk->user };

	read_top(walk, message);
	look_at(&look, g_mime_message_get_mime_part(message), 0);
	conclude(&look);
	walk->stop = TRUE;
}

pl_returned *
pl_returned_read(const struct pl_limits *limits, const struct pl_source *source,
    GError **error)
{
	g_autoptr(pl_returned) r = g_new0(pl_returned, 1);
	struct pl_walk walk = { .limits = limits, .user = r };

	pl_walk_message(&walk, source, read_all);
	g_free(walk.limit);
	if (walk.error != NULL) {
		g_propagate_error(error, walk.error);
		return NULL;
	}
	if (r->dsn == NULL) /* no message at all */
		r->dsn = pl_dsn_guess(NULL, NULL);
	return g_steal_pointer(&r);
}

/* ---- wire -------------------------------------------------------------- */

#define RECIPIENT "(msmsmsmsmsms)"
#define RETURNED "(bbmsmsxmsmsmsmsmsa" RECIPIENT ")"

GBytes *
pl_returned_pack(const pl_returned *r)
{
	g_autoptr(GVariantBuilder) list =
	    g_variant_builder_new(G_VARIANT_TYPE("a" RECIPIENT));

	for (guint i = 0; i < r->dsn->recipients->len; i++) {
		const struct pl_dsn_recipient *one =
		    r->dsn->recipients->pdata[i];
		g_variant_builder_add(list, RECIPIENT, one->recipient,
		    one->action, one->status, one->remote, one->diagnostic,
		    one->date);
	}
	g_autoptr(GVariant) all = g_variant_ref_sink(g_variant_new(RETURNED,
	    r->machine, r->automatic, r->subject, r->from, r->date, r->text,
	    r->stamp, r->contents, r->message_id, r->dsn->reporting, list));
	return g_variant_get_data_as_bytes(all);
}

pl_returned *
pl_returned_unpack(GBytes *bytes)
{
	g_autoptr(GVariant) all = g_variant_ref_sink(
	    g_variant_new_from_bytes(G_VARIANT_TYPE(RETURNED), bytes, FALSE));
	g_autoptr(GVariantIter) list = NULL;
	g_autoptr(pl_returned) r = NULL;
	struct pl_dsn_recipient one;

	/* texts are valid UTF-8 then, and nothing is left over */
	if (!g_variant_is_normal_form(all))
		return NULL;
	r = g_new0(pl_returned, 1);
	r->dsn = pl_dsn_guess(NULL, NULL);
	g_variant_get(all, RETURNED, &r->machine, &r->automatic, &r->subject,
	    &r->from, &r->date, &r->text, &r->stamp, &r->contents,
	    &r->message_id, &r->dsn->reporting, &list);
	while (g_variant_iter_next(list, RECIPIENT, &one.recipient, &one.action,
	    &one.status, &one.remote, &one.diagnostic, &one.date)) {
		g_ptr_array_add(
		    r->dsn->recipients, g_memdup2(&one, sizeof one));
		if (r->dsn->recipients->len > PL_DSN_RECIPIENTS)
			return NULL;
	}
	return g_steal_pointer(&r);
}
