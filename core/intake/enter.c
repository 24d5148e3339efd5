/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * enter - a document becomes an entry in a journal
 *
 * Looks up what the journal has that may be the same, lets pl_versions()
 * decide, and writes entry, superseded and held ones. Part of the caller's
 * transaction, so what it saw is what there is.
 */
#include "index.h"

#include <string.h>

static void
add_all(GPtrArray *to, GPtrArray *from)
{
	while (from->len > 0)
		g_ptr_array_add(to, g_ptr_array_steal_index(from, 0));
	g_ptr_array_unref(from);
}

/* Entries with any file of the document. */
static GPtrArray *
with_files(const struct pl_entering *e, const pl_document *d,
    const char *journal, GError **error)
{
	g_autoptr(GPtrArray) all =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_entry_free);

	for (guint i = 0; i < d->files->len; i++) {
		const struct pl_file *f = d->files->pdata[i];
		GPtrArray *some =
		    pl_entry_with_file(e->ledger, journal, f->sha256, error);
		if (some == NULL)
			return NULL;
		add_all(all, some);
	}
	return g_steal_pointer(&all);
}

/* The entry of the same document of message SAME; 0 if there is none. */
static gint64
entry_of(const GPtrArray *entries, gint64 same, const pl_document *d)
{
	for (guint i = 0; same != 0 && i < entries->len; i++) {
		const pl_entry *e = entries->pdata[i];
		if (e->message == same && e->offset == d->offset &&
		    e->length == d->length)
			return e->original != 0 && e->state == PL_DUPLICATE
				   ? e->original
				   : e->id;
	}
	return 0;
}

static gboolean
write_entry(const struct pl_entering *e, const pl_document *d,
    const struct pl_journal *journal, const struct pl_verdict *v,
    GError **error)
{
	gint64 id = 0;

	if (!pl_entry_add(e->ledger, d->id, journal->name, v->state, v->code,
		v->note, v->original, &id, error))
		return FALSE;
	pl_numbers_add(e->numbers, journal->name, e->message->sender, d, id);
	e->done->entries++;
	e->done->duplicates += v->state == PL_DUPLICATE;
	if (v->supersede != 0) {
		g_autoptr(pl_entry) old =
		    pl_entry_get(e->ledger, v->supersede, error);
		if (old == NULL ||
		    !pl_entry_change(e->ledger, old->id, old->state,
			PL_SUPERSEDED, NULL,
			"a newer version came from the same sender", id, error))
			return FALSE;
	}
	if (v->hold == 0)
		return TRUE;
	g_autofree char *note =
	    g_strdup_printf("another version came after it: %s", v->note);
	return pl_entry_change(
	    e->ledger, v->hold, PL_WAITING, PL_HELD, v->code, note, id, error);
}

gboolean
pl_enter(const struct pl_entering *e, const pl_document *d,
    const struct pl_journal *journal, gint64 same, GError **error)
{
	if (pl_entry_exists(e->ledger, d->id, journal->name))
		return TRUE;
	g_autoptr(GPtrArray) files = with_files(e, d, journal->name, error);
	if (files == NULL)
		return FALSE;
	g_autoptr(GPtrArray) numbers =
	    d->number == NULL ? g_ptr_array_new()
			      : pl_entry_with_number(e->ledger, journal->name,
				    d->kind, d->seller_id, d->number, error);
	if (numbers == NULL)
		return FALSE;
	g_autoptr(GPtrArray) senders = pl_numbers_find(
	    e->numbers, e->ledger, journal->name, e->message->sender, d, error);
	if (senders == NULL)
		return FALSE;
	const struct pl_versions_input input = {
		.journal = journal,
		.message = e->message,
		.document = d,
		.same_message = entry_of(files, same, d),
		.same_file = files,
		.same_number = numbers,
		.same_sender = senders,
	};
	struct pl_verdict verdict;
	pl_versions(&input, &verdict);
	gboolean good = write_entry(e, d, journal, &verdict, error);
	pl_verdict_clear(&verdict);
	return good;
}

gboolean
pl_enter_all(const struct pl_entering *e, const pl_document *d,
    unsigned *entered, GError **error)
{
	const GPtrArray *recipients = e->message->recipients;

	*entered = 0;
	for (guint i = 0; i < recipients->len; i++) {
		g_autofree char *address =
		    pl_address_normalise(recipients->pdata[i]);
		const GPtrArray *journals =
		    pl_config_match(e->config, recipients->pdata[i]);
		if (journals == NULL)
			continue;
		const gint64 same =
		    pl_message_same(e->ledger, e->message, address);
		for (guint k = 0; k < journals->len; k++) {
			if (!pl_accepts_of(
				e->config, journals, journals->pdata[k], d))
				continue;
			if (!pl_enter(e, d, journals->pdata[k], same, error))
				return FALSE;
			(*entered)++;
		}
	}
	return TRUE;
}
