/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * calendar - days, slots and windows in a time zone
 *
 * Times are microseconds since the epoch, days are Julian days as GDate counts
 * them, times of day are minutes of the wall clock. Where the clock is put
 * forward, a time that does not exist is the moment it is put forward; where
 * it is put back, a time that comes twice is the first of the two. So each
 * slot happens exactly once on every day.
 */
#ifndef PL_RUN_CALENDAR_H
#define PL_RUN_CALENDAR_H

#include "postledger/config.h"

guint32 pl_calendar_day(GTimeZone *tz, gint64 at);
unsigned pl_calendar_minute(GTimeZone *tz, gint64 at);
/* When DAY's wall clock reaches MINUTE. */
gint64 pl_calendar_at(GTimeZone *tz, guint32 day, unsigned minute);
/* The Julian day of "2026-02-28" and of what begins with it; 0: not a date. */
guint32 pl_calendar_parse(const char *date);

/* The latest slot at or before AT, the first one after AT; 0: none. */
gint64 pl_calendar_last_slot(
    GTimeZone *tz, const struct pl_slot *slots, unsigned n, gint64 at);
gint64 pl_calendar_next_slot(
    GTimeZone *tz, const struct pl_slot *slots, unsigned n, gint64 at);

/* No windows at all: always open. */
gboolean pl_calendar_open(
    GTimeZone *tz, const struct pl_window *windows, unsigned n, gint64 at);
/* AT if open, else the next time a window opens; 0: never. */
gint64 pl_calendar_next_open(
    GTimeZone *tz, const struct pl_window *windows, unsigned n, gint64 at);

#endif
