/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit - is the chain of events whole, and does a report's head lie on it?
 */
#include "cli.h"

#include <string.h>

static char *head;

const GOptionEntry pl_audit_options[] = {
	{ "head", 0, 0, G_OPTION_ARG_STRING, &head,
	    "A head from a report: it must lie on the chain", "HASH" },
	{ 0 },
};

static gboolean
check_head(GError **error)
{
	if (head == NULL)
		return TRUE;
	g_strstrip(head);
	for (char *c = head; *c != '\0'; c++) {
		if (!g_ascii_isxdigit(*c))
			break;
		*c = g_ascii_tolower(*c);
		if (c - head == 63 && c[1] == '\0')
			return TRUE;
	}
	g_set_error(error, PL_CLI_ERROR, EX_USAGE,
	    "--head takes the 64 hexadecimal digits that end a report");
	return FALSE;
}

static int
tell(const struct pl_audit *audit)
{
	if (audit->bad != 0 || (head != NULL && !audit->head_found)) {
		pl_complain("%s", audit->what != NULL
				      ? audit->what
				      : "the chain does not fit");
		pl_complain("%" G_GUINT64_FORMAT " events fit; compare with "
			    "a backup, and with the heads in the reports of "
			    "that time",
		    audit->events);
		return EX_DATAERR;
	}
	pl_out("%" G_GUINT64_FORMAT " events, each fits its predecessor\n"
	       "head %s\n",
	    audit->events, audit->head);
	if (head != NULL)
		pl_out("%s lies on the chain\n", head);
	return EX_OK;
}

int
pl_cli_audit(struct pl_cli *cli, GError **error)
{
	struct pl_audit audit = { 0 };
	if (cli->n_args != 1 || strcmp(cli->args[0], "verify") != 0) {
		g_set_error(error, PL_CLI_ERROR, EX_USAGE,
		    "audit takes the word verify: `postledger audit verify "
		    "[--head HASH]`");
		return EX_USAGE;
	}
	if (!check_head(error) ||
	    !pl_event_verify(cli->ledger, head, &audit, error))
		return EX_DATAERR;
	int code = tell(&audit);
	g_free(audit.what);
	return code;
}
