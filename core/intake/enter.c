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

static gboolean
is_invoice_xml(const struct pl_file *f)
{
	return g_strcmp0(f->format, "ubl") == 0 ||
	       g_strcmp0(f->format, "cii") == 0;
}

/* Has the file to be the same for the document to be? The invoice's XML, else
 * the file with facts, else all of them. */
static gboolean
speaks(const pl_document *d, guint i)
{
	for (guint k = 0; k < d->files->len; k++)
		if (is_invoice_xml(d->files->pdata[k]))
			return k == i;
	return i == 0 || (d->kind == PL_KIND_OTHER && d->number == NULL);
}

static gboolean
has_entry(const GPtrArray *entries, gint64 id)
{
	for (guint i = 0; i < entries->len; i++)
		if (((const pl_entry *)entries->pdata[i])->id == id)
			return TRUE;
	return FALSE;
}

/* Only those stay that are among OTHERS. */
static void
intersect(GPtrArray *entries, const GPtrArray *others)
{
	for (guint i = entries->len; i-- > 0;) {
		const pl_entry *e = entries->pdata[i];
		if (!has_entry(others, e->id))
			g_ptr_array_remove_index(entries, i);
	}
}

/* ANY: entries with any of its files. ALL, lent from ANY: with all files that
 * speak. */
static gboolean
with_files(const struct pl_entering *e, const pl_document *d,
    const char *journal, GPtrArray *all, GPtrArray *any, GError **error)
{
	gboolean first = TRUE;

	for (guint i = 0; i < d->files->len; i++) {
		const struct pl_file *f = d->files->pdata[i];
		GPtrArray *some =
		    pl_entry_with_file(e->ledger, journal, f->sha256, error);
		if (some == NULL)
			return FALSE;
		if (speaks(d, i) && first)
			for (guint k = 0; k < some->len; k++)
				g_ptr_array_add(all, some->pdata[k]);
		else if (speaks(d, i))
			intersect(all, some);
		first = first && !speaks(d, i);
		g_ptr_array_extend_and_steal(any, some);
	}
	return TRUE;
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
	g_autoptr(GPtrArray) files = g_ptr_array_new();
	g_autoptr(GPtrArray) parts =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_entry_free);
	if (!with_files(e, d, journal->name, files, parts, error))
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
		.stranger = pl_accepts_stranger(journal, d),
		.same_message = entry_of(files, same, d),
		.same_file = files,
		.same_part = parts,
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
