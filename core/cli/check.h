/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check - what the parts of `check` share
 *
 * A part looks at one thing and tells what it found by these calls, the good
 * as well: the page shows what was looked at. Codes are those of
 * postledger/report.h.
 */
#ifndef POSTLEDGER_CLI_CHECK_H
#define POSTLEDGER_CLI_CHECK_H

#include "cli.h"
#include "daemon.h"

struct pl_check {
	struct pl_cli *cli;
	const struct pl_gateway *gateway;
	pl_secret *secret;
	struct pl_milter_socket socket;
	const char *postfix_dir; /* --postfix-config, NULL: the MTA's own */
	gboolean quick;          /* the messages are not read */
	guint64 mta_size;        /* EHLO SIZE, 0: not known */
	unsigned warnings, errors;
};
typedef struct pl_check pl_check;

void pl_check_good(pl_check *check, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
/* Could not be looked at, or good to know. */
void pl_check_note(pl_check *check, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
/* TODO: what to change; NULL: what the code says. */
void pl_check_warn(pl_check *check, const char *code, const char *todo,
    const char *format, ...) G_GNUC_PRINTF(4, 5);
void pl_check_fail(pl_check *check, const char *code, const char *todo,
    const char *format, ...) G_GNUC_PRINTF(4, 5);

/* The parts, in the order in which they are called. */
gboolean pl_check_config(pl_check *check); /* FALSE: nothing else can be */
void pl_check_rules(pl_check *check);
void pl_check_ledger(pl_check *check);
void pl_check_folders(pl_check *check);
void pl_check_daemon(pl_check *check);
void pl_check_postfix(pl_check *check);
void pl_check_mta(pl_check *check);
void pl_check_send(pl_check *check, const struct pl_journal *journal);
void pl_check_send_folder(pl_check *check, const struct pl_journal *journal);

#endif
