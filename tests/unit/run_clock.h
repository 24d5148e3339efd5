/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_clock - times as tests write them, and the time zone of most: Brussels
 */
#ifndef RUN_CLOCK_H
#define RUN_CLOCK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib.h>

static GTimeZone *brussels;

/* 0 for NULL. */
static inline gint64
utc(const char *iso)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	g_autoptr(GDateTime) at = NULL;

	if (iso == NULL)
		return 0;
	at = g_date_time_new_from_iso8601(iso, zone);
	assert_non_null(at);
	return g_date_time_to_unix(at) * G_USEC_PER_SEC;
}

static inline int
set_up(void **state)
{
	(void)state;
	brussels = g_time_zone_new_identifier("Europe/Brussels");
	return brussels == NULL;
}

static inline int
tear_down(void **state)
{
	(void)state;
	g_time_zone_unref(brussels);
	return 0;
}

#endif
