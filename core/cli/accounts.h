/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * accounts - the accounts of bank statements on the page of `status`
 */
#ifndef POSTLEDGER_CLI_ACCOUNTS_H
#define POSTLEDGER_CLI_ACCOUNTS_H

#include "json.h"

/* A row for each of ACCOUNTS (struct pl_account); nothing for none. */
void pl_accounts_print(const GPtrArray *accounts, GTimeZone *zone);
/* A line for each of STRAYS (struct pl_statement_stray). */
void pl_accounts_print_strays(const GPtrArray *strays);

/* "accounts": those of JOURNAL; no member without any. */
void pl_accounts_json(JsonBuilder *json, const GPtrArray *accounts,
    const struct pl_journal *journal, GTimeZone *zone);
/* "accounts_without_journal", the same. */
void pl_accounts_strays_json(JsonBuilder *json, const GPtrArray *strays);

/* "BE68 5390 0754 7034 EUR", an IBAN in groups of four. g_free(). */
char *pl_accounts_name(const char *account, const char *currency);

#endif
