/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * found - what the parser found in a message, into the ledger
 *
 * Documents and their entries, what was ignored, and a problem for whatever no
 * journal takes: nothing that came in stays without a word. Part of the
 * caller's transaction.
 */
#include "index.h"

#include <string.h>

/* ---- problems ---------------------------------------------------------- */

static gboolean
add_problem(const struct pl_entering *e, gint64 document, const char *journal,
    const char *code, const char *filename, const char *text, GError **error)
{
	struct pl_problem *p = pl_problem_new();

	p->message = e->message->id;
	p->document = document;
	p->journal = g_strdup(journal);
	p->code = g_strdup(code);
	p->filename = g_strdup(filename);
	p->text = g_strdup(text);
	gboolean good = pl_problem_add(e->ledger, p, error);
	pl_problem_free(p);
	e->done->problems++;
	return good;
}

/* Told once to everybody who gets a report of a journal of the message. */
static gboolean
tell(const struct pl_entering *e, gint64 document, const char *code,
    const char *filename, const char *text, GError **error)
{
	g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < e->message->recipients->len; i++) {
		const GPtrArray *journals = pl_config_match(
		    e->config, e->message->recipients->pdata[i]);
		for (guint k = 0; journals != NULL && k < journals->len; k++) {
			const struct pl_journal *j = journals->pdata[k];
			if (!g_hash_table_add(
				told, (void *)(guintptr)j->report_to))
				continue;
			if (!add_problem(e, document, j->name, code, filename,
				text, error))
				return FALSE;
		}
	}
	return g_hash_table_size(told) > 0 ||
	       add_problem(e, document, NULL, code, filename, text, error);
}

/* ---- documents without a journal --------------------------------------- */

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
only_account(const struct pl_entering *e, const pl_document *d)
{
	for (guint i = 0; i < e->message->recipients->len; i++) {
		const GPtrArray *journals = pl_config_match(
		    e->config, e->message->recipients->pdata[i]);
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
tell_unwanted(const struct pl_entering *e, const pl_document *d, GError **error)
{
	const struct pl_file *f = d->files->pdata[0];
	g_autofree char *where = addresses(e->message);
	g_autofree char *text = NULL;

	if (d->kind == PL_KIND_STATEMENT && only_account(e, d)) {
		text = g_strdup_printf(
		    d->account != NULL
			? "no journal at %s takes statements of account %s"
			: "several journals at %s take statements, and "
			  "this one names no account%s",
		    where, d->account != NULL ? d->account : "");
		return tell(e, d->id, "PL-203", f->filename, text, error);
	}
	text = g_strdup_printf("no journal at %s takes %s%s%s as %s%s%s%s%s",
	    where, kind_words(d), d->number != NULL ? " " : "",
	    d->number != NULL ? d->number : "", f->format,
	    d->seller_name != NULL ? " from " : "",
	    d->seller_name != NULL ? d->seller_name : "",
	    d->buyer_name != NULL ? " to " : "",
	    d->buyer_name != NULL ? d->buyer_name : "");
	return tell(e, d->id, "PL-106", f->filename, text, error);
}

static gboolean
is_picture(const pl_document *d)
{
	return pl_document_formats(d) == PL_FILES_IMAGE;
}

/* ---- writing ----------------------------------------------------------- */

static gboolean
write_documents(const struct pl_entering *e, const pl_findings *f,
    unsigned *entries, GError **error)
{
	const GPtrArray *documents = f->documents;

	*entries = 0;
	for (guint i = 0; i < documents->len; i++) {
		pl_document *d = documents->pdata[i];
		unsigned entered = 0;
		d->message = e->message->id;
		if (!pl_document_add(e->ledger, d, error) ||
		    !pl_enter_all(e, d, &entered, error))
			return FALSE;
		e->done->documents++;
		*entries += entered;
		if (entered == 0 && !is_picture(d) &&
		    !tell_unwanted(e, d, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
write_rest(const struct pl_entering *e, const pl_findings *f, GError **error)
{
	for (guint i = 0; i < f->ignored->len; i++)
		if (!pl_document_ignore(
			e->ledger, e->message->id, f->ignored->pdata[i], error))
			return FALSE;
	for (guint i = 0; i < f->problems->len; i++) {
		const struct pl_found_problem *p = f->problems->pdata[i];
		if (!tell(e, 0, p->code, p->filename, p->text, error))
			return FALSE;
	}
	return TRUE;
}

/* Nothing is silent: pictures that no journal takes are told here. */
static gboolean
write_nothing(const struct pl_entering *e, const pl_findings *f,
    unsigned entries, unsigned problems, GError **error)
{
	if (entries > 0 || e->done->problems > problems)
		return TRUE;
	return tell(e, 0, "PL-101", NULL,
	    f->documents->len > 0
		? "only pictures are attached, and no journal of the address "
		  "takes these"
		: "nothing is attached",
	    error);
}

static char *
iso_date(const struct pl_entering *e, gint64 time)
{
	g_autoptr(GDateTime) utc =
	    g_date_time_new_from_unix_utc(time / G_USEC_PER_SEC);
	if (utc == NULL)
		return NULL;
	g_autoptr(GDateTime) local = g_date_time_to_timezone(
	    utc, pl_config_gateway(e->config)->timezone);
	return local != NULL ? g_date_time_format(local, "%Y-%m-%d") : NULL;
}

static gboolean
mark_indexed(const struct pl_entering *e, pl_message *m, const pl_findings *f,
    GError **error)
{
	g_free(m->subject);
	g_free(m->from);
	g_free(m->date);
	m->subject = g_strdup(f->subject);
	m->from = g_strdup(f->from);
	m->date = f->date != 0 ? iso_date(e, f->date) : NULL;
	if (m->date == NULL)
		m->date = iso_date(e, m->arrived);
	m->same_as = 0;
	for (guint i = 0; i < m->recipients->len && m->same_as == 0; i++) {
		g_autofree char *address =
		    pl_address_normalise(m->recipients->pdata[i]);
		m->same_as = pl_message_same(e->ledger, m, address);
	}
	return pl_message_indexed(e->ledger, m, error);
}

gboolean
pl_found_write(const struct pl_entering *e, pl_message *m, const pl_findings *f,
    GError **error)
{
	const unsigned problems = e->done->problems;
	unsigned entries;

	e->done->messages++;
	return mark_indexed(e, m, f, error) &&
	       write_documents(e, f, &entries, error) &&
	       write_rest(e, f, error) &&
	       write_nothing(e, f, entries, problems, error);
}

gboolean
pl_found_missing(
    const struct pl_entering *e, const pl_findings *f, GError **error)
{
	const struct pl_found_problem *p = f->problems->pdata[0];
	g_autoptr(GPtrArray) told =
	    pl_problem_of(e->ledger, e->message->id, error);

	if (told == NULL)
		return FALSE;
	for (guint i = 0; i < told->len; i++) {
		const struct pl_problem *old = told->pdata[i];
		if (g_strcmp0(old->code, p->code) == 0)
			return TRUE;
	}
	return tell(e, 0, p->code, NULL, p->text, error);
}
