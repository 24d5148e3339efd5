/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sending - why what is in an e-mail has not left yet
 *
 * The plan has no say any more in what is in a batch: its last attempt tells.
 */
#include "sending.h"

#include <string.h>

#include "postledger/report.h"

const char *
pl_sending_name(enum pl_sending how)
{
	static const char *const names[PL_SENDINGS] = { "planned", "put-off",
		"not-answered" };
	return names[how];
}

enum pl_sending
pl_sending_of(const pl_batch *batch)
{
	if (batch->attempt == 0)
		return PL_SENDING_PLANNED;
	/* of one that is half in a folder it is known why */
	return batch->reply != NULL && (batch->state == PL_BATCH_PLANNED ||
					   pl_folder_is(batch->deliver_to))
		   ? PL_SENDING_PUT_OFF
		   : PL_SENDING_NOT_ANSWERED;
}

static char *
first_line(const char *reply, unsigned max)
{
	g_autofree char *line = g_strndup(reply, strcspn(reply, "\r\n"));
	return pl_text_clean(line, max);
}

char *
pl_sending_words(const pl_batch *batch, unsigned max)
{
	g_autofree char *name = g_strdup_printf(
	    "%" G_GINT64_FORMAT ".%u", batch->id, batch->attempt);
	g_autofree char *said = NULL;
	switch (pl_sending_of(batch)) {
	case PL_SENDING_PLANNED:
		return g_strdup_printf("in batch %" G_GINT64_FORMAT, batch->id);
	case PL_SENDING_NOT_ANSWERED:
		return g_strdup_printf("in batch %s, not answered", name);
	case PL_SENDING_PUT_OFF:
		break;
	}
	said = first_line(batch->reply, max);
	return g_strdup_printf("in batch %s, put off: %s", name, said);
}

static pl_batch *
batch_of(pl_ledger *ledger, const pl_entry *entry)
{
	return entry->state == PL_SENDING
		   ? pl_batch_get(ledger, entry->batch, NULL)
		   : NULL;
}

char *
pl_sending_why(pl_ledger *ledger, const pl_entry *entry, unsigned max)
{
	g_autoptr(pl_batch) batch = batch_of(ledger, entry);
	return batch == NULL ? g_strdup("") : pl_sending_words(batch, max);
}

void
pl_sending_json(JsonBuilder *json, pl_ledger *ledger, const pl_entry *entry)
{
	g_autoptr(pl_batch) batch = batch_of(ledger, entry);
	if (batch == NULL)
		return;
	enum pl_sending how = pl_sending_of(batch);
	pl_json_string(json, "reason", pl_sending_name(how));
	if (how == PL_SENDING_PUT_OFF)
		pl_json_string(json, "reply", batch->reply);
}
