/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_statements - five statements of one account, and the plan of them
 */
#ifndef RUN_STATEMENTS_H
#define RUN_STATEMENTS_H

#include <string.h>

#include "run_clock.h"

#include "chain.h"
#include "share.h"

/* Five statements 1 to 5 of the first days of the year, each behind the one
 * before it. */
#define N 5
struct bank {
	struct pl_journal journal;
	pl_entry entries[N];
	struct pl_linked linked[N];
	struct pl_share shares[N]; /* for those that want them */
	char dates[N][12];
	struct pl_plan_input in;
};

static inline struct bank *
a_bank(void)
{
	struct bank *b = g_new0(struct bank, 1);

	b->journal = (struct pl_journal){ .name = "bank",
		.enabled = TRUE,
		.accept = 1u << PL_KIND_STATEMENT,
		.formats = PL_FILES_STATEMENT,
		.documents_per_mail = 2,
		.max_mails_per_run = 50 };
	b->in = (struct pl_plan_input){ .journal = &b->journal,
		.timezone = brussels,
		.now = utc("2026-01-10T11:00:00Z"),
		.entries = g_ptr_array_new(),
		.links = g_hash_table_new(g_int64_hash, g_int64_equal),
		.shares = g_hash_table_new(g_int64_hash, g_int64_equal) };
	for (int i = 0; i < N; i++) {
		pl_entry *e = &b->entries[i];

		g_snprintf(b->dates[i], 12, "2026-01-0%d", i + 1);
		e->id = i + 1;
		e->state = PL_WAITING;
		e->kind = PL_KIND_STATEMENT;
		e->formats = PL_FILES_STATEMENT;
		e->size = e->length = 1000;
		e->doc_date = b->dates[i];
		e->arrived = utc("2026-01-10T09:00:00Z");
		g_ptr_array_add(b->in.entries, e);
		b->linked[i].entry = i + 1;
		b->linked[i].before = i;
		b->linked[i].rank = (unsigned)i;
		g_hash_table_insert(
		    b->in.links, &b->linked[i].entry, &b->linked[i]);
	}
	return b;
}

static inline void
bank_free(struct bank *b)
{
	g_ptr_array_unref(b->in.entries);
	g_hash_table_unref(b->in.links);
	g_hash_table_unref(b->in.shares);
	g_free(b);
}

/* Reasons, with the e-mail of those that leave and what keeps back the others:
 * "1 1 2 gap! gap<4". Frees B. */
static inline void
assert_plan(struct bank *b, const char *expected)
{
	g_autoptr(GArray) plan = pl_plan(&b->in);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < plan->len; i++) {
		const struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, i);

		if (i > 0)
			g_string_append_c(text, ' ');
		if (d->mail > 0)
			g_string_append_printf(text, "%u", d->mail);
		else
			g_string_append(text, pl_reason_name(d->reason));
		if (d->code != NULL)
			g_string_append_c(text, '!');
		if (d->closed)
			g_string_append_c(text, '*');
		if (d->behind != 0)
			g_string_append_printf(text, "<%d", (int)d->behind);
	}
	bank_free(b);
	assert_string_equal(text->str, expected);
}

#endif
