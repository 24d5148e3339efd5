/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * formats - bytes ▸ facts
 *
 * One file per format. Each reader takes the whole decoded file in memory,
 * says whether it is of its format, and reads the facts. No I/O, no ledger, no
 * configuration, no global state: safe to run on hostile bytes, in a child.
 *
 * Amounts are decimal strings with a point and without plus sign ("-1234.56"),
 * as many decimals as the source has; dates are ISO 8601 ("2026-02-28"); what
 * is not known is NULL. All strings are UTF-8 and owned by their struct.
 */
#ifndef POSTLEDGER_FORMATS_H
#define POSTLEDGER_FORMATS_H

#include <glib.h>

/* What a file is, by its content. The order is that of the names. */
enum pl_format {
	PL_FORMAT_UNKNOWN, /* none of the others: ignored */
	PL_FORMAT_PDF,
	PL_FORMAT_FACTUR_X, /* PDF with an invoice XML inside */
	PL_FORMAT_UBL,
	PL_FORMAT_CII,
	PL_FORMAT_CODA,
	PL_FORMAT_CAMT053,
	PL_FORMAT_MT940,
	PL_FORMAT_OFX,
	PL_FORMAT_QIF,
	PL_FORMAT_CSV,
	PL_FORMAT_PNG,
	PL_FORMAT_JPEG,
	PL_FORMAT_TIFF,
	PL_FORMAT_XML, /* well-formed, but no invoice and no statement */
};
#define PL_FORMATS 15
const char *pl_format_name(enum pl_format format); /* "camt.053"; NULL: unknown */
enum pl_format pl_format_parse(const char *name);  /* PL_FORMAT_UNKNOWN */

/* BT-3 decides (UNTDID 1001): 381, 396, 261, 262, 83, 296, 308, 420, 458, 532
 * are credit notes. The numbers are those of enum pl_kind of the
 * configuration (kinds are the same list), which this room does not know. */
enum pl_facts_kind {
	PL_FACTS_INVOICE,
	PL_FACTS_CREDIT_NOTE,
	PL_FACTS_STATEMENT,
	PL_FACTS_OTHER,
};

struct pl_party {
	char *id;   /* BT-31/BT-48 VAT, else legal registration, else endpoint */
	char *name; /* BT-27/BT-44 */
};

/* One line of a statement. */
struct pl_line {
	char *date;   /* booking date */
	char *amount; /* signed: credit positive */
	char *counterparty_account, *counterparty_name;
	char *communication; /* free text, or "+++123/4567/89012+++" */
	char *payment_reference; /* in it: that, or "RF18..." */
	gboolean unbooked;   /* announced only: not in the balances */
};

/* One statement of one account. OFFSET and LENGTH are its bytes in the file,
 * where the file can be split; else the whole file. CODA, MT940: the parts are
 * the file; statements that share one CODA header are split, too: the first has
 * the header, the last the trailer. camt.053, OFX: they stand in a row, and
 * what is before the first and behind the last one belongs to each. */
struct pl_statement {
	char *account;  /* IBAN without blanks, else the number as it stands */
	char *currency;
	char *sequence; /* as the bank counts, no leading zeros, no page */
	char *page;     /* the second and later ones of one number */
	char *opening_balance, *closing_balance;
	char *from, *to; /* CODA, MT940: the days of the two balances */
	gsize offset, length;
	GPtrArray *lines; /* struct pl_line */
	char *problem;    /* it can be read, but does not add up; or NULL */
};

/* An attachment inside a file (PDF /EmbeddedFiles, UBL or CII base64). */
struct pl_embedded {
	char *filename, *media_type;
	GBytes *bytes;
	gboolean invoice; /* it is the invoice XML of a hybrid */
};

/* Everything known of one file. What a damaged one still says is there. Of a
 * file with one statement, date and currency are the statement's. */
