/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * beside - is this PDF that of this statement?
 *
 * By what its name and its pages say: the account, and with it the number or
 * the day. Numbers of statements are short and stand on many pages by chance,
 * so without the account they mean nothing, and of two statements of one
 * account the page has to name the balance, too.
 */
#include "room.h"

#include <string.h>

#define ACCOUNT_LEAST 6
#define ZEROS "00000" /* before a number, at most */

/* What a name or a page says, made fit to look for something in it. */
struct pl_said {
	char *letters; /* letters and digits only, lower case */
	char *tokens;  /* rows of these: " be68 5390 0754 7034 41 " */
	char *numbers; /* digits of what stands between blanks: " 41 119935 " */
};

struct pl_said *
pl_said_new(const char *text)
{
	struct pl_said *said = g_new0(struct pl_said, 1);
	GString *letters = g_string_new(NULL);
	GString *tokens = g_string_new(" "), *numbers = g_string_new(" ");

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_unichar_tolower(g_utf8_get_char(p));
		if (g_unichar_isalnum(c)) {
			g_string_append_unichar(letters, c);
			g_string_append_unichar(tokens, c);
		} else if (tokens->str[tokens->len - 1] != ' ') {
			g_string_append_c(tokens, ' ');
		}
		if (c < 0x80 && g_ascii_isdigit((char)c))
			g_string_append_c(numbers, (char)c);
		else if (g_unichar_isspace(c) &&
			 numbers->str[numbers->len - 1] != ' ')
			g_string_append_c(numbers, ' ');
	}
	said->letters = g_string_free(letters, FALSE);
	said->tokens = g_string_free(g_string_append_c(tokens, ' '), FALSE);
	said->numbers = g_string_free(g_string_append_c(numbers, ' '), FALSE);
	return said;
}

void
pl_said_free(struct pl_said *said)
{
	if (said == NULL)
		return;
	g_free(said->letters);
	g_free(said->tokens);
	g_free(said->numbers);
	g_free(said);
}

/* ---- account, number, day, balance --------------------------------------- */

static char *
account_letters(const struct pl_statement *s)
{
	g_autoptr(GString) letters = g_string_new(NULL);

	for (const char *p = s->account; p != NULL && *p != '\0'; p++)
		if (g_ascii_isalnum(*p))
			g_string_append_c(letters, g_ascii_tolower(*p));
	if (letters->len < ACCOUNT_LEAST)
		return NULL;
	return g_string_free(g_steal_pointer(&letters), FALSE);
}

/* The account in LETTERS, also a Belgian one without its IBAN; its length. */
static const char *
find_account(const char *letters, const struct pl_statement *s, gsize *length)
{
	g_autofree char *account = account_letters(s);
	const char *found;

	if (account == NULL)
		return NULL;
	*length = strlen(account);
	found = strstr(letters, account);
	if (found != NULL || *length != 16 || !g_str_has_prefix(account, "be"))
		return found;
	*length -= 4;
	return strstr(letters, account + 4);
}

static gboolean
has_account(const struct pl_said *said, const struct pl_statement *s)
{
	gsize length;

	return find_account(said->letters, s, &length) != NULL;
}

static gboolean
has_token(const char *tokens, const char *before, const char *number)
{
	g_autofree char *token = g_strdup_printf(" %s%s ", before, number);

	return strstr(tokens, token) != NULL;
}

/* "41", "041", and behind its year: "2026041". */
static gboolean
has_number(const struct pl_said *said, const struct pl_statement *s)
{
	const char *zeros = ZEROS;

	if (s->sequence == NULL || *s->sequence == '\0')
		return FALSE;
	for (; *zeros != '\0'; zeros++) {
		g_autofree char *year = g_strdup_printf(
		    "%.4s%s", s->to != NULL ? s->to : "", zeros);
		if (has_token(said->tokens, zeros, s->sequence) ||
		    (s->to != NULL &&
			has_token(said->tokens, year, s->sequence)))
			return TRUE;
	}
	return has_token(said->tokens, "", s->sequence);
}

/* "20260228", "28022026", however parted. */
static gboolean
has_day(const char *letters, const char *date)
{
	if (date == NULL || strlen(date) != 10)
		return FALSE;
	g_autofree char *first =
	    g_strdup_printf("%.4s%.2s%s", date, date + 5, date + 8);
	g_autofree char *last =
	    g_strdup_printf("%s%.2s%.4s", date + 8, date + 5, date);
	return strstr(letters, first) != NULL || strstr(letters, last) != NULL;
}

