/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * camtbalance - which of its balances open and close a camt.053 statement
 *
 * Booked ones only: opening OPBD or the former closing PRCD, closing CLBD;
 * pages of a long statement carry interim ones (ITBD), of which the first and
 * last serve. Some banks leave the sign out: then it is a credit, and whether
 * that was right is seen when the lines are added up. A statement of several
 * days may have a pair for each: the first day opens and the last one closes.
 */
#include "camt.h"

#include <string.h>

#include "values.h"

static void
put(const struct pl_camt_balance *balance, char **amount, char **date)
{
	g_free(*amount);
	*amount = pl_camt_signed(balance->amount, balance->side);
	g_free(*date);
	*date = g_strdup(balance->date);
}

static enum pl_camt_rank
opening_rank(const char *type)
{
	if (strcmp(type, "OPBD") == 0)
		return RANK_BOOKED;
	if (strcmp(type, "PRCD") == 0)
		return RANK_FORMER;
	return strcmp(type, "ITBD") == 0 ? RANK_INTERIM : RANK_NONE;
}

static enum pl_camt_rank
closing_rank(const char *type)
{
	if (strcmp(type, "CLBD") == 0)
		return RANK_BOOKED;
	return strcmp(type, "ITBD") == 0 ? RANK_INTERIM : RANK_NONE;
}

static gboolean
is_before(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) < 0;
}

static void
opening(struct pl_camt *camt, const struct pl_camt_balance *balance)
{
	const enum pl_camt_rank rank = opening_rank(balance->type);

	if (rank > camt->opening_rank ||
	    (rank != RANK_NONE && rank == camt->opening_rank &&
		is_before(balance->date, camt->opening_date))) {
		camt->opening_rank = rank;
		put(balance, &camt->statement->opening_balance,
		    &camt->opening_date);
	}
}

static void
closing(struct pl_camt *camt, const struct pl_camt_balance *balance)
{
	const enum pl_camt_rank rank = closing_rank(balance->type);

	if (rank > camt->closing_rank ||
	    (rank == RANK_INTERIM && rank == camt->closing_rank) ||
	    (rank == RANK_BOOKED && rank == camt->closing_rank &&
		is_before(camt->closing_date, balance->date))) {
		camt->closing_rank = rank;
		put(balance, &camt->statement->closing_balance,
		    &camt->closing_date);
	}
}

void
pl_camt_balance_end(struct pl_xml *xml)
{
	struct pl_camt *camt = pl_xml_state(xml);
	struct pl_camt_balance *balance = &camt->balance;

	if (balance->amount == NULL)
		pl_camt_fail(xml, "Stmt/Bal", "has no Amt");
	else if (balance->type != NULL) {
		opening(camt, balance);
		closing(camt, balance);
	}
	g_clear_pointer(&balance->type, g_free);
	g_clear_pointer(&balance->amount, g_free);
	g_clear_pointer(&balance->date, g_free);
	balance->side = SIDE_UNKNOWN;
}

void
pl_camt_balance_close(struct pl_xml *xml, const char *path, const char *text)
{
	struct pl_camt *camt = pl_xml_state(xml);
	struct pl_camt_balance *balance = &camt->balance;

	if (strcmp(path, "Tp/CdOrPrtry/Cd") == 0 ||
	    strcmp(path, "Tp/CdOrPrtry/Prtry") == 0 ||
	    strcmp(path, "Tp/Cd") == 0) {
		pl_value_first(&balance->type, pl_value_trim(text));
	} else if (strcmp(path, "Amt") == 0) {
		pl_camt_amount(xml, "Stmt/Bal/Amt", text, &balance->amount);
		pl_value_first(&camt->statement->currency,
		    pl_value_trim(pl_xml_attribute(xml, "Ccy")));
	} else if (strcmp(path, "CdtDbtInd") == 0) {
		pl_camt_side(xml, "Stmt/Bal/CdtDbtInd", text, &balance->side);
	} else if (strcmp(path, "Dt/Dt") == 0 || strcmp(path, "Dt/DtTm") == 0) {
		pl_camt_date(xml, "Stmt/Bal/Dt", text, &balance->date);
	}
}
