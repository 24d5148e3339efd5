/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Statements through whole runs: none leaves before the one it follows,
 * whatever the MTA says, a person does, or the rules keep back.
 */
#include "run_bank.h"

#define JOURNAL "bank"

static struct gateway *
begin(const struct smtpd_rule *rules, unsigned n, const char *more)
{
	struct gateway *g = gateway_new(rules, n);
	g_autofree char *journal = bank(JOURNAL, more);

	gateway_rules(g, TEAM, journal);
	return g;
}

/* Statements of January, in this order of arrival, all on the tenth. */
static void
arrive(struct gateway *g, const char *account, const char *numbers)
{
	g_auto(GStrv) list = g_strsplit(numbers, " ", -1);

	for (char **n = list; *n != NULL; n++) {
		unsigned number = (unsigned)atoi(*n);
		g_autofree char *day = g_strdup_printf("2601%02u", number);

		statement(g, account, number, day, at("2026-01-20T05:00:00Z"));
	}
}

/* ---- what became of them ----------------------------------------------- */

struct one {
	gint64 sent, batch;
	char words[80];
};

static gboolean
add_one(const pl_entry *e, void *user)
{
	struct one one = { .sent = e->sent, .batch = e->batch };

	g_snprintf(one.words, sizeof(one.words), "%s", e->sequence);
	g_array_append_val((GArray *)user, one);
	return TRUE;
}

static int
by_time(gconstpointer a, gconstpointer b)
{
	const struct one *x = a, *y = b;

	if (x->sent != y->sent)
		return x->sent < y->sent ? -1 : 1;
	if (x->batch != y->batch)
		return x->batch < y->batch ? -1 : 1;
	return strcmp(x->words, y->words);
}

/* The numbers that were sent, in the order in which they were. */
static void
assert_left(struct gateway *g, const char *expected)
{
	const struct pl_entry_filter filter = { .journal = JOURNAL,
		.states = "s" };
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct one));
	g_autoptr(GString) text = g_string_new(NULL);

	assert_ok(pl_entry_each(g->f->l, &filter, add_one, all, E));
	g_array_sort(all, by_time);
	for (guint i = 0; i < all->len; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
		    g_array_index(all, struct one, i).words);
	assert_string_equal(text->str, expected);
}

/* "3 gap PL-201, 4 gap<3": all that waits, as a run would decide now. */
static void
assert_waits(struct gateway *g, const char *when, const char *expected)
{
	g_autoptr(GPtrArray) entries = NULL;
	g_autoptr(GArray) plan = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	struct pl_plan_input input;

	plan = pl_run_decide(g->f->l, g->config,
	    pl_config_find(g->config, JOURNAL), at(when), FALSE, &entries,
	    &input, NULL);
	assert_non_null(plan);
	for (guint i = 0; i < plan->len; i++) {
		const struct pl_decision *d =
		    &g_array_index(plan, struct pl_decision, i);
		g_autoptr(pl_entry) behind =
		    d->behind ? pl_entry_get(g->f->l, d->behind, NULL) : NULL;

		g_string_append_printf(text, "%s%s %s%s%s%s%s",
		    i > 0 ? ", " : "", d->entry->sequence,
		    pl_reason_name(d->reason), behind ? "<" : "",
		    behind ? behind->sequence : "", d->code ? " " : "",
		    d->code ? d->code : "");
	}
	assert_string_equal(text->str, expected);
}

static gint64
entry_of(struct gateway *g, const char *number)
{
	g_autoptr(GPtrArray) rows = pl_statement_open(g->f->l, JOURNAL, NULL);

	for (guint i = 0; i < rows->len; i++) {
		const struct pl_statement_row *row = rows->pdata[i];

		if (strcmp(row->sequence, number) == 0)
			return row->entry;
	}
	fail_msg("no statement %s is open", number);
	return 0;
}

static unsigned
problems(struct gateway *g, const char *code)
{
	g_autoptr(GPtrArray) all = pl_problem_open(g->f->l, 0, NULL);
	unsigned n = 0;

	for (guint i = 0; i < all->len; i++)
		n += strcmp(((struct pl_problem *)all->pdata[i])->code, code) ==
		     0;
	return n;
}

#define RULES(...) \
	(const struct smtpd_rule[]){ __VA_ARGS__ }, \
	    sizeof((const struct smtpd_rule[]){ __VA_ARGS__ }) / \
		sizeof(struct smtpd_rule)
#define BEHAVES NULL, 0
#define DAY_21 "2026-01-21T08:00:00Z"
#define DAY_22 "2026-01-22T08:00:00Z"
#define DAY_23 "2026-01-23T08:00:00Z"

