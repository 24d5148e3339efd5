/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * accepts - which journals of an address take a document
 *
 * By kind, kinds of files, own company numbers, direction and accounts. A
 * document that does not say enough of itself is neither lost nor doubled:
 *
 * - A plain PDF or a picture is of kind "other". People mail such invoices to
 *   addresses for invoices, so where no journal of the address accepts
 *   "other", the first that accepts invoices gets it, else the first that
 *   accepts credit notes; those without a direction before the others.
 * - What no journal takes because it does not say whose sale or purchase it is
 *   goes to the first that it does not rule out; and where it rules out all of
 *   them, being of two other companies, to the first, which holds it.
 */
#include "index.h"

#include <string.h>

/* ---- company numbers and accounts -------------------------------------- */

static gboolean
has_company(const GPtrArray *ids, const char *id)
{
	for (guint i = 0; ids != NULL && id != NULL && i < ids->len; i++)
		if (pl_id_same_company(ids->pdata[i], id))
			return TRUE;
	return FALSE;
}

static gboolean
same_list(const GPtrArray *a, const GPtrArray *b)
{
	if (a == b)
		return TRUE;
	if (a == NULL || b == NULL || a->len != b->len)
		return FALSE;
	for (guint i = 0; i < a->len; i++)
		if (strcmp(a->pdata[i], b->pdata[i]) != 0)
			return FALSE;
	return TRUE;
}

/* Numbers of the journal's own, not the gateway's, choose its documents. */
static gboolean
has_own_numbers(const pl_config *config, const struct pl_journal *journal)
{
	const GPtrArray *ids = journal->company_ids;

	return ids != NULL && ids->len > 0 &&
	       !same_list(ids, pl_config_gateway(config)->company_ids);
}

gboolean
pl_accepts_account(const struct pl_journal *journal, const pl_document *d)
{
	if (d->kind != PL_KIND_STATEMENT || journal->accounts == NULL ||
	    journal->accounts->len == 0)
		return TRUE;
	if (d->account == NULL)
		return FALSE;
	g_autofree char *account = pl_statement_account(d->account);
	for (guint i = 0; i < journal->accounts->len; i++) {
		g_autofree char *one =
		    pl_statement_account(journal->accounts->pdata[i]);
		if (strcmp(one, account) == 0)
			return TRUE;
	}
	return FALSE;
}

/* ---- companies --------------------------------------------------------- */

enum fit { FIT_NO, FIT_MAYBE, FIT_YES };

static gboolean
names_us(const struct pl_journal *journal, const pl_document *d)
{
	return has_company(journal->company_ids, d->seller_id) ||
	       has_company(journal->company_ids, d->buyer_id);
}

static gboolean
names_both(const pl_document *d)
{
	return d->seller_id != NULL && d->buyer_id != NULL;
}

/* Is it a document of the journal's company, as far as the document says who
 * its parties are? Where there are directions, these decide. */
static enum fit
fit_company(const pl_config *config, const struct pl_journal *journal,
    const pl_document *d)
{
	if ((journal->accept & PL_ACCEPT_DIRECTIONS) != 0 ||
	    !has_own_numbers(config, journal) || names_us(journal, d))
		return FIT_YES;
	return names_both(d) ? FIT_NO : FIT_MAYBE;
}

/* OURS and OTHER_OURS: is the party of the direction ours, is the other one? */
static enum fit
fit_party(gboolean known, gboolean ours, gboolean other_ours)
{
	if (ours)
		return FIT_YES;
	return known || other_ours ? FIT_NO : FIT_MAYBE;
}

/* Is the document of a direction that the journal takes? */
static enum fit
fit_of(const struct pl_journal *journal, const pl_document *d)
{
	const gboolean seller = has_company(journal->company_ids, d->seller_id);
	const gboolean buyer = has_company(journal->company_ids, d->buyer_id);
	const gboolean seller_known = d->seller_id != NULL;
	const gboolean buyer_known = d->buyer_id != NULL;
	enum fit fit = FIT_NO;

	if ((journal->accept & PL_ACCEPT_DIRECTIONS) == 0)
		return FIT_YES;
	if ((journal->accept & PL_ACCEPT_SALE) != 0)
		fit = fit_party(seller_known, seller, buyer);
	if ((journal->accept & PL_ACCEPT_PURCHASE) != 0)
		fit = MAX(fit, fit_party(buyer_known, buyer, seller));
	return fit;
}

gboolean
pl_accepts_stranger(const struct pl_journal *journal, const pl_document *d)
{
	return (journal->accept & PL_ACCEPT_DIRECTIONS) != 0 && names_both(d) &&
	       !names_us(journal, d);
}

/* ---- rules ------------------------------------------------------------- */

#define UNKNOWN (-1)

/* Who asks for the journals of an address, which may be a thousand. What
 * depends on all of them is looked for once a document. */
struct asking {
	const pl_config *config;
	const GPtrArray *journals;
	int of_another, takers; /* UNKNOWN: nobody looked yet */
};

static struct asking
asking_of(const pl_config *config, const GPtrArray *journals)
{
	return (struct asking){ config, journals, UNKNOWN, UNKNOWN };
}

static gboolean
takes_kind(
    const struct pl_journal *journal, const pl_document *d, enum pl_kind kind)
{
	return (journal->accept & 1u << kind) != 0 &&
	       (journal->formats & pl_document_formats(d)) != 0;
}

/* It names one party, and that is the company of a journal by its own numbers.
 */
