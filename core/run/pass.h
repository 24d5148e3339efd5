/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pass - what the steps of one run share
 *
 * run.c takes them in their order: index, standings, resume, serve, tell. Each
 * step leaves the ledger such that a run that dies in it is made good by the
 * next one. No step holds a transaction while it composes, submits or parses.
 */
#ifndef PL_RUN_PASS_H
#define PL_RUN_PASS_H

#include "postledger/report.h"

#include "flight.h"
#include "proof.h"

typedef struct pl_ahead pl_ahead;
typedef struct pl_leaving pl_leaving;

/* A journal's part in a run. */
struct pl_turn {
	const struct pl_journal *journal;
	struct pl_standing *standing; /* as it is with the present rules */
	gboolean selected;            /* the run was asked for it */
	gboolean due;
	gboolean touched; /* something of it was sent, refused or looked at */
	gboolean served;
	gboolean singly; /* e-mails came out too large: one document each */
	gboolean stuck;  /* its folder takes no more in this run */
	unsigned used;   /* e-mails of its cap */
};

struct pl_pass {
	pl_ledger *ledger;
	const pl_config *config;
	const pl_secret *secret;
	const struct pl_run_options *options;
	struct pl_run_result *result;
	pl_reader *reader;
	pl_submit *submit;
	gint64 now;   /* by which is decided; pl_pass_clock() goes on */
	gint64 shift; /* of the clock against the real one: tests only */
	gint64 run;
	gint64 prune_until; /* monotonic: no more of it after that */
	GPtrArray *turns; /* struct pl_turn, in the order of the file */
	GPtrArray *idle;  /* of these, served, nothing sent, and not noted yet */
	GPtrArray *notes; /* char *: sentences for the report */
	GHashTable *overdue, *left_out; /* see order.c */
	pl_ahead *ahead;  /* NULL: nothing was sent yet; see ahead.h */
	unsigned silent;  /* e-mails in a row without any reply */
	gboolean no_mail; /* the MTA takes no more in this run */
	gboolean halted;  /* nothing more is sent in this run */
	gboolean news;    /* something became of what earlier runs left */
	gboolean untold;  /* nothing happened that a report would be for */
};

struct pl_turn *pl_pass_turn(const struct pl_pass *pass, const char *journal);
G_GNUC_PRINTF(2, 3)
void pl_pass_note(struct pl_pass *pass, const char *format, ...);
/* "2026-11-22 07:00", as the gateway's clock shows it. g_free(). */
char *pl_pass_time(const struct pl_pass *pass, gint64 time);
/* What time it is by now. */
gint64 pl_pass_clock(const struct pl_pass *pass);
/* Somebody wants the run to end. */
gboolean pl_pass_halted(struct pl_pass *pass);
/* Or nothing more goes where BATCH, or the journal, goes: the MTA is down, the
 * folder full. */
gboolean pl_pass_closed(struct pl_pass *pass, const pl_batch *batch);
gboolean pl_turn_closed(struct pl_pass *pass, const struct pl_turn *turn);
void pl_pass_progress(
    const struct pl_pass *pass, const char *step, unsigned done, unsigned of);

/* ---- standing: rules that changed since the last run ------------------- */

/* What JOURNAL's standing is with its present rules; *WHAT: the event, NULL
 * if nothing changed. WAS may be NULL. */
struct pl_standing *pl_standing_now(const struct pl_journal *journal,
    const struct pl_standing *was, gint64 now, const char **what);
/* Fills pass->turns, and the ledger with what changed. */
gboolean pl_pass_standings(struct pl_pass *pass, GError **error);
/* Its slot, or its activation, is used up. Noted at once if something left;
 * otherwise together with others, since most of a thousand journals may have
 * nothing to send: by pl_standings_note(). */
gboolean pl_standing_served(
    struct pl_pass *pass, struct pl_turn *turn, GError **error);
gboolean pl_standings_note(struct pl_pass *pass, GError **error);

/* ---- restored: the ledger was a backup ---------------------------------- */

/* Holds what may have been sent after the backup was made, once. */
gboolean pl_pass_restored(struct pl_pass *pass, GError **error);

/* ---- batches: what leaves ---------------------------------------------- */

/* What leaves of TURN now is decided; what can never leave by itself is held.
 * PASS and TURN must outlive it. */
pl_leaving *pl_turn_leaving(
    struct pl_pass *pass, const struct pl_turn *turn, GError **error);
void pl_leaving_free(pl_leaving *leaving);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_leaving, pl_leaving_free)
/* How many e-mails these are. */
guint pl_leaving_mails(const pl_leaving *leaving);
/* Commits the next ones, until there are MAILS, or all. */
gboolean pl_leaving_plan(pl_leaving *leaving, guint mails, GError **error);
/* Those that are committed: pl_batch, in their order. */
const GPtrArray *pl_leaving_batches(const pl_leaving *leaving);
/* Somebody took a document of those that were not, and no more of them are:
 * they have to be decided on anew. */
gboolean pl_leaving_changed(const pl_leaving *leaving);

/* ---- serve: a due journal ----------------------------------------------- */

gboolean pl_pass_serve(
    struct pl_pass *pass, struct pl_turn *turn, GError **error);

/* ---- decide: the plan of a journal ------------------------------------- */

/* All that wait or are held in JOURNAL; they come oldest first. */
struct pl_entry_filter pl_turn_open(const char *journal);
struct pl_plan_input pl_turn_input(
    const struct pl_pass *pass, const struct pl_turn *turn);
