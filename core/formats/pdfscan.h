/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdfscan - the values of PDF files, passed over
 *
 * FALSE: it is not there, or not written plainly.
 */
#ifndef PL_FORMATS_PDFSCAN_H
#define PL_FORMATS_PDFSCAN_H

#include <glib.h>

struct pl_scan {
	const char *at, *end;
};
/* "4 0 R" */
struct pl_reference {
	gsize number, generation;
	gboolean found;
};

void pl_scan_blanks(struct pl_scan *s);
gboolean pl_scan_gap(struct pl_scan *s); /* at least one blank */
gboolean pl_scan_word(struct pl_scan *s, const char *expected);
gboolean pl_scan_number(struct pl_scan *s, gsize *n);
/* A second one for TO is not plain. */
gboolean pl_scan_reference(struct pl_scan *s, struct pl_reference *to);
gboolean pl_scan_value(struct pl_scan *s, guint depth);
gboolean pl_scan_dictionary(struct pl_scan *s, guint depth); /* at "<<" */
/* Inside a dictionary: the key of the entry that comes next, and S at its
 * value; NULL at the end, or with *GOOD FALSE. */
const char *pl_scan_key(struct pl_scan *s, gsize *length, gboolean *good);
gboolean pl_scan_is(const char *key, gsize length, const char *name);

/* Where the table is, as the end of the file says, up to "startxref". */
gboolean pl_scan_table(struct pl_scan *table, const char *text, gsize length);
/* Inside the dictionary that is the object, which is AT. */
gboolean pl_scan_object(struct pl_scan *s, const char *text, const char *end,
    gsize at, gsize number, gsize generation);

#endif