static gboolean
has_balance(const struct pl_said *said, const struct pl_statement *s)
{
	g_autoptr(GString) digits = g_string_new(NULL);

	for (const char *p = s->closing_balance; p != NULL && *p != '\0'; p++)
		if (g_ascii_isdigit(*p))
			g_string_append_c(digits, *p);
	return digits->len > 0 && has_token(said->numbers, "", digits->str);
}

/* LETTERS without the account. */
static char *
rest_of(const struct pl_said *said, const struct pl_statement *s)
{
	gsize length;
	const char *found = find_account(said->letters, s, &length);

	if (found == NULL)
		return NULL;
	return g_strdup_printf("%.*s-%s", (int)(found - said->letters),
	    said->letters, found + length);
}

/* Are there no digits in REST but those of the year? */
static gboolean
says_no_number(const char *rest, const struct pl_statement *s)
{
	g_autofree char *year = g_strndup(s->to != NULL ? s->to : "", 4);
	const char *at = rest + strcspn(rest, "0123456789");

	if (*at != '\0' && *year != '\0' && g_str_has_prefix(at, year))
		at += strlen(year) + strcspn(at + strlen(year), "0123456789");
	return *at == '\0';
}

/* ---- other accounts ------------------------------------------------------ */

static const struct {
	const char *country;
	gsize length;
} ibans[] = {
	{ "be", 16 },
	{ "nl", 18 },
	{ "fr", 27 },
	{ "de", 22 },
	{ "lu", 20 },
	{ "gb", 22 },
	{ "es", 24 },
	{ "it", 27 },
	{ "at", 20 },
	{ "ch", 21 },
};

/* The rest of the number is divided by 97, its first four letters last. */
static gboolean
checks(const char *iban, gsize length)
{
	unsigned rest = 0;

	for (gsize i = 0; i < length; i++) {
		const char c = iban[(i + 4) % length];
		if (g_ascii_isdigit(c))
			rest = (rest * 10 + (unsigned)(c - '0')) % 97;
		else if (c >= 'a' && c <= 'z')
			rest = (rest * 100 + (unsigned)(c - 'a') + 10) % 97;
		else
			return FALSE;
	}
	return rest == 1;
}

static gboolean
has_iban(const char *letters)
{
	for (const char *p = letters; *p != '\0'; p++) {
		if (!g_ascii_isdigit(p[0]) || !g_ascii_isdigit(p[1]) ||
		    p - letters < 2)
			continue;
		for (unsigned i = 0; i < G_N_ELEMENTS(ibans); i++)
			if (strncmp(p - 2, ibans[i].country, 2) == 0 &&
			    strnlen(p - 2, ibans[i].length) ==
				ibans[i].length &&
			    checks(p - 2, ibans[i].length))
				return TRUE;
	}
	return FALSE;
}

/* ---- answers ------------------------------------------------------------- */

gboolean
pl_beside_named(const struct pl_statement *s, const struct pl_piece *pdf)
{
	g_autofree char *rest =
	    pdf->name_said != NULL ? rest_of(pdf->name_said, s) : NULL;

	return rest != NULL &&
	       (has_number(pdf->name_said, s) || has_day(rest, s->to));
}

gboolean
pl_beside_account(const struct pl_statement *s, const struct pl_piece *pdf)
{
	g_autofree char *rest =
	    pdf->name_said != NULL ? rest_of(pdf->name_said, s) : NULL;

	return rest != NULL && says_no_number(rest, s);
}

gboolean
pl_beside_written(const struct pl_statement *s, const struct pl_piece *pdf)
{
	return pdf->page_said != NULL && has_account(pdf->page_said, s) &&
	       has_number(pdf->page_said, s);
}

gboolean
pl_beside_written_well(const struct pl_statement *s, const struct pl_piece *pdf)
{
	return pl_beside_written(s, pdf) && has_balance(pdf->page_said, s);
}

gboolean
pl_beside_contradicts(const struct pl_statement *s, const struct pl_piece *pdf)
{
	const struct pl_said *name = pdf->name_said, *page = pdf->page_said;

	if (name != NULL && has_account(name, s))
		return !pl_beside_named(s, pdf) && !pl_beside_account(s, pdf);
	if (name != NULL && has_iban(name->letters))
		return TRUE;
	return page != NULL && !has_account(page, s) && has_iban(page->letters);
}
