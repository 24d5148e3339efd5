/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * csvcolumns - what Belgian and Dutch banks put in which column
 *
 * Headings are compared without case, accents, blanks, signs and what stands
 * in brackets, so "Montant (EUR)" is "montant". The first column of a role
 * counts, but for texts, where all do.
 */
#include "csv.h"

#include <string.h>

#include "values.h"

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
	    "bookingdate executiondate transactiondate completeddate "
	    "datecompleted datumverrichting datumvverrichting buchungstag "
	    "buchungsdatum" },
	{ PL_CSV_AMOUNT,
	    "bedrag montant amount betrag transactiebedrag bedrageur "
	    "montanteur montantdeloperation bedragvandeverrichting "
	    "bedragverrichting bedragvdverrichting" },
	{ PL_CSV_DEBIT, "debet debit debits soll bedragaf" },
	{ PL_CSV_CREDIT, "credit credits haben bedragbij" },
	{ PL_CSV_FEE, "fee" },
	{ PL_CSV_SIGN, "afbij bijaf debetcredit creditdebet dc debitcredit" },
	{ PL_CSV_STATUS, "status statut state" },
	{ PL_CSV_ACCOUNT,
	    "rekening rekeningnummer compte numerodecompte nocompte ncompte "
	    "account accountnumber iban ibanbban eigenrekening "
	    "ibanrekening kontonummer auftragskonto nrvdrekening" },
	{ PL_CSV_CURRENCY,
	    "munt munteenheid muntsoort devies devise currency wahrung "
	    "valutarekening valutacode devisecompte devisedecompte "
	    "deviseducompte paymentcurrency currencyoftheaccount mutationcode "
	    "muntcode codedevise muntvdrekening valuta" },
	{ PL_CSV_OTHER_ACCOUNT,
	    "rekeningtegenpartij tegenrekening tegenrekeningibanbban "
	    "rekeningnummertegenpartij ibantegenpartij tegenpartij "
	    "comptecontrepartie comptedecontrepartie comptedelacontrepartie "
	    "numerodecomptecontrepartie contrepartie comptepartieadverse "
	    "counterparty counterpartyaccount counterpartyiban "
	    "tegenpartijrekening tegenrekeningnummer "
	    "numerodecomptedelacontrepartie tegenpartijvandeverrichting "
	    "counterpartysaccountnumber counterpartyofthetransaction "
	    "partneriban" },
	{ PL_CSV_OTHER_NAME,
	    "naamtegenpartij naamtegenpartijbevat naamvandetegenpartij "
	    "naamomschrijving nomcontrepartie nomcontrepartiecontient "
	    "nomdelacontrepartie counterpartyname tegenrekeninghouder "
	    "namedescription payee naamvdtegenpartij nameofcounterparty "
	    "nameofthecounterparty partnername naamenadrestegenpartij "
	    "nometadressecontrepartie begunstigde" },
	{ PL_CSV_NAME, "naam nom name" },
	{ PL_CSV_REFERENCE, "gestructureerdemededeling communicationstructuree "
			    "structuredcommunication betalingskenmerk "
			    "standardformatreference" },
	{ PL_CSV_TEXT,
	    "omschrijving mededeling mededelingen vrijemededeling "
	    "communication communications communicationlibre libelle "
	    "libelles description beschrijving details detailvandeomzet "
	    "detailsdumouvement transactiondetails notifications bericht "
	    "verwendungszweck omschrijving1 omschrijving2 omschrijving3 "
	    "transactie transaction transactions message mededeling1 "
	    "mededeling2 freeformatreference paymentreference "
	    "mutatieomschrijving regel1 regel2 regel3 regel4 regel5" },
	{ PL_CSV_BALANCE,
	    "saldo saldonatrn saldonamutatie saldonatransactie eindsaldo "
	    "endsaldo solde soldeaprestransaction balance resultingbalance "
	    "runningbalance saldorekening" },
	{ PL_CSV_SEQUENCE,
	    "afschriftnummer rekeninguittrekselnummer numerodextrait "
	    "numerodextraitdecompte numerodelextrait ndextrait "
	    "statementnumber accountstatementnumber afschrift "
	    "nummerafschrift" },
};

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Where one of these is a heading, an account is that of the other side. */
static const char others[] = "extrait uittreksel extract payee";

char *
pl_csv_fold(const char *heading)
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
	g_autofree char *word = pl_csv_fold(heading);

	for (guint i = 0; i < G_N_ELEMENTS(known); i++)
		if (has_word(known[i].headings, word))
			return known[i].role;
	return PL_CSV_NONE;
}

char *
pl_csv_account_above(GPtrArray *cells)
{
	guint digits = 0;

	if (cells->len < 2 || role_of(cells->pdata[0]) != PL_CSV_ACCOUNT)
		return NULL;
	for (const char *c = cells->pdata[1]; *c != '\0'; c++)
		digits += g_ascii_isdigit(*c);
	return digits < 6 ? NULL : pl_value_account(cells->pdata[1]);
}

static gboolean
names_others(GPtrArray *cells, guint count)
{
	for (guint i = 0; i < count; i++) {
		g_autofree char *word =
		    pl_csv_fold(g_ptr_array_index(cells, i));

		if (has_word(others, word))
			return TRUE;
	}
	return FALSE;
}

