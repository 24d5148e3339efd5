/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdf - what the files of the PDF reader share
 */
#ifndef PL_FORMATS_PDF_H
#define PL_FORMATS_PDF_H

#include "postledger/formats.h"

#include <qpdf/qpdf-c.h>

/* The length of BYTES up to their end mark, if nothing else is behind it. */
gsize pl_pdf_length(const guint8 *bytes, gsize length);
/* Whole, not encrypted, and without files inside: there is nothing to ask qpdf
 * about. FALSE says nothing of the file. */
gboolean pl_pdf_is_plain(const guint8 *bytes, gsize length);
/* Whole and not encrypted, as far as its table of objects, catalog and pages
 * say, which are in streams. FALSE says nothing of the file. */
gboolean pl_pdf_is_streamed(const guint8 *bytes, gsize length);
/* What qpdf has to say. */
void pl_pdf_ask(const guint8 *bytes, gsize length, struct pl_facts *facts);
/* What is known of a PDF before qpdf sees it. */
struct pl_pdf_look {
	const char *refused; /* why qpdf must not see it: it would take too much
			      * memory or time; static. NULL: it may */
	gboolean recover;    /* it may search the file for objects if its table
			      * of them is broken */
	guint files; /* no more dictionaries of files are in it than that */
};
void pl_pdf_look(const guint8 *bytes, gsize length, struct pl_pdf_look *look);
#define PL_PDF_MANY G_MAXUINT /* files: not known */

/* INPUT inflated, or NULL when it is no zlib data or would become longer
 * than LIMIT, which *BEYOND then says. What a cut-off stream still gives is
 * returned. */
GBytes *pl_pdf_inflate(
    const guint8 *input, gsize length, gsize limit, gboolean *beyond);
/* The same; NULL of what is cut off or broken, too. */
GBytes *pl_pdf_inflate_whole(const guint8 *input, gsize length, gsize limit);
/* The length it would have, counted up to a little over LIMIT (0 for what is
 * no zlib data), and what is in it: tokens, and names /EF, some of them twice.
 * ZLIB is a z_stream ready for inflate. */
gsize pl_pdf_inflated_length(gpointer zlib, const guint8 *input, gsize length,
    gsize limit, guint *tokens, guint *files);
/* About how many objects qpdf makes of a text: numbers, names, brackets. */
guint pl_pdf_tokens(const guint8 *text, gsize length);
/* The names in a text that begin as /EF does, however they are written. */
guint pl_pdf_files(const guint8 *text, gsize length);

/* What the filters ASCIIHexDecode and ASCII85Decode make of TEXT, up to
 * something that is none of it. NULL: longer than LIMIT. */
GBytes *pl_pdf_from_hex(const guint8 *text, gsize length);
GBytes *pl_pdf_from_base85(const guint8 *text, gsize length, gsize limit);

/* An instance of qpdf that says nothing by itself. */
qpdf_data pl_pdf_new(void);

/* Bytes that may still be kept, and unpacked, also in vain. */
struct pl_pdf_room {
	gsize bytes, work;
	gboolean beyond; /* something was longer */
};
/* The unpacked content of a stream, or NULL where it is longer than there is
 * room for or cannot be read. The caller takes it off `bytes`. */
GBytes *pl_pdf_content(qpdf_data pdf, qpdf_oh stream, struct pl_pdf_room *room);

/* The embedded files of an open PDF, in the order of the file, but for those
 * that cannot be read or are beyond a limit. FILES: so many may be in it.
 * FALSE: unpacked they are longer than is allowed. */
gboolean pl_pdf_list_embedded(
    qpdf_data pdf, guint files, GPtrArray *embedded);

#endif
