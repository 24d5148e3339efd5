/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * index - new messages ▸ documents, entries, problems
 *
 * Messages are read, outside of any transaction, and then written, as many in
 * one as take little time. The parsers have the next ones all the while, so that
 * nobody waits for anybody. A crash repeats what was not written and nothing
 * else. What a parser cannot read, or dies of, is a problem of its message
 * alone. A message whose bytes are missing stays unindexed (they may be
 * restored) and does not stop the others.
 */
#include "converse.h"
#include "index.h"
#include "reader.h"

#define PAGE 32       /* messages that are written together */
#define ROWS_MOST 500 /* about, in one transaction */

struct looked {
	pl_message *message;
	pl_bytes *bytes;
	pl_reader *reader; /* that looks at them */
	GError *error; /* they could not be opened */
	pl_findings *findings;
	gboolean missing; /* its bytes cannot be read */
};

static void
looked_free(gpointer data)
{
	struct looked *looked = data;

	pl_message_free(looked->message);
	pl_bytes_close(looked->bytes);
	g_clear_error(&looked->error);
	pl_findings_free(looked->findings);
	g_free(looked);
}

struct index {
	pl_ledger *ledger;
	const pl_config *config;
	pl_reader *reader;
	struct pl_indexed *done;
	pl_numbers *numbers;
	pl_reader *other; /* NULL: there is not that much to read */
	GArray *ids;      /* gint64: messages, oldest first; */
	guint next;       /* from here on they were not begun */
	GQueue begun;     /* struct looked: the parsers have them, by age */
	GPtrArray *seen;  /* struct looked: read and not written */
};

/* ---- reading ----------------------------------------------------------- */

/* A problem of one message, or an error of the run? */
static gboolean
spoil(struct looked *looked, GError *error)
{
	const char *code = NULL;

	if (error->domain == PL_INTAKE_ERROR)
		code = error->code == PL_INTAKE_CHILD   ? "PL-102"
		       : error->code == PL_INTAKE_LIMIT ? "PL-105"
							: NULL;
	else if (error->domain == PL_LEDGER_ERROR &&
		 (error->code == PL_LEDGER_ABSENT ||
		     error->code == PL_LEDGER_DAMAGED)) {
		code = "PL-506";
		looked->missing = TRUE;
	}
	if (code == NULL)
		return FALSE;
	looked->findings = pl_findings_new();
	pl_found_problem_add(looked->findings, code, NULL, error->message);
	return TRUE;
}

/* The one that has less to do. */
static pl_reader *
next_reader(struct index *x)
{
	return x->other != NULL &&
		       x->other->requests.length < x->reader->requests.length
		   ? x->other
		   : x->reader;
}

/* A parser begins to look at the message. */
static gboolean
look(struct index *x, gint64 id, GError **error)
{
	pl_message *m = pl_message_get(x->ledger, id, error);
	struct looked *looked;

	if (m == NULL)
		return FALSE;
	looked = g_new0(struct looked, 1);
	looked->message = m;
	looked->bytes = pl_bytes_open(x->ledger, id, &looked->error);
	if (looked->bytes != NULL) {
		const struct pl_source source = pl_source_of(looked->bytes);
		looked->reader = next_reader(x);
		pl_reader_begin(looked->reader, &source, NULL);
	}
	g_queue_push_tail(&x->begun, looked);
	return TRUE;
}

static void
ask_ahead(struct index *x, const pl_findings *f)
{
	for (guint i = 0; f != NULL && i < f->documents->len; i++)
		pl_document_ahead(x->ledger, f->documents->pdata[i]);
}

/* What the parser found in it. */
static gboolean
see(struct index *x, struct looked *looked, GError **error)
{
	if (looked->bytes != NULL)
		looked->findings =
		    pl_reader_finish(looked->reader, &looked->error);
	g_clear_pointer(&looked->bytes, pl_bytes_close);
	ask_ahead(x, looked->findings);
	if (looked->findings != NULL || spoil(looked, looked->error))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&looked->error));
	return FALSE;
}

/* ---- writing ----------------------------------------------------------- */

/* What is to be written of it, about. */
static guint
rows_of(const struct looked *looked)
{
	const pl_findings *f = looked->findings;

	return 2 + 3 * f->documents->len + f->ignored->len + f->problems->len;
}

static gboolean
write_one(struct index *x, const struct looked *looked, GError **error)
{
	const struct pl_entering entering = { x->ledger, x->config,
		looked->message, x->numbers, x->done };

	return looked->missing
		   ? pl_found_missing(&entering, looked->findings, error)
		   : pl_found_write(
			 &entering, looked->message, looked->findings, error);
}

