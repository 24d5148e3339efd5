/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * csv - the report for spreadsheets and programs: a line for everything
 *
 * RFC 4180: commas, CRLF, quotes doubled, a header row. UTF-8 with a byte-order
 * mark, since Excel takes a file without one for the local code page and spoils
 * every accent; programs read it as "utf-8-sig". Names of columns are stable;
 * new ones come at the end. Cells are foreign text and can be no formula; the
 * numbers that are ours or checked to be plain decimals stay numbers.
 */
#include <string.h>

#include "clean.h"
#include "view.h"
#include "words.h"

#define BOM "\xef\xbb\xbf"
#define END "\r\n"
#define PIECE 65536 /* bytes, about, that are handed over at a time */

static const char header[] =
    "run,record,state,journal,code,reason,until,file,kind,number,"
    "document_date,seller_id,seller,buyer_id,total,currency,received,"
    "message_date,sender,from,subject,message_id,entry,document,message,"
    "original,original_received,batch,sent,queue_id,reply,text" END;

/* A line of it: every column by name; NULL and 0 are empty. */
struct line {
	const char *record, *state, *journal, *code, *reason;
	gint64 until;
	const char *file;
	const pl_entry *entry; /* fills what is not set */
	const char *msg_date, *sender, *from, *subject, *message_id;
	gint64 entry_id, message;
	const pl_entry *original;
	const pl_batch *batch;
	gint64 batch_id;
	const char *text;
};

struct writing {
	const pl_view *view;
	GString *out; /* lines that the sink does not have yet */
	pl_report_sink sink;
	void *user;
};

static void
cell(GString *out, const char *text)
{
	if (text && *text)
		pl_text_cell(out, text);
	g_string_append_c(out, ',');
}

static void
number(GString *out, gint64 n)
{
	if (n)
		g_string_append_printf(out, "%" G_GINT64_FORMAT, n);
	g_string_append_c(out, ',');
}

static void
when(GString *out, const pl_view *view, gint64 time)
{
	g_autofree char *text = pl_words_stamp(time, view->zone);

	g_string_append(out, text);
	g_string_append_c(out, ',');
}

/* A plain decimal stays a number, also a negative one. */
static void
amount(GString *out, const char *text)
{
	const char *p = text ? text : "";

	if (*p == '-' && g_ascii_isdigit(p[1]))
		p++;
	if (*p && strlen(p) < 40 && p[strspn(p, "0123456789.")] == '\0' &&
	    g_ascii_isdigit(*p)) {
		g_string_append(out, text);
		g_string_append_c(out, ',');
	} else {
		cell(out, text);
	}
}

static const char *
either(const char *first, const char *second)
{
	return first && *first ? first : second;
}

static void
document(
    GString *out, const pl_view *view, const struct line *l, const pl_entry *e)
{
	cell(out, either(l->file, e->filename));
	cell(out, l->entry ? pl_kind_name((enum pl_kind)e->kind) : NULL);
	cell(out, either(e->number, e->sequence));
	cell(out, e->doc_date);
	cell(out, e->seller_id);
	cell(out, either(e->seller_name, e->account));
	cell(out, e->buyer_id);
	amount(out, e->total);
	cell(out, e->currency);
	when(out, view, e->arrived);
	cell(out, either(l->msg_date, e->msg_date));
	cell(out, either(l->sender, e->sender));
	cell(out, either(l->from, e->from));
	cell(out, either(l->subject, e->subject));
	cell(out, either(l->message_id, e->message_id));
	number(out, l->entry ? e->id : l->entry_id);
	number(out, e->document);
	number(out, l->message ? l->message : e->message);
	number(out, e->original);
	when(out, view, l->original ? l->original->arrived : 0);
}

/* "212.1": a number to a spreadsheet, so 212.10 would lose its zero; the
 * attempt is left to the ledger. */
static void
batch(
    GString *out, const pl_view *view, const struct line *l, const pl_entry *e)
{
	const pl_batch *b = l->batch;

	number(out, b ? b->id : l->batch_id ? l->batch_id : e->batch);
	when(out, view,
	    b && b->state == PL_BATCH_SENT && !e->sent ? b->finished : e->sent);
	cell(out, b ? either(b->mta_id, b->queue_id) : NULL);
	cell(out, b ? b->reply : NULL);
}

/* To the sink, unless that or the source has failed. */
static void
hand_over(struct writing *w)
{
	if (*w->view->error == NULL)
		w->sink(w->out->str, w->user, w->view->error);
	g_string_truncate(w->out, 0);
}

