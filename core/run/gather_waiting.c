/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gather_waiting - what waits in a journal, and why
 *
 * There may be a hundred thousand of them before a start date, so of more than
 * some hundreds no more is kept than what was decided; the report reads the rest
 * when it writes its lines. Only where statements wait all are in memory, since
 * these keep each other back.
 */
#include <string.h>

#include "gather.h"

static struct pl_report_waiting *
add_waiting(
    GPtrArray *list, const pl_entry *entry, const char *reason, gint64 until)
{
	struct pl_report_waiting *w = g_new0(struct pl_report_waiting, 1);

	w->entry = entry;
	w->reason = reason;
	w->until = until;
	g_ptr_array_add(list, w);
	return w;
}

/* "behind no. 41 of 2026-02-10 (entry 12)", kept in WORDS by its id. */
static const char *
behind(const pl_gathering *all, GHashTable *words, gint64 id)
{
	g_autoptr(pl_entry) e = NULL;
	char *text = g_hash_table_lookup(words, &id);
	gboolean numbered;

	if (id == 0 || text != NULL)
		return text;
	e = pl_entry_get(all->pass->ledger, id, NULL);
	numbered =
	    e != NULL && e->sequence != NULL && strcmp(e->sequence, "0") != 0;
	text = g_strdup_printf("behind %s%s%s%s (entry %" G_GINT64_FORMAT ")",
	    numbered ? "no. " : "the statement", numbered ? e->sequence : "",
	    e != NULL && e->doc_date != NULL ? " of " : "",
	    e != NULL && e->doc_date != NULL ? e->doc_date : "", id);
	g_hash_table_insert(words, g_memdup2(&id, sizeof(id)), text);
	return text;
}

static void
words_free(gpointer words)
{
	g_hash_table_unref(words);
}

/* Words by an id, which live as long as the facts. */
static GHashTable *
keep_words(pl_gathered *g)
{
	GPtrArray *keeper = g_ptr_array_new_with_free_func(words_free);
	GHashTable *words =
	    g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);

	g_ptr_array_add(keeper, words);
	g_ptr_array_add(g->kept, keeper);
	return words;
}

/* Few, or statements and what waits among them: all at once. */
static gboolean
add_together(const pl_gathering *all, pl_gathered *g,
    const struct pl_turn *turn, struct pl_report_journal *j, GError **error)
{
	GPtrArray *entries = NULL;
	g_autoptr(GArray) plan =
	    pl_turn_decide(all->pass, turn, &entries, error);
	GHashTable *words = keep_words(g);

	pl_gather_keep(g, entries);
	for (guint i = 0; plan != NULL && i < plan->len; i++) {
		const struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, i);

		j->cap_left += d->reason == PL_REASON_CAP;
		add_waiting(
		    j->waiting, d->entry, pl_reason_name(d->reason), d->until)
		    ->behind = behind(all, words, d->behind);
	}
	return plan != NULL;
}

/* ---- any number -------------------------------------------------------- */

#define ORIGINALS_MOST 1000 /* of what is held, to be told with it */

/* What was decided on an entry. */
struct decided {
	gint64 entry, until;
	enum pl_reason reason;
};

struct deciding {
	struct pl_report_journal *j;
	GArray *decided;   /* struct decided */
	GArray *originals; /* gint64 */
};

static gboolean
note_decision(const struct pl_decision *d, void *user)
{
	struct deciding *to = user;
	const struct decided one = { d->entry->id, d->until, d->reason };

	g_array_append_val(to->decided, one);
	to->j->cap_left += d->reason == PL_REASON_CAP;
	if (d->entry->state == PL_HELD && d->entry->original != 0 &&
	    to->originals->len < ORIGINALS_MOST)
		g_array_append_val(to->originals, d->entry->original);
	return TRUE;
}

static gboolean
add_originals(
    const pl_gathering *all, pl_gathered *g, const GArray *ids, GError **error)
{
	for (guint i = 0; i < ids->len; i++)
		if (!pl_gather_original(
			all, g, g_array_index(ids, gint64, i), error))
			return FALSE;
	return TRUE;
}

