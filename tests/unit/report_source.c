/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_source - facts that leave out what was sent and what waits say the
 * same as those that hold all of it
 */
#include "report_reading.h"

/* ---- a day whose documents come from a source -------------------------- */

struct apart {
	struct sample *s;
	struct pl_report_facts facts; /* but for the source, those of the day */
	GPtrArray *journals;          /* struct pl_report_journal */
	unsigned batches, waiting;    /* times that the source was asked */
	unsigned fail_at;             /* the time it fails, of both; 0: never */
};

static struct pl_report_journal *
found(const struct apart *a, const char *name)
{
	for (unsigned i = 0; i < a->s->facts.journals->len; i++) {
		struct pl_report_journal *j = a->s->facts.journals->pdata[i];

		if (g_str_equal(j->journal->name, name))
			return j;
	}
	return NULL;
}

static gboolean
is_broken(struct apart *a, GError **error)
{
	if (a->batches + a->waiting != a->fail_at)
		return FALSE;
	g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_IO, "broken");
	return TRUE;
}

static gboolean
read_batch(const pl_batch *batch, GPtrArray **entries, GPtrArray **written,
    void *user, GError **error)
{
	struct apart *a = user;
	const struct pl_report_journal *j = found(a, batch->journal);

	a->batches++;
	if (is_broken(a, error))
		return FALSE;
	for (unsigned i = 0; i < j->sent->len; i++) {
		const struct pl_report_sent *s = j->sent->pdata[i];

		if (s->batch == batch)
			*entries = g_ptr_array_ref(s->entries);
	}
	*written = NULL;
	return TRUE;
}

/* Each lives no longer than the call. */
static gboolean
read_waiting(const struct pl_report_journal *journal, pl_report_each each,
    void *each_user, void *user, GError **error)
{
	struct apart *a = user;
	const struct pl_report_journal *j = found(a, journal->journal->name);

	a->waiting++;
	if (is_broken(a, error))
		return FALSE;
	for (unsigned i = 0; i < j->waiting->len; i++) {
		struct pl_report_waiting w =
		    *(const struct pl_report_waiting *)j->waiting->pdata[i];
		g_autoptr(pl_entry) e = pl_entry_copy(w.entry);

		w.entry = e;
		if (!each(&w, each_user))
			break;
	}
	return TRUE;
}

static void
sent_free(gpointer data)
{
	struct pl_report_sent *sent = data;

	g_array_unref(sent->ids);
	g_free(sent);
}

static struct pl_report_sent *
numbers_of(const struct pl_report_sent *from)
{
	struct pl_report_sent *sent = g_new0(struct pl_report_sent, 1);

	sent->batch = from->batch;
	sent->ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	for (unsigned i = 0; i < from->entries->len; i++)
		g_array_append_val(
		    sent->ids, ((const pl_entry *)from->entries->pdata[i])->id);
	return sent;
}

static void
leave_out(struct apart *a, const struct pl_report_journal *from)
{
	struct pl_report_journal *j = g_memdup2(from, sizeof(*from));

	j->sent = g_ptr_array_new_with_free_func(sent_free);
	for (unsigned i = 0; i < from->sent->len; i++)
		g_ptr_array_add(j->sent, numbers_of(from->sent->pdata[i]));
	j->waiting = NULL;
	j->more = g_array_new(FALSE, FALSE, 1);
	g_ptr_array_add(a->journals, j);
}

static void
apart_begin(struct apart *a, struct sample *s)
{
	*a = (struct apart){
		.s = s, .facts = s->facts, .journals = g_ptr_array_new()
	};
	for (unsigned i = 0; i < s->facts.journals->len; i++)
		leave_out(a, s->facts.journals->pdata[i]);
	a->facts.journals = a->journals;
	a->facts.source =
	    (struct pl_report_source){ read_batch, read_waiting, a };
}

static void
apart_end(struct apart *a)
{
	for (unsigned i = 0; i < a->journals->len; i++) {
		struct pl_report_journal *j = a->journals->pdata[i];

		g_ptr_array_unref(j->sent);
		g_array_unref(j->more);
		g_free(j);
	}
	g_ptr_array_unref(a->journals);
}

/* ---- tests ------------------------------------------------------------- */

static int
by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What waits and what is held may come in another order. */
static char *
in_order(const char *csv)
{
	g_auto(GStrv) lines = g_strsplit(csv, "\r\n", -1);

	qsort(lines, g_strv_length(lines), sizeof(*lines), by_text);
	return g_strjoinv("\n", lines);
}

