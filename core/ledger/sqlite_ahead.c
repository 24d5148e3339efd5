/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sqlite_ahead - see sqlite_ahead.h
 *
 * A place is looked for in steps, between which others are asked for, and pages
 * come: down to the page above its leaf; to the leaf; and, where that is full,
 * to those beside it, since SQLite evens out three when one has to be parted.
 * The pages above are few and stay in memory.
 *
 * The ends of tables and indexes, which a run adds to, are gone down to
 * together: a level of all trees is asked for before the first of it is read.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "disk.h"
#include "sqlite_ahead.h"

#define INNER 2 /* type of an inner page of an index */
#define INNER_OF_TABLE 5
#define INNER_HEAD 12
#define LEAF 10
#define LEAF_HEAD 8
#define CELL 10 /* bytes of one, beside its text */
#define PAGE_MOST 65536
#define LEVELS_MOST 20
#define SMALL 3    /* levels: fewer are read in no time */
#define SMALL_FILE (8 << 20)
#define COMING 16   /* places: by then a page that was asked for is there */
#define ENTERED 32 /* by then a document was entered, or all were told */
#define AT_A_TIME 4

struct tree {
	guint32 root;
	unsigned levels; /* with that of the leaves; 0: not known yet */
};

struct place {
	guint32 above, leaf;
	char *text;
};

struct pl_ahead {
	int fd; /* SQLite's: whoever closes another one gives up its locks */
	gsize size;
	GHashTable *trees;    /* name ▸ struct tree */
	GQueue above, leaves; /* struct place: asked for */
	guint8 page[PAGE_MOST];
};

/* ---- a page -------------------------------------------------------------- */

static guint32
number_at(const guint8 *p, unsigned bytes)
{
	guint32 n = 0;

	while (bytes-- > 0)
		n = n << 8 | *p++;
	return n;
}

/* The text of a cell begins behind: page below, length, length of the head,
 * type of the text, types of what follows. NULL: not such a cell. */
static const guint8 *
text_of(const guint8 *page, gsize size, guint32 at, gsize *length)
{
	const guint8 *p = page + at + 4, *end = page + size;
	gsize head;

	while (p < end && (*p & 0x80) != 0)
		p++;
	if (p + 3 > end)
		return NULL;
	head = p[1];
	*length = p[2] >= 13 && p[2] % 2 == 1 ? (p[2] - 13u) / 2 : 0;
	if (head < 2 || head >= 0x80 || p[2] >= 0x80 ||
	    (gsize)(end - p) < 1 + head + *length)
		return NULL;
	return p + 1 + head;
}

/* Does cell N stand before TEXT? */
static gboolean
stands_before(
    const guint8 *page, gsize size, guint32 at, const char *text, gsize n)
{
	gsize length;
	const guint8 *own =
	    at + 4 < size ? text_of(page, size, at, &length) : NULL;
	int order = own == NULL ? 1 : memcmp(own, text, MIN(length, n));

	return order < 0 || (order == 0 && own != NULL && length < n);
}

/* The page below cell N of an inner one, or behind the last; 0: none. */
static guint32
child(const guint8 *page, gsize size, gint64 n)
{
	const guint32 cells = number_at(page + 3, 2);
	guint32 at;

	if (n < 0 || n > cells || INNER_HEAD + 2 * (gsize)cells > size)
		return 0;
	if (n == cells)
		return number_at(page + 8, 4);
	at = number_at(page + INNER_HEAD + 2 * n, 2);
	return at + 4 < size ? number_at(page + at, 4) : 0;
}

guint32
pl_ahead_below(const guint8 *page, gsize size, const char *text)
{
	const gsize n = strlen(text);
	const guint32 cells = number_at(page + 3, 2);
	guint32 low = 0, high = cells;

	if (page[0] != INNER || INNER_HEAD + 2 * (gsize)cells > size)
		return 0;
	while (low < high) {
		guint32 middle = (low + high) / 2;
		guint32 at = number_at(page + INNER_HEAD + 2 * middle, 2);

		if (stands_before(page, size, at, text, n))
			low = middle + 1;
		else
			high = middle;
	}
	return child(page, size, low);
}

