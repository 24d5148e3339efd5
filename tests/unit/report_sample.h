/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_sample - facts to write reports from: a few calls to make journals,
 * entries, batches and problems, and one run as a finance team would see it
 *
 * Everything belongs to the sample; its strings lie in one chunk.
 */
#ifndef REPORT_SAMPLE_H
#define REPORT_SAMPLE_H

#include <string.h>

#include "postledger/report.h"

#define SECOND ((gint64)G_USEC_PER_SEC)
#define DAY (86400 * SECOND)
/* 2026-11-21 07:00 in Brussels */
#define NOW (1795240800 * SECOND)

struct sample {
	struct pl_report_facts facts;
	pl_run run;
	GStringChunk *strings;
	GPtrArray *owned; /* g_free()d at the end */
	gint64 last_id;
};

static inline gpointer
sample_own(struct sample *s, gpointer memory)
{
	g_ptr_array_add(s->owned, memory);
	return memory;
}

#define sample_new0(s, type) ((type *)sample_own(s, g_new0(type, 1)))

static inline char *
sample_string(struct sample *s, const char *text)
{
	return text ? g_string_chunk_insert(s->strings, text) : NULL;
}

G_GNUC_PRINTF(2, 3)
static inline char *
sample_printf(struct sample *s, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	return sample_string(s, text);
}

static inline struct sample *
sample_begin(void)
{
	struct sample *s = g_new0(struct sample, 1);

	s->strings = g_string_chunk_new(4096);
	s->owned = g_ptr_array_new_with_free_func(g_free);
	s->run.id = 212;
	s->run.started = NOW;
	s->run.who = sample_string(s, "postledger (uid 118), timer");
	s->run.config = sample_string(s,
	    "8b1a9953c4611296a827abf8c47804d7e6e7b4e0e4b1f5f64f7a5ce0bb6a0f21");
	s->facts = (struct pl_report_facts){
		.run = &s->run,
		.now = NOW + 41 * SECOND,
		.timezone = g_time_zone_new_identifier("Europe/Brussels"),
		.timezone_name = "Europe/Brussels",
		.host = "gw.example.com",
		.version = "0.1.0",
		.head = "5f2c1d7e90ab34c8e1f2a3b4c5d6e7f8"
			"091a2b3c4d5e6f708192a3b4c5d6e7f8",
		.journals = g_ptr_array_new(),
		.problems = g_ptr_array_new(),
		.notes = g_ptr_array_new(),
		.originals = g_ptr_array_new(),
	};
	return s;
}

static inline void
sample_end(struct sample *s)
{
	for (unsigned i = 0; i < s->facts.journals->len; i++) {
		struct pl_report_journal *j = s->facts.journals->pdata[i];

		for (unsigned k = 0; k < j->sent->len; k++)
			g_ptr_array_unref(
			    ((struct pl_report_sent *)j->sent->pdata[k])
				->entries);
		g_ptr_array_unref(j->sent);
		g_ptr_array_unref(j->waiting);
		g_ptr_array_unref(j->others);
	}
	g_ptr_array_unref(s->facts.journals);
	g_ptr_array_unref(s->facts.problems);
	g_ptr_array_unref(s->facts.notes);
	g_ptr_array_unref(s->facts.originals);
	g_time_zone_unref(s->facts.timezone);
	g_ptr_array_unref(s->owned);
	g_string_chunk_free(s->strings);
	g_free(s);
}

static inline struct pl_report_journal *
sample_journal(struct sample *s, const char *name)
{
	struct pl_report_journal *j = sample_new0(s, struct pl_report_journal);
	struct pl_journal *rules = sample_new0(s, struct pl_journal);

	rules->name = sample_string(s, name);
	rules->enabled = TRUE;
	rules->deliver_to =
	    sample_printf(s, "acme-%s@in.accounting.example", name);
	rules->max_mails_per_run = 50;
	rules->max_mail_size = 7 << 20;
	rules->delay_days = 7;
	j->journal = rules;
	j->sent = g_ptr_array_new();
	j->waiting = g_ptr_array_new();
	j->others = g_ptr_array_new();
	j->next = NOW + DAY;
	g_ptr_array_add(s->facts.journals, j);
	return j;
}

/* An invoice; NUMBER and FILE as they are told. */
static inline pl_entry *
sample_entry(struct sample *s, const struct pl_report_journal *j,
    enum pl_state state, const char *number)
{
	pl_entry *e = sample_new0(s, pl_entry);

	e->id = e->document = e->message = ++s->last_id;
	e->journal = sample_string(s, j->journal->name);
	e->state = state;
	e->number = sample_string(s, number);
	e->filename = sample_printf(s, "%s.pdf", number);
	e->doc_date = sample_string(s, "2026-11-13");
	e->seller_id = sample_string(s, "BE0477472701");
	e->seller_name = sample_string(s, "Brasserie du Parc SA");
	e->total = sample_string(s, "1210.00");
	e->currency = sample_string(s, "EUR");
	e->arrived = NOW - 3 * DAY;
	e->msg_date = sample_string(s, "2026-11-18 09:12");
	e->sender = sample_string(s, "erp@shop.example");
	e->from = sample_string(s, "Shop ERP <erp@shop.example>");
	e->subject = sample_printf(s, "Invoice %s", number);
	e->message_id = sample_printf(s, "<%s@shop.example>", number);
	return e;
}

static inline struct pl_report_sent *
sample_batch(
    struct sample *s, struct pl_report_journal *j, enum pl_batch_state state)
{
	struct pl_report_sent *sent = sample_new0(s, struct pl_report_sent);
	pl_batch *b = sample_new0(s, pl_batch);

