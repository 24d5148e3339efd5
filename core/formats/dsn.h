/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dsn - between dsn.c and dsnguess.c
 */
#ifndef PL_FORMATS_DSN_H
#define PL_FORMATS_DSN_H

#include "postledger/formats.h"

pl_dsn *pl_dsn_new(void);
/* TEXT on one line, cut, without control characters; valid UTF-8. g_free(). */
char *pl_dsn_line(const char *text, gsize length);

#endif
