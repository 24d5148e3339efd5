/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gaps - what the plan says of gaps, put into the ledger
 *
 * A statement with a gap before it is held under its code, which is a problem
 * of the report, once. What is held gets new words when another part of the gap
 * is missing now, and waits again when none is. Where gaps are to be sent, the
 * problem is told when the statement leaves.
 */
#include <string.h>

#include "pass.h"

static gboolean
note(struct pl_pass *pass, const struct pl_decision *d, GError **error)
{
	GError *failed = NULL;

	if (g_strcmp0(d->entry->code, d->code) == 0 &&
	    g_strcmp0(d->entry->note, d->note) == 0)
		return TRUE;
	return pl_statement_note(
		   pass->ledger, d->entry->id, d->code, d->note, &failed) ||
	       pl_ledger_conflict(failed, error);
}

static gboolean
let_go(struct pl_pass *pass, const struct pl_decision *d, GError **error)
{
	GError *failed = NULL;

	return pl_entry_change(pass->ledger, d->entry->id, PL_HELD, PL_WAITING,
		   NULL, NULL, 0, &failed) ||
	       pl_ledger_conflict(failed, error);
}

/* Unless it was told by an earlier run that died, or whose e-mail was given
 * up. */
static gboolean
tell(struct pl_pass *pass, const struct pl_decision *d, GError **error)
{
	const pl_entry *e = d->entry;
	struct pl_problem p = { .code = (char *)(guintptr)d->code,
		.text = d->note,
		.message = e->message,
		.document = e->document,
		.entry = e->id,
		.journal = e->journal,
		.filename = e->filename };
	gboolean told;

	if (!pl_problem_exists(pass->ledger, d->code, e->id, &told, error))
		return FALSE;
	if (told)
		return TRUE;
	pass->result->problems++;
	return pl_problem_add(pass->ledger, &p, error);
}

static gboolean
settle(struct pl_pass *pass, const struct pl_decision *d, GError **error)
{
	if (d->closed)
		return let_go(pass, d, error) &&
		       (d->code == NULL || d->mail == 0 ||
			   tell(pass, d, error));
	if (d->code == NULL)
		return TRUE;
	if (d->mail > 0)
		return tell(pass, d, error);
	if (d->reason != PL_REASON_GAP || d->behind != 0)
		return TRUE;
	return d->entry->state == PL_HELD
		   ? note(pass, d, error)
		   : pl_pass_hold(pass, d->entry, d->code, d->note, error);
}

gboolean
pl_turn_settle_gaps(struct pl_pass *pass, const GArray *plan, GError **error)
{
	for (guint i = 0; i < plan->len; i++)
		if (!settle(pass, &g_array_index(plan, struct pl_decision, i),
			error))
			return FALSE;
	return TRUE;
}
