/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decide - a journal's entries and standing ▸ the plan
 */
#include "links.h"
#include "pass.h"
#include "plan.h"
#include "share.h"

/* Does the journal still accept it, by its present rules? */
struct asking {
	pl_ledger *ledger;
	const pl_config *config;
	const struct pl_journal *journal;
};

/* Nothing but the kind is asked: the document need not be read. */
static gboolean
is_plain_rule(const struct asking *a, const pl_entry *e)
{
	const struct pl_gateway *g = pl_config_gateway(a->config);
	const struct pl_journal *j = a->journal;

	return (j->accept & 1u << e->kind) != 0 &&
	       (j->accept & PL_ACCEPT_DIRECTIONS) == 0 &&
	       (j->formats & e->formats) != 0 &&
	       (j->accounts == NULL || j->accounts->len == 0) &&
	       (j->company_ids == NULL || j->company_ids->len == 0 ||
		   j->company_ids == g->company_ids);
}

static gboolean
accepts(const pl_entry *entry, void *user)
{
	const struct asking *a = user;
	g_autoptr(pl_document) document = NULL;

	if (is_plain_rule(a, entry))
		return TRUE;
	document = pl_document_get(a->ledger, entry->document, NULL);
	return document != NULL &&
	       pl_intake_accepts(a->config, a->journal, document);
}

struct pl_entry_filter
pl_turn_open(const char *journal)
{
	return (struct pl_entry_filter){ .journal = journal, .states = "wh" };
}

static GPtrArray *
load(pl_ledger *l, const char *journal, GError **error)
{
	const struct pl_entry_filter filter = pl_turn_open(journal);

	return pl_entry_list(l, &filter, error);
}

static void
from_standing(struct pl_plan_input *in, const struct pl_standing *s)
{
	in->served = s->served;
	in->activating = s->activating;
	in->activated = s->activated;
}

static gboolean
has_statement(const GPtrArray *entries)
{
	for (guint i = 0; i < entries->len; i++)
		if (((const pl_entry *)entries->pdata[i])->kind ==
		    PL_KIND_STATEMENT)
			return TRUE;
	return FALSE;
}

/* Of statements: the chains and the files that they share. SORT: they take
 * the order of both; otherwise they are a batch, and other accounts do not
 * matter. */
static gboolean
relate(pl_ledger *l, struct pl_plan_input *in, GPtrArray *entries,
    const GArray *going, gboolean sort, GError **error)
{
	if (!has_statement(entries))
		return TRUE;
	if (pl_links_wanted(entries)) {
		in->links = pl_links_read(
		    l, in->journal, going, sort ? NULL : entries, error);
		if (in->links == NULL)
			return FALSE;
	}
	in->shares = pl_shares_read(l, entries, error);
	if (in->shares == NULL)
		return FALSE;
	if (sort && in->links != NULL)
		pl_links_sort(in->links, entries);
	if (sort)
		pl_shares_sort(in->shares, in->links, entries);
	return TRUE;
}

static GArray *
weigh(pl_ledger *l, const pl_config *config, struct pl_plan_input *in,
    GPtrArray *entries, const GArray *going, gboolean sort, GError **error)
{
	struct asking asking = { l, config, in->journal };
	GArray *plan = NULL;

	in->entries = entries;
	in->accepts = accepts;
	in->accepts_user = &asking;
	if (relate(l, in, entries, going, sort, error))
		plan = pl_plan(in);
	in->accepts = NULL;
	in->accepts_user = NULL;
	g_clear_pointer(&in->links, g_hash_table_unref);
	g_clear_pointer(&in->shares, g_hash_table_unref);
	return plan;
}

static GArray *
decide(pl_ledger *l, const pl_config *config, struct pl_plan_input *in,
    GPtrArray **entries, GError **error)
{
	*entries = load(l, in->journal->name, error);
	return *entries == NULL
		   ? NULL
		   : weigh(l, config, in, *entries, NULL, TRUE, error);
}

static guint64
less(guint64 a, guint64 b)
{
	if (a == 0 || b == 0)
		return MAX(a, b);
	return MIN(a, b);
}

struct pl_plan_input
pl_turn_input(const struct pl_pass *pass, const struct pl_turn *turn)
{
	struct pl_plan_input in = {
		.journal = turn->journal,
		.timezone = pl_config_gateway(pass->config)->timezone,
		.now = pass->now,
		.force = pass->options->now && turn->selected,
		.mails_used = turn->used,
		.max_size = turn->journal->max_mail_size,
	};

	if (pass->submit != NULL && !pl_folder_is(turn->journal->deliver_to))
		in.max_size = less(in.max_size, pl_submit_size(pass->submit));
	from_standing(&in, turn->standing);
	return in;
}

