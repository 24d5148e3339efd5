/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run - index, plan, send, report: one pass over the due journals
 */
#ifndef POSTLEDGER_RUN_H
#define POSTLEDGER_RUN_H

#include "postledger/config.h"
#include "postledger/intake.h"
#include "postledger/ledger.h"

#define PL_RUN_ERROR (pl_run_error_quark())
GQuark pl_run_error_quark(void);
enum pl_run_error {
	PL_RUN_BUSY,        /* another run is at it (EX_TEMPFAIL) */
	PL_RUN_UNAVAILABLE, /* the MTA does not answer (EX_UNAVAILABLE) */
	PL_RUN_SMTP,        /* it answers nonsense */
	PL_RUN_COMPOSE,     /* this batch cannot be made: give up on it */
	PL_RUN_TOO_LARGE,   /* the e-mail would be larger than allowed */
	PL_RUN_SPOOL,       /* no place to compose it: again later (EX_IOERR) */
	PL_RUN_FOLDER,      /* its folder cannot be written: again later */
};

/* ---- plan: pure ------------------------------------------------------- */

/* Why an entry does not leave now; in order of precedence, first that applies.
 * PL_REASON_NONE: it leaves. */
enum pl_reason {
	PL_REASON_NONE,
	PL_REASON_DISABLED,     /* journal switched off */
	PL_REASON_ARCHIVED,
	PL_REASON_HELD,         /* by a person or a code */
	PL_REASON_NOT_ACCEPTED, /* rules changed: kind or file kind */
	PL_REASON_START_DATE,   /* dated before it: never, unless it moves */
	PL_REASON_DELAY,        /* until a date */
	PL_REASON_GAP,          /* statement sequence */
	PL_REASON_UNFINISHED,   /* a statement's period has not ended */
	PL_REASON_WINDOW,       /* until a time */
	PL_REASON_SCHEDULE,     /* until a time */
	PL_REASON_CAP,          /* e-mails of this run used up */
	PL_REASON_TOO_LARGE,    /* never fits max_mail_size: PL-104 */
	PL_REASON_SHARED,       /* its file cannot be parted, and not all of it
				 * may leave: PL-206 */
};
#define PL_REASONS 14
const char *pl_reason_name(enum pl_reason reason); /* "start-date" */

struct pl_decision {
	const pl_entry *entry;
	enum pl_reason reason;
	gint64 until;   /* when it may leave; 0: unknown or never by itself */
	unsigned mail;  /* of this run and journal, from 1; 0: does not leave */
	/* statements */
	gint64 behind;    /* entry that keeps it back, 0: none */
	const char *code; /* PL-201 or PL-202: it has a gap before it */
	char *note;       /* the words on it; of the array of decisions */
	gboolean closed;  /* it was held for a gap that is none any more */
};

/* What a journal's plan is made of. */
struct pl_plan_input {
	const struct pl_journal *journal;
	GTimeZone *timezone;
	gint64 now;
	gboolean force;        /* --now: ignore schedule and window */
	gint64 served;         /* last time it was served, 0: never */
	gboolean activating;   /* see design: past documents leave at once */
	gint64 activated;
	unsigned mails_used;   /* of the cap: batches resumed in this run */
	guint64 max_size;      /* journal's and MTA's limit, whichever is less */
	gboolean singly;       /* files that can be parted are */
	GPtrArray *entries;    /* pl_entry: waiting and held, oldest first,
				* statements of an account in its order */
	GHashTable *links;     /* entry id ▸ struct pl_linked: see
				* core/run/chain.h; NULL: none */
	GHashTable *shares;    /* entry id ▸ struct pl_share: see
				* core/run/share.h; NULL: none. The entries of
				* a file stand beside each other */
	gboolean (*accepts)(const pl_entry *entry, void *user); /* NULL: all */
	void *accepts_user;
};
/* struct pl_decision, one for each entry, in its order. Pure: looks at nothing
 * but its argument. Free with g_array_unref(). */
