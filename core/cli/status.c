/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * status - a row a journal, one an account, and a few lines on the gateway
 *
 * The reasons are those that a run would find now. Entries of a journal that
 * is no longer in the configuration are shown too: nothing else would tell.
 */
#include "cli.h"

#include <string.h>

#include "accounts.h"
#include "daemon.h"
#include "json.h"
#include "monitor.h"
#include "overview.h"
#include "postledger/report.h"

static gboolean monitor;
static struct pl_monitor limits = {
	.late = { 2, 24 }, .waiting = { 48, 120 }, .disk = { "1G", "256M" }
};

const GOptionEntry pl_status_options[] = {
	{ "check", 0, 0, G_OPTION_ARG_NONE, &monitor,
	    "For monitoring: one line, exit 0, 1, 2 or 3", NULL },
	{ "late-warning", 0, 0, G_OPTION_ARG_INT, &limits.late[0],
	    "Hours after a slot without a run (2)", "HOURS" },
	{ "late-critical", 0, 0, G_OPTION_ARG_INT, &limits.late[1],
	    "The same, critical (24)", "HOURS" },
	{ "waiting-warning", 0, 0, G_OPTION_ARG_INT, &limits.waiting[0],
	    "Hours that a document waits though it could leave (48)", "HOURS" },
	{ "waiting-critical", 0, 0, G_OPTION_ARG_INT, &limits.waiting[1],
	    "The same, critical (120)", "HOURS" },
	{ "disk-warning", 0, 0, G_OPTION_ARG_STRING, (gpointer)&limits.disk[0],
	    "Free space below (1G)", "SIZE" },
	{ "disk-critical", 0, 0, G_OPTION_ARG_STRING, (gpointer)&limits.disk[1],
	    "The same, critical (256M)", "SIZE" },
	{ 0 },
};

static const struct pl_column columns[] = {
	{ "JOURNAL", FALSE, 8 },
	{ "WAITING", TRUE, 0 },
	{ "HELD", TRUE, 0 },
	{ "PROBLEMS", TRUE, 0 },
	{ "OLDEST", FALSE, 0 },
	{ "LAST RUN", FALSE, 0 },
	{ "NEXT RUN", FALSE, 0 },
};

#define MANY 1000

/* Everything that the page and the lines say. */
struct view {
	GTimeZone *zone;
	gint64 now;
	GPtrArray *journals; /* pl_overview */
	GPtrArray *accounts; /* struct pl_account */
	GPtrArray *unwanted; /* struct pl_statement_stray */
	GHashTable *strays;  /* journal no longer configured ▸ number */
	const pl_config *config;
	guint64 space;
	unsigned unread; /* messages, MANY: or more */
	pl_run *last;
	GError *daemon; /* NULL: it answers */
};

static gboolean
find_strays(struct view *v, pl_ledger *ledger, GError **error)
{
	g_autoptr(GPtrArray) names = pl_entry_journals(ledger, error);
	for (unsigned i = 0; names != NULL && i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		struct pl_counts c;
		if (pl_config_find(v->config, name) != NULL)
			continue;
		if (!pl_entry_counts(ledger, name, &c, error))
			return FALSE;
		guint64 n = c.by_state[PL_WAITING] + c.by_state[PL_HELD];
		if (n > 0)
			g_hash_table_insert(v->strays, g_strdup(name),
			    GUINT_TO_POINTER((guint)n));
	}
	return names != NULL;
}

static gboolean
read_last(struct view *v, pl_ledger *ledger, GError **error)
{
	GError *none = NULL;
	v->last = pl_run_last(ledger, &none);
	if (none == NULL)
		return TRUE;
	if (!g_error_matches(none, PL_LEDGER_ERROR, PL_LEDGER_ABSENT)) {
		g_propagate_error(error, none);
		return FALSE;
	}
	g_error_free(none);
	return TRUE;
}

static gboolean
read_ledger(struct pl_cli *cli, struct view *v, GError **error)
{
	v->journals = pl_overview_all(cli, v->now, error);
	if (v->journals == NULL)
		return FALSE;
	v->accounts = pl_run_accounts(cli->ledger, cli->config, v->now, error);
	if (v->accounts == NULL)
		return FALSE;
	v->unwanted = pl_statement_strays(cli->ledger, error);
	if (v->unwanted == NULL || !find_strays(v, cli->ledger, error))
		return FALSE;
	g_autoptr(GArray) unread =
	    pl_message_unindexed(cli->ledger, 0, MANY, error);
	if (unread == NULL)
		return FALSE;
	v->unread = unread->len;
	return read_last(v, cli->ledger, error);
}

