/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * view - the facts in order: each entry on one pile, and the sums of them
 *
 * An auditor adds the reports up, so an entry counts once in a report, however
 * often the facts name it (a held one is planned with those that wait and new
 * as well), and on the pile of its state. Only what left is counted by e-mail:
 * a document that was sent again on purpose left twice.
 */
#include "view.h"

#include "words.h"

#define NAMES(...) static const char *const names[] = { __VA_ARGS__ }

const char *
pl_pile_name(enum pl_pile pile)
{
	NAMES("sent", "waiting", "held", "duplicate", "superseded", "archived");

	return names[pile];
}

guint64
pl_sums_all(const struct pl_sums *sums)
{
	guint64 all = 0;

	for (unsigned i = 0; i < PL_PILES; i++)
		all += sums->piles[i];
	return all;
}

guint64
pl_sums_aside(const struct pl_sums *sums)
{
	return sums->piles[PL_PILE_DUPLICATE] +
	       sums->piles[PL_PILE_SUPERSEDED] + sums->piles[PL_PILE_ARCHIVED];
}

void
pl_sums_add(struct pl_sums *sums, const struct pl_sums *more)
{
	for (unsigned i = 0; i < PL_PILES; i++)
		sums->piles[i] += more->piles[i];
	sums->mails += more->mails;
	sums->folders += more->folders;
}

/* FALSE: what is sent, which is told by its batch. */
static gboolean
pile_of(const pl_entry *entry, enum pl_pile *pile)
{
	static const enum pl_pile piles[PL_STATES] = {
		[PL_WAITING] = PL_PILE_WAITING,
		[PL_HELD] = PL_PILE_HELD,
		[PL_ARCHIVED] = PL_PILE_ARCHIVED,
		[PL_SENDING] = PL_PILE_WAITING,
		[PL_SENT] = PL_PILE_SENT,
		[PL_DUPLICATE] = PL_PILE_DUPLICATE,
		[PL_SUPERSEDED] = PL_PILE_SUPERSEDED,
	};

	*pile = piles[entry->state];
	return *pile != PL_PILE_SENT;
}

/* Stands for an entry that waits and that only the source has. */
static const pl_entry elsewhere;

/* FALSE: this entry was seen before. ENTRY NULL: it is in no memory. */
static gboolean
know(pl_view *view, gint64 id, const pl_entry *entry)
{
	gpointer key = GSIZE_TO_POINTER(id);

	if (g_hash_table_contains(view->entries, key))
		return FALSE;
	return g_hash_table_insert(view->entries, key, (gpointer)entry);
}

static struct pl_view_group *
group_of(GArray *groups, const char *reason)
{
	struct pl_view_group new = { .reason = reason };

	for (unsigned i = 0; i < groups->len; i++) {
		struct pl_view_group *g =
		    &g_array_index(groups, struct pl_view_group, i);

		if (!g_strcmp0(g->reason, reason))
			return g;
	}
	g_array_append_val(groups, new);
	return &g_array_index(groups, struct pl_view_group, groups->len - 1);
}

/* A copy of the source's ENTRY that lives as long as the view. */
static const pl_entry *
copy(pl_view *view, const pl_entry *entry)
{
	pl_entry *one = pl_entry_copy(entry);

	g_ptr_array_add(view->copies, one);
	return one;
}

static void
add_to_group(
    pl_view *view, struct pl_view_journal *j, const struct pl_view_line *line)
{
	struct pl_view_group *g =
	    group_of(j->groups, line->reason ? line->reason : "none");

	if (g->n < PL_VIEW_FIRST) {
		g->first[g->n] = *line;
		if (line->sourced)
			g->first[g->n].entry = copy(view, line->entry);
	}
	g->n++;
	if (!line->until)
		return;
	g->from = g->from ? MIN(g->from, line->until) : line->until;
	g->to = MAX(g->to, line->until);
}

