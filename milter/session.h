/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session - what libmilter calls, and what happens at end of message
 */
#ifndef MILTER_SESSION_H
#define MILTER_SESSION_H

#include <libmilter/mfapi.h>

#include "mail.h"

/* Makes libmilter call us. WRITER must outlive all sessions. FALSE: libmilter
 * does not take it. */
gboolean pl_session_register(pl_writer *writer);

/* The end of a message that concerns us (end.c). */
sfsistat pl_mail_end(
    pl_mail *mail, SMFICTX *ctx, pl_writer *writer, const char *client);

/* One of our batches, proven, at the end of its header. CONTINUE: that decides
 * at the end. */
sfsistat pl_mail_decide(pl_mail *mail, SMFICTX *ctx, pl_writer *writer);

#endif
