/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * accounts - the accounts of all journals, and which of them are silent
 *
 * An account that a journal no longer lists, or that goes on in another
 * journal, is nobody's loss. One without a list of accounts takes them all.
 */
#include <string.h>

#include "calendar.h"
#include "rhythm.h"

/* Statements to learn from; there may be several of a day. */
#define ENOUGH (2 * PL_RHYTHM_STATEMENTS)
#define LAGS 10

void
pl_account_free(struct pl_account *a)
{
	if (a == NULL)
		return;
	pl_statement_row_free(a->newest);
	g_free(a);
}

static void
account_free(gpointer account)
{
	pl_account_free(account);
}

char *
pl_run_day(guint32 julian)
{
	GDate date;

	if (julian == 0)
		return g_strdup("");
	g_date_clear(&date, 1);
	g_date_set_julian(&date, julian);
	return g_strdup_printf("%04d-%02d-%02d", g_date_get_year(&date),
	    (int)g_date_get_month(&date), g_date_get_day(&date));
}

struct looking {
	pl_ledger *ledger;
	GTimeZone *timezone;
	const char *zone; /* its name */
	guint32 today;
	gboolean silence; /* nothing else is asked */
	gboolean keep;    /* what is learnt is noted */
};

struct pl_rhythm
pl_rhythm_of_past(
    const GArray *past, guint from, GTimeZone *timezone, guint32 today)
{
	g_autofree guint32 *days = g_new0(guint32, past->len + 1);
	guint32 lags[LAGS];
	unsigned n = 0, n_lags = 0;

	for (guint i = from; i < past->len; i++) {
		const struct pl_statement_day *d =
		    &g_array_index(past, struct pl_statement_day, i);
		guint32 day = pl_calendar_parse(d->day);

		/* a day that is still to come is a mistake of the bank's */
		if (day == 0 || day > today)
			continue;
		days[n++] = day;
		if (n_lags < LAGS) {
			guint32 came = pl_calendar_day(timezone, d->arrived);

			lags[n_lags++] = came > day ? came - day : 0;
		}
	}
	return pl_rhythm_of(days, n, pl_rhythm_lag(lags, n_lags), today);
}

/* Has its present silence been told? What came since may have been so late
 * that it never ended. */
static gboolean
find_told(const struct looking *l, struct pl_account *a, const GArray *past,
    GError **error)
{
	for (guint i = 0; a->rhythm.silent && i < past->len; i++) {
		const struct pl_statement_day *d =
		    &g_array_index(past, struct pl_statement_day, i);
		guint32 came = pl_calendar_day(l->timezone, d->arrived);

		if (!pl_problem_exists(
			l->ledger, "PL-204", d->entry, &a->told, error))
			return FALSE;
		if (a->told ||
		    !pl_rhythm_of_past(past, i, l->timezone, came).silent)
			break;
	}
	return TRUE;
}

/* What is learnt from days that are all past stays true. */
static gboolean
keep(const struct looking *l, const struct pl_account *a, GError **error)
{
	guint32 newest = pl_calendar_parse(a->newest->day);
	g_autofree char *words = NULL;

	if (!l->keep || newest == 0 || newest > l->today)
		return TRUE;
	words = pl_rhythm_keep(&a->rhythm, l->zone);
	return pl_statement_learn(
	    l->ledger, a->journal->name, a->newest, words, error);
}

static gboolean
learn(const struct looking *l, struct pl_account *a, GError **error)
{
	gboolean known =
	    pl_rhythm_kept(a->newest->learnt, l->zone, l->today, &a->rhythm);
	g_autoptr(GArray) past = NULL;

	if (!known && l->silence && !l->keep &&
	    pl_rhythm_is_fresh(pl_calendar_parse(a->newest->day), l->today))
		return TRUE;
	if (!known || a->rhythm.silent) {
		past = pl_statement_days(l->ledger, a->journal->name,
		    a->newest->chain, ENOUGH, error);
		if (past == NULL)
			return FALSE;
	}
	if (!known) {
		a->rhythm = pl_rhythm_of_past(past, 0, l->timezone, l->today);
		if (!keep(l, a, error))
			return FALSE;
	}
	a->rhythm.silent &= a->journal->enabled;
	return past == NULL || find_told(l, a, past, error);
}

static gboolean
is_taken(const struct pl_journal *journal, const char *account)
{
	g_autofree char *plain = pl_statement_account(account);
	const GPtrArray *list = journal->accounts;

	for (guint i = 0; list != NULL && i < list->len; i++) {
		g_autofree char *one = pl_statement_account(list->pdata[i]);

		if (strcmp(one, plain) == 0)
			return TRUE;
	}
	return list == NULL || list->len == 0;
}

static gboolean
add_journal(const struct looking *l, const struct pl_journal *journal,
    GPtrArray *list, GError **error)
{
	g_autoptr(GPtrArray) newest =
	    pl_statement_newest(l->ledger, journal->name, error);

	while (newest != NULL && newest->len > 0) {
		struct pl_account *a = g_new0(struct pl_account, 1);

		a->journal = journal;
		a->newest = g_ptr_array_steal_index(newest, 0);
		if (!is_taken(journal, a->newest->account)) {
			pl_account_free(a);
			continue;
		}
		g_ptr_array_add(list, a);
		if (!learn(l, a, error))
			return FALSE;
	}
	return newest != NULL;
}

static gboolean
goes_on(const GPtrArray *all, const struct pl_account *a)
{
	for (guint i = 0; i < all->len; i++) {
		const struct pl_account *b = all->pdata[i];

		if (strcmp(a->newest->chain, b->newest->chain) == 0 &&
		    strcmp(a->newest->day, b->newest->day) < 0)
			return TRUE;
	}
	return FALSE;
}

static GPtrArray *
look(pl_ledger *l, const pl_config *config, gint64 clock, gboolean silence,
    gboolean keep_it, GError **error)
{
	const struct pl_gateway *gateway = pl_config_gateway(config);
	GTimeZone *zone = gateway->timezone;
	const struct looking looking = { l, zone, gateway->timezone_name,
		pl_calendar_day(zone, clock != 0 ? clock : g_get_real_time()),
		silence, keep_it };
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(account_free);

	for (unsigned i = 0; i < pl_config_journals(config); i++)
		if (!add_journal(
			&looking, pl_config_journal(config, i), all, error))
			return NULL;
	for (guint i = 0; i < all->len; i++) {
		struct pl_account *a = all->pdata[i];

		a->rhythm.silent = a->rhythm.silent && !goes_on(all, a);
	}
	return g_steal_pointer(&all);
}

GPtrArray *
pl_run_accounts(
    pl_ledger *l, const pl_config *config, gint64 clock, GError **error)
{
	return look(l, config, clock, FALSE, FALSE, error);
}

GPtrArray *
pl_run_silence(
    pl_ledger *l, const pl_config *config, gint64 clock, GError **error)
{
	return look(l, config, clock, TRUE, FALSE, error);
}

GPtrArray *
pl_run_learn(
    pl_ledger *l, const pl_config *config, gint64 clock, GError **error)
{
	return look(l, config, clock, TRUE, TRUE, error);
}
