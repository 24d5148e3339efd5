/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * share - files with several statements: what of them leaves, and together
 * with what
 */
#include "share.h"

#include <string.h>

#include "chain.h"

/* ---- one file ---------------------------------------------------------- */

static const struct pl_file *
main_file(const pl_document *d)
{
	return d->files->len > 0 ? d->files->pdata[0] : NULL;
}

gboolean
pl_share_same(const pl_document *a, const pl_document *b)
{
	const struct pl_file *one = main_file(a), *other = main_file(b);

	return a->message == b->message && a->length > 0 && b->length > 0 &&
	       one != NULL && other != NULL && one->sha256 != NULL &&
	       g_strcmp0(one->sha256, other->sha256) == 0;
}

/* The statements of a file. */
struct set {
	gint64 first; /* document */
	guint n;
	char *account; /* as it is compared; NULL: they are of several */
	guint64 begin, end;
	GHashTable *copies; /* what it says ▸ how often the file has it */
};

static void
set_free(gpointer data)
{
	struct set *set = data;

	g_free(set->account);
	g_hash_table_unref(set->copies);
	g_free(set);
}

static void
add_text(GString *s, const char *text)
{
	if (text == NULL)
		g_string_append_c(s, '-');
	else
		g_string_append_printf(s, "%zu:%s", strlen(text), text);
}

/* The same of both where the message has a file twice. g_free(). */
static char *
content_of(const pl_document *d)
{
	GString *s = g_string_new(NULL);

	g_string_append_printf(s,
	    "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " ", d->offset,
	    d->length);
	add_text(s, d->account);
	add_text(s, d->sequence);
	add_text(s, d->date);
	add_text(s, d->opening_balance);
	add_text(s, d->closing_balance);
	return g_string_free(s, FALSE);
}

static guint
copies_of(const struct set *set, const char *content)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(set->copies, content));
}

static struct set *
set_new(const pl_document *d)
{
	struct set *set = g_new0(struct set, 1);

	set->first = d->id;
	set->begin = G_MAXUINT64;
	set->account =
	    d->account != NULL ? pl_statement_account(d->account) : NULL;
	set->copies =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return set;
}

static void
set_add(struct set *set, const pl_document *d)
{
	g_autofree char *account =
	    d->account != NULL ? pl_statement_account(d->account) : NULL;
	char *content = content_of(d);
	guint copies = copies_of(set, content);

	if (g_strcmp0(set->account, account) != 0)
		g_clear_pointer(&set->account, g_free);
	set->n++;
	set->begin = MIN(set->begin, d->offset);
	set->end = MAX(set->end, d->offset + d->length);
	g_hash_table_insert(set->copies, content, GUINT_TO_POINTER(copies + 1));
}

/* Of these formats all that stands around the statements goes along with each;
 * the parts of the others are the file. */
static gboolean
has_frame(const struct pl_file *file)
{
	return g_strcmp0(file->format, "camt.053") == 0 ||
	       g_strcmp0(file->format, "ofx") == 0;
}

guint64
pl_share_own(const struct pl_share *s)
{
	return s->head + s->length + (s->size - s->tail);
}

static struct pl_share *
share_new(const struct set *set, const pl_document *d)
{
	const struct pl_file *file = main_file(d);
	struct pl_share *s = g_new0(struct pl_share, 1);
	g_autofree char *content = content_of(d);

	s->file = set->first;
	s->statements = set->n / copies_of(set, content);
	s->one_account = set->account != NULL;
	s->size = s->tail = file->size;
	s->offset = d->offset;
	s->length = d->length;
	s->bound = d->offset == 0 && d->length == file->size;
	if (!s->bound && has_frame(file)) {
		s->head = set->begin;
		s->tail = set->end;
	}
	return s;
}

/* ---- those of a message ------------------------------------------------ */

/* It may have thousands of statements: each is looked at once. */
struct pl_shares {
	GHashTable *by_document; /* id ▸ struct pl_share */
};

static gboolean
may_share(const pl_document *d)
{
	const struct pl_file *file = main_file(d);

	return d->length > 0 && file != NULL && file->sha256 != NULL;
}

static GHashTable *
sets_of(const GPtrArray *documents)
{
	GHashTable *sets =
	    g_hash_table_new_full(g_str_hash, g_str_equal, NULL, set_free);

	for (guint i = 0; i < documents->len; i++) {
		const pl_document *d = documents->pdata[i];
		struct set *set;

		if (!may_share(d))
			continue;
		set = g_hash_table_lookup(sets, main_file(d)->sha256);
		if (set == NULL) {
			set = set_new(d);
			g_hash_table_insert(sets, main_file(d)->sha256, set);
		}
		set_add(set, d);
	}
	return sets;
}

