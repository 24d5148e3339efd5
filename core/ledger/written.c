/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * written - the files of batches that go into folders
 */
#include "batch.h"

#define NOTED_MAX 100 /* paths in an event */

struct pl_written *
pl_written_new(gint64 entry, const char *path, guint64 size)
{
	struct pl_written *w = g_new0(struct pl_written, 1);

	w->entry = entry;
	w->path = g_strdup(path);
	w->size = size;
	return w;
}

void
pl_written_free(struct pl_written *written)
{
	if (written == NULL)
		return;
	g_free(written->path);
	g_free(written);
}

static void
written_free(gpointer written)
{
	pl_written_free(written);
}

/* ---- writing ------------------------------------------------------------- */

static gboolean
note(pl_ledger *l, const struct pl_batch *b, const GPtrArray *files,
    GError **error)
{
	g_autoptr(GString) detail = g_string_new(NULL);

	g_string_append_printf(detail, "files=%u", files->len);
	for (guint i = 0; i < MIN(files->len, NOTED_MAX); i++)
		g_string_append_printf(detail, " path=%s",
		    ((struct pl_written *)files->pdata[i])->path);
	return pl_batch_note(l, b, "writing", detail->str, error);
}

static gboolean
add(pl_ledger *l, gint64 batch, const GPtrArray *files, GError **error)
{
	for (guint i = 0; i < files->len; i++) {
		const struct pl_written *w = files->pdata[i];

		if (!pl_db_do(l->db, PL_SQL_WRITTEN_ADD,
			V(v_int(batch), v_int(i), v_id(w->entry),
			    v_raw(w->path), v_int((gint64)w->size)),
			error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
replace(pl_ledger *l, gint64 id, const GPtrArray *files, GError **error)
{
	g_autoptr(pl_batch) b = pl_batch_get(l, id, error);

	if (b == NULL)
		return FALSE;
	if (b->finished != 0)
		return pl_batch_refuse(b, error);
	return pl_db_do(l->db, PL_SQL_WRITTEN_CLEAR, V(v_int(id)), error) &&
	       add(l, id, files, error) && note(l, b, files, error);
}

gboolean
pl_batch_write(
    pl_ledger *l, gint64 batch, const GPtrArray *files, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, replace(l, batch, files, error), error);
}

/* ---- reading ------------------------------------------------------------- */

GPtrArray *
pl_batch_written(pl_ledger *l, gint64 batch, GError **error)
{
	g_autoptr(GPtrArray) files =
	    g_ptr_array_new_with_free_func(written_free);
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_WRITTEN_OF, V(v_int(batch)), error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		struct pl_written *w = g_new0(struct pl_written, 1);

		w->entry = pl_rows_int(rows, 0);
		w->path = pl_rows_text(rows, 1);
		w->size = (guint64)pl_rows_int(rows, 2);
		g_ptr_array_add(files, w);
	}
	return more == 0 ? g_steal_pointer(&files) : NULL;
}

GPtrArray *
pl_entry_written(pl_ledger *l, gint64 entry, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_WRITTEN_FOR, V(v_int(entry)), error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0)
		g_ptr_array_add(paths, pl_rows_text(rows, 0));
	return more == 0 ? g_steal_pointer(&paths) : NULL;
}