static gboolean
read_view(struct pl_cli *cli, struct view *v, GError **error)
{
	const struct pl_gateway *gateway = pl_config_gateway(cli->config);
	v->config = cli->config;
	v->zone = gateway->timezone;
	v->now = g_get_real_time();
	v->strays =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!pl_ledger_freeze(cli->ledger, error))
		return FALSE;
	gboolean good = read_ledger(cli, v, error);
	pl_ledger_thaw(cli->ledger);
	v->space = pl_ledger_space(cli->ledger);
	if (good)
		pl_daemon_answers(gateway->socket, &v->daemon);
	return good;
}

static void
clear_view(struct view *v)
{
	g_clear_pointer(&v->journals, g_ptr_array_unref);
	g_clear_pointer(&v->accounts, g_ptr_array_unref);
	g_clear_pointer(&v->unwanted, g_ptr_array_unref);
	g_clear_pointer(&v->strays, g_hash_table_unref);
	g_clear_pointer(&v->last, pl_run_free);
	g_clear_error(&v->daemon);
}

/* "3 planned, 2 put off: 451 4.7.1 later, 1 not answered" */
static void
add_sending(GString *text, const struct pl_overview *o)
{
	static const char *const words[PL_SENDINGS] = { "planned", "put off",
		"not answered by the mail server" };
	for (int how = 0; how < PL_SENDINGS; how++) {
		g_autofree char *reply = pl_text_clean(o->reply, 0);
		if (o->by_sending[how] == 0)
			continue;
		g_string_append_printf(text, "%s%u %s",
		    text->len > 0 ? ", " : "", o->by_sending[how], words[how]);
		if (how == PL_SENDING_PUT_OFF)
			g_string_append_printf(text, ": %s", reply);
	}
}

/* "5 delay until 2026-11-24 00:00, 7 schedule", in the order of the plan. */
static char *
reasons(const struct pl_overview *o, GTimeZone *zone)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (int reason = 0; reason < PL_REASONS; reason++) {
		if (o->by_reason[reason] == 0)
			continue;
		g_autofree char *until = pl_out_time(o->until[reason], zone);
		g_string_append_printf(text, "%s%u %s%s%s",
		    text->len > 0 ? ", " : "", o->by_reason[reason],
		    reason == PL_REASON_NONE ? "due" : pl_reason_name(reason),
		    *until != '\0' ? " until " : "", until);
	}
	add_sending(text, o);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *
next_of(const struct pl_overview *o, GTimeZone *zone)
{
	if (!o->journal->enabled)
		return g_strdup("switched off");
	if (o->next == 0)
		return g_strdup("-");
	if (o->next <= o->input.now)
		return g_strdup("any run");
	return pl_out_time_short(o->next, zone);
}

static void
add_journal(pl_table *table, const struct pl_overview *o, GTimeZone *zone)
{
	char *cells[G_N_ELEMENTS(columns)] = {
		g_strdup(o->journal->name),
		g_strdup_printf(
		    "%" G_GUINT64_FORMAT, o->counts.by_state[PL_WAITING] +
					      o->counts.by_state[PL_SENDING]),
		g_strdup_printf(
		    "%" G_GUINT64_FORMAT, o->counts.by_state[PL_HELD]),
		g_strdup_printf("%" G_GUINT64_FORMAT, o->counts.problems),
		pl_out_time_short(o->counts.oldest_waiting, zone),
		pl_out_time_short(o->last, zone),
		next_of(o, zone),
	};
	pl_table_add(table, cells);
}

static void
print_reasons(const struct view *v)
{
	gboolean any = FALSE;
	for (unsigned i = 0; i < v->journals->len; i++) {
		const struct pl_overview *o = g_ptr_array_index(v->journals, i);
		g_autofree char *why = reasons(o, v->zone);
		if (*why != '\0')
			pl_out("%s: %s\n", o->journal->name, why);
		any |= *why != '\0';
	}
	if (any)
		pl_out("\n");
}

static void
print_expiry(const struct view *v)
{
	gboolean any = FALSE;
	for (unsigned i = 0; i < v->journals->len; i++) {
		const struct pl_overview *o = g_ptr_array_index(v->journals, i);
		g_autofree char *day = pl_run_day(o->journal->expires);
		int days;
		if (!pl_run_expiry(o->journal, v->zone, v->now, &days))
			continue;
		any = TRUE;
		if (days < 0)
			pl_out("%s: its permission ENDED on %s (PL-422)\n",
			    o->journal->name, day);
		else
			pl_out("%s: its permission ends on %s%s\n",
			    o->journal->name, day,
			    days <= PL_REMIND_FIRST ? " (PL-421)" : "");
	}
	if (any)
		pl_out("\n");
}

