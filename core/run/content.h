/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * content - the bytes of one file, from the stored message to where it goes
 */
#ifndef PL_RUN_CONTENT_H
#define PL_RUN_CONTENT_H

#include "postledger/run.h"

struct pl_content {
	pl_ledger *ledger;
	pl_reader *reader;
	gint64 message;
	const struct pl_file *file;
	struct pl_part part; /* that goes out */
	pl_put put;
	void *to;
};
/* PL_RUN_COMPOSE: this file cannot be had, now or later. Errors of `put` and
 * of a ledger that is busy come as they are. */
gboolean pl_content_put(const struct pl_content *content, GError **error);

#endif
