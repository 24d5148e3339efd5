/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * links - the chains of a journal, from the ledger to the plan
 *
 * What is in an unfinished e-mail has not been handed over: those behind it
 * wait, so that none of them leaves in an e-mail before it. A doubtful version
 * of a statement that is settled, held for a person, has no place in the chain:
 * the settled one has it.
 */
#include "links.h"

#include <string.h>

/* ---- which rule -------------------------------------------------------- */

/* CHAIN is "ACCOUNT CURRENCY". */
static gboolean
is_of_account(const char *chain, const char *account)
{
	g_autofree char *plain = pl_statement_account(account);
	gsize n = strlen(plain);

	return strncmp(chain, plain, n) == 0 && chain[n] == ' ';
}

static enum pl_numbering
numbering_of(const struct pl_journal *journal, const char *chain)
{
	enum pl_numbering rule = PL_NUMBERING_AUTO;

	for (guint i = 0; journal->numbering && i < journal->numbering->len;
	     i++) {
		const struct pl_account_numbering *n =
		    journal->numbering->pdata[i];

		if (n->account == NULL)
			rule = n->numbering;
		else if (is_of_account(chain, n->account))
			return n->numbering;
	}
	return rule;
}

/* ---- one chain --------------------------------------------------------- */

static gboolean
is_going(const struct pl_statement_row *row, const GArray *going)
{
	for (guint i = 0; going != NULL && i < going->len; i++)
		if (row->state == PL_SENDING &&
		    row->batch == g_array_index(going, gint64, i))
			return TRUE;
	return FALSE;
}

static gboolean
has_entry(const GPtrArray *rows, gint64 entry)
{
	for (guint i = 0; i < rows->len; i++)
		if (((struct pl_statement_row *)rows->pdata[i])->entry == entry)
			return TRUE;
	return FALSE;
}

/* Held as another version (PL-110 and its like) of one that is settled. */
static gboolean
is_doubtful(const struct pl_statement_row *row, const GPtrArray *settled)
{
	return row->state == PL_HELD && row->original != 0 &&
	       row->code != NULL && strlen(row->code) == 6 &&
	       strncmp(row->code, "PL-11", 5) == 0 &&
	       has_entry(settled, row->original);
}

static void
add_link(
    GPtrArray *links, const struct pl_statement_row *row, const GArray *going)
{
	struct pl_link *link = g_new0(struct pl_link, 1);

	link->entry = row->entry;
	link->day = row->day;
	link->from = row->from;
	link->sequence = row->sequence;
	link->opening = row->opening;
	link->closing = row->closing;
	link->currency = row->currency;
	link->format = row->format;
	link->sent = row->state == PL_SENT || is_going(row, going);
	link->settled = link->sent || row->state == PL_ARCHIVED;
	link->released = row->released;
	link->hole = row->hole;
	g_ptr_array_add(links, link);
}

/* The days of rows [FROM, TO), each once. */
static GPtrArray *
days_of(const GPtrArray *rows, guint from, guint to)
{
	GPtrArray *days = g_ptr_array_new();

	for (guint i = from; i < to; i++) {
		const struct pl_statement_row *row = rows->pdata[i];

		if (days->len == 0 ||
		    strcmp(days->pdata[days->len - 1], row->day) != 0)
			g_ptr_array_add(days, row->day);
	}
	return days;
}

struct reading {
	pl_ledger *ledger;
	const struct pl_journal *journal;
	const GArray *going;
	const GPtrArray *open; /* rows, by chain and day */
	GHashTable *links;
	unsigned chains;
};

static void
keep(struct reading *r, GArray *linked)
{
	r->chains++;
	for (guint i = 0; i < linked->len; i++) {
		struct pl_linked *l = g_memdup2(
		    &g_array_index(linked, struct pl_linked, i), sizeof(*l));

		/* it goes on living in the copy */
		g_array_index(linked, struct pl_linked, i).note = NULL;
		l->chain = r->chains;
		l->rank = i;
		g_hash_table_insert(r->links, &l->entry, l);
	}
}

/* The chain of the open rows [FROM, TO). */
static gboolean
read_chain(struct reading *r, guint from, guint to, GError **error)
{
	const char *chain =
	    ((struct pl_statement_row *)r->open->pdata[from])->chain;
	g_autoptr(GPtrArray) days = days_of(r->open, from, to);
	g_autoptr(GPtrArray) settled = pl_statement_around(
	    r->ledger, r->journal->name, chain, days, error);
	g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GArray) linked = NULL;

	if (settled == NULL)
		return FALSE;
	for (guint i = 0; i < settled->len; i++)
		add_link(links, settled->pdata[i], r->going);
	for (guint i = from; i < to; i++)
		if (!is_doubtful(r->open->pdata[i], settled))
			add_link(links, r->open->pdata[i], r->going);
	linked = pl_chain(links, numbering_of(r->journal, chain));
	keep(r, linked);
	return TRUE;
}

