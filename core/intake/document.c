/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * document - facts of files ▸ a document of the ledger
 *
 * A file with several statements becomes one document for each, which shares
 * the file and names its bytes in it.
 */
#include "room.h"

G_STATIC_ASSERT((int)PL_FACTS_INVOICE == (int)PL_KIND_INVOICE);
G_STATIC_ASSERT((int)PL_FACTS_CREDIT_NOTE == (int)PL_KIND_CREDIT_NOTE);
G_STATIC_ASSERT((int)PL_FACTS_STATEMENT == (int)PL_KIND_STATEMENT);
G_STATIC_ASSERT((int)PL_FACTS_OTHER == (int)PL_KIND_OTHER);

struct pl_file *
pl_file_copy(const struct pl_file *file)
{
	struct pl_file *copy = pl_file_new();

	copy->filename = g_strdup(file->filename);
	copy->media_type = g_strdup(file->media_type);
	copy->format = g_strdup(file->format);
	copy->size = file->size;
	copy->sha256 = g_strdup(file->sha256);
	copy->reason = g_strdup(file->reason);
	copy->spot = file->spot;
	copy->spot_length = file->spot_length;
	return copy;
}

static void
add_files(struct pl_document *d, const struct pl_piece *first,
    const struct pl_piece *second)
{
	if (d->files == NULL)
		d->files = g_ptr_array_new_with_free_func(
		    (GDestroyNotify)pl_file_free);
	if (first != NULL)
		g_ptr_array_add(d->files, pl_file_copy(first->file));
	if (second != NULL)
		g_ptr_array_add(d->files, pl_file_copy(second->file));
}

static void
set_invoice(struct pl_document *d, const struct pl_facts *f)
{
	d->kind = (int)f->kind;
	d->number = g_strdup(f->number);
	d->date = g_strdup(f->date);
	d->seller_id = g_strdup(f->seller.id);
	d->seller_name = g_strdup(f->seller.name);
	d->buyer_id = g_strdup(f->buyer.id);
	d->buyer_name = g_strdup(f->buyer.name);
	d->currency = g_strdup(f->currency);
	d->total = g_strdup(f->total);
	d->payment_reference = g_strdup(f->payment_reference);
}

static void
set_statement(struct pl_document *d, const struct pl_facts *f,
    const struct pl_statement *s)
{
	d->kind = PL_KIND_STATEMENT;
	d->account = g_strdup(s->account);
	d->currency = g_strdup(s->currency);
	d->sequence = g_strdup(s->sequence);
	d->opening_balance = g_strdup(s->opening_balance);
	d->closing_balance = g_strdup(s->closing_balance);
	d->from = g_strdup(s->from);
	d->to = g_strdup(s->to);
	d->page = g_strdup(s->page);
	d->problem = g_strdup(s->problem);
	d->date = g_strdup(s->to != NULL ? s->to : f->date);
	d->lines = s->lines != NULL ? s->lines->len : 0;
	d->transactions = s->lines != NULL ? g_ptr_array_ref(s->lines) : NULL;
}

void
pl_document_of_files(GPtrArray *documents, const struct pl_piece *pdf,
    const struct pl_piece *xml)
{
	struct pl_document *d = pl_document_new();
	const struct pl_piece *speaks = xml != NULL ? xml : pdf;

	/* a hybrid says more than a piece of XML that is no invoice */
	if (pdf != NULL && xml != NULL && xml->facts->number == NULL &&
	    pdf->facts->number != NULL)
		speaks = pdf;
	set_invoice(d, speaks->facts);
	add_files(d, pdf, xml);
	g_ptr_array_add(documents, d);
}

unsigned
pl_document_count(const struct pl_piece *file)
{
	const GPtrArray *list = file->facts->statements;

	return list != NULL && list->len > 0 ? list->len : 1;
}

void
pl_document_of_statements(GPtrArray *documents, const struct pl_piece *file,
    const struct pl_piece *const *pdfs)
{
	const GPtrArray *list = file->facts->statements;
	const guint n = list != NULL ? list->len : 0;

	for (guint i = 0; i < MAX(n, 1); i++) {
		struct pl_document *d = pl_document_new();
		if (n > 0)
			set_statement(d, file->facts, list->pdata[i]);
		else
			set_invoice(d, file->facts);
		if (n > 1) {
			const struct pl_statement *s = list->pdata[i];
			d->offset = s->offset;
			d->length = s->length;
		}
		add_files(d, file, pdfs[i]);
		g_ptr_array_add(documents, d);
	}
}
