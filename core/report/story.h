/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * story - the sections of the report, from the view onto the page
 *
 * Foreign text is cleaned and cut before it goes on the page. How many lines a
 * section may have is fixed here: an e-mail that is too long is not read, and
 * Gmail cuts HTML at 102 KB. What is left out is counted, and in the CSV.
 */
#ifndef REPORT_STORY_H
#define REPORT_STORY_H

#include "page.h"
#include "view.h"

#define PL_SHOW_PROBLEMS 30
#define PL_SHOW_CODES 12    /* cards of problems */
#define PL_SHOW_JOURNALS 20 /* in the summary, and with a part of their own */
#define PL_SHOW_SENT 60
#define PL_SHOW_WAITING 30
#define PL_SHOW_GROUPS 20 /* journal and reason */
#define PL_SHOW_HELD PL_VIEW_HELD
#define PL_SHOW_ASIDE 16
#define PL_SHOW_NOTES 10

void pl_story_opening(pl_page *page, const pl_view *view);
void pl_story_problems(pl_page *page, const pl_view *view);
void pl_story_notes(pl_page *page, const pl_view *view);
void pl_story_summary(pl_page *page, const pl_view *view);
void pl_story_sent(pl_page *page, const pl_view *view);
void pl_story_waiting(pl_page *page, const pl_view *view);
void pl_story_held(pl_page *page, const pl_view *view);
void pl_story_aside(pl_page *page, const pl_view *view);
void pl_story_closing(pl_page *page, const pl_view *view);

/* "and 2,310 more in the CSV"; nothing for 0. */
void pl_story_more(pl_page *page, guint64 n, const char *what);
/* "entry 4700: F-117 of 2026-11-03, received 2026-11-04 09:12": the original
 * of ENTRY as far as it is known; NULL if it names none. g_free(). */
char *pl_story_original(const pl_view *view, const pl_entry *entry);
/* Cells joined by " · ", those that are NULL or "" left out. g_free(). */
char *pl_story_join(const char *first, ...) G_GNUC_NULL_TERMINATED;

#endif
