/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clean - foreign text made fit for each of the three outputs
 *
 * pl_text_clean() is in the room's public header.
 */
#ifndef REPORT_CLEAN_H
#define REPORT_CLEAN_H

#include <glib.h>

/* Like pl_text_clean(), but cut in the middle: the end of a file's name says
 * what it is. */
char *pl_text_clean_name(const char *name, unsigned max);
/* Columns of a terminal that TEXT (clean) takes. */
unsigned pl_text_width(const char *text);
/* TEXT as a cell of the CSV: cleaned, quoted where needed, never a formula. */
void pl_text_cell(GString *out, const char *text);
/* TEXT (clean) with & < > " ' escaped. */
void pl_text_escape(GString *out, const char *text);

#endif
