/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger - the only SQL of the project
 *
 * Messages (their bytes apart from their facts), documents, entries, batches
 * with their attempts, runs, reports, problems, and the events: one
 * append-only hash chain to which every change of state adds one line, in the
 * same transaction.
 *
 * A handle belongs to one thread. Times are microseconds since the epoch, UTC
 * (g_get_real_time()); dates ISO 8601 strings; identifiers are positive
 * integers that are never used again; sizes are bytes. Rows come back as
 * structs that own their strings; g_autoptr frees them. A NULL string is SQL
 * NULL. Unless it says so, a call that changes something is a transaction of
 * its own, durable when it returns TRUE; between pl_ledger_begin() and
 * pl_ledger_commit() it takes part in that one. There, CONFLICT and ABSENT
 * have changed nothing and the transaction may go on; any other error has
 * undone all of it: every further change and the commit fail with that error,
 * and after pl_ledger_rollback() or the failed commit the handle is as new.
 */
#ifndef POSTLEDGER_LEDGER_H
#define POSTLEDGER_LEDGER_H

#include <glib.h>

#define PL_LEDGER_ERROR (pl_ledger_error_quark())
GQuark pl_ledger_error_quark(void);
/* What the caller may do next. */
enum pl_ledger_error {
	PL_LEDGER_RETRY,    /* busy: again later */
	PL_LEDGER_FULL,     /* no space: again when somebody made room */
	PL_LEDGER_READONLY, /* not writable: a person must act */
	PL_LEDGER_ABSENT,   /* no such file, row */
	PL_LEDGER_DAMAGED,  /* no ledger, or broken: a person must act */
	PL_LEDGER_NEWER,    /* written by a newer version: upgrade */
	PL_LEDGER_CONFLICT, /* the state does not allow it (any more) */
	PL_LEDGER_FAILED,   /* anything else: I/O error */
};
/* Takes FAILED. Is it CONFLICT, since somebody was faster? Otherwise it goes on
 * to ERROR. */
gboolean pl_ledger_conflict(GError *failed, GError **error);

typedef struct pl_ledger pl_ledger;

enum pl_ledger_use {
	PL_LEDGER_READ,  /* nothing is changed, nothing is created */
	PL_LEDGER_WRITE, /* created when absent, migrated when old */
	PL_LEDGER_AUDIT, /* as READ, also when the end of the event chain does
			  * not fit: for pl_event_verify() to say so */
};

/* URL is "sqlite:/path"; MESSAGES the folder of the monthly files (NULL:
 * "messages" beside the ledger). Checks header, version and the end of the
 * event chain; creates files 0600, folders 0700. Messages of errors name the
 * file and what to do. */
pl_ledger *pl_ledger_open(const char *url, const char *messages,
    enum pl_ledger_use use, GError **error);
/* Another handle on the same, for reading a little of it in another thread. */
pl_ledger *pl_ledger_beside(const pl_ledger *ledger, GError **error);
void pl_ledger_close(pl_ledger *ledger); /* NULL is fine; rolls back */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_ledger, pl_ledger_close)

/* WHO stands in every event written by this handle ("postledgerd", "uid=0
 * root", "uid=0 root sudo=anna"), REASON too (NULL for none). Until it is
 * called, "uid=N" and no reason. */
void pl_ledger_set_actor(pl_ledger *l, const char *who, const char *reason);

/* Not nested. Waits up to ten seconds for another writer (RETRY). */
gboolean pl_ledger_begin(pl_ledger *ledger, GError **error);
/* For what the message bytes tell of, too (see pl_bytes_seal()): the commit
 * does not wait for the disk. A power cut may take it back, and the next
 * pl_bytes_sweep() does it again. */
gboolean pl_ledger_begin_told(pl_ledger *ledger, GError **error);
gboolean pl_ledger_commit(pl_ledger *ledger, GError **error);
void pl_ledger_rollback(pl_ledger *ledger); /* outside of one: nothing */
/* Commits what was DONE, or undoes all of it; returns whether it holds. */
gboolean pl_ledger_end(pl_ledger *ledger, gboolean done, GError **error);

/* All that is read until the thaw is of one moment, and costs no lock for each
 * question. Nothing can be written by this handle meanwhile. Not for long: the
 * log of what others write grows. */
gboolean pl_ledger_freeze(pl_ledger *ledger, GError **error);
void pl_ledger_thaw(pl_ledger *ledger); /* not frozen: nothing */

/* Structure and cross references of the whole ledger; DAMAGED names what. */
gboolean pl_ledger_check(pl_ledger *ledger, GError **error);
/* Reads every stored message and compares it with the hashes that were taken
 * as it came in; DAMAGED names it. BYTES gets how much was read. Takes as long
 * as reading everything does. */
gboolean pl_ledger_check_bytes(
    pl_ledger *ledger, guint64 *bytes, GError **error);
/* Bytes free where facts and message bytes lie (the smaller). 0 on error. */
guint64 pl_ledger_space(pl_ledger *ledger);
/* What the daemon leaves of it, so that runs, reports and messages under way
 * have room: a sixteenth of the disk, at most 64 MB. */
guint64 pl_ledger_reserve(pl_ledger *ledger);
/* Gives back what the log of undone work still holds of it, outside of a
 * transaction (what is open is left alone). */
void pl_ledger_shrink(pl_ledger *ledger);

/*
 * One daemon, one run, one import at a time: NAME is "daemon", "run" or
 * "import". Waits at most SECONDS. HOLDER (may be NULL, g_free()) gets
 * "pid 4711 since 07:00:03" of the owner when the lock is taken (error
 * CONFLICT). Given back by closing the handle or by the end of the process and
 * of those it forked: a child must close what it inherits (close_range()).
 */
gboolean pl_ledger_lock(pl_ledger *ledger, const char *name, unsigned seconds,
    char **holder, GError **error);
