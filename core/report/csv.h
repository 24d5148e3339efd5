/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * csv - the report for spreadsheets and programs: a line for everything
 */
#ifndef REPORT_CSV_H
#define REPORT_CSV_H

#include "view.h"

/* g_free(). */
char *pl_view_csv(const pl_view *view);

#endif