/* What was given back between the cells: a list, by ascending places. */
static gsize
given_back(const guint8 *page, gsize size)
{
	guint32 at = number_at(page + 1, 2), last = 0;
	gsize bytes = page[7];

	while (at > last && at + 4 <= size) {
		bytes += number_at(page + at + 2, 2);
		last = at;
		at = number_at(page + at, 2);
	}
	return bytes;
}

gboolean
pl_ahead_full(const guint8 *page, gsize size, gsize length)
{
	const guint32 cells = number_at(page + 3, 2);
	const guint32 begin = number_at(page + 5, 2);
	const gsize used = LEAF_HEAD + 2 * (gsize)cells;

	return page[0] == LEAF && begin <= size &&
	       begin + given_back(page, size) < used + length + CELL;
}

/* ---- pages --------------------------------------------------------------- */

static gboolean
take(struct pl_ahead *a, guint32 page)
{
	return page != 0 &&
	       pl_disk_read(a->fd, a->page, a->size,
		   (guint64)(page - 1) * a->size) == (gssize)a->size;
}

static guint32
below(struct pl_ahead *a, guint32 page, const char *text)
{
	return take(a, page) ? pl_ahead_below(a->page, a->size, text) : 0;
}

static void
ask(const struct pl_ahead *a, guint32 page)
{
	if (page != 0)
		posix_fadvise(a->fd, (off_t)(page - 1) * (off_t)a->size,
		    (off_t)a->size, POSIX_FADV_WILLNEED);
}

/* The way of the first text is gone to its end. */
static void
measure(struct pl_ahead *a, struct tree *tree, const char *text)
{
	guint32 page = tree->root;

	while (page != 0 && tree->levels < LEVELS_MOST) {
		tree->levels++;
		page = below(a, page, text);
	}
}

static void
place_free(gpointer data)
{
	struct place *place = data;

	g_free(place->text);
	g_free(place);
}

static void
first_step(struct pl_ahead *a, struct tree *tree, const char *text)
{
	struct place *place;
	guint32 page = tree->root;

	if (tree->levels == 0)
		measure(a, tree, text);
	if (tree->levels < SMALL)
		return;
	for (unsigned i = 2; i < tree->levels; i++)
		page = below(a, page, text);
	ask(a, page);
	place = g_new0(struct place, 1);
	place->above = page;
	place->text = g_strdup(text);
	g_queue_push_tail(&a->above, place);
}

/* Of all but the newest ones, and of AT_MOST. */
static void
second_step(struct pl_ahead *a, guint but, guint at_most)
{
	for (; a->above.length > but && at_most > 0; at_most--) {
		struct place *place = g_queue_pop_head(&a->above);

		place->leaf = below(a, place->above, place->text);
		ask(a, place->leaf);
		g_queue_push_tail(&a->leaves, place);
	}
}

static void
ask_beside(struct pl_ahead *a, const struct place *place)
{
	guint32 cells;

	if (!take(a, place->leaf) ||
	    !pl_ahead_full(a->page, a->size, strlen(place->text)) ||
	    !take(a, place->above))
		return;
	cells = number_at(a->page + 3, 2);
	for (gint64 n = 0; n <= cells; n++)
		if (child(a->page, a->size, n) == place->leaf) {
			ask(a, child(a->page, a->size, n - 1));
			ask(a, child(a->page, a->size, n + 1));
			return;
		}
}

static void
third_step(struct pl_ahead *a, guint but, guint at_most)
{
	for (; a->leaves.length > but && at_most > 0; at_most--) {
		struct place *place = g_queue_pop_head(&a->leaves);

		ask_beside(a, place);
		place_free(place);
	}
}

/* ---- what SQLite has open ------------------------------------------------ */

static int
descriptor_of(const char *path)
{
	g_autoptr(GDir) all = g_dir_open("/proc/self/fd", 0, NULL);
	struct stat ours, st;
	const char *name;

	if (all == NULL || stat(path, &ours) != 0)
		return -1;
	while ((name = g_dir_read_name(all)) != NULL) {
		int fd = (int)g_ascii_strtoll(name, NULL, 10);

		if (fstat(fd, &st) == 0 && st.st_dev == ours.st_dev &&
		    st.st_ino == ours.st_ino)
			return fd;
	}
	return -1;
}

static gint64
number_of(sqlite3 *handle, const char *sql, const char *name)
{
	sqlite3_stmt *statement = NULL;
	gint64 number = 0;

	if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) ==
		SQLITE_OK &&
	    (name == NULL || sqlite3_bind_text(statement, 1, name, -1,
				 SQLITE_STATIC) == SQLITE_OK) &&
	    sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

