/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger_steps - what the steps of capture and run cost in a large ledger
 *
 * Each step is done by turns in the ledger of FOLDER1 (small) and of FOLDER2
 * (large), ROUNDS times; a line of Markdown has both medians in microseconds
 * and the median of the ratios of each turn. The ledgers grow a little.
 *
 * The last column is the ratio of the processor's time alone: what a disk does
 * for others at the moment is not in that.
 *
 *   ledger_steps FOLDER1 FOLDER2 [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "postledger/config.h"
#include "postledger/ledger.h"

#define GROUP 32

struct side {
	char *url;
	pl_ledger *l;
	guint64 n;       /* things made */
	gint64 message;  /* the newest */
	GArray *entries; /* gint64: waiting */
	gint64 last;     /* a document */
};

static void
check(gboolean ok, GError *error)
{
	if (ok)
		return;
	fprintf(stderr, "ledger_steps: %s\n",
	    error != NULL ? error->message : "failed");
	exit(1);
}
#define CHECK(call) \
	do { \
		GError *e = NULL; \
		gboolean ok = (call); \
		check(ok, e); \
	} while (0)
#define E (&e)

/* ---- steps --------------------------------------------------------------- */

static void
open_to_read(struct side *s)
{
	GError *e = NULL;
	pl_ledger *l = pl_ledger_open(s->url, NULL, PL_LEDGER_READ, &e);

	check(l != NULL, e);
	pl_ledger_close(l);
}

static void
add_message(struct side *s)
{
	g_autoptr(pl_message) m = pl_message_new();
	char bytes[1000];

	memset(bytes, 'x', sizeof(bytes));
	m->arrived = g_get_real_time();
	m->origin = g_strdup("milter");
	m->queue_id = g_strdup_printf("6Y%08" G_GINT64_MODIFIER "x", s->n);
	m->sender = g_strdup("erp@shop.example");
	m->message_id = g_strdup_printf(
	    "<%x-%" G_GUINT64_FORMAT "@steps>", g_random_int(), s->n++);
	m->header_sha256 = g_strnfill(64, 'a');
	m->body_sha256 = g_strnfill(64, 'b');
	g_ptr_array_add(m->recipients, g_strdup("journal01@compta.example"));
	CHECK(pl_bytes_create(s->l, "milter", m->arrived, &m->bytes, E));
	CHECK(pl_bytes_append(s->l, &m->bytes, bytes, sizeof(bytes), E));
	CHECK(pl_bytes_seal(s->l, &m->bytes, m, "journal01", E));
	CHECK(pl_bytes_sync(s->l, E));
	CHECK(pl_message_add(s->l, m, "journal01", E));
	s->message = m->id;
}

static gboolean
first_only(const pl_entry *entry, void *user)
{
	(void)entry;
	(void)user;
	return FALSE;
}

static pl_document *
new_document(struct side *s)
{
	pl_document *d = pl_document_new();
	struct pl_file *f = pl_file_new();
	guint64 n = ((guint64)g_random_int() << 32) + s->n++;

	d->message = s->message;
	d->kind = PL_KIND_INVOICE;
	d->number = g_strdup_printf("S-%" G_GUINT64_FORMAT, n);
	d->seller_id = g_strdup("BE0400000100");
	d->date = g_strdup("2026-01-01");
	f->filename = g_strdup_printf("%s.pdf", d->number);
	f->media_type = g_strdup("application/pdf");
	f->format = g_strdup("pdf");
	f->size = 20000;
	f->sha256 =
	    g_compute_checksum_for_string(G_CHECKSUM_SHA256, d->number, -1);
	g_ptr_array_add(d->files, f);
	return d;
}

/* Is it there already? As a new document is asked about. */
static void
look_for(struct side *s, const pl_document *d)
{
	for (int same = PL_SAME_FILE; same <= PL_SAME_SEQUENCE; same++) {
		g_autofree char *key = pl_document_key(d, (enum pl_same)same);

		for (int gone = 0; gone < 2 && key != NULL; gone++)
			CHECK(
			    pl_entry_same(s->l, "journal01", (enum pl_same)same,
				key, gone, first_only, NULL, E));
	}
}

/* As a run does, which announces what it read. */
static void
look_for_announced_100(struct side *s)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)pl_document_free);

	for (unsigned i = 0; i < 100; i++) {
		g_ptr_array_add(all, new_document(s));
		pl_document_ahead(s->l, all->pdata[i]);
	}
	for (unsigned i = 0; i < 100; i++) {
		look_for(s, all->pdata[i]);
		pl_document_arrived(s->l, i == 99);
	}
}

static void
look_for_same_100(struct side *s)
{
	for (unsigned i = 0; i < 100; i++) {
		g_autoptr(pl_document) d = new_document(s);

		look_for(s, d);
	}
}

static void
enter_group(struct side *s)
{
	CHECK(pl_ledger_begin(s->l, E));
	for (unsigned i = 0; i < GROUP; i++) {
		pl_document *d = new_document(s);
		gint64 id;

		CHECK(pl_document_add(s->l, d, E));
		CHECK(pl_entry_add(s->l, d->id, "journal01", PL_WAITING, NULL,
		    NULL, 0, &id, E));
		s->last = d->id;
		g_array_append_val(s->entries, id);
		pl_document_free(d);
	}
	CHECK(pl_ledger_commit(s->l, E));
}

