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
 * in the order of the entries, never past the number of documents, the size,
 * or the cap.
 *
 * A statement leaves after the one before it in the chain of its account or in
 * one e-mail with it, never before: whatever keeps that one keeps those behind
 * it. One that never leaves by itself (start date, not accepted) is passed.
 *
 * Sizes are estimates from above: an e-mail of several documents is never
 * larger than planned. A single document is only called too large when it
 * certainly is; the composer measures the rest.
 */
#include <string.h>

#include "postledger/run.h"

#include "calendar.h"
#include "chain.h"

/* Headers, stamp, opening and closing words of an e-mail. */
#define MAIL_OVERHEAD 8192
/* Part headers, a line of text and a ZIP member for each document with two
 * files, but for what grows with the name. */
#define DOCUMENT_OVERHEAD 4096
#define NAME_FACTOR 24
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
};

const char *
pl_reason_name(enum pl_reason reason)
{
	g_assert(reason < PL_REASONS);
	return reason_names[reason];
}

guint64
pl_plan_encoded(guint64 size)
{
	/* 57 bytes become a line of 76 characters and CR LF */
	return (size + 56) / 57 * 78;
}

/* What holds for the whole journal at this moment. */
struct moment {
	const struct pl_plan_input *in;
	guint32 today;
	guint32 activation; /* see activation_day() */
	gboolean open;      /* the window */
	gboolean slot;      /* there is one to be served */
	GArray *plan;       /* what was decided so far */
	GHashTable *index;  /* entry id ▸ its place in PLAN, from 1 */
	gint64 next;        /* for what waits now */
	gint64 after;       /* for what waits after this time is served */
};

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

static void
moment_fill(struct moment *m, const struct pl_plan_input *in)
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
document_day(const struct moment *m, const pl_entry *e)
{
	guint32 day = pl_calendar_parse(e->doc_date);

	if (day == 0)
		day = pl_calendar_parse(e->msg_date);
	return day != 0 ? day : pl_calendar_day(m->in->timezone, e->arrived);
}

/* Who is asked knows more than the kind: accounts, company numbers, and that
 * a plain PDF may be an invoice. */
static gboolean
accepted(const struct moment *m, const pl_entry *e)
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
	return e->code != NULL && (strcmp(e->code, "PL-201") == 0 ||
				      strcmp(e->code, "PL-202") == 0);
}

static const struct pl_linked *
linked_of(const struct moment *m, gint64 entry)
{
	return m->in->links == NULL ? NULL
				    : g_hash_table_lookup(m->in->links, &entry);
}

/* A gap keeps it back: as its chain is now, else as it was noted. */
static gboolean
has_gap(const struct moment *m, const pl_entry *e)
{
	const struct pl_linked *linked = linked_of(m, e->id);

	if (linked == NULL)
		return e->state == PL_HELD && is_gap(e);
	return linked->code != NULL && !m->in->journal->send_gap;
}

/* The day from which the delay is over, 0: no delay. */
static guint32
delayed_until(const struct moment *m, const pl_entry *e)
{
	unsigned days = m->in->journal->delay_days;

	if (days == 0)
		return 0;
	return pl_calendar_day(m->in->timezone, e->arrived) + days;
}

static enum pl_reason
wait_until(
    const struct moment *m, guint32 day, enum pl_reason reason, gint64 *until)
{
	*until = pl_calendar_at(m->in->timezone, day, 0);
	return reason;
}

static enum pl_reason
by_state(const struct moment *m, const pl_entry *e)
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
by_date(const struct moment *m, const pl_entry *e, gint64 *until)
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
decided(const struct moment *m, gint64 entry)
{
	guint at = GPOINTER_TO_UINT(g_hash_table_lookup(m->index, &entry));

	return at == 0 ? NULL
		       : &g_array_index(m->plan, struct pl_decision, at - 1);
}

static gboolean
never_leaves(const struct pl_decision *d)
{
	return d->reason == PL_REASON_START_DATE ||
	       d->reason == PL_REASON_NOT_ACCEPTED ||
	       d->reason == PL_REASON_ARCHIVED;
}

/* The entry that has to leave before E and does not, 0: none. D: what was
 * decided on it; NULL: nothing here, it is in an unfinished e-mail. */
