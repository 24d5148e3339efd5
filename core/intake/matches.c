/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * matches - is a document the same as an entry that has a key in common?
 *
 * Pure. The ledger finds entries by hashes of what must be equal; here is
 * looked at what may differ a little (amounts, dates, countries). What a
 * person archived because of its code was refused, not booked.
 */
#include "room.h"

#include <string.h>

#define OTHER_YEAR 183 /* days between two invoices of one number */

static gboolean
differ(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) != 0;
}

static gboolean
is_refused(const pl_entry *e)
{
	return e->state == PL_ARCHIVED && e->code != NULL;
}

/* ---- files -------------------------------------------------------------- */

gboolean
pl_versions_file(const pl_entry *e, const pl_document *d)
{
	return !differ(e->number, d->number) && e->offset == d->offset &&
	       e->length == d->length;
}

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

gboolean
pl_versions_bare(const pl_entry *e, const pl_document *d)
{
	return e->formats == PL_FILES_PDF &&
	       pl_versions_plain(e->kind, e->number, e->filename) &&
	       named_alike(e, d);
}

/* ---- invoices ------------------------------------------------------------ */

static gint64
days(const char *iso, int *year)
{
	int month, day;

	if (iso == NULL || sscanf(iso, "%d-%d-%d", year, &month, &day) != 3 ||
	    !g_date_valid_dmy(
		(GDateDay)day, (GDateMonth)month, (GDateYear)*year))
		return 0;
	GDate date;
	g_date_set_dmy(
	    &date, (GDateDay)day, (GDateMonth)month, (GDateYear)*year);
	return g_date_get_julian(&date);
}

/* "F2026-117", "26/117": numbers of a year are never used again. */
static gboolean
names_year(const char *number, int year)
{
	char four[16];
	const gsize all = strlen(number);

	g_snprintf(four, sizeof four, "%d", year);
	for (const char *p = number; *p != '\0';) {
		const gsize n = strspn(p, "0123456789");
		if ((n >= 4 && all > 4 && strncmp(p, four, 4) == 0) ||
		    (n == 2 && all > 2 && strncmp(p, four + 2, 2) == 0))
			return TRUE;
		p += MAX(n, 1);
	}
	return FALSE;
}

/* The issuer began to count again. */
static gboolean
restarted(const pl_entry *e, const pl_document *d)
{
	int then = 0, now = 0;
	const gint64 a = days(e->doc_date, &then), b = days(d->date, &now);

	if (a == 0 || b == 0)
		return FALSE;
	if (ABS(a - b) > OTHER_YEAR)
		return TRUE;
	return then != now && d->number != NULL &&
	       !names_year(d->number, then) && !names_year(d->number, now) &&
	       !pl_amount_same(e->total, d->total);
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

static gboolean
is_invoice(const pl_entry *e, const pl_document *d)
{
	return !restarted(e, d) && !other_country(e->seller_id, d->seller_id) &&
	       (d->seller_id != NULL ||
		   pl_name_same(e->seller_name, d->seller_name));
}

gboolean
pl_versions_invoice(const pl_entry *e, const pl_document *d)
{
	return is_invoice(e, d) && !is_refused(e);
}

/* What is booked is the same. Of two that only a person could tell apart, the
 * one that was refused says nothing of the other. */
gboolean
pl_versions_facts(const pl_entry *e, const pl_document *d)
{
	return is_invoice(e, d) && pl_amount_same(e->total, d->total) &&
	       g_strcmp0(e->doc_date, d->date) == 0 &&
	       g_strcmp0(e->currency, d->currency) == 0 &&
	       !(is_refused(e) && g_str_equal(e->code, "PL-111"));
}

/* ---- statements -------------------------------------------------------- */

static gboolean
same_balances(const pl_entry *e, const pl_document *d)
{
	return pl_amount_same(e->opening, d->opening_balance) &&
	       pl_amount_same(e->closing, d->closing_balance);
}

/* "012" and "12" */
static gboolean
other_number(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return FALSE;
	a += strspn(a, "0");
	b += strspn(b, "0");
	return *a != '\0' && *b != '\0' && strcmp(a, b) != 0;
}

static gboolean
same_format(const pl_entry *e, const pl_document *d)
{
	const struct pl_file *f = d->files->len > 0 ? d->files->pdata[0] : NULL;

	return f != NULL && g_strcmp0(e->format, f->format) == 0;
}

static gboolean
same_day(const pl_entry *e, const pl_document *d)
{
	return g_strcmp0(e->doc_date, d->to) == 0 &&
	       !differ(e->currency, d->currency);
}

/* Another format may count in another way; within one, another number is
 * another statement. */
gboolean
pl_versions_statement(const pl_entry *e, const pl_document *d)
{
	return same_day(e, d) && same_balances(e, d) &&
	       !(same_format(e, d) && other_number(e->sequence, d->sequence));
}

/* One goes on where the other ended: two of one number and day. */
static gboolean
continues(const char *closing, const char *opening)
{
	return closing != NULL && pl_amount_same(closing, opening);
}

gboolean
pl_versions_amended(const pl_entry *e, const pl_document *d)
{
	return same_day(e, d) && same_format(e, d) && !is_refused(e) &&
	       !other_number(e->sequence, d->sequence) &&
	       !same_balances(e, d) &&
	       !continues(e->closing, d->opening_balance) &&
	       !continues(d->closing_balance, e->opening);
}
