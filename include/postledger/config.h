/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config - file ▸ checked, constant configuration; addresses; keyed addresses
 *
 * A configuration is read once, checked whole and never changed: threads share
 * it by reference. Every setting stands in one table (core/config/settings.c);
 * the manual page and the sample file are checked against it.
 *
 * Times of day are minutes since midnight, dates are GLib Julian days
 * (g_date_get_julian()), sizes are bytes. Strings are UTF-8, never NULL unless
 * it says so; an unset optional string is "".
 */
#ifndef POSTLEDGER_CONFIG_H
#define POSTLEDGER_CONFIG_H

#include <gio/gio.h>

#define PL_CONFIG_DEFAULT_FILE "/etc/postledger/postledger.conf"

/* Errors of this room. All mean: a person must change something (EX_CONFIG),
 * but PL_CONFIG_UNREADABLE (EX_NOINPUT) where the file itself is missing. */
#define PL_CONFIG_ERROR (pl_config_error_quark())
GQuark pl_config_error_quark(void);
enum pl_config_error {
	PL_CONFIG_UNREADABLE, /* no such file, or no right to read it */
	PL_CONFIG_INVALID,    /* "FILE:LINE: [section] key: what is allowed" */
	PL_CONFIG_SECRET,     /* secret file missing, too open or too short */
	PL_CONFIG_USER,       /* `user` does not exist or cannot be become */
};

enum pl_report_when {
	PL_REPORT_ALWAYS,
	PL_REPORT_ACTIVITY,
	PL_REPORT_PROBLEMS,
	PL_REPORT_NEVER,
};

/* Kinds of documents; also the bits of pl_journal.accept (1 << kind). */
enum pl_kind {
	PL_KIND_INVOICE,
	PL_KIND_CREDIT_NOTE,
	PL_KIND_STATEMENT,
	PL_KIND_OTHER,
};
#define PL_KINDS 4
/* Further bits of pl_journal.accept: of the kinds, only documents that the
 * journal's company issued, or received. */
enum {
	PL_ACCEPT_SALE = 1 << PL_KINDS,
	PL_ACCEPT_PURCHASE = 2 << PL_KINDS,
};
#define PL_ACCEPT_DIRECTIONS (PL_ACCEPT_SALE | PL_ACCEPT_PURCHASE)

/* File kinds of the key `formats`; bits of pl_journal.formats. */
enum {
	PL_FILES_PDF = 1,
	PL_FILES_XML = 2,
	PL_FILES_IMAGE = 4,
	PL_FILES_STATEMENT = 8,
};

/* Who may feed a journal. Empty senders: any sender. */
struct pl_access {
	const GPtrArray *networks; /* GInetAddressMask */
	gboolean authenticated;
	const GPtrArray *senders; /* char *: address or *@domain */
	gboolean reject;          /* FALSE: let the message pass uncaptured */
};

/* One slot rule of `schedule`. */
struct pl_slot {
	gboolean every;    /* TRUE: every `minutes`, counted from midnight */
	unsigned minutes;  /* else: daily at this minute of the day */
};

/* How a bank numbers the statements of an account. */
enum pl_numbering {
	PL_NUMBERING_AUTO,   /* by one, may restart each year, and as learnt */
	PL_NUMBERING_STRICT, /* by one, never restarts */
	PL_NUMBERING_YEARLY, /* by one, may restart each year */
	PL_NUMBERING_NONE,   /* its numbers say nothing */
};
struct pl_account_numbering {
	const char *account; /* normalised; NULL: all that are not listed */
	enum pl_numbering numbering;
};

/* One `window`; a window over midnight has to < from. */
struct pl_window {
	unsigned from, to; /* [from, to) */
};

struct pl_gateway {
	const char *socket; /* as libmilter takes it */
	unsigned socket_mode;
	const char *user;
	const char *ledger;     /* sqlite:/path */
	const char *messages;   /* folder of the monthly files */
	const char *submission; /* smtp://host:port */
	const char *secret_file;
	GTimeZone *timezone;
	const char *timezone_name;
	char delimiter; /* recipient_delimiter, '\0' for none */
	enum pl_report_when report_when;
	guint64 max_message_size; /* 0: the MTA's own limit */
	unsigned retention_days;
	const char *csv_columns; /* layouts of CSV files; NULL: none */
	/* defaults of the journals, and of what belongs to no journal */
	const char *sender;
	const char *report_to; /* addresses, comma separated; "" = none */
	gboolean return_path_fixed;
	const GPtrArray *company_ids; /* char *, as pl_id_normalise() has it */
	struct pl_access access;
};

