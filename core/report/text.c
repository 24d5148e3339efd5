/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text - the page as plain text, 78 columns
 *
 * Columns are aligned for a monospaced font; labels and indents keep it
 * readable in a proportional one. No word of the page is lost or added: only
 * blanks, rules and the colons behind keys.
 */
#include <string.h>

#include "clean.h"
#include "page.h"

#define COLUMNS 78
#define GAP 3 /* between the columns of a grid */

static void
pad(GString *out, unsigned n)
{
	while (n--)
		g_string_append_c(out, ' ');
}

static void
rule(GString *out, char c, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		g_string_append_c(out, c);
	g_string_append_c(out, '\n');
}

/* The longest beginning of WORD that fits ROOM columns, at least one
 * character; its width is added to *WIDTH. */
static const char *
fit(const char *word, const char *end, unsigned room, unsigned *width)
{
	unsigned used = 0;
	const char *p = word;

	while (p < end) {
		gunichar c = g_utf8_get_char(p);
		unsigned w = g_unichar_iszerowidth(c) ? 0
			     : g_unichar_iswide(c)    ? 2
						      : 1;

		if (used + w > room && p > word)
			break;
		used += w;
		p = g_utf8_next_char(p);
	}
	*width += used;
	return p;
}

/* Columns from P, just behind a "·", to the next one: such a piece stays on a
 * line if it can. */
static unsigned
piece_width(const char *p)
{
	const char *end = strstr(p, " ·");
	g_autofree char *piece =
	    end ? g_strndup(p, (gsize)(end - p) + 3) : g_strdup(p);

	return pl_text_width(piece);
}

/* A text being wrapped: the next column, and where its lines begin. */
struct wrap {
	GString *out;
	unsigned at, begin, indent;
};

static void
new_line(struct wrap *w)
{
	g_string_append_c(w->out, '\n');
	pad(w->out, w->indent);
	w->at = w->begin = w->indent;
}

/* [P, END) with a blank before it; WIDTH columns should fit. A word longer
 * than a line is broken. */
static void
add_word(struct wrap *w, const char *p, const char *end, unsigned width)
{
	if (w->at > w->begin && w->at + 1 + width > COLUMNS) {
		new_line(w);
	} else if (w->at > w->begin) {
		g_string_append_c(w->out, ' ');
		w->at++;
	}
	while (p < end) {
		const char *stop = fit(p, end, COLUMNS - w->at, &w->at);

		g_string_append_len(w->out, p, stop - p);
		p = stop;
		if (p < end)
			new_line(w);
	}
}

/* TEXT from column AT on, wrapped at blanks into COLUMNS, further lines begin
 * at INDENT. Ends the line. */
static void
fill(GString *out, const char *text, unsigned at, unsigned indent)
{
	struct wrap w = { out, at, at, indent };
	gboolean piece = FALSE;

	for (const char *p = text + strspn(text, " "); *p;) {
		const char *end = p + strcspn(p, " ");
		g_autofree char *word = g_strndup(p, (gsize)(end - p));
		unsigned width = pl_text_width(word);
		unsigned whole = piece ? piece_width(p) : 0;

		if (whole > width && indent + whole <= COLUMNS)
			width = whole;
		add_word(&w, p, end, width);
		piece = g_str_equal(word, "·");
		p = end + strspn(end, " ");
	}
	g_string_append_c(out, '\n');
}

/* HEAD at INDENT, ASIDE at the right margin if both fit on the line. */
static void
head_line(GString *out, unsigned indent, const char *head, const char *aside)
{
	unsigned used = indent + pl_text_width(head);
	unsigned right = aside ? pl_text_width(aside) : 0;

	pad(out, indent);
	if (right && used + 2 + right <= COLUMNS) {
		g_string_append(out, head);
		pad(out, COLUMNS - used - right);
		g_string_append(out, aside);
		g_string_append_c(out, '\n');
		return;
	}
	fill(out, head, indent, indent + 2);
	if (right) {
		pad(out, indent + 2);
		fill(out, aside, indent + 2, indent + 2);
	}
}

/* Width of the widest key among the pairs of BLOCK. */
static unsigned
key_width(const struct pl_block *block)
{
	unsigned width = 0;

	for (unsigned i = 0; i < block->rows->len; i++) {
		const struct pl_row *row = block->rows->pdata[i];

		if (row->cells->len > 1)
			width = MAX(width, pl_text_width(pl_row_cell(row, 0)));
	}
	return width;
}

static void
pair(GString *out, const struct pl_row *row, unsigned indent, unsigned keys)
{
	const char *key = pl_row_cell(row, 0);
	unsigned at = indent + keys + 2;

	pad(out, indent);
	g_string_append_printf(out, "%s:", key);
	pad(out, keys + 1 - pl_text_width(key));
	fill(out, pl_row_cell(row, 1), at, at);
}

static void
pairs(GString *out, const struct pl_block *block)
{
	unsigned keys = key_width(block);

	for (unsigned i = 0; i < block->rows->len; i++)
		pair(out, block->rows->pdata[i], 0, keys);
}

