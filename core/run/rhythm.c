/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rhythm - how often an account speaks, learnt from its past statements
 *
 * Who is told of silence that is none stops reading; so all doubt is for the
 * account. It is daily when most banking days have a statement, and periodic when
 * the days between two hardly differ; else it speaks when something moves, and
 * its silence says nothing. One gap in ten may be out of the ordinary: an
 * outage is not the rhythm.
 *
 * After the longest of the ordinary gaps it may still be late: by a weekend
 * with bank holidays at both ends and the day that the statement takes to
 * arrive, more while there are few statements to learn from. How long a daily
 * account may be silent grows with its longest gap, since one that skips days
 * now and then skips two of them sooner or later.
 */
#include <stdio.h>
#include <string.h>

#include "rhythm.h"

#define LEAST 8       /* statements before anything is said */
#define LEAST_LONG 5  /* and with a long period */
#define LONG 20       /* days */
#define FEW 20        /* up to here there is more patience */
#define DAILY_SKIPS 5 /* banking days that a daily account may skip */
#define SKIPPED 2     /* its patience for each of them */
#define SHORTEST 5    /* days of a period; less is daily or irregular */
#define LATE 4        /* banking days that a statement may be late */
#define LATE_FEW 2    /* more of them while there are few */
#define USUAL_LAG 1   /* days: within LATE */
#define LAG_MOST 10
#define GIVEN_UP 366 /* days of silence: nobody expects it any more */

/* ---- days at work ----------------------------------------------------- */

/* Easter Sunday (Gauss, as Meeus gives it for all years). */
static guint32
easter(unsigned year)
{
	unsigned a = year % 19, b = year / 100, c = year % 100;
	unsigned d =
	    (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
	unsigned e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7;
	unsigned f = d + e - 7 * ((a + 11 * d + 22 * e) / 451) + 114;
	GDate date;

	g_date_clear(&date, 1);
	g_date_set_dmy(&date, (GDateDay)(f % 31 + 1), (GDateMonth)(f / 31),
	    (GDateYear)year);
	return g_date_get_julian(&date);
}

/* Days on which banks close in all of Europe or in some countries of it. A
 * holiday too many makes an account late by a day; one too few, an alarm. */
static gboolean
is_holiday(const GDate *date, guint32 julian)
{
	static const unsigned fixed[] = { 101, 427, 501, 505, 508, 714, 721,
		815, 1003, 1101, 1111, 1224, 1225, 1226, 1227, 1228, 1229, 1230,
		1231 };
	/* Good Friday, Easter Monday, Ascension and the day after, Whit
	 * Monday, Corpus Christi; from Easter Sunday */
	static const int moving[] = { -2, 1, 39, 40, 50, 60 };
	unsigned today =
	    (unsigned)g_date_get_month(date) * 100 + g_date_get_day(date);
	int behind = 0;

	/* between the first Good Friday and the last Corpus Christi */
	if (today > 300 && today < 700)
		behind = (int)julian - (int)easter(g_date_get_year(date));
	for (unsigned i = 0; i < G_N_ELEMENTS(fixed); i++)
		if (fixed[i] == today)
			return TRUE;
	for (unsigned i = 0; i < G_N_ELEMENTS(moving); i++)
		if (moving[i] == behind)
			return TRUE;
	return FALSE;
}

static gboolean
is_at_work(guint32 julian)
{
	GDate date;

	if ((julian - 1) % 7 + 1 >= G_DATE_SATURDAY)
		return FALSE;
	g_date_clear(&date, 1);
	g_date_set_julian(&date, julian);
	return !is_holiday(&date, julian);
}

unsigned
pl_rhythm_work_days(guint32 from, guint32 to)
{
	unsigned n = 0;

	for (guint32 day = from + 1; day <= to; day++)
		n += is_at_work(day);
	return n;
}

/* ---- what is ordinary --------------------------------------------------- */

static int
by_size(gconstpointer a, gconstpointer b)
{
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	return (x > y) - (x < y);
}

static guint32
at(const GArray *sorted, unsigned i)
{
	return g_array_index(sorted, guint32, i);
}

static guint32
median(const GArray *sorted)
{
	return at(sorted, (sorted->len - 1) / 2);
}

unsigned
pl_rhythm_lag(const guint32 *lags, unsigned n)
{
	g_autoptr(GArray) sorted = g_array_new(FALSE, FALSE, sizeof(guint32));

	if (n == 0)
		return 0;
	g_array_append_vals(sorted, lags, n);
	g_array_sort(sorted, by_size);
	return MIN(median(sorted), LAG_MOST);
}

/* Ascending, each day once, the newest PL_RHYTHM_STATEMENTS. */
static GArray *
in_order(const guint32 *days, unsigned n)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(guint32));
	unsigned kept = 0;

	g_array_append_vals(all, days, n);
	g_array_sort(all, by_size);
	for (unsigned i = 0; i < all->len; i++)
		if (kept == 0 || at(all, i) != at(all, kept - 1))
			g_array_index(all, guint32, kept++) = at(all, i);
	g_array_set_size(all, kept);
	if (kept > PL_RHYTHM_STATEMENTS)
		g_array_remove_range(all, 0, kept - PL_RHYTHM_STATEMENTS);
	return all;
}

static guint32
days_between(guint32 from, guint32 to)
{
	return to - from;
}