struct pl_journal {
	const char *name;
	gboolean enabled;
	const GPtrArray *addresses; /* char *, as written */
	const char *deliver_to; /* an e-mail address, or see pl_folder_is() */
	unsigned accept;           /* bits 1 << enum pl_kind, PL_ACCEPT_* */
	unsigned formats;          /* bits PL_FILES_* */
	const GPtrArray *accounts; /* char *, no blanks, upper case */
	const GPtrArray *numbering; /* struct pl_account_numbering; NULL: auto */
	unsigned documents_per_mail;
	gboolean zip;
	unsigned delay_days;
	guint32 start_date; /* Julian day, 0: no limit */
	guint32 expires;    /* Julian day, 0: never */
	unsigned max_mails_per_run;
	guint64 max_mail_size; /* 0: none (a folder) */
	const struct pl_slot *slots;
	unsigned n_slots; /* 0: every run is a slot */
	const struct pl_window *windows;
	unsigned n_windows; /* 0: always open */
	gboolean send_amended, send_gap;
	const char *subject; /* "" = the default text */
	/* the gateway's, or overridden */
	const char *sender, *report_to;
	gboolean return_path_fixed;
	const GPtrArray *company_ids;
	struct pl_access access;
};

typedef struct pl_config pl_config;

/* Reads and checks FILE. All errors found are in one message, a line each.
 * The caller owns a reference; threads may share it. */
pl_config *pl_config_read(const char *file, GError **error);
pl_config *pl_config_ref(pl_config *config);
void pl_config_unref(pl_config *config); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_config, pl_config_unref)

/* What was read; all of it lives as long as the configuration. */
const char *pl_config_file(const pl_config *config);
const char *pl_config_text(const pl_config *config);   /* the file as it was */
const char *pl_config_digest(const pl_config *config); /* its SHA-256, hex */
const struct pl_gateway *pl_config_gateway(const pl_config *config);
unsigned pl_config_journals(const pl_config *config);
/* In the order of the file. */
const struct pl_journal *pl_config_journal(const pl_config *c, unsigned i);
/* NULL if there is none of that name. */
const struct pl_journal *pl_config_find(const pl_config *c, const char *name);

/*
 * The journals (const struct pl_journal *) that take mail for ADDRESS, or NULL
 * if it is no intake address. ADDRESS is as the MTA hands it over: `<a@b>` or
 * `a@b`. Compared as Postfix does: case folded, first with and then without
 * the +extension, then *@domain. Constant time, no allocation kept; the array
 * belongs to the configuration. Disabled journals are in it: they capture.
 */
const GPtrArray *pl_config_match(const pl_config *config, const char *address);

/* The address as it is compared and stored for look-ups: without <> and
 * source route, unquoted where quotes are not needed, lower case. g_free(). */
char *pl_address_normalise(const char *address);
/* Does PATTERN (address or *@domain) match the normalised ADDRESS, with the
 * recipient delimiter DELIMITER ('\0' for none)? */
gboolean pl_address_matches(
    const char *pattern, const char *address, char delimiter);

/* May this client feed a journal with ACCESS? CLIENT is an IP address, NULL or
 * "" for mail submitted locally (sendmail), which counts as 127.0.0.1;
 * AUTH is the authenticated user or NULL; SENDER as the MTA hands it over. */
gboolean pl_access_allows(const struct pl_access *access, const char *client,
    const char *auth, const char *sender);

/*
 * deliver_to = dir:/srv/coda/%{account}/%{year}: a folder, of which all before
 * the first component with a placeholder is fixed. It has neither empty
 * components nor a slash at its end.
 */
#define PL_FOLDER "dir:"
/* Where files wait until they get their names, in the fixed folder. */
#define PL_FOLDER_WORKPLACE ".postledger"
enum pl_folder_word {
	PL_FOLDER_ACCOUNT, /* of a statement */
	PL_FOLDER_YEAR,    /* of the document's date: 2026 */
	PL_FOLDER_MONTH,   /* 02 */
	PL_FOLDER_DATE,    /* 2026-02-28 */
	PL_FOLDER_JOURNAL, /* its name */
	PL_FOLDER_KIND,    /* pl_kind_name() */
	PL_FOLDER_NUMBER,  /* of the invoice or statement */
	PL_FOLDER_SELLER,  /* name, else number */
};
#define PL_FOLDER_WORDS 8
gboolean pl_folder_is(const char *deliver_to);
/* "/srv/coda"; g_free(). */
char *pl_folder_fixed(const char *deliver_to);
/* The next piece of a template at *REST, which moves behind it: a word, or
 * (word -1) literal text. FALSE: nothing is left. */
struct pl_folder_piece {
	const char *text;
	gsize length;
	int word;
};
gboolean pl_folder_next(const char **rest, struct pl_folder_piece *piece);

const char *pl_kind_name(enum pl_kind kind); /* "credit-note" */
/* FALSE if NAME is no kind. */
gboolean pl_kind_parse(const char *name, enum pl_kind *kind);

/* A VAT or company number as it is compared: its ASCII letters and digits,
 * upper case ("BE 0123.456.789" ▸ "BE0123456789"). g_free(). */
char *pl_id_normalise(const char *id);
/* Are they the same company? With or without the country, the scheme before a
 * colon ("0208:0123456789") or what stands beside the number ("MVA"). */
gboolean pl_id_same_company(const char *a, const char *b);

/* Every setting, for the check of manual page and sample file: section
 * ("gateway" or "journal"), key, default as text, what is allowed. */
