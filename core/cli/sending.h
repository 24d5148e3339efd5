/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sending - why what is in an e-mail has not left yet
 */
#ifndef POSTLEDGER_CLI_SENDING_H
#define POSTLEDGER_CLI_SENDING_H

#include "json.h"

enum pl_sending {
	PL_SENDING_PLANNED,      /* nothing was submitted yet */
	PL_SENDING_PUT_OFF,      /* the mail server said so: later */
	PL_SENDING_NOT_ANSWERED, /* under way, or nobody saw the answer */
};
#define PL_SENDINGS 3
const char *pl_sending_name(enum pl_sending how); /* "put-off" */

/* Of an unfinished batch. */
enum pl_sending pl_sending_of(const pl_batch *batch);
/* "in batch 4.1, put off: 451 4.7.1 later", the reply's first line cut at MAX
 * characters (0: never). g_free(). */
char *pl_sending_words(const pl_batch *batch, unsigned max);
/* The same of an entry in state "sending"; "" of any other, or when its batch
 * cannot be read. g_free(). */
char *pl_sending_why(pl_ledger *ledger, const pl_entry *entry, unsigned max);
/* Its members "reason" and "reply"; none for any other entry. */
void pl_sending_json(
    JsonBuilder *json, pl_ledger *ledger, const pl_entry *entry);

#endif
