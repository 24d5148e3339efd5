/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show_page - the parts of `show` for people
 */
#include "show.h"

#include <string.h>

#include "overview.h"
#include "postledger/report.h"

static void
party(const char *label, const char *name, const char *id)
{
	g_autofree char *both = name != NULL && id != NULL
				    ? g_strdup_printf("%s (%s)", name, id)
				    : NULL;
	pl_out_field(label, both != NULL ? both : name != NULL ? name : id);
}

static void
amount(const char *label, const char *number, const char *currency)
{
	if (number == NULL)
		return;
	g_autofree char *text = g_strjoin(" ", number, currency, NULL);
	pl_out_field(label, text);
}

static void
invoice(const pl_document *d)
{
	pl_out_field("number", d->number);
	pl_out_field("date", d->date);
	party("seller", d->seller_name, d->seller_id);
	party("buyer", d->buyer_name, d->buyer_id);
	amount("total", d->total, d->currency);
}

void
pl_show_document(const struct pl_page *page, const pl_document *d)
{
	if (d->id != 0)
		pl_out("\nDocument %" G_GINT64_FORMAT ": %s\n", d->id,
		    pl_kind_name(d->kind));
	else if (page->of > 1)
		pl_out("\nDocument %u of %u: %s\n", page->nth, page->of,
		    pl_kind_name(d->kind));
	else
		pl_out("\nDocument: %s\n", pl_kind_name(d->kind));
	if (d->kind == PL_KIND_STATEMENT)
		pl_show_statement(page, d);
	else
		invoice(d);
	pl_out_field("reference", d->payment_reference);
	pl_show_files(NULL, d->files);
	pl_show_lines(d);
}

/* What a format is, for who does not know its name. */
static const char *
words_of(const char *format)
{
	static const char *const words[][2] = {
		{ "factur-x", "factur-x, a PDF with the invoice in it" },
		{ "ubl", "ubl, an invoice as XML" },
		{ "cii", "cii, an invoice as XML" },
		{ "coda", "coda, a bank's file" },
		{ "camt.053", "camt.053, a bank's file" },
		{ "mt940", "mt940, a bank's file" },
		{ "ofx", "ofx, a bank's file" },
		{ "qif", "qif, a bank's file" },
	};
	for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_strcmp0(format, words[i][0]) == 0)
			return words[i][1];
	return format;
}

static void
show_file(const struct pl_file *f)
{
	g_autofree char *size = pl_out_size(f->size);
	g_autofree char *text = g_strdup_printf("%s, %s, %s",
	    f->filename != NULL ? f->filename : "(no name)",
	    f->format != NULL       ? words_of(f->format)
	    : f->media_type != NULL ? f->media_type
				    : "?",
	    size);
	pl_out_field("file", text);
	pl_out_field("", f->reason);
}

void
pl_show_files(const char *title, const GPtrArray *files)
{
	if (title != NULL && files != NULL && files->len > 0)
		pl_out("\n%s\n", title);
	for (unsigned i = 0; files != NULL && i < files->len; i++) {
		const struct pl_file *f = g_ptr_array_index(files, i);
		show_file(f);
		/* nobody compares what is ignored */
		if (f->reason == NULL)
			pl_out_field("sha256", f->sha256);
	}
}