	b->id = 900 + j->sent->len;
	b->attempt = 1;
	b->state = state;
	b->journal = sample_string(s, j->journal->name);
	b->size = 1903321;
	b->message_id =
	    sample_printf(s, "<%d.ledger@gw.example.com>", (int)b->id);
	b->mta_id = sample_printf(s, "4Xyz%02u", j->sent->len);
	b->reply = sample_printf(s, "250 2.0.0 Ok: queued as %s", b->mta_id);
	b->finished = NOW + 20 * SECOND;
	sent->batch = b;
	sent->entries = g_ptr_array_new();
	g_ptr_array_add(j->sent, sent);
	return sent;
}

static inline void
sample_wait(struct sample *s, struct pl_report_journal *j,
    const pl_entry *entry, const char *reason, gint64 until)
{
	struct pl_report_waiting *w = sample_new0(s, struct pl_report_waiting);

	w->entry = entry;
	w->reason = reason;
	w->until = until;
	g_ptr_array_add(j->waiting, w);
}

static inline struct pl_problem *
sample_problem(struct sample *s, const char *code, const char *filename)
{
	struct pl_problem *p = sample_new0(s, struct pl_problem);

	p->id = s->facts.problems->len + 31;
	p->at = NOW;
	p->message = 1000 + p->id;
	p->code = sample_string(s, code);
	p->filename = sample_string(s, filename);
	p->sender = sample_string(s, "jan@customer.example");
	p->from = sample_string(s, "Jan Peeters <jan@customer.example>");
	p->subject = sample_string(s, "Invoice November");
	p->msg_date = sample_string(s, "2026-11-20 16:42");
	p->message_id = sample_string(s, "<4711@customer.example>");
	p->text = sample_string(s, "one file, a picture of a signature");
	g_ptr_array_add(s->facts.problems, p);
	return p;
}

/* Twelve sent in three e-mails, three waiting, two held, two set aside, two
 * problems: a day as it may be. */
static inline struct sample *
sample_day(void)
{
	static const char *const sellers[] = { "Brasserie du Parc SA",
		"Imprimerie Lefèvre & Fils", "Müller Büromöbel GmbH",
		"De Vries Transport B.V." };
	static const char *const totals[] = { "1210.00", "84.70", "15311.25",
		"-302.50" };
	struct sample *s = sample_begin();
	struct pl_report_journal *sales = sample_journal(s, "sales");
	struct pl_report_journal *bank = sample_journal(s, "bank");
	struct pl_report_journal *purchases = sample_journal(s, "purchases");
	pl_entry *e, *first = NULL;

	s->facts.messages = 19;
	s->run.documents = 18;
	((struct pl_journal *)bank->journal)->enabled = FALSE;
	bank->next = 0;
	for (unsigned b = 0; b < 3; b++) {
		struct pl_report_sent *sent =
		    sample_batch(s, b < 2 ? sales : purchases, PL_BATCH_SENT);

		for (unsigned i = 0; i < (b == 2 ? 1 : b ? 4 : 7); i++) {
			g_autofree char *number =
			    g_strdup_printf("F-2026-%u", 100 + b * 10 + i);

			e = sample_entry(
			    s, b < 2 ? sales : purchases, PL_SENT, number);
			e->seller_name = sample_string(s, sellers[i % 4]);
			e->total = sample_string(s, totals[i % 4]);
			e->sent = sent->batch->finished;
			e->kind =
			    i % 4 == 3 ? PL_KIND_CREDIT_NOTE : PL_KIND_INVOICE;
			g_ptr_array_add(sent->entries, e);
			first = first ? first : e;
		}
	}
	sample_wait(s, sales, sample_entry(s, sales, PL_WAITING, "F-2026-131"),
	    "delay", 1795474800 * SECOND);
	sample_wait(s, sales, sample_entry(s, sales, PL_WAITING, "F-2026-132"),
	    "delay", 1795561200 * SECOND);
	sample_wait(s, purchases,
	    sample_entry(s, purchases, PL_WAITING, "2025-0998"), "start-date",
	    0);
	e = sample_entry(s, sales, PL_HELD, "F-2026-104");
	e->code = sample_string(s, "PL-110");
	e->note = sample_string(s, "total 1331.00 EUR, sent was 1210.00 EUR");
	e->original = first->id;
	g_ptr_array_add(sales->others, e);
	e = sample_entry(s, purchases, PL_HELD, "INV/77");
	sample_wait(s, purchases, e, "held", 0);
	e = sample_entry(s, sales, PL_DUPLICATE, "F-2026-100");
	e->original = first->id;
	g_ptr_array_add(sales->others, e);
	e = sample_entry(s, sales, PL_SUPERSEDED, "F-2026-131");
	e->original = first->id + 12;
	g_ptr_array_add(sales->others, e);
	sample_problem(s, "PL-101", NULL);
	sample_problem(s, "PL-102", "scan.pdf")->text =
	    sample_string(s, "the file ends in the middle of a page");
	for (unsigned i = 0; i < 3; i++) {
		struct pl_report_journal *j = s->facts.journals->pdata[i];
		struct pl_counts *counts = sample_new0(s, struct pl_counts);

		counts->by_state[PL_SENT] = 1280 * (3 - i);
		counts->by_state[PL_WAITING] = j->waiting->len;
		counts->by_state[PL_HELD] = i < 2;
		counts->by_state[PL_DUPLICATE] = 17;
		j->totals = counts;
	}
	return s;
}

#endif
