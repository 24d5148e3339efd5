/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * borders - where the statements of a file stand, if it can be parted there
 */
#ifndef PL_FORMATS_BORDERS_H
#define PL_FORMATS_BORDERS_H

#include "postledger/formats.h"

/* Sets OFFSET and LENGTH of the statements of a camt.053 that was read from
 * BYTES without damage; leaves them where the file cannot be parted. */
void pl_borders_find(const guint8 *bytes, gsize length, struct pl_facts *facts);

#endif
