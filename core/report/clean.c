/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clean - foreign text made fit for each of the three outputs
 *
 * Names, subjects and addresses come from whoever sent the mail. What could
 * steer a terminal, hide or reorder what is read, forge a further line, break
 * out of the HTML or become a formula in a spreadsheet is taken out here, and
 * only here. One pass, in time linear in what is kept or skipped.
 */
#include "postledger/report.h"

#include <string.h>

#include "clean.h"

#define MARKS 4     /* accents on one letter; more is an attack on the eye */
#define ESCAPE 1024 /* longest terminal string looked for */

/* Past a control sequence that begins after its introducer, "[" or CSI. */
static const char *
past_csi(const char *p)
{
	while (*p >= 0x30 && *p <= 0x3f)
		p++;
	while (*p >= 0x20 && *p <= 0x2f)
		p++;
	return *p >= 0x40 && *p <= 0x7e ? p + 1 : p;
}

/* Past a string (title, clipboard ...) up to its end, BEL or ESC \; without an
 * end only the introducer goes, so that nothing can be swallowed by it. */
static const char *
past_string(const char *p)
{
	for (unsigned i = 0; i < ESCAPE && p[i]; i++) {
		if (p[i] == '\a')
			return p + i + 1;
		if ((p[i] == '\033' && p[i + 1] == '\\') ||
		    (p[i] == '\xc2' && p[i + 1] == '\x9c'))
			return p + i + 2;
	}
	return p;
}

/* Past the escape sequence whose ESC was just read. */
static const char *
past_escape(const char *p)
{
	if (*p == '[')
		return past_csi(p + 1);
	if (*p && strchr("]P_^X", *p))
		return past_string(p + 1);
	if (*p >= 0x20 && *p <= 0x2f)
		return past_csi(p);
	return *p >= 0x30 && *p <= 0x7e ? p + 1 : p;
}

static gboolean
is_break(gunichar c)
{
	return (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 ||
	       c == 0x2029;
}

static gboolean
is_mark(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);

	return type == G_UNICODE_NON_SPACING_MARK ||
	       type == G_UNICODE_ENCLOSING_MARK;
}

/* Controls, and what is invisible and steers: bidirectional overrides,
 * byte-order marks, tags. The two joiners are letters of some scripts. */
static gboolean
is_dropped(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);

	if (c == 0x200c || c == 0x200d)
		return FALSE;
	return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
	       type == G_UNICODE_SURROGATE || (c & 0xfffe) == 0xfffe;
}

/* The next character of *P, U+FFFD for a byte that is none; moves *P. */
static gunichar
next(const char **p)
{
	gunichar c = g_utf8_get_char_validated(*p, -1);

	if (c == (gunichar)-1 || c == (gunichar)-2) {
		(*p)++;
		return 0xfffd;
	}
	*p = g_utf8_next_char(*p);
	return c;
}

/* Text being written: a run of line breaks is one blank, marks are counted,
 * and no more than `max` characters come in (0: any). */
struct cleaned {
	GString *text;
	unsigned max, n, marks;
	gboolean broke;
	gsize last; /* where the last character began */
};

/* FALSE: it is full, and was cut. */
static gboolean
add(struct cleaned *out, gunichar c)
{
	out->marks = c >= 0x300 && is_mark(c) ? out->marks + 1 : 0;
	if (out->marks > MARKS)
		return TRUE;
	if (out->max && out->n == out->max) {
		g_string_truncate(out->text, out->last);
		g_string_append(out->text, "…");
		return FALSE;
	}
	out->last = out->text->len;
	out->n++;
	g_string_append_unichar(out->text, c);
	return TRUE;
}

static gboolean
take(struct cleaned *out, gunichar c, const char **p)
{
	gboolean broke = out->broke;

	out->broke = FALSE;
	if (is_break(c)) {
		out->broke = TRUE;
		return broke || add(out, ' ');
	}
	if (c == 0x1b)
		*p = past_escape(*p);
	else if (c == 0x9b)
		*p = past_csi(*p);
	else if (c < 0x7f ? c >= ' ' : !is_dropped(c))
		return add(out, c);
	return TRUE;
}

