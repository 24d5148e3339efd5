/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * content - the bytes of one file, from the stored message into an e-mail
 */
#ifndef PL_RUN_CONTENT_H
#define PL_RUN_CONTENT_H

#include "pack.h"
#include "spool.h"

struct pl_content {
	pl_ledger *ledger;
	pl_reader *reader;
	gint64 message;
	const char *sha256;
	guint64 offset, length; /* the part that goes out; 0,0: all */
	pl_spool *spool;        /* as base64, or */
	pl_pack *pack;          /* if not NULL */
};
/* PL_RUN_COMPOSE: this file cannot be had, now or later. Errors of the spool
 * and of a ledger that is busy come as they are. */
gboolean pl_content_put(const struct pl_content *content, GError **error);

#endif
