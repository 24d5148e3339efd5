/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit - is the chain of events whole, and does a report's head lie on it?
 */
#include "audit.h"

#include <string.h>

static char *head, *to;
static gboolean all_bytes;

const GOptionEntry pl_audit_options[] = {
	{ "head", 0, 0, G_OPTION_ARG_STRING, &head,
	    "verify: a head from a report, which must lie on the chain",
	    "HASH" },
	{ "bytes", 0, 0, G_OPTION_ARG_NONE, &all_bytes,
	    "verify: compare all stored messages with the chain, too", NULL },
	{ "to", 0, 0, G_OPTION_ARG_FILENAME, &to,
	    "export: the file to write, a tar file or a .tar.gz", "FILE" },
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

/* The messages against what the chain says of their capture. */
static int
verify_bytes(struct pl_cli *cli, GError **error)
{
	guint64 bytes;

	if (!pl_ledger_check_bytes(cli->ledger, &bytes, error))
		return EX_DATAERR;
	g_autofree char *size = pl_out_size(bytes);
	pl_out("the messages are those that came in (%s)\n", size);
	return EX_OK;
}

static int
verify(struct pl_cli *cli, GError **error)
{
	struct pl_audit audit = { 0 };

	if (!check_head(error) ||
	    !pl_event_verify(cli->ledger, head, &audit, error))
		return EX_DATAERR;
	int code = tell(&audit);
	g_free(audit.what);
	return code == EX_OK && all_bytes ? verify_bytes(cli, error) : code;
}

/* A damaged history goes out as it is; whoever gets it sees the same. */
static int
export(struct pl_cli *cli, GError **error)
{
	if (!pl_audit_export(cli->ledger, to, error))
		return EX_IOERR;
	return verify(cli, error);
}

int
pl_cli_audit(struct pl_cli *cli, GError **error)
{
	const char *word = cli->n_args == 1 ? cli->args[0] : "";

	if (strcmp(word, "verify") == 0 && to == NULL)
		return verify(cli, error);
	if (strcmp(word, "export") == 0 && to != NULL && head == NULL &&
	    !all_bytes)
		return export(cli, error);
	g_set_error(error, PL_CLI_ERROR, EX_USAGE,
	    "audit takes a word: `postledger audit verify [--head HASH] "
	    "[--bytes]` or "
	    "`postledger audit export --to FILE`");
	return EX_USAGE;
}
