/* SPDX-License-Identifier: BSD-2-Clause */
/* ahead - see ahead.h */
#include "ahead.h"

#include "destination.h"
#include "maker.h"

#define PLANNED 2    /* e-mails that are committed at a time */
#define LINES 3      /* connections, with that of the present e-mail */
#define WORTH 65536  /* bytes: a smaller e-mail is no work for the MTA */
#define GREETING 200 /* milliseconds for another connection */

struct mail {
	gint64 of;         /* batch */
	pl_spool *spool;   /* NULL: it is the caller's now */
	unsigned attempt;  /* that is committed; 0: none */
	pl_flight *flight; /* held; NULL: not begun */
};

struct pl_ahead {
	pl_leaving *leaving;      /* NULL: none; otherwise BATCHES are its, */
	const GPtrArray *batches; /* those from NEXT on have their turn next */
	guint next;
	GQueue mails;               /* struct mail, in the same order, */
	pl_maker *maker;            /* and behind them those it has */
	struct mail present;        /* whose turn it is */
	pl_submit *line[LINES - 1]; /* beside the pass's; NULL: not open yet */
	const pl_submit *untried;   /* one that nothing was answered on */
	gboolean answered;          /* something was, in this pass */
	gboolean single;            /* the MTA wants no more connections */
};

/* ---- what is held ------------------------------------------------------ */

static pl_ahead *
ahead_of(struct pl_pass *pass)
{
	if (pass->ahead == NULL) {
		pass->ahead = g_new0(pl_ahead, 1);
		g_queue_init(&pass->ahead->mails);
	}
	return pass->ahead;
}

static void
mail_clear(struct mail *m)
{
	pl_flight_cut(m->flight);
	pl_spool_free(m->spool);
	*m = (struct mail){ 0 };
}

static void
mail_free(gpointer mail)
{
	mail_clear(mail);
	g_free(mail);
}

static gboolean
any_in_flight(const pl_ahead *a)
{
	if (a->present.flight != NULL)
		return TRUE;
	for (const GList *at = a->mails.head; at != NULL; at = at->next)
		if (((const struct mail *)at->data)->flight != NULL)
			return TRUE;
	return FALSE;
}

/* M does not leave now, and its attempt waits for nobody any more. If that
 * cannot be written, the next run finds one that was not offered. */
static void
give_up(struct pl_pass *pass, struct mail *m)
{
	pl_flight_cut(g_steal_pointer(&m->flight));
	if (m->attempt != 0)
		pl_batch_answer(pass->ledger, m->of, m->attempt,
		    PL_ATTEMPT_DEFERRED, "[not tried yet]", NULL, 0, NULL);
}

void
pl_ahead_stop(struct pl_pass *pass)
{
	pl_ahead *a = pass->ahead;

	if (a == NULL)
		return;
	give_up(pass, &a->present);
	for (GList *at = a->mails.head; at != NULL; at = at->next)
		give_up(pass, at->data);
	mail_clear(&a->present);
	g_queue_clear_full(&a->mails, mail_free);
	g_clear_pointer(&a->maker, pl_maker_free);
	/* a process of two threads must not fork */
	pl_reader_hold(pass->reader, FALSE);
}

static void
close_lines(pl_ahead *a)
{
	for (guint i = 0; i < G_N_ELEMENTS(a->line); i++)
		g_clear_pointer(&a->line[i], pl_submit_free);
	a->untried = NULL;
}

void
pl_ahead_end(struct pl_pass *pass)
{
	pl_ahead_stop(pass);
	if (pass->ahead != NULL)
		close_lines(pass->ahead);
	g_clear_pointer(&pass->ahead, g_free);
}

void
pl_ahead_expect(struct pl_pass *pass, pl_leaving *leaving, guint from)
{
	pl_ahead *a = ahead_of(pass);

	a->leaving = leaving;
	a->batches = leaving != NULL ? pl_leaving_batches(leaving) : NULL;
	a->next = from;
}

static guint
asked(const pl_ahead *a)
{
	return a->maker != NULL ? pl_maker_asked(a->maker) : 0;
}

/* What is made; WAIT for the first. What cannot be made, and what comes behind
 * it, is asked for again, or made when its turn comes. */
static void
collect(pl_ahead *a, gboolean wait)
{
	pl_spool *spool;
	gint64 of;

	while (asked(a) > 0 && pl_maker_take(a->maker, wait, &of, &spool)) {
		struct mail *m;

		if (spool == NULL) {
			g_clear_pointer(&a->maker, pl_maker_free);
			return;
		}
		m = g_new0(struct mail, 1);
		m->of = of;
		m->spool = spool;
		g_queue_push_tail(&a->mails, m);
		wait = FALSE;
	}
}

