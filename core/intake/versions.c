/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * versions - the same again, three times over: message, file, invoice
 *
 * Pure: decides on a new document beside what its journal has already.
 *
 * - A copy of a message, or a file that is there already, is a duplicate. What
 *   goes with an XML (terms of sale) says nothing: the XML does. But what
 *   waits as XML alone gives way to the same with its PDF.
 * - An invoice whose PDF came before by itself takes its place while it waits,
 *   and is held for a person when it was sent.
 * - An invoice that still waits is superseded by a newer one from the same
 *   sender by the same way. From anybody else both are held: who forges a
 *   newer invoice must not replace the real one.
 * - An invoice that was sent (or booked by hand) is a duplicate when nothing
 *   that is booked differs, and held for a person otherwise.
 * - A statement is the same in whatever format; one of the same number and day
 *   that says otherwise is held.
 * - Without facts, a number in the file name is only a hint: held, both named.
 * - What would wait and is of two other companies is held for a person, and so
 *   is a statement whose lines do not add up.
 */
#include "index.h"

#include <string.h>

void
pl_verdict_clear(struct pl_verdict *verdict)
{
	g_free(verdict->note);
	g_free(verdict->hold_note);
	memset(verdict, 0, sizeof *verdict);
}

static gboolean
is_open(const pl_entry *e)
{
	return e->state == PL_WAITING || e->state == PL_HELD;
}

static gboolean
is_gone(const pl_entry *e)
{
	return e->state == PL_SENT || e->state == PL_SENDING ||
	       e->state == PL_ARCHIVED;
}

static void
decide(struct pl_verdict *v, enum pl_state state, const char *code,
    gint64 original, char *note)
{
	v->state = state;
	v->code = code;
	v->original = original;
	g_free(v->note);
	v->note = note;
}

/* E is held with the new one. What a person let go is not taken back: whoever
 * forges invoices could hold up real ones for ever. */
static void
hold_too(struct pl_verdict *v, const pl_entry *e, char *note)
{
	if (e->state == PL_WAITING && !e->released) {
		v->hold = e->id;
		v->hold_note = note;
	} else {
		g_free(note);
	}
}

/* ---- the same sender, the same way ------------------------------------- */