/* The messages from *AT on, as many as fit into one transaction. */
static gboolean
write_some(struct index *x, guint *at, GError **error)
{
	gboolean done = TRUE;
	guint rows = 0;

	if (!pl_ledger_begin(x->ledger, error))
		return FALSE;
	while (done && *at < x->seen->len && rows < ROWS_MOST) {
		const struct looked *looked = x->seen->pdata[(*at)++];

		rows += rows_of(looked);
		done = write_one(x, looked, error);
		if (done)
			pl_document_arrived(x->ledger, FALSE);
	}
	return pl_ledger_end(x->ledger, done, error);
}

static gboolean
write_seen(struct index *x, GError **error)
{
	guint at = 0;

	pl_document_arrived(x->ledger, FALSE);
	while (at < x->seen->len)
		if (!write_some(x, &at, error))
			return FALSE;
	g_ptr_array_set_size(x->seen, 0);
	return TRUE;
}

/* ---- all of them ------------------------------------------------------- */

/* There is a whole page of it: a second child reads, too. */
static void
take_other(struct index *x)
{
	if (x->other == NULL && !x->reader->in_process &&
	    g_get_num_processors() > 1)
		x->other = pl_reader_new(&x->reader->limits);
}

/* The messages that come next, if there are any. */
static gboolean
list_more(struct index *x, GError **error)
{
	const gint64 last = x->ids->len > 0
				? g_array_index(x->ids, gint64, x->ids->len - 1)
				: 0;
	g_autoptr(GArray) ids =
	    pl_message_unindexed(x->ledger, last, PAGE, error);

	if (ids == NULL)
		return FALSE;
	if (ids->len > 0) {
		g_array_unref(x->ids);
		x->ids = g_steal_pointer(&ids);
		x->next = 0;
	}
	if (x->ids->len == PAGE)
		take_other(x);
	return TRUE;
}

/* Gives the parsers as many as they take, unless they have half of that. */
static gboolean
look_on(struct index *x, GError **error)
{
	if (x->begun.length > (x->other != NULL ? PL_SLOTS : PL_SLOTS / 2))
		return TRUE;
	while (x->begun.length < (x->other != NULL ? 2 : 1) * PL_SLOTS) {
		if (x->next == x->ids->len && !list_more(x, error))
			return FALSE;
		if (x->next == x->ids->len)
			return TRUE;
		if (!look(x, g_array_index(x->ids, gint64, x->next), error))
			return FALSE;
		x->next++;
	}
	return TRUE;
}

/* One message is seen, and those that are as many as one writes at a time, or
 * all, are written. */
static gboolean
read_one(struct index *x, GError **error)
{
	struct looked *looked = g_queue_peek_head(&x->begun);

	if (looked == NULL)
		return write_seen(x, error);
	if (!see(x, looked, error))
		return FALSE;
	g_ptr_array_add(x->seen, g_queue_pop_head(&x->begun));
	return look_on(x, error) &&
	       (x->seen->len < PAGE || write_seen(x, error));
}

gboolean
pl_index_goes_on(
    const struct pl_index_watch *watch, const struct pl_indexed *done)
{
	return watch->progress == NULL || watch->progress(done, watch->user);
}

/* *WHOLE: it was not ended early. */
static gboolean
read_all(struct index *x, const struct pl_index_watch *watch, gboolean *whole,
    GError **error)
{
	gboolean good = look_on(x, error);

	*whole = TRUE;
	while (good && *whole && x->begun.length + x->seen->len > 0) {
		good = read_one(x, error);
		if (good && x->seen->len == 0)
			*whole = pl_index_goes_on(watch, x->done);
	}
	if (good && *whole)
		return TRUE;
	pl_reader_abandon(x->reader);
	if (x->other != NULL)
		pl_reader_abandon(x->other);
	return good;
}

gboolean
pl_intake_index(pl_ledger *l, const pl_config *config, pl_reader *reader,
    struct pl_indexed *done, pl_index_progress progress, void *user,
    GError **error)
{
	g_autoptr(pl_numbers) numbers = pl_numbers_new();
	struct pl_indexed own = { 0 };
	struct index x = { .ledger = l,
		.config = config,
		.reader = reader,
		.done = done != NULL ? done : &own,
		.numbers = numbers,
		.ids = g_array_new(FALSE, FALSE, sizeof(gint64)),
		.begun = G_QUEUE_INIT,
		.seen = g_ptr_array_new_with_free_func(looked_free) };
	const struct pl_index_watch watch = { progress, user };
	gboolean whole;
	const gboolean good = read_all(&x, &watch, &whole, error);

	g_queue_clear_full(&x.begun, looked_free);
	g_ptr_array_unref(x.seen);
	g_array_unref(x.ids);
	pl_reader_free(x.other);
	if (!good)
		return FALSE;
	pl_document_arrived(l, TRUE);
	return !whole || pl_take_up(l, config, x.done, &watch, error);
}