/* "Bedrag (EUR)" */
static void
currency_take(struct pl_csv_columns *columns, const char *heading)
{
	const char *bracket = strchr(heading, '(');

	if (columns->currency[0] == '\0' && bracket != NULL &&
	    strspn(bracket + 1, CAPITALS) == 3 && bracket[4] == ')')
		memcpy(columns->currency, bracket + 1, 3);
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
	memset(columns->currency, 0, sizeof columns->currency);

	const gboolean foreign = names_others(cells, columns->count);

	for (guint i = 0; i < columns->count; i++) {
		columns->role[i] = role_of(g_ptr_array_index(cells, i));
		if (foreign && columns->role[i] == PL_CSV_ACCOUNT)
			columns->role[i] = PL_CSV_OTHER_ACCOUNT;
		if (columns->role[i] == PL_CSV_AMOUNT)
			currency_take(columns, g_ptr_array_index(cells, i));
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

/* ---- exports without headings */

#define DAY "^[0-9]{8}$"
#define DASHED "^[0-9]{2}-[0-9]{2}-[0-9]{4}$"
#define IBAN "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"
#define ACCOUNT "^([0-9]{9,10}|[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30})$"
#define MONEY "^-?[0-9.]+,[0-9]{2}$"
#define EITHER "^-?[0-9.]+[.,][0-9]{2}$"
#define PLAIN "^[+-]?[0-9]+[.,][0-9]{2}$"
#define CURRENCY "^[A-Z]{3}$"
#define ANY ""

#define SHAPE_MAX 19

/* What each column is, and what a cell of it looks like. */
static const struct shape {
	char delimiter;
	guint count;
	struct {
		enum pl_csv_role role;
		const char *looks;
	} column[SHAPE_MAX];
} shapes[] = {
	/* ABN AMRO; the balance before the line stands before that after it */
	{ '\t', 8,
	    { { PL_CSV_ACCOUNT, ACCOUNT }, { PL_CSV_CURRENCY, CURRENCY },
		{ PL_CSV_DATE, DAY }, { PL_CSV_NONE, EITHER },
		{ PL_CSV_BALANCE, EITHER }, { PL_CSV_NONE, DAY },
		{ PL_CSV_AMOUNT, EITHER }, { PL_CSV_TEXT, ANY } } },
	/* Rabobank before 2018 */
	{ ',', 19,
	    { { PL_CSV_ACCOUNT, ACCOUNT }, { PL_CSV_CURRENCY, CURRENCY },
		{ PL_CSV_NONE, DAY }, { PL_CSV_SIGN, "^[CD]$" },
		{ PL_CSV_AMOUNT, PLAIN }, { PL_CSV_OTHER_ACCOUNT, ANY },
		{ PL_CSV_OTHER_NAME, ANY }, { PL_CSV_DATE, DAY },
		{ PL_CSV_NONE, ANY }, { PL_CSV_NONE, ANY },
		{ PL_CSV_TEXT, ANY }, { PL_CSV_TEXT, ANY },
		{ PL_CSV_TEXT, ANY }, { PL_CSV_TEXT, ANY },
		{ PL_CSV_TEXT, ANY }, { PL_CSV_TEXT, ANY },
		{ PL_CSV_NONE, ANY }, { PL_CSV_NONE, ANY },
		{ PL_CSV_NONE, ANY } } },
	/* Triodos */
	{ ',', 9,
	    { { PL_CSV_DATE, DASHED }, { PL_CSV_ACCOUNT, IBAN },
		{ PL_CSV_AMOUNT, MONEY }, { PL_CSV_SIGN, "^(Debet|Credit)$" },
		{ PL_CSV_OTHER_NAME, ANY }, { PL_CSV_OTHER_ACCOUNT, ANY },
		{ PL_CSV_NONE, ANY }, { PL_CSV_TEXT, ANY },
		{ PL_CSV_BALANCE, MONEY } } },
	/* ASN, SNS and RegioBank */
	{ ',', 19,
	    { { PL_CSV_DATE, DASHED }, { PL_CSV_ACCOUNT, IBAN },
		{ PL_CSV_OTHER_ACCOUNT, ANY }, { PL_CSV_OTHER_NAME, ANY },
		{ PL_CSV_NONE, ANY }, { PL_CSV_NONE, ANY },
		{ PL_CSV_NONE, ANY }, { PL_CSV_CURRENCY, CURRENCY },
		{ PL_CSV_BALANCE_BEFORE, PLAIN }, { PL_CSV_NONE, CURRENCY },
		{ PL_CSV_AMOUNT, PLAIN }, { PL_CSV_NONE, DASHED },
		{ PL_CSV_NONE, DASHED }, { PL_CSV_NONE, ANY },
		{ PL_CSV_NONE, ANY }, { PL_CSV_NONE, ANY },
		{ PL_CSV_REFERENCE, ANY }, { PL_CSV_TEXT, ANY },
		{ PL_CSV_SEQUENCE, ANY } } },
};

static gboolean
has_shape(const struct shape *shape, GPtrArray *cells)
{
	if (cells->len < shape->count)
		return FALSE;
	for (guint i = 0; i < shape->count; i++)
		if (!g_regex_match_simple(shape->column[i].looks,
			g_ptr_array_index(cells, i), 0, 0))
			return FALSE;
	return TRUE;
}

gboolean
pl_csv_bare(GPtrArray *cells, char delimiter, struct pl_csv_columns *columns)
{
	for (guint i = 0; i < G_N_ELEMENTS(shapes); i++) {
		if (shapes[i].delimiter != delimiter ||
		    !has_shape(&shapes[i], cells))
			continue;
		columns->count = shapes[i].count;
		for (guint k = 0; k < columns->count; k++)
			columns->role[k] = shapes[i].column[k].role;
		return TRUE;
	}
	return FALSE;
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
