/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * view - the facts in order: each entry on one pile, and the sums of them
 *
 * The page and the CSV are both written from here, so that they count the
 * same. Nothing is copied: a view borrows from its facts.
 */
#ifndef REPORT_VIEW_H
#define REPORT_VIEW_H

#include "postledger/report.h"

#define PL_VIEW_FIRST 8 /* of a group, to be shown */
#define PL_VIEW_HELD 16 /* of those that the source has, in a journal */

/* Where a document ends up in this report; the order of the sum. */
enum pl_pile {
	PL_PILE_SENT,
	PL_PILE_WAITING, /* and handed over without an answer yet */
	PL_PILE_HELD,
	PL_PILE_DUPLICATE,
	PL_PILE_SUPERSEDED,
	PL_PILE_ARCHIVED,
};
#define PL_PILES 6
const char *pl_pile_name(enum pl_pile pile); /* "sent" */

struct pl_sums {
	guint64 piles[PL_PILES];
	guint64 mails;   /* that the sent ones left in */
	guint64 folders; /* batches that were written into folders instead */
};
guint64 pl_sums_all(const struct pl_sums *sums);
/* Duplicate, superseded and archived: what will not be sent. */
guint64 pl_sums_aside(const struct pl_sums *sums);
void pl_sums_add(struct pl_sums *sums, const struct pl_sums *more);

/* An entry on a pile other than the sent ones. */
struct pl_view_line {
	const pl_entry *entry;
	const char *reason; /* of the plan; NULL: it gave none */
	gint64 until;
	const char *behind;
	gboolean news;    /* not told in an earlier report */
	gboolean sourced; /* a copy: the facts' source has it */
};

struct pl_view_line pl_view_line_of(const struct pl_report_waiting *waiting);

/* What waits in a journal for one reason. */
struct pl_view_group {
	const char *reason;
	guint64 n;
	gint64 from, to; /* of the times until which; 0: not known */
	struct pl_view_line first[PL_VIEW_FIRST];
};

struct pl_view_journal {
	const struct pl_report_journal *facts;
	const struct pl_journal *rules;
	GPtrArray *batches; /* const struct pl_report_sent: the sent ones */
	/* struct pl_view_line; of those that the source has the first that are
	 * held, and no sent ones */
	GArray *piles[PL_PILES];
	GArray *groups; /* struct pl_view_group: all that wait */
	struct pl_sums sums;
};

/* A problem as the ledger has it, or as a batch or an entry shows it. */
struct pl_view_problem {
	const char *code, *journal, *filename, *text;
	const char *sender, *from, *subject, *msg_date, *message_id;
	gint64 id, message, entry, batch;
	const pl_entry *document; /* NULL: not known */
	const GPtrArray *entries; /* pl_entry of its batch, NULL: no batch */
};

struct pl_view {
	const struct pl_report_facts *facts;
	GTimeZone *zone;     /* the facts' own, UTC without one */
	GPtrArray *journals; /* struct pl_view_journal, in their order */
	GArray *problems;    /* struct pl_view_problem, by code, then age */
	struct pl_sums sums;
	/* id ▸ const pl_entry: all that are counted; without one where only
	 * the source has it */
	GHashTable *entries;
	GHashTable *originals; /* id ▸ const pl_entry */
	GPtrArray *copies;     /* pl_entry, of the source's */
	GError **error;        /* for the first one of the source */
};
typedef struct pl_view pl_view;
/* *ERROR, which is NULL and lives as long as the view, gets the first error of
 * the source; what comes behind it is left out. */
pl_view *pl_view_new(const struct pl_report_facts *facts, GError **error);
void pl_view_free(pl_view *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_view, pl_view_free)

/* The entry with this id, where the facts have it; else NULL. */
const pl_entry *pl_view_entry(const pl_view *view, gint64 id);

/* ---- what only the source has ------------------------------------------ */

/* What an e-mail of the facts contains; nothing after an error. */
struct pl_view_content {
	GPtrArray *entries; /* pl_entry */
	GPtrArray *written; /* struct pl_written, or NULL */
};
typedef struct pl_view_content pl_view_content;
void pl_view_open(const pl_view *view, const struct pl_report_sent *sent,
    pl_view_content *content);
void pl_view_close(pl_view_content *content);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(pl_view_content, pl_view_close)
/* How many documents that are. */
guint64 pl_view_documents(const struct pl_report_sent *sent);

/* EACH gets all that wait by `more`, unless it returns FALSE. */
void pl_view_each(const pl_view *view, const struct pl_report_journal *facts,
    pl_report_each each, void *user);
/* Is this one told by the source alone? */
gboolean pl_view_is_sourced(const pl_view *view, gint64 id);

/* NULL is an empty array. */
static inline unsigned
pl_view_length(const GPtrArray *array)
{
	return array ? array->len : 0;
}

/* Fills view->problems; part of pl_view_new(). */
void pl_view_find_problems(pl_view *view);

/* Shares QUOTA lines fairly: who needs little gets all of it, the others an
 * equal part. SHARES and NEEDS have N numbers. */
void pl_view_share(
    const guint64 *needs, guint64 *shares, unsigned n, guint64 quota);

#endif
