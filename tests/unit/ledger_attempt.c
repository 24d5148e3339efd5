/* SPDX-License-Identifier: BSD-2-Clause */
/* Attempts: fenced, offered, answered, in every order. */
#include "ledger_planned.h"

/* ---- attempt, offer, answer in every order ----------------------------- */

/*
 * A story is a word of letters, each a step, lower case for what must work and
 * upper case for what must be refused:
 *   a A  next attempt      f  with force
 *   o    the current attempt comes by and passes
 *   O    the current attempt comes by and is stale
 *   p    the attempt before the current one comes by: stale
 *   s S  250               d D  4xx     r R  5xx    u U  no answer
 *   x X  answer 250 to the attempt before the current one: always refused
 *   c C  given up
 * After it: the state of batch, attempt and entry, and whether the batch may
 * be out twice.
 */
struct story {
	const char *steps;
	enum pl_batch_state batch;
	enum pl_attempt_state attempt;
	enum pl_state entry;
	gboolean twice;
};

static void
answer(pl_ledger *l, gint64 batch, unsigned attempt, char step)
{
	enum pl_attempt_state state =
	    g_ascii_tolower(step) == 's'   ? PL_ATTEMPT_SENT
	    : g_ascii_tolower(step) == 'd' ? PL_ATTEMPT_DEFERRED
	    : g_ascii_tolower(step) == 'r' ? PL_ATTEMPT_REFUSED
					   : PL_ATTEMPT_UNKNOWN;

	if (g_ascii_islower(step))
		assert_ok(pl_batch_answer(l, batch, attempt, state,
		    "reply\r\nmore\r\n", "4XyzQ9", 1234, E));
	else
		assert_fails(pl_batch_answer(
				 l, batch, attempt, state, "reply", NULL, 0, E),
		    PL_LEDGER_CONFLICT, "batch");
}

/* The last e-mail sent: did it go by the daemon? */
static void
send_one(pl_ledger *l, gboolean by_the_daemon)
{
	g_autoptr(pl_batch) b = plan(l, NULL, 0);
	unsigned n;

	assert_ok(pl_batch_attempt(l, b->id, FALSE, &n, E));
	if (by_the_daemon)
		come_by(l, b->id, n, PL_OFFER_PASS);
	assert_ok(pl_batch_answer(
	    l, b->id, n, PL_ATTEMPT_SENT, "250 Ok", NULL, 1, E));
}

static void
step(pl_ledger *l, gint64 batch, char c, unsigned *now)
{
	unsigned next = 0;

	switch (c) {
	case 'a':
	case 'f':
		assert_ok(pl_batch_attempt(l, batch, c == 'f', &next, E));
		assert_int_equal(next, *now + 1);
		*now = next;
		break;
	case 'A':
		assert_fails(pl_batch_attempt(l, batch, FALSE, &next, E),
		    PL_LEDGER_CONFLICT, "batch");
		break;
	case 'o':
		come_by(l, batch, *now, PL_OFFER_PASS);
		break;
	case 'O':
		come_by(l, batch, *now, PL_OFFER_STALE);
		break;
	case 'p':
		come_by(l, batch, *now - 1, PL_OFFER_STALE);
		break;
	case 'X':
		answer(l, batch, *now - 1, 'S');
		break;
	case 'c':
		assert_ok(pl_batch_cancel(l, batch, E));
		break;
	case 'C':
		assert_fails(
		    pl_batch_cancel(l, batch, E), PL_LEDGER_CONFLICT, "batch");
		break;
	default:
		answer(l, batch, *now, c);
	}
}

static void
tell_story(struct fixture *f, const struct story *s, unsigned number)
{
	g_autofree char *name = g_strdup_printf("%u", number);
	gint64 entry = add_waiting(f->l, "sales", name);
	g_autoptr(pl_batch) b = plan(f->l, &entry, 1), end = NULL;
	unsigned attempt = 0;

	send_one(f->l, TRUE);
	for (const char *c = s->steps; *c != '\0'; c++)
		step(f->l, b->id, *c, &attempt);
	end = pl_batch_get(f->l, b->id, NULL);
	if (end->state != s->batch || end->attempt_state != s->attempt ||
	    end->maybe_twice != s->twice || state_of(f->l, entry) != s->entry ||
	    end->attempt != attempt)
		fail_msg("%s ends as batch %s, attempt %u %d, entry %s%s",
		    s->steps, pl_batch_state_name(end->state), end->attempt,
		    (int)end->attempt_state,
		    pl_state_name(state_of(f->l, entry)),
		    end->maybe_twice ? ", twice" : "");
	assert_string_equal(end->message_id, b->message_id);
	assert_int_equal(end->finished != 0, s->batch >= PL_BATCH_SENT);
}

