/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * csvcolumns - the headings that Belgian and Dutch banks write
 *
 * Headings are compared without case, accents, blanks, signs and what stands
 * in brackets, so "Montant (EUR)" is "montant". The first column of a role
 * counts, but for texts, where all do.
 */
#include "csv.h"

#include <string.h>

/* Fewer columns cannot hold what pl_csv_headings asks for. */
#define COLUMNS_MIN 4

static const struct {
	enum pl_csv_role role;
	const char *headings; /* separated by blanks */
} known[] = {
	{ PL_CSV_DATE,
	    "datum boekingsdatum boekdatum uitvoeringsdatum transactiedatum "
	    "verrichtingsdatum date datecomptable datedecomptabilisation "
	    "datedexecution datedoperation dateoperation datedetransaction "
	    "bookingdate executiondate transactiondate buchungstag "
	    "buchungsdatum" },
	{ PL_CSV_AMOUNT,
	    "bedrag montant amount betrag transactiebedrag bedrageur "
	    "montanteur montantdeloperation bedragvandeverrichting" },
	{ PL_CSV_DEBIT, "debet debit soll bedragaf" },
	{ PL_CSV_CREDIT, "credit haben bedragbij" },
	{ PL_CSV_SIGN, "afbij bijaf debetcredit dc debitcredit" },
	{ PL_CSV_ACCOUNT,
	    "rekening rekeningnummer compte numerodecompte nocompte ncompte "
	    "account accountnumber iban ibanbban eigenrekening "
	    "ibanrekening kontonummer auftragskonto" },
	{ PL_CSV_CURRENCY,
	    "munt munteenheid muntsoort devies devise currency wahrung "
	    "valutarekening devisecompte devisedecompte deviseducompte" },
	{ PL_CSV_OTHER_ACCOUNT,
	    "rekeningtegenpartij tegenrekening tegenrekeningibanbban "
	    "rekeningnummertegenpartij ibantegenpartij tegenpartij "
	    "comptecontrepartie comptedecontrepartie comptedelacontrepartie "
	    "numerodecomptecontrepartie contrepartie comptepartieadverse "
	    "counterparty counterpartyaccount counterpartyiban "
	    "tegenpartijrekening" },
	{ PL_CSV_OTHER_NAME,
	    "naamtegenpartij naamtegenpartijbevat naamvandetegenpartij "
	    "naamomschrijving nomcontrepartie nomcontrepartiecontient "
	    "nomdelacontrepartie counterpartyname tegenrekeninghouder" },
	{ PL_CSV_NAME, "naam nom name" },
	{ PL_CSV_REFERENCE, "gestructureerdemededeling communicationstructuree "
			    "structuredcommunication betalingskenmerk" },
	{ PL_CSV_TEXT,
	    "omschrijving mededeling mededelingen vrijemededeling "
	    "communication communications communicationlibre libelle "
	    "libelles description details detailvandeomzet bericht "
	    "verwendungszweck omschrijving1 omschrijving2 omschrijving3 "
	    "transactie transaction message" },
	{ PL_CSV_BALANCE,
	    "saldo saldonatrn saldonamutatie saldonatransactie solde "
	    "soldeaprestransaction balance" },
	{ PL_CSV_SEQUENCE,
	    "afschriftnummer rekeninguittrekselnummer numerodextrait "
	    "numerodextraitdecompte ndextrait statementnumber" },
};

/* The heading as the table has it. */
static char *
folded(const char *heading)
{
	g_autofree char *apart = g_utf8_normalize(heading, -1, G_NORMALIZE_ALL);
	GString *fold = g_string_new(NULL);
	guint brackets = 0;

	for (const char *c = apart; c != NULL && *c != '\0'; c++) {
		if (*c == '(')
			brackets++;
		else if (*c == ')' && brackets > 0)
			brackets--;
		else if (brackets == 0 && g_ascii_isalnum(*c))
			g_string_append_c(fold, g_ascii_tolower(*c));
	}
	return g_string_free(fold, FALSE);
}

static gboolean
has_word(const char *words, const char *word)
{
	gsize length = strlen(word);

	for (const char *c = words; length > 0 && (c = strstr(c, word)) != NULL;
	     c++)
		if ((c == words || c[-1] == ' ') &&
		    (c[length] == ' ' || c[length] == '\0'))
			return TRUE;
	return FALSE;
}

static enum pl_csv_role
role_of(const char *heading)
{
	g_autofree char *word = folded(heading);

	for (guint i = 0; i < G_N_ELEMENTS(known); i++)
		if (has_word(known[i].headings, word))
			return known[i].role;
	return PL_CSV_NONE;
}

/* A date and an amount are in every list of sales; a bank's export also has
 * accounts or a running balance, and says what the money was for. */
gboolean
pl_csv_headings(GPtrArray *cells, struct pl_csv_columns *columns)
{
	guint count[PL_CSV_ROLES] = { 0 };

	if (cells->len < COLUMNS_MIN)
		return FALSE;
	columns->count = MIN(cells->len, PL_CSV_COLUMNS_MAX);
	for (guint i = 0; i < columns->count; i++) {
		columns->role[i] = role_of(g_ptr_array_index(cells, i));
		count[columns->role[i]]++;
	}
	return count[PL_CSV_DATE] > 0 &&
	       (count[PL_CSV_AMOUNT] > 0 ||
		   (count[PL_CSV_DEBIT] > 0 && count[PL_CSV_CREDIT] > 0)) &&
	       (count[PL_CSV_ACCOUNT] > 0 || count[PL_CSV_OTHER_ACCOUNT] > 0 ||
		   count[PL_CSV_BALANCE] > 0) &&
	       (count[PL_CSV_OTHER_NAME] > 0 || count[PL_CSV_NAME] > 0 ||
		   count[PL_CSV_TEXT] > 0 || count[PL_CSV_OTHER_ACCOUNT] > 0);
}

/* account, currency, date, balance before, balance after, value date,
 * amount, description */
gboolean
pl_csv_abn_amro(GPtrArray *cells, struct pl_csv_columns *columns)
{
	static const enum pl_csv_role roles[] = { PL_CSV_ACCOUNT,
		PL_CSV_CURRENCY, PL_CSV_DATE, PL_CSV_NONE, PL_CSV_BALANCE,
		PL_CSV_NONE, PL_CSV_AMOUNT, PL_CSV_TEXT };
	static const char *const shapes[] = { "^[0-9]{9,10}$", "^[A-Z]{3}$",
		"^[0-9]{8}$", "^-?[0-9]+,[0-9]{2}$", "^-?[0-9]+,[0-9]{2}$",
		"^[0-9]{8}$", "^-?[0-9]+,[0-9]{2}$" };

	if (cells->len < G_N_ELEMENTS(roles))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(shapes); i++)
		if (!g_regex_match_simple(
			shapes[i], g_ptr_array_index(cells, i), 0, 0))
			return FALSE;
	memcpy(columns->role, roles, sizeof roles);
	columns->count = G_N_ELEMENTS(roles);
	return TRUE;
}

const char *
pl_csv_cell(const struct pl_csv_columns *columns, GPtrArray *cells,
    enum pl_csv_role role)
{
	for (guint i = 0; i < columns->count && i < cells->len; i++) {
		const char *cell = g_ptr_array_index(cells, i);

		if (columns->role[i] == role && cell[strspn(cell, " ")] != '\0')
			return cell;
	}
	return NULL;
}