/* A row of one cell is a line of its own, what follows belongs to it. */
static void
card(GString *out, const struct pl_block *block)
{
	unsigned keys = key_width(block), indent = 2;

	head_line(out, 0, block->head, block->aside);
	for (unsigned i = 0; i < block->rows->len; i++) {
		const struct pl_row *row = block->rows->pdata[i];

		if (row->cells->len > 1) {
			pair(out, row, indent, keys);
			continue;
		}
		g_string_append_c(out, '\n');
		pad(out, 2);
		fill(out, pl_row_cell(row, 0), 2, 4);
		indent = 4;
	}
}

static void
items(GString *out, const struct pl_block *block)
{
	if (*block->head)
		fill(out, block->head, 0, 0);
	for (unsigned i = 0; i < block->rows->len; i++) {
		const struct pl_row *row = block->rows->pdata[i];
		const char *aside = pl_row_cell(row, 1);

		head_line(out, 2, pl_row_cell(row, 0), aside);
		for (unsigned k = 2; k < row->cells->len; k++) {
			pad(out, 4);
			fill(out, pl_row_cell(row, k), 4, 4);
		}
	}
	if (block->aside) {
		pad(out, 2);
		fill(out, block->aside, 2, 2);
	}
}

static void
tiles(GString *out, const struct pl_block *block)
{
	g_autoptr(GString) line = g_string_new(NULL);

	for (unsigned i = 0; i < block->rows->len; i++) {
		const struct pl_row *row = block->rows->pdata[i];

		g_string_append_printf(line, "%s%s %s", i ? "   " : "",
		    pl_row_cell(row, 0), pl_row_cell(row, 1));
	}
	g_string_append_printf(out, "%s\n", line->str);
}

/* Columns that the widest cell I of the grid takes, with the gap before it. */
static unsigned
column_width(const struct pl_block *block, unsigned i)
{
	unsigned width = 0;

	for (unsigned r = 0; r < block->rows->len; r++)
		width = MAX(width,
		    pl_text_width(pl_row_cell(block->rows->pdata[r], i)));
	return width + GAP;
}

static void
grid_row(GString *out, const struct pl_block *block, const struct pl_row *row,
    unsigned first)
{
	const char *name = pl_row_cell(row, 0);

	g_string_append(out, name);
	if (pl_text_width(name) > first) {
		g_string_append_c(out, '\n');
		pad(out, first);
	} else {
		pad(out, first - pl_text_width(name));
	}
	for (unsigned i = 1; i < row->cells->len; i++) {
		const char *cell = pl_row_cell(row, i);

		pad(out, column_width(block, i) - pl_text_width(cell));
		g_string_append(out, cell);
	}
	g_string_append_c(out, '\n');
	if (row->under) {
		pad(out, 2);
		fill(out, row->under, 2, 2);
	}
}

static void
grid(GString *out, const struct pl_block *block)
{
	const struct pl_row *titles = block->rows->pdata[0];
	unsigned first = column_width(block, 0) - GAP, others = 0, all;

	for (unsigned i = 1; i < titles->cells->len; i++)
		others += column_width(block, i);
	first = MIN(first, COLUMNS - MIN(others, COLUMNS));
	all = first + others;
	for (unsigned r = 0; r < block->rows->len; r++) {
		const struct pl_row *row = block->rows->pdata[r];

		if (row->sum)
			rule(out, '-', all);
		grid_row(out, block, row, first);
		if (r == 0)
			rule(out, '-', all);
	}
}

/* What stands close to the block before it. */
static gboolean
follows(const struct pl_block *before)
{
	return before->shape == PL_SHAPE_SECTION ||
	       before->shape == PL_SHAPE_HEADING;
}

static void
write_block(GString *out, const struct pl_block *block)
{
	switch (block->shape) {
	case PL_SHAPE_TITLE:
		g_string_append_printf(out, "%s\n", block->head);
		fill(out, block->aside ? block->aside : "", 0, 0);
		rule(out, '=', COLUMNS);
		break;
	case PL_SHAPE_TILES:
		tiles(out, block);
		break;
	case PL_SHAPE_SECTION:
		g_string_append_printf(out, "\n%s\n", block->head);
		rule(out, '-', pl_text_width(block->head));
		break;
	case PL_SHAPE_HEADING:
		head_line(out, 0, block->head, block->aside);
		break;
	case PL_SHAPE_PARAGRAPH:
		fill(out, block->head, 0, 0);
		break;
	case PL_SHAPE_CARD:
		card(out, block);
		break;
	case PL_SHAPE_PAIRS:
		pairs(out, block);
		break;
	case PL_SHAPE_ITEMS:
		items(out, block);
		break;
	case PL_SHAPE_GRID:
		grid(out, block);
		break;
	}
}

char *
pl_page_text(const pl_page *page)
{
	GString *out = g_string_new(NULL);

	for (unsigned i = 0; i < page->blocks->len; i++) {
		const struct pl_block *block = page->blocks->pdata[i];

		if (i && !follows(page->blocks->pdata[i - 1]))
			g_string_append_c(out, '\n');
		write_block(out, block);
	}
	return g_string_free(out, FALSE);
}
