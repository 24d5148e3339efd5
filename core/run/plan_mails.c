/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan_mails - what may leave, put into e-mails
 *
 * In the order of the entries, never past the number of documents, the size,
 * or the cap. The statements of one file leave as one document where all of
 * them may leave and the file is of one account or cannot be parted. Of one
 * that cannot be parted nothing leaves otherwise.
 *
 * Sizes are estimates from above: an e-mail of several documents is never
 * larger than planned. A single document is only called too large when it
 * certainly is; the composer measures the rest.
 */
#include <string.h>

#include "plan.h"
#include "share.h"

/* Headers, stamp, opening and closing words of an e-mail. */
#define MAIL_OVERHEAD 8192
/* Part headers, a line of text and a ZIP member for each document with two
 * files, but for what grows with the name. */
#define DOCUMENT_OVERHEAD 4096
#define NAME_FACTOR 24

guint64
pl_plan_encoded(guint64 size)
{
	/* 57 bytes become a line of 76 characters and CR LF */
	return (size + 56) / 57 * 78;
}

/* The e-mail that is being filled. */
struct fill {
	unsigned mail, documents;
	guint64 size;
};

/* What a document takes beside its bytes. */
static guint64
overhead(const pl_entry *e)
{
	gsize name = e->filename != NULL ? strlen(e->filename) : 0;

	return DOCUMENT_OVERHEAD + NAME_FACTOR * MIN(name, 255);
}

static const struct pl_share *
share_of(const struct pl_moment *m, const pl_entry *e)
{
	return m->in->shares == NULL
		   ? NULL
		   : g_hash_table_lookup(m->in->shares, &e->id);
}

static guint64
estimate(const struct pl_moment *m, const pl_entry *e)
{
	const struct pl_share *s = share_of(m, e);
	guint64 frame = s != NULL ? pl_share_own(s) - s->length : 0;

	return pl_plan_encoded(e->size + frame) + overhead(e);
}

/* N entries from ENTRY on, with their file in one piece. */
static guint64
estimate_file(const struct pl_moment *m, guint entry, guint n)
{
	const pl_entry *e = m->in->entries->pdata[entry];
	guint64 size = pl_plan_encoded(share_of(m, e)->size);

	for (guint i = 0; i < n; i++) {
		e = m->in->entries->pdata[entry + i];
		size += pl_plan_encoded(e->size - e->length) + overhead(e);
	}
	return size;
}

/* No e-mail can be small enough: its files alone are more. Where not all of
 * the files go out, or only a part of one, or they are compressed, only
 * composing it tells. */
static gboolean
too_large(const struct pl_plan_input *in, const pl_entry *e)
{
	const struct pl_journal *j = in->journal;

	if (in->max_size == 0 || j->zip || e->kind == PL_KIND_STATEMENT)
		return FALSE;
	if ((e->formats & ~j->formats) != 0)
		return FALSE;
	return pl_plan_encoded(e->size) > in->max_size;
}

static gboolean
fits(const struct pl_plan_input *in, const struct fill *f, guint64 size)
{
	if (f->mail == 0 || f->documents >= in->journal->documents_per_mail)
		return FALSE;
	return in->max_size == 0 || f->size + size <= in->max_size;
}

static gboolean
cap_reached(const struct pl_plan_input *in, unsigned mails)
{
	return mails + in->mails_used >= in->journal->max_mails_per_run;
}

static void
put(const struct pl_moment *m, struct fill *f, struct pl_decision *d,
    guint64 size)
{
	const struct pl_plan_input *in = m->in;
	gboolean joins = fits(in, f, size);

	if (!joins && cap_reached(in, f->mail)) {
		d->reason = PL_REASON_CAP;
		d->until = m->after;
		/* a smaller one must not overtake it */
		f->documents = G_MAXUINT;
		return;
	}
	if (too_large(in, d->entry)) {
		d->reason = PL_REASON_TOO_LARGE;
		return;
	}
	if (!joins) {
		f->mail++;
		f->documents = 0;
		f->size = MAIL_OVERHEAD;
	}
	f->documents++;
	f->size += size;
	d->mail = f->mail;
}

static void
decision_clear(void *data)
{
	struct pl_decision *d = data;

	g_free(d->note);
}

GArray *
pl_plan_decisions(guint n)
{
	GArray *plan =
	    g_array_sized_new(FALSE, TRUE, sizeof(struct pl_decision), n);

	g_array_set_clear_func(plan, decision_clear);
	return plan;
}

/* ---- files with several statements ------------------------------------- */

static void
add_decision(struct pl_moment *m, const struct pl_decision *d)
{
	g_array_append_val(m->plan, *d);
	if (pl_moment_linked(m, d->entry->id) != NULL)
		g_hash_table_insert(m->index, (gpointer)&d->entry->id,
		    GUINT_TO_POINTER(m->plan->len));
}

static struct pl_decision *
decision_at(const struct pl_moment *m, guint i)
{
	return &g_array_index(m->plan, struct pl_decision, i);
}

/* Takes back what was decided from FROM on. */
static void
take_back(struct pl_moment *m, guint from)
{
	for (guint i = from; i < m->plan->len; i++)
		g_hash_table_remove(m->index, &decision_at(m, i)->entry->id);
	g_array_set_size(m->plan, from);
}