/* Words that the holder of the lock NAME leaves for others, each call in place
 * of the last, from any thread; FALSE if they cannot be left. And the words of
 * the present or last holder, g_free(), NULL for none. The daemon leaves
 * "config=DIGEST". */
gboolean pl_ledger_note(const char *url, const char *name, const char *words);
char *pl_ledger_noted(const char *url, const char *name);

/* ---- backup ----------------------------------------------------------- */

struct pl_backup {
	guint64 bytes;   /* written */
	unsigned months; /* monthly files copied */
	unsigned kept;   /* whose copy was there, unchanged */
};
/* Writes a consistent copy of facts and message bytes into FOLDER (made, 0700)
 * while everything runs: ledger.db and messages/, as they lie in the original.
 * A handle for reading is enough. CONFLICT: FOLDER has another ledger. */
gboolean pl_ledger_backup(pl_ledger *l, const char *folder,
    struct pl_backup *done, GError **error);
/* When the backup was made that was put in the ledger's place, until it was
 * told; 0: none. What was sent since then is not in the ledger. Opening it for
 * writing wrote the event "restored" and let all numbers go on higher. */
gint64 pl_ledger_restored(pl_ledger *l);
/* The last message that it has; later ones came after it was put back. By the
 * number, since the clock may have been wrong. */
gint64 pl_ledger_restored_message(pl_ledger *l);
gboolean pl_ledger_restored_told(pl_ledger *l, GError **error);

/* ---- message bytes --------------------------------------------------- */

/* Where the bytes of a message are. */
struct pl_bytes_id {
	char store[16]; /* the monthly file: "2026-11", "2026-11-import" */
	gint64 row;     /* its place there; while it comes in a negative number */
	guint64 size;
	unsigned chunks;
};
#define PL_CHUNK 262144 /* all pieces have this size but the last */

/*
 * Writing, from the daemon's one writer or an import. Nothing of this is
 * durable, or has to do with readers, before pl_bytes_sync(). SOURCE is
 * "milter" or "import", each with monthly files of its own, so that they never
 * wait for each other. pl_bytes_sweep() removes what is unsealed, or sealed
 * without a message, of that source: at start, by the holder of its lock
 * ("daemon", "import"), when nobody writes. Before, messages that were sealed
 * with what is told of them, and whose facts are missing, get them.
 */
gboolean pl_bytes_create(pl_ledger *l, const char *source, gint64 arrived,
    struct pl_bytes_id *id, GError **error);
/* Exactly PL_CHUNK bytes but for the last call. Keeps size and chunks. */
gboolean pl_bytes_append(pl_ledger *l, struct pl_bytes_id *id,
    const void *bytes, gsize length, GError **error);
/* Nothing is added any more; sets the row. TOLD (may be NULL): what is known of
 * it, as for pl_message_add(), but for its bytes. */
struct pl_message;
gboolean pl_bytes_seal(pl_ledger *l, struct pl_bytes_id *id,
    const struct pl_message *told, const char *journals, GError **error);
/* It will not be stored, whether sealed or not. */
void pl_bytes_drop(pl_ledger *l, const struct pl_bytes_id *id);
/* Nobody knows whether its facts were stored: the next sweep looks. */
void pl_bytes_leave(pl_ledger *l, const struct pl_bytes_id *id);
/* Has the disk begin with what was written, and does not wait for it. */
void pl_bytes_start(pl_ledger *l);
/* All that was written becomes durable together, or (FALSE) none of it: then
 * every message begun or added to since the last sync is lost to the store
 * (sealing it fails). */
gboolean pl_bytes_sync(pl_ledger *l, GError **error);
/* Forgets all since the last sync, with the same loss. */
void pl_bytes_rollback(pl_ledger *l);
/* Notes once in a while, in the facts, how much of the files is settled: all
 * that was sealed before the last group is in the facts, dropped, or left. In
 * the caller's transaction. */
gboolean pl_bytes_note(pl_ledger *l, GError **error);
gboolean pl_bytes_sweep(pl_ledger *l, const char *source, GError **error);

/* Reading at any offset. LEDGER must outlive it. -1 on error, 0 at the end.
 * No lock is held between two calls. ABSENT: the bytes are not there, or not
 * any more (see retention), as the message says. */
typedef struct pl_bytes pl_bytes;
pl_bytes *pl_bytes_open(pl_ledger *l, gint64 message, GError **error);
guint64 pl_bytes_size(const pl_bytes *bytes);
gint64 pl_bytes_message(const pl_bytes *bytes);
gssize pl_bytes_pread(pl_bytes *bytes, guint64 offset, void *buffer,
    gsize length, GError **error);
void pl_bytes_close(pl_bytes *bytes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_bytes, pl_bytes_close)

/* ---- retention -------------------------------------------------------- */

struct pl_pruned {
	unsigned messages; /* whose bytes were dropped */
	guint64 bytes;     /* of them */
	unsigned months;   /* files that were removed as a whole */
	gboolean more;     /* it was ended early: the next call goes on */
};
/* Asked between two steps, a few a second or more; FALSE ends the call. */
typedef gboolean (*pl_prune_func)(const struct pl_pruned *done, void *user);
/* Drops the bytes of all messages that arrived, and in which everything was
 * settled (sent, archived, duplicate, superseded), before BEFORE; their facts
 * and events stay. Many short transactions of its own, while everybody else
 * works; a month in which nothing is kept is removed as a file, unless it is
 * being written: then by a later call. Events "pruned" and "removed". Does
 * nothing while a backup is made. Not within a transaction. */
gboolean pl_ledger_prune(pl_ledger *l, gint64 before, pl_prune_func goes_on,
    void *user, struct pl_pruned *done, GError **error);

/* ---- messages -------------------------------------------------------- */

