/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * packet - is a packet of the milter protocol what its command wants?
 *
 * libmilter believes what lengths and strings a packet pretends to have: names
 * and values of macros that are no pairs make it read past its own memory.
 */
#ifndef MILTER_PACKET_H
#define MILTER_PACKET_H

#include <glib.h>

/* Of the number in front, which counts the command and its data. */
#define PL_PACKET_MOST 65537

gboolean pl_packet_is_sane(char command, const guint8 *data, gsize length);

#endif
