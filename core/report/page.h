/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * page - what the report says, before it has a shape
 *
 * A page is a list of blocks, a block has a line of its own and rows, a row
 * has cells. Text and HTML are both made from it and add no word, so they say
 * the same. All strings are clean and owned by the page.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <glib.h>

enum pl_tone {
	PL_TONE_PLAIN,
	PL_TONE_QUIET, /* less important */
	PL_TONE_WARN,
	PL_TONE_BAD,
};

enum pl_shape {
	PL_SHAPE_TITLE,     /* head; aside: the line below it */
	PL_SHAPE_TILES,     /* rows: number, what it counts */
	PL_SHAPE_SECTION,   /* head */
	PL_SHAPE_HEADING,   /* head, aside */
	PL_SHAPE_PARAGRAPH, /* head */
	PL_SHAPE_CARD,      /* head, aside; rows: key, value */
	PL_SHAPE_PAIRS,     /* rows: key, value */
	PL_SHAPE_ITEMS,     /* head: a line above; aside: a line below;
			     * rows: name, aside, further lines */
	PL_SHAPE_GRID,      /* rows: name, numbers; first row: the titles */
};

struct pl_row {
	enum pl_tone tone;
	GPtrArray *cells; /* char * */
	char *under;      /* of a grid: a quiet line below, or NULL */
	gboolean sum;     /* of a grid: the others added up */
};

struct pl_block {
	enum pl_shape shape;
	enum pl_tone tone;
	char *head, *aside; /* aside: or NULL */
	GPtrArray *rows;    /* struct pl_row */
};

struct pl_page {
	GPtrArray *blocks; /* struct pl_block */
};
typedef struct pl_page pl_page;
pl_page *pl_page_new(void);
void pl_page_free(pl_page *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_page, pl_page_free)

/* A new block at the end; it belongs to the page. HEAD, ASIDE are copied. */
struct pl_block *pl_page_add(pl_page *page, enum pl_shape shape,
    enum pl_tone tone, const char *head, const char *aside);
/* A paragraph, as printf() does. */
void pl_page_say(pl_page *page, enum pl_tone tone, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* A new row with copies of the cells, which end with NULL. */
struct pl_row *pl_block_add(struct pl_block *block, ...) G_GNUC_NULL_TERMINATED;
/* A further cell, a copy; nothing for NULL or "". */
void pl_row_add(struct pl_row *row, const char *cell);
/* The line below of items: "and 2,310 more in the CSV"; nothing for 0. */
void pl_block_more(struct pl_block *block, guint64 n);
/* A row of key and value; nothing if VALUE is NULL or "". */
void pl_block_pair(struct pl_block *block, const char *key, const char *value);
const char *pl_row_cell(const struct pl_row *row, unsigned i);

/* The two shapes. g_free(). */
char *pl_page_text(const pl_page *page);
char *pl_page_html(const pl_page *page, const char *subject);

#endif
