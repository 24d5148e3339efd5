/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * html - the page as HTML for mail programs
 *
 * One column of at most 640 pixels, tables and inline styles: what Outlook,
 * Gmail and a telephone all show. No image, no script, no link. The classes
 * only serve dark mode and small screens where style sheets are heeded (see
 * report_head.html); without them the page is complete.
 */
#include <string.h>

#include "clean.h"
#include "page.h"

#define QUIET "color:#5f6b7a"
#define RULE "1px solid #e1e5ea"

static const char head_html[] =
#include "report_head.html.h"
    ;
static const char foot_html[] =
#include "report_foot.html.h"
    ;

/* Writes BEFORE, the escaped TEXT and AFTER. */
static void
put(GString *out, const char *before, const char *text, const char *after)
{
	g_string_append(out, before);
	pl_text_escape(out, text);
	g_string_append(out, after);
}

/* A table that only lays out; it ends with </table>. */
static void
begin_table(GString *out, const char *style)
{
	g_string_append_printf(out,
	    "<table role=\"presentation\" width=\"100%%\" cellpadding=\"0\" "
	    "cellspacing=\"0\" border=\"0\" style=\"%s\">\n",
	    style);
}

static void
title(GString *out, const struct pl_block *block)
{
	put(out,
	    "<h1 style=\"margin:0;font-size:21px;line-height:1.3;"
	    "font-weight:600\">",
	    block->head, "</h1>\n");
	if (block->aside)
		put(out,
		    "<p class=\"q\" style=\"margin:2px 0 "
		    "0;font-size:13px;" QUIET "\">",
		    block->aside, "</p>\n");
}

static const char *
tone_class(enum pl_tone tone)
{
	switch (tone) {
	case PL_TONE_BAD:
		return " class=\"rb\"";
	case PL_TONE_WARN:
		return " class=\"rw\"";
	case PL_TONE_QUIET:
		return " class=\"q\"";
	case PL_TONE_PLAIN:
		break;
	}
	return "";
}

static const char *
tone_style(enum pl_tone tone)
{
	switch (tone) {
	case PL_TONE_BAD:
		return ";color:#b42318";
	case PL_TONE_WARN:
		return ";color:#93560a";
	case PL_TONE_QUIET:
		return ";" QUIET;
	case PL_TONE_PLAIN:
		break;
	}
	return "";
}

static void
tiles(GString *out, const struct pl_block *block)
{
	unsigned n = MAX(block->rows->len, 1);

	begin_table(out, "margin:20px 0 4px");
	g_string_append(out, "<tr>");
	for (unsigned i = 0; i < block->rows->len; i++) {
		const struct pl_row *row = block->rows->pdata[i];

		g_string_append_printf(out,
		    "<td width=\"%u%%\" valign=\"top\" "
		    "style=\"padding:0 8px 0 0\">"
		    "<div%s style=\"font-size:26px;line-height:1.2;"
		    "font-weight:600%s\">",
		    100 / n, tone_class(row->tone), tone_style(row->tone));
		put(out, "", pl_row_cell(row, 0), "</div>\n");
		put(out,
		    "<div class=\"q\" "
		    "style=\"font-size:12px;line-height:1.35;" QUIET "\">",
		    pl_row_cell(row, 1), "</div></td>\n");
	}
	g_string_append(out, "</tr></table>\n");
}

/* Two cells on a line: HEAD at the left, ASIDE at the right in its tone, both
 * with STYLE. */
static void
head_row(GString *out, const char *style, const char *head, const char *aside,
    enum pl_tone tone)
{
	g_string_append_printf(
	    out, "<tr><td valign=\"top\" style=\"%sfont-weight:600\">", style);
	put(out, "", head, "</td>");
	g_string_append_printf(out,
	    "<td%s align=\"right\" valign=\"top\" style=\"%spadding-left:"
	    "12px;white-space:nowrap%s\">",
	    tone_class(tone), style, tone_style(tone));
	put(out, "", aside ? aside : "", "</td></tr>\n");
}

