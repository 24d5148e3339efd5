/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * values - text as it stands in a file ▸ text as facts have it
 *
 * Every function returns a new string, or NULL when there is nothing usable.
 */
#ifndef PL_FORMATS_VALUES_H
#define PL_FORMATS_VALUES_H

#include "postledger/formats.h"

/* Without blanks around. */
char *pl_value_trim(const char *text);
/* The same, and one space for each run of blanks inside. */
char *pl_value_words(const char *text);
/* "+1 234.50" ▸ "1234.50". POINT is the decimal sign; the other of '.' and
 * ',', blanks and apostrophes may group digits. NULL: no number. */
char *pl_value_amount(const char *text, char point);
/* The number of an XML file (xs:decimal): a comma makes it none. */
char *pl_value_decimal(const char *text);
/* An amount whose decimal sign is not known: "-1.234,50", "1,000.00 EUR",
 * "12,50-". A single comma before three digits groups them. */
char *pl_value_guess_amount(const char *text);
/* A - B of two amounts as pl_value_amount returns them; NULL where one is
 * NULL or too long. */
char *pl_value_subtract(const char *a, const char *b);
/* DIGITS with so many DECIMALS ("000000000080000", 3 ▸ "80.000"), made
 * negative where NEGATIVE; zeros at the end stay only up to two decimals. */
char *pl_value_fixed(
    const char *digits, gsize length, guint decimals, gboolean negative);
/* A calendar date that exists, as "2026-02-28". */
char *pl_value_date(guint year, guint month, guint day);
/* "2026-02-28", also with a time or a zone behind it. */
char *pl_value_iso_date(const char *text);
/* UNTDID 2379: "20260228" in format 102, and its relatives. */
char *pl_value_edifact_date(const char *text, const char *format);
/* "0012" ▸ "12", "0000" ▸ "0". */
char *pl_value_number(const char *text);
/* An IBAN without blanks and in capitals, else the number as it stands. */
char *pl_value_account(const char *text);
/* All of it ASCII, and no control characters? */
gboolean pl_value_plain(const char *text, gsize length);
/* TEXT of LENGTH in UTF-8, or else in the Windows character set. Control
 * characters become blanks. */
char *pl_value_utf8(const char *text, gsize length);
/* Adds the last part of a path or address to NAMES, at most 64 of them and
 * none twice; does nothing without one. */
void pl_value_file_names(GPtrArray *names, const char *reference);
/* What a document type code (UNTDID 1001) means. NULL is an invoice. */
enum pl_facts_kind pl_value_kind(const char *code);

/* The file is damaged; the first problem stands. Foreign text in it may be
 * any bytes. */
void pl_value_damage(struct pl_facts *facts, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/* The same of a file that is left unread because of a limit. */
void pl_value_limited(struct pl_facts *facts, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/* The payment reference in *TEXT (may be NULL), or NULL. Where *TEXT is
 * nothing else, it is written usually from then on. */
char *pl_reference_take(char **text);

/* Fills *PLACE with VALUE unless it is filled already; frees VALUE then. */
void pl_value_first(char **place, char *value);
/* Widens the statement's period to DATE (may be NULL). */
void pl_value_period(struct pl_statement *statement, const char *date);

#endif
