/* SPDX-License-Identifier: BSD-2-Clause */
/* E-mails are composed in a thread of their own, beside a ledger in use. */
#include "maker.h"
#include "run_composed.h"

#define ONES SALES "documents_per_mail = 1\n"

/* BATCHES of a document each. */
static struct gateway *
planned(pl_batch **batches, unsigned n)
{
	struct gateway *g = gateway_new(NULL, 0);

	gateway_rules(g, "", ONES);
	for (unsigned i = 0; i < n; i++) {
		char number[16];

		snprintf(number, sizeof number, "F-%u", i);
		capture_pdf(g, number, 3000);
		index_all(g);
		batches[i] = plan_all(g);
	}
	return g;
}

static pl_maker *
maker_of(struct gateway *g, pl_reader *reader)
{
	const struct pl_composer c = { g->f->l, reader, g->config, 0,
		g->secret };

	return pl_maker_new(&c);
}

static void
what_it_makes_is_what_anybody_would_make(void **state)
{
	pl_batch *b[3];
	struct gateway *g = planned(b, G_N_ELEMENTS(b));
	g_autoptr(pl_reader) reader = pl_reader_new(&pl_limits_default);
	pl_maker *m = maker_of(g, reader);

	(void)state;
	assert_non_null(m);
	for (unsigned i = 0; i < G_N_ELEMENTS(b); i++)
		pl_maker_ask(m, b[i], 0);
	/* whoever sends writes to the ledger meanwhile */
	assert_ok(pl_ledger_begin(g->f->l, E));
	for (unsigned i = 0; i < G_N_ELEMENTS(b); i++) {
		pl_spool *made = NULL;
		gint64 of = 0;

		assert_int_equal(pl_maker_asked(m), G_N_ELEMENTS(b) - i);
		assert_true(pl_maker_take(m, TRUE, &of, &made));
		assert_int_equal(of, b[i]->id);
		assert_non_null(made);
		g_autoptr(GString) text = text_of(made);
		const struct pl_composer c = { g->f->l, reader, g->config, 0,
			g->secret };
		g_autoptr(GPtrArray) entries =
		    pl_batch_entries(g->f->l, b[i]->id, NULL);
		guint bad;
		g_autoptr(pl_spool) here =
		    pl_compose(&c, b[i], entries, &bad, NULL);
		g_autoptr(GString) same = text_of(here);
		assert_string_equal(text->str, same->str);
		pl_spool_free(made);
		pl_batch_free(b[i]);
	}
	pl_ledger_rollback(g->f->l);
	pl_maker_free(m);
	assert_int_equal(pl_spool_count(), 0);
	gateway_free(g);
}

static void
what_cannot_be_made_is_told_and_the_next_one_is_made(void **state)
{
	pl_batch *b[2];
	struct gateway *g = planned(b, G_N_ELEMENTS(b));
	g_autoptr(pl_reader) reader = pl_reader_new(&pl_limits_default);
	pl_maker *m = maker_of(g, reader);
	pl_spool *made = NULL;
	gint64 of;

	(void)state;
	pl_maker_ask(m, b[0], 1000); /* it is larger */
	pl_maker_ask(m, b[1], 0);
	assert_true(pl_maker_take(m, TRUE, &of, &made));
	assert_int_equal(of, b[0]->id);
	assert_null(made);
	assert_true(pl_maker_take(m, TRUE, &of, &made));
	assert_int_equal(of, b[1]->id);
	assert_non_null(made);
	pl_spool_free(made);
	assert_false(pl_maker_take(m, TRUE, &of, &made));
	pl_maker_free(m);
	for (unsigned i = 0; i < G_N_ELEMENTS(b); i++)
		pl_batch_free(b[i]);
	gateway_free(g);
}

static void
nothing_is_left_of_what_nobody_takes(void **state)
{
	pl_batch *b[2];
	struct gateway *g = planned(b, G_N_ELEMENTS(b));
	g_autoptr(pl_reader) reader = pl_reader_new(&pl_limits_default);

	(void)state;
	for (unsigned round = 0; round < 10; round++) {
		pl_maker *m = maker_of(g, reader);

		for (unsigned i = 0; i < G_N_ELEMENTS(b); i++)
			pl_maker_ask(m, b[i], 0);
		if (round % 2 == 0)
			g_usleep(20000);
		pl_maker_free(m);
		assert_int_equal(pl_spool_count(), 0);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(b); i++)
		pl_batch_free(b[i]);
	gateway_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_makes_is_what_anybody_would_make),
		cmocka_unit_test(
		    what_cannot_be_made_is_told_and_the_next_one_is_made),
		cmocka_unit_test(nothing_is_left_of_what_nobody_takes),
	};

	return cmocka_run_group_tests_name("run_maker", tests, NULL, NULL);
}
