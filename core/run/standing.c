/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * standing - what changed in a journal's rules since the last run
 *
 * A journal that is seen enabled for the first time, again, or with another
 * start date is activated: documents dated before that day leave at once, the
 * others by its schedule, of which the slots before the activation are not
 * missed ones.
 */
#include <string.h>

#include "calendar.h"
#include "crash.h"
#include "pass.h"

#define ROWS_MOST 500 /* standings in one transaction */

static char *
date_text(guint32 julian)
{
	GDate date;

	if (julian == 0)
		return NULL;
	g_date_clear(&date, 1);
	g_date_set_julian(&date, julian);
	return g_strdup_printf("%04d-%02d-%02d", g_date_get_year(&date),
	    (int)g_date_get_month(&date), g_date_get_day(&date));
}

static const char *
change(const struct pl_journal *journal, const struct pl_standing *was,
    const char *start_date)
{
	gboolean seen = was != NULL && was->activated != 0;

	if (!journal->enabled)
		return was != NULL && was->enabled ? "disabled" : NULL;
	if (!seen || !was->enabled)
		return "activated";
	return g_strcmp0(was->start_date, start_date) != 0 ? "start-date"
							   : NULL;
}

struct pl_standing *
pl_standing_now(const struct pl_journal *journal, const struct pl_standing *was,
    gint64 now, const char **what)
{
	struct pl_standing *s = g_new0(struct pl_standing, 1);

	s->journal = g_strdup(journal->name);
	s->start_date = date_text(journal->start_date);
	s->enabled = journal->enabled;
	s->expires = date_text(journal->expires);
	*what = change(journal, was, s->start_date);
	if (was != NULL) {
		s->rules = g_strdup(was->rules);
		s->activated = was->activated;
		s->activating = was->activating && journal->enabled;
		s->served = was->served;
		if (g_strcmp0(was->expires, s->expires) == 0)
			s->reminded = was->reminded;
	}
	if (*what != NULL && journal->enabled) {
		s->activating = TRUE;
		s->activated = now;
		if (strcmp(*what, "activated") == 0)
			s->served = now;
	}
	return s;
}

static gboolean
is_selected(const struct pl_run_options *options, const char *name)
{
	return options->journals == NULL ||
	       g_strv_contains(options->journals, name);
}

/* *WHAT: the event of what changed, NULL for none. */
static struct pl_turn *
turn_of(const struct pl_pass *pass, const struct pl_journal *journal,
    const char **what, GError **error)
{
	GError *failed = NULL;
	g_autoptr(pl_standing) was =
	    pl_standing_get(pass->ledger, journal->name, &failed);
	struct pl_turn *turn;
	struct pl_plan_input input;

	if (failed != NULL) {
		g_propagate_error(error, failed);
		return NULL;
	}
	turn = g_new0(struct pl_turn, 1);
	turn->journal = journal;
	turn->standing = pl_standing_now(journal, was, pass->now, what);
	turn->selected = is_selected(pass->options, journal->name);
	input = pl_turn_input(pass, turn);
	turn->due = turn->selected && pl_plan_due(&input);
	return turn;
}

/* A standing to be written, with its event or NULL. */
struct change {
	const struct pl_standing *standing;
	const char *what;
};

static gboolean
write_some(
    struct pl_pass *pass, const GArray *changes, guint at, GError **error)
{
	const guint end = MIN(changes->len, at + ROWS_MOST);
	gboolean done = TRUE;

	if (!pl_ledger_begin(pass->ledger, error))
		return FALSE;
	for (; done && at < end; at++) {
		const struct change *c =
		    &g_array_index(changes, struct change, at);

		done =
		    pl_standing_put(pass->ledger, c->standing, c->what, error);
	}
	return pl_ledger_end(pass->ledger, done, error);
}

static gboolean
write_all(struct pl_pass *pass, const GArray *changes, GError **error)
{
	for (guint i = 0; i < changes->len; i += ROWS_MOST)
		if (!write_some(pass, changes, i, error))
			return FALSE;
	return TRUE;
}

gboolean
pl_pass_standings(struct pl_pass *pass, GError **error)
{
	g_autoptr(GArray) changes =
	    g_array_new(FALSE, FALSE, sizeof(struct change));

	for (unsigned i = 0; i < pl_config_journals(pass->config); i++) {
		struct change c = { 0 };
		struct pl_turn *turn = turn_of(
		    pass, pl_config_journal(pass->config, i), &c.what, error);

		if (turn == NULL)
			return FALSE;
		g_ptr_array_add(pass->turns, turn);
		c.standing = turn->standing;
		if (c.what != NULL)
			g_array_append_val(changes, c);
	}
	return pass->options->dry_run || write_all(pass, changes, error);
}

/* ---- served ------------------------------------------------------------ */

gboolean
pl_standing_served(struct pl_pass *pass, struct pl_turn *turn, GError **error)
{
	struct pl_plan_input input = pl_turn_input(pass, turn);

	/* an activation alone does not use up a slot that is still to come */
	input.activating = FALSE;
	if (pl_plan_due(&input))
		turn->standing->served = pass->now;
	turn->standing->activating = FALSE;
	turn->served = TRUE;
	if (turn->used == 0) {
		g_ptr_array_add(pass->idle, turn);
		return TRUE;
	}
	if (!pl_standing_put(pass->ledger, turn->standing, NULL, error))
		return FALSE;
	pl_crash_point("journal-served");
	return TRUE;
}

gboolean
pl_standings_note(struct pl_pass *pass, GError **error)
{
	g_autoptr(GArray) changes =
	    g_array_new(FALSE, FALSE, sizeof(struct change));

	for (guint i = 0; i < pass->idle->len; i++) {
		const struct pl_turn *turn = pass->idle->pdata[i];
		const struct change c = { turn->standing, NULL };

		g_array_append_val(changes, c);
	}
	g_ptr_array_set_size(pass->idle, 0);
	if (!write_all(pass, changes, error))
		return FALSE;
	if (changes->len > 0)
		pl_crash_point("journal-served");
	return TRUE;
}
