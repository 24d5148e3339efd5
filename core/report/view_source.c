/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * view_source - what the facts leave out, as the source has it
 *
 * Ten thousand documents that were sent and a hundred thousand that wait are
 * not in memory: they are counted as they come, and come again for the CSV.
 */
#include "view.h"

guint64
pl_view_documents(const struct pl_report_sent *sent)
{
	return sent->ids ? sent->ids->len : pl_view_length(sent->entries);
}

static GPtrArray *
ref(GPtrArray *array)
{
	return array ? g_ptr_array_ref(array) : NULL;
}

void
pl_view_open(const pl_view *view, const struct pl_report_sent *sent,
    pl_view_content *content)
{
	const struct pl_report_source *source = &view->facts->source;

	*content = (pl_view_content){ 0 };
	if (sent->entries || !source->batch) {
		content->entries = ref(sent->entries);
		content->written = ref(sent->written);
	} else if (*view->error == NULL) {
		source->batch(sent->batch, &content->entries, &content->written,
		    source->user, view->error);
	}
}

void
pl_view_close(pl_view_content *content)
{
	g_clear_pointer(&content->entries, g_ptr_array_unref);
	g_clear_pointer(&content->written, g_ptr_array_unref);
}

void
pl_view_each(const pl_view *view, const struct pl_report_journal *facts,
    pl_report_each each, void *user)
{
	const struct pl_report_source *source = &view->facts->source;

	if (facts->more && source->waiting && *view->error == NULL)
		source->waiting(facts, each, user, source->user, view->error);
}
