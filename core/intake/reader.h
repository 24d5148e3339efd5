/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reader - several requests under way, for who reads many messages
 */
#ifndef POSTLEDGER_INTAKE_READER_H
#define POSTLEDGER_INTAKE_READER_H

#include "keeper.h"

/* At most PL_SLOTS are under way; SOURCE (and its ctx) stays until finish. */
void pl_reader_begin(
    pl_reader *reader, const struct pl_source *source, const char *name);
/* The oldest one's findings, as pl_reader_inspect(), but for the lines of
 * statements. */
pl_findings *pl_reader_finish(pl_reader *reader, GError **error);
/* Forgets those under way. */
void pl_reader_abandon(pl_reader *reader);

#endif