GArray *pl_plan(const struct pl_plan_input *input);
/* An empty one with room for N decisions, which owns their notes. */
GArray *pl_plan_decisions(guint n);
/* Is the journal due now (a slot since `served`, or activating, or forced)? */
gboolean pl_plan_due(const struct pl_plan_input *input);
/* The next time after NOW at which the journal is served (slot inside a
 * window), 0 if disabled; NOW's next run for a journal without slots: NOW. */
gint64 pl_plan_next(const struct pl_plan_input *input);
/* Bytes of SIZE bytes in base64 with line ends, an upper limit. */
guint64 pl_plan_encoded(guint64 size);

/* ---- run -------------------------------------------------------------- */

struct pl_run_options {
	const char *const *journals; /* NULL-terminated; NULL: all */
	gboolean now, dry_run, no_report;
	unsigned wait;    /* seconds for another run to end */
	gint64 clock;     /* 0: the real one; tests only */
	void (*progress)(const char *step, unsigned done, unsigned of,
	    void *user); /* NULL: none */
	void (*decided)(const struct pl_journal *journal, const GArray *plan,
	    void *user); /* each journal's decisions, NULL: none */
	void *user;
};
struct pl_run_result {
	gint64 run;           /* 0: nothing was due, no run */
	unsigned messages, documents; /* indexed now */
	unsigned mails, sent; /* e-mails the MTA took, documents in them */
	unsigned written;     /* of the e-mails: batches written to folders */
	unsigned deferred, refused; /* e-mails */
	unsigned problems;    /* new ones */
	unsigned unindexed;   /* dry run: messages that nobody looked at yet */
	unsigned reports;     /* handed over */
	unsigned reports_left; /* those that were not: the next run again */
	char reply[160];      /* the MTA's last one that was no consent */
	char folder[240];     /* why a folder could not be written, or "" */
	gboolean mta_failed;  /* it did not answer: exit code EX_TEMPFAIL */
	gboolean interrupted; /* SIGINT or SIGTERM: the rest is for the next */
};
/* TRUE also when e-mails were refused or deferred (see RESULT). BUSY: another
 * run is at it, the message names it. SIGINT and SIGTERM end it soon and
 * without loss; for a dry run a ledger opened for reading is enough. */
gboolean pl_run_once(pl_ledger *l, const pl_config *config,
    const pl_secret *secret, const struct pl_run_options *options,
    struct pl_run_result *result, GError **error);

/* The decisions on all that waits in one journal at CLOCK, as a run would
 * take them: for status and --dry-run. ENTRIES owns the entries. */
GArray *pl_run_decide(pl_ledger *l, const pl_config *config,
    const struct pl_journal *journal, gint64 clock, gboolean now,
    GPtrArray **entries, struct pl_plan_input *input, GError **error);

/* ---- parts of files ----------------------------------------------------- */

/* The bytes of a statement in a file that it shares with others: [OFFSET,
 * OFFSET + LENGTH), with the first HEAD bytes before them, and behind them
 * those from TAIL on (0: none). LENGTH 0: the whole file. */
struct pl_part {
	guint64 offset, length, head, tail;
};
/* What the DOCUMENTS of a message, all of them, have of its files. */
typedef struct pl_shares pl_shares;
pl_shares *pl_shares_new(const GPtrArray *documents);
void pl_shares_free(pl_shares *shares); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_shares, pl_shares_free)
/* That of DOCUMENT, one of them. WHOLE: the statements of the file are of one
 * account. */
struct pl_part pl_run_part(const pl_shares *shares,
    const pl_document *document, gboolean *whole);
/* Takes the next bytes; an error of its own ends the file. */
typedef gboolean (*pl_put)(
    void *to, const void *bytes, gsize length, GError **error);
/* Of the LENGTH BYTES at AT of a file that comes by, PUT gets those of PART.
 * FALSE: it failed, with its ERROR. */
gboolean pl_part_put(const struct pl_part *part, guint64 at, const void *bytes,
    gsize length, pl_put put, void *to, GError **error);