/* Nothing but printable ASCII, as nearly all texts: of that all stays. */
static gboolean
is_plain(const char *text, gsize *length)
{
	const char *p = text;

	while (*p >= ' ' && *p <= '~')
		p++;
	*length = (gsize)(p - text);
	return *p == '\0';
}

char *
pl_text_clean(const char *text, unsigned max)
{
	const char *p = text ? text : "";
	gsize length;

	if (is_plain(p, &length) && (max == 0 || length <= max))
		return g_strndup(p, length);

	struct cleaned out = { .text = g_string_new(NULL), .max = max };

	while (*p)
		if (!take(&out, next(&p), &p))
			break;
	return g_string_free(out.text, FALSE);
}

char *
pl_text_clean_name(const char *name, unsigned max)
{
	/* Far more than any name; keeps a hostile one from costing time. */
	g_autofree char *all = pl_text_clean(name, 4096);
	glong length = g_utf8_strlen(all, -1);
	g_autofree char *head = NULL;
	glong tail = max / 3;

	g_assert(max > 3);
	if (length <= (glong)max)
		return g_steal_pointer(&all);
	head = g_utf8_substring(all, 0, max - tail - 1);
	return g_strconcat(
	    head, "…", g_utf8_offset_to_pointer(all, length - tail), NULL);
}

unsigned
pl_text_width(const char *text)
{
	unsigned width = 0;

	for (const char *p = text; *p; p = g_utf8_next_char(p)) {
		gunichar c = (guchar)*p;

		if (c >= 0x80)
			c = g_utf8_get_char(p);
		if (c < 0x80)
			width++;
		else if (c < 0x300 || !g_unichar_iszerowidth(c))
			width += g_unichar_iswide(c) ? 2 : 1;
	}
	return width;
}

/* Would a spreadsheet take a cell that begins so as a formula? The wide forms
 * count, too: some input methods and versions fold them. */
static gboolean
begins_formula(const char *p)
{
	static const char *const wide[] = { "\uff1d", "\uff0b", "\uff0d",
		"\uff20" };

	if (*p && strchr("=+-@\t\r", *p))
		return TRUE;
	if (*p != wide[0][0])
		return FALSE;
	for (unsigned i = 0; i < G_N_ELEMENTS(wide); i++)
		if (g_str_has_prefix(p, wide[i]))
			return TRUE;
	return FALSE;
}

/*
 * Where the list separator is a semicolon (most of Europe), a spreadsheet that
 * is given this file by double click splits lines there, and does not heed
 * quotes that begin in the middle of such a cell: a formula after a semicolon
 * inside a cell would begin a cell of its own. So it gets its apostrophe, too.
 */
void
pl_text_cell(GString *out, const char *text)
{
	g_autofree char *clean = pl_text_clean(text, 0);
	gboolean begins = TRUE, quote = strpbrk(clean, ",;\"'") != NULL;

	if (!quote && !begins_formula(clean + strspn(clean, " "))) {
		g_string_append(out, clean);
		return;
	}
	if (quote)
		g_string_append_c(out, '"');
	for (const char *p = clean; *p; p++) {
		if (begins && begins_formula(p))
			g_string_append_c(out, '\'');
		begins = *p == ';' || (begins && (*p == ' ' || *p == '"'));
		if (*p == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *p);
	}
	if (quote)
		g_string_append_c(out, '"');
}

void
pl_text_escape(GString *out, const char *text)
{
	for (const char *p = text; *p; p++)
		switch (*p) {
		case '&':
			g_string_append(out, "&amp;");
			break;
		case '<':
			g_string_append(out, "&lt;");
			break;
		case '>':
			g_string_append(out, "&gt;");
			break;
		case '"':
			g_string_append(out, "&quot;");
			break;
		case '\'':
			g_string_append(out, "&#39;");
			break;
		default:
			g_string_append_c(out, *p);
		}
}
