/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_bank - journals of bank statements on the gateway of run_gateway.h, at
 * the times that a test says
 */
#ifndef RUN_BANK_H
#define RUN_BANK_H

#include <stdio.h>
#include <stdlib.h>

#include "run_gateway.h"

#define ACCOUNT "BE68539007547034"
#define OTHER "NL91ABNA0417164300"

static inline gint64
at(const char *iso)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(iso, utc);

	assert_non_null(time);
	return g_date_time_to_unix(time) * G_USEC_PER_SEC;
}

/* The section of a journal NAME that delivers to NAME@out.example; g_free(). */
static inline char *
bank(const char *name, const char *more)
{
	return g_strdup_printf("[journal %s]\naddress = sales@in.example\n"
			       "deliver_to = %s@out.example\n%s",
	    name, name, more);
}

/* The statement NUMBER of an account, of DAY (YYMMDD), in an e-mail; each adds
 * ten to the balance, so that they follow each other. */
static inline void
statement(struct gateway *g, const char *account, unsigned number,
    const char *day, gint64 arrived)
{
	g_autofree char *text = g_strdup_printf(":20:X%u\n:25:%s\n:28C:%u/1\n"
						":60F:C%sEUR%u,00\n"
						":61:%s%.4sC10,00NTRFNONREF\n"
						":86:paid\n:62F:C%sEUR%u,00\n",
	    number, account, number, day, number * 10, day, day + 2, day,
	    number * 10 + 10);
	g_autofree char *name = g_strdup_printf("%s-%u.sta", account, number);
	GString *mail = begin_mail(name);

	add_part(mail, name, g_bytes_new(text, strlen(text)));
	capture(g, mail, arrived);
}

/* Of a day of January 2026, under its number; it comes the next morning. */
static inline void
statement_of(struct gateway *g, const char *account, unsigned day)
{
	g_autofree char *date = g_strdup_printf("2601%02u", day);

	statement(g, account, day, date,
	    at("2026-01-01T05:00:00Z") +
		day * 24 * 3600 * (gint64)G_USEC_PER_SEC);
}

static inline void
statement_of_january(struct gateway *g, unsigned day)
{
	statement_of(g, ACCOUNT, day);
}

static inline void
statement_of_other(struct gateway *g, unsigned day)
{
	statement_of(g, OTHER, day);
}

static inline struct pl_run_result
tick(struct gateway *g, const char *iso)
{
	const struct pl_run_options options = { .clock = at(iso) };

	return run_with(g, &options);
}

static inline struct pl_run_result
now(struct gateway *g, const char *iso)
{
	const struct pl_run_options options = { .clock = at(iso), .now = TRUE };

	return run_with(g, &options);
}

/* ---- what left ---------------------------------------------------------- */

static inline gboolean
add_number(const pl_entry *entry, void *user)
{
	unsigned number = (unsigned)atoi(entry->sequence);

	g_array_append_val((GArray *)user, number);
	return TRUE;
}

static inline int
by_number(gconstpointer a, gconstpointer b)
{
	return *(const int *)a - *(const int *)b;
}

static inline GArray *
sent_numbers(struct gateway *g, const char *journal)
{
	const struct pl_entry_filter filter = { .journal = journal,
		.states = "s" };
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));

	assert_ok(pl_entry_each(g->f->l, &filter, add_number, numbers, E));
	g_array_sort(numbers, by_number);
	return numbers;
}

static inline unsigned
sent_of(struct gateway *g, const char *journal)
{
	g_autoptr(GArray) numbers = sent_numbers(g, journal);

	return numbers->len;
}

/* The numbers of the statements that left, in ascending order. */
static inline void
assert_sent(struct gateway *g, const char *journal, const char *expected)
{
	g_autoptr(GArray) numbers = sent_numbers(g, journal);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < numbers->len; i++)
		g_string_append_printf(text, "%s%u", i > 0 ? " " : "",
		    g_array_index(numbers, unsigned, i));
	assert_string_equal(text->str, expected);
}

#endif
