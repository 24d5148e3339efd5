/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sextets - three bytes as four characters of base64, and back, in a row
 *
 * The plain ways are for any processor; the others take a vector of 32
 * characters at a time where there is AVX2, and give the same.
 */
#ifndef POSTLEDGER_INTAKE_SEXTETS_H
#define POSTLEDGER_INTAKE_SEXTETS_H

#include <glib.h>

/* Decodes groups of four as long as nothing but the alphabet comes, three bytes
 * each, to OUT; how many characters that were. */
gsize pl_sextets_join(const guint8 *in, gsize length, guint8 *out);
gsize pl_sextets_join_plain(const guint8 *in, gsize length, guint8 *out);
/* What one character stands for; PL_SEXTET_NONE: it is not of the alphabet. */
#define PL_SEXTET_NONE 64
guint32 pl_sextets_value(guint8 character);
/* Four characters to OUT for each three of LENGTH bytes, a multiple of three:
 * pl_base64_encode() of postledger/intake.h. */
void pl_sextets_split_plain(const guint8 *in, gsize length, char *out);

#endif