/* How many entries from FROM on are of one file. */
static guint
run_of_file(const struct pl_moment *m, guint from)
{
	const GPtrArray *entries = m->in->entries;
	const struct pl_share *first = share_of(m, entries->pdata[from]);
	guint n = 1;

	for (; first != NULL && from + n < entries->len; n++) {
		const struct pl_share *s =
		    share_of(m, entries->pdata[from + n]);

		if (s == NULL || s->file != first->file)
			break;
	}
	return n;
}

static gboolean
is_released(const struct pl_moment *m, guint at)
{
	return ((const pl_entry *)m->in->entries->pdata[at])->released;
}

/* Those of a file leave together, as one document; FALSE: they cannot, and
 * nothing was decided. */
static gboolean
plan_file(struct pl_moment *m, struct fill *f, guint from, guint n)
{
	const struct fill before = *f;
	guint decided = m->plan->len;

	for (guint i = 0; i < n; i++) {
		struct pl_decision d = { .entry =
					     m->in->entries->pdata[from + i] };

		d.reason = pl_moment_ask(m, &d);
		if (d.reason == PL_REASON_NONE && i == 0)
			put(m, f, &d, estimate_file(m, from, n));
		else if (d.reason == PL_REASON_NONE)
			d.mail = f->mail;
		add_decision(m, &d);
		if (d.mail == 0) {
			take_back(m, decided);
			/* under the cap none of it goes into what is left */
			if (d.reason != PL_REASON_CAP)
				*f = before;
			return FALSE;
		}
	}
	return TRUE;
}

static void
decide_one(const struct pl_moment *m, struct fill *f, struct pl_decision *d)
{
	d->reason = pl_moment_ask(m, d);
	if (d->reason == PL_REASON_NONE)
		put(m, f, d, estimate(m, d->entry));
}

static void
plan_one(struct pl_moment *m, struct fill *f, guint at)
{
	struct pl_decision d = { .entry = m->in->entries->pdata[at] };

	decide_one(m, f, &d);
	add_decision(m, &d);
}

/* What cannot be parted waits for the first of it that does not leave; where
 * that never does, or is not there, for a person. */
static void
wait_for_file(struct pl_moment *m, guint from, guint n, gboolean all)
{
	guint decided = m->plan->len;
	const struct pl_decision *keeper = NULL;

	for (guint i = 0; i < n; i++) {
		struct pl_decision d = { .entry =
					     m->in->entries->pdata[from + i] };

		d.reason = pl_moment_ask(m, &d);
		/* none of the file keeps another one of it back */
		d.mail = d.reason == PL_REASON_NONE;
		add_decision(m, &d);
	}
	for (guint i = decided; keeper == NULL && i < m->plan->len; i++)
		if (decision_at(m, i)->reason != PL_REASON_NONE)
			keeper = decision_at(m, i);
	for (guint i = decided; i < m->plan->len; i++) {
		struct pl_decision *d = decision_at(m, i);

		d->mail = 0;
		if (d->reason != PL_REASON_NONE)
			continue;
		d->reason = PL_REASON_SHARED;
		if (!all || keeper == NULL || pl_plan_never_leaves(keeper))
			continue;
		d->reason = pl_plan_behind(keeper, &d->until);
		d->behind = keeper->entry->id;
	}
}

/* Not all of it leaves: what a person let go does, with the whole file. */
static void
plan_bound(
    struct pl_moment *m, struct fill *f, guint from, guint n, gboolean all)
{
	guint k;

	for (guint i = from; i < from + n; i += k) {
		gboolean released = is_released(m, i);

		for (k = 1; i + k < from + n; k++)
			if (is_released(m, i + k) != released)
				break;
		if (!released)
			wait_for_file(m, i, k, all);
		else if (!plan_file(m, f, i, k))
			for (guint at = i; at < i + k; at++)
				plan_one(m, f, at);
	}
}

static void
plan_those(struct pl_moment *m, struct fill *f, guint from, guint n)
{
	const struct pl_share *s = share_of(m, m->in->entries->pdata[from]);
	gboolean all = s != NULL && n == s->statements;
	gboolean together =
	    all && (s->bound || (s->one_account && !m->in->singly));

	if (together && plan_file(m, f, from, n))
		return;
	if (s != NULL && s->bound)
		plan_bound(m, f, from, n, all);
	else
		for (guint i = 0; i < n; i++)
			plan_one(m, f, from + i);
}

GArray *
pl_plan(const struct pl_plan_input *in)
{
	g_autoptr(GHashTable) index =
	    g_hash_table_new(g_int64_hash, g_int64_equal);
	GArray *plan = pl_plan_decisions(in->entries->len);
	struct pl_moment m = { .plan = plan, .index = index };
	struct fill f = { 0 };
	guint n;

	pl_moment_fill(&m, in);
	for (guint i = 0; i < in->entries->len; i += n) {
		n = run_of_file(&m, i);
		plan_those(&m, &f, i, n);
	}
	return plan;
}

/* ---- one after the other ----------------------------------------------- */

struct pl_planner {
	struct pl_moment moment;
	struct fill fill;
};

pl_planner *
pl_planner_new(const struct pl_plan_input *in)
{
	pl_planner *p = g_new0(pl_planner, 1);

	g_assert(in->links == NULL && in->shares == NULL);
	pl_moment_fill(&p->moment, in);
	return p;
}

void
pl_planner_free(pl_planner *p)
{
	g_free(p);
}

struct pl_decision
pl_planner_next(pl_planner *p, const pl_entry *entry)
{
	struct pl_decision d = { .entry = entry };

	g_assert(entry->kind != PL_KIND_STATEMENT);
	decide_one(&p->moment, &p->fill, &d);
	return d;
}
