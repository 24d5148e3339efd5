/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compose_report - a report as an e-mail in a spool
 *
 * Its CSV has a line for everything and may be any size, and a report that the
 * MTA does not take would keep back all that follow it: so it is packed where
 * it does not fit, and stays in the ledger where not even that does.
 */
#include <string.h>

#include "compose.h"
#include "pack.h"

enum form {
	WITH_CSV,
	WITH_ZIP,
	WITH_WORDS, /* on where the CSV is */
};

struct pl_letter
pl_compose_letter(const struct pl_composer *composer, const pl_batch *batch)
{
	return (struct pl_letter){
		.from = batch->sender,
		.to = batch->deliver_to,
		.message_id = batch->message_id,
		.date = batch->created,
		.timezone = pl_config_gateway(composer->config)->timezone,
		.number = batch->id,
	};
}

pl_spool *
pl_compose_spool(const struct pl_composer *composer)
{
	guint64 limit = composer->limit;

	if (limit != 0)
		limit = limit > PL_STAMP_ROOM ? limit - PL_STAMP_ROOM : 1;
	return pl_spool_new(limit);
}

/* ---- forms ------------------------------------------------------------- */

struct work {
	const struct pl_composer *composer;
	const pl_batch *batch;
	const struct pl_report_row *report;
	struct pl_letter letter;
	pl_spool *spool;
};

typedef gboolean (*put_form)(struct work *w, GError **error);

static char *
name_of(const struct work *w, const char *suffix)
{
	return g_strdup_printf(
	    "postledger-run-%" G_GINT64_FORMAT "%s", w->report->run, suffix);
}

static gboolean
lines_to_spool(const char *lines, void *spool, GError **error)
{
	return pl_spool_base64(spool, lines, strlen(lines), error);
}

static gboolean
put_csv(struct work *w, GError **error)
{
	g_autofree char *name = name_of(w, ".csv");

	return pl_letter_file(w->spool, &w->letter, name, "text/csv", error) &&
	       pl_report_csv(w->composer->ledger, w->report->id, lines_to_spool,
		   w->spool, error) &&
	       pl_spool_base64_end(w->spool, error);
}

static gboolean
add_length(const char *lines, void *size, GError **error)
{
	(void)error;
	*(guint64 *)size += strlen(lines);
	return TRUE;
}

static gboolean
lines_to_pack(const char *lines, void *pack, GError **error)
{
	return pl_pack_data(pack, lines, strlen(lines), error);
}

static gboolean
pack_csv(struct work *w, GError **error)
{
	g_autofree char *name = name_of(w, ".csv");
	g_autoptr(pl_pack) pack =
	    pl_pack_new(pl_spool_put_base64, w->spool, error);
	pl_ledger *l = w->composer->ledger;
	guint64 size = 0;

	return pack != NULL &&
	       pl_report_csv(l, w->report->id, add_length, &size, error) &&
	       pl_pack_file(pack, name, size, w->batch->created, error) &&
	       pl_report_csv(l, w->report->id, lines_to_pack, pack, error) &&
	       pl_pack_file_end(pack, error) && pl_pack_finish(pack, error);
}

static gboolean
put_zip(struct work *w, GError **error)
{
	g_autofree char *name = name_of(w, ".zip");

	return pl_letter_file(
		   w->spool, &w->letter, name, "application/zip", error) &&
	       pack_csv(w, error) && pl_spool_base64_end(w->spool, error);
}

static gboolean
put_words(struct work *w, GError **error)
{
	g_autofree char *words = g_strdup_printf(
	    "The CSV of this report is not attached: the mail server does not "
	    "take so large\nan e-mail. On the mail gateway, \"postledger "
	    "report %" G_GINT64_FORMAT " --csv\" prints it.\n",
	    w->report->run);

	return pl_letter_text(w->spool, &w->letter, "plain", words, error);
}

static gboolean
compose(struct work *w, enum form form, GError **error)
{
	static const put_form put[] = {
		[WITH_CSV] = put_csv,
		[WITH_ZIP] = put_zip,
		[WITH_WORDS] = put_words,
	};
	const struct pl_report_row *r = w->report;

	return pl_letter_head(w->spool, &w->letter, error) &&
	       pl_letter_both(w->spool, &w->letter, r->text, r->html, error) &&
	       put[form](w, error) &&
	       pl_letter_end(w->spool, &w->letter, error) &&
	       pl_spool_finish(w->spool, error);
}

static pl_spool *
compose_as(const struct pl_composer *composer, const pl_batch *batch,
    const struct pl_report_row *report, enum form form, GError **error)
{
	struct work w = { composer, batch, report,
		pl_compose_letter(composer, batch),
		pl_compose_spool(composer) };

	w.letter.subject = report->subject;
	if (!compose(&w, form, error))
		g_clear_pointer(&w.spool, pl_spool_free);
	return w.spool;
}

/* The MTA had it and found it too large (RFC 5321 4.2.3, RFC 3463 3.3 and
 * 3.4), whatever it had announced. */
static gboolean
was_too_large(const pl_batch *batch)
{
	const char *reply = batch->reply != NULL ? batch->reply : "";

	return g_str_has_prefix(reply, "552") ||
	       strstr(reply, " 5.2.3") != NULL ||
	       strstr(reply, " 5.3.4") != NULL;
}

pl_spool *
pl_compose_report(const struct pl_composer *composer, const pl_batch *batch,
    const struct pl_report_row *report, GError **error)
{
	enum form form = was_too_large(batch) ? WITH_WORDS : WITH_CSV;
	GError *failed = NULL;
	pl_spool *spool;

	while ((spool = compose_as(composer, batch, report, form, &failed)) ==
		   NULL &&
	       form < WITH_WORDS &&
	       g_error_matches(failed, PL_RUN_ERROR, PL_RUN_TOO_LARGE)) {
		g_clear_error(&failed);
		form++;
	}
	if (spool == NULL)
		g_propagate_error(error, failed);
	return spool;
}
