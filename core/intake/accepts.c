/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * accepts - which journals of an address take a document
 *
 * By kind, kinds of files, own company numbers and accounts. A plain PDF or a
 * picture says nothing of itself and is of kind "other". People mail such
 * invoices to addresses for invoices, so where no journal of the address
 * accepts "other", the first that accepts invoices gets it, else the first
 * that accepts credit notes: it is neither lost nor doubled.
 */
#include "index.h"

#include <string.h>

unsigned
pl_document_formats(const pl_document *d)
{
	unsigned bits = 0;

	for (guint i = 0; i < d->files->len; i++) {
		const struct pl_file *f = d->files->pdata[i];
		switch (pl_format_parse(f->format)) {
		case PL_FORMAT_UNKNOWN:
			break;
		case PL_FORMAT_PDF:
		case PL_FORMAT_FACTUR_X:
			bits |= PL_FILES_PDF;
			break;
		case PL_FORMAT_UBL:
		case PL_FORMAT_CII:
		case PL_FORMAT_XML:
			bits |= PL_FILES_XML;
			break;
		case PL_FORMAT_PNG:
		case PL_FORMAT_JPEG:
		case PL_FORMAT_TIFF:
			bits |= PL_FILES_IMAGE;
			break;
		default:
			bits |= PL_FILES_STATEMENT;
		}
	}
	return bits;
}

/* ---- company numbers and accounts -------------------------------------------- */

/* "BE0123456789" and "0123456789" are the same company. */
static gboolean
same_company(const char *a, const char *b)
{
	const gsize n = strlen(a), m = strlen(b);

	if (strcmp(a, b) == 0)
		return TRUE;
	if (n == m + 2 && g_ascii_isalpha(a[0]) && g_ascii_isalpha(a[1]))
		return strcmp(a + 2, b) == 0;
	if (m == n + 2 && g_ascii_isalpha(b[0]) && g_ascii_isalpha(b[1]))
		return strcmp(a, b + 2) == 0;
	return FALSE;
}

static gboolean
has_company(const GPtrArray *ids, const char *id)
{
	g_autofree char *normal = pl_id_normalise(id);

	for (guint i = 0; i < ids->len; i++)
		if (same_company(ids->pdata[i], normal))
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

/* Numbers of the journal's own, not the gateway's, choose its documents; as
 * far as the document says who its parties are. */
static gboolean
is_our_company(const pl_config *config, const struct pl_journal *journal,
    const pl_document *d)
{
	const GPtrArray *ids = journal->company_ids;

	if (ids == NULL || ids->len == 0 ||
	    same_list(ids, pl_config_gateway(config)->company_ids) ||
	    d->seller_id == NULL || d->buyer_id == NULL)
		return TRUE;
	return has_company(ids, d->seller_id) || has_company(ids, d->buyer_id);
}

gboolean
pl_accepts_account(const struct pl_journal *journal, const pl_document *d)
{
	if (d->kind != PL_KIND_STATEMENT || journal->accounts == NULL ||
	    journal->accounts->len == 0)
		return TRUE;
	if (d->account == NULL)
		return FALSE;
	g_autofree char *account = pl_id_normalise(d->account);
	for (guint i = 0; i < journal->accounts->len; i++) {
		g_autofree char *one =
		    pl_id_normalise(journal->accounts->pdata[i]);
		if (strcmp(one, account) == 0)
			return TRUE;
	}
	return FALSE;
}

/* ---- rules ----------------------------------------------------------------------- */

static gboolean
takes(const pl_config *config, const struct pl_journal *journal,
    const pl_document *d)
{
	return (journal->accept & 1u << d->kind) != 0 &&
	       (journal->formats & pl_document_formats(d)) != 0 &&
	       is_our_company(config, journal, d) &&
	       pl_accepts_account(journal, d);
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
	for (guint i = 0; i < journals->len; i++) {
		const struct pl_journal *j = journals->pdata[i];
		if ((j->accept & 1u << kind) != 0 &&
		    (j->formats & pl_document_formats(d)) != 0)
			return j;
	}
	return NULL;
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

gboolean
pl_accepts_of(const pl_config *config, const GPtrArray *journals,
    const struct pl_journal *journal, const pl_document *d)
{
	if (takes(config, journal, d))
		return TRUE;
	if (!is_plain(d) || anybody_takes_other(journals))
		return FALSE;
	const struct pl_journal *first =
	    first_for(journals, PL_KIND_INVOICE, d);
	if (first == NULL)
		first = first_for(journals, PL_KIND_CREDIT_NOTE, d);
	return first == journal;
}

gboolean
pl_intake_accepts(const pl_config *config, const struct pl_journal *journal,
    const pl_document *document)
{
	if (takes(config, journal, document))
		return TRUE;
	for (guint i = 0; i < journal->addresses->len; i++) {
		const GPtrArray *all =
		    pl_config_match(config, journal->addresses->pdata[i]);
		if (all != NULL &&
		    pl_accepts_of(config, all, journal, document))
			return TRUE;
	}
	return FALSE;
}