/* ENTRIES owns what the decisions point to. */
/* EXTRA: entries to be planned with those that wait; it is emptied. GOING
 * (gint64): unfinished batches whose statements count as handed over. */
GArray *pl_turn_decide_with(const struct pl_pass *pass,
    const struct pl_turn *turn, const struct pl_plan_input *input,
    GPtrArray *extra, const GArray *going, GPtrArray **entries,
    GError **error);
GArray *pl_turn_decide(const struct pl_pass *pass, const struct pl_turn *turn,
    GPtrArray **entries, GError **error);
/* The same without keeping anything: EACH gets one decision after the other.
 * *ALONE FALSE: there is a statement, at which it ended; statements have to be
 * planned together. EACH must not write to the ledger. */
typedef gboolean (*pl_decided)(const struct pl_decision *decision, void *user);
gboolean pl_turn_decide_each(const struct pl_pass *pass,
    const struct pl_turn *turn, pl_decided each, void *user, gboolean *alone,
    GError **error);

/* The same on entries that are in a batch, as if they waited and were asked for
 * now: does each still leave, and all in one e-mail? */
gboolean pl_turn_still_fits(const struct pl_pass *pass,
    const struct pl_turn *turn, GPtrArray *entries);

/* ---- foresee: the plan with what earlier runs left ---------------------- */

/* What a run would do now, also with the entries of unfinished batches; for
 * showing only. ENTRIES owns what the decisions point to. */
GArray *pl_turn_foresee(const struct pl_pass *pass, const struct pl_turn *turn,
    GPtrArray **entries, GError **error);

/* ---- gaps: what the plan says of statements, put into the ledger --------- */

gboolean pl_turn_settle_gaps(
    struct pl_pass *pass, const GArray *plan, GError **error);

/* ---- order: no statement overtakes one that was not handed over ---------- */

/* Forgets all marks: at the begin and the end of a step. */
void pl_order_begin(struct pl_pass *pass);
/* BATCH does not leave now: marks the accounts in it. */
void pl_order_left(struct pl_pass *pass, const pl_batch *batch);
/* It was tried: marks them unless it is sent. */
void pl_order_tried(struct pl_pass *pass, const pl_batch *batch);
/* It has a statement of a marked account. */
gboolean pl_order_waits(struct pl_pass *pass, const pl_batch *batch);
/* ENTRY waits, and cannot be sent now: neither it nor what stands behind it is
 * planned again in this run. */
void pl_order_leave_out(struct pl_pass *pass, const pl_entry *entry);
gboolean pl_order_is_left_out(const struct pl_pass *pass, const pl_entry *entry);
void pl_order_end(struct pl_pass *pass);

/* ---- send: one batch --------------------------------------------------- */

enum pl_outcome {
	PL_OUTCOME_ERROR,    /* the ledger failed: the run ends */
	PL_OUTCOME_ANSWERED, /* whatever the answer was */
	PL_OUTCOME_UNDONE,   /* given up: its entries wait again, or are held */
	PL_OUTCOME_LATER,    /* not in this run */
};
/* FORCE: an attempt is with the MTA, without answer and proof. */
enum pl_outcome pl_pass_send(struct pl_pass *pass, const pl_batch *batch,
    gboolean force, GError **error);
/* Commits the next attempt of a batch that is not with the MTA. FALSE: that
 * cannot be now. */
gboolean pl_pass_fence(
    struct pl_pass *pass, const pl_batch *batch, unsigned *attempt);
/* Holds an entry that waits with CODE and TEXT, and tells the problem; does
 * nothing if somebody was faster, and it does not wait any more. */
gboolean pl_pass_hold(struct pl_pass *pass, const pl_entry *entry,
    const char *code, const char *text, GError **error);

/* ---- resume: what earlier runs left ------------------------------------ */

/* The unfinished batches that this run takes on; without reports. */
GPtrArray *pl_pass_unfinished(
    struct pl_pass *pass, gboolean reports, GError **error);
/* The rules it was planned by still hold, for each of its entries. */
gboolean pl_resume_fits(const struct pl_pass *pass, const struct pl_turn *turn,
    const pl_batch *batch, GPtrArray *entries);
/* It would be sent now; where LOOSE, the attempt that may be with the MTA, is
 * not 0, at least looked for. */
gboolean pl_resume_takes(const struct pl_pass *pass, const struct pl_turn *turn,
    const pl_batch *batch, unsigned loose);
gboolean pl_pass_resume(
    struct pl_pass *pass, const GPtrArray *batches, GError **error);

/* ---- tell: reports ------------------------------------------------------ */

/* Ends the run; with reports unless told otherwise. */
gboolean pl_pass_tell(struct pl_pass *pass, GError **error);
/* When nobody gets reports at its address any more, the report of BATCH is
 * planned anew (pl_batch) for those who get the gateway's; NULL without error:
 * it stays as it is. */
GPtrArray *pl_pass_redirect(
    struct pl_pass *pass, const pl_batch *batch, GError **error);

/* ---- prune: message bytes whose retention is over ------------------------ */

void pl_pass_prune(struct pl_pass *pass);

/* Bytes an e-mail of BATCH may have, 0: any. */
guint64 pl_pass_limit(const struct pl_pass *pass, const pl_batch *batch);

/* ---- addresses ---------------------------------------------------------- */

/* The return path of an attempt. g_free(). */
char *pl_pass_return_path(
    const struct pl_pass *pass, const pl_batch *batch, unsigned attempt);
/* The header line of an attempt, with its end. g_free(). */
char *pl_pass_stamp(
    const struct pl_pass *pass, const pl_batch *batch, unsigned attempt);

#endif
