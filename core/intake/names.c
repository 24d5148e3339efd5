/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * names - what a file is called, as mail programs really write it
 *
 * A name comes as RFC 2231 pieces, as RFC 2047 words though these are
 * forbidden in parameters, as raw UTF-8 or Latin-1, quoted, unquoted with
 * blanks, or with a folder in front. All of it is read in one pass over the
 * field, so a hostile field costs what its length costs.
 */
#include "base64.h"
#include "room.h"

#include <stdlib.h>
#include <string.h>

#define PIECES 1000    /* of one parameter */
#define NAME_BYTES 255 /* what file systems take */

struct piece {
	unsigned number;
	gboolean encoded;
	char *value;
};

static void
piece_clear(void *data)
{
	g_free(((struct piece *)data)->value);
}

static int
piece_compare(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* ---- charsets ---------------------------------------------------------- */

char *
pl_name_utf8(const char *text, gssize length)
{
	if (length < 0)
		length = (gssize)strlen(text);
	if (g_utf8_validate(text, length, NULL))
		return g_strndup(text, (gsize)length);
	char *s = g_convert_with_fallback(
	    text, length, "UTF-8", "WINDOWS-1252", "_", NULL, NULL, NULL);
	return s != NULL ? s : g_utf8_make_valid(text, length);
}

static char *
from_charset(const char *text, gssize length, const char *charset)
{
	if (charset[0] != '\0' && g_ascii_strcasecmp(charset, "utf-8") != 0 &&
	    g_ascii_strcasecmp(charset, "us-ascii") != 0) {
		const char *name = g_mime_charset_iconv_name(charset);
		char *s =
		    g_convert(text, length, "UTF-8", name, NULL, NULL, NULL);
		if (s != NULL)
			return s;
	}
	return pl_name_utf8(text, length);
}

static void
quoted_read(const char *text, gsize length, GByteArray *bytes)
{
	g_autofree char *plain = g_strndup(text, length);
	const guint at = bytes->len;
	GMimeEncoding state;

	g_strdelimit(plain, "_", ' ');
	g_mime_encoding_init_decode(
	    &state, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_byte_array_set_size(
	    bytes, at + (guint)g_mime_encoding_outlen(&state, length) + 8);
	const gsize got = g_mime_encoding_flush(
	    &state, plain, length, (char *)bytes->data + at);
	g_byte_array_set_size(bytes, at + (guint)got);
}

/* One RFC 2047 word at P: its bytes are added to BYTES. NULL: it is none, else
 * the end of it. */
static const char *
word_read(const char *p, char **charset, GByteArray *bytes)
{
	const char *name = p + 2, *code, *text, *end;
	struct pl_base64 base64;

	if (p[0] != '=' || p[1] != '?' || (code = strchr(name, '?')) == NULL ||
	    code[1] == '\0' || code[2] != '?' ||
	    strchr("bBqQ", code[1]) == NULL)
		return NULL;
	text = code + 3;
	end = strchr(text, '?');
	if (end == NULL || end[1] != '=')
		return NULL;
	if (g_ascii_tolower(code[1]) == 'q') {
		quoted_read(text, (gsize)(end - text), bytes);
	} else {
		pl_base64_init(&base64);
		pl_base64_step(
		    &base64, (const guint8 *)text, (gsize)(end - text), bytes);
		pl_base64_end(&base64, bytes);
	}
	/* a language may stand behind it, "utf-8*en" */
	*charset = g_strndup(name, (gsize)(code - name));
	(*charset)[strcspn(*charset, "*")] = '\0';
	return end + 2;
}

/* Words of one charset that follow each other become one: a character may
 * begin in one and end in the next. Blanks between words are none of the text. */
static char *
words_decode(const char *p)
{
	GString *out = g_string_new(NULL);

	while (*p != '\0') {
		g_autoptr(GByteArray) bytes = g_byte_array_new();
		g_autofree char *charset = NULL;
		const char *end = word_read(p, &charset, bytes);

		if (end == NULL) {
			g_string_append_c(out, *p++);
			continue;
		}
		for (p = end;; p = end) {
			g_autofree char *same = NULL;
			const guint before = bytes->len;

			end = word_read(p + strspn(p, " \t"), &same, bytes);
			if (end == NULL ||
			    g_ascii_strcasecmp(charset, same) != 0) {
				g_byte_array_set_size(bytes, before);
				break;
			}
		}
		if (end != NULL)
			p += strspn(p, " \t");
		g_byte_array_append(bytes, (const guint8 *)"", 1);
		g_autofree char *text = from_charset(
		    (const char *)bytes->data, (gssize)bytes->len - 1, charset);
		g_string_append(out, text);
	}
	return g_string_free(out, FALSE);
}

/* RFC 2047 words, where there are any. Takes TEXT. */
static char *
words(char *text)
{
	if (strstr(text, "=?") == NULL)
		return text;
	char *decoded = words_decode(text);
	g_free(text);
	text = decoded;
	if (strstr(text, "=?") == NULL)
		return text;
	/* some that are broken are understood all the same */
	char *s = g_mime_utils_header_decode_text(NULL, text);
	g_free(text);
	return s;
}

static void
append_percent(GString *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (s[0] == '%' && g_ascii_isxdigit(s[1]) &&
		    g_ascii_isxdigit(s[2])) {
			int c = g_ascii_xdigit_value(s[1]) * 16 +
				g_ascii_xdigit_value(s[2]);
			if (c != 0)
				g_string_append_c(out, (char)c);
			s += 2;
		} else {
			g_string_append_c(out, *s);
		}
	}
}

/* ---- one field --------------------------------------------------------- */

/* Folded lines become one: the line ends go, the blanks stay. */
static char *
unfold(const char *value)
{
	GString *s = g_string_sized_new(strlen(value));

	for (; *value != '\0'; value++)
		if (*value != '\r' && *value != '\n')
			g_string_append_c(s, *value == '\t' ? ' ' : *value);
	return g_string_free(s, FALSE);
}

static const char *
blanks(const char *p)
{
	while (*p == ' ')
		p++;
	return p;
}

/* A quoted value; a quote inside that nobody escaped belongs to it. P stands
 * behind the first quote. */
static const char *
read_quoted(const char *p, GString *out)
{
	for (; *p != '\0'; p++) {
		if (p[0] == '\\' && (p[1] == '"' || p[1] == '\\')) {
			p++;
		} else if (*p == '"') {
			const char *next = blanks(p + 1);
			if (*next == ';' || *next == '\0')
				return next;
		}
		g_string_append_c(out, *p);
	}
	return p;
}

static const char *
read_token(const char *p, GString *out)
{
	while (*p != ';' && *p != '\0')
		g_string_append_c(out, *p++);
	while (out->len > 0 && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	return p;
}

/* "name", "name*", "name*3", "name*3*". FALSE if it is another name. */
static gboolean
read_attribute(const char *at, gsize length, const char *name,
    struct piece *piece, gboolean *extended)
{
	const gsize n = strlen(name);

	while (length > 0 && at[length - 1] == ' ')
		length--;
	if (length < n || g_ascii_strncasecmp(at, name, n) != 0)
		return FALSE;
	*extended = length > n;
	piece->encoded = FALSE;
	piece->number = 0;
	if (!*extended)
		return TRUE;
	if (at[n] != '*')
		return FALSE;
	piece->encoded = at[length - 1] == '*';
	for (gsize i = n + 1; i < length && at[i] != '*'; i++) {
		if (!g_ascii_isdigit(at[i]) || piece->number > PIECES)
			return FALSE;
		piece->number = piece->number * 10 + (unsigned)(at[i] - '0');
	}
	return TRUE;
}

/* The pieces in their order, up to the first that is missing. */
static char *
join(GArray *pieces)
{
	g_autoptr(GString) bytes = g_string_new(NULL);
	g_autofree char *charset = g_strdup("");

	g_array_sort(pieces, piece_compare);
	for (guint i = 0; i < pieces->len; i++) {
		const struct piece *p = &g_array_index(pieces, struct piece, i);
		if (i > 0 && p->number > p[-1].number + 1)
			break;
		if (i > 0 && p->number == p[-1].number)
			continue;
		const char *value = p->value, *lang, *rest;
		if (p->encoded && i == 0 &&
		    (lang = strchr(value, '\'')) != NULL &&
		    (rest = strchr(lang + 1, '\'')) != NULL) {
			g_free(charset);
			charset = g_strndup(value, (gsize)(lang - value));
			value = rest + 1;
		}
		if (p->encoded)
			append_percent(bytes, value);
		else
			g_string_append(bytes, value);
	}
	return words(from_charset(bytes->str, -1, charset));
}

/* Where the parameters begin; a mail program may have forgotten the first
 * semicolon, `application/pdf name="a.pdf"`, or the word before it. */
static const char *
first_parameter(const char *field)
{
	const char *p = blanks(field), *start = p;

	p += strcspn(p, ";= ");
	if (*p == '=')
		return start;
	p = blanks(p);
	return *p == ';' ? p + 1 : p;
}

char *
pl_name_parameter(const char *value, const char *name)
{
	g_autofree char *field = unfold(value);
	g_autoptr(GArray) pieces =
	    g_array_new(FALSE, FALSE, sizeof(struct piece));
	g_autofree char *plain = NULL;
	const char *p = first_parameter(field);

	g_array_set_clear_func(pieces, piece_clear);
	while (*p != '\0') {
		p = blanks(p);
		const char *at = p;
		p += strcspn(p, "=;");
		if (*p != '=') {
			p += *p == ';';
			continue;
		}
		const gsize length = (gsize)(p - at);
		g_autoptr(GString) out = g_string_new(NULL);
		p = blanks(p + 1);
		p = *p == '"' ? read_quoted(p + 1, out) : read_token(p, out);
		p += *p == ';';
		struct piece piece;
		gboolean extended;
		if (!read_attribute(at, length, name, &piece, &extended))
			continue;
		if (!extended && plain == NULL)
			plain = g_strdup(out->str);
		if (!extended || pieces->len >= PIECES)
			continue;
		piece.value = g_strdup(out->str);
		g_array_append_val(pieces, piece);
	}
	if (pieces->len > 0 &&
	    g_array_index(pieces, struct piece, 0).number <= PIECES)
		return join(pieces);
	if (plain == NULL)
		return NULL;
	return words(pl_name_utf8(plain, -1));
}

/* ---- clean names ------------------------------------------------------- */

static gboolean
is_invisible(gunichar c)
{
	return g_unichar_iscntrl(c) || c == 0x061c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffd && c != 0xfffd) ||
	       !g_unichar_validate(c);
}

/* Names that Windows takes for devices, with any extension. */
static gboolean
is_reserved(const char *name)
{
	static const char *const words_[] = { "con", "prn", "aux", "nul" };
	gsize n = strcspn(name, ".");

	while (n > 0 && name[n - 1] == ' ')
		n--;
	for (unsigned i = 0; i < G_N_ELEMENTS(words_); i++)
		if (n == 3 && g_ascii_strncasecmp(name, words_[i], 3) == 0)
			return TRUE;
	return n == 4 && g_ascii_isdigit(name[3]) && name[3] != '0' &&
	       (g_ascii_strncasecmp(name, "com", 3) == 0 ||
		   g_ascii_strncasecmp(name, "lpt", 3) == 0);
}

/* Cut to NAME_BYTES, in front of the extension. */
static void
shorten(GString *s)
{
	if (s->len <= NAME_BYTES)
		return;
	const char *dot = strrchr(s->str, '.');
	gsize ext = dot != NULL ? s->len - (gsize)(dot - s->str) : 0;
	if (ext > 20)
		ext = 0;
	gsize keep = NAME_BYTES - ext;
	while (keep > 0 && ((guchar)s->str[keep] & 0xc0) == 0x80)
		keep--;
	g_string_erase(s, (gssize)keep, (gssize)(s->len - ext - keep));
}

char *
pl_name_clean(const char *name)
{
	if (name == NULL)
		return NULL;
	g_autofree char *text = pl_name_utf8(name, -1);
	gsize n = strlen(text);
	while (n > 0 && strchr("/\\ ", text[n - 1]) != NULL)
		text[--n] = '\0';
	const char *from = text;
	for (const char *p = text; *p != '\0'; p++)
		if (*p == '/' || *p == '\\')
			from = p + 1;
	g_autoptr(GString) out = g_string_new(NULL);
	for (; *from != '\0'; from = g_utf8_next_char(from)) {
		gunichar c = g_utf8_get_char(from);
		if (c == '\t' || c == '\n' || c == '\r')
			g_string_append_c(out, ' ');
		else if (!is_invisible(c))
			g_string_append_unichar(out, c);
	}
	g_strstrip(out->str);
	out->len = strlen(out->str);
	if (out->len == 0 || strcmp(out->str, ".") == 0 ||
	    strcmp(out->str, "..") == 0)
		return NULL;
	if (is_reserved(out->str))
		g_string_prepend_c(out, '_');
	shorten(out);
	return g_strdup(out->str);
}

char *
pl_name_stem(const char *name)
{
	if (name == NULL)
		return NULL;
	const char *dot = strrchr(name, '.');
	if (dot == NULL || dot == name)
		dot = name + strlen(name);
	g_autofree char *stem = g_strndup(name, (gsize)(dot - name));
	g_autofree char *folded = g_utf8_casefold(g_strstrip(stem), -1);
	return g_utf8_normalize(folded, -1, G_NORMALIZE_ALL_COMPOSE);
}

gboolean
pl_name_ends(const char *name, const char *dot_ext)
{
	if (name == NULL)
		return FALSE;
	const gsize n = strlen(name), m = strlen(dot_ext);
	return n > m && g_ascii_strcasecmp(name + n - m, dot_ext) == 0;
}
