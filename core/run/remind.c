/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * remind - what ends, and who is silent: told once each
 *
 * Asked in each run, of the journals that are due: a reminder or an alarm is a
 * problem like any other, so a run that dies, or that mails no report, tells
 * it by the next. What was told is noted in the same transaction: the reminder
 * in the journal's standing, silence by the problem on the account's newest
 * statement of then. One that came in time since ends it.
 */
#include <string.h>

#include "remind.h"

#include "calendar.h"
#include "crash.h"
#include "rhythm.h"

#define OVER (-1)

gboolean
pl_run_expiry(const struct pl_journal *journal, GTimeZone *timezone,
    gint64 clock, int *days)
{
	if (journal->expires == 0)
		return FALSE;
	*days = (int)journal->expires - (int)pl_calendar_day(timezone, clock);
	return TRUE;
}

int
pl_remind_stage(int days)
{
	static const int stages[] = { 1, 7, PL_REMIND_FIRST };

	if (days < 0)
		return OVER;
	for (unsigned i = 0; i < G_N_ELEMENTS(stages); i++)
		if (days <= stages[i])
			return stages[i];
	return 0;
}

/* TOLD: the last one, 0: none yet. */
gboolean
pl_remind_is_due(int stage, int told)
{
	if (stage == 0 || told == OVER)
		return FALSE;
	return told == 0 || stage < told;
}

static char *
expiry_words(const struct pl_journal *j, int days)
{
	g_autofree char *day = pl_run_day(j->expires);

	if (days < -1)
		return g_strdup_printf("Ended on %s, %d days ago", day, -days);
	if (days < 0)
		return g_strdup_printf("Ended yesterday, on %s", day);
	if (days == 0)
		return g_strdup_printf("Ends today, %s", day);
	if (days == 1)
		return g_strdup_printf("Ends tomorrow, on %s", day);
	return g_strdup_printf("Ends on %s, in %d days", day, days);
}

static gboolean
add_problem(struct pl_pass *pass, const char *journal, const char *code,
    gint64 entry, const char *text, GError **error)
{
	struct pl_problem p = { .journal = (char *)(guintptr)journal,
		.code = (char *)(guintptr)code,
		.entry = entry,
		.text = (char *)(guintptr)text };

	pass->result->problems++;
	return pl_problem_add(pass->ledger, &p, error);
}

static gboolean
remind(struct pl_pass *pass, struct pl_turn *turn, GError **error)
{
	const struct pl_journal *j = turn->journal;
	GTimeZone *zone = pl_config_gateway(pass->config)->timezone;
	g_autofree char *text = NULL;
	int days, stage;

	if (!pl_run_expiry(j, zone, pass->now, &days))
		return TRUE;
	stage = pl_remind_stage(days);
	if (!pl_remind_is_due(stage, turn->standing->reminded))
		return TRUE;
	turn->standing->reminded = stage;
	text = expiry_words(j, days);
	return add_problem(pass, j->name, stage == OVER ? "PL-422" : "PL-421",
		   0, text, error) &&
	       pl_standing_put(pass->ledger, turn->standing, NULL, error);
}

static char *
silence_words(const struct pl_account *a)
{
	const struct pl_statement_row *s = a->newest;
	g_autofree char *rhythm = pl_rhythm_words(&a->rhythm);
	g_autofree char *last = pl_run_day(a->rhythm.last);
	g_autofree char *expected = pl_run_day(a->rhythm.expected);
	gboolean numbered = s->sequence != NULL && *s->sequence != '\0';

	return g_strdup_printf("Account %s%s%s: the last statement is of "
			       "%s%s%s; they come %s, and the next was "
			       "expected for %s",
	    s->account, s->currency != NULL ? " " : "",
	    s->currency != NULL ? s->currency : "", last,
	    numbered ? ", no. " : "", numbered ? s->sequence : "", rhythm,
	    expected);
}

static gboolean
alarm_once(struct pl_pass *pass, const struct pl_account *a, GError **error)
{
	const struct pl_turn *turn = pl_pass_turn(pass, a->journal->name);
	g_autofree char *text = NULL;

	if (!a->rhythm.silent || a->told || !turn->due)
		return TRUE;
	text = silence_words(a);
	return add_problem(
	    pass, a->journal->name, "PL-204", a->newest->entry, text, error);
}

static gboolean
remind_all(struct pl_pass *pass, GError **error)
{
	g_autoptr(GPtrArray) accounts =
	    pl_run_learn(pass->ledger, pass->config, pass->now, error);

	for (guint i = 0; accounts != NULL && i < accounts->len; i++)
		if (!alarm_once(pass, accounts->pdata[i], error))
			return FALSE;
	for (guint i = 0; i < pass->turns->len; i++) {
		struct pl_turn *turn = pass->turns->pdata[i];

		if (turn->due && !remind(pass, turn, error))
			return FALSE;
	}
	return accounts != NULL;
}

gboolean
pl_pass_remind(struct pl_pass *pass, GError **error)
{
	if (!pl_ledger_begin(pass->ledger, error) ||
	    !pl_ledger_end(pass->ledger, remind_all(pass, error), error))
		return FALSE;
	pl_crash_point("run-reminded");
	return TRUE;
}

/* ---- as long as it is over ---------------------------------------------- */

static gboolean
is_a_problem_of(const struct pl_report_facts *facts, const char *journal)
{
	for (guint i = 0; i < facts->problems->len; i++) {
		const struct pl_problem *p = facts->problems->pdata[i];

		if (strcmp(p->code, "PL-422") == 0 &&
		    g_strcmp0(p->journal, journal) == 0)
			return TRUE;
	}
	return FALSE;
}

static void
add_over(pl_gathered *g, const struct pl_journal *j, GPtrArray *notes)
{
	g_autofree char *day = pl_run_day(j->expires);
	char *note = g_strdup_printf("Journal %s: the permission by which its "
				     "documents come ended on %s, as its key "
				     "expires says (PL-422).",
	    j->name, day);
	GPtrArray *owner = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(owner, note);
	g_ptr_array_add(g->kept, owner);
	g_ptr_array_add(notes, note);
}

void
pl_gathered_add_over(pl_gathered *g, const struct pl_pass *pass)
{
	GTimeZone *zone = pl_config_gateway(pass->config)->timezone;
	GPtrArray *notes = g_ptr_array_new();

	g_ptr_array_add(g->kept, notes);
	g_ptr_array_extend(notes, g->facts.notes, NULL, NULL);
	for (guint i = 0; i < g->facts.journals->len; i++) {
		const struct pl_report_journal *j = g->facts.journals->pdata[i];
		int days;

		if (j->journal->enabled &&
		    pl_run_expiry(j->journal, zone, pass->now, &days) &&
		    days < 0 && !is_a_problem_of(&g->facts, j->journal->name))
			add_over(g, j->journal, notes);
	}
	g->facts.notes = notes;
}
