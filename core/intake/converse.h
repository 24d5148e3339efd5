/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * converse - between the reader, whose requests they are, and the talk with the
 * child
 */
#ifndef POSTLEDGER_INTAKE_CONVERSE_H
#define POSTLEDGER_INTAKE_CONVERSE_H

#include "keeper.h"

struct pl_request {
	enum pl_frame type;
	struct pl_source source;
	char *text; /* name or hash; NULL: none */
	unsigned slot;
	gboolean asked;
	unsigned turn;  /* how many the child was asked before */
	gboolean again; /* a child was killed from outside while at it */
	/* of an extraction */
	pl_sink sink;
	void *user;
	pl_digest *hash; /* the caller's */
	/* of the answer */
	GError *error;   /* the source's or the sink's */
	GError *failure; /* the child's */
	GBytes *found;
};

struct pl_reader {
	struct pl_limits limits;
	gboolean in_process, held;
	struct pl_keeper keeper;
	GQueue requests; /* struct pl_request, the oldest first */
	unsigned slots;  /* that were used, round and round */
	unsigned put;    /* requests that were not sent yet */
};

void pl_request_free(struct pl_request *q);
/* Asks at once, if there is a child that may be asked. */
void pl_converse_begin(pl_reader *r, struct pl_request *q);
/* The oldest request, answered and off the queue; FALSE: its error. */
gboolean pl_converse_end(pl_reader *r, GBytes **found, GError **error);

#endif
