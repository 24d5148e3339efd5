/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * remind - what ends, and who is silent: told once each
 */
#ifndef PL_RUN_REMIND_H
#define PL_RUN_REMIND_H

#include "gather.h"

/* Adds the problems PL-204, PL-421 and PL-422 of the journals that are due. */
gboolean pl_pass_remind(struct pl_pass *pass, GError **error);
/* Sentences on what is over, of the journals in GATHERED, into its notes; not
 * where the problem itself is told in the same report. */
void pl_gathered_add_over(pl_gathered *gathered, const struct pl_pass *pass);

/* The reminder that is due DAYS before the end: 30, 7, 1; -1: it is over; 0:
 * none yet. And whether it is to be told after TOLD (pl_standing.reminded). */
int pl_remind_stage(int days);
gboolean pl_remind_is_due(int stage, int told);

#endif
