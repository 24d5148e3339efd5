/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * intake - from message to entries
 *
 * Walks the MIME tree and what is packed in it, decides what each file is by
 * its content, forms documents, and enters them in the journals that take
 * them. What a message says is foreign: everything is bounded, and one message
 * can only spoil itself.
 */
#ifndef POSTLEDGER_INTAKE_H
#define POSTLEDGER_INTAKE_H

#include "postledger/config.h"
#include "postledger/formats.h"
#include "postledger/ledger.h"

#define PL_INTAKE_ERROR (pl_intake_error_quark())
GQuark pl_intake_error_quark(void);
enum pl_intake_error {
	PL_INTAKE_READ,   /* the source could not be read: retry */
	PL_INTAKE_ABSENT, /* no file of that SHA-256 in the message */
	PL_INTAKE_CHILD,  /* the parser crashed on it: give up on it (PL-102) */
	PL_INTAKE_LIMIT,  /* it needs too much time or memory (PL-105) */
	PL_INTAKE_MBOX,   /* many messages in one file */
};

/* How many messages the mailbox (mbox) of LENGTH bytes has; 0: it is none. */
unsigned pl_intake_mbox(const char *bytes, gsize length);

/* Bytes at an offset, from the ledger or a file. -1 on error, 0 at the end. */
struct pl_source {
	void *ctx;
	guint64 size;
	gssize (*pread)(void *ctx, guint64 offset, void *buffer, gsize length,
	    GError **error);
	gint64 message; /* of the ledger, for one reader; 0: nobody says */
};

struct pl_limits {
	unsigned depth;   /* of nesting, containers of all kinds together */
	unsigned parts;   /* MIME parts and packed files of one message */
	guint64 unpacked; /* bytes of all files of one message */
	unsigned ratio;   /* unpacked : packed, of one container */
	/* the setting csv_columns, as long as the reader lives; or NULL */
	const char *csv_columns;
};
extern const struct pl_limits pl_limits_default;
/* The same, and what the configuration says of files. */
struct pl_limits pl_limits_of(const pl_config *config);

struct pl_found_problem {
	char *code, *filename, *text;
};

/* What one message (or one file) holds. */
struct pl_findings {
	gboolean message; /* FALSE: it was a document file */
	char *message_id, *subject, *from, *sender;
	gint64 date;          /* of the Date: field, 0 if none can be read */
	GPtrArray *documents; /* struct pl_document, ids 0 */
	GPtrArray *ignored;   /* struct pl_file with reason */
	GPtrArray *problems;  /* struct pl_found_problem */
};
void pl_findings_free(struct pl_findings *findings);
typedef struct pl_findings pl_findings;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_findings, pl_findings_free)

/*
 * A reader of foreign bytes: one child process for many messages, with limits
 * on memory and time and no rights. It is started when first needed and again
 * when it died.
 * With POSTLEDGER_NO_CHILD in the environment everything runs in the calling
 * process (for debugging). It forks, so use it from a process of one thread.
 */
typedef struct pl_reader pl_reader;
pl_reader *pl_reader_new(const struct pl_limits *limits);
void pl_reader_free(pl_reader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_reader, pl_reader_free)

/* While it is held no child is started: what needs a new one fails with
 * PL_INTAKE_READ. For the time in which the process has other threads. */
void pl_reader_hold(pl_reader *reader, gboolean held);

/* What SOURCE holds, with the lines of statements. NAME: the file's name, NULL
 * for a message from the ledger (which is always a message). PL_INTAKE_CHILD,
 * PL_INTAKE_LIMIT: a problem PL-102 or PL-105 for that message. */
pl_findings *pl_reader_inspect(pl_reader *reader,
    const struct pl_source *source, const char *name, GError **error);
/* The same for many, which costs less: up to PL_READER_AHEAD may be asked for
 * before the first is answered; answers come in the order of the questions.
 * SOURCE (and its ctx) stays until then. */
#define PL_READER_AHEAD 16
void pl_reader_ask(
    pl_reader *reader, const struct pl_source *source, const char *name);
pl_findings *pl_reader_answer(pl_reader *reader, GError **error);
/* The decoded content of the file with SHA256 in SOURCE, written to SINK in
 * pieces; checked against the hash before TRUE is returned. Whoever wants many
 * files of an archive should ask for them in their order: of a message of the
 * ledger those behind the one that is asked for are kept for a while. */
typedef gboolean (*pl_sink)(
    const void *bytes, gsize length, void *user, GError **error);
gboolean pl_reader_extract(pl_reader *reader, const struct pl_source *source,
    const char *sha256, pl_sink sink, void *user, GError **error);
/* The same for FILE, which the ledger may know the spot of: then nobody has to
 * parse the message again. */
gboolean pl_reader_fetch(pl_reader *reader, const struct pl_source *source,
    const struct pl_file *file, pl_sink sink, void *user, GError **error);

/* What came back to a return path; members are NULL where it does not say. */
struct pl_returned {
	gboolean machine;   /* a notice for machines, not words alone */
	gboolean automatic; /* a machine answers whatever comes (RFC 3834), or
			     * somebody has read it (RFC 8098) */
	char *subject, *from; /* cleaned as findings are */
	gint64 date;
	char *text;              /* the first words of it, on one line */
	/* of the message that came back */
	char *stamp, *contents, *message_id;
	struct pl_dsn *dsn; /* never NULL; dates are ISO 8601 */
};
void pl_returned_free(struct pl_returned *returned);
typedef struct pl_returned pl_returned;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_returned, pl_returned_free)
/* Errors as pl_reader_inspect(). */
pl_returned *pl_reader_returned(
    pl_reader *reader, const struct pl_source *source, GError **error);

/* LENGTH bytes, a multiple of three, as base64 without line ends: four
 * characters to OUT for each three of them. */
void pl_base64_encode(const guint8 *in, gsize length, char *out);

/* A source over a message of the ledger; BYTES must outlive it. */
struct pl_source pl_source_of(pl_bytes *bytes);

struct pl_indexed {
	unsigned messages, documents, entries, duplicates, problems;
};
/* Told after every few messages; NULL for none. FALSE ends it there: the next
 * call goes on. */
typedef gboolean (*pl_index_progress)(
    const struct pl_indexed *done, void *user);
/*
 * Indexes all new messages, a few in each transaction (a crash repeats at most
 * these): documents, ignored files, problems, entries with duplicates and
 * versions decided. Then lets journals take up older documents when their
 * rules changed.
 */
gboolean pl_intake_index(pl_ledger *l, const pl_config *config,
    pl_reader *reader, struct pl_indexed *done, pl_index_progress progress,
    void *user, GError **error);

/* A person brought an entry, as it was BEFORE, into state NOW: those that are
 * held together with it say so from now on. */
gboolean pl_intake_settled(
    pl_ledger *l, const pl_entry *before, enum pl_state now, GError **error);

/* Takes one file (message or document) into the ledger by hand for JOURNAL,
 * as if it had been mailed to its first address; the next index enters it. */
gboolean pl_intake_import(pl_ledger *l, const pl_config *config,
    const struct pl_journal *journal, const char *file, gint64 *message,
    GError **error);

/* Does JOURNAL accept the document (kind, file kinds, own company numbers,
 * accounts)? Of the config's journals at one address; see docs. */
gboolean pl_intake_accepts(const pl_config *config,
    const struct pl_journal *journal, const pl_document *document);

#endif
