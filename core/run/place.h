/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * place - the folder in which a document goes
 */
#ifndef PL_RUN_PLACE_H
#define PL_RUN_PLACE_H

#include "postledger/config.h"
#include "postledger/ledger.h"

/* What follows the fixed part of the template DELIVER_TO for ENTRY, without a
 * slash at either end; "" where all of it is fixed. Foreign text becomes part
 * of a name, never more than that; what is not known is "unknown". g_free(). */
char *pl_place_below(
    const char *deliver_to, const pl_entry *entry, GTimeZone *timezone);

#endif