struct pl_message {
	gint64 id;
	gint64 arrived;
	struct pl_bytes_id bytes;
	char *origin; /* "milter" | "import" */
	char *queue_id, *sender, *client_addr, *client_name, *helo;
	char *auth_user, *tls;
	char *message_id;  /* with <>, as in the header */
	char *header_sha256, *body_sha256; /* hex: header with the empty line */
	GPtrArray *recipients; /* char *: the intake ones, as received */
	gboolean again; /* one with its Message-ID and body came before */
	/* known after indexing */
	gboolean indexed;
	char *subject, *from, *date; /* UTF-8; date ISO in the time zone */
	gint64 same_as; /* the earlier one of which it is a copy, or 0 */
	/* it came to the return path of this batch, see "returns"; 0: not */
	gint64 return_batch;
	unsigned return_attempt;
	gint64 pruned; /* when its bytes were dropped (retention); 0: kept */
};
struct pl_message *pl_message_new(void);
void pl_message_free(struct pl_message *message);
typedef struct pl_message pl_message;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_message, pl_message_free)

/* Stores the facts of a message whose bytes are sealed; they must be synced
 * before the commit (CONFLICT). Sets id (0: a returned one of which there are
 * enough already: it is not stored).
 * Writes the event "captured". JOURNALS: names, comma separated, for the
 * event. Sender, recipients and Message-ID are kept byte for byte; in other
 * texts, here and everywhere, what is not UTF-8 is replaced. */
gboolean pl_message_add(pl_ledger *l, struct pl_message *message,
    const char *journals, GError **error);
pl_message *pl_message_get(pl_ledger *l, gint64 id, GError **error);
/* Identifiers (gint64) of messages not yet indexed behind AFTER (0: of all),
 * oldest first, at most LIMIT. */
GArray *pl_message_unindexed(
    pl_ledger *l, gint64 after, unsigned limit, GError **error);
/* The earliest message before this one (id 0: of all) with the same Message-ID
 * and body that went to the same normalised intake address, or 0; 0 also for a
 * message without Message-ID. */
gint64 pl_message_same(pl_ledger *l, const pl_message *message,
    const char *address);
/* Marks as indexed, with subject, from, date, same_as. Part of the caller's
 * transaction, with the documents, and before they get entries. */
gboolean pl_message_indexed(pl_ledger *l, const pl_message *m, GError **e);
/* Messages for PATTERN with a document that has no entry in JOURNAL and with
 * their bytes, with an id above AFTER, oldest first, at most LIMIT: for a
 * journal that takes up what came before it. PATTERN is a normalised address,
 * "*@domain", or "local+*@domain": that address with any +extension (or another
 * delimiter). May also find others: compare with pl_config_match(). */
GArray *pl_message_untaken(pl_ledger *l, const char *pattern,
    const char *journal, gint64 after, unsigned limit, GError **error);

/* ---- documents ------------------------------------------------------- */

struct pl_file {
	gint64 id;
	char *filename, *media_type, *format; /* format: NULL when ignored */
	guint64 size;
	char *sha256; /* hex, of the decoded content */
	char *reason; /* why ignored; NULL: part of a document */
	/* the base64 that it was decoded from, in the bytes of the message; a
	 * hint that its hash has to confirm. 0,0: it lies elsewhere */
	guint64 spot, spot_length;
};
struct pl_file *pl_file_new(void);
void pl_file_free(struct pl_file *file);

struct pl_document {
	gint64 id, message;
	int kind; /* enum pl_kind */
	char *number, *date, *seller_id, *seller_name, *buyer_id, *buyer_name;
	char *currency, *total, *payment_reference;
	/* statements */
	char *account, *sequence, *opening_balance, *closing_balance;
	char *from, *to;
	char *page;    /* of a statement that came in several; or NULL */
	char *problem; /* its lines do not add up: how; or NULL */
	unsigned lines;
	guint64 offset, length; /* its bytes in a shared file; 0,0: all */
	GPtrArray *files;       /* struct pl_file, the main one first */
	/* struct pl_line of the formats, where the message was just read for
	 * them (fewer than `lines` when there are too many); the ledger does
	 * not keep them: NULL */
	GPtrArray *transactions;
};
struct pl_document *pl_document_new(void);
void pl_document_free(struct pl_document *document);
typedef struct pl_document pl_document;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_document, pl_document_free)
/* PL_FILES_* of a file's format, 0 for none; the bits of a document's files. */
unsigned pl_file_kind(const char *format);
unsigned pl_document_formats(const pl_document *document);

/* Adds the document and its files; sets ids. */
gboolean pl_document_add(pl_ledger *l, pl_document *document, GError **error);
/* Adds a file of MESSAGE that is in no document, with its reason. */
gboolean pl_document_ignore(pl_ledger *l, gint64 message, struct pl_file *file,
    GError **error);
pl_document *pl_document_get(pl_ledger *l, gint64 id, GError **error);
/* struct pl_document of a message / struct pl_file that were ignored. */
GPtrArray *pl_document_of(pl_ledger *l, gint64 message, GError **error);
GPtrArray *pl_document_ignored(pl_ledger *l, gint64 message, GError **error);

/* ---- entries --------------------------------------------------------- */

enum pl_state {
	PL_WAITING,    /* the plan decides when */
	PL_HELD,       /* by a rule (code) or a person, until released */
	PL_ARCHIVED,   /* never to be sent */
	PL_SENDING,    /* in a batch that is not finished */
	PL_SENT,
	PL_DUPLICATE,  /* of `original` */
	PL_SUPERSEDED, /* by `original` */
};
#define PL_STATES 7
const char *pl_state_name(enum pl_state state); /* "waiting" */
gboolean pl_state_parse(const char *name, enum pl_state *state);

/* An entry with what list, plan and report need of its document, message and
 * batch. */
