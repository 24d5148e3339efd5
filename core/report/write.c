/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * write - the facts of a run become subject, text and HTML
 */
#include "postledger/report.h"

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

static void
tell(pl_page *page, const pl_view *view)
{
	pl_story_opening(page, view);
	pl_story_problems(page, view);
	pl_story_notes(page, view);
	pl_story_summary(page, view);
	pl_story_sent(page, view);
	pl_story_waiting(page, view);
	pl_story_held(page, view);
	pl_story_aside(page, view);
	pl_story_closing(page, view);
}

gboolean
pl_report_write(const struct pl_report_facts *facts,
    struct pl_report_texts *texts, GError **error)
{
	GError *failed = NULL;
	g_autoptr(pl_view) view = pl_view_new(facts, &failed);
	g_autoptr(pl_page) page = pl_page_new();

	*texts = (struct pl_report_texts){ 0 };
	tell(page, view);
	if (failed != NULL) {
		g_propagate_error(error, failed);
		return FALSE;
	}
	texts->subject = subject(view);
	texts->text = pl_page_text(page);
	texts->html = pl_page_html(page, texts->subject);
	return TRUE;
}

void
pl_report_clear(struct pl_report_texts *texts)
{
	g_clear_pointer(&texts->subject, g_free);
	g_clear_pointer(&texts->text, g_free);
	g_clear_pointer(&texts->html, g_free);
}

/* What only the source has is no problem. */
gboolean
pl_report_problems(const struct pl_report_facts *facts)
{
	struct pl_report_facts own = *facts;
	GError *none = NULL;
	g_autoptr(pl_view) view = NULL;

	own.source = (struct pl_report_source){ 0 };
	view = pl_view_new(&own, &none);
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
