/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * page - what the report says, before it has a shape
 */
#include "page.h"

#include "words.h"

static void
row_free(gpointer data)
{
	struct pl_row *row = data;

	g_ptr_array_unref(row->cells);
	g_free(row->under);
	g_free(row);
}

static void
block_free(gpointer data)
{
	struct pl_block *block = data;

	g_ptr_array_unref(block->rows);
	g_free(block->head);
	g_free(block->aside);
	g_free(block);
}

pl_page *
pl_page_new(void)
{
	pl_page *page = g_new0(pl_page, 1);

	page->blocks = g_ptr_array_new_with_free_func(block_free);
	return page;
}

void
pl_page_free(pl_page *page)
{
	if (!page)
		return;
	g_ptr_array_unref(page->blocks);
	g_free(page);
}

struct pl_block *
pl_page_add(pl_page *page, enum pl_shape shape, enum pl_tone tone,
    const char *head, const char *aside)
{
	struct pl_block *block = g_new0(struct pl_block, 1);

	block->shape = shape;
	block->tone = tone;
	block->head = g_strdup(head ? head : "");
	block->aside = g_strdup(aside);
	block->rows = g_ptr_array_new_with_free_func(row_free);
	g_ptr_array_add(page->blocks, block);
	return block;
}

void
pl_page_say(pl_page *page, enum pl_tone tone, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	pl_page_add(page, PL_SHAPE_PARAGRAPH, tone, text, NULL);
}

struct pl_row *
pl_block_add(struct pl_block *block, ...)
{
	struct pl_row *row = g_new0(struct pl_row, 1);
	const char *cell;
	va_list cells;

	row->cells = g_ptr_array_new_with_free_func(g_free);
	va_start(cells, block);
	while ((cell = va_arg(cells, const char *)) != NULL)
		g_ptr_array_add(row->cells, g_strdup(cell));
	va_end(cells);
	g_ptr_array_add(block->rows, row);
	return row;
}

void
pl_row_add(struct pl_row *row, const char *cell)
{
	if (cell && *cell)
		g_ptr_array_add(row->cells, g_strdup(cell));
}

void
pl_block_pair(struct pl_block *block, const char *key, const char *value)
{
	if (value && *value)
		pl_block_add(block, key, value, NULL);
}

void
pl_block_more(struct pl_block *block, guint64 n)
{
	g_autofree char *number = pl_words_number(n);

	g_free(block->aside);
	block->aside =
	    n ? g_strdup_printf("and %s more in the CSV", number) : NULL;
}

const char *
pl_row_cell(const struct pl_row *row, unsigned i)
{
	return i < row->cells->len ? row->cells->pdata[i] : "";
}
