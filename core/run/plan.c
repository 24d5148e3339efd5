/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan - (rules, entries, now) ▸ decisions, each with its reason
 *
 * Pure: no clock, no ledger, no file. `run`, `run --dry-run` and `status` show
 * what comes out of here, so what a person is told is what happens.
 *
 * Each entry is asked in the order of the design: switched off, archived or
 * held, not accepted, start date, delay, gap, unfinished, window, schedule,
 * cap; the first that applies is its reason. What is left is put into e-mails
 * by plan_mails.c.
 *
 * A statement leaves after the one before it in the chain of its account or in
 * one e-mail with it, never before: whatever keeps that one keeps those behind
 * it. One that never leaves by itself (start date, not accepted) is passed.
 */
#include <string.h>

#include "postledger/run.h"

#include "calendar.h"
#include "plan.h"

#define DAY (24 * 3600 * (gint64)G_USEC_PER_SEC)

static const char *const reason_names[PL_REASONS] = {
	[PL_REASON_NONE] = "due",
	[PL_REASON_DISABLED] = "disabled",
	[PL_REASON_ARCHIVED] = "archived",
	[PL_REASON_HELD] = "held",
	[PL_REASON_NOT_ACCEPTED] = "not-accepted",
	[PL_REASON_START_DATE] = "start-date",
	[PL_REASON_DELAY] = "delay",
	[PL_REASON_GAP] = "gap",
	[PL_REASON_UNFINISHED] = "unfinished",
	[PL_REASON_WINDOW] = "window",
	[PL_REASON_SCHEDULE] = "schedule",
	[PL_REASON_CAP] = "cap",
	[PL_REASON_TOO_LARGE] = "too-large",
	[PL_REASON_SHARED] = "shared-file",
};

const char *
pl_reason_name(enum pl_reason reason)
{
	g_assert(reason < PL_REASONS);
	return reason_names[reason];
}

static gboolean
slot_due(const struct pl_plan_input *in)
{
	const struct pl_journal *j = in->journal;

	if (j->n_slots == 0)
		return TRUE;
	/* a clock that was put back must not silence the journal, but one that
	 * is set right by seconds must not serve it twice */
	if (in->served > in->now + DAY)
		return TRUE;
	return pl_calendar_last_slot(
		   in->timezone, j->slots, j->n_slots, in->now) > in->served;
}

static gboolean
window_open(const struct pl_plan_input *in, gint64 at)
{
	const struct pl_journal *j = in->journal;

	return pl_calendar_open(in->timezone, j->windows, j->n_windows, at);
}

/* Documents dated before this day leave at once; 0: none do. A start date of
 * today or later keeps them all back by itself. */
static guint32
activation_day(const struct pl_plan_input *in)
{
	if (!in->activating)
		return 0;
	return pl_calendar_day(in->timezone, in->activated);
}

gboolean
pl_plan_due(const struct pl_plan_input *in)
{
	if (!in->journal->enabled)
		return FALSE;
	if (in->force || in->activating)
		return TRUE;
	return slot_due(in) && window_open(in, in->now);
}

/* From AT on, the first time that lies inside a window. */
static gint64
opening(const struct pl_plan_input *in, gint64 at)
{
	const struct pl_journal *j = in->journal;

	return pl_calendar_next_open(
	    in->timezone, j->windows, j->n_windows, at);
}

static gint64
after_now(const struct pl_plan_input *in)
{
	const struct pl_journal *j = in->journal;

	return pl_calendar_next_slot(
	    in->timezone, j->slots, j->n_slots, in->now);
}

gint64
pl_plan_next(const struct pl_plan_input *in)
{
	if (!in->journal->enabled)
		return 0;
	return opening(in, slot_due(in) ? in->now : after_now(in));
}

void
pl_moment_fill(struct pl_moment *m, const struct pl_plan_input *in)
{
	m->in = in;
	m->today = pl_calendar_day(in->timezone, in->now);
	m->activation = activation_day(in);
	m->open = in->force || window_open(in, in->now);
	m->slot = in->force || slot_due(in);
	m->next = pl_plan_next(in);
	m->after = in->journal->n_slots > 0 ? opening(in, after_now(in)) : 0;
}

static guint32
document_day(const struct pl_moment *m, const pl_entry *e)
{
	guint32 day = pl_calendar_parse(e->doc_date);

	if (day == 0)
		day = pl_calendar_parse(e->msg_date);
	return day != 0 ? day : pl_calendar_day(m->in->timezone, e->arrived);
}

/* Who is asked knows more than the kind: accounts, company numbers, and that
 * a plain PDF may be an invoice. */
static gboolean
accepted(const struct pl_moment *m, const pl_entry *e)
{
	const struct pl_journal *j = m->in->journal;

	if ((j->formats & e->formats) == 0)
		return FALSE;
	if (m->in->accepts != NULL)
		return m->in->accepts(e, m->in->accepts_user);
	return (j->accept & 1u << e->kind) != 0;
}

static gboolean
is_gap(const pl_entry *e)
{
	return pl_chain_is_gap(e->code);
}

const struct pl_linked *
pl_moment_linked(const struct pl_moment *m, gint64 entry)
{
	return m->in->links == NULL ? NULL
				    : g_hash_table_lookup(m->in->links, &entry);
}

/* A gap keeps it back: as its chain is now, else as it was noted. */
static gboolean
has_gap(const struct pl_moment *m, const pl_entry *e)
{
	const struct pl_linked *linked = pl_moment_linked(m, e->id);

	if (linked == NULL)
		return e->state == PL_HELD && is_gap(e);
	return linked->code != NULL && !m->in->journal->send_gap;
}