static void
print_gateway(const struct view *v, const struct pl_gateway *gateway)
{
	g_autofree char *space = pl_out_size(v->space);
	g_autofree char *ended =
	    v->last == NULL ? NULL : pl_out_time(v->last->ended, v->zone);
	g_autofree char *started =
	    v->last == NULL ? NULL : pl_out_time(v->last->started, v->zone);
	if (v->last == NULL)
		pl_out("Last run: none yet\n");
	else
		pl_out("Last run: %" G_GINT64_FORMAT " on %s%s%s\n",
		    v->last->id, started,
		    *ended == '\0' ? ", still running or interrupted"
				   : ", ended ",
		    ended);
	if (v->unread > 0)
		pl_out("New messages, not read yet: %u%s\n", v->unread,
		    v->unread == MANY ? " or more" : "");
	pl_out("Free space: %s\n", space);
	if (v->daemon == NULL)
		pl_out("postledgerd: answers on %s\n", gateway->socket);
	else
		pl_out("postledgerd: DOES NOT ANSWER on %s: %s\n",
		    gateway->socket, v->daemon->message);
}

static void
print_strays(const struct view *v)
{
	GHashTableIter iter;
	gpointer name, number;
	g_hash_table_iter_init(&iter, v->strays);
	while (g_hash_table_iter_next(&iter, &name, &number))
		pl_out("Journal %s is not in the configuration any more: "
		       "%u waiting\n",
		    (const char *)name, GPOINTER_TO_UINT(number));
}

static void
print_page(const struct view *v, const struct pl_gateway *gateway)
{
	pl_table *table = pl_table_new(columns, G_N_ELEMENTS(columns));
	for (unsigned i = 0; i < v->journals->len; i++)
		add_journal(table, g_ptr_array_index(v->journals, i), v->zone);
	pl_table_end(table);
	pl_out("\n");
	print_reasons(v);
	print_expiry(v);
	pl_accounts_print(v->accounts, v->zone);
	pl_accounts_print_strays(v->unwanted);
	print_gateway(v, gateway);
	print_strays(v);
}

static void
json_gateway(JsonBuilder *json, const struct view *v)
{
	pl_json_object(json, "gateway");
	if (v->last != NULL) {
		pl_json_number(json, "last_run", v->last->id);
		pl_json_time(json, "started", v->last->started, v->zone);
		pl_json_time(json, "ended", v->last->ended, v->zone);
	}
	pl_json_count(json, "unread_messages", v->unread);
	pl_json_count(json, "free_bytes", v->space);
	pl_json_true(json, "daemon", v->daemon == NULL);
	pl_accounts_strays_json(json, v->unwanted);
	json_builder_end_object(json);
}

static void
json_expiry(
    JsonBuilder *json, const struct pl_overview *o, const struct view *v)
{
	g_autofree char *day = pl_run_day(o->journal->expires);
	int days;
	if (!pl_run_expiry(o->journal, v->zone, v->now, &days))
		return;
	pl_json_string(json, "expires", day);
	json_builder_set_member_name(json, "expires_in_days");
	json_builder_add_int_value(json, days);
}

static void
json_journal(const struct pl_overview *o, const struct view *v)
{
	JsonBuilder *json = pl_json_begin();
	pl_json_string(json, "journal", o->journal->name);
	pl_json_true(json, "enabled", o->journal->enabled);
	for (int state = 0; state < PL_STATES; state++)
		pl_json_count(
		    json, pl_state_name(state), o->counts.by_state[state]);
	pl_json_count(json, "problems", o->counts.problems);
	pl_json_object(json, "reasons");
	for (int reason = 0; reason < PL_REASONS; reason++)
		pl_json_number(json,
		    reason == PL_REASON_NONE ? "due" : pl_reason_name(reason),
		    o->by_reason[reason]);
	for (int how = 0; how < PL_SENDINGS; how++)
		pl_json_number(json, pl_sending_name(how), o->by_sending[how]);
	json_builder_end_object(json);
	pl_json_string(json, "reply", o->reply);
	pl_json_time(json, "oldest_waiting", o->counts.oldest_waiting, v->zone);
	pl_json_time(json, "last_run", o->last, v->zone);
	pl_json_time(json, "last_sent", o->last_sent, v->zone);
	pl_json_time(json, "next_run", o->next, v->zone);
	json_expiry(json, o, v);
	pl_accounts_json(json, v->accounts, o->journal, v->zone);
	json_gateway(json, v);
	pl_json_end(json);
}

int
pl_cli_status(struct pl_cli *cli, GError **error)
{
	struct view v = { 0 };
	if (monitor)
		return pl_monitor_run(cli, &limits, error);
	if (!pl_cli_open(cli, PL_NEEDS_READ, error))
		return EX_SOFTWARE;
	gboolean good = read_view(cli, &v, error);
	for (unsigned i = 0; good && cli->json && i < v.journals->len; i++)
		json_journal(g_ptr_array_index(v.journals, i), &v);
	if (good && !cli->json)
		print_page(&v, pl_config_gateway(cli->config));
	clear_view(&v);
	return EX_OK;
}