struct pl_facts {
	enum pl_format format;
	enum pl_facts_kind kind;
	char *number, *date, *currency, *total, *payment_reference;
	struct pl_party seller, buyer;
	gboolean encrypted;       /* cannot be opened without a password */
	gboolean damaged;         /* of its format, but broken: see problem */
	gboolean limited;         /* damaged only as a limit left it unread */
	char *problem;            /* one sentence, where and what; of a whole
				   * file: what else is in it, and not read */
	GPtrArray *attached_names;/* char *: external references by file name */
	GPtrArray *embedded;      /* struct pl_embedded */
	GPtrArray *statements;    /* struct pl_statement */
};

struct pl_facts *pl_facts_new(void);
void pl_facts_free(struct pl_facts *facts); /* NULL is fine */
typedef struct pl_facts pl_facts;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_facts, pl_facts_free)
struct pl_statement *pl_statement_new(void);
void pl_statement_free(struct pl_statement *statement);
struct pl_line *pl_line_new(void);
void pl_line_free(struct pl_line *line);
struct pl_embedded *pl_embedded_new(void);
void pl_embedded_free(struct pl_embedded *embedded);

/*
 * What BYTES are, decided by content alone, and their facts. CSV_COLUMNS is
 * the setting of that name, for exports of other banks, or NULL. Never fails:
 * what cannot be read is PL_FORMAT_UNKNOWN, or its format with
 * `damaged` or `encrypted` and a problem. Bounded: at most 64 levels of XML;
 * a file beyond a bound is `damaged` and `limited`. Of embedded files at most
 * 64 (PDF: 1000) and 64 MB are told, the others are left out. The caller
 * frees the result.
 */
struct pl_facts *pl_facts_read(const guint8 *bytes, gsize length,
    const char *csv_columns);
/* The same without guesses: QIF and CSV, which have no signature, are
 * PL_FORMAT_UNKNOWN. For texts that most probably are no file. */
struct pl_facts *pl_facts_read_sure(const guint8 *bytes, gsize length);
/* The same without guesses: of QIF and CSV, which have no signature, it says
 * PL_FORMAT_UNKNOWN. For texts that most probably are no file. */
struct pl_facts *pl_facts_read_sure(const guint8 *bytes, gsize length);

/*
 * The words on the first pages of a PDF, to look for numbers among them, not
 * to be read: UTF-8, at most PL_PDF_WORDS bytes, "" where there are none. Only
 * of fonts that write their letters as themselves, as the standard fonts do;
 * of the others nothing, or nonsense, comes out. NULL: no PDF, or none that can
 * be opened. g_free().
 */
#define PL_PDF_WORDS 65536
char *pl_pdf_words(const guint8 *bytes, gsize length);

/* The Belgian structured communication (OGM/VCS, mod 97) in TEXT as
 * "+++123/4567/89012+++", or an ISO 11649 reference ("RF18..."), or NULL. In
 * a FIELD that is there for references twelve bare digits are one, too. */
char *pl_reference_find(const char *text);
char *pl_reference_field(const char *text);

/* ---- delivery notices ---------------------------------------------------- */

/* What a notice says of one recipient; members are NULL where it does not. */
struct pl_dsn_recipient {
	char *recipient;  /* the address, final before original */
	char *action;     /* failed delayed delivered relayed expanded */
	char *status;     /* "5.1.1" */
	char *remote;     /* name of the server that said it */
	char *diagnostic; /* its words, on one line */
	char *date;       /* of the last attempt, as written */
};
struct pl_dsn {
	char *reporting;       /* the server that made the notice */
	GPtrArray *recipients; /* struct pl_dsn_recipient */
};
typedef struct pl_dsn pl_dsn;
void pl_dsn_free(pl_dsn *dsn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_dsn, pl_dsn_free)
#define PL_DSN_RECIPIENTS 100 /* that are told of one notice */

/* BYTES of a message/delivery-status part (RFC 3464, RFC 6533). Never fails:
 * what is no such thing has no recipients. */
pl_dsn *pl_dsn_read(const guint8 *bytes, gsize length);
/*
 * A notice in words alone, UTF-8: qmail (QSBMF), Exim, Exchange and others
 * that tell people and no machine. SUBJECT and TEXT may be NULL. "failed" or
 * "delayed" only where the words leave no doubt; without either there are no
 * recipients. The diagnostic is never NULL.
 */
pl_dsn *pl_dsn_guess(const char *subject, const char *text);

#endif
