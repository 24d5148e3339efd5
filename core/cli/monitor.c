/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * monitor - `status --check`: one line for Nagios and what is like it
 *
 * Exit 0 all well, 1 warning, 2 critical, 3 cannot tell. The worst finding
 * decides; all are in the line, the worst first. Numbers follow the bar as
 * performance data.
 */
#include "monitor.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "daemon.h"
#include "overview.h"
#include "postledger/report.h"

#define EXPIRES_SOON 7 /* days; before, the reports are enough */

enum level { OK, WARNING, CRITICAL, UNKNOWN };

struct verdict {
	enum level level;
	GString *texts[UNKNOWN + 1];
};

static void G_GNUC_PRINTF(3, 4)
    add(struct verdict *v, enum level level, const char *format, ...)
{
	va_list ap;
	GString *text = v->texts[level];
	if (text->len > 0)
		g_string_append(text, ", ");
	va_start(ap, format);
	g_string_append_vprintf(text, format, ap);
	va_end(ap);
	v->level = MAX(v->level, level);
}

static enum level
above(gint64 value, gint64 warning, gint64 critical)
{
	return value >= critical ? CRITICAL : value >= warning ? WARNING : OK;
}

static gint64
hours(int n)
{
	return n * G_TIME_SPAN_HOUR;
}

static void
judge_journal(struct verdict *v, const struct pl_overview *o,
    const struct pl_monitor *limits)
{
	enum level late =
	    above(o->late, hours(limits->late[0]), hours(limits->late[1]));
	enum level waiting = above(
	    o->oldest, hours(limits->waiting[0]), hours(limits->waiting[1]));
	if (!o->journal->enabled)
		return;
	if (late != OK)
		add(v, late, "%s: no run for %d h after it was due",
		    o->journal->name, (int)(o->late / G_TIME_SPAN_HOUR));
	if (waiting != OK)
		add(v, waiting, "%s: a document waits since %d h",
		    o->journal->name, (int)(o->oldest / G_TIME_SPAN_HOUR));
}

/* What is in a batch waits for the mail server, not for the plan. */
static gboolean
judge_batches(struct verdict *v, struct pl_cli *cli,
    const struct pl_monitor *limits, GError **error)
{
	g_autoptr(GPtrArray) batches = pl_batch_unfinished(cli->ledger, error);
	if (batches == NULL)
		return FALSE;
	if (batches->len == 0)
		return TRUE;
	const pl_batch *oldest = g_ptr_array_index(batches, 0);
	gint64 age = g_get_real_time() - oldest->created;
	enum level late =
	    above(age, hours(limits->waiting[0]), hours(limits->waiting[1]));
	if (late != OK)
		add(v, late,
		    "batch %" G_GINT64_FORMAT " (%s) is not sent for %d h",
		    oldest->id,
		    oldest->report != 0 ? "a report" : oldest->journal,
		    (int)(age / G_TIME_SPAN_HOUR));
	return TRUE;
}

/* Whoever reads no reports reads this. */
static gboolean
judge_reports(struct verdict *v, struct pl_cli *cli, GError **error)
{
	g_autoptr(GPtrArray) rows = pl_report_of(cli->ledger, 0, error);
	for (unsigned i = 0; rows != NULL && i < rows->len; i++) {
		const struct pl_report_row *row = g_ptr_array_index(rows, i);
		g_autoptr(pl_batch) b =
		    row->batch != 0
			? pl_batch_get(cli->ledger, row->batch, NULL)
			: NULL;
		if (b != NULL && b->state == PL_BATCH_BOUNCED)
			add(v, WARNING, "the last report to %s came back",
			    b->deliver_to);
	}
	return rows != NULL;
}

static void
judge_disk(struct verdict *v, guint64 space, const guint64 limit[2])
{
	g_autofree char *size = pl_out_size(space);
	if (space < limit[0] || space < limit[1])
		add(v, space < limit[1] ? CRITICAL : WARNING, "only %s free",
		    size);
}

/* Others may well have no right to the ledger; its user must. */
static gboolean
is_its_user(const struct pl_cli *cli)
{
	if (cli->config == NULL)
		return FALSE;
	const struct passwd *pw =
	    getpwnam(pl_config_gateway(cli->config)->user);
	return pw != NULL && pw->pw_uid == geteuid();
}

/* Silence of an account, and what ends: somebody has to look, nothing of ours
 * is broken. */
