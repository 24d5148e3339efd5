/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_sales - a journal of invoices on the gateway of run_gateway.h, what became
 * of its documents, and runs in a process of their own
 */
#ifndef RUN_SALES_H
#define RUN_SALES_H

#include <signal.h>
#include <sys/wait.h>

#include "run_gateway.h"

#define SALES \
	"[journal sales]\naddress = sales@in.example\n" \
	"deliver_to = acme@out.example\n"

static inline guint64
count_of(struct gateway *g, enum pl_state state)
{
	struct pl_counts counts;

	assert_ok(pl_entry_counts(g->f->l, "sales", &counts, E));
	return counts.by_state[state];
}

/* How many documents are in which state: "held=2 sent=2". */
static inline void
assert_states(struct gateway *g, const char *expected)
{
	g_autoptr(GString) s = g_string_new(NULL);
	struct pl_counts counts;

	assert_ok(pl_entry_counts(g->f->l, "sales", &counts, E));
	for (unsigned i = 0; i < PL_STATES; i++)
		if (counts.by_state[i] > 0)
			g_string_append_printf(s, "%s%s=%u",
			    s->len > 0 ? " " : "",
			    pl_state_name((enum pl_state)i),
			    (unsigned)counts.by_state[i]);
	assert_string_equal(s->str, expected);
}

/* How many problems of CODE with WORDS (NULL: any) there ever were. */
static inline unsigned
problems_of(struct gateway *g, const char *code, const char *words)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

	for (gint64 run = 0; run < 100; run++) {
		g_autoptr(GPtrArray) list = pl_problem_open(g->f->l, run, NULL);

		for (guint i = 0; list != NULL && i < list->len; i++) {
			const struct pl_problem *p = list->pdata[i];

			if (strcmp(p->code, code) == 0 &&
			    (words == NULL || strstr(p->text, words) != NULL))
				g_hash_table_add(
				    seen, GINT_TO_POINTER((int)p->id));
		}
	}
	return g_hash_table_size(seen);
}

/* Is WORDS in the text of the newest report? */
static inline gboolean
newest_says(struct gateway *g, const char *words)
{
	g_autoptr(GPtrArray) reports = pl_report_of(g->f->l, 0, NULL);
	g_autoptr(GRegex) blank = g_regex_new("\\s+", 0, 0, NULL);
	const struct pl_report_row *row;
	g_autofree char *flat = NULL;

	assert_non_null(reports);
	assert_true(reports->len > 0);
	row = reports->pdata[0];
	flat = g_regex_replace(blank, row->text, -1, 0, " ", 0, NULL);
	return strstr(flat, words) != NULL;
}

/* A run in a process of its own, since the variable is read once in each: did
 * it die at POINT? Otherwise, and with NULL, it ends well. */
static inline gboolean
run_in_child(struct gateway *g, const char *point)
{
	int status;
	pid_t child;

	pl_ledger_close(g->f->l);
	g->f->l = NULL;
	child = fork();
	if (child == 0) {
		const struct pl_run_options options = { .now = TRUE };
		struct pl_run_result r;

		if (point != NULL)
			g_setenv("POSTLEDGER_CRASH", point, TRUE);
		g->f->l = open_as(g->f, PL_LEDGER_WRITE);
		_exit(!pl_run_once(
		    g->f->l, g->config, g->secret, &options, &r, NULL));
	}
	assert_true(child > 0);
	waitpid(child, &status, 0);
	g->f->l = open_as(g->f, PL_LEDGER_WRITE);
	if (point != NULL && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return TRUE;
	assert_int_equal(status, 0);
	return FALSE;
}

#endif
