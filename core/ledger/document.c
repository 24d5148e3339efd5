/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * document - documents and files
 *
 * What lists need of a document's files (the main name, the kinds, the size
 * together) is kept with the document.
 */
#include <string.h>

#include "room.h"

struct pl_file *
pl_file_new(void)
{
	return g_new0(struct pl_file, 1);
}

void
pl_file_free(struct pl_file *f)
{
	if (f == NULL)
		return;
	g_free(f->filename);
	g_free(f->media_type);
	g_free(f->format);
	g_free(f->sha256);
	g_free(f->reason);
	g_free(f);
}

struct pl_document *
pl_document_new(void)
{
	struct pl_document *d = g_new0(struct pl_document, 1);

	d->files = g_ptr_array_new_with_free_func((GDestroyNotify)pl_file_free);
	return d;
}

void
pl_document_free(struct pl_document *d)
{
	if (d == NULL)
		return;
	g_free(d->number);
	g_free(d->date);
	g_free(d->seller_id);
	g_free(d->seller_name);
	g_free(d->buyer_id);
	g_free(d->buyer_name);
	g_free(d->currency);
	g_free(d->total);
	g_free(d->payment_reference);
	g_free(d->account);
	g_free(d->sequence);
	g_free(d->opening_balance);
	g_free(d->closing_balance);
	g_free(d->from);
	g_free(d->to);
	g_free(d->page);
	g_free(d->problem);
	g_ptr_array_unref(d->files);
	g_clear_pointer(&d->transactions, g_ptr_array_unref);
	g_free(d);
}

/* ---- kinds of files ----------------------------------------------------- */

unsigned
pl_file_kind(const char *format)
{
	static const struct {
		const char *format;
		unsigned bit;
	} kinds[] = {
		{ "pdf", PL_FILES_PDF },
		{ "factur-x", PL_FILES_PDF },
		{ "ubl", PL_FILES_XML },
		{ "cii", PL_FILES_XML },
		{ "xml", PL_FILES_XML },
		{ "png", PL_FILES_IMAGE },
		{ "jpeg", PL_FILES_IMAGE },
		{ "tiff", PL_FILES_IMAGE },
		{ "coda", PL_FILES_STATEMENT },
		{ "camt.053", PL_FILES_STATEMENT },
		{ "mt940", PL_FILES_STATEMENT },
		{ "ofx", PL_FILES_STATEMENT },
		{ "qif", PL_FILES_STATEMENT },
		{ "csv", PL_FILES_STATEMENT },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (g_strcmp0(format, kinds[i].format) == 0)
			return kinds[i].bit;
	return 0;
}

unsigned
pl_document_formats(const pl_document *d)
{
	unsigned kinds = 0;

	for (guint i = 0; i < d->files->len; i++)
		kinds |= pl_file_kind(
		    ((const struct pl_file *)d->files->pdata[i])->format);
	return kinds;
}

/* ---- adding ------------------------------------------------------------ */

static gboolean
add_row(pl_ledger *l, struct pl_document *d, GError **error)
{
	const struct pl_file *first =
	    d->files->len > 0 ? d->files->pdata[0] : NULL;
	g_autofree char *file = pl_document_key(d, PL_SAME_FILE);
	g_autofree char *part = pl_document_key(d, PL_SAME_PART);
	g_autofree char *facts = pl_document_key(d, PL_SAME_FACTS);
	g_autofree char *sequence = pl_document_key(d, PL_SAME_SEQUENCE);
	guint64 size = 0;

	for (guint i = 0; i < d->files->len; i++)
		size += ((const struct pl_file *)d->files->pdata[i])->size;
	/* Of a shared file only its own bytes count. */
	if (d->length > 0 && first != NULL)
		size = size - first->size + d->length;
	return pl_db_insert(l->db, PL_SQL_DOCUMENT_ADD,
	    V(v_int(d->message), v_int(d->kind), v_text(d->number),
		v_text(d->date), v_text(d->seller_id), v_text(d->seller_name),
		v_text(d->buyer_id), v_text(d->buyer_name), v_text(d->currency),
		v_text(d->total), v_text(d->payment_reference),
		v_text(d->account), v_text(d->sequence),
		v_text(d->opening_balance), v_text(d->closing_balance),
		v_text(d->from), v_text(d->to), v_int(d->lines),
		v_int((gint64)d->offset), v_int((gint64)d->length),
		v_text(first != NULL ? first->filename : NULL),
		v_int(pl_document_formats(d)), v_int((gint64)size),
		v_text(first != NULL ? first->format : NULL), v_text(file),
		v_text(part), v_text(facts), v_text(sequence), v_text(d->page),
		v_text(d->problem)),
	    &d->id, error);
}

static gboolean
add_file(pl_ledger *l, gint64 message, gint64 document, unsigned seq,
    struct pl_file *f, GError **error)
{
	return pl_db_insert(l->db, PL_SQL_FILE_ADD,
	    V(v_int(message), v_id(document), v_int(seq), v_text(f->filename),
		v_text(f->media_type), v_text(f->format),
		v_int((gint64)f->size), v_text(f->sha256), v_text(f->reason),
		v_int((gint64)f->spot), v_int((gint64)f->spot_length)),
	    &f->id, error);
}

static gboolean
add(pl_ledger *l, struct pl_document *d, GError **error)
{
	if (!add_row(l, d, error))
		return FALSE;
	for (guint i = 0; i < d->files->len; i++)
		if (!add_file(
			l, d->message, d->id, i, d->files->pdata[i], error))
			return FALSE;
	return TRUE;
}

gboolean
pl_document_add(pl_ledger *l, pl_document *d, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, add(l, d, error), error);
}

