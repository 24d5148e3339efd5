/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * versions - the same again, three times over: message, file, invoice
 *
 * Pure: decides on a new document beside what its journal has already.
 *
 * - A copy of a message, or a file that is there already, is a duplicate. What
 *   goes with an XML (terms of sale) says nothing: the XML does.
 * - An invoice whose PDF came before by itself takes its place while it waits,
 *   and is held for a person when it was sent.
 * - An invoice that still waits is superseded by a newer one from the same
 *   sender by the same way. From anybody else both are held: who forges a
 *   newer invoice must not replace the real one.
 * - An invoice that was sent (or booked by hand) is a duplicate when nothing
 *   that is booked differs, and held for a person otherwise.
 * - Without facts, a number in the file name is only a hint: held, both named.
 * - What would wait and is of two other companies is held for a person.
 */
#include "room.h"

#include <string.h>

#define OTHER_YEAR 183 /* days between two invoices of one number */

void
pl_verdict_clear(struct pl_verdict *verdict)
{
	g_free(verdict->note);
	memset(verdict, 0, sizeof *verdict);
}

static gboolean
differ(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) != 0;
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

/* ---- the same sender, the same way ----------------------------------------------- */

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

/* ---- the same file ------------------------------------------------------------------ */

/* It stands for its files: what is a duplicate or superseded has gone nowhere.
 */
static gboolean
stands(const pl_entry *e)
{
	return is_open(e) || is_gone(e);
}

static gboolean
same_file(const struct pl_versions_input *in, struct pl_verdict *v)
{
	const pl_document *d = in->document;

	for (guint i = 0; i < in->same_file->len; i++) {
		const pl_entry *e = in->same_file->pdata[i];
		if (!stands(e) || differ(e->number, d->number) ||
		    e->offset != d->offset || e->length != d->length)
			continue;
		decide(v, PL_DUPLICATE, NULL, e->id,
		    g_strdup("the same file came before"));
		return TRUE;
	}
	return FALSE;
}

/* ---- the same invoice ----------------------------------------------------------------- */

static gint64
days(const char *iso)
{
	int year, month, day;

	if (iso == NULL || sscanf(iso, "%d-%d-%d", &year, &month, &day) != 3 ||
	    !g_date_valid_dmy(
		(GDateDay)day, (GDateMonth)month, (GDateYear)year))
		return 0;
	GDate date;
	g_date_set_dmy(
	    &date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
	return g_date_get_julian(&date);
}

static gboolean
has_country(const char *id)
{
	return g_ascii_isalpha(id[0]) && g_ascii_isalpha(id[1]);
}

/* Both say a country, and not the same one. */
static gboolean
other_country(const char *a, const char *b)
{
	g_autofree char *one = pl_id_normalise(a != NULL ? a : "");
	g_autofree char *two = pl_id_normalise(b != NULL ? b : "");

	return has_country(one) && has_country(two) &&
	       strncmp(one, two, 2) != 0;
}

/* The issuer began to count again, or two issuers have no identifier. */
static gboolean
another_invoice(const pl_entry *e, const pl_document *d)
{
	const gint64 a = days(e->doc_date), b = days(d->date);

	if (a != 0 && b != 0 && ABS(a - b) > OTHER_YEAR)
		return TRUE;
	if (other_country(e->seller_id, d->seller_id))
		return TRUE;
	return d->seller_id == NULL &&
	       (!is_set(e->seller_name) || !is_set(d->seller_name) ||
		   !same_text(e->seller_name, d->seller_name));
}

/* "100.0" and "100.00" are the same. */
static gboolean
same_amount(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	const gsize n = strcspn(a, "."), m = strcspn(b, ".");
	if (n != m || strncmp(a, b, n) != 0)
		return FALSE;
	a += n;
	b += n;
	while (*a != '\0' && *a == *b)
		a++, b++;
	a += *a == '.';
	b += *b == '.';
	return a[strspn(a, "0")] == '\0' && b[strspn(b, "0")] == '\0';
}

/* What is booked is the same. */
static gboolean
same_facts(const pl_entry *e, const pl_document *d)
{
	return same_amount(e->total, d->total) &&
	       g_strcmp0(e->doc_date, d->date) == 0 &&
	       g_strcmp0(e->currency, d->currency) == 0;
}

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

	if (same_facts(e, d)) {
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

	if (e->message == in->message->id && same_facts(e, d)) {
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
		    g_strdup_printf("number %s came before from %s and was "
				    "not sent yet; total %s %s then, %s %s "
				    "now",
			d->number, value(e->sender), value(e->total),
			value(e->currency), value(d->total),
			value(d->currency)));
		v->hold = e->state == PL_WAITING ? e->id : 0;
	}
}