static void
add_to_pile(pl_view *view, GArray *pile, const struct pl_view_line *line)
{
	struct pl_view_line one = *line;

	if (one.sourced)
		one.entry = copy(view, line->entry);
	g_array_append_val(pile, one);
}

static void
add_entry(
    pl_view *view, struct pl_view_journal *j, const struct pl_view_line *line)
{
	const pl_entry *entry = line->entry;
	enum pl_pile pile;

	if (!know(view, entry->id, line->sourced ? &elsewhere : entry) ||
	    !pile_of(entry, &pile))
		return;
	j->sums.piles[pile]++;
	if (pile == PL_PILE_WAITING)
		add_to_group(view, j, line);
	if (!line->sourced ||
	    (pile == PL_PILE_HELD && j->piles[pile]->len < PL_VIEW_HELD))
		add_to_pile(view, j->piles[pile], line);
}

static void
add_sent(
    pl_view *view, struct pl_view_journal *j, const struct pl_report_sent *sent)
{
	g_ptr_array_add(j->batches, (gpointer)sent);
	if (pl_words_is_folder(sent->batch))
		j->sums.folders++;
	else
		j->sums.mails++;
	j->sums.piles[PL_PILE_SENT] += pl_view_documents(sent);
	for (unsigned i = 0; sent->ids != NULL && i < sent->ids->len; i++)
		know(view, g_array_index(sent->ids, gint64, i), NULL);
	for (unsigned i = 0; i < pl_view_length(sent->entries); i++) {
		const pl_entry *entry = sent->entries->pdata[i];

		know(view, entry->id, entry);
	}
}

/* A batch that was not taken is told as a problem; its entries are held or
 * wait again, and are told there. */
static void
add_unsent(
    pl_view *view, struct pl_view_journal *j, const struct pl_report_sent *sent)
{
	for (unsigned i = 0; i < pl_view_length(sent->entries); i++) {
		struct pl_view_line line = {
			.entry = sent->entries->pdata[i],
			.news = TRUE,
		};

		add_entry(view, j, &line);
	}
}

/* SETTLED: those that do not wait. What waits, the plan tells first, with its
 * reason. */
static void
add_others(pl_view *view, struct pl_view_journal *j, gboolean settled)
{
	for (unsigned i = 0; i < pl_view_length(j->facts->others); i++) {
		struct pl_view_line line = {
			.entry = j->facts->others->pdata[i],
			.news = TRUE,
		};
		enum pl_state state = line.entry->state;

		if (!settled || (state != PL_WAITING && state != PL_SENDING))
			add_entry(view, j, &line);
	}
}

struct pl_view_line
pl_view_line_of(const struct pl_report_waiting *w)
{
	return (struct pl_view_line){
		.entry = w->entry,
		.reason = w->reason,
		.until = w->until,
		.behind = w->behind,
	};
}

struct adding {
	pl_view *view;
	struct pl_view_journal *j;
};

static gboolean
add_sourced(const struct pl_report_waiting *waiting, void *user)
{
	const struct adding *adding = user;
	struct pl_view_line line = pl_view_line_of(waiting);

	line.sourced = TRUE;
	add_entry(adding->view, adding->j, &line);
	return TRUE;
}

static void
add_planned(pl_view *view, struct pl_view_journal *j)
{
	struct adding adding = { view, j };

	for (unsigned i = 0; i < pl_view_length(j->facts->waiting); i++) {
		const struct pl_view_line line =
		    pl_view_line_of(j->facts->waiting->pdata[i]);

		add_entry(view, j, &line);
	}
	pl_view_each(view, j->facts, add_sourced, &adding);
}

static void
add_batches(pl_view *view, struct pl_view_journal *j, gboolean sent)
{
	for (unsigned i = 0; i < pl_view_length(j->facts->sent); i++) {
		const struct pl_report_sent *s = j->facts->sent->pdata[i];

		if ((s->batch->state == PL_BATCH_SENT) != sent)
			continue;
		if (sent)
			add_sent(view, j, s);
		else
			add_unsent(view, j, s);
	}
}