struct pl_entry {
	gint64 id, document, message, batch; /* batch 0: none */
	char *journal;
	enum pl_state state;
	char *code;     /* "PL-110" why it is held, or NULL */
	char *note;     /* words to the code: what was expected, what came */
	gint64 original;/* entry it is a duplicate of / superseded by, or 0 */
	gboolean released; /* a person let it go: gaps and amendments pass */
	gint64 changed; /* time of the last change of state */
	/* document */
	int kind;
	char *number, *doc_date; /* doc_date: NULL, then msg_date counts */
	char *seller_id, *seller_name, *buyer_id, *currency, *total;
	char *account, *sequence;
	char *filename; /* of the main file */
	unsigned formats; /* bits PL_FILES_* of its files */
	guint64 size;   /* of its files together */
	guint64 offset, length; /* its bytes in a shared file; 0,0: all */
	/* message */
	gint64 arrived;
	char *msg_date, *sender, *from, *subject, *auth_user, *client_addr;
	char *message_id;
	/* batch */
	char *batch_name; /* "212.2" or NULL */
	gint64 sent;      /* time, 0: not */
	/* document: its main file, and a statement's balances */
	char *format, *opening, *closing;
};
void pl_entry_free(struct pl_entry *entry);
typedef struct pl_entry pl_entry;
pl_entry *pl_entry_copy(const pl_entry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_entry, pl_entry_free)

/* Makes the entry of DOCUMENT in JOURNAL; sets id; event "entered". CODE,
 * NOTE, ORIGINAL as the state asks (any but sending and sent). CONFLICT: there
 * is one already. Here and below: CONFLICT, too, where it would wait or be held
 * and the bytes of its message were dropped. */
gboolean pl_entry_add(pl_ledger *l, gint64 document, const char *journal,
    enum pl_state state, const char *code, const char *note, gint64 original,
    gint64 *id, GError **error);
/* Changes the state of an entry that is in FROM (CONFLICT otherwise); event
 * with the name of the new state. Code, note and original are replaced. Into
 * and out of "sending", and into "sent", only batches lead (CONFLICT). */
gboolean pl_entry_change(pl_ledger *l, gint64 id, enum pl_state from,
    enum pl_state to, const char *code, const char *note, gint64 original,
    GError **error);
/* A person lets it go: held (or a duplicate, or superseded) ▸ waiting, with
 * `released` set. */
gboolean pl_entry_release(pl_ledger *l, gint64 id, GError **error);
/* Sent ▸ waiting, released, on purpose; a person only. Event "resend". */
gboolean pl_entry_resend(pl_ledger *l, gint64 id, GError **error);
pl_entry *pl_entry_get(pl_ledger *l, gint64 id, GError **error);

/* Filter of pl_entry_each(); unset members do not filter. */
struct pl_entry_filter {
	const char *journal;
	const char *states;   /* e.g. "wh" - see PL_STATE_LETTERS; NULL: all */
	gint64 since, until;  /* arrived in [since, until) */
	gint64 document, message;
	gint64 batch;         /* is or was in it */
	gint64 run;           /* its present state was told by no report, or by
	                       * that of this run (PL_RUN_NONE: by no report) */
	unsigned limit;
};
#define PL_STATE_LETTERS "whagsdu" /* one a state, in its order (g: sending) */
#define PL_RUN_NONE (-1)
/* Calls EACH per entry, in order of arrival and id, until it returns FALSE.
 * The entry is only lent. EACH must not write to the ledger. */
typedef gboolean (*pl_entry_func)(const pl_entry *entry, void *user);
gboolean pl_entry_each(pl_ledger *l, const struct pl_entry_filter *filter,
    pl_entry_func each, void *user, GError **error);
/* pl_entry in the same order, to be kept; frees them. */
GPtrArray *pl_entry_list(
    pl_ledger *l, const struct pl_entry_filter *filter, GError **error);

/* ---- the same again ---- */

/* By what two documents are the same. */
enum pl_same {
	PL_SAME_FILE,     /* the file that speaks for it; all, without facts */
	PL_SAME_PART,     /* a file that came along with another's file */
	PL_SAME_FACTS,    /* issuer, number and kind; account, day, balances */
	PL_SAME_SEQUENCE, /* statements: format, account, day and number */
};
/* The document's key, NULL where it does not say enough. g_free(). */
char *pl_document_key(const pl_document *document, enum pl_same same);
/* The key that a document of FILE alone would have. */
char *pl_file_key(const struct pl_file *file);
/* "100.0" and "+100.00", or neither known; "Acme S.A." and "ACME SA". */
gboolean pl_amount_same(const char *a, const char *b);
gboolean pl_name_same(const char *a, const char *b);
/* A hint that costs little: much is soon to be added. In a large ledger that was
 * not used for a while the places of it are read from the disk together. */
void pl_ledger_ahead(pl_ledger *l);
/* A hint that costs little: the document is soon to be entered, and where its
 * keys are in a large ledger may be read from the disk meanwhile. The second is
 * for when one was entered, in the order in which they were announced, and for
 * when ALL were. */
void pl_document_ahead(pl_ledger *l, const pl_document *document);
void pl_document_arrived(pl_ledger *l, gboolean all);
/* Calls EACH for what stands in JOURNAL under KEY until it returns FALSE: what
 * is open (waiting, held), or GONE (being sent, sent, archived). Files oldest
 * first, facts newest first. The cost is that of the calls. */
gboolean pl_entry_same(pl_ledger *l, const char *journal, enum pl_same same,
    const char *key, gboolean gone, pl_entry_func each, void *user,
    GError **error);
/* The entry of the document of MESSAGE with this file, whatever its state;
 * none or one struct pl_entry. */
GPtrArray *pl_entry_of_message(pl_ledger *l, const char *journal,
    gint64 message, const char *file_key, GError **error);
/* Those that name ORIGINAL, newest first. */
GPtrArray *pl_entry_naming(
    pl_ledger *l, gint64 original, unsigned limit, GError **error);