static void
attempts_offers_and_answers_end_well_in_every_order(void **state)
{
	struct fixture *f = *state;
#define PLANNED PL_BATCH_PLANNED
#define SUBMITTING PL_BATCH_SUBMITTING
	const struct story stories[] = {
		{ "", PLANNED, 0, PL_SENDING, FALSE },
		{ "a", SUBMITTING, PL_ATTEMPT_SUBMITTING, PL_SENDING, FALSE },
		{ "ao", SUBMITTING, PL_ATTEMPT_OFFERED, PL_SENDING, FALSE },
		{ "aos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		/* past the milter, or the MTA has none */
		{ "as", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		{ "aor", PL_BATCH_REFUSED, PL_ATTEMPT_REFUSED, PL_HELD, FALSE },
		{ "aod", PLANNED, PL_ATTEMPT_DEFERRED, PL_SENDING, FALSE },
		{ "aou", SUBMITTING, PL_ATTEMPT_UNKNOWN, PL_SENDING, FALSE },
		{ "au", SUBMITTING, PL_ATTEMPT_UNKNOWN, PL_SENDING, FALSE },
		/* not offered: fenced, and the old one never passes */
		{ "aa", SUBMITTING, PL_ATTEMPT_SUBMITTING, PL_SENDING, FALSE },
		{ "aapos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		{ "aaops", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		{ "aaosp", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		{ "auaos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		/* no answer yet, and the MTA was only slow */
		{ "auos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		{ "auoA", SUBMITTING, PL_ATTEMPT_OFFERED, PL_SENDING, FALSE },
		/* offered: no next one without proof or force */
		{ "aoA", SUBMITTING, PL_ATTEMPT_OFFERED, PL_SENDING, FALSE },
		{ "aouA", SUBMITTING, PL_ATTEMPT_UNKNOWN, PL_SENDING, FALSE },
		{ "aoAs", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		{ "aouAs", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		{ "aofpos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, TRUE },
		{ "aoufpos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, TRUE },
		{ "aufos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, TRUE },
		{ "affs", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, TRUE },
		/* force without need is no double */
		{ "fos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		{ "aodfos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		/* perhaps twice is never forgotten */
		{ "aofodaos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, TRUE },
		/* deferred: the next one is free, the old one is over */
		{ "aodO", PLANNED, PL_ATTEMPT_DEFERRED, PL_SENDING, FALSE },
		{ "aodaos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		{ "adapos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		/* nothing proves that the first copy was queued */
		{ "aoos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		{ "aouos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		/* finished is finished */
		{ "aosO", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		{ "aosASDRUC", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, FALSE },
		{ "aorOASDRUC", PL_BATCH_REFUSED, PL_ATTEMPT_REFUSED, PL_HELD,
		    FALSE },
		{ "aodSDRU", PLANNED, PL_ATTEMPT_DEFERRED, PL_SENDING, FALSE },
		/* answers to an attempt that is fenced */
		{ "aaX", SUBMITTING, PL_ATTEMPT_SUBMITTING, PL_SENDING, FALSE },
		{ "aofXos", PL_BATCH_SENT, PL_ATTEMPT_SENT, PL_SENT, TRUE },
		/* given up while that is safe */
		{ "c", PL_BATCH_CANCELLED, 0, PL_WAITING, FALSE },
		{ "acO", PL_BATCH_CANCELLED, PL_ATTEMPT_FENCED, PL_WAITING,
		    FALSE },
		{ "auc", PL_BATCH_CANCELLED, PL_ATTEMPT_FENCED, PL_WAITING,
		    FALSE },
		{ "aodc", PL_BATCH_CANCELLED, PL_ATTEMPT_DEFERRED, PL_WAITING,
		    FALSE },
		{ "cASC", PL_BATCH_CANCELLED, 0, PL_WAITING, FALSE },
		{ "aoC", SUBMITTING, PL_ATTEMPT_OFFERED, PL_SENDING, FALSE },
		{ "aouC", SUBMITTING, PL_ATTEMPT_UNKNOWN, PL_SENDING, FALSE },
		{ "aofdC", PLANNED, PL_ATTEMPT_DEFERRED, PL_SENDING, TRUE },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(stories); i++)
		tell_story(f, &stories[i], i);
	assert_whole(f->l);
}

/* Where nothing proves that e-mails go by the daemon, "not offered" says
 * nothing about an attempt without answer. */
static void
what_does_not_go_by_the_daemon_may_have_left(void **state)
{
	struct fixture *f = *state;
	static const struct {
		int before; /* -1: nothing was sent yet; by the daemon? */
		const char *steps;
		gboolean at_large, twice;
	} cases[] = {
		{ -1, "aAC", TRUE, FALSE },
		{ -1, "auAC", TRUE, FALSE },
		{ -1, "adc", FALSE, FALSE },
		{ -1, "aufd", TRUE, TRUE }, /* the first one still is */
		{ FALSE, "aAC", TRUE, FALSE },
		{ FALSE, "auAC", TRUE, FALSE },
		{ FALSE, "aufs", TRUE, TRUE },
		{ FALSE, "adas", FALSE, FALSE },
		{ TRUE, "auac", FALSE, FALSE },
		{ TRUE, "aoC", TRUE, FALSE },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(pl_batch) b = NULL, end = NULL;
		unsigned attempt = 0, loose = 99;

		if (cases[i].before >= 0)
			send_one(f->l, cases[i].before);
		b = plan(f->l, NULL, 0);
		for (const char *c = cases[i].steps; *c != '\0'; c++)
			step(f->l, b->id, *c, &attempt);
		assert_ok(pl_batch_at_large(f->l, b->id, &loose, E));
		end = pl_batch_get(f->l, b->id, NULL);
		if ((loose > 0) != cases[i].at_large ||
		    end->maybe_twice != cases[i].twice)
			fail_msg("%u %s: %u", i, cases[i].steps, loose);
	}
}

/* What may be true of a batch, kept beside the ledger. */
struct model {
	unsigned now;      /* the current attempt */
	gboolean at_large; /* it passed and has no answer */
	gboolean over;
};

static void
step_model(pl_ledger *l, gint64 batch, char c, struct model *m)
{
	static const char letters[] = "sdru";
	static const enum pl_attempt_state answers[] = { PL_ATTEMPT_SENT,
		PL_ATTEMPT_DEFERRED, PL_ATTEMPT_REFUSED, PL_ATTEMPT_UNKNOWN };
	enum pl_offer offer;
	unsigned of = c == 'p' ? m->now - 1 : m->now, next;

	switch (c) {
	case 'a':
		if (!pl_batch_attempt(l, batch, FALSE, &next, NULL))
			break;
		assert_false(m->at_large || m->over);
		m->now = next;
		break;
	case 'o':
	case 'p':
		assert_ok(pl_batch_offer(l, batch, of, "q", &offer, E));
		if (offer != PL_OFFER_PASS)
			break;
		assert_false(m->over || c == 'p');
		m->at_large = TRUE;
		break;
	case 'c':
		if (!pl_batch_cancel(l, batch, NULL))
			break;
		assert_false(m->at_large || m->over);
		m->over = TRUE;
		break;
	default:
		if (!pl_batch_answer(l, batch, m->now,
			answers[strchr(letters, c) - letters], NULL, NULL, 0,
			NULL))
			break;
		assert_false(m->over);
		if (c != 'u')
			m->at_large = FALSE;
		m->over = c == 's' || c == 'r';
	}
}

/* Every word of four steps after the first attempt: a batch that may be with
 * the MTA gets no next attempt and is not given up, an old attempt never
 * passes, and nothing happens to one that is over. */
static void
any_order_keeps_the_promise(void **state)
{
	struct fixture *f = *state;
	static const char letters[] = "aopsdruc";

	assert_ok(pl_ledger_begin(f->l, E));
	for (unsigned word = 0; word < 8 * 8 * 8 * 8; word++) {
		g_autoptr(pl_batch) b = plan(f->l, NULL, 0);
		struct model m = { 0 };

		send_one(f->l, TRUE);
		step_model(f->l, b->id, 'a', &m);
		for (unsigned rest = word, i = 0; i < 4; i++, rest /= 8)
			step_model(f->l, b->id, letters[rest % 8], &m);
	}
	assert_ok(pl_ledger_commit(f->l, E));
	assert_whole(f->l);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(attempts_offers_and_answers_end_well_in_every_order),
		T(what_does_not_go_by_the_daemon_may_have_left),
		T(any_order_keeps_the_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
