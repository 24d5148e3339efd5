/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * letter - the MIME frame of an e-mail, written into a spool
 *
 * Boundaries hold "=_", which neither base64 nor quoted-printable text can.
 */
#include <string.h>

#include <gmime/gmime.h>

#include "postledger/report.h"

#include "letter.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMultipart, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimePart, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeTextPart, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeFormatOptions, g_mime_format_options_free)

#define SUBJECT_MAX 200

static GMimeFormatOptions *
crlf(void)
{
	GMimeFormatOptions *options = g_mime_format_options_new();

	g_mime_format_options_set_newline_format(
	    options, GMIME_NEWLINE_FORMAT_DOS);
	return options;
}

static char *
boundary(const struct pl_letter *letter, const char *which)
{
	return g_strdup_printf("=_%s-%" G_GINT64_FORMAT "%s%s_=", which,
	    letter->number, letter->token != NULL ? "-" : "",
	    letter->token != NULL ? letter->token : "");
}

static gboolean
put_boundary(pl_spool *spool, const struct pl_letter *letter, const char *which,
    const char *tail, GError **error)
{
	g_autofree char *name = boundary(letter, which);
	g_autofree char *line = g_strdup_printf("\r\n--%s%s\r\n", name, tail);

	return pl_spool_text(spool, line, error);
}

/* The header fields of OBJECT, and the empty line. */
static gboolean
put_headers(pl_spool *spool, GMimeObject *object, GError **error)
{
	g_autoptr(GMimeFormatOptions) options = crlf();
	g_autofree char *text = g_mime_object_get_headers(object, options);

	return pl_spool_text(spool, text, error) &&
	       pl_spool_text(spool, "\r\n", error);
}

static GMimeMultipart *
multipart(
    const struct pl_letter *letter, const char *subtype, const char *which)
{
	GMimeMultipart *parts = g_mime_multipart_new_with_subtype(subtype);
	g_autofree char *name = boundary(letter, which);

	g_mime_multipart_set_boundary(parts, name);
	return parts;
}

static void
address(GMimeMessage *m, const struct pl_letter *letter)
{
	g_autofree char *id = g_strdup(letter->message_id + 1);

	g_assert(letter->message_id[0] == '<');
	id[strcspn(id, ">")] = '\0';
	g_mime_message_add_mailbox(
	    m, GMIME_ADDRESS_TYPE_FROM, NULL, letter->from);
	g_mime_message_add_mailbox(m, GMIME_ADDRESS_TYPE_TO, NULL, letter->to);
	g_mime_message_set_message_id(m, id);
}

static GMimeMessage *
message(const struct pl_letter *letter)
{
	GMimeMessage *m = g_mime_message_new(FALSE);
	g_autofree char *subject = pl_text_clean(letter->subject, SUBJECT_MAX);
	g_autoptr(GDateTime) utc =
	    g_date_time_new_from_unix_utc(letter->date / G_USEC_PER_SEC);
	g_autoptr(GDateTime) date =
	    g_date_time_to_timezone(utc, letter->timezone);

	g_mime_message_set_date(m, date);
	address(m, letter);
	g_mime_message_set_subject(m, subject, "utf-8");
	g_mime_object_set_header(
	    GMIME_OBJECT(m), "Auto-Submitted", "auto-generated", NULL);
	g_mime_object_set_header(GMIME_OBJECT(m), "MIME-Version", "1.0", NULL);
	return m;
}

static gboolean
put_contents(pl_spool *spool, const struct pl_letter *letter, GError **error)
{
	g_autofree char *line = NULL;

	if (letter->contents == NULL)
		return TRUE;
	line = g_strdup_printf(
	    PL_CONTENTS_HEADER ": %s\r\n", letter->contents);
	return pl_spool_text(spool, line, error);
}

gboolean
pl_letter_head(pl_spool *spool, const struct pl_letter *letter, GError **error)
{
	g_autoptr(GMimeMessage) m = NULL;
	g_autoptr(GMimeMultipart) parts = NULL;

	g_mime_init(); /* the first time only */
	m = message(letter);
	parts = multipart(letter, "mixed", "mixed");
	g_mime_message_set_mime_part(m, GMIME_OBJECT(parts));
	return put_contents(spool, letter, error) &&
	       put_headers(spool, GMIME_OBJECT(m), error);
}