static gboolean
judge_accounts(struct verdict *v, struct pl_cli *cli, GError **error)
{
	g_autoptr(GPtrArray) accounts =
	    pl_run_silence(cli->ledger, cli->config, 0, error);
	for (unsigned i = 0; accounts != NULL && i < accounts->len; i++) {
		const struct pl_account *a = g_ptr_array_index(accounts, i);
		g_autofree char *last = pl_run_day(a->rhythm.last);
		if (a->rhythm.silent)
			add(v, WARNING, "%s: account %s is silent since %s",
			    a->journal->name, a->newest->account, last);
	}
	return accounts != NULL;
}

static void
judge_expiry(struct verdict *v, const struct pl_overview *o)
{
	g_autofree char *day = pl_run_day(o->journal->expires);
	int days;
	if (!o->journal->enabled ||
	    !pl_run_expiry(
		o->journal, o->input.timezone, o->input.now, &days) ||
	    days > EXPIRES_SOON)
		return;
	add(v, WARNING, "%s: its permission %s on %s", o->journal->name,
	    days < 0 ? "ended" : "ends", day);
}

/* A ledger that can still be read, but takes nothing any more. */
static void
judge_ledger(struct verdict *v, const struct pl_cli *cli)
{
	const char *path =
	    pl_config_gateway(cli->config)->ledger + strlen("sqlite:");
	g_autofree char *folder = g_path_get_dirname(path);
	if (!is_its_user(cli))
		return;
	if (access(path, W_OK) != 0 || access(folder, W_OK) != 0)
		add(v, CRITICAL, "%s, or its folder, cannot be written: %s",
		    path, g_strerror(errno));
}

static void
judge_daemon(struct verdict *v, struct pl_cli *cli)
{
	g_autoptr(GError) error = NULL;
	const char *socket = pl_config_gateway(cli->config)->socket;
	if (!pl_daemon_answers(socket, &error))
		add(v, CRITICAL, "postledgerd does not answer on %s: %s",
		    socket, error->message);
}

/* Before the first run no journal is known to be late: mail that came in and
 * that nobody reads tells. */
static void
judge_first_run(
    struct verdict *v, struct pl_cli *cli, const struct pl_monitor *limits)
{
	g_autoptr(GArray) unread =
	    pl_message_unindexed(cli->ledger, 0, 1, NULL);
	gint64 age = 0;
	if (unread != NULL && unread->len > 0) {
		g_autoptr(pl_message) oldest = pl_message_get(
		    cli->ledger, g_array_index(unread, gint64, 0), NULL);
		if (oldest != NULL)
			age = g_get_real_time() - oldest->arrived;
	}
	enum level late =
	    above(age, hours(limits->late[0]), hours(limits->late[1]));
	if (late == OK)
		add(v, OK, "no run yet");
	else
		add(v, late, "no run yet, and a message waits for %d h",
		    (int)(age / G_TIME_SPAN_HOUR));
}

static void
judge_run(
    struct verdict *v, struct pl_cli *cli, const struct pl_monitor *limits)
{
	g_autoptr(pl_run) last = pl_run_last(cli->ledger, NULL);
	if (last == NULL) {
		judge_first_run(v, cli, limits);
		return;
	}
	g_autofree char *at = pl_out_time(
	    last->started, pl_config_gateway(cli->config)->timezone);
	add(v, OK, "last run %s", at);
}

struct sums {
	guint64 waiting, held, problems;
	gint64 oldest, late;
};

static struct sums
sum_up(const GPtrArray *overviews)
{
	struct sums s = { 0 };
	for (unsigned i = 0; i < overviews->len; i++) {
		const struct pl_overview *o = g_ptr_array_index(overviews, i);
		s.waiting += o->counts.by_state[PL_WAITING] +
			     o->counts.by_state[PL_SENDING];
		s.held += o->counts.by_state[PL_HELD];
		s.problems += o->counts.problems;
		s.oldest = MAX(s.oldest, o->oldest);
		s.late = MAX(s.late, o->late);
	}
	return s;
}

static char *
performance(const struct sums *s, guint64 space,
    const struct pl_monitor *limits, const guint64 disk[2])
{
	return g_strdup_printf(
	    "waiting=%" G_GUINT64_FORMAT ";;;0 held=%" G_GUINT64_FORMAT
	    ";;;0 problems=%" G_GUINT64_FORMAT ";;;0 oldest=%" G_GINT64_FORMAT
	    "s;%d;%d;0 late=%" G_GINT64_FORMAT
	    "s;%d;%d;0 free=%" G_GUINT64_FORMAT "B;%" G_GUINT64_FORMAT
	    ":;%" G_GUINT64_FORMAT ":;0",
	    s->waiting, s->held, s->problems, s->oldest / G_USEC_PER_SEC,
	    limits->waiting[0] * 3600, limits->waiting[1] * 3600,
	    s->late / G_USEC_PER_SEC, limits->late[0] * 3600,
	    limits->late[1] * 3600, space, disk[0], disk[1]);
}