/* Waiting or held ones of the same envelope sender (for PL-112). */
GPtrArray *pl_entry_from_sender(pl_ledger *l, const char *journal,
    const char *sender, GError **error);
/* Does JOURNAL have an entry for DOCUMENT? */
gboolean pl_entry_exists(pl_ledger *l, gint64 document, const char *journal);

/* ---- bank statements: chains of accounts ------------------------------ */

/* An entry of a statement that names its account, as a link of the chain that
 * its account and currency have in one journal. */
struct pl_statement_row {
	gint64 entry;
	gint64 batch, original; /* with pl_statement_open() only */
	enum pl_state state;
	char *code;
	gboolean released;
	gint64 arrived, sent; /* sent 0: not */
	char *chain;    /* account as it is compared, blank, currency */
	char *day;      /* end of its period, else its date; ISO, never NULL */
	char *account, *currency, *sequence, *opening, *closing, *from;
	char *format; /* of its main file: "coda" */
	gboolean hole; /* older ones of the chain were left out before it */
	char *learnt; /* with pl_statement_newest() only: pl_statement_learn() */
};
void pl_statement_row_free(struct pl_statement_row *row);
/* As accounts are compared: pl_id_normalise(), and a Belgian number of twelve
 * digits becomes its IBAN. g_free(). */
char *pl_statement_account(const char *account);
/* The chain of an account and a currency (NULL: not known). g_free(). */
char *pl_statement_chain(const char *account, const char *currency);
/* Those of JOURNAL that wait, are held or are in an unfinished e-mail, by
 * chain and day. All arrays hold struct pl_statement_row. */
GPtrArray *pl_statement_open(pl_ledger *l, const char *journal, GError **error);
/* Adds those of CHAIN alone to such an array. */
gboolean pl_statement_open_of(pl_ledger *l, const char *journal,
    const char *chain, GPtrArray *rows, GError **error);
/* Those of CHAIN that are settled (sent, archived) around each of DAYS (char *,
 * ascending, each once), by day and entry; a bounded number for each. */
GPtrArray *pl_statement_around(pl_ledger *l, const char *journal,
    const char *chain, const GPtrArray *days, GError **error);
/* Of each chain of JOURNAL the newest by its day (and number), in whatever
 * state but duplicate or superseded. */
GPtrArray *pl_statement_newest(
    pl_ledger *l, const char *journal, GError **error);
/* WORDS on the past of the account, for whoever needs them later: they are kept
 * with its newest statement (of pl_statement_newest()), until another statement
 * of the account counts, or one no longer does. */
gboolean pl_statement_learn(pl_ledger *l, const char *journal,
    const struct pl_statement_row *newest, const char *words, GError **error);
/* Of CHAIN the newest LIMIT, newest first: for the rhythm of an account. */
struct pl_statement_day {
	gint64 entry, arrived;
	char day[11]; /* ISO, cut */
};
GArray *pl_statement_days(pl_ledger *l, const char *journal,
    const char *chain, unsigned limit, GError **error);
/* An account whose statements no journal took (PL-203), and none does yet. */
struct pl_statement_stray {
	char *account, *currency; /* as in its newest one */
	char *day;                /* of that one; NULL: not known */
	guint64 statements;
};
void pl_statement_stray_free(struct pl_statement_stray *stray);
/* By account. */
GPtrArray *pl_statement_strays(pl_ledger *l, GError **error);
/* Code and words of an entry held under a code are replaced; event "noted".
 * Reports do not tell it anew. CONFLICT: it is not held under a code. */
gboolean pl_statement_note(pl_ledger *l, gint64 entry, const char *code,
    const char *words, GError **error);

/* ---- journals' own state --------------------------------------------- */

struct pl_standing {
	char *journal;
	gboolean enabled;    /* as last seen */
	char *start_date;    /* as last seen; NULL: none */
	char *rules;         /* digest of addresses, accept, formats, accounts */
	gint64 activated;    /* first seen enabled, enabled again, new date */
	gboolean activating; /* the activation still has to be served */
	gint64 served;       /* last slot (or run without slots) served */
	char *expires;       /* as last seen; NULL: never */
	int reminded;        /* of `expires`: days before, of the last reminder;
			      * 0: none yet, -1: that it is over was told */
};
void pl_standing_free(struct pl_standing *standing);
typedef struct pl_standing pl_standing;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_standing, pl_standing_free)
/* NULL without error: never seen. */
pl_standing *pl_standing_get(pl_ledger *l, const char *journal, GError **e);
/* Inserts or replaces; WHAT is the event ("activated", "disabled",
 * "start-date", "rules"), NULL for none. */
gboolean pl_standing_put(pl_ledger *l, const pl_standing *standing,
    const char *what, GError **error);

/* ---- batches and attempts -------------------------------------------- */

enum pl_batch_state {
	PL_BATCH_PLANNED,    /* no attempt yet, or the last one failed (4xx) */
	PL_BATCH_SUBMITTING, /* an attempt is under way */
	PL_BATCH_SENT,
	PL_BATCH_REFUSED,    /* 5xx: its entries are held, PL-301 */
	PL_BATCH_BOUNCED,    /* PL-302 */
	PL_BATCH_CANCELLED,  /* given up before it was offered */
};
const char *pl_batch_state_name(enum pl_batch_state state);

enum pl_attempt_state {
	PL_ATTEMPT_SUBMITTING, /* committed before the first byte */
	PL_ATTEMPT_OFFERED,    /* passed our milter; the MTA may have it */
	PL_ATTEMPT_SENT,       /* 250 */
	PL_ATTEMPT_DEFERRED,   /* 4xx */
	PL_ATTEMPT_REFUSED,    /* 5xx */
	PL_ATTEMPT_FENCED,     /* a later one replaced it before it was offered */
	PL_ATTEMPT_UNKNOWN,    /* no answer after the final dot */
};
const char *pl_attempt_state_name(enum pl_attempt_state state);

