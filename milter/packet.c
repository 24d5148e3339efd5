/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * packet - the forms that the data of a command has
 */
#include "packet.h"

#include <string.h>
#include <libmilter/mfdef.h>

/* How many strings they are, each with its NUL; -1: the last one has none. */
static gssize
strings(const guint8 *data, gsize length)
{
	gssize n = 0;

	for (const guint8 *end; length > 0; n++) {
		end = memchr(data, '\0', length);
		if (end == NULL)
			return -1;
		length -= (gsize)(end + 1 - data);
		data = end + 1;
	}
	return n;
}

/* A name, a letter for the family, and but for an unknown one a port and an
 * address. */
static gboolean
is_connect(const guint8 *data, gsize length)
{
	const guint8 *end = memchr(data, '\0', length);
	gsize rest;

	if (end == NULL)
		return FALSE;
	rest = length - (gsize)(end + 1 - data);
	if (rest == 0 || end[1] == SMFIA_UNKNOWN)
		return rest > 0;
	return rest > 3 && strings(end + 4, rest - 3) == 1;
}

gboolean
pl_packet_is_sane(char command, const guint8 *data, gsize length)
{
	switch (command) {
	case SMFIC_OPTNEG:
		return length >= 12;
	case SMFIC_MACRO:
		return length > 0 && strings(data + 1, length - 1) >= 0 &&
		       strings(data + 1, length - 1) % 2 == 0;
	case SMFIC_CONNECT:
		return length > 0 && is_connect(data, length);
	case SMFIC_HELO:
	case SMFIC_UNKNOWN:
		return strings(data, length) == 1;
	case SMFIC_MAIL:
	case SMFIC_RCPT:
		return strings(data, length) >= 1;
	case SMFIC_HEADER:
		return strings(data, length) == 2;
	case SMFIC_DATA:
	case SMFIC_EOH:
	case SMFIC_ABORT:
	case SMFIC_QUIT:
	case SMFIC_QUIT_NC:
	case SMFIC_BODY:
	case SMFIC_BODYEOB:
		return TRUE;
	default:
		return FALSE;
	}
}
