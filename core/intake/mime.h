/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mime - one MIME part: what it says of itself, and its content
 */
#ifndef POSTLEDGER_INTAKE_MIME_H
#define POSTLEDGER_INTAKE_MIME_H

#include "room.h"

/* What a struct pl_seen points to. */
struct pl_mime_names {
	char *name, *media_type, *cid;
};
void pl_mime_describe(
    GMimeObject *object, struct pl_mime_names *names, struct pl_seen *seen);
void pl_mime_names_clear(struct pl_mime_names *names);
/* The decoded content; never NULL. Notes in SEEN where its base64 stands in
 * the stream. */
GByteArray *pl_mime_decode(GMimePart *part, struct pl_seen *seen);

/* The field NAME on one line, decoded, at most so many bytes of it; NULL: there
 * is none. g_free(). */
char *pl_mime_field(GMimeObject *object, const char *name, gsize most);

/* ---- unseparated: a header without an empty line behind it */

/* Does the line TEXT begin with the name of a field? */
gboolean pl_mime_is_field(const char *text, gsize length);

/* Where the content begins that GMime took for the header of OBJECT, or -1.
 * STREAM: the message. */
gint64 pl_unseparated_begin(GMimeObject *object, GMimeStream *stream);
/* Gives it to PART if that has none, up to one of the boundaries OPEN. */
void pl_unseparated_content(
    GMimePart *part, GMimeStream *stream, const struct pl_open *open);

/* One level deeper; FALSE if that is too deep. */
gboolean pl_walk_enter(struct pl_walk *walk, const char *name);
void pl_walk_leave(struct pl_walk *walk);

#endif
