/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * returns - what came back to the return paths of our e-mails
 *
 * Notices of mail servers (bounces, delays, successes) and answers of people
 * and machines are read before anything is sent: they may prove that an
 * earlier run's e-mail was taken.
 */
#ifndef PL_RUN_RETURNS_H
#define PL_RUN_RETURNS_H

#include "pass.h"

/* Reads what came back; each message in a transaction of its own. */
gboolean pl_pass_returns(struct pl_pass *pass, GError **error);

/* Plans an e-mail with the answer MESSAGE to BATCH attached, for those who get
 * the journal's reports. WORDS: who wrote what. Part of the caller's
 * transaction. */
gboolean pl_pass_forward(struct pl_pass *pass, const pl_message *message,
    const pl_batch *batch, const char *words, GError **error);

/* Sentences (char *) on those NOTICES (struct pl_notice) that are of JOURNAL
 * ("": of reports) and that no problem tells. */
gboolean pl_returns_tell(const struct pl_pass *pass, const GPtrArray *notices,
    const char *journal, GPtrArray *sentences, GError **error);

#endif
