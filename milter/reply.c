/* SPDX-License-Identifier: BSD-2-Clause */
/* reply - see reply.h */
#include "reply.h"

static const struct {
	sfsistat status;
	const char *code, *extended, *text;
} refusals[] = {
	[PL_REFUSAL_UNAUTHORISED] = { SMFIS_REJECT, "550", "5.7.1",
	    "You may not send documents to this address" },
	[PL_REFUSAL_UNABLE] = { SMFIS_TEMPFAIL, "452", "4.3.1",
	    "The document ledger cannot store now, try again later" },
	[PL_REFUSAL_NOT_STORED] = { SMFIS_TEMPFAIL, "451", "4.3.0",
	    "The document ledger could not store it, try again later" },
	[PL_REFUSAL_TOO_LARGE] = { SMFIS_REJECT, "552", "5.3.4",
	    "Message too large for the document ledger" },
	[PL_REFUSAL_APART] = { SMFIS_TEMPFAIL, "452", "4.5.3",
	    "Too many recipients, send this one a message of its own" },
};

sfsistat
pl_reply_refuse(SMFICTX *ctx, enum pl_refusal refusal)
{
	smfi_setreply(ctx, (char *)refusals[refusal].code,
	    (char *)refusals[refusal].extended, (char *)refusals[refusal].text);
	return refusals[refusal].status;
}
