/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * problems - all that needs a person, each told once
 *
 * The ledger records most problems as such. A refused or bounced batch, one
 * that may have been sent twice, and an entry that is newly held under a code
 * are problems as well: they are added here unless the ledger already has
 * them. Ten held documents of one refused e-mail are one problem.
 */
#include "view.h"

/* A code together with what it is said of. */
G_GNUC_PRINTF(3, 4)
static void
tell(GHashTable *told, const char *code, const char *format, ...)
{
	g_autofree char *of = NULL;
	va_list args;

	va_start(args, format);
	of = g_strdup_vprintf(format, args);
	va_end(args);
	g_hash_table_add(told, g_strconcat(code, " ", of, NULL));
}

G_GNUC_PRINTF(3, 4)
static gboolean
is_told(GHashTable *told, const char *code, const char *format, ...)
{
	g_autofree char *of = NULL, *key = NULL;
	va_list args;

	va_start(args, format);
	of = g_strdup_vprintf(format, args);
	va_end(args);
	key = g_strconcat(code, " ", of, NULL);
	return g_hash_table_contains(told, key);
}

#define ID(x) ((long long)(x))

static void
from_ledger(pl_view *view, GHashTable *told, const struct pl_problem *p)
{
	struct pl_view_problem problem = {
		.code = p->code ? p->code : "PL-???",
		.journal = p->journal,
		.filename = p->filename,
		.text = p->text,
		.sender = p->sender,
		.from = p->from,
		.subject = p->subject,
		.msg_date = p->msg_date,
		.message_id = p->message_id,
		.id = p->id,
		.message = p->message,
		.entry = p->entry,
		.batch = p->batch,
		.document = pl_view_entry(view, p->entry),
	};

	g_array_append_val(view->problems, problem);
	if (p->batch)
		tell(told, problem.code, "b%lld", ID(p->batch));
	if (p->entry)
		tell(told, problem.code, "e%lld", ID(p->entry));
	else if (p->document)
		tell(told, problem.code, "d%lld", ID(p->document));
	else if (p->message && p->filename)
		tell(told, problem.code, "m%lld %s", ID(p->message),
		    p->filename);
}

/* The words of ENTRY for a problem under CODE. */
static struct pl_view_problem
of_entry(const pl_entry *entry, const char *code, const char *text)
{
	return (struct pl_view_problem){
		.code = code,
		.journal = entry->journal,
		.filename = entry->filename,
		.text = text,
		.sender = entry->sender,
		.from = entry->from,
		.subject = entry->subject,
		.msg_date = entry->msg_date,
		.message_id = entry->message_id,
		.message = entry->message,
		.entry = entry->id,
		.document = entry,
	};
}

/* An e-mail's entries belong to its problem and have none of their own. */
static void
of_batch(pl_view *view, GHashTable *told, const struct pl_report_sent *sent,
    const char *code, const char *text)
{
	struct pl_view_problem problem = {
		.code = code,
		.journal = sent->batch->journal,
		.text = text,
		.batch = sent->batch->id,
		.message_id = sent->batch->message_id,
		.entries = sent->entries,
	};

	for (unsigned i = 0; i < pl_view_length(sent->entries); i++) {
		const pl_entry *entry = sent->entries->pdata[i];

		tell(told, code, "e%lld", ID(entry->id));
	}
	if (!is_told(told, code, "b%lld", ID(problem.batch)))
		g_array_append_val(view->problems, problem);
}

static void
from_batch(pl_view *view, GHashTable *told, const struct pl_report_sent *sent)
{
	const pl_batch *batch = sent->batch;

	if (batch->state == PL_BATCH_REFUSED)
		of_batch(view, told, sent, "PL-301", batch->reply);
	if (batch->state == PL_BATCH_BOUNCED)
		of_batch(view, told, sent, "PL-302", batch->reply);
	if (batch->maybe_twice)
		of_batch(view, told, sent, "PL-303", NULL);
}

static void
from_entry(pl_view *view, GHashTable *told, const struct pl_view_line *line)
{
	const pl_entry *e = line->entry;
	struct pl_view_problem problem;

	if (!line->news || !e->code)
		return;
	if (is_told(told, e->code, "e%lld", ID(e->id)) ||
	    is_told(told, e->code, "d%lld", ID(e->document)) ||
	    (e->filename && is_told(told, e->code, "m%lld %s", ID(e->message),
				e->filename)))
		return;
	problem = of_entry(e, e->code, e->note);
	g_array_append_val(view->problems, problem);
}

/* A problem that names a batch shows the documents of it. */
static void
join_batches(pl_view *view, GHashTable *batches)
{
	for (unsigned i = 0; i < view->problems->len; i++) {
		struct pl_view_problem *p =
		    &g_array_index(view->problems, struct pl_view_problem, i);
		const struct pl_report_sent *sent =
		    p->batch ? g_hash_table_lookup(batches, &p->batch) : NULL;

		if (sent && !p->entry)
			p->entries = sent->entries;
	}
}

static int
by_code(gconstpointer a, gconstpointer b)
{
	const struct pl_view_problem *p = a, *q = b;

	return g_strcmp0(p->code, q->code);
}

void
pl_view_find_problems(pl_view *view)
{
	g_autoptr(GHashTable) told =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) batches =
	    g_hash_table_new(g_int64_hash, g_int64_equal);
	const GPtrArray *problems = view->facts->problems;

	for (unsigned i = 0; i < pl_view_length(problems); i++)
		from_ledger(view, told, problems->pdata[i]);
	for (unsigned i = 0; i < view->journals->len; i++) {
		const struct pl_view_journal *j = view->journals->pdata[i];
		const GPtrArray *sent = j->facts->sent;
		const GArray *held = j->piles[PL_PILE_HELD];

		for (unsigned k = 0; k < pl_view_length(sent); k++) {
			const struct pl_report_sent *s = sent->pdata[k];

			from_batch(view, told, s);
			g_hash_table_insert(
			    batches, (gpointer)&s->batch->id, (gpointer)s);
		}
		for (unsigned k = 0; k < held->len; k++)
			from_entry(view, told,
			    &g_array_index(held, struct pl_view_line, k));
	}
	join_batches(view, batches);
	g_array_sort(view->problems, by_code);
}