static gboolean
same_text(const char *a, const char *b)
{
	return g_ascii_strcasecmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static gboolean
is_set(const char *s)
{
	return s != NULL && s[0] != '\0';
}

static gboolean
same_way(const pl_entry *e, const pl_message *m)
{
	if (!is_set(m->sender) || strcmp(m->sender, "<>") == 0 ||
	    !same_text(e->sender, m->sender))
		return FALSE;
	if (is_set(e->auth_user) || is_set(m->auth_user))
		return g_strcmp0(e->auth_user, m->auth_user) == 0;
	return same_text(e->client_addr, m->client_addr);
}

/* ---- the same file ----------------------------------------------------- */

/* It stands for its files: what is a duplicate or superseded has gone nowhere.
 */
static gboolean
stands(const pl_entry *e)
{
	return is_open(e) || is_gone(e);
}

/* E waits without the PDF that comes with its XML now. */
static gboolean
completes(const struct pl_versions_input *in, const pl_entry *e)
{
	return e->state == PL_WAITING && e->formats == PL_FILES_XML &&
	       (pl_document_formats(in->document) & PL_FILES_PDF) != 0 &&
	       e->message != in->message->id &&
	       e->arrived <= in->message->arrived && same_way(e, in->message);
}

static gboolean
same_file(const struct pl_versions_input *in, struct pl_verdict *v)
{
	const pl_document *d = in->document;

	for (guint i = 0; i < in->same_file->len; i++) {
		const pl_entry *e = in->same_file->pdata[i];
		if (!stands(e) || !pl_versions_file(e, d))
			continue;
		if (completes(in, e)) {
			v->supersede = e->id;
			return TRUE;
		}
		decide(v, PL_DUPLICATE, NULL, e->id,
		    g_strdup("the same file came before"));
		return TRUE;
	}
	return FALSE;
}

/* ---- the same invoice -------------------------------------------------- */

static const char *
value(const char *s)
{
	return s != NULL ? s : "?";
}

static void
beside_sent(
    const struct pl_versions_input *in, const pl_entry *e, struct pl_verdict *v)
{
	const pl_document *d = in->document;

	if (pl_versions_facts(e, d)) {
		decide(v, PL_DUPLICATE, NULL, e->id,
		    g_strdup_printf("the same invoice %s was %s before; "
				    "date and amount are the same",
			d->number,
			e->state == PL_ARCHIVED ? "archived" : "sent"));
		return;
	}
	if (in->journal->send_amended)
		return;
	decide(v, PL_HELD, "PL-110", e->id,
	    g_strdup_printf("number %s was %s before with date %s and total "
			    "%s %s; this one has date %s and total %s %s",
		d->number, e->state == PL_ARCHIVED ? "archived" : "sent",
		value(e->doc_date), value(e->total), value(e->currency),
		value(d->date), value(d->total), value(d->currency)));
}

static void
beside_open(
    const struct pl_versions_input *in, const pl_entry *e, struct pl_verdict *v)
{
	const pl_document *d = in->document;

	if (e->message == in->message->id && pl_versions_facts(e, d)) {
		decide(v, PL_DUPLICATE, NULL, e->id,
		    g_strdup_printf("the message has invoice %s twice; date "
				    "and amount are the same",
			d->number));
	} else if (e->message != in->message->id && same_way(e, in->message) &&
		   (e->state == PL_WAITING ||
		       g_strcmp0(e->code, "PL-107") == 0 ||
		       g_strcmp0(e->code, "PL-110") == 0)) {
		if (e->arrived > in->message->arrived)
			decide(v, PL_SUPERSEDED, NULL, e->id,
			    g_strdup("a newer version came later"));
		else
			v->supersede = e->id;
	} else {
		decide(v, PL_HELD, "PL-111", e->id,
		    g_strdup_printf("number %s came before from %s and had "
				    "not been sent; total %s %s then, %s %s "
				    "now",
			d->number, value(e->sender), value(e->total),
			value(e->currency), value(d->total),
			value(d->currency)));
		hold_too(v, e,
		    g_strdup_printf("number %s came again from %s before this "
				    "one was sent; total %s %s there, %s %s "
				    "here",
			d->number, value(in->message->sender), value(d->total),
			value(d->currency), value(e->total),
			value(e->currency)));
	}
}

static gboolean
same_number(const struct pl_versions_input *in, struct pl_verdict *v)
{
	const pl_entry *same = NULL, *sent = NULL, *open = NULL;

	if (in->document->number == NULL ||
	    (in->document->kind != PL_KIND_INVOICE &&
		in->document->kind != PL_KIND_CREDIT_NOTE))
		return FALSE;
	for (guint i = 0; i < in->same_number->len; i++) {
		const pl_entry *e = in->same_number->pdata[i];
		if (is_gone(e) && pl_versions_facts(e, in->document))
			same = e;
		else if (!pl_versions_invoice(e, in->document))
			continue;
		else if (is_gone(e))
			sent = e;
		else if (is_open(e))
			open = e;
	}
	if (same != NULL)
		sent = same;
	if (sent != NULL)
		beside_sent(in, sent, v);
	if (open != NULL && v->state != PL_DUPLICATE)
		beside_open(in, open, v);
	return sent != NULL || open != NULL;
}

/* ---- the same statement ------------------------------------------------ */

static void
amended_statement(
    const struct pl_versions_input *in, const pl_entry *e, struct pl_verdict *v)
{
	const pl_document *d = in->document;

	if (is_gone(e) && in->journal->send_amended)
		return;
	decide(v, PL_HELD, is_gone(e) ? "PL-110" : "PL-111", e->id,
	    g_strdup_printf("statement %s of %s to %s %s before with balances "
			    "%s and %s; this one has %s and %s",
		value(d->sequence), value(d->account), value(d->to),
		e->state == PL_ARCHIVED ? "was archived"
		: is_gone(e)            ? "was sent"
					: "came",
		value(e->opening), value(e->closing), value(d->opening_balance),
		value(d->closing_balance)));
	hold_too(v, e,
	    g_strdup_printf("statement %s of %s to %s came again with balances "
			    "%s and %s; this one has %s and %s",
		value(d->sequence), value(d->account), value(d->to),
		value(d->opening_balance), value(d->closing_balance),
		value(e->opening), value(e->closing)));
}

static gboolean
same_statement(const struct pl_versions_input *in, struct pl_verdict *v)
{
	const pl_document *d = in->document;
	const pl_entry *amended = NULL;

	for (guint i = 0; i < in->same_number->len; i++) {
		const pl_entry *e = in->same_number->pdata[i];
		if (!stands(e))
			continue;
		if (pl_versions_statement(e, d)) {
			decide(v, PL_DUPLICATE, NULL, e->id,
			    g_strdup_printf("the same statement came before as "
					    "%s: account, day and balances are "
					    "the same",
				value(e->format)));
			return TRUE;
		}
		if (pl_versions_amended(e, d) && amended == NULL)
			amended = e;
	}
	if (amended != NULL)
		amended_statement(in, amended, v);
	return amended != NULL;
}

/* ---- a PDF that came before by itself ---------------------------------- */

/* The entry of the PDF alone; one that is gone before one that waits. */
static const pl_entry *
bare(const struct pl_versions_input *in)
{
	const pl_entry *found = NULL;

	for (guint i = 0; i < in->same_part->len; i++) {
		const pl_entry *e = in->same_part->pdata[i];
		if (stands(e) && pl_versions_bare(e, in->document) &&
		    (found == NULL || !is_gone(found)))
			found = e;
	}
	return found;
}

static gboolean
beside_bare(const struct pl_versions_input *in, struct pl_verdict *v)
{
	const pl_entry *e = bare(in);

	if (e == NULL)
		return FALSE;
	if (e->state == PL_WAITING && same_way(e, in->message)) {
		v->supersede = e->id;
		return TRUE;
	}
	decide(v, PL_HELD, "PL-112", e->id,
	    g_strdup_printf("its PDF came before by itself, as %s, and %s; "
			    "this one has an XML with it",
		value(e->filename),
		e->state == PL_ARCHIVED ? "was archived"
		: is_gone(e)            ? "was sent"
					: "had not been sent"));
	hold_too(v, e,
	    g_strdup_printf("it came again from %s, with an XML, before it "
			    "was sent",
		value(in->message->sender)));
	return TRUE;
}

/* ---- plain PDFs -------------------------------------------------------- */

gboolean
pl_versions_plain(int kind, const char *number, const char *filename)
{
	return kind == PL_KIND_OTHER && number == NULL &&
	       pl_name_ends(filename, ".pdf");
}

static void
same_name(const struct pl_versions_input *in, struct pl_verdict *v)
{
	const pl_document *d = in->document;
	const struct pl_file *file = d->files->pdata[0];

	if (!pl_versions_plain(d->kind, d->number, file->filename))
		return;
	g_autofree char *number = pl_versions_number(file->filename);
	for (guint i = 0; number != NULL && i < in->same_sender->len; i++) {
		const pl_entry *e = in->same_sender->pdata[i];
		if (!pl_versions_plain(e->kind, e->number, e->filename) ||
		    e->message == in->message->id || !is_open(e))
			continue;
		g_autofree char *other = pl_versions_number(e->filename);
		if (g_strcmp0(number, other) != 0)
			continue;
		decide(v, PL_HELD, "PL-112", e->id,
		    g_strdup_printf("%s came before from the same sender and "
				    "had not been sent",
			e->filename));
		hold_too(v, e,
		    g_strdup_printf("%s came after it from the same sender "
				    "before it was sent",
			file->filename));
		return;
	}
}

/* ---- of nobody we know ------------------------------------------------- */

static void
of_strangers(const pl_document *d, struct pl_verdict *v)
{
	decide(v, PL_HELD, "PL-107", 0,
	    g_strdup_printf("neither the seller %s%s%s nor the buyer %s%s%s is "
			    "one of company_ids",
		d->seller_id, d->seller_name != NULL ? " " : "",
		d->seller_name != NULL ? d->seller_name : "", d->buyer_id,
		d->buyer_name != NULL ? " " : "",
		d->buyer_name != NULL ? d->buyer_name : ""));
}

/* By its files, else by what they say, else by their names. */
static void
same_contents(const struct pl_versions_input *in, struct pl_verdict *v)
{
	if (same_file(in, v))
		return;
	if (in->document->kind == PL_KIND_STATEMENT)
		same_statement(in, v);
	else if (!same_number(in, v) && !beside_bare(in, v))
		same_name(in, v);
}

void
pl_versions(const struct pl_versions_input *in, struct pl_verdict *v)
{
	memset(v, 0, sizeof *v);
	v->state = PL_WAITING;
	if (in->same_message != 0)
		decide(v, PL_DUPLICATE, NULL, in->same_message,
		    g_strdup("the same message came before"));
	else
		same_contents(in, v);
	if (in->stranger && v->state == PL_WAITING)
		of_strangers(in->document, v);
	if (in->document->problem != NULL && v->state == PL_WAITING)
		decide(
		    v, PL_HELD, "PL-205", 0, g_strdup(in->document->problem));
}
