/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * out - human output: character set, width, times, sizes
 *
 * UTF-8 is written as it is, but for a terminal that says it knows another
 * character set. Through a pipe nothing is cut and nothing is converted.
 */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "postledger/report.h"

#define LABEL 12

void
pl_out(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	if (g_get_charset(NULL) || !isatty(STDOUT_FILENO))
		fputs(text, stdout);
	else
		g_print("%s", text);
}

void
pl_out_field(const char *label, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	g_autofree char *clean = pl_text_clean(text, 0);
	pl_out("  %-*s %s\n", LABEL, label, clean);
}

/* A page of text is not made wider than this. */
#define TEXT_WIDTH 78

void
pl_out_wrapped(unsigned indent, const char *text)
{
	g_autofree char *clean = pl_text_clean(text, 0);
	g_auto(GStrv) words = g_strsplit_set(clean, " \n", -1);
	unsigned column = 0, room = pl_out_width();
	if (room == 0 || room > TEXT_WIDTH)
		room = TEXT_WIDTH;
	for (char **word = words; *word != NULL; word++) {
		unsigned cells = pl_out_cells(*word);
		if (cells == 0)
			continue;
		if (column > indent && column + 1 + cells > room) {
			pl_out("\n");
			column = 0;
		}
		pl_out("%*s%s", column == 0 ? (int)indent : 1, "", *word);
		column += cells + (column == 0 ? indent : 1);
	}
	pl_out("\n");
}

unsigned
pl_out_width(void)
{
	struct winsize size = { 0 };
	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

static unsigned
cells_of(gunichar c)
{
	if (c < 0x80)
		return 1;
	if (g_unichar_iszerowidth(c))
		return 0;
	return g_unichar_iswide(c) ? 2 : 1;
}

unsigned
pl_out_cells(const char *text)
{
	unsigned cells = 0;
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
		cells += cells_of(g_utf8_get_char(p));
	return cells;
}

char *
pl_out_cut(const char *text, unsigned cells)
{
	if (pl_out_cells(text) <= cells)
		return g_strdup(text);
	unsigned used = 0;
	const char *p = text;
	while (used + cells_of(g_utf8_get_char(p)) < cells) {
		used += cells_of(g_utf8_get_char(p));
		p = g_utf8_next_char(p);
	}
	return g_strdup_printf("%.*s…", (int)(p - text), text);
}

char *
pl_out_time(gint64 at, GTimeZone *zone)
{
	return pl_text_time(at, zone, "%Y-%m-%d %H:%M");
}

char *
pl_out_time_short(gint64 at, GTimeZone *zone)
{
	return pl_text_time(at, zone, "%m-%d %H:%M");
}

char *
pl_out_time_exact(gint64 at, GTimeZone *zone)
{
	return pl_text_time(at, zone, "%Y-%m-%d %H:%M:%S");
}

/* g_format_size() follows the locale; a decimal comma would not be what the
 * rest of the page has. */
char *
pl_out_size(guint64 bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double size = (double)bytes;
	unsigned unit = 0;
	if (bytes < 1000)
		return g_strdup_printf("%u B", (unsigned)bytes);
	for (size /= 1000; size >= 999.5 && unit < 3; unit++)
		size /= 1000;
	return g_strdup_printf(
	    size < 10 ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

char *
pl_out_count(guint64 n, const char *thing)
{
	return g_strdup_printf(
	    "%" G_GUINT64_FORMAT " %s%s", n, thing, n == 1 ? "" : "s");
}

gboolean
pl_out_end(void)
{
	return fflush(stdout) == 0 && ferror(stdout) == 0;
}