struct pl_setting_info {
	const char *section, *key, *fallback, *allowed;
};
const struct pl_setting_info *pl_config_settings(unsigned *n);

/* As root: become `user` with its groups, for ever. Otherwise do nothing. */
gboolean pl_config_become(const pl_config *config, GError **error);

/*
 * Keyed texts. The secret is read once (at least 16 bytes, readable by the
 * owner alone) and never printed; where the file is absent it is made from 32
 * random bytes, mode 0600, by whichever program comes first.
 */
typedef struct pl_secret pl_secret;
pl_secret *pl_secret_read(const char *file, GError **error);
void pl_secret_free(pl_secret *secret);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_secret, pl_secret_free)

#define PL_MAC_LENGTH 16 /* base32 characters, lower case: 80 bits */
/* HMAC-SHA-256 over the parts, each with its length, cut to PL_MAC_LENGTH
 * characters. PARTS ends with NULL. */
void pl_secret_mac(const pl_secret *secret, const char *const *parts,
    char mac[PL_MAC_LENGTH + 1]);

/* A keyed address `user+v.ID.NUMBER.MAC@domain` (verb v: 'b' for a batch). */
struct pl_keyed {
	char verb;
	gint64 id;
	unsigned number; /* the attempt */
};
/* SENDER is the plain address. The result is g_free()d. */
char *pl_keyed_format(const pl_secret *secret, const char *sender,
    char delimiter, const struct pl_keyed *keyed);
/* FALSE if ADDRESS (with or without <>, any case) is not of SENDER's keyed
 * form or its MAC is wrong. */
gboolean pl_keyed_parse(const pl_secret *secret, const char *sender,
    char delimiter, const char *address, struct pl_keyed *keyed);

/* The value of X-Postledger-Batch, and its check: MAC over batch, attempt,
 * Message-ID and recipient. */
struct pl_stamp {
	gint64 batch;
	unsigned attempt;
	const char *journal;
	unsigned documents;
};
#define PL_STAMP_HEADER "X-Postledger-Batch"
char *pl_stamp_format(const pl_secret *secret, const struct pl_stamp *stamp,
    const char *message_id, const char *recipient);
/* MESSAGE_ID with <>; RECIPIENT as received. Fills batch and attempt only. */
gboolean pl_stamp_parse(const pl_secret *secret, const char *value,
    const char *message_id, const char *recipient, struct pl_stamp *stamp);

/* The value of X-Postledger-Contents, and its check: what a batch carries, for
 * a ledger that was put back from a backup and does not know it. MAC over all
 * of it and the Message-ID. */
#define PL_CARRIED_KEY 16
struct pl_carried {
	gint64 entry;
	char key[PL_CARRIED_KEY + 1]; /* of its document; "-": has none */
};
struct pl_contents {
	gint64 batch;
	char *journal;
	unsigned documents;
	GArray *carried; /* struct pl_carried, the first of them */
};
#define PL_CONTENTS_HEADER "X-Postledger-Contents"
/* Folded, below 16 KB: what does not fit is only counted. g_free(). */
char *pl_contents_format(const pl_secret *secret,
    const struct pl_contents *contents, const char *message_id);
/* NULL if it is not of this Message-ID (with <>) or was changed. */
struct pl_contents *pl_contents_parse(
    const pl_secret *secret, const char *value, const char *message_id);
void pl_contents_free(struct pl_contents *contents);
typedef struct pl_contents pl_contents;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_contents, pl_contents_free)

/* SHA-256 (FIPS 180-4), as bytes and in lower-case hexadecimal. */
#define PL_SHA256 32
#define PL_SHA256_HEX 64
void pl_sha256(const void *bytes, gsize length, guint8 sum[PL_SHA256]);
void pl_sha256_hex(
    const void *bytes, gsize length, char hex[PL_SHA256_HEX + 1]);
/* Of what comes piece by piece: libcrypto's EVP_MD_CTX. */
typedef struct evp_md_ctx_st pl_digest;
pl_digest *pl_digest_new(void);
void pl_digest_free(pl_digest *digest); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_digest, pl_digest_free)
void pl_digest_add(pl_digest *digest, const void *bytes, gsize length);
/* Of all that was added since it was made, or since the last end. */
void pl_digest_end(pl_digest *digest, char hex[PL_SHA256_HEX + 1]);
/* The same, and goes on. */
void pl_digest_so_far(const pl_digest *digest, char hex[PL_SHA256_HEX + 1]);

/*
 * Log lines: syslog facility mail, and stderr with pl_log_open(..., TRUE); one
 * event a line: "QUEUEID: EVENT key=value key=<value> ...". QUEUE_ID may be
 * NULL. Pairs of key and value end with NULL; a NULL value leaves its pair
 * out. Values are foreign text: control characters and quotes are escaped,
 * and it is cut at 200 characters; one with a blank is quoted.
 */
void pl_log_open(const char *program, gboolean also_stderr);
void pl_log(int priority, const char *queue_id, const char *event, ...)
    G_GNUC_NULL_TERMINATED;

#endif
