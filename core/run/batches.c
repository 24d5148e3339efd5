/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * batches - what leaves of a journal, as batches that are committed
 *
 * Of each entry no more is kept than that it leaves, and in which e-mail, so
 * that it does not matter how many wait. Only where statements wait all
 * entries are held until it is decided, since these keep each other back.
 *
 * E-mails are committed some at a time, before their turn comes, while the MTA
 * has others. A run that dies between two transactions leaves batches that the
 * next one sends, before it plans the rest. Whoever holds a document meanwhile
 * is heard: what is not committed yet is decided anew.
 */
#include "crash.h"
#include "pass.h"

#define ROWS_MOST 500 /* entries in one transaction, about */

struct leaving {
	gint64 entry;
	unsigned mail;
};

struct layout {
	const struct pl_pass *pass;
	GArray *leaving;   /* struct leaving, by e-mail */
	GArray *too_large; /* gint64: entries */
};

static gboolean
sort_out(const struct pl_decision *d, void *user)
{
	const struct layout *layout = user;
	const struct leaving one = { d->entry->id, d->mail };

	if (d->mail > 0 && !pl_order_is_left_out(layout->pass, d->entry))
		g_array_append_val(layout->leaving, one);
	else if (d->reason == PL_REASON_TOO_LARGE)
		g_array_append_val(layout->too_large, one.entry);
	return TRUE;
}

/* ---- what is held ------------------------------------------------------ */

static gboolean
hold_too_large(struct pl_pass *pass, const GArray *ids, GError **error)
{
	for (guint i = 0; i < ids->len; i++) {
		g_autoptr(pl_entry) e = pl_entry_get(
		    pass->ledger, g_array_index(ids, gint64, i), error);
		g_autofree char *text = NULL;

		if (e == NULL)
			return FALSE;
		text = g_strdup_printf("Its files have %" G_GUINT64_FORMAT
				       " bytes and more in an e-mail, which is "
				       "over max_mail_size or what the mail "
				       "server takes",
		    e->size);
		if (!pl_pass_hold(pass, e, "PL-104", text, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
hold_shared(struct pl_pass *pass, const GArray *plan, GError **error)
{
	for (guint i = 0; i < plan->len; i++) {
		const struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, i);
		g_autofree char *text = NULL;

		if (d->reason != PL_REASON_SHARED ||
		    d->entry->state != PL_WAITING)
			continue;
		text = g_strdup_printf("%s also has statements that may not "
				       "be sent here, and cannot be parted",
		    d->entry->filename != NULL ? d->entry->filename
					       : "Its file");
		if (!pl_pass_hold(pass, d->entry, "PL-206", text, error))
			return FALSE;
	}
	return TRUE;
}

/* ---- what leaves ------------------------------------------------------- */

struct pl_leaving {
	struct pl_pass *pass;
	const struct pl_turn *turn;
	GArray *entries;    /* struct leaving, by e-mail */
	guint at;           /* from here on they are in no batch */
	GPtrArray *batches; /* pl_batch: those that are committed */
	gboolean changed;   /* the rest is not what was decided on */
};

static pl_batch *
new_batch(const struct pl_leaving *l)
{
	const struct pl_journal *j = l->turn->journal;
	pl_batch *b = pl_batch_new();

	b->run = l->pass->run;
	b->journal = g_strdup(j->name);
	b->deliver_to = g_strdup(j->deliver_to);
	b->sender = g_strdup(j->sender);
	b->zip = j->zip;
	return b;
}

/* The e-mail that begins at *AT, which is moved behind it. */
static gboolean
plan_mail(struct pl_leaving *l, guint *at, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	const struct leaving *all = (const void *)l->entries->data;
	const unsigned mail = all[*at].mail;
	pl_batch *b = new_batch(l);

	for (; *at < l->entries->len && all[*at].mail == mail; ++*at)
		g_array_append_val(ids, all[*at].entry);
	g_ptr_array_add(l->batches, b);
	return pl_batch_plan(l->pass->ledger, b,
	    (const gint64 *)(const void *)ids->data, ids->len, error);
}

/* Up to MAILS, as many as fit into one transaction. */
static gboolean
plan_some(struct pl_leaving *l, guint mails, GError **error)
{
	const guint before = l->batches->len, most = l->at + ROWS_MOST;
	GError *failed = NULL;
	gboolean done = TRUE;
	guint at = l->at;

	if (!pl_ledger_begin(l->pass->ledger, error))
		return FALSE;
	while (done && at < l->entries->len && at < most &&
	       l->batches->len < mails)
		done = plan_mail(l, &at, &failed);
	if (pl_ledger_end(l->pass->ledger, done, &failed)) {
		l->at = at;
		pl_crash_point("batch-planned");
		return TRUE;
	}
	g_ptr_array_set_size(l->batches, (gint)before);
	if (!pl_ledger_conflict(failed, error))
		return FALSE;
	l->at = l->entries->len;
	l->changed = TRUE;
	return TRUE;
}

gboolean
pl_leaving_plan(pl_leaving *l, guint mails, GError **error)
{
	while (l->at < l->entries->len && l->batches->len < mails)
		if (!plan_some(l, mails, error))
			return FALSE;
	return TRUE;
}

const GPtrArray *
pl_leaving_batches(const pl_leaving *l)
{
	return l->batches;
}

guint
pl_leaving_mails(const pl_leaving *l)
{
	const GArray *e = l->entries;

	return e->len == 0 ? 0
			   : g_array_index(e, struct leaving, e->len - 1).mail;
}

gboolean
pl_leaving_changed(const pl_leaving *l)
{
	return l->changed;
}

void
pl_leaving_free(pl_leaving *l)
{
	if (l == NULL)
		return;
	g_array_unref(l->entries);
	g_ptr_array_unref(l->batches);
	g_free(l);
}

static pl_leaving *
leaving_new(struct pl_pass *pass, const struct pl_turn *turn, GArray *entries)
{
	pl_leaving *l = g_new0(pl_leaving, 1);

	l->pass = pass;
	l->turn = turn;
	l->entries = g_array_ref(entries);
	l->batches =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_batch_free);
	return l;
}

/* ---- all of it --------------------------------------------------------- */

static gboolean
plan_together(struct pl_pass *pass, const struct pl_turn *turn,
    struct layout *layout, GError **error)
{
	g_autoptr(GPtrArray) entries = NULL;
	g_autoptr(GArray) plan = pl_turn_decide(pass, turn, &entries, error);

	g_array_set_size(layout->leaving, 0);
	g_array_set_size(layout->too_large, 0);
	for (guint i = 0; plan != NULL && i < plan->len; i++)
		sort_out(&g_array_index(plan, struct pl_decision, i), layout);
	return plan != NULL && hold_shared(pass, plan, error) &&
	       pl_turn_settle_gaps(pass, plan, error);
}

pl_leaving *
pl_turn_leaving(
    struct pl_pass *pass, const struct pl_turn *turn, GError **error)
{
	g_autoptr(GArray) leaving =
	    g_array_new(FALSE, FALSE, sizeof(struct leaving));
	g_autoptr(GArray) too_large = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct layout layout = { pass, leaving, too_large };
	gboolean alone;

	if (!pl_turn_decide_each(pass, turn, sort_out, &layout, &alone, error))
		return NULL;
	if (!alone && !plan_together(pass, turn, &layout, error))
		return NULL;
	return hold_too_large(pass, too_large, error)
		   ? leaving_new(pass, turn, leaving)
		   : NULL;
}