static GArray *
gaps(const GArray *days, guint32 (*measure)(guint32 from, guint32 to))
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (unsigned i = 1; i < days->len; i++) {
		guint32 gap = measure(at(days, i - 1), at(days, i));

		g_array_append_val(list, gap);
	}
	g_array_sort(list, by_size);
	return list;
}

/* The longest of the GAPS from LEAST to MOST; 0 when more than one in ten are
 * others. */
static guint32
longest_ordinary(const GArray *list, guint32 least, guint32 most)
{
	unsigned others = 0;
	guint32 longest = 0;

	for (unsigned i = 0; i < list->len; i++)
		if (at(list, i) < least || at(list, i) > most)
			others++;
		else
			longest = at(list, i);
	return others > list->len / 10 ? 0 : longest;
}

/* ---- the two rhythms --------------------------------------------------- */

static gboolean
is_late(const struct pl_rhythm *r, guint32 today)
{
	return r->expected != 0 && today > r->expected &&
	       today - r->expected <= GIVEN_UP &&
	       pl_rhythm_work_days(r->expected, today) >= r->patience;
}

gboolean
pl_rhythm_is_fresh(guint32 last, guint32 today)
{
	return last != 0 && last <= today && today - last < LATE;
}

/* The day that is N days at work behind DAY. */
static guint32
work_days_after(guint32 day, unsigned n)
{
	while (n > 0)
		n -= is_at_work(++day);
	return day;
}

static gboolean
daily(struct pl_rhythm *r, const GArray *days, unsigned lag)
{
	g_autoptr(GArray) list = gaps(days, pl_rhythm_work_days);
	guint32 skips = longest_ordinary(list, 0, DAILY_SKIPS);

	if (skips == 0 || at(list, (list->len - 1) * 2 / 3) > 1)
		return FALSE;
	if (days->len < FEW)
		skips++;
	r->kind = PL_RHYTHM_DAILY;
	r->days = 1;
	r->expected = work_days_after(r->last, 1);
	r->patience = LATE + lag + SKIPPED * (skips - 1);
	return TRUE;
}

static void
periodic(struct pl_rhythm *r, const GArray *days, unsigned lag)
{
	g_autoptr(GArray) list = gaps(days, days_between);
	guint32 usual = median(list), longest;
	guint32 play = MAX(MIN(usual / 2, 4), usual / 5);

	if (usual < SHORTEST || (usual < LONG && days->len < LEAST))
		return;
	longest = longest_ordinary(list, usual - play, usual + play);
	if (longest == 0)
		return;
	r->kind = PL_RHYTHM_PERIODIC;
	r->days = usual;
	r->expected = r->last + longest;
	r->patience = LATE + lag + (days->len < FEW ? LATE_FEW : 0);
}

static struct pl_rhythm
learn(const GArray *days, unsigned lag)
{
	struct pl_rhythm r = { .kind = PL_RHYTHM_UNKNOWN };

	if (days->len == 0)
		return r;
	r.last = at(days, days->len - 1);
	if (days->len < LEAST_LONG)
		return r;
	r.kind = PL_RHYTHM_IRREGULAR;
	lag = lag > USUAL_LAG ? lag - USUAL_LAG : 0;
	if (days->len < LEAST || !daily(&r, days, lag))
		periodic(&r, days, lag);
	return r;
}

struct pl_rhythm
pl_rhythm_of(const guint32 *dates, unsigned n, unsigned lag, guint32 today)
{
	g_autoptr(GArray) days = in_order(dates, n);
	struct pl_rhythm r = learn(days, lag);

	r.silent = is_late(&r, today);
	return r;
}

/* ---- kept -------------------------------------------------------------- */

/* Another number when another rhythm is learnt from the same dates. */
#define FORM "1"

char *
pl_rhythm_keep(const struct pl_rhythm *r, const char *zone)
{
	return g_strdup_printf(FORM " %d %u %u %u %u %s", r->kind, r->days,
	    r->last, r->expected, r->patience, zone);
}

gboolean
pl_rhythm_kept(
    const char *words, const char *zone, guint32 today, struct pl_rhythm *r)
{
	int kind, end = 0;

	memset(r, 0, sizeof(*r));
	if (words == NULL ||
	    sscanf(words, FORM " %d %u %u %u %u %n", &kind, &r->days, &r->last,
		&r->expected, &r->patience, &end) != 5 ||
	    end == 0 || strcmp(words + end, zone) != 0 || kind < 0 ||
	    kind > PL_RHYTHM_PERIODIC || r->last > today)
		return FALSE;
	r->kind = (enum pl_rhythm_kind)kind;
	r->silent = is_late(r, today);
	return TRUE;
}

/* ---- words ------------------------------------------------------------- */

char *
pl_rhythm_words(const struct pl_rhythm *r)
{
	switch (r->kind) {
	case PL_RHYTHM_UNKNOWN:
		return g_strdup("too few statements to tell");
	case PL_RHYTHM_IRREGULAR:
		return g_strdup("irregular");
	case PL_RHYTHM_DAILY:
		return g_strdup("daily");
	case PL_RHYTHM_PERIODIC:
		break;
	}
	if (r->days == 7)
		return g_strdup("weekly");
	if (r->days >= 28 && r->days <= 31)
		return g_strdup("monthly");
	if (r->days >= 89 && r->days <= 92)
		return g_strdup("quarterly");
	return g_strdup_printf("every %u days", r->days);
}
