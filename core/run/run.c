/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run - index, plan, send, report: one pass over the due journals
 *
 * The order of the steps, and which of them this pass needs. New messages are
 * indexed every time; a run begins only when a journal is due or an earlier
 * run left something to finish. Reports that wait are handed over without one.
 * Behind a run, message bytes that were kept long enough are dropped.
 */
#include <string.h>

#include "ahead.h"
#include "calendar.h"
#include "crash.h"
#include "destination.h"
#include "remind.h"
#include "returns.h"
#include "stop.h"

static void
turn_free(gpointer data)
{
	struct pl_turn *turn = data;

	pl_standing_free(turn->standing);
	g_free(turn);
}

struct pl_turn *
pl_pass_turn(const struct pl_pass *pass, const char *journal)
{
	for (guint i = 0; i < pass->turns->len; i++) {
		struct pl_turn *turn = pass->turns->pdata[i];

		if (strcmp(turn->journal->name, journal) == 0)
			return turn;
	}
	return NULL;
}

void
pl_pass_note(struct pl_pass *pass, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(pass->notes, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

char *
pl_pass_time(const struct pl_pass *pass, gint64 time)
{
	return pl_text_time(
	    time, pl_config_gateway(pass->config)->timezone, "%Y-%m-%d %H:%M");
}

gint64
pl_pass_clock(const struct pl_pass *pass)
{
	return g_get_real_time() + pass->shift;
}

gboolean
pl_pass_halted(struct pl_pass *pass)
{
	if (pl_stop_asked() != 0) {
		pass->result->interrupted = TRUE;
		pass->halted = TRUE;
	}
	return pass->halted;
}

gboolean
pl_turn_closed(struct pl_pass *pass, const struct pl_turn *turn)
{
	const struct pl_destination *to =
	    pl_destination_of(turn->journal->deliver_to);

	return pl_pass_halted(pass) || to->closed(pass, turn);
}

gboolean
pl_pass_closed(struct pl_pass *pass, const pl_batch *batch)
{
	const struct pl_destination *to = pl_destination_of(batch->deliver_to);

	return pl_pass_halted(pass) ||
	       to->closed(pass, pl_pass_turn(pass, batch->journal));
}

void
pl_pass_progress(
    const struct pl_pass *pass, const char *step, unsigned done, unsigned of)
{
	if (pass->options->progress != NULL)
		pass->options->progress(step, done, of, pass->options->user);
}

/* ---- steps --------------------------------------------------------------- */

static gboolean
lock(struct pl_pass *pass, GError **error)
{
	g_autofree char *holder = NULL;
	GError *failed = NULL;

	if (pl_ledger_lock(
		pass->ledger, "run", pass->options->wait, &holder, &failed)) {
		pl_crash_point("run-locked");
		return TRUE;
	}
	if (!pl_ledger_conflict(failed, error))
		return FALSE;
	g_set_error(error, PL_RUN_ERROR, PL_RUN_BUSY,
	    "Another run is at it: %s", holder != NULL ? holder : "unknown");
	return FALSE;
}

static gboolean
show_index(const struct pl_indexed *done, void *user)
{
	struct pl_pass *pass = user;

	pl_pass_progress(pass, "reading messages", done->messages, 0);
	return !pl_pass_halted(pass);
}

static gboolean
do_index(struct pl_pass *pass, GError **error)
{
	struct pl_indexed done = { 0 };

	if (!pl_intake_index(pass->ledger, pass->config, pass->reader, &done,
		show_index, pass, error))
		return FALSE;
	pass->result->messages = done.messages;
	pass->result->documents = done.documents;
	pass->result->problems += done.problems;
	pl_crash_point("run-indexed");
	return TRUE;
}

static gboolean
anybody_due(const struct pl_pass *pass)
{
	for (guint i = 0; i < pass->turns->len; i++)
		if (((struct pl_turn *)pass->turns->pdata[i])->due)
			return TRUE;
	return FALSE;
}

/* The daemon says so to senders only. */
static void
note_space(struct pl_pass *pass)
{
	guint64 space = pl_ledger_space(pass->ledger);
	g_autofree char *size = g_format_size_full(
	    space, G_FORMAT_SIZE_IEC_UNITS);

	if (space < pl_ledger_reserve(pass->ledger))
		pl_pass_note(pass,
		    "PL-501: only %s are free for the ledger. New messages are "
		    "put off until there is room; make some.",
		    size);
}

static gboolean
begin(struct pl_pass *pass, GError **error)
{
	if (!pl_run_begin(pass->ledger, pl_config_digest(pass->config),
		pl_config_text(pass->config), pass->options->now, &pass->run,
		error))
		return FALSE;
	pass->result->run = pass->run;
	note_space(pass);
	pl_crash_point("run-begun");
	return TRUE;
}

static gboolean
serve_all(struct pl_pass *pass, GError **error)
{
	for (guint i = 0; i < pass->turns->len; i++) {
		struct pl_turn *turn = pass->turns->pdata[i];

		if (!turn->due)
			continue;
		turn->touched = TRUE;
		if (!pl_turn_closed(pass, turn) &&
		    !pl_pass_serve(pass, turn, error))
			return FALSE;
	}
	return pl_standings_note(pass, error);
}

static gboolean
anything_goes(struct pl_pass *pass, const GPtrArray *batches)
{
	for (guint i = 0; i < batches->len; i++)
		if (!pl_pass_closed(pass, batches->pdata[i]))
			return TRUE;
	return FALSE;
}

/* A run, if there is anything to do for one. */
static gboolean
run_if_needed(struct pl_pass *pass, GError **error)
{
	g_autoptr(GPtrArray) reports = pl_pass_unfinished(pass, TRUE, error);
	g_autoptr(GPtrArray) batches =
	    reports == NULL ? NULL : pl_pass_unfinished(pass, FALSE, error);

	if (batches == NULL)
		return FALSE;
	if (!anybody_due(pass) && batches->len == 0 && reports->len == 0)
		return TRUE;
	pl_destination_smtp.begin(pass);
	pl_destination_folder.begin(pass);
	if (!pl_pass_resume(pass, reports, error))
		return FALSE;
	/* while the MTA is away there is no run for what waits for it */
	if (!anybody_due(pass) && !anything_goes(pass, batches))
		return TRUE;
	if (!begin(pass, error) || !pl_pass_resume(pass, batches, error) ||
	    !serve_all(pass, error) || !pl_pass_remind(pass, error))
		return FALSE;
	pass->untold = !anybody_due(pass) && batches->len > 0 && !pass->news;
	return pl_pass_tell(pass, error);
}

static gboolean
take_steps(struct pl_pass *pass, GError **error)
{
	if (!pl_pass_returns(pass, error) || !do_index(pass, error))
		return FALSE;
	if (pl_pass_halted(pass))
		return TRUE;
	if (!pl_pass_standings(pass, error) || !pl_pass_restored(pass, error))
		return FALSE;
	pl_crash_point("run-standing");
	return run_if_needed(pass, error);
}

static gboolean
whole_run(struct pl_pass *pass, GError **error)
{
	gboolean done;

	if (!lock(pass, error))
		return FALSE;
	pl_stop_listen();
	pass->now = pl_pass_clock(pass);
	pl_ledger_ahead(pass->ledger);
	done = take_steps(pass, error);
	if (done && pass->run != 0 && !pl_pass_halted(pass))
		pl_pass_prune(pass);
	pl_pass_halted(pass);
	pl_stop_ignore();
	return done;
}

/* ---- dry run ----------------------------------------------------------- */

static gboolean
show_plan(struct pl_pass *pass, const struct pl_turn *turn, GError **error)
{
	g_autoptr(GPtrArray) entries = NULL;
	g_autoptr(GArray) plan = NULL;

	if (!pl_ledger_freeze(pass->ledger, error))
		return FALSE;
	plan = pl_turn_foresee(pass, turn, &entries, error);
	pl_ledger_thaw(pass->ledger);
	if (plan == NULL)
		return FALSE;
	if (pass->options->decided != NULL)
		pass->options->decided(
		    turn->journal, plan, pass->options->user);
	return TRUE;
}

static gboolean
dry_run(struct pl_pass *pass, GError **error)
{
	g_autoptr(GArray) unread =
	    pl_message_unindexed(pass->ledger, 0, G_MAXINT, error);

	if (unread == NULL)
		return FALSE;
	pass->result->unindexed = unread->len;
	if (!pl_pass_standings(pass, error))
		return FALSE;
	for (guint i = 0; i < pass->turns->len; i++) {
		const struct pl_turn *turn = pass->turns->pdata[i];

		if (turn->selected && !show_plan(pass, turn, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
pl_run_once(pl_ledger *l, const pl_config *config, const pl_secret *secret,
    const struct pl_run_options *options, struct pl_run_result *result,
    GError **error)
{
	const struct pl_limits limits = pl_limits_of(config);
	g_autoptr(pl_reader) reader = pl_reader_new(&limits);
	g_autoptr(GPtrArray) turns = g_ptr_array_new_with_free_func(turn_free);
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) idle = g_ptr_array_new();
	struct pl_pass pass = {
		.ledger = l,
		.config = config,
		.secret = secret,
		.options = options,
		.result = result,
		.reader = reader,
		.shift = options->clock != 0
			     ? options->clock - g_get_real_time()
			     : 0,
		.turns = turns,
		.idle = idle,
		.notes = notes,
	};
	gboolean done;

	memset(result, 0, sizeof(*result));
	pass.now = pl_pass_clock(&pass);
	done =
	    options->dry_run ? dry_run(&pass, error) : whole_run(&pass, error);
	pl_ahead_end(&pass);
	pl_order_end(&pass);
	pl_submit_free(pass.submit);
	return done;
}
