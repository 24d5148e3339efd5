/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rhythm - how often an account speaks, learnt from its past statements
 *
 * Pure: dates in, a rhythm and the day from which it is silent out. Days are
 * Julian days as GDate counts them.
 */
#ifndef PL_RUN_RHYTHM_H
#define PL_RUN_RHYTHM_H

#include "postledger/run.h"

/* The newest statements are enough; older ones are another rhythm. */
#define PL_RHYTHM_STATEMENTS 30

/* Of the N statement DAYS, in any order, doubles count once. LAG: days from
 * the date of a statement to its arrival, as it usually is. */
struct pl_rhythm pl_rhythm_of(
    const guint32 *days, unsigned n, unsigned lag, guint32 today);
/* WORDS for a rhythm that was learnt in time zone ZONE from dates that were all
 * past, g_free(); and what it is TODAY. FALSE: it has to be learnt anew, also
 * since the clock went back. */
char *pl_rhythm_keep(const struct pl_rhythm *rhythm, const char *zone);
gboolean pl_rhythm_kept(const char *words, const char *zone, guint32 today,
    struct pl_rhythm *rhythm);
/* So soon behind its newest statement no account is silent, whatever its
 * rhythm. */
gboolean pl_rhythm_is_fresh(guint32 last, guint32 today);
/* The usual lag of N arrivals (days behind the date of the statement each):
 * their median, bounded, since a history that was imported came late. */
unsigned pl_rhythm_lag(const guint32 *lags, unsigned n);
/* Days of (FROM, TO] on which banks and companies are at work: no weekends,
 * none of the closing days of TARGET, nothing from Christmas Eve to New Year's
 * Day. */
unsigned pl_rhythm_work_days(guint32 from, guint32 to);

/* pl_run_silence() that notes in the ledger what it learns of accounts. */
GPtrArray *pl_run_learn(
    pl_ledger *l, const pl_config *config, gint64 clock, GError **error);

/* What is known of the account of PAST (struct pl_statement_day, newest first),
 * from the one at FROM on, on TODAY. */
struct pl_rhythm pl_rhythm_of_past(const GArray *past, guint from,
    GTimeZone *timezone, guint32 today);

#endif