static char *
judge_all(struct verdict *v, struct pl_cli *cli,
    const struct pl_monitor *limits, const guint64 disk[2], GError **error)
{
	g_autoptr(GPtrArray) all =
	    pl_overview_all(cli, g_get_real_time(), error);
	if (all == NULL)
		return NULL;
	guint64 space = pl_ledger_space(cli->ledger);
	struct sums sums = sum_up(all);
	judge_daemon(v, cli);
	judge_ledger(v, cli);
	for (unsigned i = 0; i < all->len; i++)
		judge_journal(v, g_ptr_array_index(all, i), limits);
	for (unsigned i = 0; i < all->len; i++)
		judge_expiry(v, g_ptr_array_index(all, i));
	if (!judge_batches(v, cli, limits, error) ||
	    !judge_reports(v, cli, error) || !judge_accounts(v, cli, error))
		return NULL;
	judge_disk(v, space, disk);
	add(v, OK, "%u journals", all->len);
	add(v, OK, "%" G_GUINT64_FORMAT " waiting, %" G_GUINT64_FORMAT " held",
	    sums.waiting, sums.held);
	judge_run(v, cli, limits);
	return performance(&sums, space, limits, disk);
}

/* What was found, or the error that kept us from finding it. */
static char *
judge(struct verdict *v, struct pl_cli *cli, const struct pl_monitor *limits,
    const guint64 disk[2], GError **error)
{
	if (!pl_cli_open(cli, PL_NEEDS_READ, error) ||
	    !pl_ledger_freeze(cli->ledger, error))
		return NULL;
	char *data = judge_all(v, cli, limits, disk, error);
	pl_ledger_thaw(cli->ledger);
	return data;
}

/* A ledger that cannot be used is critical; what another user than its own may
 * not read, or a configuration that cannot be read, is for a person to find
 * out. */
static enum level
level_of(const struct pl_cli *cli, const GError *error)
{
	if (g_error_matches(error, PL_LEDGER_ERROR, PL_LEDGER_READONLY))
		return is_its_user(cli) ? CRITICAL : UNKNOWN;
	return g_error_matches(error, PL_LEDGER_ERROR, PL_LEDGER_DAMAGED) ||
		       g_error_matches(
			   error, PL_LEDGER_ERROR, PL_LEDGER_FULL) ||
		       g_error_matches(error, PL_LEDGER_ERROR, PL_LEDGER_FAILED)
		   ? CRITICAL
		   : UNKNOWN;
}

static void
print(const struct verdict *v, const char *performance_data)
{
	static const char *const names[] = { "OK", "WARNING", "CRITICAL",
		"UNKNOWN" };
	static const enum level order[] = { UNKNOWN, CRITICAL, WARNING, OK };
	g_autoptr(GString) line = g_string_new(NULL);
	for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
		const GString *text = v->texts[order[i]];
		if (text->len > 0)
			g_string_append_printf(
			    line, "%s%s", line->len > 0 ? ", " : "", text->str);
	}
	/* The bar separates the performance data. */
	g_strdelimit(line->str, "|\n", ' ');
	g_autofree char *clean = pl_text_clean(line->str, 0);
	pl_out("POSTLEDGER %s - %s%s%s\n", names[v->level], clean,
	    performance_data != NULL ? " | " : "",
	    performance_data != NULL ? performance_data : "");
}

int
pl_monitor_run(
    struct pl_cli *cli, const struct pl_monitor *limits, GError **error)
{
	struct verdict v = { 0 };
	guint64 disk[2];
	g_autoptr(GError) broken = NULL;
	if (!pl_options_bytes(limits->disk[0], &disk[0], error) ||
	    !pl_options_bytes(limits->disk[1], &disk[1], error))
		return EX_USAGE;
	for (int i = OK; i <= UNKNOWN; i++)
		v.texts[i] = g_string_new(NULL);
	g_autofree char *data = judge(&v, cli, limits, disk, &broken);
	if (broken != NULL)
		add(&v, level_of(cli, broken), "%s", broken->message);
	print(&v, data);
	for (int i = OK; i <= UNKNOWN; i++)
		g_string_free(v.texts[i], TRUE);
	return v.level;
}