static void
same_report(struct sample *s)
{
	struct written whole, parts;
	g_autofree char *whole_csv = NULL, *parts_csv = NULL;
	struct apart a;

	write_facts(&s->facts, &whole);
	apart_begin(&a, s);
	write_facts(&a.facts, &parts);
	assert_true(a.waiting >= a.journals->len);
	assert_string_equal(parts.subject, whole.subject);
	assert_string_equal(parts.text, whole.text);
	assert_string_equal(parts.html, whole.html);
	whole_csv = in_order(whole.csv);
	parts_csv = in_order(parts.csv);
	assert_string_equal(parts_csv, whole_csv);
	written_clear(&whole);
	written_clear(&parts);
	apart_end(&a);
}

static void
a_report_says_the_same_from_a_source(void **state)
{
	struct sample *s = sample_day();

	(void)state;
	/* duplicates and amended ones name what was sent */
	for (unsigned i = 0; i < 3; i++) {
		struct pl_report_journal *j = s->facts.journals->pdata[i];

		for (unsigned k = 0; k < j->sent->len; k++)
			g_ptr_array_extend(s->facts.originals,
			    ((struct pl_report_sent *)j->sent->pdata[k])
				->entries,
			    NULL, NULL);
		for (unsigned k = 0; k < j->waiting->len; k++)
			g_ptr_array_add(s->facts.originals,
			    (gpointer)((struct pl_report_waiting *)
					   j->waiting->pdata[k])
				->entry);
	}
	same_report(s);
	sample_end(s);
}

static void
what_is_sent_and_waits_again_counts_once_from_a_source(void **state)
{
	struct sample *s = sample_begin();
	struct pl_report_journal *j = sample_journal(s, "sales");
	struct pl_report_sent *sent = sample_batch(s, j, PL_BATCH_SENT);
	pl_entry *e = sample_entry(s, j, PL_WAITING, "F-1");

	(void)state;
	g_ptr_array_add(sent->entries, e);
	sample_wait(s, j, e, "delay", 0);
	e = sample_entry(s, j, PL_HELD, "F-2");
	sample_wait(s, j, e, "held", 0);
	g_ptr_array_add(j->others, e);
	same_report(s);
	sample_end(s);
}

static void
thousands_that_wait_and_are_held_are_told_from_a_source(void **state)
{
	static const char *const reasons[] = { "delay", "start-date", "cap" };
	struct sample *s = sample_begin();
	struct pl_report_journal *j = sample_journal(s, "sales");

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		g_autofree char *number = g_strdup_printf("F-%u", i);
		const gboolean held = i % 10 == 0;
		pl_entry *e =
		    sample_entry(s, j, held ? PL_HELD : PL_WAITING, number);

		sample_wait(s, j, e, held ? "held" : reasons[i % 3],
		    held ? 0 : NOW + i * DAY / 100);
	}
	same_report(s);
	sample_end(s);
}

static gboolean
take_none(const char *lines, void *user, GError **error)
{
	(void)lines, (void)user;
	g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "full");
	return FALSE;
}

static void
an_error_of_the_source_or_of_the_reader_ends_a_report(void **state)
{
	struct sample *s = sample_day();
	g_autoptr(GError) full = NULL;
	struct apart a;

	(void)state;
	apart_begin(&a, s);
	for (a.fail_at = 1;; a.fail_at++) {
		struct pl_report_texts texts;
		g_autoptr(GError) error = NULL;

		a.batches = a.waiting = 0;
		if (pl_report_write(&a.facts, &texts, &error)) {
			pl_report_clear(&texts);
			break;
		}
		assert_true(
		    g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_IO));
		assert_null(texts.text);
	}
	assert_int_equal(a.fail_at, 3 + 3 + 1); /* journals, batches */
	for (a.fail_at = 1;; a.fail_at++) {
		g_autoptr(GString) csv = g_string_new(NULL);
		g_autoptr(GError) error = NULL;

		a.batches = a.waiting = 0;
		if (pl_report_write_csv(&a.facts, take_lines, csv, &error))
			break;
		assert_true(
		    g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_IO));
	}
	assert_int_equal(a.fail_at, 2 * 3 + 3 + 1);
	a.fail_at = 0;
	assert_false(pl_report_write_csv(&a.facts, take_none, NULL, &full));
	assert_true(g_error_matches(full, G_FILE_ERROR, G_FILE_ERROR_NOSPC));
	apart_end(&a);
	sample_end(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_says_the_same_from_a_source),
		cmocka_unit_test(
		    what_is_sent_and_waits_again_counts_once_from_a_source),
		cmocka_unit_test(
		    thousands_that_wait_and_are_held_are_told_from_a_source),
		cmocka_unit_test(
		    an_error_of_the_source_or_of_the_reader_ends_a_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