/* ---- the MTA ----------------------------------------------------------- */

static void
one_that_is_put_off_keeps_back_those_behind_it(void **state)
{
	struct gateway *g =
	    begin(RULES({ "dot", 2, "451 4.7.1 later\r\n", 0, FALSE }), "");

	(void)state;
	arrive(g, ACCOUNT, "4 2 1 3");
	now(g, DAY_21);
	assert_left(g, "1");
	assert_waits(g, DAY_21, "3 gap<2, 4 gap<2");
	now(g, DAY_22);
	assert_left(g, "1 2 3 4");
	gateway_free(g);
}

static void
other_accounts_go_on(void **state)
{
	struct gateway *g =
	    begin(RULES({ "dot", 1, "451 4.7.1 later\r\n", 0, FALSE }),
		"documents_per_mail = 2\n");

	(void)state;
	/* 1 and 11 in the first e-mail, 2 and 12 in the second */
	arrive(g, ACCOUNT, "1");
	arrive(g, OTHER, "11");
	arrive(g, ACCOUNT, "2");
	arrive(g, "DE89370400440532013000", "15");
	now(g, DAY_21);
	assert_left(g, "15");
	now(g, DAY_22);
	assert_left(g, "15 1 11 2");
	gateway_free(g);
}

static void
one_that_is_refused_keeps_them_back_until_it_is_settled(void **state)
{
	struct gateway *g =
	    begin(RULES({ "dot", 2, "554 5.7.1 no\r\n", 0, FALSE }), "");

	(void)state;
	arrive(g, ACCOUNT, "1 2 3");
	now(g, DAY_21);
	now(g, DAY_22);
	assert_left(g, "1");
	assert_waits(g, DAY_22, "2 held, 3 gap<2");
	assert_ok(pl_entry_release(g->f->l, entry_of(g, "2"), E));
	now(g, DAY_23);
	assert_left(g, "1 2 3");
	gateway_free(g);
}

static void
one_without_answer_keeps_them_back(void **state)
{
	struct gateway *g = begin(RULES({ "dot", 2, NULL, 0, TRUE }), "");

	(void)state;
	arrive(g, ACCOUNT, "1 2 3");
	now(g, DAY_21);
	assert_left(g, "1");
	now(g, DAY_22);
	assert_left(g, "1 2 3");
	gateway_free(g);
}

static void
an_older_one_goes_before_an_e_mail_that_was_put_off(void **state)
{
	struct gateway *g =
	    begin(RULES({ "dot", 1, "451 4.7.1 later\r\n", 0, FALSE }), "");

	(void)state;
	arrive(g, ACCOUNT, "2");
	now(g, DAY_21);
	arrive(g, ACCOUNT, "1");
	now(g, DAY_22);
	assert_left(g, "1 2");
	gateway_free(g);
}

/* Its bytes are gone from the disk. */
static void
lose_bytes(struct gateway *g, gint64 message)
{
	g_autoptr(pl_message) m = pl_message_get(g->f->l, message, NULL);
	struct pl_bytes_id coming; /* so that the file is open for writing */

	assert_ok(pl_bytes_create(
	    g->f->l, "milter", g_get_real_time(), &coming, E));
	pl_bytes_drop(g->f->l, &m->bytes);
	pl_bytes_drop(g->f->l, &coming);
}

static void
one_that_cannot_be_read_keeps_them_back_and_is_tried_once(void **state)
{
	struct gateway *g = begin(BEHAVES, "enabled = no\n");
	g_autofree char *enabled = bank(JOURNAL, "");
	struct pl_run_result r;

	(void)state;
	arrive(g, ACCOUNT, "1 2");
	arrive(g, OTHER, "11");
	tick(g, DAY_21);
	lose_bytes(g, 1);
	gateway_rules(g, TEAM, enabled);
	r = now(g, DAY_22);
	assert_left(g, "11");
	assert_int_equal(r.deferred, 1);
	r = now(g, DAY_23);
	assert_left(g, "11");
	assert_int_equal(r.deferred, 1);
	gateway_free(g);
}

/* ---- gaps -------------------------------------------------------------- */

static void
a_gap_is_held_told_once_and_closed_in_one_run(void **state)
{
	struct gateway *g = begin(BEHAVES, "");

	(void)state;
	arrive(g, ACCOUNT, "6 4 1 5");
	assert_int_equal(now(g, DAY_21).problems, 1);
	assert_left(g, "1");
	assert_waits(g, DAY_21, "4 gap PL-201, 5 gap<4, 6 gap<4");
	assert_int_equal(now(g, DAY_21).problems, 0);
	arrive(g, ACCOUNT, "3");
	now(g, DAY_22);
	assert_left(g, "1");
	assert_waits(g, DAY_22, "3 gap PL-201, 4 gap<3, 5 gap<3, 6 gap<3");
	arrive(g, ACCOUNT, "2");
	now(g, DAY_23);
	assert_left(g, "1 2 3 4 5 6");
	gateway_free(g);
}

