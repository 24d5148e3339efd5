/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * share - files with several statements: what of them leaves, and together
 * with what
 */
#include "share.h"

#include <string.h>

#include "chain.h"

/* ---- one file -------------------------------------------------------------- */

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

static gboolean
same_account(const pl_document *a, const pl_document *b)
{
	g_autofree char *one = NULL, *other = NULL;

	if (a->account == NULL || b->account == NULL)
		return FALSE;
	one = pl_statement_account(a->account);
	other = pl_statement_account(b->account);
	return strcmp(one, other) == 0;
}

/* The message has the file twice. */
static gboolean
is_copy(const pl_document *a, const pl_document *b)
{
	return a->offset == b->offset && a->length == b->length &&
	       g_strcmp0(a->account, b->account) == 0 &&
	       g_strcmp0(a->sequence, b->sequence) == 0 &&
	       g_strcmp0(a->date, b->date) == 0 &&
	       g_strcmp0(a->opening_balance, b->opening_balance) == 0 &&
	       g_strcmp0(a->closing_balance, b->closing_balance) == 0;
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

gboolean
pl_share_of(
    const GPtrArray *documents, const pl_document *d, struct pl_share *s)
{
	const struct pl_file *file = main_file(d);
	guint64 first = G_MAXUINT64, last = 0;
	guint n = 0, copies = 0;

	if (d->length == 0 || file == NULL)
		return FALSE;
	*s = (struct pl_share){ .one_account = TRUE,
		.size = file->size,
		.offset = d->offset,
		.length = d->length,
		.bound = d->offset == 0 && d->length == file->size,
		.tail = file->size };
	for (guint i = 0; i < documents->len; i++) {
		const pl_document *other = documents->pdata[i];

		if (!pl_share_same(d, other))
			continue;
		s->file = s->file != 0 ? s->file : other->id;
		s->one_account &= same_account(d, other);
		n++;
		copies += is_copy(d, other);
		first = MIN(first, other->offset);
		last = MAX(last, other->offset + other->length);
	}
	s->statements = n / MAX(copies, 1);
	if (!s->bound && has_frame(file)) {
		s->head = first;
		s->tail = last;
	}
	return s->statements > 1;
}

struct pl_part
pl_run_part(const GPtrArray *documents, const pl_document *d, gboolean *whole)
{
	struct pl_share s = { .one_account = TRUE };

	if (!pl_share_of(documents, d, &s))
		s.length = 0;
	*whole = s.one_account;
	return (struct pl_part){ s.offset, s.length, s.head,
		s.tail < s.size ? s.tail : 0 };
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

/* ---- those of a journal ------------------------------------------------------ */

struct reading {
	pl_ledger *ledger;
	GPtrArray *documents; /* of MESSAGE */
	gint64 message;
	GHashTable *shares;
};

static gboolean
read_one(struct reading *r, const pl_entry *e, GError **error)
{
	struct pl_share share;

	if (e->kind != PL_KIND_STATEMENT || e->length == 0)
		return TRUE;
	if (r->documents == NULL || r->message != e->message) {
		g_clear_pointer(&r->documents, g_ptr_array_unref);
		r->documents = pl_document_of(r->ledger, e->message, error);
		r->message = e->message;
	}
	for (guint i = 0; r->documents != NULL && i < r->documents->len; i++) {
		const pl_document *d = r->documents->pdata[i];

		if (d->id == e->document &&
		    pl_share_of(r->documents, d, &share))
			g_hash_table_insert(r->shares,
			    g_memdup2(&e->id, sizeof(e->id)),
			    g_memdup2(&share, sizeof(share)));
	}
	return r->documents != NULL;
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
	g_clear_pointer(&r.documents, g_ptr_array_unref);
	return good ? g_steal_pointer(&shares) : NULL;
}

/* ---- order ------------------------------------------------------------------- */

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
