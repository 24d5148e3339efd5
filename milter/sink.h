/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sink - writes one group of requests to the ledger; the writer's own
 *
 * Everything here runs in one thread at a time, without the writer's lock.
 */
#ifndef MILTER_SINK_H
#define MILTER_SINK_H

#include "writer.h"

struct pl_incoming {
	gint64 arrived;
	struct pl_bytes_id id;
	gboolean begun;        /* there is a row of it in the store */
	guint64 born, touched; /* rounds of syncs: row made, last written */
	gint lost;             /* atomic: it cannot be stored any more */
};

struct pl_request {
	enum pl_request_kind {
		PL_REQUEST_CHUNK,
		PL_REQUEST_DROP,
		PL_REQUEST_SEAL,
		PL_REQUEST_OFFER,
	} kind;
	/* chunk, drop, seal */
	pl_incoming *in;
	const void *bytes;
	gsize length;
	/* seal */
	pl_message *message;
	const char *journals;
	/* offer */
	const struct pl_passing *passing;
	enum pl_offer offer;
	/* seal, offer: what became of it, once the group was stored */
	enum pl_outcome outcome;
	/* the writer's: of those who wait */
	gboolean finished;
	GCond done;
};

typedef struct pl_sink {
	pl_ledger *ledger;
	struct pl_writer_limits limits;
	GHashTable *open;   /* pl_incoming with a row */
	guint64 round;      /* syncs so far */
	gboolean scarce;    /* half of the reserve is used up */
	guint64 written;    /* bytes since the last sync */
	gboolean sealed;    /* some of them are a message's last */
	gboolean slow;      /* the last sync took long */
	gboolean logged;    /* facts since the log was last emptied */
	const char *unable; /* in one word, why the ledger takes nothing now */
} pl_sink;

pl_sink *pl_sink_new(pl_ledger *ledger, const struct pl_writer_limits *limits);
void pl_sink_free(pl_sink *sink);

/* Stores the requests (struct pl_request) in their order. Fills the outcome of
 * seals and offers; frees the pl_incoming of seals and drops. ALONE: no other
 * message is on its way, so that nothing matters but when it is done. */
void pl_sink_store(pl_sink *sink, GPtrArray *requests, gboolean alone);

gboolean pl_sink_able(const pl_sink *sink);
/* Looks whether an unable ledger is able again. */
void pl_sink_probe(pl_sink *sink);

/* ---- rows.c: the bytes; errors are those of the ledger ---------------- */

/* A chunk, or the rest and the seal. */
gboolean pl_sink_write(
    pl_sink *sink, const struct pl_request *r, GError **error);
gboolean pl_sink_sync(pl_sink *sink, GError **error);
/* After a failure of either: nothing since the last sync exists any more. */
void pl_sink_lose(pl_sink *sink);
/* It cannot be stored any more: its bytes, if there are any, are dropped. */
void pl_sink_forget(pl_sink *sink, pl_incoming *in);

/* ---- able.c ------------------------------------------------------------ */

/* The state of the whole ledger that the error tells of; NULL: it passes by
 * itself, or was one message's own (BLAME). */
const char *pl_sink_reason(const GError *error, gboolean blame);
/* REASON NULL: able again. */
void pl_sink_set_unable(pl_sink *sink, const char *reason, const char *message);
/* Logs the error, and what follows from it. */
void pl_sink_failed(
    pl_sink *sink, const char *what, const GError *error, gboolean blame);
/* Looks at the free space before COMING bytes of chunks are written. FALSE: it
 * is down to the reserve. */
gboolean pl_sink_watch(pl_sink *sink, guint64 coming);

#endif