struct pl_batch {
	gint64 id;
	gint64 run;        /* that planned it */
	gint64 report;     /* it carries this report, else 0 */
	char *journal;     /* "" for a report */
	char *message_id;  /* fixed, with <> */
	char *deliver_to, *sender; /* comma separated / plain From: address */
	enum pl_batch_state state;
	gboolean zip;
	char *zip_name;
	unsigned documents;
	gint64 created, finished;
	/* the last attempt */
	unsigned attempt;  /* 0: none */
	enum pl_attempt_state attempt_state;
	gint64 offered;    /* when it passed our milter; 0: not */
	char *queue_id;    /* as noted by the daemon when offered */
	char *reply;       /* the MTA's whole reply line(s) */
	char *mta_id;      /* queue id from the reply */
	guint64 size;      /* as sent */
	gboolean maybe_twice; /* PL-303: an offered attempt without answer */
	gint64 forward; /* a report that passes on this message, else 0 */
	gint64 adopted; /* when it turned out that it has a history that is not
			 * in this ledger, see pl_batch_adopt(); 0: never */
};
struct pl_batch *pl_batch_new(void);
void pl_batch_free(struct pl_batch *batch);
typedef struct pl_batch pl_batch;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_batch, pl_batch_free)

/* Commits the intention: batch, order of its entries (waiting ▸ sending;
 * CONFLICT if one does not wait). Sets id, created, documents, and message_id
 * ("<b.ID.LEDGER-RANDOM@domain of sender>", never the same again, not even
 * after a restored backup) unless it is set. N may be 0 for a report, whose
 * row (batch.report) then names this batch. */
gboolean pl_batch_plan(pl_ledger *l, pl_batch *batch, const gint64 *entries,
    unsigned n, GError **error);
pl_batch *pl_batch_get(pl_ledger *l, gint64 id, GError **error);
/* Batches that are planned or submitting, oldest first. */
GPtrArray *pl_batch_unfinished(pl_ledger *l, GError **error);
/* gint64: the numbers of its entries in the fixed order. */
GArray *pl_batch_entry_ids(pl_ledger *l, gint64 batch, GError **error);
/* struct pl_entry in the fixed order. */
GPtrArray *pl_batch_entries(pl_ledger *l, gint64 batch, GError **error);

/* Fencing: commits the next attempt number, and only if the present attempt
 * is not at large, see pl_batch_at_large(); else CONFLICT, and the run must
 * look for proof. FORCE: the present one has no answer and no proof was
 * found; the batch is marked maybe_twice. A finished batch: CONFLICT. */
gboolean pl_batch_attempt(pl_ledger *l, gint64 batch, gboolean force,
    unsigned *attempt, GError **error);

enum pl_offer {
	PL_OFFER_PASS,    /* now offered: let it through untouched (again, too:
	                   * nothing proves that the first one was queued) */
	PL_OFFER_STALE,   /* a later attempt exists, or this one was answered, or
	                   * the batch is finished: drop */
	PL_OFFER_UNKNOWN, /* no such batch, or attempt, here */
	PL_OFFER_ADOPTED, /* it was taken in and passes: pl_batch_adopt() */
};
/* The daemon's compare-and-set at end of message. FALSE: could not be
 * decided, answer 4xx. */
gboolean pl_batch_offer(pl_ledger *l, gint64 batch, unsigned attempt,
    const char *queue_id, enum pl_offer *offer, GError **error);

/*
 * After a restore from a backup: an e-mail that this ledger made and does not
 * know (any more) came by, or something came back to it. Its batch and attempt
 * become offered, as they may have been; those of its documents that wait or
 * are held ▸ sending; those that have no entry are remembered. Event "adopted",
 * problem PL-507. OFFER: ADOPTED; STALE, when all of its documents were sent
 * again since; UNKNOWN, when it is none of this ledger's.
 */
struct pl_passing {
	gint64 batch;
	unsigned attempt;
	const char *queue_id; /* NULL: it came back */
	const char *message_id, *deliver_to, *sender;
	const struct pl_contents *contents; /* what it carries */
	gboolean forged; /* see pl_batch_forged() */
};
gboolean pl_batch_adopt(pl_ledger *l, const struct pl_passing *passing,
    enum pl_offer *offer, GError **error);
/* Something came by with the return path of BATCH that is not that batch:
 * told once of each. Event "forged", problem PL-308. */
gboolean pl_batch_forged(
    pl_ledger *l, gint64 batch, const char *queue_id, GError **error);
/* Once more, after what was in the way of its documents was cleared away. */
gboolean pl_batch_claim(pl_ledger *l, gint64 batch, GError **error);
/* Ends an adopted batch of which nobody knows whether it was sent: its entries
 * ▸ held PL-507 with WORDS. It may still be adopted, or proven, again. */
gboolean pl_batch_doubt(
    pl_ledger *l, gint64 batch, const char *words, GError **error);
/* A new entry, which waits: had an adopted batch carried the same document
 * (KEY, PL_SAME_FILE) to this journal, before it had an entry, it takes its
 * place there: sending or sent with it; held, where that came back (PL-302) or
 * nobody knows (PL-507). */
gboolean pl_batch_join(pl_ledger *l, gint64 entry, const char *journal,
    const char *key, GError **error);

/* The MTA's answer to ATTEMPT, if it still is the current one and has no
 * definite answer yet (CONFLICT otherwise). SENT: entries ▸ sent. REFUSED:
 * entries ▸ held PL-301 with the reply as note. DEFERRED: batch ▸ planned.
 * UNKNOWN: stays submitting, and the attempt may still be offered. REPLY,
 * MTA_ID may be NULL. */