static void
the_words_follow_what_is_missing(void **state)
{
	struct gateway *g = begin(BEHAVES, "");
	g_autoptr(pl_entry) before = NULL, after = NULL;

	(void)state;
	arrive(g, ACCOUNT, "1 4");
	now(g, DAY_21);
	before = pl_entry_get(g->f->l, entry_of(g, "4"), NULL);
	assert_non_null(strstr(before->note, "Missing: no. 2 and 3,"));
	arrive(g, ACCOUNT, "2");
	assert_int_equal(now(g, DAY_22).problems, 0);
	after = pl_entry_get(g->f->l, entry_of(g, "4"), NULL);
	assert_non_null(strstr(after->note, "Missing: no. 3,"));
	assert_left(g, "1 2");
	gateway_free(g);
}

static void
released_past_a_gap_the_chain_goes_on(void **state)
{
	struct gateway *g = begin(BEHAVES, "");

	(void)state;
	arrive(g, ACCOUNT, "1 4 5");
	now(g, DAY_21);
	assert_ok(pl_entry_release(g->f->l, entry_of(g, "4"), E));
	assert_waits(g, DAY_21, "4 due, 5 due");
	now(g, DAY_22);
	assert_left(g, "1 4 5");
	arrive(g, ACCOUNT, "2");
	assert_int_equal(now(g, DAY_23).problems, 0);
	assert_left(g, "1 4 5 2");
	gateway_free(g);
}

static void
archived_ones_count_as_booked(void **state)
{
	struct gateway *g = begin(BEHAVES, "");

	(void)state;
	arrive(g, ACCOUNT, "1 3 4");
	now(g, DAY_21);
	assert_ok(pl_entry_change(
	    g->f->l, entry_of(g, "3"), PL_HELD, PL_ARCHIVED, NULL, NULL, 0, E));
	now(g, DAY_22);
	assert_left(g, "1 4");
	gateway_free(g);
}

static void
sent_past_a_gap_where_that_is_wanted(void **state)
{
	struct gateway *g = begin(BEHAVES, "enabled = no\n");
	g_autofree char *journal = bank(JOURNAL, "on_gap = send\n");

	(void)state;
	arrive(g, ACCOUNT, "5 4 1");
	now(g, DAY_21);
	gateway_rules(g, TEAM, journal);
	assert_waits(g, DAY_21, "1 due, 4 due PL-201, 5 due");
	assert_int_equal(now(g, DAY_21).problems, 1);
	assert_left(g, "1 4 5");
	assert_int_equal(now(g, DAY_22).problems, 0);
	gateway_free(g);
}

static void
each_account_counts_as_configured(void **state)
{
	struct gateway *g = begin(BEHAVES, "on_gap = hold\nnumbering = none\n");

	(void)state;
	statement(g, ACCOUNT, 1, "260101", at(DAY_21));
	statement(g, ACCOUNT, 3, "260103", at(DAY_21));
	now(g, DAY_21);
	assert_waits(g, DAY_21, "3 gap PL-201");
	gateway_free(g);
}

/* ---- other rules ------------------------------------------------------- */

static void
the_cap_cuts_in_the_order_of_the_bank(void **state)
{
	struct gateway *g = begin(BEHAVES, "max_mails_per_run = 2\n");

	(void)state;
	arrive(g, ACCOUNT, "5 3 1 4 2");
	now(g, DAY_21);
	assert_left(g, "1 2");
	now(g, DAY_22);
	now(g, DAY_23);
	assert_left(g, "1 2 3 4 5");
	gateway_free(g);
}

static void
what_a_person_holds_keeps_back_those_behind_it(void **state)
{
	struct gateway *g = begin(BEHAVES, "enabled = no\n");
	g_autofree char *journal = bank(JOURNAL, "");

	(void)state;
	arrive(g, ACCOUNT, "1 2 3");
	now(g, DAY_21);
	gateway_rules(g, TEAM, journal);
	assert_ok(pl_entry_change(
	    g->f->l, entry_of(g, "2"), PL_WAITING, PL_HELD, NULL, NULL, 0, E));
	now(g, DAY_22);
	assert_left(g, "1");
	assert_waits(g, DAY_22, "2 held, 3 gap<2");
	assert_int_equal(problems(g, "PL-201"), 0);
	assert_ok(pl_entry_release(g->f->l, entry_of(g, "2"), E));
	now(g, DAY_23);
	assert_left(g, "1 2 3");
	gateway_free(g);
}