static gboolean
same_number(const struct pl_versions_input *in, struct pl_verdict *v)
{
	const pl_entry *sent = NULL, *open = NULL;

	if (in->document->number == NULL ||
	    (in->document->kind != PL_KIND_INVOICE &&
		in->document->kind != PL_KIND_CREDIT_NOTE))
		return FALSE;
	for (guint i = 0; i < in->same_number->len; i++) {
		const pl_entry *e = in->same_number->pdata[i];
		if (another_invoice(e, in->document))
			continue;
		if (is_gone(e))
			sent = e;
		else if (is_open(e))
			open = e;
	}
	if (sent != NULL)
		beside_sent(in, sent, v);
	if (open != NULL && v->state != PL_DUPLICATE)
		beside_open(in, open, v);
	return sent != NULL || open != NULL;
}

/* ---- a PDF that came before by itself -------------------------------------------------- */

/* Does it go with the XML by its name? Otherwise it may be what goes with
 * every invoice, such as terms of sale. */
static gboolean
is_of(const char *pdf, const pl_document *d)
{
	g_autofree char *stem = pl_name_stem(pdf);

	if (stem == NULL)
		return FALSE;
	for (guint i = 0; i < d->files->len; i++) {
		const struct pl_file *f = d->files->pdata[i];
		g_autofree char *other = pl_name_stem(f->filename);
		if (!pl_name_ends(f->filename, ".pdf") &&
		    g_strcmp0(stem, other) == 0)
			return TRUE;
	}
	return d->number != NULL && pl_name_has_number(stem, d->number);
}

static gboolean
named_alike(const pl_entry *e, const pl_document *d)
{
	for (guint i = 0; i < d->files->len; i++) {
		const struct pl_file *f = d->files->pdata[i];
		if (pl_name_ends(f->filename, ".pdf") && is_of(f->filename, d))
			return TRUE;
	}
	return is_of(e->filename, d);
}

/* The entry of the PDF alone; one that is gone before one that waits. */
static const pl_entry *
bare(const struct pl_versions_input *in)
{
	const pl_entry *found = NULL;

	for (guint i = 0; i < in->same_part->len; i++) {
		const pl_entry *e = in->same_part->pdata[i];
		if (stands(e) && e->formats == PL_FILES_PDF &&
		    pl_versions_plain(e->kind, e->number, e->filename) &&
		    named_alike(e, in->document) &&
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
					: "was not sent yet"));
	v->hold = e->state == PL_WAITING ? e->id : 0;
	return TRUE;
}

/* ---- plain PDFs ------------------------------------------------------------------------- */

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
		    g_strdup_printf("%s came before from the same sender as "
				    "%s, which was not sent yet",
			file->filename, e->filename));
		v->hold = e->state == PL_WAITING ? e->id : 0;
		return;
	}
}

/* ---- of nobody we know ------------------------------------------------------------------ */

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

void
pl_versions(const struct pl_versions_input *in, struct pl_verdict *v)
{
	memset(v, 0, sizeof *v);
	v->state = PL_WAITING;
	if (in->same_message != 0)
		decide(v, PL_DUPLICATE, NULL, in->same_message,
		    g_strdup("the same message came before"));
	else if (!same_file(in, v) && !same_number(in, v) &&
		 !beside_bare(in, v))
		same_name(in, v);
	if (in->stranger && v->state == PL_WAITING)
		of_strangers(in->document, v);
}