pl_spool *
pl_ahead_take(struct pl_pass *pass, const pl_batch *batch)
{
	pl_ahead *a = ahead_of(pass);
	struct mail *first;

	mail_clear(&a->present);
	collect(a, g_queue_is_empty(&a->mails));
	first = g_queue_peek_head(&a->mails);
	/* whoever makes it now needs the reader for himself */
	if (first == NULL || first->of != batch->id) {
		pl_ahead_stop(pass);
		return NULL;
	}
	g_queue_pop_head(&a->mails);
	a->present = *first;
	g_free(first);
	return g_steal_pointer(&a->present.spool);
}

gboolean
pl_ahead_begun(
    const struct pl_pass *pass, const pl_batch *batch, unsigned *attempt)
{
	const pl_ahead *a = pass->ahead;

	if (a == NULL || a->present.of != batch->id || a->present.attempt == 0)
		return FALSE;
	*attempt = a->present.attempt;
	return TRUE;
}

/* ---- connections ------------------------------------------------------- */

static gboolean
is_used(const pl_ahead *a, const pl_submit *line, const pl_submit *busy)
{
	if (line == busy)
		return TRUE;
	for (const GList *at = a->mails.head; at != NULL; at = at->next) {
		const struct mail *m = at->data;

		if (m->flight != NULL && pl_flight_line(m->flight) == line)
			return TRUE;
	}
	return FALSE;
}

/* One that nothing is under way on; NULL: there is none. Another one is opened
 * when those before it have shown that they work. */
static pl_submit *
free_line(struct pl_pass *pass, const pl_submit *busy)
{
	pl_ahead *a = pass->ahead;

	if (a->single)
		return NULL;
	if (!is_used(a, pass->submit, busy))
		return pass->submit;
	for (guint i = 0; i < G_N_ELEMENTS(a->line); i++) {
		if (a->line[i] == NULL && a->untried != NULL)
			return NULL;
		if (a->line[i] == NULL)
			a->untried = a->line[i] = pl_submit_new(
			    pl_config_gateway(pass->config)->submission);
		if (!is_used(a, a->line[i], busy))
			return a->line[i];
	}
	return NULL;
}

/* LINE answered: the pass has one that works. */
static void
prefer(struct pl_pass *pass, pl_submit *line)
{
	pl_ahead *a = pass->ahead;

	if (a->untried == line)
		a->untried = NULL;
	for (guint i = 0; i < G_N_ELEMENTS(a->line); i++)
		if (a->line[i] == line) {
			a->line[i] = pass->submit;
			pass->submit = line;
		}
}

/* One of them does not work: that of the pass is used for all, and opened anew
 * if need be. What is under way on others is given up, since the MTA may take
 * one connection only. */
static void
leave_lines(struct pl_pass *pass)
{
	pl_ahead_stop(pass);
	pass->ahead->single = TRUE;
	close_lines(pass->ahead);
}

/* ---- the next ones ----------------------------------------------------- */

/* The next e-mail that nobody makes yet; NULL: there are enough, or it goes
 * elsewhere. */
static const pl_batch *
unasked(const pl_ahead *a)
{
	const guint ready = a->mails.length + asked(a);
	const pl_batch *b;

	if (a->batches == NULL || a->next + ready >= a->batches->len ||
	    ready >= PL_AHEAD)
		return NULL;
	b = a->batches->pdata[a->next + ready];
	return pl_destination_of(b->deliver_to) == &pl_destination_smtp ? b
									: NULL;
}

static pl_maker *
maker_of(struct pl_pass *pass)
{
	const struct pl_composer composer = { pass->ledger, pass->reader,
		pass->config, 0, pass->secret };

	if (pass->ahead->maker == NULL)
		pass->ahead->maker = pl_maker_new(&composer);
	return pass->ahead->maker;
}

static void
ask_all(struct pl_pass *pass)
{
	const pl_batch *batch;

	while ((batch = unasked(pass->ahead)) != NULL && maker_of(pass) != NULL)
		pl_maker_ask(
		    pass->ahead->maker, batch, pl_pass_limit(pass, batch));
}

/* The first that is not begun; *BATCH: of it. */
static struct mail *
first_unbegun(const pl_ahead *a, const pl_batch **batch)
{
	guint i = a->next;

	for (const GList *at = a->mails.head; at != NULL; at = at->next, i++) {
		struct mail *m = at->data;

		if (m->flight == NULL) {
			*batch = a->batches->pdata[i];
			return m;
		}
	}
	return NULL;
}