/* The day from which the delay is over, 0: no delay. */
static guint32
delayed_until(const struct pl_moment *m, const pl_entry *e)
{
	unsigned days = m->in->journal->delay_days;

	if (days == 0)
		return 0;
	return pl_calendar_day(m->in->timezone, e->arrived) + days;
}

static enum pl_reason
wait_until(const struct pl_moment *m, guint32 day, enum pl_reason reason,
    gint64 *until)
{
	*until = pl_calendar_at(m->in->timezone, day, 0);
	return reason;
}

static enum pl_reason
by_state(const struct pl_moment *m, const pl_entry *e)
{
	if (!m->in->journal->enabled)
		return PL_REASON_DISABLED;
	if (e->state == PL_ARCHIVED)
		return PL_REASON_ARCHIVED;
	if (e->state == PL_HELD && !is_gap(e))
		return PL_REASON_HELD;
	return accepted(m, e) ? PL_REASON_NONE : PL_REASON_NOT_ACCEPTED;
}

static enum pl_reason
by_date(const struct pl_moment *m, const pl_entry *e, gint64 *until)
{
	guint32 day = document_day(m, e), delayed = delayed_until(m, e);

	if (day < m->in->journal->start_date)
		return PL_REASON_START_DATE;
	if (delayed > m->today)
		return wait_until(m, delayed, PL_REASON_DELAY, until);
	if (e->state == PL_HELD && has_gap(m, e))
		return PL_REASON_GAP;
	/* a bank's day has to be over before its statement is complete */
	day = pl_calendar_parse(e->doc_date);
	if (e->kind == PL_KIND_STATEMENT && day >= m->today)
		return wait_until(m, day + 1, PL_REASON_UNFINISHED, until);
	return PL_REASON_NONE;
}

/* ---- chains ------------------------------------------------------------ */

static const struct pl_decision *
decided(const struct pl_moment *m, gint64 entry)
{
	guint at = GPOINTER_TO_UINT(g_hash_table_lookup(m->index, &entry));

	return at == 0 ? NULL
		       : &g_array_index(m->plan, struct pl_decision, at - 1);
}

gboolean
pl_plan_never_leaves(const struct pl_decision *d)
{
	return d->reason == PL_REASON_START_DATE ||
	       d->reason == PL_REASON_NOT_ACCEPTED ||
	       d->reason == PL_REASON_ARCHIVED;
}

/* The entry that has to leave before E and does not, 0: none. D: what was
 * decided on it; NULL: nothing here, it is in an unfinished e-mail. */
static gint64
keeper_of(
    const struct pl_moment *m, const pl_entry *e, const struct pl_decision **d)
{
	const struct pl_linked *linked = pl_moment_linked(m, e->id);
	gint64 before = 0;

	*d = NULL;
	while (linked != NULL && linked->before != 0) {
		before = linked->before;
		*d = decided(m, before);
		if (*d == NULL || !pl_plan_never_leaves(*d))
			break;
		linked = pl_moment_linked(m, before);
		before = 0;
	}
	return *d != NULL && (*d)->mail > 0 ? 0 : before;
}

/* It waits as long as the one that keeps it back. */
enum pl_reason
pl_plan_behind(const struct pl_decision *keeper, gint64 *until)
{
	switch (keeper != NULL ? keeper->reason : PL_REASON_GAP) {
	case PL_REASON_DELAY:
	case PL_REASON_UNFINISHED:
	case PL_REASON_WINDOW:
	case PL_REASON_SCHEDULE:
	case PL_REASON_CAP:
		*until = keeper->until;
		return keeper->reason;
	default:
		return PL_REASON_GAP;
	}
}

static enum pl_reason
by_chain(const struct pl_moment *m, struct pl_decision *d)
{
	const struct pl_linked *linked = pl_moment_linked(m, d->entry->id);
	const struct pl_decision *keeper;
	gint64 id;

	if (linked == NULL)
		return PL_REASON_NONE;
	if (linked->code != NULL) {
		d->code = linked->code;
		d->note = g_strdup(linked->note);
	}
	if (has_gap(m, d->entry))
		return PL_REASON_GAP;
	id = keeper_of(m, d->entry, &keeper);
	if (id == 0)
		return PL_REASON_NONE;
	d->behind = keeper != NULL && keeper->behind != 0 ? keeper->behind : id;
	return pl_plan_behind(keeper, &d->until);
}

static enum pl_reason
by_time(const struct pl_moment *m, const pl_entry *e, gint64 *until)
{
	if (document_day(m, e) < m->activation)
		return PL_REASON_NONE;
	if (m->open && m->slot)
		return PL_REASON_NONE;
	*until = m->next;
	return m->open ? PL_REASON_SCHEDULE : PL_REASON_WINDOW;
}

enum pl_reason
pl_moment_ask(const struct pl_moment *m, struct pl_decision *d)
{
	const pl_entry *e = d->entry;
	enum pl_reason reason = by_state(m, e);

	if (reason == PL_REASON_NONE)
		reason = by_date(m, e, &d->until);
	if (reason == PL_REASON_NONE || reason == PL_REASON_GAP) {
		enum pl_reason chain = by_chain(m, d);

		if (reason == PL_REASON_NONE)
			reason = chain;
	}
	if (reason == PL_REASON_NONE)
		reason = by_time(m, e, &d->until);
	d->closed = e->state == PL_HELD && is_gap(e) &&
		    pl_moment_linked(m, e->id) != NULL && !has_gap(m, e);
	return reason;
}
