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

/* FALSE: this entry was seen before. */
static gboolean
know(pl_view *view, const pl_entry *entry)
{
	if (g_hash_table_contains(view->entries, &entry->id))
		return FALSE;
	return g_hash_table_insert(
	    view->entries, (gpointer)&entry->id, (gpointer)entry);
}

static void
add_entry(
    pl_view *view, struct pl_view_journal *j, const struct pl_view_line *line)
{
	const pl_entry *entry = line->entry;
	enum pl_pile pile;

	if (!know(view, entry) || !pile_of(entry, &pile))
		return;
	g_array_append_val(j->piles[pile], *line);
	j->sums.piles[pile]++;
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
	j->sums.piles[PL_PILE_SENT] += pl_view_length(sent->entries);
	for (unsigned i = 0; i < pl_view_length(sent->entries); i++)
		know(view, sent->entries->pdata[i]);
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

static void
add_planned(pl_view *view, struct pl_view_journal *j)
{
	for (unsigned i = 0; i < pl_view_length(j->facts->waiting); i++) {
		const struct pl_report_waiting *w = j->facts->waiting->pdata[i];
		struct pl_view_line line = {
			.entry = w->entry,
			.reason = w->reason,
			.until = w->until,
			.behind = w->behind,
		};

		add_entry(view, j, &line);
	}
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

pl_view *
pl_view_new(const struct pl_report_facts *facts)
{
	pl_view *view = g_new0(pl_view, 1);

	view->facts = facts;
	view->zone = facts->timezone ? g_time_zone_ref(facts->timezone)
				     : g_time_zone_new_utc();
	view->journals = g_ptr_array_new_with_free_func(journal_free);
	view->problems =
	    g_array_new(FALSE, FALSE, sizeof(struct pl_view_problem));
	view->entries = g_hash_table_new(g_int64_hash, g_int64_equal);
	for (unsigned i = 0; i < pl_view_length(facts->journals); i++)
		add_journal(view, facts->journals->pdata[i]);
	for (unsigned i = 0; i < pl_view_length(facts->originals); i++)
		know(view, facts->originals->pdata[i]);
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
	g_free(view);
}

const pl_entry *
pl_view_entry(const pl_view *view, gint64 id)
{
	return id ? g_hash_table_lookup(view->entries, &id) : NULL;
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