static gint64
keeper_of(
    const struct moment *m, const pl_entry *e, const struct pl_decision **d)
{
	const struct pl_linked *linked = linked_of(m, e->id);
	gint64 before = 0;

	*d = NULL;
	while (linked != NULL && linked->before != 0) {
		before = linked->before;
		*d = decided(m, before);
		if (*d == NULL || !never_leaves(*d))
			break;
		linked = linked_of(m, before);
		before = 0;
	}
	return *d != NULL && (*d)->mail > 0 ? 0 : before;
}

/* It waits as long as the one that keeps it back. */
static enum pl_reason
behind(const struct pl_decision *keeper, gint64 *until)
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
by_chain(const struct moment *m, struct pl_decision *d)
{
	const struct pl_linked *linked = linked_of(m, d->entry->id);
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
	return behind(keeper, &d->until);
}

static enum pl_reason
by_time(const struct moment *m, const pl_entry *e, gint64 *until)
{
	if (document_day(m, e) < m->activation)
		return PL_REASON_NONE;
	if (m->open && m->slot)
		return PL_REASON_NONE;
	*until = m->next;
	return m->open ? PL_REASON_SCHEDULE : PL_REASON_WINDOW;
}

static enum pl_reason
ask(const struct moment *m, struct pl_decision *d)
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
		    linked_of(m, e->id) != NULL && !has_gap(m, e);
	return reason;
}

/* The e-mail that is being filled. */
struct fill {
	unsigned mail, documents;
	guint64 size;
};

static guint64
estimate(const pl_entry *e)
{
	gsize name = e->filename != NULL ? strlen(e->filename) : 0;

	return pl_plan_encoded(e->size) + DOCUMENT_OVERHEAD +
	       NAME_FACTOR * MIN(name, 255);
}

/* No e-mail can be small enough: its files alone are more. Where not all of
 * the files go out, or only a part of one, or they are compressed, only
 * composing it tells. */
static gboolean
too_large(const struct pl_plan_input *in, const pl_entry *e)
{
	const struct pl_journal *j = in->journal;

	if (in->max_size == 0 || j->zip || e->kind == PL_KIND_STATEMENT)
		return FALSE;
	if ((e->formats & ~j->formats) != 0)
		return FALSE;
	return pl_plan_encoded(e->size) > in->max_size;
}

static gboolean
fits(const struct pl_plan_input *in, const struct fill *f, guint64 size)
{
	if (f->mail == 0 || f->documents >= in->journal->documents_per_mail)
		return FALSE;
	return in->max_size == 0 || f->size + size <= in->max_size;
}

static gboolean
cap_reached(const struct pl_plan_input *in, unsigned mails)
{
	return mails + in->mails_used >= in->journal->max_mails_per_run;
}

static void
put(const struct moment *m, struct fill *f, struct pl_decision *d)
{
	const struct pl_plan_input *in = m->in;
	guint64 size = estimate(d->entry);
	gboolean joins = fits(in, f, size);

	if (!joins && cap_reached(in, f->mail)) {
		d->reason = PL_REASON_CAP;
		d->until = m->after;
		/* a smaller one must not overtake it */
		f->documents = G_MAXUINT;
		return;
	}
	if (too_large(in, d->entry)) {
		d->reason = PL_REASON_TOO_LARGE;
		return;
	}
	if (!joins) {
		f->mail++;
		f->documents = 0;
		f->size = MAIL_OVERHEAD;
	}
	f->documents++;
	f->size += size;
	d->mail = f->mail;
}

static void
decision_clear(void *data)
{
	struct pl_decision *d = data;

	g_free(d->note);
}

GArray *
pl_plan_decisions(guint n)
{
	GArray *plan =
	    g_array_sized_new(FALSE, TRUE, sizeof(struct pl_decision), n);

	g_array_set_clear_func(plan, decision_clear);
	return plan;
}

GArray *
pl_plan(const struct pl_plan_input *in)
{
	g_autoptr(GHashTable) index =
	    g_hash_table_new(g_int64_hash, g_int64_equal);
	GArray *plan = pl_plan_decisions(in->entries->len);
	struct moment m = { .plan = plan, .index = index };
	struct fill f = { 0 };

	moment_fill(&m, in);
	for (guint i = 0; i < in->entries->len; i++) {
		struct pl_decision d = { .entry = in->entries->pdata[i] };

		d.reason = ask(&m, &d);
		if (d.reason == PL_REASON_NONE)
			put(&m, &f, &d);
		g_array_append_val(plan, d);
		if (linked_of(&m, d.entry->id) != NULL)
			g_hash_table_insert(index, (gpointer)&d.entry->id,
			    GUINT_TO_POINTER(plan->len));
	}
	return plan;
}
