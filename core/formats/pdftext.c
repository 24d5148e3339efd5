/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdftext - the words on the first pages of a PDF
 *
 * What stands in the strings of the content streams, with a blank where the
 * text moves. Fonts are not looked at: who writes letters as themselves is
 * understood, glyph numbers are not.
 */
#include "pdf.h"

#include <stdlib.h>
#include <string.h>

#include "values.h"

#define PAGES_MAX 4
#define STREAMS_MAX 64         /* of a page */
#define CONTENT_MAX (4u << 20) /* of all pages, unpacked */
#define WORK_MAX (16u << 20)
#define GAP 180 /* thousandths of the font's size: a blank between words */

struct text {
	const guint8 *at, *end;
	GString *out;
	guint depth;       /* of dictionaries, whose strings are no text */
	gboolean in_array; /* of strings and gaps */
};

static void
blank(struct text *t)
{
	if (t->out->len > 0 && t->out->str[t->out->len - 1] != ' ')
		g_string_append_c(t->out, ' ');
}

static void
letter(struct text *t, guint8 c)
{
	if (t->depth == 0 && c != 0 && t->out->len < PL_PDF_WORDS)
		g_string_append_c(t->out, (char)c);
}

static gboolean
is_white(guint8 c)
{
	return c == 0 || g_ascii_isspace((char)c);
}

static gboolean
is_delimiter(guint8 c)
{
	return is_white(c) || strchr("()<>[]{}/%", c) != NULL;
}

/* ---- strings */

/* Up to three octal digits, the first of which is at hand. */
static guint8
octal(struct text *t)
{
	guint value = 0;

	for (guint i = 0;
	     i < 3 && t->at < t->end && *t->at >= '0' && *t->at <= '7'; i++)
		value = value * 8 + (*t->at++ - '0');
	return (guint8)value;
}

static void
escape(struct text *t)
{
	static const char names[] = "nrtbf", mean[] = "\n\r\t\b\f";

	if (t->at >= t->end)
		return;
	if (*t->at >= '0' && *t->at <= '7') {
		letter(t, octal(t));
		return;
	}
	const char *found = strchr(names, *t->at);
	if (found != NULL && *t->at != 0)
		letter(t, (guint8)mean[found - names]);
	else if (*t->at != '\n' && *t->at != '\r')
		letter(t, *t->at);
	t->at++;
}

static void
literal(struct text *t)
{
	guint open = 1;

	for (t->at++; t->at < t->end && open > 0;) {
		guint8 c = *t->at++;

		if (c == '\\') {
			escape(t);
			continue;
		}
		open += c == '(';
		open -= c == ')';
		if (open > 0)
			letter(t, c);
	}
}

static void
hexadecimal(struct text *t)
{
	guint value = 0, digits = 0;

	for (t->at++; t->at < t->end && *t->at != '>'; t->at++) {
		int digit = g_ascii_xdigit_value((char)*t->at);

		if (digit < 0)
			continue;
		value = value * 16 + (guint)digit;
		if (++digits % 2 == 0) {
			letter(t, (guint8)value);
			value = 0;
		}
	}
	t->at += t->at < t->end;
}

/* ---- operators */

/* The bytes of an image in the page, which could be anything. */
static void
skip_image(struct text *t)
{
	while (t->at + 3 < t->end &&
	       !(is_white(t->at[0]) && t->at[1] == 'E' && t->at[2] == 'I' &&
		   is_delimiter(t->at[3])))
		t->at++;
	t->at = MIN(t->at + 3, t->end);
}

static void
word(struct text *t)
{
	static const char *const moving[] = { "Td", "TD", "Tm", "T*", "'", "\"",
		"BT", "ET", NULL };
	const guint8 *start = t->at;
	char text[16];

	while (t->at < t->end && !is_delimiter(*t->at))
		t->at++;
	const gsize length = MIN((gsize)(t->at - start), sizeof text - 1);
	memcpy(text, start, length);
	text[length] = '\0';
	if (t->in_array && strtod(text, NULL) < -GAP)
		blank(t);
	else if (g_strv_contains(moving, text))
		blank(t);
	else if (strcmp(text, "ID") == 0)
		skip_image(t);
}

