/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * company - VAT and company numbers, however they are written
 *
 * Invoices name one company as "BE 0123.456.789", "BE0123456789",
 * "0123456789", "0208:0123456789" or "9925:BE0123456789". What stands around
 * the number itself is left out; a country counts where both sides have one.
 */
#include <string.h>

#include "private.h"

char *
pl_id_normalise(const char *id)
{
	GString *plain = g_string_new(NULL);

	for (; *id != '\0'; id++)
		if (g_ascii_isalnum(*id))
			g_string_append_c(plain, g_ascii_toupper(*id));
	return g_string_free(plain, FALSE);
}

/* "VATBE0123456789", "CHE123456789MWST" ▸ the number. */
static void
strip_words(char *id)
{
	static const char *const before[] = { "VAT", "TVA", "BTW", "MWST",
		NULL };
	static const char *const after[] = { "MWST", "TVA", "IVA", "MVA",
		NULL };
	gsize n;

	for (unsigned i = 0; before[i] != NULL; i++) {
		n = strlen(before[i]);
		if (g_str_has_prefix(id, before[i]) && id[n] != '\0')
			memmove(id, id + n, strlen(id + n) + 1);
	}
	for (unsigned i = 0; after[i] != NULL; i++) {
		n = strlen(id) - MIN(strlen(after[i]), strlen(id));
		if (n > 0 && g_ascii_isdigit(id[n - 1]) &&
		    g_str_equal(id + n, after[i]))
			id[n] = '\0';
	}
}

/* Without a scheme before a colon, and words. */
static char *
plain_number(const char *id)
{
	const char *colon = strrchr(id, ':');
	char *plain = pl_id_normalise(colon != NULL ? colon + 1 : id);

	strip_words(plain);
	return plain;
}

static gboolean
has_country(const char *id)
{
	return g_ascii_isalpha(id[0]) && g_ascii_isalpha(id[1]) &&
	       id[2] != '\0';
}

/* Belgian numbers had nine digits; a zero was put before them later. */
static const char *
without_zero(const char *number)
{
	return strlen(number) == 10 && strspn(number, "0123456789") == 10 &&
		       number[0] == '0'
		   ? number + 1
		   : number;
}

gboolean
pl_id_same_company(const char *a, const char *b)
{
	g_autofree char *one = plain_number(a), *two = plain_number(b);
	const gboolean here = has_country(one), there = has_country(two);

	if (here && there && strncmp(one, two, 2) != 0)
		return FALSE;
	if (*one == '\0' || *two == '\0')
		return FALSE;
	return g_str_equal(one, two) ||
	       g_str_equal(without_zero(one + (here ? 2 : 0)),
		   without_zero(two + (there ? 2 : 0)));
}
