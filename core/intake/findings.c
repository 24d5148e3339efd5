/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * findings - what one message or file holds
 */
#include "room.h"

G_DEFINE_QUARK(pl - intake - error - quark, pl_intake_error)

static void
problem_free(void *data)
{
	struct pl_found_problem *p = data;

	g_free(p->code);
	g_free(p->filename);
	g_free(p->text);
	g_free(p);
}

pl_findings *
pl_findings_new(void)
{
	pl_findings *f = g_new0(pl_findings, 1);

	f->message = TRUE;
	f->documents =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_document_free);
	f->ignored =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_file_free);
	f->problems = g_ptr_array_new_with_free_func(problem_free);
	return f;
}

void
pl_findings_free(pl_findings *f)
{
	if (f == NULL)
		return;
	g_free(f->message_id);
	g_free(f->subject);
	g_free(f->from);
	g_free(f->sender);
	g_ptr_array_unref(f->documents);
	g_ptr_array_unref(f->ignored);
	g_ptr_array_unref(f->problems);
	g_free(f);
}

void
pl_findings_drop_lines(pl_findings *f)
{
	for (guint i = 0; i < f->documents->len; i++) {
		struct pl_document *d = f->documents->pdata[i];
		g_clear_pointer(&d->transactions, g_ptr_array_unref);
	}
}

void
pl_found_problem_add(
    pl_findings *f, const char *code, const char *filename, const char *text)
{
	struct pl_found_problem *p = g_new0(struct pl_found_problem, 1);

	p->code = g_strdup(code);
	p->filename = g_strdup(filename);
	p->text = g_strdup(text);
	g_ptr_array_add(f->problems, p);
}
