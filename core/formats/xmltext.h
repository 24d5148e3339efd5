/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xmltext - the bytes of a file as libxml2 may have them
 */
#ifndef PL_FORMATS_XMLTEXT_H
#define PL_FORMATS_XMLTEXT_H

#include <glib.h>

struct pl_xmltext {
	const char *text; /* without the blanks and marks around it */
	gsize length;
	char *owned; /* where it had to be converted; the caller frees it */
	gboolean ignore_declared; /* it is UTF-8, whatever it says */
};

/* FALSE: these bytes are no XML. */
gboolean pl_xmltext_find(
    struct pl_xmltext *text, const guint8 *bytes, gsize length);
/* Why libxml2 must not have it, or NULL. */
char *pl_xmltext_refuse(struct pl_xmltext *text, gboolean *limited);

#endif
