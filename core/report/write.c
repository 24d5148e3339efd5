/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * write - the facts of a run become subject, text, HTML and CSV
 */
#include "postledger/report.h"

#include "csv.h"
#include "page.h"
#include "story.h"
#include "words.h"

/* "postledger: 12 documents sent, 3 waiting, 1 problem (2026-11-21 07:00)" */
static char *
subject(const pl_view *view)
{
	const guint64 *piles = view->sums.piles;
	g_autofree char *sent = pl_words_count(
	    piles[PL_PILE_SENT], "document sent", "documents sent");
	g_autofree char *waiting = pl_words_number(piles[PL_PILE_WAITING]);
	g_autofree char *held = pl_words_number(piles[PL_PILE_HELD]);
	g_autofree char *bad =
	    pl_words_count(view->problems->len, "problem", "problems");
	g_autofree char *time = pl_words_time(view->facts->now, view->zone);

	return g_strdup_printf("postledger: %s, %s waiting%s%s%s, %s (%s)",
	    sent, waiting, piles[PL_PILE_HELD] ? ", " : "",
	    piles[PL_PILE_HELD] ? held : "", piles[PL_PILE_HELD] ? " held" : "",
	    bad, time);
}

void
pl_report_write(
    const struct pl_report_facts *facts, struct pl_report_texts *texts)
{
	g_autoptr(pl_view) view = pl_view_new(facts);
	g_autoptr(pl_page) page = pl_page_new();

	pl_story_opening(page, view);
	pl_story_problems(page, view);
	pl_story_notes(page, view);
	pl_story_summary(page, view);
	pl_story_sent(page, view);
	pl_story_waiting(page, view);
	pl_story_held(page, view);
	pl_story_aside(page, view);
	pl_story_closing(page, view);
	texts->subject = subject(view);
	texts->text = pl_page_text(page);
	texts->html = pl_page_html(page, texts->subject);
	texts->csv = pl_view_csv(view);
}

void
pl_report_clear(struct pl_report_texts *texts)
{
	g_clear_pointer(&texts->subject, g_free);
	g_clear_pointer(&texts->text, g_free);
	g_clear_pointer(&texts->html, g_free);
	g_clear_pointer(&texts->csv, g_free);
}

gboolean
pl_report_problems(const struct pl_report_facts *facts)
{
	g_autoptr(pl_view) view = pl_view_new(facts);

	return view->problems->len > 0;
}

gboolean
pl_report_activity(const struct pl_report_facts *facts)
{
	if (facts->messages || pl_view_length(facts->problems) ||
	    pl_view_length(facts->notes))
		return TRUE;
	for (unsigned i = 0; i < pl_view_length(facts->journals); i++) {
		const struct pl_report_journal *j = facts->journals->pdata[i];

		if (pl_view_length(j->sent) || pl_view_length(j->others))
			return TRUE;
	}
	return FALSE;
}
