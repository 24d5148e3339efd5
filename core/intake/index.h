/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * index - what the files share that write to the ledger
 */
#ifndef POSTLEDGER_INTAKE_INDEX_H
#define POSTLEDGER_INTAKE_INDEX_H

#include "room.h"

/* Those of JOURNALS, all of an address, that take the document, in their order;
 * g_ptr_array_unref(). The cost is that of one look at each. */
GPtrArray *pl_accepts_list(const pl_config *config, const GPtrArray *journals,
    const pl_document *document);
/* The same of one of them. */
gboolean pl_accepts_of(const pl_config *config, const GPtrArray *journals,
    const struct pl_journal *journal, const pl_document *document);
/* Does JOURNAL take sales or purchases, and is it one of two other companies?
 */
gboolean pl_accepts_stranger(
    const struct pl_journal *journal, const pl_document *document);
/* Is the statement's account one of the journal's, if it names any? */
gboolean pl_accepts_account(
    const struct pl_journal *journal, const pl_document *document);

/* Plain files that wait, by journal, sender and the number in their name: read
 * from the ledger once for each sender and kept up to date by pl_enter(), since
 * a sender may have thousands that wait. Not valid after a rollback. */
typedef struct pl_numbers pl_numbers;
pl_numbers *pl_numbers_new(void);
void pl_numbers_free(pl_numbers *numbers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_numbers, pl_numbers_free)
/* pl_entry as they are now; empty for a DOCUMENT with facts. */
GPtrArray *pl_numbers_find(pl_numbers *numbers, pl_ledger *l,
    const char *journal, const char *sender, const pl_document *document,
    GError **error);
void pl_numbers_add(pl_numbers *numbers, const char *journal,
    const char *sender, const pl_document *document, gint64 entry);

/* One message on its way into journals. */
struct pl_entering {
	pl_ledger *ledger;
	const pl_config *config;
	const pl_message *message;
	pl_numbers *numbers;
	struct pl_indexed *done;
};
/* Whom the index tells how far it is. */
struct pl_index_watch {
	pl_index_progress progress; /* NULL: nobody */
	void *user;
};
/* FALSE: it shall end here. */
gboolean pl_index_goes_on(
    const struct pl_index_watch *watch, const struct pl_indexed *done);
/* Enters DOCUMENT in JOURNAL unless it is there: waiting, held, or a duplicate.
 * SAME: the message of which this is a copy at the journal's address, or 0. */
gboolean pl_enter(const struct pl_entering *e, const pl_document *document,
    const struct pl_journal *journal, gint64 same, GError **error);
/* In all journals that take it. ENTERED: in how many. */
gboolean pl_enter_all(const struct pl_entering *e, const pl_document *document,
    unsigned *entered, GError **error);

/* Writes FOUND in the message, which is that of E, and marks that as indexed;
 * part of the caller's transaction. */
gboolean pl_found_write(const struct pl_entering *e, pl_message *message,
    const pl_findings *found, GError **error);
/* Its bytes cannot be read, as the first problem of FOUND says, and may come
 * back: it stays unindexed, and that is told once. */
gboolean pl_found_missing(
    const struct pl_entering *e, const pl_findings *found, GError **error);

/* Journals whose rules changed take up what came before. */
gboolean pl_take_up(pl_ledger *l, const pl_config *config,
    struct pl_indexed *done, const struct pl_index_watch *watch,
    GError **error);

#endif
