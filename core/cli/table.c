/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table - aligned columns within the width of the terminal
 *
 * Rows are kept until there are ROWS of them, so that a list of millions is
 * printed in a bounded amount of memory; columns never get narrower again.
 * On a terminal the widest columns that may be cut are cut first, with an
 * ellipsis. Elsewhere only what nobody reads to its end is cut: such a cell
 * would make all lines as long.
 */
#include "cli.h"

#include <string.h>

#include "postledger/report.h"

#define ROWS 1000
#define MOST 120 /* cells of a column that may be cut */

struct pl_table {
	const struct pl_column *columns;
	unsigned n;
	unsigned *width; /* as wide as the widest cell so far */
	GPtrArray *rows; /* char **, n each */
	gboolean headed;
};

pl_table *
pl_table_new(const struct pl_column *columns, unsigned n)
{
	struct pl_table *table = g_new0(struct pl_table, 1);
	table->columns = columns;
	table->n = n;
	table->width = g_new0(unsigned, n);
	table->rows =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	for (unsigned i = 0; i < n; i++)
		table->width[i] = pl_out_cells(columns[i].title);
	return table;
}

/* The column to make narrower next, or -1 when all are at their least. */
static int
widest(const struct pl_table *table, const unsigned *width)
{
	int found = -1;
	for (unsigned i = 0; i < table->n; i++) {
		unsigned least = table->columns[i].least;
		if (least == 0 || width[i] <= least)
			continue;
		if (found < 0 || width[i] >= width[found])
			found = (int)i;
	}
	return found;
}

static void
fit(const struct pl_table *table, unsigned *width)
{
	unsigned room = pl_out_width(), total = 0;
	memcpy(width, table->width, table->n * sizeof *width);
	for (unsigned i = 0; i < table->n; i++)
		total += width[i] + (i > 0 ? 2 : 0);
	while (room > 0 && total > room) {
		int column = widest(table, width);
		if (column < 0)
			return;
		width[column]--;
		total--;
	}
}

static void
print_row(const struct pl_table *table, const unsigned *width,
    const char *const *cells)
{
	g_autoptr(GString) line = g_string_new(NULL);
	for (unsigned i = 0; i < table->n; i++) {
		g_autofree char *cell = pl_out_cut(cells[i], width[i]);
		unsigned blanks = width[i] - pl_out_cells(cell);
		gboolean right = table->columns[i].right;
		if (i > 0)
			g_string_append(line, "  ");
		if (right)
			g_string_append_printf(line, "%*s", (int)blanks, "");
		g_string_append(line, cell);
		if (!right)
			g_string_append_printf(line, "%*s", (int)blanks, "");
	}
	pl_out("%s\n", g_strchomp(line->str));
}

static void
print_rows(struct pl_table *table)
{
	g_autofree unsigned *width = g_new0(unsigned, table->n);
	fit(table, width);
	if (!table->headed) {
		g_autofree const char **titles = g_new0(const char *, table->n);
		for (unsigned i = 0; i < table->n; i++)
			titles[i] = table->columns[i].title;
		print_row(table, width, titles);
		table->headed = TRUE;
	}
	for (unsigned i = 0; i < table->rows->len; i++)
		print_row(table, width, g_ptr_array_index(table->rows, i));
	g_ptr_array_set_size(table->rows, 0);
}

void
pl_table_add(pl_table *table, char **cells)
{
	char **row = g_new0(char *, table->n + 1);
	for (unsigned i = 0; i < table->n; i++) {
		g_autofree char *clean =
		    pl_text_clean(cells[i] != NULL ? cells[i] : "", 0);
		row[i] = table->columns[i].least > 0
			     ? pl_out_cut(clean, MOST)
			     : g_steal_pointer(&clean);
		g_free(cells[i]);
		table->width[i] = MAX(table->width[i], pl_out_cells(row[i]));
	}
	g_ptr_array_add(table->rows, row);
	if (table->rows->len >= ROWS)
		print_rows(table);
}

void
pl_table_end(pl_table *table)
{
	if (table->rows->len > 0)
		print_rows(table);
	g_ptr_array_unref(table->rows);
	g_free(table->width);
	g_free(table);
}
