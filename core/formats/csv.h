/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * csv - what the files of the CSV reader share
 */
#ifndef PL_FORMATS_CSV_H
#define PL_FORMATS_CSV_H

#include "postledger/formats.h"

/* What a column of a bank's export holds. */
enum pl_csv_role {
	PL_CSV_NONE,
	PL_CSV_DATE,
	PL_CSV_AMOUNT,
	PL_CSV_DEBIT,
	PL_CSV_CREDIT,
	PL_CSV_FEE,    /* charged beside the amount */
	PL_CSV_SIGN,   /* "Af" or "Bij" beside an amount without sign */
	PL_CSV_STATUS, /* refused, pending, reverted: not booked */
	PL_CSV_ACCOUNT,
	PL_CSV_CURRENCY,
	PL_CSV_OTHER_ACCOUNT,
	PL_CSV_OTHER_NAME,
	PL_CSV_NAME,      /* of either side */
	PL_CSV_REFERENCE, /* structured communication */
	PL_CSV_TEXT,
	PL_CSV_BALANCE,        /* after the line */
	PL_CSV_BALANCE_BEFORE, /* it */
	PL_CSV_SEQUENCE,
};
#define PL_CSV_ROLES 18
#define PL_CSV_COLUMNS_MAX 64
#define PL_CSV_HEADINGS_WITHIN 20 /* records */

/* Where the columns of a file are: a role for each. */
struct pl_csv_columns {
	enum pl_csv_role role[PL_CSV_COLUMNS_MAX];
	guint count;
	enum pl_csv_dates {
		PL_CSV_DATES_GUESSED, /* day first, unless the year is */
		PL_CSV_DAY_FIRST,
		PL_CSV_MONTH_FIRST,
		PL_CSV_YEAR_FIRST,
	} dates;
	char point;       /* the decimal sign; '\0': guessed */
	char currency[4]; /* of a heading such as "Bedrag (EUR)", or "" */
};

/* Whether CELLS (char *) are the headings of a bank's export; fills COLUMNS
 * then. */
gboolean pl_csv_headings(GPtrArray *cells, struct pl_csv_columns *columns);
/* The account that CELLS name above the headings ("Account";"BE68..."), or
 * NULL. */
char *pl_csv_account_above(GPtrArray *cells);
/* Whether CELLS are a line of a bank that writes no headings; the same. */
gboolean pl_csv_bare(
    GPtrArray *cells, char delimiter, struct pl_csv_columns *columns);

/* The first cell of ROLE that is not blank, or NULL. */
const char *pl_csv_cell(const struct pl_csv_columns *columns, GPtrArray *cells,
    enum pl_csv_role role);

/* The same by the setting csv_columns, which is a list of MAPPINGS: moves *AT
 * to the first line. FALSE: none of them fits. */
gboolean pl_csv_mapped(const char *mappings, const char **at, const char *end,
    char *delimiter, struct pl_csv_columns *columns);

/* A heading as headings are compared: without case, accents, blanks, signs
 * and what stands in brackets. */
char *pl_csv_fold(const char *heading);

/* NULL: no date, no number. */
char *pl_csv_date(const struct pl_csv_columns *columns, const char *text);
char *pl_csv_money(const struct pl_csv_columns *columns, const char *text);
/* What the record does to the balance; NULL: it says none. */
char *pl_csv_amount(const struct pl_csv_columns *columns, GPtrArray *cells);
char *pl_csv_communication(
    const struct pl_csv_columns *columns, GPtrArray *cells);
void pl_csv_other_side(const struct pl_csv_columns *columns, GPtrArray *cells,
    struct pl_line *line);
/* Not refused, pending or taken back. */
gboolean pl_csv_booked(const struct pl_csv_columns *columns, GPtrArray *cells);

/* One record from *AT on: cells between DELIMITERs, quotes doubled inside
 * quotes, which may hold line breaks. Moves *AT behind it. NULL at the end. */
GPtrArray *pl_csv_record(const char **at, const char *end, char delimiter);

#endif
