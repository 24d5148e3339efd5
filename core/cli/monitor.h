/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * monitor - `status --check`: one line for Nagios and what is like it
 */
#ifndef POSTLEDGER_CLI_MONITOR_H
#define POSTLEDGER_CLI_MONITOR_H

#include "cli.h"

/* Thresholds: warning, critical. */
struct pl_monitor {
	int late[2], waiting[2]; /* hours */
	const char *disk[2];     /* sizes as typed */
};

/* Prints the line; returns 0, 1, 2 or 3. An ERROR is a mistake on the command
 * line only: all others are the line. */
int pl_monitor_run(
    struct pl_cli *cli, const struct pl_monitor *limits, GError **error);

#endif