/* ---- names in folders -------------------------------------------------- */

/* The name for FILE of DOCUMENT (one of its files): that which it came with,
 * made safe for any folder, with account and number where the document is a
 * part of a shared file. g_free(). */
char *pl_run_file_name(
    const pl_document *document, const struct pl_file *file);
/* Foreign TEXT (may be NULL) as one name of a folder: no path, nothing hidden
 * or reserved, bounded; "" where nothing is left. g_free(). */
char *pl_run_folder_name(const char *text);

/* ---- accounts: who is silent ------------------------------------------ */

/* How often statements of an account come, learnt from their dates. */
enum pl_rhythm_kind {
	PL_RHYTHM_UNKNOWN,   /* too few of them */
	PL_RHYTHM_IRREGULAR, /* when something moves: silence says nothing */
	PL_RHYTHM_DAILY,     /* on most banking days */
	PL_RHYTHM_PERIODIC,
};
/* Days are Julian days. */
struct pl_rhythm {
	enum pl_rhythm_kind kind;
	unsigned days;    /* from one statement to the next, usually; 0: none */
	guint32 last;     /* date of the newest statement, 0: there is none */
	guint32 expected; /* the next was to be there on this day, 0: unknown */
	unsigned patience; /* banking days after that until it is silent */
	gboolean silent;  /* it is overdue beyond doubt */
};
/* "daily", "weekly", "monthly", "every 14 days", "irregular", "too few
 * statements to tell". g_free(). */
char *pl_rhythm_words(const struct pl_rhythm *rhythm);

/* An account in a journal that takes it, by its newest statement. */
struct pl_account {
	const struct pl_journal *journal;
	struct pl_statement_row *newest;
	struct pl_rhythm rhythm; /* never silent in a journal that is off, or
				  * where it goes on in another */
	gboolean told;           /* PL-204 was told of its present silence */
};
void pl_account_free(struct pl_account *account);
/* struct pl_account, in the order of the file and of the accounts, at CLOCK
 * (0: now). */
GPtrArray *pl_run_accounts(
    pl_ledger *l, const pl_config *config, gint64 clock, GError **error);
/* The same for who only asks which are silent: the rhythm of those that spoke a
 * moment ago is not looked for. */
GPtrArray *pl_run_silence(
    pl_ledger *l, const pl_config *config, gint64 clock, GError **error);
/* "2026-11-30" of a Julian day, "" for 0. g_free(). */
char *pl_run_day(guint32 julian);

/* Days until the day in `expires` of the journal, -1 and less: it is over.
 * FALSE: it never expires. */
gboolean pl_run_expiry(const struct pl_journal *journal, GTimeZone *timezone,
    gint64 clock, int *days);
/* Reminders are due from so many days before it on. */
#define PL_REMIND_FIRST 30

/* ---- the MTA ---------------------------------------------------------- */

/* What it announced, and whether it takes SENDER and RECIPIENT (no message is
 * sent: RSET, QUIT). For check and for the size limit of a plan. SENDER NULL:
 * EHLO only. REPLY (g_free()) is the line that refused, or the greeting. */
struct pl_mta {
	guint64 size;  /* EHLO SIZE, 0: none announced */
	gboolean dsn;
	gboolean accepts;
	char *reply;
};
gboolean pl_mta_probe(const char *submission, const char *sender,
    const char *recipient, struct pl_mta *mta, GError **error);
/* Submits a small test message now, outside the ledger; REPLY is the answer. */
gboolean pl_mta_test(const char *submission, const char *sender,
    const char *from, const char *recipient, char **reply, GError **error);

/* Writes a test file into the folder of a journal and removes it; its PATH
 * (g_free()) is set in any case. */
gboolean pl_folder_try(const char *deliver_to, char **path, GError **error);

/* Names of the places at which POSTLEDGER_CRASH=NAME[:N] kills a run, in the
 * order in which it passes them; ends with NULL. */
const char *const *pl_crash_names(void);

#endif