static void
heading(GString *out, const struct pl_block *block)
{
	begin_table(out, "margin:16px 0 4px");
	head_row(
	    out, "font-size:15px;", block->head, block->aside, PL_TONE_QUIET);
	g_string_append(out, "</table>\n");
}

static void
quiet_line(GString *out, const char *text)
{
	put(out,
	    "<p class=\"q\" style=\"margin:2px 0 4px;font-size:13px;" QUIET
	    "\">",
	    text, "</p>\n");
}

static void
paragraph(GString *out, const struct pl_block *block)
{
	if (block->tone == PL_TONE_QUIET) {
		quiet_line(out, block->head);
		return;
	}
	g_string_append_printf(out, "<p%s style=\"margin:8px 0%s\">",
	    tone_class(block->tone), tone_style(block->tone));
	put(out, "", block->head, "</p>\n");
}

static void
pair(GString *out, const struct pl_row *row)
{
	put(out,
	    "<tr><td class=\"q\" valign=\"top\" width=\"84\" style=\""
	    "padding:1px 10px 1px 0;font-size:13px;" QUIET "\">",
	    pl_row_cell(row, 0), "</td>\n");
	put(out,
	    "<td valign=\"top\" style=\"padding:1px 0;font-size:13px;"
	    ";word-break:break-word\">",
	    pl_row_cell(row, 1), "</td></tr>\n");
}

/* A pair that is read as a sentence, over the whole width. */
static void
lead(GString *out, const struct pl_row *row)
{
	g_string_append(out, "<tr><td colspan=\"2\" style=\"padding:2px 0\">");
	put(out, "<b>", pl_row_cell(row, 0), "</b> ");
	put(out, "", pl_row_cell(row, 1), "</td></tr>\n");
}

static void
pairs(GString *out, const struct pl_block *block)
{
	begin_table(out, "margin:8px 0");
	for (unsigned i = 0; i < block->rows->len; i++)
		pair(out, block->rows->pdata[i]);
	g_string_append(out, "</table>\n");
}

/* A row of one cell is the title of the pairs that follow; pairs before the
 * first title are said of all. */
static void
card_rows(GString *out, const struct pl_block *block)
{
	gboolean titled = FALSE;

	for (unsigned i = 0; i < block->rows->len; i++) {
		const struct pl_row *row = block->rows->pdata[i];

		if (row->cells->len > 1 && titled) {
			pair(out, row);
		} else if (row->cells->len > 1) {
			lead(out, row);
		} else {
			titled = TRUE;
			put(out,
			    "<tr><td colspan=\"2\" style=\"padding:10px 0 1px;"
			    "font-weight:600\">",
			    pl_row_cell(row, 0), "</td></tr>\n");
		}
	}
}

static void
card(GString *out, const struct pl_block *block)
{
	gboolean bad = block->tone == PL_TONE_BAD;

	begin_table(out, "margin:12px 0");
	g_string_append_printf(out,
	    "<tr><td class=\"%s\" style=\"background:%s;"
	    "border-left:4px solid %s;padding:12px 14px\">\n",
	    bad ? "bad" : "warn", bad ? "#fdf2f1" : "#fdf6ea",
	    bad ? "#c5372b" : "#d18a1d");
	begin_table(out, "");
	head_row(
	    out, "font-size:15px;", block->head, block->aside, PL_TONE_QUIET);
	g_string_append(out, "</table>\n");
	begin_table(out, "margin-top:4px");
	card_rows(out, block);
	g_string_append(out, "</table>\n</td></tr></table>\n");
}

static void
item(GString *out, const struct pl_row *row)
{
	head_row(out, "padding-top:6px;", pl_row_cell(row, 0),
	    pl_row_cell(row, 1), PL_TONE_PLAIN);
	g_string_append(out,
	    "<tr><td class=\"q l\" colspan=\"2\" style=\"padding-bottom:6px;"
	    "border-bottom:" RULE ";font-size:13px;" QUIET "\">");
	for (unsigned i = 2; i < row->cells->len; i++)
		put(out, i > 2 ? "<br>\n" : "", pl_row_cell(row, i), "");
	g_string_append(out, "</td></tr>\n");
}

