/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codarecord - a line of a CODA file: 128 characters with fields
 *
 * Positions are counted from 1, as in the standard.
 */
#ifndef PL_FORMATS_CODARECORD_H
#define PL_FORMATS_CODARECORD_H

#include <glib.h>

#define PL_CODA_LENGTH 128

struct pl_coda_record {
	char *text; /* UTF-8; the user frees it */
	gboolean ascii;
	glong characters;
};

/* Takes a line, whatever its character set; FALSE: it has not 128
 * characters. */
gboolean pl_coda_take(
    struct pl_coda_record *record, const char *line, gsize length);

/* Whole records only. */
char pl_coda_letter(const struct pl_coda_record *record, guint position);
char *pl_coda_field(
    const struct pl_coda_record *record, guint position, guint length);
/* Without blanks around it; NULL: only blanks. */
char *pl_coda_trimmed(
    const struct pl_coda_record *record, guint position, guint length);

/* DDMMYY. NULL with *BAD: it is none; without: zeros or blanks. */
char *pl_coda_date(
    const struct pl_coda_record *record, guint position, gboolean *bad);
/* Fifteen digits, three of them decimals, at POSITION; NULL: they are none. */
char *pl_coda_amount(
    const struct pl_coda_record *record, guint position, gboolean negative);

#endif