/* ---- ends ---------------------------------------------------------------- */

/* Roots of all tables and indexes, asked for. */
static GArray *
ask_roots(pl_db *db, const struct pl_ahead *a)
{
	GArray *pages = g_array_new(FALSE, FALSE, sizeof(guint32));
	sqlite3_stmt *roots = NULL;

	if (sqlite3_prepare_v2(pl_sqlite_of(db)->handle,
		"SELECT rootpage FROM sqlite_schema WHERE rootpage > 0", -1,
		&roots, NULL) == SQLITE_OK)
		while (sqlite3_step(roots) == SQLITE_ROW) {
			guint32 root = (guint32)sqlite3_column_int64(roots, 0);

			ask(a, root);
			g_array_append_val(pages, root);
		}
	sqlite3_finalize(roots);
	return pages;
}

/* The last page below; 0: it is a leaf. */
static guint32
last_below(struct pl_ahead *a, guint32 page)
{
	if (!take(a, page) ||
	    (a->page[0] != INNER && a->page[0] != INNER_OF_TABLE))
		return 0;
	return number_at(a->page + 8, 4);
}

static void
ask_ends(pl_db *db, struct pl_ahead *a)
{
	g_autoptr(GArray) pages = ask_roots(db, a);

	for (unsigned level = 1; pages->len > 0 && level < LEVELS_MOST;
	     level++) {
		guint left = 0;

		for (guint i = 0; i < pages->len; i++) {
			guint32 next =
			    last_below(a, g_array_index(pages, guint32, i));

			ask(a, next);
			if (next != 0)
				g_array_index(pages, guint32, left++) = next;
		}
		g_array_set_size(pages, left);
	}
}

/* ---- of a connection ----------------------------------------------------- */

static struct pl_ahead *
ahead_new(pl_db *db)
{
	struct pl_ahead *a = g_new0(struct pl_ahead, 1);

	a->fd = descriptor_of(db->path);
	a->size = (gsize)number_of(
	    pl_sqlite_of(db)->handle, "PRAGMA page_size", NULL);
	a->trees = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	if (a->size < INNER_HEAD || a->size > PAGE_MOST)
		a->fd = -1;
	return a;
}

void
pl_ahead_free(struct pl_ahead *a)
{
	if (a == NULL)
		return;
	g_queue_clear_full(&a->above, place_free);
	g_queue_clear_full(&a->leaves, place_free);
	g_hash_table_destroy(a->trees);
	g_free(a);
}

static struct tree *
tree_of(pl_db *db, struct pl_ahead *a, const char *index)
{
	struct tree *tree = g_hash_table_lookup(a->trees, index);

	if (tree != NULL)
		return tree;
	tree = g_new0(struct tree, 1);
	tree->root = (guint32)number_of(pl_sqlite_of(db)->handle,
	    "SELECT rootpage FROM sqlite_schema WHERE name = ?1", index);
	g_hash_table_insert(a->trees, (gpointer)(guintptr)index, tree);
	return tree;
}

static struct pl_ahead *
ahead_of(pl_db *db)
{
	struct pl_sqlite *c = pl_sqlite_of(db);

	if (c->ahead == NULL)
		c->ahead = ahead_new(db);
	return c->ahead->fd >= 0 ? c->ahead : NULL;
}

void
pl_sqlite_ahead(pl_db *db, const char *index, const char *text)
{
	struct pl_ahead *a = ahead_of(db);

	if (a == NULL)
		return;
	first_step(a, tree_of(db, a, index), text);
	second_step(a, COMING, AT_A_TIME);
}

void
pl_sqlite_ends(pl_db *db)
{
	struct pl_ahead *a = ahead_of(db);
	struct stat st;

	if (a != NULL && fstat(a->fd, &st) == 0 && st.st_size >= SMALL_FILE)
		ask_ends(db, a);
}

void
pl_sqlite_arrived(pl_db *db, gboolean all)
{
	struct pl_ahead *a = pl_sqlite_of(db)->ahead;
	const guint at_most = all ? G_MAXUINT : AT_A_TIME;

	if (a == NULL)
		return;
	second_step(a, 0, at_most);
	third_step(a, all ? 0 : ENTERED, at_most);
}