pl_shares *
pl_shares_new(const GPtrArray *documents)
{
	g_autoptr(GHashTable) sets = sets_of(documents);
	pl_shares *shares = g_new0(pl_shares, 1);

	shares->by_document =
	    g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	for (guint i = 0; i < documents->len; i++) {
		const pl_document *d = documents->pdata[i];

		if (may_share(d))
			g_hash_table_insert(shares->by_document,
			    g_memdup2(&d->id, sizeof(d->id)),
			    share_new(
				g_hash_table_lookup(sets, main_file(d)->sha256),
				d));
	}
	return shares;
}

void
pl_shares_free(pl_shares *shares)
{
	if (shares == NULL)
		return;
	g_hash_table_unref(shares->by_document);
	g_free(shares);
}

const struct pl_share *
pl_shares_find(const pl_shares *shares, gint64 document)
{
	const struct pl_share *s =
	    g_hash_table_lookup(shares->by_document, &document);

	return s != NULL && s->statements > 1 ? s : NULL;
}

struct pl_part
pl_run_part(const pl_shares *shares, const pl_document *d, gboolean *whole)
{
	const struct pl_share *s =
	    g_hash_table_lookup(shares->by_document, &d->id);

	*whole = s == NULL || s->one_account;
	if (s == NULL || s->statements <= 1)
		return (struct pl_part){ 0 };
	return (struct pl_part){ s->offset, s->length, s->head,
		s->tail < s->size ? s->tail : 0 };
}

/* What is passing by, and to whom a range of it goes. */
struct passing {
	guint64 at;
	const guint8 *bytes;
	gsize length;
	pl_put put;
	void *to;
};

static gboolean
put_range(const struct passing *p, guint64 from, guint64 to, GError **error)
{
	from = CLAMP(from, p->at, p->at + p->length);
	to = CLAMP(to, from, p->at + p->length);
	return from == to || p->put(p->to, p->bytes + (from - p->at),
				 (gsize)(to - from), error);
}

gboolean
pl_part_put(const struct pl_part *part, guint64 at, const void *bytes,
    gsize length, pl_put put, void *to, GError **error)
{
	const struct passing p = { at, bytes, length, put, to };

	if (part->length == 0)
		return put_range(&p, 0, G_MAXUINT64, error);
	return put_range(&p, 0, part->head, error) &&
	       put_range(
		   &p, part->offset, part->offset + part->length, error) &&
	       (part->tail == 0 ||
		   put_range(&p, part->tail, G_MAXUINT64, error));
}

/* ---- those of a journal ------------------------------------------------ */

struct reading {
	pl_ledger *ledger;
	pl_shares *of_message; /* of MESSAGE */
	gint64 message;
	GHashTable *shares;
};

static gboolean
read_message(struct reading *r, gint64 message, GError **error)
{
	g_autoptr(GPtrArray) documents = NULL;

	if (r->of_message != NULL && r->message == message)
		return TRUE;
	g_clear_pointer(&r->of_message, pl_shares_free);
	documents = pl_document_of(r->ledger, message, error);
	if (documents == NULL)
		return FALSE;
	r->of_message = pl_shares_new(documents);
	r->message = message;
	return TRUE;
}

static gboolean
read_one(struct reading *r, const pl_entry *e, GError **error)
{
	const struct pl_share *share;

	if (e->kind != PL_KIND_STATEMENT || e->length == 0)
		return TRUE;
	if (!read_message(r, e->message, error))
		return FALSE;
	share = pl_shares_find(r->of_message, e->document);
	if (share != NULL)
		g_hash_table_insert(r->shares, g_memdup2(&e->id, sizeof(e->id)),
		    g_memdup2(share, sizeof(*share)));
	return TRUE;
}

GHashTable *
pl_shares_read(pl_ledger *l, const GPtrArray *entries, GError **error)
{
	g_autoptr(GHashTable) shares =
	    g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	struct reading r = { .ledger = l, .shares = shares };
	gboolean good = TRUE;

	for (guint i = 0; good && i < entries->len; i++)
		good = read_one(&r, entries->pdata[i], error);
	pl_shares_free(r.of_message);
	return good ? g_steal_pointer(&shares) : NULL;
}

/* ---- order ------------------------------------------------------------- */

struct sorting {
	GHashTable *shares, *links;
	GPtrArray *entries;
	GHashTable *there; /* file ▸ how many of it are there */
	GHashTable *first; /* file ▸ where the first of it is */
	GHashTable *gone;  /* chain ▸ how many of it were put out */
	GHashTable *place; /* entry ▸ its place among those of its chain */
	gboolean *done;
	GPtrArray *out;
};

