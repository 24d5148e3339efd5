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
	const char *text; /* UTF-8 */
	char *owned;      /* the same where it had to be converted; the user
			   * frees it */
	gboolean ascii;
	glong characters;
};

/* Takes a line, whatever its character set; it must stay where it is. FALSE:
 * it has not 128 characters. */
gboolean pl_coda_take(
    struct pl_coda_record *record, const char *line, gsize length);

/* Whole records only. */
char pl_coda_letter(const struct pl_coda_record *record, guint position);
/* LENGTH characters at POSITION, so many *BYTES. */
const char *pl_coda_at(const struct pl_coda_record *record, guint position,
    guint length, gsize *bytes);
char *pl_coda_field(
    const struct pl_coda_record *record, guint position, guint length);
/* Is the field the ASCII text EXPECTED? */
gboolean pl_coda_is(
    const struct pl_coda_record *record, guint position, const char *expected);
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