gboolean pl_batch_answer(pl_ledger *l, gint64 batch, unsigned attempt,
    enum pl_attempt_state answer, const char *reply, const char *mta_id,
    guint64 size, GError **error);
/* The newest attempt of BATCH that the MTA may have taken without our knowing,
 * 0: certainly none. Of those without answer: one that was offered; and one
 * that was not, unless e-mails go by the daemon on their way out, which the
 * last e-mail sent before it proves. */
gboolean pl_batch_at_large(
    pl_ledger *l, gint64 batch, unsigned *attempt, GError **error);
/* A file of a batch that goes into folders (deliver_to dir:...), under its
 * final name. */
struct pl_written {
	gint64 entry; /* 0: of several */
	char *path;
	guint64 size;
};
struct pl_written *pl_written_new(gint64 entry, const char *path, guint64 size);
void pl_written_free(struct pl_written *written);
/* Commits the intention: replaces the files of an unfinished batch. Event
 * "writing" with the paths, the first hundred of them. */
gboolean pl_batch_write(pl_ledger *l, gint64 batch, const GPtrArray *files,
    GError **error);
/* struct pl_written of BATCH in their order. */
GPtrArray *pl_batch_written(pl_ledger *l, gint64 batch, GError **error);
/* char *: the paths under which ENTRY was written, or may have been. */
GPtrArray *pl_entry_written(pl_ledger *l, gint64 entry, GError **error);
/* Gives up an unfinished batch of which no attempt is at large (CONFLICT):
 * entries ▸ waiting. */
gboolean pl_batch_cancel(pl_ledger *l, gint64 batch, GError **error);

/* ---- returns: what comes back to the return path of a batch ------------ */

/* So many of a batch are kept, so many bytes of each: who knows a return path
 * cannot fill the disk. */
#define PL_RETURNS_MOST 20
#define PL_RETURN_BYTES (1u << 20)

enum pl_notice_kind {
	PL_NOTICE_FAILED,    /* for good */
	PL_NOTICE_DELAYED,   /* the other side is still being tried */
	PL_NOTICE_DELIVERED, /* accepted by the other side */
	PL_NOTICE_ANSWER,    /* mail by somebody */
	PL_NOTICE_AUTOMATIC, /* mail by a machine that answers all */
	PL_NOTICE_UNCLEAR,   /* a notice that says nothing we understand */
};
/* What a returned message says of one recipient of an attempt. */
struct pl_notice {
	gint64 id, message, batch;
	unsigned attempt;
	enum pl_notice_kind kind;
	gint64 at;        /* when it happened, as far as it is told */
	char *recipient;  /* NULL: not told */
	char *remote;     /* the other side's name, NULL: not told */
	char *words;      /* the other side's */
	char *journal;    /* of the batch; not set by the caller */
};
void pl_notice_free(struct pl_notice *notice);
const char *pl_notice_name(enum pl_notice_kind kind); /* "delivered" */

/* Returned messages not yet read (gint64), oldest first; they are marked by
 * pl_message_indexed(). The suspects: messages without sender to an intake
 * address, above AFTER, which turn out to be returned. */
GArray *pl_return_unread(pl_ledger *l, unsigned limit, GError **error);
GArray *pl_return_suspects(
    pl_ledger *l, gint64 after, unsigned limit, GError **error);
gboolean pl_return_mark(pl_ledger *l, gint64 message, gint64 batch,
    unsigned attempt, GError **error);

/* Adds it, with the event of its kind; sets id. */
gboolean pl_notice_add(
    pl_ledger *l, struct pl_notice *notice, GError **error);
/* struct pl_notice of BATCH, oldest first / those no report has told. */
GPtrArray *pl_notice_of(pl_ledger *l, gint64 batch, GError **error);
GPtrArray *pl_notice_untold(pl_ledger *l, GError **error);

/* A notice about ATTEMPT of an unfinished batch proves that the MTA had it:
 * the batch is sent. Does nothing where that is no news. */
gboolean pl_batch_prove(pl_ledger *l, gint64 batch, unsigned attempt,
    const char *words, GError **error);
/* A sent batch came back. Those of its entries that are still sent by it ▸
 * held PL-302 with WORDS. BOUNCED: something was changed; not where all were
 * sent again since or archived, or another attempt was accepted, or it bounced
 * already. A report has no entries and bounces as it is. */
gboolean pl_batch_bounce(pl_ledger *l, gint64 batch, unsigned attempt,
    const char *words, gboolean *bounced, GError **error);

/* ---- runs, problems, reports ----------------------------------------- */

struct pl_run {
	gint64 id, started, ended; /* ended 0: interrupted */
	char *config;              /* digest */
	gboolean now;
	char *who;
	unsigned messages, documents, sent, mails, problems; /* counts */
};
void pl_run_free(struct pl_run *run);
typedef struct pl_run pl_run;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_run, pl_run_free)

/* Begins a run; when the digest is another than the last run's, the text is
 * kept as an event ("configuration"). Events of this handle carry the run
 * until it ends. */
gboolean pl_run_begin(pl_ledger *l, const char *config_digest,
    const char *config_text, gboolean now, gint64 *id, GError **error);
gboolean pl_run_end(pl_ledger *l, const pl_run *run, GError **error);
pl_run *pl_run_get(pl_ledger *l, gint64 id, GError **error);
/* The newest run; NULL without error: none yet. */
pl_run *pl_run_last(pl_ledger *l, GError **error);

struct pl_problem {
	gint64 id, at;
	gint64 message, document, entry, batch; /* 0: none */
	char *journal; /* NULL: of no journal */
	char *code, *filename, *text;
	/* of the message */
	char *sender, *from, *subject, *msg_date, *message_id;
};
struct pl_problem *pl_problem_new(void);
void pl_problem_free(struct pl_problem *problem);
/* Event "problem". */
gboolean pl_problem_add(pl_ledger *l, struct pl_problem *p, GError **error);