static void
comment(struct text *t)
{
	while (t->at < t->end && *t->at != '\n' && *t->at != '\r')
		t->at++;
}

static gboolean
is_double(const struct text *t)
{
	return t->at + 1 < t->end && t->at[0] == t->at[1];
}

static void
token(struct text *t)
{
	switch (*t->at) {
	case '(':
		literal(t);
		return;
	case '%':
		comment(t);
		return;
	case '<':
		if (!is_double(t)) {
			hexadecimal(t);
			return;
		}
		t->depth++;
		t->at += 2;
		return;
	case '>':
		t->depth -= t->depth > 0;
		t->at += is_double(t) ? 2 : 1;
		return;
	case '[':
	case ']':
		t->in_array = *t->at == '[';
		break;
	case '/': /* a name is no operator */
		for (t->at++; t->at < t->end && !is_delimiter(*t->at);)
			t->at++;
		return;
	default:
		if (!is_delimiter(*t->at)) {
			word(t);
			return;
		}
	}
	t->at++;
}

static void
add_text(GString *out, GBytes *content)
{
	gsize length;
	const guint8 *data = g_bytes_get_data(content, &length);
	struct text t = { .at = data, .end = data + length, .out = out };

	while (t.at < t.end && out->len < PL_PDF_WORDS)
		token(&t);
	blank(&t);
}

/* ---- pages */

static void
add_stream(
    qpdf_data pdf, qpdf_oh stream, struct pl_pdf_room *room, GString *all)
{
	if (!qpdf_oh_is_stream(pdf, stream))
		return;

	g_autoptr(GBytes) content = pl_pdf_content(pdf, stream, room);

	if (content == NULL || g_bytes_get_size(content) > room->bytes)
		return;
	room->bytes -= g_bytes_get_size(content);
	g_string_append_len(all, g_bytes_get_data(content, NULL),
	    (gssize)g_bytes_get_size(content));
	g_string_append_c(all, '\n');
}

/* A token may not, but in practice does, go on from stream to stream. */
static void
add_page(qpdf_data pdf, qpdf_oh page, struct pl_pdf_room *room, GString *out)
{
	qpdf_oh contents = qpdf_oh_get_key(pdf, page, "/Contents");
	GString *all = g_string_new(NULL);
	int n = qpdf_oh_is_array(pdf, contents)
		    ? qpdf_oh_get_array_n_items(pdf, contents)
		    : 0;

	add_stream(pdf, contents, room, all);
	for (int i = 0; i < MIN(n, STREAMS_MAX); i++)
		add_stream(
		    pdf, qpdf_oh_get_array_item(pdf, contents, i), room, all);
	g_autoptr(GBytes) content = g_string_free_to_bytes(all);
	add_text(out, content);
}

static char *
read_pages(qpdf_data pdf)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct pl_pdf_room room = { CONTENT_MAX, WORK_MAX, FALSE };
	int pages = qpdf_get_num_pages(pdf);

	for (int i = 0; i < MIN(pages, PAGES_MAX); i++)
		add_page(pdf, qpdf_get_page_n(pdf, (size_t)i), &room, out);
	return pl_value_utf8(out->str, out->len);
}

char *
pl_pdf_words(const guint8 *bytes, gsize length)
{
	struct pl_pdf_look look;
	char *words = NULL;

	if (memmem(bytes, MIN(length, 1024), "%PDF-", 5) == NULL)
		return NULL;
	length = pl_pdf_length(bytes, length);
	pl_pdf_look(bytes, length, &look);
	if (look.refused != NULL)
		return NULL;

	qpdf_data pdf = pl_pdf_new();

	qpdf_set_attempt_recovery(pdf, look.recover);
	if ((qpdf_read_memory(pdf, "file", (const char *)bytes, length, NULL) &
		(QPDF_ERRORS)) == 0)
		words = read_pages(pdf);
	/* it complains at its end of what nobody asked for */
	while (qpdf_has_error(pdf))
		qpdf_get_error(pdf);
	qpdf_cleanup(&pdf);
	return words;
}
