/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * restored - a ledger from a backup does not know what was sent since
 *
 * What waited when the backup was made, and could have left at any time until
 * now, may be with the accounting software already: it is held until a person
 * has looked; so is a statement behind a gap, which may have been closed by one
 * that is lost. What could not have left (its date, its delay, a person who
 * holds it) goes its way. E-mails that were planned and not yet with the
 * MTA are taken back first, as their documents are in the same case. E-mails
 * of the lost time that came by since the restore take what is theirs.
 */
#include "pass.h"

#include "postledger/run.h"

#define CODE "PL-507"

/* Of reasons that hold for now, and need not have held since. */
static gboolean
may_have_left(enum pl_reason reason)
{
	return reason == PL_REASON_NONE || reason == PL_REASON_WINDOW ||
	       reason == PL_REASON_SCHEDULE || reason == PL_REASON_CAP ||
	       reason == PL_REASON_GAP;
}

/* For those who read the report; also when nothing has to be held. */
static gboolean
tell(struct pl_pass *pass, const char *words, GError **error)
{
	struct pl_problem *p = pl_problem_new();
	gboolean ok;

	p->code = g_strdup(CODE);
	p->text = g_strdup_printf("%s, nor are messages that came in between "
				  "and do not lie in its files any more; "
				  "numbers go on higher from here. "
				  "Look whether the accounting software has it "
				  "before you release anything that was held "
				  "at that time",
	    words);
	ok = pl_problem_add(pass->ledger, p, error);
	pl_problem_free(p);
	return ok;
}

static char *
words_for(const struct pl_pass *pass, gint64 backup)
{
	g_autofree char *when = pl_pass_time(pass, backup);

	return g_strdup_printf("the ledger was put back as it was at %s: what "
			       "was sent after that is not in it",
	    when);
}

static gboolean
take_back(struct pl_pass *pass, GError **error)
{
	g_autoptr(GPtrArray) batches =
	    pl_batch_unfinished(pass->ledger, error);

	for (guint i = 0; batches != NULL && i < batches->len; i++) {
		const pl_batch *b = batches->pdata[i];
		GError *refused = NULL;

		if (b->report == 0 &&
		    !pl_batch_cancel(pass->ledger, b->id, &refused) &&
		    !pl_ledger_conflict(refused, error))
			return FALSE;
	}
	return batches != NULL;
}

/* What came by before this run found its documents in older e-mails. */
static gboolean
claim(struct pl_pass *pass, GError **error)
{
	g_autoptr(GPtrArray) batches =
	    pl_batch_unfinished(pass->ledger, error);

	for (guint i = 0; batches != NULL && i < batches->len; i++) {
		const pl_batch *b = batches->pdata[i];

		if (b->adopted != 0 &&
		    !pl_batch_claim(pass->ledger, b->id, error))
			return FALSE;
	}
	return batches != NULL;
}

/* One that is held for a gap would go by itself once that is closed. */
static gboolean
hold(struct pl_pass *pass, const pl_entry *e, const char *words, GError **error)
{
	g_autofree char *both = NULL;

	if (e->state == PL_WAITING)
		return pl_pass_hold(pass, e, CODE, words, error);
	both = g_strdup_printf("%s; before: %s", words,
	    e->note != NULL ? e->note : "");
	return pl_statement_note(pass->ledger, e->id, CODE, both, error);
}

static gboolean
hold_journal(struct pl_pass *pass, const struct pl_turn *turn,
    const char *words, GError **error)
{
	gint64 last = pl_ledger_restored_message(pass->ledger);
	g_autoptr(GPtrArray) entries = NULL;
	g_autoptr(GArray) plan = pl_turn_decide(pass, turn, &entries, error);

	for (guint i = 0; plan != NULL && i < plan->len; i++) {
		const struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, i);

		if (may_have_left(d->reason) && d->entry->message <= last &&
		    !hold(pass, d->entry, words, error))
			return FALSE;
	}
	return plan != NULL;
}

gboolean
pl_pass_restored(struct pl_pass *pass, GError **error)
{
	gint64 backup = pl_ledger_restored(pass->ledger);
	g_autofree char *words = NULL;

	if (backup == 0)
		return TRUE;
	words = words_for(pass, backup);
	if (!take_back(pass, error) || !claim(pass, error))
		return FALSE;
	for (guint i = 0; i < pass->turns->len; i++)
		if (!hold_journal(pass, pass->turns->pdata[i], words, error))
			return FALSE;
	/* dying before it is noted as told says it once more, holding nothing */
	return tell(pass, words, error) &&
	       pl_ledger_restored_told(pass->ledger, error);
}
