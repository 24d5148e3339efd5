/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply - our refusals, as SMTP has them: the one place that knows the codes
 */
#ifndef MILTER_REPLY_H
#define MILTER_REPLY_H

#include <libmilter/mfapi.h>

enum pl_refusal {
	PL_REFUSAL_UNAUTHORISED, /* this client may not feed the journal */
	PL_REFUSAL_UNABLE,       /* at RCPT: the ledger takes nothing now */
	PL_REFUSAL_NOT_STORED,   /* at end of message: it was not stored */
	PL_REFUSAL_TOO_LARGE,    /* above max_message_size */
	PL_REFUSAL_APART,        /* at RCPT: in a message of its own, please */
};
/* Sets the reply and returns what the callback has to return. */
sfsistat pl_reply_refuse(SMFICTX *ctx, enum pl_refusal refusal);

#endif