gboolean
pl_document_ignore(
    pl_ledger *l, gint64 message, struct pl_file *f, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, add_file(l, message, 0, 0, f, error), error);
}

/* ---- reading ----------------------------------------------------------- */

static void
fill(pl_rows *rows, struct pl_document *d)
{
	unsigned c = 0;

	d->id = pl_rows_int(rows, c++);
	d->message = pl_rows_int(rows, c++);
	d->kind = (int)pl_rows_int(rows, c++);
	d->number = pl_rows_text(rows, c++);
	d->date = pl_rows_text(rows, c++);
	d->seller_id = pl_rows_text(rows, c++);
	d->seller_name = pl_rows_text(rows, c++);
	d->buyer_id = pl_rows_text(rows, c++);
	d->buyer_name = pl_rows_text(rows, c++);
	d->currency = pl_rows_text(rows, c++);
	d->total = pl_rows_text(rows, c++);
	d->payment_reference = pl_rows_text(rows, c++);
	d->account = pl_rows_text(rows, c++);
	d->sequence = pl_rows_text(rows, c++);
	d->opening_balance = pl_rows_text(rows, c++);
	d->closing_balance = pl_rows_text(rows, c++);
	d->from = pl_rows_text(rows, c++);
	d->to = pl_rows_text(rows, c++);
	d->lines = (unsigned)pl_rows_int(rows, c++);
	d->offset = (guint64)pl_rows_int(rows, c++);
	d->length = (guint64)pl_rows_int(rows, c++);
	d->page = pl_rows_text(rows, c++);
	d->problem = pl_rows_text(rows, c++);
}

static gboolean
read_files(
    pl_ledger *l, enum pl_sql sql, gint64 of, GPtrArray *files, GError **error)
{
	g_autoptr(pl_rows) rows = pl_db_query(l->db, sql, V(v_int(of)), error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		struct pl_file *f = pl_file_new();

		f->id = pl_rows_int(rows, 0);
		f->filename = pl_rows_text(rows, 1);
		f->media_type = pl_rows_text(rows, 2);
		f->format = pl_rows_text(rows, 3);
		f->size = (guint64)pl_rows_int(rows, 4);
		f->sha256 = pl_rows_text(rows, 5);
		f->reason = pl_rows_text(rows, 6);
		f->spot = (guint64)pl_rows_int(rows, 7);
		f->spot_length = (guint64)pl_rows_int(rows, 8);
		g_ptr_array_add(files, f);
	}
	return more == 0;
}

pl_document *
pl_document_get(pl_ledger *l, gint64 id, GError **error)
{
	g_autoptr(pl_document) d = pl_document_new();
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_DOCUMENT_GET, V(v_int(id)), error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);

	if (found > 0)
		fill(rows, d);
	if (found == 0)
		pl_refuse(error, PL_LEDGER_ABSENT,
		    "no document %" G_GINT64_FORMAT, id);
	return found > 0 && read_files(l, PL_SQL_FILE_OF, id, d->files, error)
		   ? g_steal_pointer(&d)
		   : NULL;
}

GPtrArray *
pl_document_of(pl_ledger *l, gint64 message, GError **error)
{
	g_autoptr(GPtrArray) documents =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_document_free);
	g_autoptr(GArray) ids =
	    pl_db_numbers(l->db, PL_SQL_DOCUMENT_OF, V(v_int(message)), error);

	if (ids == NULL)
		return NULL;
	for (guint i = 0; i < ids->len; i++) {
		pl_document *d =
		    pl_document_get(l, g_array_index(ids, gint64, i), error);

		if (d == NULL)
			return NULL;
		g_ptr_array_add(documents, d);
	}
	return g_steal_pointer(&documents);
}

GPtrArray *
pl_document_ignored(pl_ledger *l, gint64 message, GError **error)
{
	g_autoptr(GPtrArray) files =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_file_free);

	return read_files(l, PL_SQL_FILE_IGNORED, message, files, error)
		   ? g_steal_pointer(&files)
		   : NULL;
}