/* FALSE in *ALONE: there are statements among them. */
static gboolean
add_decided(const pl_gathering *all, pl_gathered *g, const struct pl_turn *turn,
    struct pl_report_journal *j, gboolean *alone, GError **error)
{
	g_autoptr(GArray) decided =
	    g_array_new(FALSE, FALSE, sizeof(struct decided));
	g_autoptr(GArray) originals = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct deciding deciding = { j, decided, originals };

	if (!pl_turn_decide_each(
		all->pass, turn, note_decision, &deciding, alone, error))
		return FALSE;
	if (!*alone) {
		j->cap_left = 0;
		return TRUE;
	}
	j->more = g_steal_pointer(&decided);
	return add_originals(all, g, originals, error);
}

static gboolean
add_planned(const pl_gathering *all, pl_gathered *g, const struct pl_turn *turn,
    struct pl_report_journal *j, GError **error)
{
	const guint64 *n = j->totals->by_state;
	gboolean alone = FALSE;

	if (!pl_gather_holds(g, n[PL_WAITING] + n[PL_HELD]) &&
	    !add_decided(all, g, turn, j, &alone, error))
		return FALSE;
	return alone || add_together(all, g, turn, j, error);
}

/* ---- read again -------------------------------------------------------- */

struct reading {
	const GArray *decided; /* struct decided, in the order of the entries */
	guint at;
	pl_report_each each;
	void *user;
};

static gboolean
read_one(const pl_entry *e, void *user)
{
	struct reading *r = user;
	const struct decided *d =
	    &g_array_index(r->decided, struct decided, r->at);

	if (r->at == r->decided->len || d->entry != e->id)
		return TRUE; /* it was not decided on */
	r->at++;
	return r->each(&(struct pl_report_waiting){ .entry = e,
			   .reason = pl_reason_name(d->reason),
			   .until = d->until },
	    r->user);
}

gboolean
pl_gather_read_waiting(const struct pl_report_journal *j, pl_report_each each,
    void *each_user, void *user, GError **error)
{
	const pl_gathering *all = user;
	const struct pl_entry_filter filter = pl_turn_open(j->journal->name);
	struct reading r = { j->more, 0, each, each_user };

	return pl_entry_each(all->pass->ledger, &filter, read_one, &r, error);
}

/* ---- under way --------------------------------------------------------- */

/* Why the e-mail with ENTRY did not leave yet, kept in WORDS by its batch; NULL:
 * it was not answered. */
static const char *
put_off(const pl_gathering *all, GHashTable *words, const pl_entry *entry)
{
	g_autoptr(pl_batch) b = NULL;
	gint64 id = entry->batch;
	gpointer known = NULL;
	char *text = NULL;

	if (g_hash_table_lookup_extended(words, &id, NULL, &known))
		return known;
	b = pl_batch_get(all->pass->ledger, id, NULL);
	if (b != NULL && b->attempt > 0 && b->reply != NULL)
		text = g_strconcat(PL_REPORT_PUT_OFF, b->reply, NULL);
	g_hash_table_insert(words, g_memdup2(&id, sizeof(id)), text);
	return text;
}

/* In e-mails that are not finished. */
static gboolean
add_sending(const pl_gathering *all, pl_gathered *g,
    struct pl_report_journal *j, GError **error)
{
	const struct pl_entry_filter filter = { .journal = j->journal->name,
		.states = "g" };
	GPtrArray *entries;
	GHashTable *words;

	if (j->totals->by_state[PL_SENDING] == 0)
		return TRUE;
	entries =
	    pl_gather_keep(g, pl_entry_list(all->pass->ledger, &filter, error));
	words = keep_words(g);
	for (guint i = 0; entries != NULL && i < entries->len; i++)
		add_waiting(j->waiting, entries->pdata[i],
		    put_off(all, words, entries->pdata[i]), 0);
	return entries != NULL;
}

gboolean
pl_gather_waiting(const pl_gathering *all, pl_gathered *g,
    const struct pl_turn *turn, struct pl_report_journal *j, GError **error)
{
	return add_planned(all, g, turn, j, error) &&
	       add_sending(all, g, j, error);
}
