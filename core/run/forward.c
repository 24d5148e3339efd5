/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * forward - answers to our e-mails, for those who get the reports
 *
 * The answer is attached to an e-mail of ours, as it came: its sender stays
 * who he is, and what is sent under our name says so. It is planned with the
 * reading of the answer and sent like a report, so it neither gets lost nor
 * comes twice.
 */
#include <string.h>

#include "returns.h"

static char *
introduction(const struct pl_pass *pass, const pl_message *m, const pl_batch *b,
    const char *words)
{
	g_autofree char *sent = pl_pass_time(pass, b->created);
	g_autofree char *came = pl_pass_time(pass, m->arrived);
	g_autofree char *clean = pl_text_clean(words, 600);
	g_autofree char *sender = pl_text_clean(m->sender, 200);

	return g_strdup_printf(
	    "This came back to e-mail %" G_GINT64_FORMAT
	    ", in which postledger sent %u document%s of\n"
	    "journal %s to %s (%s).\n"
	    "It is attached as it came%s.\n\n"
	    "Sender:   %s\n"
	    "Received: %s\n\n"
	    "It begins with: %s\n\n"
	    "Do not answer this e-mail, but the address of the sender.\n",
	    b->id, b->documents, b->documents == 1 ? "" : "s", b->journal,
	    b->deliver_to, sent,
	    m->bytes.size >= PL_RETURN_BYTES ? ", the first megabyte of it"
					     : "",
	    sender, came, clean);
}

static gboolean
plan_one(struct pl_pass *pass, const pl_message *m, const pl_batch *b,
    const char *address, const char *text, GError **error)
{
	struct pl_report_row row = {
		.run = b->run,
		.forward = m->id,
		.address = (char *)(guintptr)address,
		.text = (char *)(guintptr)text,
	};
	g_autofree char *subject = g_strdup_printf(
	    "Answer to e-mail %" G_GINT64_FORMAT " of journal %s", b->id,
	    b->journal);
	g_autoptr(pl_batch) carrier = pl_batch_new();

	row.subject = subject;
	if (!pl_report_add(pass->ledger, &row, error))
		return FALSE;
	carrier->run = b->run;
	carrier->report = row.id;
	carrier->journal = g_strdup("");
	carrier->deliver_to = g_strdup(address);
	carrier->sender = g_strdup(pl_config_gateway(pass->config)->sender);
	return pl_batch_plan(pass->ledger, carrier, NULL, 0, error);
}

gboolean
pl_pass_forward(struct pl_pass *pass, const pl_message *m, const pl_batch *b,
    const char *words, GError **error)
{
	const struct pl_journal *j = pl_config_find(pass->config, b->journal);
	const char *list = j != NULL
			       ? j->report_to
			       : pl_config_gateway(pass->config)->report_to;
	g_auto(GStrv) all = g_strsplit_set(list, ", ", -1);
	g_autofree char *text = introduction(pass, m, b, words);

	for (guint i = 0; all[i] != NULL; i++)
		if (*all[i] != '\0' &&
		    !plan_one(pass, m, b, all[i], text, error))
			return FALSE;
	return TRUE;
}
