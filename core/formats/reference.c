/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reference - structured payment references in free text
 *
 * The Belgian one (OGM/VCS) is twelve digits, the last two of which are the
 * others modulo 97 (97 for 0), usually written +++123/4567/89012+++ or with
 * asterisks. Bare digits count only in a field that is there for references:
 * anything else of twelve digits is right once in a hundred by accident. ISO
 * 11649 is
 * "RF", two check digits, and up to 21 letters and digits.
 */
#include "postledger/formats.h"

#include <string.h>

#include "values.h"

#define OGM_DIGITS 12
#define RF_MIN 5
#define RF_MAX 25
#define TEXT_MAX 4096

static char *
ogm_text(const char *digits)
{
	guint64 number = 0;

	for (guint i = 0; i < 10; i++)
		number = number * 10 + (guint64)(digits[i] - '0');

	guint check = (guint)(number % 97);
	guint given =
	    (guint)(digits[10] - '0') * 10 + (guint)(digits[11] - '0');

	if ((check == 0 ? 97 : check) != given)
		return NULL;
	return g_strdup_printf(
	    "+++%.3s/%.4s/%.5s+++", digits, digits + 3, digits + 7);
}

/* Twelve digits with '/' and blanks between them, from TEXT on. *END is
 * where they end. */
static gboolean
ogm_digits(const char *text, char digits[OGM_DIGITS], const char **end)
{
	guint n = 0;

	for (; *text != '\0'; text++) {
		if (g_ascii_isdigit(*text)) {
			if (n == OGM_DIGITS)
				return FALSE;
			digits[n++] = *text;
		} else if (*text != '/' && *text != ' ' && *text != '.' &&
			   *text != '-') {
			break;
		} else if (n == OGM_DIGITS) {
			break;
		}
	}
	*end = text;
	return n == OGM_DIGITS;
}

/* Between marks: three '+' or '*', or fewer as some banks print them. */
static char *
ogm_marked(const char *text)
{
	for (const char *c = text; (c = strpbrk(c, "+*")) != NULL;) {
		char mark = *c, digits[OGM_DIGITS];
		const char *end;

		while (*c == mark)
			c++;
		if (!ogm_digits(c, digits, &end))
			continue;
		end += strspn(end, " ");

		char *found = *end == mark ? ogm_text(digits) : NULL;

		if (found != NULL)
			return found;
	}
	return NULL;
}

/* "123/4567/89012" needs no marks: nothing else looks like it. */
static char *
ogm_slashed(const char *text)
{
	for (const char *c = text; (c = strchr(c, '/')) != NULL; c++) {
		char digits[OGM_DIGITS];
		const char *end, *start = c - 3;

		if (c - text < 3 || strlen(c) < 11 || c[5] != '/' ||
		    (start > text && g_ascii_isalnum(start[-1])) ||
		    !ogm_digits(start, digits, &end) || end != start + 14 ||
		    g_ascii_isalnum(*end))
			continue;

		char *found = ogm_text(digits);

		if (found != NULL)
			return found;
	}
	return NULL;
}

static char *
ogm_bare(const char *text)
{
	static const char blanks[] = " \t\r\n";
	char digits[OGM_DIGITS];
	const char *end;

	text += strspn(text, blanks);
	if (!g_ascii_isdigit(*text) || !ogm_digits(text, digits, &end) ||
	    end[strspn(end, blanks)] != '\0')
		return NULL;
	return ogm_text(digits);
}

/* ---- ISO 11649 */

static gboolean
rf_valid(const char *reference)
{
	gsize length = strlen(reference);
	guint rest = 0;

	for (gsize i = 0; i < length; i++) {
		char c = reference[(i + 4) % length];

		if (g_ascii_isdigit(c))
			rest = (rest * 10 + (guint)(c - '0')) % 97;
		else
			rest = (rest * 100 + (guint)(c - 'A') + 10) % 97;
	}
	return rest == 1;
}

/* The reference that starts at TEXT, in groups of four or in one piece. */
static char *
rf_at(const char *text, gboolean blanks)
{
	char reference[RF_MAX + 1];
	gsize n = 0;

	for (; *text != '\0'; text++) {
		if (g_ascii_isalnum(*text)) {
			if (n == RF_MAX)
				return NULL;
			reference[n++] = g_ascii_toupper(*text);
		} else if (*text != ' ' || !blanks) {
			break;
		}
	}
	reference[n] = '\0';
	if (n < RF_MIN || !g_ascii_isdigit(reference[2]) ||
	    !g_ascii_isdigit(reference[3]) || !rf_valid(reference))
		return NULL;
	return g_strdup(reference);
}

static char *
rf_find(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if ((c[0] != 'R' && c[0] != 'r') ||
		    (c[1] != 'F' && c[1] != 'f') ||
		    (c > text && g_ascii_isalnum(c[-1])))
			continue;

		char *found = rf_at(c, FALSE);

		if (found == NULL)
			found = rf_at(c, TRUE);
		if (found != NULL)
			return found;
	}
	return NULL;
}

char *
pl_reference_find(const char *text)
{
	static char *(*const finders[])(
	    const char *) = { ogm_marked, ogm_slashed, rf_find };
	g_autofree char *head = NULL;
	char *found = NULL;

	if (text == NULL)
		return NULL;
	if (strlen(text) > TEXT_MAX)
		text = head = g_strndup(text, TEXT_MAX);
	for (guint i = 0; i < G_N_ELEMENTS(finders) && found == NULL; i++)
		found = finders[i](text);
	return found;
}

char *
pl_reference_field(const char *text)
{
	char *found = pl_reference_find(text);

	if (found != NULL || text == NULL || strlen(text) > TEXT_MAX)
		return found;
	return ogm_bare(text);
}

static guint
letters(const char *text)
{
	guint n = 0;

	for (; *text != '\0'; text++)
		n += (guchar)*text >= 0x80 || g_ascii_isalnum(*text);
	return n;
}

char *
pl_reference_take(char **text)
{
	char *found = *text != NULL ? pl_reference_find(*text) : NULL;

	if (found != NULL && letters(found) == letters(*text)) {
		g_free(*text);
		*text = g_strdup(found);
	}
	return found;
}
