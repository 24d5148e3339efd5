/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * readers - one call per format
 *
 * Each says whether the bytes are of its format; TRUE fills the facts,
 * `format` and `kind` among them, and FALSE leaves them untouched.
 */
#ifndef PL_FORMATS_READERS_H
#define PL_FORMATS_READERS_H

#include "postledger/formats.h"

/* More than any bank puts into a file. What goes beyond is damage: a file of
 * nothing but statements or lines would take forty times its own memory. */
#define PL_STATEMENTS_MAX 10000
#define PL_LINES_MAX 500000
#define PL_TEXT_LINES_MAX 3000000

gboolean pl_image_read(
    const guint8 *bytes, gsize length, struct pl_facts *facts);
gboolean pl_pdf_read(const guint8 *bytes, gsize length, struct pl_facts *facts);
gboolean pl_coda_read(
    const guint8 *bytes, gsize length, struct pl_facts *facts);
gboolean pl_mt940_read(
    const guint8 *bytes, gsize length, struct pl_facts *facts);
gboolean pl_ofx_read(const guint8 *bytes, gsize length, struct pl_facts *facts);
gboolean pl_qif_read(const guint8 *bytes, gsize length, struct pl_facts *facts);
/* MAPPINGS: those of the configuration (csvmapping.c), may be NULL. */
gboolean pl_csv_read(const guint8 *bytes, gsize length, const char *mappings,
    struct pl_facts *facts);

/* After the reader of a file of LENGTH: where each statement stands, whether
 * it adds up, and what a damaged file says all the same. */
void pl_statements_finish(struct pl_facts *facts, gsize length);

#endif
