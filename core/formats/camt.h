/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * camt - what the files of the camt.053 reader share
 *
 * Paths of handlers are those under the element that the handler is for.
 */
#ifndef PL_FORMATS_CAMT_H
#define PL_FORMATS_CAMT_H

#include "xml.h"

/* How well a balance serves: a better one replaces a worse. */
enum pl_camt_rank { RANK_NONE, RANK_INTERIM, RANK_FORMER, RANK_BOOKED };

/* Which way the money went. */
enum pl_camt_side { SIDE_UNKNOWN, SIDE_CREDIT, SIDE_DEBIT };

struct pl_camt_balance {
	char *type, *amount, *date;
	enum pl_camt_side side;
};

struct pl_camt {
	struct pl_statement *statement; /* being read; owned by the facts */
	struct pl_line *line;           /* being read; owned by the statement */
	struct pl_camt_balance balance;
	char *legal_number, *from, *to;
	char *entry_currency; /* of the first line that says one */
	char *opening_date, *closing_date;
	enum pl_camt_rank opening_rank, closing_rank;
	enum pl_camt_side side; /* of the line */
	gboolean details_seen;  /* the line's first TxDtls is over */
	char *debtor, *debtor_account, *creditor, *creditor_account;
	char *structured, *information;
	GString *unstructured;
	guint lines;
};

/* The file is damaged at the element that ended just now: "Stmt/Bal/Amt" and
 * what is wrong with it. */
void pl_camt_fail(struct pl_xml *xml, const char *where, const char *what);

/* PLACE takes the amount, date or side that TEXT says, unless it has one. */
void pl_camt_amount(
    struct pl_xml *xml, const char *where, const char *text, char **place);
void pl_camt_date(
    struct pl_xml *xml, const char *where, const char *text, char **place);
void pl_camt_side(struct pl_xml *xml, const char *where, const char *text,
    enum pl_camt_side *place);
/* With the sign of SIDE. */
char *pl_camt_signed(const char *amount, enum pl_camt_side side);
/* Is the side missing where it matters? */
gboolean pl_camt_sideless(const char *amount, enum pl_camt_side side);

void pl_camt_balance_close(
    struct pl_xml *xml, const char *path, const char *text);
void pl_camt_balance_end(struct pl_xml *xml);
void pl_camt_line_close(struct pl_xml *xml, const char *path, const char *text);
void pl_camt_line_end(struct pl_xml *xml);

#endif
