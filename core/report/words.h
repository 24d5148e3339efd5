/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * words - numbers, times and reasons as a reader wants them, in English
 *
 * All results are g_free()d by the caller, unless const.
 */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "view.h"

/* "2,310" */
char *pl_words_number(guint64 n);
/* "1 document", "2,310 documents" */
char *pl_words_count(guint64 n, const char *one, const char *many);
/* "2026-11-21 07:00" in the zone; "" for 0. */
char *pl_words_time(gint64 time, GTimeZone *zone);
/* The same, but a midnight is the date alone: "2026-11-24". */
char *pl_words_day(gint64 time, GTimeZone *zone);
/* "2026-11-21 07:00:00+01:00", for programs. */
char *pl_words_stamp(gint64 time, GTimeZone *zone);
/* "1.9 MB", in steps of 1024. */
char *pl_words_size(guint64 bytes);

/* "credit note" */
const char *pl_words_kind(int kind);
/* What a waiting line of JOURNAL waits for, a heading: "In the delay of 7 days
 * before sending"; and what will happen, or "" when the time says it all. */
char *pl_words_reason(const struct pl_journal *journal, const char *reason);
const char *pl_words_then(const char *reason);

/* The entry as people call it: its number, else account and sequence, else
 * the name of its file; cleaned and cut. */
char *pl_words_name(const pl_entry *entry);
/* With whom: the seller, or the buyer when the seller is oneself (the
 * journal's company_ids); NULL if neither is known. */
char *pl_words_party(const pl_entry *entry, const struct pl_journal *journal);
/* "1210.00 EUR" or NULL. */
char *pl_words_amount(const pl_entry *entry);
/* Did it go into folders? */
gboolean pl_words_is_folder(const pl_batch *batch);
/* "3 e-mails and 2 batches of files"; "" for none. */
char *pl_words_ways(guint64 mails, guint64 folders);
/* Where ENTRY's files of FILES (struct pl_written, NULL: none) are, as
 * "path; path". */
char *pl_words_written(const GPtrArray *files, const pl_entry *entry);
/* From: as shown, with the envelope sender where it is another; NULL: none. */
char *pl_words_sender(const char *from, const char *sender);

#endif
