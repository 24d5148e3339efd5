/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * index - new messages ▸ documents, entries, problems
 *
 * Some messages are read, outside of any transaction, and then written, as many
 * in one as take little time, while the parser reads the next: a crash repeats
 * these and nothing else. What the parser cannot read, or dies of, is a problem
 * of its message alone. A message whose bytes are missing stays unindexed (they
 * may be restored) and does not stop the others.
 */
#include "converse.h"
#include "index.h"
#include "reader.h"

#include <string.h>

#define PAGE 32       /* messages that are read and then written */
#define ROWS_MOST 500 /* about, in one transaction */
#define UNREAD_MOST 1000

struct looked {
	pl_message *message;
	pl_bytes *bytes;
	pl_reader *reader; /* that looks at them */
	GError *error; /* they could not be opened */
	pl_findings *findings;
	gboolean missing; /* its bytes cannot be read */
};

static void
looked_clear(void *data)
{
	struct looked *looked = data;

	pl_message_free(looked->message);
	pl_bytes_close(looked->bytes);
	g_clear_error(&looked->error);
	pl_findings_free(looked->findings);
}

struct index {
	pl_ledger *ledger;
	const pl_config *config;
	pl_reader *reader;
	struct pl_indexed *done;
	pl_numbers *numbers;
	GHashTable *missing; /* gint64: messages that cannot be read now */
	pl_reader *other; /* NULL: there is not that much to read */
	unsigned begun;   /* messages, by turns with each */
};

/* ---- reading ----------------------------------------------------------------------- */

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

static pl_reader *
next_reader(struct index *x)
{
	return x->other != NULL && x->begun++ % 2 == 1 ? x->other : x->reader;
}

/* The parser begins to look at the message. */
static gboolean
look(struct index *x, gint64 id, struct looked *looked, GError **error)
{
	looked->message = pl_message_get(x->ledger, id, error);
	if (looked->message == NULL)
		return FALSE;
	looked->bytes = pl_bytes_open(x->ledger, id, &looked->error);
	if (looked->bytes != NULL) {
		const struct pl_source source = pl_source_of(looked->bytes);
		looked->reader = next_reader(x);
		pl_reader_begin(looked->reader, &source, NULL);
	}
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

/* ---- problems ------------------------------------------------------------------------ */

static gboolean
add_problem(struct index *x, const pl_message *m, gint64 document,
    const char *journal, const char *code, const char *filename,
    const char *text, GError **error)
{
	struct pl_problem *p = pl_problem_new();

	p->message = m->id;
	p->document = document;
	p->journal = g_strdup(journal);
	p->code = g_strdup(code);
	p->filename = g_strdup(filename);
	p->text = g_strdup(text);
	gboolean good = pl_problem_add(x->ledger, p, error);
	pl_problem_free(p);
	x->done->problems++;
	return good;
}

/* Told once to everybody who gets a report of a journal of the message. */
static gboolean
tell(struct index *x, const pl_message *m, gint64 document, const char *code,
    const char *filename, const char *text, GError **error)
{
	g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < m->recipients->len; i++) {
		const GPtrArray *journals =
		    pl_config_match(x->config, m->recipients->pdata[i]);
		for (guint k = 0; journals != NULL && k < journals->len; k++) {
			const struct pl_journal *j = journals->pdata[k];
			if (!g_hash_table_add(
				told, (void *)(guintptr)j->report_to))
				continue;
			if (!add_problem(x, m, document, j->name, code,
				filename, text, error))
				return FALSE;
		}
	}
	return g_hash_table_size(told) > 0 ||
	       add_problem(x, m, document, NULL, code, filename, text, error);
}

/* ---- documents without a journal ------------------------------------------------------- */

static const char *
kind_words(const pl_document *d)
{
	switch (d->kind) {
	case PL_KIND_INVOICE:
		return "an invoice";
	case PL_KIND_CREDIT_NOTE:
		return "a credit note";
	case PL_KIND_STATEMENT:
		return "a bank statement";
	default:
		return "a document without readable facts";
	}
}

