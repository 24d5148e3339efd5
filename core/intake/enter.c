/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * enter - a document becomes an entry in a journal
 *
 * Looks up what the journal has that may be the same, lets pl_versions()
 * decide, and writes entry, superseded and held ones. Part of the caller's
 * transaction, so what it saw is what there is.
 */
#include "index.h"

/* ---- what the journal has ------------------------------------------------ */

/* Looks for entries of one journal that may be the document. */
struct search {
	const struct pl_entering *e;
	const struct pl_journal *journal;
	const pl_document *document;
	pl_versions_match match;
	gint64 found; /* 0: none */
};

static gboolean
is_it(const pl_entry *entry, void *user)
{
	struct search *s = user;

	if (!s->match(entry, s->document))
		return TRUE;
	s->found = entry->id;
	return FALSE;
}

/* Adds the first match under KEY (may be NULL) to FOUND. */
static gboolean
find(struct search *s, enum pl_same same, const char *key, gboolean gone,
    pl_versions_match match, GPtrArray *found, GError **error)
{
	s->match = match;
	s->found = 0;
	if (key == NULL)
		return TRUE;
	if (!pl_entry_same(s->e->ledger, s->journal->name, same, key, gone,
		is_it, s, error))
		return FALSE;
	if (s->found == 0)
		return TRUE;
	pl_entry *entry = pl_entry_get(s->e->ledger, s->found, error);
	if (entry != NULL)
		g_ptr_array_add(found, entry);
	return entry != NULL;
}

/* Both those that are gone and those that are open. */
static gboolean
find_both(struct search *s, enum pl_same same, const char *key,
    pl_versions_match match, GPtrArray *found, GError **error)
{
	return find(s, same, key, TRUE, match, found, error) &&
	       find(s, same, key, FALSE, match, found, error);
}

/* A file alone is also the same that came along with another one. */
static gboolean
find_files(struct search *s, GPtrArray *found, GError **error)
{
	const pl_document *d = s->document;
	g_autofree char *key = pl_document_key(d, PL_SAME_FILE);

	if (!find_both(s, PL_SAME_FILE, key, pl_versions_file, found, error))
		return FALSE;
	return d->files->len > 1 || d->length > 0 ||
	       find_both(s, PL_SAME_PART, key, pl_versions_file, found, error);
}

static gboolean
find_parts(struct search *s, GPtrArray *found, GError **error)
{
	const GPtrArray *files = s->document->files;

	for (guint i = 0; files->len > 1 && i < files->len; i++) {
		g_autofree char *key = pl_file_key(files->pdata[i]);
		if (!find_both(
			s, PL_SAME_FILE, key, pl_versions_bare, found, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
is_numbered(const pl_entry *e, const pl_document *d)
{
	return pl_versions_statement(e, d) || pl_versions_amended(e, d);
}

static gboolean
find_facts(struct search *s, GPtrArray *found, GError **error)
{
	const pl_document *d = s->document;
	g_autofree char *facts = pl_document_key(d, PL_SAME_FACTS);
	g_autofree char *sequence = pl_document_key(d, PL_SAME_SEQUENCE);

	if (d->kind == PL_KIND_STATEMENT)
		return find_both(s, PL_SAME_FACTS, facts, pl_versions_statement,
			   found, error) &&
		       find_both(s, PL_SAME_SEQUENCE, sequence, is_numbered,
			   found, error);
	return find(s, PL_SAME_FACTS, facts, TRUE, pl_versions_facts, found,
		   error) &&
	       find_both(
		   s, PL_SAME_FACTS, facts, pl_versions_invoice, found, error);
}

/* ENTRY: that of the same document in message SAME; 0 if there is none. */
static gboolean
find_copy(const struct search *s, gint64 same, gint64 *entry, GError **error)
{
	g_autofree char *key = pl_document_key(s->document, PL_SAME_FILE);

	*entry = 0;
	if (same == 0 || key == NULL)
		return TRUE;
	g_autoptr(GPtrArray) entries = pl_entry_of_message(
	    s->e->ledger, s->journal->name, same, key, error);
	if (entries == NULL)
		return FALSE;
	if (entries->len > 0) {
		const pl_entry *e = entries->pdata[0];
		*entry = e->original != 0 && e->state == PL_DUPLICATE
			     ? e->original
			     : e->id;
	}
	return TRUE;
}

/* ---- writing ----------------------------------------------------------- */

/* A ledger that was put back from a backup may learn what it sent before it
 * reads the document. */
static gboolean
join(const struct pl_entering *e, const pl_document *d,
    const struct pl_journal *journal, const struct pl_verdict *v, gint64 entry,
    GError **error)
{
	g_autofree char *key = pl_document_key(d, PL_SAME_FILE);

	return v->state != PL_WAITING || v->supersede != 0 ||
	       pl_batch_join(e->ledger, entry, journal->name, key, error);
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
	if (!join(e, d, journal, v, id, error))
		return FALSE;
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
	return pl_entry_change(e->ledger, v->hold, PL_WAITING, PL_HELD, v->code,
	    v->hold_note, id, error);
}

static GPtrArray *
entries_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)pl_entry_free);
}

gboolean
pl_enter(const struct pl_entering *e, const pl_document *d,
    const struct pl_journal *journal, gint64 same, GError **error)
{
	struct search search = { .e = e, .journal = journal, .document = d };
	g_autoptr(GPtrArray) files = entries_new();
	g_autoptr(GPtrArray) parts = entries_new();
	g_autoptr(GPtrArray) numbers = entries_new();
	gint64 copy = 0;

	if (pl_entry_exists(e->ledger, d->id, journal->name))
		return TRUE;
	if (!find_copy(&search, same, &copy, error) ||
	    !find_files(&search, files, error) ||
	    !find_parts(&search, parts, error) ||
	    !find_facts(&search, numbers, error))
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
		.same_message = copy,
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
		g_autoptr(GPtrArray) takers =
		    pl_accepts_list(e->config, journals, d);
		for (guint k = 0; k < takers->len; k++)
			if (!pl_enter(e, d, takers->pdata[k], same, error))
				return FALSE;
		*entered += takers->len;
	}
	return TRUE;
}
