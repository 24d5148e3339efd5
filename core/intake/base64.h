/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POSTLEDGER_INTAKE_BASE64_H
#define POSTLEDGER_INTAKE_BASE64_H

#include <glib.h>

struct pl_base64 {
	guint32 bits;
	unsigned have;    /* characters of a group of four */
	gboolean padded;  /* there was padding; the rest is doubtful */
	gboolean line;    /* behind it: at the beginning of a line */
	gboolean foreign; /* behind it: something else than base64 */
	gsize behind;     /* characters of the alphabet behind it */
	guint end;        /* of the array, when padding came */
};
void pl_base64_init(struct pl_base64 *state);
/* Appends what IN decodes to, in pieces of any size. */
void pl_base64_step(
    struct pl_base64 *state, const guint8 *in, gsize length, GByteArray *array);
/* The end of the input. */
void pl_base64_end(struct pl_base64 *state, GByteArray *array);

#endif