/* Before the first answer nobody knows whether our e-mails pass the daemon,
 * and what it would mean that one was not offered. */
static gboolean
is_worth_it(struct pl_pass *pass, const struct mail *m, const pl_batch *batch)
{
	return pass->ahead->answered && pl_spool_size(m->spool) >= WORTH &&
	       !pl_order_waits(pass, batch);
}

void
pl_ahead_fence(struct pl_pass *pass)
{
	const pl_ahead *a = pass->ahead;
	const pl_batch *batch;
	struct mail *m;

	if (a == NULL || a->batches == NULL || a->single)
		return;
	m = first_unbegun(a, &batch);
	if (m != NULL && m->attempt == 0 && is_worth_it(pass, m, batch) &&
	    !pl_batch_attempt(
		pass->ledger, batch->id, FALSE, &m->attempt, NULL))
		m->attempt = 0;
}

static gboolean
begin(struct pl_pass *pass, struct mail *m, const pl_batch *batch,
    pl_submit *line)
{
	g_autofree char *from = NULL, *stamp = NULL;
	struct pl_envelope envelope = { .to = batch->deliver_to,
		.spool = m->spool };

	if (m->attempt == 0 && (!is_worth_it(pass, m, batch) ||
				   !pl_pass_fence(pass, batch, &m->attempt)))
		return FALSE;
	envelope.from = from = pl_pass_return_path(pass, batch, m->attempt);
	envelope.stamp = stamp = pl_pass_stamp(pass, batch, m->attempt);
	m->flight = pl_flight_begin(line, &envelope, TRUE);
	return m->flight != NULL;
}

/* Begins what there are connections for. */
static void
begin_all(struct pl_pass *pass, const pl_submit *busy)
{
	const pl_batch *batch;
	struct mail *m;
	pl_submit *line;

	while ((m = first_unbegun(pass->ahead, &batch)) != NULL &&
	       (line = free_line(pass, busy)) != NULL &&
	       begin(pass, m, batch, line))
		;
}

/* What fails here is seen when its turn comes. */
static void
plan_on(pl_ahead *a)
{
	if (a->batches != NULL && a->batches->len < a->next + 2 * PL_AHEAD)
		pl_leaving_plan(a->leaving, a->batches->len + PLANNED, NULL);
}

/* What is there is begun, the next ones are made, and those behind them
 * committed, while PRESENT has no answer. */
static void
go_ahead(struct pl_pass *pass, const pl_flight *present)
{
	collect(pass->ahead, FALSE);
	begin_all(pass, pl_flight_line(present));
	ask_all(pass);
	plan_on(pass->ahead);
}

/* ---- the present one --------------------------------------------------- */

/* It was held, and it was the connection that failed. */
static gboolean
is_of_line(const struct pl_answer *a)
{
	return a->state == PL_ATTEMPT_DEFERRED &&
	       (a->down || a->reply[0] == '[');
}

/* NULL: it is not held, or the MTA does not take that connection: better seen
 * before anything else is begun on the other ones. */
static pl_flight *
take_held(struct pl_pass *pass, const pl_batch *batch)
{
	struct mail *m = &pass->ahead->present;
	pl_flight *f = NULL;

	if (m->of == batch->id)
		f = g_steal_pointer(&m->flight);
	m->attempt = 0;
	if (f == NULL || pl_flight_open(f, GREETING))
		return f;
	pl_flight_cut(f);
	leave_lines(pass);
	return NULL;
}

void
pl_ahead_submit(struct pl_pass *pass, const pl_batch *batch,
    const struct pl_envelope *envelope, struct pl_answer *answer)
{
	pl_ahead *a = ahead_of(pass);
	pl_flight *f = take_held(pass, batch);
	gboolean held = f != NULL;
	pl_submit *line;

	if (f == NULL &&
	    (a->mails.length > 0 || asked(a) > 0 || unasked(a) != NULL))
		f = pl_flight_begin(pass->submit, envelope, FALSE);
	if (f == NULL) {
		pl_submit_send(pass->submit, envelope, answer);
		return;
	}
	pl_reader_hold(pass->reader, TRUE);
	line = pl_flight_line(f);
	go_ahead(pass, f);
	pl_flight_end(f, answer);
	pl_reader_hold(pass->reader, a->maker != NULL || any_in_flight(a));
	if (!is_of_line(answer)) {
		a->answered = TRUE;
		prefer(pass, line);
	} else if (held) {
		pl_answer_clear(answer);
		leave_lines(pass);
		pl_submit_send(pass->submit, envelope, answer);
	}
}
