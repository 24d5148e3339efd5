/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * textlines - the lines of a text file, with where they stand
 */
#ifndef PL_FORMATS_TEXTLINES_H
#define PL_FORMATS_TEXTLINES_H

#include <glib.h>

struct pl_textlines {
	const char *bytes; /* the whole file */
	gsize length;
	gsize next;        /* where the following line starts */
	gboolean at_signs; /* "@@" ends a line, too; for the user to set */
	gsize width;       /* 0, or lines are as long and may have no end;
			    * the same */

	/* The present line, without its end. */
	const char *line;
	gsize line_length;
	gsize start;  /* its offset in the file */
	guint number; /* from 1 */
};

/* The length without what fills up a file at its end: NULs and control-Zs, and
 * blanks behind them. */
gsize pl_textlines_filled(const guint8 *bytes, gsize length);
/* FALSE: these bytes are no text. Byte order marks are skipped. */
gboolean pl_textlines_begin(
    struct pl_textlines *lines, const guint8 *bytes, gsize length);
/* Moves to the following line; FALSE at the end. Lines end with LF, CR LF or
 * CR; a final control-Z and NULs are no line. */
gboolean pl_textlines_next(struct pl_textlines *lines);
/* Whether the present line is empty or blank. */
gboolean pl_textlines_blank(const struct pl_textlines *lines);
/* Whether the present line is a field of a mail's header: a text that begins
 * with one is a mail, whatever stands in its body. */
gboolean pl_textlines_mail_header(const struct pl_textlines *lines);

#endif