/* Nobody reads the chain of what is held anyhow; as soon as one of it could
 * leave, it is among its neighbours. */
static void
held_ones_ask_for_no_place(void **state)
{
	struct gateway *g = begin(BEHAVES, "enabled = no\n");
	g_autofree char *journal = bank(JOURNAL, "");
	static const char *const numbers[] = { "1", "2", "3" };

	(void)state;
	arrive(g, ACCOUNT, "3 1 2");
	now(g, DAY_21);
	gateway_rules(g, TEAM, journal);
	for (unsigned i = 0; i < G_N_ELEMENTS(numbers); i++)
		assert_ok(pl_entry_change(g->f->l, entry_of(g, numbers[i]),
		    PL_WAITING, PL_HELD, NULL, NULL, 0, E));
	assert_waits(g, DAY_21, "3 held, 1 held, 2 held");
	assert_ok(pl_entry_change(
	    g->f->l, entry_of(g, "2"), PL_HELD, PL_WAITING, NULL, NULL, 0, E));
	assert_waits(g, DAY_21, "1 held, 2 gap<1, 3 held");
	gateway_free(g);
}

static void
the_delay_of_one_is_that_of_those_behind_it(void **state)
{
	struct gateway *g = begin(BEHAVES, "delay_days = 2\n");

	(void)state;
	statement(g, ACCOUNT, 2, "260102", at("2026-01-20T05:00:00Z"));
	statement(g, ACCOUNT, 1, "260101", at("2026-01-22T05:00:00Z"));
	now(g, DAY_23);
	assert_left(g, "");
	assert_waits(g, DAY_23, "1 delay, 2 delay<1");
	now(g, "2026-01-24T08:00:00Z");
	assert_left(g, "1 2");
	gateway_free(g);
}

static void
those_before_the_start_date_are_known(void **state)
{
	struct gateway *g = begin(BEHAVES, "start_date = 2026-01-03\n");

	(void)state;
	arrive(g, ACCOUNT, "4 3 2 1");
	assert_int_equal(now(g, DAY_21).problems, 0);
	assert_left(g, "3 4");
	assert_waits(g, DAY_21, "1 start-date, 2 start-date");
	arrive(g, OTHER, "4 2");
	assert_int_equal(now(g, DAY_21).problems, 1);
	gateway_free(g);
}

static void
a_day_that_has_not_ended_waits_and_is_no_gap(void **state)
{
	struct gateway *g = begin(BEHAVES, "");

	(void)state;
	statement(g, ACCOUNT, 20, "260120", at("2026-01-21T05:00:00Z"));
	statement(g, ACCOUNT, 22, "260122", at("2026-01-22T05:00:00Z"));
	now(g, DAY_22);
	assert_left(g, "20");
	assert_waits(g, DAY_22, "22 unfinished");
	/* midnight in Brussels is 23 o'clock here */
	assert_waits(g, "2026-01-22T22:59:00Z", "22 unfinished");
	assert_waits(g, "2026-01-22T23:00:00Z", "22 gap PL-201");
	gateway_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    one_that_is_put_off_keeps_back_those_behind_it),
		cmocka_unit_test(other_accounts_go_on),
		cmocka_unit_test(
		    one_that_is_refused_keeps_them_back_until_it_is_settled),
		cmocka_unit_test(one_without_answer_keeps_them_back),
		cmocka_unit_test(
		    an_older_one_goes_before_an_e_mail_that_was_put_off),
		cmocka_unit_test(
		    one_that_cannot_be_read_keeps_them_back_and_is_tried_once),
		cmocka_unit_test(a_gap_is_held_told_once_and_closed_in_one_run),
		cmocka_unit_test(the_words_follow_what_is_missing),
		cmocka_unit_test(released_past_a_gap_the_chain_goes_on),
		cmocka_unit_test(archived_ones_count_as_booked),
		cmocka_unit_test(sent_past_a_gap_where_that_is_wanted),
		cmocka_unit_test(each_account_counts_as_configured),
		cmocka_unit_test(the_cap_cuts_in_the_order_of_the_bank),
		cmocka_unit_test(
		    what_a_person_holds_keeps_back_those_behind_it),
		cmocka_unit_test(held_ones_ask_for_no_place),
		cmocka_unit_test(the_delay_of_one_is_that_of_those_behind_it),
		cmocka_unit_test(those_before_the_start_date_are_known),
		cmocka_unit_test(a_day_that_has_not_ended_waits_and_is_no_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
