/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * foresee - what a run would do, with what earlier runs left
 *
 * The same questions as resume.c asks, without changing anything: a batch that
 * would be given up is planned anew with all that waits, the others come first
 * and count against the cap.
 */
#include <string.h>

#include "pass.h"

struct foresight {
	const struct pl_pass *pass;
	const struct pl_turn *turn;
	struct pl_plan_input in; /* of this moment */
	unsigned mails;          /* that leave as they were planned */
	GArray *kept;            /* struct pl_decision, on entries of OWNED */
	GArray *going;           /* gint64: batches that leave, too */
	GPtrArray *owned;
	GPtrArray *loose; /* entries that would wait again */
};

static enum pl_reason
reason_for(const struct foresight *f, const pl_batch *b)
{
	if (!f->turn->journal->enabled)
		return PL_REASON_DISABLED;
	if (!pl_resume_takes(f->pass, f->turn, b, 0))
		return PL_REASON_WINDOW;
	return f->mails < f->turn->journal->max_mails_per_run ? PL_REASON_NONE
							      : PL_REASON_CAP;
}

static void
keep(struct foresight *f, const pl_batch *b, GPtrArray *entries)
{
	enum pl_reason reason = reason_for(f, b);
	gint64 until = reason == PL_REASON_WINDOW ? pl_plan_next(&f->in) : 0;

	f->mails += reason == PL_REASON_NONE;
	if (reason == PL_REASON_NONE)
		g_array_append_val(f->going, b->id);
	while (entries->len > 0) {
		pl_entry *e = g_ptr_array_steal_index(entries, 0);
		const struct pl_decision d = { .entry = e,
			.reason = reason,
			.until = until,
			.mail = reason == PL_REASON_NONE ? f->mails : 0 };

		g_ptr_array_add(f->owned, e);
		g_array_append_val(f->kept, d);
	}
}

static gboolean
look_at(struct foresight *f, const pl_batch *b, GError **error)
{
	g_autoptr(GPtrArray) entries =
	    pl_batch_entries(f->pass->ledger, b->id, error);
	unsigned attempt;

	if (entries == NULL ||
	    !pl_batch_at_large(f->pass->ledger, b->id, &attempt, error))
		return FALSE;
	if (attempt > 0 || pl_resume_fits(f->pass, f->turn, b, entries)) {
		keep(f, b, entries);
		return TRUE;
	}
	while (entries->len > 0) {
		pl_entry *e = g_ptr_array_steal_index(entries, 0);

		e->state = PL_WAITING;
		g_ptr_array_add(f->loose, e);
	}
	return TRUE;
}

/* All decisions in one list, those on unfinished batches first. */
static GArray *
join(struct foresight *f, GArray *plan, GPtrArray *entries)
{
	for (guint i = 0; i < plan->len; i++) {
		struct pl_decision *from =
		    &g_array_index(plan, struct pl_decision, i);
		struct pl_decision d = *from;

		from->note = NULL; /* it goes on living in the copy */
		d.mail += d.mail > 0 ? f->mails : 0;
		g_array_append_val(f->kept, d);
	}
	while (f->owned->len > 0)
		g_ptr_array_add(
		    entries, g_ptr_array_steal_index(f->owned, 0));
	g_array_unref(plan);
	return g_steal_pointer(&f->kept);
}

static GArray *
foresee(struct foresight *f, GPtrArray **entries, GError **error)
{
	g_autoptr(GPtrArray) all =
	    pl_batch_unfinished(f->pass->ledger, error);
	struct pl_plan_input in = f->in;
	GArray *plan;

	for (guint i = 0; all != NULL && i < all->len; i++) {
		const pl_batch *b = all->pdata[i];

		if (b->report == 0 &&
		    strcmp(b->journal, f->turn->journal->name) == 0 &&
		    !look_at(f, b, error))
			return NULL;
	}
	if (all == NULL)
		return NULL;
	in.mails_used += f->mails;
	plan = pl_turn_decide_with(
	    f->pass, f->turn, &in, f->loose, f->going, entries, error);
	return plan == NULL ? NULL : join(f, plan, *entries);
}

static void
entry_free(gpointer entry)
{
	pl_entry_free(entry);
}

GArray *
pl_turn_foresee(const struct pl_pass *pass, const struct pl_turn *turn,
    GPtrArray **entries, GError **error)
{
	g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(entry_free);
	g_autoptr(GPtrArray) loose = g_ptr_array_new_with_free_func(entry_free);
	g_autoptr(GArray) going = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct foresight f = { .pass = pass,
		.turn = turn,
		.in = pl_turn_input(pass, turn),
		.kept = pl_plan_decisions(0),
		.going = going,
		.owned = owned,
		.loose = loose };
	GArray *plan = foresee(&f, entries, error);

	if (f.kept != NULL)
		g_array_unref(f.kept);
	return plan;
}