static gboolean
is_of_another(struct asking *a, const pl_document *d)
{
	if (a->of_another != UNKNOWN)
		return a->of_another;
	a->of_another = FALSE;
	for (guint i = 0; !a->of_another && i < a->journals->len; i++) {
		const struct pl_journal *j = a->journals->pdata[i];
		a->of_another = has_own_numbers(a->config, j) &&
				names_us(j, d) &&
				takes_kind(j, d, (enum pl_kind)d->kind);
	}
	return a->of_another;
}

/* QIF files and some others do not say whose they are. Where one journal alone
 * takes such files at the address, they were sent to that one. */
static gboolean
is_only_one(struct asking *a, const pl_document *d)
{
	if (a->takers == UNKNOWN) {
		a->takers = 0;
		for (guint i = 0; i < a->journals->len; i++)
			a->takers += takes_kind(
			    a->journals->pdata[i], d, (enum pl_kind)d->kind);
	}
	return a->takers == 1;
}

/* Of one that takes its kind. */
static gboolean
takes_account(
    struct asking *a, const struct pl_journal *journal, const pl_document *d)
{
	return pl_accepts_account(journal, d) ||
	       (d->account == NULL && is_only_one(a, d));
}

/* But for the direction. */
static gboolean
takes_any(
    struct asking *a, const struct pl_journal *journal, const pl_document *d)
{
	if (!takes_kind(journal, d, (enum pl_kind)d->kind) ||
	    !takes_account(a, journal, d))
		return FALSE;
	const enum fit fit = fit_company(a->config, journal, d);
	return fit == FIT_YES || (fit == FIT_MAYBE && !is_of_another(a, d));
}

static gboolean
takes(struct asking *a, const struct pl_journal *journal, const pl_document *d)
{
	return takes_any(a, journal, d) && fit_of(journal, d) == FIT_YES;
}

/* It says nothing of itself: a PDF or a picture, and at most an XML beside it
 * that nobody knows. */
static gboolean
is_plain(const pl_document *d)
{
	const unsigned formats = pl_document_formats(d);

	return d->kind == PL_KIND_OTHER &&
	       (formats & (PL_FILES_PDF | PL_FILES_IMAGE)) != 0 &&
	       (formats & PL_FILES_STATEMENT) == 0;
}

static const struct pl_journal *
first_for(const GPtrArray *journals, enum pl_kind kind, const pl_document *d)
{
	const struct pl_journal *first = NULL;

	for (guint i = 0; i < journals->len; i++) {
		const struct pl_journal *j = journals->pdata[i];
		if (!takes_kind(j, d, kind))
			continue;
		if ((j->accept & PL_ACCEPT_DIRECTIONS) == 0)
			return j;
		if (first == NULL)
			first = j;
	}
	return first;
}

static gboolean
anybody_takes_other(const GPtrArray *journals)
{
	for (guint i = 0; i < journals->len; i++) {
		const struct pl_journal *j = journals->pdata[i];
		if ((j->accept & 1u << PL_KIND_OTHER) != 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
anybody_takes(struct asking *a, const pl_document *d)
{
	for (guint i = 0; i < a->journals->len; i++)
		if (takes(a, a->journals->pdata[i], d))
			return TRUE;
	return FALSE;
}

/* Nobody takes it as a sale or a purchase for certain. */
static const struct pl_journal *
first_fitting(struct asking *a, const pl_document *d)
{
	const struct pl_journal *stranger = NULL;

	for (guint i = 0; i < a->journals->len; i++) {
		const struct pl_journal *j = a->journals->pdata[i];
		if (!takes_any(a, j, d))
			continue;
		if (fit_of(j, d) == FIT_MAYBE)
			return j;
		if (stranger == NULL && pl_accepts_stranger(j, d))
			stranger = j;
	}
	return stranger;
}

/* Of what nobody takes for certain; NULL: nobody gets it. */
static const struct pl_journal *
left_to(struct asking *a, const pl_document *d)
{
	const struct pl_journal *first;

	if (!is_plain(d) || anybody_takes_other(a->journals))
		return first_fitting(a, d);
	first = first_for(a->journals, PL_KIND_INVOICE, d);
	return first != NULL ? first
			     : first_for(a->journals, PL_KIND_CREDIT_NOTE, d);
}

GPtrArray *
pl_accepts_list(
    const pl_config *config, const GPtrArray *journals, const pl_document *d)
{
	struct asking a = asking_of(config, journals);
	GPtrArray *list = g_ptr_array_new();
	const struct pl_journal *other;

	for (guint i = 0; i < journals->len; i++)
		if (takes(&a, journals->pdata[i], d))
			g_ptr_array_add(list, journals->pdata[i]);
	other = list->len == 0 ? left_to(&a, d) : NULL;
	if (other != NULL)
		g_ptr_array_add(list, (gpointer)(guintptr)other);
	return list;
}

gboolean
pl_accepts_of(const pl_config *config, const GPtrArray *journals,
    const struct pl_journal *journal, const pl_document *d)
{
	struct asking a = asking_of(config, journals);

	return takes(&a, journal, d) ||
	       (!anybody_takes(&a, d) && left_to(&a, d) == journal);
}

gboolean
pl_intake_accepts(const pl_config *config, const struct pl_journal *journal,
    const pl_document *document)
{
	for (guint i = 0; i < journal->addresses->len; i++) {
		const GPtrArray *all =
		    pl_config_match(config, journal->addresses->pdata[i]);
		if (all != NULL &&
		    pl_accepts_of(config, all, journal, document))
			return TRUE;
	}
	return FALSE;
}
