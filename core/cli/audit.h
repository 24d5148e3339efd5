/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit - between the two words of that command
 */
#ifndef PL_CLI_AUDIT_H
#define PL_CLI_AUDIT_H

#include "cli.h"

/* Writes the bundle into the new file TO. Errors of this room and of the
 * ledger. */
gboolean pl_audit_export(pl_ledger *l, const char *to, GError **error);

#endif
