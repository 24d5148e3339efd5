/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stop - SIGINT and SIGTERM end a run soon, but never in the middle
 *
 * The handlers only note the wish. The run asks between two e-mails; a
 * submission that is under way gets a few seconds to end by itself.
 */
#ifndef PL_RUN_STOP_H
#define PL_RUN_STOP_H

#include <glib.h>

void pl_stop_listen(void);
void pl_stop_ignore(void); /* the handlers of before are back */
/* When it was asked for (g_get_monotonic_time()), 0: not. */
gint64 pl_stop_asked(void);

#endif
