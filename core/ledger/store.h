/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store - the monthly files with the bytes of messages
 *
 * A file is a head and records, only ever added to. Numbers are little-endian.
 *
 *   head    "postledger messages 1\n", zeros, at 32 KEY (8), zeros up to 64
 *   record  a mark, and as many bytes as it says
 *   mark    KEY (8), kind (4), length (4), where the mark stands (8), KEY (8)
 *
 * KEY is random, so that no e-mail can hold what looks like a record. A piece
 * has PL_CHUNK bytes of a message, its last one fewer. A seal makes a message
 * of pieces: size (8), pieces (4), length of the facts (4), where the mark of
 * each piece stands (8 each), and the facts (told.c). The ledger knows a
 * message by the place of its seal. What is dropped is zeros, and its space is
 * the disk's again.
 */
#ifndef PL_LEDGER_STORE_H
#define PL_LEDGER_STORE_H

#include "room.h"

#define PL_STORE_HEAD 64
#define PL_MARK 32
#define PL_SEAL_LEAST 24 /* bytes, of one piece and nothing told */
#define PL_PIECES_MAX 1048576

enum pl_record {
	PL_RECORD_PIECE = 0x63656970, /* "piec" */
	PL_RECORD_SEAL = 0x6c616573,  /* "seal" */
};

struct pl_store {
	char name[16];
	char *path;
	int fd;
	guint8 key[8];
	unsigned users; /* readers only */
	/* writers only */
	gboolean ours;      /* nobody else adds to it */
	guint64 end;        /* where the next record goes */
	guint64 synced;     /* what stands before it is durable */
	guint64 settled;    /* end of the group before the last one */
	guint64 noted;      /* as the facts have it: see sweep.c */
	unsigned sealed;    /* since the last sync */
	gboolean torn;      /* half a record may stand there */
	gboolean stuck;     /* something is left for the next start */
	gint64 last;        /* number of a message that comes in */
	GHashTable *coming; /* that number ▸ struct pl_coming */
};

/* Of a message that comes in. */
struct pl_coming {
	gint64 number;
	guint64 begun;  /* the end of the file at that time */
	GArray *pieces; /* guint64: where their marks stand */
};

/* What a seal says. */
typedef struct pl_seal {
	guint64 size;
	guint32 n;
	guint64 *pieces; /* g_free() */
	GBytes *facts;   /* where it was asked for, else NULL */
} pl_seal;
void pl_seal_clear(struct pl_seal *seal);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(pl_seal, pl_seal_clear)

/* ---- files ---- */
void pl_store_name(const char *source, gint64 arrived, char name[16]);
char *pl_store_path(pl_ledger *l, const char *name);
/* Opened and made as needed. Nobody removes the file as long as there is a
 * writer; RETRY where it is being removed in this very moment. */
struct pl_store *pl_store_writer(
    pl_ledger *l, const char *name, GError **error);
/* One that may add to it: the only one. RETRY: there is another. */
struct pl_store *pl_store_appender(
    pl_ledger *l, const char *name, GError **error);
struct pl_store *pl_store_reader(
    pl_ledger *l, const char *name, GError **error);
void pl_store_release(pl_ledger *l, struct pl_store *store);
/* Closes writers of past months into which nothing comes any more. */
void pl_store_retire(pl_ledger *l, gint64 now);
void pl_store_free(struct pl_store *store);
/* Is it, by its name and the clock, of a month into which nothing comes? */
gboolean pl_store_is_old(const char *name);
/* Names of the monthly files of SOURCE (NULL: all) that exist, sorted. */
GPtrArray *pl_store_list(pl_ledger *l, const char *source, GError **error);
/* Names of the files that the facts name. */
GPtrArray *pl_store_named(pl_ledger *l, GError **error);

/* ---- records (record.c) ---- */
/* A new file's head, with a new key. */
gboolean pl_record_head(struct pl_store *store, GError **error);
/* Reads the key; DAMAGED, NEWER or of another program: as the message says. */
gboolean pl_record_key(struct pl_store *store, GError **error);
/* Adds a record behind `end`, which moves. */
gboolean pl_record_add(struct pl_store *store, enum pl_record kind,
    const void *bytes, gsize length, GError **error);
/* Is there a record with its mark AT? FALSE without an error if not. */
gboolean pl_record_at(const struct pl_store *store, guint64 at,
    enum pl_record *kind, guint32 *length);
/* The first place from AT on where a record stands, 0: none. Before it may lie
 * what was swept, cut off or damaged. */
guint64 pl_record_next(const struct pl_store *store, guint64 at);
/* The same, behind the record AT that is LENGTH long. */
guint64 pl_record_behind(
    const struct pl_store *store, guint64 at, guint32 length);
void pl_record_drop(const struct pl_store *store, guint64 at);
gboolean pl_seal_add(
    struct pl_store *store, const struct pl_seal *seal, GError **error);
/* FALSE without an error if no whole seal stands there. FACTS: with them. */
gboolean pl_seal_read(const struct pl_store *store, guint64 at, gboolean facts,
    struct pl_seal *seal);

/* Numbers as they stand in the files. */
void pl_put_32(GByteArray *to, guint32 n);
void pl_put_64(GByteArray *to, guint64 n);

/* ---- messages (reading.c, check_bytes.c) ---- */
/* As pl_bytes_open(), of a message (0: not in the facts) that lies there. */
pl_bytes *pl_bytes_at(
    pl_ledger *l, gint64 message, const struct pl_bytes_id *id, GError **error);
/* Whether they have these hashes; -1: they cannot be read. COUNT (may be NULL)
 * grows by what was read. */
int pl_bytes_fit(pl_bytes *bytes, const char *header, const char *body,
    guint64 *count, GError **error);

/* ---- what the facts lack (missing.c) ---- */
/* Of all that stands from FROM on, in the caller's transaction: there may be
 * thousands. */
gboolean pl_missing_take(
    pl_ledger *l, const struct pl_store *store, guint64 from, GError **error);
/* Is so much missing in the files NAMES that the ledger is an old copy? Then it
 * is told so, and all of SOURCE is taken. */
gboolean pl_missing_look(
    pl_ledger *l, const char *source, const GPtrArray *names, GError **error);

/* ---- what is left (sweep.c) ---- */
/* Up to where all is settled, as the facts have it. */
gboolean pl_store_noted(
    pl_ledger *l, const char *name, guint64 *from, GError **error);
/* Gives back what stands from FROM on and no message names. Not while anything
 * comes in. */
gboolean pl_store_sweep(
    pl_ledger *l, struct pl_store *store, guint64 from, GError **error);

/* ---- what a seal tells of its message (told.c) ---- */
GBytes *pl_told_pack(const struct pl_message *m, const char *journals);
/* NULL if it is not whole. JOURNALS: g_free(). */
struct pl_message *pl_told_unpack(GBytes *told, char **journals);

#endif
