/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * numbers - plain files that wait, by the number in their name
 *
 * Two tables: journal and sender ▸ number ▸ entries. The first question about
 * a sender reads all that waits from it, the rest are answered from memory;
 * what an entry is like now is asked of the ledger.
 */
#include "index.h"

#define KEPT 20

struct pl_numbers {
	GHashTable *senders; /* "journal\nsender" ▸ GHashTable */
};

pl_numbers *
pl_numbers_new(void)
{
	pl_numbers *n = g_new0(pl_numbers, 1);

	n->senders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    (GDestroyNotify)g_hash_table_unref);
	return n;
}

void
pl_numbers_free(pl_numbers *n)
{
	if (n == NULL)
		return;
	g_hash_table_unref(n->senders);
	g_free(n);
}

static void
add(GHashTable *entries, const char *filename, gint64 entry)
{
	g_autofree char *number = pl_versions_number(filename);

	if (number == NULL)
		return;
	GArray *ids = g_hash_table_lookup(entries, number);
	if (ids == NULL) {
		ids = g_array_new(FALSE, FALSE, sizeof(gint64));
		g_hash_table_insert(entries, g_steal_pointer(&number), ids);
	}
	/* the newest are enough to be named */
	if (ids->len == KEPT)
		g_array_remove_index(ids, 0);
	g_array_append_val(ids, entry);
}

/* What waits from the sender; NULL: error. */
static GHashTable *
of_sender(pl_numbers *n, pl_ledger *l, const char *journal, const char *sender,
    GError **error)
{
	g_autofree char *key = g_strconcat(journal, "\n", sender, NULL);
	GHashTable *entries = g_hash_table_lookup(n->senders, key);

	if (entries != NULL)
		return entries;
	g_autoptr(GPtrArray) all =
	    pl_entry_from_sender(l, journal, sender, error);
	if (all == NULL)
		return NULL;
	entries = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
	for (guint i = 0; i < all->len; i++) {
		const pl_entry *e = all->pdata[i];
		if (pl_versions_plain(e->kind, e->number, e->filename))
			add(entries, e->filename, e->id);
	}
	g_hash_table_insert(n->senders, g_steal_pointer(&key), entries);
	return entries;
}

static const char *
main_name(const pl_document *d)
{
	const struct pl_file *f = d->files->len > 0 ? d->files->pdata[0] : NULL;

	return f != NULL ? f->filename : NULL;
}

GPtrArray *
pl_numbers_find(pl_numbers *n, pl_ledger *l, const char *journal,
    const char *sender, const pl_document *d, GError **error)
{
	g_autoptr(GPtrArray) found =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_entry_free);
	g_autofree char *number = NULL;

	if (sender != NULL &&
	    pl_versions_plain(d->kind, d->number, main_name(d)))
		number = pl_versions_number(main_name(d));
	if (number == NULL)
		return g_steal_pointer(&found);
	GHashTable *entries = of_sender(n, l, journal, sender, error);
	if (entries == NULL)
		return NULL;
	const GArray *ids = g_hash_table_lookup(entries, number);
	for (guint i = 0; ids != NULL && i < ids->len; i++) {
		pl_entry *e =
		    pl_entry_get(l, g_array_index(ids, gint64, i), error);
		if (e == NULL)
			return NULL;
		g_ptr_array_add(found, e);
	}
	return g_steal_pointer(&found);
}

void
pl_numbers_add(pl_numbers *n, const char *journal, const char *sender,
    const pl_document *d, gint64 entry)
{
	g_autofree char *key =
	    sender != NULL ? g_strconcat(journal, "\n", sender, NULL) : NULL;
	GHashTable *entries =
	    key != NULL ? g_hash_table_lookup(n->senders, key) : NULL;

	/* a sender nobody asked for yet is read with this entry later */
	if (entries != NULL &&
	    pl_versions_plain(d->kind, d->number, main_name(d)))
		add(entries, main_name(d), entry);
}