static char *
addresses(const pl_message *m)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < m->recipients->len; i++) {
		g_autofree char *a =
		    pl_address_normalise(m->recipients->pdata[i]);
		g_string_append_printf(s, "%s%s",
		    i > 0 ? (i > 9 ? "" : ", ") : "", i > 9 ? "" : a);
	}
	return g_string_free(s, FALSE);
}

/* A journal would take the statement, were it of another account. */
static gboolean
only_account(struct index *x, const pl_message *m, const pl_document *d)
{
	for (guint i = 0; i < m->recipients->len; i++) {
		const GPtrArray *journals =
		    pl_config_match(x->config, m->recipients->pdata[i]);
		for (guint k = 0; journals != NULL && k < journals->len; k++) {
			const struct pl_journal *j = journals->pdata[k];
			if ((j->accept & 1u << d->kind) != 0 &&
			    (j->formats & pl_document_formats(d)) != 0 &&
			    !pl_accepts_account(j, d))
				return TRUE;
		}
	}
	return FALSE;
}

static gboolean
tell_unwanted(
    struct index *x, const pl_message *m, const pl_document *d, GError **error)
{
	const struct pl_file *f = d->files->pdata[0];
	g_autofree char *where = addresses(m);
	g_autofree char *text = NULL;

	if (d->kind == PL_KIND_STATEMENT && only_account(x, m, d)) {
		text = g_strdup_printf(d->account != NULL
			    ? "no journal at %s takes statements of account %s"
			    : "several journals at %s take statements, and "
			      "this one names no account%s",
		    where, d->account != NULL ? d->account : "");
		return tell(x, m, d->id, "PL-203", f->filename, text, error);
	}
	text = g_strdup_printf("no journal at %s takes %s%s%s as %s%s%s%s%s",
	    where, kind_words(d), d->number != NULL ? " " : "",
	    d->number != NULL ? d->number : "", f->format,
	    d->seller_name != NULL ? " from " : "",
	    d->seller_name != NULL ? d->seller_name : "",
	    d->buyer_name != NULL ? " to " : "",
	    d->buyer_name != NULL ? d->buyer_name : "");
	return tell(x, m, d->id, "PL-106", f->filename, text, error);
}

static gboolean
is_picture(const pl_document *d)
{
	return pl_document_formats(d) == PL_FILES_IMAGE;
}

/* ---- writing ---------------------------------------------------------------------------- */

