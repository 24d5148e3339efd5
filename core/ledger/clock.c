/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock - was the host's clock set since the last event?
 *
 * A handle that lives on knows how far the wall clock is from one that nobody
 * sets; when that changes, the clock was set. A new handle has only the time
 * of the last event: a clock that is behind it was set back; one that is far
 * ahead of it was set forward, or nothing happened for so long.
 */
#include <time.h>

#include "room.h"

#define STEP (60 * G_TIME_SPAN_SECOND) /* what is corrected in passing */
#define BEHIND G_TIME_SPAN_SECOND
#define GAP (31 * G_TIME_SPAN_DAY)

const char *
pl_clock_jump(gint64 last, gint64 now, gint64 step)
{
	if (step <= -STEP || now < last - BEHIND)
		return "clock-back";
	if (step >= STEP)
		return "clock-forward";
	return last != 0 && now > last + GAP ? "clock-gap" : NULL;
}

/* Since the machine started, also while it slept. */
static gint64
unset_clock(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

char *
pl_clock_text(gint64 at, const char *format)
{
	g_autoptr(GDateTime) time =
	    g_date_time_new_from_unix_utc(at / G_USEC_PER_SEC);

	return time != NULL ? g_date_time_format(time, format) : NULL;
}

static char *
stamp(gint64 at)
{
	char *text = pl_clock_text(at, PL_CLOCK_ISO);

	return text != NULL ? text : g_strdup("?");
}

const char *
pl_clock_look(pl_ledger *l, gint64 now, char **detail)
{
	gint64 distance = now - unset_clock();
	gint64 before = l->head_moved ? l->clock_seen : l->clock;
	gint64 step = before != 0 ? distance - before : 0;
	const char *what = pl_clock_jump(l->last_at, now, step);
	gint64 should_be = ABS(step) >= STEP ? now - step : l->last_at;

	l->clock_seen = distance;
	if (what != NULL) {
		g_autofree char *from = stamp(should_be);
		g_autofree char *to = stamp(now);

		*detail = g_strdup_printf("from=%s to=%s", from, to);
	}
	return what;
}