/* What is held by a rule or a person, whatever its neighbours are, has no
 * place to ask for. */
static gboolean
is_asked(enum pl_state state, const char *code)
{
	return state != PL_HELD || pl_chain_is_gap(code);
}

gboolean
pl_links_wanted(const GPtrArray *entries)
{
	for (guint i = 0; i < entries->len; i++) {
		const pl_entry *e = entries->pdata[i];

		if (e->kind == PL_KIND_STATEMENT && is_asked(e->state, e->code))
			return TRUE;
	}
	return FALSE;
}

static gboolean
any_asked(const GPtrArray *rows, guint from, guint to)
{
	for (guint i = from; i < to; i++) {
		const struct pl_statement_row *row = rows->pdata[i];

		if (is_asked(row->state, row->code))
			return TRUE;
	}
	return FALSE;
}

/* ---- a journal --------------------------------------------------------- */

static void
linked_free(gpointer data)
{
	struct pl_linked *linked = data;

	g_free(linked->note);
	g_free(linked);
}

static const char *
chain_at(const GPtrArray *rows, guint i)
{
	const struct pl_statement_row *row = rows->pdata[i];

	return row->chain;
}

static gboolean
add_chain(pl_ledger *l, const char *journal, GHashTable *seen,
    const pl_entry *e, GPtrArray *rows, GError **error)
{
	char *chain;

	if (e->kind != PL_KIND_STATEMENT || e->account == NULL)
		return TRUE;
	chain = pl_statement_chain(e->account, e->currency);
	return !g_hash_table_add(seen, chain) ||
	       pl_statement_open_of(l, journal, chain, rows, error);
}

/* Of the chains that ENTRIES are in: a batch is asked for its own. */
static GPtrArray *
open_beside(
    pl_ledger *l, const char *journal, const GPtrArray *entries, GError **error)
{
	g_autoptr(GHashTable) seen =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)pl_statement_row_free);

	for (guint i = 0; i < entries->len; i++)
		if (!add_chain(
			l, journal, seen, entries->pdata[i], rows, error))
			return NULL;
	return g_steal_pointer(&rows);
}

GHashTable *
pl_links_read(pl_ledger *l, const struct pl_journal *journal,
    const GArray *going, const GPtrArray *beside, GError **error)
{
	g_autoptr(GPtrArray) open =
	    beside == NULL ? pl_statement_open(l, journal->name, error)
			   : open_beside(l, journal->name, beside, error);
	g_autoptr(GHashTable) links = g_hash_table_new_full(
	    g_int64_hash, g_int64_equal, NULL, linked_free);
	struct reading r = { .ledger = l,
		.journal = journal,
		.going = going,
		.open = open,
		.links = links };
	guint end;

	if (open == NULL)
		return NULL;
	for (guint i = 0; i < open->len; i = end) {
		for (end = i + 1; end < open->len; end++)
			if (strcmp(chain_at(open, end), chain_at(open, i)) != 0)
				break;
		if (any_asked(open, i, end) && !read_chain(&r, i, end, error))
			return NULL;
	}
	return g_steal_pointer(&links);
}

/* ---- order ------------------------------------------------------------- */

/* A statement among the entries, and the place it has there. */
struct seat {
	const struct pl_linked *linked;
	guint at;
	pl_entry *entry;
};

static int
by_rank(gconstpointer a, gconstpointer b)
{
	const struct seat *x = a, *y = b;

	if (x->linked->chain != y->linked->chain)
		return x->linked->chain < y->linked->chain ? -1 : 1;
	return (x->linked->rank > y->linked->rank) -
	       (x->linked->rank < y->linked->rank);
}

static int
by_seat(gconstpointer a, gconstpointer b)
{
	const struct seat *x = a, *y = b;

	if (x->linked->chain != y->linked->chain)
		return x->linked->chain < y->linked->chain ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

void
pl_links_sort(GHashTable *links, GPtrArray *entries)
{
	g_autoptr(GArray) seats =
	    g_array_new(FALSE, FALSE, sizeof(struct seat));
	g_autoptr(GArray) takers = NULL;

	for (guint i = 0; i < entries->len; i++) {
		pl_entry *e = entries->pdata[i];
		const struct seat seat = { g_hash_table_lookup(links, &e->id),
			i, e };

		if (seat.linked != NULL)
			g_array_append_val(seats, seat);
	}
	takers = g_array_copy(seats);
	g_array_sort(seats, by_seat);
	g_array_sort(takers, by_rank);
	for (guint i = 0; i < seats->len; i++)
		entries->pdata[g_array_index(seats, struct seat, i).at] =
		    g_array_index(takers, struct seat, i).entry;
}
