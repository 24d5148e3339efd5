/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * index - what the files share that write to the ledger
 */
#ifndef POSTLEDGER_INTAKE_INDEX_H
#define POSTLEDGER_INTAKE_INDEX_H

#include "room.h"

/* Bits PL_FILES_* of a document's files. */
unsigned pl_document_formats(const pl_document *document);
/* Does JOURNAL, one of JOURNALS at an address, take the document? */
gboolean pl_accepts_of(const pl_config *config, const GPtrArray *journals,
    const struct pl_journal *journal, const pl_document *document);
/* Is the statement's account one of the journal's, if it names any? */
gboolean pl_accepts_account(
    const struct pl_journal *journal, const pl_document *document);

/* One message on its way into journals. */
struct pl_entering {
	pl_ledger *ledger;
	const pl_config *config;
	const pl_message *message;
	struct pl_indexed *done;
};
/* Enters DOCUMENT in JOURNAL unless it is there: waiting, held, or a duplicate.
 * SAME: the message of which this is a copy at the journal's address, or 0. */
gboolean pl_enter(const struct pl_entering *e, const pl_document *document,
    const struct pl_journal *journal, gint64 same, GError **error);
/* In all journals that take it. ENTERED: in how many. */
gboolean pl_enter_all(const struct pl_entering *e, const pl_document *document,
    unsigned *entered, GError **error);

/* Journals whose rules changed take up what came before. */
gboolean pl_take_up(pl_ledger *l, const pl_config *config,
    struct pl_indexed *done, GError **error);

#endif
