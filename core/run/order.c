/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * order - no statement leaves in an e-mail before one that it stands behind
 *
 * The plan puts the statements of an account into e-mails in their order. But
 * an e-mail may be put off, refused, given up, or left for another run, and
 * then the next one must not go. So every e-mail that was not taken marks the
 * accounts in it, and an e-mail with a marked account waits. Marks end with the
 * step that made them: afterwards the ledger tells the plan what was not
 * handed over. It cannot tell what was not readable and waits again: that, and
 * its account, is left out of all that the run plans from then on.
 */
#include "pass.h"

static char *
key_of(const pl_entry *e)
{
	g_autofree char *chain = NULL;

	if (e->kind != PL_KIND_STATEMENT || e->account == NULL)
		return NULL;
	chain = pl_statement_chain(e->account, e->currency);
	return g_strconcat(e->journal, "\n", chain, NULL);
}

void
pl_order_begin(struct pl_pass *pass)
{
	g_clear_pointer(&pass->overdue, g_hash_table_unref);
}

/* MARK: marks its accounts. Returns whether one was marked before; TRUE also
 * on an error: then it waits. */
static gboolean
look(struct pl_pass *pass, const pl_batch *batch, gboolean mark)
{
	g_autoptr(GPtrArray) entries = NULL;
	gboolean marked = FALSE;

	if (batch->report != 0 || (!mark && pass->overdue == NULL))
		return FALSE;
	entries = pl_batch_entries(pass->ledger, batch->id, NULL);
	if (pass->overdue == NULL)
		pass->overdue = g_hash_table_new_full(
		    g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; entries != NULL && i < entries->len; i++) {
		char *key = key_of(entries->pdata[i]);

		if (key == NULL)
			continue;
		marked |= g_hash_table_contains(pass->overdue, key);
		if (mark)
			g_hash_table_add(pass->overdue, key);
		else
			g_free(key);
	}
	return entries == NULL || marked;
}

void
pl_order_left(struct pl_pass *pass, const pl_batch *batch)
{
	look(pass, batch, TRUE);
}

gboolean
pl_order_waits(struct pl_pass *pass, const pl_batch *batch)
{
	return look(pass, batch, FALSE);
}

void
pl_order_tried(struct pl_pass *pass, const pl_batch *batch)
{
	g_autoptr(pl_batch) is = pl_batch_get(pass->ledger, batch->id, NULL);

	if (is == NULL || is->state != PL_BATCH_SENT)
		pl_order_left(pass, batch);
}

/* ---- what cannot be read ----------------------------------------------- */

static char *
left_key(const pl_entry *e)
{
	char *key = key_of(e);

	return key != NULL ? key : g_strdup_printf("%" G_GINT64_FORMAT, e->id);
}

void
pl_order_leave_out(struct pl_pass *pass, const pl_entry *entry)
{
	if (pass->left_out == NULL)
		pass->left_out = g_hash_table_new_full(
		    g_str_hash, g_str_equal, g_free, NULL);
	g_hash_table_add(pass->left_out, left_key(entry));
}

gboolean
pl_order_is_left_out(const struct pl_pass *pass, const pl_entry *entry)
{
	g_autofree char *key = pass->left_out != NULL ? left_key(entry) : NULL;

	return key != NULL && g_hash_table_contains(pass->left_out, key);
}

void
pl_order_end(struct pl_pass *pass)
{
	pl_order_begin(pass);
	g_clear_pointer(&pass->left_out, g_hash_table_unref);
}