static int
by_arrival(gconstpointer a, gconstpointer b)
{
	const pl_entry *x = *(const pl_entry *const *)a;
	const pl_entry *y = *(const pl_entry *const *)b;

	if (x->arrived != y->arrived)
		return x->arrived < y->arrived ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

GArray *
pl_turn_decide_with(const struct pl_pass *pass, const struct pl_turn *turn,
    const struct pl_plan_input *input, GPtrArray *extra, const GArray *going,
    GPtrArray **entries, GError **error)
{
	struct pl_plan_input in = *input;

	*entries = load(pass->ledger, turn->journal->name, error);
	if (*entries == NULL)
		return NULL;
	while (extra->len > 0)
		g_ptr_array_add(
		    *entries, g_ptr_array_steal_index(extra, extra->len - 1));
	g_ptr_array_sort(*entries, by_arrival);
	return weigh(
	    pass->ledger, pass->config, &in, *entries, going, TRUE, error);
}

/* The unfinished batches that go before the one of ENTRIES. */
static GArray *
earlier(const struct pl_pass *pass, const GPtrArray *entries)
{
	g_autoptr(GPtrArray) all = pl_batch_unfinished(pass->ledger, NULL);
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	const pl_entry *e = entries->len > 0 ? entries->pdata[0] : NULL;

	for (guint i = 0; all != NULL && e != NULL && i < all->len; i++) {
		const pl_batch *b = all->pdata[i];

		if (b->id < e->batch)
			g_array_append_val(ids, b->id);
	}
	return ids;
}

gboolean
pl_turn_still_fits(
    const struct pl_pass *pass, const struct pl_turn *turn, GPtrArray *entries)
{
	struct pl_plan_input in = pl_turn_input(pass, turn);
	g_autoptr(GArray) plan = NULL, going = NULL;

	in.force = TRUE;
	in.mails_used = 0;
	/* read for each of many batches, where it matters */
	if (has_statement(entries))
		going = earlier(pass, entries);
	plan =
	    weigh(pass->ledger, pass->config, &in, entries, going, FALSE, NULL);
	if (plan == NULL)
		return FALSE;
	for (guint i = 0; i < plan->len; i++)
		if (g_array_index(plan, struct pl_decision, i).mail != 1)
			return FALSE;
	return TRUE;
}

/* SINGLE: room for the rules of a turn that sends single documents. */
static struct pl_plan_input
input_of(const struct pl_pass *pass, const struct pl_turn *turn,
    struct pl_journal *single)
{
	struct pl_plan_input in = pl_turn_input(pass, turn);

	if (turn->singly) {
		*single = *turn->journal;
		single->documents_per_mail = 1;
		in.journal = single;
		in.singly = TRUE;
	}
	return in;
}

GArray *
pl_turn_decide(const struct pl_pass *pass, const struct pl_turn *turn,
    GPtrArray **entries, GError **error)
{
	struct pl_journal single;
	struct pl_plan_input in = input_of(pass, turn, &single);

	return decide(pass->ledger, pass->config, &in, entries, error);
}

/* ---- one after the other ----------------------------------------------- */

struct deciding {
	pl_planner *planner;
	pl_decided each;
	void *user;
	gboolean alone;
};

static gboolean
decide_next(const pl_entry *e, void *user)
{
	struct deciding *deciding = user;
	struct pl_decision d;

	deciding->alone = e->kind != PL_KIND_STATEMENT;
	if (!deciding->alone)
		return FALSE;
	d = pl_planner_next(deciding->planner, e);
	return deciding->each(&d, deciding->user);
}

gboolean
pl_turn_decide_each(const struct pl_pass *pass, const struct pl_turn *turn,
    pl_decided each, void *user, gboolean *alone, GError **error)
{
	struct pl_journal single;
	struct pl_plan_input in = input_of(pass, turn, &single);
	struct asking asking = { pass->ledger, pass->config, in.journal };
	const struct pl_entry_filter filter = pl_turn_open(in.journal->name);
	g_autoptr(pl_planner) planner = NULL;
	struct deciding deciding = { NULL, each, user, TRUE };
	gboolean done;

	in.accepts = accepts;
	in.accepts_user = &asking;
	deciding.planner = planner = pl_planner_new(&in);
	done =
	    pl_entry_each(pass->ledger, &filter, decide_next, &deciding, error);
	*alone = deciding.alone;
	return done;
}

GArray *
pl_run_decide(pl_ledger *l, const pl_config *config,
    const struct pl_journal *journal, gint64 clock, gboolean now,
    GPtrArray **entries, struct pl_plan_input *input, GError **error)
{
	GError *failed = NULL;
	g_autoptr(pl_standing) was = pl_standing_get(l, journal->name, &failed);
	g_autoptr(pl_standing) standing = NULL;
	const char *what;

	if (failed != NULL) {
		g_propagate_error(error, failed);
		return NULL;
	}
	*input = (struct pl_plan_input){
		.journal = journal,
		.timezone = pl_config_gateway(config)->timezone,
		.now = clock != 0 ? clock : g_get_real_time(),
		.force = now,
		.max_size = journal->max_mail_size,
	};
	standing = pl_standing_now(journal, was, input->now, &what);
	from_standing(input, standing);
	return decide(l, config, input, entries, error);
}