static void
write_line(struct writing *w, const struct line *l)
{
	static const pl_entry none = { 0 };
	const pl_view *view = w->view;
	GString *out = w->out;
	const pl_entry *e = l->entry ? l->entry : &none;

	number(out, view->facts->run ? view->facts->run->id : 0);
	cell(out, l->record);
	cell(out, l->state);
	cell(out, l->journal);
	cell(out, either(l->code, e->code));
	cell(out, l->reason);
	when(out, view, l->until);
	document(out, view, l, e);
	batch(out, view, l, e);
	cell(out, l->text ? l->text : e->note);
	g_string_truncate(out, out->len - 1);
	g_string_append(out, END);
	if (out->len >= PIECE)
		hand_over(w);
}

static void
problems(struct writing *w)
{
	for (unsigned i = 0; i < w->view->problems->len; i++) {
		const struct pl_view_problem *p = &g_array_index(
		    w->view->problems, struct pl_view_problem, i);
		const struct line line = {
			.record = "problem",
			.state = "problem",
			.journal = p->journal,
			.code = p->code,
			.file = p->filename,
			.entry = p->document,
			.msg_date = p->msg_date,
			.sender = p->sender,
			.from = p->from,
			.subject = p->subject,
			.message_id = p->message_id,
			.entry_id = p->entry,
			.message = p->message,
			.batch_id = p->batch,
			.text = p->text ? p->text : "",
		};

		write_line(w, &line);
	}
}

static void
batch_lines(struct writing *w, const struct pl_view_journal *j,
    const struct pl_report_sent *sent)
{
	g_auto(pl_view_content) in = { 0 };

	pl_view_open(w->view, sent, &in);
	for (unsigned i = 0; i < pl_view_length(in.entries); i++) {
		const pl_entry *e = in.entries->pdata[i];
		g_autofree char *paths = pl_words_written(in.written, e);
		const struct line line = {
			.record = "document",
			.state = pl_pile_name(PL_PILE_SENT),
			.journal = j->rules->name,
			.entry = e,
			.batch = sent->batch,
			.text = *paths ? paths : NULL,
		};

		write_line(w, &line);
	}
}

static void
pile_line(struct writing *w, const struct pl_view_journal *j,
    enum pl_pile which, const struct pl_view_line *v)
{
	const struct line line = {
		.record = "document",
		.state = pl_pile_name(which),
		.journal = j->rules->name,
		.reason = v->reason,
		.until = v->until,
		.text = v->behind,
		.entry = v->entry,
		.original = pl_view_entry(w->view, v->entry->original),
	};

	write_line(w, &line);
}

static void
pile_lines(
    struct writing *w, const struct pl_view_journal *j, enum pl_pile which)
{
	const GArray *lines = j->piles[which];

	for (unsigned i = 0; i < lines->len; i++) {
		const struct pl_view_line *line =
		    &g_array_index(lines, struct pl_view_line, i);

		if (!line->sourced)
			pile_line(w, j, which, line);
	}
}

/* Those that only the source has. */
struct sourcing {
	struct writing *w;
	const struct pl_view_journal *j;
};

static gboolean
sourced_line(const struct pl_report_waiting *waiting, void *user)
{
	const struct sourcing *s = user;
	const struct pl_view_line line = pl_view_line_of(waiting);

	if (pl_view_is_sourced(s->w->view, waiting->entry->id))
		pile_line(s->w, s->j,
		    waiting->entry->state == PL_HELD ? PL_PILE_HELD
						     : PL_PILE_WAITING,
		    &line);
	return *s->w->view->error == NULL;
}

static void
journal_lines(struct writing *w, const struct pl_view_journal *j)
{
	struct sourcing sourcing = { w, j };

	for (unsigned i = 0; i < j->batches->len; i++)
		batch_lines(w, j, j->batches->pdata[i]);
	pl_view_each(w->view, j->facts, sourced_line, &sourcing);
	for (unsigned p = PL_PILE_WAITING; p < PL_PILES; p++)
		pile_lines(w, j, p);
}

static void
notes(struct writing *w)
{
	const GPtrArray *all = w->view->facts->notes;

	for (unsigned i = 0; i < pl_view_length(all); i++) {
		const struct line line = {
			.record = "note",
			.state = "note",
			.text = all->pdata[i],
		};

		write_line(w, &line);
	}
}

gboolean
pl_report_write_csv(const struct pl_report_facts *facts, pl_report_sink sink,
    void *user, GError **error)
{
	GError *failed = NULL;
	g_autoptr(pl_view) view = pl_view_new(facts, &failed);
	GString *out = g_string_new(BOM);
	struct writing w = { view, out, sink, user };

	g_string_append(out, header);
	problems(&w);
	notes(&w);
	for (unsigned i = 0; i < view->journals->len; i++)
		journal_lines(&w, view->journals->pdata[i]);
	hand_over(&w);
	g_string_free(out, TRUE);
	if (failed == NULL)
		return TRUE;
	g_propagate_error(error, failed);
	return FALSE;
}