/* As many as were entered at a time leave in one e-mail. */
static void
send_batch(struct side *s)
{
	g_autoptr(pl_batch) b = pl_batch_new();
	guint n = MIN(s->entries->len, GROUP);
	enum pl_offer offer;
	unsigned attempt;

	b->journal = g_strdup("journal01");
	b->sender = g_strdup("postledger@gw.example");
	b->deliver_to = g_strdup("acme-journal01@in.accounting.example");
	CHECK(pl_batch_plan(
	    s->l, b, (const gint64 *)(void *)s->entries->data, n, E));
	CHECK(pl_batch_attempt(s->l, b->id, FALSE, &attempt, E));
	CHECK(pl_batch_offer(s->l, b->id, attempt, "6Y", &offer, E));
	CHECK(pl_batch_answer(
	    s->l, b->id, attempt, PL_ATTEMPT_SENT, "250 Ok", "6Y", 1, E));
	g_array_remove_range(s->entries, 0, n);
}

static void
append_events(struct side *s)
{
	CHECK(pl_ledger_begin(s->l, E));
	for (unsigned i = 0; i < 100; i++) {
		struct pl_event event = { .what = (char *)"steps",
			.detail = (char *)"some words" };

		CHECK(pl_event_add(s->l, &event, E));
	}
	CHECK(pl_ledger_commit(s->l, E));
}

static void
count_all(struct side *s)
{
	g_autoptr(GPtrArray) names = pl_entry_journals(s->l, NULL);
	struct pl_counts counts;

	for (guint i = 0; i < names->len; i++)
		CHECK(pl_entry_counts(s->l, names->pdata[i], &counts, E));
}

static void
look_at_chains(struct side *s)
{
	const char *const chain = "BE10000000000000 EUR";
	g_autoptr(GPtrArray) days = g_ptr_array_new();
	g_autoptr(GPtrArray) open = pl_statement_open(s->l, "journal17", NULL);
	g_autoptr(GArray) last =
	    pl_statement_days(s->l, "journal17", chain, 10, NULL);
	g_autoptr(GPtrArray) around = NULL;

	g_ptr_array_add(days, (gpointer)(guintptr) "2026-11-10");
	around = pl_statement_around(s->l, "journal17", chain, days, NULL);
	check(open != NULL && last != NULL && around != NULL, NULL);
}

static void
look_at_newest(struct side *s)
{
	g_autoptr(GPtrArray) all = pl_statement_newest(s->l, "journal17", NULL);

	check(all != NULL, NULL);
}

static void
look_at_history(struct side *s)
{
	GError *e = NULL;
	g_autoptr(pl_document) d = pl_document_get(s->l, s->last, &e);
	g_autoptr(GPtrArray) events = pl_event_of(s->l, 0, s->last, 0, 0, &e);

	check(d != NULL && events != NULL, e);
}

/* ---- measuring ----------------------------------------------------------- */

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), by_value);
	return values[n / 2];
}

struct taken {
	double wall, cpu; /* µs */
};

static double
now_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static struct taken
take(void (*step)(struct side *), struct side *s)
{
	double wall = now_of(CLOCK_MONOTONIC);
	double cpu = now_of(CLOCK_PROCESS_CPUTIME_ID);

	step(s);
	return (struct taken){ now_of(CLOCK_MONOTONIC) - wall,
		now_of(CLOCK_PROCESS_CPUTIME_ID) - cpu };
}

static void
measure(const char *name, void (*step)(struct side *), struct side *sides,
    unsigned rounds)
{
	g_autofree double *values = g_new(double, 4 * rounds);
	double *a = values, *b = a + rounds, *wall = b + rounds,
	       *cpu = wall + rounds;

	for (unsigned i = 0; i < rounds; i++) {
		struct taken t[2];

		t[i % 2] = take(step, &sides[i % 2]);
		t[1 - i % 2] = take(step, &sides[1 - i % 2]);
		a[i] = t[0].wall;
		b[i] = t[1].wall;
		wall[i] = b[i] / a[i];
		cpu[i] = t[1].cpu / t[0].cpu;
	}
	printf("| %s | %.0f µs | %.0f µs | %.2f | %.2f |\n", name,
	    median(a, rounds), median(b, rounds), median(wall, rounds),
	    median(cpu, rounds));
	fflush(stdout);
}

static void
open_side(struct side *s, const char *folder)
{
	GError *e = NULL;

	s->url = g_strdup_printf("sqlite:%s/ledger.db", folder);
	s->l = pl_ledger_open(s->url, NULL, PL_LEDGER_WRITE, &e);
	check(s->l != NULL, e);
	s->entries = g_array_new(FALSE, FALSE, sizeof(gint64));
}

int
main(int argc, char **argv)
{
	unsigned rounds = argc > 3 ? (unsigned)atoi(argv[3]) : 15;
	struct side sides[2] = { 0 };

	if (argc < 3) {
		fprintf(
		    stderr, "usage: %s FOLDER1 FOLDER2 [ROUNDS]\n", argv[0]);
		return 64;
	}
	open_side(&sides[0], argv[1]);
	open_side(&sides[1], argv[2]);
	measure("opening", open_to_read, sides, rounds);
	measure("capture of a message", add_message, sides, rounds);
	measure("looking for 100 duplicates", look_for_same_100, sides, rounds);
	measure("the same, announced", look_for_announced_100, sides, rounds);
	measure("32 documents entered", enter_group, sides, rounds);
	measure("an e-mail of them planned, offered, sent", send_batch, sides,
	    rounds);
	measure("100 events", append_events, sides, rounds);
	measure("counts of all journals", count_all, sides, rounds);
	measure("chain of an account", look_at_chains, sides, rounds);
	measure("newest of all accounts", look_at_newest, sides, rounds);
	measure("history of a document", look_at_history, sides, rounds);
	for (unsigned i = 0; i < 2; i++) {
		pl_ledger_close(sides[i].l);
		g_free(sides[i].url);
		g_array_unref(sides[i].entries);
	}
	return 0;
}