static gboolean
put_text(pl_spool *spool, const char *subtype, const char *text, GError **error)
{
	g_autoptr(GMimeTextPart) part =
	    g_mime_text_part_new_with_subtype(subtype);
	g_autoptr(GMimeFormatOptions) options = crlf();
	g_autofree char *whole = NULL;

	g_mime_text_part_set_charset(part, "utf-8");
	g_mime_text_part_set_text(part, text);
	g_mime_part_set_content_encoding(
	    GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	whole = g_mime_object_to_string(GMIME_OBJECT(part), options);
	return pl_spool_text(spool, whole, error);
}

gboolean
pl_letter_text(pl_spool *spool, const struct pl_letter *letter,
    const char *subtype, const char *text, GError **error)
{
	return put_boundary(spool, letter, "mixed", "", error) &&
	       put_text(spool, subtype, text, error);
}

gboolean
pl_letter_both(pl_spool *spool, const struct pl_letter *letter,
    const char *text, const char *html, GError **error)
{
	g_autoptr(GMimeMultipart) parts =
	    multipart(letter, "alternative", "either");

	return put_boundary(spool, letter, "mixed", "", error) &&
	       put_headers(spool, GMIME_OBJECT(parts), error) &&
	       put_boundary(spool, letter, "either", "", error) &&
	       put_text(spool, "plain", text, error) &&
	       put_boundary(spool, letter, "either", "", error) &&
	       put_text(spool, "html", html, error) &&
	       put_boundary(spool, letter, "either", "--", error);
}

/* The name twice: for those who know RFC 2231, and as an encoded word for
 * those who never learnt it and show "ATT00001.dat" otherwise. */
static void
name_part(GMimeObject *part, const char *filename)
{
	GMimeContentType *type = g_mime_object_get_content_type(part);
	GMimeContentDisposition *disposition = g_mime_content_disposition_new();
	GMimeParam *param;

	g_mime_content_type_set_parameter(type, "name", filename);
	param = g_mime_param_list_get_parameter(
	    g_mime_content_type_get_parameters(type), "name");
	g_mime_param_set_charset(param, "utf-8");
	g_mime_param_set_encoding_method(
	    param, GMIME_PARAM_ENCODING_METHOD_RFC2047);
	g_mime_content_disposition_set_disposition(disposition, "attachment");
	g_mime_content_disposition_set_parameter(
	    disposition, "filename", filename);
	param = g_mime_param_list_get_parameter(
	    g_mime_content_disposition_get_parameters(disposition), "filename");
	g_mime_param_set_charset(param, "utf-8");
	g_mime_param_set_encoding_method(
	    param, GMIME_PARAM_ENCODING_METHOD_RFC2231);
	g_mime_object_set_content_disposition(part, disposition);
	g_object_unref(disposition);
}

gboolean
pl_letter_file(pl_spool *spool, const struct pl_letter *letter,
    const char *filename, const char *media_type, GError **error)
{
	g_auto(GStrv) type = g_strsplit(media_type, "/", 2);
	g_autoptr(GMimePart) part = g_mime_part_new_with_type(
	    type[0], type[1] != NULL ? type[1] : "octet-stream");

	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
	name_part(GMIME_OBJECT(part), filename);
	return put_boundary(spool, letter, "mixed", "", error) &&
	       put_headers(spool, GMIME_OBJECT(part), error);
}

gboolean
pl_letter_message(
    pl_spool *spool, const struct pl_letter *letter, GError **error)
{
	return put_boundary(spool, letter, "mixed", "", error) &&
	       pl_spool_text(spool,
		   "Content-Type: message/rfc822\r\n"
		   "Content-Disposition: attachment; filename=\"answer.eml\"\r\n"
		   "Content-Transfer-Encoding: 8bit\r\n\r\n",
		   error);
}

gboolean
pl_letter_end(pl_spool *spool, const struct pl_letter *letter, GError **error)
{
	return put_boundary(spool, letter, "mixed", "--", error);
}