static void
items(GString *out, const struct pl_block *block)
{
	if (*block->head)
		quiet_line(out, block->head);
	if (block->rows->len)
		begin_table(out, "margin:0 0 8px");
	for (unsigned i = 0; i < block->rows->len; i++)
		item(out, block->rows->pdata[i]);
	if (block->rows->len)
		g_string_append(out, "</table>\n");
	if (block->aside)
		quiet_line(out, block->aside);
}

static void
grid_titles(GString *out, const struct pl_row *row)
{
	g_string_append(out, "<tr>");
	for (unsigned i = 0; i < row->cells->len; i++) {
		g_string_append_printf(out,
		    "<th class=\"q l\" align=\"%s\"%s valign=\"bottom\" "
		    "style=\"padding:5px 0 5px %s;border-bottom:" RULE
		    ";font-size:12px;font-weight:400;"
		    "white-space:nowrap;" QUIET "\">",
		    i ? "right" : "left", i ? " width=\"13%\"" : "",
		    i ? "6px" : "0");
		put(out, "", pl_row_cell(row, i), "</th>\n");
	}
	g_string_append(out, "</tr>\n");
}

static void
grid_row(GString *out, const struct pl_row *row)
{
	const char *weight = row->sum ? ";font-weight:600" : "";
	const char *below =
	    row->under ? "" : ";padding-bottom:5px;border-bottom:" RULE;

	g_string_append(out, "<tr>");
	for (unsigned i = 0; i < row->cells->len; i++) {
		g_string_append_printf(out,
		    "<td class=\"l\"%s style=\"padding-top:5px%s%s%s\">",
		    i ? " align=\"right\"" : "",
		    i ? ";padding-left:6px;white-space:nowrap" : "", weight,
		    below);
		put(out, "", pl_row_cell(row, i), "</td>\n");
	}
	g_string_append(out, "</tr>\n");
	if (!row->under)
		return;
	g_string_append_printf(out,
	    "<tr><td class=\"q l\" colspan=\"%u\" style=\"padding-bottom:5px;"
	    "border-bottom:" RULE ";font-size:12px;" QUIET "\">",
	    row->cells->len);
	put(out, "", row->under, "</td></tr>\n");
}

/* The one table that is one to a screen reader as well. */
static void
grid(GString *out, const struct pl_block *block)
{
	g_string_append(out,
	    "<table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" "
	    "border=\"0\" style=\"margin:8px 0\">\n");
	grid_titles(out, block->rows->pdata[0]);
	for (unsigned i = 1; i < block->rows->len; i++)
		grid_row(out, block->rows->pdata[i]);
	g_string_append(out, "</table>\n");
}

static void
write_block(GString *out, const struct pl_block *block)
{
	switch (block->shape) {
	case PL_SHAPE_TITLE:
		title(out, block);
		break;
	case PL_SHAPE_TILES:
		tiles(out, block);
		break;
	case PL_SHAPE_SECTION:
		put(out,
		    "<h2 class=\"l\" style=\"margin:26px 0 6px;"
		    "padding-top:14px;border-top:" RULE ";font-size:17px;"
		    "line-height:1.3;font-weight:600\">",
		    block->head, "</h2>\n");
		break;
	case PL_SHAPE_HEADING:
		heading(out, block);
		break;
	case PL_SHAPE_PARAGRAPH:
		paragraph(out, block);
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
pl_page_html(const pl_page *page, const char *subject)
{
	static const char mark[] = "@SUBJECT@";
	const char *at = strstr(head_html, mark);
	GString *out = g_string_new(NULL);

	g_assert(at);
	g_string_append_len(out, head_html, at - head_html);
	put(out, "", subject, at + strlen(mark));
	for (unsigned i = 0; i < page->blocks->len; i++)
		write_block(out, page->blocks->pdata[i]);
	g_string_append(out, foot_html);
	return g_string_free(out, FALSE);
}
