/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * address - e-mail addresses as they are compared
 *
 * Folding takes off <> and a source route, quotes that are not needed, the
 * case of ASCII letters and the dot at the end of a domain. What it writes is
 * never longer than what it reads, and always behind it, so it can work in
 * place and on the stack: it is done for every recipient of every mail.
 */
#include <string.h>

#include "private.h"

static gboolean
is_atext(char c)
{
	return g_ascii_isalnum(c) || (c & 0x80) != 0 ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Words of atext with single dots between them. */
static gboolean
is_dot_atom(const char *text, size_t n)
{
	gboolean dot = TRUE;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == '.' ? dot : !is_atext(text[i]))
			return FALSE;
		dot = text[i] == '.';
	}
	return !dot;
}

/* The length of the quoted string at TEXT with both quotes, 0 if it does not
 * end. */
static size_t
quoted_length(const char *text)
{
	size_t i = 1;

	for (; text[i] != '\0' && text[i] != '"'; i++)
		if (text[i] == '\\' && text[++i] == '\0')
			return 0;
	return text[i] == '"' ? i + 1 : 0;
}

/* Writes the quoted string of N bytes at IN to OUT, without escapes and quotes
 * where it needs none. */
static size_t
fold_quoted(const char *in, size_t n, char *out)
{
	size_t o = 0;

	out[o++] = '"';
	for (size_t i = 1; i < n - 1; i++) {
		char c = in[i] == '\\' ? in[++i] : in[i];

		if (c == '"' || c == '\\')
			out[o++] = '\\';
		out[o++] = g_ascii_tolower(c);
	}
	if (is_dot_atom(out + 1, o - 1)) {
		memmove(out, out + 1, --o);
		return o;
	}
	out[o++] = '"';
	return o;
}

/* Past blanks, < and a source route (@a,@b:); END is where to stop. */
static const char *
strip_brackets(const char *address, const char **end)
{
	const char *stop = address + strlen(address), *colon;

	while (g_ascii_isspace(*address))
		address++;
	while (stop > address && g_ascii_isspace(stop[-1]))
		stop--;
	if (*address == '<') {
		address++;
		if (stop > address && stop[-1] == '>')
			stop--;
	}
	if (*address == '@' && (colon = strchr(address, ':')) != NULL &&
	    colon < stop)
		address = colon + 1;
	*end = stop;
	return address;
}

size_t
pl_address_fold(const char *address, char *out)
{
	const char *end, *in = strip_brackets(address, &end), *at;
	size_t n = *in == '"' ? quoted_length(in) : 0, o = 0, domain;

	if (n > 0 && (in + n == end || (in + n < end && in[n] == '@'))) {
		o = fold_quoted(in, n, out);
		in += n;
		at = in < end ? in : NULL;
	} else {
		at = memrchr(in, '@', (size_t)(end - in));
	}
	for (; in < (at != NULL ? at : end); in++)
		out[o++] = g_ascii_tolower(*in);
	if (at == NULL) {
		out[o] = '\0';
		return 0;
	}
	if (end[-1] == '.' && end - 1 > at + 1)
		end--;
	out[o++] = '@';
	domain = o;
	for (in = at + 1; in < end; in++)
		out[o++] = g_ascii_tolower(*in);
	out[o] = '\0';
	return domain;
}

char *
pl_address_normalise(const char *address)
{
	char *folded = g_malloc(strlen(address) + 1);

	pl_address_fold(address, folded);
	return folded;
}

gboolean
pl_address_strip(char *folded, size_t *domain, char delimiter)
{
	size_t quote, end, rest;
	char *cut;

	if (*domain < 2 || delimiter == '\0')
		return FALSE;
	quote = *folded == '"' && quoted_length(folded) == *domain - 1;
	end = *domain - 1 - quote; /* of the local part, inside its quotes */
	if (end <= quote + 1)
		return FALSE;
	cut = memchr(folded + quote + 1, delimiter, end - quote - 1);
	if (cut == NULL)
		return FALSE;
	rest = strlen(folded + end) + 1;
	memmove(cut, folded + end, rest);
	*domain -= (size_t)(folded + end - cut);
	if (quote)
		*domain = pl_address_fold(folded, folded);
	return TRUE;
}

gboolean
pl_address_matches(const char *pattern, const char *address, char delimiter)
{
	g_autofree char *p = pl_address_normalise(pattern);
	g_autofree char *a = g_malloc(strlen(address) + 1);
	size_t domain = pl_address_fold(address, a);

	if (g_str_has_prefix(p, "*@"))
		return domain > 0 && g_str_equal(p + 2, a + domain);
	return g_str_equal(p, a) ||
	       (pl_address_strip(a, &domain, delimiter) && g_str_equal(p, a));
}

/* A host name, or an address literal. */
static gboolean
is_domain(const char *domain)
{
	size_t n = strlen(domain);

	if (n > 255)
		return FALSE;
	if (n > 2 && domain[0] == '[' && domain[n - 1] == ']')
		return strcspn(domain, " \t<>,@\\\"") == n;
	for (const char *p = domain; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p) && (*p & 0x80) == 0 &&
		    strchr("-_.", *p) == NULL)
			return FALSE;
	return is_dot_atom(domain, n) && *domain != '-';
}

/* No comma and no blank can be inside: lists are cut there. */
gboolean
pl_address_valid(const char *address, gboolean wild)
{
	g_autofree char *folded = pl_address_normalise(address);
	size_t domain = pl_address_fold(address, folded);

	if (domain < 2 || !is_domain(folded + domain) ||
	    strpbrk(address, " \t<>,") != NULL || domain - 1 > 255)
		return FALSE;
	if (g_str_has_prefix(folded, "*@"))
		return wild;
	if (strchr(folded, '*') != NULL)
		return FALSE;
	if (*folded == '"')
		return quoted_length(folded) == domain - 1;
	return is_dot_atom(folded, domain - 1) && *folded != '-';
}
