/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * calendar - days, slots and windows in a time zone
 *
 * All goes by the wall clock: GTimeZone says which offset holds, the rest is
 * integer arithmetic on local seconds. Nothing here reads a clock.
 */
#include "calendar.h"

#define EPOCH_DAY 719163 /* 1970-01-01 as GDate counts */
#define DAY_SECONDS 86400
#define DAY_MINUTES 1440
/* There is a slot every day. A window that falls into a skipped hour opens on
 * the day after. */
#define DAYS_TO_LOOK 3

static gint64
floor_div(gint64 a, gint64 b)
{
	return a / b - (a % b < 0);
}

static gint64
local_seconds(GTimeZone *tz, gint64 at)
{
	gint64 utc = floor_div(at, G_USEC_PER_SEC);
	gint interval =
	    g_time_zone_find_interval(tz, G_TIME_TYPE_UNIVERSAL, utc);

	return utc + g_time_zone_get_offset(tz, interval);
}

guint32
pl_calendar_day(GTimeZone *tz, gint64 at)
{
	gint64 day = floor_div(local_seconds(tz, at), DAY_SECONDS) + EPOCH_DAY;

	return (guint32)CLAMP(day, 1, G_MAXINT32);
}

unsigned
pl_calendar_minute(GTimeZone *tz, gint64 at)
{
	gint64 local = local_seconds(tz, at);

	return (unsigned)(local - floor_div(local, DAY_SECONDS) * DAY_SECONDS) /
	       60;
}

gint64
pl_calendar_at(GTimeZone *tz, guint32 day, unsigned minute)
{
	gint64 local = ((gint64)day - EPOCH_DAY) * DAY_SECONDS + minute * 60;
	gint interval =
	    g_time_zone_adjust_time(tz, G_TIME_TYPE_DAYLIGHT, &local);

	return (local - g_time_zone_get_offset(tz, interval)) * G_USEC_PER_SEC;
}

static gboolean
digits(const char *text, unsigned n, int *value)
{
	*value = 0;
	for (unsigned i = 0; i < n; i++) {
		if (!g_ascii_isdigit(text[i]))
			return FALSE;
		*value = *value * 10 + (text[i] - '0');
	}
	return TRUE;
}

guint32
pl_calendar_parse(const char *date)
{
	int y, m, d;
	GDate parsed;

	if (date == NULL || !digits(date, 4, &y) || date[4] != '-' ||
	    !digits(date + 5, 2, &m) || date[7] != '-' ||
	    !digits(date + 8, 2, &d) || g_ascii_isdigit(date[10]))
		return 0;
	if (y < 1 ||
	    !g_date_valid_dmy((GDateDay)d, (GDateMonth)m, (GDateYear)y))
		return 0;
	g_date_clear(&parsed, 1);
	g_date_set_dmy(&parsed, (GDateDay)d, (GDateMonth)m, (GDateYear)y);
	return g_date_get_julian(&parsed);
}

/* The first minute of a day from MINUTE on at which SLOT is, or -1. */
static int
slot_from(const struct pl_slot *slot, unsigned minute)
{
	if (!slot->every)
		return slot->minutes >= minute ? (int)slot->minutes : -1;
	if (slot->minutes == 0)
		return -1;
	minute += (slot->minutes - minute % slot->minutes) % slot->minutes;
	return minute < DAY_MINUTES ? (int)minute : -1;
}

/* The slots of one day, at most one more than AT's, in their order. */
static void
day_slots(GTimeZone *tz, const struct pl_slot *slot, guint32 day, gint64 at,
    gint64 *last, gint64 *next)
{
	for (int m = slot_from(slot, 0); m >= 0;
	     m = slot_from(slot, (unsigned)m + 1)) {
		gint64 when = pl_calendar_at(tz, day, (unsigned)m);

		if (when <= at) {
			*last = MAX(*last, when);
			continue;
		}
		if (*next == 0 || when < *next)
			*next = when;
		return;
	}
}

static void
around(GTimeZone *tz, const struct pl_slot *slots, unsigned n, gint64 at,
    gint64 *last, gint64 *next)
{
	guint32 today = pl_calendar_day(tz, at);

	*last = *next = 0;
	for (unsigned i = 0; i < n; i++)
		for (int d = -1; d < DAYS_TO_LOOK; d++)
			day_slots(tz, &slots[i], (guint32)((int)today + d), at,
			    last, next);
}

gint64
pl_calendar_last_slot(
    GTimeZone *tz, const struct pl_slot *slots, unsigned n, gint64 at)
{
	gint64 last, next;

	around(tz, slots, n, at, &last, &next);
	return last;
}

gint64
pl_calendar_next_slot(
    GTimeZone *tz, const struct pl_slot *slots, unsigned n, gint64 at)
{
	gint64 last, next;

	around(tz, slots, n, at, &last, &next);
	return next;
}

static gboolean
covers(const struct pl_window *w, unsigned minute)
{
	if (w->from <= w->to)
		return minute >= w->from && minute < w->to;
	return minute >= w->from || minute < w->to;
}

gboolean
pl_calendar_open(
    GTimeZone *tz, const struct pl_window *windows, unsigned n, gint64 at)
{
	unsigned minute = pl_calendar_minute(tz, at);

	for (unsigned i = 0; i < n; i++)
		if (covers(&windows[i], minute))
			return TRUE;
	return n == 0;
}

gint64
pl_calendar_next_open(
    GTimeZone *tz, const struct pl_window *windows, unsigned n, gint64 at)
{
	guint32 today = pl_calendar_day(tz, at);
	gint64 best = 0;

	if (pl_calendar_open(tz, windows, n, at))
		return at;
	for (unsigned i = 0; i < n; i++)
		for (guint32 d = 0; d < DAYS_TO_LOOK; d++) {
			gint64 when =
			    pl_calendar_at(tz, today + d, windows[i].from);

			if (when <= at ||
			    !pl_calendar_open(tz, windows, n, when))
				continue;
			if (best == 0 || when < best)
				best = when;
			break;
		}
	return best;
}