static const struct pl_share *
share_of(const struct sorting *s, const pl_entry *e)
{
	return g_hash_table_lookup(s->shares, &e->id);
}

static GHashTable *
counts_new(void)
{
	return g_hash_table_new_full(
	    g_int64_hash, g_int64_equal, g_free, g_free);
}

static guint *
count_of(GHashTable *counts, gint64 key)
{
	guint *n = g_hash_table_lookup(counts, &key);

	if (n == NULL) {
		n = g_new0(guint, 1);
		g_hash_table_insert(counts, g_memdup2(&key, sizeof(key)), n);
	}
	return n;
}

static const struct pl_linked *
linked_of(const struct sorting *s, const pl_entry *e)
{
	return s->links == NULL ? NULL : g_hash_table_lookup(s->links, &e->id);
}

static gboolean
is_together(const struct sorting *s, const pl_entry *e, gint64 file)
{
	const struct pl_share *share = share_of(s, e);

	return share != NULL && share->file == file;
}

/* All of the file are there, and to be kept together. FILE: which. */
static gboolean
is_unit(const struct sorting *s, const pl_entry *e, gint64 *file)
{
	const struct pl_share *share = share_of(s, e);

	if (share == NULL || (!share->one_account && !share->bound))
		return FALSE;
	*file = share->file;
	return *count_of(s->there, share->file) == share->statements;
}

static void
put_out(struct sorting *s, guint at)
{
	pl_entry *e = s->entries->pdata[at];
	const struct pl_linked *linked = linked_of(s, e);

	s->done[at] = TRUE;
	g_ptr_array_add(s->out, e);
	if (linked != NULL)
		++*count_of(s->gone, linked->chain);
}

/* Those of the file, or (FILE 0) the one at AT. FALSE, and nothing is put out:
 * another one of a chain has to go before. */
static gboolean
put_unit(struct sorting *s, guint at, gint64 file)
{
	g_autoptr(GHashTable) more = counts_new();
	guint left = file != 0 ? *count_of(s->there, file) : 1, end;

	if (file != 0)
		at = *count_of(s->first, file);
	for (end = at; left > 0; end++) {
		const pl_entry *e = s->entries->pdata[end];
		const struct pl_linked *linked = linked_of(s, e);
		guint before;

		if (file != 0 && !is_together(s, e, file))
			continue;
		left--;
		if (linked == NULL)
			continue;
		before = *count_of(s->gone, linked->chain) +
			 (*count_of(more, linked->chain))++;
		if (*count_of(s->place, e->id) != before)
			return FALSE;
	}
	for (guint i = at; i < end; i++)
		if (file == 0 || is_together(s, s->entries->pdata[i], file))
			put_out(s, i);
	return TRUE;
}

/* One walk over what is left; FALSE: nothing could be put out. */
static gboolean
walk(struct sorting *s)
{
	gboolean moved = FALSE;

	for (guint i = 0; i < s->entries->len; i++) {
		gint64 file = 0;

		if (s->done[i])
			continue;
		if (!is_unit(s, s->entries->pdata[i], &file))
			file = 0;
		moved |= put_unit(s, i, file);
	}
	return moved;
}

/* What is left when files stand crosswise goes as it stood. */
static void
put_rest(struct sorting *s)
{
	for (guint i = 0; i < s->entries->len; i++)
		if (!s->done[i])
			put_out(s, i);
}

static void
count(struct sorting *s)
{
	g_autoptr(GHashTable) chains = counts_new();

	for (guint i = 0; i < s->entries->len; i++) {
		const pl_entry *e = s->entries->pdata[i];
		const struct pl_share *share = share_of(s, e);
		const struct pl_linked *linked = linked_of(s, e);

		if (share != NULL && ++*count_of(s->there, share->file) == 1)
			*count_of(s->first, share->file) = i;
		if (linked != NULL)
			*count_of(s->place, e->id) =
			    (*count_of(chains, linked->chain))++;
	}
}

void
pl_shares_sort(GHashTable *shares, GHashTable *links, GPtrArray *entries)
{
	g_autoptr(GHashTable) there = counts_new(), first = counts_new(),
			      gone = counts_new(), place = counts_new();
	g_autofree gboolean *done = g_new0(gboolean, entries->len);
	g_autoptr(GPtrArray) out = g_ptr_array_sized_new(entries->len);
	struct sorting s = { shares, links, entries, there, first, gone, place,
		done, out };

	if (g_hash_table_size(shares) == 0)
		return;
	count(&s);
	while (out->len < entries->len && walk(&s))
		;
	put_rest(&s);
	memcpy(entries->pdata, out->pdata, entries->len * sizeof(gpointer));
}