static char *
client_of(const pl_message *m)
{
	g_autoptr(GString) text = g_string_new(m->client_name);
	if (m->client_addr != NULL)
		g_string_append_printf(text, "[%s]", m->client_addr);
	if (m->auth_user != NULL)
		g_string_append_printf(text, " as %s", m->auth_user);
	if (m->tls != NULL)
		g_string_append_printf(text, " with %s", m->tls);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* NULL: its bytes are kept. */
static char *
pruned_words(const pl_message *m, GTimeZone *zone)
{
	g_autofree char *at =
	    m->pruned != 0 ? pl_out_time_exact(m->pruned, zone) : NULL;
	return at == NULL ? NULL
			  : g_strdup_printf("on %s, after the retention: the "
					    "facts stay, the bytes are gone",
				at);
}

void
pl_show_message(const struct pl_page *page, const pl_message *m)
{
	g_autofree char *arrived = pl_out_time_exact(m->arrived, page->zone);
	g_autofree char *client = client_of(m);
	g_autofree char *size = pl_out_size(m->bytes.size);
	g_autofree char *pruned = pruned_words(m, page->zone);
	pl_out("%sMessage %" G_GINT64_FORMAT "%s\n", page->full ? "" : "\n",
	    m->id, m->indexed ? "" : " (not read yet: the next run does)");
	pl_out_field("arrived", arrived);
	pl_out_field("from", m->from);
	pl_out_field("sender", m->sender);
	for (unsigned i = 0; m->recipients && i < m->recipients->len; i++)
		pl_out_field("to", g_ptr_array_index(m->recipients, i));
	pl_out_field("subject", m->subject);
	pl_out_field("date", m->date);
	pl_out_field("message-id", m->message_id);
	pl_out_field("queue id", m->queue_id);
	pl_out_field("client", client);
	pl_out_field("size", size);
	pl_out_field("dropped", pruned);
	if (g_strcmp0(m->origin, "milter") != 0)
		pl_out_field("origin", m->origin);
	if (m->same_as != 0) {
		g_autofree char *same =
		    g_strdup_printf("message:%" G_GINT64_FORMAT, m->same_as);
		pl_out_field("copy of", same);
	}
}

/* The files of one that went, or is on its way, into folders. */
static void
show_written(const struct pl_page *page, const pl_batch *b)
{
	g_autoptr(GPtrArray) files = pl_show_written(page, b);
	for (unsigned i = 0; files != NULL && i < files->len; i++) {
		const struct pl_written *w = g_ptr_array_index(files, i);
		pl_out_field(
		    b->state == PL_BATCH_SENT ? "written" : "writing", w->path);
	}
}

void
pl_show_batch(const struct pl_page *page, const pl_batch *b)
{
	g_autofree char *created = pl_out_time_exact(b->created, page->zone);
	g_autofree char *done = pl_out_time_exact(b->finished, page->zone);
	g_autofree char *size = b->size == 0 ? NULL : pl_out_size(b->size);
	pl_out("%sBatch %" G_GINT64_FORMAT ".%u: %s\n", page->full ? "" : "\n",
	    b->id, b->attempt, pl_batch_state_name(b->state));
	pl_out_field("journal", b->journal);
	pl_out_field("deliver to", b->deliver_to);
	pl_out_field("message-id", b->message_id);
	pl_out_field("zip", b->zip_name);
	pl_out_field("size", size);
	show_written(page, b);
	pl_out_field("planned", created);
	pl_out_field("finished", done);
	pl_out_field("reply", b->reply);
	pl_out_field("queue id", b->mta_id != NULL ? b->mta_id : b->queue_id);
	if (b->maybe_twice)
		pl_out_field("PL-303", "possibly sent twice");
}

void
pl_show_code(const char *name)
{
	const struct pl_code *code = name != NULL ? pl_code_find(name) : NULL;
	if (code == NULL)
		return;
	pl_out_field(name, code->title);
	pl_out_wrapped(15, code->todo);
}

void
pl_show_problem(
    const char *name, const char *filename, const char *text, gboolean todo)
{
	const struct pl_code *code = pl_code_find(name);
	if (text == NULL)
		text = code != NULL ? code->title : "";
	g_autofree char *line = filename != NULL && strstr(text, filename) == NULL
				    ? g_strdup_printf("%s: %s", filename, text)
				    : g_strdup(text);
	pl_out_field(name, line);
	if (code != NULL && todo)
		pl_out_wrapped(15, code->todo);
}

void
pl_show_problems(const GPtrArray *problems)
{
	if (problems->len > 0)
		pl_out("\nProblems\n");
	for (unsigned i = 0; i < problems->len; i++) {
		const struct pl_problem *p = g_ptr_array_index(problems, i);
		const struct pl_problem *next =
		    i + 1 < problems->len ? g_ptr_array_index(problems, i + 1)
					  : NULL;
		pl_show_problem(p->code, p->filename, p->text,
		    next == NULL || g_strcmp0(next->code, p->code) != 0);
	}
}

void
pl_show_entries(
    const struct pl_page *page, const char *title, const GPtrArray *entries)
{
	if (entries->len > 0)
		pl_out("\n%s\n", title);
	for (unsigned i = 0; i < entries->len; i++) {
		const pl_entry *e = g_ptr_array_index(entries, i);
		g_autofree char *why = pl_overview_why(e, NULL, page->zone);
		g_autofree char *id =
		    g_strdup_printf("%" G_GINT64_FORMAT, e->id);
		g_autofree char *text = g_strdup_printf("%s %s %s  %s",
		    e->journal, pl_state_name(e->state), why,
		    e->filename != NULL ? e->filename : "");
		pl_out_field(id, text);
	}
}

/* Who, why, and what there is to know; the whole of it is in --json. */
static void
show_event(const struct pl_event *e, const char *at)
{
	g_autoptr(GString) text = g_string_new(NULL);
	unsigned width = pl_out_width();
	g_string_append_printf(
	    text, "  %s  %-12s %s", at, e->what, e->who != NULL ? e->who : "");
	if (e->reason != NULL && *e->reason != '\0')
		g_string_append_printf(text, ": %s", e->reason);
	if (e->detail != NULL && *e->detail != '\0')
		g_string_append_printf(text, " (%s)", e->detail);
	g_autofree char *clean = pl_text_clean(text->str, 1000);
	g_autofree char *cut = pl_out_cut(clean, width > 0 ? width : 1000);
	pl_out("%s\n", cut);
}

void
pl_show_events(const struct pl_page *page, const GPtrArray *events)
{
	pl_out("\nHistory\n");
	for (unsigned i = 0; i < events->len; i++) {
		const struct pl_event *e = g_ptr_array_index(events, i);
		g_autofree char *at = pl_out_time_exact(e->at, page->zone);
		show_event(e, at);
	}
}
