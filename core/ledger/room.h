/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * room - what the files of the ledger share
 *
 * A call that changes something is a struct pl_work around a function that
 * does it: pl_work_begin() opens a transaction unless the caller has one open,
 * pl_work_end() commits, or undoes. Inside, what can be refused (CONFLICT,
 * ABSENT) is refused before the first change, so that the caller's transaction
 * survives a refusal.
 */
#ifndef PL_LEDGER_ROOM_H
#define PL_LEDGER_ROOM_H

#include "postledger/config.h"
#include "postledger/ledger.h"

#include "db.h"

#define PL_HASH_NONE \
	"00000000000000000000000000000000" \
	"00000000000000000000000000000000"
#define PL_HASH_LENGTH 64

struct pl_ledger {
	pl_db *db;
	char *path, *messages;
	enum pl_ledger_use use;
	gboolean beside; /* another handle: see pl_ledger_beside() */
	char *id; /* random, for Message-IDs */
	char *who, *reason;
	gint64 run;     /* between pl_run_begin() and pl_run_end() */
	gboolean open;  /* between pl_ledger_begin() and its end */
	GError *broken; /* what undid the open transaction */
	gboolean ahead; /* it has facts of bytes that are not durable */
	/* the end of the chain, while a transaction is open: see event.c */
	gboolean head_known, head_moved;
	gint64 events, last_at; /* of the newest event */
	char head[PL_HASH_LENGTH + 1];
	/* the clock against one that nobody sets, at the last event that was
	 * committed, and at the last of this transaction: see clock.c */
	gint64 clock, clock_seen;
	GHashTable *writers, *readers; /* name ▸ struct pl_store: see store.c */
	GError *lost;  /* bytes that a sync can no longer save */
	GArray *locks; /* int: descriptors */
};

struct pl_work {
	pl_ledger *ledger;
	gboolean own;
};
gboolean pl_work_begin(struct pl_work *work, pl_ledger *l, GError **error);
/* OK: what was to be done is done. Returns whether it holds. */
gboolean pl_work_end(struct pl_work *work, gboolean ok, GError **error);
/* Bytes are gone: so is the open transaction, if it has facts of them. */
void pl_ledger_bytes_lost(pl_ledger *l);
/* Sets CONFLICT or ABSENT, returns FALSE. */
gboolean pl_refuse(GError **error, enum pl_ledger_error code,
    const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Keeps backups and the dropping of bytes apart; -1 for an error. BUSY: the
 * error is that somebody else has it. */
int pl_ledger_lock_bytes(
    pl_ledger *l, unsigned seconds, gboolean *busy, GError **error);
void pl_ledger_unlock(pl_ledger *l, int fd);

/* A ledger that was a backup until now goes on with higher numbers. */
gboolean pl_ledger_wake(pl_ledger *l, GError **error);
/* It turned out that it was put back, from a copy that was no backup of ours. */
gboolean pl_ledger_wake_late(pl_ledger *l, GError **error);
/* The same, by the messages that it lacks; they are taken. Both in the caller's
 * transaction. */
gboolean pl_ledger_wake_behind(
    pl_ledger *l, const char *source, GError **error);

/* ---- schema ---- */
struct pl_migration {
	const char *sql;
};
/* Brings DB from its version to N, one transaction each. FROM gets the version
 * that was found (0: new). NEWER if it is above N. */
gboolean pl_schema_migrate(pl_db *db, const struct pl_migration *steps,
    unsigned n, unsigned *from, GError **error);
/* For reading: it must be at version N. */
gboolean pl_schema_expect(pl_db *db, unsigned n, GError **error);
/* 0 if it has no schema. */
gboolean pl_schema_version(pl_db *db, unsigned *version, GError **error);
extern const struct pl_migration pl_ledger_schema[];
extern const unsigned pl_ledger_schema_version;
#define PL_APPLICATION_LEDGER 0x706c6731 /* "plg1" */
extern const struct pl_db_how pl_how_ledger;

/* ---- events ---- */
/* For designated initialisers: members are only read. */
gboolean pl_event_note(
    pl_ledger *l, const struct pl_event *event, GError **error);
gboolean pl_event_flush(pl_ledger *l, GError **error); /* before a commit */
void pl_event_committed(pl_ledger *l);                 /* after it */
void pl_event_forget(pl_ledger *l); /* before the first, or it is undone */
/* What happened to the host's clock since the last event, NULL: nothing; with
 * DETAIL, g_free(). STEP: by how much it was set, as far as that is known. */
const char *pl_clock_look(pl_ledger *l, gint64 now, char **detail);
const char *pl_clock_jump(gint64 last, gint64 now, gint64 step);
/* AT in UTC, as g_date_time_format() has it; NULL for what no calendar knows.
 * g_free(). */
char *pl_clock_text(gint64 at, const char *format);
#define PL_CLOCK_ISO "%Y-%m-%dT%H:%M:%SZ"
/* DAMAGED unless the last event is whole and where the chain ends. */
gboolean pl_event_check_end(pl_ledger *l, GError **error);
void pl_event_row(pl_rows *rows, struct pl_event *event);
/* Does the row have the types it was written with? */
gboolean pl_event_row_typed(pl_rows *rows);
/* TEXT (NULL: none) as it stands in such a line. */
void pl_event_add_text(GString *line, const char *text);
char *pl_event_hash(const char *previous, const char *line);

/* ---- problems ---- */
/* pl_problem_add() as a part of a transaction. */
gboolean pl_problem_put(
    pl_ledger *l, struct pl_problem *problem, GError **error);

/* Of a ledger that was put back: what lies in the monthly files of SOURCE (NULL:
 * all) beside it and tells enough of itself is taken. In the caller's
 * transaction, and when nobody writes into them. */
gboolean pl_store_take(pl_ledger *l, const char *source, GError **error);

/* ---- entries ---- */
/* Moves an entry of JOURNAL from one line of the tally to another. */
gboolean pl_tally_move(pl_ledger *l, const char *journal, enum pl_state from,
    const char *from_code, enum pl_state to, const char *to_code,
    GError **error);
/* Of many at once: how many without a code and how many with one. */
gboolean pl_tally_move_all(pl_ledger *l, const char *journal,
    enum pl_state from, const int before[2], enum pl_state to,
    const int after[2], GError **error);
gboolean pl_tally_add(pl_ledger *l, const char *journal, enum pl_state state,
    const char *code, int n, GError **error);
/* Puts a new entry into the chain of its account, if it has one. */
gboolean pl_statement_enter(pl_ledger *l, gint64 entry, gint64 document,
    const char *journal, GError **error);
typedef struct pl_entry_brief {
	enum pl_state state;
	char *journal, *code;
	gint64 batch;
} pl_entry_brief;
/* ABSENT if there is none. */
gboolean pl_entry_brief_get(
    pl_ledger *l, gint64 id, struct pl_entry_brief *brief, GError **error);
void pl_entry_brief_clear(struct pl_entry_brief *brief);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(pl_entry_brief, pl_entry_brief_clear)

#endif