/*
 * What a report has to say: everything not yet in a committed report. Whether
 * an item was told is kept per item (and forgotten when its state changes), so
 * a run that died is told by the next. Gather, pl_report_add() and
 * pl_report_told() belong in one transaction: what comes in between would be
 * marked without having been told.
 */
/* struct pl_problem, not yet reported (or told in report of RUN, if not 0). */
GPtrArray *pl_problem_open(pl_ledger *l, gint64 run, GError **error);
/* Of MESSAGE. */
GPtrArray *pl_problem_of(pl_ledger *l, gint64 message, GError **error);
/* Does one with its entry (or else its batch), code and text wait to be told? */
gboolean pl_problem_waits(pl_ledger *l, const struct pl_problem *problem,
    gboolean *waits, GError **error);
/* Is there a problem CODE of ENTRY, told or not? */
gboolean pl_problem_exists(pl_ledger *l, const char *code, gint64 entry,
    gboolean *exists, GError **error);
/* struct pl_batch finished and not yet reported. */
GPtrArray *pl_batch_unreported(pl_ledger *l, GError **error);

struct pl_report_row {
	gint64 id, run;
	char *address, *subject, *text, *html;
	gint64 batch; /* that carries it; 0: not to be mailed */
	gint64 forward; /* message that it passes on, the run is then nobody's
			 * and there is no CSV; 0: none */
};
struct pl_report_row *pl_report_row_new(void);
void pl_report_row_free(struct pl_report_row *row);
/* Stores the report; part of the caller's transaction. */
gboolean pl_report_add(pl_ledger *l, struct pl_report_row *row, GError **e);
/* Marks as told in RUN: problems, finished batches and all entries (whatever
 * their state) of these journals (NULL-terminated names; "" for what belongs
 * to no journal) that were not told yet. */
gboolean pl_report_told(pl_ledger *l, gint64 run, const char *const *journals,
    GError **error);
/* struct pl_report_row of a run (0: the newest run with a report); without
 * those that pass something on. */
GPtrArray *pl_report_of(pl_ledger *l, gint64 run, GError **error);
struct pl_report_row *pl_report_get(pl_ledger *l, gint64 id, GError **error);
/* More whole lines of its CSV, in UTF-8; part of the caller's transaction. */
gboolean pl_report_csv_add(
    pl_ledger *l, gint64 report, const char *lines, GError **error);
/* Takes some lines of a CSV; FALSE and an error: no more of them. */
typedef gboolean (*pl_report_sink)(
    const char *lines, void *user, GError **error);
/* All lines of its CSV, as they were added. FALSE: the ledger's error, or
 * SINK's. */
gboolean pl_report_csv(pl_ledger *l, gint64 report, pl_report_sink sink,
    void *user, GError **error);

/* Counts of a journal, for status: by state, and the oldest waiting. */
struct pl_counts {
	guint64 by_state[PL_STATES];
	gint64 oldest_waiting; /* arrived, 0: none */
	guint64 problems;      /* held with a code */
};
gboolean pl_entry_counts(pl_ledger *l, const char *journal,
    struct pl_counts *counts, GError **error);
/* When the newest e-mail of JOURNAL was sent, 0: never. */
gboolean pl_entry_last_sent(
    pl_ledger *l, const char *journal, gint64 *at, GError **error);
/* char *: all journals that ever had an entry, configured or not. */
GPtrArray *pl_entry_journals(pl_ledger *l, GError **error);

/* ---- events ---------------------------------------------------------- */

struct pl_event {
	gint64 id, at;
	char *who, *what;  /* "captured", "sent", ... */
	char *reason;
	char *journal;     /* NULL where none */
	gint64 message, document, entry, batch, run; /* 0: none */
	char *detail;      /* key=value words, or a configuration's text */
	char *previous, *hash; /* hex */
};
void pl_event_free(struct pl_event *event);
/* Adds id, at, who, reason and the hashes itself; id and at are set in EVENT.
 * Every call above that changes something writes its own event. */
gboolean pl_event_add(pl_ledger *l, struct pl_event *event, GError **error);
/* The line that is hashed: hash = SHA-256(previous "\n" line "\n"). Fields: id
 * at who what reason journal message document entry batch run detail,
 * separated by tabs, with \t \n \\ escaped, other control characters as
 * \u001b, and \N for none. g_free(). */
char *pl_event_line(const struct pl_event *event);
/* Hash of the newest event, g_free(); 64 zeros for an empty chain. */
char *pl_event_head(pl_ledger *l, GError **error);
/* History of one thing: of the first of these that is not 0, oldest first;
 * with that of a message its documents and entries, with that of an entry its
 * batches. struct pl_event. */
GPtrArray *pl_event_of(pl_ledger *l, gint64 message, gint64 document,
    gint64 entry, gint64 batch, GError **error);
struct pl_audit {
	guint64 events;
	char head[65];
	gboolean head_found; /* HEAD asked for lies on the chain */
	gint64 bad;          /* first event that does not fit (or is missing),
	                      * 0: none, and HEAD was found if asked for */
	char *what;          /* in words, g_free() */
};
/*
 * All that an auditor needs, as lines of one moment: table "events", each line
 * the hash, a tab, and the line that is hashed; then "messages", "documents"
 * (a line a file), "batches" (a line an attempt) and "batch_entries", whose
 * first lines name the columns. Values are separated by tabs and escaped as in
 * pl_event_line(). EACH may end it with an error.
 */
typedef gboolean (*pl_bundle_func)(
    const char *table, const char *line, void *user, GError **error);
gboolean pl_ledger_bundle(
    pl_ledger *l, pl_bundle_func each, void *user, GError **error);
/* Walks the whole chain, streaming. FALSE only if it could not be read. */
gboolean pl_event_verify(pl_ledger *l, const char *head,
    struct pl_audit *audit, GError **error);

#endif
