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

/* One level deeper; FALSE if that is too deep. */
gboolean pl_walk_enter(struct pl_walk *walk, const char *name);
void pl_walk_leave(struct pl_walk *walk);

#endif
