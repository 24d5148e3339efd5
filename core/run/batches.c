/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * batches - what leaves of a journal, as batches that are committed
 *
 * Of each entry no more is kept than that it leaves, and in which e-mail, so
 * that it does not matter how many wait. Only where statements wait all
 * entries are held until it is decided, since these keep each other back.
 *
 * A run that dies between two transactions leaves batches that the next one
 * sends, before it plans the rest.
 */
#include "crash.h"
#include "pass.h"

#define ROWS_MOST 500 /* entries in one transaction, about */

struct leaving {
	gint64 entry;
	unsigned mail;
};

struct layout {
	GArray *leaving;   /* struct leaving, by e-mail */
	GArray *too_large; /* gint64: entries */
};

static gboolean
sort_out(const struct pl_decision *d, void *user)
{
	const struct layout *layout = user;
	const struct leaving one = { d->entry->id, d->mail };

	if (d->mail > 0)
		g_array_append_val(layout->leaving, one);
	else if (d->reason == PL_REASON_TOO_LARGE)
		g_array_append_val(layout->too_large, one.entry);
	return TRUE;
}

/* ---- what is held ------------------------------------------------------------ */

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

/* ---- what leaves ------------------------------------------------------------- */

static pl_batch *
new_batch(const struct pl_pass *pass, const struct pl_turn *turn)
{
	pl_batch *b = pl_batch_new();

	b->run = pass->run;
	b->journal = g_strdup(turn->journal->name);
	b->deliver_to = g_strdup(turn->journal->deliver_to);
	b->sender = g_strdup(turn->journal->sender);
	b->zip = turn->journal->zip;
	return b;
}

/* The e-mail that begins at *AT, which is moved behind it. */
static pl_batch *
plan_mail(const struct pl_pass *pass, const struct pl_turn *turn,
    const GArray *leaving, guint *at, GError **error)
{
	g_autoptr(pl_batch) b = new_batch(pass, turn);
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	const unsigned mail = g_array_index(leaving, struct leaving, *at).mail;

	for (; *at < leaving->len; ++*at) {
		const struct leaving *one =
		    &g_array_index(leaving, struct leaving, *at);

		if (one->mail != mail)
			break;
		g_array_append_val(ids, one->entry);
	}
	if (!pl_batch_plan(pass->ledger, b, (const gint64 *)(void *)ids->data,
		ids->len, error))
		return NULL;
	return g_steal_pointer(&b);
}

/* From *AT on, as many as fit into one transaction. */
static gboolean
plan_some(const struct pl_pass *pass, const struct pl_turn *turn,
    const GArray *leaving, guint *at, GPtrArray *batches, GError **error)
{
	const guint most = *at + ROWS_MOST;
	gboolean done = TRUE;

	if (!pl_ledger_begin(pass->ledger, error))
		return FALSE;
	while (done && *at < leaving->len && *at < most) {
		pl_batch *b = plan_mail(pass, turn, leaving, at, error);

		done = b != NULL;
		if (done)
			g_ptr_array_add(batches, b);
	}
	return pl_ledger_end(pass->ledger, done, error);
}

static gboolean
plan_mails(struct pl_pass *pass, const struct pl_turn *turn,
    const GArray *leaving, GPtrArray *batches, GError **error)
{
	guint at = 0;

	while (at < leaving->len) {
		if (!plan_some(pass, turn, leaving, &at, batches, error))
			return FALSE;
		pl_crash_point("batch-planned");
	}
	return TRUE;
}

/* ---- all of it --------------------------------------------------------------- */

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

gboolean
pl_turn_batches(struct pl_pass *pass, const struct pl_turn *turn,
    GPtrArray *batches, GError **error)
{
	g_autoptr(GArray) leaving =
	    g_array_new(FALSE, FALSE, sizeof(struct leaving));
	g_autoptr(GArray) too_large = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct layout layout = { leaving, too_large };
	gboolean alone;

	if (!pl_turn_decide_each(pass, turn, sort_out, &layout, &alone, error))
		return FALSE;
	if (!alone && !plan_together(pass, turn, &layout, error))
		return FALSE;
	return hold_too_large(pass, too_large, error) &&
	       plan_mails(pass, turn, leaving, batches, error);
}
