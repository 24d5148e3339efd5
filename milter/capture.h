/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capture - one message as the MTA hands it over, on its way to the writer
 *
 * Header fields and body are stored as one stream of bytes: each field as
 * NAME ":" VALUE with its folding and leading blank, an empty line, the body.
 * All line ends are CRLF: the MTA ends header lines with LF for filters and
 * body lines with CRLF, and only one of the two can be the stored form. The
 * body's bytes are not touched.
 *
 * Never holds more than PL_CHUNK bytes. Errors stick: the callbacks only
 * collect, and pl_capture_store() tells once.
 */
#ifndef MILTER_CAPTURE_H
#define MILTER_CAPTURE_H

#include "writer.h"

typedef struct pl_capture pl_capture;

/* LIMIT: bytes from which on it is too large, 0: none. */
pl_capture *pl_capture_new(pl_writer *writer, guint64 limit);
/* What was handed over and not stored is dropped. NULL is fine. */
void pl_capture_free(pl_capture *capture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_capture, pl_capture_free)

/* VALUE with its leading blank if the MTA shows it (WITH_BLANK). */
void pl_capture_header(
    pl_capture *c, const char *name, const char *value, gboolean with_blank);
void pl_capture_eoh(pl_capture *c);
void pl_capture_body(pl_capture *c, const void *bytes, gsize length);
/* No more than MOST bytes are kept; the rest is let go. */
void pl_capture_keep(pl_capture *c, guint64 most);
/* Only the header is of interest: forget all, collect no more. */
void pl_capture_stop(pl_capture *c);

gboolean pl_capture_too_large(const pl_capture *c);
guint64 pl_capture_size(const pl_capture *c);
/* Of the header fields seen, without blanks around, or NULL. */
const char *pl_capture_message_id(const pl_capture *c);
/* NULL also when there is more than one. */
const char *pl_capture_stamp(const pl_capture *c);
const char *pl_capture_contents(const pl_capture *c);

/* Once, at end of message. Fills arrival, size, Message-ID and digests of
 * MESSAGE, whose other facts are the caller's. */
enum pl_outcome pl_capture_store(
    pl_capture *c, pl_message *message, const char *journals);

#endif
