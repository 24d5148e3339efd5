/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdf - what the files of the PDF reader share
 */
#ifndef PL_FORMATS_PDF_H
#define PL_FORMATS_PDF_H

#include "postledger/formats.h"

#include <qpdf/qpdf-c.h>

/* Why qpdf must not see these bytes (they would unpack to too much), or
 * NULL. The text is static. */
const char *pl_pdf_refuse(const guint8 *bytes, gsize length);

/* INPUT inflated, or NULL when it is no zlib data or would become longer
 * than LIMIT. What a cut-off stream still gives is returned. */
GBytes *pl_pdf_inflate(const guint8 *input, gsize length, gsize limit);

/* The embedded files of an open PDF, in the order of the file. */
void pl_pdf_list_embedded(qpdf_data pdf, GPtrArray *embedded);

#endif