static gboolean
write_documents(struct index *x, const struct looked *looked, unsigned *entries,
    GError **error)
{
	const struct pl_entering entering = { x->ledger, x->config,
		looked->message, x->numbers, x->done };
	const GPtrArray *documents = looked->findings->documents;

	*entries = 0;
	for (guint i = 0; i < documents->len; i++) {
		pl_document *d = documents->pdata[i];
		unsigned entered = 0;
		d->message = looked->message->id;
		if (!pl_document_add(x->ledger, d, error) ||
		    !pl_enter_all(&entering, d, &entered, error))
			return FALSE;
		x->done->documents++;
		*entries += entered;
		if (entered == 0 && !is_picture(d) &&
		    !tell_unwanted(x, looked->message, d, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
write_rest(struct index *x, const struct looked *looked, GError **error)
{
	const pl_findings *f = looked->findings;

	for (guint i = 0; i < f->ignored->len; i++)
		if (!pl_document_ignore(x->ledger, looked->message->id,
			f->ignored->pdata[i], error))
			return FALSE;
	for (guint i = 0; i < f->problems->len; i++) {
		const struct pl_found_problem *p = f->problems->pdata[i];
		if (!tell(x, looked->message, 0, p->code, p->filename, p->text,
			error))
			return FALSE;
	}
	return TRUE;
}

/* Nothing is silent: pictures that no journal takes are told here. */
static gboolean
write_nothing(struct index *x, const struct looked *looked, unsigned entries,
    unsigned problems, GError **error)
{
	if (entries > 0 || x->done->problems > problems)
		return TRUE;
	return tell(x, looked->message, 0, "PL-101", NULL,
	    looked->findings->documents->len > 0
		? "only pictures are attached, and no journal of the address "
		  "takes these"
		: "nothing is attached",
	    error);
}

static char *
iso_date(const struct index *x, gint64 time)
{
	g_autoptr(GDateTime) utc =
	    g_date_time_new_from_unix_utc(time / G_USEC_PER_SEC);
	if (utc == NULL)
		return NULL;
	g_autoptr(GDateTime) local = g_date_time_to_timezone(
	    utc, pl_config_gateway(x->config)->timezone);
	return local != NULL ? g_date_time_format(local, "%Y-%m-%d") : NULL;
}

static gboolean
mark_indexed(struct index *x, struct looked *looked, GError **error)
{
	pl_message *m = looked->message;
	const pl_findings *f = looked->findings;

	g_free(m->subject);
	g_free(m->from);
	g_free(m->date);
	m->subject = g_strdup(f->subject);
	m->from = g_strdup(f->from);
	m->date = f->date != 0 ? iso_date(x, f->date) : NULL;
	if (m->date == NULL)
		m->date = iso_date(x, m->arrived);
	m->same_as = 0;
	for (guint i = 0; i < m->recipients->len && m->same_as == 0; i++) {
		g_autofree char *address =
		    pl_address_normalise(m->recipients->pdata[i]);
		m->same_as = pl_message_same(x->ledger, m, address);
	}
	return pl_message_indexed(x->ledger, m, error);
}

/* Its bytes may come back; that they are missing is told once. */
static gboolean
write_missing(struct index *x, struct looked *looked, GError **error)
{
	const struct pl_found_problem *p = looked->findings->problems->pdata[0];
	g_autoptr(GPtrArray) told =
	    pl_problem_of(x->ledger, looked->message->id, error);

	if (told == NULL)
		return FALSE;
	g_hash_table_add(x->missing,
	    g_memdup2(&looked->message->id, sizeof looked->message->id));
	for (guint i = 0; i < told->len; i++) {
		const struct pl_problem *old = told->pdata[i];
		if (g_strcmp0(old->code, p->code) == 0)
			return TRUE;
	}
	return tell(x, looked->message, 0, p->code, NULL, p->text, error);
}

static gboolean
write_message(struct index *x, struct looked *looked, GError **error)
{
	const unsigned problems = x->done->problems;
	unsigned entries;

	if (looked->missing)
		return write_missing(x, looked, error);
	x->done->messages++;
	return mark_indexed(x, looked, error) &&
	       write_documents(x, looked, &entries, error) &&
	       write_rest(x, looked, error) &&
	       write_nothing(x, looked, entries, problems, error);
}

/* What is to be written of it, about. */
static guint
rows_of(const struct looked *looked)
{
	const pl_findings *f = looked->findings;

	return 2 + 3 * f->documents->len + f->ignored->len + f->problems->len;
}

/* The messages from *AT on, as many as fit into one transaction. */
static gboolean
write_some(struct index *x, GArray *page, guint *at, GError **error)
{
	gboolean done = TRUE;
	guint rows = 0;

	if (!pl_ledger_begin(x->ledger, error))
		return FALSE;
	while (done && *at < page->len && rows < ROWS_MOST) {
		struct looked *looked =
		    &g_array_index(page, struct looked, (*at)++);

		rows += rows_of(looked);
		done = write_message(x, looked, error);
		if (done)
			pl_document_arrived(x->ledger, FALSE);
	}
	return pl_ledger_end(x->ledger, done, error);
}

static gboolean
write_page(struct index *x, GArray *page, GError **error)
{
	guint at = 0;

	while (at < page->len)
		if (!write_some(x, page, &at, error))
			return FALSE;
	return TRUE;
}

/* ---- pages -------------------------------------------------------------------------------- */

/* Messages on their way: the first SEEN of LOOKED were answered, the parser has
 * the others. */
struct page {
	GArray *ids;    /* gint64: what is to be looked at */
	GArray *looked; /* struct looked */
	guint next, seen;
};

static void
page_clear(struct page *p)
{
	g_clear_pointer(&p->ids, g_array_unref);
	g_clear_pointer(&p->looked, g_array_unref);
	p->next = p->seen = 0;
}

static gboolean
is_of(const struct page *p, gint64 id)
{
	for (guint i = 0; p->looked != NULL && i < p->looked->len; i++)
		if (g_array_index(p->looked, struct looked, i).message->id ==
		    id)
			return TRUE;
	return FALSE;
}

/* There is a whole page of it: a second child reads every other message. */
static void
take_other(struct index *x)
{
	if (x->other == NULL && !x->reader->in_process &&
	    g_get_num_processors() > 1)
		x->other = pl_reader_new(&x->reader->limits);
}

/* What comes behind BEFORE, without those that cannot be read. */
static gboolean
choose(struct index *x, const struct page *before, struct page *p,
    GError **error)
{
	const guint skipped = g_hash_table_size(x->missing) +
			      (before->looked != NULL ? before->looked->len
						      : 0);
	g_autoptr(GArray) ids =
	    pl_message_unindexed(x->ledger, PAGE + skipped, error);

	if (ids == NULL)
		return FALSE;
	p->ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	p->looked = g_array_new(FALSE, TRUE, sizeof(struct looked));
	g_array_set_clear_func(p->looked, looked_clear);
	for (guint i = 0; i < ids->len && p->ids->len < PAGE; i++) {
		const gint64 id = g_array_index(ids, gint64, i);

		if (!g_hash_table_contains(x->missing, &id) &&
		    !is_of(before, id))
			g_array_append_val(p->ids, id);
	}
	if (p->ids->len == PAGE)
		take_other(x);
	return TRUE;
}

/* Gives the parsers as many as they take at a time. */
static gboolean
look_on(struct index *x, struct page *p, GError **error)
{
	const guint most = x->other != NULL ? 2 * PL_SLOTS : PL_SLOTS;

	while (p->next < p->ids->len && p->looked->len - p->seen < most) {
		const gint64 id = g_array_index(p->ids, gint64, p->next++);

		g_array_set_size(p->looked, p->looked->len + 1);
		if (!look(x, id,
			&g_array_index(
			    p->looked, struct looked, p->looked->len - 1),
			error)) {
			g_array_set_size(p->looked, p->looked->len - 1);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
see_all(struct index *x, struct page *p, GError **error)
{
	while (p->seen < p->looked->len)
		if (!see(x,
			&g_array_index(p->looked, struct looked, p->seen++),
			error) ||
		    !look_on(x, p, error))
			return FALSE;
	pl_document_arrived(x->ledger, FALSE);
	return TRUE;
}

/* The parser begins with the next page while this one is written. *WROTE: there
 * was something on it. */
static gboolean
turn_page(struct index *x, struct page *now, gboolean *wrote, GError **error)
{
	struct page next = { 0 };
	gboolean good = choose(x, now, &next, error) &&
			look_on(x, &next, error) &&
			(now->looked == NULL ||
			    write_page(x, now->looked, error)) &&
			see_all(x, &next, error);

	*wrote = now->looked != NULL;
	page_clear(now);
	if (good) {
		*now = next;
		return TRUE;
	}
	pl_reader_abandon(x->reader);
	if (x->other != NULL)
		pl_reader_abandon(x->other);
	page_clear(&next);
	return FALSE;
}

static gboolean
read_all(struct index *x, pl_index_progress progress, void *user,
    GError **error)
{
	struct page page = { 0 };
	gboolean wrote;

	do {
		if (!turn_page(x, &page, &wrote, error))
			return FALSE;
		if (wrote && progress != NULL)
			progress(x->done, user);
	} while (page.looked->len > 0 &&
		 g_hash_table_size(x->missing) < UNREAD_MOST);
	page_clear(&page);
	return TRUE;
}

gboolean
pl_intake_index(pl_ledger *l, const pl_config *config, pl_reader *reader,
    struct pl_indexed *done, pl_index_progress progress, void *user,
    GError **error)
{
	g_autoptr(GHashTable) missing =
	    g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	g_autoptr(pl_numbers) numbers = pl_numbers_new();
	struct pl_indexed own = { 0 };
	struct index x = { .ledger = l,
		.config = config,
		.reader = reader,
		.done = done != NULL ? done : &own,
		.numbers = numbers,
		.missing = missing };
	const gboolean good = read_all(&x, progress, user, error);

	pl_reader_free(x.other);
	if (!good)
		return FALSE;
	pl_document_arrived(l, TRUE);
	return pl_take_up(l, config, x.done, error);
}