static void
journal_free(gpointer data)
{
	struct pl_view_journal *j = data;

	g_ptr_array_unref(j->batches);
	g_array_unref(j->groups);
	for (unsigned i = 0; i < PL_PILES; i++)
		g_array_unref(j->piles[i]);
	g_free(j);
}

static void
add_journal(pl_view *view, const struct pl_report_journal *facts)
{
	struct pl_view_journal *j = g_new0(struct pl_view_journal, 1);

	j->facts = facts;
	j->rules = facts->journal;
	j->batches = g_ptr_array_new();
	j->groups = g_array_new(FALSE, FALSE, sizeof(struct pl_view_group));
	for (unsigned i = 0; i < PL_PILES; i++)
		j->piles[i] =
		    g_array_new(FALSE, FALSE, sizeof(struct pl_view_line));
	g_ptr_array_add(view->journals, j);
	add_batches(view, j, TRUE);
	add_others(view, j, TRUE);
	add_planned(view, j);
	add_batches(view, j, FALSE);
	add_others(view, j, FALSE);
	pl_sums_add(&view->sums, &j->sums);
}

static void
entry_free(gpointer entry)
{
	pl_entry_free(entry);
}

pl_view *
pl_view_new(const struct pl_report_facts *facts, GError **error)
{
	pl_view *view = g_new0(pl_view, 1);

	view->facts = facts;
	view->error = error;
	view->zone = facts->timezone ? g_time_zone_ref(facts->timezone)
				     : g_time_zone_new_utc();
	view->journals = g_ptr_array_new_with_free_func(journal_free);
	view->problems =
	    g_array_new(FALSE, FALSE, sizeof(struct pl_view_problem));
	view->entries = g_hash_table_new(NULL, NULL);
	view->originals = g_hash_table_new(NULL, NULL);
	view->copies = g_ptr_array_new_with_free_func(entry_free);
	for (unsigned i = 0; i < pl_view_length(facts->originals); i++) {
		const pl_entry *e = facts->originals->pdata[i];

		g_hash_table_insert(
		    view->originals, GSIZE_TO_POINTER(e->id), (gpointer)e);
	}
	for (unsigned i = 0; i < pl_view_length(facts->journals); i++)
		add_journal(view, facts->journals->pdata[i]);
	pl_view_find_problems(view);
	return view;
}

void
pl_view_free(pl_view *view)
{
	if (!view)
		return;
	g_time_zone_unref(view->zone);
	g_ptr_array_unref(view->journals);
	g_array_unref(view->problems);
	g_hash_table_unref(view->entries);
	g_hash_table_unref(view->originals);
	g_ptr_array_unref(view->copies);
	g_free(view);
}

const pl_entry *
pl_view_entry(const pl_view *view, gint64 id)
{
	const pl_entry *e =
	    g_hash_table_lookup(view->entries, GSIZE_TO_POINTER(id));

	return e && e != &elsewhere
		   ? e
		   : g_hash_table_lookup(view->originals, GSIZE_TO_POINTER(id));
}

gboolean
pl_view_is_sourced(const pl_view *view, gint64 id)
{
	return g_hash_table_lookup(view->entries, GSIZE_TO_POINTER(id)) ==
	       &elsewhere;
}

void
pl_view_share(const guint64 *needs, guint64 *shares, unsigned n, guint64 quota)
{
	guint64 left = quota, open = 0;

	for (unsigned i = 0; i < n; i++) {
		shares[i] = 0;
		open += needs[i] > 0;
	}
	while (left && open) {
		guint64 each = MAX(1, left / open);

		open = 0;
		for (unsigned i = 0; i < n && left; i++) {
			guint64 more =
			    MIN(MIN(each, left), needs[i] - shares[i]);

			shares[i] += more;
			left -= more;
			open += needs[i] > shares[i];
		}
	}
}
