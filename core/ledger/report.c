/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report - problems, reports, and what a report has told
 */
#include "room.h"

struct pl_problem *
pl_problem_new(void)
{
	return g_new0(struct pl_problem, 1);
}

void
pl_problem_free(struct pl_problem *p)
{
	if (p == NULL)
		return;
	g_free(p->journal);
	g_free(p->code);
	g_free(p->filename);
	g_free(p->text);
	g_free(p->sender);
	g_free(p->from);
	g_free(p->subject);
	g_free(p->msg_date);
	g_free(p->message_id);
	g_free(p);
}

struct pl_report_row *
pl_report_row_new(void)
{
	return g_new0(struct pl_report_row, 1);
}

void
pl_report_row_free(struct pl_report_row *row)
{
	if (row == NULL)
		return;
	g_free(row->address);
	g_free(row->subject);
	g_free(row->text);
	g_free(row->html);
	g_free(row);
}

/* ---- problems ---------------------------------------------------------- */

gboolean
pl_problem_put(pl_ledger *l, struct pl_problem *p, GError **error)
{
	g_autofree char *detail = g_strdup_printf("code=%s", p->code);

	p->at = g_get_real_time();
	return pl_db_insert(l->db, PL_SQL_PROBLEM_ADD,
		   V(v_int(p->at), v_id(p->message), v_id(p->document),
		       v_id(p->entry), v_id(p->batch), v_text(p->journal),
		       v_text(p->code), v_text(p->filename), v_text(p->text)),
		   &p->id, error) &&
	       pl_event_note(l,
		   &(struct pl_event){ .what = (char *)"problem",
		       .journal = p->journal,
		       .message = p->message,
		       .document = p->document,
		       .entry = p->entry,
		       .batch = p->batch,
		       .detail = detail },
		   error);
}

gboolean
pl_problem_add(pl_ledger *l, struct pl_problem *p, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, pl_problem_put(l, p, error), error);
}

gboolean
pl_problem_exists(pl_ledger *l, const char *code, gint64 entry,
    gboolean *exists, GError **error)
{
	g_autoptr(pl_rows) rows = pl_db_query(l->db, PL_SQL_PROBLEM_EXISTS,
	    V(v_int(entry), v_text(code)), error);

	if (rows == NULL || pl_rows_next(rows, error) <= 0)
		return FALSE;
	*exists = pl_rows_int(rows, 0) > 0;
	return TRUE;
}

static struct pl_problem *
problem_of(pl_rows *rows)
{
	struct pl_problem *p = pl_problem_new();
	unsigned c = 0;

	p->id = pl_rows_int(rows, c++);
	p->at = pl_rows_int(rows, c++);
	p->message = pl_rows_int(rows, c++);
	p->document = pl_rows_int(rows, c++);
	p->entry = pl_rows_int(rows, c++);
	p->batch = pl_rows_int(rows, c++);
	p->journal = pl_rows_text(rows, c++);
	p->code = pl_rows_text(rows, c++);
	p->filename = pl_rows_text(rows, c++);
	p->text = pl_rows_text(rows, c++);
	p->sender = pl_rows_text(rows, c++);
	p->from = pl_rows_text(rows, c++);
	p->subject = pl_rows_text(rows, c++);
	p->msg_date = pl_rows_text(rows, c++);
	p->message_id = pl_rows_text(rows, c++);
	return p;
}

static GPtrArray *
problems(pl_ledger *l, enum pl_sql sql, gint64 of, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_problem_free);
	g_autoptr(pl_rows) rows = pl_db_query(l->db, sql, V(v_int(of)), error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0)
		g_ptr_array_add(list, problem_of(rows));
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

GPtrArray *
pl_problem_open(pl_ledger *l, gint64 run, GError **error)
{
	return problems(l, PL_SQL_PROBLEM_UNTOLD, run, error);
}

GPtrArray *
pl_problem_of(pl_ledger *l, gint64 message, GError **error)
{
	return problems(l, PL_SQL_PROBLEM_OF, message, error);
}

/* ---- reports ----------------------------------------------------------- */

