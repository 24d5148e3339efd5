/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * letter - the MIME frame of an e-mail, written into a spool
 *
 * Headers and short texts are made by GMime; the contents of files pass by it
 * as a stream, so memory does not grow with them. Lines end with CR LF. A
 * letter is the same, byte for byte, each time it is written.
 */
#ifndef PL_RUN_LETTER_H
#define PL_RUN_LETTER_H

#include "spool.h"

struct pl_letter {
	const char *from, *to;  /* plain addresses */
	const char *subject;    /* UTF-8; foreign text is cleaned here */
	const char *message_id; /* with <> */
	gint64 date;
	GTimeZone *timezone;
	gint64 number; /* of the batch: makes the boundaries */
	const char *token; /* makes them hard to guess; NULL: no need to */
	const char *contents; /* the value of PL_CONTENTS_HEADER; or NULL */
};

/* Header fields of a multipart/mixed e-mail and the empty line. */
gboolean pl_letter_head(
    pl_spool *spool, const struct pl_letter *letter, GError **error);
/* A whole text/SUBTYPE part, "plain" or "html". */
gboolean pl_letter_text(pl_spool *spool, const struct pl_letter *letter,
    const char *subtype, const char *text, GError **error);
/* Text and HTML that say the same, as one multipart/alternative part. */
gboolean pl_letter_both(pl_spool *spool, const struct pl_letter *letter,
    const char *text, const char *html, GError **error);
/* The head of an attachment; its content follows with pl_spool_base64(). */
gboolean pl_letter_file(pl_spool *spool, const struct pl_letter *letter,
    const char *filename, const char *media_type, GError **error);
/* The head of a forwarded message, which follows as it is. */
gboolean pl_letter_message(
    pl_spool *spool, const struct pl_letter *letter, GError **error);
gboolean pl_letter_end(
    pl_spool *spool, const struct pl_letter *letter, GError **error);

#endif