static gboolean
add_report(pl_ledger *l, struct pl_report_row *row, GError **error)
{
	g_autofree char *detail = NULL;

	if (!pl_db_insert(l->db, PL_SQL_REPORT_ADD,
		V(v_id(row->run), v_id(row->batch), v_text(row->address),
		    v_text(row->subject), v_text(row->text), v_text(row->html),
		    v_id(row->forward)),
		&row->id, error))
		return FALSE;
	detail = g_strdup_printf("report=%" G_GINT64_FORMAT " address=%s",
	    row->id, row->address != NULL ? row->address : "");
	return pl_event_note(l,
	    &(struct pl_event){ .what = (char *)(row->forward != 0
						     ? "passed-on"
						     : "report"),
		.run = row->run,
		.message = row->forward,
		.detail = detail },
	    error);
}

gboolean
pl_report_add(pl_ledger *l, struct pl_report_row *row, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, add_report(l, row, error), error);
}

static gboolean
tell(pl_ledger *l, gint64 run, const char *journal, GError **error)
{
	return (*journal != '\0' ? pl_db_do(l->db, PL_SQL_PROBLEM_TELL,
				       V(v_int(run), v_text(journal)), error)
				 : pl_db_do(l->db, PL_SQL_PROBLEM_TELL_NONE,
				       V(v_int(run)), error)) &&
	       pl_db_do(l->db, PL_SQL_BATCH_TELL,
		   V(v_int(run), v_text(journal)), error) &&
	       pl_db_do(l->db, PL_SQL_NOTICE_TELL,
		   V(v_int(run), v_text(journal)), error) &&
	       pl_db_do(l->db, PL_SQL_ENTRY_TELL,
		   V(v_int(run), v_text(journal)), error);
}

static gboolean
tell_all(pl_ledger *l, gint64 run, const char *const *journals, GError **error)
{
	for (; *journals != NULL; journals++)
		if (!tell(l, run, *journals, error))
			return FALSE;
	return TRUE;
}

gboolean
pl_report_told(
    pl_ledger *l, gint64 run, const char *const *journals, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work, tell_all(l, run, journals, error), error);
}

static struct pl_report_row *
report_of(pl_rows *rows)
{
	struct pl_report_row *row = pl_report_row_new();

	row->id = pl_rows_int(rows, 0);
	row->run = pl_rows_int(rows, 1);
	row->address = pl_rows_text(rows, 2);
	row->subject = pl_rows_text(rows, 3);
	row->text = pl_rows_text(rows, 4);
	row->html = pl_rows_text(rows, 5);
	row->batch = pl_rows_int(rows, 6);
	row->forward = pl_rows_int(rows, 7);
	return row;
}

GPtrArray *
pl_report_of(pl_ledger *l, gint64 run, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_report_row_free);
	g_autoptr(pl_rows) rows = NULL;
	int more;

	if (run == 0 &&
	    pl_db_number(l->db, PL_SQL_REPORT_NEWEST, V_NONE, &run, error) < 0)
		return NULL;
	rows = pl_db_query(l->db, PL_SQL_REPORT_OF, V(v_int(run)), error);
	more = rows == NULL ? -1 : 1;
	while (more > 0 && (more = pl_rows_next(rows, error)) > 0)
		g_ptr_array_add(list, report_of(rows));
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

struct pl_report_row *
pl_report_get(pl_ledger *l, gint64 id, GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_REPORT_GET, V(v_int(id)), error);
	int found = rows == NULL ? -1 : pl_rows_next(rows, error);

	if (found == 0)
		pl_refuse(
		    error, PL_LEDGER_ABSENT, "no report %" G_GINT64_FORMAT, id);
	return found > 0 ? report_of(rows) : NULL;
}

gboolean
pl_report_csv_add(
    pl_ledger *l, gint64 report, const char *lines, GError **error)
{
	struct pl_work work;

	return pl_work_begin(&work, l, error) &&
	       pl_work_end(&work,
		   pl_db_do(l->db, PL_SQL_REPORT_CSV_ADD,
		       V(v_int(report), v_text(lines)), error),
		   error);
}

gboolean
pl_report_csv(pl_ledger *l, gint64 report, pl_report_sink sink, void *user,
    GError **error)
{
	g_autoptr(pl_rows) rows =
	    pl_db_query(l->db, PL_SQL_REPORT_CSV, V(v_int(report)), error);
	int more = rows == NULL ? -1 : 1;

	while (more > 0 && (more = pl_rows_next(rows, error)) > 0) {
		g_autofree char *lines = pl_rows_text(rows, 0);

		if (!sink(lines, user, error))
			return FALSE;
	}
	return more == 0;
}
